"""Demand along streets: nothing lost, nothing twice, and peaks that do not all fall in one hour."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import LineString, MultiLineString, box

import made_plans as made
from layers.tables.demand import LINEAR_DENSITY, STREET_PARCELS
from spatial.demand import DemandOptions, linear_density, off_street

AMOUNTS = ["heating_mwh", "hot_water_mwh", "cooling_mwh"]
PEAKS = ("heating", "cooling")


def along(plan: made.Plan, options: DemandOptions | None = None) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    linear, street_parcels = linear_density(
        plan.demand, plan.parcels, plan.streets, plan.stock, plan.profiles, made.YEAR, options or DemandOptions()
    )
    return LINEAR_DENSITY.check(linear), STREET_PARCELS.check(street_parcels)


def of_year(plan: made.Plan) -> pd.DataFrame:
    return plan.demand[plan.demand["year"] == made.YEAR].set_index("parcel_id")


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 10_000), st.integers(0, 20), st.integers(0, 9), st.floats(1.0, 600.0))
def test_what_is_on_streets_and_off_them_is_all(seed: int, parcels: int, streets: int, reach: float) -> None:
    plan = made.plan_of(seed, parcels, streets)
    linear, placed = along(plan, DemandOptions(street_reach_m=reach))
    wanted = of_year(plan)[AMOUNTS].sum()
    off = placed.loc[placed["street_id"] == "", AMOUNTS].sum()
    np.testing.assert_allclose(linear[AMOUNTS].sum() + off, wanted, rtol=1e-9, atol=1e-12)
    assert linear["parcels"].sum() + (placed["street_id"] == "").sum() == len(placed)
    assert (placed["distance_m"].dropna() <= reach).all()
    assert set(placed.loc[placed["street_id"] == "", "reason"]) <= {"too_far" if len(linear) else "no_street"}
    heat = (linear["heating_mwh"] + linear["hot_water_mwh"]).to_numpy()
    np.testing.assert_allclose(linear["heat_mwh_m"] * linear.length, heat, rtol=1e-9)


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 10_000), st.integers(1, 15), st.integers(1, 8))
def test_a_parcel_is_on_the_nearest_street_that_serves(seed: int, parcels: int, streets: int) -> None:
    plan = made.plan_of(seed, parcels, streets)
    _, placed = along(plan)
    serving = plan.streets[~plan.streets["road_class"].isin(["motorway", "trunk"])].sort_index()
    for parcel, row in placed.iterrows():
        away = serving.distance(plan.parcels.geometry.loc[parcel])
        if away.empty or away.min() > 100.0:
            assert row["street_id"] == ""
        else:
            assert row["street_id"] == away.index[(away <= away.min() + 1e-3).to_numpy()][0]
            assert row["distance_m"] == pytest.approx(away.min(), abs=1e-9)


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 10_000), st.integers(1, 20), st.integers(1, 4))
def test_a_streets_peak_is_between_the_largest_of_its_parcels_and_their_sum(
    seed: int, parcels: int, streets: int
) -> None:
    plan = made.plan_of(seed, parcels, streets)
    linear, placed = along(plan, DemandOptions(street_reach_m=400.0))
    demand = of_year(plan)
    for street, row in linear.iterrows():
        own = demand.loc[placed.index[placed["street_id"] == street]]
        for load in PEAKS:
            peaks = own[f"{load}_peak_kw"]
            assert row[f"{load}_peak_kw"] <= row[f"{load}_peak_sum_kw"]
            assert row[f"{load}_peak_sum_kw"] == pytest.approx(peaks.sum(), rel=1e-9)
            assert row[f"{load}_peak_kw"] >= (peaks.max() if len(peaks) else 0.0) * (1.0 - 1e-5)
            share = row[f"diversity_{load}"]
            if peaks.sum() == 0.0:
                assert np.isnan(share)
            else:
                assert share == pytest.approx(row[f"{load}_peak_kw"] / peaks.sum(), rel=1e-9)


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 10_000), st.integers(0, 100))
def test_the_order_of_rows_changes_nothing(seed: int, shuffle: int) -> None:
    plan = made.plan_of(seed, 15, 8)
    for first, second in zip(along(plan), along(made.shuffled(plan, shuffle)), strict=True):
        pd.testing.assert_frame_equal(pd.DataFrame(first), pd.DataFrame(second), check_exact=True)


def small(rows: list[tuple[str, int, int, float]], shapes: dict[str, object], lines: dict[str, tuple[str, object]]):  # type: ignore[no-untyped-def] # noqa: ANN201
    stock, profiles = made.stock_of(rows), made.profiles_of()
    index = pd.Index(list(shapes), dtype="str", name="parcel_id")
    classes = pd.Series([road for road, _ in lines.values()], dtype="str")
    streets = gpd.GeoDataFrame(
        {"name": "", "road_class": classes}, geometry=[line for _, line in lines.values()], crs=made.CRS
    ).set_index(pd.Index(list(lines), dtype="str", name="street_id"))
    parcels = gpd.GeoDataFrame(index=index, geometry=list(shapes.values()), crs=made.CRS)
    return made.Plan(parcels, streets, stock, profiles, made.demand_of(stock, profiles))


LEFT, RIGHT = box(0, 0, 100, 100), box(110, 0, 210, 100)


def test_equally_near_streets_go_by_their_id_and_motorways_serve_nobody() -> None:
    between, below = LineString([(105, 0), (105, 100)]), LineString([(0, -5), (100, -5)])
    plan = small(
        [("A", 0, 2017, 1000.0), ("B", 1, 2017, 1000.0)],
        {"A": LEFT, "B": RIGHT},
        {"2": ("local", between), "1": ("local", below), "0": ("motorway", between)},
    )
    linear, placed = along(plan)
    assert placed["street_id"].to_dict() == {"A": "1", "B": "2"}
    assert linear.index.tolist() == ["1", "2"]


def test_a_street_of_two_parcels_peaks_below_their_sum_by_hand() -> None:
    line = MultiLineString([[(105, 0), (105, 60)], [(105, 70), (105, 100)]])
    plan = small([("A", 0, 2017, 2000.0), ("B", 1, 2017, 500.0)], {"A": LEFT, "B": RIGHT}, {"s": ("local", line)})
    (row,) = along(plan)[0].to_dict("records")
    office = plan.profiles["office|tower|code2010|heating"].astype(float) * 2.0
    retail = plan.profiles["retail|podium|code2010|heating"].astype(float) * 0.5
    assert row["length_m"] == pytest.approx(90.0)
    assert row["parcels"] == 2
    assert row["heating_peak_kw"] == pytest.approx((office + retail).max(), rel=1e-5)
    assert row["heating_peak_sum_kw"] == pytest.approx(office.max() + retail.max(), rel=1e-5)
    assert row["diversity_heating"] < 1.0
    assert row["cold_mwh_m"] == pytest.approx(row["cooling_mwh"] / 90.0)


def test_one_parcel_has_no_diversity_to_gain() -> None:
    plan = small([("A", 0, 2017, 800.0)], {"A": LEFT}, {"s": ("local", LineString([(0, -9), (100, -9)]))})
    (row,) = along(plan)[0].to_dict("records")
    assert row["diversity_heating"] == 1.0
    assert row["diversity_cooling"] == 1.0


def test_nothing_built_no_streets_and_no_parcels_still_make_tables() -> None:
    line = LineString([(0, -9), (100, -9)])
    linear, placed = along(small([], {"A": LEFT}, {"s": ("local", line)}))
    assert (len(linear), len(placed), linear["heat_mwh_m"].sum()) == (1, 0, 0.0)
    assert off_street(placed, DemandOptions()) == []
    linear, placed = along(small([("A", 0, 2017, 800.0)], {"A": LEFT}, {"s": ("trunk", line)}))
    assert (len(linear), placed["reason"].tolist()) == (0, ["no_street"])


def test_parcels_off_every_street_are_named_with_the_reason() -> None:
    shapes = {f"P{number}": box(200 * number, 0, 200 * number + 50, 50) for number in range(8)}
    rows = [(parcel, 0, 2017, 1000.0) for parcel in shapes]
    plan = small(rows, shapes, {"s": ("local", LineString([(0, -10), (50, -10)]))})
    _, placed = along(plan)
    (sentence,) = off_street(placed, DemandOptions())
    assert "7 parcels with 87.5% of the heat and cold lie farther than 100 m from every street" in sentence
    assert "P1, P2, P3, P4, P5 and 2 more" in sentence
