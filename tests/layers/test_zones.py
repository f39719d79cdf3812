from pathlib import Path

import geopandas as gpd
import pytest
from shapely.geometry import LineString, box

from layers.errors import Findings
from layers.tables.place import LAND, SEA_AREA, UNITS, ZONE
from layers.vector import Source
from layers.zones import read_land, read_sea_area, read_units, read_zone, unit_of_zone

X, Y = 400_000.0, 3_296_000.0
SHARED = Path(__file__).parents[2] / "../shared/data"


def save(path: Path, shapes: list[object], epsg: int = 4550, **columns: object) -> Source:
    gpd.GeoDataFrame(columns, geometry=shapes, crs=4550).to_crs(epsg).to_file(path)
    return Source(path)


def zone_of(folder: Path) -> gpd.GeoDataFrame:
    zone = read_zone(save(folder / "zone.gpkg", [box(X, Y, X + 2000, Y + 1000)]), Findings())
    assert zone is not None
    return zone


def test_the_zone_comes_in_the_belt_of_the_place(tmp_path: Path) -> None:
    source = save(tmp_path / "z.gpkg", [box(X, Y, X + 2000, Y + 1000)], 4326, zone_id=["NB"], 名称=["梅山"])
    zone = read_zone(source, Findings(), crs="auto")
    assert zone is not None
    assert zone.crs.to_epsg() == 4550
    assert zone["area_m2"].iloc[0] == pytest.approx(2e6, rel=1e-5)
    assert zone[["name_zh", "name_en"]].iloc[0].tolist() == ["梅山", "梅山"]
    assert zone.index.tolist() == ["NB"]
    assert ZONE.faults(zone) == []


def test_a_chosen_crs_is_taken(tmp_path: Path) -> None:
    zone = read_zone(save(tmp_path / "z.gpkg", [box(X, Y, X + 9, Y + 9)]), Findings(), crs="EPSG:32651")
    assert zone is not None
    assert zone.crs.to_epsg() == 32651


def test_several_polygons_make_one_zone_and_it_is_said(tmp_path: Path) -> None:
    findings = Findings()
    source = save(tmp_path / "z.gpkg", [box(X, Y, X + 10, Y + 10), box(X + 20, Y, X + 30, Y + 10)], name=["a", "b"])
    zone = read_zone(source, findings)
    assert zone is not None
    assert len(zone) == 1
    assert zone["area_m2"].iloc[0] == pytest.approx(200.0)
    assert "2 polygons" in str(findings.faults[0])


@pytest.mark.parametrize(
    ("crs", "words"),
    [
        ("EPSG:4490", ["study.toml", "not in metres", "auto"]),
        ("EPSG:2263", ["study.toml", "not in metres", "auto"]),
        ("Klingon", ["study.toml", "no coordinate reference system", "auto"]),
        ("EPSG:4538", ["z.gpkg", "wrong belt", "EPSG"]),
        ("EPSG:32618", ["z.gpkg", "CRS"]),
    ],
)
def test_an_unfit_crs_of_the_study_is_told(tmp_path: Path, crs: str, words: list[str]) -> None:
    findings = Findings()
    assert read_zone(save(tmp_path / "z.gpkg", [box(X, Y, X + 9, Y + 9)]), findings, crs=crs) is None
    said = "\n".join(map(str, findings.errors))
    for word in words:
        assert word in said


def test_a_zone_of_lines_is_told(tmp_path: Path) -> None:
    findings = Findings()
    assert read_zone(save(tmp_path / "z.gpkg", [LineString([(X, Y), (X + 9, Y)])]), findings) is None
    assert "no polygons" in str(findings.errors[0])


def halves() -> list[object]:
    return [box(X, Y, X + 1000, Y + 1000), box(X + 1000, Y, X + 2000, Y + 1000)]


def test_units_read_with_names(tmp_path: Path) -> None:
    findings = Findings()
    source = save(tmp_path / "u.gpkg", halves(), 4490, 单元编号=["2", "1"], 名称=["东", None], name_en=["East", ""])
    units = read_units(source, zone_of(tmp_path), findings)
    assert units is not None
    assert units.index.tolist() == ["1", "2"]
    assert units.loc["2", ["name_zh", "name_en"]].tolist() == ["东", "East"]
    assert units.loc["1", ["name_zh", "name_en"]].tolist() == ["1", "1"]
    assert UNITS.faults(units) == []
    assert not findings.faults


@pytest.mark.parametrize(
    ("shapes", "ids", "level", "words"),
    [
        ([*halves()], ["a", "a"], "error", ["u.gpkg", "row a", "column unit_id", "stands twice", "of its own"]),
        ([*halves()], ["a", "zone"], "error", ["u.gpkg", "row zone", "kept for all units together", "another id"]),
        (
            [halves()[0], box(X + 500, Y, X + 2000, Y + 1000)],
            ["a", "b"],
            "error",
            ["u.gpkg", "row a", "overlaps unit 'b'", "500,000 m2", "cut one"],
        ),
        (
            [halves()[0], box(X + 5000, Y, X + 6000, Y + 1000)],
            ["a", "b"],
            "error",
            ["u.gpkg", "row b", "outside the zone", "move it"],
        ),
        (
            [halves()[0], box(X + 1000, Y, X + 3000, Y + 1000)],
            ["a", "b"],
            "warning",
            ["u.gpkg", "row b", "50% of the unit lies outside", "check"],
        ),
    ],
)
def test_faulty_units_are_told(
    tmp_path: Path, shapes: list[object], ids: list[str], level: str, words: list[str]
) -> None:
    findings = Findings()
    read_units(save(tmp_path / "u.gpkg", shapes, unit_id=ids), zone_of(tmp_path), findings)
    (fault,) = findings.faults
    assert fault.level == level
    for word in words:
        assert word in str(fault)


def test_units_in_a_wrong_belt_name_the_right_one(tmp_path: Path) -> None:
    findings = Findings()
    frame = gpd.GeoDataFrame({"unit_id": ["a", "b"]}, geometry=halves(), crs=4550).to_crs(4549)
    frame.set_crs(4550, allow_override=True).to_file(tmp_path / "u.gpkg")
    assert read_units(Source(tmp_path / "u.gpkg"), zone_of(tmp_path), findings) is None
    assert "EPSG:4549" in str(findings.errors[0])


def test_without_units_the_zone_is_one(tmp_path: Path) -> None:
    units = unit_of_zone(zone_of(tmp_path))
    assert UNITS.faults(units) == []
    assert len(units) == 1


def test_land_is_cut_around_the_zone(tmp_path: Path) -> None:
    world = gpd.GeoDataFrame(geometry=[box(100, 20, 122, 40), box(-80, -20, -60, 10)], crs=4326)
    world.to_file(tmp_path / "land.gpkg")
    findings = Findings()
    zone = zone_of(tmp_path)
    land = read_land(Source(tmp_path / "land.gpkg"), zone, findings)
    assert land is not None
    assert LAND.faults(land) == []
    assert not findings.faults
    reach = land.total_bounds - zone.total_bounds
    assert abs(reach).max() < 160_000.0
    assert land.covers(zone.geometry.iloc[0]).any()


def test_land_elsewhere_is_told(tmp_path: Path) -> None:
    gpd.GeoDataFrame(geometry=[box(-80, -20, -60, 10)], crs=4326).to_file(tmp_path / "land.gpkg")
    findings = Findings()
    assert read_land(Source(tmp_path / "land.gpkg"), zone_of(tmp_path), findings) is None
    assert "no land lies within the zone" in str(findings.errors[0])


def test_sea_area_reads(tmp_path: Path) -> None:
    findings = Findings()
    source = save(tmp_path / "sea.gpkg", [box(X + 9000, Y, X + 19000, Y + 9000)], 4326, name_zh=["海域"])
    area = read_sea_area(source, zone_of(tmp_path), findings)
    assert area is not None
    assert SEA_AREA.faults(area) == []
    assert not findings.faults


def test_a_sea_area_far_away_is_told(tmp_path: Path) -> None:
    findings = Findings()
    source = save(tmp_path / "sea.gpkg", [box(X + 900_000, Y, X + 919_000, Y + 9000)])
    assert read_sea_area(source, zone_of(tmp_path), findings) is None
    assert "km from the zone" in str(findings.errors[0])


def test_the_real_shore_of_meishan_reads(tmp_path: Path) -> None:
    path = SHARED / "coast_meishan" / "land_osm_roaring_landmask.geojson"
    if not path.exists():
        pytest.skip("the shared shore data are not here")
    gpd.GeoDataFrame(geometry=[box(121.85, 29.7, 122.1, 29.9)], crs=4326).to_file(tmp_path / "z.gpkg")
    findings = Findings()
    zone = read_zone(Source(tmp_path / "z.gpkg"), findings)
    assert zone is not None
    land = read_land(Source(path), zone, findings)
    assert land is not None
    assert not findings.errors
    inside = land.intersection(zone.union_all()).area.sum() / zone["area_m2"].sum()
    assert 0.2 < inside < 0.9
