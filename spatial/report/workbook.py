"""The account as one workbook that opens in any spreadsheet program, the same bytes every time."""

import io
import math
import re
import zipfile
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

from spatial.report.headers import unit_of, units_row
from spatial.report.meta import RunMeta, Tables, table
from spatial.report.parcels import parcel_results
from spatial.report.words import heading, line

MOST_ROWS = 20_000
"""Rows of a sheet of details; a longer table opens slowly in a spreadsheet and is left to its CSV."""
_SUMMARIES = ("supply", "sinks", "waterfall", "network_summary")
_PLAN = ("measures", "abatement", "ambition", "power_summary", "capacities", "flows", "calibration")
"""What was chosen and what came of it, as it stands."""
_BY_YEAR = {"decomposition": ("scenario", "sector", "effect"), "costs": ("scenario", "item")}
"""Tables with the years as columns, and what their rows are."""
_ENDS = ("equipment", "installed", "end_uses")
"""Tables of which only the base and the target year are shown; the CSV files have all years."""
_DETAILS = ("review", "demand_bands", "demand_calibration", "clusters", "linear_density", "charging_units",
            "charging_parcels", "network_phases", "network_prices", "connections", "pipes", "stations", "turbines",
            "pv_classes", "supply_curves", "intensities", "activity")  # fmt: skip
_FIRST = {"review": ("parcel_id", "status", "clause", "indicator", "required", "value", "unit", "evidence")}
"""Columns that a table's sheet begins with; the others follow."""
_TOTALS = ("energy_mwh", "primary_mwh", "scope1_t", "scope2_t", "scope2_location_t", "co2_t", "parcels_mwh",
           "parcels_co2_t")  # fmt: skip
_DIGITS = ".10g"
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC).replace(tzinfo=None)
_ZIP_TIME = (2000, 1, 1, 0, 0, 0)
_STAMP = "2000-01-01T00:00:00Z"
_HEAD = Font(bold=True, color="FFFFFFFF")
_HEAD_FILL = PatternFill("solid", fgColor="FF3B4A54")
_UNIT = Font(italic=True, color="FF5F6B73")
_WRAP = Alignment(wrap_text=True, vertical="top")
_WIDEST = 46
_FORMATS = {"CNY/kWh": "0.000", "t": "#,##0.0", "MWh": "#,##0.0", "m2": "#,##0", "CNY": "#,##0", "kW": "#,##0.0"}
_GENERAL_NUMBER = "#,##0.###"
_FIGURE = re.compile(r"-?\d+(\.\d+)?(e[+-]?\d+)?")


def shortened(value: object) -> object:
    """Return a float with ten significant digits, which sheds the dust of sums, and anything else as it is.

    Examples
    --------
    >>> shortened(79_999.99999999994), shortened("0.30000000000000004")
    (80000.0, '0.30000000000000004')
    """
    return float(format(value, _DIGITS)) if isinstance(value, float) else value


def _sheet(book: Any, key: str, frame: pd.DataFrame) -> None:  # noqa: ANN401 - openpyxl is untyped
    """Write one sheet: headers in both languages, units, rows; the first two rows stay in sight.

    The filter is put on the second row, for what stands below a filter's row is filtered and sorted.
    """
    sheet = book.create_sheet(line(f"sheet.{key}"))
    names = [str(name) for name in frame.columns]
    headers = [heading(name, key) for name in names]
    units = units_row(names, own=line("readme.see_unit"))
    sheet.freeze_panes = "A3"
    sheet.auto_filter.ref = f"A2:{get_column_letter(len(names))}{len(frame) + 2}"
    for position, (name, header, unit) in enumerate(zip(names, headers, units, strict=True), start=1):
        texts = (text for text in frame[name].unique() if isinstance(text, str))
        widest = max(_width(text) for text in (header, unit, *texts))
        sheet.column_dimensions[get_column_letter(position)].width = min(max(10, widest + 2), _WIDEST)
    sheet.append([_styled(sheet, header, _HEAD, _HEAD_FILL) for header in headers])
    sheet.append([_styled(sheet, unit, _UNIT) for unit in units])
    columns = [frame[name].tolist() for name in frame.columns]
    blanks = [_blank(sheet, frame[name], name) for name in frame.columns]
    for row in zip(*columns, strict=True):
        sheet.append([_cell(blank, value) for value, blank in zip(row, blanks, strict=True)])


def _width(text: str) -> int:
    """Return how many letters wide a text is; a Chinese character is two wide."""
    return sum(2 if ord(letter) > 0x2E80 else 1 for letter in text)


def _styled(sheet: Any, value: str, font: Font, fill: PatternFill | None = None) -> Any:  # noqa: ANN401 - untyped
    cell = WriteOnlyCell(sheet, value=value)
    cell.font = font
    cell.alignment = _WRAP
    if fill is not None:
        cell.fill = fill
    return cell


def _blank(sheet: Any, column: pd.Series, name: str) -> Any:  # noqa: ANN401 - openpyxl is untyped
    """Return the cell that every value of a column is put into, for a row is written as soon as it is appended."""
    cell = WriteOnlyCell(sheet)
    if pd.api.types.is_float_dtype(column):
        cell.number_format = _FORMATS.get(unit_of(name), _GENERAL_NUMBER)
    return cell


def _cell(blank: Any, value: object) -> object:  # noqa: ANN401 - openpyxl is untyped
    """Return a value as a cell; text never becomes a formula, and what is not finite or has no letters is empty."""
    if value is None or value == "" or (isinstance(value, float) and not math.isfinite(value)):
        return None
    blank.value = shortened(value)
    if isinstance(value, str):
        blank.data_type = "s"
    return blank


def _readme(book: Any, meta: RunMeta, too_long: Iterable[str]) -> None:  # noqa: ANN401 - openpyxl is untyped
    lines: list[tuple[str, str]] = [
        (line("readme.study"), f"{meta.title_zh} {meta.title_en}"),
        (line("readme.years"), f"{meta.base_year}-{meta.target_year}"),
        (line("readme.scenarios"), ", ".join(line(f"scenario.{name}") for name in meta.scenarios)),
        (line("readme.crs"), meta.crs),
        (line("readme.note"), line("readme.rows")),
    ]
    lines += [(f"{line('readme.too_long')}: {line(f'sheet.{name}')}", f"tables/{name}.csv") for name in too_long]
    lines += [
        (f"{line('readme.setting')}: {line(f'setting.{key}')}", line(f"choice.{value}"))
        for key, value in sorted(meta.switches.items())
    ]
    lines += [(line("readme.illustrative"), line(f"illustrative.{item}")) for item in meta.illustrative]
    lines += [(line("readme.attribution"), item) for item in meta.attribution]
    sheet = book.create_sheet("README")
    sheet.column_dimensions["A"].width = 34
    sheet.column_dimensions["B"].width = 100
    for label, text in lines:
        bold = _styled(sheet, label, Font(bold=True))
        value = _styled(sheet, text, Font())
        for cell in (bold, value):
            cell.data_type = "s"
        sheet.append([bold, value])


def _pivot(balance: pd.DataFrame, rows: Sequence[str], value: str) -> pd.DataFrame:
    """Return a pivot of the account with the years as columns, and their total where there is something to add."""
    wide = balance.pivot_table(index=list(rows), columns="year", values=value, aggfunc="sum", fill_value=0.0, sort=True)
    wide.columns = [str(year) for year in wide.columns]
    return wide.reset_index()


def _balance_sheets(balance: pd.DataFrame) -> list[tuple[str, pd.DataFrame]]:
    shown = [name for name in _TOTALS if name in balance]
    years = balance.groupby(["scenario", "year"], as_index=False)[shown].sum()
    sheets = [("years", years)]
    for key in ("sector", "carrier", "unit_id"):
        energy = _pivot(balance, ("scenario", key), "energy_mwh")
        co2 = _pivot(balance, ("scenario", key), "co2_t")
        energy.insert(0, "quantity", heading("energy_mwh"))
        co2.insert(0, "quantity", heading("co2_t"))
        energy.insert(1, "unit", "MWh")
        co2.insert(1, "unit", "t")
        sheets.append((key, pd.concat([energy, co2], ignore_index=True)))
    return sheets


def _plan_sheets(tables: Tables, meta: RunMeta) -> list[tuple[str, pd.DataFrame]]:
    """Return the sheets of measures, costs, effects, flows and equipment that the run has tables for."""
    sheets = _known(tables, _PLAN)
    for name, rows in _BY_YEAR.items():
        frame = table(tables, name)
        if frame is not None:
            value = "cost_cny" if "cost_cny" in frame else "co2_t"
            wide = _pivot(frame, rows, value)
            wide.insert(len(rows), "unit", unit_of(value))
            sheets.append((name, wide))
    ends = (meta.base_year, meta.target_year)
    return sheets + [(name, frame[frame["year"].isin(ends)]) for name, frame in _known(tables, _ENDS)]


def _milestones(name: str, frame: pd.DataFrame, target_year: int) -> pd.DataFrame:
    """Return the rows to the target year, and of the years after it every fifth; the CSV files have all years."""
    if name not in _SUMMARIES or "year" not in frame:
        return frame
    after = frame["year"] - target_year
    return frame[(after <= 0) | (after % 5 == 0)]


def _known(tables: Tables, names: Iterable[str]) -> list[tuple[str, pd.DataFrame]]:
    return [(name, frame) for name in names if (frame := table(tables, name)) is not None]


def _arranged(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    """Return a table as its sheet shows it: without shapes, what is read first in front, figures as numbers."""
    plain = pd.DataFrame(frame.drop(columns="geometry", errors="ignore"))
    if "order" in plain:
        plain = plain.sort_values("order")
    first = [column for column in _FIRST.get(name, ()) if column in plain]
    plain = plain[[*first, *plain.columns.difference(first, sort=False)]]
    if name == "review" and "value" in plain:  # a value may also be the reason why there is none
        plain = plain.assign(value=plain["value"].astype("object").map(_figure))
    return plain


def _figure(text: object) -> object:
    """Return a text that is a plain number as one, and anything else as it is."""
    return float(text) if isinstance(text, str) and _FIGURE.fullmatch(text) else text


def _fixed(content: bytes) -> bytes:
    """Return a workbook whose archive and properties hold no time of writing."""
    result = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as source,
        zipfile.ZipFile(result, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as target,
    ):
        for name in sorted(source.namelist()):
            data = source.read(name)
            if name == "docProps/core.xml":
                data = re.sub(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", _STAMP.encode(), data)
            entry = zipfile.ZipInfo(name, _ZIP_TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            target.writestr(entry, data)
    return result.getvalue()


def write_workbook(tables: Tables, meta: RunMeta, path: Path) -> Path:
    """Write the account as ``balance.xlsx``.

    Parameters
    ----------
    tables
        Tables of the run; sheets whose table is missing are left out.
    meta
        Facts about the run.
    path
        File to write.

    Returns
    -------
    pathlib.Path
        The file.
    """
    book: Any = Workbook(write_only=True)
    book.properties.created = _EPOCH
    book.properties.modified = _EPOCH
    book.properties.creator = "nearzero"
    book.properties.title = f"{meta.title_zh} {meta.title_en}"
    details = dict(_known(tables, _DETAILS))
    plan = _plan_sheets(tables, meta)
    too_long = [name for name, frame in (*plan, *details.items()) if len(frame) > MOST_ROWS]
    _readme(book, meta, too_long)
    sheets = [
        *_known(tables, ("targets", "readings", "verdicts", "indicators")),
        *(_balance_sheets(balance) if (balance := table(tables, "balance")) is not None else ()),
        *_known(tables, _SUMMARIES),
        *plan,
        *([("parcels", parcels)] if (parcels := parcel_results(tables, meta)) is not None else ()),
        *details.items(),
    ]
    for name, frame in sheets:
        if name not in too_long:
            _sheet(book, name, _arranged(name, _milestones(name, frame, meta.target_year)))
    buffer = io.BytesIO()
    book.save(buffer)
    path.write_bytes(_fixed(buffer.getvalue()))
    return path
