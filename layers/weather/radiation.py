"""Twelve months of global irradiation become 8,760 hours of global, direct and diffuse irradiance.

References
----------
.. [1] Bendt, P., Collares-Pereira, M., Rabl, A. (1981). The frequency distribution of daily insolation values. Solar
   Energy 27(1), 1-5.
.. [2] Hollands, K. G. T., Huget, R. G. (1983). A probability density function for the clearness index, with
   applications. Solar Energy 30(3), 195-209. doi:10.1016/0038-092X(83)90149-4
.. [3] Aguiar, R., Collares-Pereira, M. (1992). TAG: a time-dependent, autoregressive, Gaussian model for generating
   synthetic hourly radiation. Solar Energy 49(3), 167-174. doi:10.1016/0038-092X(92)90068-L
.. [4] Erbs, D. G., Klein, S. A., Duffie, J. A. (1982). Estimation of the diffuse radiation fraction for hourly, daily
   and monthly-average global radiation. Solar Energy 28(4), 293-302. doi:10.1016/0038-092X(82)90302-4
"""

import numpy as np
import pandas as pd
from scipy.optimize import brentq

from layers.weather.hours import HOURS_PER_DAY, Array, close_beam, normal_extraterrestrial, numbers

SCALING_ROUNDS = 8
STEEPEST = 600.0


def daily_clearness(mean: float, days: int) -> Array:
    """Return the clearness indices of the days of a month, ascending: evenly spaced quantiles of Bendt et al. [1]_.

    The density between the lowest and the highest index rises exponentially; its slope follows from the mean. The
    highest index of a day is that of Hollands and Huget [2]_.

    Parameters
    ----------
    mean
        Monthly mean clearness index [1].
    days
        Number of days.

    Returns
    -------
    numpy.ndarray
        One value for each day, with the given mean.

    Examples
    --------
    >>> month = daily_clearness(0.5, 30)
    >>> round(float(month.mean()), 9), bool(month[0] < 0.2), bool(month[-1] > 0.65)
    (0.5, True, True)
    """
    lowest = min(numbers().value("clearness.min"), 0.5 * mean)
    highest = max(0.6313 + 0.267 * mean - 11.9 * (mean - 0.75) ** 8, mean + 0.02)
    share = (np.arange(days) + 0.5) / days

    def quantiles(slope: float) -> Array:
        """Invert the cumulative distribution; written from the top so that large slopes do not overflow."""
        width = highest - lowest
        if abs(slope) < 1e-9:
            return lowest + share * width
        if slope > 0.0:
            return np.asarray(highest + np.log(share + (1.0 - share) * np.exp(-slope * width)) / slope)
        return np.asarray(lowest + np.log(1.0 - share + share * np.exp(slope * width)) / slope)

    steepest = max(STEEPEST, 10.0 / mean)
    slope = brentq(lambda s: float(quantiles(s).mean()) - mean, -steepest, steepest, xtol=1e-10)
    return quantiles(float(slope))


def hourly_clearness(daily: Array, sine: Array, noise: Array) -> Array:
    """Return clearness indices of hours by the TAG model [3]_, not yet scaled to the day.

    ``kt = ktm + s y`` with ``ktm = l + e exp(-k / sin h)``, where l, e, k and the standard deviation s depend on the
    clearness of the day, and y is a first-order autoregression within the day.

    Parameters
    ----------
    daily
        Clearness index of each day, shape (days,).
    sine
        Sine of the sun's height in mid-hour, zero at night, shape (days, 24).
    noise
        Standard normal numbers, shape (days, 24).

    Returns
    -------
    numpy.ndarray
        Shape (days, 24), zero at night.
    """
    day = daily[:, None]
    up = sine > 0.0
    sun = np.where(up, np.maximum(sine, 0.01), 1.0)
    level = -0.19 + 1.12 * day + 0.24 * np.exp(-8.0 * day)
    lift = 0.32 - 1.60 * (day - 0.50) ** 2
    decay = 0.19 + 2.27 * day**2 - 2.51 * day**3
    spread = 0.14 * np.exp(-20.0 * (day - 0.35) ** 2) * np.exp((3.0 * (day - 0.45) ** 2 + 16.0 * day**5) * (1.0 - sun))
    memory = 0.38 + 0.06 * np.cos(7.4 * daily - 2.5)
    fresh = np.sqrt(1.0 - memory**2)
    states = np.empty_like(noise)
    states[:, 0] = noise[:, 0]
    for hour in range(1, HOURS_PER_DAY):
        states[:, hour] = memory * states[:, hour - 1] + fresh * noise[:, hour]
    trend = level + lift * np.exp(-decay / sun)
    return np.where(up, np.maximum(trend + spread * states, 0.1 * day), 0.0)


def global_irradiance(
    monthly_kwh: Array, ranks: Array, months: Array, outside: Array, sine: Array, random: np.random.Generator
) -> Array:
    """Return hourly global irradiance [W/m2] whose months sum to what is given.

    Parameters
    ----------
    monthly_kwh
        Global irradiation of the twelve months [kWh/m2].
    ranks
        A number for each day; the brightest day of a month is the one with the highest, shape (365,).
    months
        Month of each day, 1-12.
    outside
        Irradiance on the horizontal outside the atmosphere, mid-hour [W/m2], shape (365, 24).
    sine
        Sine of the sun's height, zero at night, shape (365, 24).
    random
        Source of random numbers.

    Returns
    -------
    numpy.ndarray
        Shape (365, 24).
    """
    noise = random.standard_normal(outside.shape)
    per_day = outside.sum(axis=1)
    clearness = np.zeros(len(months))
    for month in range(1, 13):
        here = np.flatnonzero(months == month)
        mean = monthly_kwh[month - 1] * 1000.0 / max(per_day[here].sum(), 1e-9)
        order = here[np.argsort(ranks[here], kind="stable")]
        if mean > 0.0:
            clearness[order] = daily_clearness(mean, len(here))
    hours = hourly_clearness(clearness, sine, noise)
    ceiling = np.where(sine > 0.0, numbers().value("clearness.hour_max"), 0.0)
    wanted = clearness * per_day
    for _ in range(SCALING_ROUNDS):
        got = (hours * outside).sum(axis=1)
        factor = np.divide(wanted, got, out=np.ones_like(got), where=got > 0.0)
        hours = np.minimum(hours * factor[:, None], ceiling)
    ghi = hours * outside
    got = np.bincount(months, ghi.sum(axis=1), minlength=13)[1:] / 1000.0
    factor = np.divide(monthly_kwh, got, out=np.ones_like(got), where=got > 0.0)
    return np.asarray(ghi * factor[months - 1][:, None], dtype=float)


def irradiance_year(
    monthly_kwh: Array, ranks: Array, sine: Array, times: pd.DatetimeIndex, random: np.random.Generator
) -> pd.DataFrame:
    """Return ``ghi``, ``dni`` and ``dhi`` [W/m2] of a typical year.

    The diffuse share is that of Erbs et al. [4]_; the beam closes ``ghi = dhi + dni cos z`` in mid-hour.

    Parameters
    ----------
    monthly_kwh
        Global irradiation of the twelve months [kWh/m2].
    ranks
        A number for each day; the brightest day of a month is the one with the highest.
    sine
        Sine of the sun's height in mid-hour, zero at night.
    times
        Labels of the 8,760 hours.
    random
        Source of random numbers.

    Returns
    -------
    pandas.DataFrame
        Index `times`.
    """
    extra = normal_extraterrestrial(times)
    outside = (extra * sine).reshape(-1, HOURS_PER_DAY)
    months = times.month.to_numpy()[::HOURS_PER_DAY]
    ghi = global_irradiance(monthly_kwh, ranks, months, outside, sine.reshape(-1, HOURS_PER_DAY), random).ravel()
    index = np.divide(ghi, extra * sine, out=np.zeros_like(ghi), where=sine > 0.0)
    dni, dhi = close_beam(ghi, ghi * diffuse_share(index), sine, extra)
    return pd.DataFrame({"ghi": ghi, "dni": dni, "dhi": dhi}, index=times)


def diffuse_share(clearness: Array) -> Array:
    """Return the diffuse share of hourly global irradiance by its clearness index (Erbs et al. [4]_).

    Examples
    --------
    >>> diffuse_share(np.array([0.1, 0.5, 0.9])).round(3).tolist()
    [0.991, 0.659, 0.165]
    """
    middle = 0.9511 - 0.1604 * clearness + 4.388 * clearness**2 - 16.638 * clearness**3 + 12.336 * clearness**4
    return np.select([clearness <= 0.22, clearness <= 0.80], [1.0 - 0.09 * clearness, middle], default=0.165)
