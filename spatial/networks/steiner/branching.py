"""One move of the local search: a node is dropped where the branches that met there join more cheaply elsewhere.

References
----------
.. [1] Uchoa, E., Werneck, R. F. (2012). Fast local search for the Steiner problem in graphs. ACM Journal of
   Experimental Algorithmics 17, 2.2. doi:10.1145/2133803.2184448
"""

import numpy as np
from numpy.typing import NDArray

from layers.compiling import compiled
from spatial.networks.heap import pop, push
from spatial.networks.steiner.exchange import key_path
from spatial.networks.steiner.graph import Graph
from spatial.networks.steiner.paths import CHANGED, SALT, SCANS, SEARCH, Room, Tree, link, prune, unlink

Indices = NDArray[np.int32]
Wholes = NDArray[np.int64]


@compiled
def _parts(graph: Graph, tree: Tree, ends: Indices, number: int, room: Room) -> tuple[int, int]:
    """Tell the parts of a cut tree apart, but for the largest, whose walk stops when all others are done.

    Returns
    -------
    nodes
        How many nodes were walked; they stand in `room.stack`, their parts in `room.part`, and they have the number of
        this search in `room.stamp`.
    rest
        The largest part.
    """
    stamp, part, listed, below = room.stamp, room.part, room.stack[0], room.stack[1]
    room.clock[SEARCH] += 1
    clock = room.clock[SEARCH]
    top = np.empty(number, dtype=np.int64)
    is_open = np.empty(number, dtype=np.bool_)
    nodes = 0
    for index in range(number):
        end = ends[index]
        stamp[end], part[end], below[end], top[index] = clock, index, -1, end
        listed[nodes], is_open[index] = end, True
        nodes += 1
    left = number
    while left > 1:
        for index in range(number):
            if not is_open[index] or left == 1:
                continue
            node = top[index]
            if node < 0:
                is_open[index] = False
                left -= 1
                continue
            top[index] = below[node]
            place = tree.first[node]
            while place >= 0:
                other = graph.head[place]
                if stamp[other] != clock:
                    stamp[other], part[other], below[other] = clock, index, top[index]
                    top[index] = other
                    listed[nodes] = other
                    nodes += 1
                place = tree.after[place]
    rest = 0
    while not is_open[rest]:
        rest += 1
    return nodes, rest


@compiled
def _bridge(  # noqa: C901, PLR0912 -- one search, which calls would slow
    graph: Graph, tree: Tree, room: Room, centre: int, nodes: int, rest: int, limit: int
) -> int:
    """Search from all parts but the largest at once; return how many edges bridge two parts.

    They lie in the heap of bridges by the length of the way across. A node between parts belongs to the nearest of
    them, once the search has left it: then it has the number of this search in `room.stamp`.

    Parameters
    ----------
    graph, tree, room
        The graph, the tree, cut, and what `_parts` wrote.
    centre
        A node not to be passed.
    nodes, rest
        What `_parts` returned.
    limit
        Length that no way reaches.
    """
    start, head, weight, inside = graph.start, graph.head, graph.length, tree.inside
    distance, source, stamp, part, keys, items = (
        room.distance, room.source, room.stamp, room.part, room.keys, room.items
    )  # fmt: skip
    walked = room.clock[SEARCH]
    room.clock[SEARCH] += 2
    near, done = walked + 1, walked + 2
    size, bridges, scans = 0, 0, 4 * nodes
    for index in range(nodes):
        node = room.stack[0, index]
        mine = part[node]
        if mine == rest:
            continue
        for here in range(start[node], start[node + 1]):
            scans += 1
            if weight[here] >= limit:
                break
            other, further = head[here], weight[here]
            if further >= limit or other == centre:
                continue
            if inside[other]:
                theirs = part[other] if stamp[other] == walked else rest
                if theirs != mine and (theirs == rest or node < other):
                    bridges = push(room.bridge_keys, room.bridge_items, bridges, further, here)
            elif stamp[other] != near or further < distance[other]:
                stamp[other], distance[other], source[other], part[other] = near, further, here, mine
                size = push(keys, items, size, further, other)
    while size:
        reached, node = keys[0], items[0]
        size = pop(keys, items, size)
        if reached > distance[node] or stamp[node] == done:
            continue
        stamp[node] = done
        mine = part[node]
        for here in range(start[node], start[node + 1]):
            scans += 1
            if reached + weight[here] >= limit:
                break
            other, further = head[here], reached + weight[here]
            if further >= limit or other == centre:
                continue
            if inside[other] or stamp[other] == done:
                theirs = part[other] if stamp[other] >= walked else rest
                across = further if inside[other] else further + distance[other]
                if theirs != mine and across < limit:
                    bridges = push(room.bridge_keys, room.bridge_items, bridges, across, here)
            elif stamp[other] != near or further < distance[other]:
                stamp[other], distance[other], source[other], part[other] = near, further, here, mine
                size = push(keys, items, size, further, other)
    room.clock[SCANS] += scans
    return bridges


@compiled
def _leader(leaders: Wholes, part: int) -> int:
    while leaders[part] != part:
        part = leaders[part]
    return part


@compiled
def _choose(graph: Graph, room: Room, walked: int, rest: int, bridges: int, limit: int, chosen: Wholes) -> int:
    """List the shortest bridges that join all parts for less than a limit; return how many, fewer if there are none."""
    leaders = np.empty(len(chosen) + 1, dtype=np.int64)
    for index in range(len(leaders)):
        leaders[index] = index
    stamp, part = room.stamp, room.part
    total, joined = 0, 0
    while bridges and joined < len(chosen):
        across, here = room.bridge_keys[0], room.bridge_items[0]
        bridges = pop(room.bridge_keys, room.bridge_items, bridges)
        if total + across >= limit:
            break
        tail, other = graph.head[graph.twin[here]], graph.head[here]
        first = _leader(leaders, part[tail] if stamp[tail] >= walked else rest)
        second = _leader(leaders, part[other] if stamp[other] >= walked else rest)
        if first != second:
            leaders[first] = second
            chosen[joined] = here
            joined += 1
            total += across
    return joined


@compiled
def drop_node(  # noqa: C901 -- taking out, joining and putting back belong together
    graph: Graph, tree: Tree, room: Room, centre: int, allowed: int
) -> int:
    """Drop a node if what joins its branches then lengthens the tree by no more than is allowed [1]_.

    Returns
    -------
    int
        By how much the tree is shorter; `room.clock` tells whether it changed.
    """
    head, twin, weight, inside, way = graph.head, graph.twin, graph.length, tree.inside, room.way
    count = tree.degree[centre]
    ends = np.empty(count, dtype=np.int32)
    place, number, seen, index = tree.first[centre], 0, room.clock[SALT], 0
    while place >= 0:
        number = key_path(graph, tree, place, way, number)
        ends[index] = head[way[number - 1]]
        seen += (ends[index] + 1) * (ends[index] + 7)
        index += 1
        place = tree.after[place]
    length = 0
    for index in range(number):
        length += weight[way[index]]
    seen += length * len(inside)
    room.clock[CHANGED] = 0
    if room.failed_nodes[centre] == seen:
        return 0
    for index in range(number):
        unlink(graph, tree, way[index])
    for index in range(number):
        inside[head[twin[way[index]]]] = False
    for index in range(count):
        inside[ends[index]] = True
    nodes, rest = _parts(graph, tree, ends, count, room)
    walked, limit = room.clock[SEARCH], length + allowed + 1
    bridges = _bridge(graph, tree, room, centre, nodes, rest, limit)
    chosen = np.empty(count - 1, dtype=np.int64)
    if _choose(graph, room, walked, rest, bridges, limit, chosen) < count - 1:
        room.failed_nodes[centre] = seen
        for index in range(number):
            link(graph, tree, way[index])
        return 0
    room.clock[CHANGED] = 1
    gained = length
    for here in chosen:
        for end in (head[twin[here]], head[here]):
            node, reached = end, inside[end]
            while not reached:
                back = room.source[node]
                gained -= weight[back]
                node = head[twin[back]]
                reached = inside[node]
                link(graph, tree, back)
        gained -= weight[here]
        link(graph, tree, here)
    for index in range(count):
        gained += prune(graph, tree, ends[index])
    return gained
