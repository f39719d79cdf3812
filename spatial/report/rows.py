"""A waterfall in rows, for steps with long names."""

from collections.abc import Sequence

from spatial.report.charts import WIDTH, Bar, svg, text, text_width, waterfall_spans
from spatial.report.numbers import three

_ROW, _TOP, _NAME, _RIGHT = 17.0, 26.0, 190.0, 56.0
_INK, _QUIET, _SIZE = "#1b2a33", "#54626b", 11


def fitted(label: str, width: float) -> str:
    """Return a label, cut where it is wider than some pixels.

    Examples
    --------
    >>> fitted("Offshore wind", 200.0), fitted("Offshore wind", 60.0)
    ('Offshore wind', 'Offshor…')
    """
    if text_width(label) <= width:
        return label
    end = len(label) - 1
    while end > 1 and text_width(label[:end] + "…") > width:
        end -= 1
    return label[:end].rstrip() + "…"


def rows_waterfall(title: str, unit: str, bars: Sequence[Bar], colours: tuple[str, str, str]) -> str:
    """Return levels and the changes between them, a row each from top to bottom.

    Parameters
    ----------
    title
        What the chart tells, for readers who cannot see it.
    unit
        Unit of the values, written above.
    bars
        Levels and changes in order.
    colours
        Of levels, increases and decreases.
    """
    spans = waterfall_spans(bars)
    low, high = min(0.0, *(end for _, end in spans)), max(0.0, *(end for _, end in spans))

    def x(value: float) -> float:
        return _NAME + (value - low) / (high - low or 1.0) * (WIDTH - _NAME - _RIGHT)

    height = _TOP + _ROW * len(bars) + 6.0
    parts = [
        text(WIDTH - 4, 14, unit, anchor="end"),
        f'<line x1="{x(0.0):.1f}" y1="{_TOP - 4:.1f}" x2="{x(0.0):.1f}" y2="{height - 4:.1f}" stroke="{_QUIET}"/>',
    ]
    for place, (bar, (start, end)) in enumerate(zip(bars, spans, strict=True)):
        y = _TOP + place * _ROW
        colour = colours[0] if bar.level else colours[1] if bar.value > 0 else colours[2]
        left, right = sorted((x(start), x(end)))
        parts.append(
            f'<rect x="{left:.1f}" y="{y:.1f}" width="{max(right - left, 1.0):.1f}" height="{_ROW - 5:.1f}" '
            f'fill="{colour}"/>'
        )
        name = fitted(bar.label, (_NAME - 12) * (0.95 if bar.level else 1.05))
        parts.append(text(_NAME - 8, y + 10, name, anchor="end", size=_SIZE, colour=_INK, bold=bar.level))
        said = ("" if bar.level or bar.value <= 0 else "+") + three(bar.value)
        parts.append(text(right + 4, y + 10, said, anchor="start", size=_SIZE))
    return svg(title, parts, WIDTH, height)
