"""What nearzero lays out for the published consumers of Zug, on the streets of the data set."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from scipy.optimize import brentq

import zug
from layers.units import W_PER_KW
from spatial.networks.layout import Candidates, District, Layout, Sites, Streets, cost_bound_cny, lay_out, yearly_cny
from spatial.networks.options import NetworkOptions
from spatial.networks.steiner import SteinerTree, solve
from spatial.networks.streets import Fronted, front, street_graph
from spatial.networks.streets.digging import SERVICE
from spatial.networks.tree import Engineer, Load, Sized, diversity, equal_consumers, hang
from zug_network import (
    LEAST_PA,
    PUMP_EFFICIENCY,
    SUPPLY_C,
    Floats,
    Integers,
    Laid,
    Published,
    Route,
    Shapes,
    layers_of,
    published_route,
    published_sizes,
    read_published,
)

POINT_M = 0.05
"""Half the side of the square that stands for a consumer where its pipe ends."""


def street_table(data: Path) -> gpd.GeoDataFrame:
    """Return the 1,001 lines; all are taken as local streets, as the published route follows footways too."""
    lines = gpd.read_file(data / zug.CASE / "inputs" / "networks" / "streets.shp")
    moved = lines.geometry.translate(yoff=-zug.FALSE_NORTHING).set_crs(zug.TRUE_CRS, allow_override=True)
    return gpd.GeoDataFrame({"highway": lines["highway"], "road_class": "local"}, geometry=moved)


def options_of(published: Published) -> NetworkOptions:
    """Return the options that stand for what the published network was made for.

    Temperatures, ground, pump and pressure at consumers are those of the data set. The curve of diversity keeps its
    shape, and is drawn together so far that all consumers coincide as they do there.
    """
    carrier = NetworkOptions().cooling.model_copy(
        update={"supply_c": SUPPLY_C, "return_c": SUPPLY_C + published.peak_difference_k, "hours_a": 8760.0}
    )
    options = NetworkOptions(
        join="forced",
        cooling=carrier,
        substation_pa=LEAST_PA,
        pump_efficiency=PUMP_EFFICIENCY,
        ground_c=published.air_c,
    )

    def drawn(half: float) -> NetworkOptions:
        return options.model_copy(update={"diversity_half_count": half})

    def over(half: float) -> float:
        return float(diversity(equals(published), "cooling", drawn(half))) - published.coincidence

    return drawn(brentq(over, 1.0, options.diversity_half_count, xtol=1e-12, rtol=1e-14))


def equals(published: Published) -> float:
    """Return how many equal consumers the published ones are, by their own highest flows."""
    own = published.taken_kg_s.max(axis=0)
    return float(equal_consumers(own.sum(), (own**2).sum()))


@dataclass(frozen=True, eq=False)
class Found:
    """What nearzero lays out for the published consumers.

    Attributes
    ----------
    engineer
        Who sizes pipes.
    fronted
        The streets with consumers, in the order of `Published.consumers`, and last the plant.
    repairs
        Of the street lines.
    district, layout
        What was laid out, and what was found.
    route, sized, laid
        The route found, and its sizes.
    shortest
        The shortest tree, with the bound that no tree can undercut.
    """

    engineer: Engineer
    fronted: Fronted
    repairs: gpd.GeoDataFrame
    district: District
    layout: Layout
    route: Route
    sized: Sized
    laid: Laid
    shortest: SteinerTree

    @property
    def bound_cny(self) -> float:
        """What no pipes and plant for these consumers can cost less than [CNY/a]."""
        return cost_bound_cny(self.district, self.layout.joined)

    @property
    def yearly_cny(self) -> float:
        """What pipes and plant cost [CNY/a]."""
        return yearly_cny(self.district, self.layout)


def route_on(fronted: Fronted, edges: Integers) -> Route:
    """Return the route along some edges of the streets, from the plant to all consumers."""
    graph, node = fronted.graph, fronted.node
    tree = hang(int(node[-1]), graph.ends, graph.lengths, edges, graph.dig_factor, graph.crossing_cny)
    place = {int(one): at for at, one in enumerate(tree.node)}
    at = np.array([place[int(one)] for one in node[:-1]], dtype=np.int64)
    return Route(tree, graph.lines[tree.edge], (graph.street_class[tree.edge] == SERVICE) & (tree.edge >= 0), at)


def squares(points: Any) -> Shapes:
    """Return small squares around points."""
    return np.asarray(shapely.buffer(points, POINT_M, cap_style="square"))


def fronted_streets(streets: gpd.GeoDataFrame, shapes: Shapes) -> tuple[Fronted, gpd.GeoDataFrame]:
    """Return the streets with shapes joined to them, each at the nearest, and the repairs of the lines."""
    plain = NetworkOptions()
    graph, repairs = street_graph(streets, plain.snap_m, plain.gap_m)
    return front(graph, shapes, plain.frontage_m, plain.snap_m), repairs


def shortest_tree(fronted: Fronted) -> SteinerTree:
    """Return the shortest tree that joins all consumers and the plant."""
    graph = fronted.graph
    return solve(len(graph.points), graph.ends, graph.lengths, fronted.node)


def consumer_load(published: Published, engineer: Engineer) -> Floats:
    """Return energy [MWh/a] and peak [kW] of consumers, shape (2, consumers).

    Peaks are those of the flow, at the temperature difference of all: each consumer has another in its hour, and pipes
    are sized for flows.
    """
    per_flow = engineer.fluid.specific_heat * engineer.carrier.difference_k / W_PER_KW
    return np.stack([published.demand_kw.sum(axis=0) / W_PER_KW, published.taken_kg_s.max(axis=0) * per_flow])


def load_at(route: Route, published: Published, engineer: Engineer) -> Load:
    """Return what consumers need at the nodes of a route's graph."""
    energy, peak = consumer_load(published, engineer)
    node = route.tree.node[route.at]
    return Load.of(node, energy, peak, np.ones(len(node)), int(route.tree.node.max()) + 1)


def laid_out(published: Published, streets: gpd.GeoDataFrame, shapes: Shapes | None = None) -> Found:
    """Lay out a network for the published consumers and plant.

    Parameters
    ----------
    published
        Consumers, their flows, and the plant.
    streets
        Lines that pipes may follow.
    shapes
        Of the consumers; where not given, the points at which the published pipes end.
    """
    engineer = Engineer("cooling", options_of(published))
    points = published.nodes.geometry
    given = squares(points[published.consumers.index]) if shapes is None else shapes
    fronted, repairs = fronted_streets(streets, np.append(given, squares([points[published.plant]])))
    graph, node = fronted.graph, fronted.node
    energy, peak = consumer_load(published, engineer)
    count = len(energy)
    who = Candidates(node[:-1], energy, peak, np.ones(count), np.zeros(count), np.ones(count, dtype=bool))
    # there is one plant and it stands where it stands: its own price moves nothing
    nothing, production = np.zeros(1), np.array([engineer.production_cny_mwh])
    sites = Sites(node[-1:], np.array([np.inf]), nothing, nothing, production)
    ways = Streets(len(graph.points), graph.ends, graph.lengths, graph.dig_factor, graph.crossing_cny)
    district = District(engineer, ways, who, sites)
    layout = lay_out(district)
    route = route_on(fronted, layout.edges[0])
    sized = engineer.size(route.tree, district.load(layout.joined))
    return Found(
        engineer, fronted, repairs, district, layout, route, sized, Laid.of(route, sized, engineer.pipes),
        shortest_tree(fronted),
    )  # fmt: skip


def with_our_sizes(route: Route, published: Published, engineer: Engineer) -> tuple[Laid, Sized]:
    """Return any route to the published consumers with pipes sized as ours are."""
    sized = engineer.size(route.tree, load_at(route, published, engineer))
    return Laid.of(route, sized, engineer.pipes), sized


@dataclass(frozen=True, eq=False)
class Other:
    """A layout of the data set of which nothing but the route is published, and the shortest tree beside it."""

    name: str
    consumers: list[str]
    published: Route
    shortest: Route
    bound_m: float


def other_layout(data: Path, name: str, streets: gpd.GeoDataFrame) -> Other:
    """Return one of them: ``DC/today`` or ``DH/today``."""
    nodes, edges = layers_of(data, name)
    consumers = nodes[nodes["Type"] == "CONSUMER"].sort_values("Building")
    ends = [*consumers.geometry, *nodes.geometry[nodes["Type"] == "PLANT"]]
    fronted, _ = fronted_streets(streets, squares(ends))
    tree = shortest_tree(fronted)
    route = route_on(fronted, tree.edges)
    return Other(name, list(consumers["Building"]), published_route(nodes, edges), route, tree.lower_bound)


@dataclass(frozen=True, eq=False)
class Comparison:
    """All that is compared.

    Attributes
    ----------
    published
        The data set's network.
    streets, buildings
        Street lines and footprints.
    theirs
        The published route with its sizes.
    resized
        The same route with ours.
    found
        What nearzero lays out to the points at which the published pipes end.
    shortest
        The shortest tree with our sizes.
    outside
        What nearzero lays out to the footprints, as it does in a study.
    others
        Layouts without sizes.
    """

    published: Published
    streets: gpd.GeoDataFrame
    buildings: gpd.GeoDataFrame
    theirs: Laid
    resized: tuple[Laid, Sized]
    found: Found
    shortest: tuple[Laid, Sized]
    outside: Found
    others: list[Other]


def compare(data: Path) -> Comparison:
    """Read the data set and lay out all that is compared."""
    published, streets = read_published(data), street_table(data)
    buildings = zug.repaired(data / zug.CASE / "inputs" / "building-geometry" / "zone.shp")
    found = laid_out(published, streets)
    theirs = published_sizes(published, found.engineer)
    shortest = route_on(found.fronted, found.shortest.edges)
    return Comparison(
        published,
        streets,
        buildings,
        theirs,
        with_our_sizes(theirs.route, published, found.engineer),
        found,
        with_our_sizes(shortest, published, found.engineer),
        laid_out(published, streets, buildings.geometry[published.consumers].to_numpy()),
        [other_layout(data, name, streets) for name in ("DC/today", "DH/today")],
    )
