"""Embodied carbon of new buildings: what their materials and building site emit, outside scope 1 and 2."""

import csv
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

from layers.archetypes import Kinds, bases
from layers.constants import constants

KG_PER_T = 1000.0


@cache
def embodied_factors() -> dict[str, float]:
    """Return embodied carbon (EN 15978 stages A1 to A5) of every archetype [kg CO2e per m2 of floor area].

    Examples
    --------
    >>> embodied_factors()["office"]
    480.0
    """
    factors = constants("spatial.balance", "embodied.csv")
    with Path(__file__).with_name("embodied_groups.csv").open(encoding="utf-8", newline="") as stream:
        return {row["archetype"]: factors.value(f"embodied.{row['group']}") for row in csv.DictReader(stream)}


def embodied(
    stock: pd.DataFrame, coverage: Mapping[str, pd.Series], base_year: int, kinds: Kinds | None = None
) -> pd.DataFrame:
    """Return embodied carbon of the buildings finished in each year after the base year.

    Parameters
    ----------
    stock
        Table STOCK.
    coverage
        Scenario to the share of new floor area built with low-carbon concrete and steel, indexed by calendar year.
        Buildings finished after its last year are left out.
    base_year
        What stands by then is not new.
    kinds
        Archetypes of the study, which have the factor of the built-in one they are like; without them the built-in.

    Returns
    -------
    DataFrame
        Table EMBODIED: floor_area_m2 [m2] and co2_t [t] by scenario, year and parcel. CO2 of an archetype is floor
        area times its factor times (1 - coverage times the saving).

    Raises
    ------
    KeyError
        If an archetype has no factor, or the coverage has no value for a year in which buildings are finished.
    """
    new = stock[(stock["year_from"] > base_year) & (stock["floor_area_m2"] > 0.0)]
    factors, base = embodied_factors(), bases(kinds)
    of_kinds = {key: factors[base.get(key, key)] for key in {*factors, *base} if base.get(key, key) in factors}
    if unknown := sorted(set(new["archetype"]) - set(of_kinds)):
        raise KeyError(f"embodied_groups.csv has no {', '.join(unknown)}")
    usual = new["floor_area_m2"] * new["archetype"].map(of_kinds).astype(float) / KG_PER_T
    rows = new[["parcel_id", "unit_id", "floor_area_m2"]].assign(year=new["year_from"], usual_t=usual)
    frames = [_scenario(rows, str(name), path) for name, path in coverage.items()]
    columns = ["scenario", "year", "parcel_id", "unit_id", "floor_area_m2", "co2_t"]
    return pd.concat(frames, ignore_index=True)[columns]


def _scenario(rows: pd.DataFrame, scenario: str, coverage: pd.Series) -> pd.DataFrame:
    saving = constants("spatial.balance", "embodied.csv").value("saving.low_carbon")
    counted = rows[rows["year"] <= coverage.index.max()]
    share = coverage.reindex(counted["year"]).to_numpy(dtype=float)
    if np.isnan(share).any():
        gaps = sorted({int(when) for when in counted["year"].to_numpy()[np.isnan(share)]})
        raise KeyError(f"low-carbon coverage of {scenario} has no value for {', '.join(map(str, gaps))}")
    emitted = counted.assign(co2_t=counted["usual_t"] * (1.0 - share * saving))
    sums: pd.DataFrame = emitted.groupby(["year", "parcel_id", "unit_id"], sort=True)[["floor_area_m2", "co2_t"]].sum()
    return sums.reset_index().assign(scenario=scenario)
