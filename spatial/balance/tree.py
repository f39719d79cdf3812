"""The demand tree of one scenario: which technologies do a thing in each year, and what carriers they take for it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from layers.tables.balance import CARRIERS
from spatial.scenario.turnover import Fleet, turn_over

Floats = NDArray[np.float64]
Years = NDArray[np.int64]
Shares = Mapping[tuple[str, str], Floats]


@dataclass(frozen=True)
class Uses:
    """What new equipment takes, by activity.

    Attributes
    ----------
    technologies
        Activity to the names of its technologies, in order.
    kwh
        Activity to energy per unit of it, shape (years, technologies, carriers); negative where it gives.
    sources
        (activity, technology) to what a heat pump draws on, empty where its efficiency does not follow the weather.
    """

    technologies: Mapping[str, tuple[str, ...]]
    kwh: Mapping[str, Floats]
    sources: Mapping[tuple[str, str], str]

    @classmethod
    def of(cls, table: pd.DataFrame, years: Years) -> "Uses":
        """Arrange a table ``technology_use`` for the years of an account."""
        technologies: dict[str, tuple[str, ...]] = {}
        kwh: dict[str, Floats] = {}
        sources: dict[tuple[str, str], str] = {}
        rows = table[table["year"].isin(years)]
        for activity, own in rows.groupby("activity", sort=True):
            names = tuple(sorted(own["technology"].unique()))
            cube = np.zeros((len(years), len(names), len(CARRIERS)))
            year = np.searchsorted(years, own["year"].to_numpy())
            technology = own["technology"].map({name: i for i, name in enumerate(names)}).to_numpy(dtype=int)
            carrier = own["carrier"].map({name: i for i, name in enumerate(CARRIERS)}).to_numpy(dtype=int)
            cube[year, technology, carrier] = own["use_kwh"].to_numpy(dtype=float)
            technologies[str(activity)], kwh[str(activity)] = names, cube
            source = own.drop_duplicates("technology").set_index("technology")["heat_source"]
            sources |= {(str(activity), str(name)): str(given) for name, given in source.items()}
        return cls(technologies, kwh, sources)


@dataclass(frozen=True)
class Doing:
    """How one subject's activity is done.

    Attributes
    ----------
    technologies
        Names, in the order of the arrays.
    share
        Share of the activity done by each technology in each year, shape (years, technologies).
    use
        Energy [kWh] each takes per unit it does, averaged over the vintages in use, shape (years, technologies,
        carriers).
    sources
        What each draws on where it is a heat pump or chiller.
    """

    technologies: tuple[str, ...]
    share: Floats
    use: Floats
    sources: tuple[str, ...]

    @cached_property
    def by_technology(self) -> Floats:
        """Energy of each technology per unit of the whole activity, shape (years, technologies, carriers)."""
        return np.asarray(self.share[:, :, None] * self.use)

    @cached_property
    def carriers(self) -> Floats:
        """Energy per unit of the activity, shape (years, carriers)."""
        return np.asarray(self.by_technology.sum(axis=1))


Memory = dict[tuple[str, str, tuple[int, ...] | None, bytes], Doing]


@dataclass(frozen=True)
class Tree:
    """Shares and uses of one scenario.

    Attributes
    ----------
    calendar
        All years in turn from the base year on, shape (n,).
    shares
        (subject, technology) to the share in each year, shape (n,): of what is newly bought where the subject's
        equipment has a life, else of what is done.
    uses
        What technologies take.
    lives
        Subject to median life [a] and shape of survival.
    levels
        Subject to how much of the activity there is in each year, in any unit: it sets how fast stock grows.
    factors
        (sector, carrier) to the calibration factor; one where absent.
    memory
        Doings found before, shared by trees that differ only in their shares and in the years they answer for.
    shown
        Positions of the years that the tree answers for; None for all.
    """

    calendar: Years
    shares: Shares
    uses: Uses
    lives: Mapping[str, tuple[float, float]]
    levels: Mapping[str, Floats]
    factors: Mapping[tuple[str, str], float] = field(default_factory=dict)
    memory: Memory = field(default_factory=dict)
    shown: tuple[int, ...] | None = None

    @cached_property
    def of_subject(self) -> Mapping[str, Mapping[str, Floats]]:
        """Subject to its technologies and their shares."""
        found: dict[str, dict[str, Floats]] = {}
        for (subject, technology), path in self.shares.items():
            found.setdefault(subject, {})[technology] = path
        return found

    @property
    def years(self) -> Years:
        """Years that the tree answers for, shape (years,)."""
        return self.calendar if self.shown is None else self.calendar[list(self.shown)]

    def at(self, values: Floats) -> Floats:
        """Return values of the whole calendar, shape (n, ...), in the years that the tree answers for."""
        return values if self.shown is None else values[list(self.shown)]

    def path(self, subject: str) -> Floats:
        """Return how much of a potential is taken in each year of the calendar, shape (n,).

        Where it is taken by equipment that has a life, the share is that of what is bought, and what stands follows.
        """
        bought = sum(self.of_subject.get(subject, {}).values(), np.zeros(len(self.calendar)))
        if subject not in self.lives:
            return bought
        nothing = np.zeros((len(bought), 2, 1))
        return self._fleet(subject, np.stack([bought, 1.0 - bought], axis=1), nothing).share[:, 0]

    def coverage(self, subject: str) -> Floats:
        """Return how much of a potential is taken, shape (years,)."""
        return self.at(self.path(subject))

    def doing(self, subject: str, activity: str, sector: str) -> Doing:
        """Return how a subject's activity is done in each year.

        Parameters
        ----------
        subject
            Subject of the shares, such as ``residential.heating``.
        activity
            Activity of the technology table, such as ``heating``.
        sector
            Sector whose calibration factors hold.

        Raises
        ------
        KeyError
            If a technology that has a share takes no energy that is known.
        """
        names = self.uses.technologies[activity]
        taken = self.of_subject.get(subject, {})
        if unknown := sorted(set(taken) - set(names)):
            raise KeyError(f"no use is given for {', '.join(unknown)} of {activity}")
        still = np.zeros(len(self.calendar))
        bought = np.stack([taken.get(name, still) for name in names], axis=1)
        key = subject, sector, self.shown, bought.tobytes()
        if key not in self.memory:
            fleet = self._fleet(subject, bought, self.uses.kwh[activity])
            factor = np.array([self.factors.get((sector, carrier), 1.0) for carrier in CARRIERS])
            use = self.at(fleet.use)
            sources = tuple(self.uses.sources[activity, name] for name in names)
            self.memory[key] = Doing(names, self.at(fleet.share), np.where(use > 0.0, use * factor, use), sources)
        return self.memory[key]

    def _fleet(self, subject: str, bought: Floats, use: Floats) -> Fleet:
        if subject not in self.lives:
            return Fleet(bought, use)
        median, shape = self.lives[subject]
        parent = subject if subject in self.levels else subject.split(".", maxsplit=1)[0]
        return turn_over(self.levels[parent], bought, use, median, shape)
