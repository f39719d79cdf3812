import numpy as np
import pyproj
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layers.errors import InputError
from layers.grid import Grid
from layers.tables.resources import GRID

CRS = pyproj.CRS.from_epsg(4550)
whole = st.integers(-5_000_000, 5_000_000)


@st.composite
def grids(draw: st.DrawFn) -> Grid:
    cell = draw(st.sampled_from([30.0, 100.0, 250.0, 500.0]))
    west, south = draw(whole), draw(whole)
    width, height = draw(st.integers(1, 20_000)), draw(st.integers(1, 20_000))
    return Grid.from_bounds((west, south, west + width, south + height), cell, CRS)


@settings(deadline=None, max_examples=40)
@given(grids())
def test_table_and_back_gives_the_same_grid(grid: Grid) -> None:
    table = grid.to_table("sea")
    assert not GRID.faults(table)
    assert Grid.from_table(table, "sea", CRS) == grid
    assert Grid.from_table(table.reset_index(), "sea", CRS) == grid


@settings(deadline=None, max_examples=40)
@given(whole, whole, st.integers(1, 20_000), st.integers(1, 20_000))
def test_from_bounds_covers_the_bounds_with_less_than_a_cell_to_spare(x: int, y: int, width: int, height: int) -> None:
    grid = Grid.from_bounds((x, y, x + width, y + height), 250.0, CRS)
    west, south, east, north = grid.bounds
    assert west <= x < west + 250
    assert south <= y < south + 250
    assert east - 250 < x + width <= east
    assert north - 250 < y + height <= north
    assert grid.x0 % 250 == 0
    assert grid.y0 % 250 == 0


@settings(deadline=None, max_examples=40)
@given(grids())
def test_every_centre_lies_in_its_own_cell(grid: Grid) -> None:
    x, y = grid.centres()
    assert np.array_equal(grid.cell_ids(x, y), np.arange(grid.size))
    place = grid.transform
    assert place.c + (grid.cols - 0.5) * place.a == pytest.approx(x[-1])
    assert place.f + (grid.rows - 0.5) * place.e == pytest.approx(y[-1])


def test_centres_run_from_north_west_row_by_row() -> None:
    grid = Grid(0.0, 300.0, 100.0, 3, 2, CRS)
    x, y = grid.centres()
    assert x.tolist() == [50, 150, 50, 150, 50, 150]
    assert y.tolist() == [250, 250, 150, 150, 50, 50]


def test_points_outside_have_no_cell() -> None:
    grid = Grid(0.0, 300.0, 100.0, 3, 2, CRS)
    assert grid.cell_ids([-1.0, 50.0, 250.0, 50.0], [50.0, 301.0, 50.0, -0.5]).tolist() == [-1, -1, -1, -1]


@settings(deadline=None, max_examples=40)
@given(grids(), st.integers(1, 5000))
def test_strips_cover_every_row_once(grid: Grid, max_cells: int) -> None:
    strips = list(grid.strips(max_cells))
    assert [row for first, last in strips for row in range(first, last)] == list(range(grid.rows))
    assert all((last - first) * grid.cols <= max_cells or last - first == 1 for first, last in strips)


def test_a_grid_in_degrees_is_refused() -> None:
    with pytest.raises(ValueError, match="projected CRS"):
        Grid(0.0, 0.0, 1.0, 1, 1, pyproj.CRS.from_epsg(4326))


def test_a_grid_without_cells_or_bounds_is_refused() -> None:
    with pytest.raises(ValueError, match="needs cells"):
        Grid(0.0, 0.0, 0.0, 1, 1, CRS)
    with pytest.raises(ValueError, match="cannot cover"):
        Grid.from_bounds((float("nan"), 0.0, 1.0, 1.0), 10.0, CRS)


def test_a_table_that_breaks_its_contract_is_refused() -> None:
    table = Grid(0.0, 300.0, 100.0, 3, 2, CRS).to_table("sea").assign(cell_m=0.0)
    with pytest.raises(InputError):
        Grid.from_table(table, "sea", CRS)
