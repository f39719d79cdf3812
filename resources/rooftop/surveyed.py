"""Roofs as they stand: from a surface model and footprints to a plant on every building."""

import math
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pydantic import BaseModel, ConfigDict, Field

from layers.surface import Surface
from resources.horizon import DIRECTIONS
from resources.irradiation import MONTHS, sky_table
from resources.photovoltaics import SolarOptions
from resources.rooftop.facing import light_share, open_light, swept_normals
from resources.rooftop.layout import LayoutOptions, arrays_of
from resources.rooftop.light import cover_of_cells, light_on_roofs
from resources.rooftop.planes import PlaneOptions, RoofPlanes, roof_planes
from resources.rooftop.plants import PlantOptions, array_yields, class_profiles, plants_of, worth_building
from resources.terrain import Terrain
from resources.tiles import REACH_M

AROUND_M = 10.0
"""How far around a footprint the ground is looked for [m]."""


class SurveyOptions(BaseModel):
    """What the planner may choose about roofs that stand: planes, modules, energy and money."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    planes: PlaneOptions = Field(default_factory=PlaneOptions)
    """Set-backs, obstacles and least size of roof planes."""
    layout: LayoutOptions = Field(default_factory=LayoutOptions)
    """Modules and how they lie."""
    solar: SolarOptions = Field(default_factory=SolarOptions)
    """Albedo, losses, inverter, year of cost."""
    plants: PlantOptions = Field(default_factory=PlantOptions)
    """Technology, prices, least yield and uncertainty."""
    reach_m: float = Field(default=REACH_M, ge=50.0, le=5000.0)
    """How far what hides the sky is looked for in the surface [m]; beyond it terrain tells."""


@dataclass(frozen=True, eq=False)
class SurveyedRoofs:
    """Plants on roofs that stand.

    Attributes
    ----------
    found
        Roof planes and their cells.
    arrays
        Result of `layout.arrays_of`, of planes with cells to look from, with ``built``: whether it is worth building,
        and ``near_edge``: whether heights within reach are unknown, so that the plane may see too much of the sky.
    light
        Share of open light by array and month [1].
    yields
        Output by array and month [MWh].
    profiles, class_of_array
        Results of `plants.class_profiles`.
    plants
        Result of `plants.plants_of`.
    """

    found: RoofPlanes
    arrays: pd.DataFrame
    light: pd.DataFrame
    yields: pd.DataFrame
    profiles: pd.DataFrame
    class_of_array: pd.Series
    plants: pd.DataFrame


def surveyed_roofs(
    buildings: gpd.GeoDataFrame,
    surface: Surface,
    weather: pd.DataFrame,
    site: pd.DataFrame,
    options: SurveyOptions,
    terrain: Terrain | None = None,
) -> SurveyedRoofs:
    """Return the plants on roofs that stand.

    Parameters
    ----------
    buildings
        Footprints by ``building_id``, in the CRS of the surface.
    surface
        Heights, with roofs.
    weather, site
        Tables WEATHER and SITE.
    options
        Planes, modules, energy and money.
    terrain
        Ground far around; without it there are no hills.

    Raises
    ------
    ValueError
        If buildings have faults, all of which are named.
    """
    found = above_ground(roof_planes(buildings, surface, options.planes), buildings, surface, options.planes)
    lit_planes = found.planes.iloc[np.unique(found.cells["plane"].to_numpy())]
    arrays = arrays_of(lit_planes.drop(columns="geometry"), float(site["latitude_deg"].iloc[0]), options.layout)
    table = sky_table(weather, site, options.solar.albedo, monthly=True, directions=DIRECTIONS)
    normals = swept_normals(arrays)
    place = found.planes.index.get_indexer(pd.Index(arrays["plane_id"]))
    # planes without room for a module have their own slope
    faces = np.full((len(found.planes), 3), np.nan)
    faces[place] = normals
    cover = cover_of_cells(found.cells, len(found.planes), surface.grid)
    lit = light_on_roofs(surface, cover, faces, table, reach_m=options.reach_m, terrain=terrain)
    share = light_share(lit.on_roofs[place], open_light(normals, table))
    light = pd.DataFrame(share, index=arrays.index, columns=range(1, MONTHS + 1))
    profiles, names = class_profiles(arrays, weather, site, options.solar)
    yields = array_yields(arrays, profiles, names, light)
    plants = plants_of(arrays, yields, options.plants, options.solar)
    told = arrays.assign(built=worth_building(arrays, yields, options.plants), near_edge=lit.near_edge[place])
    return SurveyedRoofs(found, told, light, yields, profiles, names, plants)


def above_ground(found: RoofPlanes, buildings: gpd.GeoDataFrame, surface: Surface, options: PlaneOptions) -> RoofPlanes:
    """Return the planes that stand out of the ground around: a footprint may hold a court, or no building at all.

    Parameters
    ----------
    found
        Result of `planes.roof_planes`.
    buildings
        Footprints by ``building_id``.
    surface
        Heights.
    options
        How much higher than the lowest cell in and around its footprint a roof is, at the least.
    """
    shapes = (
        buildings.geometry if buildings.index.name == "building_id" else buildings.set_index("building_id").geometry
    )
    ground = {}
    around = math.ceil(AROUND_M / surface.cell)
    for name in found.planes["building_id"].unique():
        west, south, east, north = shapely.bounds(shapes[name])
        top = math.floor((surface.grid.y0 - north) / surface.cell) - around
        left = math.floor((west - surface.grid.x0) / surface.cell) - around
        rows, columns = (math.ceil(length / surface.cell) + 2 * around + 1 for length in (north - south, east - west))
        ground[name] = float(np.nanmin(surface.block(top, left, rows, columns)))
    high = found.planes["height_m"] - found.planes["building_id"].map(ground) >= options.least_height_m
    kept = high.to_numpy(dtype=bool)
    number = np.cumsum(kept) - 1
    cells = found.cells[kept[found.cells["plane"].to_numpy()]]
    cells = cells.assign(plane=number[cells["plane"].to_numpy()].astype(np.int32))
    return RoofPlanes(found.planes[kept], cells.reset_index(drop=True))
