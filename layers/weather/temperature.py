"""Monthly mean, mean daily maximum and minimum temperature become 8,760 hours with days that differ.

References
----------
.. [1] Richardson, C. W. (1981). Stochastic simulation of daily precipitation, temperature, and solar radiation. Water
   Resources Research 17(1), 182-190. doi:10.1029/WR017i001p00182
.. [2] Richardson, C. W., Wright, D. A. (1984). WGEN: a model for generating daily weather variables. USDA ARS-8.
.. [3] Erbs, D. G., Klein, S. A., Beckman, W. A. (1983). Estimation of degree-days and ambient temperature bin data from
   monthly-average temperatures. ASHRAE Journal 25(6), 60-65.
.. [4] Rymes, M. D., Myers, D. R. (2001). Mean preserving algorithm for smoothly interpolating averaged data. Solar
   Energy 71(4), 225-231. doi:10.1016/S0038-092X(01)00052-4
.. [5] de Wit, C. T., Goudriaan, J., van Laar, H. H. (1978). Simulation of assimilation, respiration and transpiration
   of crops. PUDOC, Wageningen (the subroutine WAVE).
"""

from functools import cache

import numpy as np
from scipy.signal import lfilter

from layers.weather.hours import HOURS_PER_DAY, Array, numbers

# Daily residuals of maximum temperature, minimum temperature and radiation: x(t) = A x(t-1) + B e(t), Richardson [1]_.
LAG = np.array([[0.567, 0.086, -0.002], [0.253, 0.504, -0.050], [-0.006, -0.039, 0.244]])
SHOCK = np.array([[0.781, 0.0, 0.0], [0.328, 0.637, 0.0], [0.238, -0.341, 0.873]])
WARM_UP_DAYS = 30
SMOOTHING_ROUNDS = 300
FITTING_ROUNDS = 16


def daily_residuals(days: int, random: np.random.Generator) -> Array:
    """Return residuals of daily maximum and minimum temperature and of radiation, mean 0, variance near 1 [1]_, [2]_.

    Parameters
    ----------
    days
        Number of days.
    random
        Source of random numbers.

    Returns
    -------
    numpy.ndarray
        Shape (days, 3).
    """
    shocks = random.standard_normal((days + WARM_UP_DAYS, 3)) @ SHOCK.T
    state = np.zeros(3)
    states: Array = np.empty(shocks.shape)
    for day, shock in enumerate(shocks):
        state = np.asarray(LAG @ state + shock)
        states[day] = state
    return states[WARM_UP_DAYS:]


def spread(mean_c: Array, which: str) -> Array:
    """Return the standard deviation of a daily extreme about its season [K], in the linear form of Erbs et al. [3]_.

    Parameters
    ----------
    mean_c
        Mean temperature of the twelve months [C].
    which
        ``max`` or ``min``.

    Returns
    -------
    numpy.ndarray
        Twelve values.
    """
    fit = numbers()
    linear = (
        fit.value(f"residual.{which}.constant")
        + fit.value(f"residual.{which}.mean") * mean_c
        + fit.value(f"residual.{which}.season") * mean_c.std()
    )
    return np.asarray(np.maximum(linear, fit.value("residual.least")), dtype=float)


def seasonal(monthly: Array, months: Array) -> Array:
    """Return a smooth course through the year whose monthly means are given (Rymes and Myers [4]_).

    Parameters
    ----------
    monthly
        Twelve means.
    months
        Month of each day, 1-12.

    Returns
    -------
    numpy.ndarray
        One value for each day.
    """
    return _smoothing(months.tobytes(), months.dtype.str) @ monthly


@cache
def _smoothing(raw: bytes, dtype: str) -> Array:
    """Return the smoothing as a matrix (days x 12): it is linear, so it is worked out once for a calendar."""
    months = np.frombuffer(raw, dtype=dtype)
    member = (months[:, None] == np.arange(1, 13)).astype(float)
    mean = member.T / member.sum(axis=0)[:, None]
    course: Array = member.copy()
    for _ in range(SMOOTHING_ROUNDS):
        course = (np.roll(course, 1, axis=0) + course + np.roll(course, -1, axis=0)) / 3.0
        course += member @ (np.eye(12) - mean @ course)
    return course


def centred(residual: Array, months: Array) -> Array:
    """Return residuals with mean 0 and standard deviation 1 in each month: a typical month is neither odd nor dull."""
    count = np.bincount(months)[1:]
    apart = residual - (np.bincount(months, residual)[1:] / count)[months - 1]
    deviation = np.sqrt(np.bincount(months, apart**2)[1:] / (count - 1))
    return np.asarray(apart / deviation[months - 1], dtype=float)


def hourly_ripple(days: int, random: np.random.Generator) -> Array:
    """Return an hourly first-order autoregression, mean 0 and standard deviation 1, shape (days, 24)."""
    memory = numbers().value("ripple.autocorrelation")
    shocks = np.sqrt(1.0 - memory**2) * random.standard_normal(days * HOURS_PER_DAY)
    return np.asarray(lfilter([1.0], [1.0, -memory], shocks), dtype=float).reshape(days, HOURS_PER_DAY)


def wave(lowest: Array, highest: Array, sunrise_h: Array, warmest_h: Array, bend: Array) -> Array:
    """Return hourly temperature that runs from each minimum to the next maximum and back (WAVE [5]_).

    Cosine arcs join the minimum at sunrise with the maximum after noon; `bend` is an exponent on the share of the way
    to the maximum, above 1 for days whose mean lies below the middle of their extremes.

    Parameters
    ----------
    lowest, highest
        Daily minimum and maximum [C], shape (days,).
    sunrise_h, warmest_h
        Hours of the day at which they occur [h], shape (days,).
    bend
        Exponent of each day, shape (days,).

    Returns
    -------
    numpy.ndarray
        Shape (days, 24), mid-hour values [C].
    """
    hour = np.arange(HOURS_PER_DAY)[None, :] + 0.5
    rise, warm = sunrise_h[:, None], warmest_h[:, None]
    low, high, power = lowest[:, None], highest[:, None], bend[:, None]
    after, before = np.roll(low, -1, axis=0), np.roll(high, 1, axis=0)
    next_rise, last_warm = np.roll(rise, -1, axis=0), np.roll(warm, 1, axis=0)

    def arc(share: Array) -> Array:
        return (0.5 - 0.5 * np.cos(np.pi * np.clip(share, 0.0, 1.0))) ** power

    night = low + (before - low) * arc((rise - hour) / (rise + HOURS_PER_DAY - last_warm))
    morning = low + (high - low) * arc((hour - rise) / (warm - rise))
    evening = after + (high - after) * arc((next_rise + HOURS_PER_DAY - hour) / (next_rise + HOURS_PER_DAY - warm))
    return np.select([hour < rise, hour < warm], [night, morning], default=evening)


def temperature_year(
    mean_c: Array,
    max_c: Array,
    min_c: Array,
    residuals: Array,
    ripple: Array,
    months: Array,
    sunrise_h: Array,
    warmest_h: Array,
) -> Array:
    """Return hourly temperature [C] of a typical year that meets the monthly means and mean daily extremes.

    Days that warm up or cool down have their extremes at midnight, so the extremes fed to the daily course are
    corrected until those of the calendar days have the wanted means; the last step makes the monthly mean exact.

    Parameters
    ----------
    mean_c, max_c, min_c
        Twelve monthly means of temperature, of the daily maximum and of the daily minimum [C].
    residuals
        Residuals of the daily maximum and minimum, shape (days, 2 or more).
    ripple
        What clouds, showers and winds add to the smooth course, standard deviation 1, shape (days, 24).
    months
        Month of each day, 1-12.
    sunrise_h, warmest_h
        Hours of the day at which minimum and maximum occur [h], shape (days,).

    Returns
    -------
    numpy.ndarray
        Shape (days, 24).
    """
    days = np.bincount(months)[1:]

    def monthly(values: Array) -> Array:
        return np.bincount(months, values)[1:] / days

    part_max = centred(residuals[:, 0], months) * spread(mean_c, "max")[months - 1]
    part_min = centred(residuals[:, 1], months) * spread(mean_c, "min")[months - 1]
    span = np.maximum(max_c - min_c, 0.1)
    least = (numbers().value("range.least") * span)[months - 1]
    least_fed = numbers().value("range.least_fed") * span
    rough = ripple * (numbers().value("ripple.share") * span)[months - 1][:, None]
    top, bottom, bend, calm = max_c.copy(), min_c.copy(), np.ones(12), np.ones(12)
    for _ in range(FITTING_ROUNDS):
        highest = seasonal(top, months) + part_max * calm[months - 1]
        lowest = seasonal(bottom, months) + part_min * calm[months - 1]
        short = np.maximum(least - (highest - lowest), 0.0) / 2.0
        hourly = wave(lowest - short, highest + short, sunrise_h, warmest_h, bend[months - 1]) + rough
        over = monthly(hourly.max(axis=1)) - max_c
        under = monthly(hourly.min(axis=1)) - min_c
        off = monthly(hourly.mean(axis=1)) - mean_c
        top, bottom = top - over, bottom - under
        # Where days change by more than their mean range has room for, it is the change from day to day that gives way.
        calm = np.where(top - bottom < least_fed, calm * np.clip(span / (span + over - under), 0.7, 1.0), calm)
        bend = np.clip(bend * np.exp(3.0 * (off - (over + under) / 2.0) / span), 0.4, 3.0)
    return np.asarray(hourly - off[months - 1][:, None], dtype=float)
