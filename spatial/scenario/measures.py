"""The table of measures: what is done, to which share, from when to when."""

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass

import pandas as pd

from layers.errors import Findings
from layers.tables.scenario import CURVES
from spatial.scenario.options import STUDY, ScenarioOptions, measures_of, nearest

REQUIRED = ("measure", "subject", "technology", "share", "start_year", "curve")
CONFIDENCES = ("verified", "standard", "assumption")
TOLERANCE = 1e-6
"""By how much shares may miss one: what rounding in a table leaves."""


@dataclass(frozen=True, slots=True)
class Span:
    """Years that measures may be dated in, and whether a date before them is the person's fault."""

    base_year: int
    target_year: int
    own: bool


def missing_columns(frame: pd.DataFrame, required: Collection[str], source: str, findings: Findings) -> bool:
    """Add a fault for each column that is missing; return whether any is."""
    missing = [column for column in required if column not in frame.columns]
    for column in missing:
        findings.error(source, "column is missing", f"the table has {', '.join(required)}", column=column)
    return bool(missing)


def read_measures(
    frame: pd.DataFrame,
    source: str,
    technologies: Mapping[str, Collection[str]],
    span: Span,
    findings: Findings,
) -> pd.DataFrame | None:
    """Return the table ``measures`` of a table of texts, adding a fault for each row that cannot be used.

    Parameters
    ----------
    frame
        Texts as `layers.sheet.read_sheet` gives them. Columns measure, subject, technology, share, start_year, curve;
        zh, en, end_year (empty: target year), extra_cost_cny, source and confidence may be left out.
    source
        How messages call the file.
    technologies
        Subject to its technologies.
    span
        Base and target year, and whether the table is a planner's: the package's own measures are taken from the base
        year where they start before it.
    findings
        Takes the faults.
    """
    if missing_columns(frame, REQUIRED, source, findings):
        return None
    before = len(findings.errors)
    rows = []
    seen: dict[str, int] = {}
    for number, cells in zip(frame.index, frame.to_dict("records"), strict=True):
        row = _Row({str(column): str(cell) for column, cell in cells.items()}, int(number), source, findings)
        rows.append(_read(row, technologies, span))
        if (first := seen.setdefault(row.cells["measure"], row.number)) != row.number:
            row.wrong("measure", f"the name stands in row {first} already", "give each measure a name of its own")
    return pd.DataFrame(rows) if len(findings.errors) == before else None


@dataclass(frozen=True, slots=True)
class _Row:
    """One row as it stands in the file."""

    cells: Mapping[str, str]
    number: int
    source: str
    findings: Findings

    def text(self, column: str, otherwise: str = "") -> str:
        """Return a cell, or something else where it is empty or there is no such column."""
        return self.cells.get(column, "") or otherwise

    def value(self, column: str, otherwise: float = math.nan) -> float:
        """Return a cell as a number; not a number, and a fault, where it is none."""
        text = self.text(column)
        try:
            value = float(text) if text else otherwise
        except ValueError:
            value = math.nan
        if not math.isfinite(value):
            self.wrong(column, f"{text!r} is not a number", "give a number")
            return math.nan
        return value

    def year(self, column: str, otherwise: float = math.nan) -> float:
        """Return a cell as a year; a fault where it is none."""
        value = self.value(column, otherwise)
        if math.isfinite(value) and (value % 1.0 or not 1900.0 <= value <= 2200.0):
            self.wrong(column, f"{value:g} is not a year", "give a year such as 2025")
            return math.nan
        return value

    def choice(self, column: str, known: Collection[str], otherwise: str = "") -> str:
        """Return a cell that must be one of some words; a fault where it is not."""
        text = self.text(column, otherwise)
        if text not in known:
            self.wrong(column, f"unknown {column} {text!r}", nearest(text, known))
        return text

    def wrong(self, column: str, problem: str, remedy: str) -> None:
        """Add a fault of this row."""
        problem = f"{problem} (measure {self.cells['measure']})"
        self.findings.error(self.source, problem, remedy, row=self.number, column=column)


def _read(row: _Row, technologies: Mapping[str, Collection[str]], span: Span) -> dict[str, str | float | int]:
    name, technology = row.text("measure"), row.text("technology")
    if not name:
        row.wrong("measure", "the measure has no name", "give it one")
    subject = row.choice("subject", technologies)
    if technology not in technologies.get(subject, (technology,)):
        known = technologies[subject]
        row.wrong("technology", f"unknown technology {technology!r} of {subject}", nearest(technology, known))
    share = row.value("share")
    if share < 0.0 or share > 1.0:
        row.wrong("share", f"share {share:g} is not between 0 and 1", "give a fraction")
    start, end = _years(row, span)
    return {
        "measure": name,
        "zh": row.text("zh", row.text("en", name)),
        "en": row.text("en", row.text("zh", name)),
        "subject": subject,
        "technology": technology,
        "share": share,
        "start_year": start,
        "end_year": end,
        "curve": row.choice("curve", CURVES),
        "extra_cost_cny": row.value("extra_cost_cny", 0.0),
        "source": row.text("source", row.source),
        "confidence": row.choice("confidence", CONFIDENCES, "assumption"),
    }


def _years(row: _Row, span: Span) -> tuple[int, int]:
    """Return start and end of a measure; the base and target year where they are at fault."""
    start, end = row.year("start_year"), row.year("end_year", span.target_year)
    if math.isnan(start) or math.isnan(end):
        return span.base_year, span.target_year
    if not span.own:
        start = max(start, span.base_year)
        return int(start), int(max(end, start + 1.0))
    if start < span.base_year:
        problem = f"it starts in {start:.0f}, before the base year {span.base_year}"
        row.wrong("start_year", problem, "what was done before the base year belongs into the shares of that year")
    if end <= start:
        row.wrong("end_year", f"it ends in {end:.0f}, not after its start in {start:.0f}", "give a later year")
    return int(start), int(end)


def check_taken(measures: pd.DataFrame, options: ScenarioOptions, findings: Findings) -> None:
    """Add a fault for each scenario whose measures contradict one another.

    Two measures for one technology: which one counts would be chance. Shares of one subject that sum to more than one:
    they cannot all be reached.
    """
    known = measures.set_index("measure")
    told: set[tuple[str, ...]] = set()

    def contradict(name: str, culprits: tuple[str, ...], problem: str, remedy: str) -> None:
        # What a scenario inherits is told once, where it comes from.
        if culprits not in told:
            findings.error(STUDY, f"scenario {name} takes {problem}", remedy, column=f"scenarios.{name}")
        told.add(culprits)

    for name in options.scenarios:
        taken = known.loc[measures_of(name, list(known.index), options)]
        first: dict[tuple[str, str], str] = {}
        for measure, subject, technology in zip(taken.index, taken["subject"], taken["technology"], strict=True):
            other = first.setdefault((subject, technology), str(measure))
            if other != measure:
                problem = f"both {other} and {measure} for {technology} of {subject}"
                contradict(name, (other, str(measure)), problem, "take one of them")
        if len(first) < len(taken):
            continue
        for subject, total in taken.groupby("subject", sort=True)["share"].sum().items():
            if total > 1.0 + TOLERANCE:
                culprits = tuple(str(one) for one in taken.index[taken["subject"] == subject])
                problem = f"{', '.join(culprits)}, which bring {subject} to {total:g} in sum, more than 1"
                contradict(name, culprits, problem, "lower one of them, or leave it out")
