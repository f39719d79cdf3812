"""A tree of pipes hung on its station: flows, sizes and yearly cost."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from layers.units import KWH_PER_MWH, W_PER_KW
from resources.economics import annuity_factor
from spatial.networks.hydraulics.pipe import accumulate, pressure_gradient_pa_m, velocity_m_s, water
from spatial.networks.options import Network, NetworkOptions
from spatial.networks.pipes import catalogue

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Hung:
    """A tree seen from its root; all arrays have one entry per node, in an order in which parents come first.

    Attributes
    ----------
    node
        Node of the street graph.
    parent
        Position of the parent; the root is its own.
    edge
        Edge of the street graph towards the parent; -1 at the root.
    length_m
        Length of that edge [m].
    dig
        Factor on the investment of pipes there [-].
    crossing_cny
        Investment for what the edge crosses, whatever lies in it [CNY].
    """

    node: Integers
    parent: Integers
    edge: Integers
    length_m: Floats
    dig: Floats
    crossing_cny: Floats

    @property
    def order(self) -> Integers:
        """Positions from the root outwards."""
        return np.arange(len(self.node))

    def below(self, own: Floats) -> Floats:
        """Return per node the sum over itself and all below it, on the last axis."""
        return accumulate(self.parent, self.order, own)


@dataclass(frozen=True, eq=False)
class Load:
    """What consumers need at each node of the street graph: sums that add up along a tree.

    Attributes
    ----------
    energy_mwh
        Energy [MWh/a].
    peak_kw
        Sum of their own peaks [kW].
    square_kw2
        Sum of ``peak ** 2 / substations``, which tells how alike they are, see `equal_consumers` [kW2].
    """

    energy_mwh: Floats
    peak_kw: Floats
    square_kw2: Floats

    @classmethod
    def of(cls, nodes: Integers, energy_mwh: Floats, peak_kw: Floats, count: Floats, size: int) -> "Load":
        """Return the load of consumers at some nodes of a graph; `count` are their substations, `size` its nodes."""
        values = (energy_mwh, peak_kw, peak_kw**2 / count)
        return cls(*(np.bincount(nodes, one, size).astype(np.float64) for one in values))

    def at(self, nodes: Integers) -> Floats:
        """Return the sums at some nodes, shape (3, nodes), in the order above."""
        return np.stack([self.energy_mwh[nodes], self.peak_kw[nodes], self.square_kw2[nodes]])


@dataclass(frozen=True, eq=False)
class Sized:
    """The pipe towards the parent of each node, and what it costs a year; zero at the root.

    `parallel` is above one where the flow asks for more than the largest pipe of the catalogue.
    """

    energy_mwh: Floats
    design_kw: Floats
    flow_kg_s: Floats
    size: Integers
    parallel: Floats
    velocity_m_s: Floats
    gradient_pa_m: Floats
    loss_mwh: Floats
    pumping_mwh: Floats
    capex_cny: Floats
    yearly_cny: Floats


def hang(
    root: int,
    ends: Integers,
    lengths: Floats,
    edges: Integers,
    dig: Floats | None = None,
    crossing_cny: Floats | None = None,
) -> Hung:
    """Return the tree of some edges of a graph as seen from a root node; without factors all digging costs the same."""
    around: dict[int, list[tuple[int, int]]] = {}
    for edge in edges.tolist():
        tail, head = int(ends[edge, 0]), int(ends[edge, 1])
        around.setdefault(tail, []).append((head, edge))
        around.setdefault(head, []).append((tail, edge))
    nodes, parents, above = [root], [0], [-1]
    for position, node in enumerate(nodes):  # grows while it is walked: breadth first
        for other, edge in around.get(node, ()):
            if edge != above[position]:
                nodes.append(other)
                parents.append(position)
                above.append(edge)
    edge = np.array(above, dtype=np.int64)

    def of_edges(values: Floats | None, root_value: float) -> Floats:
        if values is None or not len(values):
            return np.full(len(edge), root_value)
        return np.where(edge >= 0, values[edge], root_value)

    return Hung(
        node=np.array(nodes, dtype=np.int64),
        parent=np.array(parents, dtype=np.int64),
        edge=edge,
        length_m=of_edges(lengths, 0.0),
        dig=of_edges(dig, 1.0),
        crossing_cny=of_edges(crossing_cny, 0.0),
    )


def equal_consumers(peak_kw: npt.ArrayLike, square_kw2: npt.ArrayLike) -> Floats:
    """Return how many equal consumers are as diverse as those given: one where there is none.

    It is ``sum(peak) ** 2 / sum(peak ** 2 / substations)``: the number of substations where all have the same peak, and
    hardly more than one for a large consumer among small ones, whose peak the others do not flatten.

    Parameters
    ----------
    peak_kw, square_kw2
        As of `Load`.
    """
    peak, square = np.asarray(peak_kw, dtype=np.float64), np.asarray(square_kw2, dtype=np.float64)
    return np.maximum(1.0, np.divide(peak**2, square, out=np.ones_like(peak * square), where=square > 0.0))


def diversity_range(network: Network, options: NetworkOptions) -> float:
    """Return what is added to the limit for few consumers: so much that one consumer has no diversity [-]."""
    carrier = options.carrier(network)
    alone = 1.0 / (1.0 + float(options.diversity_half_count**-options.diversity_power))
    return max(carrier.diversity_range, (1.0 - carrier.diversity_limit) / alone)


def diversity(number: npt.ArrayLike, network: Network, options: NetworkOptions) -> Floats:
    """Return the joint peak of consumers over the sum of their own peaks [-].

    It is ``a + b / (1 + (n / c) ** d)``, which Winter, Haslauer and Obernberger (Euroheat & Power 2001, 9/10) fitted to
    heat networks, and no more than 1. Cooling takes the same course down to a limit of its own.

    Parameters
    ----------
    number
        Number of equal consumers (substations).
    network
        Heating or cooling.
    options
        Limits and shape of the curve.
    """
    ratio = np.asarray(number, dtype=np.float64) / options.diversity_half_count
    share = 1.0 / (1.0 + ratio**options.diversity_power)
    limit = options.carrier(network).diversity_limit
    return np.minimum(1.0, limit + diversity_range(network, options) * share)


class Engineer:
    """Sizes and prices the pipes of one network under its options."""

    def __init__(self, network: Network, options: NetworkOptions) -> None:
        self.network: Network = network
        self.options = options
        self.carrier = options.carrier(network)
        self.pipes = catalogue(options.insulation_series)
        self.fluid = water((self.carrier.supply_c + self.carrier.return_c) / 2.0)
        self.pipe_rate = annuity_factor(options.rate, options.pipe_life_a) + options.pipe_operation
        self.plant_rate = annuity_factor(options.rate, options.plant_life_a) + options.plant_operation
        self.production_cny_mwh = options.electricity_cny_kwh * KWH_PER_MWH / self.carrier.plant_cop
        self.capacity_kg_s = self._capacities()
        # pressure at substations, which every consumer's water passes
        per_mwh = options.substation_pa / (self.fluid.specific_heat * self.carrier.difference_k)
        self.substation_pump_mwh_mwh = per_mwh / self.fluid.density / options.pump_efficiency
        self.substation_pump_cny_mwh = self.substation_pump_mwh_mwh * options.electricity_cny_kwh * KWH_PER_MWH
        # of supply and return together: what a return pipe beyond the ground's temperature gains spares the plant
        over = self.carrier.supply_c + self.carrier.return_c - 2.0 * options.ground_c
        self.over_ground_k = max(0.0, over if network == "heating" else -over)
        # no pipe loses more per metre than allowed, so whoever is this near can be served
        self.reach_m = (options.head_max_pa - options.substation_pa) / (
            2.0 * options.pa_per_m * (1.0 + options.fittings_share)
        )

    def _capacities(self) -> Floats:
        """Return the flow each pipe of the catalogue can carry within both limits [kg/s]."""
        area = np.pi / 4.0 * self.pipes.inner_m**2
        high = self.pipes.velocity_m_s * self.fluid.density * area
        low = np.zeros_like(high)
        for _ in range(60):  # halving to double precision; the gradient rises with the flow
            middle = (low + high) / 2.0
            within = self.gradient(middle, self.pipes.inner_m) <= self.options.pa_per_m
            low, high = np.where(within, middle, low), np.where(within, high, middle)
        return low

    def gradient(self, flow_kg_s: Floats, inner_m: Floats) -> Floats:
        """Return the friction of straight pipe [Pa/m]."""
        return pressure_gradient_pa_m(flow_kg_s, inner_m, self.options.roughness_mm / 1000.0, self.fluid)

    def size(self, tree: Hung, load: Load, production_cny_mwh: float | None = None) -> Sized:
        """Return the pipe above each node, sized for the joint peak of all consumers below it.

        Losses are priced at what the plant makes heat or cold for, by default that of the options [CNY/MWh].
        """
        price = self.production_cny_mwh if production_cny_mwh is None else production_cny_mwh
        energy, peak, square = tree.below(load.at(tree.node))
        design = peak * diversity(equal_consumers(peak, square), self.network, self.options)
        flow = design * W_PER_KW / (self.fluid.specific_heat * self.carrier.difference_k)
        parallel = np.maximum(1.0, np.ceil(flow / self.capacity_kg_s[-1]))
        size = np.minimum(np.searchsorted(self.capacity_kg_s, flow / parallel), len(self.capacity_kg_s) - 1)
        inner = self.pipes.inner_m[size]
        metres = tree.length_m * parallel
        loss = self.pipes.loss_w_mk[size] * metres * self.over_ground_k * self.carrier.hours_a / 1e6
        gradient = self.gradient(flow / parallel, inner)
        hours = np.divide(energy * KWH_PER_MWH, design, out=np.zeros_like(design), where=design > 0.0)
        friction_kw = self._pump_kw(2.0 * gradient * tree.length_m * (1.0 + self.options.fittings_share), flow)
        pumping = friction_kw * hours / KWH_PER_MWH
        running = loss * price + pumping * self.options.electricity_cny_kwh * KWH_PER_MWH
        capex = self.pipes.cost_cny_m[size] * metres * tree.dig + tree.crossing_cny
        return Sized(
            energy_mwh=energy,
            design_kw=design,
            flow_kg_s=flow,
            size=size,
            parallel=parallel,
            velocity_m_s=velocity_m_s(flow / parallel, inner, self.fluid.density),
            gradient_pa_m=gradient,
            loss_mwh=loss,
            pumping_mwh=pumping,
            capex_cny=capex,
            yearly_cny=capex * self.pipe_rate + running,
        )

    def _pump_kw(self, pressure_pa: Floats, flow_kg_s: Floats) -> Floats:
        power: Floats = pressure_pa * flow_kg_s / self.fluid.density / self.options.pump_efficiency / W_PER_KW
        return power

    def head_pa(self, tree: Hung, sized: Sized) -> Floats:
        """Return the pressure the pump must give to serve each node: there and back, fittings and substation [Pa]."""
        drop = sized.gradient_pa_m * tree.length_m * (1.0 + self.options.fittings_share)
        along = np.zeros_like(drop)
        for position in tree.order[1:]:
            along[position] = along[tree.parent[position]] + drop[position]
        return 2.0 * along + self.options.substation_pa

    def pumping_mwh(self, sized: Sized) -> float:
        """Return the yearly electricity of the pumps [MWh/a]: friction of each pipe, and the pressure at substations.

        Each pipe has the friction of its peak in all its full-load hours. A pump lifts all water as high as the worst
        consumer needs, which is more, and turns slower at part load, which is less; beside the
        hours of a published network the two nearly cancel, see ``docs/zug_network.md``.
        """
        return float(sized.pumping_mwh.sum() + sized.energy_mwh[0] * self.substation_pump_mwh_mwh)
