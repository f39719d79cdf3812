import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layers.tables.scenario import CURVES
from spatial.scenario.extra import extra_cost

YEARS = np.arange(2017, 2041)


def measures(*rows: tuple[str, float, int, int, str]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["measure", "extra_cost_cny", "start_year", "end_year", "curve"])


def test_a_measure_costs_as_much_as_it_has_come() -> None:
    table = measures(("training", 1e6, 2020, 2030, "linear"), ("ban", 2e5, 2024, 2024, "step"))
    cost = pd.Series(extra_cost(table, ["ban", "training"], YEARS), index=YEARS)
    assert cost.loc[[2017, 2020, 2024, 2025, 2030, 2040]].to_list() == pytest.approx(
        [0.0, 0.0, 0.4e6, 0.5e6 + 2e5, 1e6 + 2e5, 1e6 + 2e5]
    )
    assert extra_cost(table.set_index("measure"), ["ban", "training"], YEARS) == pytest.approx(cost.to_numpy())


def test_what_began_before_the_first_year_is_not_done_in_it() -> None:
    cost = extra_cost(measures(("early", 130.0, 2000, 2030, "linear")), ["early"], YEARS)
    assert cost[0] == 0.0
    # thirteen years from the first to the last: ten a year
    assert np.diff(cost[:14]) == pytest.approx(10.0)


def test_an_unknown_measure_is_refused() -> None:
    with pytest.raises(KeyError, match="nothing"):
        extra_cost(measures(("a", 1.0, 2020, 2030, "linear")), ["nothing"], YEARS)


@given(
    rows=st.lists(
        st.tuples(st.floats(-1e9, 1e9), st.integers(2010, 2035), st.integers(0, 20), st.sampled_from(CURVES)),
        max_size=6,
    )
)
@settings(deadline=None, max_examples=60)
def test_costs_add_and_stay_between_nothing_and_the_whole(rows: list[tuple[float, int, int, str]]) -> None:
    table = measures(
        *((f"m{i}", cost, start, start + span, curve) for i, (cost, start, span, curve) in enumerate(rows))
    )
    names = table["measure"].to_list()
    each = [extra_cost(table, [name], YEARS) for name in names]
    whole = extra_cost(table, names, YEARS)
    np.testing.assert_allclose(whole, np.sum([np.zeros(len(YEARS)), *each], axis=0), atol=1e-3)
    np.testing.assert_array_equal(extra_cost(table, names[::-1], YEARS), whole)
    for cost, path in zip(table["extra_cost_cny"], each, strict=True):
        assert (np.abs(path) <= abs(cost) * (1.0 + 1e-12)).all()
        assert (np.diff(path) * np.sign(cost) >= -1e-9 * abs(cost)).all()
