"""Turnover of stock: against closed forms of survival, and the laws that any stock keeps."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from spatial.scenario.turnover import OLDEST_A, Fleet, survival, turn_over, vintages

Floats = NDArray[np.float64]
COUNT = 44
calm = settings(deadline=None, max_examples=50)
MEDIANS, SHAPES = st.floats(2.0, 25.0), st.floats(0.8, 8.0)
LEVELS = st.lists(st.floats(0.0, 1e6), min_size=2, max_size=COUNT).map(np.array)


def sold(old: Floats) -> Floats:
    """Return sales of two technologies, shape (years, 2)."""
    return np.stack([old, 1.0 - old], axis=1)


def run(level: Floats, sales: Floats, use: Floats | None = None, median: float = 12.0, shape: float = 4.0) -> Fleet:
    plain = np.ones((*sales.shape, 1)) if use is None else use
    return turn_over(level, sales, plain, median, shape)


@calm
@given(median=MEDIANS, shape=SHAPES)
def test_half_survive_the_median_life_whatever_the_shape(median: float, shape: float) -> None:
    assert survival(np.array([median]), median, shape)[0] == pytest.approx(0.5)
    curve = survival(np.arange(100.0), median, shape)
    assert curve[0] == 1.0
    assert (np.diff(curve) <= 0.0).all()


def test_survival_is_weibulls_curve() -> None:
    # Weibull 1951: S = exp(-(t/scale)^k); with k = 2 and median 10 the scale is 10/sqrt(ln 2) = 12.0112.
    scale = 10.0 / math.sqrt(math.log(2.0))
    ages = np.array([0.0, 3.0, 10.0, 20.0])
    np.testing.assert_allclose(survival(ages, 10.0, 2.0), np.exp(-((ages / scale) ** 2)), rtol=1e-12)
    np.testing.assert_allclose(survival(ages[[0, 2, 3]], 10.0, 2.0), [1.0, 0.5, 0.0625])


@calm
@given(median=MEDIANS, shape=SHAPES, turn=st.integers(1, 10))
def test_old_technology_dies_out_as_the_survival_of_a_stationary_stock_says(
    median: float, shape: float, turn: int
) -> None:
    """From year `turn` on nothing old is bought: after n years old are all that are n years or older."""
    old = np.where(np.arange(COUNT) < turn, 1.0, 0.0)
    found = run(np.full(COUNT, 7.0), sold(old), median=median, shape=shape).share[:, 0]
    standing = survival(np.arange(OLDEST_A + 1.0), median, shape)
    for year in range(COUNT):
        years_since = max(year - turn + 1, 0)
        assert found[year] == pytest.approx(standing[years_since:].sum() / standing.sum(), abs=1e-12)


def test_a_stock_worked_by_hand() -> None:
    """Shape 1, median 1: half dies each year. Of 8 in year 0, 4 stay; level 10 needs 6 new; then 5 stay, 5 new."""
    stock = vintages(np.array([8.0, 10.0, 10.0, 2.0]), 1.0, 1.0)
    expected = [[8.0, 0, 0, 0], [4.0, 6.0, 0, 0], [2.0, 3.0, 5.0, 0], [0.4, 0.6, 1.0, 0.0]]
    np.testing.assert_allclose(stock, expected, rtol=1e-12)
    # In the last year 5 would survive where 2 are needed: every vintage gives up three fifths, nothing is bought.
    sales = sold(np.array([1.0, 0.5, 0.0, 0.0]))
    use = np.array([[[1.0], [0.5]], [[0.9], [0.4]], [[0.8], [0.3]], [[0.7], [0.2]]])
    fleet = run(np.array([8.0, 10.0, 10.0, 2.0]), sales, use, 1.0, 1.0)
    np.testing.assert_allclose(fleet.share[:, 0], [1.0, 0.7, 0.35, 0.35], rtol=1e-12)
    # Year 1: old 4 at 1.0 and 3 at 0.9; year 2: old 2 at 1.0 and 1.5 at 0.9, new 1.5 at 0.4 and 5 at 0.3.
    np.testing.assert_allclose(fleet.use[1, :, 0], [(4 + 3 * 0.9) / 7, 0.4], rtol=1e-12)
    np.testing.assert_allclose(fleet.use[2, :, 0], [(2 + 1.5 * 0.9) / 3.5, (1.5 * 0.4 + 5 * 0.3) / 6.5], rtol=1e-12)


@calm
@given(level=LEVELS, median=MEDIANS, shape=SHAPES)
def test_vintages_sum_to_the_level_and_only_lose(level: Floats, median: float, shape: float) -> None:
    stock = vintages(level, median, shape)
    np.testing.assert_allclose(stock.sum(axis=1), level, rtol=1e-9, atol=1e-9)
    assert (stock >= 0.0).all()
    assert (np.triu(stock, 1) == 0.0).all()
    later = np.tril(stock[1:], 0)
    assert (later <= np.tril(stock[:-1]) + 1e-9).all()


@calm
@given(level=LEVELS, median=MEDIANS, shape=SHAPES, seed=st.integers(0, 1000))
def test_shares_of_stock_are_shares(level: Floats, median: float, shape: float, seed: int) -> None:
    random = np.random.default_rng(seed)
    sales = random.dirichlet(np.full(4, 0.5), len(level))
    use = random.uniform(-1.0, 3.0, (len(level), 4, 2))
    fleet = turn_over(level, sales, use, median, shape)
    np.testing.assert_allclose(fleet.share.sum(axis=1), 1.0, rtol=1e-9)
    assert (fleet.share >= 0.0).all()
    assert np.isfinite(fleet.use).all()
    # What stands takes neither more than the worst nor less than the best that was ever bought.
    assert (fleet.use <= np.maximum.accumulate(use) + 1e-9).all()
    assert (fleet.use >= np.minimum.accumulate(use) - 1e-9).all()


@calm
@given(share=st.floats(0.0, 1.0), level=LEVELS, median=MEDIANS, shape=SHAPES)
def test_constant_sales_keep_the_stock_as_it_is(share: float, level: Floats, median: float, shape: float) -> None:
    fleet = run(level, sold(np.full(len(level), share)), median=median, shape=shape)
    np.testing.assert_allclose(fleet.share[:, 0], share, atol=1e-9)


@calm
@given(slow=st.floats(0.0, 0.1), more=st.floats(0.01, 0.2), median=MEDIANS, shape=SHAPES)
def test_growth_speeds_turnover(slow: float, more: float, median: float, shape: float) -> None:
    years, old = np.arange(COUNT), np.where(np.arange(COUNT) < 1, 1.0, 0.0)
    kept = [
        run(np.power(1.0 + rate, years, dtype=np.float64), sold(old), None, median, shape).share[:, 0]
        for rate in (slow, slow + more)
    ]
    assert (kept[1] <= kept[0] + 1e-12).all()
    assert kept[1][1] < kept[0][1]


@calm
@given(level=st.floats(1.0, 1e6), scale=st.floats(0.01, 100.0), seed=st.integers(0, 1000))
def test_the_unit_of_the_level_makes_no_difference(level: float, scale: float, seed: int) -> None:
    random = np.random.default_rng(seed)
    growth, sales = level * random.uniform(0.5, 2.0, COUNT), sold(random.uniform(0.0, 1.0, COUNT))
    np.testing.assert_allclose(run(scale * growth, sales).share, run(growth, sales).share, rtol=1e-9, atol=1e-12)


def test_efficiency_of_the_stock_lags_that_of_what_is_sold() -> None:
    better = np.interp(np.arange(COUNT), [0, 13], [1.0, 0.6])
    fleet = run(np.full(COUNT, 5.0), np.ones((COUNT, 1)), better[:, None, None])
    assert (fleet.use[1:14, 0, 0] > better[1:14]).all()
    assert (np.diff(fleet.use[:, 0, 0]) <= 1e-12).all()
    assert fleet.use[0, 0, 0] == 1.0
    assert fleet.use[-1, 0, 0] == pytest.approx(0.6, abs=1e-9)


def test_without_any_stock_new_equipment_stands_for_it() -> None:
    sales, use = sold(np.array([1.0, 0.25, 0.5])), np.arange(6.0).reshape(3, 2, 1)
    fleet = run(np.zeros(3), sales, use)
    np.testing.assert_allclose(fleet.share, sales)
    np.testing.assert_allclose(fleet.use, use)


def test_a_technology_that_is_gone_takes_what_new_ones_take() -> None:
    sales, use = sold(np.array([1.0, 1.0])), np.array([[[2.0], [1.0]], [[1.8], [0.9]]])
    fleet = run(np.ones(2), sales, use)
    assert fleet.use[1, 1, 0] == 0.9


def test_the_very_old_do_not_break_the_curve() -> None:
    """Of equipment of six years and a steep curve nothing is left at sixty, not even a number that divides."""
    fleet = run(np.ones(COUNT), sold(np.linspace(1.0, 0.0, COUNT)), None, 2.0, 8.0)
    assert np.isfinite(fleet.share).all()
    assert np.isfinite(vintages(np.ones(200), 6.0, 4.0)).all()
