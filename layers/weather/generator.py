"""A typical year from twelve monthly normals: sun, temperature, humidity and wind, hour by hour.

The order of things: daily residuals of maximum and minimum temperature and of radiation come from one process, so hot
days are bright and cloudy days have a small range; sun and temperature follow; humidity follows the temperature; wind
is independent.

References
----------
.. [1] Knight, K. M., Klein, S. A., Duffie, J. A. (1991). A methodology for the synthesis of hourly weather data. Solar
   Energy 46(2), 109-120.
.. [2] Allen, R. G. et al. (1998). Crop evapotranspiration. FAO Irrigation and Drainage Paper 56, equations 11 and 48.
.. [3] Justus, C. G., Hargraves, W. R., Mikhail, A., Graber, D. (1978). Methods for estimating wind speed frequency
   distributions. Journal of Applied Meteorology 17, 350-353.
"""

import numpy as np
import pandas as pd
from pvlib import atmosphere
from scipy.signal import lfilter
from scipy.special import ndtr

from layers.tables.weather import WEATHER
from layers.weather.hours import HOURS_PER_DAY, Array, numbers, sun_sine, year_index
from layers.weather.radiation import irradiance_year
from layers.weather.temperature import daily_residuals, hourly_ripple, temperature_year

DAYS = 365
BISECTIONS = 40


def generate_year(normals: pd.DataFrame, site: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Return a typical year made from monthly normals, after the plan of Knight et al. [1]_.

    Parameters
    ----------
    normals
        Index ``month`` 1-12; ``ghi_kwh_m2``, ``temp_mean_c``, ``temp_max_c``, ``temp_min_c``,
        ``relative_humidity_pct``, ``wind_speed_m_s``.
    site
        Contract ``SITE``.
    seed
        The same seed gives the same year.

    Returns
    -------
    pandas.DataFrame
        Contract ``WEATHER``. The sums of ``ghi`` and the means of temperature and wind are those of the normals.
    """
    random = np.random.default_rng(seed)
    table = normals.sort_index()
    given = {name: table[name].to_numpy(dtype=float) for name in table.columns}
    times = year_index(float(site["utc_offset_h"].iloc[0]))
    months = times.month.to_numpy()[::HOURS_PER_DAY]
    residuals = daily_residuals(DAYS, random)
    sine = np.maximum(sun_sine(site, times), 0.0)
    sun = irradiance_year(given["ghi_kwh_m2"], residuals[:, 2], sine, times, random)
    sunrise, warmest = turning_hours(sine)
    temperature = temperature_year(
        given["temp_mean_c"],
        given["temp_max_c"],
        given["temp_min_c"],
        residuals,
        hourly_ripple(DAYS, random),
        months,
        sunrise,
        warmest,
    )
    year = sun.assign(
        temp_air=temperature.ravel(),
        relative_humidity=humidity(given["relative_humidity_pct"], temperature, months).ravel(),
        wind_speed=wind(given["wind_speed_m_s"], times, random),
        ghi_infrared=np.nan,
        pressure=float(atmosphere.alt2pres(float(site["altitude_m"].iloc[0]))),
    )
    return year[list(WEATHER.columns)]


def turning_hours(sine: Array) -> tuple[Array, Array]:
    """Return for each day the hours of the coldest and the warmest moment [h]: sunrise, and some hours after noon.

    Parameters
    ----------
    sine
        Sine of the sun's height in mid-hour, zero at night, for the hours of whole days.
    """
    height = sine.reshape(-1, HOURS_PER_DAY)
    hour = np.arange(HOURS_PER_DAY) + 0.5
    noon = float((height * hour).sum() / height.sum())
    half = np.clip((height > 0.0).sum(axis=1) / 2.0, 2.0, 10.0)
    warmest = np.full(len(height), min(noon + numbers().value("noon.lag_h"), HOURS_PER_DAY - 1.0))
    return np.maximum(noon - half, 0.5), warmest


def saturation_pa(temperature_c: Array) -> Array:
    """Return the saturation vapour pressure [Pa] over water (Tetens; FAO-56 equation 11 [2]_).

    Examples
    --------
    >>> round(float(saturation_pa(np.array(20.0))))
    2338
    """
    return np.asarray(610.8 * np.exp(17.27 * temperature_c / (temperature_c + 237.3)), dtype=float)


def humidity(mean_pct: Array, temperature: Array, months: Array) -> Array:
    """Return hourly relative humidity [%] whose monthly means are given.

    The vapour pressure is taken as constant in a day and a share of the saturation at the day's minimum, which the dew
    point follows (FAO-56 equation 48 [2]_); the share of each month is found so that the mean is met.

    Parameters
    ----------
    mean_pct
        Twelve monthly means [%].
    temperature
        Hourly temperature [C], shape (days, 24).
    months
        Month of each day, 1-12.
    """
    days = np.bincount(months)[1:]
    ratio = 100.0 * saturation_pa(temperature.min(axis=1))[:, None] / saturation_pa(temperature)

    def with_share(share: Array) -> Array:
        return np.asarray(np.minimum(ratio * share[months - 1][:, None], 100.0), dtype=float)

    low, high = np.zeros(12), np.full(12, 20.0)
    for _ in range(BISECTIONS):
        share = (low + high) / 2.0
        mean = np.bincount(months, with_share(share).mean(axis=1))[1:] / days
        low, high = np.where(mean < mean_pct, share, low), np.where(mean < mean_pct, high, share)
    return with_share((low + high) / 2.0)


def wind(mean_m_s: Array, times: pd.DatetimeIndex, random: np.random.Generator) -> Array:
    """Return hourly wind speed [m/s]: Weibull [3]_, autocorrelated, stronger in the afternoon, monthly means as given.

    Parameters
    ----------
    mean_m_s
        Twelve monthly means [m/s].
    times
        Labels of the hours.
    random
        Source of random numbers.
    """
    known = numbers()
    memory = known.value("wind.autocorrelation")
    state = lfilter([np.sqrt(1.0 - memory**2)], [1.0, -memory], random.standard_normal(len(times)))
    month = times.month.to_numpy() - 1
    shape = np.maximum(known.value("wind.weibull_constant") * np.sqrt(np.maximum(mean_m_s, 0.1)), 1.0)[month]
    calm = np.clip(1.0 - ndtr(state), 1e-12, 1.0)
    course = np.cos(2.0 * np.pi * (times.hour.to_numpy() + 0.5 - known.value("wind.diurnal_peak_h")) / HOURS_PER_DAY)
    raw = (-np.log(calm)) ** (1.0 / shape) * (1.0 + known.value("wind.diurnal_share") * course)
    mean = np.bincount(month, raw) / np.bincount(month)
    return np.asarray(raw * (mean_m_s / mean)[month], dtype=float)
