"""What single places see: the horizon around them, and what it is that hides their sky."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from layers.surface import Surface
from resources.horizon import DIRECTIONS, azimuths, grades_of_cells, point_horizons
from resources.rays import MISSED, SIDE, TOP, meet
from resources.sweeping import FLAT
from resources.tiles import REACH_M

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]
Integers = NDArray[np.int64]

AROUND = 72
"""Directions around a place that are looked in for what hides its sky."""
BELOW, ABOVE = 18, 9
"""Heights that are looked at in each of them: from straight down to the level, and from there to the horizon."""
MOST_PARTS = 12
"""Parts that places of one plane share the directions in, so that many of them cost little more than one."""
ROUND_M = 1.5
"""How far around a place on a raster's wall its direction is found [m]."""
UPRIGHT = 0.01
"""Upward part of the normal, up or down, below which a plane is a wall: half a degree."""


@dataclass(frozen=True)
class _Window:
    """A part of a surface, and the places that look at it.

    Attributes
    ----------
    mine
        Which places.
    heights
        Rows x columns, above the lowest of them [m].
    west, north, lowest
        Its north-west corner, and the height that heights are above [m].
    """

    mine: Integers
    heights: Singles
    west: float
    north: float
    lowest: np.float32

    def spots(self, places: Floats) -> Floats:
        """Return places as metres east and south of the corner and height above the lowest."""
        return np.column_stack([places[:, 0] - self.west, self.north - places[:, 1], places[:, 2] - self.lowest])


def _windows(surface: Surface, places: Floats, reach_m: float) -> Iterator[_Window]:
    """Give windows that reach around all places; places that lie near each other look at one."""
    grid, cell = surface.grid, surface.cell
    reach = math.ceil(reach_m / cell) + 1
    column = np.floor((places[:, 0] - grid.x0) / cell).astype(np.int64)
    row = np.floor((grid.y0 - places[:, 1]) / cell).astype(np.int64)
    group = np.stack([row // reach, column // reach], axis=1)
    for one in np.unique(group, axis=0):
        top, left = one * reach - reach
        window = surface.block(int(top), int(left), 3 * reach, 3 * reach)
        lowest = np.float32(np.nanmin(window)) if np.isfinite(window).any() else np.float32(0.0)
        mine = np.flatnonzero((group == one).all(axis=1))
        yield _Window(mine, window - lowest, grid.x0 + left * cell, grid.y0 - top * cell, lowest)


def place_horizons(
    surface: Surface,
    places: Floats,
    reach_m: float = REACH_M,
    directions: int = DIRECTIONS,
    planes: Floats | None = None,
) -> Floats:
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
        Normals of the planes that the places lie on, see `horizon.point_horizons`; see `on_planes`.
    """
    out = np.empty((len(places), directions))
    for window in _windows(surface, places, reach_m):
        own = None if planes is None else planes[window.mine]
        spots = window.spots(places[window.mine])
        out[window.mine] = point_horizons(window.heights, surface.cell, spots, reach_m, directions, own)
    return out


def on_planes(normal: Floats, count: int) -> Floats:
    """Return the planes along which steps of a raster hide nothing from places with a normal, count x 3.

    That is the plane itself if it faces up, and the upright one if it is a wall. What leans over lies on nothing.
    """
    if normal[2] < -UPRIGHT:
        return np.zeros((count, 3))
    if normal[2] < UPRIGHT:
        normal = np.array([normal[0], normal[1], 0.0]) / np.hypot(normal[0], normal[1])
    return np.tile(normal, (count, 1))


@dataclass(frozen=True, eq=False)
class Facets:
    """Pieces of ground, roofs and walls that places of one plane see.

    Attributes
    ----------
    places
        A place on each, facets x 3, as of `place_horizons`.
    normals
        Facets x 3, unit vectors east, north, up.
    shares
        Light that the plane gets of each if all that it sees were equally bright: one would be all of its view.
    elsewhere
        The same of what hides sky and was not met: hills and ground farther away, or beyond the surface.
    """

    places: Floats
    normals: Floats
    shares: Floats
    elsewhere: float


def seen_facets(
    surface: Surface, places: Floats, normal: Floats, tangents: Floats, hidden: float, reach_m: float = REACH_M
) -> Facets:
    """Return what hides the sky of places on one plane.

    Parameters
    ----------
    surface
        Heights.
    places
        As of `place_horizons`.
    normal
        Unit vector of the plane, east, north, up.
    tangents
        Their horizons, places x directions.
    hidden
        Share of an even sky that the plane does not see, its ground included: the shares add up to it.
    reach_m
        How far to look [m].
    """
    directions = tangents.shape[1]
    looked = np.unique((2 * np.arange(AROUND) + 1) * directions // (2 * AROUND))
    wide = 0.5 * ((np.roll(looked, -1) - looked) % directions + (looked - np.roll(looked, 1)) % directions)
    parts = min(len(places), MOST_PARTS, len(looked))
    shared = (np.arange(len(places))[:, None] - np.arange(len(looked))) % parts == 0
    place, sector = np.nonzero(shared)
    ray, towards, shares = _rays(
        np.arctan(tangents[place, looked[sector]]), azimuths(directions)[looked[sector]], normal
    )
    if not len(ray):
        return Facets(np.empty((0, 3)), np.empty((0, 3)), np.empty(0), hidden)
    # some directions are looked in from more places than others, and stand for more of the circle
    shares *= (wide / shared.sum(axis=0))[sector[ray]]
    shares *= hidden / shares.sum()
    place = place[ray]
    met, normals, found = np.empty((len(ray), 3)), np.empty((len(ray), 3)), np.zeros(len(ray), dtype=np.bool_)
    for window in _windows(surface, places, reach_m):
        mine = np.flatnonzero(np.isin(place, window.mine))
        met[mine], normals[mine], found[mine] = _met(
            window, surface.cell, places[place[mine]], normal, towards[mine], reach_m
        )
    return Facets(met[found], normals[found], shares[found], float(shares[~found].sum()))


def _rays(horizon: Floats, azimuth_deg: Floats, normal: Floats) -> tuple[Integers, Floats, Floats]:
    """Return rays to what lies below horizons: whose they are, unit vectors, and their shares of the plane's view.

    Parameters
    ----------
    horizon
        Height of the horizon in some directions [rad].
    azimuth_deg
        Those directions.
    normal
        Unit vector of the plane, east, north, up.

    Returns
    -------
    whose : numpy.ndarray
        Number of the direction, by ray.
    towards : numpy.ndarray
        Rays x 3: east, north, up.
    shares : numpy.ndarray
        What a plane gets of an even light from around each ray, over what it gets from all sides, up to a factor.
    """
    below = np.broadcast_to(np.linspace(-0.5 * np.pi, 0.0, BELOW + 1), (len(horizon), BELOW + 1))
    edges = np.hstack([below, np.maximum(horizon, 0.0)[:, None] * np.linspace(0.0, 1.0, ABOVE + 1)[1:]])
    level = 0.5 * edges + 0.25 * np.sin(2.0 * edges)
    upright = 0.5 * np.sin(edges) ** 2
    azimuth = np.radians(azimuth_deg)
    ahead = normal[0] * np.sin(azimuth) + normal[1] * np.cos(azimuth)
    shares = np.maximum(ahead[:, None] * np.diff(level) + normal[2] * np.diff(upright), 0.0)
    whose, band = np.nonzero(shares > 0.0)
    up = 0.5 * (edges[whose, band] + edges[whose, band + 1])
    angle = azimuth[whose]
    towards = np.column_stack([np.cos(up) * np.sin(angle), np.cos(up) * np.cos(angle), np.sin(up)])
    return whose, towards, shares[whose, band]


def _met(
    window: _Window, cell: float, places: Floats, normal: Floats, towards: Floats, reach_m: float
) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    """Return where rays end, the normals of what they meet there, and whether they meet anything."""
    rays, spots = len(places), window.spots(places)
    southwards = np.array([1.0, -1.0, 1.0])
    at = np.floor(spots[:, 1::-1] / cell).astype(np.int64)
    own_tops = _tops(window.heights, cell, at)
    on_surface = np.abs(spots[:, 2] - window.heights[at[:, 0], at[:, 1]]) <= FLAT
    # steps of the raster along its own roof hide nothing, nor do those along the wall that a place is on
    wall = on_planes(normal, 1)[0] * southwards if abs(normal[2]) < UPRIGHT else np.zeros(3)
    planes = np.where(on_surface[:, None], own_tops, wall)
    kind, cells = np.empty(rays, dtype=np.int64), at.copy()
    met, normals = np.full((rays, 3), np.nan), np.full((rays, 3), np.nan)
    ways = towards * southwards
    meet(window.heights, cell, spots, planes, ways, reach_m, ROUND_M, kind, cells, met, normals)
    kind[_steps_of_slopes(window.heights, cell, kind, cells, met)] = TOP
    # a plane that is tilted on its roof looks down on it
    own = on_surface & ((ways * own_tops).sum(axis=1) < 0.0)
    kind[own], cells[own] = TOP, at[own]
    tops, over = _tops(window.heights, cell, cells), kind == TOP
    # from the middle of a cell its top rises and falls with its grades
    aside = met[over, :2] - (cells[over, ::-1] + 0.5) * cell
    met[over, 2] = window.heights[cells[over, 0], cells[over, 1]]
    met[over, 2] -= (aside * tops[over, :2]).sum(axis=1) / tops[over, 2]
    met[own] = spots[own]
    normals = np.where(over[:, None], tops, normals) * southwards
    found = np.column_stack([window.west + met[:, 0], window.north - met[:, 1], met[:, 2] + window.lowest])
    return found, normals, kind != MISSED


def _steps_of_slopes(heights: Singles, cell: float, kind: Integers, cells: Integers, met: Floats) -> NDArray[np.bool_]:
    """Tell which walls are but steps of a slope: no higher than the top of their cell rises across it."""
    wall = np.flatnonzero(kind == SIDE)
    row, column = cells[wall].T
    before_column, before_row = np.floor(met[wall, :2] / cell).astype(np.int64).T
    step = heights[row, column] - heights[before_row, before_column]
    south, east = np.abs(grades_of_cells(heights, cell, row, column))
    rise = np.where(before_row != row, south, east)
    found = np.zeros(len(kind), dtype=np.bool_)
    found[wall] = (rise > 0.0) & (step <= rise + FLAT)
    return found


def _tops(heights: Singles, cell: float, cells: Integers) -> Floats:
    """Return the normals of the tops of cells (rows and columns), cells x 3: east, south, up."""
    south, east = grades_of_cells(heights, cell, *cells.T).astype(np.float64) / cell
    tops = np.column_stack([-east, -south, np.ones(len(cells))])
    return np.asarray(tops / np.linalg.norm(tops, axis=1)[:, None])
