"""Where planned buildings may stand: a schematic layout of blocks that has the footprint and height of the stock.

A plan says how much may be built on a parcel, not where. For sun and shadow, blocks of the form's typical size are set
in rows, long sides to north and south, as far apart as the parcel allows. It is one plausible layout, no design.

A parcel is shared by its rows of stock in strips from west to east, in proportion to their footprints. Where blocks do
not fit in, they are tried along the parcel's own sides, nearer to its edge, and shorter; at last the strip itself,
shrunk, stands for them.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from layers.constants import constants
from layers.errors import refuse
from layers.tables.stock import FORMS

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Shapes = NDArray[np.object_]

TIGHTER = (1.0, 0.85, 0.7, 0.55, 0.42, 0.32, 0.24, 0.18, 0.12, 0.0)
"""Ground that a block is given, as a share of what there is for each, from the widest layout to the densest."""

HALVINGS = 30
"""Steps by which cuts and insets are found: to a thousand-millionth of the parcel's width."""

NEAR = 1e-6
"""Shares of an area below which a shortfall, or a tower, is none."""

HAIR = 1e-6
"""Length that rounding may take [m]."""

AMOUNTS = ("footprint_m2", "height_m")
"""What is built where both are more than nought."""

STOREYS = ("floors", "floor_area_m2")
"""What is known of podiums with a tower."""


@dataclass(frozen=True)
class _Attempt:
    """How a layout is tried.

    `along` is 0 for east-west, 1 for the side of the parcel nearer to it, 2 for the other side; `setback` is the share
    of the set-back and the gap that is kept, and `split` how many blocks take the place of one.
    """

    along: int
    setback: float
    split: int


ATTEMPTS = (
    _Attempt(0, 1.0, 1), _Attempt(1, 1.0, 1), _Attempt(0, 0.4, 1), _Attempt(1, 0.4, 1), _Attempt(2, 0.4, 1),
    _Attempt(0, 0.4, 2), _Attempt(1, 0.4, 2), _Attempt(1, 0.2, 4),
)  # fmt: skip


def blocks_of_plan(parcels: gpd.GeoDataFrame, stock: pd.DataFrame) -> gpd.GeoDataFrame:
    """Return a schematic layout of blocks for the planned stock.

    Parameters
    ----------
    parcels
        Polygons by ``parcel_id`` (index or column), in a projected CRS in metres.
    stock
        Rows by ``stock_id`` (index or column) with ``parcel_id``, ``form``, ``footprint_m2`` and ``height_m``, as in
        table STOCK. With ``floors`` and ``floor_area_m2`` as well, podiums are a low base and a tower on it.

    Returns
    -------
    GeoDataFrame
        Polygons that do not overlap, sorted by ``stock_id``, index ``block_id``, with ``height_m`` above ground,
        ``parcel_id``, ``stock_id``, ``laid_out`` (false where the shrunk parcel stands for blocks) and
        ``shortfall_m2``: what the row's footprint has more than its blocks, repeated on each of them.

    Raises
    ------
    ValueError
        If parcels are not in metres, or parcels or stock have faults, all of which are named.
    """
    plots, rows = _checked(parcels, stock)
    rows = rows.loc[(rows["footprint_m2"] > 0.0) & (rows["height_m"] > 0.0)].sort_index()
    wanted = rows["footprint_m2"].to_numpy(dtype=np.float64)
    whole = np.asarray(plots.geometry.loc[rows["parcel_id"]], dtype=object)
    strips, west, east = _strips(whole, rows["parcel_id"], wanted)
    owner, shapes = _lay_out(whole, strips, west, east, rows["form"].to_numpy(dtype=object), wanted)
    laid = np.zeros(len(rows), dtype=bool)
    laid[owner] = True
    left = np.flatnonzero(~laid)
    owner = np.concatenate([owner, left])
    shapes = np.concatenate([shapes, _inset(strips[left], wanted[left])])
    order = np.argsort(owner, kind="stable")
    owner, shapes = owner[order], shapes[order]
    built = np.bincount(owner, weights=shapely.area(shapes), minlength=len(rows))
    short = np.where(built < (1.0 - NEAR) * wanted, wanted - built, 0.0)
    owner, shapes, heights = _raise_towers(owner, shapes, rows)
    ids = rows.index.to_numpy()[owner]
    number = pd.Series(owner).groupby(owner).cumcount().to_numpy()
    return gpd.GeoDataFrame(
        {
            "parcel_id": pd.Series(rows["parcel_id"].to_numpy()[owner], dtype="str"),
            "stock_id": pd.Series(ids, dtype="str"),
            "height_m": heights,
            "laid_out": laid[owner],
            "shortfall_m2": short[owner],
        },
        geometry=shapes,
        crs=parcels.crs,
    ).set_index(pd.Index([f"{one}|{n}" for one, n in zip(ids, number, strict=True)], name="block_id", dtype="str"))


def _checked(parcels: gpd.GeoDataFrame, stock: pd.DataFrame) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    """Return parcels and stock by their ids; raise one error that names all their faults."""
    has_shapes = parcels.active_geometry_name is not None
    crs = parcels.crs if has_shapes else None
    metric = crs is not None and crs.is_projected and crs.axis_info[0].unit_conversion_factor == 1.0
    faults: dict[str, Iterable[object]] = {}
    if has_shapes and not metric:
        faults["parcels must be in a projected CRS in metres, not in"] = ["none" if crs is None else crs.name]
    of_parcels = _lacking(parcels, ("parcel_id",)) + ([] if has_shapes else ["geometry"])
    of_stock = _lacking(stock, ("stock_id", "parcel_id", "form", *AMOUNTS))
    if of_parcels or of_stock:
        refuse({**faults, "parcels lack columns": of_parcels, "stock lacks columns": of_stock})
    plots = parcels if parcels.index.name == "parcel_id" else parcels.set_index("parcel_id")
    rows = stock if stock.index.name == "stock_id" else stock.set_index("stock_id")
    ids, parcel = rows.index.to_series(), rows["parcel_id"]
    used = plots.loc[plots.index.isin(parcel)]
    shapes = used.geometry.to_numpy()
    none = shapely.is_missing(shapes) | shapely.is_empty(shapes)
    area = np.isin(shapely.get_type_id(shapes), (3, 6))  # one polygon or several
    faults |= {
        "parcel_id must not stand twice": used.index[used.index.duplicated()].unique(),
        "parcels have no geometry": used.index[none],
        "parcels must be polygons": used.index[~none & ~area],
        "parcels must not cross themselves": used.index[area & ~none & ~shapely.is_valid(shapes)],
        "stock_id must not stand twice": ids[ids.duplicated()].unique(),
        "parcels of the stock are not there": sorted(map(str, set(parcel[~parcel.isin(plots.index)]))),
        f"form must be one of {', '.join(FORMS)}": ids[~rows["form"].isin(FORMS)],
    }
    given = [name for name in (*AMOUNTS, *STOREYS) if name in rows.columns]
    rows = rows.assign(**{name: pd.to_numeric(rows[name], errors="coerce").astype(float) for name in given})
    for name in given:
        faults[f"{name} must be a number of 0 or more"] = ids[~((rows[name] >= 0.0) & np.isfinite(rows[name]))]
    refuse(faults)
    return plots, rows


def _lacking(frame: pd.DataFrame, wanted: tuple[str, ...]) -> list[str]:
    """Return names that are neither columns nor that of the index."""
    return [name for name in wanted if name not in {*frame.columns, frame.index.name}]


def _strips(whole: Shapes, parcel: pd.Series, wanted: Floats) -> tuple[Shapes, Floats, Floats]:
    """Return each row's strip of its parcel, and where it begins and ends [m], from west to east."""
    sums = pd.Series(wanted).groupby(parcel.to_numpy())
    total = sums.transform("sum").to_numpy()
    after = sums.cumsum().to_numpy()
    bounds = shapely.bounds(whole).reshape(-1, 4)
    from_west = _cut(whole, (after - wanted) / total)
    to_east = _cut(whole, after / total)
    strips = whole.copy()
    several = wanted < total
    strips[several] = shapely.intersection(
        whole[several], shapely.box(from_west, bounds[:, 1], to_east, bounds[:, 3])[several]
    )
    strips[several] = [
        shapely.union_all(parts[shapely.get_dimensions(parts) == 2])
        for parts in (shapely.get_parts(shape) for shape in strips[several])
    ]
    return strips, np.where(several, from_west, -np.inf), np.where(several, to_east, np.inf)


def _cut(shapes: Shapes, share: Floats) -> Floats:
    """Return the easting [m] west of which a share of each shape's area lies."""
    west, south, east, north = shapely.bounds(shapes).reshape(-1, 4).T
    cut = np.where(share < 0.5, west, east)
    inner = np.flatnonzero((share > NEAR) & (share < 1.0 - NEAR))
    low, high = west[inner], east[inner]
    wanted = share[inner] * shapely.area(shapes[inner])
    for _ in range(HALVINGS):
        middle = (low + high) / 2.0
        box = shapely.box(west[inner], south[inner], middle, north[inner])
        less = shapely.area(shapely.intersection(shapes[inner], box)) < wanted
        low, high = np.where(less, middle, low), np.where(less, high, middle)
    cut[inner] = high
    return cut


def _inset(shapes: Shapes, wanted: Floats) -> Shapes:
    """Return shapes shrunk from their edge to the area wanted [m2]; those that are too small stay as they are."""
    low = np.zeros(len(shapes))
    bounds = shapely.bounds(shapes).reshape(-1, 4)
    high = np.minimum(bounds[:, 2] - bounds[:, 0], bounds[:, 3] - bounds[:, 1]) / 2.0
    small = shapely.area(shapes) <= wanted
    if small.all():
        return shapes
    for _ in range(HALVINGS):
        middle = (low + high) / 2.0
        large = shapely.area(shapely.buffer(shapes, -middle, join_style="mitre")) >= wanted
        low, high = np.where(large, middle, low), np.where(large, high, middle)
    return np.where(small, shapes, shapely.buffer(shapes, -low, join_style="mitre"))


@dataclass(frozen=True)
class _Sizes:
    """Blocks of rows of stock: how many, and their sides from east to west and from north to south [m].

    `wing` is the depth of the wings round a court [m], nought elsewhere.
    """

    count: Integers
    width: Floats
    depth: Floats
    wing: Floats

    def at(self, rows: Integers) -> "_Sizes":
        return _Sizes(self.count[rows], self.width[rows], self.depth[rows], self.wing[rows])


def _sizes(forms: NDArray[np.object_], wanted: Floats, split: int) -> _Sizes:
    """Return blocks that share each footprint equally, as `layers.massing` reckons their walls."""
    value = constants("layers", "stock.csv").value
    kinds = {
        name: [value(f"massing.{name}.{key}") for key in ("depth_m", "length_m", "smallest_m2")] for name in set(forms)
    }
    depth, length, smallest = np.array([kinds[name] for name in forms], dtype=np.float64).reshape(-1, 3).T
    court = forms == "court"
    typical = np.where(court, 4.0 * depth * (length - depth), depth * length)
    count = np.maximum(np.round(wanted / typical), 1.0) * split
    each = wanted / count
    wing = np.where(court, depth * np.minimum(np.sqrt(each / smallest), 1.0), 0.0)
    side = each / (4.0 * np.where(court, wing, 1.0)) + wing
    deep = np.minimum(depth, np.sqrt(each))
    return _Sizes(count.astype(np.int64), np.where(court, side, each / deep), np.where(court, side, deep), wing)


def _lay_out(
    whole: Shapes, strips: Shapes, west: Floats, east: Floats, forms: NDArray[np.object_], wanted: Floats
) -> tuple[Integers, Shapes]:
    """Return the row of stock of each block, and the blocks, of those rows whose blocks fit."""
    value = constants("layers", "surface.csv").value
    setback, gap = value("blocks.setback_m"), value("blocks.least_gap_m")
    owners: list[Integers] = [np.empty(0, dtype=np.int64)]
    blocks: list[Shapes] = [np.empty(0, dtype=object)]
    left = np.flatnonzero(shapely.area(strips) > wanted)
    for attempt in ATTEMPTS:
        room = shapely.buffer(whole[left], -setback * attempt.setback, join_style="mitre")
        low, high = shapely.bounds(room).reshape(-1, 4)[:, [1, 3]].T
        between = np.array([west[left], east[left]]) + np.array([[0.5], [-0.5]]) * gap * attempt.setback
        inner = np.isfinite(between).all(axis=0) & (between[0] < between[1]) & np.isfinite(low)
        narrow = np.isfinite(between).all(axis=0) & ~inner
        room[inner] = shapely.intersection(
            room[inner], shapely.box(between[0], low - 1.0, between[1], high + 1.0)[inner]
        )
        usable = np.flatnonzero((shapely.area(room) > wanted[left]) & ~narrow)
        rows, room = left[usable], room[usable]
        turn = _turns(room, attempt.along)
        middle = shapely.get_coordinates(shapely.centroid(room)).reshape(-1, 2)
        sizes = _sizes(forms[rows], wanted[rows], attempt.split)
        number, made = _place(_turned(room, -turn, middle), sizes, gap * attempt.setback)
        owners.append(rows[number])
        blocks.append(_turned(made, turn[number], middle[number]))
        left = np.setdiff1d(left, rows[number])
        if not len(left):
            break
    return np.concatenate(owners), np.concatenate(blocks)


def _turns(shapes: Shapes, along: int) -> Floats:
    """Return how far to turn east-west for it to lie along the smallest rectangle round each shape [rad]."""
    if along == 0 or not len(shapes):
        return np.zeros(len(shapes))
    ring = shapely.get_exterior_ring(shapely.minimum_rotated_rectangle(shapes))
    first, second = (shapely.get_point(ring, n) for n in (0, 1))
    angle = np.arctan2(shapely.get_y(second) - shapely.get_y(first), shapely.get_x(second) - shapely.get_x(first))
    quarter = np.pi / 2.0
    turned = (angle + quarter / 2.0) % quarter - quarter / 2.0  # within 45 degrees of east-west
    return np.asarray(turned + (quarter if along == 2 else 0.0))


def _turned(shapes: Shapes, angle: Floats, middle: Floats) -> Shapes:
    """Return each shape turned by an angle [rad] about a point."""
    if not len(shapes) or not angle.any():
        return shapes
    places, number = shapely.get_coordinates(shapes, return_index=True)
    sine, cosine = np.sin(angle)[number], np.cos(angle)[number]
    x, y = (places - middle[number]).T
    moved = np.column_stack([cosine * x - sine * y, sine * x + cosine * y]) + middle[number]
    return shapely.set_coordinates(shapes.copy(), moved)


def _place(rooms: Shapes, sizes: _Sizes, least_gap: float) -> tuple[Integers, Shapes]:
    """Return the room of each block, and the blocks, in those rooms that hold as many as they should."""
    left = np.arange(len(rooms))
    numbers: list[Integers] = [np.empty(0, dtype=np.int64)]
    blocks: list[Shapes] = [np.empty(0, dtype=object)]
    shapely.prepare(rooms)
    area = shapely.area(rooms)
    for share in TIGHTER:
        size = sizes.at(left)
        # twice as far apart from north to south as from east to west, for the sun
        both, spare = 2.0 * size.width + size.depth, share * area[left] / size.count - size.width * size.depth
        apart = (np.sqrt(both**2 + 8.0 * np.maximum(spare, 0.0)) - both) / 4.0
        number, x, y = _slots(rooms[left], size, np.maximum(apart, least_gap), 2.0 * np.maximum(apart, least_gap / 2.0))
        half_w, half_d = size.width[number] / 2.0, size.depth[number] / 2.0
        made = shapely.box(x - half_w, y - half_d, x + half_w, y + half_d)
        good = shapely.covers(rooms[left][number], made)
        number, made, x, y = number[good], made[good], x[good], y[good]
        found = np.bincount(number, minlength=len(left))
        first = np.cumsum(found) - found
        ready = np.flatnonzero(found >= size.count)
        each = np.repeat(ready, size.count[ready])
        rank = np.arange(len(each)) - np.repeat(np.cumsum(size.count[ready]) - size.count[ready], size.count[ready])
        chosen = first[each] + ((rank + 0.5) * found[each] / size.count[each]).astype(np.int64)
        numbers.append(left[each])
        blocks.append(_courts(made[chosen], size.wing[each]))
        left = np.delete(left, ready)
        if not len(left):
            break
    return np.concatenate(numbers), np.concatenate(blocks)


def _slots(rooms: Shapes, size: _Sizes, aside: Floats, behind: Floats) -> tuple[Integers, Floats, Floats]:
    """Return places for blocks in rows that fill each room evenly: its number, and the middles [m].

    Gaps are at least `aside` from east to west and `behind` from north to south, unless a room holds one block only.
    """
    low, high = shapely.bounds(rooms).reshape(-1, 4)[:, [1, 3]].T
    lines = np.maximum((high - low + behind) // (size.depth + behind), 0.0).astype(np.int64)
    room = np.repeat(np.arange(len(rooms)), lines)
    rank = np.arange(len(room)) - np.repeat(np.cumsum(lines) - lines, lines)
    y = low[room] + _even((high - low)[room], size.depth[room], behind[room], rank, lines[room])
    half = size.depth[room] / 2.0
    ends = [_crossings(rooms, room, edge) for edge in (y - half, y + half)]
    west, east = np.maximum(ends[0][0], ends[1][0]), np.minimum(ends[0][1], ends[1][1])
    width, gap = size.width[room], aside[room]
    many = np.maximum(np.floor((east - west + gap) / (width + gap)), 0.0).astype(np.int64)
    slot = np.repeat(np.arange(len(room)), many)
    rank = np.arange(len(slot)) - np.repeat(np.cumsum(many) - many, many)
    x = west[slot] + _even((east - west)[slot], width[slot], gap[slot], rank, many[slot])
    return room[slot], x, y[slot]


def _crossings(rooms: Shapes, room: Integers, y: Floats) -> tuple[Floats, Floats]:
    """Return the first and the last easting [m] at which lines from east to west cross the edge of their room."""
    parts, of_part = shapely.get_parts(rooms, return_index=True)
    rings, of_ring = shapely.get_rings(parts, return_index=True)
    places, of_place = shapely.get_coordinates(rings, return_index=True)
    edge = np.flatnonzero(of_place[1:] == of_place[:-1])
    owner = of_part[of_ring[of_place[edge]]]
    edges = np.bincount(owner, minlength=len(rooms))
    first = np.cumsum(edges) - edges
    line = np.repeat(np.arange(len(room)), edges[room])
    rank = np.arange(len(line)) - np.repeat(np.cumsum(edges[room]) - edges[room], edges[room])
    start = edge[first[room[line]] + rank]
    (x0, y0), (x1, y1) = places[start].T, places[start + 1].T
    cut = (y0 <= y[line]) != (y1 <= y[line])
    line, x0, y0, x1, y1 = line[cut], x0[cut], y0[cut], x1[cut], y1[cut]
    x = x0 + (y[line] - y0) / (y1 - y0) * (x1 - x0)
    west, east = np.full(len(room), np.inf), np.full(len(room), -np.inf)
    np.minimum.at(west, line, x)
    np.maximum.at(east, line, x)
    missed = west > east  # no line there: nothing fits in
    return np.where(missed, 0.0, west), np.where(missed, -np.inf, east)


def _even(extent: Floats, size: Floats, gap: Floats, rank: Integers, count: Integers) -> Floats:
    """Return the middle of things set evenly along an extent, half a gap from its ends, or less where it is tight."""
    free = extent - count * size
    # a hair less, or rounding may put the outer ones beyond the ends
    between = np.maximum(np.minimum(gap, free / np.maximum(count - 1, 1)) - HAIR, free / count)
    return np.asarray(extent / 2.0 + (rank - (count - 1) / 2.0) * (size + between))


def _courts(blocks: Shapes, wing: Floats) -> Shapes:
    """Return blocks with courts cut out where they have wings."""
    ring = wing > 0.0
    out = blocks.copy()
    out[ring] = shapely.difference(blocks[ring], shapely.buffer(blocks[ring], -wing[ring], join_style="mitre"))
    return out


def _raise_towers(owner: Integers, shapes: Shapes, rows: pd.DataFrame) -> tuple[Integers, Shapes, Floats]:
    """Return blocks and their heights [m], podiums as a base with a tower in its middle."""
    heights = rows["height_m"].to_numpy(dtype=np.float64)
    if not set(STOREYS) <= set(rows.columns):
        return owner, shapes, heights[owner]
    floors, footprint, total = (
        rows[name].to_numpy(dtype=np.float64) for name in ("floors", "footprint_m2", "floor_area_m2")
    )
    base = constants("layers", "stock.csv").value("massing.podium.base_floors")
    above = np.where(floors > base, floors - base, 1.0)
    share = (total / footprint - base) / above  # of the base that the tower stands on
    towered = (rows["form"] == "podium").to_numpy() & (floors > base) & (share > NEAR) & (share < 1.0 - NEAR)
    block = np.flatnonzero(towered[owner])
    towers = _inset(shapes[block], share[owner[block]] * shapely.area(shapes[block]))
    low = heights * base / np.maximum(floors, base)
    level = np.where(towered, low, heights)[owner]
    bases = shapes.copy()
    bases[block] = shapely.difference(shapes[block], towers)
    owners = np.concatenate([owner, owner[block]])
    order = np.argsort(owners, kind="stable")
    return (
        owners[order],
        np.concatenate([bases, towers])[order],
        np.concatenate([level, heights[owner[block]]])[order],
    )
