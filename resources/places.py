"""Sunlight at single places, hour by hour: a few cells of a roof, a piece of a wall, an instrument on a mast."""

import numpy as np
from numpy.typing import NDArray

from layers.surface import Surface
from layers.weather.light import SkyLight
from resources.hours import hourly_sky, sun_tangents
from resources.irradiation import sectors_beside, seen_shares
from resources.sightlines import AROUND, Facets, ground_near, place_horizons, seen_facets
from resources.surroundings import Reals, Surroundings
from resources.terrain import Terrain, place_hills
from resources.tiles import REACH_M

Floats = NDArray[np.float64]

PLACE_DIRECTIONS = 360
"""Directions the horizon of a single place is told in: the sun moves from one to the next in some four minutes."""
TOGETHER = 64
"""Facets whose hours are in memory at once."""


def hourly_light(
    surface: Surface,
    places: Floats,
    normal: Floats,
    light: SkyLight,
    albedo: float,
    *,
    reach_m: float = REACH_M,
    directions: int = PLACE_DIRECTIONS,
    terrain: Terrain | None = None,
) -> tuple[Floats, Floats]:
    """Return the irradiance on one plane between its surroundings, as the mean of places on it, hours [W/m2].

    The first is the sun's beam, the second all other light. What hides the sky is looked at facet by facet, and throws
    back its share of what the sun and the sky give it in each hour.

    Parameters
    ----------
    surface
        Heights.
    places
        As of `sightlines.place_horizons`.
    normal
        Unit vector of the plane, east, north, up.
    light
        The hours, or parts of hours.
    albedo
        Share of light that ground and walls throw back.
    reach_m
        How far to look [m].
    directions
        How many, see `horizon.azimuths`.
    terrain
        Ground farther away than that; without it there are no hills.
    """

    def horizons(seen_from: Floats, count: int, planes: Floats | None = None) -> Floats:
        near = place_horizons(surface, seen_from, reach_m, count, planes)
        return near if terrain is None else np.maximum(near, place_hills(terrain, seen_from, reach_m, count))

    own = horizons(places, directions, np.broadcast_to(normal, (len(places), 3)))
    beam, diffuse, seen = hourly_sky(light, own, normal)
    if albedo == 0.0:
        return beam, diffuse
    facets = seen_facets(surface, places, normal, own, max(1.0 - seen, 0.0), reach_m)
    around = ground_near(surface, places[:, :2].mean(axis=0))
    ground = horizons(around, AROUND) if len(around) else None
    lit = _light_of_facets(light, facets, horizons(facets.places, AROUND, facets.normals), albedo, ground)
    return beam, np.asarray(diffuse + albedo * (lit + facets.elsewhere * light.ghi))


def _light_of_facets(light: SkyLight, facets: Facets, tangents: Floats, albedo: float, ground: Floats | None) -> Floats:
    """Return what facets get, each by its share, hours [W/m2].

    The light around the sun is taken as that of the sun. What facets get from each other is that of surroundings which
    are spread evenly.

    Parameters
    ----------
    light
        The hours.
    facets
        What is seen.
    tangents
        Their horizons, facets x directions.
    albedo
        Share of light that ground and walls throw back.
    ground
        Horizons of places on the ground around, places x directions; none if it lies open.
    """
    directions = tangents.shape[1]
    shares = facets.shares
    up = np.flatnonzero((light.direction[:, 2] > 0.0) & (light.ghi > 0.0))
    towards = light.direction[up]
    sun, beside = sun_tangents(towards), sectors_beside(towards, directions)
    facing = np.zeros(len(light.ghi))
    for first in range(0, len(shares), TOGETHER):
        some = slice(first, first + TOGETHER)
        lit = sum(weight * (sun > tangents[some, sector]) for sector, weight in beside)
        facing[up] += shares[some] @ (np.maximum(facets.normals[some] @ towards.T, 0.0) * lit)
    seen, band = (float(shares @ part) for part in seen_shares(tangents, facets.normals, directions))
    even = np.maximum(light.dhi - light.glow * np.maximum(light.direction[:, 2], 0.0), 0.0)
    found = (light.dni + light.glow) * facing + even * seen + light.band * band
    over = np.where(light.ghi > 0.0, light.ghi, np.inf)
    surroundings = Surroundings(albedo, light.ghi, light.on_walls(albedo) / over, np.empty((0, 0)))
    before: Reals = light.ghi
    if ground is not None:
        *reached, open_sky = hourly_sky(light, ground, np.array([0.0, 0.0, 1.0]))
        before = surroundings.on_ground(np.minimum(sum(reached), light.ghi), open_sky)
    total = float(shares.sum())
    if total > 0.0:
        found += total * surroundings.thrown_back(seen / total, float(shares @ facets.normals[:, 2]) / total, before)
    return np.asarray(found)
