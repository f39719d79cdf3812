"""The hourly system against a linear programme written by hand, against formulas, and against its own check."""

import logging
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog
from scipy.sparse import block_array, csr_array, eye_array

from spatial.hourly.case import Case, Converter, Flexible, Floats, Load, Operation, Source, Store
from spatial.hourly.check import BrokenError, balances, cost, emissions, verify, violations
from spatial.hourly.network import UnsolvedError, build, solve, write

INF = np.inf


def hours(count: int) -> pd.DatetimeIndex:
    return pd.date_range("2017-01-01", periods=count, freq="h")


def grid(count: int, price: Floats | float, sale: float = 100.0, limit: float = INF) -> tuple[Source, Source]:
    ones = np.ones(count)
    return (
        Source("z|import", "z", limit, ones, ones * price, co2=0.5),
        Source("z|export", "z", INF, ones, ones * -sale, sign=-1),
    )


def simple(count: int, load: Floats | float, price: Floats | float, *more: Store | Flexible, **options: Any) -> Case:
    ones = np.ones(count)
    return Case(
        hours(count),
        ones,
        loads=(Load("z|use", "z", ones * load),),
        flexibles=tuple(part for part in more if isinstance(part, Flexible)),
        stores=tuple(part for part in more if isinstance(part, Store)),
        sources=grid(count, price, options.pop("sale", 100.0), options.pop("limit", INF)),
        **options,
    )


def week() -> Case:
    """PV and a battery that may grow, wind, a heat pump, a heat store, a gas boiler and the grid over 168 hours."""
    count = 168
    hour, chance = np.arange(count) % 24, np.random.default_rng(7)
    ones = np.ones(count)
    sun = np.maximum(np.sin((hour - 6.0) / 12.0 * np.pi), 0.0) * np.repeat(chance.uniform(0.2, 0.9, 7), 24)
    wind = np.clip(chance.normal(0.35, 0.2, count), 0.0, 1.0)
    price = np.where(
        (hour >= 16) & (hour < 23), 1126.7, np.where((hour < 7) | ((hour >= 11) & (hour < 14)), 365.3, 680.3)
    )
    return Case(
        hours(count),
        ones,
        loads=(
            Load(
                "z|use", "z", 40.0 + 15.0 * np.sin((hour - 9.0) / 24.0 * 2.0 * np.pi) + chance.uniform(0.0, 5.0, count)
            ),
            Load("z|heat", "z heat", 20.0 + 10.0 * np.cos(hour / 24.0 * 2.0 * np.pi)),
        ),
        sources=(
            Source("z|pv_roof", "z", 20.0, sun, 0.0 * ones, most_mw=150.0, capital=16000.0),
            Source("z|wind_land", "z", 30.0, wind, 0.0 * ones),
            Source("z|boiler", "z heat", 25.0, ones, 420.0 * ones, co2=0.25),
            *grid(count, price, 300.0, 60.0),
        ),
        converters=(Converter("z|heat_plant", "z", "z heat", 2.5 + 0.5 * sun, 9.0),),
        stores=(
            Store("z|battery", "z", 2.0, 2.0, 0.93, 0.94, 0.001, most_mw=80.0, capital=10000.0),
            Store("z|heat_store", "z heat", 10.0, 5.0, 0.98, 0.97, 0.01),
        ),
        co2_cap_t=2150.0,
    )


@pytest.fixture(scope="module")
def solved_week() -> tuple[Any, Operation]:
    return solve(week())


@pytest.fixture(scope="module")
def of_the_week(solved_week: tuple[Any, Operation]) -> Operation:
    return solved_week[1]


def by_hand(case: Case) -> float:
    """Return the least cost of `week`, its matrices written out here.

    Columns, each of 168 hours: PV, wind, boiler, import, export, heat pump, battery in, out, level, heat store in, out,
    level; then the size of the PV and of the battery.
    """
    n = len(case.times)
    one, none = eye_array(n, format="csr"), csr_array((n, n))
    before = csr_array((np.ones(n), (np.arange(n), (np.arange(n) - 1) % n)), shape=(n, n))
    pv, wind, boiler, bought, _ = case.sources
    pump = case.converters[0]
    column = np.ones((n, 1))
    zero = csr_array((n, 1))

    def diagonal(values: Floats) -> csr_array:
        return csr_array((values, (np.arange(n), np.arange(n))), shape=(n, n))

    rows: Any = [
        [one, one, none, one, -one, -one, -one, one, none, none, none, none, zero, zero],
        [none, none, one, none, none, diagonal(pump.efficiency), none, none, none, -one, one, none, zero, zero],
        [none] * 6 + [-0.93 * one, one / 0.94, one - 0.999 * before] + [none] * 3 + [zero, zero],
        [none] * 9 + [-0.98 * one, one / 0.97, one - 0.99 * before] + [zero, zero],
    ]
    equal: Any = block_array(rows)
    right = np.concatenate([case.loads[0].mw, case.loads[1].mw, np.zeros(2 * n)])

    def row(position: int, part: Any, size: list[Any]) -> list[Any]:
        return [none] * position + [part] + [none] * (11 - position) + size

    below = block_array(
        [
            row(0, one, [csr_array(-pv.available[:, None]), zero]),
            row(6, one, [zero, csr_array(-column)]),
            row(7, one, [zero, csr_array(-column)]),
            row(8, one, [zero, csr_array(-2.0 * column)]),
        ]
    )
    carbon = np.concatenate([np.zeros(2 * n), np.full(n, 0.25), np.full(n, 0.5), np.zeros(8 * n + 2)])
    ceiling = np.concatenate(
        [np.full(n, INF), 30.0 * wind.available, np.full(n, 25.0), np.full(n, 60.0), np.full(n, INF), np.full(n, 9.0)]
        + [np.full(n, INF)] * 3
        + [np.full(n, 10.0), np.full(n, 10.0), np.full(n, 50.0), [150.0, 80.0]]
    )
    floor = np.concatenate([np.zeros(12 * n), [20.0, 2.0]])
    price = np.concatenate(
        [np.zeros(2 * n), boiler.price, bought.price, np.full(n, -300.0), np.zeros(7 * n), [16000.0, 10000.0]]
    )
    limits: Any = block_array([[below], [csr_array(carbon[None, :])]])
    programme: Any = linprog  # its stub knows no sparse matrices
    found = programme(
        price,
        A_ub=limits,
        b_ub=np.concatenate([np.zeros(4 * n), [2150.0]]),
        A_eq=equal,
        b_eq=right,
        bounds=np.column_stack([floor, ceiling]),
        method="highs",
    )
    assert found.status == 0
    return float(found.fun)


def test_a_week_costs_what_a_programme_written_by_hand_finds(of_the_week: Operation) -> None:
    case, operation = week(), of_the_week
    assert verify(case, operation) < 1e-6
    assert operation.objective == pytest.approx(by_hand(case), rel=1e-6)
    # the case would prove nothing if its parts stood idle
    assert 21.0 < operation.built_mw["z|pv_roof"] < 149.0
    assert 3.0 < operation.built_mw["z|battery"] < 79.0
    assert emissions(case, operation) == pytest.approx(2150.0)
    for name in ("z|boiler", "z|export", "z|heat_plant", "z|battery_in", "z|heat_store_out"):
        assert operation.power[name].sum() > 0.0


@pytest.mark.parametrize(("low", "high", "earns"), [(200.0, 1000.0, True), (800.0, 1000.0, False)])
def test_a_battery_earns_what_the_formula_says(low: float, high: float, *, earns: bool) -> None:
    # two prices of twelve hours: each day E = 4 h x 3 MW is bought at low / charge and saves high x discharge
    days, charge, discharge = 3, 0.9, 0.85
    price = np.where(np.arange(24 * days) % 24 < 12, low, high)
    case = simple(24 * days, 50.0, price, Store("z|battery", "z", 3.0, 4.0, charge, discharge))
    _, operation = solve(case)
    verify(case, operation)
    without = 50.0 * price.sum()
    gain = days * 12.0 * max(high * discharge - low / charge, 0.0)
    assert (gain > 0.0) == earns
    assert operation.objective == pytest.approx(without - gain, rel=1e-9)


def test_charging_moves_to_the_cheapest_hours_of_its_day() -> None:
    chance = np.random.default_rng(2)
    price, natural = chance.uniform(200.0, 1200.0, 72), np.zeros(72)
    natural[19::24], natural[20::24] = 6.0, 3.5
    case = simple(72, 1.0, price, Flexible("z|ev", "z", natural, 4.0))
    _, operation = solve(case)
    verify(case, operation)
    cheapest = np.sort(price.reshape(3, 24), axis=1)[:, :3]
    expected = price.sum() + float((cheapest @ np.array([4.0, 4.0, 1.5])).sum())
    assert operation.objective == pytest.approx(expected, rel=1e-9)


def test_vehicles_leave_full() -> None:
    price = np.where(np.arange(48) % 24 < 12, 900.0, 300.0)
    case = simple(48, 5.0, price, Store("z|v2g", "z", 2.0, 4.0, 0.9, 0.9, most_mw=5.0, capital=1.0, full_after=6))
    _, operation = solve(case)
    verify(case, operation)
    assert operation.level["z|v2g"][[6, 30]] == pytest.approx(4.0 * operation.built_mw["z|v2g"])


def test_without_storage_the_grid_takes_what_is_left() -> None:
    chance = np.random.default_rng(5)
    use, sun = chance.uniform(5.0, 30.0, 48), chance.uniform(0.0, 1.0, 48)
    case = simple(48, use, 500.0)
    case = replace(case, sources=(*case.sources, Source("z|pv_roof", "z", 40.0, sun, np.zeros(48))))
    _, operation = solve(case)
    verify(case, operation)
    assert operation.power["z|import"] == pytest.approx(np.maximum(use - 40.0 * sun, 0.0), abs=1e-9)
    assert operation.power["z|export"] == pytest.approx(np.maximum(40.0 * sun - use, 0.0), abs=1e-9)


def test_days_that_stand_apart_keep_their_energy() -> None:
    # the first day is cheap: days that follow each other carry energy over, days that stand apart cannot
    price = np.repeat([200.0, 900.0], 24)
    together = simple(48, 10.0, price, Store("z|battery", "z", 5.0, 2.0, 1.0, 1.0))
    apart = replace(together, apart=True)
    carried, kept = solve(together)[1], solve(apart)[1]
    verify(together, carried)
    verify(apart, kept)
    assert carried.objective == pytest.approx(10.0 * price.sum() - 10.0 * 700.0)
    assert kept.objective == pytest.approx(10.0 * price.sum())


def test_what_must_run_is_taken_whole() -> None:
    case = simple(24, 1.0, 500.0, sale=-50.0)
    free = Source("z|pv_roof", "z", 3.0, np.ones(24), np.zeros(24))
    for turns_down, sold in ((True, 0.0), (False, 48.0)):
        one = replace(case, sources=(*case.sources, replace(free, turns_down=turns_down)))
        _, operation = solve(one)
        verify(one, operation)
        assert operation.power["z|export"].sum() == pytest.approx(sold)


@st.composite
def small(draw: st.DrawFn) -> Case:
    count = 24
    chance = np.random.default_rng(draw(st.integers(0, 1000)))
    price = chance.uniform(200.0, 1200.0, count)
    case = simple(
        count,
        chance.uniform(5.0, 30.0, count),
        price,
        Store("z|battery", "z", 1.0, 2.0, 0.93, 0.93, most_mw=draw(st.floats(1.0, 10.0)), capital=10.0),
        Flexible("z|ev", "z", chance.uniform(0.0, 2.0, count), 4.0),
        limit=60.0,
    )
    sun = Source("z|pv_roof", "z", draw(st.floats(1.0, 60.0)), chance.uniform(0.0, 1.0, count), np.zeros(count))
    return replace(case, sources=(*case.sources, sun))


several = st.lists(small(), min_size=3, max_size=3)
"""Zones that are solved at once, side by side, which takes hardly longer than one of them."""


def moved(case: Case, place: str) -> Case:
    """Return a zone at another place."""

    def one(part: Any) -> Any:
        return replace(part, name=part.name.replace("z|", f"{place}|"), bus=place)

    return replace(
        case,
        loads=tuple(map(one, case.loads)),
        flexibles=tuple(map(one, case.flexibles)),
        sources=tuple(map(one, case.sources)),
        stores=tuple(map(one, case.stores)),
    )


def side_by_side(cases: list[Case], **options: Any) -> tuple[list[Case], Operation]:
    """Return zones at places of their own, and how all of them run at least cost."""
    apart = [moved(case, f"z{number}") for number, case in enumerate(cases)]
    together: dict[str, Any] = {
        kind: tuple(part for case in apart for part in getattr(case, kind))
        for kind in ("loads", "flexibles", "sources", "stores")
    }
    case = replace(cases[0], **together, **options)
    _, operation = solve(case)
    verify(case, operation)
    return apart, operation


def changed(case: Case, name: str, **values: float) -> Case:
    def one(part: Any) -> Any:
        return replace(part, **values) if part.name == name else part

    return replace(case, sources=tuple(map(one, case.sources)), stores=tuple(map(one, case.stores)))


@settings(deadline=None, max_examples=2)
@given(several, st.floats(0.95, 0.999))
def test_tighter_limits_never_cost_less(cases: list[Case], share: float) -> None:
    apart, free = side_by_side(cases)
    least = [cost(case, free) for case in apart]
    peak = [float(free.power[f"z{number}|import"].max()) * share for number in range(len(cases))]
    # as much as the zone takes when nothing moves can always be bought
    need = [float((case.loads[0].mw + case.flexibles[0].mw).max()) for case in cases]
    tighter = [changed(case, "z|import", mw=max(p, n)) for case, p, n in zip(cases, peak, need, strict=True)]
    tighter += [changed(case, "z|battery", most_mw=1.0) for case in cases]
    cap = share * 3.0 * sum(emissions(case, free) for case in apart)
    try:
        apart, bound = side_by_side([*tighter, *cases], co2_cap_t=cap)
    except UnsolvedError:  # they cannot do with so little
        apart, bound = side_by_side(tighter)
    else:
        assert bound.objective >= 3.0 * free.objective - 1e-7 * abs(free.objective)
    for case, before in zip(apart, least * 3, strict=False):
        assert cost(case, bound) >= before - 1e-7 * abs(before)


def enlarged(case: Case, times: float) -> Case:
    return replace(
        case,
        loads=tuple(replace(load, mw=load.mw * times) for load in case.loads),
        flexibles=tuple(replace(load, mw=load.mw * times, limit_mw=load.limit_mw * times) for load in case.flexibles),
        sources=tuple(replace(source, mw=source.mw * times) for source in case.sources),
        stores=tuple(replace(store, mw=store.mw * times, most_mw=store.most_mw * times) for store in case.stores),
    )


@settings(deadline=None, max_examples=2)
@given(several, st.floats(0.5, 20.0))
def test_twice_the_zone_costs_twice_as_much(cases: list[Case], times: float) -> None:
    apart, operation = side_by_side([*cases, *(enlarged(case, times) for case in cases)])
    costs = [cost(case, operation) for case in apart]
    for one, many in zip(costs[: len(cases)], costs[len(cases) :], strict=True):
        assert many == pytest.approx(times * one, rel=1e-7, abs=1e-3)


@settings(deadline=None, max_examples=2)
@given(several)
def test_weights_count_like_repeated_days(cases: list[Case]) -> None:
    def twice(values: Floats) -> Floats:
        return np.tile(values, 2)

    double = [
        replace(
            case,
            times=hours(48),
            weights=np.ones(48),
            apart=True,
            loads=tuple(replace(load, mw=twice(load.mw)) for load in case.loads),
            flexibles=tuple(replace(load, mw=twice(load.mw)) for load in case.flexibles),
            sources=tuple(
                replace(source, available=twice(source.available), price=twice(source.price)) for source in case.sources
            ),
        )
        for case in cases
    ]
    weighted = [replace(case, weights=np.full(24, 2.0), apart=True) for case in cases]
    (first, one), (second, two) = side_by_side(weighted), side_by_side(double)
    for a, b in zip(first, second, strict=True):
        assert cost(a, one) == pytest.approx(cost(b, two), rel=1e-7, abs=1e-3)


TAMPERED = {
    "balance": ("power", "z|import", 1.0),
    "available": ("power", "z|pv_roof", 500.0),
    "power": ("power", "z|battery_in", 99.0),
    "level": ("level", "z|battery", 999.0),
    "energy": ("level", "z|battery", 0.5),
    "cost": ("power", "z|boiler", 5.0),
}


@pytest.mark.parametrize("law", sorted(TAMPERED))
def test_the_check_sees_what_is_tampered_with(law: str, of_the_week: Operation) -> None:
    case, operation = week(), of_the_week
    assert max(violations(case, operation).values()) < 1e-5 * operation.objective
    kind, name, more = TAMPERED[law]
    series = dict(getattr(operation, kind))
    series[name] = series[name] + more * (np.arange(len(case.times)) == 30)
    tampered: dict[str, Any] = {kind: series}
    with pytest.raises(BrokenError, match=law):
        verify(case, replace(operation, **tampered))


def test_the_check_sees_a_broken_cap_a_size_and_a_day(of_the_week: Operation) -> None:
    case, operation = week(), of_the_week
    with pytest.raises(BrokenError, match="co2"):
        verify(replace(case, co2_cap_t=100.0), operation)
    with pytest.raises(BrokenError, match="capacity"):
        verify(case, replace(operation, built_mw={**operation.built_mw, "z|battery": 81.0}))
    flexible = Flexible("z|ev", "z", np.ones(168), 2.0)
    late = replace(operation, power={**operation.power, "z|ev": np.ones(168) * 1.1})
    assert violations(replace(case, flexibles=(flexible,)), late)["daily"] == pytest.approx(2.4)
    nothing = replace(operation, power={**operation.power, "z|import": np.full(168, np.nan)})
    with pytest.raises(BrokenError, match="balance"):
        verify(case, nothing)


def test_a_case_without_operation_says_so() -> None:
    with pytest.raises(UnsolvedError):
        solve(simple(24, 10.0, 500.0, limit=5.0))


def test_nothing_is_printed(capfd: pytest.CaptureFixture[str]) -> None:
    solve(simple(24, 10.0, 500.0))
    shown = capfd.readouterr()
    assert shown.out == ""
    assert shown.err == ""


def test_other_libraries_stay_silent() -> None:
    # PyPSA sets up the root logger at INFO when it finds none, and then every library speaks on standard error
    root = logging.getLogger()
    kept, level = list(root.handlers), root.level
    for handler in kept:
        root.removeHandler(handler)
    try:
        root.setLevel(logging.WARNING)
        build(simple(24, 10.0, 500.0))
        assert root.handlers == []
        assert root.level == logging.WARNING
    finally:
        for handler in [*root.handlers, *kept]:
            root.removeHandler(handler)
        for handler in kept:
            root.addHandler(handler)
        root.setLevel(level)


def test_two_runs_write_the_same_files_and_pypsa_solves_them_again(
    tmp_path: Path, solved_week: tuple[Any, Operation]
) -> None:
    import pypsa

    operation = solved_week[1]
    for name, (network, _) in (("one", solved_week), ("two", solve(week()))):
        write(network, tmp_path / name)
    files = sorted(path.name for path in (tmp_path / "one").iterdir())
    assert files == sorted(path.name for path in (tmp_path / "two").iterdir())
    for name in files:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes(), name
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        opened = pypsa.Network(str(tmp_path / "one"))
        opened.optimize(solver_name="highs", include_objective_constant=False)
    assert float(opened.objective or 0.0) == pytest.approx(operation.objective, rel=1e-6)


def test_lines_carry_both_ways() -> None:
    ones = np.ones(24)
    sun = np.where(np.arange(24) < 12, 1.0, 0.0)
    case = Case(
        hours(24),
        ones,
        loads=(Load("a|use", "a", 4.0 * ones), Load("b|use", "b", 6.0 * ones)),
        sources=(
            Source("a|pv_roof", "a", 20.0, sun, 0.0 * ones),
            *(replace(source, bus="zone") for source in grid(24, 500.0)),
        ),
        converters=tuple(Converter(f"{node}|line", "zone", node, ones, 9.0, both_ways=True) for node in "ab"),
    )
    _, operation = solve(case)
    verify(case, operation)
    assert operation.power["a|line"] == pytest.approx(np.where(sun > 0.0, -9.0, 4.0))
    assert operation.objective == pytest.approx(12 * 10 * 500.0 - 12 * 3 * 100.0)
    assert max(np.abs(net).max() for net in balances(case, operation).values()) < 1e-9
