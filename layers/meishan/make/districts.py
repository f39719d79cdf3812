"""The built districts: guides along the shores, rows and columns of superblocks, and what each is for."""

import csv
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files

import numpy as np
import shapely
from shapely.geometry import LineString, Polygon
from shapely.geometry.base import BaseGeometry

from layers.meishan.make.frame import Guide, LonLat, belt, line
from layers.meishan.make.shore import Shore

BAY: LonLat = (
    (121.9225, 29.7475), (121.9305, 29.7645), (121.9435, 29.7765), (121.9615, 29.7955), (121.9765, 29.8080),
    (121.9875, 29.8140), (121.9995, 29.8190), (122.0120, 29.8228), (122.0300, 29.8240),
)  # fmt: skip
"""North-west shore of Meishan island, from the southern dam to the northern cape."""

SOUTH_QUAY: LonLat = ((121.9240, 29.7500), (121.9945, 29.7648))
EAST_QUAY: LonLat = ((121.9945, 29.7648), (122.0255, 29.7932))
"""The two straight shores of the deep-water quay; they meet in the island's south-east corner."""

CHUNXIAO: LonLat = (
    (121.8650, 29.6915), (121.8795, 29.7120), (121.8905, 29.7330), (121.9050, 29.7500), (121.9190, 29.7635),
    (121.9330, 29.7765), (121.9480, 29.7880), (121.9640, 29.8020), (121.9770, 29.8125), (121.9890, 29.8200),
    (122.0020, 29.8240),
)  # fmt: skip
"""Mainland shore of Meishan bay and the coast south-west of it."""

BAIFENG: LonLat = ((121.9560, 29.8868), (121.9850, 29.8885), (122.0075, 29.8885))
GUOJU: LonLat = ((122.0580, 29.8868), (122.0760, 29.8898), (122.0900, 29.8950), (122.1040, 29.9010))
SHANGYANG: LonLat = ((121.9950, 29.8705), (122.0120, 29.8690), (122.0300, 29.8670))


@dataclass(frozen=True)
class Grid:
    """A district laid out in rows off a guide and columns across it.

    Attributes
    ----------
    rows
        Distance of the row lines from the guide, ascending [m].
    classes
        Road class on each row line, empty where no street runs.
    start, step, columns
        First station, spacing [m] and number of columns.
    """

    name: str
    guide: Guide
    rows: tuple[float, ...]
    classes: tuple[str, ...]
    start: float
    step: float
    columns: int
    street: str

    @property
    def first_street(self) -> float:
        """Distance of the first row that is a street [m]."""
        return next(off for off, kind in zip(self.rows, self.classes, strict=True) if kind)

    @property
    def last_street(self) -> float:
        """Distance of the last row that is a street [m]."""
        return next(off for off, kind in zip(self.rows[::-1], self.classes[::-1], strict=True) if kind)

    def cell(self, row: int, column: int) -> Polygon:
        """Return the ground of one superblock between its centre lines."""
        along = self.start + self.step * column
        return self.guide.strip(self.rows[row], self.rows[row + 1], along, along + self.step)

    def column_class(self, index: int) -> str:
        """Return the class of a cross street: every fourth is primary, every second secondary."""
        return "primary" if index % 4 == 0 else "secondary" if index % 2 == 0 else "tertiary"


@dataclass(frozen=True)
class District:
    """A grid with its ground and the use painted on each superblock."""

    grid: Grid
    ground: BaseGeometry
    uses: dict[tuple[int, int], str]

    def cells(self, *, open_land: bool) -> dict[tuple[int, int], str]:
        """Return the cells that stay open land (E classes), which no street crosses, or the others."""
        return {cell: use for cell, use in self.uses.items() if use.startswith("E") == open_land}

    @cached_property
    def town(self) -> BaseGeometry:
        """Ground of the cells that streets serve."""
        served = [self.grid.cell(*cell).buffer(0.5) for cell in self.cells(open_land=False)]
        return shapely.union_all(served).intersection(self.ground)


def grids() -> tuple[Grid, ...]:
    """Return the seven districts; earlier ones take the ground where two meet."""
    port_rows = (-120.0, 690.0, 780.0, 1210.0, 1640.0, 2060.0)
    port_classes = ("", "trunk", "", "tertiary", "tertiary", "primary")
    return (
        Grid("PS", Guide(line(SOUTH_QUAY), 1), port_rows, port_classes, 2600.0, 460.0, 11, "港区"),
        Grid("PE", Guide(line(EAST_QUAY), 1), port_rows, port_classes, -920.0, 460.0, 13, "港区"),
        Grid(
            "IS",
            Guide(line(BAY), -1),
            (-400.0, 120.0, 470.0, 830.0, 1190.0, 1550.0, 1910.0, 2300.0, 2700.0, 3100.0, 3500.0, 4000.0),
            ("", "secondary", "tertiary", "primary", "tertiary", "secondary", "primary", "tertiary", "secondary",
             "tertiary", "tertiary", ""),
            0.0, 400.0, 36, "梅山",
        ),
        Grid(
            "CX",
            Guide(line(CHUNXIAO), 1),
            (-900.0, 100.0, 430.0, 765.0, 1100.0, 1440.0, 1780.0, 1925.0),
            ("", "secondary", "tertiary", "secondary", "trunk", "tertiary", "secondary", ""),
            4000.0, 400.0, 35, "春晓",
        ),
        Grid(
            "BF", Guide(line(BAIFENG), -1), (-400.0, 60.0, 380.0, 700.0, 1020.0, 1340.0),
            ("", "secondary", "tertiary", "primary", "tertiary", "secondary"), 0.0, 380.0, 13, "白峰",
        ),
        Grid(
            "GJ", Guide(line(GUOJU), -1), (-500.0, 60.0, 400.0, 740.0, 1080.0),
            ("", "secondary", "primary", "tertiary", "secondary"), 0.0, 380.0, 13, "郭巨",
        ),
        Grid(
            "SY", Guide(line(SHANGYANG), -1), (-330.0, 0.0, 330.0, 660.0),
            ("secondary", "tertiary", "primary", "secondary"), 0.0, 360.0, 10, "上阳",
        ),
    )  # fmt: skip


def painted() -> dict[str, dict[tuple[int, int], str]]:
    """Return the use of every superblock by district, row and column, as `zoning.csv` paints it, line over line."""
    uses: dict[str, dict[tuple[int, int], str]] = {}
    text = files("layers.meishan.make").joinpath("zoning.csv").read_text(encoding="utf-8")
    for stroke in csv.DictReader(entry for entry in text.splitlines() if not entry.startswith("#")):
        sheet = uses.setdefault(stroke["district"], {})
        for row in range(int(stroke["row_from"]), int(stroke["row_to"]) + 1):
            for column in range(int(stroke["column_from"]), int(stroke["column_to"]) + 1):
                sheet[row, column] = stroke["use"]
    return {name: {cell: use for cell, use in sheet.items() if use != "-"} for name, sheet in uses.items()}


def quay_side() -> tuple[Polygon, Polygon]:
    """Return the ground south and east of the line that halves the angle of the two quays."""
    (west, corner), north = belt(SOUTH_QUAY), belt(EAST_QUAY)[1]
    out = (corner - west) / np.hypot(*(corner - west)) + (corner - north) / np.hypot(*(corner - north))
    out /= np.hypot(*out)
    inland, sea = corner - out * 9e3, corner + out * 2e3
    left = np.array([-9e3, -6e3])
    right = np.array([9e3, 6e3])
    return (
        Polygon([sea, inland, inland + left, sea + left]),
        Polygon([sea, inland, inland + right, sea + right]),
    )


def districts(shore: Shore, high_ground: BaseGeometry) -> list[District]:
    """Return the districts cut to the land, to each other and to the hills."""
    taken: BaseGeometry = Polygon()
    uses = painted()
    found = []
    south, east = quay_side()
    for grid in grids():
        land = shore.island if grid.name in {"PS", "PE", "IS"} else shore.mainland
        within = {"PS": south, "PE": east}.get(grid.name, land)
        cells = shapely.union_all([grid.cell(*cell).buffer(0.5) for cell in uses[grid.name]])
        ground = cells.intersection(land).intersection(within).difference(high_ground).difference(taken)
        ground = shapely.union_all([p for p in shapely.get_parts(ground.buffer(-40).buffer(40)) if p.area > 8e4])
        ground = ground.intersection(land).difference(taken)
        found.append(District(grid, ground, uses[grid.name]))
        taken = taken.union(ground)
    return found


def lines_of(district: District) -> list[tuple[LineString, str, str]]:
    """Return the streets of a district with class and name, a little too long so that they meet their neighbours."""
    grid, end = district.grid, district.grid.start + district.grid.step * district.grid.columns
    reach = district.town.buffer(30.0)
    drawn: list[tuple[LineString, str, str]] = []
    for number, (off, kind) in enumerate(zip(grid.rows, grid.classes, strict=True), start=1):
        if kind:
            drawn.append((grid.guide.row(off, grid.start, end), kind, f"{grid.street}{_NUMERALS[number]}路"))
    for column in range(grid.columns + 1):
        cross = grid.guide.cross(grid.start + grid.step * column, grid.first_street - 25.0, grid.last_street + 25.0)
        drawn.append((cross, grid.column_class(column), f"{grid.street}{column + 1}街"))
    clipped = []
    for course, kind, name in drawn:
        parts = shapely.get_parts(shapely.line_merge(course.intersection(reach)))
        clipped += [(part, kind, name) for part in parts if isinstance(part, LineString) and part.length > 90.0]
    return clipped


_NUMERALS = "零一二三四五六七八九十甲乙丙丁"
