"""A small made-up study that every stage can run on in seconds, and where the real test data lies."""

import os
import shutil
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import rasterio
from hypothesis import settings
from rasterio.transform import from_origin
from shapely.geometry import LineString, box

# Continuous integration judges a change, so it tries the same examples every time; every other run explores new ones.
# Neither judges how long an example takes: that is the machine's, not ours.
settings.register_profile("ci", derandomize=True, deadline=None)
settings.register_profile("own", deadline=None)
settings.load_profile("ci" if os.environ.get("CI") else "own")

CRS = "EPSG:4550"
WEST, SOUTH = 398_000.0, 3_297_000.0
"""A place near 29.79 N, 121.95 E."""

CODES = (
    "R2", "R2", "B1", "A33", "R2/B1", "G1",
    "R2", "B2", "B2", "A1", "A5", "G1",
    "M1", "M1", "M2", "U1", "S42", "E1",
    "M1", "W1", "H23", "H23", "R1", "E23",
    "H14", "E2", "E2", "E23", "R2", "B14",
)  # fmt: skip

NORMALS = """# made up in the order of the East China coast
month,ghi_kwh_m2,temp_mean_c,temp_max_c,temp_min_c,relative_humidity_pct,wind_speed_m_s
1,73,4.7,8.4,1.6,75,4.6
2,78,5.9,9.6,2.8,76,4.7
3,103,9.5,13.6,5.8,77,4.7
4,127,14.9,19.5,10.9,77,4.5
5,142,19.9,24.0,16.0,77,4.2
6,127,24.0,27.6,20.7,83,4.2
7,167,28.0,32.1,24.3,80,4.8
8,158,27.7,31.4,24.4,80,4.9
9,122,23.7,27.3,20.4,80,4.7
10,107,18.4,22.6,14.6,76,4.7
11,81,12.8,17.4,8.5,75,4.5
12,74,7.2,11.3,3.4,73,4.5
"""

STUDY = """
[study]
name = "small"
title_zh = "小区"
title_en = "Small zone"
base_year = 2017
target_year = 2030
illustrative = ["everything"]

[inputs]
zone = "plan.gpkg#zone"
units = "plan.gpkg#units"
land = "plan.gpkg#land"
sea_area = "plan.gpkg#sea_area"
exclusions = "plan.gpkg#exclusions"
parcels = "plan.gpkg#parcels"
streets = "plan.gpkg#streets"
weather = "normals.csv"
wind = "wind.tif"
depth = "depth.tif"

[weather]
utc_offset_h = 8
altitude_m = 5

[drivers.population]
2017 = 8000

[drivers.gdp_million_cny]
2017 = 1500

[drivers.teu]
2017 = 100000
2030 = 300000

[drivers.berth_calls]
2017 = 100
2030 = 200
"""


OSM_USES = """code,landuse
residential,R2
commercial,B2
retail,B1
park,G1
garden,G1
grass,G1
natural_wood,E23
forest,E23
school,A33
hospital,A5
recreation_ground,A4
pitch,A4
parking,S4
pedestrian,G3
fuel,B4
footway,S1
library,A2
place_of_worship,A9
attraction,B3
pier,H23
"""
"""What the kinds of OpenStreetMap mean as land use."""


def _frame(geometry: list, **columns: list) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(columns, geometry=geometry, crs=CRS)


def _raster(path: Path, values: np.ndarray, cell: float) -> None:
    transform = from_origin(WEST - 2_000.0, SOUTH + 5_000.0, cell, cell)
    with rasterio.open(
        path, "w", driver="GTiff", height=values.shape[0], width=values.shape[1], count=1, dtype="float32",
        crs=CRS, transform=transform, nodata=-9999.0,
    ) as target:  # fmt: skip
        target.write(values.astype("float32"), 1)


def make_small_study(folder: Path) -> Path:
    """Write a zone of 2.4 by 2 km with 30 parcels of 400 m, streets between them and sea in the east."""
    folder.mkdir(parents=True, exist_ok=True)
    plan, side, road = folder / "plan.gpkg", 400.0, 10.0
    cells = [
        (
            i,
            j,
            box(
                WEST + j * side + road,
                SOUTH + i * side + road,
                WEST + (j + 1) * side - road,
                SOUTH + (i + 1) * side - road,
            ),
        )
        for i in range(5)
        for j in range(6)
    ]
    ids = [f"P{i}{j}" for i, j, _ in cells]
    parcels = _frame(
        [shape for _, _, shape in cells],
        parcel_id=ids,
        name=[f"地块{name}" for name in ids],
        landuse=list(CODES),
        far=[2.0 if code[0] in "RBA" else 1.0 if code[0] in "MWH" else 0.0 for code in CODES],
        density=[0.28] * len(ids),
        height_m=[36.0 if code[0] in "RBA" else 24.0 for code in CODES],
        green_ratio=[0.3] * len(ids),
        status=["existing" if i < 2 else "planned" for i, _, _ in cells],
        phase_year=[2017 if i < 2 else 2018 + 3 * i for i, _, _ in cells],
    )
    parcels.to_file(plan, layer="parcels")
    land = box(WEST, SOUTH, WEST + 6 * side, SOUTH + 5 * side)
    _frame([land], zone_id=["Z"], name_zh=["小区"], name_en=["Small"]).to_file(plan, layer="zone")
    halves = [
        box(WEST, SOUTH, WEST + 3 * side, SOUTH + 5 * side),
        box(WEST + 3 * side, SOUTH, WEST + 6 * side, SOUTH + 5 * side),
    ]
    _frame(halves, unit_id=["U1", "U2"], name_zh=["西片", "东片"], name_en=["West", "East"]).to_file(
        plan, layer="units"
    )
    _frame([land], land_id=["L"]).to_file(plan, layer="land")
    sea = box(WEST + 6 * side, SOUTH, WEST + 20_000.0, SOUTH + 5_000.0)
    _frame([sea], sea_area_id=["S"], name_zh=["海域"], name_en=["Sea"]).to_file(plan, layer="sea_area")
    channel = box(WEST + 14_000.0, SOUTH, WEST + 15_000.0, SOUTH + 5_000.0)
    _frame([channel], exclusion_id=["C"], kind=["shipping_channel"], name_zh=["航道"], name_en=["Channel"]).to_file(
        plan, layer="exclusions"
    )
    rows = [LineString([(WEST, SOUTH + i * side), (WEST + 6 * side, SOUTH + i * side)]) for i in range(6)]
    columns = [LineString([(WEST + j * side, SOUTH), (WEST + j * side, SOUTH + 5 * side)]) for j in range(7)]
    lines = rows + columns
    _frame(
        lines, street_id=[f"S{n}" for n in range(len(lines))], name=[""] * len(lines), road_class=["local"] * len(lines)
    ).to_file(plan, layer="streets")
    distance = np.arange(48) * 500.0
    wind = np.tile(6.5 + distance / 20_000.0, (16, 1))
    depth = np.tile(np.where(distance < 4_500.0, -9999.0, distance / 1_000.0), (16, 1))
    _raster(folder / "wind.tif", wind, 500.0)
    _raster(folder / "depth.tif", depth, 500.0)
    (folder / "normals.csv").write_text(NORMALS, encoding="utf-8")
    (folder / "study.toml").write_text(STUDY, encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def small_study_master(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_small_study(tmp_path_factory.mktemp("master") / "small")


@pytest.fixture
def small_study(small_study_master: Path, tmp_path: Path) -> Path:
    """A copy of the small study that a test may spoil."""
    return Path(shutil.copytree(small_study_master, tmp_path / "study"))


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder of real third-party data; tests that need it skip where it is absent."""
    folder = Path(__file__).parents[2] / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("the real data sets are not on this machine")
    return folder


@pytest.fixture(scope="session")
def osm_uses() -> str:
    """A crosswalk CSV from kinds of OpenStreetMap to land-use codes."""
    return OSM_USES
