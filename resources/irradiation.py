"""Irradiation of every cell of a surface over a year of hours, at the cost of one look-up per direction.

What a direction gives to a plane depends on the plane's normal and on how high the horizon stands there. Light from the
sun and around it falls as the normal times the direction to the sun, so its sum over all hours with the sun above a
horizon is the normal times a vector that depends on the horizon alone; so are the even light of the sky and its band at
the horizon. These vectors are tabulated once for a year and place; then no cell ever sees an hour.

References
----------
.. [1] Driesse, A., Jensen, A. R., Perez, R. (2024). A continuous form of the Perez diffuse sky model for forward and
   reverse transposition. Solar Energy 267. doi:10.1016/j.solener.2023.112093
"""

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from layers.units import HOURS_PER_YEAR, KWH_PER_MWH
from layers.weather.light import SkyLight, sky_light
from resources.horizon import DIRECTIONS, Part, azimuths, opposites, surface_grades, with_margin
from resources.surroundings import Surroundings
from resources.sweeping import gather
from resources.terrain import Beyond

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]

BINS = 1024
"""Steps of the horizon in the tables: even in t / (1 + t), t its tangent."""
BAND_DEG = 6.5
"""Height of the band at the horizon, Perez et al. (1990), doi:10.1016/0038-092X(90)90055-H; what rises into it hides it
in proportion."""
MONTHS = 12
LEAST_DIRECTIONS = 8
"""Directions below which the mean over a sector says nothing of it."""


@dataclass(frozen=True, eq=False)
class SkyTable:
    """What directions give to a plane.

    Attributes
    ----------
    gains
        Directions x (`BINS` + 1) x 3 x (periods + 1): vectors whose product with a plane's normal (east, north, up) is
        the irradiation from that direction of the sky above a horizon, per period [kWh/m2]; of the last it is the share
        of an even sky that is seen.
    surroundings
        What throws light back.
    """

    gains: Singles
    surroundings: Surroundings

    @property
    def directions(self) -> int:
        """Number of directions."""
        return len(self.gains)


def bin_tangents() -> Floats:
    """Return the tangent of the horizon at the bins of the tables; the last is all but upright."""
    share = np.arange(BINS + 1) / BINS
    share[-1] = 1.0 - 1e-6
    return np.asarray(share / (1.0 - share))


def _sky_vectors(directions: int) -> Floats:
    """Return directions x bins x 3: share of an even sky above a horizon that a plane gets, over its normal.

    Integrals over the heights h above the horizon: cos2 h for the horizontal, sin h cos h for the vertical part.
    """
    height, width = np.arctan(bin_tangents()), 2.0 * np.pi / directions
    flat = 0.5 * (0.5 * np.pi - height) - 0.25 * np.sin(2.0 * height)
    upright = 0.5 * np.cos(height) ** 2
    angle = np.radians(azimuths(directions))[:, None]
    # the mean of the direction over its sector
    shorter = np.sin(0.5 * width) / (0.5 * width)
    up = np.broadcast_to(upright, (directions, BINS + 1))
    parts = [np.sin(angle) * flat * shorter, np.cos(angle) * flat * shorter, up]
    return np.asarray(np.stack(parts, axis=2) * width / np.pi)


def _sun_vectors(light: SkyLight, period: NDArray[np.int64], periods: int, directions: int) -> Floats:
    """Return directions x bins x 3 x periods: light of sun and glow above a horizon [Wh/m2], over a plane's normal.

    An hour counts in the two sectors next to the sun, by how near their middles are.
    """
    limits = bin_tangents()
    shape = (periods, directions, BINS + 2)
    found = np.zeros((3, math.prod(shape)))
    for towards, given in light.sources():
        up = np.flatnonzero((towards[:, 2] > 0.0) & (given > 0.0))
        east, north, rise = towards[up].T
        below = np.searchsorted(limits, rise / np.hypot(east, north), side="left")
        for sector, weight in sectors_beside(towards[up], directions):
            place = np.ravel_multi_index((period[up], sector, below), shape)
            for axis in range(3):
                found[axis] += np.bincount(place, towards[up, axis] * given[up] * weight, math.prod(shape))
    # what stands above a limit is what stands above the next one and between the two
    above = np.cumsum(found.reshape(3, *shape)[..., ::-1], axis=-1)[..., ::-1][..., 1:]
    return np.asarray(above.transpose(2, 3, 0, 1))


def sectors_beside(towards: Floats, directions: int) -> list[tuple[NDArray[np.int64], Floats]]:
    """Return the two sectors whose middles are next to a direction, and the weight of each, by hour.

    Parameters
    ----------
    towards
        Unit vectors, hours x 3: east, north, up.
    directions
        How many sectors there are.
    """
    turn = np.degrees(np.arctan2(towards[:, 0], towards[:, 1])) % 360.0 / 360.0 * directions - 0.5
    low = np.floor(turn).astype(np.int64)
    return [(low % directions, 1.0 - (turn - low)), ((low + 1) % directions, turn - low)]


def _band_vectors(directions: int) -> Floats:
    """Return directions x bins x 3: what the band at the horizon gives a plane, over its normal; one to a wall."""
    seen = np.clip(1.0 - np.degrees(np.arctan(bin_tangents())) / BAND_DEG, 0.0, 1.0)
    angle = np.radians(azimuths(directions))[:, None]
    width = 2.0 * np.pi / directions
    shorter = np.sin(0.5 * width) / (0.5 * width)
    parts = [np.sin(angle) * seen * shorter, np.cos(angle) * seen * shorter, np.zeros((directions, BINS + 1))]
    return np.asarray(0.5 * width * np.stack(parts, axis=2))


def sky_table(
    weather: pd.DataFrame, site: pd.DataFrame, albedo: float, *, monthly: bool = False, directions: int = DIRECTIONS
) -> SkyTable:
    """Return what each direction gives to a plane, over the year or over each month.

    Parameters
    ----------
    weather, site
        Tables WEATHER and SITE.
    albedo
        Share of global light that ground and walls throw back.
    monthly
        Whether the periods are the twelve months; otherwise there is one, the year.
    directions
        How many.

    Raises
    ------
    ValueError
        If there are fewer directions than `LEAST_DIRECTIONS` or an odd number, the albedo is none, or the weather is
        no year.
    """
    if directions < LEAST_DIRECTIONS or directions % 2:
        raise ValueError(f"{directions} directions make no sky; take an even number from {LEAST_DIRECTIONS} on")
    if not 0.0 <= albedo <= 1.0:
        raise ValueError(f"an albedo lies in 0 to 1, not {albedo:g}")
    if len(weather) != HOURS_PER_YEAR:
        raise ValueError(f"a year has {HOURS_PER_YEAR} hours, the weather {len(weather)}")
    light = sky_light(weather, site)
    month = pd.DatetimeIndex(weather.index).month.to_numpy(dtype=np.int64) - 1
    period = month if monthly else np.zeros_like(month)
    periods = MONTHS if monthly else 1

    def total(hours: Floats) -> Floats:
        return np.asarray(np.bincount(period, hours, periods)) / KWH_PER_MWH

    sky, band = _sky_vectors(directions), _band_vectors(directions)
    gains = np.empty((directions, BINS + 1, 3, periods + 1))
    gains[..., :periods] = _sun_vectors(light, period, periods, directions) / KWH_PER_MWH
    gains[..., :periods] += total(light.even) * sky[..., None] + total(light.band) * band[..., None]
    gains[..., periods] = sky
    level = total(light.ghi)
    wall = total(light.on_walls(albedo))
    upright = np.divide(wall, level, out=np.zeros(periods), where=level > 0.0)
    opposite = light.on_walls_facing(azimuths(directions) + 180.0, albedo)
    facing = np.array([total(hours) for hours in opposite.T]) / np.where(level > 0.0, level, np.inf)
    surroundings = Surroundings(albedo, *(part.astype(np.float32) for part in (level, upright, facing)))
    return SkyTable(gains.astype(np.float32), surroundings)


def _normals_of(grades: Singles, cell: float) -> Singles:
    """Return the normals of surfaces of these grades, 3 x rows x columns: east, north, up."""
    south, east = grades / np.float32(cell)
    up = 1.0 / np.sqrt(1.0 + east**2 + south**2)
    return np.stack([-east * up, south * up, up]).astype(np.float32)


def sky_light_of(
    heights: Singles,
    cell: float,
    table: SkyTable,
    normals: Singles | None,
    *,
    inner: Part | None = None,
    origin: tuple[int, int] = (0, 0),
    beyond: Beyond | None = None,
) -> tuple[Singles, Singles]:
    """Return what every cell gets from the sky, with its share of an even one, and the normals that it gets it on.

    Parameters
    ----------
    heights, cell, table, inner, origin
        As of `irradiation`; heights are numbers or not a number.
    normals
        Of the planes of the part told, 3 x rows x columns, upward; not a number, or none at all, where it is the
        surface's. A plane may stand out of its surface, as rows of modules do on a flat roof: it is the surface that
        hides.
    beyond
        Hills that the part sees farther away than the raster.

    Returns
    -------
    sky : numpy.ndarray
        Rows x columns of the part x (periods + 1).
    normals : numpy.ndarray
        3 x rows x columns of the part.

    Raises
    ------
    ValueError
        If a normal does not point up, or nothing is asked for.
    """
    top, left, rows, columns = (0, 0, *heights.shape) if inner is None else inner
    if rows < 1 or columns < 1:
        raise ValueError(f"there is nothing in {rows} rows and {columns} columns of a raster")
    part = (slice(top, top + rows), slice(left, left + columns))
    beside, (first, west, _, _) = with_margin((top, left, rows, columns), heights.shape, 2)
    grades = surface_grades(heights[beside], cell)
    own = _normals_of(grades[:, first : first + rows, west : west + columns], cell)
    normals = own if normals is None else np.ascontiguousarray(np.where(np.isnan(normals), own, normals))
    if not (normals[2] > 0.0).all():
        raise ValueError("the normals of cells must point up")
    kinds = table.gains.shape[3]
    straight = np.zeros((rows, columns, kinds), dtype=np.float32)
    turned = np.zeros((columns, rows, kinds), dtype=np.float32)
    laid = {False: (normals, straight), True: (np.ascontiguousarray(normals.transpose(0, 2, 1)), turned)}
    for both in opposites(heights, cell, table.directions, origin, inner):
        lines, angle = both.lines, np.radians(both.azimuth)
        planes, out = laid[lines.across]
        if beyond is not None:
            for number, nearby in zip(both.numbers, both.nearby, strict=True):
                hills = beyond.shares(number, heights[part])
                np.maximum(nearby, hills.T if lines.across else hills, out=nearby)
        gather(
            both.heights, both.nearby, lines.rows_of, lines.lines, lines.step, planes, (np.sin(angle), np.cos(angle)),
            table.gains[both.numbers[0]], table.gains[both.numbers[1]], both.inner, tuple(range(kinds)), out,
        )  # fmt: skip
    return straight + turned.transpose(1, 0, 2), normals


def irradiation(
    heights: Singles,
    cell: float,
    table: SkyTable,
    normals: Singles | None = None,
    *,
    inner: Part | None = None,
    origin: tuple[int, int] = (0, 0),
) -> Singles:
    """Return the irradiation of every cell on its own plane among open ground, rows x columns x periods [kWh/m2].

    Ground and walls throw back what those of an open place would; `tiles` takes what they get themselves.

    Parameters
    ----------
    heights
        Rows (southwards) x columns (eastwards) [m]; what is not finite hides nothing and gets open light.
    cell
        Side of a cell [m].
    table
        What directions give.
    normals
        As of `sky_light_of`.
    inner
        The part of the raster that is told, all else only hides; without it all of it.
    origin
        Row and column of the raster in the grid it is cut from.

    Raises
    ------
    ValueError
        If a normal does not point up, or nothing is asked for.
    """
    heights = np.where(np.isfinite(heights), heights, np.nan).astype(np.float32)
    given = None if normals is None else normals.astype(np.float32)
    found, planes = sky_light_of(heights, cell, table, given, inner=inner, origin=origin)
    thrown = table.surroundings.thrown_back(found[..., -1], planes[2], table.surroundings.open)
    return np.asarray(found[..., :-1] + thrown, dtype=np.float32)


def sky_view(heights: Singles, cell: float, directions: int = DIRECTIONS) -> Singles:
    """Return the share of an even sky that every cell sees from a level plane, rows x columns.

    Parameters
    ----------
    heights
        Rows (southwards) x columns (eastwards) [m]; not a number hides nothing.
    cell
        Side of a cell [m].
    directions
        How many.
    """
    table = SkyTable(
        _sky_vectors(directions)[..., None].astype(np.float32),
        Surroundings(0.0, np.empty(0), np.empty(0), np.empty((directions, 0))),
    )
    level = np.zeros((3, *heights.shape), dtype=np.float32)
    level[2] = 1.0
    heights = np.where(np.isfinite(heights), heights, np.nan).astype(np.float32)
    return sky_light_of(heights, cell, table, level)[0][:, :, 0]


def plane_irradiation(tangents: Floats, normal: Floats, table: SkyTable, around: Floats | None = None) -> Floats:
    """Return the irradiation of planes whose horizons are known, planes x periods [kWh/m2].

    Parameters
    ----------
    tangents
        Tangent of the horizon, planes x directions.
    normal
        Planes x 3, unit vectors east, north, up; a wall has no upward part, and none points down.
    table
        What directions give.
    around
        Light that the ground around each plane gets, planes x periods [kWh/m2]; without it that of an open place.

    Raises
    ------
    ValueError
        If a plane faces down.
    """
    if (normal[:, 2] < 0.0).any():
        raise ValueError("a plane faces down")
    gains = _between_bins(table.gains, _places(tangents, normal, table.directions))
    found = np.einsum("pdvt,pv->pt", gains, normal)
    surroundings = table.surroundings
    ground = surroundings.open if around is None else around
    hidden = hidden_shares(tangents, normal, table.directions)
    return np.asarray(found[:, :-1] + surroundings.thrown_back(found[:, -1], normal[:, 2], ground, hidden))


def hidden_shares(tangents: Floats, normal: Floats, directions: int) -> Floats:
    """Return the share of an even sky that what stands higher hides from planes, planes x directions.

    Parameters
    ----------
    tangents
        Tangent of the horizon, planes x directions.
    normal
        Planes x 3, unit vectors east, north, up.
    directions
        How many.
    """
    table = _sky_vectors(directions)
    shares = []
    for horizon in (np.zeros_like(tangents), np.maximum(tangents, 0.0)):
        vectors = _between_bins(table, _places(horizon, normal, directions))
        shares.append(np.einsum("pdv,pv->pd", vectors, normal))
    return np.asarray(np.maximum(shares[0] - shares[1], 0.0))


def seen_shares(tangents: Floats, normal: Floats, directions: int) -> tuple[Floats, Floats]:
    """Return the shares of an even sky and of the band at the horizon that planes see.

    Parameters
    ----------
    tangents
        Tangent of the horizon, planes x directions.
    normal
        Planes x 3, unit vectors east, north, up.
    directions
        How many.
    """
    place = _places(tangents, normal, directions)
    shares = []
    for table in (_sky_vectors(directions), _band_vectors(directions)):
        vectors = _between_bins(table, place)
        down = normal[:, 2] < 0.0
        if down.any():
            # a plane that leans over sees the sky only up to itself
            vectors[down] -= _between_bins(table, np.maximum(_overhang(normal[down], directions), place[down]))
        shares.append(np.einsum("pdv,pv->p", vectors, normal))
    return shares[0], shares[1]


def _between_bins(table: Floats | Singles, place: Floats) -> Floats:
    """Return the vectors of a table (directions x bins x ...) between two bins, planes x directions x ..."""
    low = np.minimum(place.astype(np.int64), BINS - 1)
    part, number = (place - low).reshape(place.shape + (1,) * (table.ndim - 2)), np.arange(len(table))
    return np.asarray(table[number, low] * (1.0 - part) + table[number, low + 1] * part)


def _overhang(normal: Floats, directions: int) -> Floats:
    """Return where in the tables planes that face down end above themselves, planes x directions."""
    angle = np.radians(azimuths(directions))
    ahead = np.maximum(normal[:, 0, None] * np.sin(angle) + normal[:, 1, None] * np.cos(angle), 0.0)
    return np.asarray(ahead / (ahead - normal[:, 2, None]) * BINS)


def _places(tangents: Floats, normal: Floats, directions: int) -> Floats:
    """Return where in the tables a horizon stands, planes x directions; a plane hides what is behind it."""
    angle = np.radians(azimuths(directions))
    ahead = normal[:, 0, None] * np.sin(angle) + normal[:, 1, None] * np.cos(angle)
    up = normal[:, 2, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        own = np.where(up > 0.0, -ahead / up, np.where(ahead > 0.0, 0.0, np.inf))
        tangent = np.maximum(tangents, own)
        return np.asarray(np.where(np.isinf(tangent), 1.0, tangent / (1.0 + tangent)) * BINS)
