"""A lower bound for Steiner trees from the dual side, and what its reduced costs rule out.

References
----------
.. [1] Wong, R. T. (1984). A dual ascent approach for Steiner tree problems on a directed graph. Mathematical
   Programming 28, 271-287. doi:10.1007/BF02612335
.. [2] Polzin, T., Vahdati Daneshmand, S. (2001). Improved algorithms for the Steiner problem in networks. Discrete
   Applied Mathematics 112, 263-300. doi:10.1016/S0166-218X(00)00319-X
"""

from dataclasses import dataclass
from heapq import heapify, heappop, heappush

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from spatial.networks.steiner.graph import WorkGraph


@dataclass(frozen=True, slots=True)
class Ascent:
    """What a dual ascent leaves: a bound, and the arcs with their reduced lengths."""

    root: int
    bound: int
    tails: list[int]
    heads: list[int]
    reduced: list[int]

    def tight(self, count: int) -> list[set[int]]:
        """Return per node (of `count`) the neighbours over arcs of reduced length zero, in either direction."""
        near: list[set[int]] = [set() for _ in range(count)]
        for tail, head, left in zip(self.tails, self.heads, self.reduced, strict=True):
            if left == 0:
                near[tail].add(head)
                near[head].add(tail)
        return near


class _Cut:
    """The nodes that reach one terminal over tight arcs, and the arcs that enter them."""

    __slots__ = ("entering", "nodes")

    def __init__(self, terminal: int, entering: list[int]) -> None:
        self.nodes = {terminal}
        self.entering = entering


def dual_ascent(graph: WorkGraph, root: int) -> Ascent:
    """Return a lower bound of the tree that joins the terminals, by raising cuts until the root is reached [1]_.

    Each terminal not yet reached by the root owns the set of nodes from which it is reached over arcs without reduced
    length. The terminal with the smallest cut raises the dual of that cut by the smallest reduced length that enters
    it; the sum of all raises is a feasible dual solution of the directed cut formulation, hence a bound.
    """
    tails: list[int] = []
    heads: list[int] = []
    reduced: list[int] = []
    into: list[list[int]] = [[] for _ in graph.links]
    for tail, links in enumerate(graph.links):
        for head in sorted(links):
            into[head].append(len(tails))
            tails.append(tail)
            heads.append(head)
            reduced.append(links[head][0])
    active = [flag and node != root for node, flag in enumerate(graph.terminal)]
    cuts = {node: _Cut(node, list(into[node])) for node, flag in enumerate(active) if flag}
    heap = [(len(cut.entering), node) for node, cut in cuts.items()]
    heapify(heap)
    bound = 0
    while heap:
        _, terminal = heappop(heap)
        cut = cuts[terminal]
        if _grow(cut, terminal, tails, reduced, into, active, root):
            active[terminal] = False
            del cuts[terminal]
            continue
        size = len(cut.entering)
        if heap and size > heap[0][0]:
            heappush(heap, (size, terminal))
            continue
        raised = min([reduced[arc] for arc in cut.entering])
        bound += raised
        for arc in cut.entering:
            reduced[arc] -= raised
        heappush(heap, (size, terminal))
    return Ascent(root, bound, tails, heads, reduced)


def _grow(
    cut: _Cut, terminal: int, tails: list[int], reduced: list[int], into: list[list[int]], active: list[bool], root: int
) -> bool:
    """Add what tight arcs reach; return whether the root, or another terminal that still raises, is now inside."""
    nodes = cut.nodes
    entering: list[int] = []
    stack = cut.entering
    while stack:
        fresh: list[int] = []
        for arc in stack:
            tail = tails[arc]
            if tail in nodes:
                continue
            if reduced[arc]:
                entering.append(arc)
                continue
            if tail == root or (active[tail] and tail != terminal):
                return True
            nodes.add(tail)
            fresh.extend(into[tail])
        stack = fresh
    cut.entering = [arc for arc in entering if tails[arc] not in nodes]
    return False


def remove_dear(graph: WorkGraph, ascent: Ascent, best: int) -> int:
    """Remove edges that no tree shorter than `best` can hold, in place [2]_; return how many.

    A tree through an arc costs at least the bound plus the reduced distance from the root to the arc, the arc, and the
    reduced distance from there to the nearest terminal.
    """
    if not ascent.tails:
        return 0
    count = len(graph.links)
    tails, heads = np.asarray(ascent.tails), np.asarray(ascent.heads)
    reduced = np.asarray(ascent.reduced, dtype=np.float64)
    # csgraph drops zeros, so tight arcs get the smallest length that cannot matter beside whole numbers
    weights = np.where(reduced == 0.0, 2.0**-30, reduced)
    forward = csr_array((weights, (tails, heads)), shape=(count, count))
    from_root: npt.NDArray[np.float64] = dijkstra(forward, indices=np.array([ascent.root]))[0]
    ends = [node for node, flag in enumerate(graph.terminal) if flag and node != ascent.root]
    to_end: npt.NDArray[np.float64] = dijkstra(forward.T.tocsr(), indices=ends, min_only=True)
    needed = ascent.bound + np.floor(from_root[tails] + 0.5) + reduced + np.floor(to_end[heads] + 0.5)
    cheap = {
        (min(tail, head), max(tail, head))
        for tail, head, least in zip(ascent.tails, ascent.heads, needed.tolist(), strict=True)
        if least < best
    }
    removed = 0
    for tail, head in zip(ascent.tails, ascent.heads, strict=True):
        if tail < head and (tail, head) not in cheap:
            graph.cut(tail, head)
            removed += 1
    return removed
