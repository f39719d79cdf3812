"""From useful demand and activity to carriers: energy per activity, and carrier factors per subject and year."""

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from layers.tables.balance import CARRIERS
from spatial.scenario.adoption import at_years

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Technology:
    """Energy of one carrier that one technology takes per unit of an activity, at some calendar years."""

    activity: str
    technology: str
    carrier: str
    at: tuple[tuple[int, float], ...]

    def intensity(self, years: NDArray[np.int64]) -> Floats:
        """Return energy per activity in each year: in proportion between the years given, held outside them."""
        return np.asarray(np.interp(years, [year for year, _ in self.at], [energy for _, energy in self.at]))


@cache
def technologies() -> tuple[Technology, ...]:
    """Return the technology tree of the package."""
    with Path(__file__).with_name("technologies.csv").open(encoding="utf-8", newline="") as stream:
        return tuple(
            Technology(row["activity"], row["technology"], row["carrier"], at_years(row, "use_"))
            for row in csv.DictReader(stream)
        )


@dataclass(frozen=True)
class Tree:
    """Carrier factors of one scenario.

    Attributes
    ----------
    years
        Calendar years, shape (n,).
    shares
        (subject, technology) to the share in each year, shape (n,).
    """

    years: NDArray[np.int64]
    shares: dict[tuple[str, str], Floats]

    @classmethod
    def of(cls, adoption: pd.DataFrame, scenario: str) -> "Tree":
        """Return the tree of one scenario of an adoption table."""
        rows = adoption[adoption["scenario"] == scenario]
        shares: dict[tuple[str, str], Floats] = {}
        for subject in sorted(rows["subject"].unique()):
            of_subject = rows[rows["subject"] == subject]
            for technology in sorted(of_subject["technology"].unique()):
                path = of_subject[of_subject["technology"] == technology].sort_values("year")
                shares[str(subject), str(technology)] = path["share"].to_numpy(dtype=float)
        return cls(np.sort(rows["year"].unique()).astype(np.int64), shares)

    def coverage(self, subject: str) -> Floats:
        """Return how much of a potential is taken in each year, shape (n,)."""
        return sum((path for (name, _), path in self.shares.items() if name == subject), np.zeros(len(self.years)))

    def carriers(self, subject: str, activity: str) -> Floats:
        """Return the energy of each carrier per unit of an activity done as a subject's shares say.

        Parameters
        ----------
        subject
            Subject of the adoption table, such as ``residential.heating``.
        activity
            Activity of ``technologies.csv``, such as ``heating``.

        Returns
        -------
        ndarray
            Shape (years, carriers).

        Raises
        ------
        KeyError
            If a technology that has a share has no row for the activity.
        """
        found = np.zeros((len(self.years), len(CARRIERS)))
        taken = {name: path for (given, name), path in self.shares.items() if given == subject}
        known = {technology.technology for technology in technologies() if technology.activity == activity}
        if unknown := sorted(set(taken) - known):
            raise KeyError(f"technologies.csv has no {', '.join(unknown)} for {activity}")
        for technology in technologies():
            if technology.activity == activity and technology.technology in taken:
                column = CARRIERS.index(technology.carrier)
                found[:, column] += taken[technology.technology] * technology.intensity(self.years)
        return found
