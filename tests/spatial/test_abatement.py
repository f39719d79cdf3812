"""Marginal abatement: a case by hand with interaction, and laws that hold however measures interact."""

import itertools
import random
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layers.tables.balance import ABATEMENT, AMBITION
from spatial.balance.abatement import State, abatement

Evaluate = Callable[[frozenset[str]], State]


def additive(effects: dict[str, tuple[float, float]], co2_t: float = 1000.0, population: float = 100.0) -> Evaluate:
    """Return a zone in which each measure saves its tonnes at its cost whatever else is done."""

    def evaluate(taken: frozenset[str]) -> State:
        saved = sum(effects[name][0] for name in sorted(taken))
        cost = sum(effects[name][1] for name in sorted(taken))
        return State(co2_t - saved, cost, population)

    return evaluate


def cars_and_power(taken: frozenset[str]) -> State:
    """Ten million car kilometres, on gasoline (0.16 kg/km) or electricity (0.145 kWh/km), and 4 GWh of other use.

    The grid gives 0.5 t/MWh. Green power is free of CO2 and costs 10 CNY/MWh more. Battery cars cost 110,000 CNY a year
    more, their energy included.
    """
    km, other_mwh = 10.0e6, 4000.0
    battery, green = "ev" in taken, "green" in taken
    electricity_mwh = other_mwh + (km * 0.145 / 1000.0 if battery else 0.0)
    fuel_t = 0.0 if battery else km * 0.16 / 1000.0
    power_t = 0.0 if green else electricity_mwh * 0.5
    cost = (110_000.0 if battery else 0.0) + (electricity_mwh * 10.0 if green else 0.0)
    return State(fuel_t + power_t, cost, 1000.0)


def test_battery_cars_save_more_after_green_power() -> None:
    """Worked by hand.

    No measure: 1600 t of fuel + 4000 MWh x 0.5 = 3600 t.
    ev alone: 0 + 5450 x 0.5 = 2725 t, saves 875 t for 110,000 CNY: 125.71 CNY/t.
    green alone: 1600 t, saves 2000 t for 4000 x 10 = 40,000 CNY: 20 CNY/t. So green is taken first.
    ev on top: 0 t, saves 1600 t for 110,000 + 1450 x 10 = 124,500 CNY: 77.81 CNY/t.
    At 100 CNY/t both pay, though ev alone would not.
    """
    curve = abatement(["ev", "green"], cars_and_power, 100.0)
    assert curve.abatement["measure"].tolist() == ["green", "ev"]
    green, ev = (curve.abatement.set_index("measure").T[name].to_dict() for name in ("green", "ev"))
    assert (green["alone_t"], green["alone_cny"], green["alone_cny_t"]) == pytest.approx((2000.0, 40_000.0, 20.0))
    assert (green["step_t"], green["step_cny"], green["step_cny_t"]) == pytest.approx((2000.0, 40_000.0, 20.0))
    assert (ev["alone_t"], ev["alone_cny"], ev["alone_cny_t"]) == pytest.approx((875.0, 110_000.0, 110_000.0 / 875.0))
    assert (ev["step_t"], ev["step_cny"], ev["step_cny_t"]) == pytest.approx((1600.0, 124_500.0, 124_500.0 / 1600.0))
    assert (ev["zone_t"], ev["zone_cny"]) == pytest.approx((0.0, 164_500.0))
    assert curve.abatement["pays"].tolist() == [True, True]
    ambition = curve.ambition.set_index("carbon_price_cny_t")
    assert ambition["measures"].head(4).to_dict() == {0.0: 0, 50.0: 1, 100.0: 2, 200.0: 2}
    assert ambition["co2_t"].head(3).tolist() == pytest.approx([3600.0, 1600.0, 0.0])
    assert ambition["cost_cny"].head(3).tolist() == pytest.approx([0.0, 40_000.0, 164_500.0])
    assert ambition["co2_per_head_t"].head(3).tolist() == pytest.approx([3.6, 1.6, 0.0])
    assert ambition.index[ambition["chosen"]].tolist() == [100.0]


def test_measures_that_save_money_go_by_money_and_not_by_cost_per_tonne() -> None:
    """Taylor (2012): both save 900 CNY; by cost per tonne the one that saves less CO2 (-90 against -9) would lead."""
    effects = {"small": (10.0, -900.0), "large": (100.0, -901.0), "dear": (50.0, 1.0)}
    table = abatement(list(effects), additive(effects), 0.0).abatement
    assert table["measure"].tolist() == ["large", "small", "dear"]


def test_what_saves_no_co2_comes_last_without_a_cost_per_tonne_and_never_pays() -> None:
    effects = {"none": (0.0, -5000.0), "worse": (-20.0, -9000.0), "good": (10.0, 100.0), "dear": (10.0, 9000.0)}
    curve = abatement(list(effects), additive(effects), 5000.0)
    table = curve.abatement
    assert table["measure"].tolist() == ["good", "dear", "worse", "none"]
    assert table["step_cny_t"].isna().tolist() == [False, False, True, True]
    assert table["alone_cny_t"].isna().tolist() == [False, False, True, True]
    assert table["pays"].tolist() == [True, True, False, False]
    assert table["zone_t"].iloc[-1] == pytest.approx(1000.0)


def test_a_step_that_pays_only_behind_one_too_dear_is_not_taken() -> None:
    def evaluate(taken: frozenset[str]) -> State:
        saved = 10.0 * ("network" in taken) + 90.0 * ({"network", "pump"} <= taken)
        cost = 5000.0 * ("network" in taken) + 900.0 * ("pump" in taken)
        return State(100.0 - saved, cost, 1.0)

    table = abatement(["pump", "network"], evaluate, 100.0).abatement
    assert table["measure"].tolist() == ["network", "pump"]
    assert table["step_cny_t"].tolist() == pytest.approx([500.0, 10.0])
    assert table["pays"].tolist() == [False, False]


def test_equal_measures_are_taken_by_name() -> None:
    effects = {"b": (10.0, 50.0), "a": (10.0, 50.0), "c": (10.0, 50.0)}
    assert abatement(["c", "b", "a"], additive(effects), 0.0).abatement["measure"].tolist() == ["a", "b", "c"]


def test_the_second_of_two_measures_that_do_the_same_saves_nothing() -> None:
    table = abatement(
        ["x", "y"], lambda taken: State(5.0 if taken else 9.0, 8.0 if taken else 0.0, 1.0), 10.0
    ).abatement
    assert table["alone_t"].tolist() == [4.0, 4.0]
    assert table["step_t"].tolist() == [4.0, 0.0]
    assert table["pays"].tolist() == [True, False]


def test_a_saving_within_rounding_is_none() -> None:
    effects = {"noise": (1e-8, 1.0), "real": (1e-3, 1.0)}
    table = abatement(list(effects), additive(effects), 1e9).abatement
    assert table["measure"].tolist() == ["real", "noise"]
    assert np.isnan(table["step_cny_t"].iloc[1])


def test_no_measures_leave_the_zone_as_it_is() -> None:
    curve = abatement([], additive({}), 200.0)
    assert curve.abatement.empty
    assert curve.ambition["co2_t"].eq(1000.0).all()
    assert ABATEMENT.faults(curve.abatement) == []


def test_nobody_at_home_leaves_co2_per_head_empty() -> None:
    effects = {"a": (10.0, 50.0)}
    assert abatement(["a"], additive(effects, population=0.0), 200.0).ambition["co2_per_head_t"].isna().all()


def test_a_measure_that_stands_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="stand twice: a"):
        abatement(["a", "b", "a"], additive({"a": (1.0, 1.0), "b": (1.0, 1.0)}), 0.0)


def test_a_zone_without_a_number_is_refused() -> None:
    with pytest.raises(ValueError, match="with a has no finite"):
        abatement(["a"], lambda taken: State(1.0, np.nan if taken else 0.0, 1.0), 0.0)


def test_every_set_is_evaluated_once() -> None:
    seen: list[frozenset[str]] = []
    names = [f"m{number:02d}" for number in range(12)]
    inner = additive({name: (1.0 + number, 7.0 * number - 20.0) for number, name in enumerate(names)})

    def evaluate(taken: frozenset[str]) -> State:
        seen.append(taken)
        return inner(taken)

    abatement(names, evaluate, 200.0)
    assert len(seen) == len(set(seen)) == 1 + 12 * 13 // 2


def interacting(seed: int, count: int) -> tuple[list[str], Evaluate]:
    """Return measures with random effects, each pair and triple with an effect of its own besides."""
    draw = random.Random(seed)
    names = [f"m{number}" for number in range(count)]
    groups = [frozenset(group) for size in (1, 2, 3) for group in itertools.combinations(names, size)]
    effect = {group: (draw.choice([0.0, draw.uniform(-60, 100)]), draw.uniform(-1e4, 1e5)) for group in groups}

    def evaluate(taken: frozenset[str]) -> State:
        inside = [value for group, value in effect.items() if group <= taken]
        return State(1e4 - sum(saved for saved, _ in inside), sum(cost for _, cost in inside), 100.0 + len(taken))

    return names, evaluate


@settings(deadline=None, max_examples=60)
@given(seed=st.integers(0, 10**6), count=st.integers(0, 6), price=st.floats(0.0, 5000.0))
def test_steps_sum_to_the_change_from_none_to_all(seed: int, count: int, price: float) -> None:
    names, evaluate = interacting(seed, count)
    curve = abatement(names, evaluate, price)
    table, first, last = curve.abatement, evaluate(frozenset()), evaluate(frozenset(names))
    assert ABATEMENT.faults(table) == []
    assert AMBITION.faults(curve.ambition) == []
    assert sorted(table["measure"]) == names
    assert table["step_t"].sum() == pytest.approx(first.co2_t - last.co2_t, rel=1e-9, abs=1e-7)
    assert table["step_cny"].sum() == pytest.approx(last.cost_cny - first.cost_cny, rel=1e-9, abs=1e-5)
    running = first.co2_t - table["step_t"].cumsum()
    np.testing.assert_allclose(table["zone_t"], running, rtol=1e-9)
    np.testing.assert_allclose(table["zone_cny"], table["step_cny"].cumsum(), rtol=1e-9, atol=1e-5)


@settings(deadline=None, max_examples=60)
@given(seed=st.integers(0, 10**6), count=st.integers(1, 6), price=st.floats(0.0, 5000.0))
def test_each_step_is_the_best_of_those_left(seed: int, count: int, price: float) -> None:
    names, evaluate = interacting(seed, count)
    order = abatement(names, evaluate, price).abatement["measure"].tolist()
    for position in range(count):
        before = evaluate(frozenset(order[:position]))
        ranks = {}
        for name in order[position:]:
            after = evaluate(frozenset([*order[:position], name]))
            saved, cost = before.co2_t - after.co2_t, after.cost_cny - before.cost_cny
            if saved <= 1e-5:
                ranks[name] = (2, cost)
            else:
                ranks[name] = (0, cost) if cost <= 0 else (1, cost / saved)
        assert ranks[order[position]] == min(ranks.values())


@settings(deadline=None, max_examples=40)
@given(seed=st.integers(0, 10**6), count=st.integers(0, 6), price=st.floats(0.0, 5000.0))
def test_a_higher_price_never_leaves_more_co2(seed: int, count: int, price: float) -> None:
    names, evaluate = interacting(seed, count)
    curve = abatement(names, evaluate, price)
    assert curve.ambition["carbon_price_cny_t"].is_monotonic_increasing
    assert curve.ambition["measures"].is_monotonic_increasing
    assert (curve.ambition["co2_t"].diff().dropna() <= 0.0).all()
    chosen = curve.ambition[curve.ambition["chosen"]]
    assert len(chosen) == 1
    assert chosen["measures"].iloc[0] == curve.abatement["pays"].sum()


@settings(deadline=None, max_examples=30)
@given(seed=st.integers(0, 10**6), count=st.integers(2, 6))
def test_the_order_measures_are_given_in_does_not_matter(seed: int, count: int) -> None:
    names, evaluate = interacting(seed, count)
    straight, turned = abatement(names, evaluate, 200.0), abatement(names[::-1], evaluate, 200.0)
    assert straight.abatement.equals(turned.abatement)
    assert straight.ambition.equals(turned.ambition)
