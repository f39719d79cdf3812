"""A district to be laid out: streets, who may join, where plants may stand; and the layout found."""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import dijkstra

from spatial.networks.tree import Engineer, Hung, Load, hang

Flags = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

SLACK = 1e-6
"""Share by which a limit may be passed: sums in another order differ."""


@dataclass(frozen=True, eq=False)
class Streets:
    """Where pipes may lie.

    Attributes
    ----------
    nodes
        Number of nodes.
    ends
        First and last node of each street, shape (streets, 2).
    length_m
        Length of each [m].
    dig
        Factor on the investment of pipes there [-].
    crossing_cny
        Investment for what each crosses, whatever lies in it [CNY].
    """

    nodes: int
    ends: Integers
    length_m: Floats
    dig: Floats
    crossing_cny: Floats

    @classmethod
    def plain(cls, nodes: int, ends: Integers, length_m: Floats) -> "Streets":
        """Return streets of one class that cross nothing."""
        return cls(nodes, ends, length_m, np.ones(len(length_m)), np.zeros(len(length_m)))


@dataclass(frozen=True, eq=False)
class Candidates:
    """Consumers who may join; one entry each.

    Attributes
    ----------
    node
        Where each fronts the streets.
    energy_mwh, peak_kw, count
        Yearly demand [MWh/a], peak [kW] and number of substations.
    worth_cny
        What each brings or avoids a year, less its substation [CNY/a].
    forced
        Who must join whatever it costs.
    """

    node: Integers
    energy_mwh: Floats
    peak_kw: Floats
    count: Floats
    worth_cny: Floats
    forced: Flags


@dataclass(frozen=True, eq=False)
class Sites:
    """Where plants may stand; one entry each.

    Attributes
    ----------
    node
        Where each meets the streets.
    capacity_kw
        Largest plant [kW]; infinite where nothing limits it.
    fixed_cny, cny_kw
        Yearly cost of a plant there [CNY/a], and per capacity [CNY/(kW a)].
    cny_mwh
        What it makes heat or cold for [CNY/MWh].
    """

    node: Integers
    capacity_kw: Floats
    fixed_cny: Floats
    cny_kw: Floats
    cny_mwh: Floats


@dataclass(frozen=True, eq=False)
class District:
    """A network to be laid out."""

    engineer: Engineer
    streets: Streets
    candidates: Candidates
    sites: Sites

    def load(self, joined: Flags) -> Load:
        """Return the load at each node of the streets of those who have joined."""
        who = self.candidates
        energy, peak, count = who.energy_mwh[joined], who.peak_kw[joined], who.count[joined]
        return Load.of(who.node[joined], energy, peak, count, max(self.streets.nodes, 1))

    def with_worth(self, worth_cny: Floats) -> "District":
        """Return the same district with candidates who bring something else."""
        return replace(self, candidates=replace(self.candidates, worth_cny=worth_cny))

    def rooted_ends(self) -> Integers:
        """Return the ends of the streets, then those of an edge from each site to one root, the node after all others.

        Shape (streets + sites, 2).
        """
        root = np.full(len(self.sites.node), self.streets.nodes)
        return np.concatenate([self.streets.ends, np.column_stack([self.sites.node, root])])

    def away_m(self) -> Floats:
        """Return how far each candidate is from the nearest site along the streets [m]; infinite if there is no way."""
        if not len(self.sites.node) or not len(self.candidates.node):
            return np.full(len(self.candidates.node), np.inf)
        streets = self.streets
        matrix = ways(streets.nodes, streets.ends, streets.length_m)
        away: Floats = dijkstra(matrix, directed=False, indices=self.sites.node, min_only=True)
        return away[self.candidates.node]


@dataclass(frozen=True, eq=False)
class Layout:
    """What was found.

    Attributes
    ----------
    joined
        Which candidates have joined.
    sites
        Numbers of the sites with a plant.
    edges
        Of each of them the streets with its pipes.
    joining_cny
        Of each candidate who has not joined what adding him alone would cost [CNY/a], none less than he brings; not a
        number where he cannot be added to what stands.
    """

    joined: Flags
    sites: Integers
    edges: tuple[Integers, ...]
    joining_cny: Floats

    def trees(self, district: District) -> list[Hung]:
        """Return the pipes of each plant, seen from it."""
        streets = district.streets
        return [
            hang(
                int(district.sites.node[site]), streets.ends, streets.length_m, edges, streets.dig, streets.crossing_cny
            )
            for site, edges in zip(self.sites, self.edges, strict=True)
        ]


def ways(nodes: int, ends: Integers, weights: Floats) -> csr_array:
    """Return the matrix of a graph for shortest ways: of parallel edges the least counts, and none weighs nothing."""
    order = np.argsort(weights, kind="stable")
    pairs, first = np.unique(np.sort(ends[order], axis=1), axis=0, return_index=True)
    # csgraph takes a weight of nothing for no edge
    least = np.maximum(weights[order][first], 1e-9)
    return coo_array((least, (pairs[:, 0], pairs[:, 1])), shape=(nodes, nodes)).tocsr()


def yearly_cny(district: District, layout: Layout) -> float:
    """Return what a layout costs a year less what those who joined bring [CNY/a].

    This prices every pipe again from the tables of the catalogue, with nothing that the search has kept.

    Raises
    ------
    ValueError
        If someone who joined is on no tree, or is on two.
    """
    load = district.load(layout.joined)
    served = np.zeros(district.streets.nodes, dtype=np.int64)
    total = -float(district.candidates.worth_cny[layout.joined].sum())
    for site, tree in zip(layout.sites, layout.trees(district), strict=True):
        price = float(district.sites.cny_mwh[site])
        sized = district.engineer.size(tree, load, price)
        total += float(sized.yearly_cny.sum())
        total += float(
            district.sites.fixed_cny[site]
            + district.sites.cny_kw[site] * sized.design_kw[0]
            + price * sized.energy_mwh[0]
        )
        served[tree.node] += 1
    if np.any(served[district.candidates.node[layout.joined]] != 1):
        raise ValueError("a consumer who joined is served by no tree, or by several")
    return total


def check_limits(district: District, layout: Layout) -> None:
    """Make sure that no plant makes more than it can, and that its pump reaches all whom it serves.

    Like `yearly_cny` it uses nothing that the search has kept.

    Raises
    ------
    ValueError
        If a limit is passed.
    """
    load, engineer = district.load(layout.joined), district.engineer
    for site, tree in zip(layout.sites, layout.trees(district), strict=True):
        sized = engineer.size(tree, load)
        asked, able = float(sized.design_kw[0]), float(district.sites.capacity_kw[site])
        head, most = float(engineer.head_pa(tree, sized).max()), engineer.options.head_max_pa
        if asked > able * (1.0 + SLACK):
            raise ValueError(f"the plant at site {site} is asked for {asked:g} kW and can make {able:g} kW")
        if head > most * (1.0 + SLACK):
            raise ValueError(f"the pump at site {site} is asked for {head:g} Pa and can give {most:g} Pa")
