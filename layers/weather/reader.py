"""The one door for weather: looks what a file is, reads it, and returns the site and its 8,760 hours."""

from pathlib import Path

import numpy as np
import pandas as pd
from pvlib import atmosphere

from layers.errors import Findings
from layers.tables.weather import SITE, WEATHER
from layers.text import detect
from layers.weather.checks import (
    below_extraterrestrial,
    sun_time,
    to_numbers,
    whole_year,
    within_ranges,
)
from layers.weather.epw import Header, parse_epw
from layers.weather.generator import generate_year
from layers.weather.hours import MID_HOUR_MIN, Sun, numbers, offset_of, stamp_minute, sun_sine, to_mid_hour, year_index
from layers.weather.normals import check_clearness, parse_normals
from layers.weather.options import WeatherOptions
from layers.weather.pvgis import TIME, parse_pvgis

HEAD_LINES = 40


def kind_of(text: str) -> str | None:
    r"""Return what a weather file is by its content: epw, pvgis or normals; None if it is none of them.

    Examples
    --------
    >>> kind_of("LOCATION,Shanghai"), kind_of("# Meishan\nmonth,ghi_kwh_m2"), kind_of("hello")
    ('epw', 'normals', None)
    """
    start = text.lstrip()
    if start.upper().startswith("LOCATION,"):
        return "epw"
    head = start.splitlines()[:HEAD_LINES]
    if start[:1] in ("{", "[") or any(line.startswith(TIME) for line in head):
        return "pvgis"
    first = next((line for line in head if line.strip() and not line.lstrip().startswith("#")), "")
    return "normals" if "month" in [part.strip() for part in first.split(",")] and "ghi" in first else None


def read_weather(path: Path, options: WeatherOptions, findings: Findings) -> tuple[pd.DataFrame, pd.DataFrame] | None:
    """Read a weather file, or make a typical year from monthly normals.

    Parameters
    ----------
    path
        EPW, typical year of PVGIS (csv, json) or monthly normals (csv).
    options
        What the file is and where; what stands here goes before the file's own header.
    findings
        Every fault is added here, not raised.

    Returns
    -------
    tuple of pandas.DataFrame, or None
        The site and the weather (contracts ``SITE`` and ``WEATHER``), None if the file is unusable.
    """
    known = len(findings.errors)
    text = _text(path, findings)
    if text is None:
        return None
    kind = options.kind if options.kind != "auto" else kind_of(text)
    if kind is None:
        findings.error(
            path.name,
            "is no weather file",
            "give an EPW, a PVGIS typical year (csv, json) or twelve monthly normals (csv)",
        )
        return None
    found = (_from_normals if kind == "normals" else _from_hours)(text, kind, path.name, options, findings)
    if found is None or len(findings.errors) > known:
        return None
    site, weather = found
    findings.extend(SITE.faults(site, path.name))
    findings.extend(WEATHER.faults(weather, path.name))
    return None if len(findings.errors) > known else (site, weather)


def _text(path: Path, findings: Findings) -> str | None:
    if not path.is_file():
        findings.error(path.name, "there is no such file", "correct the path of the weather in the study")
        return None
    try:
        raw = path.read_bytes()
    except OSError as error:
        findings.error(path.name, f"cannot be read: {error.strerror}", "check the rights on the file")
        return None
    if not raw.strip():
        findings.error(path.name, "is empty", "give an EPW, a PVGIS typical year or twelve monthly normals")
        return None
    return raw.decode(detect([raw]), errors="replace").lstrip("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def _site(header: Header, kind: str, source: str, options: WeatherOptions, findings: Findings) -> pd.DataFrame | None:
    place: dict[str, float] = {}
    for name in ("latitude_deg", "longitude_deg"):
        said = getattr(options, name)
        value = said if said is not None else getattr(header, name)
        if value is None:
            findings.error(
                source, f"does not say its {name.removesuffix('_deg')}", f"set weather.{name} in the study", column=name
            )
        else:
            place[name] = value
    if len(place) < 2:
        return None
    place["altitude_m"] = _first(options.altitude_m, header.altitude_m, default=0.0)
    if options.altitude_m is None and header.altitude_m is None:
        findings.note(
            source, "says nothing of its altitude: sea level is taken", "set weather.altitude_m", column="altitude_m"
        )
    offset = offset_of(place["longitude_deg"])
    if kind == "normals" and options.utc_offset_h is None:
        findings.note(source, f"local time is taken as UTC{offset:+g} from the longitude", "set weather.utc_offset_h")
    place["utc_offset_h"] = _first(options.utc_offset_h, header.utc_offset_h, default=offset)
    place["wind_height_m"] = _first(options.wind_height_m, None, default=numbers().value("wind.height_m"))
    row = {**place, "kind": kind, "source": f"{source} ({header.place})" if header.place else source}
    site = pd.DataFrame([row], index=pd.Index(["site"], name="site_id", dtype="str"))
    faults = SITE.faults(site, source)
    findings.extend(faults)
    away = abs(place["utc_offset_h"] - offset)
    if kind == "normals" and away > numbers().value("check.offset_away_h"):
        findings.error(
            source,
            f"the time zone is wrong: UTC{place['utc_offset_h']:+g} is {away:g} h away from the sun of its longitude",
            f"set weather.utc_offset_h (UTC{offset:+g} would fit)",
            column="utc_offset_h",
        )
        return None
    return None if faults else site


def _first(*values: float | None, default: float) -> float:
    return float(next((value for value in values if value is not None), default))


def _from_normals(
    text: str, kind: str, source: str, options: WeatherOptions, findings: Findings
) -> tuple[pd.DataFrame, pd.DataFrame] | None:
    site = _site(Header(), kind, source, options, findings)
    normals = parse_normals(text, source, findings)
    if site is None or normals is None:
        return None
    known = len(findings.errors)
    check_clearness(normals, site, source, findings)
    return None if len(findings.errors) > known else (site, generate_year(normals, site, options.seed))


def _from_hours(
    text: str, kind: str, source: str, options: WeatherOptions, findings: Findings
) -> tuple[pd.DataFrame, pd.DataFrame] | None:
    known = len(findings.errors)
    read = (parse_epw if kind == "epw" else parse_pvgis)(text, source, findings)
    if read is None:
        return None
    header, raw = read
    site = _site(header, kind, source, options, findings)
    rows = to_numbers(raw, source, findings, list(raw.frame.columns))
    if rows[["month", "day", "hour"]].isna().any(axis=None):
        return None
    year = whole_year(rows, source, findings)
    within_ranges(raw, rows, source, findings)
    if site is None or year is None or len(findings.errors) > known:
        return None
    values = _local(_with_pressure(year, site, source, findings), site, kind)
    sun = Sun.over(site, pd.DatetimeIndex(values.index))
    sun_time(values, site, sun, source, findings)
    below_extraterrestrial(values, sun, source, findings)
    if len(findings.errors) > known:
        return None
    return site, _mid_hour(values, site, sun, header, source, findings)


def _with_pressure(year: pd.DataFrame, site: pd.DataFrame, source: str, findings: Findings) -> pd.DataFrame:
    gaps = year["pressure"].isna()
    if not gaps.any():
        return year
    standard = float(atmosphere.alt2pres(float(site["altitude_m"].iloc[0])))
    findings.note(
        source, f"{int(gaps.sum())} hours lack pressure: {standard / 100:.0f} hPa of the standard atmosphere is taken"
    )
    return year.assign(pressure=year["pressure"].fillna(standard))


def _local(year: pd.DataFrame, site: pd.DataFrame, kind: str) -> pd.DataFrame:
    """Return the year under local labels: the hours of PVGIS, which are UTC, are rolled by whole hours."""
    offset = float(site["utc_offset_h"].iloc[0])
    shift = int(np.floor(offset)) if kind == "pvgis" else 0
    columns = {name: np.roll(year[name].to_numpy(), shift) + 0.0 for name in WEATHER.columns}
    return pd.DataFrame(columns, index=year_index(offset))


def _mid_hour(
    values: pd.DataFrame, site: pd.DataFrame, sun: Sun, header: Header, source: str, findings: Findings
) -> pd.DataFrame:
    offset = float(site["utc_offset_h"].iloc[0])
    if header.stamp_min is not None:
        minute = header.stamp_min + 60.0 * (offset - np.floor(offset))
        reason = "says its header"
    else:
        minute, error = stamp_minute(values, sun)
        reason = (
            f"GHI - DHI - DNI cos z leaves {error[minute]:.0f} W/m2 there and {error[MID_HOUR_MIN]:.0f} in mid-hour"
        )
    if minute == MID_HOUR_MIN:
        return values
    findings.note(
        source,
        f"its irradiance holds {minute:.0f} minutes after the beginning of the hour ({reason}); "
        "it is moved to the middle, the sum of each day is kept",
    )
    there = np.maximum(sun_sine(site, pd.DatetimeIndex(values.index), minute), 0.0)
    return to_mid_hour(values, there, sun.up, minute)
