"""Horizons and a year of 8,760 hours on every cell of a made-up town of 1 m cells, tile by tile."""

import math
import sys
from pathlib import Path

import numpy as np
import pyproj
from measure import measure

from layers.errors import Findings
from layers.grid import Grid
from layers.surface import Surface, TiledHeights
from layers.weather import WeatherOptions, read_weather
from resources.irradiation import irradiation, sky_table
from resources.tiles import surface_irradiation
from spatial.cli import embedded_study

sys.path.insert(0, str(Path(__file__).parents[1] / "shared"))

from made_town import made_town

options = WeatherOptions(latitude_deg=29.79, longitude_deg=121.95, altitude_m=5.0, utc_offset_h=8.0)
read = read_weather(embedded_study() / "normals.csv", options, Findings())
assert read is not None
site, weather = read
block = made_town(500).heights()


def surface(million_cells: int) -> Surface:
    """Return the town side by side with itself, made tile by tile."""
    side = round(math.sqrt(million_cells * 1e6))
    grid = Grid(398_000.0, 3_300_000.0, 1.0, side, side, pyproj.CRS.from_epsg(4550))

    def make(top: int, left: int, rows: int, columns: int) -> np.ndarray:
        down, right = np.arange(top, top + rows) % len(block), np.arange(left, left + columns) % len(block)
        return block[np.ix_(down, right)]

    return Surface(grid, TiledHeights((side, side), make))


def work(million_cells: int, monthly: bool) -> float:
    """Run all tiles and keep nothing but their sum."""
    table = sky_table(weather, site, 0.2, monthly=monthly)
    return sum(float(one.irradiation.sum()) for one in surface_irradiation(surface(million_cells), table))


year, at_once = sky_table(weather, site, 0.2), made_town(1000).heights()
irradiation(block, 1.0, year)  # compiles
measure(
    "irradiation of a year at once, 1 thread",
    {"million_cells": 1},
    lambda: irradiation(at_once, 1.0, year),
    per="million_cells",
)
for million in (1, 9, 36):
    measure(
        "irradiation of a year, 2 threads",
        {"million_cells": million},
        lambda n=million: work(n, False),  # type: ignore[misc]
        per="million_cells",
    )
measure("irradiation by month, 2 threads", {"million_cells": 9}, lambda: work(9, True), per="million_cells")
