"""The controls of parcels: ratios, heights, areas, people and phase, with everything wrong in them told row by row."""

import re
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from layers.columns import numbers, texts
from layers.errors import Findings
from layers.geometry import tell_rows
from layers.parcels.options import ParcelOptions

_RANGE = re.compile(r"^\s*\d+(?:\.\d+)?\s*[-~—～至]\s*(\d+(?:\.\d+)?)\s*$")
_YEAR = re.compile(r"^\s*(\d{4})(?:\.0+)?\s*年?\s*(?:[-/]\d{1,2}[-/]\d{1,2}.*)?$")
_EXISTING = {
    "existing",
    "built",
    "现状",
    "现状保留",
    "保留",
    "已建",
    "建成",
    "既有",
    "现有",
    "true",
    "yes",
    "y",
    "1",
    "是",
}
_PLANNED = {"planned", "new", "future", "proposed", "规划", "新建", "拟建", "待建", "在建", "改造", "更新"}
_PLANNED |= {"false", "no", "n", "0", "否"}
_SMALLEST_PERCENT = 3.0
"""A ratio between 1 and this is no plausible percentage among fractions: 1.35 is a slip, not 1.35 %."""

_WORDS = {
    "far": "floor area ratio",
    "building_density": "building density",
    "height_limit_m": "height limit",
    "green_ratio": "green ratio",
    "floor_area_m2": "floor area",
    "population": "population",
    "jobs": "number of jobs",
}
_HIGHEST = {"height_limit_m": 1000.0}


@dataclass(frozen=True)
class Reader:
    """One parcels file on its way in: its rows, which of its columns is which, and where faults go."""

    frame: pd.DataFrame
    columns: dict[str, str]
    rows: pd.Series
    source: str
    findings: Findings
    options: ParcelOptions

    def tell(
        self,
        level: Literal["error", "warning", "note"],
        where: pd.Series,
        column: str,
        problems: pd.Series | str,
        remedy: str,
    ) -> None:
        """Add a fault for every row in `where`; the column is called as the file calls it."""
        if not where.any():
            return
        told = [problems] * int(where.sum()) if isinstance(problems, str) else problems[where].tolist()
        name = self.columns.get(column, column)
        tell_rows(self.findings, level, self.source, self.rows[where], told, remedy=remedy, column=name)

    def given(self, column: str) -> pd.Series | None:
        """Return a column as the file has it, None where it has none."""
        return self.frame[self.columns[column]] if column in self.columns else None

    def number(self, column: str) -> tuple[pd.Series, pd.Series]:
        """Return a column as non-negative numbers, empty where absent or at fault, and which rows said percent."""
        given = self.given(column)
        if given is None:
            nothing = pd.Series(np.nan, index=self.frame.index)
            return nothing, nothing.notna()
        value, percent, wrong = numbers(given)
        word = _WORDS[column]
        written = given.astype("str")
        ranged = wrong & written.str.match(_RANGE)
        upper = written.str.extract(_RANGE)[0]
        for row in self.frame.index[ranged]:
            self.findings.error(
                self.source,
                f"{word} is a range, {written[row]!r}",
                f"write one number, such as its upper limit {upper[row]}",
                row=self.rows[row],
                column=self.columns[column],
            )
        self.tell(
            "error",
            wrong & ~ranged,
            column,
            f"{word} is no number, " + written.map(repr),
            "write a number or leave it empty",
        )
        negative = value < 0
        self.tell("error", negative, column, f"{word} is negative, " + value.map("{:g}".format), "write a number >= 0")
        high = value > _HIGHEST.get(column, np.inf)
        self.tell(
            "error", high, column, f"{word} is implausible, " + value.map("{:g}".format), "check the unit: metres"
        )
        return value.where(~(negative | high)), percent

    def far(self) -> pd.Series:
        """Return floor area ratios."""
        value, _ = self.number("far")
        absurd = value > self.options.max_far
        self.tell(
            "error",
            absurd,
            "far",
            "floor area ratio is absurd, " + value.map("{:g}".format),
            f"floor area over land area is at most {self.options.max_far:g}; is it a percentage or an area?",
        )
        return value.where(~absurd)

    def ratio(self, column: str) -> pd.Series:
        """Return densities or green ratios as fractions; percent is accepted and said once."""
        value, percent = self.number(column)
        filled = value[value > 0]
        kind = self.options.ratios
        if kind == "percent":
            percent = pd.Series(True, index=value.index)
        elif kind == "auto":
            whole = len(filled) > 0 and (filled > 1).mean() > 0.5
            small = (value > 0) & (value < 1) & ~percent if whole else pd.Series(False, index=value.index)
            self.tell(
                "warning",
                small,
                column,
                "is " + value.map("{:g}".format) + " among percentages; taken as a fraction",
                'write one or the other, and say ratios = "percent" or "fraction"',
            )
            percent = percent | ((value >= 1) if whole else (value >= _SMALLEST_PERCENT)) & ~small
        fraction = value.where(~percent, value / 100.0)
        if kind == "auto" and percent.any():
            example, means = float(value[percent].iloc[0]), float(fraction[percent].iloc[0])
            self.findings.note(
                self.source,
                f"{int(percent.sum())} values of {_WORDS[column]} were taken as percent ({example:g} for {means:g})",
                column=self.columns.get(column, column),
            )
        wrong = fraction > 1
        self.tell(
            "error",
            wrong,
            column,
            _WORDS[column] + " is above 1, " + value.map("{:g}".format),
            "write a fraction (0 to 1) or percent (0 to 100)",
        )
        return fraction.where(~wrong)

    def phase(self, base_year: int, target_year: int) -> tuple[pd.Series, pd.Series]:
        """Return which parcels exist in the base year, and the year from which each stands."""
        year, says = self._year(self._says_existing())
        late = year > target_year
        self.tell(
            "warning",
            late,
            "phase_year",
            "comes after the target year, in " + year.map("{:.0f}".format),
            f"it counts for nothing until {target_year}; is the year right?",
        )
        clash = says.eq("existing") & (year > base_year)
        self.tell(
            "warning",
            clash,
            "phase_year",
            "is existing, yet its year is " + year.map("{:.0f}".format),
            f"taken as existing in {base_year}; correct one of the two",
        )
        existing = says.eq("existing") | (says.eq("") & ~(year > base_year))
        silent = says.eq("") & year.isna()
        if silent.any():
            self.findings.note(
                self.source,
                f"{int(silent.sum())} of {len(silent)} parcels say neither phase year nor status; taken as existing",
                "add a column phase_year (a year) or status (existing, planned)",
                column=self.columns.get("phase_year", "phase_year"),
            )
        stands_by_now = says.eq("planned") & (year <= base_year)
        if stands_by_now.any():
            self.findings.note(
                self.source,
                f"{int(stands_by_now.sum())} planned parcels have a year up to {base_year}; taken as existing",
                column=self.columns.get("phase_year", "phase_year"),
            )
            existing |= stands_by_now
        planned = says.eq("planned") & year.isna()
        if planned.any():
            self.findings.note(
                self.source,
                f"{int(planned.sum())} planned parcels have no year; taken for {target_year}",
                "give their phase years",
                column=self.columns.get("phase_year", "phase_year"),
            )
        stands = year.where(~planned, float(target_year)).where(~existing, float(base_year))
        return existing.astype(bool), stands.fillna(target_year).astype("int64")

    def _says_existing(self) -> pd.Series:
        says = pd.Series("", index=self.frame.index, dtype="str")
        for column in ("existing", "status"):
            given = self.given(column)
            if given is None:
                continue
            words = texts(given).str.strip().str.lower()
            is_existing, is_planned = words.isin(_EXISTING), words.isin(_PLANNED)
            self.tell(
                "error",
                ~is_existing & ~is_planned & (words != ""),
                column,
                "status is not understood, " + words.map(repr),
                "write existing or planned (现状 or 规划)",
            )
            says = says.mask(is_existing, "existing").mask(is_planned, "planned")
        return says

    def _year(self, says: pd.Series) -> tuple[pd.Series, pd.Series]:
        given = self.given("phase_year")
        if given is None:
            return pd.Series(np.nan, index=self.frame.index), says
        words = texts(given).str.strip()
        empty = words.isin(["", "-", "/", "0", "nan", "None"])
        existing = words.str.lower().isin(_EXISTING - {"1"})
        year = pd.to_numeric(words.str.extract(_YEAR)[0], errors="coerce").astype("float64")
        wrong = ~empty & ~existing & ~year.between(1900, 2200)
        self.tell(
            "error",
            wrong,
            "phase_year",
            "phase year is no year, " + words.map(repr),
            "write four figures, such as 2025, or existing",
        )
        return year.where(~wrong & ~existing), says.mask(existing & says.eq(""), "existing")
