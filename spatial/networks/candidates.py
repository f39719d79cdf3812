"""Who may join a network and where its plants may stand, from the tables of parcels and their demand."""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from layers.errors import Findings
from layers.tables.demand import DEMAND_PARCELS
from layers.units import HOURS_PER_YEAR, KWH_PER_MWH
from spatial.networks.inputs import DEMAND, flat
from spatial.networks.layout import Sites
from spatial.networks.options import Network, NetworkOptions, SiteOptions
from spatial.networks.streets import Fronted, StreetGraph, front, reasons
from spatial.networks.tree import Engineer

Flags = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Texts = npt.NDArray[np.object_]

STATION_USES = ("U1", "U")
"""Land uses a plant may stand on, the first that occurs."""
Where = tuple[int, float]
"""Row of a site's parcel in the land table, and COP of a plant there."""


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
class Place:
    """Streets that parcels have joined.

    Attributes
    ----------
    land
        Parcels in the order of where they lie.
    fronted
        The graph, and the node of each parcel that was asked for.
    why
        Why a parcel that was asked for has no node.
    """

    land: gpd.GeoDataFrame
    fronted: Fronted
    why: Texts


def consumers_of(
    network: Network, land: gpd.GeoDataFrame, demand_parcels: pd.DataFrame, year: int, options: NetworkOptions
) -> Consumers:
    """Return the parcels with demand for a network in a year, from tables that `inputs.check_tables` finds sound."""
    plain = flat(demand_parcels, DEMAND_PARCELS.key)
    of_year = plain[plain["year"] == year].set_index("parcel_id")[list(DEMAND)].astype(np.float64)
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


def wanted_of(network: Network, consumers: Consumers, land: gpd.GeoDataFrame, options: NetworkOptions) -> Flags:
    """Return who has demand enough for his land, or must join anyway."""
    least = options.carrier(network).density_min_kwh_m2
    area = land["area_m2"].to_numpy(dtype=np.float64)[consumers.row]
    must = np.isin(consumers.parcel_id, options.joined_parcels)
    return np.asarray(must | (consumers.energy_mwh * KWH_PER_MWH >= least * area))


def place_of(graph: StreetGraph, land: gpd.GeoDataFrame, options: NetworkOptions, rows: list[Integers]) -> Place:
    """Return the streets that utilities, named sites and the parcels of some rows have joined.

    Raises
    ------
    InputError
        If no street reaches a named site.
    """
    named = np.flatnonzero(land["parcel_id"].isin([site.parcel_id for site in options.sites]))
    asked = np.unique(np.concatenate([_utility_rows(land), named, *rows]))
    shapes = land.geometry.to_numpy()[asked]
    fronted = front(graph, shapes, options.frontage_m, options.snap_m)
    node, why = np.full(len(land), -1, dtype=np.int64), np.full(len(land), "", dtype=object)
    node[asked], why[asked] = fronted.node, reasons(fronted, shapes, options.frontage_m)
    findings = Findings()
    apart = named[node[named] < 0]
    for parcel, reason in sorted(zip(land["parcel_id"].iloc[apart], why[apart], strict=True)):
        findings.error(
            "options",
            f"no street reaches parcel {parcel!r} ({reason})",
            "name a parcel at a street that may be dug, or raise networks.frontage_m",
            column="networks.sites",
        )
    findings.raise_errors()
    return Place(land, Fronted(fronted.graph, node), why)


def _utility_rows(land: gpd.GeoDataFrame) -> Integers:
    """Return the rows of parcels for utilities."""
    for prefix in STATION_USES:
        rows = np.flatnonzero(land["landuse"].str.startswith(prefix))
        if len(rows):
            return rows.astype(np.int64)
    return np.zeros(0, dtype=np.int64)


def sites_of(engineer: Engineer, place: Place, consumers: Consumers, wanted: Flags) -> tuple[Sites, list[Where]]:
    """Return where plants may stand, with the row of each one's parcel and its COP."""
    options, carrier = engineer.options, engineer.carrier
    busy = consumers.row[wanted][np.argsort(-consumers.energy_mwh[wanted], kind="stable")][: options.consumer_sites]
    row_of = dict(zip(place.land["parcel_id"], range(len(place.land)), strict=True))
    rows: list[tuple[int, float, SiteOptions | None]] = [
        (int(row), options.station_cny, None) for row in _utility_rows(place.land)
    ]
    rows += [(int(row), options.station_cny + options.consumer_site_cny, None) for row in busy]
    # a named site is a further choice: a parcel for utilities may have the usual plant as well
    rows += [
        (row_of[one.parcel_id], options.station_cny, one) for one in options.sites if one.network == engineer.network
    ]
    rows = [one for one in rows if place.fronted.node[one[0]] >= 0]

    def of_each(name: str, default: float) -> Floats:
        given = [getattr(site, name) if site else None for _, _, site in rows]
        return np.array([default if value is None else value for value in given], dtype=np.float64)

    own_fixed = np.array([fixed for _, fixed, _ in rows]) + of_each("fixed_cny", 0.0)
    row = np.array([row for row, _, _ in rows], dtype=np.int64)
    cop = of_each("cop", carrier.plant_cop)
    return (
        Sites(
            node=place.fronted.node[row],
            capacity_kw=of_each("capacity_kw", options.station_kw),
            fixed_cny=own_fixed * engineer.plant_rate,
            cny_kw=of_each("plant_cny_kw", carrier.plant_cny_kw) * engineer.plant_rate,
            cny_mwh=options.electricity_cny_kwh * KWH_PER_MWH / cop,
        ),
        list(zip(row.tolist(), cop.tolist(), strict=True)),
    )
