from pathlib import Path
from typing import Any, Literal

import geopandas as gpd
import numpy as np
import pyproj
import pytest
import rasterio
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import box

from layers.errors import Findings
from layers.grid import Grid
from layers.raster import read_raster, write_cog
from layers.vector import Source

CRS = pyproj.CRS.from_epsg(4550)
GRID = Grid(400_000.0, 3_300_000.0, 500.0, 24, 30, CRS)
ZONE = gpd.GeoDataFrame(geometry=[box(*GRID.bounds).buffer(-2000.0)], crs=CRS)
GWA = Path(__file__).parents[2] / "../shared/data/gwa_wind_tifs"


def tif(path: Path, values: Any, *, transform: Affine | None = None, crs: Any = CRS, nodata: Any = -9999.0) -> Source:
    array = np.atleast_3d(np.asarray(values, dtype=np.float32)).transpose(2, 0, 1)
    place = transform or Affine(300.0, 0.0, 398_000.0, 0.0, -300.0, 3_302_000.0)
    with rasterio.open(
        path, "w", driver="GTiff", width=array.shape[2], height=array.shape[1], count=array.shape[0],
        dtype="float32", crs=crs, transform=place, nodata=nodata,
    ) as dataset:  # fmt: skip
        dataset.write(array)
    return Source(path)


def plane(shape: tuple[int, int] = (60, 70)) -> np.ndarray:
    """A tilted plane: bilinear interpolation is exact on it."""
    rows, cols = np.indices(shape)
    return 6.0 + 0.02 * cols + 0.01 * rows


def faults(source: Source, quantity: Literal["wind", "depth"] = "wind") -> str:
    findings = Findings()
    assert read_raster(source, findings, GRID, quantity=quantity, zone=ZONE) is None
    assert len(findings.errors) == 1
    return str(findings.errors[0])


def test_a_plane_is_read_exactly(tmp_path: Path) -> None:
    source = tif(tmp_path / "wind.tif", plane())
    values = read_raster(source, Findings(), GRID, quantity="wind", zone=ZONE)
    assert values is not None
    x, y = np.meshgrid(GRID.x_centres, GRID.y_centres)
    expected = 6.0 + 0.02 * ((x - 398_000.0) / 300.0 - 0.5) + 0.01 * ((3_302_000.0 - y) / 300.0 - 0.5)
    assert values == pytest.approx(expected, abs=1e-5)


def test_a_fine_raster_is_averaged_over_each_cell(tmp_path: Path) -> None:
    board = np.indices((240, 300)).sum(axis=0) % 2 * 2.0 + 5.0  # 5 and 7 in turn, 50 m pixels
    source = tif(tmp_path / "wind.tif", board, transform=Affine(50.0, 0.0, 400_000.0, 0.0, -50.0, 3_300_000.0))
    values = read_raster(source, Findings(), GRID, quantity="wind", zone=ZONE)
    assert values is not None
    assert values == pytest.approx(6.0, abs=0.35)
    assert values.mean() == pytest.approx(6.0, abs=0.02)


@settings(deadline=None, max_examples=8)
@given(st.integers(20, 2000), st.integers(0, 1000))
def test_windows_of_any_size_give_equal_results(
    tmp_path_factory: pytest.TempPathFactory, max_cells: int, seed: int
) -> None:
    values = np.random.default_rng(seed).uniform(4.0, 9.0, (400, 440))
    values[values < 4.5] = -9999.0
    folder = tmp_path_factory.mktemp("windows")
    source = tif(folder / "wind.tif", values, transform=Affine(45.0, 3.0, 398_000.0, 2.0, -45.0, 3_302_000.0))
    whole = read_raster(source, Findings(), GRID, quantity="wind", zone=ZONE)
    strips = read_raster(source, Findings(), GRID, quantity="wind", zone=ZONE, max_cells=max_cells)
    assert whole is not None
    assert strips is not None
    assert whole.tobytes() == strips.tobytes()


def test_another_crs_lands_in_the_same_place(tmp_path: Path) -> None:
    to_degrees = pyproj.Transformer.from_crs(CRS, 4326, always_xy=True)
    west, south, east, north = to_degrees.transform_bounds(*GRID.bounds)
    step = 0.002
    cols, rows = int((east - west) / step) + 20, int((north - south) / step) + 20
    lon = west - 10 * step + (np.arange(cols) + 0.5) * step
    values = np.broadcast_to(lon - 115.0, (rows, cols))
    transform = Affine(step, 0.0, west - 10 * step, 0.0, -step, north + 10 * step)
    source = tif(tmp_path / "wind.tif", values, transform=transform, crs=4326)
    found = read_raster(source, Findings(), GRID, quantity="wind", zone=ZONE)
    assert found is not None
    x, y = GRID.centres()
    assert found.ravel() == pytest.approx(to_degrees.transform(x, y)[0] - 115.0, abs=2e-5)


def test_nodata_stays_nodata_and_does_not_bleed(tmp_path: Path) -> None:
    values = plane()
    values[:, 30:] = -9999.0
    findings = Findings()
    found = read_raster(tif(tmp_path / "w.tif", values), findings, GRID, quantity="wind", zone=ZONE)
    assert found is not None
    assert "no wind data" in str(findings.faults[0])
    east = GRID.x_centres - GRID.cell / 2 > 398_000.0 + 30 * 300.0
    assert np.isnan(found[:, east]).all()
    assert np.nanmin(found) > 5.9


def test_a_mean_wind_of_exactly_zero_is_no_data_and_is_told(tmp_path: Path) -> None:
    values = plane()
    values[:, :30] = 0.0
    findings = Findings()
    found = read_raster(tif(tmp_path / "w.tif", values), findings, GRID, quantity="wind", zone=ZONE)
    assert found is not None
    assert np.isnan(found[:, 0]).all()
    assert any("exactly 0" in str(fault) and fault.level == "warning" for fault in findings)


def test_values_packed_into_integers_are_unpacked(tmp_path: Path) -> None:
    source = tif(tmp_path / "w.tif", np.round(plane() * 100.0))
    with rasterio.open(source.path, "r+") as dataset:
        dataset.scales = (0.01,)
    found = read_raster(source, Findings(), GRID, quantity="wind", zone=ZONE)
    assert found is not None
    assert 6.0 < np.nanmin(found) < np.nanmax(found) < 8.5


def test_nan_may_stand_for_nodata(tmp_path: Path) -> None:
    values = plane()
    values[:, :20] = np.nan
    found = read_raster(tif(tmp_path / "w.tif", values, nodata=np.nan), Findings(), GRID, quantity="wind", zone=ZONE)
    assert found is not None
    assert np.isnan(found).any()
    assert np.nanmin(found) > 5.9


def test_missing_and_empty_files(tmp_path: Path) -> None:
    assert "missing" in faults(Source(tmp_path / "none.tif"))
    (tmp_path / "empty.tif").write_bytes(b"")
    assert "empty file" in faults(Source(tmp_path / "empty.tif"))
    (tmp_path / "text.tif").write_text("wind")
    assert "cannot be read as a raster" in faults(Source(tmp_path / "text.tif"))


def test_no_crs(tmp_path: Path) -> None:
    assert "no coordinate reference system" in faults(tif(tmp_path / "w.tif", plane(), crs=None))


def test_no_nodata(tmp_path: Path) -> None:
    assert "no nodata value" in faults(tif(tmp_path / "w.tif", plane(), nodata=None))


def test_crs_and_nodata_are_told_together(tmp_path: Path) -> None:
    findings = Findings()
    source = tif(tmp_path / "w.tif", plane(), crs=None, nodata=None)
    assert read_raster(source, findings, GRID, quantity="wind", zone=ZONE) is None
    assert len(findings.errors) == 2


def test_misses_the_zone(tmp_path: Path) -> None:
    far = Affine(300.0, 0.0, 598_000.0, 0.0, -300.0, 3_302_000.0)
    assert "misses the zone" in faults(tif(tmp_path / "w.tif", plane(), transform=far))


def test_all_nodata(tmp_path: Path) -> None:
    assert "holds no data" in faults(tif(tmp_path / "w.tif", np.full((60, 70), -9999.0)))


@pytest.mark.parametrize(
    ("factor", "words"), [(0.0, "0 everywhere"), (3.6 * 1.5, "cannot be m/s"), (-1.0, "components")]
)
def test_wrong_wind(tmp_path: Path, factor: float, words: str) -> None:
    assert words in faults(tif(tmp_path / "w.tif", plane() * factor))


def test_negative_heights_become_depths_and_it_is_said(tmp_path: Path) -> None:
    findings = Findings()
    found = read_raster(tif(tmp_path / "d.tif", -plane()), findings, GRID, quantity="depth", zone=ZONE)
    assert found is not None
    assert np.nanmin(found) > 5.9
    assert [fault.level for fault in findings] == ["note"]
    assert "turned round" in str(next(iter(findings)))


def test_depths_that_count_downwards_are_left_alone(tmp_path: Path) -> None:
    findings = Findings()
    found = read_raster(tif(tmp_path / "d.tif", plane()), findings, GRID, quantity="depth", zone=ZONE)
    assert found is not None
    assert np.nanmin(found) > 5.9
    assert not list(findings)


def test_hills_do_not_mislead_the_sign_of_depths(tmp_path: Path) -> None:
    heights = np.full((60, 70), 80.0)
    heights[:, 45:] = -12.0  # a strip of sea beside much land
    sea = np.broadcast_to(GRID.x_centres > 398_000.0 + 46 * 300.0, GRID.shape)
    source = tif(tmp_path / "d.tif", heights)
    assert sea.any()
    found = read_raster(source, Findings(), GRID, quantity="depth", zone=ZONE, sea=sea)
    assert found is not None
    assert found[sea] == pytest.approx(12.0)


def test_mixed_signs_at_sea_are_suspicious(tmp_path: Path) -> None:
    values = plane()
    values[:, :25] *= -1.0
    findings = Findings()
    assert read_raster(tif(tmp_path / "d.tif", values), findings, GRID, quantity="depth", zone=ZONE) is not None
    assert any("mixed signs" in str(fault) and fault.level == "warning" for fault in findings)


@pytest.mark.parametrize(("factor", "words"), [(0.0, "0 everywhere"), (3000.0, "deeper than any sea")])
def test_wrong_depth(tmp_path: Path, factor: float, words: str) -> None:
    assert words in faults(tif(tmp_path / "d.tif", plane() * factor), "depth")


def test_several_bands_are_told(tmp_path: Path) -> None:
    findings = Findings()
    source = tif(tmp_path / "w.tif", np.dstack([plane(), plane() * 0.0]))
    found = read_raster(source, findings, GRID, quantity="wind", zone=ZONE)
    assert found is not None
    assert "2 bands" in str(next(iter(findings)))


def test_the_real_wind_atlas_is_read() -> None:
    if not GWA.is_dir():
        pytest.skip("the Global Wind Atlas samples are not on this machine")
    path = next(path for path in sorted(GWA.rglob("*.tif")) if "100" in path.name)
    with rasterio.open(path) as dataset:
        box_deg, raw = box(*dataset.bounds), dataset.read(1, masked=True)
    zone = gpd.GeoDataFrame(geometry=[box_deg], crs=4326)
    zone = zone.to_crs(zone.estimate_utm_crs())
    crs = pyproj.CRS.from_user_input(zone.crs)
    west, south, east, north = (float(value) for value in zone.total_bounds)
    grid = Grid.from_bounds((west, south, east, north), 500.0, crs)
    found = read_raster(Source(path), Findings(), grid, quantity="wind", zone=zone)
    assert found is not None
    assert np.nanmean(found) == pytest.approx(float(raw.mean()), rel=0.03)
    assert float(raw.min()) <= np.nanmin(found)
    assert np.nanmax(found) <= float(raw.max())


def big() -> tuple[Grid, np.ndarray]:
    grid = Grid(400_000.0, 3_300_000.0, 100.0, 700, 900, CRS)
    values = np.random.default_rng(7).uniform(0.0, 50.0, grid.shape)
    values[:50] = np.nan
    return grid, values


def test_cog_is_byte_identical_and_comes_back(tmp_path: Path) -> None:
    grid, values = big()
    for name in ("a.tif", "b.tif"):
        write_cog(tmp_path / name, values, grid, nodata=-9999.0, unit="MWh/ha", description="heat density")
    assert (tmp_path / "a.tif").read_bytes() == (tmp_path / "b.tif").read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.tif", "b.tif"]
    with rasterio.open(tmp_path / "a.tif") as dataset:
        back = dataset.read(1, masked=True)
        assert dataset.transform == grid.transform
        assert dataset.crs.to_epsg() == 4550
        assert dataset.nodata == -9999.0
        assert dataset.units == ("MWh/ha",)
        assert dataset.descriptions == ("heat density",)
        assert dataset.profile["tiled"]
        assert dataset.block_shapes == [(256, 256)]
        assert dataset.overviews(1) == [2, 4]
        assert dataset.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"
    assert np.array_equal(back.mask, np.isnan(values))
    assert np.allclose(back.compressed(), values[~np.isnan(values)], rtol=1e-6)


def test_cog_can_be_read_again_by_the_reader(tmp_path: Path) -> None:
    values = np.linspace(5.0, 9.0, GRID.size)
    path = write_cog(tmp_path / "w.tif", values, GRID, nodata=-1.0, unit="m/s", description="wind")
    found = read_raster(Source(path), Findings(), GRID, quantity="wind", zone=ZONE)
    assert found is not None
    assert found.ravel() == pytest.approx(values, rel=1e-6)


def test_cog_of_classes_keeps_them(tmp_path: Path) -> None:
    flags = np.arange(GRID.size) % 3 == 0
    path = write_cog(tmp_path / "f.tif", flags, GRID, nodata=255, unit="", description="eligible")
    with rasterio.open(path) as dataset:
        assert dataset.dtypes == ("uint8",)
        assert np.array_equal(dataset.read(1).ravel(), flags.astype(np.uint8))


def test_cog_that_does_not_fit_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="do not fit"):
        write_cog(tmp_path / "w.tif", np.zeros(7), GRID, nodata=-1.0, unit="", description="")
