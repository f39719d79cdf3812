"""The account: every scenario's energy and CO2 by year, planning unit, sector and carrier, and where it came from."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from layers.archetypes import archetypes
from layers.constants import constants
from layers.tables.balance import CARRIERS
from resources.factors import carrier_factor_t_mwh, grid_factor_t_mwh
from spatial.balance.activities import activity_energy, boundary
from spatial.balance.buildings import DISTRICT_SERVICES, Connected, buildings_energy
from spatial.balance.indicators import indicators, targets, waterfall
from spatial.balance.options import BalanceOptions
from spatial.balance.power import Generation, Power, match, pv_generation, wind_generation
from spatial.balance.sinks import sinks
from spatial.balance.tree import Tree

Floats = NDArray[np.float64]
Tables = Mapping[str, pd.DataFrame]

LEDGER_KEY = ["unit_id", "parcel_id", "sector"]
ELECTRICITY = CARRIERS.index("electricity")
NETWORKS = {"heating": "district_heat", "cooling": "district_cold"}
"""Carrier that each network delivers."""
CLOSING_TOLERANCE = 1e-4
"""Hourly sums are in single precision; what is further from the account than this is a fault, not rounding."""


@dataclass(frozen=True)
class Ledger:
    """One scenario: final energy [MWh] per row, shape (rows, years, carriers), and the power that serves it."""

    rows: pd.DataFrame
    energy: Floats
    power: Power
    plants: dict[str, float]
    losses: dict[str, float]
    tree: Tree


def account(tables: Tables, options: BalanceOptions) -> dict[str, pd.DataFrame]:
    """Return the account of all scenarios.

    Parameters
    ----------
    tables
        Stock, parcels, people, adoption, intensities, demand_profiles, activity, profile_shapes, drivers, pv_parcels,
        pv_classes, pv_profiles, turbines, wind_profiles, pipes, connections and network_summary.
    options
        Switches, targets and the grid region.

    Returns
    -------
    dict of DataFrame
        Tables balance, parcel_account, supply, sinks, indicators, targets, waterfall and zone_hourly.
    """
    scenarios = list(tables["adoption"]["scenario"].unique())
    ledgers = {str(scenario): _ledger(tables, str(scenario), options) for scenario in scenarios}
    parts: dict[str, list[pd.DataFrame]] = {"balance": [], "parcel_account": [], "supply": [], "zone_hourly": []}
    for scenario, ledger in ledgers.items():
        co2 = _co2(ledger, options)
        parts["balance"].append(_balance(scenario, ledger, co2))
        parts["parcel_account"].append(_parcel_account(scenario, ledger, co2))
        parts["supply"].append(_supply(scenario, ledger))
        parts["zone_hourly"].append(_hourly(scenario, ledger, tables["demand_profiles"].index))
    found = {name: pd.concat(frames, ignore_index=True) for name, frames in parts.items() if name != "zone_hourly"}
    found["zone_hourly"] = pd.concat(parts["zone_hourly"], axis=1)
    found["sinks"] = sinks(tables["parcels"], scenarios, next(iter(ledgers.values())).tree.years)
    found["indicators"] = indicators(found, tables["drivers"], tables["people"], options)
    found["targets"] = targets(found["indicators"], options)
    found["waterfall"] = waterfall(found["balance"], scenarios)
    return found


def _ledger(tables: Tables, scenario: str, options: BalanceOptions) -> Ledger:
    tree = Tree.of(tables["adoption"], scenario)
    stock = tables["stock"]
    losses, plants = _plants(tables["network_summary"])
    connected = Connected(_served(stock, tables, tree), plants)
    profiles = tables["demand_profiles"]
    sectors = pd.Series({name: archetype.sector for name, archetype in archetypes().items()})
    buildings = buildings_energy(stock, sectors, tables["intensities"], list(profiles.columns), tree, connected)
    activity = boundary(tables["activity"], options.switches)
    activities = activity_energy(activity, tree)
    rows = pd.concat(
        [
            pd.DataFrame(
                {
                    "unit_id": stock["unit_id"].to_numpy(),
                    "parcel_id": stock["parcel_id"].to_numpy(),
                    "sector": sectors.reindex(stock["archetype"]).to_numpy(),
                }
            ),
            activities.rows[LEDGER_KEY],
        ],
        ignore_index=True,
    )
    energy = np.concatenate([buildings.energy_mwh, activities.energy_mwh])
    hourly = profiles.to_numpy(dtype=np.float32) @ buildings.hourly_weights.astype(np.float32) / 1e6
    hourly = hourly.astype(float) * _closing(buildings.energy_mwh, plants, hourly.astype(float))
    shapes = tables["profile_shapes"]
    for subsector, yearly in activities.electricity_mwh.items():
        hourly = hourly + shapes[subsector].to_numpy(dtype=float)[:, None] * yearly[None, :]
    use = hourly / (1.0 - constants("resources", "factors.csv").value("loss.distribution"))
    phase = tables["parcels"]["phase_year"]
    items = pv_generation(tables["pv_parcels"], tables["pv_classes"], tables["pv_profiles"], phase, tree)
    items |= wind_generation(
        tables["turbines"], tables["wind_profiles"], tree, sea_counts=options.switches.sea_energy_counts
    )
    return Ledger(rows, energy, match(use, Generation(items)), plants, losses, tree)


def _closing(energy: Floats, plants: dict[str, float], hourly: Floats) -> Floats:
    """Return the factor per year that closes single-precision hourly sums on the yearly account, next to one.

    Raises
    ------
    ArithmeticError
        If hours and years differ by more than rounding explains.
    """
    yearly = energy[:, :, ELECTRICITY].sum(axis=0) + _plant_use(energy, plants).sum(axis=0)
    sums = hourly.sum(axis=0)
    factor = np.asarray(np.divide(yearly, sums, out=np.ones(len(yearly)), where=sums > 0.0))
    if np.abs(factor - 1.0).max() > CLOSING_TOLERANCE:
        raise ArithmeticError(f"hourly and yearly electricity of buildings differ by a factor of {factor.round(4)}")
    return factor


def _plant_use(energy: Floats, plants: dict[str, float]) -> Floats:
    """Return the electricity [MWh] of the district plants that each row and year stands for."""
    use = np.zeros(energy.shape[:2])
    for carrier in NETWORKS.values():
        use += energy[:, :, CARRIERS.index(carrier)] * plants.get(carrier, 0.0)
    return use


def _plants(summary: pd.DataFrame) -> tuple[dict[str, float], dict[str, float]]:
    """Return loss, and the electricity of plant and pumps, per delivered energy, by carrier, as the design has them."""
    flat = summary if "network" in summary.columns else summary.reset_index()
    losses: dict[str, float] = {}
    plants: dict[str, float] = {}
    columns = ["delivered_mwh", "loss_mwh", "plant_electricity_mwh", "pumping_mwh"]
    for network, carrier in NETWORKS.items():
        row = flat.loc[flat["network"] == network, columns].to_numpy(dtype=float)
        if not len(row) or row[0, 0] <= 0.0:
            continue
        delivered, loss, plant, pumping = row[0]
        losses[carrier] = loss / delivered
        plants[carrier] = (plant + pumping) / delivered
    return losses, plants


def _served(stock: pd.DataFrame, tables: Tables, tree: Tree) -> dict[str, Floats]:
    """Return, by service, the share of each stock row that district networks serve in each year."""
    connections = tables["connections"]
    share = tree.coverage("district")
    stands = stock["year_from"].to_numpy()[:, None] <= tree.years[None, :]
    served: dict[str, Floats] = {}
    for service, carrier in DISTRICT_SERVICES.items():
        networks = [network for network, delivers in NETWORKS.items() if delivers == carrier]
        mine = connections["network"].isin(networks) & connections["connected"]
        rows = stock["parcel_id"].isin(set(connections.loc[mine, "parcel_id"])).to_numpy()
        served[service] = rows[:, None] * stands * share[None, :]
    return served


def _co2(ledger: Ledger, options: BalanceOptions) -> Floats:
    """Return CO2 [t] of every row, year and carrier: fuels burnt here, and the power plants behind the grid."""
    co2 = np.zeros_like(ledger.energy)
    for position, carrier in enumerate(CARRIERS):
        if carrier in {"electricity", *NETWORKS.values(), "biomass", "msw"}:
            continue
        co2[:, :, position] = ledger.energy[:, :, position] * carrier_factor_t_mwh(carrier)
    factor = _electricity_factor(ledger, options)
    co2[:, :, ELECTRICITY] = ledger.energy[:, :, ELECTRICITY] * factor[None, :]
    for carrier in NETWORKS.values():
        position = CARRIERS.index(carrier)
        plant = ledger.plants.get(carrier, 0.0)
        co2[:, :, position] = ledger.energy[:, :, position] * plant * factor[None, :]
    return co2


def _green_mwh(ledger: Ledger) -> Floats:
    return np.asarray(ledger.power.imported.sum(axis=0) * np.clip(ledger.tree.coverage("green_power"), 0.0, 1.0))


def _electricity_factor(ledger: Ledger, options: BalanceOptions) -> Floats:
    """Return CO2 per electricity at the user [t/MWh]: what the grid brought, over what was used."""
    imported = ledger.power.imported.sum(axis=0)
    carbon = imported - (_green_mwh(ledger) if options.switches.green_power_counts else 0.0)
    delivered = _delivered(ledger)
    grid = grid_factor_t_mwh(options.grid_region, ledger.tree.years)
    return np.asarray(np.divide(carbon * grid, delivered, out=np.zeros(len(grid)), where=delivered > 0.0))


def _plant_mwh(ledger: Ledger) -> Floats:
    return np.asarray(_plant_use(ledger.energy, ledger.plants).sum(axis=0))


def _delivered(ledger: Ledger) -> Floats:
    return np.asarray(ledger.energy[:, :, ELECTRICITY].sum(axis=0) + _plant_mwh(ledger))


def _sums(ledger: Ledger, values: Floats, key: list[str]) -> tuple[pd.DataFrame, Floats]:
    groups = ledger.rows.groupby(key, sort=True).ngroup().to_numpy()
    names = ledger.rows[key].drop_duplicates().sort_values(key).reset_index(drop=True)
    total = np.zeros((len(names), *values.shape[1:]))
    np.add.at(total, groups, values)
    return names, total


def _balance(scenario: str, ledger: Ledger, co2: Floats) -> pd.DataFrame:
    key = ["unit_id", "sector"]
    names, energy = _sums(ledger, ledger.energy, key)
    _, tonnes = _sums(ledger, co2, key)
    years = ledger.tree.years
    group, year, carrier = np.nonzero((energy != 0.0) | (tonnes != 0.0))
    return pd.DataFrame(
        {
            "scenario": scenario,
            "year": years[year],
            "unit_id": names["unit_id"].to_numpy()[group],
            "sector": names["sector"].to_numpy()[group],
            "carrier": np.array(CARRIERS)[carrier],
            "energy_mwh": energy[group, year, carrier],
            "co2_t": tonnes[group, year, carrier],
        }
    )


def _parcel_account(scenario: str, ledger: Ledger, co2: Floats) -> pd.DataFrame:
    district = [CARRIERS.index(carrier) for carrier in NETWORKS.values()]
    final = ledger.energy.sum(axis=2)
    # As the benchmarks of buildings count bought cold and heat: by the electricity that made them.
    at_site = final - ledger.energy[:, :, district].sum(axis=2) + _plant_use(ledger.energy, ledger.plants)
    names, energy = _sums(ledger, final[:, :, None], ["parcel_id"])
    _, site = _sums(ledger, at_site[:, :, None], ["parcel_id"])
    _, tonnes = _sums(ledger, co2.sum(axis=2, keepdims=True), ["parcel_id"])
    years = ledger.tree.years
    frame = pd.DataFrame(
        {
            "scenario": scenario,
            "year": np.tile(years, len(names)),
            "parcel_id": np.repeat(names["parcel_id"].to_numpy(), len(years)),
            "energy_mwh": energy.reshape(-1),
            "site_mwh": site.reshape(-1),
            "co2_t": tonnes.reshape(-1),
        }
    )
    return frame[frame["parcel_id"] != ""]


def _supply(scenario: str, ledger: Ledger) -> pd.DataFrame:
    years, power = ledger.tree.years, ledger.power
    green = _green_mwh(ledger)
    final = ledger.energy.sum(axis=0)
    electricity: dict[tuple[str, str], Floats] = {
        ("in", "grid"): power.imported.sum(axis=0) - green,
        ("in", "green_power"): green,
        **{("in", item): hours.sum(axis=0) for item, hours in power.generation.items.items()},
        ("out", "final"): final[:, ELECTRICITY],
        ("out", "district_plants"): _plant_mwh(ledger),
        ("out", "distribution_loss"): power.use.sum(axis=0) - _delivered(ledger),
        ("out", "export"): power.exported.sum(axis=0),
    }
    frames = [_supply_rows(scenario, years, "electricity", electricity)]
    for position, carrier in enumerate(CARRIERS):
        if carrier == "electricity" or not final[:, position].any():
            continue
        flows = {("in", "delivered"): final[:, position], ("out", "final"): final[:, position]}
        if carrier in NETWORKS.values():
            loss = final[:, position] * ledger.losses.get(carrier, 0.0)
            flows = {("in", "plant"): final[:, position] + loss, ("out", "final"): final[:, position],
                     ("out", "network_loss"): loss}  # fmt: skip
        frames.append(_supply_rows(scenario, years, carrier, flows))
    return pd.concat(frames, ignore_index=True)


def _supply_rows(
    scenario: str, years: NDArray[np.int64], carrier: str, flows: dict[tuple[str, str], Floats]
) -> pd.DataFrame:
    return pd.concat(
        [
            pd.DataFrame(
                {
                    "scenario": scenario,
                    "year": years,
                    "carrier": carrier,
                    "item": item,
                    "direction": direction,
                    "energy_mwh": np.maximum(flow, 0.0),
                }
            )
            for (direction, item), flow in flows.items()
        ],
        ignore_index=True,
    )


def _hourly(scenario: str, ledger: Ledger, times: pd.Index) -> pd.DataFrame:
    columns: dict[str, Floats] = {}
    for position in (0, len(ledger.tree.years) - 1):
        head = f"{scenario}|{ledger.tree.years[position]}"
        columns[f"{head}|use"] = ledger.power.use[:, position]
        for item, hours in ledger.power.generation.items.items():
            columns[f"{head}|{item}"] = hours[:, position]
        columns[f"{head}|import"] = ledger.power.imported[:, position]
        columns[f"{head}|export"] = ledger.power.exported[:, position]
    return pd.DataFrame(columns, index=times)
