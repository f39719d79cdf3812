from typing import get_args

import pytest

from layers.constants import constants
from layers.glossary import Language
from resources.catalogue import RESOURCES, resource
from resources.technology import capex_cny, efficiency, life, opex_share, technologies, technology


def test_every_technology_is_whole() -> None:
    found = technologies()
    assert len(found) == 59
    for key, tech in found.items():
        assert tech.key == key
        assert all(tech.label(language) for language in get_args(Language))
        assert [year for year, _ in tech.capex] == [2020, 2025, 2030]
        assert all(cost >= 0 for _, cost in tech.capex)
        assert tech.life > 0
        assert 0 <= tech.learning_rate < 1


def test_known_ranges_hold_their_value() -> None:
    for row in constants("resources", "technology.csv").values():
        assert row.source, row.key
        if row.low is not None and row.high is not None:
            assert row.low <= row.value <= row.high, row.key


@pytest.mark.parametrize(
    ("year", "cost"),
    [
        (2015, 3380),  # before the first year known: the first
        (2020, 3380),  # China Photovoltaic Industry Association, distributed commercial systems of 2020
        (2022.5, 3040),  # half way
        (2025, 2700),
        (2040, 2300),  # after the last year known: the last
    ],
)
def test_investment_is_interpolated_between_years(year: float, cost: float) -> None:
    assert capex_cny("pv_rooftop_ci", year) == pytest.approx(cost)


def test_shares_and_lives_are_read() -> None:
    assert opex_share("pv_rooftop_ci") == pytest.approx(0.015)
    assert life("pv_rooftop_ci") == 25
    assert efficiency("gshp") == pytest.approx(4.3)
    assert technology("gshp").efficiency_unit.startswith("COP")
    assert technology("pv_ground").capex_unit == "CNY/kWp"


def test_an_unknown_technology_is_named() -> None:
    with pytest.raises(KeyError, match="fusion"):
        technology("fusion")


def test_the_catalogue_finds_its_functions() -> None:
    assert resource("solar").__name__ == "solar_potential"
    assert set(RESOURCES) >= {"solar", "wind"}
    with pytest.raises(KeyError, match="no resource 'tides'"):
        resource("tides")
