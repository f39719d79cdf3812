"""The zone, its planning units, the land and sea around it, and areas where nothing may be built."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely

from layers.columns import match_columns, texts
from layers.crs import Coordinates, centre_deg, check_belt, study_crs, to_study
from layers.errors import Findings
from layers.geometry import families, tell_rows
from layers.tables.contract import Table
from layers.tables.place import SEA_AREA, UNITS, ZONE
from layers.text import tidy
from layers.vector import Source, read_vector

SLIVER = 0.01
"""Share of the smaller unit's area by which two units may overlap, or a unit reach out of the zone, unnoticed."""

SURROUNDINGS_M = 150_000.0
"""Land farther from the zone [m] than this is left out: no shore distance reaches it, and belts distort there."""

WHOLE = "zone"
"""How tables by planning unit call all of them together."""

SEA_REACH_M = 200_000.0
"""A sea study area farther from the zone [m] than this is taken for a mistake."""


def _polygons(frame: gpd.GeoDataFrame, source: Source, findings: Findings) -> gpd.GeoDataFrame | None:
    if (families(frame.geometry.to_numpy()) == "polygon").all():
        return frame
    findings.error(source.name, "holds no polygons", "give a layer of areas, not of lines or points", column="geometry")
    return None


def _named(frame: gpd.GeoDataFrame, table: Table, source: Source, findings: Findings) -> gpd.GeoDataFrame:
    """Return the frame in the columns of its contract; missing ids are numbered, missing names fall back."""
    key = table.key[0]
    found = match_columns(frame.columns, table.name)
    numbered = pd.Series([f"{table.name}-{n}" for n in range(1, len(frame) + 1)], index=frame.index)
    ids = texts(frame[found[key]]).map(tidy) if key in found else numbered
    ids = ids.where(ids != "", numbered)
    doubled = ids.duplicated(keep="first")
    tell_rows(
        findings,
        "error",
        source.name,
        ids[doubled],
        [f"id {name!r} stands twice" for name in ids[doubled]],
        remedy="give every row an id of its own",
        column=str(found.get(key, key)),
    )
    columns: dict[str, pd.Series] = {}
    if "name_zh" in table.columns:
        chinese = texts(frame[found["name_zh"]]).map(tidy) if "name_zh" in found else ids
        english = texts(frame[found["name_en"]]).map(tidy) if "name_en" in found else chinese
        columns["name_zh"] = chinese.where(chinese != "", english.where(english != "", ids))
        columns["name_en"] = english.where(english != "", columns["name_zh"])
    out = gpd.GeoDataFrame(columns, geometry=frame.geometry.to_numpy(), crs=frame.crs, index=frame.index)
    out.index = pd.Index(ids.to_numpy(), name=key, dtype="str")
    if "area_m2" in table.columns:
        out.insert(out.columns.get_loc("geometry"), "area_m2", out.area)  # type: ignore[arg-type]
    return out[~doubled.to_numpy()].sort_index()


def _study_crs(crs: str, frame: gpd.GeoDataFrame, source: Source, findings: Findings) -> pyproj.CRS | None:
    if crs == "auto":
        longitude, latitude = centre_deg(frame)
        if not np.isfinite((longitude, latitude)).all():
            findings.error(source.name, "lies off the globe in the CRS its file declares", "check the file's CRS")
            return None
        return study_crs(longitude, latitude)
    try:
        chosen = pyproj.CRS.from_user_input(crs)
    except pyproj.exceptions.CRSError:
        findings.error("study.toml", f"{crs!r} is no coordinate reference system", 'write "auto" or "EPSG:4550"')
        return None
    if not chosen.is_projected or chosen.axis_info[0].unit_name not in ("metre", "meter"):
        findings.error(
            "study.toml",
            f"{crs} ({chosen.name}) is not in metres, but areas and distances are computed in it",
            'write "auto" or a projected CRS such as "EPSG:4550"',
        )
        return None
    return chosen


def read_zone(
    source: Source, findings: Findings, *, crs: str = "auto", coordinates: Coordinates = "wgs84"
) -> gpd.GeoDataFrame | None:
    """Read the boundary of the zone; several polygons become one zone.

    Parameters
    ----------
    source
        A polygon layer.
    findings
        Takes every fault.
    crs
        The study's projected CRS, or ``auto`` for the belt of the place.
    coordinates
        Datum the layer was drawn on.

    Returns
    -------
    GeoDataFrame or None
        ZONE table of one row in the study's CRS.
    """
    frame = read_vector(source, findings, coordinates=coordinates)
    frame = None if frame is None else _polygons(frame, source, findings)
    if frame is None or not check_belt(frame, source, findings):
        return None
    chosen = _study_crs(crs, frame, source, findings)
    if chosen is None:
        return None
    moved = to_study(frame, chosen)
    if not np.isfinite(moved.total_bounds).all() or not check_belt(moved, source, findings):
        findings.error(source.name, f"the zone does not lie where {chosen.name} applies", 'write crs = "auto"')
        return None
    if len(moved) > 1:
        findings.note(source.name, f"its {len(moved)} polygons together are taken as one zone")
        first = moved.iloc[[0]]
        moved = first.set_geometry(gpd.GeoSeries([moved.union_all()], index=first.index, crs=chosen))
    return _named(moved, ZONE, source, findings)


def _read_around(
    source: Source, zone: gpd.GeoDataFrame, table: Table, findings: Findings, coordinates: Coordinates
) -> gpd.GeoDataFrame | None:
    frame = read_vector(source, findings, coordinates=coordinates)
    frame = None if frame is None else _polygons(frame, source, findings)
    if frame is None or not check_belt(frame, source, findings, zone):
        return None
    return _named(to_study(frame, pyproj.CRS.from_user_input(zone.crs)), table, source, findings)


def read_units(
    source: Source, zone: gpd.GeoDataFrame, findings: Findings, *, coordinates: Coordinates = "wgs84"
) -> gpd.GeoDataFrame | None:
    """Read the planning units; units outside the zone, overlapping ones and ids that are repeated or kept are faults.

    Returns
    -------
    GeoDataFrame or None
        UNITS table in the zone's CRS.
    """
    units = _read_around(source, zone, UNITS, findings, coordinates)
    if units is None:
        return None
    if len(units) > 1 and WHOLE in units.index:
        findings.error(
            source.name, f"the unit id {WHOLE!r} is kept for all units together", "give the unit another id", row=WHOLE
        )
    inside = units.intersection(zone.union_all()).area / units["area_m2"]
    away, partly = inside <= 1e-9, (inside > 1e-9) & (inside < 1.0 - SLIVER)
    tell_rows(
        findings,
        "error",
        source.name,
        units.index[away],
        ["the unit lies outside the zone"] * int(away.sum()),
        remedy="move it, or widen the zone's boundary",
        column="geometry",
    )
    tell_rows(
        findings,
        "warning",
        source.name,
        units.index[partly],
        [f"{1.0 - share:.0%} of the unit lies outside the zone" for share in inside[partly]],
        remedy="check both boundaries",
        column="geometry",
    )
    shapes = units.geometry.to_numpy()
    left, right = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    left, right = left[left < right], right[left < right]
    common = shapely.area(shapely.intersection(shapes[left], shapes[right]))
    share = common / np.minimum(shapely.area(shapes[left]), shapely.area(shapes[right]))
    for a, b, part, size in zip(left, right, share, common, strict=True):
        if part > SLIVER:
            findings.error(
                source.name,
                f"overlaps unit {units.index[b]!r} by {size:,.0f} m2 ({part:.0%} of the smaller)",
                "units share edges, not areas: cut one of the two",
                row=units.index[a],
                column="geometry",
            )
    return units


def unit_of_zone(zone: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the whole zone as its only planning unit, for studies without units."""
    units = zone.rename_axis("unit_id")
    return units[[*UNITS.columns, "geometry"]]


def read_land(
    source: Source, zone: gpd.GeoDataFrame, findings: Findings, *, coordinates: Coordinates = "wgs84"
) -> gpd.GeoDataFrame | None:
    """Read the land of the surroundings, cut to `SURROUNDINGS_M` around the zone; it must meet the zone.

    Returns
    -------
    GeoDataFrame or None
        LAND table in the zone's CRS, simple polygons.
    """
    frame = read_vector(source, findings, coordinates=coordinates)
    frame = None if frame is None else _polygons(frame, source, findings)
    if frame is None:
        return None
    west, south, east, north = zone.total_bounds
    near = shapely.box(west - SURROUNDINGS_M, south - SURROUNDINGS_M, east + SURROUNDINGS_M, north + SURROUNDINGS_M)
    window = gpd.GeoSeries([near], crs=zone.crs).segmentize(20_000.0).to_crs(pyproj.CRS.from_user_input(frame.crs))
    # cut before projecting: a belt bends land on the other side of the globe into nonsense
    cut = frame.clip(window, keep_geom_type=True).explode(ignore_index=True)
    if cut.empty or not to_study(cut, pyproj.CRS.from_user_input(zone.crs)).intersects(zone.union_all()).any():
        findings.error(source.name, "no land lies within the zone", "check the file and its CRS", column="geometry")
        return None
    land = to_study(cut[["geometry"]], pyproj.CRS.from_user_input(zone.crs))
    land.index = pd.Index([f"land-{n}" for n in range(1, len(land) + 1)], name="land_id", dtype="str")
    return land


def read_sea_area(
    source: Source, zone: gpd.GeoDataFrame, findings: Findings, *, coordinates: Coordinates = "wgs84"
) -> gpd.GeoDataFrame | None:
    """Read the sea study area outside the zone.

    Returns
    -------
    GeoDataFrame or None
        SEA_AREA table in the zone's CRS.
    """
    area = _read_around(source, zone, SEA_AREA, findings, coordinates)
    if area is not None and float(area.distance(zone.union_all()).min()) > SEA_REACH_M:
        findings.error(source.name, "the sea study area is more than 200 km from the zone", "check its CRS")
        return None
    return area
