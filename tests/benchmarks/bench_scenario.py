"""Combining measures and turning stock over, as often as ranking measures asks for it."""

import numpy as np
from measure import measure

from layers.errors import Findings
from spatial.scenario import Plan, ScenarioOptions, read_scenario_tables, turn_over

TIMES = 1000
BASE, END = 2017, 2060

tables = read_scenario_tables({}, ScenarioOptions(), BASE, END, {}, Findings(), target_year=2030)
if tables is None:
    raise SystemExit("the package's own tables cannot be read")
plan = Plan.of(tables["trend"], tables["measures"])
level = np.linspace(1.0, 4.0, END - BASE + 1)
sales, use = np.full((len(level), 4), 0.25), np.ones((len(level), 4, 12))


def combine() -> None:
    """Take all measures together."""
    for _ in range(TIMES):
        plan.shares(plan.measures)


def turn() -> None:
    """Turn four technologies over."""
    for _ in range(TIMES):
        turn_over(level, sales, use, 12.0, 4.0)


measure("combine all measures", {"times": TIMES, "years": len(level), "measures": len(plan.measures)}, combine)
measure("turn stock over", {"times": TIMES, "years": len(level), "technologies": 4}, turn)
