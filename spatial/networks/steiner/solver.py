"""The whole course in whole numbers: shrink, bound, search, rule out, and again until nothing is left to win.

References
----------
.. [1] Polzin, T., Vahdati Daneshmand, S. (2001). Improved algorithms for the Steiner problem in networks. Discrete
   Applied Mathematics 112, 263-300. doi:10.1016/S0166-218X(00)00319-X
"""

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from spatial.networks.steiner.dual import EVEN, Bounds
from spatial.networks.steiner.problem import Problem
from spatial.networks.steiner.search import Search

Flags = NDArray[np.bool_]
Indices = NDArray[np.int32]
Wholes = NDArray[np.int64]

SEED = 20_240_229
"""Where random numbers start."""
CLOSE = 2e-4
"""Gap between tree and bound, over the tree, at which the search ends."""
STAGES = (0.04, 0.16, 0.8)
"""Shares of the effort of annealing, in the order in which they are spent."""
ANNEALING, CLIMBING = 11_000, 10_000
"""How many edges, and arcs, may be looked at per node to find a shorter tree, and a higher bound."""
SMALL, HARD, EASY, MIDDLING = 5_000, 36_000, 36, 15_000
"""Graphs of up to so many nodes get the effort of so many nodes and four times their own, if that is no more than so
many nodes per edge; larger ones that of so many nodes at least. The hard problems are neither the large nor the tiny
ones."""
DENSE = 100
"""Edges per node from which to look at one takes longer, as not all stay at hand: so a quarter less is done."""
MANY, FEW = 1_000, 2.2
"""So many terminals in a larger graph need no more effort than that; fewer get more of it, up to so many times."""
FIRST = 0.1
"""Share of the effort of annealing that first trees may take."""
NONE = 2**62
"""Length where there is no tree yet."""
WORTH = 0.03
"""Share of the edges that must be ruled out for the graph to be shrunk again."""


class _Incumbent:
    """The best tree so far, as original edges, with its length and a bound of every tree."""

    def __init__(self) -> None:
        self.edges: Indices = np.zeros(0, dtype=np.int32)
        self.length, self.bound = NONE, 0

    def take(self, problem: Problem, records: Indices, length: int) -> None:
        """Take over a tree of what is left, if it is shorter."""
        length += problem.forced_length
        if length < self.length:
            self.edges, self.length = problem.expand(np.concatenate([problem.forced, records])), length

    def raise_bound(self, bound: int, unit: int) -> None:
        """Take over a bound; the length of every tree is a multiple of the unit."""
        # trees that were ruled out meanwhile are as long as this one
        self.bound = min(max(self.bound, -(-bound // unit) * unit), self.length)

    @property
    def close(self) -> bool:
        """Whether nothing is left to win."""
        return self.length - self.bound <= CLOSE * self.length


def solve_whole(problem: Problem, unit: int) -> tuple[Indices, int]:
    """Return the original edges of a short tree, and a bound, in steps [1]_.

    Parameters
    ----------
    problem
        The problem.
    unit
        What all lengths are multiples of: a shorter tree is shorter by as much at least.
    """
    best, stages = _Incumbent(), list(STAGES)
    chance = np.random.default_rng(SEED)
    haste = np.full(len(problem.terminal), EVEN, dtype=np.int64)
    while stages:
        problem.reduce()
        if problem.terminals_left < 2:
            best.take(problem, np.zeros(0, dtype=np.int32), 0)
            return best.edges, best.length
        dear = _search(problem, best, stages, unit, haste, chance)
        problem.without(dear)
        if not _joined(problem):
            return best.edges, best.length  # what is left holds no shorter tree, so the one found is the shortest
    return best.edges, best.bound


def _search(
    problem: Problem, best: _Incumbent, stages: list[float], unit: int, haste: Wholes, chance: np.random.Generator
) -> Flags:
    """Search in turns for a better tree and bound until many edges are ruled out, or the stages are used up.

    Returns
    -------
    numpy.ndarray
        Which edges no shorter tree can hold.
    """
    graph = problem.graph()
    count, number = len(graph.terminal), len(problem.edges.tail)
    effort = _effort(count, number, len(graph.terminals))
    bounds = Bounds(graph, haste[problem.nodes], chance, CLIMBING * effort)
    search = Search(graph, int(chance.integers(1, 2**62)))
    search.start(int(graph.terminals[0]))
    for ascent in bounds.ascents:
        if search.work < FIRST * ANNEALING * effort:
            search.start(ascent.root, ascent.reduced)
    while True:
        share = stages.pop(0)
        enough = min(search.best, best.length - problem.forced_length) - unit + 1
        before = bounds.best
        bounds.climb(search.order(), enough, int(CLIMBING * effort * share))
        haste[problem.nodes] = bounds.haste
        if bounds.best is not before:
            search.start(bounds.best.root, bounds.best.reduced)
        if bounds.best.bound < search.best - unit + 1:
            search.anneal(int(ANNEALING * effort * share))
        best.take(problem, problem.edges.record[graph.edge[search.places]], search.best)
        best.raise_bound(problem.forced_length + bounds.best.bound, unit)
        if best.close:
            stages.clear()
        dear = bounds.too_dear(best.length - problem.forced_length - unit + 1)
        if not stages or np.count_nonzero(dear) > WORTH * number:
            return dear


def _effort(count: int, number: int, ends: int) -> int:
    """Return the effort for a graph: how many nodes of a usual one are as hard; by its nodes, edges and terminals."""
    if count <= SMALL:
        effort = min(HARD + 4 * count, EASY * number)
        return effort if number < DENSE * count else 3 * effort // 4
    return max(int(MIDDLING * min(FEW, max(1.0, MANY / ends))), count)


def _joined(problem: Problem) -> bool:
    """Return whether the terminals left still are connected."""
    tail, head, count = problem.edges.tail, problem.edges.head, len(problem.terminal)
    links = coo_array((np.ones(len(tail)), (tail, head)), shape=(count, count))
    _, labels = connected_components(links, directed=False)
    return len(np.unique(labels[problem.terminal])) < 2
