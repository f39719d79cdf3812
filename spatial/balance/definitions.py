"""What each indicator means under the switches of the study, in both languages."""

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from spatial.balance.options import Switches

HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Definition:
    """Unit of an indicator, and its definition with the switches' settings put in."""

    unit: str
    en: str
    zh: str


def _rows(name: str) -> list[dict[str, str]]:
    with (HERE / name).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


@cache
def definitions(switches: Switches) -> dict[str, Definition]:
    """Return the definition of every indicator.

    Examples
    --------
    >>> definitions(Switches(sinks="net"))["co2_t"].en
    'scope 1 and 2, net of sinks'
    """
    chosen = {
        "sinks": switches.sinks,
        "persons": switches.persons,
        "prices": switches.price_base,
        "tce": switches.tce_method,
        "denominator": switches.renewable_denominator,
        "basis": switches.renewable_electricity,
    }
    words = {row["switch"]: row for row in _rows("switch_words.csv") if chosen[row["switch"]] == row["value"]}
    said = {language: {name: row[language] for name, row in words.items()} for language in ("en", "zh")}
    return {
        row["indicator"]: Definition(row["unit"], row["en"].format(**said["en"]), row["zh"].format(**said["zh"]))
        for row in _rows("indicators.csv")
    }
