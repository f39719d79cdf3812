"""The planning units: port, bonded area and new town on the island, five units on the mainland."""

from collections.abc import Sequence
from dataclasses import dataclass

import shapely
from shapely.geometry import Point
from shapely.geometry.base import BaseGeometry

from layers.meishan.make.districts import CHUNXIAO, District
from layers.meishan.make.frame import Guide, LonLat, belt, line
from layers.meishan.make.shore import Shore

NORTH_OF_CHUNXIAO: LonLat = (
    (121.850, 29.836), (121.885, 29.8345), (121.918, 29.8400), (121.950, 29.8370), (121.975, 29.8330),
    (121.995, 29.8285), (122.010, 29.8150),
)  # fmt: skip
"""The watershed between Meishan bay and the north shore."""

SHANGYANG_NORTH: LonLat = (
    (121.975, 29.825),
    (121.982, 29.845),
    (121.986, 29.8655),
    (122.0, 29.8755),
    (122.06, 29.8755),
)
GUOJU_WEST: LonLat = ((122.060, 29.830), (122.054, 29.850), (122.050, 29.866), (122.0455, 29.900))

SEEDS: tuple[tuple[str, str, str, tuple[float, float]], ...] = (
    ("MS01", "梅山港区", "Meishan Port", (122.012, 29.780)),
    ("MS02", "梅山保税物流区", "Meishan Bonded Logistics", (122.000, 29.785)),
    ("MS03", "梅山湾新城", "Meishan Bay New Town", (121.970, 29.795)),
    ("CX01", "春晓城区", "Chunxiao Town", (121.945, 29.800)),
    ("CX02", "春晓滨海产业区", "Chunxiao Binhai Industry", (121.895, 29.755)),
    ("BF01", "白峰片区", "Baifeng", (121.970, 29.875)),
    ("BF02", "上阳片区", "Shangyang", (122.015, 29.850)),
    ("GJ01", "郭巨片区", "Guoju", (122.100, 29.885)),
)

INDUSTRY_ENDS_M = 9600.0


@dataclass(frozen=True)
class Unit:
    """One planning unit."""

    unit_id: str
    name_zh: str
    name_en: str
    ground: BaseGeometry


def _cells(found: Sequence[District], names: set[str], rows: set[int]) -> BaseGeometry:
    return shapely.union_all(
        [
            d.grid.cell(*cell).intersection(d.ground)
            for d in found
            if d.grid.name in names
            for cell in sorted(d.uses)
            if cell[0] in rows
        ]
    )


def units(shore: Shore, found: Sequence[District]) -> list[Unit]:
    """Return units that cover the land of the zone without overlap."""
    mainland = Guide(line(CHUNXIAO), 1)
    between = mainland.cross(INDUSTRY_ENDS_M, -2500.0, 9000.0)
    lines = [line(course) for course in (NORTH_OF_CHUNXIAO, SHANGYANG_NORTH, GUOJU_WEST)]
    noded = shapely.union_all([shore.mainland.boundary, between, *lines])
    faces = shapely.get_parts(shapely.polygonize([noded]))
    port = _cells(found, {"PS", "PE"}, {0}).buffer(1.0).buffer(-1.0)
    bonded = _cells(found, {"PS", "PE"}, {1, 2, 3, 4, 5}).buffer(1.0).buffer(-1.0).difference(port)
    town: BaseGeometry = shore.island.difference(shapely.union_all([port, bonded]))
    scraps = [part for part in shapely.get_parts(town) if part.area < 4e5]
    harbour = shapely.union_all([port, *scraps])
    grounds: dict[str, list[BaseGeometry]] = {"MS01": [harbour], "MS02": [bonded], "MS03": [town.difference(harbour)]}
    inner = [face for face in faces if shore.mainland.contains(face.representative_point())]
    seeds = {name: Point(belt([place])[0]) for name, _, _, place in SEEDS[3:]}
    for face in inner:
        holder = [name for name, seed in seeds.items() if face.contains(seed)]
        name = holder[0] if holder else min(seeds, key=lambda key: (round(face.distance(seeds[key]), 1), key))
        grounds.setdefault(name, []).append(face)
    for islet in shapely.get_parts(shore.zone_land):
        if islet.area < shore.island.area * 0.5:
            near = min(grounds, key=lambda key: (islet.distance(shapely.union_all(grounds[key])), key))
            grounds[near].append(islet)
    return [Unit(name, zh, en, shapely.union_all(grounds[name])) for name, zh, en, _ in SEEDS]
