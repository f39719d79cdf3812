"""Moist air: saturation pressure, humidity ratio."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

MOLAR_RATIO = 0.621945
"""Molar mass of water over that of dry air, ASHRAE Fundamentals 2017, chapter 1, equation 20."""


def saturation_pressure(temperature: ArrayLike) -> Floats:
    """Return the saturation vapour pressure over water [Pa] at a temperature [C].

    Magnus formula of WMO-No. 8 (2014), annex 4.B: ``611.2 exp(17.62 t / (243.12 + t))``, valid from -45 to 60 C.
    """
    t = np.asarray(temperature, dtype=np.float64)
    return np.asarray(611.2 * np.exp(17.62 * t / (243.12 + t)))


def humidity_ratio(temperature: ArrayLike, relative_humidity: ArrayLike, pressure: ArrayLike) -> Floats:
    """Return the humidity ratio [kg/kg] of air of a temperature [C], relative humidity [%] and pressure [Pa].

    ASHRAE Fundamentals 2017, chapter 1, equation 20.
    """
    vapour = saturation_pressure(temperature) * np.asarray(relative_humidity, dtype=np.float64) / 100.0
    return np.asarray(MOLAR_RATIO * vapour / (np.asarray(pressure, dtype=np.float64) - vapour))
