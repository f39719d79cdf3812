"""Holding parcels against the rules: met, not met, not decidable, or a condition the land notice must state.

Only what the plan gives is judged. A rule that rests on a control the plan left to its default cannot be decided; a
threshold on the usable share of a roof, which is assumed by archetype, is a condition of the land notice, and for a
standing building, which has no such notice, cannot be decided either. A rule that takes its limit from the height class
of GB 50180-2018 shows the parcel's own figure beside that limit, and names the class.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
from pydantic import BaseModel, ConfigDict, Field

from layers.archetypes import kinds_of
from layers.glossary import glossary
from layers.units import KWH_PER_MWH
from spatial.review.rules import LIMITS

CONTROL = {"residential_density": "building_density", "residential_far": "far", "residential_green": "green_ratio"}
"""Indicators that are a control of the plan."""
HEIGHT = "height_limit_m"
"""The control that tells the height class, and with it the limit a rule takes from there."""
ASSUMED_BY_ARCHETYPE = ("roof_pv_share",)
"""Indicators whose value is a constant per archetype and says nothing of the parcel."""


class ReviewOptions(BaseModel):
    """Options of the review."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    scenario: str = Field(default="near_zero", description="Scenario whose energy use is held against the benchmarks")


def review(
    tables: Mapping[str, pd.DataFrame], base_year: int, target_year: int, options: ReviewOptions
) -> pd.DataFrame:
    """Return one row per parcel and rule that applies to it (table ``review``).

    Parameters
    ----------
    tables
        rules, parcels, parcel_uses, stock, pv_parcels, pv_classes, connections and parcel_account; archetypes where
        the study adds any.
    base_year, target_year
        Parcels released after the base year are new; energy use is that of the target year.
    options
        Options of the review.
    """
    parcels = tables["parcels"]
    facts = parcel_facts(tables, target_year, options.scenario)
    new = parcels["phase_year"] > base_year
    frames: list[pd.DataFrame] = []
    rules = tables["rules"]
    for rule_id in rules.index:
        rule = {str(name): rules.loc[rule_id, name] for name in rules.columns}
        mine = _applies(str(rule["applies_to"]), facts)
        if rule["new_only"] == "yes":
            mine &= new
        if mine.any():
            frames.append(_judge(str(rule_id), rule, facts[mine], new[mine]))
    columns = [
        "parcel_id",
        "rule_id",
        "clause",
        "stage",
        "indicator",
        "required",
        "value",
        "unit",
        "status",
        "evidence",
    ]
    if not frames:
        return pd.DataFrame({name: pd.Series(dtype="str") for name in columns})
    found = pd.concat(frames, ignore_index=True)[columns]
    return _strictest_star(found).sort_values(["parcel_id", "rule_id"], kind="stable").reset_index(drop=True)


def parcel_facts(tables: Mapping[str, pd.DataFrame], target_year: int, scenario: str) -> pd.DataFrame:
    """Return what the rules ask of each parcel, one column per indicator; empty where the parcel has no such number.

    Energy use is that on the site: district heat and cold count by the electricity of their plants, as GB/T 51161 has
    purchased heat and cold converted, so that a parcel is judged alike with and without a network.
    """
    parcels, stock = tables["parcels"], tables["stock"]
    given = ("landuse", "far", "building_density", "height_limit_m", "green_ratio", "assumed")
    facts = parcels[list(given)].copy()
    civil = {name for name, archetype in kinds_of(tables).items() if archetype.civil}
    by_parcel = stock.groupby("parcel_id")
    facts["floor_area_m2"] = by_parcel["floor_area_m2"].sum().reindex(facts.index).fillna(0.0)
    facts["built"] = facts["floor_area_m2"] > 0.0
    facts["civil"] = facts.index.isin(stock.loc[stock["archetype"].isin(civil), "parcel_id"])
    connections = tables["connections"]
    facts["connected"] = facts.index.isin(connections.loc[connections["connected"], "parcel_id"])
    roofs = tables["pv_classes"].index[tables["pv_classes"]["surface"] == "roof"]
    pv = tables["pv_parcels"]
    usable = pv[pv["pv_class"].isin(roofs)].groupby("parcel_id")["area_m2"].sum().reindex(facts.index).fillna(0.0)
    roof = by_parcel["roof_m2"].sum().reindex(facts.index)
    facts["roof_pv_share"] = usable / roof.where(roof > 0.0)
    account = tables["parcel_account"]
    rows = account[(account["scenario"] == scenario) & (account["year"] == target_year)]
    energy = rows.set_index("parcel_id")["site_mwh"].reindex(facts.index)
    facts["energy_use"] = energy * KWH_PER_MWH / facts["floor_area_m2"].where(facts["built"])
    for name, control in CONTROL.items():
        facts[name] = facts[control]
    for name in ("star_level", "solar_system", "district_connection", "transit_distance", "renewable_use"):
        facts[name] = np.nan
    return facts.join(_height_classes(facts[HEIGHT]))


def _height_classes(height: pd.Series) -> pd.DataFrame:
    """Return the class of GB 50180-2018 Table 4.0.2 of each height: its limits, its name and how to word it.

    Above the highest class its limits are held, and the wording says so.
    """
    blocks = pd.read_csv(Path(__file__).with_name("residential_blocks.csv"))
    at = np.searchsorted(blocks["height_max_m"].to_numpy(), height.to_numpy())
    classes = blocks.iloc[at.clip(max=len(blocks) - 1)].set_index(height.index)
    wording = np.where(at < len(blocks), "height_class", "above_height_classes")
    return classes[["height_max_m", "storeys", *LIMITS.values()]].assign(height_class=wording)


def _applies(applies_to: str, facts: pd.DataFrame) -> pd.Series:
    if applies_to in {"civil", "built", "connected"}:
        return facts[applies_to].copy()
    found = pd.Series(data=False, index=facts.index)
    for term in applies_to.split("+"):
        code, *without = term.split("-")
        taken = facts["landuse"].str.startswith(code)
        for other in without:
            taken &= ~facts["landuse"].str.startswith(other)
        found |= taken
    return found & facts["built"]


def _judge(rule_id: str, rule: Mapping[str, object], facts: pd.DataFrame, new: pd.Series) -> pd.DataFrame:
    sense, indicator, limit = str(rule["sense"]), str(rule["indicator"]), str(rule["threshold_from"])
    wanted = [CONTROL[indicator]] if indicator in CONTROL else []
    missing = _missing([*wanted, HEIGHT] if limit else wanted, facts["assumed"])
    value = facts[indicator].where(missing == "")
    threshold = pd.Series(float(str(rule["threshold"])), index=facts.index)
    blocks = facts[["height_class", "height_max_m", "storeys"]].assign(height_class="")
    if limit:
        classed = _missing([HEIGHT], facts["assumed"]) == ""
        threshold = facts[limit].where(classed)
        blocks["height_class"] = facts["height_class"].where(classed, "")
    status, note = pd.Series("not_decidable", index=facts.index), pd.Series("", index=facts.index)
    if sense == "states":
        status[:] = "condition"
    elif indicator in ASSUMED_BY_ARCHETYPE and sense != "undecidable":
        status[new & value.notna()] = "condition"
        note = "share_" + status
    elif sense in {"<=", ">="}:
        kept = value <= threshold if sense == "<=" else value >= threshold
        status[value.notna() & kept] = "met"
        status[value.notna() & ~kept] = "not_met"
        note[missing != ""] = "not_given"
    sign = "" if sense == "states" else f"{sense} "
    spoken = zip(note, missing, blocks.itertuples(index=False, name=None), strict=True)
    return pd.DataFrame(
        {
            "parcel_id": facts.index,
            "rule_id": rule_id,
            "clause": str(rule["clause"]),
            "stage": str(rule["stage"]),
            "indicator": indicator,
            "required": threshold.map(lambda number: "" if np.isnan(number) else f"{sign}{number:g}"),
            "value": value.map(lambda number: "" if np.isnan(number) else f"{number:.3g}"),
            "unit": str(rule["unit"]),
            "status": status.to_numpy(),
            "evidence": [_evidence(rule, *said) for said in spoken],
        }
    )


def _missing(wanted: Sequence[str], assumed: pd.Series) -> pd.Series:
    """Return which of the controls wanted the plan does not give, joined by ``;``."""
    return assumed.map(lambda names: ";".join(name for name in wanted if name in names.split(";"))).astype("str")


def _evidence(rule: Mapping[str, object], note: str, missing: str, block: tuple[str, float, str]) -> str:
    """Return the duty, and what is to be said of this parcel, in both languages, with the source of the rule."""
    zh, en = str(rule["duty_zh"]), str(rule["duty_en"])
    height_class, height, storeys = block
    controls = [glossary()[name] for name in missing.split(";") if name]
    for key in filter(None, (height_class, note)):
        words_zh, words_en = _words()[key]
        about = {"height": f"{height:g}", "storeys": storeys}
        zh += "；" + words_zh.format(controls="、".join(control.zh for control in controls), **about)
        en += "; " + words_en.format(controls=", ".join(control.en for control in controls), **about)
    return f"{zh} / {en} [{rule['source']}; {rule['confidence']}]"


@cache
def _words() -> dict[str, tuple[str, str]]:
    table = pd.read_csv(Path(__file__).with_name("words.csv"))
    return {key: (zh, en) for key, zh, en in table[["key", "zh", "en"]].itertuples(index=False)}


def _strictest_star(found: pd.DataFrame) -> pd.DataFrame:
    """Keep, of several star levels a parcel must state, the highest: the lower ones are contained in it."""
    star = found["indicator"] == "star_level"
    level = found.loc[star, "required"].astype(float)
    best = level.groupby(found.loc[star, "parcel_id"]).transform("max")
    weaker = level.index[level < best]
    rest = found.drop(index=weaker)
    return rest[~(rest["indicator"].eq("star_level") & rest.duplicated(["parcel_id", "indicator", "required"]))]
