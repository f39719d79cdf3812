"""Maps of the networks of Zug and Lujiazui."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely

from lujiazui_network import Area, Network
from network_map import BUILDING, INK, QUIET, STREET, WATER, Canvas, Frame, Labels
from zug_network import Laid, Route, Shapes
from zug_network_layout import Comparison

THEIRS, OURS, SERVED = "#c05621", "#0b69a3", "#ddd2bd"
PLANTS = ("#0b69a3", "#c05621", "#2f855a", "#805ad5", "#b7791f")
MARGIN_M = 18.0
APART_M = 1.0
"""Routes farther from each other than this are drawn as different."""
AROUND = [
    (0.0, -11.0),
    (0.0, 12.0),
    (24.0, 0.0),
    (-24.0, 0.0),
    (20.0, -10.0),
    (-20.0, -10.0),
    (20.0, 11.0),
    (-20.0, 11.0),
]
ON_PIPE = [(0.0, 0.0), (0.0, -9.0), (0.0, 9.0), (10.0, 0.0), (-10.0, 0.0)]


def _width(dn_mm: float) -> float:
    """Return how wide a pipe of the town is drawn [px]."""
    return 1.2 + dn_mm / 22.0


def _thin(dn_mm: float) -> float:
    """Return how wide a pipe of the city is drawn [px]."""
    return 0.8 + dn_mm / 160.0


def _courses(route: Route) -> list[Any]:
    """Return the course of each pipe between branching points."""
    return [shapely.line_merge(shapely.union_all(route.lines[pipe])) for pipe in route.pipes]


def _by_size(laid: Laid) -> dict[float, list[Any]]:
    """Return the courses of pipes by their nominal diameter, largest first."""
    found: dict[float, list[Any]] = {}
    for pipe, line in zip(laid.route.pipes, _courses(laid.route), strict=True):
        found.setdefault(float(laid.dn_mm[pipe[0]]), []).append(line)
    return dict(sorted(found.items(), reverse=True))


def _ground(canvas: Canvas, frame: Frame, at: Comparison, served: Sequence[str]) -> None:
    rest = at.buildings.index.difference(list(served))
    canvas.add(
        frame.area(at.buildings.geometry[rest], BUILDING, "#d8cfc0"),
        frame.area(at.buildings.geometry[list(served)], SERVED, "#b8a98c"),
        frame.line(at.streets.geometry, STREET, 1.3),
    )


def _plant(canvas: Canvas, x: float, y: float, colour: str = INK, size: float = 12.0) -> None:
    half = size / 2.0
    place = f'x="{x - half:.1f}" y="{y - half:.1f}" width="{size:g}" height="{size:g}"'
    canvas.add(f'<rect {place} fill="{colour}" stroke="#ffffff" stroke-width="2"/>')


def _panel(
    canvas: Canvas, frame: Frame, at: Comparison, served: Sequence[str], route: Route, other: Route, colour: str,
    unlike: str, sizes: Laid | None,
) -> None:  # fmt: skip
    """Draw one route over the streets, and where the other runs elsewhere."""
    _ground(canvas, frame, at, served)
    elsewhere = shapely.difference(other.shape, shapely.buffer(route.shape, APART_M))
    by_size = {100.0: _courses(route)} if sizes is None else _by_size(sizes)
    for dn, lines in by_size.items():
        canvas.add(frame.line(lines, colour, _width(dn)))
    canvas.add(frame.line([elsewhere], unlike, 2.2, "5 4"))
    labels = Labels()
    ends = frame.places(np.array([_end(route, place) for place in route.at]))
    labels.taken += [(x - 4.0, y - 4.0, 8.0, 8.0) for x, y in ends.tolist()]
    x, y = frame.places(_end(route, 0)[np.newaxis])[0].tolist()
    labels.taken.append((x - 8.0, y - 8.0, 16.0, 16.0))
    for px, py in ends.tolist():
        canvas.add(f'<circle cx="{px:.1f}" cy="{py:.1f}" r="3.6" fill="#ffffff" stroke="{INK}" stroke-width="1.6"/>')
    _plant(canvas, x, y)
    for name, (px, py) in zip(served, ends.tolist(), strict=True):
        labels.place(canvas, (px, py), name, 10.5, AROUND, font_weight="bold")
    labels.place(canvas, (x, y), "plant", 11.0, [(-24.0, 0.0), (0.0, -14.0), (0.0, 15.0)], font_weight="bold")
    if sizes is not None:
        for dn, lines in by_size.items():
            for line in lines:
                middle = shapely.get_coordinates(shapely.line_interpolate_point(line, 0.5, normalized=True))
                px, py = frame.places(middle)[0].tolist()
                if line.length * frame.scale > 26.0:
                    labels.place(canvas, (px, py), f"{dn:.0f}", 10.0, ON_PIPE, must=False, fill=colour)
    canvas.add(frame.edge())


def _end(route: Route, place: int) -> np.ndarray:
    """Return the end of a pipe that is away from the plant, or the plant itself [m]."""
    tree = route.tree
    if place == 0:
        first = int(np.flatnonzero(tree.parent[1:] == 0)[0]) + 1
        line, others = route.lines[first], route.lines[np.flatnonzero(tree.parent == first)]
        ends = shapely.get_coordinates(line)[[0, -1]]
        far = shapely.distance(shapely.points(ends), shapely.union_all(others)) if len(others) else [1.0, 0.0]
        return np.asarray(ends[int(np.argmax(far))])
    ends = shapely.get_coordinates(route.lines[place])[[0, -1]]
    near = shapely.distance(shapely.points(ends), route.lines[tree.parent[place]] if tree.parent[place] else None)
    return np.asarray(ends[int(np.argmax(near))])


def _bounds(shapes: Shapes) -> list[float]:
    west, south, east, north = shapely.total_bounds(shapes).tolist()
    return [west - MARGIN_M, south - MARGIN_M, east + MARGIN_M, north + MARGIN_M]


def _legend(canvas: Canvas, x: float, y: float, sizes: Sequence[int], marks: Sequence[str]) -> None:
    """Explain widths and marks in a line."""
    for dn in sizes:
        canvas.add(f'<path d="M{x:.1f} {y - 4:.1f}h26" stroke="{QUIET}" stroke-width="{_width(dn):.1f}"/>')
        canvas.text(x + 32.0, y, f"DN {dn}", 11.0, fill=QUIET)
        x += 88.0
    for mark in marks:
        if mark == "consumer":
            canvas.add(
                f'<circle cx="{x + 8:.1f}" cy="{y - 4:.1f}" r="3.6" fill="#fff" stroke="{INK}" stroke-width="1.6"/>'
            )
            x += 18.0
        elif mark == "street":
            canvas.add(f'<path d="M{x:.1f} {y - 4:.1f}h22" stroke="{STREET}" stroke-width="1.6"/>')
            x += 28.0
        else:
            canvas.add(
                f'<path d="M{x:.1f} {y - 4:.1f}h24" stroke="{QUIET}" stroke-width="2.2" stroke-dasharray="5 4"/>'
            )
            x += 30.0
        canvas.text(x, y, mark, 11.0, fill=QUIET)
        x += 7.0 * len(mark) + 12.0


def cooling(at: Comparison) -> str:
    """Return the map of the published cooling network beside ours."""
    theirs, ours, served = at.theirs, at.found.laid, list(at.published.consumers)
    return _two_panels(
        at,
        served,
        (theirs.route, theirs, f"Published: {theirs.route.trench_m:,.0f} m, DN {theirs.mean_dn:.0f} in the mean"),
        (ours.route, ours, f"nearzero: {ours.route.trench_m:,.0f} m, DN {ours.mean_dn:.0f} in the mean"),
        (32, 65, 125, 200),
    )


def heating(at: Comparison) -> str:
    """Return the map of the published heating layout beside the shortest tree."""
    other = next(one for one in at.others if one.name.startswith("DH"))
    return _two_panels(
        at,
        other.consumers,
        (other.published, None, f"Published heating layout: {other.published.trench_m:,.0f} m"),
        (other.shortest, None, f"Shortest tree: {other.shortest.trench_m:,.0f} m"),
        (),
    )


def _two_panels(
    at: Comparison, served: Sequence[str], left: tuple[Route, Laid | None, str], right: tuple[Route, Laid | None, str],
    sizes: Sequence[int],
) -> str:  # fmt: skip
    wide, gap, top = 520.0, 24.0, 40.0
    shapes = np.concatenate([left[0].lines[1:], right[0].lines[1:], at.buildings.geometry[list(served)].to_numpy()])
    first = Frame.around(_bounds(shapes), 12.0, top, wide)
    second = Frame.around(_bounds(shapes), 12.0 + wide + gap, top, wide)
    canvas = Canvas(wide * 2.0 + gap + 24.0, first.height + top + 44.0)
    for frame, one, two, colour, unlike in (
        (first, left, right, THEIRS, OURS),
        (second, right, left, OURS, THEIRS),
    ):
        canvas.text(frame.left, 26.0, one[2], 15.0, fill=colour, font_weight="bold")
        _panel(canvas, frame, at, served, one[0], two[0], colour, unlike, one[1])
    y = first.top + first.height + 26.0
    first.scale_bar(canvas, 50, 14.0, y)
    _legend(canvas, 225.0, y, sizes, ("consumer", "street", "where the other route runs elsewhere"))
    return canvas.svg()


def city(area: Area, network: Network) -> str:
    """Return the map of a network in Lujiazui."""
    graph, wide, top = area.fronted.graph, 1080.0, 40.0
    west, south, east, north = area.buildings.total_bounds.tolist()
    frame = Frame.around([west - 60.0, south - 60.0, east + 60.0, north + 60.0], 12.0, top, wide)
    canvas = Canvas(wide + 24.0, frame.height + top + 44.0)
    shapes = area.buildings.geometry
    canvas.text(
        12.0, 26.0, f"Lujiazui: cold for {network.joined.sum():,} buildings, demand made up", 15.0, font_weight="bold"
    )
    canvas.add(
        frame.area([shapely.union_all(shapely.make_valid(area.water.geometry.to_numpy()))], WATER),
        frame.area(shapes[~network.joined], BUILDING, "#d8cfc0"),
        frame.area(shapes[network.joined], SERVED),
        frame.line(graph.lines[graph.street_class != "service"], STREET, 0.8),
    )
    labels = Labels()
    plants = list(zip(network.trees, network.sized, PLANTS, strict=False))
    for tree, sized, colour in plants:
        dn = network.engineer.pipes.dn_mm[sized.size[1:]]
        for size in np.unique(dn).tolist():
            line = shapely.line_merge(shapely.union_all(graph.lines[tree.edge[1:][dn == size]]))
            canvas.add(frame.line([line], colour, _thin(size)))
    for tree, _, colour in plants:
        x, y = frame.places(graph.points[tree.node[:1]])[0].tolist()
        labels.taken.append((x - 9.0, y - 9.0, 18.0, 18.0))
        _plant(canvas, x, y, colour, 15.0)
    for tree, sized, colour in plants:
        x, y = frame.places(graph.points[tree.node[:1]])[0].tolist()
        words = f"{sized.design_kw[0] / 1e3:,.0f} MW"
        labels.place(canvas, (x, y), words, 14.0, [(0.0, -19.0), (0.0, 20.0)], fill=colour, font_weight="bold")
    canvas.add(frame.edge())
    y = frame.top + frame.height + 26.0
    frame.scale_bar(canvas, 500, 14.0, y)
    x = 230.0
    for size in (100, 400, 800):
        canvas.add(f'<path d="M{x:.1f} {y - 4:.1f}h26" stroke="{QUIET}" stroke-width="{_thin(size):.1f}"/>')
        canvas.text(x + 32.0, y, f"DN {size}", 11.0, fill=QUIET)
        x += 88.0
    for fill, words in ((SERVED, "joined"), (BUILDING, "not joined"), (WATER, "water")):
        canvas.add(f'<rect x="{x:.1f}" y="{y - 11:.1f}" width="18" height="12" fill="{fill}" stroke="#b8a98c"/>')
        canvas.text(x + 24.0, y, words, 11.0, fill=QUIET)
        x += 100.0
    _plant(canvas, x + 6.0, y - 4.0, QUIET)
    canvas.text(x + 18.0, y, "plant; pipes in its colour", 11.0, fill=QUIET)
    rights = "© OpenStreetMap contributors"
    canvas.text(frame.left + wide, 26.0, rights, 11.0, fill=QUIET, text_anchor="end")
    return canvas.svg()
