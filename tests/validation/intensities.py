"""Annual figures of kinds of buildings beside standards and measurements of the lower Yangtze.

Run ``python tests/validation/intensities.py [folder of the data sets]`` to write the page ``docs/intensities.md``;
`intensities_page` holds what it looks like. What is published stands in ``tests/reference/intensities.csv``.
"""

import sys
from dataclasses import replace
from pathlib import Path

import pandas as pd

from layers.archetypes import archetypes
from layers.constants import constants
from layers.errors import Findings
from layers.weather import WeatherOptions, read_weather
from spatial.demand import DemandOptions, building_profiles
from spatial.demand.building import annual_loads, sky_hours
from spatial.demand.classes import class_sums, members, typical_forms
from spatial.demand.profiles import annual_services, electricity, served_shares
from spatial.demand.rooms import place_of, room_zone
from spatial.demand.schedules import calendar
from spatial.demand.use import Use
from spatial.demand.values import Values, demand_constants

ROOT = Path(__file__).parents[2]
DATA = ROOT.parent / "shared" / "data"
REFERENCE = ROOT / "tests" / "reference" / "intensities.csv"
MEISHAN = {"latitude_deg": 29.79, "longitude_deg": 121.95, "altitude_m": 5.0, "utc_offset_h": 8.0}

GROUPS = {
    "office": ("office",),
    "retail": ("retail",),
    "hotel": ("hotel",),
    "school": ("school",),
    "hospital": ("hospital",),
    "residential": ("res_highrise", "res_lowrise"),
}
"""Groups that are checked, and the archetypes in them."""
PERIODS = {"stock": ("pre2001", "code2010"), "new": ("code2021",), "near zero": ("nzeb",)}
COOLING, HEATING, HOT_WATER = 3.0, 2.5, 3.0
"""Electricity of plants of the 2017 stock, as of tests/spatial/test_demand_profiles.py; new plants do better."""
ROOM_HEATING, ROOM_COOLING = 1.9, 2.3
"""Room units of GB 55015-2021 table A.0.1."""

PER_HEAD = "per_head.residential_gfa"
HOUSEHOLD_PERSONS = 2.35
"""Persons of a household in Zhejiang, seventh national census 2020 (communique, recalled)."""

COMPARED = (
    ("stock", "electricity", "measured", "electricity"),
    ("new", "electricity", "standard", "all_energy"),
    ("new", "hvac_lighting", "standard", "hvac_lighting"),
    ("new", "heating_electricity", "standard", "heating_electricity"),
    ("new", "cooling_electricity", "standard", "cooling_electricity"),
    ("stock", "household_electricity", "standard", "household_electricity"),
    ("new", "household_electricity", "standard", "household_electricity"),
    ("near zero", "heating_useful", "limit", "heating_useful"),
)
"""Which period and figure of ours stands beside which kind and quantity of the published ones."""

Weather = tuple[pd.DataFrame, pd.DataFrame]


def meishan() -> Weather:
    """Return weather and site of the embedded study."""
    return _year(ROOT / "layers" / "meishan" / "normals.csv", WeatherOptions(**MEISHAN))


def shanghai(data: Path = DATA) -> Weather:
    """Return weather and site of the typical year of Shanghai Hongqiao."""
    return _year(min((data / "epw_shanghai").glob("*.epw")), WeatherOptions())


def _year(path: Path, options: WeatherOptions) -> Weather:
    read = read_weather(path, options, Findings())
    if read is None:
        raise ValueError(f"{path}: no year of weather")
    return read[1], read[0]


def with_sums(wide: pd.DataFrame) -> pd.DataFrame:
    """Add what is compared to a table with one column a service [kWh/m2a].

    ``cooling`` both parts, ``fans_lifts``, ``electricity`` of the whole building but cooking, ``hvac_lighting`` that of
    heating, ventilation, cooling and lighting, ``household_electricity`` that of a household [kWh/a].
    """
    cooling, moved = wide["cooling_sensible"] + wide["cooling_latent"], wide["ventilation"] + wide["lifts"]
    climate = cooling / COOLING + wide["heating"] / HEATING
    own = wide[["lighting", "equipment", "process"]].sum(axis=1)
    everything = own + moved + climate + wide["hot_water"] / HOT_WATER
    return wide.assign(
        cooling=cooling,
        fans_lifts=moved,
        electricity=everything,
        household_electricity=everything * HOUSEHOLD_PERSONS * constants("layers", "people.csv").value(PER_HEAD),
        hvac_lighting=wide["lighting"] + wide["ventilation"] + climate,
        heating_electricity=wide["heating"] / ROOM_HEATING,
        cooling_electricity=cooling / ROOM_COOLING,
        heating_useful=wide["heating"],
    )


def ours(weather: Weather) -> pd.DataFrame:
    """Return our annual figures [kWh/m2a], archetypes and vintages x services and sums."""
    _, found = building_profiles(*weather, DemandOptions())
    wide = found.pivot_table(index=["archetype", "vintage"], columns="service", values="kwh_m2", sort=False)
    return with_sums(wide)


def fully_used(weather: Weather) -> pd.DataFrame:
    """Return the same of new buildings used in full, as GB 55015-2021 reckons: all factors of use are one."""
    table = {
        key: replace(row, text="1") if key.startswith("use.") or key == "fresh_air.code2021" else row
        for key, row in demand_constants().items()
    }
    values, options = Values(table), DemandOptions()
    kinds = {name: archetypes()[name] for names in GROUPS.values() for name in names}
    zones = members(typical_forms(kinds), kinds, ("code2021",))
    sky = sky_hours(*weather, values.value("solar.albedo"))
    use, place = Use(calendar(pd.DatetimeIndex(weather[0].index)), sky.pressure), place_of(sky, values)
    annual = annual_loads((room_zone(zone, use, place, options, values) for zone in zones), sky)
    names = ["heating_mwh", "cooling_sensible_mwh", "cooling_latent_mwh"]
    thermal = annual[names].to_numpy() * 1000.0 * served_shares(zones, values)
    by_service = {name.removesuffix("_mwh"): column for name, column in zip(names, thermal.T, strict=True)}
    hourly = electricity(zones, use, values) | annual_services(zones, use, values)
    by_service |= {name: rows.sum(axis=1) / 1000.0 for name, rows in hourly.items()}
    wide = pd.DataFrame({name: pd.Series(class_sums(zones, rows)) for name, rows in by_service.items()})
    keys = [name.split("|") for name in wide.index]
    wide.index = pd.MultiIndex.from_tuples([(key[0], key[2]) for key in keys], names=["archetype", "vintage"])
    return with_sums(wide)


def reference() -> pd.DataFrame:
    """Return what is published."""
    return pd.read_csv(REFERENCE, keep_default_na=False, na_values={name: [""] for name in ("low", "value", "high")})


def _off(value: float, ranges: list[tuple[float, float]]) -> float:
    """Return a figure over the nearest end of a range; one where it lies in a range."""
    if any(low <= value <= high for low, high in ranges):
        return 1.0
    ends = [end for ends in ranges for end in ends]
    return value / min(ends, key=lambda end: abs(value - end))


def groups() -> dict[str, tuple[str, ...]]:
    """Return the checked groups, and other archetypes that something is published of."""
    taken = {name for names in GROUPS.values() for name in names}
    others = [str(name) for name in reference()["archetype"].unique() if name in archetypes() and name not in taken]
    return GROUPS | {name: (name,) for name in others}


def judged(figures: pd.DataFrame) -> pd.DataFrame:
    """Return our figures beside the ranges they should lie in.

    Stock beside measured electricity of whole buildings, new buildings beside the standards, near zero beside limits of
    useful heating. A figure is inside where it lies in one of the ranges; of a standard of several tables in the range
    that they span, as of sizes of buildings.

    Parameters
    ----------
    figures
        As of `ours`.

    Returns
    -------
    DataFrame
        Columns ``group, period, quantity, against, ours_low, ours_high, ranges, off``: the last is the figure over the
        nearest end of a range, that of the vintage farthest off; one inside.
    """
    published, rows = reference(), []
    for group, names in groups().items():
        for period, quantity, kind, theirs in COMPARED:
            chosen = (published["archetype"] == group) & (published["kind"] == kind) & (published["quantity"] == theirs)
            known = published[chosen].dropna(subset=["high"])
            if known.empty:
                continue
            ranges = sorted(zip(known["low"].fillna(0.0), known["high"], strict=True))
            values = figures.loc[[(name, vintage) for name in names for vintage in PERIODS[period]], quantity]
            off = max((_off(value, ranges) for value in values), key=lambda ratio: abs(ratio - 1.0))
            rows.append((group, period, quantity, kind, values.min(), values.max(), tuple(ranges), off))
    columns = ["group", "period", "quantity", "against", "ours_low", "ours_high", "ranges", "off"]
    return pd.DataFrame(rows, columns=columns)


if __name__ == "__main__":
    import intensities_page

    years = {"Shanghai": shanghai(Path(sys.argv[1]) if len(sys.argv) > 1 else DATA), "Meishan": meishan()}
    intensities_page.write(years, ROOT / "docs")
