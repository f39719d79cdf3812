"""Which cluster of consumers a network is drawn for, and where its station stands."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import dijkstra

from spatial.networks.graph import StreetGraph
from spatial.networks.tree import Hung, Load

Flags = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

SOURCES = 256
"""Places looked at together: bounds the memory of the distances between them and all nodes."""


@dataclass(frozen=True, eq=False)
class Ways:
    """Distances along the streets."""

    matrix: csr_array

    @classmethod
    def of(cls, graph: StreetGraph) -> "Ways":
        """Make the matrix of a graph; of parallel edges the shortest counts."""
        size = len(graph.points)
        order = np.argsort(graph.lengths, kind="stable")
        pairs, first = np.unique(np.sort(graph.ends[order], axis=1), axis=0, return_index=True)
        # csgraph takes a zero for no edge
        lengths = np.maximum(graph.lengths[order][first], 1e-6)
        return cls(coo_array((lengths, (pairs[:, 0], pairs[:, 1])), shape=(size, size)).tocsr())

    def from_nodes(self, nodes: Integers, limit_m: float = np.inf) -> Floats:
        """Return the distance from some nodes to all nodes, shape (nodes, all) [m]; infinite beyond a limit."""
        distances: Floats = dijkstra(self.matrix, directed=False, indices=nodes, limit=limit_m)
        return distances


def best_cluster(ways: Ways, node: Integers, worth: Floats, reach_m: float) -> Flags:
    """Return which consumers lie within reach of the place around which they are worth most together.

    Parameters
    ----------
    ways
        Distances along the streets.
    node
        Node of each consumer.
    worth
        What each consumer is worth [CNY/a]; those below zero do not draw the place towards them.
    reach_m
        How far a network reaches along the streets [m].
    """
    places, inverse = np.unique(node, return_inverse=True)
    weight = np.bincount(inverse.ravel(), weights=np.maximum(worth, 0.0))
    gathered = np.zeros(len(places))
    for start in range(0, len(places), SOURCES):
        near = ways.from_nodes(places[start : start + SOURCES], reach_m)[:, places] <= reach_m
        gathered[start : start + SOURCES] = near @ weight
    centre = places[[int(np.argmax(gathered))]]
    within: Flags = ways.from_nodes(centre, reach_m)[0][node] <= reach_m
    return within


def balance_point(tree: Hung, load: Load) -> int:
    """Return the node of a tree from which no branch holds more than half of the demand: its centre along streets."""
    below = tree.below(load.energy_mwh[tree.node])
    heavy = np.flatnonzero(below >= below[0] / 2.0)
    return int(tree.node[heavy[-1]])


def nearest_site(ways: Ways, centre: int, site_node: Integers, within_m: float) -> int:
    """Return the position of the site nearest to a centre along the streets, or -1 where none is near enough.

    Parameters
    ----------
    ways
        Distances along the streets.
    centre
        Node to stay close to.
    site_node
        Node of each possible site; -1 where it has none.
    within_m
        Farthest site [m].
    """
    if not np.any(site_node >= 0):
        return -1
    distance = np.where(site_node >= 0, ways.from_nodes(np.array([centre]))[0][site_node], np.inf)
    best = int(np.argmin(distance))
    return best if distance[best] <= within_m else -1
