"""Cooling networks on the streets of Lujiazui, Shanghai, for demand that is made up; streets and buildings are real.

The data is OpenStreetMap (ODbL), cut at the edges of tiles. The page ``docs/zug_network.md`` tells of it.
"""

from dataclasses import dataclass
from pathlib import Path
from time import process_time

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from layers.buildings import read_buildings
from layers.crs import study_crs
from layers.errors import Findings
from layers.streets import StreetOptions, read_streets
from layers.units import KWH_PER_MWH
from layers.vector import Source
from spatial.networks.alternatives import individual
from spatial.networks.layout import Candidates, District, Layout, Sites, Streets, cost_bound_cny, lay_out, yearly_cny
from spatial.networks.options import NetworkOptions
from spatial.networks.streets import Digging, Fronted, StreetGraph, barriers, front, reasons, street_graph
from spatial.networks.tree import Engineer, Hung, Sized

Flags = NDArray[np.bool_]
Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Texts = NDArray[np.object_]

MAP = Path("shanghai_lujiazui_osm") / "shanghai.gpkg"
WATER = ("water", "river", "riverbank", "canal")
"""Kinds of the layer of water that a trench must cross."""
AROUND_DEG = 0.002

# made up, to have something to lay out
COLD_KWH_M2, FULL_LOAD_H = 80.0, 1000.0
STOREY_M, USUAL_M = 4.0, 18.0
"""Height of a storey, and of a building whose height the data does not tell [m]."""
SITES, APART_M = 5, 800.0
"""How many plants there may be: at the buildings of most floor area, so far from each other [m]."""
AMPLE_KW = 300_000.0
"""A plant that is large enough for whatever it may get."""
YEAR = 2030


@dataclass(frozen=True, eq=False)
class Area:
    """What the data tells of Lujiazui.

    Attributes
    ----------
    streets, buildings
        Tables `layers.tables.place.STREETS` and `layers.tables.place.BUILDINGS`.
    tunnels
        How many of the streets run in a tunnel, where no pipe is laid.
    at_tunnels
        How many buildings have a tunnel for their nearest line.
    water
        What is crossed at a price.
    floor_m2
        Floor area of each building, of its height.
    graph, repairs
        The street graph and what was mended.
    fronted
        The graph that buildings have joined.
    why
        Why a building cannot be reached.
    sites
        Buildings at which a plant may stand.
    seconds
        Time of the processor for graph and frontages [s].
    """

    streets: gpd.GeoDataFrame
    buildings: gpd.GeoDataFrame
    tunnels: int
    at_tunnels: int
    water: gpd.GeoDataFrame
    floor_m2: Floats
    graph: StreetGraph
    repairs: gpd.GeoDataFrame
    fronted: Fronted
    why: Texts
    sites: Integers
    seconds: float


@dataclass(frozen=True, eq=False)
class Network:
    """A network laid out.

    Attributes
    ----------
    engineer
        Who sized the pipes.
    joined
        Which buildings have joined.
    trees, sized
        Pipes of each plant.
    plants
        Building of each plant.
    cost_cny, bound_cny
        What plants, pipes and production cost a year, and what no layout for those who joined can cost less than.
    seconds
        Time of the processor for the layout [s].
    """

    engineer: Engineer
    joined: Flags
    trees: list[Hung]
    sized: list[Sized]
    plants: Integers
    cost_cny: float
    bound_cny: float
    seconds: float

    @property
    def dn_mm(self) -> Floats:
        """Nominal diameters of all pipes [mm]."""
        return np.concatenate([self.engineer.pipes.dn_mm[one.size[1:]] for one in self.sized])

    @property
    def trench_m(self) -> float:
        """Length of all pipes [m]."""
        return float(sum(tree.length_m.sum() for tree in self.trees))

    @property
    def head_pa(self) -> float:
        """Highest head of a pump [Pa]."""
        heads = [self.engineer.head_pa(tree, sized) for tree, sized in zip(self.trees, self.sized, strict=True)]
        return float(max(head.max() for head in heads))


def read_area(data: Path) -> Area:
    """Read streets, buildings and water, and join buildings to the street graph."""
    path, findings = data / MAP, Findings()
    west, south, east, north = gpd.read_file(path, layer="landuse").total_bounds
    crs = study_crs((west + east) / 2.0, (south + north) / 2.0)
    frame = shapely.buffer(shapely.box(west, south, east, north), AROUND_DEG)
    zone = gpd.GeoDataFrame(geometry=[frame], crs="EPSG:4326").to_crs(crs)
    streets = read_streets(Source(path, "roads"), StreetOptions(), zone, findings)
    buildings = read_buildings(Source(path, "buildings"), zone, findings)
    if streets is None or buildings is None:
        raise ValueError("; ".join(str(fault) for fault in findings.errors))
    drawn = gpd.read_file(path, layer="water").to_crs(crs)
    area = drawn.geom_type.isin(["Polygon", "MultiPolygon"]) & drawn["kind"].isin(WATER)
    water = drawn.loc[area, ["geometry"]].assign(kind="water")
    height = buildings["height_m"].fillna(USUAL_M).to_numpy(dtype=np.float64)
    storeys = np.maximum(1.0, np.round(height / STOREY_M))
    floor = np.asarray(buildings.area.to_numpy() * storeys, dtype=np.float64)
    shapes, plain, start = buildings.geometry.to_numpy(), NetworkOptions(), process_time()
    digging = Digging(barriers=barriers(water, crs=crs))
    # a building is joined to the line that is nearest in the plan, and that may be a tunnel far below it
    below = (streets["level"] < 0).to_numpy()
    graph, repairs = street_graph(streets[~below], plain.snap_m, plain.gap_m, digging)
    fronted = front(graph, shapes, plain.frontage_m, plain.snap_m)
    why = reasons(fronted, shapes, plain.frontage_m)
    seconds = process_time() - start
    _, line = shapely.STRtree(streets.geometry.to_numpy()).query_nearest(
        shapes, max_distance=plain.frontage_m, all_matches=False
    )
    return Area(
        streets, buildings, int(below.sum()), int(below[line].sum()), water, floor, graph, repairs, fronted, why,
        _sites(buildings, floor, fronted.node), seconds,
    )  # fmt: skip


def _sites(buildings: gpd.GeoDataFrame, floor_m2: Floats, node: Integers) -> Integers:
    """Return the buildings of most floor area that front a street and stand apart from each other."""
    places = shapely.get_coordinates(buildings.geometry.centroid.to_numpy())
    chosen: list[int] = []
    for one in np.argsort(-floor_m2, kind="stable").tolist():
        away = np.hypot(*(places[chosen] - places[one]).T)
        if node[one] >= 0 and (away > APART_M).all():
            chosen.append(one)
        if len(chosen) == SITES:
            break
    return np.array(chosen, dtype=np.int64)


def laid_out(area: Area, options: NetworkOptions) -> Network:
    """Lay out a cooling network for all buildings that can be reached."""
    engineer, node, graph = Engineer("cooling", options), area.fronted.node, area.fronted.graph
    peak = area.floor_m2 * COLD_KWH_M2 / FULL_LOAD_H
    energy = area.floor_m2 * COLD_KWH_M2 / KWH_PER_MWH
    instead = individual("cooling", options, YEAR, 0.0)
    worth = energy * instead.cny_mwh + peak * (instead.cny_kw - options.substation_cny_kw * engineer.plant_rate)
    reached = np.flatnonzero(node >= 0)
    count = np.maximum(1.0, area.floor_m2 / options.substation_floor_m2)
    forced = np.full(len(reached), options.join == "forced")
    who = Candidates(node[reached], energy[reached], peak[reached], count[reached], worth[reached], forced)
    fixed = (options.station_cny + options.consumer_site_cny) * engineer.plant_rate
    each = np.ones(len(area.sites))
    sites = Sites(
        node[area.sites],
        each * options.station_kw,
        each * fixed,
        each * engineer.carrier.plant_cny_kw * engineer.plant_rate,
        each * engineer.production_cny_mwh,
    )
    ways = Streets(len(graph.points), graph.ends, graph.lengths, graph.dig_factor, graph.crossing_cny)
    district = District(engineer, ways, who, sites)
    start = process_time()
    layout = lay_out(district)
    seconds = process_time() - start
    return _told(area, district, layout, reached, seconds)


def _told(area: Area, district: District, layout: Layout, reached: Integers, seconds: float) -> Network:
    load, trees = district.load(layout.joined), layout.trees(district)
    prices = district.sites.cny_mwh[layout.sites]
    joined = np.zeros(len(area.buildings), dtype=bool)
    joined[reached[layout.joined]] = True
    brought = float(district.candidates.worth_cny[layout.joined].sum())
    return Network(
        district.engineer,
        joined,
        trees,
        [district.engineer.size(tree, load, float(price)) for tree, price in zip(trees, prices, strict=True)],
        area.sites[layout.sites],
        yearly_cny(district, layout) + brought,
        cost_bound_cny(district, layout.joined),
        seconds,
    )


def crossings(area: Area, network: Network) -> pd.Series:
    """Return how often a network crosses water, half a time where it ends there, and what that costs [CNY]."""
    edges = np.concatenate([tree.edge[1:] for tree in network.trees])
    graph = area.fronted.graph
    return pd.Series({"times": graph.crossings[edges].sum(), "cny": graph.crossing_cny[edges].sum()})
