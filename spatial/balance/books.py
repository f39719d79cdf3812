"""The books of one scenario: energy and CO2 by year, planning unit, parcel, sector and carrier, and its supply."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

from layers.tables.balance import CARRIERS, SECTORS
from spatial.balance.buildings import ELECTRICITY
from spatial.balance.classes import NETWORKS
from spatial.balance.ledger import Ledger

Floats = NDArray[np.float64]
Flow = dict[tuple[str, str], Floats]


def balance_table(scenario: str, ledger: Ledger) -> pd.DataFrame:
    """Return final energy and CO2 by planning unit, sector, carrier and year (table ``balance``)."""
    units, sectors, on_parcels, everywhere = _by_unit(ledger)
    one, two, location = ledger.scope1[None], ledger.scope2[None], ledger.scope2_location[None]
    group, year, carrier = np.nonzero(everywhere != 0.0)
    energy = everywhere[group, year, carrier]
    scope1, scope2 = (np.broadcast_to(f, everywhere.shape)[group, year, carrier] * energy for f in (one, two))
    parcels = on_parcels[group, year, carrier]
    factor = np.broadcast_to(one + two, everywhere.shape)[group, year, carrier]
    return pd.DataFrame(
        {
            "scenario": scenario,
            "year": ledger.years[year],
            "unit_id": units[group],
            "sector": sectors[group],
            "carrier": np.array(CARRIERS)[carrier],
            "energy_mwh": energy,
            "primary_mwh": np.broadcast_to(ledger.primary[None], everywhere.shape)[group, year, carrier] * energy,
            "scope1_t": scope1,
            "scope2_t": scope2,
            "scope2_location_t": np.broadcast_to(location, everywhere.shape)[group, year, carrier] * energy,
            "co2_t": scope1 + scope2,
            "parcels_mwh": parcels,
            "parcels_co2_t": parcels * factor,
        }
    )


def _by_unit(ledger: Ledger) -> tuple[NDArray[np.object_], NDArray[np.object_], Floats, Floats]:
    """Return unit and sector of each group, its energy on parcels, and everywhere, (groups, years, carriers)."""
    model, rows = ledger.model, ledger.activities.rows
    names = np.unique(np.concatenate([model.stock["unit_id"].to_numpy(dtype=str), rows["unit_id"].to_numpy(dtype=str)]))
    area = np.zeros((len(names), len(model.classes.table)))
    np.add.at(
        area,
        (np.searchsorted(names, model.stock["unit_id"].to_numpy(dtype=str)), model.classes.of_row),
        model.classes.area_m2,
    )
    shape = (len(names), len(SECTORS), *ledger.final.shape)
    on_parcels = np.zeros(shape)
    for position, sector in enumerate(SECTORS):
        mine = (model.classes.table["sector"] == sector).to_numpy()
        on_parcels[:, position] = np.einsum("uc,cyk->uyk", area[:, mine], ledger.per_m2[mine])
    everywhere = on_parcels.copy()
    unit = np.searchsorted(names, rows["unit_id"].to_numpy(dtype=str))
    doer = rows["sector"].map({name: i for i, name in enumerate(SECTORS)}).to_numpy(dtype=int)
    placed = (rows["parcel_id"] != "").to_numpy()
    np.add.at(everywhere, (unit, doer), ledger.of_activities)
    np.add.at(on_parcels, (unit[placed], doer[placed]), ledger.of_activities[placed])
    flat = (len(names) * len(SECTORS), *ledger.final.shape)
    return (
        np.repeat(names.astype(object), len(SECTORS)),
        np.tile(np.array(SECTORS, dtype=object), len(names)),
        on_parcels.reshape(flat),
        everywhere.reshape(flat),
    )


def parcel_table(scenario: str, ledger: Ledger, target_year: int) -> pd.DataFrame:
    """Return what of the account stands on parcels, to the target year (table ``parcel_account``)."""
    model, rows = ledger.model, ledger.activities.rows
    shown = ledger.years <= target_year
    placed = (rows["parcel_id"] != "").to_numpy()
    stock_ids = model.stock["parcel_id"].to_numpy(dtype=str)
    row_ids = rows["parcel_id"].to_numpy(dtype=str)[placed]
    names = np.unique(np.concatenate([stock_ids, row_ids]))
    area = sparse.csr_array(
        (model.classes.area_m2, (np.searchsorted(names, stock_ids), model.classes.of_row)),
        shape=(len(names), len(model.classes.table)),
    )
    position = np.searchsorted(names, row_ids)

    def spread(factor: Floats) -> Floats:
        found = np.asarray(area @ np.einsum("cyk,yk->cy", ledger.per_m2[:, shown], factor[shown]))
        np.add.at(found, position, np.einsum("ryk,yk->ry", ledger.of_activities[placed][:, shown], factor[shown]))
        return found

    ones = np.ones_like(ledger.scope1)
    # As the benchmarks of buildings count bought cold and heat: by the electricity that made them.
    site = ones.copy()
    for network, carrier in NETWORKS.items():
        plant = ledger.plants.get(network)
        site[:, CARRIERS.index(carrier)] = 0.0 if plant is None else plant.use[:, ELECTRICITY]
    scope1, scope2 = spread(ledger.scope1), spread(ledger.scope2)
    years = ledger.years[shown]
    return pd.DataFrame(
        {
            "scenario": scenario,
            "year": np.tile(years, len(names)),
            "parcel_id": np.repeat(names.astype(object), len(years)),
            "energy_mwh": spread(ones).ravel(),
            "site_mwh": spread(site).ravel(),
            "primary_mwh": spread(ledger.primary).ravel(),
            "scope1_t": scope1.ravel(),
            "scope2_t": scope2.ravel(),
            "co2_t": (scope1 + scope2).ravel(),
        }
    )


def supply_table(scenario: str, ledger: Ledger) -> pd.DataFrame:
    """Return where each carrier comes from and where it goes (table ``supply``)."""
    power, final, plants = ledger.power, ledger.final, ledger.plant_use
    loss = power.loss_mwh
    electricity: Flow = {
        ("in", "grid"): power.import_mwh - ledger.green,
        ("in", "green_power"): ledger.green,
        **{("in", item): hours.sum(axis=0) for item, hours in power.generation.items()},
        # Stores that let plants work in cooler hours can save more than they lose.
        ("in", "storage_gain"): np.maximum(-loss, 0.0),
        ("out", "final"): final[:, ELECTRICITY],
        ("out", "district_plants"): plants[:, ELECTRICITY],
        ("out", "distribution_loss"): power.use.sum(axis=0) - ledger.delivered,
        ("out", "storage_loss"): np.maximum(loss, 0.0),
        ("out", "curtailed"): power.curtailed_mwh,
        ("out", "export"): power.export_mwh,
    }
    frames = [_supply_rows(scenario, ledger.years, "electricity", electricity)]
    network_of = {carrier: network for network, carrier in NETWORKS.items()}
    for position, carrier in enumerate(CARRIERS):
        if carrier == "electricity" or not (final[:, position].any() or plants[:, position].any()):
            continue
        if carrier in network_of:
            lost = final[:, position] * ledger.plants[network_of[carrier]].loss
            flows: Flow = {
                ("in", "plant"): final[:, position] + lost,
                ("out", "final"): final[:, position],
                ("out", "network_loss"): lost,
            }
        else:
            flows = {
                ("in", "delivered"): final[:, position] + plants[:, position],
                ("out", "final"): final[:, position],
                ("out", "district_plants"): plants[:, position],
            }
        frames.append(_supply_rows(scenario, ledger.years, carrier, flows))
    return pd.concat(frames, ignore_index=True)


def _supply_rows(scenario: str, years: NDArray[np.int64], carrier: str, flows: Flow) -> pd.DataFrame:
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
            if np.any(flow) or item in {"final", "grid"}
        ],
        ignore_index=True,
    )


def hourly_columns(scenario: str, ledger: Ledger, shown: tuple[int, ...]) -> Mapping[str, Floats]:
    """Return hourly electricity of the years at some positions, as columns of ``zone_hourly``."""
    columns: dict[str, Floats] = {}
    for position in shown:
        head = f"{scenario}|{ledger.years[position]}"
        columns[f"{head}|use"] = ledger.power.use[:, position]
        for item, hours in ledger.power.generation.items():
            columns[f"{head}|{item}"] = hours[:, position]
        columns[f"{head}|import"] = ledger.power.imported[:, position]
        columns[f"{head}|export"] = ledger.power.exported[:, position]
    return columns
