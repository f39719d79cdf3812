import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layers.weather.hours import year_index
from resources.heat_pumps import (
    carnot_cooling,
    cop,
    ground_temperature,
    heating_cop,
    sea_is_known,
    sea_temperature,
    shape_of,
)

YEAR = year_index(8.0)
DAY = YEAR.day_of_year.to_numpy() - 1.0
AIR = 17.0 - 11.0 * np.cos(2.0 * np.pi * (DAY - 20.0) / 365.0) + 4.0 * np.sin((YEAR.hour.to_numpy() - 9.0) / 3.82)


@pytest.mark.parametrize(
    ("kind", "lift", "expected"),
    [
        ("air", 20.0, 6.08 - 1.8 + 0.2),
        ("air", 40.0, 6.08 - 3.6 + 0.8),
        ("ground", 30.0, 10.29 - 6.3 + 1.08),
        ("ground", 50.0, 10.29 - 10.5 + 3.0),
        ("water", 40.0, 9.97 - 8.0 + 1.92),
        ("air", 10.0, 6.08 - 1.35 + 0.1125),  # below the range of the regression: its lower end, 15 K
    ],
)
def test_heating_follows_the_published_polynomials(kind: str, lift: float, expected: float) -> None:
    assert float(heating_cop(kind, lift)) == pytest.approx(expected, rel=1e-12)  # type: ignore[arg-type]


@given(st.sampled_from(["air", "ground", "water"]), st.floats(0.0, 150.0), st.floats(0.0, 50.0))
@settings(deadline=None)
def test_a_higher_lift_never_gives_more(kind: str, lift: float, more: float) -> None:
    assert heating_cop(kind, lift + more) <= heating_cop(kind, lift) + 1e-12  # type: ignore[arg-type]


@given(source=st.sampled_from(["air", "ground", "sea", "waste_heat"]), shift=st.floats(-25.0, 20.0))
@settings(deadline=None, max_examples=25)
def test_carnot_is_never_exceeded(source: str, shift: float) -> None:
    air = AIR + shift
    heating = cop(source, "hot_water", air, YEAR)  # type: ignore[arg-type]
    assert (heating > 0.5).all()
    outside = {"air": air, "ground": ground_temperature(air, YEAR), "sea": sea_temperature(YEAR, air)}.get(
        source, np.full(len(air), 30.0)
    )
    assert (heating <= 323.15 / np.maximum(50.0 - outside, 1e-9) + 1e9 * (outside >= 50.0)).all()
    if source != "waste_heat":
        cooling = cop(source, "cooling", air, YEAR)  # type: ignore[arg-type]
        warmer = outside > 7.0
        assert (cooling[warmer] < carnot_cooling(7.0, outside[warmer])).all()


@given(st.floats(-10.0, 39.0), st.floats(0.0, 10.0))
@settings(deadline=None)
def test_warm_air_helps_heating_and_hinders_cooling(temperature: float, warmer: float) -> None:
    cold, warm = np.full(24, temperature), np.full(24, temperature + warmer)
    times = YEAR[:24]
    assert (cop("air", "heating", warm, times) >= cop("air", "heating", cold, times) - 1e-12).all()
    assert (cop("air", "cooling", warm, times) <= cop("air", "cooling", cold, times) + 1e-12).all()


def test_chillers_meet_their_rating() -> None:
    times = YEAR[:1]
    assert cop("air", "cooling", [35.0], times)[0] == pytest.approx(3.2)
    august = YEAR[(YEAR.month == 8) & (YEAR.day == 16) & (YEAR.hour == 12)]
    assert cop("sea", "cooling", [30.0], august, latitude_deg=29.78, longitude_deg=121.95)[0] == pytest.approx(
        5.0, rel=0.01
    )


def test_no_chiller_rejects_to_waste_heat() -> None:
    with pytest.raises(ValueError, match="waste heat"):
        cop("waste_heat", "cooling", [30.0], YEAR[:1])


def test_sea_meets_its_months_and_is_smooth() -> None:
    sea = sea_temperature(YEAR)
    middle = (DAY == 227) & (YEAR.hour.to_numpy() == 12)
    assert sea[middle][0] == pytest.approx(28.0, abs=0.05)
    assert 8.5 <= sea.min() < 8.6
    assert np.abs(np.diff(np.append(sea, sea[0]))).max() < 0.02


def test_sea_elsewhere_is_damped_and_late() -> None:
    sea = sea_temperature(YEAR, AIR)
    assert sea.mean() == pytest.approx(AIR.mean(), abs=0.05)
    assert (sea.max() - sea.min()) / 2.0 == pytest.approx(0.87 * 11.0, rel=0.02)
    assert DAY[sea.argmax()] == pytest.approx(20.0 + 182.5 + 25.0, abs=2.0)


@pytest.mark.parametrize(
    ("latitude", "longitude", "known"),
    # a degree of latitude is 110.9 km here, one of longitude 96.7 km
    [(29.8, 122.0, True), (30.65, 122.0, True), (30.75, 122.0, False), (29.8, 123.0, True), (29.8, 123.1, False)],
)
def test_the_table_of_the_sea_holds_near_its_place_only(latitude: float, longitude: float, *, known: bool) -> None:
    assert sea_is_known(latitude, longitude) is known
    here = cop("sea", "cooling", AIR, YEAR, latitude_deg=latitude, longitude_deg=longitude)
    anywhere = cop("sea", "cooling", AIR, YEAR)
    assert np.array_equal(here, anywhere) is not known


def test_ground_damps_the_year_as_kusuda_has_it() -> None:
    ground = ground_temperature(AIR, YEAR)
    assert (ground.max() - ground.min()) / 2.0 == pytest.approx(
        11.0 * np.exp(-10.0 * np.sqrt(np.pi / (365.0 * 0.06))), rel=0.02
    )


@given(
    st.lists(st.tuples(st.floats(1.0, 9.0), st.floats(0.0, 100.0)), min_size=1, max_size=30),
)
def test_shape_keeps_the_year(pairs: list[tuple[float, float]]) -> None:
    efficiency, demand = np.array(pairs).T
    shape = shape_of(efficiency, demand)
    weight = demand if demand.sum() > 0.0 else np.ones_like(demand)
    assert np.sum(shape * weight) == pytest.approx(np.sum(weight), rel=1e-12)
    assert np.allclose(shape * efficiency, (shape * efficiency)[0])


def test_shape_of_no_efficiency_is_refused() -> None:
    with pytest.raises(ValueError, match="above 0"):
        shape_of([0.0, 3.0], [1.0, 1.0])
