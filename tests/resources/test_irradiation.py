"""Irradiation of surfaces: rays marched hour by hour, published planes, closed balances."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from layers.errors import Findings
from layers.weather import WeatherOptions, read_weather
from layers.weather.light import sky_light
from made_town import made_town, marched_irradiation
from resources.horizon import azimuths, horizon_tangents
from resources.hours import hourly_irradiance
from resources.irradiation import (
    MONTHS,
    hidden_shares,
    irradiation,
    plane_irradiation,
    sky_table,
)

ALBEDO = 0.2
Read = tuple[pd.DataFrame, pd.DataFrame]


@pytest.fixture(scope="module")
def shanghai(shared_data: Path) -> Read:
    read = read_weather(next((shared_data / "epw_shanghai").glob("*.epw")), WeatherOptions(), Findings())
    assert read is not None
    return read


@pytest.fixture(scope="module")
def denver(shared_data: Path) -> Read:
    read = read_weather(shared_data / "bestest_weather" / "725650TYCST.epw", WeatherOptions(), Findings())
    assert read is not None
    return read


def test_500_roof_cells_of_a_town_agree_with_rays_marched_for_every_hour(shanghai: Read) -> None:
    site, weather = shanghai
    town = made_town(400)
    roofs = np.argwhere(town.house[60:-60, 60:-60] > 0) + 60
    cells = roofs[np.random.default_rng(1).choice(len(roofs), 500, replace=False)]
    marched = marched_irradiation(town, cells, sky_light(weather, site), ALBEDO)
    found = irradiation(town.heights(), 1.0, sky_table(weather, site, ALBEDO))[cells[:, 0], cells[:, 1], 0]
    error = found / marched - 1.0
    assert abs(error.mean()) <= 0.005
    assert abs(found.sum() / marched.sum() - 1.0) <= 0.005
    assert np.mean(np.abs(error) <= 0.02) >= 0.95


def test_open_ground_gets_the_global_light_of_the_year_and_of_each_month(shanghai: Read) -> None:
    site, weather = shanghai
    light = sky_light(weather, site)
    found = irradiation(np.zeros((9, 7), dtype=np.float32), 1.0, sky_table(weather, site, ALBEDO, monthly=True))
    month = pd.DatetimeIndex(weather.index).month
    above = light.dni * np.maximum(light.direction[:, 2], 0.0) + light.dhi
    expected = [above[month == number].sum() / 1000.0 for number in range(1, MONTHS + 1)]
    np.testing.assert_allclose(found[4, 3], expected, rtol=0.004)


def test_months_add_up_to_the_year(shanghai: Read) -> None:
    site, weather = shanghai
    heights = made_town(120, seed=3).heights()
    year = irradiation(heights, 1.0, sky_table(weather, site, ALBEDO))
    months = irradiation(heights, 1.0, sky_table(weather, site, ALBEDO, monthly=True))
    np.testing.assert_allclose(months.sum(axis=2), year[:, :, 0], rtol=2e-4)


def test_hours_of_a_cell_add_up_to_its_year(shanghai: Read) -> None:
    site, weather = shanghai
    heights = made_town(120, seed=3).heights()
    table, light, tangents = sky_table(weather, site, ALBEDO), sky_light(weather, site), horizon_tangents(heights, 1.0)
    normal = np.array([0.0, -0.5, 0.866])
    for row, column in ((60, 60), (30, 90), (80, 20)):
        own = tangents[:, row, column].astype(float)[None]
        year = plane_irradiation(own, normal[None], table).item()
        hours = sum(hourly_irradiance(light, own, normal, ALBEDO)).sum() / 1000.0
        assert hours == pytest.approx(year, rel=0.01)


def test_no_cell_of_a_flat_roof_gets_more_than_open_ground(shanghai: Read) -> None:
    site, weather = shanghai
    town = made_town(200, seed=5)
    table = sky_table(weather, site, ALBEDO)
    flat = np.broadcast_to(np.array([0.0, 0.0, 1.0], dtype=np.float32)[:, None, None], (3, 200, 200))
    found = irradiation(town.heights(), 1.0, table, normals=flat)
    open_ground = irradiation(np.zeros((1, 1), dtype=np.float32), 1.0, table)[0, 0, 0]
    assert found.max() <= open_ground * 1.0001
    assert found.min() > 0.0


# ASHRAE 140-2020, example results of six programs for the year [kWh/m2]
RANGES = {
    "horizontal": ((0.0, 0.0, 1.0), 1662.5, 1670.0),
    "north": ((0.0, 1.0, 0.0), 399.0, 477.3),
    "east": ((1.0, 0.0, 0.0), 1016.7, 1067.9),
    "south": ((0.0, -1.0, 0.0), 1290.6, 1387.0),
    "west": ((-1.0, 0.0, 0.0), 903.1, 997.0),
}


@pytest.mark.parametrize("plane", RANGES)
def test_planes_of_denver_lie_inside_the_ranges_of_ashrae_140(denver: Read, plane: str) -> None:
    site, weather = denver
    table = sky_table(weather, site, ALBEDO)
    normal, low, high = RANGES[plane]
    assert low <= plane_irradiation(np.zeros((1, table.directions)), np.array([normal]), table).item() <= high


def test_a_plane_before_a_wall_gets_more_back_from_the_side_that_has_the_sun(shanghai: Read) -> None:
    site, weather = shanghai
    table, dark = (sky_table(weather, site, albedo) for albedo in (ALBEDO, 0.0))
    angle = np.radians(azimuths(table.directions))
    level = np.array([[0.0, 0.0, 1.0]])

    def thrown(toward: float) -> float:
        """Return what a wall twice as tall as far throws back that stands in a direction [rad]."""
        wall = 2.0 * np.maximum(np.cos(angle - toward), 0.0)[None]
        return float((plane_irradiation(wall, level, table) - plane_irradiation(wall, level, dark)).item())

    south, west, north = thrown(np.pi), thrown(1.5 * np.pi), thrown(0.0)
    # the wall to the north faces south
    assert north > west > south > 0.0
    shares = hidden_shares(2.0 * np.maximum(np.cos(angle), 0.0)[None], level, table.directions)
    open_sky = np.zeros((1, table.directions))
    assert hidden_shares(open_sky, level, table.directions).max() == 0.0
    # half of the sky behind an endless wall of elevation b: it hides (1 - cos b) / 2
    assert shares.sum() == pytest.approx(0.5 * (1.0 - np.cos(np.arctan(2.0))), rel=0.01)


def test_impossible_heights_hide_nothing_and_impossible_planes_are_refused(shanghai: Read) -> None:
    site, weather = shanghai
    table = sky_table(weather, site, ALBEDO)
    heights = np.zeros((40, 40), dtype=np.float32)
    heights[20, 20] = np.inf
    found = irradiation(heights, 1.0, table)
    np.testing.assert_allclose(found, found[0, 0, 0], rtol=1e-5)
    normals = np.zeros((3, 40, 40), dtype=np.float32)
    with pytest.raises(ValueError, match="point up"):
        irradiation(heights, 1.0, table, normals)
    with pytest.raises(ValueError, match="nothing in 0 rows"):
        irradiation(heights, 1.0, table, inner=(20, 20, 0, 0))
    with pytest.raises(ValueError, match="faces down"):
        plane_irradiation(np.zeros((1, table.directions)), np.array([[0.0, 0.0, -1.0]]), table)
    for few_or_odd in (4, 45):
        with pytest.raises(ValueError, match=f"{few_or_odd} directions make no sky; take an even number from 8 on"):
            sky_table(weather, site, ALBEDO, directions=few_or_odd)
