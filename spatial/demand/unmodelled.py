"""What buildings need that no figure here stands for, said so that nobody takes it for counted."""

import csv
from functools import cache
from importlib.resources import files

import pandas as pd

from layers.archetypes import Kinds, archetypes
from layers.constants import constants


@cache
def _missing() -> dict[str, str]:
    """Return what is not modelled, by archetype."""
    lines = files("spatial.demand").joinpath("unmodelled.csv").read_text(encoding="utf-8").splitlines()
    return {row["archetype"]: row["missing"] for row in csv.DictReader(lines)}


DRIVEN = {"teu": "handling and container lorries", "berth_calls": "ships at berth"}
"""Driver to what a port does that is not counted without it."""


def uncounted(drivers: pd.DataFrame, parcels: pd.DataFrame) -> list[str]:
    """Return a sentence for every driver of a port that the study leaves out though its plan has a port.

    Parameters
    ----------
    drivers, parcels
        Tables DRIVERS and PARCELS.
    """
    codes = tuple(constants("spatial.demand", "activity.csv")["landuse.port"].text.split())
    port = parcels.loc[parcels["landuse"].str.startswith(codes)]
    known = set(drivers["driver"])
    return [
        f"the plan has {len(port):,} port parcels, but there is no driver {name!r}: {what} are not counted"
        for name, what in DRIVEN.items()
        if len(port) and name not in known
    ]


def unmodelled(stock: pd.DataFrame, kinds: Kinds | None = None) -> list[str]:
    """Return a sentence for every archetype of the stock whose main demand is not modelled.

    Parameters
    ----------
    stock
        Table STOCK.
    kinds
        Archetypes of the study; without them the built-in ones. What its base lacks, an archetype lacks as well.
    """
    sentences = []
    missing_of = _missing()
    for key, kind in (archetypes() if kinds is None else kinds).items():
        rows, missing = stock.loc[stock["archetype"] == key], missing_of.get(kind.base)
        if missing is not None and not rows.empty:
            name, area = kind.en, rows["floor_area_m2"].sum()
            parcels = ", ".join(sorted(rows["parcel_id"].astype(str).unique()))
            sentences.append(f"{name}, {area:,.0f} m2 on {parcels}: {missing}")
    return sentences
