"""What the zone's energy costs in a year: equipment, what runs it, the carriers bought, and what the caller adds.

Equipment is paid for by its annuity: the investment of the year of the account times the capital recovery factor of its
life, as if all that stands had been bought at the prices of that year. What was bought earlier at other prices is
thereby told at today's, alike in all scenarios; interest is in real terms. Carriers cost what their users pay, taxes
included: this is the cost of the zone and not of the country.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from layers.errors import Findings
from resources.economics import present_value_factor_array
from resources.prices import carrier_price_cny_mwh

Floats = NDArray[np.float64]

MADE_IN_ZONE = ("district_heat", "district_cold")
"""Carriers nobody buys from outside: what their plants take is bought in their place."""

GREEN_POWER = "green_power"
_WHEN = ["scenario", "year"]
_TECHNOLOGY = ["subject", "technology", "year"]


def annual_costs(
    installed: pd.DataFrame,
    technology_cost: pd.DataFrame,
    purchases: pd.DataFrame,
    discount: float,
    *,
    electricity_cny: Mapping[str, pd.Series] | None = None,
    network_cny: pd.Series | None = None,
    measures_cny: pd.Series | None = None,
) -> pd.DataFrame:
    """Return the cost of each year by item (table ``costs``).

    Parameters
    ----------
    installed
        How much each technology does or stands, table ``installed``.
    technology_cost
        What it costs per unit, table ``technology_cost``.
    purchases
        Carriers bought from outside the zone [MWh]: columns scenario, year, sector, carrier, energy_mwh. Electricity
        is priced by the tariff of its sector, so it must be left out where `electricity_cny` is given.
    discount
        Real discount rate [1/a].
    electricity_cny
        Item to what electricity at hourly tariffs costs [CNY], by scenario and year; what is earned is negative.
    network_cny
        Annuity and running cost of district pipes and substations [CNY], by scenario and year.
    measures_cny
        What measures cost beside their technologies [CNY], by scenario and year.

    Returns
    -------
    pandas.DataFrame
        Columns scenario, year, item, cost_cny. Items are ``equipment_cost`` (annuities), ``operation_cost``,
        ``certificates_cost`` of green power, each carrier bought by its name, the items of `electricity_cny`,
        ``network_cost`` and ``measure_cost``.

    Raises
    ------
    InputError
        If a technology that is installed has no cost, or one per another unit.
    KeyError
        If a carrier bought has no price.
    ValueError
        If electricity is bought twice.
    """
    standing = installed.merge(technology_cost, on=_TECHNOLOGY, how="left", suffixes=("", "_of_cost"))
    _check_costs(standing)
    annuity = standing["amount"] * standing["capex_cny"] * recovery(discount, standing["life_a"].to_numpy())
    running = standing["amount"] * standing["opex_cny"]
    green = standing["subject"] == GREEN_POWER
    when = standing[_WHEN]
    equipment = when.assign(item="equipment_cost", cost_cny=annuity)
    others = when.assign(item=np.where(green, "certificates_cost", "operation_cost"), cost_cny=running)
    carriers = purchases.loc[~purchases["carrier"].isin(MADE_IN_ZONE)]
    if electricity_cny is not None and (carriers["carrier"] == "electricity").any():
        raise ValueError("electricity stands both in the purchases and in the cost of imports")
    pairs = carriers[["carrier", "sector"]].drop_duplicates()
    pairs = pairs.assign(
        price=[carrier_price_cny_mwh(*pair) for pair in zip(pairs["carrier"], pairs["sector"], strict=True)]
    )
    carriers = carriers.merge(pairs, on=["carrier", "sector"], how="left")
    bought = carriers[_WHEN].assign(item=carriers["carrier"], cost_cny=carriers["energy_mwh"] * carriers["price"])
    given = {
        **(electricity_cny or {}),
        "network_cost": network_cny,
        "measure_cost": measures_cny,
    }
    added = [
        costs.rename("cost_cny").rename_axis(_WHEN).reset_index().assign(item=item)
        for item, costs in given.items()
        if costs is not None
    ]
    every = pd.concat([equipment, others, bought, *added], ignore_index=True)
    order = {name: position for position, name in enumerate(every["scenario"].unique())}
    found = every.groupby([*_WHEN, "item"], sort=True)["cost_cny"].sum().reset_index()
    return found.sort_values("scenario", key=lambda names: names.map(order), kind="stable", ignore_index=True)


def recovery(discount: float, life_a: Floats) -> Floats:
    """Return the yearly payment per investment that repays it over its life [1/a], element by element.

    References
    ----------
    .. [1] Short, Packey, Holt (1995), NREL/TP-462-5173, chapter 2: capital recovery factor.
    """
    return np.asarray(1.0 / present_value_factor_array(discount, life_a))


def _check_costs(standing: pd.DataFrame) -> None:
    findings = Findings()
    names = standing["subject"].astype("str") + "|" + standing["technology"].astype("str")
    missing = standing["capex_cny"].isna() & (standing["amount"] != 0.0)
    for name in sorted(set(names[missing])):
        findings.error("costs", "has no cost", "add a row to the table of costs", row=name)
    other = standing["unit_of_cost"].notna() & (standing["unit"] != standing["unit_of_cost"])
    pairs = set(zip(names[other], standing.loc[other, "unit"], standing.loc[other, "unit_of_cost"], strict=True))
    for name, unit, given in sorted(pairs):
        findings.error("costs", f"is per {given}", f"give the cost per {unit}", row=name, column="unit")
    findings.raise_errors()


@dataclass(frozen=True)
class Rates:
    """Costs of one year per amount, ready to be multiplied by many amounts.

    Attributes
    ----------
    unit_cny
        Annuity and running cost of each technology per unit [CNY/a], shape (technologies,).
    price_cny_mwh
        Price of each carrier to each sector [CNY/MWh], shape (sectors, carriers); zero where it is not bought.
    """

    unit_cny: Floats
    price_cny_mwh: Floats


def rates(
    technology_cost: pd.DataFrame,
    technologies: Sequence[tuple[str, str]],
    year: int,
    sectors: Sequence[str],
    carriers: Sequence[str],
    discount: float,
) -> Rates:
    """Return the costs of a year as arrays, in the order of the technologies, sectors and carriers given.

    Parameters
    ----------
    technology_cost
        Table ``technology_cost``.
    technologies
        Subject and technology of each amount.
    year
        Year of the account.
    sectors, carriers
        Who buys, and what.
    discount
        Real discount rate [1/a].

    Raises
    ------
    InputError
        If a technology has no cost in the year.
    """
    mine = technology_cost[technology_cost["year"] == year].set_index(["subject", "technology"])
    findings = Findings()
    for key in sorted(set(technologies) - set(mine.index)):
        findings.error("costs", f"has no cost in {year}", "add a row to the table of costs", row="|".join(key))
    findings.raise_errors()
    rows = mine.loc[list(technologies)]
    life = rows["life_a"].to_numpy(dtype=np.float64)
    unit = rows["capex_cny"].to_numpy() * recovery(discount, life) + rows["opex_cny"].to_numpy()
    prices = [
        [0.0 if carrier in MADE_IN_ZONE else carrier_price_cny_mwh(carrier, sector) for carrier in carriers]
        for sector in sectors
    ]
    return Rates(np.asarray(unit, dtype=np.float64), np.array(prices))


def total_cost(rates: Rates, amount: Floats, bought_mwh: Floats, other_cny: float = 0.0) -> float:
    """Return the cost of the year [CNY]: the sum of what `annual_costs` tells by item.

    Parameters
    ----------
    rates
        Costs of the year.
    amount
        Amount of each technology in its unit, shape (technologies,).
    bought_mwh
        Energy bought by sector and carrier [MWh], shape (sectors, carriers); electricity is zero where `other_cny` has
        its cost.
    other_cny
        All other cost: imports less exports, networks, measures [CNY].
    """
    return float(amount @ rates.unit_cny + np.vdot(bought_mwh, rates.price_cny_mwh) + other_cny)
