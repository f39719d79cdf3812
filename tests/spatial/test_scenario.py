"""Scenarios: shares stay shares, measures do what they say, and faults name the culprit."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from layers.errors import Findings, InputError
from layers.tables.scenario import ADOPTION
from spatial.scenario import ScenarioOptions, adoption_table, default_measures, read_table
from spatial.scenario.adoption import COVERAGES, Scenario, progress

BASE, TARGET = 2017, 2030


@pytest.fixture(scope="module")
def adoption() -> pd.DataFrame:
    return adoption_table(default_measures(), ScenarioOptions(), BASE, TARGET)


def test_keeps_its_contract(adoption: pd.DataFrame) -> None:
    assert ADOPTION.faults(adoption) == []


def test_shares_of_every_subject_sum_to_one_in_every_year(adoption: pd.DataFrame) -> None:
    shares = adoption[~adoption["subject"].str.startswith(COVERAGES)]
    sums = shares.groupby(["scenario", "year", "subject"])["share"].sum()
    np.testing.assert_allclose(sums, 1.0, rtol=0, atol=1e-12)


def test_scenarios_agree_in_the_base_year(adoption: pd.DataFrame) -> None:
    base = adoption[adoption["year"] == BASE].set_index(["scenario", "subject", "technology"])["share"]
    near, bau = base["near_zero"], base["bau"].reindex(base["near_zero"].index, fill_value=0.0)
    np.testing.assert_allclose(near, bau, atol=1e-12)


def test_every_measure_reaches_its_share_in_the_target_year(adoption: pd.DataFrame) -> None:
    reached = adoption[(adoption["scenario"] == "near_zero") & (adoption["year"] == TARGET)]
    reached = reached.set_index(["subject", "technology"])["share"]
    for subject, technology, share in default_measures()[["subject", "technology", "share"]].to_numpy():
        assert reached.loc[(subject, technology)] == pytest.approx(share), (subject, technology)


@given(start=st.integers(2000, 2029), end=st.integers(2030, 2060), curve=st.sampled_from(["linear", "s_curve"]))
def test_progress_rises_from_nothing_to_all(start: int, end: int, curve: str) -> None:
    done = progress(np.arange(1990, 2070), start, end, curve)
    assert done[0] == 0.0
    assert done[-1] == 1.0
    assert (np.diff(done) >= 0.0).all()


def test_a_variant_inherits_and_adds() -> None:
    options = ScenarioOptions(
        scenarios={
            "bau": Scenario(),
            "cars": Scenario(inherits="bau", measures=("ev_cars",)),
            "cars_and_buses": Scenario(inherits="cars", measures=("ev_buses",)),
        }
    )
    table = adoption_table(default_measures(), options, BASE, TARGET)
    last = table[table["year"] == TARGET].set_index(["scenario", "subject", "technology"])["share"]
    assert last.loc[("cars", "buses", "battery")] == last.loc[("bau", "buses", "battery")]
    assert last.loc[("cars_and_buses", "cars", "battery")] == last.loc[("cars", "cars", "battery")] == 0.6
    assert last.loc[("cars_and_buses", "buses", "battery")] == 1.0


def test_unknown_measure_scenario_and_subject_are_all_told() -> None:
    options = ScenarioOptions(
        scenarios={"bau": Scenario(), "x": Scenario(inherits="nobody"), "y": Scenario(measures=("nothing",))}
    )
    measures = default_measures()
    measures.loc[0, "subject"] = "residential.magic"
    measures["share"] = measures["share"].astype(object)
    measures.loc[1, "share"] = "lots"
    with pytest.raises(InputError) as caught:
        adoption_table(measures, options, BASE, TARGET)
    text = str(caught.value)
    for part in ("nobody", "nothing", "residential.magic", "share is not between 0 and 1"):
        assert part in text


def test_a_circle_of_scenarios_is_refused() -> None:
    options = ScenarioOptions(scenarios={"a": Scenario(inherits="b"), "b": Scenario(inherits="a")})
    findings = Findings()
    assert read_table(None, options, findings) is None
    assert "inherits itself" in str(findings.errors[0])
