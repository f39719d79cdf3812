"""Decomposition of CO2 changes: a case by hand, the limits at zero, and the laws of the method."""

from math import log

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layers.tables.balance import DECOMPOSITION
from spatial.balance.decomposition import EFFECTS, decompose, log_mean

Leaf = tuple[int, str, str, str, float, float]


def uses(rows: list[Leaf]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["year", "sector", "subsector", "carrier", "energy_mwh", "co2_t"])
    return frame.assign(scenario="bau", end_use="all", technology="all")


def does(rows: list[tuple[int, str, str, float, str]]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["year", "sector", "subsector", "activity", "unit"]).assign(scenario="bau")


def effects(end_uses: pd.DataFrame, activity: pd.DataFrame) -> dict[str, float]:
    table = DECOMPOSITION.check(decompose(end_uses, activity))
    return {str(name): float(value) for name, value in table.groupby("effect")["co2_t"].sum().items()}


def zeros(**given: float) -> dict[str, float]:
    return dict.fromkeys(EFFECTS, 0.0) | given


def test_two_branches_by_hand() -> None:
    # Two branches, one carrier of 1 t/MWh. Output 10 + 40 = 50 becomes 40 + 40 = 80.
    # Branch 1: energy 30 -> 80, share 0.2 -> 0.5, intensity 3.0 -> 2.0; branch 2: 20 -> 16, 0.8 -> 0.5, 0.5 -> 0.4.
    end_uses = uses(
        [
            (2020, "industry", "one", "coal", 30.0, 30.0),
            (2020, "industry", "two", "coal", 20.0, 20.0),
            (2021, "industry", "one", "coal", 80.0, 80.0),
            (2021, "industry", "two", "coal", 16.0, 16.0),
        ]
    )
    activity = does(
        [
            (2020, "industry", "one", 10.0, "t"),
            (2020, "industry", "two", 40.0, "t"),
            (2021, "industry", "one", 40.0, "t"),
            (2021, "industry", "two", 40.0, "t"),
        ]
    )
    one, two = 50.0 / log(8 / 3), 4.0 / log(20 / 16)  # logarithmic means: 50.9772 and 17.9257
    found = effects(end_uses, activity)
    assert found["activity"] == pytest.approx((one + two) * log(80 / 50))  # 32.3848
    assert found["structure"] == pytest.approx(one * log(0.5 / 0.2) + two * log(0.5 / 0.8))  # 38.2849
    assert found["intensity"] == pytest.approx(one * log(2.0 / 3.0) + two * log(0.4 / 0.5))  # -24.6697
    assert found["carrier_mix"] == pytest.approx(0.0, abs=1e-9)
    assert found["grid"] == pytest.approx(0.0, abs=1e-9)
    rounded = {name: round(found[name], 2) for name in ("activity", "structure", "intensity")}
    assert rounded == {"activity": 32.38, "structure": 38.28, "intensity": -24.67}
    assert sum(found.values()) == pytest.approx(46.0)


def test_carrier_mix_and_grid_by_hand() -> None:
    # Housing, 100 m2 throughout, 10 MWh -> 10 MWh: gas 6 -> 2 at 0.2 t/MWh, electricity 4 -> 8 at 0.6 -> 0.5 t/MWh.
    end_uses = uses(
        [
            (2020, "residential", "homes", "natural_gas", 6.0, 1.2),
            (2020, "residential", "homes", "electricity", 4.0, 2.4),
            (2021, "residential", "homes", "natural_gas", 2.0, 0.4),
            (2021, "residential", "homes", "electricity", 8.0, 4.0),
        ]
    )
    activity = does([(year, "residential", "homes", 100.0, "m2") for year in (2020, 2021)])
    gas, power = 0.8 / log(3.0), 1.6 / log(4.0 / 2.4)
    found = effects(end_uses, activity)
    assert found["activity"] == found["structure"] == 0.0
    assert found["intensity"] == pytest.approx(0.0, abs=1e-12)
    assert found["carrier_mix"] == pytest.approx(-gas * log(3.0) + power * log(2.0))
    assert found["grid"] == pytest.approx(power * log(0.5 / 0.6))
    assert sum(found.values()) == pytest.approx(4.4 - 3.6)


HOME = (2020, "residential", "homes", 100.0, "m2")


@pytest.mark.parametrize(
    ("before", "after", "activity", "cause"),
    [
        # The whole group appears, a branch beside others, energy, and CO2 of a carrier that was free of it.
        ((0.0, 0.0), (5.0, 1.0), (0.0, 0.0, 10.0, 0.0), "activity"),
        ((0.0, 0.0), (5.0, 1.0), (0.0, 9.0, 10.0, 9.0), "structure"),
        ((0.0, 0.0), (5.0, 1.0), (10.0, 9.0, 10.0, 9.0), "intensity"),
        ((5.0, 0.0), (5.0, 1.0), (10.0, 9.0, 10.0, 9.0), "grid"),
        # Energy of a branch whose activity is nothing in one year or both is its own driver.
        ((0.0, 0.0), (5.0, 1.0), (0.0, 9.0, 0.0, 9.0), "activity"),
        ((5.0, 1.0), (10.0, 2.0), (0.0, 9.0, 10.0, 9.0), "activity"),
        # A credit, and CO2 without energy, have no factors.
        ((0.0, 0.0), (-5.0, -1.0), (10.0, 9.0, 10.0, 9.0), "carrier_mix"),
        ((5.0, 1.0), (-5.0, -1.0), (10.0, 9.0, 10.0, 9.0), "carrier_mix"),
        ((0.0, 0.0), (0.0, 1.0), (10.0, 9.0, 10.0, 9.0), "carrier_mix"),
    ],
)
def test_what_comes_from_nothing_or_goes_to_it_is_put_down_to_one_cause(
    before: tuple[float, float], after: tuple[float, float], activity: tuple[float, ...], cause: str
) -> None:
    own0, other0, own1, other1 = activity
    for years in ((2020, 2021), (2021, 2020)):
        table = uses(
            [
                (years[0], "service", "hotel", "electricity", *before),
                (years[1], "service", "hotel", "electricity", *after),
            ]
        )
        levels = does(
            [
                (years[0], "service", "hotel", own0, "m2"),
                (years[1], "service", "hotel", own1, "m2"),
                (years[0], "service", "office", other0, "m2"),
                (years[1], "service", "office", other1, "m2"),
            ]
        )
        sign = 1.0 if years[1] > years[0] else -1.0
        assert effects(table, levels) == pytest.approx(zeros(**{cause: sign * (after[1] - before[1])}))


def test_a_carrier_that_appears_is_carrier_mix() -> None:
    end_uses = uses(
        [
            (2020, "residential", "homes", "solar_heat", 10.0, 0.0),
            (2021, "residential", "homes", "solar_heat", 4.0, 0.0),
            (2021, "residential", "homes", "natural_gas", 6.0, 1.2),
        ]
    )
    found = effects(end_uses, does([HOME, (2021, *HOME[1:])]))
    assert found == pytest.approx(zeros(carrier_mix=1.2))


def test_two_units_of_a_subsector_are_refused() -> None:
    with pytest.raises(ValueError, match="homes has two units"):
        decompose(uses([(2020, "a", "homes", "coal", 1.0, 1.0)]), does([HOME, (2021, *HOME[1:4], "ha")]))


amount = st.one_of(st.just(0.0), st.floats(1e-6, 1e6))
credit = st.one_of(amount, st.floats(-1e3, -1e-3))


@st.composite
def zones(draw: st.DrawFn) -> tuple[pd.DataFrame, pd.DataFrame]:
    years, sectors = (2020, 2021, 2023), ("port", "service")
    leaves: list[Leaf] = []
    levels = []
    for sector in sectors:
        for subsector, unit in (("a", "m2"), ("b", "m2"), ("c", "TEU")):
            for year in years:
                levels.append((year, sector, subsector, draw(amount), unit))
                leaves += [(year, sector, subsector, c, draw(credit), draw(credit)) for c in ("coal", "electricity")]
    return uses(leaves), does(levels)


@settings(deadline=None, max_examples=60)
@given(zones())
def test_effects_sum_to_the_change_and_turn_with_time(zone: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    end_uses, activity = zone
    table = decompose(end_uses, activity)
    level = end_uses.pivot_table("co2_t", "sector", "year", aggfunc="sum")
    change = level.diff(axis=1).iloc[:, 1:]
    size = end_uses["co2_t"].abs().sum()
    found = table.pivot_table("co2_t", "sector", "year", aggfunc="sum")
    np.testing.assert_allclose(found, change, rtol=1e-9, atol=1e-12 * size)

    first = end_uses["year"] < 2023
    forward = decompose(end_uses[first], activity[activity["year"] < 2023])
    turned = {2020: 2021, 2021: 2020}
    backward = decompose(
        end_uses[first].assign(year=end_uses["year"].map(turned)),
        activity[activity["year"] < 2023].assign(year=activity["year"].map(turned)),
    )
    np.testing.assert_allclose(forward["co2_t"], -backward["co2_t"], rtol=1e-9, atol=1e-12 * size)


@settings(deadline=None, max_examples=100)
@given(st.floats(1e-9, 1e9), st.floats(1e-9, 1e9))
def test_the_logarithmic_mean_lies_between_its_two_values(a: float, b: float) -> None:
    mean = float(log_mean(np.array([a]), np.array([b]))[0])
    assert min(a, b) * (1.0 - 1e-9) <= mean <= max(a, b) * (1.0 + 1e-9)
    assert mean == float(log_mean(np.array([b]), np.array([a]))[0])
    # It lies between the geometric and the arithmetic mean.
    assert np.sqrt(a) * np.sqrt(b) * (1.0 - 1e-9) <= mean <= (a + b) / 2.0 * (1.0 + 1e-9)
