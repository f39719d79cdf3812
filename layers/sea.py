"""The cells that wind is sited on, over the zone and its sea study area: shore, depth, wind, and areas kept free."""

import csv
from functools import cache
from importlib.resources import files

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyproj
import shapely
from pydantic import BaseModel, ConfigDict, Field

from layers.crs import Coordinates, check_belt
from layers.errors import Findings
from layers.grid import Grid
from layers.raster import read_raster
from layers.tables.place import EXCLUSIONS, SEA_CELLS
from layers.vector import Source, read_vector

Array = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


class SeaOptions(BaseModel):
    """How finely the sea and the land are looked at for wind."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    cell_m: float = Field(default=500.0, ge=50.0, le=5000.0)
    """Side of a cell [m]; a turbine stands in the middle of one."""
    max_cells: int = Field(default=1_000_000, ge=1000)
    """Most cells allowed; beyond that the study is told to take larger ones."""


@cache
def exclusion_kinds() -> dict[str, tuple[str, str]]:
    """Return the kinds of areas kept free, with their Chinese and English names.

    Examples
    --------
    >>> exclusion_kinds()["channel"]
    ('航道', 'Shipping channel')
    """
    return {row["kind"]: (row["zh"], row["en"]) for row in _kind_rows()}


@cache
def _kind_rows() -> tuple[dict[str, str], ...]:
    lines = files("layers").joinpath("exclusion_kinds.csv").read_text(encoding="utf-8").splitlines()
    return tuple(csv.DictReader(lines))


@cache
def _kind_by_word() -> dict[str, str]:
    """Return the kind each accepted word stands for."""
    words: dict[str, str] = {}
    for row in _kind_rows():
        for word in (row["kind"], row["zh"], row["en"], *row["aliases"].split(";")):
            if word:
                words[_plain(word)] = row["kind"]
    return words


def _plain(word: object) -> str:
    return str(word).strip().lower().replace(" ", "_")


def read_exclusions(
    source: Source | None, zone: gpd.GeoDataFrame, findings: Findings, *, coordinates: Coordinates = "wgs84"
) -> gpd.GeoDataFrame:
    """Read the areas where nothing may be built, in the study's CRS.

    The layer needs a column ``kind`` that holds a key, a name or a synonym from ``exclusion_kinds.csv``;
    ``exclusion_id``, ``name_zh`` and ``name_en`` are optional.

    Parameters
    ----------
    source
        The layer; None where the study names none.
    zone
        The zone, in the study's CRS.
    findings
        Takes every fault: also each row whose kind is not known.
    coordinates
        The datum the layer was drawn on.

    Returns
    -------
    GeoDataFrame
        An EXCLUSIONS table, sorted by id; empty where there is no layer, or it is at fault.
    """
    frame = None if source is None else read_vector(source, findings, coordinates=coordinates)
    if source is None or frame is None or not check_belt(frame, source, findings, zone):
        return _exclusions(zone, [], [], [], [], np.empty(0, dtype=object))
    columns = {str(name).lower(): name for name in frame.columns}
    if "kind" not in columns:
        findings.error(
            source.name,
            "column 'kind' is missing",
            f"add it, holding one of: {', '.join(exclusion_kinds())}",
            column="kind",
        )
        return _exclusions(zone, [], [], [], [], np.empty(0, dtype=object))

    def texts(name: str, instead: list[str]) -> list[str]:
        if name not in columns:
            return instead
        values = frame[columns[name]]
        return [
            other if missing else str(value).strip()
            for value, missing, other in zip(values, values.isna(), instead, strict=True)
        ]

    width = len(str(len(frame)))
    ids = texts("exclusion_id", [f"X{number + 1:0{width}d}" for number in range(len(frame))])
    kinds: list[str] = []
    for row, given in zip(ids, frame[columns["kind"]], strict=True):
        kind = _kind_by_word().get(_plain(given))
        if kind is None:
            findings.error(
                source.name,
                f"exclusion kind {given!r} is not known",
                f"write one of: {', '.join(exclusion_kinds())}",
                row=row,
                column="kind",
            )
        kinds.append(kind or "other")
    names = exclusion_kinds()
    shapes = frame.to_crs(_shared_crs([zone])).geometry.to_numpy()
    table = _exclusions(
        zone,
        ids,
        kinds,
        texts("name_zh", texts("name", [names[kind][0] for kind in kinds])),
        texts("name_en", texts("name", [names[kind][1] for kind in kinds])),
        shapes,
    )
    findings.extend(EXCLUSIONS.faults(table, source.name))
    return table


def _exclusions(
    zone: gpd.GeoDataFrame,
    ids: list[str],
    kinds: list[str],
    names_zh: list[str],
    names_en: list[str],
    shapes: npt.NDArray[np.object_],
) -> gpd.GeoDataFrame:
    frame = gpd.GeoDataFrame(
        {
            "kind": pd.array(kinds, dtype="str"),
            "name_zh": pd.array(names_zh, dtype="str"),
            "name_en": pd.array(names_en, dtype="str"),
        },
        index=pd.Index(ids, name="exclusion_id", dtype="str"),
        geometry=gpd.GeoSeries(shapes, index=pd.Index(ids, dtype="str"), crs=zone.crs),
        crs=zone.crs,
    )
    return frame.sort_index(kind="stable")


def read_sea_cells(
    wind: Source | None,
    depth: Source | None,
    zone: gpd.GeoDataFrame,
    land: gpd.GeoDataFrame | None,
    sea_area: gpd.GeoDataFrame | None,
    options: SeaOptions,
    findings: Findings,
) -> tuple[pd.DataFrame, pd.DataFrame] | None:
    """Cut zone and sea study area into cells and tell of each what siting has to know.

    A cell is land, in the zone or in the sea area where its centre is; its distance from the shore is the exact
    distance of its centre from the nearest edge of land.

    Parameters
    ----------
    wind, depth
        Rasters of mean wind speed and of sea depth. Without one the cells hold no value, which siting counts as a
        reason against them, never as zero.
    zone, land, sea_area
        Zone, land around it and sea study area in the study's CRS. Without land, the zone is land and all else sea.
    options
        Size of the cells.
    findings
        Takes every fault of the rasters.

    Returns
    -------
    tuple of DataFrame, or None
        GRID with the row ``sea``, and SEA_CELLS; None where an input is at fault.
    """
    shapes = [zone] if sea_area is None or sea_area.empty else [zone, sea_area]
    crs = _shared_crs([*shapes, *([] if land is None else [land])])
    boxes = np.array([frame.total_bounds for frame in shapes])
    bounds = tuple(float(v) for v in (*boxes[:, :2].min(axis=0), *boxes[:, 2:].max(axis=0)))
    grid = Grid.from_bounds((bounds[0], bounds[1], bounds[2], bounds[3]), options.cell_m, crs)
    if grid.size > options.max_cells:
        findings.error(
            "sea_area",
            f"zone and sea area take {grid.size:,} cells of {options.cell_m:g} m, more than {options.max_cells:,}",
            "draw a smaller sea area or set larger cells (cell_m)",
        )
        return None
    x, y = grid.centres()
    ground = zone if land is None or land.empty else land
    if ground is zone:
        findings.warning("land", "no land is given: the zone is taken for land", "give the land around the zone")
    is_land = _inside(ground, x, y)
    known: dict[str, Array | None] = {}
    for quantity, source in (("wind", wind), ("depth", depth)):
        if source is None:
            findings.warning(
                "study", f"no raster of {quantity} is given: no turbine can be sited at sea", f"name one ({quantity})"
            )
            known[quantity] = np.full(grid.shape, np.nan)
        elif quantity == "wind":
            known[quantity] = read_raster(source, findings, grid, quantity="wind", zone=zone)
        else:
            sea = ~is_land.reshape(grid.shape)
            known[quantity] = read_raster(source, findings, grid, quantity="depth", zone=zone, sea=sea)
    wind_m_s, depth_m = known["wind"], known["depth"]
    if wind_m_s is None or depth_m is None:
        return None
    number = np.arange(grid.size, dtype=np.int64)
    cells = pd.DataFrame(
        {
            "row": number // grid.cols,
            "col": number % grid.cols,
            "x_m": x,
            "y_m": y,
            "is_land": is_land,
            "in_zone": _inside(zone, x, y),
            "in_sea_area": np.zeros(grid.size, dtype=bool) if len(shapes) == 1 else _inside(shapes[1], x, y),
            "depth_m": np.where(is_land, np.nan, depth_m.ravel()),
            "wind_m_s": wind_m_s.ravel(),
            "shore_distance_m": _shore_distance(ground, x, y),
        },
        index=pd.Index(number, name="cell_id"),
    )
    return grid.to_table("sea"), SEA_CELLS.check(cells)


def _shared_crs(frames: list[gpd.GeoDataFrame]) -> pyproj.CRS:
    crs = frames[0].crs
    for frame in frames:
        if crs is None or not crs.is_projected or frame.crs != crs:
            raise ValueError(f"zone, land, sea area and exclusions need one projected CRS in metres, not {frame.crs}")
    return pyproj.CRS.from_user_input(crs)


def _inside(frame: gpd.GeoDataFrame, x: Array, y: Array) -> Flags:
    """Tell which points lie in any of the shapes, each tested by the shapes whose box holds it alone."""
    inside = np.zeros(x.shape, dtype=bool)
    tree = shapely.STRtree(np.asarray(shapely.points(x, y)))
    shapes = shapely.get_parts(frame.geometry.to_numpy())
    inside[tree.query(shapes, predicate="intersects")[1]] = True
    return inside


def _shore_distance(ground: gpd.GeoDataFrame, x: Array, y: Array) -> Array:
    """Return the distance of points from the nearest edge of the land [m].

    Land that is drawn in pieces is joined first, so that a seam between two pieces is no shore.
    """
    shore = shapely.boundary(shapely.union_all(ground.geometry.to_numpy()))
    points, part = shapely.get_coordinates(shapely.get_parts(shore), return_index=True)
    follows = part[1:] == part[:-1]
    pieces = np.asarray(shapely.linestrings(np.stack([points[:-1][follows], points[1:][follows]], axis=1)))
    (_, _), distance = shapely.STRtree(pieces).query_nearest(
        shapely.points(x, y), return_distance=True, all_matches=False
    )
    return np.asarray(distance, dtype=np.float64)
