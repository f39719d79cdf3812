"""The raster grid of a study: one immutable object that every room with cells is handed."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyproj
from affine import Affine

from layers.tables.resources import GRID

Array = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Grid:
    """Square cells in a projected CRS, counted row by row from the north-west corner.

    Attributes
    ----------
    x0, y0
        West and north edge [m].
    cell
        Side of a cell [m].
    rows, cols
        Number of rows (southwards) and columns (eastwards).
    crs
        A projected CRS in metres.

    Raises
    ------
    ValueError
        If the CRS is not projected, or a size is not positive.

    Examples
    --------
    >>> grid = Grid.from_bounds((10.0, 20.0, 330.0, 170.0), 100.0, pyproj.CRS.from_epsg(4550))
    >>> grid.shape, grid.bounds
    ((2, 4), (0.0, 0.0, 400.0, 200.0))
    """

    x0: float
    y0: float
    cell: float
    rows: int
    cols: int
    crs: pyproj.CRS

    def __post_init__(self) -> None:
        if not self.crs.is_projected:
            raise ValueError(f"a grid needs a projected CRS in metres, not {self.crs.name}")
        if self.cell <= 0 or self.rows < 1 or self.cols < 1:
            raise ValueError(f"a grid needs cells: cell {self.cell} m, {self.rows} rows, {self.cols} columns")

    @classmethod
    def from_bounds(cls, bounds: tuple[float, float, float, float], cell: float, crs: pyproj.CRS) -> "Grid":
        """Return the grid that covers bounds (west, south, east, north) [m], its edges at multiples of the cell.

        Edges at multiples make grids of the same cell size lie on each other, whatever they cover.

        Raises
        ------
        ValueError
            If the bounds are not finite, or the CRS is not projected.
        """
        if not np.isfinite(bounds).all():
            raise ValueError(f"a grid cannot cover {bounds}")
        west, south = (math.floor(value / cell) for value in bounds[:2])
        east, north = (math.ceil(value / cell) for value in bounds[2:])
        return cls(west * cell, north * cell, cell, max(north - south, 1), max(east - west, 1), crs)

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns, as numpy counts them."""
        return self.rows, self.cols

    @property
    def size(self) -> int:
        """Number of cells."""
        return self.rows * self.cols

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east and north edge [m]."""
        return self.x0, self.y0 - self.rows * self.cell, self.x0 + self.cols * self.cell, self.y0

    @property
    def transform(self) -> Affine:
        """Affine map from (column, row) to (x, y) [m], as rasterio writes it."""
        return Affine(self.cell, 0.0, self.x0, 0.0, -self.cell, self.y0)

    @property
    def x_centres(self) -> Array:
        """Easting of the cell centres of a row [m], west to east."""
        return np.asarray(self.x0 + (np.arange(self.cols) + 0.5) * self.cell, dtype=np.float64)

    @property
    def y_centres(self) -> Array:
        """Northing of the cell centres of a column [m], north to south."""
        return np.asarray(self.y0 - (np.arange(self.rows) + 0.5) * self.cell, dtype=np.float64)

    def centres(self) -> tuple[Array, Array]:
        """Return easting and northing [m] of every cell centre, in the order of cell numbers."""
        x, y = np.meshgrid(self.x_centres, self.y_centres)
        return x.ravel(), y.ravel()

    def cell_ids(self, x: npt.ArrayLike, y: npt.ArrayLike) -> Integers:
        """Return the number of the cell each point [m] lies in, -1 outside the grid.

        A point on an edge belongs to the cell south-east of it.
        """
        col = np.floor((np.asarray(x, dtype=np.float64) - self.x0) / self.cell)
        row = np.floor((self.y0 - np.asarray(y, dtype=np.float64)) / self.cell)
        inside = (col >= 0) & (col < self.cols) & (row >= 0) & (row < self.rows)
        return np.where(inside, row * self.cols + col, -1).astype(np.int64)

    def strips(self, max_cells: int) -> Iterator[tuple[int, int]]:
        """Yield first and past-the-last row of strips of at most `max_cells` cells, and of one row at least."""
        step = max(1, max_cells // self.cols)
        for start in range(0, self.rows, step):
            yield start, min(start + step, self.rows)

    def to_table(self, grid_id: str) -> pd.DataFrame:
        """Return the grid as a one-row GRID table; the CRS is the study's and stands there."""
        return pd.DataFrame(
            {
                "x0_m": [float(self.x0)],
                "y0_m": [float(self.y0)],
                "cell_m": [float(self.cell)],
                "rows": np.array([self.rows], dtype=np.int64),
                "cols": np.array([self.cols], dtype=np.int64),
            },
            index=pd.Index([grid_id], name="grid_id", dtype="str"),
        )

    @classmethod
    def from_table(cls, table: pd.DataFrame, grid_id: str, crs: pyproj.CRS) -> "Grid":
        """Return the grid of one row of a GRID table.

        Raises
        ------
        InputError
            If the table breaks its contract.
        KeyError
            If it has no such row.
        """
        GRID.check(table)
        rows = table if table.index.name == "grid_id" else table.set_index("grid_id")
        x0, y0, cell, n_rows, n_cols = (rows[name].loc[[grid_id]].iloc[0] for name in GRID.columns)
        return cls(float(x0), float(y0), float(cell), int(n_rows), int(n_cols), crs)
