"""Classes of the building model: the zones of every archetype in every vintage, as arrays."""

from dataclasses import dataclass
from itertools import product

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from layers.archetypes import Archetype, archetypes
from layers.constants import Constants, constants
from layers.tables.stock import VINTAGES
from spatial.demand.humidity import humidity_ratio
from spatial.demand.options import DemandOptions
from spatial.demand.rc import AIR_DENSITY, AIR_HEAT, EVAPORATION, Drive, Zones
from spatial.demand.schedules import Calendar, hourly, in_season

Floats = NDArray[np.float64]

STANDARD_PRESSURE = 101_325.0
ORIENTATIONS = ("north", "east", "south", "west")


def demand_constants() -> Constants:
    """Return the constants of the building model."""
    return constants("spatial.demand", "constants.csv")


@dataclass(frozen=True)
class Member:
    """One zone of an archetype in one vintage, and the share of the floor area it stands for."""

    archetype: Archetype
    vintage: str
    schedule: str
    load: str
    share: float

    @property
    def class_key(self) -> str:
        """Archetype and vintage."""
        return f"{self.archetype.archetype}|{self.vintage}"


def members() -> list[Member]:
    """Return the zones of all archetypes in all vintages."""
    shares = demand_constants().under("zone_share")
    found = []
    for archetype, vintage in product(archetypes().values(), VINTAGES):
        schedules, loads = archetype.schedule_key.split("+"), archetype.load_key.split("+")
        loads = loads * len(schedules) if len(loads) == 1 else loads
        for schedule, load in zip(schedules, loads, strict=True):
            share = 1.0 if len(schedules) == 1 else shares[f"{archetype.schedule_key}.{schedule}"].value
            found.append(Member(archetype, vintage, schedule, load, share))
    return found


def _values(keys: list[str]) -> Floats:
    table = demand_constants()
    return np.array([table.value(key) for key in keys])


@dataclass(frozen=True)
class Geometry:
    """Surfaces of a class's typical building per floor area [m2/m2]; walls and windows by orientation."""

    wall: dict[str, Floats]
    window: dict[str, Floats]
    roof: Floats


def geometry(zones: list[Member]) -> Geometry:
    """Return the surfaces per floor area of the typical block of each zone's archetype.

    A block of depth d, length l and storey height h has facades of ``h / d`` to north and south each and ``h / l`` to
    east and west each per floor area; roof and ground are one over the number of floors.
    """
    sizes = constants("layers", "stock.csv").under("massing")
    storey = np.array([zone.archetype.storey_height_m for zone in zones])
    depth = np.array([sizes[f"{zone.archetype.massing}.depth_m"].value for zone in zones])
    length = np.array([sizes[f"{zone.archetype.massing}.length_m"].value for zone in zones])
    glass = np.array([zone.archetype.window_share for zone in zones])
    facade = {"north": storey / depth, "east": storey / length, "south": storey / depth, "west": storey / length}
    return Geometry(
        wall={name: area * (1.0 - glass) for name, area in facade.items()},
        window={name: area * glass for name, area in facade.items()},
        roof=1.0 / np.array([zone.archetype.floors for zone in zones]),
    )


def _envelope(zones: list[Member], part: str) -> Floats:
    return _values([f"envelope.{zone.archetype.envelope}.{zone.vintage}.{part}" for zone in zones])


def cooling_limit(zones: list[Member]) -> Floats:
    """Return the capacity of the cooling plant per cooled area [W/m2].

    Plants are sized with an index for a share of the floor area. Where more of it is cooled at a time, it shares the
    plant.
    """
    index = _values([f"plant.{zone.load}.cooling" for zone in zones])
    sized = _values([f"cooled_share.{zone.load}" for zone in zones])
    cooled = _values([f"use.{zone.archetype.enduse_key}.cooling" for zone in zones])
    return np.asarray(index * np.minimum(1.0, sized / cooled))


def zone_data(zones: list[Member], options: DemandOptions) -> Zones:
    """Return the thermal data of the zones from envelope, mass and plant constants."""
    shapes = geometry(zones)
    kinds = [zone.archetype.envelope for zone in zones]
    volume = np.array([zone.archetype.storey_height_m for zone in zones]) * demand_constants().value("air_height_share")
    ground = _values([f"ground.{zone.vintage}" for zone in zones])
    open_rate = _values([f"open.{kind}" for kind in kinds]) if options.natural_ventilation else np.zeros(len(zones))
    walls = sum(shapes.wall.values(), start=np.zeros(len(zones)))
    windows = sum(shapes.window.values(), start=np.zeros(len(zones)))
    return Zones(
        h_opaque=_envelope(zones, "wall") * walls + (_envelope(zones, "roof") + ground) * shapes.roof,
        h_window=_envelope(zones, "window") * windows,
        capacity=_values([f"mass.{kind}.capacity" for kind in kinds]),
        mass_area=_values([f"mass.{kind}.area" for kind in kinds]),
        volume=volume,
        h_open=AIR_HEAT * open_rate * volume,
        heating_limit=_values([f"plant.{zone.load}.heating" for zone in zones])
        * _values([f"plant_size.{zone.vintage}" for zone in zones]),
        cooling_limit=cooling_limit(zones),
        moisture_buffer=np.full(len(zones), demand_constants().value("moisture.buffer")),
        moisture_delay=np.full(len(zones), demand_constants().value("moisture.delay")),
    )


def solar_gains(zones: list[Member], irradiance: pd.DataFrame, weather: pd.DataFrame) -> Floats:
    """Return the solar gains [W/m2] through windows and opaque elements, less their long-wave loss to the sky.

    ISO 13790:2008 clause 11.3.2 to 11.4.6. Curtains are drawn on a facade while the sun on it is strong and it is warm.
    """
    table = demand_constants()
    shapes = geometry(zones)
    strong = irradiance[list(ORIENTATIONS)].to_numpy() > table.value("solar.movable_from")
    warm = weather["temp_air"].to_numpy() > table.value("solar.movable_above")
    drawn = np.where(strong & warm[:, None], table.value("solar.movable"), 1.0) * table.value("solar.shading")
    through = irradiance[list(ORIENTATIONS)].to_numpy() * drawn
    shgc = _envelope(zones, "shgc")
    gains = through @ np.array([shapes.window[name] * shgc for name in ORIENTATIONS])
    film = table.value("solar.film")
    to_sky = table.value("solar.sky_exchange") * table.value("solar.sky_difference")
    absorbed = irradiance * table.value("solar.absorptance")
    for name in ORIENTATIONS:
        conductance = film * _envelope(zones, "wall") * shapes.wall[name]
        net = absorbed[name].to_numpy() * table.value("solar.shading") - 0.5 * to_sky
        gains += net[:, None] * conductance
    return np.asarray(
        gains + (absorbed["roof"].to_numpy() - to_sky)[:, None] * film * _envelope(zones, "roof") * shapes.roof
    )


@dataclass(frozen=True)
class Operation:
    """Use of the zones, hours x zones: people [1/m2], lamps, equipment [W/m2], set points [C], fresh air [m3/h m2]."""

    people: Floats
    lighting: Floats
    equipment: Floats
    heat_set: Floats
    cool_set: Floats
    fresh_air: Floats


def operation(zones: list[Member], days: Calendar) -> Operation:
    """Return loads times schedules, and set points within the season.

    Loads are those of GB 55015-2021 appendix C times the use factors that turn design rooms into whole buildings.
    """
    table = demand_constants()
    names = sorted({zone.schedule for zone in zones})
    column = [names.index(zone.schedule) for zone in zones]
    plans = {
        quantity: np.column_stack([hourly(name, quantity, days) for name in names])[:, column]
        for quantity in ("occupancy", "lighting", "equipment", "heating_setpoint", "cooling_setpoint", "fresh_air")
    }
    keys = [zone.archetype.enduse_key for zone in zones]
    load = {
        quantity: _values([f"load.{zone.load}.{quantity}" for zone in zones])
        for quantity in ("occupancy", "lighting", "equipment", "fresh_air")
    }
    lighting = load["lighting"] * _values([f"use.{key}.lighting" for key in keys])
    lighting *= _values([f"lighting.{zone.vintage}" for zone in zones])
    equipment = load["equipment"] * _values([f"use.{key}.equipment" for key in keys])
    equipment *= _values([f"equipment.{zone.vintage}" for zone in zones])
    kinds = [zone.archetype.envelope for zone in zones]
    seasons = {
        (kind, mode): in_season(days.times, table[f"season.{kind}.{mode}"].text)
        for kind in sorted(set(kinds))
        for mode in ("heating", "cooling")
    }
    heating_on = np.column_stack([seasons[kind, "heating"] for kind in kinds])
    cooling_on = np.column_stack([seasons[kind, "cooling"] for kind in kinds])
    heat_set, cool_set = plans["heating_setpoint"], plans["cooling_setpoint"]
    return Operation(
        people=plans["occupancy"] * load["occupancy"],
        lighting=plans["lighting"] * lighting,
        equipment=plans["equipment"] * equipment,
        heat_set=np.where(heating_on & ~np.isnan(heat_set), heat_set, -np.inf),
        cool_set=np.where(cooling_on & ~np.isnan(cool_set), cool_set, np.inf),
        fresh_air=plans["fresh_air"]
        * (load["occupancy"] * load["fresh_air"] * _values([f"fresh_air.{zone.vintage}" for zone in zones])),
    )


def extra_equipment(zones: list[Member]) -> tuple[Floats, Floats]:
    """Return flat equipment beyond the schedules [W/m2] and the part of it that heats the rooms [W/m2]."""
    extra = demand_constants().under("extra")
    power, gain = np.zeros((2, len(zones)))
    for column, zone in enumerate(zones):
        name = zone.archetype.archetype
        if f"{name}.equipment" in extra:
            power[column] = extra[f"{name}.equipment"].value * 1000.0 / 8760.0
            gain[column] = power[column] * extra[f"{name}.gain"].value
    return power, gain


def drive(zones: list[Member], data: Zones, use: Operation, solar: Floats, weather: pd.DataFrame) -> Drive:
    """Return what acts on the zones each hour."""
    table = demand_constants()
    vintages = [zone.vintage for zone in zones]
    sensible = _values([f"recovery.{vintage}.sensible" for vintage in vintages])
    latent = _values([f"recovery.{vintage}.latent" for vintage in vintages])
    air = _values([f"air.{zone.archetype.enduse_key}" for zone in zones])
    leaks = _envelope(zones, "infiltration") * data.volume * air
    supplied = use.fresh_air * air + _envelope(zones, "mechanical") * data.volume
    person = table.value("gain.person")
    moist_share = table.value("gain.person.latent_share")
    homes = np.array([zone.archetype.envelope == "residential" for zone in zones])
    activity = np.where(homes, table.value("residential.moisture") / 1000.0, 0.0)
    people_moisture = use.people * person * moist_share * 3.6 / EVAPORATION
    limit = _values([f"moisture.limit.{zone.archetype.envelope}" for zone in zones])
    return Drive(
        t_out=weather["temp_air"].to_numpy(dtype=np.float64),
        w_out=humidity_ratio(weather["temp_air"], weather["relative_humidity"], weather["pressure"]),
        h_vent=AIR_HEAT * (leaks + supplied * (1.0 - sensible)),
        moisture_flow=AIR_DENSITY * (leaks + supplied * (1.0 - latent)),
        internal=use.people * person * (1.0 - moist_share) + use.lighting + use.equipment + extra_equipment(zones)[1],
        solar=solar,
        moisture_gain=people_moisture + activity,
        heat_set=use.heat_set,
        cool_set=use.cool_set,
        w_set=humidity_ratio(np.nan_to_num(use.cool_set, posinf=0.0), limit, STANDARD_PRESSURE),
        open_above=table.value("open.above"),
        open_below=table.value("open.below"),
    )
