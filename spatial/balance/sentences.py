"""Sentences of the verdict: templates, names and figures as they stand in both languages."""

import csv
from collections.abc import Mapping
from functools import cache
from math import floor, log10
from pathlib import Path

HERE = Path(__file__).parent
PERCENT = 100.0

Word = tuple[str, str]
"""English and Chinese."""


def _rows(name: str, key: str) -> dict[str, Word]:
    with (HERE / name).open(encoding="utf-8", newline="") as stream:
        return {row[key]: (row["en"], row["zh"]) for row in csv.DictReader(stream)}


@cache
def templates() -> Mapping[str, Word]:
    """Return every sentence with its places, in English and Chinese."""
    return _rows("verdict.csv", "sentence")


@cache
def words() -> Mapping[str, Word]:
    """Return the names that stand in sentences, in English and Chinese."""
    return _rows("verdict_words.csv", "key")


def word(kind: str, key: str) -> Word:
    """Return a name in both languages; a name that a planner has given stands as it is.

    Examples
    --------
    >>> word("carrier", "diesel")[0], word("scenario", "more_wind")[0]
    ('diesel', 'more_wind')
    """
    return words().get(f"{kind}.{key}", (key, key))


def significant(value: float) -> str:
    """Return a number to three significant digits, whole above a hundred.

    Examples
    --------
    >>> significant(0.04), significant(1.0), significant(-12.345), significant(123456.0)
    ('0.04', '1', '-12.3', '123,000')
    """
    if value == 0.0:
        return "0"
    digits = 2 - floor(log10(abs(value)))
    text = f"{round(value, digits):,.{max(digits, 0)}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def percent(share: float) -> str:
    """Return a share in per cent, to three significant digits."""
    return significant(PERCENT * share)


def measured(value: float, unit: str) -> Word:
    """Return a quantity with its unit in both languages; a fraction is shown in per cent."""
    en, zh = word("unit", unit)
    number = percent(value) if unit == "fraction" else significant(value)
    return f"{number} {en}", f"{number}{zh}"


def difference(value: float, unit: str) -> Word:
    """Return a difference: one of shares is in percentage points."""
    en, zh = word("unit", "points")
    number = percent(value)
    return (f"{number} {en}", f"{number}{zh}") if unit == "fraction" else measured(value, unit)


def listed(names: list[Word]) -> Word:
    """Return names one after another in both languages."""
    return ", ".join(en for en, _ in names), "、".join(zh for _, zh in names)


def fill(template: str, places: Mapping[str, Word | str], side: int) -> str:
    """Return a sentence in one language, 0 English and 1 Chinese, with its places filled."""
    text = templates()[template][side].format(
        **{name: text if isinstance(text, str) else text[side] for name, text in places.items()}
    )
    return text[:1].upper() + text[1:]
