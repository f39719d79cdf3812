"""Reading surface models from rasters, with every fault named before anything long runs."""

import math
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
import pyproj
import rasterio
from affine import Affine
from rasterio.errors import NotGeoreferencedWarning, RasterioError
from rasterio.windows import Window

from layers.constants import constants
from layers.crs import SLACK_DEG, in_area, study_crs
from layers.errors import Findings
from layers.grid import Grid
from layers.surface import TILE, Surface, TiledHeights
from layers.surface_file import HeightFile, heights_of, horizontal, spikes
from layers.vector import Source

MOST_CHECKED = 16_000_000
"""Cells up to which a raster is checked cell by cell; a larger one by its overview and parts of it."""

_PARTS = 16  # parts of a large raster that are looked at cell by cell
_FOOT, _SURVEY_FOOT = 0.3048, 1200.0 / 3937.0  # m, by definition
_UNITS = {
    **dict.fromkeys(("m", "metre", "meter", "metres", "meters", "米"), 1.0),
    **dict.fromkeys(("ft", "foot", "feet", "international foot", "international feet"), _FOOT),
    **dict.fromkeys(
        ("ftus", "us-ft", "us ft", "foot us", "us survey foot", "us survey feet", "survey foot", "survey feet"),
        _SURVEY_FOOT,
    ),
}


def read_surface(
    source: Source, findings: Findings, crs: pyproj.CRS | None = None, cell: float | None = None
) -> Surface | None:
    """Open a raster of heights as a surface, which is read as it is asked for.

    Gaps of up to ``gap.fill_cells`` connected cells with data all round are filled from their rim; larger ones, and
    those at the edge, stay gaps. Heights in feet are converted.

    Parameters
    ----------
    source
        The raster, of any format GDAL reads; its first band holds heights.
    findings
        Takes every fault and repair.
    crs
        Projected CRS in metres wanted; without it that of the file.
    cell
        Side of the cells wanted [m]; without it that of the file's.

    Returns
    -------
    Surface or None
        The surface [m]; None where the raster is at fault.

    Raises
    ------
    ValueError
        If the CRS or the cell wanted cannot be computed in.
    """
    if crs is not None and not (crs.is_projected and _metres_per_unit(crs) == 1.0):
        raise ValueError(f"a surface needs a projected CRS in metres, not {crs.name}")
    if cell is not None and not cell > 0.0:
        raise ValueError(f"a surface needs cells, not {cell} m")
    if not source.path.is_file():
        findings.error(source.name, "the surface raster is missing", "check the path in the study")
        return None
    if source.path.stat().st_size == 0:
        findings.error(source.name, "the surface raster is an empty file", "export it again")
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", NotGeoreferencedWarning)
            with rasterio.open(source.path) as dataset:
                file = _examine(dataset, source, findings, crs, cell)
        if file is None:
            return None
        _tell_filled(file, source, findings)
    except RasterioError as error:
        findings.error(
            source.name,
            f"cannot be read as a raster ({' '.join(str(error).split())[:160]})",
            "give a GeoTIFF, or another format GDAL reads; export it again",
        )
        return None
    return Surface(file.grid, TiledHeights(file.grid.shape, lambda *window: file.tile(*window)[0], side=file.side))


def _examine(
    dataset: Any,  # noqa: ANN401 - rasterio has no types
    source: Source,
    findings: Findings,
    crs: pyproj.CRS | None,
    cell: float | None,
) -> HeightFile | None:
    """Tell everything that is wrong with a raster; return how to read it where nothing is."""
    before = len(findings.errors)
    if dataset.count == 0:
        inside = dataset.subdatasets
        findings.error(
            source.name,
            f"holds {len(inside)} rasters ({', '.join(inside)[:160]}), and does not say which has the heights",
            "write that one to a file of its own, for example: gdal_translate NAME NEW.tif",
        )
        return None
    if str(dataset.dtypes[0]).startswith("complex"):
        findings.error(source.name, "holds complex numbers, which are no heights", "give a raster of heights")
        return None
    if dataset.count > 1:
        findings.warning(
            source.name, f"has {dataset.count} bands; the first is used", "give a raster of one band, of heights"
        )
    if min(dataset.width, dataset.height) < 2:
        findings.error(
            source.name,
            f"is {dataset.height} row(s) x {dataset.width} column(s), which is no surface",
            "give a raster of at least two rows and two columns",
        )
    there = None if dataset.crs is None else pyproj.CRS.from_user_input(dataset.crs.to_wkt())
    factor = _check_unit(dataset, source, findings, there)
    _check_values(dataset, source, findings, factor)
    place = _check_place(dataset, source, findings, there, crs)
    if place is None or len(findings.errors) > before:
        return None
    file = _lay(dataset, source, findings, place, cell, factor)
    _tell_spikes(dataset, source, findings, file)
    return file


def _check_unit(dataset: Any, source: Source, findings: Findings, crs: pyproj.CRS | None) -> float:  # noqa: ANN401
    """Return metres per unit of height: by the band's unit, a tag, or the vertical axis of the CRS."""
    tags = {name.upper(): text for name, text in {**dataset.tags(), **dataset.tags(1)}.items()}
    said = [dataset.units[0], *(tags.get(name) for name in ("UNITTYPE", "UNITS", "UNIT"))]
    if crs is not None:
        vertical = [part.axis_info[0] for part in crs.sub_crs_list if part.is_vertical] or crs.axis_info[2:3]
        said += [axis.unit_name for axis in vertical]
    names = [" ".join(text.replace("_", " ").lower().split()) for text in said if text and text.strip()]
    unknown = [name for name in names if name not in _UNITS]
    if unknown:
        findings.warning(
            source.name,
            f"heights are said to be in {unknown[0]!r}, which is not known",
            "metres or feet are understood: gdal_edit.py -units m FILE",
        )
    factors = {_UNITS[name] for name in names if name in _UNITS}
    if len(factors) > 1:
        findings.error(
            source.name,
            f"says two units of height: {' and '.join(dict.fromkeys(names))}",
            "set the right one in band and CRS, for example: gdal_edit.py -units m FILE",
        )
        return 1.0
    if factors:
        factor: float = next(iter(factors))
        if factor != 1.0:
            findings.note(
                source.name,
                f"heights in feet ({names[0]}) were converted to metres, x {factor:.7g}",
                "if they are metres, say so: gdal_edit.py -units m FILE",
            )
        return factor
    if crs is not None and crs.is_projected and not math.isclose(_metres_per_unit(crs), 1.0):
        findings.warning(
            source.name,
            "does not say the unit of its heights, and its CRS is in feet; they were taken as metres",
            "say which they are, for example: gdal_edit.py -units ft FILE",
        )
    return 1.0


def _pieces(dataset: Any) -> Iterator[tuple[Any, int, int, float]]:  # noqa: ANN401
    """Yield parts of the first band, with their first row and column and the pixels a value stands for along a side."""
    height, width = dataset.height, dataset.width
    if height * width <= MOST_CHECKED:
        yield dataset.read(1, masked=True), 0, 0, 1.0
        return
    step = math.sqrt(height * width / (MOST_CHECKED / 4))
    shape = (max(1, int(height / step)), max(1, int(width / step)))
    yield dataset.read(1, masked=True, out_shape=shape), 0, 0, step
    for part in range(_PARTS):
        row, col = divmod(part, int(math.sqrt(_PARTS)))
        tops = [int((n + 0.5) / math.sqrt(_PARTS) * size) for n, size in ((row, height), (col, width))]
        yield dataset.read(1, window=Window(tops[1], tops[0], TILE, TILE), masked=True), tops[0], tops[1], 1.0


def _check_values(dataset: Any, source: Source, findings: Findings, factor: float) -> None:  # noqa: ANN401
    limit = constants("layers", "surface.csv").value("height.limit_m")
    marked: dict[float, int] = {}
    beyond, first, gaps, lowest, highest = 0, (0, 0), None, np.inf, -np.inf
    worst = 0.0
    for raw, top, left, step in _pieces(dataset):
        values, marks = heights_of(dataset, raw, factor)
        for mark, count in zip(*np.unique(np.ma.getdata(raw)[marks], return_counts=True), strict=True):
            marked[float(mark)] = marked.get(float(mark), 0) + int(count)
        far = abs(values) > limit
        if far.any():
            row, col = (int(places[0]) for places in np.nonzero(far))
            first = first if beyond else (top + int(row * step) + 1, left + int(col * step) + 1)
            beyond += int(far.sum())
            worst = float(max(worst, values[far].max(), -values[far].min(), key=abs))
        known = values[np.isfinite(values) & ~far]
        if known.size:
            lowest, highest = min(lowest, float(known.min())), max(highest, float(known.max()))
        gaps = float(np.isnan(values).mean()) if gaps is None else gaps  # the first piece covers all
    looked = "" if dataset.width * dataset.height <= MOST_CHECKED else " among those looked at"
    if marked:
        listed = ", ".join(f"{value:.6g} on {count:,} cells" for value, count in sorted(marked.items()))
        findings.warning(
            source.name,
            f"holds values that mean 'no data' without saying so: {listed}{looked}; they were taken as gaps",
            "declare it, for example: gdal_edit.py -a_nodata -9999 FILE",
        )
    if beyond:
        findings.error(
            source.name,
            f"{beyond:,} cells{looked} have heights beyond +-{limit:,.0f} m, up to {worst:,.6g} m; "
            f"the first is row {first[0]}, column {first[1]}",
            "correct them, or declare their value as nodata: gdal_edit.py -a_nodata VALUE FILE",
        )
    if not np.isfinite(lowest):
        if not beyond:
            findings.error(source.name, "holds no heights at all", "give a raster with data; check its nodata value")
        return
    if lowest == highest:
        findings.warning(
            source.name,
            f"is flat: every height is {lowest:g} m",
            "give heights of ground and roofs; nothing casts a shadow here",
        )
    _tell_gaps(gaps or 0.0, source, findings)


def _tell_spikes(dataset: Any, source: Source, findings: Findings, file: HeightFile) -> None:  # noqa: ANN401
    """Warn of single cells that stand out of all around them, which the file is read without."""
    count, first, worst = 0, (0, 0), 0.0
    for raw, top, left, step in _pieces(dataset):
        if step > 1.0:
            continue  # neighbours in an overview are none
        values, _ = heights_of(dataset, raw, file.factor)
        out = spikes(values, file.spike_m)
        if out.any():
            row, col = (int(places[0]) for places in np.nonzero(out))
            first = first if count else (top + row + 1, left + col + 1)
            count += int(out.sum())
            worst = float(max(worst, *values[out], key=abs))
    if count:
        looked = "" if dataset.width * dataset.height <= MOST_CHECKED else " among those looked at"
        findings.warning(
            source.name,
            f"{count:,} cells{looked} stand more than {file.spike_m:,.0f} m above or below all around them, up to "
            f"{worst:,.6g} m; the first is row {first[0]}, column {first[1]}; they were taken as gaps",
            "filter the noise of the survey; masts of one cell cast no shadow that counts",
        )


def _tell_gaps(gaps: float, source: Source, findings: Findings) -> None:
    if gaps == 0.0:
        return
    tell = findings.warning if gaps > constants("layers", "surface.csv").value("gap.told") else findings.note
    share = f"{gaps:.1%}" if gaps >= 0.001 else "less than 0.1%"
    tell(source.name, f"{share} of its cells have no data", "large gaps cast no shadow and get no sun")


def _metres_per_unit(crs: pyproj.CRS) -> float:
    return float(crs.axis_info[0].unit_conversion_factor)


def _check_place(
    dataset: Any,  # noqa: ANN401
    source: Source,
    findings: Findings,
    given: pyproj.CRS | None,
    wanted: pyproj.CRS | None,
) -> pyproj.CRS | None:
    """Return the CRS that the surface will be in; None where the file does not tell where it is."""
    if given is None:
        findings.error(
            source.name,
            "has no coordinate reference system (CRS)",
            "assign the one it was made in, for example: gdal_edit.py -a_srs EPSG:4549 FILE",
        )
        return None
    crs = horizontal(given)
    x, y = zip(*(dataset.transform * place for place in _corners(dataset)), strict=True)
    box = min(x), min(y), max(x), max(y)
    fault = _fault_of_place(dataset, crs, box, warped=wanted is not None)
    if fault is not None:
        findings.error(source.name, *fault)
        return None
    target = crs if wanted is None else wanted
    degrees = pyproj.Transformer.from_crs(crs, 4326, always_xy=True)
    middle = degrees.transform(sum(x) / 4.0, sum(y) / 4.0)
    if wanted is None and not math.isclose(_metres_per_unit(crs), 1.0) and np.isfinite(middle).all():
        target = study_crs(*middle)
    for one in (crs, target):
        code = one.to_epsg()  # what is read from a file has lost the area it is made for
        made_for = one if code is None else pyproj.CRS.from_epsg(code)
        if not np.isfinite(middle).all() or not in_area(made_for, *middle, slack_deg=SLACK_DEG):
            findings.error(
                source.name,
                f"lies outside the area that {one.name} is made for ({_extent(box)})",
                "check its CRS, and that it is a raster of this place",
            )
            return None
    return target


def _fault_of_place(
    dataset: Any,  # noqa: ANN401
    crs: pyproj.CRS,
    box: tuple[float, float, float, float],
    *,
    warped: bool,
) -> tuple[str, str] | None:
    """Return what is wrong with where the cells lie, and the remedy."""
    west, south, east, north = box
    if dataset.transform.is_identity or not abs(dataset.transform.determinant) > 0.0:
        return "does not say where its cells lie", "georeference it (QGIS: Georeferencer)"
    if not crs.is_geographic and not crs.is_projected:
        return f"has a local CRS that lies nowhere on Earth ({crs.name})", "georeference it (QGIS: Georeferencer)"
    fine = abs(dataset.transform.a) + abs(dataset.transform.b) < 0.01
    if crs.is_projected and fine and west >= -180.0 and east <= 180.0 and south >= -90.0 and north <= 90.0:
        return (
            f"says its coordinates are metres ({crs.name}), but they are degrees: {_extent(box)}",
            "assign EPSG:4326 or EPSG:4490 (degrees) to the file",
        )
    if crs.is_geographic and not (west >= -360.0 and east <= 360.0 and south >= -90.01 and north <= 90.01):
        return (
            f"says its coordinates are degrees ({crs.name}), but they look like metres: {_extent(box)}",
            "assign the projected CRS it was made in",
        )
    if warped or crs.is_projected:
        return None
    fit = study_crs(((west + east) / 2.0 + 180.0) % 360.0 - 180.0, (south + north) / 2.0).to_epsg()
    return (
        f"has heights in metres on cells in degrees ({crs.name}), on which no slope or shadow can be reckoned",
        f"warp it to the CRS of the study, for example: gdalwarp -t_srs EPSG:{fit} -r bilinear FILE NEW",
    )


def _extent(box: tuple[float, float, float, float]) -> str:
    return f"x {box[0]:.6g} to {box[2]:.6g}, y {box[1]:.6g} to {box[3]:.6g}"


def _corners(dataset: Any) -> list[tuple[float, float]]:  # noqa: ANN401
    return [(col, row) for col in (0.0, dataset.width) for row in (0.0, dataset.height)]


def _lay(
    dataset: Any,  # noqa: ANN401
    source: Source,
    findings: Findings,
    target: pyproj.CRS,
    cell: float | None,
    factor: float,
) -> HeightFile:
    """Return how the file is read onto a grid, and note where it is resampled."""
    crs = horizontal(pyproj.CRS.from_user_input(dataset.crs.to_wkt()))
    here: Affine = dataset.transform
    fill_cells = int(constants("layers", "surface.csv").value("gap.fill_cells"))
    upright = here.b == 0.0 and here.d == 0.0 and here.a > 0.0 > here.e
    square = upright and math.isclose(here.a, -here.e, rel_tol=1e-6)
    same = crs.equals(target, ignore_axis_order=True)
    if same and square and (cell is None or math.isclose(cell, here.a, rel_tol=1e-6)):
        grid = Grid(here.c, here.f, here.a, dataset.height, dataset.width, target)
        return HeightFile(source.path, grid, own_cells=True, pixels=1.0, factor=factor, fill_cells=fill_cells)
    to_target = pyproj.Transformer.from_crs(crs, target, always_xy=True)
    x, y = zip(*(here * place for place in _corners(dataset)), strict=True)
    box = to_target.transform_bounds(min(x), min(y), max(x), max(y))
    middle = (dataset.width / 2.0, dataset.height / 2.0)
    (x0, y0), (x1, y1), (x2, y2) = (
        to_target.transform(*(here * (middle[0] + right, middle[1] + down))) for right, down in ((0, 0), (1, 0), (0, 1))
    )
    pixel = math.sqrt(abs((x1 - x0) * (y2 - y0) - (x2 - x0) * (y1 - y0)))
    side = float(f"{pixel:.3g}") if cell is None else cell
    grid = Grid.from_bounds(box, side, target)
    why = []
    if not same:
        why.append(f"warped from {crs.name} to {target.name}")
    elif not upright:
        why.append("its cells are turned or upside down")
    elif not square:
        why.append(f"its cells are not square, {here.a:.6g} x {-here.e:.6g} m")
    findings.note(
        source.name,
        f"{'; '.join([*why, 'resampled'])} to square cells of {side:g} m ({grid.rows:,} x {grid.cols:,})",
        "square cells in the CRS of the study are read as they are",
    )
    return HeightFile(source.path, grid, own_cells=False, pixels=side / pixel, factor=factor, fill_cells=fill_cells)


def _tell_filled(file: HeightFile, source: Source, findings: Findings) -> None:
    """Note how many cells of gaps are filled; of a large raster in some tiles only."""
    side, grid = file.side, file.grid
    tiles = [(top, left) for top in range(0, grid.rows, side) for left in range(0, grid.cols, side)]
    looked = tiles[:: math.ceil(len(tiles) / _PARTS)]
    filled = 0
    for top, left in looked:
        _, chosen = file.tile(top, left, min(side, grid.rows - top), min(side, grid.cols - left))
        filled += int(chosen.sum())
    if filled:
        where = "" if len(looked) == len(tiles) else f" in {len(looked)} of {len(tiles)} parts that were looked at"
        findings.note(
            source.name,
            f"{filled:,} cells in gaps of up to {file.fill_cells} cells were filled from around them{where}",
            "fill them beforehand where you know better",
        )
