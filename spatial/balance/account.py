"""The account of all scenarios: the stages of this room, from tables to tables."""

from collections.abc import Mapping, Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from layers.archetypes import kinds_of
from resources.heat_pumps import HeatSource, Service, cop
from spatial.balance import books, leaves
from spatial.balance.abatement import Curve, State, empty_curve
from spatial.balance.abatement import abatement as curve_of
from spatial.balance.calibration import factors
from spatial.balance.decomposition import decompose
from spatial.balance.embodied import embodied
from spatial.balance.indicators import indicators, targets
from spatial.balance.ledger import Model
from spatial.balance.loads import loads, unit_nodes, zone_node
from spatial.balance.money import Market, Prices, cost_table
from spatial.balance.options import BalanceOptions
from spatial.balance.sankey import flows
from spatial.balance.sinks import sinks
from spatial.balance.solved import FLEXIBLE, Solved, with_growth
from spatial.balance.tree import Shares
from spatial.balance.verdict import verdicts
from spatial.balance.waterfall import waterfall
from spatial.scenario import Plan

Floats = NDArray[np.float64]
Tables = Mapping[str, pd.DataFrame]

DRAWING: tuple[tuple[HeatSource, Service], ...] = (
    ("air", "heating"), ("air", "cooling"), ("air", "hot_water"), ("ground", "heating"), ("ground", "cooling"),
    ("ground", "hot_water"), ("sea", "heating"), ("sea", "cooling"), ("sea", "hot_water"), ("waste_heat", "heating"),
    ("waste_heat", "hot_water"),
)  # fmt: skip
"""What heat pumps and chillers draw on or reject to, and what they do."""
DISTRICT, PLANTS = "district", "plant."
FLEXIBILITY, EXPANSION = "flexibility", "least_cost_expansion"
"""Steps that stand for several measures: storage with movable loads, and what least cost builds beyond the plan."""


def shares_of(adoption: pd.DataFrame, scenario: str) -> Shares:
    """Return the shares of one scenario of an adoption table."""
    rows = adoption[adoption["scenario"] == scenario].sort_values("year", kind="stable")
    return {
        (str(subject), str(technology)): path["share"].to_numpy(dtype=float)
        for (subject, technology), path in rows.groupby(["subject", "technology"], sort=True)
    }


def build_model(tables: Tables, options: BalanceOptions) -> tuple[Model, pd.DataFrame]:
    """Return what all scenarios share, brought onto metered totals, and the table CALIBRATION."""
    weather, adoption = tables["weather"], tables["adoption"]
    years = np.unique(adoption["year"].to_numpy(dtype=np.int64))
    air = weather["temp_air"].to_numpy(dtype=float)
    times = pd.DatetimeIndex(weather.index)
    place = tables["site"].iloc[0]
    where = {name: float(place[name]) for name in ("latitude_deg", "longitude_deg")}
    shapes: dict[tuple[str, str], Floats] = {}
    for source, service in DRAWING:
        shapes[source, service] = 1.0 / cop(source, service, air, times, **where)
    model = Model.of(tables, years, shapes, options)
    base = model.ledger(shares_of(adoption, str(adoption["scenario"].iloc[0])), (0,))
    modelled = books.balance_table("base", base).groupby(["sector", "carrier"], sort=True)["energy_mwh"].sum()
    found = factors(modelled.reset_index(), options.calibration.totals)
    scale = {
        (str(sector), str(carrier)): float(factor)
        for sector, carrier, factor in zip(found["sector"], found["carrier"], found["factor"], strict=True)
        if factor != 1.0
    }
    return (model.calibrated(scale) if scale else model), found


def system_loads(
    tables: Tables, options: BalanceOptions, years: Sequence[int], *, by_unit: bool
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return what the hourly system must meet and may build in some years of every scenario.

    Parameters
    ----------
    tables
        As for `account`, without what the hourly system gives.
    options
        Options of the account.
    years
        Years to be solved.
    by_unit
        Whether each planning unit is a node of its own.

    Returns
    -------
    loads, power_plants : DataFrame
        Tables LOADS and POWER_PLANTS.
    """
    model, _ = build_model(tables, options)
    shown = tuple(int(np.searchsorted(model.years, year)) for year in years)
    ledgers = {name: model.ledger(shares_of(tables["adoption"], name), shown) for name in _scenarios(tables)}
    first = next(iter(ledgers.values()))
    nodes = [zone_node(first)]
    if by_unit:
        units, turbines = gpd.GeoDataFrame(tables["units"]), gpd.GeoDataFrame(tables["turbines"])
        nodes = unit_nodes(first, tables["pv_parcels"], turbines, units, tables["parcels"])
    return loads(ledgers, nodes, tables["weather"].index)


def _scenarios(tables: Tables) -> list[str]:
    return [str(name) for name in tables["adoption"]["scenario"].unique()]


def account(
    tables: Tables, options: BalanceOptions, target_year: int, market: Market, extra: Mapping[str, Floats]
) -> dict[str, pd.DataFrame]:
    """Return the account of all scenarios.

    Parameters
    ----------
    tables
        Stock, parcels, people, adoption, technology_use, lives, technology_cost, measures, intensities,
        demand_profiles, activity, profile_shapes, drivers, pv_parcels, pv_classes, pv_profiles, turbines,
        wind_profiles, connections, network_summary, weather; and of the hourly system loads, power_summary and
        capacities; archetypes where the study adds any.
    options
        Options of the account.
    target_year
        Year the targets are for.
    market
        Prices of electricity.
    extra
        Scenario to what its measures cost beside their technologies [CNY], shape (years,).

    Returns
    -------
    dict of DataFrame
        Tables balance, parcel_account, supply, end_uses, tree_activity, equipment, installed, flows, sinks, embodied,
        indicators, targets, decomposition, costs, calibration and zone_hourly.
    """
    model, calibration = build_model(tables, options)
    base, target = 0, int(np.searchsorted(model.years, target_year))
    names, parts = _scenarios(tables), dict[str, list[pd.DataFrame]]()
    hourly: dict[str, Floats] = {}
    coverage: dict[str, pd.Series] = {}
    for name in names:
        shares = shares_of(tables["adoption"], name)
        solved = Solved.of(tables, name, shares, model.years, target_year, market)
        grown = with_growth(shares, solved.grown_mw, model.potentials, target)
        ledger = model.ledger(grown, None, solved.flexibility)
        amounts = leaves.installed(ledger, solved.built)
        made = {
            "balance": books.balance_table(name, ledger),
            "parcel_account": books.parcel_table(name, ledger, target_year),
            "supply": books.supply_table(name, ledger),
            "end_uses": leaves.end_use_table(name, ledger),
            "tree_activity": leaves.activity_table(name, ledger),
            "equipment": leaves.equipment_table(name, ledger),
            "installed": leaves.installed_table(name, model.years, amounts),
            "costs": cost_table(name, ledger, amounts, tables["technology_cost"], market, extra[name]),
        }
        for table, frame in made.items():
            parts.setdefault(table, []).append(frame)
        hourly |= books.hourly_columns(name, ledger, (base, target))
        coverage[name] = pd.Series(ledger.tree.path("embodied"), index=model.years)
    found = {table: pd.concat(frames, ignore_index=True) for table, frames in parts.items()}
    found["zone_hourly"] = pd.DataFrame(hourly, index=tables["demand_profiles"].index)
    found["calibration"] = calibration
    found["sinks"] = sinks(tables["parcels"], names, model.years)
    found["embodied"] = embodied(tables["stock"], coverage, int(model.years[0]), kinds_of(tables))
    found["decomposition"] = decompose(found["end_uses"], found["tree_activity"])
    found["flows"] = flows(found["supply"], found["end_uses"], [int(model.years[base]), target_year])
    found["indicators"] = indicators(found, tables["drivers"], tables["people"], options, target_year)
    found["targets"] = targets(found["indicators"], options, target_year)
    return found


def rank_measures(
    tables: Tables,
    options: BalanceOptions,
    target_year: int,
    market: Market,
    scenarios: Mapping[str, Sequence[str]],
    extra: Mapping[str, float],
) -> dict[str, pd.DataFrame]:
    """Return the marginal abatement cost of the measures that lead from the first scenario to the last.

    Storage and movable loads share one surplus and are sized together by the hourly system: they are one step, and so
    are district networks with the plants that serve them. What the hourly system builds beyond the plan, where the
    study lets it, is another. A first scenario that takes measures that the last does not is no starting point: there
    is no curve then.

    Parameters
    ----------
    tables
        As for `account`, and its tables balance and sinks.
    options
        Options of the account.
    target_year
        Year in which measures are compared.
    market
        Prices of electricity.
    scenarios
        Each scenario's measures, in the order of the study.
    extra
        Measure to what it costs beside its technology in the target year [CNY].

    Returns
    -------
    dict of DataFrame
        Tables abatement, ambition and waterfall.
    """
    names = _scenarios(tables)
    before, after = scenarios[names[0]], scenarios[names[-1]]
    curve = empty_curve()
    if set(before) <= set(after):
        curve = _curve(tables, options, target_year, market, (before, after), extra)
    base_year = int(np.min(tables["adoption"]["year"]))
    steps = waterfall(tables["balance"], names, curve.abatement, target_year, base_year)
    return {"abatement": curve.abatement, "ambition": curve.ambition, "waterfall": steps}


def _curve(
    tables: Tables,
    options: BalanceOptions,
    target_year: int,
    market: Market,
    ends: tuple[Sequence[str], Sequence[str]],
    extra: Mapping[str, float],
) -> Curve:
    """Return the curve from one set of measures to a larger one."""
    model, _ = build_model(tables, options)
    plan = Plan.of(tables["trend"], tables["measures"])
    names, position = _scenarios(tables), int(np.searchsorted(model.years, target_year))
    before, after = ends
    shares = [plan.shares(taken) for taken in ends]
    first, last = (
        Solved.of(tables, name, own, model.years, target_year, market)
        for name, own in zip((names[0], names[-1]), shares, strict=True)
    )
    added = [name for name in after if name not in before]
    joint = _joint(before, added, plan)
    within = {name for names in joint.values() for name in names}
    steps = [*(name for name in added if name not in within), *joint]
    steps += [EXPANSION] if first.grown_mw != last.grown_mw else []
    if not steps:
        return empty_curve()
    price = Prices.of(tables["technology_cost"], tables["network_summary"], target_year, market)
    persons, uptake = _persons(tables, options, target_year), _uptake(tables, options, target_year)

    def evaluate(chosen: frozenset[str]) -> State:
        moved = FLEXIBILITY in chosen
        single = sorted(chosen - {EXPANSION, *joint})
        taken = [*before, *single, *(name for step in joint if step in chosen for name in joint[step])]
        end = (last if moved else first).at(position, 1.0)
        grown = last.grown_mw if EXPANSION in chosen else first.grown_mw
        own = with_growth(plan.shares(taken), grown, model.potentials, position)
        ledger = model.ledger(own, (position,), end.flexibility)
        cost = price.total(ledger, leaves.installed(ledger, end.built)) + sum(extra[name] for name in taken)
        return State(float(ledger.co2_t[0]), cost, persons)

    found = curve_of(steps, evaluate, options.carbon_price_cny_t)
    reported = found.ambition["co2_t"] - uptake
    ambition = found.ambition.assign(co2_per_head_t=reported / persons if persons > 0.0 else np.nan)
    return Curve(found.abatement, ambition)


def _joint(before: Sequence[str], added: Sequence[str], plan: Plan) -> dict[str, list[str]]:
    """Return the steps that stand for several measures: flexibility, and a network with its plants."""
    flexible = [name for name in added if plan.measures[name].subject.startswith(FLEXIBLE)]
    networks = [name for name in added if plan.measures[name].subject == DISTRICT]
    plants = [name for name in added if plan.measures[name].subject.startswith(PLANTS)]
    # Stores that both ends have work differently where there is more to store.
    allowed = flexible or any(plan.measures[name].subject.startswith(FLEXIBLE) for name in before)
    found = {FLEXIBILITY: flexible} if allowed else {}
    # Plants have nothing to do before there is a network.
    return found | ({networks[0]: [*networks, *plants]} if networks else {})


def _persons(tables: Tables, options: BalanceOptions, year: int) -> float:
    """Return the heads that CO2 is divided by."""
    drivers = tables["drivers"]
    own = drivers[(drivers["driver"] == "population") & (drivers["year"] == year)]
    jobs = float(tables["people"]["jobs_target"].sum()) if options.switches.persons == "residents_and_jobs" else 0.0
    return float(own["value"].iloc[0]) + jobs


def _uptake(tables: Tables, options: BalanceOptions, year: int) -> float:
    """Return the uptake that is taken off CO2 [t], where the study reports net of sinks."""
    sunk = tables["sinks"]
    own = sunk[(sunk["year"] == year) & (sunk["scenario"] == _scenarios(tables)[-1])]
    return float(own["co2_t"].sum()) if options.switches.sinks == "net" else 0.0


def read_targets(
    tables: Tables, readings: Sequence[tuple[Tables, Sequence[BalanceOptions]]], target_year: int, market: Market
) -> dict[str, pd.DataFrame]:
    """Return the targets of the last scenario under every reading, and why they hold or cannot all hold.

    Parameters
    ----------
    tables
        As for `account`, and its tables targets, indicators, end_uses and supply.
    readings
        Tables with the drivers, people and activity of each reading of the multipliers, and the options with the
        other switches that go with it.
    target_year
        Year the targets are for.
    market
        Prices of electricity.

    Returns
    -------
    dict of DataFrame
        Tables readings and verdicts.
    """
    name = _scenarios(tables)[-1]
    shares = shares_of(tables["adoption"], name)
    model, _ = build_model(tables, readings[0][1][0])
    position = int(np.searchsorted(model.years, target_year))
    solved = Solved.of(tables, name, shares, model.years, target_year, market)
    shares = with_growth(shares, solved.grown_mw, model.potentials, position)
    flexible = solved.flexibility.shown([0, position])
    frames = []
    for changed, choices in readings:
        for options in choices:
            ledger = model.with_activity(changed["activity"], options).ledger(shares, (0, position), flexible)
            found = {
                "balance": books.balance_table(name, ledger),
                "supply": books.supply_table(name, ledger),
                "sinks": tables["sinks"][tables["sinks"]["scenario"] == name],
            }
            drivers = changed["drivers"]
            shown = drivers[drivers["year"].isin(ledger.years)]
            table = targets(indicators(found, shown, changed["people"], options, target_year), options, target_year)
            switches = options.switches
            frames.append(
                table.drop(columns=["definition", "definition_zh"]).assign(
                    gdp_times=switches.gdp_times,
                    population_times=switches.population_times,
                    tce_method=switches.tce_method,
                )
            )
    read = pd.concat(frames, ignore_index=True)
    sentences = verdicts(
        tables["targets"], tables["indicators"], read, tables["end_uses"], tables["supply"], target_year, name
    )
    return {"readings": read, "verdicts": sentences}
