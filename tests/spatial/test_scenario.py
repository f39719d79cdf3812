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


def one_measure(**change: object) -> pd.DataFrame:
    row = {"measure": "m", "subject": "industry_general", "technology": "coal", "share": 0.0, "start_year": 2019,
           "curve": "linear"}  # fmt: skip
    return pd.DataFrame([row | change])


def test_a_measure_can_phase_a_technology_out() -> None:
    table = adoption_table(one_measure(), ScenarioOptions(), BASE, TARGET)
    last = table[(table["scenario"] == "near_zero") & (table["year"] == TARGET)].set_index(["subject", "technology"])
    shares = last.loc["industry_general", "share"]
    assert shares["coal"] == 0.0
    assert shares.sum() == pytest.approx(1.0)
    # The others take over in proportion.
    assert shares["electric"] / shares["gas"] == pytest.approx(0.6 / 0.3)


@given(share=st.floats(0.0, 1.0), start=st.integers(1990, 2029), base=st.integers(2010, 2025))
def test_shares_sum_to_one_and_scenarios_agree_in_any_base_year(share: float, start: int, base: int) -> None:
    table = adoption_table(one_measure(share=share, start_year=start), ScenarioOptions(), base, TARGET)
    mine = table[table["subject"] == "industry_general"]
    np.testing.assert_allclose(mine.groupby(["scenario", "year"])["share"].sum(), 1.0, atol=1e-9)
    first = mine[mine["year"] == base].pivot_table(index="technology", columns="scenario", values="share")
    np.testing.assert_allclose(first["bau"], first["near_zero"], atol=1e-12)


def test_a_trend_keeps_its_calendar_whatever_the_years_of_the_study() -> None:
    wide = adoption_table(default_measures(), ScenarioOptions(), 2017, 2030)
    late = adoption_table(default_measures(), ScenarioOptions(), 2022, 2035)
    at = {"scenario": "bau", "subject": "cars", "technology": "battery", "year": 2025}
    pick = [frame[(frame[list(at)] == pd.Series(at)).all(axis=1)]["share"].item() for frame in (wide, late)]
    assert pick[0] == pytest.approx(pick[1])


def test_two_measures_for_one_technology_are_refused() -> None:
    both = pd.concat([one_measure(), one_measure(measure="n", share=0.5)], ignore_index=True)
    with pytest.raises(InputError, match="takes both m and n"):
        adoption_table(both, ScenarioOptions(), BASE, TARGET)


def test_an_unknown_technology_is_named_with_those_there_are() -> None:
    with pytest.raises(InputError, match=r"unknown technology 'batery' of cars.*gasoline, battery"):
        adoption_table(one_measure(subject="cars", technology="batery"), ScenarioOptions(), BASE, TARGET)


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
