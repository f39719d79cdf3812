"""District heating and cooling along the streets: who joins, where the station stands, which pipes lie where.

The rule is plain. Of the parcels whose demand per land is high enough and that front a street, those within reach of
one pump around the best centre are joined by the shortest tree of streets; branches that cost more than they bring are
dropped; the station goes to the utility parcel nearest to the centre of what is left (or, with none near, to the
consumer there); the tree is drawn again from there until nothing changes. No network at all is a valid answer, and
everyone left out gets the reason.
"""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyproj

from layers.tables.networks import CONNECTIONS, NETWORK_SUMMARY, PIPES, STATIONS
from layers.units import HOURS_PER_YEAR, KWH_PER_MWH
from spatial.networks.graph import Fronted, StreetGraph, front, street_graph
from spatial.networks.options import NETWORKS, Network, NetworkOptions
from spatial.networks.results import connections_table, pipes_table, stations_table, summary_table
from spatial.networks.station import Ways, balance_point, best_cluster, nearest_site
from spatial.networks.steiner import solve
from spatial.networks.tree import Engineer, Hung, Load, Sized, hang

Flags = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Texts = npt.NDArray[np.object_]
Tables = tuple[gpd.GeoDataFrame, gpd.GeoDataFrame, pd.DataFrame, pd.DataFrame, gpd.GeoDataFrame]

MAX_DRAWINGS = 8
"""How often the tree is drawn again after branches were dropped; two or three times in practice."""
NEEDED = ("floor_area_m2", "heating_mwh", "hot_water_mwh", "cooling_mwh", "heating_peak_kw", "cooling_peak_kw")
STATION_USES = ("U1", "U")
"""Land uses a station may stand on, the first that occurs."""


@dataclass(frozen=True, eq=False)
class Consumers:
    """Parcels with demand for one network.

    Attributes
    ----------
    parcel_id
        Identifiers.
    energy_mwh
        Demand [MWh/a].
    hot_water_mwh
        The part of it that is hot water [MWh/a].
    peak_kw
        Peak [kW].
    count
        Substations on the parcel: buildings of the size the options state, at least one.
    row
        Position in the land table.
    """

    parcel_id: Texts
    energy_mwh: Floats
    hot_water_mwh: Floats
    peak_kw: Floats
    count: Floats
    row: Integers


@dataclass(frozen=True, eq=False)
class Design:
    """One designed network: the tree from its station, its pipes, and the verdict on each consumer."""

    network: Network
    tree: Hung
    sized: Sized
    load: Load
    station_row: int
    connected: Flags
    reason: Texts
    lower_bound_m: float


def design_networks(
    streets: gpd.GeoDataFrame,
    parcels: gpd.GeoDataFrame,
    demand_parcels: pd.DataFrame,
    year: int,
    options: NetworkOptions | None = None,
) -> Tables:
    """Design one heating and one cooling network for a year.

    Parameters
    ----------
    streets
        Table `layers.tables.place.STREETS`.
    parcels
        Table `layers.tables.place.PARCELS`, in the CRS of the streets.
    demand_parcels
        Table `layers.tables.demand.DEMAND_PARCELS`.
    year
        The year whose demand is served.
    options
        Options of the networks; sourced defaults where not given.

    Returns
    -------
    pipes, stations, connections, network_summary, street_repairs
        The tables of `layers.tables.networks`.

    Raises
    ------
    ValueError
        If streets and parcels differ in CRS, or it is not projected.
    """
    options = options or NetworkOptions()
    if streets.crs != parcels.crs or parcels.crs is None or not parcels.crs.is_projected:
        raise ValueError(f"streets ({streets.crs}) and parcels ({parcels.crs}) must share one projected CRS")
    land = _by_id(parcels, "parcel_id")
    graph, repairs = street_graph(streets, options.snap_m, options.gap_m)
    consumers = {network: _consumers(network, land, demand_parcels, year, options) for network in NETWORKS}
    dense = {network: _dense(consumers[network], land, options.carrier(network).density_min_kwh_m2)
             for network in NETWORKS}  # fmt: skip
    sites = _sites(land)
    asked = np.unique(np.concatenate([sites, *(consumers[one].row[dense[one]] for one in NETWORKS)]))
    fronted = front(graph, land.geometry.to_numpy()[asked], options.frontage_m, options.snap_m)
    node = np.full(len(land), -1, dtype=np.int64)
    node[asked] = fronted.node
    joined = Fronted(fronted.graph, node)
    pipes, stations, connections, summaries = [], [], [], []
    for network in NETWORKS:
        engineer = Engineer(network, options)
        mine = consumers[network]
        made = _design(engineer, joined, mine, dense[network], sites)
        connections.append(connections_table(network, mine.parcel_id, made.connected, made.reason, mine.energy_mwh,
                                             mine.peak_kw))  # fmt: skip
        rows = mine.row[made.connected]
        pipes.append(pipes_table(engineer, joined.graph, made.tree, made.sized, made.load, node[rows],
                                 _served_from(land, rows, made.station_row, options.first_year)))  # fmt: skip
        stations.append(stations_table(network, joined.graph, made.tree, made.sized, land, made.station_row))
        summaries.append(summary_table(engineer, made.tree, made.sized, mine.energy_mwh, mine.hot_water_mwh,
                                       mine.peak_kw, made.connected, made.lower_bound_m))  # fmt: skip
    return (
        PIPES.check(_stack(pipes, parcels.crs)),
        STATIONS.check(_stack(stations, parcels.crs)),
        CONNECTIONS.check(pd.concat(connections, ignore_index=True)),
        NETWORK_SUMMARY.check(pd.concat(summaries, ignore_index=True)),
        repairs,
    )


def _stack(tables: list[gpd.GeoDataFrame], crs: pyproj.CRS) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(pd.concat(tables, ignore_index=True), geometry="geometry", crs=crs)


def _by_id(frame: gpd.GeoDataFrame, key: str) -> gpd.GeoDataFrame:
    """Return a table in the order of where its shapes lie, with its key as a column."""
    plain = frame.reset_index() if frame.index.name == key else frame
    bounds = plain.geometry.bounds.to_numpy()
    return plain.iloc[np.lexsort(bounds.T)].reset_index(drop=True)


def _sites(land: gpd.GeoDataFrame) -> Integers:
    """Return the rows of parcels a station may stand on."""
    for prefix in STATION_USES:
        rows = np.flatnonzero(land["landuse"].str.startswith(prefix))
        if len(rows):
            return rows.astype(np.int64)
    return np.zeros(0, dtype=np.int64)


def _consumers(
    network: Network, land: gpd.GeoDataFrame, demand_parcels: pd.DataFrame, year: int, options: NetworkOptions
) -> Consumers:
    plain = demand_parcels if "parcel_id" in demand_parcels.columns else demand_parcels.reset_index()
    of_year = plain[plain["year"] == year].set_index("parcel_id")[list(NEEDED)]
    demand = of_year.reindex(land["parcel_id"], fill_value=0.0)
    if network == "heating":
        hot_water = demand["hot_water_mwh"].to_numpy()
        energy = demand["heating_mwh"].to_numpy() + hot_water
        hot_water_kw = hot_water * KWH_PER_MWH / HOURS_PER_YEAR * options.hot_water_peak_factor
        peak = demand["heating_peak_kw"].to_numpy() + hot_water_kw
    else:
        energy, peak = demand["cooling_mwh"].to_numpy(), demand["cooling_peak_kw"].to_numpy()
        hot_water = np.zeros_like(energy)
    row = np.flatnonzero(energy > 0.0).astype(np.int64)
    names = land["parcel_id"].to_numpy(dtype=object)
    count = np.maximum(1.0, demand["floor_area_m2"].to_numpy() / options.substation_floor_m2)
    return Consumers(names[row], energy[row], hot_water[row], peak[row], count[row], row)


def _served_from(land: gpd.GeoDataFrame, rows: Integers, station_row: int, first_year: int) -> Integers:
    """Return the year from which each connected parcel can be served: it and the station stand, networks are begun."""
    year = land["phase_year"].to_numpy()
    return np.maximum(year[rows], max(first_year, year[station_row])) if len(rows) else year[rows]


def _dense(consumers: Consumers, land: gpd.GeoDataFrame, least_kwh_m2: float) -> Flags:
    area = land["area_m2"].to_numpy()[consumers.row]
    dense: Flags = consumers.energy_mwh * KWH_PER_MWH >= least_kwh_m2 * area
    return dense


def _design(engineer: Engineer, joined: Fronted, consumers: Consumers, dense: Flags, sites: Integers) -> Design:
    node, graph = joined.node[consumers.row], joined.graph
    open_rows, reason = _screened(engineer, graph, consumers, node, dense)
    station_row, bound = -1, 0.0
    tree, load = _nothing(graph), _load(graph, consumers, node, np.zeros_like(open_rows))
    if open_rows.any():
        ways = Ways.of(graph)
        open_rows &= _cluster(engineer, ways, consumers, node, open_rows, reason)
        open_rows &= _core(engineer, graph, consumers, node, open_rows)
    if open_rows.any():
        station_row = _station(engineer, graph, ways, joined.node, consumers, node, open_rows, sites)
    for _ in range(MAX_DRAWINGS):
        if not open_rows.any():
            break
        load = _load(graph, consumers, node, open_rows)
        root = int(joined.node[station_row])
        found = solve(len(graph.points), graph.ends, graph.lengths, np.append(node[open_rows], root))
        tree, bound = hang(root, graph.ends, graph.lengths, found.edges), found.lower_bound
        kept, value = engineer.worthwhile(tree, load)
        far = open_rows & np.isin(
            node, tree.node[engineer.head_pa(tree, engineer.size(tree, load)) > engineer.head_max_pa]
        )
        reason[far] = "too_far"
        dropped = far | (open_rows & ~np.isin(node, tree.node[kept])) if value > 0.0 else open_rows
        if not dropped.any():
            break
        open_rows = open_rows & ~dropped
    else:
        open_rows = np.zeros_like(open_rows)
    reason[open_rows] = ""
    if not open_rows.any():
        tree, load, bound = _nothing(graph), _load(graph, consumers, node, open_rows), 0.0
    return Design(engineer.network, tree, engineer.size(tree, load), load, station_row, open_rows, reason, bound)


def _nothing(graph: StreetGraph) -> Hung:
    return hang(0, graph.ends, graph.lengths, np.zeros(0, dtype=np.int64))


def _load(graph: StreetGraph, consumers: Consumers, node: Integers, chosen: Flags) -> Load:
    size = max(len(graph.points), 1)
    at = node[chosen]
    return Load(
        energy_mwh=np.bincount(at, weights=consumers.energy_mwh[chosen], minlength=size).astype(np.float64),
        peak_kw=np.bincount(at, weights=consumers.peak_kw[chosen], minlength=size).astype(np.float64),
        count=np.bincount(at, weights=consumers.count[chosen], minlength=size).astype(np.float64),
    )


def _screened(
    engineer: Engineer, graph: StreetGraph, consumers: Consumers, node: Integers, dense: Flags
) -> tuple[Flags, Texts]:
    """Return who is dense and fronts the connected streets with most demand, and why the others drop out."""
    reason = np.full(len(node), "too_costly", dtype=object)
    reason[dense & (node < 0)] = "no_street"
    reason[~dense] = "too_sparse"
    open_rows = dense & (node >= 0)
    if open_rows.any():
        piece = graph.pieces()[np.maximum(node, 0)]
        weight = np.bincount(piece[open_rows], weights=consumers.energy_mwh[open_rows])
        elsewhere = open_rows & (piece != np.argmax(weight))
        reason[elsewhere] = "cut_off"
        open_rows &= ~elsewhere
    return open_rows & (engineer.consumer_worth_cny(consumers.energy_mwh, consumers.peak_kw) > 0.0), reason


def _cluster(
    engineer: Engineer, ways: Ways, consumers: Consumers, node: Integers, chosen: Flags, reason: Texts
) -> Flags:
    """Return who lies within one pump's reach of the best centre; the reason is noted for those who do not."""
    worth = engineer.consumer_worth_cny(consumers.energy_mwh[chosen], consumers.peak_kw[chosen])
    within = np.zeros_like(chosen)
    within[chosen] = best_cluster(ways, node[chosen], worth, engineer.reach_m)
    reason[chosen & ~within] = "too_far"
    return within


def _core(engineer: Engineer, graph: StreetGraph, consumers: Consumers, node: Integers, chosen: Flags) -> Flags:
    """Return the consumers of the one connected part of the tree over all of them that is worth most."""
    found = solve(len(graph.points), graph.ends, graph.lengths, node[chosen])
    load = _load(graph, consumers, node, chosen)
    tree = hang(int(node[chosen][0]), graph.ends, graph.lengths, found.edges)
    tree = hang(balance_point(tree, load), graph.ends, graph.lengths, found.edges)
    kept, value = engineer.worthwhile(tree, load, anywhere=True)
    return np.isin(node, tree.node[kept]) if value > 0.0 else np.zeros_like(chosen)


def _station(
    engineer: Engineer,
    graph: StreetGraph,
    ways: Ways,
    parcel_node: Integers,
    consumers: Consumers,
    node: Integers,
    chosen: Flags,
    sites: Integers,
) -> int:
    """Return the row of the parcel the station stands on: a site near the centre, else the nearest consumer."""
    found = solve(len(graph.points), graph.ends, graph.lengths, node[chosen])
    tree = hang(int(node[chosen][0]), graph.ends, graph.lengths, found.edges)
    centre = balance_point(tree, _load(graph, consumers, node, chosen))
    site = nearest_site(ways, centre, parcel_node[sites], engineer.options.station_m)
    if site >= 0:
        return int(sites[site])
    rows = consumers.row[chosen]
    return int(rows[nearest_site(ways, centre, parcel_node[rows], np.inf)])
