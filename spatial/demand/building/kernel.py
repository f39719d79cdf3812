"""The compiled heart of the building model: one zone, one year, hour by hour.

Every opaque element is a chain of nodes from its inner to its outer surface, every window a node without mass. Inner
surfaces exchange heat with the air and, by radiation, with one node of mean radiant temperature, as in EN ISO
52016-1:2017 clause 6.5.6, where the surfaces see each other by their areas. So an hour costs a sweep there and back
along each chain and a system of two unknowns, implicitly in time. What lies between the two surfaces of a chain never
changes: it is eliminated once, so the sweeps need no division.
"""

import numpy as np
from numpy.typing import NDArray

from layers.compiling import compiled
from layers.weather.light import LOWEST_SUN

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

SECONDS = 3600.0
AIR_HEAT = 1006.0
"""Specific heat of dry air [J/kgK], ASHRAE Fundamentals 2017, chapter 1, equation 30."""
EVAPORATION = 2501.0
"""Enthalpy of evaporation of water [kJ/kg] at 0 C, ASHRAE Fundamentals 2017, chapter 1, equation 30."""
KELVIN = 273.15
WINDWARD, WINDWARD_POWER = 3.26, 0.89
LEEWARD, LEEWARD_POWER = 3.55, 0.617
"""Film of forced convection on smooth faces by the wind [W/m2K, m/s], measured by Yazdanian and Klems (1994), ASHRAE
Transactions 100(1), 1087-1096; faces are taken half to windward and half to leeward. With still air and roughness as in
DOE-2: ``still + roughness (sqrt(still2 + forced2) - still)``."""
LEAST_OUTER = 0.1
"""Least film outside [W/m2K]: what neither radiates nor feels a wind would have none."""
GLASS_OVER = 2.0
"""By how much the outer face of glass is taken to be warmer than the air [K]."""
GLASS_RADIANT = 0.6
"""Share of the heat of sunlit glass that it gives to the room by radiation: films of 4.8 against 3.0 W/m2K."""
ADIABATIC = -2
LATENT_W = EVAPORATION / 3.6
"""Heat [W] of one kilogram of water condensed in an hour."""

CHANNELS = (
    "heating",
    "cooling_sensible",
    "cooling_latent",
    "t_air",
    "t_radiant",
    "humidity",
    "gains",
    "transmission",
    "ventilation",
    "storage",
    "moisture_in",
    "moisture_stored",
)
"""What the kernel writes for each hour, in this order; see ``simulate.Loads``."""

(
    AREA,
    FILM,
    WARMER,
    COLDER,
    RADIANT,
    OUTER,
    ROUGH,
    RISING,
    SINKING,
    EMIT,
    TO_SKY,
    ABSORB,
    SUN_INSIDE,
    BETWEEN,
    TRANSMIT,
    INWARD,
    SUNLIT,
    SEES_SKY,
    SEES_GROUND,
    BLIND,
) = range(20)
"""Columns of the table of surfaces.

Area [m2]; inside, the least film to the air [W/m2K], its rise with the cube root of the difference where the surface
is warmer and colder than the air [W/m2K(4/3)], and the film to the radiant node [W/m2K]. Outside, the film [W/m2K]
where it is given (nought: that of wind and sky), roughness, rise of the film in still air where the face is warmer and
colder [W/m2K(4/3)], emittance times the constant of Stefan and Boltzmann [W/m2K4], share of long waves from the sky,
solar absorptance. Share of the sun in the room. Of windows, the conductance from inner to outer face [W/m2K] (nought:
not a window), rows of their angular tables, row of the sunlit share (-1: all), shares of the diffuse light of sky and
ground that pass the shades, and the share a drawn blind lets through.
"""

(PLANE, FIRST, NODES, OUTSIDE) = range(4)
"""Columns of the table of places: plane, first node, number of nodes, pattern of the temperature outside (-1: weather,
-2: none, adiabatic)."""

(
    CAPACITY,
    VOLUME,
    DENSITY,
    HEAT_LIMIT,
    COOL_LIMIT,
    OPEN_FLOW,
    OPEN_ABOVE,
    OPEN_BELOW,
    LEAK,
    STACK,
    WIND,
    BUFFER,
    DELAY,
    BLIND_FROM,
    BLIND_ABOVE,
    EXPOSURE,
) = range(16)
"""Columns of the table of zones.

Heat capacity of air and furniture [J/K], air volume [m3], air density [kg/m3], limits of the plant [W], air flow
through open windows [m3/h], the air above which and the outdoor air below which they are not opened [C], constant leaks
[m3/h], stack and wind coefficients [(m3/h)2/K and (m3/h)2/(m/s)2], moisture buffer as a multiple of the air's and its
delay [h], sun on the window [W/m2] and outdoor air [C] above which blinds are drawn, wind at the walls over that of the
weather.
"""

(HEAT_SET, COOL_SET, W_SET) = range(3)
"""Columns of the table of set points: rows of the patterns."""

(GAIN, FLOW) = range(2)
"""Kinds of series: heat gains and supplied air."""

(SCALE, SHARE_A, SHARE_B) = range(3)
"""Columns of the table of series: scale; of gains radiant share and moisture [kg/h]; of air the recovered
share of heat and of moisture."""


STEPS = 8.0
"""Steps of the table of cube roots in a kelvin."""
ROOTS = np.cbrt(np.arange(1025) / STEPS)


@compiled
def cube_root(difference: float) -> float:
    """Return the cube root of a temperature difference [K], within 1.4 % from an eighth of a kelvin to 128 K.

    The film coefficients take it fourteen times an hour; the library's function would double the time of a zone.
    """
    place = min(difference * STEPS, 1023.0)
    low = int(place)
    return float(ROOTS[low] + (place - low) * (ROOTS[low + 1] - ROOTS[low]))


@compiled
def eliminate(
    places: Integers,
    stored: Floats,
    conductance: Floats,
    pass_on: Floats,
    inverse: Floats,
    weight: Floats,
    ends: Floats,
) -> None:
    """Eliminate the nodes between the two surfaces of each chain.

    Parameters
    ----------
    places, stored, conductance
        Table of places; of each node heat capacity over the time step, and conductance outwards [W/m2K].
    pass_on, inverse, weight
        Filled for each node: the share of what is known at the next node that it takes over, the inverse of its pivot
        [m2K/W], and the share of the temperature of the outer surface in its own.
    ends
        Filled for each surface: pivots of the inner and the outer node without films, and the conductance between them
        [W/m2K].
    """
    for s in range(places.shape[0]):
        first, last = places[s, FIRST], places[s, FIRST] + places[s, NODES] - 1
        if first == last:
            continue
        outer = stored[last] + conductance[last - 1]
        to_last, taken = conductance[last - 1], 0.0
        for n in range(last - 1, first, -1):
            pivot = stored[n] + conductance[n] + conductance[n - 1] - taken
            inverse[n] = 1.0 / pivot
            weight[n] = to_last / pivot
            outer -= to_last * weight[n]
            pass_on[n - 1] = conductance[n - 1] / pivot
            to_last *= pass_on[n - 1]
            taken = conductance[n - 1] * pass_on[n - 1]
        ends[s, 0], ends[s, 1], ends[s, 2] = stored[first] + conductance[first] - taken, outer, to_last


@compiled
def run_zone(  # noqa: PLR0915, PLR0912, C901 - one loop that the compiler must see whole
    zone: Floats,
    setpoints: Integers,
    surfaces: Floats,
    places: Integers,
    capacity: Floats,
    conductance: Floats,
    planes: Floats,
    series: Floats,
    series_kind: Integers,
    series_row: Integers,
    patterns: Floats,
    angular: Floats,
    sunlit: Floats,
    sky: Floats,
    warm_up: int,
    out: Floats,
) -> None:
    """Fill `out` (channels x hours) with the year of one zone.

    Parameters
    ----------
    zone, setpoints, surfaces, places, planes, series
        Tables with the columns named above; `planes` holds the unit normal (east, north, up) and the tilt's cosine.
    capacity, conductance
        Of each node [J/m2K], and to the next node outwards [W/m2K].
    patterns
        Rows of hourly values that set points and series point at.
    angular
        Rows of 92 values: a property of glass at 0, 1 .. 90 degrees, then for diffuse light.
    sunlit
        Rows of the share of a shaded window the sun meets, each hour.
    sky
        Hours x 14, the columns of ``sky.SkyHours``.
    warm_up
        Hours of the end of the year that are run first.
    """
    hours = sky.shape[0]
    count = surfaces.shape[0]
    nodes = capacity.shape[0]
    heat_scale = zone[DENSITY] * AIR_HEAT / SECONDS
    air_store = zone[CAPACITY] / SECONDS
    air_mass = zone[VOLUME] * zone[DENSITY]
    held_store = air_mass * zone[BUFFER]
    exchange = held_store / zone[DELAY]
    give_back = exchange * held_store / (held_store + exchange) if held_store > 0.0 else 0.0

    stored = capacity / SECONDS
    pass_on, inverse, weight, ends = np.zeros(nodes), np.zeros(nodes), np.zeros(nodes), np.zeros((count, 3))
    eliminate(places, stored, conductance, pass_on, inverse, weight, ends)
    to_outer, outer_known = np.zeros(count), np.zeros(count)
    outer = np.zeros(count)
    film = np.zeros(count)
    gain = np.zeros(count)
    radiant = surfaces[:, RADIANT] * surfaces[:, AREA]
    to_windward = 0.5 * WINDWARD * zone[EXPOSURE] ** WINDWARD_POWER
    to_leeward = 0.5 * LEEWARD * zone[EXPOSURE] ** LEEWARD_POWER
    temperature = np.full(nodes, 20.0)
    right = np.zeros(nodes)
    push = np.zeros(count)
    beyond = np.zeros(count)
    now = 0.0
    beam = np.zeros(planes.shape[0])
    cosine = np.zeros(planes.shape[0])
    from_sky = np.zeros(planes.shape[0])
    from_ground = np.zeros(planes.shape[0])
    absorbed = np.zeros(count)
    t_air, humidity = 20.0, sky[hours - 1, 7]
    held = humidity
    for step in range(-warm_up, hours):
        hour = step % hours
        t_out, w_out, t_sky, wind = sky[hour, 6], sky[hour, 7], sky[hour, 8], sky[hour, 9]
        up = sky[hour, 2]
        lit = sky[hour, 3] + sky[hour, 4] + sky[hour, 5] > 0.0

        # sun: normal beam with the circumsolar light, isotropic light and horizon band of Perez, light from the ground
        if lit:
            circumsolar = sky[hour, 10] / max(up, LOWEST_SUN)
            for p in range(planes.shape[0]):
                cosine[p] = max(
                    planes[p, 0] * sky[hour, 0] + planes[p, 1] * sky[hour, 1] + planes[p, 2] * up,
                    0.0,
                )
                tilt = planes[p, 3]
                beam[p] = (sky[hour, 3] + circumsolar) * cosine[p]
                isotropic = (sky[hour, 4] - sky[hour, 10]) * 0.5 * (1.0 + tilt)
                band = sky[hour, 11] * np.sqrt(max(1.0 - tilt * tilt, 0.0))
                from_sky[p] = max(isotropic + band, -circumsolar * cosine[p])
                from_ground[p] = sky[hour, 5] * 0.5 * (1.0 - tilt)

        # what each outer face meets: a film, and the temperature beyond it with sun and sky
        k_air, k_sky = t_out + KELVIN, t_sky + KELVIN
        forced = to_windward * sky[hour, 12] + to_leeward * sky[hour, 13]
        forced2 = forced * forced
        entered, inward = 0.0, 0.0
        for s in range(count):
            p = places[s, PLANE]
            where = places[s, OUTSIDE]
            outer[s] = surfaces[s, OUTER]
            if where == ADIABATIC:
                continue
            if where >= 0:
                beyond[s] = patterns[where, hour]
                continue
            beyond[s] = t_out
            glazed = surfaces[s, BETWEEN] > 0.0
            if outer[s] == 0.0:
                k_face = k_air + GLASS_OVER if glazed else temperature[places[s, FIRST] + places[s, NODES] - 1] + KELVIN
                share = surfaces[s, TO_SKY]
                to_sky = surfaces[s, EMIT] * share * (k_face * k_face + k_sky * k_sky) * (k_face + k_sky)
                to_air = surfaces[s, EMIT] * (1.0 - share) * (k_face * k_face + k_air * k_air) * (k_face + k_air)
                over = k_face - k_air
                still = (surfaces[s, RISING] if over > 0.0 else surfaces[s, SINKING]) * cube_root(abs(over))
                smooth = np.sqrt(still * still + forced2)
                outer[s] = max(still + surfaces[s, ROUGH] * (smooth - still) + to_sky + to_air, LEAST_OUTER)
                beyond[s] -= to_sky / outer[s] * (t_out - t_sky)
            if not glazed:
                if lit:
                    beyond[s] += surfaces[s, ABSORB] / outer[s] * (beam[p] + from_sky[p] + from_ground[p])
                continue
            outer[s] = 1.0 / (1.0 / surfaces[s, BETWEEN] + 1.0 / outer[s])
            if not lit:
                continue
            row = int(surfaces[s, SUNLIT])
            direct = beam[p] * (sunlit[row, hour] if row >= 0 else 1.0)
            diffuse = from_sky[p] * surfaces[s, SEES_SKY] + from_ground[p] * surfaces[s, SEES_GROUND]
            rows = (int(surfaces[s, TRANSMIT]), int(surfaces[s, INWARD]))
            through, taken = diffuse * angular[rows[0], 91], diffuse * angular[rows[1], 91]
            if direct > 0.0:
                degrees = np.degrees(np.arccos(min(cosine[p], 1.0)))
                low = min(int(degrees), 89)
                part = degrees - low
                through += direct * ((1.0 - part) * angular[rows[0], low] + part * angular[rows[0], low + 1])
                taken += direct * ((1.0 - part) * angular[rows[1], low] + part * angular[rows[1], low + 1])
            let = surfaces[s, AREA]
            if direct + diffuse > zone[BLIND_FROM] and t_out > zone[BLIND_ABOVE]:
                let *= surfaces[s, BLIND]
            entered += let * through
            inward += let * taken

        # gains, supplied and leaking air
        to_air, to_radiant, moisture = (1.0 - GLASS_RADIANT) * inward, GLASS_RADIANT * inward, 0.0
        supply_heat, supply_moist, supply = 0.0, 0.0, 0.0
        # air that cools the rooms for nothing goes past the exchanger
        recovers = 0.0 if t_air > zone[OPEN_ABOVE] and t_out < t_air else 1.0
        for g in range(series.shape[0]):
            running = patterns[series_row[g], hour]
            value = series[g, SCALE] * running
            if series_kind[g] == GAIN:
                to_air += value * (1.0 - series[g, SHARE_A])
                to_radiant += value * series[g, SHARE_A]
                moisture += running * series[g, SHARE_B]
            else:
                supply += value
                supply_heat += value * (1.0 - recovers * series[g, SHARE_A])
                supply_moist += value * (1.0 - recovers * series[g, SHARE_B])
        leak = zone[LEAK] + np.sqrt(zone[STACK] * abs(t_air - t_out) + zone[WIND] * wind * wind)
        low_set, high_set = patterns[setpoints[HEAT_SET], hour], patterns[setpoints[COOL_SET], hour]
        opened = 0.0
        if t_air > zone[OPEN_ABOVE] and zone[OPEN_BELOW] <= t_out < t_air:
            opened = zone[OPEN_FLOW]

        # sweep inwards, then air and radiant node, without plant and with one watt of it
        air_in = air_store * t_air + to_air
        radiant_in = to_radiant
        aa, ar, rr = 0.0, 0.0, 0.0
        for s in range(count):
            first, last = places[s, FIRST], places[s, FIRST] + places[s, NODES] - 1
            area = surfaces[s, AREA]
            pivot = stored[last] + outer[s]
            known = stored[last] * temperature[last] + outer[s] * beyond[s]
            if first < last:
                inner_known = 0.0
                # unsigned places spare a test for negative ones: a tenth of the time
                for k in range(np.uint64(last - first - 1)):
                    n = np.uint64(last - 1) - k
                    inner_known = stored[n] * temperature[n] + pass_on[n] * inner_known
                    right[n] = inner_known
                    known += weight[n] * inner_known
                inner_known = stored[first] * temperature[first] + pass_on[first] * inner_known
                # the outer surface, which alone feels the weather
                to_outer[s] = 1.0 / (ends[s, 1] + outer[s])
                outer_known[s] = known
                pivot = ends[s, 0] - ends[s, 2] * ends[s, 2] * to_outer[s]
                known = inner_known + ends[s, 2] * to_outer[s] * known
            # films follow the temperatures of the hour before
            above = temperature[first] - t_air
            rise = surfaces[s, WARMER] if above > 0.0 else surfaces[s, COLDER]
            film[s] = area * max(surfaces[s, FILM], rise * cube_root(abs(above)))
            gain[s] = 1.0 / (pivot * area + film[s] + radiant[s])
            aa += film[s] - film[s] ** 2 * gain[s]
            ar += film[s] * radiant[s] * gain[s]
            rr += radiant[s] - radiant[s] ** 2 * gain[s]
            absorbed[s] = surfaces[s, SUN_INSIDE] * entered
            push[s] = known * area + absorbed[s]
            air_in += film[s] * gain[s] * push[s]
            radiant_in += radiant[s] * gain[s] * push[s]
        vent = (leak + supply_heat + opened) * heat_scale
        solid = 1.0 / ((aa + air_store + vent) * rr - ar * ar)
        free = ((air_in + vent * t_out) * rr + ar * radiant_in) * solid
        if opened > 0.0 and free > high_set:
            # nobody leaves the windows open while the room is cooled
            opened = 0.0
            vent = (leak + supply_heat) * heat_scale
            solid = 1.0 / ((aa + air_store + vent) * rr - ar * ar)
            free = ((air_in + vent * t_out) * rr + ar * radiant_in) * solid
        moist = (leak + supply_moist + opened) * zone[DENSITY]
        per_watt = rr * solid
        heat = min(max(low_set - free, 0.0) / per_watt, zone[HEAT_LIMIT])
        cool = min(max(free - high_set, 0.0) / per_watt, zone[COOL_LIMIT])
        before = t_air
        t_air = free + (heat - cool) * per_watt
        t_radiant = (radiant_in + ar * t_air) / rr

        # sweep outwards
        transmission, storage = 0.0, air_store * (t_air - before)
        for s in range(count):
            first, last = places[s, FIRST], places[s, FIRST] + places[s, NODES] - 1
            area = surfaces[s, AREA]
            now = gain[s] * (push[s] + film[s] * t_air + radiant[s] * t_radiant)
            taken_up = stored[first] * (now - temperature[first])
            temperature[first] = now
            if first < last:
                face = (outer_known[s] + ends[s, 2] * now) * to_outer[s]
                for k in range(np.uint64(last - first - 1)):
                    n = np.uint64(first + 1) + k
                    now = inverse[n] * right[n] + pass_on[n - np.uint64(1)] * now + weight[n] * face
                    taken_up += stored[n] * (now - temperature[n])
                    temperature[n] = now
                taken_up += stored[last] * (face - temperature[last])
                temperature[last] = now = face
            storage += area * taken_up
            transmission += area * outer[s] * (now - beyond[s])

        # moisture of the air, with surfaces and furniture that follow it with a delay
        carried = air_mass + moist + give_back
        earlier, earlier_held = humidity, held
        humidity = (air_mass * humidity + moist * w_out + moisture + give_back * held) / carried
        dry = 0.0
        if cool > 0.0:
            excess = max(humidity - patterns[setpoints[W_SET], hour], 0.0) * carried * LATENT_W
            dry = min(excess, zone[COOL_LIMIT] - cool)
            humidity -= dry / (carried * LATENT_W)
        if held_store > 0.0:
            held = (held_store * held + exchange * humidity) / (held_store + exchange)

        if step >= 0:
            out[0, hour], out[1, hour], out[2, hour] = heat, cool, dry
            out[3, hour], out[4, hour], out[5, hour] = t_air, t_radiant, humidity
            total = to_air + to_radiant
            for s in range(count):
                total += absorbed[s]
            out[6, hour] = total
            out[7, hour] = transmission
            out[8, hour] = vent * (t_air - t_out)
            out[9, hour] = storage
            out[10, hour] = moist * (w_out - humidity) + moisture
            out[11, hour] = air_mass * (humidity - earlier) + held_store * (held - earlier_held)
