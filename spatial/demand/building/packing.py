"""Described zones as the tables of the compiled kernel."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from spatial.demand.building import kernel
from spatial.demand.building.films import (
    GLASS_EMITTANCE,
    SPACE_FILM,
    STEFAN_BOLTZMANN,
    inside_films,
    natural_film,
    sky_share,
)
from spatial.demand.building.nodes import chain, sun_distribution
from spatial.demand.building.shades import diffuse_shares, sun_share
from spatial.demand.building.sky import SkyHours
from spatial.demand.building.zone import (
    ANGLES,
    EMITTANCE,
    INSIDE_RADIATION,
    Gain,
    Glazing,
    Opaque,
    Supply,
    Window,
    Zone,
    always,
)

Floats = NDArray[np.float64]
Packed = tuple[NDArray[np.generic], ...]

GAS_CONSTANT = 287.05
"""Of dry air [J/kgK]."""
ROOM = 293.15
"""Temperature [K] at which air is weighed."""
NOWHERE = always(np.inf)
MOST_SHADINGS, MOST_GLASSES = 64, 1024
"""Rows kept for zones to come: shading takes 70 kB each, and all rows are copied with every few zones."""


class Rows:
    """Distinct rows by what they were made from; the same array given twice takes one row."""

    def __init__(self) -> None:
        self.rows: list[Floats] = []
        self._number: dict[object, int] = {}
        self._kept: list[object] = []

    def number(self, key: object, made: Callable[[], Floats]) -> int:
        """Return the row made from a key, making it where it is new."""
        if key not in self._number:
            self._number[key] = len(self.rows)
            self.rows.append(made())
        return self._number[key]

    def pattern(self, values: Floats) -> int:
        """Return the row of a pattern; the array is kept, so that another cannot take its place in memory."""
        self._kept.append(values)
        return self.number(id(values), lambda: np.asarray(values, dtype=np.float64))

    def table(self, columns: int) -> Floats:
        """Return all rows as one table."""
        return np.array(self.rows, dtype=np.float64).reshape(len(self.rows), columns)


def _angular(values: tuple[float, ...], diffuse: float) -> Floats:
    return np.append(np.interp(np.arange(91.0), ANGLES, values), diffuse)


class Packer:
    """Turns zones into the tables of the kernel; patterns, glass and shading are shared between zones."""

    def __init__(self, sky: SkyHours) -> None:
        self.sky = sky
        self.density = sky.pressure / (GAS_CONSTANT * ROOM)
        self.patterns, self.glass, self.shading = Rows(), Rows(), Rows()
        self._diffuse: dict[object, tuple[float, float]] = {}

    def pack(self, zone: Zone) -> Packed:
        """Return the kernel's tables of one zone, but for those shared between zones."""
        planes = Rows()
        surfaces, places = [], []
        capacity: list[float] = []
        conductance: list[float] = []
        for element, share in zip(zone.opaque, sun_distribution(zone), strict=True):
            heat, between = chain(element.layers)
            row = np.zeros(20)
            row[kernel.AREA] = element.area
            row[kernel.FILM : kernel.COLDER + 1] = inside_films(element.tilt, element.inside_film)
            row[kernel.RADIANT] = INSIDE_RADIATION * element.inside_emittance / EMITTANCE
            row[kernel.OUTER] = self._outer(element)
            row[kernel.ROUGH], row[kernel.ABSORB] = element.roughness, element.absorptance
            row[kernel.RISING : kernel.SINKING + 1] = natural_film(180.0 - element.tilt)
            row[kernel.EMIT], row[kernel.TO_SKY] = STEFAN_BOLTZMANN * element.emittance, sky_share(element.tilt)
            row[kernel.SUN_INSIDE] = share
            surfaces.append(row)
            where = -1 if element.facing == "outdoors" else kernel.ADIABATIC
            if element.facing == "space" and element.outside_temperature is not None:
                where = self.patterns.pattern(element.outside_temperature)
            places.append((self._plane(planes, element), len(capacity), len(heat), where))
            capacity += heat
            conductance += [*between, 0.0]
        for window in zone.windows:
            surfaces.append(self._window(window))
            places.append((self._plane(planes, window), len(capacity), 1, -1))
            capacity.append(0.0)
            conductance.append(0.0)
        parts: tuple[Gain | Supply, ...] = (*zone.gains, *zone.supplies)
        series = [self._series(part) for part in parts]
        kinds = [kernel.GAIN] * len(zone.gains) + [kernel.FLOW] * len(zone.supplies)
        rows = [self.patterns.pattern(part.pattern) for part in parts]
        humid = NOWHERE if zone.humidity_set is None else zone.humidity_set
        setpoints = [self.patterns.pattern(values) for values in (zone.heat_set, zone.cool_set, humid)]
        return (
            self._room(zone),
            np.array(setpoints, dtype=np.int64),
            np.array(surfaces),
            np.array(places, dtype=np.int64),
            np.array(capacity),
            np.array(conductance),
            planes.table(4),
            np.array(series).reshape(len(series), 3),
            np.array(kinds, dtype=np.int64),
            np.array(rows, dtype=np.int64),
        )

    def shared(self) -> Packed:
        """Return the tables all zones look up."""
        hours = len(self.sky.table)
        return self.patterns.table(hours), self.glass.table(92), self.shading.table(hours)

    def renew(self) -> None:
        """Forget what zones packed before brought: patterns always, glass and shading where they pile up."""
        self.patterns = Rows()
        if len(self.glass.rows) > MOST_GLASSES:
            self.glass = Rows()
        if len(self.shading.rows) > MOST_SHADINGS:
            self.shading, self._diffuse = Rows(), {}

    def _plane(self, planes: Rows, element: Opaque | Window) -> int:
        def normal() -> Floats:
            tilt, azimuth = np.radians(element.tilt), np.radians(element.azimuth)
            flat = np.sin(tilt)
            return np.array([flat * np.sin(azimuth), flat * np.cos(azimuth), np.cos(tilt), np.cos(tilt)])

        return planes.number((element.tilt, element.azimuth), normal)

    @staticmethod
    def _outer(element: Opaque) -> float:
        if element.facing == "adiabatic":
            return 0.0
        if element.facing == "space" and element.outside_film is None:
            return SPACE_FILM
        return element.outside_film or 0.0

    def _window(self, window: Window) -> Floats:
        glass = window.glazing
        row = np.zeros(20)
        row[kernel.AREA] = window.area
        row[kernel.FILM : kernel.COLDER + 1] = inside_films(window.tilt, None)
        row[kernel.RADIANT] = INSIDE_RADIATION * GLASS_EMITTANCE / EMITTANCE
        row[kernel.BETWEEN] = 1.0 / (1.0 / glass.u_value - glass.films)
        row[kernel.ROUGH] = 1.0
        row[kernel.RISING : kernel.SINKING + 1] = natural_film(180.0 - window.tilt)
        row[kernel.EMIT], row[kernel.TO_SKY] = STEFAN_BOLTZMANN * GLASS_EMITTANCE, sky_share(window.tilt)
        row[kernel.TRANSMIT] = self.glass.number((glass, "transmitted"), lambda: self._transmitted(glass))
        row[kernel.INWARD] = self.glass.number((glass, "inward"), lambda: self._inward(glass))
        row[kernel.SUNLIT], row[kernel.SEES_SKY], row[kernel.SEES_GROUND] = -1.0, 1.0, 1.0
        row[kernel.BLIND] = window.blind
        if window.shades:
            shape = (window.shades, window.width, window.height)
            if shape not in self._diffuse:
                self._diffuse[shape] = diffuse_shares(window)
            row[kernel.SEES_SKY], row[kernel.SEES_GROUND] = self._diffuse[shape]
            key = (*shape, window.azimuth)
            row[kernel.SUNLIT] = self.shading.number(key, lambda: sun_share(window, self.sky.table[:, :3]))
        row[[kernel.SEES_SKY, kernel.SEES_GROUND]] *= window.view
        if window.view != 1.0:
            row[kernel.SUNLIT] = self._viewed(window.view, int(row[kernel.SUNLIT]))
        return row

    def _viewed(self, view: float, shaded: int) -> int:
        """Return the row of the sunlit share where neighbours let through a share of all light."""
        hours = len(self.sky.table)
        return self.shading.number(
            ("view", view, shaded),
            lambda: np.full(hours, view) if shaded < 0 else self.shading.rows[shaded] * view,
        )

    @staticmethod
    def _transmitted(glass: Glazing) -> Floats:
        return _angular(glass.transmittance, glass.transmittance_diffuse)

    @staticmethod
    def _inward(glass: Glazing) -> Floats:
        whole = _angular(glass.shgc, glass.shgc_diffuse)
        return np.asarray(np.maximum(whole - _angular(glass.transmittance, glass.transmittance_diffuse), 0.0))

    @staticmethod
    def _series(part: Gain | Supply) -> tuple[float, float, float]:
        if isinstance(part, Gain):
            return part.power, part.radiant, part.moisture
        return part.flow, part.heat_recovery, part.moisture_recovery

    def _room(self, zone: Zone) -> Floats:
        density = self.density if zone.air_density is None else zone.air_density
        area = zone.leaks.leakage_area
        row = np.zeros(16)
        row[kernel.CAPACITY] = zone.volume * density * kernel.AIR_HEAT + zone.furniture
        row[kernel.VOLUME], row[kernel.DENSITY] = zone.volume, density
        row[kernel.HEAT_LIMIT], row[kernel.COOL_LIMIT] = zone.heat_limit, zone.cool_limit
        row[kernel.OPEN_FLOW] = zone.open_flow
        row[kernel.OPEN_ABOVE], row[kernel.OPEN_BELOW] = zone.open_above, zone.open_below
        row[kernel.LEAK] = zone.leaks.rate * zone.volume
        litres = (3.6 * area) ** 2  # (L/s)2 to (m3/h)2
        row[kernel.STACK], row[kernel.WIND] = litres * zone.leaks.stack, litres * zone.leaks.wind
        row[kernel.BUFFER], row[kernel.DELAY] = zone.moisture_buffer, zone.moisture_delay
        row[kernel.BLIND_FROM], row[kernel.BLIND_ABOVE] = zone.blind_from, zone.blind_above
        row[kernel.EXPOSURE] = zone.exposure
        return row
