"""Rooms of a class of buildings as a thermal zone of one square metre of floor."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from spatial.demand.building import Gain, Layer, Leaks, Opaque, Supply, Window, Zone, always, glazing
from spatial.demand.building.humidity import humidity_ratio
from spatial.demand.building.kernel import EVAPORATION
from spatial.demand.building.sky import SkyHours
from spatial.demand.building.zone import STANDARD_FILMS
from spatial.demand.classes import Member
from spatial.demand.options import DemandOptions
from spatial.demand.schedules import Calendar, hourly, in_season, own_hourly
from spatial.demand.values import Values

Floats = NDArray[np.float64]

STANDARD_PRESSURE = 101_325.0
EFFECTIVE_DEPTH = 0.1
"""Depth from the inside that takes part in a day's swing [m], ISO 13790:2008 clause 12.3.1.1."""
INNER_SHARE = 0.2
"""Least share of the capacity that inner walls and slabs have."""
HOURS_PER_DAY = 24
OVERRIDDEN = {
    "occupancy": "occupancy_per_m2",
    "lighting": "lighting_w_m2",
    "equipment": "equipment_w_m2",
    "fresh_air": "fresh_air_m3_h_person",
    "wall": "wall_u",
    "roof": "roof_u",
    "window": "window_u",
    "shgc": "shgc",
    "infiltration": "infiltration_1_h",
    "heating_setpoint": "heating_set_c",
    "cooling_setpoint": "cooling_set_c",
}
"""Figure of the model to the column an archetype may state it in."""


@dataclass(frozen=True)
class Loads:
    """What goes on in rooms at most: people [1/m2], lamps, equipment [W/m2], fresh air [m3/(h m2)]."""

    people: float
    lighting: float
    equipment: float
    fresh_air: float


def design_loads(member: Member, values: Values) -> Loads:
    """Return the loads of rooms with all in them.

    Those of GB 55015-2021 appendix C times the use factors that turn design rooms into whole buildings; what an
    archetype states of its own goes before the figures of the code, and is the same for all vintages.
    """
    own, kind, vintage = member.archetype.overrides, member.archetype.enduse_key, member.vintage

    def load(quantity: str, by_vintage: str) -> float:
        stated = own.get(OVERRIDDEN[quantity])
        if stated is not None:
            return stated
        return values.value(f"load.{member.load}.{quantity}") * (values.value(by_vintage) if by_vintage else 1.0)

    people = load("occupancy", "")
    return Loads(
        people,
        load("lighting", f"lighting.{vintage}") * values.value(f"use.{kind}.lighting"),
        load("equipment", f"equipment.{vintage}") * values.value(f"use.{kind}.equipment"),
        people * load("fresh_air", f"fresh_air.{vintage}"),
    )


def envelope_value(member: Member, part: str, values: Values) -> float:
    """Return a figure of the envelope: the archetype's own, else that of its vintage."""
    stated = member.archetype.overrides.get(OVERRIDDEN.get(part, ""))
    key = f"envelope.{member.archetype.envelope}.{member.vintage}.{part}"
    return values.value(key) if stated is None else stated


def extra_equipment(member: Member, values: Values) -> tuple[float, float]:
    """Return flat equipment beyond the schedules [W/m2] and the part of it that heats the rooms [W/m2]."""
    base = member.archetype.base
    if f"extra.{base}.equipment" not in values or "equipment_w_m2" in member.archetype.overrides:
        return 0.0, 0.0
    power = values.value(f"extra.{base}.equipment") * 1000.0 / 8760.0
    return power, power * values.value(f"extra.{base}.gain")


def cooling_limit(member: Member, values: Values) -> float:
    """Return the capacity of the cooling plant per cooled area [W/m2].

    Plants are sized with an index for a share of the floor area. Where more of it is cooled at a time, it shares the
    plant.
    """
    sized, cooled = (
        values.value(f"cooled_share.{member.load}"),
        values.value(f"use.{member.archetype.enduse_key}.cooling"),
    )
    return values.value(f"plant.{member.load}.cooling") * min(1.0, sized / cooled)


@dataclass
class Use:
    """Schedules over the year, each made once and shared by all zones that follow it."""

    days: Calendar
    made: dict[tuple[str, str, str], Floats] = field(default_factory=dict)

    def pattern(self, member: Member, quantity: str) -> Floats:
        """Return the schedule of rooms: their archetype's own, else that of the code."""
        own = quantity in {name for name, _ in member.archetype.schedules}
        key = (member.archetype.archetype if own else member.schedule, quantity, "own" if own else "code")
        if key not in self.made:
            self.made[key] = (
                own_hourly(member.archetype, quantity, self.days)
                if own
                else hourly(member.schedule, quantity, self.days)
            )
        return self.made[key]

    def set_points(self, member: Member, mode: str, values: Values) -> Floats:
        """Return the set point [C] for heating or cooling; without bound while the plant is off or out of season."""
        off = -np.inf if mode == "heating" else np.inf
        stated = member.archetype.overrides.get(OVERRIDDEN[f"{mode}_setpoint"])
        key = (f"{member.archetype.envelope}|{member.schedule}|{member.archetype.archetype}", mode, str(stated))
        if key not in self.made:
            plan = self.pattern(member, f"{mode}_setpoint")
            plan = plan if stated is None or _scheduled(member, mode) else np.where(np.isnan(plan), np.nan, stated)
            season = in_season(self.days.times, values.table[f"season.{member.archetype.envelope}.{mode}"].text)
            self.made[key] = np.where(season & ~np.isnan(plan), plan, off)
        return self.made[key]

    def humidity_set(self, member: Member, values: Values) -> Floats:
        """Return the highest humidity ratio while cooling [kg/kg]."""
        limit = values.value(f"moisture.limit.{member.archetype.envelope}")
        key = (f"{member.archetype.envelope}|{member.schedule}|{member.archetype.archetype}", "humidity", str(limit))
        if key not in self.made:
            cool = np.nan_to_num(self.set_points(member, "cooling", values), posinf=0.0)
            self.made[key] = humidity_ratio(cool, limit, STANDARD_PRESSURE)
        return self.made[key]


def _scheduled(member: Member, mode: str) -> bool:
    return f"{mode}_setpoint" in {name for name, _ in member.archetype.schedules}


def ground_temperature(sky: SkyHours, days: float) -> Floats:
    """Return the temperature below floors on the ground [C]: the mean of the air over days before, round the year.

    Parameters
    ----------
    sky
        Its air temperature counts.
    days
        How long the soil remembers.
    """
    air = sky.temp_air
    width = round(days * HOURS_PER_DAY)
    sums = np.concatenate([[0.0], np.cumsum(np.concatenate([air[len(air) - width :], air]))])
    return np.asarray((sums[width:] - sums[:-width])[: len(air)] / width)


def _insulated(u_value: float, mass: Layer, films: float) -> tuple[Layer, ...]:
    """Return a massive layer inside and as much insulation outside as gives a U-value [W/m2K].

    Where the massive layer alone resists more, it conducts better instead.
    """
    resistance = 1.0 / u_value - films
    left = resistance - mass.resistance
    if left <= 0.0:
        return (Layer(mass.thickness, mass.thickness / max(resistance, 1e-3), mass.density, mass.heat),)
    return mass, Layer(left * INSULATION, INSULATION)


INSULATION = 0.04
"""Conductivity of insulation [W/mK]; its thickness follows from the U-value, so any would do."""


def _capacity(layer: Layer, area: float) -> float:
    return area * min(layer.thickness, EFFECTIVE_DEPTH) * layer.density * layer.heat


def room_zone(member: Member, use: Use, ground: Floats, options: DemandOptions, values: Values | None = None) -> Zone:
    """Return the rooms of a class as a zone of one square metre of floor.

    Parameters
    ----------
    member
        The rooms.
    use
        Schedules.
    ground
        Temperature below the floor on the ground [C], hours.
    options
        Whether windows are opened.
    values
        Constants as they stand, or drawn from their ranges.
    """
    values = values or Values()
    kind = member.archetype.envelope
    volume = member.archetype.storey_height_m * values.value("air_height_share")
    return Zone(
        f"{member.class_key}|{member.schedule}",
        volume,
        _opaque(member, ground, values),
        _windows(member, values),
        gains=_gains(member, use, values),
        supplies=_supplies(member, use, volume, values),
        leaks=Leaks(
            envelope_value(member, "infiltration", values) * values.value(f"air.{member.archetype.enduse_key}")
        ),
        heat_set=use.set_points(member, "heating", values),
        cool_set=use.set_points(member, "cooling", values),
        humidity_set=use.humidity_set(member, values),
        heat_limit=values.value(f"plant.{member.load}.heating") * values.value(f"plant_size.{member.vintage}"),
        cool_limit=cooling_limit(member, values),
        furniture=values.value("mass.furniture"),
        open_flow=values.value(f"open.{kind}") * volume if options.natural_ventilation else 0.0,
        open_above=values.value("open.above"),
        open_below=values.value("open.below"),
        moisture_buffer=values.value("moisture.buffer"),
        moisture_delay=values.value("moisture.delay"),
        blind_from=values.value("solar.movable_from"),
        blind_above=values.value("solar.movable_above"),
        exposure=values.value("wind.exposure"),
    )


def _opaque(member: Member, ground: Floats, values: Values) -> tuple[Opaque, ...]:
    """Return walls to four sides, roof, floor on the ground, and what is inside."""
    kind, shape = member.archetype.envelope, member.shape
    massive = Layer(*(values.value(f"wall.{kind}.{part}") for part in ("thickness", "conductivity", "density", "heat")))
    slab = Layer(*(values.value(f"slab.{part}") for part in ("thickness", "conductivity", "density", "heat")))
    absorptance = values.value("solar.absorptance")
    closed = 1.0 - member.archetype.window_share
    walls = _insulated(envelope_value(member, "wall", values), massive, STANDARD_FILMS)
    parts = [
        Opaque(f"wall {azimuth:.0f}", area * closed, walls, azimuth=azimuth, absorptance=absorptance)
        for azimuth, area in shape.sides.items()
        if area * closed > 0.0
    ]
    held = sum(_capacity(walls[0], part.area) for part in parts)
    roof = _insulated(envelope_value(member, "roof", values), slab, STANDARD_FILMS)
    parts.append(Opaque("roof", shape.roof, roof, tilt=0.0, absorptance=absorptance))
    # both faces of a floor on the ground have films of inner surfaces
    floor = _insulated(values.value(f"ground.{member.vintage}"), slab, 2.0 * INNER_FILM)
    parts.append(Opaque("ground", shape.roof, floor, tilt=180.0, facing="space", outside_temperature=ground))
    held += _capacity(roof[0], shape.roof) + _capacity(floor[0], shape.roof)
    whole, area = values.value(f"mass.{kind}.capacity"), values.value(f"mass.{kind}.area")
    inside = max(whole - held, INNER_SHARE * whole)
    thickness = inside / (area * slab.density * slab.heat)
    inner = Layer(thickness, slab.conductivity, slab.density, slab.heat)
    parts.append(Opaque("inside", area, (inner,), tilt=180.0, facing="adiabatic"))
    return tuple(parts)


INNER_FILM = 0.13
"""Film of an inner surface [m2K/W], ISO 6946:2017 table 7."""


def _windows(member: Member, values: Values) -> tuple[Window, ...]:
    glass = glazing(envelope_value(member, "window", values), envelope_value(member, "shgc", values))
    view, blind = values.value("solar.shading"), values.value("solar.movable")
    return tuple(
        Window(f"window {azimuth:.0f}", area, glass, azimuth=azimuth, view=view, blind=blind)
        for azimuth, area in (
            (azimuth, area * member.archetype.window_share) for azimuth, area in member.shape.sides.items()
        )
        if area > 0.0
    )


def _gains(member: Member, use: Use, values: Values) -> tuple[Gain, ...]:
    loads = design_loads(member, values)
    person, moist = values.value("gain.person"), values.value("gain.person.latent_share")
    radiant = values.value("gain.radiant")
    equipment = use.pattern(member, "equipment")
    breath = moist / (1.0 - moist) * 3.6 / EVAPORATION
    homely = 0.0
    used = loads.equipment * float(equipment.mean())
    if member.archetype.envelope == "residential" and used > 0.0:
        # cooking, washing and plants give off moisture as the equipment is used
        homely = values.value("residential.moisture") / 1000.0 / used
    gains = [
        Gain(use.pattern(member, "occupancy"), loads.people * person * (1.0 - moist), radiant, breath),
        Gain(use.pattern(member, "lighting"), loads.lighting, radiant),
        Gain(equipment, loads.equipment, radiant, homely),
    ]
    _, flat = extra_equipment(member, values)
    if flat > 0.0:
        gains.append(Gain(FLAT, flat, radiant))
    return tuple(gains)


FLAT = always(1.0)


def _supplies(member: Member, use: Use, volume: float, values: Values) -> tuple[Supply, ...]:
    air = values.value(f"air.{member.archetype.enduse_key}")
    sensible = values.value(f"recovery.{member.vintage}.sensible")
    latent = values.value(f"recovery.{member.vintage}.latent")
    by_fan = envelope_value(member, "mechanical", values) * volume
    flows = [(use.pattern(member, "fresh_air"), design_loads(member, values).fresh_air * air), (FLAT, by_fan)]
    return tuple(Supply(pattern, flow, sensible, latent) for pattern, flow in flows if flow > 0.0)
