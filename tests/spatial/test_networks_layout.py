"""Layouts: never dearer than known optima, priced twice, and indifferent to names, order and unit of length."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from district_exact import Model, random_district
from spatial.networks.layout import Candidates, District, Layout, Sites, Streets, cost_bound_cny, lay_out, yearly_cny
from spatial.networks.layout.forest import bare, refresh
from spatial.networks.layout.pricing import catalogue_of, design_kw, gradient_pa_m, numbers_of, pipe_cny_m
from spatial.networks.layout.search import descend, shake
from spatial.networks.layout.solve import _prepared, _starts
from spatial.networks.options import CarrierOptions, NetworkOptions
from spatial.networks.tree import Engineer, Load, diversity, hang

NETWORKS = st.sampled_from(["heating", "cooling"])
OPTIMA = [
    # seed, consumers, network, forced, value of the optimum [CNY/a] that HiGHS proved to 1e-5 within 240 s
    (2, 20, "cooling", False, -41362.4),
    (3, 20, "heating", False, -82037.2),
]


def cost_cny(district: District, layout: Layout) -> float:
    """What plants and pipes cost, without what is brought."""
    return yearly_cny(district, layout) + float(district.candidates.worth_cny[layout.joined].sum())


def line(lengths: list[float], peaks: list[float], worth: list[float], network: str = "cooling") -> District:
    """A plant at one end of a street, and consumers along it."""
    engineer = Engineer(network, NetworkOptions())
    count = len(lengths)
    peak = np.array(peaks)
    return District(
        engineer,
        Streets.plain(count + 1, np.array([(at, at + 1) for at in range(count)]), np.array(lengths)),
        Candidates(
            np.arange(1, count + 1), 1.2 * peak, peak, np.ones(count), np.array(worth), np.zeros(count, dtype=bool)
        ),
        Sites(np.array([0]), np.array([np.inf]), np.array([1e4]), np.array([50.0]), np.array([100.0])),
    )


@settings(max_examples=25, deadline=None)
@given(
    network=NETWORKS,
    peak=st.floats(1.0, 3e5),
    count=st.floats(1.0, 2000.0),
    hours=st.floats(0.1, 5.0),
    diverse=st.booleans(),
)
def test_compiled_prices_are_those_of_the_tables(
    network: str, peak: float, count: float, hours: float, diverse: bool
) -> None:
    alike = {} if diverse else {"diversity_limit": 1.0, "diversity_range": 0.0}
    options = NetworkOptions(**{network: CarrierOptions.standard(network).model_copy(update=alike)})
    engineer = Engineer(network, options)
    tree = hang(0, np.array([[0, 1]]), np.array([100.0]), np.array([0]))
    load = Load.of(np.array([1]), np.array([hours * peak]), np.array([peak]), np.array([count]), 2)
    sized = engineer.size(tree, load, 77.0)
    numbers, catalogue = numbers_of(engineer), catalogue_of(engineer)
    design = design_kw(peak, peak * peak / count, numbers)
    assert design == pytest.approx(float(diversity(count, network, options)) * peak, rel=1e-12)
    running, instalment, gradient = pipe_cny_m(design, hours * peak, 77.0, catalogue, numbers)
    assert 100.0 * (running + instalment) == pytest.approx(sized.yearly_cny[1], rel=1e-9)
    assert gradient == pytest.approx(sized.gradient_pa_m[1], rel=1e-9)


@pytest.mark.parametrize("reynolds", [500.0, 2319.0, 2321.0, 2360.0, 2399.0, 2401.0, 1e5])
def test_friction_is_that_of_the_tables_in_every_regime(reynolds: float) -> None:
    engineer = Engineer("heating", NetworkOptions())
    inner = float(engineer.pipes.inner_m[0])
    flow = reynolds * np.pi / 4.0 * inner * engineer.fluid.viscosity
    table = float(engineer.gradient(np.array([flow]), np.array([inner]))[0])
    assert gradient_pa_m(flow, inner, numbers_of(engineer)) == pytest.approx(table, rel=1e-12)


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 1000), consumers=st.integers(3, 40), network=NETWORKS, forced=st.booleans())
def test_what_the_search_says_is_what_the_pipes_cost(seed: int, consumers: int, network: str, forced: bool) -> None:
    district = random_district(seed, consumers, network, forced=forced)
    problem, people, _ = _prepared(district)
    for forest, joined in _starts(district, problem, people):
        for search in (descend, lambda *rest: shake(*rest, 30, 6, seed)):
            told = search(problem, forest, people, joined)
            brought = float(people.worth[joined].sum())
            assert told == pytest.approx(refresh(problem, forest) - brought, rel=1e-9, abs=1e-3)
    layout = lay_out(district)
    assert np.isfinite(yearly_cny(district, layout))
    if forced:
        assert layout.joined.all()
    assert cost_bound_cny(district, layout.joined) <= cost_cny(district, layout) * (1.0 + 1e-9)


@settings(max_examples=6, deadline=None)
@given(seed=st.integers(0, 1000), network=NETWORKS, forced=st.booleans())
def test_names_and_order_change_nothing_but_by_equal_costs(seed: int, network: str, forced: bool) -> None:
    district = random_district(seed, 15, network, forced=forced)
    chance = np.random.default_rng(seed)
    nodes, edges = chance.permutation(district.streets.nodes), chance.permutation(len(district.streets.ends))
    people, sites = chance.permutation(15), chance.permutation(3)
    streets, who, where = district.streets, district.candidates, district.sites
    other = District(
        district.engineer,
        Streets(streets.nodes, nodes[streets.ends[edges]], streets.length_m[edges], streets.dig[edges],
                streets.crossing_cny[edges]),
        Candidates(nodes[who.node[people]], who.energy_mwh[people], who.peak_kw[people], who.count[people],
                   who.worth_cny[people], who.forced[people]),
        Sites(nodes[where.node[sites]], where.capacity_kw[sites], where.fixed_cny[sites], where.cny_kw[sites],
              where.cny_mwh[sites]),
    )  # fmt: skip
    one, two = lay_out(district), lay_out(other)
    scale = abs(cost_cny(district, one)) + 1.0
    assert yearly_cny(district, one) == pytest.approx(yearly_cny(other, two), abs=2e-3 * scale)


@settings(max_examples=6, deadline=None)
@given(seed=st.integers(0, 1000), factor=st.floats(0.5, 2.0))
def test_longer_streets_and_dearer_digging_cost_in_proportion(seed: int, factor: float) -> None:
    """The same layout on streets that are longer by a factor has pipes that cost more by it."""
    district = random_district(seed, 12, "cooling", forced=True)
    district = replace(district, streets=replace(district.streets, crossing_cny=np.zeros(len(district.streets.ends))))
    layout = lay_out(district)
    longer = replace(district, streets=replace(district.streets, length_m=factor * district.streets.length_m))
    plants = cost_cny(district, layout) - sum(
        float(
            district.engineer.size(
                tree, district.load(layout.joined), float(district.sites.cny_mwh[site])
            ).yearly_cny.sum()
        )
        for site, tree in zip(layout.sites, layout.trees(district), strict=True)
    )
    assert cost_cny(longer, layout) - plants == pytest.approx(factor * (cost_cny(district, layout) - plants), rel=1e-9)


@settings(max_examples=6, deadline=None)
@given(seed=st.integers(0, 1000), network=NETWORKS)
def test_one_more_who_must_join_costs_at_least_the_bound_of_the_fewer(seed: int, network: str) -> None:
    district = random_district(seed, 15, network, forced=True)
    fewer = np.arange(15) > 0
    assert cost_cny(district, lay_out(district)) >= cost_bound_cny(district, fewer) - 1e-6


@settings(max_examples=6, deadline=None)
@given(seed=st.integers(0, 1000), network=NETWORKS)
def test_free_choice_is_never_worse_than_all_or_nobody(seed: int, network: str) -> None:
    district = random_district(seed, 20, network, forced=False)
    chosen = yearly_cny(district, lay_out(district))
    everyone = yearly_cny(district, lay_out(random_district(seed, 20, network, forced=True)))
    assert chosen <= min(0.0, everyone) + 1e-6


@pytest.mark.parametrize(("seed", "consumers", "network", "forced", "optimum"), OPTIMA)
def test_proved_optima_are_met(seed: int, consumers: int, network: str, forced: bool, optimum: float) -> None:
    district = random_district(seed, consumers, network, forced=forced)
    layout = lay_out(district)
    everyone = yearly_cny(district, layout) + float(district.candidates.worth_cny.sum())
    assert abs(yearly_cny(district, layout) - optimum) <= 1e-4 * everyone


@pytest.mark.parametrize("forced", [True, False])
def test_small_districts_are_laid_out_as_the_solver_does(forced: bool) -> None:
    district = random_district(7, 7, "cooling", forced=forced)
    layout = lay_out(district)
    exact = Model(district).solve(60.0, yearly_cny(district, layout))
    scale = cost_cny(district, layout)
    assert yearly_cny(district, layout) <= exact.value + 1e-6 * scale
    assert exact.bound <= yearly_cny(district, layout) + 1e-6 * scale
    assert yearly_cny(district, layout) - exact.bound <= 1e-4 * scale


def test_who_pays_for_his_pipe_joins() -> None:
    """On one street every consumer's pipe can be told by hand: the far one joins just when he pays for it."""
    near, far = 50.0, 400.0
    rich = line([near, far], [500.0, 200.0], [1e6, 1e6])
    both = lay_out(rich)
    assert both.joined.tolist() == [True, True]
    alone = cost_cny(rich, replace(both, joined=np.array([True, False]), edges=(np.array([0]),)))
    extra = cost_cny(rich, both) - alone
    for factor, joins in ((1.01, True), (0.99, False)):
        district = line([near, far], [500.0, 200.0], [1e6, factor * extra])
        found = lay_out(district)
        assert found.joined.tolist() == [True, joins]
        if not joins:
            assert found.joining_cny[1] == pytest.approx(extra, rel=1e-9)


def test_a_group_joins_where_none_would_alone() -> None:
    """Three at the end of a long street share its pipe."""
    lengths, peaks = [600.0, 10.0, 10.0], [300.0, 300.0, 300.0]
    rich = line(lengths, peaks, [1e6] * 3)
    all_three = cost_cny(rich, lay_out(rich))
    single = cost_cny(line(lengths[:1], peaks[:1], [1e6]), lay_out(line(lengths[:1], peaks[:1], [1e6])))
    each = 0.5 * (all_three / 3.0 + single)
    assert each < single
    assert lay_out(line(lengths, peaks, [each] * 3)).joined.all()
    assert not lay_out(line(lengths[:1], peaks[:1], [each])).joined.any()


def test_a_second_plant_is_built_where_the_trunk_would_cost_more() -> None:
    engineer = Engineer("cooling", NetworkOptions())
    streets = Streets.plain(4, np.array([(0, 1), (1, 2), (2, 3)]), np.array([20.0, 3000.0, 20.0]))
    pair, must = np.ones(2), np.full(2, True)
    who = Candidates(np.array([0, 3]), 9e3 * pair, 7e3 * pair, pair, 1e9 * pair, must)
    for fixed, plants in ((1e3, 2), (1e8, 1)):
        sites = Sites(np.array([1, 2]), np.full(2, np.inf), np.full(2, fixed), np.full(2, 50.0), np.full(2, 100.0))
        assert len(lay_out(District(engineer, streets, who, sites)).sites) == plants


@pytest.mark.parametrize("seed", range(12))
def test_more_sites_to_choose_from_cost_no_more(seed: int) -> None:
    """A layout from any one of the sites is one of those from all; the bar is a thousandth of the cost."""
    district = random_district(seed, 5 + seed, "cooling", forced=seed % 2 == 0)
    value = yearly_cny(district, lay_out(district))
    everyone = value + float(district.candidates.worth_cny.sum())
    for site in range(3):
        alone = replace(district, sites=Sites(*(values[[site]] for values in vars(district.sites).values())))
        assert value <= yearly_cny(alone, lay_out(alone)) + 1e-3 * everyone


def test_plants_take_no_more_than_they_can_make() -> None:
    district = random_district(5, 20, "cooling", forced=True)
    total = float(district.candidates.peak_kw.sum())
    for share in (1.2, 0.5, 0.1):
        tight = replace(district, sites=replace(district.sites, capacity_kw=np.full(3, share * total / 3.0)))
        layout = lay_out(tight)
        for tree in layout.trees(tight):
            assert tight.engineer.size(tree, tight.load(layout.joined)).design_kw[0] <= share * total / 3.0 * (1 + 1e-9)
        served = float(tight.candidates.peak_kw[layout.joined].sum())
        assert served > 0.75 * min(total, share * total)


def test_nobody_is_forced_beyond_the_pump() -> None:
    district = line([100.0, 30_000.0], [500.0, 500.0], [1e6, 1e6])
    must = replace(district, candidates=replace(district.candidates, forced=np.array([True, True])))
    assert lay_out(must).joined.tolist() == [True, False]


@pytest.mark.parametrize("case", ["nobody", "no site", "no street to the site", "all on one point", "worthless"])
def test_cases_without_pipes(case: str) -> None:
    district = line([50.0, 60.0], [400.0, 300.0], [1e6, 1e6])
    who, sites = district.candidates, district.sites
    if case == "nobody":
        who = Candidates(*(values[:0] for values in vars(who).values()))
    if case == "no site":
        sites = Sites(*(values[:0] for values in vars(sites).values()))
    if case == "no street to the site":
        district = replace(district, streets=Streets.plain(5, np.array([(0, 1), (1, 2)]), np.array([50.0, 60.0])))
        sites = replace(sites, node=np.array([4]))
    if case == "all on one point":
        who = replace(who, node=np.zeros(2, dtype=np.int64))
    if case == "worthless":
        who = replace(who, worth_cny=np.array([-1.0, 0.0]))
    layout = lay_out(replace(district, candidates=who, sites=sites))
    assert sum(len(edges) for edges in layout.edges) == 0
    assert layout.joined.all() if case == "all on one point" else not layout.joined.any()


def test_a_forest_without_trees_costs_nothing() -> None:
    problem, _, _ = _prepared(line([50.0], [400.0], [1e6]))
    assert refresh(problem, bare(problem)) == 0.0
