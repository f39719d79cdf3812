"""Small charts as SVG text, drawn from our own numbers: axes with units, a zero line, every label escaped."""

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from html import escape

from spatial.report.numbers import three

WIDTH, HEIGHT = 500, 300
_LEFT, _RIGHT, _TOP, _BOTTOM = 62, 20, 34, 40
_INK, _QUIET, _GRID, _LATER = "#1b2a33", "#54626b", "#dfe4e7", "#f3f5f6"
_LABEL_GAP = 15.0
_SLANT_DEG = 40
_ROOM_FOR_VALUE = 27.0


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a chart: its name, colour, points, and whether it is dashed."""

    label: str
    colour: str
    points: tuple[tuple[float, float], ...]
    dashed: bool = False

    def until(self, year: float) -> "Line":
        """Return the part up to a year."""
        return replace(self, points=tuple(point for point in self.points if point[0] <= year))

    def since(self, year: float) -> "Line":
        """Return the part from a year on."""
        return replace(self, points=tuple(point for point in self.points if point[0] >= year))


@dataclass(frozen=True, slots=True)
class Stack:
    """One part of stacked bars: its name, colour and a value per bar."""

    label: str
    colour: str
    values: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of a waterfall: a level that stands on zero, or a change that hangs on the bar before."""

    label: str
    value: float
    level: bool


def ticks(low: float, high: float, count: int = 5) -> list[float]:
    """Return round ticks that cover a range, with zero among them where the range holds it.

    Examples
    --------
    >>> ticks(0.0, 87.0)
    [0.0, 20.0, 40.0, 60.0, 80.0, 100.0]
    """
    span = high - low
    if not math.isfinite(span) or span <= 0.0:
        return [low, low + 1.0]
    rough = span / count
    magnitude = 10.0 ** math.floor(math.log10(rough))
    step = next(factor * magnitude for factor in (1, 2, 2.5, 5, 10) if factor * magnitude >= rough * (1 - 1e-9))
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [round(number * step, 12) for number in range(first, last + 1)]


@dataclass(frozen=True, slots=True)
class _Axes:
    """Maps values to the drawing; `right` and `bottom` leave room for labels."""

    marks: tuple[float, ...]
    x_low: float
    x_high: float
    right: float = _RIGHT
    bottom: float = _BOTTOM

    def x(self, value: float) -> float:
        span = self.x_high - self.x_low or 1.0
        return _LEFT + (value - self.x_low) / span * (WIDTH - _LEFT - self.right)

    def y(self, value: float) -> float:
        low, high = self.marks[0], self.marks[-1]
        return HEIGHT - self.bottom - (value - low) / (high - low) * (HEIGHT - self.bottom - _TOP)

    def draw(self, unit: str) -> list[str]:
        """Return grid lines, tick labels, the unit and a darker line at zero."""
        end = WIDTH - self.right
        parts = [text(_LEFT - 8, _TOP - 16, unit, anchor="start", size=12, dx=-_LEFT + 14)]
        for mark in self.marks:
            y = self.y(mark)
            stroke, width = (_INK, 1.2) if mark == 0 else (_GRID, 1.0)
            parts.append(
                f'<line x1="{_LEFT}" y1="{y:.1f}" x2="{end:.1f}" y2="{y:.1f}" stroke="{stroke}" '
                f'stroke-width="{width}"/>'
            )
            parts.append(text(_LEFT - 8, y + 4, three(mark), anchor="end"))
        return parts


def text(
    x: float,
    y: float,
    content: str,
    *,
    anchor: str = "middle",
    size: int = 12,
    colour: str = _QUIET,
    bold: bool = False,
    dx: float = 0.0,
) -> str:
    """Return a piece of text of a drawing, escaped."""
    weight = ' font-weight="600"' if bold else ""
    return (
        f'<text x="{x + dx:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}" fill="{colour}"{weight}>'
        f"{escape(content)}</text>"
    )


def svg(title: str, parts: Sequence[str], width: float = WIDTH, height: float = HEIGHT) -> str:
    """Return a drawing of a size, named for readers who cannot see it."""
    return (
        f'<svg viewBox="0 0 {width:.0f} {height:.0f}" role="img" aria-label="{escape(title, quote=True)}" '
        f'xmlns="http://www.w3.org/2000/svg"><title>{escape(title)}</title>{"".join(parts)}</svg>'
    )


def _spread(places: Sequence[float]) -> list[float]:
    """Return label heights moved apart so that none covers another, in the same order."""
    order = sorted(range(len(places)), key=lambda i: places[i])
    moved = list(places)
    for before, after in itertools.pairwise(order):
        moved[after] = max(moved[after], moved[before] + _LABEL_GAP)
    overflow = max((moved[order[-1]] - (HEIGHT - _BOTTOM)) if order else 0.0, 0.0)
    return [place - overflow for place in moved]


def line_chart(title: str, unit: str, lines: Sequence[Line], later: tuple[float, str] | None = None) -> str:
    """Return lines over years, each named at its end.

    Parameters
    ----------
    title
        What the chart tells, for readers who cannot see it.
    unit
        Unit of the values, written above the axis.
    lines
        At least one line with at least one point.
    later
        A year and what is said of the years after it, which are drawn dotted on grey.
    """
    xs = [x for line in lines for x, _ in line.points]
    ys = [y for line in lines for _, y in line.points]
    ends = [f"{line.label} {three(line.points[-1][1])}" for line in lines]
    room = 14.0 + max(text_width(end) * 1.08 for end in ends)
    axes = _Axes(tuple(ticks(min(0.0, *ys), max(0.0, *ys))), min(xs), max(xs), right=room)
    years = sorted(set(xs))
    beyond = later if later is not None and later[0] < years[-1] else None
    parts = [*(_later(axes, *beyond) if beyond else []), *axes.draw(unit)]
    parts += [
        text(axes.x(year), HEIGHT - _BOTTOM + 20, f"{year:.0f}", bold=beyond is not None and year == beyond[0])
        for year in _years_shown(years, beyond[0] if beyond else None)
    ]
    heights = _spread([axes.y(line.points[-1][1]) + 4 for line in lines])
    for line, end, height in zip(lines, ends, heights, strict=True):
        pieces = [(line, "6 4" if line.dashed else "")]
        if beyond is not None:
            pieces = [(line.until(beyond[0]), pieces[0][1]), (line.since(beyond[0]), "2 4")]
        for piece, dashes in pieces:
            path = " ".join(f"{axes.x(x):.1f},{axes.y(y):.1f}" for x, y in piece.points)
            dash = f' stroke-dasharray="{dashes}"' if dashes else ""
            parts.append(f'<polyline points="{path}" fill="none" stroke="{line.colour}" stroke-width="2.4"{dash}/>')
        parts.append(text(axes.x(line.points[-1][0]) + 8, height, end, anchor="start", colour=line.colour, bold=True))
    return svg(title, parts)


def _years_shown(years: Sequence[float], marked: float | None) -> list[float]:
    """Return the years named below the axis: a few, the last, and the one that is marked, none too near another."""
    every = max(1, math.ceil(len(years) / 6))
    fixed = [year for year in (marked, years[-1]) if year is not None]
    near = every * 0.8 * (years[1] - years[0] if len(years) > 1 else 1.0)
    return [y for y in years[::every] if all(abs(y - other) >= near for other in fixed)] + sorted(set(fixed))


def _later(axes: _Axes, year: float, label: str) -> list[str]:
    """Return the grey ground of the years that rest on assumptions, and what is said of them."""
    left, right, foot = axes.x(year), axes.x(axes.x_high), HEIGHT - axes.bottom
    return [
        f'<rect x="{left:.1f}" y="{_TOP}" width="{right - left:.1f}" height="{foot - _TOP:.1f}" fill="{_LATER}"/>',
        f'<line x1="{left:.1f}" y1="{_TOP}" x2="{left:.1f}" y2="{foot:.1f}" stroke="{_INK}"/>',
        text(left + 4, _TOP - 6, label, anchor="start", size=11),
    ]


def stacked_bars(title: str, unit: str, names: Sequence[str], stacks: Sequence[Stack]) -> str:
    """Return stacked bars, the parts named in a row above.

    Parameters
    ----------
    title
        What the chart tells, for readers who cannot see it.
    unit
        Unit of the values, written above the axis.
    names
        One name per bar.
    stacks
        Parts from the bottom up, each with one value of zero or more per bar.
    """
    totals = [sum(stack.values[i] for stack in stacks) for i in range(len(names))]
    axes = _Axes(tuple(ticks(0.0, max(*totals, 1e-9))), 0.0, float(len(names)))
    parts = axes.draw(unit)
    width = (WIDTH - _LEFT - _RIGHT) / len(names) * 0.72
    base = [0.0] * len(names)
    for stack in stacks:
        for i, value in enumerate(stack.values):
            top, bottom = axes.y(base[i] + value), axes.y(base[i])
            if bottom - top > 0.05:
                parts.append(
                    f'<rect x="{axes.x(i + 0.5) - width / 2:.1f}" y="{top:.1f}" width="{width:.1f}" '
                    f'height="{bottom - top:.1f}" fill="{stack.colour}"/>'
                )
            base[i] += value
    parts += [text(axes.x(i + 0.5), HEIGHT - _BOTTOM + 20, name) for i, name in enumerate(names)]
    return svg(title, [*parts, *_legend([(stack.label, stack.colour) for stack in stacks])])


def _legend(entries: Sequence[tuple[str, str]]) -> list[str]:
    """Return the legend below the axis, where no label of the axis can meet it."""
    parts = []
    x = max(4.0, WIDTH - _RIGHT - sum(_legend_width(label) for label, _ in entries))
    for label, colour in entries:
        parts.append(f'<rect x="{x:.1f}" y="{HEIGHT - 13}" width="11" height="11" fill="{colour}"/>')
        parts.append(text(x + 15, HEIGHT - 3, label, anchor="start"))
        x += _legend_width(label)
    return parts


def _legend_width(label: str) -> float:
    return 28.0 + text_width(label)


def text_width(label: str) -> float:
    """Return about how wide a label is drawn at size 12."""
    return sum(12.0 if ord(letter) > 0x2E80 else 6.8 for letter in label)


def waterfall_spans(bars: Sequence[Bar]) -> list[tuple[float, float]]:
    """Return where each bar of a waterfall begins and ends: levels stand on zero, changes hang on the bar before.

    Examples
    --------
    >>> waterfall_spans([Bar("2017", 5.0, True), Bar("sun", -2.0, False), Bar("2030", 3.0, True)])
    [(0.0, 5.0), (5.0, 3.0), (0.0, 3.0)]
    """
    spans: list[tuple[float, float]] = []
    running = 0.0
    for bar in bars:
        start = 0.0 if bar.level else running
        running = start + bar.value
        spans.append((start, running))
    return spans


def waterfall(title: str, unit: str, bars: Sequence[Bar], colours: tuple[str, str, str]) -> str:
    """Return levels and the changes between them.

    Parameters
    ----------
    title
        What the chart tells, for readers who cannot see it.
    unit
        Unit of the values, written above the axis.
    bars
        Levels and changes from left to right.
    colours
        Of levels, increases and decreases.
    """
    spans = waterfall_spans(bars)
    ends = [end for span in spans for end in span]
    longest = max(text_width(bar.label) for bar in bars) * 0.88
    foot = 22.0 + longest * math.sin(math.radians(_SLANT_DEG))
    axes = _Axes(tuple(ticks(min(0.0, *ends), max(0.0, *ends))), 0.0, float(len(bars)), bottom=foot)
    parts = axes.draw(unit)
    step = (WIDTH - _LEFT - _RIGHT) / len(bars)
    for i, (bar, (start, end)) in enumerate(zip(bars, spans, strict=True)):
        top, bottom = axes.y(max(start, end)), axes.y(min(start, end))
        colour = colours[0] if bar.level else colours[1] if bar.value > 0 else colours[2]
        x = axes.x(i + 0.5) - step * 0.36
        hint = f"{bar.label}: {three(bar.value)} {unit}"
        parts.append(
            f'<rect x="{x:.1f}" y="{top:.1f}" width="{step * 0.72:.1f}" height="{max(bottom - top, 1.0):.1f}" '
            f'fill="{colour}"><title>{escape(hint)}</title></rect>'
        )
        if bar.level or step >= _ROOM_FOR_VALUE:
            sign = "" if bar.level or bar.value <= 0 else "+"
            parts.append(text(axes.x(i + 0.5), top - 5, sign + three(bar.value, 3 if bar.level else 2), size=10))
        if i + 1 < len(bars):
            y = axes.y(end)
            parts.append(
                f'<line x1="{x + step * 0.72:.1f}" y1="{y:.1f}" x2="{x + step:.1f}" y2="{y:.1f}" stroke="{_QUIET}" '
                'stroke-width="0.8"/>'
            )
        parts.append(_slanted(axes.x(i + 0.5) + 4, HEIGHT - foot + 14, bar.label, bold=bar.level))
    return svg(title, parts)


def _slanted(x: float, y: float, content: str, *, bold: bool) -> str:
    weight = ' font-weight="600"' if bold else ""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="end" font-size="10.5" fill="{_QUIET}"{weight} '
        f'transform="rotate(-{_SLANT_DEG} {x:.1f} {y:.1f})">{escape(content)}</text>'
    )
