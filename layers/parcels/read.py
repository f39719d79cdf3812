"""Reading the parcels of a plan: columns found, faults told all at once, gaps filled with the land use's defaults."""

import difflib
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj

from layers.archetypes import WITHOUT_BUILDINGS, Kinds, archetypes
from layers.columns import match_columns, plain, texts
from layers.crs import Coordinates, check_belt, to_study
from layers.errors import Findings
from layers.geometry import Family, families
from layers.landuse import Crosswalk, UnknownUse, Uses, landuse_table, read_crosswalk, resolve
from layers.parcels.controls import Reader
from layers.parcels.options import ParcelOptions
from layers.parcels.places import check_in_zone, check_overlaps, cut_overlaps, join_pieces, units_of
from layers.tables.place import PARCEL_USES, PARCELS
from layers.text import tidy
from layers.vector import Source, read_vector

_CONTROLS = ("far", "building_density", "height_limit_m", "green_ratio")


def read_parcels(
    source: Source,
    options: ParcelOptions,
    zone: gpd.GeoDataFrame,
    units: gpd.GeoDataFrame,
    base_year: int,
    target_year: int,
    findings: Findings,
    *,
    coordinates: Coordinates = "wgs84",
    crosswalk: Path | None = None,
    kinds: Kinds | None = None,
) -> tuple[gpd.GeoDataFrame, pd.DataFrame] | None:
    """Read and check the parcels of a plan.

    Parameters
    ----------
    source
        A polygon layer in any CRS.
    options
        How the file is to be understood.
    zone, units
        ZONE and UNITS tables in the study's CRS.
    base_year, target_year
        First and last year of the study.
    findings
        Takes every fault, row by row, and every repair and default.
    coordinates
        Datum the layer was drawn on.
    crosswalk
        CSV (code,landuse[,share]) that explains a plan's own codes.
    kinds
        Archetypes of the study; without them the built-in ones. A column ``archetype`` of the plan names one for the
        main use of a parcel in place of the land use's own; the other uses of the parcel keep theirs.

    Returns
    -------
    tuple of GeoDataFrame and DataFrame, or None
        PARCELS in the study's CRS, sorted by id, and PARCEL_USES. None where anything is at fault.
    """
    before = len(findings.errors)
    wanted: Family | None = "polygon" if options.polygons_only else None
    frame = read_vector(source, findings, coordinates=coordinates, family=wanted)
    if frame is None or not _are_polygons(frame, source, findings) or not check_belt(frame, source, findings, zone):
        return None
    columns = _columns(frame, source, options, findings)
    explained = read_crosswalk(crosswalk, findings) if crosswalk else None
    if columns is None:
        return None
    frame = to_study(frame, pyproj.CRS.from_user_input(zone.crs))
    if options.join_pieces:
        frame = join_pieces(frame, texts(frame[columns["parcel_id"]]).map(tidy), source.name, findings)
    if options.cut_overlaps:
        frame = cut_overlaps(frame, source.name, findings, options)
    ids, rows = _ids(frame, columns, source, options, findings)
    reader = Reader(frame, columns, rows, source.name, findings, options)
    uses = _uses(reader, explained)
    named = _named_archetypes(reader, archetypes() if kinds is None else kinds)
    table = _table(reader, uses, base_year, target_year)
    placed = gpd.GeoDataFrame(table, geometry=frame.geometry, crs=frame.crs).set_axis(rows.to_numpy())
    check_in_zone(placed, zone, source.name, findings, options)
    check_overlaps(placed, source.name, findings, options)
    given_unit = texts(frame[columns["unit_id"]]).set_axis(rows.to_numpy()) if "unit_id" in columns else None
    placed.insert(1, "unit_id", units_of(placed, units, given_unit, source.name, findings))
    if len(findings.errors) > before:
        return None
    placed.index = pd.Index(ids.to_numpy(), name="parcel_id", dtype="str")
    parcels = placed[[*PARCELS.columns, "geometry"]].sort_index()
    parcel_uses = _uses_table(uses.set_axis(placed.index).sort_index(), named.set_axis(placed.index))
    findings.extend([*PARCELS.faults(parcels, source.name), *PARCEL_USES.faults(parcel_uses, source.name)])
    return parcels, parcel_uses


def _are_polygons(frame: gpd.GeoDataFrame, source: Source, findings: Findings) -> bool:
    polygons = bool((families(frame.geometry.to_numpy()) == "polygon").all())
    if not polygons:
        findings.error(source.name, "holds no polygons", "parcels are areas, not points or lines", column="geometry")
    return polygons


def _columns(
    frame: gpd.GeoDataFrame, source: Source, options: ParcelOptions, findings: Findings
) -> dict[str, str] | None:
    """Return our columns mapped to the file's: those the user names, then those recognised."""
    seen = [str(name) for name in frame.columns if name != "geometry"]
    known = [*PARCELS.columns, *PARCELS.key, "status", "archetype"]
    chosen: dict[str, str] = {}
    for ours, theirs in options.columns.items():
        if ours not in known:
            near = difflib.get_close_matches(ours, known, n=1, cutoff=0.0)[0]
            findings.error("study.toml", f"parcels have no column {ours!r}", f"did you mean {near!r}?", column=ours)
        elif theirs not in seen:
            same = [name for name in seen if plain(name) == plain(theirs)]
            if same:
                chosen[ours] = same[0]
                continue
            findings.error(source.name, f"has no column {theirs!r}", f"columns seen: {', '.join(seen)}", column=ours)
        else:
            chosen[ours] = theirs
    found = match_columns([name for name in seen if name not in chosen.values()], "parcels")
    columns = {**found, **chosen}
    missing = [name for name in ("parcel_id", "landuse") if name not in columns and name not in options.columns]
    for name in missing:
        what = "parcel ids" if name == "parcel_id" else "land-use codes"
        findings.error(
            source.name,
            f"has no column of {what}; columns seen: {', '.join(seen) or 'none'}",
            f'name it in study.toml: [parcels.columns] {name} = "..."',
            column=name,
        )
    return None if missing or not {"parcel_id", "landuse"} <= set(columns) else columns


def _ids(
    frame: gpd.GeoDataFrame, columns: dict[str, str], source: Source, options: ParcelOptions, findings: Findings
) -> tuple[pd.Series, pd.Series]:
    """Return the ids, and how messages call the rows: by id, or by number where there is none."""
    bare = texts(frame[columns["parcel_id"]]).map(tidy)
    ids = bare.where(bare == "", options.id_prefix + bare)
    numbered = pd.Series(np.arange(1, len(frame) + 1), index=frame.index).map("number {}".format).astype("str")
    rows = ids.where(ids != "", numbered)
    reader = Reader(frame, columns, rows, source.name, findings, options)
    reader.tell("error", ids == "", "parcel_id", "has no id", "give every parcel an id of its own")
    counts = ids.map(ids.value_counts())
    doubled = ids.duplicated(keep="first") & (ids != "")
    reader.tell(
        "error",
        doubled,
        "parcel_id",
        "id " + ids.map(repr) + " stands " + counts.astype("str") + " times",
        "give every parcel an id of its own",
    )
    return ids, rows


def _uses(reader: Reader, crosswalk: Crosswalk | None) -> pd.Series:
    """Return the uses of every parcel; unknown codes are faults and stand empty."""
    codes = texts(reader.frame[reader.columns["landuse"]]).map(tidy)
    resolved: dict[str, Uses] = {}
    for code in sorted(codes.unique()):
        try:
            resolved[code] = resolve(code, crosswalk)
        except UnknownUse as error:
            if code == "":
                reader.tell("error", codes == code, "landuse", "has no land-use code", "give one, such as R2 or R2/B1")
                continue
            remedy = f"nearest known: {', '.join(error.nearest)}" if error.nearest else "write a code of GB 50137-2011"
            problem = str(error) if error.part == code else f"{error} in {code!r}"
            reader.tell("error", codes == code, "landuse", problem, f"{remedy}; or give a crosswalk CSV")
    wetland = codes.str.fullmatch(r"05\d{0,2}")
    if crosswalk is None and wetland.any():
        reader.findings.warning(
            reader.source,
            f"{int(wetland.sum())} parcels have use code 05, wetland in the national guide of 2023",
            "in GB/T 21010-2017 it is commerce: if that is meant, give a crosswalk CSV",
            column=reader.columns["landuse"],
        )
    return codes.map(lambda code: resolved.get(code, ()))


def _main(mix: Uses) -> str:
    """Return the use with the largest share, the first of several."""
    return max(mix, key=lambda use: use[1])[0]


def _named_archetypes(reader: Reader, kinds: Kinds) -> pd.Series:
    """Return the archetype that the plan names for each parcel, empty where it names none; unknown ones are faults."""
    given = reader.given("archetype")
    if given is None:
        return pd.Series("", index=reader.frame.index, dtype="str")
    named = texts(given).map(tidy)
    for name in sorted(set(named) - {"", *kinds, *WITHOUT_BUILDINGS}):
        near = ", ".join(difflib.get_close_matches(name, kinds, n=3, cutoff=0.0))
        remedy = f"nearest known: {near}; or add it to the study's archetypes"
        reader.tell("error", named == name, "archetype", f"unknown archetype {name!r}", remedy)
    return named


def _defaults(uses: pd.Series) -> pd.DataFrame:
    """Return the default controls of every parcel: shares times the defaults of each use, the height of the highest."""
    listed = landuse_table()
    values = {name: dict(zip(listed.index, listed[name], strict=True)) for name in _CONTROLS}

    def row(mix: Uses) -> list[float]:
        heights = values["height_limit_m"]
        return [
            max((float(heights[code]) for code, _ in mix), default=np.nan)
            if name == "height_limit_m"
            else sum(share * float(values[name][code]) for code, share in mix)
            for name in _CONTROLS
        ]

    rows = {mix: row(mix) for mix in dict.fromkeys(uses)}
    return pd.DataFrame([rows[mix] for mix in uses], index=uses.index, columns=list(_CONTROLS))


def _table(reader: Reader, uses: pd.Series, base_year: int, target_year: int) -> pd.DataFrame:
    """Return the columns of PARCELS but the unit, gaps filled."""
    frame = reader.frame
    area = frame.geometry.area
    existing, phase_year = reader.phase(base_year, target_year)
    dominant = uses.map(lambda mix: _main(mix) if mix else "E9").astype("str")
    given = {
        "far": reader.far(),
        "building_density": reader.ratio("building_density"),
        "height_limit_m": reader.number("height_limit_m")[0],
        "green_ratio": reader.ratio("green_ratio"),
    }
    defaults = _defaults(uses)
    gaps = _gaps(given, defaults)
    controls = _fill(reader, given, gaps, defaults)
    floor_area, _ = reader.number("floor_area_m2")
    follows = controls["far"] * area
    off = (floor_area - follows).abs() > reader.options.floor_area_tolerance * np.maximum(follows, floor_area)
    reader.tell(
        "warning",
        off & given["far"].notna() & (floor_area > 0),
        "floor_area_m2",
        "floor area is " + floor_area.map("{:,.0f}".format) + " m2, ratio times area " + follows.map("{:,.0f}".format),
        "the floor area counts; check both and their units",
    )
    name = reader.given("name")
    return pd.DataFrame(
        {
            "name": pd.Series("", index=frame.index, dtype="str") if name is None else texts(name).map(tidy),
            "landuse_given": texts(frame[reader.columns["landuse"]]).map(tidy),
            "landuse": dominant,
            "group": dominant.str[0],
            "area_m2": area,
            **controls,
            "existing": existing,
            "phase_year": phase_year,
            "floor_area_m2": floor_area,
            "population": reader.number("population")[0],
            "jobs": reader.number("jobs")[0],
            "assumed": pd.array([";".join(gaps.columns[row]) for row in gaps.to_numpy()], dtype="str"),
        }
    )


def _gaps(given: dict[str, pd.Series], defaults: pd.DataFrame) -> pd.DataFrame:
    """Return which controls are not given; a built parcel cannot have density or height nought."""
    gaps = pd.DataFrame(given).isna()
    built = given["far"].fillna(defaults["far"]) > 0
    for column in ("building_density", "height_limit_m"):
        gaps[column] |= built & (given[column] == 0)
    return gaps


def _fill(
    reader: Reader, given: dict[str, pd.Series], gaps: pd.DataFrame, defaults: pd.DataFrame
) -> dict[str, pd.Series]:
    """Return the controls with the gaps filled by the defaults, and say so."""
    for column, count in gaps.sum()[gaps.any()].items():
        reader.findings.note(
            reader.source,
            f"{count} of {len(gaps)} parcels give no {column}; the land use's default was taken",
            column=reader.columns.get(str(column), str(column)),
        )
    return {name: values.where(~gaps[name], defaults[name]).astype("float64") for name, values in given.items()}


def _uses_table(uses: pd.Series, named: pd.Series) -> pd.DataFrame:
    """Return PARCEL_USES; the main use of a parcel has the archetype the plan names."""
    usual = landuse_table()["archetype"].to_dict()
    own = {parcel: name for parcel, name in named.items() if name}
    rows = [
        (parcel, code, own[parcel] if parcel in own and code == _main(mix) else usual[code], share)
        for parcel, mix in uses.items()
        for code, share in sorted(mix)
    ]
    table = pd.DataFrame(rows, columns=["parcel_id", "landuse", "archetype", "share"])
    return table.astype({"parcel_id": "str", "landuse": "str", "archetype": "str", "share": "float64"})
