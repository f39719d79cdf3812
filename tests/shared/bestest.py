"""The test building of ASHRAE 140-2020, described through the public classes of the building model.

Cases 195 to 250, 600 to 695 and 900 to 995. What the published figures of `GLASS` leave open: its U-value of 2.10 W/m2K
goes with the combined films of windows in the same standard, 4.5 inside and 17.8 W/m2K outside, since clear double
glazing would have 2.7 with those of ISO 6946.
"""

from dataclasses import replace
from typing import Any

import numpy as np

from spatial.demand.building import (
    STANDARD_FILMS,
    Fin,
    Gain,
    Glazing,
    Layer,
    Leaks,
    Opaque,
    Overhang,
    Supply,
    Window,
    Zone,
    always,
    daily,
    glazing,
)

FILMS = 1.0 / 4.5 + 1.0 / 17.8
GLASS = Glazing(
    2.10,
    (0.769, 0.768, 0.766, 0.761, 0.748, 0.718, 0.651, 0.509, 0.267, 0.0),
    (0.703, 0.702, 0.699, 0.692, 0.678, 0.646, 0.577, 0.438, 0.208, 0.0),
    0.670,
    0.601,
    FILMS,
)
LOW_E = glazing(1.45, 0.44)
"""Outer pane with a coating inside, argon: U-value and solar heat gain coefficient of case 660."""
SINGLE = Glazing(
    5.78,
    (0.86, 0.86, 0.86, 0.855, 0.84, 0.82, 0.78, 0.67, 0.42, 0.0),
    (0.83, 0.83, 0.83, 0.825, 0.82, 0.80, 0.75, 0.64, 0.39, 0.0),
    0.78,
    0.75,
    STANDARD_FILMS,
)
"""One clear pane of 3 mm, case 670: ASHRAE Fundamentals 2017, chapter 15, table 10; it resists by its films alone."""
GLASSES = {"60": LOW_E, "70": SINGLE}
PANE = Layer(0.003048, 1.0, 2500.0, 750.0)
OPAQUE_WINDOW = (PANE, Layer(0.192 * 0.04, 0.04), PANE)
"""The high-conductance wall of cases 200 to 250: conducts as the window of case 600."""
IN_DEPTH = {
    "195": {"infrared": (0.1, 0.1)},
    "200": {"infrared": (0.1, 0.1)},
    "210": {"infrared": (0.1, 0.9)},
    "215": {"infrared": (0.9, 0.1)},
    "220": {},
    "230": {"leaks": 1.0},
    "240": {"gains": 200.0},
    "250": {"absorptance": 0.9},
}
"""What differs from case 220: emittance inside and outside, air change, internal gains [W], absorptance outside."""
SIDING = Layer(0.009, 0.14, 530.0, 900.0)
PLASTER, DECK = Layer(0.012, 0.16, 950.0, 840.0), Layer(0.019, 0.14, 530.0, 900.0)
BLOCK = Layer(0.100, 0.51, 1400.0, 1000.0)
CEILING = Layer(0.010, 0.16, 950.0, 840.0)
LIGHT_FLOOR = (Layer(0.025, 0.14, 650.0, 1200.0), Layer(1.003, 0.04))
HEAVY_FLOOR = (Layer(0.080, 1.13, 1400.0, 1000.0), Layer(1.007, 0.04))
SUN = {"floor": 0.642, "roof": 0.167, "east": 0.038, "west": 0.038, "north": 0.053, "south": 0.027}
FACES = {"north": (0.0, 21.6), "east": (90.0, 16.2), "south": (180.0, 21.6), "west": (270.0, 16.2)}
DENSITY = 0.829 * 1.2041
"""Air at 0.829 of its density at sea level [kg/m3]."""
NIGHT = (*range(7), 23)


def setback() -> np.ndarray:
    """Return heating to 20 C, to 10 C from 23:00 to 07:00, rising evenly until 08:00: 15 C in the mean of that hour."""
    return daily([10.0 if hour in NIGHT else 15.0 if hour == 7 else 20.0 for hour in range(24)])


def walls(kind: str, *, heavy: bool) -> tuple[Layer, ...]:
    """Return the layers of the walls; cases 680, 695, 980 and 995 have more insulation."""
    thick = kind in ("80", "95")
    if heavy or thick:
        foam = Layer(0.25 if thick else 0.0615, 0.04, 10.0, 1400.0)
        return (BLOCK if heavy else PLASTER, foam, SIDING)
    return (PLASTER, Layer(0.066, 0.04, 12.0, 840.0), SIDING)


def case(number: str) -> Zone:
    """Return the zone of a case, such as ``600`` or ``900FF``."""
    if number in IN_DEPTH:
        return in_depth(number)
    heavy = number.startswith("9")
    kind = number[1:3]
    side = {"20": ("east", "west"), "30": ("east", "west")}.get(kind, ("south",))
    glazed = 12.0 / len(side)
    wall = walls(kind, heavy=heavy)
    share = SUN if side == ("south",) else {}
    roof = (CEILING, Layer(0.4 if kind in ("80", "95") else 0.1118, 0.04, 12.0, 840.0), DECK)
    opaque = [
        Opaque(
            name,
            area - (glazed if name in side else 0.0),
            wall,
            azimuth=azimuth,
            roughness=1.67,
            sun_share=share.get(name),
        )
        for name, (azimuth, area) in FACES.items()
    ]
    opaque.append(Opaque("roof", 48.0, roof, tilt=0.0, roughness=1.67, sun_share=share.get("roof")))
    floor = Opaque(
        "floor",
        48.0,
        HEAVY_FLOOR if heavy else LIGHT_FLOOR,
        tilt=180.0,
        absorptance=0.0,
        emittance=0.0,
        outside_film=4.14,
        sun_share=share.get("floor"),
    )
    zone = Zone(
        number,
        129.6,
        (*opaque, floor),
        windows(kind, side),
        gains=(Gain(always(1.0), 200.0, radiant=0.6),),
        leaks=Leaks(0.5),
        air_density=DENSITY,
    )
    if kind == "50":
        night = daily([1.0 if hour < 7 or hour >= 18 else 0.0 for hour in range(24)])
        cool = always(np.inf) if number.endswith("FF") else np.where(night > 0.0, np.inf, 27.0)
        return replace(zone, supplies=(Supply(night, 1703.16),), cool_set=cool)
    if number.endswith("FF"):
        return zone
    heat = setback() if kind == "40" else always(20.0)
    return replace(zone, heat_set=heat, cool_set=always(20.0 if kind in ("85", "95") else 27.0))


def in_depth(number: str) -> Zone:
    """Return one of the cases without windows, held at 20 C."""
    about: dict[str, Any] = IN_DEPTH[number]
    inside, outside = about.get("infrared", (0.9, 0.9))
    base = case("600")
    blank = 0.0 if number == "195" else 12.0
    parts = []
    for element in base.opaque:
        faces_out = element.name != "floor"
        whole = 21.6 if element.name == "south" else element.area
        parts.append(
            replace(
                element,
                area=whole - (blank if element.name == "south" else 0.0),
                absorptance=about.get("absorptance", 0.1) if faces_out else 0.0,
                emittance=outside if faces_out else 0.0,
                inside_emittance=inside,
                sun_share=None,
            )
        )
    if blank:
        south = next(part for part in parts if part.name == "south")
        parts.append(replace(south, name="opaque window", area=blank, layers=OPAQUE_WINDOW, roughness=1.0))
    gains = about.get("gains", 0.0)
    return replace(
        base,
        name=number,
        opaque=tuple(parts),
        windows=(),
        gains=(Gain(always(1.0), gains, radiant=0.6),) if gains else (),
        leaks=Leaks(about.get("leaks", 0.0)),
        cool_set=always(20.0),
    )


def windows(kind: str, side: tuple[str, ...]) -> tuple[Window, ...]:
    """Return two windows of 3 m by 2 m: both in the south wall, or one in the east and one in the west wall."""
    glass = GLASSES.get(kind, GLASS)
    if side == ("south",):
        # the overhang of cases 610 and 910 runs along the whole wall of 8 m, half a metre above the windows
        reach = ((0.5, 4.5), (4.5, 0.5)) if kind == "10" else ((0.0, 0.0), (0.0, 0.0))
        return tuple(
            Window(
                f"south {number}",
                6.0,
                glass,
                shades=(Overhang(1.0, gap=0.5, left=left, right=right),) if kind == "10" else (),
                width=3.0,
                height=2.0,
            )
            for number, (left, right) in enumerate(reach, start=1)
        )
    plates = (
        Overhang(1.0, gap=0.5),
        Fin(1.0, "left", above=0.5, below=0.2),
        Fin(1.0, "right", above=0.5, below=0.2),
    )
    return tuple(
        Window(name, 6.0, glass, azimuth=FACES[name][0], shades=plates if kind == "30" else (), width=3.0, height=2.0)
        for name in side
    )
