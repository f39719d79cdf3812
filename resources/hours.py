"""Irradiation of one plane hour by hour, where its horizon is known."""

import numpy as np
from numpy.typing import NDArray

from layers.weather.light import SkyLight
from resources.horizon import azimuths
from resources.irradiation import hidden_shares, sectors_beside, seen_shares
from resources.surroundings import Surroundings

Floats = NDArray[np.float64]


def hourly_irradiance(light: SkyLight, tangents: Floats, normal: Floats, albedo: float) -> tuple[Floats, Floats]:
    """Return the irradiance on one plane among open ground, hours [W/m2]: the sun's beam, and all other light.

    Ground and walls throw back what those of an open place would; `places` finds what they get themselves.

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
    """
    beam, diffuse, seen = hourly_sky(light, tangents, normal)
    directions = tangents.shape[1]
    over = np.where(light.ghi > 0.0, light.ghi, np.inf)
    facing = light.on_walls_facing(azimuths(directions) + 180.0, albedo).T / over
    surroundings = Surroundings(albedo, light.ghi, light.on_walls(albedo) / over, facing)
    facets = np.broadcast_to(normal, (len(tangents), 3))
    hidden = hidden_shares(tangents, facets, directions).mean(axis=0)
    return beam, np.asarray(diffuse + surroundings.thrown_back(seen, float(normal[2]), light.ghi, hidden))


def hourly_sky(light: SkyLight, tangents: Floats, normal: Floats) -> tuple[Floats, Floats, float]:
    """Return what a plane gets from the sun and from the sky in each hour [W/m2], and its share of an even sky.

    All three are means of points.

    Parameters
    ----------
    light, tangents, normal
        As of `hourly_irradiance`.
    """
    directions = tangents.shape[1]
    found = []
    for towards, given in light.sources():
        sun = sun_tangents(towards)
        share = np.zeros(len(given))
        for sector, weight in sectors_beside(towards, directions):
            share += weight * (sun > tangents[:, sector]).mean(axis=0)
        found.append(given * np.maximum(towards @ normal, 0.0) * (towards[:, 2] > 0.0) * share)
    planes = np.broadcast_to(normal, (len(tangents), 3))
    seen, band = (float(shares.mean()) for shares in seen_shares(tangents, planes, directions))
    diffuse = np.sum(found[1:], axis=0) + light.even * seen + light.band * band
    return found[0], np.maximum(diffuse, 0.0), seen


def sun_tangents(towards: Floats) -> Floats:
    """Return the tangent of the height of directions, hours x 3 (east, north, up)."""
    return np.asarray(towards[:, 2] / np.maximum(np.hypot(towards[:, 0], towards[:, 1]), 1e-9))
