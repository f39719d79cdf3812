import re
import shutil
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely.geometry import LineString, MultiPolygon, Point, Polygon, box

from layers.crs import gcj02_to_bd09, wgs84_to_gcj02
from layers.errors import Findings
from layers.vector import Source, read_vector

X, Y = 400_000.0, 3_296_000.0
BOWTIE = Polygon([(X, Y), (X + 100, Y + 100), (X + 100, Y), (X, Y + 100)])


def squares(n: int = 3, epsg: int = 4550) -> gpd.GeoDataFrame:
    shapes = [box(X + 200 * i, Y, X + 200 * i + 100, Y + 100) for i in range(n)]
    names = {"地块编号": [f"甲{i}" for i in range(n)], "YDDM": ["R2"] * n, "far": [1.5] * n}
    return gpd.GeoDataFrame(names, geometry=shapes, crs=4550).to_crs(epsg)


def save(frame: gpd.GeoDataFrame, path: Path, **more: str) -> Path:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the driver shortens names and says so
        frame.to_file(path, **more)
    return path


def read(
    path: Path, layer: str | None = None, *, coordinates: str = "wgs84", family: str | None = None
) -> tuple[gpd.GeoDataFrame | None, Findings]:
    findings = Findings()
    frame = read_vector(Source(path, layer), findings, coordinates=coordinates, family=family)  # type: ignore[arg-type]
    return frame, findings


@pytest.mark.parametrize("name", ["a.gpkg", "a.shp", "a.geojson", "a.parquet", "a.gdb"])
@pytest.mark.parametrize("epsg", [4550, 4490])
def test_every_format_reads_to_the_same(tmp_path: Path, name: str, epsg: int) -> None:
    path, frame = tmp_path / name, squares()
    if name == "a.geojson":
        epsg = 4326
    if name.endswith(".parquet"):
        frame.to_crs(epsg).to_parquet(path)
    else:
        save(frame.to_crs(epsg), path, **({"driver": "OpenFileGDB"} if name.endswith("gdb") else {}))
    got, findings = read(path)
    assert got is not None
    assert not findings.errors
    assert got["地块编号" if name != "a.shp" else got.columns[0]].tolist() == ["甲0", "甲1", "甲2"]
    assert got.to_crs(4550).area.to_numpy() == pytest.approx(np.full(3, 1e4), rel=1e-5)


@pytest.mark.parametrize("written", ["GBK", "UTF-8"])
@pytest.mark.parametrize("declared", ["GBK", "UTF-8", "ISO-8859-1", "nonsense", None])
def test_shapefile_text_is_right_whatever_the_cpg_says(tmp_path: Path, written: str, declared: str | None) -> None:
    frame = squares().rename(columns={"地块编号": "编号"}).assign(名称=["梅山保税港区", "春晓", "a"])
    path = save(frame, tmp_path / "a.shp", encoding=written)
    if declared:
        path.with_suffix(".cpg").write_text(declared, encoding="ascii")
    else:
        path.with_suffix(".cpg").unlink()
    got, findings = read(path)
    assert got is not None
    assert got["编号"].tolist() == ["甲0", "甲1", "甲2"]
    assert got["名称"].tolist() == ["梅山保税港区", "春晓", "a"]
    assert not findings.errors
    if written == "GBK" and declared == "UTF-8":
        assert "gb18030" in str(findings.faults[0])


def test_a_name_cut_in_the_middle_of_a_letter_reads(tmp_path: Path) -> None:
    got, _ = read(save(squares(), tmp_path / "a.shp", encoding="UTF-8"))
    assert got is not None
    assert "地块编" in got.columns


@pytest.mark.parametrize("folder", ["", "sub/"])
def test_a_zipped_shapefile_reads(tmp_path: Path, folder: str) -> None:
    path = save(squares().rename(columns={"地块编号": "编号"}), tmp_path / "a.shp", encoding="GBK")
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for part in sorted(tmp_path.glob("a.*")):
            if part.suffix != ".zip":
                archive.write(part, folder + part.name)
    got, findings = read(tmp_path / "a.zip")
    assert got is not None
    assert got["编号"].tolist() == ["甲0", "甲1", "甲2"]
    assert not findings.errors
    assert path.exists()


class ChineseZip(zipfile.ZipInfo):
    """A member as old Chinese packers write it: its name in GBK, without saying so."""

    def _encodeFilenameFlags(self) -> tuple[bytes, int]:  # noqa: N802 - the name that zipfile calls
        return self.filename.encode("gbk"), self.flag_bits & ~0x800


def test_a_zip_with_names_in_gbk_reads(tmp_path: Path) -> None:
    save(squares(), tmp_path / "地块.shp", encoding="GBK")
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for part in sorted(tmp_path.glob("地块.*")):
            archive.writestr(ChineseZip(f"规划/{part.name}"), part.read_bytes())
    got, findings = read(tmp_path / "a.zip")
    assert got is not None
    assert got["地块编号"].tolist() == ["甲0", "甲1", "甲2"]
    assert not findings.errors


def test_geojson_in_gbk_is_read_and_said(tmp_path: Path) -> None:
    text = squares().to_crs(4326).to_json(ensure_ascii=False)
    (tmp_path / "a.geojson").write_bytes(text.encode("gb18030"))
    got, findings = read(tmp_path / "a.geojson")
    assert got is not None
    assert got["地块编号"].tolist() == ["甲0", "甲1", "甲2"]
    assert "UTF-8" in str(findings.faults[0])


def test_scrambled_text_is_repaired_and_said(tmp_path: Path) -> None:
    wrong = squares().assign(note="梅山岛".encode().decode("latin-1"))
    got, findings = read(save(wrong, tmp_path / "a.gpkg"))
    assert got is not None
    assert set(got["note"]) == {"梅山岛"}
    assert "scrambled" in str(findings.faults[0])


def missing(folder: Path) -> Source:
    save(squares(), folder / "plan.gpkg")
    return Source(folder / "paln.gpkg")


def empty_file(folder: Path) -> Source:
    (folder / "a.gpkg").touch()
    return Source(folder / "a.gpkg")


def missing_layer(folder: Path) -> Source:
    save(squares(), folder / "a.gpkg", layer="lots")
    return Source(folder / "a.gpkg", "parcels")


def several_layers(folder: Path) -> Source:
    save(squares(), folder / "a.gpkg", layer="lots")
    save(squares(), folder / "a.gpkg", layer="roads")
    return Source(folder / "a.gpkg")


def empty_layer(folder: Path) -> Source:
    return Source(save(squares().iloc[:0], folder / "a.gpkg"))


def no_crs(folder: Path) -> Source:
    path = save(squares(), folder / "a.shp", encoding="UTF-8")
    path.with_suffix(".prj").unlink()
    return Source(path)


def no_crs_with_belt_number(folder: Path) -> Source:
    frame = squares(epsg=4529)
    path = save(frame, folder / "a.shp", encoding="UTF-8")
    path.with_suffix(".prj").unlink()
    return Source(path)


def degrees_as_metres(folder: Path) -> Source:
    return Source(save(squares(epsg=4326).set_crs(4550, allow_override=True), folder / "a.gpkg"))


def metres_as_degrees(folder: Path) -> Source:
    return Source(save(squares().set_crs(4490, allow_override=True), folder / "a.gpkg"))


def junk(folder: Path) -> Source:
    (folder / "a.gpkg").write_text("hello", encoding="ascii")
    return Source(folder / "a.gpkg")


def broken_geojson(folder: Path) -> Source:
    (folder / "a.geojson").write_text('{"type":"FeatureCollection","features":[', encoding="ascii")
    return Source(folder / "a.geojson")


def plain_table(folder: Path) -> Source:
    pd.DataFrame({"a": [1]}).to_parquet(folder / "a.parquet")
    return Source(folder / "a.parquet")


def a_folder(folder: Path) -> Source:
    (folder / "a").mkdir()
    return Source(folder / "a")


def no_shx(folder: Path) -> Source:
    path = save(squares(), folder / "a.shp", encoding="UTF-8")
    path.with_suffix(".shx").unlink()
    return Source(path)


def climbing_zip(folder: Path) -> Source:
    with zipfile.ZipFile(folder / "a.zip", "w") as archive:
        archive.writestr("../../etc/a.shp", b"x")
    return Source(folder / "a.zip")


def windows_climbing_zip(folder: Path) -> Source:
    with zipfile.ZipFile(folder / "a.zip", "w") as archive:
        archive.writestr("..\\a.shp", b"x")
    return Source(folder / "a.zip")


def zip_bomb(folder: Path) -> Source:
    with zipfile.ZipFile(folder / "a.zip", "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        archive.writestr("a.shp", bytes(60_000_000))
    return Source(folder / "a.zip")


def linked_zip(folder: Path) -> Source:
    link = zipfile.ZipInfo("a.shp")
    link.external_attr = 0o120777 << 16
    with zipfile.ZipFile(folder / "a.zip", "w") as archive:
        archive.writestr(link, "/etc/passwd")
    return Source(folder / "a.zip")


def zip_of_nothing(folder: Path) -> Source:
    with zipfile.ZipFile(folder / "a.zip", "w") as archive:
        archive.writestr("readme.txt", "nothing")
    return Source(folder / "a.zip")


def broken_zip(folder: Path) -> Source:
    (folder / "a.zip").write_bytes(b"PK nonsense")
    return Source(folder / "a.zip")


def no_geometry(folder: Path) -> Source:
    shapes = [*squares(2).geometry, None]
    return Source(save(squares().set_geometry(gpd.GeoSeries(shapes, crs=4550)), folder / "a.gpkg"))


def empty_geometry(folder: Path) -> Source:
    shapes = [*squares(2).geometry, Polygon()]
    return Source(save(squares().set_geometry(gpd.GeoSeries(shapes, crs=4550)), folder / "a.gpkg"))


def self_crossing(folder: Path) -> Source:
    shapes = [BOWTIE, *squares(2).geometry]
    return Source(save(squares().set_geometry(gpd.GeoSeries(shapes, crs=4550)), folder / "a.gpkg"))


def mixed(folder: Path) -> Source:
    shapes = [*squares(2).geometry, Point(X, Y)]
    return Source(save(squares().set_geometry(gpd.GeoSeries(shapes, crs=4550)), folder / "a.gpkg"))


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (missing, ["paln.gpkg", "missing", "plan.gpkg"]),
        (empty_file, ["a.gpkg", "empty (0 bytes)", "again"]),
        (missing_layer, ["a.gpkg#parcels", "no layer 'parcels'", "lots"]),
        (several_layers, ["a.gpkg", "several layers", "lots", "roads"]),
        (empty_layer, ["a.gpkg", "layer is empty", "at least one row"]),
        (no_crs, ["a.shp", "no coordinate reference system", "assign", ".prj"]),
        (no_crs_with_belt_number, ["a.shp", "no coordinate reference system", "EPSG:4529"]),
        (degrees_as_metres, ["a.gpkg", "degrees", "assign EPSG:4326"]),
        (metres_as_degrees, ["a.gpkg", "metres", "assign the projected CRS"]),
        (junk, ["a.gpkg", "cannot be read", "export it again"]),
        (broken_geojson, ["a.geojson", "cannot be read", "export it again"]),
        (plain_table, ["a.parquet", "geo", "GeoPackage"]),
        (a_folder, ["a", "is a folder", "GeoPackage"]),
        (no_shx, ["a.shp", ".shx is missing", "copy all files"]),
        (climbing_zip, ["a.zip", "../../etc/a.shp", "climbs out", "pack it again"]),
        (windows_climbing_zip, ["a.zip", "climbs out"]),
        (zip_bomb, ["a.zip", "unpacks to 60 MB", "unpacked file"]),
        (linked_zip, ["a.zip", "symbolic link"]),
        (zip_of_nothing, ["a.zip", "no vector data", "readme.txt"]),
        (broken_zip, ["a.zip", "no readable zip", "pack it again"]),
        (no_geometry, ["a.gpkg", "row 甲2", "column geometry", "no geometry", "draw it or delete"]),
        (empty_geometry, ["a.gpkg", "row 甲2", "column geometry", "no geometry"]),
        (self_crossing, ["a.gpkg", "row 甲0", "column geometry", "crosses itself", "redraw"]),
        (mixed, ["a.gpkg", "row 甲2", "column geometry", "is a point in a layer of polygons", "layers of their own"]),
    ],
)
def test_bad_input_is_told_in_one_clear_message(
    tmp_path: Path, make: Callable[[Path], Source], words: list[str]
) -> None:
    findings = Findings()
    read_vector(make(tmp_path), findings)
    (fault,) = findings.errors
    for word in words:
        assert word in str(fault)
    assert str(tmp_path) not in str(fault)
    assert fault.remedy


def test_a_polygon_that_barely_crosses_itself_is_mended_and_said(tmp_path: Path) -> None:
    spike = Polygon(
        [
            (X, Y),
            (X + 100, Y),
            (X + 100, Y + 100),
            (X + 50, Y + 100),
            (X + 50, Y + 130),
            (X + 50, Y + 100),
            (X, Y + 100),
        ]
    )
    frame = squares(1).set_geometry(gpd.GeoSeries([spike], crs=4550))
    got, findings = read(save(frame, tmp_path / "a.gpkg"))
    assert got is not None
    assert got.geometry.is_valid.all()
    assert got.area.iloc[0] == pytest.approx(1e4)
    (fault,) = findings.faults
    assert fault.level == "note"
    assert "甲0" in str(fault)


def test_many_faults_of_one_kind_are_counted(tmp_path: Path) -> None:
    frame = squares(200).set_geometry(gpd.GeoSeries([None] * 199 + [BOWTIE.convex_hull], crs=4550))
    _, findings = read(save(frame, tmp_path / "a.gpkg"))
    assert len(findings.errors) == 51
    assert "149 more rows" in str(findings.errors[-1])


def test_parts_in_three_dimensions_and_several_parts_are_fine(tmp_path: Path) -> None:
    tall = Polygon([(X, Y, 5.0), (X + 100, Y, 5.0), (X + 100, Y + 100, 5.0)])
    two = MultiPolygon([box(X, Y, X + 1, Y + 1), box(X + 5, Y, X + 6, Y + 1)])
    got, findings = read(save(squares(2).set_geometry(gpd.GeoSeries([tall, two], crs=4550)), tmp_path / "a.gpkg"))
    assert got is not None
    assert not got.has_z.any()
    assert not findings.errors


def test_other_shapes_can_be_left_out(tmp_path: Path) -> None:
    shapes = [*squares(1).geometry, Point(X, Y), LineString([(X, Y), (X + 1, Y)])]
    path = save(squares().set_geometry(gpd.GeoSeries(shapes, crs=4550)), tmp_path / "a.gpkg")
    got, findings = read(path, family="polygon")
    assert got is not None
    assert len(got) == 1
    assert not findings.errors
    assert "2 shapes that are not polygons" in str(findings.faults[0])


@pytest.mark.parametrize("datum", ["gcj02", "bd09"])
@pytest.mark.parametrize("with_crs", [True, False])
def test_shifted_datums_come_home(tmp_path: Path, datum: str, with_crs: bool) -> None:
    true = squares(1, epsg=4326)

    def shift(points: np.ndarray) -> np.ndarray:
        lon, lat = wgs84_to_gcj02(points[:, 0], points[:, 1])
        return np.column_stack(gcj02_to_bd09(lon, lat) if datum == "bd09" else (lon, lat))

    path = save(true.set_geometry(true.geometry.transform(shift)), tmp_path / "a.shp", encoding="UTF-8")
    if not with_crs:
        path.with_suffix(".prj").unlink()
    got, findings = read(path, coordinates=datum)
    assert got is not None
    assert not findings.errors
    assert np.abs(got.total_bounds - true.total_bounds).max() < 1e-6
    drawn, _ = read(path) if with_crs else (None, None)
    if drawn is not None:
        assert np.abs(drawn.total_bounds - true.total_bounds).max() > 1e-3


def test_the_file_is_not_written_to(tmp_path: Path) -> None:
    path = save(squares(), tmp_path / "a.gpkg")
    before = path.read_bytes()
    copy = tmp_path / "b.gpkg"
    shutil.copy(path, copy)
    copy.chmod(0o444)
    got, _ = read(copy)
    assert got is not None
    assert copy.read_bytes() == before
    assert not re.search("wal|shm", " ".join(p.name for p in tmp_path.iterdir()))
