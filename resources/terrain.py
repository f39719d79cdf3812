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
from resources.rays import march_far

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


def _looked_for(
    terrain: Terrain, places: Floats, reach_m: float, directions: int
) -> tuple[Singles, Singles, Singles, bool]:
    """Return tangent and nearness of hills by place and direction, the ground at places, and whether the raster ends.

    Places are coordinates in the CRS of the terrain and heights; without a height they stand on the ground.
    """
    far = terrain.surface
    margin = math.ceil(terrain.far_m / far.cell) + 2
    west, north = places[:, 0].min(), places[:, 1].max()
    left, top = (
        math.floor((west - far.grid.x0) / far.cell) - margin,
        math.floor((far.grid.y0 - north) / far.cell) - margin,
    )
    wide = math.ceil((places[:, 0].max() - west) / far.cell) + 2 * margin + 1
    tall = math.ceil((north - places[:, 1].min()) / far.cell) + 2 * margin + 1
    heights = far.block(top, left, tall, wide)
    # beyond the raster nothing is known, which is no sea
    corner = np.array([far.grid.x0 + left * far.cell, far.grid.y0 - top * far.cell])
    spots = np.column_stack([places[:, 0] - corner[0], corner[1] - places[:, 1]])
    cells = np.floor(spots / far.cell).astype(np.int64)
    ground = heights[cells[:, 1], cells[:, 0]]
    level = places[:, 2] if places.shape[1] > 2 else np.nan_to_num(ground)
    angle = np.radians(azimuths(directions))
    tangents, nearness = (np.zeros((len(spots), directions), dtype=np.float32) for _ in range(2))
    march_far(
        heights, far.cell, np.column_stack([spots, level]).astype(np.float64), np.sin(angle), -np.cos(angle),
        (reach_m, terrain.far_m), EARTH_M, tangents, nearness,
    )  # fmt: skip
    row, column = cells[:, 1] + top, cells[:, 0] + left
    room = terrain.far_m / far.cell
    ends = (row < room) | (row >= far.grid.rows - room) | (column < room) | (column >= far.grid.cols - room)
    return tangents, nearness, ground.astype(np.float32), bool(ends.any())


def place_hills(terrain: Terrain, places: Floats, reach_m: float, directions: int) -> NDArray[np.float64]:
    """Return the tangent of the hills that single places see beyond a distance, places x directions.

    Parameters
    ----------
    terrain
        Ground far around.
    places
        Places x 3: coordinates in its CRS, and height [m].
    reach_m
        What is nearer is left to others [m].
    directions
        How many, see `horizon.azimuths`.
    """
    return _looked_for(terrain, places, reach_m, directions)[0].astype(np.float64)


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
    places = np.column_stack([east.ravel(), north.ravel()])
    tangents, nearness, ground, short = _looked_for(terrain, places, reach_m, directions)
    shape = (directions, *east.shape)
    found = Beyond(
        np.ascontiguousarray(tangents.T).reshape(shape),
        np.ascontiguousarray(nearness.T).reshape(shape),
        ground.reshape(east.shape),
        row - first_row,
        column - first_column,
    )
    return found, short
