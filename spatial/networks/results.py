"""The tables of a designed network: pipes from junction to junction, plants, connections and the summary."""

from dataclasses import dataclass
from functools import cached_property

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from layers.units import KWH_PER_MWH
from spatial.networks.alternatives import Individual
from spatial.networks.candidates import Consumers, Place, Where
from spatial.networks.layout import District, Layout
from spatial.networks.options import Network
from spatial.networks.streets import StreetGraph
from spatial.networks.tree import Engineer, Hung, Load, Sized

Flags = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Texts = npt.NDArray[np.object_]


@dataclass(frozen=True, eq=False)
class Branch:
    """One plant with its pipes.

    Attributes
    ----------
    number
        From 1, within its network.
    row
        Of its parcel in the land table.
    tree, sized, load
        Pipes from the plant, their sizes, and what is needed at the nodes of the streets.
    fixed_cny, cny_kw
        Investment in the plant: of any size [CNY], and per capacity [CNY/kW].
    cny_mwh, cop
        What it makes heat or cold for [CNY/MWh], and heat or cold per electricity.
    """

    number: int
    row: int
    tree: Hung
    sized: Sized
    load: Load
    fixed_cny: float
    cny_kw: float
    cny_mwh: float
    cop: float

    @property
    def capacity_kw(self) -> float:
        """Joint peak of all it serves [kW]."""
        return float(self.sized.design_kw[0])

    @property
    def capex_cny(self) -> float:
        """Investment in the plant [CNY]."""
        return self.fixed_cny + self.cny_kw * self.capacity_kw

    @property
    def plant_electricity_mwh(self) -> float:
        """What the plant takes a year to make what is delivered and what is lost [MWh/a]."""
        return (float(self.sized.energy_mwh[0]) + float(self.sized.loss_mwh.sum())) / self.cop

    def head_pa(self, engineer: Engineer) -> float:
        """Return the head of the pump [Pa]: every pipe on the way to the worst consumer carries its design flow."""
        return float(engineer.head_pa(self.tree, self.sized).max())


def yearly_cost_cny(engineer: Engineer, branches: list[Branch], joined_kw: float) -> float:
    """Return what a network costs a year [CNY/a]: instalments and upkeep of pipes, plants and substations, electricity.

    Parameters
    ----------
    engineer
        Who sized the pipes.
    branches
        Plants with their pipes.
    joined_kw
        Sum of the peaks of those who have joined, for which their substations are made [kW].
    """
    options = engineer.options
    electricity = sum(one.plant_electricity_mwh + engineer.pumping_mwh(one.sized) for one in branches)
    return (
        sum(float(one.sized.capex_cny.sum()) for one in branches) * engineer.pipe_rate
        + (sum(one.capex_cny for one in branches) + joined_kw * options.substation_cny_kw) * engineer.plant_rate
        + electricity * options.electricity_cny_kwh * KWH_PER_MWH
    )


def branches_of(engineer: Engineer, district: District, layout: Layout, where: list[Where]) -> list[Branch]:
    """Return the plants of a layout with their pipes sized; `where` is the row of each site's parcel, and its COP."""
    sites, load = district.sites, district.load(layout.joined)
    return [
        Branch(
            number=number,
            row=where[site][0],
            tree=tree,
            sized=engineer.size(tree, load, float(sites.cny_mwh[site])),
            load=load,
            fixed_cny=float(sites.fixed_cny[site]) / engineer.plant_rate,
            cny_kw=float(sites.cny_kw[site]) / engineer.plant_rate,
            cny_mwh=float(sites.cny_mwh[site]),
            cop=where[site][1],
        )
        for number, (site, tree) in enumerate(zip(layout.sites.tolist(), layout.trees(district), strict=True), start=1)
    ]


@dataclass(frozen=True, eq=False)
class Designed:
    """A network as it is laid out and sized.

    Attributes
    ----------
    engineer
        Who sized the pipes.
    place
        Parcels and the streets that they have joined.
    consumers
        Parcels with demand.
    branches
        Plants with their pipes.
    connected
        Which consumers have joined.
    """

    engineer: Engineer
    place: Place
    consumers: Consumers
    branches: list[Branch]
    connected: Flags

    @cached_property
    def node(self) -> Integers:
        """Node of the streets that each consumer fronts."""
        return np.asarray(self.place.fronted.node[self.consumers.row])

    @cached_property
    def served(self) -> Integers:
        """Number of the plant that serves each consumer, from 1; 0 for those left out."""
        served = np.zeros(len(self.node), dtype=np.int64)
        for branch in self.branches:
            served[self.connected & np.isin(self.node, branch.tree.node)] = branch.number
        return served

    @cached_property
    def begun(self) -> Integers:
        """Year from which each consumer can be served: it and its plant stand, networks are begun."""
        year = self.place.land["phase_year"].to_numpy().astype(np.int64)
        first = self.engineer.options.first_year
        plant = np.array([first, *(max(first, year[branch.row]) for branch in self.branches)], dtype=np.int64)
        return np.asarray(np.maximum(year[self.consumers.row], plant[self.served]))


def station_id(network: Network, number: int) -> str:
    """Return the name of a plant."""
    return f"{network}-station-{number:02d}"


def connections_table(
    net: Designed, reason: Texts, worth_cny: Floats, joining_cny: Floats, received: tuple[Floats, Floats]
) -> pd.DataFrame:
    """Return the verdict on every parcel with demand, ordered by parcel.

    Parameters
    ----------
    net
        The network.
    reason
        Why each consumer is left out.
    worth_cny, joining_cny
        What each brings, and what it would cost to add him alone [CNY/a].
    received
        Temperature [C] and difference of pressure [Pa] that each receives.
    """
    network, who, connected = net.engineer.network, net.consumers, net.connected
    table = pd.DataFrame(
        {
            "network": pd.array([network] * len(who.row), dtype="str"),
            "parcel_id": pd.array(who.parcel_id, dtype="str"),
            "connected": connected,
            "reason": pd.array(reason, dtype="str"),
            "station_id": pd.array([station_id(network, one) if one else "" for one in net.served], dtype="str"),
            "demand_mwh": who.energy_mwh,
            "peak_kw": who.peak_kw,
            "worth_cny": worth_cny,
            "joining_cny": np.where(connected, np.nan, joining_cny),
            "supply_c": received[0],
            "difference_pa": received[1],
        }
    )
    return table.sort_values("parcel_id", ignore_index=True)


def pipes_table(net: Designed) -> gpd.GeoDataFrame:
    """Return one row per pipe between plants, consumers and branching points, from each plant outwards."""
    engineer, graph = net.engineer, net.place.fronted.graph
    nodes, begun = net.node[net.connected], net.begun[net.connected]
    rows: list[dict[str, object]] = []
    lines: list[shapely.LineString] = []
    for branch in net.branches:
        tree, sized = branch.tree, branch.sized
        year = earliest(tree, nodes, begun)
        head = engineer.head_pa(tree, sized)
        for chain in chains(branch):
            position = chain[0]
            rows.append(
                {
                    "station_id": station_id(engineer.network, branch.number),
                    "dn_mm": engineer.pipes.dn_mm[sized.size[position]],
                    "parallel": int(sized.parallel[position]),
                    "length_m": float(tree.length_m[chain].sum()),
                    "peak_kw": sized.design_kw[position],
                    "flow_kg_s": sized.flow_kg_s[position],
                    "velocity_m_s": sized.velocity_m_s[position],
                    "pressure_drop_pa_m": sized.gradient_pa_m[position],
                    "head_pa": head[position],
                    "loss_mwh": float(sized.loss_mwh[chain].sum()),
                    "cost_cny": float(sized.capex_cny[chain].sum()),
                    "phase_year": int(year[position]),
                }
            )
            lines.append(course(graph, tree, chain))
    names = (
        "station_id", "dn_mm", "parallel", "length_m", "peak_kw", "flow_kg_s", "velocity_m_s", "pressure_drop_pa_m",
        "head_pa", "loss_mwh", "cost_cny", "phase_year",
    )  # fmt: skip
    frame = pd.DataFrame(rows, columns=list(names)).astype(
        {name: "int64" if name in {"parallel", "phase_year"} else "float64" for name in names[1:]}
        | {"station_id": "str"}
    )
    names_of = [f"{engineer.network}-{one:05d}" for one in range(1, len(rows) + 1)]
    frame.insert(0, "pipe_id", pd.Series(names_of, dtype="str"))
    frame.insert(1, "network", pd.Series([engineer.network] * len(rows), dtype="str"))
    return gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries(lines))


def chains(branch: Branch) -> list[list[int]]:
    """Return the pipes between plant, consumers and branching points: positions of the tree from each one's far end."""
    tree = branch.tree
    children = np.bincount(tree.parent[1:], minlength=len(tree.node))
    key = (children != 1) | (branch.load.peak_kw[tree.node] > 0.0)
    key[0] = True
    found = []
    for position in np.flatnonzero(key)[1:].tolist():
        chain = [position]
        while not key[tree.parent[chain[-1]]]:
            chain.append(int(tree.parent[chain[-1]]))
        found.append(chain)
    return found


def earliest(tree: Hung, nodes: Integers, served_from: Integers) -> Integers:
    """Return per position of the tree the earliest year from which a parcel at or below it can be served."""
    year = np.full(len(tree.node), np.iinfo(np.int64).max)
    position = {node: place for place, node in enumerate(tree.node.tolist())}
    for node, one in zip(nodes.tolist(), served_from.tolist(), strict=True):
        if node in position:
            year[position[node]] = min(year[position[node]], one)
    for place in tree.order[:0:-1]:
        above = tree.parent[place]
        year[above] = min(year[above], year[place])
    return year


def course(graph: StreetGraph, tree: Hung, chain: list[int]) -> shapely.LineString:
    """Return the line of a pipe in the direction of the flow."""
    parts: list[Floats] = []
    for position in reversed(chain):
        course = shapely.get_coordinates(graph.lines[tree.edge[position]])
        forward = graph.ends[tree.edge[position], 1] == tree.node[position]
        parts.append((course if forward else course[::-1])[1 if parts else 0 :])
    return shapely.LineString(np.concatenate(parts))


def stations_table(net: Designed, joint_head_pa: list[float]) -> gpd.GeoDataFrame:
    """Return the plants of a network, or no row where there is no network.

    The pump of each is sized for pipes that all carry their own design flow; `joint_head_pa` is what it gives when all
    peak together.
    """
    engineer, branches, land, graph = net.engineer, net.branches, net.place.land, net.place.fronted.graph
    network = engineer.network
    frame = pd.DataFrame(
        {
            "station_id": pd.array([station_id(network, one.number) for one in branches], dtype="str"),
            "network": pd.array([network] * len(branches), dtype="str"),
            "parcel_id": pd.array([str(land["parcel_id"].iloc[one.row]) for one in branches], dtype="str"),
            "capacity_kw": np.array([one.capacity_kw for one in branches], dtype=np.float64),
            "head_pa": np.array([one.head_pa(engineer) for one in branches], dtype=np.float64),
            "joint_head_pa": np.array(joint_head_pa, dtype=np.float64),
            "capex_cny": np.array([one.capex_cny for one in branches], dtype=np.float64),
        }
    )
    points = [shapely.Point(graph.points[one.tree.node[0]]) for one in branches]
    return gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries(points))


def summary_table(net: Designed, instead: Individual, grid_t_mwh: float, bound_cny: float) -> pd.DataFrame:
    """Return the key figures of a network; where it connects nobody, sums are zero and what is per delivery is empty.

    The cost per MWh delivered is that of `yearly_cost_cny`. `bound_cny` is what plants and pipes for the same consumers
    cost at least a year.
    """
    engineer, branches, who, connected = net.engineer, net.branches, net.consumers, net.connected
    delivered, demand = float(who.energy_mwh[connected].sum()), float(who.energy_mwh.sum())
    trench = sum(float(one.tree.length_m.sum()) for one in branches)
    loss = sum(float(one.sized.loss_mwh.sum()) for one in branches)
    pumping = sum(engineer.pumping_mwh(one.sized) for one in branches)
    plant_electricity = sum(one.plant_electricity_mwh for one in branches)
    pipes = sum(float(one.sized.capex_cny.sum()) for one in branches)
    plants = sum(one.capex_cny for one in branches)
    joined_kw = float(who.peak_kw[connected].sum())
    substations = joined_kw * engineer.options.substation_cny_kw
    yearly = yearly_cost_cny(engineer, branches, joined_kw)
    priced = sum(
        float(one.sized.yearly_cny.sum()) + one.capex_cny * engineer.plant_rate + one.cny_mwh * one.sized.energy_mwh[0]
        for one in branches
    )
    otherwise = delivered * instead.cny_mwh + joined_kw * instead.cny_kw
    some = delivered > 0.0
    return pd.DataFrame(
        {
            "network": pd.array([engineer.network], dtype="str"),
            "parcels_connected": [int(connected.sum())],
            "plants": [len(branches)],
            "trench_m": [trench],
            "delivered_mwh": [delivered],
            "loss_mwh": [loss],
            "pumping_mwh": [pumping],
            "plant_electricity_mwh": [plant_electricity],
            "hot_water_mwh": [float(who.hot_water_mwh[connected].sum())],
            "peak_kw": [sum(one.capacity_kw for one in branches)],
            "head_pa": [max((one.head_pa(engineer) for one in branches), default=0.0)],
            "linear_density_mwh_m": [delivered / trench if trench > 0.0 else np.nan],
            "capex_cny": [pipes + plants + substations],
            "plant_capex_cny": [plants],
            "cost_cny_mwh": [yearly / delivered if some else np.nan],
            "alternative_cny_mwh": [otherwise / delivered if some else np.nan],
            "layout_cny": [priced],
            "layout_bound_cny": [bound_cny],
            "co2_t": [(plant_electricity + pumping) * grid_t_mwh],
            "alternative_co2_t": [delivered * instead.t_mwh],
            "connected_share": [delivered / demand if demand > 0.0 else 0.0],
        }
    )
