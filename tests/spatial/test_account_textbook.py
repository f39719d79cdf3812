"""Households that cook, worked out by hand: growth, fuel switching, electrification and green power, 2017 to 2021.

One parcel has 10,000 m2 of housing, 15,000 m2 from 2019 and 20,000 m2 from 2021. Cooking takes 10 kWh/m2 of useful
heat, nothing else takes energy. A stove takes per useful kWh: gas 2.0 kWh falling to 1.6
in 2021, LPG 2.5, electric 1.25.
Of the cooking, by trend (``bau``)

    ======  =====  =====  =====  =====  =====
    share   2017   2018   2019   2020   2021
    ======  =====  =====  =====  =====  =====
    gas     0.40   0.40   0.40   0.40   0.40
    LPG     0.50   0.45   0.40   0.35   0.30
    power   0.10   0.15   0.20   0.25   0.30
    ======  =====  =====  =====  =====  =====

Three measures: ``induction`` brings power to 0.5 from 2017 to 2021 (0.1, 0.2375, 0.35, 0.4375, 0.5), ``gas_pipe`` gas
to 0.5 from 2019 to 2021 (0.4, 0.4, 0.4, 0.45, 0.5), ``green`` the green share of bought power to 0.5 from 2019 to 2021
(0, 0, 0, 0.25, 0.5). With all, LPG has what is left: 0.5, 0.3625, 0.25, 0.1125, 0. Equipment has no life here, so what
is bought runs at once.
"""

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import account_tables as made_up
from layers.vector import Source
from resources.prices import carrier_price_cny_mwh
from spatial import balance
from spatial.balance.money import discount_rate
from spatial.scenario import survival

Tables = dict[str, pd.DataFrame]
Mwh = dict[str, tuple[float, ...]]

YEARS = (2017, 2018, 2019, 2020, 2021)
TARGET = 2021
AREA = (10_000.0, 10_000.0, 15_000.0, 15_000.0, 20_000.0)
FINAL: dict[str, Mwh] = {
    # share x kWh per useful kWh x 100, 100, 150, 150, 200 MWh of useful heat
    "bau": {
        "natural_gas": (80.0, 76.0, 108.0, 102.0, 128.0),
        "lpg": (125.0, 112.5, 150.0, 131.25, 150.0),
        "electricity": (12.5, 18.75, 37.5, 46.875, 75.0),
    },
    "near_zero": {
        "natural_gas": (80.0, 76.0, 108.0, 114.75, 160.0),
        "lpg": (125.0, 90.625, 93.75, 42.1875, 0.0),
        "electricity": (12.5, 29.6875, 65.625, 82.03125, 125.0),
    },
}
GREEN = {"bau": (0.0, 0.0, 0.0, 0.0, 0.0), "near_zero": (0.0, 0.0, 0.0, 0.25, 0.5)}
# GB/T 51366-2019: 55.54 and 61.81 t/TJ, 3.6 GJ a MWh. Zhejiang's grid 2017 and 2021, on a line between them; 3 % of
# what the substations take is lost on the way to the meter.
GAS, LPG = 55.54 * 0.0036, 61.81 * 0.0036
GRID = (0.5246, 0.5290, 0.5334, 0.5378, 0.5422)
LOSS = 0.03
BUYING, SELLING = 600.0, 400.0
CAPEX = {"gas_stove": 2.0, "lpg_stove": 1.5, "electric_stove": 4.0}
OPEX = {"gas_stove": 0.10, "lpg_stove": 0.05, "electric_stove": 0.02}
LIFE_A = 10.0
CERTIFICATE = 0.01
INDUCTION_CNY = 1000.0
# Shares of gas, LPG and power in 2021 under each set of the measures that change them: what is not aimed at gives way
# in proportion, so induction alone leaves 0.5 for gas and LPG as 4 to 3, and the gas pipe alone 0.5 for LPG and power
# as 3 to 3.
MIX = {
    frozenset[str](): (0.4, 0.3, 0.3),
    frozenset({"induction"}): (2.0 / 7.0, 3.0 / 14.0, 0.5),
    frozenset({"gas_pipe"}): (0.5, 0.25, 0.25),
    frozenset({"induction", "gas_pipe"}): (0.5, 0.0, 0.5),
}
EXACT: dict[str, Any] = {"rel": 1e-12, "abs": 1e-12}


SHEETS = {
    "shares": """subject,technology,path
residential.cooking,gas_stove,0.4
residential.cooking,lpg_stove,"interpolate(2017, 0.5, 2021, 0.3)"
residential.cooking,electric_stove,"interpolate(2017, 10%, 2021, 30%)"
""",
    "technologies": """activity,technology,carrier,path
cooking,gas_stove,natural_gas,"interpolate(2017, 2.0, 2021, 1.6)"
cooking,lpg_stove,lpg,2.5
cooking,electric_stove,electricity,1.25
""",
    "measures": """measure,subject,technology,share,start_year,end_year,curve,extra_cost_cny
induction,residential.cooking,electric_stove,0.5,2017,2021,linear,1000
gas_pipe,residential.cooking,gas_stove,0.5,2019,2021,linear,0
green,green_power,bought,0.5,2019,2021,linear,0
""",
    "costs": """subject,technology,unit,capex_cny,opex_cny,life_a
residential.cooking,gas_stove,kWh/a,2.0,0.10,10
residential.cooking,lpg_stove,kWh/a,1.5,0.05,10
residential.cooking,electric_stove,kWh/a,4.0,0.02,10
green_power,bought,kWh/a,0,0.01,10
""",
}
NEW_STOVES = {
    "shares": """subject,technology,path
residential.cooking,gas_stove,"step(2017, 1, 2018, 0)"
residential.cooking,lpg_stove,0
residential.cooking,electric_stove,"step(2017, 0, 2018, 1)"
""",
    "technologies": """activity,technology,carrier,path
cooking,gas_stove,natural_gas,2
cooking,electric_stove,electricity,1.25
""",
}


def households(
    folder: Path, stock: list[tuple[str, str, str, str, int, float]], end: int, sheets: Mapping[str, str]
) -> Tables:
    """Return the tables of one parcel of households that cook, from the planner's sheets."""
    for name, text in sheets.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    nothing = dict.fromkeys(
        ("heating", "cooling_sensible", "cooling_latent", "hot_water", "lighting", "equipment", "ventilation"), 0.0
    )
    zone = made_up.Zone(
        stock=stock,
        parcels={"a": ("U1", "R2", 2017)},
        activity=[("cars", "U1", "", "transport", "vkm", 0.0, 0.0)],
        connected=[],
        end_year=end,
        target_year=end,
        solar=0.0,
        wind_mw=(0.0, 0.0),
        # The made-up households cook with 8 kWh/m2.
        demand={**nothing, "cooking": 1.25},
        sources={name: Source(folder / f"{name}.csv") for name in sheets},
    )
    tables: Tables = made_up.tables(zone)
    return tables


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Tables:
    stock = [
        ("a", "U1", "res_highrise", "code2021", 2017, 10_000.0),
        ("a", "U1", "res_highrise", "code2021", 2019, 5_000.0),
        ("a", "U1", "res_highrise", "code2021", 2021, 5_000.0),
    ]
    made = households(tmp_path_factory.mktemp("planner"), stock, TARGET, SHEETS)
    return {**made, "lives": made["lives"].iloc[:0]}


@pytest.fixture(scope="module")
def market() -> balance.Market:
    return balance.Market(np.full(120, BUYING), np.full(120, SELLING), 0.0, 0.0)


@pytest.fixture(scope="module")
def found(tables: Tables, market: balance.Market) -> Tables:
    years = tables["adoption"]["year"].nunique()
    cost = {"bau": np.zeros(years), "near_zero": np.full(years, INDUCTION_CNY)}
    return balance.account(tables, balance.BalanceOptions(), TARGET, market, cost)


@pytest.fixture(scope="module")
def ranked(tables: Tables, found: Tables, market: balance.Market) -> Tables:
    scenarios = {"bau": [], "near_zero": ["induction", "gas_pipe", "green"]}
    extra = {"induction": INDUCTION_CNY, "gas_pipe": 0.0, "green": 0.0}
    return balance.rank_measures({**tables, **found}, balance.BalanceOptions(), TARGET, market, scenarios, extra)


def co2_by_hand(scenario: str, carrier: str) -> tuple[float, ...]:
    energy = FINAL[scenario][carrier]
    if carrier != "electricity":
        return tuple(mwh * {"natural_gas": GAS, "lpg": LPG}[carrier] for mwh in energy)
    bought = zip(energy, GRID, GREEN[scenario], strict=True)
    return tuple(mwh / (1.0 - LOSS) * grid * (1.0 - green) for mwh, grid, green in bought)


@pytest.mark.parametrize("table", ["balance", "end_uses"])
def test_energy_and_co2_of_every_year(found: Tables, table: str) -> None:
    rows = found[table].set_index(["scenario", "year", "carrier"])[["energy_mwh", "co2_t"]]
    # LPG is gone at the end: there is no row for nothing.
    assert len(rows) == 2 * 3 * len(YEARS) - 1
    for scenario, carriers in FINAL.items():
        for carrier, energy in carriers.items():
            for year, mwh, tonnes in zip(YEARS, energy, co2_by_hand(scenario, carrier), strict=True):
                if mwh:
                    key = scenario, year, carrier
                    assert rows["energy_mwh"][key] == pytest.approx(mwh, **EXACT)
                    assert rows["co2_t"][key] == pytest.approx(tonnes, **EXACT)


def test_the_tree_names_what_does_it(found: Tables) -> None:
    leaves = found["end_uses"]
    assert set(leaves["technology"]) == {"gas_stove", "lpg_stove", "electric_stove"}
    assert set(leaves["sector"]) == {"residential"}
    assert set(leaves["end_use"]) == {"cooking"}
    area = found["tree_activity"]
    housing = area[(area["subsector"] == "res_highrise") & (area["scenario"] == "bau")]
    assert housing["activity"].tolist() == list(AREA)


def test_the_parcel_has_it_all(found: Tables) -> None:
    parcel = found["parcel_account"].set_index(["scenario", "year"])
    for scenario, carriers in FINAL.items():
        for at, year in enumerate(YEARS):
            energy = sum(path[at] for path in carriers.values())
            assert parcel.loc[(scenario, year), "energy_mwh"] == pytest.approx(energy, **EXACT)
            tonnes = sum(co2_by_hand(scenario, carrier)[at] for carrier in carriers)
            assert parcel.loc[(scenario, year), "co2_t"] == pytest.approx(tonnes, **EXACT)


def lmdi_by_hand(scenario: str, at: int) -> dict[str, float]:
    """Return the effects from the year before, by the formulas of Ang (2004)."""
    carriers = FINAL[scenario]
    before, after = (sum(path[year] for path in carriers.values()) for year in (at - 1, at))
    effects = dict.fromkeys(("activity", "structure", "intensity", "carrier_mix", "grid"), 0.0)
    for carrier, path in carriers.items():
        c0, c1 = co2_by_hand(scenario, carrier)[at - 1 : at + 1]
        e0, e1 = path[at - 1], path[at]
        if e1 == 0.0:
            # Its share falls to nothing, and takes all of the change.
            effects["carrier_mix"] -= c0
            continue
        weight = (c1 - c0) / math.log(c1 / c0) if c1 != c0 else c0
        effects["activity"] += weight * math.log(AREA[at] / AREA[at - 1])
        effects["intensity"] += weight * math.log((after / AREA[at]) / (before / AREA[at - 1]))
        effects["carrier_mix"] += weight * math.log((e1 / after) / (e0 / before))
        effects["grid"] += weight * math.log((c1 / e1) / (c0 / e0))
    return effects


def test_decomposition(found: Tables) -> None:
    table = found["decomposition"]
    rows = table[table["sector"] == "residential"].set_index(["scenario", "year", "effect"])["co2_t"]
    for scenario in FINAL:
        for at, year in enumerate(YEARS[1:], start=1):
            for effect, tonnes in lmdi_by_hand(scenario, at).items():
                # Effects are differences of tens of tonnes.
                assert rows[scenario, year, effect] == pytest.approx(tonnes, rel=1e-9, abs=1e-11)
    # The floor area stays as it is from 2017 to 2018 and from 2019 to 2020.
    assert rows["bau", 2018, "activity"] == 0.0
    assert rows["bau", 2019, "activity"] > 0.0


def state_by_hand(measures: frozenset[str]) -> tuple[float, float]:
    """Return CO2 [t] and cost [CNY] of 2021 with 200 MWh of useful heat and some measures."""
    gas, lpg, power = MIX[measures - {"green"}]
    green = 0.5 if "green" in measures else 0.0
    gas_mwh, lpg_mwh, power_mwh = gas * 1.6 * 200.0, lpg * 2.5 * 200.0, power * 1.25 * 200.0
    bought = power_mwh / (1.0 - LOSS)
    rate = discount_rate()
    annuity = rate / (1.0 - (1.0 + rate) ** -LIFE_A)
    stoves = zip((gas, lpg, power), ("gas_stove", "lpg_stove", "electric_stove"), strict=True)
    cost = sum(share * 200_000.0 * (CAPEX[name] * annuity + OPEX[name]) for share, name in stoves)
    cost += gas_mwh * carrier_price_cny_mwh("natural_gas", "residential")
    cost += lpg_mwh * carrier_price_cny_mwh("lpg", "residential")
    # Households buy at their own flat tariff, whatever the hour.
    cost += bought * carrier_price_cny_mwh("electricity", "residential") + bought * 1000.0 * green * CERTIFICATE
    cost += INDUCTION_CNY if "induction" in measures else 0.0
    return gas_mwh * GAS + lpg_mwh * LPG + bought * GRID[-1] * (1.0 - green), cost


def test_cost_of_the_target_year(found: Tables) -> None:
    table = found["costs"]
    total = table[table["year"] == TARGET].groupby("scenario")["cost_cny"].sum()
    for scenario, measures in (("bau", frozenset[str]()), ("near_zero", frozenset({"induction", "gas_pipe", "green"}))):
        assert total[scenario] == pytest.approx(state_by_hand(measures)[1], rel=1e-12)


def test_abatement_alone_and_in_order(ranked: Tables) -> None:
    table = ranked["abatement"].set_index("measure")
    nothing = frozenset[str]()
    start_t, start_cny = state_by_hand(nothing)
    for name, row in table.iterrows():
        tonnes, cost = state_by_hand(frozenset({str(name)}))
        assert row["alone_t"] == pytest.approx(start_t - tonnes, rel=1e-9)
        assert row["alone_cny"] == pytest.approx(cost - start_cny, rel=1e-9)
    before = nothing
    for name in table.sort_values("order").index:
        after = before | {str(name)}
        (t0, c0), (t1, c1) = state_by_hand(before), state_by_hand(after)
        assert table.loc[name, "step_t"] == pytest.approx(t0 - t1, rel=1e-9)
        assert table.loc[name, "step_cny"] == pytest.approx(c1 - c0, rel=1e-9)
        assert table.loc[name, "zone_t"] == pytest.approx(t1, rel=1e-12)
        assert table.loc[name, "zone_cny"] == pytest.approx(c1 - start_cny, rel=1e-9)
        before = after


def test_abatement_takes_the_cheapest_next_tonne(ranked: Tables) -> None:
    # Green power costs 10 CNY/MWh for 0.5422 t/MWh: 18.44 CNY/t, before and after induction. Piped gas and induction
    # replace LPG, which costs twice as much a MWh, so they may pay for themselves: what saves most money comes first.
    table = ranked["abatement"].set_index("measure")
    assert table.loc["green", "step_cny_t"] == pytest.approx(CERTIFICATE * 1000.0 / GRID[-1], rel=1e-9)
    start = state_by_hand(frozenset())
    change = {name: (state_by_hand(frozenset({name}))[0] - start[0], state_by_hand(frozenset({name}))[1] - start[1])
              for name in table.index}  # fmt: skip
    winners = {name: cost for name, (tonnes, cost) in change.items() if tonnes < 0.0 and cost <= 0.0}
    assert table["order"].idxmin() == min(winners, key=lambda name: winners[name])


def test_waterfall_by_measure(ranked: Tables) -> None:
    steps = ranked["waterfall"].query("by == 'measure'").sort_values("order")
    taken = ranked["abatement"].sort_values("order")["measure"].tolist()
    assert steps["step"].tolist() == ["bau", *taken, "near_zero"]
    reached = frozenset[str]()
    levels = [state_by_hand(reached)[0]]
    for name in taken:
        reached |= {name}
        levels.append(state_by_hand(reached)[0])
    np.testing.assert_allclose(steps["co2_t"].iloc[1:-1], np.diff(levels), rtol=1e-9)
    np.testing.assert_allclose(steps["co2_t"].iloc[[0, -1]], [levels[0], levels[-1]], rtol=1e-12)
    total = sum(co2_by_hand("near_zero", carrier)[-1] for carrier in FINAL["near_zero"])
    assert levels[-1] == pytest.approx(total, **EXACT)


def test_a_stock_of_stoves_dies_by_its_survival_curve(tmp_path: Path, market: balance.Market) -> None:
    # All stoves burn gas until the base year; from 2018 on, all that are bought are electric. The stock of the base
    # year is as old as one that has always been of this size, so of it sum(S(a), a >= n) / sum(S(a)) is left after
    # n years.
    stock = [("a", "U1", "res_highrise", "code2021", 2017, 10_000.0)]
    tables = households(tmp_path, stock, 2030, NEW_STOVES)
    lives = tables["lives"][tables["lives"]["subject"] == "residential.cooking"]
    left = survival(np.arange(61.0), float(lives["median_a"].iloc[0]), float(lives["shape"].iloc[0]))
    found = balance.account(
        tables,
        balance.BalanceOptions(),
        2030,
        market,
        dict.fromkeys(("bau", "near_zero"), np.zeros(tables["adoption"]["year"].nunique())),
    )
    energy = found["balance"][found["balance"]["scenario"] == "bau"].set_index(["carrier", "year"])["energy_mwh"]
    for year in range(2017, 2031):
        share = left[year - 2017 :].sum() / left.sum()
        assert energy["natural_gas", year] == pytest.approx(200.0 * share, rel=1e-12)
        assert energy.get(("electricity", year), 0.0) == pytest.approx(125.0 * (1.0 - share), rel=1e-12, abs=1e-12)
