"""Sunlight at single places, hour by hour: a few cells of a roof, a piece of a wall, an instrument on a mast."""

import math

import numpy as np
from numpy.typing import NDArray

from layers.surface import Surface
from layers.weather.light import SkyLight
from resources.horizon import DIRECTIONS, point_horizons
from resources.hours import hourly_irradiance
from resources.terrain import Terrain, place_hills
from resources.tiles import PATCH_M, REACH_M

Floats = NDArray[np.float64]


def place_horizons(
    surface: Surface,
    places: Floats,
    reach_m: float = REACH_M,
    directions: int = DIRECTIONS,
    planes: Floats | None = None,
) -> NDArray[np.float64]:
    """Return the tangent of the horizon of places, places x directions.

    Parameters
    ----------
    surface
        Heights.
    places
        Places x 3: coordinates in the CRS of the surface, and height as that of the surface [m].
    reach_m
        How far to look [m].
    directions
        How many, see `horizon.azimuths`.
    planes
        Normals of the planes that the places lie on, see `horizon.point_horizons`.
    """
    out = np.empty((len(places), directions))
    grid, cell = surface.grid, surface.cell
    reach = math.ceil(reach_m / cell) + 1
    column = np.floor((places[:, 0] - grid.x0) / cell).astype(np.int64)
    row = np.floor((grid.y0 - places[:, 1]) / cell).astype(np.int64)
    # places that lie near each other look at one window
    group = np.stack([row // reach, column // reach], axis=1)
    for one in np.unique(group, axis=0):
        mine = np.flatnonzero((group == one).all(axis=1))
        top, left = one * reach - reach
        window = surface.block(int(top), int(left), 3 * reach, 3 * reach)
        lowest = np.float32(np.nanmin(window)) if np.isfinite(window).any() else np.float32(0.0)
        west, north = grid.x0 + left * cell, grid.y0 - top * cell
        spots = np.column_stack([places[mine, 0] - west, north - places[mine, 1], places[mine, 2] - lowest])
        out[mine] = point_horizons(
            window - lowest, cell, spots, reach_m, directions, None if planes is None else planes[mine]
        )
    return out


def ground_near(surface: Surface, place: Floats) -> Floats:
    """Return places on the ground around a place, n x 3: the lowest cells of patches that are not of a roof.

    Parameters
    ----------
    surface
        Heights.
    place
        Two coordinates in the CRS of the surface.
    """
    grid, cell, side = surface.grid, surface.cell, math.ceil(PATCH_M / surface.cell)
    left = math.floor((place[0] - grid.x0) / cell) - 3 * side // 2
    top = math.floor((grid.y0 - place[1]) / cell) - 3 * side // 2
    window = surface.block(top, left, 3 * side, 3 * side)
    found = []
    for row in range(0, 3 * side, side):
        for column in range(0, 3 * side, side):
            patch = window[row : row + side, column : column + side]
            if np.isfinite(patch).any():
                y, x = np.unravel_index(int(np.nanargmin(patch)), patch.shape)
                found.append((column + x + 0.5, row + y + 0.5, float(patch[y, x])))
    if not found:
        return np.empty((0, 3))
    places = np.array(found)
    places = places[places[:, 2] <= 0.5 * (np.nanmin(window) + np.nanmax(window))]
    return np.column_stack(
        [grid.x0 + (left + places[:, 0]) * cell, grid.y0 - (top + places[:, 1]) * cell, places[:, 2]]
    )


def hourly_light(
    surface: Surface,
    places: Floats,
    normal: Floats,
    light: SkyLight,
    albedo: float,
    *,
    reach_m: float = REACH_M,
    directions: int = DIRECTIONS,
    terrain: Terrain | None = None,
) -> tuple[Floats, Floats]:
    """Return the irradiance on one plane between its surroundings, as the mean of places on it, hours [W/m2].

    The first is the sun's beam, the second all other light.

    Parameters
    ----------
    surface
        Heights.
    places
        As of `place_horizons`.
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
    around = ground_near(surface, places[:, :2].mean(axis=0))
    ground = place_horizons(surface, around, reach_m, directions) if len(around) else None
    own = place_horizons(surface, places, reach_m, directions, np.broadcast_to(normal, (len(places), 3)))
    if terrain is not None:
        own = np.maximum(own, place_hills(terrain, places, reach_m, directions))
        ground = None if ground is None else np.maximum(ground, place_hills(terrain, around, reach_m, directions))
    return hourly_irradiance(light, own, normal, albedo, ground)
