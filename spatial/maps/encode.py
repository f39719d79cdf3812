"""Numbers and outlines made small: three significant digits, whole micro-degrees, differences."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

SCALE = 1_000_000
"""Steps a degree; one step is about 0.1 m."""

Json = None | bool | int | float | str | Sequence["Json"] | Mapping[str, "Json"]
"""What can stand in the page's data."""


def short(values: Iterable[object], digits: int = 3) -> list[float | int | None]:
    """Return numbers rounded to significant digits, whole ones as integers, missing ones as None.

    Examples
    --------
    >>> short([1234.5, 0.012345, 7.0, float("nan")])
    [1230, 0.0123, 7, None]
    """
    return [_short(value, digits) for value in np.asarray(list(values), dtype=float).tolist()]


def _short(value: float, digits: int) -> float | int | None:
    if not math.isfinite(value):
        return None
    rounded = float(f"{value:.{digits}g}")
    return int(rounded) if rounded.is_integer() else rounded


def coded(values: Iterable[str]) -> tuple[list[str], list[int]]:
    """Return the distinct texts, sorted, and for each value the place of its text.

    Examples
    --------
    >>> coded(["b", "a", "b"])
    (['a', 'b'], [1, 0, 1])
    """
    listed = list(values)
    names = sorted(set(listed))
    place = {name: index for index, name in enumerate(names)}
    return names, [place[value] for value in listed]


def simplified(frame: gpd.GeoDataFrame, tolerance_m: float, *, tiling: bool = False) -> gpd.GeoDataFrame:
    """Return a copy with fewer vertices, still in metres.

    Parameters
    ----------
    frame
        Outlines in a projected CRS.
    tolerance_m
        How far an outline may move [m].
    tiling
        Keep shared borders shared, so that neighbours show no slit between them.
    """
    if not tolerance_m or frame.empty:
        return frame
    shapes = frame.geometry.array
    if tiling:
        # The tolerance of the coverage algorithm is the square root of a triangle's area, hence about a distance.
        moved = shapely.coverage_simplify(np.asarray(shapes), tolerance_m)
    else:
        moved = shapely.simplify(np.asarray(shapes), tolerance_m, preserve_topology=True)
    return frame.set_geometry(gpd.GeoSeries(moved, index=frame.index, crs=frame.crs))


def outlines(frame: gpd.GeoDataFrame) -> list[Json]:
    """Return each row's polygons as lists of rings, and each ring as differences of longitude and latitude.

    A ring starts with its first point in millionths of a degree; what follows are steps from point to point.
    """
    return _encoded(frame, _polygons)


def paths(frame: gpd.GeoDataFrame) -> list[Json]:
    """Return each row's lines as differences of longitude and latitude."""
    return _encoded(frame, _lines)


def points(frame: gpd.GeoDataFrame) -> list[Json]:
    """Return each row's point as longitude and latitude in millionths of a degree."""
    return _encoded(frame, lambda shape: _steps(shape.centroid.coords))


def _encoded(frame: gpd.GeoDataFrame, code: Callable[[BaseGeometry], Json]) -> list[Json]:
    if frame.empty:
        return []
    return [None if shape is None or shape.is_empty else code(shape) for shape in frame.geometry.to_crs(4326)]


def _polygons(shape: BaseGeometry) -> Json:
    parts = [part for part in shapely.get_parts(shape) if isinstance(part, shapely.Polygon)]
    return [[_steps(ring.coords) for ring in (part.exterior, *part.interiors)] for part in parts]


def _lines(shape: BaseGeometry) -> Json:
    return [_steps(part.coords) for part in shapely.get_parts(shape) if isinstance(part, shapely.LineString)]


def _steps(coords: object) -> Json:
    whole = np.rint(np.asarray(coords, dtype=float)[:, :2] * SCALE).astype(np.int64)
    moves = np.diff(whole, axis=0)
    steps: list[Json] = np.concatenate([whole[:1], moves[moves.any(axis=1)]]).ravel().tolist()
    return steps


def plain(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a table with its index, where it has names, as columns.

    Examples
    --------
    >>> list(plain(pd.DataFrame({"a": [1]}, index=pd.Index(["x"], name="id"))).columns)
    ['id', 'a']
    """
    names = [name for name in frame.index.names if name is not None and name not in frame.columns]
    return frame.reset_index(names) if names else frame
