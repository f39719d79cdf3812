"""Streets: read, classed, mended at tile edges, and asked whether they hang together."""

import csv
import unicodedata
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyproj
import shapely
from pydantic import BaseModel, ConfigDict, Field, field_validator
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from layers.columns import match_columns, numbers, texts
from layers.crs import Coordinates, check_belt, to_study
from layers.errors import Findings
from layers.geometry import families, row_names, tell_rows
from layers.tables.place import STREETS
from layers.text import tidy
from layers.vector import Source, read_vector

ROAD_CLASSES = ("motorway", "trunk", "primary", "secondary", "tertiary", "local")

BROADER = ("kind", "route", "railway")
"""Columns that tell what a line is where its road class is empty."""

RAISED = {"bridge": 1, "is_bridge": 1, "tunnel": -1, "is_tunnel": -1}
"""Columns that tell of a bridge or a tunnel, and the level of what they tell of where no other is given."""

LAYER = "layer"
"""Column of OpenStreetMap that tells how high a bridge or how deep a tunnel is; drawings use the name otherwise."""

NO = ("", "0", "0.0", "no", "n", "false", "f", "否")
"""What such a column holds where there is none."""

LEAST_MAIN_SHARE = 0.5
"""Share of all street length the largest connected piece must hold, or the layer is no network."""

SHORT_M = 0.001
"""A line shorter than this [m] is a point."""

MULTI_LINE = 5
"""Type of a line in several parts (shapely)."""

Shapes = npt.NDArray[Any]
Integers = npt.NDArray[np.int64]


class StreetOptions(BaseModel):
    """How a street layer is to be read.

    Examples
    --------
    >>> StreetOptions(class_crosswalk={"Gemeindestrasse": "local"}).touch_m
    1.0
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    columns: dict[str, str] = Field(
        default={}, description="our column name to the file's, for columns that are not recognised"
    )
    class_crosswalk: dict[str, str] = Field(
        default={},
        description="the file's road classes to motorway, trunk, primary, secondary, tertiary, local, or empty: none",
    )
    touch_m: float = Field(default=1.0, ge=0.0, description="streets nearer than this count as connected [m]")

    @field_validator("class_crosswalk")
    @classmethod
    def _known_classes(cls, given: dict[str, str]) -> dict[str, str]:
        for code, road_class in given.items():
            if road_class and road_class not in ROAD_CLASSES:
                raise ValueError(f"{code!r}: {road_class!r} is not one of {', '.join(ROAD_CLASSES)} or empty")
        return given

    @field_validator("columns")
    @classmethod
    def _known_columns(cls, given: dict[str, str]) -> dict[str, str]:
        for ours in given:
            if ours not in ("street_id", *STREETS.columns):
                raise ValueError(f"streets have no column {ours!r}, only street_id, name, road_class and level")
        return given


@cache
def _classes() -> Mapping[str, str]:
    lines = files("layers").joinpath("road_classes.csv").read_text(encoding="utf-8").splitlines()
    return {row["code"]: row["road_class"] for row in csv.DictReader(lines)}


def read_streets(
    source: Source,
    options: StreetOptions,
    zone: gpd.GeoDataFrame,
    findings: Findings,
    *,
    coordinates: Coordinates = "wgs84",
) -> gpd.GeoDataFrame | None:
    """Read street centre lines; every fault goes to the findings.

    Parts of one street that stand under the same id (cut at tile edges) become one line again; lines that still are in
    several pieces become several streets. Footways, railways and ferries are left out, and so are streets that do not
    reach into the zone. A column of levels, or else columns that tell of bridges and tunnels, give the level of each
    street. Whether streets hang together is asked without it: crossings count as
    connected here, whether or not a bridge lies there.

    Parameters
    ----------
    source
        A line layer.
    options
        Columns and road classes of the file.
    zone
        ZONE table, whose CRS the streets get.
    findings
        Takes the faults and the repairs.
    coordinates
        Datum the layer was drawn on.

    Returns
    -------
    GeoDataFrame or None
        STREETS table, index ``street_id`` sorted, single lines. None where nothing could be read.
    """
    frame = read_vector(source, findings, coordinates=coordinates)
    if frame is None:
        return None
    if not (families(frame.geometry.to_numpy()) == "line").all():
        findings.error(
            source.name, "holds no lines", "give street centre lines, not areas or points", column="geometry"
        )
        return None
    if not check_belt(frame, source, findings, zone):
        return None
    frame = to_study(frame, pyproj.CRS.from_user_input(zone.crs))
    table = _table(frame, options, source, findings)
    if table is None:
        return None
    table = _inside(_single(_whole(table, source, findings), source, findings), zone, source, findings)
    if table is None:
        return None
    table = STREETS.check(table.sort_index(), source.name)
    check_connected(table, options.touch_m, source.name, findings)
    return table


def _table(
    frame: gpd.GeoDataFrame, options: StreetOptions, source: Source, findings: Findings
) -> gpd.GeoDataFrame | None:
    """Return the contract's columns with road classes; None where no street is left."""
    missing = {ours: theirs for ours, theirs in options.columns.items() if theirs not in frame.columns}
    for ours, theirs in missing.items():
        there = ", ".join(str(name) for name in frame.columns if name != "geometry")
        findings.error(source.name, f"has no column {theirs!r}, named for {ours}", f"it has {there}", column=theirs)
    found = {**match_columns(frame.columns, "streets"), **options.columns}
    if missing:
        return None
    blank = pd.Series("", index=frame.index, dtype="str")
    table = gpd.GeoDataFrame(
        {
            "street_id": texts(frame[found["street_id"]]).map(tidy) if "street_id" in found else blank,
            "name": texts(frame[found["name"]]).map(tidy) if "name" in found else blank,
            "given": texts(frame[found["road_class"]]).map(tidy) if "road_class" in found else blank,
        },
        geometry=frame.geometry.to_numpy(),
        crs=frame.crs,
        index=frame.index,
    )
    crosswalk = {**_classes(), **options.class_crosswalk}
    given = table["given"].map(lambda text: text if text in crosswalk else unicodedata.normalize("NFKC", text).lower())
    for name in BROADER:
        if name in frame.columns:
            given = given.where(given != "", texts(frame[name]).map(tidy).str.lower())
    known = given.isin(list(crosswalk))
    _tell_unknown(table, known, row_names(frame), source, findings, column=found.get("road_class"))
    table["road_class"] = given.map(crosswalk).where(known, "local").astype("str")
    table["level"] = _levels(frame, found.get("level"), row_names(frame), source, findings)
    other = table["road_class"] == ""
    if other.any():
        kinds = ", ".join(sorted(given[other].unique()))
        findings.note(source.name, f"{int(other.sum())} lines are no streets and are left out ({kinds})")
    table = table[~other].drop(columns="given")
    if table.empty:
        findings.error(source.name, "holds no streets", "give a layer with carriageways, or a class crosswalk")
        return None
    numbered = pd.Series([f"street-{n + 1:05d}" for n in table.index], index=table.index, dtype="str")
    unnamed = table["street_id"] == ""
    if unnamed.any():
        findings.note(source.name, f"{int(unnamed.sum())} streets have no id and are numbered by row")
    return table.assign(street_id=table["street_id"].where(~unnamed, numbered))


def _levels(
    frame: gpd.GeoDataFrame, column: str | None, rows: pd.Series, source: Source, findings: Findings
) -> "pd.Series[int]":
    """Return the level of each line: that of a column where it tells one, else that of bridges and tunnels."""
    level = pd.Series(0, index=frame.index, dtype="int64")
    for name, raised in RAISED.items():
        if name in frame.columns:
            level = level.where(texts(frame[name]).map(tidy).str.lower().isin(NO), raised)
    if LAYER in frame.columns:
        layer = numbers(frame[LAYER])[0].fillna(0.0).round()
        level = level.where((level == 0) | (np.sign(layer) != np.sign(level)), layer).astype("int64")
    if column is None:
        return level
    given, percent, wrong = numbers(frame[column])
    wrong |= percent | (given.notna() & (given % 1 != 0))
    tell_rows(
        findings,
        "warning",
        source.name,
        rows[wrong],
        [f"level {value!r} is no whole number and is not used" for value in frame.loc[wrong, column]],
        remedy="give 0 at grade, 1 on a bridge, -1 in a tunnel",
        column=column,
    )
    return level.where(wrong | given.isna(), given.fillna(0.0)).astype("int64")


def _tell_unknown(
    table: gpd.GeoDataFrame, known: pd.Series, rows: pd.Series, source: Source, findings: Findings, column: str | None
) -> None:
    if column is None:
        findings.note(source.name, "has no column of road classes: all streets are taken as local")
        return
    unknown = table["given"][~known]
    for text, number in unknown.value_counts().sort_index().items():
        findings.warning(
            source.name,
            f"road class {text!r} is not known, its {number} rows are taken as local",
            "name its class in class_crosswalk",
            row=rows[unknown.index[unknown == text][0]],
            column=column,
        )


def _whole(table: gpd.GeoDataFrame, source: Source, findings: Findings) -> gpd.GeoDataFrame:
    """Return one row per id, its parts joined where they meet."""
    doubled = table["street_id"].duplicated(keep=False)
    if not doubled.any():
        return table
    parts = table[doubled]
    findings.note(
        source.name,
        f"{len(parts)} rows share {parts['street_id'].nunique()} ids (cut at tile edges?) and were joined id by id",
        column="street_id",
    )
    joined = [
        shapely.line_merge(shapely.union_all(group.geometry.to_numpy())) for _, group in parts.groupby("street_id")
    ]
    first = parts.drop_duplicates("street_id").sort_values("street_id")
    return pd.concat([table[~doubled], first.set_geometry(gpd.GeoSeries(joined, index=first.index, crs=table.crs))])


def _single(table: gpd.GeoDataFrame, source: Source, findings: Findings) -> gpd.GeoDataFrame:
    """Return single lines of some length, indexed by id; the parts of one street are numbered."""
    merged = table.geometry.to_numpy().copy()
    several_parts = shapely.get_type_id(merged) == MULTI_LINE
    merged[several_parts] = shapely.line_merge(merged[several_parts])
    lines = table.set_geometry(gpd.GeoSeries(merged, index=table.index, crs=table.crs)).explode(ignore_index=True)
    short = ~(lines.length > SHORT_M)
    if short.any():
        names = ", ".join(sorted(lines["street_id"][short])[:5])
        findings.note(source.name, f"{int(short.sum())} lines without length are left out ({names})", column="geometry")
    lines = lines[~short]
    several = lines["street_id"].duplicated(keep=False)
    number = lines.groupby("street_id").cumcount() + 1
    ids = lines["street_id"].where(~several, lines["street_id"] + "-" + number.astype("str"))
    while ids.duplicated().any():  # an id of the file may look like a numbered part
        again = ids.duplicated()
        ids = ids.where(~again, ids + "+")
    out = lines[["name", "road_class", "level", "geometry"]]
    return out.set_axis(pd.Index(ids.to_numpy(), name="street_id", dtype="str"), axis=0)


def _inside(
    table: gpd.GeoDataFrame, zone: gpd.GeoDataFrame, source: Source, findings: Findings
) -> gpd.GeoDataFrame | None:
    """Return the streets that reach into the zone; None where none does."""
    area = zone.union_all()
    shapely.prepare(area)
    within = shapely.intersects(area, table.geometry.to_numpy())
    if not within.any():
        findings.error(source.name, "no street lies within the zone", "check the file and its CRS", column="geometry")
        return None
    tell_rows(
        findings,
        "warning",
        source.name,
        table.index[~within],
        ["the street lies outside the zone and is left out"] * int((~within).sum()),
        remedy="remove it, or widen the zone's boundary",
        column="geometry",
    )
    return table[within]


def pieces(streets: gpd.GeoDataFrame, touch_m: float) -> "pd.Series[int]":
    """Return per street the number of the connected piece it belongs to, 0 for the longest.

    Parameters
    ----------
    streets
        STREETS table.
    touch_m
        Streets nearer than this are connected [m].
    """
    lines = streets.geometry.to_numpy()
    left, right = shapely.STRtree(lines).query(lines, predicate="dwithin", distance=max(touch_m, SHORT_M))
    matrix = coo_array((np.ones(len(left)), (left, right)), shape=(len(lines), len(lines)))
    labels: Integers = connected_components(matrix, directed=False)[1].astype(np.int64)
    length = np.bincount(labels, weights=shapely.length(lines))
    rank = np.empty(len(length), dtype=np.int64)
    rank[np.argsort(-length, kind="stable")] = np.arange(len(length))
    return pd.Series(rank[labels], index=streets.index, name="piece")


def check_connected(streets: gpd.GeoDataFrame, touch_m: float, source: str, findings: Findings) -> None:
    """Say so when streets are in pieces: a warning, or a fault where the largest holds less than half of the length.

    Parameters
    ----------
    streets
        STREETS table.
    touch_m
        Streets nearer than this are connected [m].
    source
        How messages call the file.
    findings
        Takes the warning or the fault, with rows named.
    """
    piece = pieces(streets, touch_m)
    length = streets.length
    outside = piece > 0
    if not outside.any():
        return
    share = float(length[outside].sum() / length.sum())
    number = int(piece.max()) + 1
    longest = length[outside].sort_values(ascending=False, kind="stable").index
    if 1.0 - share >= LEAST_MAIN_SHARE:
        named = ", ".join(map(str, longest[:5]))
        findings.warning(
            source,
            f"the streets are in {number} pieces, {share:.1%} of the length lies outside the largest (such as {named})",
            "connect them; district networks only use the piece with most demand",
            column="geometry",
        )
        return
    findings.error(
        source,
        f"disconnected streets: {number} pieces, the largest holds only {1.0 - share:.0%} of the length",
        "snap line ends to each other (QGIS: Snap geometries to layer), or give the missing streets",
        column="geometry",
    )
    tell_rows(
        findings,
        "error",
        source,
        longest,
        [f"belongs to piece {piece[name] + 1} of {number}, apart from the largest" for name in longest],
        remedy="connect it",
        column="geometry",
    )
