"""The waterfall closes, by sector and by measure."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layers.tables.balance import SECTORS, WATERFALL
from spatial.balance.waterfall import waterfall

SCENARIOS = ["bau", "near_zero"]
NONE = pd.DataFrame({"measure": [], "order": [], "step_t": [], "zone_t": []})


def balance_of(levels: dict[tuple[str, int], dict[str, float]]) -> pd.DataFrame:
    rows = [(*when, "U1", sector, "coal", t) for when, level in levels.items() for sector, t in level.items()]
    return pd.DataFrame(rows, columns=["scenario", "year", "unit_id", "sector", "carrier", "co2_t"])


def measures(start: float, steps: list[float]) -> pd.DataFrame:
    table = pd.DataFrame({"measure": [f"m{i}" for i in range(len(steps))], "step_t": steps})
    return table.assign(order=range(1, len(steps) + 1), zone_t=start - table["step_t"].cumsum())


def zone(base: float, bau: float, near_zero: float) -> pd.DataFrame:
    return balance_of(
        {
            ("bau", 2017): {"port": base},
            ("near_zero", 2017): {"port": base},
            ("bau", 2030): {"port": bau},
            ("near_zero", 2030): {"port": near_zero},
            ("bau", 2060): {"port": 7.0},
        }
    )


def test_both_waterfalls_by_hand() -> None:
    taken = measures(150.0, [40.0, -5.0, 55.0])
    shuffled = taken.iloc[[2, 0, 1]].set_index("measure")
    table = WATERFALL.check(waterfall(zone(100.0, 150.0, 60.0), SCENARIOS, shuffled, 2030))
    sector = table[(table["by"] == "sector") & (table["co2_t"] != 0.0)]
    assert dict(zip(sector["step"], sector["co2_t"], strict=True)) == {
        "base_year": 100.0,
        "bau.port": 50.0,
        "bau": 150.0,
        "near_zero.port": -90.0,
        "near_zero": 60.0,
    }
    measure = table[table["by"] == "measure"]
    assert measure["step"].tolist() == ["bau", "m0", "m1", "m2", "near_zero"]
    assert measure["co2_t"].tolist() == [150.0, -40.0, 5.0, -55.0, 60.0]
    assert measure["order"].tolist() == [0, 1, 2, 3, 4]


def test_without_measures_there_are_sectors_only() -> None:
    table = waterfall(zone(100.0, 150.0, 60.0), SCENARIOS, NONE, 2030)
    assert set(table["by"]) == {"sector"}
    table = waterfall(zone(100.0, 150.0, 60.0), ["bau"], measures(150.0, [90.0]), 2030)
    assert set(table["by"]) == {"sector"}


def test_a_disagreement_with_the_account_is_a_fault() -> None:
    with pytest.raises(ArithmeticError, match="measures end at 70 t, the account of near_zero at 60 t"):
        waterfall(zone(100.0, 150.0, 60.0), SCENARIOS, measures(150.0, [80.0]), 2030)
    late = measures(160.0, [100.0])
    with pytest.raises(ArithmeticError, match="miss the way from bau to near_zero by 10 t"):
        waterfall(zone(100.0, 150.0, 60.0), SCENARIOS, late, 2030)


def test_what_rounding_leaves_is_shown_where_it_can_be_seen() -> None:
    table = waterfall(zone(100.0, 150.0, 60.0 + 3e-6), SCENARIOS, measures(150.0, [90.0]), 2030)
    assert table.set_index("step").loc["rest", "co2_t"] == pytest.approx(3e-6)
    table = waterfall(zone(100.0, 150.0, 60.0 + 3e-9), SCENARIOS, measures(150.0, [90.0]), 2030)
    assert "rest" not in set(table["step"])


tonnes = st.one_of(st.just(0.0), st.floats(-1e6, 1e6))
sectors = st.dictionaries(st.sampled_from(SECTORS), tonnes, min_size=1)


@settings(deadline=None, max_examples=60)
@given(sectors, sectors, st.lists(tonnes, min_size=1, max_size=6))
def test_steps_sum_to_the_change(base: dict[str, float], bau: dict[str, float], steps: list[float]) -> None:
    start = sum(bau.values())
    near_zero = {"port": start - sum(steps)}
    levels = {("bau", 2017): base, ("bau", 2030): bau, ("near_zero", 2017): base, ("near_zero", 2030): near_zero}
    # Far below the size of what cancels in the sums no two roads of adding agree.
    scale = max(map(abs, [*base.values(), *bau.values(), *steps, 1e-6]))
    if abs(near_zero["port"]) + abs(start) < 1e-3 * scale:
        return
    table = waterfall(balance_of(levels), SCENARIOS, measures(start, steps), 2030)
    for by, rows in table.groupby("by"):
        level = rows["step"].isin(["base_year", *SCENARIOS])
        changes = rows.loc[~level, "co2_t"].sum()
        assert rows["co2_t"].iloc[0] + changes == pytest.approx(rows["co2_t"].iloc[-1], rel=1e-9, abs=1e-9 * scale), by
