"""Local search on Steiner trees: three moves, repeated until none of them shortens the tree.

References
----------
.. [1] Uchoa, E., Werneck, R. F. (2012). Fast local search for the Steiner problem in graphs. ACM Journal of
   Experimental Algorithmics 17, 2.2. doi:10.1145/2133803.2184448
"""

import itertools
from heapq import heapify, heappop, heappush

from spatial.networks.steiner.branching import drop_branchings
from spatial.networks.steiner.graph import WorkGraph
from spatial.networks.steiner.paths import Tree, cut, is_key, join, key_path, prune, tree_length

MAX_ROUNDS = 12
"""Rounds of local search; in practice it stops by itself after three to six."""


def improve(graph: WorkGraph, tree: Tree) -> None:
    """Shorten a tree by local search until nothing helps, in place [1]_.

    Three moves: a node enters where its edges replace longer ones, a path between two branching points or terminals
    is replaced by a shorter one, and a branching point is dropped where its branches join more cheaply elsewhere.
    """
    # a path or a star that found nothing better rarely does later, and trying again is what would cost the time
    tried: set[tuple[int, ...]] = set()
    for _ in range(MAX_ROUNDS):
        gained = _insert_nodes(graph, tree)
        gained += _exchange_paths(graph, tree, tried)
        gained += drop_branchings(graph, tree, tried)
        if not gained:
            return


def _rooted(tree: Tree) -> tuple[dict[int, int], dict[int, int]]:
    """Return parent and depth of every node of a tree."""
    root = min(tree)
    parent, depth = {root: root}, {root: 0}
    stack = [root]
    while stack:
        node = stack.pop()
        for other in tree[node]:
            if other != parent[node]:
                parent[other] = node
                depth[other] = depth[node] + 1
                stack.append(other)
    return parent, depth


def _longest(
    tree: Tree, parent: dict[int, int], depth: dict[int, int], tail: int, head: int, gone: list[tuple[int, int]]
) -> tuple[int, int, int] | None:
    """Return the longest edge (length, child, parent) between two nodes; nothing where the way uses a removed edge."""
    best = (-1, -1, -1)
    while tail != head:
        if depth[tail] < depth[head]:
            tail, head = head, tail
        above = parent[tail]
        if (tail, above) in gone:
            return None
        length = tree[tail][above]
        if length > best[0]:
            best = (length, tail, above)
        tail = above
    return best


def _insert_nodes(graph: WorkGraph, tree: Tree) -> int:
    gained = 0
    touching: dict[int, int] = {}
    for node in tree:
        for other in graph.links[node]:
            if other not in tree:
                touching[other] = touching.get(other, 0) + 1
    parent, depth = _rooted(tree)
    for node in sorted(other for other, number in touching.items() if number > 1):
        ways = sorted((length, other) for other, (length, _) in graph.links[node].items() if other in tree)
        hubs, gone = _replacing(tree, parent, depth, ways)
        if sum(length for length, _ in hubs) < sum(tree[child][above] for child, above in gone):
            before = tree_length(tree)
            for child, above in gone:
                cut(tree, child, above)
            for length, other in hubs:
                join(tree, node, other, length)
            prune(graph, tree, [end for edge in gone for end in edge])
            gained += before - tree_length(tree)
            parent, depth = _rooted(tree)
    return gained


def _replacing(
    tree: Tree, parent: dict[int, int], depth: dict[int, int], ways: list[tuple[int, int]]
) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    """Return the edges of a new node, of those given by length, that replace longer edges of the tree, and these."""
    hubs = ways[:1]
    gone: list[tuple[int, int]] = []
    for length, other in ways[1:]:
        longest = None
        for _, hub in hubs:  # just one hub lies on the same side of all edges removed so far
            longest = _longest(tree, parent, depth, other, hub, gone)
            if longest is not None:
                break
        if longest is not None and longest[0] > length:
            gone.append(longest[1:])
            hubs.append((length, other))
    return hubs, gone


def _smaller_side(tree: Tree, left: int, right: int) -> set[int]:
    """Return the smaller of the two parts that hold two nodes; both are walked in turn, so the larger costs no more."""
    sides = ({left}, {right})
    stacks = ([left], [right])
    while True:
        for side, stack in zip(sides, stacks, strict=True):
            if not stack:
                return side
            for other in tree[stack.pop()]:
                if other not in side:
                    side.add(other)
                    stack.append(other)


def _exchange_paths(graph: WorkGraph, tree: Tree, tried: set[tuple[int, ...]]) -> int:
    gained = 0
    starts = sorted((node, step) for node in tree if is_key(graph, tree, node) for step in tree[node])
    for start, step in starts:
        if start not in tree or step not in tree[start] or not is_key(graph, tree, start):
            continue
        nodes, length = key_path(graph, tree, start, step)
        if nodes[-1] <= start or tuple(nodes) in tried:
            continue  # each path once, from its smaller end
        for tail, head in itertools.pairwise(nodes):
            cut(tree, tail, head)
        inner = nodes[1:-1]
        kept = {node: tree.pop(node) for node in inner}
        found = _shortest_between(graph, tree, _smaller_side(tree, nodes[0], nodes[-1]), length)
        if found is None:
            tried.add(tuple(nodes))
            tree.update(kept)
            for tail, head in itertools.pairwise(nodes):
                join(tree, tail, head, graph.links[tail][head][0])
            continue
        way, shorter = found
        for tail, head in itertools.pairwise(way):
            join(tree, tail, head, graph.links[tail][head][0])
        prune(graph, tree, [nodes[0], nodes[-1]])
        gained += length - shorter
    return gained


def _shortest_between(graph: WorkGraph, tree: Tree, side: set[int], limit: int) -> tuple[list[int], int] | None:
    """Return the shortest way from one part of a cut tree to the other and its length, if shorter than a limit."""
    heap = [(0, node) for node in side]
    heapify(heap)
    distance = dict.fromkeys(side, 0)
    parent: dict[int, int] = {}
    best, last = limit, -1
    while heap:
        reached, node = heappop(heap)
        if reached >= best:
            break
        if reached > distance[node]:
            continue
        for other, (length, _) in graph.links[node].items():
            further = reached + length
            if further >= best or other in side:
                continue
            if other in tree:
                best, last = further, other
                parent[other] = node
            elif further < distance.get(other, best):
                distance[other] = further
                parent[other] = node
                heappush(heap, (further, other))
    if last < 0:
        return None
    way = [last]
    while way[-1] not in side:
        way.append(parent[way[-1]])
    return way, best
