"""The raster grids of a run, and values laid out on them."""

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyproj

from layers.grid import Grid
from spatial.report.meta import Tables, table


def grid_of(tables: Tables, name: str, crs: str) -> Grid | None:
    """Return a grid of the run: the table ``<name>_grid``, or the row `name` of the table ``grid``.

    Parameters
    ----------
    tables
        Tables of the run.
    name
        ``density``, ``sea`` or ``sun``.
    crs
        Coordinate system of the study.
    """
    projected = pyproj.CRS.from_user_input(crs)
    own = table(tables, f"{name}_grid")
    if own is not None:
        return Grid.from_table(own, str(own["grid_id"].iloc[0]), projected)
    shared = table(tables, "grid")
    if shared is None or name not in set(shared["grid_id"]):
        return None
    return Grid.from_table(shared, name, projected)


def on_grid(grid: Grid, cells: npt.NDArray[np.int64], values: pd.Series) -> npt.NDArray[np.float64]:
    """Return values on a grid [rows x cols], nan where there is none."""
    whole = np.full(grid.size, np.nan)
    whole[cells] = values.to_numpy(dtype=np.float64)
    return whole.reshape(grid.shape)
