"""Streets become a graph, and parcels join it where they front a street.

Every crossing is a junction: bridges and tunnels, also those of motorways, are not told apart from crossings at grade,
because a trench follows the street below as well. Nothing rests on names or on the order of rows: lines are ordered by
where they lie.
"""

import itertools
from dataclasses import dataclass, replace
from typing import cast

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree
from shapely.ops import substring

from layers.tables.networks import STREET_REPAIRS

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Shapes = npt.NDArray[np.object_]

GRID_M = 0.001
"""Coordinates are rounded to this while lines are noded [m], so that crossings have one position."""
SAME_M = 2.0 * GRID_M
"""Points nearer than this are the same after noding [m]."""


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
    lengths
        Length of each edge [m].
    """

    points: Floats
    ends: Integers
    lines: Shapes
    lengths: Floats

    def pieces(self) -> Integers:
        """Return per node the number of the connected piece it lies in."""
        weights = np.ones(len(self.ends))
        matrix = coo_array((weights, (self.ends[:, 0], self.ends[:, 1])), shape=(len(self.points), len(self.points)))
        return connected_components(matrix, directed=False)[1].astype(np.int64)


@dataclass(frozen=True, eq=False)
class Fronted:
    """A street graph that parcels have joined, and the node of each parcel (-1 where no street is near enough)."""

    graph: StreetGraph
    node: Integers


def street_graph(streets: gpd.GeoDataFrame, snap_m: float, gap_m: float) -> tuple[StreetGraph, gpd.GeoDataFrame]:
    """Return the graph of street centre lines and every repair that was made to get there.

    Ends nearer than `snap_m` to another end or line are moved onto it; lines are split where they cross or touch; an
    end that lies within `gap_m` of a street it is not connected with at all is joined to it, nearest first.

    Parameters
    ----------
    streets
        Centre lines, a table of `layers.tables.place.STREETS`.
    snap_m
        Snapping distance [m].
    gap_m
        Widest gap that is bridged [m].

    Returns
    -------
    graph
        The street graph.
    repairs
        A table of `layers.tables.networks.STREET_REPAIRS`, points where something was changed.
    """
    lines, snapped = _snap(_ordered(shapely.force_2d(streets.geometry.to_numpy())), snap_m)
    graph = _noded(lines)
    split = _split_points(graph, lines)
    bridges, gaps = _bridge(graph, gap_m)
    if len(bridges):
        graph = _noded(np.concatenate([graph.lines, bridges]))
    repairs = pd.concat([snapped, split, gaps], ignore_index=True)
    repairs.insert(0, "repair_id", [f"{kind}-{number}" for kind, number in _numbered(repairs["kind"])])
    shapes = gpd.GeoSeries(repairs.pop("geometry").tolist(), crs=streets.crs)
    return graph, STREET_REPAIRS.check(gpd.GeoDataFrame(repairs, geometry=shapes, crs=streets.crs))


def _ends(lines: Shapes, index: int) -> Shapes:
    return shapely.get_point(lines, index)


def _points(places: Floats) -> Shapes:
    return cast("Shapes", shapely.points(places))


def _numbered(kinds: "pd.Series[str]") -> list[tuple[str, str]]:
    numbers = kinds.groupby(kinds).cumcount() + 1
    return [(kind, f"{number:05d}") for kind, number in zip(kinds, numbers, strict=True)]


def _ordered(shapes: Shapes) -> Shapes:
    """Return single lines of some length, without repetition, in an order that only their course decides."""
    lines = shapely.normalize(shapely.get_parts(shapes))
    lines = lines[shapely.length(lines) > GRID_M]
    keys = shapely.to_wkb(lines)
    return lines[np.unique(keys, return_index=True)[1]] if len(lines) else lines


def _repairs(kind: str, points: Shapes, distances: Floats) -> pd.DataFrame:
    return pd.DataFrame({"kind": kind, "distance_m": np.asarray(distances, dtype=np.float64), "geometry": points})


def _snap(lines: Shapes, snap_m: float) -> tuple[Shapes, pd.DataFrame]:
    """Move line ends onto ends and lines nearby."""
    if not len(lines):
        return lines, _repairs("snapped", np.empty(0, dtype=object), np.zeros(0))
    ends = np.concatenate([_ends(lines, 0), _ends(lines, -1)])
    owner = np.tile(np.arange(len(lines)), 2)
    before = shapely.get_coordinates(ends)
    after = _clustered(before, snap_m)
    # an end already on another line, or at another end, is where it should be
    tree = shapely.STRtree(lines)
    moved = _points(after)
    index, other = tree.query(moved, predicate="dwithin", distance=snap_m)
    foreign = owner[index] != other
    index, other = index[foreign], other[foreign]
    away = shapely.distance(moved[index], lines[other])
    on_line = np.zeros(len(ends), dtype=bool)
    on_line[index[away <= GRID_M]] = True
    shared = np.unique(np.rint(after / GRID_M).astype(np.int64), axis=0, return_inverse=True, return_counts=True)
    at_end = (shared[2] > 1)[shared[1].ravel()]
    for end in np.unique(index[~on_line[index] & ~at_end[index]]):
        mine = index == end
        nearest = other[mine][np.argmin(away[mine])]
        place = shapely.line_interpolate_point(lines[nearest], shapely.line_locate_point(lines[nearest], moved[end]))
        after[end] = shapely.get_coordinates(place)[0]
    distance: Floats = np.hypot(after[:, 0] - before[:, 0], after[:, 1] - before[:, 1])
    changed = distance > GRID_M
    for line in np.unique(owner[changed]):
        course = shapely.get_coordinates(lines[line])
        course[0], course[-1] = after[line], after[line + len(lines)]
        lines[line] = shapely.linestrings(course)
    rows = np.flatnonzero(changed)
    _, first = np.unique(before[rows], axis=0, return_index=True)
    rows = rows[first]
    return lines[shapely.length(lines) > GRID_M], _repairs("snapped", _points(after[rows]), distance[rows])


def _clustered(points: Floats, within: float) -> Floats:
    """Return points with those near each other (also through others between them) moved to one of them."""
    pairs = cKDTree(points).query_pairs(within, output_type="ndarray")
    matrix = coo_array((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(len(points), len(points)))
    labels = connected_components(matrix, directed=False)[1]
    order = np.lexsort((points[:, 1], points[:, 0], labels))
    first = np.searchsorted(labels[order], np.arange(labels.max() + 1))
    return points[order[first]][labels]


def _noded(lines: Shapes) -> StreetGraph:
    """Return the graph of lines cut wherever they meet."""
    if len(lines):
        lines = _ordered(np.array([shapely.union_all(lines, grid_size=GRID_M)], dtype=object))
    ends = np.concatenate([_ends(lines, 0), _ends(lines, -1)])
    places = np.rint(shapely.get_coordinates(ends) / GRID_M).astype(np.int64)
    unique, inverse = np.unique(places, axis=0, return_inverse=True)
    return StreetGraph(
        points=(unique * GRID_M).astype(np.float64),
        ends=inverse.reshape(2, -1).T.astype(np.int64),
        lines=lines,
        lengths=shapely.length(lines),
    )


def _split_points(graph: StreetGraph, lines: Shapes) -> pd.DataFrame:
    """Return the nodes that lie inside a line as it was drawn."""
    nodes = _points(graph.points)
    index, line = shapely.STRtree(lines).query(nodes, predicate="dwithin", distance=SAME_M)
    inside = np.ones(len(index), dtype=bool)
    for end in (0, -1):
        inside &= shapely.distance(_ends(lines[line], end), nodes[index]) > SAME_M
    places = np.unique(index[inside])
    return _repairs("split", nodes[places], np.zeros(len(places)))


def _bridge(graph: StreetGraph, gap_m: float) -> tuple[Shapes, pd.DataFrame]:
    """Return lines across gaps between pieces, nearest gap first, until no near pieces are left apart."""
    nothing = np.empty(0, dtype=object)
    pieces = graph.pieces() if len(graph.ends) else np.zeros(0, dtype=np.int64)
    if gap_m <= 0.0 or not len(pieces) or not pieces.max():
        return nothing, _repairs("gap", nothing, np.zeros(0))
    dead_ends = np.flatnonzero(np.bincount(graph.ends.ravel(), minlength=len(graph.points)) == 1)
    nodes = _points(graph.points[dead_ends])
    index, edge = shapely.STRtree(graph.lines).query(nodes, predicate="dwithin", distance=gap_m)
    apart = pieces[dead_ends[index]] != pieces[graph.ends[edge, 0]]
    index, edge = index[apart], edge[apart]
    away = shapely.distance(nodes[index], graph.lines[edge])
    leader = np.arange(pieces.max() + 1)
    bridges: list[shapely.Geometry] = []
    for row in np.lexsort((edge, index, away)):
        here, there = (leader[piece] for piece in (pieces[dead_ends[index[row]]], pieces[graph.ends[edge[row], 0]]))
        if here != there:
            leader[leader == here] = there
            bridges.append(shapely.shortest_line(nodes[index[row]], graph.lines[edge[row]]))
    lines: Shapes = np.array(bridges, dtype=np.object_)
    return lines, _repairs("gap", shapely.line_interpolate_point(lines, 0.5, normalized=True), shapely.length(lines))


def front(graph: StreetGraph, parcels: Shapes, frontage_m: float, snap_m: float) -> Fronted:
    """Join parcels to the graph, each at the street point nearest to its boundary (not to its centroid).

    Parameters
    ----------
    graph
        The street graph.
    parcels
        Polygons.
    frontage_m
        Farthest street that counts as the parcel's [m].
    snap_m
        A service line shorter than this ends at the street itself, and a junction nearer than this is used [m].
    """
    node = np.full(len(parcels), -1, dtype=np.int64)
    if not len(graph.lines) or not len(parcels):
        return Fronted(graph, node)
    index, edge = shapely.STRtree(graph.lines).query_nearest(parcels, max_distance=max(frontage_m, GRID_M))
    first = np.unique(index, return_index=True)[1]  # of equally near streets the first by place
    edge = np.minimum.reduceat(edge[np.lexsort((edge, index))], first) if len(first) else edge
    parcel = index[first]
    links = shapely.shortest_line(graph.lines[edge], parcels[parcel])
    along = shapely.line_locate_point(graph.lines[edge], _ends(links, 0))
    along = np.where(along <= snap_m, 0.0, along)
    along = np.where(graph.lengths[edge] - along <= snap_m, graph.lengths[edge], along)
    joined, at_street = _split_edges(graph, edge, along)
    service = shapely.length(links) > snap_m
    node[parcel] = at_street
    stops = shapely.get_coordinates(_ends(links[service], -1)).reshape(-1, 2)
    places = np.rint(np.column_stack([at_street[service], stops / GRID_M])).astype(np.int64)
    _, first, inverse = np.unique(places, axis=0, return_index=True, return_inverse=True)
    node[parcel[service]] = len(joined.points) + inverse.ravel()
    stops, at_street = stops[first], at_street[service][first]
    new = len(joined.points) + np.arange(len(stops))
    starts = joined.points[at_street]
    lines = shapely.linestrings(np.stack([starts, stops], axis=1)) if len(stops) else np.empty(0, dtype=object)
    graph = StreetGraph(
        points=np.concatenate([joined.points, stops]),
        ends=np.concatenate([joined.ends, np.column_stack([at_street, new])]),
        lines=np.concatenate([joined.lines, lines]),
        lengths=np.concatenate([joined.lengths, shapely.length(lines)]),
    )
    return Fronted(graph, node)


def _split_edges(graph: StreetGraph, edge: Integers, along: Floats) -> tuple[StreetGraph, Integers]:
    """Cut edges at given distances from their beginning; return the graph and the node at each cut."""
    at = np.where(along <= 0.0, graph.ends[edge, 0], graph.ends[edge, 1])
    inside = np.flatnonzero((along > 0.0) & (along < graph.lengths[edge]))
    if not len(inside):
        return graph, at
    cuts, inverse = np.unique(
        np.column_stack([edge[inside].astype(np.float64), along[inside]]), axis=0, return_inverse=True
    )
    on = cuts[:, 0].astype(np.int64)
    at[inside] = len(graph.points) + inverse.ravel()
    points = shapely.get_coordinates(shapely.line_interpolate_point(graph.lines[on], cuts[:, 1]))
    ends: list[tuple[int, int]] = []
    lines: list[shapely.Geometry] = []
    for one in np.unique(on):
        mine = np.flatnonzero(on == one)
        stops = [0.0, *cuts[mine, 1], float(graph.lengths[one])]
        nodes = [int(graph.ends[one, 0]), *(len(graph.points) + mine).tolist(), int(graph.ends[one, 1])]
        ends += list(itertools.pairwise(nodes))
        lines += [substring(graph.lines[one], a, b) for a, b in itertools.pairwise(stops)]
    kept = np.setdiff1d(np.arange(len(graph.lines)), on)
    split = np.concatenate([graph.lines[kept], np.array(lines, dtype=object)])
    changed = replace(
        graph,
        points=np.concatenate([graph.points, points]),
        ends=np.concatenate([graph.ends[kept], np.array(ends, dtype=np.int64)]),
        lines=split,
        lengths=shapely.length(split),
    )
    return changed, at
