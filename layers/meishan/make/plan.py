"""The whole plan as tables: parcels, streets, units, in the order and with the columns the readers expect."""

from collections import Counter
from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry import MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

from layers.meishan.make.controls import numbers, people
from layers.meishan.make.districts import districts
from layers.meishan.make.frame import CRS, polygons
from layers.meishan.make.parcels import built, paths
from layers.meishan.make.rural import Piece, countryside, villages
from layers.meishan.make.shore import Shore
from layers.meishan.make.streets import Drawn, network, noded, reserves
from layers.meishan.make.terrain import Terrain, hills, terrain
from layers.meishan.make.units import Unit, units
from layers.meishan.make.uses import main_code, name_of

SMALLEST_M2 = 400.0


@dataclass(frozen=True)
class Plan:
    """Tables of the plan and the ground they stand on."""

    parcels: gpd.GeoDataFrame
    streets: gpd.GeoDataFrame
    units: gpd.GeoDataFrame
    ground: Terrain
    high_ground: BaseGeometry


def plan(shore: Shore) -> Plan:
    """Return the plan of the zone."""
    ground = terrain(shore.zone)
    high_ground = hills(ground, shore.zone_land)
    found = districts(shore, high_ground)
    planned = units(shore, found)
    sea = shore.zone.difference(shore.zone_land)
    towns = shapely.union_all([district.ground for district in found])
    first = network(found, [], shore.zone, sea)
    country = shore.zone_land.difference(
        shapely.union_all([high_ground.buffer(20.0), towns.buffer(60.0), reserves(first)["all"].buffer(4.0)])
    )
    barred = shapely.union_all([high_ground.buffer(-60.0), sea])
    settled, lanes = villages(ground, country, first, barred)
    streets = network(found, lanes, shore.zone, sea)
    reserve = reserves(streets)
    pieces = [piece for district in found for piece in built(district, reserve["all"])]
    homes = shapely.union_all([blob for _, blob in settled]) if settled else Polygon()
    for name, blob in settled:
        parts = polygons(blob.difference(reserve["all"]).difference(towns), 3e3)
        pieces += [Piece(part, "H14", name) for part in parts]
    kept_homes = shapely.union_all([piece.ground for piece in pieces if piece.use == "H14"])
    rest = shore.zone_land.difference(shapely.union_all([towns, kept_homes, reserve["all"]]))
    pieces += countryside(ground, high_ground.difference(homes), rest)
    pieces = _by_unit(pieces, planned)
    pieces += _roads(pieces, planned, towns, reserve["motorway"])
    streets = noded([*streets, *paths(pieces, streets)], sea)
    return Plan(_table(pieces), _streets(streets), _units(planned), ground, high_ground)


def _by_unit(pieces: list[Piece], planned: list[Unit]) -> list[Piece]:
    """Cut every piece at the borders of the units; `district` grows by the unit's id."""
    tree = shapely.STRtree([unit.ground for unit in planned])
    cut = []
    for piece in pieces:
        for index in sorted(int(k) for k in tree.query(piece.ground, predicate="intersects")):
            unit = planned[index]
            place = f"{unit.unit_id}|{piece.district}"
            parts = polygons(piece.ground.intersection(unit.ground), SMALLEST_M2)
            cut += [replace(piece, ground=part, district=place) for part in parts]
    return cut


def _roads(pieces: list[Piece], planned: list[Unit], towns: BaseGeometry, express: BaseGeometry) -> list[Piece]:
    """Return what is left of every unit as its roads: streets of the town, highways in the country."""
    roads = []
    cover = shapely.union_all([piece.ground for piece in pieces])
    for unit in planned:
        left = unit.ground.difference(cover)
        inner, outer = left.intersection(towns).difference(express), left.difference(towns.difference(express))
        for ground, use, name in ((inner, "S1", "城市道路"), (outer, "H22", "公路")):
            parts = polygons(ground, 1.0)
            if parts:
                roads.append(Piece(MultiPolygon(parts), use, unit.name_zh + name, f"{unit.unit_id}|"))
    return roads


def _table(pieces: list[Piece]) -> gpd.GeoDataFrame:
    frame = gpd.GeoDataFrame(
        {
            "unit_id": [piece.district.split("|")[0] for piece in pieces],
            "district": [piece.district.split("|")[1] for piece in pieces],
            "landuse": [piece.use for piece in pieces],
            "given": [piece.name for piece in pieces],
        },
        geometry=[piece.ground for piece in pieces],
        crs=CRS,
    )
    centroid = frame.geometry.centroid
    group = frame["landuse"].map(lambda use: main_code(use)[0])
    order = np.lexsort((np.round(centroid.y, 1), np.round(centroid.x, 1), group, frame["unit_id"]))
    frame = frame.iloc[order].reset_index(drop=True)
    group = frame["landuse"].map(lambda use: main_code(use)[0])
    count = frame.groupby(["unit_id", group]).cumcount() + 1
    frame["parcel_id"] = [f"{u}-{g}-{n:04d}" for u, g, n in zip(frame["unit_id"], group, count, strict=True)]
    frame["name"] = _names(frame)
    found = numbers(frame)
    frame["far"], frame["density"] = found.far, found.density
    frame["height_m"], frame["green_ratio"] = found.height_m, found.green_ratio
    frame["status"] = np.where(found.existing, "existing", "planned")
    frame["phase_year"] = found.phase_year.astype("int32")
    frame["population"], frame["jobs"] = people(frame)
    frame["floor_area"] = np.nan
    columns = ["parcel_id", "name", "landuse", "far", "density", "height_m", "green_ratio", "status", "phase_year",
               "floor_area", "population", "jobs", "geometry"]  # fmt: skip
    return frame[columns]


_PLACES = {
    "MS01": "梅山港", "MS02": "梅山保税", "MS03": "梅山湾", "CX01": "春晓", "CX02": "春晓滨海",
    "BF01": "白峰", "BF02": "上阳", "GJ01": "郭巨",
}  # fmt: skip


def _names(frame: gpd.GeoDataFrame) -> list[str]:
    seen: Counter[tuple[str, str]] = Counter()
    names = []
    for unit, use, given in zip(frame["unit_id"], frame["landuse"], frame["given"], strict=True):
        if given and use not in {"E21", "E23"}:
            names.append(given)
            continue
        key = (unit, given or use)
        seen[key] += 1
        names.append(f"{_PLACES[unit]}{given}{seen[key]}号" if given else name_of(use, _PLACES[unit], seen[key]))
    return names


def _streets(streets: list[Drawn]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {
            "street_id": [f"ST-{number:04d}" for number in range(1, len(streets) + 1)],
            "name": [name for _, _, name in streets],
            "road_class": [kind for _, kind, _ in streets],
        },
        geometry=[course for course, _, _ in streets],
        crs=CRS,
    )


def _units(planned: list[Unit]) -> gpd.GeoDataFrame:
    frame = pd.DataFrame(
        {
            "unit_id": [unit.unit_id for unit in planned],
            "name_zh": [unit.name_zh for unit in planned],
            "name_en": [unit.name_en for unit in planned],
        }
    )
    return gpd.GeoDataFrame(frame, geometry=[unit.ground for unit in planned], crs=CRS)
