"""What the weather does to a building: the sun's direct and diffuse light, the sky's temperature, air and wind."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from pvlib import clearsky

from layers.errors import Findings
from layers.weather.light import LOWEST_SUN, sky_light
from spatial.demand.building.checks import check_hours
from spatial.demand.building.films import STEFAN_BOLTZMANN
from spatial.demand.building.humidity import humidity_ratio, saturation_pressure
from spatial.demand.building.kernel import KELVIN, LEEWARD_POWER, WINDWARD_POWER

Floats = NDArray[np.float64]

COLUMNS = (
    "sun_east",
    "sun_north",
    "sun_up",
    "dni",
    "dhi",
    "reflected",
    "temp_air",
    "humidity_ratio",
    "temp_sky",
    "wind_speed",
    "circumsolar",
    "band",
    "windward",
    "leeward",
)


@dataclass(frozen=True)
class SkyHours:
    """Hours x `COLUMNS`: what acts on all buildings of a place.

    The direction to the sun (east, north, up) is the mean of its unit vector over the hour; ``reflected`` is the light
    the ground throws back [W/m2], ``circumsolar`` and ``band`` are the diffuse horizontal light times the brightness F1
    and F2 of Perez [W/m2]; temperatures in C, humidity ratio in kg/kg, wind in m/s, and its powers for the films of
    windward and leeward faces.
    """

    table: Floats
    times: pd.DatetimeIndex
    pressure: float
    albedo: float = 0.2

    def with_albedo(self, albedo: float) -> "SkyHours":
        """Return the same hours over ground that throws back another share of the light."""
        table = self.table.copy()
        table[:, COLUMNS.index("reflected")] *= albedo / self.albedo
        return replace(self, table=table, albedo=albedo)

    @property
    def temp_air(self) -> Floats:
        """Air temperature [C], hours."""
        return np.asarray(self.table[:, COLUMNS.index("temp_air")])


def check_sky(sky: SkyHours, findings: Findings) -> None:
    """Report what acts on buildings where it is no year of numbers, or no weather."""
    check_hours(dict(zip(COLUMNS, sky.table.T, strict=True)), "sky", findings)


def cloud_cover(ghi: ArrayLike, zenith_deg: ArrayLike) -> Floats:
    """Return the share of the sky that clouds cover, from the light that reaches the ground.

    Inverts the relation of Kasten and Czeplak (1980), doi:10.1016/0038-092X(80)90391-6, ``G = G_clear (1 - 0.75
    N^3.4)``, with the clear sky of Haurwitz. Where the sun stands lower than 10 degrees, and at night, what was last
    and is next seen is interpolated.

    Parameters
    ----------
    ghi
        Global horizontal irradiance [W/m2].
    zenith_deg
        Angle of the sun from the vertical [deg].
    """
    zenith = np.asarray(zenith_deg, dtype=np.float64)
    clear: Any = clearsky.haurwitz(pd.Series(zenith))
    seen = np.flatnonzero(zenith < 80.0)
    if not len(seen):
        return np.full(len(zenith), 0.5)
    lost = 1.0 - np.asarray(ghi, dtype=np.float64)[seen] / clear["ghi"].to_numpy()[seen]
    covered = np.clip(lost / 0.75, 0.0, 1.0) ** (1.0 / 3.4)
    return np.asarray(np.interp(np.arange(len(zenith)), seen, covered))


def sky_temperature(temp_air: ArrayLike, relative_humidity: ArrayLike, cloud: ArrayLike) -> Floats:
    """Return the temperature of a black sky that radiates as the real one does [C].

    Emissivity of the clear sky by the dew point after Clark and Allen (1978), ``0.787 + 0.764 ln(T_dew / 273 K)``, and
    its rise with clouds by the factor ``1 + 0.0224 n - 0.0035 n2 + 0.00028 n3`` (n in tenths) of Walton (1983), NBSIR
    83-2655.
    """
    air = np.asarray(temp_air, dtype=np.float64)
    vapour = saturation_pressure(air) * np.maximum(np.asarray(relative_humidity, dtype=np.float64), 1.0) / 100.0
    logarithm = np.log(vapour / 611.2)
    dew = 243.12 * logarithm / (17.62 - logarithm)
    tenths = 10.0 * np.asarray(cloud, dtype=np.float64)
    clouded = 1.0 + 0.0224 * tenths - 0.0035 * tenths**2 + 0.00028 * tenths**3
    emissivity = np.minimum((0.787 + 0.764 * np.log((dew + KELVIN) / 273.0)) * clouded, 1.0)
    return np.asarray(emissivity**0.25 * (air + KELVIN) - KELVIN)


def _sky(weather: pd.DataFrame, reckoned: Floats) -> Floats:
    """Return the temperature of the sky [C] from the long waves a weather file tells, else as reckoned."""
    if "ghi_infrared" not in weather:
        return reckoned
    told = weather["ghi_infrared"].to_numpy(dtype=np.float64)
    return np.where(np.isfinite(told), (told / STEFAN_BOLTZMANN) ** 0.25 - KELVIN, reckoned)


def sky_hours(weather: pd.DataFrame, site: pd.DataFrame, albedo: float = 0.2) -> SkyHours:
    """Return what acts on buildings each hour.

    Parameters
    ----------
    weather, site
        Tables WEATHER and SITE.
    albedo
        Share of light the ground throws back.

    Raises
    ------
    InputError
        If the weather is no year of numbers, lacks a column or holds what no weather is; the columns are named.

    Notes
    -----
    The temperature of the sky is that of the file's long waves where it tells them.
    """
    named = ["ghi", "dni", "dhi", "temp_air", "relative_humidity", "wind_speed", "pressure"]
    findings = Findings()
    for name in named:
        if name not in weather:
            findings.error("weather", f"there is no {name}", f"add a column {name}", column=name)
    check_hours({name: weather[name].to_numpy() for name in named if name in weather}, "weather", findings)
    findings.raise_errors()
    times = pd.DatetimeIndex(weather.index)
    light = sky_light(weather, site)
    temperature, humidity = weather["temp_air"].to_numpy(), weather["relative_humidity"].to_numpy()
    values = np.column_stack(
        [
            light.direction,
            light.dni,
            light.dhi,
            albedo * light.ghi,
            temperature,
            humidity_ratio(temperature, humidity, weather["pressure"]),
            _sky(weather, sky_temperature(temperature, humidity, cloud_cover(light.ghi, light.zenith_deg))),
            weather["wind_speed"].to_numpy(),
            light.circumsolar,
            light.band,
            weather["wind_speed"].to_numpy() ** WINDWARD_POWER,
            weather["wind_speed"].to_numpy() ** LEEWARD_POWER,
        ]
    )
    return SkyHours(np.ascontiguousarray(values, dtype=np.float64), times, float(weather["pressure"].mean()), albedo)


def irradiance_on(sky: SkyHours, tilt_deg: float, azimuth_deg: float) -> Floats:
    """Return the light on a plane without obstacles [W/m2], each hour, as the building model reckons it.

    Parameters
    ----------
    sky
        The hours.
    tilt_deg, azimuth_deg
        Tilt from the horizontal, and compass direction it faces [deg].
    """
    tilt, azimuth = np.radians(tilt_deg), np.radians(azimuth_deg)
    normal = np.array([np.sin(tilt) * np.sin(azimuth), np.sin(tilt) * np.cos(azimuth), np.cos(tilt)])
    hours = dict(zip(COLUMNS, sky.table.T, strict=True))
    cosine = np.maximum(sky.table[:, :3] @ normal, 0.0)
    around = hours["circumsolar"] * cosine / np.maximum(hours["sun_up"], LOWEST_SUN)
    isotropic = (hours["dhi"] - hours["circumsolar"]) * 0.5 * (1.0 + np.cos(tilt))
    diffuse = np.maximum(around + isotropic + hours["band"] * np.sin(tilt), 0.0)
    return np.asarray(hours["dni"] * cosine + diffuse + hours["reflected"] * 0.5 * (1.0 - np.cos(tilt)))
