"""The compiled heart of roof planes: which cells lie in a footprint, which plane each is of, and how usable it is.

Planes grow from the most even three by three cells of a roof, ring by ring and fitted anew with each [1]_. Every cell
then goes to the plane beside it that it lies on best, and planes that are one are joined. All compiled functions stand
in this one file: the stored copy of one is made anew only when its own file changes.

References
----------
.. [1] Besl, P. J., Jain, R. C. (1988). Segmentation through variable-order surface fitting. IEEE Transactions on
   Pattern Analysis and Machine Intelligence 10(2), 167-192. doi:10.1109/34.3881
"""

import math

import numpy as np
from numpy.typing import NDArray

from layers.compiling import compiled

Floats = NDArray[np.float64]
Integers = NDArray[np.int32]
Flags = NDArray[np.bool_]

FREE, OUT = -1, -2
"""Labels of cells that are of no plane: the first may become so, the second are of no roof or have no height."""
ROUNDS = 10
"""Rounds in which cells go to the plane they lie on best; most roofs need three."""


@compiled
def survey(edges: Floats, rows: int, cols: int, cell: float) -> tuple[Flags, Floats]:
    """Return which cell centres lie inside of edges, and the way to the nearest edge, 2 x rows x cols [m].

    `edges` are from and to, east and south of the window's corner [m]. A centre on an edge is of one side only.
    """
    inside, away = np.zeros((rows, cols), dtype=np.bool_), np.zeros((2, rows, cols))
    for row in range(rows):
        for col in range(cols):
            x, y, least, within = (col + 0.5) * cell, (row + 0.5) * cell, np.inf, False
            for k in range(edges.shape[0]):
                x1, y1 = edges[k, 0] - x, edges[k, 1] - y
                dx, dy = edges[k, 2] - edges[k, 0], edges[k, 3] - edges[k, 1]
                if (y1 <= 0.0) != (y1 + dy <= 0.0) and x1 - y1 / dy * dx > 0.0:
                    within = not within
                length = dx * dx + dy * dy
                part = min(max(-(x1 * dx + y1 * dy) / length, 0.0), 1.0) if length > 0.0 else 0.0
                to_x, to_y = x1 + part * dx, y1 + part * dy
                if to_x * to_x + to_y * to_y < least:
                    least = to_x * to_x + to_y * to_y
                    away[0, row, col], away[1, row, col] = to_x, to_y
            inside[row, col] = within
    return inside, away


@compiled
def _add(sums: Floats, x: float, y: float, z: float) -> None:
    """Add a cell to the sums that a plane is fitted from."""
    for k, value in enumerate((1.0, x, y, z, x * x, x * y, y * y, x * z, y * z, z * z)):
        sums[k] += value


@compiled
def _fit(sums: Floats) -> tuple[float, float, float, float]:
    """Return rise per metre east and south, height at the corner [m] and mean squared residual [m2] of a plane."""
    x, y, z = sums[1] / sums[0], sums[2] / sums[0], sums[3] / sums[0]
    xx, xy, yy = sums[4] / sums[0] - x * x, sums[5] / sums[0] - x * y, sums[6] / sums[0] - y * y
    xz, yz, zz = sums[7] / sums[0] - x * z, sums[8] / sums[0] - y * z, sums[9] / sums[0] - z * z
    spread = xx * yy - xy * xy
    if spread <= 1e-6 * (xx + yy) ** 2:  # cells in a line have no slope
        return 0.0, 0.0, z, max(zz, 0.0)
    a, b = (xz * yy - yz * xy) / spread, (yz * xx - xz * xy) / spread
    return a, b, z - a * x - b * y, max(zz - a * xz - b * yz, 0.0)


@compiled
def _fits(z: Floats, labels: Integers, cell: float, count: int) -> tuple[Floats, Floats]:
    """Return the sums of planes, and rise east, rise south, height at the corner, and cosine of the tilt of each."""
    sums, planes = np.zeros((count, 10)), np.zeros((count, 4))
    for row in range(z.shape[0]):
        for col in range(z.shape[1]):
            if labels[row, col] >= 0:
                _add(sums[labels[row, col]], col * cell, row * cell, z[row, col])
    for k in range(count):
        if sums[k, 0] > 0.0:
            a, b, c, _ = _fit(sums[k])
            planes[k] = (a, b, c, 1.0 / math.sqrt(1.0 + a * a + b * b))
    return sums, planes


@compiled
def _above(z: Floats, cell: float, row: int, col: int, plane: Floats) -> float:
    """Return how far a cell lies above a plane, square to it [m]."""
    return float((z[row, col] - plane[0] * col * cell - plane[1] * row * cell - plane[2]) * plane[3])


@compiled
def _seeds(z: Floats, labels: Integers, high: int, wide: int, seed: float) -> Integers:
    """Return the first cells, as numbers, of even windows of free cells, those that tell most first.

    Of windows of three by three cells the most even come first. In narrower ones two rows of cells on both sides of a
    ridge look as even as those of either side, but never as steep: of them the steepest come first.
    """
    rows, cols = z.shape
    places, order = np.empty(z.size, dtype=np.int32), np.empty(z.size)
    middle_down, middle_right, cells = 0.5 * (high - 1), 0.5 * (wide - 1), high * wide
    spread_down, spread_right = cells * (high * high - 1) / 12.0, cells * (wide * wide - 1) / 12.0
    count = 0
    for row in range(1, rows - high):
        for col in range(1, cols - wide):
            total, squares, east, south, free = 0.0, 0.0, 0.0, 0.0, True
            for down in range(high):
                for right in range(wide):
                    height = z[row + down, col + right] - z[row, col]
                    total, squares = total + height, squares + height * height
                    east, south = east + (right - middle_right) * height, south + (down - middle_down) * height
                    free = free and labels[row + down, col + right] == FREE
            steep = east * east / spread_right + south * south / spread_down
            residual = (squares - total * total / cells - steep) / cells
            if free and residual <= seed * seed:
                places[count] = row * cols + col
                order[count] = residual if cells == 9 else -((east / spread_right) ** 2 + (south / spread_down) ** 2)
                count += 1
    return places[:count][np.argsort(order[:count], kind="mergesort")]


@compiled
def _grow(
    z: Floats, labels: Integers, cell: float, count: int, high: int, wide: int, tolerance: float, seed: float
) -> int:
    """Label further planes that grow ring by ring from windows of free cells, and return how many there are then."""
    cols = z.shape[1]
    queue, plane = np.empty(z.size, dtype=np.int32), np.empty(4)
    for place in _seeds(z, labels, high, wide, seed):
        row, col, taken = place // cols, place % cols, False
        for n in range(high * wide):
            taken = taken or labels[row + n // wide, col + n % wide] != FREE
        if taken:
            continue
        sums, first, last = np.zeros(10), 0, high * wide
        for n in range(last):
            r, c = row + n // wide, col + n % wide
            labels[r, c], queue[n] = count, r * cols + c
            _add(sums, c * cell, r * cell, z[r, c])
        while first < last:
            a, b, height, _ = _fit(sums)
            plane[0], plane[1], plane[2], plane[3] = a, b, height, 1.0 / math.sqrt(1.0 + a * a + b * b)
            ring = last
            for n in range(first, ring):
                for down, right in ((-1, 0), (0, -1), (0, 1), (1, 0)):
                    r, c = queue[n] // cols + down, queue[n] % cols + right
                    if labels[r, c] == FREE and abs(_above(z, cell, r, c, plane)) <= tolerance:
                        labels[r, c], queue[last] = count, r * cols + c
                        _add(sums, c * cell, r * cell, z[r, c])
                        last += 1
            first = ring
        count += 1
    return count


@compiled
def _settle(z: Floats, labels: Integers, cell: float, planes: Floats, most: float, among: Flags) -> int:
    """Give some cells the plane within reach that they lie on best, and return how many have changed.

    In reach is the plane of the cell and of the eight round it; a cell further off than `most` [m] is of none.
    """
    before, changed = labels.copy(), 0
    for row in range(1, z.shape[0] - 1):
        for col in range(1, z.shape[1] - 1):
            if before[row, col] == OUT or not among[row, col]:
                continue
            best, least = FREE, most
            if before[row, col] >= 0:
                own = abs(_above(z, cell, row, col, planes[before[row, col]]))
                if own <= most:
                    best, least = before[row, col], own
            for down in range(-1, 2):
                for right in range(-1, 2):
                    label = before[row + down, col + right]
                    if label >= 0 and abs(_above(z, cell, row, col, planes[label])) < least:
                        best, least = label, abs(_above(z, cell, row, col, planes[label]))
            labels[row, col] = best
            changed += best != before[row, col]
    return changed


@compiled
def _keep_largest_parts(labels: Integers, count: int) -> None:
    """Free the cells of planes that do not hang together with most of their plane."""
    rows, cols = labels.shape
    part, sizes = np.full(labels.shape, -1, dtype=np.int32), np.zeros(labels.size, dtype=np.int32)
    queue, largest = np.empty(labels.size, dtype=np.int32), np.full(count, -1, dtype=np.int32)
    parts = 0
    for start in range(labels.size):
        label = labels[start // cols, start % cols]
        if label < 0 or part[start // cols, start % cols] >= 0:
            continue
        part[start // cols, start % cols], queue[0], first, last = parts, start, 0, 1
        while first < last:
            for down, right in ((-1, 0), (0, -1), (0, 1), (1, 0)):
                r, c = queue[first] // cols + down, queue[first] % cols + right
                if labels[r, c] == label and part[r, c] < 0:
                    part[r, c], queue[last] = parts, r * cols + c
                    last += 1
            first += 1
        sizes[parts] = last
        if largest[label] < 0 or last > sizes[largest[label]]:
            largest[label] = parts
        parts += 1
    for row in range(rows):
        for col in range(cols):
            if labels[row, col] >= 0 and part[row, col] != largest[labels[row, col]]:
                labels[row, col] = FREE


@compiled
def _are_one(one: Floats, other: Floats, join: float) -> bool:
    """Tell whether two planes lie as well on a common plane as on their own."""
    a, b, c, _ = _fit(one + other)
    for sums in (one, other):
        n = sums[0]
        off = (
            sums[9] + a * a * sums[4] + b * b * sums[6] + 2.0 * a * b * sums[5] + n * c * c
            - 2.0 * (a * sums[7] + b * sums[8] + c * sums[3]) + 2.0 * c * (a * sums[1] + b * sums[2])
        ) / n  # fmt: skip
        if (off - _fit(sums)[3]) / (1.0 + a * a + b * b) > join * join:
            return False
    return True


@compiled
def _join(labels: Integers, sums: Floats, join: float) -> bool:
    """Join neighbouring planes that are one, and tell whether there were any."""
    roots = np.arange(len(sums))
    found, again = False, True
    while again:
        again = False
        for row in range(labels.shape[0] - 1):
            for col in range(labels.shape[1] - 1):
                for r, c in ((row, col + 1), (row + 1, col)):
                    if labels[row, col] < 0 or labels[r, c] < 0:
                        continue
                    one, other = roots[labels[row, col]], roots[labels[r, c]]
                    if one != other and _are_one(sums[one], sums[other], join):
                        sums[one] += sums[other]
                        roots[roots == other] = one
                        found = again = True
    for row in range(labels.shape[0]):
        for col in range(labels.shape[1]):
            if labels[row, col] >= 0:
                labels[row, col] = roots[labels[row, col]]
    return found


@compiled
def _to_border(labels: Integers, planes: Floats, cell: float, row: int, col: int, down: int, right: int) -> float:
    """Return how far the border lies on the way from a cell to one of another plane, or of none [cells]."""
    steps = math.hypot(float(down), float(right))
    own, other = planes[labels[row, col]], labels[row + down, col + right]
    if other >= 0:
        # the height of the other plane over the own one, here and there: roofs meet where it is nought
        over = planes[other, :3] - own[:3]
        here = over[0] * col * cell + over[1] * row * cell + over[2]
        there = here + (over[0] * right + over[1] * down) * cell
        if here * there < 0.0:
            return float(min(max(here / (here - there) * steps, steps - 1.0), steps))
    return steps - 0.5


@compiled
def _beyond(away: float, strip: float) -> float:
    """Return which share of a cell lies beyond a strip, by the way from its centre to where the strip begins [cells].

    A strip narrower than half a cell cuts a narrower band of cells, none of which lies outside of the roof.
    """
    return min(max((away - strip) / max(min(1.0, 2.0 * strip), 1e-9) + 0.5, 0.0), 1.0)


@compiled
def _shares(
    z: Floats,
    labels: Integers,
    inside: Flags,
    away: Floats,
    cell: float,
    planes: Floats,
    strips: tuple[float, float, float],
) -> Floats:
    """Return which share of each cell is usable.

    The edge of a footprint lies where it is drawn, a ridge or valley where two planes meet, any other border half-way
    between two centres. Of a cell that the inner edge of a strip cuts, the part beyond counts. So no set-back is
    rounded to whole cells. `strips` are set-back, obstacle and clearance [m].
    """
    setback, obstacle, clearance = strips
    rows, cols = z.shape
    reach = math.ceil(max(setback, clearance) / cell + 1.0)
    shares = np.zeros(z.shape)
    for row in range(rows):
        for col in range(cols):
            own = labels[row, col]
            if own < 0:
                continue
            a, b = planes[own, 0], planes[own, 1]
            x, y = away[0, row, col], away[1, row, col]
            to_edge = math.hypot(x, y)
            # a metre of plan is longer along the slope
            longer = math.sqrt(1.0 + (a * x + b * y) ** 2 / max(to_edge * to_edge, 1e-12))
            share = _beyond(to_edge / cell, setback / longer / cell)
            for r in range(max(row - reach, 0), min(row + reach + 1, rows)):
                for c in range(max(col - reach, 0), min(col + reach + 1, cols)):
                    if labels[r, c] == own or not inside[r, c]:
                        continue
                    stands_out = labels[r, c] == FREE and _above(z, cell, r, c, planes[own]) > obstacle
                    strip = clearance if stands_out else setback
                    down, right = r - row, c - col
                    longer = math.sqrt(1.0 + (a * right + b * down) ** 2 / (right * right + down * down))
                    to_border = _to_border(labels, planes, cell, row, col, down, right)
                    share = min(share, _beyond(to_border, strip / longer / cell))
            shares[row, col] = share
    return shares


@compiled
def _shape(
    z: Floats, known: Flags, cell: float, fit: tuple[float, float, float, float]
) -> tuple[Integers, Floats, Flags]:
    """Return the plane of each cell that lies on one, the planes as of `_fits`, and which of them have cells."""
    labels, count = np.where(known, FREE, OUT).astype(np.int32), 0
    for high, wide in ((3, 3), (2, 3), (3, 2)):
        if high * wide == 9 or 2.0 * cell >= fit[3]:
            count = _grow(z, labels, cell, count, high, wide, fit[0], fit[1])
    while True:
        for _ in range(ROUNDS):
            if _settle(z, labels, cell, _fits(z, labels, cell, count)[1], fit[0], known) == 0:
                break
        _keep_largest_parts(labels, count)
        sums, planes = _fits(z, labels, cell, count)
        if not _join(labels, sums, fit[2]):
            return labels, planes, sums[:, 0] > 0.0


@compiled
def _cover(
    z: Floats, core: Integers, cell: float, planes: Floats, kept: Flags, rim: Flags, obstacle: float
) -> Integers:
    """Return the plane of each cell, also of those that stand out too little to be obstacles, and of the rim."""
    labels = core.copy()
    for row in range(z.shape[0]):
        for col in range(z.shape[1]):
            if labels[row, col] >= 0 and not kept[labels[row, col]]:
                labels[row, col] = FREE
    while _settle(z, labels, cell, planes, obstacle, labels == FREE) > 0:
        pass
    _settle(z, labels, cell, planes, np.inf, rim & (labels == FREE))
    return labels


@compiled
def facets(
    z: Floats,
    inside: Flags,
    known: Flags,
    away: Floats,
    cell: float,
    fit: tuple[float, float, float, float],
    strips: tuple[float, float, float],
    limits: tuple[float, float],
) -> tuple[Integers, Floats, Floats]:
    """Return the plane of each cell, the planes as of `_fits`, and the usable share of each cell.

    Parameters
    ----------
    z
        Heights [m]; the outermost cells are of no roof.
    inside, known
        Whether a cell lies in the footprint; and is of no other building and has a height.
    away
        As of `survey`.
    cell
        Side of a cell [m].
    fit
        Tolerance, seed, join and narrow of ``planes.csv`` [m].
    strips
        As of `_shares`.
    limits
        Least cosine of the tilt, and least usable area [cells].
    """
    core, planes, kept = _shape(z, known, cell, fit)
    kept &= planes[:, 3] >= limits[0]
    # cells that the footprint's edge cuts hold wall or gutter, and are roof all the same
    rim = known & (np.hypot(away[0], away[1]) < cell * math.sqrt(0.5))
    while True:
        labels = _cover(z, core, cell, planes, kept, rim, strips[1])
        shares, usable = _shares(z, labels, inside, away, cell, planes, strips), np.zeros(len(planes))
        for row in range(z.shape[0]):
            for col in range(z.shape[1]):
                if labels[row, col] >= 0:
                    usable[labels[row, col]] += shares[row, col]
        # what is too small may be an obstacle to others
        small = kept & (usable < limits[1] * planes[:, 3])
        if not small.any():
            return labels, planes, shares
        kept &= ~small
