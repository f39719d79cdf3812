"""What no layout that serves the same consumers can cost less than: a bound from outside the search.

The cost of a pipe per metre, as a function of the peak behind it, never lies below a line. So a layout costs at least
the line's height times a tree that joins all, of which `steiner` knows a bound, and its slope times every consumer's
own shortest way to a plant.
"""

import numpy as np
import numpy.typing as npt
from scipy.sparse.csgraph import dijkstra

from spatial.networks.layout.district import District, ways
from spatial.networks.layout.pricing import FLOW, catalogue_of, design_kw, numbers_of, pipe_cny_m
from spatial.networks.steiner import solve

Flags = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]

SHARES = (0.0, 0.1, 0.2, 0.4, 0.7, 1.0)
"""Slopes tried, as shares of that from the least to the largest flow."""
ABOVE = 1.0 + 1e-9
"""Just above a step, over the step."""
POINTS = 400
"""Peaks at which the cost of a pipe is looked at, evenly in their logarithm, beside both sides of each step."""


def cost_bound_cny(district: District, joined: Flags) -> float:
    """Return a lower bound of the yearly cost of pipes and plants that serve those who joined [CNY/a].

    Parameters
    ----------
    district
        Streets, candidates and sites.
    joined
        Which candidates; all of them within reach of a site.
    """
    who, sites, streets, engineer = district.candidates, district.sites, district.streets, district.engineer
    if not joined.any():
        return 0.0
    peak, energy = who.peak_kw[joined], who.energy_mwh[joined]
    least = _least_diversity(district, peak, who.count[joined])
    plants = float(sites.cny_kw.min() * least * peak.sum() + sites.cny_mwh.min() * energy.sum())
    root = streets.nodes
    ends = district.rooted_ends()
    best = 0.0
    for height, slope in _lines(district, peak, float((energy / np.maximum(peak, 1e-6)).min()), least):
        fixed = streets.length_m * (height[0] + height[1] * streets.dig) + streets.crossing_cny * engineer.pipe_rate
        moved = streets.length_m * (slope[0] + slope[1] * streets.dig)
        tree = solve(root + 1, ends, np.concatenate([fixed, sites.fixed_cny]), np.append(who.node[joined], root))
        matrix = ways(root + 1, ends, np.concatenate([moved, np.zeros(len(sites.node))]))
        away = dijkstra(matrix, directed=False, indices=np.array([root]))[0][who.node[joined]]
        best = max(best, tree.lower_bound + float(peak @ away))
    return best + plants


def _least_diversity(district: District, peak: Floats, count: Floats) -> float:
    """Return the least joint peak over the sum of peaks that a plant can have: it serves no more than it can make."""
    numbers = numbers_of(district.engineer)
    number = np.geomspace(1.0, max(1.0, float(count.sum())), POINTS)
    joint = np.array([design_kw(1.0, 1.0 / one, numbers) for one in number])
    able = number * joint * float((peak / count).min()) <= float(district.sites.capacity_kw.max())
    most = number[min(int(np.flatnonzero(able).max(initial=0)) + 1, POINTS - 1)]
    return design_kw(1.0, 1.0 / float(most), numbers)


def _lines(district: District, peak: Floats, hours: float, least: float) -> list[tuple[Floats, Floats]]:
    """Return lines below the cost per metre as a function of the peak behind a pipe: heights and slopes.

    Each has two parts, what a pipe costs to run and its instalment [CNY/(a m)].
    """
    engineer = district.engineer
    catalogue, numbers = catalogue_of(engineer), numbers_of(engineer)
    price = float(district.sites.cny_mwh.min())
    # behind a pipe is no more than one plant can serve
    low, high = float(peak.min()), min(float(peak.sum()), float(district.sites.capacity_kw.max()) / least)
    low = max(1e-6, min(low, high))
    able = engineer.capacity_kg_s / numbers[FLOW]
    able = np.concatenate([able, able[-1] * np.arange(2, 2 + int(high / able[-1]))])
    steps = np.concatenate([able, able / least])
    points = np.concatenate([np.geomspace(low, high, POINTS), steps, steps * ABOVE, [low, high]])
    points = np.unique(points[(points >= low) & (points <= high)])
    cost = np.array([_least_cny_m(one, least, hours, price, able, catalogue, numbers) for one in points])
    # within a size cost rises with the flow, and both sides of each step are points: so between two points it is at
    # least that at the first, and the line is laid below the corners
    found = []
    for share in SHARES:
        chord = (cost[-1] - cost[0]) / max(high - low, 1e-9) * share
        corner = np.append(points[1:], high)
        height = (cost - chord * corner[:, None]).min(axis=0)
        if (height >= 0.0).all():
            found.append((height, chord))
    return found


def _least_cny_m(
    peak: float, least: float, hours: float, price: float, able_kw: Floats, catalogue: Floats, numbers: Floats
) -> tuple[float, float]:
    """Return the least that a pipe costs per metre to run, and its instalment, whatever the joint peak of those behind.

    That lies between the least diversity and all of the sum of their peaks. A larger one can cost less to run where it
    takes the next size, so just above the capacity of each size [kW] is looked at as well.
    """
    designs = [least * peak, *(able_kw[(able_kw > least * peak) & (able_kw * ABOVE <= peak)] * ABOVE)]
    costs = [pipe_cny_m(design, hours * peak, price, catalogue, numbers)[:2] for design in designs]
    return min(one[0] for one in costs), min(one[1] for one in costs)
