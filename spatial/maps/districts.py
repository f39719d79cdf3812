"""Demand along streets and its clusters, as the page draws them."""

from collections.abc import Mapping

import geopandas as gpd
import pandas as pd

from spatial.maps.encode import Json, outlines, paths, plain, short, simplified
from spatial.maps.parcels import sorted_load, table

STREET = (
    "length_m",
    "heat_mwh_m",
    "cold_mwh_m",
    "heating_mwh",
    "hot_water_mwh",
    "cooling_mwh",
    "heating_peak_kw",
    "heating_peak_sum_kw",
    "diversity_heating",
    "cooling_peak_kw",
    "cooling_peak_sum_kw",
    "diversity_cooling",
)
CLUSTER = ("area_m2", "demand_mwh", "density_mwh_ha", "peak_kw", "peak_sum_kw", "diversity", "full_load_h")
NAMED = (*STREET, *CLUSTER)
"""Columns that the cards name by the glossary."""


def along_streets(tables: Mapping[str, pd.DataFrame], tolerance_m: float) -> Json:
    """Return the streets that parcels with demand stand along, and their figures.

    Parameters
    ----------
    tables
        Tables of the run; ``linear_density`` may be missing or empty.
    tolerance_m
        How far a line may move [m].
    """
    frame = table(tables, "linear_density")
    if not isinstance(frame, gpd.GeoDataFrame):
        return None
    rows = frame.loc[frame["parcels"] > 0].sort_values("street_id", ignore_index=True)
    if rows.empty:
        return None
    streets = table(tables, "streets")
    names = {} if streets is None else dict(zip(streets["street_id"], streets["name"].fillna(""), strict=True))
    return {
        "id": rows["street_id"].astype(str).tolist(),
        "name": [str(names.get(key, "")) for key in rows["street_id"]],
        "parcels": rows["parcels"].tolist(),
        **{name: short(rows[name]) for name in STREET},
        "shape": paths(simplified(rows, tolerance_m)),
    }


def clusters(tables: Mapping[str, pd.DataFrame]) -> Json:
    """Return the clusters of heat and cold with their figures and sorted loads [kW].

    Parameters
    ----------
    tables
        Tables of the run; ``clusters`` and ``cluster_profiles`` may be missing or empty.
    """
    frame, curves = table(tables, "clusters"), tables.get("cluster_profiles")
    if not isinstance(frame, gpd.GeoDataFrame):
        return None
    hours = pd.DataFrame() if curves is None else plain(curves)
    return {
        "id": frame["cluster_id"].astype(str).tolist(),
        "carrier": frame["carrier"].tolist(),
        "cells": frame["cells"].tolist(),
        "parcels": frame["parcels"].tolist(),
        **{name: short(frame[name]) for name in CLUSTER},
        "load_kw": [sorted_load(hours[name].to_numpy()) if name in hours else None for name in frame["cluster_id"]],
        "shape": outlines(frame),
    }
