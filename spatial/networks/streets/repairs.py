"""Repairs of street centre lines: ends are snapped, gaps bridged, and each of them is told."""

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyproj
import shapely
from scipy.spatial import cKDTree

from layers.tables.networks import STREET_REPAIRS
from spatial.networks.streets.courses import GRID_M, SAME_M, Courses, Noded, points_at
from spatial.networks.streets.crossings import Barriers

Flags = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Shapes = npt.NDArray[np.object_]

PASSES = 5
"""How often ends are put on lines: a line that moves takes others with it."""


def repairs_table(parts: list[pd.DataFrame], crs: pyproj.CRS | None) -> gpd.GeoDataFrame:
    """Return the table of all repairs.

    Parameters
    ----------
    parts
        As `told` returns them.
    crs
        CRS of the streets.

    Returns
    -------
    GeoDataFrame
        Table `layers.tables.networks.STREET_REPAIRS`.
    """
    table = pd.concat(parts, ignore_index=True)
    number = table.groupby("kind").cumcount() + 1
    table.insert(0, "repair_id", table["kind"] + "-" + number.astype("str").str.zfill(5))
    shapes = points_at(table[["x_m", "y_m"]].to_numpy(dtype=np.float64))
    plain = table.drop(columns=["x_m", "y_m"])
    return STREET_REPAIRS.check(gpd.GeoDataFrame(plain, geometry=gpd.GeoSeries(shapes, crs=crs), crs=crs))


def told(kind: str, before: Floats, after: Floats, distance: Floats, where: Floats | None = None) -> pd.DataFrame:
    """Return repairs of one kind: places before and after, shape (repairs, 2), and where to show them if not after."""
    shown = after if where is None else where
    columns = np.column_stack([distance, before, after, shown])
    names = ["distance_m", "x_before_m", "y_before_m", "x_after_m", "y_after_m", "x_m", "y_m"]
    table = pd.DataFrame(columns, columns=names)
    table.insert(0, "kind", pd.Series(kind, index=table.index, dtype="str"))
    return table


def left_out(lines: Shapes) -> pd.DataFrame:
    """Return the repairs that tell of stretches that were left out."""
    first, last, middle = (
        shapely.get_coordinates(points).reshape(-1, 2)
        for points in (
            shapely.get_point(lines, 0),
            shapely.get_point(lines, -1),
            shapely.line_interpolate_point(lines, 0.5, normalized=True),
        )
    )
    return told("forbidden", first, last, shapely.length(lines), middle)


def snapped(courses: Courses, snap_m: float) -> tuple[Courses, pd.DataFrame]:
    """Move ends onto ends and lines nearby, none farther than a distance [m]; return also the repairs.

    Ends that meet move together. Where several ends already meet is where others go.
    """
    before = courses.ends()
    place = _gathered(before, snap_m)
    lines = _moved(courses.lines, before, place)
    for _ in range(PASSES):
        onto = _on_lines(lines, before, place, snap_m)
        if np.array_equal(onto, place):
            break
        lines, place = _moved(lines, place, onto), onto
    distance: Floats = np.hypot(*(place - before).T)
    changed = np.flatnonzero(distance > GRID_M)
    once = changed[np.unique(before[changed], axis=0, return_index=True)[1]]
    kept = np.flatnonzero(shapely.length(lines) > GRID_M)
    return courses.replaced(lines[kept], kept), told("snapped", before[once], place[once], distance[once])


def _gathered(ends: Floats, within: float) -> Floats:
    """Return ends moved to one of those within a distance: where most ends meet already, first by place."""
    unique, inverse, number = np.unique(ends, axis=0, return_inverse=True, return_counts=True)
    pairs = cKDTree(unique).query_pairs(within, output_type="ndarray") if len(unique) else np.zeros((0, 2), dtype=int)
    around: dict[int, list[int]] = {}
    for one, other in pairs.tolist():
        around.setdefault(one, []).append(other)
        around.setdefault(other, []).append(one)
    centre = np.arange(len(unique))
    settled: set[int] = set()
    for one in sorted(around, key=lambda at: (-number[at], at)):
        if one not in settled:
            near = [other for other in around[one] if other not in settled]
            centre[near] = one
            settled.update(near, [one])
    return unique[centre][inverse.ravel()]


def _moved(lines: Shapes, before: Floats, after: Floats) -> Shapes:
    """Return lines whose ends were moved."""
    lines, count = lines.copy(), len(lines)
    for line in np.unique(np.flatnonzero((before != after).any(axis=1)) % max(count, 1)):
        course = shapely.get_coordinates(lines[line])
        course[0], course[-1] = after[line], after[line + count]
        lines[line] = shapely.linestrings(course)
    return lines


def _on_lines(lines: Shapes, before: Floats, place: Floats, within: float) -> Floats:
    """Return places of ends with those that lie near a line of none of them, but not on it, put onto it."""
    nodes, member = np.unique(place, axis=0, return_inverse=True)
    member = member.ravel()
    points = points_at(nodes)
    node, line = shapely.STRtree(lines).query(points, predicate="dwithin", distance=within)
    own = set(zip(member.tolist(), np.tile(np.arange(len(lines)), 2).tolist(), strict=True))
    foreign = np.array([pair not in own for pair in zip(node.tolist(), line.tolist(), strict=True)], dtype=bool)
    node, line = node[foreign], line[foreign]
    away = shapely.distance(points[node], lines[line])
    order = np.lexsort((line, away, node))
    first = order[np.unique(node[order], return_index=True)[1]]
    node, line = node[first[away[first] > GRID_M]], line[first[away[first] > GRID_M]]
    along = shapely.line_locate_point(lines[line], points[node])
    onto = nodes.copy()
    onto[node] = shapely.get_coordinates(shapely.line_interpolate_point(lines[line], along)).reshape(-1, 2)
    # an end that was moved already must not end up farther away than the tolerance
    farthest = np.zeros(len(nodes))
    np.maximum.at(farthest, member, np.hypot(*(onto[member] - before).T))
    return np.where(farthest <= within, onto.T, nodes.T).T[member]


def split_places(graph: Noded, courses: Courses) -> pd.DataFrame:
    """Return the repairs that tell of nodes inside a line as it was drawn."""
    nodes = points_at(graph.points)
    index, line = shapely.STRtree(courses.lines).query(nodes, predicate="dwithin", distance=SAME_M)
    inside = np.ones(len(index), dtype=bool)
    for end in (0, -1):
        inside &= shapely.distance(shapely.get_point(courses.lines[line], end), nodes[index]) > SAME_M
    places = graph.points[np.unique(index[inside])]
    return told("split", places, places, np.zeros(len(places)))


def bridged(graph: Noded, gap_m: float, barriers: Barriers) -> tuple[Shapes, pd.DataFrame]:
    """Return lines across gaps between pieces, nearest gap first, until no near pieces are left apart.

    A gap begins where a street ends, or anywhere on a piece that ends nowhere. No bridge crosses a forbidden barrier.
    """
    nothing, piece = np.empty(0, dtype=object), graph.pieces()
    if gap_m <= 0.0 or not len(piece) or not piece.max():
        return nothing, told("gap", np.zeros((0, 2)), np.zeros((0, 2)), np.zeros(0))
    ending = np.bincount(graph.ends.ravel(), minlength=len(graph.points)) == 1
    endless = np.bincount(piece, weights=ending) == 0
    node = np.flatnonzero(ending | endless[piece])
    points, lines = points_at(graph.points[node]), graph.edges.lines
    index, edge = shapely.STRtree(lines).query(points, predicate="dwithin", distance=gap_m)
    apart = piece[node[index]] != piece[graph.ends[edge, 0]]
    index, edge = index[apart], edge[apart]
    across: Shapes = shapely.shortest_line(points[index], lines[edge])
    allowed = ~barriers.forbid(across)
    index, edge, across = index[allowed], edge[allowed], across[allowed]
    leader = np.arange(piece.max() + 1)
    chosen = []
    for row in np.lexsort((edge, index, shapely.length(across))):
        here, there = (leader[one] for one in (piece[node[index[row]]], piece[graph.ends[edge[row], 0]]))
        if here != there:
            leader[leader == here] = there
            chosen.append(row)
    bridges = across[chosen]
    before, after = (shapely.get_coordinates(shapely.get_point(bridges, end)).reshape(-1, 2) for end in (0, -1))
    return bridges, told("gap", before, after, shapely.length(bridges))
