"""Irradiation of a surface of any size, tile by tile.

Tiles lie fast on the grid, each with a margin of what may hide the sky from it, and all are swept along the same lines.
So a cell's figure depends neither on how many tiles are asked for, nor on their order, nor on who works on them.
"""

import math
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import maximum_filter

from layers.surface import Surface
from resources.irradiation import SkyTable, irradiation

Singles = NDArray[np.float32]

TILE = 2048
"""Cells along the side of a tile."""
REACH_M = 300.0
"""How far what hides the sky is looked for [m]."""


@dataclass(frozen=True)
class Tile:
    """A part of a grid: first row and column, rows and columns."""

    top: int
    left: int
    rows: int
    columns: int


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
        Rows x columns: whether heights within reach are unknown, so that the cell may see too much of the sky.
    """

    tile: Tile
    irradiation: Singles
    near_edge: NDArray[np.bool_]


def tiles(shape: tuple[int, int], side: int = TILE) -> list[Tile]:
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


def tile_irradiation(surface: Surface, tile: Tile, table: SkyTable, reach_m: float = REACH_M) -> Sunlit:
    """Return the irradiation of one tile.

    Parameters
    ----------
    surface
        Heights.
    tile
        One of `tiles`.
    table
        What directions give.
    reach_m
        How far what hides the sky is looked for at least [m].
    """
    margin = math.ceil(reach_m / surface.cell)
    origin = tile.top - margin, tile.left - margin
    around = surface.block(*origin, tile.rows + 2 * margin, tile.columns + 2 * margin)
    inner = (slice(margin, margin + tile.rows), slice(margin, margin + tile.columns))
    unknown = np.isnan(around)
    found = irradiation(around, surface.cell, table, margin=margin, origin=origin)
    found[unknown[inner]] = np.nan
    near = maximum_filter(unknown, size=2 * margin + 1, mode="nearest")[inner] if unknown.any() else unknown[inner]
    return Sunlit(tile, found, near)


def surface_irradiation(
    surface: Surface, table: SkyTable, reach_m: float = REACH_M, *, side: int = TILE, threads: int = 2
) -> Iterator[Sunlit]:
    """Give the irradiation of all tiles in their order; no more of them are held than one over the threads.

    Parameters
    ----------
    surface
        Heights.
    table
        What directions give.
    reach_m
        How far what hides the sky is looked for at least [m].
    side
        Cells along the side of a tile.
    threads
        How many work at once.
    """
    with ThreadPoolExecutor(threads) as pool:
        waiting: deque[Future[Sunlit]] = deque()
        for tile in tiles(surface.shape, side):
            waiting.append(pool.submit(tile_irradiation, surface, tile, table, reach_m))
            if len(waiting) > threads:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
