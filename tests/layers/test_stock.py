"""The stock keeps every square metre of floor, and its buildings stand within their controls."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import Polygon, box

from layers.archetypes import ENVELOPES, WITHOUT_BUILDINGS, archetypes
from layers.errors import Findings, InputError
from layers.landuse import landuse_table
from layers.stock import COMPLETIONS, StockOptions, build_stock, complete_buildings
from layers.tables.balance import SECTORS
from layers.tables.place import PARCEL_USES, PARCELS
from layers.tables.stock import FORMS, MASSINGS, STOCK, VINTAGES

CRS = "EPSG:4549"
BUILT = sorted(archetypes())


def parcel(number: int, **changes: object) -> dict[str, object]:
    """Return one parcel of 100 m x 100 m; changes set its controls."""
    row: dict[str, object] = {
        "parcel_id": f"P{number}",
        "name": "",
        "unit_id": "U1",
        "landuse_given": "R2",
        "landuse": "R2",
        "group": "R",
        "area_m2": 10_000.0,
        "far": 2.0,
        "building_density": 0.25,
        "height_limit_m": 54.0,
        "green_ratio": 0.3,
        "existing": True,
        "phase_year": 2017,
        "floor_area_m2": np.nan,
        "population": np.nan,
        "jobs": np.nan,
        "assumed": "",
        "geometry": box(200.0 * number, 0.0, 200.0 * number + 100.0, 100.0),
    }
    return row | changes


def plan(
    rows: list[dict[str, object]], uses: list[tuple[str, str, str, float]]
) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    parcels = gpd.GeoDataFrame(rows, crs=CRS).set_index("parcel_id")
    table = pd.DataFrame(uses, columns=["parcel_id", "landuse", "archetype", "share"])
    return parcels, table


def footprints(rows: list[tuple[float, float, float, float, float, float]]) -> gpd.GeoDataFrame:
    """Return buildings from (west, south, width, depth, floors, height)."""
    index = pd.Index([f"B{i}" for i in range(len(rows))], name="building_id")
    shapes = [box(x, y, x + w, y + d) for x, y, w, d, _, _ in rows]
    return gpd.GeoDataFrame(
        {"floors": [r[4] for r in rows], "height_m": [r[5] for r in rows]}, index, geometry=shapes, crs=CRS
    )


def test_archetypes_cover_the_land_uses_and_name_what_exists() -> None:
    assert set(landuse_table()["archetype"]) - WITHOUT_BUILDINGS <= set(archetypes())
    for archetype in archetypes().values():
        assert archetype.sector in SECTORS
        assert archetype.envelope in ENVELOPES
        assert archetype.massing in FORMS
        assert archetype.zh
        assert archetype.en


CONTROLS = st.fixed_dictionaries(
    {
        "area_m2": st.floats(50.0, 1e6),
        "far": st.floats(0.0, 8.0, allow_subnormal=False),
        "building_density": st.floats(0.0, 1.0, allow_subnormal=False),
        "height_limit_m": st.floats(0.0, 300.0),
        "existing": st.booleans(),
        "phase_year": st.integers(2017, 2030),
        "floor_area_m2": st.one_of(st.just(np.nan), st.floats(0.0, 1e6, allow_subnormal=False)),
    }
)


@settings(deadline=None, max_examples=40)
@given(
    st.lists(
        st.tuples(CONTROLS, st.sampled_from(BUILT), st.sampled_from(BUILT), st.floats(0.05, 0.95)),
        min_size=1,
        max_size=6,
    )
)
def test_every_floor_stands_on_its_land(drawn: list[tuple[dict[str, object], str, str, float]]) -> None:
    rows, uses = [], []
    for number, (controls, first, second, share) in enumerate(drawn):
        rows.append(parcel(number, **controls))
        uses += [(f"P{number}", "R2", first, share), (f"P{number}", "B1", second, 1.0 - share)]
    parcels, parcel_uses = plan(rows, uses)
    before = parcels.copy()
    stock, massings = build_stock(parcels, parcel_uses, None, 2017, StockOptions())
    pd.testing.assert_frame_equal(parcels, before)
    STOCK.check(stock)
    MASSINGS.check(massings)
    usual = massings[massings["usual"]].set_index("stock_id").drop(columns=["usual", "facade_ns_share"])
    pd.testing.assert_frame_equal(stock[list(usual.columns)], usual)

    planned = parcels["floor_area_m2"].fillna(parcels["area_m2"] * parcels["far"])
    built = stock.groupby("parcel_id")["floor_area_m2"].sum().reindex(parcels.index, fill_value=0.0)
    np.testing.assert_allclose(built, planned, rtol=1e-9, atol=1e-9)
    assert (stock["floors"] * stock["footprint_m2"] >= stock["floor_area_m2"] * (1.0 - 1e-9)).all()
    assert (stock["floors"] >= 1.0).all()
    roof = stock.groupby("parcel_id")["roof_m2"].sum()
    assert (roof <= parcels["area_m2"].loc[roof.index] * (1.0 + 1e-9)).all()
    # no shape of a floor has less facade than a circle, and no floor is larger than the footprint
    heights = stock["height_m"] / stock["floors"]
    least = 2.0 * np.sqrt(np.pi / stock["footprint_m2"]) * stock["floor_area_m2"] * heights
    assert (stock["facade_m2"] >= least * (1.0 - 1e-9)).all()
    # no more storeys than the height limit allows, or than the floor area needs if it filled its land
    limit, area = (parcels[name].loc[stock["parcel_id"]].to_numpy() for name in ("height_limit_m", "area_m2"))
    whole = stock.groupby("parcel_id")["floor_area_m2"].transform("sum").to_numpy()
    storey = (stock["height_m"] / stock["floors"]).to_numpy()
    allowed = np.maximum(np.floor(limit / storey + 1e-6), np.maximum(np.ceil(whole / area - 1e-6), 1.0))
    assert (stock["floors"].to_numpy()[limit > 0.0] <= allowed[limit > 0.0]).all()


def test_a_slab_within_its_controls() -> None:
    parcels, uses = plan([parcel(0)], [("P0", "R2", "res_highrise", 1.0)])
    row = build_stock(parcels, uses, None, 2017, StockOptions())[0].loc["P0|res_highrise"]
    # 20,000 m2 on a quarter of a hectare are eight floors of 2,500 m2
    assert (row["form"], row["floors"], row["footprint_m2"], row["roof_m2"]) == ("slab", 8.0, 2500.0, 2500.0)
    assert row["height_m"] == pytest.approx(8 * 2.9)
    # four slabs of 14 m depth make up 2,500 m2
    assert row["facade_m2"] == pytest.approx(2.0 * 4 * (14.0 + 625.0 / 14.0) * 8 * 2.9)


def test_the_height_limit_widens_the_footprint() -> None:
    parcels, uses = plan([parcel(0, height_limit_m=12.0)], [("P0", "R2", "res_highrise", 1.0)])
    row = build_stock(parcels, uses, None, 2017, StockOptions())[0].iloc[0]
    assert row["floors"] == 4.0
    assert row["height_m"] <= 12.0
    assert row["footprint_m2"] == pytest.approx(5000.0)


def test_land_without_buildings_has_no_stock() -> None:
    rows = [parcel(0), parcel(1), parcel(2), parcel(3, far=0.0)]
    uses = [
        ("P0", "G1", "none", 1.0),
        ("P1", "E1", "water", 1.0),
        ("P2", "R2", "res_highrise", 0.8),
        ("P2", "G1", "none", 0.2),
    ]
    made = build_stock(*plan(rows, [*uses, ("P3", "R2", "res_highrise", 1.0)]), None, 2017, StockOptions())
    stock, massings = made
    assert stock.index.tolist() == ["P2|res_highrise"]
    assert set(massings["stock_id"]) == {"P2|res_highrise"}
    assert stock["floor_area_m2"].iloc[0] == pytest.approx(20_000.0)  # green space builds no floors


def test_vintages_follow_age_and_use() -> None:
    rows = [
        parcel(0, landuse="R3"),
        parcel(1, landuse="H14"),
        parcel(2),
        parcel(3, existing=False, phase_year=2021),
        parcel(4, existing=False, phase_year=2022),
        parcel(5, landuse="H14", existing=False, phase_year=2025),
    ]
    uses = [(f"P{i}", str(row["landuse"]), "res_lowrise", 1.0) for i, row in enumerate(rows)]
    stock, _ = build_stock(*plan(rows, uses), None, 2017, StockOptions())
    assert stock["vintage"].tolist() == ["pre2001", "pre2001", "code2010", "code2010", "code2021", "code2021"]
    assert stock["year_from"].tolist() == [2017, 2017, 2017, 2021, 2022, 2025]
    assert set(stock["vintage"]) <= set(VINTAGES)


def test_an_unknown_archetype_is_the_inputs_fault() -> None:
    parcels, uses = plan([parcel(0)], [("P0", "X1", "castle", 1.0)])
    with pytest.raises(InputError, match="castle"):
        build_stock(parcels, uses, None, 2017, StockOptions())


def test_given_buildings_replace_massing() -> None:
    rows = [parcel(0), parcel(1, existing=False, phase_year=2020), parcel(2, floor_area_m2=3000.0)]
    uses = [
        ("P0", "R2", "res_highrise", 0.75),
        ("P0", "B1", "retail", 0.25),
        ("P1", "R2", "res_highrise", 1.0),
        ("P2", "R2", "res_highrise", 1.0),
    ]
    buildings = footprints(
        [
            (10, 10, 50, 12, 10, 30),
            (10, 50, 50, 12, 6, 18),
            (210, 10, 50, 12, 6, 18),
            (410, 10, 50, 20, 2, 6),
            (900, 0, 9, 9, 3, 9),
        ]
    )
    parcels, parcel_uses = plan(rows, uses)
    PARCELS.check(parcels)
    PARCEL_USES.check(parcel_uses)
    findings = Findings()
    stock, massings = build_stock(parcels, parcel_uses, buildings, 2017, StockOptions(), findings=findings)
    STOCK.check(stock)
    MASSINGS.check(massings)
    assert (
        str(findings.faults[0])
        == "buildings: 4 of 5 buildings stand on built-up parcels; floors and heights: both given 4"
    )
    own = stock.loc[stock["parcel_id"] == "P0"]
    assert own["floor_area_m2"].sum() == pytest.approx(600.0 * 16)
    assert own["roof_m2"].sum() == pytest.approx(1200.0)
    assert own["facade_m2"].sum() == pytest.approx(124.0 * 30 + 124.0 * 18)
    assert own["height_m"].iloc[0] == pytest.approx((6000 * 30 + 3600 * 18) / 9600)
    plain, free = build_stock(parcels, parcel_uses, None, 2017, StockOptions())
    # walls of 50 m face north and south, walls of 12 m or 20 m the other way; one form each, all rows a parcel alike
    given = massings[massings["stock_id"].isin(["P0|res_highrise", "P0|retail", "P2|res_highrise"])]
    assert given["form"].tolist() == ["slab", "slab", "row"]
    np.testing.assert_allclose(given["facade_ns_share"], [50 / 62, 50 / 62, 50 / 70])
    assert given["usual"].all()
    assert massings["stock_id"].unique().tolist() == stock.index.tolist()
    on_p1 = [table[table["stock_id"] == "P1|res_highrise"].reset_index(drop=True) for table in (massings, free)]
    pd.testing.assert_frame_equal(*on_p1)
    assert stock.loc["P1|res_highrise"].equals(plain.loc["P1|res_highrise"])  # to be built anew: the plan holds
    assert stock.loc["P2|res_highrise", "floor_area_m2"] == 3000.0  # the parcel's own figure holds
    assert stock.loc["P2|res_highrise", "roof_m2"] == pytest.approx(1000.0)
    ignored, _ = build_stock(parcels, parcel_uses, buildings, 2017, StockOptions(use_buildings=False))
    pd.testing.assert_frame_equal(ignored, plain)


def test_missing_floors_are_completed_and_counted() -> None:
    rows = [parcel(0), parcel(1), parcel(2, landuse="B2")]
    uses = [("P0", "R2", "res_highrise", 1.0), ("P1", "R2", "res_highrise", 1.0), ("P2", "B2", "office", 1.0)]
    nan = np.nan
    buildings = footprints(
        [
            (0, 0, 20, 10, 6, 18),
            (0, 20, 20, 10, 6, nan),
            (0, 40, 20, 10, nan, 29),
            (0, 60, 20, 10, nan, nan),
            (200, 0, 20, 10, nan, nan),
            (400, 0, 20, 10, nan, nan),
        ]
    )
    done = complete_buildings(*plan(rows, uses), buildings)
    assert done["completed"].tolist() == list(COMPLETIONS)
    findings = Findings()
    build_stock(*plan(rows, uses), buildings, 2017, StockOptions(), findings=findings)
    assert {fault.level for fault in findings} == {"note"}
    assert all(f"{text} 1" in str(findings.faults[0]) for text in COMPLETIONS.values())
    assert done["floors"].tolist() == [6.0, 6.0, 10.0, 6.0, 6.0, archetypes()["office"].floors]
    assert done["height_m"].tolist() == pytest.approx([18, 6 * 2.9, 29, 6 * 2.9, 6 * 2.9, 12 * 3.9])


def test_buildings_that_stand_elsewhere_change_nothing() -> None:
    made = plan([parcel(0, existing=False)], [("P0", "R2", "res_highrise", 1.0)])
    for buildings in (footprints([(900, 0, 9, 9, 3, 9)]), footprints([(10, 10, 50, 12, 10, 30)])):
        for one, other in zip(
            build_stock(*made, buildings, 2017, StockOptions()),
            build_stock(*made, None, 2017, StockOptions()),
            strict=True,
        ):
            pd.testing.assert_frame_equal(one, other)


def test_buildings_on_every_parcel_leave_nothing_to_the_controls() -> None:
    made = plan([parcel(0)], [("P0", "R2", "res_highrise", 1.0)])
    stock, massings = build_stock(*made, footprints([(10, 10, 50, 12, 10, 30)]), 2017, StockOptions())
    STOCK.check(stock)
    assert MASSINGS.check(massings)["stock_id"].tolist() == ["P0|res_highrise"]


def test_walls_count_by_the_way_they_face() -> None:
    turned = footprints([(10, 10, 40, 10, 10, 30)])
    turned.geometry = turned.geometry.rotate(45.0)
    holed = footprints([(10, 10, 40, 40, 10, 30)])
    holed.geometry = holed.geometry.difference(box(20, 25, 40, 35))
    made = plan([parcel(0)], [("P0", "R2", "res_highrise", 1.0)])
    half = complete_buildings(*made, turned).iloc[0]
    assert half["facing_ns_m"] == pytest.approx(half["perimeter_m"] / 2.0)
    ring = complete_buildings(*made, holed).iloc[0]
    assert (ring["facing_ns_m"], ring["perimeter_m"]) == (pytest.approx(80.0 + 40.0), pytest.approx(160.0 + 60.0))


def test_walls_between_houses_of_a_row_are_no_facade() -> None:
    """Ten houses of 6 m by 12 m side by side have the facade of the block they make."""
    land = box(0.0, 0.0, 60.0, 12.0)
    parcels, uses = existing_row(land)
    houses = [box(6.0 * n, 0.0, 6.0 * (n + 1), 12.0) for n in range(10)]
    row = gpd.GeoDataFrame({"floors": [3.0] * 10, "height_m": [9.0] * 10}, geometry=houses, crs=parcels.crs)
    block = gpd.GeoDataFrame({"floors": [3.0], "height_m": [9.0]}, geometry=[land], crs=parcels.crs)
    facades = []
    for drawn in (row, block):
        named = drawn.set_index(pd.Index([f"b{n}" for n in range(len(drawn))], name="building_id"))
        stock, _ = build_stock(parcels, uses, named, 2017, StockOptions())
        facades.append(float(stock["facade_m2"].sum()))
    assert facades[1] == pytest.approx(2.0 * 72.0 * 9.0)
    assert facades[0] == pytest.approx(facades[1], rel=0.01)


def existing_row(land: Polygon) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    """Return one existing parcel of low housing on some land, and its use."""
    row = {
        "name": "", "unit_id": "U1", "landuse_given": "R1", "landuse": "R1", "group": "R", "area_m2": land.area,
        "far": 3.0, "building_density": 1.0, "height_limit_m": 12.0, "green_ratio": 0.0, "existing": True,
        "phase_year": 2017, "floor_area_m2": np.nan, "population": np.nan, "jobs": np.nan, "assumed": "",
    }  # fmt: skip
    index = pd.Index(["P1"], name="parcel_id")
    uses = pd.DataFrame({"parcel_id": ["P1"], "landuse": ["R1"], "archetype": ["res_lowrise"], "share": [1.0]})
    return gpd.GeoDataFrame([row], index=index, geometry=[land], crs=4550), uses


def test_controls_that_cannot_all_be_met_are_told() -> None:
    rows = [parcel(0), parcel(1, far=24.0, height_limit_m=35.0), parcel(2, far=6.0, height_limit_m=0.0)]
    uses = [(f"P{number}", "R2", "res_highrise", 1.0) for number in range(3)]
    findings = Findings()
    build_stock(*plan(rows, uses), None, 2017, StockOptions(), findings=findings)
    (told,) = findings
    assert told.level == "warning"
    assert "on 1 of 3 parcels" in str(told)
    assert "P1" in str(told)


def test_a_floor_area_that_buildings_replace_is_told() -> None:
    parcels, uses = plan([parcel(0), parcel(1)], [("P0", "R2", "res_highrise", 1.0), ("P1", "R2", "res_highrise", 1.0)])
    buildings = footprints([(10, 10, 50, 12, 10, 30), (210, 10, 50, 40, 10, 30)])
    findings = Findings()
    stock, _ = build_stock(parcels, uses, buildings, 2017, StockOptions(), findings=findings)
    # 6,000 m2 for 20,000 m2 on the first; on the second both agree
    assert stock["floor_area_m2"].tolist() == [6000.0, 20_000.0]
    told = [str(note) for note in findings if "floor area ratio" in str(note)]
    assert len(told) == 1
    assert "most at P0" in told[0]
