"""The compiled heart of horizons: lines of cells swept from their far end with the convex hull of what was passed.

Inside, a horizon is told by its share t / (1 + t), t its tangent: nought if it is level, one if it is upright. It comes
from rise and distance by one division, as the tangent does, and is a place in the tables of light.
"""

import numpy as np
from numpy.typing import NDArray

from layers.compiling import compiled

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]
Integers = NDArray[np.int32]

NEAR = 6
"""Columns up to which a line is looked at cell by cell."""
BATCH = 48
"""Lines swept together."""
FLAT = 0.05
"""Height by which a cell may leave the plane of another and still be of it [m]."""
OWN_CELLS = 0.75
"""Cells by which a raster's jagged edge may stand out of the plane it stands for: half a diagonal, and a little."""
CLIFF = 1.5
"""Tangent of the slope between neighbouring cells from which on it is a wall and not a roof."""


@compiled
def _tangent_point(hull_x: Singles, hull_z: Singles, top: int, x: np.float32, here: np.float32) -> int:
    """Return the point of the hull that stands highest as seen from a place; those before it are hidden from now on."""
    while top > 0 and (hull_z[top] - here) * (x - hull_x[top - 1]) <= (hull_z[top - 1] - here) * (x - hull_x[top]):
        top -= 1
    return top


@compiled
def look_near(heights: Singles, grades: Singles, near: Singles, inner: tuple[int, int, int, int], out: Singles) -> None:
    """Fill `out` with the share of what stands near, cell by cell along the ray from the middle.

    Parameters
    ----------
    heights
        Columns x rows [m]; not a number hides nothing.
    grades
        Rise of each cell's own plane per column and per row, 2 x columns x rows [m]: what does not stand out of it is
        no obstacle to the plane.
    near
        As of `horizon.near_cells`.
    inner
        The part that is told: first column, columns, first row, rows.
    out
        Its columns x its rows.
    """
    columns, rows = heights.shape
    first_column, told_columns, first_row, told_rows = inner
    flat, nought, one = np.float32(FLAT), np.float32(0.0), np.float32(1.0)
    for told in range(told_columns):
        column, highest = first_column + told, out[told]
        highest[:] = 0.0
        for k in range(near.shape[0]):
            rise, run, nearer, farther = near[k, 0], near[k, 1], one / near[k, 2], one / near[k, 3]
            start_rise, start_run, end_rise, end_run = near[k, 4], near[k, 5], near[k, 6], near[k, 7]
            other, shift = column + int(run), int(rise)
            start, end = max(first_row, -shift), min(first_row + told_rows, rows - shift)
            if other < 0 or other >= columns or start >= end:
                continue
            most, own, there = (
                highest[start - first_row : end - first_row],
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
        for place in range(told_rows):
            highest[place] = highest[place] / (one + highest[place])


@compiled
def sweep_line(  # noqa: C901 -- one loop over cells, which calls would slow
    passed_z: Singles, begin: int, step: np.float32, hull: Singles, shares: Singles
) -> None:
    """Fill `shares` with what hides the sky from afar; what is nearer than `NEAR` cells is left to `look_near`.

    Parameters
    ----------
    passed_z
        Heights along the line, the observer looks back to the first [m]; not a number hides nothing.
    begin
        The first place that is told.
    step
        From one to the next [m].
    hull
        Room for places and heights, two rows of two values a cell. Places are told in cells, whose differences are
        exact: so nothing depends on where a line begins.
    shares
        One value a cell, from `begin` on.
    """
    hull_x, hull_z = hull[0], hull[1]
    cliff, half, nought = np.float32(CLIFF) * step, np.float32(0.5), np.float32(0.0)
    first, last = 0, passed_z.size
    while first < last and np.isnan(passed_z[first]):
        first += 1
    while last > first and np.isnan(passed_z[last - 1]):
        last -= 1
    shares[begin:] = nought
    top, place = -1, 0
    for passed in range(first, last):
        here = passed_z[passed]
        far = passed - NEAR
        # only what falls towards the observer can be seen: a cell before one as high is hidden by it
        if far >= first and not (np.isnan(passed_z[far]) or passed_z[far] <= passed_z[far + 1]):
            height, x = passed_z[far], np.float32(far)
            top = _tangent_point(hull_x, hull_z, top, x, height) + 1
            hull_x[top], hull_z[top] = x, height
            if height - passed_z[far + 1] > cliff:
                # a wall's face stands at the edge of its cell, not in the middle
                x += half
                top = _tangent_point(hull_x, hull_z, top, x, height) + 1
                hull_x[top], hull_z[top] = x, height
        if top >= 0 and passed >= begin:
            # neighbours on a line see the same point of the hull, or one beside it
            x = np.float32(passed)
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
                shares[passed] = rise / (rise + away * step)


@compiled
def _covered(rows_of: Integers, line: int, columns: int, rows: int) -> tuple[int, int]:
    """Return the first column in which a batch of lines crosses the raster, and the one after the last."""
    first, last = 0, columns
    while first < last and not -BATCH < line + rows_of[first] < rows:
        first += 1
    while last > first and not -BATCH < line + rows_of[last - 1] < rows:
        last -= 1
    return first, last


@compiled
def sweep_lines(
    heights: Singles, rows_of: Integers, line: int, told: tuple[int, int], step: float, room: Singles, shares: Singles
) -> tuple[int, int, int, int]:
    """Sweep `BATCH` lines beside each other both ways, whose cells lie together in memory, see `sweep_line`.

    Parameters
    ----------
    heights
        Columns x rows [m].
    rows_of, step
        As of `horizon.Sweep`.
    line
        Number of the first.
    told
        The first column that is told, and the one after the last.
    room
        (`BATCH` + 5) x columns.
    shares
        2 x `BATCH` x columns: of who looks ahead, from the last column on backwards, and of who looks back, from the
        first column on.

    Returns
    -------
    tuple of int
        The first column in which lines cross the raster, the first and the one after the last of these that are told,
        and the one after the last in which lines cross the raster.
    """
    columns, rows = heights.shape
    first, last = _covered(rows_of, line, columns, rows)
    begin, end = max(first, told[0]), min(last, told[1])
    if begin >= end:
        return first, begin, begin, last
    passed_z, hull, turned = room[:BATCH], room[BATCH : BATCH + 4].reshape(2, 2 * room.shape[1]), room[BATCH + 4]
    for column in range(first, last):
        row = line + rows_of[column]
        beside = heights[column]
        if row >= 0 and row + BATCH <= rows:
            for number in range(BATCH):
                passed_z[number, column - first] = beside[row + number]
        else:
            for number in range(BATCH):
                inside = 0 <= row + number < rows
                passed_z[number, column - first] = beside[row + number] if inside else np.float32(np.nan)
    ahead, back = last - begin, end - first
    for number in range(BATCH):
        along = passed_z[number]
        # what lies behind all that is told is not swept
        sweep_line(along[:back], begin - first, np.float32(step), hull, shares[1, number, :back])
        for passed in range(ahead):
            turned[passed] = along[last - first - 1 - passed]
        sweep_line(turned[:ahead], last - end, np.float32(step), hull, shares[0, number, :ahead])
    return first, begin, end, last


@compiled
def fill(
    heights: Singles,
    nearby: Singles,
    rows_of: Integers,
    lines: tuple[int, int],
    step: float,
    out: Singles,
) -> None:
    """Fill `out` (2 x columns x rows) with the tangent of the horizon ahead and back along lines."""
    columns, rows = heights.shape
    one = np.float32(1.0)
    room, shares = np.empty((BATCH + 5, columns), dtype=np.float32), np.empty((2, BATCH, columns), dtype=np.float32)
    for line in range(lines[0], lines[1], BATCH):
        first, begin, end, last = sweep_lines(heights, rows_of, line, (0, columns), step, room, shares)
        for column in range(begin, end):
            row = line + rows_of[column]
            for number in range(max(0, -row), min(BATCH, rows - row)):
                ahead = max(shares[0, number, last - 1 - column], nearby[0, column, row + number])
                back = max(shares[1, number, column - first], nearby[1, column, row + number])
                out[0, column, row + number] = ahead / (one - ahead)
                out[1, column, row + number] = back / (one - back)


@compiled
def gather(
    heights: Singles,
    nearby: Singles,
    rows_of: Integers,
    lines: tuple[int, int],
    step: float,
    normals: Singles,
    toward: tuple[float, float],
    gains_ahead: Singles,
    gains_back: Singles,
    inner: tuple[int, int, int, int],
    kinds: tuple[int, ...],
    out: Singles,
) -> None:
    """Add what two opposite directions give to the cells of a part of a raster to `out`, columns x rows x kinds.

    Parameters
    ----------
    heights
        Columns x rows of the whole raster [m].
    nearby
        What `look_near` found ahead and back, of the part: 2 x columns x rows.
    rows_of, lines, step
        As of `horizon.Sweep`.
    normals
        Of the part, 3 x columns x rows: east, north, up.
    toward
        East and north of what lies ahead.
    gains_ahead, gains_back
        As of `irradiation.SkyTable`, of the two directions.
    inner
        The part: first column, columns, first row, rows. All else hides others and gets nothing itself.
    kinds
        As many numbers as `out` has kinds. The length of a tuple is known when this is compiled, which makes the
        shortest of loops a third faster.
    out
        What cells have got.
    """
    columns = heights.shape[0]
    left, told_columns, top, told_rows = inner
    nought = np.float32(0.0)
    level_ahead, level_back = np.ascontiguousarray(gains_ahead[:, 2]), np.ascontiguousarray(gains_back[:, 2])
    bins, half, one = np.float32(gains_ahead.shape[0] - 1), np.float32(0.5), np.float32(1.0)
    toward_east, toward_north = np.float32(toward[0]), np.float32(toward[1])
    room, shares = np.empty((BATCH + 5, columns), dtype=np.float32), np.empty((2, BATCH, columns), dtype=np.float32)
    crossed = rows_of[left : left + told_columns]
    start, stop = max(lines[0], top - crossed.max()), min(lines[1], top + told_rows - crossed.min())
    for line in range(start, stop, BATCH):
        first, begin, end, last = sweep_lines(heights, rows_of, line, (left, left + told_columns), step, room, shares)
        for column in range(begin, end):
            along, base = column - left, line + rows_of[column] - top
            near_ahead, near_back, upright = nearby[0, along], nearby[1, along], normals[2, along]
            for number in range(max(0, -base), min(BATCH, told_rows - base)):
                row = base + number
                ahead = max(shares[0, number, last - 1 - column], near_ahead[row])
                back = max(shares[1, number, column - first], near_back[row])
                up = upright[row]
                if up >= one:
                    one_place, other_place = int(ahead * bins + half), int(back * bins + half)
                    for kind in range(len(kinds)):
                        out[along, row, kind] += level_ahead[one_place, kind] + level_back[other_place, kind]
                else:
                    east, north = normals[0, along, row], normals[1, along, row]
                    # a plane hides what is behind it
                    rise = east * toward_east + north * toward_north
                    if rise < nought:
                        ahead = max(ahead, -rise / (up - rise))
                    else:
                        back = max(back, rise / (up + rise))
                    one_place, other_place = int(ahead * bins + half), int(back * bins + half)
                    for kind in range(len(kinds)):
                        out[along, row, kind] += (
                            east * (gains_ahead[one_place, 0, kind] + gains_back[other_place, 0, kind])
                            + north * (gains_ahead[one_place, 1, kind] + gains_back[other_place, 1, kind])
                            + up * (gains_ahead[one_place, 2, kind] + gains_back[other_place, 2, kind])
                        )
