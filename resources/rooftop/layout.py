"""How modules lie on roofs: rows that face the equator, pairs that face east and west, or flush with the roof."""

from collections.abc import Mapping
from typing import Literal

import numpy as np
import pandas as pd
from pydantic import BaseModel, ConfigDict, Field

from layers.errors import refuse
from resources.photovoltaics import FULL_CIRCLE_DEG, HALF_CIRCLE_DEG, W_PER_KW, PVClass, pv_classes
from resources.rooftop.rows import NOON_H, figure, numbers, pair_pitch_m, row_pitch_m

Layout = Literal["south", "east_west", "flush"]
Orientation = Literal["portrait", "landscape"]

LAYOUTS: tuple[Layout, ...] = ("south", "east_west", "flush")
FORMS = ("flat", "pitched")
EAST_DEG, WEST_DEG = 90.0, 270.0
TOUCH = 1e-9
"""Share of a module that rounding may take away."""
FLUSH: tuple[Layout, float, float] = ("flush", np.nan, np.nan)
"""Layout, distance and slant height of rows where there are none."""
PLANE_COLUMNS = ("building_id", "form", "tilt_deg", "azimuth_deg", "usable_m2")
ARRAY_COLUMNS = {
    "plane_id": "str",
    "building_id": "str",
    "layout": "str",
    "mount": "str",
    "tilt_deg": "float64",
    "azimuth_deg": "float64",
    "coverage": "float64",
    "pitch_m": "float64",
    "slant_m": "float64",
    "modules": "int64",
    "module_m2": "float64",
    "kwp": "float64",
}


def _roof_class(name: str) -> PVClass:
    """Return a class of roofs of ``solar.csv``, whose tilt and mounting also hold here."""
    return next(item for item in pv_classes() if item.name == name)


class LayoutOptions(BaseModel):
    """What the planner may choose about modules on roofs; defaults stand in ``rooftop.csv`` and ``solar.csv``."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    flat_layout: Layout = Field(default_factory=lambda: numbers()["flat.layout"].text, validate_default=True)
    """How modules lie on flat roofs: ``south``, ``east_west`` or ``flush``."""
    south_tilt_deg: float = Field(default_factory=lambda: _roof_class("roof_flat_tilted_s").tilt_deg, ge=0.0, le=60.0)
    """Tilt of rows that face the equator [deg]."""
    east_west_tilt_deg: float = Field(
        default_factory=lambda: _roof_class("roof_flat_east_west").tilt_deg, ge=0.0, le=45.0
    )
    """Tilt of pairs of rows that face east and west [deg]."""
    module_length_m: float = Field(default_factory=lambda: figure("module.length"), gt=0.0, le=5.0)
    """Long side of a module [m]."""
    module_width_m: float = Field(default_factory=lambda: figure("module.width"), gt=0.0, le=5.0)
    """Short side of a module [m]."""
    module_wp: float = Field(default_factory=lambda: figure("module.power"), gt=0.0, le=2000.0)
    """Power of a module under standard test conditions [Wp]."""
    module_gap_m: float = Field(default_factory=lambda: figure("module.gap"), ge=0.0, le=0.5)
    """Gap between two modules of a row [m]."""
    south_orientation: Orientation = Field(
        default_factory=lambda: numbers()["south.orientation"].text, validate_default=True
    )
    """Side of a module that runs up the slope of rows that face the equator: long (portrait) or short (landscape)."""
    south_modules_up: int = Field(default_factory=lambda: int(figure("south.modules_up")), ge=1, le=4)
    """Modules above each other in rows that face the equator."""
    east_west_orientation: Orientation = Field(
        default_factory=lambda: numbers()["east_west.orientation"].text, validate_default=True
    )
    """Side of a module that runs up the slope of rows that face east and west."""
    east_west_modules_up: int = Field(default_factory=lambda: int(figure("east_west.modules_up")), ge=1, le=4)
    """Modules above each other in rows that face east and west."""
    east_west_valley_m: float = Field(default_factory=lambda: figure("east_west.valley"), ge=0.0, le=2.0)
    """Distance between the feet of two pairs [m]."""
    pairs_per_block: int = Field(default_factory=lambda: int(figure("east_west.pairs_per_block")), ge=1)
    """Pairs between two walkways."""
    walkway_m: float = Field(default_factory=lambda: figure("east_west.walkway"), ge=0.0, le=5.0)
    """Width of a walkway between blocks of pairs [m]."""
    clear_from_h: float = Field(default_factory=lambda: figure("clear.from"), gt=0.0, lt=NOON_H)
    """True solar time from which rows that face the equator are clear of each other's shade all year [h]."""
    fill_rows: float = Field(default_factory=lambda: figure("fill.rows"), gt=0.0, le=1.0)
    """Share of what rows would cover on an endless roof that a real outline leaves [1]."""
    fill_flush_flat: float = Field(default_factory=lambda: figure("fill.flush_flat"), gt=0.0, le=1.0)
    """Share of a flat roof that modules flush with it cover [1]."""
    fill_flush_pitched: float = Field(default_factory=lambda: figure("fill.flush_pitched"), gt=0.0, le=1.0)
    """Share of a slope that modules flush with it cover [1]."""

    @property
    def module_m2(self) -> float:
        """Area of a module [m2]."""
        return self.module_length_m * self.module_width_m

    def row(self, layout: Literal["south", "east_west"]) -> tuple[float, float]:
        """Return the slant height of a row [m] and the share of its face that is modules [1]."""
        south = layout == "south"
        portrait = (self.south_orientation if south else self.east_west_orientation) == "portrait"
        up = self.south_modules_up if south else self.east_west_modules_up
        sides = (self.module_length_m, self.module_width_m)
        upward, along = sides if portrait else sides[::-1]
        slant = up * upward + (up - 1) * self.module_gap_m
        return slant, up * self.module_m2 / (slant * (along + self.module_gap_m))


def empty(columns: Mapping[str, str], index: str) -> pd.DataFrame:
    """Return a table without rows, with columns of the kinds given and a named index."""
    table = pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in columns.items()})
    return table.set_index(pd.Index([], dtype="str", name=index))


def _check(planes: pd.DataFrame, latitude_deg: float) -> None:
    """Raise one error that names all faults of the planes."""
    refuse({"planes lack columns": [name for name in PLANE_COLUMNS if name not in planes.columns]})
    ids = planes.index.to_series()
    tilt, azimuth = planes["tilt_deg"].astype(float), planes["azimuth_deg"].astype(float)
    pitched = planes["form"] == "pitched"
    turned = azimuth.notna() & ~azimuth.between(0.0, FULL_CIRCLE_DEG)
    usable = planes["usable_m2"].astype(float)
    refuse(
        {
            "latitude must lie in -90 to 90": [] if abs(latitude_deg) <= 90.0 else [latitude_deg],
            "plane_id must not stand twice": ids[ids.duplicated()].unique(),
            "building_id must not be empty": ids[planes["building_id"].isna()],
            "form must be flat or pitched": ids[~planes["form"].isin(FORMS)],
            "tilt_deg must lie in 0 to below 90": ids[~((tilt >= 0.0) & (tilt < 90.0))],
            "azimuth_deg of a pitched plane must not be empty": ids[pitched & azimuth.isna()],
            "azimuth_deg must lie in 0 to 360": ids[turned],
            "usable_m2 must be 0 or more": ids[~((usable >= 0.0) & np.isfinite(usable))],
        }
    )


def _part(
    planes: pd.DataFrame,
    suffix: str,
    share: float,
    options: LayoutOptions,
    rows: tuple[Layout, float, float],
    roof: str,
) -> pd.DataFrame:
    """Return one array on each plane that has room for a module.

    Of the usable area, `share` is modules; `rows` are their layout, distance and slant height, and `roof` names the
    class of ``solar.csv`` they are mounted like.
    """
    usable = planes["usable_m2"].to_numpy(dtype=np.float64)
    modules = np.floor(usable * share / options.module_m2 + TOUCH).astype(np.int64)
    layout, pitch, slant = rows
    ids = planes.index.astype("str")
    table = pd.DataFrame(
        {
            "plane_id": ids,
            "building_id": planes["building_id"].astype("str").to_numpy(),
            "layout": layout,
            "mount": _roof_class(roof).mount,
            "tilt_deg": planes["tilt_deg"].to_numpy(dtype=np.float64),
            "azimuth_deg": planes["azimuth_deg"].to_numpy(dtype=np.float64) % FULL_CIRCLE_DEG,
            "pitch_m": pitch,
            "slant_m": slant,
            "modules": modules,
            "module_m2": modules * options.module_m2,
            "kwp": modules * options.module_wp / W_PER_KW,
        },
        index=pd.Index(ids + suffix, name="array_id"),
    )
    there = modules > 0
    return table[there].assign(coverage=table.loc[there, "module_m2"] / usable[there])


def _on_flat(planes: pd.DataFrame, latitude_deg: float, options: LayoutOptions) -> list[pd.DataFrame]:
    """Return the arrays on flat roofs by the layout chosen."""
    layout, equator = options.flat_layout, HALF_CIRCLE_DEG if latitude_deg >= 0.0 else 0.0
    if layout == "flush":
        # which way a nearly level roof falls is not known, so it counts as level
        level = planes.assign(tilt_deg=0.0, azimuth_deg=equator)
        return [_part(level, "/f", options.fill_flush_flat, options, FLUSH, "roof_metal_flush")]
    slant, filled = options.row(layout)
    if layout == "south":
        tilt, roof = options.south_tilt_deg, "roof_flat_tilted_s"
        pitch = row_pitch_m(slant, tilt, latitude_deg, options.clear_from_h)
        sides, depth = [("/s", equator)], pitch
    else:
        tilt, roof = options.east_west_tilt_deg, "roof_flat_east_west"
        pitch = pair_pitch_m(slant, tilt, options.east_west_valley_m)
        sides, depth = [("/e", EAST_DEG), ("/w", WEST_DEG)], pitch + options.walkway_m / options.pairs_per_block
    share = filled * slant / depth * options.fill_rows
    return [
        _part(planes.assign(tilt_deg=tilt, azimuth_deg=azimuth), suffix, share, options, (layout, pitch, slant), roof)
        for suffix, azimuth in sides
    ]


def arrays_of(planes: pd.DataFrame, latitude_deg: float, options: LayoutOptions) -> pd.DataFrame:
    """Return the modules on each roof plane, in whole modules of one kind.

    On flat roofs rows stand by `LayoutOptions.flat_layout`; pitched planes carry modules flush with the slope,
    whichever way they fall. Pairs that face east and west have as many modules on either side. Planes without room for
    a module have no array.

    Parameters
    ----------
    planes
        Index ``plane_id``; ``building_id``, ``form`` (flat or pitched), ``tilt_deg``, ``azimuth_deg`` (direction the
        plane falls toward, north 0, east 90 [deg], empty when flat) and ``usable_m2`` (along the slope).
    latitude_deg
        Latitude [deg]; south of the equator rows face north.
    options
        Modules and how they lie.

    Returns
    -------
    pandas.DataFrame
        Index ``array_id`` (the plane's id and /s, /e, /w or /f), sorted; ``plane_id``, ``building_id``, ``layout``
        (south, east_west, flush), ``mount`` (key of ``solar.csv``), ``tilt_deg``, ``azimuth_deg``, ``coverage`` (module
        area over the plane's usable area [1]), ``pitch_m`` (distance of rows, or of pairs within a block, empty when
        flush), ``slant_m`` (height of a row along its slope, empty when flush), ``modules``, ``module_m2``, ``kwp``.

    Raises
    ------
    ValueError
        If the planes have faults, all of which are named, or rows cannot be kept clear of shade at the latitude.
    """
    _check(planes, latitude_deg)
    flat, pitched = planes[planes["form"] == "flat"], planes[planes["form"] == "pitched"]
    parts = _on_flat(flat, latitude_deg, options) if len(flat) else []
    if len(pitched):
        parts.append(_part(pitched, "/f", options.fill_flush_pitched, options, FLUSH, "roof_pitched_s"))
    if not parts:
        return empty(ARRAY_COLUMNS, "array_id")
    return pd.concat(parts)[list(ARRAY_COLUMNS)].astype(ARRAY_COLUMNS).sort_index()
