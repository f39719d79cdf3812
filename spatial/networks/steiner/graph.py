"""A weighted graph of whole numbers, and the reductions that shrink it without touching the optimum.

Lengths become integers once (see `spatial.networks.steiner.tree`), so that all comparisons are exact, ties stay ties on
every machine, and scaling all lengths changes nothing.

References
----------
.. [1] Duin, C. W., Volgenant, A. (1989). Reduction tests for the Steiner problem in graphs. Networks 19, 549-567.
   doi:10.1002/net.3230190506
"""

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush

Link = tuple[int, int]
"""Length and record of an edge: a record below the number of original edges is one, above it is a chain of two."""

MAX_VISITS = 48
"""How many nodes one test may visit before it gives up: keeps a pass over all edges linear."""


@dataclass
class WorkGraph:
    """A graph that shrinks: neighbours with length and record, terminals, and what is already decided.

    Attributes
    ----------
    links
        Per node its neighbours, each with the shortest edge there; an empty mapping where the node is gone.
    terminal
        Per node whether the tree must reach it.
    chains
        The two records each made-up record stands for, by record.
    forced
        Records that are in some optimal tree whatever happens to the rest.
    """

    links: list[dict[int, Link]]
    terminal: list[bool]
    originals: int
    chains: dict[int, tuple[int, int]] = field(default_factory=dict)
    forced: list[int] = field(default_factory=list)
    forced_length: int = 0
    terminals_left: int = 0

    @classmethod
    def of(cls, count: int, edges: Sequence[tuple[int, int, int]], terminals: Iterable[int]) -> "WorkGraph":
        """Make the graph from edges (tail, head, length); of parallel edges the shortest stays."""
        links: list[dict[int, Link]] = [{} for _ in range(count)]
        terminal = [False] * count
        for node in terminals:
            terminal[node] = True
        graph = cls(links, terminal, len(edges), terminals_left=sum(terminal))
        for record, (tail, head, length) in enumerate(edges):
            graph.join(tail, head, (length, record))
        return graph

    def join(self, tail: int, head: int, link: Link) -> None:
        """Add an edge unless a shorter one joins the same nodes."""
        if tail != head and (head not in self.links[tail] or link < self.links[tail][head]):
            self.links[tail][head] = self.links[head][tail] = link

    def cut(self, tail: int, head: int) -> None:
        """Remove an edge."""
        del self.links[tail][head]
        del self.links[head][tail]

    def remove(self, node: int) -> list[int]:
        """Remove a node and its edges; return its former neighbours."""
        neighbours = list(self.links[node])
        for other in neighbours:
            del self.links[other][node]
        self.links[node] = {}
        return neighbours

    def chain(self, first: int, second: int) -> int:
        """Return a new record that stands for two records in a row."""
        record = self.originals + len(self.chains)
        self.chains[record] = (first, second)
        return record

    def expand(self, records: Iterable[int]) -> list[int]:
        """Return the original edges that records stand for."""
        found: list[int] = []
        stack = list(records)
        while stack:
            record = stack.pop()
            if record < self.originals:
                found.append(record)
            else:
                stack.extend(self.chains[record])
        return found

    def contract(self, terminal: int, into: int) -> list[int]:
        """Put the edge between a terminal and a neighbour into the tree and merge the two; return nodes touched."""
        length, record = self.links[terminal][into]
        self.forced.append(record)
        self.forced_length += length
        rest = [(other, link) for other, link in self.links[terminal].items() if other != into]
        self.remove(terminal)
        for other, link in rest:
            self.join(into, other, link)
        if self.terminal[into]:
            self.terminals_left -= 1
        self.terminal[terminal] = False
        self.terminal[into] = True
        return [into, *(other for other, _ in rest)]


def reduce_degrees(graph: WorkGraph) -> None:
    """Shrink the graph by its nodes of low degree and its terminals with a near neighbour, in place [1]_.

    Dead ends without a terminal go, through nodes become one edge, and an edge that an optimal tree is sure to hold is
    contracted: the only edge of a terminal, the shortest edge of a terminal towards another terminal, and the shortest
    edge towards a node from which another terminal is nearer than the second shortest edge is long.
    """
    queue = deque(range(len(graph.links)))
    queued = [True] * len(graph.links)
    while queue:
        node = queue.popleft()
        queued[node] = False
        for other in _reduce_terminal(graph, node) if graph.terminal[node] else _reduce_through(graph, node):
            if not queued[other]:
                queued[other] = True
                queue.append(other)


def _reduce_through(graph: WorkGraph, node: int) -> list[int]:
    links = graph.links[node]
    if len(links) == 1:
        return graph.remove(node)
    if len(links) == 2:
        (left, (length_left, record_left)), (right, (length_right, record_right)) = links.items()
        graph.remove(node)
        length = length_left + length_right
        if right not in graph.links[left] or length < graph.links[left][right][0]:
            graph.join(left, right, (length, graph.chain(record_left, record_right)))
        return [left, right]
    return []


def _reduce_terminal(graph: WorkGraph, node: int) -> list[int]:
    links = graph.links[node]
    if graph.terminals_left < 2 or not links:
        return []
    ranked = sorted((length, other) for other, (length, _) in links.items())
    shortest, near = ranked[0]
    if len(links) == 1 or graph.terminal[near]:
        return graph.contract(node, near)
    if _meets_terminal(graph, near, avoid=node, within=ranked[1][0] - shortest):
        return graph.contract(node, near)
    return []


def _meets_terminal(graph: WorkGraph, start: int, *, avoid: int, within: int) -> bool:
    """Return whether a terminal other than `avoid` lies within a distance; may say no after `MAX_VISITS` nodes."""
    heap = [(0, start)]
    seen = {avoid}
    for _ in range(MAX_VISITS):
        if not heap:
            return False
        distance, node = heappop(heap)
        if node in seen:
            continue
        if graph.terminal[node]:
            return True
        seen.add(node)
        for other, (length, _) in graph.links[node].items():
            if distance + length <= within and other not in seen:
                heappush(heap, (distance + length, other))
    return False


def reduce_special(graph: WorkGraph) -> int:
    """Remove edges that a walk with no longer leg between terminals replaces, in place [1]_; return how many.

    An edge is not needed where its ends are joined by a walk on which every leg between two terminals (or an end) is
    no longer than the edge: the test of the special distance.
    """
    removed = 0
    ranked = sorted(
        (
            (length, tail, head)
            for tail, links in enumerate(graph.links)
            for head, (length, _) in links.items()
            if tail < head
        ),
        reverse=True,
    )
    for length, tail, head in ranked:
        if len(graph.links[tail]) > 1 and len(graph.links[head]) > 1 and _bypassed(graph, tail, head, length):
            graph.cut(tail, head)
            removed += 1
    return removed


def _bypassed(graph: WorkGraph, tail: int, head: int, limit: int) -> bool:
    best = {tail: 0}
    heap = [(0, tail)]
    for _ in range(MAX_VISITS):
        if not heap:
            return False
        distance, node = heappop(heap)
        if distance > best[node]:
            continue
        for other, (length, _) in graph.links[node].items():
            reached = distance + length
            if reached > limit or (node == tail and other == head):
                continue
            if other == head:
                return True
            if graph.terminal[other]:
                reached = 0
            if reached < best.get(other, limit + 1):
                best[other] = reached
                heappush(heap, (reached, other))
    return False
