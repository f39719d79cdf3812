"""Electricity hour by hour: what the zone uses, what is made here, and what the grid brings and takes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from layers.units import KW_PER_MW
from spatial.balance.tree import Tree

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Potential:
    """One kind of generation.

    Attributes
    ----------
    subject
        Coverage of the tree that says how much of it is taken.
    classes
        Names of its classes.
    shape
        Output per capacity in each hour [MWh/MW], shape (hours, classes).
    capacity
        Capacity that could stand [MW], shape (classes, all years).
    outside
        Share of its output that comes from outside the zone, over the public grid.
    """

    subject: str
    classes: tuple[str, ...]
    shape: Floats
    capacity: Floats
    outside: float = 0.0

    def planned(self, tree: Tree) -> Floats:
        """Return the capacity that stands [MW], shape (classes, years)."""
        capacity = self.capacity if tree.shown is None else self.capacity[:, list(tree.shown)]
        return np.asarray(capacity * tree.coverage(self.subject)[None, :])

    def hours(self, tree: Tree) -> Floats:
        """Return what the capacity that stands gives in each hour [MWh], shape (hours, years)."""
        return np.asarray(self.shape @ self.planned(tree))


def pv_potentials(
    pv_parcels: pd.DataFrame,
    pv_classes: pd.DataFrame,
    pv_profiles: pd.DataFrame,
    phase: pd.Series,
    years: NDArray[np.int64],
) -> dict[str, Potential]:
    """Return PV by surface: a parcel's capacity can stand from the year in which the parcel does.

    Parameters
    ----------
    pv_parcels, pv_classes, pv_profiles
        Potential per parcel and class, classes, and hourly output per capacity [kW/kWp].
    phase
        Year each parcel stands from.
    years
        All years of the account.
    """
    stands = phase.reindex(pv_parcels["parcel_id"]).to_numpy()[:, None] <= years[None, :]
    capacity = pv_parcels["kwp"].to_numpy(dtype=float)[:, None] * stands / KW_PER_MW
    names = np.sort(pv_parcels["pv_class"].unique())
    position = np.searchsorted(names, pv_parcels["pv_class"].to_numpy())
    by_class = np.zeros((len(names), len(years)))
    np.add.at(by_class, position, capacity)
    found = {}
    for surface, classes in pv_classes.groupby("surface", sort=True):
        own = [i for i, name in enumerate(names) if name in classes.index]
        shape = pv_profiles[[names[i] for i in own]].to_numpy(dtype=float)
        found[f"pv_{surface}"] = Potential(f"pv.{surface}", tuple(str(names[i]) for i in own), shape, by_class[own])
    return found


def wind_potentials(
    turbines: pd.DataFrame, wind_profiles: pd.DataFrame, years: NDArray[np.int64], *, sea_counts: bool
) -> dict[str, Potential]:
    """Return wind by site: the turbines' net yield, spread as the hourly profile.

    Turbines outside the zone count only where `sea_counts`.
    """
    found = {}
    for site in ("land", "sea"):
        counted = turbines[(turbines["site"] == site) & (turbines["in_zone"] | sea_counts)]
        capacity = float(counted["capacity_kw"].sum()) / KW_PER_MW
        profile = wind_profiles[site].to_numpy(dtype=float)
        full_load_h = float(counted["net_mwh"].sum()) / capacity if capacity > 0.0 else 0.0
        shape = profile / profile.sum() * full_load_h if profile.sum() > 0.0 else np.zeros(len(profile))
        total, far = float(counted["net_mwh"].sum()), float(counted.loc[~counted["in_zone"], "net_mwh"].sum())
        outside = far / total if total > 0.0 else 0.0
        stands = np.full((1, len(years)), capacity)
        found[f"wind_{site}"] = Potential(f"wind.{site}", (site,), shape[:, None], stands, outside)
    return found


@dataclass(frozen=True)
class Flexibility:
    """What storage and movable loads change against plain matching; arrays have shape (years,).

    Attributes
    ----------
    moved
        Share of the surplus that is used in other hours instead of being exported or curtailed.
    loss
        Loss of stores per electricity used; negative where plants that may wait work in better hours.
    curtailed
        Share of what is then left over that is curtailed.
    saved_cny_mwh
        What the bill for electricity is lower by, per electricity used [CNY/MWh].
    """

    moved: Floats
    loss: Floats
    curtailed: Floats
    saved_cny_mwh: Floats

    def shown(self, positions: Sequence[int]) -> "Flexibility":
        """Return the same in the years at some positions."""
        at = list(positions)
        return Flexibility(self.moved[at], self.loss[at], self.curtailed[at], self.saved_cny_mwh[at])


@dataclass(frozen=True)
class Power:
    """Hourly series, shape (hours, years), and yearly sums, shape (years,), of electricity [MWh].

    Attributes
    ----------
    use
        Electricity at the substations.
    generation
        By item, before curtailment.
    imported, exported
        Hour by hour, without flexibility.
    flexibility
        What storage and movable loads do, if anything.
    """

    use: Floats
    generation: Mapping[str, Floats]
    imported: Floats
    exported: Floats
    flexibility: Flexibility | None = None

    @property
    def moved_mwh(self) -> Floats:
        """Surplus that is used later."""
        if self.flexibility is None:
            return np.zeros(self.use.shape[1])
        wanted = self.exported.sum(axis=0) * self.flexibility.moved
        return np.asarray(np.minimum(wanted, self.imported.sum(axis=0)))

    @property
    def loss_mwh(self) -> Floats:
        """Loss of stores."""
        if self.flexibility is None:
            return np.zeros(self.use.shape[1])
        return np.asarray(self.use.sum(axis=0) * self.flexibility.loss)

    @property
    def import_mwh(self) -> Floats:
        """Electricity from the grid."""
        return np.asarray(self.imported.sum(axis=0) - self.moved_mwh + self.loss_mwh)

    @property
    def left_mwh(self) -> Floats:
        """Generation that is not used here."""
        return np.asarray(self.exported.sum(axis=0) - self.moved_mwh)

    @property
    def curtailed_mwh(self) -> Floats:
        """Generation that is lost, for neither users nor the grid take it."""
        return np.asarray(self.left_mwh * (0.0 if self.flexibility is None else self.flexibility.curtailed))

    @property
    def saved_cny(self) -> Floats:
        """What storage and movable loads save of the bill [CNY]."""
        if self.flexibility is None:
            return np.zeros(self.use.shape[1])
        return np.asarray(self.use.sum(axis=0) * self.flexibility.saved_cny_mwh)

    @property
    def export_mwh(self) -> Floats:
        """Electricity to the grid."""
        return np.asarray(self.left_mwh - self.curtailed_mwh)


def match(use: Floats, generation: Mapping[str, Floats], flexibility: Flexibility | None = None) -> Power:
    """Meet hourly use by local generation first and the grid for the rest; what is left over is exported.

    Examples
    --------
    >>> power = match(np.array([[2.0], [1.0]]), {"pv_roof": np.array([[0.5], [3.0]])})
    >>> power.imported.ravel().tolist(), power.exported.ravel().tolist()
    ([1.5, 0.0], [0.0, 2.0])
    """
    total = np.asarray(sum(generation.values())) if generation else np.zeros_like(use)
    surplus = total - use
    return Power(use, generation, np.maximum(-surplus, 0.0), np.maximum(surplus, 0.0), flexibility)
