"""Roof planes: shapes whose planes are known, what they must not depend on, and the old town of Gothenburg."""

import math
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from layers.constants import constants
from layers.errors import Findings
from layers.grid import Grid
from layers.surface import Surface, TiledHeights, surface_of_array
from layers.surface_reading import read_surface
from layers.vector import Source
from resources.rooftop.planes import PlaneOptions, RoofPlanes, roof_planes

FEW = settings(deadline=None, max_examples=25)
CRS = pyproj.CRS.from_epsg(4550)
USUAL = PlaneOptions()
SIDE = 60.0
TURNS = st.floats(0.0, 360.0)

Roof = Callable[[np.ndarray, np.ndarray], np.ndarray]


def turned(shape: shapely.Geometry, turn_deg: float) -> shapely.Geometry:
    """Return a shape round nought, turned clockwise and put into the middle of the grid."""
    turn = math.radians(turn_deg)
    rotation = np.array([[math.cos(turn), -math.sin(turn)], [math.sin(turn), math.cos(turn)]])
    return shapely.transform(shape, lambda places: places @ rotation + SIDE / 2.0)


def surface_of(roof: Roof, turn_deg: float = 0.0, cell: float = 1.0, noise_m: float = 0.0, seed: int = 0) -> Surface:
    """Return the surface of a roof, turned clockwise, which is told east and north of the middle of the grid."""
    count = round(SIDE / cell)
    grid = Grid(0.0, SIDE, cell, count, count, CRS)
    x, y = (part.reshape(grid.shape) - SIDE / 2.0 for part in grid.centres())
    turn = math.radians(turn_deg)
    heights = roof(x * math.cos(turn) - y * math.sin(turn), x * math.sin(turn) + y * math.cos(turn))
    return surface_of_array(heights + np.random.default_rng(seed).normal(0.0, noise_m, grid.shape), grid)


def buildings(*shapes: shapely.Geometry, ids: list[str] | None = None) -> gpd.GeoDataFrame:
    names = [f"b{number}" for number in range(len(shapes))] if ids is None else ids
    return gpd.GeoDataFrame(geometry=list(shapes), index=pd.Index(names, name="building_id"), crs=CRS)


def house(length: float, depth: float) -> shapely.Geometry:
    return shapely.box(-length / 2.0, -depth / 2.0, length / 2.0, depth / 2.0)


def gable(length: float, depth: float, pitch_deg: float, eaves_m: float = 6.0) -> Roof:
    """Return a roof whose ridge runs east."""

    def heights(x: np.ndarray, y: np.ndarray) -> np.ndarray:
        within = (abs(x) <= length / 2.0) & (abs(y) <= depth / 2.0)
        return np.where(within, eaves_m + (depth / 2.0 - abs(y)) * math.tan(math.radians(pitch_deg)), 0.0)

    return heights


def box(height_m: float, *, east: float = 0.0, north: float = 0.0, wide: float, deep: float) -> Roof:
    def heights(x: np.ndarray, y: np.ndarray) -> np.ndarray:
        return np.where((abs(x - east) <= wide / 2.0) & (abs(y - north) <= deep / 2.0), height_m, 0.0)

    return heights


def highest(*roofs: Roof) -> Roof:
    return lambda x, y: np.max([roof(x, y) for roof in roofs], axis=0)


def apart_deg(one: float, other: float) -> float:
    return abs((one - other + 180.0) % 360.0 - 180.0)


def check_laws(found: RoofPlanes, frame: gpd.GeoDataFrame, surface: Surface) -> None:
    """What is true of all roofs."""
    planes, cells, cell = found.planes, found.cells, surface.cell
    assert planes.index.name == "plane_id"
    assert planes.index.is_unique
    assert list(planes.index) == sorted(planes.index)
    assert (planes.usable_m2 <= planes.area_m2 * (1.0 + 1e-9)).all()
    assert planes.azimuth_deg.isna().equals(planes.form == "flat")
    assert cells.dtypes.eq(np.int32).all()
    assert not cells.duplicated(["row", "col"]).any()
    counts = np.bincount(cells["plane"], minlength=len(planes))
    np.testing.assert_allclose(planes.area, counts * cell**2)
    assert planes.is_valid.all()
    x, y = surface.grid.x_centres[cells["col"]], surface.grid.y_centres[cells["row"]]
    assert shapely.intersects_xy(planes.geometry.to_numpy()[cells["plane"]], x, y).all()
    flat = (planes.area_m2 * np.cos(np.radians(planes.tilt_deg))).groupby(planes.building_id).sum()
    assert (flat <= frame.area.loc[flat.index] * (1.0 + 1e-9)).all()


@FEW
@given(TURNS, st.floats(10.0, 50.0), st.floats(14.0, 28.0), st.floats(10.0, 16.0))
def test_a_gable_has_two_slopes(turn: float, pitch: float, length: float, depth: float) -> None:
    surface, frame = surface_of(gable(length, depth, pitch), turn), buildings(turned(house(length, depth), turn))
    found = roof_planes(frame, surface, USUAL)
    check_laws(found, frame, surface)
    planes = found.planes
    assert planes.form.tolist() == ["pitched", "pitched"]
    assert (abs(planes.tilt_deg - pitch) < 2.0).all()
    assert min(apart_deg(azimuth, turn) for azimuth in planes.azimuth_deg) < 4.0
    assert min(apart_deg(azimuth, turn + 180.0) for azimuth in planes.azimuth_deg) < 4.0
    slope = depth / 2.0 / math.cos(math.radians(pitch))
    assert math.isclose(planes.area_m2.sum(), 2.0 * length * slope, rel_tol=0.01)
    np.testing.assert_allclose(planes.area_m2, length * slope, rtol=0.12)
    # along ridge, eaves and verges half a metre is kept free
    assert math.isclose(planes.usable_m2.sum(), 2.0 * (length - 1.0) * (slope - 1.0), rel_tol=0.08)


@FEW
@given(TURNS, st.floats(12.0, 50.0), st.integers(0, 10**6))
def test_the_noise_of_a_survey_splits_no_slope(turn: float, pitch: float, seed: int) -> None:
    frame = buildings(turned(house(24.0, 14.0), turn))
    found = roof_planes(frame, surface_of(gable(24.0, 14.0, pitch), turn, noise_m=0.05, seed=seed), USUAL)
    assert len(found.planes) == 2
    assert (abs(found.planes.tilt_deg - pitch) < 2.0).all()
    assert all(min(apart_deg(a, turn), apart_deg(a, turn + 180.0)) < 4.0 for a in found.planes.azimuth_deg)
    flat = roof_planes(frame, surface_of(box(9.0, wide=24.0, deep=14.0), turn, noise_m=0.05, seed=seed), USUAL)
    assert flat.planes.form.tolist() == ["flat"]
    assert flat.planes.tilt_deg.iloc[0] < 0.5
    assert math.isclose(flat.planes.usable_m2.iloc[0], 23.0 * 13.0, rel_tol=0.05)


@pytest.mark.parametrize("turn", [0.0, 13.0, 30.0, 45.0, 72.0])
@pytest.mark.parametrize("pitch", [12.0, 30.0, 48.0])
def test_cells_of_two_metres_still_tell_the_slopes_of_a_house(turn: float, pitch: float) -> None:
    frame = buildings(turned(house(20.0, 12.0), turn))
    planes = roof_planes(frame, surface_of(gable(20.0, 12.0, pitch), turn, 2.0, 0.05), USUAL).planes
    assert len(planes) == 2
    np.testing.assert_allclose(planes.tilt_deg, pitch, atol=3.0)
    assert apart_deg(*planes.azimuth_deg) > 174.0


@pytest.mark.parametrize(("cell", "tolerance"), [(0.5, 0.03), (1.0, 0.08), (2.0, 0.16)])
@pytest.mark.parametrize("setback", [0.0, 0.3, 0.5, 1.0, 1.7])
def test_a_set_back_takes_what_geometry_says(cell: float, tolerance: float, setback: float) -> None:
    rng = np.random.default_rng(3)
    options, ratios, by_cells = PlaneOptions(setback_m=setback), [], []
    for turn in [0.0, 45.0, *rng.uniform(0.0, 360.0, 18)]:
        length, depth = rng.uniform(15.0, 28.0), rng.uniform(10.0, 16.0)
        roof = surface_of(box(9.0, wide=length, deep=depth), turn, cell)
        found = roof_planes(buildings(turned(house(length, depth), turn)), roof, options)
        expected = (length - 2.0 * setback) * (depth - 2.0 * setback)
        ratios.append(found.planes.usable_m2.sum() / expected)
        by_cells.append(len(found.cells) * cell**2 / expected)
    assert np.abs(np.array(ratios) - 1.0).max() < tolerance
    assert abs(np.mean(ratios) - 1.0) < 0.02
    # whole cells cannot be as exact, but lean to neither side
    assert abs(np.mean(by_cells) - 1.0) < 0.05


@pytest.mark.parametrize("turn", [0.0, 20.0, 40.0, 77.0])
def test_a_hip_roof_has_four_slopes(turn: float) -> None:
    def hip(x: np.ndarray, y: np.ndarray) -> np.ndarray:
        return np.where((abs(x) <= 13.0) & (abs(y) <= 8.0), 6.0 + 0.6 * np.minimum(8.0 - abs(y), 13.0 - abs(x)), 0.0)

    planes = roof_planes(buildings(turned(house(26.0, 16.0), turn)), surface_of(hip, turn), USUAL).planes
    assert len(planes) == 4
    np.testing.assert_allclose(planes.tilt_deg, math.degrees(math.atan(0.6)), atol=1.0)
    turns = np.sort((planes.azimuth_deg - turn + 45.0) % 360.0) - 45.0
    np.testing.assert_allclose(turns, [0.0, 90.0, 180.0, 270.0], atol=2.0)
    # two trapezia of 26 and 10 m, two triangles of 16 m, 8 m deep in plan
    steep = math.hypot(1.0, 0.6)
    np.testing.assert_allclose(planes.area_m2, np.array([144.0, 144.0, 64.0, 64.0]) * steep, rtol=0.08)


@pytest.mark.parametrize("turn", [0.0, 30.0])
def test_what_stands_on_a_flat_roof_is_left_out_with_room_to_walk_round(turn: float) -> None:
    chimney, lift_house = (
        box(11.5, east=-7.5, north=3.5, wide=1.0, deep=1.0),
        box(13.0, east=4.0, north=0.0, wide=4.0, deep=2.0),
    )
    roof = highest(box(10.0, wide=30.0, deep=16.0), chimney, lift_house)
    options = PlaneOptions(setback_m=1.0, clearance_m=1.5)
    frame = buildings(turned(house(30.0, 16.0), turn))
    surface = surface_of(roof, turn, 0.5)
    found = roof_planes(frame, surface, options)
    check_laws(found, frame, surface)
    assert found.planes.form.tolist() == ["flat"]
    assert math.isclose(found.planes.height_m.iloc[0], 10.0, abs_tol=0.01)
    assert math.isclose(found.planes.area_m2.iloc[0], 30.0 * 16.0 - 9.0, rel_tol=0.01)
    kept_free = sum(w * d + 2.0 * 1.5 * (w + d) + math.pi * 1.5**2 for w, d in ((1.0, 1.0), (4.0, 2.0)))
    assert math.isclose(found.planes.usable_m2.iloc[0], 28.0 * 14.0 - kept_free, rel_tol=0.03)
    higher = roof_planes(frame, surface, PlaneOptions(setback_m=1.0, clearance_m=1.5, obstacle_m=2.0))
    # what stands out less than an obstacle is covered
    assert higher.planes.usable_m2.iloc[0] > found.planes.usable_m2.iloc[0] + 10.0


def test_a_lift_house_that_carries_modules_is_a_roof_of_its_own() -> None:
    roof = surface_of(highest(box(10.0, wide=30.0, deep=16.0), box(13.0, wide=8.0, deep=6.0)))
    both = roof_planes(buildings(turned(house(30.0, 16.0), 0.0)), roof, USUAL).planes
    np.testing.assert_allclose(both.height_m, [10.0, 13.0], atol=1e-4)
    one = roof_planes(buildings(turned(house(30.0, 16.0), 0.0)), roof, PlaneOptions(least_m2=40.0)).planes
    np.testing.assert_allclose(one.height_m, [10.0], atol=1e-4)
    assert len(roof_planes(buildings(turned(house(30.0, 16.0), 0.0)), roof, PlaneOptions(least_m2=480.0)).planes) == 0


@pytest.mark.parametrize("turn", [0.0, 35.0])
def test_every_tooth_of_a_factory_roof_is_a_plane(turn: float) -> None:
    def teeth(x: np.ndarray, y: np.ndarray) -> np.ndarray:
        rise = 0.4 * np.mod(y + 21.0, 7.0)  # falls south, and upright glass faces north
        return np.where((abs(x) <= 15.0) & (abs(y) <= 21.0), 8.0 + rise, 0.0)

    planes = roof_planes(buildings(turned(house(30.0, 42.0), turn)), surface_of(teeth, turn), USUAL).planes
    assert len(planes) == 6
    np.testing.assert_allclose(planes.tilt_deg, math.degrees(math.atan(0.4)), atol=1.0)
    assert max(apart_deg(azimuth, turn + 180.0) for azimuth in planes.azimuth_deg) < 2.0
    np.testing.assert_allclose(planes.area_m2, 7.0 * 30.0 * math.hypot(1.0, 0.4), rtol=0.1)


def test_a_tower_and_its_podium_are_two_flat_roofs() -> None:
    roof = highest(box(10.0, wide=40.0, deep=30.0), box(60.0, east=5.0, wide=16.0, deep=16.0))
    frame, surface = buildings(turned(house(40.0, 30.0), 0.0)), surface_of(roof)
    found = roof_planes(frame, surface, USUAL)
    check_laws(found, frame, surface)
    np.testing.assert_allclose(found.planes.height_m, [10.0, 60.0], atol=1e-4)
    np.testing.assert_allclose(found.planes.area_m2, [1200.0 - 256.0, 256.0], rtol=0.01)
    # the foot of the tower is an edge like that of the roof
    np.testing.assert_allclose(found.planes.usable_m2, [39.0 * 29.0 - 17.0**2, 15.0**2], rtol=0.01)


@pytest.mark.parametrize("turn", [0.0, 25.0])
def test_an_l_of_two_gables_has_four_slopes(turn: float) -> None:
    def ell(x: np.ndarray, y: np.ndarray) -> np.ndarray:
        # far ends are gables; at the corner the slopes meet in a hip outside and a valley inside
        inner = np.maximum(-6.0 - x, -2.0 - y)
        from_edge = np.minimum(np.minimum(x + 18.0, y + 14.0), inner)
        within = (from_edge >= 0.0) & (x <= 18.0) & (y <= 18.0)
        return np.where(within, 6.0 + math.tan(math.radians(35.0)) * from_edge, 0.0)

    outline = shapely.union(shapely.box(-18.0, -14.0, 18.0, -2.0), shapely.box(-18.0, -14.0, -6.0, 18.0))
    planes = roof_planes(buildings(turned(outline, turn)), surface_of(ell, turn), USUAL).planes
    assert math.isclose(planes.area_m2.sum(), outline.area / math.cos(math.radians(35.0)), rel_tol=0.02)
    np.testing.assert_allclose(planes.tilt_deg, 35.0, atol=1.0)
    for azimuth in (0.0, 90.0, 180.0, 270.0):
        assert min(apart_deg(found - turn, azimuth) for found in planes.azimuth_deg) < 2.0
    assert len(planes) == 4


def test_noise_and_tree_crowns_are_no_roof() -> None:
    frame = buildings(turned(house(40.0, 40.0), 0.0))
    for seed in range(5):
        rng = np.random.default_rng(seed)
        grid = surface_of(box(0.0, wide=1.0, deep=1.0)).grid
        noise = surface_of_array(rng.normal(10.0, 1.0, grid.shape), grid)
        assert len(roof_planes(frame, noise, USUAL).planes) == 0
        x, y = (part.reshape(grid.shape) for part in grid.centres())
        crowns = np.zeros(grid.shape)
        for east, north, top in zip(*rng.uniform(5.0, 55.0, (2, 150)), rng.uniform(6.0, 14.0, 150), strict=True):
            crowns = np.maximum(crowns, top - 0.5 * ((x - east) ** 2 + (y - north) ** 2))
        leaves = surface_of_array(crowns + rng.normal(0.0, 0.4, grid.shape), grid)
        assert roof_planes(frame, leaves, USUAL).planes.usable_m2.sum() < 0.02 * 1600.0


def test_what_is_too_steep_is_a_wall() -> None:
    frame, surface = buildings(turned(house(20.0, 12.0), 0.0)), surface_of(gable(20.0, 12.0, 65.0))
    assert len(roof_planes(frame, surface, USUAL).planes) == 0
    assert len(roof_planes(frame, surface, PlaneOptions(steepest_deg=70.0)).planes) == 2


def test_flat_is_what_the_options_say() -> None:
    frame, surface = buildings(turned(house(20.0, 16.0), 0.0)), surface_of(gable(20.0, 16.0, 7.0))
    flat = roof_planes(frame, surface, PlaneOptions(flat_below_deg=8.0)).planes
    pitched = roof_planes(frame, surface, PlaneOptions(flat_below_deg=6.0)).planes
    assert (flat.form == "flat").all()
    assert (pitched.form == "pitched").all()
    pd.testing.assert_series_equal(flat.usable_m2, pitched.usable_m2)


def test_gaps_in_the_data_are_kept_free_and_split_nothing() -> None:
    whole = surface_of(gable(24.0, 14.0, 30.0))
    heights = whole.block(0, 0, 60, 60).astype(float)
    heights[32:35, 20:23] = np.nan
    frame = buildings(turned(house(24.0, 14.0), 0.0))
    found = roof_planes(frame, surface_of_array(heights, whole.grid), USUAL)
    check_laws(found, frame, whole)
    assert len(found.planes) == 2
    np.testing.assert_allclose(found.planes.tilt_deg, 30.0, atol=1e-3)
    gaps = np.isnan(heights)[found.cells["row"], found.cells["col"]]
    assert not gaps.any()
    before = roof_planes(frame, whole, USUAL).planes.usable_m2.sum()
    assert before - found.planes.usable_m2.sum() > 9.0


def test_a_courtyard_is_no_roof() -> None:
    ring = shapely.difference(house(40.0, 30.0), house(16.0, 8.0))
    roof = surface_of(lambda x, y: np.where((abs(x) <= 8.0) & (abs(y) <= 4.0), 0.0, 12.0))
    open_court = roof_planes(buildings(turned(ring, 0.0)), roof, USUAL).planes
    np.testing.assert_allclose(open_court.area_m2, [1200.0 - 128.0], rtol=0.01)
    # a footprint that hides its court: the ground of the court is a plane too, 12 m below
    drawn_full = roof_planes(buildings(turned(house(40.0, 30.0), 0.0)), roof, USUAL).planes
    np.testing.assert_allclose(drawn_full.area_m2, [1200.0 - 128.0, 128.0], rtol=0.01)


def test_small_absent_and_unseen_buildings_have_no_planes() -> None:
    surface = surface_of(box(9.0, wide=60.0, deep=20.0))
    frame = buildings(
        shapely.box(10.0, 10.0, 11.0, 11.0),
        shapely.box(10.2, 10.2, 10.4, 10.4),
        shapely.box(500.0, 500.0, 520.0, 520.0),
        shapely.box(50.0, 25.0, 80.0, 35.0),
    )
    found = roof_planes(frame, surface, USUAL)
    # the last one reaches beyond the surface: what is seen of it has a plane
    assert found.planes.building_id.tolist() == ["b3"]
    assert math.isclose(found.planes.area_m2.iloc[0], 100.0)
    unknown = surface_of_array(np.full(surface.shape, np.nan), surface.grid)
    for frame_without in (frame, frame.iloc[:0]):
        none = roof_planes(frame_without, unknown, USUAL)
        assert len(none.planes) == len(none.cells) == 0
        assert none.planes.columns.tolist() == found.planes.columns.tolist()
        assert none.planes.dtypes.equals(found.planes.dtypes)
        assert none.cells.dtypes.equals(found.cells.dtypes)
        assert none.planes.crs == CRS


def test_a_building_the_surface_does_not_show_has_a_flat_roof_on_the_ground() -> None:
    level = surface_of(lambda x, _: np.full(x.shape, 3.0))
    planes = roof_planes(buildings(turned(house(20.0, 12.0), 15.0)), level, USUAL).planes
    assert planes.form.tolist() == ["flat"]
    assert planes.height_m.tolist() == [3.0]


@pytest.mark.parametrize("lift", [1e4, 1e6])
def test_roofs_far_above_nought_keep_their_slopes(lift: float) -> None:
    frame = buildings(turned(house(24.0, 14.0), 10.0))
    lifted = roof_planes(frame, surface_of(gable(24.0, 14.0, 30.0, lift), 10.0), USUAL).planes
    assert len(lifted) == 2
    np.testing.assert_allclose(lifted.tilt_deg, 30.0, atol=0.5)
    np.testing.assert_allclose(lifted.height_m, lift + 3.5 * math.tan(math.radians(30.0)), atol=0.2)


def test_a_cell_is_of_one_building_only() -> None:
    surface = surface_of(box(9.0, wide=60.0, deep=60.0))
    # a bow-tie is mended: both of its halves are roof
    bow_tie = shapely.Polygon([(5.0, 5.0), (15.0, 15.0), (15.0, 5.0), (5.0, 15.0)])
    shapes = {"b": shapely.box(30.0, 20.0, 50.0, 40.0), "a": shapely.box(20.0, 20.0, 40.0, 40.0), "c": bow_tie}
    frame = buildings(*shapes.values(), ids=list(shapes))
    options = PlaneOptions(setback_m=0.0)
    found = roof_planes(frame, surface, options)
    check_laws(found, frame.make_valid(), surface)
    np.testing.assert_allclose(
        found.planes.area_m2.groupby(found.planes.building_id).sum(), [400.0, 200.0, 50.0], rtol=0.1
    )
    beside = roof_planes(frame.drop(index="a"), surface, options).planes
    assert math.isclose(beside.area_m2.loc["b|0"], 400.0)


def town() -> tuple[gpd.GeoDataFrame, Surface]:
    """Return roofs of all kinds with noise, some of them over each other."""
    rng = np.random.default_rng(5)
    shapes, heights = [], np.zeros((200, 200))
    grid = Grid(1000.0, 3000.0, 1.0, 200, 200, CRS)
    x, y = (part.reshape(grid.shape) for part in grid.centres())
    for _ in range(40):
        east, north, turn = rng.uniform(1020.0, 1180.0), rng.uniform(2820.0, 2980.0), rng.uniform(0.0, math.pi)
        length, depth, pitch = rng.uniform(8.0, 30.0), rng.uniform(7.0, 16.0), rng.choice([0.0, 0.3, 0.8])
        along = (x - east) * math.cos(turn) - (y - north) * math.sin(turn)
        aside = (x - east) * math.sin(turn) + (y - north) * math.cos(turn)
        within = (abs(along) <= length / 2.0) & (abs(aside) <= depth / 2.0)
        heights = np.where(within, rng.uniform(5.0, 20.0) + pitch * (depth / 2.0 - abs(aside)), heights)
        shape = turned(house(length, depth), math.degrees(turn))
        shapes.append(shapely.transform(shape, lambda at, to=(east, north): at - SIDE / 2.0 + to))
    return buildings(*shapes), surface_of_array(heights + rng.normal(0.0, 0.05, grid.shape), grid)


def assert_same(one: RoofPlanes, other: RoofPlanes) -> None:
    pd.testing.assert_frame_equal(one.planes, other.planes, check_exact=True)
    pd.testing.assert_frame_equal(one.cells, other.cells, check_exact=True)


def test_neither_the_order_of_buildings_nor_the_cut_of_the_raster_matters() -> None:
    frame, surface = town()
    found = roof_planes(frame, surface, USUAL)
    check_laws(found, frame, surface)
    assert len(found.planes) > 40
    assert_same(found, roof_planes(frame.sample(frac=1.0, random_state=1), surface, USUAL))
    assert_same(found, roof_planes(frame.reset_index(), surface, USUAL))
    tiled = TiledHeights(surface.shape, surface.block, side=37)
    assert_same(found, roof_planes(frame, Surface(surface.grid, tiled), USUAL))
    # a building that is not touched by others does not know of them
    alone = frame.index[
        ~np.array([frame.drop(index=name).intersects(frame.geometry[name]).any() for name in frame.index])
    ]
    apart = roof_planes(frame.loc[alone[:3]], surface, USUAL)
    pd.testing.assert_frame_equal(apart.planes, found.planes[found.planes.building_id.isin(alone[:3])])


@settings(deadline=None, max_examples=8)
@given(st.integers(0, 300), st.integers(0, 300))
def test_a_raster_that_begins_elsewhere_gives_the_same(down: int, right: int) -> None:
    frame, surface = town()
    found = roof_planes(frame, surface, USUAL)
    grid = Grid(1000.0 - right, 3000.0 + down, 1.0, 200 + down, 200 + right, CRS)
    wider = roof_planes(frame, surface_of_array(surface.block(-down, -right, *grid.shape), grid), USUAL)
    pd.testing.assert_frame_equal(wider.planes, found.planes, check_exact=True)
    np.testing.assert_array_equal(wider.cells - np.array([down, right, 0]), found.cells)


def test_all_that_is_wrong_with_buildings_is_told_at_once() -> None:
    surface = surface_of(box(9.0, wide=20.0, deep=20.0))
    square = shapely.box(20.0, 20.0, 40.0, 40.0)
    shapes = [square, square, shapely.Point(30.0, 30.0), None, shapely.Polygon(), square]
    ids = ["twin", "twin", "well", "lost", "void", None]
    wrong = gpd.GeoDataFrame({"building_id": ids}, geometry=shapes, crs="EPSG:4549")
    with pytest.raises(ValueError, match="CRS") as error:
        roof_planes(wrong, surface, USUAL)
    for told in (
        "have no building_id: number 6",
        "have the id of another one: twin",
        "have no geometry: lost, void",
        "are no polygons: well",
    ):
        assert told in str(error.value)
    with pytest.raises(ValueError, match="no index or column building_id"):
        roof_planes(wrong.drop(columns="building_id").set_crs(CRS, allow_override=True), surface, USUAL)


def test_options_have_parents_and_know_their_bounds() -> None:
    numbers = constants("resources.rooftop", "planes.csv")
    for name, value in USUAL.model_dump().items():
        row = numbers[name]
        assert row.low is not None
        assert row.high is not None
        assert row.low <= value <= row.high
    with pytest.raises(ValidationError):
        PlaneOptions(setback=0.5)  # type: ignore[call-arg]
    with pytest.raises(ValidationError):
        PlaneOptions(setback_m=-0.1)


def test_the_old_town_of_gothenburg(shared_data: Path) -> None:
    folder = shared_data / "goteborg_dsm_radiation" / "demos" / "data" / "Goteborg_SWEREF99_1200"
    if not folder.is_dir():
        pytest.skip("the surface model of Gothenburg is not on this machine")
    findings = Findings()
    surface = read_surface(Source(folder / "DSM_KRbig.tif"), findings)
    assert surface is not None
    frame = gpd.read_file(folder / "buildings.shp").to_crs(surface.grid.crs)
    frame.index = pd.Index([f"b{number:03d}" for number in range(len(frame))], name="building_id")
    seen = frame[frame.within(shapely.box(*surface.grid.bounds))].make_valid()
    found = roof_planes(frame.loc[seen.index], surface, USUAL)
    check_laws(found, seen, surface)
    planes = found.planes
    plan = planes.area_m2 * np.cos(np.radians(planes.tilt_deg))
    assert 0.85 < plan.sum() / seen.area.sum() <= 1.0
    assert 0.6 < planes.usable_m2.sum() / seen.area.sum() < 0.9
    # the streets run at 16 and 106 degrees, and so do the roofs
    pitched = planes[planes.form == "pitched"]
    off_street = (pitched.azimuth_deg - 74.0 + 45.0) % 90.0 - 45.0
    assert pitched.area_m2[abs(off_street) < 8.0].sum() > 0.7 * pitched.area_m2.sum()
    # nearly every slope has another of the building that falls the other way
    opposed = [
        any(apart_deg(one.azimuth_deg + 180.0, other) < 15.0 for other in rest)
        for one in pitched.itertuples()
        for rest in [pitched.azimuth_deg[pitched.building_id == one.building_id]]
    ]
    assert pitched.area_m2[opposed].sum() > 0.85 * pitched.area_m2.sum()
