"""The words, themes and colours of the map, each read from its CSV."""

import csv
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from layers.glossary import glossary
from spatial.diagrams.words import diagram_words

OTHERS = (
    ("layers", "archetypes.csv", "archetype"),
    ("resources", "siting_reasons.csv", "key"),
    ("spatial", "demand/subsectors.csv", "subsector"),
)
"""Lists of other rooms that name their own keys in both languages: package, file, column of the key."""


DIAGRAMS = ("flow", "effect", "power", "item", "brief")
"""Families of names that stand in diagrams only."""


def _rows(name: str, package: str = "spatial.maps") -> list[dict[str, str]]:
    lines = files(package).joinpath(name).read_text(encoding="utf-8").splitlines()
    return list(csv.DictReader(lines))


@cache
def themes() -> tuple[Mapping[str, str], ...]:
    """Return the themes of the map in the order they are offered.

    Examples
    --------
    >>> themes()[0]["id"], themes()[0]["group"]
    ('landuse', 'plan')
    """
    return tuple(_rows("themes.csv"))


@cache
def texts() -> Mapping[str, tuple[str, str]]:
    """Return every text of the page by key, in Chinese and English.

    Examples
    --------
    >>> texts()["scenario"]
    ('情景', 'Scenario')
    """
    found = {row["key"]: (row["zh"], row["en"]) for row in _rows("texts.csv")}
    if any(not all(pair) for pair in found.values()):
        raise ValueError("texts.csv: a text lacks one of its two languages")
    return found


@cache
def fields() -> tuple[Mapping[str, str], ...]:
    """Return the numbers of the parcel card: section, quantity, kind of source and the inputs they rest on."""
    return tuple(_rows("fields.csv"))


def colours(override: Mapping[str, str]) -> tuple[dict[str, list[str]], dict[str, str]]:
    """Return the ramps and the single colours, with the user's own put in place.

    Parameters
    ----------
    override
        Colours by key; a ramp's steps are ``name.0``, ``name.1`` and so on.

    Examples
    --------
    >>> ramps, single = colours({"sea": "#123456"})
    >>> single["sea"], len(ramps["heat"])
    ('#123456', 6)
    """
    ramps: dict[str, list[str]] = {}
    single: dict[str, str] = {}
    for row in _rows("colours.csv"):
        colour = override.get(row["key"], row["colour"])
        name, _, step = row["key"].rpartition(".")
        if step.isdigit():
            ramps.setdefault(name, []).append(colour)
        else:
            single[row["key"]] = colour
    return ramps, single


@cache
def _other_words() -> Mapping[str, tuple[str, str]]:
    named = [(row[key], (row["zh"], row["en"])) for package, name, key in OTHERS for row in _rows(name, package)]
    kinds = [(f"exclusion.{row['kind']}", (row["zh"], row["en"])) for row in _rows("exclusion_kinds.csv", "layers")]
    return dict(named + kinds)


def word(key: str) -> tuple[str, str]:
    """Return what a key of the tables is called, in Chinese and English.

    The glossary comes first, then the map's own terms, then the lists of other rooms; an unknown key is shown as it
    stands. A key of a diagram, as ``flow.wind``, that the diagrams do not name is called by what follows the dot.

    Examples
    --------
    >>> word("term_nobody_knows")
    ('term nobody knows', 'term nobody knows')
    """
    quantity = glossary().get(key)
    if quantity is not None:
        return quantity.zh, quantity.en
    family, _, rest = key.partition(".")
    if family in DIAGRAMS and rest:
        return diagram_words().get(key) or word(rest)
    return texts().get(f"term.{key}") or _other_words().get(key) or (key.replace("_", " "),) * 2


def sides(text: str) -> tuple[str, str]:
    """Split a text that stands in both languages, as ``zh / en`` or ``en · zh``, into Chinese and English.

    Text in one language only stands for both.

    Examples
    --------
    >>> sides("无此指标 / No such figure")
    ('无此指标', 'No such figure')
    >>> sides("Shore © somebody · 岸线 © 某人")
    ('岸线 © 某人', 'Shore © somebody')
    >>> sides("a / b")
    ('a / b', 'a / b')
    """
    for mark in (" / ", " · "):
        first, found, second = text.partition(mark)
        if found and _chinese(first) != _chinese(second):
            return (first, second) if _chinese(first) else (second, first)
    return text, text


def _chinese(text: str) -> bool:
    return any("\u4e00" <= character <= "\u9fff" for character in text)
