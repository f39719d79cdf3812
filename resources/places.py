"""Sunlight at single places, hour by hour: a few cells of a roof, a piece of a wall, an instrument on a mast."""

import numpy as np
from numpy.typing import NDArray

from layers.surface import Surface
from layers.weather.light import SkyLight
from resources.hours import hourly_sky, sun_tangents
from resources.irradiation import sectors_beside, seen_shares
from resources.sightlines import AROUND, Facets, on_planes, place_horizons, seen_facets
from resources.terrain import Terrain, place_hills
from resources.tiles import REACH_M

Floats = NDArray[np.float64]

PLACE_DIRECTIONS = 360
"""Directions the horizon of a single place is told in: the sun moves from one to the next in some four minutes."""
TOGETHER = 64
"""Facets whose hours are in memory at once."""
MOST_AGAIN = 1.0 - 1e-6
"""Share of light that facets may throw to and fro between them."""
UNIT = 1e-3
"""How far the length of a unit vector may be from one."""


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

    Raises
    ------
    ValueError
        If a place is not on the surface's grid or has no height, there is none, the normal is no unit vector, the
        albedo no share, or the terrain in another CRS.
    """
    places, normal = np.asarray(places, dtype=np.float64), np.asarray(normal, dtype=np.float64)
    _check(surface, places, normal, albedo, terrain)

    def horizons(seen_from: Floats, count: int, planes: Floats) -> Floats:
        near = place_horizons(surface, seen_from, reach_m, count, planes)
        if terrain is None or not len(seen_from):
            return near
        return np.maximum(near, place_hills(terrain, seen_from, reach_m, count))

    own = horizons(places, directions, on_planes(normal, len(places)))
    beam, diffuse, seen = hourly_sky(light, own, normal)
    if albedo == 0.0:
        return beam, diffuse
    facets = seen_facets(surface, places, normal, own, max(1.0 - seen, 0.0), reach_m)
    lit = _light_of_facets(light, facets, horizons(facets.places, AROUND, facets.normals), albedo)
    return beam, np.asarray(diffuse + albedo * (lit + facets.elsewhere * light.ghi))


def _check(surface: Surface, places: Floats, normal: Floats, albedo: float, terrain: Terrain | None) -> None:
    """Raise an error that names what cannot be."""
    if places.ndim != 2 or places.shape[1] != 3 or not len(places):
        raise ValueError(f"places are n x 3, of two coordinates and a height, not of shape {places.shape}")
    west, south, east, north = surface.grid.bounds
    x, y = places[:, 0], places[:, 1]
    wrong = ~np.isfinite(places).all(axis=1) | ~((x >= west) & (x < east) & (y > south) & (y <= north))
    if wrong.any():
        first = int(np.argmax(wrong))
        raise ValueError(
            f"{wrong.sum()} of {len(places)} places have no height or lie off the surface, as number {first}: "
            f"{places[first].tolist()}; its grid reaches from {west:g}, {south:g} to {east:g}, {north:g}"
        )
    if normal.shape != (3,) or not abs(np.linalg.norm(normal) - 1.0) < UNIT:
        raise ValueError(f"a normal is a unit vector, east, north, up, not {normal.tolist()}")
    if not 0.0 <= albedo <= 1.0:
        raise ValueError(f"an albedo lies in 0 to 1, not {albedo:g}")
    if terrain is not None and not terrain.surface.grid.crs.equals(surface.grid.crs):
        raise ValueError("the terrain is not in the CRS of the surface")


def _light_of_facets(light: SkyLight, facets: Facets, tangents: Floats, albedo: float) -> Floats:
    """Return what facets get, each by its share, hours [W/m2].

    The light around the sun is taken as that of the sun. Where facets do not see the sky they see others as bright as
    the mean of them all, so that what is thrown to and fro between them is a geometric series.

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
    """
    shares = facets.shares
    total = float(shares.sum())
    if total == 0.0:
        return np.zeros_like(light.ghi)
    directions = tangents.shape[1]
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
    # less than all of it: in a closed box with mirrors for walls there is no light to begin with
    again = min(albedo * max(1.0 - seen / total, 0.0), MOST_AGAIN)
    return np.asarray(found / (1.0 - again))
