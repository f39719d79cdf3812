from importlib.resources import files
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyproj
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import Point, box

from layers.crs import (
    bd09_to_wgs84,
    check_belt,
    fitting_crs,
    gcj02_offset_m,
    gcj02_to_bd09,
    gcj02_to_wgs84,
    study_crs,
    suspect_gcj02,
    to_study,
    unshift,
    wgs84_to_gcj02,
)
from layers.errors import Findings
from layers.vector import Source

MEISHAN = (121.95, 29.78)
BELT = pyproj.CRS.from_epsg(4550)

# WGS 84 latitude and longitude, then GCJ-02: the test vectors published with eviltransform
PUBLISHED_GCJ02 = [
    (31.1774276, 121.5272106, 31.17530398364597, 121.531541859215),
    (22.543847, 113.912316, 22.540796131694766, 113.9171764808363),
    (39.911954, 116.377817, 39.91334545536069, 116.38404722455657),
    (39.7392, -104.9903, 39.7392, -104.9903),
    (-27.4698, 153.0251, -27.4698, 153.0251),
]


@pytest.mark.parametrize(("lat", "lon", "lat_gcj", "lon_gcj"), PUBLISHED_GCJ02)
def test_gcj02_meets_the_published_vectors(lat: float, lon: float, lat_gcj: float, lon_gcj: float) -> None:
    east, north = wgs84_to_gcj02(lon, lat)
    assert float(east) == pytest.approx(lon_gcj, abs=1e-11)
    assert float(north) == pytest.approx(lat_gcj, abs=1e-11)


def test_bd09_meets_the_published_example() -> None:
    # the example of coordtransform: longitude and latitude 116.404, 39.915 taken as GCJ-02
    east, north = gcj02_to_bd09(116.404, 39.915)
    assert float(east) == pytest.approx(116.41036949371029, abs=1e-11)
    assert float(north) == pytest.approx(39.92133699351021, abs=1e-11)


@settings(deadline=None, max_examples=200)
@given(st.floats(73.5, 135.0), st.floats(3.9, 53.5))
def test_shifts_there_and_back_agree(lon: float, lat: float) -> None:
    back = gcj02_to_wgs84(*wgs84_to_gcj02(lon, lat))
    assert abs(float(back[0]) - lon) < 1e-6
    assert abs(float(back[1]) - lat) < 1e-6
    back = bd09_to_wgs84(*gcj02_to_bd09(*wgs84_to_gcj02(lon, lat)))
    assert abs(float(back[0]) - lon) < 1e-6
    assert abs(float(back[1]) - lat) < 1e-6


@settings(deadline=None, max_examples=100)
@given(st.floats(73.5, 135.0), st.floats(18.0, 53.5))
def test_the_shift_in_china_is_a_few_hundred_metres(lon: float, lat: float) -> None:
    shifted = wgs84_to_gcj02(lon, lat)
    _, _, metres = pyproj.Geod(ellps="WGS84").inv(lon, lat, float(shifted[0]), float(shifted[1]))
    assert 10.0 < metres < 1200.0


def test_the_shift_at_meishan_is_the_known_one() -> None:
    east, north = gcj02_offset_m(122.04, 29.78)
    assert east == pytest.approx(412.0, abs=10.0)
    assert north == pytest.approx(-264.0, abs=10.0)


@pytest.mark.parametrize(
    ("lon", "lat", "epsg"),
    [
        (121.9, 29.8, 4550),
        (120.2, 30.3, 4549),
        (116.4, 39.9, 4548),
        (113.9, 22.54, 4547),
        (87.6, 43.8, 4538),
        (7.66, 45.06, 32632),
        (126.98, 37.57, 32652),
        (151.2, -33.9, 32756),
        (180.0, 0.0, 32660),
    ],
)
def test_study_crs_is_the_belt_of_the_place(lon: float, lat: float, epsg: int) -> None:
    assert study_crs(lon, lat).to_epsg() == epsg


@settings(deadline=None, max_examples=100)
@given(st.floats(-180, 180), st.floats(-80, 84))
def test_study_crs_keeps_areas_true(lon: float, lat: float) -> None:
    crs = study_crs(lon, lat)
    assert crs.is_projected
    factors = pyproj.Proj(crs).get_factors(lon, lat)
    assert factors.areal_scale == pytest.approx(1.0, abs=0.003)


def test_study_crs_refuses_metres() -> None:
    with pytest.raises(ValueError, match="degrees"):
        study_crs(400_000.0, 3_300_000.0)


def test_to_study_needs_metres() -> None:
    frame = gpd.GeoDataFrame(geometry=[Point(*MEISHAN)], crs=4326)
    assert to_study(frame, BELT).crs == BELT
    with pytest.raises(ValueError, match="metres"):
        to_study(frame, pyproj.CRS.from_epsg(4490))
    with pytest.raises(ValueError, match="no coordinate reference system"):
        to_study(gpd.GeoDataFrame(geometry=[Point(*MEISHAN)]), BELT)


def square(epsg: int, size: float = 1000.0) -> gpd.GeoDataFrame:
    x, y = pyproj.Transformer.from_crs(4326, epsg, always_xy=True).transform(*MEISHAN)
    return gpd.GeoDataFrame(geometry=[box(x, y, x + size, y + size)], crs=epsg)


@pytest.mark.parametrize("drawn", [4549, 4551, 4529, 4509, 4499])
def test_a_wrong_belt_is_told_with_the_belt_that_fits(drawn: int) -> None:
    zone = square(4550)
    wrong = square(drawn).set_crs(4550, allow_override=True)
    findings = Findings()
    assert not check_belt(wrong, Source(Path("p.gpkg")), findings, zone)
    (fault,) = findings.errors
    text = str(fault)
    assert "p.gpkg" in text
    assert "wrong belt" in text
    fitting = pyproj.CRS.from_epsg(int(text.rsplit("EPSG:", maxsplit=1)[-1][:5]))
    there = wrong.set_crs(fitting, allow_override=True).to_crs(4550)
    assert there.distance(zone.union_all()).max() < 1000.0


def test_the_right_belt_is_silent() -> None:
    findings = Findings()
    assert check_belt(square(4549), Source(Path("p.gpkg")), findings, square(4550))
    assert check_belt(square(4550), Source(Path("p.gpkg")), findings)
    assert not findings.faults


def test_a_belt_number_in_the_easting_tells_the_belt_without_a_zone() -> None:
    frame = square(4529).set_crs(4550, allow_override=True)
    findings = Findings()
    assert not check_belt(frame, Source(Path("p.gpkg")), findings)
    assert "EPSG:4529" in str(findings.errors[0])
    assert fitting_crs(400_000.0, 3_300_000.0) is None


def test_unshift_brings_a_projected_amap_layer_home() -> None:
    true = square(4550, size=10.0)
    east, north = gcj02_offset_m(*MEISHAN)
    drawn = true.set_geometry(true.translate(east, north))
    back = unshift(drawn, "gcj02").to_crs(4550)
    assert np.abs(back.total_bounds - true.total_bounds).max() < 0.1
    assert unshift(true, "wgs84") is true


def island() -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    centre = square(4550).geometry.iloc[0].centroid
    land = gpd.GeoDataFrame(geometry=[centre.buffer(3000.0)], crs=4550)
    x, y = centre.x, centre.y
    lots = [
        box(x + i * 200, y + j * 200, x + i * 200 + 190, y + j * 200 + 190)
        for i in range(-16, 16)
        for j in range(-16, 16)
    ]
    lots = [lot for lot in lots if lot.within(land.geometry.iloc[0])]
    return land, gpd.GeoDataFrame(geometry=lots, crs=4550)


def test_parcels_drawn_on_amap_are_suspected() -> None:
    land, parcels = island()
    shifted = parcels.set_geometry(parcels.translate(*gcj02_offset_m(*MEISHAN)))
    findings = Findings()
    assert suspect_gcj02(shifted, land, findings)
    (fault,) = findings.faults
    assert fault.level == "warning"
    assert "GCJ-02" in str(fault)
    assert 'coordinates = "gcj02"' in str(fault)


def test_true_parcels_are_not_suspected() -> None:
    land, parcels = island()
    findings = Findings()
    assert not suspect_gcj02(parcels, land, findings)
    assert not suspect_gcj02(parcels.iloc[:0], land, findings)
    assert not findings.faults


@pytest.mark.parametrize("there", [4549, 4528, 32651, 3857])
def test_valid_polygons_stay_valid_in_another_crs(there: int) -> None:
    plan = gpd.read_file(Path(str(files("layers").joinpath("meishan", "plan.gpkg"))), layer="parcels")
    moved = to_study(plan, pyproj.CRS.from_epsg(there))
    assert moved.is_valid.all()
    assert moved.geom_type.isin(["Polygon", "MultiPolygon"]).all()
    plain = plan.to_crs(there)
    kept = plain.is_valid  # the others have no area that a mended shape could be held against to the last digit
    np.testing.assert_allclose(moved.area[kept], plain.area[kept], rtol=1e-12)
    np.testing.assert_allclose(moved.area, plain.area, atol=1.0)
