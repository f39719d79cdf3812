"""Plain tables: any encoding and separator, sheets of workbooks, and faults that say which row."""

from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layers.errors import Findings
from layers.sheet import read_sheet
from layers.vector import Source


def read(path: Path, layer: str | None = None) -> tuple[pd.DataFrame | None, list[str]]:
    findings = Findings()
    return read_sheet(Source(path, layer), findings), [str(fault) for fault in findings.errors]


TEXT = '名称,share,note\n 屋顶光伏 ,0.5,\n\n海上风电,1,"a, b"\n'


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
def test_reads_what_offices_save(tmp_path: Path, codec: str) -> None:
    (tmp_path / "t.csv").write_bytes(TEXT.encode(codec))
    frame, faults = read(tmp_path / "t.csv")
    assert faults == []
    assert frame is not None
    assert frame.to_dict("list") == {
        "名称": ["屋顶光伏", "海上风电"], "share": ["0.5", "1"], "note": ["", "a, b"]
    }  # fmt: skip
    # The blank line counts, as it does for the person who looks for row 4.
    assert frame.index.tolist() == [2, 4]
    assert frame.index.name == "row"


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_reads_the_usual_separators(tmp_path: Path, separator: str, ending: str) -> None:
    rows = [["a", "b"], ["x", "1"], ["y", "2"]]
    (tmp_path / "t.csv").write_bytes("".join(separator.join(row) + ending for row in rows).encode())
    frame, faults = read(tmp_path / "t.csv")
    assert faults == []
    assert frame is not None
    assert frame.to_numpy().tolist() == rows[1:]


def workbook(path: Path) -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "measures"
    for row in (
        ["measure", "share", "year", "on", None],
        [],
        ["pv", 0.25, 2030, True, None],
        ["sea", 1.0, "2031", None],
    ):
        sheet.append(row)
    book.create_sheet("empty")
    book.save(path)
    return path


def test_reads_a_sheet_as_texts(tmp_path: Path) -> None:
    frame, faults = read(workbook(tmp_path / "t.xlsx"), "measures")
    assert faults == []
    assert frame is not None
    assert frame.to_numpy().tolist() == [["pv", "0.25", "2030", "true"], ["sea", "1", "2031", ""]]
    assert frame.index.tolist() == [3, 4]


def test_sheets_that_are_not_there_or_not_named_are_told(tmp_path: Path) -> None:
    path = workbook(tmp_path / "t.xlsx")
    assert read(path, "measure") == (None, ["t.xlsx#measure: there is no sheet 'measure'; did you mean measures?"])
    assert read(path, "zzz")[1] == ["t.xlsx#zzz: there is no sheet 'zzz'; it has measures, empty"]
    assert read(path)[1] == ["t.xlsx: has several sheets; write t.xlsx#sheet with one of measures, empty"]
    assert read(path, "empty")[1] == ["t.xlsx#empty: the table is empty; give it a header and at least one row"]


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        (b"", "the table is empty"),
        (b"\n\n", "the table is empty"),
        (b"a,b\n", "the table has a header and no rows"),
        (b"a,a\n1,2\n", "column a: column stands 2 times"),
        (b"a,,b\n1,2,3\n", "row 1: a column has no name"),
        (b"a,b\n1,2\n1,2,3\n", "row 3: has 3 cells, the header has 2"),
        (b"a,b\n#REF!,2\n", "row 2, column a: the cell holds #REF!"),
        (b'a,b\n"1,2\n', "is no readable CSV file"),
    ],
)
def test_faults_of_a_csv_file(tmp_path: Path, raw: bytes, told: str) -> None:
    (tmp_path / "t.csv").write_bytes(raw)
    frame, faults = read(tmp_path / "t.csv")
    assert frame is None
    assert len(faults) == 1
    assert told in faults[0]


def test_a_short_row_is_ragged_unless_only_empty_cells_are_left_out(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("a,b,c\n1,2\n", encoding="utf-8")
    assert read(tmp_path / "t.csv")[1] == [
        "t.csv, row 2: has 2 cells, the header has 3; put cells that hold a comma into quotation marks"
    ]


def test_a_file_that_is_not_there_is_told_with_one_that_is(tmp_path: Path) -> None:
    (tmp_path / "measures.csv").write_text("a\n1\n", encoding="utf-8")
    assert read(tmp_path / "mesures.csv")[1] == ["mesures.csv: there is no such file; did you mean measures.csv?"]


@pytest.mark.parametrize("name", ["t.xlsx", "t.xls"])
def test_a_file_that_is_no_workbook_is_told(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"no workbook")
    frame, faults = read(tmp_path / name)
    assert frame is None
    assert "workbook" in faults[0]


@settings(deadline=None, max_examples=40)
@given(at=st.integers(0, 10_000), byte=st.integers(0, 255), cut=st.booleans())
def test_a_damaged_workbook_is_told_or_read(
    tmp_path_factory: pytest.TempPathFactory, at: int, byte: int, cut: bool
) -> None:
    folder = tmp_path_factory.mktemp("sheet")
    raw = bytearray(workbook(folder / "whole.xlsx").read_bytes())
    raw[at % len(raw)] = byte
    (folder / "t.xlsx").write_bytes(raw[: at % len(raw)] if cut else raw)
    frame, faults = read(folder / "t.xlsx", "measures")
    assert (frame is None) == bool(faults)


CELLS = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=8).filter(
    lambda cell: not cell.startswith("#")
)


@settings(deadline=None, max_examples=60)
@given(rows=st.lists(st.lists(CELLS, min_size=3, max_size=3), min_size=1, max_size=6))
def test_what_is_written_is_read(tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]]) -> None:
    path = tmp_path_factory.mktemp("sheet") / "t.csv"
    pd.DataFrame(rows, columns=["a", "b", "c"]).to_csv(path, index=False)
    frame, faults = read(path)
    assert faults == []
    assert frame is not None
    assert frame.to_numpy().tolist() == rows
