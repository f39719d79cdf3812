"""Roof planes: the even parts of roofs that can carry modules, from a surface model and footprints.

What stands out of a plane is an obstacle. The strip along the edge of a plane and round obstacles is kept free.
"""

import math
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from layers.constants import Constants, constants
from layers.geometry import families, part_of_family
from layers.grid import Grid
from layers.surface import TILE, Surface
from resources.rooftop.facets import facets, survey

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Shapes = NDArray[np.object_]

HALF = 0.5 - 1e-6
"""Usable share from which on a cell is a usable one: half, though a footprint's corner far from nought is rounded."""
FULL_CIRCLE_DEG = 360.0


def _numbers() -> Constants:
    return constants("resources.rooftop", "planes.csv")


def _default(key: str) -> float:
    return _numbers().value(key)


class PlaneOptions(BaseModel):
    """What the planner may choose about roof planes; defaults stand in ``planes.csv``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    setback_m: float = Field(default_factory=lambda: _default("setback_m"), ge=0.0, le=10.0)
    """Strip along the edge of a plane that is kept free, along the slope [m]."""
    obstacle_m: float = Field(default_factory=lambda: _default("obstacle_m"), gt=0.0, le=5.0)
    """What stands out of a plane more than this, square to it, is an obstacle [m]."""
    clearance_m: float = Field(default_factory=lambda: _default("clearance_m"), ge=0.0, le=10.0)
    """Strip round an obstacle that is kept free, along the slope [m]."""
    flat_below_deg: float = Field(default_factory=lambda: _default("flat_below_deg"), ge=0.0, le=45.0)
    """Planes flatter than this are flat roofs [deg]."""
    steepest_deg: float = Field(default_factory=lambda: _default("steepest_deg"), gt=0.0, lt=90.0)
    """Planes steeper than this are walls [deg]."""
    least_m2: float = Field(default_factory=lambda: _default("least_m2"), gt=0.0)
    """Smallest usable area of a plane [m2]."""
    least_height_m: float = Field(default_factory=lambda: _default("least_height_m"), ge=0.0, le=10.0)
    """Height over the lowest cell in and around its footprint from which on a plane is a roof and no ground [m]."""


@dataclass(frozen=True, eq=False)
class RoofPlanes:
    """The planes of roofs and their usable cells.

    Attributes
    ----------
    planes
        By ``plane_id`` (building and number, the largest plane of a building first), sorted: ``building_id``, ``form``
        (``flat`` or ``pitched``), ``tilt_deg``, ``azimuth_deg`` (where it falls toward, not a number on flat roofs),
        ``height_m`` (mean), ``area_m2`` (of the whole plane along the slope), ``usable_m2`` (without set-backs and
        obstacles) and the outline of the usable cells.
    cells
        Usable cells: ``row`` and ``col`` in the grid of the surface, ``plane`` as position in `planes`. A cell counts
        if half of it is usable and its height is that of the plane, so that its horizon is that of the roof;
        ``usable_m2`` counts parts of cells, and knows that a cell with a foot on the wall is roof up to the footprint.
    """

    planes: gpd.GeoDataFrame
    cells: pd.DataFrame


def roof_planes(buildings: gpd.GeoDataFrame, surface: Surface, options: PlaneOptions) -> RoofPlanes:
    """Return the planes of roofs that can carry modules.

    A cell is of the footprint that its centre lies in; where footprints overlap, of the first by ``building_id``. A
    building that the surface does not cover has no planes; one that the surface shows no height of has a flat one.

    Parameters
    ----------
    buildings
        Footprints with an index or a column ``building_id``, in the CRS of the surface.
    surface
        Heights [m], in single precision: at a million metres in steps of 6 cm, which a plane bears.
    options
        What is kept free, and what is too small or too steep.

    Raises
    ------
    ValueError
        If the CRS is another one, or a building has no id, the id of another one or no polygon; all are told at once.

    Examples
    --------
    >>> from layers.surface import surface_of_array
    >>> grid = Grid(0.0, 20.0, 1.0, 20, 20, pyproj.CRS.from_epsg(4550))
    >>> hall = gpd.GeoDataFrame({"building_id": ["hall"]}, geometry=[shapely.box(2, 2, 18, 12)], crs=grid.crs)
    >>> found = roof_planes(hall, surface_of_array(np.full(grid.shape, 7.0), grid), PlaneOptions(setback_m=1.0))
    >>> found.planes[["form", "area_m2", "usable_m2"]].values.tolist()
    [['flat', 160.0, 112.0]]
    """
    footprints = _footprints(buildings, surface.grid)
    found = [
        part
        for number in footprints.in_order(surface.grid)
        if (part := _planes_of(number, footprints, surface, options)) is not None
    ]
    return _assemble(found, footprints.ids, surface.grid, options)


@dataclass(frozen=True, eq=False)
class _Footprints:
    """Footprints by id.

    Attributes
    ----------
    ids
        Sorted.
    shapes
        Sound polygons.
    edges
        From and to of all edges, n x 4 [m].
    starts
        Number of the first edge of each footprint, and of the one after the last.
    earlier
        Pairs of overlapping footprints, by the later one; the cells are the earlier one's.
    """

    ids: NDArray[np.object_]
    shapes: NDArray[np.object_]
    edges: Floats
    starts: NDArray[np.int64]
    earlier: dict[int, list[int]]

    def in_order(self, grid: Grid) -> NDArray[np.int64]:
        """Return the footprints that reach into a grid, tile by tile so that each is read once."""
        bounds = shapely.bounds(self.shapes).reshape(-1, 4)
        west, south, east, north = grid.bounds
        here = (bounds[:, 0] < east) & (bounds[:, 2] > west) & (bounds[:, 1] < north) & (bounds[:, 3] > south)
        cols, rows = (bounds[:, 0] - west) // (grid.cell * TILE), (north - bounds[:, 3]) // (grid.cell * TILE)
        order = np.lexsort((cols, rows))
        return order[here[order]]

    def edges_of(self, number: int, x0: float, y0: float) -> Floats:
        """Return the edges of one footprint, east and south of a corner [m]."""
        edges = self.edges[self.starts[number] : self.starts[number + 1]]
        return np.asarray((edges - np.array([x0, y0, x0, y0])) * np.array([1.0, -1.0, 1.0, -1.0]))


def _footprints(buildings: gpd.GeoDataFrame, grid: Grid) -> _Footprints:
    """Return the footprints by id; raise a ValueError that tells all that is wrong with them."""
    faults = []
    if buildings.crs is None or not pyproj.CRS.from_user_input(buildings.crs).equals(grid.crs):
        faults.append(f"buildings are not in the CRS of the surface, {grid.crs.name}")
    if buildings.index.name != "building_id" and "building_id" not in buildings:
        raise ValueError("; ".join([*faults, "buildings have no index or column building_id"]))
    given = pd.Series(buildings.index if buildings.index.name == "building_id" else buildings["building_id"].to_numpy())
    names = given.astype("str").where(given.notna(), [f"number {n}" for n in range(1, len(given) + 1)])
    shapes = np.asarray(buildings.geometry.to_numpy(), dtype=object)
    bare = shapely.is_missing(shapes) | shapely.is_empty(shapes)
    wrong = {
        "have no building_id": given.isna().to_numpy(),
        "have the id of another one": (given.notna() & names.duplicated()).to_numpy(),
        "have no geometry": bare,
        "are no polygons": ~bare & (families(shapes) != "polygon"),
        "have coordinates that are not numbers": ~bare & ~np.isfinite(shapely.bounds(shapes)).all(axis=-1),
    }
    faults += [f"buildings {what}: {', '.join(names[rows].unique())}" for what, rows in wrong.items() if rows.any()]
    if faults:
        raise ValueError("; ".join(faults))
    order = np.argsort(names.to_numpy(dtype=object), kind="stable")
    shapes = shapely.force_2d(shapes[order])
    broken = ~shapely.is_valid(shapes)
    shapes[broken] = part_of_family(shapely.make_valid(shapes[broken]), "polygon")
    parts, of_shape = shapely.get_parts(shapes, return_index=True)
    rings, of_part = shapely.get_rings(parts, return_index=True)
    corners, of_ring = shapely.get_coordinates(rings, return_index=True)
    runs_on = of_ring[1:] == of_ring[:-1]
    edges = np.concatenate([corners[:-1], corners[1:]], axis=1)[runs_on]
    starts = np.searchsorted(of_shape[of_part[of_ring[1:][runs_on]]], np.arange(len(shapes) + 1))
    earlier: dict[int, list[int]] = {}
    later, other = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    later, other = later[other < later], other[other < later]
    overlap = ~shapely.touches(shapes[later], shapes[other])
    for number, first in zip(later[overlap].tolist(), other[overlap].tolist(), strict=True):
        earlier.setdefault(number, []).append(first)
    return _Footprints(names.to_numpy(dtype=object)[order], shapes, edges, starts, earlier)


@dataclass(frozen=True, eq=False)
class _Found:
    """The planes of one building: a row of figures each, and the place in the grid and plane of each usable cell."""

    building: int
    figures: Floats
    rows: Integers
    cols: Integers
    plane: Integers


def _planes_of(number: int, footprints: _Footprints, surface: Surface, options: PlaneOptions) -> _Found | None:
    """Return the planes of one building, the largest first; their figures are those of `_assemble`."""
    grid, cell = surface.grid, float(surface.cell)
    shape = footprints.shapes[number]
    west, south, east, north = shapely.bounds(shape)
    # a rim of one cell, so that all cells of the footprint have neighbours
    top, left = math.floor((grid.y0 - north) / cell) - 1, math.floor((west - grid.x0) / cell) - 1
    rows, cols = math.ceil((grid.y0 - south) / cell) + 1 - top, math.ceil((east - grid.x0) / cell) + 1 - left
    corner = grid.x0 + left * cell, grid.y0 - top * cell
    heights = surface.block(top, left, rows, cols).astype(np.float64)
    inside, away = survey(footprints.edges_of(number, *corner), rows, cols, cell)
    known = inside & np.isfinite(heights)
    for other in footprints.earlier.get(number, ()):
        known &= ~survey(footprints.edges_of(other, *corner), rows, cols, cell)[0]
    if not known.any():
        return None
    base = heights[known].min()
    z = np.where(known, heights - base, 0.0)  # squares of heights far above nought would lose their last figures
    fit = _numbers().under("fit")
    labels, planes, shares = facets(
        z,
        inside,
        known,
        away,
        cell,
        (fit["tolerance_m"].value, fit["seed_m"].value, fit["join_m"].value, fit["narrow_m"].value),
        (options.setback_m, options.obstacle_m, options.clearance_m),
        (math.cos(math.radians(options.steepest_deg)), options.least_m2 / cell**2),
    )
    row, col = np.nonzero(labels >= 0)
    label, share = labels[row, col], shares[row, col]
    plane = planes[label]
    level = plane[:, 0] * col * cell + plane[:, 1] * row * cell + plane[:, 2]
    seen = (share >= HALF) & (np.abs(z[row, col] - level) * plane[:, 3] <= options.obstacle_m)
    count, shared, levels, seen_of = (np.bincount(label, part, len(planes)) for part in (None, share, level, seen))
    # cells of a footprint add up to it; shares of cells know where its edge lies
    with np.errstate(divide="ignore", invalid="ignore"):  # a plane that was given up has no cells
        area = count / planes[:, 3] * shapely.area(shape) / inside.sum()
        usable = np.minimum(shared / planes[:, 3] * cell**2, area)
        height = base + levels / count
    # the largest first, and of equal ones the first
    order = np.argsort(-count, kind="stable")
    order = order[(seen_of[order] > 0) & (usable[order] >= options.least_m2)]
    if not len(order):
        return None
    place = np.full(len(planes), -1)
    place[order] = np.arange(len(order))
    seen &= place[label] >= 0
    figures = np.stack([planes[:, 0], planes[:, 1], height, area, usable], axis=1)[order]
    return _Found(number, figures, row[seen] + top, col[seen] + left, place[label[seen]])


def _assemble(found: list[_Found], ids: Shapes, grid: Grid, options: PlaneOptions) -> RoofPlanes:
    """Return the planes of all buildings; figures are rise east and south, mean height, whole and usable area."""
    counts = [len(one.figures) for one in found]
    names = np.array([f"{ids[one.building]}|{k}" for one in found for k in range(len(one.figures))], dtype=object)
    order = np.argsort(names, kind="stable")
    place = np.empty(len(names), dtype=np.int64)
    place[order] = np.arange(len(names))
    first = np.cumsum([0, *counts])
    none = np.empty(0, dtype=np.int64)
    plane = place[np.concatenate([none, *(one.plane + start for one, start in zip(found, first[:-1], strict=True))])]
    row, col = (np.concatenate([none, *(getattr(one, name) for one in found)]) for name in ("rows", "cols"))
    by_plane = np.lexsort((col, row, plane))
    plane, row, col = plane[by_plane], row[by_plane], col[by_plane]
    figures = np.concatenate([np.empty((0, 5)), *(one.figures for one in found)])[order]
    east, south, height, area, usable = figures.T
    tilt = np.degrees(np.arctan(np.hypot(east, south)))
    flat = tilt < options.flat_below_deg
    azimuth = (np.degrees(np.arctan2(-east, south)) + FULL_CIRCLE_DEG) % FULL_CIRCLE_DEG
    frame = gpd.GeoDataFrame(
        {
            "building_id": pd.array(np.repeat(ids[[one.building for one in found]], counts)[order], dtype="str"),
            "form": pd.array(np.where(flat, "flat", "pitched"), dtype="str"),
            "tilt_deg": tilt,
            "azimuth_deg": np.where(flat, np.nan, azimuth),
            "height_m": height,
            "area_m2": area,
            "usable_m2": usable,
        },
        geometry=_outlines(plane, row, col, len(names), grid),
        index=pd.Index(names[order], name="plane_id", dtype="str"),
        crs=grid.crs,
    )
    cells = pd.DataFrame({"row": row, "col": col, "plane": plane}, dtype=np.int32)
    return RoofPlanes(frame, cells)


def _outlines(plane: Integers, row: Integers, col: Integers, count: int, grid: Grid) -> Shapes:
    """Return the outlines of cells that are sorted by plane, row and column."""
    outlines = np.empty(count, dtype=object)
    if not count:
        return outlines
    # rows of neighbouring cells are one box
    breaks = np.flatnonzero((np.diff(plane) != 0) | (np.diff(row) != 0) | (np.diff(col) != 1))
    first, last = np.concatenate([[0], breaks + 1]), np.concatenate([breaks, [len(plane) - 1]])
    north = grid.y0 - row[first] * grid.cell
    boxes = shapely.box(
        grid.x0 + col[first] * grid.cell, north - grid.cell, grid.x0 + (col[last] + 1) * grid.cell, north
    )
    starts = np.searchsorted(plane[first], np.arange(count + 1))
    for k in range(count):
        outlines[k] = shapely.union_all(boxes[starts[k] : starts[k + 1]])
    return outlines
