"""Waterfalls, abatement curves and effects as rows that can be drawn, with sums that still close."""

from collections.abc import Collection
from dataclasses import dataclass

import pandas as pd

LEAST = 5e-4
"""Share of the largest level below which steps are drawn as one."""
OTHER = "other"
BASE = "base_year"
EFFECTS = ("activity", "structure", "intensity", "carrier_mix", "grid")
SECTOR, MEASURE = "sector", "measure"


@dataclass(frozen=True, slots=True)
class Step:
    """A level that stands on zero, or a change that begins where the step before ended [t]."""

    name: str
    level: bool
    start: float
    end: float

    @property
    def value(self) -> float:
        """Height of a level, or the change."""
        return self.end - self.start


def closed(pairs: Collection[tuple[str, float]], levels: Collection[str], least: float = LEAST) -> list[Step]:
    """Return steps with the small changes before each level drawn as one, so that each level is reached.

    Parameters
    ----------
    pairs
        Names and values in order: heights of levels, and changes between them [t].
    levels
        Names that are levels.
    least
        Share of the largest value below which a change is small.
    """
    limit = least * max((abs(value) for _, value in pairs), default=0.0)
    found: list[Step] = []
    at = 0.0
    for name, value in pairs:
        if name in levels:
            if found and abs(value - at) > 1e-9 * max(abs(value), abs(at)):
                found.append(Step(OTHER, level=False, start=at, end=value))
            found.append(Step(name, level=True, start=0.0, end=value))
            at = value
        elif abs(value) > limit:
            found.append(Step(name, level=False, start=at, end=at + value))
            at += value
    return found


def waterfall_steps(waterfall: pd.DataFrame, scenarios: Collection[str], by: str, least: float = LEAST) -> list[Step]:
    """Return the steps of a waterfall by sector or by measure; none where the table has no such steps.

    Changes are named by their sector or measure alone.
    """
    own = waterfall[waterfall["by"] == by] if "by" in waterfall else waterfall[[by == SECTOR] * len(waterfall)]
    own = own.sort_values("order")
    levels = {BASE, *scenarios}
    names = [name if name in levels else name.rpartition(".")[2] for name in own["step"].astype(str)]
    if not any(name not in levels for name in names):
        return []
    return closed(list(zip(names, own["co2_t"].astype(float).tolist(), strict=True)), levels, least)


def effect_steps(
    decomposition: pd.DataFrame, balance: pd.DataFrame | None, scenario: str, base: int, target: int
) -> list[Step]:
    """Return what moved CO2 between base and target year in a scenario: the effects of all years and sectors added.

    Levels are named ``base`` and ``target``; without a balance they are left out.
    """
    own = decomposition[
        (decomposition["scenario"] == scenario) & (decomposition["year"] > base) & (decomposition["year"] <= target)
    ]
    if own.empty:
        return []
    sums = own.groupby("effect")["co2_t"].sum()
    rest = sorted(set(sums.index) - set(EFFECTS))
    changes = [(str(name), float(sums[name])) for name in (*EFFECTS, *rest) if name in sums.index]
    if balance is None:
        return closed(changes, ())
    years = balance[balance["scenario"] == scenario].groupby("year")["co2_t"].sum()
    if base not in years.index or target not in years.index:
        return closed(changes, ())
    ends = ("base", float(years[base])), ("target", float(years[target]))
    return closed([ends[0], *changes, ends[1]], ("base", "target"))


@dataclass(frozen=True, slots=True)
class Bar:
    """A measure of an abatement curve: from where to where it saves [t], and what a tonne costs [CNY/t]."""

    measure: str
    start: float
    end: float
    cost_cny_t: float
    pays: bool


def abatement_bars(abatement: pd.DataFrame, *, alone: bool) -> list[Bar]:
    """Return the bars of an abatement curve.

    In the order taken each measure is worth what it saves on top of those before. Alone each is worth what it saves on
    the first scenario, and the cheapest tonne stands first. Measures that save nothing have no bar.
    """
    saved, cost = ("alone_t", "alone_cny_t") if alone else ("step_t", "step_cny_t")
    own = abatement[(abatement[saved] > 0.0) & abatement[cost].notna()]
    own = own.sort_values([cost, "measure"] if alone else ["order"])
    found: list[Bar] = []
    at = 0.0
    columns = (own["measure"], own[saved].astype(float), own[cost].astype(float), own["pays"].astype(bool))
    for measure, tonnes, cny_t, pays in zip(*columns, strict=True):
        found.append(Bar(str(measure), at, at + tonnes, cny_t, pays))
        at += tonnes
    return found
