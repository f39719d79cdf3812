"""From the controls of 100,000 parcels, with the land uses of the embedded study, to its demand density raster."""

import tempfile
from importlib.resources import files
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from measure import measure

from layers.massing import class_geometry
from layers.stock import StockOptions, build_stock
from spatial.demand import DemandOptions, building_profiles, demand_on_parcels, density_raster
from spatial.pipeline import STAGES, run_stages
from spatial.store import Store
from spatial.study import read_study

PARCELS = 100_000
WEST, SOUTH = 398_000.0, 3_290_000.0

study = read_study(Path(str(files("layers.meishan"))))
names = [stage.name for stage in STAGES]
with tempfile.TemporaryDirectory() as folder:
    kept = run_stages(study, Store(Path(folder)), STAGES[: names.index("parcels") + 1]).entries
    plan, uses = kept["parcels"].table("parcels"), kept["parcels"].table("parcel_uses")
    weather, site = kept["weather"].table("weather"), kept["weather"].table("site")

# every parcel of the study stands many times, on a square of its own area
chosen = np.arange(PARCELS) % len(plan)
ids = pd.Index([f"P{number:06d}" for number in range(PARCELS)], dtype="str", name="parcel_id")
side = np.sqrt(plan["area_m2"].to_numpy()[chosen])
row, col = np.divmod(np.arange(PARCELS), 320)
pitch = float(side.max())
west, south = WEST + col * pitch, SOUTH + row * pitch
squares = shapely.box(west, south, west + side, south + side)
parcels = gpd.GeoDataFrame(plan.iloc[chosen].drop(columns="geometry").set_axis(ids), geometry=squares, crs=4550)
origin = pd.DataFrame({"origin": plan.index.to_numpy()[chosen], "parcel_id": ids})
flat = uses.reset_index().rename(columns={"parcel_id": "origin"})
parcel_uses = origin.merge(flat, on="origin").drop(columns="origin")


def work() -> None:
    """Build the stock, compute its classes, and spread the demand over cells of 100 m."""
    options = DemandOptions()
    stock, massings = build_stock(parcels, parcel_uses, None, 2017, StockOptions())
    forms = class_geometry(stock, massings)
    profiles, intensities = building_profiles(weather, site, options, forms)
    demand = demand_on_parcels(profiles, intensities, stock, (2017, 2030))
    density_raster(demand, parcels, 2030, options)


measure("plan to density raster", {"parcels": PARCELS}, work)
