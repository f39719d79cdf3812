"""What the account says against the targets, each with the definition it used."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from layers.constants import constants
from layers.units import mwh_to_tce
from resources.factors import path
from spatial.balance.definitions import definitions
from spatial.balance.options import BalanceOptions, Switches

Floats = NDArray[np.float64]
RENEWABLE_FUELS = ("solar_heat", "biomass")
CLEAN_FUELS = (*RENEWABLE_FUELS, "natural_gas", "lng")
TEN_THOUSANDS_PER_MILLION = 100.0
NOT_PRIMARY = ("electricity", "district_heat", "district_cold")
NOT_FINAL = (*NOT_PRIMARY, "msw")
"""Carriers that are no final energy by themselves; waste is what a plant burns, not what a user takes."""
RENEWABLE_POWER = ("pv_", "wind_")
"""Beginnings of the items of own generation that count as renewable."""


def indicators(
    found: Mapping[str, pd.DataFrame],
    drivers: pd.DataFrame,
    people: pd.DataFrame,
    options: BalanceOptions,
    target_year: int,
) -> pd.DataFrame:
    """Return the indicators of every scenario and year, with unit and definition.

    Parameters
    ----------
    found
        Tables balance, supply and sinks.
    drivers
        Population and GDP of each year.
    people
        Jobs in base and target year, for the switch that counts them.
    options
        Switches.
    target_year
        Year that jobs are planned for.
    """
    frames = []
    # Supply has every scenario and year; the balance lacks those in which nothing is used, as before a zone is built.
    for scenario in found["supply"]["scenario"].unique():
        one = {name: found[name][found[name]["scenario"] == scenario] for name in ("balance", "supply", "sinks")}
        frames.append(_scenario(one, drivers, people, options.switches, target_year).assign(scenario=scenario))
    columns = ["scenario", "year", "indicator", "value", "unit", "definition", "definition_zh"]
    return pd.concat(frames, ignore_index=True)[columns]


def _by_year(frame: pd.DataFrame, column: str, years: pd.Index) -> pd.Series:
    return frame.groupby("year")[column].sum().reindex(years, fill_value=0.0)


def _divide(a: pd.Series, b: pd.Series) -> pd.Series:
    """Return a / b, empty where b is zero: an indicator per nothing is not a number to be shown."""
    return a / b.where(b > 0.0)


def _scenario(
    one: Mapping[str, pd.DataFrame],
    drivers: pd.DataFrame,
    people: pd.DataFrame,
    switches: Switches,
    target_year: int,
) -> pd.DataFrame:
    balance, supply = one["balance"], one["supply"]
    years = pd.Index(np.sort(supply["year"].unique()), name="year")
    driver = {name: rows.set_index("year")["value"].reindex(years) for name, rows in drivers.groupby("driver")}
    population = driver["population"]
    persons = population
    if switches.persons == "residents_and_jobs":
        span = [years[0], target_year]
        jobs = np.interp(years, span, [people["jobs_base"].sum(), people["jobs_target"].sum()])
        persons = population + jobs
    prices = np.ones(len(years))
    if switches.price_base == "current":
        prices = (1.0 + constants("resources", "factors.csv").value("inflation")) ** np.asarray(years - years[0])
    gdp = driver["gdp_million_cny"] * prices

    gross = _by_year(balance, "co2_t", years)
    uptake = _by_year(one["sinks"], "co2_t", years)
    reported = gross - uptake if switches.sinks == "net" else gross
    energy = _energies(balance, supply, years, green_counts=switches.green_power_counts)
    intensity = energy["final_equivalent_tce" if switches.tce_method == "equivalent" else "final_calorific_tce"]
    share = energy[f"renewable_share_{switches.renewable_denominator}"]
    power = energy[f"renewable_electricity_{switches.renewable_electricity}"]
    values: dict[str, pd.Series] = {
        "population": population,
        "gdp_million_cny": gdp,
        "co2_gross_t": gross,
        "co2_sinks_t": uptake,
        "co2_t": reported,
        "co2_per_head_t": _divide(reported, persons),
        "co2_per_gdp_t_10kcny": _divide(reported, gdp * TEN_THOUSANDS_PER_MILLION),
        "final_energy_mwh": energy["final_mwh"],
        "primary_energy_mwh": energy["primary_mwh"],
        "energy_intensity_tce_10kcny": _divide(intensity, gdp * TEN_THOUSANDS_PER_MILLION),
        **{name: series for name, series in energy.items() if name.startswith("renewable_share_")},
        "renewable_share": share,
        "renewable_electricity_share": power,
        "clean_energy_share": energy["clean_share"],
        "self_sufficiency": energy["self_sufficiency"],
        "export_mwh": energy["export_mwh"],
        "curtailed_mwh": energy["curtailed_mwh"],
        "scope1_t": _by_year(balance, "scope1_t", years),
        "scope2_t": _by_year(balance, "scope2_t", years),
        "scope2_location_t": _by_year(balance, "scope2_location_t", years),
    }
    means = definitions(switches)
    frames = [
        pd.DataFrame(
            {
                "year": years,
                "indicator": name,
                "value": series.to_numpy(dtype=float),
                "unit": means[name].unit,
                "definition": means[name].en,
                "definition_zh": means[name].zh,
            }
        )
        for name, series in values.items()
    ]
    return pd.concat(frames, ignore_index=True)


def _energies(
    balance: pd.DataFrame, supply: pd.DataFrame, years: pd.Index, *, green_counts: bool
) -> dict[str, pd.Series]:
    """Return yearly energies and shares.

    Final energy is what users take: fuels, and electricity at their meters; district heat and cold stand in it by what
    their plants take. Waste that is burnt is primary, not final energy, and what it gives is not counted as renewable.
    Renewables of the grid mix are not counted as the zone's. Losses carry the same renewable share as the electricity
    they are losses of; what is exported or curtailed is taken from all local generation alike.
    """
    electricity = supply[supply["carrier"] == "electricity"]
    flow = {str(item): _by_year(rows, "energy_mwh", years) for item, rows in electricity.groupby("item")}
    zero = pd.Series(0.0, index=years)
    own = sum((series for item, series in flow.items() if item.startswith(RENEWABLE_POWER)), zero)
    brought = {"grid", "green_power", "storage_gain"}
    ways_in = set(electricity.loc[electricity["direction"] == "in", "item"]) - brought
    local = sum((flow[item] for item in sorted(ways_in)), zero)
    exported, bought = flow.get("export", zero), flow.get("green_power", zero)
    kept = 1.0 - _divide(exported + flow.get("curtailed", zero), local).fillna(0.0)
    made, other = own * kept, (local - own) * kept
    green = bought if green_counts else zero
    metered = flow["final"] + flow.get("district_plants", zero)
    used = metered + flow.get("distribution_loss", zero)
    taken = used + flow.get("storage_loss", zero) - flow.get("storage_gain", zero)
    renewable = (made + green) * _divide(metered, taken).fillna(0.0)
    plants = supply[(supply["item"] == "district_plants") & (supply["carrier"] != "electricity")]
    fuels = _by_year(balance[balance["carrier"].isin(RENEWABLE_FUELS)], "energy_mwh", years)
    fuels += _by_year(plants[plants["carrier"].isin(RENEWABLE_FUELS)], "energy_mwh", years)
    clean = _by_year(balance[balance["carrier"].isin(CLEAN_FUELS)], "energy_mwh", years)
    clean += _by_year(plants[plants["carrier"].isin(CLEAN_FUELS)], "energy_mwh", years)
    burnt = _by_year(balance[~balance["carrier"].isin(NOT_FINAL)], "energy_mwh", years)
    burnt += _by_year(plants, "energy_mwh", years)
    waste = _by_year(balance[balance["carrier"] == "msw"], "energy_mwh", years)
    # Coal equivalent of a kWh of electricity over that of a kWh of heat.
    weight = pd.Series(path("tce.electricity.primary", years.to_numpy()), index=years) / mwh_to_tce(1.0)
    imported = flow.get("grid", zero) + bought
    final = burnt + metered
    equivalent = burnt + metered * weight
    primary = burnt + waste + made + imported * weight
    return {
        "final_mwh": final,
        "primary_mwh": primary,
        "final_calorific_tce": final.map(mwh_to_tce),
        "final_equivalent_tce": equivalent.map(mwh_to_tce),
        "renewable_share_final_calorific": _divide(fuels + renewable, final),
        "renewable_share_final_equivalent": _divide(fuels + renewable * weight, equivalent),
        "renewable_share_primary": _divide(fuels + made + green * weight, primary),
        "renewable_electricity_consumption": _divide(renewable, metered),
        "renewable_electricity_generation": _divide(own, used),
        "clean_share": _divide(clean + renewable, final),
        "self_sufficiency": _divide(made + other, taken),
        "export_mwh": exported,
        "curtailed_mwh": flow.get("curtailed", zero),
    }


def targets(table: pd.DataFrame, options: BalanceOptions, target_year: int) -> pd.DataFrame:
    """Return each target of the target year with its slack, which is positive where the target is met."""
    first = table["year"].min()
    frames = []
    for (scenario, indicator), rows in table.groupby(["scenario", "indicator"], sort=True):
        for name, target in options.targets.items():
            if target.indicator != indicator:
                continue
            end = rows[rows["year"] == target_year].iloc[0]
            start = rows[rows["year"] == first].iloc[0]
            value = float(end["value"])
            limit = float(start["value"]) if target.limit == "base_year" else float(target.limit)
            slack = limit - value if target.sense == "<=" else value - limit
            frames.append(
                {
                    "scenario": scenario,
                    "target": name,
                    "value": value,
                    "sense": target.sense,
                    "limit": limit,
                    "slack": slack,
                    "met": bool(slack >= 0.0),
                    "unit": end["unit"],
                    "definition": end["definition"],
                    "definition_zh": end["definition_zh"],
                }
            )
    return pd.DataFrame(frames)
