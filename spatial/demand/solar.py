"""Irradiance on the four facades and the roof."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pvlib import irradiance

from layers.weather.sun import sun_position

Floats = NDArray[np.float64]

SURFACES = {
    "north": (90.0, 0.0),
    "east": (90.0, 90.0),
    "south": (90.0, 180.0),
    "west": (90.0, 270.0),
    "roof": (0.0, 0.0),
}
"""Tilt and azimuth [deg] of the surfaces a building sees the sun with."""


def surface_irradiance(weather: pd.DataFrame, site: pd.DataFrame, albedo: float) -> pd.DataFrame:
    """Return the irradiance on each of `SURFACES` [W/m2], hours x surfaces.

    Diffuse light by the model of Perez in the continuous form of Driesse et al. (2024),
    doi:10.1016/j.solener.2023.112093; sun at mid-hour.

    Parameters
    ----------
    weather, site
        Tables WEATHER and SITE.
    albedo
        Share of light the ground throws back.
    """
    times = pd.DatetimeIndex(weather.index)
    sun = sun_position(site, times)
    extra = irradiance.get_extra_radiation(times.day_of_year.to_numpy())
    columns = {}
    for name, (tilt, azimuth) in SURFACES.items():
        total: Any = irradiance.get_total_irradiance(
            tilt,
            azimuth,
            sun["zenith_deg"],
            sun["azimuth_deg"],
            weather["dni"],
            weather["ghi"],
            weather["dhi"],
            dni_extra=extra,
            albedo=albedo,
            model="perez-driesse",
        )
        columns[name] = np.nan_to_num(np.asarray(total["poa_global"], dtype=np.float64)).clip(min=0.0)
    return pd.DataFrame(columns, index=times)
