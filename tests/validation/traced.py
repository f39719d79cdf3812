"""Light at a place by rays that are thrown at random and thrown back as often as they meet something.

It shares nothing with the package but the surface, cells that rise straight up to their heights, and a sky of many
points. So it tells what horizons and facets leave out, but not what steps of a raster make of slopes.
"""

import numba
import numpy as np
from numpy.typing import NDArray

import all_weather

Floats = NDArray[np.float64]

BOUNCES = 6
"""How often light is thrown back at most."""


@numba.njit(cache=True)
def _runs(
    heights: Floats, place: tuple[float, float, float], way: tuple[float, float, float]
) -> tuple[bool, tuple[float, float, float], tuple[float, float, float]]:
    """Return whether a ray meets the surface, where, and the normal there; lengths in cells, axes east, south, up."""
    x, y, z = place
    east, south, up = way
    column, row = int(np.floor(x)), int(np.floor(y))
    side = (0.0, 0.0)
    gone = 0.0
    while 0 <= row < heights.shape[0] and 0 <= column < heights.shape[1]:
        to_column = ((column + (east > 0.0)) - x) / east if east != 0.0 else np.inf
        to_row = ((row + (south > 0.0)) - y) / south if south != 0.0 else np.inf
        leaves = min(to_column, to_row)
        top = heights[row, column]
        if side != (0.0, 0.0) and z + up * gone < top:
            spot = (x + east * gone + side[0] * 1e-6, y + south * gone + side[1] * 1e-6, z + up * gone)
            return True, spot, (side[0], side[1], 0.0)
        if up < 0.0 and z + up * leaves < top:
            length = (top - z) / up
            return True, (x + east * length, y + south * length, top + 1e-6), (0.0, 0.0, 1.0)
        gone = leaves
        if to_column < to_row:
            column += 1 if east > 0.0 else -1
            side = (-1.0 if east > 0.0 else 1.0, 0.0)
        else:
            row += 1 if south > 0.0 else -1
            side = (0.0, -1.0 if south > 0.0 else 1.0)
    return False, place, way


@numba.njit(cache=True)
def _scattered(normal: tuple[float, float, float], chance: np.random.Generator) -> tuple[float, float, float]:
    """Return a way away from a plane, as likely as the cosine of its angle to the normal."""
    turn, inner = 2.0 * np.pi * chance.random(), chance.random()
    first, second, along = np.sqrt(inner) * np.cos(turn), np.sqrt(inner) * np.sin(turn), np.sqrt(1.0 - inner)
    n = np.array(normal)
    aside = np.array([1.0, 0.0, 0.0]) if abs(n[2]) > 0.9 else np.array([0.0, 0.0, 1.0])
    across = np.cross(aside, n)
    across /= np.sqrt((across**2).sum())
    way = first * across + second * np.cross(n, across) + along * n
    return way[0], way[1], way[2]


@numba.njit(cache=True)
def _throw(
    heights: Floats,
    place: tuple[float, float, float],
    normal: tuple[float, float, float],
    suns: Floats,
    beam: Floats,
    sky: Floats,
    mesh: tuple[int, int],
    albedo: float,
    rays: int,
    chance: np.random.Generator,
    out: Floats,
) -> None:
    for _ in range(rays):
        spot, faces, left = place, normal, 1.0 / rays
        for bounce in range(BOUNCES + 1):
            for hour in range(len(beam)):
                sun = (suns[hour, 0], -suns[hour, 1], suns[hour, 2])
                facing = sun[0] * faces[0] + sun[1] * faces[1] + sun[2] * faces[2]
                if beam[hour] > 0.0 and sun[2] > 0.0 and facing > 0.0 and not _runs(heights, spot, sun)[0]:
                    out[min(bounce, 1), hour] += beam[hour] * facing * left
            way = _scattered(faces, chance)
            hit, spot, faces = _runs(heights, spot, way)
            if not hit:
                if way[2] > 0.0:
                    height = min(int(np.arcsin(way[2]) / (0.5 * np.pi) * mesh[0]), mesh[0] - 1)
                    turn = np.arctan2(way[0], -way[1]) / (2.0 * np.pi) % 1.0
                    point = height * mesh[1] + min(int(turn * mesh[1]), mesh[1] - 1)
                    for hour in range(len(beam)):
                        out[1, hour] += np.pi * sky[hour, point] * left
                break
            left *= albedo


def light_at(
    heights: Floats,
    place: tuple[float, float, float],
    normal: tuple[float, float, float],
    suns: Floats,
    beam: Floats,
    radiance: Floats,
    albedo: float,
    rays: int = 4000,
) -> tuple[Floats, Floats]:
    """Return the light that a plane gets, hours [W/m2]: the sun's beam, and all other light.

    Parameters
    ----------
    heights
        Rows x columns [cells].
    place
        East and south of the north-west corner, and height [cells].
    normal
        Unit vector of the plane: east, north, up.
    suns
        Unit vectors to the sun, hours x 3: east, north, up.
    beam
        On a plane that faces the sun, hours [W/m2].
    radiance
        Of the sky at the points of `all_weather.mesh`, hours x points [W/m2/sr].
    albedo
        Share of light that all surfaces throw back.
    rays
        How many.
    """
    out = np.zeros((2, len(beam)))
    east, north, up = (float(part) for part in normal)
    mesh = (all_weather.HEIGHTS, all_weather.TURNS)
    spot = (float(place[0]), float(place[1]), float(place[2]))
    _throw(
        np.ascontiguousarray(heights, dtype=np.float64), spot, (east, -north, up),
        suns, beam, np.ascontiguousarray(radiance), mesh, albedo, rays, np.random.default_rng(1), out,
    )  # fmt: skip
    return out[0], out[1]
