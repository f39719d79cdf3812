"""One move of the local search: a path between two key nodes is replaced by a shorter one.

Key nodes of a tree are its terminals and branching points.

References
----------
.. [1] Uchoa, E., Werneck, R. F. (2012). Fast local search for the Steiner problem in graphs. ACM Journal of
   Experimental Algorithmics 17, 2.2. doi:10.1145/2133803.2184448
"""

import numpy as np
from numpy.typing import NDArray

from layers.compiling import compiled
from spatial.networks.heap import pop, push
from spatial.networks.steiner.graph import Graph
from spatial.networks.steiner.paths import CHANGED, SALT, SCANS, SEARCH, Room, Tree, link, prune, unlink

Indices = NDArray[np.int32]
Wholes = NDArray[np.int64]


@compiled
def is_key(graph: Graph, tree: Tree, node: int) -> bool:
    """Return whether a node of a tree is a terminal, a branching point or an end."""
    return bool(graph.terminal[node] or tree.degree[node] != 2)


@compiled
def key_path(graph: Graph, tree: Tree, place: int, way: Indices, number: int) -> int:
    """Add the places from a key node to the next one to a list of `number`; return how many they are then."""
    while True:
        way[number] = place
        number += 1
        node = graph.head[place]
        if is_key(graph, tree, node):
            return number
        back = graph.twin[place]
        place = tree.first[node] if tree.first[node] != back else tree.after[back]


@compiled
def _take_out(graph: Graph, tree: Tree, way: Indices, begin: int, stop: int) -> None:
    """Remove a path, but its two ends, from a tree."""
    for index in range(begin, stop):
        unlink(graph, tree, way[index])
        if index + 1 < stop:
            tree.inside[graph.head[way[index]]] = False


@compiled
def _smaller_side(graph: Graph, tree: Tree, left: int, right: int, room: Room) -> tuple[int, int]:
    """Walk both parts of a cut tree in turn until one, the smaller, is done; return which, and how many nodes it has.

    Its nodes stand in `room.stack` and have the number of this search, less one for the right part, in `room.stamp`.
    """
    stack, stamp = room.stack, room.stamp
    room.clock[SEARCH] += 2
    clock = room.clock[SEARCH]
    stack[0, 0], stack[1, 0] = left, right
    stamp[left], stamp[right] = clock, clock - 1
    done, number = np.zeros(2, dtype=np.int64), np.ones(2, dtype=np.int64)
    side = 0
    while True:
        if done[side] == number[side]:
            return side, number[side]
        node = stack[side, done[side]]
        done[side] += 1
        place = tree.first[node]
        while place >= 0:
            other = graph.head[place]
            if stamp[other] != clock - side:
                stamp[other] = clock - side
                stack[side, number[side]] = other
                number[side] += 1
            place = tree.after[place]
        side = 1 - side


@compiled
def exchange_path(  # noqa: C901, PLR0912, PLR0915 -- one search, which calls would slow
    graph: Graph, tree: Tree, room: Room, place: int, allowed: int
) -> int:
    """Replace the path that begins at a place if that lengthens the tree by no more than is allowed [1]_.

    Returns
    -------
    int
        By how much the tree is shorter; `room.clock` tells whether it changed.
    """
    start, head, twin, weight, inside = graph.start, graph.head, graph.twin, graph.length, tree.inside
    distance, source, stamp, way, keys, items = (
        room.distance, room.source, room.stamp, room.way, room.keys, room.items
    )  # fmt: skip
    left = head[twin[place]]
    number = key_path(graph, tree, place, way, 0)
    right = head[way[number - 1]]
    length = 0
    for index in range(number):
        length += weight[way[index]]
    back = twin[way[number - 1]]
    seen = length * len(head) + place + back + room.clock[SALT]
    if room.failed_places[place] == seen:
        room.clock[CHANGED] = 0
        return 0
    room.clock[CHANGED] = 1
    _take_out(graph, tree, way, 0, number)
    side, nodes = _smaller_side(graph, tree, left, right, room)
    mine = room.clock[SEARCH] - side
    room.clock[SEARCH] += 1
    clock = room.clock[SEARCH]
    best, last, size, scans = length + allowed + 1, -1, 0, 0
    for index in range(nodes):
        node = room.stack[side, index]
        for here in range(start[node], start[node + 1]):
            scans += 1
            if weight[here] >= best:
                break
            if here == back:  # the path itself is no other way
                continue
            other, further = head[here], weight[here]
            if here == place or further >= best or stamp[other] == mine:
                continue
            if inside[other]:
                best, last = further, here
            elif stamp[other] != clock or further < distance[other]:
                stamp[other], distance[other], source[other] = clock, further, here
                size = push(keys, items, size, further, other)
    while size:
        reached, node = keys[0], items[0]
        if reached >= best:
            break
        size = pop(keys, items, size)
        if reached > distance[node]:
            continue
        for here in range(start[node], start[node + 1]):
            scans += 1
            if reached + weight[here] >= best:
                break
            other, further = head[here], reached + weight[here]
            if further >= best or stamp[other] == mine:
                continue
            if inside[other]:
                best, last = further, here
            elif stamp[other] != clock or further < distance[other]:
                stamp[other], distance[other], source[other] = clock, further, here
                size = push(keys, items, size, further, other)
    room.clock[SCANS] += scans + 4 * nodes
    if last < 0:
        room.failed_places[place] = room.failed_places[back] = seen
        for index in range(number):
            link(graph, tree, way[index])
        room.clock[CHANGED] = 0
        return 0
    while True:
        node = head[twin[last]]
        new = not inside[node]
        link(graph, tree, last)
        if not new:
            break
        last = source[node]
    gained = length - best
    gained += prune(graph, tree, left)
    gained += prune(graph, tree, right)
    return gained
