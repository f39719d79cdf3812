"""Names of what stands in diagrams only, in both languages, from ``words.csv``."""

import csv
from collections.abc import Mapping
from functools import cache
from importlib.resources import files


@cache
def diagram_words() -> Mapping[str, tuple[str, str]]:
    """Return the names by key, as ``flow.wind``, in Chinese and English.

    Examples
    --------
    >>> diagram_words()["effect.grid"]
    ('供电结构（电网、自发、绿电）', 'Power supply (grid, own, green)')
    """
    lines = files("spatial.diagrams").joinpath("words.csv").read_text(encoding="utf-8").splitlines()
    return {row["key"]: (row["zh"], row["en"]) for row in csv.DictReader(lines)}


def joint_steps() -> dict[str, tuple[str, str]]:
    """Return the names of steps of an abatement curve that stand for several measures.

    Examples
    --------
    >>> sorted(joint_steps())
    ['flexibility', 'least_cost_expansion']
    """
    return {key.removeprefix("step."): names for key, names in diagram_words().items() if key.startswith("step.")}
