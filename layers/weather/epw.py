"""EnergyPlus weather files (EPW), also those with fewer columns than the standard's 35.

pvlib's reader refuses files with 32 columns and says nothing of text or gaps, so the rows are read here; the columns,
their order and their codes for missing values are those of the EnergyPlus Auxiliary Programs documentation.
"""

from dataclasses import dataclass

import pandas as pd

from layers.errors import Findings
from layers.weather.checks import Raw, long_waves

HEADER_LINES = 8
COLUMNS = {
    "month": (1, "Month", None),
    "day": (2, "Day", None),
    "hour": (3, "Hour", None),
    "temp_air": (6, "Dry Bulb Temperature", 99.9),
    "relative_humidity": (8, "Relative Humidity", 999.0),
    "pressure": (9, "Atmospheric Station Pressure", 999_999.0),
    "ghi_infrared": (12, "Horizontal Infrared Radiation Intensity", 9999.0),
    "ghi": (13, "Global Horizontal Radiation", 9999.0),
    "dni": (14, "Direct Normal Radiation", 9999.0),
    "dhi": (15, "Diffuse Horizontal Radiation", 9999.0),
    "wind_speed": (21, "Wind Speed", 999.0),
}
LOCATION = {"latitude_deg": 6, "longitude_deg": 7, "utc_offset_h": 8, "altitude_m": 9}


@dataclass(frozen=True, slots=True)
class Header:
    """Where a weather file says it is; None where it does not say."""

    latitude_deg: float | None = None
    longitude_deg: float | None = None
    altitude_m: float | None = None
    utc_offset_h: float | None = None
    stamp_min: float | None = None
    place: str = ""


def parse_epw(text: str, source: str, findings: Findings) -> tuple[Header, Raw] | None:
    """Read an EPW.

    Parameters
    ----------
    text
        Content of the file.
    source
        Name of the file.
    findings
        Where faults go.

    Returns
    -------
    tuple or None
        What the header says, and the rows with hours counted from 0; None if there are no rows to read.
    """
    header = _location(text.partition("\n")[0], source, findings)
    if header is None:
        return None
    lines = text.splitlines()
    if len(lines) <= HEADER_LINES:
        findings.error(source, "has no hours below its header of 8 lines", "give a complete EPW file")
        return None
    width = lines[HEADER_LINES].count(",") + 1
    last = max(position for position, _, _ in COLUMNS.values())
    if width <= last:
        findings.error(
            source,
            f"has {width} columns where an EPW has 35",
            "give at least the 22 up to wind speed",
            row=HEADER_LINES + 1,
        )
        return None
    hours = [(number, line.split(",")) for number, line in enumerate(lines[HEADER_LINES:], start=HEADER_LINES + 1)]
    hours = [(number, parts) for number, parts in hours if any(part.strip() for part in parts)]
    rows = pd.DataFrame(
        {
            name: [parts[position] if position < len(parts) else "" for _, parts in hours]
            for name, (position, _, _) in COLUMNS.items()
        },
        index=pd.Index([number for number, _ in hours], name="line", dtype="int64"),
        dtype="str",
    )
    for name, (_, _, missing) in COLUMNS.items():
        if missing is not None:
            coded = pd.to_numeric(rows[name], errors="coerce") >= missing
            rows[name] = rows[name].mask(coded, "")
    rows["ghi_infrared"] = long_waves(rows["ghi_infrared"])
    ends = pd.to_numeric(rows["hour"], errors="coerce")
    rows["hour"] = (ends - 1).astype(object).where(ends.notna(), rows["hour"])
    return header, Raw(rows, {name: title for name, (_, title, _) in COLUMNS.items()})


def _location(line: str, source: str, findings: Findings) -> Header | None:
    parts = [part.strip() for part in line.split(",")]
    if len(parts) < 10 or parts[0].upper() != "LOCATION":
        findings.error(source, "the first line does not start with LOCATION", "give an EPW file", row=1)
        return None
    found: dict[str, float] = {}
    for name, position in LOCATION.items():
        try:
            found[name] = float(parts[position])
        except ValueError:
            findings.error(
                source, f"{parts[position]!r} is not a number", "correct the LOCATION line", row=1, column=name
            )
    return Header(
        latitude_deg=found.get("latitude_deg"),
        longitude_deg=found.get("longitude_deg"),
        altitude_m=found.get("altitude_m"),
        utc_offset_h=found.get("utc_offset_h"),
        place=parts[1],
    )
