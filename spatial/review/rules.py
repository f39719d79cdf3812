"""The rules parcels are reviewed by: clause, what they apply to, indicator and threshold."""

from pathlib import Path

import pandas as pd

from layers.errors import Findings

COLUMNS = (
    "rule_id", "clause", "stage", "applies_to", "new_only", "indicator", "sense", "threshold", "unit", "duty_zh",
    "duty_en", "source", "confidence",
)  # fmt: skip
INDICATORS = (
    "star_level", "solar_system", "roof_pv_share", "energy_use", "district_connection", "residential_density",
    "residential_far", "residential_green", "transit_distance", "renewable_use",
)  # fmt: skip
SENSES = ("<=", ">=", "states", "undecidable")


def read_rules(path: Path | None, findings: Findings) -> pd.DataFrame | None:
    """Read a rules table, or the package's own; add every fault and return None if it cannot be used.

    ``applies_to`` is ``civil``, ``built``, ``connected`` or land-use codes joined by ``+``, each standing for all codes
    that begin with it. ``sense`` is a comparison, ``states`` for what the land notice must state, or ``undecidable``
    where a figure is not to be had.
    """
    path = path or Path(__file__).with_name("rules.csv")
    if not path.is_file():
        findings.error(path.name, "there is no such file", "correct inputs.rules")
        return None
    table = pd.read_csv(path, dtype=str, keep_default_na=False)
    missing = [column for column in COLUMNS if column not in table.columns]
    for column in missing:
        findings.error(path.name, "column is missing", f"a rules table has {', '.join(COLUMNS)}", column=column)
    if missing:
        return None
    for rule in table.loc[table["rule_id"].duplicated(), "rule_id"]:
        findings.error(path.name, "rule stands twice", "give each rule a name of its own", row=rule, column="rule_id")
    for column, known in (("indicator", INDICATORS), ("sense", SENSES)):
        for rule, value in table.loc[~table[column].isin(known), ["rule_id", column]].to_numpy():
            remedy = f"use one of {', '.join(known)}"
            findings.error(path.name, f"unknown {column} {value!r}", remedy, row=rule, column=column)
    numbers = pd.to_numeric(table["threshold"], errors="coerce")
    for rule in table.loc[numbers.isna() & (table["sense"] != "undecidable"), "rule_id"]:
        findings.error(path.name, "threshold is not a number", "give a number", row=rule, column="threshold")
    if findings.errors:
        return None
    return table[list(COLUMNS)].assign(threshold=numbers).set_index("rule_id")
