"""The deep account of CO2 for the page: whole paths, scopes, waterfalls, effects, abatement, readings, verdicts."""

from collections.abc import Mapping, Sequence

import pandas as pd

from spatial.diagrams.steps import MEASURE, SECTOR, Step, abatement_bars, effect_steps, waterfall_steps
from spatial.diagrams.words import joint_steps
from spatial.maps.encode import Json, short
from spatial.maps.parcels import table

DIGITS = 5
_SCOPES = ("scope1_t", "scope2_t", "scope2_location_t")


def paths(tables: Mapping[str, pd.DataFrame]) -> dict[str, Json]:
    """Return CO2 [t] by scenario and the drivers over all years of the account, beyond the target year too."""
    frame = table(tables, "balance")
    if frame is None:
        return {}
    wide = frame.pivot_table(index="scenario", columns="year", values="co2_t", aggfunc="sum").sort_index(axis=1)
    found: dict[str, Json] = {
        "years": [int(year) for year in wide.columns],
        "co2_t": {str(name): short(wide.loc[name], DIGITS) for name in wide.index},
    }
    drivers = table(tables, "drivers")
    if drivers is not None:
        known = drivers.pivot_table(index="driver", columns="year", values="value", aggfunc="first")
        known = known.reindex(columns=wide.columns)
        found["drivers"] = {str(name): short(known.loc[name], DIGITS) for name in sorted(known.index)}
    return found


def scopes(tables: Mapping[str, pd.DataFrame], years: Sequence[int]) -> dict[str, Json]:
    """Return CO2 by scope [t]: scope -> scenario -> planning unit -> one value a year."""
    frame = table(tables, "balance")
    if frame is None:
        return {}
    found: dict[str, Json] = {}
    for name in _SCOPES:
        if name not in frame.columns:
            continue
        wide = frame.pivot_table(index=["scenario", "unit_id"], columns="year", values=name, aggfunc="sum")
        wide = wide.reindex(columns=pd.Index(years)).fillna(0.0).sort_index()
        units: dict[str, dict[str, Json]] = {}
        for (scenario, unit), row in zip(wide.index.tolist(), wide.to_numpy(), strict=True):
            units.setdefault(scenario, {})[unit] = short(row, DIGITS)
        found[name] = {scenario: dict(rows) for scenario, rows in units.items()}
    return found


def _steps(steps: Sequence[Step]) -> Json:
    ends = zip(short([s.start for s in steps], DIGITS), short([s.end for s in steps], DIGITS), strict=True)
    return [[step.name, int(step.level), start, end] for step, (start, end) in zip(steps, ends, strict=True)]


def waterfalls(tables: Mapping[str, pd.DataFrame], scenarios: Sequence[str]) -> dict[str, Json]:
    """Return the waterfalls by sector and by measure: rows of name, whether a level, start and end [t]."""
    frame = table(tables, "waterfall")
    if frame is None:
        return {}
    found = {by: waterfall_steps(frame, scenarios, by) for by in (SECTOR, MEASURE)}
    return {by: _steps(steps) for by, steps in found.items() if steps}


def effects(tables: Mapping[str, pd.DataFrame], scenarios: Sequence[str], base: int, target: int) -> dict[str, Json]:
    """Return what moved CO2 between base and target year by scenario: rows as those of a waterfall."""
    frame = table(tables, "decomposition")
    if frame is None:
        return {}
    balance = table(tables, "balance")
    found = {name: effect_steps(frame, balance, name, base, target) for name in scenarios}
    return {name: _steps(steps) for name, steps in found.items() if steps}


def measures(tables: Mapping[str, pd.DataFrame]) -> dict[str, Json]:
    """Return the measures' names in Chinese and English."""
    frame = table(tables, "measures")
    if frame is None:
        return {}
    names = zip(frame["measure"], frame["zh"], frame["en"], strict=True)
    joint: dict[str, Json] = {key: list(both) for key, both in joint_steps().items()}
    return joint | {str(key): [str(zh) or str(key), str(en) or str(key)] for key, zh, en in sorted(names)}


def abatement(tables: Mapping[str, pd.DataFrame]) -> dict[str, Json]:
    """Return the abatement curve, alone and in the order taken, and how far measures pay at each carbon price."""
    frame = table(tables, "abatement")
    if frame is None:
        return {}
    own = frame.set_index("measure")
    found: dict[str, Json] = {}
    for name, alone in (("step", False), ("alone", True)):
        bars = abatement_bars(frame, alone=alone)
        starts, ends, costs = (
            short(values, DIGITS)
            for values in ([b.start for b in bars], [b.end for b in bars], [b.cost_cny_t for b in bars])
        )
        after = short([own.loc[bar.measure, "zone_t"] for bar in bars], DIGITS)
        rows = zip(bars, starts, ends, costs, after, strict=True)
        found[name] = [[bar.measure, start, end, cost, int(bar.pays), left] for bar, start, end, cost, left in rows]
    ambition = table(tables, "ambition")
    if ambition is not None:
        ordered = ambition.sort_values("carbon_price_cny_t")
        numbers = [
            short(ordered[name], DIGITS) for name in ("carbon_price_cny_t", "co2_t", "cost_cny", "co2_per_head_t")
        ]
        counts, chosen = ordered["measures"].astype(int).tolist(), ordered["chosen"].astype(int).tolist()
        found["ambition"] = [list(row) for row in zip(*numbers, counts, chosen, strict=True)]
    return found


def readings(tables: Mapping[str, pd.DataFrame]) -> Json:
    """Return the targets under every reading: rows of GDP times, population times, coal equivalent and results."""
    frame = table(tables, "readings")
    if frame is None:
        return []
    keys = ["gdp_times", "population_times", "tce_method"]
    found: list[Json] = []
    for (gdp, people, method), rows in frame.sort_values([*keys, "target"]).groupby(keys, sort=True):
        values, limits = short(rows["value"], DIGITS), short(rows["limit"], DIGITS)
        results = {
            str(target): [value, str(sense), limit, int(met), str(unit)]
            for target, value, sense, limit, met, unit in zip(
                rows["target"], values, rows["sense"], limits, rows["met"], rows["unit"], strict=True
            )
        }
        found.append([*short([gdp, people]), str(method), results])
    return found


def verdicts(tables: Mapping[str, pd.DataFrame]) -> Json:
    """Return why targets hold or not: sentences in Chinese and English, in order."""
    frame = table(tables, "verdicts")
    if frame is None:
        return []
    ordered = frame.sort_values("order")
    return [[str(zh), str(en)] for zh, en in zip(ordered["zh"], ordered["en"], strict=True)]
