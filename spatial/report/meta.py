"""What a run was: the facts about it that every output repeats."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

Tables = Mapping[str, pd.DataFrame]
"""All tables of a run by name, as ``layers/tables`` names them; any of them may be missing."""


@dataclass(frozen=True, slots=True)
class RunMeta:
    """Facts about a run.

    Attributes
    ----------
    name
        Short name of the study.
    title_zh, title_en
        Its title in both languages.
    base_year, target_year
        First and last year of the account.
    crs
        Projected coordinate system of all layers, for example ``EPSG:4550``.
    illustrative
        What is made up for illustration: names of the glossary, or plain sentences.
    attribution
        Whose data it is, one line each.
    switches
        Settings that change the result, and what was chosen, as it shall be printed.
    versions
        Package to version.
    inputs
        Name, SHA-256 and kind of every input file.
    scenarios
        Keys of the scenarios, the reference first.
    """

    name: str
    title_zh: str
    title_en: str
    base_year: int
    target_year: int
    crs: str
    illustrative: tuple[str, ...] = ()
    attribution: tuple[str, ...] = ()
    switches: Mapping[str, str] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)
    inputs: tuple[tuple[str, str, str], ...] = ()
    scenarios: tuple[str, ...] = ("bau", "near_zero")


def flat(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a frame with its key as columns, whether it stood in the index or not."""
    named = any(name is not None for name in frame.index.names)
    return frame.reset_index() if named else frame


def table(tables: Tables, name: str) -> pd.DataFrame | None:
    """Return one table with its key as columns, or nothing where the run has no such table or it is empty."""
    frame = tables.get(name)
    if frame is None or frame.empty:
        return None
    return flat(frame)


def has(tables: Tables, *names: str) -> bool:
    """Return whether a run has all the tables named, with rows in them."""
    return all(table(tables, name) is not None for name in names)
