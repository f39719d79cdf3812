"""Hourly schedules: 24 values a day type, spread over the calendar of a year.

The schedules of GB 55015-2021 appendix C are kept at the hours the standard prints (``h07`` is seven to eight o'clock);
copies in circulation begin one hour early. Guest rooms and wards are heated round the clock, which those copies miss.
"""

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from layers.archetypes import Archetype, Kinds
from layers.constants import constants
from layers.errors import Findings
from layers.tables.stock import HOURS

Floats = NDArray[np.float64]

WITH_BREAKS = frozenset({"school"})
"""Schedules that rest in the school holidays as on weekends."""


@cache
def _daily() -> dict[str, tuple[float, ...]]:
    """Return 24 values per ``zone.quantity.daytype``; where the plant is off, not a number."""
    lines = files("spatial.demand").joinpath("schedules.csv").read_text(encoding="utf-8").splitlines()
    return {
        row["key"]: tuple(np.nan if row[hour] == "off" else float(row[hour]) for hour in HOURS)
        for row in csv.DictReader(lines)
    }


def in_season(times: pd.DatetimeIndex, season: str) -> NDArray[np.bool_]:
    """Return which hours lie in a season written ``MM-DD..MM-DD``, both days included; it may run over the year's end.

    Examples
    --------
    >>> times = pd.date_range("2017-01-01", periods=3, freq="180D")
    >>> in_season(times, "12-01..02-28").tolist()
    [True, False, True]
    """
    first, last = (int(month) * 100 + int(day) for month, day in (part.split("-") for part in season.split("..")))
    days = (times.month * 100 + times.day).to_numpy()
    inside = (days >= first) & (days <= last) if first <= last else (days >= first) | (days <= last)
    return np.asarray(inside, dtype=np.bool_)


@dataclass(frozen=True)
class Calendar:
    """The hours of one year: hour of the day, and days off with and without school holidays."""

    times: pd.DatetimeIndex
    hour: NDArray[np.int64]
    weekend: NDArray[np.bool_]
    school_off: NDArray[np.bool_]


def calendar(times: pd.DatetimeIndex) -> Calendar:
    """Return the calendar of an hourly index in local time."""
    breaks = constants("spatial.demand", "constants.csv").under("school.break")
    weekend = np.asarray(times.day_of_week >= 5, dtype=np.bool_)
    off = weekend.copy()
    for row in breaks.values():
        off |= in_season(times, row.text)
    return Calendar(times, times.hour.to_numpy(dtype=np.int64), weekend, off)


def hourly(zone: str, quantity: str, days: Calendar) -> Floats:
    """Return the schedule of a zone over the year; not a number where the plant is off.

    Parameters
    ----------
    zone
        Name of the schedule, such as ``office`` or ``res_living``.
    quantity
        ``occupancy``, ``lighting``, ``equipment`` or ``fresh_air`` (fractions), ``heating_setpoint`` or
        ``cooling_setpoint`` [C].
    days
        Calendar of the year.

    Raises
    ------
    KeyError
        If the zone has no such schedule.
    """
    daily = _daily()
    allday = daily.get(f"{zone}.{quantity}.allday")
    work = daily.get(f"{zone}.{quantity}.workday", allday)
    rest = daily.get(f"{zone}.{quantity}.weekend", allday)
    if work is None or rest is None:
        raise KeyError(f"schedules.csv has no {zone}.{quantity}")
    off = days.school_off if zone in WITH_BREAKS else days.weekend
    return np.where(off, np.array(rest)[days.hour], np.array(work)[days.hour])


def own_hourly(kind: Archetype, quantity: str, days: Calendar) -> Floats:
    """Return an archetype's own schedule over the year; not a number where the plant is off.

    Parameters
    ----------
    kind
        An archetype that states a schedule of the quantity.
    quantity
        As of `hourly`.
    days
        Calendar of the year.

    Raises
    ------
    KeyError
        If it states none for working days or for weekends.
    """
    allday = kind.schedules.get((quantity, "allday"))
    work = kind.schedules.get((quantity, "workday"), allday)
    rest = kind.schedules.get((quantity, "weekend"), allday)
    if work is None or rest is None:
        raise KeyError(f"archetype {kind.archetype!r} has no whole week of {quantity}")
    off = days.school_off if kind.schedule_key in WITH_BREAKS else days.weekend
    return np.where(off, np.array(rest)[days.hour], np.array(work)[days.hour])


def restated(plan: Floats, stated: float, mode: str) -> Floats:
    """Return set points with the level of the day replaced; where the plan sets back, it stays set back.

    Parameters
    ----------
    plan
        Set points [C]; not a number where the plant is off.
    stated
        New level of the hours at the highest (heating) or lowest (cooling) set point [C].
    mode
        ``heating`` or ``cooling``.

    Examples
    --------
    >>> restated(np.array([5.0, 20.0, 12.0]), 18.0, "heating").tolist()
    [5.0, 18.0, 12.0]
    """
    if np.isnan(plan).all():
        return plan
    if mode == "heating":
        return np.where(plan >= np.nanmax(plan), stated, np.minimum(plan, stated))
    return np.where(plan <= np.nanmin(plan), stated, np.maximum(plan, stated))


def check_set_points(kinds: Kinds, source: str, findings: Findings) -> None:
    """Add a fault for each archetype of a study whose own set point crosses one that it inherits.

    Own schedules go before own set points, which go before what is inherited. Set points that an archetype states both
    itself, in one file, were held against each other when that was read.

    Parameters
    ----------
    kinds
        Archetypes of the study.
    source
        Name of the file they are from.
    findings
        Takes the faults.
    """
    for key, kind in kinds.items():
        for day in ("workday", "weekend"):
            (warm, given_warm), (cool, given_cool) = (_setting(kind, mode, day) for mode in ("heating", "cooling"))
            if given_warm == given_cool:
                continue
            crossed = [hour for hour in range(24) if (warm[:, hour, None] >= cool[None, :, hour]).any()]
            if crossed:
                column = "heating_set_c" if given_warm != "inherited" else "cooling_set_c"
                problem = (
                    f"the set points cross on a {day}, first at {HOURS[crossed[0]]}: heated to "
                    f"{np.nanmax(warm[:, crossed[0]]):g} C ({given_warm}), cooled to "
                    f"{np.nanmin(cool[:, crossed[0]]):g} C ({given_cool})"
                )
                remedy = "give both set points, heating below cooling"
                findings.error(source, problem, remedy, row=key, column=column)
                break


def _setting(kind: Archetype, mode: str, day: str) -> tuple[Floats, str]:
    """Return the set points of an archetype on a day [C], shape (zones, 24), and where they are from."""
    quantity = f"{mode}_setpoint"
    own = kind.schedules.get((quantity, day), kind.schedules.get((quantity, "allday")))
    if own is not None:
        return np.array([own]), "scheduled"
    daily = _daily()
    zones = kind.schedule_key.split("+")
    found = [daily.get(f"{zone}.{quantity}.{day}", daily.get(f"{zone}.{quantity}.allday")) for zone in zones]
    plans = [np.array(values) for values in found if values is not None]
    if f"{mode}_set_c" in kind.overrides:
        return np.array([restated(plan, kind.overrides[f"{mode}_set_c"], mode) for plan in plans]), "set"
    return np.array(plans), "inherited"


@cache
def _shapes() -> dict[str, tuple[tuple[float, ...], float]]:
    lines = files("spatial.demand").joinpath("shapes.csv").read_text(encoding="utf-8").splitlines()
    rows = csv.DictReader(lines)
    return {row["key"]: (tuple(float(row[hour]) for hour in HOURS), float(row["weekend"])) for row in rows}


def shape(key: str, days: Calendar) -> Floats:
    """Return an hourly shape over the year that sums to one.

    Parameters
    ----------
    key
        Row of ``shapes.csv``: 24 values and what a day at the weekend has of a working day.
    days
        Calendar of the year.
    """
    day, weekend = _shapes()[key]
    values = np.array(day)[days.hour] * np.where(days.weekend, weekend, 1.0)
    return np.asarray(values / values.sum())
