"""What is said of the targets: the algebra by hand on a made-up zone."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layers.tables.balance import CARRIERS, SECTORS, VERDICTS
from spatial.balance.options import default_targets
from spatial.balance.sentences import significant, templates, words
from spatial.balance.verdict import verdicts

# 100,000 people, 200,000 CNY a head: 2,000,000 x 10,000 CNY. Energy 100,000 tce: 0.05 tce per 10,000 CNY.
# CO2 160,000 t: 1.6 t a head, 0.08 t per 10,000 CNY and 1.6 t/tce. In the base year 100,000 t, a fifth of the GDP
# and 50,000 tce: 2 t/tce.
NOW = {
    "co2_t": 160_000.0,
    "co2_per_head_t": 1.6,
    "co2_per_gdp_t_10kcny": 0.08,
    "energy_intensity_tce_10kcny": 0.05,
    "gdp_million_cny": 20_000.0,
    "final_energy_mwh": 1000.0,
    "renewable_share_final_calorific": 0.50,
}
THEN = NOW | {
    "co2_t": 100_000.0,
    "co2_per_head_t": 4.0,
    "co2_per_gdp_t_10kcny": 0.25,
    "energy_intensity_tce_10kcny": 0.125,
    "gdp_million_cny": 4_000.0,
}
MET = {"co2_per_head_t": 0.8, "co2_per_gdp_t_10kcny": 0.04, "energy_intensity_tce_10kcny": 0.04}
LIMITS = {
    "co2_per_head": ("<=", 1.0, 1.6, "t/person"),
    "co2_total": ("<=", 100_000.0, 160_000.0, "t"),
    "energy_intensity": ("<=", 0.04, 0.05, "tce/10k CNY"),
    "renewable_electricity": (">=", 0.90, 0.80, "fraction"),
    "renewable_share": (">=", 0.70, 0.50, "fraction"),
}
# 600 of 1,000 MWh are electricity; 20 of the other 400 come from the sun: 0.5 = 0.6 x 0.8 + 0.4 x 0.05.
SUPPLY = pd.DataFrame(
    [
        ("electricity", "out", "final", 550.0),
        ("electricity", "out", "district_plants", 50.0),
        ("electricity", "out", "export", 99.0),
        ("solar_heat", "out", "final", 15.0),
        ("biomass", "out", "district_plants", 5.0),
        ("diesel", "out", "final", 380.0),
    ],
    columns=["carrier", "direction", "item", "energy_mwh"],
).assign(scenario="near_zero", year=2030)
USES = pd.DataFrame(
    [
        ("port", "diesel", 80_000.0, 200.0),
        ("industry", "coal", 32_000.0, 500.0),
        ("transport", "gasoline", 40_000.0, 200.0),
        ("service", "natural_gas", 8_000.0, 100.0),
    ],
    columns=["sector", "carrier", "co2_t", "energy_mwh"],
).assign(scenario="near_zero", year=2030)


def targets_of(limits: dict[str, tuple[str, float, float, str]]) -> pd.DataFrame:
    rows = [
        (name, value, sense, limit, slack := limit - value if sense == "<=" else value - limit, slack >= 0.0, unit)
        for name, (sense, limit, value, unit) in limits.items()
    ]
    columns = ["target", "value", "sense", "limit", "slack", "met", "unit"]
    return pd.DataFrame(rows, columns=columns).assign(scenario="near_zero")


def indicators_of(then: dict[str, float], now: dict[str, float]) -> pd.DataFrame:
    rows = [(year, name, x) for year, values in ((2017, then), (2030, now)) for name, x in values.items()]
    return pd.DataFrame(rows, columns=["year", "indicator", "value"]).assign(scenario="near_zero")


def readings_of(met: dict[str, str]) -> pd.DataFrame:
    rows = [
        (gdp, people, method, "near_zero", target, RULES[rule](gdp, people, method))
        for target, rule in met.items()
        for gdp in (4.0, 5.0)
        for people in (3.0, 4.0)
        for method in ("calorific", "equivalent")
    ]
    return pd.DataFrame(rows, columns=["gdp_times", "population_times", "tce_method", "scenario", "target", "met"])


RULES: dict[str, Callable[[float, float, str], bool]] = {
    "always": lambda _gdp, _people, _method: True,
    "never": lambda _gdp, _people, _method: False,
    "calorific": lambda _gdp, _people, method: method == "calorific",
    "loose": lambda gdp, _people, _method: gdp == 4.0,
    "mixed": lambda gdp, people, _method: gdp == 4.0 and people == 3.0,
}
READINGS = {
    "co2_per_head": "never",
    "co2_total": "loose",
    "energy_intensity": "calorific",
    "renewable_share": "always",
    "renewable_electricity": "mixed",
}


def sentences(
    limits: dict[str, tuple[str, float, float, str]] = LIMITS,
    now: dict[str, float] = NOW,
    readings: dict[str, str] = READINGS,
    language: str = "en",
) -> dict[str, str]:
    table = verdicts(
        targets_of(limits), indicators_of(THEN, now), readings_of(readings), USES, SUPPLY, 2030, "near_zero"
    )
    assert VERDICTS.check(table)["order"].tolist() == list(range(len(table)))
    return dict(zip(table["sentence"], table[language], strict=True))


def test_which_targets_hold_is_said_first() -> None:
    table = sentences()
    assert next(iter(table.values())) == (
        "0 of 5 targets hold in 2030 in the scenario near zero. Missed: CO₂ a head, CO₂ in all, energy per GDP, "
        "the renewable share of electricity, the renewable share of energy."
    )
    assert table["missed.renewable_share"] == (
        "The renewable share of energy is missed: 50 % against at least 70 %, a gap of 20 percentage points."
    )
    assert (
        sentences(language="zh")["missed.co2_total"]
        == "CO₂总量未达到：结果为160,000吨，要求不高于100,000吨，差距60,000吨。"
    )


def test_co2_per_head_is_the_product_of_three_figures() -> None:
    table = sentences()
    assert table["identity"] == (
        "CO₂ a head (1.6 t) is GDP a head (20 × 10,000 CNY) times energy per GDP (0.05 tce per 10,000 CNY) times CO₂ "
        "of that energy (1.6 t/tce, 2 in 2017)."
    )
    # 1 t / (0.04 x 20) = 1.25 t/tce; 0.04 x 20 x 1.6 = 1.28 t; 1 - 1.25 / 1.6 = 21.9 %; 1 / (20 x 1.6) = 0.03125.
    joint = table["joint"]
    assert "at most 1.25 t of CO₂ a tce. It carries 1.6: " in joint
    assert "a head would emit 1.28 t" in joint
    assert "21.9 % cleaner" in joint
    assert "or energy per GDP to fall to 0.031" in joint
    # Energy of 1.2 t/tce lets both hold: 0.05 x 20 x 1.2 = 1.2 t a head.
    cleaner = NOW | {"co2_t": 120_000.0, "co2_per_head_t": 1.2, "co2_per_gdp_t_10kcny": 0.06}
    assert "It carries 1.2, so the two do not stand against each other." in sentences(now=cleaner)["joint"]


def test_what_each_missed_limit_asks_for_is_said() -> None:
    table = sentences()
    # 1 t / (0.05 x 20) = 1 t/tce; 0.04 of 0.05 is 20 % less, and GDP times 1.25 does the same.
    assert "of at most 1 t of CO₂ a tce; it carries 1.6." in table["head_gap"]
    assert table["intensity_gap"] == (
        "Energy per GDP goes from 0.125 tce per 10,000 CNY in 2017 to 0.05. The limit of 0.04 asks for 20 % less "
        "energy than the zone uses in 2030, or 1.25 times its GDP. Most of the energy goes to industry (50 %), the "
        "port (20 %), transport (20 %)."
    )
    assert not {"head_gap", "intensity_gap"} & set(sentences(LIMITS, NOW | MET))


def test_the_caps_are_brought_to_one_measure() -> None:
    table = sentences()
    # 100,000 t over 100,000 people are 1 t a head, no tighter than the limit.
    assert "comes to 1 t a head in 2030, no tighter than 1 t" in table["caps"]
    tight = LIMITS | {"co2_total": ("<=", 50_000.0, 160_000.0, "t")}
    assert "comes to 0.5 t a head in 2030, tighter than 1 t" in sentences(tight)["caps"]
    # GDP x 5: flat CO2 is 80 % less per GDP; 0.25 -> 0.08 is 68 %.
    assert table["decoupling"] == (
        "GDP grows 5 times over 2017, so the cap on CO₂ in all asks for 80 % less CO₂ per GDP; the scenario brings 68 "
        "% less."
    )


def test_the_renewable_share_is_made_of_electricity_and_the_rest() -> None:
    table = sentences()
    assert table["mix"] == (
        "Electricity is 60 % of final energy and 80 % of it is renewable; of the rest 5 % is. By calorific value that "
        "makes 50 % renewable."
    )
    # (0.70 - 0.6 x 0.8) / 0.4 = 0.55; (0.70 - 0.05) / (0.90 - 0.05) = 0.765.
    assert "55 % of the rest" in table["mix_rest"]
    assert "needs electricity to be 76.5 % of final energy; it is 60 %" in table["mix_goal"]
    # 0.6 x 0.8 + 0.4 = 0.88 is the most the rest can bring; 0.85 < 0.95 is the most that electricity can.
    high = LIMITS | {"renewable_share": (">=", 0.95, 0.50, "fraction")}
    assert "even if all of the rest" in sentences(high)["mix_rest"]
    assert "out of reach" in sentences(high)["mix_goal"]


def test_what_is_left_is_named_with_its_share_of_the_gap() -> None:
    table = sentences()
    assert table["remaining"] == (
        "What is left comes first from diesel in the port (80,000 t, 50 %), gasoline in transport (40,000 t, 25 %), "
        "coal in industry (32,000 t, 20 %): together 95 % of 160,000 t."
    )
    # The larger gap: 60,000 t in all, and 0.6 t x 100,000 heads are the same; 60 / 152 = 39.5 %.
    assert table["gap"] == "The gap on CO₂ is 60,000 t, 39.5 % of what these emit."


def test_readings_are_counted_and_told_apart_by_the_switch_that_decides() -> None:
    table = sentences()
    assert "none of the 8 readings" in table["readings.co2_per_head"]
    assert "all 8 readings" in table["readings.renewable_share"]
    assert table["readings.co2_total"].endswith(
        "4 of 8 readings of the published targets: those with GDP at 4 times the base year."
    )
    assert sentences(language="zh")["readings.energy_intensity"].endswith("即电力按当量值折标的解读。")
    assert table["readings.renewable_electricity"].endswith("holds under 2 of 8 readings of the published targets.")


def test_when_all_hold_the_tightest_is_named() -> None:
    good = {
        name: (sense, limit, limit * (0.9 if sense == "<=" else 1.02), unit)
        for name, (sense, limit, _, unit) in LIMITS.items()
    }
    table = sentences(good)
    assert next(iter(table)) == "all_hold"
    assert next(iter(table.values())).startswith("All 5 targets hold in 2030")
    assert "the renewable share of e" in next(iter(table.values()))
    assert "gap" not in table


def test_figures_that_are_not_known_are_passed_over() -> None:
    limits = LIMITS | {"co2_per_head": ("<=", 1.0, np.nan, "t/person")}
    table = sentences(limits, NOW | {"co2_per_head_t": np.nan})
    assert table["unknown.co2_per_head"].startswith("CO₂ a head cannot be told")
    assert not {"identity", "joint", "caps"} & set(table)
    assert "decoupling" in table
    assert not any("nan" in text for text in table.values())


def test_a_scenario_without_targets_has_nothing_to_say() -> None:
    table = verdicts(targets_of(LIMITS), indicators_of(THEN, NOW), readings_of(READINGS), USES, SUPPLY, 2030, "other")
    assert table.empty
    assert not VERDICTS.faults(table)


def test_every_name_has_its_words() -> None:
    assert {f"sector.{name}" for name in SECTORS} <= set(words())
    assert {f"carrier.{name}" for name in CARRIERS} <= set(words())
    assert {f"target.{name}" for name in default_targets()} <= set(words())
    assert all(all(pair) for pair in [*words().values(), *templates().values()])


@settings(deadline=None, max_examples=100)
@given(st.floats(-1e12, 1e12).filter(lambda x: abs(x) > 1e-9))
def test_three_digits_are_within_half_a_percent(value: float) -> None:
    assert float(significant(value).replace(",", "")) == pytest.approx(value, rel=5.0001e-3)
