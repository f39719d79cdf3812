"""Reading rasters onto a grid of the study with every fault named, and writing them for everyone to open.

Every cell is sampled at points of its own, so that its value does not depend on how many rows are worked at a time.
"""

import math
import warnings
from pathlib import Path
from typing import Any, Literal

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pyproj
import rasterio
import rasterio.shutil
from affine import Affine
from rasterio.errors import NotGeoreferencedWarning, RasterioError
from rasterio.io import MemoryFile
from rasterio.windows import Window

from layers.errors import Findings
from layers.grid import Grid
from layers.vector import Source

Quantity = Literal["wind", "depth"]
Array = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

MAX_CELLS = 250_000
"""Cells of the study's grid worked at a time."""

_MOST_POINTS = 8  # sample points along a cell's side; finer rasters are sampled, not summed up pixel by pixel
_MOST_PIXELS = 16_000_000  # of the raster, read at a time
_HIGHEST_MEAN_WIND = 30.0  # m/s: no place on Earth has a higher yearly mean
_DEEPEST = 11_100.0  # m: nothing is deeper (Challenger Deep, about 10,935 m)
_TOLERATED_GAPS = 0.01
_BLOCK = 256


def read_raster(
    source: Source,
    findings: Findings,
    grid: Grid,
    *,
    quantity: Quantity,
    zone: gpd.GeoDataFrame,
    sea: Flags | None = None,
    max_cells: int = MAX_CELLS,
) -> Array | None:
    """Read the first band of a raster onto a grid.

    A cell is the mean of up to 8 x 8 points in it, each interpolated bilinearly between the pixels that hold data; a
    point whose nearest pixel holds none has none. Depth is returned positive downwards: a raster of heights, negative
    below the sea, is turned round, and a note says so.

    Parameters
    ----------
    source
        The raster file, of any format GDAL reads, in any CRS.
    findings
        Takes every fault and repair.
    grid
        The cells wanted.
    quantity
        ``wind``: mean wind speed [m/s]; ``depth``: depth of the sea or height of its ground [m].
    zone
        The zone; a raster that misses it is a fault.
    sea
        Cells at sea [rows x cols]: the sign of depths is judged there, so that hills do not mislead. Default: all.
    max_cells
        Upper bound of cells worked at a time.

    Returns
    -------
    numpy.ndarray or None
        Values [rows x cols], nan where there are none; None where the raster is at fault.
    """
    if not source.path.is_file():
        findings.error(source.name, f"the {quantity} raster is missing", "check the path in the study")
        return None
    if source.path.stat().st_size == 0:
        findings.error(source.name, f"the {quantity} raster is an empty file", "export it again")
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", NotGeoreferencedWarning)
            with rasterio.open(source.path) as dataset:
                if not _usable(dataset, source, findings, grid, zone):
                    return None
                values = _sample(dataset, grid, max_cells)
    except RasterioError as error:
        findings.error(
            source.name,
            f"cannot be read as a raster ({' '.join(str(error).split())[:160]})",
            "give a GeoTIFF, or another format GDAL reads; export it again",
        )
        return None
    if not np.isfinite(values).any():
        findings.error(
            source.name,
            f"the {quantity} raster holds no data on any of the {grid.size:,} cells of the study",
            "give a raster with values over the zone and its sea",
        )
        return None
    _tell_gaps(values if quantity == "wind" or sea is None else values[sea], source, findings, quantity)
    check = _check_wind if quantity == "wind" else _check_depth
    return check(values, source, findings, sea)


def _tell_gaps(values: Array, source: Source, findings: Findings, quantity: Quantity) -> None:
    gaps = float(np.isnan(values).mean()) if values.size else 0.0
    if gaps > _TOLERATED_GAPS:
        where = "cells of the study" if quantity == "wind" else "cells at sea"
        findings.warning(
            source.name,
            f"{gaps:.0%} of the {where} have no {quantity} data",
            "they hold no turbine; give a raster that covers zone and sea area",
        )


def _usable(dataset: Any, source: Source, findings: Findings, grid: Grid, zone: gpd.GeoDataFrame) -> bool:  # noqa: ANN401
    """Tell what is wrong with a raster before its values are looked at; True where nothing is."""
    before = len(findings.errors)
    if dataset.crs is None:
        findings.error(
            source.name,
            "has no coordinate reference system (CRS)",
            "assign the one it was made in, for example: gdal_edit.py -a_srs EPSG:4326 FILE",
        )
    if dataset.nodata is None:
        findings.error(
            source.name,
            "has no nodata value, so a place without data cannot be told from a true value",
            "declare it, for example: gdal_edit.py -a_nodata -9999 FILE",
        )
    if dataset.count > 1:
        findings.warning(source.name, f"has {dataset.count} bands; the first is used", "give a raster of one band")
    if len(findings.errors) > before:
        return False
    box = _bounds_in(dataset, grid.crs)
    zone_box = tuple(float(v) for v in zone.to_crs(grid.crs).total_bounds)
    if not _overlap(box, zone_box):
        findings.error(
            source.name,
            f"misses the zone: it covers x {box[0]:,.0f} to {box[2]:,.0f}, y {box[1]:,.0f} to {box[3]:,.0f} m, "
            f"the zone x {zone_box[0]:,.0f} to {zone_box[2]:,.0f}, y {zone_box[1]:,.0f} to {zone_box[3]:,.0f} m",
            "give a raster of this place, or mend its CRS",
        )
        return False
    return True


def _bounds_in(dataset: Any, crs: pyproj.CRS) -> tuple[float, ...]:  # noqa: ANN401 - rasterio has no types
    there = pyproj.CRS.from_user_input(dataset.crs.to_wkt())
    cols, rows = np.meshgrid([0.0, dataset.width], [0.0, dataset.height])
    x, y = _apply(dataset.transform, cols, rows)
    to_study = pyproj.Transformer.from_crs(there, crs, always_xy=True)
    return tuple(float(v) for v in to_study.transform_bounds(x.min(), y.min(), x.max(), y.max()))


def _overlap(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _sample(dataset: Any, grid: Grid, max_cells: int) -> Array:  # noqa: ANN401 - rasterio has no types
    """Return the mean of sample points per cell, strip by strip of the grid."""
    there = pyproj.CRS.from_user_input(dataset.crs.to_wkt())
    to_source = pyproj.Transformer.from_crs(grid.crs, there, always_xy=True)
    to_pixel: Affine = ~dataset.transform
    pixels = _pixels_per_side(to_source, to_pixel, grid)
    points = int(np.clip(math.ceil(pixels), 1, _MOST_POINTS))
    bound = min(max_cells / points**2, _MOST_PIXELS / max(pixels, 1.0) ** 2)
    step = ((np.arange(points) + 0.5) / points - 0.5) * grid.cell
    down, right = (offsets.ravel()[:, None, None] for offsets in np.meshgrid(step, step, indexing="ij"))
    result = np.full(grid.shape, np.nan)
    for first, last in grid.strips(max(1, int(bound))):
        x, y = np.meshgrid(grid.x_centres, grid.y_centres[first:last])
        place = to_source.transform((x + right).ravel(), (y - down).ravel())
        values = _interpolate(dataset, *_apply(to_pixel, *place)).reshape(-1, *x.shape)
        known = np.isfinite(values)
        count = known.sum(axis=0)
        np.divide(np.where(known, values, 0.0).sum(axis=0), count, out=result[first:last], where=count > 0)
    return result


def _pixels_per_side(to_source: pyproj.Transformer, to_pixel: Affine, grid: Grid) -> float:
    """Return how many pixels lie along a cell's side, judged in the middle of the grid."""
    west, south, east, north = grid.bounds
    x, y = (west + east) / 2.0, (south + north) / 2.0
    place = to_source.transform(np.array([x, x + grid.cell, x]), np.array([y, y, y + grid.cell]))
    col, row = _apply(to_pixel, *place)
    pixels = float(max(abs(np.diff(col)).max(), abs(np.diff(row)).max()))
    return pixels if np.isfinite(pixels) else 1.0


def _apply(affine: Affine, x: npt.ArrayLike, y: npt.ArrayLike) -> tuple[Array, Array]:
    x_given, y_given = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    return (
        affine.a * x_given + affine.b * y_given + affine.c,
        affine.d * x_given + affine.e * y_given + affine.f,
    )


def _interpolate(dataset: Any, col: Array, row: Array) -> Array:  # noqa: ANN401 - rasterio has no types
    """Return bilinear values at pixel coordinates (centres at .5), nan outside and where the nearest pixel has none."""
    result = np.full(col.shape, np.nan)
    inside = (col >= 0) & (col <= dataset.width) & (row >= 0) & (row <= dataset.height)
    if not inside.any():
        return result
    c, r = (np.clip(v[inside] - 0.5, 0.0, most - 1.0) for v, most in ((col, dataset.width), (row, dataset.height)))
    c0, r0 = np.floor(c).astype(np.int64), np.floor(r).astype(np.int64)
    c1, r1 = np.minimum(c0 + 1, dataset.width - 1), np.minimum(r0 + 1, dataset.height - 1)
    window = Window(int(c0.min()), int(r0.min()), int(c1.max() - c0.min() + 1), int(r1.max() - r0.min() + 1))
    band = dataset.read(1, window=window, masked=True).astype(np.float64).filled(np.nan)
    band = band * dataset.scales[0] + dataset.offsets[0]  # 1 and 0 unless values are packed into integers
    fc, fr = c - c0, r - r0
    nearest = band[np.where(fr < 0.5, r0, r1) - r0.min(), np.where(fc < 0.5, c0, c1) - c0.min()]
    total, weight = np.zeros(c.shape), np.zeros(c.shape)
    for rows, share_r in ((r0, 1.0 - fr), (r1, fr)):
        for cols, share_c in ((c0, 1.0 - fc), (c1, fc)):
            values = band[rows - r0.min(), cols - c0.min()]
            share = np.where(np.isfinite(values), share_r * share_c, 0.0)
            total += np.where(share > 0.0, values, 0.0) * share
            weight += share
    known = np.isfinite(nearest) & (weight > 0.0)
    result[inside] = np.where(known, total / np.where(known, weight, 1.0), np.nan)
    return result


def _check_wind(values: Array, source: Source, findings: Findings, _sea: Flags | None) -> Array | None:
    known = values[np.isfinite(values)]
    lowest, highest = float(known.min()), float(known.max())
    if lowest < 0.0:
        findings.error(
            source.name,
            f"mean wind speed is {lowest:.4g} m/s somewhere",
            "give speeds, not components; check that the nodata value is declared",
        )
        return None
    if highest == 0.0:
        findings.error(
            source.name, "mean wind speed is 0 everywhere", "give the mean wind speed in m/s; zeros are not 'no data'"
        )
        return None
    if highest > _HIGHEST_MEAN_WIND:
        findings.error(
            source.name,
            f"mean wind speed reaches {highest:.4g}, which cannot be m/s",
            "give m/s: divide km/h by 3.6; this may also be power density (W/m2)",
        )
        return None
    still = values == 0.0
    if still.any():
        findings.warning(
            source.name,
            f"mean wind speed is exactly 0 on {int(still.sum()):,} cells: they were taken for cells without data",
            "declare 0 as nodata, or fill the gaps",
        )
    return np.where(still, np.nan, values)


def _check_depth(values: Array, source: Source, findings: Findings, sea: Flags | None) -> Array | None:
    judged = values if sea is None or not np.isfinite(values[sea]).any() else values[sea]
    known = judged[np.isfinite(judged) & (judged != 0.0)]
    if known.size == 0:
        findings.error(source.name, "depth is 0 everywhere at sea", "give the depth of the sea in metres")
        return None
    if float(np.abs(known).max()) > _DEEPEST:
        findings.error(
            source.name,
            f"depth reaches {float(np.abs(known).max()):,.0f}, deeper than any sea in metres",
            "give metres; check that the nodata value is declared",
        )
        return None
    negative = float((known < 0.0).mean())
    if negative > 0.5:
        findings.note(
            source.name,
            f"{negative:.0%} of the depths at sea are negative: they were taken as heights and turned round, "
            "so that depth counts downwards",
        )
    if 0.1 < negative < 0.9:
        findings.warning(
            source.name,
            f"depths at sea have mixed signs ({negative:.0%} negative)",
            "check the shore, the sign and the datum of the raster",
        )
    return -values if negative > 0.5 else values


def write_cog(
    path: Path,
    array: npt.NDArray[Any],
    grid: Grid,
    *,
    nodata: float,
    unit: str,
    description: str,
) -> Path:
    """Write cells as a Cloud-Optimised GeoTIFF: tiled, compressed, with overviews; the same in, the same bytes out.

    Parameters
    ----------
    path
        File to write; it is replaced.
    array
        Values [rows x cols] or as many in the order of cell numbers. Floats are stored as float32, nan as `nodata`.
    grid
        Where the cells are.
    nodata
        Value that stands for "no data".
    unit, description
        Unit and name of the band.

    Returns
    -------
    pathlib.Path
        The file.

    Raises
    ------
    ValueError
        If the array does not fit the grid.

    References
    ----------
    OGC 21-026, Cloud Optimized GeoTIFF Standard 1.0.
    """
    cells = np.asarray(array)
    if cells.size != grid.size:
        raise ValueError(f"{path.name}: {cells.size} values do not fit {grid.rows} x {grid.cols} cells")
    cells = cells.reshape(grid.shape)
    if cells.dtype == np.bool_:
        cells = cells.astype(np.uint8)
    floating = np.issubdtype(cells.dtype, np.floating)
    if floating:
        cells = np.where(np.isfinite(cells), cells, nodata).astype(np.float32)
    profile = {
        "driver": "GTiff",
        "height": grid.rows,
        "width": grid.cols,
        "count": 1,
        "dtype": cells.dtype.name,
        "crs": rasterio.crs.CRS.from_wkt(grid.crs.to_wkt("WKT2_2019")),
        "transform": grid.transform,
        "nodata": nodata,
    }
    with MemoryFile() as memory:
        with memory.open(**profile) as plain:
            plain.write(cells, 1)
            plain.set_band_description(1, description)
            plain.set_band_unit(1, unit)
        with memory.open() as plain:
            rasterio.shutil.copy(
                plain,
                path,
                driver="COG",
                compress="DEFLATE",
                predictor="YES",
                blocksize=_BLOCK,
                overviews="IGNORE_EXISTING",
                overview_resampling="AVERAGE" if floating else "NEAREST",
                num_threads="1",
            )
    return path
