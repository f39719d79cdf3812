"""From controls to forms: every massing that a floor area may plausibly have within its density and height limit.

Controls say how much may be built, not in what shape. A row of stock therefore has several massings: rows, slabs,
towers, podiums, courts and halls, as its kind of building, its storeys and its ground allow. One of them is the usual
one, which stands for the row; the others give the band about it. Constants are in ``stock.csv``.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from layers.archetypes import Kinds, archetypes
from layers.constants import constants
from layers.tables.stock import FORMS

__all__ = ["FORMS", "SMALLEST_DENSITY", "class_geometry", "classify", "massings"]

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

SMALLEST_DENSITY = 1e-3
"""A building density below this is taken as not stated."""

ROUNDING = 1e-9
"""A storey more is not built for less than this part of one."""

COLUMNS = ("floors", "height_m", "footprint_m2", "roof_m2", "facade_m2", "facade_ns_share")


@dataclass(frozen=True, slots=True)
class _Form:
    """Constants of one form: typical block [m], least and most floors, smallest footprint of a block [m2]."""

    depth: float
    length: float
    fewest: float
    most: float
    smallest: float


@dataclass(frozen=True, slots=True)
class _Ground:
    """What the controls of some rows come to: areas in m2, floors, storey heights in m.

    `widest` is the footprint that density allows, wider where the height limit forces it, never wider than the land;
    `needed` floors put the floor area on it, and `highest` is the most that may be built.
    """

    floor_area: Floats
    land: Floats
    widest: Floats
    needed: Floats
    highest: Floats
    storey: Floats

    def at(self, rows: Flags) -> "_Ground":
        return _Ground(
            self.floor_area[rows], self.land[rows], self.widest[rows], self.needed[rows], self.highest[rows],
            self.storey[rows],
        )  # fmt: skip


@cache
def _form(name: str) -> _Form:
    value = constants("layers", "stock.csv").under(f"massing.{name}")
    keys = ("depth_m", "length_m", "floors_min", "floors_max", "smallest_m2")
    return _Form(*(value[key].value for key in keys))


def _ground(stock: pd.DataFrame, default_density: float, kinds: Kinds) -> _Ground:
    heights = {key: kind.storey_height_m for key, kind in kinds.items()}
    storey = np.asarray(stock["archetype"].map(heights), dtype=np.float64)
    names = ("land_m2", "floor_area_m2", "building_density", "height_limit_m")
    land, floor_area, density, limit = (np.asarray(stock[name], dtype=np.float64) for name in names)
    density = np.where(density >= SMALLEST_DENSITY, density, default_density)
    allowed = np.where(limit > 0.0, np.floor(limit / storey + ROUNDING), np.inf)
    # the height limit holds before the density, and neither can make a storey larger than its land
    highest = np.maximum(np.maximum(allowed, np.ceil(floor_area / land - ROUNDING)), 1.0)
    needed = np.maximum(np.minimum(np.ceil(floor_area / (density * land) - ROUNDING), highest), 1.0)
    widest = np.minimum(np.maximum(density * land, floor_area / highest), land)
    return _Ground(floor_area, land, widest, needed, highest, storey)


def _outline(footprint: Floats, name: str) -> tuple[Floats, Floats]:
    """Return the perimeter [m] of the blocks that make up a footprint [m2], and the part of it that faces N and S.

    As many blocks of typical size as come nearest to the footprint share it equally. A block keeps its depth and is as
    long as its share asks for, but is never less than a square. A court of side ``s`` has four wings of depth ``d``,
    footprint ``4 d (s - d)`` and walls to both sides, ``8 (s - d)`` long; below its smallest size all of it shrinks.
    """
    form = _form(name)
    court = name == "court"
    typical = 4.0 * form.depth * (form.length - form.depth) if court else form.depth * form.length
    blocks = np.maximum(np.round(footprint / typical), 1.0)
    each = footprint / blocks
    depth = form.depth * np.minimum(np.sqrt(each / form.smallest), 1.0) if court else np.sqrt(each)
    depth = np.minimum(depth, form.depth)
    length = each / np.where(depth > 0.0, depth, 1.0)
    if court:
        return 2.0 * blocks * length, blocks * length
    return 2.0 * blocks * (depth + length), 2.0 * blocks * length


def _blocks(ground: _Ground, name: str) -> dict[str, Floats]:
    """Return the massing of equal blocks of one form.

    Where the needed floors are fewer than the form has, it leaves ground free and has more, within bounds.
    """
    form = _form(name)
    taller = constants("layers", "stock.csv").value("massing.taller")
    raised = (
        (form.fewest <= ground.highest)
        & (form.fewest <= taller * ground.needed)
        & (ground.floor_area >= form.fewest * form.smallest)
    )
    floors = np.where(raised, np.maximum(ground.needed, form.fewest), ground.needed)
    footprint = np.minimum(ground.floor_area / floors, ground.land)
    perimeter, facing = _outline(footprint, name)
    return _columns(floors, ground.storey, footprint, perimeter * floors, facing * floors)


def _podium(ground: _Ground) -> dict[str, Floats]:
    """Return the massing of deep bases with towers for the floor area that the bases do not hold.

    A rest too small for a tower becomes part of the base.
    """
    value = constants("layers", "stock.csv").value
    low = value("massing.podium.base_floors")
    rest = ground.floor_area - low * ground.widest
    above = np.maximum(ground.highest - low, 1.0)
    storeys = np.ceil(np.maximum(rest, 0.0) / (value("massing.podium.tower_share") * ground.widest) - ROUNDING)
    storeys = np.minimum(np.maximum(storeys, 1.0), above)
    plate = rest / storeys
    towers = (ground.highest > low) & (plate >= _form("tower").smallest)
    base = np.where(towers, low, ground.needed)
    footprint = np.where(towers, ground.widest, np.minimum(ground.floor_area / ground.needed, ground.land))
    storeys, plate = np.where(towers, storeys, 0.0), np.where(towers, plate, 0.0)
    perimeter, facing = _outline(footprint, "podium")
    upper, upper_facing = _outline(plate, "tower")
    return _columns(
        base + storeys,
        ground.storey,
        footprint,
        perimeter * base + upper * storeys,
        facing * base + upper_facing * storeys,
    )


def _columns(floors: Floats, storey: Floats, footprint: Floats, walls: Floats, facing: Floats) -> dict[str, Floats]:
    """Return the columns of MASSINGS; `walls` and `facing` are lengths of wall [m] summed over the floors."""
    return {
        "floors": floors,
        "height_m": floors * storey,
        "footprint_m2": footprint,
        "roof_m2": footprint,
        "facade_m2": walls * storey,
        "facade_ns_share": facing / walls,
    }


def _offers(kinds: Kinds) -> dict[str, set[str]]:
    """Return the archetypes that each form may serve: those of its envelope, and those whose usual form it is."""
    serves = {key: row.text.split() for key, row in constants("layers", "stock.csv").under("serves").items()}
    return {
        form: {key for key, kind in kinds.items() if form == kind.massing or form in serves[kind.envelope]}
        for form in FORMS
    }


def massings(stock: pd.DataFrame, default_density: float, kinds: Kinds | None = None) -> pd.DataFrame:
    """Return every plausible massing of every row of stock.

    A form is plausible where its floors are within its range and the footprint holds at least one block of its smallest
    size. Density and height limit are upper bounds, so a form may be taller than the density asks for, up to
    ``massing.taller`` times. Where no form is plausible, the archetype's own is taken whatever its range.

    The usual form is chosen among those that need not be taller, if there are any: the archetype's own, else the one
    whose facade is the median (the lower of two).

    Parameters
    ----------
    stock
        Rows with ``stock_id`` (index or column), ``archetype``, ``land_m2``, ``floor_area_m2`` (both above nought),
        ``building_density`` [m2/m2] and ``height_limit_m`` [m] (0 where there is none).
    default_density
        Building density where a row states none.
    kinds
        Archetypes of the study; without them the built-in ones.

    Returns
    -------
    DataFrame
        Table MASSINGS, in the order of the rows and of `FORMS`.
    """
    kinds = archetypes() if kinds is None else kinds
    ground = _ground(stock, default_density, kinds)
    own = stock["archetype"].map({key: FORMS.index(kind.massing) for key, kind in kinds.items()}).to_numpy(np.int64)
    parts: list[pd.DataFrame] = []
    offers = _offers(kinds)
    for number, name in enumerate(FORMS):
        served = stock["archetype"].isin(offers[name]).to_numpy()
        form, here = _form(name), ground.at(served)
        made = pd.DataFrame(_podium(here) if name == "podium" else _blocks(here, name))
        plausible = made["floors"].between(form.fewest, form.most) & (made["footprint_m2"] >= form.smallest)
        fits = plausible & (here.needed >= form.fewest)
        made["row"], made["number"] = np.flatnonzero(served), number
        made["rank"] = plausible.astype(np.int64) + fits
        parts.append(made)
    every = pd.concat(parts, ignore_index=True).sort_values(["row", "number"], ignore_index=True)
    best = every.groupby("row")["rank"].transform("max")
    is_own = every["number"].to_numpy() == own[every["row"]]
    keep = (every["rank"] > 0) | (is_own & (best == 0))
    every["usual"] = _usual(every, keep & (every["rank"] == best), is_own)
    every = every.loc[keep]
    ids = stock.index if stock.index.name == "stock_id" else stock["stock_id"]
    names = pd.Series(FORMS, dtype="str")
    table = pd.DataFrame(
        {
            "stock_id": pd.Series(ids, dtype="str").take(every["row"]).to_numpy(),
            "form": names.take(every["number"]).to_numpy(),
            **{name: every[name].to_numpy() for name in COLUMNS},
            "usual": every["usual"].to_numpy(),
        }
    )
    return table.astype({"stock_id": "str", "form": "str"})


def _usual(every: pd.DataFrame, candidate: pd.Series, is_own: Flags) -> Flags:
    """Return which massing is the usual one of its row: the archetype's own, else that of median facade."""
    chosen = np.array(candidate & is_own, dtype=bool)
    settled = np.asarray(pd.Series(chosen).groupby(every["row"]).transform("any"), dtype=bool)
    left = every.loc[candidate & ~settled].sort_values(["row", "facade_m2", "number"])
    rows = left.groupby("row")
    middle = rows.cumcount() == (rows["facade_m2"].transform("size") - 1) // 2
    chosen[left.index[middle]] = True
    return chosen


def classify(
    floors: pd.Series, footprint_m2: pd.Series, perimeter_m: pd.Series, industry: pd.Series
) -> NDArray[np.object_]:
    """Return the form of real buildings.

    The depth is that of the rectangle of the same area and perimeter. Low buildings of industry are halls. Otherwise
    large footprints are podiums where they are deep and courts where they are shallow. Of the smaller ones, high and
    deep buildings are towers, low ones rows, and what remains are slabs.

    Parameters
    ----------
    floors, footprint_m2, perimeter_m
        Floors, footprint [m2] and perimeter [m] of each building, courtyards' walls included.
    industry
        Whether its archetype has an envelope of industry.

    Examples
    --------
    >>> floors, area, perimeter = pd.Series([33.0, 18.0]), pd.Series([900.0, 700.0]), pd.Series([120.0, 128.0])
    >>> classify(floors, area, perimeter, pd.Series([False, False])).tolist()
    ['tower', 'slab']
    """
    value = constants("layers", "stock.csv").value
    half = perimeter_m / 2.0
    depth = (half - np.sqrt(np.maximum(half**2 - 4.0 * footprint_m2, 0.0))) / 2.0
    deep, large = depth >= value("classify.deep_m"), footprint_m2 >= value("classify.large_m2")
    rules = {
        "hall": industry & (floors <= value("massing.hall.floors_max")),
        "podium": large & deep,
        "court": large,
        "tower": deep & (floors >= value("classify.high_floors")),
        "row": floors <= value("classify.low_floors"),
    }
    return np.select(list(rules.values()), list(rules), "slab").astype(object)


def class_geometry(stock: pd.DataFrame, massings: pd.DataFrame) -> pd.DataFrame:
    """Return what the buildings of each archetype are like in each form.

    Parameters
    ----------
    stock, massings
        Tables STOCK and MASSINGS.

    Returns
    -------
    DataFrame
        Table FORM_GEOMETRY, sorted by key: the floor area that may have the form, and facade and roof per floor area
        [m2/m2], share of the facade to north and south, and floors, as means weighted by floor area.
    """
    plain = stock.reset_index() if stock.index.name == "stock_id" else stock
    # sums in one order, so that the order of the rows does not change the last digit
    table = massings.merge(plain[["stock_id", "archetype", "floor_area_m2"]], on="stock_id").sort_values("stock_id")
    area = table["floor_area_m2"]
    sums = (
        table.assign(
            weighted_ns=table["facade_ns_share"] * area,
            weighted_floors=table["floors"] * area,
        )
        .groupby(["archetype", "form"], sort=True)[
            ["floor_area_m2", "facade_m2", "roof_m2", "weighted_ns", "weighted_floors"]
        ]
        .sum()
    )
    total = sums["floor_area_m2"]
    return pd.DataFrame(
        {
            "floor_area_m2": total,
            "facade_per_floor": sums["facade_m2"] / total,
            "roof_per_floor": sums["roof_m2"] / total,
            "facade_ns_share": sums["weighted_ns"] / total,
            "floors": sums["weighted_floors"] / total,
        }
    ).reset_index()
