"""The 5R1C model: closed balance, the analytic steady state, monotony, limits and moisture."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spatial.demand.humidity import humidity_ratio, saturation_pressure
from spatial.demand.rc import (
    H_IS,
    SURFACES_PER_FLOOR,
    Drive,
    Zones,
    gain_split,
    heat_balance_residual,
    moisture_balance_residual,
    simulate,
    steady_conductance,
)

HOURS = 96


def zones(count: int = 1, **changes: float) -> Zones:
    """Return zones of a medium office; changes set fields."""
    data = {
        "h_opaque": 0.6,
        "h_window": 0.5,
        "capacity": 165_000.0,
        "mass_area": 2.5,
        "volume": 3.0,
        "h_open": 0.0,
        "heating_limit": 1e6,
        "cooling_limit": 1e6,
        "moisture_buffer": 5.0,
        "moisture_delay": 6.0,
    } | changes
    return Zones(**{name: np.full(count, value) for name, value in data.items()})


def driven(hours: int = HOURS, count: int = 1, **changes: object) -> Drive:
    """Return an empty house in still air of 0 C without plant; changes set fields."""
    grid = np.zeros((hours, count))
    data: dict[str, object] = {
        "t_out": np.zeros(hours),
        "w_out": np.full(hours, 0.004),
        "h_vent": grid + 0.3,
        "moisture_flow": grid + 1.0,
        "internal": grid,
        "solar": grid,
        "moisture_gain": grid,
        "heat_set": grid - np.inf,
        "cool_set": grid + np.inf,
        "w_set": grid + 0.0126,
    }
    return Drive(**(data | changes))  # type: ignore[arg-type]


def test_the_steady_state_is_the_heat_of_the_conductances() -> None:
    house, hours = zones(h_opaque=0.8, h_window=0.4), 2000
    grid = np.zeros((hours, 1))
    loads = simulate(house, driven(hours, heat_set=grid + 20.0))
    film = H_IS * SURFACES_PER_FLOOR
    by_hand = (0.3 + film * 1.2 / (film + 1.2)) * 20.0
    assert loads.heating[-1, 0] == pytest.approx(by_hand, rel=1e-9)
    assert float(steady_conductance(house, np.array([0.3]))[0]) * 20.0 == pytest.approx(by_hand)
    assert loads.t_air[-1, 0] == pytest.approx(20.0)


def test_free_float_in_the_steady_state_warms_by_gains_over_conductance() -> None:
    house, hours = zones(), 4000
    grid = np.zeros((hours, 1))
    drive = driven(hours, t_out=np.full(hours, 10.0), internal=grid + 8.0)
    loads = simulate(house, drive)
    # with all gains to the air the rise would be theirs over the conductance; radiant gains raise it a little less
    kept = sum(float(np.ravel(part)[-1]) for part in gain_split(house, drive.internal, drive.solar))
    assert kept <= 8.0
    lost = 0.3 * (loads.t_air[-1, 0] - 10.0)
    assert abs(heat_balance_residual(house, drive, loads)[-1, 0]) < 1e-9
    assert lost < kept
    assert loads.t_air[-1, 0] > 10.0
    assert loads.heating.sum() == loads.cooling_sensible.sum() == 0.0


RANDOM = st.fixed_dictionaries(
    {
        "h_opaque": st.floats(0.05, 5.0),
        "h_window": st.floats(0.01, 4.0),
        "capacity": st.floats(40_000.0, 500_000.0),
        "mass_area": st.floats(2.0, 3.5),
        "volume": st.floats(2.0, 10.0),
        "h_open": st.floats(0.0, 5.0),
        "heating_limit": st.floats(5.0, 500.0),
        "cooling_limit": st.floats(5.0, 500.0),
        "moisture_buffer": st.floats(0.5, 15.0),
        "moisture_delay": st.floats(0.2, 24.0),
    }
)


def random_drive(seed: int, count: int) -> Drive:
    """Return some days of rough weather, gains and switching plants."""
    rng = np.random.default_rng(seed)
    shape = (HOURS, count)
    heat = np.where(rng.random(shape) < 0.3, -np.inf, rng.uniform(5.0, 22.0, shape))
    cool = np.where(rng.random(shape) < 0.3, np.inf, rng.uniform(24.0, 28.0, shape))
    return Drive(
        t_out=rng.uniform(-15.0, 40.0, HOURS),
        w_out=rng.uniform(0.002, 0.022, HOURS),
        h_vent=rng.uniform(0.0, 3.0, shape),
        moisture_flow=rng.uniform(0.0, 9.0, shape),
        internal=rng.uniform(0.0, 40.0, shape),
        solar=rng.uniform(0.0, 80.0, shape),
        moisture_gain=rng.uniform(0.0, 0.02, shape),
        heat_set=heat,
        cool_set=cool,
        w_set=rng.uniform(0.010, 0.015, shape),
        open_above=24.0,
        open_below=14.0,
    )


@settings(deadline=None, max_examples=30)
@given(st.lists(RANDOM, min_size=1, max_size=4), st.integers(0, 10_000))
def test_the_heat_balance_closes_in_every_hour(drawn: list[dict[str, float]], seed: int) -> None:
    many = [zones(1, **row) for row in drawn]
    house = Zones(**{name: np.concatenate([getattr(zone, name) for zone in many]) for name in vars(many[0])})
    drive = random_drive(seed, len(drawn))
    loads = simulate(house, drive)
    turned = drive.internal + drive.solar + loads.heating + loads.cooling_sensible + np.abs(loads.t_air) + 1.0
    assert (np.abs(heat_balance_residual(house, drive, loads)) < 1e-6 * turned).all()
    # plants heat or cool, never both, within their capacity, and never past the set point
    assert (np.minimum(loads.heating, loads.cooling_sensible) == 0.0).all()
    assert (loads.heating <= house.heating_limit).all()
    assert (loads.cooling_sensible + loads.cooling_latent <= house.cooling_limit * (1.0 + 1e-12)).all()
    heated, cooled = loads.heating > 0.0, loads.cooling_sensible > 0.0
    assert (loads.t_air[heated] <= drive.heat_set[heated] + 1e-6).all()
    assert (loads.t_air[cooled] >= drive.cool_set[cooled] - 1e-6).all()
    assert (loads.cooling_latent[~cooled] == 0.0).all()
    assert (loads.humidity > 0.0).all()


@settings(deadline=None, max_examples=30)
@given(st.lists(RANDOM, min_size=1, max_size=4), st.integers(0, 10_000))
def test_the_moisture_balance_closes_in_every_hour(drawn: list[dict[str, float]], seed: int) -> None:
    many = [zones(1, **row) for row in drawn]
    house = Zones(**{name: np.concatenate([getattr(zone, name) for zone in many]) for name in vars(many[0])})
    drive = random_drive(seed, len(drawn))
    loads = simulate(house, drive)
    assert (np.abs(moisture_balance_residual(house, drive, loads)) < 1e-10).all()
    assert (loads.humidity_held > 0.0).all()
    # drying stops at the set point, and where the plant has capacity left it gets there
    dried = loads.cooling_latent > 0.0
    assert (loads.humidity[dried] >= drive.w_set[dried] - 1e-12).all()
    spare = loads.cooling_sensible + loads.cooling_latent < house.cooling_limit * (1.0 - 1e-9)
    cooled = (loads.cooling_sensible > 0.0) & spare
    assert (loads.humidity[cooled] <= drive.w_set[cooled] + 1e-12).all()


@settings(deadline=None, max_examples=20)
@given(RANDOM, st.integers(0, 10_000), st.floats(0.1, 8.0))
def test_warmer_outdoors_never_means_more_heating(row: dict[str, float], seed: int, warmer: float) -> None:
    house = zones(1, **(row | {"h_open": 0.0}))
    drive = random_drive(seed, 1)
    shut = replace(drive, cool_set=np.full_like(drive.cool_set, np.inf))
    cold, mild = simulate(house, shut), simulate(house, replace(shut, t_out=shut.t_out + warmer))
    assert mild.heating.sum() <= cold.heating.sum() + 1e-9


def test_zones_do_not_know_each_other() -> None:
    drive = random_drive(7, 3)
    three = simulate(zones(3), drive)
    columns = {name: getattr(drive, name) for name in ("h_vent", "internal", "solar", "moisture_flow")}
    columns |= {name: getattr(drive, name) for name in ("moisture_gain", "heat_set", "cool_set", "w_set")}
    for zone in range(3):
        own = replace(drive, **{name: value[:, [zone]] for name, value in columns.items()})
        alone = simulate(zones(1), own)
        np.testing.assert_array_equal(alone.heating[:, 0], three.heating[:, zone])
        np.testing.assert_array_equal(alone.cooling_latent[:, 0], three.cooling_latent[:, zone])


def test_open_windows_cool_only_while_it_helps() -> None:
    grid = np.zeros((HOURS, 1))
    drive = driven(t_out=np.full(HOURS, 20.0), internal=grid + 30.0, open_above=24.0, open_below=14.0)
    shut, opened = simulate(zones(), drive), simulate(zones(h_open=4.0), drive)
    assert opened.t_air.max() < shut.t_air.max()
    assert (opened.t_air >= 20.0 - 1e-9).all()
    cold = simulate(zones(h_open=4.0), replace(drive, t_out=np.full(HOURS, 10.0)))
    np.testing.assert_array_equal(cold.h_vent, drive.h_vent)


def test_dehumidification_in_the_steady_state_is_the_water_that_comes_in() -> None:
    hours = 500
    grid = np.zeros((hours, 1))
    drive = driven(
        hours,
        t_out=np.full(hours, 33.0),
        w_out=np.full(hours, 0.020),
        moisture_flow=grid + 2.0,
        moisture_gain=grid + 0.01,
        internal=grid + 10.0,
        cool_set=grid + 26.0,
    )
    loads = simulate(zones(), drive)
    # 2 kg/h of air from 20 to 12.6 g/kg and 10 g/h of people, at 2501 kJ/kg
    assert loads.cooling_latent[-1, 0] == pytest.approx((2.0 * 0.0074 + 0.01) * 2501.0 / 3.6, rel=1e-6)
    assert loads.humidity[-1, 0] == pytest.approx(0.0126)


def test_surfaces_follow_the_air_with_their_delay() -> None:
    hours, delay = 24, 24.0
    house = zones(moisture_buffer=3.0, moisture_delay=delay)
    # so much air that the room's is that of outdoors
    steps = np.concatenate([np.full(240, 0.006), np.full(hours, 0.018)])
    grid = np.zeros((len(steps), 1))
    loads = simulate(house, driven(len(steps), w_out=steps, moisture_flow=grid + 1e6), warm_up=0)
    left = (0.018 - loads.humidity_held[-1, 0]) / (0.018 - loads.humidity_held[239, 0])
    # a layer that exchanges in proportion to the difference keeps 1/e of it after its delay
    assert left == pytest.approx(np.exp(-hours / delay), rel=0.03)


def test_the_first_hour_of_cooling_does_not_condense_what_the_night_stored() -> None:
    days = 20
    hour = np.arange(days * 24) % 24
    on = (hour >= 7) & (hour < 19)
    grid = np.zeros((len(hour), 1))
    drive = driven(
        len(hour),
        t_out=np.full(len(hour), 30.0),
        w_out=np.full(len(hour), 0.020),
        moisture_flow=grid + 1.2,
        cool_set=np.where(on, 26.0, np.inf)[:, None],
    )
    house = zones()
    loads = simulate(house, drive)
    last = slice(-24, None)
    drying = loads.cooling_latent[last, 0]
    stored = (loads.humidity_held[last, 0].max() - loads.humidity_held[last, 0].min()) * 1.2 * 3.0 * 5.0 * 2501.0 / 3.6
    steady = 1.2 * (0.020 - 0.0126) * 2501.0 / 3.6
    air = (loads.humidity[last, 0].max() - 0.0126) * 1.2 * 3.0 * 2501.0 / 3.6
    # the first hour dries the air itself; surfaces give back what they hold over their delay, not at once
    assert drying[7] <= steady + air + stored / 3.0
    assert drying[7] < 0.25 * drying.sum()
    assert (np.diff(drying[7:19]) <= 1e-9).all()


def test_humid_air_at_published_points() -> None:
    # 23.388 hPa at 20 C in the steam tables of IAPWS; the Magnus formula is good to 0.3 %
    assert float(saturation_pressure(20.0)) == pytest.approx(2338.8, rel=4e-3)
    assert float(saturation_pressure(0.0)) == pytest.approx(611.2)
    # ASHRAE Fundamentals 2017, chapter 1, table 2: 14.758 g/kg at saturation and 20 C, 27.329 g/kg at 30 C
    assert float(humidity_ratio(20.0, 100.0, 101_325.0)) == pytest.approx(0.014758, rel=8e-3)
    assert float(humidity_ratio(30.0, 100.0, 101_325.0)) == pytest.approx(0.027329, rel=8e-3)
