"""Linear density: what the parcels along each street need, per metre of street, and how far their peaks coincide."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.sparse import csr_array

from layers.tables.demand import LINEAR_DENSITY, THERMAL
from layers.units import KWH_PER_MWH
from spatial.demand.loads import at_most, classes_of, diversity
from spatial.demand.options import DemandOptions
from spatial.demand.parcels import coincident_peaks

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Shapes = NDArray[np.object_]

SERVES_NOBODY = ("motorway", "trunk")
"""Classes of road that no house connection crosses."""
SAME_M = 0.001
"""Streets that differ by less are equally near [m]."""
NAMED = 5
"""Parcels that a warning names; all stand in the table."""
AMOUNTS = ("heating_mwh", "hot_water_mwh", "cooling_mwh")
LOADS = {"heating": THERMAL[:1], "cooling": THERMAL[1:]}
"""Loads whose peaks are told, and the services each sums."""
WHY = {"no_street": "have no street to be counted on", "too_far": "lie farther than {reach:g} m from every street"}


def nearest_street(shapes: Shapes, lines: Shapes, reach_m: float) -> tuple[Integers, Floats]:
    """Return the street nearest to each parcel.

    Parameters
    ----------
    shapes
        Outlines of parcels.
    lines
        Streets in the order of their ids: of equally near ones the first is taken.
    reach_m
        Farthest street taken [m].

    Returns
    -------
    street : ndarray of int
        Position of the street, -1 where none is within reach.
    distance : ndarray
        Distance to it [m], zero where it touches or enters the parcel; nan where none is within reach.
    """
    street, distance = np.full(len(shapes), -1, dtype=np.int64), np.full(len(shapes), np.nan)
    if not len(shapes) or not len(lines):
        return street, distance
    tree = shapely.STRtree(lines)
    (near, _), least = tree.query_nearest(shapes, max_distance=reach_m, return_distance=True, all_matches=False)
    distance[near[least <= reach_m]] = least[least <= reach_m]
    found = np.flatnonzero(np.isfinite(distance))
    parcel, line = tree.query(shapes[found], predicate="dwithin", distance=distance[found] + SAME_M)
    first = np.full(len(found), len(lines), dtype=np.int64)
    np.minimum.at(first, parcel, line)
    street[found] = first
    return street, distance


def linear_density(
    demand_parcels: pd.DataFrame,
    parcels: gpd.GeoDataFrame,
    streets: gpd.GeoDataFrame,
    stock: pd.DataFrame,
    profiles: pd.DataFrame,
    year: int,
    options: DemandOptions,
) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    """Return the demand along every street that can serve parcels, and which parcel is counted on which street.

    Parameters
    ----------
    demand_parcels, parcels, streets, stock, profiles
        Tables DEMAND_PARCELS, PARCELS, STREETS, STOCK and DEMAND_PROFILES.
    year
        Year of `demand_parcels` to take; what is built later does not count.
    options
        Hold the reach of a street.

    Returns
    -------
    linear : GeoDataFrame
        Table LINEAR_DENSITY, sorted by street.
    street_parcels : DataFrame
        Table STREET_PARCELS: every parcel with demand, sorted.

    Notes
    -----
    A parcel with streets on several sides counts on the nearest one only, so nothing is counted twice.
    """
    lines = streets if streets.index.name == "street_id" else streets.set_index("street_id")
    lines = lines.loc[~lines["road_class"].isin(SERVES_NOBODY) & (lines.length > 0.0)].sort_index()
    own = _with_demand(demand_parcels, year)
    plots = parcels if parcels.index.name == "parcel_id" else parcels.set_index("parcel_id")
    shapes = np.asarray(plots.geometry.loc[own.index])
    street, distance = nearest_street(shapes, lines.geometry.to_numpy(), options.street_reach_m)
    some = street >= 0

    count = len(lines)
    length = lines.length.to_numpy(dtype=np.float64)
    table: dict[str, object] = {"length_m": length, "parcels": np.bincount(street[some], minlength=count)}
    sums = {name: np.bincount(street[some], weights=own[name].to_numpy()[some], minlength=count) for name in AMOUNTS}
    table |= sums
    table["heat_mwh_m"] = (sums["heating_mwh"] + sums["hot_water_mwh"]) / length
    table["cold_mwh_m"] = sums["cooling_mwh"] / length

    classes = classes_of(stock, own.index, year)
    members = csr_array((np.ones(int(some.sum())), (street[some], np.flatnonzero(some))), shape=(count, len(own)))
    weights = (members @ classes.floor).toarray()
    for load, services in LOADS.items():
        own_sum = np.asarray(members @ own[f"{load}_peak_kw"].to_numpy(dtype=np.float64))
        peak = at_most(coincident_peaks(classes.profile(profiles, services), weights) / KWH_PER_MWH, own_sum)
        table[f"{load}_peak_kw"], table[f"{load}_peak_sum_kw"] = peak, own_sum
        table[f"diversity_{load}"] = diversity(peak, own_sum)
    index = pd.Index(lines.index, dtype="str", name="street_id")
    linear = gpd.GeoDataFrame(table, index=index, geometry=lines.geometry.to_numpy(), crs=parcels.crs)
    reason = "too_far" if count else "no_street"
    street_parcels = pd.DataFrame(
        {
            "street_id": pd.Series([index[place] if place >= 0 else "" for place in street], own.index, dtype="str"),
            "distance_m": distance,
            "reason": pd.Series(np.where(some, "", reason), own.index, dtype="str"),
            **{name: own[name].to_numpy() for name in AMOUNTS},
        },
        index=own.index,
    )
    return linear[[*LINEAR_DENSITY.columns, "geometry"]], street_parcels


def _with_demand(demand_parcels: pd.DataFrame, year: int) -> pd.DataFrame:
    """Return the rows of a year that need heat or cold, by parcel and sorted, so that no sum depends on their order."""
    rows = demand_parcels.loc[demand_parcels["year"] == year].set_index("parcel_id").sort_index()
    rows.index = pd.Index(rows.index, dtype="str", name="parcel_id")
    return rows.loc[rows[list(AMOUNTS)].sum(axis=1) > 0.0]


def off_street(street_parcels: pd.DataFrame, options: DemandOptions) -> list[str]:
    """Return a sentence for each reason why parcels are counted on no street.

    Parameters
    ----------
    street_parcels
        Table STREET_PARCELS.
    options
        Hold the reach of a street.
    """
    said = []
    total = street_parcels[list(AMOUNTS)].sum().sum()
    for reason, rows in street_parcels.loc[street_parcels["reason"] != ""].groupby("reason", sort=True):
        names = ", ".join(rows.index[:NAMED]) + (f" and {len(rows) - NAMED} more" if len(rows) > NAMED else "")
        share = rows[list(AMOUNTS)].sum().sum() / total
        why = WHY[str(reason)].format(reach=options.street_reach_m)
        part = f"{share:.1%}" if share >= 0.001 else "under 0.1%"
        said.append(f"{len(rows)} parcels with {part} of the heat and cold {why}: {names}")
    return said
