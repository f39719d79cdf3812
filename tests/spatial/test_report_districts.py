"""Demand along streets and its clusters in the GeoPackage, the workbook and the hourly folder."""

import sqlite3
from contextlib import closing
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyarrow.parquet as pq
import pytest
from openpyxl import load_workbook

import made_plans as made
from spatial import report
from spatial.demand import DemandOptions, demand_clusters, density_raster, linear_density

META = report.RunMeta("test", "试验区", "Test zone", 2017, made.YEAR, made.CRS)


@pytest.fixture(scope="module")
def tables() -> dict[str, pd.DataFrame]:
    plan = made.plan_of(4, 15, 8)
    options = DemandOptions(cluster_heat_mwh_ha=1.0, cluster_cold_mwh_ha=1.0)
    linear, street_parcels = linear_density(
        plan.demand, plan.parcels, plan.streets, plan.stock, plan.profiles, made.YEAR, options
    )
    grid, density = density_raster(plan.demand, plan.parcels, made.YEAR, options)
    clusters, curves = demand_clusters(
        plan.demand, plan.parcels, plan.stock, plan.profiles, grid, density, made.YEAR, options
    )
    names = ("linear_density", "street_parcels", "clusters", "cluster_profiles")
    return dict(zip(names, (linear, street_parcels, clusters, curves), strict=True))


def test_streets_and_clusters_are_layers_with_styles(tables: dict[str, pd.DataFrame], tmp_path: Path) -> None:
    path = report.write_geopackage(tables, META, tmp_path / "layers.gpkg")
    streets = gpd.read_file(path, layer="linear_density").set_index("street_id")
    assert streets["heat_mwh_m"].tolist() == pytest.approx(tables["linear_density"]["heat_mwh_m"].tolist())
    assert gpd.read_file(path, layer="clusters")["cluster_id"].tolist() == tables["clusters"]["cluster_id"].tolist()
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute("SELECT f_table_name, styleName, styleQML, useAsDefault FROM layer_styles").fetchall()
    styles = {(layer, name): (qml, default) for layer, name, qml, default in rows}
    assert {key: default for key, (_, default) in styles.items()} == {
        ("clusters", "default"): 1,
        ("linear_density", "heat_mwh_m"): 1,
        ("linear_density", "cold_mwh_m"): 0,
    }
    assert "graduatedSymbol" in styles["linear_density", "cold_mwh_m"][0]
    assert "MWh/(m a)" in styles["linear_density", "heat_mwh_m"][0]


def test_load_curves_are_hourly_in_kilowatts(tables: dict[str, pd.DataFrame], tmp_path: Path) -> None:
    (path,) = report.write_hourly(tables, META, tmp_path)
    assert path.name == "cluster_profiles.parquet"
    schema = pq.read_schema(path)
    assert schema.names == ["time", *tables["clusters"]["cluster_id"]]
    assert {schema.field(name).metadata[b"unit"] for name in schema.names[1:]} == {b"kW"}
    empty = {**tables, "cluster_profiles": tables["cluster_profiles"].iloc[:, :0]}
    assert report.write_hourly(empty, META, tmp_path / "none") == []


def test_csv_and_workbook_have_them_without_the_hours(tables: dict[str, pd.DataFrame], tmp_path: Path) -> None:
    report.write_tables(tables, META, tmp_path)
    assert {path.stem for path in (tmp_path / "tables").iterdir()} == set(tables) - {"cluster_profiles"}
    sheets = load_workbook(tmp_path / "balance.xlsx").sheetnames
    assert {"集聚区 clusters", "沿街需求 along streets"} <= set(sheets)
