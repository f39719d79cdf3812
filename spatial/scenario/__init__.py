"""Scenarios: measures become the adoption of technologies per subject and year."""

from spatial.scenario.adoption import ScenarioOptions, adoption_table, default_measures, read_table

__all__ = ["ScenarioOptions", "adoption_table", "default_measures", "read_table"]
