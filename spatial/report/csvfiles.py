"""Every table as CSV, with a second header row that states the units."""

import csv
from pathlib import Path

import geopandas as gpd
import pandas as pd

from spatial.report.headers import units_row
from spatial.report.meta import RunMeta, Tables, flat
from spatial.report.workbook import shortened, write_workbook

_DIGITS = "%.10g"
_HOURLY = "time"
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What the text of a cell begins with that a spreadsheet takes for a formula."""
_ELSEWHERE = ("land", "sea_cells", "sea_grid", "density_grid", "sun_cells", "sun_grid", "grid")
"""Shapes and cells that only make sense as layers and rasters."""


def without_geometry(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a table without its geometry column."""
    if isinstance(frame, gpd.GeoDataFrame):
        return pd.DataFrame(frame.drop(columns=frame.geometry.name))
    return frame


def _inert(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a table whose texts no spreadsheet runs as a formula; numbers, negative ones too, stay numbers."""
    names = frame.select_dtypes(include=["str", "object", "category"]).columns
    return frame.assign(**{str(name): frame[name].astype("object").map(_inert_cell) for name in names})


def _inert_cell(value: object) -> object:
    if not isinstance(value, str):
        return shortened(value)  # the writer's own format passes over numbers among texts
    # the writer quotes a line feed but not a carriage return, which would begin a row of its own
    text = value.replace("\r\n", "\n").replace("\r", "\n")
    return f"'{text}" if value.startswith(_FORMULA) else text


def write_csv(frame: pd.DataFrame, path: Path) -> None:
    """Write one table as CSV in UTF-8 (with the mark that spreadsheets need), its units in the second row.

    Text that a spreadsheet would take for a formula gets an apostrophe in front. Only an id that begins like a formula
    thus differs from what it is called in the other outputs.

    Parameters
    ----------
    frame
        The table; a named index becomes columns, geometry is left out.
    path
        File to write.
    """
    plain = _inert(without_geometry(flat(frame)))
    columns = [str(name) for name in plain.columns]
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(columns)
        writer.writerow(units_row(columns, own="see unit"))
        plain.to_csv(stream, header=False, index=False, float_format=_DIGITS, lineterminator="\n")


def write_tables(tables: Tables, meta: RunMeta, folder: Path) -> list[Path]:
    """Write tables (not hourly series, shapes and cells) as CSV into ``tables/``, and ``balance.xlsx`` beside it.

    Parameters
    ----------
    tables
        Tables of the run.
    meta
        Facts about the run.
    folder
        Folder of the outputs; it must exist.

    Returns
    -------
    list of pathlib.Path
        Files written, sorted.
    """
    target = folder / "tables"
    target.mkdir(parents=True, exist_ok=True)
    written: list[Path] = []
    for name in sorted(tables):
        frame = flat(tables[name])
        if name in _ELSEWHERE or _HOURLY in frame.columns:
            continue
        path = target / f"{name}.csv"
        write_csv(frame, path)
        written.append(path)
    written.append(write_workbook(tables, meta, folder / "balance.xlsx"))
    return sorted(written)
