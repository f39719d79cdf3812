"""The store: what goes in comes out, names depend on content, leftovers of killed runs go."""

from importlib import metadata
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from shapely.geometry import Point

from layers.errors import Fault, InputError
from spatial import store as store_room
from spatial.store import KEPT_PER_STAGE, Packed, Store, digest, file_digest, libraries, publish, write_whole


def frames() -> dict[str, pd.DataFrame]:
    plain = pd.DataFrame({"a": [1.0, 2.0], "b": ["x", None]}, index=pd.Index(["p", "q"], name="key"))
    points = gpd.GeoDataFrame({"n": [1]}, geometry=[Point(1, 2)], crs="EPSG:4550")
    return {"plain": plain, "points": points}


def test_tables_and_faults_come_back_as_they_went(tmp_path: Path) -> None:
    store = Store(tmp_path)
    fault = Fault("f", "p", "r", row="1", column="c", level="note")
    packed = {name: Packed.of(frame) for name, frame in frames().items()}
    with store:
        store.finish("stage", "k" * 64, store.begin("stage"), packed, [fault])
    entry = store.find("stage", "k" * 64)
    assert entry is not None
    assert entry.faults == (fault,)
    pd.testing.assert_frame_equal(entry.table("plain"), frames()["plain"])
    points = entry.table("points")
    assert isinstance(points, gpd.GeoDataFrame)
    assert points.crs == "EPSG:4550"
    assert points.geometry.equals(frames()["points"].geometry)


def test_same_table_same_digest() -> None:
    assert Packed.of(frames()["plain"]).digest == Packed.of(frames()["plain"]).digest
    assert Packed.of(frames()["plain"]).digest != Packed.of(frames()["plain"] * 2).digest


def test_parts_of_a_digest_do_not_run_together() -> None:
    assert digest(b"ab", b"c") != digest(b"a", b"bc")


def test_a_shapefile_changes_with_its_table(tmp_path: Path) -> None:
    for suffix in (".shp", ".dbf"):
        (tmp_path / f"a{suffix}").write_bytes(b"1")
    before = file_digest(tmp_path / "a.shp")
    (tmp_path / "a.dbf").write_bytes(b"2")
    assert file_digest(tmp_path / "a.shp") != before
    assert file_digest(tmp_path / "none.csv") == "absent"


@pytest.mark.parametrize(
    ("name", "beside"),
    [
        ("a.shp", "a.prj"), ("a.shp", "a.cpg"), ("a.shp", "a.shx"), ("wind.tif", "wind.tif.aux.xml"),
        ("wind.tif", "wind.TFW"), ("wind.tif", "wind.wld"), ("wind.asc", "wind.prj"), ("wind.bil", "wind.hdr"),
        ("ri[v]er*.tif", "ri[v]er*.tfw"), ("plan.gpkg", "plan.gpkg-wal"),
    ],
)  # fmt: skip
def test_a_file_changes_with_what_belongs_to_it(tmp_path: Path, name: str, beside: str) -> None:
    (tmp_path / name).write_bytes(b"1")
    alone = file_digest(tmp_path / name)
    (tmp_path / beside).write_bytes(b"1")
    first = file_digest(tmp_path / name)
    (tmp_path / beside).write_bytes(b"2")
    assert len({alone, first, file_digest(tmp_path / name)}) == 3


def test_a_file_does_not_change_with_its_neighbours(tmp_path: Path) -> None:
    (tmp_path / "w[1].tif").write_bytes(b"1")
    before = file_digest(tmp_path / "w[1].tif")
    for neighbour in ("w1.prj", "w[1].gpkg", "w[12].prj"):
        (tmp_path / neighbour).write_bytes(b"2")
    assert file_digest(tmp_path / "w[1].tif") == before


def test_every_library_the_package_asks_for_counts() -> None:
    found = libraries()
    asked = {line.split("<")[0].split(">")[0] for line in metadata.requires("nearzero") or [] if "extra" not in line}
    assert asked <= set(found)
    assert {"pandera", "networkx", "python", "GEOS (shapely)", "GDAL (rasterio)", "PROJ (pyproj)"} <= set(found)
    assert "pytest" not in found


def test_another_library_is_other_code(monkeypatch: pytest.MonkeyPatch) -> None:
    before = store_room.code_digest.__wrapped__()
    monkeypatch.setattr(store_room, "libraries", lambda: {**libraries(), "GEOS (shapely)": "9.9.9"})
    assert store_room.code_digest.__wrapped__() != before


def test_one_run_at_a_time(tmp_path: Path) -> None:
    with Store(tmp_path / "s") as first:
        first.begin("stage")
        with pytest.raises(InputError, match="another run"), Store(tmp_path / "s"):
            pass
        assert [path.name for path in (tmp_path / "s").iterdir() if path.name.startswith(".stage")]
    with Store(tmp_path / "s") as second:
        second.tidy([])
        assert [path.name for path in (tmp_path / "s").iterdir()] == [store_room.LOCK]


def test_a_store_that_is_only_looked_at_leaves_no_trace(tmp_path: Path) -> None:
    with Store(tmp_path / "s") as store:
        assert store.find("stage", "k" * 64) is None
    assert not (tmp_path / "s").exists()


def test_a_text_is_written_whole(tmp_path: Path) -> None:
    for text in ("one", "two"):
        write_whole(tmp_path / "a.json", text)
        assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"a.json": text}


def test_leftovers_go_and_newest_stay(tmp_path: Path) -> None:
    with Store(tmp_path) as store:
        store.begin("killed")
        folders = [store.finish("s", f"{n:064d}"[::-1], store.begin("s"), {}, ()).folder for n in range(1, 8)]
        store.tidy([folders[0]])
    left = sorted(path.name for path in tmp_path.iterdir() if path.is_dir())
    assert folders[0].name in left
    assert len(left) == KEPT_PER_STAGE
    assert not [name for name in left if name.startswith(".")]


def test_publish_replaces_whole_files(tmp_path: Path) -> None:
    source, target = tmp_path / "a", tmp_path / "deep" / "b"
    source.write_text("one")
    publish(source, target)
    target.with_name(".b.part").write_text("half of what a killed run")
    source.write_text("two")
    publish(source, target)
    assert target.read_text() == "two"
    assert [path.name for path in target.parent.iterdir()] == ["b"]


def test_an_unfinished_stage_is_not_found(tmp_path: Path) -> None:
    with Store(tmp_path) as store:
        store.begin("stage")
    assert store.find("stage", "k" * 64) is None
    with pytest.raises(FileNotFoundError):
        (tmp_path / "stage-kkkkkkkkkkkkkkkkkkkk" / "stage.json").read_text()
