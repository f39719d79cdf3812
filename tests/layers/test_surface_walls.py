"""Surfaces in smaller cells: walls where footprints end, whatever a measured cell on them had told."""

from functools import partial

import geopandas as gpd
import numpy as np
import pyproj
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from layers import surface_walls
from layers.grid import Grid
from layers.surface import TiledHeights, surface_of_array, surface_of_buildings
from layers.surface_walls import surface_with_walls

CRS = pyproj.CRS.from_epsg(4550)
SIDE = 60
GRID = Grid(400_000.0, 3_300_000.0, 1.0, SIDE, SIDE, CRS)
MIDDLE = (400_030.0, 3_299_970.0)

Houses = list[tuple[shapely.Polygon, float]]


def house(east: float, north: float, wide: float, deep: float, turn: float = 0.0) -> shapely.Polygon:
    x, y = MIDDLE[0] + east, MIDDLE[1] + north
    return shapely.affinity.rotate(shapely.box(x - wide / 2, y - deep / 2, x + wide / 2, y + deep / 2), turn)


def frame(*houses: tuple[shapely.Polygon, float]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {"height_m": [height for _, height in houses]}, geometry=[shape for shape, _ in houses], crs=CRS
    )


def fine_truth(houses: gpd.GeoDataFrame, parts: int) -> NDArray[np.float32]:
    grid = Grid(GRID.x0, GRID.y0, GRID.cell / parts, SIDE * parts, SIDE * parts, CRS)
    return surface_of_buildings(houses, grid, 3.0).block(0, 0, *grid.shape)


def measured(houses: gpd.GeoDataFrame, parts: int, seed: int) -> NDArray[np.float64]:
    """Return the heights of cells, each that of some part of it."""
    cells = fine_truth(houses, parts).reshape(SIDE, parts, SIDE, parts).transpose(0, 2, 1, 3).reshape(SIDE, SIDE, -1)
    chosen = np.random.default_rng(seed).integers(0, parts * parts, size=(SIDE, SIDE, 1))
    return np.take_along_axis(cells, chosen, axis=2)[..., 0].astype(np.float64)


@settings(max_examples=40)
@given(
    turn=st.floats(0.0, 180.0),
    wide=st.floats(6.0, 25.0),
    deep=st.floats(6.0, 25.0),
    height=st.floats(3.0, 40.0),
    seed=st.integers(0, 99),
    parts=st.integers(1, 5),
)
def test_walls_stand_where_footprints_end_whatever_cells_on_them_tell(
    turn: float, wide: float, deep: float, height: float, seed: int, parts: int
) -> None:
    houses = frame((house(0.3, -0.4, wide, deep, turn), height))
    found = surface_with_walls(surface_of_array(measured(houses, parts, seed), GRID), houses, parts)
    assert found.shape == (SIDE * parts, SIDE * parts)
    np.testing.assert_array_equal(found.block(0, 0, *found.shape), fine_truth(houses, parts))


@settings(max_examples=20)
@given(turn=st.floats(0.0, 90.0), seed=st.integers(0, 99))
def test_houses_wall_to_wall_keep_their_own_heights(turn: float, seed: int) -> None:
    shapes = [house(-8.0, 0.0, 16.0, 20.0), house(8.0, 0.0, 16.0, 20.0)]
    turned = [shapely.affinity.rotate(shape, turn, origin=MIDDLE) for shape in shapes]
    houses = frame((turned[0], 8.0), (turned[1], 19.0))
    found = surface_with_walls(surface_of_array(measured(houses, 4, seed), GRID), houses, 4)
    np.testing.assert_array_equal(found.block(0, 0, *found.shape), fine_truth(houses, 4))


def test_a_pitched_roof_keeps_its_heights_and_trees_stay_where_they_are() -> None:
    heights = np.zeros((SIDE, SIDE))
    heights[20:40, 15:45] = (12.0 - 0.5 * np.abs(np.arange(20) - 9.5))[:, None]
    heights[5:9, 5:9] = 7.0
    houses = frame((house(0.2, 0.0, 29.0, 20.0), 12.0))
    found = surface_with_walls(surface_of_array(heights, GRID), houses, 2).block(0, 0, 2 * SIDE, 2 * SIDE)
    plain = np.repeat(np.repeat(heights, 2, axis=0), 2, axis=1)
    # the footprint ends within the first and the last column of the roof
    changed = np.argwhere(found != plain)
    assert set(changed[:, 1]) == {30, 89}
    assert (found[tuple(changed.T)] == 0.0).all()


@pytest.mark.parametrize("side", [32, 44, 64])
def test_a_part_is_the_same_in_whatever_tile_it_is_made(monkeypatch: pytest.MonkeyPatch, side: int) -> None:
    rng = np.random.default_rng(side)
    shapes = [
        (house(*rng.uniform(-24.0, 24.0, 2), *rng.uniform(5.0, 14.0, 2), float(rng.uniform(0.0, 90.0))), float(height))
        for height in rng.uniform(4.0, 30.0, 25)
    ]
    houses = frame(*shapes)
    heights = measured(houses, 4, 5) + rng.normal(0.0, 0.5, (SIDE, SIDE))
    surface = surface_of_array(heights, GRID)
    whole = surface_with_walls(surface, houses).block(0, 0, 4 * SIDE, 4 * SIDE)
    monkeypatch.setattr(surface_walls, "TiledHeights", partial(TiledHeights, side=side))
    np.testing.assert_array_equal(surface_with_walls(surface, houses).block(0, 0, 4 * SIDE, 4 * SIDE), whole)
    assert np.isnan(surface_with_walls(surface, houses).block(-3, -3, 3, 3)).all()
    # nor does it matter where the raster begins, once it begins far enough away
    cut, rest = surface_walls.HALO, SIDE - surface_walls.HALO
    moved = Grid(GRID.x0 + cut, GRID.y0 - cut, 1.0, rest, rest, CRS)
    other = surface_with_walls(surface_of_array(heights[cut:, cut:], moved), houses).block(0, 0, 4 * rest, 4 * rest)
    inner = 4 * cut
    np.testing.assert_array_equal(other[inner:, inner:], whole[2 * inner :, 2 * inner :])


def test_gaps_stay_gaps_and_lend_no_height() -> None:
    houses = frame((house(0.0, 0.0, 20.0, 20.0, 30.0), 10.0))
    heights = measured(houses, 4, 1)
    heights[20:30, 20:30] = np.nan
    found = surface_with_walls(surface_of_array(heights, GRID), houses).block(0, 0, 4 * SIDE, 4 * SIDE)
    np.testing.assert_array_equal(np.isnan(found), np.repeat(np.repeat(np.isnan(heights), 4, axis=0), 4, axis=1))


def test_a_house_narrower_than_a_cell_changes_nothing_it_cannot_know() -> None:
    heights = np.zeros((SIDE, SIDE))
    heights[10:50, 30] = 6.0
    houses = frame((house(0.5, 0.0, 0.4, 40.0), 6.0))
    found = surface_with_walls(surface_of_array(heights, GRID), houses, 5).block(0, 0, 5 * SIDE, 5 * SIDE)
    assert found.max() == 6.0
    assert (found[150, 152] == 6.0).all()


def test_what_does_not_fit_is_refused() -> None:
    surface = surface_of_array(np.zeros((SIDE, SIDE)), GRID)
    with pytest.raises(ValueError, match="one part or more, not 0"):
        surface_with_walls(surface, frame((house(0.0, 0.0, 9.0, 9.0), 5.0)), 0)
    with pytest.raises(ValueError, match="not in the CRS of the surface"):
        surface_with_walls(surface, frame((house(0.0, 0.0, 9.0, 9.0), 5.0)).to_crs(4326))
