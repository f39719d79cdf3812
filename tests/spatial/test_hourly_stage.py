"""The stage from tables to tables, typical days against the whole year, and what is said of bad input."""

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layers.errors import InputError
from layers.tables.hourly import CAPACITIES, DISPATCH, POWER_SUMMARY, TYPICAL_DAYS
from layers.weather.hours import year_index
from resources.tariffs import demand_charge_cny_mw
from spatial.hourly import HourlyOptions, solve
from spatial.hourly.assemble import systems
from spatial.hourly.case import Case, Floats
from spatial.hourly.network import UnsolvedError
from spatial.hourly.network import solve as solve_case
from spatial.hourly.typical import choose, reduce

FACTOR = {2030: 0.38}
Tables = dict[str, pd.DataFrame]
CATALOGUE = {
    "pv_roof": "pv_rooftop_ci",
    "wind_sea": "wind_offshore_fixed",
    "battery": "battery_grid",
    "v2g": "v2g",
    "cold_store": "chilled_water_tank",
    "heat_store": "hot_water_tank",
}


def tables(
    days: int = 365, nodes: tuple[str, ...] = ("zone",), seed: int = 3, scenarios: tuple[str, ...] = ("near_zero",)
) -> Tables:
    """Return the loads of a small zone by the sea: warm summers, sun and wind that change from day to day."""
    chance = np.random.default_rng(seed)
    count = days * 24
    hour, day = np.arange(count) % 24, np.arange(count) // 24 * (365 / days)
    season = np.cos(2.0 * np.pi * (day - 20.0) / 365.0)
    air = 17.0 - 11.0 * season + 4.0 * np.sin((hour - 9.0) / 24.0 * 2.0 * np.pi)
    air += np.repeat(chance.normal(0.0, 2.0, days), 24)
    sun = np.maximum(np.sin((hour - 6.0) / 12.0 * np.pi), 0.0) * (0.75 - 0.2 * season)
    sun *= np.repeat(chance.beta(2.0, 1.3, days), 24)
    gusts = np.zeros(count)
    for step in range(1, count):
        gusts[step] = 0.97 * gusts[step - 1] + 0.24 * chance.normal()
    wind = np.clip(0.35 + 0.3 * gusts, 0.0, 1.0)
    columns: dict[str, Floats] = {}
    rows = []
    for scenario in scenarios:
        for number, node in enumerate(nodes):
            head, size = f"{scenario}|2030|{node}", (1.0 + 0.3 * number) / len(nodes)
            planned = 1.0 if scenario == "near_zero" else 0.3
            columns |= {
                f"{head}|use": size
                * (60.0 + 30.0 * np.sin((hour - 8.0 + number) / 24.0 * 2.0 * np.pi) + abs(air - 18.0)),
                f"{head}|ev": size * (1.0 + 8.0 * np.exp(-(((hour - 20.0) % 24.0) ** 2) / 20.0)),
                f"{head}|cold": size * np.maximum(air - 22.0, 0.0) * 6.0,
                f"{head}|cold_cop": 5.5 - 0.04 * (air - 25.0),
                f"{head}|heat": size * np.maximum(16.0 - air, 0.0) * 4.0,
                f"{head}|heat_cop": np.where(air < 16.0, 3.0 + 0.06 * air, 0.0),
                f"{head}|pv_roof": size * planned * 150.0 * sun,
                f"{head}|wind_sea": size * planned * 50.0 * wind,
                f"{head}|wte": np.full(count, size * 4.0),
            }
            plants = {"pv_roof": (150.0 * planned, 250.0), "wind_sea": (50.0 * planned, 50.0), "battery": (0.0, 60.0),
                      "v2g": (0.0, 3.0), "cold_store": (0.0, 40.0), "heat_store": (0.0, 40.0)}  # fmt: skip
            for item, (least, most) in plants.items():
                rows.append((scenario, 2030, node, item, least * size, most * size, CATALOGUE[item]))
    names = ["scenario", "year", "node", "item", "planned_mw", "potential_mw", "catalogue"]
    index = year_index(8.0)[:count]
    return {"loads": pd.DataFrame(columns, index=index), "power_plants": pd.DataFrame(rows, columns=names)}


def electric(given_tables: Tables) -> Tables:
    """Return a zone without heat, cold and vehicles, which is solved sooner."""
    loads, plants = given_tables["loads"], given_tables["power_plants"]
    items = ("use", "pv_roof", "wind_sea", "wte")
    return {
        "loads": loads[[name for name in loads.columns if str(name).endswith(items)]],
        "power_plants": plants[plants["item"].isin([*items, "battery"])],
    }


def values(found: Tables, scenario: str = "near_zero") -> "pd.Series[float]":
    own = found["power_summary"]
    return own[own["scenario"] == scenario].set_index("quantity")["value"]


def keeps(found: Tables) -> None:
    """Assert that tables keep their contracts, and the year its sum."""
    for name, contract in (("dispatch", DISPATCH), ("capacities", CAPACITIES), ("power_summary", POWER_SUMMARY),
                           ("typical_days", TYPICAL_DAYS)):  # fmt: skip
        contract.check(found[name])
    for scenario in found["power_summary"]["scenario"].unique():
        own = values(found, scenario)
        into = own["generation_mwh"] + own["import_mwh"]
        assert own["use_mwh"] + own["export_mwh"] + own["storage_loss_mwh"] == pytest.approx(into, rel=1e-9)
        hourly = found["dispatch"]
        for quantity, item in (("import_mwh", "import"), ("export_mwh", "export"), ("curtailed_mwh", "curtailed")):
            mine = [name for name in hourly.columns if name.startswith(f"{scenario}|") and name.endswith(f"|{item}")]
            assert hourly[mine].sum().sum() == pytest.approx(own[quantity], rel=1e-9, abs=1e-6)


def near(found: Tables, exact: Tables, cost: float, points: float) -> None:
    """Assert that cost and shares of one solution are near those of another."""
    one, other = values(found), values(exact)
    assert one["cost_cny"] == pytest.approx(other["cost_cny"], rel=cost)
    for share in ("renewable_electricity_share", "self_sufficiency"):
        assert one[share] == pytest.approx(other[share], abs=points)


def test_typical_days_are_near_the_whole_year() -> None:
    given_tables = tables(182)
    whole = solve(given_tables, FACTOR, HourlyOptions(mode="full"))
    typical = solve(given_tables, FACTOR, HourlyOptions(typical_days=60))
    keeps(whole)
    keeps(typical)
    near(typical, whole, 0.01, 0.005)
    assert values(typical)["hours_solved"] == 24 * 60
    assert values(whole)["hours_solved"] == len(whole["dispatch"]) == len(typical["dispatch"]) == 24 * 182
    assert whole["typical_days"]["weight"].tolist() == [1.0] * 182
    assert typical["typical_days"]["weight"].sum() == 182.0


def test_typical_days_are_near_the_whole_of_coupled_units() -> None:
    # lines of 40 MW would be too weak
    given_tables = tables(42, ("U1", "U2"))
    whole = solve(given_tables, FACTOR, HourlyOptions(mode="full", line_limit_mw=45.0))
    typical = solve(given_tables, FACTOR, HourlyOptions(typical_days=14, line_limit_mw=45.0))
    near(typical, whole, 0.01, 0.005)


def test_units_and_scenarios_are_solved_apart_and_repeatably(tmp_path: Path) -> None:
    given_tables = electric(tables(9, ("U1", "U2"), scenarios=("bau", "near_zero")))
    options = HourlyOptions(typical_days=7, line_limit_mw=70.0, co2_price_cny_t=100.0)
    one = solve(given_tables, FACTOR, options, tmp_path)
    keeps(one)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bau-2030", "near_zero-2030"]
    two = solve(given_tables, FACTOR, options)
    for name, table in one.items():
        pd.testing.assert_frame_equal(table, two[name], check_exact=True)
    assert values(one)["co2_t"] < values(one, "bau")["co2_t"]
    peak = values(one)["peak_import_mw"]
    assert one["dispatch"]["near_zero|2030|zone|import"].max() == pytest.approx(peak)
    with_planned = one["capacities"].set_index(["scenario", "node", "item"])
    assert (with_planned["built_mw"] >= with_planned["planned_mw"]).all()
    assert with_planned.loc[("bau", "U1", "pv_roof"), "built_mw"] == pytest.approx(22.5)


def test_scenarios_of_the_same_loads_have_the_same_result_and_files(tmp_path: Path) -> None:
    given_tables = electric(tables(1))
    loads, plants = given_tables["loads"], given_tables["power_plants"]
    renamed = loads.rename(columns=lambda name: name.replace("near_zero", "twin"))
    both = {
        "loads": pd.concat([loads, renamed], axis=1),
        "power_plants": pd.concat([plants, plants.assign(scenario="twin")], ignore_index=True),
    }
    found = solve(both, FACTOR, HourlyOptions(mode="full"), tmp_path)
    keeps(found)
    assert values(found).tolist() == values(found, "twin").tolist()
    for path in sorted((tmp_path / "near_zero-2030").iterdir()):
        assert path.read_bytes() == (tmp_path / "twin-2030" / path.name).read_bytes()


def test_a_demand_charge_lowers_the_peak() -> None:
    given_tables = electric(tables(7))
    free = values(solve(given_tables, FACTOR, HourlyOptions(mode="full", demand_charge=False)))
    paid = values(solve(given_tables, FACTOR, HourlyOptions(mode="full")))
    assert paid["peak_import_mw"] < free["peak_import_mw"]
    # what is paid lies between the charge on the peak left and on the peak of those who do not care
    charge = demand_charge_cny_mw()
    more = paid["cost_cny"] - free["cost_cny"]
    assert charge * paid["peak_import_mw"] <= more * (1.0 + 1e-9)
    assert more <= charge * free["peak_import_mw"] * (1.0 + 1e-9)


@pytest.mark.parametrize(("yields", "pays"), [(1.0, True), (0.01, False)])
def test_a_generator_of_which_nothing_is_planned_is_built_where_it_pays(yields: float, *, pays: bool) -> None:
    given_tables = electric(tables(7))
    each = given_tables["loads"]["near_zero|2030|zone|wind_sea"] / 50.0
    # a week has to earn what a year costs, so a wind that pays is worth a year of weeks
    loads = given_tables["loads"].copy()
    loads["near_zero|2030|zone|wind_sea"] = 0.0
    loads["near_zero|2030|zone|wind_sea_per_mw"] = each * 30.0 * yields
    plants = given_tables["power_plants"]
    plants = plants.assign(planned_mw=plants["planned_mw"].where(plants["item"] != "wind_sea", 0.0))
    new = {"loads": loads, "power_plants": plants}
    found = solve(new, FACTOR, HourlyOptions(mode="full", expand=("wind_sea",)))
    keeps(found)
    rows = found["capacities"].set_index("item")
    built = float(rows["built_mw"].loc["wind_sea"])
    assert rows["planned_mw"].loc["wind_sea"] == 0.0
    assert (built > 1.0) == pays
    assert built <= 50.0 + 1e-6
    made = found["dispatch"]["near_zero|2030|zone|wind_sea"]
    assert (made <= each * 30.0 * yields * built + 1e-6).all()


def test_switched_off_leaves_empty_tables() -> None:
    found = solve(tables(7), FACTOR, HourlyOptions(mode="off"))
    keeps(found)
    assert all(table.shape[0] == 0 or table.shape[1] == 0 for table in found.values())


def test_expansion_and_storage_follow_the_options() -> None:
    given_tables = tables(7)
    options = HourlyOptions(mode="full", expand=("pv_roof",), allow_storage=False)
    found = solve(given_tables, FACTOR, options)
    built = found["capacities"].set_index("item")["built_mw"]
    assert 150.0 <= built["pv_roof"] <= 250.0
    assert built[["battery", "v2g", "cold_store", "heat_store"]].tolist() == [0.0] * 4
    assert values(found)["storage_loss_mwh"] == 0.0


def test_hours_that_cannot_be_met_are_told_of_all_scenarios_with_what_binds() -> None:
    with pytest.raises(InputError) as caught:
        solve(electric(tables(4, scenarios=("bau", "near_zero"))), FACTOR, HourlyOptions(import_limit_mw=30.0))
    text = str(caught.value)
    for name in ("bau", "near_zero"):
        assert re.search(rf"{name} 2030: \d+ hours cannot be met, the first at 2030-01-\d\d \d\d:00 by [\d.]+ MW", text)
    for part in ("import of zone at its limit 30 MW", "battery of zone", "raise hourly.import_limit_mw"):
        assert part in text


def test_a_cap_too_low_names_the_least_possible() -> None:
    given_tables = electric(tables(2))
    with pytest.raises(InputError, match=r"cap of 10 t CO2 cannot be kept, the least possible is") as caught:
        solve(given_tables, FACTOR, HourlyOptions(co2_cap_t=10.0))
    least = float(str(caught.value).split("least possible is ")[1].split(" t")[0])
    kept = solve(given_tables, FACTOR, HourlyOptions(co2_cap_t=least * 1.0001))
    assert values(kept)["co2_t"] == pytest.approx(least, rel=1e-3)
    tight = systems(given_tables["loads"], given_tables["power_plants"], FACTOR, HourlyOptions(co2_cap_t=least * 0.99))
    with pytest.raises(UnsolvedError):
        solve_case(tight[0].case)


def test_more_than_can_be_taken_is_said() -> None:
    options = HourlyOptions(export_limit_mw=0.0, allow_curtailment=False, allow_storage=False)
    with pytest.raises(InputError, match=r"have more than can be taken.*hourly\.export_limit_mw"):
        solve(_sunny(), FACTOR, options)


def _sunny() -> Tables:
    """Return a week with four times the PV, more at noon than the zone takes."""
    found = electric(tables(7))
    mine = found["power_plants"]["item"] == "pv_roof"
    plants = found["power_plants"].copy()
    plants.loc[mine, ["planned_mw", "potential_mw"]] *= 4.0
    column = "near_zero|2030|zone|pv_roof"
    return {"loads": found["loads"].assign(**{column: found["loads"][column] * 4.0}), "power_plants": plants}


def test_all_faults_of_the_tables_are_told_at_once() -> None:
    given_tables = tables(7)
    loads = given_tables["loads"].drop(columns="near_zero|2030|zone|cold_cop")
    loads = loads.assign(**{"near_zero|2030|zone|use": np.nan, "what|is|this": 1.0})
    loads["near_zero|2030|zone|cold"] = 1.0
    with pytest.raises(InputError) as caught:
        solve({**given_tables, "loads": loads}, FACTOR, HourlyOptions())
    text = str(caught.value)
    for part in ("nan is no energy", "not scenario|year|node|item", "near_zero|2030|zone|cold_cop"):
        assert part in text
    plants = given_tables["power_plants"].assign(catalogue="perpetuum_mobile", potential_mw=0.0)
    with pytest.raises(InputError) as caught:
        solve({**given_tables, "power_plants": plants}, {2030: 0.4}, HourlyOptions(expand=("hydro",)))
    text = str(caught.value)
    for part in ("perpetuum_mobile", "is below planned", "hydro"):
        assert part in text
    with pytest.raises(InputError, match="no CO2 factor of the grid for 2030"):
        solve(given_tables, {}, HourlyOptions())


def _case(seed: int) -> Case:
    given_tables = tables(42, seed=seed)
    return systems(given_tables["loads"], given_tables["power_plants"], FACTOR, HourlyOptions())[0].case


@settings(deadline=None, max_examples=8)
@given(st.integers(0, 50), st.integers(1, 45))
def test_typical_days_keep_sums_peaks_and_order(seed: int, count: int) -> None:
    case = _case(seed)
    days = choose(case, count)
    few = reduce(case, days)
    assert (np.diff(days.chosen) > 0).all()
    assert days.weights.sum() == 42
    assert (days.period[days.chosen] == np.arange(len(days.chosen))).all()
    assert len(days.chosen) <= 42
    loads = [load.mw for load in case.loads] + [load.mw for load in case.flexibles]
    fewer = [load.mw for load in few.loads] + [load.mw for load in few.flexibles]
    for before, after in zip(loads, fewer, strict=True):
        assert float(after @ few.weights) == pytest.approx(before.sum(), rel=1e-9, abs=1e-9)
        assert after.max() <= before.max() * (1.0 + 1e-9)
    for old, new in zip(case.sources, few.sources, strict=True):
        assert float(new.available @ few.weights) == pytest.approx(old.available.sum(), rel=1e-9)
        assert float(new.price @ few.weights) == pytest.approx(old.price.sum(), rel=1e-9)
        assert new.available.max() <= old.available.max() * (1.0 + 1e-9)
    cold = next(load for load in case.loads if load.name.endswith("|cold"))
    kept = next(load for load in few.loads if load.name.endswith("|cold"))
    assert kept.mw.max() == pytest.approx(cold.mw.max())
