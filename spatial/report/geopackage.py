"""All layers in one GeoPackage that QGIS opens with its styles, the same bytes every time."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely

from layers.landuse import landuse_table
from layers.units import KWH_PER_MWH
from spatial.report import styles
from spatial.report.grids import grid_of
from spatial.report.headers import both, unit_of
from spatial.report.meta import RunMeta, Tables, table
from spatial.report.parcels import parcel_results, unit_results
from spatial.report.styles import Step
from spatial.report.words import line

_DATE = "2000-01-01T00:00:00Z"
_UPDATED = "2000-01-01T00:00:00.000Z"
_VERSION = "1.2"  # what QGIS of the last ten years reads without a warning
_RAMP_BY_STEM = (
    ("pv_", "sun"), ("heating_", "heat"), ("cooling_", "cold"), ("heat_", "heat"), ("cold_", "cold"), ("co2_", "co2"),
    ("energy_", "energy"),
)  # fmt: skip
_STYLED_QUANTITIES = ("pv_mwh", "heating_target_mwh", "cooling_target_mwh")
_DN_WIDTHS = ((0.0, 100.0, 0.4), (100.0, 200.0, 0.7), (200.0, 400.0, 1.1), (400.0, 1e6, 1.6))
_PLAIN_LAYERS = (
    "zone", "sea_area", "exclusions", "streets", "street_repairs", "unreachable_parcels", "linear_density", "clusters",
    "roofs", "pipes", "stations", "turbines",
)  # fmt: skip

_CREATE_STYLES = """
CREATE TABLE layer_styles (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    f_table_catalog TEXT(256),
    f_table_schema TEXT(256),
    f_table_name TEXT(256),
    f_geometry_column TEXT(256),
    styleName TEXT(30),
    styleQML TEXT,
    styleSLD TEXT,
    useAsDefault BOOLEAN,
    description TEXT,
    owner TEXT(30),
    ui TEXT(30),
    update_time DATETIME
)
"""
_INSERT_STYLE = """
INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, f_geometry_column, styleName, styleQML,
                          styleSLD, useAsDefault, description, owner, ui, update_time)
VALUES ('', '', ?, 'geom', ?, ?, '', ?, ?, '', NULL, ?)
"""
_REGISTER_STYLES = """
INSERT INTO gpkg_contents (table_name, data_type, identifier, description, last_change, srs_id)
VALUES ('layer_styles', 'attributes', 'layer_styles', 'QGIS styles', ?, 0)
"""


@contextmanager
def fixed_date() -> Iterator[None]:
    """Make the GeoPackage driver write one fixed date instead of the time of writing."""
    before = pyogrio.get_gdal_config_option("OGR_CURRENT_DATE")
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": _DATE})
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": before})


def cell_polygons(x: pd.Series, y: pd.Series, cell_m: float) -> "np.ndarray[Any, np.dtype[np.object_]]":
    """Return square polygons around cell centres [m]."""
    half = cell_m / 2.0
    east, north = x.to_numpy(dtype=np.float64), y.to_numpy(dtype=np.float64)
    return np.asarray(shapely.box(east - half, north - half, east + half, north + half))


def wind_layer(tables: Tables, crs: str) -> gpd.GeoDataFrame | None:
    """Return the cells wind is sited on as squares, with their figures and the reasons why not."""
    cells, places, grid = table(tables, "wind_cells"), table(tables, "sea_cells"), grid_of(tables, "sea", crs)
    if cells is None or places is None or grid is None:
        return None
    wanted = [name for name in ("cell_id", "x_m", "y_m", "depth_m", "wind_m_s", "shore_distance_m") if name in places]
    joined = cells.merge(places[wanted], on="cell_id", how="left", validate="one_to_one", suffixes=("", "_raster"))
    squares = cell_polygons(joined["x_m"], joined["y_m"], grid.cell)
    return gpd.GeoDataFrame(joined.drop(columns=["x_m", "y_m"]), geometry=squares, crs=crs)


def density_layer(tables: Tables, crs: str) -> gpd.GeoDataFrame | None:
    """Return the demand density as squares, also per area [kWh/m2]."""
    density, grid = table(tables, "density"), grid_of(tables, "density", crs)
    if density is None or grid is None:
        return None
    x = grid.x0 + (density["col"] + 0.5) * grid.cell
    y = grid.y0 - (density["row"] + 0.5) * grid.cell
    per_area = {
        name.replace("_mwh", "_kwh_m2"): density[name] * KWH_PER_MWH / grid.cell**2
        for name in map(str, density.columns)
        if name.endswith("_mwh")
    }
    return gpd.GeoDataFrame(density.assign(**per_area), geometry=cell_polygons(x, y, grid.cell), crs=crs)


def layer_frames(tables: Tables, meta: RunMeta) -> dict[str, gpd.GeoDataFrame]:
    """Return every layer the run has the tables for, by name, in the order QGIS shall list them."""
    parcels = parcel_results(tables, meta)
    units = unit_results(tables, meta, parcels)
    wind, density = wind_layer(tables, meta.crs), density_layer(tables, meta.crs)
    frames: dict[str, pd.DataFrame | None] = {
        "parcels": parcels,
        "units": units,
        **{name: table(tables, name) for name in _PLAIN_LAYERS},
        "wind_cells": wind,
        "density": density,
    }
    return {name: frame for name, frame in frames.items() if isinstance(frame, gpd.GeoDataFrame)}


def _landuse_style(parcels: pd.DataFrame) -> str:
    known = landuse_table()
    present = sorted(parcels["landuse"].unique())
    steps = []
    for code in present:
        colour = str(known.loc[code, "colour"]) if code in known.index else styles.NO_VALUE
        name = f"{known.loc[code, 'name_zh']} {known.loc[code, 'name_en']}" if code in known.index else ""
        steps.append(Step(f"{code} {name}".strip(), colour, value=code))
    return styles.categorised("fill", "landuse", steps)


def _graduated_style(frame: pd.DataFrame, column: str, shape: styles.Shape = "fill", width: float = 0.1) -> str:
    ramp = next((ramp for stem, ramp in _RAMP_BY_STEM if column.startswith(stem)), "energy")
    steps = styles.ramp_steps(frame[column], ramp, unit_of(column))
    return styles.graduated(shape, column, [replace(step, width=width) for step in steps])


def _cluster_style() -> str:
    kinds = (("heat", styles.RAMPS["heat"][2]), ("cold", styles.RAMPS["cold"][2]))
    steps = [Step(line(f"style.{carrier}_cluster"), colour, value=carrier, width=0.5) for carrier, colour in kinds]
    return styles.categorised("fill", "carrier", steps)


def _pipe_style() -> str:
    steps = []
    for network, colour in (("heating", styles.HEATING), ("cooling", styles.COOLING)):
        for low, high, width in _DN_WIDTHS:
            expression = f'"network" = \'{network}\' AND "dn_mm" > {low:g} AND "dn_mm" <= {high:g}'
            bound = f"> DN {low:g}" if high >= 1e6 else f"DN {low:g} - {high:g}"
            steps.append((expression, Step(f"{both(network)} {bound}", colour, width=width)))
    return styles.rules("line", steps)


def _network_marker_style() -> str:
    return styles.categorised(
        "marker",
        "network",
        [
            Step(both("heating"), styles.HEATING, value="heating", width=4.0),
            Step(both("cooling"), styles.COOLING, value="cooling", width=4.0),
        ],
    )


def _repair_style() -> str:
    colours = {"snapped": "#e08a00", "split": "#8a949a", "gap": "#b23a48", "forbidden": "#5b2a86"}
    steps = [Step(both(kind), colour, value=kind, width=1.4) for kind, colour in colours.items()]
    return styles.categorised("marker", "kind", steps)


def _unreachable_style() -> str:
    colours = {"no_street": "#e08a00", "forbidden": "#5b2a86", "cut_off": "#b23a48"}
    steps = [Step(both(reason), colour, value=reason, width=0.3) for reason, colour in colours.items()]
    return styles.categorised("fill", "reason", steps)


def _cell_style(cells: pd.DataFrame) -> str:
    """Return excluded cells in grey, the others by their cost or, where that is missing, in one colour."""
    excluded = ('NOT "eligible"', Step(line("style.not_eligible"), "#c9c9c9"))
    cost = cells.loc[cells["eligible"], "lcoe_cny_kwh"] if "lcoe_cny_kwh" in cells else pd.Series(dtype="float64")
    steps = styles.ramp_steps(cost, "wind", "CNY/kWh")[1:]
    if not steps:
        return styles.rules("fill", [excluded, ('"eligible"', Step(line("style.eligible"), styles.RAMPS["wind"][3]))])
    named = [
        (f'"eligible" AND "lcoe_cny_kwh" > {step.low:.10g} AND "lcoe_cny_kwh" <= {step.high:.10g}', step)
        for step in steps
    ]
    return styles.rules("fill", [excluded, *named])


def layer_styles(frames: dict[str, gpd.GeoDataFrame], meta: RunMeta) -> list[tuple[str, str, str, bool]]:
    """Return the styles as layer, name, QML and whether it is the layer's default, sorted by layer and name."""
    found: list[tuple[str, str, str, bool]] = []
    if "parcels" in frames:
        parcels = frames["parcels"]
        found.append(("parcels", "landuse", _landuse_style(parcels), True))
        quantities = (*_STYLED_QUANTITIES, "co2_base_t", *(f"co2_{name}_target_t" for name in meta.scenarios))
        found += [("parcels", name, _graduated_style(parcels, name), False) for name in quantities if name in parcels]
    fixed = {
        "units": styles.single("fill", "#3b4a54", 0.6, hollow=True),
        "zone": styles.single("fill", "#1b2a33", 0.9, hollow=True),
        "sea_area": styles.single("fill", "#5b8fb0", 0.5, hollow=True),
        "exclusions": styles.single("fill", "#b9a7c9", 0.2),
        "streets": styles.single("line", "#8a949a", 0.25),
        "street_repairs": _repair_style(),
        "unreachable_parcels": _unreachable_style(),
        "clusters": _cluster_style(),
        "pipes": _pipe_style(),
        "stations": _network_marker_style(),
        "turbines": styles.single("marker", "#0b6e4f", 3.0),
    }
    found += [(name, "default", style, True) for name, style in fixed.items() if name in frames]
    if "wind_cells" in frames:
        found.append(("wind_cells", "default", _cell_style(frames["wind_cells"]), True))
    if "linear_density" in frames:
        found += [
            ("linear_density", name, _graduated_style(frames["linear_density"], name, "line", 0.9), default)
            for name, default in (("heat_mwh_m", True), ("cold_mwh_m", False))
        ]
    if "roofs" in frames:
        found += [
            (
                "roofs",
                name,
                styles.graduated("fill", name, styles.even_steps(frames["roofs"][name], ramp, unit_of(name))),
                default,
            )
            for name, ramp, default in (("kwh_kwp", "sun", True), ("lcoe_cny_kwh", "energy", False))
        ]
    if "density" in frames:
        density = frames["density"]
        found += [
            ("density", name, _graduated_style(density, name), name == "heating_kwh_m2")
            for name in ("heating_kwh_m2", "cooling_kwh_m2")
            if name in density
        ]
    return sorted(found)


def _write_styles(path: Path, found: list[tuple[str, str, str, bool]]) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(_CREATE_STYLES)
        connection.executemany(
            _INSERT_STYLE,
            [(layer, name, qml, int(default), both(name), _UPDATED) for layer, name, qml, default in found],
        )
        connection.execute(_REGISTER_STYLES, (_DATE,))


def write_geopackage(tables: Tables, meta: RunMeta, path: Path) -> Path:
    """Write all layers and their QGIS styles into one GeoPackage.

    Parameters
    ----------
    tables
        Tables of the run; layers whose table is missing are left out.
    meta
        Facts about the run.
    path
        File to write; it is replaced.

    Returns
    -------
    pathlib.Path
        The file; there is none where the run has no layers.
    """
    path.unlink(missing_ok=True)
    frames = layer_frames(tables, meta)
    with fixed_date():
        for name, frame in frames.items():
            pyogrio.write_dataframe(
                frame.rename_geometry("geom"),
                path,
                layer=name,
                driver="GPKG",
                append=path.exists(),
                dataset_options={"VERSION": _VERSION},
                layer_options={"GEOMETRY_NAME": "geom", "FID": "fid", "SPATIAL_INDEX": "YES"},
            )
    if frames:
        _write_styles(path, layer_styles(frames, meta))
    return path
