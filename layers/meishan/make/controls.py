"""Numbers of the plan for every parcel: controls, phase, residents and jobs. All of them are illustrative."""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely.geometry import Point

from layers.landuse import landuse_table
from layers.meishan.make.frame import FACTS, SEED, Array, LonLat, belt
from layers.meishan.make.uses import main_code, row_of

POPULATION_2017 = int(FACTS.value("population.base"))
POPULATION_2030 = int(FACTS.value("population.target"))
VILLAGERS = int(FACTS.value("population.villages"))
"""Residents of villages, in 2017 as in 2030: the growth goes to the districts."""

FLOOR_PER_HEAD_M2 = FACTS.value("per_head.residential_gfa")
OLD_FAR = FACTS.value("old_housing.far")

CENTRES: dict[str, LonLat] = {
    "IS": ((121.9615, 29.7880),),
    "PS": ((121.9615, 29.7880),),
    "PE": ((122.0050, 29.7850),),
    "CX": ((121.9390, 29.7915), (121.9060, 29.7640)),
    "BF": ((121.9800, 29.8830),),
    "GJ": ((122.0850, 29.8880),),
    "SY": ((122.0100, 29.8670),),
}
"""Where each district is densest and where its building began."""

OLD_CORES: tuple[tuple[float, float, float], ...] = (
    (121.9390, 29.7915, 900.0),
    (121.9060, 29.7640, 1400.0),
    (121.9800, 29.8830, 1100.0),
    (122.0850, 29.8880, 1000.0),
    (122.0100, 29.8670, 800.0),
    (122.0100, 29.7800, 1900.0),
    (121.9600, 29.7860, 450.0),
)
"""Place and radius [m] of what was built by 2017."""

BLOCKS: tuple[tuple[float, float, float, float], ...] = (
    (1.2, 0.38, 18.0, 0.28),
    (1.6, 0.30, 27.0, 0.30),
    (2.1, 0.27, 36.0, 0.30),
    (2.8, 0.21, 54.0, 0.35),
    (3.1, 0.20, 80.0, 0.35),
)
"""Floor area ratio up to, density, height [m] and green ratio of housing, within GB 50180-2018 table 4.0.2."""


@dataclass(frozen=True)
class Numbers:
    """What is reckoned for all parcels at once, in their order."""

    far: Array
    density: Array
    height_m: Array
    green_ratio: Array
    existing: Array
    phase_year: Array


def _closeness(frame: gpd.GeoDataFrame) -> tuple[Array, Array]:
    """Return closeness to the district's centre, 0 to 1, and distance from it [m]."""
    near = np.zeros(len(frame))
    apart = np.full(len(frame), 9e3)
    xy = np.column_stack([frame.geometry.centroid.x, frame.geometry.centroid.y])
    for district, places in CENTRES.items():
        mine = (frame["district"] == district).to_numpy()
        centres = belt(places)
        off = np.hypot(xy[mine, None, 0] - centres[None, :, 0], xy[mine, None, 1] - centres[None, :, 1])
        apart[mine] = off.min(axis=1)
        near[mine] = np.exp(-((off[:, 0] / 1700.0) ** 2))
    return near, apart


def _housing(far: Array) -> tuple[Array, Array, Array]:
    upper = np.array([block[0] for block in BLOCKS])
    index = np.minimum(np.searchsorted(upper, far - 1e-9), len(BLOCKS) - 1)
    table = np.array([block[1:] for block in BLOCKS])[index]
    return table[:, 0], table[:, 1], table[:, 2]


def numbers(frame: gpd.GeoDataFrame) -> Numbers:
    """Return controls and phases.

    Parameters
    ----------
    frame
        Parcels with `landuse` and `district`.
    """
    rng = np.random.default_rng(SEED + 51)
    table = landuse_table()
    codes = frame["landuse"].map(main_code)
    rows = codes.map(lambda code: _prefix(code, table.index)).to_numpy()
    near, apart = _closeness(frame)
    low, high, mean = (table.loc[rows, name].to_numpy(float) for name in ("far_low", "far_high", "far"))
    low, high = np.where(np.isnan(low), mean, low), np.where(np.isnan(high), mean, high)
    trade = codes.str.startswith("B").to_numpy()
    lean = np.clip(np.where(trade, 0.02 + 0.33 * near, 0.25 + 0.5 * near) + rng.normal(0.0, 0.10, len(frame)), 0.0, 1.0)
    far = np.where(mean > 0.1, np.round(low + (high - low) * lean, 1), np.round(mean, 2))
    housing = codes.isin(["R1", "R2"]).to_numpy()
    existing = _existing(frame, codes)
    wanted = np.round(np.clip(1.2 + 0.9 * near + rng.normal(0.0, 0.12, len(frame)), 1.3, 2.8), 1)
    wanted = np.where(existing, np.clip(wanted, 1.3, 1.6), wanted)
    wanted = np.where(codes == "R1", np.round(np.clip(0.9 + rng.normal(0, 0.1, len(frame)), 0.7, 1.1), 1), wanted)
    far = np.where(housing, wanted, far)
    village = (codes == "H14").to_numpy()
    far = np.where(village, np.round(rng.uniform(0.45, 0.75, len(frame)), 2), far)
    density, height, green = (
        table.loc[rows, name].to_numpy(float) for name in ("building_density", "height_limit_m", "green_ratio")
    )
    house_density, house_height, house_green = _housing(far)
    density = np.where(housing, house_density, np.where(village, 0.32, density))
    storeys = np.ceil(far / np.where(density > 0, density, 1.0))
    height = np.where(far > 0, np.maximum(height * 0.8, np.round(storeys * 4.2 + 1.0)), 0.0)
    height = np.where(housing, house_height, np.where(village, 12.0, np.round(height)))
    green = np.where(housing, house_green, np.where(village, 0.2, green))
    return Numbers(far, density, height, np.asarray(green, dtype=float), existing, _phase(frame, apart, existing))


def _prefix(code: str, known: pd.Index) -> str:
    return next(code[:end] for end in range(len(code), 0, -1) if code[:end] in known)


def _existing(frame: gpd.GeoDataFrame, codes: pd.Series) -> Array:
    """Tell what stood in 2017: the open land, and in the old cores what lies within their radius.

    Housing is taken from the cores outwards until it holds the people of the base year.
    """
    centroid = frame.geometry.centroid
    away = np.min(
        [
            (centroid.distance(Point(*belt([(lon, lat)])[0])) / radius).to_numpy(dtype=float)
            for lon, lat, radius in OLD_CORES
        ],
        axis=0,
    )
    old = (frame["district"] == "").to_numpy() | codes.isin(["E1", "E21", "E23", "E9", "H14", "H22", "S1"]).to_numpy()
    old |= away < 1.0
    share = frame["landuse"].map(housing_share).to_numpy(dtype=float)
    floor = np.where(codes == "R1", 0.9, OLD_FAR) * frame.geometry.area.to_numpy() * share
    order = np.lexsort((np.arange(len(away)), np.where(share > 0, away, np.inf)))
    housed = np.zeros(len(away), dtype=bool)
    housed[order] = np.cumsum(floor[order]) <= (POPULATION_2017 - VILLAGERS) * FLOOR_PER_HEAD_M2
    return np.asarray(np.where(share > 0, housed, old))


def _phase(frame: gpd.GeoDataFrame, apart: Array, existing: Array) -> Array:
    """Spread the planned parcels of every district over 2018 to 2030, from its centre outwards."""
    year = np.full(len(frame), 2017)
    for district in CENTRES:
        mine = np.flatnonzero((frame["district"] == district).to_numpy() & ~existing.astype(bool))
        order = mine[np.lexsort((mine, np.round(apart[mine] / 250.0)))]
        year[order] = 2018 + (np.arange(len(order)) * 13) // max(len(order), 1)
    return year


def housing_share(use: str) -> float:
    """Return the share of floor area that is dwelling.

    Examples
    --------
    >>> housing_share("R2:0.7/B1:0.3"), housing_share("B1/B2")
    (0.7, 0.0)
    """
    parts = [part.partition(":") for part in use.split("/")]
    shares = [float(share) if share else 1.0 / len(parts) for _, _, share in parts]
    return float(sum(s for (code, _, _), s in zip(parts, shares, strict=True) if code in {"R1", "R2", "R3"}))


def _to_sum(weights: Array, total: int) -> Array:
    """Share whole persons out by weight so that they sum exactly (largest remainders)."""
    exact = weights / weights.sum() * total
    whole = np.floor(exact)
    short = round(total - float(whole.sum()))
    order = np.lexsort((np.arange(len(exact)), -(exact - whole)))
    whole[order[:short]] += 1
    return np.asarray(whole)


def people(frame: gpd.GeoDataFrame) -> tuple[Array, Array]:
    """Return residents and jobs per parcel, residents summing to the base year's and the target year's figure."""
    floor = frame.geometry.area.to_numpy() * frame["far"].to_numpy()
    dwelling = floor * frame["landuse"].map(housing_share).to_numpy()
    existing = (frame["status"] == "existing").to_numpy()
    village = (frame["landuse"] == "H14").to_numpy()
    residents = np.zeros(len(frame))
    for who, total in (
        (village, VILLAGERS),
        (existing & (dwelling > 0), POPULATION_2017 - VILLAGERS),
        (~existing & (dwelling > 0), POPULATION_2030 - POPULATION_2017),
    ):
        weights = np.where(village, floor, dwelling)[who]
        residents[who] = _to_sum(weights, total)
    jobs = np.zeros(len(frame))
    for number, (use, built) in enumerate(zip(frame["landuse"], floor, strict=True)):
        parts = [part.partition(":") for part in use.split("/")]
        for code, _, share in parts:
            per_job = row_of(code)["m2_per_job"]
            if per_job:
                jobs[number] += built * (float(share) if share else 1.0 / len(parts)) / float(per_job)
    return residents, np.round(jobs)
