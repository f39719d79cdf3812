"""The hourly system: one node and coupled nodes, the whole year and typical days, and how far these are off.

``python bench_hourly.py [one_full] [one_typical] [eight_typical] [three_year] [eight_weeks] [FOLDER]``; without a name
the first three. A folder with `loads.parquet` and `power_plants.parquet` of a run stands for the made-up zone:
`near_zero` of it is solved over some weeks, in full and by typical days, and over the year by typical days.
"""

import importlib.util
import json
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
from measure import measure
from numpy.typing import NDArray

from spatial.hourly import HourlyOptions, solve
from spatial.hourly.assemble import System, systems
from spatial.hourly.case import HOURS_PER_DAY, Case, Source, Store
from spatial.hourly.check import cost, verify
from spatial.hourly.network import solve as solve_case
from spatial.hourly.results import summary
from spatial.hourly.typical import choose, reduce

FACTOR = {2030: 0.38}
EIGHT = tuple(f"U{number}" for number in range(1, 9))
QUANTITIES = ("cost_cny", "renewable_electricity_share")
DAYS_PER_WEEK = 7
WEEKS = (6, 13, 17, 26)
Tables = dict[str, pd.DataFrame]
found: dict[str, "pd.Series[float]"] = {}

path = Path(__file__).parents[1] / "spatial" / "test_hourly_stage.py"
spec = importlib.util.spec_from_file_location("hourly_tables", path)
if spec is None or spec.loader is None:
    raise SystemExit(f"{path} is missing")
tables = importlib.util.module_from_spec(spec)
spec.loader.exec_module(tables)


def run(name: str, days: int, nodes: tuple[str, ...], options: HourlyOptions, scenarios: tuple[str, ...]) -> None:
    """Solve one workload and keep its summary."""
    given = tables.tables(days, nodes, scenarios=scenarios)

    def action() -> None:
        found[name] = tables.values(solve(given, FACTOR, options))

    measure(name, {"days": days, "nodes": len(nodes), "scenarios": len(scenarios)}, action)


def compare(near: str, whole: str) -> None:
    """Print how far typical days are from the whole."""
    cost, share = (found[near][name] - found[whole][name] for name in QUANTITIES)
    content = {
        "workload": f"{near} against {whole}",
        "cost_percent": round(100.0 * cost / found[whole]["cost_cny"], 3),
        "renewable_share_points": round(100.0 * share, 3),
    }
    sys.stdout.write(json.dumps(content) + "\n")


def weeks_of_the_year(given: Tables, weeks: int, options: HourlyOptions) -> System:
    """Return some weeks, evenly spread, of a year as a system whose plants cost their part of the year."""
    number = len(given["loads"]) // HOURS_PER_DAY
    first = ((np.arange(weeks) + 0.5) * number / weeks - DAYS_PER_WEEK / 2).astype(int)
    days = np.arange(number) if weeks * DAYS_PER_WEEK >= number - 1 else (first[:, None] + np.arange(7)).ravel()
    hours = (days[:, None] * HOURS_PER_DAY + np.arange(HOURS_PER_DAY)).ravel()
    system = systems(given["loads"].iloc[hours], given["power_plants"], FACTOR, options)[0]
    share = len(days) / number

    def source(one: Source) -> Source:
        return replace(one, capital=one.capital * share)

    def store(one: Store) -> Store:
        return replace(one, capital=one.capital * share)

    case = system.case
    return replace(
        system,
        case=replace(case, sources=tuple(map(source, case.sources)), stores=tuple(map(store, case.stores))),
    )


def solve_as(name: str, system: System, case: Case, options: HourlyOptions) -> None:
    """Solve a case of a system, keep its summary and print which lines are at their limit how often."""
    binds: dict[str, float] = {}

    def action() -> None:
        _, operation = solve_case(case)
        table = summary(system, case, operation, options, verify(case, operation))
        found[name] = table.set_index("quantity")["value"]
        for way in case.converters:
            if way.both_ways:
                full = np.abs(operation.power[way.name]) >= way.mw * (1.0 - 1e-6)
                binds[way.name] = round(float(full.mean()), 3)

    measure(name, {"days": len(case.times) // HOURS_PER_DAY, "nodes": len(system.nodes)}, action)
    lines = {line: part for line, part in binds.items() if part > 0.0}
    sys.stdout.write(json.dumps({"workload": name, "share_of_hours_at_the_limit": lines}) + "\n")


def weeks_against_typical_days(
    given: Tables, weeks: int, typical: tuple[int, ...], options: HourlyOptions, *, whole: bool = True
) -> None:
    """Solve some weeks in full and by typical days, and print how far these are off."""
    system = weeks_of_the_year(given, weeks, options)
    name = f"{len(system.nodes)} nodes, {len(system.case.times) // HOURS_PER_DAY} days"
    if whole:
        solve_as(f"{name} whole", system, system.case, options)
    for count in typical:
        few = f"{name}, {count} typical"
        solve_as(few, system, reduce(system.case, choose(system.case, count)), options)
        if whole:
            compare(few, f"{name} whole")


def quarters_against_typical_days(given: Tables, count: int, options: HourlyOptions) -> None:
    """Run all hours of the year with the stores that typical days build, a quarter at a time, and compare the cost.

    Import may grow beyond what typical days need, at its price for the whole year. Stores end each quarter as they
    began it, at a level of the quarter's choice; what they hold is printed as the worth that this leaves open.
    """
    system = systems(given["loads"], given["power_plants"], FACTOR, options)[0]
    case = system.case
    _, planned = solve_case(few := reduce(case, choose(case, count)))
    expected = summary(system, few, planned, options, 0.0).set_index("quantity")["value"]
    stores = tuple(replace(store, mw=planned.built_mw[store.name], most_mw=0.0) for store in case.stores)
    standing = sum(store.capital * store.mw for store in stores)
    price = {source.name: source.capital for source in case.sources}
    built, running, kept, own = dict(planned.built_mw), 0.0, 0.0, 0.0

    def quarter(days: NDArray[np.intp]) -> None:
        nonlocal running, kept, own
        hours = (days[:, None] * HOURS_PER_DAY + np.arange(HOURS_PER_DAY)).ravel()
        part = systems(given["loads"].iloc[hours], given["power_plants"], FACTOR, options)[0]
        sources = tuple(
            replace(source, mw=built[source.name]) if source.most_mw > 0.0 else source for source in part.case.sources
        )
        one = replace(part.case, sources=sources, stores=stores)
        _, operation = solve_case(one)
        plants = standing + sum(price[s.name] * operation.built_mw[s.name] for s in one.sources if s.capital)
        running += cost(one, operation) - plants
        built.update({source.name: operation.built_mw[source.name] for source in one.sources})
        table = summary(system, one, operation, options, verify(one, operation)).set_index("quantity")["value"]
        taken = table["generation_mwh"] + table["import_mwh"] - table["export_mwh"]
        kept, own = kept + taken, own + taken * table["renewable_electricity_share"]

    def action() -> None:
        for days in np.array_split(np.arange(len(case.times) // HOURS_PER_DAY), 4):
            quarter(days)

    name = f"{len(system.nodes)} nodes, all hours by quarters, stores of {count} typical days"
    measure(name, {"days": len(case.times) // HOURS_PER_DAY, "nodes": len(system.nodes)}, action)
    whole = running + standing + sum(price[name] * built[name] for name in price if price[name])
    stored = sum(store.hours * store.mw for store in stores)
    content = {
        "workload": f"{count} typical days against {name}",
        "cost_percent": round(100.0 * (expected["cost_cny"] / whole - 1.0), 3),
        "renewable_share_points": round(100.0 * (expected["renewable_electricity_share"] - own / kept), 3),
        "worth_of_what_stores_hold_percent": round(100.0 * 3 * stored * 1000.0 / whole, 3),
    }
    sys.stdout.write(json.dumps(content) + "\n")


def of_a_run(folder: Path) -> None:
    """Compare what a run had to meet: whole weeks against typical days, the year by typical days."""
    given = {name: pd.read_parquet(folder / f"{name}.parquet") for name in ("loads", "power_plants")}
    mine = [column for column in given["loads"].columns if str(column).startswith("near_zero|")]
    given["loads"] = given["loads"][mine]
    nodes = {str(column).split("|")[2] for column in mine}
    options = HourlyOptions(line_limit_mw=225.0)
    if len(nodes) == 1:
        weeks_against_typical_days(given, 52, (60, 90, 120, 150), options)
        return
    for weeks in WEEKS:
        days = weeks * DAYS_PER_WEEK
        weeks_against_typical_days(given, weeks, (days // 3, days // 2), options)
    weeks_against_typical_days(given, 52, (120, 180), options, whole=False)
    quarters_against_typical_days(given, 120, options)


wanted = sys.argv[1:] or ["one_full", "one_typical", "eight_typical"]
ONE, TWO = ("near_zero",), ("bau", "near_zero")
LINES = {"line_limit_mw": 25.0}
if "one_typical" in wanted:
    run("one node, typical days, two scenarios", 365, ("zone",), HourlyOptions(), TWO)
if "one_full" in wanted:
    run("one node, whole year", 365, ("zone",), HourlyOptions(mode="full"), ONE)
    if "one_typical" in wanted:
        compare("one node, typical days, two scenarios", "one node, whole year")
if "eight_typical" in wanted:
    run("eight coupled nodes, typical days", 365, EIGHT, HourlyOptions(**LINES), ONE)
if "three_year" in wanted:
    weeks_against_typical_days(tables.tables(365, EIGHT[:3]), 52, (120,), HourlyOptions(line_limit_mw=50.0))
if "eight_weeks" in wanted:
    for weeks in WEEKS[:2]:
        days = weeks * DAYS_PER_WEEK
        weeks_against_typical_days(tables.tables(365, EIGHT), weeks, (days // 3, days // 2), HourlyOptions(**LINES))
for name in wanted:
    if Path(name).is_dir():
        of_a_run(Path(name))
