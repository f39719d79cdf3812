"""Archetypes that a study adds: each is like a built-in one but for the figures and schedules it states itself."""

import csv
import difflib
import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files

import numpy as np
import pandas as pd

from layers.archetypes import WITHOUT_BUILDINGS, Archetype, Kinds, archetypes
from layers.errors import Findings
from layers.sheet import read_sheet
from layers.tables.stock import DAY_TYPES, FORMS, HOURS, OVERRIDES, SCHEDULED
from layers.vector import Source

NEEDED = ("archetype", "like", "zh", "en")
FLAGS = {"yes": True, "no": False, "true": True, "false": False, "1": True, "0": False}
SAID = ("civil", "process_by_activity", "massing", "benchmark_key")
NOTES = ("source", "confidence", "note")
SET_POINTS = ("heating_setpoint", "cooling_setpoint")
OFF = "off"
_KEY = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
"""What a key may look like: it stands in the names of profiles and of rows, joined by other signs."""


@dataclass(frozen=True, slots=True)
class Field:
    """A number an archetype may state: its unit and the range it must lie in, both ends included."""

    unit: str
    low: float
    high: float


@cache
def number_fields() -> dict[str, Field]:
    """Return the numbers that a row may state.

    Examples
    --------
    >>> number_fields()["wall_u"]
    Field(unit='W/m2.K', low=0.05, high=5.8)
    """
    lines = files("layers").joinpath("archetype_fields.csv").read_text(encoding="utf-8").splitlines()
    return {row["column"]: Field(row["unit"], float(row["low"]), float(row["high"])) for row in csv.DictReader(lines)}


def _columns() -> tuple[str, ...]:
    return (*NEEDED, *SAID, *number_fields(), *NOTES)


def nearest(given: str, known: Iterable[str], count: int = 3) -> str:
    """Return the names most like a given one, joined by commas.

    Examples
    --------
    >>> nearest("ofice", ["hotel", "office"], 1)
    'office'
    """
    small = {name.lower(): name for name in known}
    return ", ".join(small[name] for name in difflib.get_close_matches(given.lower(), small, n=count, cutoff=0.0))


def read_archetypes(source: Source | None, schedules: Source | None, findings: Findings) -> dict[str, Archetype]:
    """Return the built-in archetypes and those a study adds.

    Parameters
    ----------
    source
        A CSV or sheet with the columns ``archetype`` (a key of its own), ``like`` (the built-in archetype it takes all
        it does not state from), ``zh``, ``en`` and any of those in ``archetype_fields.csv``, ``civil``,
        ``process_by_activity`` (yes or no), ``massing``, ``benchmark_key``, ``source``, ``confidence`` and ``note``.
        An empty cell inherits. None where the study adds none.
    schedules
        A CSV or sheet with the columns ``archetype``, ``quantity`` (see `SCHEDULED`), ``day`` (see `DAY_TYPES`) and
        ``h00`` to ``h23``: fractions, or set points [C] with ``off`` where the plant rests.
    findings
        Takes every fault. With errors the result serves only to check what depends on it.

    Returns
    -------
    dict
        Archetypes by key, the built-in ones first.
    """
    kinds = archetypes()
    table = None if source is None else read_sheet(source, findings)
    own: dict[str, Archetype] = {}
    if source is not None and table is not None and _check_header(table, _columns(), NEEDED, source.name, findings):
        own = _Rows(table, source.name, findings).archetypes()
    days = None if schedules is None else read_sheet(schedules, findings)
    if schedules is not None and days is not None:
        columns = ("archetype", "quantity", "day", *HOURS)
        if _check_header(days, columns, columns, schedules.name, findings):
            # without its own file of archetypes every row of the schedules is about an unknown one
            own = _with_schedules(own, days, schedules.name, findings)
    return {**kinds, **own}


def _check_header(
    table: pd.DataFrame, known: tuple[str, ...], needed: tuple[str, ...], name: str, findings: Findings
) -> bool:
    """Add a fault for columns that are unknown or missing; return whether the rows can be read."""
    missing = [column for column in needed if column not in table.columns]
    for column in table.columns:
        if column not in known:
            near = nearest(column, missing or known, 1)
            findings.error(name, f"unknown column {column!r}", f"did you mean {near!r}?", row=1, column=column)
    for column in missing:
        findings.error(name, "the column is missing", f"needed are {', '.join(needed)}", row=1, column=column)
    return not missing


class _Rows:
    """The rows of a file of archetypes, each told apart by its number in the file."""

    def __init__(self, table: pd.DataFrame, name: str, findings: Findings) -> None:
        self._table, self._name, self._findings = table, name, findings
        self._massings = sorted(FORMS)

    def _error(self, row: int, column: str, problem: str, remedy: str) -> None:
        self._findings.error(self._name, problem, remedy, row=row, column=column)

    def archetypes(self) -> dict[str, Archetype]:
        """Return the archetypes of the rows; a row with a fault inherits in its place."""
        times = Counter(self._table["archetype"])
        found: dict[str, Archetype] = {}
        for number, cells in zip(self._table.index, self._table.to_dict("records"), strict=True):
            row, texts = int(number), {str(name): str(value) for name, value in cells.items()}
            key = texts["archetype"]
            self._check_key(row, key, times[key])
            made = self._archetype(row, key, texts)
            if key and key not in archetypes():
                found.setdefault(key, made)
        return found

    def _check_key(self, row: int, key: str, times: int) -> None:
        if not key:
            self._error(row, "archetype", "has no key", "give it a key of its own, such as office_lab")
        elif key in archetypes() or key in WITHOUT_BUILDINGS:
            self._error(row, "archetype", f"{key!r} is a built-in archetype", "give it a key of its own")
        elif times > 1:
            self._error(row, "archetype", f"{key!r} stands {times} times", "give every row a key of its own")
        elif not _KEY.fullmatch(key):
            self._error(row, "archetype", f"{key!r} is no key", "use the letters a to z, digits and _, a letter first")

    def _archetype(self, row: int, key: str, texts: Mapping[str, str]) -> Archetype:
        like = texts["like"]
        if like not in archetypes():
            said = f"unknown archetype {like!r}" if like else "says of no archetype that it is like it"
            remedy = f"nearest: {nearest(like, archetypes())}; name a built-in archetype"
            self._error(row, "like", said, remedy)
        base = archetypes().get(like) or archetypes()["office"]
        for language in ("zh", "en"):
            if not texts[language]:
                self._error(row, language, "has no name", "name it in both languages")
        numbers = {name: self._number(row, name, texts.get(name, "")) for name in number_fields()}
        given = {name: value for name, value in numbers.items() if value is not None}
        self._check_set_points(row, given)
        own = {name: value for name, value in given.items() if name in OVERRIDES}
        return replace(
            base,
            archetype=key,
            zh=texts["zh"],
            en=texts["en"],
            storey_height_m=given.get("storey_height_m", base.storey_height_m),
            floors=given.get("floors", base.floors),
            window_share=given.get("window_share", base.window_share),
            civil=self._flag(row, "civil", texts, inherited=base.civil),
            process_by_activity=self._by_activity(row, texts, base),
            massing=self._choice(row, "massing", texts, self._massings) or base.massing,
            benchmark_key=self._choice(row, "benchmark_key", texts, _benchmarks()) or base.benchmark_key,
            source=texts.get("source") or f"{self._name}, row {row}",
            confidence=self._choice(row, "confidence", texts, ("verified", "standard", "assumption")) or "assumption",
            note=texts.get("note") or f"like {base.archetype}",
            overrides=own,
        )

    def _number(self, row: int, column: str, text: str) -> float | None:
        """Return a cell as a number in its range, None where it is empty or at fault."""
        if not text:
            return None
        wanted = number_fields()[column]
        unit = "" if wanted.unit == "-" else f" {wanted.unit}"
        remedy = f"give {wanted.low:g} to {wanted.high:g}{unit}, or leave the cell empty to inherit"
        value = _float(text)
        if value is None:
            self._error(row, column, f"{text!r} is no number", remedy)
        elif not wanted.low <= value <= wanted.high:
            self._error(row, column, f"{text} lies outside {wanted.low:g} to {wanted.high:g}{unit}", remedy)
            value = None
        return value

    def _check_set_points(self, row: int, given: Mapping[str, float]) -> None:
        heating, cooling = given.get("heating_set_c"), given.get("cooling_set_c")
        if heating is not None and cooling is not None and heating >= cooling:
            problem = f"the set points cross: heated to {heating:g} C and cooled to {cooling:g} C"
            self._error(row, "heating_set_c", problem, "set heating_set_c below cooling_set_c")

    def _flag(self, row: int, column: str, texts: Mapping[str, str], *, inherited: bool) -> bool:
        text = texts.get(column, "").lower()
        if text and text not in FLAGS:
            self._error(row, column, f"{text!r} is neither yes nor no", "write yes or no, or leave the cell empty")
        return FLAGS.get(text, inherited)

    def _by_activity(self, row: int, texts: Mapping[str, str], base: Archetype) -> bool:
        column = "process_by_activity"
        said = self._flag(row, column, texts, inherited=base.process_by_activity)
        if said and not base.process_by_activity:
            # only the branches of the built-in ones have an activity; here the equipment would be counted nowhere
            problem = f"the equipment of {base.archetype!r} is counted by floor area; no activity stands for it"
            self._error(row, column, problem, "write no, or make it like a factory")
        return said

    def _choice(self, row: int, column: str, texts: Mapping[str, str], known: Iterable[str]) -> str:
        text = texts.get(column, "")
        if text and text not in known:
            remedy = f"did you mean {nearest(text, known, 1)!r}? Known: {', '.join(known)}"
            self._error(row, column, f"unknown {column} {text!r}", remedy)
            return ""
        return text


def _benchmarks() -> list[str]:
    return sorted({kind.benchmark_key for kind in archetypes().values() if kind.benchmark_key})


def _float(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _with_schedules(own: Kinds, table: pd.DataFrame, name: str, findings: Findings) -> dict[str, Archetype]:
    """Return the archetypes with the schedules of a file; a row with a fault is left out."""
    found: dict[str, dict[tuple[str, str], tuple[float, ...]]] = {key: {} for key in own}
    rows: dict[tuple[str, str, str], int] = {}
    for number, cells in zip(table.index, table.to_dict("records"), strict=True):
        row = int(number)
        key, quantity, day = (str(cells[column]) for column in ("archetype", "quantity", "day"))
        before = len(findings.errors)
        if key not in own:
            near = f"nearest: {nearest(key, own)}" if own else "add it to the study's archetypes"
            findings.error(name, f"the study adds no archetype {key!r}", near, row=row, column="archetype")
        for column, text, known in (("quantity", quantity, SCHEDULED), ("day", day, DAY_TYPES)):
            if text not in known:
                remedy = f"did you mean {nearest(text, known, 1)!r}? Known: {', '.join(known)}"
                findings.error(name, f"unknown {column} {text!r}", remedy, row=row, column=column)
        if (key, quantity, day) in rows:
            problem = f"{key}, {quantity}, {day} stands already in row {rows[key, quantity, day]}"
            findings.error(name, problem, "keep one of them", row=row, column="archetype")
        values = _day(quantity, [str(cells[hour]) for hour in HOURS], row, name, findings)
        rows.setdefault((key, quantity, day), row)
        if len(findings.errors) == before:
            found[key][quantity, day] = values
    for key, days in found.items():
        _check_days(key, days, rows, name, findings)
        _check_crossing(key, days, rows, name, findings)
    return {key: replace(kind, schedules=dict(sorted(found[key].items()))) for key, kind in own.items()}


def _day(quantity: str, texts: list[str], row: int, name: str, findings: Findings) -> tuple[float, ...]:
    """Return the 24 values of a row, not a number where the plant is off."""
    missing = [hour for hour, text in zip(HOURS, texts, strict=True) if not text]
    if missing:
        problem = f"has {len(HOURS) - len(missing)} values, {', '.join(missing)} missing"
        findings.error(name, problem, "give 24 values, h00 to h23", row=row, column=missing[0])
    of_setting = quantity in SET_POINTS
    low, high = (0.0, 1.0)
    if of_setting:
        wanted = number_fields()[quantity.removesuffix("point") + "_c"]
        low, high = wanted.low, wanted.high
    remedy = f"give {low:g} to {high:g}" + (f" C, or {OFF}" if of_setting else "")
    values = []
    for hour, text in zip(HOURS, texts, strict=True):
        value = np.nan if of_setting and text.lower() == OFF else _float(text)
        if text and (value is None or value < low or value > high):
            findings.error(name, f"{text!r} is no value of a schedule", remedy, row=row, column=hour)
        values.append(np.nan if value is None else value)
    return tuple(values)


def _check_days(
    key: str,
    days: Mapping[tuple[str, str], tuple[float, ...]],
    rows: Mapping[tuple[str, str, str], int],
    name: str,
    findings: Findings,
) -> None:
    """Add a fault where only one of working day and weekend is given, and no schedule for all days."""
    for quantity in SCHEDULED:
        given = [day for day in DAY_TYPES if (key, quantity, day) in rows]
        if len(given) == 1 and given[0] != "allday" and (quantity, given[0]) in days:
            problem = f"{key}, {quantity} is given for the {given[0]} only"
            row = rows[key, quantity, given[0]]
            findings.error(name, problem, "add the other day type, or write allday", row=row, column="day")


def _check_crossing(
    key: str,
    days: Mapping[tuple[str, str], tuple[float, ...]],
    rows: Mapping[tuple[str, str, str], int],
    name: str,
    findings: Findings,
) -> None:
    """Add a fault where a schedule heats to no less than another of the same days cools to."""
    for day in DAY_TYPES:
        heating = days.get((SET_POINTS[0], day)) or days.get((SET_POINTS[0], "allday"))
        cooling = days.get((SET_POINTS[1], day)) or days.get((SET_POINTS[1], "allday"))
        own = (SET_POINTS[0], day) in days or (SET_POINTS[1], day) in days
        if heating is None or cooling is None or not own:
            continue
        crossed = [hour for hour, warm, cool in zip(HOURS, heating, cooling, strict=True) if warm >= cool]
        if crossed:
            quantity = SET_POINTS[0] if (SET_POINTS[0], day) in days else SET_POINTS[1]
            problem = f"the set points of {key} cross at {', '.join(crossed)}"
            remedy = "heat to less than cooling_setpoint"
            findings.error(name, problem, remedy, row=rows[key, quantity, day], column=crossed[0])
