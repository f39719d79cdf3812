"""Irradiation tile by tile: what it must not depend on, and what it says of the edge of the data."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pyproj
import pytest

from layers.grid import Grid
from layers.surface import Surface, surface_of_array
from made_town import made_town
from resources.irradiation import SkyTable, irradiation
from resources.surroundings import Surroundings
from resources.tiles import (
    Sunlit,
    Tile,
    block_side,
    blocks_at,
    blocks_of,
    surface_irradiation,
    tile_irradiation,
    tiles,
)

SIDE = 300
REACH_M = 60.0


@pytest.fixture(scope="module")
def table() -> SkyTable:
    # light from everywhere, more of it from the south
    rng = np.random.default_rng(1)
    fall = np.linspace(1.0, 0.0, 257)[None, :, None, None] ** 2
    towards = np.stack([np.zeros(40), np.where(np.arange(40) // 10 == 1, -1.0, 0.0), np.ones(40)], axis=1)
    gains = fall * towards[:, None, :, None] * rng.uniform(5.0, 30.0, (40, 1, 1, 1))
    gains = np.concatenate([gains, 0.001 * gains], axis=3).astype(np.float32)
    return SkyTable(
        gains, Surroundings(0.2, *np.array([[900.0], [0.6]], dtype=np.float32), np.full((40, 1), 0.6, dtype=np.float32))
    )


@pytest.fixture(scope="module")
def town() -> Surface:
    grid = Grid(0.0, float(SIDE), 1.0, SIDE, SIDE, pyproj.CRS.from_epsg(4550))
    return surface_of_array(made_town(SIDE, seed=2).heights().astype(float), grid)


def whole(found: list[Sunlit]) -> np.ndarray:
    out = np.full((SIDE, SIDE), np.nan)
    for one in found:
        tile = one.tile
        out[tile.top : tile.top + tile.rows, tile.left : tile.left + tile.columns] = one.irradiation[:, :, 0]
    return out


@pytest.mark.parametrize("threads", [1, 3])
def test_a_cell_does_not_depend_on_who_works_or_what_else_is_asked_for(
    town: Surface, table: SkyTable, threads: int
) -> None:
    with ThreadPoolExecutor(threads) as pool:
        every = list(surface_irradiation(town, table, REACH_M, side=100, executor=pool, ahead=threads))
    assert [one.tile for one in every] == tiles((SIDE, SIDE), 100)
    for number in (8, 0, 4):
        alone = tile_irradiation(town, every[number].tile, table, REACH_M)
        np.testing.assert_array_equal(alone.irradiation, every[number].irradiation)


@pytest.mark.parametrize("scheduler", ["synchronous", "threads", "processes"])
def test_a_dask_scheduler_gives_the_same_bit_for_bit(town: Surface, table: SkyTable, scheduler: str) -> None:
    dask = pytest.importorskip("dask")
    asked = tiles((SIDE, SIDE), 150)
    found = dask.compute(
        *(dask.delayed(tile_irradiation)(town, tile, table, REACH_M) for tile in asked),
        scheduler=scheduler,
        num_workers=2,
    )
    at_home = list(surface_irradiation(town, table, REACH_M, side=150))
    for one, other in zip(found, at_home, strict=True):
        np.testing.assert_array_equal(one.irradiation, other.irradiation)
        np.testing.assert_array_equal(one.near_edge, other.near_edge)


@pytest.mark.parametrize("side", [37, 100, 256])
def test_tiles_of_any_size_agree_with_the_surface_at_once(town: Surface, table: SkyTable, side: int) -> None:
    found = whole(list(surface_irradiation(town, table, REACH_M, side=side)))
    at_once = whole([tile_irradiation(town, Tile(0, 0, SIDE, SIDE), table, REACH_M)])
    np.testing.assert_array_equal(found, at_once)


@pytest.mark.parametrize("side", [37, 100, 256])
def test_windows_across_blocks_agree_whatever_their_size(town: Surface, table: SkyTable, side: int) -> None:
    # cells of 10 m make blocks smaller than the town, and its houses taller than its streets are wide
    grid = Grid(0.0, 10.0 * SIDE, 10.0, SIDE, SIDE, town.grid.crs)
    wide = surface_of_array(10.0 * town.block(0, 0, SIDE, SIDE).astype(float), grid)
    assert block_side(10.0) < SIDE
    found = whole(list(surface_irradiation(wide, table, 200.0, side=side)))
    at_once = whole([tile_irradiation(wide, Tile(0, 0, SIDE, SIDE), table, 200.0)])
    np.testing.assert_array_equal(found, at_once)
    inner = Tile(101, 57, 90, 140)
    np.testing.assert_array_equal(
        tile_irradiation(wide, inner, table, 200.0).irradiation[:, :, 0], at_once[inner.within(0, 0)]
    )  # fmt: skip


def test_tiles_that_are_blocks_cover_the_grid_once(town: Surface) -> None:
    for cell, corner in ((1.0, (398_000.0, 3_300_000.0)), (10.0, (-415.0, 2_777.0)), (10.0, (0.0, 0.0))):
        grid = Grid(corner[0] // cell * cell, corner[1] // cell * cell, cell, 290, 411, town.grid.crs)
        covered, side = np.zeros(grid.shape, dtype=int), block_side(cell)
        found = blocks_of(grid)
        for tile in found:
            covered[tile.within(0, 0)] += 1
            rows = np.array([[tile.top, tile.left], [tile.top + tile.rows - 1, tile.left + tile.columns - 1]])
            # no tile has parts of two blocks, unless it is all there is
            assert len(found) == 1 or len(np.unique(blocks_at(grid, *rows.T), axis=0)) == 1
        assert (covered == 1).all()
        assert (len(found) == 1) == (side >= 411)


def test_what_lies_far_away_moves_no_figure(town: Surface, table: SkyTable) -> None:
    # the same ground, cut from a larger grid that begins elsewhere
    heights = 10.0 * town.block(0, 0, SIDE, SIDE).astype(float)
    small = surface_of_array(heights, Grid(0.0, 10.0 * SIDE, 10.0, SIDE, SIDE, town.grid.crs))
    padded = np.pad(heights, ((73, 20), (41, 90)), constant_values=0.0)
    large = surface_of_array(padded, Grid(-410.0, 10.0 * (SIDE + 73), 10.0, *padded.shape, town.grid.crs))
    found = tile_irradiation(small, Tile(30, 30, SIDE - 60, SIDE - 60), table, 200.0).irradiation
    other = tile_irradiation(large, Tile(103, 71, SIDE - 60, SIDE - 60), table, 200.0).irradiation
    # where the smaller ends within reach of a block, nothing is known beyond
    inner = np.s_[100:-100, 100:-100]
    np.testing.assert_array_equal(found[inner], other[inner])


@pytest.mark.parametrize("height", [np.inf, -np.inf])
def test_heights_without_end_are_gaps(town: Surface, table: SkyTable, height: float) -> None:
    heights = town.block(0, 0, SIDE, SIDE).astype(float)
    found = []
    for instead in (height, np.nan):
        heights[150:153, 140:142] = instead
        found.append(tile_irradiation(surface_of_array(heights, town.grid), Tile(0, 0, SIDE, SIDE), table, REACH_M))
    np.testing.assert_array_equal(found[0].irradiation, found[1].irradiation)


def test_cells_that_may_see_too_much_are_told(town: Surface, table: SkyTable) -> None:
    heights = town.block(0, 0, SIDE, SIDE).astype(float)
    heights[150:153, 140:142] = np.nan
    holed = surface_of_array(heights, town.grid)
    near = np.zeros((SIDE, SIDE), dtype=bool)
    found = list(surface_irradiation(holed, table, 20.0, side=128))
    for one in found:
        tile = one.tile
        near[tile.top : tile.top + tile.rows, tile.left : tile.left + tile.columns] = one.near_edge
    expected = np.ones((SIDE, SIDE), dtype=bool)
    expected[20:-20, 20:-20] = False
    expected[130:173, 120:162] = True
    np.testing.assert_array_equal(near, expected)
    np.testing.assert_array_equal(np.isnan(whole(found)), np.isnan(heights))


def test_what_is_thrown_back_is_nothing_without_an_albedo_and_less_than_among_open_ground(
    town: Surface, table: SkyTable
) -> None:
    dark = replace(table, surroundings=replace(table.surroundings, albedo=0.0))

    def light(table: SkyTable) -> np.ndarray:
        return whole(list(surface_irradiation(town, table, REACH_M)))

    # lines lie fast on the ground, whose rows are counted from where its CRS begins
    origin = (-SIDE, 0)
    sky_alone = irradiation(town.block(0, 0, SIDE, SIDE), 1.0, dark, origin=origin)[:, :, 0]
    inner = np.s_[80:-80, 80:-80]
    np.testing.assert_allclose(light(dark)[inner], sky_alone[inner], rtol=1e-4)
    among_open_ground = irradiation(town.block(0, 0, SIDE, SIDE), 1.0, table, origin=origin)[:, :, 0]
    gained, most = (light(table) - sky_alone)[inner], (among_open_ground - sky_alone)[inner]
    assert (gained >= -1e-3).all()
    # the town lies in shade, so its ground gets less than an open place
    assert gained.sum() < 0.9 * most.sum()
