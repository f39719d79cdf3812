"""Embodied carbon of new buildings."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layers.archetypes import archetypes
from layers.constants import constants
from layers.tables.balance import EMBODIED
from spatial.balance.embodied import embodied, embodied_factors

SAVING = constants("spatial.balance", "embodied.csv").value("saving.low_carbon")


def stock_of(rows: list[tuple[str, str, int, float]]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["parcel_id", "archetype", "year_from", "floor_area_m2"])
    return frame.assign(unit_id="U1").set_index(frame["parcel_id"] + "|" + frame["archetype"])


def constant(share: float) -> pd.Series:
    return pd.Series(share, index=range(2017, 2031))


def test_every_archetype_has_a_factor() -> None:
    assert set(embodied_factors()) == set(archetypes())
    assert min(embodied_factors().values()) > 0.0


def test_a_mixed_parcel_by_hand() -> None:
    # 1,000 m2 of offices at 480 kg/m2 and 2,000 m2 of shops at 460: 480 t and 920 t.
    stock = stock_of(
        [
            ("P1", "office", 2025, 1000.0),
            ("P1", "retail", 2025, 2000.0),
            ("P2", "factory_light", 2017, 9000.0),  # stands in the base year
            ("P3", "res_highrise", 2035, 9000.0),  # after the target year
        ]
    )
    table = EMBODIED.check(embodied(stock, {"bau": constant(0.0), "near_zero": constant(0.4)}, 2017))
    assert table["scenario"].tolist() == ["bau", "near_zero"]
    assert (
        table[["year", "parcel_id", "unit_id", "floor_area_m2"]].to_numpy().tolist() == [[2025, "P1", "U1", 3000.0]] * 2
    )
    assert table["co2_t"].tolist() == pytest.approx([1400.0, 1400.0 * (1.0 - 0.4 * SAVING)])


def test_what_is_not_known_is_told() -> None:
    with pytest.raises(KeyError, match="no castle"):
        embodied(stock_of([("P1", "castle", 2025, 1.0)]), {"bau": constant(0.0)}, 2017)
    with pytest.raises(KeyError, match="bau has no value for 2025"):
        embodied(stock_of([("P1", "office", 2025, 1.0)]), {"bau": constant(0.0).drop(2025)}, 2017)


def test_a_zone_without_new_buildings_has_an_empty_table() -> None:
    table = embodied(stock_of([("P1", "office", 2017, 1.0)]), {"bau": constant(0.0)}, 2017)
    assert table.empty
    assert not EMBODIED.faults(table)


@settings(deadline=None, max_examples=40)
@given(
    st.lists(
        st.tuples(
            st.sampled_from("abc"), st.sampled_from(sorted(archetypes())), st.integers(2016, 2032), st.floats(0, 1e6)
        ),
        unique_by=lambda row: row[:2],
        min_size=1,
    ),
    st.floats(0.0, 1.0),
)
def test_area_is_kept_and_low_carbon_materials_save_their_share(
    rows: list[tuple[str, str, int, float]], share: float
) -> None:
    table = embodied(stock_of(rows), {"none": constant(0.0), "some": constant(share)}, 2017)
    sums = table.groupby("scenario")[["floor_area_m2", "co2_t"]].sum().reindex(["none", "some"], fill_value=0.0)
    built = sum(area for *_, year, area in rows if 2017 < year <= 2030)
    assert sums["floor_area_m2"].tolist() == pytest.approx([built, built])
    usual, saved = sums["co2_t"].to_numpy(dtype=float)
    assert saved == pytest.approx(usual * (1.0 - share * SAVING))
