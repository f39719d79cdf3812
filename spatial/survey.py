"""Roofs as they stand, without a plan: a surface model, footprints and weather in, rasters and plants out."""

from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import rasterio
import rasterio.shutil
import shapely
from rasterio.windows import Window

from layers.columns import match_columns, texts
from layers.crs import to_study
from layers.errors import Fault, Findings
from layers.surface import Surface
from layers.surface_reading import read_surface
from layers.tables.place import BUILDINGS
from layers.text import tidy
from layers.vector import Source, read_vector
from layers.weather import WeatherOptions, read_weather
from layers.weather.distance import distance_km
from resources.irradiation import SkyTable, sky_table
from resources.rooftop.surveyed import SurveyedRoofs, SurveyOptions, surveyed_roofs
from resources.terrain import Terrain
from resources.tiles import surface_irradiation

RASTER, LAYERS, TABLE, HOURS = "irradiation.tif", "roofs.gpkg", "plants.csv", "hourly.parquet"
NODATA = -9999.0
NEAR_KM = 50.0
"""Distance beyond which weather is of another place [km]."""


@dataclass(frozen=True)
class SurveyInputs:
    """Files of a survey.

    Attributes
    ----------
    surface
        Raster of heights with roofs, in any CRS.
    buildings
        Layer of footprints.
    weather
        EPW or PVGIS typical year.
    terrain
        Coarser raster of the ground far around, by the same zero of heights; without it there are no hills.
    """

    surface: Path
    buildings: Source
    weather: Path
    terrain: Path | None = None


@dataclass(frozen=True, eq=False)
class Survey:
    """A finished survey: its folder, the roofs, and what was noticed in the inputs."""

    out: Path
    roofs: SurveyedRoofs
    faults: tuple[Fault, ...]


def survey_roofs(inputs: SurveyInputs, out: Path, options: SurveyOptions) -> Survey:
    """Work out the plants of all roofs of a surface model and write them into a folder.

    The folder gets ``irradiation.tif`` (kWh/m2 a year, on each cell's own slope, Cloud-Optimised GeoTIFF),
    ``roofs.gpkg`` (layers ``plants`` and ``planes``), ``plants.csv`` and ``hourly.parquet`` (kW by class of plane).

    Raises
    ------
    InputError
        With every fault of the inputs; nothing has been written then.
    """
    findings = Findings()
    surface = read_surface(Source(inputs.surface), findings)
    footprints = _footprints(inputs.buildings, surface, findings)
    read = read_weather(inputs.weather, WeatherOptions(), findings)
    terrain = None
    if inputs.terrain is not None and surface is not None:
        ground = read_surface(Source(inputs.terrain), findings, surface.grid.crs)
        terrain = None if ground is None else Terrain(ground)
    if out.exists() and not out.is_dir():
        findings.error(str(out), "is a file, not a folder", "give a folder for the results")
    findings.raise_errors()
    assert surface is not None and footprints is not None and read is not None  # noqa: S101, PT018 - else told above
    site, weather = read
    west, south, east, north = surface.grid.bounds
    middle = shapely.Point(0.5 * (west + east), 0.5 * (south + north))
    away = distance_km(site, middle, surface.grid.crs)
    told = f"the weather's place lies {away:,.0f} km from the middle of the surface"
    if away > NEAR_KM:
        findings.warning(inputs.weather.name, told, "take weather of a nearer place")
    else:
        findings.note(inputs.weather.name, told)
    found = surveyed_roofs(footprints, surface, weather, site, options, terrain)
    out.mkdir(parents=True, exist_ok=True)
    table = sky_table(weather, site, options.solar.albedo)
    edge = _write_raster(surface, table, options.reach_m, terrain, out / RASTER)
    if edge > 0.0:
        findings.note(
            inputs.surface.name,
            f"{edge:.0%} of the cells lie within {options.reach_m:g} m of unknown heights and may see too much sky; "
            "plants there are marked near_edge",
        )
    _write_layers(found, footprints, out)
    return Survey(out, found, tuple(findings))


def _footprints(source: Source, surface: Surface | None, findings: Findings) -> gpd.GeoDataFrame | None:
    """Return footprints by ``building_id`` in the CRS of the surface; those without an id are numbered."""
    frame = read_vector(source, findings, family="polygon")
    if frame is None or surface is None:
        return None
    if frame.crs is None:
        findings.error(source.name, "has no CRS", "assign the CRS that its coordinates are in")
        return None
    columns = match_columns(frame.columns, BUILDINGS.name)
    numbered = pd.Series([f"building-{number}" for number in range(1, len(frame) + 1)], index=frame.index, dtype="str")
    ids = texts(frame[columns["building_id"]]).map(tidy) if "building_id" in columns else numbered
    ids = ids.where(ids != "", numbered)
    placed = to_study(frame, surface.grid.crs)
    pieces = gpd.GeoDataFrame({"building_id": ids}, geometry=placed.geometry, crs=surface.grid.crs)
    return pieces.dissolve("building_id")


def _write_raster(surface: Surface, table: SkyTable, reach_m: float, terrain: Terrain | None, path: Path) -> float:
    """Write the irradiation of a year tile by tile; return the share of cells that may see too much of the sky."""
    grid, plain = surface.grid, path.with_suffix(".part.tif")
    near, known = 0, 0
    with rasterio.open(
        plain, "w", driver="GTiff", width=grid.cols, height=grid.rows, count=1, dtype="float32", nodata=NODATA,
        crs=grid.crs, transform=grid.transform, tiled=True, compress="deflate", predictor=3, BIGTIFF="IF_SAFER",
    ) as target:  # fmt: skip
        target.set_band_unit(1, "kWh/m2")
        target.set_band_description(1, "irradiation of a year on the surface")
        for one in surface_irradiation(surface, table, reach_m, terrain=terrain):
            light, tile = one.irradiation[:, :, 0], one.tile
            there = np.isfinite(light)
            near, known = near + int((one.near_edge & there).sum()), known + int(there.sum())
            window = Window(tile.left, tile.top, tile.columns, tile.rows)
            target.write(np.where(there, light, np.float32(NODATA)), 1, window=window)
    rasterio.shutil.copy(plain, path, driver="COG", compress="deflate", predictor="YES")
    plain.unlink()
    return near / known if known else 0.0


def _write_layers(found: SurveyedRoofs, footprints: gpd.GeoDataFrame, out: Path) -> None:
    """Write layers, table and hours."""
    arrays = found.arrays
    edge = arrays["near_edge"].groupby(arrays["building_id"]).any()
    plants = found.plants.assign(near_edge=edge.reindex(found.plants.index).to_numpy(dtype=bool))
    plants = plants.replace([np.inf, -np.inf], np.nan)
    shown = gpd.GeoDataFrame(plants, geometry=footprints.geometry.loc[plants.index], crs=footprints.crs)
    by_plane = arrays.groupby("plane_id")
    planes = found.found.planes.assign(
        layout=by_plane["layout"].first(),
        modules=by_plane["modules"].sum(),
        kwp=by_plane["kwp"].sum(),
        mwh=found.yields.sum(axis=1).groupby(arrays["plane_id"]).sum(),
    )
    layers = out / LAYERS
    layers.unlink(missing_ok=True)
    shown.reset_index().to_file(layers, layer="plants", driver="GPKG")
    planes.reset_index().to_file(layers, layer="planes", driver="GPKG")
    plants.reset_index().to_csv(out / TABLE, index=False, float_format="%.6g")
    built = arrays[arrays["building_id"].isin(plants.index)]
    light = found.light.loc[built.index].mul(built["kwp"], axis=0).groupby(found.class_of_array.loc[built.index]).sum()
    month = pd.DatetimeIndex(found.profiles.index).month
    hours = {str(name): found.profiles[name].to_numpy() * light.loc[name].to_numpy()[month - 1] for name in light.index}
    pd.DataFrame(hours, index=found.profiles.index).to_parquet(out / HOURS)
