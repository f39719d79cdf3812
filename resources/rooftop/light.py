"""The light on roofs: irradiation of a surface summed over the cells that each of them covers."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt

from layers.errors import refuse
from layers.grid import Grid
from layers.surface import Surface, burn
from resources.irradiation import SkyTable
from resources.terrain import Terrain
from resources.tiles import REACH_M, Tile, blocks_of, tile_irradiation, tiles

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Singles = NDArray[np.float32]

TILE = 256
"""Cells along the side of the parts in which footprints are drawn."""
NOWHERE = -1


@dataclass(frozen=True, eq=False)
class Cover:
    """Which roof covers each cell of a grid.

    Attributes
    ----------
    count
        Number of roofs.
    window
        Returns the number of the roof over each cell of a window, from its top, left, rows and columns; `NOWHERE` where
        there is none. The window may reach beyond the grid.
    """

    count: int
    window: Callable[[int, int, int, int], Integers]


def cover_of_shapes(shapes: NDArray[np.object_], grid: Grid) -> Cover:
    """Return the cover by footprints: a cell is covered by the one that holds its centre.

    A footprint that holds no centre has the cell of a point within it, unless another one covers that.

    Parameters
    ----------
    shapes
        Polygons in the CRS of the grid, within it.
    grid
        The cells.
    """
    tree, numbers = shapely.STRtree(shapes), np.arange(len(shapes))

    def held(top: int, left: int, rows: int, columns: int) -> Integers:
        found = burn(tree, numbers, grid, (top, left, rows, columns), fill=NOWHERE, dtype="int32")
        # what reaches beyond the grid has no light there
        found[: max(-top, 0)] = found[max(grid.rows - top, 0) :] = NOWHERE
        found[:, : max(-left, 0)] = found[:, max(grid.cols - left, 0) :] = NOWHERE
        return found.astype(np.int64)

    without = np.ones(len(shapes) + 1, dtype=np.bool_)  # the last one stands for nowhere
    for tile in tiles(grid.shape, TILE):
        without[held(tile.top, tile.left, tile.rows, tile.columns)] = False
    small = np.flatnonzero(without[:-1])
    points = shapely.point_on_surface(shapes[small])
    spot_row = np.floor((grid.y0 - shapely.get_y(points)) / grid.cell).astype(np.int64)
    spot_column = np.floor((shapely.get_x(points) - grid.x0) / grid.cell).astype(np.int64)

    def window(top: int, left: int, rows: int, columns: int) -> Integers:
        found = held(top, left, rows, columns)
        row, column = spot_row - top, spot_column - left
        inside = (row >= 0) & (row < rows) & (column >= 0) & (column < columns)
        row, column, mine = row[inside], column[inside], small[inside]
        bare = found[row, column] == NOWHERE
        found[row[bare], column[bare]] = mine[bare]
        return found

    return Cover(len(shapes), window)


def cover_of_cells(cells: pd.DataFrame, count: int, grid: Grid) -> Cover:
    """Return the cover by single cells, as `planes.RoofPlanes` has them.

    Parameters
    ----------
    cells
        ``row``, ``col`` and ``plane``, the number of the roof.
    count
        Number of roofs.
    grid
        The grid they are counted in.

    Raises
    ------
    ValueError
        If a cell lies outside of the grid, or has no such roof.
    """
    ordered = cells.sort_values(["row", "col"], kind="stable")
    row, column, plane = (ordered[name].to_numpy(dtype=np.int64) for name in ("row", "col", "plane"))
    for name, values, size in (("row", row, grid.rows), ("col", column, grid.cols), ("plane", plane, count)):
        refuse({f"{name} of cells must lie in 0 to {size - 1}": np.unique(values[(values < 0) | (values >= size)])})

    def window(top: int, left: int, rows: int, columns: int) -> Integers:
        found = np.full((rows, columns), NOWHERE, dtype=np.int64)
        mine = slice(*np.searchsorted(row, [top, top + rows]))
        y, x = row[mine] - top, column[mine] - left
        inside = (x >= 0) & (x < columns)
        found[y[inside], x[inside]] = plane[mine][inside]
        return found

    return Cover(count, window)


@dataclass(frozen=True, eq=False)
class RoofLight:
    """Light on roofs.

    Attributes
    ----------
    on_roofs
        Mean irradiation of the cells of each roof, roofs x periods [kWh/m2]; not a number where it has none.
    cells
        Table SUN_CELLS: irradiation of all periods, of cells on and around roofs.
    near_edge
        By roof, whether heights within reach of it are unknown, so that it may see too much of the sky.
    """

    on_roofs: Floats
    cells: pd.DataFrame
    near_edge: NDArray[np.bool_]


def light_on_roofs(
    surface: Surface,
    cover: Cover,
    normals: Floats,
    table: SkyTable,
    *,
    reach_m: float = REACH_M,
    around_m: float = 0.0,
    terrain: Terrain | None = None,
    side: int | None = None,
    threads: int = 2,
) -> RoofLight:
    """Return the light on roofs that a surface leaves them.

    Parameters
    ----------
    surface
        Heights.
    cover
        Which roof covers each cell of the surface's grid.
    normals
        What the light of each roof falls on, roofs x 3, east, north, up: of modules, or not a number for the surface.
    table
        What directions give.
    reach_m
        How far what hides the sky is looked for [m].
    around_m
        How far around roofs cells are told [m].
    terrain
        Ground farther away than that; without it there are no hills.
    side
        Cells along the side of the parts that are worked on at once; without it those are blocks.
    threads
        How many work at once.
    """
    grid, periods = surface.grid, len(table.surroundings.open)
    reach = round(around_m / grid.cell)
    with_none = np.vstack([normals, np.full(3, np.nan)]).astype(np.float32)

    def planes(top: int, left: int, rows: int, columns: int) -> Singles:
        # the last one, of no roof, is found by minus one
        return np.moveaxis(with_none[cover.window(top, left, rows, columns)], -1, 0)

    def work(tile: Tile) -> tuple[Integers, Singles, NDArray[np.bool_], pd.Series] | None:
        around = cover.window(tile.top - reach, tile.left - reach, tile.rows + 2 * reach, tile.columns + 2 * reach)
        own = around[reach : reach + tile.rows, reach : reach + tile.columns]
        near = _within(around != NOWHERE, reach)
        if not near.any():
            return None
        # only where there is something to tell
        (first, last), (west, east) = (np.flatnonzero(near.any(axis=axis))[[0, -1]] for axis in (1, 0))
        asked = Tile(tile.top + int(first), tile.left + int(west), int(last - first) + 1, int(east - west) + 1)
        here = asked.within(tile.top, tile.left)
        own, near = own[here], near[here]
        lit = tile_irradiation(surface, asked, table, reach_m, planes, terrain)
        known = np.isfinite(lit.irradiation[:, :, 0])
        row, column = np.nonzero(near & known)
        cell = (row + asked.top) * grid.cols + column + asked.left
        inside = (own != NOWHERE) & known
        told = pd.Series(lit.irradiation[row, column].sum(axis=1), index=cell)
        return own[inside], lit.irradiation[inside], lit.near_edge[inside], told

    counts, edge, sums = np.zeros(cover.count), np.zeros(cover.count), np.zeros((cover.count, periods))
    told = []
    with ThreadPoolExecutor(threads) as pool:
        asked = tiles(grid.shape, side) if side else blocks_of(grid)
        for roof, light, near, cells in filter(None, pool.map(work, asked)):
            counts += np.bincount(roof, minlength=cover.count)
            edge += np.bincount(roof, near, cover.count)
            for period in range(periods):
                sums[:, period] += np.bincount(roof, light[:, period], cover.count)
            told.append(cells)
    frame = pd.concat([*told, pd.Series(dtype=np.float64)]).sort_index().to_frame("kwh_m2").astype(np.float64)
    frame.index = frame.index.astype(np.int64).rename("cell_id")
    mean = np.divide(sums, counts[:, None], out=np.full_like(sums, np.nan), where=counts[:, None] > 0.0)
    return RoofLight(mean, frame.round(1), edge > 0.0)


def _within(covered: NDArray[np.bool_], reach: int) -> NDArray[np.bool_]:
    """Tell which cells inside a margin of so many lie within as many cells of a covered one."""
    inner = tuple(slice(reach, side - reach) for side in covered.shape)
    if reach == 0 or not covered.any():
        return np.asarray(covered[inner])
    return np.asarray(distance_transform_edt(~covered)[inner] <= reach)
