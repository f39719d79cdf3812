"""Compiled trees: how they are held, grown along shortest paths and pruned.

References
----------
.. [1] Takahashi, H., Matsuyama, A. (1980). An approximate solution for the Steiner problem in graphs. Mathematica
   Japonica 24, 573-577.
.. [2] Prim, R. C. (1957). Shortest connection networks and some generalizations. Bell System Technical Journal 36,
   1389-1401. doi:10.1002/j.1538-7305.1957.tb01515.x
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from layers.compiling import compiled
from spatial.networks.heap import pop, push
from spatial.networks.steiner.graph import Graph

Flags = NDArray[np.bool_]
Indices = NDArray[np.int32]
Wholes = NDArray[np.int64]

FAR = 2**62
"""Farther than any node."""
SEARCH, SCANS, SALT, CHANGED = 0, 1, 2, 3
"""Places in `Room.clock`: number of the last search, edges looked at, what tells failures of now from those before, and
whether the last move changed the tree."""


class Tree(NamedTuple):
    """A tree, as lists of the places of its edges.

    Attributes
    ----------
    first
        Per node the first place of an edge of the tree (-1: none).
    after, before
        Per place the next and the last one of the same node in the tree (-1: none).
    degree
        Per node its edges in the tree.
    inside
        Per node whether the tree holds it.
    """

    first: Indices
    after: Indices
    before: Indices
    degree: Indices
    inside: Flags

    @classmethod
    def of(cls, graph: Graph) -> "Tree":
        """Return an empty tree."""
        count, places = len(graph.terminal), len(graph.head)
        return cls(
            first=np.full(count, -1, dtype=np.int32),
            after=np.full(places, -1, dtype=np.int32),
            before=np.full(places, -1, dtype=np.int32),
            degree=np.zeros(count, dtype=np.int32),
            inside=np.zeros(count, dtype=np.bool_),
        )


class Room(NamedTuple):
    """Arrays that searches write into, so that they need not be made each time.

    Attributes
    ----------
    distance, stamp, source
        Per node: distance, number of the search that set it, and the place that led there.
    up
        Per node of a tree the place towards its root (-1: the root).
    part
        Per node the part of a cut tree it lies in.
    stack
        Two lists of nodes or places, shape (2, nodes + 1).
    way
        A list of places.
    keys, items
        A heap of nodes.
    bridge_keys, bridge_items
        A heap of places.
    failed_nodes, failed_places
        Per node, and per place, what was tried there in vain.
    clock
        See `SEARCH` and the others.
    """

    distance: Wholes
    stamp: Wholes
    source: Indices
    up: Indices
    part: Indices
    stack: Indices
    way: Indices
    keys: Wholes
    items: Indices
    bridge_keys: Wholes
    bridge_items: Indices
    failed_nodes: Wholes
    failed_places: Wholes
    clock: Wholes

    @classmethod
    def of(cls, graph: Graph) -> "Room":
        """Return the room that searches in a graph need."""
        count, places = len(graph.terminal), len(graph.head)
        most = 2 * places + count + 2  # a node is left once when it is met, and once more from the tree
        return cls(
            distance=np.zeros(count, dtype=np.int64),
            stamp=np.zeros(count, dtype=np.int64),
            source=np.zeros(count, dtype=np.int32),
            up=np.zeros(count, dtype=np.int32),
            part=np.zeros(count, dtype=np.int32),
            stack=np.zeros((2, count + 1), dtype=np.int32),
            way=np.zeros(most, dtype=np.int32),
            keys=np.zeros(most, dtype=np.int64),
            items=np.zeros(most, dtype=np.int32),
            bridge_keys=np.zeros(most, dtype=np.int64),
            bridge_items=np.zeros(most, dtype=np.int32),
            failed_nodes=np.zeros(count, dtype=np.int64),
            failed_places=np.zeros(places, dtype=np.int64),
            clock=np.zeros(4, dtype=np.int64),
        )


@compiled
def link(graph: Graph, tree: Tree, place: int) -> None:
    """Add an edge to a tree, in place."""
    half = place
    for _ in range(2):
        other = graph.twin[half]
        owner = graph.head[other]
        following = tree.first[owner]
        tree.after[half], tree.before[half] = following, -1
        if following >= 0:
            tree.before[following] = half
        tree.first[owner] = half
        tree.degree[owner] += 1
        tree.inside[owner] = True
        half = other


@compiled
def unlink(graph: Graph, tree: Tree, place: int) -> None:
    """Remove an edge from a tree, in place; its ends stay inside."""
    half = place
    for _ in range(2):
        other = graph.twin[half]
        owner, following, leading = graph.head[other], tree.after[half], tree.before[half]
        if leading >= 0:
            tree.after[leading] = following
        else:
            tree.first[owner] = following
        if following >= 0:
            tree.before[following] = leading
        tree.degree[owner] -= 1
        half = other


@compiled
def prune(graph: Graph, tree: Tree, node: int) -> int:
    """Remove a dead end that is not a terminal, in place; return its length."""
    gained = 0
    while tree.inside[node] and not graph.terminal[node] and tree.degree[node] < 2:
        tree.inside[node] = False
        if tree.degree[node] == 0:
            break
        place = tree.first[node]
        gained += graph.length[place]
        unlink(graph, tree, place)
        node = graph.head[place]
    return gained


@compiled
def hang(graph: Graph, tree: Tree, places: Indices) -> None:
    """Make a tree of the edges at some places, in place."""
    tree.first[:] = -1
    tree.degree[:] = 0
    tree.inside[:] = False
    for place in places:
        link(graph, tree, place)


@compiled
def grow(  # noqa: C901, PLR0912, PLR0915 -- one search, which calls would slow
    graph: Graph, weight: Wholes, root: int, tree: Tree, room: Room
) -> bool:
    """Grow a tree from a root, each time by the shortest path to the nearest terminal left, in place [1]_.

    The nodes found are joined anew by the edges of the shortest spanning tree [2]_, and dead ends are pruned.

    Parameters
    ----------
    graph
        The graph.
    weight
        Length of the edge per place; a negative one may not be used.
    root
        Node to start from.
    tree, room
        What is written.

    Returns
    -------
    bool
        Whether all terminals were reached.
    """
    start, head, terminal = graph.start, graph.head, graph.terminal
    distance, source, keys, items = room.distance, room.source, room.keys, room.items
    inside = tree.inside
    left = 0
    for node in range(len(terminal)):
        distance[node] = FAR
        inside[node] = False
        tree.first[node] = -1
        tree.degree[node] = 0
        left += terminal[node] and node != root
    inside[root] = True
    distance[root] = 0
    scans = 0
    size = push(keys, items, 0, 0, root)
    while size and left:
        reached, node = keys[0], items[0]
        size = pop(keys, items, size)
        if reached > distance[node]:
            continue
        if terminal[node] and not inside[node]:
            left -= 1
            while not inside[node]:
                inside[node] = True
                distance[node] = 0
                size = push(keys, items, size, 0, node)
                node = head[graph.twin[source[node]]]
            continue
        scans += start[node + 1] - start[node]
        for place in range(start[node], start[node + 1]):
            further, other = reached + weight[place], head[place]
            if weight[place] >= 0 and further < distance[other]:
                distance[other] = further
                source[other] = place
                size = push(keys, items, size, further, other)
    if left:
        return False
    for node in range(len(terminal)):
        distance[node] = FAR
    distance[root] = 0
    source[root] = -1
    size = push(keys, items, 0, 0, root)
    while size:
        reached, node = keys[0], items[0]
        size = pop(keys, items, size)
        if reached > distance[node] or distance[node] < 0:
            continue
        distance[node] = -1
        if source[node] >= 0:
            link(graph, tree, source[node])
        scans += start[node + 1] - start[node]
        for place in range(start[node], start[node + 1]):
            other = head[place]
            if inside[other] and 0 <= weight[place] < distance[other]:
                distance[other] = weight[place]
                source[other] = place
                size = push(keys, items, size, weight[place], other)
    for node in range(len(terminal)):
        prune(graph, tree, node)
    room.clock[SCANS] += scans
    return True


@compiled
def listed(graph: Graph, tree: Tree, out: Indices) -> int:
    """List the edges of a tree, each by the place at its smaller end; return how many."""
    number = 0
    for node in range(len(tree.first)):
        place = tree.first[node] if tree.inside[node] else -1
        while place >= 0:
            if node < graph.head[place]:
                out[number] = place
                number += 1
            place = tree.after[place]
    return number
