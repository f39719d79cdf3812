"""Synthetic hills: ridges where the real ones stand, with spurs and valleys from seeded noise."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely
from affine import Affine
from rasterio import features
from scipy import ndimage
from scipy.spatial import cKDTree
from shapely.geometry import Polygon, shape
from shapely.geometry.base import BaseGeometry

from layers.meishan.make.frame import SEED, Array, line

CELL_M = 30.0
HILL_FOOT_M = 24.0

RIDGES: tuple[tuple[float, float, tuple[tuple[float, float], ...]], ...] = (
    (430.0, 1320.0, ((121.855, 29.770), (121.868, 29.800), (121.885, 29.822))),
    (390.0, 960.0, ((121.885, 29.822), (121.918, 29.836), (121.950, 29.842), (121.985, 29.838), (122.006, 29.839))),
    (310.0, 700.0, ((121.912, 29.862), (121.945, 29.868), (121.972, 29.866))),
    (260.0, 610.0, ((122.030, 29.846), (122.055, 29.861), (122.085, 29.872), (122.112, 29.8795))),
    (190.0, 560.0, ((122.111, 29.899), (122.129, 29.898))),
    (120.0, 420.0, ((122.120, 29.884), (122.134, 29.886))),
    (150.0, 480.0, ((122.032, 29.8775), (122.052, 29.8785))),
    (120.0, 420.0, ((121.866, 29.722), (121.873, 29.735))),
    (148.8, 470.0, ((122.0060, 29.8100), (122.0125, 29.8135))),
)
"""Crest height [m], half width [m] and course of every ridge; the last is Yandungang on Meishan, 148.8 m."""


@dataclass(frozen=True)
class Terrain:
    """Ground height on a grid, rows from the north [m]."""

    height: Array
    transform: Affine

    def at(self, x: float, y: float) -> float:
        """Return the height of a place [m]."""
        col, row = ~self.transform * (x, y)
        rows, cols = self.height.shape
        return float(self.height[min(max(int(row), 0), rows - 1), min(max(int(col), 0), cols - 1)])


def noise(shape_of: tuple[int, int], wave_cells: float, seed: int) -> Array:
    """Return smooth noise of mean 0 and deviation 1."""
    field = np.random.default_rng(seed).standard_normal(shape_of)
    smooth = ndimage.gaussian_filter(field, wave_cells, mode="reflect")
    return np.asarray((smooth - smooth.mean()) / smooth.std())


def centres(transform: Affine, shape_of: tuple[int, int]) -> tuple[Array, Array]:
    """Return x and y of all cell centres [m]."""
    cols = np.arange(shape_of[1]) + 0.5
    rows = np.arange(shape_of[0]) + 0.5
    x, y = np.meshgrid(transform.c + cols * transform.a, transform.f + rows * transform.e)
    return x, y


def distance_to(course: BaseGeometry, x: Array, y: Array, reach_m: float = np.inf) -> Array:
    """Return the distance of every cell centre to a line or shore, infinite beyond a reach [m]."""
    places = shapely.get_coordinates(shapely.segmentize(course, CELL_M))
    apart, _ = cKDTree(places).query(np.column_stack([x.ravel(), y.ravel()]), distance_upper_bound=reach_m)
    return np.asarray(apart).reshape(x.shape)


def terrain(zone: Polygon) -> Terrain:
    """Return the hills of the zone."""
    west, south, east, north = zone.bounds
    size = (int((north - south) / CELL_M) + 3, int((east - west) / CELL_M) + 3)
    transform = Affine(CELL_M, 0.0, round(west - CELL_M, 0), 0.0, -CELL_M, round(north + CELL_M, 0))
    x, y = centres(transform, size)
    warp_x = 260.0 * noise(size, 14.0, SEED + 1)
    warp_y = 260.0 * noise(size, 14.0, SEED + 2)
    spurs = 1.0 - 1.15 * np.abs(noise(size, 11.0, SEED + 3))
    height = np.zeros(size)
    for crest, width, course in RIDGES:
        off = distance_to(line(course), x + warp_x, y + warp_y, 5.0 * width)
        flank = np.exp(-((off / width) ** 1.7))
        height = np.maximum(height, crest * (flank + 0.42 * flank**0.5 * spurs * (1.0 - flank)))
    return Terrain(np.clip(ndimage.gaussian_filter(height, 1.5), 0.0, None), transform)


def hills(ground: Terrain, land: BaseGeometry, above_m: float = HILL_FOOT_M) -> BaseGeometry:
    """Return the hill country: what stands above the foot, smoothed, without crumbs."""
    mask: npt.NDArray[np.uint8] = (ndimage.gaussian_filter(ground.height, 2.0) > above_m).astype(np.uint8)
    found = [shape(form) for form, _ in features.shapes(mask, mask=mask.astype(bool), transform=ground.transform)]
    whole = shapely.union_all(found).buffer(90.0).buffer(-170.0).buffer(80.0).simplify(12.0)
    kept = [part for part in shapely.get_parts(whole.intersection(land)) if part.area > 2.5e5]
    return shapely.union_all([Polygon(p.exterior, [h for h in p.interiors if Polygon(h).area > 1.2e5]) for p in kept])
