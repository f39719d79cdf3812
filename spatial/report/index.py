"""The index page: where the zone stands, four pictures, every file, and what the results rest on."""

import csv
import fnmatch
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files as package_files
from pathlib import Path
from urllib.parse import quote

import jinja2
import pandas as pd
from markupsafe import Markup

from layers.errors import Fault
from layers.glossary import Language
from spatial.report import pictures
from spatial.report.cost_picture import macc_picture
from spatial.report.energy_picture import sankey_picture
from spatial.report.meta import RunMeta, Tables, table
from spatial.report.numbers import file_size, three
from spatial.report.readings import Readings, amount, number, readings_of, sentences_of
from spatial.report.words import Pair, pair, word

TOGETHER = ("hourly/pypsa/*", "networks")
"""Folders of many small files that are of use together."""
LANGUAGES: tuple[Language, Language] = ("zh", "en")
_FIRST_TARGET = "co2_per_head"
_PICTURES = (
    ("picture.path", pictures.path_picture, False),
    ("picture.waterfall_sector", pictures.waterfall_picture, False),
    ("picture.effects", pictures.effects_picture, False),
    ("picture.waterfall_measure", pictures.measures_picture, False),
    ("picture.macc", macc_picture, True),
    ("picture.sankey", sankey_picture, True),
    ("picture.sun", pictures.sun_picture, False),
    ("picture.demand", pictures.demand_picture, False),
)
"""Pictures in their order: title, who draws them, and whether they go across the page."""


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
    wide: bool


@dataclass(frozen=True, slots=True)
class _Page:
    title: Pair
    state: Pair
    years: Pair
    has_map: bool
    scenarios: tuple[Pair, ...]
    targets: tuple[_Target, ...]
    readings: Readings | None
    sentences: tuple[Pair, ...]
    pictures: tuple[_Picture, ...]
    files: tuple[_File, ...]
    warnings: tuple[str, ...]
    notes: tuple[str, ...]
    illustrative: tuple[Pair, ...]
    switches: tuple[tuple[Pair, Pair], ...]
    inputs: tuple[tuple[str, str, Pair], ...]
    attribution: tuple[str, ...]
    crs: str
    versions: tuple[tuple[str, str], ...]


def _verdict(row: pd.Series) -> _Verdict:
    value, slack, unit = number(row["value"]), number(row["slack"]), str(row["unit"])
    kind = "unknown" if value is None else "met" if row["met"] else "missed"
    sign = "+" if slack is not None and slack > 0 else ""
    return _Verdict(amount(value, unit), amount(slack, unit, sign), pair(f"mark.{kind}"), kind)


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
                limit=amount(number(first["limit"]), str(first["unit"]), sign),
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
        key, value, limit = "state.first", (three(number(row["value"])),) * 2, (three(number(row["limit"])),) * 2
    else:
        key, value, limit = "state.line", amount(number(row["value"]), unit), amount(number(row["limit"]), unit)
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
        size=file_size(sum(file.stat().st_size for file in (path, *path.rglob("*")) if file.is_file())),
        opens=(row["opens_zh"], row["opens_en"]),
    )


def _listed(paths: Iterable[Path], folder: Path) -> tuple[_File, ...]:
    """Return the files in the order of ``files.csv``, that is by use, then by name."""
    order = {row["pattern"]: place for place, row in enumerate(_descriptions())}

    def place(path: Path) -> tuple[bool, int, str]:
        name = path.relative_to(folder).as_posix()
        return "/" in name, order.get(name, len(order)), name

    shown = {_whole(path, folder) for path in paths}
    return tuple(_file(path, folder) for path in sorted(shown, key=place))


def _whole(path: Path, folder: Path) -> Path:
    """Return the folder of a file that is of use only together with the others in it, else the file."""
    for parent in path.relative_to(folder).parents:
        if any(fnmatch.fnmatchcase(parent.as_posix(), pattern) for pattern in TOGETHER):
            return folder / parent
    return path


def _drawn(tables: Tables, meta: RunMeta) -> tuple[_Picture, ...]:
    found = []
    shown = pair(f"short.{meta.scenarios[-1] if meta.scenarios else ''}")
    for key, draw, wide in _PICTURES:
        zh, en = draw(tables, meta, "zh"), draw(tables, meta, "en")
        if zh is not None and en is not None:
            # every label was escaped when it was drawn
            found.append(_Picture(_titled(key, meta.target_year, shown), Markup(zh), Markup(en), wide))  # noqa: S704
    return tuple(found)


def _titled(key: str, year: int, scenario: Pair) -> Pair:
    zh, en = (word(key, language, year=year, scenario=scenario[i]) for i, language in enumerate(LANGUAGES))
    return zh, en


def write_index(
    tables: Tables, meta: RunMeta, files: Iterable[Path], folder: Path, faults: Sequence[Fault] = ()
) -> Path:
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
    faults
        Warnings and notes of the run.

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
        readings=readings_of(tables),
        sentences=sentences_of(tables),
        pictures=_drawn(tables, meta),
        files=listed,
        warnings=tuple(str(fault) for fault in faults if fault.level == "warning"),
        notes=tuple(str(fault) for fault in faults if fault.level == "note"),
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
