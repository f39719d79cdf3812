"""Random plans with buildings, for what is reckoned from parcels, streets and hourly profiles."""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely.geometry import LineString, Polygon, box

from layers.tables.demand import SERVICES
from layers.units import KWH_PER_MWH
from spatial.demand import demand_on_parcels

CRS = "EPSG:4549"
YEAR = 2030
CLASSES = (
    ("office", "tower", "code2010"),
    ("retail", "podium", "code2010"),
    ("hotel", "tower", "code2021"),
    ("res_highrise", "slab", "code2021"),
)
ROADS = ("primary", "secondary", "local", "local", "trunk", "motorway")


@dataclass(frozen=True)
class Plan:
    parcels: gpd.GeoDataFrame
    streets: gpd.GeoDataFrame
    stock: pd.DataFrame
    profiles: pd.DataFrame
    demand: pd.DataFrame


def profiles_of(seed: int = 0, hours: int = 72) -> pd.DataFrame:
    """Return made-up profiles of all services; each class has its own hours."""
    rng = np.random.default_rng(seed)
    columns = ["|".join((*one, service)) for one in CLASSES for service in SERVICES]
    values = (rng.uniform(0.0, 60.0, (hours, len(columns))) * (rng.random((hours, len(columns))) < 0.6)).astype("f4")
    times = pd.date_range("2017-01-01", periods=hours, freq="h", tz="Etc/GMT-8", name="time")
    return pd.DataFrame(values, index=times, columns=columns)


def stock_of(rows: list[tuple[str, int, int, float]]) -> pd.DataFrame:
    """Return stock from (parcel, number of the class, year_from, floor area)."""
    table = pd.DataFrame(
        [(parcel, *CLASSES[kind], year, area) for parcel, kind, year, area in rows],
        columns=["parcel_id", "archetype", "form", "vintage", "year_from", "floor_area_m2"],
    ).astype({"parcel_id": "str", "archetype": "str", "form": "str", "vintage": "str", "year_from": "int64"})
    return table.assign(unit_id="U1", floor_area_m2=table["floor_area_m2"].astype(float))


def demand_of(stock: pd.DataFrame, profiles: pd.DataFrame) -> pd.DataFrame:
    """Return DEMAND_PARCELS of the stock in two years."""
    rows = [(*one, service) for one in CLASSES for service in SERVICES]
    intensities = pd.DataFrame(rows, columns=["archetype", "form", "vintage", "service"])
    sums = profiles.astype("f8").sum(axis=0)
    intensities["kwh_m2"] = [sums["|".join(row)] / KWH_PER_MWH for row in rows]
    return demand_on_parcels(profiles, intensities, stock, (2017, YEAR))


def plan_of(seed: int, parcels: int = 12, streets: int = 6, side: float = 1000.0) -> Plan:
    """Return a plan of polygons, crooked streets of all classes and buildings; some parcels have none, or later."""
    rng = np.random.default_rng(seed)
    shapes: list[Polygon] = []
    for _ in range(parcels):
        x, y = rng.uniform(0.0, side, 2)
        if rng.random() < 0.4:
            shapes.append(box(x, y, x + rng.uniform(5.0, 200.0), y + rng.uniform(5.0, 200.0)))
            continue
        angles = np.sort(rng.uniform(0.0, 2.0 * np.pi, rng.integers(3, 8)))
        radius = rng.uniform(3.0, 160.0)
        shapes.append(Polygon(np.column_stack([x + radius * np.cos(angles), y + radius * np.sin(angles)])))
    ids = [f"P{number:03d}" for number in range(parcels)]
    lines = [LineString(rng.uniform(0.0, side, (rng.integers(2, 5), 2))) for _ in range(streets)]
    names = [f"S{number:03d}" for number in range(streets)]
    classes = [ROADS[place] for place in rng.integers(0, len(ROADS), streets)]
    rows = [
        (parcel, int(kind), int(rng.choice([2017, 2025, 2035])), float(rng.uniform(100.0, 50_000.0)))
        for parcel in ids
        for kind in rng.choice(len(CLASSES), rng.integers(0, 4), replace=False)
    ]
    stock, profiles = stock_of(rows), profiles_of(seed)
    return Plan(
        gpd.GeoDataFrame(index=pd.Index(ids, dtype="str", name="parcel_id"), geometry=shapes, crs=CRS),
        gpd.GeoDataFrame(
            {"name": pd.Series([""] * streets, dtype="str"), "road_class": pd.Series(classes, dtype="str")},
            geometry=lines,
            crs=CRS,
        ).set_index(pd.Index(names, dtype="str", name="street_id")),
        stock,
        profiles,
        demand_of(stock, profiles),
    )


def shuffled(plan: Plan, seed: int) -> Plan:
    """Return the same plan with its rows in another order."""
    return Plan(
        plan.parcels.sample(frac=1.0, random_state=seed),
        plan.streets.sample(frac=1.0, random_state=seed + 1),
        plan.stock,
        plan.profiles,
        plan.demand.sample(frac=1.0, random_state=seed + 2),
    )
