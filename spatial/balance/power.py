"""Electricity hour by hour: what the zone uses, what sun and wind give, what the grid brings and takes."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from spatial.balance.tree import Tree

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Generation:
    """Local generation by item and hour of every year, shape (hours, years) [MWh]."""

    items: dict[str, Floats]

    @property
    def total(self) -> Floats:
        """Sum over all items, shape (hours, years)."""
        return np.asarray(sum(self.items.values()))


def pv_generation(
    pv_parcels: pd.DataFrame, pv_classes: pd.DataFrame, pv_profiles: pd.DataFrame, phase: pd.Series, tree: Tree
) -> dict[str, Floats]:
    """Return PV output by surface: capacity of the parcels that stand by then, times the share installed.

    Parameters
    ----------
    pv_parcels, pv_classes, pv_profiles
        Potential per parcel and class, classes, and hourly output per capacity [kW/kWp].
    phase
        Year each parcel stands from.
    tree
        Carries years and coverages ``pv.<surface>``.
    """
    stands = phase.reindex(pv_parcels["parcel_id"]).to_numpy()[:, None] <= tree.years[None, :]
    installed = pv_parcels["kwp"].to_numpy(dtype=float)[:, None] * stands
    by_class = pd.DataFrame(installed).groupby(pv_parcels["pv_class"].to_numpy(), sort=True).sum()
    found: dict[str, Floats] = {}
    for surface, classes in pv_classes.groupby("surface", sort=True):
        names = [name for name in classes.index if name in by_class.index]
        capacity = by_class.reindex(names).to_numpy(dtype=float) * tree.coverage(f"pv.{surface}")[None, :]
        found[f"pv_{surface}"] = pv_profiles[names].to_numpy(dtype=float) @ capacity / 1000.0
    return found


def wind_generation(
    turbines: pd.DataFrame, wind_profiles: pd.DataFrame, tree: Tree, *, sea_counts: bool
) -> dict[str, Floats]:
    """Return wind output by site: the turbines' net yield times the share built, spread as the hourly profile.

    Turbines outside the zone count only where `sea_counts`.
    """
    found: dict[str, Floats] = {}
    for site in ("land", "sea"):
        counted = turbines[(turbines["site"] == site) & (turbines["in_zone"] | sea_counts)]
        profile = wind_profiles[site].to_numpy(dtype=float)
        shape = profile / profile.sum() if profile.sum() > 0.0 else np.zeros(len(profile))
        yearly = counted["net_mwh"].sum() * tree.coverage(f"wind.{site}")
        found[f"wind_{site}"] = shape[:, None] * yearly[None, :]
    return found


@dataclass(frozen=True)
class Power:
    """Yearly sums and hourly series of electricity [MWh]; each array has shape (years,) or (hours, years)."""

    use: Floats
    generation: Generation
    imported: Floats
    exported: Floats

    @property
    def locally_used(self) -> Floats:
        """Local generation used in the zone in the hour it is made, shape (years,)."""
        return np.asarray(self.generation.total.sum(axis=0) - self.exported.sum(axis=0))


def match(use: Floats, generation: Generation) -> Power:
    """Meet hourly use by local generation first and the grid for the rest; what is left over is exported.

    Examples
    --------
    >>> power = match(np.array([[2.0], [1.0]]), Generation({"pv_roof": np.array([[0.5], [3.0]])}))
    >>> power.imported.ravel().tolist(), power.exported.ravel().tolist()
    ([1.5, 0.0], [0.0, 2.0])
    """
    surplus = generation.total - use
    return Power(use, generation, np.maximum(-surplus, 0.0), np.maximum(surplus, 0.0))
