"""Made-up sun on roofs: blocks on square parcels, their plants, the light around them, and what they can supply."""

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely import MultiPolygon, Polygon, box

from layers.grid import Grid
from layers.tables.resources import MONTHS

CELL = 5.0
AROUND = 20.0
"""How far from a block its light is told [m]."""
OPEN, SHADE = 1450.0, 500.0
"""Light on roofs, and on the ground beside them [kWh/m2]."""
BRIGHTER = 40.0
"""Light that ground gains with each metre from a block [kWh/m2]."""
BEST = 1145.0
"""Yield of a roof that nothing shades [kWh/kWp]."""
MONTHLY = np.array([60, 68, 85, 100, 108, 98, 128, 122, 92, 82, 64, 58]) / 1065
CLASSES = ("roof_flat_tilted_s", "roof_metal_flush", "roof_pitched_s")
STEP = 10
"""Roofs in a step of a supply curve."""


def blocks_on(west: float, south: float, *, towers: bool) -> list[Polygon | MultiPolygon]:
    """Return a slab, a court and, where wanted, a pair of towers on a parcel of 190 m."""
    court = box(west + 30, south + 80, west + 130, south + 160)
    yard = box(west + 55, south + 105, west + 105, south + 135)
    found: list[Polygon | MultiPolygon] = [box(west + 20, south + 30, west + 140, south + 44), court.difference(yard)]
    if towers:
        found.append(MultiPolygon([box(west + 150, south + y, west + 170, south + y + 20) for y in (30, 70)]))
    return found


def roof_tables(parcels: gpd.GeoDataFrame, built: Sequence[str]) -> dict[str, pd.DataFrame]:
    """Return the tables of sun on roofs for some of the parcels, whose ids are a column.

    The first roof never pays back; the second lies in deep shade.
    """
    chosen = parcels.set_index("parcel_id").loc[list(built)]
    rows, shapes = [], []
    for number, (parcel, shape) in enumerate(zip(chosen.index, chosen.geometry, strict=True)):
        west, south, *_ = shape.bounds
        for place, block in enumerate(blocks_on(west, south, towers=number % 10 == 0)):
            rows.append((f"{parcel}|office|{place}", parcel, chosen.loc[parcel, "unit_id"]))
            shapes.append(block)
    roofs = gpd.GeoDataFrame(
        rows, columns=["roof_id", "parcel_id", "unit_id"], geometry=shapes, crs=parcels.crs
    ).set_index("roof_id")
    roofs = roofs.assign(**_plants(roofs.area.to_numpy()))
    grid, cells = _light(roofs)
    return {
        "roofs": roofs,
        "sun_grid": grid.to_table("sun"),
        "sun_cells": cells,
        "supply_curves": pd.concat(
            [_curve(unit, own) for unit, own in roofs.groupby("unit_id", sort=True)] + [_curve("zone", roofs)],
            ignore_index=True,
        ),
        "roof_profiles": _profiles(),
        "site": pd.DataFrame(
            {
                "latitude_deg": [29.8],
                "longitude_deg": [122.0],
                "altitude_m": [5.0],
                "utc_offset_h": [8.0],
                "wind_height_m": [10.0],
                "kind": ["normals"],
                "source": ["normals.csv"],
            },
            index=pd.Index(["site"], name="site_id"),
        ),
    }


def _plants(area: np.ndarray) -> dict[str, object]:
    number = np.arange(len(area))
    light = 1.0 - 0.004 * (number % 30)
    light[1] = 0.55
    usable = area * 0.45
    kwp = usable * 0.12
    kwh_kwp = BEST * light
    mwh = kwp * kwh_kwp / 1000
    capex = kwp * 2300.0
    payback = capex / (mwh * 520.0)
    payback[0] = np.nan
    return {
        "pv_class": [CLASSES[place % len(CLASSES)] for place in number],
        "height_m": 12.0 + 3.0 * (number % 8),
        "roof_m2": area,
        "area_m2": usable,
        "kwp": kwp,
        "light": light,
        "poa_kwh_m2": OPEN * light,
        "mwh": mwh,
        "mwh_p90": mwh * 0.88,
        "kwh_kwp": kwh_kwp,
        "capex_cny": capex,
        "opex_cny_a": capex * 0.015,
        "lcoe_cny_kwh": 0.2 / light,
        "payback_years": payback,
        **{name: mwh * share for name, share in zip(MONTHS, MONTHLY, strict=True)},
    }


def _light(roofs: gpd.GeoDataFrame) -> tuple[Grid, pd.DataFrame]:
    """Return light of roofs, and of the ground around them, which grows with the distance."""
    west, south, east, north = roofs.total_bounds
    grid = Grid.from_bounds((west - 100, south - 100, east + 100, north + 100), CELL, roofs.crs)
    parts = []
    for _, own in roofs.groupby("parcel_id", sort=True):
        whole = own.geometry.union_all()
        left, bottom, right, top = whole.bounds
        reach = np.arange(-AROUND, max(right - left, top - bottom) + AROUND, CELL)
        x, y = (axis.ravel() for axis in np.meshgrid(left + reach, bottom + reach))
        number = np.unique(grid.cell_ids(x, y))
        row, col = np.divmod(number, grid.cols)
        centre = shapely.points(grid.x_centres[col], grid.y_centres[row])
        away = shapely.distance(centre, whole)
        near = away <= AROUND
        value = np.where(away == 0.0, OPEN, SHADE + BRIGHTER * away)
        parts.append(pd.Series(value[near], index=number[near]))
    cells = pd.concat(parts)
    cells = cells[~cells.index.duplicated()].sort_index()
    return grid, pd.DataFrame({"kwh_m2": cells.to_numpy()}, index=pd.Index(cells.index, name="cell_id"))


def _curve(unit: str, roofs: pd.DataFrame) -> pd.DataFrame:
    """Return a supply curve whose steps hold `STEP` roofs each."""
    ordered = roofs.sort_values(["lcoe_cny_kwh", "mwh"])
    steps = ordered.groupby(np.arange(len(ordered)) // STEP + 1).agg(
        lcoe_cny_kwh=("lcoe_cny_kwh", "max"), kwp=("kwp", "sum"), mwh=("mwh", "sum")
    )
    return steps.assign(
        unit_id=unit,
        step=steps.index,
        cumulative_mw=steps["kwp"].cumsum() / 1000,
        cumulative_mwh=steps["mwh"].cumsum(),
    )


def _profiles() -> pd.DataFrame:
    time = pd.date_range("2023-01-01", periods=8760, freq="h", tz="Etc/GMT-8", name="time")
    sun = np.maximum(np.sin((np.arange(8760) % 24 - 6) / 12 * np.pi), 0.0)
    return pd.DataFrame(dict.fromkeys(CLASSES, 0.4 * sun), index=time)
