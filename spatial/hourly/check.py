"""An operation evaluated again by plain arithmetic, with nothing of the solver in it."""

import math
from collections.abc import Mapping

import numpy as np

from spatial.hourly.case import Case, Floats, Operation, Store
from spatial.hourly.options import numbers

LAWS = ("balance", "energy", "level", "power", "available", "capacity", "daily", "full", "co2", "cost")


class BrokenError(Exception):
    """An operation breaks what its case demands: a fault of the program, not of the input."""


def balances(case: Case, operation: Operation) -> dict[str, Floats]:
    """Return what each bus receives less what it gives in each hour [MW]."""
    power = operation.power
    net = {bus: np.zeros(len(case.times)) for bus in case.buses}
    for load in case.loads:
        net[load.bus] -= load.mw
    for flexible in case.flexibles:
        net[flexible.bus] -= power[flexible.name]
    for source in case.sources:
        net[source.bus] += source.sign * power[source.name]
    for way in case.converters:
        net[way.source] -= power[way.name]
        net[way.target] += way.efficiency * power[way.name]
    for store in case.stores:
        net[store.bus] += power[f"{store.name}_out"] - power[f"{store.name}_in"]
    return net


def cost(case: Case, operation: Operation) -> float:
    """Return the cost of the year [CNY]: energy bought less sold, and a year of all capacity of finite size."""
    running = sum(float(np.sum(case.weights * source.price * operation.power[source.name])) for source in case.sources)
    sizes = ((plant.capital, operation.built_mw[plant.name]) for plant in case.plants)
    return running + sum(capital * size for capital, size in sizes if capital and math.isfinite(size))


def emissions(case: Case, operation: Operation) -> float:
    """Return the CO2 of the year [t]."""
    return sum(source.co2 * float(np.sum(case.weights * operation.power[source.name])) for source in case.sources)


def _over(values: Floats, limit: Floats | float) -> float:
    """Return by how much values exceed a limit at most, and how far they fall below zero."""
    return max(float(np.max(values - limit, initial=0.0)), float(np.max(-values, initial=0.0)))


class _Notes(dict[str, float]):
    """Largest violation of each law."""

    def note(self, law: str, *sizes: float) -> None:
        for size in sizes:
            self[law] = max(self.get(law, 0.0), float(size)) if math.isfinite(size) else math.inf


def violations(case: Case, operation: Operation) -> Mapping[str, float]:
    """Return the largest violation of each kind of law, zero where it holds.

    Returns
    -------
    dict
        ``balance`` [MW], ``energy`` (recursion and closure of stores) [MWh], ``level`` [MWh], ``power`` and
        ``available`` [MW], ``capacity`` [MW], ``daily`` (energy of flexible loads) [MWh], ``full`` [MWh], ``co2`` [t]
        and ``cost`` [CNY].
    """
    found = _Notes(dict.fromkeys(LAWS, 0.0))
    found.note("balance", *(float(np.abs(net).max(initial=0.0)) for net in balances(case, operation).values()))
    _note_flows(case, operation, found)
    for store in case.stores:
        _note_store(case, operation, store, found)
    for plant in case.plants:
        if math.isfinite(plant.mw):
            size = operation.built_mw[plant.name]
            found.note("capacity", plant.mw - size, size - max(plant.mw, plant.most_mw))
    if case.co2_cap_t is not None:
        found.note("co2", emissions(case, operation) - case.co2_cap_t)
    found.note("cost", abs(cost(case, operation) - operation.objective))
    return found


def _note_flows(case: Case, operation: Operation, found: _Notes) -> None:
    power, built = operation.power, operation.built_mw
    for source in case.sources:
        usable = source.available * built[source.name]
        found.note("available", _over(power[source.name], usable))
        if not source.turns_down:
            found.note("available", float(np.abs(power[source.name] - usable).max(initial=0.0)))
    for way in case.converters:
        found.note("power", _over(np.abs(power[way.name]) if way.both_ways else power[way.name], built[way.name]))
    for flexible in case.flexibles:
        moved = np.bincount(case.day, power[flexible.name]) - np.bincount(case.day, flexible.mw)
        found.note("daily", float(np.abs(moved).max(initial=0.0)))
        found.note("power", _over(power[flexible.name], flexible.limit_mw))


def _note_store(case: Case, operation: Operation, store: Store, found: _Notes) -> None:
    into, out = operation.power[f"{store.name}_in"], operation.power[f"{store.name}_out"]
    held, size = operation.level[store.name], operation.built_mw[store.name]
    found.note("power", _over(into, size), _over(out, size))
    found.note("level", _over(held, store.hours * size))
    expected = (1.0 - store.loss) * held[case.before] + store.charge * into - out / store.discharge
    found.note("energy", float(np.abs(held - expected).max(initial=0.0)))
    if store.full_after is not None:
        short = store.hours * size - held[case.hour == store.full_after]
        found.note("full", float(np.abs(short).max(initial=0.0)))


def scales(case: Case, operation: Operation) -> Mapping[str, float]:
    """Return what each kind of violation is measured by: the largest power, energy, CO2 and cost of the case."""
    peak = max((float(np.abs(values).max(initial=0.0)) for values in operation.power.values()), default=0.0) or 1.0
    held = max((float(values.max(initial=0.0)) for values in operation.level.values()), default=0.0)
    bought = sum(
        float(np.sum(np.abs(case.weights * source.price) * operation.power[source.name])) for source in case.sources
    )
    # a cost may cancel out, so it is measured by what is paid in both directions
    paid = bought + sum(plant.capital * operation.built_mw[plant.name] for plant in case.plants if plant.capital)
    return {
        "energy": max(peak, held), "level": max(peak, held), "full": max(peak, held), "daily": peak * 24.0,
        "co2": max(case.co2_cap_t or 0.0, 1.0), "cost": max(paid, 1.0),
        **dict.fromkeys(("balance", "power", "available", "capacity"), peak),
    }  # fmt: skip


def verify(case: Case, operation: Operation) -> float:
    """Return the largest imbalance of a bus [MW] of an operation that keeps every law of its case.

    Raises
    ------
    BrokenError
        Naming every law broken by more than the tolerance.
    """
    found, by = violations(case, operation), scales(case, operation)
    tolerance = numbers("check.tolerance")
    broken = [f"{law} by {size:.6g} of {by[law]:.6g}" for law, size in found.items() if not size <= tolerance * by[law]]
    if broken:
        raise BrokenError(f"the operation breaks {', '.join(broken)}")
    return found["balance"]
