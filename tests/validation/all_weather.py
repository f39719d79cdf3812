"""A sky of the all-weather model, point by point: it knows nothing of how the package spreads the sky's light.

Perez, Seals and Michalsky (1993), doi:10.1016/0038-092X(93)90017-I. Their coefficients stand in ``all_weather.csv``, by
the clearness from which on they hold.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pvlib import atmosphere

from layers.weather.light import SkyLight

Floats = NDArray[np.float64]

HEIGHTS, TURNS = 45, 180
"""Points of the mesh from horizon to zenith and around: one for each 2 by 2 degrees."""
KAPPA = 1.041
"""Constant of the clearness for zenith angles in radians."""


@cache
def coefficients() -> tuple[Floats, Floats]:
    """Return the clearness from which on each bin holds, and the coefficients, bins x a to e x 4."""
    table = pd.read_csv(Path(__file__).with_suffix(".csv"))
    return table["clearness_from"].to_numpy(), table.iloc[:, 1:].to_numpy().reshape(-1, 5, 4)


def mesh() -> tuple[Floats, Floats]:
    """Return unit vectors to the points of the sky, points x 3 (east, north, up), and their solid angles [sr]."""
    height = (np.arange(HEIGHTS) + 0.5) * 0.5 * np.pi / HEIGHTS
    turn = (np.arange(TURNS) + 0.5) * 2.0 * np.pi / TURNS
    up, around = (values.ravel() for values in np.meshgrid(height, turn, indexing="ij"))
    towards = np.column_stack([np.cos(up) * np.sin(around), np.cos(up) * np.cos(around), np.sin(up)])
    return towards, np.cos(up) * (0.5 * np.pi / HEIGHTS) * (2.0 * np.pi / TURNS)


def shape(zenith: Floats, dni: Floats, dhi: Floats, extra: Floats) -> Floats:
    """Return the coefficients a to e of relative radiance, hours x 5.

    Parameters
    ----------
    zenith
        Angle of the sun from the vertical [rad].
    dni, dhi, extra
        Beam, diffuse light on the horizontal, beam outside of the atmosphere [W/m2]; diffuse light must be positive.
    """
    bins, table = coefficients()
    clearness = ((dhi + dni) / dhi + KAPPA * zenith**3) / (1.0 + KAPPA * zenith**3)
    brightness = dhi * atmosphere.get_relative_airmass(np.degrees(zenith)) / extra
    # Radiance's gendaylit keeps it within what the model was made from, and so do we
    brightness = np.clip(brightness, 0.01, 0.6)
    brightness = np.where((clearness > bins[1]) & (clearness < bins[5]), np.maximum(brightness, 0.2), brightness)
    number = np.maximum(np.searchsorted(bins, clearness, side="right") - 1, 0)
    one, two, three, four = np.moveaxis(table[number], -1, 0)
    light, angle = brightness[:, None], zenith[:, None]
    found = one + two * angle + light * (three + four * angle)
    overcast = number == 0  # there c and d have forms of their own
    slope = (light * (one + two * angle))[overcast]
    three, four = three[overcast], four[overcast]
    found[overcast, 2] = np.exp(slope[:, 2] ** three[:, 2]) - four[:, 2]
    found[overcast, 3] = -np.exp(slope[:, 3]) + three[:, 3] + brightness[overcast] * four[:, 3]
    return np.asarray(found)


@dataclass(frozen=True)
class AllWeather(SkyLight):
    """The light of some hours, the sky's as that of many points.

    All diffuse light is that of points: nothing is left to come evenly or from a band. While the sun is down the sky is
    even.

    Attributes
    ----------
    extra
        Beam outside of the atmosphere [W/m2].
    """

    extra: Floats

    def radiance(self) -> tuple[Floats, Floats]:
        """Return unit vectors to points, points x 3, and their light on a plane that faces them, points x hours [W/m2].

        In each hour it adds up to the diffuse light on the horizontal.
        """
        towards, angle = mesh()
        found = np.broadcast_to(angle[:, None], (len(angle), len(self.dhi))).copy()
        lit = (self.direction[:, 2] > 0.0) & (self.dhi > 0.0)
        a, b, c, d, e = shape(np.radians(self.zenith_deg[lit]), self.dni[lit], self.dhi[lit], self.extra[lit]).T
        near = np.clip(towards @ self.direction[lit].T, -1.0, 1.0)
        upright = 1.0 + a * np.exp(b / towards[:, 2:])
        found[:, lit] *= np.maximum(upright * (1.0 + c * np.exp(d * np.arccos(near)) + e * near**2), 0.0)
        return towards, found * (self.dhi / (towards[:, 2] @ found))

    def sources(self) -> Iterator[tuple[Floats, Floats]]:
        """Give the sun, then the points of the sky; see `SkyLight.sources`."""
        yield self.direction, self.dni
        for towards, given in zip(*self.radiance(), strict=True):
            yield np.broadcast_to(towards, (len(given), 3)), given

    @property
    def even(self) -> Floats:
        """None."""
        return np.zeros_like(self.dhi)


def all_weather(light: SkyLight, extra: Floats) -> AllWeather:
    """Return the same light from a sky of the all-weather model; `extra` is the beam outside of the atmosphere [W/m2].

    The direction to the sun must be a unit vector: that of a moment, not of an hour's mean.
    """
    nothing = np.zeros_like(light.dhi)
    return AllWeather(light.direction, light.dni, light.dhi, light.ghi, nothing, nothing, light.zenith_deg, extra)
