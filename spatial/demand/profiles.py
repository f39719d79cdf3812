"""Hourly useful demand per floor area of every archetype and vintage."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from layers.archetypes import archetypes
from layers.constants import constants
from layers.tables.demand import SERVICES
from layers.tables.stock import VINTAGES
from spatial.demand.classes import (
    Member,
    demand_constants,
    drive,
    extra_equipment,
    members,
    operation,
    solar_gains,
    zone_data,
)
from spatial.demand.options import DemandOptions
from spatial.demand.rc import simulate
from spatial.demand.schedules import Calendar, calendar, shape
from spatial.demand.solar import surface_irradiance

Floats = NDArray[np.float64]

TIERS = {
    "pre2001": "stock2017",
    "code2010": "stock2017",
    "code2021": "gb55015",
    "ultralow": "ultralow",
    "nzeb": "nzeb",
}
"""Which tier of the end-use tables each vintage belongs to."""


def _per_class(zones: list[Member], values: Floats, factor: Floats | float = 1.0) -> dict[str, Floats]:
    """Sum hours x zones to hours per class, weighted by the zones' shares of the floor area."""
    weights = np.array([zone.share for zone in zones]) * factor
    found: dict[str, Floats] = {}
    for column, zone in enumerate(zones):
        part = values[:, column] * weights[column]
        found[zone.class_key] = found[zone.class_key] + part if zone.class_key in found else part
    return found


def _hot_water_season(days: Calendar) -> Floats:
    """Return the factor of hot water over the year, one on average: colder mains in winter."""
    table = demand_constants()
    phase = 2.0 * np.pi * (days.times.day_of_year.to_numpy() - table.value("hot_water.peak_day")) / 365.0
    return np.asarray(1.0 + table.value("hot_water.amplitude") * np.cos(phase))


def _annual_services(days: Calendar, occupancy: dict[str, Floats]) -> dict[str, dict[str, Floats]]:
    """Return hot water, cooking and ventilation [W/m2]: annual end uses spread by shapes."""
    enduse = constants("spatial.demand", "enduse.csv")
    season = _hot_water_season(days)
    base = demand_constants().value("ventilation.base")
    draws = {}
    for group in ("residential", "service"):
        draw = shape(f"hot_water.{group}", days) * season
        draws[group] = (draw / draw.sum(), shape(f"cooking.{group}", days))
    found: dict[str, dict[str, Floats]] = {"hot_water": {}, "cooking": {}, "ventilation": {}}
    for archetype in archetypes().values():
        water, cooking = draws["residential" if archetype.sector == "residential" else "service"]
        for vintage in VINTAGES:
            key = f"{archetype.archetype}|{vintage}"
            row = f"{archetype.enduse_key}.{TIERS[vintage]}"
            running = base + (1.0 - base) * occupancy[key] / max(float(occupancy[key].max()), 1e-12)
            found["hot_water"][key] = enduse.value(f"{row}.dhw_useful") * 1000.0 * water
            found["cooking"][key] = enduse.value(f"{row}.cooking") * 1000.0 * cooking
            found["ventilation"][key] = enduse.value(f"{row}.vent_pumps_lifts") * 1000.0 * running / running.sum()
    return found


def building_profiles(
    weather: pd.DataFrame, site: pd.DataFrame, options: DemandOptions
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return hourly demand per floor area of all archetypes and vintages, and what it sums to.

    Parameters
    ----------
    weather, site
        Tables WEATHER and SITE.
    options
        Options of demand.

    Returns
    -------
    profiles : DataFrame
        Table DEMAND_PROFILES [W/m2], one 32-bit column per ``archetype|vintage|service``.
    intensities : DataFrame
        Table INTENSITIES, of the profiles as they are stored.

    Notes
    -----
    Heating and cooling come from the hourly model, lighting and equipment from loads and schedules, hot water, cooking,
    and ventilation with pumps and lifts from annual end uses and shapes. Equipment whose energy is counted by activity
    heats the rooms but is not in the profile.
    """
    days = calendar(pd.DatetimeIndex(weather.index))
    zones = members()
    data = zone_data(zones, options)
    use = operation(zones, days)
    irradiance = surface_irradiance(weather, site, demand_constants().value("solar.albedo"))
    loads = simulate(data, drive(zones, data, use, solar_gains(zones, irradiance, weather), weather))

    keys = [zone.archetype.enduse_key for zone in zones]
    spaces = [f"heating_space.{zone.archetype.envelope}.{zone.vintage}" for zone in zones]
    space = np.array([demand_constants().value(key) for key in spaces])
    heated = np.array([demand_constants().value(f"use.{key}.heating") for key in keys]) * space
    cooled = np.array([demand_constants().value(f"use.{key}.cooling") for key in keys])
    counted = np.array([0.0 if zone.archetype.process_by_activity else 1.0 for zone in zones])
    found = {
        "heating": _per_class(zones, loads.heating, heated),
        "cooling_sensible": _per_class(zones, loads.cooling_sensible, cooled),
        "cooling_latent": _per_class(zones, loads.cooling_latent, cooled),
        "lighting": _per_class(zones, use.lighting),
        "equipment": _per_class(zones, use.equipment + extra_equipment(zones)[0], counted),
        **_annual_services(days, _per_class(zones, use.people)),
    }
    columns = [(a, v, s) for a in archetypes() for v in VINTAGES for s in SERVICES]
    values = np.empty((len(weather), len(columns)), dtype=np.float32)
    for column, (archetype, vintage, service) in enumerate(columns):
        values[:, column] = found[service][f"{archetype}|{vintage}"]
    names = ["|".join(column) for column in columns]
    profiles = pd.DataFrame(values, index=pd.DatetimeIndex(weather.index, name="time"), columns=names)
    intensities = pd.DataFrame(columns, columns=["archetype", "vintage", "service"])
    intensities["kwh_m2"] = values.sum(axis=0, dtype=np.float64) / 1000.0
    intensities["peak_w_m2"] = values.max(axis=0).astype(np.float64)
    return profiles, intensities
