"""Lines with what is known of them, put in order, joined where a street was cut, and noded."""

from dataclasses import dataclass
from typing import cast

import numpy as np
import numpy.typing as npt
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from shapely.ops import substring

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Shapes = npt.NDArray[np.object_]

GRID_M = 0.001
"""Coordinates are rounded to this while lines are noded [m], so that crossings have one position."""
SAME_M = 2.0 * GRID_M
"""Points nearer than this are the same after noding [m]."""
STRAIGHT_M = 0.1 * GRID_M
"""Corners that lie nearer than this to the straight line between their neighbours are none [m]."""


@dataclass(frozen=True, eq=False)
class Courses:
    """Single lines.

    Attributes
    ----------
    lines
        Where they run.
    rank
        Number of their class; where lines lie on each other the lowest counts.
    level
        Lines of one level meet where they cross; those of two only where one of them ends.
    """

    lines: Shapes
    rank: Integers
    level: Integers

    def take(self, rows: npt.NDArray[np.int64] | npt.NDArray[np.bool_]) -> "Courses":
        """Return some of them."""
        return Courses(self.lines[rows], self.rank[rows], self.level[rows])

    def replaced(self, lines: Shapes, row: Integers) -> "Courses":
        """Return other lines that are each of one of these rows."""
        return Courses(lines, self.rank[row], self.level[row])

    def ordered(self) -> "Courses":
        """Return lines of some length, without repetition, in an order that only their course decides."""
        lines, row = shapely.get_parts(self.lines, return_index=True)
        some = shapely.length(lines) > GRID_M
        one = self.replaced(shapely.normalize(lines[some]), row[some].astype(np.int64))
        keys = list(zip(shapely.to_wkb(one.lines).tolist(), one.level.tolist(), one.rank.tolist(), strict=True))
        first = {key: at for at, key in enumerate(keys)}
        return one.take(np.array([first[key] for key in sorted(first)], dtype=np.int64))

    def joined(self) -> "Courses":
        """Return the lines with those of one class and level joined that meet end to end, and nothing else does.

        Where a street is cut in two in the drawing is nobody's choice, so it must not decide what is snapped to what.
        """
        once, parts = self.ordered(), []
        for level, rank in np.unique(np.column_stack([once.level, once.rank]), axis=0):
            mine = np.flatnonzero((once.level == level) & (once.rank == rank))
            lines = shapely.get_parts(shapely.line_merge(shapely.multilinestrings(once.lines[mine])))
            # a corner of 180 degrees, as a cut leaves it, would bend where an end of the line is moved
            lines = shapely.simplify(lines, STRAIGHT_M, preserve_topology=False)
            parts.append(once.replaced(lines, np.full(len(lines), mine[0])))
        return together(parts).ordered() if parts else once

    def ends(self) -> Floats:
        """Return coordinates of all first and then all last points [m], shape (2 lines, 2)."""
        points = np.concatenate([shapely.get_point(self.lines, end) for end in (0, -1)])
        return shapely.get_coordinates(points).reshape(-1, 2)


def points_at(places: Floats) -> Shapes:
    """Return places, shape (n, 2), as points."""
    return cast("Shapes", shapely.points(places))


def together(parts: list[Courses]) -> Courses:
    """Return all lines as one."""
    return Courses(
        np.concatenate([part.lines for part in parts]),
        np.concatenate([part.rank for part in parts]),
        np.concatenate([part.level for part in parts]),
    )


@dataclass(frozen=True, eq=False)
class Noded:
    """Lines cut wherever they meet.

    Attributes
    ----------
    edges
        The lines.
    points
        Coordinates of the nodes [m], shape (nodes, 2).
    ends
        First and last node of each edge, shape (edges, 2).
    """

    edges: Courses
    points: Floats
    ends: Integers

    def pieces(self) -> Integers:
        """Return per node the number of the connected piece it lies in."""
        return pieces(len(self.points), self.ends)


def pieces(nodes: int, ends: Integers) -> Integers:
    """Return per node the number of the connected piece it lies in.

    Parameters
    ----------
    nodes
        How many there are.
    ends
        First and last node of each edge, shape (edges, 2).
    """
    matrix = coo_array((np.ones(len(ends)), (ends[:, 0], ends[:, 1])), shape=(nodes, nodes))
    return connected_components(matrix, directed=False)[1].astype(np.int64)


def noded(courses: Courses) -> Noded:
    """Return lines cut wherever those of one level cross or touch, and where an end lies on a line of any level."""
    cut = _cut_at_ends(courses)
    parts = []
    for level in np.unique(cut.level):
        mine = cut.take(np.flatnonzero(cut.level == level))
        lines = shapely.get_parts(shapely.union_all(mine.lines, grid_size=GRID_M))
        lines = lines[shapely.length(lines) > GRID_M]
        middle = shapely.line_interpolate_point(lines, 0.5, normalized=True)
        line, course = shapely.STRtree(mine.lines).query(middle, predicate="dwithin", distance=SAME_M)
        rank = np.full(len(lines), np.iinfo(np.int64).max)
        np.minimum.at(rank, line, mine.rank[course])
        parts.append(Courses(lines, rank, np.full(len(lines), level)))
    edges = together(parts).ordered() if parts else courses
    places = np.rint(edges.ends() / GRID_M).astype(np.int64)
    unique, inverse = np.unique(places, axis=0, return_inverse=True)
    return Noded(edges, (unique * GRID_M).astype(np.float64), inverse.reshape(2, -1).T.astype(np.int64))


def _cut_at_ends(courses: Courses) -> Courses:
    """Cut lines where an end lies on them, so that it becomes a node whatever rounding does."""
    places = np.unique(courses.ends(), axis=0)
    points = points_at(places)
    at, line = shapely.STRtree(courses.lines).query(points, predicate="dwithin", distance=SAME_M)
    inside = np.ones(len(at), dtype=bool)
    for end in (0, -1):
        inside &= shapely.distance(shapely.get_point(courses.lines[line], end), points[at]) > SAME_M
    at, line = at[inside], line[inside]
    if not len(at):
        return courses
    along = shapely.line_locate_point(courses.lines[line], points[at])
    order = np.lexsort((along, line))
    at, line, along = at[order], line[order], along[order]
    touched, start = np.unique(line, return_index=True)
    lines, row = [], []
    for one, where, stops in zip(touched, np.split(at, start[1:]), np.split(along, start[1:]), strict=True):
        pieces_of = _cut(courses.lines[one], places[where], stops)
        lines += pieces_of
        row += [one] * len(pieces_of)
    kept = np.setdiff1d(np.arange(len(courses.lines)), touched)
    made: Shapes = np.array(lines, dtype=object)
    return together([courses.take(kept), courses.replaced(made, np.array(row, dtype=np.int64))])


def _cut(line: shapely.LineString, places: Floats, along: Floats) -> list[shapely.LineString]:
    """Return the parts of a line that begin and end at places on it."""
    apart = np.ones(len(along), dtype=bool)
    apart[1:] = np.diff(along) > SAME_M
    places, along = places[apart], along[apart]
    stops = [0.0, *along.tolist(), float(line.length)]
    parts = []
    for number in range(len(stops) - 1):
        course = shapely.get_coordinates(substring(line, stops[number], stops[number + 1]))
        if number > 0:
            course[0] = places[number - 1]
        if number < len(along):
            course[-1] = places[number]
        parts.append(shapely.LineString(course))
    return parts
