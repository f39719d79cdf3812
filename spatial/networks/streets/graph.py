"""The street graph: mended, cut at junctions, each edge with what digging there costs.

Nothing rests on names, on the order of rows, or on where a street was cut in the drawing: lines are ordered by where
they lie, and parts of one street are joined before anything else.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely

from layers.errors import refuse
from spatial.networks.streets.courses import Courses, noded, pieces, together
from spatial.networks.streets.digging import GAP, Digging
from spatial.networks.streets.repairs import bridged, left_out, repairs_table, snapped, split_places

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Shapes = npt.NDArray[np.object_]
Texts = npt.NDArray[np.object_]


@dataclass(frozen=True, eq=False)
class StreetGraph:
    """Streets cut at their junctions.

    Attributes
    ----------
    points
        Coordinates of the nodes, shape (nodes, 2) [m].
    ends
        First and last node of each edge, shape (edges, 2).
    lines
        Course of each edge, from its first to its last node.
    street_class
        Road class of each edge, or `digging.GAP` or `digging.SERVICE`.
    lengths
        Length of each edge [m].
    dig_factor
        Factor on the cost of pipe laid along each edge [-].
    crossings
        How often each edge crosses each of `crossings.KINDS`, shape (edges, kinds); in halves where it ends within one.
    crossing_cny
        What these crossings cost on top of the pipe [CNY].
    closed
        Stretches of streets along which no pipe may be laid.
    digging
        What the costs were reckoned with.
    """

    points: Floats
    ends: Integers
    lines: Shapes
    street_class: Texts
    lengths: Floats
    dig_factor: Floats
    crossings: Floats
    crossing_cny: Floats
    closed: Shapes
    digging: Digging

    @classmethod
    def of(
        cls, points: Floats, ends: Integers, lines: Shapes, street_class: Texts, closed: Shapes, digging: Digging
    ) -> "StreetGraph":
        """Return a graph with lengths and costs of its edges."""
        count, within = digging.barriers.crossed(lines, street_class)
        return cls(
            points=points,
            ends=ends,
            lines=lines,
            street_class=street_class,
            lengths=shapely.length(lines),
            dig_factor=np.array([digging.factor[name] for name in street_class], dtype=np.float64),
            crossings=count,
            crossing_cny=digging.barriers.cost_cny(count, within),
            closed=closed,
            digging=digging,
        )

    def pieces(self) -> Integers:
        """Return per node the number of the connected piece it lies in."""
        return pieces(len(self.points), self.ends)

    def main_piece(self) -> int:
        """Return the number of the piece of most length, -1 where there is none."""
        if not len(self.ends):
            return -1
        return int(np.argmax(np.bincount(self.pieces()[self.ends[:, 0]], weights=self.lengths)))


def street_graph(
    streets: gpd.GeoDataFrame, snap_m: float, gap_m: float, digging: Digging | None = None
) -> tuple[StreetGraph, gpd.GeoDataFrame]:
    """Return the graph of street centre lines and every repair that was made to get there.

    Classes along which no pipe may be laid are left out. Ends nearer than `snap_m` to another end or line are moved
    onto it, none farther than that; what lies in a forbidden barrier is taken out; lines are split where they cross or
    touch; an end within `gap_m` of a street it is not connected with at all is joined to it, nearest first.

    Lines without length are left out, and what lies twice counts once, by its cheapest class. Lines that cross at
    different levels do not meet, but an end meets the line it lies on, whatever its level. Where the table has no
    levels every crossing is a junction.

    Parameters
    ----------
    streets
        Centre lines, a table of `layers.tables.place.STREETS`; none make an empty graph.
    snap_m
        Snapping distance [m].
    gap_m
        Widest gap that is bridged [m].
    digging
        What digging costs; sourced factors and no barriers where not given.

    Returns
    -------
    graph
        The street graph.
    repairs
        A table of `layers.tables.networks.STREET_REPAIRS`.

    Raises
    ------
    ValueError
        If a shape is no line, its coordinates are not finite, or a road class has no dig factor.
    """
    digging = digging or Digging()
    # the cheapest class comes first, for where lines lie on each other
    classes = sorted(digging.factor, key=lambda name: (digging.factor[name], name))
    drawn = _drawn(streets, classes)
    open_to = np.array([digging.may(name) for name in classes])
    closed = drawn.take(~open_to[drawn.rank]).joined()
    courses, moved = snapped(drawn.take(open_to[drawn.rank]).joined(), snap_m)
    kept, row, taken = digging.barriers.cut(courses.lines, _names(classes, courses.rank))
    courses = courses.replaced(kept, row).ordered()
    graph = noded(courses)
    split = split_places(graph, courses)
    bridges, gaps = bridged(graph, gap_m, digging.barriers)
    if len(bridges):
        gap = Courses(bridges, np.full(len(bridges), classes.index(GAP)), np.zeros(len(bridges), dtype=np.int64))
        graph = noded(together([graph.edges, gap]))
    shut = np.concatenate([closed.lines, taken])
    street_class = _names(classes, graph.edges.rank)
    found = StreetGraph.of(graph.points, graph.ends, graph.edges.lines, street_class, shut, digging)
    return found, repairs_table([moved, split, gaps, left_out(shut)], streets.crs)


def _names(classes: Sequence[str], rank: Integers) -> Texts:
    return np.array(classes, dtype=object)[rank]


def _drawn(streets: gpd.GeoDataFrame, classes: Sequence[str]) -> Courses:
    """Return the lines of a table."""
    lines = shapely.force_2d(streets.geometry.to_numpy())
    known = streets["road_class"].isin(classes)
    places, row = shapely.get_coordinates(lines, return_index=True)
    refuse(
        {
            "streets must be lines": streets.index[~np.isin(shapely.get_dimensions(lines), (-1, 1))],
            "coordinates of streets must be finite": streets.index[np.unique(row[~np.isfinite(places).all(axis=1)])],
            "road classes without a dig factor": streets.loc[~known, "road_class"].unique(),
        }
    )
    number = {name: at for at, name in enumerate(classes)}
    rank = np.array([number[name] for name in streets["road_class"]], dtype=np.int64)
    level = streets["level"].to_numpy(dtype=np.int64) if "level" in streets.columns else np.zeros(len(lines), np.int64)
    return Courses(lines, rank, level)
