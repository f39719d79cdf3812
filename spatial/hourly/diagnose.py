"""Why a case has no operation: which hours cannot be met, and what binds in them."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from layers.errors import Findings
from layers.units import KWH_PER_MWH
from spatial.hourly.assemble import System, split
from spatial.hourly.case import Case, Floats, Operation, Source
from spatial.hourly.check import emissions
from spatial.hourly.network import solve
from spatial.hourly.options import numbers

LACK, EXCESS = "lack", "excess"
SMALL = 1e-6


def _elastic(case: Case) -> Case:
    """Return a case that can always be met, at a price far above any other, and has no cap.

    What may be built stands already, for nothing: an hour that costs a new plant is none that cannot be met.
    """
    ones = np.ones(len(case.times))
    price = ones * numbers("shed.price") * KWH_PER_MWH
    added = [
        Source(f"{bus}|{kind}", bus, np.inf, ones, price, sign=sign)
        for bus in case.buses
        for kind, sign in ((LACK, 1), (EXCESS, -1))
    ]
    return replace(
        case,
        sources=(*(_standing(source) if source.turns_down else source for source in case.sources), *added),
        stores=tuple(replace(store, mw=max(store.mw, store.most_mw), capital=0.0) for store in case.stores),
        co2_cap_t=None,
    )


def _standing(source: Source) -> Source:
    return replace(source, mw=max(source.mw, source.most_mw), capital=0.0)


def _least_co2(case: Case) -> float:
    """Return the least CO2 that any operation of a case has [t]."""

    def greener(source: Source) -> Source:
        return replace(source, price=np.full(len(case.times), source.co2), capital=0.0)

    free = replace(
        case,
        sources=tuple(greener(source) for source in case.sources),
        stores=tuple(replace(store, capital=0.0) for store in case.stores),
        co2_cap_t=None,
    )
    return emissions(free, solve(free)[1])


def _binding(case: Case, operation: Operation, hour: int, kind: str) -> list[str]:
    """Return what is at its limit in an hour."""
    power, built, found = operation.power, operation.built_mw, []

    def reached(value: float, limit: float) -> bool:
        return bool(np.isfinite(limit) and value >= limit * (1.0 - SMALL) - SMALL)

    for source in case.sources:
        node, item = split(source.name)
        given, limit = float(power[source.name][hour]), built[source.name] * float(source.available[hour])
        helps = (source.sign > 0) == (kind == LACK) or not source.turns_down
        if item not in (LACK, EXCESS) and helps and reached(given, limit):
            found.append(f"{item} of {node} at its limit {limit:.6g} MW" if limit > SMALL else f"no {item} in {node}")
    found += [
        f"{way.name.replace('|', ' ')} at its limit {built[way.name]:.6g} MW"
        for way in case.converters
        if reached(abs(float(power[way.name][hour])), built[way.name])
    ]
    for store in case.stores:
        node, item = split(store.name)
        held, room = float(operation.level[store.name][hour]), store.hours * built[store.name]
        if kind == LACK and held <= SMALL * max(room, 1.0):
            found.append(f"{item} of {node} empty")
        elif kind == EXCESS and reached(held, room):
            found.append(f"{item} of {node} full")
        elif reached(float(power[f"{store.name}_{'out' if kind == LACK else 'in'}"][hour]), built[store.name]):
            found.append(f"{item} of {node} at its limit {built[store.name]:.6g} MW")
    return found


REMEDY: Mapping[str, str] = {
    LACK: "raise hourly.import_limit_mw or hourly.line_limit_mw, or allow more storage",
    EXCESS: "raise hourly.export_limit_mw or set hourly.allow_curtailment",
}
SAYS: Mapping[str, str] = {LACK: "cannot be met", EXCESS: "have more than can be taken"}


def explain(system: System, case: Case, findings: Findings) -> None:
    """Add what makes a case impossible.

    The error names the hours that cannot be met, the first of them and what binds in it; or the cap and the least
    possible.
    """
    before = len(findings.errors)
    elastic = _elastic(case)
    _, operation = solve(elastic)
    for kind in (LACK, EXCESS):
        amount: Floats = np.zeros(len(case.times))
        for bus in case.buses:
            amount = amount + operation.power[f"{bus}|{kind}"]
        hours = np.flatnonzero(amount > SMALL * max(1.0, float(amount.max())))
        if hours.size:
            binds = _binding(elastic, operation, int(hours[0]), kind)
            when = f"{system.year}-{pd.Timestamp(case.times[hours[0]]).strftime('%m-%d %H:%M')}"
            count = case.weights[hours].sum()
            findings.error(
                "hourly",
                f"{count:.0f} hours {SAYS[kind]}, the first at {when} by {amount[hours[0]]:.6g} MW: "
                f"{', '.join(binds) or 'flexible loads at their limit'}",
                REMEDY[kind],
                row=system.name,
            )
    if len(findings.errors) > before:
        return
    if case.co2_cap_t is not None:
        least = _least_co2(case)
        findings.error(
            "hourly",
            f"a cap of {case.co2_cap_t:.6g} t CO2 cannot be kept, the least possible is {least:.6g} t",
            "raise hourly.co2_cap_t, or allow more generation or storage",
            row=system.name,
        )
    else:
        findings.error("hourly", "there is no operation", "loosen its limits", row=system.name)
