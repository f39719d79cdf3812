"""What the pages of comparisons are made of: tables in Markdown, a scatter plot, and how a page is checked."""

import re
from collections.abc import Sequence
from html import escape
from math import ceil

HALO = 'font-size="11" fill="#1f2933" stroke="#ffffff" stroke-width="3" paint-order="stroke"'
"""Labels stay readable where lines pass below them."""
NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")


def table(head: Sequence[str], rows: Sequence[Sequence[object]], left: int = 1) -> str:
    """Return a table in Markdown whose first `left` columns are text."""
    rule = ["---" if number < left else "---:" for number in range(len(head))]
    lines = [head, rule, *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)


def differences(page: str, made: str, relative: float = 0.02) -> list[str]:
    """Return where a page says something else than it would if made again.

    Words must agree; figures may differ by one of their last digit, or by a share of their size: rounding.
    """
    found = []
    lines, again = page.splitlines(), made.splitlines()
    if len(lines) != len(again):
        return [f"the page has {len(lines)} lines, made again it has {len(again)}"]
    for number, (line, other) in enumerate(zip(lines, again, strict=True), start=1):
        if NUMBER.sub("#", line) != NUMBER.sub("#", other):
            found.append(f"line {number}: {line!r}, made again {other!r}")
            continue
        for old, new in zip(NUMBER.findall(line), NUMBER.findall(other), strict=True):
            digit = 10.0 ** -len(old.partition(".")[2])
            before, after = float(old.replace(",", "")), float(new.replace(",", ""))
            if abs(before - after) > max(1.001 * digit, relative * before):
                found.append(f"line {number}: {old}, made again {new}")
    return found


def scatter(panels: Sequence[tuple[str, Sequence[tuple[str, float, float]]]], across: str, up: str) -> str:
    """Return an SVG picture of panels of points, each with the line of equality and those 30 % off.

    Parameters
    ----------
    panels
        Title and points: label, across, up.
    across, up
        What the axes say.
    """
    size, left, top, gap = 430, 62, 40, 96
    width, height = left + len(panels) * (size + gap) - gap + 24, top + size + 56
    style = 'font-family="Helvetica, Arial, sans-serif" font-size="12"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" {style}>',
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
    ]
    for number, (title, points) in enumerate(panels):
        x0, y0 = left + number * (size + gap), top + size
        step, end = _ticks(max(max(a, b) for _, a, b in points))
        scale = size / end
        parts.append(f'<text x="{x0}" y="{top - 14}" font-size="14" font-weight="bold">{escape(title)}</text>')
        for tick in range(0, end + 1, step):
            x, y = x0 + tick * scale, y0 - tick * scale
            parts.append(f'<path d="M{x:.1f} {y0}V{top}M{x0} {y:.1f}H{x0 + size}" stroke="#e4e7eb" fill="none"/>')
            parts.append(f'<text x="{x:.1f}" y="{y0 + 17}" text-anchor="middle" fill="#52606d">{tick}</text>')
            parts.append(f'<text x="{x0 - 7}" y="{y + 4:.1f}" text-anchor="end" fill="#52606d">{tick}</text>')
        for slope, dash, name in ((1.0, "", "1:1"), (1.3, "5 4", "+30 %"), (0.7, "5 4", "−30 %")):
            x, y = min(1.0, 1.0 / slope), min(1.0, slope)
            to = f"{x0 + x * size:.1f} {y0 - y * size:.1f}"
            parts.append(f'<path d="M{x0} {y0}L{to}" stroke="#7b8794" stroke-dasharray="{dash}" fill="none"/>')
            place = f'x="{x0 + 0.93 * x * size:.1f}" y="{y0 - 0.93 * y * size + 16:.1f}"'
            parts.append(f'<text {place} font-size="11" fill="#52606d">{name}</text>')
        parts += _dots(points, x0, y0, scale)
        middle = f'x="{x0 + size / 2}" y="{y0 + 40}"'
        parts.append(f'<text {middle} text-anchor="middle">{escape(across)}</text>')
        turned = f'transform="translate({x0 - 44} {top + size / 2}) rotate(-90)"'
        parts.append(f'<text {turned} text-anchor="middle">{escape(up)}</text>')
    return "\n".join([*parts, "</svg>"]) + "\n"


def _ticks(most: float) -> tuple[int, int]:
    step = next(step for step in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000) if most / step <= 7.0)
    return step, step * ceil(most / step)


def _dots(points: Sequence[tuple[str, float, float]], x0: float, y0: float, scale: float) -> list[str]:
    """Return the points, and their labels moved where they would stand on others."""
    parts, taken = [], [(x0 + a * scale, y0 - b * scale, 8.0) for _, a, b in points]
    for label, a, b in sorted(points, key=lambda point: (point[2], point[0])):
        x, y, wide = x0 + a * scale, y0 - b * scale, 7.0 * len(label)
        places = [(x + 8.0, y + 4.0), (x - 8.0 - wide, y + 4.0), (x - wide / 2, y - 9.0), (x - wide / 2, y + 18.0)]
        places += [(x + 10.0, y - 12.0), (x + 10.0, y + 20.0), (x - 12.0 - wide, y - 12.0), (x - 12.0 - wide, y + 20.0)]
        at = min(places, key=lambda place: (_crowding(place, wide, taken), places.index(place)))
        taken.append((at[0] + wide / 2, at[1] - 4.0, wide))
        parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4.5" fill="#0b69a3" fill-opacity="0.85"/>')
        parts.append(f'<text x="{at[0]:.1f}" y="{at[1]:.1f}" {HALO}>{escape(label)}</text>')
    return parts


def _crowding(place: tuple[float, float], wide: float, taken: Sequence[tuple[float, float, float]]) -> float:
    """Return by how much a label at a place would cover what is there [px]."""
    middle = place[0] + wide / 2
    over = 0.0
    for x, y, width in taken:
        over += max(0.0, (wide + width) / 2 - abs(x - middle)) * max(0.0, 12.0 - abs(y - place[1] + 4.0))
    return over
