"""The index page: where the zone stands, four pictures, every file, and what the results rest on."""

import csv
import fnmatch
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files as package_files
from pathlib import Path
from typing import Any
from urllib.parse import quote

import jinja2
import pandas as pd
from markupsafe import Markup

from layers.glossary import Language
from spatial.report import pictures
from spatial.report.meta import RunMeta, Tables, table
from spatial.report.numbers import energy_scale, file_size, mass_scale, three
from spatial.report.words import Pair, pair, word

_FIRST_TARGET = "co2_per_head"
_PICTURES = (
    ("picture.path", pictures.path_picture),
    ("picture.waterfall", pictures.waterfall_picture),
    ("picture.sun", pictures.sun_picture),
    ("picture.demand", pictures.demand_picture),
)


@dataclass(frozen=True, slots=True)
class _Verdict:
    """How one scenario stands against one target."""

    value: Pair
    slack: Pair
    mark: Pair
    kind: str


@dataclass(frozen=True, slots=True)
class _Target:
    name: Pair
    definition: Pair
    limit: Pair
    verdicts: tuple[_Verdict | None, ...]


@dataclass(frozen=True, slots=True)
class _File:
    path: str
    link: str
    about: Pair
    size: str
    opens: Pair


@dataclass(frozen=True, slots=True)
class _Picture:
    title: Pair
    zh: Markup
    en: Markup


@dataclass(frozen=True, slots=True)
class _Page:
    title: Pair
    state: Pair
    years: Pair
    has_map: bool
    scenarios: tuple[Pair, ...]
    targets: tuple[_Target, ...]
    pictures: tuple[_Picture, ...]
    files: tuple[_File, ...]
    illustrative: tuple[Pair, ...]
    switches: tuple[tuple[Pair, Pair], ...]
    inputs: tuple[tuple[str, str, Pair], ...]
    attribution: tuple[str, ...]
    crs: str
    versions: tuple[tuple[str, str], ...]


def _with_unit(value: float | None, unit: str, language: Language) -> str:
    """Return a number with its unit in a language; fractions as per cent, tonnes and MWh in a unit that fits."""
    if value is None or pd.isna(value):
        return "–"
    if unit == "fraction":
        return f"{three(value * 100.0)} %"
    if unit == "t":
        return mass_scale(value, language).text(value)
    if unit == "MWh":
        return energy_scale(value, language).text(value)
    shown = word(f"unit.{unit}", language) if unit else ""
    return f"{three(value)} {shown}".strip()


def _amount(value: float | None, unit: str, before: str = "") -> Pair:
    return before + _with_unit(value, unit, "zh"), before + _with_unit(value, unit, "en")


def _number(value: Any) -> float | None:  # noqa: ANN401 - a cell of a table
    return None if pd.isna(value) else float(value)


def _verdict(row: pd.Series) -> _Verdict:
    value, slack, unit = _number(row["value"]), _number(row["slack"]), str(row["unit"])
    kind = "unknown" if value is None else "met" if row["met"] else "missed"
    sign = "+" if slack is not None and slack > 0 else ""
    return _Verdict(_amount(value, unit), _amount(slack, unit, sign), pair(f"mark.{kind}"), kind)


def _targets(tables: Tables, scenarios: tuple[str, ...]) -> tuple[_Target, ...]:
    """Return one row a target, with a verdict for each scenario that has one."""
    frame = table(tables, "targets")
    if frame is None:
        return ()
    rows = []
    for target, group in frame.groupby("target", sort=False):
        first = group.iloc[0]
        own = {str(row["scenario"]): _verdict(row) for _, row in group.iterrows()}
        sign = "≤ " if first["sense"] == "<=" else "≥ "
        rows.append(
            _Target(
                name=pair(f"target.{target}"),
                definition=(str(first["definition_zh"]), str(first["definition"])),
                limit=_amount(_number(first["limit"]), str(first["unit"]), sign),
                verdicts=tuple(own.get(scenario) for scenario in scenarios),
            )
        )
    return tuple(rows)


def state_line(tables: Tables, meta: RunMeta) -> Pair:
    """Return where the zone stands in the target year, in one line: CO2 a head, and how many targets are met."""
    frame = table(tables, "targets")
    last = meta.scenarios[-1] if meta.scenarios else ""
    called = word(f"scenario.{last}", "zh"), word(f"scenario.{last}", "en").lower()
    head = (
        word("state.head", "zh", year=meta.target_year, scenario=called[0]),
        word("state.head", "en", year=meta.target_year, scenario=called[1]),
    )
    own = frame[frame["scenario"] == last] if frame is not None else pd.DataFrame()
    if own.empty:
        return head
    first = own[own["target"] == _FIRST_TARGET]
    row = (own if first.empty else first).iloc[0]
    unit, met = str(row["unit"]), int(own["met"].astype(bool).sum())
    if not first.empty and unit == "t/person":
        key, value, limit = "state.first", (three(_number(row["value"])),) * 2, (three(_number(row["limit"])),) * 2
    else:
        key, value, limit = "state.line", _amount(_number(row["value"]), unit), _amount(_number(row["limit"]), unit)
    name = pair(f"target.{row['target']}")
    zh, en = (
        {"head": head[i], "name": name[i], "value": value[i], "limit": limit[i], "met": met, "count": len(own)}
        for i in (0, 1)
    )
    return word(key, "zh", **zh), word(key, "en", **en)


@cache
def _descriptions() -> tuple[dict[str, str], ...]:
    lines = package_files("spatial.report").joinpath("files.csv").read_text(encoding="utf-8").splitlines()
    return tuple(csv.DictReader(lines))


def _file(path: Path, folder: Path) -> _File:
    name = path.relative_to(folder).as_posix()
    row = next(row for row in _descriptions() if fnmatch.fnmatchcase(name, row["pattern"]))
    words = {"stem": path.stem, "name": path.name}
    return _File(
        path=name,
        link=quote(name),
        about=(row["zh"].format(**words), row["en"].format(**words)),
        size=file_size(path.stat().st_size) if path.is_file() else "–",
        opens=(row["opens_zh"], row["opens_en"]),
    )


def _listed(paths: Iterable[Path], folder: Path) -> tuple[_File, ...]:
    """Return the files in the order of ``files.csv``, that is by use, then by name."""
    order = {row["pattern"]: place for place, row in enumerate(_descriptions())}

    def place(path: Path) -> tuple[bool, int, str]:
        name = path.relative_to(folder).as_posix()
        return "/" in name, order.get(name, len(order)), name

    return tuple(_file(path, folder) for path in sorted(set(paths), key=place))


def _drawn(tables: Tables, meta: RunMeta) -> tuple[_Picture, ...]:
    found = []
    for key, draw in _PICTURES:
        zh, en = draw(tables, meta, "zh"), draw(tables, meta, "en")
        if zh is not None and en is not None:
            found.append(_Picture(pair(key), Markup(zh), Markup(en)))  # noqa: S704 - every label was escaped when drawn
    return tuple(found)


def write_index(tables: Tables, meta: RunMeta, files: Iterable[Path], folder: Path) -> Path:
    """Write ``index.html``: self-contained, in both languages, to be opened from disk.

    Parameters
    ----------
    tables
        Tables of the run; what is missing is left out of the page.
    meta
        Facts about the run.
    files
        Files of the run, inside `folder`, to be listed.
    folder
        Folder of the outputs.

    Returns
    -------
    pathlib.Path
        The page.
    """
    listed = _listed(files, folder)
    page = _Page(
        title=(meta.title_zh, meta.title_en),
        state=state_line(tables, meta),
        years=(f"{meta.base_year}-{meta.target_year} 年", f"{meta.base_year}-{meta.target_year}"),
        has_map=any(file.path == "map.html" for file in listed),
        scenarios=tuple(pair(f"scenario.{name}") for name in meta.scenarios),
        targets=_targets(tables, meta.scenarios),
        pictures=_drawn(tables, meta),
        files=listed,
        illustrative=tuple(pair(f"illustrative.{item}") for item in meta.illustrative),
        switches=tuple(
            (pair(f"setting.{name}"), pair(f"choice.{value}")) for name, value in sorted(meta.switches.items())
        ),
        inputs=tuple((name, sha256, pair(f"input.{kind}")) for name, sha256, kind in sorted(meta.inputs)),
        attribution=meta.attribution,
        crs=meta.crs,
        versions=tuple(sorted(meta.versions.items())),
    )
    template = package_files("spatial.report").joinpath("index.html").read_text(encoding="utf-8")
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined)
    path = folder / "index.html"
    path.write_text(environment.from_string(template).render(page=page) + "\n", encoding="utf-8")
    return path
