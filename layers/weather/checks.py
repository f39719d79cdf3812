"""Is it a year of weather, of this place, in this time zone? Every fault is told; nothing is guessed silently."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from layers.errors import Findings
from layers.tables.weather import WEATHER
from layers.units import HOURS_PER_YEAR
from layers.weather.hours import HOURS_PER_DAY, Array, Sun, normal_extraterrestrial, numbers, year_index

TITLES = {
    "ghi": "global horizontal irradiance [W/m2]",
    "dni": "direct normal irradiance [W/m2]",
    "dhi": "diffuse horizontal irradiance [W/m2]",
    "temp_air": "air temperature [C]",
    "relative_humidity": "relative humidity [%]",
    "wind_speed": "wind speed [m/s]",
    "pressure": "air pressure [Pa]",
    "ghi_infrared": "long-wave irradiance [W/m2]",
}


OPTIONAL = frozenset({"pressure", "ghi_infrared"})
"""Columns that may have gaps: pressure follows from the altitude, long waves from air and clouds."""


@dataclass(frozen=True, slots=True)
class Raw:
    """Rows of a weather file as they were read.

    Attributes
    ----------
    frame
        ``month``, ``day``, ``hour`` (0-23, beginning of the hour) and the columns of the weather, all still text or
        number as the file has them; index is the line in the file.
    names
        What the file calls each of our columns.
    """

    frame: pd.DataFrame
    names: Mapping[str, str]


def to_table(lines: Sequence[tuple[int, str]], source: str, findings: Findings) -> pd.DataFrame | None:
    """Return comma-separated lines as a table of text, or None if a line does not fit the first one's columns.

    Parameters
    ----------
    lines
        Line number in the file and text; the first holds the names of the columns.
    source
        Name of the file.
    findings
        Where faults go.
    """
    parts = [(number, [part.strip().strip('"') for part in line.split(",")]) for number, line in lines]
    names = parts[0][1]
    odd = next(((number, row) for number, row in parts if len(row) != len(names)), None)
    if odd is not None:
        findings.error(
            source,
            f"has {len(odd[1])} columns where the header has {len(names)}",
            "give every line the same number of commas, and decimal points, not commas",
            row=odd[0],
        )
        return None
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        findings.error(
            source, f"column {twice[0]!r} stands twice", "keep one of them", row=parts[0][0], column=twice[0]
        )
        return None
    index = pd.Index([number for number, _ in parts[1:]], name="line", dtype="int64")
    return pd.DataFrame([row for _, row in parts[1:]], columns=names, index=index, dtype="str")


def to_numbers(raw: Raw, source: str, findings: Findings, columns: list[str]) -> pd.DataFrame:
    """Return the columns as numbers; a text or a gap is an error, told once per column with its first line."""
    found = {}
    for column in columns:
        texts = raw.frame[column]
        values = pd.to_numeric(texts, errors="coerce").astype(float)
        empty = texts.isna() | texts.astype("str").str.strip().str.lower().isin(
            ["", "nan", "null", "none", "na", "n/a"]
        )
        words = values.isna() & ~empty
        name = raw.names.get(column, column)
        if words.any():
            findings.error(
                source,
                f"{str(texts[words].iloc[0]).strip()!r} is not a number{_more(words)}",
                "write plain numbers with a decimal point",
                row=words.index[words][0],
                column=name,
            )
        gaps = (empty | np.isinf(values)) & (column not in OPTIONAL)
        if gaps.any():
            findings.error(
                source,
                f"{TITLES.get(column, column)} is missing{_more(gaps)}",
                "fill the gap or take another year: nothing is guessed",
                row=gaps.index[gaps][0],
                column=name,
            )
        found[column] = values
    return pd.DataFrame(found, index=raw.frame.index)


def long_waves(texts: pd.Series) -> pd.Series:
    """Return long waves from the sky as given, empty where they are none that a sky has.

    Files write nought, 9999 or nothing for what was not measured; that is no fault, since the building model then
    takes them from air and clouds.
    """
    values, limits = pd.to_numeric(texts, errors="coerce"), WEATHER.columns["ghi_infrared"]
    return texts.astype(object).where((values >= limits.low) & (values <= limits.high), "")


def _more(where: pd.Series) -> str:
    count = int(where.sum())
    return f", and {count - 1} more rows" if count > 1 else ""


def whole_year(frame: pd.DataFrame, source: str, findings: Findings) -> pd.DataFrame | None:
    """Return the 8,760 rows of one year in order, or None; a leap day is dropped with a note.

    Parameters
    ----------
    frame
        ``month``, ``day``, ``hour`` and values; index is the line in the file.
    source
        Name of the file.
    findings
        Where faults go.
    """
    leap = (frame["month"] == 2) & (frame["day"] == 29)
    if leap.any():
        findings.note(source, f"{int(leap.sum())} rows of 29 February are dropped: a year of 8,760 hours is wanted")
    kept = frame[~leap]
    label = year_index(0.0)
    wanted = pd.MultiIndex.from_arrays([label.month, label.day, label.hour])
    stamps = pd.MultiIndex.from_frame(kept[["month", "day", "hour"]].astype(int))
    unknown, twice = ~stamps.isin(wanted), stamps.duplicated()
    missing = wanted[~wanted.isin(stamps)]
    if unknown.any():
        findings.error(
            source,
            f"{_stamp(stamps[unknown][0])} is no hour of a year",
            "months run 1-12, hours 1-24 in an EPW and 00-23 in PVGIS",
            row=kept.index[unknown][0],
        )
    if twice.any():
        gone = f", and {_stamp(missing[0])} is the first of {len(missing):,} missing" if len(missing) else ""
        findings.error(
            source,
            f"{_stamp(stamps[twice][0])} stands twice, {int(twice.sum()):,} rows repeat an hour{gone}",
            "give every hour of one year once",
            row=kept.index[twice][0],
        )
    elif len(missing) and not unknown.any():
        findings.error(
            source,
            f"has {HOURS_PER_YEAR - len(missing):,} hours of the year, not {HOURS_PER_YEAR:,}; "
            f"the first of {len(missing):,} missing is {_stamp(missing[0])}",
            "give every hour of one year",
        )
    if unknown.any() or twice.any() or len(missing):
        return None
    return kept.set_axis(stamps, axis=0).loc[wanted].set_axis(kept.index[stamps.get_indexer(wanted)], axis=0)


def _stamp(stamp: tuple[Hashable, ...]) -> str:
    month, day, hour = (int(str(part)) for part in stamp)
    return f"{month:02d}-{day:02d} {hour:02d}:00"


def within_ranges(raw: Raw, values: pd.DataFrame, source: str, findings: Findings) -> None:
    """Tell every column with values outside of what the contract ``WEATHER`` takes as possible."""
    for column, limits in WEATHER.columns.items():
        if column not in values or limits.low is None or limits.high is None:
            continue
        outside = (values[column] < limits.low) | (values[column] > limits.high)
        if outside.any():
            findings.error(
                source,
                f"{TITLES[column]} {values.loc[outside, column].iloc[0]:g} is outside {limits.low:g} to {limits.high:g}"
                f"{_more(outside)}",
                "correct the value, or its unit",
                row=outside.index[outside][0],
                column=raw.names.get(column, column),
            )


def day_centre(hours: Array, weight: Array) -> float:
    """Return the hour of the day [h] on which a weight centres, on the circle of 24 hours.

    Examples
    --------
    >>> round(day_centre(np.array([23.0, 1.0]), np.array([1.0, 1.0])), 6) % 24
    0.0
    """
    angle = hours * 2.0 * np.pi / HOURS_PER_DAY
    mean = np.arctan2((weight * np.sin(angle)).sum(), (weight * np.cos(angle)).sum())
    return float(mean % (2.0 * np.pi) * HOURS_PER_DAY / (2.0 * np.pi))


def sun_time(year: pd.DataFrame, site: pd.DataFrame, sky: Sun, source: str, findings: Findings) -> None:
    """Tell when irradiance does not follow the sun of the place: a wrong time zone, longitude or order of hours.

    Parameters
    ----------
    year
        Hours with ``ghi`` [W/m2].
    site
        Contract ``SITE``.
    sky
        The sun over the site.
    source
        Name of the file.
    findings
        Where faults go.
    """
    limits = numbers()
    times = pd.DatetimeIndex(year.index)
    ghi = year["ghi"].to_numpy()
    if ghi.sum() <= 0.0:
        findings.error(source, "holds no sunshine at all", "give global horizontal irradiance in W/m2", column="ghi")
        return
    hours = times.hour.to_numpy() + 0.5
    offset, longitude = float(site["utc_offset_h"].iloc[0]), float(site["longitude_deg"].iloc[0])
    light, sun = day_centre(hours, ghi), day_centre(hours, sky.up)
    late = (light - sun + 12.0) % 24.0 - 12.0
    if abs(late) > limits.value("check.noon_h"):
        fitting = (offset + round(late) + 12.0) % 24.0 - 12.0
        findings.error(
            source,
            f"daylight centres on {_clock(light)}, but the sun at longitude {longitude:g} does so at {_clock(sun)} "
            f"of UTC{offset:+g}: the time zone is wrong",
            f"set utc_offset_h to what the hours of the file mean (UTC{fitting:+g} would fit), "
            "or correct the longitude",
        )
        return
    night = np.cos(np.radians(limits.value("check.night_zenith_deg")))
    dark = np.maximum(np.maximum(sky.begin, sky.end), sky.middle) < night
    lit = dark & (ghi > limits.value("check.night_ghi"))
    if lit.sum() > limits.value("check.night_hours"):
        first = times[lit][0]
        findings.error(
            source,
            f"the sun shines at night in {int(lit.sum())} hours, first {first:%m-%d %H:%M}",
            "check latitude, longitude and the order of the hours",
            column="ghi",
        )


def _clock(hour: float) -> str:
    minutes = round(hour * 60.0) % (24 * 60)
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def below_extraterrestrial(year: pd.DataFrame, sky: Sun, source: str, findings: Findings) -> None:
    """Tell months with more irradiation than the clearest sky lets through of what reaches the atmosphere."""
    times = pd.DatetimeIndex(year.index)
    outside = normal_extraterrestrial(times) * sky.up
    month = times.month.to_numpy()
    limit = numbers().value("check.clearness_max")
    got, most = (np.bincount(month, values)[1:] for values in (year["ghi"].to_numpy(), outside))
    for number, (some, top) in enumerate(zip(got, most, strict=True), start=1):
        if some > limit * top:
            clearness_fault(number, some / 1000.0, top / 1000.0, source, findings)


def clearness_fault(
    month: int, kwh: float, outside_kwh: float, source: str, findings: Findings, row: int | None = None
) -> None:
    """Tell that a month has more irradiation [kWh/m2] than can be, given that outside the atmosphere."""
    limit = numbers().value("check.clearness_max")
    findings.error(
        source,
        f"month {month} has {kwh:.0f} kWh/m2 of global irradiation; outside the atmosphere there are "
        f"{outside_kwh:.0f}, and the clearest sky lets {limit:.0%} through",
        "check the unit (kWh/m2 in a month) and the latitude",
        row=row,
        column="ghi_kwh_m2" if row is not None else "ghi",
    )
