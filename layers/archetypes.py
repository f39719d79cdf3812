"""Building archetypes: one row each in ``archetypes.csv``, shared by stock, sun and demand.

A study may add its own, see `layers.archetype_sheets`; functions that deal with archetypes therefore take them as a
mapping `Kinds`, which the tables ARCHETYPES and ARCHETYPE_SCHEDULES carry from stage to stage.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files

import numpy as np
import pandas as pd

from layers.tables.stock import ARCHETYPES, HOURS, OVERRIDES

WITHOUT_BUILDINGS = frozenset({"none", "water", "aggregate"})
"""Archetypes of land uses that have no building stock."""

ENVELOPES = ("residential", "public", "industry")


@dataclass(frozen=True, slots=True)
class Archetype:
    """One kind of building.

    Attributes
    ----------
    archetype
        Its key.
    zh, en
        Its names.
    sector
        Sector of the account, one of ``layers.tables.balance.SECTORS``.
    load_key, schedule_key
        Loads and schedules of its zones, ``+``-separated, in the same order where both have several.
    enduse_key, benchmark_key
        Rows of the end uses and of the benchmark it is held against; the benchmark may be empty.
    civil
        Whether it is a civil building (residential or public), which the building codes address.
    process_by_activity
        Whether the energy of its equipment is counted by activity (value added, TEU), not by floor area.
    storey_height_m, floors, window_share
        Storey height [m], typical number of floors and share of windows in the facade.
    massing
        Key of the block dimensions in ``stock.csv``.
    envelope
        One of `ENVELOPES`.
    base
        Key of the built-in archetype whose other figures (roof, jobs, embodied carbon, extra equipment) it has; its
        own key where it is built in.
    overrides
        Own figures in place of those its load, schedule and envelope keys stand for, by column name: some of
        `layers.tables.stock.OVERRIDES`, the same for all vintages. Empty for the built-in ones.
    schedules
        Own schedules by (quantity, day type), 24 values each, ``h00`` first: fractions, or set points [C] with not a
        number where the plant is off. Day types are workday, weekend and allday. Empty for the built-in ones.
    """

    archetype: str
    zh: str
    en: str
    sector: str
    load_key: str
    schedule_key: str
    enduse_key: str
    benchmark_key: str
    civil: bool
    process_by_activity: bool
    storey_height_m: float
    floors: float
    window_share: float
    massing: str
    envelope: str
    source: str
    confidence: str
    note: str
    base: str
    overrides: Mapping[str, float] = field(default_factory=dict, hash=False)
    schedules: Mapping[tuple[str, str], tuple[float, ...]] = field(default_factory=dict, hash=False)


Kinds = Mapping[str, Archetype]
"""Archetypes by key: the built-in ones and those a study adds."""


@cache
def archetypes() -> dict[str, Archetype]:
    """Return all archetypes by key, in the order of the file.

    Examples
    --------
    >>> archetypes()["office"].sector
    'service'
    """
    lines = files("layers").joinpath("archetypes.csv").read_text(encoding="utf-8").splitlines()
    found: dict[str, Archetype] = {}
    for row in csv.DictReader(lines):
        if row["archetype"] in found:
            raise ValueError(f"archetypes.csv: {row['archetype']!r} stands twice")
        found[row["archetype"]] = Archetype(
            archetype=row["archetype"],
            zh=row["zh"],
            en=row["en"],
            sector=row["sector"],
            load_key=row["load_key"],
            schedule_key=row["schedule_key"],
            enduse_key=row["enduse_key"],
            benchmark_key=row["benchmark_key"],
            civil=row["civil"] == "yes",
            process_by_activity=row["process_by_activity"] == "yes",
            storey_height_m=float(row["storey_height_m"]),
            floors=float(row["floors"]),
            window_share=float(row["window_share"]),
            massing=row["massing"],
            envelope=row["envelope"],
            source=row["source"],
            confidence=row["confidence"],
            note=row["note"],
            base=row["archetype"],
        )
    return found


def bases(kinds: Kinds | None = None) -> dict[str, str]:
    """Return the built-in archetype whose other figures each archetype has.

    Examples
    --------
    >>> bases()["office"]
    'office'
    """
    return {key: kind.base for key, kind in (archetypes() if kinds is None else kinds).items()}


def archetype_tables(kinds: Kinds) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return archetypes as tables.

    Returns
    -------
    tuple of DataFrame
        ARCHETYPES, in the order of the mapping, and ARCHETYPE_SCHEDULES, sorted by key.
    """
    dtypes = {"text": "str", "number": "float64", "flag": "bool"}
    columns = {
        name: pd.Series(
            [kind.overrides.get(name, np.nan) if name in OVERRIDES else getattr(kind, name) for kind in kinds.values()],
            dtype=dtypes[column.kind],
        ).to_numpy()
        for name, column in ARCHETYPES.columns.items()
    }
    table = pd.DataFrame(columns, index=pd.Index(list(kinds), name="archetype", dtype="str"))
    table = table.astype({name: dtypes[column.kind] for name, column in ARCHETYPES.columns.items()})
    rows = [
        (key, quantity, day, *values)
        for key, kind in kinds.items()
        for (quantity, day), values in kind.schedules.items()
    ]
    schedules = pd.DataFrame(rows, columns=["archetype", "quantity", "day", *HOURS]).astype(
        {**dict.fromkeys(("archetype", "quantity", "day"), "str"), **dict.fromkeys(HOURS, "float64")}
    )
    return table, schedules.sort_values(["archetype", "quantity", "day"]).reset_index(drop=True)


def kinds_of(tables: Mapping[str, pd.DataFrame]) -> dict[str, Archetype]:
    """Return the archetypes that a run's tables carry; the built-in ones where it has no such tables.

    Parameters
    ----------
    tables
        May hold ``archetypes`` and ``archetype_schedules``, as `archetype_tables` gives them.
    """
    table, schedules = tables.get("archetypes"), tables.get("archetype_schedules")
    if table is None:
        return archetypes()
    own: dict[str, dict[tuple[str, str], tuple[float, ...]]] = {}
    if schedules is not None:
        keys = schedules[["archetype", "quantity", "day"]].to_numpy(dtype=object)
        for (key, quantity, day), values in zip(keys, schedules[list(HOURS)].to_numpy(dtype=float), strict=True):
            own.setdefault(str(key), {})[str(quantity), str(day)] = tuple(values.tolist())
    found: dict[str, Archetype] = {}
    for row in table.reset_index().to_dict("records"):
        given = {name: float(row[name]) for name in OVERRIDES if not np.isnan(row[name])}
        plain = {str(name): value for name, value in row.items() if name not in OVERRIDES}
        key = str(row["archetype"])
        found[key] = Archetype(**plain, overrides=given, schedules=own.get(key, {}))
    return found
