"""A town of boxes, pitched roofs and courtyards with exact heights, and its sun hour by hour by marching rays.

The reference knows nothing of horizons, sweeps or tables: every one of 8,760 beams is followed from the cell in steps
of a quarter metre through the town's exact shapes, and the sky is summed over a fine mesh of directions.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from layers.compiling import compiled
from layers.weather.light import GLOW_DEG, SkyLight

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

COURT, PITCHED = 2, 1
PITCH = 0.6
"""Rise of pitched roofs."""
RIM = 8
"""Depth of the wings around a courtyard [m]."""
TALLEST = 101.0
STEP = 0.25
AROUND, UP = 144, 60
"""Mesh of the sky."""
BAND = 6.5 / 90.0


@dataclass(frozen=True)
class Town:
    """Which house stands on each square metre, nought for none; of each, top, bottom, left, right, kind and height."""

    house: Integers
    houses: Floats

    def heights(self) -> NDArray[np.float32]:
        """Return the surface at the middles of 1 m cells [m]."""
        rows, columns = self.house.shape
        found = np.array(
            [[_height(self.house, self.houses, c + 0.5, r + 0.5) for c in range(columns)] for r in range(rows)]
        )
        return found.astype(np.float32)

    def normals(self, cells: Integers) -> Floats:
        """Return the exact normals of roofs at cells, cells x 3: east, north, up."""
        found = np.tile([0.0, 0.0, 1.0], (len(cells), 1))
        for number, (row, column) in enumerate(cells):
            top, bottom, *_, kind, _ = self.houses[self.house[row, column]]
            rest = (row + 0.5 - top) - (bottom - row - 0.5)
            if kind == PITCHED and rest != 0.0:
                found[number] = np.array([0.0, math.copysign(PITCH, -rest), 1.0]) / math.hypot(1.0, PITCH)
        return found


def made_town(side: int, seed: int = 0) -> Town:
    """Return a town of `side` x `side` metres in which a third of the ground is built on."""
    rng = np.random.default_rng(seed)
    house, houses = np.zeros((side, side), dtype=np.int64), [(0.0,) * 6]
    for _ in range(side * side // 1500):
        deep, wide = rng.integers(10, 40, 2)
        top, left = rng.integers(0, side - 40, 2)
        height = float(rng.choice([6, 9, 12, 20, 40, 80], p=[0.3, 0.3, 0.2, 0.1, 0.07, 0.03]))
        kind = int(rng.integers(0, 3))
        if kind == COURT and min(deep, wide) <= 2 * RIM + 4:
            kind = 0
        houses.append((top, top + deep, left, left + wide, kind, height))
        house[top : top + deep, left : left + wide] = len(houses) - 1
        if kind == COURT:
            house[top + RIM : top + deep - RIM, left + RIM : left + wide - RIM] = 0
    return Town(house, np.array(houses))


@compiled
def _height(house: Integers, houses: Floats, x: float, y: float) -> float:
    k = house[int(y), int(x)]
    if k == 0:
        return 0.0
    if houses[k, 4] == PITCHED:
        return houses[k, 5] + PITCH * min(y - houses[k, 0], houses[k, 1] - y)
    return houses[k, 5]


@compiled
def _hidden(
    house: Integers, houses: Floats, row: int, column: int, height: float, east: float, north: float, up: float
) -> bool:
    flat = math.hypot(east, north)
    if flat < 1e-9:
        return False
    rise, x, y, distance = up / flat, column + 0.5, row + 0.5, 0.0
    while True:
        x += east / flat * STEP
        y -= north / flat * STEP
        distance += STEP
        ray = height + rise * distance
        if x < 0 or y < 0 or x >= house.shape[1] or y >= house.shape[0] or ray > TALLEST:
            return False
        if _height(house, houses, x, y) > ray + 1e-6:
            return True


@compiled
def _marched(
    house: Integers, houses: Floats, cells: Integers, heights: Floats, normals: Floats, towards: Floats,
    directed: Floats, even: float, band: float, glow: Floats, ground: float, walls: float,
) -> Floats:  # fmt: skip
    out = np.zeros(len(cells))
    for k in range(len(cells)):
        row, column = cells[k]
        a, b, c = normals[k]
        total, sky_seen, band_seen = 0.0, 0.0, 0.0
        for t in range(len(directed)):
            east, north, up = towards[t]
            facing = a * east + b * north + c * up
            lit = up > 0.0 and directed[t] != 0.0 and facing > 0.0
            if lit and not _hidden(house, houses, row, column, heights[k], east, north, up):
                total += directed[t] * facing
        for i in range(AROUND):
            angle = 2.0 * math.pi * (i + 0.5) / AROUND
            for j in range(UP):
                over = 0.5 * math.pi * (j + 0.5) / UP
                east, north, up = math.cos(over) * math.sin(angle), math.cos(over) * math.cos(angle), math.sin(over)
                facing = a * east + b * north + c * up
                if facing > 0.0 and not _hidden(house, houses, row, column, heights[k], east, north, up):
                    total += facing * glow[i, j]
                    sky_seen += facing * math.cos(over) * (0.5 * math.pi / UP) * (2.0 * math.pi / AROUND) / math.pi
                    upright = a * math.sin(angle) + b * math.cos(angle)
                    if j < BAND * UP and upright > 0.0:
                        band_seen += upright * (math.pi / AROUND) / (BAND * UP)
        below = 0.5 * (1.0 - c)
        out[k] = total + even * sky_seen + band * band_seen + ground * below + walls * (1.0 - below - sky_seen)
    return out


def marched_irradiation(town: Town, cells: Integers, light: SkyLight, albedo: float) -> Floats:
    """Return the yearly irradiation of roof cells (rows and columns) by marching rays [kWh/m2]."""
    heights = np.array([_height(town.house, town.houses, c + 0.5, r + 0.5) for r, c in cells])
    ground = albedo * light.ghi.sum()
    found = _marched(
        town.house,
        town.houses,
        cells,
        heights,
        town.normals(cells),
        light.direction,
        light.dni,
        light.even.sum(),
        light.band.sum(),
        glow_of_sky(light),
        ground,
        albedo * light.on_walls(albedo).sum(),
    )
    return np.asarray(found / 1000.0)


def glow_of_sky(light: SkyLight) -> Floats:
    """Return the year's light from around the sun by the mesh of the sky, on a plane that faces it [Wh/m2].

    Its disc is filled evenly with points; a low sun's is narrower.
    """
    found = np.zeros((AROUND, UP))
    number = np.arange(400) + 0.5
    aside, turn = np.sqrt(number / 400), number * math.pi * (3.0 - math.sqrt(5.0))  # a sunflower's
    for towards, glow in zip(light.direction, light.glow, strict=True):
        if towards[2] <= 0.0 or glow <= 0.0:
            continue
        middle = towards / np.linalg.norm(towards)
        right = np.cross(middle, [0.0, 0.0, 1.0])
        right /= np.linalg.norm(right)
        angle = min(math.radians(GLOW_DEG), math.asin(middle[2])) * aside
        off = np.cos(turn)[:, None] * right + np.sin(turn)[:, None] * np.cross(right, middle)
        points = np.cos(angle)[:, None] * middle + np.sin(angle)[:, None] * off
        part = glow * np.linalg.norm(towards) / np.cos(angle).sum()
        around = np.degrees(np.arctan2(points[:, 0], points[:, 1])) % 360.0 / 360.0 * AROUND
        up = np.arcsin(np.clip(points[:, 2], 0.0, 1.0)) / (0.5 * math.pi) * UP
        np.add.at(found, (around.astype(int) % AROUND, np.minimum(up.astype(int), UP - 1)), part)
    return found
