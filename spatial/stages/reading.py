"""Stages that read what the study names: the place, its plan, its weather, its sea, and the planner's tables."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj

from layers import parcels as parcel_room
from layers import sea as sea_room
from layers import streets as street_room
from layers import weather as weather_room
from layers import zones as zone_room
from layers.archetype_sheets import read_archetypes
from layers.archetypes import archetype_tables, kinds_of
from layers.buildings import read_buildings
from layers.crs import suspect_gcj02
from layers.tables import place as place_tables
from layers.tables.contract import Table
from spatial import demand as demand_room
from spatial import networks as network_room
from spatial import review as review_room
from spatial import scenario as scenario_room
from spatial.scenario.costs import read_costs
from spatial.stages.context import Context, Made
from spatial.study import driver_table


def _empty(table: Table, crs: pyproj.CRS) -> pd.DataFrame:
    """Return a table without rows that keeps its contract."""
    dtypes = {"text": "str", "number": "float64", "integer": "int64", "flag": "bool"}
    columns = {name: pd.Series(dtype=dtypes[column.kind]) for name, column in table.columns.items()}
    index = pd.Index([], name=table.key[0], dtype="str")
    if not table.geometry:
        return pd.DataFrame(columns, index=index)
    return gpd.GeoDataFrame(columns, index=index, geometry=gpd.GeoSeries([], crs=crs), crs=crs)


def place(at: Context) -> Made:
    """Read zone, planning units, land, sea area and exclusions."""
    study, findings, coordinates = at.study, at.findings, at.study.inputs.coordinates
    source = study.source("zone")
    zone = source and zone_room.read_zone(source, findings, crs=study.study.crs, coordinates=coordinates)
    if not isinstance(zone, gpd.GeoDataFrame):
        return {}
    # What cannot be read is replaced by the plainest stand-in, so that what depends on it is checked as well; the
    # faults that were found keep the stand-in out of any result.
    made: Made = {
        "zone": zone,
        "units": zone_room.unit_of_zone(zone),
        "land": gpd.GeoDataFrame(geometry=zone.geometry).rename_axis("land_id"),
        "sea_area": _empty(place_tables.SEA_AREA, pyproj.CRS.from_user_input(zone.crs)),
        "exclusions": sea_room.read_exclusions(study.source("exclusions"), zone, findings, coordinates=coordinates),
    }
    readers = {"units": zone_room.read_units, "land": zone_room.read_land, "sea_area": zone_room.read_sea_area}
    for name, read in readers.items():
        around = study.source(name)
        table = around and read(around, zone, findings, coordinates=coordinates)
        if isinstance(table, gpd.GeoDataFrame):
            made[name] = table
    return made


def archetypes(at: Context) -> Made:
    """Read the archetypes that the study adds to the built-in ones."""
    source = at.study.source("archetypes")
    kinds = read_archetypes(source, at.study.source("schedules"), at.findings)
    if source is not None:
        demand_room.check_set_points(kinds, source.name, at.findings)
    return dict(zip(("archetypes", "archetype_schedules"), archetype_tables(kinds), strict=True))


def parcels(at: Context) -> Made:
    """Read the parcels of the plan and resolve their land use."""
    source, about, crosswalk = at.study.source("parcels"), at.study.study, at.study.source("crosswalk")
    read = source and parcel_room.read_parcels(
        source,
        at.study.parcels,
        at.geo("zone"),
        at.geo("units"),
        about.base_year,
        about.target_year,
        at.findings,
        coordinates=at.study.inputs.coordinates,
        crosswalk=crosswalk.path if crosswalk else None,
        kinds=kinds_of(at.tables),
    )
    if not read:
        return {}
    if at.study.inputs.coordinates == "wgs84":
        suspect_gcj02(read[0], at.geo("land"), at.findings)
    return {"parcels": read[0], "parcel_uses": read[1]}


def streets(at: Context) -> Made:
    """Read the street centre lines."""
    source, zone = at.study.source("streets"), at.geo("zone")
    if source is None:
        return {"streets": _empty(place_tables.STREETS, at.crs)}
    read = street_room.read_streets(
        source, at.study.streets, zone, at.findings, coordinates=at.study.inputs.coordinates
    )
    return {} if read is None else {"streets": read}


def buildings(at: Context) -> Made:
    """Read existing footprints, where the study has them."""
    source, zone = at.study.source("buildings"), at.geo("zone")
    if source is None:
        return {"buildings": _empty(place_tables.BUILDINGS, at.crs)}
    read = read_buildings(source, zone, at.findings, coordinates=at.study.inputs.coordinates)
    return {} if read is None else {"buildings": read}


def weather(at: Context) -> Made:
    """Read a typical year, or generate one from monthly normals."""
    source = at.study.source("weather")
    if source is None:
        return {}
    centre = at.geo("zone").to_crs(4326).geometry.union_all().centroid
    given = at.study.seeded_weather
    place_known = {"latitude_deg": centre.y, "longitude_deg": centre.x}
    options = given.model_copy(
        update={name: value for name, value in place_known.items() if getattr(given, name) is None}
    )
    read = weather_room.read_weather(source.path, options, at.findings)
    return {} if read is None else {"site": read[0], "weather": read[1]}


def sea(at: Context) -> Made:
    """Sample wind and depth on the cells that wind is sited on."""
    read = sea_room.read_sea_cells(
        at.study.source("wind"),
        at.study.source("depth"),
        at.geo("zone"),
        at.geo("land"),
        at.geo("sea_area"),
        at.study.sea,
        at.findings,
    )
    return {} if read is None else {"sea_grid": read[0], "sea_cells": read[1]}


def adoption(at: Context) -> Made:
    """Read what technologies do, take and cost, and turn measures into their adoption, by scenario and year."""
    study, years = at.study, np.asarray(at.study.years)
    options = scenario_room.ScenarioOptions(scenarios=study.scenarios)
    sources = {name: study.source(name) for name in ("shares", "technologies", "lives", "measures")}
    drivers = {
        str(driver): rows.sort_values("year")["value"].to_numpy(dtype=float)
        for driver, rows in driver_table(study).groupby("driver")
    }
    made = scenario_room.read_scenario_tables(
        sources, options, study.study.base_year, study.end_year, drivers, at.findings,
        target_year=study.study.target_year,
    )  # fmt: skip
    used = () if made is None else set(zip(made["trend"]["subject"], made["trend"]["technology"], strict=True))
    costs = read_costs(study.source("costs"), years, at.findings, used)
    if made is None or costs is None:
        return {}
    table = scenario_room.adoption_table(made["trend"], made["measures"], options)
    return {**made, "technology_cost": costs, "adoption": table}


def rules(at: Context) -> Made:
    """Read the rules parcels are reviewed by."""
    source = at.study.source("rules")
    table = review_room.read_rules(source.path if source else None, at.findings)
    return {} if table is None else {"rules": table}


def named_parcels(at: Context) -> Made:
    """Make sure that the plan has the parcels which the networks are told to join, or to stand on; gives no table."""
    network_room.check_named(at.study.networks, list(at.tables["parcels"].index), at.findings, "study.toml")
    return {}
