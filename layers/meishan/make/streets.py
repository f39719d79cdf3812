"""The street network: district grids, coast and valley roads, the expressway and the bridges, noded into one graph."""

from collections import Counter

import networkx as nx
import numpy as np
import shapely
from shapely.geometry import LineString, Point
from shapely.geometry.base import BaseGeometry
from shapely.strtree import STRtree

from layers.meishan.make.districts import BAIFENG, BAY, CHUNXIAO, GUOJU, District, lines_of
from layers.meishan.make.frame import Guide, LonLat, belt, curve, line

CLASSES = ("motorway", "trunk", "primary", "secondary", "tertiary", "local")
WIDTH_M = {"motorway": 60.0, "trunk": 50.0, "primary": 42.0, "secondary": 30.0, "tertiary": 22.0, "local": 14.0}
"""Road reserve between the red lines, mid-range of what Chinese zoning plans draw for each class."""

SPUR_M = 70.0
SNAP_M = 1.0

Drawn = tuple[LineString, str, str]

COUNTRY: tuple[tuple[str, str, LonLat], ...] = (
    ("trunk", "沿海中线", (
        (122.0010, 29.8262), (122.0080, 29.8272), (122.0190, 29.8300), (122.0330, 29.8355), (122.0480, 29.8415),
        (122.0650, 29.8505), (122.0830, 29.8580), (122.0960, 29.8650), (122.1120, 29.8745), (122.1205, 29.8765),
        (122.1230, 29.8830), (122.1180, 29.8905), (122.1080, 29.8940),
    )),
    ("secondary", "上阳路", (
        (122.0120, 29.8720), (122.0150, 29.8630), (122.0130, 29.8560), (122.0170, 29.8450), (122.0200, 29.8380),
        (122.0215, 29.8308),
    )),
    ("secondary", "三山路", ((121.8842, 29.7412), (121.8815, 29.7480), (121.8830, 29.7560),
        (121.8890, 29.7680), (121.8970, 29.7790),
                          (121.9050, 29.7900), (121.9150, 29.7990), (121.9280, 29.8090), (121.9420, 29.8185))),
    ("tertiary", "西岙线", ((121.8970, 29.7790), (121.8880, 29.7860), (121.8810, 29.7930))),
    ("tertiary", "咸祥线", ((121.8720, 29.7060), (121.8700, 29.7130), (121.8780, 29.7210))),
    ("tertiary", "慈岙线", ((121.9280, 29.8090), (121.9250, 29.8190), (121.9200, 29.8240))),
    ("tertiary", "下阳线", ((122.0240, 29.8735), (122.0350, 29.8700), (122.0480, 29.8690))),
    ("tertiary", "门浦线", ((122.0130, 29.8560), (122.0000, 29.8530), (121.9880, 29.8520), (121.9760, 29.8520))),
    ("tertiary", "勤山线", ((122.0200, 29.8620), (122.0330, 29.8560), (122.0420, 29.8540))),
    ("tertiary", "峙头线", ((122.1180, 29.8905), (122.1060, 29.8880), (122.0960, 29.8875), (122.0900, 29.8860))),
)  # fmt: skip
"""Roads outside the districts, each through the valleys it serves."""

BAIFENG_ROAD: tuple[LonLat, LonLat] = (
    ((121.9420, 29.8840), (121.9500, 29.8822)),
    ((122.0030, 29.8790), (122.0060, 29.8740), (122.0120, 29.8720), (122.0240, 29.8735), (122.0275, 29.8835),
     (122.0400, 29.8855), (122.0500, 29.8845)),
)  # fmt: skip
"""The road along the north shore, west of Baifeng and between Baifeng and Guoju; in town it is the main street."""

EXPRESSWAY_EAST: LonLat = (
    (121.9800, 29.8400), (121.9940, 29.8520), (122.0150, 29.8582), (122.0400, 29.8625), (122.0640, 29.8700),
    (122.0850, 29.8785), (122.1010, 29.8855), (122.1090, 29.8950),
)  # fmt: skip
"""Chuanshan expressway where it leaves the bay for the north-east; its course through the hills is a tunnel."""


def country_roads() -> list[Drawn]:
    """Return trunk roads, valley roads, the expressway and the crossings of Meishan bay."""
    mainland, bay = Guide(line(CHUNXIAO), 1), Guide(line(BAY), -1)
    baifeng, guoju = Guide(line(BAIFENG), -1), Guide(line(GUOJU), -1)
    drawn: list[Drawn] = [(line(course), kind, name) for kind, name, course in COUNTRY]
    before, after = (belt(part) for part in BAIFENG_ROAD)
    town = baifeng.at(np.linspace(760.0, 3420.0, 8), 700.0)
    drawn.append(
        (curve(np.vstack([before, town, after, guoju.at(np.array([0.0, 190.0, 380.0]), 400.0)])), "primary", "白峰线")
    )
    drawn.append((LineString([drawn[0][0].coords[-1], guoju.at(3380.0, 400.0)[0]]), "trunk", "沿海中线"))
    foot = mainland.at(np.linspace(200.0, 15200.0, 9), 1960.0)
    drawn.append((curve(np.vstack([foot, belt(EXPRESSWAY_EAST)])), "motorway", "穿山疏港高速"))
    coast = mainland.row(1100.0, 200.0, 18000.0)
    east_end = line(COUNTRY[0][2]).coords[0]
    drawn.append((LineString([*coast.coords, east_end]), "trunk", "沿海中线"))
    drawn += [
        (mainland.cross(station, 1080.0, 2000.0), "primary", "高速连接线") for station in (10400.0, 14400.0, 17200.0)
    ]
    for station, name in ((4800.0, "梅山春晓大桥"), (8400.0, "梅山大桥")):
        abutment = bay.at(station, np.array([490.0, 60.0]))
        along, _ = mainland.where(Point(abutment[-1]))
        column = 4000.0 + 400.0 * round((along - 4000.0) / 400.0)
        landing = mainland.at(column, np.array([100.0, 1115.0]))
        drawn.append((LineString([*abutment, *landing]), "primary", name))
    east = bay.row(470.0, 7900.0, 10800.0)
    drawn.append((east, "primary", "梅山北路"))
    dam = (
        *east.coords[-1:],
        bay.at(10800.0, 60.0)[0],
        *shapely.get_coordinates(line(((122.0030, 29.8215), (122.0045, 29.8275)))),
    )
    drawn.append((LineString(dam), "primary", "梅山北堤路"))
    return drawn


def _classify(pieces: list[LineString], drawn: list[Drawn]) -> list[Drawn]:
    """Give every noded piece the highest class among the drawn lines it lies on."""
    tree = STRtree([course for course, _, _ in drawn])
    middles = [piece.interpolate(0.5, normalized=True) for piece in pieces]
    named = []
    for piece, middle in zip(pieces, middles, strict=True):
        near = tree.query(middle, predicate="dwithin", distance=3.0)
        if len(near) == 0:
            near = tree.query_nearest(middle, all_matches=False)
        best = min(near, key=lambda index: (CLASSES.index(drawn[index][1]), index))
        named.append((piece, drawn[best][1], drawn[best][2]))
    return named


def _without_spurs(pieces: list[LineString], longest_m: float) -> list[LineString]:
    kept = pieces
    for _ in range(3):
        ends = Counter(node for piece in kept for node in (piece.coords[0], piece.coords[-1]))
        kept = [
            piece
            for piece in kept
            if piece.length > longest_m or min(ends[piece.coords[0]], ends[piece.coords[-1]]) > 1
        ]
    return kept


def _joined(named: list[Drawn], forbidden: BaseGeometry) -> list[Drawn]:
    """Tie every stray part of the network to the main one by its shortest link, or drop it where it is short."""
    graph = nx.Graph()
    for number, (piece, _, _) in enumerate(named):
        graph.add_edge(piece.coords[0], piece.coords[-1], number=number)
    parts = sorted((sorted(part) for part in nx.connected_components(graph)), key=lambda part: (-len(part), part[0]))
    main = np.array(parts[0])
    joined = list(named)
    dropped: set[int] = set()
    for part in parts[1:]:
        numbers = [data["number"] for _, _, data in graph.subgraph(part).edges(data=True)]
        nodes = np.array(part)
        apart = np.hypot(nodes[:, None, 0] - main[None, :, 0], nodes[:, None, 1] - main[None, :, 1])
        here, there = np.unravel_index(int(apart.argmin()), apart.shape)
        link = LineString([nodes[here], main[there]])
        length = sum(named[number][0].length for number in numbers)
        if length < 500.0 or link.intersects(forbidden):
            dropped.update(numbers)
        else:
            joined.append((link, "tertiary", named[numbers[0]][2]))
            main = np.vstack([main, nodes])
    return [street for number, street in enumerate(joined) if number not in dropped]


def noded(drawn: list[Drawn], sea: BaseGeometry) -> list[Drawn]:
    """Cut all streets where they meet and return one connected network.

    Parameters
    ----------
    drawn
        Courses with road class and name; they may cross, overlap and overshoot.
    sea
        Water that only the drawn bridges cross: no link is invented over it.
    """
    courses = [course.simplify(1.5) for course, _, _ in drawn]
    merged = shapely.line_merge(shapely.union_all(courses, grid_size=SNAP_M))
    pieces = [piece for piece in shapely.get_parts(merged) if piece.length > 0.0]
    pieces = _without_spurs(pieces, SPUR_M)
    return sorted(_joined(_classify(pieces, drawn), sea), key=lambda street: street[0].coords[0])


def network(found: list[District], villages: list[Drawn], zone: BaseGeometry, sea: BaseGeometry) -> list[Drawn]:
    """Return the streets of the zone, noded, in one component."""
    inside = zone.buffer(-5.0)
    drawn: list[Drawn] = []
    for course, kind, name in [*country_roads(), *(street for d in found for street in lines_of(d)), *villages]:
        parts = shapely.get_parts(shapely.line_merge(course.intersection(inside)))
        drawn += [(part, kind, name) for part in parts if isinstance(part, LineString) and part.length > 40.0]
    return noded(drawn, sea.buffer(-20.0))


def reserves(streets: list[Drawn]) -> dict[str, BaseGeometry]:
    """Return the ground between the red lines: all streets, and the expressway alone."""
    strips = [course.buffer(WIDTH_M[kind] / 2.0, cap_style="square", join_style="mitre") for course, kind, _ in streets]
    express = [strip for strip, (_, kind, _) in zip(strips, streets, strict=True) if kind == "motorway"]
    return {"all": shapely.union_all(strips), "motorway": shapely.union_all(express)}
