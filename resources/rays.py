"""The compiled heart of looking from single points: rays that run over a surface until they meet it."""

import math

import numpy as np
from numpy.typing import NDArray

from layers.compiling import compiled
from resources.sweeping import FLAT, OWN_CELLS

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]
Integers = NDArray[np.int64]

MISSED, TOP, SIDE = 0, 1, 2
"""What a ray met: nothing, the top of a cell, the wall on its side."""
ASIDE = 1e-3
"""Cells by which a place on a wall stands out of it, so that it lies in the air before it."""


@compiled
def march(
    heights: Singles,
    cell: float,
    points: Floats,
    planes: Floats,
    east: Floats,
    south: Floats,
    reach: float,
    out: Singles,
) -> None:
    """Fill `out` (points x directions) with the tangent of the horizon, looking every quarter cell up to `reach` [m].

    Parameters
    ----------
    heights
        Rows x columns [m]; not a number hides nothing.
    cell
        Side of a cell [m].
    points
        Metres east and south of the raster's corner, and height [m].
    planes
        Normals of the planes that points lie on, east, south, up; noughts for a point by itself. A cell that does not
        stand out of the plane by more than its own step hides nothing: it is of the plane, or behind it.
    east, south
        Unit vectors of the directions.
    reach
        Where to end [m].
    """
    rows, columns = heights.shape
    step = 0.25 * cell
    for p in range(points.shape[0]):
        level = math.hypot(planes[p, 0], planes[p, 1])
        free = level == 0.0 and planes[p, 2] == 0.0
        least = OWN_CELLS * cell * level + FLAT
        for d in range(east.shape[0]):
            most = 0.0
            distance = step
            while distance <= reach:
                column = math.floor((points[p, 0] + east[d] * distance) / cell)
                row = math.floor((points[p, 1] + south[d] * distance) / cell)
                if row < 0 or row >= rows or column < 0 or column >= columns:
                    break
                above = heights[row, column] - points[p, 2]
                if above > most * distance:
                    out_of_plane = (
                        planes[p, 0] * ((column + 0.5) * cell - points[p, 0])
                        + planes[p, 1] * ((row + 0.5) * cell - points[p, 1])
                        + planes[p, 2] * above
                    )
                    if free or out_of_plane > least:
                        most = above / distance
                distance += step
            out[p, d] = most


@compiled
def march_far(
    heights: Singles,
    cell: float,
    points: Floats,
    east: Floats,
    south: Floats,
    span: tuple[float, float],
    earth: float,
    tangents: Singles,
    nearness: Singles,
) -> bool:
    """Fill in the highest hill that points see within a span of distances, and tell whether the raster ends before.

    Parameters
    ----------
    heights
        Rows x columns [m]; not a number hides nothing.
    cell
        Side of a cell [m].
    points
        Metres east and south of the raster's corner, and height [m].
    east, south
        Unit vectors of the directions.
    span
        Where to begin and to end [m].
    earth
        Radius of the earth as light sees it [m].
    tangents, nearness
        Points x directions: tangent of the hill, nought where there is none, and one over its distance [1/m].
    """
    rows, columns = heights.shape
    short = False
    for p in range(points.shape[0]):
        for d in range(east.shape[0]):
            most, away = 0.0, 0.0
            # half a cell further, so that no cell is met that begins nearer
            distance = span[0] + 0.5 * cell
            while distance <= span[1]:
                column = math.floor((points[p, 0] + east[d] * distance) / cell)
                row = math.floor((points[p, 1] + south[d] * distance) / cell)
                if row < 0 or row >= rows or column < 0 or column >= columns:
                    short = True
                    break
                # the earth falls away; what is not known, as the sea, hides nothing
                above = heights[row, column] - points[p, 2] - distance * distance / (2.0 * earth)
                if above > most * distance:
                    most, away = above / distance, 1.0 / distance
                distance += 0.5 * cell
            tangents[p, d], nearness[p, d] = most, away
    return short


@compiled
def _away_from_solid(
    heights: Singles, row: int, column: int, level: float, beside: int, side: tuple[float, float]
) -> tuple[float, float]:
    """Return the way a wall faces, east and south: away from what is solid around a cell at a level.

    If that is not the side of the cell that was met, as in a nook, it is the side.
    """
    rows, columns = heights.shape
    east, south = 0.0, 0.0
    for r in range(max(row - beside, 0), min(row + beside + 1, rows)):
        for c in range(max(column - beside, 0), min(column + beside + 1, columns)):
            if heights[r, c] > level:
                east -= c - column
                south -= r - row
    size = math.hypot(east, south)
    if size > 0.0 and east * side[0] + south * side[1] > 0.0:
        return east / size, south / size
    return side


@compiled
def meet(
    heights: Singles,
    cell: float,
    points: Floats,
    planes: Floats,
    towards: Floats,
    reach: float,
    round_m: float,
    kind: Integers,
    cells: Integers,
    places: Floats,
    walls: Floats,
) -> None:
    """Fill in what rays meet on a surface of cells that rise straight up to their heights.

    Parameters
    ----------
    heights
        Rows x columns, above the lowest of them [m]; not a number lets rays through, down to the height beside it.
    cell
        Side of a cell [m].
    points
        Rays x 3: metres east and south of the raster's corner, and height [m].
    planes
        As of `march`, rays x 3.
    towards
        Unit vectors of the rays, rays x 3: east, south, up.
    reach
        Where to end on the level [m].
    round_m
        How far around a cell it is asked which way its wall faces: the cell's own sides face four ways only [m].
    kind
        Rays: `MISSED`, `TOP` or `SIDE`.
    cells
        Rays x 2: row and column of the cell that was met.
    places
        Rays x 3: where on a wall or a level top, as `points`.
    walls
        Rays x 3: normal of the wall, east, south, up; nothing is filled in where it is a top.
    """
    rows, columns = heights.shape
    beside = max(1, math.ceil(round_m / cell))
    for ray in range(points.shape[0]):
        x, y, z = points[ray]
        east, south, up = towards[ray]
        plane = planes[ray]
        level, over = math.hypot(plane[0], plane[1]), math.hypot(east, south)
        free = level == 0.0 and plane[2] == 0.0
        least = OWN_CELLS * cell * level + FLAT
        furthest = reach / over if over > 0.0 else np.inf
        column, row = math.floor(x / cell), math.floor(y / cell)
        right, down = 1 if east > 0.0 else -1, 1 if south > 0.0 else -1
        # lengths of the ray from one column and row to the next, and where it next leaves them
        per_column = cell / abs(east) if east != 0.0 else np.inf
        per_row = cell / abs(south) if south != 0.0 else np.inf
        leaves_column = ((column + (right + 1) // 2) * cell - x) / east if east != 0.0 else np.inf
        leaves_row = ((row + (down + 1) // 2) * cell - y) / south if south != 0.0 else np.inf
        gone, side, known = 0.0, (0.0, 0.0), 0.0
        kind[ray] = MISSED
        while gone <= furthest and 0 <= row < rows and 0 <= column < columns:
            above = heights[row, column] - z
            here, further = up * gone, up * min(leaves_column, leaves_row)
            if not np.isnan(above):
                known = heights[row, column]
            elif z + further < known:
                # below what was last known lies no pit, but ground or water that was not measured
                break
            out_of_plane = (
                plane[0] * ((column + 0.5) * cell - x) + plane[1] * ((row + 0.5) * cell - y) + plane[2] * above
            )
            of_plane = not free and out_of_plane <= least
            if not of_plane and here < above and side != (0.0, 0.0):
                kind[ray] = SIDE
                out = side[0] * ASIDE * cell, side[1] * ASIDE * cell
                places[ray] = x + east * gone + out[0], y + south * gone + out[1], z + here
                walls[ray, :2] = _away_from_solid(heights, row, column, z + here, beside, side)
                walls[ray, 2] = 0.0
            elif (not of_plane or plane[2] == 0.0) and further < above <= here:
                # the ground below a wall is no step of the wall
                kind[ray] = TOP
                length = above / up
                places[ray] = x + east * length, y + south * length, z + above
            if kind[ray] != MISSED:
                cells[ray] = row, column
                break
            gone = min(leaves_column, leaves_row)
            if leaves_column < leaves_row:
                column += right
                leaves_column += per_column
                side = (-float(right), 0.0)
            else:
                row += down
                leaves_row += per_row
                side = (0.0, -float(down))
