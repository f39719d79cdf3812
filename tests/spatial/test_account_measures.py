"""What is drawn from the account: calibration, costs, measures, variants, targets, and what hourly results change."""

from functools import cache

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import account_tables as made_up
from layers.errors import InputError
from spatial import balance
from spatial.balance.calibration import Calibration
from spatial.scenario import Scenario, ScenarioOptions, measures_of

Tables = dict[str, pd.DataFrame]
PLAIN = balance.BalanceOptions()
LEFT_OUT = "ev_cars"
SOME = ("pv_roof", "green_power", "ev_cars", "district", "sea_water_cooling", "res_cooking", "retrofit", "wte", "led")
SCENARIOS = {
    "bau": Scenario(),
    "near_zero": Scenario(inherits="bau", measures=SOME),
    "no_cars": Scenario(inherits="near_zero", without=(LEFT_OUT,)),
}


def drawn_up(tables: Tables, options: balance.BalanceOptions = PLAIN) -> Tables:
    cost = made_up.measures_cost(tables, made_up.Zone(scenarios=SCENARIOS))
    found: Tables = balance.account(tables, options, made_up.TARGET, made_up.market(), cost)
    return found


@pytest.fixture(scope="module")
def tables() -> Tables:
    made: Tables = made_up.tables(made_up.Zone(scenarios=SCENARIOS, end_year=2030))
    return made


@pytest.fixture(scope="module")
def found(tables: Tables) -> Tables:
    return drawn_up(tables)


def taken(tables: Tables, scenario: str) -> list[str]:
    return measures_of(scenario, list(tables["measures"]["measure"]), ScenarioOptions(scenarios=SCENARIOS))


def ranked(tables: Tables, found: Tables, last: str) -> Tables:
    """Rank the measures of a scenario that is made the last one."""
    chosen = tables["adoption"][tables["adoption"]["scenario"].isin(["bau", last])]
    given_tables = {**tables, **found, "adoption": chosen}
    names = {"bau": taken(tables, "bau"), last: taken(tables, last)}
    return balance.rank_measures(given_tables, PLAIN, made_up.TARGET, made_up.market(), names, made_up.singly(tables))


def of_target(table: pd.DataFrame, scenario: str, column: str) -> float:
    return float(table.loc[(table["scenario"] == scenario) & (table["year"] == 2030), column].sum())


@pytest.mark.parametrize("last", ["near_zero", "no_cars"])
def test_measures_lead_from_one_account_to_the_other(tables: Tables, found: Tables, last: str) -> None:
    made = ranked(tables, found, last)
    curve = made["abatement"].sort_values("order")
    # Plants of a network are one step with it.
    assert set(curve["measure"]) == set(taken(tables, last)) - {"sea_water_cooling"}
    start, end = (of_target(found["balance"], name, "co2_t") for name in ("bau", last))
    assert curve["zone_t"].iloc[-1] == pytest.approx(end, rel=1e-9)
    assert curve["step_t"].sum() == pytest.approx(start - end, rel=1e-9)
    # Costs by item and costs at one go are the same costs.
    more = of_target(found["costs"], last, "cost_cny") - of_target(found["costs"], "bau", "cost_cny")
    assert curve["zone_cny"].iloc[-1] == pytest.approx(more, rel=1e-9)
    assert curve["step_cny"].sum() == pytest.approx(more, rel=1e-9)
    for _, steps in made["waterfall"].groupby("by"):
        ordered = steps.sort_values("order")
        levels = ordered["step"].isin(["base_year", "bau", last])
        at = 0.0
        for step, tonnes in zip(ordered["step"], ordered["co2_t"], strict=True):
            if step in {"base_year", "bau", last}:
                assert at == pytest.approx(tonnes, rel=1e-9) or at == 0.0
                at = tonnes
            else:
                at += tonnes
        assert levels.iloc[0]
        assert levels.iloc[-1]


def test_a_variant_is_near_zero_without_one_measure(found: Tables) -> None:
    assert list(found["balance"]["scenario"].unique()) == list(SCENARIOS)
    amounts = found["installed"].set_index(["scenario", "year", "subject", "technology"])["amount"]
    for scenario, as_in in (("near_zero", None), ("no_cars", "bau")):
        battery = amounts[scenario, 2030, "cars", "battery"]
        other = amounts[as_in or "bau", 2030, "cars", "battery"]
        assert battery == other if as_in else battery > other
    roofs = [amounts[name, 2030, "pv.roof", "installed"] for name in ("near_zero", "no_cars")]
    assert roofs[0] == roofs[1]


def test_targets_are_read_for_the_last_scenario_under_every_switch(tables: Tables, found: Tables) -> None:
    choices = [
        PLAIN.model_copy(update={"switches": balance.Switches(tce_method=method)})
        for method in ("equivalent", "calorific")
    ]
    made = balance.read_targets({**tables, **found}, [(tables, choices)], 2030, made_up.market())
    table = made["readings"]
    assert set(table["scenario"]) == {"no_cars"}
    targets = found["targets"]
    own = targets[targets["scenario"] == "no_cars"].set_index("target")["value"]
    read = table[table["tce_method"] == "equivalent"].set_index("target")["value"]
    np.testing.assert_allclose(read[own.index], own, rtol=1e-12)
    assert len(made["verdicts"]) > 0


SAVED = 2.0e5
"""What the hourly system by hand saves of the bill [CNY]."""
TOTALS = {"service.electricity": 7000.0, "transport.gasoline": 3000.0, "natural_gas": 9000.0, "electricity": 20_000.0}


def test_a_calibrated_account_meets_what_was_metered(tables: Tables) -> None:
    options = PLAIN.model_copy(update={"calibration": Calibration(totals=TOTALS)})
    made = drawn_up(tables, options)
    base = made["balance"][made["balance"]["year"] == 2017]
    for scenario, rows in base.groupby("scenario"):
        own = rows.groupby(["sector", "carrier"])["energy_mwh"].sum()
        assert own["service", "electricity"] == pytest.approx(7000.0, rel=1e-9)
        assert own["transport", "gasoline"] == pytest.approx(3000.0, rel=1e-9)
        carriers = rows.groupby("carrier")["energy_mwh"].sum()
        assert carriers["natural_gas"] == pytest.approx(9000.0, rel=1e-9)
        assert carriers["electricity"] == pytest.approx(20_000.0, rel=1e-9)
        hours = made["zone_hourly"][f"{scenario}|2017|use"].sum()
        items = made["supply"].query("scenario == @scenario and year == 2017 and carrier == 'electricity'")
        out = items.set_index("item")["energy_mwh"]
        assert hours == pytest.approx(out["final"] + out["distribution_loss"], rel=1e-9)
    factors = made["calibration"].set_index(["sector", "carrier"])["factor"]
    assert factors["transport", "diesel"] == 1.0
    ends = made["end_uses"].groupby(["scenario", "year", "sector", "carrier"])["energy_mwh"].sum()
    sums = made["balance"].groupby(["scenario", "year", "sector", "carrier"])["energy_mwh"].sum()
    pd.testing.assert_series_equal(ends, sums, rtol=1e-9)


def test_calibration_scales_all_years_alike(tables: Tables, found: Tables) -> None:
    options = PLAIN.model_copy(update={"calibration": Calibration(totals={"transport.gasoline": 3000.0})})
    made = drawn_up(tables, options)
    keys = ["scenario", "year", "carrier"]
    before, after = (
        one["balance"].query("sector == 'transport'").groupby(keys)["energy_mwh"].sum() for one in (found, made)
    )
    factor = (after / before).unstack("carrier")  # noqa: PD010
    np.testing.assert_allclose(factor["gasoline"], factor["gasoline"].iloc[0], rtol=1e-9)
    np.testing.assert_allclose(factor["diesel"], 1.0, rtol=1e-12)


def test_a_metered_total_of_nothing_is_refused(tables: Tables) -> None:
    options = PLAIN.model_copy(update={"calibration": Calibration(totals={"port.coal": 5.0})})
    with pytest.raises(InputError, match=r"port\.coal"):
        drawn_up(tables, options)


def solved(tables: Tables, moved: float, loss: float, curtailed: float) -> tuple[Tables, dict[str, float]]:
    """Return the tables of an hourly system, by hand: part of the surplus is moved, and part of the rest is lost."""
    loads, plants = balance.system_loads(tables, PLAIN, [2030], by_unit=False)
    head = "near_zero|2030|zone|"
    use, made = np.zeros(len(loads)), np.zeros(len(loads))
    for column in (str(name) for name in loads.columns if str(name).startswith(head)):
        item = column.removeprefix(head)
        if item in ("use", "ev"):
            use += loads[column].to_numpy()
        elif item in ("cold", "heat"):
            use += loads[column].to_numpy() / loads[f"{column}_cop"].to_numpy()
        elif not item.endswith(("_cop", "_per_mw")):
            made += loads[column].to_numpy()
    surplus, missing = np.maximum(made - use, 0.0).sum(), np.maximum(use - made, 0.0).sum()
    shifted, lost = min(moved * surplus, missing), loss * use.sum()
    left = surplus - shifted
    value = {
        "use_mwh": use.sum(),
        "generation_mwh": made.sum() - curtailed * left,
        "curtailed_mwh": curtailed * left,
        "import_mwh": missing - shifted + lost,
        "export_mwh": (1.0 - curtailed) * left,
        "storage_loss_mwh": lost,
        "cost_cny": made_up.market().bill(np.maximum(use - made, 0.0), np.maximum(made - use, 0.0)) - SAVED,
    }
    assert value["use_mwh"] + value["export_mwh"] + lost == pytest.approx(
        value["generation_mwh"] + value["import_mwh"], rel=1e-9
    )
    summary = pd.DataFrame({"quantity": value.keys(), "value": value.values()}).assign(
        scenario="near_zero", year=2030, unit="MWh"
    )
    solved_tables = {"loads": loads, "power_plants": plants, "power_summary": summary}
    return solved_tables, {k: float(v) for k, v in value.items()}


@settings(deadline=None, max_examples=6)
@given(moved=st.floats(0.0, 1.0), loss=st.floats(-0.02, 0.1), curtailed=st.floats(0.0, 1.0))
def test_the_account_repeats_what_was_solved_hour_by_hour(moved: float, loss: float, curtailed: float) -> None:
    tables = flexible_tables()
    hourly, value = solved(tables, moved, loss, curtailed)
    made = drawn_up({**tables, **hourly})
    rows = made["supply"].query("scenario == 'near_zero' and carrier == 'electricity' and year == 2030")
    flow = rows.set_index("item")["energy_mwh"].reindex(
        ["grid", "green_power", "export", "curtailed", "storage_loss", "storage_gain"], fill_value=0.0
    )
    # Loads are in single precision, the account is closed on the year.
    near = 1e-5 * value["use_mwh"]
    assert flow["grid"] + flow["green_power"] == pytest.approx(value["import_mwh"], rel=1e-5, abs=near)
    assert flow["export"] == pytest.approx(value["export_mwh"], rel=1e-5, abs=near)
    assert flow["curtailed"] == pytest.approx(value["curtailed_mwh"], rel=1e-5, abs=near)
    assert flow["storage_loss"] - flow["storage_gain"] == pytest.approx(value["storage_loss_mwh"], rel=1e-5, abs=near)
    sums = made["supply"].groupby(["scenario", "year", "carrier", "direction"])["energy_mwh"].sum()
    ways = sums.unstack("direction")  # noqa: PD010
    np.testing.assert_allclose(ways["in"], ways["out"], rtol=1e-9)


@cache
def flexible_tables() -> Tables:
    """Return tables whose near_zero has surplus and stores."""
    scenarios = {
        **SCENARIOS,
        "near_zero": Scenario(inherits="bau", measures=(*SOME, "battery", "cold_store", "pv_ground")),
    }
    made: Tables = made_up.tables(made_up.Zone(scenarios=scenarios, end_year=2030))
    return made


def test_flexibility_grows_with_its_coverage_and_none_is_used_before_it(found: Tables) -> None:
    tables = flexible_tables()
    hourly, _ = solved(tables, 0.6, 0.03, 0.5)
    made = drawn_up({**tables, **hourly})
    lost = made["supply"].query("scenario == 'near_zero' and item == 'storage_loss'").set_index("year")["energy_mwh"]
    # Batteries and stores come from 2021 to 2030.
    assert (lost[lost.index <= 2021] == 0.0).all()
    assert (np.diff(lost) >= -1e-9).all()
    assert lost[2030] > 0.0
    bau = made["supply"].query("scenario == 'bau'").reset_index(drop=True)
    pd.testing.assert_frame_equal(bau, found["supply"].query("scenario == 'bau'").reset_index(drop=True))


def test_measures_end_at_the_account_with_stores_too() -> None:
    tables = flexible_tables()
    two = tables["adoption"][tables["adoption"]["scenario"] != "no_cars"]
    hourly, _ = solved(tables, 0.6, 0.03, 0.5)
    both = {**tables, **hourly, "adoption": two}
    found = drawn_up(both)
    names = {"bau": [], "near_zero": [*SOME, "battery", "cold_store", "pv_ground"]}
    made = balance.rank_measures(
        {**both, **found}, PLAIN, made_up.TARGET, made_up.market(), names, made_up.singly(tables)
    )
    assert {"flexibility", "pv_ground"} <= set(made["abatement"]["measure"])
    assert not {"battery", "cold_store"} & set(made["abatement"]["measure"])
    curve = made["abatement"].sort_values("order")
    assert curve["zone_t"].iloc[-1] == pytest.approx(of_target(found["balance"], "near_zero", "co2_t"), rel=1e-9)
    more = of_target(found["costs"], "near_zero", "cost_cny") - of_target(found["costs"], "bau", "cost_cny")
    assert curve["zone_cny"].iloc[-1] == pytest.approx(more, rel=1e-9)
