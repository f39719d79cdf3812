"""Temperatures in networks of pipes: published cases, and laws that hold for all of them."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from made_networks import RING, RING_INNER_M, RING_M, leaving, made_network, seeds
from spatial.networks.hydraulics.district import operate
from spatial.networks.hydraulics.flow import Flow, steady_flow
from spatial.networks.hydraulics.heat import Temperatures, return_temperatures, supply_temperatures
from spatial.networks.hydraulics.network import PipeNetwork, Pumps, pipe_network
from spatial.networks.hydraulics.pipe import outlet_temperature_c, water

WARM = water(55.0)
HEAT_KW = [0.0, 0.0, 400.0, 300.0, 500.0, 250.0, 0.0, 600.0]
"""Heat of the consumers of the made-up ring."""


def ring() -> PipeNetwork:
    return pipe_network(RING, RING_M, RING_INNER_M, 2e-4, np.zeros(8), supply=[0], supply_pa=6e5)


def modelica(
    ends: list[list[int]], length_m: list[float], inner_m: list[float], u_w_m2k: list[float], demand: list[float],
    supply_k: float, mean_c: float,
) -> tuple[Flow, Temperatures]:  # fmt: skip
    """Return a case of pandapipes that was computed with OpenModelica: five mixed sections a pipe, 293.15 K around."""
    fluid = water(mean_c)
    network = pipe_network(ends, length_m, inner_m, 0.025e-3, demand, supply=[0], supply_pa=5e5)
    flow = steady_flow(network, fluid)
    temperatures = supply_temperatures(
        network, flow, fluid, supply_c=supply_k - 273.15, loss_w_mk=np.pi * network.inner_m * u_w_m2k, ground_c=20.0,
        sections=5,
    )  # fmt: skip
    return flow, temperatures


def test_the_published_pipe() -> None:
    """100 m, 75 mm, 3 kg/s, 90 C at the inlet."""
    flow, temperatures = modelica([[0, 1]], [100.0], [0.075], [100.0], [0.0, 3.0], 363.15, (90.0 + 78.256) / 2.0)
    assert temperatures.outlet_c[0] + 273.15 == pytest.approx(351.406, abs=0.05)
    assert temperatures.node_c[1] == pytest.approx(temperatures.outlet_c[0], rel=1e-12)
    assert flow.pressure_pa[1] / 1e5 - 2.0 == pytest.approx(2.94123, abs=1e-4)
    assert flow.velocity_m_s[0] == pytest.approx(0.69999, rel=1.5e-3)


def test_the_published_tee() -> None:
    """One pipe feeds two, one of them drawn against its flow."""
    flow, temperatures = modelica([[0, 3], [3, 2], [1, 3]], [100.0, 500.0, 500.0], [0.075] * 3, [100.0] * 3,
                                  [0.0, 1.0, 2.0, 0.0], 383.15, 75.0)  # fmt: skip
    assert flow.flow_kg_s.tolist() == [3.0, 2.0, -1.0]
    assert temperatures.outlet_c + 273.15 == pytest.approx([368.116, 314.855, 301.184], abs=0.1)


@pytest.mark.parametrize(
    ("demand", "mean_c", "drop_bar", "outlet_k"),
    [([0.0, 5.0, 0.0], 38.0, [0.340860, 0.281141], [308.907, 297.215, 299.108]),
     ([0.0, 3.0, 0.5], 35.0, [0.174054, 0.154504], [303.169, 294.693, 296.235])],
    ids=["one sink", "two sinks"],
)  # fmt: skip
def test_the_published_loop(demand: list[float], mean_c: float, drop_bar: list[float], outlet_k: list[float]) -> None:
    """Water meets at the end of a loop. OpenModelica lets density and viscosity follow the temperature; we take those
    of the mean, so pressure drops lie within 2 % and temperatures within 0.2 K.
    """
    flow, temperatures = modelica([[0, 1], [1, 2], [0, 2]], [1000.0, 100.0, 2000.0], [0.075, 0.075, 0.1],
                                  [50.0, 200.0, 50.0], demand, 343.15, mean_c)  # fmt: skip
    assert (5e5 - flow.pressure_pa[1:]) / 1e5 == pytest.approx(drop_bar, rel=0.02)
    assert temperatures.outlet_c + 273.15 == pytest.approx(outlet_k, abs=0.2)


def test_the_published_mixing() -> None:
    """Water of 350 K and of 300 K meets and leaves in two pipes: closed form, a case of pandapipes."""
    loss = np.pi * 0.075 * 5.0
    network = pipe_network([[0, 2], [1, 2], [2, 3], [2, 4]], 2500.0, 0.075, 1e-4, [0.0, 0.0, 0.0, 1.0, 1.0],
                           supply=[0, 1])  # fmt: skip
    fluid = replace(WARM, specific_heat=4182.0)
    temperatures = supply_temperatures(network, steady_flow(network, fluid), fluid, loss_w_mk=loss, ground_c=293.0,
                                       supply_c=[350.0, 300.0, 0.0, 0.0, 0.0])  # fmt: skip
    assert temperatures.outlet_c == pytest.approx([321.1848506, 296.4612974, 300.8240523, 300.8240523], abs=1e-6)
    assert temperatures.node_c[2] == pytest.approx(308.823074, abs=1e-6)


def test_the_same_circuit_in_pandapipes() -> None:
    """A ring of consumers with supply and return, computed with pandapipes 0.16.0 (water of its own library)."""
    works = operate(ring(), WARM, supply_c=75.0, loss_w_mk=0.4, ground_c=12.0, least_difference_pa=5e4, return_c=40.0,
                    heat_kw=HEAT_KW)  # fmt: skip
    supply_c = [75.0, 74.874, 74.657, 74.714, 74.261, 74.332, 73.673, 73.468]
    return_c = [39.658, 39.714, 39.867, 39.733, 39.902, 39.765, 39.933, 40.026]
    supply_bar = np.array([6.0, 5.96665, 5.93749, 5.89646, 5.86111, 5.86674, 5.84741, 5.79103])
    return_bar = np.array([5.07959, 5.11352, 5.14332, 5.18446, 5.22082, 5.21489, 5.23499, 5.29214])
    assert works.supply.node_c == pytest.approx(supply_c, abs=0.01)
    assert works.back.node_c == pytest.approx(return_c, abs=0.05)
    assert works.flow.pressure_pa / 1e5 == pytest.approx(supply_bar, abs=0.0015)
    assert works.difference_pa / 1e5 == pytest.approx(supply_bar - return_bar, abs=0.002)
    assert works.worst_pressure == works.worst_temperature == 7


@settings(max_examples=100, deadline=None)
@given(seeds(), st.floats(0.0, 5.0), st.sampled_from([5.0, 90.0]))
def test_energy_closes(seed: int, loss_w_mk: float, supply_c: float) -> None:
    """At each node, for each pipe and for the network, in supply and return, with heat and with cold."""
    ground, back_c = 15.0, 40.0 if supply_c > 15.0 else 13.0
    network = made_network(seed)
    flow = steady_flow(network, WARM)
    heat = WARM.specific_heat
    feeds = np.maximum(-network.demand_kg_s, 0.0)
    takes = np.maximum(network.demand_kg_s, 0.0)
    feeds[network.supply] += np.maximum(flow.supply_kg_s, 0.0)
    takes[network.supply] += np.maximum(-flow.supply_kg_s, 0.0)
    given_losses = {"loss_w_mk": loss_w_mk, "ground_c": ground}
    there = supply_temperatures(network, flow, WARM, supply_c=supply_c, **given_losses)
    back = return_temperatures(network, flow, WARM, return_c=back_c, **given_losses)
    for temperatures, let_in, let_out, at_c, direction in (
        (there, feeds, takes, supply_c, 1.0),
        (back, takes, feeds, back_c, -1.0),
    ):
        moving = direction * flow.flow_kg_s
        through = np.abs(moving)
        head = np.where(moving > 0.0, network.ends[:, 0], network.ends[:, 1])
        tail = np.where(moving > 0.0, network.ends[:, 1], network.ends[:, 0])
        runs = through > 0.0
        assert temperatures.inlet_c[runs] == pytest.approx(temperatures.node_c[head][runs], abs=1e-9)
        lost = through * heat * (temperatures.inlet_c - temperatures.outlet_c)
        scale = heat * float(let_in.sum()) * abs(at_c - ground)
        assert temperatures.loss_w == pytest.approx(lost, abs=1e-9 * scale)
        assert (temperatures.loss_w * np.sign(at_c - ground) >= 0.0).all()
        arriving = let_in * (at_c - ground)
        np.add.at(arriving, tail, through * (temperatures.outlet_c - ground))
        leaves = let_out.copy()
        np.add.at(leaves, head, through)
        assert heat * arriving == pytest.approx(heat * leaves * (temperatures.node_c - ground), abs=1e-9 * scale)
        delivered = heat * float(let_out @ (temperatures.node_c - ground))
        assert scale * np.sign(at_c - ground) == pytest.approx(delivered + temperatures.loss_w.sum(), abs=1e-9 * scale)
        low, high = sorted((ground, at_c))
        assert ((temperatures.node_c >= low - 1e-9) & (temperatures.node_c <= high + 1e-9)).all()
    assert leaving(network, flow) == pytest.approx(feeds - takes, abs=1e-9 * (feeds.sum() + 1e-9))


@settings(max_examples=50, deadline=None)
@given(seeds())
def test_turning_pipes_leaves_temperatures_alone(seed: int) -> None:
    network = made_network(seed)
    turned = replace(network, ends=network.ends[:, ::-1])
    one, other = (
        supply_temperatures(made, steady_flow(made, WARM), WARM, supply_c=70.0, loss_w_mk=0.3, ground_c=10.0)
        for made in (network, turned)
    )
    assert other.outlet_c == pytest.approx(one.outlet_c, abs=1e-5)
    assert other.node_c == pytest.approx(one.node_c, abs=1e-5)


def test_pipes_in_a_row_are_one_pipe() -> None:
    row = pipe_network([[0, 1], [1, 2], [3, 2]], [100.0, 300.0, 50.0], 0.05, 1e-4, [0.0, 0.0, 0.0, 0.8], supply=[0])
    temperatures = supply_temperatures(row, steady_flow(row, WARM), WARM, supply_c=70.0, loss_w_mk=0.5, ground_c=8.0)
    whole = outlet_temperature_c(70.0, 8.0, 0.5, 450.0, 0.8, WARM.specific_heat)
    assert temperatures.node_c[3] == pytest.approx(whole, rel=1e-12)


def test_still_water_is_as_warm_as_the_ground() -> None:
    network = pipe_network([[0, 1], [1, 2]], 100.0, 0.1, 1e-4, [0.0, 1.0, 0.0], supply=[0])
    temperatures = supply_temperatures(network, steady_flow(network, WARM), WARM, supply_c=70.0, loss_w_mk=0.5,
                                       ground_c=8.0)  # fmt: skip
    assert temperatures.node_c[2] == temperatures.inlet_c[1] == temperatures.outlet_c[1] == 8.0
    assert temperatures.loss_w[1] == 0.0


def test_water_that_pumps_drive_in_a_circle_mixes_with_itself() -> None:
    """What flows in and what comes round make one mixture, solved by hand."""
    pump = Pumps(np.array([[1, 2]]), np.array([5.0]), np.array([1e4]))
    circle = pipe_network([[0, 1], [2, 1]], 100.0, 0.1, 1e-4, [0.0, 0.0, 0.5], supply=[0], pumps=pump)
    flow = steady_flow(circle, WARM)
    temperatures = supply_temperatures(circle, flow, WARM, supply_c=70.0, loss_w_mk=0.5, ground_c=8.0)
    comes = outlet_temperature_c(70.0, 8.0, 0.5, 100.0, 0.5, WARM.specific_heat) - 8.0
    round_kg_s = flow.flow_kg_s[1]
    assert round_kg_s > 1.0
    kept = outlet_temperature_c(1.0, 0.0, 0.5, 100.0, round_kg_s, WARM.specific_heat)
    mixed = 0.5 * comes / (0.5 + round_kg_s * (1.0 - kept))
    assert temperatures.node_c == pytest.approx([70.0, 8.0 + mixed, 8.0 + mixed], rel=1e-9)
    delivered = 0.5 * WARM.specific_heat * (temperatures.node_c[2] - 8.0)
    assert delivered + temperatures.loss_w.sum() == pytest.approx(0.5 * WARM.specific_heat * 62.0, rel=1e-9)


def test_pumps_pass_warmth_on() -> None:
    pump = Pumps(np.array([[1, 2]]), np.array([5.0]), np.array([1e4]))
    row = pipe_network([[0, 1], [2, 3]], 100.0, 0.1, 1e-4, [0.0, 0.0, 0.0, 2.0], supply=[0], pumps=pump)
    temperatures = supply_temperatures(row, steady_flow(row, WARM), WARM, supply_c=70.0, loss_w_mk=0.5, ground_c=8.0)
    assert temperatures.node_c[2] == temperatures.node_c[1] < 70.0


@settings(max_examples=30, deadline=None)
@given(seeds(), st.booleans())
def test_a_district_closes_and_its_three_ways_agree(seed: int, cooling: bool) -> None:
    """Heat of plants is heat of consumers and losses; flow, return temperature and heat determine one another."""
    supply_c, return_c, ground_c, sign = (6.0, 13.0, 17.0, -1.0) if cooling else (70.0, 40.0, 10.0, 1.0)
    network = made_network(seed, supplies=1)
    rng = np.random.default_rng(seed)
    heat_kw = sign * np.where(rng.random(network.nodes) < 0.6, 10.0 ** rng.uniform(1.0, 3.0, network.nodes), 0.0)
    heat_kw[int(rng.integers(network.nodes))] = sign * 50.0
    told = {"supply_c": supply_c, "ground_c": ground_c, "loss_w_mk": 0.1, "least_difference_pa": 5e4}
    works = operate(network, WARM, return_c=return_c, heat_kw=heat_kw, **told)
    takes = works.network.demand_kg_s > 0.0
    assert (takes == (heat_kw != 0.0)).all()
    assert works.heat_kw[takes] == pytest.approx(heat_kw[takes], rel=1e-6)
    lost_kw = (works.supply.loss_w.sum() + works.back.loss_w.sum()) / 1000.0
    assert works.plant_kw.sum() == pytest.approx(works.heat_kw.sum() + lost_kw, rel=1e-9)
    assert sign * lost_kw >= 0.0
    if seed % 5 == 0 or not (network.demand_kg_s < 0.0).any():
        by_flow = operate(works.network, WARM, return_c=return_c, **told)
        by_heat = operate(works.network, WARM, heat_kw=np.where(takes, heat_kw, 0.0), **told)
        assert by_flow.heat_kw[takes] == pytest.approx(heat_kw[takes], rel=1e-6)
        assert by_heat.consumer_return_c[takes] == pytest.approx(return_c, abs=1e-6)
        assert np.isnan(by_heat.consumer_return_c[~takes]).all()
    far = works.difference_pa[takes]
    assert far.min() == pytest.approx(5e4) == works.difference_pa[works.worst_pressure]
    near_ground = np.abs(works.supply.node_c - ground_c)[takes]
    assert near_ground.min() == abs(works.supply.node_c[works.worst_temperature] - ground_c)


def test_the_pump_by_hand() -> None:
    """There and back, and the substation: the head of the plant, and what it costs."""
    network = pipe_network([[0, 1], [1, 2]], [300.0, 200.0], [0.1, 0.08], 1e-4, [0.0, 2.0, 3.0], supply=[0],
                           supply_pa=4e5, height_m=[0.0, 10.0, -5.0])  # fmt: skip
    works = operate(network, WARM, supply_c=70.0, loss_w_mk=0.3, ground_c=10.0, least_difference_pa=6e4, return_c=40.0)
    drop = works.flow.gradient_pa_m * [300.0, 200.0]
    assert works.head_pa == pytest.approx([6e4 + 2.0 * drop.sum()], rel=1e-12)
    assert works.difference_pa == pytest.approx([6e4 + 2.0 * drop.sum(), 6e4 + 2.0 * drop[1], 6e4], rel=1e-12)
    assert works.pumping_w == pytest.approx(5.0 / WARM.density * works.head_pa[0], rel=1e-12)
    assert works.worst_pressure == works.worst_temperature == 2


def test_heat_fed_in_at_a_consumer() -> None:
    """Waste heat from a node on the way: it has its water from the return pipe, and the plant gives less."""
    network = pipe_network([[0, 1], [1, 2]], 200.0, 0.1, 1e-4, [0.0, -1.0, 3.0], supply=[0])
    works = operate(network, WARM, supply_c=[70.0, 80.0, 0.0], loss_w_mk=0.3, ground_c=10.0, least_difference_pa=6e4,
                    return_c=40.0)  # fmt: skip
    assert works.flow.supply_kg_s.tolist() == [2.0]
    fed = -WARM.specific_heat * (80.0 - works.back.node_c[1]) / 1000.0
    assert works.heat_kw[1] == pytest.approx(fed, rel=1e-12)
    lost_kw = (works.supply.loss_w.sum() + works.back.loss_w.sum()) / 1000.0
    assert works.plant_kw.sum() == pytest.approx(works.heat_kw.sum() + lost_kw, rel=1e-12)


def test_a_weak_flow_is_raised_until_the_heat_arrives() -> None:
    """At the first guess the water would arrive colder than the return temperature."""
    network = pipe_network([[0, 1]], 5000.0, 0.1, 1e-4, [0.0, 0.0], supply=[0])
    works = operate(network, WARM, supply_c=70.0, loss_w_mk=1.0, ground_c=10.0, least_difference_pa=5e4, return_c=40.0,
                    heat_kw=[0.0, 20.0])  # fmt: skip
    assert works.heat_kw[1] == pytest.approx(20.0, rel=1e-9)
    assert 40.0 < works.supply.node_c[1] < 70.0


@pytest.mark.parametrize(("ground_c", "heat_kw"), [(12.0, 20.0), (8.0, 20.0), (30.0, 2.0), (12.0, 0.5)])
def test_cool_water_may_gain_on_its_way(ground_c: float, heat_kw: float) -> None:
    """Heat pumps on a network at the temperature of the ground or below it: the ground warms the water."""
    network = pipe_network([[0, 1], [1, 2]], 500.0, 0.1, 1e-4, np.zeros(3), supply=[0])
    works = operate(network, WARM, supply_c=8.0, loss_w_mk=1.5, ground_c=ground_c, least_difference_pa=5e4,
                    return_c=4.0, heat_kw=[0.0, heat_kw, heat_kw])  # fmt: skip
    assert works.heat_kw[1:] == pytest.approx(heat_kw, rel=1e-7)
    assert (works.supply.node_c >= 8.0 - 1e-9).all()
    lost_kw = (works.supply.loss_w.sum() + works.back.loss_w.sum()) / 1000.0
    assert works.plant_kw.sum() == pytest.approx(works.heat_kw.sum() + lost_kw, abs=1e-9 * heat_kw)


def test_bad_consumers_are_named() -> None:
    network = pipe_network([[0, 1], [1, 2]], 200.0, 0.1, 1e-4, [0.0, 0.0, 3.0], supply=[0])
    told = {"supply_c": 70.0, "loss_w_mk": 0.3, "ground_c": 10.0, "least_difference_pa": 5e4}
    with pytest.raises(ValueError, match="give return_c, heat_kw or both"):
        operate(network, WARM, **told)
    with pytest.raises(ValueError, match="node 1: heat is asked for, but no water is taken"):
        operate(network, WARM, heat_kw=[0.0, 10.0, 10.0], **told)
    with pytest.raises(ValueError, match="nodes 1, 2: the supply is not on the right side"):
        operate(network, WARM, heat_kw=[0.0, 10.0, 10.0], return_c=80.0, **told)
    with pytest.raises(ValueError, match="nobody takes water"):
        operate(network, WARM, heat_kw=np.zeros(3), return_c=40.0, **told)
    two = pipe_network([[0, 1]], 200.0, 0.1, 1e-4, [1.0, 0.0], supply=[0, 1], supply_pa=[0.0, 1e6])
    with pytest.raises(ValueError, match="the supply at node 0 takes water in"):
        operate(two, WARM, return_c=40.0, **told)
    with pytest.raises(ValueError, match="sections must be at least 1"):
        supply_temperatures(network, steady_flow(network, WARM), WARM, supply_c=70.0, loss_w_mk=0.3, ground_c=10.0,
                            sections=0)  # fmt: skip
