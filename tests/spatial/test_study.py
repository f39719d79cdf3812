"""What a study says beyond its file: growth that drivers or switches tell, effective options, keys of stages."""

from pathlib import Path
from typing import Any

import pytest

from layers.errors import Findings
from layers.weather import WeatherOptions
from spatial.pipeline import STAGES, check_inputs, stage_key
from spatial.stages import run_meta
from spatial.study import RESERVED, Study, check_values, driver_table, effective_switches, read_study, study_warnings


@pytest.fixture
def plain(small_study_master: Path) -> Study:
    return read_study(small_study_master)


def changed(study: Study, /, **parts: Any) -> Study:
    """The study with other parts, as if its file had said so."""
    content = study.model_dump(mode="json", exclude_unset=True)
    return Study.model_validate({**content, **parts, "folder": study.folder})


def keys(study: Study) -> dict[str, str]:
    return {stage.name: stage_key(stage, study, {}) for stage in STAGES}


def different(first: Study, second: Study) -> set[str]:
    one, other = keys(first), keys(second)
    return {name for name in one if one[name] != other[name]}


def population(study: Study) -> dict[int, float]:
    table = driver_table(study).query("driver == 'population'")
    return dict(zip(table["year"], table["value"], strict=True))


@pytest.mark.parametrize(
    ("given", "times", "at_target"),
    [
        ({2017: 8000.0}, 4.0, 32_000.0),
        ({2010: 4000.0, 2017: 8000.0}, 4.0, 32_000.0),
        ({2017: 8000.0, 2030: 20_000.0}, 2.5, 20_000.0),
        ({2017: 8000.0, 2024: 16_000.0}, 2.0, 16_000.0),
        ({2017: 8000.0, 2043: 32_000.0}, 2.0, 16_000.0),
    ],
)
def test_the_switch_acts_only_where_no_later_value_is_given(
    plain: Study, given: dict[int, float], times: float, at_target: float
) -> None:
    study = changed(plain, drivers={**plain.drivers, "population": given})
    assert population(study)[2030] == pytest.approx(at_target, rel=1e-9)
    assert effective_switches(study).population_times == times
    assert run_meta(study, "EPSG:4550").switches["population_times"] == str(times)
    assert effective_switches(study).gdp_times == study.balance.switches.gdp_times


def test_a_switch_that_is_set_but_not_used_is_told(plain: Study) -> None:
    drivers = {**plain.drivers, "population": {2017: 8000.0, 2030: 20_000.0}}
    assert study_warnings(plain) == []
    assert study_warnings(changed(plain, drivers=drivers)) == []
    agreeing = {"switches": {"population_times": 2.5}}
    assert study_warnings(changed(plain, drivers=drivers, balance=agreeing)) == []
    study = changed(plain, drivers=drivers, balance={"switches": {"population_times": 4.0, "gdp_times": 3.0}})
    (fault,) = study_warnings(study)
    assert fault.level == "warning"
    assert fault.column == "balance.switches.population_times"
    assert fault in check_inputs(study).faults


def test_the_order_of_scenarios_is_part_of_what_shows_them(plain: Study) -> None:
    near = {"inherits": "bau", "measures": ["*"]}
    first = changed(plain, scenarios={"bau": {}, "near_zero": near})
    second = changed(plain, scenarios={"near_zero": near, "bau": {}})
    touched = {"adoption", "balance", "charging", "abatement", "review", "tables", "layers", "map"}
    assert different(first, second) == touched
    assert run_meta(second, "EPSG:4550").scenarios == ("near_zero", "bau")


def test_the_order_of_targets_is_part_of_the_balance(plain: Study) -> None:
    names = list(plain.balance.targets)
    targets = plain.balance.model_dump(mode="json")["targets"]
    turned = changed(plain, balance={"targets": {name: targets[name] for name in reversed(names)}})
    assert "balance" in different(changed(plain, balance={"targets": targets}), turned)


def test_a_default_that_is_written_out_changes_what_it_changes(plain: Study) -> None:
    seeded = changed(plain, study={**plain.study.model_dump(mode="json"), "seed": 7})
    pinned = changed(seeded, weather={**plain.weather.model_dump(mode="json", exclude_unset=True), "seed": 1})
    assert seeded.seeded_weather.seed == 7
    assert pinned.seeded_weather.seed == WeatherOptions().seed == 1
    assert "weather" in different(seeded, pinned)
    assert "weather" not in different(plain, pinned)


def test_the_last_scenario_is_reviewed_unless_another_is_named(plain: Study) -> None:
    scenarios = {"bau": {}, "near_zero": {"inherits": "bau", "measures": ["*"]}, "further": {"inherits": "near_zero"}}
    three = changed(plain, scenarios=scenarios)
    named = changed(three, review={"scenario": "near_zero"})
    assert plain.reviewed_scenario == "near_zero"
    assert three.reviewed_scenario == "further"
    assert named.reviewed_scenario == "near_zero"
    assert {"review", "charging"} <= different(three, named)


@pytest.mark.parametrize(
    ("part", "touched", "spared"),
    [
        ({"sale": "coal_benchmark"}, {"power", "balance", "abatement", "readings"}, {"loads", "activity"}),
        ({"demand_charge": False}, {"power", "balance", "abatement", "readings"}, {"loads", "activity"}),
    ],
)
def test_prices_of_electricity_touch_what_counts_money(
    plain: Study, part: dict[str, Any], touched: set[str], spared: set[str]
) -> None:
    found = different(plain, changed(plain, hourly=part))
    assert touched <= found
    assert not spared & found


def test_a_later_end_lengthens_the_activity(plain: Study) -> None:
    longer = changed(plain, study={**plain.study.model_dump(mode="json"), "end_year": 2040})
    found = different(plain, longer)
    assert {"adoption", "people", "activity", "loads", "balance", "readings"} <= found
    assert not {"stock", "demand", "networks", "sun", "profiles"} & found


def faults(study: Study) -> list[str]:
    findings = Findings()
    check_values(study, "study.toml", findings)
    return [str(fault) for fault in findings.errors]


@pytest.mark.parametrize("name", ["近零", "near zero", "a/b", "../x", "", "a.b", "x\n"])
def test_a_scenario_name_is_one_that_files_can_have(plain: Study, name: str) -> None:
    (told,) = faults(changed(plain, scenarios={"bau": {}, name: {"inherits": "bau"}}))
    assert told.startswith(f"study.toml, column scenarios.{name}: scenario name {name!r} has other characters")


@pytest.mark.parametrize("name", RESERVED)
def test_a_scenario_name_means_nothing_else_in_the_results(plain: Study, name: str) -> None:
    (told,) = faults(changed(plain, scenarios={"bau": {}, name: {"inherits": "bau"}}))
    assert told.startswith(f"study.toml, column scenarios.{name}: scenario name {name!r} is reserved")
    assert faults(changed(plain, scenarios={"bau": {}, f"{name}_2": {"inherits": "bau"}})) == []


def test_years_that_are_solved_must_hold_the_target_year(plain: Study) -> None:
    (told,) = faults(changed(plain, hourly={"years": [2025]}))
    assert told.startswith("study.toml, column hourly.years: the target year 2030 is not among 2025: the account takes")
    assert faults(changed(plain, hourly={"years": [2025, 2030]})) == []
    assert faults(changed(plain, hourly={})) == []
    assert faults(changed(plain, hourly={"mode": "off", "years": [2025]})) == []
