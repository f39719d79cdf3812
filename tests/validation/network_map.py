"""Maps of networks as SVG pictures: what lies below, pipes as wide as their diameter, labels, a legend."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Shapes = NDArray[np.object_]

FONT = 'font-family="Helvetica, Arial, sans-serif"'
INK, QUIET = "#1f2933", "#52606d"
STREET, BUILDING, WATER = "#cbd2d9", "#efe9df", "#d6e9f5"


@dataclass
class Canvas:
    """A picture that grows; lengths are in its own units, places in metres are put into frames."""

    width: float
    height: float
    parts: list[str] = field(default_factory=list)

    def add(self, *parts: str) -> None:
        """Draw on top of what is there."""
        self.parts += parts

    def text(self, x: float, y: float, words: str, size: float = 12.0, **given: str) -> None:
        """Write a line; names of attributes have ``_`` for ``-``."""
        style = {"fill": INK, **given}
        told = " ".join(f'{name.replace("_", "-")}="{value}"' for name, value in style.items())
        self.add(f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size:g}" {told}>{escape(words)}</text>')

    def svg(self) -> str:
        """Return the picture."""
        size = f'viewBox="0 0 {self.width:g} {self.height:g}" width="{self.width:g}"'
        head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} {FONT}>'
        ground = f'<rect width="{self.width:g}" height="{self.height:g}" fill="#ffffff"/>'
        return "\n".join([head, ground, *self.parts, "</svg>"]) + "\n"


@dataclass(frozen=True)
class Frame:
    """A part of the world in a picture: its western and northern edge [m], and where they lie; `scale` is per metre."""

    west: float
    north: float
    scale: float
    left: float
    top: float
    width: float
    height: float

    @classmethod
    def around(cls, bounds: Sequence[float], left: float, top: float, width: float) -> "Frame":
        """Return a frame of some width that shows what lies within bounds."""
        west, south, east, north = (float(one) for one in bounds)
        scale = width / (east - west)
        return cls(west, north, scale, left, top, width, (north - south) * scale)

    @property
    def box(self) -> shapely.Polygon:
        """What it shows [m]."""
        south, east = self.north - self.height / self.scale, self.west + self.width / self.scale
        return shapely.box(self.west, south, east, self.north)

    def places(self, points: Floats) -> Floats:
        """Return where points lie in the picture."""
        return np.column_stack(
            [self.left + (points[:, 0] - self.west) * self.scale, self.top + (self.north - points[:, 1]) * self.scale]
        )

    def path(self, shapes: Iterable[Any]) -> str:
        """Return lines and outlines as the data of a path, cut off at the frame."""
        cut = shapely.intersection(np.array(list(shapes), dtype=object), self.box)
        parts = shapely.get_parts(cut)
        parts = parts[(shapely.get_dimensions(parts) > 0) & ~shapely.is_empty(parts)]
        drawn = []
        for part in shapely.simplify(parts, 0.3 / self.scale):
            rings = [part.exterior, *part.interiors] if part.geom_type == "Polygon" else [part]
            for ring in rings:
                places = self.places(shapely.get_coordinates(ring))
                drawn.append("M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in places))
        return "".join(drawn)

    def area(self, shapes: Iterable[Any], fill: str, stroke: str = "none") -> str:
        """Return filled shapes."""
        return f'<path d="{self.path(shapes)}" fill="{fill}" stroke="{stroke}" stroke-width="0.8" fill-rule="evenodd"/>'

    def line(self, shapes: Iterable[Any], stroke: str, width: float, dash: str = "") -> str:
        """Return lines."""
        style = (
            f'fill="none" stroke="{stroke}" stroke-width="{width:.1f}" stroke-linecap="round" stroke-linejoin="round"'
        )
        dashes = f' stroke-dasharray="{dash}"' if dash else ""
        return f'<path d="{self.path(shapes)}" {style}{dashes}/>'

    def edge(self) -> str:
        """Return the edge of the frame."""
        place = f'x="{self.left:g}" y="{self.top:g}" width="{self.width:.1f}" height="{self.height:.1f}"'
        return f'<rect {place} fill="none" stroke="#9aa5b1"/>'

    def scale_bar(self, canvas: Canvas, metres: int, x: float, y: float) -> None:
        """Draw a bar of some metres and say how many."""
        long = metres * self.scale
        canvas.add(f'<path d="M{x:.1f} {y - 5:.1f}v5h{long:.1f}v-5" fill="none" stroke="{INK}" stroke-width="1.5"/>')
        canvas.text(x + long + 6.0, y, f"{metres} m", 11.0, fill=QUIET)


@dataclass
class Labels:
    """Labels that keep clear of each other and of what is taken: the first asked for gets the better place."""

    taken: list[tuple[float, float, float, float]] = field(default_factory=list)

    def place(
        self, canvas: Canvas, at: tuple[float, float], words: str, size: float, offsets: Sequence[tuple[float, float]],
        *, must: bool = True, **given: str,
    ) -> None:  # fmt: skip
        """Write a label by a point at the offset with the least overlap; without `must` only where there is none."""
        wide, high = 0.58 * size * len(words), size
        boxes = [(at[0] + x - wide / 2.0, at[1] + y - high / 2.0, wide, high) for x, y in offsets]
        over = [sum(_overlap(box, other) for other in self.taken) for box in boxes]
        best = int(np.argmin(over))
        if over[best] > 0.0 and not must:
            return
        x, y, _, _ = boxes[best]
        self.taken.append(boxes[best])
        halo = {"stroke": "#ffffff", "stroke_width": "3", "paint_order": "stroke", "text_anchor": "middle"}
        canvas.text(x + wide / 2.0, y + 0.82 * high, words, size, **(halo | given))


def _overlap(one: tuple[float, float, float, float], other: tuple[float, float, float, float]) -> float:
    across = min(one[0] + one[2], other[0] + other[2]) - max(one[0], other[0])
    down = min(one[1] + one[3], other[1] + other[3]) - max(one[1], other[1])
    return max(0.0, across) * max(0.0, down)
