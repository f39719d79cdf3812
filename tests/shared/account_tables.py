"""A small made-up zone that the account is drawn up from, with something in every sector; no hours are solved."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from shapely import Point, box

from layers.errors import Findings
from layers.tables.demand import SERVICES
from layers.tables.stock import VINTAGES
from layers.vector import Source
from spatial import balance
from spatial.scenario import Scenario, ScenarioOptions, adoption_table, measures_of, read_scenario_tables
from spatial.scenario.costs import read_costs
from spatial.scenario.extra import extra_cost

Floats = NDArray[np.float64]
Tables = dict[str, pd.DataFrame]

CRS = "EPSG:4550"
BASE, TARGET = 2017, 2030
STOCK = (
    ("a", "U1", "res_stock", "pre2001", 2017, 40_000.0),
    ("a", "U1", "retail", "code2010", 2017, 6_000.0),
    ("b", "U1", "office", "code2010", 2017, 25_000.0),
    ("c", "U1", "res_highrise", "code2021", 2021, 90_000.0),
    ("d", "U2", "hotel", "code2021", 2024, 30_000.0),
    ("e", "U2", "factory_general", "code2010", 2017, 50_000.0),
    ("f", "U2", "warehouse", "code2021", 2019, 20_000.0),
    ("g", "U2", "port_terminal", "code2010", 2017, 9_000.0),
    ("h", "U2", "office", "code2021", 2030, 15_000.0),
)
"""Parcel, planning unit, archetype, vintage, year it stands from, floor area [m2]."""
PARCELS = {"a": ("U1", "R2", 2017), "b": ("U1", "B2", 2017), "c": ("U1", "R2", 2021), "d": ("U2", "B1", 2024),
           "e": ("U2", "M2", 2017), "f": ("U2", "W1", 2019), "g": ("U2", "S4", 2017), "h": ("U2", "B2", 2030),
           "i": ("U1", "G1", 2019)}  # fmt: skip
ACTIVITY = (
    ("port_handling", "U2", "g", "port", "TEU", 2e5, 9e5),
    ("berth_calls", "U2", "g", "port", "call", 60.0, 150.0),
    ("cars", "U1", "", "transport", "vkm", 4e6, 2e7),
    ("cars", "U2", "", "transport", "vkm", 1e6, 6e6),
    ("two_wheelers", "U1", "", "transport", "vkm", 2e6, 5e6),
    ("buses", "U1", "", "transport", "vkm", 1e5, 4e5),
    ("taxis", "U1", "", "transport", "vkm", 2e5, 8e5),
    ("trucks", "U2", "", "transport", "vkm", 8e5, 3e6),
    ("industry_light", "U2", "e", "industry", "million CNY", 20.0, 60.0),
    ("industry_general", "U2", "e", "industry", "million CNY", 30.0, 100.0),
    ("wastewater", "U1", "", "waste", "m3", 4e5, 2e6),
    ("water_supply", "U2", "", "service", "m3", 5e5, 2e6),
    ("msw", "U1", "", "waste", "t", 2e3, 2e4),
    ("farming", "U1", "i", "agriculture", "ha", 30.0, 0.0),
)
"""Subsector, unit, parcel, sector, unit of the activity, its level in base and target year."""
CONNECTED = (("cooling", "b"), ("cooling", "d"), ("heating", "b"), ("heating", "c"))
MORE_MEASURES = (
    ("chp", "plant.heat", "chp", 0.10),
    ("cchp", "plant.cold", "cchp", 0.15),
    ("wte", "msw", "wte", 1.0),
    ("industry_chp", "industry_light", "chp", 0.05),
    ("heat_store", "flex.heat_store", "used", 0.5),
)
"""Measure, subject, technology, share: what makes electricity beside something else, which no default measure has."""
SCENARIOS = {
    "bau": Scenario(),
    "near_zero": Scenario(inherits="bau", measures=("*",)),
}


@dataclass(frozen=True)
class Zone:
    """What differs between made-up zones.

    Attributes
    ----------
    stock, parcels, activity, connected
        As the tables of this module; the activities lie on a line between base and target year.
    hours
        Hours of the made-up year.
    target_year, end_year
        Year that plans are made for, and last year of the account.
    solar, wind_mw
        Factor on what the sun could give, and capacity of wind by site [MW].
    loss, pumping
        Loss of networks and electricity of their pumps, per what they deliver.
    scenarios
        Scenarios and the measures they take.
    sources
        Files of a planner by name.
    demand
        Factor on the demand of buildings, by column of the profiles; one where absent.
    """

    stock: Sequence[tuple[str, str, str, str, int, float]] = STOCK
    parcels: Mapping[str, tuple[str, str, int]] = field(default_factory=lambda: dict(PARCELS))
    activity: Sequence[tuple[str, str, str, str, str, float, float]] = ACTIVITY
    connected: Sequence[tuple[str, str]] = CONNECTED
    hours: int = 120
    target_year: int = TARGET
    end_year: int = 2032
    solar: float = 1.0
    wind_mw: tuple[float, float] = (1.0, 4.0)
    loss: float = 0.08
    pumping: float = 0.02
    scenarios: Mapping[str, Scenario] = field(default_factory=lambda: dict(SCENARIOS))
    sources: Mapping[str, Source] = field(default_factory=dict)
    demand: Mapping[str, float] = field(default_factory=dict)


def tables(zone: Zone | None = None) -> Tables:
    """Return every table that the account is drawn up from; nothing is solved hour by hour."""
    zone = zone or Zone()
    times = pd.date_range("2017-01-01", periods=zone.hours, freq=f"{8760 // zone.hours}h", name="time")
    years = np.arange(BASE, zone.end_year + 1)
    return {
        **_place(zone, times),
        **_demand(zone, times),
        **_sun_and_wind(zone, times),
        **_networks(zone),
        **_levels(zone, years, times),
        **_scenarios(zone, years),
        **unsolved(),
    }


def unsolved() -> Tables:
    """Return the tables of an hourly system that nobody solved."""
    return {
        "loads": pd.DataFrame(),
        "power_plants": pd.DataFrame(columns=["scenario", "year", "node", "item", "planned_mw"]),
        "power_summary": pd.DataFrame(columns=["scenario", "year", "quantity", "value", "unit"]),
        "capacities": pd.DataFrame(
            columns=["scenario", "year", "node", "item", "planned_mw", "built_mw", "built_mwh", "cost_cny"]
        ),
    }


def market(hours: int = 120) -> balance.Market:
    """Return prices that differ from hour to hour [CNY/MWh]."""
    hour = np.arange(hours)
    return balance.Market(650.0 + 300.0 * np.sin(hour), np.full(hours, 415.0), 500_000.0, 155.0)


def taken_measures(made: Mapping[str, pd.DataFrame], zone: Zone | None = None) -> dict[str, list[str]]:
    """Return the measures of each scenario."""
    options = ScenarioOptions(scenarios=dict((zone or Zone()).scenarios))
    known = [str(name) for name in made["measures"]["measure"]]
    return {name: measures_of(name, known, options) for name in options.scenarios}


def measures_cost(made: Mapping[str, pd.DataFrame], zone: Zone | None = None) -> dict[str, NDArray[np.float64]]:
    """Return what the measures of each scenario cost beside their technologies in each year [CNY]."""
    years = np.unique(made["adoption"]["year"].to_numpy(dtype=np.int64))
    return {name: extra_cost(made["measures"], taken, years) for name, taken in taken_measures(made, zone).items()}


def singly(made: Mapping[str, pd.DataFrame]) -> dict[str, float]:
    """Return what each measure costs beside its technology in the target year [CNY]."""
    years = np.array([BASE, TARGET])
    return {str(name): float(extra_cost(made["measures"], [name], years)[-1]) for name in made["measures"]["measure"]}


def _place(zone: Zone, times: pd.DatetimeIndex) -> Tables:
    names = ["parcel_id", "unit_id", "archetype", "vintage", "year_from", "floor_area_m2"]
    stock = pd.DataFrame(list(zone.stock), columns=names)
    stock.insert(3, "form", "slab")
    stock.index = pd.Index([f"{p}|{a}" for p, a in zip(stock["parcel_id"], stock["archetype"], strict=True)])
    parcels = pd.DataFrame.from_dict(dict(zone.parcels), orient="index", columns=["unit_id", "landuse", "phase_year"])
    parcels = parcels.rename_axis("parcel_id").assign(area_m2=20_000.0)
    units = sorted(parcels["unit_id"].unique())
    shapes = [box(1000.0 * i, 0.0, 1000.0 * (i + 1), 1000.0) for i in range(len(units))]
    day = 2.0 * np.pi * (np.asarray(times.day_of_year) - 30.0) / 365.0
    air = 17.0 - 11.0 * np.cos(day) - 3.0 * np.cos(2.0 * np.pi * np.asarray(times.hour) / 24.0)
    return {
        "stock": stock.rename_axis("stock_id"),
        "parcels": parcels,
        "people": pd.DataFrame({"jobs_base": 500.0, "jobs_target": 3000.0}, index=parcels.index),
        "units": gpd.GeoDataFrame(index=pd.Index(units, name="unit_id"), geometry=shapes, crs=CRS),
        "site": pd.DataFrame({"latitude_deg": [29.79], "longitude_deg": [121.95]}),
        "weather": pd.DataFrame({"temp_air": air}, index=times),
    }


def _demand(zone: Zone, times: pd.DatetimeIndex) -> Tables:
    """Return hourly demand [W/m2], better from vintage to vintage, and its sums."""
    archetypes = sorted({row[2] for row in zone.stock})
    season = np.cos(2.0 * np.pi * (np.asarray(times.day_of_year) - 30.0) / 365.0)
    day = 0.2 + (np.abs(np.asarray(times.hour) - 14.0) < 6.0)
    shape = {"heating": np.maximum(season, 0.0), "cooling_sensible": np.maximum(-season, 0.0) * day,
             "cooling_latent": np.maximum(-season - 0.3, 0.0)}  # fmt: skip
    level = dict(zip(SERVICES, (22.0, 30.0, 9.0, 12.0, 18.0, 14.0, 0.0, 3.0, 0.0, 8.0), strict=True))
    columns, rows = {}, []
    for (a, archetype), (v, vintage), service in product(enumerate(archetypes), enumerate(VINTAGES), SERVICES):
        wanted = level[service] * zone.demand.get(service, 1.0) * (1.0 + 0.1 * a)
        wanted *= 1.0 - 0.15 * v if service in shape else 1.0
        form = shape.get(service, day)
        hours = form / form.sum() * wanted * 1000.0
        columns[f"{archetype}|slab|{vintage}|{service}"] = hours
        rows.append((archetype, "slab", vintage, service, wanted, hours.max()))
    names = ["archetype", "form", "vintage", "service", "kwh_m2", "peak_w_m2"]
    return {"demand_profiles": pd.DataFrame(columns, index=times), "intensities": pd.DataFrame(rows, columns=names)}


def _sun_and_wind(zone: Zone, times: pd.DatetimeIndex) -> Tables:
    sun = np.maximum(np.cos(2.0 * np.pi * (np.asarray(times.hour) - 12.0) / 24.0), 0.0)
    each = 8760.0 / len(times)
    surfaces = {"roof_s": "roof", "roof_flat": "roof", "facade_s": "facade", "carport": "carport", "ground": "ground",
                "water": "water"}  # fmt: skip
    profiles = {name: sun * each * (0.5 - 0.04 * i) for i, name in enumerate(surfaces)}
    kwp = [(parcel, name, 100.0 * zone.solar * (i + 1) * (j + 1))
           for i, parcel in enumerate(sorted(zone.parcels)) for j, name in enumerate(surfaces)]  # fmt: skip
    land, sea = zone.wind_mw
    wind = 0.35 + 0.3 * np.sin(np.arange(len(times)))
    turbines = {
        "site": ["land", "sea", "sea"],
        "in_zone": [True, False, True],
        "capacity_kw": [land * 1000.0, sea * 500.0, sea * 500.0],
        "net_mwh": [land * 2000.0, sea * 1500.0, sea * 1500.0],
    }
    points = [Point(500.0, 500.0), Point(2500.0, 500.0), Point(2600.0, 900.0)]
    return {
        "pv_parcels": pd.DataFrame(kwp, columns=["parcel_id", "pv_class", "kwp"]),
        "pv_classes": pd.DataFrame({"surface": surfaces}).rename_axis("pv_class"),
        "pv_profiles": pd.DataFrame(profiles, index=times),
        "turbines": gpd.GeoDataFrame(turbines, geometry=points, crs=CRS),
        "wind_profiles": pd.DataFrame({"land": wind, "sea": wind[::-1]}, index=times),
    }


def _networks(zone: Zone) -> Tables:
    connections = pd.DataFrame(list(zone.connected), columns=["network", "parcel_id"]).assign(connected=True)
    summary = pd.DataFrame({"network": ["cooling", "heating"], "delivered_mwh": 1000.0})
    summary["loss_mwh"] = 1000.0 * zone.loss
    summary["pumping_mwh"] = 1000.0 * zone.pumping
    summary["capex_cny"], summary["plant_capex_cny"] = [2e7, 1e7], [8e6, 4e6]
    return {"connections": connections, "network_summary": summary[summary["network"].isin(connections["network"])]}


def _levels(zone: Zone, years: NDArray[np.int64], times: pd.DatetimeIndex) -> Tables:
    until = np.arange(BASE, zone.target_year + 1)
    frames = [
        pd.DataFrame(
            {
                "subsector": subsector, "unit_id": unit, "parcel_id": parcel, "sector": sector,
                "activity_unit": activity_unit, "year": until,
                "activity": np.linspace(first, last, len(until)),
            }
        )
        for subsector, unit, parcel, sector, activity_unit, first, last in zone.activity
    ]  # fmt: skip
    hour = np.arange(len(times))
    names = sorted({row[0] for row in zone.activity})
    shapes = {name: 1.0 + 0.5 * np.sin(hour + i) for i, name in enumerate(names)}
    drivers = {"population": np.linspace(8e3, 3e4, len(years)), "gdp_million_cny": np.linspace(900.0, 5e3, len(years))}
    return {
        "activity": pd.concat(frames, ignore_index=True),
        "profile_shapes": pd.DataFrame({name: form / form.sum() for name, form in shapes.items()}, index=times),
        "drivers": pd.concat(
            [pd.DataFrame({"driver": name, "year": years, "value": path}) for name, path in drivers.items()],
            ignore_index=True,
        ),
    }


def _scenarios(zone: Zone, years: NDArray[np.int64]) -> Tables:
    findings = Findings()
    drivers = {"population": np.linspace(8e3, 3e4, len(years)), "gdp_million_cny": np.linspace(900.0, 5e3, len(years))}
    # The zone's scenarios may name measures that are added below.
    made = read_scenario_tables(
        zone.sources, ScenarioOptions(), int(years[0]), int(years[-1]), drivers, findings, target_year=zone.target_year
    )
    findings.raise_errors()
    assert made is not None
    if "measures" not in zone.sources:
        first = made["measures"].iloc[[0]]
        more = [
            first.assign(measure=name, subject=subject, technology=technology, share=share, start_year=2019,
                         end_year=2028, curve="linear", extra_cost_cny=1e5)
            for name, subject, technology, share in MORE_MEASURES
        ]  # fmt: skip
        made["measures"] = pd.concat([made["measures"], *more], ignore_index=True)
    used = set(zip(made["trend"]["subject"], made["trend"]["technology"], strict=True))
    costs = read_costs(zone.sources.get("costs"), years, findings, used)
    findings.raise_errors()
    assert costs is not None
    adoption = adoption_table(made["trend"], made["measures"], ScenarioOptions(scenarios=dict(zone.scenarios)))
    return {**made, "technology_cost": costs, "adoption": adoption}
