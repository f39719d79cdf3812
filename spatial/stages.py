"""What each stage does: it takes the tables it needs to the room that knows, and names what comes back."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyproj

from layers import parcels as parcel_room
from layers import people as people_room
from layers import sea as sea_room
from layers import stock as stock_room
from layers import streets as street_room
from layers import weather as weather_room
from layers import zones as zone_room
from layers.archetypes import archetypes
from layers.buildings import read_buildings
from layers.crs import suspect_gcj02
from layers.errors import Findings
from layers.tables import balance as balance_tables
from layers.tables import demand as demand_tables
from layers.tables import networks as network_tables
from layers.tables import place as place_tables
from layers.tables import resources as resource_tables
from layers.tables import review as review_tables
from layers.tables import scenario as scenario_tables
from layers.tables import stock as stock_tables
from layers.tables import weather as weather_tables
from layers.tables.contract import Table
from resources.catalogue import resource
from spatial import balance as balance_room
from spatial import demand as demand_room
from spatial import maps, report
from spatial import networks as network_room
from spatial import review as review_room
from spatial import scenario as scenario_room
from spatial.study import Study, driver_table, effective_switches

CONTRACTS: dict[str, Table] = {
    table.name: table
    for module in (
        place_tables, weather_tables, stock_tables, resource_tables, demand_tables, network_tables, balance_tables,
        review_tables, scenario_tables,
    )
    for table in vars(module).values()
    if isinstance(table, Table)
}  # fmt: skip
CONTRACTS |= {"sea_grid": CONTRACTS["grid"], "density_grid": CONTRACTS["grid"]}


@dataclass(frozen=True)
class Context:
    """What a stage may see: the tables it needs, the study, where to report faults and where to put files."""

    tables: Mapping[str, pd.DataFrame]
    study: Study
    findings: Findings
    files: Path

    def geo(self, name: str) -> gpd.GeoDataFrame:
        """Return a table with geometry."""
        return gpd.GeoDataFrame(self.tables[name])

    @property
    def crs(self) -> pyproj.CRS:
        """The study's projected CRS."""
        return pyproj.CRS.from_user_input(self.tables["zone"].crs)

    @property
    def meta(self) -> report.RunMeta:
        """What every page and file says about the run."""
        return run_meta(self.study, self.crs.to_string())


Made = dict[str, pd.DataFrame]


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
    """Turn measures into the adoption of technologies, by scenario and year."""
    source, about = at.study.source("measures"), at.study.study
    options = scenario_room.ScenarioOptions(scenarios=at.study.scenarios)
    table = scenario_room.read_table(source.path if source else None, options, at.findings)
    if table is None:
        return {}
    return {"adoption": scenario_room.adoption_table(table, options, about.base_year, about.target_year)}


def rules(at: Context) -> Made:
    """Read the rules parcels are reviewed by."""
    source = at.study.source("rules")
    table = review_room.read_rules(source.path if source else None, at.findings)
    return {} if table is None else {"rules": table}


def people(at: Context) -> Made:
    """Interpolate the drivers and reconcile people on parcels with them."""
    drivers, about = driver_table(at.study), at.study.study
    population = drivers[drivers["driver"] == "population"].set_index("year")["value"]
    table, reconciliation = people_room.reconcile_people(
        at.geo("parcels"),
        at.tables["parcel_uses"],
        float(population.loc[about.base_year]),
        float(population.loc[about.target_year]),
        at.study.people,
        target_year=about.target_year,
    )
    years = pd.Index([about.base_year, about.target_year], name="year")
    reconciliation = reconciliation.set_axis(years)
    for year, placed, driver, factor in reconciliation.reset_index().to_numpy(dtype=float):
        people_told = f"{placed:,.0f} residents on parcels in {year:.0f}, {driver:,.0f} by the driver"
        at.findings.note("people", f"{people_told}: scaled by {factor:.4g}")
    return {"drivers": drivers, "people": table, "reconciliation": reconciliation}


def dwellings(at: Context) -> Made:
    """Return where people live, which turbines on land keep away from."""
    homes = [name for name, archetype in archetypes().items() if archetype.sector == "residential"]
    uses = at.tables["parcel_uses"]
    ids = uses.loc[uses["archetype"].isin(homes), "parcel_id"].unique()
    everything = at.geo("parcels")
    return {"dwellings": everything.loc[everything.index.isin(ids), ["geometry"]]}


def stock(at: Context) -> Made:
    """Build the stock of buildings from the plan's controls, or from footprints."""
    table = stock_room.build_stock(
        at.geo("parcels"), at.tables["parcel_uses"], at.geo("buildings"), at.study.study.base_year, at.study.stock
    )
    return {"stock": table}


def sun(at: Context) -> Made:
    """Estimate what roofs, car parks, ground and water can give."""
    profiles, classes, on_parcels = resource("solar")(
        at.tables["weather"], at.tables["site"], at.tables["stock"], at.geo("parcels"), at.study.solar
    )
    return {"pv_profiles": profiles, "pv_classes": classes, "pv_parcels": on_parcels}


def wind_(at: Context) -> Made:
    """Site turbines on land and at sea."""
    cells, turbines, profiles = resource("wind")(
        at.tables["sea_grid"],
        at.tables["sea_cells"],
        at.geo("exclusions"),
        at.geo("dwellings"),
        at.tables["weather"],
        at.tables["site"],
        at.study.wind,
        at.study.siting,
    )
    return {"wind_cells": cells, "turbines": turbines, "wind_profiles": profiles}


def profiles(at: Context) -> Made:
    """Compute hourly demand per archetype and vintage."""
    hourly, intensities = demand_room.building_profiles(at.tables["weather"], at.tables["site"], at.study.demand)
    return {"demand_profiles": hourly, "intensities": intensities}


def demand(at: Context) -> Made:
    """Put demand on parcels and on the density grid."""
    about = at.study.study
    on_parcels = demand_room.demand_on_parcels(
        at.tables["demand_profiles"],
        at.tables["intensities"],
        at.tables["stock"],
        (about.base_year, about.target_year),
    )
    grid, density = demand_room.density_raster(on_parcels, at.geo("parcels"), about.target_year, at.study.demand)
    return {"demand_parcels": on_parcels, "density_grid": grid, "density": density}


def activity(at: Context) -> Made:
    """Derive the activity of port, transport, industry, water and farming from the drivers."""
    about = at.study.study
    levels, shapes = demand_room.activity_levels(
        at.tables["drivers"],
        at.geo("parcels"),
        at.tables["people"],
        at.tables["stock"],
        at.tables["site"],
        about.base_year,
        about.target_year,
        at.study.demand,
    )
    for sentence in demand_room.unmodelled(at.tables["stock"]):
        at.findings.warning("stock", sentence)
    return {"activity": levels, "profile_shapes": shapes}


def networks(at: Context) -> Made:
    """Design one heating and one cooling network along the streets."""
    names = ("pipes", "stations", "connections", "network_summary", "street_repairs")
    made = network_room.design_networks(
        at.geo("streets"),
        at.geo("parcels"),
        at.tables["demand_parcels"],
        at.study.study.target_year,
        at.study.networks,
    )
    for sentence in network_room.explain(made[3], made[2]):
        at.findings.note("networks", sentence)
    return dict(zip(names, made, strict=True))


def balance(at: Context) -> Made:
    """Draw up the account of every scenario."""
    return balance_room.account(at.tables, at.study.balance)


def review(at: Context) -> Made:
    """Hold every parcel against the rules."""
    about = at.study.study
    options = at.study.review.model_copy(update={"scenario": at.study.reviewed_scenario})
    return {"review": review_room.review(at.tables, about.base_year, about.target_year, options)}


def run_meta(study: Study, crs: str) -> report.RunMeta:
    """Return what every page and file says about the run."""
    files = {
        name: source.path
        for name in type(study.inputs).model_fields
        if name != "coordinates" and (source := study.source(name)) is not None
    }
    about = study.study
    versions = {
        name: metadata.version(name) for name in ("nearzero", "geopandas", "numpy", "pandas", "pvlib", "shapely")
    }
    switches = effective_switches(study).model_dump(mode="json")
    return report.RunMeta(
        name=about.name,
        title_zh=about.title_zh,
        title_en=about.title_en,
        base_year=about.base_year,
        target_year=about.target_year,
        crs=crs,
        illustrative=about.illustrative,
        attribution=about.attribution,
        switches={name: str(value) for name, value in switches.items()},
        versions=versions,
        inputs=tuple(
            (path.name, hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "", name)
            for name, path in files.items()
        ),
        scenarios=tuple(study.scenarios),
    )


def write_tables(at: Context) -> Made:
    """Write CSV files and the workbook."""
    report.write_tables(at.tables, at.meta, at.files)
    return {}


def write_layers(at: Context) -> Made:
    """Write the GeoPackage with its styles."""
    report.write_geopackage(at.tables, at.meta, at.files / "layers.gpkg")
    return {}


def write_rasters(at: Context) -> Made:
    """Write the rasters."""
    report.write_rasters(at.tables, at.meta, at.files)
    return {}


def write_hourly(at: Context) -> Made:
    """Write the hourly series."""
    report.write_hourly(at.tables, at.meta, at.files)
    return {}


def write_map(at: Context) -> Made:
    """Write the map."""
    maps.write_map(at.tables, at.meta, at.study.map, at.files / "map.html")
    return {}
