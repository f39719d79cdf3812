"""District heating and cooling along the streets: who joins, where plants stand, which pipes lie where.

Whoever has demand enough for his land and fronts a street is a candidate. What he brings is what heat or cold costs him
otherwise; `layout` finds the plants and pipes that leave most of it. No network at all is a valid answer, and everyone
left out gets the reason.
"""

from pathlib import Path
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyproj

from layers.errors import Findings
from layers.tables.networks import CONNECTIONS, NETWORK_PHASES, NETWORK_PRICES, NETWORK_SUMMARY, PIPES, STATIONS
from layers.units import KWH_PER_MWH
from spatial.networks.alternatives import Individual, individual
from spatial.networks.candidates import Consumers, Place, Where, consumers_of, place_of, sites_of, wanted_of
from spatial.networks.inputs import check_tables
from spatial.networks.layout import (
    Candidates,
    District,
    Layout,
    Streets,
    check_limits,
    cost_bound_cny,
    lay_out,
    yearly_cny,
)
from spatial.networks.options import NETWORKS, NetworkOptions, check_named
from spatial.networks.phases import phases_table
from spatial.networks.results import (
    Designed,
    branches_of,
    connections_table,
    pipes_table,
    stations_table,
    summary_table,
    yearly_cost_cny,
)
from spatial.networks.streets import Digging, Fronted, barriers, barriers_of, street_graph
from spatial.networks.streets import unreachable_parcels as unreachable_table
from spatial.networks.tree import Engineer, diversity
from spatial.networks.working import at_work, received, write_files

Flags = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Texts = npt.NDArray[np.object_]

QUICK = 0.1
"""Share of the search that is spent on each price of the sensitivity."""


class NetworkTables(NamedTuple):
    """The tables of `layers.tables.networks`."""

    pipes: gpd.GeoDataFrame
    stations: gpd.GeoDataFrame
    connections: pd.DataFrame
    network_summary: pd.DataFrame
    network_phases: pd.DataFrame
    network_prices: pd.DataFrame
    street_repairs: gpd.GeoDataFrame
    unreachable_parcels: gpd.GeoDataFrame


def design_networks(
    streets: gpd.GeoDataFrame,
    parcels: gpd.GeoDataFrame,
    demand_parcels: pd.DataFrame,
    year: int,
    options: NetworkOptions | None = None,
    grid_t_mwh: float = 0.0,
    land_area: gpd.GeoDataFrame | None = None,
    files: Path | None = None,
) -> NetworkTables:
    """Design a heating and a cooling network for a year.

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
    grid_t_mwh
        CO2 of the grid's electricity in that year [t/MWh].
    land_area
        Table `layers.tables.place.LAND`: pipes in streets beyond it cross water; without it that is not known.
    files
        Folder for files of EPANET and pandapipes; none are written without.

    Raises
    ------
    ValueError
        If streets, parcels and land differ in CRS, or it is not projected; if a table lacks a column, or tells what
        its contract does not allow; if parcels have no shape or are told twice, demand is of parcels or years that
        there are not, or energy has no peak.
    InputError
        If parcels that the options name are not in the plan, or no street reaches one of the sites.
    """
    options = options or NetworkOptions()
    if not 0.0 <= grid_t_mwh < np.inf:
        raise ValueError(f"grid_t_mwh must be a number >= 0, not {grid_t_mwh}")
    if streets.crs != parcels.crs or parcels.crs is None or not parcels.crs.is_projected:
        raise ValueError(f"streets ({streets.crs}) and parcels ({parcels.crs}) must share one projected CRS")
    if land_area is not None and land_area.crs != parcels.crs:
        raise ValueError(f"land ({land_area.crs}) and parcels ({parcels.crs}) must share one projected CRS")
    check_tables(streets, parcels, demand_parcels, year)
    land = _by_place(parcels, "parcel_id")
    findings = Findings()
    check_named(options, land["parcel_id"], findings, "options")
    findings.raise_errors()
    digging = Digging(barriers=barriers(barriers_of(parcels, streets, land_area), crs=parcels.crs))
    graph, repairs = street_graph(streets, options.snap_m, options.gap_m, digging)
    consumers = {network: consumers_of(network, land, demand_parcels, year, options) for network in NETWORKS}
    wanted = {network: wanted_of(network, consumers[network], land, options) for network in NETWORKS}
    place = place_of(graph, land, options, [consumers[one].row[wanted[one]] for one in NETWORKS])
    parts: dict[str, list[pd.DataFrame]] = {name: [] for name in NetworkTables._fields[:6]}
    for network in NETWORKS:
        engineer = Engineer(network, options)
        instead = individual(network, options, year, grid_t_mwh)
        designed = _design(engineer, place, consumers[network], wanted[network], instead, grid_t_mwh, files)
        for name, table in designed.items():
            parts[name].append(table)
    plain = {name: pd.concat(parts[name], ignore_index=True) for name in NetworkTables._fields[2:6]}
    return NetworkTables(
        pipes=PIPES.check(_stack(parts["pipes"], parcels.crs)),
        stations=STATIONS.check(_stack(parts["stations"], parcels.crs)),
        connections=CONNECTIONS.check(plain["connections"]),
        network_summary=NETWORK_SUMMARY.check(plain["network_summary"]),
        network_phases=NETWORK_PHASES.check(plain["network_phases"]),
        network_prices=NETWORK_PRICES.check(plain["network_prices"]),
        street_repairs=repairs,
        unreachable_parcels=_unreachable(place, options, plain["connections"]),
    )


def _stack(tables: list[pd.DataFrame], crs: pyproj.CRS) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(pd.concat(tables, ignore_index=True), geometry="geometry", crs=crs)


def _by_place(frame: gpd.GeoDataFrame, key: str) -> gpd.GeoDataFrame:
    """Return a table in the order of where its shapes lie, with its key as a column."""
    plain = frame.reset_index() if frame.index.name == key else frame
    bounds = plain.geometry.bounds.to_numpy()
    return plain.iloc[np.lexsort(bounds.T)].reset_index(drop=True)


def _unreachable(place: Place, options: NetworkOptions, connections: pd.DataFrame) -> gpd.GeoDataFrame:
    served = place.land["parcel_id"].isin(connections.loc[connections["connected"], "parcel_id"]).to_numpy()
    asked = np.flatnonzero(((place.why != "") | (place.fronted.node >= 0)) & ~served)
    shown = place.land.iloc[asked].set_index("parcel_id")
    return unreachable_table(shown, Fronted(place.fronted.graph, place.fronted.node[asked]), options.frontage_m)


def _district(
    engineer: Engineer, place: Place, consumers: Consumers, wanted: Flags, worth_cny: Floats
) -> tuple[District, Integers, list[Where]]:
    """Return what is to be laid out, with the numbers of the consumers who may join, and where the sites are."""
    node, graph, options = place.fronted.node[consumers.row], place.fronted.graph, engineer.options
    sites, where = sites_of(engineer, place, consumers, wanted)
    may = np.flatnonzero(wanted & (node >= 0)).astype(np.int64)
    forced = np.isin(consumers.parcel_id[may], options.joined_parcels) | (options.join == "forced")
    streets = Streets(len(graph.points), graph.ends, graph.lengths, graph.dig_factor, graph.crossing_cny)
    who = Candidates(
        node[may], consumers.energy_mwh[may], consumers.peak_kw[may], consumers.count[may], worth_cny[may], forced
    )
    return District(engineer, streets, who, sites), may, where


def _design(
    engineer: Engineer,
    place: Place,
    consumers: Consumers,
    wanted: Flags,
    instead: Individual,
    grid_t_mwh: float,
    files: Path | None,
) -> dict[str, pd.DataFrame]:
    """Return the tables of one network."""
    options = engineer.options
    equipment = options.substation_cny_kw * engineer.plant_rate
    worth = consumers.energy_mwh * (instead.cny_mwh - engineer.substation_pump_cny_mwh)
    worth += consumers.peak_kw * (instead.cny_kw - equipment)
    district, may, where = _district(engineer, place, consumers, wanted, worth)
    layout = lay_out(district)
    connected = np.zeros(len(consumers.row), dtype=bool)
    connected[may[layout.joined]] = True
    joining = np.full(len(consumers.row), np.nan)
    joining[may] = layout.joining_cny
    check_limits(district, layout)
    net = Designed(engineer, place, consumers, branches_of(engineer, district, layout, where), connected)
    works = [at_work(engineer, branch) for branch in net.branches]
    heads = [options.substation_pa if one is None else float(one.operation.head_pa[0]) for one in works]
    piped = [one for one in works if one is not None]
    if files is not None and piped:
        write_files(piped, engineer, place.fronted.graph, files)
    reason = _reasons(place, consumers, wanted, district, may, layout)
    arrives = received(piped, np.where(connected, net.node, -1))
    return {
        "pipes": pipes_table(net),
        "stations": stations_table(net, heads),
        "connections": connections_table(net, reason, worth, joining, arrives),
        "network_summary": summary_table(net, instead, grid_t_mwh, cost_bound_cny(district, layout.joined)),
        "network_phases": phases_table(net),
        "network_prices": _prices(district, layout, where, float(consumers.energy_mwh.sum())),
    }


def _reasons(
    place: Place, consumers: Consumers, wanted: Flags, district: District, may: Integers, layout: Layout
) -> Texts:
    """Return why each consumer is left out, empty for those who joined."""
    reason = np.full(len(consumers.row), "too_sparse", dtype=object)
    reason[wanted] = place.why[consumers.row[wanted]]
    away = district.away_m()
    engineer = district.engineer
    spare = district.sites.capacity_kw.copy()
    for site, tree in zip(layout.sites, layout.trees(district), strict=True):
        spare[site] -= float(engineer.size(tree, district.load(layout.joined)).design_kw[0])
    who = district.candidates
    full = who.peak_kw * diversity(who.count, engineer.network, engineer.options) > spare.max(initial=0.0)
    # whoever can be added at any cost is left out for the cost; of the others plants are full, or pumps too weak
    found = np.full(len(may), "too_costly", dtype=object)
    barred = np.isnan(layout.joining_cny)
    found[barred] = np.where(full | (away <= engineer.reach_m), "no_capacity", "too_far")[barred]
    found[~np.isfinite(away)] = "cut_off"
    found[layout.joined] = ""
    reason[may] = found
    return reason


def _prices(district: District, layout: Layout, where: list[Where], demand_mwh: float) -> pd.DataFrame:
    """Return who would join at other prices: the best of all layouts that are found at any of them.

    From the highest down each is laid out anew, begun as well from the layout at hand and from that of the price above.
    """
    engineer, who = district.engineer, district.candidates
    substations = who.peak_kw * engineer.options.substation_cny_kw * engineer.plant_rate
    substations += who.energy_mwh * engineer.substation_pump_cny_mwh
    prices = sorted(engineer.options.prices_cny_kwh, reverse=True)
    others = [district.with_worth(who.energy_mwh * price * KWH_PER_MWH - substations) for price in prices]
    layouts = [layout]
    for other in others:
        layouts.append(lay_out(other, QUICK, [layout, layouts[-1]]))
    rows = []
    for price, other in zip(prices[::-1], others[::-1], strict=True):
        found = min(layouts, key=lambda one: yearly_cny(other, one))
        delivered = float(who.energy_mwh[found.joined].sum())
        branches = branches_of(engineer, other, found, where)
        rows.append(
            {
                "network": engineer.network,
                "price_cny_kwh": price,
                "parcels_connected": int(found.joined.sum()),
                "plants": len(found.sites),
                "connected_share": delivered / demand_mwh if demand_mwh > 0.0 else 0.0,
                "trench_m": sum(float(one.tree.length_m.sum()) for one in branches),
                "cost_cny_mwh": yearly_cost_cny(engineer, branches, float(who.peak_kw[found.joined].sum())) / delivered
                if delivered > 0.0
                else np.nan,
            }
        )
    return pd.DataFrame(rows).astype({"network": "str", "trench_m": "float64"})
