"""Far terrain: hills of closed form, and the seam between it and the sweep."""

import numpy as np
import pyproj
import pytest

from layers.grid import Grid
from layers.surface import Surface, surface_of_array
from made_town import made_town
from resources.irradiation import SkyTable, sky_view
from resources.surroundings import Surroundings
from resources.terrain import EARTH_M, Terrain, beyond
from resources.tiles import Tile, tile_irradiation, tiles

CRS = pyproj.CRS.from_epsg(4550)
SIDE = 120
X, Y = 400_000.0, 3_300_000.0
COARSE = 30.0


@pytest.fixture(scope="module")
def table() -> SkyTable:
    """Return light that comes evenly from all of the sky, a hundred of it on open ground."""
    directions, bins = 60, 1024
    share = np.arange(bins + 1) / bins
    share[-1] = 1.0 - 1e-6
    upright = 0.5 / (1.0 + (share / (1.0 - share)) ** 2)
    gains = np.zeros((directions, bins + 1, 3, 2), dtype=np.float32)
    gains[:, :, 2, 1] = upright * 2.0 / directions
    gains[:, :, 2, 0] = 100.0 * gains[:, :, 2, 1]
    level, upright = np.array([[100.0], [0.5]], dtype=np.float32)
    return SkyTable(gains, Surroundings(0.0, level, upright, np.full((directions, 1), 0.5, dtype=np.float32)))


def near(heights: np.ndarray) -> Surface:
    return surface_of_array(heights, Grid(X, Y, 1.0, *heights.shape, CRS))


def hills(make: "np.ufunc | None" = None, half: float = 25_000.0, crs: pyproj.CRS = CRS) -> Terrain:
    cells = int(2 * half / COARSE)
    grid = Grid(X + SIDE / 2 - half, Y - SIDE / 2 + half, COARSE, cells, cells, crs)
    x, y = np.meshgrid(grid.x_centres - X, grid.y_centres - Y)
    return Terrain(surface_of_array(np.zeros_like(x) if make is None else make(x, y), grid))


def light(surface: Surface, table: SkyTable, terrain: Terrain | None, reach_m: float = 300.0) -> np.ndarray:
    tile = Tile(0, 0, *surface.shape)
    return tile_irradiation(surface, tile, table, reach_m, terrain=terrain).irradiation[:, :, 0]


@pytest.mark.parametrize(("away", "tall"), [(2_000.0, 400.0), (6_000.0, 900.0)])
def test_a_long_ridge_takes_what_geometry_says(table: SkyTable, away: float, tall: float) -> None:
    ridge = hills(lambda x, _: np.where(x > away, tall, 0.0))
    found = light(near(np.zeros((SIDE, SIDE))), table, ridge)
    # a wall without end of elevation b leaves level ground (1 + cos b) / 2 of an even sky; the earth falls away
    tangent = (tall - away**2 / 2.0 / EARTH_M) / away
    expected = 100.0 * 0.5 * (1.0 + np.cos(np.arctan(tangent)))
    np.testing.assert_allclose(found, expected, rtol=0.004)


def test_a_hill_gives_the_same_whether_it_is_swept_or_far(table: SkyTable) -> None:
    side = 1_500
    heights = np.zeros((side, side))
    # beginnings and ends of the hill lie on edges of coarse cells and beyond the reach of the sweep
    heights[600:900, 1200:1380] = 150.0
    surface = near(heights)
    middle = np.s_[680:820, 680:820]
    swept = light(surface, table, None, 800.0)[middle]
    coarse = hills(lambda x, y: np.where((x > 1200) & (x < 1380) & (y < -600) & (y > -900), 150.0, 0.0))
    level = near(np.zeros((side, side)))
    joined = light(level, table, coarse, 400.0)[middle]
    assert swept.min() < 99.0
    # a patch of ground sees one hill, so its cells differ; they do not in the mean
    np.testing.assert_allclose(joined, swept, rtol=0.01)
    assert joined.mean() == pytest.approx(swept.mean(), rel=0.001)


def test_a_roof_sees_a_hill_lower_than_the_ground_does(table: SkyTable) -> None:
    ridge = hills(lambda x, _: np.where(x > 1_000.0, 200.0, 0.0))
    ground, roof = (light(near(np.full((SIDE, SIDE), height)), table, ridge).mean() for height in (0.0, 60.0))
    above = near(np.full((SIDE, SIDE), 250.0))
    assert ground < roof < 100.0
    np.testing.assert_allclose(light(above, table, ridge), 100.0, rtol=1e-5)
    tangent = (200.0 - 60.0 - 1_000.0**2 / 2.0 / EARTH_M) / 1_000.0
    assert roof == pytest.approx(50.0 * (1.0 + np.cos(np.arctan(tangent))), rel=0.004)


def test_flat_terrain_changes_nothing(table: SkyTable) -> None:
    surface = near(made_town(SIDE, seed=4).heights().astype(float))
    np.testing.assert_array_equal(light(surface, table, hills()), light(surface, table, None))
    assert sky_view(np.zeros((3, 3), dtype=np.float32), 1.0)[1, 1] == pytest.approx(1.0, rel=1e-3)


def test_tiles_see_the_same_hills(table: SkyTable) -> None:
    rng = np.random.default_rng(5)
    peaks = rng.uniform(-12_000.0, 12_000.0, (30, 2))

    def rough(x: np.ndarray, y: np.ndarray) -> np.ndarray:
        return sum(400.0 * np.exp(-((x - a) ** 2 + (y - b) ** 2) / 2e5) for a, b in peaks)

    terrain, side = hills(rough), 300
    surface = near(made_town(side, seed=6).heights().astype(float))
    whole = Tile(0, 0, *surface.shape)
    at_once = tile_irradiation(surface, whole, table, side, terrain=terrain).irradiation
    for tile in tiles(surface.shape, 130):
        part = tile_irradiation(surface, tile, table, side, terrain=terrain).irradiation
        here = np.s_[tile.top : tile.top + tile.rows, tile.left : tile.left + tile.columns]
        np.testing.assert_array_equal(part, at_once[here])


def test_terrain_that_ends_is_told_and_one_in_another_crs_refused(table: SkyTable) -> None:
    surface = near(np.zeros((3 * SIDE, 3 * SIDE)))
    inner = tiles(surface.shape, SIDE)[4]
    assert not tile_irradiation(surface, inner, table, 100.0, terrain=hills()).near_edge.any()
    assert tile_irradiation(surface, inner, table, 100.0, terrain=hills(half=9_000.0)).near_edge.all()
    # a sea without heights is no edge of the data
    sea = hills(lambda x, y: np.where(np.hypot(x - 3_000.0, y) < 200.0, np.nan, 0.0))
    assert not tile_irradiation(surface, inner, table, 100.0, terrain=sea).near_edge.any()
    with pytest.raises(ValueError, match="bring them to one CRS"):
        beyond(hills(crs=pyproj.CRS.from_epsg(32651)), surface, (0, 0, 10, 10), 100.0, 8)
