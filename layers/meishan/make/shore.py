"""The real shore, simplified, and the zone drawn on it."""

from collections.abc import Callable
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from roaring_landmask import LandmaskProvider, Shapes
from scipy.optimize import brentq
from shapely.geometry import Polygon
from shapely.geometry.base import BaseGeometry

from layers.meishan.make.frame import CRS, FACTS, SURROUNDINGS, area_of, belt, box_of, line, point, polygons

LAND_M2 = FACTS.value("zone.area_land") * 1e6
ZONE_M2 = FACTS.value("zone.area_total") * 1e6
SIMPLIFIED_M = 25.0
SMALLEST_ISLET_M2 = 3e4
ISLE_OF_OTHERS_M2 = 4e5

WEST = ((121.868, 29.70), (121.864, 29.745), (121.872, 29.785), (121.893, 29.822), (121.914, 29.850))
WEST_NORTH = ((121.944, 29.876), (121.950, 29.905))
"""The inland boundary of the zone, from the south shore to the north shore; moved west or east to meet the area."""


@dataclass(frozen=True)
class Shore:
    """Land of the surroundings and the zone cut from land and sea."""

    land: tuple[Polygon, ...]
    zone: Polygon
    zone_land: BaseGeometry
    island: Polygon
    mainland: Polygon


def land_polygons() -> tuple[Polygon, ...]:
    """Return the land of the surroundings, from OpenStreetMap by way of roaring-landmask, simplified."""
    west, south, east, north = SURROUNDINGS
    world = shapely.from_wkb(Shapes.wkb(LandmaskProvider.Osm))
    parts = shapely.get_parts(world)
    x0, y0, x1, y1 = shapely.bounds(parts).T
    near = parts[(x0 < east) & (x1 > west) & (y0 < north) & (y1 > south)]
    degrees = gpd.GeoSeries(shapely.make_valid(near), crs="EPSG:4326").clip_by_rect(
        west - 0.02, south - 0.02, east + 0.02, north + 0.02
    )
    metres = shapely.union_all(degrees.to_crs(CRS).to_numpy()).intersection(box_of(SURROUNDINGS))
    simple = shapely.make_valid(shapely.simplify(metres, SIMPLIFIED_M))
    return tuple(Polygon(part.exterior) for part in polygons(simple, SMALLEST_ISLET_M2))


def _east_of(shift_m: float) -> Polygon:
    inland = shapely.get_coordinates(line([*WEST, *WEST_NORTH]))
    along = np.linspace(0.0, 9.0 * np.pi, len(inland))
    inland[:, 0] += shift_m + 170.0 * np.sin(along) + 90.0 * np.sin(2.3 * along)
    far_east = belt([(122.30, 29.98), (122.30, 29.60)])
    return Polygon([*inland, *far_east])


def _zone(land: tuple[Polygon, ...], shift_m: float, reach_m: float) -> tuple[Polygon, BaseGeometry]:
    envelope = _east_of(shift_m)
    core = [isle for isle in land if isle.contains(point(121.98, 29.79)) or isle.contains(point(122.03, 29.86))]
    own = shapely.union_all(core).intersection(envelope)
    near_shore = _MEISHAN_WATERS.union(_BAIFENG_INLET)
    others = [
        isle
        for isle in land
        if all(isle is not part for part in core) and isle.area > ISLE_OF_OTHERS_M2 and not isle.within(near_shore)
    ]
    beyond = shapely.union_all([*others, *(isle.difference(envelope) for isle in core)])
    water = own.buffer(reach_m).intersection(envelope).difference(beyond.buffer(220.0))
    closed = water.union(own).buffer(300.0).buffer(-900.0).buffer(600.0).intersection(envelope)
    whole = max(polygons(closed.difference(beyond.buffer(60.0)).union(own).buffer(0.0)), key=lambda part: part.area)
    zone = Polygon(whole.exterior)
    return zone, shapely.union_all([isle for isle in land if isle.intersects(zone)]).intersection(zone)


_MEISHAN_WATERS = area_of([(121.90, 29.74), (122.05, 29.78), (122.05, 29.83), (121.99, 29.83)])
_BAIFENG_INLET = area_of([(122.005, 29.87), (122.027, 29.87), (122.027, 29.896), (122.005, 29.896)])


def _settle(lack: Callable[[float, float], float], fixed: float, low: float, high: float) -> float:
    """Return where a lack of area is nought, the other measure of the zone being fixed."""
    return float(brentq(lack, low, high, args=(fixed,), xtol=1.0))


def shore() -> Shore:
    """Return the shore and a zone of 240 km2 of land and 93 km2 of sea.

    The inland boundary is moved until the land is right, then the seaward reach until the whole is right; a few
    rounds settle both.
    """
    land = land_polygons()
    around = box_of((121.78, 29.62, 122.26, 29.98))
    near = tuple(isle for isle in land if isle.intersects(around))
    shift, reach = 0.0, 2500.0
    for _ in range(3):
        shift = _settle(lambda x, r: _zone(near, x, r)[1].area - LAND_M2, reach, -12e3, 9e3)
        reach = _settle(lambda r, x: _zone(near, x, r)[0].area - ZONE_M2, shift, 600.0, 7e3)
    zone, zone_land = _zone(near, shift, reach)
    parts = polygons(zone_land)
    return Shore(
        land=land,
        zone=zone,
        zone_land=zone_land,
        island=next(part for part in parts if part.contains(point(121.98, 29.79))),
        mainland=next(part for part in parts if part.contains(point(122.03, 29.86))),
    )
