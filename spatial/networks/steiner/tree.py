"""The shortest tree that joins given nodes of a graph, with a lower bound.

The tree comes from reductions, a first tree along shortest paths and a local search; the bound from a dual ascent. The
two never share code that could hide an error: the tree is measured again on the lengths as they were given.

References
----------
.. [1] Wong, R. T. (1984). A dual ascent approach for Steiner tree problems on a directed graph. Mathematical
   Programming 28, 271-287. doi:10.1007/BF02612335
.. [2] Uchoa, E., Werneck, R. F. (2012). Fast local search for the Steiner problem in graphs. ACM Journal of
   Experimental Algorithmics 17, 2.2. doi:10.1145/2133803.2184448
.. [3] Polzin, T., Vahdati Daneshmand, S. (2001). Improved algorithms for the Steiner problem in networks. Discrete
   Applied Mathematics 112, 263-300. doi:10.1016/S0166-218X(00)00319-X
"""

import itertools
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from typing import Any, cast

import networkx as nx
import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from spatial.networks.steiner.dual import Ascent, dual_ascent, remove_dear
from spatial.networks.steiner.graph import WorkGraph, reduce_degrees, reduce_special
from spatial.networks.steiner.paths import Tree, path_tree, tree_length
from spatial.networks.steiner.search import improve

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

STEPS = float(2**36)
"""The longest edge in whole steps: fine enough for a micrometre in 60 km, and sums stay exact in double precision."""
MAX_PASSES = 4
"""How often the graph is shrunk by what bound and tree rule out."""
STARTS = 3
"""First trees tried per pass; beyond `FEW_TERMINALS` only the best of them is improved."""
FEW_TERMINALS = 200


@dataclass(frozen=True)
class SteinerTree:
    """A tree as indices of the edges given, its length and a length that no tree can undercut."""

    edges: Integers
    length: float
    lower_bound: float


def steiner_tree(graph: "nx.Graph[Any]", terminals: Iterable[Hashable]) -> tuple[list[tuple[Any, Any]], float, float]:
    """Return a short tree that joins the terminals, its cost and a lower bound of any such tree [1]_ [2]_.

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
        From the dual ascent, never above the cost [m].

    Raises
    ------
    ValueError
        If a terminal is not in the graph, a length is missing, negative or not finite, or terminals are not connected.

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
        If a length is negative or not finite, or the terminals are not connected.
    """
    if not np.all(np.isfinite(lengths)) or np.any(lengths < 0.0):
        raise ValueError("lengths must be finite and not negative")
    terminals = np.unique(terminals)
    if terminals.size < 2:
        return SteinerTree(np.zeros(0, dtype=np.int64), 0.0, 0.0)
    _require_connected(count, ends, terminals)
    longest = float(lengths.max())
    step = longest / STEPS if longest > 0.0 else 1.0
    whole = np.rint(lengths / step).astype(np.int64)
    rank = _canonical(count, ends, whole, terminals)
    order = np.lexsort((whole, *np.sort(rank[ends], axis=1).T[::-1]))
    edges = [(int(rank[a]), int(rank[b]), int(whole[edge])) for edge in order for a, b in [ends[edge]]]
    records, bound = _solve_whole(count, edges, sorted(int(rank[node]) for node in terminals))
    chosen = np.sort(order[np.array(records, dtype=np.int64)])
    cost = measure(count, ends, lengths, terminals, chosen)
    # rounding to whole steps moves each edge of the best tree by half a step at most
    lower = (bound - 0.5 * (count - 1)) * step
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


def _require_connected(count: int, ends: Integers, terminals: Integers) -> None:
    graph = coo_array((np.ones(len(ends)), (ends[:, 0], ends[:, 1])), shape=(count, count))
    _, labels = connected_components(graph, directed=False)
    pieces = np.unique(labels[terminals])
    if pieces.size > 1:
        raise ValueError(f"the terminals lie in {pieces.size} parts of the graph that are not connected")


def _canonical(count: int, ends: Integers, whole: Integers, terminals: Integers) -> Integers:
    """Return a rank per node that rests on lengths and neighbours, so that names and order of the input do not matter.

    Three rounds of colour refinement; what is still equal then (symmetric places) keeps the order given.
    """
    colour = np.zeros(count, dtype=np.int64)
    colour[terminals] = 1
    tails = np.concatenate([ends[:, 0], ends[:, 1]])
    heads = np.concatenate([ends[:, 1], ends[:, 0]])
    lengths = np.concatenate([whole, whole])
    for _ in range(3):
        around = np.lexsort((colour[heads], lengths, tails))
        starts = np.searchsorted(tails[around], np.arange(count + 1))
        facts = list(zip(lengths[around].tolist(), colour[heads[around]].tolist(), strict=True))
        keys = [
            (own, facts[first:last])
            for own, first, last in zip(colour.tolist(), starts[:-1].tolist(), starts[1:].tolist(), strict=True)
        ]
        ranked = sorted(range(count), key=keys.__getitem__)
        fresh = np.array([keys[a] != keys[b] for a, b in itertools.pairwise(ranked)], dtype=np.int64)
        colour[ranked] = np.concatenate([[0], np.cumsum(fresh)])
    rank = np.empty(count, dtype=np.int64)
    rank[np.argsort(colour, kind="stable")] = np.arange(count)
    return rank


def _solve_whole(count: int, edges: list[tuple[int, int, int]], terminals: list[int]) -> tuple[list[int], int]:
    """Return the records of a tree and a bound, in whole steps."""
    graph = WorkGraph.of(count, edges, terminals)
    best: list[int] = []
    best_length = -1
    bound = 0
    for _ in range(MAX_PASSES):
        _shrink(graph)
        if graph.terminals_left < 2:
            length, records = graph.forced_length, list(graph.forced)
            if best_length < 0 or length < best_length:
                best, best_length = records, length
            return graph.expand(best), best_length
        ascents = _ascents(graph)
        raised = max(ascents, key=lambda one: one.bound)
        bound = max(bound, graph.forced_length + raised.bound)
        tree = _best_tree(graph, ascents)
        length = graph.forced_length + tree_length(tree)
        if best_length < 0 or length < best_length:
            best_length = length
            best = graph.forced + [
                graph.links[node][other][1] for node in sorted(tree) for other in sorted(tree[node]) if node < other
            ]
        alive = sum(len(links) for links in graph.links) // 2
        if bound >= best_length:
            break
        removed = remove_dear(graph, raised, best_length - graph.forced_length)
        if not _joined(graph):
            bound = best_length  # what is left holds no shorter tree, so the one found is the best
            break
        if removed * 20 < alive:
            break
    return graph.expand(best), min(bound, best_length)


def _shrink(graph: WorkGraph) -> None:
    reduce_degrees(graph)
    while graph.terminals_left > 1:
        alive = sum(len(links) for links in graph.links) // 2
        removed = reduce_special(graph)
        reduce_degrees(graph)
        if removed * 10 < alive:
            return


def _ascents(graph: WorkGraph) -> list[Ascent]:
    roots = _spread(graph)
    return [dual_ascent(graph, root) for root in (roots[:1] if graph.terminals_left > FEW_TERMINALS else roots)]


def _spread(graph: WorkGraph) -> list[int]:
    """Return some terminals, evenly spread over their ranks."""
    roots = [node for node, flag in enumerate(graph.terminal) if flag]
    number = min(STARTS, len(roots))
    return [roots[len(roots) * turn // number] for turn in range(number)]


def _best_tree(graph: WorkGraph, ascents: list[Ascent]) -> Tree:
    """Return the best of a few trees, each improved by local search."""
    spread = _spread(graph)
    starts = [path_tree(graph, root, ascent.tight(len(graph.links))) for ascent in ascents for root in spread]
    starts.append(path_tree(graph, spread[0]))
    ranked = sorted((tree for tree in starts if tree is not None), key=tree_length)
    trees = ranked[: 1 if graph.terminals_left > FEW_TERMINALS else STARTS]
    for tree in trees:
        improve(graph, tree)
    if len(trees) > 1:
        near = _union(graph, trees)
        merged = [one for root in spread if (one := path_tree(graph, root, near)) is not None]
        for tree in merged:
            improve(graph, tree)
        trees += merged
    return min(trees, key=tree_length)


def _union(graph: WorkGraph, trees: list[Tree]) -> list[list[int]]:
    """Return per node its neighbours in any of some trees: good trees share most of what the best one needs."""
    near: list[set[int]] = [set() for _ in graph.links]
    for tree in trees:
        for node, links in tree.items():
            near[node].update(links)
    return [sorted(others) for others in near]


def _joined(graph: WorkGraph) -> bool:
    """Return whether the terminals left still are connected."""
    start = graph.terminal.index(True)
    seen = {start}
    stack = [start]
    while stack:
        for other in graph.links[stack.pop()]:
            if other not in seen:
                seen.add(other)
                stack.append(other)
    return all(node in seen for node, flag in enumerate(graph.terminal) if flag)
