"""Local search on forests of pipes: parts are hung elsewhere, consumers join and leave, parts are laid anew."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from layers.compiling import compiled
from spatial.networks.heap import pop, push
from spatial.networks.layout.forest import (
    ABOVE,
    COST,
    DISTANCE,
    EDGE,
    ENERGY,
    FIXED,
    HEADING,
    KIDS,
    LEAST,
    LENGTH,
    NEIGHBOUR,
    ORDER,
    OUT,
    PARENT,
    PEAK,
    SEEN,
    SQUARE,
    Forest,
    Problem,
    is_key,
    most_pa,
    refresh,
    saved,
)
from spatial.networks.layout.hanging import insert, rehang, remove

Flags = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

ROUNDS = 20
"""Rounds of the descent; it stops by itself after three to six."""
CLOSING = 5
"""In one turn of so many a plant is closed."""
AT_ANY_COST = 1e13
"""More than anything that is possible costs [CNY/a]."""


class Consumers(NamedTuple):
    """Who may join.

    Attributes
    ----------
    node
        Where each fronts the streets.
    load
        Loads, see `pricing`, shape (consumers, 3).
    worth
        What each brings or avoids before pipes and plants [CNY/a]; who must join brings more than any pipe costs.
    order
        Their numbers, those who bring most first.
    first, following
        First consumer at each node and the next one at the same node, or -1.
    """

    node: Integers
    load: Floats
    worth: Floats
    order: Integers
    first: Integers
    following: Integers


@compiled
def brought(consumers: Consumers, joined: Flags) -> float:
    """Return what all that have joined bring [CNY/a]."""
    total = 0.0
    for one in range(len(joined)):
        if joined[one]:
            total += consumers.worth[one]
    return total


@compiled
def _insert(
    problem: Problem, forest: Forest, consumers: Consumers, joined: Flags, one: int, limit: float, total: float
) -> float:
    """Let one join if that costs less than a limit and keeps all others served, in place; return the yearly cost."""
    load, node = consumers.load, consumers.node[one]
    if not insert(problem, forest, node, load[one, PEAK], load[one, SQUARE], load[one, ENERGY], limit):
        return total
    found = refresh(problem, forest)
    if found - total < limit:
        joined[one] = True
        return found
    _remove(problem, forest, consumers, one)
    return refresh(problem, forest)


@compiled
def _remove(problem: Problem, forest: Forest, consumers: Consumers, one: int) -> None:
    load = consumers.load
    remove(problem, forest, consumers.node[one], load[one, PEAK], load[one, SQUARE], load[one, ENERGY])


@compiled
def _rehang_all(problem: Problem, forest: Forest, total: float) -> float:
    for node in forest.whole[:, ORDER].copy():
        if node >= 0 and forest.whole[node, PARENT] >= 0 and is_key(forest, node):
            total = rehang(problem, forest, node, total)
    return total


@compiled
def _join(problem: Problem, forest: Forest, consumers: Consumers, joined: Flags, total: float) -> float:
    """Let those join who bring more than they cost, in place."""
    for one in consumers.order:
        limit = consumers.worth[one] - LEAST * total
        if not joined[one] and limit > 0.0:
            total = _insert(problem, forest, consumers, joined, one, limit, total)
    return total


@compiled
def _come_near(problem: Problem, forest: Forest, consumers: Consumers, joined: Flags, total: float) -> float:
    """Let those leave whom the pump does not reach, the farthest first, in place."""
    most = most_pa(problem.numbers)
    while True:
        worst, far = -1, most
        for one in range(len(joined)):
            if joined[one] and forest.real[consumers.node[one], HEADING] > far:
                worst, far = one, forest.real[consumers.node[one], HEADING]
        if worst < 0:
            return total
        joined[worst] = False
        _remove(problem, forest, consumers, worst)
        total = refresh(problem, forest)


@compiled
def _dearest(problem: Problem, forest: Forest, at_node: Floats, stays: Flags, least: float) -> tuple[int, bool]:
    """Return the node whose branch, or whose own consumers alone, had best leave, and whether it is they alone.

    `at_node` is what the consumers of each node bring, `stays` which nodes are not looked at; the node is -1 if
    nobody's leaving saves more than `least`.
    """
    own, below, worth = forest.own, forest.below, at_node.copy()
    cost = forest.real[:, COST].copy()
    dearest, saving, alone = -1, least, False
    for node in forest.whole[:, ORDER]:
        if node < 0:
            break
        parent = forest.whole[node, PARENT]
        if is_key(forest, node) and not stays[node]:
            peak, square, energy = below[node, PEAK], below[node, SQUARE], below[node, ENERGY]
            less = cost[node] - worth[node] + _relief(problem, forest, parent, peak, square, energy)
            if less > saving:
                dearest, saving, alone = node, less, False
            if own[node, PEAK] > 0.0 and forest.whole[node, KIDS] > 0:
                less = _relief(problem, forest, node, own[node, PEAK], own[node, SQUARE], own[node, ENERGY])
                if less - at_node[node] > saving:
                    dearest, saving, alone = node, less - at_node[node], True
        worth[parent] += worth[node]
        cost[parent] += cost[node]
    return dearest, alone


@compiled
def _leave(problem: Problem, forest: Forest, consumers: Consumers, joined: Flags, total: float) -> float:
    """Let branches and single consumers leave who cost more than they bring, in place, the dearest first."""
    at_node, stays = np.zeros(len(forest.whole)), np.zeros(len(forest.whole), dtype=np.bool_)
    while True:
        at_node[:] = 0.0
        for one in range(len(joined)):
            if joined[one]:
                at_node[consumers.node[one]] += consumers.worth[one]
        dearest, alone = _dearest(problem, forest, at_node, stays, LEAST * total)
        if dearest < 0:
            return total
        whole, own, kept = forest.whole.copy(), forest.own.copy(), joined.copy()
        value = total - brought(consumers, joined)
        for one in range(len(joined)):
            node = consumers.node[one]
            if joined[one] and (node == dearest if alone else _below(problem, forest, node, dearest)):
                joined[one] = False
                _remove(problem, forest, consumers, one)
        total = refresh(problem, forest)
        # thinner pipes can lose more of the pump's head than those that remain can spare
        if total - brought(consumers, joined) >= value:
            total = _restore(problem, forest, joined, whole, own, kept)
            stays[dearest] = True


@compiled
def _restore(problem: Problem, forest: Forest, joined: Flags, whole: Integers, own: Floats, kept: Flags) -> float:
    """Put back pipes and consumers as they were, in place; return the yearly cost."""
    # slices would be shorter, and take seconds to compile for the words of their errors
    for node in range(len(whole)):
        forest.whole[node, PARENT], forest.whole[node, ABOVE] = whole[node, PARENT], whole[node, ABOVE]
        for kind in range(3):
            forest.own[node, kind] = own[node, kind]
    for one in range(len(kept)):
        joined[one] = kept[one]
    return refresh(problem, forest)


@compiled
def _below(problem: Problem, forest: Forest, node: int, top: int) -> bool:
    while node >= 0 and node != problem.root:
        if node == top:
            return True
        node = forest.whole[node, PARENT]
    return False


@compiled
def _relief(problem: Problem, forest: Forest, node: int, peak: float, square: float, energy: float) -> float:
    """Return what the edges from a node to the root save if a load goes."""
    found = 0.0
    while node != problem.root:
        found += saved(problem, forest, node, peak, square, energy)
        node = forest.whole[node, PARENT]
    return found


@compiled
def descend(problem: Problem, forest: Forest, consumers: Consumers, joined: Flags) -> float:
    """Improve a forest until no single change helps, in place; return what it costs less what it brings [CNY/a]."""
    total = refresh(problem, forest)
    value = total - brought(consumers, joined)
    for _ in range(ROUNDS):
        total = _join(problem, forest, consumers, joined, total)
        for _ in range(ROUNDS):
            before = total
            total = _rehang_all(problem, forest, total)
            if total >= before - LEAST * before:
                break
        total = _come_near(problem, forest, consumers, joined, total)
        total = _leave(problem, forest, consumers, joined, total)
        found = total - brought(consumers, joined)
        if found >= value - LEAST * total:
            return found
        value = found
    return value


@compiled
def _near(problem: Problem, forest: Forest, consumers: Consumers, start: int, near: Integers) -> int:
    """Write the consumers nearest to a node along the streets into an array, as many as it takes; return how many."""
    forest.clock[0] += 1
    clock, keys, items = forest.clock[0], forest.keys, forest.items
    forest.whole[start, SEEN], forest.real[start, DISTANCE] = clock, 0.0
    count, found = push(keys, items, 0, 0.0, start), 0
    while count > 0 and found < len(near):
        reached, node = keys[0], items[0]
        count = pop(keys, items, count)
        if reached > forest.real[node, DISTANCE]:
            continue
        one = consumers.first[node]
        while one >= 0 and found < len(near):
            near[found] = one
            found += 1
            one = consumers.following[one]
        for place in range(problem.starts[node], problem.starts[node + 1]):
            other, edge = problem.links[place, NEIGHBOUR], problem.links[place, EDGE]
            if other == problem.root:
                continue
            further = reached + problem.streets[edge, LENGTH]
            if forest.whole[other, SEEN] != clock or further < forest.real[other, DISTANCE]:
                forest.whole[other, SEEN], forest.real[other, DISTANCE] = clock, further
                count = push(keys, items, count, further, other)
    return found


@compiled
def _plant_of(problem: Problem, forest: Forest, node: int) -> int:
    """Return the number of the site that feeds a node, -1 if none does."""
    if forest.whole[node, PARENT] < 0:
        return -1
    while forest.whole[node, PARENT] != problem.root:
        node = forest.whole[node, PARENT]
    return int(forest.whole[node, ABOVE] - len(problem.streets))


@compiled
def _served_by(problem: Problem, forest: Forest, consumers: Consumers, joined: Flags, site: int, near: Integers) -> int:
    """Write the consumers that a site feeds into an array; return how many."""
    found = 0
    for one in range(len(joined)):
        if joined[one] and _plant_of(problem, forest, consumers.node[one]) == site:
            near[found] = one
            found += 1
    return found


@compiled
def shake(
    problem: Problem, forest: Forest, consumers: Consumers, joined: Flags, times: int, many: int, seed: int
) -> float:
    """Lay neighbourhoods anew and keep what is cheaper, in place; return cost less what is brought [CNY/a].

    Of a consumer and those nearest to it, those that have joined are taken out; then all of them are put back in a
    random order, every other time even those who bring less than they cost, and what they did to others is mended.
    Now and then it is all that a plant feeds, and the plant stays closed while they are put back.

    Parameters
    ----------
    problem, forest, consumers, joined
        As of `descend`.
    times
        How often.
    many
        Largest neighbourhood, consumers.
    seed
        Of the order.
    """
    chance = seed * 2 + 1
    total = refresh(problem, forest)
    value = total - brought(consumers, joined)
    near = np.zeros(len(joined), dtype=np.int64)
    for turn in range(times):
        whole, own, kept = forest.whole.copy(), forest.own.copy(), joined.copy()
        # the generator of Park and Miller: the same course on every machine
        chance = chance * 48271 % 2147483647
        start = consumers.node[chance % len(kept)]
        chance = chance * 48271 % 2147483647
        site = _plant_of(problem, forest, start) if turn % CLOSING == 0 else -1
        fixed = 0.0
        if site >= 0:
            found = _served_by(problem, forest, consumers, joined, site, near)
            fixed = problem.sites[site, FIXED]
            problem.sites[site, FIXED] = OUT
        else:
            found = _near(problem, forest, consumers, start, near[: min(len(near), 1 + chance % many)])
        total, chance = _lay_anew(problem, forest, consumers, joined, near[:found], turn % 2 == 0, chance)
        if site >= 0:
            problem.sites[site, FIXED] = fixed
            total = refresh(problem, forest)
        if total - brought(consumers, joined) < value:
            total = _rehang_all(problem, forest, total)
            value = total - brought(consumers, joined)
        else:
            total = _restore(problem, forest, joined, whole, own, kept)
    return value


@compiled
def _lay_anew(
    problem: Problem, forest: Forest, consumers: Consumers, joined: Flags, near: Integers, everyone: bool, chance: int
) -> tuple[float, int]:
    """Take consumers out and put them back in a random order, in place; return the yearly cost and the next chance."""
    for one in near:
        if joined[one]:
            joined[one] = False
            _remove(problem, forest, consumers, one)
    total = refresh(problem, forest)
    left = len(near)
    while left > 0:
        chance = chance * 48271 % 2147483647
        place = chance % left
        left -= 1
        one = near[place]
        near[place] = near[left]
        limit = AT_ANY_COST if everyone else consumers.worth[one]
        if limit > 0.0:
            total = _insert(problem, forest, consumers, joined, one, limit, total)
            if joined[one] and is_key(forest, consumers.node[one]):
                total = rehang(problem, forest, consumers.node[one], total)
    return _leave(problem, forest, consumers, joined, total), chance


@compiled
def settle(problem: Problem, forest: Forest, consumers: Consumers, joined: Flags, costs: Floats) -> None:
    """Write what each would cost who has not joined if he alone were added, into an array [CNY/a].

    Whoever turns out to bring more than that joins, in place, and what the others cost is told anew.
    """
    total, again = refresh(problem, forest), True
    while again:
        again = False
        for one in range(len(joined)):
            costs[one] = np.nan
            if joined[one]:
                continue
            with_him = _insert(problem, forest, consumers, joined, one, AT_ANY_COST, total)
            if not joined[one]:
                continue
            if consumers.worth[one] - (with_him - total) > LEAST * total:
                total, again = with_him, True
                continue
            costs[one] = with_him - total
            joined[one] = False
            _remove(problem, forest, consumers, one)
            total = refresh(problem, forest)
