"""Surface models as they should not be: each fault has its error or its stated repair, with file and remedy."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyproj
import pytest
import rasterio
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.io import netcdf_file

from layers.errors import Findings
from layers.surface import Surface
from layers.surface_file import spikes
from layers.surface_reading import read_surface
from layers.vector import Source

CRS = pyproj.CRS.from_epsg(4550)
PLACE = Affine(1.0, 0.0, 400_000.0, 0.0, -1.0, 3_300_000.0)
DEGREES = Affine(1e-5, 0.0, 121.9, 0.0, -1e-5, 29.8)
SIDE = 80
ROOF = np.s_[20:50, 20:60]


def town() -> np.ndarray:
    """Return sloping ground and one roof of 15 m."""
    rows, cols = np.indices((SIDE, SIDE))
    heights = 3.0 + 0.02 * rows + 0.03 * cols
    heights[ROOF] = 15.0
    return heights


def with_cells(**cells: tuple[Any, float]) -> np.ndarray:
    heights = town()
    for place, value in cells.values():
        heights[place] = value
    return heights


def write(
    path: Path, heights: np.ndarray, *, place: Affine = PLACE, crs: Any = CRS, nodata: Any = -9999.0, bands: int = 1
) -> None:
    array = heights if heights.dtype.kind == "c" else heights.astype(np.float32)
    with rasterio.open(
        path, "w", driver="GTiff", width=array.shape[1], height=array.shape[0], count=bands, dtype=array.dtype.name,
        crs=crs, transform=place, nodata=nodata,
    ) as dataset:  # fmt: skip
        for band in range(bands):
            dataset.write(array, band + 1)


def in_feet(path: Path) -> None:
    write(path, town() / 0.3048)
    with rasterio.open(path, "r+") as dataset:
        dataset.set_band_unit(1, "ft")


def cut_off(path: Path) -> None:
    write(path, town())
    path.write_bytes(path.read_bytes()[:9000])


def several_rasters(path: Path) -> None:
    with netcdf_file(path, "w") as file:
        file.createDimension("y", 20)
        file.createDimension("x", 20)
        for name in ("ground", "roofs"):
            file.createVariable(name, "f", ("y", "x"))[:] = 3.0


def read(path: Path, **options: Any) -> tuple[Surface | None, Findings]:
    findings = Findings()
    surface = read_surface(Source(path), findings, **options)
    assert (surface is None) == bool(findings.errors)
    assert all(fault.source == path.name and fault.remedy for fault in findings)
    return surface, findings


def whole(surface: Surface | None) -> np.ndarray:
    assert surface is not None
    return surface.block(0, 0, *surface.shape)


ERRORS: dict[str, tuple[Callable[[Path], Any], str]] = {
    "in degrees": (lambda path: write(path, town(), crs=4326, place=DEGREES), "on cells in degrees"),
    "in degrees that it says are metres": (lambda path: write(path, town(), place=DEGREES), "they are degrees"),
    "in metres that it says are degrees": (lambda path: write(path, town(), crs=4326), "look like metres"),
    "without a CRS": (lambda path: write(path, town(), crs=None), "no coordinate reference system"),
    "nowhere": (lambda path: write(path, town(), place=Affine.identity()), "does not say where its cells lie"),
    "without width": (
        lambda path: write(path, town(), place=Affine(0.0, 0.0, 4e5, 0.0, 0.0, 3.3e6)),
        "does not say where its cells lie",
    ),
    "far outside its belt": (
        lambda path: write(path, town(), place=Affine(1.0, 0.0, 4e5, 0.0, -1.0, 1.5e7)),
        "outside the area that CGCS2000",
    ),
    "one cell": (lambda path: write(path, town()[:1, :1]), "is 1 row(s) x 1 column(s)"),
    "heights of 1e6": (lambda path: write(path, np.full((SIDE, SIDE), 1e6)), "6,400 cells have heights beyond"),
    "a million in one cell": (lambda path: write(path, with_cells(a=((9, 8), 1e6))), "first is row 10, column 9"),
    "nodata alone": (lambda path: write(path, np.full((SIDE, SIDE), -9999.0)), "holds no heights at all"),
    "complex": (lambda path: write(path, town().astype(np.complex64), nodata=None), "complex numbers"),
    "an empty file": (lambda path: path.write_bytes(b""), "is an empty file"),
    "a text": (lambda path: path.write_text("roofs"), "cannot be read as a raster"),
    "cut off": (cut_off, "cannot be read as a raster"),
    "several rasters": (several_rasters, "holds 2 rasters"),
    "a folder": (lambda path: path.mkdir(), "is missing"),
    "not there": (lambda _: None, "is missing"),
}


@pytest.mark.filterwarnings("ignore:The given matrix is equal to Affine.identity")
@pytest.mark.parametrize("case", ERRORS)
def test_a_fault_is_named_with_its_file_and_remedy(case: str, tmp_path: Path) -> None:
    make, problem = ERRORS[case]
    path = tmp_path / "roofs.tif"
    make(path)
    surface, findings = read(path)
    assert surface is None
    assert len(findings.errors) == 1
    assert problem in findings.errors[0].problem


REPAIRS: dict[str, tuple[Callable[[Path], Any], str, str]] = {
    "in feet": (in_feet, "note", "converted to metres"),
    "a hole in a roof": (
        lambda path: write(path, with_cells(a=(np.s_[30:36, 30:38], -9999.0))),
        "note",
        "48 cells in gaps",
    ),
    "a hole in a roof that is not declared": (
        lambda path: write(path, with_cells(a=(np.s_[30:36, 30:38], -9999.0)), nodata=None),
        "warning",
        "-9999 on 48 cells",
    ),
    "single cells of noise": (
        lambda path: write(path, with_cells(a=((30, 40), 800.0), b=((70, 10), -300.0))),
        "warning",
        "2 cells stand more than 100 m above or below all around them, up to 800 m; the first is row 31, column 41",
    ),
}


@pytest.mark.parametrize("case", REPAIRS)
def test_a_repair_is_stated_and_gives_the_town_back(case: str, tmp_path: Path) -> None:
    make, level, problem = REPAIRS[case]
    make(tmp_path / "roofs.tif")
    surface, findings = read(tmp_path / "roofs.tif")
    assert [fault for fault in findings if fault.level == level and problem in fault.problem]
    np.testing.assert_allclose(whole(surface), town(), atol=1e-3)


WARNINGS: dict[str, tuple[Callable[[Path], Any], str]] = {
    "flat": (lambda path: write(path, np.full((SIDE, SIDE), 4.0)), "is flat: every height is 4 m"),
    "several bands": (lambda path: write(path, town(), bands=3), "has 3 bands; the first is used"),
    "a large gap": (lambda path: write(path, with_cells(a=(np.s_[10:70, 10:15], -9999.0))), "4.7% of its cells"),
}


@pytest.mark.parametrize("case", WARNINGS)
def test_what_may_be_right_is_a_warning(case: str, tmp_path: Path) -> None:
    make, problem = WARNINGS[case]
    make(tmp_path / "roofs.tif")
    _, findings = read(tmp_path / "roofs.tif")
    assert [fault for fault in findings if fault.level == "warning" and problem in fault.problem]


def test_a_large_hole_in_a_roof_stays_a_gap(tmp_path: Path) -> None:
    write(tmp_path / "roofs.tif", with_cells(a=(np.s_[30:40, 30:40], -9999.0)))
    surface, findings = read(tmp_path / "roofs.tif")
    assert np.isnan(whole(surface)[30:40, 30:40]).all()
    assert np.isnan(whole(surface)).sum() == 100
    assert any("1.6% of its cells have no data" in fault.problem for fault in findings)


def test_a_raster_of_another_place_is_not_warped_here(tmp_path: Path) -> None:
    write(tmp_path / "far.tif", town(), crs=4326, place=Affine(1e-5, 0.0, -60.0, 0.0, -1e-5, -29.8))
    surface, findings = read(tmp_path / "far.tif", crs=CRS)
    assert surface is None
    assert "lies outside the area that CGCS2000" in findings.errors[0].problem
    write(tmp_path / "here.tif", town(), crs=4326, place=DEGREES)
    assert read(tmp_path / "here.tif", crs=CRS)[0] is not None


@settings(deadline=None, max_examples=15)
@given(
    row=st.integers(0, SIDE - 1),
    col=st.integers(0, SIDE - 1),
    height=st.one_of(st.floats(150.0, 8000.0), st.floats(-8000.0, -150.0)),
    window=st.tuples(st.integers(-10, 70), st.integers(-10, 70), st.integers(1, 60), st.integers(1, 60)),
)
def test_a_spike_is_gone_whatever_the_window(
    tmp_path_factory: pytest.TempPathFactory, row: int, col: int, height: float, window: tuple[int, int, int, int]
) -> None:
    path = tmp_path_factory.mktemp("spike") / "roofs.tif"
    write(path, with_cells(a=((row, col), height)))
    found = whole(read(path)[0])
    top, left, rows, cols = window
    padded = np.pad(found, 100, constant_values=np.nan)[top + 100 : top + 100 + rows, left + 100 : left + 100 + cols]
    surface, findings = read(path)
    assert surface is not None
    np.testing.assert_array_equal(surface.block(*window), padded)
    inside = 0 < row < SIDE - 1 and 0 < col < SIDE - 1
    told = [fault for fault in findings if "1 cells stand more than" in fault.problem]
    assert bool(told) == inside  # at the edge nobody knows what is beyond
    assert (abs(found).max() < 20.0) == inside


@given(st.integers(0, 1000), st.floats(1.0, 50.0))
def test_spikes_stand_out_of_all_eight_and_nothing_else_does(seed: int, least: float) -> None:
    rng = np.random.default_rng(seed)
    heights = rng.choice([0.0, 10.0, 30.0, 60.0], (12, 14), p=[0.7, 0.1, 0.1, 0.1])
    heights[rng.random(heights.shape) < 0.03] = np.nan
    expected = np.zeros(heights.shape, dtype=bool)
    for row in range(1, 11):
        for col in range(1, 13):
            block = heights[row - 1 : row + 2, col - 1 : col + 2]
            rest = np.delete(block.ravel(), 4)
            if not np.isnan(block).any():
                expected[row, col] = heights[row, col] - rest.max() > least or rest.min() - heights[row, col] > least
    np.testing.assert_array_equal(spikes(heights, least), expected)


def test_towers_and_coarse_cells_hold_no_spikes(tmp_path: Path) -> None:
    write(tmp_path / "tower.tif", with_cells(a=(np.s_[30:32, 40:42], 400.0)))
    assert whole(read(tmp_path / "tower.tif")[0]).max() == 400.0
    coarse = Affine(30.0, 0.0, 400_000.0, 0.0, -30.0, 3_300_000.0)
    write(tmp_path / "coarse.tif", with_cells(a=((30, 40), 400.0)), place=coarse)
    surface, findings = read(tmp_path / "coarse.tif")
    assert whole(surface).max() == 400.0
    assert not list(findings)


def test_parts_of_a_large_raster_are_looked_at_for_spikes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("layers.surface_reading.MOST_CHECKED", 2_000)
    heights = town()
    heights[5::4, 5::4] = 900.0
    write(tmp_path / "roofs.tif", heights)
    _, findings = read(tmp_path / "roofs.tif")
    assert any("among those looked at stand more than 100 m" in fault.problem for fault in findings)
