"""Which column of a file holds what: our own names, common Chinese names and their pinyin initials."""

import csv
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files

import numpy as np
import pandas as pd

_UNWANTED = re.compile(r"[\s_\-()（）\[\]./%㎡²]+")
_NUMBER = re.compile(r"^([-+]?\d+(?:\.\d+)?(?:e[-+]?\d+)?)\s*(%|％|m2|㎡|m|米|层|f|人|平方米|公顷)?$", re.IGNORECASE)
_THOUSANDS = re.compile(r"[-+]?\d{1,3}(?:,\d{3})+(?:\.\d+)?\D*")
_SHAPEFILE_NAME_BYTES = 10


def plain(name: object) -> str:
    """Return a column name as it is compared: small letters, half width, without blanks and punctuation.

    Examples
    --------
    >>> plain("Floor_Area"), plain("容积率（%）")
    ('floorarea', '容积率')
    """
    return _UNWANTED.sub("", unicodedata.normalize("NFKC", str(name)).lower())


@cache
def _aliases(table: str) -> Mapping[str, tuple[str, ...]]:
    lines = files("layers").joinpath("columns.csv").read_text(encoding="utf-8").splitlines()
    rows = [row for row in csv.DictReader(lines) if row["table"] == table]
    return {row["column"]: (plain(row["column"]), *map(plain, row["aliases"].split("|"))) for row in rows}


def match_columns(given: Iterable[object], table: str) -> dict[str, str]:
    """Return our column names mapped to the file's, for the columns of one table that are recognised.

    Exact names go before common ones, and a name that a Shapefile cut after ten bytes still counts.

    Parameters
    ----------
    given
        The file's column names.
    table
        A table of ``columns.csv``, such as ``parcels``.

    Examples
    --------
    >>> match_columns(["DKBH", "用地性质", "RJL"], "parcels")
    {'parcel_id': 'DKBH', 'landuse': '用地性质', 'far': 'RJL'}
    """
    names = {plain(name): str(name) for name in given if str(name) != "geometry"}
    found: dict[str, str] = {}
    for ours, aliases in _aliases(table).items():
        hits = [names[alias] for alias in aliases if alias in names and names[alias] not in found.values()]
        cut = [
            names[short]
            for alias in aliases
            for short in names
            if len(alias) > len(short) >= 2
            and not short.isascii()
            and alias.startswith(short)
            and len(short.encode()) in (_SHAPEFILE_NAME_BYTES - 1, _SHAPEFILE_NAME_BYTES)
        ]
        cut += [names[plain(short)] for short in _cut_names(table).get(ours, ()) if plain(short) in names]
        cut = [name for name in cut if name not in found.values()]
        if hits or cut:
            found[ours] = (hits or cut)[0]
    return found


@cache
def _cut_names(table: str) -> Mapping[str, tuple[str, ...]]:
    """Return what a Shapefile leaves of our longer names, where that tells them apart."""
    short = {ours: ours[:_SHAPEFILE_NAME_BYTES] for ours in _aliases(table) if len(ours) > _SHAPEFILE_NAME_BYTES}
    known = Counter([*short.values(), *_aliases(table)])
    return {ours: (name,) for ours, name in short.items() if known[name] == 1}


def numbers(values: pd.Series) -> tuple[pd.Series, pd.Series, pd.Series]:
    """Return a column as numbers, which rows said percent, and which rows hold text that is no number.

    Blank, ``-``, ``/``, ``无`` and null are empty, not wrong. A unit behind the number (``12 m``, ``35%``) is allowed.

    Examples
    --------
    >>> value, percent, wrong = numbers(pd.Series(["1.5", "35%", "1.5-2.0", None]))
    >>> value.tolist(), percent.tolist(), wrong.tolist()
    ([1.5, 35.0, nan, nan], [False, True, False, False], [False, False, True, False])
    """
    none = pd.Series(False, index=values.index)
    if pd.api.types.is_bool_dtype(values):
        return values.astype(float), none, none
    if pd.api.types.is_numeric_dtype(values):
        plain_numbers = values.astype("float64")
        infinite = plain_numbers.isin([np.inf, -np.inf])
        return plain_numbers.where(~infinite), none, infinite
    texts = values.astype("str").where(values.notna(), "").map(lambda text: unicodedata.normalize("NFKC", text).strip())
    empty = texts.isin(["", "-", "--", "/", "无", "nan", "NaN", "None", "null", "NULL", "<NA>"])
    parsed = pd.to_numeric(texts.where(~empty), errors="coerce").astype("float64")
    missing = ~empty & ~np.isfinite(parsed.to_numpy())
    percent = none.copy()
    if missing.any():
        bare = texts[missing].where(~texts[missing].str.fullmatch(_THOUSANDS), texts[missing].str.replace(",", ""))
        split = bare.str.extract(_NUMBER)
        parsed.loc[missing] = pd.to_numeric(split[0], errors="coerce").astype("float64")
        percent.loc[missing] = split[1].eq("%")
    wrong = ~empty & ~np.isfinite(parsed.to_numpy())
    return parsed.where(~wrong), percent, wrong


def texts(values: pd.Series) -> pd.Series:
    """Return a column as text, empty where null; whole numbers without a decimal point.

    Examples
    --------
    >>> texts(pd.Series([12.0, None])).tolist()
    ['12', '']
    """
    if pd.api.types.is_float_dtype(values):
        whole = values.dropna().mod(1).eq(0).all()
        values = values.astype("Int64") if whole else values
    return values.astype("object").map(lambda value: "" if pd.isna(value) else str(value)).astype("str")
