"""Column headers: names in both languages from the glossary, and units from the glossary or the suffix."""

import re
from collections.abc import Iterable

from layers.glossary import Language, glossary

_KEY = re.compile(r"[\w|.]+")
_SUFFIX_UNITS = {
    "cny_t": "CNY/t",
    "per_head_t": "t/person",
    "mw": "MW",
    "cny_kwh": "CNY/kWh",
    "cny_mwh": "CNY/MWh",
    "cny_kwp": "CNY/kWp",
    "cny_kw": "CNY/kW",
    "cny_m": "CNY/m",
    "cny": "CNY",
    "kwh_kwp": "kWh/kWp",
    "kwh_m2": "kWh/m2",
    "kwp_per_m2": "kWp/m2",
    "mwh_m": "MWh/m",
    "mwh": "MWh",
    "kwp": "kWp",
    "kwh": "kWh",
    "w_m2": "W/m2",
    "pa_m": "Pa/m",
    "kg_s": "kg/s",
    "m_s": "m/s",
    "m2": "m2",
    "m3": "m3",
    "mm": "mm",
    "kw": "kW",
    "deg": "deg",
    "m": "m",
    "t": "t",
}
"""The house's suffixes; the longest one that fits counts."""


def unit_of(column: str) -> str:
    """Return the unit of a column, empty where it has none.

    Examples
    --------
    >>> unit_of("velocity_m_s"), unit_of("floor_area_m2"), unit_of("parcel_id")
    ('m/s', 'm2', '')
    """
    known = glossary().get(column)
    if known is not None:
        return known.unit
    parts = column.lower().split("_")
    for start in range(len(parts)):
        suffix = "_".join(parts[start:])
        if suffix in _SUFFIX_UNITS:
            return _SUFFIX_UNITS[suffix]
    return ""


def units_row(columns: Iterable[str], own: str = "") -> list[str]:
    """Return the second header row: a unit for each column.

    Where a table has a column ``unit`` its rows state their own units; `own` is then put under ``value``, ``limit``
    and ``slack``.
    """
    names = list(columns)
    stated = {"value", "limit", "slack"} if "unit" in names else set()
    return [own if name in stated else unit_of(name) for name in names]


def name_of(key: str, language: Language) -> str:
    """Return what people call a column, code or class; a key the glossary lacks is made readable.

    Examples
    --------
    >>> name_of("floor_area_m2", "zh"), name_of("not_in_glossary", "en")
    ('建筑面积', 'not in glossary')
    """
    known = glossary().get(key)
    if known is not None:
        return known.zh if language == "zh" else known.en
    return key.replace("_", " ").replace("|", " · ") if _KEY.fullmatch(key) else key


def both(key: str) -> str:
    """Return a header in both languages on one line; one only where they are the same."""
    zh, en = name_of(key, "zh"), name_of(key, "en")
    return zh if zh == en else f"{zh} {en}"
