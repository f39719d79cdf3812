"""A network of pipes and pumps as plain arrays, checked as a whole before anything is computed.

References
----------
.. [1] Rossman, L. A. et al. (2020). EPANET 2.2 user manual. US Environmental Protection Agency, EPA/600/R-20/133.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Flags = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

GRAVITY = 9.80665
"""Standard acceleration of free fall [m/s2], CGPM 1901."""
TOLD = 10
"""Nodes or pipes that a message names."""


@dataclass(frozen=True, eq=False)
class Pumps:
    """Pumps with the curve that EPANET [1]_ draws through one point; all arrays have one entry per pump.

    The rise of pressure is ``4/3 p - 1/3 p (m / m0)**2``: a third more than at the point where no water flows, none at
    twice its flow.

    Attributes
    ----------
    ends
        Nodes of suction and discharge, pumps x 2.
    flow_kg_s
        Flow ``m0`` of the point [kg/s].
    pressure_pa
        Rise of pressure ``p`` at that flow [Pa].
    """

    ends: Integers
    flow_kg_s: Floats
    pressure_pa: Floats


@dataclass(frozen=True, eq=False)
class PipeNetwork:
    """Pipes between nodes, what the nodes take, and where the pressure is held; `pipe_network` makes and checks it.

    Attributes
    ----------
    ends
        Nodes that each pipe joins, pipes x 2; flow from the first to the second is positive.
    length_m
        Length of each pipe [m].
    inner_m
        Inner diameter of each pipe [m].
    roughness_m
        Roughness of each pipe's wall [m].
    local_loss
        Sum of the loss coefficients of each pipe's bends, branches and valves [-].
    fittings_share
        Further loss of fittings in each pipe, as a share of the friction of straight pipe [-].
    demand_kg_s
        What each node takes [kg/s]; negative where it feeds in.
    height_m
        Height of each node [m].
    supply
        Nodes whose pressure is held.
    supply_pa
        Pressure held there [Pa].
    pumps
        Pumps between nodes.
    hazen_williams
        Coefficient C of each pipe [-] where friction follows Hazen and Williams; none for Darcy and Weisbach.
    """

    ends: Integers
    length_m: Floats
    inner_m: Floats
    roughness_m: Floats
    local_loss: Floats
    fittings_share: Floats
    demand_kg_s: Floats
    height_m: Floats
    supply: Integers
    supply_pa: Floats
    pumps: Pumps
    hazen_williams: Floats | None

    @property
    def nodes(self) -> int:
        """Number of nodes."""
        return len(self.demand_kg_s)

    @property
    def pipes(self) -> int:
        """Number of pipes."""
        return len(self.ends)

    @property
    def links(self) -> Integers:
        """Ends of all pipes, then of all pumps."""
        return np.concatenate([self.ends, self.pumps.ends])

    @property
    def cross_section_m2(self) -> Floats:
        """Inner cross section of each pipe [m2]."""
        return np.pi / 4.0 * self.inner_m**2


def pipe_network(
    ends: npt.ArrayLike,
    length_m: npt.ArrayLike,
    inner_m: npt.ArrayLike,
    roughness_m: npt.ArrayLike,
    demand_kg_s: npt.ArrayLike,
    supply: npt.ArrayLike,
    supply_pa: npt.ArrayLike = 0.0,
    *,
    local_loss: npt.ArrayLike = 0.0,
    fittings_share: npt.ArrayLike = 0.0,
    height_m: npt.ArrayLike = 0.0,
    pumps: Pumps | None = None,
    hazen_williams: npt.ArrayLike | None = None,
) -> PipeNetwork:
    """Return a network of pipes, checked; see `PipeNetwork` for the parameters.

    There are as many nodes as demands, and as many pipes as rows of `ends`; all else may be one value for all. Without
    `supply_pa` pressures are told against that of the supplies.

    Raises
    ------
    ValueError
        With all faults at once: shapes that do not fit, ends that are no nodes, a pipe from a node to itself, length,
        diameter or coefficient that is not positive, roughness or loss that is negative, demand, height or pressure
        that is not finite, no supply, or one node supplied twice.

    Examples
    --------
    >>> network = pipe_network([[0, 1], [1, 2]], [100.0, 50.0], 0.1, 1e-4, [0.0, 2.0, 1.0], supply=[0])
    >>> network.nodes, network.pipes
    (3, 2)
    """
    joined = np.array(ends, dtype=np.int64, order="C")
    if joined.ndim != 2 or joined.shape[1] != 2:
        raise ValueError(f"ends must be of shape (pipes, 2), not {joined.shape}")
    demand = np.array(demand_kg_s, dtype=np.float64, ndmin=1)
    held = np.array(supply, dtype=np.int64, ndmin=1)
    faults: list[str] = []

    def column(name: str, values: npt.ArrayLike, count: int) -> Floats:
        given = np.asarray(values, dtype=np.float64)
        if given.shape not in {(), (count,)}:
            faults.append(f"{name} must be one value or {count}, not of shape {given.shape}")
            return np.ones(count)
        return np.array(np.broadcast_to(given, count))

    pipes, nodes = len(joined), len(demand)
    network = PipeNetwork(
        ends=joined,
        length_m=column("length_m", length_m, pipes),
        inner_m=column("inner_m", inner_m, pipes),
        roughness_m=column("roughness_m", roughness_m, pipes),
        local_loss=column("local_loss", local_loss, pipes),
        fittings_share=column("fittings_share", fittings_share, pipes),
        demand_kg_s=demand,
        height_m=column("height_m", height_m, nodes),
        supply=held,
        supply_pa=column("supply_pa", supply_pa, len(held)),
        pumps=pumps or Pumps(np.zeros((0, 2), dtype=np.int64), np.zeros(0), np.zeros(0)),
        hazen_williams=None if hazen_williams is None else column("hazen_williams", hazen_williams, pipes),
    )
    faults += _faults(network)
    if faults:
        raise ValueError("; ".join(faults))
    return network


def named(kind: str, indices: npt.ArrayLike) -> str:
    """Return some nodes or pipes by number, the first of many.

    Examples
    --------
    >>> named("node", [3, 5])
    'nodes 3, 5'
    """
    listed = np.asarray(indices, dtype=np.int64).tolist()
    more = f" and {len(listed) - TOLD} more" if len(listed) > TOLD else ""
    return f"{kind}{'s' if len(listed) > 1 else ''} {', '.join(map(str, listed[:TOLD]))}{more}"


def _faults(network: PipeNetwork) -> list[str]:
    """Return what is wrong with the values of a network."""
    faults: list[str] = []

    def told(kind: str, problem: str, wrong: Flags) -> None:
        if wrong.any():
            faults.append(f"{named(kind, np.flatnonzero(wrong))}: {problem}")

    def ends(kind: str, joined: Integers) -> None:
        outside = (joined < 0) | (joined >= network.nodes)
        told(kind, f"ends must be nodes from 0 to {network.nodes - 1}", outside[:, 0] | outside[:, 1])
        told(kind, "must join two different nodes", joined[:, 0] == joined[:, 1])

    def positive(kind: str, name: str, values: Floats) -> None:
        told(kind, f"{name} must be positive and finite", ~(np.isfinite(values) & (values > 0.0)))

    def not_negative(name: str, values: Floats) -> None:
        told("pipe", f"{name} must be finite and not negative", ~(np.isfinite(values) & (values >= 0.0)))

    ends("pipe", network.ends)
    positive("pipe", "length_m", network.length_m)
    positive("pipe", "inner_m", network.inner_m)
    not_negative("roughness_m", network.roughness_m)
    not_negative("local_loss", network.local_loss)
    not_negative("fittings_share", network.fittings_share)
    told("pipe", "roughness_m must be less than inner_m", network.roughness_m >= network.inner_m)
    if network.hazen_williams is not None:
        positive("pipe", "hazen_williams", network.hazen_williams)
    told("node", "demand_kg_s must be finite", ~np.isfinite(network.demand_kg_s))
    told("node", "height_m must be finite", ~np.isfinite(network.height_m))
    ends("pump", network.pumps.ends)
    positive("pump", "flow_kg_s", network.pumps.flow_kg_s)
    positive("pump", "pressure_pa", network.pumps.pressure_pa)
    return faults + _supply_faults(network)


def _supply_faults(network: PipeNetwork) -> list[str]:
    supply, faults = network.supply, []
    if not len(supply):
        faults.append("no supply: give at least one node whose pressure is held")
    outside = (supply < 0) | (supply >= network.nodes)
    if outside.any():
        faults.append(f"supply must be nodes from 0 to {network.nodes - 1}, not {supply[outside].tolist()}")
    if len(np.unique(supply)) < len(supply):
        faults.append("supply names a node twice")
    if not np.isfinite(network.supply_pa).all():
        faults.append("supply_pa must be finite")
    return faults
