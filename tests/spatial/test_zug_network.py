"""A published cooling network beside ours: what it was made with, physics on its pipes, routes, sizes, and the page."""

from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
import pytest
import shapely

import lujiazui_network as lujiazui
import pages
import zug_network as zug
import zug_network_flow as flow
import zug_network_maps as maps
import zug_network_page
import zug_network_tables as tables
from lujiazui_network import Area, Network
from zug_network import Published
from zug_network_layout import Comparison, compare


@pytest.fixture(scope="module")
def at(shared_data: Path) -> Comparison:
    if not (shared_data / zug.RESULTS).is_dir():
        pytest.skip("the reference case of Zug is not on this machine")
    return compare(shared_data)


@pytest.fixture(scope="module")
def published(at: Comparison) -> Published:
    return at.published


@pytest.fixture(scope="module")
def area(shared_data: Path) -> Area:
    if not (shared_data / lujiazui.MAP).is_file():
        pytest.skip("the map of Lujiazui is not on this machine")
    return lujiazui.read_area(shared_data)


@pytest.fixture(scope="module")
def networks(area: Area) -> dict[str, Network]:
    return zug_network_page.networks_of(area)


def test_the_published_network_is_a_tree_to_thirteen_of_fifteen_buildings(at: Comparison, published: Published) -> None:
    assert len(published.edges) == 36
    assert len(published.nodes) == 37
    assert len(at.theirs.route.tree.node) == 37
    assert sorted(set(at.buildings.index) - set(published.consumers)) == ["B1009", "B1014"]
    np.testing.assert_allclose(published.edges.geometry.length, published.edges["length_m"], rtol=1e-9)
    middles = at.buildings.geometry[published.consumers].centroid.to_numpy()
    ends = published.nodes.geometry[published.consumers.index].to_numpy()
    assert shapely.distance(middles, ends).max() < 0.01


def test_each_pipe_carries_what_the_consumers_behind_it_take(at: Comparison, published: Published) -> None:
    order = published.edges.index[at.theirs.route.tree.edge[1:]]
    carried = published.tables["flow"][order].to_numpy()
    behind = published.taken_kg_s @ at.theirs.route.behind[:, 1:]
    np.testing.assert_allclose(carried, behind, atol=1e-4)
    np.testing.assert_allclose(
        published.tables["node_flow"][published.plant], published.taken_kg_s.sum(axis=1), atol=1e-4
    )


def test_published_sizes_are_the_nearest_to_two_metres_a_second(at: Comparison, published: Published) -> None:
    most = (published.taken_kg_s @ at.theirs.route.behind).max(axis=0)[1:] / zug.DENSITY
    asked = np.sqrt(most / zug.SIZING_M_S * 4.0 / np.pi)
    made = published.pipes["D_int_m"]
    nearest = made.index[np.abs(made.to_numpy() - asked[:, np.newaxis]).argmin(axis=1)]
    np.testing.assert_array_equal(nearest, at.theirs.dn_mm[1:])


def test_published_friction_is_that_of_hazen_and_williams(at: Comparison, published: Published) -> None:
    inner = published.edges.loc[published.tables["flow"].columns, "inner_m"].to_numpy()
    volume = published.tables["flow"].to_numpy() / zug.DENSITY
    metres = 10.667 * (volume / zug.FRICTION_C) ** 1.852 / inner**4.871
    told = published.tables["gradient"].to_numpy()
    # its solver stops at 1 % of the flows, so small ones are rough
    some = told > 100.0
    np.testing.assert_allclose(told[some], metres[some] * zug.PA_PER_METRE, rtol=1e-3)
    ratio = tables.friction_ratios(at, next(iter(tables.frictions(at).values())))
    np.testing.assert_allclose(ratio, zug.DENSITY / 1000.0, rtol=1e-3)


def test_published_pressures_at_nodes_are_metres_taken_for_feet(at: Comparison, published: Published) -> None:
    hour = published.peak_hour
    told = published.tables["node_pressure"].iloc[hour] / zug.PA_PER_FOOT
    first = published.nodes.index[at.theirs.route.tree.node[1]]
    # consumers lie as high as the pressure they need
    ends = told[published.consumers.index].to_numpy() + zug.LEAST_PA / zug.PA_PER_METRE
    fallen = (told[first] - ends) * zug.PA_PER_METRE
    gradient = flow.published_friction(at.theirs, published)[hour] * at.theirs.route.tree.length_m
    gradient[1] = 0.0  # from the plant to that node
    along = at.theirs.route.behind @ gradient
    np.testing.assert_allclose(fallen, along * (1.0 + zug.EQUIVALENT_LENGTH), rtol=1e-3)


def test_the_published_head_is_the_sum_over_all_pipes(published: Published) -> None:
    lengths = published.edges.loc[published.tables["gradient"].columns, "length_m"].to_numpy()
    summed = (published.tables["gradient"].to_numpy() * lengths).sum(axis=1)
    np.testing.assert_allclose(published.tables["pressure_sum"]["pressure_loss_supply_Pa"], summed, rtol=1e-6)


def test_published_pumping_is_each_pipe_for_itself(published: Published) -> None:
    told = published.tables["pumping_kw"]
    columns = published.tables["gradient"].columns
    lengths = published.edges.loc[columns, "length_m"].to_numpy()
    volume = published.tables["flow"].to_numpy() / zug.DENSITY
    each = published.tables["gradient"].to_numpy() * lengths * volume / zug.PUMP_EFFICIENCY / 1000.0
    np.testing.assert_allclose(told["pressure_loss_supply_kW"], each.sum(axis=1), rtol=1e-4)
    np.testing.assert_allclose(told["pressure_loss_return_kW"], each.sum(axis=1), rtol=1e-4)
    left = published.tables["node_pressure"][published.consumers.index].to_numpy()
    left = left + zug.LEAST_PA / zug.PA_PER_METRE * zug.PA_PER_FOOT
    at_consumers = (left * published.taken_kg_s).sum(axis=1) / zug.DENSITY / zug.PUMP_EFFICIENCY / 1000.0
    assert at_consumers.sum() == pytest.approx(told["pressure_loss_substations_kW"].sum(), rel=2e-3)


def test_published_gains_follow_from_mean_temperatures_and_the_air(at: Comparison, published: Published) -> None:
    route = at.theirs.route
    carried = published.tables["flow"][published.edges.index[route.tree.edge[1:]]].to_numpy() * zug.SPECIFIC_HEAT
    conductance = (at.theirs.loss_w_mk * route.tree.length_m)[1:]
    per_kelvin = (carried * conductance / (carried + conductance / 2.0)).sum(axis=1) / 1000.0
    temperature = published.tables["plant_temperature"].to_numpy() - 273.15 - published.air_c
    told = published.tables["gain_kw"].to_numpy()[:, :2]
    np.testing.assert_allclose(told, per_kelvin[:, np.newaxis] * temperature, rtol=1e-6, atol=1e-6)


def test_published_temperatures_count_idle_consumers_as_zero(published: Published) -> None:
    alone = (published.demand_kw > 0.0).sum(axis=1) == 1
    told = published.tables["plant_temperature"].to_numpy()[alone] - zug.NULL_K
    supply, back = flow.temperatures_c(published)
    np.testing.assert_allclose(told[:, 0] * len(published.consumers), supply[alone], rtol=1e-9)
    np.testing.assert_allclose(told[:, 1] * len(published.consumers), back[alone], atol=0.01)


def test_the_published_load_of_the_plant_is_below_what_consumers_take(published: Published) -> None:
    told = published.tables["plant_kw"]["thermal_load_kW"]
    gain = published.tables["gain_kw"]["thermal_loss_supply_kW"]
    pumps = published.tables["pumping_kw"]["pressure_loss_total_kW"]
    np.testing.assert_allclose(told, published.demand_kw.sum(axis=1) + 2.0 * gain - pumps, atol=1e-5)
    assert told.sum() < published.demand_kw.sum()


def test_our_friction_lies_where_the_formulas_differ(at: Comparison) -> None:
    exact, default, smooth = (tables.friction_ratios(at, works) for works in tables.frictions(at).values())
    assert np.abs(exact - 1.0).max() < 0.003
    assert 0.8 < np.median(default) < 1.0
    assert 0.55 < np.median(smooth) < 0.7
    assert (smooth < default).all()


def test_heat_and_water_close_on_both_networks(at: Comparison, published: Published) -> None:
    hour = published.peak_hour
    for laid in (at.theirs, at.found.laid):
        works = tables.at_work(at, laid)
        gained = -(works.supply.loss_w.sum() + works.back.loss_w.sum()) / 1000.0
        assert works.flow.supply_kg_s.sum() == pytest.approx(published.taken_kg_s[hour].sum(), rel=1e-12)
        assert -works.plant_kw.sum() == pytest.approx(published.demand_kw[hour].sum() + gained, rel=1e-9)
        np.testing.assert_allclose(-works.heat_kw[laid.route.at], published.demand_kw[hour], rtol=1e-9)


def test_every_consumer_is_served(at: Comparison) -> None:
    for laid in (at.theirs, at.resized[0], at.found.laid, at.shortest[0], at.outside.laid):
        works = tables.at_work(at, laid)
        served = works.difference_pa[laid.route.at]
        assert served.min() == pytest.approx(zug.LEAST_PA)
        assert (works.supply.node_c[laid.route.at] < zug.SUPPLY_C + 0.5).all()
        assert (works.supply.node_c[laid.route.at] >= zug.SUPPLY_C).all()


def test_hours_agree_with_the_network_at_work(at: Comparison, published: Published) -> None:
    options, hour = at.found.engineer.options, published.peak_hour
    one = replace(published, tables={name: table.iloc[[hour]] for name, table in published.tables.items()})
    for laid in (at.theirs, at.found.laid):
        works = tables.at_work(at, laid)
        hours = flow.pumping(laid, one, flow.friction(laid, one, options.roughness_mm), options.fittings_share)
        assert hours["head_pa"].iloc[0] == pytest.approx(works.head_pa[0], rel=1e-3)
        assert hours["kw"].iloc[0] * 1000.0 * zug.PUMP_EFFICIENCY == pytest.approx(works.pumping_w, rel=1e-3)
        supply, back = flow.temperatures_c(one)
        gains = flow.gains_mwh(laid, one, laid.loss_w_mk, supply, back, still=False) * 1e6
        # those at the far ends give back warmer water than the mean of all
        assert gains[0] == pytest.approx(-works.supply.loss_w.sum(), rel=0.02)
        assert gains[1] == pytest.approx(-works.back.loss_w.sum(), rel=0.1)


def test_the_shortest_tree_is_proven_and_shorter_than_the_published(at: Comparison) -> None:
    for found, bound in ((at.shortest[0].route, at.found.shortest.lower_bound),):
        assert found.trench_m == pytest.approx(bound, rel=1e-6)
        assert bound < tables.in_streets_m(at.theirs.route)
    for one in at.others:
        assert one.shortest.trench_m == pytest.approx(one.bound_m, rel=1e-6)
        assert one.bound_m < tables.in_streets_m(one.published)
        assert one.shortest.shared_with(one.published) > 0.9


def test_ours_costs_least_of_all_routes_and_no_less_than_the_bound(at: Comparison) -> None:
    ours = at.found.sized.yearly_cny.sum()
    assert at.found.layout.joined.all()
    assert ours < at.resized[1].yearly_cny.sum()
    assert ours <= at.shortest[1].yearly_cny.sum() + 1e-6
    assert at.found.bound_cny <= at.found.yearly_cny
    # it may be longer than the shortest, for the sake of thinner pipes, but hardly
    assert at.found.shortest.lower_bound <= at.found.route.trench_m < 1.05 * at.found.shortest.length
    assert at.found.route.shared_with(at.theirs.route) > 0.8


def test_all_consumers_together_coincide_as_published(at: Comparison, published: Published) -> None:
    assert at.found.sized.flow_kg_s[0] == pytest.approx(published.taken_kg_s.sum(axis=1).max(), rel=1e-9)
    assert tables.coincidence(at).min() > 0.9


def test_house_connections_to_the_same_points_are_as_long_as_the_published(at: Comparison) -> None:
    # those to the 1,001 lines are the same but for a metre at corners that are snapped
    assert at.found.route.house_m == pytest.approx(at.theirs.route.house_m, rel=0.01)
    assert at.outside.route.house_m < at.found.route.house_m


def test_lujiazui_is_laid_out(area: Area, networks: dict[str, Network]) -> None:
    everybody, chosen = networks.values()
    assert 3 <= len(area.sites) <= 5
    for network in (everybody, chosen):
        engineer = network.engineer
        node = area.fronted.node
        assert (node[network.joined] >= 0).all()
        served = np.zeros(len(area.fronted.graph.points), dtype=int)
        for tree, sized in zip(network.trees, network.sized, strict=True):
            served[tree.node] += 1
            assert sized.gradient_pa_m.max() <= engineer.options.pa_per_m * (1.0 + 1e-9)
            assert sized.design_kw[0] <= engineer.options.station_kw * (1.0 + 1e-9)
        assert (served[node[network.joined]] == 1).all()
        assert network.head_pa <= engineer.options.head_max_pa
        assert 0.0 < network.bound_cny <= network.cost_cny
    assert everybody.joined.sum() > 0.95 * len(area.buildings)
    assert chosen.joined.sum() < everybody.joined.sum()


def test_maps_show_all_consumers(at: Comparison, area: Area, networks: dict[str, Network]) -> None:
    for picture, names in (
        (maps.cooling(at), list(at.published.consumers)),
        (maps.heating(at), list(at.buildings.index)),
        (maps.city(area, next(iter(networks.values()))), ["500 m"]),
    ):
        words = [str(one.text) for one in ET.fromstring(picture).iter("{http://www.w3.org/2000/svg}text")]  # noqa: S314
        assert set(names) <= set(words)


def test_the_page_tells_what_the_script_computes(at: Comparison, area: Area, networks: dict[str, Network]) -> None:
    def timeless(page: str) -> str:
        return "\n".join(line for line in page.splitlines() if not line.startswith(f"| {tables.TIME}"))

    page = (zug.ROOT / "docs" / "zug_network.md").read_text(encoding="utf-8")
    assert pages.differences(timeless(page), timeless(zug_network_page.page(at, area, networks))) == []
