"""Demand density: what parcels need, spread over the cells of a raster without losing any."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely
from numpy.typing import NDArray

from layers.grid import Grid
from spatial.demand.options import DemandOptions

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

SPREAD = ("heating_mwh", "cooling_mwh", "hot_water_mwh")


def cell_shares(shapes: NDArray[np.object_], grid: Grid) -> tuple[Integers, Integers, Floats]:
    """Return which share of each shape's area lies in which cell.

    Parameters
    ----------
    shapes
        Polygons within the grid.
    grid
        The raster.

    Returns
    -------
    shape, cell : ndarray of int
        Position of the shape and number of the cell, one pair for each overlap.
    share : ndarray
        Share of the shape's area; shares of a shape sum to one. A shape without area lies in the cell of its
        first point.
    """
    west, south, east, north = shapely.bounds(shapes).T
    first_col = np.floor((west - grid.x0) / grid.cell).astype(np.int64).clip(0, grid.cols - 1)
    last_col = np.floor((east - grid.x0) / grid.cell).astype(np.int64).clip(0, grid.cols - 1)
    first_row = np.floor((grid.y0 - north) / grid.cell).astype(np.int64).clip(0, grid.rows - 1)
    last_row = np.floor((grid.y0 - south) / grid.cell).astype(np.int64).clip(0, grid.rows - 1)
    wide, high = last_col - first_col + 1, last_row - first_row + 1
    count = wide * high
    shape = np.repeat(np.arange(len(shapes)), count)
    within = np.arange(len(shape)) - np.repeat(np.cumsum(count) - count, count)
    row = first_row[shape] + within // wide[shape]
    col = first_col[shape] + within % wide[shape]
    area = np.where(count[shape] == 1, 1.0, 0.0)
    several = np.flatnonzero(count[shape] > 1)
    x, y = grid.x0 + col[several] * grid.cell, grid.y0 - row[several] * grid.cell
    boxes = shapely.box(x, y - grid.cell, x + grid.cell, y)
    polygons = shapes[shape[several]]
    shapely.prepare(shapes)
    inside = shapely.contains_properly(polygons, boxes)
    cut = ~inside & shapely.intersects(polygons, boxes)
    area[several[inside]] = grid.cell**2
    area[several[cut]] = shapely.area(shapely.intersection(polygons[cut], boxes[cut]))
    total = np.bincount(shape, weights=area, minlength=len(shapes))
    flat = total[shape] == 0.0
    area[flat & (within == 0)] = 1.0
    total[total == 0.0] = 1.0
    kept = area > 0.0
    return shape[kept], (row * grid.cols + col)[kept], (area / total[shape])[kept]


def density_raster(
    demand_parcels: pd.DataFrame, parcels: gpd.GeoDataFrame, year: int, options: DemandOptions
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the demand of one year on a raster that covers all parcels.

    Every parcel's demand is spread evenly over its own area, so the raster's sums are those of the parcels.

    Parameters
    ----------
    demand_parcels, parcels
        Tables DEMAND_PARCELS and PARCELS.
    year
        Year of `demand_parcels` to take.
    options
        Holds the cell size.

    Returns
    -------
    grid : DataFrame
        Table GRID, one row ``density``.
    density : DataFrame
        Table DENSITY [MWh per cell]; only cells with demand have a row.
    """
    plots = parcels if parcels.index.name == "parcel_id" else parcels.set_index("parcel_id")
    bounds = plots.total_bounds
    grid = Grid.from_bounds(
        (float(bounds[0]), float(bounds[1]), float(bounds[2]), float(bounds[3])),
        options.density_cell_m,
        pyproj.CRS.from_user_input(plots.crs),
    )
    # sums do not depend on the order of rows, to the last digit
    demand = demand_parcels.loc[demand_parcels["year"] == year].sort_values("parcel_id")
    amounts = demand[list(SPREAD)].to_numpy(dtype=np.float64)
    some = amounts.sum(axis=1) > 0.0
    shapes = plots.geometry.loc[demand["parcel_id"].to_numpy()[some]].to_numpy().copy()
    shape, cell, share = cell_shares(shapes, grid)
    cells, position = np.unique(cell, return_inverse=True)
    sums = {
        name: np.bincount(position, weights=amounts[some, column][shape] * share, minlength=len(cells))
        for column, name in enumerate(SPREAD)
    }
    density = pd.DataFrame(
        {"row": cells // grid.cols, "col": cells % grid.cols, **sums}, index=pd.Index(cells, name="cell_id")
    )
    return grid.to_table("density"), density
