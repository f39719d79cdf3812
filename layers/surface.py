"""Surfaces that cast and catch shadow: ground, roofs and trees, read window by window however large they are.

What is too large for memory is made in tiles that lie fast on the grid, whatever window is asked for. So no height
depends on how the work was cut up.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely
from numpy.typing import NDArray
from rasterio.features import rasterize
from rasterio.transform import Affine

from layers.errors import Findings
from layers.geometry import tell_rows
from layers.grid import Grid

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]

TILE = 1024
"""Cells along the side of a tile."""
KEPT_TILES = 24
"""Tiles kept in memory, 4 MiB each."""


_BURNING = threading.Lock()
"""Rasterio silences warnings for all threads while it burns shapes, so only one may."""


class Heights(Protocol):
    """Anything that can tell the heights of a window inside its grid."""

    def window(self, top: int, left: int, rows: int, cols: int) -> Singles:
        """Return heights [m], rows x cols; the caller does not write into them."""


@dataclass(frozen=True, eq=False)
class ArrayHeights:
    """Heights that lie in memory, rows x columns [m]."""

    values: Singles

    def window(self, top: int, left: int, rows: int, cols: int) -> Singles:
        """Return heights [m], rows x cols."""
        return self.values[top : top + rows, left : left + cols]


class TiledHeights:
    """Heights made tile by tile as they are asked for; the last few tiles are kept. Threads may share it.

    Parameters
    ----------
    shape
        Rows and columns of the grid.
    make
        Returns the heights of one tile from its top, left, rows and cols.
    side
        Cells along the side of a tile.
    kept
        Tiles kept.
    """

    def __init__(
        self,
        shape: tuple[int, int],
        make: Callable[[int, int, int, int], Singles],
        *,
        side: int = TILE,
        kept: int = KEPT_TILES,
    ) -> None:
        self._shape, self._make, self._side, self._kept = shape, make, side, kept
        self._tiles: OrderedDict[tuple[int, int], Singles] = OrderedDict()
        self._lock = threading.Lock()

    def window(self, top: int, left: int, rows: int, cols: int) -> Singles:
        """Return heights [m], rows x cols."""
        out = np.empty((rows, cols), dtype=np.float32)
        side = self._side
        for row in range(top // side, (top + rows - 1) // side + 1):
            first, last = max(top, row * side), min(top + rows, (row + 1) * side)
            for col in range(left // side, (left + cols - 1) // side + 1):
                west, east = max(left, col * side), min(left + cols, (col + 1) * side)
                part = self._tile(row, col)[
                    first - row * side : last - row * side, west - col * side : east - col * side
                ]
                out[first - top : last - top, west - left : east - left] = part
        return out

    def _tile(self, row: int, col: int) -> Singles:
        key = (row, col)
        with self._lock:
            if key in self._tiles:
                self._tiles.move_to_end(key)
                return self._tiles[key]
        # made outside the lock: two threads may make the same tile, and it is the same tile
        top, left = row * self._side, col * self._side
        made = self._make(top, left, min(self._side, self._shape[0] - top), min(self._side, self._shape[1] - left))
        with self._lock:
            self._tiles[key] = made
            while len(self._tiles) > self._kept:
                self._tiles.popitem(last=False)
        return made


@dataclass(frozen=True, eq=False)
class Surface:
    """A surface: one height per cell of a grid.

    Attributes
    ----------
    grid
        Where the cells are.
    heights
        Tells the heights, from memory, from a file or as they are asked for.

    Examples
    --------
    >>> grid = Grid(0.0, 2.0, 1.0, 2, 2, pyproj.CRS.from_epsg(4550))
    >>> surface_of_array(np.array([[1.0, 2.0], [3.0, 4.0]]), grid).block(1, 0, 2, 2).tolist()
    [[3.0, 4.0], [nan, nan]]
    """

    grid: Grid
    heights: Heights

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.grid.shape

    @property
    def cell(self) -> float:
        """Side of a cell [m]."""
        return self.grid.cell

    def block(self, top: int, left: int, rows: int, cols: int) -> Singles:
        """Return the heights of any window [m], rows x cols, nan outside of the grid and where there is no data.

        Parameters
        ----------
        top, left
            First row and column, which may lie outside of the grid.
        rows, cols
            Size of the window.
        """
        out = np.full((rows, cols), np.nan, dtype=np.float32)
        first, last = max(top, 0), min(top + rows, self.grid.rows)
        west, east = max(left, 0), min(left + cols, self.grid.cols)
        if first < last and west < east:
            inside = self.heights.window(first, west, last - first, east - west)
            out[first - top : last - top, west - left : east - left] = inside
        return out


def surface_of_array(values: NDArray[np.floating], grid: Grid) -> Surface:
    """Return a surface that lies in memory.

    Parameters
    ----------
    values
        Heights [m], rows x columns of the grid.
    grid
        Where the cells are.

    Raises
    ------
    ValueError
        If the values do not fit the grid.
    """
    if values.shape != grid.shape:
        raise ValueError(f"heights of {values.shape} do not fit a grid of {grid.shape}")
    return Surface(grid, ArrayHeights(np.ascontiguousarray(values, dtype=np.float32)))


def burn(
    tree: shapely.STRtree,
    values: NDArray[Any],
    grid: Grid,
    window: tuple[int, int, int, int],
    *,
    fill: float,
    dtype: Literal["float32", "int32"],
) -> NDArray[Any]:
    """Return the value of the last shape that holds each cell's centre, `fill` where none does.

    Parameters
    ----------
    tree
        The shapes, in the CRS of the grid.
    values
        One a shape.
    grid
        The cells.
    window
        Top, left, rows and columns, which may lie outside of the grid.
    fill, dtype
        What cells without a shape get, and the kind of number.
    """
    top, left, rows, cols = window
    west, north = grid.x0 + left * grid.cell, grid.y0 - top * grid.cell
    box = shapely.box(west, north - rows * grid.cell, west + cols * grid.cell, north)
    found = np.sort(tree.query(box, predicate="intersects"))
    if not len(found):
        return np.full((rows, cols), fill, dtype=dtype)
    with _BURNING:
        burnt = rasterize(
            zip(tree.geometries[found], values[found], strict=True),
            out_shape=(rows, cols),
            transform=Affine(grid.cell, 0.0, west, 0.0, -grid.cell, north),
            fill=fill,
            dtype=dtype,
        )
    return np.asarray(burnt, dtype=dtype)


@dataclass(frozen=True, eq=False)
class _Raised:
    """Shapes that stand on the ground, by ascending level, and how to find those of a tile."""

    tree: shapely.STRtree
    levels: Floats

    @classmethod
    def of(cls, shapes: NDArray[np.object_], levels: Floats) -> "_Raised":
        order = np.argsort(levels, kind="stable")
        return cls(shapely.STRtree(shapes[order]), levels[order])

    def burn(self, grid: Grid, window: tuple[int, int, int, int]) -> Singles:
        """Return the level [m] of the highest shape over each cell centre, minus infinity where there is none."""
        # the highest comes last and stays; equal ones are equal whichever comes first
        return burn(self.tree, self.levels, grid, window, fill=-np.inf, dtype="float32")


def surface_of_buildings(
    buildings: gpd.GeoDataFrame,
    grid: Grid,
    ground: float | NDArray[np.floating] | Surface = 0.0,
    trees: gpd.GeoDataFrame | None = None,
) -> Surface:
    """Return the surface of ground, roofs and trees, which is made as it is asked for.

    A cell belongs to a building whose footprint holds the cell's centre; where several do, the highest roof counts,
    whatever the order of the rows. A roof is level: it lies its height above the ground at a point within the
    footprint. Trees follow the ground.

    Parameters
    ----------
    buildings
        Footprints with ``height_m`` above ground, in the CRS of the grid.
    grid
        The cells wanted.
    ground
        Height of the ground [m]: one, or one per cell, or a surface on the same grid.
    trees
        Crowns, or woods, with ``height_m``.

    Raises
    ------
    InputError
        If a height is missing or negative, or a building stands where the ground has no height.
    ValueError
        If a CRS or the ground does not fit the grid.
    """
    if isinstance(ground, Surface):
        if ground.shape != grid.shape:
            raise ValueError(f"ground of {ground.shape} does not fit a grid of {grid.shape}")
        below: Surface | float = ground
    else:
        below = float(ground) if np.ndim(ground) == 0 else surface_of_array(np.asarray(ground), grid)
    findings = Findings()
    reach = shapely.box(*grid.bounds)
    near, heights = _standing(buildings, "buildings", grid, reach, findings)
    crowns, tops = (
        (np.empty(0, dtype=object), np.empty(0)) if trees is None else _standing(trees, "trees", grid, reach, findings)
    )
    names = buildings.index[shapely.intersects(buildings.geometry.to_numpy(), reach)]
    bases = _ground_at(shapely.point_on_surface(near), below, grid)
    bare = np.isnan(bases)
    tell_rows(
        findings,
        "error",
        "buildings",
        names[bare],
        ["stands where the ground has no height"] * int(bare.sum()),
        remedy="give a ground that covers all buildings, or fill its gaps",
    )
    findings.raise_errors()
    roofs, woods = _Raised.of(near, bases + heights), _Raised.of(crowns, tops)

    def make(top: int, left: int, rows: int, cols: int) -> Singles:
        bottom = np.float32(below) if isinstance(below, float) else below.block(top, left, rows, cols)
        made = np.fmax(bottom, roofs.burn(grid, (top, left, rows, cols)))
        if len(woods.levels):
            made = np.fmax(made, bottom + woods.burn(grid, (top, left, rows, cols)))
        return np.where(np.isneginf(made), np.float32(np.nan), made).astype(np.float32)

    return Surface(grid, TiledHeights(grid.shape, make))


def _standing(
    frame: gpd.GeoDataFrame, name: str, grid: Grid, reach: shapely.Geometry, findings: Findings
) -> tuple[NDArray[np.object_], Floats]:
    """Return the shapes that reach into the grid and their heights [m]; what has no height is told."""
    if frame.crs is None or not pyproj.CRS.from_user_input(frame.crs).equals(grid.crs):
        raise ValueError(f"{name} are not in the CRS of the grid, {grid.crs.name}")
    if "height_m" not in frame:
        raise ValueError(f"{name} have no column height_m")
    heights = pd.to_numeric(frame["height_m"], errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
    wrong = ~np.isfinite(heights) | (heights < 0.0)
    tell_rows(
        findings,
        "error",
        name,
        frame.index[wrong],
        [f"height is {value:g}" for value in heights[wrong]],
        remedy="give the height above ground in metres",
        column="height_m",
    )
    shapes = frame.geometry.to_numpy()
    here = shapely.intersects(shapes, reach)
    return np.asarray(shapes[here], dtype=object), heights[here]


def _ground_at(points: NDArray[np.object_], ground: Surface | float, grid: Grid) -> Floats:
    """Return the height of the ground [m] under points; those beyond the grid are taken at its edge."""
    if isinstance(ground, float):
        return np.full(len(points), ground)
    cols = np.clip((shapely.get_x(points) - grid.x0) // grid.cell, 0, grid.cols - 1).astype(np.int64)
    rows = np.clip((grid.y0 - shapely.get_y(points)) // grid.cell, 0, grid.rows - 1).astype(np.int64)
    out = np.empty(len(points))
    for number in np.lexsort((cols // TILE, rows // TILE)):  # tile by tile, so that each is made once
        out[number] = ground.block(int(rows[number]), int(cols[number]), 1, 1)[0, 0]
    return out
