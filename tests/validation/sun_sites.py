"""Sunlight between buildings: against pyranometers in Gothenburg and against rays traced in Zug. Nothing is fitted.

Run ``python tests/validation/sun_sites.py [folder of the data sets]`` to write the page ``docs/sun.md`` and its
pictures; `sun_page` holds what they look like.
"""

import json
import sys
from dataclasses import dataclass, replace
from math import ceil, cos, floor, radians, sin
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import rasterio
from numpy.typing import NDArray
from pvlib import irradiance, solarposition
from pyproj import CRS, Transformer
from rasterio.features import rasterize
from rasterio.transform import Affine, from_origin

import traced
import zug
from all_weather import AllWeather, all_weather, mesh
from layers.errors import Findings
from layers.grid import Grid
from layers.surface import Surface, surface_of_array
from layers.surface_walls import surface_with_walls
from layers.weather import WeatherOptions, read_weather
from layers.weather.light import LOWEST_SUN, SkyLight
from resources.facades import QUARTERS, wall_irradiation, wall_pieces
from resources.irradiation import sky_table
from resources.places import PLACE_DIRECTIONS, hourly_light
from resources.tiles import surface_irradiation

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]

ROOT = Path(__file__).parents[2]
DATA = ROOT.parent / "shared" / "data"
KRONENHUSET = Path("goteborg_dsm_radiation") / "tests" / "validation" / "kronenhuset"
DEMO = Path("goteborg_dsm_radiation") / "demos" / "data" / "Goteborg_SWEREF99_1200"
FOOTPRINTS, POINTS = DEMO / "buildings.shp", DEMO / "poi_gbg.shp"
PARTS = 4
"""Smaller cells along the side of one of the data set's, of 1 m, that walls are drawn in."""

ALBEDO = 0.2
"""The default of `resources/solar.csv`, and what the data set of Gothenburg gives cobblestones and walls."""
REACH = 300.0
"""How far a single point looks [m]."""

SENSOR_HEIGHT = 1.1
"""Height of the instruments over the ground [m]: that of a standing person in the data set's parameters."""
DAY, ZONE = "2005-10-07", "Etc/GMT-1"
LATE = 1
"""Hours by which labels of the measurements are later than those of the open place: they stand at an hour's end."""
STEPS = 12
"""Places of the sun in an hour: it comes out from behind a roof in the middle of one."""
DIRECTED = {
    "above": ("Kdown", (0.0, 0.0, 1.0)),
    "below": ("Kup", (0.0, 0.0, -1.0)),
    "north": ("Kn", (0.0, 1.0, 0.0)),
    "east": ("Ke", (1.0, 0.0, 0.0)),
    "south": ("Ks", (0.0, -1.0, 0.0)),
    "west": ("Kw", (-1.0, 0.0, 0.0)),
}
"""Where light comes from: the column of the measurements, and what the instrument faces."""

YARD_TURN = -16.4
"""How far the long walls within 50 m of the mast are turned from the compass [deg], by the data set's footprints."""

CELL, MARGIN = 1.0, 10.0
"""Cells of the surface of Zug, and level ground around it [m]."""


@dataclass(frozen=True, eq=False)
class Courtyard:
    """Kronenhuset in Gothenburg.

    Attributes
    ----------
    measured_surface, surface
        Ground, roofs and crowns of trees [m]: in the data set's cells, and with walls where its footprints end.
    mast
        Metres east and south of the surface's corner, height of the instruments [m].
    other_point
        Metres east and south of the mast: the courtyard's point in the data set's demonstration [m].
    latitude, longitude
        Of the mast [deg].
    open_place
        ``ghi dni dhi`` [W/m2] by the hour's beginning, UTC+1.
    measured
        By the label of the data set; columns as the keys of `DIRECTED` [W/m2].
    """

    measured_surface: Surface
    surface: Surface
    mast: tuple[float, float, float]
    other_point: tuple[float, float]
    latitude: float
    longitude: float
    open_place: pd.DataFrame
    measured: pd.DataFrame


def _raster(path: Path) -> tuple[Singles, Affine]:
    with rasterio.open(path) as source:
        return source.read(1).astype(np.float32), source.transform


def read_courtyard(data: Path = DATA) -> Courtyard:
    """Read the data set of Gothenburg."""
    folder = data / KRONENHUSET
    roofs, corner = _raster(folder / "DSM_KR.tif")
    ground, _ = _raster(folder / "DEM_KR.tif")
    crowns, _ = _raster(folder / "CDSM_KR.asc")
    x, y = json.loads((folder / "poi.geojson").read_text(encoding="utf-8"))["geometry"]["coordinates"]
    east, south = x - corner.c, corner.f - y
    point = gpd.read_file(data / POINTS).geometry.iloc[0]
    longitude, latitude = Transformer.from_crs("EPSG:3007", "EPSG:4326", always_xy=True).transform(x, y)
    rows = pd.read_csv(folder / "MetFile_Prepared.txt", sep=r"\s+", skiprows=1, header=None)
    measured = pd.read_csv(folder / "measurements_kr.csv", index_col="hour")
    grid = Grid(corner.c, corner.f, corner.a, *roofs.shape, CRS.from_epsg(3007))
    # leaves are on until day 300, and let 3 % through
    surface = surface_of_array(np.maximum(roofs, ground + crowns), grid)
    return Courtyard(
        surface,
        surface_with_walls(surface, gpd.read_file(data / FOOTPRINTS), PARTS),
        (east, south, float(roofs[int(south), int(east)]) + SENSOR_HEIGHT),
        (float(point.x) - x, y - float(point.y)),
        latitude,
        longitude,
        pd.DataFrame({"ghi": rows[14], "dni": rows[22], "dhi": rows[21]}).astype(np.float64),
        pd.DataFrame({name: measured[column] for name, (column, _) in DIRECTED.items()}),
    )


def _sun_at(place: Courtyard, times: pd.DatetimeIndex) -> tuple[pd.DataFrame, Floats]:
    """Return the angles of the sun at some times and the directions to it, times x 3: east, north, up."""
    sun = solarposition.get_solarposition(times, place.latitude, place.longitude)
    zenith, azimuth = np.radians(sun["apparent_zenith"].to_numpy()), np.radians(sun["azimuth"].to_numpy())
    return sun, np.column_stack([np.sin(zenith) * np.sin(azimuth), np.sin(zenith) * np.cos(azimuth), np.cos(zenith)])


def sun_comes_out(place: Courtyard, surface: Surface) -> str:
    """Return when the sun first reaches the mast between 14 and 15 o'clock by a surface."""
    times = pd.date_range(f"{DAY} 14:00", periods=120, freq="30s", tz=ZONE)
    sun, direction = _sun_at(place, times)
    beam, nothing = np.ones(len(times)), np.zeros(len(times))
    light = SkyLight(direction, beam, nothing, beam, nothing, nothing, sun["apparent_zenith"].to_numpy())
    east, south, height = place.mast
    spot = np.array([[surface.grid.x0 + east, surface.grid.y0 - south, height]])
    found, _ = hourly_light(surface, spot, np.array([0.0, 0.0, 1.0]), light, 0.0, reach_m=REACH, directions=3600)
    return str(times[np.argmax(found > 0.5 * direction[:, 2])].strftime("%H:%M"))


def light_of_day(place: Courtyard, steps: int = STEPS) -> SkyLight:
    """Return the light of the day, each hour as `steps` places of the sun; made as `sky_light` makes that of a year."""
    width = pd.Timedelta(hours=1) / steps
    times = pd.date_range(DAY, periods=24 * steps, freq=width, tz=ZONE) + width / 2
    sun, direction = _sun_at(place, times)
    zenith, azimuth = np.radians(sun["apparent_zenith"].to_numpy()), np.radians(sun["azimuth"].to_numpy())
    ghi, dni, dhi = (np.repeat(place.open_place[name].to_numpy(), steps) for name in ("ghi", "dni", "dhi"))
    angles = np.degrees(zenith), np.degrees(azimuth)
    outside = irradiance.get_extra_radiation(times.day_of_year.to_numpy())
    parts = irradiance.perez_driesse(
        90.0, angles[1], dhi, dni, outside, angles[0], angles[1], return_components=True
    )  # fmt: skip
    facing = np.maximum(np.sin(zenith) / np.maximum(np.cos(zenith), LOWEST_SUN), 1e-9)
    around = np.nan_to_num(np.asarray(parts["poa_circumsolar"], dtype=np.float64)) / facing
    band = np.nan_to_num(np.asarray(parts["poa_horizon"], dtype=np.float64))
    return SkyLight(direction, np.where(direction[:, 2] > 0.0, dni, 0.0), dhi, ghi, around, band, angles[0])


def evened(light: SkyLight) -> SkyLight:
    """Return the same light from a sky that is nowhere brighter."""
    return replace(light, circumsolar=np.zeros_like(light.dhi), band=np.zeros_like(light.dhi))


def other_sky(light: SkyLight) -> AllWeather:
    """Return the light of the day from a sky of the all-weather model."""
    outside = irradiance.get_extra_radiation(pd.Timestamp(DAY).day_of_year)
    return all_weather(light, np.full_like(light.dhi, outside))


def at_mast(
    place: Courtyard,
    light: SkyLight,
    facing: tuple[float, float, float],
    *,
    directions: int = PLACE_DIRECTIONS,
    moved: tuple[float, float] = (0.0, 0.0),
    albedo: float = ALBEDO,
) -> Floats:
    """Return what a face gets in each hour of the day [W/m2], the mast moved by metres east and south."""
    east, south, height = place.mast
    grid = place.surface.grid
    spot = np.array([[grid.x0 + east + moved[0], grid.y0 - south - moved[1], height]])
    hours = hourly_light(place.surface, spot, np.array(facing), light, albedo, reach_m=REACH, directions=directions)
    return np.asarray(sum(hours).reshape(24, -1).mean(axis=1))


def traced_at_mast(place: Courtyard, light: SkyLight) -> Floats:
    """Return what an instrument that faces up gets in each hour [W/m2], by rays thrown at random in the other sky."""
    east, south, height = place.mast
    surface, cell = place.surface, place.surface.cell
    _, given = (sky := other_sky(light)).radiance()
    radiance = np.where(light.dhi[:, None] > 0.0, given.T / mesh()[1], 0.0)
    spot = (east / cell, south / cell, height / cell)
    heights = surface.block(0, 0, *surface.shape) / cell
    both = traced.light_at(heights, spot, (0.0, 0.0, 1.0), sky.direction, sky.dni, radiance, ALBEDO)
    return np.asarray(sum(both).reshape(24, -1).mean(axis=1))


def courtyard_hours(place: Courtyard) -> pd.DataFrame:
    """Return computed and measured light by the end of the hour, UTC+1 [W/m2].

    Columns ``open`` (global light of the open place), ``<direction>_ours`` and ``<direction>_measured``;
    ``ground_ours`` is what the ground throws back of the light that was computed from above.
    """
    hours, light = place.measured.index.to_numpy() - LATE, light_of_day(place)
    found = {"open": place.open_place["ghi"].to_numpy()[hours]}
    for name, (_, facing) in DIRECTED.items():
        found[f"{name}_ours"] = at_mast(place, light, facing)[hours]
        found[f"{name}_measured"] = place.measured[name].to_numpy()
    found["ground_ours"] = ALBEDO * found["above_ours"]
    found["ground_measured"] = found["below_measured"]
    return pd.DataFrame(found, index=place.measured.index)


def turned(name: str, degrees_right: float = YARD_TURN) -> tuple[float, float, float]:
    """Return what an upright instrument would face if it were turned."""
    east, north, up = DIRECTED[name][1]
    angle = radians(degrees_right)
    return east * cos(angle) + north * sin(angle), north * cos(angle) - east * sin(angle), up


def errors(ours: Floats, measured: Floats) -> dict[str, float]:
    """Return sums, bias as a share of the measured sum, mean bias and RMSE."""
    apart = np.asarray(ours) - np.asarray(measured)
    return {
        "ours": float(np.sum(ours)),
        "measured": float(np.sum(measured)),
        "share": float(apart.sum() / np.sum(measured)),
        "bias": float(apart.mean()),
        "rmse": float(np.sqrt((apart**2).mean())),
    }


@dataclass(frozen=True, eq=False)
class Town:
    """Zug: footprints with heights, the surface of them all, and weather.

    Attributes
    ----------
    zone
        The fifteen buildings.
    surface
        Roofs on level ground, cells of `CELL` [m].
    weather, site
        Tables WEATHER and SITE.
    """

    zone: gpd.GeoDataFrame
    surface: Surface
    weather: pd.DataFrame
    site: pd.DataFrame


def read_town(data: Path = DATA) -> Town:
    """Read the data set of Zug and make its surface: where footprints overlap the taller wins."""
    inputs = data / zug.CASE / "inputs"
    read = read_weather(inputs / "weather" / "weather.epw", WeatherOptions(), Findings())
    if read is None:
        raise ValueError(f"{inputs / 'weather'}: no year of weather")
    site, weather = read
    zone, around = (zug.repaired(inputs / "building-geometry" / f"{name}.shp") for name in ("zone", "surroundings"))
    both = pd.concat([part[["geometry", "height_ag"]] for part in (zone, around)])
    both = both.sort_values("height_ag", kind="stable")
    west, south, east, north = both.total_bounds
    left, top = floor(west) - MARGIN, ceil(north) + MARGIN
    shape = (int((top - south + MARGIN) / CELL), int((east + MARGIN - left) / CELL))
    corner = from_origin(left, top, CELL, CELL)
    shapes = zip(both.geometry, both["height_ag"].astype(np.float64), strict=True)
    drawn = rasterize(shapes, shape, transform=corner, dtype="float32")
    return Town(
        zone, surface_of_array(drawn, Grid(left, top, CELL, *shape, CRS.from_user_input(zone.crs))), weather, site
    )


def of_radiance(data: Path, name: str) -> dict[str, tuple[float, float]]:
    """Return yearly light [kWh] and area [m2] of a building's ``roofs`` and walls by quarter, traced by Radiance."""
    table = pd.read_csv(data / zug.CASE / "outputs" / "data" / "solar-radiation" / f"{name}_radiation.csv.gz")
    found = {"roofs": (float(table["roofs_top_kW"].sum()), float(table["roofs_top_m2"].iloc[0]))}
    for quarter in QUARTERS:
        columns = [f"{part}_{quarter}" for part in ("walls", "windows")]
        light = sum(float(table[f"{column}_kW"].sum()) for column in columns)
        found[quarter] = light, sum(float(table[f"{column}_m2"].iloc[0]) for column in columns)
    return found


def town_light(town: Town, data: Path, albedo: float = ALBEDO) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return yearly light [kWh/m2] by building (``roof walls`` of each program and areas) and of walls by quarter."""
    table = sky_table(town.weather, town.site, albedo)
    surface, grid = town.surface, town.surface.grid
    (lit,) = surface_irradiation(surface, table, REACH)
    light, heights = lit.irradiation[:, :, 0], surface.block(0, 0, *surface.shape)
    corner = from_origin(grid.x0, grid.y0, grid.cell, grid.cell)
    buildings = town.zone[["geometry"]].assign(height_m=town.zone["height_ag"])
    walls = wall_pieces(buildings, surface)
    walls["kwh_m2"] = wall_irradiation(walls, surface, table, REACH)[:, 0]
    walls["quarter"] = np.array(QUARTERS)[np.round(walls["azimuth_deg"] / 90.0).astype(int) % 4]
    walls["kwh"] = walls["kwh_m2"] * walls["area_m2"]
    rows, pieces = [], []
    for name in town.zone.index:
        shape, height = town.zone.geometry[name], town.zone.loc[name, "height_ag"]
        mask = rasterize([shape.buffer(-CELL)], surface.shape, transform=corner, dtype="uint8") == 1
        other, own = of_radiance(data, name), walls[walls["building_id"] == name]
        their_light, their_area = np.sum([other[quarter] for quarter in QUARTERS], axis=0)
        rows.append(
            {
                "building": name,
                "height": float(height),
                "roof_area": other["roofs"][1],
                "roof_ours": float(light[mask & (heights == height)].mean()),
                "roof_traced": other["roofs"][0] / other["roofs"][1],
                "wall_area": own["area_m2"].sum(),
                "wall_ours": own["kwh"].sum() / own["area_m2"].sum(),
                "wall_traced": their_light / their_area,
            }
        )
        for quarter in QUARTERS:
            mine = own[own["quarter"] == quarter]
            pieces.append((quarter, mine["kwh"].sum(), mine["area_m2"].sum(), *other[quarter]))
    sums = pd.DataFrame(pieces, columns=["quarter", "ours", "area", "traced", "traced_area"]).groupby("quarter").sum()
    sums = sums.loc[list(QUARTERS)]
    by_quarter = pd.DataFrame(
        {"area": sums["area"], "ours": sums["ours"] / sums["area"], "traced": sums["traced"] / sums["traced_area"]}
    )
    return pd.DataFrame(rows).set_index("building"), by_quarter


def ratio_of_sums(table: pd.DataFrame, part: str) -> float:
    """Return our light over that of Radiance, of the ``roof`` or ``wall`` of all buildings."""
    ours, other = (float((table[f"{part}_{whose}"] * table[f"{part}_area"]).sum()) for whose in ("ours", "traced"))
    return ours / other


def main(arguments: list[str]) -> None:
    """Write page and pictures."""
    import sun_page

    sun_page.write(Path(arguments[0]) if arguments else DATA, ROOT / "docs")


if __name__ == "__main__":
    main(sys.argv[1:])
