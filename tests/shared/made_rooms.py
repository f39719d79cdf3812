"""Made-up weather and rooms for tests of the building model."""

from typing import Any

import numpy as np
import pandas as pd

from spatial.demand.building import Layer, Opaque, SkyHours, Zone
from spatial.demand.building.kernel import LEEWARD_POWER, WINDWARD_POWER
from spatial.demand.building.sky import COLUMNS

HOURS = 8760
TIMES = pd.date_range("2017-01-01", periods=HOURS, freq="h", tz="UTC")
BOARD = Layer(0.1, 0.05)
"""Insulation without mass: 2 m2K/W."""
STEEL = Layer(0.02, 50.0, 7800.0, 470.0)


def sky_of(**given: Any) -> SkyHours:
    """Return the hours of a dark, dry, still place of 0 C; figures or hours given replace its columns."""
    columns = {name: np.zeros(HOURS) for name in COLUMNS}
    columns["sun_up"] -= 1.0
    columns["humidity_ratio"] += 0.004
    for name, values in given.items():
        columns[name] = np.zeros(HOURS) + values
    if "temp_sky" not in given:
        columns["temp_sky"] = columns["temp_air"]
    columns["windward"] = columns["wind_speed"] ** WINDWARD_POWER
    columns["leeward"] = columns["wind_speed"] ** LEEWARD_POWER
    return SkyHours(np.column_stack(list(columns.values())), TIMES, 101_325.0)


def rough_sky(seed: int) -> SkyHours:
    """Return a year of heat, cold, gales, drought and glaring sun that jump from hour to hour."""
    random = np.random.default_rng(seed)
    up, turn = random.uniform(-1.0, 1.0, HOURS), random.uniform(0.0, 2.0 * np.pi, HOURS)
    lit = random.uniform(size=HOURS) * (up > 0.0)
    flat = np.sqrt(1.0 - up**2)
    air = random.uniform(-15.0, 40.0, HOURS)
    return sky_of(
        sun_east=flat * np.sin(turn),
        sun_north=flat * np.cos(turn),
        sun_up=up,
        dni=900.0 * lit,
        dhi=300.0 * lit,
        reflected=150.0 * lit,
        circumsolar=90.0 * lit,
        band=random.uniform(-20.0, 30.0, HOURS) * lit,
        temp_air=air,
        temp_sky=air - random.uniform(0.0, 25.0, HOURS),
        wind_speed=random.uniform(0.0, 12.0, HOURS) * (random.uniform(size=HOURS) > 0.1),
        humidity_ratio=random.uniform(0.002, 0.022, HOURS),
    )


def box(*layers: Layer, **changes: Any) -> Zone:
    """Return a cube of 3 m with constant films: 2.5 W/m2K inside, 25 outside, no sun and no sky; changes set fields."""
    faces = [(90.0, azimuth) for azimuth in (0.0, 90.0, 180.0, 270.0)] + [(0.0, 0.0), (180.0, 0.0)]
    opaque = tuple(
        Opaque(
            f"face {n}",
            9.0,
            layers or (BOARD,),
            tilt=tilt,
            azimuth=azimuth,
            absorptance=0.0,
            inside_film=2.5,
            outside_film=25.0,
        )
        for n, (tilt, azimuth) in enumerate(faces)
    )
    return Zone(**({"name": "box", "volume": 27.0, "opaque": opaque, "air_density": 1.2} | changes))
