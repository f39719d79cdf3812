"""Hourly loads of groups of parcels: floor area by class times profiles, and how peaks of a group fall together."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import csr_array

from spatial.demand.naming import class_names
from spatial.demand.parcels import PARCELS_AT_A_TIME, coincident_peaks

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]

DUST = 1e-5
"""Relative error of sums of 32-bit profiles."""


@dataclass(frozen=True, eq=False)
class Classes:
    """The buildings of parcels by class.

    Attributes
    ----------
    names
        Classes, sorted.
    floor
        Floor area of parcels x classes [m2].
    """

    names: pd.Index
    floor: csr_array

    def profile(self, profiles: pd.DataFrame, services: tuple[str, ...]) -> Singles:
        """Return hours x classes of the sum of services [W/m2] of DEMAND_PROFILES."""
        total = np.zeros((len(profiles), len(self.names)), dtype=np.float32)
        for service in services:
            total += profiles[[f"{name}|{service}" for name in self.names]].to_numpy(dtype=np.float32)
        return total


def classes_of(stock: pd.DataFrame, parcel_ids: pd.Index, year: int) -> Classes:
    """Return the floor area by class that stands on parcels in a year.

    Parameters
    ----------
    stock
        Table STOCK.
    parcel_ids
        Parcels, one row each in what is returned; stock of other parcels is left out.
    year
        What is built later does not count.
    """
    row = parcel_ids.get_indexer(pd.Index(stock["parcel_id"]))
    standing = (row >= 0) & (stock["year_from"] <= year).to_numpy()
    keys = class_names(stock.loc[standing])
    names = pd.Index(sorted(keys.unique()), dtype="str")
    area = stock["floor_area_m2"].to_numpy(dtype=np.float64)[standing]
    places = (row[standing], names.get_indexer(pd.Index(keys)))
    return Classes(names, csr_array((area, places), shape=(len(parcel_ids), len(names))))


def own_peaks(profile: Singles, floor: csr_array) -> Floats:
    """Return the highest hour of each parcel's own load [W], a few thousand parcels at a time.

    Parameters
    ----------
    profile
        Hours x classes [W/m2].
    floor
        Parcels x classes [m2].
    """
    starts = range(0, floor.shape[0], PARCELS_AT_A_TIME)
    parts = [coincident_peaks(profile, floor[start : start + PARCELS_AT_A_TIME].toarray()) for start in starts]
    return np.concatenate([np.zeros(0), *parts])


def at_most(peak: Floats, own_sum: Floats) -> Floats:
    """Return coincident peaks that are no more than the sums of the peaks they are made of.

    No group peaks above that sum; what stands above it by the rounding of 32-bit profiles is cut, and only that.
    """
    rounded = (peak > own_sum) & (peak <= own_sum * (1.0 + DUST))
    return np.asarray(np.where(rounded, own_sum, peak), dtype=np.float64)


def diversity(peak: Floats, own_sum: Floats) -> Floats:
    """Return the coincident peak over the sum of the peaks [1]; nan where nothing peaks."""
    share = np.full(len(peak), np.nan)
    some = own_sum > 0.0
    share[some] = peak[some] / own_sum[some]
    return share
