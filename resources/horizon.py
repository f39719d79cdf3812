"""Horizons: how high what stands around hides the sky, for every cell of a surface and every direction.

A direction is swept in lines of cells, from its far end towards the observer, with the upper convex hull of all that
was passed: what is not on the hull can hide nothing from any cell further on. So a cell costs the same however far it
sees.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from resources.rays import march
from resources.sweeping import CLIFF, FLAT, NEAR, fill, look_near

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]
Integers = NDArray[np.int32]
Cells = NDArray[np.int64]
Part = tuple[int, int, int, int]
"""A part of a raster: first row and column, rows and columns."""

DIRECTIONS = 100
"""Directions a horizon is told in."""
FULL_CIRCLE = 360.0
TOUCH = 1e-9
"""Columns below which a ray does not run through a cell."""


def azimuths(directions: int = DIRECTIONS) -> Floats:
    """Return the compass directions that horizons are told in [deg], the middles of even sectors.

    Examples
    --------
    >>> azimuths(4).tolist()
    [45.0, 135.0, 225.0, 315.0]
    """
    return (np.arange(directions) + 0.5) * FULL_CIRCLE / directions


@dataclass(frozen=True)
class Sweep:
    """How the cells of a raster lie in lines along one direction.

    Attributes
    ----------
    across
        Whether lines run along the rows of the raster, and not of its transpose.
    slope
        Rows a line rises per column.
    step
        Length of a line per column [m].
    backwards
        Whether the direction looks towards lower columns.
    rows_of
        Row of line nought in each column; line `n` lies `n` rows further.
    lines
        Number of the first line that covers the raster, and of the one after the last.
    """

    across: bool
    slope: float
    step: float
    backwards: bool
    rows_of: Integers
    lines: tuple[int, int]


def sweep(azimuth_deg: float, shape: tuple[int, int], cell: float, origin: tuple[int, int] = (0, 0)) -> Sweep:
    """Return the lines of a raster (rows southwards, columns eastwards) along a compass direction.

    Parameters
    ----------
    azimuth_deg
        Where the observer looks [deg].
    shape
        Rows and columns.
    cell
        Side of a cell [m].
    origin
        Row and column of the raster in the grid it is cut from, so that all cuts have the same lines.
    """
    east, south = math.sin(math.radians(azimuth_deg)), -math.cos(math.radians(azimuth_deg))
    across = abs(east) >= abs(south)
    along, aside = (east, south) if across else (south, east)
    rows, columns = shape if across else shape[::-1]
    slope = aside / along
    start = origin[1] if across else origin[0]
    rows_of = np.floor(slope * np.arange(start, start + columns) + 0.5).astype(np.int32)
    rows_of -= rows_of[0]
    lines = (-int(rows_of.max()), rows - int(rows_of.min()))
    return Sweep(across, slope, cell * math.hypot(1.0, slope), along < 0.0, rows_of, lines)


def near_cells(lines: Sweep, toward: float) -> Singles:
    """Return the cells on the ray from the middle of a cell, 8 values each.

    Rows and columns from the observer; where the ray enters and leaves [m]; rows and columns of these two places from
    the middle of the cell. The first is the one beside it, the last lies `NEAR` columns away; the order is that of the
    ray.

    Parameters
    ----------
    lines
        The lines that the ray runs along.
    toward
        One if it runs towards higher columns, minus one if towards lower ones.
    """
    found = []
    for number in range(1, NEAR + 1):
        # the ray runs through one column from (number - 1/2) to (number + 1/2), and through one row of it or two
        start, end = number - 0.5, number + 0.5
        rise = lines.slope * toward
        first, last = math.floor(rise * start + 0.5), math.floor(rise * end + 0.5)
        cuts = [start, end] if first == last else [start, (max(first, last) - 0.5) / rise, end]
        for row, enters, leaves in zip((first, last), cuts[:-1], cuts[1:], strict=False):
            # a ray through a corner only touches the cell beside it
            if leaves - enters > TOUCH:
                found.append((float(row), number * toward, enters * lines.step, leaves * lines.step))
    # within its own column the ray may leave the row at once
    half = math.floor(lines.slope * toward * 0.5 + 0.5)
    if half != 0 and 0.5 - 0.5 / abs(lines.slope) > TOUCH:
        found.insert(0, (float(half), 0.0, 0.5 / abs(lines.slope) * lines.step, 0.5 * lines.step))
    row, column, enters, leaves = np.array(found).T
    ahead = toward / lines.step
    places = [
        offset
        for distance in (enters, leaves)
        for offset in (distance * ahead * lines.slope - row, distance * ahead - column)
    ]
    return np.stack([row, column, enters, leaves, *places], axis=1).astype(np.float32)


def surface_grades(heights: Singles, cell: float) -> Singles:
    """Return the rise of each cell's surface per row and per column, 2 x rows x columns [m].

    Of the rises to both neighbours the gentler is taken, so that a roof keeps its slope up to its edge and a wall
    beside it does not tilt it; none on a ridge, where two roofs disagree. Where one is nought, as beside a ridge of two
    cells, the other one is taken if it goes on beyond the neighbour: a step beside a flat roof does not. None is as
    steep as a wall.

    Parameters
    ----------
    heights
        Rows (southwards) x columns (eastwards) [m].
    cell
        Side of a cell [m].
    """
    return np.stack([_rises(heights, cell), _rises(heights.T, cell).T])


def grades_of_cells(heights: Singles, cell: float, row: Cells, column: Cells) -> Singles:
    """Return the rise of some cells' surface per row and per column, 2 x cells [m]; see `surface_grades`."""
    beside = np.arange(-2, 3)[:, None]
    found = []
    for surface, along, across in ((heights, row, column), (heights.T, column, row)):
        near = along + beside
        inside = (near >= 0) & (near < len(surface))
        strip = np.where(inside, surface[np.clip(near, 0, len(surface) - 1), across], np.float32(np.nan))
        found.append(_rises(strip, cell)[2])
    return np.stack(found)


def _rises(heights: Singles, cell: float) -> Singles:
    """Return the rise of each cell per row [m]."""
    if len(heights) == 1:
        return np.zeros_like(heights)
    step = np.diff(heights, axis=0)
    before, after = np.concatenate([step[:1], step]), np.concatenate([step, step[-1:]])
    # beside a gap, as at the edge, the other side tells
    before, after = np.where(np.isnan(before), after, before), np.where(np.isnan(after), before, after)
    earlier, later = np.concatenate([before[:1], before[:-1]]), np.concatenate([after[1:], after[-1:]])
    goes_on = np.where(before == 0.0, np.abs(later - after) <= FLAT, np.abs(earlier - before) <= FLAT)
    ridge = (before * after < 0.0) & (np.maximum(np.abs(before), np.abs(after)) <= CLIFF * cell)
    gentler = np.where(np.abs(before) < np.abs(after), before, after)
    rise = np.where(before * after == 0.0, np.where(goes_on, before + after, 0.0), np.where(ridge, 0.0, gentler))
    return np.nan_to_num(np.where(np.abs(rise) <= CLIFF * cell, rise, 0.0)).astype(np.float32)


@dataclass(frozen=True, eq=False)
class Opposites:
    """What is swept in two opposite directions; arrays lie along the lines first.

    Attributes
    ----------
    numbers
        Of the direction that looks ahead, towards higher columns of the lines, and of the one that looks back.
    azimuth
        Of the one that looks ahead [deg].
    lines
        How cells lie in lines.
    heights
        Of the whole raster [m].
    nearby
        What stands near ahead and back, of the part that is told, by the share t / (1 + t) of its tangent t.
    inner
        That part: first column and columns along the lines, first row and rows across them.
    """

    numbers: tuple[int, int]
    azimuth: float
    lines: Sweep
    heights: Singles
    nearby: Singles
    inner: tuple[int, int, int, int]


def opposites(
    heights: Singles, cell: float, directions: int, origin: tuple[int, int] = (0, 0), inner: Part | None = None
) -> Iterator[Opposites]:
    """Give the directions of `azimuths` two by two; arrays are transposed where lines run across the raster.

    Parameters
    ----------
    heights
        Rows (southwards) x columns (eastwards) [m].
    cell
        Side of a cell [m].
    directions
        How many.
    origin
        As of `sweep`.
    inner
        The part of the raster that is told; without it all of it.

    Raises
    ------
    ValueError
        If the number of directions is odd.
    """
    if directions % 2:
        raise ValueError(f"directions come in opposite pairs; {directions} is odd")
    inner = (0, 0, *heights.shape) if inner is None else inner
    near, (top, left, rows, columns) = with_margin(inner, heights.shape, NEAR + 2)
    close = np.ascontiguousarray(heights[near])
    grades = surface_grades(close, cell)
    turned = [np.ascontiguousarray(part.T) for part in (heights, close)]
    turned_grades = np.ascontiguousarray(grades[::-1].transpose(0, 2, 1))
    half = directions // 2
    for number, azimuth in enumerate(azimuths(directions)[:half]):
        lines = sweep(float(azimuth), heights.shape, cell, origin)
        if lines.across:
            (surface, beside), own = turned, turned_grades
            told, place = (inner[1], inner[3], inner[0], inner[2]), (left, columns, top, rows)
        else:
            surface, beside, own = heights, close, grades
            told, place = (inner[0], inner[2], inner[1], inner[3]), (top, rows, left, columns)
        nearby = np.empty((2, told[1], told[3]), dtype=np.float32)
        for toward, out in zip((1.0, -1.0), nearby, strict=True):
            look_near(beside, own, near_cells(lines, toward), place, out)
        numbers = (number + half, number) if lines.backwards else (number, number + half)
        ahead = float(azimuth) + (180.0 if lines.backwards else 0.0)
        yield Opposites(numbers, ahead, lines, surface, nearby, told)


def with_margin(inner: Part, shape: tuple[int, int], margin: int) -> tuple[tuple[slice, slice], Part]:
    """Return a part of a raster with a margin where it has one, and where the part lies in that.

    Examples
    --------
    >>> with_margin((0, 5, 4, 3), (4, 20), 2)
    ((slice(0, 4, None), slice(3, 10, None)), (0, 2, 4, 3))
    """
    top, left, rows, columns = inner
    first, west = max(top - margin, 0), max(left - margin, 0)
    below, behind = min(top + rows + margin, shape[0]), min(left + columns + margin, shape[1])
    return (slice(first, below), slice(west, behind)), (top - first, left - west, rows, columns)


def horizon_tangents(heights: Singles, cell: float, directions: int = DIRECTIONS) -> Singles:
    """Return the tangent of the horizon of every cell, directions x rows x columns; nought where nothing is higher.

    Near a cell only what stands out of its own plane counts: what the plane itself hides follows from its slope.

    Parameters
    ----------
    heights
        Rows (southwards) x columns (eastwards) [m].
    cell
        Side of a cell [m].
    directions
        How many, an even number, see `azimuths`.

    Examples
    --------
    >>> wall = np.zeros((1, 5), dtype=np.float32)
    >>> wall[0, 4] = 10.0
    >>> np.degrees(np.arctan(horizon_tangents(wall, 5.0, 2)[0].astype(float))).round(1).tolist()
    [[29.7, 38.7, 53.1, 76.0, 0.0]]
    """
    heights = np.ascontiguousarray(heights, dtype=np.float32)
    found = np.empty((directions, *heights.shape), dtype=np.float32)
    for both in opposites(heights, cell, directions):
        lines = both.lines
        out = np.empty((2, *both.heights.shape), dtype=np.float32)
        fill(both.heights, both.nearby, lines.rows_of, lines.lines, lines.step, out)
        for number, tangents in zip(both.numbers, out, strict=True):
            found[number] = tangents.T if lines.across else tangents
    return found


def point_horizons(
    heights: Singles,
    cell: float,
    points: Floats,
    reach: float,
    directions: int = DIRECTIONS,
    planes: Floats | None = None,
) -> Singles:
    """Return the tangent of the horizon of single points, which need not lie on the surface, points x directions.

    Parameters
    ----------
    heights
        Rows (southwards) x columns (eastwards) [m]; not a number hides nothing.
    cell
        Side of a cell [m].
    points
        Points x 3: metres east and south of the raster's north-west corner, and height [m].
    reach
        How far to look [m].
    directions
        How many, see `azimuths`.
    planes
        Normals of the planes that the points lie on, points x 3, east, north, up: a raster's steps along them hide
        nothing. Without them points stand by themselves. None faces down: what hides from such a plane may be told by
        no top.

    Raises
    ------
    ValueError
        If planes are not as many as points.
    """
    angle = np.radians(azimuths(directions))
    out = np.empty((len(points), directions), dtype=np.float32)
    surface = np.ascontiguousarray(heights, dtype=np.float32)
    own = np.zeros((len(points), 3)) if planes is None else planes * np.array([1.0, -1.0, 1.0])
    if own.shape != (len(points), 3):
        raise ValueError(f"{len(points)} points need as many planes, not an array of {own.shape}")
    march(surface, cell, np.asarray(points, dtype=np.float64), own, np.sin(angle), -np.cos(angle), reach, out)
    return out
