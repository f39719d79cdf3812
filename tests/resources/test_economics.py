import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layers.constants import constants
from resources.economics import (
    annuity_factor,
    lcoe_cny_kwh,
    npv,
    present_value_factor,
    present_value_factor_array,
)

rates = st.floats(0.0, 0.25)
lives = st.integers(1, 60)


@pytest.mark.parametrize(
    ("rate", "years", "factor"),
    [
        # compound interest tables: capital recovery factors
        (0.05, 10, 0.12950),
        (0.06, 20, 0.08718),
        (0.08, 25, 0.09368),
        (0.10, 5, 0.26380),
    ],
)
def test_annuity_meets_the_compound_interest_tables(rate: float, years: float, factor: float) -> None:
    assert annuity_factor(rate, years) == pytest.approx(factor, abs=5e-6)


def test_annuity_without_interest_is_straight_line() -> None:
    assert annuity_factor(0.0, 8) == 1 / 8


@given(rates, lives)
@settings(max_examples=60, deadline=None)
def test_annuity_and_present_value_are_inverse(rate: float, years: int) -> None:
    assert annuity_factor(rate, years) * present_value_factor(rate, years) == pytest.approx(1.0)


@given(st.floats(1e-13, 1e-7), lives)
@settings(max_examples=40, deadline=None)
def test_tiny_rates_join_smoothly_with_zero(rate: float, years: int) -> None:
    assert annuity_factor(rate, years) == pytest.approx(1 / years, rel=1e-4)


@given(rates, lives)
@settings(max_examples=40, deadline=None)
def test_present_value_is_the_sum_of_discounted_payments(rate: float, years: int) -> None:
    one_by_one = sum((1 + rate) ** -k for k in range(1, years + 1))
    assert present_value_factor(rate, years) == pytest.approx(one_by_one)


@given(rates, st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=20))
@settings(max_examples=40, deadline=None)
def test_npv_is_additive(rate: float, flows: list[float]) -> None:
    later = [0.0, *flows]
    assert npv(rate, later) == pytest.approx(npv(rate, flows) / (1 + rate), abs=1e-3)


def test_an_annuity_repays_the_investment() -> None:
    payment = annuity_factor(0.06, 12)
    assert npv(0.06, [-1.0, *[payment] * 12]) == pytest.approx(0.0, abs=1e-12)


def test_lcoe_without_degradation_is_annuity_plus_running_cost() -> None:
    expected = (2700 * annuity_factor(0.06, 25) + 40) / 1000
    assert float(lcoe_cny_kwh(2700, 40, 1000, 0.06, 25)) == pytest.approx(expected)


@given(rates, lives, st.floats(0.0, 0.05))
@settings(max_examples=60, deadline=None)
def test_lcoe_with_degradation_is_cost_over_energy_year_by_year(rate: float, years: int, loss: float) -> None:
    k = np.arange(1, years + 1)
    cost = 5000 + np.sum(80 * (1 + rate) ** -k)
    energy = np.sum(1200 * (1 - loss) ** (k - 1) * (1 + rate) ** -k)
    assert float(lcoe_cny_kwh(5000, 80, 1200, rate, years, degradation=loss)) == pytest.approx(cost / energy)


def test_lcoe_broadcasts_and_is_infinite_without_energy() -> None:
    costs = lcoe_cny_kwh([1000.0, 2000.0], 0.0, [[1000.0], [0.0]], 0.0, 10)
    assert costs.shape == (2, 2)
    assert costs[0].tolist() == pytest.approx([0.1, 0.2])
    assert np.isinf(costs[1]).all()


def test_arrays_agree_with_single_values() -> None:
    factors = present_value_factor_array([0.0, 0.05], [10, 20])
    assert factors.tolist() == pytest.approx([present_value_factor(0.0, 10), present_value_factor(0.05, 20)])


@pytest.mark.parametrize(("rate", "years"), [(-1.0, 10), (0.05, 0), (0.05, -3)])
def test_impossible_terms_are_refused(rate: float, years: float) -> None:
    with pytest.raises(ValueError, match="must be above"):
        annuity_factor(rate, years)


def test_impossible_degradation_is_refused() -> None:
    with pytest.raises(ValueError, match="degradation"):
        lcoe_cny_kwh(1, 1, 1, 0.05, 10, degradation=1.0)


def test_finance_rows_lie_in_their_ranges() -> None:
    for row in constants("resources", "finance.csv").values():
        assert row.source
        assert row.unit
        if row.low is not None and row.high is not None:
            assert row.low <= row.value <= row.high, row.key
