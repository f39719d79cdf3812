"""Reading streets: classes, tile edges, pieces, and faults that name the row."""

import itertools
from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from shapely import LineString, MultiLineString, Point, box

from layers.errors import Findings
from layers.streets import ROAD_CLASSES, StreetOptions, check_connected, pieces, read_streets
from layers.tables.place import STREETS
from layers.vector import Source

CRS = "EPSG:4550"
X, Y = 400_000.0, 3_297_000.0
DATA = Path(__file__).parents[2].parent / "shared" / "data"
MEISHAN = Path(__file__).parents[2] / "layers" / "meishan" / "plan.gpkg"


def line(*points: tuple[float, float]) -> LineString:
    return LineString([(X + east, Y + north) for east, north in points])


@pytest.fixture
def zone() -> gpd.GeoDataFrame:
    shape = box(X - 1000, Y - 1000, X + 1000, Y + 1000)
    return gpd.GeoDataFrame(
        {"name_zh": ["区"], "name_en": ["zone"], "area_m2": [shape.area]}, index=["zone-1"], geometry=[shape], crs=CRS
    )


def read(
    tmp_path: Path, zone: gpd.GeoDataFrame, shapes: list[Any], options: StreetOptions | None = None, **columns: Any
) -> tuple[gpd.GeoDataFrame | None, Findings]:
    path = tmp_path / "streets.gpkg"
    gpd.GeoDataFrame(columns, geometry=shapes, crs=CRS).to_file(path)
    findings = Findings()
    return read_streets(Source(path), options or StreetOptions(), zone, findings), findings


def said(findings: Findings, level: str) -> str:
    return "\n".join(str(fault) for fault in findings if fault.level == level)


def test_plain_streets(tmp_path: Path, zone: gpd.GeoDataFrame) -> None:
    shapes = [line((0, 0), (100, 0)), line((100, 0), (100, 100))]
    streets, findings = read(tmp_path, zone, shapes, id=[7, 3], name=["东路", None], highway=["trunk_link", "支路"])
    assert streets is not None
    assert STREETS.faults(streets) == []
    assert streets.index.tolist() == ["3", "7"]
    assert streets["road_class"].tolist() == ["tertiary", "trunk"]
    assert streets["name"].tolist() == ["", "东路"]
    assert streets.crs == CRS
    assert list(findings) == []


def test_what_is_no_street_is_left_out(tmp_path: Path, zone: gpd.GeoDataFrame) -> None:
    shapes = [line((0, 0), (100, 0)), line((0, 0), (0, 100)), line((0, 0), (50, 50))]
    streets, findings = read(
        tmp_path, zone, shapes, id=["a", "b", "c"], kind=["major_road", "path", "ferry"],
        kind_detail=["primary", "footway", None],
    )  # fmt: skip
    assert streets is not None
    assert streets.index.tolist() == ["a"]
    assert "2 lines are no streets and are left out (ferry, footway)" in said(findings, "note")


def test_unknown_classes_are_local_and_told_unless_the_crosswalk_knows_them(
    tmp_path: Path, zone: gpd.GeoDataFrame
) -> None:
    shapes = [line((0, 0), (100, 0)), line((100, 0), (200, 0))]
    streets, findings = read(tmp_path, zone, shapes, id=["a", "b"], highway=["Gasse", "primary"])
    assert streets is not None
    assert streets["road_class"].tolist() == ["local", "primary"]
    assert "row a, column highway: road class 'Gasse' is not known" in said(findings, "warning")
    options = StreetOptions(class_crosswalk={"Gasse": "secondary"})
    streets, findings = read(tmp_path, zone, shapes, options, id=["a", "b"], highway=["Gasse", "primary"])
    assert streets is not None
    assert streets["road_class"].tolist() == ["secondary", "primary"]
    assert list(findings) == []


def test_levels_are_those_of_bridges_and_tunnels(tmp_path: Path, zone: gpd.GeoDataFrame) -> None:
    shapes = [line((50 * at, 0), (50 * at + 50, 0)) for at in range(6)]
    streets, findings = read(
        tmp_path, zone, shapes, id=list("abcdef"), highway=["primary"] * 6,
        bridge=["yes", "no", None, "T", "F", None], is_tunnel=[None, 1.0, None, None, None, None],
        layer=["2", "-1", "3", "GRADE", "0", None],
    )  # fmt: skip
    assert streets is not None
    # a layer counts only where there is a bridge or a tunnel: drawings call other things so
    assert streets["level"].to_dict() == {"a": 2, "b": -1, "c": 0, "d": 1, "e": 0, "f": 0}
    assert STREETS.faults(streets) == []
    assert list(findings) == []


def test_a_column_of_levels_goes_before_bridges_and_must_hold_whole_numbers(
    tmp_path: Path, zone: gpd.GeoDataFrame
) -> None:
    shapes = [line((50 * at, 0), (50 * at + 50, 0)) for at in range(4)]
    streets, findings = read(
        tmp_path, zone, shapes, id=list("abcd"), highway=["primary"] * 4, bridge=["yes"] * 4,
        level=["-2", None, "upper", "0.5"],
    )  # fmt: skip
    assert streets is not None
    assert streets["level"].to_dict() == {"a": -2, "b": 1, "c": 1, "d": 1}
    told = said(findings, "warning")
    assert "row c, column level: level 'upper' is no whole number and is not used" in told
    assert "row d, column level: level '0.5' is no whole number" in told


def test_ids_cut_at_tile_edges_are_joined(tmp_path: Path, zone: gpd.GeoDataFrame) -> None:
    shapes = [line((0, 0), (100, 0)), line((100, 0), (200, 0)), line((200, 0), (200, 99)), line((0, 0), (0, 50))]
    streets, findings = read(tmp_path, zone, shapes, id=[1, 1, 2, 1], highway=["primary"] * 4)
    assert streets is not None
    assert streets.index.tolist() == ["1", "2"]
    assert streets.length.tolist() == pytest.approx([250.0, 99.0])
    assert "3 rows share 1 ids" in said(findings, "note")


def test_multilines_become_numbered_streets(tmp_path: Path, zone: gpd.GeoDataFrame) -> None:
    shapes = [
        MultiLineString([line((0, 0), (100, 0)), line((100, 0.0), (100, 80)), line((50, 0), (50, -60))]),
        line((100, 80), (100, 90)),
    ]
    streets, _ = read(tmp_path, zone, shapes, id=["a", "a-1"], highway=["primary"] * 2)
    assert streets is not None
    assert streets.index.is_unique
    assert len(streets) == 3
    assert set(shapely.get_type_id(streets.geometry.to_numpy())) == {1}
    assert streets.length.sum() == pytest.approx(250.0)


def test_missing_ids_are_numbered_the_same_each_time(tmp_path: Path, zone: gpd.GeoDataFrame) -> None:
    shapes = [line((0, 0), (100, 0)), line((100, 0), (100, 100)), line((0, 0), (0, 100))]
    streets, findings = read(tmp_path, zone, shapes, highway=["primary"] * 3)
    assert streets is not None
    assert streets.index.tolist() == ["street-00001", "street-00002", "street-00003"]
    assert "have no id" in said(findings, "note")


def test_lines_without_length_are_dropped(tmp_path: Path, zone: gpd.GeoDataFrame) -> None:
    shapes = [line((0, 0), (100, 0)), line((5, 5), (5, 5))]
    streets, findings = read(tmp_path, zone, shapes, id=["a", "point"], highway=["primary"] * 2)
    assert streets is not None
    assert streets.index.tolist() == ["a"]
    assert "1 lines without length are left out (point)" in said(findings, "note")


def test_streets_outside_the_zone(tmp_path: Path, zone: gpd.GeoDataFrame) -> None:
    inside, outside = line((0, 0), (100, 0)), line((2000, 0), (2100, 0))
    streets, findings = read(tmp_path, zone, [inside, outside], id=["a", "b"], highway=["primary"] * 2)
    assert streets is not None
    assert streets.index.tolist() == ["a"]
    assert "row b, column geometry: the street lies outside the zone" in said(findings, "warning")
    streets, findings = read(tmp_path, zone, [outside], id=["b"], highway=["primary"])
    assert streets is None
    assert "no street lies within the zone" in said(findings, "error")


def test_streets_in_pieces(tmp_path: Path, zone: gpd.GeoDataFrame) -> None:
    shapes = [line((0, 0), (300, 0)), line((0, 20), (100, 20)), line((0, 500), (250, 500))]
    streets, findings = read(tmp_path, zone, shapes[:2], id=["a", "b"], highway=["primary"] * 2)
    assert streets is not None
    assert "2 pieces, 25.0% of the length lies outside the largest (such as b)" in said(findings, "warning")
    streets, findings = read(tmp_path, zone, shapes, id=["a", "b", "c"], highway=["primary"] * 3)
    errors = said(findings, "error")
    assert "disconnected streets: 3 pieces, the largest holds only 46%" in errors
    assert "row b" in errors
    assert "row c" in errors
    assert "row a" not in errors


def test_pieces_within_the_tolerance_are_one(zone: gpd.GeoDataFrame) -> None:
    shapes = [line((0, 0), (100, 0)), line((100.5, 0), (200, 0)), line((50, -50), (50, 50))]
    streets = gpd.GeoDataFrame(
        {"name": "", "road_class": "local"}, index=["a", "b", "c"], geometry=shapes, crs=zone.crs
    )
    assert pieces(streets, 1.0).tolist() == [0, 0, 0]
    assert pieces(streets, 0.1).tolist() == [0, 1, 0]
    findings = Findings()
    check_connected(streets, 1.0, "streets", findings)
    assert list(findings) == []


@pytest.mark.parametrize(
    ("shape", "message"), [(box(X, Y, X + 9, Y + 9), "holds no lines"), (Point(X, Y), "holds no lines")]
)
def test_other_shapes_are_faults(tmp_path: Path, zone: gpd.GeoDataFrame, shape: Any, message: str) -> None:
    streets, findings = read(tmp_path, zone, [shape], id=["a"])
    assert streets is None
    assert message in said(findings, "error")


def test_faults_of_the_file_are_told(tmp_path: Path, zone: gpd.GeoDataFrame) -> None:
    findings = Findings()
    assert read_streets(Source(tmp_path / "none.gpkg"), StreetOptions(), zone, findings) is None
    assert "missing" in said(findings, "error")
    options = StreetOptions(columns={"road_class": "KLASSE"})
    streets, findings = read(tmp_path, zone, [line((0, 0), (1, 1))], options, id=["a"])
    assert streets is None
    assert "has no column 'KLASSE'" in said(findings, "error")
    streets, findings = read(tmp_path, zone, [line((0, 0), (1, 1))], id=["a"], highway=["steps"])
    assert streets is None
    assert "holds no streets" in said(findings, "error")


def test_columns_can_be_named(tmp_path: Path, zone: gpd.GeoDataFrame) -> None:
    options = StreetOptions(columns={"street_id": "NUMMER", "road_class": "KLASSE"})
    streets, _ = read(tmp_path, zone, [line((0, 0), (9, 0))], options, NUMMER=["x"], KLASSE=["primary"], id=["y"])
    assert streets is not None
    assert streets["road_class"].to_dict() == {"x": "primary"}


def test_without_classes_all_streets_are_local(tmp_path: Path, zone: gpd.GeoDataFrame) -> None:
    streets, findings = read(tmp_path, zone, [line((0, 0), (9, 0))], id=["y"])
    assert streets is not None
    assert streets["road_class"].tolist() == ["local"]
    assert "no column of road classes" in said(findings, "note")


@pytest.mark.parametrize(
    "wrong", [{"columns": {"far": "x"}}, {"class_crosswalk": {"a": "alley"}}, {"touch_m": -1}, {"a": 1}]
)
def test_options_refuse_what_cannot_be(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        StreetOptions(**wrong)


@settings(max_examples=15, deadline=None)
@given(cuts=st.lists(st.floats(0.05, 0.95), min_size=1, max_size=4, unique=True))
def test_cutting_a_street_changes_nothing(tmp_path_factory: Any, cuts: list[float]) -> None:
    whole = line((0, 0), (400, 30), (700, 0))
    zone = gpd.GeoDataFrame(
        {"name_zh": ["a"], "name_en": ["a"], "area_m2": [1.0]}, geometry=[box(X - 1, Y - 1, X + 900, Y + 90)], crs=CRS
    )
    stops = [0.0, *sorted(cuts), 1.0]
    parts = [shapely.ops.substring(whole, a, b, normalized=True) for a, b in itertools.pairwise(stops) if b - a > 0.01]
    path = tmp_path_factory.mktemp("cut")
    streets, _ = read(path, zone, parts, id=["s"] * len(parts), highway=["primary"] * len(parts))
    assert streets is not None
    assert streets.length.sum() == pytest.approx(sum(part.length for part in parts), rel=1e-9)


def test_the_embedded_study() -> None:
    zone = gpd.read_file(MEISHAN, layer="zone").set_index("zone_id")
    findings = Findings()
    streets = read_streets(Source(MEISHAN, "streets"), StreetOptions(), zone, findings)
    assert streets is not None
    assert findings.errors == []
    assert len(streets) > 500
    assert set(streets["road_class"]) <= set(ROAD_CLASSES)
    piece = pieces(streets, 1.0)
    assert streets.length[piece == 0].sum() > 0.9 * streets.length.sum()


def test_lujiazui() -> None:
    path = DATA / "shanghai_lujiazui_osm" / "shanghai.gpkg"
    if not path.exists():
        pytest.skip("the shared data are not here")
    roads = gpd.read_file(path, layer="roads").to_crs("EPSG:32651")
    zone = gpd.GeoDataFrame(
        {"name_zh": ["陆家嘴"], "name_en": ["Lujiazui"], "area_m2": [1.0]},
        geometry=[box(*roads.total_bounds)],
        crs=roads.crs,
    )
    findings = Findings()
    streets = read_streets(Source(path, "roads"), StreetOptions(), zone, findings)
    assert streets is not None
    assert findings.errors == []
    assert "cut at tile edges" in said(findings, "note")
    assert "subway" in said(findings, "note")
    assert 100_000.0 < streets.length.sum() < 200_000.0
    assert (streets.index.str.split("-").str[0].value_counts() < 10).all()
