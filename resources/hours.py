"""Irradiation of one plane hour by hour, where its horizon is known."""

import numpy as np
from numpy.typing import NDArray

from layers.weather.light import SkyLight
from resources.horizon import azimuths
from resources.irradiation import hidden_shares, sectors_beside, seen_shares
from resources.surroundings import Reals, Surroundings

Floats = NDArray[np.float64]


def hourly_irradiance(
    light: SkyLight, tangents: Floats, normal: Floats, albedo: float, around: Floats | None = None
) -> tuple[Floats, Floats]:
    """Return the irradiance on one plane that sees a horizon, hours [W/m2]: the sun's beam, and all other light.

    Parameters
    ----------
    light
        The hours.
    tangents
        Tangent of the horizon, points x directions; of several points of the plane their mean is returned.
    normal
        Unit vector of the plane, east, north, up.
    albedo
        Share of light that ground and walls throw back.
    around
        Horizons of places on the ground around, places x directions; without them it lies open.
    """
    beam, diffuse, seen = _hourly_sky(light, tangents, normal)
    directions = tangents.shape[1]
    over = np.where(light.ghi > 0.0, light.ghi, np.inf)
    facing = light.on_walls_facing(azimuths(directions) + 180.0, albedo).T / over
    surroundings = Surroundings(albedo, light.ghi, light.on_walls(albedo) / over, facing)
    ground: Reals = light.ghi
    if around is not None:
        *reached, open_sky = _hourly_sky(light, around, np.array([0.0, 0.0, 1.0]))
        ground = surroundings.on_ground(np.minimum(sum(reached), light.ghi), open_sky)
    facets = np.broadcast_to(normal, (len(tangents), 3))
    hidden = hidden_shares(tangents, facets, directions).mean(axis=0)
    return beam, np.asarray(diffuse + surroundings.thrown_back(seen, float(normal[2]), ground, hidden))


def _hourly_sky(light: SkyLight, tangents: Floats, normal: Floats) -> tuple[Floats, Floats, float]:
    """Return what a plane gets from the sun and from the sky in each hour [W/m2], and its share of an even sky.

    All three are means of points.
    """
    directions = tangents.shape[1]
    found = []
    for towards, given in light.sources():
        sun = towards[:, 2] / np.maximum(np.hypot(towards[:, 0], towards[:, 1]), 1e-9)
        share = np.zeros(len(given))
        for sector, weight in sectors_beside(towards, directions):
            share += weight * (sun > tangents[:, sector]).mean(axis=0)
        found.append(given * np.maximum(towards @ normal, 0.0) * (towards[:, 2] > 0.0) * share)
    seen, band = seen_shares(tangents, normal, directions)
    diffuse = np.sum(found[1:], axis=0) + light.even * seen + light.band * band
    return found[0], np.maximum(diffuse, 0.0), seen
