"""Roofs as they stand, without a plan: a surface model, footprints and weather in, rasters and plants out."""

import os
import tempfile
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
from resources.rooftop.layout import LayoutOptions
from resources.rooftop.rows import row_pitch_m
from resources.rooftop.surveyed import SurveyedRoofs, SurveyOptions, surveyed_roofs
from resources.terrain import Terrain
from resources.tiles import surface_irradiation
from spatial.report.geopackage import fixed_date

RASTER, LAYERS, TABLE, HOURS = "irradiation.tif", "roofs.gpkg", "plants.csv", "hourly.parquet"
NODATA = -9999.0
COARSE_M = 2.0
"""Side of cells beyond which roofs are not told apart [m]."""
FAR_ROWS = 4.0
"""Distance of rows over their height beyond which they are no layout."""
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
    ``roofs.gpkg`` (layers ``plants`` and ``planes``), ``plants.csv`` and ``hourly.parquet`` (kW by class of plane,
    which ``planes`` names).

    Raises
    ------
    InputError
        With every fault of the inputs, or if the folder cannot take the results; nothing has been written then.
    """
    findings = Findings()
    _check_folder(inputs, out, findings)
    surface = read_surface(Source(inputs.surface), findings)
    footprints = _footprints(inputs.buildings, surface, findings)
    read = read_weather(inputs.weather, WeatherOptions(), findings)
    terrain = None
    if inputs.terrain is not None and surface is not None:
        ground = read_surface(Source(inputs.terrain), findings, surface.grid.crs)
        terrain = None if ground is None else Terrain(ground)
    if read is not None:
        check_rows(read[0], options.layout, findings)
    if surface is not None and surface.cell > COARSE_M:
        problem = f"its cells of {surface.cell:g} m are too coarse to tell roofs apart"
        findings.warning(inputs.surface.name, problem, f"give a surface of {COARSE_M:g} m or finer")
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
    without = len(footprints) - found.found.planes["building_id"].nunique()
    if without:
        findings.note(
            inputs.buildings.name, f"{without} of {len(footprints)} buildings show no roof that could be used"
        )
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=f".{out.name}.") as made:
        folder = Path(made)
        edge = _write_raster(surface, sky_table(weather, site, options.solar.albedo), options.reach_m, terrain, folder)
        _write_layers(found, footprints, folder)
        out.mkdir(exist_ok=True)
        for path in sorted(folder.iterdir()):
            path.replace(out / path.name)
    if edge > 0.0:
        findings.note(
            inputs.surface.name,
            f"{edge:.0%} of the cells lie within {options.reach_m:g} m of unknown heights and may see too much sky; "
            "plants there are marked near_edge",
        )
    return Survey(out, found, tuple(findings))


def _check_folder(inputs: SurveyInputs, out: Path, findings: Findings) -> None:
    """Make sure that the folder can be made and that results replace nothing that they are made of."""
    remedy = "give a folder for the results alone"
    folder = out.resolve()
    sources = [inputs.surface, inputs.buildings.path, inputs.weather, inputs.terrain]
    held = [path.name for path in sources if path is not None and path.resolve().is_relative_to(folder)]
    there = next(path for path in (folder, *folder.parents) if path.exists())
    if not there.is_dir():
        findings.error(str(out), f"{there} is a file, not a folder", remedy)
    elif held:
        findings.error(str(out), f"the folder for the results holds the input {held[0]}", remedy)
    elif not os.access(there, os.W_OK | os.X_OK):
        findings.error(str(out), f"{there} cannot be written to", "give a folder you may write to")
    else:
        try:
            folder.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            findings.error(str(out), f"cannot be made: {error.strerror}", "give a folder you may write to")


def check_rows(site: pd.DataFrame, layout: LayoutOptions, findings: Findings) -> None:
    """Tell where rows that keep clear of each other's shade in winter are no layout for the latitude."""
    if layout.flat_layout != "south":
        return
    latitude, remedy = float(site["latitude_deg"].iloc[0]), "take --layout east_west or flush"
    slant, _ = layout.row("south")
    try:
        pitch = row_pitch_m(slant, layout.south_tilt_deg, latitude, layout.clear_from_h)
    except ValueError:
        findings.error("--layout south", f"at latitude {latitude:.1f} no sun is up when rows must be clear", remedy)
        return
    if pitch > FAR_ROWS * slant:
        problem = f"at latitude {latitude:.1f} rows stand {pitch:.0f} m apart to be clear of shade all year"
        findings.warning("--layout south", problem, remedy)


def _footprints(source: Source, surface: Surface | None, findings: Findings) -> gpd.GeoDataFrame | None:
    """Return footprints by ``building_id`` in the CRS of the surface; those without an id are numbered."""
    frame = read_vector(source, findings, family="polygon")
    if frame is None or surface is None:
        if surface is not None and not findings.errors:
            findings.error(source.name, "holds no footprints", "give a layer of polygons")
        return None
    if frame.crs is None:
        findings.error(source.name, "has no CRS", "assign the CRS that its coordinates are in")
        return None
    columns = match_columns(frame.columns, BUILDINGS.name)
    given = texts(frame[columns["building_id"]]).map(tidy) if "building_id" in columns else None
    given = pd.Series("", index=frame.index, dtype="str") if given is None else given
    taken, number, ids = set(given), 0, []
    for name in given:
        while not name:
            number += 1
            name = "" if f"building-{number}" in taken else f"building-{number}"  # noqa: PLW2901 - the name found
        ids.append(name)
    pieces = gpd.GeoDataFrame({"building_id": ids}, geometry=frame.geometry.to_numpy(), crs=frame.crs)
    placed = to_study(pieces, surface.grid.crs)
    twice = placed.loc[placed["building_id"].duplicated(), "building_id"].unique()
    if len(twice):
        problem = (
            f"{len(twice)} ids stand more than once, {twice[0]} among them; their shapes are taken as one building"
        )
        findings.warning(source.name, problem, "give every building an id of its own")
    whole = placed.dissolve("building_id")
    box = shapely.box(*surface.grid.bounds)
    outside = ~shapely.intersects(whole.geometry.to_numpy(), box)
    cut = ~outside & ~shapely.within(whole.geometry.to_numpy(), box)
    if outside.all():
        findings.error(source.name, "no footprint lies on the surface", "check the CRS of both files")
        return None
    if outside.any() or cut.any():
        findings.note(
            source.name, f"{outside.sum()} of {len(whole)} footprints lie outside of the surface, {cut.sum()} in part"
        )
    return whole[~outside]


def _write_raster(surface: Surface, table: SkyTable, reach_m: float, terrain: Terrain | None, folder: Path) -> float:
    """Write the irradiation of a year tile by tile; return the share of cells that may see too much of the sky."""
    grid, path = surface.grid, folder / RASTER
    plain = path.with_suffix(".part.tif")
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


def _write_layers(found: SurveyedRoofs, footprints: gpd.GeoDataFrame, folder: Path) -> None:
    """Write layers, table and hours of the plants that are built."""
    arrays = found.arrays[found.arrays["built"]]
    edge = arrays["near_edge"].groupby(arrays["building_id"]).any()
    plants = found.plants.assign(near_edge=edge.reindex(found.plants.index).to_numpy(dtype=bool))
    plants = plants.replace([np.inf, -np.inf], np.nan)
    shown = gpd.GeoDataFrame(plants, geometry=footprints.geometry.loc[plants.index], crs=footprints.crs)
    by_plane = arrays.groupby("plane_id")
    planes = found.found.planes.assign(
        layout=by_plane["layout"].first(),
        modules=by_plane["modules"].sum(),
        kwp=by_plane["kwp"].sum(),
        mwh=found.yields.loc[arrays.index].sum(axis=1).groupby(arrays["plane_id"]).sum(),
        hourly_class=found.class_of_array.loc[arrays.index].groupby(arrays["plane_id"]).agg("; ".join),
    )
    planes[["modules", "kwp", "mwh"]] = planes[["modules", "kwp", "mwh"]].fillna(0.0)
    with fixed_date():
        shown.reset_index().to_file(folder / LAYERS, layer="plants", driver="GPKG")
        planes.reset_index().to_file(folder / LAYERS, layer="planes", driver="GPKG")
    plants.reset_index().to_csv(folder / TABLE, index=False, float_format="%.6g")
    light = (
        found.light.loc[arrays.index].mul(arrays["kwp"], axis=0).groupby(found.class_of_array.loc[arrays.index]).sum()
    )
    month = pd.DatetimeIndex(found.profiles.index).month
    hours = {str(name): found.profiles[name].to_numpy() * light.loc[name].to_numpy()[month - 1] for name in light.index}
    pd.DataFrame(hours, index=found.profiles.index).to_parquet(folder / HOURS)
