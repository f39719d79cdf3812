from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import MultiPolygon, Polygon, box

from layers.crs import gcj02_offset_m
from layers.errors import Findings
from layers.landuse import landuse_table
from layers.parcels import ParcelOptions, read_parcels
from layers.parcels.controls import Reader
from layers.tables.place import PARCEL_USES, PARCELS
from layers.vector import Source
from layers.zones import read_zone, unit_of_zone

X, Y = 400_000.0, 3_296_000.0
SIDE = 100.0
SHARED = Path(__file__).parents[2] / "../shared/data"
Tables = tuple[gpd.GeoDataFrame, pd.DataFrame]

ZONE = gpd.GeoDataFrame(
    {"name_zh": ["梅山"], "name_en": ["Meishan"], "area_m2": [4e6]},
    geometry=[box(X, Y, X + 2000, Y + 2000)],
    crs=4550,
    index=pd.Index(["NB"], name="zone_id"),
)
UNITS = gpd.GeoDataFrame(
    {"name_zh": ["西", "东"], "name_en": ["West", "East"], "area_m2": [2e6, 2e6]},
    geometry=[box(X, Y, X + 1000, Y + 2000), box(X + 1000, Y, X + 2000, Y + 2000)],
    crs=4550,
    index=pd.Index(["W", "E"], name="unit_id"),
)


def lot(n: int) -> Polygon:
    x = X + 50 + n * 150
    return box(x, Y + 50, x + SIDE, Y + 50 + SIDE)


def plan(**columns: Any) -> gpd.GeoDataFrame:
    """Return three sound parcels; columns given take the place of theirs, None takes one away."""
    base: dict[str, Any] = {
        "parcel_id": ["A-1", "A-2", "A-3"],
        "name": ["港区", "商业", "公园"],
        "landuse": ["R2", "B1", "G1"],
        "far": [2.0, 3.0, 0.02],
        "density": [0.25, 0.4, 0.02],
        "height_m": [54.0, 36.0, 9.0],
        "green_ratio": [0.3, 0.2, 0.75],
        "status": ["existing", "planned", "planned"],
        "phase_year": [2015, 2025, 2028],
        "population": [100.0, None, None],
        "jobs": [None, 300.0, None],
        "floor_area": [None, 30_000.0, None],
        "geometry": [lot(0), lot(1), lot(9)],
    } | columns
    kept = {name: values for name, values in base.items() if values is not None}
    return gpd.GeoDataFrame(kept, geometry="geometry", crs=4550)


def read(
    frame: gpd.GeoDataFrame,
    folder: Path,
    name: str = "plan.gpkg",
    *,
    crosswalk: str | None = None,
    **options: Any,
) -> tuple[Tables | None, Findings]:
    frame.to_file(folder / name)
    findings = Findings()
    path = folder / crosswalk if crosswalk else None
    understood = ParcelOptions(**options)
    got = read_parcels(Source(folder / name), understood, ZONE, UNITS, 2017, 2030, findings, crosswalk=path)
    return got, findings


def sound(frame: gpd.GeoDataFrame, folder: Path, **options: Any) -> Tables:
    got, findings = read(frame, folder, **options)
    assert got is not None, "\n".join(map(str, findings))
    assert PARCELS.faults(got[0]) == []
    assert PARCEL_USES.faults(got[1]) == []
    return got


def test_a_sound_plan_reads_without_a_word(tmp_path: Path) -> None:
    got, findings = read(plan(), tmp_path)
    assert got is not None
    parcels, uses = got
    assert not findings.faults
    assert PARCELS.faults(parcels) == []
    assert PARCEL_USES.faults(uses) == []
    assert parcels.index.tolist() == ["A-1", "A-2", "A-3"]
    assert parcels["unit_id"].tolist() == ["W", "W", "E"]
    assert parcels["group"].tolist() == ["R", "B", "G"]
    assert parcels["far"].tolist() == [2.0, 3.0, 0.02]
    assert parcels["building_density"].tolist() == [0.25, 0.4, 0.02]
    assert parcels["height_limit_m"].tolist() == [54.0, 36.0, 9.0]
    assert parcels["existing"].tolist() == [True, False, False]
    assert parcels["phase_year"].tolist() == [2017, 2025, 2028]
    assert parcels["population"].fillna(-1).tolist() == [100.0, -1, -1]
    assert parcels["jobs"].fillna(-1).tolist() == [-1, 300.0, -1]
    assert parcels["assumed"].tolist() == ["", "", ""]
    assert parcels["area_m2"].to_numpy() == pytest.approx(np.full(3, 1e4))
    assert uses["archetype"].tolist() == ["res_highrise", "retail", "none"]


CHINESE = {
    "parcel_id": "地块编号",
    "name": "地块名称",
    "landuse": "用地性质",
    "far": "容积率",
    "density": "建筑密度",
    "height_m": "建筑限高",
    "green_ratio": "绿地率",
    "status": "现状规划",
    "phase_year": "实施年份",
    "population": "人口",
    "jobs": "就业岗位",
    "floor_area": "建筑面积",
}
PINYIN = {
    "parcel_id": "DKBH",
    "name": "DKMC",
    "landuse": "YDDM",
    "far": "RJL",
    "density": "JZMD",
    "height_m": "JZXG",
    "green_ratio": "LDL",
    "status": "JSZT",
    "phase_year": "SSNF",
    "population": "RK",
    "jobs": "GW",
    "floor_area": "JZMJ",
}


@pytest.mark.parametrize("names", [CHINESE, PINYIN])
@pytest.mark.parametrize("file", ["plan.gpkg", "plan.shp"])
def test_chinese_and_pinyin_columns_are_recognised(tmp_path: Path, names: dict[str, str], file: str) -> None:
    expected, _ = sound(plan(), tmp_path)
    frame = plan().rename(columns=names)
    if file.endswith("shp"):
        frame.to_file(tmp_path / file, encoding="GBK")
        (tmp_path / "plan.cpg").unlink()
        findings = Findings()
        got = read_parcels(Source(tmp_path / file), ParcelOptions(), ZONE, UNITS, 2017, 2030, findings)
    else:
        got, findings = read(frame, tmp_path, name=file)
    assert got is not None, "\n".join(map(str, findings))
    pd.testing.assert_frame_equal(got[0].drop(columns="geometry"), expected.drop(columns="geometry"))


def test_columns_may_be_named(tmp_path: Path) -> None:
    frame = plan().rename(columns={"far": "K1", "landuse": "K2"})
    parcels, _ = sound(frame, tmp_path, columns={"far": "K1", "landuse": "K2"})
    assert parcels["far"].tolist() == [2.0, 3.0, 0.02]


def test_any_crs_reads_to_the_same(tmp_path: Path) -> None:
    here, _ = sound(plan(), tmp_path)
    there, _ = sound(plan().to_crs(4490), tmp_path)
    assert there.crs == here.crs
    assert there.geom_equals_exact(here.geometry, 0.01).all()


def test_gaps_take_the_defaults_and_it_is_said(tmp_path: Path) -> None:
    frame = plan(
        far=None, density=None, height_m=None, green_ratio=None, landuse=["R2", "R2/B1", "G1"], floor_area=None
    )
    got, findings = read(frame, tmp_path)
    assert got is not None
    listed = landuse_table()
    assert got[0].loc["A-1", "far"] == listed.loc["R2", "far"]
    assert got[0].loc["A-2", "far"] == pytest.approx((listed.loc["R2", "far"] + listed.loc["B1", "far"]) / 2)
    assert got[0].loc["A-2", "height_limit_m"] == max(listed.loc[["R2", "B1"], "height_limit_m"])
    said = [str(fault) for fault in findings if "default" in str(fault)]
    assert len(said) == 4
    assert all("3 of 3 parcels" in text for text in said)
    assert (got[0]["assumed"] == "far;building_density;height_limit_m;green_ratio").all()


def test_each_parcel_keeps_which_of_its_controls_were_assumed(tmp_path: Path) -> None:
    # a density of nought cannot be that of a built parcel, so it counts as not given
    parcels, _ = sound(plan(far=[None, 3.0, 0.02], density=[0.25, 0, 0.02], green_ratio=[None, 0.2, 0.75]), tmp_path)
    assert parcels["assumed"].tolist() == ["far;green_ratio", "building_density", ""]


def test_mixed_uses_are_split(tmp_path: Path) -> None:
    parcels, uses = sound(plan(landuse=["R2:0.3/B1:0.7", "r21+b14", "070102"]), tmp_path)
    assert parcels["landuse"].tolist() == ["B1", "R2", "R2"]
    assert parcels["landuse_given"].tolist() == ["R2:0.3/B1:0.7", "r21+b14", "070102"]
    assert uses.groupby("parcel_id")["share"].sum().to_numpy() == pytest.approx(np.ones(3))
    assert uses.loc[uses["landuse"] == "B14", "archetype"].tolist() == ["hotel"]


def test_percent_is_accepted_and_said_once(tmp_path: Path) -> None:
    got, findings = read(plan(density=[35, 40, 2], green_ratio=["30%", "20 %", "75％"]), tmp_path)
    assert got is not None
    assert got[0]["building_density"].tolist() == pytest.approx([0.35, 0.4, 0.02])
    assert got[0]["green_ratio"].tolist() == pytest.approx([0.3, 0.2, 0.75])
    said = [str(fault) for fault in findings]
    assert len(said) == 2
    assert "plan.gpkg, column density: 3 values of building density were taken as percent (35 for 0.35)" in said[0]


def test_one_percent_among_fractions_is_accepted(tmp_path: Path) -> None:
    parcels, _ = sound(plan(density=[35, 0.4, 0.02]), tmp_path)
    assert parcels["building_density"].tolist() == pytest.approx([0.35, 0.4, 0.02])


def test_ratios_can_be_declared(tmp_path: Path) -> None:
    parcels, _ = sound(plan(density=[25, 40, 0.5], green_ratio=[30, 20, 75]), tmp_path, ratios="percent")
    assert parcels["building_density"].tolist() == pytest.approx([0.25, 0.4, 0.005])
    got, findings = read(plan(density=[35, 0.4, 0.02]), tmp_path, ratios="fraction")
    assert got is None
    assert "above 1" in str(findings.errors[0])


def test_units_behind_numbers_and_blanks_are_understood(tmp_path: Path) -> None:
    frame = plan(height_m=["54米", "36 m", "9"], far=["２.０", "3", "0.02"], population=["", "-", None])
    parcels, _ = sound(frame, tmp_path)
    assert parcels["height_limit_m"].tolist() == [54.0, 36.0, 9.0]
    assert parcels["far"].tolist() == [2.0, 3.0, 0.02]
    assert parcels["population"].isna().all()


def test_phase_may_say_existing(tmp_path: Path) -> None:
    parcels, _ = sound(plan(status=None, phase_year=["现状", "2025年", "2030-12-31"]), tmp_path)
    assert parcels["existing"].tolist() == [True, False, False]
    assert parcels["phase_year"].tolist() == [2017, 2025, 2030]


def test_a_plan_without_phases_is_taken_as_existing_and_said(tmp_path: Path) -> None:
    got, findings = read(plan(status=None, phase_year=None), tmp_path)
    assert got is not None
    assert got[0]["existing"].all()
    assert "3 of 3 parcels say neither phase year nor status" in str(findings.faults[0])


def test_names_are_kept_but_for_control_characters(tmp_path: Path) -> None:
    names = ["<script>alert(1)</script>", "a\x00\x07b\u202ec\nd", "  x "]
    frame = plan(name=names, parcel_id=["../../etc/passwd", "a\\b", "甲/1"])
    frame.loc[1, "name"] = "a\x07b\u202ec\nd"  # the file format itself refuses the null character
    parcels, _ = sound(frame, tmp_path)
    assert parcels.loc["../../etc/passwd", "name"] == "<script>alert(1)</script>"
    assert parcels.loc["a\\b", "name"] == "a b c d"
    assert parcels.loc["甲/1", "name"] == "x"


def test_multipolygons_and_numbers_as_ids_are_fine(tmp_path: Path) -> None:
    two = MultiPolygon([lot(0), lot(3)])
    parcels, _ = sound(plan(parcel_id=[3, 1, 2], geometry=[two, lot(1), lot(2)]), tmp_path)
    assert parcels.index.tolist() == ["1", "2", "3"]
    assert parcels.loc["3", "area_m2"] == pytest.approx(2e4)
    parcels, _ = sound(plan(), tmp_path, id_prefix="south-")
    assert parcels.index[0] == "south-A-1"


def test_a_crosswalk_beside_the_plan_is_used(tmp_path: Path) -> None:
    (tmp_path / "osm.csv").write_text(
        "code,landuse,share\nresidential,R2,\nmixed,R2,1\nmixed,B1,3\npark,G1,\n", encoding="utf-8"
    )
    parcels, uses = sound(plan(landuse=["residential", "mixed", "park"]), tmp_path, crosswalk="osm.csv")
    assert parcels["landuse"].tolist() == ["R2", "B1", "G1"]
    assert uses.loc[uses["parcel_id"] == "A-2", "share"].tolist() == pytest.approx([0.75, 0.25])


def moved(dx: float, dy: float = 0.0) -> Polygon:
    return shapely.transform(lot(0), lambda points: points + np.array([dx, dy]))


WRONG = [
    ({"parcel_id": ["A-1", "A-1", "A-3"]}, {}, ["row A-1", "column parcel_id", "'A-1' stands 2 times", "of its own"]),
    ({"parcel_id": ["A-1", None, "A-3"]}, {}, ["row number 2", "column parcel_id", "has no id", "of its own"]),
    ({"parcel_id": None}, {}, ["no column of parcel ids", "columns seen: name, landuse, far", "[parcels.columns]"]),
    ({"landuse": None}, {}, ["no column of land-use codes", "columns seen: parcel_id", "[parcels.columns]"]),
    (
        {"landuse": ["R9", "B1", "G1"]},
        {},
        ["row A-1", "column landuse", "unknown land-use code 'R9'", "R2", "crosswalk"],
    ),
    ({"landuse": ["R2", "R2/Q7", "G1"]}, {}, ["row A-2", "unknown land-use code 'Q7' in 'R2/Q7'", "crosswalk"]),
    ({"landuse": ["R2", None, "G1"]}, {}, ["row A-2", "column landuse", "has no land-use code", "R2/B1"]),
    ({"landuse": ["R2", "residential", "G1"]}, {}, ["row A-2", "'residential'", "crosswalk CSV"]),
    ({"far": ["1.5-2.0", "3", "0"]}, {}, ["row A-1", "column far", "a range, '1.5-2.0'", "upper limit 2.0"]),
    (
        {"far": ["2", "abc", "0"]},
        {},
        ["row A-2", "column far", "floor area ratio is no number, 'abc'", "write a number"],
    ),
    ({"far": [2.0, -1.0, 0.0]}, {}, ["row A-2", "column far", "floor area ratio is negative, -1", ">= 0"]),
    ({"far": [2.0, 250.0, 0.0]}, {}, ["row A-2", "column far", "absurd, 250", "at most 25", "percentage"]),
    ({"height_m": [54.0, -36.0, 9.0]}, {}, ["row A-2", "column height_m", "height limit is negative, -36", ">= 0"]),
    ({"height_m": [54.0, 5400.0, 9.0]}, {}, ["row A-2", "column height_m", "implausible, 5400", "metres"]),
    ({"height_m": ["54", "tall", "9"]}, {}, ["row A-2", "column height_m", "height limit is no number, 'tall'"]),
    (
        {"density": [0.3, 135.0, 0.02]},
        {},
        ["row A-2", "column density", "building density is above 1, 135", "fraction"],
    ),
    (
        {"density": [0.3, 1.35, 0.02]},
        {},
        ["row A-2", "column density", "building density is above 1, 1.35", "fraction"],
    ),
    ({"density": [0.3, -0.2, 0.02]}, {}, ["row A-2", "column density", "building density is negative"]),
    ({"green_ratio": [30, 20, 750]}, {}, ["row A-3", "column green_ratio", "green ratio is above 1, 750"]),
    ({"population": [-5.0, None, None]}, {}, ["row A-1", "column population", "population is negative, -5", ">= 0"]),
    ({"jobs": ["many", None, None]}, {}, ["row A-1", "column jobs", "number of jobs is no number, 'many'"]),
    ({"floor_area": [-1.0, 30_000.0, None]}, {}, ["row A-1", "column floor_area", "floor area is negative"]),
    ({"phase_year": ["2015", "soon", "2028"]}, {}, ["row A-2", "column phase_year", "no year, 'soon'", "2025"]),
    (
        {"phase_year": ["2015", "2021-2025", "2028"]},
        {},
        ["row A-2", "column phase_year", "'2021-2025'", "four figures"],
    ),
    ({"phase_year": [2015, 20, 2028]}, {}, ["row A-2", "column phase_year", "no year, '20'"]),
    (
        {"status": ["existing", "perhaps", "planned"]},
        {},
        ["row A-2", "column status", "'perhaps'", "existing or planned"],
    ),
    ({"geometry": [lot(0), lot(1), moved(5000)]}, {}, ["row A-3", "column geometry", "outside the zone", "move it"]),
    (
        {"geometry": [lot(0), moved(40), lot(9)]},
        {},
        ["row A-1", "column geometry", "overlaps parcel 'A-2'", "6,000 m2", "60%", "cut one"],
    ),
    ({}, {"columns": {"farr": "far"}}, ["study.toml", "no column 'farr'", "did you mean 'far'"]),
    ({}, {"columns": {"far": "RJL"}}, ["column far", "no column 'RJL'", "columns seen: parcel_id"]),
    ({}, {"crosswalk": "none.csv"}, ["none.csv", "missing", "check the path"]),
]


@pytest.mark.parametrize(("columns", "options", "words"), WRONG, ids=[" ".join(words[-2:]) for _, _, words in WRONG])
def test_each_fault_is_told_once_where_and_with_its_remedy(
    tmp_path: Path, columns: dict[str, Any], options: dict[str, Any], words: list[str]
) -> None:
    frame = plan(**columns)
    got, findings = read(frame, tmp_path, **options)
    (fault,) = findings.errors
    for word in words:
        assert word in str(fault)
    assert ("study.toml" in str(fault)) or ("none.csv" in str(fault)) or ("plan.gpkg" in str(fault))
    assert fault.remedy
    assert got is None or options.get("crosswalk")


SUSPICIOUS = [
    ({"phase_year": [2015, 2025, 2045]}, ["row A-3", "column phase_year", "after the target year, in 2045", "2030"]),
    ({"phase_year": [2025, 2025, 2028]}, ["row A-1", "is existing, yet its year is 2025", "correct one"]),
    ({"floor_area": [None, 90_000.0, None]}, ["row A-2", "column floor_area", "90,000 m2", "30,000", "units"]),
    ({"geometry": [lot(0), lot(1), moved(-100)]}, ["row A-3", "column geometry", "50% of the parcel lies outside"]),
    ({"density": [35, 40, 0.02]}, ["row A-3", "column density", "0.02 among percentages", "fraction"]),
    ({"landuse": ["R2", "0507", "G1"]}, ["column landuse", "wetland", "commerce", "crosswalk"]),
]


@pytest.mark.parametrize(("columns", "words"), SUSPICIOUS)
def test_the_suspicious_is_warned_of(tmp_path: Path, columns: dict[str, Any], words: list[str]) -> None:
    got, findings = read(plan(**columns), tmp_path)
    assert got is not None
    (fault,) = [fault for fault in findings if fault.level == "warning"]
    for word in ["plan.gpkg", *words]:
        assert word in str(fault)


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    frame = plan(far=["abc", "-1", "99"], landuse=["R9", "B1", "G1"], geometry=[lot(0), moved(40), moved(9000)])
    got, findings = read(frame, tmp_path)
    assert got is None
    assert len(findings.errors) == 6


def test_slivers_are_tolerated_and_counted(tmp_path: Path) -> None:
    got, findings = read(plan(geometry=[lot(0), moved(99.5), lot(9)]), tmp_path)
    assert got is not None
    (fault,) = findings.faults
    assert fault.level == "note"
    assert "1 pairs of parcels overlap by slivers, 50 m2" in str(fault)


def test_touching_parcels_are_no_overlap(tmp_path: Path) -> None:
    _, findings = read(plan(geometry=[lot(0), moved(100), moved(100, 100)]), tmp_path)
    assert not findings.faults


def test_the_unit_is_that_of_the_largest_overlap(tmp_path: Path) -> None:
    astride = box(X + 930, Y, X + 1080, Y + 100)
    parcels, _ = sound(plan(geometry=[lot(0), lot(1), astride]), tmp_path)
    assert parcels.loc["A-3", "unit_id"] == "E"
    got, findings = read(plan(unit_id=["W", "E", "x"]), tmp_path)
    assert got is not None
    assert got[0]["unit_id"].tolist() == ["W", "W", "E"]
    assert "says unit 'E', the drawing 'W'" in str(findings.faults[0])


def test_a_parcel_in_no_unit_goes_to_the_nearest(tmp_path: Path) -> None:
    frame = plan(geometry=[lot(0), lot(1), lot(5)])
    frame.to_file(tmp_path / "plan.gpkg")
    findings = Findings()
    far_units = UNITS.set_geometry(gpd.GeoSeries([lot(1), lot(0)], index=UNITS.index, crs=4550))
    got = read_parcels(Source(tmp_path / "plan.gpkg"), ParcelOptions(), ZONE, far_units, 2017, 2030, findings)
    assert got is not None
    assert got[0]["unit_id"].tolist() == ["E", "W", "W"]
    assert "no planning unit" in str(findings.faults[0])


def test_parcels_drawn_on_amap_are_converted(tmp_path: Path) -> None:
    true, _ = sound(plan(), tmp_path)
    east, north = gcj02_offset_m(121.965, 29.778)
    plan().set_geometry(plan().translate(east, north)).to_file(tmp_path / "amap.gpkg")
    findings = Findings()
    got = read_parcels(
        Source(tmp_path / "amap.gpkg"), ParcelOptions(), ZONE, UNITS, 2017, 2030, findings, coordinates="gcj02"
    )
    assert got is not None
    assert got[0].geometry.centroid.distance(true.geometry.centroid).max() < 25.0


def test_points_for_parcels_are_told(tmp_path: Path) -> None:
    frame = plan()
    got, findings = read(frame.set_geometry(frame.representative_point()), tmp_path)
    assert got is None
    assert "parcels are areas" in str(findings.errors[0])


@settings(deadline=None, max_examples=60)
@given(st.lists(st.one_of(st.floats(0, 1), st.integers(0, 100).map(float)), min_size=1, max_size=8))
def test_ratios_always_come_out_as_fractions_or_faults(values: list[float]) -> None:
    frame = pd.DataFrame({"density": values})
    findings = Findings()
    rows = pd.Series([str(n) for n in frame.index])
    ratio = Reader(frame, {"building_density": "density"}, rows, "p", findings, ParcelOptions()).ratio(
        "building_density"
    )
    assert ratio.dropna().between(0, 1).all()
    assert int(ratio.isna().sum()) == len(findings.errors)


def test_two_and_a_half_thousand_parcels_are_read_whole(tmp_path: Path) -> None:
    n = 50
    zone = ZONE.set_geometry(
        gpd.GeoSeries([box(X - 1, Y - 1, X + n * SIDE + 1, Y + n * SIDE + 1)], index=ZONE.index, crs=4550)
    )
    shapes = [
        box(X + i * SIDE, Y + j * SIDE, X + (i + 1) * SIDE, Y + (j + 1) * SIDE) for i in range(n) for j in range(n)
    ]
    frame = gpd.GeoDataFrame(
        {"DKBH": [f"P{k:04d}" for k in range(n * n)], "YDDM": np.resize(["R2", "B1", "M1/W1"], n * n), "SSNF": 2020},
        geometry=shapes,
        crs=4550,
    )
    frame.to_file(tmp_path / "plan.gpkg")
    findings = Findings()
    got = read_parcels(Source(tmp_path / "plan.gpkg"), ParcelOptions(), zone, unit_of_zone(zone), 2017, 2030, findings)
    assert got is not None
    assert len(got[0]) == n * n


def test_planned_parcels_of_years_gone_by_stand(tmp_path: Path) -> None:
    frame = plan(status=["planned", "planned", "planned"], phase_year=[2012, 2017, 2025])
    got, findings = read(frame, tmp_path)
    assert got is not None
    assert got[0]["existing"].tolist() == [True, True, False]
    assert got[0]["phase_year"].tolist() == [2017, 2017, 2025]
    assert any("taken as existing" in str(fault) for fault in findings)


def test_osm_like_layers_can_be_tidied(tmp_path: Path) -> None:
    frame = plan(
        parcel_id=["A-1", "A-1", "A-3"], landuse=["R2", "R2", "G1"], geometry=[lot(0), moved(100), moved(50, 25)]
    )
    parcels, _ = sound(frame, tmp_path, join_pieces=True, cut_overlaps=True)
    assert parcels["area_m2"].to_dict() == pytest.approx({"A-1": 12_500.0, "A-3": 1e4})


def test_real_land_use_of_lujiazui_reads_by_a_crosswalk(osm_uses: str, tmp_path: Path) -> None:
    path = SHARED / "shanghai_lujiazui_osm" / "shanghai.gpkg"
    if not path.exists():
        pytest.skip("the shared OpenStreetMap data are not here")
    raw = gpd.read_file(path, layer="landuse")
    gpd.GeoDataFrame(geometry=[box(*raw.total_bounds).buffer(0.001)], crs=4326).to_file(tmp_path / "zone.gpkg")
    whole = raw[~raw["kind"].isin(["protected_area", "bridge"])]
    whole.to_file(tmp_path / "plan.gpkg")
    (tmp_path / "osm.csv").write_text(osm_uses, encoding="utf-8")
    findings = Findings()
    zone = read_zone(Source(tmp_path / "zone.gpkg"), findings)
    assert zone is not None
    options = ParcelOptions(
        columns={"landuse": "kind"},
        polygons_only=True,
        join_pieces=True,
        cut_overlaps=True,
    )
    source, osm = Source(tmp_path / "plan.gpkg"), tmp_path / "osm.csv"
    got = read_parcels(source, options, zone, unit_of_zone(zone), 2017, 2030, findings, crosswalk=osm)
    assert got is not None, "\n".join(map(str, findings.errors))
    parcels, uses = got
    areas = whole[whole.geom_type.isin(["Polygon", "MultiPolygon"])].to_crs(parcels.crs)
    assert 0.95 * areas["id"].nunique() <= len(parcels) <= areas["id"].nunique()
    assert parcels["name"].str.contains("[\u4e00-\u9fff]").any()
    assert set(uses["landuse"]) <= set(landuse_table().index)
    assert parcels["area_m2"].sum() == pytest.approx(areas.union_all().area, rel=1e-3)
