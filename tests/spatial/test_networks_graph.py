"""Streets to a graph: what is snapped, split, bridged and left out, and where parcels join."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import cKDTree
from shapely import LineString, MultiLineString, Point, Polygon, box
from shapely.ops import substring

import zug
from layers.errors import Findings
from layers.streets import StreetOptions, read_streets
from layers.vector import Source
from spatial.networks.streets import (
    Digging,
    StreetGraph,
    dig_factors,
    front,
    reasons,
    street_graph,
    unreachable_parcels,
)

CRS = "EPSG:4549"
MEISHAN = Path(__file__).parents[2] / "layers" / "meishan" / "plan.gpkg"
SNAP_M, GAP_M, FRONTAGE_M = 1.0, 15.0, 80.0


def streets(
    *lines: LineString | MultiLineString, road_class: str | list[str] = "local", level: int | list[int] = 0
) -> gpd.GeoDataFrame:
    table = gpd.GeoDataFrame(
        {"name": "", "road_class": road_class, "level": level},
        index=range(len(lines)),
        geometry=list(lines),
        crs=CRS,
    )
    table.index = table.index.astype("str").rename("street_id")
    return table


def distances(graph: StreetGraph, places: np.ndarray) -> np.ndarray:
    """Shortest ways between the nodes nearest to places, places x places [m]; infinite between pieces."""
    # of parallel edges the shortest counts, where a matrix would take their sum
    frame = pd.DataFrame({"a": graph.ends.min(axis=1), "b": graph.ends.max(axis=1), "length": graph.lengths})
    least = frame.groupby(["a", "b"], as_index=False)["length"].min()
    size = len(graph.points)
    matrix = coo_array((least["length"], (least["a"], least["b"])), shape=(size, size)).tocsr()
    nodes = cKDTree(graph.points).query(places)[1]
    return dijkstra(matrix, directed=False, indices=nodes)[:, nodes]


def random_lines(seed: int, count: int = 12, corners: int = 3) -> list[LineString]:
    rng = np.random.default_rng(seed)
    return [LineString(rng.uniform(0, 500, (corners, 2)).round(2)) for _ in range(count)]


def test_crossing_and_touching_lines_are_split() -> None:
    graph, repairs = street_graph(
        streets(LineString([(0, 0), (100, 0)]), LineString([(50, -50), (50, 50)]), LineString([(80, 0), (80, 40)])),
        1,
        10,
    )
    assert len(graph.ends) == 6
    assert len(graph.points) == 7
    assert graph.lengths.sum() == pytest.approx(240.0)
    assert graph.pieces().max() == 0
    assert repairs["kind"].tolist() == ["split", "split"]
    assert {(point.x, point.y) for point in repairs.geometry} == {(50.0, 0.0), (80.0, 0.0)}


def test_ends_are_snapped_to_ends_and_lines() -> None:
    graph, repairs = street_graph(
        streets(
            LineString([(0, 0), (100, 0)]), LineString([(100.6, 0.3), (200, 0)]), LineString([(50, 0.8), (50, 90)])
        ),
        1,
        0,
    )
    assert graph.pieces().max() == 0
    snapped = repairs[repairs["kind"] == "snapped"]
    assert sorted(snapped["distance_m"].round(3)) == [pytest.approx(0.671, abs=1e-3), pytest.approx(0.8)]
    assert (repairs["kind"] == "split").sum() == 1


def test_no_end_moves_farther_than_the_tolerance() -> None:
    # a row of ends each within reach of the next must not be pulled together
    lines = [LineString([(at * 0.9, 0), (at * 0.9, 50 + at)]) for at in range(6)]
    graph, repairs = street_graph(streets(*lines), 1, 0)
    assert repairs.loc[repairs["kind"] == "snapped", "distance_m"].max() <= 1.0
    assert graph.pieces().max() > 0


def test_a_street_that_moves_takes_along_the_one_that_ends_on_it() -> None:
    main, side = LineString([(0, 0), (10, 0)]), LineString([(9.5, 0), (9.5, 40)])
    graph, _ = street_graph(streets(main, LineString([(10, 0.9), (60, 0.9)]), side), 1, 0)
    assert graph.pieces().max() == 0


def test_a_junction_beside_a_street_is_put_onto_it() -> None:
    graph, repairs = street_graph(
        streets(
            LineString([(0, 0), (100, 0)]), LineString([(50, 0.6), (30, 60)]), LineString([(50, 0.6), (70, 60)]),
            LineString([(50, 0.6), (50, 60)]),
        ), 1, 0,
    )  # fmt: skip
    assert graph.pieces().max() == 0
    assert (repairs["kind"] == "snapped").sum() == 1


def test_gaps_are_bridged_once_and_only_between_pieces() -> None:
    lines = streets(LineString([(0, 0), (100, 0)]), LineString([(108, 0), (200, 0)]), LineString([(150, 8), (150, 90)]))
    graph, repairs = street_graph(lines, 1, 10)
    assert graph.pieces().max() == 0
    gaps = repairs[repairs["kind"] == "gap"]
    assert gaps["distance_m"].round(6).tolist() == [8.0, 8.0]
    assert graph.lengths[graph.street_class == "gap"].tolist() == [pytest.approx(8.0)] * 2
    assert street_graph(lines, 1, 5)[0].pieces().max() == 2
    loop = streets(LineString([(0, 0), (100, 0), (100, 50), (0, 50), (0, 5)]))
    assert (street_graph(loop, 1, 10)[1]["kind"] != "gap").all()


def test_a_ring_beside_a_street_is_joined_though_it_ends_nowhere() -> None:
    ring = LineString([(10, 8), (90, 8), (90, 60), (10, 60), (10, 8)])
    graph, repairs = street_graph(streets(LineString([(0, 0), (100, 0), (100, 80)]), ring), 1, 10)
    assert graph.pieces().max() == 0
    assert repairs["kind"].tolist().count("gap") == 1


def test_repairs_tell_the_places_before_and_after() -> None:
    _, repairs = street_graph(
        streets(
            LineString([(0, 0), (100, 0)]),
            LineString([(100.6, 0.3), (200, 0)]),
            LineString([(150, 9), (150, 90)]),
            LineString([(0, 50), (60, 50)]),
            road_class=["local", "local", "local", "motorway"],
        ),
        1,
        10,
    )
    moved = repairs.set_index("kind")
    places = ["x_before_m", "y_before_m", "x_after_m", "y_after_m"]
    assert moved.loc["snapped", places].tolist() == [100.6, 0.3, 100.0, 0.0]
    gap = moved.loc["gap"]
    assert gap[places[:2]].tolist() == [150.0, 9.0]
    assert np.hypot(gap["x_after_m"] - 150.0, gap["y_after_m"] - 9.0) == pytest.approx(gap["distance_m"])
    assert moved.loc["forbidden", [*places, "distance_m"]].tolist() == [0.0, 50.0, 60.0, 50.0, 60.0]
    assert (repairs.geometry.geom_type == "Point").all()
    assert moved.loc["forbidden", "geometry"] == Point(30, 50)


def test_doubled_and_overlapping_lines_count_once() -> None:
    graph, _ = street_graph(
        streets(LineString([(0, 0), (100, 0)]), LineString([(100, 0), (0, 0)]), LineString([(50, 0), (150, 0)])), 1, 0
    )
    assert graph.lengths.sum() == pytest.approx(150.0)


def test_edges_know_their_class_and_what_lies_twice_is_dug_where_it_is_cheapest() -> None:
    graph, _ = street_graph(
        streets(
            LineString([(0, 0), (100, 0)]), LineString([(50, 0), (150, 0)]), road_class=["primary", "tertiary"]
        ), 1, 0,
    )  # fmt: skip
    by_class = pd.Series(graph.lengths).groupby(graph.street_class).sum()
    assert by_class.round(6).to_dict() == {"primary": 50.0, "tertiary": 100.0}
    factors = dig_factors()
    assert graph.dig_factor.tolist() == [factors[name] for name in graph.street_class]
    assert factors["trunk"] >= factors["secondary"] >= factors["tertiary"] >= factors["local"] == 1.0


def test_no_pipe_is_laid_along_a_motorway_unless_it_is_allowed() -> None:
    lines = streets(LineString([(0, 0), (100, 0)]), LineString([(50, -50), (50, 50)]), road_class=["motorway", "local"])
    graph, repairs = street_graph(lines, 1, 0)
    # the motorway makes no junction either
    assert graph.street_class.tolist() == ["local"]
    assert repairs["kind"].tolist() == ["forbidden"]
    graph, repairs = street_graph(lines, 1, 0, Digging(factor={**dig_factors(), "motorway": 3.0}))
    assert sorted(graph.dig_factor) == [1.0, 1.0, 3.0, 3.0]
    assert repairs["kind"].tolist() == ["split"]


def test_streets_at_different_levels_meet_only_where_one_ends() -> None:
    below, bridge = LineString([(0, 0), (100, 0)]), LineString([(50, -50), (50, 50)])
    graph, _ = street_graph(streets(below, bridge, level=[0, 1]), 1, 0)
    assert len(graph.ends) == 2
    assert graph.pieces().max() == 1
    ramp = LineString([(50, 50), (50, 90), (100, 90), (100, 0.4)])
    graph, _ = street_graph(streets(below, bridge, ramp, level=[0, 1, 0]), 1, 0)
    assert graph.pieces().max() == 0
    # a bridge that ends on a street joins it
    graph, _ = street_graph(streets(below, LineString([(30, 0), (30, 50)]), level=[0, 1]), 1, 0)
    assert graph.pieces().max() == 0
    assert len(graph.ends) == 3


def test_a_table_without_levels_has_junctions_wherever_streets_cross() -> None:
    table = streets(LineString([(0, 0), (100, 0)]), LineString([(50, -50), (50, 50)]), level=[0, 1])
    assert len(street_graph(table.drop(columns="level"), 1, 0)[0].ends) == 4


def test_no_streets_make_an_empty_graph() -> None:
    graph, repairs = street_graph(streets(), 1, 10)
    assert len(graph.ends) == len(repairs) == 0
    assert repairs.crs == CRS
    parcels = np.array([box(0, 0, 1, 1)])
    joined = front(graph, parcels, 50, 1)
    assert joined.node.tolist() == [-1]
    assert reasons(joined, parcels, 50).tolist() == ["no_street"]


def test_lines_that_cross_themselves_or_have_no_length() -> None:
    eight = LineString([(0, 0), (100, 100), (100, 0), (0, 100)])
    nothing = LineString([(300, 300), (300, 300)])
    graph, _ = street_graph(streets(eight, nothing, eight), 1, 0)
    assert graph.lengths.sum() == pytest.approx(eight.length)
    assert len(graph.ends) == 3
    assert len(graph.points) == 3
    empty = street_graph(streets(nothing), 1, 0)[0]
    assert len(empty.ends) == len(empty.points) == 0


def test_what_is_no_street_is_refused_by_name() -> None:
    with np.errstate(invalid="ignore"):
        unknown = LineString([(0, 1), (9, np.nan)])
    bad = streets(LineString([(0, 0), (9, 0)]), unknown, box(0, 0, 1, 1))  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"streets must be lines \(2\); coordinates of streets must be finite \(1\)"):
        street_graph(bad, 1, 0)
    with pytest.raises(ValueError, match=r"road classes without a dig factor \(lane\)"):
        street_graph(streets(LineString([(0, 0), (9, 0)]), road_class="lane"), 1, 0)
    with pytest.raises(ValueError, match=r"classes of streets without a dig factor \(motorway"):
        Digging(factor={"local": 1.0})
    with pytest.raises(ValueError, match=r"dig factors must be positive \(local\)"):
        Digging(factor={**dig_factors(), "local": 0.0})


@settings(max_examples=30)
@given(seed=st.integers(0, 1000))
def test_order_names_and_direction_do_not_matter(seed: int) -> None:
    rng = np.random.default_rng(seed)
    lines = random_lines(seed)
    classes, levels = rng.choice(["local", "primary", "trunk"], 12), rng.integers(0, 2, 12)
    graph, repairs = street_graph(streets(*lines, road_class=list(classes), level=list(levels)), 2, 15)
    order = rng.permutation(12)
    mixed = [lines[at].reverse() if at % 2 else lines[at] for at in order]
    again, repairs_again = street_graph(
        streets(*mixed, road_class=list(classes[order]), level=list(levels[order])), 2, 15
    )
    assert np.array_equal(graph.points, again.points)
    assert np.array_equal(graph.ends, again.ends)
    assert np.array_equal(graph.street_class, again.street_class)
    assert np.allclose(graph.lengths, again.lengths, atol=1e-9)
    assert repairs.drop(columns="geometry").equals(repairs_again.drop(columns="geometry"))
    parcels = np.array([box(x, y, x + 20, y + 20) for x, y in rng.uniform(0, 480, (9, 2))])
    turn = rng.permutation(9)
    joined, turned = front(graph, parcels, 80, 1), front(graph, parcels[turn], 80, 1)
    assert np.array_equal(joined.node[turn], turned.node)
    assert np.array_equal(joined.graph.points, turned.graph.points)
    assert np.array_equal(joined.graph.ends, turned.graph.ends)


@settings(max_examples=30)
@given(seed=st.integers(0, 1000))
def test_length_changes_by_no_more_than_what_was_moved_and_bridged(seed: int) -> None:
    lines = random_lines(seed, corners=2)
    one, other = np.triu_indices(len(lines), 1)
    beside = shapely.intersection(np.array(lines)[one], shapely.buffer(np.array(lines)[other], 4.0))
    assume(shapely.length(beside).max() < 60.0)  # lines that run side by side within the tolerance become one
    graph, repairs = street_graph(streets(*lines), 2, 15)
    gaps = repairs.loc[repairs["kind"] == "gap", "distance_m"].sum()
    apart = abs(graph.lengths.sum() - gaps - shapely.union_all(lines).length)
    assert apart <= 2.0 * 2 * len(lines) + 0.01
    assert graph.lengths[graph.street_class == "gap"].sum() == pytest.approx(gaps, abs=0.01)
    assert (repairs.loc[repairs["kind"] == "snapped", "distance_m"] <= 2.0).all()


@settings(max_examples=40)
@given(seed=st.integers(0, 1000), where=st.floats(0.02, 0.98), which=st.integers(0, 11))
def test_a_street_cut_in_two_is_the_same_street(seed: int, where: float, which: int) -> None:
    lines = random_lines(seed)
    one = lines[which]
    at = where * one.length
    cut = [*lines[:which], *lines[which + 1 :], substring(one, 0, at), substring(one, at, one.length)]
    graph, again = (street_graph(streets(*drawn), 2, 15)[0] for drawn in (lines, cut))
    assert graph.lengths.sum() == pytest.approx(again.lengths.sum(), abs=0.01)
    ends = np.concatenate([shapely.get_coordinates(shapely.get_point(lines, end)) for end in (0, -1)])
    np.testing.assert_allclose(distances(graph, ends), distances(again, ends), atol=0.01)


@settings(max_examples=30)
@given(seed=st.integers(0, 1000))
def test_edges_run_between_their_nodes(seed: int) -> None:
    rng = np.random.default_rng(seed)
    graph, _ = street_graph(streets(*[LineString(rng.uniform(0, 300, (2, 2))) for _ in range(10)]), 1, 10)
    for end, side in ((0, 0), (-1, 1)):
        places = shapely.get_coordinates(shapely.get_point(graph.lines, end))
        assert np.allclose(places, graph.points[graph.ends[:, side]], atol=1e-6)
    crossing = shapely.STRtree(graph.lines).query(graph.lines, predicate="crosses")
    assert crossing.size == 0


def test_parcels_join_at_their_frontage_not_their_centroid() -> None:
    graph, _ = street_graph(streets(LineString([(0, 0), (300, 0)]), LineString([(300, 0), (300, 300)])), 1, 0)
    # the centroid of the L is nearer to the eastern street, its boundary nearer to the southern one
    parcel = shapely.union_all([box(20, 5, 60, 290), box(60, 250, 270, 290)])
    far = box(50, 900, 80, 950)
    joined = front(graph, np.array([parcel, far]), 60, 1)
    assert joined.node[1] == -1
    boundary = Point(joined.graph.points[joined.node[0]])
    assert boundary.distance(parcel.exterior) < 1e-6
    assert boundary.y == pytest.approx(5.0)
    service = joined.graph.ends[:, 1] == joined.node[0]
    assert joined.graph.lengths[service].tolist() == [pytest.approx(5.0)]
    assert joined.graph.street_class[service].tolist() == ["service"]
    assert joined.graph.dig_factor[service].tolist() == [dig_factors()["service"]]
    assert joined.graph.pieces().max() == 0
    assert joined.graph.lengths.sum() == pytest.approx(605.0)


def test_a_parcel_on_the_street_joins_without_a_service_line() -> None:
    graph, _ = street_graph(streets(LineString([(0, 0), (100, 0)])), 1, 0)
    joined = front(graph, np.array([box(40, 0, 60, 30), box(40, -30, 60, 0)]), 60, 1)
    assert (joined.node >= 0).all()
    assert joined.graph.lengths.sum() == pytest.approx(100.0)


def test_parcels_on_one_spot_share_their_service_line_and_none_is_refused() -> None:
    graph, _ = street_graph(streets(LineString([(0, 0), (100, 0)])), 1, 0)
    joined = front(graph, np.array([box(40, 10, 60, 30)] * 3), 60, 1)
    assert len(set(joined.node.tolist())) == 1
    assert joined.graph.lengths.sum() == pytest.approx(110.0)
    with pytest.raises(ValueError, match=r"parcels have no shape \(1, 2\)"):
        front(graph, np.array([box(0, 1, 1, 2), None, Polygon()], dtype=object), 60, 1)


def test_parcels_that_cannot_be_reached_are_listed_with_the_reason() -> None:
    graph, _ = street_graph(
        streets(
            LineString([(0, 0), (300, 0)]),
            LineString([(0, 500), (100, 500)]),
            LineString([(0, 900), (300, 900)]),
            road_class=["local", "local", "motorway"],
        ),
        1,
        10,
    )
    shapes = [box(40, 10, 60, 30), box(40, 510, 60, 530), box(40, 910, 60, 930), box(40, 1500, 60, 1530)]
    parcels = gpd.GeoDataFrame(index=pd.Index(["a", "b", "c", "d"], name="parcel_id"), geometry=shapes, crs=CRS)
    joined = front(graph, parcels.geometry.to_numpy(), 60, 1)
    # who is cut off from the longest piece still has a node there
    assert (joined.node >= 0).tolist() == [True, True, False, False]
    table = unreachable_parcels(parcels, joined, 60)
    assert dict(zip(table["parcel_id"], table["reason"], strict=True)) == {
        "b": "cut_off", "c": "forbidden", "d": "no_street",
    }  # fmt: skip
    assert table["street_m"].tolist() == pytest.approx([10.0, 410.0, 1000.0], abs=1.0)
    assert table.crs == CRS
    nowhere = unreachable_parcels(
        parcels, front(street_graph(streets(), 1, 10)[0], parcels.geometry.to_numpy(), 60, 1), 60
    )
    assert nowhere["street_m"].isna().all()
    assert set(nowhere["reason"]) == {"no_street"}


def piece_shares(graph: StreetGraph) -> np.ndarray:
    """Share of all length that each piece holds, the longest first."""
    length = np.bincount(graph.pieces()[graph.ends[:, 0]], weights=graph.lengths)
    return np.sort(length)[::-1] / length.sum()


def test_the_embedded_streets_are_nearly_one_piece_without_the_motorway() -> None:
    plan = {layer: gpd.read_file(MEISHAN, layer=layer) for layer in ("streets", "parcels")}
    graph, repairs = street_graph(plan["streets"], SNAP_M, GAP_M)
    shares = piece_shares(graph)
    assert len(shares) == 2
    assert shares[0] > 0.99
    motorway = plan["streets"].loc[plan["streets"]["road_class"] == "motorway"].length.sum()
    assert repairs.loc[repairs["kind"] == "forbidden", "distance_m"].sum() == pytest.approx(motorway)
    built = plan["parcels"][plan["parcels"]["landuse"].str.match("[RAB]")]
    joined = front(graph, built.geometry.to_numpy(), FRONTAGE_M, SNAP_M)
    assert (joined.node >= 0).mean() > 0.95


def read(path: Path, zone: gpd.GeoDataFrame, layer: str | None = None) -> gpd.GeoDataFrame:
    area = zone.geometry.area.tolist()
    table = gpd.GeoDataFrame({"name_zh": "", "name_en": "", "area_m2": area}, geometry=zone.geometry, crs=zone.crs)
    found = read_streets(Source(path, layer), StreetOptions(), table, Findings())
    assert found is not None
    return found


def test_streets_of_lujiazui_become_nearly_one_piece(shared_data: Path) -> None:
    path = shared_data / "shanghai_lujiazui_osm" / "shanghai.gpkg"
    if not path.exists():
        pytest.skip("shanghai_lujiazui_osm is not on this machine")
    land = gpd.read_file(path, layer="landuse").to_crs(CRS)
    zone = gpd.GeoDataFrame(geometry=[box(*land.total_bounds).buffer(200.0)], crs=CRS)
    lines = read(path, zone, "roads")
    assert set(lines["level"]) == {-1, 0, 1}
    raw, _ = street_graph(lines, 0, 0)
    graph, repairs = street_graph(lines, SNAP_M, GAP_M)
    before, after = piece_shares(raw), piece_shares(graph)
    assert len(after) < len(before)
    assert after[0] > before[0] > 0.95
    assert after[0] > 0.99
    assert {"snapped", "split", "gap"} <= set(repairs["kind"])
    flat, _ = street_graph(lines.drop(columns="level"), SNAP_M, GAP_M)
    # ways under and over each other are no junctions, and still hang together
    assert len(flat.points) > len(graph.points)
    parcels = land[land.geom_type.isin(["Polygon", "MultiPolygon"]) & ~land["kind"].isin(["protected_area", "bridge"])]
    joined = front(graph, parcels.geometry.to_numpy(), FRONTAGE_M, SNAP_M)
    assert (joined.node >= 0).mean() > 0.95
    found = reasons(joined, parcels.geometry.to_numpy(), FRONTAGE_M)
    assert ((found == "no_street") == (joined.node < 0)).all()


def test_streets_of_zug_are_one_piece_that_every_building_fronts(shared_data: Path, tmp_path: Path) -> None:
    inputs = shared_data / zug.CASE / "inputs"
    if not inputs.is_dir():
        pytest.skip(f"{zug.CASE} is not on this machine")
    raw = gpd.read_file(inputs / "networks" / "streets.shp")
    raw = raw.set_geometry(raw.geometry.translate(yoff=-zug.FALSE_NORTHING).set_crs(zug.TRUE_CRS, allow_override=True))
    assert len(raw) == 1001
    every = raw.assign(road_class="local", name="")
    graph, _ = street_graph(every, SNAP_M, GAP_M)
    assert graph.pieces().max() == 0
    layers = [zug.repaired(inputs / "building-geometry" / f"{name}.shp") for name in ("zone", "surroundings")]
    buildings = np.concatenate([layer.geometry.to_numpy() for layer in layers])
    assert (front(graph, buildings, FRONTAGE_M, SNAP_M).node >= 0).all()
    raw.to_file(tmp_path / "streets.gpkg")
    zone = gpd.GeoDataFrame(geometry=[box(*raw.total_bounds).buffer(10.0)], crs=raw.crs)
    # without footways and steps a block is left apart, wider than any gap that is bridged
    graph, repairs = street_graph(read(tmp_path / "streets.gpkg", zone), SNAP_M, GAP_M)
    assert repairs["kind"].tolist().count("gap") == 1
    assert piece_shares(graph)[0] > 0.99
    joined = front(graph, buildings, FRONTAGE_M, SNAP_M)
    assert (joined.node >= 0).all()
    assert set(reasons(joined, buildings, FRONTAGE_M)) == {"", "cut_off"}
