"""Hourly loads of buildings: zone-years per second of one thread, and many distinct buildings through two.

The bars: at least 200 zone-years per second and core; 10,000 distinct buildings within 60 s and 2 GiB.
"""

import json
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
from measure import measure

from layers.weather import generate_year
from spatial.demand.building import (
    Gain,
    Layer,
    Leaks,
    Opaque,
    SkyHours,
    Supply,
    Window,
    Zone,
    always,
    annual_loads,
    daily,
    glazing,
    sky_hours,
)

sys.path.insert(0, str(Path(__file__).parents[1] / "shared"))
from bestest import case

BUILDINGS = 10_000
REPEATS = 200
PLASTER, CONCRETE = Layer(0.02, 0.93, 1800.0, 1050.0), Layer(0.20, 1.74, 2500.0, 920.0)
HALF_CEILING = Layer(0.06, 1.74, 2500.0, 920.0)
SOIL = Layer(0.50, 1.5, 1800.0, 1000.0)
WORKING = daily([1.0 if 8 <= hour < 18 else 0.1 for hour in range(24)])
FRESH = daily([1.0 if 7 <= hour < 19 else 0.0 for hour in range(24)])
HEAT = daily([20.0 if 7 <= hour < 19 else 12.0 for hour in range(24)])
COOL = daily([26.0 if 7 <= hour < 19 else np.inf for hour in range(24)])
DRY, GROUND = always(0.0126), always(17.0)


def coast() -> SkyHours:
    """Return a year made from monthly normals in the order of the East China coast."""
    normals = pd.DataFrame(
        {
            "ghi_kwh_m2": [73, 78, 103, 127, 142, 127, 167, 158, 122, 107, 81, 74],
            "temp_mean_c": [4.7, 5.9, 9.5, 14.9, 19.9, 24.0, 28.0, 27.7, 23.7, 18.4, 12.8, 7.2],
            "temp_max_c": [8.4, 9.6, 13.6, 19.5, 24.0, 27.6, 32.1, 31.4, 27.3, 23.0, 17.4, 11.3],
            "temp_min_c": [1.6, 2.8, 5.8, 10.9, 16.2, 20.7, 24.8, 24.4, 20.4, 14.6, 8.5, 3.3],
            "relative_humidity_pct": [75, 76, 77, 77, 77, 83, 80, 80, 80, 76, 75, 73],
            "wind_speed_m_s": [4.6, 4.7, 4.7, 4.5, 4.2, 4.2, 4.8, 4.9, 4.7, 4.7, 4.5, 4.5],
        },
        index=pd.RangeIndex(1, 13, name="month"),
    )
    place = {"latitude_deg": 29.79, "longitude_deg": 121.95, "altitude_m": 5.0, "utc_offset_h": 8.0}
    site = pd.DataFrame(place, index=["site"])
    return sky_hours(generate_year(normals.astype(float), site, seed=1), site)


def office(
    number: int, sides: tuple[float, float, float], turned: float, foam: float, glass: tuple[float, float]
) -> Zone:
    """Return an office of a width, depth and height [m], turned from north [deg], with its insulation [m] and glass."""
    width, depth, height = sides
    wall = (PLASTER, CONCRETE, Layer(foam, 0.04, 30.0, 1400.0), PLASTER)
    floor = width * depth * height / 3.5
    pane, opaque, windows = glazing(*glass), [], []
    for name, azimuth, length in (("a", 0.0, width), ("b", 90.0, depth), ("c", 180.0, width), ("d", 270.0, depth)):
        facing = (azimuth + turned) % 360.0
        opaque.append(Opaque(f"wall {name}", 0.65 * length * height, wall, azimuth=facing))
        windows.append(Window(f"window {name}", 0.35 * length * height, pane, azimuth=facing, blind=0.5))
    opaque += [
        Opaque("roof", width * depth, wall, tilt=0.0),
        Opaque("floor", width * depth, (CONCRETE, SOIL), tilt=180.0, facing="space", outside_temperature=GROUND),
        Opaque("ceilings", 2.0 * max(floor - width * depth, 1.0), (HALF_CEILING,), facing="adiabatic"),
    ]
    return Zone(
        f"office {number}",
        3.0 * floor,
        tuple(opaque),
        tuple(windows),
        gains=(Gain(WORKING, 8.0 * floor, moisture=0.0032 * floor), Gain(WORKING, 15.0 * floor, radiant=0.4)),
        supplies=(Supply(FRESH, 3.0 * floor, heat_recovery=0.6, moisture_recovery=0.5),),
        leaks=Leaks(0.1, leakage_area=2.0 * floor),
        heat_set=HEAT,
        cool_set=COOL,
        humidity_set=DRY,
        heat_limit=150.0 * floor,
        cool_limit=200.0 * floor,
        furniture=20_000.0 * floor,
        open_flow=4.0 * floor,
        open_above=24.0,
        open_below=14.0,
        moisture_buffer=10.0,
        moisture_delay=6.0,
        blind_from=300.0,
        blind_above=20.0,
    )


def offices(count: int) -> Iterator[Zone]:
    """Yield distinct offices: every size, insulation, glass and orientation occurs once."""
    chance = np.random.default_rng(1)
    for number in range(count):
        width, depth, storeys = chance.uniform(12.0, 60.0), chance.uniform(10.0, 24.0), chance.integers(1, 25)
        foam, u_value, shgc = chance.uniform(0.02, 0.2), chance.uniform(1.2, 3.2), chance.uniform(0.25, 0.7)
        yield office(number, (width, depth, 3.5 * float(storeys)), chance.uniform(0.0, 360.0), foam, (u_value, shgc))


def rate(workload: str, zone: Zone, sky: SkyHours) -> None:
    """Print how many years of a zone one thread computes in a second."""
    annual_loads([zone] * 20, sky, threads=1)
    start = time.process_time()
    annual_loads([zone] * REPEATS, sky, threads=1)
    spent = time.process_time() - start
    content = {"workload": workload, "size": {"zone_years": REPEATS}, "zone_years_per_s": round(REPEATS / spent, 1)}
    sys.stdout.write(json.dumps(content) + "\n")


weather = coast()
bestest = replace(case("900"), humidity_set=DRY, moisture_buffer=10.0, moisture_delay=6.0)
rate("zone-years, ASHRAE 140 case 900 with latent load", bestest, weather)
rate("zone-years, office", next(offices(1)), weather)
measure(
    "distinct buildings, 2 threads",
    {"zone_years": BUILDINGS},
    lambda: annual_loads(offices(BUILDINGS), weather, threads=2),
)
