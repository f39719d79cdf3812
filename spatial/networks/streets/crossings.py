"""What a trench can cross only at a price, or not at all: water, railways, motorways."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyproj
import shapely

from layers.constants import constants
from layers.errors import refuse

Flags = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Shapes = npt.NDArray[np.object_]
Texts = npt.NDArray[np.object_]

KINDS = ("water", "rail", "motorway")
MOTORWAY = "motorway"
"""Both a kind of barrier and the class of streets that do not cross it."""
LAND_USES = {"E1": "water", "H21": "rail", "S2": "rail"}
"""Codes of GB 50137-2011, with what begins with them, that are barriers: water, railway, urban rail above ground."""

SHORE_M = 0.002
"""Points nearer than this to the boundary of an area lie on it [m]: nodes are rounded to a grid."""
ASIDE_M = (0.05, 0.03)
"""Lines are moved aside by this [m], so that a crossing where streets meet on the line counts on one side, once."""
BEYOND_M = 100.0
"""How far the sea is drawn beyond the outermost streets, so that none runs along its edge [m]."""
CUT_M = 0.5
"""What is taken out of a street on both sides of a line that must not be crossed [m]."""


class Price(NamedTuple):
    """What crossing costs on top of the pipe: each time [CNY], and per metre within an area [CNY/m]."""

    cny: float
    cny_m: float


FORBIDDEN = Price(np.inf, np.inf)


@cache
def crossing_prices() -> Mapping[str, Price]:
    """Return the sourced price of each kind of barrier."""
    rows = constants("spatial.networks", "networks.csv")
    return {kind: Price(rows.value(f"crossing.{kind}_cny"), rows.value(f"crossing.{kind}_cny_m")) for kind in KINDS}


@dataclass(frozen=True, eq=False)
class Barriers:
    """Lines and areas in the way of a trench, with what they cost to cross.

    Attributes
    ----------
    kind
        Of each its place in `KINDS`.
    shapes
        Single lines and polygons, in the CRS of the streets.
    prices
        By kind, in that order.
    apart_m
        Lines of one kind that a street crosses nearer than this to each other are crossed at once [m].
    """

    kind: Integers
    shapes: Shapes
    prices: tuple[Price, ...]
    apart_m: float

    def crossed(self, lines: Shapes, street_class: Texts) -> tuple[Floats, Floats]:
        """Return how often lines cross each kind, and how long they lie within it [m], both of shape (lines, kinds).

        A line counts where it is crossed, parallel ones (tracks, carriageways) as one. An area counts a half where a
        line enters it and a half where it leaves it, so that what is cut in two within it still crosses once. A
        motorway does not cross motorways.
        """
        count, within = np.zeros((len(lines), len(KINDS))), np.zeros((len(lines), len(KINDS)))
        line, other = self._meeting(lines, street_class)
        area = shapely.get_dimensions(self.shapes[other]) == 2
        self._enter(lines, line[area], other[area], count, within)
        self._cross(lines, line[~area], other[~area], count)
        return count, within

    def cost_cny(self, count: Floats, within: Floats) -> Floats:
        """Return what these crossings cost on top of the pipe [CNY]; infinite where one is forbidden."""
        each, per_m = np.array(self.prices).reshape(len(KINDS), 2).T
        with np.errstate(invalid="ignore"):
            costs = np.where(count > 0.0, count * each, 0.0) + np.where(within > 0.0, within * per_m, 0.0)
        return np.asarray(costs.sum(axis=1))

    def forbid(self, lines: Shapes) -> Flags:
        """Tell which lines cross what must not be crossed."""
        count, within = self.crossed(lines, np.full(len(lines), "", dtype=object))
        return np.isinf(self.cost_cny(count, within))

    def cut(self, lines: Shapes, street_class: Texts) -> tuple[Shapes, Integers, Shapes]:
        """Take out of lines what lies in barriers that must not be crossed.

        Returns
        -------
        kept, row, taken
            What is left, and the row of the line that each is of; what was taken out.
        """
        closed = np.flatnonzero(np.isinf(np.array(self.prices)[:, 0]))
        line, other = self._meeting(lines, street_class)
        shut = np.isin(self.kind[other], closed)
        line, other = line[shut], other[shut]
        holes = self.shapes[other]
        is_line = shapely.get_dimensions(holes) == 1
        holes[is_line] = shapely.buffer(shapely.intersection(lines[line[is_line]], holes[is_line]), CUT_M)
        left, taken = lines.copy(), []
        for one in np.unique(line):
            hole = shapely.union_all(holes[line == one])
            left[one] = shapely.difference(lines[one], hole)
            taken.append(shapely.intersection(lines[one], hole))
        kept, row = shapely.get_parts(left, return_index=True)
        out = shapely.get_parts(shapely.line_merge(np.array(taken, dtype=object)))
        return kept, row.astype(np.int64), out[shapely.length(out) > SHORE_M]

    def _meeting(self, lines: Shapes, street_class: Texts) -> tuple[Integers, Integers]:
        """Return pairs of lines and barriers that meet."""
        line, other = shapely.STRtree(self.shapes).query(lines, predicate="intersects")
        foreign = (self.kind[other] != KINDS.index(MOTORWAY)) | (street_class[line] != MOTORWAY)
        return line[foreign].astype(np.int64), other[foreign].astype(np.int64)

    def _enter(self, lines: Shapes, line: Integers, other: Integers, count: Floats, within: Floats) -> None:
        """Add what lies within areas."""
        parts, at = shapely.get_parts(shapely.intersection(lines[line], self.shapes[other]), return_index=True)
        long = shapely.length(parts) > 0.0
        parts, line, other = parts[long], line[at[long]], other[at[long]]
        shore = shapely.boundary(self.shapes[other])
        # what touches an area or runs along its shore is not in it
        deep = ~shapely.dwithin(shore, shapely.line_interpolate_point(parts, 0.5, normalized=True), SHORE_M)
        parts, line, other, shore = parts[deep], line[deep], other[deep], shore[deep]
        place = (line, self.kind[other])
        np.add.at(within, place, shapely.length(parts))
        # the shore belongs to what lies in the water: a line from shore to shore crosses, one that ends there does not
        for end in (0, -1):
            np.add.at(count, place, 0.5 * shapely.dwithin(shore, shapely.get_point(parts, end), SHORE_M))

    def _cross(self, lines: Shapes, line: Integers, other: Integers, count: Floats) -> None:
        """Add crossings of lines, those near each other as one."""
        points, at = shapely.get_parts(shapely.intersection(lines[line], self.shapes[other]), return_index=True)
        line, kind = line[at], self.kind[other[at]]
        along = shapely.line_locate_point(lines[line], shapely.centroid(points))
        order = np.lexsort((along, kind, line))
        line, kind, along = line[order], kind[order], along[order]
        new = np.ones(len(line), dtype=bool)
        new[1:] = (np.diff(line) != 0) | (np.diff(kind) != 0) | (np.diff(along) > self.apart_m)
        np.add.at(count, (line[new], kind[new]), 1.0)


def barriers(
    layer: gpd.GeoDataFrame | None = None,
    prices: Mapping[str, Price] | None = None,
    crs: pyproj.CRS | None = None,
) -> Barriers:
    """Return barriers from a layer.

    Parameters
    ----------
    layer
        Lines and areas with the column ``kind``, one of `KINDS`; without it there are none.
    prices
        What differs from the sourced prices, by kind; `FORBIDDEN` closes a kind.
    crs
        CRS of the streets, which must be that of the layer.

    Raises
    ------
    ValueError
        If the layer has another CRS, a kind is unknown, or a shape is empty or a point.
    """
    given = {} if prices is None else prices
    refuse({f"kinds of barriers are {', '.join(KINDS)}": [kind for kind in given if kind not in KINDS]})
    by_kind = tuple(given.get(kind, crossing_prices()[kind]) for kind in KINDS)
    apart_m = constants("spatial.networks", "networks.csv").value("crossing.apart_m")
    if layer is None or layer.empty:
        return Barriers(np.zeros(0, dtype=np.int64), np.empty(0, dtype=object), by_kind, apart_m)
    if crs is not None and layer.crs != crs:
        raise ValueError(f"barriers ({layer.crs}) and streets ({crs}) must share one CRS")
    shapes = shapely.force_2d(layer.geometry.to_numpy())
    dimension = shapely.get_dimensions(shapes)
    refuse(
        {
            f"kinds of barriers are {', '.join(KINDS)}": layer.index[~layer["kind"].isin(KINDS)],
            "barriers must be lines or areas": layer.index[
                shapely.is_missing(shapes) | shapely.is_empty(shapes) | ~np.isin(dimension, (1, 2))
            ],
        }
    )
    merged, kinds = [], []
    for number, kind in enumerate(KINDS):
        mine = (layer["kind"] == kind).to_numpy()
        # areas that touch are one, as a river drawn in pieces; a river's middle line in it is no other barrier
        area = shapely.union_all(shapely.make_valid(shapes[mine & (dimension == 2)]))
        line = shapely.difference(shapely.union_all(shapes[mine & (dimension == 1)]), area)
        areas, lines = shapely.get_parts(area), shapely.get_parts(line)
        found = np.concatenate(
            [
                areas[shapely.get_dimensions(areas) == 2],
                shapely.transform(lines[shapely.length(lines) > SHORE_M], lambda places: places + np.array(ASIDE_M)),
            ]
        )
        merged.append(found)
        kinds += [number] * len(merged[-1])
    return Barriers(np.array(kinds, dtype=np.int64), np.concatenate(merged), by_kind, apart_m)


def barriers_of(
    parcels: gpd.GeoDataFrame, streets: gpd.GeoDataFrame, land: gpd.GeoDataFrame | None = None
) -> gpd.GeoDataFrame:
    """Return the barriers that a plan tells of: parcels of water and rail, motorways at grade, and the sea.

    A motorway on a viaduct or in a tunnel is none: the trench passes it without crossing it.

    Parameters
    ----------
    parcels, streets
        Tables `layers.tables.place.PARCELS` and `layers.tables.place.STREETS`, in one CRS.
    land
        Table `layers.tables.place.LAND`, in that CRS: where streets are not on it they cross water. Without it the sea
        is not known.

    Returns
    -------
    GeoDataFrame
        Column ``kind`` and shapes, as `barriers` takes them.
    """
    found: list[tuple[str, Any]] = []
    for code, kind in LAND_USES.items():
        mine = parcels.geometry[parcels["landuse"].str.startswith(code)]
        found += [(kind, shape) for shape in mine]
    level = streets["level"] if "level" in streets.columns else pd.Series(0, index=streets.index)
    found += [(MOTORWAY, shape) for shape in streets.geometry[(streets["road_class"] == MOTORWAY) & (level == 0)]]
    if land is not None and not land.empty and not streets.empty:
        around = shapely.buffer(shapely.box(*streets.total_bounds), BEYOND_M)
        found.append(("water", around.difference(land.union_all())))
    found = [(kind, shape) for kind, shape in found if not shape.is_empty]
    kinds = pd.array([kind for kind, _ in found], dtype="str")
    return gpd.GeoDataFrame({"kind": kinds}, geometry=[shape for _, shape in found], crs=streets.crs)
