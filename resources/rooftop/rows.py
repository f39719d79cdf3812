"""Rows of modules: how far apart they stand, how they shade each other and how much of the sky they see.

Rows are long, so all happens in the upright plane square to them.

References
----------
.. [1] GB 50797-2012, 光伏发电站设计规范, clause 7.2.2 and its explanation: no row shades the next from 9:00 to 15:00
   true solar time on the day of the winter solstice.
.. [2] Anderson, K. S., Jensen, A. R. (2024). Shaded fraction and backtracking in single-axis trackers on rolling
   terrain. Journal of Renewable and Sustainable Energy 16, 023504. doi:10.1063/5.0202220
.. [3] Hottel, H. C., Sarofim, A. F. (1967). Radiative Transfer. McGraw-Hill, section 2-5, crossed strings.
"""

import numpy as np
import pandas as pd
from pvlib import shading

from layers.constants import Constants, constants

NOON_H = 12.0
DEG_PER_HOUR = 15.0
QUARTER_DEG = 90.0
TOUCH = 1e-9
"""Part of a block that rounding may take away."""


def numbers() -> Constants:
    """Return the constants of roofs, ``rooftop.csv``."""
    return constants("resources.rooftop", "rooftop.csv")


def figure(key: str) -> float:
    """Return one number of ``rooftop.csv``."""
    return numbers().value(key)


def shadow_ratio(latitude_deg: float, clear_from_h: float) -> float:
    """Return the longest shadow of a row within the window of the winter solstice, over the row's height [m/m].

    Only the part of the shadow along the row's normal counts, as rows are long. With latitude L, declination d and hour
    angle w it is ``(cos d cos w sin L - sin d cos L) / (sin d sin L + cos d cos L cos w)``. Its slope over cos w has
    the sign of ``sin d cos d``, so in winter it grows with the distance from noon: the window's ends decide [1]_.

    Parameters
    ----------
    latitude_deg
        Latitude, of either hemisphere [deg].
    clear_from_h
        True solar time at which the window begins [h].

    Raises
    ------
    ValueError
        If the sun is not up when the window begins.

    References
    ----------
    .. [1] GB 50797-2012, explanation of clause 7.2.2: ``(0.707 tan L + 0.4338) / (0.707 - 0.4338 tan L)`` at 9:00.

    Examples
    --------
    >>> round(shadow_ratio(29.8, 9.0), 3)
    1.829
    """
    latitude = np.radians(abs(latitude_deg))
    declination = np.radians(figure("clear.declination"))
    cosine = np.cos(np.radians(DEG_PER_HOUR * (NOON_H - clear_from_h)))
    up = np.sin(declination) * np.sin(latitude) + np.cos(declination) * np.cos(latitude) * cosine
    towards = np.cos(declination) * cosine * np.sin(latitude) - np.sin(declination) * np.cos(latitude)
    if up <= 0.0:
        raise ValueError(
            f"at latitude {latitude_deg:g} no sun is up at {clear_from_h:g} h true solar time on the shortest day, "
            "so no distance keeps rows clear of shade; give a later clear_from_h, or lay modules flush or east-west"
        )
    return float(towards / up)


def row_pitch_m(slant_m: float, tilt_deg: float, latitude_deg: float, clear_from_h: float) -> float:
    """Return the least distance of rows that face the equator, from edge to same edge [m].

    Parameters
    ----------
    slant_m
        Height of a row along its slope [m].
    tilt_deg
        Tilt of the row [deg].
    latitude_deg
        Latitude [deg].
    clear_from_h
        True solar time from which rows are clear of each other's shade at the winter solstice [h].

    Examples
    --------
    >>> round(row_pitch_m(2.278, 22.0, 29.8, 9.0), 2)
    3.67
    """
    tilt = np.radians(tilt_deg)
    return float(slant_m * (np.cos(tilt) + np.sin(tilt) * shadow_ratio(latitude_deg, clear_from_h)))


def pair_pitch_m(slant_m: float, tilt_deg: float, valley_m: float) -> float:
    """Return the distance of two pairs of rows back to back within a block [m].

    Examples
    --------
    >>> pair_pitch_m(1.0, 0.0, 0.1)
    2.1
    """
    return float(2.0 * slant_m * np.cos(np.radians(tilt_deg)) + valley_m)


def row_sky_view(tilt_deg: float, cover: float) -> float:
    """Return the mean view of the sky from a row behind others [1], by crossed strings [1]_.

    Parameters
    ----------
    tilt_deg
        Tilt of the rows [deg].
    cover
        Slant height of the rows over their distance [1]; zero for a plane by itself.

    References
    ----------
    .. [1] Hottel, Sarofim (1967), Radiative Transfer, section 2-5.

    Examples
    --------
    >>> row_sky_view(60.0, 0.0), row_sky_view(0.0, 0.5)
    (0.75, 1.0)
    """
    cosine = np.cos(np.radians(tilt_deg))
    if cover == 0.0:
        return float(0.5 * (1.0 + cosine))
    distance = 1.0 / cover
    return float(0.5 * (1.0 + distance - np.sqrt(1.0 - 2.0 * distance * cosine + distance**2)))


def behind_rows(
    plane: pd.DataFrame, sun: pd.DataFrame, tilt_deg: float, azimuth_deg: float, cover: float
) -> pd.DataFrame:
    """Return the irradiance on rows behind others, which take a part of the light of a plane by itself.

    Beam and the light around the sun are lost where the row in front throws its shadow [1]_, in whole blocks of a
    module; even light of the sky is lost with the view of it. Light from the ground is left out: rows inside a field
    see the dark side of the next row instead.

    Parameters
    ----------
    plane
        Result of `plane_irradiance`.
    sun
        ``zenith_deg`` and ``azimuth_deg`` of the same hours [deg].
    tilt_deg, azimuth_deg
        The rows' tilt and direction [deg].
    cover
        Slant height of the rows over their distance [1]; zero for a plane by itself.

    Returns
    -------
    pandas.DataFrame
        ``direct``, ``diffuse``, ``global`` [W/m2] and ``aoi_deg`` [deg].

    References
    ----------
    .. [1] Anderson, Jensen (2024), doi:10.1063/5.0202220, equation 12
    """
    wanted = plane[["direct", "diffuse", "global", "aoi_deg"]]
    if cover == 0.0 or tilt_deg == 0.0:
        return wanted
    with np.errstate(divide="ignore", invalid="ignore"):
        shadow = shading.shaded_fraction1d(
            sun["zenith_deg"].to_numpy(),
            sun["azimuth_deg"].to_numpy(),
            azimuth_deg - QUARTER_DEG,
            tilt_deg,
            collector_width=cover,
            pitch=1.0,
        )
    blocks = figure("shade.blocks")
    lit = 1.0 - np.ceil(np.nan_to_num(shadow) * blocks - TOUCH) / blocks
    seen = row_sky_view(tilt_deg, cover) / row_sky_view(tilt_deg, 0.0)
    even = plane["diffuse"] - plane["circumsolar"] - plane["ground"]
    direct = plane["direct"] * lit
    diffuse = (plane["circumsolar"] * lit + even * seen).clip(lower=0.0)
    return wanted.assign(direct=direct, diffuse=diffuse, **{"global": direct + diffuse})
