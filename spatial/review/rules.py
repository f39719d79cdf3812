"""The rules parcels are reviewed by: clause, what they apply to, indicator and threshold."""

import re
from pathlib import Path

import pandas as pd

from layers.errors import Findings

COLUMNS = (
    "rule_id", "clause", "stage", "applies_to", "new_only", "indicator", "sense", "threshold", "threshold_from", "unit",
    "duty_zh", "duty_en", "source", "confidence",
)  # fmt: skip
INDICATORS = (
    "star_level", "solar_system", "roof_pv_share", "energy_use", "district_connection", "residential_density",
    "residential_far", "residential_green", "transit_distance", "renewable_use",
)  # fmt: skip
SENSES = ("<=", ">=", "states", "undecidable")
LIMITS = {"residential_density": "density_max", "residential_far": "far_max", "residential_green": "green_min"}
"""Indicators that have a limit per height class, and its column in ``residential_blocks.csv``."""
APPLIES_TO = re.compile(
    r"civil|built|connected|(?P<code>[A-Z]\w*)(-(?P=code)\w+)*(\+(?P<more>[A-Z]\w*)(-(?P=more)\w+)*)*"
)


def read_rules(path: Path | None, findings: Findings) -> pd.DataFrame | None:
    """Read a rules table, or the package's own; add every fault and return None if it cannot be used.

    ``applies_to`` is ``civil``, ``built``, ``connected`` or land-use codes joined by ``+``, each standing for all codes
    that begin with it but those taken away by ``-``: ``A3-A35+A5`` is education without research, and health.
    ``new_only`` is ``yes`` for what new parcels alone must keep, as all of stage ``land_transfer``. ``sense`` is a
    comparison, ``states`` for what the land notice must state, or ``undecidable`` where a figure is not to be had.
    ``threshold_from`` stands in place of ``threshold`` where the limit is that of the parcel's height class, and names
    its column in ``residential_blocks.csv``: one of ``density_max``, ``far_max``, ``green_min``.
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
    for rule in table.loc[~table["applies_to"].map(lambda codes: bool(APPLIES_TO.fullmatch(codes))), "rule_id"]:
        remedy = "use civil, built, connected or codes such as A3-A35+A5"
        findings.error(path.name, "applies_to cannot be read", remedy, row=rule, column="applies_to")
    for rule in table.loc[(table["stage"] == "land_transfer") & (table["new_only"] != "yes"), "rule_id"]:
        what = "no land is transferred where buildings stand"
        findings.error(path.name, what, "let new_only be yes", row=rule, column="new_only")
    numbers = pd.to_numeric(table["threshold"], errors="coerce")
    _check_thresholds(table, numbers, path.name, findings)
    if findings.errors:
        return None
    return table[list(COLUMNS)].assign(threshold=numbers).set_index("rule_id")


def _check_thresholds(table: pd.DataFrame, numbers: pd.Series, name: str, findings: Findings) -> None:
    """Add a fault for each rule without a number to be held against, or with two."""
    limit = table["threshold_from"]
    by_class = limit != ""
    unknown = by_class & (limit != table["indicator"].map(LIMITS))
    for rule, value, indicator in table.loc[unknown, ["rule_id", "threshold_from", "indicator"]].to_numpy():
        remedy = (
            f"{indicator} has {LIMITS[indicator]}" if indicator in LIMITS else f"{indicator} has none: leave it empty"
        )
        findings.error(name, f"unknown threshold_from {value!r}", remedy, row=rule, column="threshold_from")
    for faulty, what, remedy, column in (
        (~by_class & numbers.isna() & (table["sense"] != "undecidable"), "threshold is not a number", "give a number",
         "threshold"),
        (by_class & (table["threshold"] != ""), "both a threshold and threshold_from", "leave one empty", "threshold"),
        (by_class & ~table["sense"].isin(["<=", ">="]), "a limit of the height class is compared", "use <= or >=",
         "sense"),
    ):  # fmt: skip
        for rule in table.loc[faulty, "rule_id"]:
            findings.error(name, what, remedy, row=rule, column=column)
