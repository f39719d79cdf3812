"""The words of the report that are no quantities, in both languages, from ``words.csv``."""

import csv
from functools import cache
from importlib.resources import files

from layers.glossary import Language
from spatial.report.headers import name_of

Pair = tuple[str, str]
"""A text in Chinese and in English."""


@cache
def _words() -> dict[str, Pair]:
    lines = files("spatial.report").joinpath("words.csv").read_text(encoding="utf-8").splitlines()
    return {row["key"]: (row["zh"], row["en"]) for row in csv.DictReader(lines)}


def word(key: str, language: Language, **parts: object) -> str:
    """Return a word in one language, with its ``{parts}`` filled in.

    A key like ``scenario.<name>`` that stands in no list is called by what follows the dot, as the glossary has it.

    Examples
    --------
    >>> word("scenario.near_zero", "zh"), word("scenario.my_own", "en")
    ('近零碳情景', 'my own')
    """
    known = _words().get(key)
    if known is None:
        return name_of(key.split(".", 1)[-1], language)
    text = known[0] if language == "zh" else known[1]
    return text.format(**parts) if parts else text


def pair(key: str, **parts: object) -> Pair:
    """Return a word in both languages."""
    return word(key, "zh", **parts), word(key, "en", **parts)


def line(key: str) -> str:
    """Return a word in both languages on one line, Chinese first."""
    return " ".join(dict.fromkeys(pair(key)))
