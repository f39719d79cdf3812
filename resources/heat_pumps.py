"""How much heat or cold a heat pump gives per electricity in each hour, by what it draws on or rejects to.

Heating and hot water follow the regression of manufacturers' data of Ruhnau et al. [1]_, cooling a fixed share of
Carnot's efficiency that meets the rating point of the catalogue.

References
----------
.. [1] Ruhnau, O., Hirth, L., Praktiknjo, A. (2019). Time series of heat demand and heat pump efficiency for energy
   system modeling. Scientific Data 6, 189. doi:10.1038/s41597-019-0199-y
.. [2] Kusuda, T., Achenbach, P. R. (1965). Earth temperature and thermal diffusivity at selected stations in the
   United States. ASHRAE Transactions 71(1), 61-74.
"""

from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyproj

from layers.constants import Constants, constants
from layers.units import ZERO_CELSIUS_K

Floats = npt.NDArray[np.float64]
HeatSource = Literal["air", "ground", "sea", "waste_heat"]
Service = Literal["heating", "cooling", "hot_water"]
Place = tuple[float, float]
"""Latitude and longitude [deg]."""
DAYS_PER_YEAR = 365.0
MONTHS = 12


def _numbers() -> Constants:
    return constants("resources", "heat_pumps.csv")


def heating_cop(kind: Literal["air", "ground", "water"], lift: npt.ArrayLike) -> Floats:
    """Return the coefficient of performance on the test bench at a temperature lift [1]_.

    Parameters
    ----------
    kind
        Regression: air, ground (brine) or water (ground water, sea, waste water).
    lift
        Sink less source temperature [K]; less than the regression's range counts as its lower end.

    Returns
    -------
    numpy.ndarray
        Heat per electricity [1].

    References
    ----------
    .. [1] Ruhnau, Hirth, Praktiknjo (2019), doi:10.1038/s41597-019-0199-y, table 2.

    Examples
    --------
    >>> float(heating_cop("air", 30.0).round(3))
    3.83
    """
    numbers = _numbers()
    kelvin = np.maximum(np.asarray(lift, dtype=np.float64), numbers.value("heating.least_lift"))
    constant, linear, square = (numbers.value(f"heating.{kind}.{part}") for part in ("constant", "linear", "square"))
    # a parabola opens upwards beyond its lowest point, efficiency does not
    kelvin = np.minimum(kelvin, -linear / (2.0 * square))
    return np.asarray(constant + linear * kelvin + square * kelvin**2)


def carnot_cooling(evaporating: npt.ArrayLike, condensing: npt.ArrayLike) -> Floats:
    """Return the cold per work of a reversible machine between two temperatures [C].

    Examples
    --------
    >>> float(carnot_cooling(2.0, 45.0).round(3))
    6.399
    """
    cold, warm = np.asarray(evaporating, dtype=np.float64), np.asarray(condensing, dtype=np.float64)
    return np.asarray((cold + ZERO_CELSIUS_K) / (warm - cold))


def _wave(temp_air: Floats, times: pd.DatetimeIndex, damping: float, lag_d: float) -> Floats:
    """Return the mean of the air temperature and its yearly wave, damped and later."""
    angle = 2.0 * np.pi * _day_of_year(times) / DAYS_PER_YEAR
    mean = float(temp_air.mean())
    rest = temp_air - mean
    cosine, sine = 2.0 * float(np.mean(rest * np.cos(angle))), 2.0 * float(np.mean(rest * np.sin(angle)))
    later = angle - 2.0 * np.pi * lag_d / DAYS_PER_YEAR
    return np.asarray(mean + damping * (cosine * np.cos(later) + sine * np.sin(later)))


def _day_of_year(times: pd.DatetimeIndex) -> Floats:
    return np.asarray(times.day_of_year.to_numpy() - 1.0 + (times.hour.to_numpy() + 0.5) / 24.0, dtype=np.float64)


def ground_temperature(temp_air: npt.ArrayLike, times: pd.DatetimeIndex) -> Floats:
    """Return the temperature of the ground a borehole field draws on [C], shape (hours,).

    The yearly wave of the air, ``exp(-z sqrt(pi / (365 a)))`` as large and ``z/2 sqrt(365 / (pi a))`` days later at
    the depth ``z`` [m] with the diffusivity ``a`` [m2/d] [1]_.

    References
    ----------
    .. [1] Kusuda, Achenbach (1965), ASHRAE Transactions 71(1), 61-74.
    """
    depth, diffusivity = _numbers().value("ground.depth"), _numbers().value("ground.diffusivity")
    damping = float(np.exp(-depth * np.sqrt(np.pi / (DAYS_PER_YEAR * diffusivity))))
    lag = depth / 2.0 * float(np.sqrt(DAYS_PER_YEAR / (np.pi * diffusivity)))
    return _wave(np.asarray(temp_air, dtype=np.float64), times, damping, lag)


def sea_temperature(times: pd.DatetimeIndex, temp_air: npt.ArrayLike | None = None) -> Floats:
    """Return the temperature of the sea's surface [C], shape (hours,).

    Parameters
    ----------
    times
        Hours, shape (hours,).
    temp_air
        Air temperature [C] of a place far from where the table of months is from: its yearly wave, damped and later as
        there, is taken. Without it the months of the table are joined smoothly from mid-month to mid-month.
    """
    numbers = _numbers()
    if temp_air is not None:
        air = np.asarray(temp_air, dtype=np.float64)
        return _wave(air, times, numbers.value("sea.damping"), numbers.value("sea.lag"))
    months = np.array([numbers.value(f"sea.month.{month:02d}") for month in range(1, MONTHS + 1)])
    place = _day_of_year(times) / DAYS_PER_YEAR * MONTHS - 0.5
    before = np.floor(place).astype(int)
    share = (1.0 - np.cos(np.pi * (place - before))) / 2.0
    return np.asarray(months[before % MONTHS] * (1.0 - share) + months[(before + 1) % MONTHS] * share)


def sea_is_known(latitude_deg: float, longitude_deg: float) -> bool:
    """Return whether a place is near enough to where the table of sea temperatures is from.

    Examples
    --------
    >>> sea_is_known(29.78, 121.95), sea_is_known(36.1, 120.4)
    (True, False)
    """
    numbers = _numbers()
    latitude, longitude = numbers.value("sea.place.latitude"), numbers.value("sea.place.longitude")
    _, _, metres = pyproj.Geod(ellps="WGS84").inv(longitude, latitude, longitude_deg, latitude_deg)
    return bool(metres / 1000.0 <= numbers.value("sea.place.radius"))


def _source_temperature(source: HeatSource, air: Floats, times: pd.DatetimeIndex, place: Place | None) -> Floats:
    if source == "air":
        return air
    if source == "ground":
        return ground_temperature(air, times)
    if source == "sea":
        return sea_temperature(times, None if place is not None and sea_is_known(*place) else air)
    return np.full(len(times), _numbers().value("waste_heat.temperature"))


def _cooling(source: HeatSource, outside: Floats) -> Floats:
    numbers = _numbers()
    if source == "waste_heat":
        raise ValueError("waste heat is no sink for a chiller; name air, ground or sea")
    side = "air" if source == "air" else "water"
    evaporating = numbers.value("cooling.supply") - numbers.value("cooling.evaporator")
    above = numbers.value(f"cooling.{side}.condenser")
    least = evaporating + numbers.value("cooling.least_lift")
    rated = carnot_cooling(evaporating, numbers.value(f"cooling.{source}.rating_temperature") + above)
    of_carnot = numbers.value(f"cooling.{source}.rating") / rated
    return np.asarray(of_carnot * carnot_cooling(evaporating, np.maximum(outside + above, least)))


def cop(
    source: HeatSource,
    service: Service,
    temp_air: npt.ArrayLike,
    times: pd.DatetimeIndex,
    *,
    latitude_deg: float | None = None,
    longitude_deg: float | None = None,
) -> Floats:
    """Return what a heat pump or chiller gives per electricity in each hour [1], shape (hours,).

    Parameters
    ----------
    source
        What it draws on, or rejects to when it cools.
    service
        Heating by radiators or fan coils whose supply follows the weather, hot water, or cooling.
    temp_air
        Outdoor air [C], shape (hours,).
    times
        The same hours.
    latitude_deg, longitude_deg
        The place [deg]. Near to where the table of sea temperatures is from, the sea is that of the table; elsewhere,
        and without a place, it follows the air, damped and later.

    Raises
    ------
    ValueError
        If a chiller shall reject to waste heat.
    """
    air = np.asarray(temp_air, dtype=np.float64)
    place = None if latitude_deg is None or longitude_deg is None else (latitude_deg, longitude_deg)
    outside = _source_temperature(source, air, times, place)
    if service == "cooling":
        return _cooling(source, outside)
    numbers = _numbers()
    if service == "hot_water":
        sink = np.full(len(air), numbers.value("sink.hot_water"))
    else:
        follows = numbers.value("sink.heating.at_zero") + numbers.value("sink.heating.slope") * air
        sink = np.maximum(follows, numbers.value("sink.heating.least"))
    if source == "air":
        return numbers.value("heating.field") * heating_cop("air", sink - outside)
    kind: Literal["ground", "water"] = "ground" if source == "ground" else "water"
    return numbers.value("heating.field") * heating_cop(kind, sink - outside + numbers.value("heating.exchanger"))


def shape_of(efficiency: npt.ArrayLike, demand: npt.ArrayLike) -> Floats:
    """Return electricity per demand in each hour over its mean of the year [1].

    ``1 / cop`` over its mean weighted by the demand, so that a yearly account with one mean efficiency is kept when its
    electricity is spread by ``demand x shape``.

    Parameters
    ----------
    efficiency
        Coefficient of performance in each hour [1], above 0, shape (hours,).
    demand
        Heat or cold in each hour, of any unit, shape (hours,); where there is none, all hours weigh the same.

    Raises
    ------
    ValueError
        If an efficiency is not above zero.

    Examples
    --------
    >>> shape_of([2.0, 4.0], [1.0, 1.0]).round(3).tolist()
    [1.333, 0.667]
    """
    given = np.asarray(efficiency, dtype=np.float64)
    if np.any(given <= 0.0):
        raise ValueError(f"efficiencies must be above 0, got {given.min()}")
    weight = np.asarray(demand, dtype=np.float64)
    # over the largest, so that the least demands lose no digits
    weight = weight / weight.max() if weight.sum() > 0.0 else np.ones_like(given)
    inverse = 1.0 / given
    return np.asarray(inverse / (np.sum(inverse * weight) / np.sum(weight)))
