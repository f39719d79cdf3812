"""Demand density, irradiation, wind and depth as Cloud-Optimised GeoTIFFs."""

from pathlib import Path

import numpy as np

from layers.raster import write_cog
from layers.units import KWH_PER_MWH
from spatial.report.grids import grid_of, on_grid
from spatial.report.headers import both
from spatial.report.meta import RunMeta, Tables, table

_NODATA = -9999.0
_CELL_RASTERS = (
    ("wind_speed", "sea_cells", "wind_m_s", "m/s"),
    ("sea_depth", "sea_cells", "depth_m", "m"),
    ("wind_capacity_factor", "wind_cells", "net_capacity_factor", "1"),
)


def write_rasters(tables: Tables, meta: RunMeta, folder: Path) -> list[Path]:
    """Write the rasters of a run into ``rasters/``.

    They are demand density and irradiation [kWh/m2], wind speed [m/s], depth [m] and net capacity factor [1].

    Parameters
    ----------
    tables
        Tables of the run; rasters whose table is missing are left out.
    meta
        Facts about the run.
    folder
        Folder of the outputs; it must exist.

    Returns
    -------
    list of pathlib.Path
        Files written, sorted.
    """
    target = folder / "rasters"
    target.mkdir(parents=True, exist_ok=True)
    written: list[Path] = []
    density, grid = table(tables, "density"), grid_of(tables, "density", meta.crs)
    if density is not None and grid is not None:
        cells = (density["row"] * grid.cols + density["col"]).to_numpy(dtype=np.int64)
        for service in ("heating", "cooling"):
            column = f"{service}_kwh_m2"
            values = density[f"{service}_mwh"] * KWH_PER_MWH / grid.cell**2
            path = target / f"{service}_density.tif"
            array = on_grid(grid, cells, values)
            written.append(write_cog(path, array, grid, nodata=_NODATA, unit="kWh/m2", description=both(column)))
    light, grid = table(tables, "sun_cells"), grid_of(tables, "sun", meta.crs)
    if light is not None and grid is not None:
        array = on_grid(grid, light["cell_id"].to_numpy(dtype=np.int64), light["kwh_m2"])
        path, name = target / "irradiation.tif", both("irradiation_kwh_m2")
        written.append(write_cog(path, array, grid, nodata=_NODATA, unit="kWh/m2", description=name))
    sea = grid_of(tables, "sea", meta.crs)
    for name, source, column, unit in _CELL_RASTERS:
        frame = table(tables, source)
        if sea is None or frame is None or column not in frame:
            continue
        array = on_grid(sea, frame["cell_id"].to_numpy(dtype=np.int64), frame[column])
        path = target / f"{name}.tif"
        written.append(write_cog(path, array, sea, nodata=_NODATA, unit=unit, description=both(column)))
    return sorted(written)
