"""Classes of buildings: rows of the stock that take the same energy per floor area in every year."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from layers.archetypes import Kinds, archetypes
from layers.tables.stock import VINTAGES
from spatial.balance.tree import Tree

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

OLD = ("pre2001", "code2010")
NETWORKS = {"heating": "district_heat", "cooling": "district_cold"}
"""Carrier that each network delivers."""
CLASS_KEY = ["archetype", "form", "vintage", "year_from", "heating", "cooling"]


@dataclass(frozen=True)
class Classes:
    """Classes of the stock.

    Attributes
    ----------
    table
        One row a class: archetype, form, vintage, year_from, sector, and whether each network reaches it.
    of_row
        Class of every row of the stock, shape (rows,).
    area_m2
        Floor area of every row of the stock, shape (rows,).
    """

    table: pd.DataFrame
    of_row: Integers
    area_m2: Floats

    @classmethod
    def of(cls, stock: pd.DataFrame, connections: pd.DataFrame, kinds: Kinds | None = None) -> "Classes":
        """Sort the stock into classes."""
        reached = {
            network: set(connections.loc[(connections["network"] == network) & connections["connected"], "parcel_id"])
            for network in NETWORKS
        }
        keyed = stock[["archetype", "form", "vintage", "year_from"]].reset_index(drop=True)
        for network, parcels in reached.items():
            keyed[network] = stock["parcel_id"].isin(parcels).to_numpy()
        groups = keyed.groupby(CLASS_KEY, sort=True)
        of_row = np.asarray(groups.ngroup().to_numpy(), dtype=np.int64)
        table = keyed.drop_duplicates().sort_values(CLASS_KEY).reset_index(drop=True)
        sectors = {name: archetype.sector for name, archetype in (archetypes() if kinds is None else kinds).items()}
        table["sector"] = table["archetype"].map(sectors)
        return cls(table, of_row, stock["floor_area_m2"].to_numpy(dtype=float))

    @cached_property
    def designs(self) -> tuple[str, ...]:
        """Archetypes in the forms they take, ``archetype|form``, sorted."""
        return tuple(sorted((self.table["archetype"] + "|" + self.table["form"]).unique()))

    @cached_property
    def design(self) -> Integers:
        """Position of each class's design among `designs`, shape (classes,)."""
        place = {name: number for number, name in enumerate(self.designs)}
        own = self.table["archetype"] + "|" + self.table["form"]
        return np.array([place[name] for name in own], dtype=np.int64)

    @cached_property
    def by_design(self) -> tuple[tuple[str, str, Integers], ...]:
        """Design, its sector, and the positions of its classes."""
        sectors = self.table["sector"].to_numpy()
        places = [np.flatnonzero(self.design == number) for number in range(len(self.designs))]
        return tuple((name, str(sectors[mine[0]]), mine) for name, mine in zip(self.designs, places, strict=True))

    @cached_property
    def reached(self) -> dict[str, NDArray[np.bool_]]:
        """Network to whether it reaches each class, shape (classes,)."""
        return {network: self.table[network].to_numpy(dtype=bool) for network in NETWORKS}

    @cached_property
    def by_sector(self) -> dict[str, Integers]:
        """Sector to the positions of its classes."""
        return {
            str(name): rows.index.to_numpy(dtype=np.int64) for name, rows in self.table.groupby("sector", sort=True)
        }

    @cached_property
    def by_archetype(self) -> tuple[tuple[str, str, Integers], ...]:
        """Archetype, its sector, and the positions of its classes."""
        return tuple(
            (str(name), str(rows["sector"].iloc[0]), rows.index.to_numpy(dtype=np.int64))
            for name, rows in self.table.groupby("archetype", sort=True)
        )

    @cached_property
    def year_from(self) -> Integers:
        """Year from which each class stands, shape (classes,)."""
        return self.table["year_from"].to_numpy(dtype=np.int64)

    @cached_property
    def is_old(self) -> NDArray[np.bool_]:
        """Whether each class is of a code before the present one, shape (classes,)."""
        return self.table["vintage"].isin(OLD).to_numpy()

    @cached_property
    def total_m2(self) -> Floats:
        """Floor area of every class in the zone, shape (classes,)."""
        return self.sums(np.ones(len(self.of_row), dtype=bool))

    def sums(self, chosen: NDArray[np.bool_]) -> Floats:
        """Return the floor area of every class among chosen rows of the stock, shape (classes,)."""
        return np.asarray(
            np.bincount(self.of_row[chosen], weights=self.area_m2[chosen], minlength=len(self.table)), dtype=np.float64
        )

    def stands(self, years: Integers) -> NDArray[np.bool_]:
        """Return whether each class stands in each year, shape (classes, years)."""
        return np.asarray(years[None, :] >= self.year_from[:, None])


def vintage_shares(table: pd.DataFrame, tree: Tree) -> Floats:
    """Return the share of floor area in each vintage and year, shape (rows, years, vintages).

    A row stands from ``year_from``. Old vintages move to the present code at the retrofit rate; rows built after the
    base year take the tiers that new buildings have in their year. Shares of a standing row sum to one.

    Parameters
    ----------
    table
        Columns vintage and year_from.
    tree
        Carries ``retrofit`` and the tiers of ``new_buildings``.
    """
    years, start = tree.calendar, table["year_from"].to_numpy()
    own = np.array([VINTAGES.index(vintage) for vintage in table["vintage"]], dtype=np.int64)
    shares = np.zeros((len(table), len(years), len(VINTAGES)))
    stands = years[None, :] >= start[:, None]
    kept = np.cumsum(np.log1p(-np.clip(tree.path("retrofit"), 0.0, 0.999999)))
    first = np.clip(start - years[0], 0, len(years) - 1)
    remaining = np.exp(np.minimum(kept[None, :] - kept[first][:, None], 0.0))
    remaining = np.where(np.isin(own, [VINTAGES.index(v) for v in OLD])[:, None], remaining, 1.0)
    new = start > years[0]
    tiers = {tier: np.where(new, tree.shares["new_buildings", tier][first], 0.0) for tier in ("ultralow", "nzeb")}
    code = 1.0 - tiers["ultralow"] - tiers["nzeb"]
    rows = np.arange(len(table))
    shares[rows, :, own] += code[:, None] * remaining
    shares[:, :, VINTAGES.index("code2021")] += code[:, None] * (1.0 - remaining)
    for tier, share in tiers.items():
        shares[:, :, VINTAGES.index(tier)] += share[:, None]
    found = shares * stands[:, :, None]
    return found if tree.shown is None else found[:, list(tree.shown)]
