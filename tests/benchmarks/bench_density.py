"""Demand of 100,000 made-up parcels, its raster, its linear density and its clusters."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from measure import measure

from layers.tables.demand import SERVICES
from layers.units import HOURS_PER_YEAR, KWH_PER_MWH
from spatial.demand import DemandOptions, demand_clusters, demand_on_parcels, density_raster, linear_density

PARCELS, SIDE, BLOCK = 100_000, 40.0, 10
CLASSES = [(f"kind{number}", "slab", vintage) for number in range(20) for vintage in ("code2010", "code2021")]
WEST, SOUTH = 398_000.0, 3_290_000.0

rng = np.random.default_rng(1)
columns = [(*one, service) for one in CLASSES for service in SERVICES]
hourly = rng.uniform(0.0, 60.0, (HOURS_PER_YEAR, len(columns))).astype(np.float32)
times = pd.date_range("2023-01-01", periods=HOURS_PER_YEAR, freq="h", tz="Etc/GMT-8", name="time")
profiles = pd.DataFrame(hourly, index=times, columns=["|".join(row) for row in columns])
intensities = pd.DataFrame(columns, columns=["archetype", "form", "vintage", "service"])
intensities["kwh_m2"] = hourly.sum(axis=0, dtype=np.float64) / KWH_PER_MWH

wide = int(np.ceil(np.sqrt(PARCELS)))
row, col = np.divmod(np.arange(PARCELS), wide)
west, south = WEST + col * SIDE, SOUTH + row * SIDE
ids = pd.Index([f"P{number:06d}" for number in range(PARCELS)], dtype="str", name="parcel_id")
parcels = gpd.GeoDataFrame(index=ids, geometry=shapely.box(west, south, west + SIDE, south + SIDE), crs=4550)
corners = [(WEST + i * SIDE, SOUTH + j * SIDE) for i in range(0, wide, BLOCK) for j in range(0, wide, BLOCK)]
lines = [
    shapely.LineString([(x, y), (x + dx * BLOCK * SIDE, y + (1 - dx) * BLOCK * SIDE)])
    for x, y in corners
    for dx in (0, 1)
]
names = pd.Index([f"S{number:05d}" for number in range(len(lines))], name="street_id")
streets = gpd.GeoDataFrame({"road_class": "local"}, index=names, geometry=lines, crs=4550)
kind = rng.integers(0, len(CLASSES), (PARCELS, 2))
stock = pd.DataFrame(
    {
        "parcel_id": np.repeat(ids, 2),
        "archetype": [CLASSES[place][0] for place in kind.ravel()],
        "form": "slab",
        "vintage": [CLASSES[place][2] for place in kind.ravel()],
        "year_from": 2017,
        "floor_area_m2": rng.uniform(200.0, 4000.0, 2 * PARCELS),
        "unit_id": "U1",
    }
)


def work() -> None:
    """Take the demand from profiles to parcels, cells, streets and clusters."""
    options = DemandOptions(street_reach_m=250.0)
    demand = demand_on_parcels(profiles, intensities, stock, (2030, 2030))
    grid, density = density_raster(demand, parcels, 2030, options)
    linear_density(demand, parcels, streets, stock, profiles, 2030, options)
    demand_clusters(demand, parcels, stock, profiles, grid, density, 2030, options)


measure("demand density", {"parcels": PARCELS, "streets": len(lines), "classes": len(CLASSES)}, work)
