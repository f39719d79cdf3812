"""The shortest tree that joins given nodes of a graph, with a lower bound.

The tree comes from reductions, first trees along shortest paths, a local search and annealing; the bound from dual
ascents. Every tree is measured again on the lengths as they were given.

Nothing rests on the clock: effort is counted in edges looked at, so that the result is the same on every machine. Nor
does it rest on names, the order of edges or the unit of lengths, see `canonical`.

References
----------
.. [1] Wong, R. T. (1984). A dual ascent approach for Steiner tree problems on a directed graph. Mathematical
   Programming 28, 271-287. doi:10.1007/BF02612335
.. [2] Uchoa, E., Werneck, R. F. (2012). Fast local search for the Steiner problem in graphs. ACM Journal of
   Experimental Algorithmics 17, 2.2. doi:10.1145/2133803.2184448
.. [3] Polzin, T., Vahdati Daneshmand, S. (2001). Improved algorithms for the Steiner problem in networks. Discrete
   Applied Mathematics 112, 263-300. doi:10.1016/S0166-218X(00)00319-X
"""

from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from typing import Any, cast

import networkx as nx
import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from spatial.networks.steiner.canonical import longest_useful, ranks, scaled, whole_lengths
from spatial.networks.steiner.problem import Problem
from spatial.networks.steiner.solver import solve_whole

Flags = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class SteinerTree:
    """A tree as indices of the edges given, its length and a length that no tree can undercut."""

    edges: Integers
    length: float
    lower_bound: float


def steiner_tree(graph: "nx.Graph[Any]", terminals: Iterable[Hashable]) -> tuple[list[tuple[Any, Any]], float, float]:
    """Return a short tree that joins the terminals, its cost and a lower bound of any such tree [1]_ [2]_ [3]_.

    Parameters
    ----------
    graph
        Undirected graph; each edge has a ``length`` >= 0 [m].
    terminals
        Nodes to join; repeated ones count once.

    Returns
    -------
    edges
        Edges of the tree, as node pairs in the order of the graph's own edges.
    cost
        Sum of their lengths [m].
    lower_bound
        From dual ascents, never above the cost, and equal to it where the graph is a tree [m].

    Raises
    ------
    ValueError
        If a terminal is not in the graph, a length is missing, negative or not finite, or terminals are not connected.

    Notes
    -----
    The compiled parts are compiled on the first call, and stored.

    Examples
    --------
    >>> import networkx as nx
    >>> star = nx.Graph()
    >>> star.add_weighted_edges_from([("a", "x", 2), ("b", "x", 2), ("c", "x", 2), ("a", "b", 3.5)], weight="length")
    >>> edges, cost, lower_bound = steiner_tree(star, ["a", "b", "c"])
    >>> cost, round(lower_bound, 6)
    (6.0, 6.0)
    """
    nodes = list(graph.nodes)
    position = {node: index for index, node in enumerate(nodes)}
    wanted = list(dict.fromkeys(terminals))
    unknown = [node for node in wanted if node not in position]
    if unknown:
        raise ValueError(f"{len(unknown)} terminals are not nodes of the graph, the first is {unknown[0]!r}")
    pairs = list(graph.edges(data="length"))
    if any(length is None for _, _, length in pairs):
        raise ValueError("every edge needs a 'length'")
    ends = np.array([(position[tail], position[head]) for tail, head, _ in pairs], dtype=np.int64).reshape(-1, 2)
    lengths = np.array([length for _, _, length in pairs], dtype=np.float64)
    found = solve(len(nodes), ends, lengths, np.array([position[node] for node in wanted], dtype=np.int64))
    return [cast("tuple[Any, Any]", pairs[edge][:2]) for edge in found.edges], found.length, found.lower_bound


def solve(count: int, ends: Integers, lengths: Floats, terminals: Integers) -> SteinerTree:
    """Return a short tree in a graph given as arrays; see `steiner_tree`.

    Parameters
    ----------
    count
        Number of nodes.
    ends
        Tail and head of each edge, shape (edges, 2).
    lengths
        Length of each edge [m], shape (edges,).
    terminals
        Nodes to join.

    Raises
    ------
    ValueError
        If a length is negative or not finite, a terminal is no node, or the terminals are not connected.
    """
    if not np.all(np.isfinite(lengths)) or np.any(lengths < 0.0):
        raise ValueError("lengths must be finite and not negative")
    terminals = np.unique(terminals)
    if terminals.size < 2:
        return SteinerTree(np.zeros(0, dtype=np.int64), 0.0, 0.0)
    if terminals[0] < 0 or terminals[-1] >= count:
        raise ValueError(f"terminals must be nodes, from 0 to {count - 1}")
    # what is longer than a whole tree, lies elsewhere or leads back to where it begins has no say
    useful = (ends[:, 0] != ends[:, 1]) & (lengths <= longest_useful(count, ends, lengths, terminals))
    piece = _piece(count, ends[useful], terminals)
    rows = np.flatnonzero(useful & piece[ends[:, 0]])
    number = np.cumsum(piece) - 1
    near, goals = number[ends[rows]], number[terminals]
    digits, power = scaled(lengths[rows])
    whole, step, unit = whole_lengths(digits)
    rank = ranks(int(piece.sum()), near, digits, goals)
    tail, head = np.sort(rank[near], axis=1).T
    order = np.lexsort((whole, head, tail))
    terminal = np.zeros(int(piece.sum()), dtype=np.bool_)
    terminal[rank[goals]] = True
    found, bound = solve_whole(Problem.of(tail[order], head[order], whole[order], terminal), max(unit, 1))
    picked = order[found]
    chosen = np.sort(rows[picked])
    cost = measure(count, ends, lengths, terminals, chosen)
    if len(rows) == len(terminal) - 1 or (unit and bound == whole[picked].sum()):
        return SteinerTree(chosen, cost, cost)
    # rounding to whole steps moves each edge of the best tree by half a step at most
    lower = float(np.ldexp((bound if unit else bound - 0.5 * (len(terminal) - 1)) * step, power))
    return SteinerTree(chosen, cost, max(0.0, min(lower, cost)))


def measure(count: int, ends: Integers, lengths: Floats, terminals: Integers, chosen: Integers) -> float:
    """Return the length of chosen edges, after checking that they are a tree that joins the terminals.

    Raises
    ------
    ValueError
        If they are not.
    """
    picked = ends[chosen]
    nodes = np.unique(picked)
    graph = coo_array((np.ones(len(chosen)), (picked[:, 0], picked[:, 1])), shape=(count, count))
    _, labels = connected_components(graph, directed=False)
    if len(nodes) != len(chosen) + 1 or len(np.unique(labels[np.concatenate([nodes, terminals])])) != 1:
        raise ValueError("the chosen edges are not a tree that joins the terminals")
    return float(np.sum(lengths[chosen]))


def _piece(count: int, ends: Integers, terminals: Integers) -> Flags:
    """Return which nodes are connected with the terminals."""
    graph = coo_array((np.ones(len(ends)), (ends[:, 0], ends[:, 1])), shape=(count, count))
    _, labels = connected_components(graph, directed=False)
    pieces = np.unique(labels[terminals])
    if pieces.size > 1:
        raise ValueError(f"the terminals lie in {pieces.size} parts of the graph that are not connected")
    return np.asarray(labels == pieces[0])
