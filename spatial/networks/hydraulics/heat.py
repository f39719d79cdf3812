"""Temperatures of water in supply and return pipes, and the heat it loses to the ground.

The return pipes lie beside the supply pipes and are their mirror: what flows out in one flows back in the other. All
temperatures are told against that of the ground, so cooling is the same as heating.

References
----------
.. [1] van der Heijde, B., Aertgeerts, A., Helsen, L. (2017). Modelling steady-state thermal behaviour of double thermal
   network pipes. International Journal of Thermal Sciences 117, 316-327. doi:10.1016/j.ijthermalsci.2017.03.026
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.sparse.linalg import splu

from spatial.networks.hydraulics.flow import Flow
from spatial.networks.hydraulics.kernel import adjacency, carry
from spatial.networks.hydraulics.network import PipeNetwork
from spatial.networks.hydraulics.pipe import Water, kept_share

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

LOST_ON_THE_WAY = 1e-13
"""Share of its warmth that water loses in each node of a circle [-]."""


@dataclass(frozen=True, eq=False)
class Temperatures:
    """Temperatures in one set of pipes.

    Attributes
    ----------
    node_c
        Temperature of the water mixed at each node [C]; that of the ground where none arrives.
    inlet_c
        Temperature where the water enters each pipe [C]; that of the ground where it stands still.
    outlet_c
        Temperature where it leaves [C].
    loss_w
        Heat that flowing water loses in each pipe [W]; negative where it gains.
    """

    node_c: Floats
    inlet_c: Floats
    outlet_c: Floats
    loss_w: Floats


def supply_temperatures(
    network: PipeNetwork,
    flow: Flow,
    fluid: Water,
    *,
    supply_c: npt.ArrayLike,
    loss_w_mk: npt.ArrayLike,
    ground_c: float,
    sections: int | None = None,
) -> Temperatures:
    """Return the temperatures in the supply pipes.

    From what feeds in outwards, each node mixes what arrives, and each pipe leaves the share of the temperature
    difference to the ground that `pipe.kept_share` tells [1]_. Pumps warm nothing. Water that pumps drive round in a
    circle is mixed with itself.

    Parameters
    ----------
    network
        The network.
    flow
        Its flow.
    fluid
        Properties of the water.
    supply_c
        Temperature of the water that supplies and nodes with negative demand let in, for all or per node [C].
    loss_w_mk
        Heat loss per length and temperature difference, for all pipes or per pipe [W/(m K)].
    ground_c
        Temperature of the ground [C].
    sections
        Number of mixed sections of each pipe; the exact solution where not given.

    """
    fed = _fed(network, flow)
    return _temperatures(network, flow, fluid, 1.0, fed, supply_c, loss_w_mk, ground_c, sections)


def return_temperatures(
    network: PipeNetwork,
    flow: Flow,
    fluid: Water,
    *,
    return_c: npt.ArrayLike,
    loss_w_mk: npt.ArrayLike,
    ground_c: float,
    sections: int | None = None,
) -> Temperatures:
    """Return the temperatures in the return pipes, which mirror the supply pipes.

    Parameters
    ----------
    return_c
        Temperature at which consumers give the water back, for all or per node [C].
    network, flow, fluid, loss_w_mk, ground_c, sections
        As of `supply_temperatures`.
    """
    taken = _taken(network, flow)
    return _temperatures(network, flow, fluid, -1.0, taken, return_c, loss_w_mk, ground_c, sections)


def _fed(network: PipeNetwork, flow: Flow) -> Floats:
    """Return the water that enters the supply pipes at each node [kg/s]."""
    fed = np.maximum(-network.demand_kg_s, 0.0)
    fed[network.supply] += np.maximum(flow.supply_kg_s, 0.0)
    return fed


def _taken(network: PipeNetwork, flow: Flow) -> Floats:
    """Return the water that leaves the supply pipes at each node [kg/s]."""
    taken = np.maximum(network.demand_kg_s, 0.0)
    taken[network.supply] += np.maximum(-flow.supply_kg_s, 0.0)
    return taken


def _temperatures(
    network: PipeNetwork,
    flow: Flow,
    fluid: Water,
    direction: float,
    fed_kg_s: Floats,
    fed_c: npt.ArrayLike,
    loss_w_mk: npt.ArrayLike,
    ground_c: float,
    sections: int | None,
) -> Temperatures:
    ends, pumps = network.links, len(network.pumps.ends)
    moving = direction * np.concatenate([flow.flow_kg_s, flow.pump_kg_s])
    in_pipes = np.abs(flow.flow_kg_s)
    kept = kept_share(loss_w_mk, network.length_m, in_pipes, fluid.specific_heat, sections)
    warmth = np.where(fed_kg_s > 0.0, np.asarray(fed_c, dtype=np.float64) - ground_c, 0.0)
    start, link = adjacency(network.nodes, ends)
    shares = np.concatenate([kept, np.ones(pumps)])
    warmer, reached = carry(start, link, ends, moving, shares, fed_kg_s, warmth)
    if reached < network.nodes:
        warmer = _carry_round(ends, moving, shares, fed_kg_s, warmth)
    pipes = moving[: network.pipes]
    entered = np.where(pipes > 0.0, warmer[network.ends[:, 0]], warmer[network.ends[:, 1]]) * (pipes != 0.0)
    return Temperatures(
        node_c=ground_c + warmer,
        inlet_c=ground_c + entered,
        outlet_c=ground_c + entered * kept,
        loss_w=in_pipes * fluid.specific_heat * entered * (1.0 - kept),
    )


def _carry_round(ends: Integers, flow: Floats, kept: Floats, feed_kg_s: Floats, feed_k: Floats) -> Floats:
    """Return what `carry` does where water goes round in a circle: all nodes are mixed of each other, at once."""
    nodes, size = len(feed_kg_s), np.abs(flow)
    head, tail = np.where(flow[:, np.newaxis] < 0.0, ends[:, ::-1], ends).T
    mass = feed_kg_s + np.bincount(tail, size, minlength=nodes)
    brought = sparse.csc_array((size * kept, (tail, head)), shape=(nodes, nodes))
    # a circle that nothing flows into and that loses nothing would have any temperature: let it have the ground's
    lost = np.where(mass > 0.0, mass * (1.0 + LOST_ON_THE_WAY), 1.0)
    warmer: Floats = splu((sparse.diags_array(lost) - brought).tocsc()).solve(feed_kg_s * feed_k)
    return warmer
