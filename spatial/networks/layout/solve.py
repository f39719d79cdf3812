"""The cheapest layout that is found: some ways to begin, a descent from each, and neighbourhoods laid anew.

References
----------
.. [1] Ropke, S., Pisinger, D. (2006). An adaptive large neighborhood search heuristic for the pickup and delivery
   problem with time windows. Transportation Science 40, 455-472. doi:10.1287/trsc.1050.0135
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy.sparse.csgraph import dijkstra

from spatial.networks.layout.district import District, Layout, ways
from spatial.networks.layout.forest import ABOVE, ORDER, PARENT, Forest, Problem, bare, copy_of
from spatial.networks.layout.pricing import catalogue_of, numbers_of, pipe_cny_m
from spatial.networks.layout.search import Consumers, descend, settle, shake
from spatial.networks.steiner import solve as steiner
from spatial.networks.tree import hang

Flags = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

WORK = 40_000
"""Consumers taken out and put back in all: neighbourhoods laid anew times those in them."""
LARGEST = 12
"""Largest neighbourhood that is laid anew, consumers."""
SEED = 1
GENEROUS, RICHER = 1.25, 0.1
"""Where joining hardly pays, nobody joins alone who would with others: a layout for those who bring so many times as
much is found first, with that share of the effort, and those leave who do not pay."""
STRETCH = 4.0
"""How much farther than with the steepest pipes a pump may reach: large ones lose less; beyond that nobody looks."""
PREMIUM = 1e8
"""What those bring on top who must join [CNY/a], and once more in proportion to their peaks: more than any pipe, and
all together less than a plant beyond its capacity."""


def lay_out(district: District, effort: float = 1.0, known: Sequence[Layout] = ()) -> Layout:
    """Return who joins, which sites get plants and which streets get pipes, at the least cost that is found [1]_.

    Who must join does so as far as pumps and plants reach: those too far, and those for whom no plant is left, stay
    out.

    Parameters
    ----------
    district
        Streets, candidates and sites; the order of nothing matters but where two layouts cost the same.
    effort
        How long to search, as a share of the usual.
    known
        Layouts for the same streets and sites to begin from as well.
    """
    problem, consumers, able = _prepared(district)
    best, kept = bare(problem), np.zeros(len(consumers.node), dtype=np.bool_)
    joining_cny = np.full(len(able), np.nan)
    if able.any():
        starts = _starts(district, problem, consumers)
        for layout in known:
            edges = np.concatenate([*layout.edges, len(district.streets.length_m) + layout.sites]).astype(np.int64)
            joined = layout.joined[able]
            starts.append((_forest(district, problem, consumers, joined, edges), joined.copy()))
        from_richer = []
        if not known and not district.candidates.forced[able].all():
            generous = consumers._replace(worth=GENEROUS * consumers.worth)
            copies = [(copy_of(forest), joined.copy()) for forest, joined in starts]
            from_richer = [_improved(problem, generous, copies, effort * RICHER)[:2]]
        found = [_improved(problem, consumers, each, effort) for each in (starts, from_richer) if each]
        best, kept, _ = min(found, key=lambda one: one[2])
        costs = np.full(len(kept), np.nan)
        settle(problem, best, consumers, kept, costs)
        joining_cny[able] = costs
    joined = np.zeros(len(able), dtype=np.bool_)
    joined[able] = kept
    return Layout(joined, *_plants(district, best), joining_cny)


def _improved(
    problem: Problem, consumers: Consumers, starts: list[tuple[Forest, Flags]], effort: float
) -> tuple[Forest, Flags, float]:
    """Return the best forest found from some, which are changed; who has joined; and cost less what they bring."""
    best, kept, value = bare(problem), np.zeros(len(consumers.node), dtype=np.bool_), 0.0
    for forest, joined in starts:
        found = descend(problem, forest, consumers, joined)
        if found < value:
            best, kept, value = forest, joined, found
    times = max(20.0, 2.0 * WORK / LARGEST / max(10.0, len(kept) / 20.0))
    shake(problem, best, consumers, kept, int(times * effort), LARGEST, SEED)
    return best, kept, descend(problem, best, consumers, kept)


def _prepared(district: District) -> tuple[Problem, Consumers, Flags]:
    """Return what the search works on, and which candidates can be reached: the others are not among its consumers."""
    streets, sites, who, engineer = district.streets, district.sites, district.candidates, district.engineer
    root, ends = streets.nodes, district.rooted_ends()
    tails = np.concatenate([ends[:, 0], ends[:, 1]])
    heads = np.concatenate([ends[:, 1], ends[:, 0]])
    edges = np.tile(np.arange(len(ends)), 2)
    order = np.lexsort((edges, heads, tails))
    starts = np.searchsorted(tails[order], np.arange(root + 2))
    able = district.away_m() <= STRETCH * engineer.reach_m
    problem = Problem(
        root=root,
        starts=starts.astype(np.int64),
        links=np.column_stack([heads, edges])[order].astype(np.int64),
        streets=np.column_stack([streets.length_m, streets.dig, streets.crossing_cny * engineer.pipe_rate]),
        sites=np.column_stack([np.minimum(sites.capacity_kw, 1e12), sites.fixed_cny, sites.cny_kw, sites.cny_mwh]),
        price_cny_mwh=float(sites.cny_mwh.min()) if len(sites.cny_mwh) else 0.0,
        catalogue=catalogue_of(engineer),
        numbers=numbers_of(engineer),
    )
    node = who.node[able].astype(np.int64)
    large = who.peak_kw / max(float(who.peak_kw.mean()), 1e-6) if len(who.peak_kw) else who.peak_kw
    worth = (who.worth_cny + np.where(who.forced, PREMIUM * (1.0 + large), 0.0))[able]
    first, following = np.full(root + 1, -1, dtype=np.int64), np.full(len(node), -1, dtype=np.int64)
    for one in np.argsort(node, kind="stable")[::-1]:
        following[one], first[node[one]] = first[node[one]], one
    consumers = Consumers(
        node=node,
        load=np.column_stack([who.peak_kw, who.peak_kw**2 / who.count, who.energy_mwh])[able].astype(np.float64),
        worth=worth.astype(np.float64),
        order=np.argsort(-worth, kind="stable").astype(np.int64),
        first=first,
        following=following,
    )
    return problem, consumers, able


def _starts(district: District, problem: Problem, consumers: Consumers) -> list[tuple[Forest, Flags]]:
    """Return forests to begin with: none, and the shortest trees for all who bring anything.

    One of these has as many plants as make it short, the other the plant that is nearest to all.
    """
    hopeful = consumers.worth > 0.0
    found = [(bare(problem), np.zeros(len(hopeful), dtype=np.bool_))]
    if not hopeful.any():
        return found
    streets, sites, root = district.streets, district.sites, problem.root
    weights = _weights(problem, consumers, hopeful)
    ends = district.rooted_ends()
    away = dijkstra(ways(root, streets.ends, weights), directed=False, indices=sites.node)[:, consumers.node[hopeful]]
    far = away @ consumers.load[hopeful, 0]
    near = np.where(np.arange(len(far)) == np.argmin(far), 0.0, np.inf)
    for at_site in (sites.fixed_cny, near) if np.isfinite(far).any() else (sites.fixed_cny,):
        usable = np.append(np.ones(len(streets.ends), dtype=bool), np.isfinite(at_site))
        rows = np.flatnonzero(usable)
        whole = np.concatenate([weights, at_site])[rows]
        found_edges = rows[steiner(root + 1, ends[rows], whole, np.append(consumers.node[hopeful], root)).edges]
        found.append((_forest(district, problem, consumers, hopeful, found_edges), hopeful.copy()))
    return found


def _forest(district: District, problem: Problem, consumers: Consumers, joined: Flags, edges: Integers) -> Forest:
    """Return the forest of some edges, those of the sites counted on from the streets."""
    ends = district.rooted_ends()
    tree, forest = hang(problem.root, ends, np.zeros(len(ends)), edges), bare(problem)
    forest.whole[tree.node[1:], PARENT] = tree.node[tree.parent[1:]]
    forest.whole[tree.node[1:], ABOVE] = tree.edge[1:]
    np.add.at(forest.own, consumers.node[joined], consumers.load[joined])
    return forest


def _weights(problem: Problem, consumers: Consumers, hopeful: Flags) -> Floats:
    """Return what a pipe of middle size costs in each street: what the first trees are shortest in."""
    load = consumers.load[hopeful].sum(axis=0) / np.sqrt(max(1, int(hopeful.sum())))
    running, instalment, _ = pipe_cny_m(
        float(load[0]), float(load[2]), problem.price_cny_mwh, problem.catalogue, problem.numbers
    )
    length, dig, extra = problem.streets.T
    return np.asarray(length * (running + instalment * dig) + extra)


def _plants(district: District, forest: Forest) -> tuple[Integers, tuple[Integers, ...]]:
    """Return the sites with a plant, in their order, and the streets with the pipes of each."""
    streets, root = len(district.streets.length_m), district.streets.nodes
    top: dict[int, int] = {}
    edges: dict[int, list[int]] = {}
    for node in forest.whole[::-1, ORDER].tolist():
        if node < 0:
            continue
        parent, above = int(forest.whole[node, PARENT]), int(forest.whole[node, ABOVE])
        if parent == root:
            top[node] = above - streets
            edges[above - streets] = []
        else:
            top[node] = top[parent]
            edges[top[node]].append(above)
    order = sorted(edges)
    return np.array(order, dtype=np.int64), tuple(np.array(sorted(edges[one]), dtype=np.int64) for one in order)
