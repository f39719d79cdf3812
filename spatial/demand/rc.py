"""Hourly building model: five resistances and one capacity (5R1C), many zones at a time.

The simple hourly method of ISO 13790:2008 (clause 7.2.2 and annex C), with ventilation, solar and set points given hour
by hour, limits of the plant, windows that are opened when it is too warm inside, and a moisture balance of the air for
the latent load. Everything is per square metre of floor, so a zone is a class and not a building.

References
----------
.. [1] ISO 13790:2008, Energy performance of buildings - Calculation of energy use for space heating and cooling,
   clause 12.2.2 and annex C.
.. [2] EN ISO 52016-1:2017, clause 6.5.7 and 6.6.2 (moisture balance and latent load).
.. [3] Woods, J., Winkler, J., Christensen, D. (2013). Evaluation of the Effective Moisture Penetration Depth Model for
   Estimating Moisture Buffering in Buildings. NREL/TP-5500-57441.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

H_IS = 3.45
"""Heat transfer between air and surfaces [W/m2K], ISO 13790 clause 7.2.2.2."""
H_MS = 9.1
"""Heat transfer between mass and surfaces [W/m2K], ISO 13790 clause 12.2.2."""
SURFACES_PER_FLOOR = 4.5
"""Area of all surfaces facing the room per floor area, ISO 13790 clause 7.2.2.2."""
SECONDS = 3600.0
AIR_HEAT = 0.34
"""Heat capacity of air per volume [Wh/m3K], rounded from 1200 J/m3K of ISO 13790 clause 9.3.1."""
AIR_DENSITY = 1.2
"""Density of air [kg/m3], ISO 13790 clause 9.3.1."""
EVAPORATION = 2501.0
"""Enthalpy of evaporation of water [kJ/kg] at 0 C, ASHRAE Fundamentals 2017, chapter 1."""


@dataclass(frozen=True)
class Zones:
    """Thermal data of the zones, each an array over zones and per floor area.

    Attributes
    ----------
    h_opaque
        Transmission through walls, roof and floor [W/m2K].
    h_window
        Transmission through windows [W/m2K].
    capacity
        Effective heat capacity [J/m2K], ISO 13790 table 12.
    mass_area
        Effective mass area per floor area [m2/m2], ISO 13790 table 12.
    volume
        Air volume per floor area [m3/m2].
    h_open
        Further ventilation while windows are open [W/m2K]; zero where they stay shut.
    heating_limit, cooling_limit
        Capacity of the plant [W/m2]; cooling counts sensible and latent together.
    moisture_buffer
        Moisture that surfaces and furniture hold, as a multiple of that of the air.
    moisture_delay
        Time in which they follow the air [h].
    """

    h_opaque: Floats
    h_window: Floats
    capacity: Floats
    mass_area: Floats
    volume: Floats
    h_open: Floats
    heating_limit: Floats
    cooling_limit: Floats
    moisture_buffer: Floats
    moisture_delay: Floats


@dataclass(frozen=True)
class Drive:
    """What acts on the zones: hours x zones, or hours alone for the outdoor air.

    Attributes
    ----------
    t_out, w_out
        Outdoor temperature [C] and humidity ratio [kg/kg], hours.
    h_vent
        Heat exchange by ventilation and infiltration, after heat recovery [W/m2K], hours x zones.
    moisture_flow
        Air exchange that carries moisture [kg/(m2 h)], after recovery, hours x zones.
    internal, solar
        Heat gains [W/m2], hours x zones.
    moisture_gain
        Moisture released inside [kg/(m2 h)], hours x zones.
    heat_set, cool_set
        Set points of the air [C]; -inf and +inf where the plant is off. Hours x zones.
    w_set
        Highest humidity ratio the cooling allows [kg/kg], hours x zones.
    open_above, open_below
        Windows open where the air was above `open_above` [C] in the hour before, it is cooler outside, though not below
        `open_below` [C], and the cooling plant is off or not needed.
    """

    t_out: Floats
    w_out: Floats
    h_vent: Floats
    moisture_flow: Floats
    internal: Floats
    solar: Floats
    moisture_gain: Floats
    heat_set: Floats
    cool_set: Floats
    w_set: Floats
    open_above: float = np.inf
    open_below: float = -np.inf


@dataclass(frozen=True)
class Loads:
    """Hourly result per floor area, hours x zones.

    Attributes
    ----------
    heating, cooling_sensible, cooling_latent
        Useful demand [W/m2], never negative.
    t_air, t_surface, t_mass
        Temperatures [C]; `t_mass` at the end of the hour.
    t_mass_before
        Mass temperature [C] at the beginning of the first hour, zones.
    h_vent
        Ventilation in fact, with open windows [W/m2K].
    humidity, humidity_held
        Humidity ratio of the air, and of air in balance with surfaces and furniture [kg/kg], at the end of the hour.
    humidity_before
        Both at the beginning of the first hour, 2 x zones.
    """

    heating: Floats
    cooling_sensible: Floats
    cooling_latent: Floats
    t_air: Floats
    t_surface: Floats
    t_mass: Floats
    t_mass_before: Floats
    h_vent: Floats
    humidity: Floats
    humidity_held: Floats
    humidity_before: Floats


def gain_split(zones: Zones, internal: Floats, solar: Floats) -> tuple[Floats, Floats, Floats]:
    """Return the gains [W/m2] to air, surfaces and mass (ISO 13790 equations C.1 to C.3).

    The method lets a part of the radiant gains leave through the windows at once, so the three sum to a little less
    than what comes in.
    """
    total = SURFACES_PER_FLOOR
    radiant = 0.5 * internal + solar
    to_mass = zones.mass_area / total * radiant
    to_surface = (1.0 - zones.mass_area / total - zones.h_window / (H_MS * total)) * radiant
    return 0.5 * internal, to_surface, to_mass


def steady_conductance(zones: Zones, h_vent: Floats) -> Floats:
    """Return the heat [W/m2K] that leaves per degree between air and outdoors in the steady state.

    Ventilation in parallel with the way over surfaces, windows and opaque elements of ISO 13790 annex C.
    """
    h_is = H_IS * SURFACES_PER_FLOOR
    rest = zones.h_window + zones.h_opaque
    return h_vent + h_is * rest / (h_is + rest)


@dataclass(frozen=True)
class _Response:
    """What an hour does without the plant, and what one watt of the plant adds to it."""

    mass: Floats
    surface: Floats
    air: Floats
    mass_gain: Floats
    surface_gain: Floats
    air_gain: Floats


@dataclass(frozen=True)
class _Network:
    """The conductances of the 5R1C model that do not change from hour to hour [W/m2K]."""

    h_is: float
    h_ms: Floats
    h_em: Floats
    h_w: Floats
    store: Floats

    def respond(self, h_ve: Floats, air_in: Floats, surface_in: Floats, mass_in: Floats, before: Floats) -> _Response:
        """Return the response to gains plus conductance times outdoor temperature at each node (annex C.3)."""
        ratio = self.h_is / (h_ve + self.h_is)
        h_2 = h_ve * ratio + self.h_w
        pass_on = self.h_ms / (h_2 + self.h_ms)
        supply = surface_in + ratio * air_in
        half = 0.5 * (h_2 * pass_on + self.h_em)
        mass = (before * (self.store - half) + mass_in + pass_on * supply) / (self.store + half)
        surface = (0.5 * self.h_ms * (before + mass) + supply) / (self.h_ms + h_2)
        mass_gain = pass_on * ratio / (self.store + half)
        surface_gain = (0.5 * self.h_ms * mass_gain + ratio) / (self.h_ms + h_2)
        whole = self.h_is + h_ve
        air = (self.h_is * surface + air_in) / whole
        return _Response(mass, surface, air, mass_gain, surface_gain, (self.h_is * surface_gain + 1.0) / whole)


def _network(zones: Zones) -> _Network:
    h_ms = H_MS * zones.mass_area
    # the opaque elements lie between outdoors and the mass; the film to the surface is part of their resistance
    h_em = 1.0 / (1.0 / zones.h_opaque - 1.0 / h_ms)
    return _Network(H_IS * SURFACES_PER_FLOOR, h_ms, h_em, zones.h_window, zones.capacity / SECONDS)


def _opened(zones: Zones, drive: Drive, hour: int, t_before: Floats) -> Floats:
    """Return the ventilation through open windows in one hour [W/m2K]."""
    out = drive.t_out[hour]
    idle = np.isinf(drive.cool_set[hour]) | (out < drive.open_above)
    return np.where(idle & (t_before > drive.open_above) & (out < t_before), zones.h_open, 0.0)


def _moisture_store(zones: Zones) -> tuple[Floats, Floats]:
    """Return what surfaces and furniture hold [kg/m2] and exchange with the air [kg/(m2 h)] per humidity ratio."""
    held = AIR_DENSITY * zones.volume * zones.moisture_buffer
    return held, held / zones.moisture_delay


def simulate(zones: Zones, drive: Drive, warm_up: int = 336) -> Loads:
    """Return hourly loads and temperatures of all zones.

    Parameters
    ----------
    zones
        Data of `n` zones.
    drive
        Hourly weather, gains, ventilation and set points, `hours` x `n`.
    warm_up
        Last hours of the period run first, so that the start forgets its guess.

    Returns
    -------
    Loads
        Arrays of `hours` x `n`.

    Notes
    -----
    With no plant the air temperature is linear in the plant's power, so one pass finds the power that just reaches the
    set point (ISO 13790 C.4.2 does it with two passes), limited to the plant's capacity.

    Moisture [2]_: the humidity of the air follows from air exchange, gains and what surfaces and furniture give back,
    implicitly in time. These are one layer that follows the air with a delay, as the surface layer of the model of the
    effective moisture penetration depth [3]_ does: a lump that gives its moisture up within the hour would let the
    plant condense a whole night's moisture at its start. While the plant cools, what exceeds `w_set` is condensed, as
    far as the plant has capacity left.
    """
    hours, count = drive.h_vent.shape
    warm_up = min(warm_up, hours)
    network = _network(zones)
    to_air, to_surface, to_mass = gain_split(zones, drive.internal, drive.solar)
    surface_in = to_surface + network.h_w * drive.t_out[:, None]
    mass_in = to_mass + network.h_em * drive.t_out[:, None]
    air_store = AIR_DENSITY * zones.volume
    held_store, exchange = _moisture_store(zones)
    return_flow = exchange * held_store / (held_store + exchange)
    latent_heat = EVAPORATION / 3.6  # W per kg/h
    opens = bool((zones.h_open > 0.0).any())
    result = np.zeros((9, hours, count))
    t_mass = t_air = t_first = np.full(count, 20.0)
    w = held = np.full(count, drive.w_out[-max(warm_up, 1) :].mean())
    w_first = np.stack([w, held])
    for step in range(-warm_up, hours):
        hour = step % hours
        if step == 0:
            t_first, w_first = t_mass, np.stack([w, held])
        out, h_ve, moist = drive.t_out[hour], drive.h_vent[hour], drive.moisture_flow[hour]
        if opens and out >= drive.open_below:
            extra = _opened(zones, drive, hour, t_air)
            h_ve, moist = h_ve + extra, moist + extra * (AIR_DENSITY / AIR_HEAT)
        free = network.respond(h_ve, to_air[hour] + h_ve * out, surface_in[hour], mass_in[hour], t_mass)
        heat = np.minimum(np.maximum(drive.heat_set[hour] - free.air, 0.0) / free.air_gain, zones.heating_limit)
        cool = np.minimum(np.maximum(free.air - drive.cool_set[hour], 0.0) / free.air_gain, zones.cooling_limit)
        plant = heat - cool
        t_mass, t_air = free.mass + free.mass_gain * plant, free.air + free.air_gain * plant
        carried = air_store + moist + return_flow
        w = (air_store * w + moist * drive.w_out[hour] + drive.moisture_gain[hour] + return_flow * held) / carried
        excess = np.where(cool > 0.0, np.maximum(w - drive.w_set[hour], 0.0) * carried * latent_heat, 0.0)
        dry = np.minimum(excess, zones.cooling_limit - cool)
        w = w - dry / (carried * latent_heat)
        held = (held_store * held + exchange * w) / (held_store + exchange)
        result[:, hour] = heat, cool, dry, t_air, free.surface + free.surface_gain * plant, t_mass, h_ve, w, held
    heating, sensible, latent, air, surface, mass, vent, humidity, kept = result
    return Loads(heating, sensible, latent, air, surface, mass, t_first, vent, humidity, kept, w_first)


def heat_balance_residual(zones: Zones, drive: Drive, loads: Loads) -> Floats:
    """Return what the heat balance of each hour leaves over [W/m2], hours x zones: zero but for rounding.

    Gains and plant, less what leaves by ventilation, windows and opaque elements, less what the mass takes up.
    """
    h_em = _network(zones).h_em
    before = np.vstack([loads.t_mass_before[None, :], loads.t_mass[:-1]])
    mean_mass = 0.5 * (before + loads.t_mass)
    out = drive.t_out[:, None]
    gains = sum(gain_split(zones, drive.internal, drive.solar), start=np.zeros_like(drive.internal))
    lost = loads.h_vent * (loads.t_air - out) + zones.h_window * (loads.t_surface - out) + h_em * (mean_mass - out)
    taken = zones.capacity / SECONDS * (loads.t_mass - before)
    return gains + loads.heating - loads.cooling_sensible - lost - taken


def moisture_balance_residual(zones: Zones, drive: Drive, loads: Loads) -> Floats:
    """Return what the moisture balance of each hour leaves over [kg/(m2 h)], hours x zones: zero but for rounding.

    Gains and what outdoor air brings, less what is condensed and what air, surfaces and furniture take up.
    """
    flow = drive.moisture_flow + (loads.h_vent - drive.h_vent) * (AIR_DENSITY / AIR_HEAT)
    brought = flow * (drive.w_out[:, None] - loads.humidity) + drive.moisture_gain
    air_before, held_before = loads.humidity_before
    air = np.diff(loads.humidity, axis=0, prepend=air_before[None, :]) * AIR_DENSITY * zones.volume
    held = np.diff(loads.humidity_held, axis=0, prepend=held_before[None, :]) * _moisture_store(zones)[0]
    return brought - loads.cooling_latent * 3.6 / EVAPORATION - air - held
