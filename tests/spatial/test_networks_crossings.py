"""What a trench crosses: how often, at what price, and not at all where it is forbidden."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, Point, box

from spatial.networks.streets import (
    FORBIDDEN,
    KINDS,
    Digging,
    Price,
    StreetGraph,
    barriers,
    barriers_of,
    crossing_prices,
    dig_factors,
    front,
    reasons,
    street_graph,
)

CRS = "EPSG:4549"
WATER, RAIL, MOTORWAY = range(3)


def layer(**shapes: list[shapely.Geometry]) -> gpd.GeoDataFrame:
    pairs = [(kind, shape) for kind, found in shapes.items() for shape in found]
    return gpd.GeoDataFrame({"kind": [kind for kind, _ in pairs]}, geometry=[one for _, one in pairs], crs=CRS)


def graph_of(
    lines: list[LineString],
    barred: gpd.GeoDataFrame,
    road_class: str | list[str] = "local",
    prices: dict[str, Price] | None = None,
    snap_m: float = 1.0,
    gap_m: float = 0.0,
) -> tuple[StreetGraph, gpd.GeoDataFrame]:
    table = gpd.GeoDataFrame({"road_class": road_class}, index=range(len(lines)), geometry=lines, crs=CRS)
    may = {**dig_factors(), "motorway": 3.0}
    return street_graph(table, snap_m, gap_m, Digging(factor=may, barriers=barriers(barred, prices, table.crs)))


def test_a_street_over_a_river_pays_for_the_crossing_and_for_its_width() -> None:
    river = layer(water=[box(40, -100, 70, 0), box(40, 0, 70, 100)])  # drawn in two pieces
    graph, _ = graph_of([LineString([(0, 0), (100, 0)])], river)
    assert graph.crossings.tolist() == [[1.0, 0.0, 0.0]]
    price = crossing_prices()["water"]
    assert graph.crossing_cny.tolist() == pytest.approx([price.cny + 30.0 * price.cny_m])


def test_a_crossing_cut_in_two_by_a_junction_is_one_crossing() -> None:
    river = layer(water=[box(40, -100, 70, 100)])
    across = LineString([(0, 0), (100, 0)])
    whole, _ = graph_of([across], river)
    graph, _ = graph_of([across, LineString([(55, 0), (55, 300)])], river)
    straight = shapely.intersects(graph.lines, LineString([(0, 0), (100, 0)])) & (shapely.length(graph.lines) < 60)
    assert graph.crossings[straight, WATER].tolist() == [0.5, 0.5]
    assert graph.crossing_cny[straight].sum() == pytest.approx(whole.crossing_cny.sum())
    # a street that ends in the water crosses half, one that ends on the bank does not cross
    assert graph_of([LineString([(0, 0), (55, 0)])], river)[0].crossings[0, WATER] == 0.5
    assert graph_of([LineString([(0, 0), (40, 0)])], river)[0].crossing_cny.tolist() == [0.0]
    # one from bank to bank does
    assert graph_of([LineString([(40, 0), (70, 0)])], river)[0].crossings[0, WATER] == 1.0


def test_parallel_tracks_are_one_crossing_and_lines_far_apart_are_two() -> None:
    street = LineString([(0, 0), (400, 0)])
    tracks = [LineString([(100 + at, -50), (100 + at, 50)]) for at in (0.0, 5.0, 30.0)]
    far = LineString([(300, -50), (300, 50)])
    graph, _ = graph_of([street], layer(rail=tracks))
    assert graph.crossings.tolist() == [[0.0, 1.0, 0.0]]
    graph, _ = graph_of([street], layer(rail=[*tracks, far], water=[LineString([(101, -50), (101, 50)])]))
    assert graph.crossings.tolist() == [[1.0, 2.0, 0.0]]
    prices = crossing_prices()
    assert graph.crossing_cny.tolist() == [prices["water"].cny + 2.0 * prices["rail"].cny]


def test_streets_that_meet_on_a_railway_cross_it_once() -> None:
    rail = layer(rail=[LineString([(50, -100), (50, 100)])])
    # of two classes, so that they are not one street to begin with
    graph, _ = graph_of([LineString([(0, 0), (50, 0)]), LineString([(50, 0), (100, 0)])], rail, ["local", "primary"])
    assert len(graph.ends) == 2
    assert graph.crossings[:, RAIL].sum() == 1.0


def test_a_motorway_does_not_cross_itself_but_streets_cross_it() -> None:
    east = [LineString([(-100, 0), (0, 0)]), LineString([(0, 0), (100, 0)])]
    street = LineString([(30, -50), (30, 50)])
    graph, _ = graph_of([*east, street], layer(motorway=east), ["motorway", "motorway", "local"])
    own = graph.street_class == "motorway"
    assert not graph.crossings[own].any()
    assert graph.crossings[~own, MOTORWAY].sum() == 1.0


def test_what_is_forbidden_is_taken_out_and_told() -> None:
    street = LineString([(0, 0), (100, 0)])
    graph, repairs = graph_of([street], layer(water=[box(40, -100, 70, 100)]), prices={"water": FORBIDDEN}, gap_m=50.0)
    # no bridge of a gap goes where none may
    assert graph.lengths.tolist() == pytest.approx([40.0, 30.0])
    assert np.isfinite(graph.crossing_cny).all()
    assert repairs["kind"].tolist() == ["forbidden"]
    assert repairs["distance_m"].tolist() == pytest.approx([30.0])
    places = repairs[["x_before_m", "x_after_m"]].to_numpy().ravel()
    assert sorted(places) == pytest.approx([40.0, 70.0])
    assert graph.closed[0].length == pytest.approx(30.0)
    graph, repairs = graph_of(
        [street], layer(rail=[LineString([(50, -100), (50, 100)])]), prices={"rail": FORBIDDEN}, gap_m=50.0
    )
    assert graph.pieces().max() == 1
    assert graph.lengths.sum() == pytest.approx(99.0)
    assert repairs["kind"].tolist() == ["forbidden"]


def test_a_parcel_across_forbidden_water_joins_another_street_or_none() -> None:
    canal = layer(water=[box(-100, 10, 300, 20)])
    south, north = LineString([(0, 0), (200, 0)]), LineString([(0, 90), (200, 90)])
    parcels = np.array([box(50, 25, 70, 45), box(150, -30, 170, -10)])
    open_graph, _ = graph_of([south, north], canal)
    joined = front(open_graph, parcels, 60, 1)
    service = joined.graph.street_class == "service"
    near = joined.graph.ends[:, 1] == joined.node[0]
    price = crossing_prices()["water"]
    assert joined.graph.lengths[near].tolist() == pytest.approx([25.0])
    assert joined.graph.crossing_cny[near].tolist() == pytest.approx([price.cny + 10.0 * price.cny_m])
    assert joined.graph.crossing_cny[service & ~near].tolist() == [0.0]
    shut_graph, _ = graph_of([south, north], canal, prices={"water": FORBIDDEN})
    joined = front(shut_graph, parcels, 60, 1)
    assert joined.graph.lengths[joined.graph.ends[:, 1] == joined.node[0]].tolist() == pytest.approx([45.0])
    joined = front(shut_graph, parcels, 40, 1)
    assert (joined.node >= 0).tolist() == [False, True]
    assert reasons(joined, parcels, 40).tolist() == ["forbidden", ""]


@settings(max_examples=30)
@given(seed=st.integers(0, 1000))
def test_joining_parcels_changes_no_crossing_of_streets(seed: int) -> None:
    rng = np.random.default_rng(seed)
    lines = [LineString(rng.uniform(0, 500, (2, 2))) for _ in range(6)]
    lakes = [Point(*place).buffer(size) for *place, size in rng.uniform((0, 0, 10), (500, 500, 60), (4, 3))]
    graph, _ = graph_of(lines, layer(water=lakes), snap_m=0.0)
    parcels = np.array([box(x, y, x + 9, y + 9) for x, y in rng.uniform(0, 490, (8, 2))])
    joined = front(graph, parcels, 80, 1).graph
    street = joined.street_class != "service"
    assert joined.crossings[street].sum() == pytest.approx(graph.crossings.sum())
    assert joined.crossing_cny[street].sum() == pytest.approx(graph.crossing_cny.sum(), rel=1e-6, abs=100.0)
    shores = shapely.get_parts(shapely.intersection(lines, shapely.union_all(lakes).boundary))
    assert graph.crossings.sum() == 0.5 * (~shapely.is_empty(shores)).sum()


@settings(max_examples=30)
@given(seed=st.integers(0, 1000))
def test_nothing_is_left_in_what_is_forbidden(seed: int) -> None:
    rng = np.random.default_rng(seed)
    lines = [LineString(rng.uniform(0, 500, (3, 2))) for _ in range(8)]
    lakes = [Point(*place).buffer(size) for *place, size in rng.uniform((0, 0, 10), (500, 500, 60), (4, 3))]
    rails = [LineString(rng.uniform(0, 500, (2, 2)))]
    shut = {"water": FORBIDDEN, "rail": FORBIDDEN}
    graph, repairs = graph_of(lines, layer(water=lakes, rail=rails), prices=shut, gap_m=20.0)
    assert graph.crossing_cny.tolist() == [0.0] * len(graph.ends)
    assert not shapely.intersects(graph.lines, shapely.union_all(lakes).buffer(-0.005)).any()
    left_out = repairs.loc[repairs["kind"] == "forbidden", "distance_m"].sum()
    assert left_out == pytest.approx(shapely.length(graph.closed).sum())


def test_barriers_are_read_from_a_plan() -> None:
    parcels = gpd.GeoDataFrame(
        {"landuse": ["E1", "E2", "H21", "R2", "S2"]}, geometry=[box(at, 0, at + 1, 1) for at in range(5)], crs=CRS
    )
    streets = gpd.GeoDataFrame(
        {"road_class": ["motorway", "motorway", "trunk"], "level": [0, 1, 0]},
        geometry=[LineString([(0, at), (9, at)]) for at in range(3)],
        crs=CRS,
    )
    found = barriers_of(parcels, streets)
    assert found["kind"].tolist() == ["water", "rail", "rail", "motorway"]
    assert found.crs == CRS
    assert barriers_of(parcels, streets.drop(columns="level"))["kind"].tolist().count("motorway") == 2
    assert len(barriers(barriers_of(parcels.iloc[:0], streets.iloc[:0])).kind) == 0


def test_what_is_no_barrier_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match=r"barriers must be lines or areas \(0\)"):
        barriers(layer(water=[Point(0, 0)]))
    with pytest.raises(ValueError, match=r"kinds of barriers are water, rail, motorway \(0\)"):
        barriers(layer(fence=[LineString([(0, 0), (1, 1)])]))
    with pytest.raises(ValueError, match=r"kinds of barriers are water, rail, motorway \(fence\)"):
        barriers(None, {"fence": FORBIDDEN})
    with pytest.raises(ValueError, match="must share one CRS"):
        barriers(layer(water=[box(0, 0, 1, 1)]).to_crs("EPSG:4326"), crs=layer(water=[box(0, 0, 1, 1)]).crs)
    assert set(crossing_prices()) == set(KINDS)


def test_streets_beyond_the_land_cross_the_sea_once() -> None:
    streets = gpd.GeoDataFrame(
        {"road_class": ["local", "local"], "level": 0},
        geometry=[shapely.LineString([(0, 0), (300, 0)]), shapely.LineString([(300, 0), (300, 50)])],
        crs="EPSG:4549",
    )
    shores = [shapely.box(-10, -10, 100, 60), shapely.box(200, -10, 310, 60)]
    land = gpd.GeoDataFrame(geometry=shores, crs="EPSG:4549")
    parcels = gpd.GeoDataFrame({"landuse": ["R2"]}, geometry=[shapely.box(0, 10, 50, 50)], crs="EPSG:4549")
    found = barriers(barriers_of(parcels, streets, land))
    count, within = found.crossed(streets.geometry.to_numpy(), streets["road_class"].to_numpy(dtype=object))
    assert count[:, KINDS.index("water")].tolist() == [1.0, 0.0]
    assert within[:, KINDS.index("water")] == pytest.approx([100.0, 0.0], abs=0.01)
    assert "water" not in set(barriers_of(parcels, streets)["kind"])
