"""A district network at work: flows for the heat that consumers take, heat of the plants, pressure of their pumps.

References
----------
.. [1] Irons, B. M., Tuck, R. C. (1969). A version of the Aitken accelerator for computer iteration. International
   Journal for Numerical Methods in Engineering 1, 275-277. doi:10.1002/nme.1620010306
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from layers.units import W_PER_KW
from spatial.networks.hydraulics.flow import STILL_FLOW, Flow, steady_flow
from spatial.networks.hydraulics.heat import Temperatures, return_temperatures, supply_temperatures
from spatial.networks.hydraulics.network import PipeNetwork, named
from spatial.networks.hydraulics.pipe import Water

Flags = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]

MAX_TURNS = 500
"""Turns between flows and temperatures; some five in practice, many where half the heat is lost."""
SETTLED = 1e-9
"""Change of the flows, as a share, at which they have settled [-]."""
PACES = (0.2, 5.0)
"""How much less or more than one turn says the flows may change."""
LEAST_KEPT = 1e-12
"""Least share of its warmth that water is taken to keep on its way, where rounding leaves none [-]."""
NEWTON_STEPS = 20
"""Steps of Newton's method for the flow of a consumer; five in practice."""


@dataclass(frozen=True, eq=False)
class Operation:
    """A district network at work; heat is negative where it is taken from what is cooled.

    Attributes
    ----------
    network
        The network with the flows that consumers take.
    flow
        Flow in the supply pipes.
    supply
        Temperatures in the supply pipes.
    back
        Temperatures in the return pipes, whose flow runs against that of the supply pipes.
    heat_kw
        Heat that the water gives at each node, or takes up where a node feeds in [kW].
    consumer_return_c
        Temperature at which each consumer gives the water back [C]; not a number where there is none.
    plant_kw
        Heat that each supply gives [kW].
    difference_pa
        Pressure in the supply pipe less that in the return pipe at each node [Pa].
    head_pa
        The same at each supply: what its pump gives [Pa].
    pumping_w
        Power that the pumps of supplies give to the water [W]; over their efficiency it is their electricity.
    worst_pressure
        Consumer with the least difference of pressure.
    worst_temperature
        Consumer whose water is nearest to the temperature of the ground.
    """

    network: PipeNetwork
    flow: Flow
    supply: Temperatures
    back: Temperatures
    heat_kw: Floats
    consumer_return_c: Floats
    plant_kw: Floats
    difference_pa: Floats
    head_pa: Floats
    pumping_w: float
    worst_pressure: int
    worst_temperature: int


def operate(
    network: PipeNetwork,
    fluid: Water,
    *,
    supply_c: npt.ArrayLike,
    loss_w_mk: npt.ArrayLike,
    ground_c: float,
    least_difference_pa: float,
    return_c: npt.ArrayLike | None = None,
    heat_kw: npt.ArrayLike | None = None,
) -> Operation:
    """Return a district network at work: flows, temperatures, heat, and the pressure its plants must give.

    Consumers are told in one of three ways. With `return_c` they take the flows of the network and cool them to that
    temperature. With `heat_kw` they take the flows of the network and so much heat from them. With both they take the
    flow that brings this heat at the temperature they receive, whatever the network says of what they take.

    Parameters
    ----------
    network
        The supply pipes. The return pipes are their mirror in all: lengths, pumps, and pressures of several supplies.
    fluid
        Properties of the water, at the mean of supply and return.
    supply_c
        Temperature of the water that supplies, and nodes with negative demand, let in, for all or per node [C].
    loss_w_mk
        Heat loss of one pipe per length and temperature difference, for all pipes or per pipe [W/(m K)].
    ground_c
        Temperature of the ground [C].
    least_difference_pa
        Difference of pressure that the worst consumer needs [Pa].
    return_c
        Temperature at which consumers give the water back, for all or per node [C].
    heat_kw
        Heat that consumers take, for each node [kW]; negative where they are cooled.

    Raises
    ------
    ValueError
        If neither return temperature nor heat is given, nobody takes water, a supply takes water in, heat is asked for
        where no water is taken, or the water is not warm enough (for cooling: cold enough) for the return temperature.
    RuntimeError
        If flows and temperatures do not settle.

    Examples
    --------
    >>> from spatial.networks.hydraulics.network import pipe_network
    >>> from spatial.networks.hydraulics.pipe import water
    >>> street = pipe_network([[0, 1], [1, 2]], 200.0, 0.1, 1e-4, [0.0, 0.0, 0.0], supply=[0])
    >>> works = operate(street, water(45.0), supply_c=60.0, loss_w_mk=0.2, ground_c=10.0, least_difference_pa=5e4,
    ...                 return_c=30.0, heat_kw=[0.0, 300.0, 200.0])
    >>> works.flow.supply_kg_s.round(2).tolist(), works.plant_kw.round(1).tolist(), works.worst_pressure
    ([4.02], [505.6], 2)
    """
    feed = np.broadcast_to(supply_c, network.nodes).astype(np.float64)

    def run(at_work: PipeNetwork, near: Flow | None = None) -> tuple[Flow, Temperatures]:
        flow = steady_flow(at_work, fluid, near)
        return flow, supply_temperatures(at_work, flow, fluid, supply_c=feed, loss_w_mk=loss_w_mk, ground_c=ground_c)

    given = None if return_c is None else np.broadcast_to(return_c, network.nodes).astype(np.float64)
    if heat_kw is None:
        if given is None:
            raise ValueError("give return_c, heat_kw or both: what consumers take is not known")
        flow, supply = run(network)
    else:
        heat_w = W_PER_KW * np.broadcast_to(heat_kw, network.nodes).astype(np.float64)
        if given is None:
            flow, supply = run(network)
            given = supply.node_c - _per_flow(heat_w, network.demand_kg_s) / fluid.specific_heat
        else:
            network, flow, supply = _settle(network, run, heat_w / fluid.specific_heat, feed, given, ground_c)
    return _told(network, fluid, flow, supply, feed, given, loss_w_mk, ground_c, least_difference_pa)


def _per_flow(heat_w: Floats, demand_kg_s: Floats) -> Floats:
    takes = demand_kg_s > 0.0
    wrong = (heat_w != 0.0) & ~takes
    if wrong.any():
        raise ValueError(f"{named('node', np.flatnonzero(wrong))}: heat is asked for, but no water is taken")
    return np.divide(heat_w, demand_kg_s, out=np.zeros_like(heat_w), where=takes)


def _settle(
    network: PipeNetwork,
    run: Callable[[PipeNetwork, Flow | None], tuple[Flow, Temperatures]],
    asked: Floats,
    feed_c: Floats,
    return_c: Floats,
    ground_c: float,
) -> tuple[PipeNetwork, Flow, Temperatures]:
    """Return the network whose consumers take the flow that brings what they ask for [K kg/s], with its flow.

    In each turn a consumer's way is taken for one pipe that fades as much, and its flow is solved for that. How far the
    flows then go is told by the turn before [1]_.
    """
    consumer = asked != 0.0
    fed = feed_c[network.supply]
    difference = np.where(asked > 0.0, fed.max() - return_c, fed.min() - return_c)
    wrong = consumer & (asked * difference <= 0.0)
    if wrong.any():
        raise ValueError(
            f"{named('node', np.flatnonzero(wrong))}: the supply is not on the right side of the return temperature; "
            "heat is positive where consumers are heated, negative where they are cooled"
        )
    others = np.where(consumer, 0.0, np.minimum(network.demand_kg_s, 0.0))
    warmest = np.where(asked > 0.0, fed.max(), fed.min()) - ground_c
    taken = np.divide(asked, difference, out=np.zeros_like(asked), where=consumer)
    flow, pace, before = None, 1.0, np.zeros(0)
    for turn in range(MAX_TURNS):
        network = replace(network, demand_kg_s=taken + others)
        flow, supply = run(network, flow)
        now, leaves = taken[consumer], warmest[consumer]
        kept = np.divide(supply.node_c[consumer] - ground_c, leaves, out=np.ones_like(leaves), where=leaves != 0.0)
        fading = -now * np.log(np.clip(kept, LEAST_KEPT, 1.0))
        wanted = _flow_for(asked[consumer], fading, leaves, return_c[consumer] - ground_c)
        change = np.log(wanted / now)
        if np.max(np.abs(change), initial=0.0) <= SETTLED:
            return network, flow, supply
        if turn:
            bend = before - change
            slower = float(before @ bend)
            # where the flows hurry ever more, they still have far to go
            pace = min(max(pace * slower / float(bend @ bend), PACES[0]), PACES[1]) if slower > 0.0 else PACES[1]
        taken[consumer] = now * np.exp(pace * change)
        before = change
    raise RuntimeError(f"flows and temperatures did not settle in {MAX_TURNS} turns")


def _flow_for(asked: Floats, fading: Floats, supply_k: Floats, return_k: Floats) -> Floats:
    """Return the flow ``m`` that solves ``m (Ts exp(-n / m) - Tr) = asked`` [kg/s], temperatures against the ground.

    What the flow brings rises with it ever more steeply, so Newton's method falls on the solution from above: from the
    flow of a straight line in place of the exponential. Where the water gains on its way it rises ever less steeply,
    and the solution is reached from below: from the flow that needs nothing but the ground.
    """
    ground = np.divide(asked, -return_k, out=np.zeros_like(asked), where=return_k != 0.0)
    flow: Floats = np.maximum((asked + supply_k * fading) / (supply_k - return_k), ground)
    for _ in range(NEWTON_STEPS):
        arrives = supply_k * np.exp(-fading / flow)
        flow = flow - (flow * (arrives - return_k) - asked) / (arrives * (1.0 + fading / flow) - return_k)
    return flow


def _told(
    network: PipeNetwork,
    fluid: Water,
    flow: Flow,
    supply: Temperatures,
    feed_c: Floats,
    return_c: Floats,
    loss_w_mk: npt.ArrayLike,
    ground_c: float,
    least_difference_pa: float,
) -> Operation:
    """Return all that follows from the supply pipes: the return pipes, heat, and pressures."""
    demand, at = network.demand_kg_s, network.supply
    takes = demand > 0.0
    if not takes.any():
        raise ValueError("nobody takes water: no node has a demand")
    taking = flow.supply_kg_s < -STILL_FLOW * flow.supply_kg_s.max()
    if taking.any():
        raise ValueError(f"the supply at {named('node', at[taking])} takes water in: others press more")
    back = return_temperatures(network, flow, fluid, return_c=return_c, loss_w_mk=loss_w_mk, ground_c=ground_c)
    # whoever takes water has it from the supply pipe; whoever feeds in has it from the return pipe
    cooled = np.where(takes, supply.node_c - return_c, feed_c - back.node_c)
    farthest = _least(flow.total_pa, takes)
    difference = least_difference_pa + 2.0 * (flow.total_pa - flow.total_pa[farthest])
    warmed = feed_c[at] - back.node_c[at]
    return Operation(
        network=network,
        flow=flow,
        supply=supply,
        back=back,
        heat_kw=demand * fluid.specific_heat * cooled / W_PER_KW,
        consumer_return_c=np.where(takes, return_c, np.nan),
        plant_kw=flow.supply_kg_s * fluid.specific_heat * warmed / W_PER_KW,
        difference_pa=difference,
        head_pa=difference[at],
        pumping_w=float(flow.supply_kg_s @ difference[at]) / fluid.density,
        worst_pressure=farthest,
        worst_temperature=_least(np.abs(supply.node_c - ground_c), takes),
    )


def _least(values: Floats, among: Flags) -> int:
    return int(np.argmin(np.where(among, values, np.inf)))
