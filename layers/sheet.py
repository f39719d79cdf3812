"""Reading plain tables that a person edits: CSV files and sheets of a workbook."""

import csv
import difflib
import io
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime

import pandas as pd

from layers.errors import Findings
from layers.text import detect, tidy
from layers.vector import Source

_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_WORKBOOKS = (".xlsx", ".xlsm")
_BROKEN = (
    zipfile.BadZipFile, zlib.error, SyntaxError, EOFError, OSError, RuntimeError, LookupError, ValueError, TypeError,
    AttributeError,
)  # fmt: skip
"""What reading a damaged workbook raises: it is a zip file of XML, and each part may be cut or altered."""
_EXCEL_FAULTS = ("#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#N/A", "#NUM!", "#NULL!")

Rows = list[tuple[int, list[str]]]
"""Rows that hold anything, with the number under which a person sees them."""


def read_sheet(source: Source, findings: Findings) -> pd.DataFrame | None:
    """Return a table of texts; every fault goes to the findings.

    Parameters
    ----------
    source
        A CSV file (UTF-8 with or without mark, GBK, UTF-16; separated by comma, semicolon or tab) or a workbook
        (``.xlsx``) and the sheet in it, which may be left out where there is only one.
    findings
        Takes the faults.

    Returns
    -------
    pandas.DataFrame or None
        All cells as text without blanks around it, empty where there was nothing. The index ``row`` is the row as the
        person sees it: the header is row 1, the first row of data 2. None where the table cannot be used.
    """
    path = source.path
    if not path.is_file():
        beside = sorted(p.name for p in path.parent.iterdir()) if path.parent.is_dir() else []
        near = difflib.get_close_matches(path.name, beside, n=1)
        remedy = f"did you mean {near[0]}?" if near else "check the path"
        findings.error(source.name, "there is no such file", remedy)
        return None
    suffix = path.suffix.lower()
    if suffix == ".xls":
        findings.error(source.name, "is a workbook of the old kind", "save it as .xlsx or .csv")
        return None
    rows = _workbook_rows(source, findings) if suffix in _WORKBOOKS else _csv_rows(source, findings)
    return None if rows is None else _frame(rows, source.name, findings)


def _csv_rows(source: Source, findings: Findings) -> Rows | None:
    text = _decoded(source.path.read_bytes())
    if text is None:
        findings.error(source.name, "its encoding is neither UTF-8 nor GBK", "save it as CSV UTF-8")
        return None
    header = text.lstrip("\r\n").partition("\n")[0]
    separator = max(",;\t", key=header.count)
    try:
        read = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True))
    except csv.Error as error:
        findings.error(source.name, f"is no readable CSV file ({error})", "look for an unclosed quotation mark")
        return None
    return _filled(read)


def _decoded(raw: bytes) -> str | None:
    """Return text of any of the usual encodings, None where it fits none."""
    codecs = ("utf-16",) if raw.startswith(_UTF16) else ("utf-8-sig", detect([raw]))
    for codec in codecs:
        try:
            return raw.decode(codec)
        except UnicodeDecodeError:
            continue
    return None


def _workbook_rows(source: Source, findings: Findings) -> Rows | None:
    import openpyxl  # noqa: PLC0415 - a fifth of a second that a study with CSV files need not pay
    from openpyxl.utils.exceptions import InvalidFileException  # noqa: PLC0415

    broken = (InvalidFileException, *_BROKEN)
    try:
        book = openpyxl.load_workbook(source.path, read_only=True, data_only=True)
        try:
            wanted = _sheet(list(book.sheetnames), source, findings)
            if wanted is None:
                return None
            return _filled([[_text(value) for value in row] for row in book[wanted].iter_rows(values_only=True)])
        finally:
            book.close()
    except broken as error:
        findings.error(source.name, f"is no readable workbook ({error})", "save it again as .xlsx")
        return None


def _sheet(names: list[str], source: Source, findings: Findings) -> str | None:
    """Return the sheet that is meant, None and a fault where that is not clear."""
    if source.layer in names:
        return source.layer
    if source.layer is not None:
        near = difflib.get_close_matches(source.layer, names, n=1, cutoff=0.5)
        remedy = f"did you mean {near[0]}?" if near else f"it has {', '.join(names)}"
        findings.error(source.name, f"there is no sheet {source.layer!r}", remedy)
        return None
    if len(names) == 1:
        return names[0]
    remedy = f"write {source.path.name}#sheet with one of {', '.join(names)}"
    findings.error(source.name, "has several sheets", remedy)
    return None


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return f"{value:.0f}" if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    return str(value)


def _filled(rows: Iterable[list[str]]) -> Rows:
    tidied = ((number, [tidy(cell) for cell in row]) for number, row in enumerate(rows, start=1))
    return [(number, row) for number, row in tidied if any(row)]


def _frame(rows: Rows, name: str, findings: Findings) -> pd.DataFrame | None:
    """Return rows below their header, after refusing what would put a cell into the wrong column."""
    if not rows:
        findings.error(name, "the table is empty", "give it a header and at least one row")
        return None
    if len(rows) == 1:
        findings.error(name, "the table has a header and no rows", "give at least one row")
        return None
    before = len(findings.errors)
    (at, header), *body = rows
    header = _cut(header, 0)
    for column, count in Counter(header).items():
        if not column:
            findings.error(name, "a column has no name", "name it in the header, or delete it", row=at)
        elif count > 1:
            findings.error(name, f"column stands {count} times", "keep one of them", column=column)
    cells = [_cut(row, len(header)) for _, row in body]
    index = pd.Index([number for number, _ in body], name="row", dtype="int64")
    for number, row in zip(index, cells, strict=True):
        _check_row(row, header, name, int(number), findings)
    return None if len(findings.errors) > before else pd.DataFrame(cells, index=index, columns=header, dtype="str")


def _cut(row: list[str], least: int) -> list[str]:
    """Return a row without empty cells at its end, as far as a least length."""
    length = max((at for at, cell in enumerate(row, start=1) if cell), default=0)
    return row[: max(length, least)]


def _check_row(row: list[str], header: list[str], name: str, number: int, findings: Findings) -> None:
    """Add a fault for a row that does not fit its header, or a cell whose formula failed."""
    if len(row) != len(header):
        problem = f"has {len(row)} cells, the header has {len(header)}"
        findings.error(name, problem, "put cells that hold a comma into quotation marks", row=number)
    for column, cell in zip(header, row, strict=False):
        if cell in _EXCEL_FAULTS:
            findings.error(name, f"the cell holds {cell}", "correct the formula", row=number, column=column)
