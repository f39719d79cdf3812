"""A made-up town of square parcels in a grid of streets, with demand for heat and cold."""

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from spatial.networks import CarrierOptions, NetworkOptions

CRS = "EPSG:4549"
STEP_M = 150.0

ONE_PLANT = {"station_kw": 1e9, "consumer_sites": 0}

Town = tuple[gpd.GeoDataFrame, gpd.GeoDataFrame, pd.DataFrame]


def town(side: int = 8, seed: int = 0, *, utility: bool = True, scale: float = 1.0) -> Town:
    """A grid of streets and square parcels, densest in the middle, with a utility parcel off the centre."""
    rng = np.random.default_rng(seed)
    edge = side * STEP_M
    lines = [shapely.LineString([(0, at * STEP_M), (edge, at * STEP_M)]) for at in range(side + 1)]
    lines += [shapely.LineString([(at * STEP_M, 0), (at * STEP_M, edge)]) for at in range(side + 1)]
    streets = gpd.GeoDataFrame({"name": "", "road_class": "local"}, index=range(len(lines)), geometry=lines, crs=CRS)
    streets.index = pd.Index([f"s{at:03d}" for at in range(len(lines))], name="street_id")
    cells = [(column, row) for column in range(side) for row in range(side)]
    shapes = [
        shapely.box(c * STEP_M + 12, r * STEP_M + 12, (c + 1) * STEP_M - 15 - (c + r) % 3, (r + 1) * STEP_M - 15)
        for c, r in cells
    ]
    parcels = gpd.GeoDataFrame(
        {
            "landuse": ["U12" if utility and cell == (2, 2) else "R2" for cell in cells],
            "area_m2": shapely.area(shapes),
            "phase_year": rng.choice([2017, 2022, 2028], len(cells)),
        },
        index=pd.Index([f"p{at:03d}" for at in range(len(cells))], name="parcel_id"),
        geometry=shapes,
        crs=CRS,
    )
    away = np.hypot(*(np.array(cells) + 0.5 - side / 2).T) * STEP_M
    floor = (3.0 * np.exp(-((away / 450.0) ** 2)) + rng.uniform(0.0, 0.4, len(cells))) * parcels["area_m2"] * scale
    floor = floor.where(parcels["landuse"] != "U12", 0.0).to_numpy()
    demand = pd.DataFrame(
        {
            "parcel_id": parcels.index,
            "year": 2030,
            "unit_id": "a",
            "floor_area_m2": floor,
            "heating_mwh": 0.03 * floor,
            "cooling_mwh": 0.05 * floor,
            "hot_water_mwh": 0.015 * floor,
            "electricity_mwh": 0.0,
            "cooking_mwh": 0.0,
            "heating_peak_kw": 0.03 * floor,
            "cooling_peak_kw": 0.06 * floor,
        }
    )
    return streets, parcels, demand


def conserving(**changes: Any) -> NetworkOptions:
    """Options in which peaks simply add up, so that flows balance at every node, and heat pays."""
    alike = {"diversity_limit": 1.0, "diversity_range": 0.0}
    heating = CarrierOptions.standard("heating").model_copy(update={**alike, "price_cny_kwh": 0.5})
    return NetworkOptions(
        heating=heating, cooling=CarrierOptions.standard("cooling").model_copy(update=alike), **changes
    )


def paying(**changes: Any) -> NetworkOptions:
    """Options under which heat is dear enough for a network."""
    heating = CarrierOptions.standard("heating").model_copy(update={"price_cny_kwh": 0.5})
    # two prices of the sensitivity in place of nine, as every one is laid out anew
    return NetworkOptions(heating=heating, **{"prices_cny_kwh": (0.4, 0.6), **changes})
