"""Reading building footprints, whole and once each, with floors and heights as far as they are known."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely

from layers.columns import match_columns, numbers, texts
from layers.crs import Coordinates, check_belt, to_study
from layers.errors import Findings
from layers.geometry import part_of_family, tell_rows
from layers.tables.place import BUILDINGS
from layers.text import tidy
from layers.vector import Source, read_vector

APART_M = 50.0
"""Gap between pieces of one id [m] beyond which they are two buildings, not one that a tile edge cut."""

INSIDE = 0.9
"""Share of a footprint covered by a larger one that makes it a part of that building."""

HIGHEST_M = 1000.0
MOST_FLOORS = 250.0


def read_buildings(
    source: Source, zone: gpd.GeoDataFrame, findings: Findings, *, coordinates: Coordinates = "wgs84"
) -> gpd.GeoDataFrame | None:
    """Read building footprints within the zone.

    Pieces of one building that a tile edge cut apart are put together by id; parts drawn inside a building's outline
    are left out, and lend it their height where it has none. Heights of nought are taken as unknown.

    Parameters
    ----------
    source
        A layer with polygons; points and lines in it are left out.
    zone
        ZONE table in the study's CRS.
    findings
        Takes every fault and repair.
    coordinates
        Datum the layer was drawn on.

    Returns
    -------
    GeoDataFrame or None
        BUILDINGS table in the zone's CRS, sorted by id.
    """
    frame = read_vector(source, findings, coordinates=coordinates, family="polygon")
    if frame is None or not check_belt(frame, source, findings, zone):
        return None
    frame = to_study(frame, pyproj.CRS.from_user_input(zone.crs))
    columns = match_columns(frame.columns, BUILDINGS.name)
    numbered = pd.Series([f"building-{n}" for n in range(1, len(frame) + 1)], index=frame.index, dtype="str")
    ids = texts(frame[columns["building_id"]]).map(tidy) if "building_id" in columns else numbered
    ids = ids.where(ids != "", numbered)
    pieces = gpd.GeoDataFrame(
        {
            "floors": _number(frame, ids, columns, "floors", MOST_FLOORS, source, findings),
            "height_m": _number(frame, ids, columns, "height_m", HIGHEST_M, source, findings),
        },
        geometry=frame.geometry,
        crs=frame.crs,
    )
    whole = _outlines(_join(pieces, ids, source, findings), source, findings)
    inside = whole.geometry.representative_point().within(zone.union_all())
    if not inside.any():
        findings.error(source.name, "no building lies within the zone", "check the file and its CRS", column="geometry")
        return None
    if not inside.all():
        findings.note(source.name, f"{int((~inside).sum())} buildings outside the zone were left out")
    kept = whole[inside.to_numpy()]
    unknown = kept["height_m"].isna() & kept["floors"].isna()
    if unknown.any():
        findings.note(
            source.name,
            f"{int(unknown.sum())} of {len(kept)} buildings have neither height nor floors",
            "they follow from the parcel's controls",
            column=columns.get("height_m", "height_m"),
        )
    return kept


def _number(
    frame: gpd.GeoDataFrame,
    ids: pd.Series,
    columns: dict[str, str],
    column: str,
    highest: float,
    source: Source,
    findings: Findings,
) -> pd.Series:
    """Return floors or heights; nought is unknown, the implausible is told and taken as unknown."""
    if column not in columns:
        return pd.Series(np.nan, index=frame.index)
    name = columns[column]
    value, _, wrong = numbers(frame[name])
    word = "height" if column == "height_m" else "number of floors"
    tell_rows(
        findings,
        "warning",
        source.name,
        ids[wrong],
        [f"{word} is no number, {text!r}" for text in frame[name][wrong].astype("str")],
        remedy="taken as unknown",
        column=name,
    )
    below, above = value < 0, value > highest
    tell_rows(
        findings,
        "error",
        source.name,
        ids[below | above],
        [f"{word} is implausible, {figure:g}" for figure in value[below | above]],
        remedy="correct it or leave it empty; metres and whole floors above ground are meant",
        column=name,
    )
    nought = value == 0
    if nought.any():
        findings.note(source.name, f"{int(nought.sum())} buildings have {word} 0; taken as unknown", column=name)
    return value.where(value > 0).where(~above)


def _join(pieces: gpd.GeoDataFrame, ids: pd.Series, source: Source, findings: Findings) -> gpd.GeoDataFrame:
    """Return one row per id; pieces far apart are a fault, since two buildings then share an id."""
    repeated = ids.duplicated(keep=False).to_numpy()
    single = pieces[~repeated].set_axis(pd.Index(ids[~repeated].to_numpy(), name="building_id"))
    if not repeated.any():
        return single.sort_index()
    several = pieces[repeated].assign(building_id=ids[repeated])
    joined = several.dissolve(by="building_id", aggfunc="max", grid_size=0.001)
    bounds = several.bounds.assign(building_id=ids[repeated])
    bounds["span"] = np.hypot(bounds["maxx"] - bounds["minx"], bounds["maxy"] - bounds["miny"])
    sizes = bounds.groupby("building_id")["span"].sum()
    west, south, east, north = (joined.bounds[name] for name in ("minx", "miny", "maxx", "maxy"))
    apart = np.hypot(east - west, north - south) > sizes.reindex(joined.index) + APART_M
    tell_rows(
        findings,
        "error",
        source.name,
        joined.index[apart],
        ["the id stands on buildings that lie apart"] * int(apart.sum()),
        remedy="give every building an id of its own",
        column="building_id",
    )
    findings.note(
        source.name,
        f"{len(several)} pieces were put together to {len(joined)} buildings by their id",
        column="geometry",
    )
    joined = joined.set_geometry(
        gpd.GeoSeries(part_of_family(joined.geometry.to_numpy(), "polygon"), index=joined.index, crs=pieces.crs)
    )
    both = pd.concat([single, joined[single.columns]])
    both.index = both.index.astype("str").rename("building_id")
    return both.sort_index()


def _outlines(buildings: gpd.GeoDataFrame, source: Source, findings: Findings) -> gpd.GeoDataFrame:
    """Return the buildings without the parts drawn inside their outlines, which lend them height and floors."""
    shapes = buildings.geometry.to_numpy()
    area = shapely.area(shapes)
    part, outline = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    smaller = (area[part] < area[outline]) | ((area[part] == area[outline]) & (part > outline))
    part, outline = part[smaller], outline[smaller]
    common = shapely.area(shapely.intersection(shapes[part], shapes[outline]))
    within = common > INSIDE * area[part]
    part, outline = part[within], outline[within]
    if not len(part):
        return buildings
    lent = (
        buildings[["floors", "height_m"]]
        .iloc[part]
        .set_axis(buildings.index[outline])
        .groupby(level=0)
        .max()
        .reindex(buildings.index)
    )
    findings.note(
        source.name,
        f"{len(np.unique(part))} parts drawn inside the outline of a building were left out",
        "their height counts where the building has none",
        column="geometry",
    )
    filled = buildings.assign(
        floors=buildings["floors"].fillna(lent["floors"]), height_m=buildings["height_m"].fillna(lent["height_m"])
    )
    return filled.drop(index=buildings.index[np.unique(part)])
