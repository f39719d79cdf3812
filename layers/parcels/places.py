"""Where parcels lie: in the zone, in their planning unit, and not upon each other."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from layers.columns import plain
from layers.errors import Findings
from layers.geometry import Shapes, part_of_family, tell_rows
from layers.parcels.options import ParcelOptions

_SMALLEST_M2 = 1.0
_THINNEST_M = 1.001e-3


def check_in_zone(
    parcels: gpd.GeoDataFrame, zone: gpd.GeoDataFrame, source: str, findings: Findings, options: ParcelOptions
) -> None:
    """Add an error for parcels wholly outside the zone, a warning for those partly outside."""
    shapes = parcels.geometry.to_numpy()
    boundary = zone.union_all()
    shapely.prepare(boundary)
    doubtful = np.flatnonzero(~shapely.covers(boundary, shapes))
    inside = shapely.area(shapely.intersection(shapes[doubtful], boundary)) / shapely.area(shapes[doubtful])
    away = inside <= 1e-9
    outside = doubtful[away]
    far_m = shapely.distance(shapes[outside], boundary)
    tell_rows(
        findings,
        "error",
        source,
        parcels.index[outside],
        [f"the parcel lies outside the zone, {metres:,.0f} m from it" for metres in far_m],
        remedy="move it, widen the zone's boundary, or check the CRS and the datum (GCJ-02)",
        column="geometry",
    )
    partly = ~away & (inside < 1.0 - options.outside_tolerance)
    tell_rows(
        findings,
        "warning",
        source,
        parcels.index[doubtful[partly]],
        [f"{1.0 - share:.0%} of the parcel lies outside the zone" for share in inside[partly]],
        remedy="it is counted whole; check both boundaries",
        column="geometry",
    )


def check_overlaps(parcels: gpd.GeoDataFrame, source: str, findings: Findings, options: ParcelOptions) -> None:
    """Add an error for every pair of parcels that overlap by more than the tolerances; count the slivers in a note."""
    shapes = parcels.geometry.to_numpy()
    left, right, common, large = _overlaps(shapes, options)
    smaller = np.minimum(shapely.area(shapes[left]), shapely.area(shapes[right]))
    order = np.flatnonzero(large)
    tell_rows(
        findings,
        "error",
        source,
        parcels.index[left[order]],
        [
            f"overlaps parcel {parcels.index[right[n]]!r} by {common[n]:,.0f} m2, {common[n] / smaller[n]:.0%} of the "
            "smaller one"
            for n in order
        ],
        remedy="cut one of the two, land is counted once",
        column="geometry",
    )
    slivers = ~large & (common > 0.01)
    if slivers.any():
        findings.note(
            source,
            f"{int(slivers.sum())} pairs of parcels overlap by slivers, {common[slivers].sum():,.0f} m2 in all",
            "left as they are",
            column="geometry",
        )
    tiny = shapely.area(shapes) < _SMALLEST_M2
    tell_rows(
        findings,
        "warning",
        source,
        parcels.index[tiny],
        ["the parcel is smaller than 1 m2"] * int(tiny.sum()),
        remedy="delete slivers left over from drawing",
        column="geometry",
    )


def _overlaps(shapes: Shapes, options: ParcelOptions) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return pairs of parcels, the area they share [m2], and which pairs share more than the tolerances."""
    left, right = _neighbours(shapes)
    common = shapely.area(shapely.intersection(shapes[left], shapes[right]))
    smaller = np.minimum(shapely.area(shapes[left]), shapely.area(shapes[right]))
    share = options.overlap_tolerance * (1.0 + 1e-6)  # rounding: a parcel inside another shares all of itself
    return left, right, common, (common > share * smaller) & (common > options.overlap_tolerance_m2)


def cut_overlaps(
    parcels: gpd.GeoDataFrame, source: str, findings: Findings, options: ParcelOptions
) -> gpd.GeoDataFrame:
    """Return the parcels without overlaps: land drawn twice belongs to the smaller parcel, the finer drawing."""
    shapes = parcels.geometry.to_numpy()
    left, right, _, large = _overlaps(shapes, options)
    if not large.any():
        return parcels
    area = shapely.area(shapes)
    left, right = left[large], right[large]
    left_loses = area[left] > area[right]
    loser, keeper = np.where(left_loses, left, right), np.where(left_loses, right, left)
    out = shapes.copy()
    for n in np.unique(loser):
        rest = shapely.difference(shapes[n], shapely.union_all(shapes[keeper[loser == n]]))
        out[n] = part_of_family(np.array([rest], dtype=object), "polygon")[0]
    gone = shapely.area(out) < _SMALLEST_M2
    findings.note(
        source,
        f"{len(np.unique(loser))} parcels were cut where smaller ones lie upon them; {int(gone.sum())} vanished",
        column="geometry",
    )
    return parcels.set_geometry(gpd.GeoSeries(out, index=parcels.index, crs=parcels.crs))[~gone]


def join_pieces(parcels: gpd.GeoDataFrame, ids: pd.Series, source: str, findings: Findings) -> gpd.GeoDataFrame:
    """Return one row per id, its pieces put together; other columns are those of its first piece."""
    repeated = ids.duplicated(keep=False) & (ids != "")
    if not repeated.any():
        return parcels
    shapes = parcels.geometry.to_numpy().copy()
    for _, places in pd.Series(np.flatnonzero(repeated), index=ids[repeated].to_numpy()).groupby(level=0):
        # a grid of a millimetre closes the hairline gaps that tiles leave
        shapes[places.iloc[0]] = shapely.union_all(shapes[places.to_numpy()], grid_size=0.001)
    kept = ~ids.duplicated(keep="first") | (ids == "")
    findings.note(
        source, f"{int(repeated.sum())} pieces were put together to {int((repeated & kept).sum())} parcels by their id"
    )
    return parcels.set_geometry(gpd.GeoSeries(shapes, index=parcels.index, crs=parcels.crs))[kept.to_numpy()]


def _neighbours(shapes: Shapes) -> tuple[np.ndarray, np.ndarray]:
    """Return each pair of parcels whose insides may meet, once, in the order of the parcels."""
    left, right = shapely.STRtree(shapes).query(shapes)
    once = left < right
    left, right = left[once], right[once]
    # boxes that share less than a millimetre hold no overlap worth a word: that is all neighbours of a grid plan
    a, b = shapely.bounds(shapes)[left], shapely.bounds(shapes)[right]
    shared = np.minimum(a[:, 2:], b[:, 2:]) - np.maximum(a[:, :2], b[:, :2])
    near = (shared > _THINNEST_M).all(axis=1)
    left, right = left[near], right[near]
    near = ~shapely.disjoint(shapes[left], shapes[right])
    left, right = left[near], right[near]
    # most neighbours share an edge and nothing more, which is told faster than their intersection is drawn
    meet = ~shapely.touches(shapes[left], shapes[right])
    left, right = left[meet], right[meet]
    order = np.lexsort((right, left))
    return left[order], right[order]


def units_of(
    parcels: gpd.GeoDataFrame, units: gpd.GeoDataFrame, given: pd.Series | None, source: str, findings: Findings
) -> pd.Series:
    """Return the planning unit every parcel overlaps most; without any overlap the nearest, with a warning.

    A unit that the plan names itself is only compared with the drawing: the drawing counts.
    """
    names = units.index.to_numpy() if units.index.name == "unit_id" else units["unit_id"].to_numpy()
    shapes, areas = parcels.geometry.to_numpy(), units.geometry.to_numpy()
    unit, parcel = shapely.STRtree(shapes).query(areas, predicate="intersects")
    single = np.bincount(parcel, minlength=len(shapes))[parcel] == 1
    common = np.ones(len(parcel))
    common[~single] = shapely.area(shapely.intersection(shapes[parcel[~single]], areas[unit[~single]]))
    order = np.lexsort((unit, -common, parcel))
    first = order[np.unique(parcel[order], return_index=True)[1]]
    best = np.full(len(shapes), -1)
    best[parcel[first]] = unit[first]
    lost = np.flatnonzero(best < 0)
    if len(lost):
        best[lost] = shapely.STRtree(areas).nearest(shapes[lost])
        tell_rows(
            findings,
            "warning",
            source,
            parcels.index[lost],
            [f"lies in no planning unit; counted in the nearest, {names[n]!r}" for n in best[lost]],
            remedy="let the units cover the zone",
            column="geometry",
        )
    found = pd.Series(names[best], index=parcels.index, dtype="str")
    if given is not None:
        known = {plain(name) for name in names}
        differs = (given.map(plain) != found.map(plain)) & given.map(plain).isin(known)
        pairs = zip(given[differs], found[differs], strict=True)
        tell_rows(
            findings,
            "warning",
            source,
            parcels.index[differs],
            [f"the plan says unit {says!r}, the drawing {unit!r}" for says, unit in pairs],
            remedy="the drawing counts; correct one of the two",
            column="unit_id",
        )
    return found
