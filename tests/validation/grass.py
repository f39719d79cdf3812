"""Horizons and sunlight of a surface against GRASS: how far they agree on the beam of clear days, and what they cost.

Run ``python tests/validation/grass.py [cells a side]`` where GRASS is installed; without it the script says so, and
stops. GRASS finds horizons with r.horizon (36 directions) and adds up twelve days with r.sun; we tabulate the same beam
once and irradiate every cell. Both take every cell as level ground of one square metre; both times are of one
processor. Some cells are looked at closely as well, to tell which of the two is nearer.
"""

import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pvlib
import rasterio
from numpy.typing import NDArray
from pyproj import Transformer
from rasterio.transform import from_origin

from layers.weather.sun import sun_position
from resources.horizon import DIRECTIONS as OURS
from resources.horizon import horizon_tangents, point_horizons
from resources.irradiation import irradiation, plane_irradiation, sky_table

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]

CRS, WEST, NORTH = "EPSG:3007", 147_720.0, 6_398_780.0
"""The surface lies in Gothenburg."""
DIRECTIONS, LINKE, MIDDLE = 36, 3.0, 15
"""Directions of r.horizon, haze, and the day of each month."""
LEVEL = (0.0, 0.0, 1.0)


@dataclass(frozen=True)
class Outcome:
    """What a program gives: beam of the twelve days [kWh/m2] and processor time of its steps [s]."""

    beam: Floats
    seconds: dict[str, float]


def blocks(side: int) -> Singles:
    """Return a made-up town: a house of up to 40 m in most squares of 40 m, on level ground."""
    chance = np.random.default_rng(1)
    heights = np.zeros((side, side), dtype=np.float32)
    for row in range(0, side, 40):
        for column in range(0, side, 40):
            deep, wide = chance.integers(12, 32, size=2)
            heights[row + 4 : row + 4 + deep, column + 4 : column + 4 + wide] = chance.choice([0, 9, 15, 21, 40])
    return heights


def place_of(side: int) -> pd.DataFrame:
    """Return the site at the middle of the surface."""
    middle = (WEST + 0.5 * side, NORTH - 0.5 * side)
    longitude, latitude = Transformer.from_crs(CRS, "EPSG:4326", always_xy=True).transform(*middle)
    row = {"latitude_deg": latitude, "longitude_deg": longitude, "altitude_m": 0.0, "utc_offset_h": 1.0}
    return pd.DataFrame([row], index=pd.Index(["site"], name="site_id"))


def clear_beam(zenith_deg: Floats, day: NDArray[np.int64]) -> Floats:
    """Return the beam of a clear sky [W/m2], as r.sun has it: Hofierka and Suri (2002), after ESRA."""
    height = np.clip(90.0 - zenith_deg, 0.0, None)
    mass = pvlib.atmosphere.get_relative_airmass(90.0 - height, model="kastenyoung1989")
    thin = 1.0 / (6.6296 + 1.7513 * mass - 0.1202 * mass**2 + 0.0065 * mass**3 - 0.00013 * mass**4)
    thick = np.where(mass <= 20.0, thin, 1.0 / (10.4 + 0.718 * mass))
    outside = 1367.0 * (1.0 + 0.03344 * np.cos(2.0 * np.pi * day / 365.25 - 0.048869))
    beam = outside * np.exp(-0.8662 * LINKE * mass * thick)
    return np.where(zenith_deg < 90.0, beam, 0.0)


def clear_days(site: pd.DataFrame) -> pd.DataFrame:
    """Return a year of weather that is dark but for the beam of the middle day of each month."""
    times = pd.date_range("2023-01-01", periods=8760, freq="h", tz="Etc/GMT-1")
    zenith = sun_position(site, times)["zenith_deg"].to_numpy()
    beam = np.where(times.day == MIDDLE, clear_beam(zenith, times.day_of_year.to_numpy()), 0.0)
    level = beam * np.maximum(np.cos(np.radians(zenith)), 0.0)
    return pd.DataFrame({"ghi": level, "dni": beam, "dhi": 0.0}, index=times)


def ours(heights: Singles) -> Outcome:
    """Irradiate all cells."""
    site = place_of(len(heights))
    normals = np.broadcast_to(np.reshape(LEVEL, (3, 1, 1)), (3, *heights.shape)).astype(np.float32)
    weather = clear_days(site)
    table = sky_table(weather, site, 0.0)
    irradiation(heights[:50, :50], 1.0, table, np.ascontiguousarray(normals[:, :50, :50]))  # compiles
    horizon_tangents(heights[:50, :50], 1.0, DIRECTIONS)
    seconds, marks = {}, [time.process_time()]
    table = sky_table(weather, site, 0.0)
    marks.append(time.process_time())
    beam = irradiation(heights, 1.0, table, normals)[:, :, 0]
    marks.append(time.process_time())
    horizon_tangents(heights, 1.0, DIRECTIONS)
    marks.append(time.process_time())
    names = ("table of the year", f"{OURS} horizons and irradiation", f"{DIRECTIONS} horizons alone")
    for name, (start, end) in zip(names, pairwise(marks), strict=True):
        seconds[name] = end - start
    return Outcome(beam.astype(np.float64), seconds)


def looked_at(heights: Singles, cells: NDArray[np.int64]) -> Floats:
    """Return the beam of single cells by looking in 720 directions every 0.2 m: slow, and next to exact."""
    site = place_of(len(heights))
    table = sky_table(clear_days(site), site, 0.0, directions=720)
    fine = np.kron(heights, np.ones((5, 5), dtype=np.float32))
    rows, columns = cells.T
    middles = np.column_stack([columns + 0.5, rows + 0.5, heights[rows, columns] + 0.001])
    tangents = point_horizons(fine, 0.2, middles, 1.5 * len(heights), 720).astype(np.float64)
    return plane_irradiation(tangents, np.tile(LEVEL, (len(cells), 1)), table)[:, 0]


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _grass(grass: str, place: Path, lines: list[str]) -> float:
    """Run commands in a session of GRASS and return the processor time [s], with that of the session."""
    script = place.parent / "commands.sh"
    script.write_text("set -e\n" + "\n".join(lines) + "\n", encoding="utf-8")
    before = _cpu()
    command = [grass, str(place / "PERMANENT"), "--exec", "sh", str(script)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=_environment())
    if done.returncode:
        raise RuntimeError(f"GRASS failed: {done.stderr[-2000:]}")
    return _cpu() - before


def theirs(grass: str, heights: Singles, folder: Path) -> Outcome:
    """Let r.horizon and r.sun do the same."""
    surface, total = folder / "surface.tif", folder / "beam.tif"
    with rasterio.open(
        surface, "w", driver="GTiff", height=heights.shape[0], width=heights.shape[1], count=1, dtype="float32",
        crs=CRS, transform=from_origin(WEST, NORTH, 1.0, 1.0),
    ) as target:  # fmt: skip
        target.write(heights, 1)
    place = folder / "place"
    subprocess.run([grass, "-c", CRS, "-e", str(place)], capture_output=True, check=True, env=_environment())
    _grass(grass, place, [
        f"r.in.gdal -o input={surface} output=surface", "g.region raster=surface",
        "r.mapcalc expression='level = 0.0'",
    ])  # fmt: skip
    session = _grass(grass, place, ["true"])
    step = 360 // DIRECTIONS
    horizons = _grass(grass, place, [f"r.horizon elevation=surface step={step} output=horizon"]) - session
    days = [pd.Timestamp(2023, month, MIDDLE).day_of_year for month in range(1, 13)]
    suns = _grass(grass, place, [
        f"r.sun elevation=surface aspect=level slope=level horizon_basename=horizon horizon_step={step} "
        f"linke_value={LINKE} day={day} beam_rad=beam{day} nprocs=1"
        for day in days
    ]) - session  # fmt: skip
    sum_of_days = " + ".join(f"beam{day}" for day in days)
    _grass(grass, place, [
        f"r.mapcalc expression='beam = ({sum_of_days}) / 1000.0'",
        f"r.out.gdal -c input=beam output={total} type=Float64 nodata=-1",
    ])  # fmt: skip
    with rasterio.open(total) as source:
        return Outcome(source.read(1), {f"r.horizon, {DIRECTIONS} directions": horizons, "r.sun, 12 days": suns})


def report(own: Outcome, other: Outcome, heights: Singles) -> str:
    """Return times per million cells and agreement, cells within 50 m of the edge apart."""
    inner = (slice(50, -50), slice(50, -50))
    a, b = own.beam[inner], other.beam[inner]
    apart = a - b
    lines = [f"{own.beam.shape[0]} x {own.beam.shape[1]} cells of 1 m"]
    for who, outcome in (("nearzero", own), ("GRASS", other)):
        for name, used in outcome.seconds.items():
            lines.append(f"{who:9s} {name:32s} {used:8.2f} s {used / own.beam.size * 1e6:9.2f} s per million cells")
    lines.append(f"beam of 12 clear days, open cell  {own.beam.max():.2f} and {other.beam.max():.2f} kWh/m2")
    lines.append(
        f"beam of 12 clear days, all cells  {a.mean():.2f} and {b.mean():.2f} kWh/m2, {a.mean() / b.mean():.4f}"
    )
    lines.append(
        f"cells: r {np.corrcoef(a.ravel(), b.ravel())[0, 1]:.4f}, RMSE {np.sqrt((apart**2).mean()):.2f} kWh/m2, "
        f"median of differences {np.median(np.abs(apart)):.2f} kWh/m2"
    )
    cells = np.random.default_rng(2).integers(50, len(heights) - 50, size=(400, 2))
    exact = looked_at(heights, cells)
    for who, outcome in (("nearzero", own), ("GRASS", other)):
        found = outcome.beam[cells[:, 0], cells[:, 1]]
        lines.append(
            f"{who:9s} 400 cells against 720 directions looked at every 0.2 m: sum {found.sum() / exact.sum():.4f}, "
            f"RMSE {np.sqrt(((found - exact) ** 2).mean()):.2f} kWh/m2"
        )
    return "\n".join(lines)


def _environment() -> dict[str, str]:
    """Return the environment without our own path to modules: GRASS has one of the name of this file."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}


def main(arguments: list[str]) -> None:
    """Compare on a made-up town."""
    grass = shutil.which("grass")
    if grass is None:
        sys.stdout.write("GRASS is not installed: there is nothing to compare with\n")
        return
    heights = blocks(int(arguments[0]) if arguments else 500)
    with tempfile.TemporaryDirectory() as folder:
        other = theirs(grass, heights, Path(folder))
    sys.stdout.write(report(ours(heights), other, heights) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
