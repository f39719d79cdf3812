"""A forest of pipes under its plants, compiled: its arrays, its loads, and what it costs.

Plants are hung on one root above all streets, by an edge each that costs what the plant costs for the load behind it.
So opening, closing and moving a plant is the same as laying a pipe.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from layers.compiling import compiled
from spatial.networks.layout.pricing import FITTINGS, HEAD, SUBSTATION, design_kw, pipe_cny_m

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

PEAK, SQUARE, ENERGY = 0, 1, 2
"""Columns of loads, see `pricing`."""
ABLE, FIXED, PER_KW, PER_MWH = 0, 1, 2, 3
"""Columns of the sites: capacity [kW], and yearly cost [CNY/a], per capacity [CNY/(kW a)] and per output [CNY/MWh]."""
OUT, SHORT, FAR = 1e14, 1e6, 1e3
"""What a plant beyond its capacity or a pump beyond its head is charged [CNY/a], and on top for each kW and Pa: more
than anything else costs, and less the nearer a layout is to keeping them."""
NOBODY = 1e-6
"""Less than this peak [kW] is nobody's: sums leave crumbs."""
TOLERANCE = 1e-9
"""A limit is kept if it is not passed by more than this share."""
LEAST = 1e-7
"""A change that saves less than this share of the cost is none."""


LENGTH, DIG, EXTRA = 0, 1, 2
"""Columns of the streets: length [m], factor on the investment of pipes, yearly cost of crossings [CNY/a]."""
NEIGHBOUR, EDGE = 0, 1
"""Columns of the links: node at the other end, number of the edge."""

PARENT, ABOVE, CHILD, SIBLING, KIDS, ORDER, MARK, SEEN, PRICED, UPSTREAM, BEFORE, ALONG, WAY = range(13)
"""Columns of whole numbers of a forest, a row a node.

Node above and edge towards it, first child, next child of the same parent, all -1 if there is none; how many children;
the nodes from the leaves to the root, then -1. Then numbers of the search that wrote there last, so that nothing is
wiped: nodes of the part that is hung anew (with the negative: nodes set free), nodes reached, nodes with a known
growth, and nodes that still count the load. Last the node and the edge a node is reached by, and room for a way.
"""
COST, PRICE, DESIGN, HEADING, DISTANCE, RUN, GROWN, BASE = range(8)
"""Columns of real numbers of a forest.

Yearly cost of the edge above [CNY/a], price of losses there [CNY/MWh], joint peak [kW], friction from the plant one way
[Pa]; cost to reach a node [CNY/a] and metres on the way to it, by how much the edges from it to the root grow with the
load, and what the edge above costs without the load [CNY/a].
"""


class Problem(NamedTuple):
    """Streets, sites and prices; few arrays, as every one of them costs time to compile.

    Attributes
    ----------
    root
        Node above all sites: the number of nodes of the streets.
    starts, links
        Of node n the rows ``starts[n]`` to ``starts[n + 1]`` of the links, shape (links, 2), see `NEIGHBOUR`. Edges
        from the number of streets on are those of the sites.
    streets, sites
        Shapes (streets, 3) and (sites, 4), see `LENGTH` and `ABLE`.
    price_cny_mwh
        What losses cost where no plant is yet known.
    catalogue, numbers
        See `pricing`.
    """

    root: int
    starts: Integers
    links: Integers
    streets: Floats
    sites: Floats
    price_cny_mwh: float
    catalogue: Floats
    numbers: Floats


class Forest(NamedTuple):
    """The forest and what was found of it; one row per node, the root being the last.

    Attributes
    ----------
    whole, real
        See `PARENT` and `COST`.
    own, below
        Loads of consumers at the node, and with all below it, shape (nodes, 3).
    keys, items
        Room for a heap.
    clock
        The number of the search.
    """

    whole: Integers
    real: Floats
    own: Floats
    below: Floats
    keys: Floats
    items: Integers
    clock: Integers


def bare(problem: Problem) -> Forest:
    """Return a forest without trees."""
    nodes, room = problem.root + 1, len(problem.links) + problem.root + 1
    whole = np.zeros((nodes, 13), dtype=np.int64)
    whole[:, [PARENT, ABOVE, CHILD, SIBLING, ORDER, BEFORE, ALONG]] = -1
    return Forest(
        whole=whole, real=np.zeros((nodes, 8)), own=np.zeros((nodes, 3)), below=np.zeros((nodes, 3)),
        keys=np.zeros(room), items=np.zeros(room, dtype=np.int64), clock=np.zeros(1, dtype=np.int64),
    )  # fmt: skip


def copy_of(forest: Forest) -> Forest:
    """Return a forest that shares nothing with another."""
    return Forest(
        whole=forest.whole.copy(), real=forest.real.copy(), own=forest.own.copy(), below=forest.below.copy(),
        keys=forest.keys.copy(), items=forest.items.copy(), clock=forest.clock.copy(),
    )  # fmt: skip


@compiled
def along_cny(problem: Problem, edge: int, running: float, instalment: float) -> float:
    """Return what a pipe costs along a street [CNY/a], from what it costs per metre."""
    length, dig = problem.streets[edge, LENGTH], problem.streets[edge, DIG]
    return float(length * (running + instalment * dig) + problem.streets[edge, EXTRA])


@compiled
def edge_cny(problem: Problem, edge: int, design: float, energy: float, price: float) -> tuple[float, float]:
    """Return what a pipe or a plant costs a year for a load [CNY/a], and the friction along it, one way [Pa]."""
    site = edge - len(problem.streets)
    if site >= 0:
        sites = problem.sites
        over = design - sites[site, ABLE]
        beyond = OUT + over * SHORT if over > TOLERANCE * design else 0.0
        return sites[site, FIXED] + design * sites[site, PER_KW] + energy * sites[site, PER_MWH] + beyond, 0.0
    running, instalment, gradient = pipe_cny_m(design, energy, price, problem.catalogue, problem.numbers)
    return along_cny(problem, edge, running, instalment), gradient * problem.streets[edge, LENGTH] * problem.numbers[
        FITTINGS
    ]


@compiled
def most_pa(numbers: Floats) -> float:
    """Return the friction one way that leaves enough of the pump's head for the way back and the substation [Pa]."""
    return float(0.5 * (numbers[HEAD] * (1.0 + TOLERANCE) - numbers[SUBSTATION]))


@compiled
def _weigh(problem: Problem, forest: Forest) -> int:
    """Find loads and order of a forest anew, in place; return how many nodes it has below the root."""
    whole, real, below, root = forest.whole, forest.real, forest.below, problem.root
    for node in range(len(whole)):
        whole[node, CHILD], whole[node, ORDER], whole[node, KIDS] = -1, -1, 0
        for kind in range(3):
            below[node, kind] = forest.own[node, kind]
    for node in range(len(whole)):
        if whole[node, PARENT] >= 0:
            whole[whole[node, PARENT], KIDS] += 1
    last = 0
    for node in range(len(whole)):
        whole[node, SEEN] = whole[node, KIDS]  # children still to come
        if whole[node, PARENT] >= 0 and whole[node, KIDS] == 0:
            whole[last, ORDER] = node
            last += 1
    position = 0
    while position < last:
        node = whole[position, ORDER]
        position += 1
        parent = whole[node, PARENT]
        real[node, DESIGN] = design_kw(below[node, PEAK], below[node, SQUARE], problem.numbers)
        for kind in range(3):
            below[parent, kind] += below[node, kind]
        whole[node, SIBLING] = whole[parent, CHILD]
        whole[parent, CHILD] = node
        whole[parent, SEEN] -= 1
        if whole[parent, SEEN] == 0 and parent != root:
            whole[last, ORDER] = parent
            last += 1
    return last


@compiled
def refresh(problem: Problem, forest: Forest) -> float:
    """Find loads, sizes and costs of a forest anew, in place; return its yearly cost [CNY/a]."""
    whole, real, root = forest.whole, forest.real, problem.root
    total, farthest = 0.0, 0.0
    for position in range(_weigh(problem, forest) - 1, -1, -1):
        node = whole[position, ORDER]
        parent, edge = whole[node, PARENT], whole[node, ABOVE]
        if parent == root:
            real[node, PRICE] = problem.sites[edge - len(problem.streets), PER_MWH]
            real[node, HEADING] = 0.0
        else:
            real[node, PRICE] = real[parent, PRICE]
            real[node, HEADING] = real[parent, HEADING]
        energy = forest.below[node, ENERGY]
        cost, drop = edge_cny(problem, edge, real[node, DESIGN], energy, real[node, PRICE])
        real[node, COST] = cost
        real[node, HEADING] += drop
        farthest = max(farthest, real[node, HEADING])
        total += cost
    over = farthest - most_pa(problem.numbers)
    return float(total + (OUT + FAR * over if over > 0.0 else 0.0))


@compiled
def priced(problem: Problem, forest: Forest, node: int, peak: float, square: float, energy: float) -> float:
    """Return what the edge above a node would cost for a load."""
    design = design_kw(max(peak, 0.0), square, problem.numbers)
    return edge_cny(problem, forest.whole[node, ABOVE], design, max(energy, 0.0), forest.real[node, PRICE])[0]


@compiled
def saved(problem: Problem, forest: Forest, node: int, peak: float, square: float, energy: float) -> float:
    """Return what the edge above a node saves if a load behind it goes."""
    below = forest.below
    left = below[node, PEAK] - peak
    if left < NOBODY:
        return float(forest.real[node, COST])
    rest = priced(problem, forest, node, left, below[node, SQUARE] - square, below[node, ENERGY] - energy)
    return float(forest.real[node, COST] - rest)


@compiled
def is_key(forest: Forest, node: int) -> bool:
    """Return whether a node of the forest has consumers or branches."""
    return bool(forest.own[node, PEAK] > 0.0 or forest.whole[node, KIDS] > 1)
