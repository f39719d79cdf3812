from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
from shapely.geometry import Point, box

from layers.buildings import read_buildings
from layers.errors import Findings
from layers.tables.place import BUILDINGS
from layers.vector import Source
from layers.zones import read_zone

X, Y = 400_000.0, 3_296_000.0
SHARED = Path(__file__).parents[2] / "../shared/data"
ZONE = gpd.GeoDataFrame(
    {"name_zh": ["区"], "name_en": ["zone"], "area_m2": [1e6]},
    geometry=[box(X, Y, X + 1000, Y + 1000)],
    crs=4550,
    index=pd.Index(["Z"], name="zone_id"),
)


def house(n: int, width: float = 20.0) -> Any:
    return box(X + 100 * n, Y, X + 100 * n + width, Y + 10)


def read(folder: Path, shapes: list[Any], **columns: Any) -> tuple[gpd.GeoDataFrame | None, Findings]:
    gpd.GeoDataFrame(columns, geometry=shapes, crs=4550).to_file(folder / "b.gpkg")
    findings = Findings()
    got = read_buildings(Source(folder / "b.gpkg"), ZONE, findings)
    if got is not None:
        assert BUILDINGS.faults(got) == []
    return got, findings


def test_floors_and_heights_read_with_units(tmp_path: Path) -> None:
    got, findings = read(
        tmp_path,
        [house(1), house(2), house(3)],
        osm_id=[7, 8, 9],
        height=["12 m", "9.5", None],
        **{"building:levels": ["4", None, "2层"]},
    )
    assert got is not None
    assert got.index.tolist() == ["7", "8", "9"]
    assert got["height_m"].fillna(-1).tolist() == [12.0, 9.5, -1.0]
    assert got["floors"].fillna(-1).tolist() == [4.0, -1.0, 2.0]
    assert not findings.errors


def test_buildings_without_ids_or_heights_read(tmp_path: Path) -> None:
    got, findings = read(tmp_path, [house(1), house(2)])
    assert got is not None
    assert len(got) == 2
    assert got["height_m"].isna().all()
    assert "2 of 2 buildings have neither" in str(findings.faults[-1])


def test_pieces_cut_at_a_tile_edge_become_one(tmp_path: Path) -> None:
    left, right = house(1), box(X + 120, Y, X + 150, Y + 10)
    got, findings = read(tmp_path, [left, right, house(4)], id=[5, 5, 6], height=[12.0, None, 7.0])
    assert got is not None
    assert got.geometry.geom_type.tolist() == ["Polygon", "Polygon"]
    assert got.area.tolist() == pytest.approx([500.0, 200.0])
    assert got["height_m"].tolist() == [12.0, 7.0]
    assert "2 pieces were put together to 1" in str(findings.faults[0])


def test_parts_inside_an_outline_lend_it_their_height(tmp_path: Path) -> None:
    part = box(X + 102, Y + 2, X + 108, Y + 8)
    got, _ = read(tmp_path, [house(1), part], id=[1, 2], height=[None, 80.0])
    assert got is not None
    assert got.index.tolist() == ["1"]
    assert got["height_m"].tolist() == [80.0]


def test_nought_is_unknown_and_points_are_left_out(tmp_path: Path) -> None:
    got, findings = read(tmp_path, [house(1), house(2), Point(X + 5, Y + 5)], id=[1, 2, 3], height=[0.0, 9.0, None])
    assert got is not None
    assert got["height_m"].fillna(-1).tolist() == [-1.0, 9.0]
    said = "\n".join(map(str, findings))
    assert "1 buildings have height 0" in said
    assert "1 shapes that are not polygons" in said
    assert not findings.errors


@pytest.mark.parametrize(
    ("columns", "shapes", "level", "words"),
    [
        (
            {"height": [-3.0, 9.0]},
            [1, 2],
            "error",
            ["b.gpkg", "row 1", "column height", "implausible, -3", "correct it"],
        ),
        ({"height": [3000.0, 9.0]}, [1, 2], "error", ["row 1", "column height", "implausible, 3000", "metres"]),
        ({"height": ["tall", "9"]}, [1, 2], "warning", ["row 1", "column height", "no number, 'tall'", "unknown"]),
        ({"floors": [999, 9]}, [1, 2], "error", ["row 1", "column floors", "implausible, 999", "whole floors"]),
        ({"id": [1, 1]}, [1, 5], "error", ["row 1", "lie apart", "id of its own"]),
        ({}, [50, 60], "error", ["b.gpkg", "no building lies within the zone", "CRS"]),
    ],
)
def test_faulty_buildings_are_told(
    tmp_path: Path, columns: dict[str, Any], shapes: list[int], level: str, words: list[str]
) -> None:
    _, findings = read(tmp_path, [house(n) for n in shapes], **({"id": [1, 2]} | columns))
    (fault,) = [fault for fault in findings if fault.level == level]
    for word in words:
        assert word in str(fault)


def test_buildings_outside_the_zone_are_left_out_and_counted(tmp_path: Path) -> None:
    got, findings = read(tmp_path, [house(1), house(15)], id=[1, 2], height=[9.0, 9.0])
    assert got is not None
    assert got.index.tolist() == ["1"]
    assert "1 buildings outside the zone" in str(findings.faults[0])


def test_real_buildings_of_lujiazui_read(tmp_path: Path) -> None:
    path = SHARED / "shanghai_lujiazui_osm" / "shanghai.gpkg"
    if not path.exists():
        pytest.skip("the shared OpenStreetMap data are not here")
    raw = gpd.read_file(path, layer="buildings")
    gpd.GeoDataFrame(geometry=[box(*raw.total_bounds).buffer(0.001)], crs=4326).to_file(tmp_path / "zone.gpkg")
    findings = Findings()
    zone = read_zone(Source(tmp_path / "zone.gpkg"), findings)
    assert zone is not None
    got = read_buildings(Source(path, "buildings"), zone, findings)
    assert got is not None
    assert not findings.errors
    assert BUILDINGS.faults(got) == []
    outlines = raw[(raw["kind"] == "building")]
    assert 0.95 * outlines["id"].nunique() < len(got) <= outlines["id"].nunique()
    assert got["height_m"].max() == pytest.approx(632.0)  # Shanghai Tower
    assert got.area.sum() == pytest.approx(outlines.to_crs(got.crs).union_all().area, rel=0.02)
