"""The sea: study area, depth, mean wind and what may not be built on. Depth, wind and exclusions are illustrative."""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from affine import Affine
from pyproj import Transformer
from rasterio import features
from scipy import ndimage
from shapely.geometry import LineString, Polygon
from shapely.geometry.base import BaseGeometry

from layers.meishan.make.frame import CRS, EXTENT, FACTS, SEED, Array, LonLat, area_of, belt, line, point, polygons
from layers.meishan.make.shore import Shore
from layers.meishan.make.terrain import Terrain, centres, distance_to, noise

DEPTH_CELL_M = 250.0
WIND_CELL_M = 500.0
NODATA = -9999.0

QUAY_M = FACTS.value("island.deep_water_shoreline") * 1e3

WIND_MEANS = (
    (121.997, 29.79, FACTS.value("wind100.island")),
    (122.80, 29.79, FACTS.value("wind100.offshore")),
)
"""Place and mean wind at 100 m over a quarter degree around it [m/s] (Global Wind Atlas)."""

STUDY_AREA: LonLat = (
    (121.965, 29.742), (121.985, 29.690), (122.030, 29.640), (122.060, 29.560), (122.120, 29.500), (122.320, 29.470),
    (122.880, 29.470), (122.880, 29.820), (122.400, 29.820), (122.340, 29.740), (122.320, 29.700), (122.200, 29.665),
    (122.100, 29.660), (122.060, 29.705), (122.040, 29.750), (122.030, 29.777), (122.000, 29.755),
)  # fmt: skip

CHANNELS: tuple[tuple[str, str, float, LonLat], ...] = (
    ("梅山进港主航道", "Meishan main approach", 420.0, (
        (121.9650, 29.7510), (121.9980, 29.7595), (122.0330, 29.7900), (122.0520, 29.8060), (122.1000, 29.8180),
        (122.1700, 29.8120), (122.2080, 29.7700), (122.2090, 29.7250), (122.3100, 29.7140), (122.4800, 29.6600),
        (122.9000, 29.5600),
    )),
    ("佛渡水道航道", "Fodu channel", 350.0, (
        (122.0430, 29.7820), (122.0450, 29.7560), (122.0440, 29.7250), (122.0250, 29.6850), (122.0400, 29.6200),
        (122.0900, 29.5400), (122.2200, 29.4700), (122.3000, 29.4300),
    )),
    ("虾峙门航道", "Xiazhimen channel", 600.0, (
        (122.1700, 29.8120), (122.2120, 29.7950), (122.2500, 29.7760), (122.3200, 29.7460), (122.4200, 29.7240),
        (122.9000, 29.6900),
    )),
)  # fmt: skip
"""Name, half width [m] and course of the shipping channels."""

OVALS: tuple[tuple[str, str, str, float, float, float, float], ...] = (
    ("anchorage", "梅山港外锚地", "Meishan outer anchorage", 122.395, 29.625, 3600.0, 2300.0),
    ("anchorage", "虾峙门外锚地", "Xiazhimen outer anchorage", 122.560, 29.745, 4200.0, 2200.0),
    ("anchorage", "峙头洋锚地", "Zhitou anchorage", 122.160, 29.850, 1800.0, 1300.0),
    (
        "protected",
        "六横东南海洋特别保护区",
        "Southeast Liuheng marine special protected area",
        122.300,
        29.560,
        5200.0,
        3300.0,
    ),
    ("protected", "洋鞍海洋生态保护区", "Yang'an marine ecological reserve", 122.760, 29.770, 4800.0, 3000.0),
    ("protected", "瑞岩寺森林公园", "Ruiyansi Forest Park", 121.925, 29.834, 1900.0, 1100.0),
    ("protected", "梅山湿地", "Meishan wetland", 121.9345, 29.7560, 620.0, 420.0),
)
"""Kind, names, centre and half axes [m] of areas kept free."""

CABLES: tuple[tuple[str, str, LonLat], ...] = (
    ("梅山—佛渡—六横海底电缆", "Meishan-Fodu-Liuheng power cable",
     ((121.9800, 29.7615), (122.0100, 29.7450), (122.0350, 29.7480), (122.0600, 29.7420))),
    ("普陀6号风电场送出海缆", "Putuo 6 wind farm export cable",
     ((122.1300, 29.6700), (122.2000, 29.6300), (122.2900, 29.6200))),
)  # fmt: skip


@dataclass(frozen=True)
class Raster:
    """A grid of values, rows from the north."""

    values: npt.NDArray[np.float32]
    transform: Affine


def quay(shore: Shore) -> LineString:
    """Return the deep-water shoreline: 9.3 km of the island's shore that end at its eastern point."""
    ring = shapely.get_coordinates(shore.island.exterior)
    ring = ring if shapely.is_ccw(shore.island.exterior) else ring[::-1]
    end = belt([(122.0305, 29.8075)])[0]
    last = int(np.argmin(np.hypot(*(ring - end).T)))
    back = np.roll(ring[:-1], -last - 1, axis=0)[::-1]
    along = np.r_[0.0, np.cumsum(np.hypot(*np.diff(back, axis=0).T))]
    count = int(np.searchsorted(along, QUAY_M))
    share = (QUAY_M - along[count - 1]) / (along[count] - along[count - 1])
    start = back[count - 1] + share * (back[count] - back[count - 1])
    return LineString([*back[:count], start])


def study_area(shore: Shore) -> Polygon:
    """Return the water outside the zone that is studied for wind."""
    land = shapely.union_all(list(shore.land))
    water = area_of(STUDY_AREA).difference(land.buffer(150.0)).simplify(20.0).difference(shore.zone.buffer(1.0))
    return max(polygons(water), key=lambda part: part.area)


def _grid(cell_m: float) -> tuple[Affine, tuple[int, int]]:
    corners = belt([(EXTENT[0], EXTENT[1]), (EXTENT[2], EXTENT[1]), (EXTENT[0], EXTENT[3]), (EXTENT[2], EXTENT[3])])
    west, south = np.ceil(corners[[0, 2], 0].max() / 1e3) * 1e3, np.ceil(corners[[0, 1], 1].max() / 1e3) * 1e3
    east, north = np.floor(corners[[1, 3], 0].min() / 1e3) * 1e3, np.floor(corners[[2, 3], 1].min() / 1e3) * 1e3
    return Affine(cell_m, 0.0, west, 0.0, -cell_m, north), (int((north - south) / cell_m), int((east - west) / cell_m))


def _degrees(x: Array, y: Array) -> tuple[Array, Array]:
    lon, lat = Transformer.from_crs(CRS, "EPSG:4326", always_xy=True).transform(x, y)
    return np.asarray(lon), np.asarray(lat)


def depth(shore: Shore) -> Raster:
    """Return the depth of the sea [m, positive down]: mudflats, basin, channels and the quay."""
    transform, size = _grid(DEPTH_CELL_M)
    x, y = centres(transform, size)
    lon, _ = _degrees(x, y)
    land = shapely.union_all(list(shore.land))
    on_land = features.geometry_mask([land], size, transform, invert=True)
    off_shore = distance_to(land.boundary, x, y)
    flats = 0.6 + 8.5 * (1.0 - np.exp(-((off_shore / 2400.0) ** 1.3)))
    open_sea = np.clip((lon - 122.02) / 0.80, 0.0, 1.2) ** 1.25 * (1.0 - np.exp(-off_shore / 5500.0))
    bed = np.asarray(flats + 30.0 * open_sea, dtype=float)
    for _, _, half, course in CHANNELS:
        bed = bed + 9.0 * np.exp(-((distance_to(line(course), x, y) / (2.2 * half)) ** 2))
    bed = bed + 0.6 * noise(size, 8.0, SEED + 71) * np.minimum(bed / 8.0, 1.5)
    berth = distance_to(quay(shore), x, y)
    bed = np.maximum(
        bed, FACTS.value("island.deep_water_depth") * np.exp(-((np.maximum(berth - 450.0, 0.0) / 700.0) ** 2))
    )
    bay = area_of([(121.900, 29.738), (121.925, 29.749), (122.034, 29.8235), (122.000, 29.830), (121.950, 29.800)])
    inner = features.geometry_mask([bay], size, transform, invert=True) & ~on_land
    bed = np.where(inner, np.minimum(bed, 3.0 + 0.3 * noise(size, 5.0, SEED + 72)), bed)
    bed = np.round(np.clip(bed, 0.3, None), 1)
    return Raster(np.where(on_land, NODATA, bed).astype(np.float32), transform)


def _box_mean(field: Array, lon: Array, lat: Array, place: tuple[float, float]) -> float:
    near = (np.abs(lon - place[0]) <= 0.125) & (np.abs(lat - place[1]) <= 0.125)
    return float(field[near].mean())


def wind(shore: Shore, ground: Terrain) -> Raster:
    """Return the mean wind speed at 100 m [m/s]: slower over land, faster on crests and out at sea.

    The pattern follows the share of land upwind at two scales; its level and contrast are set so that the
    quarter-degree means around Meishan and 122.8 E are those of the Global Wind Atlas.
    """
    transform, size = _grid(WIND_CELL_M)
    x, y = centres(transform, size)
    lon, lat = _degrees(x, y)
    land = features.geometry_mask(list(shore.land), size, transform, invert=True).astype(float)
    rough = 0.55 * ndimage.gaussian_filter(land, 5.0, mode="nearest")
    rough += 0.45 * ndimage.gaussian_filter(land, 22.0, mode="nearest")
    open_water = np.clip((lon - 121.9) / 0.9, 0.0, 1.1)
    pattern = 0.75 * open_water - rough
    cols = np.clip(((x - ground.transform.c) / ground.transform.a).astype(int), 0, ground.height.shape[1] - 1)
    rows = np.clip(((y - ground.transform.f) / ground.transform.e).astype(int), 0, ground.height.shape[0] - 1)
    inside = shapely.contains_xy(shore.zone, x, y)
    high = np.where(inside, ground.height[rows, cols], 0.0)
    pattern += ndimage.gaussian_filter(high, 0.8) / 300.0 * 0.55 - ndimage.gaussian_filter(high, 5.0) / 300.0 * 0.35
    pattern = ndimage.gaussian_filter(pattern, 0.7)
    (here, there), (known_here, known_there) = (
        [_box_mean(pattern, lon, lat, (a, b)) for a, b, _ in WIND_MEANS],
        [value for _, _, value in WIND_MEANS],
    )
    slope = (known_there - known_here) / (there - here)
    speed = known_here + slope * (pattern - here)
    return Raster(np.round(speed, 3).astype(np.float32), transform)


def _oval(lon: float, lat: float, long_m: float, short_m: float) -> Polygon:
    angle = np.linspace(0.0, 2.0 * np.pi, 41)[:-1]
    centre, turn = point(lon, lat), np.deg2rad(20.0)
    along, across = long_m * np.cos(angle), short_m * np.sin(angle)
    return Polygon(
        np.column_stack(
            [
                centre.x + along * np.cos(turn) - across * np.sin(turn),
                centre.y + along * np.sin(turn) + across * np.cos(turn),
            ]
        )
    )


def exclusions(shore: Shore) -> gpd.GeoDataFrame:
    """Return channels, anchorages, protected areas and cables."""
    land = shapely.union_all(list(shore.land))
    rows: list[tuple[str, str, str, BaseGeometry]] = []
    for zh, en, half, course in CHANNELS:
        rows.append(("shipping_channel", zh, en, line(course, step_m=250.0).buffer(half).difference(land)))
    for kind, zh, en, lon, lat, long_m, short_m in OVALS:
        oval = _oval(lon, lat, long_m, short_m)
        on_land = land.contains(point(lon, lat))
        rows.append((kind, zh, en, oval.intersection(land) if on_land else oval.difference(land)))
    for zh, en, course in CABLES:
        rows.append(("cable", zh, en, line(course).buffer(250.0).difference(land)))
    return gpd.GeoDataFrame(
        {
            "exclusion_id": [f"EX-{number:02d}" for number in range(1, len(rows) + 1)],
            "kind": [kind for kind, _, _, _ in rows],
            "name_zh": [zh for _, zh, _, _ in rows],
            "name_en": [en for _, _, en, _ in rows],
        },
        geometry=[shape.simplify(8.0) for _, _, _, shape in rows],
        crs=CRS,
    )
