"""The belt the study is drawn in, and curves to draw along."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import shapely
from pyproj import Transformer
from scipy.interpolate import CubicSpline
from shapely.geometry import LineString, MultiPolygon, Point, Polygon
from shapely.geometry.base import BaseGeometry

from layers.constants import constants

CRS = "EPSG:4550"
"""CGCS2000, 3-degree Gauss-Krueger belt of 123 E, which covers 121.5 to 124.5 E."""

EXTENT = (121.70, 29.42, 122.96, 30.04)
"""West, south, east, north of everything the study holds [degree]."""

SURROUNDINGS = (121.30, 29.15, 123.25, 30.35)
"""West, south, east, north of the land that is drawn around it [degree]: wider, so that a map has no cut edges."""

FACTS = constants("layers.meishan.make", "facts.csv")
"""What is stated about Meishan, with sources."""

SEED = 20170101
"""The one seed of all synthetic fields."""

Array = npt.NDArray[np.float64]
LonLat = Sequence[tuple[float, float]]

_FORWARD = Transformer.from_crs("EPSG:4326", CRS, always_xy=True)


def belt(points: LonLat) -> Array:
    """Return longitudes and latitudes as belt coordinates, shape (n, 2) [m]."""
    lon, lat = np.asarray(points, dtype=float).T
    x, y = _FORWARD.transform(lon, lat)
    return np.column_stack([x, y])


def point(lon: float, lat: float) -> Point:
    """Return one place in the belt."""
    return Point(*belt([(lon, lat)])[0])


def line(points: LonLat, *, smooth: bool = True, step_m: float = 60.0) -> LineString:
    """Return a line through places, rounded by a spline where it is a road or a shore."""
    xy = belt(points)
    return curve(xy, step_m) if smooth and len(xy) > 2 else LineString(xy)


def curve(xy: Array, step_m: float = 60.0) -> LineString:
    """Return the spline through points of the belt."""
    along = np.r_[0.0, np.cumsum(np.hypot(*np.diff(xy, axis=0).T))]
    stations = np.linspace(0.0, along[-1], max(int(along[-1] / step_m), 2) + 1)
    return LineString(CubicSpline(along, xy)(stations))


def area_of(points: LonLat) -> Polygon:
    """Return the polygon around places."""
    return Polygon(belt(points))


def box_of(extent: tuple[float, float, float, float]) -> Polygon:
    """Return a box of degrees as a polygon of the belt, its sides densified."""
    west, south, east, north = extent
    ring = shapely.segmentize(shapely.box(west, south, east, north), 0.05)
    return Polygon(belt([(x, y) for x, y in ring.exterior.coords]))


def polygons(geometry: BaseGeometry, smallest_m2: float = 0.0) -> list[Polygon]:
    """Return the polygons a geometry consists of, from west to east."""
    parts = [part for part in shapely.get_parts(geometry) if isinstance(part, Polygon)]
    if isinstance(geometry, MultiPolygon | Polygon):
        parts = [Polygon(part) for part in shapely.get_parts(geometry)]
    kept = [part for part in parts if part.area > smallest_m2]
    return sorted(kept, key=lambda part: (round(part.centroid.x, 1), round(part.centroid.y, 1)))


def rounded(geometry: BaseGeometry, radius_m: float) -> BaseGeometry:
    """Return a shape without necks and notches narrower than twice the radius."""
    return geometry.buffer(-radius_m).buffer(2 * radius_m).buffer(-radius_m)


@dataclass(frozen=True)
class Guide:
    """A smooth curve that streets run along and across.

    Attributes
    ----------
    curve
        The curve, usually a shore or the foot of a hill.
    side
        +1 where offsets are counted to the left of the curve, -1 to the right.
    """

    curve: LineString
    side: int

    @cached_property
    def _stations(self) -> tuple[Array, Array, Array]:
        length = self.curve.length
        stations = np.linspace(0.0, length, max(int(length / 50.0), 4))
        xy = shapely.get_coordinates(shapely.line_interpolate_point(self.curve, stations))
        tangent = np.gradient(xy, stations, axis=0)
        kernel = np.ones(9) / 9.0
        padded = np.pad(tangent, ((4, 4), (0, 0)), mode="edge")
        tangent = np.column_stack([np.convolve(padded[:, k], kernel, mode="valid") for k in (0, 1)])
        tangent /= np.hypot(*tangent.T)[:, None]
        normal = np.column_stack([-tangent[:, 1], tangent[:, 0]]) * self.side
        return stations, xy, normal

    def at(self, along_m: Array | float, off_m: Array | float) -> Array:
        """Return places at a distance along the curve and off it, shape (n, 2)."""
        stations, xy, normal = self._stations
        along, off = np.broadcast_arrays(np.atleast_1d(along_m), np.atleast_1d(off_m))
        place = np.column_stack([np.interp(along, stations, xy[:, k]) for k in (0, 1)])
        out = np.column_stack([np.interp(along, stations, normal[:, k]) for k in (0, 1)])
        return np.asarray(place + out * off[:, None])

    def row(self, off_m: float, start_m: float, end_m: float) -> LineString:
        """Return the line that keeps one distance from the curve."""
        along = np.linspace(start_m, end_m, max(int((end_m - start_m) / 60.0), 2) + 1)
        return LineString(self.at(along, off_m))

    def cross(self, along_m: float, from_m: float, to_m: float) -> LineString:
        """Return the straight line that leaves the curve at a right angle."""
        return LineString(self.at(along_m, np.array([from_m, to_m])))

    def strip(self, from_m: float, to_m: float, start_m: float, end_m: float) -> Polygon:
        """Return the ground between two distances from the curve."""
        near = self.row(from_m, start_m, end_m).coords
        far = self.row(to_m, start_m, end_m).coords
        return Polygon([*near, *reversed(far)])

    def where(self, place: Point) -> tuple[float, float]:
        """Return how far along the curve and off it a place lies [m]."""
        stations, xy, normal = self._stations
        nearest = int(np.argmin(np.hypot(xy[:, 0] - place.x, xy[:, 1] - place.y)))
        step = np.array([place.x, place.y]) - xy[nearest]
        tangent = np.array([normal[nearest, 1], -normal[nearest, 0]]) * self.side
        return float(stations[nearest] + step @ tangent), float(step @ normal[nearest])
