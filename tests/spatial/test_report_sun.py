"""Sun on roofs in the GeoPackage, the rasters, the tables, the workbook and the hourly folder."""

import csv
import hashlib
import re
import sqlite3
from contextlib import closing
from pathlib import Path
from xml.etree import ElementTree as ET

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
import rasterio
from openpyxl import load_workbook
from shapely import box

from layers.glossary import glossary
from layers.tables.contract import Table
from layers.tables.resources import GRID, ROOF_PROFILES, ROOFS, SUN_CELLS, SUPPLY_CURVES
from layers.tables.weather import SITE
from made_roofs import OPEN, SHADE, roof_tables
from spatial import report
from spatial.report.headers import unit_of
from spatial.report.styles import even_steps, ramp_steps
from spatial.report.words import column_name

CRS = "EPSG:4550"
META = report.RunMeta("test", "试验区", "Test zone", 2017, 2030, CRS)


@pytest.fixture(scope="module")
def tables() -> dict[str, pd.DataFrame]:
    parcels = gpd.GeoDataFrame(
        {"parcel_id": [f"P{i}" for i in range(12)], "unit_id": ["U1", "U2"] * 6},
        geometry=[
            box(400_000 + 200 * i, 3_300_000 - 900 * (i % 2), 400_190 + 200 * i, 3_300_190 - 900 * (i % 2))
            for i in range(12)
        ],
        crs=CRS,
    )
    return roof_tables(parcels, [f"P{i}" for i in range(12)])


@pytest.fixture(scope="module")
def folder(tables: dict[str, pd.DataFrame], tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("sun")
    files = [
        *report.write_tables(tables, META, place),
        report.write_geopackage(tables, META, place / "layers.gpkg"),
        *report.write_rasters(tables, META, place),
        *report.write_hourly(tables, META, place),
    ]
    report.write_index(tables, META, files, place)
    return place


@pytest.mark.parametrize(
    ("table", "contract"),
    [
        ("roofs", ROOFS),
        ("sun_cells", SUN_CELLS),
        ("sun_grid", GRID),
        ("supply_curves", SUPPLY_CURVES),
        ("roof_profiles", ROOF_PROFILES),
        ("site", SITE),
    ],
)
def test_the_made_up_tables_keep_their_contracts(table: str, contract: Table, tables: dict[str, pd.DataFrame]) -> None:
    assert [str(fault) for fault in contract.faults(tables[table])] == []


def test_roofs_are_a_layer_coloured_by_yield(folder: Path, tables: dict[str, pd.DataFrame]) -> None:
    layer = gpd.read_file(folder / "layers.gpkg", layer="roofs").set_index("roof_id")
    assert layer.crs.to_epsg() == 4550
    roofs = tables["roofs"]
    pd.testing.assert_series_equal(layer["mwh_07"], roofs["mwh_07"])
    assert layer.area.tolist() == pytest.approx(roofs["roof_m2"].tolist())
    with closing(sqlite3.connect(folder / "layers.gpkg")) as connection:
        rows = connection.execute("SELECT styleName, styleQML, useAsDefault FROM layer_styles").fetchall()
    styles = {name: (qml, default) for name, qml, default in rows}
    assert {name: default for name, (_, default) in styles.items()} == {"kwh_kwp": 1, "lcoe_cny_kwh": 0}
    root = ET.fromstring(styles["kwh_kwp"][0])  # noqa: S314 - our own text
    renderer = root.find("renderer-v2")
    assert renderer is not None
    assert renderer.attrib["attr"] == "kwh_kwp"
    ranges = [(float(one.attrib["lower"]), float(one.attrib["upper"])) for one in root.iter("range")]
    # yields of roofs are much alike, and are told apart all the same
    assert len(ranges) == 5
    for value in roofs["kwh_kwp"]:
        assert sum(low < value <= high for low, high in ranges) == 1
    assert "kWh/kWp" in next(root.iter("range")).attrib["label"]


def test_classes_of_roofs_are_even_and_round_and_open_at_their_ends() -> None:
    alike = np.r_[np.linspace(1010.0, 1145.0, 990), 511.0, 600.0]
    steps = even_steps(pd.Series(alike), "sun", "kWh/kWp")
    assert [step.label for step in steps] == [
        "< 950 kWh/kWp", "950 - 1000 kWh/kWp", "1000 - 1050 kWh/kWp", "1050 - 1100 kWh/kWp", "> 1100 kWh/kWp",
    ]  # fmt: skip
    assert (steps[0].low, steps[-1].high) == (0.0, 1150.0)
    dear = even_steps(pd.Series(np.r_[np.linspace(0.197, 0.215, 990), 0.44]), "energy", "CNY/kWh")
    assert dear[-1].low == pytest.approx(0.21)
    assert dear[-1].high == 0.44
    for values in ([5.0, 5.0], [], [np.nan]):
        assert even_steps(pd.Series(values, dtype=float), "sun", "MWh") == ramp_steps(
            pd.Series(values, dtype=float), "sun", "MWh"
        )


def test_irradiation_is_a_cloud_optimised_raster(folder: Path, tables: dict[str, pd.DataFrame]) -> None:
    grid, cells = tables["sun_grid"].iloc[0], tables["sun_cells"]["kwh_m2"]
    with rasterio.open(folder / "rasters" / "irradiation.tif") as raster:
        assert raster.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"
        assert raster.crs.to_epsg() == 4550
        assert raster.units == ("kWh/m2",)
        assert raster.descriptions == ("年辐照量 Irradiation",)
        assert (raster.bounds.left, raster.bounds.top) == (grid["x0_m"], grid["y0_m"])
        values = raster.read(1, masked=True)
    assert values.shape == (grid["rows"], grid["cols"])
    assert (~values.mask).sum() == len(cells)
    np.testing.assert_allclose(values.ravel()[cells.index], cells, rtol=1e-6)
    assert values.max() == OPEN
    assert values.min() > SHADE


def test_csv_files_state_the_units(folder: Path, tables: dict[str, pd.DataFrame]) -> None:
    names = {path.name for path in (folder / "tables").iterdir()}
    assert {"roofs.csv", "supply_curves.csv"} <= names
    assert not {"sun_cells.csv", "sun_grid.csv", "roof_profiles.csv"} & names
    with (folder / "tables" / "roofs.csv").open(encoding="utf-8-sig", newline="") as stream:
        columns, units, *rows = csv.reader(stream)
    unit = dict(zip(columns, units, strict=True))
    assert "geometry" not in columns
    assert len(rows) == len(tables["roofs"])
    wanted = {
        "kwp": "kWp",
        "mwh_p90": "MWh",
        "mwh_01": "MWh",
        "mwh_12": "MWh",
        "kwh_kwp": "kWh/kWp",
        "light": "1",
        "lcoe_cny_kwh": "CNY/kWh",
        "opex_cny_a": "CNY/a",
        "payback_years": "a",
        "poa_kwh_m2": "kWh/m2",
    }
    assert {name: unit[name] for name in wanted} == wanted
    assert rows[0][columns.index("payback_years")] == ""  # never
    with (folder / "tables" / "supply_curves.csv").open(encoding="utf-8-sig", newline="") as stream:
        columns, units, *rows = csv.reader(stream)
    unit = dict(zip(columns, units, strict=True))
    assert (unit["cumulative_mw"], unit["cumulative_mwh"], unit["lcoe_cny_kwh"]) == ("MW", "MWh", "CNY/kWh")
    assert {row[columns.index("unit_id")] for row in rows} == {"U1", "U2", "zone"}


def test_the_workbook_has_the_supply_curves(folder: Path, tables: dict[str, pd.DataFrame]) -> None:
    book = load_workbook(folder / "balance.xlsx")
    sheet = book["屋顶光伏供给 roof supply"]
    assert sheet.max_row == 2 + len(tables["supply_curves"])
    heads = [cell.value for cell in sheet[1]]
    assert "累计装机容量 Cumulative capacity" in heads
    assert all(re.search("[\u4e00-\u9fff]", head) and re.search("[A-Za-z]", head) for head in heads)
    columns = [*SUPPLY_CURVES.key, *SUPPLY_CURVES.columns]
    for language in ("zh", "en"):
        assert len({column_name(column, language, "supply_curves") for column in columns}) == len(columns)


def test_hours_of_roofs_have_their_unit(folder: Path, tables: dict[str, pd.DataFrame]) -> None:
    path = folder / "hourly" / "roof_profiles.parquet"
    schema = pq.read_schema(path)
    assert schema.names == ["time", *tables["roof_profiles"].columns]
    assert {schema.field(name).metadata[b"unit"] for name in schema.names[1:]} == {b"kW/kWp"}
    assert len(pd.read_parquet(path)) == 8760


def test_the_index_page_says_what_the_files_are(folder: Path) -> None:
    page = (folder / "index.html").read_text(encoding="utf-8")
    for name, zh, en in (
        ("tables/roofs.csv", "示意布局", "in a schematic layout"),
        ("tables/supply_curves.csv", "累计容量", "cheapest first"),
        ("rasters/irradiation.tif", "年辐照量", "schematic layout of the target year"),
        ("hourly/roof_profiles.parquet", "含遮挡", "shade included"),
    ):
        assert f'href="{name}"' in page
        assert zh in page
        assert en in page


def test_two_runs_give_the_same_bytes(folder: Path, tables: dict[str, pd.DataFrame], tmp_path: Path) -> None:
    again = [report.write_geopackage(tables, META, tmp_path / "layers.gpkg")]
    again += report.write_rasters(tables, META, tmp_path)
    for path in again:
        first = (folder / path.relative_to(tmp_path)).read_bytes()
        assert hashlib.sha256(path.read_bytes()).digest() == hashlib.sha256(first).digest(), path.name


def test_an_old_run_has_none_of_it(tables: dict[str, pd.DataFrame], tmp_path: Path) -> None:
    empty = {name: frame.iloc[:0] for name, frame in tables.items()}
    for given in ({}, empty):
        assert report.write_rasters(given, META, tmp_path) == []
        assert report.write_hourly(given, META, tmp_path) == []
        assert not report.write_geopackage({}, META, tmp_path / "layers.gpkg").exists()


@pytest.mark.parametrize("contract", [ROOFS, SUN_CELLS, SUPPLY_CURVES], ids=lambda contract: contract.name)
def test_every_new_column_stands_in_the_glossary(contract: Table) -> None:
    for column in (*contract.key, *contract.columns):
        entry = glossary()[column]
        assert re.search("[\u4e00-\u9fff]", entry.zh), column
        assert entry.en, column
        assert entry.definition or column == "pv_class", column
        assert unit_of(column) == entry.unit
    assert glossary()["irradiation_kwh_m2"].unit == "kWh/m2"
