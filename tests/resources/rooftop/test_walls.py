"""Light on walls of the plan by class: open for a lone building, less in a dense plan, never more than open."""

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
from layers.surface import surface_of_buildings
from layers.tables.resources import WALL_LIGHT
from layers.weather import WeatherOptions, read_weather
from resources.irradiation import SkyTable, sky_table
from resources.rooftop.walls import class_walls

CRS = pyproj.CRS.from_epsg(4550)
X, Y = 400_000.0, 3_300_000.0


@pytest.fixture(scope="module")
def table() -> SkyTable:
    options = WeatherOptions(latitude_deg=29.79, longitude_deg=121.95, altitude_m=5.0, utc_offset_h=8.0)
    found = read_weather(Path(__file__).parents[3] / "layers" / "meishan" / "normals.csv", options, Findings())
    assert found is not None
    site, weather = found
    return sky_table(weather, site, 0.2, directions=48)


def walls(
    table: SkyTable, gap: float, height: float, rows: int = 3, most: int = 40, forms: tuple[str, ...] = ("slab",)
) -> pd.DataFrame:
    """Return the light on slabs of 40 x 12 m that stand in rows, a gap apart in both directions."""
    shapes = [
        shapely.box(
            X + i * (40.0 + gap), Y - j * (12.0 + gap) - 12.0, X + i * (40.0 + gap) + 40.0, Y - j * (12.0 + gap)
        )
        for i in range(rows)
        for j in range(rows)
    ]
    ids = [f"s{number}" for number in range(len(shapes))]
    form = [forms[number % len(forms)] for number in range(len(shapes))]
    stock = pd.DataFrame({"archetype": "office", "form": form}, index=pd.Index(ids, name="stock_id"))
    blocks = gpd.GeoDataFrame(
        {"stock_id": ids, "height_m": height}, geometry=shapes, crs=CRS, index=pd.Index(ids, name="block_id")
    )
    west, south, east, north = blocks.total_bounds
    grid = Grid.from_bounds((west - 200, south - 200, east + 200, north + 200), 2.0, CRS)
    nothing = pd.DataFrame({"kwh_m2": np.empty(0)}, index=pd.Index([], dtype="int64", name="cell_id"))
    return class_walls(
        blocks, stock, surface_of_buildings(blocks, grid), nothing, table, reach_m=200.0, most=most
    )  # fmt: skip


def test_a_lone_building_has_open_walls(table: SkyTable) -> None:
    found = walls(table, 10.0, 15.0, rows=1)
    assert not WALL_LIGHT.faults(found)
    assert found["light"].item() == pytest.approx(1.0, abs=0.01)
    assert found["walls_m2"].item() == pytest.approx(2 * (40.0 + 12.0) * 15.0)


@settings(max_examples=15, deadline=None)
@given(turn=st.floats(0.0, 90.0), east=st.floats(0.0, 5.0), north=st.floats(0.0, 5.0), deep=st.floats(12.0, 30.0))
def test_a_coarse_raster_puts_no_building_in_its_own_shade(
    table: SkyTable, turn: float, east: float, north: float, deep: float
) -> None:
    shape = shapely.affinity.rotate(shapely.box(X + east, Y + north, X + east + 60.0, Y + north + deep), turn)
    blocks = gpd.GeoDataFrame(
        {"stock_id": ["s"], "height_m": [18.0]}, geometry=[shape], crs=CRS, index=pd.Index(["s"], name="block_id")
    )
    stock = pd.DataFrame({"archetype": ["office"], "form": ["slab"]}, index=pd.Index(["s"], name="stock_id"))
    grid = Grid.from_bounds((X - 200, Y - 200, X + 300, Y + 300), 5.0, CRS)
    nothing = pd.DataFrame({"kwh_m2": np.empty(0)}, index=pd.Index([], dtype="int64", name="cell_id"))
    surface = surface_of_buildings(blocks, grid)
    found = class_walls(blocks, stock, surface, nothing, table, reach_m=200.0, most=40)
    assert found["light"].item() > 0.99


def test_walls_get_less_the_nearer_and_the_taller_their_neighbours(table: SkyTable) -> None:
    near, far = (walls(table, gap, 18.0)["light"].item() for gap in (12.0, 40.0))
    low, tall = (walls(table, 20.0, height)["light"].item() for height in (9.0, 36.0))
    assert near < far < 1.0
    assert tall < low < 1.0
    # rows twice as far apart as they are tall leave walls most of their light
    assert far > 0.8


def test_a_few_buildings_stand_for_many(table: SkyTable) -> None:
    every, some = (walls(table, 20.0, 18.0, rows=6, most=most) for most in (40, 12))
    assert some["walls_m2"].item() == pytest.approx(every["walls_m2"].item() / 3.0, rel=0.01)
    assert some["light"].item() == pytest.approx(every["light"].item(), rel=0.05)


def test_every_form_has_its_own_row(table: SkyTable) -> None:
    found = walls(table, 20.0, 18.0, forms=("slab", "point"))
    assert list(found["form"]) == ["point", "slab"]
    assert not WALL_LIGHT.faults(found)


@settings(max_examples=8, deadline=None)
@given(gap=st.floats(8.0, 60.0), height=st.floats(3.0, 60.0))
def test_walls_never_get_more_than_open_ones(table: SkyTable, gap: float, height: float) -> None:
    assert 0.0 < walls(table, gap, height, rows=2)["light"].item() <= 1.0
