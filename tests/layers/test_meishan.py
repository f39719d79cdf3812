"""The committed files of the embedded study, against the published figures and the rules a plan obeys."""

import io
import re
import tomllib
from pathlib import Path
from typing import Any

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import pytest
import rasterio
import shapely
from pyproj import CRS, Transformer

from layers.landuse import landuse_table, resolve
from layers.meishan import STUDY

FOLDER = STUDY.parent
PLAN = FOLDER / "plan.gpkg"
BUILT = ("R", "A", "B", "M", "W", "U", "H14", "H21", "H23", "S4")


def layer(name: str) -> gpd.GeoDataFrame:
    return gpd.read_file(PLAN, layer=name)


@pytest.fixture(scope="module")
def parcels() -> gpd.GeoDataFrame:
    return layer("parcels")


@pytest.fixture(scope="module")
def streets() -> gpd.GeoDataFrame:
    return layer("streets")


@pytest.fixture(scope="module")
def study() -> dict[str, Any]:
    return tomllib.loads(STUDY.read_text(encoding="utf-8"))


def floor_area(parcels: gpd.GeoDataFrame) -> pd.Series:
    return parcels.area * parcels["far"]


def test_the_study_is_small_enough_to_commit() -> None:
    files = [path for path in FOLDER.iterdir() if path.is_file()]
    assert sum(path.stat().st_size for path in files) <= 4_000_000


def test_every_input_the_study_names_exists(study: dict[str, Any]) -> None:
    for given in study["inputs"].values():
        path, _, name = given.partition("#")
        assert (FOLDER / path).is_file(), given
        if name:
            assert len(layer(name)) > 0


def test_the_belt_is_the_one_of_the_place() -> None:
    crs = CRS(layer("zone").crs)
    assert crs.to_epsg() == 4550
    area = crs.area_of_use
    assert area.west <= 121.9 <= area.east


def test_zone_and_land_have_the_published_areas() -> None:
    zone, units = layer("zone"), layer("units")
    assert len(zone) == 1
    assert zone.geom_type.iloc[0] == "Polygon"
    assert zone.area.sum() / 1e6 == pytest.approx(333.0, rel=0.01)
    assert units.area.sum() / 1e6 == pytest.approx(240.0, rel=0.01)
    assert units.union_all().difference(zone.geometry.iloc[0]).area < 1e4


def test_meishan_island_has_its_area_with_reclaimed_land() -> None:
    units = layer("units")
    island = units[units["unit_id"].str.startswith("MS")].union_all()
    largest = max(shapely.get_parts(island), key=lambda part: part.area)
    assert largest.area / 1e6 == pytest.approx(38.32, rel=0.01)


def test_planning_units_are_few_and_do_not_overlap() -> None:
    units = layer("units")
    assert 6 <= len(units) <= 10
    assert units["unit_id"].is_unique
    assert units.area.sum() == pytest.approx(units.union_all().area, rel=1e-6)
    assert units[["name_zh", "name_en"]].notna().all(axis=None)


def test_sea_study_area_is_water_outside_the_zone() -> None:
    sea = layer("sea_area").union_all()
    assert sea.intersection(layer("land").union_all()).area < 1.0
    assert sea.intersection(layer("zone").union_all()).area < 1.0
    east = Transformer.from_crs(4550, 4326, always_xy=True).transform(sea.bounds[2], sea.bounds[1])[0]
    assert 122.3 < east < 122.95


def test_exclusions_are_of_known_kinds() -> None:
    found = layer("exclusions")
    assert set(found["kind"]) <= {"shipping_channel", "anchorage", "protected", "cable", "military", "flight"}
    assert {"shipping_channel", "anchorage", "protected"} <= set(found["kind"])
    assert found["exclusion_id"].is_unique
    assert found.is_valid.all()


def test_parcels_are_as_many_as_a_plan_has_and_uniquely_named(parcels: gpd.GeoDataFrame) -> None:
    assert 1500 <= len(parcels) <= 3000
    assert parcels["parcel_id"].is_unique
    assert parcels["parcel_id"].map(lambda name: bool(re.fullmatch(r"[A-Z]{2}\d\d-[RABMWSUGHE]-\d{4}", name))).all()
    assert parcels["name"].str.len().between(2, 20).all()
    assert parcels.is_valid.all()


def test_parcels_tile_the_land(parcels: gpd.GeoDataFrame) -> None:
    land = layer("units").union_all()
    shapes = parcels.geometry.to_numpy()
    left, right = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    once = left < right
    overlap = shapely.area(shapely.intersection(shapes[left[once]], shapes[right[once]])).sum()
    assert overlap / land.area < 1e-3
    covered = shapely.union_all(shapes)
    assert land.difference(covered).area / land.area < 0.03
    assert covered.difference(land.buffer(1.0)).area < 1e4


def test_every_code_is_one_of_gb_50137(parcels: gpd.GeoDataFrame) -> None:
    for use in sorted(parcels["landuse"].unique()):
        assert resolve(use), use
    assert parcels["landuse"].str.contains("/").any()
    groups = set(parcels["landuse"].str[0])
    assert set("RABMWSUGHE") <= groups
    wanted = {
        "H23",
        "W1",
        "W2",
        "M1",
        "M2",
        "R2",
        "B1",
        "A31",
        "A33",
        "A5",
        "A2",
        "A4",
        "B14",
        "B3",
        "U21",
        "U12",
        "S42",
    }
    assert wanted <= set(parcels["landuse"])


def test_controls_are_possible_buildings(parcels: gpd.GeoDataFrame) -> None:
    built = parcels[parcels["far"] > 0.1]
    assert parcels["far"].between(0.0, 5.0).all()
    assert parcels["density"].between(0.0, 0.6).all()
    assert parcels["green_ratio"].between(0.0, 1.0).all()
    assert (built["far"] <= built["density"] * built["height_m"] / 2.8).all()
    assert (built["density"] + built["green_ratio"] <= 0.95).all()


def test_housing_keeps_the_block_limits_of_gb_50180(parcels: gpd.GeoDataFrame) -> None:
    housing = parcels[parcels["landuse"] == "R2"]
    assert housing["far"].between(1.3, 3.1).all()
    for low, high, density, height in ((1.3, 1.6, 0.32, 27), (1.7, 2.1, 0.30, 36), (2.2, 2.8, 0.22, 54)):
        block = housing[housing["far"].round(2).between(low, high)]
        assert (block["density"] <= density).all()
        assert (block["height_m"] <= height).all()


def test_residents_sum_to_the_drivers(parcels: gpd.GeoDataFrame, study: dict[str, Any]) -> None:
    base = parcels.loc[parcels["status"] == "existing", "population"].sum()
    driver = study["drivers"]["population"]["2017"]
    assert base == pytest.approx(driver, rel=0.03)
    times = study["balance"]["switches"]["population_times"]
    assert parcels["population"].sum() == pytest.approx(driver * times, rel=0.03)
    elsewhere = ~parcels["landuse"].str.startswith(("R", "H1"))
    assert (parcels.loc[elsewhere, "population"] == 0).all()


def test_people_have_the_room_the_census_gives_them(parcels: gpd.GeoDataFrame) -> None:
    homes = parcels[parcels["landuse"].isin(["R1", "R2"])]
    for status in ("existing", "planned"):
        some = homes[homes["status"] == status]
        assert 35.0 <= floor_area(some).sum() / some["population"].sum() <= 50.0


def test_built_up_area_fits_the_population(parcels: gpd.GeoDataFrame) -> None:
    """GB 50137-2011 table 4.2.1: 85 to 115 m2 of urban construction land a head, port and bonded storage apart."""
    urban = parcels[parcels["landuse"].str[0].isin(list("RABMSUG"))]
    assert 85.0 <= urban.area.sum() / 320_000 <= 115.0


def test_jobs_stand_where_people_work(parcels: gpd.GeoDataFrame) -> None:
    assert 0.3 < parcels["jobs"].sum() / 320_000 < 0.85
    assert (parcels.loc[parcels["landuse"].str.startswith(("E", "G", "S1")), "jobs"] == 0).all()


def test_planned_parcels_are_phased_outwards_from_2018_to_2030(parcels: gpd.GeoDataFrame) -> None:
    existing = parcels["status"] == "existing"
    assert set(parcels["status"]) == {"existing", "planned"}
    assert (parcels.loc[existing, "phase_year"] == 2017).all()
    planned = parcels.loc[~existing, "phase_year"]
    assert set(planned) == set(range(2018, 2031))
    assert planned.value_counts().min() > 0.04 * len(planned)


def test_streets_are_one_network_noded_at_its_junctions(streets: gpd.GeoDataFrame) -> None:
    graph = nx.Graph()
    for course in streets.geometry:
        graph.add_edge(course.coords[0], course.coords[-1])
    assert nx.number_connected_components(graph) == 1
    assert set(streets["road_class"]) == {"motorway", "trunk", "primary", "secondary", "tertiary", "local"}
    assert streets["street_id"].is_unique
    tree = shapely.STRtree(streets.geometry.to_numpy())
    first, second = tree.query(streets.geometry.to_numpy(), predicate="crosses")
    assert (first == second).all()


def test_two_bridges_tie_the_island_to_the_mainland(streets: gpd.GeoDataFrame) -> None:
    units = layer("units")
    island = units[units["unit_id"].str.startswith("MS")].union_all()
    mainland = units[~units["unit_id"].str.startswith("MS")].union_all()
    graph = nx.Graph()
    for course in streets.geometry:
        graph.add_edge(course.coords[0], course.coords[-1], capacity=1)
    nodes = {node: shapely.Point(node) for node in graph}
    for node, place in nodes.items():
        if island.contains(place):
            graph.add_edge("island", node)
        elif mainland.contains(place):
            graph.add_edge(node, "mainland")
    assert nx.maximum_flow_value(graph, "island", "mainland") >= 2


def test_every_built_parcel_fronts_a_street(parcels: gpd.GeoDataFrame, streets: gpd.GeoDataFrame) -> None:
    built = parcels[parcels["landuse"].str.startswith(BUILT)]
    tree = shapely.STRtree(streets.geometry.to_numpy())
    _, apart = tree.query_nearest(built.geometry.to_numpy(), return_distance=True, all_matches=False)
    assert apart.max() <= 60.0


def test_the_terminal_lies_on_the_deep_water_shore(parcels: gpd.GeoDataFrame) -> None:
    port = parcels[parcels["parcel_id"].str.startswith("MS01-H")].union_all()
    island = max(
        shapely.get_parts(layer("zone").union_all().intersection(layer("land").union_all())),
        key=lambda p: -abs(p.area - 38.4e6),
    )
    shore = island.exterior.intersection(port.buffer(40.0))
    assert shore.length == pytest.approx(9300.0, rel=0.15)


def mean_around(path: Path, lon: float, lat: float, half: float) -> float:
    with rasterio.open(path) as source:
        assert source.nodata == -9999.0
        assert source.dtypes == ("float32",)
        values = source.read(1, masked=True)
        cols, rows = np.meshgrid(np.arange(source.width), np.arange(source.height))
        x, y = source.transform * (cols + 0.5, rows + 0.5)
        at_lon, at_lat = Transformer.from_crs(source.crs, 4326, always_xy=True).transform(x, y)
    near = (np.abs(at_lon - lon) <= half) & (np.abs(at_lat - lat) <= half)
    assert near.any()
    return float(values[near].mean())


@pytest.mark.parametrize(("lon", "published"), [(121.997, 6.99), (122.80, 8.21)])
def test_wind_meets_the_global_wind_atlas(lon: float, published: float) -> None:
    assert mean_around(FOLDER / "wind_100m.tif", lon, 29.79, 0.125) == pytest.approx(published, rel=0.03)


def test_rasters_cover_zone_and_sea_study_area() -> None:
    west, south, east, north = layer("sea_area").union_all().union(layer("zone").union_all()).bounds
    for name in ("wind_100m.tif", "depth.tif"):
        with rasterio.open(FOLDER / name) as source:
            left, bottom, right, top = source.bounds
            assert left <= west
            assert bottom <= south
            assert right >= east
            assert top >= north


def test_depth_is_deep_at_the_quay_shallow_at_the_flats_and_deepens_seawards(parcels: gpd.GeoDataFrame) -> None:
    port = parcels[parcels["landuse"] == "H23"]
    port = port[port["parcel_id"].str.startswith("MS01")].union_all()
    with rasterio.open(FOLDER / "depth.tif") as source:
        depth = source.read(1, masked=True)
        cols, rows = np.meshgrid(np.arange(source.width), np.arange(source.height))
        x, y = source.transform * (cols + 0.5, rows + 0.5)
    water = ~np.ma.getmaskarray(depth)
    assert depth[water].min() > 0.0
    fairway = (
        port.buffer(650.0)
        .difference(port.buffer(60.0))
        .intersection(layer("sea_area").union_all().union(layer("zone").union_all()))
    )
    east = shapely.contains_xy(fairway, x, y) & water & (y < shapely.bounds(port)[3] - 500.0)
    assert depth[east].mean() > 22.0
    assert 5.0 <= mean_around(FOLDER / "depth.tif", 122.15, 29.60, 0.05) <= 20.0
    assert 30.0 <= mean_around(FOLDER / "depth.tif", 122.80, 29.60, 0.05) <= 50.0


@pytest.fixture(scope="module")
def normals() -> pd.DataFrame:
    return pd.read_csv(FOLDER / "normals.csv", comment="#")


def test_normals_meet_the_published_climate(normals: pd.DataFrame) -> None:
    days = np.array([31, 28.25, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
    assert list(normals["month"]) == list(range(1, 13))
    assert normals["temp_mean_c"].mean() == pytest.approx(16.4, abs=0.05)
    assert np.average(normals["temp_mean_c"], weights=days) == pytest.approx(16.4, abs=0.1)
    assert normals["temp_mean_c"].iloc[0] == pytest.approx(4.7)
    assert normals["temp_mean_c"].iloc[6] == pytest.approx(28.0)
    assert normals["ghi_kwh_m2"].sum() == pytest.approx(1359.0, abs=0.5)


def test_normals_are_ordered_and_bounded(normals: pd.DataFrame) -> None:
    assert (normals["temp_min_c"] < normals["temp_mean_c"]).all()
    assert (normals["temp_mean_c"] < normals["temp_max_c"]).all()
    assert normals["relative_humidity_pct"].between(50, 95).all()
    assert normals["wind_speed_m_s"].between(2, 8).all()


def test_every_colour_of_the_plan_is_known(parcels: gpd.GeoDataFrame) -> None:
    known = landuse_table()["colour"]
    for use in parcels["landuse"].unique():
        (code, *_rest) = resolve(use)
        assert (code[0] if isinstance(code, tuple) else code) in known.index


def test_the_notice_names_the_licence_of_the_shore() -> None:
    text = (FOLDER / "NOTICE.md").read_text(encoding="utf-8")
    assert "OpenStreetMap contributors" in text
    assert "ODbL" in text


def test_normals_are_made_again_as_committed() -> None:
    from layers.meishan.make.climate import normals as made

    committed = (FOLDER / "normals.csv").read_text(encoding="utf-8")
    assert made() == committed
    assert len(pd.read_csv(io.StringIO(made()), comment="#")) == 12


def test_all_files_are_made_again_byte_for_byte(tmp_path: Path) -> None:
    """The maker's own promise; the shore needs roaring-landmask, a dependency of the tests alone."""
    pytest.importorskip("roaring_landmask")
    from layers.meishan.make.__main__ import make

    make(tmp_path)
    for name in ("normals.csv", "depth.tif", "wind_100m.tif", "plan.gpkg"):
        assert (tmp_path / name).read_bytes() == (FOLDER / name).read_bytes(), name
