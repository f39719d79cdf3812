from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pyproj
import pytest
import rasterio
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import Point, box

from layers.constants import constants
from layers.errors import Findings, InputError
from layers.grid import Grid
from layers.surface import Surface, TiledHeights, surface_of_array, surface_of_buildings
from layers.surface_file import HeightFile, fill_small_gaps
from layers.surface_reading import read_surface
from layers.vector import Source

CRS = pyproj.CRS.from_epsg(4550)
GRID = Grid(400_000.0, 3_300_000.0, 1.0, 150, 170, CRS)
PLACE = Affine(1.0, 0.0, 400_000.0, 0.0, -1.0, 3_300_000.0)
FILL = int(constants("layers", "surface.csv").value("gap.fill_cells"))
FOOT = 0.3048


def tif(
    path: Path, values: Any, *, place: Affine = PLACE, crs: Any = CRS, nodata: Any = -9999.0, **more: Any
) -> Source:
    array = np.asarray(values)
    array = (array if array.dtype.kind == "i" else array.astype(np.float32))[None]
    array = np.concatenate([array] * more.pop("bands", 1))
    with rasterio.open(
        path, "w", driver="GTiff", width=array.shape[2], height=array.shape[1], count=array.shape[0],
        dtype=array.dtype.name, crs=crs, transform=place, nodata=nodata, tiled=True, blockxsize=64, blockysize=64,
    ) as dataset:  # fmt: skip
        dataset.write(array)
        if "unit" in more:
            dataset.set_band_unit(1, more["unit"])
        if "tag" in more:
            dataset.update_tags(1, UNITTYPE=more["tag"])
    return Source(path)


def town(seed: int = 0, shape: tuple[int, int] = GRID.shape) -> np.ndarray:
    """Ground with roofs, small holes and a large one."""
    rng = np.random.default_rng(seed)
    rows, cols = np.indices(shape)
    values = 20.0 + 0.05 * cols + 0.03 * rows
    for _ in range(30):
        row, col = rng.integers(0, shape[0] - 10), rng.integers(0, shape[1] - 10)
        values[row : row + rng.integers(5, 30), col : col + rng.integers(5, 30)] += rng.uniform(3.0, 60.0)
    for _ in range(40):
        row, col, size = rng.integers(0, shape[0]), rng.integers(0, shape[1]), rng.integers(1, 5)
        values[row : row + size, col : col + size + 3] = np.nan
    values[60:90, 100:130] = np.nan
    return values.astype(np.float32)


def told(source: Source, **options: Any) -> tuple[Surface | None, dict[str, str]]:
    findings = Findings()
    surface = read_surface(source, findings, **options)
    assert (surface is None) == bool(findings.errors)
    return surface, {
        level: "\n".join(str(fault) for fault in findings if fault.level == level)
        for level in ("error", "warning", "note")
    }


def whole(surface: Surface) -> np.ndarray:
    return surface.block(0, 0, *surface.shape)


windows = st.tuples(st.integers(-40, 160), st.integers(-40, 180), st.integers(1, 120), st.integers(1, 120))


def cut(values: np.ndarray, window: tuple[int, int, int, int]) -> np.ndarray:
    top, left, rows, cols = window
    return np.pad(values, 200, constant_values=np.nan)[top + 200 : top + 200 + rows, left + 200 : left + 200 + cols]


@settings(deadline=None, max_examples=40)
@given(windows)
def test_a_block_is_a_window_of_the_whole_and_beyond_it_nothing(window: tuple[int, int, int, int]) -> None:
    values = town()
    found = surface_of_array(values, GRID).block(*window)
    assert found.dtype == np.float32
    assert found.tobytes() == np.ascontiguousarray(cut(values, window)).tobytes()


@settings(deadline=None, max_examples=8)
@given(st.lists(windows, min_size=3, max_size=6), st.integers(0, 100), st.booleans(), st.sampled_from([64, 80]))
def test_blocks_of_a_file_do_not_depend_on_the_window(
    tmp_path_factory: pytest.TempPathFactory, asked: list[tuple[int, int, int, int]], seed: int, own: bool, side: int
) -> None:
    source = tif(tmp_path_factory.mktemp("blocks") / "s.tif", np.nan_to_num(town(seed), nan=-9999.0))
    grid = GRID if own else Grid(400_000.3, 3_299_999.6, 1.0, *GRID.shape, CRS)
    file = HeightFile(source.path, grid, own_cells=own, pixels=1.0, factor=1.0, fill_cells=FILL)
    once = file.tile(0, 0, *grid.shape)[0]
    tiled = Surface(grid, TiledHeights(grid.shape, lambda *tile: file.tile(*tile)[0], side=side, kept=3))
    assert np.isnan(once).any()
    for window in asked:
        np.testing.assert_allclose(tiled.block(*window), cut(once, window), atol=0.0 if own else 1e-5)
        again = Surface(grid, TiledHeights(grid.shape, lambda *tile: file.tile(*tile)[0], side=side))
        assert again.block(*window).tobytes() == tiled.block(*window).tobytes()


def test_a_file_equals_the_array(tmp_path: Path) -> None:
    values = town()
    surface, messages = told(tif(tmp_path / "s.tif", np.nan_to_num(values, nan=-9999.0)))
    assert surface is not None
    expected, chosen = fill_small_gaps(values, FILL)
    assert surface.grid == GRID
    assert (surface.shape, surface.cell) == (GRID.shape, 1.0)
    assert whole(surface).tobytes() == expected.tobytes()
    assert f"{int(chosen.sum()):,} cells in gaps" in messages["note"]
    assert "no data" in messages["warning"]
    with ThreadPoolExecutor(4) as pool:
        parts = list(pool.map(lambda top: surface.block(top, 0, 10, 170), range(0, 150, 10)))
    assert np.vstack(parts).tobytes() == expected.tobytes()


def test_only_small_gaps_with_data_all_round_are_filled() -> None:
    values = np.full((60, 60), 5.0, dtype=np.float32)
    values[10:30, 10:30] = 30.0
    values[15:18, 15:18] = np.nan  # in a roof
    values[0:2, 40:42] = np.nan  # at the edge
    values[40:50, 40:50] = np.nan  # too large
    filled, chosen = fill_small_gaps(values, 50)
    assert (filled[15:18, 15:18] == 30.0).all()
    assert chosen.sum() == 9
    assert np.isnan(filled[0:2, 40:42]).all()
    assert np.isnan(filled[40:50, 40:50]).all()
    assert np.isnan(fill_small_gaps(values, 8)[0]).sum() == np.isnan(values).sum()


def plane(x: Any, y: Any) -> Any:
    return 50.0 + (x - 400_000.0) * 0.02 + (y - 3_299_000.0) * 0.03


@pytest.mark.parametrize("cell", [None, 7.0, 60.0])
def test_a_warped_plane_is_that_plane(tmp_path: Path, cell: float | None) -> None:
    back = pyproj.Transformer.from_crs(CRS, 4326, always_xy=True)
    there = pyproj.Transformer.from_crs(4326, CRS, always_xy=True)
    west, north = back.transform(400_000.0, 3_300_000.0)
    step = 0.0001
    lon, lat = np.meshgrid(west + (np.arange(200) + 0.5) * step, north - (np.arange(180) + 0.5) * step)
    source = tif(
        tmp_path / "s.tif", plane(*there.transform(lon, lat)), place=Affine(step, 0, west, 0, -step, north), crs=4326
    )
    surface, messages = told(source, crs=CRS, cell=cell)
    assert surface is not None
    assert "warped from WGS 84" in messages["note"]
    assert surface.cell == (cell or pytest.approx(10.3, abs=0.2))
    found = whole(surface)
    known = np.isfinite(found)
    edge = ~known
    for axis, shift in ((0, 1), (0, -1), (1, 1), (1, -1)):
        edge |= np.roll(~known, shift, axis)  # at the edge the plane ends in the middle of the outermost pixel
    edge[[0, -1]] = edge[:, [0, -1]] = True
    x, y = np.meshgrid(surface.grid.x_centres, surface.grid.y_centres)
    assert (~edge).mean() > 0.7
    assert found[~edge] == pytest.approx(plane(x, y)[~edge], abs=2e-3)


def test_turned_and_oblong_cells_are_resampled(tmp_path: Path) -> None:
    for name, place in {
        "cells are turned": Affine(0.9, 0.3, 400_000.0, 0.3, -0.9, 3_300_000.0),
        "not square": Affine(1.0, 0.0, 400_000.0, 0.0, -2.0, 3_300_000.0),
        "upside down": Affine(1.0, 0.0, 400_000.0, 0.0, 1.0, 3_299_000.0),
    }.items():
        cols, rows = np.meshgrid(np.arange(90) + 0.5, np.arange(80) + 0.5)
        heights = plane(place.a * cols + place.b * rows + place.c, place.d * cols + place.e * rows + place.f)
        surface, messages = told(tif(tmp_path / "s.tif", heights, place=place))
        assert surface is not None
        assert name in messages["note"]
        assert "resampled to square cells" in messages["note"]
        x, y = np.meshgrid(surface.grid.x_centres, surface.grid.y_centres)
        off = abs(whole(surface) - plane(x, y))
        assert np.nanmedian(off) < 1e-4
        assert np.nanmax(off) < 0.06


@pytest.mark.parametrize(
    ("unit", "factor"), [("ft", FOOT), ("feet", FOOT), ("US survey foot", 1200 / 3937), ("metre", 1.0), ("m", 1.0)]
)
@pytest.mark.parametrize("where", ["unit", "tag"])
def test_heights_in_feet_become_metres(tmp_path: Path, unit: str, factor: float, where: str) -> None:
    values = np.full((20, 20), 100.0)
    values[5, 5] = 200.0
    surface, messages = told(tif(tmp_path / "s.tif", values, **{where: unit}))
    assert surface is not None
    assert whole(surface)[5, 5] == pytest.approx(200.0 * factor, rel=1e-6)
    assert ("feet" in messages["note"]) == (factor != 1.0)


def test_the_vertical_axis_of_the_crs_tells_feet(tmp_path: Path) -> None:
    values = np.full((20, 20), 100.0)
    values[5, 5] = 200.0
    place = Affine(1.0, 0.0, 500_000.0, 0.0, -1.0, 4_500_000.0)
    surface, messages = told(tif(tmp_path / "s.tif", values, place=place, crs="EPSG:26918+6360"))
    assert surface is not None
    assert whole(surface)[5, 5] == pytest.approx(200.0 * 1200 / 3937, rel=1e-6)
    assert "converted to metres" in messages["note"]
    assert surface.grid.crs.to_epsg() == 26918


def test_a_crs_in_feet_is_warped_to_metres(tmp_path: Path) -> None:
    place = Affine(3.0, 0.0, 1_000_000.0, 0.0, -3.0, 200_000.0)
    surface, messages = told(tif(tmp_path / "s.tif", town(), place=place, crs=2263, nodata=np.nan))
    assert surface is not None
    assert surface.cell == pytest.approx(0.914, abs=2e-3)
    assert surface.grid.crs.axis_info[0].unit_conversion_factor == 1.0
    assert "warped from" in messages["note"]
    assert "taken as metres" in messages["warning"]


def test_two_units_contradict(tmp_path: Path) -> None:
    assert "two units" in told(tif(tmp_path / "s.tif", town(), unit="m", tag="ft"))[1]["error"]
    assert "'furlong'" in told(tif(tmp_path / "s.tif", town(), nodata=np.nan, tag="furlong"))[1]["warning"]


def test_degrees_need_a_crs_to_warp_to(tmp_path: Path) -> None:
    place = Affine(1e-5, 0.0, 121.9, 0.0, -1e-5, 29.8)
    _, messages = told(tif(tmp_path / "s.tif", town(), place=place, crs=4326, nodata=np.nan))
    assert "cells in degrees" in messages["error"]
    assert "EPSG:4550" in messages["error"]
    _, messages = told(tif(tmp_path / "s.tif", town(), place=place, nodata=np.nan))
    assert "they are degrees" in messages["error"]
    _, messages = told(tif(tmp_path / "s.tif", town(), crs=4326, nodata=np.nan))
    assert "look like metres" in messages["error"]


@pytest.mark.parametrize("mark", [-9999.0, -32768.0, 3.4028234663852886e38, -3.4028234663852886e38])
def test_marks_that_are_not_declared_are_gaps(tmp_path: Path, mark: float) -> None:
    values = np.full((100, 100), 7.0)
    values[20:60, 20:60] = mark
    values[80, 80] = 9.0
    surface, messages = told(tif(tmp_path / "s.tif", values, nodata=None))
    assert surface is not None
    assert "1,600 cells" in messages["warning"]
    assert "declare it" in messages["warning"]
    assert "16.0% of its cells" in messages["warning"]
    assert np.isnan(whole(surface)).sum() == 1600


def test_marks_in_whole_numbers_and_packed_heights(tmp_path: Path) -> None:
    values = np.full((50, 50), 700, dtype=np.int16)
    values[10:30, 10:30], values[40, 40] = -32768, 900
    source = tif(tmp_path / "s.tif", values, nodata=None)
    with rasterio.open(source.path, "r+") as dataset:
        dataset.scales = (0.1,)
    surface, _ = told(source)
    assert surface is not None
    assert np.isnan(whole(surface)).sum() == 400
    assert np.nanmax(whole(surface)) == pytest.approx(90.0)


def test_impossible_heights_are_counted_and_placed(tmp_path: Path) -> None:
    values = np.full((50, 60), 7.0)
    values[10, 20], values[30, 5] = 1e6, -20_000.0
    _, messages = told(tif(tmp_path / "s.tif", values))
    assert "s.tif: 2 cells have heights beyond +-9,000 m, up to 1e+06 m" in messages["error"]
    assert "row 11, column 21" in messages["error"]


def test_flat_bands_and_too_few_cells(tmp_path: Path) -> None:
    assert "flat: every height is 3 m" in told(tif(tmp_path / "s.tif", np.full((9, 9), 3.0)))[1]["warning"]
    assert "2 bands" in told(tif(tmp_path / "s.tif", town(), bands=2, nodata=np.nan))[1]["warning"]
    assert "1 row(s) x 1 column(s)" in told(tif(tmp_path / "s.tif", np.full((1, 1), 3.0)))[1]["error"]
    assert "1 row(s) x 9 column(s)" in told(tif(tmp_path / "s.tif", np.full((1, 9), 3.0)))[1]["error"]
    assert "no heights at all" in told(tif(tmp_path / "s.tif", np.full((9, 9), -9999.0)))[1]["error"]


def test_files_that_are_none(tmp_path: Path) -> None:
    assert "missing" in told(Source(tmp_path / "none.tif"))[1]["error"]
    (tmp_path / "empty.tif").write_bytes(b"")
    assert "empty file" in told(Source(tmp_path / "empty.tif"))[1]["error"]
    (tmp_path / "text.tif").write_text("roofs")
    assert "cannot be read" in told(Source(tmp_path / "text.tif"))[1]["error"]


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    values = np.full((1, 60), 7.0)
    values[0, 20] = 1e6
    findings = Findings()
    assert read_surface(tif(tmp_path / "s.tif", values, crs=None, unit="m", tag="ft"), findings) is None
    assert len(findings.errors) == 4
    assert all(fault.source == "s.tif" and fault.remedy for fault in findings.errors)


def test_a_surface_is_wanted_in_metres(tmp_path: Path) -> None:
    source = tif(tmp_path / "s.tif", town())
    for crs in (4326, 2263):
        with pytest.raises(ValueError, match="projected CRS in metres"):
            read_surface(source, Findings(), pyproj.CRS.from_epsg(crs))
    with pytest.raises(ValueError, match="cells"):
        read_surface(source, Findings(), cell=0.0)


def test_a_large_raster_is_checked_by_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("layers.surface_reading.MOST_CHECKED", 4_000)
    values = np.nan_to_num(town(), nan=-9999.0)
    values[10:, :60] = 1e6
    _, messages = told(tif(tmp_path / "s.tif", values))
    assert "among those looked at" in messages["error"]


def houses(seed: int, count: int = 40) -> gpd.GeoDataFrame:
    rng = np.random.default_rng(seed)
    x, y = rng.uniform(399_990.0, 400_170.0, count), rng.uniform(3_299_840.0, 3_300_010.0, count)
    shapes = [
        box(a, b, a + w, b + h)
        for a, b, w, h in zip(x, y, rng.uniform(1.0, 40.0, count), rng.uniform(1.0, 40.0, count), strict=True)
    ]
    return gpd.GeoDataFrame({"height_m": rng.integers(3, 9, count) * 3.0}, geometry=shapes, crs=CRS)


@settings(deadline=None, max_examples=10)
@given(st.integers(0, 10_000), windows)
def test_the_taller_building_wins_whatever_the_order(seed: int, window: tuple[int, int, int, int]) -> None:
    frame = houses(seed)
    surface = surface_of_buildings(frame, GRID, 2.0)
    x, y = np.meshgrid(GRID.x_centres, GRID.y_centres)
    expected = np.full(GRID.shape, 2.0)
    for shape, height in zip(frame.geometry, frame["height_m"], strict=True):
        west, south, east, north = shape.bounds
        inside = (x > west) & (x < east) & (y > south) & (y < north)
        expected[inside] = np.maximum(expected[inside], 2.0 + height)
    assert np.array_equal(whole(surface), expected.astype(np.float32))
    mixed = surface_of_buildings(frame.sample(frac=1.0, random_state=seed), GRID, 2.0)
    assert mixed.block(*window).tobytes() == surface.block(*window).tobytes()
    assert surface.block(*window).tobytes() == np.ascontiguousarray(cut(whole(surface), window)).tobytes()


def test_roofs_are_level_and_trees_follow_the_ground() -> None:
    x, _ = np.meshgrid(GRID.x_centres, GRID.y_centres)
    ground = (x - 400_000.0) * 0.1
    frame = gpd.GeoDataFrame({"height_m": [12.0]}, geometry=[box(400_020, 3_299_900, 400_040, 3_299_940)], crs=CRS)
    woods = gpd.GeoDataFrame({"height_m": [5.0]}, geometry=[box(400_010, 3_299_900, 400_100, 3_299_940)], crs=CRS)
    found = whole(surface_of_buildings(frame, GRID, ground, woods))
    again = whole(surface_of_buildings(frame, GRID, surface_of_array(ground, GRID), woods))
    assert found.tobytes() == again.tobytes()
    assert np.unique(found[60:100, 20:40]).tolist() == pytest.approx([12.0 + 3.05], abs=0.06)
    assert found[60:100, 50:90] == pytest.approx(ground[60:100, 50:90] + 5.0, abs=1e-5)
    assert found[:60] == pytest.approx(ground[:60], abs=1e-5)


def test_heights_must_be_known_and_stand_on_ground() -> None:
    frame = houses(1, 6)
    frame.loc[2, "height_m"], frame.loc[4, "height_m"] = np.nan, -3.0
    with pytest.raises(InputError) as caught:
        surface_of_buildings(frame, GRID)
    assert [fault.row for fault in caught.value.faults] == ["2", "4"]
    with pytest.raises(InputError, match="ground has no height"):
        surface_of_buildings(houses(1, 6), GRID, np.full(GRID.shape, np.nan))
    with pytest.raises(ValueError, match="CRS"):
        surface_of_buildings(houses(1).to_crs(4326), GRID)
    with pytest.raises(ValueError, match="height_m"):
        surface_of_buildings(houses(1).drop(columns="height_m"), GRID)
    with pytest.raises(ValueError, match="do not fit"):
        surface_of_buildings(houses(1), GRID, np.zeros((3, 3)))


def test_buildings_elsewhere_and_none_at_all() -> None:
    far = gpd.GeoDataFrame({"height_m": [9.0]}, geometry=[Point(0.0, 0.0).buffer(9.0)], crs=CRS)
    assert (whole(surface_of_buildings(far, GRID, 1.0)) == 1.0).all()
    assert (whole(surface_of_buildings(far.iloc[:0], GRID, 1.0)) == 1.0).all()
