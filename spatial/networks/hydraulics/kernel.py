"""The compiled heart of the hydraulics: friction, trees of pipes, and water carrying heat along its flow.

A link is a pipe or a pump. Its drop of pressure is odd and strictly rising in the flow, so the flows of a network are
the one minimum of a convex function (the content of Cherry and Millar); what drives the water, the rise of pumps and
the pressures of supplies, stands apart.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from layers.compiling import compiled

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

LAMINAR_REYNOLDS = 2320.0
TURBULENT_REYNOLDS = 2400.0
"""Between the two the friction factor rises in a line, as no network could be solved over a jump."""
ITERATIONS = 8
"""Newton steps at most on Colebrook's equation from Swamee and Jain's start; four reach double precision."""
SLOPE = 2.0 / math.log(10.0)
HAZEN_WILLIAMS = 1.852
"""Power of the flow in the formula of Hazen and Williams."""
DARCY, POWER, SQUARE = 0, 1, 2
"""Laws of a link: Darcy and Weisbach, Hazen and Williams, and a square as pumps have it."""
HALVINGS = 60
"""Of a Newton step at most: to double precision."""


class Links(NamedTuple):
    """What the drop of pressure of each link depends on; all arrays have one entry per link.

    Attributes
    ----------
    law
        `DARCY`, `POWER` or `SQUARE`.
    factor
        What multiplies friction factor and squared flow, or the power of the flow [Pa s2/kg2].
    local
        Pressure lost in bends and valves per squared flow [Pa s2/kg2].
    reynolds
        Reynolds number per flow [s/kg]; only under `DARCY`.
    rough
        Roughness over inner diameter [-]; only under `DARCY`.
    least
        Flow below which the drop is taken as a line [kg/s]: a power has no slope at nought.
    """

    law: Integers
    factor: Floats
    local: Floats
    reynolds: Floats
    rough: Floats
    least: Floats


@compiled
def friction(reynolds: float, rough: float) -> tuple[float, float]:
    """Return the Darcy friction factor [-] and its elasticity in the Reynolds number [-]."""
    if reynolds < LAMINAR_REYNOLDS:
        return 64.0 / max(reynolds, 1e-9), -1.0
    number = max(reynolds, TURBULENT_REYNOLDS)
    # x = 1 / sqrt(f) solves x + 2 log10(k / 3.7 + 2.51 x / Re) = 0
    x = -2.0 * math.log10(rough / 3.7 + 5.74 / number**0.9)
    share = 0.0
    for _ in range(ITERATIONS):
        inside = rough / 3.7 + 2.51 * x / number
        share = SLOPE * 2.51 / (number * inside)
        step = (x + 2.0 * math.log10(inside)) / (1.0 + share)
        x -= step
        if abs(step) <= 1e-15 * x:
            break
    factor = 1.0 / (x * x)
    if reynolds >= TURBULENT_REYNOLDS:
        return factor, -2.0 * share / (1.0 + share)
    first = 64.0 / LAMINAR_REYNOLDS
    rise = (factor - first) / (TURBULENT_REYNOLDS - LAMINAR_REYNOLDS)
    factor = first + rise * (reynolds - LAMINAR_REYNOLDS)
    return factor, rise * reynolds / factor


@compiled
def friction_factors(reynolds: Floats, rough: Floats) -> Floats:
    """Return the Darcy friction factor of each pair of Reynolds number and relative roughness [-]."""
    factors = np.empty_like(reynolds)
    for at in range(len(reynolds)):
        factors[at] = friction(reynolds[at], rough[at])[0]
    return factors


@compiled
def _drop(links: Links, at: int, flow: float) -> tuple[float, float]:
    """Return the drop of pressure of one link [Pa] and its slope in the flow [Pa s/kg]."""
    size = abs(flow)
    local = links.local[at] * size
    if links.law[at] == DARCY:
        number = links.reynolds[at] * size
        if number < LAMINAR_REYNOLDS:
            line = links.factor[at] * 64.0 / links.reynolds[at]
            return (line + local) * flow, line + 2.0 * local
        factor, elasticity = friction(number, links.rough[at])
        line = links.factor[at] * factor * size
        return (line + local) * flow, line * (2.0 + elasticity) + 2.0 * local
    least = links.least[at]
    power = HAZEN_WILLIAMS if links.law[at] == POWER else 2.0
    line = links.factor[at] * max(size, least) ** (power - 1.0)
    return (line + local) * flow, (line * power if size > least else line) + 2.0 * local


@compiled
def drops(links: Links, flow: Floats) -> tuple[Floats, Floats]:
    """Return the drop of pressure of each link [Pa], signed as its flow, and its slope in the flow [Pa s/kg]."""
    drop, slope = np.empty_like(flow), np.empty_like(flow)
    for at in range(len(flow)):
        drop[at], slope[at] = _drop(links, at, flow[at])
    return drop, slope


@compiled
def _content_slope(links: Links, flow: Floats, step: Floats, drive: Floats, length: float) -> float:
    total = 0.0
    for at in range(len(flow)):
        total += step[at] * (_drop(links, at, flow[at] + length * step[at])[0] - drive[at])
    return total


@compiled
def step_length(links: Links, flow: Floats, step: Floats, drive: Floats, decrement: float) -> float:
    """Return how far to go along a Newton step so that the content falls for certain; all of it where that does.

    The content is convex, so it falls over a length if its slope is still negative at the end, or if the slope half way
    outweighs that at the end. Else the length is halved in until the slope at its end is negative, but half as steep as
    at the start or less. Near the solution the whole step is taken, so Newton's method keeps its pace there.

    Parameters
    ----------
    links
        The links.
    flow
        Flow of each link, which closes at all nodes [kg/s].
    step
        Its change by Newton's method [kg/s].
    drive
        Pressure between the ends of each link, pumps included [Pa].
    decrement
        How steeply the content falls at the start of the step.
    """
    end = _content_slope(links, flow, step, drive, 1.0)
    if end <= 0.0 or (end <= 0.1 * decrement and _content_slope(links, flow, step, drive, 0.5) <= -0.2 * decrement):
        return 1.0
    low, high = 0.0, 1.0
    for _ in range(HALVINGS):
        length = 0.5 * (low + high)
        slope = _content_slope(links, flow, step, drive, length)
        if slope > 0.0:
            high = length
        elif slope < -0.5 * decrement:
            low = length
        else:
            return length
    return low


@compiled
def adjacency(nodes: int, ends: Integers) -> tuple[Integers, Integers]:
    """Return where the links of each node begin in a list, nodes + 1, and the list, twice the links."""
    start = np.zeros(nodes + 1, dtype=np.int64)
    for at in range(len(ends)):
        start[ends[at, 0] + 1] += 1
        start[ends[at, 1] + 1] += 1
    for node in range(nodes):
        start[node + 1] += start[node]
    free = start[:-1].copy()
    link = np.empty(2 * len(ends), dtype=np.int64)
    for at in range(len(ends)):
        for side in range(2):
            node = ends[at, side]
            link[free[node]] = at
            free[node] += 1
    return start, link


@compiled
def span(start: Integers, link: Integers, ends: Integers, roots: Integers) -> tuple[Integers, Integers, Integers]:
    """Return the trees that grow from some roots, breadth first.

    Returns
    -------
    order
        The nodes reached, parents first.
    parent
        Parent of each node; roots, and nodes not reached, are their own.
    above
        Link towards the parent; -1 where there is none.
    """
    nodes = len(start) - 1
    order = np.empty(nodes, dtype=np.int64)
    parent = np.arange(nodes)
    above = np.full(nodes, -1, dtype=np.int64)
    reached = np.zeros(nodes, dtype=np.bool_)
    count = 0
    for root in roots:
        reached[root] = True
        order[count] = root
        count += 1
    at = 0
    while at < count:
        node = order[at]
        at += 1
        for one in link[start[node] : start[node + 1]]:
            other = ends[one, 0] + ends[one, 1] - node
            if not reached[other]:
                reached[other] = True
                parent[other] = node
                above[other] = one
                order[count] = other
                count += 1
    return order[:count], parent, above


@compiled
def accumulate_rows(parent: Integers, order: Integers, total: Floats) -> None:
    """Add to every node of a tree, in each row of `total`, what hangs below it; roots are their own parents."""
    for at in range(len(order) - 1, -1, -1):
        node = order[at]
        above = parent[node]
        if above != node:
            for row in range(len(total)):
                total[row, above] += total[row, node]


@compiled
def descend(parent: Integers, order: Integers, above: Integers, ends: Integers, drop: Floats, head: Floats) -> None:
    """Fill `head` from the roots outwards: each node has that of its parent less the drop on the way."""
    for node in order:
        one = above[node]
        if one >= 0:
            head[node] = head[parent[node]] - (drop[one] if ends[one, 1] == node else -drop[one])


@compiled
def _arrivals(nodes: int, ends: Integers, flow: Floats) -> Integers:
    """Return the number of links that bring water to each node."""
    count = np.zeros(nodes, dtype=np.int64)
    for one in range(len(flow)):
        if flow[one] != 0.0:
            count[ends[one, 1] if flow[one] > 0.0 else ends[one, 0]] += 1
    return count


@compiled
def carry(
    start: Integers, link: Integers, ends: Integers, flow: Floats, kept: Floats, feed_kg_s: Floats, feed_k: Floats
) -> tuple[Floats, int]:
    """Return how much warmer than the ground the water of each node is [K], and how many nodes were reached.

    Nodes are taken in the order of the flow, so each is mixed of what is known. Where the water goes round in a circle
    some nodes are never reached.

    Parameters
    ----------
    start, link
        As of `adjacency`.
    ends
        Ends of each link, links x 2.
    flow
        Flow along the ends [kg/s].
    kept
        Share of the difference to the ground that is left at the end of each link [-].
    feed_kg_s, feed_k
        Water let in at each node [kg/s], and how much warmer than the ground it is [K].
    """
    nodes = len(feed_kg_s)
    waiting = _arrivals(nodes, ends, flow)
    mass, warmth = feed_kg_s.copy(), feed_kg_s * feed_k
    warmer = np.zeros(nodes)
    queue = np.empty(nodes, dtype=np.int64)
    count = 0
    # a loop: assigned slices take seconds to compile, for the words of their errors
    for node in range(nodes):
        if waiting[node] == 0:
            queue[count] = node
            count += 1
    at = 0
    while at < count:
        node = queue[at]
        at += 1
        if mass[node] > 0.0:
            warmer[node] = warmth[node] / mass[node]
        for one in link[start[node] : start[node + 1]]:
            away = flow[one] if ends[one, 0] == node else -flow[one]
            if away > 0.0:
                other = ends[one, 0] + ends[one, 1] - node
                mass[other] += away
                warmth[other] += away * warmer[node] * kept[one]
                waiting[other] -= 1
                if waiting[other] == 0:
                    queue[count] = other
                    count += 1
    return warmer, count
