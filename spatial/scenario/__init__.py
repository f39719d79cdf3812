"""Scenarios: measures become the adoption of technologies per subject and year, and stock follows with a delay."""

from spatial.scenario.adoption import COVERAGES, Plan, adoption_table, take
from spatial.scenario.options import Scenario, ScenarioOptions, measures_of
from spatial.scenario.paths import Path, PathError, parse_path
from spatial.scenario.reading import activity_of, read_scenario_tables
from spatial.scenario.turnover import Fleet, survival, turn_over

__all__ = [
    "COVERAGES",
    "Fleet",
    "Path",
    "PathError",
    "Plan",
    "Scenario",
    "ScenarioOptions",
    "activity_of",
    "adoption_table",
    "measures_of",
    "parse_path",
    "read_scenario_tables",
    "survival",
    "take",
    "turn_over",
]
