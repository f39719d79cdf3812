"""Parcels for the page: one array a column, in the order of the sorted parcel ids."""

from collections.abc import Mapping, Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from layers.tables.demand import DEMAND_PARCEL_BANDS, THERMAL
from layers.units import KWH_PER_MWH
from spatial.maps.encode import Json, coded, outlines, plain, short, simplified
from spatial.maps.vocabulary import sides

DEMANDS = (
    "floor_area_m2",
    "heating_mwh",
    "cooling_mwh",
    "hot_water_mwh",
    "electricity_mwh",
    "cooking_mwh",
    "heating_peak_kw",
    "cooling_peak_kw",
)
MONTHS = 12
DURATION_POINTS = 74
"""Points of a load duration curve, about one for every five days."""


def parcel_columns(tables: Mapping[str, pd.DataFrame], years: Sequence[int], tolerance_m: float) -> dict[str, Json]:
    """Return everything the page knows of parcels.

    Parameters
    ----------
    tables
        Tables of the run by the names of their contracts; only ``parcels`` must be there.
    years
        Years of the account, ascending; demand is taken from the first and the last.
    tolerance_m
        How far an outline may move [m].
    """
    frame = parcels_sorted(tables["parcels"])
    ids = pd.Index(frame["parcel_id"])
    codes, code = coded(frame["landuse"])
    units, unit = coded(frame["unit_id"])
    return {
        "id": ids.tolist(),
        "name": frame["name"].fillna("").tolist(),
        "given": frame["landuse_given"].tolist(),
        "codes": codes,
        "code": code,
        "group": frame["group"].tolist(),
        "units": units,
        "unit": unit,
        "existing": frame["existing"].astype(int).tolist(),
        "shape": outlines(simplified(frame, tolerance_m, tiling=True)),
        "static": {**_controls(frame), **_people(tables, ids), **_sun(tables, ids)},
        "demand": _demand(tables, ids, years),
        "account": {**_account(tables, ids, years), **_embodied(tables, ids, years)},
        "uses": _uses(tables, ids),
        "pv": _pv_classes(tables, ids),
        "network": _connections(tables, ids),
        "review": _review(tables, ids),
        "stock": _stock(tables, ids),
    }


def parcels_sorted(parcels: pd.DataFrame) -> gpd.GeoDataFrame:
    """Return the parcels with the id as a column, sorted by it."""
    return gpd.GeoDataFrame(plain(parcels).sort_values("parcel_id", ignore_index=True))


def table(tables: Mapping[str, pd.DataFrame], name: str) -> pd.DataFrame | None:
    """Return a table with its keys as columns, or None where it is missing or empty."""
    frame = tables.get(name)
    return None if frame is None or frame.empty else plain(frame)


def _aligned(series: pd.Series, ids: pd.Index) -> Json:
    return short(series.reindex(ids))


def _controls(frame: gpd.GeoDataFrame) -> dict[str, Json]:
    names = ("area_m2", "far", "building_density", "height_limit_m", "green_ratio")
    return {**{name: short(frame[name]) for name in names}, "phase_year": frame["phase_year"].tolist()}


def _people(tables: Mapping[str, pd.DataFrame], ids: pd.Index) -> dict[str, Json]:
    frame = table(tables, "people")
    if frame is None:
        return {}
    by_id = frame.set_index("parcel_id")
    names = ("population_base", "population_target", "jobs_base", "jobs_target")
    return {name: _aligned(by_id[name], ids) for name in names}


def _sun(tables: Mapping[str, pd.DataFrame], ids: pd.Index) -> dict[str, Json]:
    frame = table(tables, "pv_parcels")
    if frame is None:
        return {}
    sums = frame.groupby("parcel_id")[["kwp", "mwh", "area_m2"]].sum()
    return {
        "pv_kwp": _aligned(sums["kwp"], ids),
        "pv_mwh": _aligned(sums["mwh"], ids),
        "pv_area_m2": _aligned(sums["area_m2"], ids),
    }


def _demand(tables: Mapping[str, pd.DataFrame], ids: pd.Index, years: Sequence[int]) -> dict[str, Json]:
    frame = table(tables, "demand_parcels")
    if frame is None:
        return {}
    names = {"floor_area_m2": "demand_floor_m2"}
    found = {names.get(name, name): _both(frame, name, ids, years) for name in DEMANDS}
    bands = table(tables, "demand_parcel_bands")
    if bands is not None:
        ends = [name for name in DEMAND_PARCEL_BANDS.columns if name not in DEMAND_PARCEL_BANDS.key]
        found |= {name: _both(bands, name, ids, years) for name in ends}
    return found


def _both(frame: pd.DataFrame, name: str, ids: pd.Index, years: Sequence[int]) -> Json:
    """Return a column in the first and the last year."""
    return [
        _aligned(frame.loc[frame["year"] == year].set_index("parcel_id")[name], ids) for year in (years[0], years[-1])
    ]


def _account(tables: Mapping[str, pd.DataFrame], ids: pd.Index, years: Sequence[int]) -> dict[str, Json]:
    frame = table(tables, "parcel_account")
    if frame is None:
        return {}
    found: dict[str, Json] = {}
    for name in ("co2_t", "energy_mwh"):
        wide = frame.pivot_table(index=["scenario", "year"], columns="parcel_id", values=name, aggfunc="sum")
        wide = wide.reindex(columns=ids)
        scenarios = sorted(set(frame["scenario"]))
        found[name] = {
            scenario: [short(wide.loc[(scenario, year)]) if (scenario, year) in wide.index else [] for year in years]
            for scenario in scenarios
        }
    return found


def _embodied(tables: Mapping[str, pd.DataFrame], ids: pd.Index, years: Sequence[int]) -> dict[str, Json]:
    """Return the embodied carbon of what was built on each parcel up to each year [t]; none where nothing is built."""
    frame = table(tables, "embodied")
    if frame is None:
        return {}
    found: dict[str, Json] = {}
    for scenario, rows in frame.groupby("scenario", sort=True):
        wide = rows.pivot_table(index="parcel_id", columns="year", values="co2_t", aggfunc="sum")
        wide = wide.reindex(columns=pd.Index(years)).fillna(0.0).cumsum(axis=1).reindex(ids)
        found[str(scenario)] = [short(wide[year]) for year in years]
    return {"embodied_t": found}


def _uses(tables: Mapping[str, pd.DataFrame], ids: pd.Index) -> Json:
    frame = table(tables, "parcel_uses")
    if frame is None:
        return []
    place = pd.Series(range(len(ids)), index=ids)
    frame = frame.loc[frame["parcel_id"].isin(ids)].sort_values(["parcel_id", "landuse"])
    rows = zip(
        place.loc[frame["parcel_id"]].tolist(), frame["landuse"], frame["archetype"], short(frame["share"]), strict=True
    )
    return list(rows)


def _pv_classes(tables: Mapping[str, pd.DataFrame], ids: pd.Index) -> Json:
    """Capacity [kWp] and generation [MWh] per surface (roof, facade, ...) of each parcel."""
    frame, classes = table(tables, "pv_parcels"), table(tables, "pv_classes")
    if frame is None or classes is None:
        return {}
    joined = frame.merge(classes[["pv_class", "surface"]], on="pv_class")
    sums = joined.groupby(["surface", "parcel_id"])[["kwp", "mwh"]].sum()
    return {
        surface: {name: _aligned(sums.loc[surface][name], ids) for name in ("kwp", "mwh")}
        for surface in sorted(set(joined["surface"]))
    }


def _connections(tables: Mapping[str, pd.DataFrame], ids: pd.Index) -> dict[str, Json]:
    frame = table(tables, "connections")
    if frame is None:
        return {}
    found: dict[str, Json] = {}
    for network, rows in frame.groupby("network", sort=True):
        by_id = rows.set_index("parcel_id")
        reasons, reason = coded(by_id["reason"].fillna(""))
        # 2 connected, 1 considered but not connected, 0 not considered.
        state = (by_id["connected"].astype(int) + 1).reindex(ids, fill_value=0)
        found[str(network)] = {
            "state": state.tolist(),
            "reasons": reasons,
            "reason": pd.Series(reason, index=by_id.index).reindex(ids, fill_value=-1).tolist(),
            "peak_kw": _aligned(by_id["peak_kw"], ids),
            "worth_cny": _aligned(by_id["worth_cny"], ids),
            "joining_cny": _aligned(by_id["joining_cny"], ids),
        }
    return found


def _review(tables: Mapping[str, pd.DataFrame], ids: pd.Index) -> Json:
    """Return the rules once and, per parcel, its rows: rule, required, value, status."""
    frame = table(tables, "review")
    if frame is None:
        return {"rules": [], "rows": []}
    frame = frame.loc[frame["parcel_id"].isin(ids)].sort_values(["parcel_id", "rule_id"])
    about = ["rule_id", "clause", "stage", "indicator", "unit", "evidence"]
    rules = frame[about].astype(str).drop_duplicates("rule_id").sort_values("rule_id", ignore_index=True)
    rule = pd.Series(rules.index, index=rules["rule_id"])
    place = pd.Series(range(len(ids)), index=ids)
    words, word = coded([*frame["required"].astype(str), *frame["value"].astype(str), *frame["evidence"].astype(str)])
    required, value, evidence = word[: len(frame)], word[len(frame) : 2 * len(frame)], word[2 * len(frame) :]
    rows = zip(
        place.loc[frame["parcel_id"]].tolist(),
        rule.loc[frame["rule_id"]].tolist(),
        required,
        value,
        frame["status"],
        evidence,
        strict=True,
    )
    return {
        "rules": list(rules.drop(columns="evidence").itertuples(index=False, name=None)),
        "words": [sides(text) for text in words],
        "rows": list(rows),
    }


def _stock(tables: Mapping[str, pd.DataFrame], ids: pd.Index) -> Json:
    """Return floor area per parcel and class, and each class's monthly heating and cooling [kWh/m2]."""
    stock, profiles = table(tables, "stock"), table(tables, "demand_profiles")
    if stock is None:
        return {}
    stock = stock.loc[stock["parcel_id"].isin(ids)].sort_values(["parcel_id", "stock_id"])
    classes, code = coded(stock["archetype"] + "|" + stock["form"] + "|" + stock["vintage"])
    place = pd.Series(range(len(ids)), index=ids)
    rows = zip(
        place.loc[stock["parcel_id"]].tolist(),
        code,
        short(stock["floor_area_m2"]),
        stock["year_from"].tolist(),
        short(stock["floors"]),
        short(stock["height_m"]),
        short(stock["roof_m2"]),
        strict=True,
    )
    found: dict[str, Json] = {"classes": list(classes), "rows": list(rows)}
    if profiles is not None:
        found["monthly"] = _monthly(profiles, classes)
        found["duration_kw"] = _duration(profiles, stock, classes, code)
    return found


def _monthly(profiles: pd.DataFrame, classes: Sequence[str]) -> dict[str, Json]:
    """Sum hourly profiles [W/m2] to months [kWh/m2] for each class of the stock."""
    month = pd.DatetimeIndex(profiles["time"]).month.to_numpy()
    starts = np.flatnonzero(np.diff(month, prepend=0))
    found: dict[str, Json] = {}
    for demand, services in (("heating", THERMAL[:1]), ("cooling", THERMAL[1:])):
        rows: list[Json] = []
        for name in classes:
            columns = [f"{name}|{service}" for service in services if f"{name}|{service}" in profiles.columns]
            sums = np.add.reduceat(profiles[columns].to_numpy().sum(axis=1), starts) / KWH_PER_MWH
            rows.append(short(sums) if len(sums) == MONTHS else [0] * MONTHS)
        found[demand] = rows
    return found


def _duration(
    profiles: pd.DataFrame, stock: pd.DataFrame, classes: Sequence[str], code: Sequence[int]
) -> dict[str, Json]:
    """Return the sorted hourly load of all buildings [kW] at evenly spaced shares of the year, in the last year."""
    floor = np.bincount(code, weights=stock["floor_area_m2"], minlength=len(classes))
    found: dict[str, Json] = {}
    for demand, services in (("heating", THERMAL[:1]), ("cooling", THERMAL[1:])):
        pairs = [(f"{name}|{service}", area) for name, area in zip(classes, floor, strict=True) for service in services]
        known = [(column, area) for column, area in pairs if column in profiles.columns]
        load = (
            profiles[[column for column, _ in known]].to_numpy() @ np.array([area for _, area in known]) / KWH_PER_MWH
        )
        found[demand] = sorted_load(load)
    return found


def sorted_load(load: NDArray[np.floating[Any]]) -> list[float | int | None]:
    """Return an hourly load, the highest first, at evenly spaced shares of the year."""
    place = np.linspace(0, len(load) - 1, DURATION_POINTS).round().astype(int)
    return short(np.sort(load)[::-1][place])
