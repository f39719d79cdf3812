"""Cost of a year by arrays a thousand times, and the abatement curve of forty measures on a zone that costs nothing."""

from itertools import repeat

import numpy as np
from measure import measure

from layers.errors import Findings
from layers.tables.balance import CARRIERS, SECTORS
from spatial.balance.abatement import State, abatement
from spatial.balance.costs import rates, total_cost
from spatial.scenario.costs import read_costs

MEASURES, TIMES, YEAR = 40, 1000, 2030

table = read_costs(None, [YEAR], Findings())
if table is None:
    raise SystemExit("the package's costs cannot be read")
keys = list(zip(table["subject"], table["technology"], strict=True))
of_year = rates(table, keys, YEAR, SECTORS, CARRIERS, 0.06)
amount, bought = np.ones(len(keys)), np.ones((len(SECTORS), len(CARRIERS)))


def many() -> None:
    """Price one year many times."""
    for _ in repeat(None, TIMES):
        total_cost(of_year, amount, bought)


def zone(taken: frozenset[str]) -> State:
    """Return a zone whose measures weaken each other."""
    return State(1e5 / (1.0 + len(taken)), float(sum(int(name) for name in sorted(taken))), 1e4)


measure("cost of a year", {"technologies": len(keys), "times": TIMES}, many)
measure(
    "abatement curve",
    {"measures": MEASURES, "evaluations": 1 + MEASURES * (MEASURES + 1) // 2},
    lambda: abatement([str(number) for number in range(MEASURES)], zone, 200.0),
)
