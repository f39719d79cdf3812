"""From superblocks to parcels: cut between the streets, split to size, named and numbered."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import shapely
from shapely.geometry import LineString, Polygon
from shapely.geometry.base import BaseGeometry
from shapely.ops import nearest_points

from layers.meishan.make.districts import District
from layers.meishan.make.frame import SEED, polygons
from layers.meishan.make.rural import Piece
from layers.meishan.make.streets import Drawn
from layers.meishan.make.uses import parts_of, size_of

FRONT_M = 50.0
"""A parcel within this of a street centre line fronts it."""

SCRAP_M2 = 2500.0
POCKET_M2 = 7000.0
EVERY = 9
"""One lot in so many gives a corner to a small service."""


def halves(ground: BaseGeometry, share: float) -> list[Polygon]:
    """Cut ground across its longer side, a share of it before the cut."""
    box = shapely.oriented_envelope(ground)
    if not isinstance(box, Polygon):
        return polygons(ground)
    corners = shapely.get_coordinates(box)[:4]
    sides = np.roll(corners, -1, axis=0) - corners
    longest = int(np.argmax(np.hypot(sides[:2, 0], sides[:2, 1]).round(3)))
    start, along = corners[longest], sides[longest]
    across = sides[(longest + 1) % 4]
    near = Polygon([start - across, start + along * share - across, start + along * share + 2 * across,
                    start + 2 * across])  # fmt: skip

    return [part for side in (ground.intersection(near), ground.difference(near)) for part in polygons(side, 1.0)]


def split(ground: Polygon, size_m2: float, rng: np.random.Generator, depth: int = 3) -> list[Polygon]:
    """Split ground until pieces are about a size; never so often that one loses its street.

    Three cuts across the longer side give at most two by four pieces, which all reach the edge.
    """
    if depth == 0 or ground.area < 1.55 * size_m2:
        return [ground]
    share = 0.5 + float(rng.uniform(-0.07, 0.07)) if ground.area < 2.6 * size_m2 else 0.5
    pieces = []
    for half in halves(ground, share):
        pieces += split(half, size_m2, rng, depth - 1)
    return pieces


def _fold(pieces: list[Polygon]) -> list[Polygon]:
    """Give scraps to the neighbour they share the longest border with."""
    whole = [piece for piece in pieces if piece.area >= SCRAP_M2]
    for scrap in (piece for piece in pieces if piece.area < SCRAP_M2):
        shared = [piece.buffer(0.2).intersection(scrap.boundary).length for piece in whole]
        if shared and max(shared) > 3.0:
            best = int(np.argmax(np.round(shared, 1)))
            merged = whole[best].buffer(0.02, join_style="mitre").union(scrap.buffer(0.02, join_style="mitre"))
            merged = merged.buffer(-0.02, join_style="mitre")
            if isinstance(merged, Polygon):
                whole[best] = merged
    return whole


def superblocks(district: District, reserve: BaseGeometry) -> Iterable[tuple[tuple[int, int], str, Polygon]]:
    """Return what the streets leave of every cell of a district that streets serve."""
    free = district.ground.difference(reserve)
    shapely.prepare(free)
    for cell, use in sorted(district.cells(open_land=False).items()):
        pieces = polygons(district.grid.cell(*cell).intersection(free), 1.0)
        for piece in _fold(pieces):
            yield cell, use, piece


def open_land(district: District, reserve: BaseGeometry) -> list[Piece]:
    """Return wetland, fields and reserved land inside a district, cells of one use in one piece where they touch."""
    cells = district.cells(open_land=True)
    left = district.ground.difference(district.town).difference(reserve)
    found = []
    for use in sorted(set(cells.values())):
        whole = shapely.union_all([district.grid.cell(*cell).buffer(0.3) for cell in cells if cells[cell] == use])
        ground = whole.intersection(left)
        left = left.difference(whole)
        found += [Piece(part, use, _OPEN[use], district.grid.name) for part in polygons(ground, SCRAP_M2)]
    return found


_OPEN = {"E1": "湿地水面", "E21": "农田", "E9": "远期备用地"}


def built(district: District, reserve: BaseGeometry) -> list[Piece]:
    """Return the parcels of a district."""
    rng = np.random.default_rng([SEED, *district.grid.name.encode()])
    found = open_land(district, reserve)
    for cell, use, block in superblocks(district, reserve):
        if block.area < POCKET_M2:
            found.append(
                Piece(block, "G2" if use in {"H23", "W1", "W2", "M1", "M2"} else "G1", "", district.grid.name, cell)
            )
            continue
        codes = parts_of(use, district.grid.name, cell)
        lots = sorted(_fold(split(block, size_of(codes[0]), rng)), key=lambda lot: (lot.centroid.x, lot.centroid.y))
        first = (cell[0] * 3 + cell[1]) % len(lots)
        for number, lot in enumerate(lots):
            code = codes[1] if len(codes) > 1 and number == first and len(lots) > 1 else codes[0]
            found.append(Piece(lot, code, "", district.grid.name, cell))
    return _small_services(found, reserve, rng)


def _small_services(found: list[Piece], reserve: BaseGeometry, rng: np.random.Generator) -> list[Piece]:
    """Carve substations, stations and car parks of 0.6 to 1 ha out of larger lots."""
    done: list[Piece] = []
    met: Counter[str] = Counter()
    for piece in found:
        small = _SMALL.get(piece.use)
        if small is None or piece.ground.area < 1.8e4:
            done.append(piece)
            continue
        met[piece.use] += 1
        corner = _corner(piece.ground, float(rng.uniform(6e3, 9.5e3)), reserve)
        rest = polygons(piece.ground.difference(corner), 1.0)
        if met[piece.use] % EVERY != 3 or len(rest) != 1:
            done.append(piece)
            continue
        code = small[(met[piece.use] // EVERY) % len(small)]
        done += [replace(piece, ground=corner, use=code), replace(piece, ground=rest[0])]
    return done


def _corner(ground: BaseGeometry, area_m2: float, reserve: BaseGeometry) -> Polygon:
    """Return about an area in that corner of a lot which lies nearest to a street."""
    share = (area_m2 / ground.area) ** 0.5
    corners = []
    for one in (share, 1.0 - share):
        side = min(halves(ground, one), key=lambda part: part.area)
        far = area_m2 / side.area
        corners += [min(halves(side, cut), key=lambda part: abs(part.area - area_m2)) for cut in (far, 1.0 - far)]
    return min(corners, key=lambda part: round(part.centroid.distance(reserve), 1))


_SMALL = {
    "R2": ("R22", "A6", "R22", "U12", "R22", "S42"),
    "M1": ("U12", "S42", "U31"),
    "M2": ("U12", "U22", "S42"),
    "W1": ("S42", "U12", "B41"),
    "A35": ("B1", "S42"),
}


def paths(pieces: list[Piece], streets: list[Drawn]) -> list[Drawn]:
    """Return a path to every parcel that no street passes within `FRONT_M`; fields and woods need none."""
    courses = [course for course, kind, _ in streets if kind != "motorway"]
    tree = shapely.STRtree(courses)
    found: list[Drawn] = []
    for piece in pieces:
        if piece.use.startswith("E"):
            continue
        nearest = int(tree.nearest(piece.ground))
        if piece.ground.distance(courses[nearest]) <= FRONT_M:
            continue
        gate, door = nearest_points(courses[nearest], piece.ground)
        step = np.array([door.x - gate.x, door.y - gate.y])
        step /= np.hypot(*step)
        start, end = np.array(gate.coords[0]) - 5.0 * step, np.array(door.coords[0]) + 80.0 * step
        found.append((LineString([start, end]), "local", f"{piece.name or '公园'}路"))
    return found
