"""From shares by trend and measures to the share of every technology in every year.

A *subject* is a thing that is done (``residential.heating``, ``cars``), a *technology* a way of doing it. The shares of
a subject's technologies sum to one in every year; where a measure raises one share, the others give way in proportion.
Coverages, such as ``pv.roof`` or ``retrofit``, are how much of a potential is taken: their shares stand alone.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from spatial.scenario.options import ScenarioOptions, measures_of
from spatial.scenario.paths import logistic

Floats = NDArray[np.float64]
Years = NDArray[np.int64]
Shares = dict[tuple[str, str], Floats]

COVERAGES = (
    "pv.", "wind.", "green_power", "district", "retrofit", "flex.", "embodied", "rail_shift", "light_rail", "lamps",
    "controls",
)  # fmt: skip
"""Beginnings of the subjects that are coverages."""


@dataclass(frozen=True, slots=True)
class Measure:
    """One measure: the share it brings a technology to, and when."""

    measure: str
    subject: str
    technology: str
    share: float
    start_year: int
    end_year: int
    curve: str


def progress(years: Years, start: int, end: int, curve: str) -> Floats:
    """Return how far a measure has come in each year, from 0 at its start to 1 at its end, and 1 after it.

    Parameters
    ----------
    years
        Calendar years, shape (n,).
    start, end
        Last year without the measure and first year with all of it.
    curve
        ``linear``; ``s_curve``, a logistic curve scaled to pass through 0 and 1; or ``step``, all of it in the year
        after its start.

    Examples
    --------
    >>> progress(np.array([2019, 2020, 2025, 2030]), 2020, 2030, "linear").tolist()
    [0.0, 0.0, 0.5, 1.0]
    """
    if curve == "step":
        return np.where(years > start, 1.0, 0.0)
    x = np.clip((years - start) / max(end - start, 1), 0.0, 1.0)
    return x if curve == "linear" else logistic(x)


@dataclass(frozen=True)
class Plan:
    """The trend and all measures, made ready to be combined often.

    Attributes
    ----------
    years
        Calendar years, shape (n,).
    trend
        Shares without any measure.
    technologies
        Subject to its technologies.
    measures
        Measures by name, in the order of their table.
    aimed
        Measure to the share its technology has with it alone, shape (n,).
    """

    years: Years
    trend: Shares
    technologies: Mapping[str, tuple[str, ...]]
    measures: Mapping[str, Measure]
    aimed: Mapping[str, Floats]

    @classmethod
    def of(cls, trend: pd.DataFrame, measures: pd.DataFrame) -> "Plan":
        """Prepare a table ``trend`` and a table ``measures``."""
        years = np.unique(trend["year"].to_numpy(dtype=np.int64))
        ordered = trend.sort_values("year", kind="stable")
        shares: Shares = {}
        technologies: dict[str, tuple[str, ...]] = {}
        for (subject, technology), share in ordered.groupby(["subject", "technology"], sort=True)["share"]:
            shares[str(subject), str(technology)] = share.to_numpy(dtype=float)
            technologies[str(subject)] = (*technologies.get(str(subject), ()), str(technology))
        plain = {one.measure: one for one in map(_measure, measures.reset_index().to_dict("records"))}
        base = int(years[0])
        aimed = {}
        for name, one in plain.items():
            before = shares[one.subject, one.technology]
            # All scenarios share the base year, so nothing of a measure is done before it.
            done = progress(years, max(one.start_year, base), one.end_year, one.curve)
            aimed[name] = before + (one.share - before) * done
        return cls(years, shares, technologies, plain, aimed)

    def shares(self, taken: Iterable[str]) -> Shares:
        """Return the share of each technology in each year where some measures are taken.

        Parameters
        ----------
        taken
            Names of measures; their order makes no difference.

        Raises
        ------
        KeyError
            If there is no such measure.
        """
        of_subject: dict[str, dict[str, Floats]] = {}
        for name in taken:
            one = self.measures[name]
            of_subject.setdefault(one.subject, {})[one.technology] = self.aimed[name]
        changed: Shares = {}
        for subject, aimed in of_subject.items():
            paths = {technology: self.trend[subject, technology] for technology in self.technologies[subject]}
            mixed = paths | aimed if subject.startswith(COVERAGES) else give_way(paths, aimed)
            changed |= {(subject, technology): path for technology, path in mixed.items()}
        return self.trend | changed


def _measure(row: Mapping[object, object]) -> Measure:
    return Measure(
        str(row["measure"]),
        str(row["subject"]),
        str(row["technology"]),
        float(str(row["share"])),
        int(str(row["start_year"])),
        int(str(row["end_year"])),
        str(row["curve"]),
    )


def give_way(paths: Mapping[str, Floats], aimed: Mapping[str, Floats]) -> dict[str, Floats]:
    """Return shares of one subject that sum to one in each year, where some technologies are aimed at.

    Parameters
    ----------
    paths
        Technology to its share by trend, shape (n,).
    aimed
        Technology to the share that measures bring it to, shape (n,).

    Returns
    -------
    dict
        The technologies aimed at have their share, unless these sum to more than one; the others divide what is left
        in proportion to their trend.
    """
    count = len(next(iter(paths.values())))
    taken = np.sum([np.zeros(count), *aimed.values()], axis=0)
    others = {technology: path for technology, path in paths.items() if technology not in aimed}
    rest = np.sum([np.zeros(count), *others.values()], axis=0)
    # Where nothing else is there to take over, the technologies aimed at do it all, or stay if aimed at nothing.
    stays = (rest <= 0.0) & (taken <= 0.0)
    aimed = {technology: np.where(stays, paths[technology], path) for technology, path in aimed.items()}
    taken = np.where(stays, 1.0, taken)
    alone = rest <= 0.0
    scale = np.where(alone | (taken > 1.0), 1.0 / np.where(taken > 0.0, taken, 1.0), 1.0)
    factor = np.divide(np.maximum(1.0 - taken * scale, 0.0), rest, out=np.zeros(count), where=rest > 0.0)
    held = {technology: path * scale for technology, path in aimed.items()}
    return {technology: path * factor for technology, path in others.items()} | held


def take(trend: pd.DataFrame, measures: pd.DataFrame) -> Shares:
    """Return the share of each technology in each year where all measures of a table are taken."""
    plan = Plan.of(trend, measures)
    return plan.shares(plan.measures)


def adoption_table(trend: pd.DataFrame, measures: pd.DataFrame, options: ScenarioOptions) -> pd.DataFrame:
    """Return the share of each technology by scenario, subject and year (table ``adoption``).

    Parameters
    ----------
    trend
        Table ``trend``: its years are those of the result.
    measures
        Table ``measures``.
    options
        Scenarios and the measures each takes.

    Returns
    -------
    pandas.DataFrame
        Columns scenario, year, subject, technology, share; shares of a subject sum to one unless it is a coverage.
    """
    plan = Plan.of(trend, measures)
    frames = []
    for name in options.scenarios:
        shares = plan.shares(measures_of(name, list(plan.measures), options))
        keys = pd.MultiIndex.from_tuples(shares).repeat(len(plan.years))
        frames.append(
            pd.DataFrame(
                {
                    "scenario": name,
                    "year": np.tile(plan.years, len(shares)),
                    "subject": keys.get_level_values(0),
                    "technology": keys.get_level_values(1),
                    "share": np.concatenate(list(shares.values())),
                }
            )
        )
    return pd.concat(frames, ignore_index=True)
