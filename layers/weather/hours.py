"""The hours of a typical year: labels, calendar, and irradiance moved to the middle of the hour."""

from dataclasses import dataclass
from datetime import timedelta, timezone

import numpy as np
import numpy.typing as npt
import pandas as pd
from pvlib import irradiance

from layers.constants import Constants, constants
from layers.units import HOURS_PER_YEAR
from layers.weather.sun import HALF_HOUR, sun_position

Array = npt.NDArray[np.float64]
HOURS_PER_DAY = 24
MID_HOUR_MIN = 30.0


def numbers() -> Constants:
    """Return the constants of the weather."""
    return constants("layers.weather", "weather.csv")


def year_index(utc_offset_h: float) -> pd.DatetimeIndex:
    """Return the labels of 8,760 hours at a fixed offset from UTC [h], each at the hour's beginning.

    Examples
    --------
    >>> str(year_index(5.5)[-1])
    '2017-12-31 23:00:00+05:30'
    """
    year = int(numbers().value("label.year"))
    zone = timezone(timedelta(hours=utc_offset_h))
    return pd.date_range(f"{year}-01-01", periods=HOURS_PER_YEAR, freq="h", tz=zone, name="time").as_unit("us")


def offset_of(longitude_deg: float) -> float:
    """Return the whole hours of the time zone a longitude [deg] lies in by the sun.

    Examples
    --------
    >>> offset_of(121.9), offset_of(-105.0)
    (8.0, -7.0)
    """
    return float(round(longitude_deg / 15.0))


def sun_sine(site: pd.DataFrame, times: pd.DatetimeIndex, minute: float = MID_HOUR_MIN) -> Array:
    """Return the sine of the sun's height, negative at night, so many minutes after each label."""
    moved = times + pd.Timedelta(minutes=minute) - HALF_HOUR
    return np.asarray(np.cos(np.radians(sun_position(site, moved)["zenith_deg"].to_numpy())), dtype=float)


@dataclass(frozen=True, slots=True)
class Sun:
    """Sine of the sun's height at the beginning, in the middle and at the end of each hour, negative at night."""

    begin: Array
    middle: Array
    end: Array

    @classmethod
    def over(cls, site: pd.DataFrame, times: pd.DatetimeIndex) -> "Sun":
        """Return the sun over a site (contract ``SITE``) in the hours of a whole year."""
        begin = sun_sine(site, times, 0.0)
        return cls(begin, sun_sine(site, times), np.roll(begin, -1))

    @property
    def up(self) -> Array:
        """The sine in mid-hour, zero at night."""
        return np.maximum(self.middle, 0.0)


def normal_extraterrestrial(times: pd.DatetimeIndex) -> Array:
    """Return the extraterrestrial irradiance normal to the beam [W/m2] (Spencer 1971, as in pvlib)."""
    return np.asarray(irradiance.get_extra_radiation(times.day_of_year.to_numpy()), dtype=float)


def close_beam(ghi: Array, dhi: Array, cosine: Array, extra: Array) -> tuple[Array, Array]:
    """Return direct normal and diffuse horizontal irradiance that close with the global one.

    The beam is what is left, ``dni = (ghi - dhi) / cos z``; where the sun is too low for that division, or the beam
    would be stronger than outside the atmosphere, the rest counts as diffuse, so ``ghi = dhi + dni cos z`` holds.

    Parameters
    ----------
    ghi, dhi
        Global and first guess of the diffuse horizontal irradiance [W/m2].
    cosine
        Cosine of the zenith in mid-hour.
    extra
        Extraterrestrial irradiance normal to the beam [W/m2].

    Returns
    -------
    tuple of numpy.ndarray
        ``dni`` and ``dhi`` [W/m2].
    """
    high = cosine > numbers().value("beam.low_sun_cos")
    beam = np.where(high, (ghi - dhi) / np.where(high, cosine, 1.0), 0.0)
    dni = np.clip(beam, 0.0, extra)
    return dni, np.maximum(ghi - dni * cosine, 0.0)


def stamp_minute(year: pd.DataFrame, sun: Sun) -> tuple[float, dict[float, float]]:
    """Return for which minute of the hour the irradiance of a file holds, and the closure error of each candidate.

    Files disagree: some hold means of the hour, some values at its beginning or end. What a file really does shows in
    how well ``GHI = DHI + DNI cos z`` closes with the sun taken at the beginning, the middle or the end of the hour.

    Parameters
    ----------
    year
        Hours with ``ghi``, ``dni``, ``dhi`` [W/m2].
    sun
        The sun over the site.

    Returns
    -------
    tuple
        The minute (0, 30 or 60; 30 unless another closes clearly better) and minute to root mean square error [W/m2].
    """
    ghi, dni, dhi = (year[name].to_numpy() for name in ("ghi", "dni", "dhi"))
    lit = ghi > 0.0
    error = {
        minute: float(np.sqrt(np.mean((ghi - dhi - dni * np.maximum(sine, 0.0))[lit] ** 2)))
        for minute, sine in ((0.0, sun.begin), (MID_HOUR_MIN, sun.middle), (60.0, sun.end))
    }
    best = min(error, key=lambda minute: error[minute])
    if error[best] > numbers().value("check.closure_gain") * error[MID_HOUR_MIN]:
        best = MID_HOUR_MIN
    return best, error


def to_mid_hour(year: pd.DataFrame, there: Array, middle: Array, minute: float) -> pd.DataFrame:
    """Return a year whose irradiance holds for the middle of each hour.

    Clearness indices (global and diffuse over extraterrestrial) change slowly while the sun moves, so they are what is
    interpolated; each day keeps its sum of global irradiation.

    Parameters
    ----------
    year
        Hours with ``ghi``, ``dni``, ``dhi`` [W/m2] that hold `minute` minutes after the label.
    there, middle
        Sine of the sun's height, zero at night, at that minute and in mid-hour.
    minute
        Minutes after the label the values hold for.

    Returns
    -------
    pandas.DataFrame
        The same columns; other columns unchanged.
    """
    times = pd.DatetimeIndex(year.index)
    extra = normal_extraterrestrial(times)
    clear = there > numbers().value("retime.low_sun_cos")
    if not clear.any():
        return year
    stamp = np.arange(len(times)) * 60.0 + minute
    wanted = np.arange(len(times)) * 60.0 + MID_HOUR_MIN

    def moved(column: str) -> Array:
        index = year[column].to_numpy()[clear] / (extra * there)[clear]
        return np.asarray(np.interp(wanted, stamp[clear], index) * extra * middle, dtype=float)

    ghi, dhi = moved("ghi"), moved("dhi")
    days = np.arange(len(times)) // HOURS_PER_DAY
    before, after = np.bincount(days, year["ghi"].to_numpy()), np.bincount(days, ghi)
    factor = np.divide(before, after, out=np.ones_like(before), where=after > 0.0)[days]
    ghi = ghi * factor
    dni, dhi = close_beam(ghi, np.minimum(dhi * factor, ghi), middle, extra)
    return year.assign(ghi=ghi, dni=dni, dhi=dhi)
