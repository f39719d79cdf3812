"""A small made-up run that keeps every contract: what the map is tested on."""

import importlib.util
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely import LineString, Point, box
from shapely.geometry.base import BaseGeometry

from layers.tables.balance import SECTORS
from made_roofs import roof_tables

CRS = "EPSG:4550"
X0, Y0 = 398_000.0, 3_294_000.0
BASE, TARGET, END = 2017, 2030, 2040
EVIL = "<script>window.evil=1</script><img src=x onerror=window.evil=2>"
CODES = ("R2", "A33", "B1", "M1", "W1", "S4", "U1", "G1", "H2", "E2")
ARCHETYPES = {"R2": "res_highrise", "A33": "school", "B1": "retail", "M1": "factory_light", "W1": "warehouse"}
CELL = 200.0
REASONS = ("depth_shallow", "shore_near", "exclusion_channel")


@dataclass(frozen=True)
class Meta:
    title_zh: str = "示例岛"
    title_en: str = "Sample Island"
    base_year: int = BASE
    target_year: int = TARGET
    illustrative: tuple[str, ...] = ("parcels", "gdp")
    attribution: tuple[str, ...] = ("Test data",)
    switches: Mapping[str, str] = field(default_factory=lambda: {"gdp_times": "5.0"})
    scenarios: tuple[str, ...] = ("bau", "near_zero")


def deep() -> ModuleType:
    """Return the module that lies beside this one with the tables of the deep account."""
    name = "deep_tables"
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
    return sys.modules[name]


def geo(columns: dict[str, object], shapes: list[BaseGeometry]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=CRS)


def sample_tables(
    rows: int = 10, cols: int = 20, scenarios: tuple[str, ...] = ("bau", "near_zero")
) -> dict[str, pd.DataFrame]:
    """Return the tables of a run with rows x cols parcels of 190 m, two planning units and a sea in the east."""
    rng = np.random.default_rng(7)
    count = rows * cols
    width, height = cols * CELL, rows * CELL
    places = [(i // cols, i % cols) for i in range(count)]
    ids = [f"P-{i:04d}" for i in range(count)]
    codes = [CODES[(r // 2 + c // 2) % len(CODES)] for r, c in places]
    area = np.full(count, 190.0**2)
    far = np.array([0.0 if code[0] in "SGEU" else 1.0 + (i % 5) * 0.4 for i, code in enumerate(codes)])
    phase = np.where(np.arange(count) % 3 == 0, BASE, 2020 + np.arange(count) % 11)
    units = ["east" if c >= cols / 2 else "west" for _, c in places]
    parcels = geo(
        {
            "parcel_id": ids,
            "name": [EVIL if i == 3 else (f"地块{i}号" if i % 7 == 0 else "") for i in range(count)],
            "unit_id": units,
            "landuse_given": codes,
            "landuse": codes,
            "group": [code[0] for code in codes],
            "area_m2": area,
            "far": far,
            "building_density": np.where(far > 0, 0.3, 0.0),
            "height_limit_m": np.where(far > 0, 40.0, 0.0),
            "green_ratio": np.full(count, 0.3),
            "existing": phase == BASE,
            "phase_year": phase,
            "floor_area_m2": np.full(count, np.nan),
            "population": np.full(count, np.nan),
            "jobs": np.full(count, np.nan),
            "assumed": ["far;green_ratio" if i == 2 else "" for i in range(count)],
        },
        [box(X0 + c * CELL, Y0 - r * CELL - 190, X0 + c * CELL + 190, Y0 - r * CELL) for r, c in places],
    )
    built = np.flatnonzero([code in ARCHETYPES for code in codes])
    floor = (area * far)[built]
    zone = box(X0 - 50, Y0 - height - 50, X0 + width + 800, Y0 + 50)
    land = box(X0 - 3000, Y0 - height - 2000, X0 + width, Y0 + 2000)
    tables: dict[str, pd.DataFrame] = {
        "parcels": parcels,
        "zone": geo({"zone_id": ["z"], "name_zh": ["示例岛"], "name_en": ["Sample"], "area_m2": [zone.area]}, [zone]),
        "units": _units(width, height),
        "land": geo({"land_id": ["l"]}, [land]),
        "sea_area": geo(
            {"sea_area_id": ["s"], "name_zh": ["海域"], "name_en": ["Sea"]},
            [box(X0 + width, Y0 - height - 1000, X0 + width + 6000, Y0 + 1000)],
        ),
        "exclusions": geo(
            {"exclusion_id": ["c"], "kind": ["channel"], "name_zh": ["航道"], "name_en": ["Channel"]},
            [box(X0 + width + 2000, Y0 - height - 1000, X0 + width + 2600, Y0 + 1000)],
        ),
        "streets": _streets(rows, cols),
        "parcel_uses": pd.DataFrame(
            {
                "parcel_id": ids,
                "landuse": codes,
                "archetype": [ARCHETYPES.get(code, "none") for code in codes],
                "share": np.ones(count),
            }
        ),
        "people": pd.DataFrame(
            {
                "population_base": np.where(phase == BASE, 50.0, 0.0),
                "population_target": np.full(count, 120.0),
                "jobs_base": np.zeros(count),
                "jobs_target": np.full(count, 30.0),
            },
            index=pd.Index(ids, name="parcel_id"),
        ),
        **_stock([ids[i] for i in built], [codes[i] for i in built], [units[i] for i in built], floor, phase[built]),
        **_districts(rows, cols),
        **_sun([ids[i] for i in built], area[built]),
        **roof_tables(parcels, [ids[i] for i in built]),
        **_wind(X0 + width, height),
        **_networks(cols, ids, built, floor),
        **_account(ids, area, units, rng, scenarios),
        **_review([ids[i] for i in built]),
        "drivers": pd.DataFrame(
            [("population", year, 1900.0 + 500 * (year - BASE), "person") for year in range(BASE, END + 1)]
            + [
                ("gdp_million_cny", year, 1000.0 * 1.1 ** (year - BASE), "million CNY") for year in range(BASE, END + 1)
            ],
            columns=["driver", "year", "value", "unit"],
        ),
        "reconciliation": pd.DataFrame(
            {
                "year": [BASE, TARGET],
                "parcels_persons": [2000.0, 8000.0],
                "driver_persons": [1900.0, 8200.0],
                "factor": [0.95, 1.025],
            }
        ),
    }
    return tables


def _units(width: float, height: float) -> gpd.GeoDataFrame:
    halves = [
        box(X0, Y0 - height, X0 + width / 2, Y0),
        box(X0 + width / 2, Y0 - height, X0 + width, Y0),
    ]
    names = {"unit_id": ["west", "east"], "name_zh": ["西区", "东区"], "name_en": ["West town", "East town"]}
    return geo({**names, "area_m2": [half.area for half in halves]}, list(halves))


def _streets(rows: int, cols: int) -> gpd.GeoDataFrame:
    lines = [LineString([(X0, Y0 - r * CELL + 5), (X0 + cols * CELL, Y0 - r * CELL + 5)]) for r in range(rows + 1)]
    lines += [LineString([(X0 + c * CELL - 5, Y0), (X0 + c * CELL - 5, Y0 - rows * CELL)]) for c in range(cols + 1)]
    classes = ["primary" if i % 5 == 0 else "local" for i in range(len(lines))]
    columns = {"street_id": [f"s{i}" for i in range(len(lines))], "name": "", "road_class": classes, "level": 0}
    return geo(columns, list(lines))


def _districts(rows: int, cols: int) -> dict[str, pd.DataFrame]:
    """Return demand along the streets that run east, heat growing southwards, and three clusters."""
    streets = _streets(rows, cols)
    heat = np.where(np.arange(len(streets)) <= rows, 0.5 * np.arange(len(streets)), 0.0)
    length = streets.length.to_numpy()
    linear = {
        "street_id": streets["street_id"].tolist(),
        "length_m": length,
        "parcels": np.where(heat > 0.0, cols, 0),
        "heating_mwh": heat * length * 0.75,
        "hot_water_mwh": heat * length * 0.25,
        "cooling_mwh": heat * length * 2.0,
        "heat_mwh_m": heat,
        "cold_mwh_m": heat * 2.0,
        "heating_peak_kw": heat * 400.0,
        "cooling_peak_kw": heat * 900.0,
        "heating_peak_sum_kw": heat * 500.0,
        "cooling_peak_sum_kw": heat * 1000.0,
        "diversity_heating": np.where(heat > 0.0, 0.8, np.nan),
        "diversity_cooling": np.where(heat > 0.0, 0.9, np.nan),
    }
    spots = {"heat-1": (4, 0, 6, 3), "heat-2": (12, 4, 2, 2), "cold-1": (4, 0, 10, 8)}
    shapes = [
        box(X0 + c * 100, Y0 - (r + high) * 100, X0 + (c + wide) * 100, Y0 - r * 100)
        for c, r, wide, high in spots.values()
    ]
    cells = np.array([wide * high for _, _, wide, high in spots.values()])
    time = pd.date_range("2023-01-01", periods=8760, freq="h", tz="Asia/Shanghai", name="time")
    hours = np.arange(8760)
    curves = pd.DataFrame(
        {name: (1.0 - hours / 8760) * 1000.0 * cells[place] for place, name in enumerate(spots)}, index=time
    ).astype("float32")
    demand = curves.sum().to_numpy(dtype=float) / 1000.0
    clusters = {
        "carrier": [name.partition("-")[0] for name in spots],
        "cluster_id": list(spots),
        "cells": cells,
        "area_m2": cells * 1e4,
        "parcels": cells // 2,
        "demand_mwh": demand,
        "density_mwh_ha": demand / cells,
        "peak_kw": cells * 1000.0,
        "peak_sum_kw": cells * 1250.0,
        "diversity": 0.8,
        "full_load_h": demand * 1000.0 / (cells * 1000.0),
    }
    return {
        "linear_density": geo(linear, list(streets.geometry)),
        "clusters": geo(clusters, list(shapes)),
        "cluster_profiles": curves,
    }


def _stock(
    ids: list[str], codes: list[str], units: list[str], floor: np.ndarray, phase: np.ndarray
) -> dict[str, pd.DataFrame]:
    kinds = [ARCHETYPES[code] for code in codes]
    stock = pd.DataFrame(
        {
            "stock_id": [f"{i}|{kind}" for i, kind in zip(ids, kinds, strict=True)],
            "parcel_id": ids,
            "unit_id": units,
            "archetype": kinds,
            "vintage": np.where(phase == BASE, "code2010", "code2021"),
            "year_from": phase,
            "floor_area_m2": floor,
            "floors": 6.0,
            "height_m": 20.0,
            "footprint_m2": floor / 6,
            "roof_m2": floor / 6,
            "facade_m2": floor / 3,
            "window_share": 0.3,
            "form": "slab",
        }
    )
    time = pd.date_range("2023-01-01", periods=8760, freq="h", tz="Asia/Shanghai", name="time")
    month = time.month.to_numpy()
    winter, summer = np.isin(month, [12, 1, 2]), np.isin(month, [6, 7, 8, 9])
    profiles = {}
    for kind in sorted(set(kinds)):
        for vintage, strength in (("code2010", 14.0), ("code2021", 8.0)):
            profiles[f"{kind}|slab|{vintage}|heating"] = winter * strength
            profiles[f"{kind}|slab|{vintage}|cooling_sensible"] = summer * strength
            profiles[f"{kind}|slab|{vintage}|cooling_latent"] = summer * strength / 4
    hourly = pd.DataFrame(profiles, index=time)
    per_m2 = {name: hourly[name].sum() / 1000 for name in hourly}
    keys = [f"{kind}|slab|{vintage}" for kind, vintage in zip(kinds, stock["vintage"], strict=True)]
    heat = np.array([per_m2[f"{key}|heating"] for key in keys]) * floor / 1000
    cold = np.array([per_m2[f"{key}|cooling_sensible"] + per_m2[f"{key}|cooling_latent"] for key in keys])
    cold = cold * floor / 1000
    frames = []
    for year in (BASE, TARGET):
        stands = (phase <= year).astype(float)
        frames.append(
            pd.DataFrame(
                {
                    "parcel_id": ids,
                    "year": year,
                    "unit_id": units,
                    "floor_area_m2": floor * stands,
                    "heating_mwh": heat * stands,
                    "cooling_mwh": cold * stands,
                    "hot_water_mwh": floor * 0.01 * stands,
                    "electricity_mwh": floor * 0.05 * stands,
                    "cooking_mwh": floor * 0.004 * stands,
                    "heating_peak_kw": floor * 0.04 * stands,
                    "cooling_peak_kw": floor * 0.06 * stands,
                }
            )
        )
    side = 40
    cells = np.arange(side * 10)
    density = pd.DataFrame(
        {
            "cell_id": cells,
            "row": cells // side,
            "col": cells % side,
            "heating_mwh": 10.0 + cells,
            "cooling_mwh": 20.0 + cells,
            "hot_water_mwh": 5.0,
        }
    )
    grid = {"grid_id": ["density"], "x0_m": [X0], "y0_m": [Y0], "cell_m": [100.0], "rows": [20], "cols": [side]}
    return {
        "stock": stock,
        "demand_profiles": hourly,
        "demand_parcels": pd.concat(frames, ignore_index=True),
        "density": density,
        "density_grid": pd.DataFrame(grid),
    }


def _sun(ids: list[str], area: np.ndarray) -> dict[str, pd.DataFrame]:
    classes = pd.DataFrame(
        {
            "pv_class": ["roof_flat_tilted_s", "facade_s"],
            "surface": ["roof", "facade"],
            "tilt_deg": [20.0, 90.0],
            "azimuth_deg": 180.0,
            "poa_kwh_m2": [1450.0, 900.0],
            "yield_kwh_kwp": [1150.0, 700.0],
            "kwp_per_m2": 0.2,
            "capex_cny_kwp": 3400.0,
            "lcoe_cny_kwh": 0.3,
        }
    )
    parts = [
        pd.DataFrame(
            {
                "parcel_id": ids,
                "pv_class": name,
                "area_m2": area * share,
                "kwp": area * share * 0.2,
                "mwh": area * share * 0.2 * yearly / 1000,
            }
        )
        for name, share, yearly in (("roof_flat_tilted_s", 0.15, 1150.0), ("facade_s", 0.05, 700.0))
    ]
    return {"pv_classes": classes, "pv_parcels": pd.concat(parts, ignore_index=True)}


def _wind(shore: float, height: float) -> dict[str, pd.DataFrame]:
    rows, cols, cell = 20, 30, 200.0
    west, north = shore - 200, Y0 + 500
    at = np.arange(rows * cols)
    row, col = at // cols, at % cols
    x, y = west + (col + 0.5) * cell, north - (row + 0.5) * cell
    far = x - shore
    texts = np.select(
        [far < 0, far < 1000, (far > 2000) & (far < 2600)],
        ["land_off", "depth_shallow;shore_near", "exclusion_channel"],
        default="",
    )
    cells = pd.DataFrame(
        {
            "cell_id": at,
            "row": row,
            "col": col,
            "x_m": x,
            "y_m": y,
            "is_land": far < 0,
            "in_zone": far < 800,
            "in_sea_area": far > 0,
            "depth_m": np.where(far < 0, np.nan, far / 200),
            "wind_m_s": 7.0,
            "shore_distance_m": np.abs(far),
        }
    )
    wind = pd.DataFrame(
        {
            "cell_id": at,
            "site": np.where(far < 0, "land", "sea"),
            "eligible": texts == "",
            "reasons": texts,
            "hub_wind_m_s": 7.0 + far / 10_000,
            "gross_capacity_factor": 0.4,
            "net_capacity_factor": 0.35,
            "capex_cny_kw": 12_000.0,
            "lcoe_cny_kwh": 0.4 + far / 100_000,
        }
    )
    spots = [Point(shore + 3500 + 800 * i, Y0 - height / 2) for i in range(3)]
    turbines = geo(
        {
            "turbine_id": ["T1", "T2", "T3"],
            "cell_id": [1, 2, 3],
            "site": "sea",
            "in_zone": False,
            "model": "IEA-10-198",
            "capacity_kw": 10_000.0,
            "rotor_m": 198.0,
            "hub_m": 119.0,
            "gross_mwh": 40_000.0,
            "net_mwh": 35_000.0,
            "capex_cny": 1.2e8,
            "lcoe_cny_kwh": 0.4,
        },
        list(spots),
    )
    grid = {"grid_id": ["sea"], "x0_m": [west], "y0_m": [north], "cell_m": [cell], "rows": [rows], "cols": [cols]}
    return {"sea_cells": cells, "wind_cells": wind, "turbines": turbines, "sea_grid": pd.DataFrame(grid)}


def _networks(cols: int, ids: list[str], built: np.ndarray, floor: np.ndarray) -> dict[str, pd.DataFrame]:
    lines, rows = [], []
    for network, shift in (("heating", 5.0), ("cooling", 15.0)):
        for c in range(cols - 1):
            y = Y0 - CELL * 2 + shift
            lines.append(LineString([(X0 + c * CELL, y), (X0 + (c + 1) * CELL, y)]))
            dn = (400.0, 250.0, 100.0)[min(2, c // 7)]
            made = (dn, 1, CELL, 500.0, 9.0, 1.1, 90.0, 3e5, 12.0, 4e5, 2020 + c % 10)
            rows.append((f"{network}-{c:03d}", network, f"{network}-station-01", *made))
    names = [
        "pipe_id",
        "network",
        "station_id",
        "dn_mm",
        "parallel",
        "length_m",
        "peak_kw",
        "flow_kg_s",
        "velocity_m_s",
    ]
    names += ["pressure_drop_pa_m", "head_pa", "loss_mwh", "cost_cny", "phase_year"]
    table = pd.DataFrame(rows, columns=names)
    considered = built[: len(built) // 2]
    links = []
    for network in ("heating", "cooling"):
        for order, place in enumerate(considered):
            joined = order % 3 != 0
            reason = "" if joined else "too_costly"
            served = f"{network}-station-01" if joined else ""
            figures = (
                float(floor[order]) / 20,
                float(floor[order]) / 25,
                5e4,
                np.nan if joined else 8e4,
                58.0 if joined else np.nan,
                2e5 if joined else np.nan,
            )
            links.append((network, ids[place], joined, reason, served, *figures))
    return {
        "pipes": geo({name: table[name] for name in names}, list(lines)),
        "stations": geo(
            {
                "station_id": ["heating-station-01", "cooling-station-01"],
                "network": ["heating", "cooling"],
                "parcel_id": ids[0],
                "capacity_kw": 9000.0,
                "head_pa": 2.5e5,
                "joint_head_pa": 2.2e5,
                "capex_cny": 9e6,
            },
            [Point(X0, Y0 - CELL * 2 + shift) for shift in (5.0, 15.0)],
        ),
        "connections": pd.DataFrame(
            links,
            columns=[
                "network",
                "parcel_id",
                "connected",
                "reason",
                "station_id",
                "demand_mwh",
                "peak_kw",
                "worth_cny",
                "joining_cny",
                "supply_c",
                "difference_pa",
            ],
        ),
        "network_summary": pd.DataFrame(
            {
                "network": ["heating", "cooling"],
                "parcels_connected": [20, 20],
                "plants": 1,
                "trench_m": 3800.0,
                "delivered_mwh": 30_000.0,
                "loss_mwh": 900.0,
                "pumping_mwh": 200.0,
                "plant_electricity_mwh": [7_357.0, 6_180.0],
                "hot_water_mwh": [9_000.0, 0.0],
                "peak_kw": 9000.0,
                "head_pa": 3e5,
                "linear_density_mwh_m": 7.9,
                "capex_cny": 1.5e7,
                "plant_capex_cny": 9e6,
                "cost_cny_mwh": 320.0,
                "alternative_cny_mwh": 400.0,
                "layout_cny": 9e6,
                "layout_bound_cny": 8e6,
                "co2_t": 2_800.0,
                "alternative_co2_t": 3_500.0,
                "connected_share": 0.6,
            }
        ),
        "network_prices": pd.DataFrame(
            [
                (network, price, int(20 * share), 1, share, 3800.0, 320.0)
                for network in ("heating", "cooling")
                for price, share in ((0.2, 0.0), (0.4, 0.6), (0.8, 0.9))
            ],
            columns=[
                "network",
                "price_cny_kwh",
                "parcels_connected",
                "plants",
                "connected_share",
                "trench_m",
                "cost_cny_mwh",
            ],
        ),
    }


def _account(
    ids: list[str], area: np.ndarray, units: list[str], rng: np.random.Generator, scenarios: tuple[str, ...]
) -> dict[str, pd.DataFrame]:
    years = range(BASE, END + 1)
    falls = [0.02, *np.linspace(-0.055, -0.02, len(scenarios) - 1)[::-1].tolist()]
    weight = rng.uniform(0.5, 20.0, len(ids)) * (area > 0)
    parts, balance, indicators = [], [], []
    for scenario, fall in zip(scenarios, falls, strict=True):
        for year in years:
            level = 1 + fall * (min(year, TARGET) - BASE)
            scope1 = weight * 6 * level
            parts.append(
                pd.DataFrame(
                    {
                        "scenario": scenario,
                        "year": year,
                        "parcel_id": ids,
                        "energy_mwh": weight * 3 * (1 + 0.03 * (year - BASE)),
                        "site_mwh": weight * 2.5 * (1 + 0.03 * (year - BASE)),
                        "primary_mwh": weight * 3.5 * (1 + 0.03 * (year - BASE)),
                        "scope1_t": scope1,
                        "scope2_t": weight * 10 * level - scope1,
                        "co2_t": weight * 10 * level,
                    }
                )
            )
            for unit in ("east", "west"):
                share = weight[[place for place, name in enumerate(units) if name == unit]].sum()
                for order, sector in enumerate(SECTORS):
                    carrier = "electricity" if order % 2 else "natural_gas"
                    balance.append((scenario, year, unit, sector, carrier, share * (order + 1), share * order * level))
            indicators += [
                (scenario, year, "co2_per_head_t", 3.0 * level - 1.4, "t", "CO2 per resident", "人均排放"),
                (scenario, year, "renewable_share", 0.05 + 0.05 * (year - BASE) * (level < 1), "", "Share", "占比"),
            ]
    targets = [
        (scenario, *row)
        for scenario in scenarios
        for row in (
            ("co2_per_head", 0.855, "<=", 1.0, 0.145, True, "t", "CO2 per resident", "人均排放"),
            ("renewable_share", 0.68, ">=", 0.7, -0.02, False, "", "Share of energy", "能源占比"),
        )
    ]
    sink = [(s, y, "west", "park", 1e5, 60.0) for s in scenarios for y in years]
    flows = [("grid", "in", 400.0), ("pv_roof", "in", 500.0), ("final", "out", 850.0), ("export", "out", 50.0)]
    supply = [(s, y, "electricity", *flow) for s in scenarios for y in years for flow in flows]
    target_names = [
        "scenario",
        "target",
        "value",
        "sense",
        "limit",
        "slack",
        "met",
        "unit",
        "definition",
        "definition_zh",
    ]
    account = pd.concat(parts, ignore_index=True)
    table = pd.DataFrame(balance, columns=["scenario", "year", "unit_id", "sector", "carrier", "energy_mwh", "co2_t"])
    return {
        "parcel_account": account[account["year"] <= TARGET].reset_index(drop=True),
        "balance": deep().scoped(table),
        **deep().deep_tables(table, scenarios, ids, units),
        "indicators": pd.DataFrame(
            indicators, columns=["scenario", "year", "indicator", "value", "unit", "definition", "definition_zh"]
        ),
        "targets": pd.DataFrame(targets, columns=target_names),
        "sinks": pd.DataFrame(sink, columns=["scenario", "year", "unit_id", "kind", "area_m2", "co2_t"]),
        "supply": pd.DataFrame(supply, columns=["scenario", "year", "carrier", "item", "direction", "energy_mwh"]),
    }


def _review(ids: list[str]) -> dict[str, pd.DataFrame]:
    rows = []
    for order, parcel in enumerate(ids):
        star = str(1 + order % 2)
        rows += [
            (parcel, "star_all", "art. 7", "land_transfer", "star_level", star, "", "star", "condition", ""),
            (
                parcel,
                "roof_pv",
                "No. 84",
                "land_transfer",
                "roof_pv_share",
                ">= 0.4",
                "0.36",
                "fraction",
                ("not_met", "met")[order % 2],
                "",
            ),
        ]
        if order % 3 == 1:
            rows.append(
                (parcel, "solar", "cl. 5.2.1", "land_transfer", "solar_system", "1", "", "system", "condition", "")
            )
    names = ["parcel_id", "rule_id", "clause", "stage", "indicator", "required", "value", "unit", "status", "evidence"]
    return {"review": pd.DataFrame(rows, columns=names)}
