"""Constants with parents: every number comes from a CSV with unit, year, source and confidence.

A constants file has the columns ``key,value,unit,year,source,confidence,low,high,note``. Confidence is
``verified`` (read in the source itself), ``standard`` (a named clause) or ``assumption`` (a planning default).
"""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

CONFIDENCES = ("verified", "standard", "assumption")


@dataclass(frozen=True, slots=True)
class Constant:
    """One sourced constant; `low` and `high` bound it where a range is known."""

    key: str
    text: str
    unit: str
    year: str
    source: str
    confidence: str
    low: float | None = None
    high: float | None = None
    note: str = ""

    @property
    def value(self) -> float:
        """The constant as a number, in `unit`."""
        return float(self.text)


class Constants(Mapping[str, Constant]):
    """The constants of one file, by key.

    Examples
    --------
    >>> factors = constants("resources", "factors.csv")
    >>> factors.value("grid.zhejiang.2023")
    0.4974
    """

    def __init__(self, rows: Mapping[str, Constant], name: str) -> None:
        self._rows = dict(rows)
        self.name = name

    def __getitem__(self, key: str) -> Constant:
        try:
            return self._rows[key]
        except KeyError:
            raise KeyError(f"{self.name} has no constant {key!r}") from None

    def __iter__(self) -> Iterator[str]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)

    def value(self, key: str) -> float:
        """Return one constant as a number."""
        return self[key].value

    def under(self, prefix: str) -> dict[str, Constant]:
        """Return the constants below a dotted prefix, keyed by what follows it."""
        start = f"{prefix}."
        return {key.removeprefix(start): row for key, row in self._rows.items() if key.startswith(start)}


def _number(text: str) -> float | None:
    return float(text) if text else None


@cache
def constants(package: str, name: str) -> Constants:
    """Read one constants file that lies beside the code of a package.

    Parameters
    ----------
    package
        Dotted name of the package the file lies in.
    name
        File name.

    Raises
    ------
    ValueError
        If a key stands twice or a confidence is not one of `CONFIDENCES`.
    """
    rows: dict[str, Constant] = {}
    lines = files(package).joinpath(name).read_text(encoding="utf-8").splitlines()
    for row in csv.DictReader(lines):
        if row["key"] in rows:
            raise ValueError(f"{name}: key {row['key']!r} stands twice")
        if row["confidence"] not in CONFIDENCES:
            raise ValueError(f"{name}: {row['key']}: confidence {row['confidence']!r} is not one of {CONFIDENCES}")
        rows[row["key"]] = Constant(
            key=row["key"],
            text=row["value"],
            unit=row["unit"],
            year=row["year"],
            source=row["source"],
            confidence=row["confidence"],
            low=_number(row["low"]),
            high=_number(row["high"]),
            note=row["note"],
        )
    return Constants(rows, name)
