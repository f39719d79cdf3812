"""Key results joined on parcels and planning units, one row each: what the map layers and the workbook show."""

from collections.abc import Iterable

import pandas as pd

from spatial.report.meta import RunMeta, Tables, flat, table

_STATUSES = ("met", "not_met", "not_decidable", "condition")
_SCOPES = ("scope1_t", "scope2_t")
_DEMAND = ("heating_mwh", "cooling_mwh", "hot_water_mwh", "electricity_mwh", "cooking_mwh")


def _join(base: pd.DataFrame, values: pd.DataFrame, key: str) -> pd.DataFrame:
    """Return `base` with the columns of `values` (index `key`) beside it; what is missing is zero."""
    aligned = values.reindex(base[key]).fillna(0.0)
    return base.assign(**{str(name): aligned[name].to_numpy() for name in aligned.columns})


def _account_columns(account: pd.DataFrame, key: str, meta: RunMeta) -> pd.DataFrame:
    """Return CO2 [t] and energy [MWh] of the base year once and of the target year per scenario, by `key`.

    The target year's CO2 stands by scope too.
    """
    parts: dict[str, pd.Series] = {}
    for scenario in meta.scenarios:
        own = account[account["scenario"] == scenario]
        for label, year in (("base", meta.base_year), (f"{scenario}_target", meta.target_year)):
            if f"co2_{label}_t" in parts:
                continue
            sums = own[own["year"] == year].groupby(key, sort=True)[["co2_t", "energy_mwh"]].sum()
            parts[f"co2_{label}_t"] = sums["co2_t"]
            parts[f"energy_{label}_mwh"] = sums["energy_mwh"]
        known = [name for name in _SCOPES if name in own]
        scopes = own[own["year"] == meta.target_year].groupby(key, sort=True)[known].sum()
        parts |= {f"{name.removesuffix('_t')}_{scenario}_target_t": scopes[name] for name in known}
    return pd.DataFrame(parts).fillna(0.0)


def _embodied_columns(embodied: pd.DataFrame, key: str, meta: RunMeta) -> pd.DataFrame:
    """Return the embodied carbon [t] of what was finished up to the target year, per scenario."""
    own = embodied[embodied["year"] <= meta.target_year]
    sums = own.pivot_table(index=key, columns="scenario", values="co2_t", aggfunc="sum")
    names = {name: f"embodied_{name}_target_t" for name in meta.scenarios if name in sums}
    return sums[list(names)].rename(columns=names).fillna(0.0)


def _demand_columns(demand: pd.DataFrame, meta: RunMeta) -> pd.DataFrame:
    parts: dict[str, pd.Series] = {}
    for label, year in (("base", meta.base_year), ("target", meta.target_year)):
        own = demand[demand["year"] == year].set_index("parcel_id")
        for name in (*_DEMAND, "heating_peak_kw", "cooling_peak_kw"):
            if name in own:
                stem, unit = name.rsplit("_", 1)
                parts[f"{stem}_{label}_{unit}"] = own[name]
    return pd.DataFrame(parts).fillna(0.0)


def _review_columns(review: pd.DataFrame) -> pd.DataFrame:
    counts = pd.crosstab(review["parcel_id"], review["status"])
    return counts.reindex(columns=list(_STATUSES), fill_value=0).add_prefix("review_")


def parcel_results(tables: Tables, meta: RunMeta) -> pd.DataFrame | None:
    """Return the parcels with their key results, in the order of the parcels; nothing where there are no parcels.

    Parameters
    ----------
    tables
        Tables of the run.
    meta
        Facts about the run.

    Returns
    -------
    pandas.DataFrame or geopandas.GeoDataFrame or None
        Columns of ``parcels``, then those there are results for: PV [kWp, MWh], demand [MWh, kW] and people in base
        and target year, CO2 [t] and energy [MWh] per scenario, whether connected, and counts of the review.
    """
    result = table(tables, "parcels")
    if result is None:
        return None
    people = table(tables, "people")
    if people is not None:
        result = _join(result, people.set_index("parcel_id"), "parcel_id")
    pv = table(tables, "pv_parcels")
    if pv is not None:
        sums = pv.groupby("parcel_id")[["kwp", "mwh"]].sum().rename(columns={"kwp": "pv_kwp", "mwh": "pv_mwh"})
        result = _join(result, sums, "parcel_id")
    demand = table(tables, "demand_parcels")
    if demand is not None:
        result = _join(result, _demand_columns(demand, meta), "parcel_id")
    account = table(tables, "parcel_account")
    if account is not None:
        result = _join(result, _account_columns(account, "parcel_id", meta), "parcel_id")
    embodied = table(tables, "embodied")
    if embodied is not None:
        result = _join(result, _embodied_columns(embodied, "parcel_id", meta), "parcel_id")
    connections = table(tables, "connections")
    if connections is not None:
        for network in sorted(connections["network"].unique()):
            joined = connections[connections["connected"] & (connections["network"] == network)]
            result = result.assign(**{f"{network}_connected": result["parcel_id"].isin(joined["parcel_id"])})
    review = table(tables, "review")
    if review is not None:
        result = _join(result, _review_columns(review), "parcel_id")
        whole = {f"review_{status}": "int64" for status in _STATUSES}
        result = result.astype(whole)
    return result


def unit_results(tables: Tables, meta: RunMeta, parcels: pd.DataFrame | None = None) -> pd.DataFrame | None:
    """Return the planning units with their totals; nothing where there are no units.

    Parameters
    ----------
    tables
        Tables of the run.
    meta
        Facts about the run.
    parcels
        Result of `parcel_results`, where it is at hand.
    """
    units = table(tables, "units")
    if units is None:
        return None
    parcels = parcel_results(tables, meta) if parcels is None else parcels
    if parcels is not None:
        sums = parcels.groupby("unit_id").agg(parcels=("parcel_id", "size"))
        wanted = [*_totals(parcels.columns)]
        sums = sums.join(pd.DataFrame(flat(parcels)).groupby("unit_id")[wanted].sum())
        units = _join(units, sums, "unit_id").astype({"parcels": "int64"})
    balance = table(tables, "balance")
    if balance is not None:
        units = _join(units, _account_columns(balance, "unit_id", meta), "unit_id")
    embodied = table(tables, "embodied")
    if embodied is not None:
        units = _join(units, _embodied_columns(embodied, "unit_id", meta), "unit_id")
    return units


def _totals(columns: Iterable[str]) -> list[str]:
    """Return the columns that may be summed over parcels; the account has its own, fuller, sums per unit."""
    summed = (*(f"{name.rsplit('_', 1)[0]}_" for name in _DEMAND), "pv_", "population_", "jobs_")
    return [name for name in columns if name.startswith(summed) and "peak" not in name and "connected" not in name]
