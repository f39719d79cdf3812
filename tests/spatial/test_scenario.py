"""Scenarios: shares stay shares, measures do what they say, variants inherit, and faults name the culprit."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layers.errors import Findings
from layers.tables.scenario import ADOPTION
from spatial.scenario import COVERAGES, Plan, Scenario, ScenarioOptions, adoption_table, measures_of, take
from spatial.scenario.adoption import progress
from spatial.scenario.measures import Span, check_taken, read_measures
from spatial.scenario.options import check_scenarios
from spatial.scenario.reading import read_scenario_tables

BASE, TARGET, END = 2017, 2030, 2045
calm = settings(deadline=None, max_examples=40)


def tables(base: int = BASE, end: int = END, target: int = TARGET) -> dict[str, pd.DataFrame]:
    findings = Findings()
    read = read_scenario_tables({}, ScenarioOptions(), base, end, {}, findings, target_year=target)
    findings.raise_errors()
    assert read is not None
    return read


@pytest.fixture(scope="module")
def own() -> dict[str, pd.DataFrame]:
    return tables()


@pytest.fixture(scope="module")
def adoption(own: dict[str, pd.DataFrame]) -> pd.DataFrame:
    return adoption_table(own["trend"], own["measures"], ScenarioOptions())


def coal_trend(paths: dict[str, list[float]], years: list[int]) -> pd.DataFrame:
    """Return the trend of one subject."""
    rows = [
        ("kilns", name, year, share) for name, path in paths.items() for year, share in zip(years, path, strict=True)
    ]
    return pd.DataFrame(rows, columns=["subject", "technology", "year", "share"])


def measure(**change: object) -> pd.DataFrame:
    row = {"measure": "m", "subject": "kilns", "technology": "coal", "share": 0.0, "start_year": 2019,
           "end_year": 2030, "curve": "linear"}  # fmt: skip
    return pd.DataFrame([row | change])


KILNS = {"coal": [0.5, 0.4, 0.3], "gas": [0.3, 0.3, 0.3], "electric": [0.2, 0.3, 0.4]}
THREE = [2017, 2019, 2030]


def test_keeps_its_contract(adoption: pd.DataFrame) -> None:
    assert ADOPTION.faults(adoption) == []
    assert sorted(adoption["year"].unique()) == list(range(BASE, END + 1))


def test_shares_of_every_subject_sum_to_one_in_every_year(adoption: pd.DataFrame) -> None:
    shares = adoption[~adoption["subject"].str.startswith(COVERAGES)]
    sums = shares.groupby(["scenario", "year", "subject"])["share"].sum()
    np.testing.assert_allclose(sums, 1.0, rtol=0, atol=1e-12)


def test_scenarios_agree_in_the_base_year(adoption: pd.DataFrame) -> None:
    base = adoption[adoption["year"] == BASE].set_index(["scenario", "subject", "technology"])["share"]
    near, bau = base["near_zero"], base["bau"].reindex(base["near_zero"].index, fill_value=0.0)
    np.testing.assert_allclose(near, bau, atol=1e-12)


def test_every_measure_reaches_its_share_at_its_end_and_holds_it(
    own: dict[str, pd.DataFrame], adoption: pd.DataFrame
) -> None:
    near = adoption[adoption["scenario"] == "near_zero"].set_index(["subject", "technology", "year"])["share"]
    measures = own["measures"]
    assert len(measures) > 30
    for subject, technology, share, end in measures[["subject", "technology", "share", "end_year"]].to_numpy():
        for year in (end, TARGET, END):
            assert near.loc[(subject, technology, year)] == pytest.approx(share), (subject, technology, year)


@calm
@given(start=st.integers(2000, 2029), end=st.integers(2030, 2060), curve=st.sampled_from(["linear", "s_curve", "step"]))
def test_progress_rises_from_nothing_to_all(start: int, end: int, curve: str) -> None:
    done = progress(np.arange(1990, 2070), start, end, curve)
    assert done[: start - 1990 + 1].max() == 0.0
    assert done[end - 1990 :].min() == 1.0
    assert (np.diff(done) >= 0.0).all()


def test_a_measure_can_phase_a_technology_out_and_the_others_take_over_in_proportion() -> None:
    shares = take(coal_trend(KILNS, THREE), measure())
    assert shares["kilns", "coal"].tolist() == [0.5, 0.4, 0.0]
    # In 2030 gas and electric have 0.3 and 0.4 by trend and divide the whole as 3 to 4.
    assert shares["kilns", "gas"][2] == pytest.approx(3 / 7)
    assert shares["kilns", "electric"][2] == pytest.approx(4 / 7)


def test_the_only_technology_cannot_be_phased_out() -> None:
    shares = take(coal_trend({"coal": [1.0, 1.0, 1.0], "gas": [0.0, 0.0, 0.0]}, THREE), measure())
    assert shares["kilns", "coal"].tolist() == [1.0, 1.0, 1.0]


@calm
@given(
    seed=st.integers(0, 10_000),
    start=st.integers(1990, 2029),
    span=st.integers(1, 20),
    curve=st.sampled_from(["linear", "s_curve", "step"]),
)
def test_shares_sum_to_one_whatever_is_aimed_at(seed: int, start: int, span: int, curve: str) -> None:
    random = np.random.default_rng(seed)
    names, years = ["a", "b", "c", "d"], list(range(2017, 2031))
    first, last = random.dirichlet(np.full(4, 0.3)), random.dirichlet(np.full(4, 0.3))
    trend = coal_trend({n: np.linspace(x, y, 14).tolist() for n, x, y in zip(names, first, last, strict=True)}, years)
    aims = random.dirichlet(np.full(5, 0.5))[:4]
    taken = random.permutation(4)[: random.integers(1, 5)]
    rows = [
        measure(
            measure=names[i], technology=names[i], share=aims[i], start_year=start, end_year=start + span, curve=curve
        )
        for i in taken
    ]
    shares = take(trend, pd.concat(rows, ignore_index=True))
    total = np.sum(list(shares.values()), axis=0)
    np.testing.assert_allclose(total, 1.0, atol=1e-12)
    assert min(path.min() for path in shares.values()) >= 0.0
    np.testing.assert_allclose([shares["kilns", name][0] for name in names], first, atol=1e-12)


def test_a_coverage_leaves_others_of_its_subject_alone() -> None:
    trend = coal_trend({"rail": [0.0] * 3, "barge": [0.1] * 3}, THREE).assign(subject="rail_shift")
    shares = take(trend, measure(subject="rail_shift", technology="rail", share=0.3))
    assert shares["rail_shift", "barge"].tolist() == [0.1, 0.1, 0.1]
    assert shares["rail_shift", "rail"].tolist() == [0.0, 0.0, 0.3]


def test_measures_of_one_subject_do_not_touch_another_and_order_makes_no_difference(
    own: dict[str, pd.DataFrame],
) -> None:
    plan = Plan.of(own["trend"], own["measures"])
    names = list(plan.measures)
    forward, backward = plan.shares(names), plan.shares(names[::-1])
    assert all((forward[key] == backward[key]).all() for key in forward)
    alone = plan.shares(["ev_cars"])
    changed = {subject for (subject, name), path in alone.items() if (path != plan.trend[subject, name]).any()}
    assert changed == {"cars"}
    assert set(plan.shares([])) == set(plan.trend)


def test_a_trend_keeps_its_calendar_whatever_the_years_of_the_study() -> None:
    at = {"subject": "trucks", "technology": "battery", "year": 2025}
    found = [tables(base, end)["trend"] for base, end in ((2017, 2045), (2022, 2035))]
    pick = [frame[(frame[list(at)] == pd.Series(at)).all(axis=1)]["share"].item() for frame in found]
    assert pick[0] == pytest.approx(pick[1])


def test_the_packages_measures_are_taken_from_a_later_base_year() -> None:
    read = tables(2026, 2045, 2035)
    assert read["measures"]["start_year"].min() == 2026
    assert (read["measures"]["end_year"] > read["measures"]["start_year"]).all()
    table = adoption_table(read["trend"], read["measures"], ScenarioOptions())
    base = table[table["year"] == 2026].pivot_table(index=["subject", "technology"], columns="scenario", values="share")
    np.testing.assert_allclose(base["bau"], base["near_zero"], atol=1e-12)


VARIANTS = ScenarioOptions(
    scenarios={
        "bau": Scenario(),
        "near_zero": Scenario(inherits="bau", measures=("*",)),
        "no_sea": Scenario(inherits="near_zero", without=("sea",)),
        "some": Scenario(inherits="bau", measures=("roof", "cars")),
        "more": Scenario(inherits="some", measures=("sea", "cars"), without=("roof",)),
        "again": Scenario(inherits="more", measures=("roof",)),
    }
)


def test_a_variant_inherits_adds_and_leaves_out() -> None:
    names = ["cars", "roof", "sea"]
    taken = {name: measures_of(name, names, VARIANTS) for name in VARIANTS.scenarios}
    assert taken == {
        "bau": [],
        "near_zero": ["cars", "roof", "sea"],
        "no_sea": ["cars", "roof"],
        "some": ["roof", "cars"],
        "more": ["cars", "sea"],
        "again": ["cars", "sea", "roof"],
    }
    assert check_scenarios(names, VARIANTS, Findings())


def test_a_variant_differs_in_nothing_but_what_it_leaves_out(own: dict[str, pd.DataFrame]) -> None:
    options = ScenarioOptions(
        scenarios={
            "near_zero": Scenario(measures=("*",)),
            "no_cars": Scenario(inherits="near_zero", without=("ev_cars",)),
        }
    )
    table = adoption_table(own["trend"], own["measures"], options).set_index(["subject", "technology", "year"])
    one, other = (table.loc[table["scenario"] == name, "share"] for name in ("near_zero", "no_cars"))
    assert set(one.index[one.ne(other)].get_level_values("subject")) == {"cars"}
    trend = own["trend"].set_index(["subject", "technology", "year"])["share"]
    assert other.loc["cars"].equals(trend.loc["cars"].reindex(other.loc["cars"].index))


def told(options: ScenarioOptions, names: list[str]) -> str:
    findings = Findings()
    assert not check_scenarios(names, options, findings)
    return "\n".join(str(fault) for fault in findings.errors)


def test_unknown_parents_and_measures_are_all_told() -> None:
    options = ScenarioOptions(
        scenarios={
            "bau": Scenario(),
            "x": Scenario(inherits="nobody"),
            "y": Scenario(measures=("nothing",), without=("nowhere",)),
            "z": Scenario(inherits="bau", without=("cars",)),
            "w": Scenario(measures=("cars",), without=("cars",)),
        }
    )
    text = told(options, ["cars"])
    for part in ("inherits unknown 'nobody'", "'nothing'", "'nowhere'", "leaves out cars, which it does not inherit",
                 "both takes and leaves out cars", "scenarios.w"):  # fmt: skip
        assert part in text


@pytest.mark.parametrize("circle", [{"a": "b", "b": "a"}, {"a": "a"}, {"a": "b", "b": "c", "c": "b"}])
def test_a_circle_of_scenarios_is_refused(circle: dict[str, str]) -> None:
    options = ScenarioOptions(scenarios={name: Scenario(inherits=parent) for name, parent in circle.items()})
    assert "inherits itself" in told(options, [])


def taken_faults(measures: pd.DataFrame, options: ScenarioOptions) -> list[str]:
    findings = Findings()
    check_taken(measures, options, findings)
    return [str(fault) for fault in findings.errors]


def test_two_measures_for_one_technology_are_refused_where_one_scenario_takes_both() -> None:
    both = pd.concat([measure(), measure(measure="n", share=0.5)], ignore_index=True)
    assert any(
        "near_zero takes both m and n for coal of kilns" in text for text in taken_faults(both, ScenarioOptions())
    )
    apart = ScenarioOptions(scenarios={"a": Scenario(measures=("m",)), "b": Scenario(measures=("n",))})
    assert taken_faults(both, apart) == []


def test_a_contradiction_that_is_inherited_is_told_once() -> None:
    both = pd.concat([measure(), measure(measure="n", share=0.5)], ignore_index=True)
    options = ScenarioOptions(scenarios={"a": Scenario(measures=("*",)), "b": Scenario(inherits="a")})
    (text,) = taken_faults(both, options)
    assert text.startswith("study.toml, column scenarios.a")


def test_shares_that_cannot_all_be_reached_are_refused() -> None:
    both = pd.concat([measure(share=0.7), measure(measure="n", technology="gas", share=0.5)], ignore_index=True)
    (text,) = taken_faults(both, ScenarioOptions())
    assert "scenario near_zero takes m, n, which bring kilns to 1.2 in sum, more than 1" in text


TEXTS = {
    "measure": "m",
    "subject": "kilns",
    "technology": "coal",
    "share": "0.2",
    "start_year": "2019",
    "curve": "linear",
}


def read(*rows: dict[str, str], own: bool = True) -> tuple[pd.DataFrame | None, str]:
    findings = Findings()
    frame = pd.DataFrame([TEXTS | row for row in rows], index=range(2, len(rows) + 2)).fillna("")
    found = read_measures(frame, "mine.csv", {"kilns": ["coal", "gas"]}, Span(2017, 2030, own), findings)
    return found, "\n".join(str(fault) for fault in findings.errors)


def test_what_a_measures_table_leaves_out_is_filled_in() -> None:
    found, text = read({})
    assert text == ""
    assert found is not None
    assert found.loc[0].to_dict() == {
        "measure": "m", "zh": "m", "en": "m", "subject": "kilns", "technology": "coal", "share": 0.2,
        "start_year": 2019, "end_year": 2030, "curve": "linear", "extra_cost_cny": 0.0, "source": "mine.csv",
        "confidence": "assumption",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("row", "where", "problem"),
    [
        ({"subject": "kiln"}, "row 2, column subject", "unknown subject 'kiln' (measure m); did you mean kilns?"),
        ({"technology": "coall"}, "row 2, column technology", "unknown technology 'coall' of kilns"),
        ({"share": "1.2"}, "row 2, column share", "share 1.2 is not between 0 and 1"),
        ({"share": "lots"}, "row 2, column share", "'lots' is not a number"),
        ({"share": ""}, "row 2, column share", "'' is not a number"),
        ({"start_year": "2016"}, "row 2, column start_year", "it starts in 2016, before the base year 2017"),
        ({"start_year": "2019.5"}, "row 2, column start_year", "2019.5 is not a year"),
        ({"end_year": "2019"}, "row 2, column end_year", "it ends in 2019, not after its start in 2019"),
        ({"curve": "steep"}, "row 2, column curve", "unknown curve 'steep'"),
        ({"extra_cost_cny": "dear"}, "row 2, column extra_cost_cny", "'dear' is not a number"),
        ({"confidence": "sure"}, "row 2, column confidence", "unknown confidence 'sure'"),
        ({"measure": ""}, "row 2, column measure", "the measure has no name"),
    ],
)
def test_a_measure_that_cannot_be_used_is_named_by_row_and_column(
    row: dict[str, str], where: str, problem: str
) -> None:
    found, text = read(row)
    assert found is None
    assert text.startswith(f"mine.csv, {where}: {problem}")
    assert "\n" not in text


def test_all_faults_of_a_measures_table_are_told_at_once() -> None:
    _, text = read({"share": "2"}, {"curve": "x"}, {"measure": "n", "subject": "y"})
    for part in (
        "row 2, column share",
        "row 3, column curve",
        "the name stands in row 2 already",
        "row 4, column subject",
    ):
        assert part in text


def test_a_missing_column_is_named() -> None:
    findings = Findings()
    frame = pd.DataFrame([TEXTS]).drop(columns="share")
    assert read_measures(frame, "mine.csv", {}, Span(2017, 2030, own=True), findings) is None
    assert str(findings.errors[0]).startswith("mine.csv, column share: column is missing")
