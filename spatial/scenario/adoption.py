"""From shares today and measures to the share of every technology in every year.

A *subject* is a thing that is done (``residential.heating``, ``cars``), a *technology* a way of doing it. The shares of
a subject's technologies sum to one in every year; where a measure raises one share, the others give way in proportion.
Subjects of one technology, such as ``pv.roof`` or ``retrofit``, are coverages: how much of a potential is taken.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from layers.constants import constants
from layers.errors import Findings, InputError

Floats = NDArray[np.float64]

COVERAGES = ("pv.", "wind.", "green_power", "district", "retrofit")
MEASURE_COLUMNS = ("measure", "subject", "technology", "share", "start_year", "curve")


@dataclass(frozen=True, slots=True)
class Share:
    """Share of one technology in its subject: today's and by trend, at some calendar years."""

    subject: str
    technology: str
    at: tuple[tuple[int, float], ...]

    def path(self, years: NDArray[np.int64]) -> Floats:
        """Return the share in each year: in proportion between the years given, held outside them."""
        return np.asarray(np.interp(years, [year for year, _ in self.at], [share for _, share in self.at]))


@dataclass(frozen=True, slots=True)
class Measure:
    """One measure: the share it brings a technology to in the target year."""

    measure: str
    subject: str
    technology: str
    share: float
    start_year: int
    curve: str


class Scenario(BaseModel):
    """One scenario: the measures it takes on top of the one it inherits."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    inherits: str | None = Field(default=None, description="Scenario this one starts from; empty: today's trend alone")
    measures: tuple[str, ...] = Field(
        default=(), description='Measures taken, by name; "*" takes all of the measures table'
    )


class ScenarioOptions(BaseModel):
    """Which scenarios the study has."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    scenarios: dict[str, Scenario] = Field(
        default_factory=lambda: {"bau": Scenario(), "near_zero": Scenario(inherits="bau", measures=("*",))},
        description="Scenarios by name; the first is business as usual",
    )


def default_measures() -> pd.DataFrame:
    """Return the measures that come with the package."""
    return pd.read_csv(Path(__file__).with_name("measures.csv"), keep_default_na=False)


def default_shares() -> tuple[Share, ...]:
    """Return today's shares and their trend."""
    with Path(__file__).with_name("shares.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    return tuple(Share(row["subject"], row["technology"], at_years(row, "share_")) for row in rows)


def at_years(row: Mapping[str, str], prefix: str) -> tuple[tuple[int, float], ...]:
    """Return the columns of a row that are named by a prefix and a year, as (year, value) in order of years.

    Examples
    --------
    >>> at_years({"share_2030": "0.5", "share_2017": "0.1", "note": ""}, "share_")
    ((2017, 0.1), (2030, 0.5))
    """
    found = {name.removeprefix(prefix): value for name, value in row.items() if name.startswith(prefix)}
    return tuple(sorted((int(year), float(value)) for year, value in found.items()))


def progress(years: NDArray[np.int64], start: int, end: int, curve: str) -> Floats:
    """Return how far a measure has come in each year, from 0 at its start to 1 at its end.

    Parameters
    ----------
    years
        Calendar years, shape (n,).
    start, end
        Last year without the measure and first year with all of it.
    curve
        ``linear``, or ``s_curve``: a logistic curve scaled to pass through 0 and 1.

    Examples
    --------
    >>> progress(np.array([2019, 2020, 2025, 2030]), 2020, 2030, "linear").tolist()
    [0.0, 0.0, 0.5, 1.0]
    """
    x = np.clip((years - start) / max(end - start, 1), 0.0, 1.0)
    if curve == "linear":
        return x
    steepness = constants("spatial.scenario", "constants.csv").value("s_curve.steepness")
    logistic = 1.0 / (1.0 + np.exp(-steepness * (np.array([0.0, 1.0]) - 0.5)))
    raw = 1.0 / (1.0 + np.exp(-steepness * (x - 0.5)))
    return np.asarray(np.clip((raw - logistic[0]) / (logistic[1] - logistic[0]), 0.0, 1.0))


def read_measures(table: pd.DataFrame, source: str, findings: Findings) -> tuple[Measure, ...]:
    """Return the measures of a table, adding a fault for each that cannot be used."""
    missing = [column for column in MEASURE_COLUMNS if column not in table.columns]
    for column in missing:
        findings.error(source, "column is missing", f"a measures table has {', '.join(MEASURE_COLUMNS)}", column=column)
    if missing:
        return ()
    known: dict[str, list[str]] = {}
    for share_of in default_shares():
        known.setdefault(share_of.subject, []).append(share_of.technology)
    shares = pd.to_numeric(table["share"], errors="coerce")
    starts = pd.to_numeric(table["start_year"], errors="coerce")
    measures = []
    for position, (name, subject, technology, curve) in enumerate(
        zip(table["measure"], table["subject"], table["technology"], table["curve"], strict=True)
    ):
        share, start = float(shares.iloc[position]), float(starts.iloc[position])
        problems = {
            "subject": (subject not in known, f"unknown subject {subject!r}", f"use one of {', '.join(sorted(known))}"),
            "technology": (
                subject in known and technology not in known[subject],
                f"unknown technology {technology!r} of {subject}",
                f"use one of {', '.join(known.get(subject, []))}",
            ),
            "share": (not 0.0 <= share <= 1.0, "share is not between 0 and 1", "give a fraction"),
            "start_year": (not 1900.0 < start < 2200.0, "start year is not a year", "give a year such as 2020"),
            "curve": (curve not in {"linear", "s_curve"}, f"unknown curve {curve!r}", "use linear or s_curve"),
        }
        for column, (wrong, problem, remedy) in problems.items():
            if wrong:
                findings.error(source, problem, remedy, row=name, column=column)
        if not any(wrong for wrong, _, _ in problems.values()):
            measures.append(Measure(str(name), str(subject), str(technology), share, int(start), str(curve)))
    for name in table.loc[table["measure"].duplicated(), "measure"]:
        findings.error(source, "measure stands twice", "give each measure a name of its own", row=name)
    return tuple(measures)


def check_scenarios(options: ScenarioOptions, measures: tuple[Measure, ...], findings: Findings) -> None:
    """Add a fault for each scenario that inherits or takes what there is not."""
    names = sorted({measure.measure for measure in measures})
    known = ", ".join(options.scenarios)
    for name, scenario in options.scenarios.items():
        if scenario.inherits is not None and scenario.inherits not in options.scenarios:
            findings.error("study.toml", f"scenario {name} inherits unknown {scenario.inherits!r}", f"known: {known}")
        elif name in _ancestors(name, options):
            findings.error("study.toml", f"scenario {name} inherits itself", "break the circle")
        for measure in scenario.measures:
            if measure != "*" and measure not in names:
                findings.error(
                    "study.toml", f"scenario {name} takes unknown measure {measure!r}", f"known: {', '.join(names)}"
                )
        if not findings.errors:
            _check_one_measure_each(name, measures, options, findings)


def _check_one_measure_each(
    name: str, measures: tuple[Measure, ...], options: ScenarioOptions, findings: Findings
) -> None:
    """Add a fault where a scenario takes two measures for one technology: which one counts would be chance."""
    first: dict[tuple[str, str], str] = {}
    for measure in _measures_of(name, measures, options):
        other = first.setdefault((measure.subject, measure.technology), measure.measure)
        if other != measure.measure:
            problem = f"scenario {name} takes both {other} and {measure.measure} for {measure.technology}"
            findings.error("study.toml", f"{problem} of {measure.subject}", "take one of them")


def read_table(path: Path | None, options: ScenarioOptions, findings: Findings) -> pd.DataFrame | None:
    """Read a measures table, or the package's own; add every fault and return None if it cannot be used."""
    if path is not None and not path.is_file():
        findings.error(path.name, "there is no such file", "correct inputs.measures")
        return None
    table = default_measures() if path is None else pd.read_csv(path, keep_default_na=False)
    own = Findings()
    measures = read_measures(table, "measures.csv" if path is None else path.name, own)
    check_scenarios(options, measures, own)
    findings.extend(own)
    return None if own.errors else table


def adoption_table(measures: pd.DataFrame, options: ScenarioOptions, base_year: int, target_year: int) -> pd.DataFrame:
    """Return the share of each technology by scenario, subject and year.

    Parameters
    ----------
    measures
        Measures with the columns of ``measures.csv``.
    options
        Scenarios and the measures each takes.
    base_year, target_year
        Trend and measures run from the base year to the target year.

    Returns
    -------
    pandas.DataFrame
        Columns scenario, year, subject, technology, share; shares of a subject sum to one unless it is a coverage.

    Raises
    ------
    InputError
        If a measure or scenario cannot be used.
    """
    findings = Findings()
    known = read_measures(measures, "measures", findings)
    check_scenarios(options, known, findings)
    if findings.errors:
        raise InputError(findings.errors)
    subjects: dict[str, list[Share]] = {}
    for share in default_shares():
        subjects.setdefault(share.subject, []).append(share)
    years = np.arange(base_year, target_year + 1)
    frames = []
    for name in options.scenarios:
        taken = _measures_of(name, known, options)
        for subject, shares in subjects.items():
            chosen = [measure for measure in taken if measure.subject == subject]
            for technology, path in _paths(subject, shares, chosen, years).items():
                columns = {"scenario": name, "year": years, "subject": subject, "technology": technology, "share": path}
                frames.append(pd.DataFrame(columns))
    return pd.concat(frames, ignore_index=True)


def _ancestors(name: str, options: ScenarioOptions) -> list[str]:
    found: list[str] = []
    parent = options.scenarios[name].inherits
    while parent in options.scenarios and parent not in found:
        found.append(parent)
        parent = options.scenarios[parent].inherits
    return found


def _measures_of(name: str, measures: tuple[Measure, ...], options: ScenarioOptions) -> list[Measure]:
    wanted = {
        measure for scenario in (name, *_ancestors(name, options)) for measure in options.scenarios[scenario].measures
    }
    return [measure for measure in measures if "*" in wanted or measure.measure in wanted]


def _paths(subject: str, shares: list[Share], measures: list[Measure], years: NDArray[np.int64]) -> dict[str, Floats]:
    base_year, target_year = int(years[0]), int(years[-1])
    paths = {share.technology: share.path(years) for share in shares}
    aimed: dict[str, Floats] = {}
    for measure in measures:
        # All scenarios share the base year, so nothing of a measure is done before it.
        done = progress(years, max(measure.start_year, base_year), target_year, measure.curve)
        before = paths[measure.technology]
        aimed[measure.technology] = before + (measure.share - before) * done
    if subject.startswith(COVERAGES):
        return paths | aimed
    taken = np.sum([np.zeros(len(years)), *aimed.values()], axis=0)
    scale = 1.0 / np.maximum(taken, 1.0)
    aimed = {technology: path * scale for technology, path in aimed.items()}
    others = {technology: path for technology, path in paths.items() if technology not in aimed}
    rest = np.sum([np.zeros(len(years)), *others.values()], axis=0)
    factor = np.divide(1.0 - taken * scale, rest, out=np.zeros(len(years)), where=rest > 0.0)
    # Where nothing else is there to take over, the technologies aimed at do it all.
    alone = np.where((rest == 0.0) & (taken > 0.0), np.maximum(1.0 / np.maximum(taken, 1e-12), 1.0), 1.0)
    aimed = {technology: path * alone for technology, path in aimed.items()}
    return {technology: path * factor for technology, path in others.items()} | aimed
