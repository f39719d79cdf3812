"""Where turbines may stand: every cell that may not be used keeps all the reasons why.

The rules are rows of ``siting.csv``; the words for the reasons stand in ``siting_reasons.csv``. Slope of the ground,
protected views and radar are not modelled.
"""

import csv
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from pydantic import BaseModel, ConfigDict, Field, field_validator

from layers.constants import Constants, constants
from layers.glossary import Language
from layers.tables.place import SEA_CELLS

Flags = npt.NDArray[np.bool_]
M_PER_KM = 1000.0


def _figures() -> Constants:
    return constants("resources", "siting.csv")


@cache
def rule_names() -> tuple[str, ...]:
    """Return the names of the distance rules that stand in ``siting.csv``.

    Examples
    --------
    >>> rule_names()
    ('none', 'double_ten', '2025')
    """
    return tuple(dict.fromkeys(key.split(".")[0] for key in _figures().under("rule")))


@cache
def exclusion_buffers() -> dict[str, float]:
    """Return the distance [m] to keep from each kind of exclusion."""
    figures = _figures().under("exclusion").items()
    return {key.removesuffix(".buffer"): row.value for key, row in figures if key.endswith(".buffer")}


@cache
def marine_kinds() -> frozenset[str]:
    """Return the kinds of exclusions that bind turbines at sea only, such as shipping channels."""
    figures = _figures().under("exclusion").items()
    return frozenset(key.removesuffix(".site") for key, row in figures if key.endswith(".site") and row.text == "sea")


@cache
def reason_texts() -> dict[str, dict[Language, str]]:
    """Return what each reason is called in Chinese and English, in the order reasons are listed.

    Examples
    --------
    >>> reason_texts()["depth_unknown"]["en"]
    'No depth data'
    """
    lines = files("resources").joinpath("siting_reasons.csv").read_text(encoding="utf-8").splitlines()
    return {row["key"]: {"zh": row["zh"], "en": row["en"]} for row in csv.DictReader(lines)}


def _default(key: str) -> float:
    return _figures().value(key)


class SitingOptions(BaseModel):
    """Rules and distances turbines must keep."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    rule: str = Field(default="double_ten", json_schema_extra={"enum": list(rule_names())})
    """The rule for distance from shore and depth, of ``siting.csv``: ``none``, ``double_ten`` (2016) or ``2025``."""
    tidal_flat_km: float = Field(default=0.0, ge=0.0)
    """Width of the tidal flat before the shore [km]; the rules ask for a depth behind wide ones only."""
    min_depth_m: float = Field(default_factory=lambda: _default("depth.min"), ge=0.0)
    """Least depth of the sea [m]."""
    max_depth_m: float = Field(default_factory=lambda: _default("depth.max"), gt=0.0)
    """Greatest depth of the sea [m]."""
    min_shore_distance_m: float = Field(default_factory=lambda: _default("shore.min"), ge=0.0)
    """Least distance of turbines at sea from any shore [m]; waters narrower than twice this hold none."""
    min_dwelling_distance_m: float = Field(default_factory=lambda: _default("dwelling.min"), ge=0.0)
    """Least distance of any turbine from dwellings [m]."""
    buffers_m: Mapping[str, float] = Field(default_factory=dict)
    """Distances [m] to keep from kinds of exclusions, where other than in ``siting.csv``."""
    land: bool = True
    """Whether turbines may stand on the zone's land."""
    sea: bool = True
    """Whether turbines may stand at sea."""

    @field_validator("rule")
    @classmethod
    def _known_rule(cls, rule: str) -> str:
        if rule not in rule_names():
            raise ValueError(f"siting rule {rule!r} is not known; the rules are: {', '.join(rule_names())}")
        return rule

    @field_validator("buffers_m")
    @classmethod
    def _known_kinds(cls, buffers: Mapping[str, float]) -> Mapping[str, float]:
        for kind, distance in buffers.items():
            if kind not in exclusion_buffers():
                raise ValueError(
                    f"exclusion kind {kind!r} is not known; the kinds are: {', '.join(exclusion_buffers())}"
                )
            if not distance >= 0.0:
                raise ValueError(f"the distance from {kind} must be 0 or more, not {distance}")
        return buffers


def keeps_rule(
    rule: str, distance_m: npt.ArrayLike, depth_m: npt.ArrayLike, tidal_flat_km: float = 0.0
) -> tuple[Flags, Flags]:
    """Tell whether places keep a rule on the distance from shore, and on the depth behind a tidal flat.

    Parameters
    ----------
    rule
        Name of the rule.
    distance_m, depth_m
        Distance from shore and depth [m]; an unknown depth (nan) never serves to keep a rule.
    tidal_flat_km
        Width of the tidal flat [km].

    Returns
    -------
    tuple of numpy.ndarray
        Whether the distance is kept, and whether the depth is.

    Notes
    -----
    The rules count from the mainland and from islands with a county seat. Here every island counts, which keeps
    turbines farther out where small islands lie off the coast.

    References
    ----------
    国家海洋局 国海规范〔2016〕6号; 自然资源部 关于进一步加强海上风电项目用海管理的通知 (2025-01).

    Examples
    --------
    >>> near, _ = keeps_rule("2025", [12_000.0, 12_000.0, 31_000.0], [20.0, 35.0, 20.0])
    >>> near.tolist()
    [False, True, True]
    """
    row = {key: figure.value for key, figure in _figures().under(f"rule.{rule}").items()}
    distance, depth = np.asarray(distance_m, dtype=np.float64), np.asarray(depth_m, dtype=np.float64)
    far = distance >= row["distance"] * M_PER_KM
    if "deep" in row:
        far |= (depth >= row["deep"]) & (distance >= row["deep_distance"] * M_PER_KM)
    applies = "flat_width" in row and tidal_flat_km > row["flat_width"]
    deep = depth >= row["flat_depth"] if applies else np.ones(far.shape, dtype=bool)
    return far, deep


def eligible_cells(
    sea_cells: pd.DataFrame,
    exclusions: gpd.GeoDataFrame,
    dwellings: gpd.GeoDataFrame,
    options: SitingOptions,
) -> pd.DataFrame:
    """Tell of every cell of the zone and the sea area whether a turbine may stand at its centre, and why not.

    Parameters
    ----------
    sea_cells
        A SEA_CELLS table.
    exclusions
        An EXCLUSIONS table.
    dwellings
        Parcels with dwellings, in the CRS of the exclusions.
    options
        The rules.

    Returns
    -------
    DataFrame
        Index ``cell_id`` of the cells in zone or sea area, in the order given; ``site`` (sea or land), ``eligible``,
        ``reasons`` (all of them, joined by ``;``, in the order of ``siting_reasons.csv``; empty where eligible).

    Raises
    ------
    InputError
        If the cells break their contract.
    ValueError
        If exclusions and dwellings are not in one projected CRS.
    """
    SEA_CELLS.check(sea_cells)
    for frame in (exclusions, dwellings):
        if frame.crs is None or not frame.crs.is_projected or frame.crs != exclusions.crs:
            raise ValueError(f"exclusions and dwellings need one projected CRS in metres, not {frame.crs}")
    cells = sea_cells if sea_cells.index.name == "cell_id" else sea_cells.set_index("cell_id")
    cells = cells.loc[cells["in_zone"] | cells["in_sea_area"]]
    land = cells["is_land"].to_numpy(dtype=bool)
    depth = cells["depth_m"].to_numpy(dtype=np.float64)
    distance = cells["shore_distance_m"].to_numpy(dtype=np.float64)
    far, deep = keeps_rule(options.rule, distance, depth, options.tidal_flat_km)
    tree = shapely.STRtree(np.asarray(shapely.points(cells["x_m"].to_numpy(), cells["y_m"].to_numpy())))
    against: dict[str, Flags] = {
        "wind_unknown": cells["wind_m_s"].isna().to_numpy(dtype=bool),
        "depth_unknown": ~land & np.isnan(depth),
        "depth_shallow": ~land & (depth < options.min_depth_m),
        "depth_deep": ~land & (depth > options.max_depth_m),
        "shore_near": ~land & (distance < options.min_shore_distance_m),
        f"rule_{options.rule}": ~land & ~far,
        f"rule_{options.rule}_flat": ~land & ~deep,
        "land_outside_zone": land & ~cells["in_zone"].to_numpy(dtype=bool),
        "land_off": land & (not options.land),
        "sea_off": ~land & (not options.sea),
        "dwelling_near": _within(tree, dwellings, options.min_dwelling_distance_m),
    }
    for kind, buffer_m in exclusion_buffers().items():
        shapes = exclusions.loc[exclusions["kind"] == kind]
        near = _within(tree, shapes, options.buffers_m.get(kind, buffer_m))
        against[f"exclusion_{kind}"] = near & ~land if kind in marine_kinds() else near
    reasons = np.full(len(cells), "", dtype=object)
    for key in reason_texts():
        hit = against.pop(key, None)
        if hit is not None:
            reasons[hit] += np.where(reasons[hit] == "", key, ";" + key).astype(object)
    untold = [key for key, hit in against.items() if hit.any()]
    if untold:
        raise ValueError(f"siting_reasons.csv has no words for {', '.join(untold)}")
    return pd.DataFrame(
        {
            "site": pd.array(np.where(land, "land", "sea"), dtype="str"),
            "eligible": reasons == "",
            "reasons": pd.array(reasons, dtype="str"),
        },
        index=cells.index,
    )


def _within(tree: shapely.STRtree, shapes: gpd.GeoDataFrame, distance_m: float) -> Flags:
    """Tell which points of a tree lie in the shapes, or nearer to them than a distance [m]."""
    near = np.zeros(len(tree.geometries), dtype=bool)
    near[tree.query(shapes.geometry.to_numpy(), predicate="dwithin", distance=distance_m)[1]] = True
    return near
