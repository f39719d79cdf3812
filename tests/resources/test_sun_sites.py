"""Sunlight between real buildings: what was measured in Gothenburg, what was traced in Zug, and the page of both."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import grass
import pages
import sun_page
import sun_sites
from all_weather import all_weather
from layers.weather.light import SkyLight


@pytest.fixture(scope="module")
def data(shared_data: Path) -> Path:
    for folder in (sun_sites.KRONENHUSET, sun_sites.zug.CASE):
        if not (shared_data / folder).is_dir():
            pytest.skip(f"{folder} is not on this machine")
    return shared_data


@pytest.fixture(scope="module")
def place(data: Path) -> sun_sites.Courtyard:
    return sun_sites.read_courtyard(data)


@pytest.fixture(scope="module")
def hours(place: sun_sites.Courtyard) -> pd.DataFrame:
    return sun_sites.courtyard_hours(place)


@pytest.fixture(scope="module")
def light(data: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    return sun_sites.town_light(sun_sites.read_town(data), data)


def test_no_other_reading_of_the_clocks_leaves_the_courtyard_darker_than_the_open_place(
    place: sun_sites.Courtyard,
) -> None:
    brighter = []
    for late in (0, 1, 2):
        outside = place.open_place["ghi"].to_numpy()[place.measured.index.to_numpy() - late]
        brighter.append(bool((place.measured["above"].to_numpy() > outside).any()))
    assert brighter == [True, False, True]


def test_light_of_the_open_place_closes(place: sun_sites.Courtyard) -> None:
    light = sun_sites.light_of_day(place)
    beam = (light.dni * np.maximum(light.direction[:, 2], 0.0)).reshape(24, -1).mean(axis=1)
    day = slice(7, 17)
    closed = (beam + place.open_place["dhi"].to_numpy())[day]
    np.testing.assert_allclose(closed, place.open_place["ghi"].to_numpy()[day], rtol=0.03)


def test_light_from_above_is_measured_within_5_percent(hours: pd.DataFrame) -> None:
    found = sun_sites.errors(hours["above_ours"].to_numpy(), hours["above_measured"].to_numpy())
    assert abs(found["share"]) < 0.05
    assert found["rmse"] < 12.0


def test_light_of_sunlit_walls_is_measured_from_the_north_and_of_the_ground_from_below(hours: pd.DataFrame) -> None:
    for name, most in (("north", 10.0), ("below", 4.0)):
        found = sun_sites.errors(hours[f"{name}_ours"].to_numpy(), hours[f"{name}_measured"].to_numpy())
        assert found["rmse"] < most, name


def test_rays_thrown_at_random_say_the_same_of_the_light_from_above(place: sun_sites.Courtyard) -> None:
    light, late = sun_sites.light_of_day(place), place.measured.index.to_numpy() - sun_sites.LATE
    theirs = sun_sites.traced_at_mast(place, light)[late]
    ours = sun_sites.at_mast(place, sun_sites.other_sky(light), (0.0, 0.0, 1.0))[late]
    assert ours.sum() == pytest.approx(theirs.sum(), rel=0.04)


def test_an_independent_sky_says_the_same_of_the_light_from_above(place: sun_sites.Courtyard) -> None:
    light, up = sun_sites.light_of_day(place), (0.0, 0.0, 1.0)
    other = sun_sites.other_sky(light)
    towards, given = other.radiance()
    np.testing.assert_allclose(towards[:, 2] @ given, light.dhi, rtol=0.0, atol=1e-9)
    late, measured = place.measured.index.to_numpy() - sun_sites.LATE, place.measured["above"].to_numpy()
    ours, theirs = (
        sun_sites.errors(sun_sites.at_mast(place, sky, up)[late], measured)["share"] for sky in (light, other)
    )
    assert theirs == pytest.approx(ours, abs=0.03)


def test_the_all_weather_sky_is_brightest_above_if_overcast_and_around_the_sun_if_clear() -> None:
    up = np.array([[0.0, np.sin(np.radians(50.0)), np.cos(np.radians(50.0))]] * 2)
    dni, dhi, nothing = np.array([0.0, 850.0]), np.array([150.0, 80.0]), np.zeros(2)
    ghi = dhi + dni * up[:, 2]
    sky = all_weather(SkyLight(up, dni, dhi, ghi, nothing, nothing, np.full(2, 50.0)), np.full(2, 1367.0))
    towards, given = sky.radiance()
    # on the mesh a point's light is its radiance times its solid angle, which is as the cosine of its height
    overcast, clear = (given / np.hypot(towards[:, 0], towards[:, 1])[:, None]).T
    low, high = (overcast[near].mean() for near in (towards[:, 2] < 0.1, towards[:, 2] > 0.98))
    # 3 is the ratio of the overcast sky of the CIE
    assert 1.5 < high / low < 3.5
    assert up[1] @ towards[np.argmax(clear)] > np.cos(np.radians(3.0))


def test_the_day_has_its_sun_when_it_was_measured(hours: pd.DataFrame) -> None:
    for name in ("above", "south", "west"):
        for whose in ("ours", "measured"):
            brightest = hours[f"{name}_{whose}"].nlargest(2)
            assert sorted(brightest.index) == [15, 16], (name, whose)


def test_roofs_of_zug_are_those_of_radiance(light: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    table, _ = light
    assert len(table) == 15
    np.testing.assert_allclose(table["roof_ours"], table["roof_traced"], rtol=0.05)
    assert sun_sites.ratio_of_sums(table, "roof") == pytest.approx(1.0, abs=0.02)


def test_walls_of_zug_are_those_of_radiance_and_much_darker_with_nothing_thrown_back(
    data: Path, light: tuple[pd.DataFrame, pd.DataFrame]
) -> None:
    table, quarters = light
    np.testing.assert_allclose(table["wall_ours"], table["wall_traced"], rtol=0.08)
    np.testing.assert_allclose(quarters["ours"], quarters["traced"], rtol=0.08)
    assert sun_sites.ratio_of_sums(table, "wall") == pytest.approx(1.0, abs=0.03)
    dark, _ = sun_sites.town_light(sun_sites.read_town(data), data, 0.0)
    assert sun_sites.ratio_of_sums(dark, "wall") < 0.9


def test_walls_are_those_the_rays_were_traced_on(data: Path, light: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    for name, row in light[0].iterrows():
        other = sun_sites.of_radiance(data, str(name))
        assert row["wall_area"] == pytest.approx(sum(other[quarter][1] for quarter in sun_sites.QUARTERS), rel=1e-3)


def test_every_cell_of_a_made_up_town_has_the_beam_that_is_found_by_looking() -> None:
    heights = grass.blocks(160)
    cells = np.random.default_rng(3).integers(20, 140, size=(150, 2))
    exact = grass.looked_at(heights, cells)
    swept = grass.ours(heights).beam[cells[:, 0], cells[:, 1]]
    assert swept.sum() == pytest.approx(exact.sum(), rel=0.01)
    assert np.sqrt(((swept - exact) ** 2).mean()) < 0.04 * exact.mean()


def test_the_page_tells_what_the_script_computes(data: Path) -> None:
    page = (sun_sites.ROOT / "docs" / "sun.md").read_text(encoding="utf-8")
    assert pages.differences(page, sun_page.page(data)) == []
