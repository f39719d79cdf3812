"""Roofs of the plan: plants on buildings that are not built yet, in the light that the plan leaves them.

A plan has floor areas and heights but no roofs. Buildings stand as `layers.blocks` lays them out, on level ground, and
carry what their archetype's class of roof does; the sun is swept over all of them together.
"""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely
from numpy.typing import NDArray

from layers.archetypes import Kinds
from layers.constants import constants
from layers.grid import Grid
from layers.surface import Surface, surface_of_buildings
from resources.irradiation import MONTHS, SkyTable, sky_table
from resources.photovoltaics import W_PER_KW, PVClass, SolarOptions, pv_classes
from resources.rooftop.facing import light_share, normals_of, open_light, swept_normals
from resources.rooftop.layout import LayoutOptions
from resources.rooftop.light import cover_of_shapes, light_on_roofs
from resources.rooftop.options import RooftopOptions
from resources.rooftop.plants import (
    MONTH_COLUMNS,
    PlantOptions,
    array_yields,
    class_profiles,
    named_losses,
    plants_of,
    worth_building,
)
from resources.rooftop.rows import pair_pitch_m, row_pitch_m
from resources.rooftop.walls import class_walls
from resources.solar import roof_areas

Floats = NDArray[np.float64]

AROUND_M = 50.0
"""How far around buildings the light of the ground is told [m]."""


@dataclass(frozen=True, eq=False)
class PlannedRoofs:
    """Plants on roofs of the plan.

    Attributes
    ----------
    roofs
        Table ROOFS.
    profiles
        Table ROOF_PROFILES [kW/kWp].
    grid, cells
        Table GRID of one row, none where nothing is built, and table SUN_CELLS.
    """

    roofs: gpd.GeoDataFrame
    profiles: pd.DataFrame
    grid: pd.DataFrame
    cells: pd.DataFrame
    walls: pd.DataFrame


def planned_roofs(
    blocks: gpd.GeoDataFrame,
    stock: pd.DataFrame,
    unit_of_parcel: pd.Series,
    weather: pd.DataFrame,
    site: pd.DataFrame,
    solar: SolarOptions,
    options: RooftopOptions,
    kinds: Kinds | None = None,
) -> PlannedRoofs:
    """Return the plants on the roofs of the plan.

    Parameters
    ----------
    blocks
        As of `layers.blocks.blocks_of_plan`, in the study's CRS.
    stock
        Table STOCK, by ``stock_id``: a row's roof is shared by its blocks.
    unit_of_parcel
        Planning unit by ``parcel_id``.
    weather, site
        Tables WEATHER and SITE.
    solar
        Albedo, losses, cost.
    options
        Cells and plants.
    kinds
        Archetypes of the study; without them the built-in ones.

    Returns
    -------
    PlannedRoofs
        Roofs without a plant are left out.
    """
    roofs = _roofs(blocks, stock, kinds)
    latitude = float(site["latitude_deg"].iloc[0])
    arrays = _arrays(roofs, latitude)
    table = sky_table(weather, site, solar.albedo, monthly=True, directions=options.directions)
    grid = _grid(roofs, options)
    surface = surface_of_buildings(gpd.GeoDataFrame(roofs[["height_m", "geometry"]]), grid)
    light, cells = _light(roofs, arrays, surface, table, options)
    year = sky_table(weather, site, solar.albedo, directions=options.directions)
    walls = class_walls(roofs, stock, surface, cells, year, reach_m=options.reach_m, most=options.walls_per_class)
    # where the planner's losses are less than those to shading, no others are left
    losses = max(solar.losses, named_losses()["shading"])
    profiles, names = class_profiles(arrays, weather, site, solar.model_copy(update={"losses": losses}))
    yields = array_yields(arrays, profiles, names, light)
    built = worth_building(arrays, yields, options.plants)
    arrays, light, yields = arrays[built], light[built], yields[built]
    plants = _plants(arrays, yields, options.plants, solar)
    told = roofs.loc[plants.index]
    in_the_open = open_light(_normals(arrays), table)
    owner, kwp = arrays["building_id"], arrays["kwp"]
    bare, poa, whole = (
        (kwp * part).groupby(owner).sum() for part in (in_the_open.sum(axis=1), (light * in_the_open).sum(axis=1), 1.0)
    )
    frame = plants.assign(
        parcel_id=told["parcel_id"],
        unit_id=unit_of_parcel.loc[told["parcel_id"]].to_numpy(dtype=str),
        pv_class=told["pv_class"],
        height_m=told["height_m"],
        roof_m2=told["roof_m2"],
        area_m2=told["area_m2"],
        light=poa / bare,
        poa_kwh_m2=poa / whole,
        payback_years=plants["payback_years"].where(np.isfinite(plants["payback_years"])),
    )
    columns = [
        *("parcel_id", "unit_id", "pv_class", "height_m", "roof_m2", "area_m2", "kwp", "light", "poa_kwh_m2", "mwh"),
        *("mwh_p90", "kwh_kwp", "capex_cny", "opex_cny_a", "lcoe_cny_kwh", "payback_years", *MONTH_COLUMNS),
    ]
    made = gpd.GeoDataFrame(frame[columns], geometry=told.geometry, crs=blocks.crs)
    made.index = made.index.astype("str").rename("roof_id")
    swept = grid.to_table("sun")
    shapes = _profiles(arrays, profiles, names, light)
    return PlannedRoofs(made, shapes, swept[:0] if roofs.empty else swept, cells, walls)


def _roofs(blocks: gpd.GeoDataFrame, stock: pd.DataFrame, kinds: Kinds | None) -> gpd.GeoDataFrame:
    """Return the blocks with their class, roof and usable area."""
    rows = stock if stock.index.name == "stock_id" else stock.set_index("stock_id")
    areas = roof_areas(rows.reset_index(), kinds).set_index(rows.index)
    built = pd.Series(shapely.area(blocks.geometry.to_numpy()), index=blocks.index)
    part = built / built.groupby(blocks["stock_id"]).transform("sum")
    own = blocks["stock_id"]
    made = blocks.assign(
        pv_class=areas["pv_class"].loc[own].to_numpy(dtype=str),
        roof_m2=part.to_numpy() * rows["roof_m2"].loc[own].to_numpy(dtype=np.float64),
        area_m2=part.to_numpy() * areas["area_m2"].loc[own].to_numpy(dtype=np.float64),
    )
    return gpd.GeoDataFrame(made)


def _classes() -> dict[str, PVClass]:
    return {item.name: item for item in pv_classes() if item.surface == "roof"}


def _layout_of(name: str) -> str:
    return constants("resources", "solar.csv").under("class")[f"{name}.layout"].text


def _rows(item: PVClass, layouts: LayoutOptions, density: float, latitude_deg: float) -> tuple[float, float]:
    """Return distance and slant height of the rows of a class [m], not numbers where modules lie flush."""
    layout = _layout_of(item.name)
    if layout == "flush":
        return np.nan, np.nan
    if layout == "east_west":
        slant, _ = layouts.row("east_west")
        return pair_pitch_m(slant, item.tilt_deg, layouts.east_west_valley_m), slant
    slant, filled = layouts.row("south")
    try:
        return row_pitch_m(slant, item.tilt_deg, latitude_deg, layouts.clear_from_h), slant
    except ValueError:  # no sun is up when the rule asks for it: what the class's capacity leaves is all there is
        return slant * filled * layouts.fill_rows * density / item.kwp_per_m2, slant


def _arrays(roofs: gpd.GeoDataFrame, latitude_deg: float) -> pd.DataFrame:
    """Return the modules of each roof as its class of ``solar.csv`` has them, in the shape of `layout.arrays_of`."""
    layouts = LayoutOptions()
    density = layouts.module_wp / W_PER_KW / layouts.module_m2
    parts = []
    for name, item in _classes().items():
        mine = roofs[(roofs["pv_class"] == name) & (roofs["area_m2"] > 0.0)]
        azimuths = item.facing(latitude_deg)
        pitch, slant = _rows(item, layouts, density, latitude_deg)
        kwp = mine["area_m2"].to_numpy() * item.kwp_per_m2 / len(azimuths)
        for azimuth in azimuths:
            ids = mine.index.astype("str")
            parts.append(
                pd.DataFrame(
                    {
                        "plane_id": ids,
                        "building_id": ids,
                        "pv_class": name,
                        "layout": _layout_of(name),
                        "mount": item.mount,
                        "tilt_deg": item.tilt_deg,
                        "azimuth_deg": azimuth,
                        "pitch_m": pitch,
                        "slant_m": slant,
                        "module_m2": kwp / density,
                        "kwp": kwp,
                    },
                    index=pd.Index(ids + f"/{azimuth:g}", name="array_id"),
                )
            )
    return pd.concat(parts).sort_index()


def _normals(arrays: pd.DataFrame) -> Floats:
    return normals_of(*(arrays[name].to_numpy(dtype=np.float64) for name in ("tilt_deg", "azimuth_deg")))


def _grid(roofs: gpd.GeoDataFrame, options: RooftopOptions) -> Grid:
    """Return the cells that the sun is swept over: one somewhere, where there is nothing to sweep."""
    crs = pyproj.CRS.from_user_input(roofs.crs)
    if roofs.empty:
        return Grid(0.0, 0.0, options.cell_m, 1, 1, crs)
    west, south, east, north = roofs.total_bounds
    reach = options.reach_m
    return Grid.from_bounds((west - reach, south - reach, east + reach, north + reach), options.cell_m, crs)


def _light(
    roofs: gpd.GeoDataFrame, arrays: pd.DataFrame, surface: Surface, table: SkyTable, options: RooftopOptions
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the share of open light by array and month, and table SUN_CELLS, where the ground is level."""
    place, normals = roofs.index.get_indexer(pd.Index(arrays["plane_id"])), swept_normals(arrays)
    faces = np.full((len(roofs), 3), np.nan)
    faces[place] = normals
    cover = cover_of_shapes(roofs.geometry.to_numpy(), surface.grid)
    lit = light_on_roofs(surface, cover, faces, table, reach_m=options.reach_m, around_m=AROUND_M)
    share = light_share(lit.on_roofs[place], open_light(normals, table))
    return pd.DataFrame(share, arrays.index, list(range(1, MONTHS + 1))), lit.cells


def _plants(arrays: pd.DataFrame, yields: pd.DataFrame, options: PlantOptions, solar: SolarOptions) -> pd.DataFrame:
    """Return the plants, each at the cost of its class's technology."""
    parts = []
    for name, item in _classes().items():
        mine = arrays["pv_class"] == name
        own = options.model_copy(update={"technology": item.technology})
        parts.append(plants_of(arrays[mine], yields[mine], own, solar))
    return pd.concat(parts).sort_index()


def _profiles(arrays: pd.DataFrame, profiles: pd.DataFrame, names: pd.Series, light: pd.DataFrame) -> pd.DataFrame:
    """Return the hours of each class of roofs as the mean of its arrays by capacity, in the light they have."""
    month = pd.DatetimeIndex(profiles.index).month.to_numpy() - 1
    made = {}
    for name, mine in arrays.groupby("pv_class", sort=True):
        shape = np.zeros(len(profiles))
        for plane, part in mine.groupby(names.loc[mine.index], sort=True):
            weights = light.loc[part.index].mul(part["kwp"], axis=0).sum().to_numpy()
            shape += profiles[plane].to_numpy() * weights[month]
        made[str(name)] = shape / mine["kwp"].sum()
    return pd.DataFrame(made, index=profiles.index)
