"""Trees for terminals: a first one along shortest paths, and the handles that the moves of the local search share.

References
----------
.. [1] Takahashi, H., Matsuyama, A. (1980). An approximate solution for the Steiner problem in graphs. Mathematica
   Japonica 24, 573-577.
"""

from collections.abc import Iterable, Sequence
from heapq import heappop, heappush

from spatial.networks.steiner.graph import WorkGraph

Tree = dict[int, dict[int, int]]
"""A tree: per node its neighbours with the length of the edge."""


def tree_length(tree: Tree) -> int:
    """Return the sum of the lengths of a tree's edges."""
    return sum(sum(links.values()) for links in tree.values()) // 2


def join(tree: Tree, tail: int, head: int, length: int) -> None:
    """Add an edge to a tree, in place."""
    tree.setdefault(tail, {})[head] = length
    tree.setdefault(head, {})[tail] = length


def cut(tree: Tree, tail: int, head: int) -> None:
    """Remove an edge from a tree, in place."""
    del tree[tail][head]
    del tree[head][tail]


def path_tree(graph: WorkGraph, root: int, within: Sequence[Iterable[int]] | None = None) -> Tree | None:
    """Return a tree grown from a root, each time by the shortest path to the nearest terminal left [1]_.

    Parameters
    ----------
    graph
        The graph.
    root
        Node to start from.
    within
        Per node the neighbours that may be used; all where not given.

    Returns
    -------
    Tree or None
        The minimum spanning tree of the nodes found, without dead ends; nothing where a terminal is out of reach.
    """
    near: Sequence[Iterable[int]] = within if within is not None else graph.links
    links = graph.links
    distance = {root: 0}
    parent = {root: root}
    nodes = {root}
    left = graph.terminals_left - (1 if graph.terminal[root] else 0)
    heap = [(0, root)]
    while heap and left:
        reached, node = heappop(heap)
        if reached > distance[node]:
            continue
        if graph.terminal[node] and node not in nodes:
            left -= 1
            step = node
            while step not in nodes:
                nodes.add(step)
                distance[step] = 0
                heappush(heap, (0, step))
                step = parent[step]
            continue
        for other in near[node]:
            further = reached + links[node][other][0]
            if further < distance.get(other, further + 1):
                distance[other] = further
                parent[other] = node
                heappush(heap, (further, other))
    return spanning_tree(graph, nodes) if not left else None


def spanning_tree(graph: WorkGraph, nodes: set[int]) -> Tree:
    """Return the minimum spanning tree of connected nodes, without dead ends that are not terminals."""
    edges = sorted(
        (length, node, other)
        for node in nodes
        for other, (length, _) in graph.links[node].items()
        if node < other and other in nodes
    )
    leader = {node: node for node in nodes}
    tree: Tree = {node: {} for node in nodes}
    for length, tail, head in edges:
        first, second = find(leader, tail), find(leader, head)
        if first != second:
            leader[first] = second
            join(tree, tail, head, length)
    prune(graph, tree, list(tree))
    return tree


def find(leader: dict[int, int], node: int) -> int:
    """Return the leader of a node's set, shortening the way to it."""
    while leader[node] != node:
        leader[node] = leader[leader[node]]
        node = leader[node]
    return node


def prune(graph: WorkGraph, tree: Tree, nodes: Iterable[int]) -> None:
    """Remove dead ends that are not terminals, starting from some nodes, in place."""
    stack = list(nodes)
    while stack:
        node = stack.pop()
        links = tree.get(node)
        if links is None or graph.terminal[node] or len(links) > 1:
            continue
        for other in list(links):
            cut(tree, node, other)
            stack.append(other)
        if len(tree) > 1:
            del tree[node]


def is_key(graph: WorkGraph, tree: Tree, node: int) -> bool:
    """Return whether a node of a tree is a terminal, a branching point or an end."""
    return graph.terminal[node] or len(tree[node]) != 2


def key_path(graph: WorkGraph, tree: Tree, start: int, step: int) -> tuple[list[int], int]:
    """Return the nodes from a key node along a first step to the next key node, and the length of the way."""
    nodes, length = [start, step], tree[start][step]
    while not is_key(graph, tree, step):
        before = nodes[-2]
        step = next(other for other in tree[step] if other != before)
        length += tree[nodes[-1]][step]
        nodes.append(step)
    return nodes, length
