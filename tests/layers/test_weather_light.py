"""The light of an hour in parts: what they add up to, and what a sun that is down gives."""

from pathlib import Path

import numpy as np
import pytest

from layers.errors import Findings
from layers.weather import WeatherOptions, read_weather
from layers.weather.light import GLOW_DEG, SkyLight, sky_light


@pytest.fixture(scope="module")
def light() -> SkyLight:
    options = WeatherOptions(latitude_deg=29.79, longitude_deg=121.95, altitude_m=5.0, utc_offset_h=8.0)
    path = Path(__file__).parents[2] / "layers" / "meishan" / "normals.csv"
    found = read_weather(path, options, Findings())
    assert found is not None
    site, weather = found
    return sky_light(weather, site)


def test_parts_on_the_level_are_the_diffuse_light_of_the_hour(light: SkyLight) -> None:
    around = sum(given * np.maximum(towards[:, 2], 0.0) for towards, given in list(light.sources())[1:])
    high = light.direction[:, 2] > np.sin(np.radians(5.0))
    np.testing.assert_allclose((around + light.even)[high], light.dhi[high], rtol=1e-6, atol=1e-6)
    # lower suns keep a part of their glow, as the model of Perez takes them no lower than five degrees
    assert ((around + light.even) <= light.dhi + 1e-6).all()


def test_points_around_the_sun_give_every_plane_that_sees_them_all_what_the_sun_would(light: SkyLight) -> None:
    points = list(light.sources())[1:]
    rng = np.random.default_rng(2)
    for normal in rng.normal(size=(20, 3)):
        unit = normal / np.linalg.norm(normal)
        together = sum(given * (towards @ unit) for towards, given in points)
        np.testing.assert_allclose(together, light.glow * (light.direction @ unit), atol=1e-6 * light.glow.max())


def test_no_point_lies_farther_from_the_sun_than_its_glow_or_under_the_horizon(light: SkyLight) -> None:
    up = light.direction[:, 2] > 0.0
    middle = light.direction[up] / np.linalg.norm(light.direction[up], axis=1)[:, None]
    for towards, given in list(light.sources())[1:]:
        one = towards[up] / np.linalg.norm(towards[up], axis=1)[:, None]
        apart = np.degrees(np.arccos(np.clip((one * middle).sum(axis=1), -1.0, 1.0)))
        assert apart.max() <= GLOW_DEG
        assert (one[:, 2] >= -1e-9).all()
        assert (given[~up] == 0.0).all()


def test_a_wall_in_the_open_gets_half_of_an_even_sky(light: SkyLight) -> None:
    even = SkyLight(
        light.direction, 0.0 * light.dni, light.dhi, light.dhi, 0.0 * light.dhi, 0.0 * light.dhi, light.zenith_deg
    )
    np.testing.assert_allclose(even.on_walls(0.0), 0.5 * light.dhi)
    np.testing.assert_allclose(even.on_walls(0.2), 0.6 * light.dhi)
