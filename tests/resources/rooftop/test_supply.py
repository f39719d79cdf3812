import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from layers.tables.resources import SUPPLY_CURVES
from resources.rooftop.supply import CURVE_COLUMNS, DUTY_COLUMNS, ZONE, below, curve_steps, roof_duties, supply_curves

ROOF = st.tuples(
    st.floats(0.5, 5000.0),
    st.floats(0.0, 1600.0),
    st.one_of(st.floats(0.05, 2.0), st.just(np.inf)),
    st.sampled_from("uvw"),
)
ROOFS = st.lists(ROOF, min_size=1, max_size=30)


def plants_with(*rows: tuple[float, float, float, str]) -> tuple[pd.DataFrame, pd.Series]:
    """Return plants of capacity [kW], yield [kWh/kWp] and cost, and the unit of each."""
    ids = pd.Index([f"b{number}" for number in range(len(rows))], name="building_id")
    table = pd.DataFrame(rows, columns=["kwp", "kwh_kwp", "lcoe_cny_kwh", "unit"], index=ids)
    return table.assign(mwh=table["kwp"] * table["kwh_kwp"] / 1000.0), table["unit"]


PLANTS, UNITS = plants_with((100.0, 1000.0, 0.30, "u"), (300.0, 900.0, 0.25, "u"), (200.0, 1100.0, 0.28, "v"))


def test_curves_by_hand() -> None:
    curves = supply_curves(PLANTS, UNITS)
    assert curves["unit_id"].tolist() == ["u", "u", "v", ZONE, ZONE, ZONE]
    assert curves["building_id"].tolist() == ["b1", "b0", "b2", "b1", "b2", "b0"]
    assert curves["cumulative_mw"].tolist() == pytest.approx([0.3, 0.4, 0.2, 0.3, 0.5, 0.6])
    assert curves["cumulative_mwh"].tolist() == pytest.approx([270.0, 370.0, 220.0, 270.0, 490.0, 590.0])


@given(ROOFS)
def test_curves_rise_and_end_at_the_sums(roofs: list[tuple[float, float, float, str]]) -> None:
    plants, units = plants_with(*roofs)
    curves = supply_curves(plants, units)
    for name, curve in curves.groupby("unit_id"):
        own = plants if name == ZONE else plants[units == name]
        assert curve["lcoe_cny_kwh"].is_monotonic_increasing
        assert curve["cumulative_mw"].is_monotonic_increasing
        assert curve["cumulative_mwh"].is_monotonic_increasing
        assert curve["cumulative_mw"].iloc[-1] == pytest.approx(own["kwp"].sum() / 1000.0)
        assert curve["cumulative_mwh"].iloc[-1] == pytest.approx(own["mwh"].sum())
        assert sorted(curve["building_id"]) == sorted(own.index)


@given(ROOFS, st.floats(0.0, 2.5))
def test_what_is_below_a_cost_is_where_the_curve_stands_there(
    roofs: list[tuple[float, float, float, str]], cost: float
) -> None:
    plants, units = plants_with(*roofs)
    curves = supply_curves(plants, units)
    found = below(curves, cost)
    assert found.index.tolist() == [*sorted(set(units)), ZONE]
    assert found.drop(ZONE).sum().to_numpy() == pytest.approx(found.loc[ZONE].to_numpy())
    for name, row in found.iterrows():
        cheap = curves[(curves["unit_id"] == name) & (curves["lcoe_cny_kwh"] <= cost)]
        stands = cheap[["cumulative_mw", "cumulative_mwh"]].iloc[-1] if len(cheap) else np.zeros(2)
        assert row[["mw", "mwh"]].to_numpy() == pytest.approx(np.asarray(stands))


@given(ROOFS, st.floats(0.0, 2.0), st.floats(0.0, 0.5))
def test_more_may_be_had_at_a_higher_cost(
    roofs: list[tuple[float, float, float, str]], cost: float, more: float
) -> None:
    curves = supply_curves(*plants_with(*roofs))
    assert (below(curves, cost + more) >= below(curves, cost)).all(axis=None)


def test_the_order_of_plants_does_not_matter_and_they_are_not_changed() -> None:
    plants, units = PLANTS.copy(), UNITS.copy()
    assert supply_curves(plants.iloc[::-1], units).equals(supply_curves(plants, units))
    assert plants.equals(PLANTS)
    assert units.equals(UNITS)


def test_plants_without_output_are_never_below_a_cost() -> None:
    plants, units = plants_with((100.0, 0.0, np.inf, "u"), (50.0, 1000.0, 0.3, "u"))
    curves = supply_curves(plants, units)
    assert curves["building_id"].tolist()[:2] == ["b1", "b0"]
    assert below(curves, 100.0).loc["u", "mw"] == pytest.approx(0.05)


def test_no_plants_give_empty_tables() -> None:
    curves = supply_curves(PLANTS.iloc[:0], UNITS)
    assert curves.empty
    assert curves.dtypes.astype(str).to_dict() == CURVE_COLUMNS
    assert supply_curves(PLANTS, UNITS).dtypes.astype(str).to_dict() == CURVE_COLUMNS
    assert list(below(curves, 1.0).columns) == ["mw", "mwh"]
    assert below(curves, 1.0).empty


def test_all_faults_of_plants_are_told_at_once() -> None:
    plants = PLANTS.assign(kwp=[100.0, -1.0, 200.0], lcoe_cny_kwh=[0.3, 0.2, np.nan])
    units = pd.Series({"b0": ZONE, "b1": None, "b2": "v"})
    with pytest.raises(ValueError, match="have no planning unit") as caught:
        supply_curves(plants, units)
    for part in (
        "buildings have no planning unit (b1)",
        "zone is kept for all units together (b0)",
        "lcoe_cny_kwh must not be empty (b2)",
        "kwp and mwh must be 0 or more (b1)",
    ):
        assert part in str(caught.value)
    with pytest.raises(ValueError, match=r"plants lack columns \(mwh\)"):
        supply_curves(PLANTS.drop(columns="mwh"), UNITS)
    with pytest.raises(ValueError, match=r"stand twice in plants \(b0\); .* in unit_of_building \(b0\)"):
        supply_curves(pd.concat([PLANTS, PLANTS.iloc[:1]]), pd.concat([UNITS, UNITS.iloc[:1]]))


def test_the_only_unit_of_a_zone_may_be_called_that_and_is_told_once() -> None:
    curves = supply_curves(PLANTS, pd.Series(ZONE, index=PLANTS.index))
    assert curves["unit_id"].tolist() == [ZONE] * 3
    assert curves["building_id"].tolist() == ["b1", "b2", "b0"]
    assert not SUPPLY_CURVES.faults(curve_steps(curves, 0.01))


def test_steps_by_hand() -> None:
    steps = curve_steps(supply_curves(PLANTS, UNITS), 0.05).set_index(["unit_id", "step"])
    assert steps.index.tolist() == [("u", 1), ("u", 2), ("v", 1), (ZONE, 1), (ZONE, 2)]
    assert steps["lcoe_cny_kwh"].tolist() == pytest.approx([0.25, 0.30, 0.28, 0.25, 0.30])
    assert steps["kwp"].tolist() == pytest.approx([300.0, 100.0, 200.0, 300.0, 300.0])
    assert steps.loc[ZONE, "cumulative_mw"].tolist() == pytest.approx([0.3, 0.6])
    assert steps.loc[ZONE, "cumulative_mwh"].tolist() == pytest.approx([270.0, 590.0])


@given(ROOFS, st.floats(0.001, 3.0))
def test_steps_lose_nothing_and_rise(roofs: list[tuple[float, float, float, str]], width: float) -> None:
    plants, units = plants_with(*roofs)
    curves = supply_curves(plants, units)
    steps = curve_steps(curves, width)
    assert not SUPPLY_CURVES.faults(steps)
    told = curves[np.isfinite(curves["lcoe_cny_kwh"])]
    assert set(steps["unit_id"]) == set(told["unit_id"])
    for name, curve in steps.groupby("unit_id"):
        own = told[told["unit_id"] == name]
        assert curve["step"].tolist() == list(range(1, len(curve) + 1))
        assert np.diff(curve["lcoe_cny_kwh"]).min(initial=1.0) > 0.0
        assert curve[["kwp", "mwh"]].sum().to_numpy() == pytest.approx(own[["kwp", "mwh"]].sum().to_numpy())
        for column, parts in (("cumulative_mw", curve["kwp"] / 1000.0), ("cumulative_mwh", curve["mwh"])):
            assert curve[column].is_monotonic_increasing
            assert curve[column].to_numpy() == pytest.approx(parts.cumsum().to_numpy())
        # a step ends with its dearest plant, and no two within one multiple of the width are parted
        assert set(curve["lcoe_cny_kwh"]) <= set(own["lcoe_cny_kwh"])
        assert curve["lcoe_cny_kwh"].iloc[-1] == own["lcoe_cny_kwh"].max()
        number = np.ceil((curve["lcoe_cny_kwh"] / width).round(9))
        assert number.is_unique
        assert number.iloc[-1] - number.iloc[0] >= len(curve) - 1


@given(ROOFS, st.floats(0.001, 3.0), st.floats(0.0, 2.5))
def test_steps_stand_on_the_curve_and_never_above_it(
    roofs: list[tuple[float, float, float, str]], width: float, cost: float
) -> None:
    curves = supply_curves(*plants_with(*roofs))
    steps = curve_steps(curves, width)
    exact = below(curves, cost)
    for name, curve in steps.groupby("unit_id"):
        had = curve.loc[curve["lcoe_cny_kwh"] <= cost, "cumulative_mwh"].max()
        later = curve.loc[curve["lcoe_cny_kwh"] > cost, "cumulative_mwh"].min()
        assert not had > exact.loc[name, "mwh"] * (1.0 + 1e-9)
        assert not later < exact.loc[name, "mwh"] * (1.0 - 1e-9)


def test_the_order_of_plants_does_not_matter_to_steps() -> None:
    once = curve_steps(supply_curves(PLANTS, UNITS), 0.05)
    assert curve_steps(supply_curves(PLANTS.iloc[::-1], UNITS.iloc[::-1]), 0.05).equals(once)


@pytest.mark.parametrize("plants", [PLANTS.iloc[:0], PLANTS.assign(lcoe_cny_kwh=np.inf)])
def test_no_plants_that_give_anything_make_no_steps(plants: pd.DataFrame) -> None:
    steps = curve_steps(supply_curves(plants, UNITS), 0.05)
    assert steps.empty
    assert list(steps.columns) == ["unit_id", "step", *SUPPLY_CURVES.columns]
    assert not SUPPLY_CURVES.faults(steps)


def roofs_with(**columns: object) -> pd.DataFrame:
    """Return four buildings at the floors of notice 84 of 2021, and an office, which has none."""
    table = pd.DataFrame(
        {
            "building_id": ["government", "school", "hall", "farm", "office"],
            "roof_m2": [1000.0, 1000.0, 1000.0, 100.0, 1000.0],
            "module_roof_m2": [500.0, 399.0, 600.0, 0.0, 250.0],
            "share_required": [0.5, 0.4, 0.3, 0.2, np.nan],
        }
    )
    return table.assign(**columns)


def test_duties_by_hand() -> None:
    duties = roof_duties(roofs_with())
    assert duties["required_m2"].dropna().to_dict() == pytest.approx(
        {"government": 500.0, "school": 400.0, "hall": 300.0, "farm": 20.0}
    )
    assert duties["met"].to_dict() == {"government": True, "school": False, "hall": True, "farm": False, "office": None}
    assert duties["has_system"].to_dict() == {name: name != "farm" for name in duties.index}
    assert duties.loc["hall", "planned_m2"] == 600.0


def test_roofs_without_a_floor_are_neither_met_nor_failed() -> None:
    duties = roof_duties(roofs_with(share_required=np.nan))
    assert all(value is None for value in duties["met"])
    assert duties["required_m2"].isna().all()
    assert duties["has_system"].sum() == 4


def test_buildings_may_stand_in_the_index_and_are_sorted() -> None:
    roofs = roofs_with()
    assert roof_duties(roofs.set_index("building_id").iloc[::-1]).equals(roof_duties(roofs))
    assert roof_duties(roofs).index.tolist() == ["farm", "government", "hall", "office", "school"]
    assert roofs.equals(roofs_with())


@given(st.floats(0.0, 1e5), st.floats(0.0, 1.0), st.floats(0.0, 1e5))
def test_a_duty_is_met_by_its_area_and_no_less(roof: float, share: float, planned: float) -> None:
    table = {
        "building_id": ["a", "b"],
        "roof_m2": roof,
        "module_roof_m2": [planned, roof * share],
        "share_required": share,
    }
    duties = roof_duties(pd.DataFrame(table))
    assert duties.loc["a", "met"] is bool(planned >= roof * share)
    assert duties.loc["b", "met"] is True


def test_no_roofs_give_an_empty_table() -> None:
    duties = roof_duties(roofs_with().iloc[:0])
    assert duties.empty
    assert list(duties.columns) == list(DUTY_COLUMNS) == list(roof_duties(roofs_with()).columns)
    assert duties.index.name == "building_id"


def test_all_faults_of_roofs_are_told_at_once() -> None:
    roofs = roofs_with(
        building_id=["a", "a", "b", "c", "d"],
        roof_m2=[-1.0, 1.0, 1.0, 1.0, 1.0],
        module_roof_m2=[1.0, 1.0, np.nan, 1.0, 1.0],
        share_required=[0.5, 0.4, 0.3, 20.0, np.nan],
    )
    with pytest.raises(ValueError, match="roof_m2 must be 0 or more") as caught:
        roof_duties(roofs)
    assert str(caught.value) == (
        "building_id must not stand twice (a); roof_m2 must be 0 or more (a); "
        "module_roof_m2 must be 0 or more (b); share_required must lie in 0 to 1 (c)"
    )
    with pytest.raises(ValueError, match=r"roofs lack columns \(roof_m2\)"):
        roof_duties(roofs_with().drop(columns="roof_m2"))
