"""Parcels join the street graph, each at its frontage; who does not is told with the reason."""

import itertools
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from shapely.ops import substring

from layers.errors import refuse
from layers.tables.networks import UNREACHABLE_PARCELS
from spatial.networks.streets.courses import GRID_M
from spatial.networks.streets.crossings import Barriers
from spatial.networks.streets.digging import SERVICE
from spatial.networks.streets.graph import StreetGraph

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Shapes = npt.NDArray[np.object_]
Texts = npt.NDArray[np.object_]


@dataclass(frozen=True, eq=False)
class Fronted:
    """A street graph that parcels have joined, and the node of each parcel (-1 where none can be reached)."""

    graph: StreetGraph
    node: Integers


def front(graph: StreetGraph, parcels: Shapes, frontage_m: float, snap_m: float) -> Fronted:
    """Join parcels to the graph, each at the street point nearest to its boundary (not to its centroid).

    A street that can be reached only across a forbidden barrier is passed over for the next one within reach.

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

    Raises
    ------
    ValueError
        If a parcel has no shape; it is named by its position, as shapes have no names.
    """
    _refuse_shapeless(parcels)
    node = np.full(len(parcels), -1, dtype=np.int64)
    parcel, edge, links = _links(graph.lines, parcels, frontage_m, graph.digging.barriers)
    if not len(parcel):
        return Fronted(graph, node)
    along = shapely.line_locate_point(graph.lines[edge], shapely.get_point(links, 0))
    along = np.where(along <= snap_m, 0.0, along)
    along = np.where(graph.lengths[edge] - along <= snap_m, graph.lengths[edge], along)
    joined, at_street = _split_edges(graph, edge, along)
    service = shapely.length(links) > snap_m
    node[parcel] = at_street
    stops = shapely.get_coordinates(shapely.get_point(links[service], -1)).reshape(-1, 2)
    places = np.rint(np.column_stack([at_street[service], stops / GRID_M])).astype(np.int64)
    _, first, inverse = np.unique(places, axis=0, return_index=True, return_inverse=True)
    node[parcel[service]] = len(joined.points) + inverse.ravel()
    stops, at_street = stops[first], at_street[service][first]
    new = len(joined.points) + np.arange(len(stops))
    starts = joined.points[at_street]
    lines = np.array([shapely.LineString(pair) for pair in zip(starts, stops, strict=True)], dtype=np.object_)
    whole = StreetGraph.of(
        np.concatenate([joined.points, stops]),
        np.concatenate([joined.ends, np.column_stack([at_street, new])]),
        np.concatenate([joined.lines, lines]),
        np.concatenate([joined.street_class, np.full(len(lines), SERVICE, dtype=object)]),
        graph.closed,
        graph.digging,
    )
    return Fronted(whole, node)


def reasons(fronted: Fronted, parcels: Shapes, frontage_m: float) -> Texts:
    """Return why parcels cannot be reached, empty where they can.

    Parameters
    ----------
    fronted
        As `front` returns it for these parcels.
    parcels
        Polygons.
    frontage_m
        Farthest street that counts as the parcel's [m].

    Returns
    -------
    reasons
        ``no_street`` where none lies within reach; ``forbidden`` where all within reach may not be dug, or only across
        what must not be crossed; ``cut_off`` where the street is not connected with the piece of most length. Who is
        cut off has a node all the same: a network may stand on a smaller piece.
    """
    graph, found = fronted.graph, np.full(len(parcels), "", dtype=object)
    streets = np.concatenate([graph.lines[graph.street_class != SERVICE], graph.closed])
    without = np.flatnonzero(fronted.node < 0)
    found[without] = "no_street"
    near = shapely.STRtree(streets).query(parcels[without], predicate="dwithin", distance=max(frontage_m, GRID_M))[0]
    found[without[near]] = "forbidden"
    within = np.flatnonzero(fronted.node >= 0)
    found[within[graph.pieces()[fronted.node[within]] != graph.main_piece()]] = "cut_off"
    return found


def unreachable_parcels(parcels: gpd.GeoDataFrame, fronted: Fronted, frontage_m: float) -> gpd.GeoDataFrame:
    """Return the parcels that cannot be reached, each with the reason.

    Parameters
    ----------
    parcels
        Table `layers.tables.place.PARCELS`.
    fronted
        As `front` returns it for their shapes.
    frontage_m
        As of `reasons`.

    Returns
    -------
    GeoDataFrame
        Table `layers.tables.networks.UNREACHABLE_PARCELS`, in the order of the parcels.
    """
    shapes = parcels.geometry.to_numpy()
    why = reasons(fronted, shapes, frontage_m)
    rows = np.flatnonzero(why != "")
    graph = fronted.graph
    streets = graph.lines[graph.street_class != SERVICE]
    index, away = shapely.STRtree(streets).query_nearest(shapes[rows], return_distance=True, all_matches=False)
    distance = np.full(len(rows), np.nan)
    distance[index[0]] = away
    table = pd.DataFrame(
        {
            "parcel_id": parcels.index[rows].to_numpy(),
            "reason": pd.array(why[rows], dtype="str"),
            "street_m": distance,
        }
    )
    shown = gpd.GeoSeries(shapes[rows], crs=parcels.crs)
    return UNREACHABLE_PARCELS.check(gpd.GeoDataFrame(table, geometry=shown, crs=parcels.crs))


def _refuse_shapeless(parcels: Shapes) -> None:
    refuse({"parcels have no shape": np.flatnonzero(shapely.is_missing(parcels) | shapely.is_empty(parcels))})


def _links(lines: Shapes, parcels: Shapes, frontage_m: float, barriers: Barriers) -> tuple[Integers, Integers, Shapes]:
    """Return parcels that can be reached, the street of each, and the shortest line from there to its boundary."""
    reach, streets = max(frontage_m, GRID_M), shapely.STRtree(lines)
    parcel, edge = streets.query_nearest(parcels, max_distance=reach)
    links = shapely.shortest_line(lines[edge], parcels[parcel])
    barred = barriers.forbid(links)
    if barred.any():
        again = np.unique(parcel[barred])
        index, others = streets.query(parcels[again], predicate="dwithin", distance=reach)
        parcel = np.concatenate([parcel, again[index]])
        edge = np.concatenate([edge, others])
        links = shapely.shortest_line(lines[edge], parcels[parcel])
        barred = barriers.forbid(links)
    parcel, edge, links = parcel[~barred], edge[~barred], links[~barred]
    order = np.lexsort((edge, np.round(shapely.length(links) / GRID_M), parcel))  # of equally near ones the first
    first = order[np.unique(parcel[order], return_index=True)[1]]
    return parcel[first].astype(np.int64), edge[first].astype(np.int64), links[first]


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
    of: list[int] = []
    for one in np.unique(on):
        mine = np.flatnonzero(on == one)
        stops = [0.0, *cuts[mine, 1], float(graph.lengths[one])]
        nodes = [int(graph.ends[one, 0]), *(len(graph.points) + mine).tolist(), int(graph.ends[one, 1])]
        ends += list(itertools.pairwise(nodes))
        lines += [substring(graph.lines[one], a, b) for a, b in itertools.pairwise(stops)]
        of += [one] * (len(nodes) - 1)
    kept = np.setdiff1d(np.arange(len(graph.lines)), on)
    changed = StreetGraph.of(
        np.concatenate([graph.points, points]),
        np.concatenate([graph.ends[kept], np.array(ends, dtype=np.int64)]),
        np.concatenate([graph.lines[kept], np.array(lines, dtype=object)]),
        np.concatenate([graph.street_class[kept], graph.street_class[of]]),
        graph.closed,
        graph.digging,
    )
    return changed, at
