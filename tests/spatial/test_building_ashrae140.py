"""The building model against the example results of ASHRAE 140-2020."""

from pathlib import Path

import pandas as pd
import pytest

from bestest import case
from layers.errors import Findings
from layers.weather import WeatherOptions, read_weather
from spatial.demand.building import annual_loads, sky_hours

PUBLISHED = Path(__file__).parents[1] / "reference" / "ashrae140.csv"
BASE = ("600", "640", "900", "940", "600FF", "900FF")


@pytest.fixture(scope="module")
def compared(shared_data: Path) -> pd.DataFrame:
    """Return all published ranges with our value, and by how much of the nearer end it lies outside."""
    read = read_weather(shared_data / "bestest_weather" / "725650TYCST.epw", WeatherOptions(), Findings())
    assert read is not None
    site, weather = read
    table = pd.read_csv(PUBLISHED, dtype={"case": str})
    ours = annual_loads([case(number) for number in table["case"].unique()], sky_hours(weather, site))
    # as many digits as are published
    table["ours"] = [
        round(float(ours.loc[number, quantity]), 1 if quantity.startswith("t_") else 3)
        for number, quantity in zip(table["case"], table["quantity"], strict=True)
    ]
    short, over = table["low"] - table["ours"], table["ours"] - table["high"]
    table["outside"] = (short / table["low"].abs()).where(short > 0.0, 0.0)
    table["outside"] += (over / table["high"].abs()).where(over > 0.0, 0.0)
    return table


def test_the_table_holds_all_published_cases(compared: pd.DataFrame) -> None:
    assert len(compared) == 130
    assert compared["ours"].notna().all()


@pytest.mark.parametrize("number", BASE)
def test_base_cases_lie_in_every_published_range(compared: pd.DataFrame, number: str) -> None:
    mine = compared[compared["case"] == number]
    assert len(mine) >= 3
    assert (mine["outside"] == 0.0).all(), "\n" + mine.to_string()


def test_nine_of_ten_values_lie_inside_and_the_rest_within_5_percent(compared: pd.DataFrame) -> None:
    out = compared[compared["outside"] > 0.0]
    assert len(out) <= 0.1 * len(compared), "\n" + out.to_string()
    assert (out["outside"] <= 0.05).all(), "\n" + out.to_string()


def test_differences_between_cases_have_the_published_sign(compared: pd.DataFrame) -> None:
    values = compared.set_index(["case", "quantity"])["ours"]
    for light, heavy in (("600", "900"), ("620", "920"), ("640", "940")):
        assert values[heavy, "heating_mwh"] < values[light, "heating_mwh"]
        assert values[heavy, "cooling_peak_kw"] < values[light, "cooling_peak_kw"]
    for plain, shaded in (("600", "610"), ("620", "630"), ("900", "910"), ("920", "930")):
        assert values[shaded, "cooling_sensible_mwh"] < values[plain, "cooling_sensible_mwh"]
        assert values[shaded, "heating_mwh"] > values[plain, "heating_mwh"]
    assert values["640", "heating_mwh"] < values["600", "heating_mwh"]
    assert values["640", "heating_peak_kw"] > values["600", "heating_peak_kw"]
    assert values["660", "heating_mwh"] < values["600", "heating_mwh"] < values["670", "heating_mwh"]
