"""Where coordinates are: the study's projected CRS, wrong belts, and the shifted Chinese map datums."""

from collections.abc import Callable
from functools import cache
from typing import Any, Literal, Protocol, cast

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pyproj
import shapely

from layers.errors import Findings

Coordinates = Literal["wgs84", "gcj02", "bd09"]
Array = npt.NDArray[np.float64]
Pair = tuple[Array, Array]

WGS84 = pyproj.CRS.from_epsg(4326)
FAR_M = 200_000.0
"""Distance from the zone [m] beyond which a layer is taken to be in the wrong place."""

SLACK_DEG = 1.5
"""How far beyond the area of its CRS a layer may reach [degrees]."""

_KRASOVSKY_A_M = 6_378_245.0
_KRASOVSKY_E2 = 0.00669342162296594323
_BD_TURN = np.pi * 3000.0 / 180.0
_CHINA_BOX = (72.004, 0.8293, 137.8347, 55.8271)  # where GCJ-02 shifts: west, south, east, north

_BELT_25 = 4513  # EPSG: CGCS2000 3-degree belts 25 to 45 with the belt number in front of the easting
_BELT_CM75 = 4534  # the same belts without it, named by central meridian 75E to 135E
_BELT_6_13, _BELT_6_CM75 = 4491, 4502  # the 6-degree belts 13 to 23, with and without belt number
_CLEARLY_M = 5_000.0


class Named(Protocol):
    """Anything messages can call by name, such as a `layers.vector.Source`."""

    @property
    def name(self) -> str:
        """How messages call it."""


def in_area(crs: pyproj.CRS, longitude_deg: float, latitude_deg: float, slack_deg: float = 0.0) -> bool:
    """Return whether a place lies in the area that a CRS is made for, widened by some degrees; if it tells one."""
    area = crs.area_of_use
    if area is None:
        return True
    return bool(
        area.west - slack_deg <= longitude_deg <= area.east + slack_deg
        and area.south - slack_deg <= latitude_deg <= area.north + slack_deg
    )


def study_crs(longitude_deg: float, latitude_deg: float) -> pyproj.CRS:
    """Return the projected CRS a study at this place computes in.

    In China the 3-degree Gauss-Kruger belt of CGCS2000 without belt number in the easting; elsewhere the UTM zone
    of WGS 84. "In China" means inside the area of use that the EPSG registry gives for the belt.

    Parameters
    ----------
    longitude_deg, latitude_deg
        A point of the zone [degrees east, degrees north].

    Raises
    ------
    ValueError
        If the point is not on the globe.

    References
    ----------
    CH/T 2003-1999; GB/T 18314; EPSG Geodetic Parameter Dataset, codes 4534-4554 and 32601-32760.

    Examples
    --------
    >>> study_crs(121.9, 29.8).to_epsg()
    4550
    >>> study_crs(7.66, 45.06).to_epsg()
    32632
    """
    if not (-180.0 <= longitude_deg <= 180.0 and -90.0 <= latitude_deg <= 90.0):
        raise ValueError(f"({longitude_deg}, {latitude_deg}) is no longitude and latitude in degrees")
    belt = round(longitude_deg / 3.0)
    if 25 <= belt <= 45:
        crs = pyproj.CRS.from_epsg(_BELT_CM75 + belt - 25)
        if in_area(crs, longitude_deg, latitude_deg):
            return crs
    zone = min(int((longitude_deg + 180.0) // 6.0) + 1, 60)
    return pyproj.CRS.from_epsg((32600 if latitude_deg >= 0 else 32700) + zone)


def to_study(frame: gpd.GeoDataFrame, crs: pyproj.CRS) -> gpd.GeoDataFrame:
    """Return the frame in the study's CRS, with every polygon valid.

    Needle-thin corners can turn over, by millimetres, where coordinates are changed. What was wrong with the file's own
    shapes has been told when it was read.

    Raises
    ------
    ValueError
        If the frame has no CRS or the study's CRS is geographic: degrees are not metres.
    """
    if frame.crs is None:
        raise ValueError("the layer has no coordinate reference system")
    if not crs.is_projected:
        raise ValueError(f"the study needs a projected CRS in metres, not {crs.name}")
    moved = frame if frame.crs == crs else frame.to_crs(crs)
    shapes = moved.geometry.to_numpy()
    turned = ~shapely.is_valid(shapes) & (shapely.get_dimensions(shapes) == 2)
    if not turned.any():
        return moved
    shapes = shapes.copy()
    shapes[turned] = shapely.make_valid(shapes[turned], method="structure", keep_collapsed=False)
    return moved.set_geometry(gpd.GeoSeries(shapes, index=moved.index, crs=crs))


def centre_deg(frame: gpd.GeoDataFrame) -> tuple[float, float]:
    """Return longitude and latitude [degrees] of the middle of a layer's extent; infinite where the CRS cannot tell."""
    west, south, east, north = frame.total_bounds
    return _to_degrees(pyproj.CRS.from_user_input(frame.crs), (west + east) / 2.0, (south + north) / 2.0)


@cache
def _transformer(source: pyproj.CRS, target: pyproj.CRS) -> pyproj.Transformer:
    """Return the transformation between two CRS, kept because looking one up takes a tenth of a second."""
    return pyproj.Transformer.from_crs(source, target, always_xy=True)


def _to_degrees(crs: pyproj.CRS, x: float, y: float) -> tuple[float, float]:
    longitude, latitude = _transformer(crs, WGS84).transform(x, y)
    return float(longitude), float(latitude)


def _away_m(here: tuple[float, float], there: tuple[float, float]) -> float:
    if not np.isfinite((*here, *there)).all() or abs(here[1]) > 90 or abs(there[1]) > 90:
        return float("inf")
    return float(pyproj.Geod(ellps="WGS84").inv(*here, *there)[2])


def _candidates(longitude_deg: float) -> list[pyproj.CRS]:
    """Return the belts and UTM zones near a longitude, the likeliest first."""
    belt, belt_6 = round(longitude_deg / 3.0), int((longitude_deg + 180.0) // 6.0) - 29
    near = [n for n in (belt, belt - 1, belt + 1, belt - 2, belt + 2) if 25 <= n <= 45]
    near_6 = [n for n in (belt_6, belt_6 - 1, belt_6 + 1) if 13 <= n <= 23]
    codes = [_BELT_CM75 + n - 25 for n in near] + [_BELT_25 + n - 25 for n in near]
    codes += [_BELT_6_CM75 + n - 13 for n in near_6] + [_BELT_6_13 + n - 13 for n in near_6]
    zone = belt_6 + 30
    codes += [half + n for n in (zone, zone - 1, zone + 1) for half in (32600, 32700) if 1 <= n <= 60]
    return [pyproj.CRS.from_epsg(code) for code in codes]


def fitting_crs(x: float, y: float, place_deg: tuple[float, float] | None = None) -> pyproj.CRS | None:
    """Return the belt or UTM zone in which the point (x, y) lies where it should.

    Parameters
    ----------
    x, y
        Easting and northing [m].
    place_deg
        Longitude and latitude [degrees] where the point is expected. Without it only a belt number in front of the
        easting tells the belt.
    """
    if place_deg is None:
        prefix = int(x // 1_000_000)
        return pyproj.CRS.from_epsg(_BELT_25 + prefix - 25) if 25 <= prefix <= 45 else None
    best: tuple[float, pyproj.CRS] | None = None
    for crs in _candidates(place_deg[0]):
        away = _away_m(_to_degrees(crs, x, y), place_deg)
        # UTM lies within 2 km of the belt of the same meridian: only a clearly better fit goes before the likelier
        if away <= FAR_M / 2 and (best is None or away < best[0] - _CLEARLY_M):
            best = (away, crs)
    return best[1] if best else None


def check_belt(
    frame: gpd.GeoDataFrame, source: Named, findings: Findings, zone: gpd.GeoDataFrame | None = None
) -> bool:
    """Say so when a layer is not where its CRS, or the zone, says it should be; True where all is well.

    Parameters
    ----------
    frame
        The layer in the CRS its file declares.
    source
        The file, for messages.
    findings
        Takes the fault, which names the belt that would fit.
    zone
        The zone, in any CRS: layers farther than `FAR_M` from it are faults.
    """
    crs = pyproj.CRS.from_user_input(frame.crs)
    west, south, east, north = frame.total_bounds
    x, y = (west + east) / 2.0, (south + north) / 2.0
    here = _to_degrees(crs, x, y)
    expected = None if zone is None else centre_deg(zone)
    if expected is not None:
        reach = _away_m(here, expected) - _half_diagonal_m(frame) - _half_diagonal_m(cast("gpd.GeoDataFrame", zone))
        problem = f"lies {reach / 1000.0:,.0f} km from the zone" if np.isfinite(reach) else "lies off the globe"
        wrong = not reach <= FAR_M
    else:
        wrong = crs.is_projected and (not np.isfinite(here).all() or not in_area(crs, *here, slack_deg=SLACK_DEG))
        problem = "has coordinates outside the area its CRS is made for"
    if not wrong:
        return True
    fit = fitting_crs(x, y, expected) if crs.is_projected else None
    remedy = "check the coordinate reference system that the file declares"
    if fit is not None and fit != crs:
        remedy = f"EPSG:{fit.to_epsg()} ({fit.name}) would fit: assign it, do not reproject"
    findings.error(source.name, f"wrong belt or CRS: {problem} (CRS {_label(crs)}, centre {x:,.0f}, {y:,.0f})", remedy)
    return False


def _half_diagonal_m(frame: gpd.GeoDataFrame) -> float:
    west, south, east, north = frame.total_bounds
    metres = 111_000.0 if pyproj.CRS.from_user_input(frame.crs).is_geographic else 1.0
    return float(np.hypot(east - west, north - south)) / 2.0 * metres


def _label(crs: pyproj.CRS) -> str:
    code = crs.to_epsg()
    return f"EPSG:{code} {crs.name}" if code else crs.name


def _gcj_shift(longitude_deg: Array, latitude_deg: Array) -> Pair:
    """Return the shift GCJ-02 adds to WGS 84 [degrees], zero outside China."""
    x, y = longitude_deg - 105.0, latitude_deg - 35.0
    root = np.sqrt(np.abs(x))
    common = (20.0 * np.sin(6.0 * x * np.pi) + 20.0 * np.sin(2.0 * x * np.pi)) * 2.0 / 3.0
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y**2 + 0.1 * x * y + 0.2 * root + common
    north += (20.0 * np.sin(y * np.pi) + 40.0 * np.sin(y / 3.0 * np.pi)) * 2.0 / 3.0
    north += (160.0 * np.sin(y / 12.0 * np.pi) + 320.0 * np.sin(y * np.pi / 30.0)) * 2.0 / 3.0
    east = 300.0 + x + 2.0 * y + 0.1 * x**2 + 0.1 * x * y + 0.1 * root + common
    east += (20.0 * np.sin(x * np.pi) + 40.0 * np.sin(x / 3.0 * np.pi)) * 2.0 / 3.0
    east += (150.0 * np.sin(x / 12.0 * np.pi) + 300.0 * np.sin(x / 30.0 * np.pi)) * 2.0 / 3.0
    phi = np.radians(latitude_deg)
    w2 = 1.0 - _KRASOVSKY_E2 * np.sin(phi) ** 2
    meridian_m = _KRASOVSKY_A_M * (1.0 - _KRASOVSKY_E2) / (w2 * np.sqrt(w2))
    parallel_m = _KRASOVSKY_A_M / np.sqrt(w2) * np.cos(phi)
    west, south, east_edge, north_edge = _CHINA_BOX
    inside = (
        (longitude_deg >= west) & (longitude_deg <= east_edge) & (latitude_deg >= south) & (latitude_deg <= north_edge)
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        d_lon, d_lat = np.degrees(east / parallel_m), np.degrees(north / meridian_m)
    return np.where(inside, d_lon, 0.0), np.where(inside, d_lat, 0.0)


def wgs84_to_gcj02(longitude_deg: npt.ArrayLike, latitude_deg: npt.ArrayLike) -> Pair:
    """Shift WGS 84 longitude and latitude [degrees] to GCJ-02, the datum of Amap and Tencent maps.

    References
    ----------
    GCJ-02 is secret by law; this is the algorithm published with `eviltransform` (https://github.com/googollee/eviltransform)
    on the Krasovsky 1940 ellipsoid (a = 6 378 245 m, e2 = 0.00669342162296594).

    Examples
    --------
    >>> lon, lat = wgs84_to_gcj02(121.5272106, 31.1774276)
    >>> round(float(lon), 9), round(float(lat), 9)
    (121.531541859, 31.175303984)
    """
    lon, lat = np.asarray(longitude_deg, dtype=float), np.asarray(latitude_deg, dtype=float)
    d_lon, d_lat = _gcj_shift(lon, lat)
    return lon + d_lon, lat + d_lat


def gcj02_to_bd09(longitude_deg: npt.ArrayLike, latitude_deg: npt.ArrayLike) -> Pair:
    """Shift GCJ-02 longitude and latitude [degrees] to BD-09, the datum of Baidu maps.

    References
    ----------
    As published in `coordtransform` (https://github.com/wandergis/coordtransform).
    """
    lon, lat = np.asarray(longitude_deg, dtype=float), np.asarray(latitude_deg, dtype=float)
    z = np.hypot(lon, lat) + 2e-5 * np.sin(lat * _BD_TURN)
    theta = np.arctan2(lat, lon) + 3e-6 * np.cos(lon * _BD_TURN)
    return z * np.cos(theta) + 0.0065, z * np.sin(theta) + 0.006


def _invert(forward: Callable[[Array, Array], Pair], longitude_deg: npt.ArrayLike, latitude_deg: npt.ArrayLike) -> Pair:
    """Solve ``forward(p) = given`` by fixed-point iteration; the shifts are nearly constant, so it contracts."""
    lon_given, lat_given = np.asarray(longitude_deg, dtype=float), np.asarray(latitude_deg, dtype=float)
    lon, lat = lon_given.copy(), lat_given.copy()
    for _ in range(30):
        lon_there, lat_there = forward(lon, lat)
        lon_off, lat_off = lon_there - lon_given, lat_there - lat_given
        lon, lat = lon - lon_off, lat - lat_off
        if max(np.abs(lon_off).max(initial=0.0), np.abs(lat_off).max(initial=0.0)) < 1e-11:
            break
    return lon, lat


def gcj02_to_wgs84(longitude_deg: npt.ArrayLike, latitude_deg: npt.ArrayLike) -> Pair:
    """Return WGS 84 longitude and latitude [degrees] of GCJ-02 coordinates, to better than 1e-6 degrees."""
    return _invert(wgs84_to_gcj02, longitude_deg, latitude_deg)


def bd09_to_wgs84(longitude_deg: npt.ArrayLike, latitude_deg: npt.ArrayLike) -> Pair:
    """Return WGS 84 longitude and latitude [degrees] of BD-09 coordinates, to better than 1e-6 degrees."""
    return gcj02_to_wgs84(*_invert(gcj02_to_bd09, longitude_deg, latitude_deg))


def unshift(frame: gpd.GeoDataFrame, coordinates: Coordinates) -> gpd.GeoDataFrame:
    """Return a layer drawn on a shifted Chinese datum in true WGS 84 longitude and latitude.

    A projected layer was projected as if its shifted coordinates were true, so it is taken back to degrees first.
    """
    if coordinates == "wgs84":
        return frame
    inverse = gcj02_to_wgs84 if coordinates == "gcj02" else bd09_to_wgs84
    degrees = frame.set_crs(WGS84) if frame.crs is None else frame.to_crs(WGS84)

    def back(points: Any) -> Any:  # noqa: ANN401 - shapely hands over and takes plain coordinate arrays
        return np.column_stack(inverse(points[:, 0], points[:, 1]))

    return degrees.set_geometry(
        gpd.GeoSeries(shapely.transform(degrees.geometry.to_numpy(), back), index=degrees.index, crs=WGS84)
    )


def gcj02_offset_m(longitude_deg: float, latitude_deg: float) -> tuple[float, float]:
    """Return how far east and north [m] GCJ-02 lies from WGS 84 at a place.

    Examples
    --------
    >>> east, north = gcj02_offset_m(122.04, 29.8)
    >>> 400 < east < 425, -275 < north < -255
    (True, True)
    """
    lon, lat = wgs84_to_gcj02(longitude_deg, latitude_deg)
    crs = study_crs(longitude_deg, latitude_deg)
    to_metres = _transformer(WGS84, crs)
    (x0, x1), (y0, y1) = to_metres.transform([longitude_deg, float(lon)], [latitude_deg, float(lat)])
    return float(x1 - x0), float(y1 - y0)


def suspect_gcj02(
    parcels: gpd.GeoDataFrame, land: gpd.GeoDataFrame, findings: Findings, source: str = "parcels"
) -> bool:
    """Warn when parcels look drawn on GCJ-02: much less of them lies off the land once the shift is taken back.

    Parameters
    ----------
    parcels, land
        Parcels and land (or planning units) in the study's projected CRS.
    findings
        Takes the warning.
    source
        How messages call the parcels' file.
    """
    if parcels.empty or land.empty:
        return False
    sample = parcels.geometry.to_numpy()[:: max(1, len(parcels) // 2000)]
    longitude, latitude = centre_deg(parcels)
    if not (_CHINA_BOX[0] <= longitude <= _CHINA_BOX[2] and _CHINA_BOX[1] <= latitude <= _CHINA_BOX[3]):
        return False
    east, north = gcj02_offset_m(longitude, latitude)
    west_edge, south_edge, east_edge, north_edge = parcels.total_bounds
    near = shapely.box(west_edge - 2000.0, south_edge - 2000.0, east_edge + 2000.0, north_edge + 2000.0)
    ground = shapely.union_all(shapely.intersection(land.geometry.to_numpy(), near))
    shapely.prepare(ground)

    def off_land(shapes: npt.NDArray[Any]) -> float:
        doubtful = shapes[~shapely.covers(ground, shapes)]
        outside = shapely.area(doubtful).sum() - shapely.area(shapely.intersection(doubtful, ground)).sum()
        return float(outside / shapely.area(shapes).sum())

    here = off_land(sample)
    there = off_land(shapely.transform(sample, lambda points: points - np.array([east, north])))
    suspicious = here > 0.02 and there < 0.5 * here
    if suspicious:
        findings.warning(
            source,
            f"looks drawn on GCJ-02 (Amap): {here:.1%} of its area is off the land, but only {there:.1%} when shifted "
            f"back by {east:.0f} m east and {north:.0f} m north",
            'if so, declare coordinates = "gcj02"; it is then converted',
        )
    return suspicious
