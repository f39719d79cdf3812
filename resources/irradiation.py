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

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from layers.units import KWH_PER_MWH
from layers.weather.light import SkyLight, sky_light
from resources.horizon import DIRECTIONS, azimuths, directions_of, surface_grades
from resources.sweeping import gather

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]

BINS = 256
"""Steps of the horizon in the tables: even in t / (1 + t), t its tangent."""
BAND_DEG = 6.5
"""Height of the band at the horizon, Perez et al. (1990), doi:10.1016/0038-092X(90)90055-H; what rises into it hides it
in proportion."""
MONTHS = 12
LEAST_DIRECTIONS = 8
"""Directions below which the mean over a sector says nothing of it."""


@dataclass(frozen=True)
class SkyTable:
    """What directions give to a plane.

    Attributes
    ----------
    gains
        Directions x (`BINS` + 1) x 3 x periods: a vector whose product with a plane's normal (east, north, up) is the
        irradiation from that direction above a horizon [kWh/m2]. What the horizon hides gives the light of the ground.
    ground
        Light that a plane would get which sees nothing but ground, per period [kWh/m2].
    """

    gains: Singles
    ground: Floats

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


def _sun_vectors(light: SkyLight, chosen: NDArray[np.bool_], directions: int) -> Floats:
    """Return directions x bins x 3: light from the sun while above a horizon [Wh/m2], over a plane's normal.

    An hour counts in the two sectors next to the sun, by how near their middles are.
    """
    hours = np.flatnonzero(chosen & (light.direction[:, 2] > 0.0) & (light.directed != 0.0))
    towards = light.direction[hours]
    given = towards * light.directed[hours, None]
    tangent = towards[:, 2] / np.hypot(towards[:, 0], towards[:, 1])
    turn = np.degrees(np.arctan2(towards[:, 0], towards[:, 1])) % 360.0 / 360.0 * directions - 0.5
    low = np.floor(turn).astype(np.int64)
    found = np.zeros((directions, BINS + 1, 3))
    limits = bin_tangents()
    for sector, weight in ((low, 1.0 - (turn - low)), (low + 1, turn - low)):
        for direction in range(directions):
            mine = np.flatnonzero(sector % directions == direction)
            order = mine[np.argsort(tangent[mine], kind="stable")]
            above = np.vstack([np.cumsum((given[order] * weight[order, None])[::-1], axis=0)[::-1], np.zeros(3)])
            found[direction] += above[np.searchsorted(tangent[order], limits, side="right")]
    return found


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
        If there are fewer than `LEAST_DIRECTIONS`.
    """
    if directions < LEAST_DIRECTIONS:
        raise ValueError(f"{directions} directions are too few for a sky; take {LEAST_DIRECTIONS} or more")
    light = sky_light(weather, site)
    month = pd.DatetimeIndex(weather.index).month.to_numpy()
    periods = [month == number for number in range(1, MONTHS + 1)] if monthly else [np.ones(len(month), dtype=bool)]
    sky, band = _sky_vectors(directions), _band_vectors(directions)
    gains = np.empty((directions, BINS + 1, 3, len(periods)))
    ground = np.empty(len(periods))
    for number, chosen in enumerate(periods):
        ground[number] = albedo * light.ghi[chosen].sum() / KWH_PER_MWH
        gains[:, :, :, number] = (
            _sun_vectors(light, chosen, directions) + light.even[chosen].sum() * sky + light.band[chosen].sum() * band
        ) / KWH_PER_MWH - ground[number] * sky
    return SkyTable(gains.astype(np.float32), ground)


def surface_normals(heights: Singles, cell: float) -> Singles:
    """Return the normal of each cell's surface, 3 x rows x columns: east, north, up.

    Parameters
    ----------
    heights
        Rows (southwards) x columns (eastwards) [m].
    cell
        Side of a cell [m].
    """
    south, east = surface_grades(heights, cell) / np.float32(cell)
    up = 1.0 / np.sqrt(1.0 + east**2 + south**2)
    return np.stack([-east * up, south * up, up]).astype(np.float32)


def irradiation(
    heights: Singles,
    cell: float,
    table: SkyTable,
    normals: Singles | None = None,
    *,
    margin: int = 0,
    origin: tuple[int, int] = (0, 0),
) -> Singles:
    """Return the irradiation of every cell on its own plane, rows x columns x periods [kWh/m2].

    Parameters
    ----------
    heights
        Rows (southwards) x columns (eastwards) [m]; what is not finite hides nothing and gets open light.
    cell
        Side of a cell [m].
    table
        What directions give.
    normals
        Of the cells' planes, 3 x rows x columns, upward; without them those of the surface.
    margin
        Cells along the sides that hide others and are not told themselves.
    origin
        Row and column of the raster in the grid it is cut from.

    Raises
    ------
    ValueError
        If a normal does not point up, or the margin leaves nothing.
    """
    heights = np.where(np.isfinite(heights), heights, np.nan).astype(np.float32)
    normals = surface_normals(heights, cell) if normals is None else np.ascontiguousarray(normals, dtype=np.float32)
    if not (normals[2] > 0.0).all():
        raise ValueError("the normals of cells must point up")
    if min(heights.shape) <= 2 * margin:
        raise ValueError(f"a raster of {heights.shape[0]} x {heights.shape[1]} has nothing within a margin of {margin}")
    periods = len(table.ground)
    rows, columns = (side - 2 * margin for side in heights.shape)
    straight = np.zeros((rows, columns, periods), dtype=np.float32)
    turned = np.zeros((columns, rows, periods), dtype=np.float32)
    grades = np.stack([normals[1], -normals[0]]) / normals[2] * np.float32(cell)
    laid = {False: (normals, straight), True: (np.ascontiguousarray(normals.transpose(0, 2, 1)), turned)}
    for number, one in enumerate(directions_of(heights, grades, cell, table.directions, origin)):
        lines, angle = one.lines, np.radians(one.azimuth)
        planes, out = laid[lines.across]
        gather(
            one.heights, one.nearby, lines.rows_of, lines.lines, lines.step, lines.backwards,
            planes, (np.sin(angle), np.cos(angle)), table.gains[number], margin, out,
        )  # fmt: skip
    return straight + turned.transpose(1, 0, 2) + table.ground.astype(np.float32)


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
    table = SkyTable(_sky_vectors(directions)[..., None].astype(np.float32), np.zeros(1))
    level = np.zeros((3, *heights.shape), dtype=np.float32)
    level[2] = 1.0
    return irradiation(heights, cell, table, level)[:, :, 0]


def plane_irradiation(tangents: Floats, normal: Floats, table: SkyTable) -> Floats:
    """Return the irradiation of planes whose horizons are known, planes x periods [kWh/m2].

    Parameters
    ----------
    tangents
        Tangent of the horizon, planes x directions.
    normal
        Planes x 3, unit vectors east, north, up; a wall has no upward part, and none points down.
    table
        What directions give.

    Raises
    ------
    ValueError
        If a plane faces down.
    """
    if (normal[:, 2] < 0.0).any():
        raise ValueError("a plane faces down")
    place = _places(tangents, normal, table.directions)
    low = np.minimum(place.astype(np.int64), BINS - 1)
    part = (place - low)[:, :, None, None]
    number = np.arange(table.directions)
    gains = table.gains[number, low] * (1.0 - part) + table.gains[number, low + 1] * part
    return np.asarray(np.einsum("pdvt,pv->pt", gains, normal) + table.ground)


def hourly_irradiance(light: SkyLight, tangents: Floats, normal: Floats, albedo: float) -> Floats:
    """Return the irradiance on one plane that sees a horizon, hours [W/m2].

    Parameters
    ----------
    light
        The hours.
    tangents
        Tangent of the horizon, points x directions; of several points of the plane their mean is returned.
    normal
        Unit vector of the plane, east, north, up.
    albedo
        Share of global light that ground and walls throw back.
    """
    directions = tangents.shape[1]
    towards = light.direction
    turn = np.degrees(np.arctan2(towards[:, 0], towards[:, 1])) % 360.0 / 360.0 * directions - 0.5
    low = np.floor(turn).astype(np.int64)
    part = turn - low
    sun = towards[:, 2] / np.maximum(np.hypot(towards[:, 0], towards[:, 1]), 1e-9)
    lit = [(sun > tangents[:, sector % directions]).mean(axis=0) for sector in (low, low + 1)]
    share = (1.0 - part) * lit[0] + part * lit[1]
    facing = np.maximum(towards @ normal, 0.0) * (towards[:, 2] > 0.0)
    seen, band = _seen(tangents, normal, directions)
    diffuse = light.directed * facing * share + light.even * seen + light.band * band
    return np.asarray(np.maximum(diffuse, 0.0) + albedo * light.ghi * (1.0 - seen))


def _seen(tangents: Floats, normal: Floats, directions: int) -> tuple[float, float]:
    """Return the share of an even sky and of the band at the horizon that a plane sees, in the mean of its points."""
    place = _places(tangents, np.broadcast_to(normal, (len(tangents), 3)), directions)
    low = np.minimum(place.astype(np.int64), BINS - 1)
    part, number = (place - low)[:, :, None], np.arange(directions)
    shares = []
    for table in (_sky_vectors(directions), _band_vectors(directions)):
        vectors = table[number, low] * (1.0 - part) + table[number, low + 1] * part
        shares.append(float((vectors @ normal).sum(axis=1).mean()))
    return shares[0], shares[1]


def _places(tangents: Floats, normal: Floats, directions: int) -> Floats:
    """Return where in the tables a horizon stands, planes x directions; a plane hides what is behind it."""
    angle = np.radians(azimuths(directions))
    ahead = normal[:, 0, None] * np.sin(angle) + normal[:, 1, None] * np.cos(angle)
    up = normal[:, 2, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        own = np.where(up > 0.0, -ahead / up, np.where(ahead > 0.0, 0.0, np.inf))
        tangent = np.maximum(tangents, own)
        return np.asarray(np.where(np.isinf(tangent), 1.0, tangent / (1.0 + tangent)) * BINS)
