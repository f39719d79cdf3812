"""Clusters: neighbouring cells of the density raster where heat or cold is dense enough for a network."""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely
from numpy.typing import NDArray
from scipy import ndimage
from scipy.sparse import csr_array

from layers.grid import Grid
from layers.tables.demand import CLUSTERS, THERMAL
from layers.units import KWH_PER_MWH, M2_PER_HA
from spatial.demand.density import SPREAD, cell_shares
from spatial.demand.loads import Classes, Floats, Singles, at_most, classes_of, diversity, own_peaks
from spatial.demand.options import DemandOptions

Integers = NDArray[np.int64]

DEMAND = {"heat": ("heating_mwh", "hot_water_mwh"), "cold": ("cooling_mwh",)}
SERVICES = {"heat": ("heating", "hot_water"), "cold": THERMAL[1:]}
"""What a network of each carrier would deliver, as columns of DENSITY and as services of the profiles."""
TOUCHING = np.ones((3, 3), dtype=np.int64)
"""Cells that share an edge or a corner are neighbours."""


@dataclass(frozen=True, eq=False)
class _Plan:
    """Parcels with demand, their buildings and their shares in cells."""

    demand: pd.DataFrame
    classes: Classes
    parcel: Integers
    cell: Integers
    share: Floats


def dense_cells(
    per_ha: Floats, cells: Integers, grid: Grid, threshold: float, cells_min: int
) -> tuple[Integers, Integers]:
    """Return the dense cells and the cluster each belongs to, clusters numbered as they are met row by row.

    Parameters
    ----------
    per_ha
        Demand density of cells [MWh/(ha a)].
    cells
        Their numbers on the grid.
    grid
        The raster.
    threshold
        Density from which on a cell is dense [MWh/(ha a)].
    cells_min
        Cells below which a cluster is dropped.

    Returns
    -------
    cell, cluster : ndarray of int
        Numbers of dense cells, ascending, and of their clusters from zero on.
    """
    dense = np.zeros(grid.size, dtype=bool)
    dense[cells[per_ha >= threshold]] = True
    labels = np.asarray(ndimage.label(dense.reshape(grid.shape), structure=TOUCHING)[0], dtype=np.int64).ravel()
    large = np.bincount(labels) >= cells_min
    large[0] = False
    found = np.flatnonzero(large[labels])
    _, cluster = np.unique(labels[found], return_inverse=True)
    return found, cluster.astype(np.int64)


def demand_clusters(
    demand_parcels: pd.DataFrame,
    parcels: gpd.GeoDataFrame,
    stock: pd.DataFrame,
    profiles: pd.DataFrame,
    density_grid: pd.DataFrame,
    density: pd.DataFrame,
    year: int,
    options: DemandOptions,
) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    """Return clusters of dense heat and cold, and their load curves.

    Parameters
    ----------
    demand_parcels, parcels, stock, profiles
        Tables DEMAND_PARCELS, PARCELS, STOCK and DEMAND_PROFILES.
    density_grid, density
        Tables GRID (row ``density``) and DENSITY of the same parcels and year.
    year
        Year of `demand_parcels` to take; what is built later does not count.
    options
        Hold the thresholds.

    Returns
    -------
    clusters : GeoDataFrame
        Table CLUSTERS, heat first, each carrier's by falling demand.
    curves : DataFrame
        Table CLUSTER_PROFILES [kW], one 32-bit column a cluster.

    Notes
    -----
    A parcel counts with the share of its area that lies in the cluster's cells, as in the raster, so that a cluster's
    demand is the raster's sum over its cells.
    """
    grid = Grid.from_table(density_grid, "density", pyproj.CRS.from_user_input(parcels.crs))
    plan = _plan(demand_parcels, parcels, stock, grid, year)
    cells = density if density.index.name == "cell_id" else density.set_index("cell_id")
    threshold = {"heat": options.cluster_heat_mwh_ha, "cold": options.cluster_cold_mwh_ha}
    tables, curves = [], [pd.DataFrame(index=pd.DatetimeIndex(profiles.index, name="time"))]
    for carrier, columns in DEMAND.items():
        amount = cells[list(columns)].sum(axis=1).to_numpy(dtype=np.float64)
        number = cells.index.to_numpy(dtype=np.int64)
        per_ha = amount / (grid.cell**2 / M2_PER_HA)
        found, cluster = dense_cells(per_ha, number, grid, threshold[carrier], options.cluster_cells_min)
        cluster = _ranked(cluster, amount[pd.Index(number).get_indexer(pd.Index(found))])
        profile = plan.classes.profile(profiles, SERVICES[carrier])
        table, hourly = _loads(plan, columns, profile, found, cluster)
        names = [f"{carrier}-{place + 1}" for place in range(len(table))]
        table.insert(0, "carrier", pd.Series([carrier] * len(names), dtype="str"))
        table.insert(1, "cluster_id", pd.Series(names, dtype="str"))
        table["area_m2"] = table["cells"] * grid.cell**2
        table["density_mwh_ha"] = table["demand_mwh"] / table["area_m2"] * M2_PER_HA
        outlines = gpd.GeoSeries(_outlines(grid, found, cluster), crs=parcels.crs)
        tables.append(gpd.GeoDataFrame(table, geometry=outlines, crs=parcels.crs))
        curves.append(pd.DataFrame(hourly, index=curves[0].index, columns=names))
    clusters = gpd.GeoDataFrame(pd.concat(tables, ignore_index=True), geometry="geometry", crs=parcels.crs)
    return clusters[[*CLUSTERS.key, *CLUSTERS.columns, "geometry"]], pd.concat(curves, axis=1)


def _plan(demand_parcels: pd.DataFrame, parcels: gpd.GeoDataFrame, stock: pd.DataFrame, grid: Grid, year: int) -> _Plan:
    """Return the parcels with demand in the order of their ids, so that no sum depends on the order of rows."""
    plots = parcels if parcels.index.name == "parcel_id" else parcels.set_index("parcel_id")
    demand = demand_parcels.loc[demand_parcels["year"] == year].set_index("parcel_id").sort_index()
    demand = demand.loc[demand[list(SPREAD)].sum(axis=1) > 0.0]
    shapes = np.array(plots.geometry.loc[demand.index])
    return _Plan(demand, classes_of(stock, demand.index, year), *cell_shares(shapes, grid))


def _ranked(cluster: Integers, amount: Floats) -> Integers:
    """Return clusters numbered by falling demand; those of equal demand stay in the order they are met."""
    order = np.argsort(-np.bincount(cluster, weights=amount), kind="stable")
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    return rank[cluster]


def _loads(
    plan: _Plan, columns: tuple[str, ...], profile: Singles, cells: Integers, cluster: Integers
) -> tuple[pd.DataFrame, Singles]:
    """Return what each cluster needs and its load [kW] of hours x clusters."""
    count = int(cluster.max()) + 1 if len(cluster) else 0
    place = np.searchsorted(cells, plan.cell)
    inside = np.isin(plan.cell, cells)
    where = (cluster[place[inside]], plan.parcel[inside])
    shares = csr_array((plan.share[inside], where), shape=(count, len(plan.demand)))
    amount = plan.demand[list(columns)].sum(axis=1).to_numpy(dtype=np.float64)
    needs = shares @ amount
    weights = (shares @ plan.classes.floor).toarray()
    hourly = profile @ weights.T.astype(np.float32) / np.float32(KWH_PER_MWH)
    takes = np.zeros(len(plan.demand))
    members = np.unique(where[1])
    takes[members] = own_peaks(profile, plan.classes.floor[members]) / KWH_PER_MWH
    own_sum = np.asarray(shares @ takes)
    peak = at_most(hourly.max(axis=0, initial=0.0).astype(np.float64), own_sum)
    table = pd.DataFrame(
        {
            "cells": np.bincount(cluster, minlength=count),
            "parcels": (shares > 0.0).astype(np.int64) @ (amount > 0.0).astype(np.int64),
            "demand_mwh": needs,
            "peak_kw": peak,
            "peak_sum_kw": own_sum,
            "diversity": diversity(peak, own_sum),
            "full_load_h": needs * KWH_PER_MWH / peak,
        }
    )
    return table, hourly


def _outlines(grid: Grid, cells: Integers, cluster: Integers) -> list[shapely.Geometry]:
    """Return the union of the cells of each cluster; neighbours share their corners to the last digit."""
    row, col = np.divmod(cells, grid.cols)
    west, east = grid.x0 + col * grid.cell, grid.x0 + (col + 1) * grid.cell
    north, south = grid.y0 - row * grid.cell, grid.y0 - (row + 1) * grid.cell
    boxes = shapely.box(west, south, east, north)
    count = int(cluster.max()) + 1 if len(cluster) else 0
    order = np.argsort(cluster, kind="stable")
    parts = np.split(boxes[order], np.cumsum(np.bincount(cluster, minlength=count))[:-1]) if count else []
    return [shapely.simplify(shapely.coverage_union_all(part), 0.0) for part in parts]
