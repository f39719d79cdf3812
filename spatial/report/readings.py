"""The targets under every reading of what they leave open, and why they hold or cannot all hold."""

from dataclasses import dataclass
from typing import Any

import pandas as pd

from layers.glossary import Language
from spatial.report.meta import Tables, table
from spatial.report.numbers import energy_scale, mass_scale, three
from spatial.report.words import Pair, pair, word


@dataclass(frozen=True, slots=True)
class Cell:
    """A target's value under one reading, and whether it holds: ``met``, ``missed`` or ``unknown``."""

    value: Pair
    kind: str
    mark: str


@dataclass(frozen=True, slots=True)
class Readings:
    """Names and limits of the targets, then a row a reading: what it is, and a cell a target."""

    targets: tuple[tuple[Pair, Pair], ...]
    rows: tuple[tuple[Pair, tuple[Cell | None, ...]], ...]


_MARKS = {"met": "✓", "missed": "✗", "unknown": "?"}


def _with_unit(value: float | None, unit: str, language: Language) -> str:
    """Return a number with its unit in a language; fractions as per cent, tonnes and MWh in a unit that fits."""
    if value is None or pd.isna(value):
        return "–"
    if unit == "fraction":
        return f"{three(value * 100.0)} %"
    if unit == "t":
        return mass_scale(value, language).text(value)
    if unit == "MWh":
        return energy_scale(value, language).text(value)
    shown = word(f"unit.{unit}", language) if unit else ""
    return f"{three(value)} {shown}".strip()


def amount(value: float | None, unit: str, before: str = "") -> Pair:
    """Return a number with its unit in both languages."""
    return before + _with_unit(value, unit, "zh"), before + _with_unit(value, unit, "en")


def number(value: Any) -> float | None:  # noqa: ANN401 - a cell of a table
    """Return a cell as a number, or nothing where it is empty."""
    return None if pd.isna(value) else float(value)


def _cell(row: pd.Series) -> Cell:
    value = number(row["value"])
    kind = "unknown" if value is None else "met" if row["met"] else "missed"
    return Cell(amount(value, str(row["unit"])), kind, _MARKS[kind])


def _called(gdp: float, people: float, method: str) -> Pair:
    parts = (
        pair("reading.gdp", times=three(gdp)), pair("reading.people", times=three(people)), pair(f"reading.{method}")
    )  # fmt: skip
    return "，".join(part[0] for part in parts), ", ".join(part[1] for part in parts)


def readings_of(tables: Tables) -> Readings | None:
    """Return the targets under every reading, or nothing where the run has no readings."""
    frame = table(tables, "readings")
    if frame is None:
        return None
    firsts = frame.drop_duplicates("target")
    names = [str(name) for name in firsts["target"]]
    heads = tuple(
        (
            pair(f"target.{row['target']}"),
            amount(number(row["limit"]), str(row["unit"]), "≤ " if row["sense"] == "<=" else "≥ "),
        )
        for _, row in firsts.iterrows()
    )
    rows = []
    for _, group in frame.groupby(["gdp_times", "population_times", "tce_method"], sort=True):
        first = group.iloc[0]
        cells = {str(row["target"]): _cell(row) for _, row in group.iterrows()}
        called = _called(float(first["gdp_times"]), float(first["population_times"]), str(first["tce_method"]))
        rows.append((called, tuple(cells.get(name) for name in names)))
    return Readings(heads, tuple(rows))


def sentences_of(tables: Tables) -> tuple[Pair, ...]:
    """Return why targets hold or not, as sentences in order."""
    frame = table(tables, "verdicts")
    if frame is None:
        return ()
    ordered = frame.sort_values("order")
    return tuple((str(zh), str(en)) for zh, en in zip(ordered["zh"], ordered["en"], strict=True))
