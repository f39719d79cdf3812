"""Charging by parking: the account's energy is placed, none is added, and many chargers peak less than a few."""

from dataclasses import replace
from pathlib import Path
from random import Random

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from layers.archetypes import WITHOUT_BUILDINGS, archetypes
from layers.constants import constants
from layers.tables.demand import CHARGING_PARCELS, CHARGING_SHAPES, CHARGING_UNITS
from layers.units import KWH_PER_MWH
from layers.weather.hours import year_index
from spatial import report
from spatial.demand import charging_on_parcels, charging_shapes, electric_cars, explain_charging
from spatial.demand.charging import PLACES, charger_kw, coincident_peak, diversity, equipped, parking, shares

SHAPES = charging_shapes(year_index(8.0))
YEARS = (2017, 2030)
KINDS = ("res_highrise", "res_stock", "office", "retail", "hospital", "factory_general", "parking")
ADDED = ["parking_spaces", "chargers", "installed_kw", "charging_mwh", *(f"charging_{place}_mwh" for place in PLACES)]


Rows = list[tuple[str, str, int, float]]


def stock_of(rows: list[tuple[str, str, str, int, float]]) -> pd.DataFrame:
    names = ["parcel_id", "unit_id", "archetype", "year_from", "floor_area_m2"]
    table = pd.DataFrame(rows, columns=names).astype(
        {**dict.fromkeys(names[:3], "str"), "year_from": "int64", "floor_area_m2": "float64"}
    )
    return table.assign(stock_id=table["parcel_id"] + "|" + table["archetype"]).set_index("stock_id")


def cars_of(share: tuple[float, float] = (0.02, 0.5), mwh: tuple[float, float] = (100.0, 5000.0)) -> pd.DataFrame:
    return pd.DataFrame({"electric_share": share, "energy_mwh": mwh}, index=pd.Index(YEARS, name="year"))


ROWS = st.lists(
    st.tuples(
        st.sampled_from([f"p{number}" for number in range(8)]),
        st.sampled_from(KINDS),
        st.sampled_from([2017, 2025, 2035]),
        st.floats(1.0, 1e6),
    ),
    min_size=1,
    max_size=15,
    unique_by=lambda row: row[:2],
)
CARS = st.builds(
    cars_of, st.tuples(st.floats(0.0, 1.0), st.floats(0.0, 1.0)), st.tuples(st.floats(0.0, 1e5), st.floats(0.0, 1e5))
)


def placed(rows: Rows) -> pd.DataFrame:
    """Return stock whose parcels lie in three units."""
    return stock_of([(parcel, f"U{int(parcel[1:]) % 3}", kind, year, area) for parcel, kind, year, area in rows])


@settings(deadline=None, max_examples=40)
@given(ROWS, CARS, st.randoms())
def test_what_the_account_charges_is_placed_and_nothing_else(rows: Rows, cars: pd.DataFrame, random: Random) -> None:
    parcels, units = charging_on_parcels(placed(rows), cars, SHAPES)
    CHARGING_PARCELS.check(parcels)
    CHARGING_UNITS.check(units)
    for year, energy in cars["energy_mwh"].items():
        own, here = parcels[parcels["year"] == year], units[units["year"] == year].set_index("unit_id")
        expected = energy if own["chargers"].sum() > 0.0 else 0.0
        assert own["charging_mwh"].sum() == pytest.approx(expected)
        for name in ADDED:
            assert here[name].drop("").sum() == pytest.approx(here.loc["", name])
            assert own[name].sum() == pytest.approx(here.loc["", name])
        assert own[[f"charging_{place}_mwh" for place in PLACES]].sum(axis=1).to_numpy() == pytest.approx(
            own["charging_mwh"].to_numpy()
        )
        assert (own["charging_peak_kw"] <= own["installed_kw"] * (1.0 + 1e-9)).all()
        assert (here["charging_peak_kw"] <= here["charging_peak_sum_kw"]).all()
        assert here.loc["", "charging_peak_sum_kw"] == pytest.approx(own["charging_peak_kw"].sum())
    order = list(range(len(rows)))
    random.shuffle(order)
    again = charging_on_parcels(placed([rows[place] for place in order]), cars, SHAPES)
    pd.testing.assert_frame_equal(parcels, again[0])
    pd.testing.assert_frame_equal(units, again[1])


def test_a_parcel_by_hand() -> None:
    """100 spaces of housing and 60 of shops in 2030, half of the cars electric."""
    stock = stock_of([("p", "U", "res_highrise", 2017, 10_000.0), ("p", "U", "retail", 2017, 5_000.0)])
    parcels, units = charging_on_parcels(stock, cars_of(mwh=(1.0, 85.0)), SHAPES)
    row = parcels.set_index("year").loc[2030]
    assert row["parking_spaces"] == pytest.approx(160.0)
    home, public = 100.0 * 0.5 * 0.7, 60.0 * 0.10
    assert row["chargers"] == pytest.approx(home + public)
    fast_and_slow = 0.4 * 60.0 + 0.6 * 7.0
    assert row["installed_kw"] == pytest.approx(home * 7.0 + public * fast_and_slow)
    # nobody works here, so home and public take all, 55 to 30
    assert row["charging_home_mwh"] == pytest.approx(55.0)
    assert row["charging_public_mwh"] == pytest.approx(30.0)
    assert row["charging_work_mwh"] == 0.0
    # both kinds have their highest hour on weekends from seven to eight in the evening
    weekend = {"home": 1.05 / (9.9 * (260 + 105 * 1.05)), "public": 1.2 / (13.75 * (260 + 105 * 1.2))}
    many = 55_000.0 * weekend["home"] * 1.5, 30_000.0 * weekend["public"] * 1.5
    power = home * 7.0, public * fast_and_slow
    peaks = [
        most * (limit / most + (1.0 - limit / most) / count**0.5)
        for most, limit, count in zip(power, many, (home, public), strict=True)
    ]
    assert row["charging_peak_kw"] == pytest.approx(sum(peaks))
    assert units.set_index(["unit_id", "year"]).loc[("", 2030), "diversity"] == 1.0


@given(st.floats(0.0, 1.0), st.floats(0.0, 1e6), st.floats(0.0, 1e6))
def test_more_chargers_coincide_less(limit: float, few: float, more: float) -> None:
    few, more = sorted((few, more))
    first, second = diversity(np.array([few, more]), np.array(limit))
    assert limit <= second <= first <= 1.0
    # together they still take no less
    assert few * first <= more * second * (1.0 + 1e-12)
    assert diversity(np.array([1.0]), np.array(limit))[0] == 1.0


@pytest.mark.parametrize("energy", [0.0, 2000.0, 1e6])
def test_the_peak_lies_between_what_the_energy_asks_for_and_what_the_chargers_have(energy: float) -> None:
    asked = min(energy * KWH_PER_MWH * float(SHAPES["home"].max()), 7000.0)
    peak = coincident_peak(np.array([[1000.0, 0.0, 0.0]]), np.array([[energy, 0.0, 0.0]]), SHAPES)[0]
    assert asked * (1.0 - 1e-12) <= peak <= 7000.0 * (1.0 + 1e-12)


def test_very_many_chargers_take_what_the_busiest_day_asks_for() -> None:
    many = 1e10
    asked = 1.5 * KWH_PER_MWH * float(SHAPES["home"].max())  # of a charger that gives 1 MWh a year
    peak = coincident_peak(np.array([[many, 0.0, 0.0]]), np.array([[many, 0.0, 0.0]]), SHAPES)[0]
    assert peak / many == pytest.approx(asked, rel=1e-3)


def test_kinds_that_peak_at_different_hours_add_up_to_less() -> None:
    amounts = np.array([[50.0, 50.0, 0.0]])
    both = coincident_peak(amounts, np.zeros((1, 3)), SHAPES)[0]
    apart = [coincident_peak(amounts * mask, np.zeros((1, 3)), SHAPES)[0] for mask in ([1, 0, 0], [0, 1, 0])]
    assert max(apart) < both < sum(apart)


def test_shapes_and_shares_sum_to_one() -> None:
    CHARGING_SHAPES.check(SHAPES)
    assert list(SHAPES) == list(PLACES)
    assert SHAPES.sum().to_numpy() == pytest.approx(np.ones(len(PLACES)))
    assert shares().sum() == pytest.approx(1.0)


def test_every_archetype_parks_somewhere() -> None:
    known = constants("spatial.demand", "parking.csv")
    built = set(archetypes()) - WITHOUT_BUILDINGS
    assert set(known.under("spaces")) == built
    assert sorted(name for place in PLACES for name in known[f"place.{place}"].text.split()) == sorted(built)
    for row in known.values():
        assert row.low is None or row.high is None or row.low <= row.value <= row.high, row.key


def test_chargers_follow_electric_cars_at_home_and_rules_elsewhere() -> None:
    assert equipped("home", 2017, 0.0) == 0.0
    assert equipped("home", 2030, 0.5) == equipped("home", 2017, 0.5) == pytest.approx(0.35)
    assert equipped("public", 2017, 0.9) == pytest.approx(0.02)
    assert equipped("public", 2030, 0.9) == equipped("public", 2050, 0.9) == pytest.approx(0.10)
    assert equipped("work", 2017, 0.0) < equipped("work", 2023, 0.0) < equipped("work", 2030, 0.0)


def test_archetypes_of_a_study_park_as_what_they_are_like() -> None:
    kinds = {**archetypes(), "lab": replace(archetypes()["office_rd"], archetype="lab")}
    rows = [("p", "U", "office_rd", 2017, 3000.0), ("q", "U", "hotel", 2017, 3000.0)]
    own = stock_of([("p", "U", "lab", 2017, 3000.0), rows[1]])
    pd.testing.assert_frame_equal(
        parking(own, kinds).reset_index(drop=True), parking(stock_of(rows)).reset_index(drop=True)
    )
    for first, second in zip(
        charging_on_parcels(own, cars_of(), SHAPES, kinds), charging_on_parcels(stock_of(rows), cars_of(), SHAPES),
        strict=True,
    ):  # fmt: skip
        pd.testing.assert_frame_equal(first, second)


def test_without_chargers_nothing_is_placed_and_it_is_told() -> None:
    homes, cars = stock_of([("p", "U", "res_highrise", 2017, 1000.0)]), cars_of((0.0, 0.5), (100.0, 200.0))
    parcels, units = charging_on_parcels(homes, cars, SHAPES)
    told = parcels.set_index("year")[["chargers", "installed_kw", "charging_mwh", "charging_peak_kw"]]
    assert (told.to_numpy()[0] == 0.0).all()
    assert told["charging_mwh"].to_dict() == {2017: 0.0, 2030: 200.0}
    assert (units["diversity"] == 1.0).all()
    notes, warnings = explain_charging(parcels, cars)
    assert [sentence.count("2017") for sentence in warnings] == [1]
    assert [sentence.count("2030") for sentence in notes] == [1]


def test_more_than_the_chargers_can_give_is_warned_of() -> None:
    few, cars = stock_of([("p", "U", "res_highrise", 2017, 1000.0)]), cars_of((0.5, 0.5), (1.0, 200_000.0))
    parcels, _ = charging_on_parcels(few, cars, SHAPES)
    assert [sentence.count("2030") for sentence in explain_charging(parcels, cars)[1]] == [1]


@pytest.mark.parametrize("rows", [[], [("p", "U", "office", 2035, 1000.0)]])
def test_a_plan_with_nothing_built(rows: list[tuple[str, str, str, int, float]]) -> None:
    parcels, units = charging_on_parcels(stock_of(rows), cars_of(), SHAPES)
    assert CHARGING_PARCELS.check(parcels).empty
    assert CHARGING_UNITS.check(units)["unit_id"].tolist() == ["", ""]
    assert bool((units[ADDED].to_numpy() == 0.0).all())
    assert len(explain_charging(parcels, cars_of())[1]) == 2


def test_electric_cars_are_those_of_the_account() -> None:
    uses = pd.DataFrame(
        [
            ("bau", 2030, "cars", "battery", "electricity", 10.0),
            ("near_zero", 2030, "cars", "battery", "electricity", 40.0),
            ("near_zero", 2030, "cars", "gasoline", "gasoline", 90.0),
            ("near_zero", 2030, "taxis", "battery", "electricity", 5.0),
        ],
        columns=["scenario", "year", "subsector", "technology", "carrier", "energy_mwh"],
    )
    running = pd.DataFrame(
        [("near_zero", 2030, "cars", "battery", 0.6), ("near_zero", 2030, "cars", "gasoline", 0.4)],
        columns=["scenario", "year", "subject", "technology", "share"],
    )
    found = electric_cars(uses, running, "near_zero", YEARS)
    assert found["energy_mwh"].to_dict() == {2017: 0.0, 2030: 40.0}
    assert found["electric_share"].to_dict() == {2017: 0.0, 2030: 0.6}
    assert charger_kw("public") == pytest.approx(28.2)


def test_tables_workbook_and_hours_have_it(tmp_path: Path) -> None:
    parcels, units = charging_on_parcels(
        placed([("p1", "office", 2017, 5e3), ("p2", "retail", 2017, 5e3)]), cars_of(), SHAPES
    )
    tables = {"charging_parcels": parcels, "charging_units": units, "charging_shapes": SHAPES}
    meta = report.RunMeta("test", "试验区", "Test zone", *YEARS, "EPSG:4549")
    report.write_tables(tables, meta, tmp_path)
    assert {path.stem for path in (tmp_path / "tables").iterdir()} == {"charging_parcels", "charging_units"}
    assert {"停车与充电 parking and charging", "分单元充电 charging by unit"} <= set(
        load_workbook(tmp_path / "balance.xlsx").sheetnames
    )
    (path,) = report.write_hourly(tables, meta, tmp_path)
    schema = pq.read_schema(path)
    assert {schema.field(place).metadata[b"unit"] for place in PLACES} == {b"share of the year"}
