"""What electricity costs in each hour: time-of-use prices, the price of sales, the charge on the highest demand.

References
----------
.. [1] 浙江省发展改革委 (2026). 浙发改价格〔2026〕112号, time-of-use prices from 2026-07-01.
.. [2] 浙江省发展改革委 (2024). 浙发改价格〔2024〕21号, those before.
"""

from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from layers.constants import Constants, constants
from layers.units import KWH_PER_MWH

Floats = NDArray[np.float64]
Tariff = Literal["zhejiang_2026", "zhejiang_2024", "flat"]
Sale = Literal["mechanism", "coal_benchmark"]
TARIFFS: tuple[Tariff, ...] = ("zhejiang_2026", "zhejiang_2024", "flat")
HOURS_PER_DAY = 24
MONTHS_PER_YEAR = 12


def _numbers() -> Constants:
    return constants("resources", "tariffs.csv")


def _hours(text: str) -> list[int]:
    """Return the hours of ranges such as ``0-7 11-14``; the last hour of a range is the one before its end.

    Examples
    --------
    >>> _hours("0-2 22-24")
    [0, 1, 22, 23]
    """
    found: list[int] = []
    for part in text.split():
        first, _, end = part.partition("-")
        found += range(int(first), int(end))
    return found


def _day(tariff: str, season: str) -> list[str]:
    """Return the period each hour of a day falls into.

    Raises
    ------
    ValueError
        If an hour has no period, or two.
    """
    hours: dict[int, str] = {}
    for period, row in _numbers().under(f"{tariff}.periods.{season}").items():
        for hour in _hours(row.text):
            if hour in hours:
                raise ValueError(f"tariffs.csv: {tariff} {season}: hour {hour} is both {hours[hour]} and {period}")
            hours[hour] = period
    missing = sorted(set(range(HOURS_PER_DAY)) - set(hours))
    if missing:
        raise ValueError(f"tariffs.csv: {tariff} {season}: no period for the hours {missing}")
    return [hours[hour] for hour in range(HOURS_PER_DAY)]


def _holidays() -> set[str]:
    return {date for row in _numbers().under("holiday").values() for date in row.text.split()}


def periods(times: pd.DatetimeIndex, tariff: Tariff = "zhejiang_2026") -> NDArray[np.str_]:
    """Return the tariff period of each hour: ``sharp_peak``, ``peak``, ``flat``, ``valley`` or ``deep_valley``.

    Parameters
    ----------
    times
        Hours in local time, labelled by their beginning, shape (n,).
    tariff
        Name of the tariff.

    Raises
    ------
    KeyError
        If there is no such tariff.

    Examples
    --------
    >>> noon = pd.DatetimeIndex(["2017-04-05 12:00"])
    >>> str(periods(noon)[0]), str(periods(noon, "zhejiang_2024")[0])
    ('valley', 'valley')
    """
    if tariff not in TARIFFS:
        raise KeyError(f"no tariff {tariff!r}; there are {', '.join(TARIFFS)}")
    table = _numbers()
    extreme = {int(month) for month in table[f"{tariff}.months.summer_winter"].text.split()}
    by_season: NDArray[np.str_] = np.array(
        [_day(tariff, "spring_autumn"), _day(tariff, "summer_winter")], dtype=np.str_
    )
    season = np.isin(times.month.to_numpy(), sorted(extreme)).astype(int)
    hours = times.hour.to_numpy()
    found: NDArray[np.str_] = by_season[season, hours].astype("U16")
    holiday = np.isin(times.strftime("%m-%d").to_numpy(dtype=np.str_), sorted(_holidays()))
    for period, row in table.under(f"{tariff}.periods.holiday").items():
        found[holiday & np.isin(hours, _hours(row.text))] = period
    return found


def price_of(period: str, tariff: Tariff = "zhejiang_2026") -> float:
    """Return the price of a tariff period [CNY/kWh].

    The ratio of the period applies to the flat price without grid fee and levies [1]_.

    References
    ----------
    .. [1] 浙发改价格〔2026〕112号.

    Examples
    --------
    >>> round(price_of("valley"), 4), round(price_of("peak"), 4)
    (0.3652, 1.1267)
    """
    table = _numbers()
    unshaped = table.value(f"{tariff}.price.unshaped")
    return unshaped + table.value(f"{tariff}.ratio.{period}") * (table.value(f"{tariff}.price.flat") - unshaped)


def wheeling_cny_mwh(tariff: Tariff = "zhejiang_2026") -> float:
    """Return what carrying electricity through the public grid costs [CNY/MWh].

    It is the part of the price that the ratios of the periods leave alone: grid fee, levies and line losses.

    Raises
    ------
    KeyError
        If there is no such tariff.

    Examples
    --------
    >>> round(wheeling_cny_mwh(), 1)
    155.1
    """
    if tariff not in TARIFFS:
        raise KeyError(f"no tariff {tariff!r}; there are {', '.join(TARIFFS)}")
    return _numbers().value(f"{tariff}.price.unshaped") * KWH_PER_MWH


def import_price(times: pd.DatetimeIndex, tariff: Tariff = "zhejiang_2026") -> Floats:
    """Return the price of bought electricity in each hour [CNY/kWh], shape (n,)."""
    names, which = np.unique(periods(times, tariff), return_inverse=True)
    return np.array([price_of(str(name), tariff) for name in names])[which]


def export_price(times: pd.DatetimeIndex, sale: Sale = "mechanism") -> Floats:
    """Return the price paid for electricity sold to the grid in each hour [CNY/kWh], shape (n,).

    It is the same in all hours: new wind and PV are paid the price of their auction, old plants that of coal power.
    """
    return np.full(len(times), _numbers().value(f"export.{sale}"))


def demand_charge_cny_mw() -> float:
    """Return what each MW of the highest import costs a year [CNY/MW].

    Two-part tariffs charge the highest demand of each month. Here the highest of the year stands for all twelve, which
    charges a peak that stands in some months only too much.

    Examples
    --------
    >>> demand_charge_cny_mw()
    576000.0
    """
    return _numbers().value("demand_charge") * MONTHS_PER_YEAR * 1000.0
