"""What is left to be solved while reductions shrink a graph, and how to get back to its original edges."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from spatial.networks.steiner.graph import Edges, Graph, simple
from spatial.networks.steiner.shrink import (
    CHAINS,
    FORCED,
    FORCED_LENGTH,
    LEFT,
    Shrinking,
    fill,
    reduce_degrees,
    reduce_edges,
    reduce_stars,
)

Flags = NDArray[np.bool_]
Indices = NDArray[np.int32]
Wholes = NDArray[np.int64]

ROUNDS = 8
"""How often the reductions may follow each other."""
WORTH = 0.03
"""Share of the edges that a round must remove for another one to follow."""


@dataclass
class Problem:
    """The rest of a Steiner problem: a graph, and what is decided already.

    Attributes
    ----------
    edges
        What is left, with records.
    terminal
        Per node whether the tree must reach it.
    chains
        Per record the two it stands for, unless it is one of the `originals`, shape (room, 2).
    records
        How many records there are.
    nodes
        Per node the node of the original graph that it was.
    forced, forced_length
        Records that are decided, and their length.
    """

    edges: Edges
    terminal: Flags
    originals: int
    chains: Indices
    records: int
    nodes: Indices
    forced: Indices
    forced_length: int = 0

    @classmethod
    def of(cls, tail: Wholes, head: Wholes, length: Wholes, terminal: Flags) -> "Problem":
        """Return the problem of edges given by their ends and whole lengths."""
        number = len(length)
        record = np.arange(number, dtype=np.int32)
        edges = Edges(tail.astype(np.int32), head.astype(np.int32), length, record)
        chains = np.zeros((number + 3 * len(terminal), 2), dtype=np.int32)
        kept = np.ones(number, dtype=np.bool_)
        nodes = np.arange(len(terminal), dtype=np.int32)
        return cls(simple(edges, kept), terminal, number, chains, number, nodes, np.zeros(0, dtype=np.int32))

    @property
    def terminals_left(self) -> int:
        """How many nodes the tree must reach."""
        return int(np.count_nonzero(self.terminal))

    def reduce(self) -> None:
        """Shrink the graph as far as reductions go."""
        room = self._hang_up()
        walk = reduce_degrees(room, 0)
        for _ in range(ROUNDS):
            alive = np.flatnonzero(room.length >= 0)
            if room.tally[LEFT] < 2 or not len(alive):
                break
            order = alive[np.argsort(-room.length[alive], kind="stable")]
            walk = reduce_edges(room, order, walk)
            walk = reduce_degrees(room, reduce_stars(room, walk))
            walk = reduce_degrees(room, walk)
            if len(alive) - np.count_nonzero(room.length >= 0) < WORTH * len(alive):
                break
        self._take_down(room)

    def without(self, edges: Flags) -> None:
        """Remove edges."""
        tail, head, length, record = self.edges
        kept = ~edges
        self.edges = Edges(tail[kept], head[kept], length[kept], record[kept])

    def graph(self) -> Graph:
        """Return what is left as a graph to search in."""
        return Graph.of(self.edges, self.terminal)

    def expand(self, records: Indices) -> Indices:
        """Return the original edges that records stand for, in order."""
        found = [np.zeros(0, dtype=np.int32)]
        while len(records):
            made = records >= self.originals
            found.append(records[~made])
            records = self.chains[records[made]].ravel()
        return np.unique(np.concatenate(found))

    def _hang_up(self) -> Shrinking:
        count, number = len(self.terminal), len(self.edges.tail)
        halves = np.empty(2 * number, dtype=np.int32)
        halves[0::2], halves[1::2] = self.edges.head, self.edges.tail
        tally = np.zeros(4, dtype=np.int64)
        tally[CHAINS], tally[LEFT] = self.records, self.terminals_left
        room = Shrinking(
            first=np.full(count, -1, dtype=np.int32),
            degree=np.zeros(count, dtype=np.int32),
            after=np.full(2 * number, -1, dtype=np.int32),
            before=np.full(2 * number, -1, dtype=np.int32),
            end=halves,
            length=self.edges.length.copy(),
            record=self.edges.record.copy(),
            terminal=self.terminal.copy(),
            chains=self.chains,
            forced=np.zeros(count, dtype=np.int32),
            tally=tally,
            mark=np.zeros(count, dtype=np.int64),
            distance=np.zeros(count, dtype=np.int64),
            worst=np.zeros(count, dtype=np.int64),
            keys=np.zeros(2 * number + 2, dtype=np.int64),
            items=np.zeros(2 * number + 2, dtype=np.int32),
        )
        fill(room, np.argsort(-room.length, kind="stable"))
        return room

    def _take_down(self, room: Shrinking) -> None:
        """Take over what is left, with nodes numbered anew."""
        alive = np.flatnonzero(room.length >= 0)
        tail, head = room.end[2 * alive + 1], room.end[2 * alive]
        nodes = np.unique(np.concatenate([tail, head, np.flatnonzero(room.terminal).astype(np.int32)]))
        number = np.zeros(len(self.terminal), dtype=np.int32)
        number[nodes] = np.arange(len(nodes), dtype=np.int32)
        edges = Edges(number[tail], number[head], room.length[alive], room.record[alive])
        self.edges = simple(edges, np.ones(len(alive), dtype=np.bool_))
        self.terminal, self.nodes = room.terminal[nodes], self.nodes[nodes]
        self.records = int(room.tally[CHAINS])
        self.forced = np.concatenate([self.forced, room.forced[: room.tally[FORCED]]])
        self.forced_length += int(room.tally[FORCED_LENGTH])
