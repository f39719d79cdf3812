"""Laws of the generated year, and the published figures behind its parts."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from layers.tables.weather import SUN, WEATHER
from layers.weather import generate_year, sun_position
from layers.weather.generator import saturation_pa
from layers.weather.hours import close_beam, offset_of, year_index
from layers.weather.radiation import daily_clearness, diffuse_share, hourly_clearness
from layers.weather.temperature import LAG, daily_residuals, seasonal, wave


def site_at(latitude: float, longitude: float, altitude: float = 10.0) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "latitude_deg": [latitude],
            "longitude_deg": [longitude],
            "altitude_m": [altitude],
            "utc_offset_h": [offset_of(longitude)],
            "wind_height_m": [10.0],
            "kind": ["normals"],
            "source": ["test"],
        },
        index=pd.Index(["site"], name="site_id"),
    )


def normals_of(latitude: float, clearness: float, mean: float, swing: float, span: float, humid: float) -> pd.DataFrame:
    """Return the normals of a made-up climate: a cosine through the year, a share of extraterrestrial irradiation."""
    site = site_at(latitude, 120.0)
    times = year_index(8.0)
    height = np.maximum(np.cos(np.radians(sun_position(site, times)["zenith_deg"].to_numpy())), 0.0)
    month = np.arange(1, 13)
    course = mean + swing * np.cos(2.0 * np.pi * (month - (7 if latitude >= 0.0 else 1)) / 12.0)
    return pd.DataFrame(
        {
            "ghi_kwh_m2": clearness * np.bincount(times.month.to_numpy(), 1361.0 * height)[1:] / 1000.0,
            "temp_mean_c": course,
            "temp_max_c": course + 0.52 * span,
            "temp_min_c": course - 0.48 * span,
            "relative_humidity_pct": humid,
            "wind_speed_m_s": 3.0,
        },
        index=pd.Index(month, name="month"),
    )


NINGBO = site_at(29.8, 121.9)
NORMALS = normals_of(29.8, 0.42, 16.5, 11.5, 7.5, 77.0)


def by_month(year: pd.DataFrame, column: str) -> np.ndarray:
    return year[column].groupby(pd.DatetimeIndex(year.index).month).mean().to_numpy()


def daily(year: pd.DataFrame, how: str) -> np.ndarray:
    values = year["temp_air"].to_numpy().reshape(365, 24)
    extreme = values.max(axis=1) if how == "max" else values.min(axis=1)
    months = pd.DatetimeIndex(year.index).month.to_numpy()[::24]
    return np.bincount(months, extreme)[1:] / np.bincount(months)[1:]


@settings(max_examples=12, deadline=None)
@example(latitude=0.0, clearness=0.5, mean=0.0, swing=14.0, span=4.0, humid=20.0, seed=3)  # changes beyond its range
@given(
    latitude=st.floats(-60.0, 60.0),
    clearness=st.floats(0.25, 0.7),
    mean=st.floats(-5.0, 28.0),
    swing=st.floats(0.0, 14.0),
    span=st.floats(4.0, 16.0),
    humid=st.floats(20.0, 90.0),
    seed=st.integers(0, 99),
)
def test_every_climate_keeps_its_monthly_values(
    latitude: float, clearness: float, mean: float, swing: float, span: float, humid: float, seed: int
) -> None:
    normals = normals_of(latitude, clearness, mean, swing, span, humid)
    site = site_at(latitude, 120.0)
    year = generate_year(normals, site, seed)
    assert not WEATHER.faults(year)
    ghi = year["ghi"].groupby(pd.DatetimeIndex(year.index).month).sum().to_numpy() / 1000.0
    np.testing.assert_allclose(ghi, normals["ghi_kwh_m2"], rtol=1e-9)
    np.testing.assert_allclose(by_month(year, "temp_air"), normals["temp_mean_c"], atol=1e-9)
    np.testing.assert_allclose(by_month(year, "wind_speed"), normals["wind_speed_m_s"], rtol=1e-9)
    np.testing.assert_allclose(by_month(year, "relative_humidity"), humid, atol=0.1)
    np.testing.assert_allclose(daily(year, "max"), normals["temp_max_c"], atol=0.5)
    np.testing.assert_allclose(daily(year, "min"), normals["temp_min_c"], atol=0.5)
    zenith = sun_position(site, pd.DatetimeIndex(year.index))["zenith_deg"].to_numpy()
    height = np.maximum(np.cos(np.radians(zenith)), 0.0)
    np.testing.assert_allclose(year["dhi"] + year["dni"] * height, year["ghi"], atol=1e-6)
    assert (year["ghi"].to_numpy()[zenith > 91.0] == 0.0).all()


def test_the_same_seed_gives_the_same_year_and_another_seed_another() -> None:
    first, again, other = (generate_year(NORMALS, NINGBO, seed) for seed in (3, 3, 4))
    pd.testing.assert_frame_equal(first, again, check_exact=True)
    assert not first["temp_air"].equals(other["temp_air"])


def test_inputs_are_left_alone_and_their_order_does_not_matter() -> None:
    shuffled = NORMALS.iloc[::-1]
    before = shuffled.copy()
    pd.testing.assert_frame_equal(generate_year(shuffled, NINGBO, 1), generate_year(NORMALS, NINGBO, 1))
    pd.testing.assert_frame_equal(shuffled, before)


def test_days_differ_and_remember() -> None:
    """Day-to-day autocorrelation of temperature is near 0.6, cloudless days have the larger range."""
    year = generate_year(NORMALS, NINGBO, 1)
    air = year["temp_air"].to_numpy().reshape(365, 24)
    months = pd.DatetimeIndex(year.index).month.to_numpy()[::24]
    apart = air.mean(axis=1) - seasonal(NORMALS["temp_mean_c"].to_numpy(), months)
    assert 1.5 < apart.std() < 4.5
    assert 0.4 < np.corrcoef(apart[1:], apart[:-1])[0, 1] < 0.85
    sun = year["ghi"].to_numpy().reshape(365, 24).sum(axis=1)
    share = sun / (np.bincount(months, sun)[1:] / np.bincount(months)[1:])[months - 1]
    assert np.corrcoef(share, np.ptp(air, axis=1))[0, 1] > 0.2


@given(mean=st.floats(0.001, 0.85), days=st.integers(28, 31))
@settings(max_examples=60, deadline=None)
def test_daily_clearness_has_its_mean_and_its_bounds(mean: float, days: int) -> None:
    values = daily_clearness(mean, days)
    assert values.mean() == pytest.approx(mean, abs=1e-6)
    assert (np.diff(values) > 0.0).all()
    assert values[0] >= 0.0
    assert values[-1] <= max(0.6313 + 0.267 * mean - 11.9 * (mean - 0.75) ** 8, mean + 0.02)


@pytest.mark.parametrize("mean", [0.3, 0.4, 0.5, 0.6, 0.7])
def test_daily_clearness_follows_the_published_slope(mean: float) -> None:
    """Herzog (1985), in Duffie and Beckman, equations 2.9.5 to 2.9.7, fits the slope that is solved for here."""
    low, high = 0.05, 0.6313 + 0.267 * mean - 11.9 * (mean - 0.75) ** 8
    ratio = (high - low) / (high - mean)
    slope = -1.498 + (1.184 * ratio - 27.182 * np.exp(-1.5 * ratio)) / (high - low)
    month = daily_clearness(mean, 31)
    share = (np.exp(slope * low) - np.exp(slope * month)) / (np.exp(slope * low) - np.exp(slope * high))
    np.testing.assert_allclose(share, (np.arange(31) + 0.5) / 31, atol=0.02)


def test_tag_equations_by_hand() -> None:
    """Aguiar and Collares-Pereira (1992) without noise: Kt 0.5 and the sun in the zenith."""
    level = -0.19 + 1.12 * 0.5 + 0.24 * np.exp(-4.0)
    decay = 0.19 + 2.27 * 0.25 - 2.51 * 0.125
    got = hourly_clearness(np.array([0.5]), np.ones((1, 24)), np.zeros((1, 24)))
    np.testing.assert_allclose(got, level + 0.32 * np.exp(-decay))
    assert 0.45 < got[0, 0] < 0.65


def test_the_diffuse_share_of_erbs() -> None:
    """Erbs et al. (1982): continuous at the joints to 0.01, 0.165 under clear skies."""
    for joint in (0.22, 0.80):
        below, above = diffuse_share(np.array([joint - 1e-9, joint + 1e-9]))
        assert below == pytest.approx(above, abs=0.01)
    assert diffuse_share(np.array([0.85]))[0] == 0.165


@given(
    ghi=st.floats(0.0, 1200.0), share=st.floats(0.0, 1.0), cosine=st.floats(0.0, 1.0), extra=st.floats(1320.0, 1420.0)
)
def test_the_beam_closes(ghi: float, share: float, cosine: float, extra: float) -> None:
    dni, dhi = close_beam(np.array([ghi]), np.array([ghi * share]), np.array([cosine]), np.array([extra]))
    assert 0.0 <= dni[0] <= extra
    assert dhi[0] + dni[0] * cosine == pytest.approx(ghi, abs=1e-9)


def test_residuals_have_the_published_correlations() -> None:
    """Richardson (1981): 0.633 between daily extremes, 0.186 and -0.193 with radiation; lag one 0.621, 0.674, 0.251."""
    states = daily_residuals(100_000, np.random.default_rng(1))
    matrix = np.corrcoef(states.T)
    assert matrix[0, 1] == pytest.approx(0.633, abs=0.02)
    assert matrix[0, 2] == pytest.approx(0.186, abs=0.02)
    assert matrix[1, 2] == pytest.approx(-0.193, abs=0.02)
    lags = [np.corrcoef(states[1:, i], states[:-1, i])[0, 1] for i in range(3)]
    assert lags == pytest.approx([0.621, 0.674, 0.251], abs=0.02)
    assert np.abs(np.linalg.eigvals(LAG)).max() < 1.0


@given(monthly=st.lists(st.floats(-20.0, 35.0), min_size=12, max_size=12))
@settings(max_examples=25, deadline=None)
def test_the_season_keeps_monthly_means(monthly: list[float]) -> None:
    months = year_index(0.0).month.to_numpy()[::24]
    course = seasonal(np.array(monthly), months)
    np.testing.assert_allclose(np.bincount(months, course)[1:] / np.bincount(months)[1:], monthly, atol=1e-6)


def test_the_daily_course_passes_through_its_extremes() -> None:
    days = 5
    low, high = np.full(days, 10.0), np.full(days, 20.0)
    hours = wave(low, high, np.full(days, 5.5), np.full(days, 14.5), np.ones(days))
    assert hours[2].min() == pytest.approx(10.0)
    assert hours[2].max() == pytest.approx(20.0)
    assert hours[2].argmin() == 5
    assert hours[2].argmax() == 14
    assert np.abs(np.diff(hours.ravel())).max() < 2.5


def test_saturation_pressure() -> None:
    """FAO-56 annex 2, table 2.3: 0.611 kPa at 0.0 C (1 C 0.657), 2.338 at 20 C, 4.243 at 30 C."""
    got = saturation_pa(np.array([1.0, 20.0, 30.0]))
    np.testing.assert_allclose(got, [657.0, 2338.0, 4243.0], atol=1.0)


def test_the_sun_of_the_spa_example() -> None:
    """NREL/TP-560-34302, table A5.1: 2003-10-17 12:30:30 UTC-7; the label of that hour is half an hour earlier."""
    site = site_at(39.742476, -105.1786, 1830.14)
    times = pd.DatetimeIndex(["2003-10-17 12:00:30"], tz="Etc/GMT+7")
    sun = sun_position(site, times)
    assert not SUN.faults(sun)
    assert sun["zenith_deg"].iloc[0] == pytest.approx(50.11162, abs=0.001)
    assert sun["azimuth_deg"].iloc[0] == pytest.approx(194.340241, abs=0.001)
    with pytest.raises(ValueError, match="time zone"):
        sun_position(site, pd.DatetimeIndex(["2003-10-17 12:00"]))
