"""Activity outside buildings: what port, transport, industry, water, waste and farming do in every year."""

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from layers.archetypes import Kinds, archetypes
from layers.constants import constants
from layers.units import M2_PER_HA
from layers.weather.hours import year_index
from spatial.demand.options import DemandOptions
from spatial.demand.schedules import calendar, shape

Floats = NDArray[np.float64]
Years = NDArray[np.int64]

DAYS = 365.0
INDUSTRY = {
    "industry_light": ("factory_light", "factory_hightech"),
    "industry_general": ("factory_general",),
    "industry_heavy": ("factory_heavy",),
}
"""Archetypes of the buildings each branch works in; light industry has the energy of electronics and equipment."""


@dataclass(frozen=True, slots=True)
class Subsector:
    """One activity: its names, sector, unit and the hourly shape it follows."""

    subsector: str
    zh: str
    en: str
    sector: str
    activity_unit: str
    shape: str


@cache
def subsectors() -> dict[str, Subsector]:
    """Return all activities by key.

    Examples
    --------
    >>> subsectors()["cars"].activity_unit
    'vkm'
    """
    lines = files("spatial.demand").joinpath("subsectors.csv").read_text(encoding="utf-8").splitlines()
    return {row["subsector"]: Subsector(**row) for row in csv.DictReader(lines)}


def _value(key: str) -> float:
    return constants("spatial.demand", "activity.csv").value(key)


def _codes(key: str) -> tuple[str, ...]:
    return tuple(constants("spatial.demand", "activity.csv")[f"landuse.{key}"].text.split())


@dataclass(frozen=True)
class Places:
    """Where an activity may be: one row a place, with its weight in every year."""

    unit_id: NDArray[np.object_]
    parcel_id: NDArray[np.object_]
    weight: Floats  # places x years


def _spread(subsector: str, total: Floats, places: Places, years: Years) -> pd.DataFrame:
    """Return the total of every year spread over the places by weight."""
    sums = places.weight.sum(axis=0)
    even = np.full_like(places.weight, 1.0 / max(len(places.unit_id), 1))
    share = np.where(sums > 0.0, places.weight / np.where(sums > 0.0, sums, 1.0), even)
    amount = share * total
    count = len(places.unit_id)
    table = pd.DataFrame(
        {
            "subsector": subsector,
            "unit_id": np.repeat(places.unit_id, len(years)),
            "parcel_id": np.repeat(places.parcel_id, len(years)),
            "year": np.tile(years, count),
            "activity": amount.ravel(),
        }
    )
    return table.loc[table["activity"] > 0.0]


def _driver(drivers: pd.DataFrame, name: str, years: Years) -> Floats | None:
    """Return a driver in every year, None where the study has none."""
    plain = drivers.reset_index() if drivers.index.names != [None] else drivers
    values = plain.loc[plain["driver"] == name].set_index("year")["value"].sort_index()
    if values.empty:
        return None
    known = values.index.to_numpy(dtype=np.float64)
    return np.asarray(np.interp(years, known, values.to_numpy(dtype=np.float64)), dtype=np.float64)


def _on_units(places: Places) -> Places:
    """Return the same weights summed to planning units."""
    units = np.unique(places.unit_id)
    position = np.searchsorted(units, places.unit_id)
    weight = np.zeros((len(units), places.weight.shape[1]))
    np.add.at(weight, position, places.weight)
    return Places(units, np.full(len(units), "", dtype=object), weight)


def _parcel_places(parcels: pd.DataFrame, chosen: NDArray[np.bool_], years: Years) -> Places:
    """Return chosen parcels with their area [ha] from the year on in which they are developed."""
    rows = parcels.loc[chosen]
    stands = rows["existing"].to_numpy(dtype=bool)[:, None] | (rows["phase_year"].to_numpy()[:, None] <= years)
    area = rows["area_m2"].to_numpy(dtype=np.float64)[:, None] / M2_PER_HA
    units, ids = rows["unit_id"].to_numpy(dtype=object), rows.index.to_numpy(dtype=object)
    return Places(units, ids, np.where(stands, area, 0.0))


def _people_places(parcels: pd.DataFrame, people: pd.DataFrame, years: Years, base: int, target: int) -> Places:
    """Return planning units with their residents: new parcels fill in their phase year, the others change steadily.

    After the target year all stay as in it.
    """
    keyed = people if people.index.name == "parcel_id" else people.set_index("parcel_id")
    rows = parcels.loc[keyed.index]
    first, last = (keyed[f"population_{when}"].to_numpy(dtype=np.float64)[:, None] for when in ("base", "target"))
    steady = first + (last - first) * np.clip((years - base) / max(target - base, 1), 0.0, 1.0)
    phased = np.where(rows["phase_year"].to_numpy()[:, None] <= years, last, first)
    weight = np.where(rows["existing"].to_numpy(dtype=bool)[:, None], steady, phased)
    ids = rows.index.to_numpy(dtype=object)
    return _on_units(Places(rows["unit_id"].to_numpy(dtype=object), ids, weight))


def per_head(population: Floats, years: Years) -> dict[str, Floats]:
    """Return the activities that follow the residents: vehicle kilometres, waste [t], waste water and water [m3]."""
    span = [2017.0, 2030.0]
    cars = np.interp(years, span, [_value("drive.car.ownership.2017"), _value("drive.car.ownership.2030")])
    return {
        "cars": population * cars * _value("drive.car.km"),
        "two_wheelers": population * _value("drive.ebike.ownership") * _value("drive.ebike.km"),
        "buses": population * _value("drive.bus.per_10k") / 10_000.0 * _value("drive.bus.km"),
        "taxis": population * _value("drive.taxi.per_10k") / 10_000.0 * _value("drive.taxi.km"),
        "msw": population * _value("waste.msw.per_person") * DAYS / 1000.0,
        "wastewater": population * _value("wastewater.per_person") * DAYS,
        "water_supply": population * _value("water.supply.per_person") * DAYS,
    }


def _port(drivers: pd.DataFrame, parcels: pd.DataFrame, years: Years, options: DemandOptions) -> list[pd.DataFrame]:
    """Return handling and berth calls on port parcels, and trucks in the units of the port."""
    port = parcels["landuse"].str.startswith(_codes("port")).to_numpy(dtype=bool)
    quays = _parcel_places(parcels, port, years)
    if not (quays.weight.sum(axis=0) > 0.0).all():
        # a port whose land the plan does not show in every year belongs to the zone at large
        quays = _on_units(_parcel_places(parcels, np.ones(len(parcels), dtype=bool), years))
    found = []
    teu, calls = _driver(drivers, "teu", years), _driver(drivers, "berth_calls", years)
    if teu is not None:
        found.append(_spread("port_handling", teu, quays, years))
        road = teu * _value("drive.truck.road_share") * options.truck_km_per_teu
        found.append(_spread("trucks", road, _on_units(quays), years))
    if calls is not None:
        found.append(_spread("berth_calls", calls, quays, years))
    return found


def _factory_places(parcels: pd.DataFrame, stock: pd.DataFrame, kinds: list[str], years: Years) -> Places:
    """Return parcels with the area [ha] that factories of some archetypes take, by their share of the floor area."""
    whole = stock.groupby("parcel_id")["floor_area_m2"].sum()
    rows = stock.loc[stock["archetype"].isin(kinds) & stock["parcel_id"].isin(parcels.index)]
    share = rows["floor_area_m2"].to_numpy() / whole.loc[rows["parcel_id"]].to_numpy()
    area = parcels["area_m2"].loc[rows["parcel_id"]].to_numpy(dtype=np.float64) / M2_PER_HA * share
    stands = rows["year_from"].to_numpy()[:, None] <= years
    units, ids = rows["unit_id"].to_numpy(dtype=object), rows["parcel_id"].to_numpy(dtype=object)
    return Places(units, ids, np.where(stands, area[:, None], 0.0))


def _industry(
    drivers: pd.DataFrame,
    parcels: pd.DataFrame,
    stock: pd.DataFrame,
    years: Years,
    options: DemandOptions,
    kinds: Kinds | None,
) -> list[pd.DataFrame]:
    """Return value added [million CNY] on industrial parcels, together at most its share of the zone's product."""
    # what is counted by floor area must not be counted by value added as well
    counted = [(key, kind.base) for key, kind in (kinds or archetypes()).items() if kind.process_by_activity]
    works_in = {name: [key for key, base in counted if base in of_branch] for name, of_branch in INDUSTRY.items()}
    chosen = {name: _factory_places(parcels, stock, among, years) for name, among in works_in.items()}
    added = {name: places.weight.sum(axis=0) * options.industry_value_added_per_ha for name, places in chosen.items()}
    total = sum(added.values(), start=np.zeros(len(years)))
    product = _driver(drivers, "gdp_million_cny", years)
    limit = total if product is None else product * options.industry_gdp_share
    factor = np.minimum(1.0, limit / np.where(total > 0.0, total, 1.0))
    return [_spread(name, added[name] * factor, places, years) for name, places in chosen.items()]


def _farming(parcels: pd.DataFrame, years: Years) -> pd.DataFrame:
    """Return farmland [ha] by planning unit."""
    landuse = parcels["landuse"]
    farm = (landuse.str.startswith(_codes("farm")) | (landuse == "E2")).to_numpy(dtype=bool)
    fields = parcels.loc[farm]
    area = np.repeat(fields["area_m2"].to_numpy(dtype=np.float64)[:, None] / M2_PER_HA, len(years), axis=1)
    units, ids = fields["unit_id"].to_numpy(dtype=object), fields.index.to_numpy(dtype=object)
    places = _on_units(Places(units, ids, area))
    return _spread("farming", places.weight.sum(axis=0), places, years)


def profile_shapes(times: pd.DatetimeIndex) -> pd.DataFrame:
    """Return the hourly shape of every activity; each sums to one.

    Parameters
    ----------
    times
        The 8,760 hours, in local time.

    Returns
    -------
    DataFrame
        Table PROFILE_SHAPES.
    """
    days = calendar(times)
    columns = {name: shape(subsector.shape, days) for name, subsector in subsectors().items()}
    return pd.DataFrame(columns, index=pd.DatetimeIndex(times, name="time"))


def activity_levels(
    drivers: pd.DataFrame,
    parcels: gpd.GeoDataFrame,
    people: pd.DataFrame,
    stock: pd.DataFrame,
    site: pd.DataFrame,
    base_year: int,
    target_year: int,
    end_year: int,
    options: DemandOptions,
    kinds: Kinds | None = None,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the level of every activity outside buildings, each year, and its hourly shape.

    Parameters
    ----------
    drivers, parcels, people, stock, site
        Tables DRIVERS, PARCELS, PEOPLE, STOCK and SITE.
    base_year, target_year
        Years that the people on parcels are told for.
    end_year
        Last year; after the target year people spread over the units as in it, while totals follow the drivers.
    options
        Options of demand.
    kinds
        Archetypes of the study; without them the built-in ones.

    Returns
    -------
    activity : DataFrame
        Table ACTIVITY. Port handling and berth calls stand on port parcels developed by the year, by area; industry on
        parcels with factories; what follows residents in the planning units they live in; trucks in the units of the
        port; farming in the units of the farmland. Sums over places are the zone's drivers.
    shapes : DataFrame
        Table PROFILE_SHAPES, on the clock of the weather.
    """
    plots = pd.DataFrame(parcels if parcels.index.name == "parcel_id" else parcels.set_index("parcel_id"))
    years = np.arange(base_year, end_year + 1, dtype=np.int64)
    tables = _port(drivers, plots, years, options) + _industry(drivers, plots, stock, years, options, kinds)
    population = _driver(drivers, "population", years)
    if population is not None:
        homes = _people_places(plots, people, years, base_year, target_year)
        tables += [_spread(name, total, homes, years) for name, total in per_head(population, years).items()]
    tables.append(_farming(plots, years))
    activity = pd.concat(tables, ignore_index=True)
    about = subsectors()
    activity["sector"] = activity["subsector"].map({name: row.sector for name, row in about.items()})
    activity["activity_unit"] = activity["subsector"].map({name: row.activity_unit for name, row in about.items()})
    for column in ("subsector", "unit_id", "parcel_id", "sector", "activity_unit"):
        activity[column] = activity[column].astype("str")
    activity["year"] = activity["year"].astype(np.int64)
    order = ["subsector", "unit_id", "parcel_id", "year", "sector", "activity_unit", "activity"]
    ranked = activity.sort_values(["subsector", "unit_id", "parcel_id", "year"], kind="stable", ignore_index=True)
    return ranked[order], profile_shapes(year_index(float(site["utc_offset_h"].iloc[0])))
