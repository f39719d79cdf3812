"""Twelve monthly normals: reads and checks the table a typical year is made from."""

import numpy as np
import pandas as pd

from layers.errors import Findings
from layers.weather.checks import Raw, clearness_fault, to_numbers, to_table
from layers.weather.hours import normal_extraterrestrial, numbers, sun_sine, year_index

MONTHS = 12
COLUMNS = ("ghi_kwh_m2", "temp_mean_c", "temp_max_c", "temp_min_c", "relative_humidity_pct", "wind_speed_m_s")
LIMITS = {
    "ghi_kwh_m2": (0.0, 400.0),
    "temp_mean_c": (-60.0, 60.0),
    "temp_max_c": (-60.0, 60.0),
    "temp_min_c": (-60.0, 60.0),
    "relative_humidity_pct": (1.0, 100.0),
    "wind_speed_m_s": (0.0, 40.0),
}


def parse_normals(text: str, source: str, findings: Findings) -> pd.DataFrame | None:
    """Read twelve monthly normals.

    Parameters
    ----------
    text
        CSV with the columns ``month`` (1-12), ``ghi_kwh_m2`` (of the month), ``temp_mean_c``, ``temp_max_c`` and
        ``temp_min_c`` (means of the daily extremes), ``relative_humidity_pct``, ``wind_speed_m_s``; lines that start
        with ``#`` are comments.
    source
        Name of the file.
    findings
        Where faults go.

    Returns
    -------
    pandas.DataFrame or None
        The normals, index ``month``; None if anything is wrong with them.
    """
    known = len(findings.errors)
    lines = [
        (number, line)
        for number, line in enumerate(text.splitlines(), start=1)
        if line.strip() and not line.lstrip().startswith("#")
    ]
    table = to_table(lines, source, findings) if lines else None
    if table is None:
        return None
    missing = [name for name in ("month", *COLUMNS) if name not in table.columns]
    for name in missing:
        findings.error(
            source, f"column {name!r} is missing", f"give the columns month, {', '.join(COLUMNS)}", column=name
        )
    if missing:
        return None
    values = to_numbers(Raw(table, {}), source, findings, ["month", *COLUMNS])
    _months(values["month"], source, findings)
    _ranges(values, source, findings)
    if len(findings.errors) > known:
        return None
    return values.assign(month=values["month"].astype(int)).set_index("month").sort_index()[list(COLUMNS)]


def _months(months: pd.Series, source: str, findings: Findings) -> None:
    known = months.dropna()
    for line, month in known[~known.isin(range(1, MONTHS + 1))].items():
        findings.error(source, f"{month:g} is no month", "months run from 1 to 12", row=line, column="month")
    for line, month in known[known.duplicated() & known.isin(range(1, MONTHS + 1))].items():
        findings.error(source, f"month {month:g} stands twice", "keep one row for each month", row=line, column="month")
    absent = [str(month) for month in range(1, MONTHS + 1) if month not in set(known)]
    if absent:
        findings.error(source, f"month {', '.join(absent)} is missing", "give all twelve months", column="month")


def _ranges(values: pd.DataFrame, source: str, findings: Findings) -> None:
    for column, (low, high) in LIMITS.items():
        outside = values[(values[column] < low) | (values[column] > high)]
        for line, value in outside[column].items():
            findings.error(
                source,
                f"{value:g} is outside {low:g} to {high:g}",
                "correct the value or its unit",
                row=line,
                column=column,
            )
    lowest, mean, highest = (values[f"temp_{name}_c"] for name in ("min", "mean", "max"))
    for line in values.index[(lowest > mean) | (mean > highest)]:
        findings.error(
            source,
            f"mean daily minimum {lowest[line]:g}, mean {mean[line]:g} and mean daily maximum {highest[line]:g} C "
            "are not in this order",
            "give minimum < mean < maximum",
            row=line,
            column="temp_mean_c",
        )


def check_clearness(normals: pd.DataFrame, site: pd.DataFrame, source: str, findings: Findings) -> None:
    """Tell months with more irradiation than the clearest sky lets through at the site.

    Parameters
    ----------
    normals
        Index ``month``; ``ghi_kwh_m2``.
    site
        Contract ``SITE``.
    source
        Name of the file.
    findings
        Where faults go.
    """
    times = year_index(float(site["utc_offset_h"].iloc[0]))
    outside = normal_extraterrestrial(times) * np.maximum(sun_sine(site, times), 0.0) / 1000.0
    monthly = np.bincount(times.month.to_numpy(), outside)[1:]
    limit = numbers().value("check.clearness_max")
    given = normals.sort_index()["ghi_kwh_m2"].to_numpy(dtype=float)
    for month, (kwh, top) in enumerate(zip(given, monthly, strict=True), start=1):
        if kwh > limit * top:
            clearness_fault(month, float(kwh), float(top), source, findings, row=month)
