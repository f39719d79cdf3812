"""Shapes as they come out of files: what is broken, what can be mended, and what must go back to its maker."""

from collections.abc import Iterable
from typing import Any, Literal

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from layers.errors import Findings, Level

Shapes = npt.NDArray[Any]

ROWS_TOLD = 50
"""Rows told one by one of each kind of fault; the others are counted, or nobody would read the list."""

AREA_CHANGE = 0.01
"""Share of a polygon's area that mending may change before it is a fault of the file."""

Family = Literal["polygon", "line", "point"]
FAMILIES: tuple[Family, ...] = ("polygon", "line", "point")

_FAMILY_OF_TYPE = {0: "point", 1: "line", 2: "line", 3: "polygon", 4: "point", 5: "line", 6: "polygon", 7: "collection"}
_ID_NAMES = (
    "parcel_id",
    "unit_id",
    "zone_id",
    "building_id",
    "street_id",
    "id",
    "地块编号",
    "地块编码",
    "编号",
    "dkbh",
)
_ID_NAMES_LAST = ("bsm", "osm_id", "objectid", "fid")


def tell_rows(
    findings: Findings,
    level: Level,
    source: str,
    rows: Iterable[object],
    problems: Iterable[str],
    *,
    remedy: str = "",
    column: str | None = None,
) -> None:
    """Add one fault per row, `ROWS_TOLD` at most, and one that counts the rest.

    Parameters
    ----------
    rows, problems
        Row names and what is wrong with each, of equal length.
    """
    add = {"error": findings.error, "warning": findings.warning, "note": findings.note}[level]
    pairs = list(zip(rows, problems, strict=True))
    for row, problem in pairs[:ROWS_TOLD]:
        add(source, problem, remedy, row=row, column=column)
    if len(pairs) > ROWS_TOLD:
        add(source, f"{len(pairs) - ROWS_TOLD} more rows have the same fault as those above", remedy, column=column)


def row_names(frame: pd.DataFrame) -> pd.Series:
    """Return how messages call the rows: by the id column where one is known and filled, else by number from 1."""
    known = {str(name).strip().lower(): name for name in frame.columns}
    for name in (*_ID_NAMES, *_ID_NAMES_LAST):
        if name in known:
            values = frame[known[name]]
            numbered = pd.Series(np.arange(1, len(frame) + 1), index=frame.index).map("number {}".format)
            return values.astype("str").where(values.notna(), numbered)
    return pd.Series([f"number {n}" for n in range(1, len(frame) + 1)], index=frame.index, dtype="str")


def families(shapes: Shapes) -> npt.NDArray[np.str_]:
    """Return point, line, polygon or collection for every shape."""
    return np.array([_FAMILY_OF_TYPE.get(int(kind), "line") for kind in shapely.get_type_id(shapes)])


def part_of_family(shapes: Shapes, family: Family) -> Shapes:
    """Return the polygons (or lines) within mixed collections, merged; other shapes unchanged."""
    out = shapes.copy()
    for n in np.flatnonzero(shapely.get_type_id(shapes) == 7):
        parts = shapely.get_parts(shapes[n])
        out[n] = shapely.union_all(parts[families(parts) == family]) if len(parts) else shapely.Polygon()
    return out


def clean_geometry(
    frame: gpd.GeoDataFrame, source: str, findings: Findings, family: Family | None = None
) -> gpd.GeoDataFrame:
    """Return the frame with sound shapes in two dimensions; what cannot be mended is told and left out.

    Empty shapes, coordinates that are not numbers and a mixture of points, lines and polygons are faults. A polygon
    that crosses itself is mended (`shapely.make_valid`) and noted where mending changes at most `AREA_CHANGE` of its
    area, else a fault.

    Parameters
    ----------
    family
        The only shapes wanted; others are left out with a note instead of being faults, as in layers that hold
        addresses among buildings.
    """
    rows = row_names(frame)
    shapes = shapely.force_2d(frame.geometry.to_numpy())
    empty = shapely.is_missing(shapes) | shapely.is_empty(shapes)
    tell_rows(
        findings,
        "error",
        source,
        rows[empty],
        ["has no geometry"] * int(empty.sum()),
        remedy="draw it or delete the row",
        column="geometry",
    )
    bounds = shapely.bounds(shapes)
    infinite = ~empty & ~np.isfinite(bounds).all(axis=1)
    tell_rows(
        findings,
        "error",
        source,
        rows[infinite],
        ["has coordinates that are not numbers"] * int(infinite.sum()),
        remedy="draw it again",
        column="geometry",
    )
    keep = ~empty & ~infinite
    frame, rows, shapes = frame[keep], rows[keep], shapes[keep]
    if not len(frame):
        return frame
    kinds = families(shapes)
    main = max(FAMILIES, key=lambda kind: int((kinds == kind).sum())) if family is None else family
    if main != "point":
        shapes = part_of_family(shapes, main)
        kinds = families(shapes)
    other = kinds != main
    if family is None:
        tell_rows(
            findings,
            "error",
            source,
            rows[other],
            [f"is a {kind} in a layer of {main}s" for kind in kinds[other]],
            remedy="keep points, lines and polygons in layers of their own",
            column="geometry",
        )
    elif other.any():
        findings.note(source, f"{int(other.sum())} shapes that are not {main}s were left out", column="geometry")
    frame, rows, shapes = frame[~other], rows[~other], shapes[~other]
    if main == "polygon":
        shapes = _mend_polygons(shapes, rows, source, findings)
    return frame.set_geometry(gpd.GeoSeries(shapes, index=frame.index, crs=frame.crs))


def _mend_polygons(shapes: Shapes, rows: pd.Series, source: str, findings: Findings) -> Shapes:
    bad = np.flatnonzero(~shapely.is_valid(shapes))
    if not len(bad):
        return shapes
    why = shapely.is_valid_reason(shapes[bad])
    mended = part_of_family(shapely.make_valid(shapes[bad]), "polygon")
    before, after = np.abs(shapely.area(shapes[bad])), shapely.area(mended)
    large = (np.abs(after - before) > AREA_CHANGE * np.maximum(before, after)) | (after == 0)
    names = rows.to_numpy()[bad]
    tell_rows(
        findings,
        "error",
        source,
        names[large],
        [f"polygon crosses itself ({reason})" for reason in why[large]],
        remedy="redraw its boundary (QGIS: Check validity, Fix geometries)",
        column="geometry",
    )
    tell_rows(
        findings,
        "note",
        source,
        names[~large],
        [f"polygon was not valid ({reason}) and was mended, area unchanged within 1 %" for reason in why[~large]],
        column="geometry",
    )
    out = shapes.copy()
    out[bad] = np.where(large, shapes[bad], mended)
    return out
