"""Horizons: analytic walls and canyons, hills by brute force, and what a horizon must not depend on."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resources.horizon import azimuths, horizon_tangents, point_horizons, surface_grades
from resources.irradiation import sky_view

FEW = settings(deadline=None, max_examples=25)


def test_a_long_wall_is_seen_under_its_analytic_angle() -> None:
    heights = np.zeros((2001, 60), dtype=np.float32)
    heights[:, 50:] = 12.0
    found = horizon_tangents(heights, 1.0)[:, 1000, 20]
    # the face of the wall stands 29.5 m east of the middle of the cell
    east = np.sin(np.radians(azimuths()))
    seen = east > math.sin(math.radians(3.0))
    expected = 12.0 * east / 29.5
    assert np.abs(np.degrees(np.arctan(found) - np.arctan(expected)))[seen].max() < 0.35
    assert (found[east < 0.0] == 0.0).all()


def test_the_middle_of_a_long_canyon_sees_the_analytic_share_of_the_sky() -> None:
    for height in (5.0, 10.0, 20.0):
        heights = np.full((3001, 101), height, dtype=np.float32)
        heights[:, 40:61] = 0.0
        seen = sky_view(heights, 1.0)[1500, 50]
        # Oke (1987), Boundary Layer Climates: cosine of the walls' angle, seen 10.5 m away
        assert math.isclose(seen, math.cos(math.atan(height / 10.5)), abs_tol=0.01)


def test_a_smooth_hill_far_off_hides_what_the_eye_would_say() -> None:
    rows, columns = np.mgrid[0:400, 0:400]
    heights = (150.0 * np.exp(-((rows - 100) ** 2 + (columns - 300) ** 2) / 800.0)).astype(np.float32)
    found = horizon_tangents(heights, 10.0, 36)
    points = np.array(
        [[(c + 0.5) * 10.0, (r + 0.5) * 10.0, heights[r, c]] for r, c in ((300, 100), (390, 10), (200, 300))]
    )
    marched = point_horizons(heights, 10.0, points, 6000.0, 36)
    swept = np.array([found[:, r, c] for r, c in ((300, 100), (390, 10), (200, 300))])
    assert np.abs(np.degrees(np.arctan(swept) - np.arctan(marched))).max() < 0.25


SURFACES = st.integers(0, 10**6).map(
    lambda seed: np.random.default_rng(seed).choice([0.0, 3.0, 9.0, 30.0], (40, 31)).astype(np.float32)
)


@FEW
@given(SURFACES, st.floats(-1000.0, 1000.0))
def test_a_horizon_knows_no_sea_level(heights: np.ndarray, lift: float) -> None:
    lifted = heights + np.float32(lift)
    np.testing.assert_allclose(horizon_tangents(lifted, 1.0, 16), horizon_tangents(heights, 1.0, 16), atol=2e-3)


@FEW
@given(SURFACES)
def test_a_surface_turned_by_a_right_angle_turns_its_horizons(heights: np.ndarray) -> None:
    found = horizon_tangents(heights, 1.0, 16)
    turned = horizon_tangents(np.rot90(heights, -1), 1.0, 16)
    # lines of cells halve ties one way, so a turned line may meet other cells
    same = np.isclose(np.roll(np.rot90(found, -1, axes=(1, 2)), 4, axis=0), turned, atol=1e-4)
    assert same.mean() > 0.9


@FEW
@given(SURFACES, st.integers(0, 39), st.integers(0, 30))
def test_a_tower_hides_no_less_than_what_stood_there(heights: np.ndarray, row: int, column: int) -> None:
    raised = heights.copy()
    raised[row, column] = 60.0
    before, after = horizon_tangents(heights, 1.0, 16), horizon_tangents(raised, 1.0, 16)
    others = np.ones(heights.shape, dtype=bool)
    # its own horizon falls, and the plane of its neighbours may tilt towards it
    others[max(row - 1, 0) : row + 2, max(column - 1, 0) : column + 2] = False
    assert (after - before)[:, others].min() >= -1e-5


@FEW
@given(SURFACES)
def test_holes_hide_nothing(heights: np.ndarray) -> None:
    holed = heights.copy()
    holed[10:20, 10:20] = np.nan
    apart = np.ones(heights.shape, dtype=bool)
    apart[9:21, 9:21] = False
    assert (horizon_tangents(holed, 1.0, 16) <= horizon_tangents(heights, 1.0, 16) + 1e-5)[:, apart].all()


@pytest.mark.parametrize("height", [0.2, 0.8, 1.2, 1.4, 3.0])
def test_flat_ground_before_a_wall_of_any_height_sees_it_under_its_analytic_angle(height: float) -> None:
    heights = np.zeros((201, 201), dtype=np.float32)
    heights[100:] = height
    for away in (1, 2, 4):
        # half of the sky is free; of the other the share of a long wall is (1 - cos) / 2
        expected = 1.0 - 0.5 * (1.0 - math.cos(math.atan(height / (away - 0.5))))
        assert math.isclose(sky_view(heights, 1.0)[100 - away, 100], expected, abs_tol=0.03)


@pytest.mark.parametrize("step", [0.2, 0.6, 1.2, 1.45, 5.0])
@pytest.mark.parametrize("cell", [1.0, 5.0])
def test_a_step_tilts_neither_the_roof_nor_the_ground(step: float, cell: float) -> None:
    heights = np.zeros((30, 30), dtype=np.float32)
    heights[8:22, 8:22] = step * cell
    assert (surface_grades(heights, cell) == 0.0).all()


def test_a_pitched_roof_keeps_its_slope_up_to_eaves_ridge_and_the_edge_of_the_data() -> None:
    rows = np.arange(20)
    roof = np.repeat(0.6 * np.minimum(rows, 19 - rows)[:, None], 20, axis=1).astype(np.float32) + 6.0
    ground = np.pad(roof, 5)
    for down in (surface_grades(roof, 1.0)[0], surface_grades(ground, 1.0)[0][5:-5, 5:-5]):
        np.testing.assert_allclose(down[:10], 0.6, atol=1e-5)
        np.testing.assert_allclose(down[10:], -0.6, atol=1e-5)
    holed = ground.copy()
    holed[12:14, 10:12] = np.nan
    np.testing.assert_allclose(surface_grades(holed, 1.0)[0][11, 5:-5], 0.6, atol=1e-5)


@FEW
@given(SURFACES, st.integers(1, 6), st.booleans())
def test_thin_strips_are_what_they_are_among_gaps(heights: np.ndarray, count: int, turned: bool) -> None:
    strip = heights[:count].T.copy() if turned else heights[:count].copy()
    rows, columns = strip.shape
    padded = np.full((rows + 12, columns + 12), np.nan, dtype=np.float32)
    padded[:rows, :columns] = strip
    np.testing.assert_allclose(
        horizon_tangents(strip, 1.0, 16), horizon_tangents(padded, 1.0, 16)[:, :rows, :columns], rtol=1e-4, atol=1e-4
    )


def test_where_nothing_is_known_nothing_is_hidden() -> None:
    for _ in range(3):
        assert (horizon_tangents(np.full((9, 9), np.nan, dtype=np.float32), 1.0, 16) == 0.0).all()


def test_a_face_close_by_is_seen_where_it_stands() -> None:
    surface = np.array([[0.0, 10.0, 0.0, 0.0]])
    # 0.1 m from the face, looked at every quarter of a metre
    assert point_horizons(surface, 1.0, np.array([[0.9, 0.5, 0.0]]), 5.0, 2)[0, 0] >= 10.0 / 0.35
