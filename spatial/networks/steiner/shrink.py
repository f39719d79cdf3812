"""The compiled reductions: what shrinks a graph without touching the length of its shortest tree.

References
----------
.. [1] Duin, C. W., Volgenant, A. (1989). Reduction tests for the Steiner problem in graphs. Networks 19, 549-567.
   doi:10.1002/net.3230190506
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from layers.compiling import compiled
from spatial.networks.heap import pop, push

Flags = NDArray[np.bool_]
Indices = NDArray[np.int32]
Wholes = NDArray[np.int64]

MAX_SCANS = 400
"""How many edges one test may look at before it gives up: keeps a pass over all edges linear."""
FORCED, FORCED_LENGTH, CHAINS, LEFT = 0, 1, 2, 3
"""Places in `Shrinking.tally`: edges decided, their length, the next record, terminals left."""


class Shrinking(NamedTuple):
    """A graph that shrinks, as lists of half edges: edge e has the halves 2 e and 2 e + 1, one at either end.

    Attributes
    ----------
    first, degree
        Per node its first half edge (-1: none) and how many it has.
    after, before
        Per half edge the next and the last one of the same node (-1: none).
    end
        Per half edge the node it leads to.
    length, record
        Per edge; a length of -1 tells that the edge is gone.
    terminal
        Per node.
    chains
        Per record the two it stands for, shape (room, 2); the first rows are of the original edges and stay unused.
    forced
        Records that are in some shortest tree whatever happens to the rest.
    tally
        See `FORCED` and the others.
    mark, distance, worst
        Room for walks, per node: number of the walk, distance since the last terminal, longest leg.
    keys, items
        Room for a heap.
    """

    first: Indices
    degree: Indices
    after: Indices
    before: Indices
    end: Indices
    length: Wholes
    record: Indices
    terminal: Flags
    chains: Indices
    forced: Indices
    tally: Wholes
    mark: Wholes
    distance: Wholes
    worst: Wholes
    keys: Wholes
    items: Indices


@compiled
def _attach(graph: Shrinking, half: int, owner: int) -> None:
    following = graph.first[owner]
    graph.after[half], graph.before[half] = following, -1
    if following >= 0:
        graph.before[following] = half
    graph.first[owner] = half
    graph.degree[owner] += 1


@compiled
def _detach(graph: Shrinking, half: int) -> None:
    owner, following, leading = graph.end[half ^ 1], graph.after[half], graph.before[half]
    if leading >= 0:
        graph.after[leading] = following
    else:
        graph.first[owner] = following
    if following >= 0:
        graph.before[following] = leading
    graph.degree[owner] -= 1


@compiled
def _drop(graph: Shrinking, half: int) -> None:
    """Remove an edge."""
    _detach(graph, half)
    _detach(graph, half ^ 1)
    graph.length[half >> 1] = -1


@compiled
def _between(graph: Shrinking, tail: int, head: int) -> int:
    """Return the half edge from one node to another, or -1."""
    if graph.degree[head] < graph.degree[tail]:
        back = graph.first[head]
        while back >= 0 and graph.end[back] != tail:
            back = graph.after[back]
        return int(back ^ 1) if back >= 0 else -1
    half = graph.first[tail]
    while half >= 0 and graph.end[half] != head:
        half = graph.after[half]
    return int(half)


@compiled
def _chain(graph: Shrinking, first: int, second: int) -> int:
    """Return a new record that stands for two in a row."""
    number = graph.tally[CHAINS]
    graph.chains[number, 0], graph.chains[number, 1] = first, second
    graph.tally[CHAINS] = number + 1
    return int(number)


@compiled
def fill(graph: Shrinking, order: Wholes) -> None:
    """Hang up all edges; `order` begins with the longest, so that each node's list begins with its shortest."""
    for edge in order:
        _attach(graph, 2 * edge, graph.end[2 * edge + 1])
        _attach(graph, 2 * edge + 1, graph.end[2 * edge])


@compiled
def _join(graph: Shrinking, edge: int, tail: int, head: int, length: int, record: int) -> None:
    """Make a removed edge a new one between two nodes, unless there is one as short."""
    half = _between(graph, tail, head)
    if half < 0:
        half = 2 * edge
        graph.end[half], graph.end[half + 1] = head, tail
        _attach(graph, half, tail)
        _attach(graph, half + 1, head)
    elif graph.length[half >> 1] <= length:
        return
    graph.length[half >> 1], graph.record[half >> 1] = length, record


@compiled
def _merge(graph: Shrinking, node: int, short: int) -> int:
    """Put the edge from a terminal (half edge `short`) into the tree and merge the terminal into its other end."""
    into = graph.end[short]
    tally = graph.tally
    graph.forced[tally[FORCED]] = graph.record[short >> 1]
    tally[FORCED] += 1
    tally[FORCED_LENGTH] += graph.length[short >> 1]
    _drop(graph, short)
    while graph.first[node] >= 0:
        half = graph.first[node]
        other, length, record = graph.end[half], graph.length[half >> 1], graph.record[half >> 1]
        _drop(graph, half)
        _join(graph, half >> 1, into, other, length, record)
    if graph.terminal[into]:
        tally[LEFT] -= 1
    graph.terminal[node], graph.terminal[into] = False, True
    return int(into)


@compiled
def _meets_terminal(graph: Shrinking, start: int, avoid: int, within: int, walk: int) -> bool:
    """Return whether a terminal other than `avoid` lies within a distance; may say no after `MAX_SCANS` edges."""
    mark, distance, keys, items = graph.mark, graph.distance, graph.keys, graph.items
    size = push(keys, items, 0, 0, start)
    mark[start], distance[start] = walk, 0
    scans = 0
    while size and scans < MAX_SCANS:
        reached, node = keys[0], items[0]
        size = pop(keys, items, size)
        if reached > distance[node]:
            continue
        if graph.terminal[node]:
            return True
        half = graph.first[node]
        while half >= 0:
            scans += 1
            other, further = graph.end[half], reached + graph.length[half >> 1]
            if further <= within and other != avoid and (mark[other] != walk or further < distance[other]):
                mark[other], distance[other] = walk, further
                size = push(keys, items, size, further, other)
            half = graph.after[half]
    return False


@compiled
def special(graph: Shrinking, tail: int, head: int, limit: int, avoid: int, walk: int) -> int:
    """Return no less than the special distance between two nodes, or -1 if none up to a limit was found [1]_.

    The special distance is the longest leg, between terminals or an end, of the walk whose longest leg is shortest.

    Parameters
    ----------
    graph, tail, head
        The graph and two nodes.
    limit
        Longest leg allowed.
    avoid
        A node not to be passed, or -1: then it is the edge between the two that is not.
    walk
        A number that no walk had before.
    """
    mark, distance, worst, keys, items = graph.mark, graph.distance, graph.worst, graph.keys, graph.items
    size = push(keys, items, 0, 0, tail)
    mark[tail], distance[tail], worst[tail] = walk, 0, 0
    scans = 0
    while size and scans < MAX_SCANS:
        reached, node = keys[0], items[0]
        size = pop(keys, items, size)
        if reached > distance[node]:
            continue
        half = graph.first[node]
        while half >= 0:
            scans += 1
            other, further = graph.end[half], reached + graph.length[half >> 1]
            half = graph.after[half]
            if further > limit or other == avoid or (avoid < 0 and node == tail and other == head):
                continue
            longest = max(worst[node], further)
            if other == head:
                return int(longest)
            if graph.terminal[other]:
                further = 0
            if mark[other] != walk or further < distance[other]:
                mark[other], distance[other], worst[other] = walk, further, longest
                size = push(keys, items, size, further, other)
    return -1


@compiled
def _pass(graph: Shrinking, node: int) -> None:
    """Make the two edges at a node one."""
    left, right = graph.first[node], graph.after[graph.first[node]]
    tail, head = graph.end[left], graph.end[right]
    length = graph.length[left >> 1] + graph.length[right >> 1]
    first, second = graph.record[left >> 1], graph.record[right >> 1]
    _drop(graph, left)
    _drop(graph, right)
    half = _between(graph, tail, head)
    if half < 0 or length < graph.length[half >> 1]:
        _join(graph, left >> 1, tail, head, length, _chain(graph, first, second))


@compiled
def reduce_degrees(  # noqa: C901, PLR0912, PLR0915 -- one search, which calls would slow
    graph: Shrinking, walk: int
) -> int:
    """Shrink the graph by its nodes of low degree and its terminals with a near neighbour, in place [1]_.

    Dead ends without a terminal go, through nodes become one edge, and an edge that a shortest tree is sure to hold is
    contracted: the only edge of a terminal, the shortest edge of a terminal towards another terminal, and the shortest
    edge towards a node from which another terminal is nearer than the second shortest edge is long.

    Returns
    -------
    int
        The last number of a walk, which began after `walk`.
    """
    count = len(graph.first)
    queue, queued = np.empty(count + 1, dtype=np.int32), np.empty(count, dtype=np.bool_)
    for node in range(count):
        queue[node], queued[node] = node, True
    begin, stop = 0, count
    while begin != stop:
        node = queue[begin]
        begin = begin + 1 if begin < count else 0
        queued[node] = False
        degree, touched = graph.degree[node], -1
        if degree == 0:
            continue
        if not graph.terminal[node]:
            if degree > 2:
                continue
            touched = graph.end[graph.first[node]]
            second = graph.end[graph.after[graph.first[node]]] if degree == 2 else touched
            if degree == 1:
                _drop(graph, graph.first[node])
            else:
                _pass(graph, node)
        else:
            if graph.tally[LEFT] < 2:
                break
            short, half = graph.first[node], graph.after[graph.first[node]]
            next_length = -1
            while half >= 0:
                length = graph.length[half >> 1]
                if length < graph.length[short >> 1]:
                    next_length, short = graph.length[short >> 1], half
                elif next_length < 0 or length < next_length:
                    next_length = length
                half = graph.after[half]
            near = graph.end[short]
            if degree > 1 and not graph.terminal[near]:
                walk += 1
                if not _meets_terminal(graph, near, node, next_length - graph.length[short >> 1], walk):
                    continue
            touched = second = _merge(graph, node, short)
        # what changed may be looked at again, and what lies beside it
        for changed in (touched, second):
            if not queued[changed]:
                queued[changed] = True
                queue[stop] = changed
                stop = stop + 1 if stop < count else 0
        if graph.terminal[touched]:
            half = graph.first[touched]
            while half >= 0:
                other = graph.end[half]
                if not queued[other]:
                    queued[other] = True
                    queue[stop] = other
                    stop = stop + 1 if stop < count else 0
                half = graph.after[half]
    return walk


@compiled
def reduce_edges(graph: Shrinking, order: Wholes, walk: int) -> int:
    """Remove edges, the longest first as `order` tells, that a walk without a longer leg replaces, in place [1]_."""
    for edge in order:
        tail, head = graph.end[2 * edge + 1], graph.end[2 * edge]
        if graph.length[edge] < 0 or graph.degree[tail] < 2 or graph.degree[head] < 2:
            continue
        walk += 1
        if special(graph, tail, head, graph.length[edge], -1, walk) >= 0:
            _drop(graph, 2 * edge)
    return walk


@compiled
def reduce_stars(graph: Shrinking, walk: int) -> int:
    """Replace nodes with three edges by edges between their neighbours where no tree branches there, in place [1]_.

    None does where two walks join the three neighbours as shortly as the node.
    """
    for node in range(len(graph.first)):
        if graph.degree[node] != 3 or graph.terminal[node]:
            continue
        one = graph.first[node]
        two = graph.after[one]
        three = graph.after[two]
        a, b, c = graph.length[one >> 1], graph.length[two >> 1], graph.length[three >> 1]
        x, y, z = graph.end[one], graph.end[two], graph.end[three]
        star = a + b + c
        near = special(graph, x, y, star, node, walk + 1)
        off = special(graph, y, z, star, node, walk + 2)
        far = special(graph, x, z, star, node, walk + 3)
        walk += 3
        ways = (near >= 0) + (off >= 0) + (far >= 0)
        total = max(near, 0) + max(off, 0) + max(far, 0)
        if ways < 2 or total - (max(near, off, far) if ways == 3 else 0) > star:
            continue
        first, second, third = graph.record[one >> 1], graph.record[two >> 1], graph.record[three >> 1]
        _drop(graph, one)
        _drop(graph, two)
        _drop(graph, three)
        # an edge through the node stays only where no walk is as short
        if near < 0 or near > a + b:
            _join(graph, one >> 1, x, y, a + b, _chain(graph, first, second))
        if off < 0 or off > b + c:
            _join(graph, two >> 1, y, z, b + c, _chain(graph, second, third))
        if far < 0 or far > a + c:
            _join(graph, three >> 1, x, z, a + c, _chain(graph, first, third))
    return walk
