"""Sun and sky on buildings: shades by hand geometry, published irradiation, sky temperature, films by hand."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layers.errors import Findings
from layers.weather import WeatherOptions, read_weather
from spatial.demand.building import Fin, Overhang, SkyHours, Window, glazing, sky_hours
from spatial.demand.building.films import inside_films, natural_film, sky_share
from spatial.demand.building.shades import GRID, diffuse_shares, lit_share, sun_share
from spatial.demand.building.sky import cloud_cover, irradiance_on, sky_temperature

GLASS = glazing(2.0, 0.6)
WIDTH, HEIGHT = 2.0, 1.5


def pane(*shades: Overhang | Fin, azimuth: float = 180.0) -> Window:
    return Window("pane", WIDTH * HEIGHT, GLASS, azimuth=azimuth, shades=shades, width=WIDTH, height=HEIGHT)


def towards(profile_deg: float, aside_deg: float = 0.0) -> np.ndarray:
    """Return a direction by its profile angle above the window's normal and its angle to the right of it."""
    return np.array([[np.tan(np.radians(aside_deg)), np.tan(np.radians(profile_deg)), 1.0]])


# shades


@settings(deadline=None)  # the first example may have to be compiled
@given(st.floats(0.05, 2.0), st.floats(0.0, 0.5), st.floats(1.0, 80.0), st.floats(-30.0, 30.0))
def test_the_shadow_of_a_long_overhang_is_its_depth_times_the_tangent_of_the_profile_angle(
    depth: float, gap: float, profile: float, aside: float
) -> None:
    window = pane(Overhang(depth, gap=gap, left=100.0, right=100.0))
    shadow = np.clip(depth * np.tan(np.radians(profile)) - gap, 0.0, HEIGHT)
    # by rows of points
    assert lit_share(window, towards(profile, aside))[0] == pytest.approx(1.0 - shadow / HEIGHT, abs=0.5 / GRID + 1e-9)


@settings(deadline=None)  # the first example may have to be compiled
@given(st.floats(0.05, 2.0), st.floats(0.0, 0.5), st.floats(1.0, 80.0))
def test_a_fin_shades_from_its_own_side_only_and_fins_are_symmetric(depth: float, gap: float, aside: float) -> None:
    left, right = (pane(Fin(depth, side, gap=gap, above=100.0, below=100.0)) for side in ("left", "right"))
    shadow = np.clip(depth * np.tan(np.radians(aside)) - gap, 0.0, WIDTH)
    share = lit_share(right, towards(20.0, aside))[0]
    assert share == pytest.approx(1.0 - shadow / WIDTH, abs=0.5 / GRID + 1e-9)
    assert lit_share(left, towards(20.0, -aside))[0] == pytest.approx(share, abs=1e-12)
    assert lit_share(left, towards(20.0, aside))[0] == lit_share(right, towards(20.0, -aside))[0] == 1.0


def test_a_short_overhang_lets_the_sun_in_beside_it() -> None:
    # the sun 45 degrees up and 45 to the right: the shadow starts half a metre in from the right edge
    window = pane(Overhang(0.5))
    lit = lit_share(window, towards(45.0, 45.0))[0]
    # a parallelogram 0.5 m high whose right side slants: 0.5 * (2.0 - 0.25) of 3 m2 in the shadow
    assert lit == pytest.approx(1.0 - 0.5 * 1.75 / 3.0, abs=0.03)


def test_without_shades_all_light_passes_and_none_comes_from_behind() -> None:
    directions = np.vstack([towards(30.0), towards(80.0, 70.0), -towards(30.0)])
    np.testing.assert_array_equal(lit_share(pane(), directions), [1.0, 1.0, 0.0])
    assert diffuse_shares(pane()) == (1.0, 1.0)


def test_two_shades_darken_at_least_as_much_as_either() -> None:
    directions = np.vstack([towards(profile, aside) for profile in (10.0, 40.0, 70.0) for aside in (-60.0, 0.0, 45.0)])
    one, other = Overhang(0.6, gap=0.1), Fin(0.4, "left")
    both = lit_share(pane(one, other), directions)
    assert (both <= np.minimum(lit_share(pane(one), directions), lit_share(pane(other), directions))).all()


def test_sun_on_a_window_is_told_by_east_north_and_up() -> None:
    # a west window with a fin on its right, seen from outside: that is to the south
    window = pane(Fin(1.0, "right", above=100.0, below=100.0), azimuth=270.0)
    southwest, northwest = np.array([-1.0, -1.0, 0.5]), np.array([-1.0, 1.0, 0.5])
    shares = sun_share(window, np.vstack([southwest, northwest, [1.0, 0.0, 0.5], [-1.0, 0.0, -0.1]]))
    assert shares[0] == pytest.approx(0.5, abs=0.5 / GRID)
    np.testing.assert_array_equal(shares[1:], [1.0, 0.0, 0.0])


@pytest.mark.parametrize(("depth", "gap"), [(0.5, 0.0), (1.0, 0.3), (2.0, 0.0)])
def test_the_sky_past_an_endless_overhang_is_the_analytic_view(depth: float, gap: float) -> None:
    window = pane(Overhang(depth, gap=gap, left=1e4, right=1e4))
    # a point h below sees h / sqrt(h2 + d2) of the sky it saw before; the mean over the height has this integral
    mean = (np.hypot(gap + HEIGHT, depth) - np.hypot(gap, depth)) / HEIGHT
    sky, ground = diffuse_shares(window)
    assert sky == pytest.approx(mean, abs=0.01)
    assert ground == 1.0


def test_endless_fins_on_both_sides_take_the_same_from_sky_and_ground() -> None:
    fins = [Fin(1.0, side, above=1e4, below=1e4) for side in ("left", "right")]
    sky, ground = diffuse_shares(pane(*fins))
    # as the overhang above, turned by a right angle: each fin takes from one half of all light
    mean = (np.hypot(WIDTH, 1.0) - 1.0) / WIDTH
    assert sky == pytest.approx(mean, abs=0.01)
    assert ground == pytest.approx(sky, abs=1e-12)


# sky


@pytest.fixture(scope="module")
def denver(shared_data: Path) -> SkyHours:
    read = read_weather(shared_data / "bestest_weather" / "725650TYCST.epw", WeatherOptions(), Findings())
    assert read is not None
    site, weather = read
    return sky_hours(weather, site)


@pytest.mark.parametrize(
    ("tilt", "azimuth", "low", "high"),
    [
        (0.0, 180.0, 1662.5, 1670.0),
        (90.0, 0.0, 399.0, 477.3),
        (90.0, 90.0, 1016.7, 1067.9),
        (90.0, 180.0, 1290.6, 1387.0),
        (90.0, 270.0, 903.1, 997.0),
    ],
)
def test_irradiation_in_denver_is_that_of_the_standard(
    denver: SkyHours, tilt: float, azimuth: float, low: float, high: float
) -> None:
    # example results of ASHRAE 140-2020, six programs, kWh/m2 a
    assert low <= irradiance_on(denver, tilt, azimuth).sum() / 1000.0 <= high


def test_the_hours_of_denver_are_sound(denver: SkyHours) -> None:
    assert denver.table.shape == (8760, 14)
    assert np.isfinite(denver.table).all()
    length = np.linalg.norm(denver.table[:, :3], axis=1)
    # means over an hour in which the sun turns by 15 degrees
    assert length.min() > 0.997
    assert length.max() <= 1.0
    # the sky is colder than the air in nearly all hours, by about ten kelvin here
    below = denver.table[:, 6] - denver.table[:, 8]
    assert (below > -1e-9).all()
    assert 8.0 < below.mean() < 25.0


def test_clouds_undo_the_formula_that_made_them() -> None:
    zenith = np.array([30.0, 50.0, 70.0, 85.0, 100.0])
    cover = np.array([0.0, 0.5, 0.9])
    # Haurwitz: 1098 cos(z) exp(-0.059 / cos(z))
    cosine = np.cos(np.radians(zenith[:3]))
    clear = 1098.0 * cosine * np.exp(-0.059 / cosine)
    ghi = np.append(clear * (1.0 - 0.75 * cover**3.4), [10.0, 0.0])
    np.testing.assert_allclose(cloud_cover(ghi, zenith), [0.0, 0.5, 0.9, 0.9, 0.9], rtol=2e-3)
    np.testing.assert_array_equal(cloud_cover(np.zeros(3), np.full(3, 95.0)), 0.5)
    assert cloud_cover(2000.0 * np.ones(1), np.zeros(1))[0] == 0.0
    assert cloud_cover(np.zeros(1), np.zeros(1))[0] == 1.0


@given(st.floats(-30.0, 45.0), st.floats(0.0, 100.0), st.floats(0.0, 1.0))
def test_the_sky_is_never_warmer_than_the_air_and_clouds_warm_it(air: float, humidity: float, cloud: float) -> None:
    clear, clouded, full = (float(sky_temperature(air, humidity, cover)) for cover in (0.0, cloud, 1.0))
    assert np.isfinite(clear)
    assert clear <= clouded + 1e-9 <= full + 2e-9
    assert full <= air + 1e-9


def test_the_sky_of_a_mild_night_by_hand() -> None:
    # 20 C and 50 %: dew point 9.26 C, emissivity 0.787 + 0.764 ln(282.41 / 273) = 0.8129
    assert float(sky_temperature(20.0, 50.0, 0.0)) == pytest.approx(293.15 * 0.8129**0.25 - 273.15, abs=0.02)
    # all overcast: times 1 + 0.224 - 0.35 + 0.28 = 1.154
    assert float(sky_temperature(20.0, 50.0, 1.0)) == pytest.approx(
        293.15 * (0.8129 * 1.154) ** 0.25 - 273.15, abs=0.02
    )


# films


def test_films_of_still_air_by_hand() -> None:
    assert natural_film(90.0) == (1.31, 1.31)
    # level plates: 9.482 / 6.283 where warm air may rise, 1.810 / 2.382 where it may not
    rising, held = pytest.approx(1.509, abs=1e-3), pytest.approx(0.760, abs=1e-3)
    assert natural_film(180.0) == (rising, held)
    assert natural_film(0.0) == (held, rising)
    warm, cold = natural_film(30.0)
    assert warm == pytest.approx(1.810 / (1.382 + np.cos(np.radians(30.0))))
    assert cold == pytest.approx(9.482 / (7.283 - np.cos(np.radians(30.0))))
    assert inside_films(90.0, 2.5) == (2.5, 0.0, 0.0)
    assert inside_films(90.0, None)[1:] == (1.31, 1.31)


def test_a_roof_sees_the_sky_a_wall_half_of_it_a_floor_none() -> None:
    assert [sky_share(tilt) for tilt in (0.0, 90.0, 180.0)] == pytest.approx([1.0, 0.5, 0.0])
