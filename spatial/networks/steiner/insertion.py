"""One move of the local search: a node enters a tree where its edges replace longer paths.

References
----------
.. [1] Uchoa, E., Werneck, R. F. (2012). Fast local search for the Steiner problem in graphs. ACM Journal of
   Experimental Algorithmics 17, 2.2. doi:10.1145/2133803.2184448
"""

import numpy as np
from numpy.typing import NDArray

from layers.compiling import compiled
from spatial.networks.steiner.graph import Graph
from spatial.networks.steiner.paths import SALT, SCANS, Room, Tree, link, unlink

Indices = NDArray[np.int32]
Wholes = NDArray[np.int64]


@compiled
def _turn(graph: Graph, up: Indices, node: int, fresh: int, last: int) -> None:
    """Turn the edges from a node up to `last`, or to the root if it is -1, and let the node go up by `fresh`."""
    while True:
        old = up[node]
        up[node] = fresh
        if node == last or old < 0:
            break
        fresh, node = graph.twin[old], graph.head[old]


@compiled
def turn_up(graph: Graph, tree: Tree, up: Indices, stack: Indices) -> None:
    """Fill in by which place the root of a tree is reached, per node of the tree."""
    root = 0
    while not tree.inside[root]:
        root += 1
    up[root], stack[0] = -1, root
    size = 1
    while size:
        size -= 1
        node = stack[size]
        place = tree.first[node]
        while place >= 0:
            if place != up[node]:
                other = graph.head[place]
                up[other], stack[size] = graph.twin[place], other
                size += 1
            place = tree.after[place]


@compiled
def insert_node(  # noqa: C901, PLR0912, PLR0915 -- one search, which calls would slow
    graph: Graph, tree: Tree, room: Room, node: int, allowed: int
) -> int:
    """Let a node enter if that lengthens the tree by no more than is allowed [1]_.

    The node is hung to the tree by its shortest edge and the tree turned, so that the node is its root. Each further
    edge closes a cycle, which runs from its other end up to the root, and replaces the longest path between key nodes
    of it, where that is longer; the first further edge also where it is not.

    Returns
    -------
    int
        By how much the tree is shorter; nought where it stays as it was.
    """
    start, head, twin, weight, inside = graph.start, graph.head, graph.twin, graph.length, tree.inside
    up, ways, below, gone = room.up, room.way, room.stack[0], room.stack[1]
    number, seen = 0, room.clock[SALT]
    scans = start[node + 1] - start[node]
    for place in range(start[node], start[node + 1]):
        if inside[head[place]]:
            ways[number] = place
            number += 1
            seen += (place + 1) * (place + 7)
    room.clock[SCANS] += scans
    if number < 2 or room.failed_nodes[node] == seen:
        return 0
    change, kept = weight[ways[0]], 0
    for index in range(number):
        place = ways[index]
        last, first, other = -1, -1, head[place]
        if not inside[other]:  # it went with a path just replaced
            continue
        if index == 0:
            while up[other] >= 0:
                other = head[up[other]]
            last = other
        else:
            # the longest path between key nodes, or the ends of the cycle, that the new edge can replace
            most, length, begin = -1, 0, other
            while other != node:
                scans += 1
                length += weight[up[other]]
                above = head[up[other]]
                if above == node:  # its own edges stay: they are no longer than the new one
                    break
                if graph.terminal[above] or tree.degree[above] != 2:
                    if length > most:
                        most, last, first = length, begin, above
                    length, begin = 0, above
                other = above
            if most <= weight[place] and (kept > 1 or change + weight[place] - most > allowed):
                continue
            change += weight[place] - most
            other = last
            while other != first:
                unlink(graph, tree, up[other])
                if other != last:
                    inside[other] = False
                other = head[up[other]]
        link(graph, tree, place)
        ways[kept], below[kept], gone[kept] = place, last, up[last]
        kept += 1
        _turn(graph, up, head[place], twin[place], last)
        up[node] = -1
    room.clock[SCANS] += scans
    if kept > 1 and change <= allowed:
        return int(-change)
    room.failed_nodes[node] = seen
    for index in range(kept - 1, -1, -1):
        unlink(graph, tree, ways[index])
        _turn(graph, up, below[index], gone[index], head[ways[index]])
        other = below[index]
        while index:
            joined = inside[head[up[other]]]
            link(graph, tree, up[other])
            other = head[up[other]]
            if joined:
                break
    inside[node] = False
    return 0
