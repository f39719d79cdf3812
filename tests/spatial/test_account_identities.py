"""Sums of the account that must agree whatever the zone is: on a made-up zone, and on random ones."""

from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

import account_tables as made_up
from layers.tables import balance as contracts
from layers.tables.balance import CARRIERS, SECTORS
from layers.tables.contract import Table
from resources.factors import carrier_factor_t_mwh, grid_factor_t_mwh
from spatial import balance
from spatial.balance.loads import GENERATORS
from spatial.scenario import COVERAGES, Scenario

Tables = dict[str, pd.DataFrame]
WHEN = ["scenario", "year"]
FUELS = ("natural_gas", "lpg", "gasoline", "diesel", "lng", "coal", "solar_heat", "biomass", "msw")


def drawn_up(tables: Tables, options: balance.BalanceOptions | None = None) -> Tables:
    options = options or balance.BalanceOptions()
    names = [str(name) for name in tables["adoption"]["scenario"].unique()]
    market = made_up.market(len(tables["weather"]))
    years = tables["adoption"]["year"].nunique()
    return balance.account(tables, options, made_up.TARGET, market, dict.fromkeys(names, np.zeros(years)))


@pytest.fixture(scope="module")
def tables() -> Any:
    return made_up.tables()


@pytest.fixture(scope="module")
def found(tables: Tables) -> Tables:
    return drawn_up(tables)


@st.composite
def zones(draw: st.DrawFn) -> Any:
    """Return a zone of random size and measures; anything but the years may be missing."""
    size = st.one_of(st.just(0.0), st.floats(0.01, 50.0))
    stock = [(*row[:5], row[5] * draw(size)) for row in made_up.STOCK]
    activity = [(*row[:5], row[5] * factor, row[6] * factor) for row in made_up.ACTIVITY for factor in [draw(size)]]
    measures = draw(st.sets(st.sampled_from(all_measures())))
    return made_up.Zone(
        stock=stock,
        activity=activity,
        connected=[one for one in made_up.CONNECTED if draw(st.booleans())],
        end_year=2030,
        hours=60,
        solar=draw(size),
        wind_mw=(draw(size), draw(size)),
        loss=draw(st.floats(0.0, 0.3)),
        pumping=draw(st.floats(0.0, 0.1)),
        scenarios={"bau": Scenario(), "plan": Scenario(inherits="bau", measures=tuple(sorted(measures)))},
    )


@cache
def all_measures() -> tuple[str, ...]:
    return tuple(made_up.tables(made_up.Zone(hours=40))["measures"]["measure"])


def sums(frame: pd.DataFrame, keys: list[str], column: str, index: pd.Index | None = None) -> pd.Series:
    found = frame.groupby(keys, sort=True)[column].sum()
    return found if index is None else found.reindex(index, fill_value=0.0)


def same(a: pd.Series, b: pd.Series, scale: float | None = None) -> None:
    """Hold two sums against each other to 1e-9 of the largest; a group that one lacks is zero in it."""
    a, b = a.align(b, fill_value=0.0)
    size = max(a.abs().max(), b.abs().max(), 1e-9) if scale is None else scale
    np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-9 * size)


def check_all(found: Tables, base: int = 2017) -> None:
    """Hold every sum against every other."""
    carriers_close(found)
    if found["balance"].empty:
        assert not found["supply"]["energy_mwh"].any()
        return
    places_agree(found)
    tree_agrees(found)
    emissions_follow_from_what_is_burnt_and_brought(found)
    shares_are_whole(found)
    effects_add_up(found)
    hours_agree(found)
    first = found["balance"][found["balance"]["year"] == base].drop(columns=["scenario", "year"])
    by_scenario = [rows.reset_index(drop=True) for _, rows in first.groupby(found["balance"]["scenario"])]
    for other in by_scenario[1:]:
        pd.testing.assert_frame_equal(by_scenario[0], other)


def carriers_close(found: Tables) -> None:
    supply = found["supply"]
    assert (supply["energy_mwh"] >= 0.0).all()
    ways = {name: sums(rows, [*WHEN, "carrier"], "energy_mwh") for name, rows in supply.groupby("direction")}
    same(ways["in"], ways["out"])
    final = supply[supply["item"] == "final"]
    same(sums(final, [*WHEN, "carrier"], "energy_mwh"), sums(found["balance"], [*WHEN, "carrier"], "energy_mwh"))


def places_agree(found: Tables) -> None:
    table, parcels = found["balance"], found["parcel_account"]
    until = table[table["year"] <= parcels["year"].max()]
    for on_unit, on_parcel in (("parcels_mwh", "energy_mwh"), ("parcels_co2_t", "co2_t")):
        same(sums(until, WHEN, on_unit), sums(parcels, WHEN, on_parcel))
    same(parcels["scope1_t"] + parcels["scope2_t"], parcels["co2_t"])
    same(table["scope1_t"] + table["scope2_t"], table["co2_t"])
    # What is not on parcels is not negative: it is on roads, at sea or in other units.
    assert (table["energy_mwh"] - table["parcels_mwh"] >= -1e-9 * table["energy_mwh"].abs().max()).all()


def tree_agrees(found: Tables) -> None:
    keys = [*WHEN, "sector", "carrier"]
    for column in ("energy_mwh", "co2_t"):
        same(sums(found["end_uses"], keys, column), sums(found["balance"], keys, column))


def emissions_follow_from_what_is_burnt_and_brought(found: Tables) -> None:
    supply = found["supply"]
    fuels = supply[supply["item"] == "delivered"]
    burnt = fuels.assign(co2_t=fuels["energy_mwh"] * fuels["carrier"].map(carrier_factor_t_mwh))
    same(sums(burnt, WHEN, "co2_t"), sums(found["balance"], WHEN, "scope1_t"))
    for items, column in ((("grid",), "scope2_t"), (("grid", "green_power"), "scope2_location_t")):
        bought = sums(supply[supply["item"].isin(items)], WHEN, "energy_mwh")
        years = bought.index.get_level_values("year").to_numpy(dtype=np.int64)
        same(bought * grid_factor_t_mwh("zhejiang", years), sums(found["balance"], WHEN, column))


def shares_are_whole(found: Tables) -> None:
    equipment = found["equipment"]
    covered = equipment["subject"].str.startswith(COVERAGES)
    total = sums(equipment[~covered], [*WHEN, "subject"], "share")
    np.testing.assert_allclose(total, 1.0, rtol=1e-9)
    # Where the amount is that of the activity, it is divided as the equipment is.
    amount = found["installed"][~found["installed"]["subject"].str.startswith((*COVERAGES, "new_buildings"))]
    part = amount["amount"] / amount.groupby([*WHEN, "subject"])["amount"].transform("sum")
    joined = amount.assign(part=part).merge(equipment, on=[*WHEN, "subject", "technology"])
    joined = joined[~joined["subject"].str.startswith("industry_") & joined["part"].notna()]
    same(joined["part"], joined["share"])


def effects_add_up(found: Tables) -> None:
    co2 = sums(found["balance"], [*WHEN, "sector"], "co2_t").unstack("year", fill_value=0)  # noqa: PD010
    # Years in which nothing is used have no row in the balance, and are no less a year.
    co2 = co2.reindex(columns=np.sort(found["supply"]["year"].unique()), fill_value=0.0)
    change = co2.diff(axis=1).iloc[:, 1:].melt(value_name="co2_t", ignore_index=False).reset_index()
    effects = sums(found["decomposition"], ["scenario", "sector", "year"], "co2_t")
    same(effects, sums(change, ["scenario", "sector", "year"], "co2_t"), scale=float(co2.to_numpy().max(initial=1e-9)))


def hours_agree(found: Tables) -> None:
    hourly = found["zone_hourly"]
    heads = sorted({str(column).rsplit("|", maxsplit=1)[0] for column in hourly.columns})
    supply = found["supply"][found["supply"]["carrier"] == "electricity"]
    for head in heads:
        scenario, year = head.split("|")
        own = {
            str(name).rsplit("|", maxsplit=1)[1]: hourly[name] for name in hourly if str(name).startswith(f"{head}|")
        }
        items = supply[(supply["scenario"] == scenario) & (supply["year"] == int(year))]
        flow = items.set_index("item")["energy_mwh"]
        use = flow.reindex(["final", "district_plants", "distribution_loss"], fill_value=0.0).sum()
        assert own["use"].sum() == pytest.approx(use, rel=1e-9, abs=1e-9)
        made = {name: hours for name, hours in own.items() if name not in ("use", "import", "export")}
        for name, hours in made.items():
            assert hours.sum() == pytest.approx(flow.get(name, 0.0), rel=1e-9, abs=1e-9)
        left = own["import"] + sum(made.values()) - own["use"] - own["export"]
        np.testing.assert_allclose(left, 0.0, atol=1e-9 * max(own["use"].max(), own["export"].max(), 1.0))


@settings(deadline=None, max_examples=8, phases=[Phase.explicit, Phase.generate])
@given(zone=zones())
def test_every_sum_agrees_on_random_zones(zone: Any) -> None:
    check_all(drawn_up(made_up.tables(zone)))


def test_every_sum_agrees_with_all_measures(found: Tables) -> None:
    check_all(found)
    items = set(found["supply"]["item"])
    assert {"chp", "cchp", "wte", "export", "network_loss", "green_power"} <= items
    assert set(found["balance"]["sector"]) == set(SECTORS)
    assert set(CARRIERS) - set(found["balance"]["carrier"]) == {"biomass"}


def test_all_tables_keep_their_contracts(found: Tables) -> None:
    known = {table.name: table for table in vars(contracts).values() if isinstance(table, Table)}
    for name, table in found.items():
        known[name].check(table)


def test_two_accounts_of_one_zone_are_the_same(tables: Tables, found: Tables) -> None:
    for name, table in drawn_up(tables).items():
        pd.testing.assert_frame_equal(table, found[name], check_exact=True)


def test_a_zone_that_nothing_stands_in_yet_has_a_base_year() -> None:
    stock = [(*row[:4], max(row[4], 2019), row[5]) for row in made_up.STOCK]
    activity = [("cars", "U1", "", "transport", "vkm", 0.0, 0.0)]
    scenarios = {"bau": Scenario(), "near_zero": Scenario(inherits="bau", measures=("led", "pv_roof"))}
    zone = made_up.Zone(stock=stock, activity=activity, end_year=2030, hours=60, scenarios=scenarios)
    tables = made_up.tables(zone)
    found = drawn_up(tables)
    check_all(found)
    assert found["balance"]["year"].min() == 2019
    gross = found["indicators"].query("indicator == 'co2_gross_t'").set_index(["scenario", "year"])["value"]
    assert gross["bau", 2017] == gross["bau", 2018] == 0.0
    limit = found["targets"].set_index(["scenario", "target"])["limit"]
    assert limit["bau", "co2_total"] == 0.0
    changes = found["decomposition"].query("scenario == 'bau'").groupby("year")["co2_t"].sum()
    assert changes[2018] == 0.0
    assert changes[2019] == pytest.approx(gross["bau", 2019], rel=1e-9)
    market = made_up.market(60)
    taken = made_up.taken_measures(tables, zone)
    given_tables = {**tables, **found}
    steps = balance.rank_measures(given_tables, balance.BalanceOptions(), 2030, market, taken, made_up.singly(tables))
    assert steps["waterfall"].query("step == 'base_year'")["co2_t"].tolist() == [0.0]


@pytest.mark.parametrize("factor", [0.01, 30.0])
def test_twice_the_zone_has_twice_the_account(factor: float) -> None:
    plain = made_up.Zone(end_year=2030, hours=40)
    other = made_up.Zone(
        stock=[(*row[:5], row[5] * factor) for row in made_up.STOCK],
        activity=[(*row[:5], row[5] * factor, row[6] * factor) for row in made_up.ACTIVITY],
        solar=factor,
        wind_mw=tuple(mw * factor for mw in plain.wind_mw),
        end_year=2030,
        hours=40,
    )
    one, many = (drawn_up(made_up.tables(zone)) for zone in (plain, other))
    for column in ("energy_mwh", "scope1_t", "scope2_t"):
        # Hourly demand is in single precision, which the split of scope 2 between hours carries on.
        np.testing.assert_allclose(many["balance"][column], one["balance"][column] * factor, rtol=1e-6, atol=1e-9)


def test_sankey_passes_on_what_it_takes(found: Tables) -> None:
    flows = found["flows"]
    enters, leaves = (sums(flows, [*WHEN, side], "energy_mwh") for side in ("target", "source"))
    inner = [node for node in leaves.index if node[2].startswith(("carrier:", "sector:")) and node in enters.index]
    same(enters[inner].rename_axis(leaves.index.names), leaves[inner])
    final = sums(found["end_uses"], WHEN, "energy_mwh")
    ends = flows[flows["target"].str.startswith("end_use:")]
    reached = sums(ends, WHEN, "energy_mwh")
    # With measures, part of the fuels becomes electricity instead of reaching an end use.
    same(reached.loc[["bau"]], final[reached.index].loc[["bau"]])
    assert reached["near_zero", 2030] < final["near_zero", 2030]


def test_floor_area_and_vintages_are_kept(tables: Tables, found: Tables) -> None:
    area = found["tree_activity"][found["tree_activity"]["unit"] == "m2"]
    stock = tables["stock"]
    for year in (2017, 2024, 2030):
        standing = stock.loc[stock["year_from"] <= year, "floor_area_m2"].sum()
        total = area[area["year"] == year].groupby("scenario")["activity"].sum()
        np.testing.assert_allclose(total, standing, rtol=1e-12)
    amount = found["installed"][found["installed"]["subject"] == "new_buildings"]
    new = stock[stock["year_from"] > 2017]
    for year in range(2018, 2031):
        standing = new.loc[new["year_from"] <= year, "floor_area_m2"].sum()
        done = amount[amount["year"] == year].groupby("scenario")["amount"].sum()
        np.testing.assert_allclose(done.reindex(["bau", "near_zero"], fill_value=0.0), standing, rtol=1e-9)


def loads_of(tables: Tables, *, by_unit: bool) -> pd.DataFrame:
    return balance.system_loads(tables, balance.BalanceOptions(), [2017, 2030], by_unit=by_unit)[0]


def test_planning_units_sum_to_the_zone_in_every_hour(tables: Tables) -> None:
    zone, units = loads_of(tables, by_unit=False), loads_of(tables, by_unit=True)
    names = [str(name) for name in units.columns]
    for column in map(str, zone.columns):
        head, item = column.split("|zone|")
        if item.endswith(("_cop", "_per_mw")):
            continue
        own = [name for name in names if name.startswith(f"{head}|") and name.endswith(f"|{item}")]
        size = max(float(zone[column].max()), 1.0)
        np.testing.assert_allclose(units[own].sum(axis=1), zone[column], rtol=1e-5, atol=1e-6 * size)
        if item in ("heat", "cold"):
            # Each unit's plants take the electricity that the whole network's plants take for it.
            taken = (zone[column] / zone[f"{column}_cop"]).sum()
            parts = [(units[name] / units[f"{name}_cop"]).sum() for name in own]
            assert sum(parts) == pytest.approx(taken, rel=1e-5)


def test_loads_say_what_each_generator_would_give_of_which_nothing_is_planned(tables: Tables) -> None:
    loads, plants = balance.system_loads(tables, balance.BalanceOptions(), [2017, 2030], by_unit=False)
    rows = plants.set_index(plants["scenario"] + "|" + plants["year"].astype(str) + "|zone|" + plants["item"])
    made = rows[rows["item"].isin(GENERATORS)]
    idle = made[(made["planned_mw"] == 0.0) & (made["potential_mw"] > 0.0)]
    assert len(idle) > 0
    assert {f"{name}_per_mw" for name in idle.index} == {name for name in loads.columns if name.endswith("_per_mw")}
    for name in idle.index:
        assert not loads[name].any()
        each = loads[f"{name}_per_mw"]
        assert each.min() >= 0.0
        assert 0.0 < each.max() <= 1.5 * 8760 / len(loads)  # the made-up hours are longer
    # one and the same class of PV or turbine gives as much in all scenarios
    for name in idle.index[idle["item"].str.startswith("wind_")]:
        twin = name.replace("bau|", "near_zero|")
        if twin in made.index and made["planned_mw"].loc[twin] > 0.0:
            given = loads[twin] / made["planned_mw"].loc[twin]
            np.testing.assert_allclose(loads[f"{name}_per_mw"], given, rtol=1e-9)


def test_loads_are_the_electricity_of_the_account(tables: Tables, found: Tables) -> None:
    zone, hourly = loads_of(tables, by_unit=False), found["zone_hourly"]
    for head in ("bau|2017", "bau|2030", "near_zero|2030"):
        use = zone[f"{head}|zone|use"] + zone[f"{head}|zone|ev"]
        for item in ("cold", "heat"):
            if f"{head}|zone|{item}" in zone:
                use = use + zone[f"{head}|zone|{item}"] / zone[f"{head}|zone|{item}_cop"]
        np.testing.assert_allclose(use, hourly[f"{head}|use"], rtol=1e-5)
        for column in hourly.columns:
            item = str(column).rsplit("|", maxsplit=1)[1]
            if str(column).startswith(f"{head}|") and item not in ("use", "import", "export"):
                np.testing.assert_allclose(zone[f"{head}|zone|{item}"], hourly[column], rtol=1e-9)
