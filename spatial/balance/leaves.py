"""The leaves of the demand tree: what each technology does, takes and how much of it stands, for the zone."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from layers.tables.balance import CARRIERS
from layers.tables.stock import VINTAGES
from layers.units import KW_PER_MW, KWH_PER_MWH
from spatial.balance.activities import SHIFTS, end_use_names
from spatial.balance.classes import NETWORKS, OLD
from spatial.balance.ledger import Ledger
from spatial.balance.plants import PLANT

Floats = NDArray[np.float64]
COST_UNITS = {
    "TEU": "TEU/a",
    "call": "calls/a",
    "vkm": "km/a",
    "t": "t/a",
    "m3": "m3/a",
    "ha": "ha",
    "million CNY": "million CNY/a",
}
"""Unit that costs are given in, by the unit of the activity."""
VALUE_ADDED = "million CNY/a"
Amounts = dict[tuple[str, str], tuple[Floats, str]]
"""(subject, technology) to the amount in each year, shape (years,), and its unit."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """One technology of one end use: its place in the tree, and its final energy [kWh], shape (years, carriers)."""

    sector: str
    subsector: str
    end_use: str
    technology: str
    energy: Floats


def leaves(ledger: Ledger) -> Iterator[Leaf]:
    """Yield every leaf of the tree."""
    for sector, archetype, service, technology, energy in ledger.buildings.by_technology():
        yield Leaf(sector, archetype, service, technology, energy)
    for sector, subsector, subject, done, doing, position in ledger.activities.by_technology():
        energy = np.maximum(doing.use[:, position], 0.0) * done[:, None]
        yield Leaf(sector, subsector, end_use_names()[subject], _part(subject, doing.technologies[position]), energy)


def _part(subject: str, technology: str) -> str:
    """Return the name of a technology among all of its end use: port gear of several kinds is told apart."""
    _, _, part = subject.partition(".")
    return f"{part}.{technology}" if part else technology


def end_use_table(scenario: str, ledger: Ledger) -> pd.DataFrame:
    """Return the demand tree in numbers (table ``end_uses``)."""
    found = list(leaves(ledger))
    energy = np.stack([leaf.energy for leaf in found]) / KWH_PER_MWH
    row, year, carrier = np.nonzero(energy)
    amount = energy[row, year, carrier]
    factor = ledger.scope1 + ledger.scope2
    frame = pd.DataFrame(
        {
            "scenario": scenario,
            "year": ledger.years[year],
            **{
                name: np.array([getattr(leaf, name) for leaf in found], dtype=object)[row]
                for name in ("sector", "subsector", "end_use", "technology")
            },
            "carrier": np.array(CARRIERS, dtype=object)[carrier],
            "energy_mwh": amount,
            "co2_t": amount * factor[year, carrier],
        }
    )
    key = ["scenario", "year", "sector", "subsector", "end_use", "technology", "carrier"]
    return frame.groupby(key, sort=True)[["energy_mwh", "co2_t"]].sum().reset_index()


def activity_table(scenario: str, ledger: Ledger) -> pd.DataFrame:
    """Return what drives each subsector (table ``tree_activity``)."""
    classes, years = ledger.model.classes, ledger.years
    area = classes.total_m2[:, None] * classes.stands(years)
    frames = []
    for archetype, sector, mine in classes.by_archetype:
        columns = {"sector": sector, "subsector": archetype, "unit": "m2"}
        frames.append(pd.DataFrame({"year": years, **columns, "activity": area[mine].sum(axis=0)}))
    levels = ledger.activities.levels
    for subsector, sector in levels.sector_of.items():
        columns = {"sector": sector, "subsector": subsector, "unit": levels.unit_of[subsector]}
        frames.append(pd.DataFrame({"year": years, **columns, "activity": ledger.activities.total(subsector)}))
    return pd.concat(frames, ignore_index=True).assign(scenario=scenario)


def installed(ledger: Ledger, built: Mapping[str, tuple[Floats, str]]) -> Amounts:
    """Return how much each technology does or how much of it stands, in the units that costs are given in.

    Parameters
    ----------
    ledger
        Ledger of the scenario.
    built
        Store to what stands of it in each year, and its unit.
    """
    found = _done(ledger)
    for network, plant in ledger.plants.items():
        delivered = ledger.final[:, CARRIERS.index(NETWORKS[network])] * KWH_PER_MWH
        before = found.get(("district", "connected"), (np.zeros_like(delivered), ""))[0]
        found["district", "connected"] = before + delivered, "kWh/a"
        for position, technology in enumerate(plant.doing.technologies):
            sent = delivered * (1.0 + plant.loss) * plant.doing.share[:, position]
            found[PLANT[network], technology] = sent, "kWh/a"
    for item, potential in ledger.model.potentials.items():
        capacity = potential.planned(ledger.tree).sum(axis=0) * KW_PER_MW
        found[potential.subject, "installed"] = capacity, "kWp" if item.startswith("pv") else "kW"
    found["green_power", "bought"] = ledger.green * KWH_PER_MWH, "kWh/a"
    found |= _floor_area(ledger)
    found |= {(f"flex.{store}", "used"): amount for store, amount in built.items()}
    return found


def _done(ledger: Ledger) -> Amounts:
    """Return what technologies of buildings and activities do."""
    found: Amounts = {}
    for (sector, service), doing in ledger.buildings.doings.items():
        demand = ledger.buildings.demand.zone_own[sector, service]
        for position, technology in enumerate(doing.technologies):
            found[f"{sector}.{service}", technology] = demand * doing.share[:, position], "kWh/a"
    units = ledger.activities.levels.unit_of
    for _, subsector, subject, done, doing, position in ledger.activities.by_technology():
        amount, unit = done, COST_UNITS[units[subsector]]
        if unit == VALUE_ADDED:
            amount, unit = np.maximum(doing.use[:, position], 0.0).sum(axis=1) * done, "kWh/a"
        key = subject, doing.technologies[position]
        # What shifts to rail from several subsectors is done by the same trains.
        found[key] = amount + (found[key][0] if key in found else 0.0), unit
    return found


def _floor_area(ledger: Ledger) -> Amounts:
    """Return floor area by what was done to it."""
    model, tree = ledger.model, ledger.tree
    classes, area, years = model.classes, model.classes.total_m2, ledger.years
    new = classes.year_from > model.years[0]
    shares = ledger.buildings.demand.shares * area[:, None, None]
    stands = classes.stands(years) * area[:, None]
    tier = {name: shares[new][:, :, VINTAGES.index(name)].sum(axis=0) for name in ("ultralow", "nzeb")}
    old = classes.is_old & ~new
    kept = sum((shares[old][:, :, VINTAGES.index(name)].sum(axis=0) for name in OLD), np.zeros(len(years)))
    total = stands.sum(axis=0)
    finished = ((classes.year_from[:, None] == years[None, :]) & new[:, None]) * area[:, None]
    return {
        ("new_buildings", "code"): (stands[new].sum(axis=0) - tier["ultralow"] - tier["nzeb"], "m2"),
        ("new_buildings", "ultralow"): (tier["ultralow"], "m2"),
        ("new_buildings", "nzeb"): (tier["nzeb"], "m2"),
        ("retrofit", "to_code2021"): (stands[old].sum(axis=0) - kept, "m2"),
        ("lamps", "led"): (total * tree.coverage("lamps"), "m2"),
        ("controls", "bms"): (total * tree.coverage("controls"), "m2"),
        ("embodied", "low_carbon"): (finished.sum(axis=0) * tree.coverage("embodied"), "m2/a"),
    }


def installed_table(scenario: str, years: NDArray[np.int64], amounts: Amounts) -> pd.DataFrame:
    """Return the amounts as a table ``installed``."""
    kept = {key: amount for key, amount in sorted(amounts.items()) if np.any(amount[0])}
    count = len(years)
    return pd.DataFrame(
        {
            "scenario": scenario,
            "year": np.tile(years, len(kept)),
            "subject": np.repeat(np.array([subject for subject, _ in kept], dtype=object), count),
            "technology": np.repeat(np.array([technology for _, technology in kept], dtype=object), count),
            # Without any there is nothing to stack, and still a table.
            "amount": np.maximum(np.concatenate([np.zeros(0), *(amount for amount, _ in kept.values())]), 0.0),
            "unit": np.repeat(np.array([unit for _, unit in kept.values()], dtype=object), count),
        }
    )


def equipment_table(scenario: str, ledger: Ledger) -> pd.DataFrame:
    """Return the share of each technology in what stands, after turnover, and every coverage (table ``equipment``)."""
    doings = {f"{sector}.{service}": doing for (sector, service), doing in ledger.buildings.doings.items()}
    for subjects in ledger.activities.doings.values():
        doings |= {name: doing for name, doing in subjects.items() if name not in SHIFTS.values()}
    doings |= {PLANT[network]: plant.doing for network, plant in ledger.plants.items()}
    shares = {
        (subject, technology): doing.share[:, position]
        for subject, doing in doings.items()
        for position, technology in enumerate(doing.technologies)
    }
    covered = {key: ledger.tree.at(path) for key, path in ledger.tree.shares.items() if key[0] not in doings}
    # What stands of equipment that has a life follows what is bought.
    with_lives = set(ledger.tree.lives) & set(ledger.tree.levels)
    covered |= {key: ledger.tree.coverage(key[0]) for key in covered if key[0] in with_lives}
    shares |= covered
    return pd.concat(
        [
            pd.DataFrame(
                {
                    "scenario": scenario,
                    "year": ledger.years,
                    "subject": subject,
                    "technology": technology,
                    "share": np.clip(share, 0.0, 1.0),
                }
            )
            for (subject, technology), share in sorted(shares.items())
            if np.any(share)
        ],
        ignore_index=True,
    )
