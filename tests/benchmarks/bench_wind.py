"""Siting of turbines on 15,000 cells of open sea."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
from measure import measure

from layers.grid import Grid
from resources.siting import SitingOptions
from resources.wind import WindOptions, wind_potential

ROWS, COLUMNS, CELL = 120, 125, 250.0
grid = Grid(400_000.0, 3_300_000.0, CELL, ROWS, COLUMNS, pyproj.CRS.from_epsg(4550))
x, y = (values.ravel() for values in grid.centres())
number = np.arange(ROWS * COLUMNS)
cells = pd.DataFrame(
    {
        "row": number // COLUMNS,
        "col": number % COLUMNS,
        "x_m": x,
        "y_m": y,
        "is_land": False,
        "in_zone": False,
        "in_sea_area": True,
        "depth_m": 15.0,
        "wind_m_s": 7.0 + x / x.max(),
        "shore_distance_m": 15_000.0 + x - x.min(),
    },
    index=pd.Index(number, name="cell_id"),
)
nothing = gpd.GeoDataFrame(
    {name: pd.Series(dtype="str") for name in ("kind", "name_zh", "name_en")},
    geometry=gpd.GeoSeries([], crs="EPSG:4550"),
    index=pd.Index([], name="exclusion_id", dtype="str"),
)
homes = gpd.GeoDataFrame(geometry=gpd.GeoSeries([], crs="EPSG:4550"))
times = pd.date_range("2017-01-01", periods=8760, freq="h", tz="Asia/Shanghai", name="time")
weather = pd.DataFrame(
    {
        "ghi": 0.0, "dni": 0.0, "dhi": 0.0, "temp_air": 15.0, "relative_humidity": 75.0,
        "wind_speed": np.random.default_rng(1).weibull(2.0, 8760) * 5.0, "pressure": 101_300.0,
    },
    index=times,
)  # fmt: skip
site = pd.DataFrame(
    {
        "latitude_deg": [29.8], "longitude_deg": [122.2], "altitude_m": [5.0], "utc_offset_h": [8.0],
        "wind_height_m": [10.0], "kind": ["normals"], "source": ["made up"],
    },
    index=pd.Index(["site"], name="site_id"),
)  # fmt: skip
options, siting = WindOptions(), SitingOptions(rule="none")
measure(
    "site turbines",
    {"cells": len(cells)},
    lambda: wind_potential(grid.to_table("sea"), cells, nothing, homes, weather, site, options, siting),
)
