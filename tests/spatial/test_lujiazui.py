"""A real place: land use, roads and buildings of Lujiazui from OpenStreetMap, with Shanghai's weather."""

import shutil
from pathlib import Path

import geopandas as gpd
import pandas as pd
from shapely.geometry import box

from spatial.run import run_study
from spatial.study import read_study

STUDY = """
[study]
name = "lujiazui"
title_zh = "陆家嘴"
title_en = "Lujiazui"

[inputs]
zone = "zone.gpkg"
parcels = "plan.gpkg"
streets = "shanghai.gpkg#roads"
buildings = "shanghai.gpkg#buildings"
crosswalk = "uses.csv"
weather = "shanghai.epw"

[parcels]
columns = { landuse = "kind" }
polygons_only = true
join_pieces = true
cut_overlaps = true

[drivers.population]
2017 = 110000
2030 = 120000

[drivers.gdp_million_cny]
2017 = 200000
2030 = 300000
"""


def test_lujiazui_runs_through_to_its_map(shared_data: Path, osm_uses: str, tmp_path: Path) -> None:
    source = shared_data / "shanghai_lujiazui_osm" / "shanghai.gpkg"
    weather = next((shared_data / "epw_shanghai").glob("*.epw"))
    study = tmp_path / "study"
    study.mkdir()
    shutil.copy(source, study / "shanghai.gpkg")
    shutil.copy(weather, study / "shanghai.epw")
    raw = gpd.read_file(source, layer="landuse")
    zone = gpd.GeoDataFrame(geometry=[box(*raw.total_bounds).buffer(0.002)], crs=raw.crs)
    zone.to_file(study / "zone.gpkg")
    raw[~raw["kind"].isin(["protected_area", "bridge"])].to_file(study / "plan.gpkg")
    (study / "uses.csv").write_text(osm_uses, encoding="utf-8")
    (study / "study.toml").write_text(STUDY, encoding="utf-8")

    run = run_study(read_study(study), tmp_path / "out")

    page = run.map.read_text(encoding="utf-8")
    assert "陆家嘴" in page
    stock = pd.read_csv(run.out / "tables" / "stock.csv", skiprows=[1])
    # Footprints with heights replace the plan's controls; no default height of a land use passes 100 m.
    assert stock["height_m"].max() > 100.0
    balance = pd.read_csv(run.out / "tables" / "balance.csv", skiprows=[1])
    assert (balance.groupby(["scenario", "year"])["co2_t"].sum() > 0.0).all()
    turbines = pd.read_csv(run.out / "tables" / "turbines.csv", skiprows=[1])
    assert turbines.empty
