"""Hours of a single roof, asked for one by one: its own light and output, not that of its class."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from layers.surface import Surface
from layers.weather.light import sky_light
from layers.weather.sun import sun_position
from resources.hours import hourly_irradiance
from resources.photovoltaics import SolarOptions, ac_output, dc_output, plane_irradiance
from resources.places import PLACE_DIRECTIONS, hourly_light
from resources.rooftop.plants import losses_beside_shading
from resources.rooftop.rows import behind_rows
from resources.terrain import Terrain
from resources.tiles import REACH_M

MOST_PLACES = 24
"""Cells of a roof that stand for all of them."""


@dataclass(frozen=True)
class Weather:
    """Tables WEATHER and SITE."""

    hours: pd.DataFrame
    site: pd.DataFrame


def roof_hours(
    surface: Surface,
    cells: pd.DataFrame,
    array: pd.Series,
    weather: Weather,
    options: SolarOptions,
    reach_m: float = REACH_M,
    terrain: Terrain | None = None,
) -> pd.DataFrame:
    """Return the light and the output of one array of modules in every hour.

    Parameters
    ----------
    surface
        Heights.
    cells
        The roof's cells: ``row`` and ``col`` in the surface's grid. Up to `MOST_PLACES` of them, evenly chosen, are
        looked from.
    array
        A row of `layout.arrays_of`.
    weather
        The hours and the site.
    options
        Albedo, losses, inverter and temperature coefficient; losses count without shading.
    reach_m
        How far to look [m].
    terrain
        Ground farther away than that; without it there are no hills.

    Returns
    -------
    pandas.DataFrame
        Index of the weather: ``direct`` and ``diffuse`` on the modules [W/m2] and ``ac_kw`` [kW].

    Raises
    ------
    ValueError
        If the roof has no cells.
    """
    if cells.empty:
        raise ValueError("the roof has no cells to look from")
    grid = surface.grid
    chosen = cells.iloc[np.unique(np.linspace(0, len(cells) - 1, MOST_PLACES).round().astype(int))]
    row, column = chosen["row"].to_numpy(), chosen["col"].to_numpy()
    height = [float(surface.block(int(r), int(c), 1, 1)[0, 0]) for r, c in zip(row, column, strict=True)]
    x, y = grid.x0 + (column + 0.5) * grid.cell, grid.y0 - (row + 0.5) * grid.cell
    tilt_deg, azimuth_deg = float(array["tilt_deg"]), float(array["azimuth_deg"])
    tilt, azimuth = np.radians(tilt_deg), np.radians(azimuth_deg)
    normal = np.array([np.sin(tilt) * np.sin(azimuth), np.sin(tilt) * np.cos(azimuth), np.cos(tilt)])
    light = sky_light(weather.hours, weather.site)
    beam, other = hourly_light(
        surface, np.column_stack([x, y, height]), normal, light, options.albedo, reach_m=reach_m, terrain=terrain
    )
    sun = sun_position(weather.site, pd.DatetimeIndex(weather.hours.index))
    plane = plane_irradiance(weather.hours, sun, tilt_deg, azimuth_deg, options.albedo)
    in_the_open = hourly_irradiance(light, np.zeros((1, PLACE_DIRECTIONS)), normal, options.albedo)
    share_beam, share_other = (
        np.divide(part, whole, out=np.zeros(len(part)), where=whole > 0.0)
        for part, whole in zip((beam, other), in_the_open, strict=True)
    )
    shaded = plane.assign(direct=plane["direct"] * share_beam)
    for name in ("diffuse", "circumsolar", "ground"):
        shaded[name] = plane[name] * share_other
    shaded["global"] = shaded["direct"] + shaded["diffuse"]
    cover = float(array["slant_m"] / array["pitch_m"]) if np.isfinite(array["pitch_m"]) else 0.0
    behind = behind_rows(shaded, sun, tilt_deg, azimuth_deg, cover)
    losses = options.model_copy(update={"losses": losses_beside_shading(options)})
    ac = ac_output(dc_output(behind, weather.hours, str(array["mount"]), losses), losses)
    made = {"direct": behind["direct"], "diffuse": behind["diffuse"], "ac_kw": ac * float(array["kwp"])}
    return pd.DataFrame(made, index=weather.hours.index)
