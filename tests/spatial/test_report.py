"""Every output of a run, written from small made-up tables and opened again."""

import csv
import hashlib
import json
import re
import sqlite3
import zipfile
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pyproj
import pytest
import rasterio
from openpyxl import load_workbook
from shapely.geometry import LineString, Point, box

from layers.grid import Grid
from layers.tables.balance import BALANCE, CARRIERS, INDICATORS, SINKS, SUPPLY, TARGETS, WATERFALL
from layers.tables.contract import Table
from layers.tables.demand import ACTIVITY, INTENSITIES
from layers.tables.networks import CONNECTIONS, NETWORK_SUMMARY, PIPES, STATIONS
from layers.tables.place import PARCELS
from layers.tables.resources import PV_CLASSES, TURBINES
from layers.tables.review import REVIEW
from spatial import report
from spatial.report.csvfiles import write_csv, write_tables
from spatial.report.headers import both
from spatial.report.hourly import zone_hours
from spatial.report.parcels import parcel_results, unit_results
from spatial.report.words import column_name, heading
from spatial.report.workbook import MOST_ROWS

CRS = "EPSG:4550"
META = report.RunMeta(
    name="test",
    title_zh="试验区 <b>",
    title_en="Test zone <script>alert(1)</script>",
    base_year=2017,
    target_year=2030,
    crs=CRS,
    illustrative=("floor_area_m2", "Parcels & controls are made up"),
    attribution=("© OpenStreetMap contributors <i>",),
    switches={"sinks": "net"},
    versions={"nearzero": "0.1.0"},
    inputs=(("parcels.gpkg", "ab" * 32, "parcels"),),
    scenarios=("bau", "near_zero"),
)
X0, Y0 = 400_000.0, 3_300_000.0


def _balance() -> pd.DataFrame:
    rows = [
        (scenario, year, unit, sector, carrier, 100.0 + number, (50.0 + number) * (0.6 if scenario != "bau" else 1.0))
        for number, year in enumerate(range(2017, 2031))
        for scenario in ("bau", "near_zero")
        for unit in ("U1", "U2")
        for sector in ("residential", "port")
        for carrier in CARRIERS[:2]
    ]
    return pd.DataFrame(rows, columns=["scenario", "year", "unit_id", "sector", "carrier", "energy_mwh", "co2_t"])


def _hourly() -> dict[str, pd.DataFrame]:
    times = pd.date_range("2017-01-01", periods=8760, freq="h", tz="Etc/GMT-8", name="time")
    hour = np.arange(8760)
    sun = np.maximum(np.sin((hour % 24 - 6) / 12 * np.pi), 0.0)
    cold = np.cos(hour / 8760 * 2 * np.pi)
    return {
        "demand_profiles": pd.DataFrame(
            {
                "office|code2010|heating": 20 * np.maximum(cold, 0),
                "office|code2010|cooling_sensible": 30 * np.maximum(-cold, 0),
                "office|code2010|cooling_latent": 5 * np.maximum(-cold, 0),
                "office|code2010|lighting": 6.0,
                "hotel|nzeb|heating": 99.0,
            },
            index=times,
        ),
        "pv_profiles": pd.DataFrame({"roof_flat_tilted_s": 0.8 * sun, "carport": 0.7 * sun}, index=times),
        "wind_profiles": pd.DataFrame({"sea": 0.35, "land": 0.2}, index=times),
    }


@pytest.fixture(scope="module")
def tables() -> dict[str, pd.DataFrame]:
    parcels = gpd.GeoDataFrame(
        {
            "name": ["=1+1", "<script>", "C"],
            "assumed": ["far;green_ratio", "", ""],
            "unit_id": ["U1", "U1", "U2"],
            "landuse_given": ["R2", "M1", "E12"],
            "landuse": ["R2", "M1", "E12"],
            "group": ["R", "M", "E"],
            "area_m2": [10_000.0, 20_000.0, 5_000.0],
            "far": [2.0, 1.0, 0.0],
            "existing": [True, False, True],
            "phase_year": [2017, 2025, 2017],
        },
        index=pd.Index(["P1", "P2", "P3"], name="parcel_id"),
        geometry=[box(X0 + 200 * i, Y0, X0 + 200 * i + 100, Y0 + 100) for i in range(3)],
        crs=CRS,
    )
    units = gpd.GeoDataFrame(
        {"name_zh": ["一", "二"], "name_en": ["One", "Two"], "area_m2": [30_000.0, 5_000.0]},
        index=pd.Index(["U1", "U2"], name="unit_id"),
        geometry=[box(X0, Y0, X0 + 300, Y0 + 100), box(X0 + 400, Y0, X0 + 500, Y0 + 100)],
        crs=CRS,
    )
    sea = Grid(X0 - 1000.0, Y0 + 1000.0, 500.0, 2, 3, pyproj.CRS.from_user_input(CRS))
    density = Grid(X0, Y0 + 200.0, 100.0, 2, 5, pyproj.CRS.from_user_input(CRS))
    x, y = sea.centres()
    cells = pd.Index(np.arange(6), name="cell_id")
    balance = _balance()
    return {
        "parcels": parcels,
        "units": units,
        "zone": gpd.GeoDataFrame(
            {"name_zh": ["区"], "name_en": ["Zone"], "area_m2": [1.0]},
            index=pd.Index(["Z"], name="zone_id"),
            geometry=[box(X0, Y0, X0 + 500, Y0 + 100)],
            crs=CRS,
        ),
        "pipes": gpd.GeoDataFrame(
            {
                "network": ["heating", "cooling"],
                "dn_mm": [150.0, 500.0],
                "length_m": [100.0, 80.0],
                "loss_mwh": [1.0, 2.0],
                "phase_year": [2020, 2025],
            },
            index=pd.Index(["p1", "p2"], name="pipe_id"),
            geometry=[LineString([(X0, Y0), (X0 + 100, Y0)]), LineString([(X0, Y0), (X0, Y0 + 80)])],
            crs=CRS,
        ),
        "turbines": gpd.GeoDataFrame(
            {"cell_id": [1], "site": ["sea"], "in_zone": [False], "capacity_kw": [8000.0], "net_mwh": [24_000.0]},
            index=pd.Index(["t1"], name="turbine_id"),
            geometry=[Point(X0 - 700, Y0 + 700)],
            crs=CRS,
        ),
        "sea_grid": sea.to_table("sea"),
        "sea_cells": pd.DataFrame(
            {
                "row": np.arange(6) // 3,
                "col": np.arange(6) % 3,
                "x_m": x,
                "y_m": y,
                "depth_m": [5.0, 10.0, np.nan, 7.0, 8.0, 9.0],
                "wind_m_s": [6.0, 6.5, 7.0, 6.1, 6.2, 6.3],
                "shore_distance_m": 100.0,
            },
            index=cells,
        ),
        "wind_cells": pd.DataFrame(
            {
                "site": "sea",
                "eligible": [True, True, False, False, False, True],
                "reasons": ["", "", "depth;channel", "depth", "shore", ""],
                "net_capacity_factor": [0.3, 0.31, np.nan, np.nan, np.nan, 0.29],
                "lcoe_cny_kwh": [0.4, 0.45, np.nan, np.nan, np.nan, 0.5],
            },
            index=cells,
        ),
        "density_grid": density.to_table("density"),
        "density": pd.DataFrame(
            {"row": [0, 1], "col": [1, 4], "heating_mwh": [500.0, 0.0], "cooling_mwh": [700.0, 100.0]},
            index=pd.Index([1, 9], name="cell_id"),
        ),
        "stock": pd.DataFrame(
            {
                "parcel_id": ["P1", "P2"],
                "unit_id": ["U1", "U1"],
                "archetype": ["office", "office"],
                "vintage": ["code2010", "code2010"],
                "year_from": [2017, 2025],
                "floor_area_m2": [20_000.0, 10_000.0],
            },
            index=pd.Index(["P1|office", "P2|office"], name="stock_id"),
        ),
        "pv_classes": pd.DataFrame(
            {"surface": ["carport", "roof"], "yield_kwh_kwp": [1000.0, 1100.0]},
            index=pd.Index(["carport", "roof_flat_tilted_s"], name="pv_class"),
        ),
        "pv_parcels": pd.DataFrame(
            {
                "parcel_id": ["P1", "P1", "P2"],
                "pv_class": ["carport", "roof_flat_tilted_s", "roof_flat_tilted_s"],
                "area_m2": [1000.0, 2000.0, 500.0],
                "kwp": [100.0, 200.0, 50.0],
                "mwh": [100.0, 220.0, 55.0],
            }
        ),
        "demand_parcels": pd.DataFrame(
            {
                "parcel_id": ["P1", "P1", "P2"],
                "year": [2017, 2030, 2030],
                "unit_id": "U1",
                "floor_area_m2": 1.0,
                "heating_mwh": [1.0, 2.0, 3.0],
                "cooling_mwh": [4.0, 5.0, 6.0],
                "heating_peak_kw": [9.0, 9.0, 9.0],
            }
        ),
        "parcel_account": pd.DataFrame(
            {
                "scenario": ["bau", "bau", "near_zero", "near_zero"],
                "year": [2017, 2030, 2017, 2030],
                "parcel_id": "P1",
                "energy_mwh": [10.0, 20.0, 10.0, 15.0],
                "co2_t": [5.0, 9.0, 5.0, 2.0],
            }
        ),
        "connections": pd.DataFrame(
            {
                "network": ["heating", "heating"],
                "parcel_id": ["P1", "P2"],
                "connected": [True, False],
                "reason": ["", "too_far"],
                "demand_mwh": [100.0, 1.0],
                "peak_kw": [40.0, 1.0],
            }
        ),
        "stations": gpd.GeoDataFrame(
            {"network": ["heating"], "parcel_id": ["P1"], "capacity_kw": [41.0]},
            index=pd.Index(["heating-station"], name="station_id"),
            geometry=[Point(X0, Y0)],
            crs=CRS,
        ),
        "network_summary": pd.DataFrame(
            {"parcels_connected": [1], "trench_m": [100.0], "peak_kw": [40.0]},
            index=pd.Index(["heating"], name="network"),
        ),
        "intensities": pd.DataFrame(
            {
                "archetype": ["office"],
                "vintage": ["code2010"],
                "service": ["heating"],
                "kwh_m2": [20.0],
                "peak_w_m2": [9.0],
            }
        ),
        "activity": pd.DataFrame(
            {
                "subsector": ["berth_calls"],
                "unit_id": ["U1"],
                "parcel_id": ["P1"],
                "year": [2030],
                "sector": ["port"],
                "activity_unit": ["call"],
                "activity": [59.1],
            }
        ),
        "supply": pd.DataFrame(
            {
                "scenario": ["bau"],
                "year": [2030],
                "carrier": ["electricity"],
                "item": ["grid"],
                "direction": ["in"],
                "energy_mwh": [1.0],
            }
        ),
        "sinks": pd.DataFrame(
            {
                "unit_id": ["U1"],
                "kind": ["forest"],
                "area_m2": [1.0],
                "co2_t": [1.0],
                "scenario": ["bau"],
                "year": [2030],
            }
        ),
        "indicators": pd.DataFrame(
            {
                "scenario": ["bau"],
                "year": [2017],
                "indicator": ["population"],
                "value": [79_999.99999999994],
                "unit": ["person"],
                "definition": ["residents"],
                "definition_zh": ["常住人口"],
            }
        ),
        "review": pd.DataFrame(
            {
                "parcel_id": ["P1", "P1", "P2"],
                "rule_id": ["r1", "r2", "r1"],
                "clause": "GB 50180-2018 4.0.2",
                "stage": "land_transfer",
                "indicator": "residential_far",
                "required": ["<= 2", "", "<= 1"],
                "value": ["1.5", "规划未给出 / not given", ""],
                "unit": ["1", "", "1"],
                "status": ["met", "not_met", "not_decidable"],
                "evidence": "=依据 / evidence",
            }
        ),
        "balance": balance,
        "targets": pd.DataFrame(
            {
                "scenario": ["near_zero", "near_zero"],
                "target": ["co2_per_head", "renewable_share"],
                "value": [0.86, np.nan],
                "sense": ["<=", ">="],
                "limit": [1.0, 0.7],
                "slack": [0.14, np.nan],
                "met": [True, False],
                "unit": ["t/person", "fraction"],
                "definition": ["net of sinks <b>", "final energy"],
                "definition_zh": ["已扣碳汇 <b>", "终端能源"],
            }
        ),
        "waterfall": pd.DataFrame(
            {
                "step": ["base_year", "bau.residential", "bau.port", "bau", "near_zero.port", "near_zero"],
                "co2_t": [1000.0, 300.0, -50.0, 1250.0, -900.0, 350.0],
                "order": range(6),
            }
        ),
        "drivers": pd.DataFrame(
            {
                "driver": "gdp_million_cny",
                "year": range(2017, 2031),
                "value": np.linspace(1000.0, 5000.0, 14),
                "unit": "million CNY",
            }
        ),
        **_hourly(),
    }


def write_all(tables: dict[str, pd.DataFrame], folder: Path) -> list[Path]:
    folder.mkdir()
    files = [
        *report.write_tables(tables, META, folder),
        report.write_geopackage(tables, META, folder / "layers.gpkg"),
        *report.write_rasters(tables, META, folder),
        *report.write_hourly(tables, META, folder),
    ]
    files = [path for path in files if path.exists()]  # no layers, no GeoPackage
    files.append(report.write_index(tables, META, files, folder))
    files.append(report.write_manifest(META, folder, {"parcels.gpkg": "ab" * 32}, files))
    return files


@pytest.fixture(scope="module")
def folder(tables: dict[str, pd.DataFrame], tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("report") / "first"
    write_all(tables, place)
    return place


def test_two_runs_give_the_same_bytes(tables: dict[str, pd.DataFrame], folder: Path, tmp_path: Path) -> None:
    again = tmp_path / "second"
    files = write_all(tables, again)
    assert len(files) > 20
    for path in files:
        name = path.relative_to(again)
        first, second = (hashlib.sha256(p.read_bytes()).hexdigest() for p in (folder / name, path))
        assert first == second, name


def test_tables_are_left_as_they_were(tables: dict[str, pd.DataFrame], tmp_path: Path) -> None:
    before = {name: frame.copy() for name, frame in tables.items()}
    write_all(tables, tmp_path / "out")
    for name, frame in before.items():
        pd.testing.assert_frame_equal(pd.DataFrame(frame), pd.DataFrame(tables[name]))


def test_csv_states_units_in_its_second_row(folder: Path) -> None:
    with (folder / "tables" / "balance.csv").open(encoding="utf-8-sig", newline="") as stream:
        names, units, first, *_ = csv.reader(stream)
    by_name = dict(zip(names, units, strict=True))
    assert by_name["energy_mwh"] == "MWh"
    assert by_name["co2_t"] == "t"
    assert by_name["sector"] == ""
    assert first[names.index("energy_mwh")] == "100"
    assert not (folder / "tables" / "pv_profiles.csv").exists()


def test_text_that_a_spreadsheet_would_run_is_quoted_and_numbers_are_not(tmp_path: Path) -> None:
    hostile = ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx"]
    harmless = ["", "A-1", "'=1", " =1", "x\r=1", "1", "地块"]
    frame = pd.DataFrame(
        {
            "name": pd.array([*hostile, *harmless], dtype="str"),
            "landuse": pd.Categorical([*hostile, *harmless]),
            "unit_id": pd.array([*hostile, *harmless[:-1], None], dtype="object"),
            "co2_t": -1.5,
            "order": -2,
            "met": True,
        },
        index=pd.Index([*hostile, *harmless], name="parcel_id"),
    )
    before = frame.copy(deep=True)
    write_csv(frame, tmp_path / "hostile.csv")
    pd.testing.assert_frame_equal(frame, before)
    with (tmp_path / "hostile.csv").open(encoding="utf-8-sig", newline="") as stream:
        _, _, *rows = csv.reader(stream)
    # a bare carriage return would end the row, and what follows it would stand in a cell of its own
    quoted = [text.replace("\r", "\n") for text in [*(f"'{text}" for text in hostile), *harmless]]
    by_column = [list(values) for values in zip(*rows, strict=True)]
    assert by_column[:3] == [quoted, quoted, quoted]
    assert by_column[3] == [*quoted[:-1], ""]
    assert set(zip(*by_column[4:], strict=True)) == {("-1.5", "-2", "True")}


def test_parcels_say_which_controls_were_assumed(folder: Path) -> None:
    with (folder / "tables" / "parcels.csv").open(encoding="utf-8-sig", newline="") as stream:
        names, _, first, *_ = csv.reader(stream)
    assert first[names.index("assumed")] == "far;green_ratio"
    assert "按默认值取的指标" in both("assumed")


def test_the_workbook_has_its_sheets_headers_and_units(folder: Path) -> None:
    book = load_workbook(folder / "balance.xlsx")
    assert book.sheetnames[0] == "README"
    assert "部门 sectors" in book.sheetnames
    sheet = book["年度 years"]
    assert sheet.freeze_panes == "A3"
    units = [cell.value for cell in sheet[2]]
    assert "MWh" in units
    assert "t" in units
    parcels = book["地块 parcels"]
    headers = [cell.value for cell in parcels[1]]
    names = {cell.value: cell for cell in parcels[3]}
    assert len(headers) == len(set(headers)) or all(headers)
    assert names["=1+1"].data_type == "s"  # text of the user never becomes a formula


@pytest.mark.parametrize(
    ("sheet", "table"),
    [
        ("审查 review", "review"),
        ("地块接入 connections", "connections"),
        ("管段 pipes", "pipes"),
        ("能源站 stations", "stations"),
        ("风机 turbines", "turbines"),
        ("光伏类型 PV classes", "pv_classes"),
        ("用能强度 intensities", "intensities"),
        ("活动水平 activity", "activity"),
    ],
)
def test_the_workbook_has_a_row_for_every_row_of_a_table(
    sheet: str, table: str, folder: Path, tables: dict[str, pd.DataFrame]
) -> None:
    rows = load_workbook(folder / "balance.xlsx")[sheet]
    assert rows.max_row == 2 + len(tables[table])
    assert rows.auto_filter.ref == f"A2:{rows.cell(rows.max_row, rows.max_column).coordinate}"


def test_the_review_can_be_filtered_and_its_figures_are_numbers(folder: Path) -> None:
    sheet = load_workbook(folder / "balance.xlsx")["审查 review"]
    names = [str(cell.value).split(" ", 1)[1] for cell in sheet[1]]
    assert names[:2] == ["Parcel id", "Status"]
    assert {"Clause", "Required", "Value", "Unit", "Evidence"} <= set(names)
    values = [row[names.index("Value")] for row in sheet.iter_rows(min_row=3, values_only=True)]
    assert values == [1.5, "规划未给出 / not given", None]


def test_a_table_too_long_for_a_sheet_is_named_instead(tables: dict[str, pd.DataFrame], tmp_path: Path) -> None:
    long = pd.concat([tables["intensities"]] * (MOST_ROWS + 1))
    write_tables({"intensities": long}, META, tmp_path)
    book = load_workbook(tmp_path / "balance.xlsx")
    assert book.sheetnames == ["README"]
    assert "tables/intensities.csv" in {row[1].value for row in book["README"].rows}


def test_every_heading_of_the_workbook_stands_in_both_languages(
    tables: dict[str, pd.DataFrame], folder: Path, tmp_path: Path
) -> None:
    own = {name: frame for name, frame in tables.items() if name in ("parcels", "parcel_account")}
    own["parcel_account"] = own["parcel_account"].replace({"scenario": {"near_zero": "my_own"}})
    write_tables(own, replace(META, scenarios=("bau", "my_own")), tmp_path)
    for path in (folder, tmp_path):
        for sheet in load_workbook(path / "balance.xlsx").worksheets:
            if sheet.title == "README":
                continue
            assert re.search("[\u4e00-\u9fff]", sheet.title), sheet.title
            for shown in (str(cell.value) for cell in sheet[1]):
                if not shown.isdecimal():  # years
                    assert re.search("[\u4e00-\u9fff]", shown), (sheet.title, shown)
                    assert re.search("[A-Za-z]{2}|CO₂", shown), (sheet.title, shown)


@pytest.mark.parametrize(
    "contract",
    [
        TARGETS,
        INDICATORS,
        BALANCE,
        SUPPLY,
        SINKS,
        WATERFALL,
        NETWORK_SUMMARY,
        PARCELS,
        REVIEW,
        CONNECTIONS,
        PIPES,
        STATIONS,
        TURBINES,
        PV_CLASSES,
        INTENSITIES,
        ACTIVITY,
    ],
    ids=lambda contract: contract.name,
)
def test_every_column_of_a_sheet_has_a_name_of_its_own_in_each_language(contract: Table) -> None:
    columns = [*contract.key, *contract.columns]
    for language in ("zh", "en"):
        names = [column_name(column, language, contract.name) for column in columns]
        assert len(set(names)) == len(names)
        assert all(name != column.replace("_", " ") for name, column in zip(names, columns, strict=True))


def test_a_column_is_named_by_its_table_first() -> None:
    assert heading("kind", "sinks") == "碳汇类别 Kind of sink"
    assert heading("kind", "exclusions") == "禁建区类别 Kind of exclusion"


def test_numbers_of_the_workbook_have_ten_digits(folder: Path) -> None:
    sheet = load_workbook(folder / "balance.xlsx")["指标 indicators"]
    assert sheet["D3"].value == 80_000
    assert "bau,2017,population,80000,person" in (folder / "tables" / "indicators.csv").read_text(encoding="utf-8-sig")


def test_numbers_among_texts_have_ten_digits_in_csv(tmp_path: Path) -> None:
    mixed = pd.Series([0.1 + 0.2, "none", None], dtype="object")
    write_csv(pd.DataFrame({"name": mixed}), tmp_path / "mixed.csv")
    assert (tmp_path / "mixed.csv").read_text(encoding="utf-8-sig").splitlines()[2:] == ["0.3", "none", '""']


def test_no_cell_of_the_workbook_is_a_formula(tables: dict[str, pd.DataFrame], tmp_path: Path) -> None:
    hostile = ["=1+1", "@SUM(A1)", "#N/A"]
    names = pd.array(hostile, dtype="str")
    supply = pd.DataFrame({"scenario": "bau", "year": 2030, "carrier": names, "item": names, "energy_mwh": -1.0})
    given = {"parcels": tables["parcels"].assign(name=names), "supply": supply, "balance": tables["balance"]}
    write_tables(given, replace(META, title_zh="=1+1", title_en="=2"), tmp_path)
    cells = [cell for sheet in load_workbook(tmp_path / "balance.xlsx") for row in sheet.rows for cell in row]
    assert not {cell.data_type for cell in cells} & {"f", "e"}  # neither formulas nor errors
    assert {cell.data_type for cell in cells if cell.value in hostile} == {"s"}


def test_the_workbook_adds_up(folder: Path, tables: dict[str, pd.DataFrame]) -> None:
    sectors = pd.read_excel(folder / "balance.xlsx", sheet_name="部门 sectors", header=None, skiprows=2)
    energy = sectors[sectors[1] == "MWh"]
    assert energy.iloc[:, 4:].to_numpy(dtype=float).sum() == pytest.approx(tables["balance"]["energy_mwh"].sum())


def test_the_workbook_holds_no_time_of_writing(folder: Path) -> None:
    with zipfile.ZipFile(folder / "balance.xlsx") as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(2000, 1, 1, 0, 0, 0)}
        assert archive.read("docProps/core.xml").count(b"2000-01-01T00:00:00Z") == 2


def test_parcels_carry_their_results(tables: dict[str, pd.DataFrame]) -> None:
    parcels = parcel_results(tables, META)
    assert parcels is not None
    assert len(parcels) == 3
    first = parcels.set_index("parcel_id").loc["P1"]
    assert first["pv_kwp"] == 300.0
    assert first["heating_base_mwh"] == 1.0
    assert first["heating_target_mwh"] == 2.0
    assert (first["co2_base_t"], first["co2_bau_target_t"], first["co2_near_zero_target_t"]) == (5.0, 9.0, 2.0)
    assert first["heating_connected"]
    assert (first["review_met"], first["review_not_met"], first["review_not_decidable"]) == (1, 1, 0)


def test_units_sum_their_parcels_and_the_account(tables: dict[str, pd.DataFrame]) -> None:
    units = unit_results(tables, META)
    assert units is not None
    assert units["parcels"].tolist() == [2, 1]
    assert units["pv_kwp"].sum() == 350.0
    balance = tables["balance"]
    target = balance[(balance["scenario"] == "bau") & (balance["year"] == 2030)]
    assert units["co2_bau_target_t"].sum() == pytest.approx(target["co2_t"].sum(), rel=1e-12)


def test_the_geopackage_holds_layers_crs_and_styles(folder: Path) -> None:
    path = folder / "layers.gpkg"
    layers = {name for name, _ in pyogrio.list_layers(path)}
    spatial = {"parcels", "units", "zone", "pipes", "stations", "turbines", "wind_cells", "density"}
    assert layers == spatial | {"layer_styles"}
    for name in spatial:
        info = pyogrio.read_info(path, layer=name)
        assert info["crs"] == CRS, name
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute(
            "SELECT f_table_name, styleName, styleQML, useAsDefault, f_geometry_column FROM layer_styles"
        ).fetchall()
        columns = {
            row[0]: row[1] for row in connection.execute("SELECT table_name, column_name FROM gpkg_geometry_columns")
        }
        dates = {row[0] for row in connection.execute("SELECT last_change FROM gpkg_contents")}
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert {row[0] for row in rows} == spatial
    assert all(columns[row[0]] == row[4] for row in rows)
    for name in spatial:
        assert sum(row[3] for row in rows if row[0] == name) == 1, name
    assert dates == {"2000-01-01T00:00:00Z"}
    for _, _, qml, _, _ in rows:
        root = ET.fromstring(qml)  # noqa: S314 - our own text
        renderer = root.find("renderer-v2")
        assert renderer is not None
        assert renderer.find("symbols") is not None


def test_land_use_is_coloured_as_on_planning_sheets(folder: Path) -> None:
    from layers.landuse import landuse_table

    with closing(sqlite3.connect(folder / "layers.gpkg")) as connection:
        (qml,) = connection.execute("SELECT styleQML FROM layer_styles WHERE styleName = 'landuse'").fetchone()
    root = ET.fromstring(qml)  # noqa: S314 - our own text
    categories = {item.attrib["value"]: item.attrib["symbol"] for item in root.iter("category")}
    assert set(categories) == {"R2", "M1", "E12"}
    colour = str(landuse_table().loc["R2", "colour"])
    expected = ",".join(str(int(colour[i : i + 2], 16)) for i in (1, 3, 5)) + ",255"
    symbol = next(item for item in root.iter("symbol") if item.attrib["name"] == categories["R2"])
    assert expected in {option.attrib["value"] for option in symbol.iter("Option") if option.get("name") == "color"}


def test_wind_cells_keep_all_their_reasons(folder: Path) -> None:
    cells = gpd.read_file(folder / "layers.gpkg", layer="wind_cells").set_index("cell_id")
    assert cells.loc[2, "reasons"] == "depth;channel"
    assert cells.geometry.area.tolist() == pytest.approx([250_000.0] * 6)


def test_rasters_open_with_unit_and_place(folder: Path) -> None:
    with rasterio.open(folder / "rasters" / "heating_density.tif") as raster:
        assert raster.crs.to_epsg() == 4550
        assert raster.units == ("kWh/m2",)
        values = raster.read(1, masked=True)
        assert values[0, 1] == pytest.approx(50.0)  # 500 MWh on 10,000 m2
        assert values.mask[0, 0]
    with rasterio.open(folder / "rasters" / "sea_depth.tif") as raster:
        assert raster.bounds.left == X0 - 1000.0
        assert raster.read(1, masked=True).mask[0, 2]


def test_hours_of_the_zone_are_profiles_times_weights(tables: dict[str, pd.DataFrame], folder: Path) -> None:
    hours = zone_hours(tables, META)
    assert hours is not None
    profile = tables["demand_profiles"]["office|code2010|heating"]
    assert np.allclose(hours["heating_base_kw"], profile * 20.0)
    assert np.allclose(hours["heating_target_kw"], profile * 30.0)
    assert hours["wind_potential_kw"].sum() / 1000 == pytest.approx(24_000.0)
    stored = pd.read_parquet(folder / "hourly" / "zone_demand.parquet")
    assert len(stored) == 8760
    assert str(stored["time"].dt.tz) == "Etc/GMT-8"


def test_the_manifest_names_every_file_with_its_hash(folder: Path) -> None:
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    outputs = {row["path"]: row for row in manifest["outputs"]}
    assert set(outputs) == {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()} - {
        "manifest.json"
    }
    for name, row in outputs.items():
        content = (folder / name).read_bytes()
        assert row["sha256"] == hashlib.sha256(content).hexdigest()
        assert row["bytes"] == len(content)


def test_the_index_page_escapes_and_needs_no_network(folder: Path) -> None:
    page = (folder / "index.html").read_text(encoding="utf-8")
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page
    assert "net of sinks &lt;b&gt;" in page
    assert "OpenStreetMap contributors &lt;i&gt;" in page
    links = page.replace("http://www.w3.org/2000/svg", "")
    assert "http:" not in links
    assert "https:" not in links
    assert page.count("<svg") == 8  # four pictures in two languages
    assert "0.86 吨/人" in page
    assert "0.86 t a head" in page
    assert 'href="layers.gpkg"' in page


def test_an_old_run_with_few_tables_is_still_reported(tables: dict[str, pd.DataFrame], tmp_path: Path) -> None:
    files = write_all({"parcels": tables["parcels"], "pipes": tables["pipes"].iloc[:0]}, tmp_path / "few")
    names = {path.name for path in files}
    assert {"parcels.csv", "balance.xlsx", "layers.gpkg", "index.html", "manifest.json"} <= names
    write_all({}, tmp_path / "none")
