"""Surfaces whose walls stand where footprints say, in smaller cells than they were measured in."""

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from layers.grid import Grid
from layers.surface import Singles, Surface, TiledHeights, burn

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

REACH = 3
"""How far a height is taken from, and what tells which side a cut cell is of [cells of the surface]."""
HALO = 2 * REACH
"""Cells around a tile that are looked at: a part takes its height from a cut cell, whose side others tell."""
NUDGE = np.array([1e-4, 1.7e-4])
"""Cells by which a place is moved, so that of cells as near as each other it is always the same one that counts."""
OPEN = -1
"""Number of what lies in no footprint."""


def surface_with_walls(surface: Surface, footprints: gpd.GeoDataFrame, parts: int = 4) -> Surface:
    """Return a surface in smaller cells, of the same heights, whose walls stand where footprints end.

    A cell that a wall runs through has one height, that of the roof or that of the ground. Here only the part of it on
    the wall's own side keeps it; the rest gets the height of the nearest cell on the other side, if there is one within
    `REACH`, as there may not be in an alley narrower than a cell. Cells that no wall runs through keep their heights.
    It is made as it is asked for.

    Parameters
    ----------
    surface
        Heights as they were measured.
    footprints
        Buildings, in the CRS of the surface; where they overlap the later one counts.
    parts
        Smaller cells along the side of one.

    Raises
    ------
    ValueError
        If the CRS differ, or there are no parts.

    Examples
    --------
    >>> grid = Grid(0.0, 1.0, 1.0, 1, 3, pyproj.CRS.from_epsg(4550))
    >>> from layers.surface import surface_of_array
    >>> measured = surface_of_array(np.array([[0.0, 9.0, 9.0]]), grid)
    >>> house = gpd.GeoDataFrame(geometry=[shapely.box(1.5, 0.0, 3.0, 1.0)], crs=grid.crs)
    >>> surface_with_walls(measured, house, parts=2).block(1, 0, 1, 6).tolist()
    [[0.0, 0.0, 0.0, 9.0, 9.0, 9.0]]
    """
    if parts < 1:
        raise ValueError(f"a cell has one part or more, not {parts}")
    if footprints.crs is None or not pyproj.CRS.from_user_input(footprints.crs).equals(surface.grid.crs):
        raise ValueError(f"footprints are not in the CRS of the surface, {surface.grid.crs.name}")
    coarse = surface.grid
    fine = replace(coarse, cell=coarse.cell / parts, rows=coarse.rows * parts, cols=coarse.cols * parts)
    tree = shapely.STRtree(footprints.geometry.to_numpy())

    def make(top: int, left: int, rows: int, cols: int) -> Singles:
        first, west = top // parts - HALO, left // parts - HALO
        deep, wide = -(-(top + rows) // parts) - first + HALO, -(-(left + cols) // parts) - west + HALO
        made = _divided(surface.block(first, west, deep, wide), _sides(tree, fine, parts, (first, west, deep, wide)))
        return made[top - first * parts :, left - west * parts :][:rows, :cols]

    return Surface(fine, TiledHeights(fine.shape, make))


def _sides(tree: shapely.STRtree, fine: Grid, parts: int, window: tuple[int, int, int, int]) -> Integers:
    """Return the number of the footprint in which each part of each cell lies, rows x columns x parts x parts."""
    top, left, rows, cols = window
    burnt = burn(
        tree,
        np.arange(len(tree.geometries)),
        fine,
        (top * parts, left * parts, rows * parts, cols * parts),
        fill=OPEN,
        dtype="int32",
    )
    return burnt.reshape(rows, parts, cols, parts).transpose(0, 2, 1, 3).astype(np.int64)


def _divided(heights: Singles, sides: Integers) -> Singles:
    """Return the heights of the parts of cells, rows x parts by columns x parts."""
    rows, cols, parts, _ = sides.shape
    out = np.repeat(np.repeat(heights[:, :, None, None], parts, axis=2), parts, axis=3)
    known = np.isfinite(heights)
    whole = (sides.min(axis=(2, 3)) == sides.max(axis=(2, 3))) & known
    cut = known & ~whole
    if cut.any():
        side = np.where(whole, sides[:, :, 0, 0], OPEN)
        side[cut] = _side_of_cut(heights, sides, whole, cut)
        row, col, down, right = np.nonzero(cut[:, :, None, None] & (sides != side[:, :, None, None]))
        wanted = sides[row, col, down, right]
        places = np.column_stack([row + (down + 0.5) / parts, col + (right + 0.5) / parts])
        found = _nearest(side, known, heights, places, wanted)
        out[row, col, down, right] = np.where(np.isnan(found), heights[row, col], found)
    return out.transpose(0, 2, 1, 3).reshape(rows * parts, cols * parts)


def _side_of_cut(heights: Singles, sides: Integers, whole: NDArray[np.bool_], cut: NDArray[np.bool_]) -> Integers:
    """Return which side of the wall each cut cell's height is of: the one whose nearest whole cell is as high."""
    row, col = np.nonzero(cut)
    own = sides[row, col].reshape(len(row), -1)
    cell, number = np.unique(np.column_stack([np.repeat(np.arange(len(row)), own.shape[1]), own.ravel()]), axis=0).T
    places = np.column_stack([row[cell] + 0.5, col[cell] + 0.5])
    near = _nearest(np.where(whole, sides[:, :, 0, 0], OPEN), whole, heights, places, number)
    apart = np.nan_to_num(np.abs(near - heights[row[cell], col[cell]]), nan=np.inf)
    order = np.lexsort((number, apart, cell))
    _, first = np.unique(cell[order], return_index=True)
    return np.asarray(number[order][first])


def _nearest(side: Integers, use: NDArray[np.bool_], heights: Singles, places: Floats, wanted: Integers) -> Floats:
    """Return the heights of the nearest used cells on the wanted sides, not a number where none is near."""
    row, col = np.nonzero(use)
    # sides lie far apart along a third axis, so that the nearest cell is one of the same side
    apart = 4.0 * REACH
    tree = cKDTree(np.column_stack([row + 0.5, col + 0.5, side[row, col] * apart]))
    away, number = tree.query(np.column_stack([places + NUDGE, wanted * apart]), distance_upper_bound=REACH)
    found = np.full(len(places), np.nan)
    met = np.isfinite(away)
    which = np.asarray(number)[met]
    found[met] = heights[row[which], col[which]]
    return found
