"""Fifteen buildings of Zug: their footprints and the data set's own tables in, annual loads out. Nothing is fitted.

The data is the reference case of the City Energy Analyst, baseline (MIT licence). Run ``python tests/validation/zug.py
[folder of the data sets]`` to write the page ``docs/zug.md`` and its picture; `zug_page` holds what they look like.
"""

import sys
from dataclasses import dataclass
from itertools import pairwise
from math import atan2, cos, degrees, hypot, radians, sin
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely
from numpy.typing import NDArray

from layers.errors import Findings
from layers.weather import WeatherOptions, read_weather
from spatial.demand.building import (
    STANDARD_FILMS,
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
    glazing,
    sky_hours,
)
from spatial.demand.building.humidity import humidity_ratio
from spatial.demand.building.sky import irradiance_on

Floats = NDArray[np.float64]

ROOT = Path(__file__).parents[2]
DATA = ROOT.parent / "shared" / "data"
CASE = Path("cea_zug_reference_case") / "baseline"
MEASURED = ROOT / "tests" / "reference" / "zug_measured.csv"

TRUE_CRS, FALSE_NORTHING = "EPSG:32632", 10_000_000.0
"""The layers say zone 32 south, whose northing begins at 10,000 km; the place is in the north."""
SIDES = 8
"""Compass directions that walls are grouped into."""
PEOPLE_WITHOUT = ("PARKING",)
"""Uses that are not heated: the others share the heated floor."""

# What the data set does not hold, from the program it is made for: cea/demand/constants.py and its leakage rule, which
# is equation 3 of DIN 1946-6.
HEAT_RECOVERY = 0.75
LEAK_SHARE = 0.5 * (5.0 / 50.0) ** (2.0 / 3.0)
"""Air change by leaks over that at 50 Pa, of a building of several storeys in the lee."""
BLIND_FROM = 300.0
"""Sun from which blinds are drawn [W/m2], ISO 13790:2008 clause 11.4.3."""
ROOF_FILMS, GROUND_FILMS = 0.10 + 0.04, 2.0 * 0.13
"""ISO 6946:2017 table 7; the soil's own resistance is in the U-value."""
INNER_AREA = 2.5
"""Surface of what is inside per floor area, ISO 13790:2008 table 12, medium."""
CONCRETE = (2.3, 2300.0, 1000.0)
"""Conductivity [W/mK], density, heat: ISO 10456:2007 table 3, reinforced concrete."""
REACH, RAYS, STOREY = 150.0, (-60.0, -30.0, 0.0, 30.0, 60.0), 3.0
"""How far [m] and to which sides [deg] of its facing a wall looks for other buildings."""


@dataclass(frozen=True)
class Variant:
    """What is done otherwise to see what moves the sum: for the discussion, never for the comparison."""

    metered_electricity: bool = False
    setback: bool = True
    obstacles: bool = True
    recovery: bool = True
    blinds: bool = True
    emission: bool = True
    old_walls: bool = False


PLAIN = Variant()


@dataclass(frozen=True, eq=False)
class Case:
    """The data set: geometry with repaired coordinates, tables by building, tables of technology, the year."""

    zone: gpd.GeoDataFrame
    around: gpd.GeoDataFrame
    tables: dict[str, pd.DataFrame]
    parts: dict[str, pd.DataFrame]
    uses: dict[str, pd.DataFrame]
    schedules: dict[str, pd.DataFrame]
    sky: SkyHours
    ground: Floats
    simulated: pd.DataFrame
    measured: pd.DataFrame


def repaired(path: Path) -> gpd.GeoDataFrame:
    """Return a layer in the coordinates it is really in, by name of the building."""
    layer = gpd.read_file(path)
    moved = layer.geometry.translate(yoff=-FALSE_NORTHING)
    return layer.set_geometry(moved.set_crs(TRUE_CRS, allow_override=True)).set_index("Name").sort_index()


def _ground_temperature(epw: Path, months: NDArray[np.int64]) -> Floats:
    """Return the soil temperature of the weather file at one metre [C], hours; each month has one."""
    line = next(text for text in epw.read_text(encoding="utf-8").splitlines() if text.startswith("GROUND"))
    monthly = np.array([float(value) for value in line.split(",")[6:18]])
    return np.asarray(monthly[months - 1])


def _schedule(path: Path) -> pd.DataFrame:
    """Return hours of a week by day and hour, times the occupancy of the months, as the file has it."""
    table = pd.read_csv(path, skiprows=2).set_index(["DAY", "HOUR"])
    table.attrs["months"] = [float(value) for value in path.read_text().splitlines()[1].split(",")[1:13]]
    return table


def read_case(data: Path = DATA) -> Case:
    """Read the data set."""
    inputs = data / CASE / "inputs"
    read = read_weather(inputs / "weather" / "weather.epw", WeatherOptions(), Findings())
    if read is None:
        raise ValueError(f"{inputs / 'weather'}: no year of weather")
    site, weather = read
    geometry, properties, technology = (
        inputs / f"building-{kind}" if kind != "technology" else inputs / kind
        for kind in ("geometry", "properties", "technology")
    )
    tables = {
        path.stem: pyogrio.read_dataframe(path, read_geometry=False).set_index("Name")
        for path in sorted(properties.glob("*.dbf"))
    }
    by_code = {"index_col": "code", "sheet_name": None}
    hvac = pd.read_excel(technology / "assemblies" / "HVAC.xlsx", **by_code)
    simulated = pd.read_csv(data / CASE / "outputs" / "data" / "demand" / "Total_demand.csv", index_col="Name")
    return Case(
        repaired(geometry / "zone.shp"),
        repaired(geometry / "surroundings.shp"),
        tables,
        pd.read_excel(technology / "assemblies" / "ENVELOPE.xlsx", **by_code) | hvac,
        pd.read_excel(technology / "archetypes" / "use_types" / "USE_TYPE_PROPERTIES.xlsx", **by_code),
        {path.stem: _schedule(path) for path in sorted((properties / "schedules").glob("*.csv"))},
        sky_hours(weather, site),
        _ground_temperature(inputs / "weather" / "weather.epw", sky_hours(weather, site).times.month.to_numpy()),
        simulated,
        pd.read_csv(MEASURED, comment="#", index_col="building"),
    )


@dataclass(frozen=True)
class Areas:
    """Floor areas of a building [m2]: gross with the basement, heated, with people, with electricity."""

    gross: float
    heated: float
    occupied: float
    electric: float


def areas_of(case: Case, name: str) -> Areas:
    """Return floor areas: shares `Hs`, `Ns` and `Es` of the data set are of the gross floor."""
    shape, built = case.zone.loc[name], case.tables["architecture"].loc[name]
    footprint = float(shape.geometry.area)
    above, below = footprint * shape["floors_ag"], footprint * shape["floors_bg"]
    heated = above * built["Hs_ag"] + below * built["Hs_bg"]
    return Areas(above + below, heated, (above + below) * built["Ns"], (above + below) * built["Es"])


@dataclass(frozen=True)
class Wall:
    """One straight side: length [m], direction it faces [deg], share of the sky left open, height of a party wall."""

    length: float
    azimuth: float
    view: float
    shared: float


def walls_of(case: Case, name: str) -> list[Wall]:
    """Return the sides of a footprint with what stands before them.

    Light from all sides is taken to be cut as that of the sky is: by one less the sine of the skyline's height, seen
    from half-way up, the mean over `RAYS` weighted by the cosine of their angle to the wall.
    """
    shape = shapely.orient_polygons(case.zone.geometry[name], exterior_cw=False)
    others = pd.concat([case.zone.drop(index=name), case.around])[["geometry", "height_ag"]]
    near = others[others.intersects(shape.buffer(REACH))]
    outlines, tops = near.geometry.to_numpy(), near["height_ag"].to_numpy(dtype=np.float64)
    height = float(case.zone.loc[name, "height_ag"])
    corners = np.asarray(shape.exterior.coords)
    found = []
    for (x0, y0), (x1, y1) in pairwise(corners):
        length = hypot(x1 - x0, y1 - y0)
        azimuth = degrees(atan2(y1 - y0, -(x1 - x0))) % 360.0  # outwards is to the right of an anticlockwise side
        middle = np.array([0.5 * (x0 + x1), 0.5 * (y0 + y1)])
        open_share, weight = 0.0, 0.0
        for turn in RAYS:
            toward = np.array([sin(radians(azimuth + turn)), cos(radians(azimuth + turn))])
            ray = shapely.LineString([middle + 0.1 * toward, middle + REACH * toward])
            meets = shapely.distance(shapely.intersection(outlines, ray), shapely.Point(middle))
            rise = np.arctan2(np.maximum(tops - 0.5 * height, 0.0), np.maximum(meets, 0.5))
            skyline = float(np.nanmax(np.where(np.isnan(meets), 0.0, rise), initial=0.0))
            open_share += cos(radians(turn)) * (1.0 - sin(skyline))
            weight += cos(radians(turn))
        before = shapely.Point(middle + 0.5 * np.array([sin(radians(azimuth)), cos(radians(azimuth))]))
        touching = tops[shapely.intersects(outlines, before)]
        found.append(Wall(length, azimuth, open_share / weight, float(min(height, touching.max(initial=0.0)))))
    return found


def _massless(u_value: float, films: float) -> tuple[Layer, ...]:
    return (Layer((1.0 / u_value - films) * 0.04, 0.04),)


def _faces(case: Case, name: str, variant: Variant) -> tuple[list[Opaque], list[Window]]:
    """Return walls and windows to eight sides: party walls let nothing through and have no windows."""
    built, shape = case.tables["architecture"].loc[name], case.zone.loc[name]
    wall = case.parts["WALL"].loc["WALL_AS3" if variant.old_walls else built["type_wall"]]
    pane = case.parts["WINDOW"].loc[built["type_win"]]
    # the frame shades its share of the window; the U-value is of window and frame
    glass = glazing(float(pane["U_win"]), float(pane["G_win"]) * (1.0 - float(pane["F_F"])))
    blind = float(case.parts["SHADING"].loc[built["type_shade"], "rf_sh"]) if variant.blinds else 1.0
    open_storeys = min(float(built["void_deck"]), shape["floors_ag"] - 1.0)
    height = float(shape["height_ag"]) * (1.0 - open_storeys / shape["floors_ag"])
    area, window, seen = np.zeros(SIDES), np.zeros(SIDES), np.zeros(SIDES)
    for side in walls_of(case, name):
        group = round(side.azimuth / (360.0 / SIDES)) % SIDES
        free = side.length * max(height - side.shared, 0.0)
        quarter = ("north", "east", "south", "west")[round(side.azimuth / 90.0) % 4]
        glazed = free * float(built[f"wwr_{quarter}"])
        area[group] += free - glazed
        window[group] += glazed
        seen[group] += glazed * (side.view if variant.obstacles else 1.0)
    directions = np.arange(SIDES) * 360.0 / SIDES
    layers = _massless(float(wall["U_wall"]), STANDARD_FILMS)
    face = {"absorptance": float(wall["a_wall"]), "emittance": float(wall["e_wall"])}
    walls = [
        Opaque(f"wall {azimuth:.0f}", float(size), layers, azimuth=float(azimuth), **face)
        for azimuth, size in zip(directions, area, strict=True)
        if size > 0.0
    ]
    windows = [
        Window(f"window {azimuth:.0f}", float(size), glass, azimuth=float(azimuth), view=view / size, blind=blind)
        for azimuth, size, view in zip(directions, window, seen, strict=True)
        if size > 0.0
    ]
    return walls, windows


def _ends(case: Case, name: str) -> list[Opaque]:
    """Return roof, lowest floor and the mass inside. A floor over open storeys faces outdoors, others the soil."""
    built, shape = case.tables["architecture"].loc[name], case.zone.loc[name]
    roof = case.parts["ROOF"].loc[built["type_roof"]]
    base = float(case.parts["FLOOR"].loc[built["type_base"], "U_base"])
    footprint = float(shape.geometry.area)
    face = {"absorptance": float(roof["a_roof"]), "emittance": float(roof["e_roof"])}
    parts = [Opaque("roof", footprint, _massless(float(roof["U_roof"]), ROOF_FILMS), tilt=0.0, **face)]
    if built["void_deck"] > 0.0:
        parts.append(Opaque("floor", footprint, _massless(base, STANDARD_FILMS), tilt=180.0))
    else:
        layers = _massless(base, GROUND_FILMS)
        parts.append(Opaque("floor", footprint, layers, tilt=180.0, facing="space", outside_temperature=case.ground))
    floor = areas_of(case, name).heated or footprint
    conductivity, density, heat = CONCRETE
    capacity = float(case.parts["CONSTRUCTION"].loc[built["type_cons"], "Cm_Af"])
    mass = Layer(capacity / (INNER_AREA * density * heat), conductivity, density, heat)
    parts.append(Opaque("inside", INNER_AREA * floor, (mass,), tilt=180.0, facing="adiabatic"))
    return parts


def pattern(case: Case, name: str, column: str) -> NDArray[Any]:
    """Return a column of a building's schedule over the year, as it stands there."""
    table, times = case.schedules[name], case.sky.times
    days = np.where(times.day_of_week < 5, "WEEKDAY", np.where(times.day_of_week == 5, "SATURDAY", "SUNDAY"))
    rows = pd.MultiIndex.from_arrays([days, times.hour + 1])
    return np.asarray(table[column].loc[rows].to_numpy())


def used(case: Case, name: str, column: str) -> Floats:
    """Return a schedule of shares over the year: of the hour times that of the month."""
    months = np.asarray(case.schedules[name].attrs["months"])[case.sky.times.month.to_numpy() - 1]
    return np.asarray(pattern(case, name, column).astype(np.float64) * months)


def _in_season(case: Case, first: str, last: str) -> NDArray[np.bool_]:
    """Return in which hours a season runs whose days are written ``day|month``; it may pass the new year."""
    number = case.sky.times.month.to_numpy() * 100 + case.sky.times.day.to_numpy()
    start, stop = (int(day.split("|")[1]) * 100 + int(day.split("|")[0]) for day in (first, last))
    inside = (number >= start, number <= stop)
    return np.asarray(inside[0] & inside[1] if start <= stop else inside[0] | inside[1])


def set_points(case: Case, name: str, variant: Variant) -> tuple[Floats, Floats]:
    """Return set points for heating and cooling [C], hours: without bound while off or out of season."""
    comfort, plant = case.tables["indoor_comfort"].loc[name], case.tables["air_conditioning"].loc[name]
    control = case.parts["CONTROLLER"].loc[plant["type_ctrl"]]
    emission = {"h": case.parts["HEATING"].loc[plant["type_hs"]], "c": case.parts["COOLING"].loc[plant["type_cs"]]}
    found = []
    for mode, sign, column in (("heat", -1.0, "HEATING"), ("cool", 1.0, "COOLING")):
        state, letter = pattern(case, name, column), mode[0]
        # what emission and control miss the set point by is the data set's, and part of what was metered
        shift = float(control[f"dT_Q{letter}s"] + emission[letter][f"dT{letter}s_C"]) if variant.emission else 0.0
        at_rest = np.where(state == "SETBACK", comfort[f"T{letter}s_setb_C"], sign * np.inf)
        if mode == "heat" and not variant.setback:
            at_rest = always(float(comfort["Ths_set_C"]))
        plan = np.where(state == "SETPOINT", comfort[f"T{letter}s_set_C"], at_rest) + shift
        season = _in_season(case, plant[f"{mode}_starts"], plant[f"{mode}_ends"])
        found.append(np.where(season, plan, sign * np.inf).astype(np.float64))
    return found[0], found[1]


def densities(case: Case, name: str) -> dict[str, float]:
    """Return people [1/m2] and loads [W/m2] of the heated floor: the means of its uses, each of its own figures.

    The data set's mean of square metres per person makes crowds where a use without people has none of them, so
    persons per square metre are averaged instead.
    """
    kind = case.tables["typology"].loc[name]
    uses = [(kind[f"{rank}_USE"], float(kind[f"{rank}_USE_R"])) for rank in ("1ST", "2ND", "3RD")]
    uses = [(use, share) for use, share in uses if share > 0.0 and use not in PEOPLE_WITHOUT]
    whole, loads = sum(share for _, share in uses), case.uses["INTERNAL_LOADS"]
    means = {
        column: sum(share * float(loads.loc[use, column]) for use, share in uses) / whole
        for column in ("Ea_Wm2", "El_Wm2", "Epro_Wm2")
    }
    crowds = [(share, float(loads.loc[use, "Occ_m2p"])) for use, share in uses]
    return means | {"people": sum(share / room for share, room in crowds if room > 0.0) / whole}


def electricity(case: Case, name: str) -> float:
    """Return annual electricity of lamps and appliances by the data set's loads and schedules [MWh]."""
    loads, area = densities(case, name), areas_of(case, name).electric
    hours = {"El_Wm2": "LIGHTING", "Ea_Wm2": "APPLIANCES"}
    return sum(loads[load] * float(used(case, name, column).sum()) for load, column in hours.items()) * area / 1e6


def hot_water(case: Case, name: str) -> float:
    """Return annual heat of hot water by the data set's litres per person and day, from 10 to 60 C [MWh]."""
    area, litres = areas_of(case, name).occupied, case.tables["internal_loads"].loc[name, "Vww_ldp"]
    # the schedule shares a day's litres among its hours
    fullest = float(pattern(case, name, "WATER").astype(np.float64).reshape(-1, 24).sum(axis=1).max())
    days = float(used(case, name, "WATER").sum()) / fullest
    return float(area * densities(case, name)["people"] * litres * days * 4.18 * 50.0 / 3.6e6)


def window_sun(case: Case, name: str) -> float:
    """Return the sun that falls on all windows in a year, other buildings considered [MWh]."""
    _, windows = _faces(case, name, PLAIN)
    return sum(pane.area * pane.view * irradiance_on(case.sky, pane.tilt, pane.azimuth).sum() for pane in windows) / 1e6


def traced_sun(data: Path, name: str) -> float:
    """Return the same as the data set has it, traced by Radiance [MWh]."""
    table = pd.read_csv(data / CASE / "outputs" / "data" / "solar-radiation" / f"{name}_radiation.csv.gz")
    return float(table.filter(regex="^windows_.*_kW$").to_numpy().sum()) / 1000.0


def traced_areas(data: Path, name: str) -> dict[str, float]:
    """Return the areas [m2] of ``walls``, ``windows`` and ``roofs`` that those rays were traced on."""
    table = pd.read_csv(data / CASE / "outputs" / "data" / "solar-radiation" / f"{name}_geometry.csv")
    return {str(kind): float(area) for kind, area in table.groupby("TYPE")["AREA_m2"].sum().items()}


def _inside(case: Case, name: str, variant: Variant) -> tuple[tuple[Gain, ...], tuple[Supply, ...]]:
    """Return gains and fresh air. Servers, which nobody metered, and process heat are left to their own plants."""
    loads, size = densities(case, name), areas_of(case, name)
    person = case.tables["internal_loads"].loc[name]
    people = min(size.occupied, size.heated) * loads["people"]
    lit = min(size.electric, size.heated)
    scale = 1.0
    if variant.metered_electricity and electricity(case, name) > 0.0:
        scale = float(case.measured.loc[name, "electricity_mwh"]) / electricity(case, name)
    heat, moisture = float(person["Qs_Wp"]), float(person["X_ghp"]) / 1000.0
    occupied = used(case, name, "OCCUPANCY")
    gains = [Gain(occupied, people * heat, moisture=people * moisture)]
    for load, column in (("El_Wm2", "LIGHTING"), ("Ea_Wm2", "APPLIANCES"), ("Epro_Wm2", "PROCESSES")):
        gains.append(Gain(used(case, name, column), loads[load] * lit * scale))
    system = case.parts["VENTILATION"].loc[case.tables["air_conditioning"].loc[name, "type_vent"]]
    recovered = HEAT_RECOVERY if variant.recovery and bool(system["HEAT_REC"]) else 0.0
    flow = people * float(case.tables["indoor_comfort"].loc[name, "Ve_lsp"]) * 3.6
    return tuple(gains), (Supply(occupied, flow, recovered),)


def zone_of(case: Case, name: str, variant: Variant = PLAIN) -> Zone:
    """Return a building as one zone; where the data set heats no floor of it, without plant and people."""
    built, shape, size = case.tables["architecture"].loc[name], case.zone.loc[name], areas_of(case, name)
    walls, windows = _faces(case, name, variant)
    opaque = (*walls, *_ends(case, name))
    leaks = Leaks(float(case.parts["TIGHTNESS"].loc[built["type_leak"], "n50"]) * LEAK_SHARE)
    storey = float(shape["height_ag"] / shape["floors_ag"])
    if size.heated <= 0.0:
        whole = float(shape.geometry.area * shape["height_ag"])
        return Zone(name, whole, opaque, tuple(windows), leaks=leaks, blind_from=BLIND_FROM)
    heat_set, cool_set = set_points(case, name, variant)
    gains, supplies = _inside(case, name, variant)
    damp = float(case.tables["indoor_comfort"].loc[name, "RH_max_pc"])
    return Zone(
        name,
        size.heated * storey,
        opaque,
        tuple(windows),
        gains,
        supplies,
        leaks,
        heat_set,
        cool_set,
        humidity_set=humidity_ratio(np.where(np.isfinite(cool_set), cool_set, 26.0), damp, case.sky.pressure),
        blind_from=BLIND_FROM,
    )


def loads(case: Case, variant: Variant = PLAIN) -> pd.DataFrame:
    """Return areas and annual loads of all buildings [MWh], ours beside measured and simulated ones.

    Columns end in ``_ours``, ``_measured`` and ``_cea``; hot water and electricity of ours are the data set's loads
    times its schedules.
    """
    names = list(case.zone.index)
    annual = annual_loads([zone_of(case, name, variant) for name in names], case.sky)
    cooling = annual["cooling_sensible_mwh"] + annual["cooling_latent_mwh"]
    table = pd.DataFrame({"heated_m2": [areas_of(case, name).heated for name in names]}, index=pd.Index(names))
    heated = table["heated_m2"] > 0.0
    table["heating_ours"], table["cooling_ours"] = annual["heating_mwh"], cooling
    table["hot_water_ours"] = [hot_water(case, name) if heated[name] else 0.0 for name in names]
    table["electricity_ours"] = [electricity(case, name) for name in names]
    for quantity in ("heating", "cooling", "hot_water", "electricity"):
        table[f"{quantity}_measured"] = case.measured[f"{quantity}_mwh"]
    for quantity, column in (("heating", "Qhs_sys"), ("cooling", "Qcs_sys"), ("hot_water", "Qww_sys")):
        table[f"{quantity}_cea"] = case.simulated[f"{column}_MWhyr"]
    table["electricity_cea"] = case.simulated["Eal_MWhyr"]
    return table


if __name__ == "__main__":
    import zug_page

    zug_page.write(read_case(Path(sys.argv[1]) if len(sys.argv) > 1 else DATA), ROOT / "docs")
