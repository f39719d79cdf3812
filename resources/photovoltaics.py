"""Photovoltaics: from light on a plane to the AC output of its modules.

References
----------
.. [1] Perez, R. et al. (1990). Modeling daylight availability and irradiance components from direct and global
   irradiance. Solar Energy 44(5), 271-289. doi:10.1016/0038-092X(90)90055-H
.. [2] Faiman, D. (2008). Assessing the outdoor operating temperature of photovoltaic modules. Progress in
   Photovoltaics 16(4), 307-315. doi:10.1002/pip.813
.. [3] Dobos, A. P. (2014). PVWatts Version 5 Manual. NREL/TP-6A20-62641. doi:10.2172/1158421
.. [4] De Soto, W., Klein, S. A., Beckman, W. A. (2006). Improvement and validation of a model for photovoltaic array
   performance. Solar Energy 80(1), 78-88. doi:10.1016/j.solener.2005.06.010
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt
import pandas as pd
from pvlib import atmosphere, iam, inverter, irradiance, pvsystem, temperature
from pydantic import BaseModel, ConfigDict, Field

from layers.constants import Constants, constants

Array = npt.NDArray[np.float64]

W_PER_KW = 1000.0
HORIZON_DEG = 90.0
FULL_CIRCLE_DEG = 360.0
HALF_CIRCLE_DEG = 180.0


def solar_numbers() -> Constants:
    """Return the constants of photovoltaics, ``solar.csv``."""
    return constants("resources", "solar.csv")


def _default(key: str) -> float:
    return solar_numbers().value(key)


class SolarOptions(BaseModel):
    """What the planner may choose about photovoltaics; defaults stand in ``solar.csv`` and ``finance.csv``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    albedo: float = Field(default_factory=lambda: _default("albedo"), ge=0.0, le=1.0)
    """Share of irradiance the ground reflects."""
    losses: float = Field(default_factory=lambda: _default("system.losses"), ge=0.0, lt=1.0)
    """Share of DC output lost to soiling, shading, mismatch, wiring, ageing of the first hours and outages."""
    dc_ac_ratio: float = Field(default_factory=lambda: _default("system.dc_ac_ratio"), ge=0.5, le=3.0)
    """Module capacity per inverter capacity [kWp/kW]."""
    inverter_efficiency: float = Field(default_factory=lambda: _default("system.inverter_efficiency"), gt=0.0, le=1.0)
    """Nominal efficiency of the inverter."""
    gamma: float = Field(default_factory=lambda: _default("module.gamma"), ge=-0.01, le=0.0)
    """Change of module power with cell temperature [1/K]."""
    degradation: float = Field(default_factory=lambda: _default("module.degradation"), ge=0.0, lt=0.1)
    """Share of output lost each year after the first [1/a]."""
    cost_year: float = Field(default_factory=lambda: _default("cost.year"), ge=2000, le=2100)
    """Year whose investment cost is taken."""
    discount_rate: float = Field(
        default_factory=lambda: constants("resources", "finance.csv").value("discount.financial"), ge=0.0, le=0.3
    )
    """Real discount rate of the levelised cost [1/a]."""
    roof: bool = True
    """Count roofs."""
    facade: bool = False
    """Count walls that face the equator."""
    carport: bool = True
    """Count roofs over open car parks."""
    ground: bool = True
    """Count the small share of spare and bare ground."""
    water: bool = True
    """Count floating modules on reservoirs and ponds."""


@dataclass(frozen=True, slots=True)
class PVClass:
    """A class of surfaces that share one plane, mounting and cost; `azimuths_deg` hold equal shares of it."""

    name: str
    surface: str
    tilt_deg: float
    azimuths_deg: tuple[float, ...]
    mount: str
    kwp_per_m2: float
    technology: str

    def facing(self, latitude_deg: float) -> tuple[float, ...]:
        """Return the azimuths [deg] at a latitude: mirrored in the southern hemisphere."""
        if latitude_deg >= 0.0:
            return self.azimuths_deg
        return tuple((HALF_CIRCLE_DEG - azimuth) % FULL_CIRCLE_DEG for azimuth in self.azimuths_deg)


@cache
def pv_classes() -> tuple[PVClass, ...]:
    """Return the classes of ``solar.csv``, sorted by name.

    Examples
    --------
    >>> [c.name for c in pv_classes() if c.surface == "water"]
    ['water_floating']
    """
    rows = solar_numbers().under("class")
    names = sorted({key.split(".", 1)[0] for key in rows})
    return tuple(
        PVClass(
            name=name,
            surface=rows[f"{name}.surface"].text,
            tilt_deg=rows[f"{name}.tilt_deg"].value,
            azimuths_deg=tuple(float(part) for part in rows[f"{name}.azimuths"].text.split(";")),
            mount=rows[f"{name}.mount"].text,
            kwp_per_m2=rows[f"{name}.kwp_per_m2"].value,
            technology=rows[f"{name}.technology"].text,
        )
        for name in names
    )


def plane_irradiance(
    weather: pd.DataFrame, sun: pd.DataFrame, tilt_deg: float, azimuth_deg: float, albedo: float
) -> pd.DataFrame:
    """Return the irradiance on a plane by the anisotropic sky model of Perez [1]_.

    Parameters
    ----------
    weather
        Hours with ``ghi``, ``dni`` and ``dhi`` [W/m2].
    sun
        The sun in the middle of the same hours: ``zenith_deg`` and ``azimuth_deg`` [deg].
    tilt_deg
        Tilt from the horizontal [deg].
    azimuth_deg
        Compass direction the plane faces, north 0, east 90 [deg].
    albedo
        Share of irradiance the ground reflects [1].

    Returns
    -------
    pandas.DataFrame
        ``direct``, ``diffuse`` and ``global`` [W/m2] and the angle of incidence ``aoi_deg`` [deg], index of `weather`.
        Of the diffuse light, ``circumsolar`` comes from around the sun and ``ground`` from below [W/m2]. Zero while the
        sun is below the horizon.

    References
    ----------
    .. [1] Perez et al. (1990), doi:10.1016/0038-092X(90)90055-H
    """
    zenith = sun["zenith_deg"].to_numpy(dtype=np.float64)
    azimuth = sun["azimuth_deg"].to_numpy(dtype=np.float64)
    day = zenith < HORIZON_DEG
    ghi, dni, dhi = (np.where(day, weather[name].to_numpy(dtype=np.float64), 0.0) for name in ("ghi", "dni", "dhi"))
    air_mass = atmosphere.get_relative_airmass(np.where(day, zenith, np.nan))
    extra = irradiance.get_extra_radiation(pd.DatetimeIndex(weather.index).day_of_year.to_numpy())
    with np.errstate(invalid="ignore", divide="ignore"):
        # by position, since the names of the parts changed between versions
        sky, _, circumsolar, _ = irradiance.perez(
            tilt_deg, azimuth_deg, dhi, dni, extra, zenith, azimuth, air_mass, return_components=True
        ).values()
    aoi = irradiance.aoi(tilt_deg, azimuth_deg, zenith, azimuth)
    ground = irradiance.get_ground_diffuse(tilt_deg, ghi, albedo)
    direct = np.where(day, np.nan_to_num(np.maximum(dni * np.cos(np.radians(aoi)), 0.0)), 0.0)
    diffuse = np.where(day, np.nan_to_num(sky + ground), 0.0)
    return pd.DataFrame(
        {
            "direct": direct,
            "diffuse": diffuse,
            "global": direct + diffuse,
            "aoi_deg": aoi,
            "circumsolar": np.where(day, np.nan_to_num(circumsolar), 0.0),
            "ground": np.where(day, ground, 0.0),
        },
        index=weather.index,
    )


def cell_temperature(poa: Array, temp_air: Array, wind_speed: Array, mount: str) -> Array:
    """Return the temperature of the cells by the heat loss factors of Faiman [1]_.

    Parameters
    ----------
    poa
        Irradiance on the plane [W/m2].
    temp_air
        Air temperature [C].
    wind_speed
        Wind speed [m/s].
    mount
        ``open_rack``, ``roof``, ``flush`` or ``insulated``: a key of ``solar.csv``.

    Returns
    -------
    numpy.ndarray
        Cell temperature [C].

    References
    ----------
    .. [1] Faiman (2008), doi:10.1002/pip.813
    """
    numbers = solar_numbers()
    cells: Array = temperature.faiman(
        poa, temp_air, wind_speed, numbers.value(f"mount.{mount}.u0"), numbers.value(f"mount.{mount}.u1")
    )
    return cells


def dc_output(plane: pd.DataFrame, weather: pd.DataFrame, mount: str, options: SolarOptions) -> Array:
    """Return the DC output after losses per capacity [kW/kWp]: beam reduced by reflection, power by temperature.

    Parameters
    ----------
    plane
        Result of `plane_irradiance`.
    weather
        The same hours with ``temp_air`` [C] and ``wind_speed`` [m/s].
    mount
        Air flow behind the module, a key of ``solar.csv``.
    options
        Losses and temperature coefficient.

    Returns
    -------
    numpy.ndarray
        DC output [kW/kWp].

    References
    ----------
    .. [1] Dobos (2014), PVWatts Version 5 Manual, doi:10.2172/1158421, equation 8
    .. [2] De Soto, Klein, Beckman (2006), doi:10.1016/j.solener.2005.06.010
    """
    air = weather["temp_air"].to_numpy(dtype=np.float64)
    wind = weather["wind_speed"].to_numpy(dtype=np.float64)
    cells = cell_temperature(plane["global"].to_numpy(), air, wind, mount)
    passed = iam.physical(plane["aoi_deg"].to_numpy(), n=solar_numbers().value("module.refractive_index"))
    effective = plane["direct"].to_numpy() * passed + plane["diffuse"].to_numpy()
    dc: Array = pvsystem.pvwatts_dc(effective, cells, 1.0, options.gamma) * (1.0 - options.losses)
    return np.maximum(dc, 0.0)


def ac_output(dc: Array, options: SolarOptions) -> Array:
    """Return the AC output per module capacity [kW/kWp], clipped at the inverter's rating [1]_.

    Parameters
    ----------
    dc
        DC output [kW/kWp].
    options
        Ratio of module to inverter capacity, and the inverter's efficiency.

    Returns
    -------
    numpy.ndarray
        AC output [kW/kWp], at most ``1 / dc_ac_ratio``.

    References
    ----------
    .. [1] Dobos (2014), PVWatts Version 5 Manual, doi:10.2172/1158421, equations 10 to 12
    """
    dc_limit = 1.0 / options.dc_ac_ratio / options.inverter_efficiency
    ac: Array = inverter.pvwatts(
        dc, dc_limit, options.inverter_efficiency, solar_numbers().value("system.inverter_reference")
    )
    return ac
