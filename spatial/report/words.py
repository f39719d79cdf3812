"""The words of the report that are no quantities, in both languages, from ``words.csv``."""

import csv
import re
from functools import cache
from importlib.resources import files

from layers.glossary import Language, glossary
from spatial.diagrams.words import diagram_words, joint_steps
from spatial.report.headers import name_of
from spatial.report.meta import Tables, table

Pair = tuple[str, str]
"""A text in Chinese and in English."""
_OF_SCENARIO = re.compile(r"(co2|scope1|scope2|energy|embodied)_(\w+)_target_(?:t|mwh)")
"""Columns of parcels that stand once for each scenario, which the study may name as it likes."""

_SAME = {"flow": "sector"}
"""Families of words that fall back on another: a node of the Sankey may be a sector."""


@cache
def _words() -> dict[str, Pair]:
    lines = files("spatial.report").joinpath("words.csv").read_text(encoding="utf-8").splitlines()
    return {**diagram_words(), **{row["key"]: (row["zh"], row["en"]) for row in csv.DictReader(lines)}}


def word(key: str, language: Language, **parts: object) -> str:
    """Return a word in one language, with its ``{parts}`` filled in.

    A key like ``scenario.<name>`` that stands in no list is called by what follows the dot, as the glossary has it.

    Examples
    --------
    >>> word("scenario.near_zero", "zh"), word("scenario.my_own", "en")
    ('近零碳情景', 'my own')
    """
    known = _words().get(key) or _words().get(f"{_SAME.get(key.split('.', 1)[0], '')}.{key.split('.', 1)[-1]}")
    if known is None:
        return name_of(key.split(".", 1)[-1], language)
    text = known[0] if language == "zh" else known[1]
    return text.format(**parts) if parts else text


def measure_names(tables: Tables, language: Language) -> dict[str, str]:
    """Return what each measure of a run is called in a language."""
    frame = table(tables, "measures")
    if frame is None:
        return {}
    joint = {key: zh if language == "zh" else en for key, (zh, en) in joint_steps().items()}
    return joint | {str(key): str(name) for key, name in zip(frame["measure"], frame[language], strict=True)}


def pair(key: str, **parts: object) -> Pair:
    """Return a word in both languages."""
    return word(key, "zh", **parts), word(key, "en", **parts)


def line(key: str) -> str:
    """Return a word in both languages on one line, Chinese first."""
    return " ".join(dict.fromkeys(pair(key)))


def column_name(column: str, language: Language, table: str = "") -> str:
    """Return what people call a column: what it is in its table first, then what it is anywhere.

    Examples
    --------
    >>> column_name("kind", "en", "sinks"), column_name("kind", "en"), column_name("sector", "en", "balance")
    ('Kind of sink', 'Kind of exclusion', 'Sector')
    """
    for key in (f"column.{table}.{column}", f"column.{column}"):
        if key in _words():
            return word(key, language)
    scenario = _OF_SCENARIO.fullmatch(column)
    if scenario is not None and column not in glossary():
        return word(f"column.{scenario[1]}_target", language, scenario=word(f"scenario.{scenario[2]}", language))
    return name_of(column, language)


def heading(column: str, table: str = "") -> str:
    """Return the header of a column in both languages on one line, Chinese first; once where they are the same."""
    return " ".join(dict.fromkeys((column_name(column, "zh", table), column_name(column, "en", table))))
