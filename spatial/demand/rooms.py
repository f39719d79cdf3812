"""Rooms of a class of buildings as a thermal zone of one square metre of floor."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from spatial.demand.building import Gain, Layer, Leaks, Opaque, SkyHours, Supply, Window, Zone, always, glazing
from spatial.demand.building.kernel import AIR_HEAT, EVAPORATION
from spatial.demand.building.zone import STANDARD_FILMS
from spatial.demand.classes import Member
from spatial.demand.options import DemandOptions
from spatial.demand.use import (
    Use,
    cooling_limit,
    design_loads,
    envelope_value,
    extra_equipment,
    heating_limit,
    infiltration,
)
from spatial.demand.values import Values

Floats = NDArray[np.float64]

EFFECTIVE_DEPTH = 0.1
"""Depth from the inside that takes part in a day's swing [m], ISO 13790:2008 clause 12.3.1.1."""
INNER_SHARE = 0.2
"""Least share of the capacity that inner walls and slabs have."""
INNER_FILM = 0.13
"""Film of an inner surface [m2K/W], ISO 6946:2017 table 7."""
INSULATION = 0.04
"""Conductivity of insulation [W/mK]; its thickness follows from the U-value, so any would do."""
HOURS_PER_DAY = 24
DAYS_NOT_KEPT = 5
"""Days a year on which heating plants need not keep the set point, GB 50736-2012 clause 4.1.2."""
AIR_DENSITY = 1.2
FLAT = always(1.0)


@dataclass(frozen=True, eq=False)
class Place:
    """What the weather is to all buildings of a place.

    Attributes
    ----------
    ground
        Temperature below floors on the ground [C], hours.
    winter
        Outdoor temperature that heating plants are sized for [C].
    """

    ground: Floats
    winter: float


def place_of(sky: SkyHours, values: Values) -> Place:
    """Return what the weather is to all buildings."""
    return Place(ground_temperature(sky.temp_air, values.value("ground.days")), winter_temperature(sky.temp_air))


def ground_temperature(temp_air: Floats, days: float) -> Floats:
    """Return the temperature below floors on the ground [C]: the mean of the air over days before, round the year.

    Parameters
    ----------
    temp_air
        Outdoor air [C], 8,760 hours.
    days
        How long the soil remembers.
    """
    width = round(days * HOURS_PER_DAY)
    sums = np.concatenate([[0.0], np.cumsum(np.concatenate([temp_air[len(temp_air) - width :], temp_air]))])
    return np.asarray((sums[width:] - sums[:-width])[: len(temp_air)] / width)


def winter_temperature(temp_air: Floats) -> float:
    """Return the outdoor temperature heating plants are sized for [C]: a daily mean that five days a year are below."""
    return float(np.sort(temp_air.reshape(-1, HOURS_PER_DAY).mean(axis=1))[DAYS_NOT_KEPT])


def room_zone(member: Member, use: Use, place: Place, options: DemandOptions, values: Values | None = None) -> Zone:
    """Return the rooms of a class as a zone of one square metre of floor.

    Parameters
    ----------
    member
        The rooms.
    use
        Schedules.
    place
        Ground and winter.
    options
        Whether windows are opened.
    values
        Constants as they stand, or drawn from their ranges.
    """
    values = values or Values()
    kind = member.archetype.envelope
    volume = member.archetype.storey_height_m * values.value("air_height_share")
    # the figure of furniture is told with the air of the room
    furniture = max(values.value("mass.furniture") - volume * AIR_DENSITY * AIR_HEAT, 0.0)
    heat_set = use.set_points(member, "heating", values)
    return Zone(
        f"{member.class_key}|{member.schedule}",
        volume,
        _opaque(member, place.ground, values),
        _windows(member, values),
        gains=_gains(member, use, values),
        supplies=_supplies(member, use, volume, values),
        leaks=_leaks(member, volume, values),
        heat_set=heat_set,
        cool_set=use.set_points(member, "cooling", values),
        humidity_set=use.humidity_set(member, values),
        heat_limit=heating_limit(member, place.winter, values),
        cool_limit=cooling_limit(member, values),
        furniture=furniture,
        open_flow=values.value(f"open.{kind}") * volume if options.natural_ventilation else 0.0,
        # who heats to more than that does not open windows at it
        open_above=max(values.value("open.above"), float(heat_set.max())),
        open_below=values.value("open.below"),
        moisture_buffer=values.value("moisture.buffer"),
        moisture_delay=values.value("moisture.delay"),
        blind_from=values.value("solar.movable_from"),
        blind_above=values.value("solar.movable_above"),
        exposure=values.value("wind.exposure"),
    )


def _insulated(u_value: float, mass: Layer, films: float) -> tuple[Layer, ...]:
    """Return a massive layer inside and as much insulation outside as gives a U-value [W/m2K].

    Where the massive layer alone resists more, it conducts better instead.
    """
    resistance = 1.0 / u_value - films
    left = resistance - mass.resistance
    if left <= 0.0:
        return (Layer(mass.thickness, mass.thickness / resistance, mass.density, mass.heat),)
    return mass, Layer(left * INSULATION, INSULATION)


def _capacity(layer: Layer, area: float) -> float:
    return area * min(layer.thickness, EFFECTIVE_DEPTH) * layer.density * layer.heat


def _opaque(member: Member, ground: Floats, values: Values) -> tuple[Opaque, ...]:
    """Return walls to four sides, roof, floor on the ground, and what is inside."""
    kind, shape = member.archetype.envelope, member.shape
    massive = Layer(*(values.value(f"wall.{kind}.{part}") for part in ("thickness", "conductivity", "density", "heat")))
    slab = Layer(*(values.value(f"slab.{part}") for part in ("thickness", "conductivity", "density", "heat")))
    absorptance = values.value("solar.absorptance")
    closed = 1.0 - member.archetype.window_share
    walls = _insulated(envelope_value(member, "wall", values), massive, STANDARD_FILMS)
    # what stands opposite hides its share of the sun from walls as from windows
    lit = absorptance * wall_view(member, values)
    parts = [
        Opaque(f"wall {azimuth:.0f}", area * closed, walls, azimuth=azimuth, absorptance=lit)
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


def wall_view(member: Member, values: Values) -> float:
    """Return the share of light that buildings and trees opposite leave to walls and windows.

    Buildings as the plan has them, where it tells; else both as they usually stand.
    """
    if member.shape.light is None:
        return values.value("solar.view")
    return member.shape.light * values.value("solar.trees")


def _windows(member: Member, values: Values) -> tuple[Window, ...]:
    glass = glazing(envelope_value(member, "window", values), envelope_value(member, "shgc", values))
    view, blind = wall_view(member, values) * values.value("solar.overhang"), values.value("solar.movable")
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
    breath = loads.people * person * moist * 3.6 / EVAPORATION
    gains = [
        Gain(use.pattern(member, "occupancy"), loads.people * person * (1.0 - moist), radiant, breath),
        Gain(use.pattern(member, "lighting"), loads.lighting, radiant),
        Gain(use.pattern(member, "equipment"), loads.equipment, radiant),
    ]
    _, flat = extra_equipment(member, values)
    if flat > 0.0:
        gains.append(Gain(FLAT, flat, radiant))
    if member.archetype.envelope == "residential":
        gains.append(Gain(FLAT, 0.0, radiant, values.value("residential.moisture") / 1000.0))
    return tuple(gains)


def _supplies(member: Member, use: Use, volume: float, values: Values) -> tuple[Supply, ...]:
    sensible = values.value(f"recovery.{member.vintage}.sensible")
    latent = values.value(f"recovery.{member.vintage}.latent")
    by_fan = envelope_value(member, "mechanical", values) * volume
    flows = [(use.pattern(member, "fresh_air"), design_loads(member, values).fresh_air), (FLAT, by_fan)]
    return tuple(Supply(pattern, flow, sensible, latent) for pattern, flow in flows if flow > 0.0)


def _leaks(member: Member, volume: float, values: Values) -> Leaks:
    """Return leaks of which a part follows wind and stack; in a wind and cold of reference they come to the rate."""
    rate, share = infiltration(member, values), values.value("leaks.share")
    drawn = Leaks()
    force = drawn.stack * values.value("leaks.difference") + drawn.wind * values.value("leaks.wind") ** 2
    litres = rate * share * volume * 1000.0 / 3600.0
    return Leaks(rate * (1.0 - share), litres / float(np.sqrt(force)))
