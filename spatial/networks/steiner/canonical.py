"""What must not matter: the unit of lengths, the names of nodes, the order of edges, and edges too long for any use.

Lengths become whole numbers, and nodes get ranks that rest on lengths and neighbours alone.

References
----------
.. [1] McKay, B. D., Piperno, A. (2014). Practical graph isomorphism, II. Journal of Symbolic Computation 60, 94-112.
   doi:10.1016/j.jsc.2013.09.003
.. [2] Mehlhorn, K. (1988). A faster approximation algorithm for the Steiner problem in graphs. Information Processing
   Letters 27, 125-128. doi:10.1016/0020-0190(88)90066-X
"""

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components, dijkstra, minimum_spanning_tree

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Hashes = NDArray[np.uint64]

STEPS = float(2**36)
"""The longest edge in whole steps where lengths share no unit: a micrometre in 60 km."""
FINEST = 2.0**-26
"""Smallest unit that lengths may share, over the longest of them."""
FINER = 10
"""Power of two of the steps in a unit that lengths share: bounds may lie between whole units."""
SAME = 1e-12
"""Relative difference up to which a length is a multiple of the unit: a few roundings."""
COARSE = float(2**20)
"""Steps of the longest edge by which nodes are told apart: so coarse that another unit rounds them alike."""
EFFORT = 40_000_000
"""How many edges may be looked at to tell nodes apart."""
WORD = 2**64
ROUNDED = 1e-9
"""Relative error that sums of lengths stay below."""


def longest_useful(count: int, ends: Integers, lengths: Floats, terminals: Integers) -> float:
    """Return a length that no edge of a shortest tree exceeds; infinite where the terminals are not connected.

    It is the length of the least spanning tree of the shortest ways between terminals, which at most is twice that of
    the shortest tree. Ways suffice that cross once from the nodes nearest to one terminal to those nearest to another
    [2]_. All such trees are equally long, so that neither names nor order matter.

    Parameters
    ----------
    count
        Number of nodes.
    ends
        Tail and head of each edge, shape (edges, 2).
    lengths
        Length of each edge, finite and not negative [m], shape (edges,).
    terminals
        Nodes to join, each once and in order.
    """
    away, _, nearest = dijkstra(
        _least(count, ends, lengths), directed=False, indices=terminals, return_predecessors=True, min_only=True
    )
    reached = np.isfinite(away[ends]).all(axis=1)
    tail, head = ends[reached].T
    with np.errstate(over="ignore"):  # a way longer than numbers go is infinitely long
        ways = away[tail] + lengths[reached] + away[head]
    between = np.searchsorted(terminals, np.column_stack([nearest[tail], nearest[head]]))
    links = _least(len(terminals), between, ways)
    if connected_components(links, directed=False)[0] > 1:
        return np.inf
    with np.errstate(over="ignore"):
        return float(minimum_spanning_tree(links).sum()) * (1.0 + ROUNDED)


def _least(count: int, ends: Integers, lengths: Floats) -> csr_array:
    """Return the lengths between nodes, of parallel edges the least; an edge of no length is one all the same."""
    low, high = np.sort(ends, axis=1).T
    order = np.lexsort((lengths, high, low))
    first = order[np.unique(low[order] * count + high[order], return_index=True)[1]]
    return csr_array((lengths[first], (low[first], high[first])), shape=(count, count))


def scaled(lengths: Floats) -> tuple[Floats, int]:
    """Return lengths over a power of two, so that the longest lies between a half and one, and that power.

    The digits stay as they are. So a step is the same fraction of the longest edge in any unit, even where lengths are
    the least numbers that there are.
    """
    power = int(np.frexp(lengths.max(initial=0.0))[1])
    return np.ldexp(lengths, -power), power


def whole_lengths(lengths: Floats) -> tuple[Integers, float, int]:
    """Return lengths as whole numbers of a step.

    Parameters
    ----------
    lengths
        Lengths, not negative [m], shape (edges,).

    Returns
    -------
    whole
        Lengths in steps, shape (edges,).
    step
        Length of a step [m].
    unit
        Steps that all lengths are multiples of; nought where they share no unit and are rounded to steps.
    """
    longest = float(lengths.max(initial=0.0))
    if longest == 0.0:
        return np.zeros(len(lengths), dtype=np.int64), 1.0, 1
    step = _common_unit(np.unique(lengths), longest)
    if step > 0.0:
        whole = np.rint(lengths / step).astype(np.int64)
        most = int(whole.max())
        if bool(np.all(np.abs(whole * (longest / most) - lengths) <= SAME * lengths)):
            unit = 2 ** min(FINER, int(STEPS).bit_length() - most.bit_length())
            return whole * unit, longest / most / unit, unit
    return np.rint(lengths / (longest / STEPS)).astype(np.int64), longest / STEPS, 0


def _common_unit(values: Floats, longest: float) -> float:
    """Return the greatest length that all values are multiples of, by Euclid's algorithm; nought if there is none."""
    unit = longest
    for value in values[values > 0.0].tolist():
        rest = value
        while rest > FINEST * longest * 0.5:
            # to the nearest multiple, so that what rounding leaves is small and not nearly a whole unit
            unit, rest = rest, abs(unit - rest * round(unit / rest))
        if unit < FINEST * longest:
            return 0.0
    return unit


def ranks(count: int, ends: Integers, lengths: Floats, terminals: Integers) -> Integers:
    """Return a rank per node that rests on lengths and neighbours, not on names and the order of the input.

    Nodes are coloured by their neighbours' colours until no more can be told apart. If some are still alike, as in a
    graph with symmetries, one of them is coloured anew, and so on [1]_: then it does not matter which, as long as it is
    a symmetry that makes them alike. What is still alike when the effort is spent keeps the order given.
    """
    longest = float(lengths.max(initial=0.0))
    coarse = np.rint(lengths * (COARSE / longest if longest > 0.0 else 1.0)).astype(np.uint64)
    tails = np.concatenate([ends[:, 0], ends[:, 1]])
    order = np.argsort(tails, kind="stable")
    heads = np.concatenate([ends[:, 1], ends[:, 0]])[order]
    weights = _mixed(np.concatenate([coarse, coarse])[order] + np.uint64(1))
    starts = np.searchsorted(tails[order], np.arange(count))
    joined = np.flatnonzero(np.bincount(tails, minlength=count))
    colour = np.zeros(count, dtype=np.uint64)
    colour[terminals] = np.uint64(1)
    left = max(8, EFFORT // max(1, len(heads) + 4 * count))
    kinds = 0
    while left > 0:
        left -= 1
        around = np.zeros(count, dtype=np.uint64)
        if len(joined):
            around[joined] = np.add.reduceat(_mixed(colour[heads] ^ weights), starts[joined])
        colour = _mixed(colour + np.uint64(0x9E3779B97F4A7C15) * around)
        values, inverse, members = np.unique(colour, return_inverse=True, return_counts=True)
        if len(values) == count:
            break
        if len(values) == kinds:
            # nothing new: one node of the first colour that several nodes have, among those that have an edge
            several = np.flatnonzero((members[inverse] > 1) & (np.bincount(tails, minlength=count) > 0))
            if not len(several):
                break
            one = several[np.argmin(inverse[several])]
            colour[one] = _mixed(colour[one : one + 1] + np.uint64(1))[0]
        kinds = len(values)
    rank = np.empty(count, dtype=np.int64)
    rank[np.argsort(colour, kind="stable")] = np.arange(count)
    return rank


def _mixed(values: Hashes) -> Hashes:
    """Return numbers scattered over all 64 bits, by the finaliser of splitmix64."""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))
