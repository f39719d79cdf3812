"""The Sankey of the index page: energy of the target year from its source to its use."""

from layers.glossary import Language
from spatial.diagrams.sankey import Node, sankey
from spatial.report.charts import svg, text, text_width
from spatial.report.meta import RunMeta, Tables, table
from spatial.report.numbers import energy_scale, three
from spatial.report.words import word

_WIDTH, _BAR, _HEAD, _FOOT = 1040, 10, 30.0, 12.0
_HEIGHT, _GAP = 380.0, 17.0
_OPACITY = 0.5
_COLOURS = {
    "sun": "#f5b841",
    "wind": "#5d9fb5",
    "grid": "#929da7",
    "green_power": "#1c8f78",
    "ambient": "#9cc8e4",
    "electricity": "#7b6fb5",
    "natural_gas": "#e0a35a",
    "lpg": "#eec68f",
    "gasoline": "#b5651d",
    "diesel": "#8a4b2a",
    "lng": "#d9b779",
    "coal": "#3b3f45",
    "district_heat": "#c94b3d",
    "district_cold": "#5fa0d0",
    "solar_heat": "#f2c230",
    "biomass": "#7f9f4a",
    "msw": "#9c9a82",
    "residential": "#f2cc3f",
    "service": "#d9577b",
    "industry": "#a2714f",
    "logistics": "#8d6cab",
    "port": "#35607f",
    "transport": "#8a929a",
    "waste": "#6f7d4f",
    "agriculture": "#9fbf77",
}
_OTHER = "#7d868e"


def _colour(node: Node) -> str:
    return _OTHER if node.level in ("loss", "export") else _COLOURS.get(node.name, _OTHER)


def _name(node: Node, language: Language) -> str:
    return word("flow.export" if node.level == "export" else f"flow.{node.name}", language)


def sankey_picture(tables: Tables, meta: RunMeta, language: Language) -> str | None:
    """Return the energy of the last scenario in the target year, from primary energy to end use."""
    flows = table(tables, "flows")
    if flows is None or not meta.scenarios:
        return None
    own = flows[(flows["scenario"] == meta.scenarios[-1]) & (flows["year"] == meta.target_year)]
    drawn = sankey(own, _HEIGHT, _GAP)
    if not drawn.nodes:
        return None
    scale = energy_scale(max(node.energy_mwh for node in drawn.nodes), language)
    step = (_WIDTH - _BAR - 2) / max(1, drawn.columns - 1)
    parts = [
        text(1, 12, word("sankey.primary", language), anchor="start", bold=True),
        text(_WIDTH - 1, 12, f"{word('sankey.end_use', language)} · {scale.unit}", anchor="end", bold=True),
    ]
    for link in drawn.links:
        source, target = drawn.nodes[link.source], drawn.nodes[link.target]
        x0, x1 = 1 + source.column * step + _BAR, 1 + target.column * step
        y0, y1, bend = _HEAD + link.leaves, _HEAD + link.arrives, (x0 + x1) / 2
        path = (
            f"M{x0:.1f} {y0:.1f}C{bend:.1f} {y0:.1f} {bend:.1f} {y1:.1f} {x1:.1f} {y1:.1f}V{y1 + link.width:.1f}"
            f"C{bend:.1f} {y1 + link.width:.1f} {bend:.1f} {y0 + link.width:.1f} {x0:.1f} {y0 + link.width:.1f}Z"
        )
        parts.append(f'<path d="{path}" fill="{_colour(source)}" fill-opacity="{_OPACITY}"/>')
    for node in drawn.nodes:
        x, y = 1 + node.column * step, _HEAD + node.top
        parts.append(
            f'<rect x="{x:.1f}" y="{y:.1f}" width="{_BAR}" height="{max(node.bottom - node.top, 1.0):.1f}" '
            f'fill="{_colour(node)}"/>'
        )
        last = node.column == drawn.columns - 1
        label = f"{_name(node, language)} {three(node.energy_mwh / scale.divisor)}"
        width = text_width(label) * 0.92
        start = x - 6 - width if last else x + _BAR + 4
        middle = _HEAD + (node.top + node.bottom) / 2
        parts.append(
            f'<rect x="{start - 2:.1f}" y="{middle - 7:.1f}" width="{width + 4:.1f}" height="14" fill="#ffffff" '
            'fill-opacity="0.72" rx="2"/>'
        )
        anchor, at = ("end", x - 6) if last else ("start", x + _BAR + 4)
        parts.append(text(at, middle + 4, label, anchor=anchor, size=11, colour="#1b2a33"))
    title = word("picture.sankey", language, year=meta.target_year, scenario=_scenario(meta, language))
    return svg(title, parts, _WIDTH, drawn.height + _HEAD + _FOOT)


def _scenario(meta: RunMeta, language: Language) -> str:
    return word(f"short.{meta.scenarios[-1]}", language)
