"""A lower bound for Steiner trees from the dual side, and what its reduced lengths rule out.

References
----------
.. [1] Wong, R. T. (1984). A dual ascent approach for Steiner tree problems on a directed graph. Mathematical
   Programming 28, 271-287. doi:10.1007/BF02612335
.. [2] Pajor, T., Uchoa, E., Werneck, R. F. (2018). A robust and scalable algorithm for the Steiner problem in graphs.
   Mathematical Programming Computation 10, 69-118. doi:10.1007/s12532-017-0123-4
.. [3] Polzin, T., Vahdati Daneshmand, S. (2001). Improved algorithms for the Steiner problem in networks. Discrete
   Applied Mathematics 112, 263-300. doi:10.1016/S0166-218X(00)00319-X
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from layers.compiling import compiled
from spatial.networks.heap import pop, push
from spatial.networks.steiner.graph import Graph

Flags = NDArray[np.bool_]
Indices = NDArray[np.int32]
Wholes = NDArray[np.int64]

FAR = 2**60
"""Farther than any node; four times as much still is a number."""
ROOTS = 4
"""From how many terminals cuts are raised at first."""
CLIMBS = 60
"""How often a pace must fit into the effort to be kept."""
EVEN = 16
"""How a terminal's arcs count where nothing else is known."""
BLOCK, WIDEST = 64, 64
"""Terminals among which one place is changed at a time, and most terminals that are changed together."""
PACES = ((0, 0), (4, 4), (16, 16), (64, 16))
"""How cuts may be raised: in one go, or in turns by a share of a usual length, and how many arcs a turn counts as. In
turns the bound gets higher where many cuts share their arcs."""


@compiled
def raise_cuts(  # noqa: C901, PLR0912, PLR0915 -- one search, which calls would slow
    graph: Graph, root: int, haste: Wholes, most: int, calm: int, reduced: Wholes, raised: Wholes, work: Wholes
) -> int:
    """Raise cuts until the root reaches every terminal [1]_ [2]_; return the sum of all raises.

    A terminal that the root does not reach yet owns the nodes from which it is reached over arcs without reduced
    length. The one of lowest rank raises the dual of that cut, by no more than the smallest reduced length that enters
    it, and goes on while it stays the lowest. A rank is low where a cut has few arcs and where little was raised. The
    sum of all raises belongs to a feasible dual solution of the directed cut formulation, hence it is a bound of every
    tree.

    Parameters
    ----------
    graph
        The graph, connected.
    root
        A terminal.
    haste
        Weight per node by which its rank counts: which cut is raised first decides how high the bound gets.
    most
        By how much a cut is raised at most in one turn.
    calm
        How many arcs such a turn counts as.
    reduced
        Reduced length of the arc into the node a place belongs to, per place, changed in place.
    raised
        Sum of the raises of each terminal, per node, added to.
    work
        How many arcs were looked at, shape (1,), added to.
    """
    start, head, terminal = graph.start, graph.head, graph.terminal
    count = len(terminal)
    active = terminal.copy()
    active[root] = False
    keys, items = np.empty(count + 1, dtype=np.int64), np.empty(count + 1, dtype=np.int32)
    size = 0
    for node in range(count):
        if active[node]:
            size = push(keys, items, size, (start[node + 1] - start[node]) * haste[node], node)
    inside, cut = np.zeros(count, dtype=np.int64), np.empty(len(head), dtype=np.int32)
    stack = np.empty(count, dtype=np.int32)
    bound, turn, scans = 0, 0, 0
    turns = np.zeros(count, dtype=np.int64)
    while size:
        owner = items[0]
        size = pop(keys, items, size)
        turn += 1
        inside[owner] = turn
        stack[0] = owner
        waiting, entering, met = 1, 0, False
        while True:
            # what tight arcs reach is inside, and the arcs from outside enter
            while waiting and not met:
                waiting -= 1
                node = stack[waiting]
                scans += start[node + 1] - start[node]
                for place in range(start[node], start[node + 1]):
                    tail = head[place]
                    if inside[tail] == turn:
                        continue
                    if reduced[place]:
                        cut[entering] = place
                        entering += 1
                        continue
                    if tail == root or active[tail]:
                        met = True
                        break
                    inside[tail] = turn
                    stack[waiting] = tail
                    waiting += 1
            if met:
                active[owner] = False
                break
            kept, least = 0, FAR
            scans += entering
            for index in range(entering):
                place = cut[index]
                if inside[head[place]] != turn:
                    cut[kept] = place
                    kept += 1
                    least = min(least, reduced[place])
            entering = kept
            rank = (entering + calm * turns[owner]) * haste[owner]
            if size and rank > keys[0]:
                size = push(keys, items, size, rank, owner)
                break
            least = min(least, most)
            turns[owner] += 1
            bound += least
            raised[owner] += least
            kept = 0
            for index in range(entering):
                place = cut[index]
                reduced[place] -= least
                if reduced[place]:
                    cut[kept] = place
                    kept += 1
                    continue
                tail = head[place]
                if tail == root or active[tail]:
                    met = True
                elif inside[tail] != turn:
                    inside[tail] = turn
                    stack[waiting] = tail
                    waiting += 1
            entering = kept
    work[0] += scans
    return bound


@compiled
def spread(graph: Graph, reduced: Wholes, root: int, distance: Wholes) -> None:
    """Fill in how far nodes are over reduced lengths: from the root, or if it is -1 to the nearest terminal."""
    start, head, twin = graph.start, graph.head, graph.twin
    keys, items = np.empty(len(head) + len(start), dtype=np.int64), np.empty(len(head) + len(start), dtype=np.int32)
    size = 0
    for node in range(len(distance)):
        distance[node] = FAR
        if node == root or (root < 0 and graph.terminal[node]):
            distance[node] = 0
            size = push(keys, items, size, 0, node)
    while size:
        reached, node = keys[0], items[0]
        size = pop(keys, items, size)
        if reached > distance[node]:
            continue
        for place in range(start[node], start[node + 1]):
            further = reached + (reduced[twin[place]] if root >= 0 else reduced[place])
            other = head[place]
            if further < distance[other]:
                distance[other] = further
                size = push(keys, items, size, further, other)


@dataclass(frozen=True, eq=False)
class Ascent:
    """What a dual ascent leaves: a bound, what `raise_cuts` reduced per place and what it raised per node."""

    root: int
    bound: int
    reduced: Wholes
    raised: Wholes


class Bounds:
    """Dual ascents in one graph, each raising cuts in another order, so that the bound climbs.

    Attributes
    ----------
    haste
        Weights of the ascent that climbs, see `raise_cuts`.
    """

    def __init__(self, graph: Graph, haste: Wholes, chance: np.random.Generator, effort: int) -> None:
        """Raise cuts from some roots, and at some paces; `effort` tells how many arcs may be looked at in all."""
        self.graph, self.haste, self.chance = graph, haste, chance
        self._work, self._pace = np.zeros(1, dtype=np.int64), PACES[0]
        self._usual = int(np.median(graph.length))
        terminals = graph.terminals
        number = min(ROOTS, len(terminals))
        self.ascents = [self._raised(int(terminals[0]), haste)]
        cost = self.work
        for turn in range(1, number):
            if cost * CLIMBS < effort:
                self.ascents.append(self._raised(int(terminals[len(terminals) * turn // number]), haste))
        self._climbing, self._cost = self.best, cost
        for pace in PACES[1:]:
            # a slower pace costs more, and one that climbs a few times only does not get far
            if cost * CLIMBS > effort:
                break
            before, usual, self._pace = self.work, self._pace, pace
            ascent = self._raised(self.best.root, haste)
            self.ascents.append(ascent)
            cost = self.work - before
            if ascent.bound > self._climbing.bound and cost * CLIMBS < effort:
                self._climbing, self._cost = ascent, cost
            else:
                self._pace = usual

    @property
    def work(self) -> int:
        """How many arcs were looked at."""
        return int(self._work[0])

    @property
    def best(self) -> Ascent:
        """The ascent with the highest bound."""
        return max(self.ascents, key=lambda one: one.bound)

    def climb(self, order: Indices, enough: int, effort: int) -> None:
        """Let terminals near each other go first or last, again and again, and keep what raises the bound.

        Parameters
        ----------
        order
            The terminals, those near each other in a row.
        enough
            When to stop: a bound.
        effort
            When to stop: arcs to be looked at.
        """
        best = self._climbing
        end = self.work + effort
        blocks = max(1, len(order) // BLOCK)
        widths = 2 ** np.arange(min(WIDEST, len(order)).bit_length())
        while best.bound < enough and self.work + self._cost < end:
            # one place in each block: what changes there hardly matters in another block
            turned = np.roll(order, int(self.chance.integers(len(order))))
            haste = self.haste.copy()
            for block in np.array_split(turned, blocks):
                width = int(self.chance.choice(widths))
                first = int(self.chance.integers(1 - width, len(block)))
                near = block[max(first, 0) : first + width]
                haste[near] = self.chance.integers(EVEN // 2, 2 * EVEN + 1, len(near))
            ascent = self._raised(best.root, haste)
            if blocks > 1:
                for block in np.array_split(turned, blocks):
                    if ascent.raised[block].sum() < best.raised[block].sum():
                        haste[block] = self.haste[block]
                ascent = self._raised(best.root, haste)
            if ascent.bound >= best.bound:
                best, self.haste = ascent, haste
        self._climbing = best
        self.ascents = [*self.ascents[: ROOTS + len(PACES) - 1], best]

    def too_dear(self, length: int) -> Flags:
        """Return which edges no tree can hold that is shorter than a length [3]_, by any of the ascents.

        A tree through an arc costs at least the bound plus the reduced distance from the root to the arc, the arc, and
        the reduced distance from there to the nearest terminal.
        """
        graph = self.graph
        owner = graph.head[graph.twin]
        dear = np.zeros(len(graph.head) // 2, dtype=np.bool_)
        from_root, to_end = (np.empty(len(graph.terminal), dtype=np.int64) for _ in range(2))
        for ascent in self.ascents:
            spread(graph, ascent.reduced, ascent.root, from_root)
            ends = graph.terminal.copy()
            ends[ascent.root] = False
            spread(graph._replace(terminal=ends), ascent.reduced, -1, to_end)
            needed = ascent.bound + from_root[graph.head] + ascent.reduced + to_end[owner]
            cheap = np.zeros(len(dear), dtype=np.bool_)
            cheap[graph.edge[needed < length]] = True
            dear |= ~cheap
        return dear

    def _raised(self, root: int, haste: Wholes) -> Ascent:
        reduced, raised = self.graph.length.copy(), np.zeros(len(haste), dtype=np.int64)
        share, calm = self._pace
        most = max(1, self._usual // share) if share else FAR
        bound = int(raise_cuts(self.graph, root, haste, most, calm, reduced, raised, self._work))
        return Ascent(root, bound, reduced, raised)
