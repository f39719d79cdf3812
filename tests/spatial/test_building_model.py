"""The building model: closed balances, analytic answers, limits, monotony, moisture and what it must not depend on."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from made_rooms import BOARD, HOURS, STEEL, box, rough_sky, sky_of
from spatial.demand.building import (
    Fin,
    Gain,
    Glazing,
    Layer,
    Leaks,
    Opaque,
    Overhang,
    Supply,
    Window,
    Zone,
    always,
    annual_loads,
    daily,
    glazing,
    simulate,
)
from spatial.demand.building.humidity import humidity_ratio, saturation_pressure
from spatial.demand.building.kernel import AIR_HEAT, LATENT_W, ROOTS, cube_root
from spatial.demand.building.nodes import chain, slices, sun_distribution
from spatial.demand.building.sky import irradiance_on
from spatial.demand.building.zone import INSIDE_RADIATION

FEW = settings(deadline=None, max_examples=6)
CONCRETE = Layer(0.2, 1.8, 2300.0, 1000.0)
WHITE = Glazing(2.0, (0.6,) * 10, (0.5,) * 10, 0.6, 0.5, 0.17)
"""Glass that lets all angles through alike."""


def hours_of(low: float, high: float) -> st.SearchStrategy[np.ndarray]:
    return st.integers(0, 10**6).map(lambda seed: np.random.default_rng(seed).uniform(low, high, HOURS))


def maybe(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | strategy


SHARE = st.floats(0.0, 1.0)
LAYER = st.builds(Layer, st.floats(0.005, 0.3), st.floats(0.02, 2.0), st.floats(0.0, 2400.0), st.floats(0.0, 1500.0))
PLACE = {"tilt": st.floats(0.0, 180.0), "azimuth": st.floats(0.0, 360.0)}
ABOUT = {
    "layers": st.lists(LAYER, min_size=1, max_size=4).map(tuple),
    "absorptance": SHARE,
    "emittance": SHARE,
    "inside_absorptance": st.floats(0.05, 1.0),
    "inside_emittance": st.floats(0.05, 1.0),
    "roughness": st.floats(1.0, 2.2),
    "inside_film": maybe(st.floats(0.5, 10.0)),
    "outside_film": maybe(st.floats(1.0, 40.0)),
}
AREA = st.floats(1.0, 200.0)
OPAQUE = st.one_of(
    st.builds(Opaque, st.just("wall"), AREA, **ABOUT, **PLACE),
    st.builds(Opaque, st.just("slab"), AREA, facing=st.just("adiabatic"), **ABOUT, **PLACE),
    st.builds(
        Opaque,
        st.just("ground"),
        AREA,
        facing=st.just("space"),
        outside_temperature=hours_of(5.0, 25.0),
        **ABOUT,
        **PLACE,
    ),
)
GLASS = st.builds(glazing, st.floats(0.6, 5.5), st.floats(0.1, 0.85))
SHADES = st.lists(
    st.builds(Overhang, st.floats(0.1, 2.0), st.floats(0.0, 1.0))
    | st.builds(Fin, st.floats(0.1, 2.0), st.sampled_from(["left", "right"])),
    max_size=2,
).map(tuple)
WINDOW = st.builds(
    Window,
    st.just("window"),
    st.floats(0.5, 30.0),
    GLASS,
    azimuth=st.floats(0.0, 360.0),
    shades=SHADES,
    width=st.just(2.0),
    height=st.just(1.5),
    view=SHARE,
    blind=SHARE,
)
GAIN = st.builds(Gain, hours_of(0.0, 1.0), st.floats(0.0, 5000.0), SHARE, st.floats(0.0, 0.001))
SUPPLY = st.builds(Supply, hours_of(0.0, 1.0), st.floats(0.0, 2000.0), SHARE, SHARE)
LEAKS = st.builds(Leaks, st.floats(0.0, 2.0), st.floats(0.0, 500.0))
ZONE = st.builds(
    Zone,
    st.just("random"),
    st.floats(10.0, 2000.0),
    st.lists(OPAQUE, min_size=1, max_size=5).map(tuple),
    st.lists(WINDOW, max_size=3).map(tuple),
    gains=st.lists(GAIN, max_size=2).map(tuple),
    supplies=st.lists(SUPPLY, max_size=2).map(tuple),
    leaks=LEAKS,
    heat_set=maybe(hours_of(10.0, 22.0)).map(lambda held: always(-np.inf) if held is None else held),
    cool_set=maybe(hours_of(23.0, 30.0)).map(lambda held: always(np.inf) if held is None else held),
    humidity_set=maybe(hours_of(0.008, 0.015)),
    heat_limit=st.just(np.inf) | st.floats(0.0, 50_000.0),
    cool_limit=st.just(np.inf) | st.floats(0.0, 50_000.0),
    furniture=st.floats(0.0, 1e7),
    open_flow=st.just(0.0) | st.floats(1.0, 5000.0),
    open_above=st.floats(22.0, 28.0),
    open_below=st.floats(5.0, 18.0),
    moisture_buffer=st.just(0.0) | st.floats(0.5, 20.0),
    moisture_delay=st.floats(0.2, 24.0),
    blind_from=st.just(np.inf) | st.floats(50.0, 500.0),
    blind_above=st.floats(-20.0, 30.0),
    exposure=st.floats(0.0, 1.2),
)


@FEW
@given(st.lists(ZONE, min_size=1, max_size=3), st.integers(0, 10_000))
def test_heat_and_water_are_kept_in_every_hour_and_plants_keep_their_limits(zones: list[Zone], seed: int) -> None:
    loads = simulate(zones, rough_sky(seed))
    flows = [loads.heating, loads.cooling_sensible, loads.gains, loads.transmission, loads.ventilation, loads.storage]
    largest = np.max([np.abs(flow).max(axis=1) for flow in flows], axis=0) + 1.0
    assert (np.abs(loads.heat_residual).max(axis=1) <= 1e-7 * largest).all()
    water = np.abs([loads.moisture_in, loads.moisture_stored]).max(axis=(0, 2)) + 1.0
    assert (np.abs(loads.moisture_residual).max(axis=1) <= 1e-9 * water).all()
    assert all(np.isfinite(getattr(loads, name)).all() for name in vars(loads))
    assert (loads.humidity > 0.0).all()
    # plants heat or cool, never both, within their capacity, and never past the set point
    assert (np.minimum(loads.heating, loads.cooling_sensible) == 0.0).all()
    assert min(flow.min() for flow in (loads.heating, loads.cooling_sensible, loads.cooling_latent)) >= 0.0
    for n, zone in enumerate(zones):
        heating, sensible, latent = loads.heating[n], loads.cooling_sensible[n], loads.cooling_latent[n]
        assert (heating <= zone.heat_limit).all()
        assert (sensible + latent <= zone.cool_limit * (1.0 + 1e-12)).all()
        heated, cooled = heating > 0.0, sensible > 0.0
        assert (loads.t_air[n][heated] <= zone.heat_set[heated] + 1e-6).all()
        assert (loads.t_air[n][cooled] >= zone.cool_set[cooled] - 1e-6).all()
        # and short of their limits they reach it
        assert (loads.t_air[n][heating < zone.heat_limit] >= zone.heat_set[heating < zone.heat_limit] - 1e-6).all()
        spare = sensible < zone.cool_limit
        assert (loads.t_air[n][spare] <= zone.cool_set[spare] + 1e-6).all()
        assert (latent[~cooled] == 0.0).all()
        if zone.humidity_set is None:
            assert (latent == 0.0).all()
        else:
            dried, dry = latent > 0.0, zone.humidity_set
            assert (loads.humidity[n][dried] >= dry[dried] - 1e-12).all()
            held = cooled & (sensible + latent < zone.cool_limit * (1.0 - 1e-9))
            assert (loads.humidity[n][held] <= dry[held] + 1e-12).all()


@settings(deadline=None, max_examples=3)
@given(st.lists(ZONE, min_size=2, max_size=4), st.integers(0, 10_000))
def test_neither_order_nor_threads_nor_company_nor_the_way_of_asking_change_a_bit(zones: list[Zone], seed: int) -> None:
    # more zones than one thread takes at a time
    zones = [replace(zone, name=f"zone {n}") for n, zone in enumerate(zones * 9)]
    sky = rough_sky(seed)
    loads = simulate(zones, sky, threads=1, warm_up=48)
    for threads in (2, 3):
        again = simulate(iter(zones), sky, threads=threads, warm_up=48)
        assert all(np.array_equal(getattr(loads, name), getattr(again, name)) for name in vars(loads))
    turned = simulate(zones[::-1], sky, warm_up=48)
    assert all(np.array_equal(getattr(loads, name), getattr(turned, name)[::-1]) for name in vars(loads))
    alone = simulate(zones[1:2], sky, warm_up=48)
    assert np.array_equal(alone.t_air[0], loads.t_air[1])
    year = annual_loads(zones, sky, warm_up=48)
    assert list(year.index) == [zone.name for zone in zones]
    for name in ("heating", "cooling_sensible", "cooling_latent"):
        assert np.array_equal(year[f"{name}_mwh"].to_numpy(), getattr(loads, name).sum(axis=1) / 1e6)
    assert np.array_equal(year["heating_peak_kw"].to_numpy(), loads.heating.max(axis=1) / 1e3)
    assert np.array_equal(year["t_min_c"].to_numpy(), loads.t_air.min(axis=1))
    total = (loads.cooling_sensible + loads.cooling_latent).max(axis=1) / 1e3
    assert np.array_equal(year["cooling_total_peak_kw"].to_numpy(), total)


def test_no_zones_give_empty_tables() -> None:
    assert simulate([], sky_of()).heating.shape == (0, HOURS)
    assert annual_loads([], sky_of()).empty


def test_a_shade_used_by_many_zones_and_many_shades_are_told_apart() -> None:
    sky, plain = rough_sky(3), box(heat_set=always(20.0))
    panes = [
        Window("pane", 2.0, WHITE, azimuth=5.0 * n, shades=(Overhang(1.0),), width=1.0, height=2.0) for n in range(70)
    ]
    zones = [replace(plain, name=str(n), windows=(pane,)) for n, pane in enumerate(panes)]
    together = annual_loads(zones + zones[:20], sky, warm_up=0)
    alone = annual_loads(zones[:3], sky, warm_up=0)
    assert together.iloc[:3].equals(alone)
    assert together.iloc[70:73].equals(alone)


# steady state


@FEW
@given(st.floats(0.01, 0.4), st.floats(0.0, 2.0), st.floats(-20.0, 15.0))
def test_the_steady_state_is_conductance_times_difference(thickness: float, changes: float, outside: float) -> None:
    zone = box(Layer(thickness, 0.05), leaks=Leaks(changes), heat_set=always(20.0))
    loads = simulate([zone], sky_of(temp_air=outside))
    # surfaces are alike, so no heat passes between them
    by_walls = 54.0 / (1.0 / 2.5 + thickness / 0.05 + 1.0 / 25.0) * (20.0 - outside)
    by_air = 27.0 * changes * 1.2 * AIR_HEAT / 3600.0 * (20.0 - outside)
    assert loads.transmission[0, -1] == pytest.approx(by_walls, rel=1e-9)
    assert loads.ventilation[0, -1] == pytest.approx(by_air, rel=1e-9)
    assert loads.heating[0, -1] == pytest.approx(by_walls + by_air, rel=1e-9)
    assert loads.t_air[0, -1] == pytest.approx(20.0)


@FEW
@given(st.lists(st.tuples(st.floats(1.0, 50.0), st.floats(0.01, 0.3), SHARE), min_size=2, max_size=5), SHARE)
def test_walls_that_differ_exchange_heat_as_a_network_of_resistances(
    drawn: list[tuple[float, ...]], radiant: float
) -> None:
    walls = tuple(
        Opaque(
            f"wall {n}", area, (Layer(thick, 0.05),), inside_film=2.5, outside_film=25.0, inside_emittance=0.1 + 0.9 * e
        )
        for n, (area, thick, e) in enumerate(drawn)
    )
    zone = box(opaque=walls, gains=(Gain(always(1.0), 500.0, radiant=radiant),))
    loads = simulate([zone], sky_of(temp_air=5.0))
    # unknowns: surfaces, air, radiant node
    count = len(drawn)
    network, known = np.zeros((count + 2, count + 2)), np.zeros(count + 2)
    for n, (area, thick, e) in enumerate(drawn):
        out = area / (thick / 0.05 + 1.0 / 25.0)
        network[n, n] += out
        known[n] += out * 5.0
        for other, link in ((count, 2.5 * area), (count + 1, INSIDE_RADIATION * (0.1 + 0.9 * e) / 0.9 * area)):
            network[n, n] += link
            network[other, other] += link
            network[n, other] = network[other, n] = -link
    known[count:] = 500.0 * (1.0 - radiant), 500.0 * radiant
    by_hand = np.linalg.solve(network, known)
    assert loads.t_air[0, -1] == pytest.approx(by_hand[count], abs=1e-6)
    assert loads.t_radiant[0, -1] == pytest.approx(by_hand[count + 1], abs=1e-6)
    assert loads.transmission[0, -1] == pytest.approx(500.0, rel=1e-6)
    assert loads.heating.sum() == loads.cooling_sensible.sum() == 0.0


def test_a_window_conducts_nearly_as_its_u_value_says_at_usual_conditions() -> None:
    # so many other surfaces that they are as warm as the air
    walls = tuple(replace(face, area=90.0, facing="adiabatic") for face in box().opaque)
    zone = box(opaque=walls, windows=(Window("pane", 6.0, glazing(2.0, 0.6)),), heat_set=always(20.0))
    loads = simulate([zone], sky_of(wind_speed=5.0))
    # films of 7.1 inside and 14 outside, where those of the U-value are 7.7 and 25
    assert loads.heating[0, -1] == pytest.approx(6.0 / (0.5 - 0.17 + 1.0 / 7.1 + 1.0 / 14.0) * 20.0, rel=0.02)
    assert loads.heating[0, -1] == pytest.approx(6.0 * 2.0 * 20.0, rel=0.10)


# in time


@FEW
@given(st.lists(st.lists(LAYER, min_size=1, max_size=4), min_size=1, max_size=4), st.integers(0, 10_000), SHARE)
def test_free_float_is_that_of_all_nodes_solved_as_one_matrix(
    drawn: list[list[Layer]], seed: int, emittance: float
) -> None:
    facing = ("outdoors", "space", "adiabatic", "outdoors")
    ground = np.random.default_rng(seed).uniform(5.0, 25.0, HOURS)
    film = 5.13 * (0.1 + 0.9 * emittance) / 0.9
    walls = tuple(
        Opaque(
            f"wall {n}",
            10.0 + n,
            tuple(layers),
            facing=facing[n],
            outside_temperature=ground if facing[n] == "space" else None,
            absorptance=0.0,
            inside_film=2.5,
            outside_film=20.0,
            inside_emittance=0.1 + 0.9 * emittance,
        )
        for n, layers in enumerate(drawn)
    )
    air = rough_sky(seed).table[:, 6]
    zone = box(opaque=walls, furniture=1e5, gains=(Gain(always(1.0), 300.0, radiant=0.4),), leaks=Leaks(0.5))
    loads = simulate([zone], sky_of(temp_air=air), warm_up=0)
    rows = [chain(tuple(layers)) for layers in drawn]
    size = sum(len(row[0]) for row in rows) + 2
    links, stored = np.zeros((size, size)), np.zeros(size)
    outside = np.zeros((size, 3))  # to the air, to the ground; the last: what is given off inside

    def link(one: int, other: int, value: float) -> None:
        links[one, one] += value
        links[other, other] += value
        links[one, other] -= value
        links[other, one] -= value

    at = 2
    for n, (capacity, between) in enumerate(rows):
        area, last = 10.0 + n, at + len(capacity) - 1
        stored[at : last + 1] = area * np.array(capacity) / 3600.0
        for k, value in enumerate(between):
            link(at + k, at + k + 1, area * value)
        link(at, 0, area * 2.5)
        link(at, 1, area * film)
        if facing[n] != "adiabatic":
            links[last, last] += 20.0 * area
            outside[last, 0 if facing[n] == "outdoors" else 1] = 20.0 * area
        at = last + 1
    vent = 0.5 * 27.0 * 1.2 * AIR_HEAT / 3600.0
    stored[0] = (27.0 * 1.2 * AIR_HEAT + 1e5) / 3600.0
    links[0, 0] += vent
    outside[0, 0] = vent
    outside[:2, 2] = 180.0, 120.0
    step = np.linalg.inv(links + np.diag(stored))
    temperature = np.full(size, 20.0)
    by_hand = np.zeros((200, 2))
    for hour in range(200):
        temperature = step @ (stored * temperature + outside @ np.array([air[hour], ground[hour], 1.0]))
        by_hand[hour] = temperature[:2]
    np.testing.assert_allclose(loads.t_air[0, :200], by_hand[:, 0], atol=1e-7)
    np.testing.assert_allclose(loads.t_radiant[0, :200], by_hand[:, 1], atol=1e-7)


def test_a_box_of_steel_cools_down_with_the_time_constant_of_its_capacity() -> None:
    walls = tuple(replace(face, outside_film=0.2) for face in box(STEEL).opaque)
    start = 4000
    step = np.where(np.arange(HOURS) < start, 30.0, 0.0)
    loads = simulate([box(opaque=walls)], sky_of(temp_air=step))
    constant = (54.0 * 0.02 * 7800.0 * 470.0 + 27.0 * 1.2 * AIR_HEAT) / (54.0 * 0.2) / 3600.0
    after = np.arange(1, 200)
    np.testing.assert_allclose(loads.t_air[0, start : start + 199] / 30.0, np.exp(-after / constant), rtol=0.012)


def test_the_face_of_a_deep_slab_takes_in_a_daily_wave_as_a_half_space_does() -> None:
    # the inside of a metre of concrete feels nothing of the day outside
    deep = Layer(1.2, 1.8, 2300.0, 1000.0)
    swing = 2.0 * np.pi / 24.0
    wave = 20.0 + 5.0 * np.sin(swing * np.arange(HOURS))
    wall = Opaque("slab", 10.0, (deep,), facing="space", outside_temperature=wave, outside_film=1e5)
    loads = simulate([box(opaque=(wall,))], sky_of(temp_air=20.0))
    days = loads.transmission[0, -20 * 24 :] / 10.0
    turn = np.exp(-1j * swing * np.arange(HOURS)[-20 * 24 :])
    seen = -2.0 * np.mean(days * turn) / (5.0 / 1j)
    effusivity = np.sqrt(1.8 * 2300.0 * 1000.0)
    assert abs(seen) == pytest.approx(effusivity * np.sqrt(swing / 3600.0), rel=0.03)
    # heat goes in three hours before the temperature peaks; a step of an hour blurs that by half of one
    assert np.angle(seen) / swing == pytest.approx(3.0, abs=0.5)


def test_nodes_keep_heat_and_resistance_of_their_layers() -> None:
    layers = (Layer(0.02, 0.9, 1800.0, 1000.0), CONCRETE, BOARD)
    capacity, between = chain(layers)
    assert sum(capacity) == pytest.approx(sum(layer.thickness * layer.density * layer.heat for layer in layers))
    assert sum(1.0 / value for value in between) == pytest.approx(sum(layer.resistance for layer in layers))
    assert slices(BOARD) == 0
    # a swing of one hour goes 5.3 cm deep in concrete
    assert slices(CONCRETE) == 4


# sun and gains


def sunny(**changes: Any) -> Zone:
    walls = tuple(replace(face, facing="adiabatic", sun_share=1.0 / 6.0) for face in box(CONCRETE).opaque)
    return box(opaque=walls, **changes)


def test_a_window_gains_area_times_coefficient_times_sun() -> None:
    sky = rough_sky(1)
    zone = sunny(windows=(Window("pane", 6.0, WHITE, azimuth=200.0),))
    loads = simulate([zone], sky)
    np.testing.assert_allclose(loads.gains[0], 6.0 * 0.6 * irradiance_on(sky, 90.0, 200.0), atol=1e-9)


def test_glass_follows_its_table_of_angles_for_the_beam() -> None:
    # a south window, the sun in the south 37 degrees high, nothing but its beam
    high = np.radians(37.0)
    sky = sky_of(sun_north=-np.cos(high), sun_up=np.sin(high), dni=800.0)
    pane = glazing(2.0, 0.6)
    loads = simulate([sunny(windows=(Window("pane", 5.0, pane),))], sky)
    coefficient = np.interp(37.0, np.arange(0.0, 91.0, 10.0), pane.shgc)
    assert loads.gains[0, 0] == pytest.approx(5.0 * coefficient * 800.0 * np.cos(high), rel=1e-9)


def test_a_view_takes_its_share_of_all_light_with_and_without_shades() -> None:
    sky = rough_sky(2)
    for shades in ((), (Overhang(1.0, gap=0.2),)):
        pane = Window("pane", 6.0, WHITE, shades=shades, width=3.0, height=2.0)
        whole, part = simulate([sunny(windows=(p,)) for p in (pane, replace(pane, view=0.3))], sky).gains
        np.testing.assert_allclose(part, 0.3 * whole, rtol=1e-12, atol=1e-9)


def test_a_blind_is_drawn_when_sun_and_warmth_say_so() -> None:
    sky = sky_of(
        dhi=np.where(np.arange(HOURS) % 24 < 12, 700.0, 100.0), temp_air=np.where(np.arange(HOURS) % 2, 25.0, 10.0)
    )
    pane = Window("pane", 6.0, WHITE, blind=0.25)
    bare, drawn = simulate(
        [sunny(windows=(pane,)), sunny(windows=(pane,), blind_from=300.0, blind_above=20.0)], sky
    ).gains
    shut = (sky.table[:, 4] / 2.0 > 300.0) & (sky.table[:, 6] > 20.0)
    assert 0 < shut.sum() < HOURS
    np.testing.assert_allclose(drawn, np.where(shut, 0.25, 1.0) * bare, rtol=1e-12)


def test_an_opaque_wall_in_the_sun_warms_as_the_sun_air_temperature_says() -> None:
    sky = sky_of(dhi=400.0, temp_air=10.0)
    faces = tuple(replace(face, absorptance=0.7) for face in box().opaque)
    loads = simulate([box(opaque=faces, heat_set=always(40.0))], sky)
    conductance = 9.0 / (1.0 / 2.5 + 2.0 + 1.0 / 25.0)
    # walls see half of the sky, the roof all, the floor none; radiation between them keeps the sum within a little
    lost = sum(conductance * (40.0 - 10.0 - 0.7 * share * 400.0 / 25.0) for share in (0.5, 0.5, 0.5, 0.5, 1.0, 0.0))
    assert loads.heating[0, -1] == pytest.approx(lost, rel=1e-6)


def test_the_sun_is_shared_out_but_for_what_windows_let_out_again() -> None:
    faces = tuple(replace(face, inside_absorptance=1.0) for face in box().opaque)
    np.testing.assert_allclose(sun_distribution(box(opaque=faces)), [0.0] * 5 + [1.0])
    pane = Window("pane", 6.0, WHITE)
    grey = sun_distribution(box(windows=(pane,)))
    assert 0.9 < grey.sum() < 1.0
    assert grey[5] == pytest.approx(0.6, abs=0.03)
    assert sun_distribution(box()).sum() == pytest.approx(1.0)
    given = (replace(box().opaque[0], sun_share=0.4), *box().opaque[1:])
    np.testing.assert_array_equal(sun_distribution(box(opaque=given)), [0.4, 0.0, 0.0, 0.0, 0.0, 0.0])


def test_radiant_gains_warm_surfaces_first() -> None:
    on = np.where(np.arange(HOURS) % 24 == 12, 1.0, 0.0)
    to_air, to_walls = (box(CONCRETE, gains=(Gain(on, 2000.0, radiant=share),)) for share in (0.0, 1.0))
    loads = simulate([to_air, to_walls], sky_of())
    peak = slice(12, None, 24)
    assert (loads.t_air[0, peak] > loads.t_air[1, peak] + 1.0).all()
    assert loads.gains.sum(axis=1) == pytest.approx([2000.0 * 365] * 2)
    # heat that walls take in leaves through them before the air knows of it
    assert loads.t_air[0].mean() > loads.t_air[1].mean() > 0.0


# air


def test_leaks_follow_stack_and_wind_as_the_formula_says() -> None:
    zone = box(leaks=Leaks(0.2, leakage_area=100.0), heat_set=always(20.0))
    loads = simulate([zone], sky_of(wind_speed=4.0))
    # 100 cm2: 100 sqrt(0.000290 * 20 + 0.000231 * 16) L/s, next to 0.2 air changes
    litres = 100.0 * np.sqrt(0.000290 * 20.0 + 0.000231 * 16.0)
    assert litres == pytest.approx(9.744, abs=1e-3)
    flow = 3.6 * litres + 0.2 * 27.0
    assert loads.ventilation[0, -1] == pytest.approx(flow * 1.2 * AIR_HEAT / 3600.0 * 20.0, rel=1e-9)


def test_recovery_keeps_its_share_of_heat_and_of_moisture() -> None:
    def supplied(heat: float, moisture: float) -> Zone:
        fan = Supply(always(0.5), 100.0, heat_recovery=heat, moisture_recovery=moisture)
        return box(supplies=(fan,), gains=(Gain(always(1.0), 100.0, moisture=0.1),), heat_set=always(20.0))

    loads = simulate([supplied(0.0, 0.0), supplied(0.7, 0.0), supplied(0.0, 0.6)], sky_of())
    whole = 50.0 * 1.2 * AIR_HEAT / 3600.0 * 20.0
    np.testing.assert_allclose(loads.ventilation[:, -1], [whole, 0.3 * whole, whole], rtol=1e-9)
    # 100 g/h into 60 kg/h of air, of which recovery holds six tenths back
    np.testing.assert_allclose(loads.humidity[:, -1], 0.004 + np.array([0.1 / 60.0, 0.1 / 60.0, 0.1 / 24.0]), rtol=1e-9)


def test_open_windows_cool_only_while_it_helps() -> None:
    warm = box(gains=(Gain(always(1.0), 1500.0),))
    opened = replace(warm, open_flow=500.0, open_above=24.0, open_below=14.0)
    shut, free = simulate([warm, opened], sky_of(temp_air=20.0)).t_air
    assert free.max() < shut.max() - 2.0
    assert (free >= 20.0).all()
    cold = simulate([warm, opened], sky_of(temp_air=10.0)).t_air
    np.testing.assert_array_equal(cold[0], cold[1])
    mild = [replace(zone, cool_set=always(26.0)) for zone in (warm, replace(opened, open_flow=2000.0))]
    cooled = simulate(mild, sky_of(temp_air=20.0))
    assert cooled.cooling_sensible[1].sum() < 0.7 * cooled.cooling_sensible[0].sum()
    # windows that do not suffice are shut while the plant runs, lest it dries the air of the street
    damp = [replace(zone, cool_set=always(26.0), humidity_set=always(0.0126)) for zone in (warm, opened)]
    loads = simulate(damp, sky_of(temp_air=23.0))
    running = loads.cooling_sensible[1] > 0.0
    assert running.any()
    assert (loads.ventilation[1][running] <= loads.ventilation[0].max() * (1.0 + 1e-9)).all()
    hot = simulate([replace(zone, cool_set=always(26.0)) for zone in (warm, opened)], sky_of(temp_air=25.0))
    np.testing.assert_array_equal(hot.cooling_sensible[0], hot.cooling_sensible[1])


# plant


def test_between_the_set_points_the_plant_rests() -> None:
    zone = box(CONCRETE, heat_set=always(5.0), cool_set=always(35.0))
    loads = simulate([zone], sky_of(temp_air=20.0 + 8.0 * np.sin(np.arange(HOURS) * 2.0 * np.pi / 24.0)))
    assert loads.heating.sum() == loads.cooling_sensible.sum() == loads.cooling_latent.sum() == 0.0
    assert 15.0 < loads.t_air.min() < loads.t_air.max() < 25.0


def test_a_small_plant_gives_all_it_has() -> None:
    cold = simulate([box(heat_set=always(20.0), heat_limit=100.0)], sky_of(temp_air=-10.0))
    assert (cold.heating == 100.0).all()
    assert cold.t_air.max() < 20.0
    humid = sky_of(temp_air=35.0, humidity_ratio=0.02)
    damp = box(cool_set=always(26.0), cool_limit=250.0, humidity_set=always(0.010), leaks=Leaks(2.0))
    loads = simulate([damp], humid)
    # the sensible load comes first, and what is left dries the air
    np.testing.assert_allclose(loads.cooling_sensible + loads.cooling_latent, 250.0)
    assert loads.humidity.min() > 0.010


@FEW
@given(ZONE, st.integers(0, 10_000), st.floats(0.5, 6.0))
def test_warmer_set_points_and_colder_weather_never_save_heat(zone: Zone, seed: int, more: float) -> None:
    sky = rough_sky(seed)
    # windows and drying answer to the temperature themselves
    zone = replace(zone, open_flow=0.0, open_above=np.inf, heat_limit=np.inf)
    zone = replace(zone, heat_set=always(18.0), cool_set=always(np.inf))
    zone = replace(zone, leaks=Leaks(zone.leaks.rate), opaque=tuple(replace(o, inside_film=3.0) for o in zone.opaque))
    table = sky.table.copy()
    table[:, 6] -= more
    table[:, 8] -= more
    usual, warmer = annual_loads([zone, replace(zone, heat_set=always(18.0 + more))], sky)["heating_mwh"]
    colder = annual_loads([zone], replace(sky, table=table))["heating_mwh"].iloc[0]
    assert warmer >= usual * (1.0 - 1e-9)
    # films outside follow temperatures, by a few parts in a thousand
    assert colder >= usual * 0.995


@FEW
@given(st.floats(0.01, 0.2), st.floats(0.01, 0.2), st.integers(0, 10_000))
def test_more_insulation_never_means_more_heating(foam: float, more: float, seed: int) -> None:
    zones = [box(CONCRETE, Layer(thick, 0.04), heat_set=always(20.0)) for thick in (foam, foam + more)]
    thin, thick = annual_loads(zones, rough_sky(seed))["heating_mwh"]
    assert thick < thin


# moisture


def test_humidity_settles_at_outdoors_plus_gain_over_flow() -> None:
    breath = Gain(always(1.0), 80.0, moisture=0.04)
    loads = simulate([box(gains=(breath,), leaks=Leaks(0.5), moisture_buffer=8.0, moisture_delay=6.0)], sky_of())
    assert loads.humidity[0, -1] == pytest.approx(0.004 + 80.0 * 0.0005 / (0.5 * 27.0 * 1.2), rel=1e-6)
    assert loads.cooling_latent.sum() == 0.0


def test_dehumidification_in_the_steady_state_is_the_water_that_comes_in() -> None:
    breath = Gain(always(1.0), 100.0, moisture=0.05)
    zone = box(gains=(breath,), leaks=Leaks(0.5), cool_set=always(26.0), humidity_set=always(0.0126))
    loads = simulate([zone, replace(zone, humidity_set=None)], sky_of(temp_air=33.0, humidity_ratio=0.020))
    # 16.2 kg/h of air from 20 to 12.6 g/kg and 50 g/h of people, at 2501 kJ/kg
    water = 0.5 * 27.0 * 1.2 * (0.020 - 0.0126) + 0.05
    assert loads.cooling_latent[0, -1] == pytest.approx(water * 2501.0 / 3.6, rel=1e-9)
    assert loads.humidity[0, -1] == pytest.approx(0.0126)
    assert loads.cooling_latent[1].sum() == 0.0
    assert loads.humidity[1, -1] > 0.020
    assert pytest.approx(2501.0 / 3.6) == LATENT_W


def test_surfaces_follow_the_humidity_of_the_air_with_their_delay() -> None:
    delay, start = 24.0, 4000
    step = np.where(np.arange(HOURS) < start, 0.006, 0.018)
    # so much air that the room's is that of outdoors
    zone = box(leaks=Leaks(1e5), moisture_buffer=3.0, moisture_delay=delay)
    loads = simulate([zone], sky_of(humidity_ratio=step, temp_air=20.0))
    taken = np.cumsum(loads.moisture_stored[0, start:]) - 27.0 * 1.2 * 0.012
    left = 1.0 - taken / (3.0 * 27.0 * 1.2 * 0.012)
    np.testing.assert_allclose(left[:48], np.exp(-np.arange(1, 49) / delay), rtol=0.05)


def test_the_first_hour_of_cooling_does_not_condense_what_the_night_stored() -> None:
    on = daily([1.0 if 7 <= hour < 19 else 0.0 for hour in range(24)])
    zone = box(
        leaks=Leaks(0.4),
        cool_set=np.where(on > 0.0, 26.0, np.inf),
        humidity_set=always(0.0126),
        moisture_buffer=5.0,
        moisture_delay=6.0,
    )
    loads = simulate([zone], sky_of(temp_air=30.0, humidity_ratio=0.020))
    drying = loads.cooling_latent[0, -24:]
    assert drying[7] < 0.25 * drying.sum()
    assert (np.diff(drying[7:19]) <= 1e-9).all()
    assert (drying[on[:24] == 0.0] == 0.0).all()


# small parts


def test_a_day_has_24_hours() -> None:
    with pytest.raises(ValueError, match="23 values"):
        daily([1.0] * 23)
    assert daily([float(hour) for hour in range(24)])[25] == 1.0
    assert always(3.0).shape == (HOURS,)


def test_cube_roots_are_near_enough() -> None:
    values = np.geomspace(0.125, 127.0, 2000)
    np.testing.assert_allclose([cube_root(float(value)) for value in values], np.cbrt(values), rtol=0.014)
    assert cube_root(0.0) == 0.0
    assert cube_root(1e9) == pytest.approx(float(ROOTS[-1]), rel=1e-3)


def test_glass_known_by_two_figures_keeps_them() -> None:
    pane = glazing(1.8, 0.5)
    assert pane.u_value == 1.8
    assert pane.shgc[0] == 0.5
    assert pane.transmittance[0] < 0.5
    assert pane.shgc[-1] == 0.0
    assert list(pane.shgc) == sorted(pane.shgc, reverse=True)


def test_humid_air_at_published_points() -> None:
    # 23.388 hPa at 20 C in the steam tables of IAPWS; the Magnus formula is good to 0.3 %
    assert float(saturation_pressure(20.0)) == pytest.approx(2338.8, rel=4e-3)
    assert float(saturation_pressure(0.0)) == pytest.approx(611.2)
    # ASHRAE Fundamentals 2017, chapter 1, table 2: 14.758 g/kg at saturation and 20 C, 27.329 g/kg at 30 C
    assert float(humidity_ratio(20.0, 100.0, 101_325.0)) == pytest.approx(0.014758, rel=8e-3)
    assert float(humidity_ratio(30.0, 100.0, 101_325.0)) == pytest.approx(0.027329, rel=8e-3)
