"""What the zone's energy costs in a year, from the ledger: equipment, fuels, and electricity at hourly tariffs."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from layers.constants import constants
from layers.tables.balance import CARRIERS, SECTORS
from resources.economics import annuity_factor
from resources.prices import carrier_price_cny_mwh
from spatial.balance.buildings import ELECTRICITY
from spatial.balance.classes import NETWORKS
from spatial.balance.costs import Rates, annual_costs, rates, total_cost
from spatial.balance.leaves import Amounts
from spatial.balance.ledger import Ledger

Floats = NDArray[np.float64]

UTILITY = "service"
"""Sector at whose tariffs district plants buy fuels."""
BERTHS, SHIPS = "berth_calls", "ships"
"""Ships at berth buy marine fuel, which is not taxed as that of lorries is."""
BUYERS = (*SECTORS, SHIPS)
NOT_BOUGHT = ("electricity", "msw", *NETWORKS.values())
BOUGHT = tuple(carrier for carrier in CARRIERS if carrier not in NOT_BOUGHT)
"""Carriers bought by their users; electricity is bought by the zone at hourly tariffs."""


@dataclass(frozen=True)
class Market:
    """What electricity costs.

    Attributes
    ----------
    imported, exported
        Price of what is bought and sold in each hour [CNY/MWh], shape (hours,).
    demand_charge_cny_mw
        Charge on the highest import of the year [CNY/MW].
    wheeling_cny_mwh
        Fees and levies of the public grid, which own plants outside the zone pay too [CNY/MWh].
    """

    imported: Floats
    exported: Floats
    demand_charge_cny_mw: float
    wheeling_cny_mwh: float

    def bill(self, imported: Floats, exported: Floats) -> float:
        """Return the bill of a year from what is bought and sold in each hour [MWh], shape (hours,)."""
        peak = float(imported.max()) if len(imported) else 0.0
        return float(self.imported @ imported - self.exported @ exported) + peak * self.demand_charge_cny_mw


def discount_rate() -> float:
    """Return the real discount rate that yearly costs are counted with [1/a]."""
    return constants("resources", "finance.csv").value("discount.social")


def network_annuity_cny(summary: pd.DataFrame) -> float:
    """Return the yearly cost of pipes and substations of all networks [CNY]; plants are equipment of their own."""
    numbers = constants("spatial.balance", "constants.csv")
    invested = float((summary["capex_cny"] - summary["plant_capex_cny"]).sum())
    rate = annuity_factor(discount_rate(), numbers.value("district.life_a")) + numbers.value("district.running_share")
    return invested * rate


def electricity_cny(ledger: Ledger, market: Market) -> dict[str, Floats]:
    """Return what electricity costs by item [CNY], shape (years,): bought, wheeled, and sold (negative).

    The bill is that of plain matching, hour by hour with the charge on the highest import, less what storage and
    movable loads save of it. Households pay their own flat tariff for their part of what is bought.
    """
    power = ledger.power
    plain = power.imported.sum(axis=0), power.exported.sum(axis=0)
    sold = _mean(market.exported @ power.exported, plain[1], market.exported.mean()) * power.export_mwh
    peak = power.imported.max(axis=0) * market.demand_charge_cny_mw
    bill = market.imported @ power.imported - market.exported @ power.exported + peak - power.saved_cny
    mean = _mean(market.imported @ power.imported, plain[0], market.imported.mean())
    homes = _mean(_of_homes(ledger) * power.import_mwh, ledger.delivered, 0.0)
    tariff = carrier_price_cny_mwh("electricity", "residential")
    far = sum(
        (power.generation[name].sum(axis=0) * one.outside for name, one in ledger.model.potentials.items()),
        np.zeros(len(ledger.years)),
    )
    made = sum((hours.sum(axis=0) for hours in power.generation.values()), np.zeros(len(ledger.years)))
    kept = 1.0 - _mean(power.left_mwh, made, 0.0)
    return {
        "electricity": bill + sold + homes * (tariff - mean),
        "wheeling_cost": far * kept * market.wheeling_cny_mwh,
        "export_revenue": -sold,
    }


def _mean(total: Floats, amount: Floats, otherwise: float) -> Floats:
    return np.asarray(np.divide(total, amount, out=np.full(len(amount), float(otherwise)), where=amount > 0.0))


def _of_homes(ledger: Ledger) -> Floats:
    """Return the electricity of households [MWh], shape (years,)."""
    classes = ledger.model.classes
    mine = classes.by_sector.get("residential", np.zeros(0, dtype=np.int64))
    return np.asarray(classes.total_m2[mine] @ ledger.per_m2[mine, :, ELECTRICITY])


def bought_mwh(ledger: Ledger) -> Floats:
    """Return what each of `BUYERS` buys of the carriers of `BOUGHT` [MWh], shape (years, buyers, carriers)."""
    model, levels = ledger.model, ledger.activities.levels
    columns = [CARRIERS.index(carrier) for carrier in BOUGHT]
    found = np.zeros((len(ledger.years), len(BUYERS), len(columns)))
    for name, mine in model.classes.by_sector.items():
        area = model.classes.total_m2[mine]
        found[:, SECTORS.index(name)] += np.einsum("c,cyk->yk", area, ledger.per_m2[mine][:, :, columns])
    for subsector in ledger.activities.doings:
        energy = ledger.of_activities[levels.positions[subsector]][:, :, columns].sum(axis=0)
        found[:, BUYERS.index(SHIPS if subsector == BERTHS else levels.sector_of[subsector])] += energy
    found[:, SECTORS.index(UTILITY)] += ledger.plant_use[:, columns]
    return found


def bought_over_years(costs: pd.DataFrame) -> pd.DataFrame:
    """Return a table ``technology_cost`` whose investment is the mean over the years in which what stands was bought.

    What stands in a year was bought in the years of its life before, as far as the account goes back; their plain mean
    keeps what gets cheaper from being counted at its last price alone.
    """
    flat = (costs.reset_index() if costs.index.names != [None] else costs).copy()
    ordered = flat.sort_values(["subject", "technology", "year"], ignore_index=True)
    parts = []
    for _, own in ordered.groupby(["subject", "technology"], sort=True):
        window = max(int(np.ceil(own["life_a"].iloc[0])), 1)
        parts.append(own["capex_cny"].rolling(window, min_periods=1).mean())
    return ordered.assign(capex_cny=pd.concat(parts).sort_index())


def cost_table(
    scenario: str, ledger: Ledger, amounts: Amounts, costs: pd.DataFrame, market: Market, measures_cny: Floats
) -> pd.DataFrame:
    """Return the cost of every year by item (table ``costs``).

    Parameters
    ----------
    scenario
        Name of the scenario.
    ledger
        Its ledger, of all years.
    amounts
        What is installed.
    costs
        Table ``technology_cost``.
    market
        Prices of electricity.
    measures_cny
        What measures cost beside their technologies in each year, shape (years,).
    """
    years = pd.MultiIndex.from_product([[scenario], ledger.years], names=["scenario", "year"])
    installed = pd.concat(
        [
            pd.DataFrame(
                {"year": ledger.years, "subject": key[0], "technology": key[1], "amount": amount, "unit": unit}
            )
            for key, (amount, unit) in sorted(amounts.items())
        ],
        ignore_index=True,
    ).assign(scenario=scenario)
    energy = bought_mwh(ledger)
    year, sector, carrier = np.nonzero(energy)
    purchases = pd.DataFrame(
        {
            "scenario": scenario,
            "year": ledger.years[year],
            "sector": np.array(BUYERS)[sector],
            "carrier": np.array(BOUGHT)[carrier],
            "energy_mwh": energy[year, sector, carrier],
        }
    )
    electricity = electricity_cny(ledger, market)
    pipes = network_annuity_cny(ledger.model.network_summary) * ledger.tree.coverage("district")
    return annual_costs(
        installed[installed["amount"] > 0.0],
        bought_over_years(costs),
        purchases,
        discount_rate(),
        electricity_cny={item: pd.Series(values, index=years) for item, values in electricity.items()},
        network_cny=pd.Series(pipes, index=years),
        measures_cny=pd.Series(measures_cny, index=years),
    )


@dataclass(frozen=True)
class Prices:
    """Costs of one year, ready for many ledgers."""

    rates: Rates
    order: Mapping[tuple[str, str], int]
    market: Market
    network_cny: float

    @classmethod
    def of(cls, costs: pd.DataFrame, summary: pd.DataFrame, year: int, market: Market) -> "Prices":
        """Prepare tables ``technology_cost`` and ``network_summary``."""
        flat = bought_over_years(costs)
        mine = flat[flat["year"] == year]
        names = sorted(zip(mine["subject"].astype(str), mine["technology"].astype(str), strict=True))
        found = rates(flat, names, year, BUYERS, BOUGHT, discount_rate())
        return cls(found, {name: i for i, name in enumerate(names)}, market, network_annuity_cny(summary))

    def total(self, ledger: Ledger, amounts: Amounts) -> float:
        """Return the cost of the one year of a ledger [CNY]."""
        amount = np.zeros(len(self.order))
        for key, (value, _) in amounts.items():
            if value[0] > 0.0:
                amount[self.order[key]] = value[0]
        electricity = sum(values[0] for values in electricity_cny(ledger, self.market).values())
        pipes = self.network_cny * ledger.tree.coverage("district")
        return total_cost(self.rates, amount, bought_mwh(ledger)[0], float(electricity + pipes[0]))
