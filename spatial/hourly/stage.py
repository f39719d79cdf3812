"""The stage: loads and plants in, dispatch and capacities out."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from layers.errors import Findings
from layers.tables.hourly import CAPACITIES, POWER_SUMMARY, TYPICAL_DAYS
from spatial.hourly.assemble import System, systems
from spatial.hourly.case import HOURS_PER_DAY, Case, Floats, Operation, fingerprint
from spatial.hourly.check import verify
from spatial.hourly.diagnose import explain
from spatial.hourly.network import UnsolvedError, write
from spatial.hourly.network import solve as solve_case
from spatial.hourly.options import HourlyOptions
from spatial.hourly.results import capacities, dispatch, summary, typical_days
from spatial.hourly.typical import Days, choose, reduce

Frames = dict[str, list[pd.DataFrame]]
TABLES = {"capacities": CAPACITIES, "power_summary": POWER_SUMMARY, "typical_days": TYPICAL_DAYS}
INTEGERS = ("year", "period", "day")


def solve(
    tables: Mapping[str, pd.DataFrame],
    grid_factor: Mapping[int, float],
    options: HourlyOptions,
    files: Path | None = None,
) -> dict[str, pd.DataFrame]:
    """Return least-cost capacities and dispatch of every scenario and year of the loads.

    Parameters
    ----------
    tables
        ``loads`` and ``power_plants``.
    grid_factor
        CO2 of bought electricity by year [t/MWh].
    options
        Options of the hourly system.
    files
        Folder for the networks that PyPSA opens, one folder for each scenario and year; none are written without.

    Returns
    -------
    dict
        Tables ``dispatch``, ``capacities``, ``power_summary`` and ``typical_days``. Where typical days are solved, each
        day of the dispatch runs as the day that stands for it, with the loads of that day.

    Raises
    ------
    InputError
        If the tables cannot be used, or scenarios cannot be met: of each the hours and what binds in them.
    """
    loads, findings = tables["loads"], Findings()
    frames: Frames = {name: [] for name in TABLES}
    power: dict[str, Floats] = {}
    if options.mode != "off" and not loads.empty:
        solver = _Solver(options, files, findings, {})
        for system in systems(loads, tables["power_plants"], grid_factor, options):
            power |= solver.one(system, frames)
    findings.raise_errors()
    return {"dispatch": pd.DataFrame(power, index=loads.index)} | {
        name: pd.concat(found, ignore_index=True) if found else _empty(name) for name, found in frames.items()
    }


@dataclass(frozen=True)
class _Solved:
    case: Case
    days: Days | None
    operation: Operation
    imbalance_mw: float
    folder: Path | None


@dataclass(frozen=True)
class _Solver:
    """Solves systems one by one; systems that are the same but for their name are solved once."""

    options: HourlyOptions
    files: Path | None
    findings: Findings
    known: dict[str, _Solved]

    def one(self, system: System, frames: Frames) -> dict[str, Floats]:
        """Add a system's tables to the frames and return its power by column of the dispatch."""
        name = fingerprint(system.case)
        folder = None if self.files is None else self.files / f"{system.scenario}-{system.year}"
        if name not in self.known:
            solved = self._solve(system, folder)
            if solved is None:
                return {}
            self.known[name] = solved
        solved = self.known[name]
        if folder is not None and solved.folder is not None and folder != solved.folder:
            shutil.copytree(solved.folder, folder)
        case, days, operation = solved.case, solved.days, solved.operation
        number = len(system.case.times) // HOURS_PER_DAY
        frames["capacities"].append(capacities(system, case, operation))
        frames["power_summary"].append(summary(system, case, operation, self.options, solved.imbalance_mw))
        frames["typical_days"].append(typical_days(system, days or _every_day(number)))
        return dispatch(system, case, operation, days)

    def _solve(self, system: System, folder: Path | None) -> _Solved | None:
        case, days = system.case, None
        few = self.options.typical_days
        if self.options.mode == "typical" and few < len(case.times) // HOURS_PER_DAY:
            days = choose(case, few)
            case = reduce(case, days)
        try:
            network, operation = solve_case(case)
        except UnsolvedError:
            explain(system, case, self.findings)
            return None
        if folder is not None:
            write(network, folder)
        return _Solved(case, days, operation, verify(case, operation), folder)


def _every_day(number: int) -> Days:
    every = np.arange(number, dtype=np.int64)
    return Days(every, every)


def _empty(name: str) -> pd.DataFrame:
    contract = TABLES[name]
    columns = {}
    for column in (*contract.key, *contract.columns):
        text = column in ("scenario", "node", "item", "quantity", "unit")
        columns[column] = pd.Series(dtype="str" if text else "int64" if column in INTEGERS else "float64")
    return pd.DataFrame(columns)
