"""Steady flow of water in networks of pipes, trees and loops.

A tree that grows from the supplies spans the network. Links outside it close loops, and only their flows have to be
found, by the global gradient algorithm [1]_. All else follows by summing up: flows from the leaves to the supplies, so
that the water closes at each node, and pressures from the supplies to the leaves.

References
----------
.. [1] Todini, E., Pilati, S. (1988). A gradient algorithm for the analysis of pipe networks. In: Computer Applications
   in Water Supply, vol. 1. Research Studies Press, Taunton, 1-20.
.. [2] Cherry, C., Millar, W. (1951). Some general theorems for non-linear systems possessing resistance. Philosophical
   Magazine 42, 1150-1177. doi:10.1080/14786445108561361
.. [3] Rossman, L. A. et al. (2020). EPANET 2.2 user manual. US Environmental Protection Agency, EPA/600/R-20/133.
   Table 3.1: the formula of Hazen and Williams, here in SI units.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from spatial.networks.hydraulics.kernel import (
    DARCY,
    HAZEN_WILLIAMS,
    POWER,
    SQUARE,
    Links,
    accumulate_rows,
    adjacency,
    descend,
    drops,
    span,
)
from spatial.networks.hydraulics.loops import STILL, loop_flows
from spatial.networks.hydraulics.network import GRAVITY, PipeNetwork, named
from spatial.networks.hydraulics.pipe import Water

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

HAZEN_WILLIAMS_SI = 10.667
"""Factor of the formula of Hazen and Williams for metres and seconds [3]_."""
STILL_M_S = 1e-4
"""Velocity below which the formula of Hazen and Williams is taken as a line [m/s]."""
STILL_SHARE = 1e-6
"""Share of a pump's flow below which its curve is taken as a line [-]."""
STILL_FLOW = 1e-12
"""Share of the largest flow below which a link that closes a loop stands still [-]: it is rounding."""


class Tree(NamedTuple):
    """Trees that span a network: nodes from the supplies outwards, and the parent of each and the link towards it."""

    order: Integers
    parent: Integers
    above: Integers


@dataclass(frozen=True, eq=False)
class Flow:
    """Steady flow in a network.

    Attributes
    ----------
    flow_kg_s
        Mass flow of each pipe [kg/s], positive from its first end to its second.
    velocity_m_s
        Mean velocity in each pipe [m/s], not negative.
    gradient_pa_m
        Friction of each pipe as if it were straight [Pa/m], not negative.
    drop_pa
        Total pressure at each pipe's first end less that at its second, fittings included [Pa].
    pressure_pa
        Pressure at each node [Pa].
    total_pa
        The same with the weight of water up to the node's height [Pa]; water flows where it falls.
    supply_kg_s
        What each supply gives [kg/s].
    pump_kg_s
        Mass flow of each pump [kg/s].
    """

    flow_kg_s: Floats
    velocity_m_s: Floats
    gradient_pa_m: Floats
    drop_pa: Floats
    pressure_pa: Floats
    total_pa: Floats
    supply_kg_s: Floats
    pump_kg_s: Floats


def steady_flow(network: PipeNetwork, fluid: Water, near: Flow | None = None) -> Flow:
    """Return the steady flow of a network.

    Darcy and Weisbach's friction is that of `pipe.friction_factor`. In a tree nothing is iterated. In loops Newton's
    method seeks the least content [2]_, which is convex, so there is one solution and it is found from any start.

    Parameters
    ----------
    network
        The network.
    fluid
        Properties of the water, the same everywhere.
    near
        Flow of the same pipes at other demands, to begin from: loops then settle sooner.

    Raises
    ------
    ValueError
        If no supply reaches some node, or a pump would run backwards.
    RuntimeError
        If the flows of the loops do not settle.

    Examples
    --------
    >>> from spatial.networks.hydraulics.network import pipe_network
    >>> from spatial.networks.hydraulics.pipe import water
    >>> ring = pipe_network([[0, 1], [1, 2], [0, 2]], 100.0, 0.1, 1e-4, [0.0, 0.0, 3.0], supply=[0])
    >>> steady_flow(ring, water(60.0)).flow_kg_s.round(3).tolist()
    [1.222, 1.222, 1.778]
    """
    ends = network.links
    start, link = adjacency(network.nodes, ends)
    tree = Tree(*span(start, link, ends, network.supply))
    _check_reach(network, tree)
    links, lift = _links(network, fluid), _lift(network)
    weight = fluid.density * GRAVITY * network.height_m
    total = np.zeros(network.nodes)
    total[network.supply] = network.supply_pa + weight[network.supply]
    closing = np.ones(len(ends), dtype=bool)
    closing[tree.above[tree.above >= 0]] = False
    flow = np.zeros(len(ends))
    if closing.any():
        begin = _usual_flow(network, fluid)
        known = None if near is None else np.concatenate([near.flow_kg_s, near.pump_kg_s])
        found = loop_flows(links, ends, network.demand_kg_s, network.supply, total, lift, begin, known)
        running = closing & (np.abs(found) > np.maximum(STILL * begin, STILL_FLOW * np.abs(found).max()))
        flow[running] = found[running]
    taken = _sum_up(network, ends, tree, flow)
    drop = drops(links, flow)[0]
    descend(tree.parent, tree.order, tree.above, ends, drop - lift, total)
    pumped = flow[network.pipes :]
    backwards = pumped < -STILL_SHARE * network.pumps.flow_kg_s
    if backwards.any():
        raise ValueError(f"{named('pump', np.flatnonzero(backwards))} would run backwards")
    in_pipes = flow[: network.pipes]
    straight = drops(links._replace(local=np.zeros(len(ends))), flow)[0][: network.pipes]
    return Flow(
        flow_kg_s=in_pipes,
        velocity_m_s=np.abs(in_pipes) / (fluid.density * network.cross_section_m2),
        gradient_pa_m=np.abs(straight) / (network.length_m * (1.0 + network.fittings_share)),
        drop_pa=drop[: network.pipes],
        pressure_pa=total - weight,
        total_pa=total,
        supply_kg_s=taken[network.supply],
        pump_kg_s=pumped,
    )


def _check_reach(network: PipeNetwork, tree: Tree) -> None:
    cut = np.ones(network.nodes, dtype=bool)
    cut[tree.order] = False
    asking = cut & (network.demand_kg_s != 0.0)
    if asking.any():
        raise ValueError(f"no supply reaches {named('node', np.flatnonzero(asking))}, which have demand")
    if cut.any():
        raise ValueError(f"the network is in pieces: no supply reaches {named('node', np.flatnonzero(cut))}")


def _links(network: PipeNetwork, fluid: Water) -> Links:
    """Return what the drop of pressure depends on, for all pipes and then for all pumps."""
    area, pumps = network.cross_section_m2, network.pumps
    longer = network.length_m * (1.0 + network.fittings_share)
    if network.hazen_williams is None:
        law = DARCY
        factor = longer / (2.0 * fluid.density * network.inner_m * area**2)
    else:
        law = POWER
        per_flow = (
            HAZEN_WILLIAMS_SI * network.inner_m**-4.871 * (network.hazen_williams * fluid.density) ** -HAZEN_WILLIAMS
        )
        factor = fluid.density * GRAVITY * longer * per_flow
    none = np.zeros(len(pumps.ends))
    return Links(
        law=np.repeat([law, SQUARE], [network.pipes, len(pumps.ends)]),
        factor=np.concatenate([factor, pumps.pressure_pa / (3.0 * pumps.flow_kg_s**2)]),
        local=np.concatenate([network.local_loss / (2.0 * fluid.density * area**2), none]),
        reynolds=np.concatenate([network.inner_m / (area * fluid.viscosity), none]),
        rough=np.concatenate([network.roughness_m / network.inner_m, none]),
        least=np.concatenate([STILL_M_S * fluid.density * area, STILL_SHARE * pumps.flow_kg_s]),
    )


def _lift(network: PipeNetwork) -> Floats:
    """Return the rise of pressure in each link where no water flows [Pa]: that of pumps."""
    return np.concatenate([np.zeros(network.pipes), 4.0 / 3.0 * network.pumps.pressure_pa])


def _usual_flow(network: PipeNetwork, fluid: Water) -> Floats:
    """Return a flow of usual size in each link, from which the first resistances are taken: 1 m/s [kg/s]."""
    return np.concatenate([fluid.density * network.cross_section_m2, network.pumps.flow_kg_s])


def _sum_up(network: PipeNetwork, ends: Integers, tree: Tree, flow: Floats) -> Floats:
    """Fill in the flows of the links of the tree; return what each node takes for itself and all beyond it [kg/s]."""
    taken = network.demand_kg_s.copy()
    np.add.at(taken, ends[:, 0], flow)
    np.subtract.at(taken, ends[:, 1], flow)
    accumulate_rows(tree.parent, tree.order, taken[np.newaxis])
    below = np.flatnonzero(tree.above >= 0)
    above = tree.above[below]
    flow[above] = np.where(ends[above, 1] == below, taken[below], -taken[below])
    return taken
