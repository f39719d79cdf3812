"""Demand of the buildings on each parcel: profiles times floor area."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from layers.tables.demand import SERVICES, THERMAL
from layers.units import KWH_PER_MWH
from spatial.demand.naming import class_names

Floats = NDArray[np.float64]

ANNUAL = {
    "heating_mwh": ("heating",),
    "cooling_mwh": ("cooling_sensible", "cooling_latent"),
    "hot_water_mwh": ("hot_water",),
    "electricity_mwh": ("lighting", "equipment", "process", "ventilation", "lifts"),
    "cooking_mwh": ("cooking",),
}
"""Which services each column of DEMAND_PARCELS sums."""

PARCELS_AT_A_TIME = 4096
"""Parcels whose hourly sums are held at once."""


def _class_profiles(profiles: pd.DataFrame, classes: pd.Index, services: tuple[str, ...]) -> NDArray[np.float32]:
    """Return hours x classes of the sum of services [W/m2]."""
    parts = [profiles[[f"{name}|{service}" for name in classes]].to_numpy(dtype=np.float32) for service in services]
    return np.asarray(sum(parts[1:], start=parts[0]), dtype=np.float32)


def coincident_peaks(profiles: NDArray[np.float32], weights: Floats) -> Floats:
    """Return the highest hour of each row's weighted sum of profiles.

    Parameters
    ----------
    profiles
        Hours x classes [W/m2].
    weights
        Rows x classes [m2].

    Returns
    -------
    ndarray
        Peak per row [W]: at most the sum of the peaks of its classes.
    """
    peaks = np.zeros(len(weights))
    used = weights > 0.0
    single = used.sum(axis=1) == 1
    # a row of one class peaks when the class does; only mixed rows need their hours summed
    peaks[single] = weights[single] @ profiles.max(axis=0).astype(np.float64)
    mixed = np.flatnonzero(used.sum(axis=1) > 1)
    for start in range(0, len(mixed), PARCELS_AT_A_TIME):
        rows = mixed[start : start + PARCELS_AT_A_TIME]
        own = np.flatnonzero(used[rows].any(axis=0))
        hourly = profiles[:, own] @ weights[np.ix_(rows, own)].T.astype(np.float32)
        peaks[rows] = hourly.max(axis=0)
    return peaks


def demand_on_parcels(
    profiles: pd.DataFrame, intensities: pd.DataFrame, stock: pd.DataFrame, years: tuple[int, int]
) -> pd.DataFrame:
    """Return useful demand and coincident peaks of every built-up parcel in base and target year.

    Parameters
    ----------
    profiles, intensities
        Tables DEMAND_PROFILES and INTENSITIES.
    stock
        Table STOCK.
    years
        Base and target year; the stock that stands by then counts.

    Returns
    -------
    DataFrame
        Table DEMAND_PARCELS, parcels in the order of the stock, base year first.
    """
    keys = class_names(stock)
    classes = pd.Index(sorted(keys.unique()))
    names = class_names(intensities)
    keyed = intensities.set_index([names.rename("class"), "service"])["kwh_m2"]
    every = pd.MultiIndex.from_product([classes, SERVICES])
    annual = pd.DataFrame(keyed.reindex(every).to_numpy().reshape(-1, len(SERVICES)), classes, list(SERVICES))
    heating = _class_profiles(profiles, classes, THERMAL[:1])
    cooling = _class_profiles(profiles, classes, THERMAL[1:])
    tables = []
    for year in dict.fromkeys(years):
        standing = (stock["year_from"] <= year).to_numpy()
        rows, column = stock.loc[standing], classes.get_indexer(keys[standing])
        parcel, ids = pd.factorize(rows["parcel_id"])
        weights = np.zeros((len(ids), len(classes)))
        np.add.at(weights, (parcel, column), rows["floor_area_m2"].to_numpy())
        table = pd.DataFrame({"parcel_id": pd.Series(ids, dtype="str"), "year": np.full(len(ids), year, np.int64)})
        table["unit_id"] = pd.Series(rows.drop_duplicates("parcel_id")["unit_id"].to_numpy(), dtype="str")
        table["floor_area_m2"] = weights.sum(axis=1)
        for name, services in ANNUAL.items():
            table[name] = weights @ annual[list(services)].sum(axis=1).to_numpy() / KWH_PER_MWH
        table["heating_peak_kw"] = coincident_peaks(heating, weights) / 1000.0
        table["cooling_peak_kw"] = coincident_peaks(cooling, weights) / 1000.0
        tables.append(table)
    return pd.concat(tables, ignore_index=True)
