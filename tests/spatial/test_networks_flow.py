"""Flow in networks of pipes: published networks, and laws that hold for all of them."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

from made_networks import COLD_WATER, NET1_M, NET1_NODES, RING, RING_INNER_M, RING_M, leaving, made_network, net1, seeds
from spatial.networks.hydraulics import flow as flow_module
from spatial.networks.hydraulics.flow import steady_flow
from spatial.networks.hydraulics.kernel import drops
from spatial.networks.hydraulics.loops import loop_flows
from spatial.networks.hydraulics.network import GRAVITY, PipeNetwork, Pumps, pipe_network
from spatial.networks.hydraulics.pipe import friction_factor, pressure_gradient_pa_m, water

WARM = water(60.0)


def hazen_williams(seed: int, **changes: Any) -> PipeNetwork:
    """Return a network with one supply whose drops all rise with the same power of the flow."""
    network = made_network(seed, supplies=1, local_loss=0.0, height_m=0.0, hazen_williams=120.0)
    demand = np.abs(network.demand_kg_s) + 0.1
    return replace(network, demand_kg_s=demand, **changes)


def test_published_pressures_of_net1() -> None:
    """EPANET's first example at hour 0, with a pump, a lake, a tank and loops."""
    flow = steady_flow(net1(), COLD_WATER)
    metres = dict(zip(NET1_NODES, flow.pressure_pa / (1000.0 * GRAVITY), strict=True))
    assert {node: metres[node] for node in NET1_M} == pytest.approx(NET1_M, abs=0.05)


def test_published_mixed_network() -> None:
    """Loops with a source beside the supply, computed with OpenModelica (a case of pandapipes)."""
    network = pipe_network(
        [[1, 5], [1, 4], [4, 5], [0, 3], [3, 2], [3, 1]],
        [1000.0, 500.0, 3500.0, 5000.0, 8400.0, 1000.0],
        [0.09, 0.075, 0.1, 0.08, 0.2, 0.08],
        1e-5,
        [0.0, 3.0, 0.5, 0.7, 7.0, -9.0],
        supply=[0],
        supply_pa=5e5,
    )
    flow = steady_flow(network, water(20.0))
    bar = [5.0, 3.551125, 3.617619, 3.619605, 3.233948, 4.219934]
    assert flow.pressure_pa / 1e5 == pytest.approx(bar, abs=1e-3)
    velocity = [-0.778736, 0.667930, -0.517061, 0.438399, 0.015942, 0.199280]
    assert np.sign(flow.flow_kg_s) * flow.velocity_m_s == pytest.approx(velocity, rel=5e-4)


def test_published_cross_with_three_supplies() -> None:
    """One source presses into three supplies (OpenModelica, a case of pandapipes)."""
    network = pipe_network(
        [[0, 3], [4, 3], [1, 3], [2, 3]],
        [7500.0, 5000.0, 3300.0, 100.0],
        [0.075, 0.075, 0.1, 0.1],
        1e-4,
        [0.0, 0.0, 0.0, 1.3056, -1.944],
        supply=[0, 1, 2],
        supply_pa=2e5,
    )
    flow = steady_flow(network, water(20.0))
    assert flow.pressure_pa / 1e5 == pytest.approx([2.0, 2.0, 2.0, 2.000901, 3.703166], abs=1e-3)
    assert flow.velocity_m_s == pytest.approx([0.002111, 0.440787, 0.008528, 0.071711], rel=2e-3)


def test_a_tree_by_hand() -> None:
    network = pipe_network(
        [[0, 1], [2, 1], [1, 3]],
        [100.0, 50.0, 80.0],
        [0.1, 0.05, 0.05],
        1e-4,
        [0.0, 1.0, 2.0, 0.5],
        supply=[0],
        supply_pa=5e5,
        local_loss=[0.0, 3.0, 0.0],
        fittings_share=[0.2, 0.0, 0.0],
    )
    flow = steady_flow(network, WARM)
    assert flow.flow_kg_s.tolist() == [3.5, -2.0, 0.5]
    assert flow.supply_kg_s.tolist() == [3.5]
    gradient = pressure_gradient_pa_m([3.5, 2.0, 0.5], network.inner_m, 1e-4, WARM)
    assert flow.gradient_pa_m == pytest.approx(gradient, rel=1e-12)
    bends = 3.0 * WARM.density * flow.velocity_m_s[1] ** 2 / 2.0
    first, second, third = 1.2 * 100.0 * gradient[0], 50.0 * gradient[1] + bends, 80.0 * gradient[2]
    assert flow.pressure_pa == pytest.approx([5e5, 5e5 - first, 5e5 - first - second, 5e5 - first - third], rel=1e-12)


def test_a_pump_by_its_curve() -> None:
    """A pump gives four thirds of its pressure where no water flows, and none at twice its flow."""
    pump = Pumps(np.array([[0, 1]]), np.array([10.0]), np.array([3e5]))
    for demand, rise in ((0.0, 4e5), (10.0, 3e5), (20.0, 0.0)):
        network = pipe_network([[1, 2]], 1.0, 1.0, 0.0, [0.0, 0.0, demand], supply=[0], pumps=pump)
        flow = steady_flow(network, WARM)
        assert flow.pressure_pa[1] == pytest.approx(rise, abs=1e-6)
        assert flow.pump_kg_s.tolist() == [demand]
    backwards = pipe_network([[1, 2]], 1.0, 1.0, 0.0, [0.0, 0.0, -1.0], supply=[0], pumps=pump)
    with pytest.raises(ValueError, match="pump 0 would run backwards"):
        steady_flow(backwards, WARM)


def test_friction_rises_without_a_jump() -> None:
    """Past the end of laminar flow the drop rises steadily, and its slope is that of the curve."""
    for rough in (0.0, 0.01):
        reynolds = np.concatenate([np.linspace(1.0, 5000.0, 20_001), np.geomspace(5001.0, 1e8, 2000)])
        drop = friction_factor(reynolds, rough) * reynolds**2
        assert (np.diff(drop) > 0.0).all()
        near = friction_factor([2320.0 - 1e-6, 2320.0, 2400.0 - 1e-6, 2400.0], rough)
        assert near[[0, 2]] == pytest.approx(near[[1, 3]], rel=1e-6)


@settings(max_examples=50, deadline=None)
@given(seeds())
def test_slopes_are_those_of_the_drops(seed: int) -> None:
    network = made_network(seed, hazen_williams=100.0 if seed % 3 == 0 else None)
    links = flow_module._links(network, WARM)
    flow = np.random.default_rng(seed).uniform(-5.0, 5.0, network.pipes)
    small = 1e-6 * np.abs(flow)
    _, slope = drops(links, flow)
    secant = (drops(links, flow + small)[0] - drops(links, flow - small)[0]) / (2.0 * small)
    number = np.abs(flow) * links.reynolds
    bend = np.minimum(np.abs(number - 2320.0), np.abs(number - 2400.0)) < 0.1  # where the curve has a corner
    assert slope[~bend] == pytest.approx(secant[~bend], rel=1e-5)


@settings(max_examples=100, deadline=None)
@given(seeds())
def test_mass_closes_and_pressure_is_one(seed: int) -> None:
    """What enters a node leaves it, and all ways to a node lose the same pressure."""
    network = made_network(seed)
    flow = steady_flow(network, WARM)
    given_off = np.zeros(network.nodes)
    given_off[network.supply] = flow.supply_kg_s
    balance = given_off - network.demand_kg_s - leaving(network, flow)
    assert np.abs(balance).max() <= 1e-9 * np.abs(flow.flow_kg_s).max()
    between = flow.total_pa[network.ends[:, 0]] - flow.total_pa[network.ends[:, 1]]
    assert between == pytest.approx(flow.drop_pa, abs=1e-9 * np.abs(flow.drop_pa).max() + 1e-3)
    assert flow.pressure_pa[network.supply] == pytest.approx(network.supply_pa, rel=1e-12)
    straight = flow.gradient_pa_m * network.length_m * (1.0 + network.fittings_share)
    fittings = network.local_loss * WARM.density * flow.velocity_m_s**2 / 2.0
    assert np.abs(flow.drop_pa) == pytest.approx(straight + fittings, rel=1e-9, abs=1e-9)
    assert (flow.drop_pa * flow.flow_kg_s >= 0.0).all()


@settings(max_examples=50, deadline=None)
@given(seeds())
def test_turning_a_pipe_turns_its_sign(seed: int) -> None:
    network = made_network(seed)
    turned = np.random.default_rng(seed + 1).random(network.pipes) < 0.5
    ends = np.where(turned[:, np.newaxis], network.ends[:, ::-1], network.ends)
    one, other = steady_flow(network, WARM), steady_flow(replace(network, ends=ends), WARM)
    sign, size = np.where(turned, -1.0, 1.0), np.abs(one.flow_kg_s).max()
    assert other.flow_kg_s == pytest.approx(sign * one.flow_kg_s, abs=1e-9 * size)
    assert other.pressure_pa == pytest.approx(one.pressure_pa, rel=1e-9, abs=1e-3)
    assert other.velocity_m_s == pytest.approx(one.velocity_m_s, abs=1e-9 * one.velocity_m_s.max())


@settings(max_examples=50, deadline=None)
@given(seeds())
def test_a_tree_needs_no_newton(seed: int) -> None:
    """Flows summed up from the leaves are those that the global gradient algorithm finds."""
    network = made_network(seed, loops=0, supplies=1)
    direct = steady_flow(network, WARM)
    held = np.zeros(network.nodes)
    held[network.supply] = direct.total_pa[network.supply]
    found = loop_flows(
        flow_module._links(network, WARM), network.ends, network.demand_kg_s, network.supply, held,
        np.zeros(network.pipes), flow_module._usual_flow(network, WARM),
    )  # fmt: skip
    assert found == pytest.approx(direct.flow_kg_s, abs=1e-9 * np.abs(direct.flow_kg_s).max())


@settings(max_examples=50, deadline=None)
@given(seeds())
def test_the_start_does_not_matter(seed: int) -> None:
    """There is one solution, and it is found from known flows of other demands, even from flows that mean nothing."""
    network = made_network(seed)
    cold, other = steady_flow(network, WARM), steady_flow(replace(network, demand_kg_s=-network.demand_kg_s), WARM)
    wild = replace(other, flow_kg_s=np.random.default_rng(seed).uniform(-50.0, 50.0, network.pipes))
    for near in (cold, other, wild):
        found = steady_flow(network, WARM, near)
        assert found.flow_kg_s == pytest.approx(cold.flow_kg_s, abs=1e-9 * np.abs(cold.flow_kg_s).max())


@pytest.mark.parametrize("demand", [1e-4, 0.02, 1.0, 30.0])
def test_equal_halves_share_evenly(demand: float) -> None:
    """From laminar to turbulent flow, each half of a ring takes half; so do two pipes side by side."""
    ring = pipe_network([[0, 1], [1, 2], [0, 3], [3, 2]], 200.0, 0.1, 1e-4, [0.0, 0.0, demand, 0.0], supply=[0])
    assert steady_flow(ring, WARM).flow_kg_s == pytest.approx(np.full(4, demand / 2.0), rel=1e-9)
    pair = pipe_network([[0, 1], [0, 1]], 200.0, 0.1, 1e-4, [0.0, demand], supply=[0])
    assert steady_flow(pair, WARM).flow_kg_s == pytest.approx(np.full(2, demand / 2.0), rel=1e-9)


def test_a_bridge_between_equal_pressures_stands_still() -> None:
    bridge = [[0, 1], [0, 2], [1, 3], [2, 3], [1, 2]]
    flow = steady_flow(pipe_network(bridge, 100.0, 0.1, 1e-4, [0.0, 0.0, 0.0, 5.0], supply=[0]), WARM)
    assert flow.flow_kg_s == pytest.approx([2.5, 2.5, 2.5, 2.5, 0.0], abs=1e-9)


@settings(max_examples=50, deadline=None)
@given(seeds())
def test_a_second_pipe_never_lowers_a_pressure_in_a_tree(seed: int) -> None:
    """Nodes beyond it gain, all others keep their pressure."""
    network = made_network(seed, loops=0, supplies=1)
    network = replace(network, demand_kg_s=np.abs(network.demand_kg_s))
    doubled = int(np.random.default_rng(seed).integers(network.pipes))
    more = _with_pipe(network, network.ends[doubled], doubled)
    before, after = steady_flow(network, WARM).pressure_pa, steady_flow(more, WARM).pressure_pa
    assert (after >= before - 1e-9 * np.abs(before).max() - 1e-3).all()


@settings(max_examples=50, deadline=None)
@given(seeds())
def test_a_further_pipe_takes_no_more_power(seed: int) -> None:
    """Water takes the ways of least content.

    With drops that all rise with one power, that is the least power of friction: a further pipe anywhere can but lower
    it. Single pressures may fall, as a way through a node draws more water past it; not so that of a lone consumer.
    """
    network = hazen_williams(seed)
    ends = np.random.default_rng(seed).choice(network.nodes, 2, replace=False)
    more = _with_pipe(network, ends, 0)
    before, after = steady_flow(network, WARM), steady_flow(more, WARM)
    power = [float(flow.flow_kg_s @ flow.drop_pa) for flow in (before, after)]
    assert power[1] <= power[0] * (1.0 + 1e-9)
    alone = np.zeros(network.nodes)
    consumer = next(node for node in range(network.nodes) if node not in network.supply)
    alone[consumer] = 5.0
    single = [steady_flow(replace(one, demand_kg_s=alone), WARM).pressure_pa[consumer] for one in (network, more)]
    assert single[1] >= single[0] - 1e-9 * abs(single[0])


def _with_pipe(network: PipeNetwork, ends: np.ndarray, like: int) -> PipeNetwork:
    """Return a network with a further pipe that is like another one."""
    per_pipe = ("length_m", "inner_m", "roughness_m", "local_loss", "fittings_share", "hazen_williams")
    columns = {name: getattr(network, name) for name in per_pipe}
    longer = {name: np.append(column, column[like]) for name, column in columns.items() if column is not None}
    return replace(network, ends=np.vstack([network.ends, ends]), **longer)


@settings(max_examples=50, deadline=None)
@given(seeds())
def test_drops_scale_with_the_power_of_the_flow(seed: int) -> None:
    """After Hazen and Williams, three times the demand is three times each flow and 3**1.852 times each drop."""
    network = hazen_williams(seed)
    network = replace(network, inner_m=np.full(network.pipes, 0.1))
    one, three = (steady_flow(replace(network, demand_kg_s=times * network.demand_kg_s), WARM) for times in (1.0, 3.0))
    size, most = np.abs(one.flow_kg_s).max(), np.abs(one.drop_pa).max()
    # below 0.1 mm/s drops rise in a line
    assert three.flow_kg_s == pytest.approx(3.0 * one.flow_kg_s, abs=1e-3 * size)
    assert three.drop_pa == pytest.approx(3.0**1.852 * one.drop_pa, rel=1e-2, abs=1e-3 * most)


@settings(max_examples=30, deadline=None)
@given(seeds())
def test_laminar_drops_scale_with_the_flow(seed: int) -> None:
    network = made_network(seed, supplies=1, local_loss=0.0)
    network = replace(network, demand_kg_s=1e-5 * network.demand_kg_s)
    one, two = (steady_flow(replace(network, demand_kg_s=times * network.demand_kg_s), WARM) for times in (1.0, 2.0))
    assert two.drop_pa == pytest.approx(2.0 * one.drop_pa, rel=1e-6, abs=1e-9)


@settings(max_examples=30, deadline=None)
@given(seeds())
def test_height_only_weighs(seed: int) -> None:
    """With one supply heights leave the flow alone and change pressures by the weight of water."""
    network = made_network(seed, supplies=1)
    flat, hilly = steady_flow(replace(network, height_m=np.zeros(network.nodes)), WARM), steady_flow(network, WARM)
    assert hilly.flow_kg_s == pytest.approx(flat.flow_kg_s, abs=1e-9 * np.abs(flat.flow_kg_s).max())
    rise = network.height_m - network.height_m[network.supply]
    weight = WARM.density * GRAVITY * rise
    assert hilly.pressure_pa == pytest.approx(flat.pressure_pa - weight, rel=1e-9, abs=1e-3)


def test_without_demand_water_stands_still() -> None:
    flow = steady_flow(pipe_network(RING, RING_M, RING_INNER_M, 1e-4, np.zeros(8), supply=[0], supply_pa=3e5), WARM)
    assert not flow.flow_kg_s.any()
    assert (flow.pressure_pa == 3e5).all()


def test_all_nodes_may_be_supplies() -> None:
    """Then each pipe carries what the pressures at its ends drive through it."""
    network = pipe_network([[0, 1], [1, 0]], 100.0, 0.1, 1e-4, [0.0, 1.0], supply=[0, 1], supply_pa=[2e4, 0.0])
    flow = steady_flow(network, WARM)
    assert pressure_gradient_pa_m(flow.flow_kg_s[0], 0.1, 1e-4, WARM) == pytest.approx(200.0, rel=1e-9)
    assert flow.flow_kg_s[1] == pytest.approx(-flow.flow_kg_s[0], rel=1e-9)
    assert flow.supply_kg_s == pytest.approx([2.0 * flow.flow_kg_s[0], 1.0 - 2.0 * flow.flow_kg_s[0]], rel=1e-9)


def test_every_fault_is_told_at_once() -> None:
    with pytest.raises(ValueError, match="length_m") as told:
        pipe_network(
            [[0, 1], [1, 5], [2, 2]], [100.0, 0.0, np.nan], [0.1, -0.1, 0.1], [1e-4, 1e-4, 0.2], [0.0, np.inf, 1.0],
            supply=[0, 0, 7], supply_pa=np.nan, local_loss=[-1.0, 0.0, 0.0], height_m=[0.0, np.nan, 0.0],
            hazen_williams=[100.0, 0.0, 100.0],
            pumps=Pumps(np.array([[0, 9], [1, 1]]), np.array([0.0, 1.0]), np.array([1e5, np.inf])),
        )  # fmt: skip
    assert str(told.value).split("; ") == [
        "pipe 1: ends must be nodes from 0 to 2",
        "pipe 2: must join two different nodes",
        "pipes 1, 2: length_m must be positive and finite",
        "pipe 1: inner_m must be positive and finite",
        "pipe 0: local_loss must be finite and not negative",
        "pipes 1, 2: roughness_m must be less than inner_m",
        "pipe 1: hazen_williams must be positive and finite",
        "node 1: demand_kg_s must be finite",
        "node 1: height_m must be finite",
        "pump 0: ends must be nodes from 0 to 2",
        "pump 1: must join two different nodes",
        "pump 0: flow_kg_s must be positive and finite",
        "pump 1: pressure_pa must be positive and finite",
        "supply must be nodes from 0 to 2, not [7]",
        "supply names a node twice",
        "supply_pa must be finite",
    ]
    with pytest.raises(ValueError, match="no supply: give at least one node"):
        pipe_network([[0, 1]], 1.0, 0.1, 0.0, [0.0, 1.0], supply=[])
    with pytest.raises(ValueError, match=r"ends must be of shape \(pipes, 2\), not \(2, 3\)"):
        pipe_network([[0, 1, 2], [1, 2, 0]], 1.0, 0.1, 0.0, np.ones(3), supply=[0])
    with pytest.raises(ValueError, match=r"inner_m must be one value or 1, not of shape \(2,\)"):
        pipe_network([[0, 1]], 1.0, [0.1, 0.2], 0.0, [0.0, 1.0], supply=[0])


def test_nodes_that_no_supply_reaches_are_named() -> None:
    pieces = [[0, 1], [2, 3], [3, 4]]
    with pytest.raises(ValueError, match="no supply reaches nodes 3, 4, which have demand"):
        steady_flow(pipe_network(pieces, 1.0, 0.1, 0.0, [0.0, 1.0, 0.0, 2.0, -1.0], supply=[0]), WARM)
    with pytest.raises(ValueError, match="in pieces: no supply reaches nodes 2, 3, 4"):
        steady_flow(pipe_network(pieces, 1.0, 0.1, 0.0, [0.0, 1.0, 0.0, 0.0, 0.0], supply=[0]), WARM)
    apart = pipe_network(np.zeros((0, 2)), 1.0, 0.1, 0.0, np.ones(30), supply=[0])
    with pytest.raises(ValueError, match="nodes 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 and 19 more"):
        steady_flow(apart, WARM)
