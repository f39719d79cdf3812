"""What buildings need that no figure here stands for, said so that nobody takes it for counted."""

import csv
from functools import cache
from importlib.resources import files

import pandas as pd

from layers.archetypes import archetypes


@cache
def _missing() -> dict[str, str]:
    """Return what is not modelled, by archetype."""
    lines = files("spatial.demand").joinpath("unmodelled.csv").read_text(encoding="utf-8").splitlines()
    return {row["archetype"]: row["missing"] for row in csv.DictReader(lines)}


def unmodelled(stock: pd.DataFrame) -> list[str]:
    """Return a sentence for every archetype of the stock whose main demand is not modelled.

    Parameters
    ----------
    stock
        Table STOCK.
    """
    sentences = []
    for archetype, missing in _missing().items():
        rows = stock.loc[stock["archetype"] == archetype]
        if not rows.empty:
            name, area = archetypes()[archetype].en, rows["floor_area_m2"].sum()
            parcels = ", ".join(sorted(rows["parcel_id"].astype(str).unique()))
            sentences.append(f"{name}, {area:,.0f} m2 on {parcels}: {missing}")
    return sentences
