"""Far terrain: hills beyond the reach of a sweep, from a coarser surface, joined to the horizons of its cells.

From far away a cell and its neighbours see nearly the same hills. So they are looked for once per patch of ground, with
how far away they stand; a roof above that ground sees them lower by its height over that distance.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from layers.surface import Surface
from resources.horizon import azimuths
from resources.sweeping import march_far

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]

PATCH_M = 64.0
"""Side of a patch of ground that sees the same hills [m]."""
FAR_M = 20_000.0
"""How far hills are looked for [m]."""
EARTH_M = 6_371_000.0 / (1.0 - 0.13)
"""Radius of the earth as light sees it: refraction of 0.13, the usual figure of surveyors, makes it flatter [m]."""


@dataclass(frozen=True, eq=False)
class Terrain:
    """Ground far around.

    Attributes
    ----------
    surface
        Heights by the same zero as those of the near surface, in the same CRS; cells of 30 m or so.
    far_m
        How far to look [m].
    """

    surface: Surface
    far_m: float = FAR_M


@dataclass(frozen=True, eq=False)
class Beyond:
    """Hills that the cells of a window see beyond the reach of a sweep.

    Attributes
    ----------
    tangents, nearness
        Directions x patches x patches: tangent of the highest hill as seen from the ground, and one over its distance
        [1/m].
    ground
        Height of the ground of each patch [m]; not a number where the terrain has none.
    row, column
        Patch of each row and column of the window.
    """

    tangents: Singles
    nearness: Singles
    ground: Singles
    row: NDArray[np.int64]
    column: NDArray[np.int64]

    def shares(self, number: int, heights: Singles) -> Singles:
        """Return the horizon of one direction for the window's cells, as the share t / (1 + t) of its tangent t.

        Parameters
        ----------
        number
            Of the direction.
        heights
            Of the cells [m].
        """
        rows, columns = self.row[:, None], self.column[None, :]
        lift = heights - self.ground[rows, columns]
        tangent = self.tangents[number][rows, columns] - lift * self.nearness[number][rows, columns]
        tangent = np.nan_to_num(np.maximum(tangent, np.float32(0.0)))
        return np.asarray(tangent / (np.float32(1.0) + tangent))


def beyond(
    terrain: Terrain,
    near: Surface,
    window: tuple[int, int, int, int],
    reach_m: float,
    directions: int,
) -> tuple[Beyond, bool]:
    """Return the hills that a window's cells see, and whether the terrain ends before they were looked for.

    Parameters
    ----------
    terrain
        Ground far around.
    near
        The surface that is swept.
    window
        Top, left, rows and columns in its grid.
    reach_m
        How far the sweep looks [m]: what is nearer is left to it.
    directions
        How many, see `horizon.azimuths`.

    Raises
    ------
    ValueError
        If the two surfaces are not in the same CRS.
    """
    far, grid = terrain.surface, near.grid
    if not far.grid.crs.equals(grid.crs):
        raise ValueError(f"terrain is in {far.grid.crs.name}, the surface in {grid.crs.name}: bring them to one CRS")
    top, left, rows, columns = window
    side = math.ceil(PATCH_M / grid.cell)
    row, column = np.arange(top, top + rows) // side, np.arange(left, left + columns) // side
    first_row, first_column = int(row[0]), int(column[0])
    y = grid.y0 - (np.arange(first_row, row[-1] + 1) + 0.5) * side * grid.cell
    x = grid.x0 + (np.arange(first_column, column[-1] + 1) + 0.5) * side * grid.cell
    east, north = np.meshgrid(x, y)
    margin = math.ceil((terrain.far_m + PATCH_M) / far.cell) + 1
    far_left, far_top = math.floor((x[0] - far.grid.x0) / far.cell), math.floor((far.grid.y0 - y[0]) / far.cell)
    wide, tall = math.ceil((x[-1] - x[0]) / far.cell) + 1, math.ceil((y[0] - y[-1]) / far.cell) + 1
    heights = far.block(far_top - margin, far_left - margin, tall + 2 * margin, wide + 2 * margin)
    corner_x = far.grid.x0 + (far_left - margin) * far.cell
    corner_y = far.grid.y0 - (far_top - margin) * far.cell
    places = np.column_stack([east.ravel() - corner_x, corner_y - north.ravel()])
    cells = np.floor(places / far.cell).astype(np.int64)
    ground = heights[cells[:, 1], cells[:, 0]]
    spots = np.column_stack([places, np.nan_to_num(ground)])
    angle = np.radians(azimuths(directions))
    tangents, nearness = (np.zeros((len(spots), directions), dtype=np.float32) for _ in range(2))
    short = march_far(
        heights, far.cell, spots, np.sin(angle), -np.cos(angle), (reach_m, terrain.far_m), EARTH_M, tangents, nearness
    )
    shape = (directions, *east.shape)
    found = Beyond(
        np.ascontiguousarray(tangents.T).reshape(shape),
        np.ascontiguousarray(nearness.T).reshape(shape),
        ground.reshape(east.shape).astype(np.float32),
        row - first_row,
        column - first_column,
    )
    return found, bool(short)
