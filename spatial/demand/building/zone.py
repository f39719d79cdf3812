"""A thermal zone as an engineer describes it: layers, windows with their shades, air, use and plant.

All sizes are of the whole zone. A class that stands for many buildings is a zone of one square metre of floor, whose
areas are then per floor area.
"""

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

HOURS = 8760
ANGLES = np.arange(0.0, 91.0, 10.0)
"""Angles of incidence [deg] at which glazing is given."""

INSIDE_RADIATION = 5.13
"""Film of radiation at inner surfaces [W/m2K], EN ISO 52016-1:2017 table 25."""
EMITTANCE = 0.9
"""Emittance of surfaces that those films are for."""
STANDARD_FILMS = 0.13 + 0.04
"""Films a U-value holds [m2K/W], ISO 6946:2017 table 7, horizontal heat flow."""


def _settle(part: object, *names: str) -> None:
    """Turn lists among the fields of a part into tuples: glass, layers and shades are looked up by what they hold."""
    for name in names:
        if isinstance(getattr(part, name), list):
            object.__setattr__(part, name, tuple(getattr(part, name)))


@dataclass(frozen=True)
class Layer:
    """A homogeneous layer: thickness [m], conductivity [W/mK], density [kg/m3], specific heat [J/kgK].

    A layer whose density or heat is nought has no mass.
    """

    thickness: float
    conductivity: float
    density: float = 0.0
    heat: float = 0.0

    @property
    def resistance(self) -> float:
        """Thermal resistance [m2K/W]."""
        return self.thickness / self.conductivity


@dataclass(frozen=True)
class Opaque:
    """A wall, roof or floor.

    Attributes
    ----------
    name
        What messages call it.
    area
        [m2].
    layers
        From inside to outside.
    tilt, azimuth
        Tilt from the horizontal and compass direction the outside faces [deg]: a roof 0, a wall 90, a floor 180.
    facing
        Outdoors; a floor on the ground or a wall to another space whose `outside_temperature` is given; or adiabatic:
        no heat passes the last layer. Of a floor between two storeys alike give half the thickness and both faces.
    absorptance, emittance
        Of the outside, for the sun and for long waves.
    inside_absorptance, inside_emittance
        Of the inside.
    roughness
        Film of the wind over that of a smooth face: 1.11 smooth plaster, 1.52 concrete, 1.67 brick and siding, 2.17
        stucco (Walton 1983, NBSIR 83-2655).
    inside_film
        Film of convection inside [W/m2K]; None: natural convection, by the temperatures of surface and air.
    outside_film
        Film of convection and radiation outside [W/m2K]; None: that of wind and sky, or 1 / 0.13 towards a space.
    outside_temperature
        Hourly temperature beyond [C], hours; of a wall that does not face outdoors.
    sun_share
        Share of the sun that enters the zone and is absorbed here; None: from the areas, or nought where it is given
        for another element.
    """

    name: str
    area: float
    layers: tuple[Layer, ...]
    tilt: float = 90.0
    azimuth: float = 0.0
    facing: Literal["outdoors", "space", "adiabatic"] = "outdoors"
    absorptance: float = 0.6
    emittance: float = 0.9
    inside_absorptance: float = 0.6
    inside_emittance: float = 0.9
    roughness: float = 1.52
    inside_film: float | None = None
    outside_film: float | None = None
    outside_temperature: Floats | None = None
    sun_share: float | None = None

    def __post_init__(self) -> None:
        """Take lists as well."""
        _settle(self, "layers")


@dataclass(frozen=True)
class Glazing:
    """Glass with its frame.

    Attributes
    ----------
    u_value
        [W/m2K] with `films`.
    shgc, transmittance
        Solar heat gain coefficient and direct solar transmittance at `ANGLES`, nought at 90 degrees.
    shgc_diffuse, transmittance_diffuse
        The same for diffuse light.
    films
        Resistance of the films that the U-value holds, inside and outside together [m2K/W]: `STANDARD_FILMS` in codes
        after ISO 6946; the 2.10 W/m2K of ASHRAE 140-2020 hold 1 / 4.5 + 1 / 17.8.
    """

    u_value: float
    shgc: tuple[float, ...]
    transmittance: tuple[float, ...]
    shgc_diffuse: float
    transmittance_diffuse: float
    films: float

    def __post_init__(self) -> None:
        """Take lists as well."""
        _settle(self, "shgc", "transmittance")


CLEAR_DOUBLE = (1.0, 0.9987, 0.9961, 0.9896, 0.9727, 0.9337, 0.8466, 0.6619, 0.3472, 0.0)
"""Solar heat gain coefficient of clear double glazing over that at normal incidence: ASHRAE 140-2020, case 600."""
DIFFUSE_SHARE = 0.871
"""The same for diffuse light."""
TRANSMITTED_SHARE = 0.914
"""Direct transmittance over solar heat gain coefficient, as of the glazing of ASHRAE 140-2020 case 600."""


def glazing(u_value: float, shgc: float) -> Glazing:
    """Return glass of which only the U-value [W/m2K] and the solar heat gain coefficient at normal incidence are known.

    Its angles follow clear double glazing.
    """
    angular = tuple(shgc * share for share in CLEAR_DOUBLE)
    return Glazing(
        u_value,
        angular,
        tuple(TRANSMITTED_SHARE * value for value in angular),
        shgc * DIFFUSE_SHARE,
        shgc * DIFFUSE_SHARE * TRANSMITTED_SHARE,
        STANDARD_FILMS,
    )


@dataclass(frozen=True)
class Overhang:
    """A horizontal plate over a window: depth, gap above the window, reach beyond its left and right edge [m]."""

    depth: float
    gap: float = 0.0
    left: float = 0.0
    right: float = 0.0


@dataclass(frozen=True)
class Fin:
    """A vertical plate beside a window.

    Depth [m], side as seen from outside, gap from the window's edge [m], reach above and below the window [m].
    """

    depth: float
    side: Literal["left", "right"]
    gap: float = 0.0
    above: float = 0.0
    below: float = 0.0


@dataclass(frozen=True)
class Window:
    """A window, or several alike.

    Attributes
    ----------
    name
        What messages call it.
    area
        [m2] of all together.
    glazing
        Its glass.
    tilt, azimuth
        As of `Opaque`.
    shades
        Overhangs and fins.
    width, height
        Of one window [m]; needed where it has shades.
    view
        Share of all light that buildings and trees opposite let through.
    blind
        Share that a drawn curtain or blind lets through; see `Zone.blind_from`.
    """

    name: str
    area: float
    glazing: Glazing
    tilt: float = 90.0
    azimuth: float = 180.0
    shades: tuple[Overhang | Fin, ...] = ()
    width: float = 0.0
    height: float = 0.0
    view: float = 1.0
    blind: float = 1.0

    def __post_init__(self) -> None:
        """Take lists as well."""
        _settle(self, "shades")


@dataclass(frozen=True, eq=False)
class Gain:
    """Heat from people, lamps or machines.

    `pattern` hours [-] times `power` [W], of which `radiant` goes to surfaces, and times `moisture` [kg/h].
    """

    pattern: Floats
    power: float
    radiant: float = 0.5
    moisture: float = 0.0


@dataclass(frozen=True, eq=False)
class Supply:
    """Outdoor air by a fan: `pattern` hours [-] times `flow` [m3/h], with recovery of heat and of moisture.

    Where it is cooler outside and the room warmer than `Zone.open_above`, the air goes past the exchanger.
    """

    pattern: Floats
    flow: float
    heat_recovery: float = 0.0
    moisture_recovery: float = 0.0


@dataclass(frozen=True)
class Leaks:
    """Air that enters through joints.

    Attributes
    ----------
    rate
        Constant air change [1/h].
    leakage_area
        Effective leakage area at 4 Pa [cm2] for leaks that follow wind and stack.
    stack, wind
        Coefficients [(L/s)2/(cm4 K)] and [(L/s)2/(cm4 (m/s)2)], ASHRAE Fundamentals 2017, chapter 16, equation 48:
        ``Q = A sqrt(stack dT + wind v2)``. Defaults are those of two storeys in shelter class 3 (tables 4 and 6).
    """

    rate: float = 0.0
    leakage_area: float = 0.0
    stack: float = 0.000290
    wind: float = 0.000231


def always(value: float) -> Floats:
    """Return a pattern of one value in all hours."""
    return np.full(HOURS, value)


def daily(values: tuple[float, ...] | list[float]) -> Floats:
    """Return a pattern of 24 values, alike on every day.

    Raises
    ------
    ValueError
        If there are not 24 values.
    """
    if len(values) != 24:
        raise ValueError(f"a day has 24 hours, the schedule has {len(values)} values")
    return np.tile(np.asarray(values, dtype=np.float64), HOURS // 24)


@dataclass(frozen=True, eq=False)
class Zone:
    """One thermal zone.

    Attributes
    ----------
    name
        What messages call it.
    volume
        Air [m3].
    opaque, windows
        What bounds it.
    gains, supplies
        What goes on in it.
    leaks
        Infiltration.
    heat_set, cool_set
        Set points of the air [C], hours; -inf and +inf while the plant is off.
    humidity_set
        Highest humidity ratio while cooling [kg/kg], hours; None: moisture is not held. Water condenses only while
        there is sensible cooling, and never of itself: air that nobody dries may come out above saturation.
    heat_limit, cool_limit
        Capacity of the plant [W]; cooling counts sensible and latent together.
    furniture
        Heat capacity that follows the air [J/K].
    open_flow
        Air that enters through windows [m3/h] while they are open: above `open_above` [C] inside in the hour before,
        when it is cooler outside though not below `open_below` [C], and the room then needs no cooling.
    moisture_buffer, moisture_delay
        Moisture that surfaces and furniture hold as a multiple of that of the air, and the time in which they follow
        it [h].
    blind_from, blind_above
        Sun on a window [W/m2] and outdoor temperature [C] above which its blind is drawn.
    exposure
        Wind at the walls over that of the weather: 0.75 at 1.35 m in open country where it is measured at 10 m.
    air_density
        [kg/m3]; None: from the pressure of the site at 20 C.
    """

    name: str
    volume: float
    opaque: tuple[Opaque, ...]
    windows: tuple[Window, ...] = ()
    gains: tuple[Gain, ...] = ()
    supplies: tuple[Supply, ...] = ()
    leaks: Leaks = field(default_factory=Leaks)
    heat_set: Floats = field(default_factory=lambda: always(-np.inf))
    cool_set: Floats = field(default_factory=lambda: always(np.inf))
    humidity_set: Floats | None = None
    heat_limit: float = np.inf
    cool_limit: float = np.inf
    furniture: float = 0.0
    open_flow: float = 0.0
    open_above: float = np.inf
    open_below: float = -np.inf
    moisture_buffer: float = 0.0
    moisture_delay: float = 1.0
    blind_from: float = np.inf
    blind_above: float = -np.inf
    air_density: float | None = None
    exposure: float = 0.75

    def __post_init__(self) -> None:
        """Take lists as well."""
        _settle(self, "opaque", "windows", "gains", "supplies")
