"""Final energy of what is done outside buildings: port, transport, industry, water, waste, farming."""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from layers.tables.balance import CARRIERS
from spatial.balance.options import Switches
from spatial.balance.tree import Doing, Tree

Floats = NDArray[np.float64]

ROW_KEY = ["subsector", "unit_id", "parcel_id", "sector", "activity_unit"]
SHIFTS = {"trucks": "rail_shift", "cars": "light_rail", "taxis": "light_rail"}
"""Coverage that takes part of an activity onto rail."""


@cache
def end_use_names() -> dict[str, str]:
    """Return the end use of each subject outside buildings."""
    with Path(__file__).with_name("end_uses.csv").open(encoding="utf-8", newline="") as stream:
        return {row["subject"]: row["end_use"] for row in csv.DictReader(stream)}


@dataclass(frozen=True)
class Levels:
    """Levels of all activities by place, before anything shifts to rail.

    Attributes
    ----------
    rows
        Columns subsector, unit_id, parcel_id, sector, activity_unit; what may shift has a row in the subsector that it
        would shift to, in the same place.
    amount
        Level, shape (rows, years).
    """

    rows: pd.DataFrame
    amount: Floats

    @classmethod
    def of(cls, activity: pd.DataFrame, years: NDArray[np.int64]) -> "Levels":
        """Arrange a table ``activity``; years after its last are as its last."""
        known = np.sort(activity["year"].unique())
        row = activity.groupby(ROW_KEY, sort=True).ngroup().to_numpy()
        names = activity[ROW_KEY].drop_duplicates().sort_values(ROW_KEY).reset_index(drop=True)
        amount = np.zeros((len(names), len(known)))
        amount[row, np.searchsorted(known, activity["year"].to_numpy())] = activity["activity"].to_numpy(dtype=float)
        held = np.clip(np.searchsorted(known, years, side="right") - 1, 0, len(known) - 1)
        shifts = [names[names["subsector"] == origin].assign(subsector=rail) for origin, rail in SHIFTS.items()]
        rows = pd.concat([names, *shifts], ignore_index=True)
        return cls(rows, np.concatenate([amount[:, held], np.zeros((len(rows) - len(names), len(years)))]))

    @cached_property
    def positions(self) -> dict[str, NDArray[np.int64]]:
        """Subsector to its rows."""
        groups = self.rows.groupby("subsector", sort=True).indices
        return {str(name): np.asarray(rows, dtype=np.int64) for name, rows in sorted(groups.items())}

    @cached_property
    def sector_of(self) -> dict[str, str]:
        """Subsector to its sector."""
        return {name: str(self.rows["sector"].iloc[rows[0]]) for name, rows in self.positions.items()}

    @cached_property
    def unit_of(self) -> dict[str, str]:
        """Subsector to the unit of its level."""
        return {name: str(self.rows["activity_unit"].iloc[rows[0]]) for name, rows in self.positions.items()}

    def totals(self) -> dict[str, Floats]:
        """Return the level of every subsector, shape (years,)."""
        return {name: self.amount[rows].sum(axis=0) for name, rows in self.positions.items()}

    def shifted(self, tree: Tree) -> Floats:
        """Return the levels in the years of a tree once its coverages have shifted to rail, shape (rows, years)."""
        amount = self.amount.copy() if tree.shown is None else self.amount[:, list(tree.shown)]
        done: dict[str, int] = {}
        for origin, rail in SHIFTS.items():
            if origin in self.positions:
                mine, taken = self.positions[origin], tree.coverage(rail)
                # The rows of a rail subsector stand in the order of what shifts to it.
                first = done.get(rail, 0)
                target = np.sort(self.positions[rail])[first : first + len(mine)]
                amount[target] = amount[mine] * taken
                amount[mine] *= 1.0 - taken
                done[rail] = first + len(mine)
        return amount


@dataclass(frozen=True)
class Activities:
    """Energy of activities in one scenario.

    Attributes
    ----------
    levels
        The places.
    amount
        Level of the activity, shape (rows, years).
    doings
        Subsector to the subjects that make it up and how each is done; subsectors without any take no energy.
    """

    levels: Levels
    amount: Floats
    doings: Mapping[str, Mapping[str, Doing]]

    @property
    def rows(self) -> pd.DataFrame:
        """Where each row is."""
        return self.levels.rows

    def per_unit(self, subsector: str) -> Floats:
        """Return energy per activity [kWh], shape (years, carriers); what plants of its own give is not taken off."""
        parts = (np.maximum(doing.by_technology, 0.0).sum(axis=1) for doing in self.doings[subsector].values())
        return np.asarray(sum(parts))

    def final(self) -> Floats:
        """Return final energy [kWh], shape (rows, years, carriers)."""
        found = np.zeros((*self.amount.shape, len(CARRIERS)))
        for subsector in self.doings:
            mine = self.levels.positions[subsector]
            found[mine] = self.amount[mine][:, :, None] * self.per_unit(subsector)[None]
        return found

    def total(self, subsector: str) -> Floats:
        """Return the level of a subsector in the zone, shape (years,)."""
        return np.asarray(self.amount[self.levels.positions[subsector]].sum(axis=0))

    def by_technology(self) -> Iterator[tuple[str, str, str, Floats, Doing, int]]:
        """Yield sector, subsector, subject, the level done in each year, how, and the technology's position."""
        for subsector, subjects in self.doings.items():
            level = self.total(subsector)
            for subject, doing in subjects.items():
                for position in range(len(doing.technologies)):
                    done = level * doing.share[:, position]
                    yield self.levels.sector_of[subsector], subsector, subject, done, doing, position


def boundary(activity: pd.DataFrame, switches: Switches) -> pd.DataFrame:
    """Return the activities that the study's boundary counts."""
    left_out = set() if switches.berth_emissions else {"berth_calls"}
    left_out |= set() if switches.trucks else {"trucks"}
    return activity[~activity["subsector"].isin(left_out)]


def activities(levels: Levels, tree: Tree) -> Activities:
    """Return how all activities are done in one scenario.

    What shifts to rail leaves its subsector and stands in a subsector of its own, in the same place and unit.
    """
    subjects: dict[str, list[str]] = {}
    for name in sorted(tree.uses.technologies):
        subjects.setdefault(name.split(".", maxsplit=1)[0], []).append(name)
    doings = {
        subsector: {subject: _doing(subject, sector, tree) for subject in subjects[subsector]}
        for subsector, sector in levels.sector_of.items()
        if subsector in subjects
    }
    return Activities(levels, levels.shifted(tree), doings)


def _doing(subject: str, sector: str, tree: Tree) -> Doing:
    """Return how a subject is done; of what is on rail already, each technology does its part."""
    doing = tree.doing(subject, subject, sector)
    if subject not in SHIFTS.values():
        return doing
    total = doing.share.sum(axis=1, keepdims=True)
    share = np.divide(doing.share, total, out=np.zeros_like(doing.share), where=total > 0.0)
    return Doing(doing.technologies, share, doing.use, doing.sources)
