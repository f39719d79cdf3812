"""Irradiation of a surface of any size, tile by tile.

What may hide the sky from a cell is looked for in the block of the surface that it lies in, and in a margin around
that. Blocks lie fast on the grid, and all are swept along the same lines. So a cell's figure depends neither on the
tiles that are asked for, nor on their order, nor on who works on them.

What ground and walls throw back onto a cell is taken from the light that the ground around it gets. For that the
surface is looked at in patches, which lie fast on the grid as well.
"""

import math
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import maximum_filter, minimum_filter

from layers.grid import Grid
from layers.surface import Surface
from resources.irradiation import SkyTable, sky_light_of
from resources.terrain import Terrain, beyond

Singles = NDArray[np.float32]

BLOCK_M = 1280.0
"""Side of a block [m]."""
REACH_M = 300.0
"""How far what hides the sky is looked for [m]."""
THREADS = 2
AHEAD = 3
PATCH_M = 16.0
"""Side of a patch of ground [m]."""
MOST_CELLS = 1536
"""Cells along the side of a block at the most."""
LIT_RINGS, RINGS = 1, 2
"""Patches around a tile that are swept with it, and those that are looked at: the outer ones tell what of the inner
ones is ground."""


Planes = Callable[[int, int, int, int], Singles]
"""Returns the normals of planes in a window, 3 x rows x columns, from its top, left, rows and columns; not a number
where the surface has its own."""


@dataclass(frozen=True)
class Tile:
    """A part of a grid: first row and column, rows and columns."""

    top: int
    left: int
    rows: int
    columns: int

    def within(self, top: int, left: int) -> tuple[slice, slice]:
        """Return where the tile lies in an array that begins at a row and column."""
        return (
            slice(self.top - top, self.top - top + self.rows),
            slice(self.left - left, self.left - left + self.columns),
        )


@dataclass(frozen=True, eq=False)
class Sunlit:
    """The irradiation of a tile.

    Attributes
    ----------
    tile
        Where it lies.
    irradiation
        Rows x columns x periods [kWh/m2]; not a number where the surface has no height.
    near_edge
        Rows x columns: whether heights within reach are unknown, so that the cell may see too much of the sky. Where
        the terrain's raster ends too early for one of its cells, it is so for the whole block.
    """

    tile: Tile
    irradiation: Singles
    near_edge: NDArray[np.bool_]


def block_side(cell: float) -> int:
    """Return the cells along the side of a block, by their size [m]: whole patches, and no more than fit in memory."""
    patch = math.ceil(PATCH_M / cell)
    return math.ceil(min(BLOCK_M / cell, MOST_CELLS) / patch) * patch


def tiles(shape: tuple[int, int], side: int) -> list[Tile]:
    """Return the tiles of a grid, row by row.

    Examples
    --------
    >>> [(tile.top, tile.left, tile.rows, tile.columns) for tile in tiles((3, 5), 4)]
    [(0, 0, 3, 4), (0, 4, 3, 1)]
    """
    rows, columns = shape
    return [
        Tile(top, left, min(side, rows - top), min(side, columns - left))
        for top in range(0, rows, side)
        for left in range(0, columns, side)
    ]


def tile_irradiation(
    surface: Surface,
    tile: Tile,
    table: SkyTable,
    reach_m: float = REACH_M,
    planes: Planes | None = None,
    terrain: Terrain | None = None,
) -> Sunlit:
    """Return the irradiation of one tile.

    Parameters
    ----------
    surface
        Heights.
    tile
        Any part of its grid.
    table
        What directions give.
    reach_m
        How far beyond its block a cell looks for what hides the sky [m].
    planes
        What the light falls on where it is not the surface itself, as modules on roofs.
    terrain
        Ground farther away than that; without it there are no hills.
    """
    found = np.empty((tile.rows, tile.columns, len(table.surroundings.open)), dtype=np.float32)
    near = np.empty((tile.rows, tile.columns), dtype=bool)
    for block in _blocks_under(tile, surface.grid):
        part = _overlap(block, tile)
        swept = _sweep(surface, part, block, table, reach_m, planes, terrain)
        here, into = part.within(swept.top, swept.left), part.within(tile.top, tile.left)
        patches = swept.patches(table)
        ground = patches.light.repeat(patches.side, axis=0).repeat(patches.side, axis=1)[here]
        sky = swept.sky[here]
        light = sky[..., :-1] + table.surroundings.thrown_back(sky[..., -1], swept.up[here], ground)
        light[np.isnan(swept.heights[here])] = np.nan
        found[into], near[into] = light, swept.near_edge[here]
    return Sunlit(tile, found, near)


def _anchor(grid: Grid) -> tuple[int, int]:
    """Return row and column of the grid's corner, counted from where its CRS begins."""
    return round(-grid.y0 / grid.cell), round(grid.x0 / grid.cell)


def _begins(first: int, anchor: int, side: int) -> int:
    """Return where the block or patch begins that holds a row or column."""
    return (first + anchor) // side * side - anchor


def blocks_at(grid: Grid, row: NDArray[np.int64], column: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the numbers of the blocks that cells lie in, cells x 2."""
    side, (above, before) = block_side(grid.cell), _anchor(grid)
    return np.stack([(row + above) // side, (column + before) // side], axis=1)


def blocks_of(grid: Grid) -> list[Tile]:
    """Return the tiles that cost least: the blocks of a grid, row by row, or all of a grid no larger than a block."""
    whole, side = Tile(0, 0, grid.rows, grid.cols), block_side(grid.cell)
    return [whole] if grid.rows <= side and grid.cols <= side else _blocks_under(whole, grid)


def _blocks_under(tile: Tile, grid: Grid) -> list[Tile]:
    """Return the blocks that a tile has a part in."""
    side, (row, column) = block_side(grid.cell), _anchor(grid)
    whole = Tile(0, 0, grid.rows, grid.cols)
    return [
        _overlap(Tile(top, left, side, side), whole)
        for top in range(_begins(tile.top, row, side), tile.top + tile.rows, side)
        for left in range(_begins(tile.left, column, side), tile.left + tile.columns, side)
    ]


def _overlap(one: Tile, other: Tile) -> Tile:
    """Return what two tiles have in common."""
    top, left = max(one.top, other.top), max(one.left, other.left)
    below, behind = (
        min(one.top + one.rows, other.top + other.rows),
        min(one.left + one.columns, other.left + other.columns),
    )
    return Tile(top, left, below - top, behind - left)


@dataclass(frozen=True, eq=False)
class Patches:
    """Light on the ground, patch by patch: first row and column in the grid, cells along a patch, and light.

    `light` is patches x patches x periods [kWh/m2].
    """

    top: int
    left: int
    side: int
    light: Singles

    def at(self, row: NDArray[np.int64], column: NDArray[np.int64]) -> Singles:
        """Return the light on the ground around cells, cells x periods [kWh/m2]."""
        return self.light[(row - self.top) // self.side, (column - self.left) // self.side]


def ground_patches(
    surface: Surface, place: tuple[int, int], table: SkyTable, reach_m: float = REACH_M, terrain: Terrain | None = None
) -> Patches:
    """Return the light that the ground in and around a block gets.

    Parameters
    ----------
    surface, table, reach_m, terrain
        As of `tile_irradiation`.
    place
        Row and column of any cell of the block.
    """
    (block,) = _blocks_under(Tile(*place, 1, 1), surface.grid)
    return _sweep(surface, block, block, table, reach_m, None, terrain).patches(table)


@dataclass(frozen=True, eq=False)
class _Swept:
    """Patches that hold a tile, and `RINGS` of others around it: where they begin, cells along one, what cells get.

    Of the outer ring only heights are known.
    """

    top: int
    left: int
    side: int
    heights: Singles
    up: Singles
    sky: Singles
    near_edge: NDArray[np.bool_]

    def patches(self, table: SkyTable) -> Patches:
        return Patches(self.top, self.left, self.side, light_around(self.heights, self.sky, table, self.side))


def _sweep(
    surface: Surface,
    tile: Tile,
    block: Tile,
    table: SkyTable,
    reach_m: float,
    planes: Planes | None,
    terrain: Terrain | None,
) -> _Swept:
    grid, side = surface.grid, math.ceil(PATCH_M / surface.cell)
    reach = math.ceil(reach_m / surface.cell)
    margin = max(reach, RINGS * side)
    anchor = _anchor(grid)
    top, left = (
        _begins(first, at, side) - RINGS * side for first, at in zip((tile.top, tile.left), anchor, strict=True)
    )
    rows, columns = (
        _begins(last, at, side) + (RINGS + 1) * side - first
        for last, at, first in zip(
            (tile.top + tile.rows - 1, tile.left + tile.columns - 1), anchor, (top, left), strict=True
        )
    )
    # nothing is known beyond the grid, so nothing is swept there
    whole = Tile(0, 0, grid.rows, grid.cols)
    known = _overlap(Tile(top, left, rows, columns), whole)
    rim = (RINGS - LIT_RINGS) * side
    told = _overlap(Tile(top + rim, left + rim, rows - 2 * rim, columns - 2 * rim), whole)
    seen = _overlap(
        Tile(block.top - margin, block.left - margin, block.rows + 2 * margin, block.columns + 2 * margin), whole
    )  # fmt: skip
    around = surface.block(seen.top, seen.left, seen.rows, seen.columns)
    around = np.where(np.isfinite(around), around, np.float32(np.nan))
    part = told.within(seen.top, seen.left)
    window = (told.top, told.left, told.rows, told.columns)
    given = None if planes is None else planes(*window)
    hills, short = None, False
    if terrain is not None:
        hills, short = beyond(terrain, surface, window, reach_m, table.directions)
    sky, normals = sky_light_of(
        around,
        surface.cell,
        table,
        given,
        inner=(told.top - seen.top, told.left - seen.left, told.rows, told.columns),
        origin=(seen.top + anchor[0], seen.left + anchor[1]),
        beyond=hills,
    )
    near = _near_unknown(np.isnan(around), reach)[part] | _near_rim(told, reach, grid) | short
    swept = _Swept(
        top, left, side,
        np.full((rows, columns), np.nan, dtype=np.float32), np.ones((rows, columns), dtype=np.float32),
        np.zeros((rows, columns, sky.shape[2]), dtype=np.float32), np.ones((rows, columns), dtype=bool),
    )  # fmt: skip
    swept.heights[known.within(top, left)] = around[known.within(seen.top, seen.left)]
    into = told.within(top, left)
    for whole_array, found in zip((swept.up, swept.sky, swept.near_edge), (normals[2], sky, near), strict=True):
        whole_array[into] = found
    return swept


def _near_unknown(unknown: NDArray[np.bool_], margin: int) -> NDArray[np.bool_]:
    """Tell which cells have unknown heights within a margin."""
    return maximum_filter(unknown, size=2 * margin + 1, mode="nearest") if unknown.any() else unknown


def _near_rim(tile: Tile, margin: int, grid: Grid) -> NDArray[np.bool_]:
    """Tell which cells of a tile have the rim of the grid within a margin."""
    row, column = tile.top + np.arange(tile.rows), tile.left + np.arange(tile.columns)
    near_row = (row < margin) | (row >= grid.rows - margin)
    near_column = (column < margin) | (column >= grid.cols - margin)
    return np.asarray(near_row[:, None] | near_column[None, :])


def light_around(heights: Singles, sky: Singles, table: SkyTable, side: int) -> Singles:
    """Return the light that the ground of each patch and of those beside it gets, patches x patches x periods [kWh/m2].

    The ground of a patch is what lies no higher than the middle between the lowest and the highest cell of it and those
    beside it. Where there is none, light is that of an open place. The two rows of patches along the sides lack
    neighbours.

    Parameters
    ----------
    heights
        Whole patches [m]; not a number where there is nothing.
    sky
        As of `irradiation.sky_light_of`.
    table
        What directions give.
    side
        Cells along a patch.
    """
    shape = (heights.shape[0] // side, side, heights.shape[1] // side, side)
    parts = heights.reshape(shape)
    unknown = np.isnan(parts)
    lowest = minimum_filter(np.where(unknown, np.inf, parts).min(axis=(1, 3)), size=3, mode="nearest")
    highest = maximum_filter(np.where(unknown, -np.inf, parts).max(axis=(1, 3)), size=3, mode="nearest")
    with np.errstate(invalid="ignore"):
        ground = parts <= (0.5 * (lowest + highest))[:, None, :, None]
    cells = ground.sum(axis=(1, 3), dtype=np.float32)
    light = np.where(ground[..., None], sky.reshape(*shape, -1), np.float32(0.0)).sum(axis=(1, 3))
    count, total = _with_neighbours(cells[..., None]), _with_neighbours(light)
    mean = np.divide(total, count, out=np.zeros_like(total), where=count > 0.0)
    found = table.surroundings.on_ground(mean[..., :-1], mean[..., -1])
    return np.where(count > 0.0, found, table.surroundings.open).astype(np.float32)


def _with_neighbours(patches: Singles) -> Singles:
    """Return the sum over each patch and the eight beside it."""
    padded = np.pad(patches, ((1, 1), (1, 1), (0, 0)))
    rows, columns = patches.shape[:2]
    return np.asarray(sum(padded[i : i + rows, j : j + columns] for i in range(3) for j in range(3)))


def surface_irradiation(
    surface: Surface,
    table: SkyTable,
    reach_m: float = REACH_M,
    *,
    side: int | None = None,
    executor: Executor | None = None,
    ahead: int = AHEAD,
    terrain: Terrain | None = None,
) -> Iterator[Sunlit]:
    """Give the irradiation of all tiles in their order; only those handed out ahead are held.

    Parameters
    ----------
    surface
        Heights.
    table
        What directions give.
    reach_m
        As of `tile_irradiation`.
    side
        Cells along the side of a tile; without it tiles are blocks.
    executor
        Who works: threads, or processes and those of a cluster, as ``dask.distributed.Client.get_executor`` gives them,
        to whom the surface goes as a whole, so that it must lie in memory. Without one two threads.
    ahead
        Tiles handed out before the first is asked for: at least as many as are worked on at once.
    terrain
        As of `tile_irradiation`.
    """
    with nullcontext(executor) if executor is not None else ThreadPoolExecutor(THREADS) as pool:
        waiting: deque[Future[Sunlit]] = deque()
        for tile in tiles(surface.shape, side) if side else blocks_of(surface.grid):
            waiting.append(pool.submit(tile_irradiation, surface, tile, table, reach_m, None, terrain))
            if len(waiting) > ahead:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
