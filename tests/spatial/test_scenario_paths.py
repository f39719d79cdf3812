"""Paths: every expression is the curve it says, and text that is none is told so."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spatial.scenario import Path, PathError, parse_path

YEARS = np.arange(2010, 2061)
VALUES = st.floats(-1e6, 1e6).map(lambda value: round(value, 6))
SHARES = st.floats(0.0, 1.0).map(lambda value: round(value, 6))
calm = settings(deadline=None, max_examples=60)


def test_hand_worked_values() -> None:
    years = np.array([2016, 2017, 2020, 2024, 2030, 2031])
    worked = {
        "0.3": [0.3] * 6,
        "constant(30%)": [0.3] * 6,
        "interpolate(2017, 0, 2027, 1)": [0.0, 0.0, 0.3, 0.7, 1.0, 1.0],
        "interpolate(2017, 1, 2020, 4, 2030, 14)": [1.0, 1.0, 4.0, 8.0, 14.0, 14.0],
        "step(2017, 0, 2024, 1)": [0.0, 0.0, 0.0, 1.0, 1.0, 1.0],
        "growth(2017, 2, 0.10)": [2.0, 2.0, 2.662, 2 * 1.1**7, 2 * 1.1**13, 2 * 1.1**14],
        "growth(2017, 2, 0.10, 2020)": [2.0, 2.0, 2.662, 2.662, 2.662, 2.662],
        "growth(2017, 1, -0.5, 2020)": [1.0, 1.0, 0.125, 0.125, 0.125, 0.125],
    }
    for text, values in worked.items():
        np.testing.assert_allclose(parse_path(text).values(years), values, rtol=1e-12, err_msg=text)


def test_the_s_curve_is_the_logistic_function_between_its_ends() -> None:
    # k = 8 over the span: the raw logistic at 0, 1/4 and 1 is 1/(1+e^4), 1/(1+e^2) and 1/(1+e^-4).
    low, quarter, high = (1.0 / (1.0 + math.exp(x)) for x in (4.0, 2.0, -4.0))
    found = parse_path("s_curve(2020, 0.2, 2040, 0.6)").values(np.array([2019, 2020, 2025, 2030, 2040, 2050]))
    at_quarter = 0.2 + 0.4 * (quarter - low) / (high - low)
    np.testing.assert_allclose(found, [0.2, 0.2, at_quarter, 0.4, 0.6, 0.6], rtol=1e-12)


@calm
@given(first=VALUES, last=VALUES, start=st.integers(2000, 2030), span=st.integers(1, 40))
def test_interpolation_is_straight_inside_and_flat_outside(first: float, last: float, start: int, span: int) -> None:
    values = parse_path(f"interpolate({start}, {first!r}, {start + span}, {last!r})").values(YEARS)
    expected = first + (last - first) * np.clip((YEARS - start) / span, 0.0, 1.0)
    np.testing.assert_allclose(values, expected, rtol=1e-9, atol=1e-6)
    assert values.min() >= min(first, last)
    assert values.max() <= max(first, last)


@calm
@given(first=SHARES, last=SHARES, start=st.integers(2012, 2030), half=st.integers(1, 15))
def test_an_s_curve_is_monotone_symmetric_and_inside_its_ends(first: float, last: float, start: int, half: int) -> None:
    end = start + 2 * half
    path = parse_path(f"s_curve({start}, {first!r}, {end}, {last!r})")
    inside = np.arange(start, end + 1)
    values = path.values(inside)
    np.testing.assert_allclose(values + values[::-1], first + last, atol=1e-12)
    assert (np.diff(values) * np.sign(last - first) >= -1e-15).all()
    np.testing.assert_allclose(path.values(np.array([start - 5, end + 5])), [first, last], atol=1e-15)


@calm
@given(value=st.floats(0.01, 1e6), rate=st.floats(-0.2, 0.2).map(lambda rate: round(rate, 4)))
def test_growth_multiplies_by_the_same_each_year(value: float, rate: float) -> None:
    values = parse_path(f"growth(2010, {value!r}, {rate!r})").values(YEARS)
    np.testing.assert_allclose(values[1:] / values[:-1], 1.0 + rate, rtol=1e-9)
    np.testing.assert_allclose(np.log(values / value), (YEARS - 2010) * math.log1p(rate), atol=1e-9)


@calm
@given(
    driver=st.lists(st.floats(0.1, 1e6), min_size=2, max_size=20),
    scale=st.floats(0.01, 100.0),
    elasticity=st.floats(-2.0, 2.0).map(lambda value: round(value, 3)),
)
def test_following_a_driver_is_homogeneous(driver: list[float], scale: float, elasticity: float) -> None:
    level, years = np.array(driver), np.arange(2017, 2017 + len(driver))
    path = parse_path(f"follow(teu, 2.5, {elasticity!r})")
    values = path.values(years, {"teu": level})
    assert values[0] == 2.5
    # The unit of the driver makes no difference, and elasticities add up.
    np.testing.assert_allclose(path.values(years, {"teu": scale * level}), values, rtol=1e-9)
    twice = parse_path(f"follow(teu, 2.5, {2 * elasticity!r})").values(years, {"teu": level})
    np.testing.assert_allclose(twice / 2.5, (values / 2.5) ** 2, rtol=1e-9)


@calm
@given(pairs=st.dictionaries(st.integers(2000, 2070), VALUES, min_size=1, max_size=6))
def test_a_step_holds_each_value_until_the_next(pairs: dict[int, float]) -> None:
    text = ", ".join(f"{year}, {pairs[year]!r}" for year in sorted(pairs))
    values = parse_path(f"step({text})").values(YEARS)
    for year, value in zip(YEARS, values, strict=True):
        reached = [at for at in sorted(pairs) if at <= year] or [min(pairs)]
        assert value == pairs[reached[-1]]


def test_the_first_year_is_that_a_value_is_given_for() -> None:
    first = {"interpolate(2019, 1, 2030, 2)": 2019, "step(2020, 1)": 2020, "growth(2021, 1, 0.1)": 2021}
    assert {text: parse_path(text).first_year for text in first} == first
    for text in ("1", "constant(1)", "follow(teu, 1)", "s_curve(2020, 0, 2030, 1)"):
        assert parse_path(text).first_year is None


def test_case_blanks_and_full_width_signs_make_no_difference() -> None:
    plain = parse_path("interpolate(2017, 0.1, 2030, 0.5)")
    assert parse_path(" Interpolate （2017，0.1， 2030 ,５０％） ") == plain
    assert plain == Path("interpolate", (2017.0, 0.1, 2030.0, 0.5))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "cell is empty"),
        ("fast", "neither a number nor an expression"),
        ("linear(2017, 0, 2030, 1)", "unknown expression 'linear'"),
        ("interpolate(2017, 0.1, 2030)", "not of the form interpolate"),
        ("interpolate(2030, 0.1, 2017, 0.5)", "do not rise"),
        ("interpolate(2017, 0.1, 2017, 0.5)", "do not rise"),
        ("interpolate(0.1, 2017, 0.5, 2030)", "0.1 is not a year"),
        ("interpolate(2017, a, 2030, 1)", "'a' is not a number"),
        ("interpolate()", "is not a number"),
        ("constant(1, 2)", "not of the form constant"),
        ("growth(2017, 0.2)", "not of the form growth"),
        ("growth(2017, 0.2, 0.03, 2010)", "do not rise"),
        ("growth(2017, 0.2, 3)", "rate of 3 a year"),
        ("s_curve(2020, 0, 2030, 1, 2040, 2)", "not of the form s_curve"),
        ("follow(population)", "not of the form follow"),
        ("follow(3, 0.5)", "not of the form follow"),
        ("follow(population, 1, 2, 3)", "not of the form follow"),
        ("constant(1e999)", "not a finite number"),
        ("__import__('os')", "unknown expression '__import__'"),
    ],
)
def test_text_that_is_no_path_is_told_so(text: str, told: str) -> None:
    with pytest.raises(PathError, match=told.replace("(", r"\(")):
        parse_path(text)


def test_an_unknown_driver_is_named_with_those_there_are() -> None:
    path, years = parse_path("follow(poeple, 1)"), np.array([2017])
    with pytest.raises(PathError, match=r"'poeple'; use one of population, teu"):
        path.values(years, {"teu": np.ones(1), "population": np.ones(1)})
    with pytest.raises(PathError, match="not above zero"):
        parse_path("follow(teu, 1)").values(years, {"teu": np.zeros(1)})


@calm
@given(text=st.text(max_size=40))
def test_any_text_is_a_path_or_a_path_error(text: str) -> None:
    try:
        found = parse_path(text)
    except PathError:
        return
    if found.driver is None:
        assert found.values(YEARS).shape == YEARS.shape
