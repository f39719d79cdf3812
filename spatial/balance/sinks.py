"""What green land takes up."""

import csv
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from layers.constants import constants
from layers.units import M2_PER_HA


@cache
def sink_prefixes() -> dict[str, str]:
    """Return the kind of sink of each land-use prefix."""
    with Path(__file__).with_name("sinks.csv").open(encoding="utf-8", newline="") as stream:
        return {row["landuse"]: row["sink"] for row in csv.DictReader(stream)}


def sink_of(landuse: str) -> str | None:
    """Return the kind of sink of a land-use code by its longest known prefix.

    Examples
    --------
    >>> sink_of("E23"), sink_of("G12"), sink_of("R2")
    ('forest', 'park', None)
    """
    known = sink_prefixes()
    for length in range(len(landuse), 0, -1):
        if landuse[:length] in known:
            return known[landuse[:length]]
    return None


def sinks(parcels: pd.DataFrame, scenarios: Sequence[str], years: NDArray[np.int64]) -> pd.DataFrame:
    """Return uptake [t CO2] by scenario, year, planning unit and kind of green land.

    Land counts from the year its parcel is laid out; what stood there before is not counted.
    """
    factors = constants("resources", "factors.csv")
    green = pd.DataFrame(
        {
            "kind": parcels["landuse"].map(sink_of),
            "unit_id": parcels["unit_id"],
            "area_m2": parcels["area_m2"],
            "phase_year": parcels["phase_year"],
        }
    ).dropna(subset=["kind"])
    frames: list[pd.DataFrame] = []
    for year in years:
        laid_out = green[green["phase_year"] <= year]
        area: pd.DataFrame = laid_out.groupby(["unit_id", "kind"], sort=True)["area_m2"].sum().reset_index()
        per_ha = np.array([factors.value(f"sink.{kind}") for kind in area["kind"]], dtype=float)
        area["co2_t"] = area["area_m2"].to_numpy(dtype=float) / M2_PER_HA * per_ha
        frames += [area.assign(scenario=str(scenario), year=int(year)) for scenario in scenarios]
    return pd.concat(frames, ignore_index=True)
