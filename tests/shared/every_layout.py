"""Small districts of chance, and the best of all their layouts, found by trying every one."""

from collections.abc import Iterator
from itertools import chain, combinations

import numpy as np

from spatial.networks.layout import Candidates, District, Layout, Sites, Streets, check_limits, yearly_cny
from spatial.networks.options import NetworkOptions
from spatial.networks.tree import Engineer


def small_district(seed: int) -> District:
    """Return up to five nodes, four consumers of all kinds and two sites; some plants are small, some pumps weak."""
    chance = np.random.default_rng(seed)
    network = str(chance.choice(["heating", "cooling"]))
    head = 1e5 + chance.uniform(5e3, 1.2e5) if chance.random() < 0.5 else 6e5
    engineer = Engineer(network, NetworkOptions(head_max_pa=head))
    nodes = int(chance.integers(3, 6))
    tree = [(node, int(chance.integers(node))) for node in range(1, nodes)]
    more = [tuple(chance.choice(nodes, 2, replace=False).tolist()) for _ in range(int(chance.integers(0, 3)))]
    lengths = chance.uniform(5.0, 600.0, len(tree) + len(more))
    count, plants = int(chance.integers(1, 5)), int(chance.integers(1, 3))
    peak = np.exp(chance.normal(5.0, 1.2, count))
    energy = peak * chance.uniform(0.3, 4.0, count)
    worth = 150.0 * energy + 100.0 * peak + chance.uniform(0.0, 200.0, count) * np.sqrt(150.0 * peak)
    capacity = chance.uniform(0.3, 1.0, plants) * peak.sum() if chance.random() < 0.3 else np.full(plants, np.inf)
    return District(
        engineer,
        Streets(
            nodes, np.array(tree + more), lengths, chance.choice([0.8, 1.0, 1.4], len(lengths)),
            np.where(chance.random(len(lengths)) < 0.1, 2e5, 0.0),
        ),
        Candidates(
            chance.integers(0, nodes, count), energy, peak, chance.choice([1.0, 1.0, 3.7, 40.0], count), worth,
            np.zeros(count, dtype=bool),
        ),
        Sites(
            chance.choice(nodes, plants, replace=False), capacity, chance.uniform(1e3, 5e4, plants),
            chance.uniform(50.0, 150.0, plants), chance.uniform(80.0, 170.0, plants),
        ),
    )  # fmt: skip


def _subsets(count: int) -> Iterator[list[int]]:
    return map(list, chain.from_iterable(combinations(range(count), size) for size in range(count + 1)))


def _parts(nodes: int, ends: np.ndarray, edges: list[int]) -> list[int] | None:
    """Return the part of each node, or nothing where the edges close a ring."""
    part = list(range(nodes))
    for tail, head in ends[edges].tolist():
        one, other = part[tail], part[head]
        if one == other:
            return None
        part = [one if name == other else name for name in part]
    return part


def _layouts(district: District) -> Iterator[Layout]:
    streets, who, sites = district.streets, district.candidates, district.sites
    for edges in _subsets(len(streets.ends)):
        part = _parts(streets.nodes, streets.ends, edges)
        if part is None:
            continue
        for opened in _subsets(len(sites.node)):
            fed = [part[node] for node in sites.node[opened]]
            if len(set(fed)) < len(fed) or any(part[tail] not in fed for tail in streets.ends[edges, 0]):
                continue
            trees = tuple(
                np.array([edge for edge in edges if part[streets.ends[edge, 0]] == name], dtype=int) for name in fed
            )
            able = [one for one in range(len(who.node)) if part[who.node[one]] in fed]
            for chosen in _subsets(len(able)):
                joined = np.zeros(len(who.node), dtype=bool)
                joined[[able[one] for one in chosen]] = True
                if {part[node] for node in who.node[joined]} == set(fed):
                    yield Layout(joined, np.array(opened, dtype=int), trees, np.full(len(joined), np.nan))


def best_value(district: District) -> float:
    """Return cost less what is brought of the best layout that keeps all limits [CNY/a]; nought for none at all."""
    best = 0.0
    for layout in _layouts(district):
        value = yearly_cny(district, layout)
        if value < best:
            try:
                check_limits(district, layout)
            except ValueError:
                continue
            best = value
    return best
