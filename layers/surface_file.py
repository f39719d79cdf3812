"""A raster of heights in a file, read tile by tile onto a grid, with its small gaps filled.

A raster whose cells are the grid's is read as it is. Any other is sampled at the centres of the grid's cells,
bilinearly between the pixels that hold data. GDAL's own warping is not used: its approximations depend on the window
asked for, and it knows one value for gaps only.
"""

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyproj
import rasterio
from numpy.typing import NDArray
from rasterio.windows import Window
from scipy import ndimage

from layers.constants import constants
from layers.grid import Grid
from layers.surface import TILE, Floats, Singles

Flags = NDArray[np.bool_]

_LATTICE = 32  # cells between exactly transformed points; between them a map is straight to a tenth of a millimetre
_MOST_POINTS = 4  # sample points along a cell's side where pixels are finer
_MARKS = (-9999.0, -99999.0, -32768.0, -32767.0)  # written for "no data" by common programs, and no heights
_HUGE = 1e30  # 3.4e38 and its like


def horizontal(crs: pyproj.CRS) -> pyproj.CRS:
    """Return the CRS without its heights."""
    return crs.sub_crs_list[0] if crs.is_compound else crs.to_2d()


def fill_small_gaps(heights: Singles, most_cells: int) -> tuple[Singles, Flags]:
    """Return heights with their small gaps filled, and which cells were.

    A gap is a set of cells without data that touch each other, by corners too. Its cells are filled from the rim
    inwards, each with the mean of the known ones among its eight neighbours. Gaps at the edge are left.

    Examples
    --------
    >>> roof = np.full((3, 3), 9.0, dtype=np.float32)
    >>> roof[1, 1] = np.nan
    >>> float(fill_small_gaps(roof, 1)[0][1, 1])
    9.0
    """
    gaps = np.isnan(heights)
    if most_cells < 1 or not gaps.any():
        return heights, np.zeros(heights.shape, dtype=np.bool_)
    labels, _ = ndimage.label(gaps, structure=np.ones((3, 3), dtype=np.int8))
    small = np.bincount(labels.ravel()) <= most_cells
    small[0] = False
    for edge in (labels[0], labels[-1], labels[:, 0], labels[:, -1]):
        small[edge] = False
    chosen = small[labels]
    filled = heights.copy()
    rows, cols = np.nonzero(chosen)
    around = [(down, right) for down in (-1, 0, 1) for right in (-1, 0, 1) if down or right]
    while len(rows):
        near = np.stack([filled[rows + down, cols + right] for down, right in around]).astype(np.float64)
        known = np.isfinite(near)
        count = known.sum(axis=0)
        ready = count > 0
        mean = np.where(known, near, 0.0).sum(axis=0)[ready] / count[ready]
        filled[rows[ready], cols[ready]] = mean.astype(np.float32)
        rows, cols = rows[~ready], cols[~ready]
    return filled, chosen


def spikes(heights: Floats, least_m: float) -> Flags:
    """Return which cells stand more than a height above, or below, all eight around them.

    Cells beside a gap or at the edge are not judged.

    Examples
    --------
    >>> noise = np.zeros((3, 3))
    >>> noise[1, 1] = -200.0
    >>> int(spikes(noise, 100.0).sum()), int(spikes(noise, 300.0).sum())
    (1, 0)
    """
    padded = np.pad(heights, 1, constant_values=np.nan)
    rows, cols = heights.shape
    around = [
        padded[1 + down : 1 + down + rows, 1 + right : 1 + right + cols]
        for down in (-1, 0, 1)
        for right in (-1, 0, 1)
        if down or right
    ]
    above, below = heights - np.maximum.reduce(around), np.minimum.reduce(around) - heights
    return np.asarray((above > least_m) | (below > least_m))


@dataclass(frozen=True)
class HeightFile:
    """A raster that was found sound, and how it becomes heights on a grid; opened anew for each tile."""

    path: Path
    grid: Grid
    own_cells: bool  # the grid is the file's
    pixels: float  # of the file along a cell's side
    factor: float  # m per unit of height
    fill_cells: int

    @property
    def spike_m(self) -> float:
        """Height from which on `spikes` of the file are taken as gaps [m]."""
        value = constants("layers", "surface.csv").value
        return max(value("spike.height_m"), value("spike.slope") * self.grid.cell / self.pixels)

    @property
    def side(self) -> int:
        """Cells along a tile's side: fewer where the file is finer."""
        return max(64, int(TILE / max(1.0, self.pixels)))

    def tile(self, top: int, left: int, rows: int, cols: int) -> tuple[Singles, Flags]:
        """Return the heights of a tile [m], and which were filled.

        A small gap that touches the tile lies in the margin with its rim, so it is filled alike from both sides.
        """
        margin = self.fill_cells + 1
        first, last = max(top - margin, 0), min(top + rows + margin, self.grid.rows)
        west, east = max(left - margin, 0), min(left + cols + margin, self.grid.cols)
        with rasterio.open(self.path) as dataset:
            if self.own_cells:
                values = self._read(dataset, west, first, east - west, last - first)
            else:
                values = self._sample(dataset, first, west, last - first, east - west)
        inside = slice(top - first, top - first + rows), slice(left - west, left - west + cols)
        filled, chosen = fill_small_gaps(values.astype(np.float32), self.fill_cells)
        return np.ascontiguousarray(filled[inside]), chosen[inside]

    def _sample(self, dataset: Any, top: int, left: int, rows: int, cols: int) -> Floats:  # noqa: ANN401
        """Return the mean of sample points per cell; one where cells are no larger than pixels."""
        col, row = self._places(dataset, top, left, rows, cols)
        points = int(np.clip(math.ceil(self.pixels - 0.5), 1, _MOST_POINTS))
        c_east, c_south = (_step(col, axis) for axis in (1, 0))
        r_east, r_south = (_step(row, axis) for axis in (1, 0))
        reach = abs(np.array([c_east, c_south, r_east, r_south])).max() + 2.0
        c0, c1 = (int(np.clip(v, 0, dataset.width)) for v in (np.floor(col.min() - reach), np.ceil(col.max() + reach)))
        r0, r1 = (int(np.clip(v, 0, dataset.height)) for v in (np.floor(row.min() - reach), np.ceil(row.max() + reach)))
        if c0 == c1 or r0 == r1:
            return np.full((rows, cols), np.nan)
        band = self._read(dataset, c0, r0, c1 - c0, r1 - r0)
        total, count = np.zeros((rows, cols)), np.zeros((rows, cols))
        offsets = (np.arange(points) + 0.5) / points - 0.5
        for south in offsets:
            for east in offsets:
                c, r = col + east * c_east + south * c_south, row + east * r_east + south * r_south
                values = _bilinear(band, c - c0, r - r0)
                known = np.isfinite(values)
                total += np.where(known, values, 0.0)
                count += known
        return np.where(count > 0, total / np.maximum(count, 1.0), np.nan)

    def _read(self, dataset: Any, left: int, top: int, cols: int, rows: int) -> Floats:  # noqa: ANN401
        """Return heights [m] of a window in the file, nan where there are none or cannot be."""
        # with a rim, so that a spike is one whatever the window
        west, north = max(left - 1, 0), max(top - 1, 0)
        size = min(left + cols + 1, dataset.width) - west, min(top + rows + 1, dataset.height) - north
        values, _ = heights_of(dataset, dataset.read(1, window=Window(west, north, *size), masked=True), self.factor)
        values[abs(values) > constants("layers", "surface.csv").value("height.limit_m")] = np.nan
        values[spikes(values, self.spike_m)] = np.nan
        return values[top - north : top - north + rows, left - west : left - west + cols]

    def _places(self, dataset: Any, top: int, left: int, rows: int, cols: int) -> tuple[Floats, Floats]:  # noqa: ANN401
        """Return the pixel coordinates (column, row) of cell centres."""
        there = horizontal(pyproj.CRS.from_user_input(dataset.crs.to_wkt()))
        to_file = pyproj.Transformer.from_crs(self.grid.crs, there, always_xy=True)
        grid = self.grid
        down, across = (np.append(np.arange(0, size, _LATTICE), size) for size in (rows, cols))
        x, y = np.meshgrid(grid.x0 + (left + across + 0.5) * grid.cell, grid.y0 - (top + down + 0.5) * grid.cell)
        back = ~dataset.transform
        fx, fy = to_file.transform(x, y)
        return (
            _refine(back.a * fx + back.b * fy + back.c, down, across),
            _refine(back.d * fx + back.e * fy + back.f, down, across),
        )


def _step(places: Floats, axis: int) -> float:
    """Return how far pixel coordinates go on from cell to cell along an axis, in the mean."""
    size = places.shape[axis]
    return 0.0 if size < 2 else float(np.diff(places.take([0, size - 1], axis=axis), axis=axis).mean() / (size - 1))


def _refine(lattice: Floats, down: NDArray[np.int64], across: NDArray[np.int64]) -> Floats:
    """Return values at all cells from those at some rows and columns, linearly between them."""
    for positions in (down, across):
        wanted = np.arange(positions[-1])
        low = np.searchsorted(positions, wanted, side="right") - 1
        part = ((wanted - positions[low]) / (positions[low + 1] - positions[low]))[:, None]
        # one axis, then by transposing the other
        lattice = (lattice[low] * (1.0 - part) + lattice[low + 1] * part).T
    return lattice


def _bilinear(band: Floats, col: Floats, row: Floats) -> Floats:
    """Return values at pixel coordinates (centres at .5), nan outside and where the nearest pixel has none."""
    height, width = band.shape
    inside = (col >= 0) & (col <= width) & (row >= 0) & (row <= height)
    c, r = np.clip(col - 0.5, 0.0, width - 1.0), np.clip(row - 0.5, 0.0, height - 1.0)
    c, r = np.where(inside, c, 0.0), np.where(inside, r, 0.0)
    c0, r0 = c.astype(np.int64), r.astype(np.int64)
    c1, r1 = np.minimum(c0 + 1, width - 1), np.minimum(r0 + 1, height - 1)
    fc, fr = c - c0, r - r0
    total, weight = np.zeros(c.shape), np.zeros(c.shape)
    for rows, share_r in ((r0, 1.0 - fr), (r1, fr)):
        for cols, share_c in ((c0, 1.0 - fc), (c1, fc)):
            values = band[rows, cols]
            known = np.isfinite(values)
            share = share_r * share_c * known
            total += np.where(known, values, 0.0) * share
            weight += share
    nearest = band[np.where(fr < 0.5, r0, r1), np.where(fc < 0.5, c0, c1)]
    sound = inside & np.isfinite(nearest) & (weight > 0.0)
    return np.where(sound, total / np.where(sound, weight, 1.0), np.nan)


def heights_of(dataset: Any, raw: Any, factor: float) -> tuple[Floats, Flags]:  # noqa: ANN401 - rasterio has no types
    """Return heights [m], nan in gaps, and which cells hold a mark for gaps that the file does not declare."""
    values = np.ma.getdata(raw).astype(np.float64)
    values[np.ma.getmaskarray(raw)] = np.nan
    marks = np.isin(values, _MARKS) | (abs(values) > _HUGE)
    values[marks] = np.nan
    return values * (dataset.scales[0] * factor) + dataset.offsets[0] * factor, marks
