"""Building archetypes: one row each in ``archetypes.csv``, shared by stock, sun and demand."""

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

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
        )
    return found
