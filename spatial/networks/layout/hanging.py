"""The cheapest way to hang a part of a forest elsewhere, to join a load to it or to take one away, compiled.

A part is hung anew at whichever of its nodes is best, along whichever streets, and the pipes up to the plant grow by
its load: all of that is priced exactly, as the load is known, so one search for a shortest way finds the best of all
places.
"""

from layers.compiling import compiled
from spatial.networks.heap import pop, push
from spatial.networks.layout.forest import (
    ABOVE,
    ALONG,
    BASE,
    BEFORE,
    CHILD,
    COST,
    DISTANCE,
    EDGE,
    ENERGY,
    GROWN,
    HEADING,
    KIDS,
    LEAST,
    LENGTH,
    MARK,
    NEIGHBOUR,
    NOBODY,
    PARENT,
    PEAK,
    PRICE,
    PRICED,
    RUN,
    SEEN,
    SIBLING,
    SQUARE,
    UPSTREAM,
    WAY,
    Forest,
    Problem,
    along_cny,
    edge_cny,
    is_key,
    most_pa,
    priced,
    refresh,
    saved,
)
from spatial.networks.layout.pricing import FITTINGS, design_kw, pipe_cny_m


@compiled
def _growth(problem: Problem, forest: Forest, start: int, peak: float, square: float, energy: float) -> float:
    """Return by how much the edges from a node up to the root cost more for a load added there."""
    clock, root = forest.clock[0], problem.root
    below = forest.below
    node, steps = start, 0
    while node != root and forest.whole[node, PRICED] != clock:
        forest.whole[steps, WAY] = node
        steps += 1
        node = forest.whole[node, PARENT]
    found = 0.0 if node == root else forest.real[node, GROWN]
    while steps > 0:
        steps -= 1
        node = forest.whole[steps, WAY]
        if forest.whole[node, UPSTREAM] == clock:  # the load is still counted here
            found += forest.real[node, COST] - forest.real[node, BASE]
        else:
            more = priced(
                problem,
                forest,
                node,
                below[node, PEAK] + peak,
                below[node, SQUARE] + square,
                below[node, ENERGY] + energy,
            )
            found += more - forest.real[node, COST]
        forest.real[node, GROWN] = found
        forest.whole[node, PRICED] = clock
    return found


@compiled
def _stands(forest: Forest, node: int) -> bool:
    """Return whether a node is in the forest, and not among those that the search sets free."""
    return bool(forest.whole[node, PARENT] >= 0 and forest.whole[node, MARK] != -forest.clock[0])


@compiled
def _reach(
    problem: Problem, forest: Forest, count: int, peak: float, square: float, energy: float, price: float, limit: float
) -> tuple[int, int, int]:
    """Return the cheapest way to join a load to the forest from some sources.

    The heap holds the sources, `count` of them, each with what it costs to begin there. Nodes marked with the clock are
    the part itself, those with its negative are free. Returned are the node joined, the node before it and the edge
    between; -1 if nothing is cheaper than the limit. Ways along which the pump would lose more than it has are passed
    over; what they do to the others is left to `refresh`.
    """
    clock, root, streets = forest.clock[0], problem.root, len(problem.streets)
    keys, items, numbers = forest.keys, forest.items, problem.numbers
    design = design_kw(peak, square, problem.numbers)
    running, instalment, gradient = pipe_cny_m(design, energy, price, problem.catalogue, numbers)
    most = most_pa(numbers)
    best, joined, last, via = limit, -1, -1, -1
    while count > 0:
        reached, node = keys[0], items[0]
        count = pop(keys, items, count)
        if reached >= best:
            break
        if reached > forest.real[node, DISTANCE]:
            continue
        for at in range(problem.starts[node], problem.starts[node + 1]):
            other, edge = problem.links[at, NEIGHBOUR], problem.links[at, EDGE]
            further, run = reached, forest.real[node, RUN]
            if edge >= streets:
                further += edge_cny(problem, edge, design, energy, price)[0]
            else:
                further += along_cny(problem, edge, running, instalment)
                run += problem.streets[edge, LENGTH]
            lost = run * gradient * numbers[FITTINGS]
            if further >= best or lost > most or forest.whole[other, MARK] == clock:
                continue
            if other == root or _stands(forest, other):
                further += _growth(problem, forest, other, peak, square, energy)
                if further < best and forest.real[other, HEADING] + lost <= most:
                    best, joined, last, via = further, other, node, edge
            elif forest.whole[other, SEEN] != clock or further < forest.real[other, DISTANCE]:
                forest.whole[other, SEEN] = clock
                forest.real[other, DISTANCE], forest.real[other, RUN] = further, run
                forest.whole[other, BEFORE] = node
                forest.whole[other, ALONG] = edge
                count = push(keys, items, count, further, other)
    return joined, last, via


@compiled
def _lay(forest: Forest, joined: int, last: int, via: int, top: int) -> None:
    """Lay the way that `_reach` found, and hang the part below `top` by the node where the way begins, in place."""
    clock = forest.clock[0]
    node, parent, edge = last, joined, via
    while forest.whole[node, MARK] != clock:
        following, further = forest.whole[node, BEFORE], forest.whole[node, ALONG]
        forest.whole[node, PARENT], forest.whole[node, ABOVE] = parent, edge
        parent, edge, node = node, further, following
    while True:
        following, further = forest.whole[node, PARENT], forest.whole[node, ABOVE]
        forest.whole[node, PARENT], forest.whole[node, ABOVE] = parent, edge
        if node == top:
            return
        parent, edge, node = node, further, following


@compiled
def _gather(problem: Problem, forest: Forest, top: int, limit: float) -> int:
    """Mark the part below a node and put its nodes on the heap, each with what feeding it from there costs more.

    Returned is how many nodes are on the heap: those that cost less than the limit.
    """
    clock, below = forest.clock[0], forest.below
    forest.whole[top, MARK] = clock
    forest.whole[top, SEEN] = clock
    forest.real[top, DISTANCE], forest.real[top, RUN] = 0.0, 0.0
    count = push(forest.keys, forest.items, 0, 0.0, top)
    # depth first, with the stack in the room of ways
    forest.whole[0, WAY] = top
    height = 1
    while height > 0:
        height -= 1
        node = forest.whole[height, WAY]
        child = forest.whole[node, CHILD]
        while child >= 0:
            # the pipe between the two carries what is left on the other side
            peak, square = below[top, PEAK] - below[child, PEAK], below[top, SQUARE] - below[child, SQUARE]
            turned = priced(problem, forest, child, peak, square, below[top, ENERGY] - below[child, ENERGY])
            forest.whole[child, MARK] = clock
            forest.whole[child, SEEN] = clock
            forest.real[child, DISTANCE] = forest.real[node, DISTANCE] + turned - forest.real[child, COST]
            forest.real[child, RUN] = 0.0
            if forest.real[child, DISTANCE] < limit:
                count = push(forest.keys, forest.items, count, forest.real[child, DISTANCE], child)
            forest.whole[height, WAY] = child
            height += 1
            child = forest.whole[child, SIBLING]
    return count


@compiled
def rehang(problem: Problem, forest: Forest, node: int, total: float) -> float:
    """Hang what is below a key node where it is cheapest, in place if that saves; return the cost of the forest."""
    forest.clock[0] += 1
    clock, root, below = forest.clock[0], problem.root, forest.below
    peak, square, energy = below[node, PEAK], below[node, SQUARE], below[node, ENERGY]
    old = forest.real[node, COST]
    upper = forest.whole[node, PARENT]
    while upper != root and not is_key(forest, upper):
        forest.whole[upper, MARK] = -clock
        old += forest.real[upper, COST]
        upper = forest.whole[upper, PARENT]
    above = upper
    while above != root:
        less = saved(problem, forest, above, peak, square, energy)
        forest.real[above, BASE] = forest.real[above, COST] - less
        forest.whole[above, UPSTREAM] = clock
        old += less
        above = forest.whole[above, PARENT]
    limit = old - LEAST * total
    count = _gather(problem, forest, node, limit)
    joined, last, via = _reach(problem, forest, count, peak, square, energy, forest.real[node, PRICE], limit)
    if joined < 0:
        return total
    parents, edges = forest.whole[:, PARENT].copy(), forest.whole[:, ABOVE].copy()
    free = parents[node]
    while free != upper:
        forest.whole[free, PARENT], forest.whole[free, ABOVE] = -1, -1
        free = parents[free]
    _lay(forest, joined, last, via, node)
    found = refresh(problem, forest)
    if found < total:
        return found
    for other in range(len(parents)):
        forest.whole[other, PARENT], forest.whole[other, ABOVE] = parents[other], edges[other]
    return refresh(problem, forest)


@compiled
def insert(
    problem: Problem, forest: Forest, node: int, peak: float, square: float, energy: float, limit: float
) -> bool:
    """Join a load at a node where it is cheapest, in place, if that costs less than a limit; return whether it did.

    The forest must be refreshed before anything is read from it.
    """
    forest.clock[0] += 1
    clock = forest.clock[0]
    if forest.whole[node, PARENT] >= 0:
        if _growth(problem, forest, node, peak, square, energy) >= limit:
            return False
    else:
        forest.whole[node, MARK] = clock
        forest.whole[node, SEEN] = clock
        forest.real[node, DISTANCE], forest.real[node, RUN] = 0.0, 0.0
        count = push(forest.keys, forest.items, 0, 0.0, node)
        joined, last, via = _reach(problem, forest, count, peak, square, energy, problem.price_cny_mwh, limit)
        if joined < 0:
            return False
        _lay(forest, joined, last, via, node)
    forest.own[node, PEAK] += peak
    forest.own[node, SQUARE] += square
    forest.own[node, ENERGY] += energy
    return True


@compiled
def remove(problem: Problem, forest: Forest, node: int, peak: float, square: float, energy: float) -> None:
    """Take a load away from a node, and the pipes that served it alone, in place; the forest is not refreshed."""
    own, whole = forest.own, forest.whole
    own[node, PEAK] -= peak
    own[node, SQUARE] -= square
    own[node, ENERGY] -= energy
    if own[node, PEAK] < NOBODY:
        own[node, PEAK], own[node, SQUARE], own[node, ENERGY] = 0.0, 0.0, 0.0
    for other in range(len(whole)):
        whole[other, KIDS] = 0
    for other in range(len(whole)):
        if whole[other, PARENT] >= 0:
            whole[whole[other, PARENT], KIDS] += 1
    while node != problem.root and whole[node, KIDS] == 0 and own[node, PEAK] == 0.0:
        parent = whole[node, PARENT]
        whole[node, PARENT], whole[node, ABOVE] = -1, -1
        whole[parent, KIDS] -= 1
        node = parent
