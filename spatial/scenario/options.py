"""Which scenarios a study has, and which measures each takes."""

import difflib
from collections.abc import Collection, Sequence

from pydantic import BaseModel, ConfigDict, Field

from layers.errors import Findings

STUDY = "study.toml"
ALL = "*"


class Scenario(BaseModel):
    """One scenario: the measures it takes on top of the one it inherits."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    inherits: str | None = Field(default=None, description="Scenario this one starts from; empty: today's trend alone")
    measures: tuple[str, ...] = Field(
        default=(), description='Measures taken, by name; "*" takes all of the measures table'
    )
    without: tuple[str, ...] = Field(default=(), description="Measures left out of what is inherited, by name")


class ScenarioOptions(BaseModel):
    """Which scenarios the study has."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    scenarios: dict[str, Scenario] = Field(
        default_factory=lambda: {"bau": Scenario(), "near_zero": Scenario(inherits="bau", measures=(ALL,))},
        description="Scenarios by name; the first is business as usual",
    )


def nearest(name: str, known: Collection[str]) -> str:
    """Return advice for an unknown name: the one meant, or all there are.

    Examples
    --------
    >>> nearest("batery", ["battery", "gasoline"])
    'did you mean battery?'
    """
    close = difflib.get_close_matches(name, list(known), n=1, cutoff=0.7)
    return f"did you mean {close[0]}?" if close else f"use one of {', '.join(sorted(known))}"


def lineage(name: str, options: ScenarioOptions) -> list[str]:
    """Return a scenario and those it inherits from, the oldest first; a circle is cut where it closes."""
    found: list[str] = []
    at: str | None = name
    while at is not None and at in options.scenarios and at not in found:
        found.append(at)
        at = options.scenarios[at].inherits
    return found[::-1]


def measures_of(name: str, measures: Sequence[str], options: ScenarioOptions) -> list[str]:
    """Return the measures a scenario takes, those of its parents first, each in the order in which it is named.

    Parameters
    ----------
    name
        Scenario.
    measures
        Names of all measures in the order of their table, which ``*`` stands for.
    options
        All scenarios.
    """
    taken: list[str] = []
    for one in lineage(name, options):
        scenario = options.scenarios[one]
        own = [each for given in scenario.measures for each in (measures if given == ALL else (given,))]
        # A dictionary keeps the first of each: taken again, a measure stays where it was.
        taken = [each for each in dict.fromkeys([*taken, *own]) if each not in scenario.without]
    return taken


def check_scenarios(measures: Sequence[str], options: ScenarioOptions, findings: Findings) -> bool:
    """Add a fault for each scenario that inherits, takes or leaves out what there is not; return whether all is well.

    Parameters
    ----------
    measures
        Names of all measures.
    options
        All scenarios.
    findings
        Takes the faults.
    """
    before = len(findings.errors)
    for name, scenario in options.scenarios.items():
        where = f"scenarios.{name}"
        if scenario.inherits is not None and scenario.inherits not in options.scenarios:
            problem = f"scenario {name} inherits unknown {scenario.inherits!r}"
            findings.error(STUDY, problem, nearest(scenario.inherits, options.scenarios), column=where)
        elif options.scenarios[lineage(name, options)[0]].inherits is not None:
            if _closes(name, options):
                way = ", ".join(lineage(name, options)[:-1])
                problem = f"scenario {name} inherits itself{' by way of ' if way else ''}{way}"
                findings.error(STUDY, problem, "break the circle", column=where)
        else:
            _check_without(name, measures, options, findings)
        for given in (*scenario.measures, *scenario.without):
            if given != ALL and given not in measures:
                problem = f"scenario {name} names unknown measure {given!r}"
                findings.error(STUDY, problem, nearest(given, measures), column=where)
    return len(findings.errors) == before


def _closes(name: str, options: ScenarioOptions) -> bool:
    """Return whether the chain above a scenario leads back to it, which is the first of its circle."""
    chain = lineage(name, options)
    first = next(each for each in options.scenarios if each in chain)
    return options.scenarios[chain[0]].inherits == name == first


def _check_without(name: str, measures: Sequence[str], options: ScenarioOptions, findings: Findings) -> None:
    """Add a fault for a measure that is left out though it was never in, or that is both named and left out."""
    scenario = options.scenarios[name]
    inherited = measures_of(scenario.inherits, measures, options) if scenario.inherits else []
    there = {*inherited, *(measures if ALL in scenario.measures else ())}
    for given in scenario.without:
        if given in scenario.measures:
            problem = f"scenario {name} both takes and leaves out {given}"
            findings.error(STUDY, problem, "do one of them", column=f"scenarios.{name}")
        elif given in measures and given not in there:
            problem = f"scenario {name} leaves out {given}, which it does not inherit"
            findings.error(STUDY, problem, "drop it from without", column=f"scenarios.{name}")
