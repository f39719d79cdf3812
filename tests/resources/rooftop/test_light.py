"""Light on roofs: which cells are whose, open light in the open, shade from the south, sums that close."""

import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd
import pyproj
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from layers.errors import Findings
from layers.grid import Grid
from layers.surface import Surface, surface_of_array
from layers.tables.resources import SUN_CELLS
from layers.weather import WeatherOptions, read_weather
from made_town import made_town
from resources.irradiation import SkyTable, plane_irradiation, sky_table
from resources.rooftop import light as room
from resources.rooftop.facing import normals_of
from resources.rooftop.light import NOWHERE, Cover, cover_of_cells, cover_of_shapes, light_on_roofs
from resources.tiles import surface_irradiation

CRS = pyproj.CRS.from_epsg(4550)
SIDE = 180
GRID = Grid(400_000.0, 3_300_000.0, 1.0, SIDE, SIDE, CRS)
ALBEDO = 0.2
REACH_M = 60.0
OWN = np.full(3, np.nan)
"""The normal of a roof that carries nothing: the surface's own."""


@pytest.fixture(scope="module")
def weather() -> tuple[pd.DataFrame, pd.DataFrame]:
    options = WeatherOptions(latitude_deg=29.79, longitude_deg=121.95, altitude_m=5.0, utc_offset_h=8.0)
    found = read_weather(Path(__file__).parents[3] / "layers" / "meishan" / "normals.csv", options, Findings())
    assert found is not None
    site, hours = found
    return hours, site


@pytest.fixture(scope="module")
def months(weather: tuple[pd.DataFrame, pd.DataFrame]) -> SkyTable:
    return sky_table(*weather, ALBEDO, monthly=True, directions=48)


@pytest.fixture(scope="module")
def year(weather: tuple[pd.DataFrame, pd.DataFrame]) -> SkyTable:
    return sky_table(*weather, ALBEDO, directions=48)


def at(west: float, north: float, wide: float, deep: float) -> shapely.Polygon:
    """Return a box by its distance from the grid's west and north edges."""
    x, y = GRID.x0 + west, GRID.y0 - north
    return shapely.box(x, y - deep, x + wide, y)


def array(*shapes: shapely.Geometry) -> np.ndarray:
    return np.array(shapes, dtype=object)


def surface_with(*roofs: tuple[shapely.Polygon, float]) -> Surface:
    x, y = GRID.centres()
    heights = np.zeros(GRID.size)
    for shape, height in roofs:
        heights[shapely.contains_xy(shape, x, y)] = height
    return surface_of_array(heights.reshape(GRID.shape), GRID)


def whole(cover: Cover) -> np.ndarray:
    return cover.window(0, 0, *GRID.shape)


@st.composite
def footprints(draw: st.DrawFn) -> np.ndarray:
    """Houses that do not touch: boxes turned by any angle, some with a wing or a court, some smaller than a cell."""
    rng = np.random.default_rng(draw(st.integers(0, 100_000)))
    shapes = []
    for row in range(4):
        for column in range(4):
            wide, deep = rng.choice([rng.uniform(0.05, 1.5), rng.uniform(1.0, 16.0)], 2)
            shape = at(column * 45.0 + 10.0 + rng.uniform(0, 4), row * 45.0 + 10.0 + rng.uniform(0, 4), wide, deep)
            kind = rng.integers(0, 3)
            if kind == 1:
                shape = shape.union(shapely.affinity.translate(shape, 0.6 * wide, -0.6 * deep))
            elif kind == 2:
                shape = shape.difference(shapely.affinity.scale(shape, 0.7, 0.7))
            shapes.append(shapely.affinity.rotate(shape, rng.uniform(0.0, 90.0)))
    return array(*(shape for shape in shapes if rng.random() < 0.8))


@settings(deadline=None, max_examples=40)
@given(footprints())
def test_a_footprint_has_the_cells_whose_centres_it_holds_or_else_one(shapes: np.ndarray) -> None:
    found = whole(cover_of_shapes(shapes, GRID)).ravel()
    x, y = GRID.centres()
    covered = np.full(GRID.size, NOWHERE)
    for number, shape in enumerate(shapes):
        held = shapely.contains_xy(shape, x, y)
        covered[held] = number
        if not held.any():
            (cell,) = np.flatnonzero(found == number)
            corner = x[cell] - 0.5, y[cell] - 0.5
            assert shape.intersects(shapely.box(*corner, corner[0] + 1.0, corner[1] + 1.0))
            covered[cell] = number
    np.testing.assert_array_equal(found, covered)


WINDOWS = st.tuples(st.integers(-60, 190), st.integers(-60, 190), st.integers(1, 150), st.integers(1, 150))


@settings(deadline=None, max_examples=40)
@given(footprints(), WINDOWS)
def test_windows_of_any_position_agree_with_the_whole_and_with_single_cells(
    shapes: np.ndarray, window: tuple[int, int, int, int]
) -> None:
    cover = cover_of_shapes(shapes, GRID)
    found = whole(cover)
    row, col = np.nonzero(found != NOWHERE)
    cells = pd.DataFrame({"row": row, "col": col, "plane": found[row, col]}).sample(frac=1.0, random_state=1)
    single = cover_of_cells(cells, len(shapes), GRID)
    top, left, rows, columns = window
    padded = np.pad(found, 400, constant_values=NOWHERE)
    expected = padded[top + 400 : top + 400 + rows, left + 400 : left + 400 + columns]
    np.testing.assert_array_equal(cover.window(*window), expected)
    np.testing.assert_array_equal(single.window(*window), expected)
    np.testing.assert_array_equal(whole(single), found)


def test_threads_may_ask_for_windows_together_and_silence_no_warnings() -> None:
    cover = cover_of_shapes(array(at(60.0, 60.0, 20.0, 20.0)), GRID)
    filters = list(warnings.filters)
    expected = cover.window(55, 55, 30, 30)
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: cover.window(55, 55, 30, 30), range(3000)))
    assert all(np.array_equal(one, expected) for one in found)
    assert list(warnings.filters) == filters


def test_cells_that_cannot_be_are_refused() -> None:
    cells = pd.DataFrame({"row": [5, 6], "col": [5, 6], "plane": [0, 1]})
    for column, value, message in (
        ("row", SIDE, r"row of cells must lie in 0 to 179 \(180\)"),
        ("col", -1, r"col of cells must lie in 0 to 179 \(-1\)"),
        ("plane", 2, r"plane of cells must lie in 0 to 1 \(2\)"),
    ):
        with pytest.raises(ValueError, match=message):
            cover_of_cells(cells.assign(**{column: [0, value]}), 2, GRID)


@pytest.mark.parametrize("tilt", [0.0, 22.0])
@pytest.mark.parametrize("azimuth", [180.0, 90.0])
def test_a_roof_alone_has_open_light_in_every_month(months: SkyTable, tilt: float, azimuth: float) -> None:
    roof = at(80.0, 80.0, 24.0, 18.0)
    normal = normals_of(np.array([tilt]), np.array([azimuth]))
    found = light_on_roofs(surface_with((roof, 15.0)), cover_of_shapes(array(roof), GRID), normal, months)
    expected = plane_irradiation(np.zeros((1, months.directions)), normal, months)
    np.testing.assert_allclose(found.on_roofs, expected, rtol=0.002)


@pytest.mark.parametrize("height", [30.0, 60.0])
def test_a_tower_to_the_south_takes_more_of_winter_than_of_summer(months: SkyTable, height: float) -> None:
    roof, tower = at(70.0, 60.0, 30.0, 14.0), at(60.0, 90.0, 50.0, 14.0)
    normal = normals_of(np.array([0.0]), np.array([180.0]))
    cover = cover_of_shapes(array(roof), GRID)
    found = light_on_roofs(surface_with((roof, 9.0), (tower, height)), cover, normal, months).on_roofs[0]
    share = found / plane_irradiation(np.zeros((1, months.directions)), normal, months)[0]
    assert share.max() < 1.0
    winter, summer = share[[10, 11, 0]], share[[4, 5, 6]]
    assert winter.max() < summer.min() - 0.05
    north = light_on_roofs(
        surface_with((roof, 9.0), (at(60.0, 30.0, 50.0, 14.0), height)), cover, normal, months
    ).on_roofs[0]
    assert (north > found)[[9, 10, 11, 0, 1, 2]].all()


def town() -> tuple[Surface, np.ndarray]:
    """Return a dense town, and roofs in it of which one is wider than any tile."""
    surface = surface_of_array(made_town(SIDE, seed=7).heights().astype(float), GRID)
    return surface, array(at(4.0, 60.0, 170.0, 3.0), at(20.0, 20.0, 30.0, 25.0), at(117.5, 117.5, 5.0, 5.0))


def test_a_roof_has_the_mean_of_its_cells(months: SkyTable) -> None:
    surface, roofs = town()
    cover = cover_of_shapes(roofs, GRID)
    found = light_on_roofs(surface, cover, np.tile(OWN, (3, 1)), months, reach_m=SIDE, side=100)
    cells = np.full((*GRID.shape, 12), np.nan)
    for one in surface_irradiation(surface, months, SIDE):
        tile = one.tile
        cells[tile.top : tile.top + tile.rows, tile.left : tile.left + tile.columns] = one.irradiation
    numbers = whole(cover)
    expected = [cells[numbers == roof].mean(axis=0) for roof in range(3)]
    np.testing.assert_allclose(found.on_roofs, expected, rtol=1e-5)
    own = np.flatnonzero(numbers.ravel() != NOWHERE)
    np.testing.assert_array_equal(found.cells.index, own)
    np.testing.assert_allclose(found.cells["kwh_m2"], cells.sum(axis=2).ravel()[own], atol=0.06)
    assert not SUN_CELLS.faults(found.cells)


def test_neither_threads_nor_tiles_matter(months: SkyTable) -> None:
    surface, roofs = town()
    cover, normals = cover_of_shapes(roofs, GRID), normals_of(np.array([22.0, 0.0, 5.0]), np.full(3, 180.0))

    def light(threads: int, side: int) -> room.RoofLight:
        return light_on_roofs(surface, cover, normals, months, reach_m=50.0, around_m=10.0, side=side, threads=threads)

    one, three = light(1, 100), light(3, 100)
    assert one.on_roofs.tobytes() == three.on_roofs.tobytes()
    assert one.near_edge.tobytes() == three.near_edge.tobytes()
    assert one.cells.equals(three.cells)
    large = light(1, 256)
    np.testing.assert_allclose(large.on_roofs, one.on_roofs, rtol=1e-9)
    assert large.near_edge.tobytes() == one.near_edge.tobytes()
    assert large.cells.equals(one.cells)


def test_months_add_up_to_the_year_and_cells_tell_the_year(months: SkyTable, year: SkyTable) -> None:
    surface, roofs = town()
    cover, normals = cover_of_shapes(roofs, GRID), normals_of(np.array([22.0, 0.0, 5.0]), np.full(3, 180.0))
    parts, total = (light_on_roofs(surface, cover, normals, one, reach_m=REACH_M) for one in (months, year))
    assert parts.on_roofs.shape == (3, 12)
    assert total.on_roofs.shape == (3, 1)
    np.testing.assert_allclose(parts.on_roofs.sum(axis=1), total.on_roofs[:, 0], rtol=3e-4)
    # in the foot of walls what they throw back counts by the month or by the year
    np.testing.assert_allclose(parts.cells["kwh_m2"], total.cells["kwh_m2"], rtol=3e-3)
    by_roof = whole(cover).ravel()[parts.cells.index]
    np.testing.assert_allclose(
        parts.cells["kwh_m2"].groupby(by_roof).mean(), parts.on_roofs.sum(axis=1), rtol=1e-3, atol=0.05
    )


def test_unknown_heights_are_left_out_and_told(months: SkyTable) -> None:
    holed, part, near, far = (
        at(west, north, 20.0, 20.0) for west, north in ((70, 70), (100, 70), (95, 95), (140, 140))
    )
    heights = surface_with(*((roof, 10.0) for roof in (holed, part, near, far))).block(0, 0, *GRID.shape)
    heights[70:90, 70:90] = np.nan
    heights[70:90, 100:110] = np.nan
    surface = surface_of_array(heights, GRID)
    level = np.tile([0.0, 0.0, 1.0], (4, 1))
    cover = cover_of_shapes(array(holed, part, near, far), GRID)
    found = light_on_roofs(surface, cover, level, months, reach_m=20.0, around_m=5.0)
    assert np.isnan(found.on_roofs[0]).all()
    np.testing.assert_array_equal(found.near_edge, [False, True, True, False])
    expected = plane_irradiation(np.zeros((1, months.directions)), level[:1], months)[0]
    for roof in (1, 2, 3):
        np.testing.assert_allclose(found.on_roofs[roof], expected, rtol=0.002)
    assert np.isfinite(found.cells["kwh_m2"]).all()
    assert np.isfinite(heights.ravel()[found.cells.index]).all()


def test_the_edge_of_the_grid_is_told(months: SkyTable) -> None:
    inside, beside = at(80.0, 80.0, 20.0, 20.0), at(5.0, 80.0, 20.0, 20.0)
    surface = surface_with((inside, 9.0), (beside, 9.0))
    cover = cover_of_shapes(array(inside, beside), GRID)
    found = light_on_roofs(surface, cover, np.tile(OWN, (2, 1)), months, reach_m=REACH_M)
    np.testing.assert_array_equal(found.near_edge, [False, True])


@pytest.mark.parametrize("around_m", [0.0, 7.0, 50.0])
def test_cells_are_told_as_far_around_roofs_as_asked(year: SkyTable, around_m: float) -> None:
    # one ends at a tile's edge, so that what lies around it lies on the next tile
    roofs = array(at(60.0, 60.0, 20.0, 20.0), at(2.0, 150.0, 10.0, 10.0))
    surface = surface_with(*((roof, 9.0) for roof in roofs))
    found = light_on_roofs(
        surface, cover_of_shapes(roofs, GRID), np.tile(OWN, (2, 1)), year, reach_m=10.0, around_m=around_m, side=40
    )
    x, y = GRID.centres()
    covered = shapely.contains_xy(roofs[0], x, y) | shapely.contains_xy(roofs[1], x, y)
    apart = shapely.distance(shapely.points(x, y), shapely.MultiPoint(np.column_stack([x, y])[covered]))
    np.testing.assert_array_equal(found.cells.index, np.flatnonzero(apart <= around_m + 1e-6))


def test_no_tile_is_swept_that_no_roof_is_near(year: SkyTable, monkeypatch: pytest.MonkeyPatch) -> None:
    swept: list[tuple[int, int, int, int]] = []
    sweep = room.tile_irradiation

    def counted(surface: Surface, tile: room.Tile, *rest: object) -> object:
        swept.append((tile.top, tile.left, tile.rows, tile.columns))
        return sweep(surface, tile, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(room, "tile_irradiation", counted)
    roofs = array(at(45.0, 45.0, 70.0, 10.0))
    surface = surface_with((roofs[0], 9.0))
    light_on_roofs(surface, cover_of_shapes(roofs, GRID), OWN[None], year, reach_m=10.0, side=40, threads=1)
    assert swept == [(45, 45, 10, 35), (45, 80, 10, 35)]


def test_where_there_are_no_roofs_there_is_no_light(months: SkyTable) -> None:
    cover = cover_of_shapes(array(), GRID)
    assert (whole(cover) == NOWHERE).all()
    found = light_on_roofs(surface_with(), cover, np.empty((0, 3)), months, around_m=50.0)
    assert found.on_roofs.shape == (0, 12)
    assert found.cells.empty
    assert not SUN_CELLS.faults(found.cells)


def test_of_roofs_over_each_other_the_later_one_has_the_cell_and_the_other_nothing(months: SkyTable) -> None:
    below, above = at(80.0, 80.0, 10.0, 10.0), at(75.0, 75.0, 20.0, 20.0)
    surface = surface_with((above, 9.0))
    cover = cover_of_shapes(array(below, above), GRID)
    found = light_on_roofs(surface, cover, np.tile([0.0, 0.0, 1.0], (2, 1)), months, reach_m=10.0)
    assert np.isnan(found.on_roofs[0]).all()
    assert np.isfinite(found.on_roofs[1]).all()
