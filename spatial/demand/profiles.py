"""Hourly useful demand per floor area of every class of buildings."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from layers.archetypes import Kinds, archetypes
from layers.constants import constants
from layers.errors import Findings
from layers.tables.demand import SERVICES, THERMAL
from spatial.demand.building import Zone, sky_hours, thermal_hours
from spatial.demand.classes import Member, class_sums, members, typical_forms
from spatial.demand.options import DemandOptions
from spatial.demand.rooms import place_of, room_zone
from spatial.demand.schedules import Calendar, calendar, shape
from spatial.demand.use import Use, design_loads, extra_equipment
from spatial.demand.values import TIERS, Values

Floats = NDArray[np.float64]


def served_shares(zones: list[Member], values: Values) -> Floats:
    """Return which share of the floor area is heated, cooled and dried at a time, rooms x `THERMAL`."""
    shares = np.empty((len(zones), len(THERMAL)))
    for row, zone in enumerate(zones):
        kind = zone.archetype.enduse_key
        space = values.value(f"heating_space.{zone.archetype.envelope}.{zone.vintage}")
        cooled = values.value(f"use.{kind}.cooling")
        shares[row] = min(values.value(f"use.{kind}.heating") * space, 1.0), cooled, cooled
    return shares


def _hot_water_season(days: Calendar, values: Values) -> Floats:
    """Return the factor of hot water over the year, one on average: colder mains in winter."""
    phase = 2.0 * np.pi * (days.times.day_of_year.to_numpy() - values.value("hot_water.peak_day")) / 365.0
    return np.asarray(1.0 + values.value("hot_water.amplitude") * np.cos(phase))


def lift_share(zone: Member, values: Values) -> float:
    """Return the share that lifts have of the energy of fans, pumps and lifts."""
    group = "residential" if zone.archetype.sector == "residential" else "public"
    return values.value(f"lifts.{group}") if zone.shape.floors >= values.value("lifts.from_floors") else 0.0


def annual_services(zones: list[Member], use: Use, values: Values) -> dict[str, Floats]:
    """Return hot water, cooking, ventilation and lifts [W/m2], rooms x hours: annual end uses spread by shapes."""
    enduse, days = values.of(constants("spatial.demand", "enduse.csv")), use.days
    season = _hot_water_season(days, values)
    base = values.value("ventilation.base")
    draws = {}
    for group in ("residential", "service"):
        draw = shape(f"hot_water.{group}", days) * season
        draws[group] = (draw / draw.sum(), shape(f"cooking.{group}", days))
    found = {name: np.empty((len(zones), len(days.times))) for name in ("hot_water", "cooking", "ventilation", "lifts")}
    for row, zone in enumerate(zones):
        water, cooking = draws["residential" if zone.archetype.sector == "residential" else "service"]
        key = f"{zone.archetype.enduse_key}.{TIERS[zone.vintage]}"
        occupancy = use.pattern(zone, "occupancy")
        running = base + (1.0 - base) * occupancy / max(float(occupancy.max()), 1e-12)
        moved = enduse.value(f"{key}.vent_pumps_lifts") * 1000.0 * running / running.sum()
        lifted = lift_share(zone, values)
        stated = zone.archetype.overrides.get("hot_water_kwh_m2")
        useful = enduse.value(f"{key}.dhw_useful") if stated is None else stated
        found["hot_water"][row] = useful * 1000.0 * water
        found["cooking"][row] = enduse.value(f"{key}.cooking") * 1000.0 * cooking
        found["ventilation"][row] = moved * (1.0 - lifted)
        found["lifts"][row] = moved * lifted
    return found


def electricity(zones: list[Member], use: Use, values: Values) -> dict[str, Floats]:
    """Return lighting, equipment and process [W/m2], rooms x hours."""
    found = {name: np.empty((len(zones), len(use.days.times))) for name in ("lighting", "equipment", "process")}
    for row, zone in enumerate(zones):
        loads = design_loads(zone, values)
        # equipment whose energy is counted by activity heats the rooms but is not in the profile
        counted = 0.0 if zone.archetype.process_by_activity else 1.0
        found["lighting"][row] = use.pattern(zone, "lighting") * loads.lighting
        found["equipment"][row] = use.pattern(zone, "equipment") * loads.equipment * counted
        found["process"][row] = extra_equipment(zone, values)[0] * counted
    return found


LONG_H = 750
"""Hours a year at its limit from which on a plant is told to be too small."""


def _tell_shortfalls(zones: list[Member], rooms: list[Zone], thermal: Floats, findings: Findings) -> None:
    """Add a warning for every archetype with rooms whose plants run at their limit for long."""
    worst: dict[tuple[str, str], tuple[int, str]] = {}
    for zone, room, hours in zip(zones, rooms, thermal, strict=True):
        full = {
            "heating": int((hours[0] >= 0.999 * room.heat_limit).sum()),
            "cooling": int((hours[1] + hours[2] >= 0.999 * room.cool_limit).sum()),
        }
        for mode, count in full.items():
            key = (zone.archetype.archetype, mode)
            worst[key] = max(worst.get(key, (0, "")), (count, f"{zone.schedule} of {zone.vintage}"))
    for (archetype, mode), (count, where) in sorted(worst.items()):
        if count > LONG_H:
            findings.warning(
                "archetypes",
                f"its {mode} plant runs at its limit for {count:,} hours ({where}): demand is cut to what it can give",
                "check weather, loads and envelope of the archetype",
                row=archetype,
            )


def building_profiles(
    weather: pd.DataFrame,
    site: pd.DataFrame,
    options: DemandOptions,
    forms: pd.DataFrame | None = None,
    kinds: Kinds | None = None,
    findings: Findings | None = None,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return hourly demand per floor area of all classes of buildings, and what it sums to.

    Parameters
    ----------
    weather, site
        Tables WEATHER and SITE.
    options
        Options of demand.
    forms
        Table FORM_GEOMETRY: which archetypes there are, in which forms; without it all in their usual one.
    kinds
        Archetypes; without them the built-in ones.
    findings
        Takes a warning for every archetype whose plants are too small for long.

    Returns
    -------
    profiles : DataFrame
        Table DEMAND_PROFILES [W/m2], one 32-bit column per ``archetype|form|vintage|service``.
    intensities : DataFrame
        Table INTENSITIES, of the profiles as they are stored.

    Notes
    -----
    Heating and cooling come from the hourly model, lighting and equipment from loads and schedules, hot water, cooking,
    fans, pumps and lifts from annual end uses and shapes. Process is flat: refrigeration and laboratories.
    """
    kinds = archetypes() if kinds is None else kinds
    forms = typical_forms(kinds) if forms is None else forms.reset_index(drop="archetype" in forms.columns)
    values = Values()
    days = calendar(pd.DatetimeIndex(weather.index))
    sky = sky_hours(weather, site, values.value("solar.albedo"))
    use, place = Use(days, sky.pressure), place_of(sky, values)
    zones = members(forms, kinds)
    rooms = [room_zone(zone, use, place, options) for zone in zones]
    thermal = thermal_hours(rooms, sky)
    if findings is not None:
        _tell_shortfalls(zones, rooms, thermal, findings)
    thermal *= served_shares(zones, values)[:, :, None]
    by_service: dict[str, Floats] = {name: thermal[:, row] for row, name in enumerate(THERMAL)}
    by_service |= electricity(zones, use, values) | annual_services(zones, use, values)
    found = {service: class_sums(zones, by_service[service]) for service in SERVICES}
    classes = list(dict.fromkeys(zone.class_key for zone in zones))
    table = np.empty((len(weather), len(classes) * len(SERVICES)), dtype=np.float32)
    for column, (name, service) in enumerate((name, service) for name in classes for service in SERVICES):
        table[:, column] = found[service][name]
    names = [f"{name}|{service}" for name in classes for service in SERVICES]
    profiles = pd.DataFrame(table, index=pd.DatetimeIndex(weather.index, name="time"), columns=names)
    rows = [(*name.split("|"), service) for name in classes for service in SERVICES]
    intensities = pd.DataFrame(rows, columns=["archetype", "form", "vintage", "service"])
    intensities["kwh_m2"] = table.sum(axis=0, dtype=np.float64) / 1000.0
    intensities["peak_w_m2"] = table.max(axis=0).astype(np.float64)
    return profiles, intensities
