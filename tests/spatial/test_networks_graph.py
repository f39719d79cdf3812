"""Streets to a graph: what is snapped, split and bridged, and where parcels join."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, MultiLineString, Point, box

from spatial.networks.graph import front, street_graph

CRS = "EPSG:4549"
DATA = Path(__file__).parents[2].parent / "shared" / "data"
MEISHAN = Path(__file__).parents[2] / "layers" / "meishan" / "plan.gpkg"


def streets(*lines: LineString | MultiLineString) -> gpd.GeoDataFrame:
    table = gpd.GeoDataFrame(
        {"name": "", "road_class": "local"}, index=range(len(lines)), geometry=list(lines), crs=CRS
    )
    table.index = table.index.astype("str").rename("street_id")
    return table


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


def test_gaps_are_bridged_once_and_only_between_pieces() -> None:
    lines = streets(LineString([(0, 0), (100, 0)]), LineString([(108, 0), (200, 0)]), LineString([(150, 8), (150, 90)]))
    graph, repairs = street_graph(lines, 1, 10)
    assert graph.pieces().max() == 0
    gaps = repairs[repairs["kind"] == "gap"]
    assert gaps["distance_m"].round(6).tolist() == [8.0, 8.0]
    assert street_graph(lines, 1, 5)[0].pieces().max() == 2
    loop = streets(LineString([(0, 0), (100, 0), (100, 50), (0, 50), (0, 5)]))
    assert (street_graph(loop, 1, 10)[1]["kind"] != "gap").all()


def test_doubled_and_overlapping_lines_count_once() -> None:
    graph, _ = street_graph(
        streets(LineString([(0, 0), (100, 0)]), LineString([(100, 0), (0, 0)]), LineString([(50, 0), (150, 0)])), 1, 0
    )
    assert graph.lengths.sum() == pytest.approx(150.0)


def test_no_streets_make_an_empty_graph() -> None:
    graph, repairs = street_graph(streets(), 1, 10)
    assert len(graph.ends) == len(repairs) == 0
    assert repairs.crs == CRS
    assert front(graph, np.array([box(0, 0, 1, 1)]), 50, 1).node.tolist() == [-1]


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 1000))
def test_order_names_and_direction_do_not_matter(seed: int) -> None:
    rng = np.random.default_rng(seed)
    lines = [LineString(rng.uniform(0, 500, (3, 2)).round(2)) for _ in range(12)]
    graph, repairs = street_graph(streets(*lines), 2, 15)
    mixed = [lines[at].reverse() if at % 2 else lines[at] for at in rng.permutation(12)]
    again, repairs_again = street_graph(streets(*mixed), 2, 15)
    assert np.array_equal(graph.points, again.points)
    assert np.array_equal(graph.ends, again.ends)
    assert np.allclose(graph.lengths, again.lengths, atol=1e-9)
    assert repairs.drop(columns="geometry").equals(repairs_again.drop(columns="geometry"))


@settings(max_examples=30, deadline=None)
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
    assert joined.graph.pieces().max() == 0
    assert joined.graph.lengths.sum() == pytest.approx(605.0)


def test_a_parcel_on_the_street_joins_without_a_service_line() -> None:
    graph, _ = street_graph(streets(LineString([(0, 0), (100, 0)])), 1, 0)
    joined = front(graph, np.array([box(40, 0, 60, 30), box(40, -30, 60, 0)]), 60, 1)
    assert (joined.node >= 0).all()
    assert joined.graph.lengths.sum() == pytest.approx(100.0)


def test_the_embedded_streets_are_one_piece_that_parcels_front() -> None:
    plan = {layer: gpd.read_file(MEISHAN, layer=layer) for layer in ("streets", "parcels")}
    graph, _ = street_graph(plan["streets"], 1, 15)
    assert graph.pieces().max() == 0
    built = plan["parcels"][plan["parcels"]["landuse"].str.match("[RAB]")]
    joined = front(graph, built.geometry.to_numpy(), 80, 1)
    assert (joined.node >= 0).mean() > 0.95


def test_streets_of_lujiazui_become_nearly_one_piece() -> None:
    path = DATA / "shanghai_lujiazui_osm" / "shanghai.gpkg"
    if not path.exists():
        pytest.skip("the shared data are not here")
    roads = gpd.read_file(path, layer="roads").to_crs("EPSG:32651")
    roads = roads[roads["kind"].isin(["major_road", "minor_road"])]
    graph, repairs = street_graph(roads, 1, 15)
    main = np.bincount(graph.pieces()[graph.ends[:, 0]], weights=graph.lengths).max()
    assert main > 0.95 * graph.lengths.sum()
    assert {"snapped", "split"} <= set(repairs["kind"])
