"""QGIS styles for the layers, as QML: land use in planning colours, quantities by ramps, networks by kind."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal
from xml.etree import ElementTree as ET

import numpy as np
import pandas as pd

Shape = Literal["fill", "line", "marker"]

RAMPS: dict[str, tuple[str, ...]] = {
    "sun": ("#fff7d6", "#fee391", "#fec44f", "#ec7014", "#993404"),
    "heat": ("#fee5d9", "#fcae91", "#fb6a4a", "#de2d26", "#a50f15"),
    "cold": ("#eff3ff", "#bdd7e7", "#6baed6", "#3182bd", "#08519c"),
    "co2": ("#f2f2f2", "#cccccc", "#969696", "#636363", "#252525"),
    "energy": ("#edf8fb", "#b3cde3", "#8c96c6", "#8856a7", "#810f7c"),
    "wind": ("#f0f9e8", "#bae4bc", "#7bccc4", "#43a2ca", "#0868ac"),
}
"""Ramps of five steps whose lightness falls steadily, so that colour-blind readers can tell them (ColorBrewer 2)."""

HEATING, COOLING = "#c0392b", "#2471a3"
NO_VALUE = "#e6e6e6"


@dataclass(frozen=True, slots=True)
class Step:
    """One class of a style: what it matches (a value, or bounds), how it is drawn and named."""

    label: str
    colour: str
    value: str = ""
    low: float = 0.0
    high: float = 0.0
    width: float = 0.1


def _option(parent: ET.Element, options: dict[str, str]) -> None:
    group = ET.SubElement(parent, "Option", type="Map")
    for name, value in options.items():
        ET.SubElement(group, "Option", type="QString", name=name, value=value)
    for name, value in options.items():  # QGIS before 3.26 reads these
        ET.SubElement(parent, "prop", k=name, v=value)


def _rgba(colour: str, alpha: int = 255) -> str:
    red, green, blue = (int(colour[start : start + 2], 16) for start in (1, 3, 5))
    return f"{red},{green},{blue},{alpha}"


def _symbol(parent: ET.Element, name: str, shape: Shape, step: Step) -> None:
    symbol = ET.SubElement(parent, "symbol", type=shape, name=name, alpha="1", clip_to_extent="1", force_rhr="0")
    if shape == "fill":
        kind = "SimpleFill"
        options = {
            "color": _rgba(step.colour),
            "style": "solid",
            "outline_color": _rgba("#7f8a91", 140),
            "outline_style": "solid",
            "outline_width": f"{step.width:g}",
            "outline_width_unit": "MM",
        }
    elif shape == "line":
        kind = "SimpleLine"
        options = {
            "line_color": _rgba(step.colour),
            "line_style": "solid",
            "line_width": f"{step.width:g}",
            "line_width_unit": "MM",
            "capstyle": "round",
            "joinstyle": "round",
        }
    else:
        kind = "SimpleMarker"
        options = {
            "name": "circle",
            "color": _rgba(step.colour),
            "outline_color": _rgba("#ffffff"),
            "outline_width": "0.3",
            "outline_width_unit": "MM",
            "size": f"{step.width:g}",
            "size_unit": "MM",
        }
    _option(ET.SubElement(symbol, "layer", {"class": kind, "enabled": "1", "locked": "0", "pass": "0"}), options)


def _document(renderer: ET.Element) -> str:
    root = ET.Element("qgis", version="3.22.0", styleCategories="Symbology")
    root.append(renderer)
    ET.indent(root, " ")
    return "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n" + ET.tostring(root, encoding="unicode")


def single(shape: Shape, colour: str, width: float = 0.1, *, hollow: bool = False) -> str:
    """Return a style that draws everything alike; `hollow` areas show only their outline."""
    renderer = ET.Element("renderer-v2", type="singleSymbol", symbollevels="0", enableorderby="0", forceraster="0")
    symbols = ET.SubElement(renderer, "symbols")
    if not hollow:
        _symbol(symbols, "0", shape, Step("", colour, width=width))
        return _document(renderer)
    symbol = ET.SubElement(symbols, "symbol", type="fill", name="0", alpha="1", clip_to_extent="1", force_rhr="0")
    options = {
        "color": _rgba(colour, 0),
        "style": "no",
        "outline_color": _rgba(colour),
        "outline_style": "solid",
        "outline_width": f"{width:g}",
        "outline_width_unit": "MM",
    }
    layer = {"class": "SimpleFill", "enabled": "1", "locked": "0", "pass": "0"}
    _option(ET.SubElement(symbol, "layer", layer), options)
    return _document(renderer)


def categorised(shape: Shape, column: str, steps: Sequence[Step]) -> str:
    """Return a style with one symbol per value of a column."""
    renderer = ET.Element(
        "renderer-v2", type="categorizedSymbol", attr=column, symbollevels="0", enableorderby="0", forceraster="0"
    )
    categories = ET.SubElement(renderer, "categories")
    symbols = ET.SubElement(renderer, "symbols")
    for number, step in enumerate(steps):
        ET.SubElement(
            categories,
            "category",
            symbol=str(number),
            value=step.value,
            label=step.label,
            render="true",
            type="bool" if step.value in {"true", "false"} else "string",
        )
        _symbol(symbols, str(number), shape, step)
    return _document(renderer)


def graduated(shape: Shape, column: str, steps: Sequence[Step]) -> str:
    """Return a style with one symbol per range of a column."""
    renderer = ET.Element(
        "renderer-v2",
        type="graduatedSymbol",
        attr=column,
        graduatedMethod="GraduatedColor",
        symbollevels="0",
        enableorderby="0",
        forceraster="0",
    )
    ranges = ET.SubElement(renderer, "ranges")
    symbols = ET.SubElement(renderer, "symbols")
    for number, step in enumerate(steps):
        ET.SubElement(
            ranges,
            "range",
            symbol=str(number),
            lower=f"{step.low:.10g}",
            upper=f"{step.high:.10g}",
            label=step.label,
            render="true",
        )
        _symbol(symbols, str(number), shape, step)
    return _document(renderer)


def rules(shape: Shape, steps: Sequence[tuple[str, Step]]) -> str:
    """Return a style with one symbol per rule: a QGIS expression and how what meets it is drawn."""
    renderer = ET.Element("renderer-v2", type="RuleRenderer", symbollevels="0", enableorderby="0", forceraster="0")
    group = ET.SubElement(renderer, "rules", key="all")
    symbols = ET.SubElement(renderer, "symbols")
    for number, (expression, step) in enumerate(steps):
        ET.SubElement(group, "rule", key=f"rule{number}", filter=expression, symbol=str(number), label=step.label)
        _symbol(symbols, str(number), shape, step)
    return _document(renderer)


def _round_up(value: float) -> float:
    """Return the next number of two significant digits."""
    magnitude = 10.0 ** (np.floor(np.log10(value)) - 1)
    return float(np.ceil(value / magnitude - 1e-9) * magnitude)


def ramp_steps(values: pd.Series, ramp: str, unit: str) -> list[Step]:
    """Return five classes of about equal count over the positive values, with round bounds; zero is its own class."""
    colours = RAMPS[ramp]
    positive = values[values > 0].dropna().to_numpy(dtype=np.float64)
    steps = [Step(f"0 {unit}".strip(), NO_VALUE, low=min(0.0, float(values.min())) if len(values) else 0.0, high=0.0)]
    if positive.size == 0:
        return steps
    bounds = np.quantile(positive, np.linspace(0, 1, len(colours) + 1))[1:]
    edges = list(dict.fromkeys([0.0, *(_round_up(bound) for bound in bounds)]))
    for low, high, colour in zip(edges[:-1], edges[1:], colours[-(len(edges) - 1) :], strict=False):
        steps.append(Step(f"{low:g} - {high:g} {unit}".strip(), colour, low=low, high=high))
    return steps


def even_steps(values: pd.Series, ramp: str, unit: str) -> list[Step]:
    """Return five classes of equal and round width, for values that lie close together but for a few.

    The lowest and the highest class are open: a hundredth of the values may lie beyond at either end.
    """
    colours = RAMPS[ramp]
    known = values.dropna().to_numpy(dtype=np.float64)
    least, most = np.quantile(known, (0.01, 0.99)) if known.size else (0.0, 0.0)
    if most <= least:
        return ramp_steps(values, ramp, unit)
    exact = (most - least) / (len(colours) - 1)
    power = 10.0 ** np.floor(np.log10(exact))
    width = float(next(lead * power for lead in (1.0, 2.0, 2.5, 5.0, 10.0) if lead * power >= exact))
    top = np.ceil(most / width) - 1.0
    inner = [float((top - place) * width) for place in reversed(range(len(colours) - 1))]
    edges = [min(0.0, float(known.min())), *inner, max(float(known.max()), inner[-1] + width)]
    labels = [f"< {inner[0]:g}", *(f"{low:g} - {high:g}" for low, high in pairwise(inner)), f"> {inner[-1]:g}"]
    return [
        Step(f"{label} {unit}".strip(), colour, low=low, high=high)
        for label, colour, low, high in zip(labels, colours, edges[:-1], edges[1:], strict=True)
    ]
