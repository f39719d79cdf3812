"""A weighted graph of whole numbers as arrays, in which every search walks.

Lengths become integers once (see `spatial.networks.steiner.tree`), so that all comparisons are exact and ties stay ties
on every machine.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Flags = NDArray[np.bool_]
Indices = NDArray[np.int32]
Wholes = NDArray[np.int64]


class Edges(NamedTuple):
    """Edges of a graph: their two ends, whole lengths, and records that tell what they were made of."""

    tail: Indices
    head: Indices
    length: Wholes
    record: Indices


class Graph(NamedTuple):
    """A graph by its nodes: the places of a node's edges stand together, the shortest first.

    Each edge has two places, one at either end.

    Attributes
    ----------
    start
        First place of each node, and the one after the last, shape (nodes + 1,).
    head
        The node at the other end, per place.
    twin
        The place of the same edge at the other end.
    length
        Length of the edge, per place.
    edge
        Number of the edge among `Edges`, per place.
    terminal
        Per node whether the tree must reach it.
    """

    start: Indices
    head: Indices
    twin: Indices
    length: Wholes
    edge: Indices
    terminal: Flags

    @classmethod
    def of(cls, edges: Edges, terminal: Flags) -> "Graph":
        """Return the graph of edges without loops and parallels."""
        count, number = len(terminal), len(edges.tail)
        tail, head = np.concatenate([edges.tail, edges.head]), np.concatenate([edges.head, edges.tail])
        length = np.concatenate([edges.length, edges.length])
        order = np.lexsort((head, length, tail))
        place = np.empty(2 * number, dtype=np.int32)
        place[order] = np.arange(2 * number, dtype=np.int32)
        return cls(
            start=np.searchsorted(tail[order], np.arange(count + 1)).astype(np.int32),
            head=head[order],
            twin=place[(order + number) % max(1, 2 * number)],
            length=length[order],
            edge=(order % max(1, number)).astype(np.int32),
            terminal=terminal,
        )

    @property
    def terminals(self) -> Indices:
        """The nodes that the tree must reach."""
        return np.flatnonzero(self.terminal).astype(np.int32)


def simple(edges: Edges, kept: Flags) -> Edges:
    """Return the edges to be kept without loops, and of parallel ones the shortest, the first of these."""
    low, high = np.minimum(edges.tail, edges.head), np.maximum(edges.tail, edges.head)
    rows = np.flatnonzero(kept & (low != high))
    rows = rows[np.lexsort((edges.record[rows], edges.length[rows], high[rows], low[rows]))]
    fresh = np.ones(len(rows), dtype=np.bool_)
    fresh[1:] = (low[rows[1:]] != low[rows[:-1]]) | (high[rows[1:]] != high[rows[:-1]])
    rows = rows[fresh]
    return Edges(low[rows], high[rows], edges.length[rows], edges.record[rows])
