"""Sunlight on walls in bands of height: for modules on facades and for the rooms behind them."""

import math
from itertools import pairwise

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely
from numpy.typing import NDArray

from layers.errors import refuse
from layers.surface import Surface
from resources.irradiation import SkyTable, plane_irradiation
from resources.sightlines import place_horizons
from resources.tiles import REACH_M, blocks_at, ground_patches

Floats = NDArray[np.float64]

BAND_M, BAY_M = 3.0, 5.0
"""Height and greatest width of the pieces that walls are cut into [m]: a storey, and a room or two."""


def wall_pieces(
    buildings: gpd.GeoDataFrame, surface: Surface, band_m: float = BAND_M, bay_m: float = BAY_M
) -> pd.DataFrame:
    """Return the pieces of all walls that stand free.

    A piece looks from its middle.
    Where the cell before it is of another building that is as tall, as on a party wall, or beyond the surface, there is
    no piece.

    Parameters
    ----------
    buildings
        Footprints by ``building_id`` (index) with ``height_m`` above ground, in the CRS of the surface.
    surface
        Heights; the ground of a building is the lowest cell beside it.
    band_m
        Height of the pieces [m]; a wall is cut into the nearest whole number of bands.
    bay_m
        Greatest width of a piece [m].

    Returns
    -------
    pandas.DataFrame
        ``building_id``, ``band`` (0 at the ground), ``azimuth_deg`` it faces [deg], ``area_m2``, ``above_m`` of its
        middle over the ground, and where that lies: ``x``, ``y`` and ``z`` [m].

    Raises
    ------
    ValueError
        If buildings have faults, all of which are named.
    """
    heights = pd.to_numeric(buildings["height_m"]).to_numpy(dtype=np.float64)
    ids = buildings.index.to_series()
    refuse(
        {
            "band_m and bay_m must be above 0": [] if band_m > 0.0 and bay_m > 0.0 else [band_m, bay_m],
            "building_id must not stand twice": ids[ids.duplicated()].unique(),
            "height_m must be 0 or more": ids[~(heights >= 0.0)],
            "footprints are not in the CRS of the surface": [] if _same_crs(buildings, surface) else [buildings.crs],
        }
    )
    parts = []
    for name, shape, height in zip(buildings.index, buildings.geometry, heights, strict=True):
        if shape is None or shape.is_empty or not height > 0.0:
            continue
        ground = _ground_of(surface, shape)
        bands = max(round(height / band_m), 1)
        for ring in _rings(shape):
            for (x0, y0), (x1, y1) in pairwise(ring):
                length = math.hypot(x1 - x0, y1 - y0)
                if length == 0.0:
                    continue
                # outwards is to the right of an anticlockwise side
                east, north = (y1 - y0) / length, (x0 - x1) / length
                bays = math.ceil(length / bay_m)
                share = (np.arange(bays) + 0.5) / bays
                x, y = (start + share * (end - start) for start, end in ((x0, x1), (y0, y1)))
                band = np.repeat(np.arange(bands), bays)
                above = (band + 0.5) * height / bands
                parts.append(
                    pd.DataFrame(
                        {
                            "building_id": str(name),
                            "band": band,
                            "azimuth_deg": math.degrees(math.atan2(east, north)) % 360.0,
                            "area_m2": length / bays * height / bands,
                            "above_m": above,
                            "x": np.tile(x, bands),
                            "y": np.tile(y, bands),
                            "z": ground + above,
                        }
                    )
                )
    if not parts:
        return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in COLUMNS.items()})
    pieces = pd.concat(parts, ignore_index=True)
    row, column = cells_before(surface, pieces)
    there = (row >= 0) & (row < surface.grid.rows) & (column >= 0) & (column < surface.grid.cols)
    pieces = pieces[there]
    return pieces[~_inside(surface, pieces)].reset_index(drop=True)


COLUMNS = {
    "building_id": "str", "band": "int64", "azimuth_deg": "float64", "area_m2": "float64", "above_m": "float64",
    "x": "float64", "y": "float64", "z": "float64",
}  # fmt: skip


def wall_irradiation(pieces: pd.DataFrame, surface: Surface, table: SkyTable, reach_m: float = REACH_M) -> Floats:
    """Return the irradiation of pieces of walls, pieces x periods [kWh/m2].

    Parameters
    ----------
    pieces
        As of `wall_pieces`.
    surface
        Heights.
    table
        What directions give.
    reach_m
        How far to look [m].
    """
    row, column = cells_before(surface, pieces)
    around = np.empty((len(pieces), len(table.surroundings.open)))
    blocks = blocks_at(surface.grid, row, column)
    for one in np.unique(blocks, axis=0):
        mine = np.flatnonzero((blocks == one).all(axis=1))
        patches = ground_patches(surface, (int(row[mine[0]]), int(column[mine[0]])), table, reach_m)
        around[mine] = patches.at(row[mine], column[mine])
    return wall_light_at(pieces, surface, table, around, reach_m)


def wall_light_at(
    pieces: pd.DataFrame, surface: Surface, table: SkyTable, around: Floats, reach_m: float = REACH_M
) -> Floats:
    """Return the irradiation of pieces of walls whose ground is known, pieces x periods [kWh/m2].

    Parameters
    ----------
    pieces, surface, table, reach_m
        As of `wall_irradiation`.
    around
        Light that the ground before each piece gets, pieces x periods [kWh/m2].
    """
    angle = np.radians(pieces["azimuth_deg"].to_numpy(dtype=np.float64))
    normals = np.column_stack([np.sin(angle), np.cos(angle), np.zeros(len(pieces))])
    places = pieces[["x", "y", "z"]].to_numpy(dtype=np.float64)
    tangents = place_horizons(surface, places, reach_m, table.directions, normals)
    return plane_irradiation(tangents, normals, table, around)


def by_band(pieces: pd.DataFrame, light: Floats) -> pd.DataFrame:
    """Return area and light of walls by building, band and quarter of the compass.

    Parameters
    ----------
    pieces
        As of `wall_pieces`.
    light
        As of `wall_irradiation`.

    Returns
    -------
    pandas.DataFrame
        Keyed by ``building_id``, ``facing`` (north, east, south, west) and ``band``: ``area_m2``, ``above_m`` and
        ``kwh_m2`` of the year.
    """
    quarter = np.round(pieces["azimuth_deg"].to_numpy(dtype=np.float64) / 90.0).astype(np.int64) % len(QUARTERS)
    area = pieces["area_m2"].to_numpy(dtype=np.float64)
    frame = pieces[["building_id", "band", "area_m2"]].assign(
        facing=np.array(QUARTERS)[quarter], above_m=pieces["above_m"] * area, kwh_m2=light.sum(axis=1) * area
    )
    sums = frame.groupby(["building_id", "facing", "band"], sort=True).sum()
    return sums.assign(above_m=sums["above_m"] / sums["area_m2"], kwh_m2=sums["kwh_m2"] / sums["area_m2"])


QUARTERS = ("north", "east", "south", "west")


def _same_crs(buildings: gpd.GeoDataFrame, surface: Surface) -> bool:
    return buildings.crs is not None and pyproj.CRS.from_user_input(buildings.crs).equals(surface.grid.crs)


def _rings(shape: shapely.Geometry) -> list[Floats]:
    """Return the rings of polygons with what is outside of them to the right."""
    parts = [part for part in shapely.get_parts(shape) if part.geom_type == "Polygon"]
    rings = []
    for part in parts:
        turned = shapely.orient_polygons(part, exterior_cw=False)
        rings += [np.asarray(ring.coords)[:, :2] for ring in (turned.exterior, *turned.interiors)]
    return rings


def _ground_of(surface: Surface, shape: shapely.Geometry) -> float:
    """Return the lowest height in and within two cells of a footprint [m]."""
    west, south, east, north = shapely.bounds(shape)
    grid, cell = surface.grid, surface.cell
    top, left = math.floor((grid.y0 - north) / cell) - 2, math.floor((west - grid.x0) / cell) - 2
    rows, columns = math.ceil((north - south) / cell) + 5, math.ceil((east - west) / cell) + 5
    window = surface.block(top, left, rows, columns)
    return float(np.nanmin(window)) if np.isfinite(window).any() else 0.0


def cells_before(surface: Surface, pieces: pd.DataFrame) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return row and column of the cell before each piece of a wall.

    Parameters
    ----------
    surface
        Heights.
    pieces
        As of `wall_pieces`.
    """
    angle = np.radians(pieces["azimuth_deg"].to_numpy(dtype=np.float64))
    x = pieces["x"].to_numpy(dtype=np.float64) + surface.cell * np.sin(angle)
    y = pieces["y"].to_numpy(dtype=np.float64) + surface.cell * np.cos(angle)
    row = np.floor((surface.grid.y0 - y) / surface.cell).astype(np.int64)
    return row, np.floor((x - surface.grid.x0) / surface.cell).astype(np.int64)


def _inside(surface: Surface, pieces: pd.DataFrame) -> NDArray[np.bool_]:
    """Tell which pieces look from within something that stands higher than they do."""
    row, column = cells_before(surface, pieces)
    height = np.array([surface.block(int(r), int(c), 1, 1)[0, 0] for r, c in zip(row, column, strict=True)])
    return np.asarray(height > pieces["z"].to_numpy(dtype=np.float64))
