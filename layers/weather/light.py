"""The light of each hour in parts: beam, light around the sun, even light of the sky, and a band at the horizon."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pvlib import irradiance

from layers.weather.sun import sun_position

Floats = NDArray[np.float64]

LOWEST_SUN = 0.08715574274765817
"""Cosine of 85 degrees: the model of Perez takes the sun no lower."""
GLOW_DEG = 25.0
"""Half angle of the brighter sky around the sun, Perez et al. (1987), doi:10.1016/S0038-092X(87)80031-2."""
GLOW_RINGS = 3
"""Rings of points that stand for it, with 6, 12 and 18 points of equal parts of the sky, and one in the middle."""


@dataclass(frozen=True)
class SkyLight:
    """The light of 8,760 hours.

    Attributes
    ----------
    direction
        Hours x 3: mean over the hour of the unit vector to the sun, east, north, up.
    dni, dhi, ghi
        Beam on a plane that faces the sun, diffuse and global light on the horizontal [W/m2].
    circumsolar, band
        Diffuse light times the brightness F1 and F2 of Perez [W/m2]: what comes from around the sun on the horizontal,
        and what a wall gets from the band at the horizon.
    zenith_deg
        Apparent angle of the sun from the vertical in mid-hour [deg].
    """

    direction: Floats
    dni: Floats
    dhi: Floats
    ghi: Floats
    circumsolar: Floats
    band: Floats
    zenith_deg: Floats

    @property
    def glow(self) -> Floats:
        """Light from around the sun on a plane that faces it [W/m2]; none while the sun is down."""
        up = self.direction[:, 2]
        return np.where(up > 0.0, self.circumsolar / np.maximum(up, LOWEST_SUN), 0.0)

    def on_walls(self, albedo: float) -> Floats:
        """Return what walls in the open get in the mean of all directions, if the ground throws back a share [W/m2]."""
        # in that mean a wall faces a source by one over pi of what is level of its direction
        facing = sum(np.hypot(towards[:, 0], towards[:, 1]) * given for towards, given in self.sources()) / np.pi
        return np.asarray(facing + 0.5 * self.even + self.band + 0.5 * albedo * self.ghi)

    def on_walls_facing(self, azimuths_deg: Floats, albedo: float) -> Floats:
        """Return what walls in the open get that face some directions [deg], hours x walls [W/m2]; see `on_walls`."""
        angle = np.radians(azimuths_deg)
        faces = np.stack([np.sin(angle), np.cos(angle)])
        found = np.zeros((len(self.ghi), len(angle)))
        for towards, given in self.sources():
            found += given[:, None] * np.maximum(towards[:, :2] @ faces, 0.0)
        return found + (0.5 * self.even + self.band + 0.5 * albedo * self.ghi)[:, None]

    def sources(self) -> Iterator[tuple[Floats, Floats]]:
        """Give the sun and points of the sky around it.

        A point is a direction, hours x 3 (east, north, up), and its light on a plane that faces it [W/m2]. A low sun's
        glow is narrower, so that it stands on the horizon. Together its points give every plane that sees them all what
        the sun's own direction would: only where a roof or the plane itself hides a part do they differ from one.
        """
        yield self.direction, self.dni
        length = np.linalg.norm(self.direction, axis=1)[:, None]
        middle = self.direction / np.maximum(length, 1e-9)
        across = np.cross(middle, [0.0, 0.0, 1.0])
        across /= np.maximum(np.linalg.norm(across, axis=1)[:, None], 1e-9)
        upward = np.cross(across, middle)
        widest = np.minimum(np.radians(GLOW_DEG), np.arcsin(np.clip(middle[:, 2], 0.0, 1.0)))
        rings = [(0.0, 1)] + [(number / (GLOW_RINGS + 0.5), 6 * number) for number in range(1, GLOW_RINGS + 1)]
        count = sum(points for _, points in rings)
        aside = [widest * share for share, _ in rings]
        # what the points have of the middle's direction in the mean
        mean = sum(points * np.cos(angle) for angle, (_, points) in zip(aside, rings, strict=True)) / count
        for angle, (_, points) in zip(aside, rings, strict=True):
            for turn in 2.0 * np.pi * (np.arange(points) + 0.5) / points:
                off = np.cos(turn) * across + np.sin(turn) * upward
                towards = np.cos(angle)[:, None] * middle + np.sin(angle)[:, None] * off
                yield towards * length, self.glow / (mean * count)

    @property
    def even(self) -> Floats:
        """Diffuse light on the horizontal that comes evenly from all of the sky [W/m2]."""
        return np.where(self.direction[:, 2] > 0.0, self.dhi - self.circumsolar, self.dhi)


def _hour_mean(middle: Floats, latitude_deg: float) -> Floats:
    """Return the mean over each hour of the direction to the sun, from that at mid-hour.

    The sun turns about the axis of the earth by 15 degrees, so what of its direction lies across the axis is shorter in
    the mean by ``sin(x) / x``, x = 7.5 degrees. A weather file's beam is a mean over the hour as well; times the
    direction at mid-hour it would be 0.2 % too much on the horizontal.
    """
    latitude, half = np.radians(latitude_deg), np.radians(7.5)
    axis = np.array([0.0, np.cos(latitude), np.sin(latitude)])
    along = (middle @ axis)[:, None] * axis
    return np.asarray(along + (middle - along) * np.sin(half) / half)


def sky_light(weather: pd.DataFrame, site: pd.DataFrame) -> SkyLight:
    """Return the light of each hour in parts.

    Parameters
    ----------
    weather, site
        Tables WEATHER and SITE.

    Notes
    -----
    Brightness of the sky by the model of Perez in the continuous form of Driesse et al. (2024),
    doi:10.1016/j.solener.2023.112093, taken from the components that pvlib returns for a wall facing the sun.
    """
    times = pd.DatetimeIndex(weather.index)
    sun = sun_position(site, times)
    zenith, azimuth = np.radians(sun["zenith_deg"].to_numpy()), np.radians(sun["azimuth_deg"].to_numpy())
    middle = np.column_stack([np.sin(zenith) * np.sin(azimuth), np.sin(zenith) * np.cos(azimuth), np.cos(zenith)])
    direction = _hour_mean(middle, float(site["latitude_deg"].iloc[0]))
    ghi, dni, dhi = (weather[name].to_numpy(dtype=np.float64) for name in ("ghi", "dni", "dhi"))
    parts: Any = irradiance.perez_driesse(
        90.0,
        sun["azimuth_deg"].to_numpy(),
        dhi,
        dni,
        irradiance.get_extra_radiation(times.day_of_year.to_numpy()),
        sun["zenith_deg"].to_numpy(),
        sun["azimuth_deg"].to_numpy(),
        return_components=True,
    )
    facing = np.sin(zenith) / np.maximum(np.cos(zenith), LOWEST_SUN)
    circumsolar = np.nan_to_num(np.asarray(parts["poa_circumsolar"], dtype=np.float64)) / np.maximum(facing, 1e-9)
    return SkyLight(
        direction,
        np.where(direction[:, 2] > 0.0, dni, 0.0),
        dhi,
        ghi,
        circumsolar,
        np.nan_to_num(np.asarray(parts["poa_horizon"], dtype=np.float64)),
        sun["zenith_deg"].to_numpy(dtype=np.float64),
    )
