"""Hourly series as Parquet: profiles per class, and the sums of the zone in base and target year.

Every column carries its unit as field metadata ``unit``.
"""

import csv
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from layers.tables.demand import SERVICES
from spatial.report.meta import RunMeta, Tables, flat, has, table

_W_PER_KW = 1000.0
_PROFILES = (
    "weather",
    "demand_profiles",
    "pv_profiles",
    "roof_profiles",
    "wind_profiles",
    "profile_shapes",
    "zone_hourly",
    "loads",
    "dispatch",
    "cluster_profiles",
    "charging_shapes",
)
_OUTPUTS = {
    "heating": ("heating",),
    "cooling": ("cooling_sensible", "cooling_latent"),
    "hot_water": ("hot_water",),
    "electricity": ("lighting", "equipment", "process", "ventilation", "lifts"),
    "cooking": ("cooking",),
}
"""What is told of the zone, and the services it sums."""


def _demand(tables: Tables, year: int) -> pd.DataFrame:
    """Return the useful demand of the buildings that stand in a year [kW], by what `_OUTPUTS` tells."""
    profiles = tables["demand_profiles"]
    stock = flat(tables["stock"])
    standing = stock[stock["year_from"] <= year]
    area = standing.groupby(["archetype", "form", "vintage"], sort=True)["floor_area_m2"].sum()
    sums: dict[str, pd.Series] = {}
    for service in SERVICES:
        columns = ["|".join((*key, service)) for key in area.index]
        known = [column in profiles.columns for column in columns]
        chosen = profiles[[column for column, here in zip(columns, known, strict=True) if here]]
        sums[service] = pd.Series(
            chosen.to_numpy(dtype=np.float64) @ area.to_numpy(dtype=np.float64)[known] / _W_PER_KW,
            index=profiles.index,
        )
    return pd.DataFrame({name: sum(sums[service] for service in parts) for name, parts in _OUTPUTS.items()})


def _photovoltaics(tables: Tables) -> pd.Series:
    """Return the output of the whole technical potential of the zone [kW]."""
    kwp = flat(tables["pv_parcels"]).groupby("pv_class", sort=True)["kwp"].sum()
    profiles = tables["pv_profiles"]
    return pd.Series(profiles[list(kwp.index)].to_numpy() @ kwp.to_numpy(), index=profiles.index)


def _wind(tables: Tables) -> pd.Series:
    """Return the output of all turbines placed [kW]: each site's profile, scaled to what its turbines yield."""
    profiles = tables["wind_profiles"]
    turbines = flat(tables["turbines"])
    total = pd.Series(0.0, index=profiles.index)
    for site, net_mwh in turbines.groupby("site", sort=True)["net_mwh"].sum().items():
        shape = profiles[str(site)]
        if shape.sum() > 0.0:
            total = total + shape / shape.sum() * net_mwh * _W_PER_KW
    return total


def zone_hours(tables: Tables, meta: RunMeta) -> pd.DataFrame | None:
    """Return hourly sums of the zone [kW]; nothing where the run has no hourly tables.

    Columns are ``<service>_<base|target>_kw`` for the useful demand of buildings, ``pv_potential_kw`` for the whole
    technical potential of photovoltaics and ``wind_potential_kw`` for all turbines placed.

    Parameters
    ----------
    tables
        Tables of the run.
    meta
        Facts about the run.
    """
    parts: dict[str, pd.Series] = {}
    if has(tables, "demand_profiles", "stock"):
        for label, year in (("base", meta.base_year), ("target", meta.target_year)):
            demand = _demand(tables, year)
            parts |= {f"{name}_{label}_kw": demand[name] for name in demand}
    if has(tables, "pv_profiles", "pv_parcels"):
        parts["pv_potential_kw"] = _photovoltaics(tables)
    if has(tables, "wind_profiles", "turbines"):
        parts["wind_potential_kw"] = _wind(tables)
    return pd.DataFrame(parts) if parts else None


@cache
def _units() -> dict[tuple[str, str], str]:
    with Path(__file__).with_name("hourly_units.csv").open(encoding="utf-8", newline="") as stream:
        return {(row["file"], row["column"]): row["unit"] for row in csv.DictReader(stream)}


def _unit(file: str, column: str) -> str:
    """Return a column's unit: its own, that of the item its name ends with, or that of its file."""
    item = f"*|{column.rpartition('|')[2]}"
    return next((_units()[key] for key in ((file, column), (file, item), (file, "*")) if key in _units()), "")


def _with_units(schema: pa.Schema, name: str) -> pa.Schema:
    """Return the schema with each column's unit as field metadata ``unit``."""
    fields = [
        field if field.name == "time" else field.with_metadata({"unit": _unit(name, field.name)}) for field in schema
    ]
    return pa.schema(fields, metadata=schema.metadata)


def write_hourly(tables: Tables, meta: RunMeta, folder: Path) -> list[Path]:
    """Write the hourly profiles and the sums of the zone as Parquet into ``hourly/``.

    Parameters
    ----------
    tables
        Tables of the run; missing ones are left out.
    meta
        Facts about the run.
    folder
        Folder of the outputs; it must exist.

    Returns
    -------
    list of pathlib.Path
        Files written, sorted.
    """
    target = folder / "hourly"
    target.mkdir(parents=True, exist_ok=True)
    frames: dict[str, pd.DataFrame | None] = {
        name: tables.get(name) for name in _PROFILES if table(tables, name) is not None
    }
    frames["zone_demand"] = zone_hours(tables, meta)
    written = []
    for name, frame in frames.items():
        if frame is None:
            continue
        path = target / f"{name}.parquet"
        numbers = flat(frame)
        reals = numbers.select_dtypes("float64").columns
        plain = pa.Table.from_pandas(numbers.astype(dict.fromkeys(reals, "float32")), preserve_index=False)
        pq.write_table(plain.cast(_with_units(plain.schema, name)), path, compression="zstd")
        written.append(path)
    return sorted(written)
