"""Land-use codes: what a plan writes, resolved to classes of GB 50137-2011 with shares."""

import csv
import difflib
import re
import unicodedata
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path

import pandas as pd

from layers.errors import Findings

Uses = tuple[tuple[str, float], ...]
"""Codes of ``landuse.csv`` with their shares of the parcel, which sum to one."""

Crosswalk = Mapping[str, Uses]
"""What a plan of any other coding means: its text in small letters to uses."""

_NUMBERS = ["far", "far_low", "far_high", "building_density", "height_limit_m", "green_ratio"]
_CODE = re.compile(r"[A-Z]\d{1,3}")
_TOKEN = re.compile(r"[A-Z]\d{1,3}[A-Z*]?")
_NEW_CODE = re.compile(r"\d{1,6}")
_SHARE = re.compile(r"[:=(\s]\s*(\d+(?:\.\d+)?(?:E[-+]?\d+)?)\s*(%?)\s*\)?$")
_SPLIT = re.compile(r"[/+;,&|、兼与及]|和(?=[A-Z\d])")
_NOT_ASCII = re.compile(r"[^\x00-\x7f]+")


class UnknownUse(ValueError):  # noqa: N818 - it says what is wrong, not that something is
    """A land-use code that is in no list; `part` is the piece not understood, `nearest` the codes most like it."""

    def __init__(self, part: str, nearest: tuple[str, ...]) -> None:
        self.part, self.nearest = part, nearest
        super().__init__(f"unknown land-use code {part!r}")


@cache
def _table() -> pd.DataFrame:
    with files("layers").joinpath("landuse.csv").open(encoding="utf-8") as lines:
        table = pd.read_csv(lines, dtype=dict.fromkeys(_NUMBERS, "float64"), keep_default_na=False)
    table.insert(1, "group", table["code"].str[0])
    return table.set_index("code")


def landuse_table() -> pd.DataFrame:
    """Return the land-use classes by code: group, names, default controls, archetype, colour and where they are from.

    Returns
    -------
    DataFrame
        Index ``code``; columns group, name_zh, name_en, far, far_low, far_high [m2/m2], building_density [-],
        height_limit_m [m], green_ratio [-], archetype, colour, source, confidence. Colours follow the convention of
        CJJ/T 97: housing yellow, public services pink, commerce red, industry brown, storage violet, transport grey,
        utilities blue, green space green, farm and forest pale green, water light blue.

    Examples
    --------
    >>> landuse_table().loc["R2", ["name_zh", "archetype"]].tolist()
    ['二类居住用地', 'res_highrise']
    """
    return _table().copy()


@cache
def _codes() -> frozenset[str]:
    return frozenset(_table().index)


@cache
def _guide_2023() -> Mapping[str, str]:
    lines = files("layers").joinpath("landuse_2023.csv").read_text(encoding="utf-8").splitlines()
    return {row["code"]: row["landuse"] for row in csv.DictReader(lines)}


@cache
def _by_name() -> Mapping[str, str]:
    lines = files("layers").joinpath("landuse_2023.csv").read_text(encoding="utf-8").splitlines()
    names = {row["name_zh"]: row["landuse"] for row in csv.DictReader(lines)}
    return names | {name: code for code, name in _table()["name_zh"].items()}


def nearest(part: str, crosswalk: Crosswalk | None = None) -> tuple[str, ...]:
    """Return the known codes most like an unknown one.

    Examples
    --------
    >>> nearest("R9")
    ('R1', 'R2', 'R3')
    """
    plain = unicodedata.normalize("NFKC", part).strip().upper()
    known = sorted(_guide_2023()) if plain[:1].isdigit() else sorted(_codes())
    own = difflib.get_close_matches(part.strip().lower(), sorted(crosswalk or {}), n=2, cutoff=0.6)
    same = [code for code in known if plain and code[0] == plain[0] and len(code) <= 2]
    close = difflib.get_close_matches(plain, known, n=3, cutoff=0.5) if plain.isascii() else []
    return tuple(dict.fromkeys([*own, *(same or close)]))[:3]


def _code(token: str) -> str | None:
    """Return the longest known prefix of one code of either coding, None where there is none."""
    known = _codes()
    if _TOKEN.fullmatch(token):
        return next((token[:n] for n in range(len(token), 1, -1) if token[:n] in known), None)
    if _NEW_CODE.fullmatch(token):
        guide = _guide_2023()
        digits = token.zfill(len(token) + len(token) % 2)  # a spreadsheet drops the leading nought
        return next((guide[digits[:n]] for n in range(len(digits), 1, -2) if digits[:n] in guide), None)
    return None


def _part(text: str, crosswalk: Crosswalk | None) -> Uses:
    """Return the uses of one part of a mixed code, shares within the part."""
    if crosswalk and text.strip().lower() in crosswalk:
        return crosswalk[text.strip().lower()]
    name = re.sub(r"[\x00-\x7f]+", "", text)
    token = re.sub(r"[\s().\-_\[\]]+", "", _NOT_ASCII.sub("", text).upper().removesuffix(".0"))
    if not token and name in _by_name():
        return ((_by_name()[name], 1.0),)
    single = _code(token)
    if single is not None:
        return ((single, 1.0),)
    several = _CODE.findall(token)
    codes = [_code(code) for code in several]
    if len(several) > 1 and "".join(several) == token and all(codes):
        return tuple((str(code), 1.0 / len(codes)) for code in codes)
    raise UnknownUse(text.strip(), nearest(token or text, crosswalk))


def _share(text: str) -> tuple[str, float | None]:
    """Split one part into its code and the share written behind it, None where there is none."""
    found = _SHARE.search(text.upper())
    # a bare number in brackets or behind a blank is a share only with a percent sign: "居住用地(0701)" is a code
    if found and (found[2] or found[0][0] in ":="):
        return text[: found.start()], float(found[1]) / (100.0 if found[2] else 1.0)
    return text, None


def resolve(code_text: str, crosswalk: Crosswalk | None = None) -> Uses:
    """Return the land-use classes a plan's text means, with their shares.

    Takes codes of GB 50137-2011 with any subclass (the longest known prefix counts), codes of the national guide of
    2023 (自然资发〔2023〕234号; there 05 is wetland, not commerce as in GB/T 21010-2017), mixed codes with or without
    shares, small and full-width letters, class names, and whatever a crosswalk explains.

    Parameters
    ----------
    code_text
        Such as ``R2``, ``B1B2``, ``R2:0.7/B1:0.3``, ``二类居住用地(R2)`` or ``070102``.
    crosswalk
        From `read_crosswalk`; goes before the built-in codes.

    Raises
    ------
    UnknownUse
        If any part is not understood.

    Examples
    --------
    >>> resolve("r21"), resolve("R2:0.7/B1:0.3"), resolve("070102")
    ((('R2', 1.0),), (('R2', 0.7), ('B1', 0.3)), (('R2', 1.0),))
    """
    text = unicodedata.normalize("NFKC", str(code_text)).strip()
    if crosswalk and text.lower() in crosswalk:
        return crosswalk[text.lower()]
    parts = [part for part in _SPLIT.split(text) if part.strip()]
    if not parts:
        raise UnknownUse(text, ())
    uses: list[tuple[Uses, float | None]] = []
    for part in parts:
        plain, share = _share(part)
        uses.append((_part(plain, crosswalk), share))
    return _merge(uses, text)


def _merge(uses: list[tuple[Uses, float | None]], text: str) -> Uses:
    """Bring shares to a sum of one; parts without a share divide equally what the others leave."""
    given = [share for _, share in uses if share is not None]
    scale = 100.0 if sum(given) > 2.0 else 1.0  # 70:30 means percent
    silent = len(uses) - len(given)
    rest = max(0.0, 1.0 - sum(given) / scale) / silent if silent else 0.0
    sums: dict[str, float] = {}
    for codes, share in uses:
        part = rest if share is None else share / scale
        for code, within in codes:
            sums[code] = sums.get(code, 0.0) + part * within
    total = sum(sums.values())
    if total <= 0.0:
        raise UnknownUse(text, ())
    # one use has the whole; several that sum to one already stay exactly as they are
    factor = 1.0 if abs(total - 1.0) < 1e-12 and len(sums) > 1 else total
    return tuple((code, share / factor) for code, share in sums.items() if share > 0.0)


def write(uses: Uses) -> str:
    """Return uses as a plan writes them, so that `resolve` gives them back.

    Examples
    --------
    >>> write(resolve("r2+b1"))
    'R2:0.5/B1:0.5'
    """
    return uses[0][0] if len(uses) == 1 else "/".join(f"{code}:{share!r}" for code, share in uses)


def read_crosswalk(path: Path, findings: Findings) -> Crosswalk | None:
    """Read a user's crosswalk: a CSV with the columns code, landuse and, for mixed uses, share.

    Parameters
    ----------
    path
        The CSV; several rows of one code make a mixed use; ``landuse`` is anything `resolve` takes.
    findings
        Takes every fault.
    """
    try:
        raw = path.read_bytes()
    except OSError:
        findings.error(path.name, "the crosswalk file is missing", "check the path")
        return None
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("gb18030", errors="replace")
    rows = list(csv.DictReader(text.splitlines()))
    titles = set(rows[0]) if rows else set()
    if not {"code", "landuse"} <= titles:
        findings.error(
            path.name,
            f"a crosswalk needs the columns code and landuse, not {', '.join(map(str, titles)) or 'an empty file'}",
            "name the columns code, landuse and, for mixed uses, share",
        )
        return None
    collected: dict[str, list[tuple[Uses, float | None]]] = {}
    before = len(findings.errors)
    for number, row in enumerate(rows, start=2):
        code = unicodedata.normalize("NFKC", row["code"] or "").strip().lower()
        try:
            share = float(row["share"]) if (row.get("share") or "").strip() else None
            collected.setdefault(code, []).append((resolve(row["landuse"] or ""), share))
        except UnknownUse as error:
            remedy = f"nearest: {', '.join(error.nearest)}" if error.nearest else "give a code of GB 50137-2011"
            findings.error(path.name, str(error), remedy, row=f"line {number}", column="landuse")
        except ValueError:
            findings.error(
                path.name, f"share {row['share']!r} is no number", "give 0 to 1", row=f"line {number}", column="share"
            )
    if len(findings.errors) > before:
        return None
    return {code: _merge(parts, code) for code, parts in collected.items()}
