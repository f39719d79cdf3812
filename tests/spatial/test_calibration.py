"""Calibration: metered totals are met, the rest is left alone, and a total that cannot be met is named."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from layers.errors import InputError
from layers.tables.balance import CALIBRATION
from spatial.balance.calibration import Calibration, factors

SECTORS = ("industry", "port", "residential", "service")
CARRIERS = ("diesel", "electricity", "natural_gas")


def modelled(**energy: float) -> pd.DataFrame:
    """Return modelled energy by ``sector__carrier``."""
    keys = [name.split("__") for name in energy]
    columns = {"sector": [key[0] for key in keys], "carrier": [key[1] for key in keys]}
    return pd.DataFrame({**columns, "energy_mwh": list(energy.values())})


def test_without_totals_every_factor_is_one() -> None:
    table = factors(modelled(port__diesel=30.0, service__electricity=0.0), Calibration().totals)
    assert CALIBRATION.faults(table) == []
    assert table["factor"].tolist() == [1.0, 1.0]
    assert table["given_mwh"].tolist() == [30.0, 0.0]


def test_a_carrier_scales_all_its_sectors_alike() -> None:
    table = factors(modelled(port__diesel=30.0, service__diesel=10.0, service__electricity=7.0), {"diesel": 20.0})
    assert table["factor"].tolist() == pytest.approx([0.5, 0.5, 1.0])


def test_what_a_sector_is_given_is_taken_off_the_carrier_in_any_order() -> None:
    """100 MWh of diesel, 40 of it metered in the port: 60 are left for 20 + 10 as modelled, so twice."""
    energy = modelled(port__diesel=80.0, service__diesel=20.0, industry__diesel=10.0)
    for totals in ({"diesel": 100.0, "port.diesel": 40.0}, {"port.diesel": 40.0, "diesel": 100.0}):
        table = factors(energy, totals).set_index("sector")
        assert table["factor"].to_dict() == pytest.approx({"port": 0.5, "service": 2.0, "industry": 2.0})


def test_rows_of_one_sector_and_carrier_are_added_up() -> None:
    energy = pd.concat([modelled(port__diesel=10.0), modelled(port__diesel=30.0)])
    table = factors(energy, {"port.diesel": 20.0})
    assert table[["modelled_mwh", "given_mwh", "factor"]].to_numpy().tolist() == [[40.0, 20.0, 0.5]]


def test_a_total_of_zero_is_met() -> None:
    table = factors(modelled(port__diesel=30.0), {"diesel": 0.0})
    assert table["factor"].tolist() == [0.0]


def test_all_sectors_given_and_their_sum_agree_within_rounding() -> None:
    energy = modelled(port__diesel=1.0, service__diesel=1.0)
    table = factors(energy, {"diesel": 0.3, "port.diesel": 0.1, "service.diesel": 0.2})
    assert table["factor"].tolist() == pytest.approx([0.1, 0.2])


@pytest.mark.parametrize(
    ("totals", "named"),
    [
        ({"port.electricty": 5.0}, "did you mean 'port.electricity'"),
        ({"coal": 5.0}, "total of 'coal', which the model has none of"),
        ({"electricity": -1.0}, "total of 'electricity' is -1.0 MWh"),
        ({"electricity": 10.0, "port.electricity": 12.0}, "less than port.electricity together"),
        ({"electricity": 100.0, "port.electricity": 12.0, "service.electricity": 3.0}, "is left to no sector"),
        ({"port.diesel": 5.0}, "what the model has of it is zero"),
    ],
)
def test_a_total_that_cannot_be_met_is_named(totals: dict[str, float], named: str) -> None:
    energy = modelled(port__electricity=10.0, service__electricity=5.0, port__diesel=0.0)
    with pytest.raises(InputError, match=named) as raised:
        factors(energy, totals)
    assert raised.value.faults[0].source == "study.toml"
    assert str(raised.value.faults[0].column).startswith("balance.calibration.totals.")


def test_all_faults_are_told_at_once() -> None:
    with pytest.raises(InputError) as raised:
        factors(modelled(port__diesel=1.0), {"coal": 1.0, "lpg": 2.0, "diesel": -1.0})
    assert len(raised.value.faults) == 3


def test_nothing_modelled_and_nothing_given_is_no_table() -> None:
    assert factors(modelled(), {}).empty


def test_options_refuse_what_is_no_number() -> None:
    with pytest.raises(ValidationError):
        Calibration.model_validate({"totals": {"electricity": float("nan")}})


def test_the_energy_handed_in_is_left_as_it_was() -> None:
    energy = modelled(port__diesel=30.0, service__diesel=10.0)
    before = energy.copy()
    factors(energy, {"diesel": 100.0, "port.diesel": 10.0})
    assert energy.equals(before)


amounts = st.floats(0.01, 1e6)


@settings(deadline=None, max_examples=60)
@given(
    energy=st.dictionaries(st.tuples(st.sampled_from(SECTORS), st.sampled_from(CARRIERS)), amounts, min_size=1),
    own=st.dictionaries(st.tuples(st.sampled_from(SECTORS), st.sampled_from(CARRIERS)), st.floats(0.0, 1e6)),
    rest=st.dictionaries(st.sampled_from(CARRIERS), st.floats(0.0, 1e6)),
)
def test_totals_are_met_and_all_else_is_left_alone(
    energy: dict[tuple[str, str], float], own: dict[tuple[str, str], float], rest: dict[str, float]
) -> None:
    own = {key: total for key, total in own.items() if key in energy}
    free = {carrier for sector, carrier in energy if (sector, carrier) not in own}
    totals = {".".join(key): total for key, total in own.items()}
    for carrier in sorted(free & set(rest)):
        totals[carrier] = rest[carrier] + sum(total for key, total in own.items() if key[1] == carrier)
    table = factors(modelled(**{"__".join(key): value for key, value in energy.items()}), totals)
    assert CALIBRATION.faults(table) == []
    scaled = table["modelled_mwh"] * table["factor"]
    pd.testing.assert_series_equal(scaled, table["given_mwh"], check_names=False, rtol=1e-9)
    for name, total in totals.items():
        sector, _, carrier = name.rpartition(".")
        mine = (table["carrier"] == carrier) & ((table["sector"] == sector) | (not sector))
        assert scaled[mine].sum() == pytest.approx(total, rel=1e-9, abs=1e-9)
    named = table["carrier"].isin(totals) | (table["sector"] + "." + table["carrier"]).isin(totals)
    assert (table.loc[~named, "factor"] == 1.0).all()
