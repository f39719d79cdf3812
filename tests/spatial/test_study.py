"""What a study says beyond its file: growth that drivers or switches tell, effective options, keys of stages."""

from pathlib import Path
from typing import Any

import pytest

from layers.weather import WeatherOptions
from spatial.pipeline import STAGES, check_inputs, stage_key
from spatial.stages import run_meta
from spatial.study import Study, driver_table, effective_switches, read_study, study_warnings


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
    bau, near = ("bau", {}), ("near_zero", {"inherits": "bau", "measures": ["*"]})
    first = changed(plain, scenarios=dict([bau, near]))
    second = changed(plain, scenarios=dict([near, bau]))
    assert different(first, second) == {"adoption", "review", "tables", "layers", "map"}
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
    assert "review" in different(three, named)
