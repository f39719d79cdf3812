"""The store: what goes in comes out, names depend on content, leftovers of killed runs go."""

from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from shapely.geometry import Point

from layers.errors import Fault
from spatial.store import KEPT_PER_STAGE, Packed, Store, digest, file_digest, publish


def frames() -> dict[str, pd.DataFrame]:
    plain = pd.DataFrame({"a": [1.0, 2.0], "b": ["x", None]}, index=pd.Index(["p", "q"], name="key"))
    points = gpd.GeoDataFrame({"n": [1]}, geometry=[Point(1, 2)], crs="EPSG:4550")
    return {"plain": plain, "points": points}


def test_tables_and_faults_come_back_as_they_went(tmp_path: Path) -> None:
    store = Store(tmp_path)
    fault = Fault("f", "p", "r", row="1", column="c", level="note")
    packed = {name: Packed.of(frame) for name, frame in frames().items()}
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


def test_leftovers_go_and_newest_stay(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.begin("killed")
    folders = [store.finish("s", f"{n:064d}"[::-1], store.begin("s"), {}, ()).folder for n in range(1, 8)]
    store.tidy([folders[0]])
    left = sorted(path.name for path in tmp_path.iterdir())
    assert folders[0].name in left
    assert len(left) == KEPT_PER_STAGE
    assert not [name for name in left if name.startswith(".")]


def test_publish_replaces_whole_files(tmp_path: Path) -> None:
    source, target = tmp_path / "a", tmp_path / "deep" / "b"
    source.write_text("one")
    publish(source, target)
    source.write_text("two")
    publish(source, target)
    assert target.read_text() == "two"
    assert [path.name for path in target.parent.iterdir()] == ["b"]


def test_an_unfinished_stage_is_not_found(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.begin("stage")
    assert store.find("stage", "k" * 64) is None
    with pytest.raises(FileNotFoundError):
        (tmp_path / "stage-kkkkkkkkkkkkkkkkkkkk" / "stage.json").read_text()
