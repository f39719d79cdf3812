"""Where the sun stands in the middle of each hour."""

import numpy as np
import pandas as pd
from pvlib import atmosphere, solarposition

HALF_HOUR = pd.Timedelta(minutes=30)


def sun_position(
    site: pd.DataFrame, times: pd.DatetimeIndex, *, pressure_pa: float | None = None, temp_air_c: float | None = None
) -> pd.DataFrame:
    """Return the position of the sun in the middle of each hour, by the SPA of Reda and Andreas [1]_.

    Parameters
    ----------
    site
        One row: latitude and longitude [deg], altitude [m] (contract ``SITE``).
    times
        Time-zone aware labels at the beginning of the hours.
    pressure_pa, temp_air_c
        Yearly means of the air, which bends the light [Pa, C]; without them those of the standard atmosphere at the
        altitude, and of pvlib.

    Returns
    -------
    pandas.DataFrame
        Index `times`; ``zenith_deg``, the apparent (refracted) angle from the vertical [deg], and ``azimuth_deg``,
        the compass direction, north 0, east 90 [deg] (contract ``SUN``).

    Raises
    ------
    ValueError
        If the labels have no time zone.

    References
    ----------
    .. [1] Reda, I., Andreas, A. (2004). Solar position algorithm for solar radiation applications. Solar Energy 76(5),
       577-589. doi:10.1016/j.solener.2003.12.003

    Examples
    --------
    >>> site = pd.DataFrame({"latitude_deg": [0.0], "longitude_deg": [0.0], "altitude_m": [0.0]})
    >>> times = pd.date_range("2017-03-20 11:30", periods=1, freq="h", tz="UTC")
    >>> bool(sun_position(site, times)["zenith_deg"].iloc[0] < 3.0)
    True
    """
    if times.tz is None:
        raise ValueError("the labels of the hours need a time zone")
    place = site.iloc[0]
    altitude = float(place["altitude_m"])
    sun = solarposition.get_solarposition(
        times + HALF_HOUR,
        float(place["latitude_deg"]),
        float(place["longitude_deg"]),
        altitude=altitude,
        pressure=float(atmosphere.alt2pres(altitude)) if pressure_pa is None else pressure_pa,
        **({} if temp_air_c is None else {"temperature": temp_air_c}),
    )
    columns = {"zenith_deg": "apparent_zenith", "azimuth_deg": "azimuth"}
    values = {ours: np.asarray(sun[theirs], dtype=float) for ours, theirs in columns.items()}
    return pd.DataFrame(values, index=times.rename("time"))
