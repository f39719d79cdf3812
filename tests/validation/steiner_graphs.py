"""Made-up Steiner problems of the kinds that the literature tries algorithms on; SteinLib names them so.

References
----------
.. [1] Koch, T., Martin, A., Voss, S. (2001). SteinLib: an updated library on Steiner tree problems in graphs. In:
   Steiner Trees in Industry, 285-325. doi:10.1007/978-1-4613-0255-1_9
.. [2] Beasley, J. E. (1989). An SST-based algorithm for the Steiner problem in graphs. Networks 19, 1-16.
   doi:10.1002/net.3230190102
.. [3] Duin, C. W. (1993). Steiner's problem in graphs. Thesis, University of Amsterdam.
.. [4] Rosseti, I., Poggi de Aragao, M., Ribeiro, C. C., Uchoa, E., Werneck, R. F. (2004). New benchmark instances
   for the Steiner problem in graphs. In: Metaheuristics, 601-614. doi:10.1007/978-1-4757-4137-7_28
.. [5] Hanan, M. (1966). On Steiner's problem with rectilinear distance. SIAM Journal on Applied Mathematics 14,
   255-265.
   doi:10.1137/0114025
"""

import itertools
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import Delaunay, cKDTree

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


class Instance(NamedTuple):
    """A Steiner problem: how many nodes, the ends and lengths of the edges, and the terminals."""

    count: int
    ends: Integers
    lengths: Floats
    terminals: Integers


def _drawn(count: int, number: int, chance: np.random.Generator) -> Integers:
    return np.sort(chance.choice(count, number, replace=False))


def _sparse_ends(count: int, edges: int, chance: np.random.Generator) -> Integers:
    """Return a random tree and further edges, no two alike."""
    order = chance.permutation(count)
    pairs = {
        (min(a, b), max(a, b)) for a, b in ((int(order[at]), int(order[chance.integers(at)])) for at in range(1, count))
    }
    while len(pairs) < edges:
        a, b = (int(one) for one in chance.integers(count, size=2))
        if a != b:
            pairs.add((min(a, b), max(a, b)))
    return np.array(sorted(pairs), dtype=np.int64)


def sparse(count: int, edges: int, number: int, seed: int) -> Instance:
    """Sets B, C, D and E: a random connected graph, lengths from 1 to 10 [2]_."""
    chance = np.random.default_rng(seed)
    ends = _sparse_ends(count, edges, chance)
    return Instance(count, ends, chance.integers(1, 11, len(ends)).astype(float), _drawn(count, number, chance))


def incidence(count: int, edges: int, number: int, seed: int) -> Instance:
    """Sets I080 to I640: lengths about 100, 200 or 300, by how many of an edge's ends are terminals [3]_."""
    chance = np.random.default_rng(seed)
    every = count * (count - 1) // 2
    ends = (
        np.array(list(itertools.combinations(range(count), 2)))
        if edges >= every
        else _sparse_ends(count, edges, chance)
    )
    terminals = _drawn(count, number, chance)
    hit = np.isin(ends, terminals).sum(axis=1)
    lengths = np.rint(chance.normal(100.0 * (hit + 1), 5.0)).clip(1)
    return Instance(count, ends, lengths, terminals)


def complete(count: int, number: int, seed: int, *, euclidean: bool) -> Instance:
    """Sets P4E and P4Z: a complete graph with distances in the plane, or random lengths."""
    chance = np.random.default_rng(seed)
    ends = np.array(list(itertools.combinations(range(count), 2)))
    points = chance.uniform(0.0, 1000.0, (count, 2))
    gaps = np.hypot(*(points[ends[:, 0]] - points[ends[:, 1]]).T)
    lengths = np.rint(gaps if euclidean else chance.uniform(1.0, 1000.0, len(ends))).clip(1)
    return Instance(count, ends, lengths, _drawn(count, number, chance))


def hypercube(dimension: int, seed: int | None = None) -> Instance:
    """Set HC: a hypercube whose corners of even parity are to be joined, lengths 1, or drawn from 100 to 110 [4]_."""
    count = 2**dimension
    corners = np.arange(count)
    ends = np.concatenate(
        [np.column_stack([corners, corners ^ (1 << bit)])[(corners >> bit) & 1 == 0] for bit in range(dimension)]
    )
    parity = np.array([int(corner).bit_count() % 2 for corner in corners])
    chance = np.random.default_rng(seed)
    lengths = np.ones(len(ends)) if seed is None else chance.integers(100, 111, len(ends)).astype(float)
    return Instance(count, ends, lengths, np.flatnonzero(parity == 0))


def code_cover(dimension: int, symbols: int, number: int, seed: int, *, unit: bool) -> Instance:
    """Set CC: words as nodes, joined where they differ in one place; some code words are to be joined [4]_."""
    chance = np.random.default_rng(seed)
    count = symbols**dimension
    words = np.arange(count)
    rows = []
    for place in range(dimension):
        weight = symbols**place
        digit = words // weight % symbols
        for more in range(1, symbols):
            here = words[digit + more < symbols]
            rows.append(np.column_stack([here, here + more * weight]))
    ends = np.concatenate(rows)
    lengths = np.ones(len(ends)) if unit else chance.integers(100, 111, len(ends)).astype(float)
    return Instance(count, ends, lengths, _drawn(count, number, chance))


def bipartite(others: int, number: int, edges: int, seed: int, *, unit: bool) -> Instance:
    """Set BIP: terminals on one side, all other nodes on the other [4]_."""
    chance = np.random.default_rng(seed)
    pairs: set[tuple[int, int]] = set()
    for other in range(others):  # each is beside two terminals at least
        pairs.update((int(one), number + other) for one in chance.choice(number, 2, replace=False))
    while len(pairs) < edges:
        pairs.add((int(chance.integers(number)), number + int(chance.integers(others))))
    ends = np.array(sorted(pairs), dtype=np.int64)
    lengths = np.ones(len(ends)) if unit else chance.integers(100, 111, len(ends)).astype(float)
    return Instance(number + others, ends, lengths, np.arange(number))


def _grid_ends(columns: int, rows: int) -> Integers:
    node = np.arange(columns * rows).reshape(columns, rows)
    across = np.column_stack([node[:-1].ravel(), node[1:].ravel()])
    along = np.column_stack([node[:, :-1].ravel(), node[:, 1:].ravel()])
    return np.concatenate([across, along])


def rectilinear(number: int, seed: int) -> Instance:
    """Set ES: the grid through random points, which holds a shortest rectilinear tree of them [5]_."""
    chance = np.random.default_rng(seed)
    points = np.column_stack([chance.permutation(20 * number)[:number], chance.permutation(20 * number)[:number]])
    x, y = np.sort(points[:, 0]), np.sort(points[:, 1])
    ends = _grid_ends(number, number)
    lengths = np.abs(x[ends // number] @ [1, -1]) + np.abs(y[ends % number] @ [1, -1])
    terminals = np.searchsorted(x, points[:, 0]) * number + np.searchsorted(y, points[:, 1])
    return Instance(number**2, ends, lengths.astype(float), np.sort(terminals))


def grid_with_holes(columns: int, rows: int, number: int, seed: int, *, holes: int = 12) -> Instance:
    """Sets ALUE, DIW, TAQ and others: a grid of routing tracks with rectangles cut out, pins beside them."""
    chance = np.random.default_rng(seed)
    solid = np.ones((columns, rows), dtype=bool)
    for _ in range(holes):
        wide, high = chance.integers(2, max(3, columns // 6)), chance.integers(2, max(3, rows // 6))
        left, top = chance.integers(1, columns - wide), chance.integers(1, rows - high)
        solid[left : left + wide, top : top + high] = False
    apart, above = chance.integers(1, 8, columns), chance.integers(1, 8, rows)
    ends = _grid_ends(columns, rows)
    lengths = np.where(ends[:, 1] - ends[:, 0] == 1, above[ends[:, 0] % rows], apart[ends[:, 0] // rows]).astype(float)
    return _largest_piece(
        ends[solid.ravel()[ends].all(axis=1)], lengths[solid.ravel()[ends].all(axis=1)], number, chance
    )


def _largest_piece(ends: Integers, lengths: Floats, number: int, chance: np.random.Generator) -> Instance:
    """Return the largest connected piece of a graph, with terminals drawn from it."""
    count = int(ends.max()) + 1
    labels = connected_components(coo_array((np.ones(len(ends)), ends.T), shape=(count, count)), directed=False)[1]
    largest = labels == np.bincount(labels).argmax()
    rank = np.cumsum(largest) - 1
    inside = largest[ends[:, 0]]
    total = int(largest.sum())
    return Instance(total, rank[ends[inside]], lengths[inside], _drawn(total, number, chance))


def wires(columns: int, rows: int, groups: int, seed: int) -> Instance:
    """Sets WRP3 and WRP4: a grid in which one pin of each group is to be reached, over a dear edge."""
    chance = np.random.default_rng(seed)
    count = columns * rows
    inner = _grid_ends(columns, rows)
    inner_lengths = chance.integers(1, 4, len(inner)).astype(float)
    rows_of = []
    for group in range(groups):
        centre = chance.integers((columns, rows))
        pins = (centre + chance.integers(-2, 3, (4, 2))).clip(0, (columns - 1, rows - 1))
        rows_of += [(int(column * rows + row), count + group) for column, row in np.unique(pins, axis=0)]
    outer = np.array(rows_of)
    dear = np.rint(100_000.0 + chance.uniform(0.0, 20.0, len(outer)))
    return Instance(
        count + groups, np.concatenate([inner, outer]), np.concatenate([inner_lengths, dear]),
        np.arange(count, count + groups),
    )  # fmt: skip


def geometric(count: int, number: int, seed: int) -> Instance:
    """Random points joined where they are near each other, lengths as the crow flies."""
    chance = np.random.default_rng(seed)
    points = chance.uniform(0.0, 1.0, (count, 2))
    ends = cKDTree(points).query_pairs(1.6 / np.sqrt(count), output_type="ndarray").astype(np.int64)
    ends = ends[np.lexsort(ends.T)]
    return _largest_piece(ends, np.hypot(*(points[ends[:, 0]] - points[ends[:, 1]]).T), number, chance)


def streets(count: int, number: int, seed: int) -> Instance:
    """A town: crossings joined to their neighbours, some streets missing, and service lines to the buildings."""
    chance = np.random.default_rng(seed)
    points = chance.uniform(0.0, 80.0 * np.sqrt(count), (count, 2))
    faces = Delaunay(points).simplices
    pairs = np.unique(np.sort(np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [0, 2]]]), axis=1), axis=0)
    lengths = np.hypot(*(points[pairs[:, 0]] - points[pairs[:, 1]]).T)
    kept = (lengths < 250.0) & (chance.uniform(size=len(pairs)) < 0.6)
    town = _largest_piece(pairs[kept].astype(np.int64), lengths[kept] * chance.uniform(1.0, 1.2, kept.sum()), 1, chance)
    at = chance.choice(town.count, min(number, town.count), replace=False)
    houses = town.count + np.arange(len(at))
    return Instance(
        town.count + len(at), np.concatenate([town.ends, np.column_stack([at, houses])]),
        np.concatenate([town.lengths, chance.uniform(5.0, 30.0, len(at))]), houses,
    )  # fmt: skip


def grid(side: int, number: int, seed: int) -> Instance:
    """A square grid with lengths from 1 to 2."""
    chance = np.random.default_rng(seed)
    ends = _grid_ends(side, side)
    return Instance(side**2, ends, chance.uniform(1.0, 2.0, len(ends)), _drawn(side**2, number, chance))
