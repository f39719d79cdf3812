"""Reading what a planner may edit: shares by trend, what technologies take, lives of equipment, and measures."""

import csv
from collections.abc import Collection, Mapping
from functools import partial
from pathlib import Path as File

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from layers.columns import numbers
from layers.errors import Findings
from layers.sheet import read_sheet
from layers.tables.balance import CARRIERS
from layers.tables.scenario import HEAT_SOURCES
from layers.vector import Source
from spatial.scenario.adoption import COVERAGES
from spatial.scenario.measures import TOLERANCE, Span, check_taken, missing_columns, read_measures
from spatial.scenario.options import STUDY, ScenarioOptions, check_scenarios, nearest
from spatial.scenario.paths import PathError, parse_path
from spatial.scenario.turnover import OLDEST_A

Floats = NDArray[np.float64]
Years = NDArray[np.int64]

SHARE_COLUMNS = ("subject", "technology", "path")
USE_COLUMNS = ("activity", "technology", "carrier", "path")
BUILDING_USES = ("heating", "cooling", "hot_water", "cooking")
WITH_USE = ("rail_shift", "light_rail")
"""Coverages that take energy of their own for what they replace."""
WITHOUT_USE = "new_buildings"
DISTRICT = "district"
FROM_NETWORKS = ("district_heat", "district_cold")
"""Carriers that networks deliver: parcels are connected to them, a building does not choose them."""
RETROFIT = "retrofit"
PLANTS = "plant."
"""Beginning of the subjects whose activity is not known before networks are: their shares are those of what runs."""
LAMPS = "lamps"
"""The one coverage that is taken by equipment with a life."""
MEDIAN_A, SHAPE = (0.1, float(OLDEST_A)), (0.1, 20.0)
"""Least and greatest median life [a] and shape of survival [1] that stock can be followed with."""


def activity_of(subject: str) -> str | None:
    """Return the activity by which the technologies of a subject are looked up, None where they take no energy.

    Examples
    --------
    >>> activity_of("residential.heating"), activity_of("cars"), activity_of("pv.roof")
    ('heating', 'cars', None)
    """
    last = subject.rsplit(".", maxsplit=1)[-1]
    if last in BUILDING_USES and "." in subject:
        return last
    covered = subject.startswith(COVERAGES) and subject not in WITH_USE
    return None if covered or subject == WITHOUT_USE else subject


def read_scenario_tables(
    sources: Mapping[str, Source | None],
    options: ScenarioOptions,
    base_year: int,
    end_year: int,
    drivers: Mapping[str, Floats],
    findings: Findings,
    *,
    target_year: int | None = None,
) -> dict[str, pd.DataFrame] | None:
    """Return the tables trend, technology_use, lives and measures; add every fault.

    A planner's rows replace the package's: all rows of a subject in ``shares``, all rows of an activity and technology
    in ``technologies``, the row of a subject in ``lives``, where a median life of 0 or none at all means that shares
    are those of the stock. A planner's ``measures`` replace the package's altogether.

    Parameters
    ----------
    sources
        Files by ``shares``, ``technologies``, ``lives`` and ``measures``; absent or None for the package's own.
    options
        Scenarios, which must fit the measures.
    base_year, end_year
        First and last year of the tables.
    drivers
        Drivers by name in each of these years, which paths may follow.
    findings
        Takes the faults.
    target_year
        Year in which measures without an end are in force; without it the end year.

    Returns
    -------
    dict or None
        None where anything is at fault.
    """
    before = len(findings.errors)
    years = np.arange(base_year, end_year + 1)
    given = {name: _given(name, columns, sources.get(name), findings) for name, columns in _REQUIRED.items()}
    values = partial(_values, years=years, drivers=drivers, findings=findings)
    shares = _merge(_own("shares"), given["shares"], ["subject"])
    uses = _merge(_own("technologies"), given["technologies"], ["activity", "technology"])
    trend = _trend(shares, years, values(shares), findings)
    technology_use = _technology_use(uses, years, values(uses), findings)
    if _check_names(shares, uses, findings):
        _check_uses(shares, set(zip(uses["activity"], uses["technology"], strict=True)), findings)
    technologies: dict[str, list[str]] = {}
    for subject, technology in zip(shares["subject"], shares["technology"], strict=True):
        technologies.setdefault(subject, []).append(technology)
    source = sources.get("measures")
    frame = _own("measures") if source is None else given["measures"]
    measures = None
    if frame is not None:
        span = Span(base_year, end_year if target_year is None else target_year, own=source is not None)
        name = "measures.csv" if source is None else source.name
        measures = read_measures(frame, name, technologies, span, findings)
        _check_called(list(frame["measure"]), options, findings)
        if check_scenarios(list(frame["measure"]), options, findings) and measures is not None:
            check_taken(measures, options, findings)
        if measures is not None:
            _check_retrofit(measures.set_index(frame.index), name, findings)
    lives = equipment_lives(sorted(technologies), given["lives"], findings)
    if len(findings.errors) > before or measures is None:
        return None
    return {"trend": trend, "technology_use": technology_use, "lives": lives, "measures": measures}


LIFE_COLUMNS = ("subject", "median_a", "shape")
_REQUIRED = {
    "shares": SHARE_COLUMNS, "technologies": USE_COLUMNS, "measures": ("measure",), "lives": LIFE_COLUMNS,
}  # fmt: skip
_VALUES = ("path", "median_a", "shape")


def _own(name: str) -> pd.DataFrame:
    """Return one of the package's tables as texts, with the row as a person sees it as index."""
    with File(__file__).with_name(f"{name}.csv").open(encoding="utf-8", newline="") as stream:
        header, *rows = csv.reader(stream)
    index = pd.RangeIndex(2, len(rows) + 2, name="row")
    return pd.DataFrame(rows, index=index, columns=header, dtype="str").assign(file=f"{name}.csv", own=True)


def _given(name: str, required: tuple[str, ...], source: Source | None, findings: Findings) -> pd.DataFrame | None:
    """Return a planner's table as texts, None where there is none or it cannot be used."""
    frame = None if source is None else read_sheet(source, findings)
    if frame is None or source is None or missing_columns(frame, required, source.name, findings):
        return None
    keys = [column for column in required if column not in _VALUES]
    if name != "measures":
        for number in frame.index[frame.duplicated(keys)]:
            key = ", ".join(frame.loc[number, keys])
            findings.error(source.name, f"{key} stands twice", "keep one of the rows", row=number)
    return frame.assign(file=source.name, own=False)


def _merge(package: pd.DataFrame, given: pd.DataFrame | None, keys: list[str]) -> pd.DataFrame:
    """Return the package's rows without those that a planner gives again, and the planner's."""
    if given is None:
        return package.reset_index()
    kept = ~pd.MultiIndex.from_frame(package[keys]).isin(pd.MultiIndex.from_frame(given[keys]))
    columns = [column for column in package.columns if column in given.columns]
    return pd.concat([package[kept].reset_index(), given[columns].reset_index()], ignore_index=True).fillna("")


def _values(rows: pd.DataFrame, years: Years, drivers: Mapping[str, Floats], findings: Findings) -> Floats:
    """Return the path of every row in every year, shape (rows, years); not a number where it cannot be read."""
    values = np.full((len(rows), len(years)), np.nan)
    for at, (text, file, number, own) in enumerate(
        zip(rows["path"], rows["file"], rows["row"], rows["own"], strict=True)
    ):
        try:
            path = parse_path(text)
            if not own and path.first_year is not None and path.first_year > years[0]:
                problem = f"{text} begins in {path.first_year} and leaves a gap from the base year {years[0]}"
                findings.error(file, problem, f"give its value in {years[0]}", row=number, column="path")
            values[at] = path.values(years, drivers)
        except PathError as error:
            findings.error(file, str(error), "correct the expression", row=number, column="path")
    return values


def _long(rows: pd.DataFrame, years: Years, values: Floats, keys: list[str], name: str) -> pd.DataFrame:
    count = len(years)
    columns = {key: np.repeat(rows[key].to_numpy(dtype=object), count) for key in keys}
    table = pd.DataFrame(columns, dtype="str").assign(year=np.tile(years, len(rows)), **{name: values.ravel()})
    return table.sort_values([*keys, "year"], ignore_index=True)


ALL_AT_ONCE = "all older floor area in one year or more"
BELOW_ONE = "give the share of older floor area that is done in a year, below 1, such as 0.03"


def _check_rate(rows: pd.DataFrame, years: Years, values: Floats, findings: Findings) -> None:
    """Add a fault where paths bring the retrofit rate to one; shares above one are told for their own sake."""
    rate = values.sum(axis=0)
    if (rate >= 1.0).any() and (values <= 1.0 + TOLERANCE).all():
        first = int((rate >= 1.0).argmax())
        problem = f"the retrofit rate is {rate[first]:g} in {years[first]}, {ALL_AT_ONCE}"
        findings.error(str(rows["file"].iloc[-1]), problem, BELOW_ONE, row=rows["row"].iloc[0], column="path")


def _check_retrofit(measures: pd.DataFrame, name: str, findings: Findings) -> None:
    """Add a fault for each measure that would bring the retrofit rate to one; its row is the index."""
    for number, measure in measures.loc[
        (measures["subject"] == RETROFIT) & (measures["share"] >= 1.0), "measure"
    ].items():
        problem = f"the retrofit rate is 1, {ALL_AT_ONCE} (measure {measure})"
        findings.error(name, problem, BELOW_ONE, row=str(number), column="share")


def _check_called(measures: Collection[str], options: ScenarioOptions, findings: Findings) -> None:
    """Add a fault for each scenario that is called like a measure: steps between scenarios are named by measures."""
    for name in options.scenarios:
        if name in measures:
            problem = f"scenario {name} is called like a measure"
            findings.error(STUDY, problem, "give it another name", column=f"scenarios.{name}")


def _trend(rows: pd.DataFrame, years: Years, values: Floats, findings: Findings) -> pd.DataFrame:
    """Return the table ``trend``, its shares exactly one in sum where they must be."""
    shares = values.copy()
    for at, (file, number) in enumerate(zip(rows["file"], rows["row"], strict=True)):
        outside = (values[at] < -TOLERANCE) | (values[at] > 1.0 + TOLERANCE)
        if outside.any():
            first = int(outside.argmax())
            problem = f"the share is {values[at, first]:g} in {years[first]}, not between 0 and 1"
            findings.error(file, problem, "correct the path", row=number, column="path")
    for subject, own in rows.groupby("subject", sort=True):
        mine = own.index.to_numpy()
        if subject == RETROFIT:
            _check_rate(own, years, values[mine], findings)
        if str(subject).startswith(COVERAGES) or np.isnan(values[mine]).any():
            continue
        total = values[mine].sum(axis=0)
        wrong = np.abs(total - 1.0) > TOLERANCE
        if wrong.any():
            first = int(wrong.argmax())
            problem = f"shares of {subject} sum to {total[first]:.6g} in {years[first]}, not to 1"
            where = ", ".join(str(number) for number in own["row"])
            findings.error(str(own["file"].iloc[-1]), problem, f"correct rows {where}", row=own["row"].iloc[0],
                           column="path")  # fmt: skip
        shares[mine] = np.clip(values[mine], 0.0, 1.0) / np.where(
            wrong, 1.0, np.clip(values[mine], 0.0, 1.0).sum(axis=0)
        )
    return _long(rows, years, np.clip(shares, 0.0, 1.0), ["subject", "technology"], "share")


def _technology_use(rows: pd.DataFrame, years: Years, values: Floats, findings: Findings) -> pd.DataFrame:
    """Return the table ``technology_use``."""
    sources = rows["heat_source"] if "heat_source" in rows else pd.Series("", index=rows.index)
    for carrier, heat, file, number in zip(rows["carrier"], sources, rows["file"], rows["row"], strict=True):
        if carrier not in CARRIERS:
            findings.error(file, f"unknown carrier {carrier!r}", nearest(carrier, CARRIERS), row=number,
                           column="carrier")  # fmt: skip
        if heat not in HEAT_SOURCES:
            findings.error(file, f"unknown heat source {heat!r}", nearest(heat, HEAT_SOURCES[1:]), row=number,
                           column="heat_source")  # fmt: skip
    for (activity, technology), own in rows.groupby(["activity", "technology"], sort=True):
        total = values[own.index.to_numpy()].sum(axis=0)
        if (total < 0.0).any():
            first = int((total < 0.0).argmax())
            problem = f"{technology} of {activity} gives more energy than it takes in {years[first]}"
            findings.error(str(own["file"].iloc[-1]), problem, "only what it gives is negative, beside what it takes",
                           row=own["row"].iloc[-1], column="path")  # fmt: skip
    keys = ["activity", "technology", "carrier", "heat_source"]
    return _long(rows.assign(heat_source=sources), years, values, keys, "use_kwh")


def _check_names(shares: pd.DataFrame, uses: pd.DataFrame, findings: Findings) -> bool:
    """Add a fault for each subject or activity that the account has no place for; return whether there is none.

    What is done follows from land use, people and drivers, so a table may change how it is done but adds nothing to do.
    """
    before = len(findings.errors)
    subjects = sorted(set(_own("shares")["subject"]))
    activities = {activity for subject in subjects if (activity := activity_of(subject)) is not None}
    activities |= set(_own("technologies")["activity"])
    for rows, column, known in ((shares, "subject", subjects), (uses, "activity", sorted(activities))):
        for given, file, number in zip(rows[column], rows["file"], rows["row"], strict=True):
            if given not in known:
                findings.error(file, f"unknown {column} {given!r}", nearest(given, known), row=number, column=column)
    _check_networks(shares, uses, findings)
    return len(findings.errors) == before


def _check_networks(shares: pd.DataFrame, uses: pd.DataFrame, findings: Findings) -> None:
    """Add a fault for each row that makes a network a technology of buildings."""
    chosen = shares["subject"].map(activity_of).isin(BUILDING_USES) & (shares["technology"] == DISTRICT)
    served = (uses["technology"] == DISTRICT) | uses["carrier"].isin(FROM_NETWORKS)
    served &= uses["activity"].isin(BUILDING_USES)
    for rows, at, column in ((shares, chosen, "subject"), (uses, served, "activity")):
        for name, file, number in zip(rows.loc[at, column], rows.loc[at, "file"], rows.loc[at, "row"], strict=True):
            problem = f"a network is not a technology of a building ({name})"
            remedy = (
                f"use the measure {DISTRICT}, or give the subject {DISTRICT} the share of parcels that are connected"
            )
            findings.error(file, problem, remedy, row=number, column="technology")


def _check_uses(shares: pd.DataFrame, known: set[tuple[str, str]], findings: Findings) -> None:
    """Add a fault for each technology that has a share and takes nothing that is known."""
    for subject, technology, file, number in zip(
        shares["subject"], shares["technology"], shares["file"], shares["row"], strict=True
    ):
        activity = activity_of(subject)
        if activity is not None and (activity, technology) not in known:
            problem = f"technology {technology} of {subject} is without efficiency: no energy per unit is given for it"
            remedy = f"add activity {activity}, technology {technology} to the technologies table, or correct the name"
            findings.error(file, problem, remedy, row=number, column="technology")


def has_stock(subject: str) -> bool:
    """Return whether a subject is done by equipment that may stay for a life.

    Examples
    --------
    >>> has_stock("cars"), has_stock("lamps"), has_stock("pv.roof"), has_stock("plant.heat")
    (True, True, False, False)
    """
    return subject == LAMPS or (activity_of(subject) is not None and not subject.startswith((PLANTS, *COVERAGES)))


def equipment_lives(subjects: list[str], given: pd.DataFrame | None, findings: Findings) -> pd.DataFrame:
    """Return the table ``lives`` of those subjects whose equipment has a stock; add every fault of a planner's table.

    Parameters
    ----------
    subjects
        All subjects, sorted.
    given
        A planner's lives as texts, which replace the package's; None where there are none.
    findings
        Takes the faults.
    """
    with File(__file__).with_name("equipment.csv").open(encoding="utf-8", newline="") as stream:
        lives = {row["subject"]: (float(row["median_a"]), float(row["shape"])) for row in csv.DictReader(stream)}
    if given is not None:
        lives |= _given_lives(given, subjects, findings)
    known = [subject for subject in subjects if lives.get(subject, (0.0, 0.0))[0] > 0.0]
    values = np.array([lives[subject] for subject in known], dtype=np.float64).reshape(-1, 2)
    return pd.DataFrame({"subject": pd.Series(known, dtype="str"), "median_a": values[:, 0], "shape": values[:, 1]})


def _given_lives(rows: pd.DataFrame, subjects: list[str], findings: Findings) -> dict[str, tuple[float, float]]:
    """Return median life and shape by subject, a median of 0 for no life."""
    median, shape = (_life_numbers(rows, column, findings) for column in ("median_a", "shape"))
    with_stock = [subject for subject in subjects if has_stock(subject)]
    lasts = ~(median <= 0.0)
    for number, subject, file in zip(rows.index, rows["subject"], rows["file"], strict=True):
        if subject in subjects and subject not in with_stock and lasts[number]:
            problem = f"{subject} has no stock of equipment that turns over"
            findings.error(file, problem, "leave the row out, or its median_a empty", row=number, column="subject")
        elif subject not in subjects:
            findings.error(file, f"unknown subject {subject!r}", nearest(subject, with_stock), row=number,
                           column="subject")  # fmt: skip
    for column, value, (least, most) in (("median_a", median, MEDIAN_A), ("shape", shape, SHAPE)):
        for number in rows.index[lasts & ((value < least) | (value > most))]:
            problem = f"{value[number]:g} is not between {least:g} and {most:g}"
            remedy = "give the years that half of the equipment reaches, or 0 for no life"
            remedy = remedy if column == "median_a" else "give the shape of Weibull's curve, such as 4"
            findings.error(str(rows.loc[number, "file"]), problem, remedy, row=int(number), column=column)
    return dict(zip(rows["subject"], zip(median, shape, strict=True), strict=True))


def _life_numbers(rows: pd.DataFrame, column: str, findings: Findings) -> pd.Series:
    """Return a column as numbers, 0 where it is empty; not a number, and a fault, where it cannot be read."""
    value, percent, no_number = numbers(rows[column])
    wrong = no_number | percent | (value < 0.0)
    for number in rows.index[wrong]:
        text, file = str(rows.loc[number, column]), str(rows.loc[number, "file"])
        problem = f"{text} is negative" if value[number] < 0.0 else f"{text!r} is not a number"
        findings.error(file, problem, "give a number", row=int(number), column=column)
    return value.fillna(0.0).mask(wrong)
