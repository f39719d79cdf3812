"""One move of the local search: a branching point is dropped where its branches join more cheaply elsewhere.

This is the key-vertex elimination of Uchoa and Werneck.

References
----------
.. [1] Uchoa, E., Werneck, R. F. (2012). Fast local search for the Steiner problem in graphs. ACM Journal of
   Experimental Algorithmics 17, 2.2. doi:10.1145/2133803.2184448
"""

import itertools
from heapq import heapify, heappop, heappush

from spatial.networks.steiner.graph import WorkGraph
from spatial.networks.steiner.paths import Tree, cut, find, join, key_path, prune

REST = -1
"""The part that is not walked: the largest."""


def drop_branchings(graph: WorkGraph, tree: Tree, tried: set[tuple[int, ...]]) -> int:
    """Drop what can be dropped, in place [1]_; `tried` holds what failed. Return by how much the tree is shorter."""
    gained = 0
    for node in sorted(tree):
        if node in tree and not graph.terminal[node] and len(tree[node]) > 2:
            gained += _drop_branching(graph, tree, node, tried)
    return gained


def _drop_branching(graph: WorkGraph, tree: Tree, node: int, tried: set[tuple[int, ...]]) -> int:
    paths = [key_path(graph, tree, node, step) for step in sorted(tree[node])]
    length = sum(one for _, one in paths)
    star = (node, *(nodes[-1] for nodes, _ in paths), length)
    if star in tried:
        return 0
    removed: list[tuple[int, int, int]] = []
    for nodes, _ in paths:
        for tail, head in itertools.pairwise(nodes):
            removed.append((tail, head, tree[tail][head]))
            cut(tree, tail, head)
    inner = {node, *(one for nodes, _ in paths for one in nodes[1:-1])}
    for one in inner:
        del tree[one]
    parts = _parts(tree, [nodes[-1] for nodes, _ in paths])
    joined = _join_parts(graph, tree, parts, len(paths), length)
    if joined is None:
        tried.add(star)
        for one in inner:
            tree[one] = {}
        for tail, head, one in removed:
            join(tree, tail, head, one)
        return 0
    for tail, head in joined:
        join(tree, tail, head, graph.links[tail][head][0])
    prune(graph, tree, [nodes[-1] for nodes, _ in paths])
    return length - sum(graph.links[tail][head][0] for tail, head in joined)


def _parts(tree: Tree, ends: list[int]) -> dict[int, int]:
    """Return which part each node lies in, without the largest part, whose walk stops when all others are done."""
    owner: dict[int, int] = {end: part for part, end in enumerate(ends)}
    stacks = [[end] for end in ends]
    members = [[end] for end in ends]
    open_parts = list(range(len(ends)))
    while len(open_parts) > 1:
        still = []
        for part in open_parts:
            if stacks[part]:
                for other in tree[stacks[part].pop()]:
                    if other not in owner:
                        owner[other] = part
                        stacks[part].append(other)
                        members[part].append(other)
                still.append(part)
        if not still:
            break
        open_parts = still
    for part in open_parts[:1]:
        for one in members[part]:
            del owner[one]
    return owner


def _join_parts(
    graph: WorkGraph, tree: Tree, owner: dict[int, int], count: int, limit: int
) -> list[tuple[int, int]] | None:
    """Return edges that join all parts (the unnamed largest one too) for less than a limit, or nothing."""
    source = dict(owner)
    distance = dict.fromkeys(owner, 0)
    parent: dict[int, int] = {}
    heap = [(0, node) for node in owner]
    heapify(heap)
    bridges: list[tuple[int, int, int]] = []
    while heap:
        reached, node = heappop(heap)
        if reached > distance[node]:
            continue
        if reached >= limit:
            break
        mine = source[node]
        for other, (length, _) in graph.links[node].items():
            further = reached + length
            theirs = REST if other in tree and other not in owner else source.get(other)
            if theirs not in (mine, None):
                across = further + (0 if theirs == REST else distance[other])
                if across < limit:
                    bridges.append((across, node, other))
            if theirs != REST and further < distance.get(other, limit):
                source[other] = mine
                distance[other] = further
                parent[other] = node
                heappush(heap, (further, other))
    return _cheapest(tree, owner, parent, bridges, count, limit)


def _cheapest(
    tree: Tree,
    owner: dict[int, int],
    parent: dict[int, int],
    bridges: list[tuple[int, int, int]],
    count: int,
    limit: int,
) -> list[tuple[int, int]] | None:
    leader = {part: part for part in range(REST, count)}
    edges: set[tuple[int, int]] = set()
    total, joined = 0, 1
    for across, tail, head in sorted(bridges):
        ways = [_walk(tree, owner, parent, end) for end in (tail, head)]
        first, second = (find(leader, owner.get(way[-1], REST)) for way in ways)
        if first == second:
            continue
        leader[first] = second
        joined += 1
        total += across
        if total >= limit:
            return None
        for way in ways:
            edges.update((min(a, b), max(a, b)) for a, b in itertools.pairwise(way))
        edges.add((min(tail, head), max(tail, head)))
        if joined == count:
            return sorted(edges)
    return None


def _walk(tree: Tree, owner: dict[int, int], parent: dict[int, int], node: int) -> list[int]:
    way = [node]
    while way[-1] not in owner and way[-1] not in tree:
        way.append(parent[way[-1]])
    return way
