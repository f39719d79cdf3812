"""What tables must tell for networks to be designed: all that is wrong with them is told at once."""

from collections.abc import Iterable, Sequence

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from layers.errors import refuse
from layers.tables.contract import Column, Table
from layers.tables.demand import DEMAND_PARCELS
from layers.tables.place import PARCELS, STREETS
from layers.units import HOURS_PER_YEAR, KWH_PER_MWH

Flags = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]

DEMAND = ("floor_area_m2", "heating_mwh", "hot_water_mwh", "cooling_mwh", "heating_peak_kw", "cooling_peak_kw")
"""Columns of the demand that networks rest on."""
PEAKS = {"heating_mwh": "heating_peak_kw", "cooling_mwh": "cooling_peak_kw"}
"""The peak of each energy: what is taken in a year is taken in some hour."""
ROUNDED = 1.01
"""A year may be a leap year, and figures rounded."""
NEEDED = {
    "streets": ("road_class",),
    "parcels": ("parcel_id", "landuse", "area_m2", "phase_year"),
    "demand_parcels": ("parcel_id", "year", *DEMAND),
}
"""Columns of each table without which no network can be designed."""
KINDS = {"text": "text", "number": "a number", "integer": "a whole number"}
"""What a column of each kind holds, in words."""


def check_tables(streets: gpd.GeoDataFrame, parcels: gpd.GeoDataFrame, demand_parcels: pd.DataFrame, year: int) -> None:
    """Refuse tables from which no networks can be designed.

    Parameters
    ----------
    streets
        Table `layers.tables.place.STREETS`; the road class suffices.
    parcels
        Table `layers.tables.place.PARCELS`; land use, area and year suffice.
    demand_parcels
        Table `layers.tables.demand.DEMAND_PARCELS`. Parcels without demand need no row.
    year
        The year whose demand is served. Rows of other years are not looked at.

    Raises
    ------
    ValueError
        If columns are missing, and else if values are none that the tables' contracts allow, parcels have no shape,
        parcels stand twice or are not in the plan, there is energy without a peak, or no row is of the year. All
        faults are told, with the rows.
    """
    land, demand = flat(parcels, PARCELS.key), flat(demand_parcels, DEMAND_PARCELS.key)
    tables = {"streets": streets, "parcels": land, "demand_parcels": demand}
    lacking = {name: [one for one in NEEDED[name] if one not in table.columns] for name, table in tables.items()}
    refuse({f"{name}: columns are missing": [", ".join(columns)] for name, columns in lacking.items() if columns})
    parcel, shapes = land["parcel_id"], parcels.geometry.to_numpy()
    of_year = demand[demand["year"] == year]
    who = of_year["parcel_id"]
    refuse(
        _wrong("streets", STREETS, streets, streets.index, ["level"] if "level" in streets.columns else [])
        | {"parcels stand twice": parcel[parcel.duplicated()]}
        | {"parcels have no shape": parcel[shapely.is_missing(shapes) | shapely.is_empty(shapes)]}
        | _wrong("parcels", PARCELS, land, parcel, NEEDED["parcels"][1:])
        | {f"demand_parcels: no row is of {year}, but of": [] if len(of_year) else sorted(demand["year"].unique())}
        | {"demand_parcels: parcels stand twice": who[who.duplicated()]}
        | {"demand_parcels: parcels are not in the plan": who[~who.isin(parcel)]}
        | _wrong("demand_parcels", DEMAND_PARCELS, of_year, who, DEMAND)
        | {
            f"demand_parcels: {energy} without {peak}": who[
                (_numbers(of_year[energy]) > 0.0) & (_numbers(of_year[peak]) == 0.0)
            ]
            for energy, peak in PEAKS.items()
        }
        | {
            f"demand_parcels: {energy} beyond {peak} in every hour of the year": who[
                _numbers(of_year[energy]) * KWH_PER_MWH > _numbers(of_year[peak]) * HOURS_PER_YEAR * ROUNDED
            ]
            for energy, peak in PEAKS.items()
        }
    )


def flat(frame: pd.DataFrame, key: Sequence[str]) -> pd.DataFrame:
    """Return a table with its key as columns, be it index or columns before."""
    levels = [name for name in frame.index.names if name in key and name not in frame.columns]
    return frame.reset_index(level=levels) if levels else frame


def _wrong(
    name: str, table: Table, frame: pd.DataFrame, rows: "pd.Index | pd.Series", columns: Iterable[str]
) -> dict[str, Iterable[object]]:
    """Return what columns must hold by their contract, and the rows whose value is nothing of that kind."""
    return {
        f"{name}: {one} must be {_told(table.columns[one])}": rows[~_sound(frame[one], table.columns[one])]
        for one in columns
    }


def _told(column: Column) -> str:
    """Return what a column holds, in words."""
    if column.low is None:
        return KINDS[column.kind]
    return KINDS[column.kind] + (
        f" >= {column.low:g}" if column.high is None else f" from {column.low:g} to {column.high:g}"
    )


def _sound(values: pd.Series, column: Column) -> Flags:
    """Return which values are finite and what the column may hold."""
    if column.kind == "text":
        return np.array([isinstance(value, str) for value in values], dtype=np.bool_)
    number = _numbers(values)
    sound = np.isfinite(number) & ((column.kind != "integer") | (np.floor(number) == number))
    low, high = -np.inf if column.low is None else column.low, np.inf if column.high is None else column.high
    return np.asarray(sound & (number >= low) & (number <= high))


def _numbers(values: pd.Series) -> Floats:
    """Return values as numbers, NaN where they are none."""
    return pd.to_numeric(values, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
