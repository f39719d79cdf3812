"""A case as a PyPSA network, solved by HiGHS.

PyPSA: Brown, Hoersch, Schlachtberger (2018), Journal of Open Research Software 6(4), doi:10.5334/jors.188.
HiGHS: Huangfu, Hall (2018), Mathematical Programming Computation 10, 119-142, doi:10.1007/s12532-017-0130-5.

What is a load moved within its day stands in the network as a store that must be empty at midnight, filled by a
charger and drawn at the day's last hour. Two laws are not in the files of a network and are added when it is solved:
stores end each typical day as they began it, and vehicles are full when they leave.

Measured on two cores: one node of 8,760 h with PV, wind, battery, heat pump, heat and cold stores, vehicles and grid
takes 14 s and 0.8 GiB by the dual simplex, 25 s by the interior point with its crossover; without crossover the
interior point ends 1.4 % above the optimum. Eight coupled units take 60 s and 1.6 GiB for half a year.
"""

import logging
import math
import os
import sys
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from spatial.hourly.case import HOURS_PER_DAY, Case, Flexible, Floats, Operation, Plant, grows

if TYPE_CHECKING:
    import pypsa

SUFFIX = " at its charger"
SIMPLEX: Mapping[str, object] = {"solver": "simplex", "threads": 1, "output_flag": False}
"""Dual simplex: on these systems faster than the interior point with its crossover, in less memory, and a vertex."""


class UnsolvedError(Exception):
    """The solver found no operation; carries what it said."""


def _capacity(plant: Plant) -> dict[str, Any]:
    """Return how PyPSA is told a capacity that stands, or may grow."""
    if grows(plant):
        return {
            "p_nom_extendable": True,
            "p_nom_min": plant.mw,
            "p_nom_max": plant.most_mw,
            "capital_cost": plant.capital,
        }
    return {"p_nom": plant.mw}


def _constant(values: Floats) -> float | Floats:
    """Return one number where a series never changes, which keeps the files small."""
    return float(values[0]) if values.size and np.all(values == values[0]) else values


def _flexible(network: "pypsa.Network", case: Case, load: Flexible) -> None:
    bus = f"{load.name}{SUFFIX}"
    taken = np.bincount(case.day, load.mw)
    last = case.hour == HOURS_PER_DAY - 1
    network.add("Bus", bus, carrier="ev")
    network.add("Link", load.name, bus0=load.bus, bus1=bus, p_nom=load.limit_mw)
    network.add("Load", bus, bus=bus, p_set=np.where(last, taken[case.day], 0.0))
    network.add(
        "Store", bus, bus=bus, e_nom=float(taken.max(initial=0.0)), e_max_pu=np.where(last, 0.0, 1.0), e_cyclic=True
    )


@contextmanager
def _no_logging() -> Iterator[None]:
    """Keep PyPSA from handing the root logger a handler at INFO, through which every other library would speak."""
    root, silent = logging.getLogger(), logging.NullHandler()
    root.addHandler(silent)
    try:
        yield
    finally:
        root.removeHandler(silent)


def build(case: Case) -> "pypsa.Network":
    """Return a case as a PyPSA network [MW, MWh, CNY, t]."""
    with _no_logging(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # third parties warn of their own futures
        return _build(case)


def _build(case: Case) -> "pypsa.Network":
    import pypsa  # noqa: PLC0415 - two seconds that nobody pays who solves nothing

    network = pypsa.Network()
    network.meta = {"units": "MW, MWh, CNY, t", "stores_close_each_day": case.apart}
    network.set_snapshots(list(case.times.tz_localize(None)))
    network.snapshot_weightings["objective"] = case.weights
    network.snapshot_weightings["generators"] = case.weights
    network.snapshot_weightings["stores"] = 1.0
    carriers = sorted({"", "ev", *(source.name for source in case.sources if source.co2)} - {""})
    emissions = {source.name: source.co2 for source in case.sources}
    network.add("Carrier", carriers, co2_emissions=[emissions.get(name, 0.0) for name in carriers])
    network.add("Bus", list(case.buses))
    for load in case.loads:
        network.add("Load", load.name, bus=load.bus, p_set=load.mw)
    for flexible in case.flexibles:
        _flexible(network, case, flexible)
    for source in case.sources:
        network.add(
            "Generator",
            source.name,
            bus=source.bus,
            carrier=source.name if source.co2 else "",
            sign=source.sign,
            p_max_pu=_constant(source.available),
            p_min_pu=0.0 if source.turns_down else _constant(source.available),
            marginal_cost=_constant(source.price),
            **_capacity(source),
        )
    for way in case.converters:
        network.add(
            "Link",
            way.name,
            bus0=way.source,
            bus1=way.target,
            efficiency=_constant(way.efficiency),
            p_min_pu=-1.0 if way.both_ways else 0.0,
            **_capacity(way),
        )
    for store in case.stores:
        network.add(
            "StorageUnit",
            store.name,
            bus=store.bus,
            max_hours=store.hours,
            efficiency_store=store.charge,
            efficiency_dispatch=store.discharge,
            standing_loss=store.loss,
            cyclic_state_of_charge=True,
            p_min_pu=-1.0,
            **_capacity(store),
        )
    if case.co2_cap_t is not None:
        network.add("GlobalConstraint", "co2_cap", sense="<=", constant=case.co2_cap_t, type="primary_energy",
                    carrier_attribute="co2_emissions")  # fmt: skip
    return network


def _close_days(network: "pypsa.Network", case: Case) -> None:
    """Let each store end each typical day as it began it, instead of handing its energy to the next."""
    import xarray as xr  # noqa: PLC0415 - comes with pypsa

    model = network.model
    level = model["StorageUnit-state_of_charge"]
    names = level.indexes["name"]
    by_name = {store.name: store for store in case.stores}
    stores = [by_name[name] for name in names]

    def row(values: list[float]) -> xr.DataArray:
        return xr.DataArray(values, coords={"name": names}, dims=["name"])

    kept = row([1.0 - store.loss for store in stores])
    charge, discharge = row([store.charge for store in stores]), row([1.0 / store.discharge for store in stores])
    before = level.isel(snapshot=case.before).assign_coords(snapshot=level.indexes["snapshot"])
    stored = charge * model["StorageUnit-p_store"] - discharge * model["StorageUnit-p_dispatch"]
    model.remove_constraints("StorageUnit-energy_balance")
    model.add_constraints(level - kept * before - stored == 0.0, name="StorageUnit-energy_balance")


def _fill(network: "pypsa.Network", case: Case) -> None:
    """Let the stores that must be full at some hour be so."""
    model = network.model
    for store in case.stores:
        if store.full_after is None:
            continue
        level = model["StorageUnit-state_of_charge"].sel(name=store.name)
        level = level.isel(snapshot=np.flatnonzero(case.hour == store.full_after))
        if grows(store):
            full = store.hours * model["StorageUnit-p_nom"].sel(name=store.name)
            model.add_constraints(level - full == 0.0, name=f"full {store.name}")
        else:
            model.add_constraints(level == store.hours * store.mw, name=f"full {store.name}")


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep the solver's banner from standard output: HiGHS prints it before it can be told not to."""
    sys.stdout.flush()
    kept, nowhere = os.dup(1), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 1)
        yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)
        os.close(nowhere)


def solve(case: Case, solver: Mapping[str, object] = SIMPLEX) -> tuple["pypsa.Network", Operation]:
    """Return the network with its least-cost capacities and dispatch, and the same as an operation.

    Raises
    ------
    UnsolvedError
        If there is none.
    """
    network = build(case)

    def extra(solved: "pypsa.Network", _: object) -> None:
        if case.apart and case.stores:
            _close_days(solved, case)
        _fill(solved, case)

    for name in ("pypsa", "linopy"):
        logging.getLogger(name).setLevel(logging.ERROR)
    with _quiet(), _no_logging(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # third parties warn of their own futures
        status, condition = network.optimize(
            solver_name="highs",
            io_api="direct",
            solver_options=dict(solver),
            extra_functionality=extra,
            include_objective_constant=False,
            assign_all_duals=False,
            set_names=False,
        )
    if status != "ok":
        raise UnsolvedError(str(condition))
    return network, _operation(network, case)


def _operation(network: "pypsa.Network", case: Case) -> Operation:
    def series(table: pd.DataFrame, name: str) -> Floats:
        return np.asarray(table[name], dtype=np.float64) if name in table else np.zeros(len(case.times))

    power: dict[str, Floats] = {load.name: load.mw for load in case.loads}
    level: dict[str, Floats] = {}
    for source in case.sources:
        power[source.name] = series(network.generators_t.p, source.name)
    for link in [way.name for way in case.converters] + [load.name for load in case.flexibles]:
        power[link] = series(network.links_t.p0, link)
    for store in case.stores:
        power[f"{store.name}_in"] = series(network.storage_units_t.p_store, store.name)
        power[f"{store.name}_out"] = series(network.storage_units_t.p_dispatch, store.name)
        level[store.name] = series(network.storage_units_t.state_of_charge, store.name)
    built: dict[str, float] = {}
    for plants, table in (
        (case.sources, network.generators),
        (case.converters, network.links),
        (case.stores, network.storage_units),
    ):
        chosen = table["p_nom_opt"].to_dict()
        built |= {plant.name: float(chosen[plant.name]) if grows(plant) else float(plant.mw) for plant in plants}
    # PyPSA counts the cost only of what may grow
    standing = sum(plant.capital * plant.mw for plant in case.plants if not grows(plant) and math.isfinite(plant.mw))
    return Operation(built, power, level, float(network.objective or 0.0) + standing)


def write(network: "pypsa.Network", folder: Path) -> None:
    """Write a network as the CSV folder PyPSA opens with ``pypsa.Network(folder)``."""
    folder.mkdir(parents=True, exist_ok=True)
    with _no_logging(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        network.export_to_csv_folder(folder)
