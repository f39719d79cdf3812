"""The compiled heart of horizons: lines of cells swept from their far end with the convex hull of what was passed.

All compiled functions stand in this one file: what a compiled function calls is built into it, and its stored copy is
made anew only when its own file changes.
"""

import math

import numpy as np
from numpy.typing import NDArray

from layers.compiling import compiled

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]
Integers = NDArray[np.int32]

NEAR = 6
"""Columns up to which a line is looked at cell by cell."""
BATCH = 16
"""Lines swept together."""
FLAT = 0.05
"""Height by which a cell may leave the plane of another and still be of it [m]."""
CLIFF = 1.5
"""Tangent of the slope between neighbouring cells from which on it is a wall and not a roof."""


@compiled
def _tangent_point(hull_x: Singles, hull_z: Singles, top: int, x: np.float32, here: np.float32) -> int:
    """Return the point of the hull that stands highest as seen from a place; those before it are hidden from now on."""
    while top > 0 and (hull_z[top] - here) * (x - hull_x[top - 1]) <= (hull_z[top - 1] - here) * (x - hull_x[top]):
        top -= 1
    return top


@compiled
def look_near(heights: Singles, grades: Singles, near: Singles, out: Singles) -> None:
    """Fill `out` (columns x rows) with the tangent of what stands near, cell by cell along the ray from the middle.

    Parameters
    ----------
    heights
        Columns x rows [m]; not a number hides nothing.
    grades
        Rise of each cell's own plane per column and per row, 2 x columns x rows [m]: what does not stand out of it is
        no obstacle to the plane.
    near
        As of `horizon.near_cells`.
    """
    columns, rows = heights.shape
    flat, nought, one = np.float32(FLAT), np.float32(0.0), np.float32(1.0)
    for column in range(columns):
        highest = out[column]
        highest[:] = 0.0
        for k in range(near.shape[0]):
            rise, run, nearer, farther = near[k, 0], near[k, 1], one / near[k, 2], one / near[k, 3]
            start_rise, start_run, end_rise, end_run = near[k, 4], near[k, 5], near[k, 6], near[k, 7]
            other, shift = column + int(run), int(rise)
            start, end = max(0, -shift), min(rows, rows - shift)
            if other < 0 or other >= columns or start >= end:
                continue
            most, own, there = (
                highest[start:end],
                heights[column, start:end],
                heights[other, start + shift : end + shift],
            )
            lean, fall = grades[0, column, start:end], grades[1, column, start:end]
            its_lean, its_fall = (
                grades[0, other, start + shift : end + shift],
                grades[1, other, start + shift : end + shift],
            )
            for place in range(most.size):
                above = there[place] - own[place]
                plane = max(rise * fall[place] + run * lean[place], nought) + flat
                # its own plane, where the ray enters and where it leaves
                first = (above + start_rise * its_fall[place] + start_run * its_lean[place]) * nearer
                last = (above + end_rise * its_fall[place] + end_run * its_lean[place]) * farther
                seen = max(first, last) if above > plane else nought
                most[place] = max(most[place], seen)


@compiled
def sweep_line(  # noqa: C901 -- one loop over cells, which calls would slow
    passed_z: Singles, step: np.float32, hull: Singles, tangents: Singles
) -> None:
    """Fill `tangents` with what hides the sky from afar; what is nearer than `NEAR` cells is left to `look_near`.

    Parameters
    ----------
    passed_z
        Heights along the line, the observer looks back to the first [m]; not a number hides nothing.
    step
        From one to the next [m].
    hull
        Room for places and heights, two rows of two values a cell.
    tangents
        One value a cell.
    """
    hull_x, hull_z = hull[0], hull[1]
    cliff, half, nought = np.float32(CLIFF) * step, np.float32(0.5) * step, np.float32(0.0)
    first, last = 0, passed_z.size
    while first < last and np.isnan(passed_z[first]):
        first += 1
    while last > first and np.isnan(passed_z[last - 1]):
        last -= 1
    tangents[:first], tangents[last:] = nought, nought
    top, place = -1, 0
    for passed in range(first, last):
        here, far_off = passed_z[passed], nought
        far = passed - NEAR
        # only what falls towards the observer can be seen: a cell before one as high is hidden by it
        if far >= first and not (np.isnan(passed_z[far]) or passed_z[far] <= passed_z[far + 1]):
            height, x = passed_z[far], np.float32(far) * step
            top = _tangent_point(hull_x, hull_z, top, x, height) + 1
            hull_x[top], hull_z[top] = x, height
            if height - passed_z[far + 1] > cliff:
                # a wall's face stands at the edge of its cell, not in the middle
                x += half
                top = _tangent_point(hull_x, hull_z, top, x, height) + 1
                hull_x[top], hull_z[top] = x, height
        if top >= 0:
            # neighbours on a line see the same point of the hull, or one beside it
            x = np.float32(passed) * step
            place = min(place, top)
            rise, away = hull_z[place] - here, x - hull_x[place]
            while place < top:
                other_rise, other_away = hull_z[place + 1] - here, x - hull_x[place + 1]
                if other_rise * away < rise * other_away:
                    break
                place, rise, away = place + 1, other_rise, other_away
            while place > 0:
                other_rise, other_away = hull_z[place - 1] - here, x - hull_x[place - 1]
                if other_rise * away <= rise * other_away:
                    break
                place, rise, away = place - 1, other_rise, other_away
            if rise > nought:
                far_off = rise / away
        tangents[passed] = far_off


@compiled
def sweep_lines(
    heights: Singles,
    rows_of: Integers,
    line: int,
    step: float,
    backwards: bool,
    room: Singles,
    tangents: Singles,
) -> None:
    """Sweep `BATCH` lines beside each other, whose cells lie together in memory, see `sweep_line`.

    Parameters
    ----------
    heights
        Columns x rows [m].
    rows_of, step, backwards
        As of `horizon.Sweep`.
    line
        Number of the first.
    room
        (`BATCH` + 5) x columns.
    tangents
        `BATCH` x columns, in the order of the columns.
    """
    columns, rows = heights.shape
    passed_z, hull, found = room[:BATCH], room[BATCH : BATCH + 4].reshape(2, 2 * columns), room[BATCH + 4]
    for passed in range(columns):
        column = passed if backwards else columns - 1 - passed
        row = line + rows_of[column]
        beside = heights[column]
        if row >= 0 and row + BATCH <= rows:
            for number in range(BATCH):
                passed_z[number, passed] = beside[row + number]
        else:
            for number in range(BATCH):
                inside = 0 <= row + number < rows
                passed_z[number, passed] = beside[row + number] if inside else np.float32(np.nan)
    for number in range(BATCH):
        if backwards:
            sweep_line(passed_z[number], np.float32(step), hull, tangents[number])
        else:
            sweep_line(passed_z[number], np.float32(step), hull, found)
            tangents[number] = found[::-1]


@compiled
def fill(
    heights: Singles,
    nearby: Singles,
    rows_of: Integers,
    lines: tuple[int, int],
    step: float,
    backwards: bool,
    out: Singles,
) -> None:
    """Fill `out` (columns x rows) with the tangent of the horizon in one direction."""
    columns, rows = heights.shape
    room, tangents = np.empty((BATCH + 5, columns), dtype=np.float32), np.empty((BATCH, columns), dtype=np.float32)
    for line in range(lines[0], lines[1], BATCH):
        sweep_lines(heights, rows_of, line, step, backwards, room, tangents)
        for column in range(columns):
            row = line + rows_of[column]
            for number in range(max(0, -row), min(BATCH, rows - row)):
                out[column, row + number] = max(tangents[number, column], nearby[column, row + number])


@compiled
def gather(
    heights: Singles,
    nearby: Singles,
    rows_of: Integers,
    lines: tuple[int, int],
    step: float,
    backwards: bool,
    normals: Singles,
    toward: tuple[float, float],
    gains: Singles,
    margin: int,
    out: Singles,
) -> None:
    """Add what one direction gives to the cells within a margin to `out`, columns x rows x periods [kWh/m2].

    Parameters
    ----------
    heights
        Columns x rows [m].
    nearby
        What `look_near` found.
    rows_of, lines, step, backwards
        As of `horizon.Sweep`.
    normals
        3 x columns x rows: east, north, up.
    toward
        East and north of the direction.
    gains
        As of `irradiation.SkyTable`, of this direction.
    margin
        Cells along the sides that hide others and get nothing themselves.
    out
        Without the margin.
    """
    columns, rows = heights.shape
    level = np.ascontiguousarray(gains[:, 2])
    periods, bins = out.shape[2], np.float32(gains.shape[0] - 1)
    toward_east, toward_north, one = np.float32(toward[0]), np.float32(toward[1]), np.float32(1.0)
    room, tangents = np.empty((BATCH + 5, columns), dtype=np.float32), np.empty((BATCH, columns), dtype=np.float32)
    last_bin = gains.shape[0] - 2
    inner = rows_of[margin : columns - margin]
    first, last = max(lines[0], margin - inner.max()), min(lines[1], rows - margin - inner.min())
    for line in range(first, last, BATCH):
        sweep_lines(heights, rows_of, line, step, backwards, room, tangents)
        for column in range(margin, columns - margin):
            base = line + rows_of[column]
            for number in range(max(0, margin - base), min(BATCH, rows - margin - base)):
                row = base + number
                tangent, up = max(tangents[number, column], nearby[column, row]), normals[2, column, row]
                if up >= one:
                    place = tangent / (one + tangent) * bins
                    low = min(int(place), last_bin)
                    after = place - np.float32(low)
                    for period in range(periods):
                        out[column - margin, row - margin, period] += level[low, period] + after * (
                            level[low + 1, period] - level[low, period]
                        )
                else:
                    east, north = normals[0, column, row], normals[1, column, row]
                    # a plane hides what is behind it
                    tangent = max(tangent, -(east * toward_east + north * toward_north) / up)
                    place = tangent / (one + tangent) * bins
                    low = min(int(place), last_bin)
                    after = place - np.float32(low)
                    before = one - after
                    for period in range(periods):
                        out[column - margin, row - margin, period] += (
                            east * (before * gains[low, 0, period] + after * gains[low + 1, 0, period])
                            + north * (before * gains[low, 1, period] + after * gains[low + 1, 1, period])
                            + up * (before * gains[low, 2, period] + after * gains[low + 1, 2, period])
                        )


@compiled
def march(
    heights: Singles, cell: float, points: Floats, east: Floats, south: Floats, reach: float, out: Singles
) -> None:
    """Fill `out` (points x directions) with the tangent of the horizon, looking every quarter cell up to `reach` [m].

    `points` are metres east and south of the raster's corner, and height; `east` and `south` unit vectors.
    """
    rows, columns = heights.shape
    for p in range(points.shape[0]):
        for d in range(east.shape[0]):
            most = 0.0
            step = 0.25 * cell
            distance = step
            while distance <= reach:
                column = math.floor((points[p, 0] + east[d] * distance) / cell)
                row = math.floor((points[p, 1] + south[d] * distance) / cell)
                if row < 0 or row >= rows or column < 0 or column >= columns:
                    break
                above = heights[row, column] - points[p, 2]
                if above > most * distance:
                    most = above / distance
                distance += step
            out[p, d] = most
