"""The cooling network published for Zug beside the one nearzero lays out for the same consumers. Nothing is fitted.

The data is the reference case of the City Energy Analyst (CEA), baseline (MIT licence). Run ``python
tests/validation/zug_network.py [folder of the data sets]`` to write the page ``docs/zug_network.md`` and its maps;
`zug_network_page` holds what they look like.
"""

import sys
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

import zug
from layers.units import W_PER_KW
from spatial.networks.pipes import Catalogue
from spatial.networks.streets.digging import SERVICE, dig_factors
from spatial.networks.tree import Engineer, Hung, Sized, hang

Flags = NDArray[np.bool_]
Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Shapes = NDArray[np.object_]

ROOT, DATA = zug.ROOT, zug.DATA
RESULTS = zug.CASE / "outputs" / "data" / "thermal-network"
HOURLY = {
    "flow": "massflow_edges_kgs.csv.gz",
    "gradient": "linear_pressure_drop_edges_Paperm.csv.gz",
    "node_flow": "massflow_nodes_kgs.csv.gz",
    "node_pressure": "pressure_at_nodes_Pa.csv.gz",
    "demand_w": "thermal_demand_per_building_W.csv",
    "pumping_kw": "plant_pumping_load_kW.csv",
    "pressure_sum": "plant_pumping_pressure_loss_Pa.csv",
    "plant_temperature": "temperature_plant_K.csv",
    "gain_kw": "total_thermal_loss_edges_kW.csv.gz",
    "plant_kw": "plant_thermal_load_kW.csv",
}

# What the data set does not state, from the program it was made with: CEA, cea/technologies/thermal_network/
# simplified_thermal_network.py and its constants. Tests find each of them again in the published hours.
FRICTION_C, EQUIVALENT_LENGTH = 100.0, 0.2
"""Coefficient of Hazen and Williams; length added for fittings, as a share."""
SIZING_M_S = 2.0
"""Velocity at the year's highest flow whose diameter is rounded to the nearest of the catalogue."""
DENSITY, SPECIFIC_HEAT = 998.0, 4185.0
PUMP_EFFICIENCY, LEAST_PA = 0.8, 20_000.0
STEEL_W_MK, INSULATION_W_MK = 58.7, 0.059
"""Conductivities of wall and insulation; the resistance of the soil is left out."""
NULL_K, PA_PER_FOOT, PA_PER_METRE = 273.0, 2989.0669, 9806.65
"""What 0 C is in its substations [K]; pressure of a foot and of a metre of water [Pa]."""

SUPPLY_C = 5.0
"""Supply of the plant: the coldest that a consumer asks for, and the default of nearzero."""
SMOOTH_MM = 0.1
"""Roughness by European practice, beside the default of nearzero."""
NEAR_M = 10.0
"""Routes nearer than this are shared."""


@dataclass(frozen=True, eq=False)
class Published:
    """A network of the data set with its results of 8,760 hours.

    Attributes
    ----------
    nodes, edges
        In repaired coordinates, by name.
    ends
        Nodes that each edge joins, by position, shape (edges, 2).
    tables
        Hourly results by the names of `HOURLY`.
    pipes
        The data set's catalogue, by nominal diameter.
    air_c
        The year's mean air temperature, which the program takes for that of the ground [C].
    """

    nodes: gpd.GeoDataFrame
    edges: gpd.GeoDataFrame
    ends: Integers
    tables: dict[str, pd.DataFrame]
    pipes: pd.DataFrame
    air_c: float

    @cached_property
    def consumers(self) -> "pd.Series[str]":
        """Building of each consumer's node."""
        return self.nodes.loc[self.nodes["Type"] == "CONSUMER", "Building"].sort_values()

    @property
    def plant(self) -> str:
        """Node of the plant."""
        return str(self.nodes.index[self.nodes["Type"] == "PLANT"][0])

    @cached_property
    def taken_kg_s(self) -> Floats:
        """What each consumer takes, shape (hours, consumers)."""
        return self.tables["node_flow"][self.consumers.index].to_numpy()

    @cached_property
    def demand_kw(self) -> Floats:
        """Cold that each consumer takes, shape (hours, consumers)."""
        return np.asarray(self.tables["demand_w"][self.consumers].to_numpy() / W_PER_KW)

    @property
    def peak_hour(self) -> int:
        """Hour of the highest flow at the plant."""
        return int(self.taken_kg_s.sum(axis=1).argmax())

    @property
    def coincidence(self) -> float:
        """Highest flow at the plant over the sum of the consumers' own highest flows."""
        return float(self.taken_kg_s.sum(axis=1).max() / self.taken_kg_s.max(axis=0).sum())

    @property
    def peak_difference_k(self) -> float:
        """Mean temperature difference of all consumers in that hour, weighted by flow [K]."""
        hour = self.peak_hour
        return float(self.demand_kw[hour].sum() * W_PER_KW / (self.taken_kg_s[hour].sum() * SPECIFIC_HEAT))


def layers_of(data: Path, name: str) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Return nodes and edges of a network: ``DC``, ``DC/today`` or ``DH/today``."""
    folder = data / RESULTS / name
    return zug.repaired(folder / "nodes.shp"), zug.repaired(folder / "edges.shp")


def read_published(data: Path = DATA) -> Published:
    """Read the cooling network with its hourly results."""
    nodes, edges = layers_of(data, "DC")
    told = pd.read_csv(data / RESULTS / "DC__metadata_edges.csv", index_col="Name")
    inputs = data / zug.CASE / "inputs"
    pipes = pd.read_excel(inputs / "technology" / "components" / "DISTRIBUTION.xlsx", index_col="Pipe_DN")
    edges = edges.assign(Pipe_DN=told["Pipe_DN"], inner_m=told["D_int_m"])
    return Published(
        nodes,
        edges,
        ends_of(nodes, edges),
        {name: pd.read_csv(data / RESULTS / f"DC__{file}") for name, file in HOURLY.items()},
        pipes,
        float(pd.read_csv(inputs / "weather" / "weather.epw", skiprows=8, header=None, usecols=[6])[6].mean()),
    )


def ends_of(nodes: gpd.GeoDataFrame, edges: gpd.GeoDataFrame) -> Integers:
    """Return the nodes at both ends of each edge, by position, shape (edges, 2)."""
    tree = shapely.STRtree(nodes.geometry.to_numpy())
    ends = [tree.query_nearest(shapely.get_point(edges.geometry.to_numpy(), end))[1] for end in (0, -1)]
    return np.column_stack(ends).astype(np.int64)


@dataclass(frozen=True, eq=False)
class Route:
    """Where pipes lie; all arrays but the last have one entry per node of the tree, for the pipe towards its parent.

    Attributes
    ----------
    tree
        Seen from the plant.
    lines
        Course of each pipe; that of the plant has no meaning.
    service
        Which are house connections.
    at
        Place of each consumer in the tree.
    """

    tree: Hung
    lines: Shapes
    service: Flags
    at: Integers

    @cached_property
    def behind(self) -> Floats:
        """One where a consumer is behind a pipe, else zero, shape (consumers, nodes)."""
        own = np.zeros((len(self.at), len(self.tree.node)))
        own[np.arange(len(self.at)), self.at] = 1.0
        return self.tree.below(own)

    @property
    def trench_m(self) -> float:
        """Length of all pipes [m]."""
        return float(self.tree.length_m.sum())

    @cached_property
    def pipes(self) -> list[list[int]]:
        """Pipes between plant, consumers and branching points: places in the tree, from each one's far end."""
        parent = self.tree.parent
        key = np.bincount(parent[1:], minlength=len(parent)) != 1
        key[self.at] = key[0] = True
        found = []
        for place in np.flatnonzero(key)[1:].tolist():
            pipe = [place]
            while not key[parent[pipe[-1]]]:
                pipe.append(int(parent[pipe[-1]]))
            found.append(pipe)
        return found

    @property
    def house_m(self) -> float:
        """Length of the house connections [m]."""
        return float(self.tree.length_m[self.service].sum())

    @property
    def shape(self) -> shapely.Geometry:
        """All pipes as one shape."""
        return shapely.union_all(self.lines[1:])

    def shared_with(self, other: "Route") -> float:
        """Return which share of the length lies within `NEAR_M` of another route."""
        near = shapely.buffer(other.shape, NEAR_M)
        return float(shapely.length(shapely.intersection(self.lines[1:], near)).sum() / self.trench_m)


@dataclass(frozen=True, eq=False)
class Laid:
    """A route with sizes, one per node of its tree: nominal and inner diameter, heat loss [W/(m K)], and price."""

    route: Route
    dn_mm: Floats
    inner_m: Floats
    loss_w_mk: Floats
    cost_cny_m: Floats

    @classmethod
    def of(cls, route: Route, sized: Sized, pipes: Catalogue) -> "Laid":
        """Return a route with the sizes of the package."""
        columns = (pipes.dn_mm, pipes.inner_m, pipes.loss_w_mk, pipes.cost_cny_m)
        return cls(route, *(column[sized.size] for column in columns))

    @property
    def mean_dn(self) -> float:
        """Nominal diameter, weighted by length [mm]."""
        return float(np.average(self.dn_mm[1:], weights=self.route.tree.length_m[1:]))

    @property
    def water_m3(self) -> float:
        """Water in supply and return pipes [m3]."""
        return float(2.0 * (np.pi / 4.0 * self.inner_m**2 * self.route.tree.length_m).sum())

    @property
    def capex_cny(self) -> float:
        """Investment in pipes at our prices [CNY]."""
        tree = self.route.tree
        return float((self.cost_cny_m * tree.length_m * tree.dig + tree.crossing_cny).sum())

    def length_by_dn(self) -> "pd.Series[float]":
        """Return the length of each nominal diameter [m]."""
        return pd.Series(self.route.tree.length_m[1:]).groupby(self.dn_mm[1:].astype(int)).sum()


def published_route(nodes: gpd.GeoDataFrame, edges: gpd.GeoDataFrame) -> Route:
    """Return a route of the data set; pipes to consumers are house connections and dug as such."""
    ends = ends_of(nodes, edges)
    kind = nodes["Type"].to_numpy()
    service = (kind[ends] == "CONSUMER").any(axis=1)
    factor = np.where(service, dig_factors()[SERVICE], 1.0)
    lengths = np.asarray(edges.geometry.length, dtype=np.float64)
    tree = hang(int(np.flatnonzero(kind == "PLANT")[0]), ends, lengths, np.arange(len(edges)), factor)
    buildings = nodes["Building"].to_numpy()[tree.node]
    consumers = np.flatnonzero(kind[tree.node] == "CONSUMER")
    at = consumers[np.argsort(buildings[consumers])]
    return Route(tree, edges.geometry.to_numpy()[tree.edge], service[tree.edge] & (tree.edge >= 0), at)


def published_sizes(published: Published, engineer: Engineer) -> Laid:
    """Return the published network with its sizes, its heat loss and our prices."""
    route = published_route(published.nodes, published.edges)
    edges = published.edges.iloc[route.tree.edge]
    dn = edges["Pipe_DN"].to_numpy(dtype=np.float64)
    pipes = published.pipes.loc[dn]
    outer, inner, jacket = (pipes[name].to_numpy() for name in ("D_ext_m", "D_int_m", "D_ins_m"))
    resistance = np.log(outer / inner) / STEEL_W_MK + np.log(jacket / outer) / INSULATION_W_MK
    price = engineer.pipes.cost_cny_m[np.searchsorted(engineer.pipes.dn_mm, dn)]
    return Laid(route, dn, edges["inner_m"].to_numpy(), 2.0 * np.pi / resistance, price)


def main(arguments: list[str]) -> None:
    """Write page and maps."""
    import zug_network_page

    zug_network_page.write(Path(arguments[0]) if arguments else DATA, ROOT / "docs")


if __name__ == "__main__":
    main(sys.argv[1:])
