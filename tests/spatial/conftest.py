"""Small made-up tables of a run, and all its outputs written from them."""

import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import pytest
from shapely.geometry import LineString, Point, box

from layers.errors import Fault
from layers.grid import Grid
from layers.tables.balance import CARRIERS
from spatial import report

CRS = "EPSG:4550"
META = report.RunMeta(
    name="test",
    title_zh="试验区 <b>",
    title_en="Test zone <script>alert(1)</script>",
    base_year=2017,
    target_year=2030,
    crs=CRS,
    illustrative=("floor_area_m2", "Parcels & controls are made up"),
    attribution=("© OpenStreetMap contributors <i>",),
    switches={"sinks": "net"},
    versions={"nearzero": "0.1.0"},
    inputs=(("parcels.gpkg", "ab" * 32, "parcels"),),
    scenarios=("bau", "near_zero"),
)
X0, Y0 = 400_000.0, 3_300_000.0


def _helper(name: str) -> ModuleType:
    """Return a module that lies in the folder of the tests."""
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, Path(__file__).parents[1] / f"{name}.py")
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
    return sys.modules[name]


def _balance() -> pd.DataFrame:
    rows = [
        (scenario, year, unit, sector, carrier, 100.0 + number, (50.0 + number) * (0.6 if scenario != "bau" else 1.0))
        for number, year in enumerate(range(2017, 2041))
        for scenario in ("bau", "near_zero")
        for unit in ("U1", "U2")
        for sector in ("residential", "port")
        for carrier in CARRIERS[:2]
    ]
    return pd.DataFrame(rows, columns=["scenario", "year", "unit_id", "sector", "carrier", "energy_mwh", "co2_t"])


def _hourly() -> dict[str, pd.DataFrame]:
    times = pd.date_range("2017-01-01", periods=8760, freq="h", tz="Etc/GMT-8", name="time")
    hour = np.arange(8760)
    sun = np.maximum(np.sin((hour % 24 - 6) / 12 * np.pi), 0.0)
    cold = np.cos(hour / 8760 * 2 * np.pi)
    return {
        "demand_profiles": pd.DataFrame(
            {
                "office|tower|code2010|heating": 20 * np.maximum(cold, 0),
                "office|tower|code2010|cooling_sensible": 30 * np.maximum(-cold, 0),
                "office|tower|code2010|cooling_latent": 5 * np.maximum(-cold, 0),
                "office|tower|code2010|lighting": 6.0,
                "hotel|court|nzeb|heating": 99.0,
            },
            index=times,
        ),
        "pv_profiles": pd.DataFrame({"roof_flat_tilted_s": 0.8 * sun, "carport": 0.7 * sun}, index=times),
        "wind_profiles": pd.DataFrame({"sea": 0.35, "land": 0.2}, index=times),
    }


@pytest.fixture(scope="session")
def made_up() -> ModuleType:
    """Return the made-up run that the map is tested with."""
    return _helper("maps_tables")


@pytest.fixture(scope="session")
def tables() -> dict[str, pd.DataFrame]:
    parcels = gpd.GeoDataFrame(
        {
            "name": ["=1+1", "<script>", "C"],
            "assumed": ["far;green_ratio", "", ""],
            "unit_id": ["U1", "U1", "U2"],
            "landuse_given": ["R2", "M1", "E12"],
            "landuse": ["R2", "M1", "E12"],
            "group": ["R", "M", "E"],
            "area_m2": [10_000.0, 20_000.0, 5_000.0],
            "far": [2.0, 1.0, 0.0],
            "existing": [True, False, True],
            "phase_year": [2017, 2025, 2017],
        },
        index=pd.Index(["P1", "P2", "P3"], name="parcel_id"),
        geometry=[box(X0 + 200 * i, Y0, X0 + 200 * i + 100, Y0 + 100) for i in range(3)],
        crs=CRS,
    )
    units = gpd.GeoDataFrame(
        {"name_zh": ["一", "二"], "name_en": ["One", "Two"], "area_m2": [30_000.0, 5_000.0]},
        index=pd.Index(["U1", "U2"], name="unit_id"),
        geometry=[box(X0, Y0, X0 + 300, Y0 + 100), box(X0 + 400, Y0, X0 + 500, Y0 + 100)],
        crs=CRS,
    )
    sea = Grid(X0 - 1000.0, Y0 + 1000.0, 500.0, 2, 3, pyproj.CRS.from_user_input(CRS))
    density = Grid(X0, Y0 + 200.0, 100.0, 2, 5, pyproj.CRS.from_user_input(CRS))
    x, y = sea.centres()
    cells = pd.Index(np.arange(6), name="cell_id")
    balance = _balance()
    return {
        "parcels": parcels,
        "units": units,
        "zone": gpd.GeoDataFrame(
            {"name_zh": ["区"], "name_en": ["Zone"], "area_m2": [1.0]},
            index=pd.Index(["Z"], name="zone_id"),
            geometry=[box(X0, Y0, X0 + 500, Y0 + 100)],
            crs=CRS,
        ),
        "pipes": gpd.GeoDataFrame(
            {
                "network": ["heating", "cooling"],
                "dn_mm": [150.0, 500.0],
                "length_m": [100.0, 80.0],
                "loss_mwh": [1.0, 2.0],
                "phase_year": [2020, 2025],
            },
            index=pd.Index(["p1", "p2"], name="pipe_id"),
            geometry=[LineString([(X0, Y0), (X0 + 100, Y0)]), LineString([(X0, Y0), (X0, Y0 + 80)])],
            crs=CRS,
        ),
        "turbines": gpd.GeoDataFrame(
            {"cell_id": [1], "site": ["sea"], "in_zone": [False], "capacity_kw": [8000.0], "net_mwh": [24_000.0]},
            index=pd.Index(["t1"], name="turbine_id"),
            geometry=[Point(X0 - 700, Y0 + 700)],
            crs=CRS,
        ),
        "sea_grid": sea.to_table("sea"),
        "sea_cells": pd.DataFrame(
            {
                "row": np.arange(6) // 3,
                "col": np.arange(6) % 3,
                "x_m": x,
                "y_m": y,
                "depth_m": [5.0, 10.0, np.nan, 7.0, 8.0, 9.0],
                "wind_m_s": [6.0, 6.5, 7.0, 6.1, 6.2, 6.3],
                "shore_distance_m": 100.0,
            },
            index=cells,
        ),
        "wind_cells": pd.DataFrame(
            {
                "site": "sea",
                "eligible": [True, True, False, False, False, True],
                "reasons": ["", "", "depth;channel", "depth", "shore", ""],
                "net_capacity_factor": [0.3, 0.31, np.nan, np.nan, np.nan, 0.29],
                "lcoe_cny_kwh": [0.4, 0.45, np.nan, np.nan, np.nan, 0.5],
            },
            index=cells,
        ),
        "density_grid": density.to_table("density"),
        "density": pd.DataFrame(
            {"row": [0, 1], "col": [1, 4], "heating_mwh": [500.0, 0.0], "cooling_mwh": [700.0, 100.0]},
            index=pd.Index([1, 9], name="cell_id"),
        ),
        "stock": pd.DataFrame(
            {
                "parcel_id": ["P1", "P2"],
                "unit_id": ["U1", "U1"],
                "archetype": ["office", "office"],
                "form": ["tower", "tower"],
                "vintage": ["code2010", "code2010"],
                "year_from": [2017, 2025],
                "floor_area_m2": [20_000.0, 10_000.0],
            },
            index=pd.Index(["P1|office", "P2|office"], name="stock_id"),
        ),
        "pv_classes": pd.DataFrame(
            {"surface": ["carport", "roof"], "yield_kwh_kwp": [1000.0, 1100.0]},
            index=pd.Index(["carport", "roof_flat_tilted_s"], name="pv_class"),
        ),
        "pv_parcels": pd.DataFrame(
            {
                "parcel_id": ["P1", "P1", "P2"],
                "pv_class": ["carport", "roof_flat_tilted_s", "roof_flat_tilted_s"],
                "area_m2": [1000.0, 2000.0, 500.0],
                "kwp": [100.0, 200.0, 50.0],
                "mwh": [100.0, 220.0, 55.0],
            }
        ),
        "demand_parcels": pd.DataFrame(
            {
                "parcel_id": ["P1", "P1", "P2"],
                "year": [2017, 2030, 2030],
                "unit_id": "U1",
                "floor_area_m2": 1.0,
                "heating_mwh": [1.0, 2.0, 3.0],
                "cooling_mwh": [4.0, 5.0, 6.0],
                "heating_peak_kw": [9.0, 9.0, 9.0],
            }
        ),
        "parcel_account": pd.DataFrame(
            {
                "scenario": ["bau", "bau", "near_zero", "near_zero"],
                "year": [2017, 2030, 2017, 2030],
                "parcel_id": "P1",
                "energy_mwh": [10.0, 20.0, 10.0, 15.0],
                "scope1_t": [2.0, 4.0, 2.0, 1.5],
                "scope2_t": [3.0, 5.0, 3.0, 0.5],
                "co2_t": [5.0, 9.0, 5.0, 2.0],
            }
        ),
        "connections": pd.DataFrame(
            {
                "network": ["heating", "heating"],
                "parcel_id": ["P1", "P2"],
                "connected": [True, False],
                "reason": ["", "too_far"],
                "demand_mwh": [100.0, 1.0],
                "peak_kw": [40.0, 1.0],
            }
        ),
        "stations": gpd.GeoDataFrame(
            {"network": ["heating"], "parcel_id": ["P1"], "capacity_kw": [41.0]},
            index=pd.Index(["heating-station"], name="station_id"),
            geometry=[Point(X0, Y0)],
            crs=CRS,
        ),
        "network_summary": pd.DataFrame(
            {"parcels_connected": [1], "trench_m": [100.0], "peak_kw": [40.0]},
            index=pd.Index(["heating"], name="network"),
        ),
        "intensities": pd.DataFrame(
            {
                "archetype": ["office"],
                "form": ["tower"],
                "vintage": ["code2010"],
                "service": ["heating"],
                "kwh_m2": [20.0],
                "peak_w_m2": [9.0],
            }
        ),
        "activity": pd.DataFrame(
            {
                "subsector": ["berth_calls"],
                "unit_id": ["U1"],
                "parcel_id": ["P1"],
                "year": [2030],
                "sector": ["port"],
                "activity_unit": ["call"],
                "activity": [59.1],
            }
        ),
        "supply": pd.DataFrame(
            {
                "scenario": ["bau"],
                "year": [2030],
                "carrier": ["electricity"],
                "item": ["grid"],
                "direction": ["in"],
                "energy_mwh": [1.0],
            }
        ),
        "sinks": pd.DataFrame(
            {
                "unit_id": ["U1"],
                "kind": ["forest"],
                "area_m2": [1.0],
                "co2_t": [1.0],
                "scenario": ["bau"],
                "year": [2030],
            }
        ),
        "indicators": pd.DataFrame(
            {
                "scenario": ["bau"],
                "year": [2017],
                "indicator": ["population"],
                "value": [79_999.99999999994],
                "unit": ["person"],
                "definition": ["residents"],
                "definition_zh": ["常住人口"],
            }
        ),
        "review": pd.DataFrame(
            {
                "parcel_id": ["P1", "P1", "P2"],
                "rule_id": ["r1", "r2", "r1"],
                "clause": "GB 50180-2018 4.0.2",
                "stage": "land_transfer",
                "indicator": "residential_far",
                "required": ["<= 2", "", "<= 1"],
                "value": ["1.5", "规划未给出 / not given", ""],
                "unit": ["1", "", "1"],
                "status": ["met", "not_met", "not_decidable"],
                "evidence": "=依据 / evidence",
            }
        ),
        "balance": _helper("deep_tables").scoped(balance),
        **_helper("deep_tables").deep_tables(balance, META.scenarios, ["P1", "P2", "P3"], ["U1", "U1", "U2"]),
        "targets": pd.DataFrame(
            {
                "scenario": ["near_zero", "near_zero"],
                "target": ["co2_per_head", "renewable_share"],
                "value": [0.86, np.nan],
                "sense": ["<=", ">="],
                "limit": [1.0, 0.7],
                "slack": [0.14, np.nan],
                "met": [True, False],
                "unit": ["t/person", "fraction"],
                "definition": ["net of sinks <b>", "final energy"],
                "definition_zh": ["已扣碳汇 <b>", "终端能源"],
            }
        ),
        "drivers": pd.DataFrame(
            {
                "driver": "gdp_million_cny",
                "year": range(2017, 2041),
                "value": np.linspace(1000.0, 5000.0, 24),
                "unit": "million CNY",
            }
        ),
        **_hourly(),
    }


def write_all(tables: dict[str, pd.DataFrame], folder: Path) -> list[Path]:
    folder.mkdir()
    files = [
        *report.write_tables(tables, META, folder),
        report.write_geopackage(tables, META, folder / "layers.gpkg"),
        *report.write_rasters(tables, META, folder),
        *report.write_hourly(tables, META, folder),
    ]
    files = [path for path in files if path.exists()]  # no layers, no GeoPackage
    told = [Fault("parcels.gpkg", "far <2> is high", "look", level="warning"), Fault("wind", "no wind", level="note")]
    files.append(report.write_index(tables, META, files, folder, told))
    files.append(report.write_manifest(META, folder, {"parcels.gpkg": "ab" * 32}, files, told))
    return files


@pytest.fixture(scope="session")
def folder(tables: dict[str, pd.DataFrame], tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("report") / "first"
    write_all(tables, place)
    return place


@pytest.fixture(scope="session", name="meta")
def meta_fixture() -> report.RunMeta:
    return META


@pytest.fixture(scope="session", name="write_all")
def write_all_fixture() -> Callable[[dict[str, pd.DataFrame], Path], list[Path]]:
    """Writer of every output of a run into a folder."""
    return write_all
