"""Light of what hides the sky: closed forms, rays thrown at random, and what a roof sees of itself."""

import numpy as np
import pyproj
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

import all_weather
import traced
from layers.grid import Grid
from layers.surface import Surface, surface_of_array
from layers.weather.light import SkyLight
from resources.horizon import grades_of_cells, point_horizons, surface_grades
from resources.hours import hourly_irradiance
from resources.places import PLACE_DIRECTIONS, hourly_light
from resources.sightlines import place_horizons, seen_facets
from resources.terrain import Terrain

Floats = NDArray[np.float64]

SIDE = 240
UP, DOWN = np.array([0.0, 0.0, 1.0]), np.array([0.0, 0.0, -1.0])


def surface(heights: Floats) -> Surface:
    return surface_of_array(heights, Grid(0.0, float(len(heights)), 1.0, *heights.shape, pyproj.CRS.from_epsg(4550)))


def place(x: float, y: float, z: float) -> Floats:
    """Return metres east and south of the corner, and height, in the CRS of `surface`."""
    return np.array([[x, SIDE - y, z]])


def light_of(azimuth_deg: list[float], height_deg: list[float], beam: float = 800.0, sky: float = 0.0) -> SkyLight:
    """Return hours with a sun of its own each, in an even sky."""
    azimuth, height = np.radians(azimuth_deg), np.radians(height_deg)
    towards = np.column_stack([np.cos(height) * np.sin(azimuth), np.cos(height) * np.cos(azimuth), np.sin(height)])
    dni, dhi = np.full(len(azimuth), beam), np.full(len(azimuth), sky)
    nothing = np.zeros(len(azimuth))
    return SkyLight(towards, dni, dhi, dhi + dni * towards[:, 2], nothing, nothing, 90.0 - np.degrees(height))


def wall(turn_deg: float, away: float, height: float) -> Floats:
    """Return heights of a wall without end whose foot is `away` from the middle, turned clockwise from the north."""
    row, column = np.mgrid[:SIDE, :SIDE] + 0.5
    angle = np.radians(turn_deg)
    beyond = (column - SIDE / 2) * np.sin(angle) - (row - SIDE / 2) * np.cos(angle)
    return np.where((beyond > away) & (beyond < away + 20.0), height, 0.0)


@pytest.mark.parametrize("turn", [0.0, 16.0, 45.0, 110.0])
@pytest.mark.parametrize(("away", "height"), [(10.0, 20.0), (25.0, 12.0)])
def test_a_sunlit_wall_lights_the_ground_before_it_as_its_view_factor_says(
    turn: float, away: float, height: float
) -> None:
    # the sun stands behind the place and shines onto the wall at a slant, none of the ground is in shadow
    light = light_of([turn + 180.0, turn + 150.0], [35.0, 50.0])
    angle = np.radians(turn)
    facing = light.direction @ np.array([-np.sin(angle), -np.cos(angle), 0.0])
    albedo = 0.01  # so little that what comes back a second time does not count
    beam, other = hourly_light(
        surface(wall(turn, away, height)), place(SIDE / 2, SIDE / 2, 0.0), UP, light, albedo, reach_m=115.0
    )
    np.testing.assert_allclose(beam, light.ghi, rtol=1e-9)
    # of a wall without end an element of ground sees half of one less the cosine of the wall's height
    half = 0.5 * (1.0 - np.cos(np.arctan(height / away)))
    np.testing.assert_allclose(other, albedo * light.dni * facing * half, rtol=0.06)


def test_of_a_wall_only_the_part_in_the_sun_gives_light() -> None:
    # 20 m behind the place stands a roof of 12 m, whose shadow covers the place and climbs up to a part of the wall
    heights = wall(0.0, 15.0, 24.0)
    heights[SIDE // 2 + 20 :, :] = 12.0
    light, albedo = light_of([180.0], [12.0]), 0.01
    beam, other = hourly_light(surface(heights), place(SIDE / 2, SIDE / 2, 0.0), UP, light, albedo, reach_m=115.0)
    assert beam.item() == 0.0
    shadow = 12.0 - 35.0 * np.tan(np.radians(12.0))
    view = 0.5 * (np.cos(np.arctan(shadow / 15.0)) - np.cos(np.arctan(24.0 / 15.0)))
    facing = np.cos(np.radians(12.0))
    assert other.item() == pytest.approx(albedo * light.dni.item() * facing * view, rel=0.05)


@pytest.mark.parametrize("height", [0.5, 1.5, 8.0])
def test_what_faces_down_over_open_ground_gets_its_share_of_the_global_light(height: float) -> None:
    light = light_of([140.0, 230.0], [20.0, 60.0], sky=120.0)
    _, other = hourly_light(surface(np.zeros((SIDE, SIDE))), place(120.3, 119.6, height), DOWN, light, 0.2)
    np.testing.assert_allclose(other, 0.2 * light.ghi, rtol=1e-6)


@pytest.mark.parametrize("tilt", [10.0, 35.0])
def test_modules_tilted_on_a_flat_roof_see_the_roof_before_them(tilt: float) -> None:
    heights = np.zeros((SIDE, SIDE))
    heights[90:150, 80:160] = 9.0
    light = light_of([150.0, 210.0], [30.0, 70.0], sky=100.0)
    normal = np.array([0.0, -np.sin(np.radians(tilt)), np.cos(np.radians(tilt))])
    ours = hourly_light(surface(heights), place(120.5, 120.5, 9.0), normal, light, 0.2, reach_m=100.0)
    open_place = hourly_irradiance(light, np.zeros((1, PLACE_DIRECTIONS)), normal, 0.2)
    for own, other in zip(ours, open_place, strict=True):
        np.testing.assert_allclose(own, other, rtol=0.01)


def test_modules_flush_with_a_pitched_roof_see_no_steps_of_it() -> None:
    row = np.abs(np.arange(SIDE) - 119.5)
    heights = np.broadcast_to(np.where(row < 20.0, 15.0 - 0.6 * row, 0.0)[:, None], (SIDE, SIDE)).copy()
    light = light_of([150.0, 210.0], [30.0, 70.0], sky=100.0)
    normal = np.array([0.0, -0.6, 1.0]) / np.hypot(0.6, 1.0)
    on = place(120.5, 128.5, heights[128, 120])
    ours = hourly_light(surface(heights), on, normal, light, 0.2, reach_m=100.0)
    open_place = hourly_irradiance(light, np.zeros((1, PLACE_DIRECTIONS)), normal, 0.2)
    for own, other in zip(ours, open_place, strict=True):
        np.testing.assert_allclose(own, other, rtol=0.01)


def town(seed: int) -> Floats:
    """Return blocks of a made-up town, with an open place in the middle."""
    rng = np.random.default_rng(seed)
    heights = np.zeros((SIDE, SIDE))
    for row in range(0, SIDE, 30):
        for column in range(0, SIDE, 30):
            heights[row : row + rng.integers(12, 24), column : column + rng.integers(12, 24)] = rng.integers(6, 28)
    heights[110:130, 110:130] = 0.0
    return heights


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("faces", [UP, DOWN, np.array([0.0, 1.0, 0.0]), np.array([-1.0, 0.0, 0.0])], ids=str)
def test_light_between_blocks_is_that_of_rays_thrown_at_random(seed: int, faces: Floats) -> None:
    heights = town(seed)
    azimuths, at = [100.0, 140.0, 180.0, 220.0, 260.0], [25.0, 40.0, 48.0, 40.0, 25.0]
    light = light_of(azimuths, at, sky=110.0)
    _, ours = hourly_light(surface(heights), place(120.3, 119.7, 1.5), faces, light, 0.2, reach_m=200.0)
    radiance = np.repeat(light.dhi[:, None] / np.pi, all_weather.HEIGHTS * all_weather.TURNS, axis=1)
    _, theirs = traced.light_at(
        heights, (120.3, 119.7, 1.5), tuple(faces), light.direction, light.dni, radiance, 0.2, 20_000
    )
    assert ours.sum() == pytest.approx(theirs.sum(), rel=0.05)
    # a hundredth of the beam: where the edge of a shadow falls is told by a limited number of rays
    np.testing.assert_allclose(ours, theirs, rtol=0.05, atol=8.0)


@settings(max_examples=40)
@given(
    seed=st.integers(0, 50),
    spot=st.tuples(st.floats(112.0, 128.0), st.floats(112.0, 128.0), st.floats(0.3, 20.0)),
    turn=st.floats(0.0, 360.0),
    tilt=st.floats(0.0, 180.0),
    count=st.integers(1, 5),
)
def test_shares_of_what_is_seen_add_up_to_what_hides_the_sky(
    seed: int, spot: tuple[float, float, float], turn: float, tilt: float, count: int
) -> None:
    heights = surface(town(seed))
    angle, lean = np.radians(turn), np.radians(tilt)
    normal = np.array([np.sin(lean) * np.sin(angle), np.sin(lean) * np.cos(angle), np.cos(lean)])
    places = np.repeat(place(*spot), count, axis=0) + np.arange(count)[:, None] * np.array([0.3, -0.2, 0.0])
    tangents = place_horizons(heights, places, 150.0, 90)
    found = seen_facets(heights, places, normal, tangents, 0.7, 150.0)
    assert found.shares.sum() + found.elsewhere == pytest.approx(0.7, rel=1e-9)
    assert (found.shares > 0.0).all()
    assert found.elsewhere >= 0.0
    np.testing.assert_allclose(np.linalg.norm(found.normals, axis=1), 1.0, rtol=1e-6)
    assert (found.normals[:, 2] >= 0.0).all()


@settings(max_examples=25)
@given(seed=st.integers(0, 50), albedo=st.floats(0.01, 0.9), azimuth=st.floats(0.0, 360.0), height=st.floats(5.0, 85.0))
def test_more_is_thrown_back_by_brighter_surfaces_and_never_more_than_all(
    seed: int, albedo: float, azimuth: float, height: float
) -> None:
    light, heights = light_of([azimuth], [height], sky=100.0), surface(town(seed))
    spot = place(120.0, 119.0, 1.0)
    beam, dark = hourly_light(heights, spot, UP, light, 0.0, reach_m=150.0)
    again, lit = hourly_light(heights, spot, UP, light, albedo, reach_m=150.0)
    assert again == pytest.approx(beam)
    assert lit.item() >= dark.item()
    brighter = hourly_light(heights, spot, UP, light, min(1.1 * albedo, 1.0), reach_m=150.0)[1]
    assert brighter.item() >= lit.item()
    # no surface gets more than one that faces the sun, and what is thrown to and fro is a geometric series
    most = light.dni.item() + light.dhi.item()
    assert lit.item() - dark.item() <= albedo / (1.0 - albedo) * most


def leaning(tilt_deg: float, azimuth_deg: float) -> Floats:
    tilt, azimuth = np.radians(tilt_deg), np.radians(azimuth_deg)
    return np.array([np.sin(tilt) * np.sin(azimuth), np.sin(tilt) * np.cos(azimuth), np.cos(tilt)])


@settings(max_examples=40)
@given(tilt=st.floats(0.0, 180.0), azimuth=st.floats(0.0, 360.0), albedo=st.floats(0.0, 1.0))
def test_over_open_ground_any_plane_has_its_shares_of_sky_and_ground(
    tilt: float, azimuth: float, albedo: float
) -> None:
    light = light_of([150.0], [40.0], beam=0.0, sky=100.0)
    found = hourly_light(
        surface(np.zeros((60, 60))), np.array([[30.3, 29.8, 1.5]]), leaning(tilt, azimuth), light, albedo
    )
    share = 0.5 * (1.0 + np.cos(np.radians(tilt)))
    assert sum(found).item() == pytest.approx(100.0 * (share + albedo * (1.0 - share)), abs=0.3)


@settings(max_examples=30)
@given(
    seed=st.integers(0, 50),
    spot=st.tuples(st.floats(112.0, 128.0), st.floats(112.0, 128.0), st.floats(0.3, 25.0)),
    tilt=st.floats(0.0, 180.0),
    azimuth=st.floats(0.0, 360.0),
)
def test_where_all_surfaces_are_white_and_the_sky_is_even_everything_is_equally_bright(
    seed: int, spot: tuple[float, float, float], tilt: float, azimuth: float
) -> None:
    light = light_of([150.0], [40.0], beam=0.0, sky=100.0)
    found = hourly_light(surface(town(seed)), place(*spot), leaning(tilt, azimuth), light, 1.0, reach_m=200.0)
    assert sum(found).item() == pytest.approx(100.0, rel=0.03)


@pytest.mark.parametrize(("side", "height", "up", "south"), [(10, 20.0, 10.0, 1.8), (20, 20.0, 30.2, 7.5)])
def test_a_light_well_is_as_dark_as_rays_say(side: int, height: float, up: float, south: float) -> None:
    # what is expected was found by rays thrown at random in a box without cells, at 1.5 m
    heights = np.full((101, 101), height)
    middle = slice(50 - side // 2, 50 - side // 2 + side)
    heights[middle, middle] = 0.0
    spot = np.array([[50.0, 51.0, 1.5]])
    light = light_of([150.0], [40.0], beam=0.0, sky=100.0)
    for normal, expected in ((UP, up), (np.array([0.0, -1.0, 0.0]), south)):
        found = sum(hourly_light(surface(heights), spot, normal, light, 0.2))
        assert found.item() == pytest.approx(expected, rel=0.06)


@pytest.mark.parametrize("slope_deg", [20.0, 40.0, 56.0])
@pytest.mark.parametrize("cell", [1.0, 0.5])
def test_a_sunlit_slope_gives_the_light_of_a_slope_and_not_that_of_steps(slope_deg: float, cell: float) -> None:
    # slopes rise on both sides of a floor of 40 m up to 20 m
    side = round(600.0 / cell)
    away = np.abs((np.arange(side) + 0.5) * cell - 300.0) - 20.0
    slope = np.radians(slope_deg)
    heights = np.broadcast_to(np.clip(away * np.tan(slope), 0.0, 20.0), (side, side))
    grid = Grid(0.0, side * cell, cell, side, side, pyproj.CRS.from_epsg(4550))
    light, albedo = light_of([90.0, 90.0], [80.0, 60.0]), 0.01
    _, other = hourly_light(surface_of_array(heights, grid), np.array([[300.0, 300.0, 0.0]]), UP, light, albedo)
    top = np.arctan2(20.0, 20.0 + 20.0 / np.tan(slope))
    half = 0.5 * (1.0 - np.cos(top))
    slopes = [np.array([way * np.sin(slope), 0.0, np.cos(slope)]) for way in (-1.0, 1.0)]
    facing = sum(np.maximum(light.direction @ normal, 0.0) for normal in slopes)
    np.testing.assert_allclose(other, albedo * light.dni * facing * half, rtol=0.06)


def test_what_leans_over_gets_no_sun_through_a_wall() -> None:
    heights = surface(wall(180.0, 10.0, 20.0))
    light = light_of([180.0], [20.0])
    for tilt in (60.0, 90.0, 110.0, 135.0, 150.0):
        beam, _ = hourly_light(heights, place(SIDE / 2, SIDE / 2, 1.5), leaning(tilt, 180.0), light, 0.0)
        assert beam.item() == 0.0
    beam, _ = hourly_light(surface(np.zeros((SIDE, SIDE))), place(120.0, 120.0, 1.5), leaning(100.0, 180.0), light, 0.0)
    assert beam.item() == pytest.approx(800.0 * np.cos(np.radians(30.0)), rel=1e-6)


@pytest.mark.parametrize("inside", [0.0, 0.3, 0.9])
def test_a_wall_is_a_wall_however_its_normal_is_written(inside: float) -> None:
    heights = np.zeros((SIDE, SIDE))
    heights[100:140, 100:140] = 10.0
    light = light_of([270.0], [60.0], sky=110.0)
    spot = place(100.0 + inside, 120.0, 5.0)
    exact = np.sum(hourly_light(surface(heights), spot, np.array([-1.0, 0.0, 0.0]), light, 0.2))
    for tilt in (90.0, 89.9999, 90.0001):
        assert np.sum(hourly_light(surface(heights), spot, leaning(tilt, 270.0), light, 0.2)) == pytest.approx(
            exact, rel=1e-3
        )


@pytest.mark.parametrize("wide", [5, 28, 100])
def test_water_without_heights_is_no_pit(wide: int) -> None:
    heights = np.zeros((SIDE, SIDE))
    heights[60:100, 80:160] = 10.0
    light, spot = light_of([180.0], [80.0], sky=110.0), place(120.0, 100.01, 5.0)
    full = hourly_light(surface(heights), spot, np.array([0.0, -1.0, 0.0]), light, 0.2)[1]
    heights[102 : 102 + wide] = np.nan
    holed = hourly_light(surface(heights), spot, np.array([0.0, -1.0, 0.0]), light, 0.2)[1]
    assert holed.item() == pytest.approx(full.item(), rel=0.02)


def test_light_around_the_sun_and_the_band_at_the_horizon_reach_a_wall_and_come_back() -> None:
    towards = light_of([180.0], [35.0]).direction
    dhi, around, band = np.array([120.0]), np.array([50.0]), np.array([20.0])
    light = SkyLight(towards, np.array([0.0]), dhi, dhi, around, band, np.array([55.0]))
    heights, albedo = surface(wall(0.0, 10.0, 20.0)), 0.01
    spot = place(SIDE / 2, SIDE / 2, 0.0)
    dark, lit = (hourly_light(heights, spot, UP, light, share, reach_m=115.0)[1] for share in (0.0, albedo))
    on_wall = light.glow * -towards[:, 1] + 0.5 * light.even + band
    half = 0.5 * (1.0 - np.cos(np.arctan(2.0)))
    assert (lit - dark).item() == pytest.approx(albedo * on_wall.item() * half, rel=0.07)


@pytest.mark.parametrize("count", [5, 13, 18, 24])
def test_a_place_told_several_times_is_one_place_and_places_are_the_mean_of_each(count: int) -> None:
    heights, light = surface(town(3)), light_of([140.0, 220.0], [40.0, 30.0], sky=110.0)
    spot = place(120.3, 119.7, 1.5)
    once = hourly_light(heights, spot, UP, light, 0.2, reach_m=150.0)
    often = hourly_light(heights, np.repeat(spot, count, axis=0), UP, light, 0.2, reach_m=150.0)
    np.testing.assert_allclose(often, once, rtol=1e-9)
    places = np.column_stack(
        [112.0 + 16.0 * np.arange(count) / count, SIDE - 115.0 - 0.3 * np.arange(count), np.ones(count)]
    )
    together = hourly_light(heights, places, UP, light, 0.2, reach_m=150.0)[1]
    alone = np.mean([hourly_light(heights, one[None], UP, light, 0.2, reach_m=150.0)[1] for one in places], axis=0)
    np.testing.assert_allclose(together, alone, rtol=0.03)


def test_nothing_is_met_beyond_the_reach() -> None:
    spot = place(120.3, 119.7, 10.0)
    tangents = place_horizons(surface(town(1)), spot, 40.0, 360)
    found = seen_facets(surface(town(1)), spot, np.array([0.0, 1.0, 0.0]), tangents, 0.5, 40.0)
    assert np.hypot(*(found.places[:, :2] - spot[0, :2]).T).max() <= 42.0
    assert found.elsewhere > 0.0


def hills(height: float, crs: int = 4550) -> Terrain:
    """Return far ground with a ridge to the south, 5 to 6 km away."""
    ground = np.zeros((400, 400))
    ground[250:260] = height
    return Terrain(
        surface_of_array(ground, Grid(-20_000.0, 20_000.0, 100.0, 400, 400, pyproj.CRS.from_epsg(crs))), 15_000.0
    )


def test_hills_hide_the_sun_and_a_roof_above_all_others_needs_nothing_else() -> None:
    flat, spot = surface(np.zeros((SIDE, SIDE))), place(120.0, 120.0, 0.0)
    light = light_of([180.0], [8.0], sky=60.0)
    beam, other = hourly_light(flat, spot, UP, light, 0.2)
    for height, expected in ((0.0, beam.item()), (1000.0, 0.0)):
        found = hourly_light(flat, spot, UP, light, 0.2, terrain=hills(height))
        assert found[0].item() == pytest.approx(expected, rel=1e-3)
        assert found[1].item() == pytest.approx(other.item(), rel=0.10)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"places": np.empty((0, 3))}, "n x 3"),
        ({"places": np.array([120.0, 120.0, 1.0])}, "n x 3"),
        ({"places": place(120.0, 120.0, np.nan)}, "1 of 1 places have no height or lie off the surface, as number 0"),
        ({"places": np.vstack([place(1.0, 1.0, 0.0), place(-1.0, 1.0, 0.0)])}, "1 of 2 places"),
        ({"normal": np.array([0.0, 0.0, 2.0])}, "unit vector"),
        ({"albedo": 1.5}, "an albedo lies in 0 to 1, not 1.5"),
        ({"albedo": np.nan}, "an albedo lies in 0 to 1"),
        ({"terrain": hills(10.0, 32651)}, "not in the CRS of the surface"),
    ],
)
def test_what_cannot_be_is_told(change: dict[str, object], told: str) -> None:
    given = {"places": place(120.0, 120.0, 1.0), "normal": UP, "albedo": 0.2, "terrain": None} | change
    light = light_of([180.0], [40.0])
    with pytest.raises(ValueError, match=told):
        hourly_light(
            surface(np.zeros((SIDE, SIDE))), given["places"], given["normal"], light, given["albedo"],
            terrain=given["terrain"],
        )  # type: ignore[arg-type]  # fmt: skip


def test_points_need_as_many_planes() -> None:
    with pytest.raises(ValueError, match="5 points need as many planes"):
        point_horizons(np.zeros((9, 9), dtype=np.float32), 1.0, np.ones((5, 3)), 3.0, 8, np.array([[0.0, 0.0, 1.0]]))


@settings(max_examples=30)
@given(data=st.data(), rows=st.integers(5, 12), columns=st.integers(5, 12))
def test_grades_of_cells_are_those_of_their_surface(data: st.DataObject, rows: int, columns: int) -> None:
    levels = st.lists(st.sampled_from([0.0, 0.5, 1.0, 1.5, 9.0]), min_size=rows * columns, max_size=rows * columns)
    heights = np.array(data.draw(levels), dtype=np.float32).reshape(rows, columns)
    row, column = (part.ravel() for part in np.mgrid[:rows, :columns])
    expected = surface_grades(heights, 1.0)[:, row, column]
    np.testing.assert_array_equal(grades_of_cells(heights, 1.0, row, column), expected)
