"""What each way of doing a thing costs: the package's costs, and those a planner gives in their place.

A technology may have several parts, a row each: a battery bus is a bus and its share of a charger. A part takes its
price, running cost and life from the technology catalogue or states its own: ``capex_cny`` and ``opex_cny`` each,
running cost also as ``opex_share`` of the investment a year. ``size`` says how many of the part one unit of the subject
needs (empty: one), such as the kW for a kWh a year or the vehicles for a km a year.
"""

import difflib
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from layers.columns import numbers
from layers.errors import Findings
from layers.sheet import read_sheet
from layers.vector import Source
from resources.technology import technologies

EVERY = "*"
BUILDING_SECTORS = ("residential", "service", "industry", "logistics", "port")
"""Sectors that a subject such as ``*.heating`` stands for."""

NEEDED = ("subject", "technology", "unit")
NUMBERS = ("size", "capex_cny", "opex_share", "opex_cny", "life_a")
TEXTS = (*NEEDED, "part", "catalogue")
COLUMNS = (*TEXTS, *NUMBERS, "source", "confidence", "note")
SHORTEST_LIFE_A = 0.1

Years = Sequence[int] | NDArray[np.int64]
Technology = tuple[str, str]
"""Subject and technology."""


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a technology, per unit of its subject.

    Attributes
    ----------
    unit
        Unit of the subject's amount.
    capex_cny
        Investment in each of the years asked for [CNY/unit].
    opex_cny
        Yearly cost without energy, for equipment of each year [CNY/a/unit].
    life_a
        Life [a].
    """

    unit: str
    capex_cny: tuple[float, ...]
    opex_cny: tuple[float, ...]
    life_a: float


Costs = dict[Technology, list[Part]]


def default_source() -> Source:
    """Return the costs that come with the package."""
    return Source(Path(__file__).with_name("costs.csv"))


def read_costs(
    source: Source | None, years: Years, findings: Findings, used: Collection[Technology] = ()
) -> pd.DataFrame | None:
    """Return what technologies cost in each year (table ``technology_cost``); every fault goes to the findings.

    Of the rows that fit a technology the first kind there is counts: the planner's for its subject, the planner's for
    ``*``, the package's for its subject, the package's for ``*``. Where parts last unequally long, the first part's
    life is that of the technology and the others are bought as often as they are needed in it, without interest.

    Parameters
    ----------
    source
        A planner's table of costs; None takes those of the package alone.
    years
        Years of purchase.
    findings
        Takes the faults.
    used
        Subject and technology of all that the study does; each must then have a cost, and each row of the planner
        must be about one of them.

    Returns
    -------
    pandas.DataFrame or None
        Columns subject, technology, year, capex_cny, opex_cny, life_a and unit, sorted; None where there is a fault.

    Examples
    --------
    >>> table = read_costs(None, [2025], Findings())
    >>> table.loc[table["subject"] == "pv.roof", ["capex_cny", "opex_cny", "life_a", "unit"]].values.tolist()
    [[2700.0, 40.5, 25.0, 'kWp']]
    """
    before = len(findings.errors)
    sources = [default_source()] if source is None else [source, default_source()]
    given = [_read(each, years, findings) for each in sources]
    if len(findings.errors) > before:
        return None
    if used:
        _check_used(given, sources[0].name, used, findings)
    if len(findings.errors) > before:
        return None
    wanted = set(used) or {key for costs in given for written in costs for key in _spelled_out(written)}
    return _table({key: parts for key in sorted(wanted) if (parts := _chosen(key, given)) is not None}, years)


def _read(source: Source, years: Years, findings: Findings) -> Costs:
    table = read_sheet(source, findings)
    if table is None or not _known_columns(table, source.name, findings):
        return {}
    table = table.reindex(columns=list(COLUMNS), fill_value="")
    wrong = dict.fromkeys(table.index, False)
    read = {column: _numbers(table[column], source.name, wrong, findings) for column in NUMBERS}
    costs: Costs = {}
    for row, *texts in table[list(TEXTS)].reset_index().to_numpy(dtype=object).tolist():
        cells = dict(zip(TEXTS, map(str, texts), strict=True))
        values = {column: float(read[column][row]) for column in NUMBERS}
        fault = partial(findings.error, source.name, row=row)
        part = None if wrong[row] else _part(cells, values, years, fault)
        if part is not None:
            costs.setdefault((cells["subject"], cells["technology"]), []).append(part)
    for row in table.index[table.duplicated(["subject", "technology", "part"])]:
        remedy = "keep one row, or name each part in the column part"
        findings.error(source.name, "subject, technology and part stand twice", remedy, row=row)
    units = table.groupby(["subject", "technology"])["unit"].transform("nunique")
    for row in table.index[units > 1]:
        remedy = "give all parts per one unit of the subject"
        findings.error(source.name, "parts have different units", remedy, row=row, column="unit")
    return costs


def _known_columns(table: pd.DataFrame, name: str, findings: Findings) -> bool:
    missing = [column for column in NEEDED if column not in table.columns]
    unknown = [str(column) for column in table.columns if column not in COLUMNS]
    for column in missing:
        findings.error(name, "column is missing", f"a table of costs has {', '.join(NEEDED)}", column=column)
    for column in unknown:
        near = difflib.get_close_matches(column, COLUMNS, n=1, cutoff=0.0)[0]
        findings.error(name, "column is not known", f"did you mean {near!r}?", column=column)
    return not missing and not unknown


def _numbers(texts: pd.Series, name: str, wrong: dict[int, bool], findings: Findings) -> pd.Series:
    """Return a column as numbers, empty cells as not a number; rows at fault are marked."""
    value, percent, no_number = numbers(texts)
    value = value.where(~percent, value / 100.0)
    for row in texts.index[no_number | (value < 0.0)]:
        wrong[int(row)] = True
        problem = f"{texts[row]!r} is no number" if no_number[row] else f"{texts[row]} is negative"
        findings.error(name, problem, "give a number >= 0", row=row, column=str(texts.name))
    return value


def _part(
    cells: Mapping[str, str], values: Mapping[str, float], years: Years, fault: Callable[..., None]
) -> Part | None:
    """Return one row as a part, or None after naming what is wrong with it."""
    given = {name: value for name, value in values.items() if not np.isnan(value)}
    size = given.get("size", 1.0)
    subject, catalogue = cells["subject"], cells["catalogue"]
    problems = [(f"has no {column}", f"give the {column}", column) for column in NEEDED if not cells[column]]
    if EVERY in subject.removeprefix(f"{EVERY}."):
        problems.append((f"{subject!r} is no subject", f"write {EVERY}. only before it", "subject"))
    if catalogue and catalogue not in technologies():
        near = difflib.get_close_matches(catalogue, sorted(technologies()), n=1, cutoff=0.0)[0]
        problems.append((f"{catalogue!r} is not in the catalogue", f"did you mean {near!r}?", "catalogue"))
    if catalogue and "capex_cny" in given:
        problems.append(("has a price beside that of the catalogue", "give one of them", "capex_cny"))
    if not catalogue:
        remedy = "give it, or a key of the catalogue"
        problems += [(f"has no {name}", remedy, name) for name in ("capex_cny", "life_a") if name not in given]
    if given.get("life_a", SHORTEST_LIFE_A) < SHORTEST_LIFE_A:
        problems.append(("has no life", f"give at least {SHORTEST_LIFE_A} years", "life_a"))
    if not problems:
        found = technologies().get(catalogue)
        price = [size * (found.capex_in(year) if found else given["capex_cny"]) for year in years]
        share = given.get("opex_share", found.opex_share if found else 0.0)
        running = [share * capex + size * given.get("opex_cny", 0.0) for capex in price]
        if min(running, default=0.0) >= 0.0:
            life = given["life_a"] if "life_a" in given else technologies()[catalogue].life
            return Part(cells["unit"], tuple(price), tuple(running), life)
        problems.append(("runs at less than nothing by the catalogue", "give an opex_share of its own", "opex_share"))
    for problem, remedy, column in problems:
        fault(problem, remedy, column=column)
    return None


def _chosen(key: Technology, given: Iterable[Costs]) -> list[Part] | None:
    """Return the parts of a technology from the first table that has it, its own subject before ``*``."""
    subject, technology = key
    sector, _, rest = subject.partition(".")
    for costs in given:
        if key in costs:
            return costs[key]
        if sector in BUILDING_SECTORS and (f"{EVERY}.{rest}", technology) in costs:
            return costs[f"{EVERY}.{rest}", technology]
    return None


def _spelled_out(key: Technology) -> list[Technology]:
    """Return a key, or where it stands for every sector the keys it stands for."""
    subject, technology = key
    if not subject.startswith(EVERY):
        return [key]
    return [(f"{sector}{subject.removeprefix(EVERY)}", technology) for sector in BUILDING_SECTORS]


def _check_used(given: Sequence[Costs], name: str, used: Collection[Technology], findings: Findings) -> None:
    known = {f"{subject}|{technology}" for subject, technology in used}
    add = "add a row for it" if len(given) > 1 else "name a table of costs with a row for it, inputs.costs of the study"
    for key in sorted(used):
        if _chosen(key, given) is None:
            findings.error(name, "has no cost", add, row="|".join(key))
    if len(given) == 1:
        return
    # What the package prices a subject by is what the account counts of it.
    units = {each[0]: parts[0].unit for key, parts in given[-1].items() for each in _spelled_out(key)}
    for key in sorted(given[0]):
        unit, counted = given[0][key][0].unit, units.get(_spelled_out(key)[0][0])
        if counted is not None and unit != counted:
            problem = f"is per {unit}, the account counts {counted}"
            findings.error(name, problem, f"give the cost per {counted}", row="|".join(key), column="unit")
        if not any(each in used for each in _spelled_out(key)):
            near = difflib.get_close_matches("|".join(key), sorted(known), n=1, cutoff=0.0)[0]
            problem = "is about a technology that the study does not have"
            findings.error(name, problem, f"did you mean {near!r}?", row="|".join(key))


def _table(chosen: Mapping[Technology, Sequence[Part]], years: Years) -> pd.DataFrame:
    lives = [parts[0].life_a for parts in chosen.values()]
    times = [[life / part.life_a for part in parts] for life, parts in zip(lives, chosen.values(), strict=True)]
    capex = [
        np.array(bought) @ np.array([part.capex_cny for part in parts])
        for bought, parts in zip(times, chosen.values(), strict=True)
    ]
    opex = [np.sum([part.opex_cny for part in parts], axis=0) for parts in chosen.values()]
    names = pd.MultiIndex.from_tuples(list(chosen), names=["subject", "technology"]).to_frame(index=False)
    names = names.assign(life_a=lives, unit=[parts[0].unit for parts in chosen.values()])
    table = names.loc[np.repeat(np.arange(len(names)), len(years))].reset_index(drop=True)
    table = table.assign(
        year=np.tile(np.asarray(years, dtype=np.int64), len(names)),
        capex_cny=np.concatenate(capex),
        opex_cny=np.concatenate(opex),
    )
    return table[["subject", "technology", "year", "capex_cny", "opex_cny", "life_a", "unit"]]
