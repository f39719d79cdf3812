import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from shapely.geometry import LineString, Polygon, box

from layers.errors import Findings, InputError
from layers.sea import SeaOptions, exclusion_kinds, read_sea_cells
from resources.siting import (
    SitingOptions,
    eligible_cells,
    exclusion_buffers,
    keeps_rule,
    marine_kinds,
    reason_texts,
    rule_names,
)

CRS = pyproj.CRS.from_epsg(4550)
FREE = SitingOptions(rule="none")


def exclusions(*rows: tuple[str, object]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {"kind": pd.array([kind for kind, _ in rows], dtype="str")},
        geometry=gpd.GeoSeries([shape for _, shape in rows], crs=CRS),
        crs=CRS,
    )


def dwellings(*shapes: Polygon) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(geometry=gpd.GeoSeries(list(shapes), crs=CRS), crs=CRS)


def strip(count: int = 40, **columns: object) -> pd.DataFrame:
    """Cells in a row, 1 km apart: one of land and then the sea, 1 m deeper each."""
    x = np.arange(count) * 1000.0
    frame = pd.DataFrame(
        {
            "row": np.zeros(count, dtype=np.int64),
            "col": np.arange(count),
            "x_m": x,
            "y_m": np.zeros(count),
            "is_land": x < 500.0,
            "in_zone": x < 4500.0,
            "in_sea_area": x > 4500.0,
            "depth_m": np.where(x < 500.0, np.nan, x / 1000.0),
            "wind_m_s": np.full(count, 7.5),
            "shore_distance_m": np.abs(x - 500.0),
        },
        index=pd.Index(np.arange(count), name="cell_id"),
    )
    return frame.assign(**columns)


def test_rules_kinds_and_reasons_all_have_words_and_figures() -> None:
    assert set(exclusion_buffers()) == set(exclusion_kinds())
    assert {f"exclusion_{kind}" for kind in exclusion_kinds()} <= set(reason_texts())
    assert {f"rule_{rule}" for rule in rule_names() if rule != "none"} <= set(reason_texts())
    assert all(words["zh"] and words["en"] for words in reason_texts().values())


def test_the_double_ten_rule_of_2016() -> None:
    far, deep = keeps_rule("double_ten", [9_999.0, 10_000.0], [50.0, 3.0])
    assert far.tolist() == [False, True]
    assert deep.all()  # no wide tidal flat: the depth is not asked for
    _, deep = keeps_rule("double_ten", [12_000.0] * 3, [9.9, 10.0, np.nan], tidal_flat_km=11.0)
    assert deep.tolist() == [False, True, False]


def test_the_rule_of_2025() -> None:
    far, _ = keeps_rule("2025", [30_000.0, 29_999.0, 29_999.0, 9_999.0, 15_000.0], [5.0, 29.0, 30.0, 40.0, np.nan])
    assert far.tolist() == [True, False, True, False, False]


def test_no_rule_forbids_nothing() -> None:
    far, deep = keeps_rule("none", [0.0], [np.nan], tidal_flat_km=99.0)
    assert far.all()
    assert deep.all()


def test_the_strip_by_the_double_ten_rule() -> None:
    result = eligible_cells(strip(60), exclusions(), dwellings(), SitingOptions())
    sea = result.loc[result["site"] == "sea"]
    assert sea.index[sea["eligible"]].tolist() == list(range(11, 51))
    assert result.loc[1, "reasons"] == "depth_shallow;shore_near;rule_double_ten"
    assert result.loc[55, "reasons"] == "depth_deep"
    assert result.loc[0, "eligible"]


def test_unknown_depth_is_a_reason_and_never_zero() -> None:
    cells = strip(depth_m=np.nan)
    for rule in rule_names():
        result = eligible_cells(cells, exclusions(), dwellings(), SitingOptions(rule=rule, min_depth_m=0.0))
        sea = result.loc[result["site"] == "sea"]
        assert not sea["eligible"].any()
        assert sea["reasons"].str.contains("depth_unknown").all()
        assert not sea["reasons"].str.contains("depth_shallow").any()


def test_unknown_wind_is_a_reason_on_land_and_sea() -> None:
    result = eligible_cells(strip(wind_m_s=np.nan), exclusions(), dwellings(), FREE)
    assert result["reasons"].str.contains("wind_unknown").all()


def test_every_exclusion_keeps_its_distance() -> None:
    cells = strip()
    for kind, buffer_m in exclusion_buffers().items():
        line = LineString([(20_000.0, -9e3), (20_000.0, 9e3)])
        result = eligible_cells(cells, exclusions((kind, line)), dwellings(), FREE)
        near = (cells["x_m"] - 20_000.0).abs() <= buffer_m
        assert result["reasons"].str.contains(f"exclusion_{kind}").equals(near)
    wider = SitingOptions(rule="none", buffers_m={"channel": 5_000.0})
    result = eligible_cells(cells, exclusions(("channel", line)), dwellings(), wider)
    assert int(result["reasons"].str.contains("exclusion_channel").sum()) == 11


def test_a_channel_binds_no_turbine_on_land_and_a_reserve_binds_both() -> None:
    assert "channel" in marine_kinds()
    over = box(-500.0, -500.0, 1_500.0, 500.0)
    channel = eligible_cells(strip(), exclusions(("channel", over)), dwellings(), FREE)
    assert channel.loc[0, "eligible"]
    assert "exclusion_channel" in channel.loc[1, "reasons"]
    reserve = eligible_cells(strip(), exclusions(("protected", over)), dwellings(), FREE)
    assert reserve.loc[[0, 1], "reasons"].str.contains("exclusion_protected").all()


def test_dwellings_keep_turbines_away() -> None:
    cells = strip()
    house = box(-100.0, 100.0, 100.0, 300.0)
    result = eligible_cells(cells, exclusions(), dwellings(house), FREE)
    assert result.loc[0, "reasons"] == "dwelling_near"
    assert eligible_cells(cells, exclusions(), dwellings(house), SitingOptions(min_dwelling_distance_m=50.0)).loc[
        0, "eligible"
    ]


def test_land_outside_the_zone_and_switches() -> None:
    cells = strip(in_zone=False, in_sea_area=True)
    assert eligible_cells(cells, exclusions(), dwellings(), FREE).loc[0, "reasons"] == "land_outside_zone"
    off = SitingOptions(rule="none", land=False, sea=False)
    result = eligible_cells(strip(), exclusions(), dwellings(), off)
    assert not result["eligible"].any()
    assert result.loc[0, "reasons"] == "land_off"
    assert result.loc[20, "reasons"] == "sea_off"


def test_only_cells_of_zone_or_sea_area_are_told() -> None:
    cells = strip(in_sea_area=False)
    assert len(eligible_cells(cells, exclusions(), dwellings(), FREE)) == 5


@st.composite
def seas(draw: st.DrawFn) -> pd.DataFrame:
    rng = np.random.default_rng(draw(st.integers(0, 10_000)))
    count = draw(st.integers(1, 80))
    land = rng.random(count) < 0.3
    depth = np.where(land | (rng.random(count) < 0.2), np.nan, rng.uniform(-5.0, 80.0, count))
    return strip(
        count,
        is_land=land,
        in_zone=rng.random(count) < 0.5,
        in_sea_area=rng.random(count) < 0.7,
        depth_m=depth,
        wind_m_s=np.where(rng.random(count) < 0.1, np.nan, 7.0),
        shore_distance_m=rng.uniform(0.0, 50_000.0, count),
    )


SOME = exclusions(("channel", box(10_000, -500, 12_000, 500)), ("anchorage", box(30_000, -1, 31_000, 1)))
HOMES = dwellings(box(5_000, -100, 5_200, 100))


@settings(deadline=None, max_examples=25)
@given(seas(), st.sampled_from(rule_names()), st.floats(0.0, 40.0))
def test_reasons_and_eligibility_say_the_same(cells: pd.DataFrame, rule: str, flat_km: float) -> None:
    result = eligible_cells(cells, SOME, HOMES, SitingOptions(rule=rule, tidal_flat_km=flat_km))
    assert (result["eligible"] == (result["reasons"] == "")).all()
    told = {key for reasons in result["reasons"] for key in reasons.split(";") if key}
    assert told <= set(reason_texts())
    used = cells.loc[result.index[result["eligible"]]]
    at_sea = used.loc[~used["is_land"]]
    assert at_sea["depth_m"].between(5.0, 50.0).all()
    assert (at_sea["shore_distance_m"] >= 1000.0).all()
    assert used["wind_m_s"].notna().all()
    assert used.loc[used["is_land"], "in_zone"].all()


@settings(deadline=None, max_examples=15)
@given(seas(), st.randoms(use_true_random=False))
def test_reasons_do_not_depend_on_the_order_of_cells(cells: pd.DataFrame, random: object) -> None:
    order = np.random.default_rng(random.randrange(9999)).permutation(len(cells))  # type: ignore[attr-defined]
    before = cells.copy()
    straight = eligible_cells(cells, SOME, HOMES, SitingOptions())
    shuffled = eligible_cells(cells.iloc[order], SOME.iloc[::-1], HOMES, SitingOptions())
    assert shuffled.sort_index().equals(straight)
    assert cells.equals(before)


def test_no_turbine_leaks_into_rivers_or_narrow_bays() -> None:
    """A river 600 m wide and a bay 1.8 km wide run inland; the open sea lies to the east."""
    main = box(-20_000, -15_000, 0, 15_000)
    river, bay = box(-20_000, -300, 100, 300), box(-8_000, 5_000, 100, 6_800)
    land = gpd.GeoDataFrame(geometry=[main.difference(river).difference(bay)], crs=CRS)
    zone = gpd.GeoDataFrame(geometry=[box(-19_000, -12_000, 0, 12_000)], crs=CRS)
    sea_area = gpd.GeoDataFrame(geometry=[box(0, -12_000, 15_000, 12_000)], crs=CRS)
    found = read_sea_cells(None, None, zone, land, sea_area, SeaOptions(cell_m=100.0), Findings())
    assert found is not None
    cells = found[1].assign(wind_m_s=8.0, depth_m=np.where(found[1]["is_land"], np.nan, 12.0))
    result = eligible_cells(cells, exclusions(), dwellings(), SitingOptions(rule="none", land=False))
    inland = cells.loc[result.index, "x_m"] < 0
    water = ~cells.loc[result.index, "is_land"]
    assert (inland & water).sum() > 1000
    assert not result.loc[inland, "eligible"].any()
    assert result.loc[inland & water, "reasons"].eq("shore_near").all()
    assert result.loc[~inland, "eligible"].any()
    assert not result.loc[cells.loc[result.index, "is_land"], "eligible"].any()


def test_unknown_rules_kinds_and_keys_are_refused_with_the_known_ones_named() -> None:
    with pytest.raises(ValidationError, match="double_ten"):
        SitingOptions(rule="triple_ten")
    with pytest.raises(ValidationError, match="anchorage"):
        SitingOptions(buffers_m={"dragons": 5.0})
    with pytest.raises(ValidationError, match="0 or more"):
        SitingOptions(buffers_m={"channel": -5.0})
    with pytest.raises(ValidationError, match="depth"):
        SitingOptions.model_validate({"depth": 3})


def test_wrong_crs_and_broken_tables_are_refused() -> None:
    with pytest.raises(ValueError, match="projected CRS"):
        eligible_cells(strip(), exclusions(), dwellings().to_crs(4326), FREE)
    with pytest.raises(InputError):
        eligible_cells(strip().drop(columns="depth_m"), exclusions(), dwellings(), FREE)


def test_options_tell_editors_what_they_mean() -> None:
    fields = SitingOptions.model_json_schema()["properties"]
    assert all(field["description"] for field in fields.values())
    assert fields["rule"]["enum"] == list(rule_names())
