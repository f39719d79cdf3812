"""The land outside the districts: villages, farmland, forest and water in organic pieces."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely
from rasterio import features
from scipy import ndimage
from scipy.spatial import cKDTree
from shapely.geometry import LineString, Polygon, shape
from shapely.geometry.base import BaseGeometry
from shapely.ops import nearest_points

from layers.meishan.make.frame import SEED, area_of, point, polygons
from layers.meishan.make.streets import Drawn
from layers.meishan.make.terrain import Terrain, centres, noise

VILLAGE_SPACING_M = 690.0
FIELD_SPACING_M = 720.0
WOOD_SPACING_M = 1500.0
POND_SPACING_M = 420.0
CRUMB_M2 = 2.5e4

RESERVOIRS: tuple[tuple[str, float, float, float], ...] = (
    ("慈岙水库", 121.9195, 29.8290, 260.0),
    ("三山水库", 121.8800, 29.8010, 230.0),
    ("瑞岩水库", 121.9480, 29.8270, 280.0),
    ("门浦水库", 121.9790, 29.8495, 270.0),
    ("上阳水库", 122.0230, 29.8510, 200.0),
    ("长坑水库", 121.9400, 29.8590, 240.0),
    ("郭巨水库", 122.0880, 29.8800, 210.0),
    ("城湾水库", 121.9720, 29.8700, 220.0),
    ("尖山水库", 122.0640, 29.8690, 170.0),
)
"""Name, place and radius [m] of the reservoirs in the heads of the valleys."""

POLDER_PONDS = area_of([(121.8690, 29.7030), (121.8815, 29.7180), (121.8870, 29.7290), (121.8800, 29.7260)])
"""Fish ponds of the polder south-west of Chunxiao."""

VILLAGE_NAMES = (
    "岙门", "上王", "下洋", "沙溪", "民丰", "河头", "合岙", "司城", "新峰", "大岙",
    "中门", "东盘", "华山", "官庄", "港口", "海陆", "大胜", "里岙", "外峙", "门浦",
    "干岙", "长坑", "小门", "阳东", "勤山", "福民", "盛岙", "升螺", "碑塔", "梅东",
    "梅西", "梅中", "梅港", "慈峰", "昆亭", "三山", "咸昶", "海口", "上横", "双石",
)  # fmt: skip


@dataclass(frozen=True)
class Piece:
    """One parcel in the making: ground, use and what the plan says about its place."""

    ground: BaseGeometry
    use: str
    name: str = ""
    district: str = ""
    cell: tuple[int, int] = (-1, -1)


def _blob(x: float, y: float, radius_m: float, turn: float, rng: np.random.Generator) -> BaseGeometry:
    angles = np.linspace(0.0, 2.0 * np.pi, 33)[:-1]
    phases = rng.uniform(0.0, 2.0 * np.pi, 4)
    ripple = sum(0.24 / k * np.cos(k * angles + phases[k - 1]) for k in (2, 3, 4))
    reach = radius_m * (1.0 + ripple)
    along, across = reach * np.cos(angles) * 1.3, reach * np.sin(angles) / 1.3
    return Polygon(
        np.column_stack(
            [x + along * np.cos(turn) - across * np.sin(turn), y + along * np.sin(turn) + across * np.cos(turn)]
        )
    ).simplify(4.0)


def villages(
    ground: Terrain, country: BaseGeometry, streets: list[Drawn], barred: BaseGeometry
) -> tuple[list[tuple[str, Polygon]], list[Drawn]]:
    """Return villages in the lowland outside the districts, and the local roads that lead to them.

    Parameters
    ----------
    ground
        Height of the land.
    country
        Lowland where villages may lie.
    streets
        Roads that lead there.
    barred
        Hills and water that no village road crosses.
    """
    rng = np.random.default_rng(SEED + 11)
    west, south, east, north = country.bounds
    roads = shapely.union_all([course for course, kind, _ in streets if kind != "motorway"])
    xs = np.arange(west, east, VILLAGE_SPACING_M)
    ys = np.arange(south, north, VILLAGE_SPACING_M * 0.87)
    found: list[tuple[str, Polygon]] = []
    lanes: list[Drawn] = []
    inner = country.buffer(-70.0)
    shapely.prepare(inner)
    for row, y0 in enumerate(ys):
        for x0 in xs + (VILLAGE_SPACING_M / 2.0 if row % 2 else 0.0):
            x, y = float(x0 + rng.uniform(-230, 230)), float(y0 + rng.uniform(-230, 230))
            radius = float(np.sqrt(rng.uniform(2.6e4, 6.4e4) / np.pi))
            place = shapely.Point(x, y)
            if not inner.contains(place) or ground.at(x, y) > 20.0:
                continue
            gate = nearest_points(roads, place)[0]
            lane = LineString([gate, place])
            if lane.length > 1300.0 or lane.crosses(barred):
                continue
            turn = float(np.arctan2(gate.y - y, gate.x - x)) + np.pi / 2.0
            blob = _blob(x, y, radius, turn, rng).intersection(country)
            parts = polygons(blob, 8e3)
            if not parts or any(blob.distance(other) < 60.0 for _, other in found):
                continue
            name = VILLAGE_NAMES[len(found) % len(VILLAGE_NAMES)] + ("村" if len(found) < 40 else "自然村")
            found.append((name, max(parts, key=lambda part: part.area)))
            past = LineString([shapely.Point(2 * gate.x - x, 2 * gate.y - y), gate]).interpolate(-8.0)
            if lane.length > 25.0:
                lanes.append((LineString([past, place]), "local", f"{name}路"))
    return found, lanes


def _reservoirs(rng: np.random.Generator) -> list[tuple[str, BaseGeometry]]:
    return [
        (name, _blob(at.x, at.y, radius, float(rng.uniform(0, np.pi)), rng).buffer(0))
        for name, at, radius in ((name, point(lon, lat), radius) for name, lon, lat, radius in RESERVOIRS)
    ]


def _spread(mask: npt.NDArray[np.bool_], spacing_cells: float, seed: int) -> npt.NDArray[np.int32]:
    """Return cells numbered by the nearest of evenly spread, jittered seeds, the borders bent by noise."""
    rng = np.random.default_rng(seed)
    rows, cols = mask.shape
    r, c = np.meshgrid(np.arange(0, rows, spacing_cells), np.arange(0, cols, spacing_cells), indexing="ij")
    seeds = np.column_stack([r.ravel(), c.ravel()]) + rng.uniform(-0.38, 0.38, (r.size, 2)) * spacing_cells
    bend = [0.22 * spacing_cells * noise(mask.shape, spacing_cells / 4.0, seed + k) for k in (1, 2)]
    at_row, at_col = np.nonzero(mask)
    _, nearest = cKDTree(seeds).query(np.column_stack([at_row + bend[0][mask], at_col + bend[1][mask]]))
    numbered = np.zeros(mask.shape, dtype=np.int32)
    numbered[mask] = nearest + 1
    return numbered


def countryside(ground: Terrain, high_ground: BaseGeometry, rest: BaseGeometry) -> list[Piece]:
    """Cut the rest of the land into woods, fields and water that leave no gap.

    Parameters
    ----------
    ground
        Height of the land, whose grid the pieces are drawn on.
    high_ground
        Hills, which are wooded.
    rest
        Land that neither districts, villages nor roads take.
    """
    rng = np.random.default_rng(SEED + 12)
    lakes = [(name, lake) for name, blob in _reservoirs(rng) for lake in polygons(blob.intersection(rest), CRUMB_M2)]
    waters = shapely.union_all([lake for _, lake in lakes])
    pieces = [Piece(lake, "E1", name) for name, lake in lakes]
    dry = rest.difference(waters)
    size, step = ground.height.shape, ground.transform.a
    wooded = features.geometry_mask([high_ground], size, ground.transform, invert=True)
    x, y = centres(ground.transform, size)
    shapely.prepare(POLDER_PONDS)
    ponds = shapely.contains_xy(POLDER_PONDS, x, y) & ~wooded
    slopes, low = dry.intersection(high_ground), dry.difference(high_ground)
    for ground_of, mask, spacing_m, seed, use, name in (
        (slopes, wooded, WOOD_SPACING_M, 31, "E23", "山林"),
        (low.intersection(POLDER_PONDS), ponds, POND_SPACING_M, 41, "E1", "养殖水面"),
        (low.difference(POLDER_PONDS), ~wooded & ~ponds, FIELD_SPACING_M, 21, "E21", "农田"),
    ):
        beyond = ndimage.binary_dilation(mask, iterations=8)
        for area in _polygons_of(_spread(beyond, spacing_m / step, SEED + seed), ground):
            west, south, east, north = area.bounds
            near = shapely.clip_by_rect(ground_of, west - 9.0, south - 9.0, east + 9.0, north + 9.0)
            pieces += [Piece(part, use, name) for part in polygons(area.intersection(near), 1.0)]
    return _merge_crumbs(pieces)


def _polygons_of(labels: npt.NDArray[np.int32], ground: Terrain) -> list[BaseGeometry]:
    smooth = ndimage.median_filter(labels, size=3)
    found = features.shapes(smooth, mask=smooth > 0, transform=ground.transform)
    simple = shapely.coverage_simplify([shape(form) for form, _ in found], 45.0)
    return [form for form in simple if not form.is_empty]


def _merge_crumbs(pieces: list[Piece]) -> list[Piece]:
    """Give every piece below `CRUMB_M2` to the neighbour it shares the longest border with."""
    grounds: list[BaseGeometry] = [piece.ground for piece in pieces]
    tree = shapely.STRtree(grounds)
    for number in sorted(range(len(pieces)), key=lambda k: (pieces[k].ground.area, k)):
        own = grounds[number]
        if own.area >= CRUMB_M2 or own.is_empty:
            continue
        near = [int(k) for k in tree.query(pieces[number].ground, predicate="dwithin", distance=0.5) if k != number]
        shared = {k: grounds[k].buffer(0.5).intersection(own.boundary).length for k in near if not grounds[k].is_empty}
        if shared and max(shared.values()) > 5.0:
            best = max(shared, key=lambda k: (round(shared[k], 1), -k))
            grounds[best] = grounds[best].union(own)
            grounds[number] = Polygon()
    kept = []
    for piece, whole in zip(pieces, grounds, strict=True):
        kept += [Piece(part, piece.use, piece.name) for part in polygons(whole, 1.0)]
    return kept
