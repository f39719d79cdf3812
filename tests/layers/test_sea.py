from pathlib import Path

import geopandas as gpd
import numpy as np
import pyproj
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import Point, Polygon, box

from layers.errors import Findings
from layers.grid import Grid
from layers.raster import write_cog
from layers.sea import SeaOptions, exclusion_kinds, read_exclusions, read_sea_cells
from layers.tables.place import EXCLUSIONS, SEA_CELLS
from layers.tables.resources import GRID
from layers.vector import Source

CRS = pyproj.CRS.from_epsg(4550)
X0, Y0 = 400_000.0, 3_290_000.0


def at(*shapes: shapely.Geometry) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(geometry=[shapely.affinity.translate(shape, X0, Y0) for shape in shapes], crs=CRS)


ZONE = at(box(0, 0, 10_000, 8_000))
LAND = at(box(-20_000, -20_000, 4_000, 30_000))
SEA_AREA = at(box(10_000, -5_000, 30_000, 12_000))


def rasters(folder: Path) -> tuple[Source, Source]:
    grid = Grid(X0 - 25_000.0, Y0 + 35_000.0, 300.0, 220, 220, CRS)
    x, _ = grid.centres()
    wind = write_cog(
        folder / "wind.tif", 6.0 + (x - X0) / 40_000.0, grid, nodata=-9999.0, unit="m/s", description="wind"
    )
    heights = np.where(x < X0 + 4_000.0, 60.0, -(x - X0) / 1000.0)
    depth = write_cog(folder / "depth.tif", heights, grid, nodata=-9999.0, unit="m", description="height")
    return Source(wind), Source(depth)


def test_cells_tell_where_they_are(tmp_path: Path) -> None:
    findings = Findings()
    wind, depth = rasters(tmp_path)
    found = read_sea_cells(wind, depth, ZONE, LAND, SEA_AREA, SeaOptions(), findings)
    assert found is not None
    grid, cells = found
    assert not GRID.faults(grid)
    assert not SEA_CELLS.faults(cells)
    assert not findings.errors
    assert len(cells) == grid.loc["sea", "rows"] * grid.loc["sea", "cols"]
    x, y = cells["x_m"] - X0, cells["y_m"] - Y0
    assert (cells["is_land"] == (x < 4_000)).all()
    assert (cells["in_zone"] == ((x > 0) & (x < 10_000) & (y > 0) & (y < 8_000))).all()
    assert (cells["in_sea_area"] == ((x > 10_000) & (y > -5_000))).all()
    assert cells["shore_distance_m"].to_numpy() == pytest.approx(np.abs(x - 4_000))
    sea = ~cells["is_land"]
    deep = sea & (x > 5_000)
    assert cells.loc[deep, "depth_m"].to_numpy() == pytest.approx(x[deep] / 1000.0, abs=0.05)
    assert cells.loc[cells["is_land"], "depth_m"].isna().all()
    assert cells["wind_m_s"].to_numpy() == pytest.approx(6.0 + x / 40_000.0, abs=1e-3)
    assert (cells.index == cells["row"] * grid.loc["sea", "cols"] + cells["col"]).all()


def test_two_readings_are_equal(tmp_path: Path) -> None:
    wind, depth = rasters(tmp_path)
    one, two = (read_sea_cells(wind, depth, ZONE, LAND, SEA_AREA, SeaOptions(), Findings()) for _ in range(2))
    assert one is not None
    assert two is not None
    assert one[1].equals(two[1])


def test_without_rasters_values_are_unknown_and_never_zero() -> None:
    findings = Findings()
    found = read_sea_cells(None, None, ZONE, LAND, SEA_AREA, SeaOptions(), findings)
    assert found is not None
    assert found[1][["depth_m", "wind_m_s"]].isna().all(axis=None)
    assert len(findings.faults) == 2


def test_without_land_the_zone_is_land_and_without_sea_area_there_is_none(tmp_path: Path) -> None:
    wind, depth = rasters(tmp_path)
    found = read_sea_cells(wind, depth, ZONE, None, None, SeaOptions(), Findings())
    assert found is not None
    assert (found[1]["is_land"] == found[1]["in_zone"]).all()
    assert not found[1]["in_sea_area"].any()


def test_a_faulty_raster_stops_it_and_both_are_told(tmp_path: Path) -> None:
    findings = Findings()
    missing = Source(tmp_path / "none.tif")
    assert read_sea_cells(missing, missing, ZONE, LAND, SEA_AREA, SeaOptions(), findings) is None
    assert len(findings.errors) == 2


def test_too_many_cells_are_refused_with_a_remedy() -> None:
    findings = Findings()
    options = SeaOptions(cell_m=50.0, max_cells=1000)
    assert read_sea_cells(None, None, ZONE, LAND, SEA_AREA, options, findings) is None
    assert "larger cells" in str(findings.errors[0])


def test_degrees_are_refused() -> None:
    with pytest.raises(ValueError, match="projected CRS"):
        read_sea_cells(None, None, ZONE, LAND.to_crs(4326), SEA_AREA, SeaOptions(), Findings())


def test_a_seam_between_two_pieces_of_land_is_no_shore(tmp_path: Path) -> None:
    wind, depth = rasters(tmp_path)
    halves = at(box(-20_000, -20_000, 2_000, 30_000), box(2_000, -20_000, 4_000, 30_000))
    one = read_sea_cells(wind, depth, ZONE, LAND, SEA_AREA, SeaOptions(), Findings())
    two = read_sea_cells(wind, depth, ZONE, halves, SEA_AREA, SeaOptions(), Findings())
    assert one is not None
    assert two is not None
    assert two[1]["shore_distance_m"].to_numpy() == pytest.approx(one[1]["shore_distance_m"].to_numpy())


@settings(deadline=None, max_examples=10)
@given(st.lists(st.tuples(st.floats(500, 12_000), st.floats(500, 12_000)), min_size=3, max_size=9, unique=True))
def test_shore_distance_is_the_exact_distance_from_the_edge(corners: list[tuple[float, float]]) -> None:
    island = shapely.convex_hull(shapely.multipoints(corners)).buffer(100.0)
    zone = at(box(0, 0, 12_000, 12_000))
    found = read_sea_cells(None, None, zone, at(island), None, SeaOptions(cell_m=1000.0), Findings())
    assert found is not None
    cells = found[1]
    edge = shapely.affinity.translate(island, X0, Y0).exterior
    expected = [edge.distance(Point(x, y)) for x, y in zip(cells["x_m"], cells["y_m"], strict=True)]
    assert cells["shore_distance_m"].to_numpy() == pytest.approx(expected, abs=1e-6)


def test_fifteen_thousand_cells_along_a_rugged_shore(tmp_path: Path) -> None:
    wind, depth = rasters(tmp_path)
    turn = np.linspace(0.0, 2.0 * np.pi, 20_000, endpoint=False)
    radius = 9_000.0 + 400.0 * np.sin(37 * turn) + 90.0 * np.sin(1201 * turn)
    rugged = at(Polygon(np.column_stack([radius * np.cos(turn), radius * np.sin(turn)])))
    found = read_sea_cells(wind, depth, ZONE, rugged, SEA_AREA, SeaOptions(cell_m=185.0), Findings())
    assert found is not None
    assert 14_000 < len(found[1]) < 17_000


def areas(kinds: list[object], **columns: list[object]) -> gpd.GeoDataFrame:
    shapes = [box(X0 + 1000 * n, Y0, X0 + 1000 * n + 500, Y0 + 500) for n in range(len(kinds))]
    return gpd.GeoDataFrame({"kind": kinds, **columns}, geometry=shapes, crs=CRS)


def save(frame: gpd.GeoDataFrame, folder: Path) -> Source:
    frame.to_file(folder / "plan.gpkg", layer="exclusions")
    return Source(folder / "plan.gpkg", "exclusions")


def test_exclusions_are_read_into_their_contract(tmp_path: Path) -> None:
    source = save(
        areas(["channel", "锚地", "Protected_Area"], name_zh=["峙头航道", None, "湿地"]).to_crs(4326), tmp_path
    )
    findings = Findings()
    table = read_exclusions(source, ZONE, findings)
    assert not EXCLUSIONS.faults(table)
    assert not findings.errors
    assert table.crs == CRS
    assert table["kind"].tolist() == ["channel", "anchorage", "protected"]
    assert table["name_zh"].tolist() == ["峙头航道", "锚地", "湿地"]
    assert table["name_en"].tolist() == ["Shipping channel", "Anchorage", "Protected area"]
    assert table.geometry.iloc[0].centroid.distance(Point(X0 + 250, Y0 + 250)) < 0.01


def test_each_unknown_kind_is_told_with_the_known_ones(tmp_path: Path) -> None:
    source = save(areas(["channel", "dragon", None], exclusion_id=["a", "b", "c"]), tmp_path)
    findings = Findings()
    read_exclusions(source, ZONE, findings)
    assert [fault.row for fault in findings.errors] == ["b", "c"]
    assert all(kind in str(findings.errors[0]) for kind in exclusion_kinds())


def test_exclusions_without_kind_or_with_twin_ids_are_faults(tmp_path: Path) -> None:
    findings = Findings()
    table = read_exclusions(save(areas(["channel"]).drop(columns="kind"), tmp_path), ZONE, findings)
    assert "column 'kind' is missing" in str(findings.errors[0])
    assert table.empty
    findings = Findings()
    read_exclusions(save(areas(["channel", "cable"], exclusion_id=["a", "a"]), tmp_path), ZONE, findings)
    assert "stands twice" in str(findings.errors[0])


def test_no_exclusions_are_an_empty_table_with_crs() -> None:
    table = read_exclusions(None, ZONE, Findings())
    assert table.empty
    assert not EXCLUSIONS.faults(table)
    assert table.crs == CRS
