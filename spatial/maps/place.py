"""Everything on the map that is not a parcel: land, sea, units, streets, pipes, turbines, cells."""

from collections.abc import Mapping

import geopandas as gpd
import numpy as np
import pandas as pd
from pyproj import Transformer
from scipy.spatial import KDTree

from spatial.maps.encode import SCALE, Json, coded, outlines, paths, plain, points, short, simplified
from spatial.maps.parcels import table

LATTICE = 12
"""Steps of the lattice a grid is placed by; between its nodes cells are interpolated."""


def _geo(tables: Mapping[str, pd.DataFrame], name: str) -> gpd.GeoDataFrame | None:
    frame = table(tables, name)
    return frame if isinstance(frame, gpd.GeoDataFrame) else None


def areas(tables: Mapping[str, pd.DataFrame], tolerance_m: float) -> dict[str, Json]:
    """Return zone, planning units, land, sea area and exclusions as outlines with their names."""
    found: dict[str, Json] = {}
    keys = {
        "zone": "zone_id",
        "units": "unit_id",
        "land": "land_id",
        "sea_area": "sea_area_id",
        "exclusions": "exclusion_id",
    }
    for name, key in keys.items():
        frame = _geo(tables, name)
        if frame is None:
            continue
        frame = frame.sort_values(key, ignore_index=True)
        columns = [key, *(c for c in ("kind", "name_zh", "name_en") if c in frame.columns)]
        part: dict[str, Json] = {column.replace(key, "id"): frame[column].astype(str).tolist() for column in columns}
        if "area_m2" in frame.columns:
            part["area_m2"] = short(frame["area_m2"])
        part["shape"] = outlines(simplified(frame, tolerance_m, tiling=name == "units"))
        found[name] = part
    return found


def lines(tables: Mapping[str, pd.DataFrame], tolerance_m: float) -> dict[str, Json]:
    """Return streets by class, and pipes with their size and year."""
    found: dict[str, Json] = {}
    streets = _geo(tables, "streets")
    if streets is not None:
        thin = simplified(streets.sort_values(["road_class", "street_id"], ignore_index=True), tolerance_m)
        shapes = paths(thin)
        by_class: dict[str, list[Json]] = {}
        for road_class, shape in zip(thin["road_class"], shapes, strict=True):
            by_class.setdefault(str(road_class), []).extend(shape if isinstance(shape, list) else [])
        found["streets"] = {name: list(rows) for name, rows in by_class.items()}
    pipes = _geo(tables, "pipes")
    if pipes is not None:
        pipes = pipes.sort_values("pipe_id", ignore_index=True)
        numbers = (
            "dn_mm", "parallel", "length_m", "peak_kw", "flow_kg_s", "velocity_m_s", "pressure_drop_pa_m", "head_pa",
            "loss_mwh", "cost_cny",
        )  # fmt: skip
        found["pipes"] = {
            "id": pipes["pipe_id"].astype(str).tolist(),
            "network": pipes["network"].tolist(),
            "station": pipes["station_id"].tolist(),
            "phase_year": pipes["phase_year"].tolist(),
            **{name: short(pipes[name]) for name in numbers},
            "shape": paths(pipes),
        }
    return found


def places(tables: Mapping[str, pd.DataFrame]) -> dict[str, Json]:
    """Return turbines and network stations as points."""
    found: dict[str, Json] = {}
    turbines = _geo(tables, "turbines")
    if turbines is not None:
        turbines = turbines.sort_values("turbine_id", ignore_index=True)
        numbers = ("capacity_kw", "rotor_m", "hub_m", "gross_mwh", "net_mwh", "capex_cny", "lcoe_cny_kwh")
        found["turbines"] = {
            "id": turbines["turbine_id"].astype(str).tolist(),
            "site": turbines["site"].tolist(),
            "in_zone": turbines["in_zone"].astype(int).tolist(),
            "model": turbines["model"].tolist(),
            **{name: short(turbines[name]) for name in numbers},
            "ring_m": short(_rings(turbines)),
            "shape": points(turbines),
        }
    stations = _geo(tables, "stations")
    if stations is not None:
        stations = stations.sort_values("station_id", ignore_index=True)
        found["stations"] = {
            "id": stations["station_id"].astype(str).tolist(),
            "network": stations["network"].tolist(),
            "parcel": stations["parcel_id"].astype(str).tolist(),
            **{name: short(stations[name]) for name in ("capacity_kw", "head_pa", "capex_cny")},
            "shape": points(stations),
        }
    return found


def _rings(turbines: gpd.GeoDataFrame) -> np.ndarray:
    """Return half the distance to the nearest turbine [m], so that rings of the closest pair just touch."""
    centres = np.column_stack([turbines.geometry.x, turbines.geometry.y])
    if len(centres) < 2:
        return np.asarray(turbines["rotor_m"], dtype=float)
    nearest = np.asarray(KDTree(centres).query(centres, k=2)[0])
    return np.full(len(centres), nearest[:, 1].min() / 2)


def sea_cells(tables: Mapping[str, pd.DataFrame], crs: object) -> Json:
    """Return the cells of zone and sea area that wind was sited on, with every reason against each."""
    cells, wind, grid = table(tables, "sea_cells"), table(tables, "wind_cells"), table(tables, "sea_grid")
    if cells is None or wind is None or grid is None:
        return {}
    joined = cells.loc[cells["in_zone"] | cells["in_sea_area"]].merge(wind, on="cell_id").sort_values("cell_id")
    reasons, reason = coded(joined["reasons"].fillna("").astype(str))
    return {
        **lattice(grid, crs),
        "row": joined["row"].tolist(),
        "col": joined["col"].tolist(),
        "reasons": [text.split(";") if text else [] for text in reasons],
        "reason": reason,
        "eligible": joined["eligible"].astype(int).tolist(),
        "sea": (~joined["is_land"]).astype(int).tolist(),
        "depth_m": short(joined["depth_m"]),
        "shore_m": short(joined["shore_distance_m"]),
        "hub_wind": short(joined["hub_wind_m_s"]),
        "net_cf": short(joined["net_capacity_factor"]),
        "lcoe": short(joined["lcoe_cny_kwh"]),
    }


def density_cells(tables: Mapping[str, pd.DataFrame], crs: object) -> Json:
    """Return the cells of the demand density grid; demand is per hectare [MWh/ha]."""
    cells, grid = table(tables, "density"), table(tables, "density_grid")
    if cells is None or grid is None:
        return {}
    cells = cells.sort_values("cell_id")
    hectares = float(grid.iloc[0]["cell_m"]) ** 2 / 10_000.0
    names = ("heating_mwh", "cooling_mwh", "hot_water_mwh")
    return {
        **lattice(grid, crs),
        "row": cells["row"].tolist(),
        "col": cells["col"].tolist(),
        **{name: short(cells[name] / hectares) for name in names},
    }


def lattice(grid: pd.DataFrame, crs: object) -> dict[str, Json]:
    """Return a grid's size and a coarse lattice of longitudes and latitudes that places it."""
    row = plain(grid).iloc[0]
    x0, y0, cell = (float(row[name]) for name in ("x0_m", "y0_m", "cell_m"))
    rows, cols = int(row["rows"]), int(row["cols"])
    x, y = np.meshgrid(
        x0 + np.linspace(0, cols, LATTICE + 1) * cell,
        y0 - np.linspace(0, rows, LATTICE + 1) * cell,
    )
    lon, lat = Transformer.from_crs(crs, 4326, always_xy=True).transform(x, y)
    nodes = np.rint(np.dstack([lon, lat]).reshape(-1) * SCALE).astype(np.int64)
    return {"rows": rows, "cols": cols, "cell_m": cell, "steps": LATTICE, "nodes": nodes.tolist()}
