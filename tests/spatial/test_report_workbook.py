"""The workbook and the CSV files, opened again as a spreadsheet would."""

import re
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from openpyxl import load_workbook

from layers.tables.balance import (
    ABATEMENT,
    AMBITION,
    BALANCE,
    CALIBRATION,
    COSTS,
    DECOMPOSITION,
    END_USES,
    EQUIPMENT,
    FLOWS,
    INDICATORS,
    INSTALLED,
    READINGS,
    SINKS,
    SUPPLY,
    TARGETS,
    VERDICTS,
    WATERFALL,
)
from layers.tables.contract import Table
from layers.tables.demand import ACTIVITY, CLUSTERS, INTENSITIES, LINEAR_DENSITY
from layers.tables.hourly import CAPACITIES, POWER_SUMMARY
from layers.tables.networks import CONNECTIONS, NETWORK_SUMMARY, PIPES, STATIONS
from layers.tables.place import PARCELS
from layers.tables.resources import PV_CLASSES, TURBINES
from layers.tables.review import REVIEW
from layers.tables.scenario import MEASURES
from spatial import report
from spatial.report.csvfiles import write_csv, write_tables
from spatial.report.words import column_name, heading
from spatial.report.workbook import MOST_ROWS

CRS = "EPSG:4550"
WriteAll = Callable[[dict[str, pd.DataFrame], Path], list[Path]]


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
        ("措施 measures", "measures"),
        ("减排成本 abatement", "abatement"),
        ("目标口径 readings", "readings"),
        ("能流 flows", "flows"),
        ("电力平衡 power", "power_summary"),
        ("装机与储能 capacities", "capacities"),
        ("设备构成 equipment", "equipment"),
    ],
)
def test_the_workbook_has_a_row_for_every_row_of_a_table(
    sheet: str, table: str, folder: Path, tables: dict[str, pd.DataFrame]
) -> None:
    rows = load_workbook(folder / "balance.xlsx")[sheet]
    assert rows.max_row == 2 + len(tables[table])
    assert rows.auto_filter.ref == f"A2:{rows.cell(rows.max_row, rows.max_column).coordinate}"


def test_effects_and_costs_have_the_years_as_columns(folder: Path, tables: dict[str, pd.DataFrame]) -> None:
    effects = pd.read_excel(folder / "balance.xlsx", sheet_name="驱动因素 decomposition", header=None, skiprows=2)
    assert len(effects) == len(tables["decomposition"][["scenario", "sector", "effect"]].drop_duplicates())
    found = effects.iloc[:, 4:].to_numpy(dtype=float).sum()
    assert found == pytest.approx(tables["decomposition"]["co2_t"].sum(), rel=1e-9)


def test_end_uses_show_the_base_and_the_target_year_only(folder: Path, tables: dict[str, pd.DataFrame]) -> None:
    sheet = load_workbook(folder / "balance.xlsx")["终端用途 end uses"]
    years = {row[1] for row in sheet.iter_rows(min_row=3, values_only=True)}
    assert years == {2017, 2030}
    assert tables["end_uses"]["year"].max() > 2030


def test_the_review_can_be_filtered_and_its_figures_are_numbers(folder: Path) -> None:
    sheet = load_workbook(folder / "balance.xlsx")["审查 review"]
    names = [str(cell.value).split(" ", 1)[1] for cell in sheet[1]]
    assert names[:2] == ["Parcel id", "Status"]
    assert {"Clause", "Required", "Value", "Unit", "Evidence"} <= set(names)
    values = [row[names.index("Value")] for row in sheet.iter_rows(min_row=3, values_only=True)]
    assert values == [1.5, "规划未给出 / not given", None]


def test_a_table_too_long_for_a_sheet_is_named_instead(
    tables: dict[str, pd.DataFrame], tmp_path: Path, meta: report.RunMeta
) -> None:
    long = pd.concat([tables["intensities"]] * (MOST_ROWS + 1))
    write_tables({"intensities": long}, meta, tmp_path)
    book = load_workbook(tmp_path / "balance.xlsx")
    assert book.sheetnames == ["README"]
    assert "tables/intensities.csv" in {row[1].value for row in book["README"].rows}


def test_every_heading_of_the_workbook_stands_in_both_languages(
    tables: dict[str, pd.DataFrame], folder: Path, tmp_path: Path, meta: report.RunMeta
) -> None:
    own = {name: frame for name, frame in tables.items() if name in ("parcels", "parcel_account")}
    own["parcel_account"] = own["parcel_account"].replace({"scenario": {"near_zero": "my_own"}})
    write_tables(own, replace(meta, scenarios=("bau", "my_own")), tmp_path)
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
        LINEAR_DENSITY,
        CLUSTERS,
        ACTIVITY,
        ABATEMENT,
        AMBITION,
        CALIBRATION,
        CAPACITIES,
        COSTS,
        DECOMPOSITION,
        END_USES,
        EQUIPMENT,
        FLOWS,
        INSTALLED,
        MEASURES,
        POWER_SUMMARY,
        READINGS,
        VERDICTS,
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


def test_no_cell_of_the_workbook_is_a_formula(
    tables: dict[str, pd.DataFrame], tmp_path: Path, meta: report.RunMeta
) -> None:
    hostile = ["=1+1", "@SUM(A1)", "#N/A"]
    names = pd.array(hostile, dtype="str")
    supply = pd.DataFrame({"scenario": "bau", "year": 2030, "carrier": names, "item": names, "energy_mwh": -1.0})
    given = {"parcels": tables["parcels"].assign(name=names), "supply": supply, "balance": tables["balance"]}
    write_tables(given, replace(meta, title_zh="=1+1", title_en="=2"), tmp_path)
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
