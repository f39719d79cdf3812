"""The abatement curve of the index page: what each measure saves, and what a tonne of it costs."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from layers.glossary import Language
from spatial.diagrams.steps import Bar, abatement_bars
from spatial.report.charts import svg, text, text_width, ticks
from spatial.report.meta import RunMeta, Tables, table
from spatial.report.numbers import Scale, mass_scale, three
from spatial.report.rows import fitted
from spatial.report.words import measure_names, word

_WIDTH, _HEIGHT = 1040, 380
_LEFT, _RIGHT, _TOP, _FOOT = 62, 12, 44, 334
_GAIN, _PAYS, _DEAR, _PRICE = "#4f90c6", "#f3b36b", "#b3bcc4", "#b0470b"
_INK, _GRID = "#1b2a33", "#dfe4e7"
_SHOWN, _ROOM, _LEAST = 0.9, 1.3, 0.25
"""Share of the tonnes whose bars are shown in full, room above the highest of them, least of one side by the other."""
_NUMBER_WIDTH = 15.0
_ROW = 17


@dataclass(frozen=True, slots=True)
class _Axes:
    """Where a cost [CNY/t] and a saving [t] stand in the drawing; costs beyond the range stand at its end."""

    low: float
    high: float
    whole_t: float

    def x(self, value: float) -> float:
        return _LEFT + value / self.whole_t * (_WIDTH - _LEFT - _RIGHT)

    def y(self, value: float) -> float:
        share = (min(max(value, self.low), self.high) - self.low) / (self.high - self.low)
        return _FOOT - 16 - share * (_FOOT - 16 - _TOP)


def bounds(bars: Sequence[Bar], price: float | None) -> tuple[float, float]:
    """Return the range of the axis [CNY/t]: the dearest few are cut, for they would flatten all others."""
    whole = _SHOWN * sum(bar.end - bar.start for bar in bars)

    def edge(ordered: Sequence[Bar]) -> float:
        passed = 0.0
        for bar in ordered:
            passed += bar.end - bar.start
            if passed >= whole:
                return bar.cost_cny_t
        return 0.0

    by_cost = sorted(bars, key=lambda bar: (bar.cost_cny_t, bar.measure))
    up = max(edge(by_cost), price or 0.0, 0.0) * _ROOM
    down = min(edge(by_cost[::-1]), 0.0) * _ROOM
    lowest, highest = min(0.0, by_cost[0].cost_cny_t), max(0.0, price or 0.0, by_cost[-1].cost_cny_t)
    low, high = max(lowest, min(down, -_LEAST * up)), min(highest, max(up, -_LEAST * down))
    return low, high if high > low else low + 1.0


def _price(tables: Tables) -> float | None:
    ambition = table(tables, "ambition")
    chosen = ambition[ambition["chosen"].astype(bool)] if ambition is not None else None
    return None if chosen is None or chosen.empty else float(chosen["carbon_price_cny_t"].iloc[0])


def _bar(bar: Bar, number: int, x: tuple[float, float], y: tuple[float, float], name: str, fill: str, cut: bool) -> str:
    width = x[1] - x[0]
    gap = 0.8 if width > 3 else 0.0
    drawn = (
        f'<rect x="{x[0]:.1f}" y="{y[0]:.1f}" width="{max(width - gap, 0.6):.1f}" height="{max(y[1] - y[0], 1.0):.1f}" '
        f'fill="{fill}"/>'
    )
    label = name if text_width(name) + 6 <= width else str(number) if width >= _NUMBER_WIDTH else ""
    if cut and width >= _NUMBER_WIDTH:
        label = f"{label} ▲ {three(bar.cost_cny_t)}" if width > 90 else f"{number}▲"
    if not label:
        return drawn
    place = y[1] + 13 if bar.cost_cny_t < 0 else y[0] + 13 if cut else y[0] - 5
    return drawn + text((x[0] + x[1]) / 2, place, label, size=11, colour=_INK)


def macc_picture(tables: Tables, meta: RunMeta, language: Language) -> str | None:
    """Return the abatement curve in the order taken, with the carbon price and the economic near-zero point."""
    frame = table(tables, "abatement")
    bars = abatement_bars(frame, alone=False) if frame is not None else []
    if frame is None or not bars:
        return None
    price, names = _price(tables), measure_names(tables, language)
    scale = mass_scale(bars[-1].end, language)
    low, high = bounds(bars, price)
    marks = [mark for mark in ticks(low, high) if low <= mark <= high]
    axes = _Axes(low, high, bars[-1].end)
    x, y = axes.x, axes.y
    parts = [text(6, 14, word("macc.unit", language), anchor="start")]
    for mark in marks:
        stroke = _INK if mark == 0 else _GRID
        parts.append(
            f'<line x1="{_LEFT}" y1="{y(mark):.1f}" x2="{_WIDTH - _RIGHT}" y2="{y(mark):.1f}" stroke="{stroke}"/>'
        )
        parts.append(text(_LEFT - 8, y(mark) + 4, three(mark), anchor="end"))
    for number, bar in enumerate(bars, start=1):
        fill = _GAIN if bar.cost_cny_t < 0 else _PAYS if price is None or bar.cost_cny_t <= price else _DEAR
        spans = (x(bar.start), x(bar.end)), (y(max(0.0, bar.cost_cny_t)), y(min(0.0, bar.cost_cny_t)))
        parts.append(_bar(bar, number, *spans, names.get(bar.measure, bar.measure), fill, bar.cost_cny_t > high))
    along = (mark for mark in ticks(0.0, bars[-1].end / scale.divisor) if mark * scale.divisor <= bars[-1].end)
    parts += [text(x(mark * scale.divisor), _FOOT + 8, three(mark)) for mark in along]
    parts.append(text(_WIDTH - _RIGHT, _FOOT + 26, f"{word('macc.saved', language)} {scale.unit}", anchor="end"))
    paying = [bar.measure for bar in bars if bar.pays]
    left = float(frame.set_index("measure")["zone_t"][paying[-1]]) if paying else None
    parts += _price_line(axes, price, language) + _point(axes, bars, left, scale, language)
    listed, height = _names(bars, names, _HEIGHT + 4)
    return svg(word("picture.macc", language, year=meta.target_year), [*parts, *listed], _WIDTH, height)


def _price_line(axes: _Axes, price: float | None, language: Language) -> list[str]:
    if price is None:
        return []
    y = axes.y(price)
    label = f"{word('macc.price', language)} {three(price)} {word('macc.unit', language)}"
    dashed = f'stroke="{_PRICE}" stroke-width="1.4" stroke-dasharray="5 4"'
    return [
        f'<line x1="{_LEFT}" y1="{y:.1f}" x2="{_WIDTH - _RIGHT}" y2="{y:.1f}" {dashed}/>',
        text(_LEFT + 6, y - 5, label, anchor="start", colour=_PRICE),
    ]


def _point(axes: _Axes, bars: Sequence[Bar], left_t: float | None, scale: Scale, language: Language) -> list[str]:
    """Return the line where the next tonne costs more than the carbon price, and what is left of CO2 there."""
    if left_t is None:
        return []
    at = axes.x([bar for bar in bars if bar.pays][-1].end)
    label = f"{word('macc.point', language)} {three(left_t / scale.divisor)} {scale.unit}"
    anchor, gap = ("end", -6) if at > _WIDTH / 2 else ("start", 6)
    return [
        f'<line x1="{at:.1f}" y1="20" x2="{at:.1f}" y2="{_FOOT - 8:.1f}" stroke="{_INK}" stroke-dasharray="1 3"/>',
        text(at + gap, 26, label, anchor=anchor, colour=_INK, bold=True),
    ]


def _names(bars: Sequence[Bar], names: dict[str, str], top: float) -> tuple[list[str], float]:
    """Return the measures by number below the curve, in columns, and the height with them."""
    columns = 4
    rows = math.ceil(len(bars) / columns)
    width = (_WIDTH - _LEFT) / columns
    parts = []
    for place, bar in enumerate(bars):
        label = fitted(f"{place + 1}. {names.get(bar.measure, bar.measure)}", width - 16)
        parts.append(text(_LEFT + (place // rows) * width, top + (place % rows) * _ROW + 8, label, anchor="start"))
    return parts, top + rows * _ROW + 8
