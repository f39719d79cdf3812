"""Sunlight at single places and on walls: closed forms, areas, balances."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from layers.errors import Findings
from layers.grid import Grid
from layers.surface import Surface, surface_of_array, surface_of_buildings
from layers.weather import WeatherOptions, read_weather
from layers.weather.light import SkyLight, sky_light
from resources.facades import QUARTERS, by_band, wall_irradiation, wall_pieces
from resources.horizon import azimuths
from resources.irradiation import SkyTable, plane_irradiation, sky_table
from resources.places import hourly_light
from resources.sightlines import place_horizons
from resources.tiles import tile_irradiation, tiles

CRS = pyproj.CRS.from_epsg(4550)
SIDE = 200
GRID = Grid(400_000.0, 3_300_000.0, 1.0, SIDE, SIDE, CRS)
MIDDLE = (400_100.0, 3_299_900.0)
ALBEDO = 0.2


@pytest.fixture(scope="module")
def light() -> SkyLight:
    site, weather = read()
    return sky_light(weather, site)


@pytest.fixture(scope="module")
def table() -> SkyTable:
    site, weather = read()
    return sky_table(weather, site, ALBEDO)


def read() -> tuple[pd.DataFrame, pd.DataFrame]:
    options = WeatherOptions(latitude_deg=29.79, longitude_deg=121.95, altitude_m=5.0, utc_offset_h=8.0)
    found = read_weather(Path(__file__).parents[2] / "layers" / "meishan" / "normals.csv", options, Findings())
    assert found is not None
    return found


def box(east: float, north: float, wide: float, deep: float, turn: float = 0.0) -> shapely.Polygon:
    x, y = MIDDLE[0] + east, MIDDLE[1] + north
    shape = shapely.box(x - wide / 2, y - deep / 2, x + wide / 2, y + deep / 2)
    return shapely.affinity.rotate(shape, turn)


def buildings(*parts: tuple[shapely.Polygon, float]) -> gpd.GeoDataFrame:
    ids = pd.Index([f"b{number}" for number in range(len(parts))], name="building_id")
    return gpd.GeoDataFrame(
        {"height_m": [height for _, height in parts]}, geometry=[shape for shape, _ in parts], index=ids, crs=CRS
    )


def town(*parts: tuple[shapely.Polygon, float]) -> tuple[gpd.GeoDataFrame, Surface]:
    made = buildings(*parts)
    return made, surface_of_buildings(made, GRID)


def test_the_horizon_before_a_long_wall_is_that_of_geometry() -> None:
    heights = np.zeros((SIDE, SIDE))
    heights[:, 120:] = 15.0
    places = np.array([[MIDDLE[0], MIDDLE[1], 0.0], [MIDDLE[0] + 10.0, MIDDLE[1], 3.0]])
    found = place_horizons(surface_of_array(heights, GRID), places, 90.0, 72)
    angle = np.radians(azimuths(72))
    for place, (away, rise) in enumerate(((20.0, 15.0), (10.0, 12.0))):
        ahead = np.sin(angle) > 0.3
        expected = rise / away * np.sin(angle[ahead])
        # looked at every quarter of a cell
        np.testing.assert_allclose(found[place][ahead], expected, rtol=0.25 / away)
        assert (found[place][np.sin(angle) < -0.01] == 0.0).all()


def test_places_far_from_each_other_are_looked_at_as_if_each_were_alone() -> None:
    rng = np.random.default_rng(4)
    surface = surface_of_array(rng.uniform(0.0, 20.0, (SIDE, SIDE)), GRID)
    spots = rng.uniform(20.0, SIDE - 20.0, (30, 2))
    places = np.column_stack([GRID.x0 + spots[:, 0], GRID.y0 - spots[:, 1], rng.uniform(5.0, 25.0, 30)])
    together = place_horizons(surface, places, 30.0)
    alone = np.vstack([place_horizons(surface, place[None], 30.0) for place in places])
    np.testing.assert_allclose(together, alone, rtol=1e-5, atol=1e-6)


def test_high_places_above_the_sea_lose_no_digits() -> None:
    heights = np.zeros((SIDE, SIDE))
    heights[:, 120:] = 15.0
    place = np.array([[MIDDLE[0], MIDDLE[1], 0.0]])
    low = place_horizons(surface_of_array(heights, GRID), place, 90.0)
    high = place_horizons(surface_of_array(heights + 4000.0, GRID), place + np.array([0.0, 0.0, 4000.0]), 90.0)
    np.testing.assert_allclose(low, high, atol=1e-4)


@pytest.mark.parametrize("east", [0.0, 35.0])
def test_hours_of_a_place_add_up_to_the_year_of_its_cell(light: SkyLight, table: SkyTable, east: float) -> None:
    _, surface = town((box(0.0, 0.0, 50.0, 20.0), 9.0), (box(0.0, -40.0, 60.0, 20.0), 30.0))
    lit = tile_irradiation(surface, tiles(surface.shape, SIDE)[0], table)
    column = int(MIDDLE[0] + east - GRID.x0)
    height = surface.block(100, column, 1, 1)[0, 0]
    place = np.array([[GRID.x0 + column + 0.5, GRID.y0 - 100.5, height]])
    hours = sum(hourly_light(surface, place, np.array([0.0, 0.0, 1.0]), light, ALBEDO))
    assert hours.sum() / 1000.0 == pytest.approx(lit.irradiation[100, column, 0], rel=0.02)
    assert (hours >= 0.0).all()


@settings(max_examples=30, deadline=None)
@given(wide=st.floats(8.0, 40.0), deep=st.floats(8.0, 40.0), turn=st.floats(0.0, 180.0), height=st.floats(3.0, 60.0))
def test_walls_of_a_building_have_the_area_of_its_outline(wide: float, deep: float, turn: float, height: float) -> None:
    made, surface = town((box(0.0, 0.0, wide, deep, turn), height))
    pieces = wall_pieces(made, surface)
    assert pieces["area_m2"].sum() == pytest.approx(2.0 * (wide + deep) * height, rel=1e-9)
    # all walls together face nowhere
    angle = np.radians(pieces["azimuth_deg"])
    assert abs((pieces["area_m2"] * np.sin(angle)).sum()) < 1e-6 * pieces["area_m2"].sum()
    assert abs((pieces["area_m2"] * np.cos(angle)).sum()) < 1e-6 * pieces["area_m2"].sum()
    assert pieces["above_m"].between(0.0, height).all()


def test_walls_look_outwards_also_into_a_court() -> None:
    ring = box(0.0, 0.0, 60.0, 60.0).difference(box(0.0, 0.0, 30.0, 30.0))
    made, surface = town((ring, 12.0))
    pieces = wall_pieces(made, surface)
    court = pieces[np.hypot(pieces["x"] - MIDDLE[0], pieces["y"] - MIDDLE[1]) < 22.0]
    assert court["area_m2"].sum() == pytest.approx(4 * 30.0 * 12.0)
    west = court[court["x"] < MIDDLE[0] - 13.0]
    np.testing.assert_allclose(west["azimuth_deg"], 90.0)


def test_party_walls_are_no_walls() -> None:
    made, surface = town((box(-10.0, 0.0, 20.0, 20.0), 12.0), (box(10.0, 0.0, 20.0, 20.0), 12.0))
    pieces = wall_pieces(made, surface)
    assert pieces["area_m2"].sum() == pytest.approx(2.0 * (40.0 + 20.0) * 12.0)
    higher, over = town((box(-10.0, 0.0, 20.0, 20.0), 24.0), (box(10.0, 0.0, 20.0, 20.0), 12.0))
    assert wall_pieces(higher, over)["area_m2"].sum() == pytest.approx(2.0 * 60.0 * 12.0 + 4.0 * 20.0 * 12.0)


def test_walls_of_a_lone_building_get_the_light_of_the_open(table: SkyTable) -> None:
    made, surface = town((box(0.0, 0.0, 20.0, 20.0), 15.0))
    pieces = wall_pieces(made, surface)
    found = by_band(pieces, wall_irradiation(pieces, surface, table))
    for facing, normal in zip(QUARTERS, ((0, 1, 0), (1, 0, 0), (0, -1, 0), (-1, 0, 0)), strict=True):
        normals = np.array([normal], dtype=float)
        expected = plane_irradiation(np.zeros((1, table.directions)), normals, table).item()
        # at its foot the wall looks at ground that it shades itself
        light = found.loc[("b0", facing), "kwh_m2"]
        assert (light <= expected * 1.001).all()
        assert light.iloc[-1] > 0.85 * expected


def test_a_tower_to_the_south_takes_light_from_the_lower_bands_first(table: SkyTable) -> None:
    made, surface = town((box(0.0, 0.0, 30.0, 12.0), 24.0), (box(0.0, -30.0, 60.0, 12.0), 24.0))
    pieces = wall_pieces(made.iloc[:1], surface)
    south = by_band(pieces, wall_irradiation(pieces, surface, table)).loc[("b0", "south"), "kwh_m2"].to_numpy()
    assert (np.diff(south) > 0.0).all()
    assert south[0] < 0.75 * south[-1]


def test_nothing_has_no_walls() -> None:
    made, surface = town((box(0.0, 0.0, 20.0, 20.0), 0.0))
    assert wall_pieces(made, surface).empty
