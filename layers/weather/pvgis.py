"""Typical years of PVGIS, csv and json; both give identical numbers."""

import json

import pandas as pd

from layers.errors import Findings
from layers.weather.checks import Raw, long_waves, to_table
from layers.weather.epw import Header

TIME = "time(UTC)"
COLUMNS = {
    "ghi": "G(h)",
    "dni": "Gb(n)",
    "dhi": "Gd(h)",
    "temp_air": "T2m",
    "relative_humidity": "RH",
    "wind_speed": "WS10m",
    "pressure": "SP",
}
HEADER = {
    "latitude": "latitude_deg",
    "longitude": "longitude_deg",
    "elevation": "altitude_m",
    "irradiance time offset": "stamp_min",
    "irradiance_time_offset": "stamp_min",
}
INFRARED = "IR(h)"
"""Column that older years lack."""
MINUTES_PER_HOUR = 60.0


def parse_pvgis(text: str, source: str, findings: Findings) -> tuple[Header, Raw] | None:
    """Read a typical year of PVGIS; the hours stay in UTC.

    Parameters
    ----------
    text
        Content of the file, csv or json.
    source
        Name of the file.
    findings
        Where faults go.

    Returns
    -------
    tuple or None
        What the file says of its place, and its rows; None if they cannot be read.
    """
    found = (_json if text.lstrip()[:1] in ("{", "[") else _csv)(text, source, findings)
    if found is None:
        return None
    said, table = found
    missing = [name for name in (TIME, *COLUMNS.values()) if name not in table.columns]
    for name in missing:
        findings.error(
            source, f"column {name!r} is missing", "ask PVGIS for a typical meteorological year (TMY)", column=name
        )
    if missing:
        return None
    times = pd.to_datetime(table[TIME].astype("str"), format="%Y%m%d:%H%M", errors="coerce")
    if times.isna().any():
        bad = times.isna()
        findings.error(
            source,
            f"{str(table.loc[bad, TIME].iloc[0])!r} is not a time",
            "write times as 20180101:0000",
            row=bad.index[bad][0],
            column=TIME,
        )
        return None
    calendar = {"month": times.dt.month, "day": times.dt.day, "hour": times.dt.hour}
    rows = pd.DataFrame(calendar | {ours: table[theirs] for ours, theirs in COLUMNS.items()})
    told = table[INFRARED] if INFRARED in table.columns else pd.Series("", index=table.index)
    rows["ghi_infrared"] = long_waves(told)
    numbers = {HEADER[name]: value for name, value in said.items() if name in HEADER}
    if "stamp_min" in numbers:
        numbers["stamp_min"] *= MINUTES_PER_HOUR
    header = Header(
        latitude_deg=numbers.get("latitude_deg"),
        longitude_deg=numbers.get("longitude_deg"),
        altitude_m=numbers.get("altitude_m"),
        stamp_min=numbers.get("stamp_min"),
    )
    return header, Raw(rows, COLUMNS | {"ghi_infrared": INFRARED})


def _csv(text: str, source: str, findings: Findings) -> tuple[dict[str, float], pd.DataFrame] | None:
    lines = text.splitlines()
    start = next((number for number, line in enumerate(lines) if line.startswith(TIME)), None)
    if start is None:
        findings.error(source, f"has no line that starts with {TIME}", "give a typical year (TMY) of PVGIS")
        return None
    said: dict[str, float] = {}
    for line in lines[:start]:
        name, colon, value = line.partition(":")
        try:
            said[name.partition("(")[0].strip().lower()] = float(value)
        except ValueError:
            if colon and name.partition("(")[0].strip().lower() in HEADER:
                findings.error(source, f"{value.strip()!r} is not a number", "correct the header", column=name.strip())
    end = next((number for number in range(start, len(lines)) if not lines[number].strip()), len(lines))
    table = to_table(list(enumerate(lines[start:end], start=start + 1)), source, findings)
    return None if table is None else (said, table)


def _json(text: str, source: str, findings: Findings) -> tuple[dict[str, float], pd.DataFrame] | None:
    try:
        content = json.loads(text)
    except json.JSONDecodeError as error:
        findings.error(source, f"is not whole JSON: {error.msg}", "fetch the file again", row=error.lineno)
        return None
    location: dict[str, float] = {}
    rows = content
    if isinstance(content, dict):
        try:
            location = {k: float(v) for k, v in content["inputs"]["location"].items() if k in HEADER and v is not None}
            rows = content["outputs"]["tmy_hourly"]
        except (KeyError, TypeError, ValueError, AttributeError):
            findings.error(source, "has no outputs.tmy_hourly", "ask PVGIS for a typical meteorological year (TMY)")
            return None
    if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) for row in rows):
        findings.error(source, "holds no list of hours", "ask PVGIS for a typical meteorological year (TMY)")
        return None
    table = pd.DataFrame(rows)
    table.index = pd.RangeIndex(1, 1 + len(table), name="line")
    return location, table
