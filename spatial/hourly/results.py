"""From an operation to the tables of dispatch, capacities and the year's summary."""

import numpy as np
import pandas as pd

from spatial.hourly.assemble import System, split
from spatial.hourly.case import HOURS_PER_DAY, Case, Floats, Operation, Source, Store
from spatial.hourly.check import cost, emissions
from spatial.hourly.options import HourlyOptions
from spatial.hourly.typical import Days

ELECTRIC_STORES = ("battery", "v2g")
GRID = ("import", "export")


def _available(source: Source, operation: Operation) -> Floats:
    return np.asarray(source.available * operation.built_mw[source.name])


def _generators(case: Case) -> list[Source]:
    return [source for source in case.sources if split(source.name)[1] not in GRID]


def dispatch(system: System, case: Case, operation: Operation, days: Days | None) -> dict[str, Floats]:
    """Return power in each hour of the year [MW] by ``scenario|year|node|item``; see the table DISPATCH."""
    head = f"{system.scenario}|{system.year}"
    found = {f"{head}|{name}": values for name, values in operation.power.items() if not name.endswith("|line")}
    for source in _generators(case):
        name = f"{head}|{split(source.name)[0]}|curtailed"
        lost = np.maximum(_available(source, operation) - operation.power[source.name], 0.0)
        found[name] = found.get(name, np.zeros_like(lost)) + lost
    if days is None:
        return found
    return {name: values.reshape(-1, HOURS_PER_DAY)[days.period].ravel() for name, values in found.items()}


def capacities(system: System, case: Case, operation: Operation) -> pd.DataFrame:
    """Return what is built of every generator and store; see the table CAPACITIES."""
    rows = []
    plants: list[Source | Store] = [*_generators(case), *case.stores]
    for plant in sorted(plants, key=lambda plant: plant.name):
        node, item = split(plant.name)
        built = max(float(operation.built_mw[plant.name]), plant.mw)
        hours = 0.0 if isinstance(plant, Source) else plant.hours
        rows.append((system.scenario, system.year, node, item, plant.mw, built, built * hours, built * plant.capital))
    names = ["scenario", "year", "node", "item", "planned_mw", "built_mw", "built_mwh", "cost_cny"]
    return pd.DataFrame(rows, columns=names)


def summary(
    system: System, case: Case, operation: Operation, options: HourlyOptions, imbalance_mw: float
) -> pd.DataFrame:
    """Return the sums of the year; see the table POWER_SUMMARY.

    Sales and losses have the mix of what is generated and stored: the renewable share is that of all electricity which
    stays in the zone, ``(generation - export) renewable / generation / (generation + import - export)``, and the
    self-sufficiency is ``1 - import / (generation + import - export)``.
    """
    power, weights = operation.power, case.weights

    def energy(values: Floats) -> float:
        return float(np.sum(weights * values))

    thermal = {way.target for way in case.converters if not way.both_ways}
    taken = [power[load.name] for load in case.loads if load.bus not in thermal]
    taken += [power[load.name] for load in case.flexibles]
    taken += [power[way.name] for way in case.converters if not way.both_ways]
    made = {source.name: energy(power[source.name]) for source in _generators(case)}
    lost = sum(energy(np.maximum(_available(s, operation) - power[s.name], 0.0)) for s in _generators(case))
    electric = [store.name for store in case.stores if split(store.name)[1] in ELECTRIC_STORES]
    bought, sold = power[f"{system.grid}|import"], power[f"{system.grid}|export"]
    generation, imported, exported = sum(made.values()), energy(bought), energy(sold)
    renewable = sum(value for name, value in made.items() if split(name)[1].startswith(options.renewable))
    kept = generation + imported - exported
    own = (generation - exported) * renewable / generation if generation > 0.0 else 0.0
    found = {
        "use_mwh": (sum(energy(values) for values in taken), "MWh"),
        "generation_mwh": (generation, "MWh"),
        "curtailed_mwh": (lost, "MWh"),
        "import_mwh": (imported, "MWh"),
        "export_mwh": (exported, "MWh"),
        "storage_loss_mwh": (sum(energy(power[f"{n}_in"] - power[f"{n}_out"]) for n in electric), "MWh"),
        "peak_import_mw": (float(bought.max(initial=0.0)), "MW"),
        "renewable_electricity_share": (own / kept if kept > 0.0 else 0.0, "fraction"),
        "self_sufficiency": (1.0 - imported / kept if kept > 0.0 else 0.0, "fraction"),
        "co2_t": (emissions(case, operation), "t"),
        "cost_cny": (cost(case, operation), "CNY"),
        "hours_solved": (float(len(case.times)), "h"),
        "balance_error_mwh": (imbalance_mw, "MWh"),
    }
    table = pd.DataFrame([(name, value, unit) for name, (value, unit) in found.items()],
                         columns=["quantity", "value", "unit"])  # fmt: skip
    table.insert(0, "year", system.year)
    table.insert(0, "scenario", system.scenario)
    return table


def typical_days(system: System, days: Days) -> pd.DataFrame:
    """Return the days that were solved; see the table TYPICAL_DAYS."""
    return pd.DataFrame(
        {
            "scenario": system.scenario,
            "year": system.year,
            "period": np.arange(len(days.chosen)),
            "day": days.chosen.astype(np.int64),
            "weight": days.weights.astype(np.float64),
        }
    )
