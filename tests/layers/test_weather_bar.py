"""How near the generated years come to measured ones, on files whose hours the generator has never seen."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from pvlib import irradiance, temperature

from layers.errors import Findings
from layers.weather import WeatherOptions, generate_year, read_weather, sun_position

DATA = Path(__file__).parents[2].parent / "shared" / "data"
FILES = {
    "Shanghai": DATA / "epw_shanghai" / "CHN_SH_Shanghai-Hongqiao.583670_TMYx.1956-2023.epw",
    "Denver": DATA / "bestest_weather" / "725650TYCST.epw",
    "PVGIS 45N 8E": DATA / "pvgis_outputs" / "tmy_45.000_8.000_2005_2023.csv",
}
SEEDS = range(1, 21)
QUANTITIES = ("PV yield", "heating degree hours", "cooling degree hours")


def monthly(year: pd.DataFrame) -> pd.DataFrame:
    """Work out the normals of an hourly year, as a weather service would publish them."""
    times = pd.DatetimeIndex(year.index)
    months = year.groupby(times.month)
    daily = year["temp_air"].groupby(times.day_of_year).agg(["max", "min"])
    month = times.month[::24]
    normals = pd.DataFrame(
        {
            "ghi_kwh_m2": months["ghi"].sum() / 1000.0,
            "temp_mean_c": months["temp_air"].mean(),
            "temp_max_c": daily["max"].groupby(month).mean(),
            "temp_min_c": daily["min"].groupby(month).mean(),
            "relative_humidity_pct": months["relative_humidity"].mean(),
            "wind_speed_m_s": months["wind_speed"].mean(),
        }
    )
    return normals.rename_axis("month")


def figures(year: pd.DataFrame, sun: pd.DataFrame) -> np.ndarray:
    """Return PV yield [kWh/kWp], heating degree hours below 18 C and cooling degree hours above 26 C [K h]."""
    plane = irradiance.get_total_irradiance(
        20.0,
        180.0,
        sun["zenith_deg"],
        sun["azimuth_deg"],
        year["dni"],
        year["ghi"],
        year["dhi"],
        dni_extra=irradiance.get_extra_radiation(year.index.day_of_year.to_numpy()),
        model="perez",
        albedo=0.2,
    )["poa_global"].fillna(0.0)
    cell = temperature.faiman(plane, year["temp_air"], year["wind_speed"])
    power = plane / 1000.0 * (1.0 - 0.0035 * (cell - 25.0)) * (1.0 - 0.1408)
    air = year["temp_air"]
    return np.array([power.sum(), (18.0 - air).clip(lower=0.0).sum(), (air - 26.0).clip(lower=0.0).sum()])


@pytest.fixture(scope="module", params=FILES)
def place(request: pytest.FixtureRequest) -> tuple[str, pd.DataFrame, pd.DataFrame]:
    path = FILES[request.param]
    if not path.exists():
        pytest.skip(f"the weather of {request.param} is not at hand")
    found = read_weather(path, WeatherOptions(), Findings())
    assert found is not None
    return request.param, *found


def test_twenty_years_from_monthly_values(
    place: tuple[str, pd.DataFrame, pd.DataFrame], capsys: pytest.CaptureFixture[str]
) -> None:
    """PV and heating within 5 %, cooling within 10 % of the file's own hours, in the median of twenty seeds."""
    name, site, year = place
    sun = sun_position(site, pd.DatetimeIndex(year.index))
    truth, normals = figures(year, sun), monthly(year)
    error = np.array([figures(generate_year(normals, site, seed), sun) for seed in SEEDS]) / truth - 1.0
    median, low, high = np.median(error, axis=0), error.min(axis=0), error.max(axis=0)
    with capsys.disabled():
        for number, quantity in enumerate(QUANTITIES):
            print(  # noqa: T201 - the spread is to be seen
                f"\n{name}, {quantity}: file {truth[number]:.0f}, median of 20 seeds {median[number]:+.1%}, "
                f"from {low[number]:+.1%} to {high[number]:+.1%}",
                end="",
            )
    assert abs(median[0]) < 0.05
    assert abs(median[1]) < 0.05
    assert abs(median[2]) < 0.10


def test_a_plain_sine_day_is_no_substitute(place: tuple[str, pd.DataFrame, pd.DataFrame]) -> None:
    """Days that are all alike miss a fifth of the cooling in a mild summer, and everywhere more than our years do."""
    name, site, year = place
    normals = monthly(year)
    month = pd.DatetimeIndex(year.index).month
    swing = (normals["temp_max_c"] - normals["temp_min_c"]).loc[month].to_numpy() / 2.0
    hour = pd.DatetimeIndex(year.index).hour.to_numpy() + 0.5
    sine = normals["temp_mean_c"].loc[month].to_numpy() + swing * np.cos(2.0 * np.pi * (hour - 15.0) / 24.0)
    truth = (year["temp_air"] - 26.0).clip(lower=0.0).sum()
    plain = np.maximum(sine - 26.0, 0.0).sum() / truth - 1.0
    ours = [
        (generate_year(normals, site, seed)["temp_air"] - 26.0).clip(lower=0.0).sum() / truth - 1.0 for seed in SEEDS
    ]
    print(f"{name}: plain sine {plain:+.1%}, ours {np.median(ours):+.1%}")  # noqa: T201
    assert abs(plain) > 2.0 * abs(np.median(ours))
    assert plain < -0.15
