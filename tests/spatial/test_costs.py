"""Costs: every technology has one, a planner's rows win, faults name row and column, and the arithmetic is by hand."""

import csv
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layers.constants import CONFIDENCES, constants
from layers.errors import Findings, InputError
from layers.tables.balance import CARRIERS, COSTS, SECTORS
from layers.tables.scenario import TECHNOLOGY_COST
from layers.vector import Source
from resources.economics import annuity_factor
from resources.factors import carrier_factor_t_mwh
from resources.prices import carrier_price_cny_mwh
from resources.technology import capex_cny, technologies
from spatial.balance.costs import MADE_IN_ZONE, annual_costs, rates, recovery, total_cost
from spatial.balance.loads import STORES
from spatial.scenario.costs import BUILDING_SECTORS, COLUMNS, default_source, read_costs

YEARS = (2017, 2025, 2030)
SHARES = Path(default_source().path).with_name("shares.csv")
HEADER = "subject,technology,part,catalogue,size,capex_cny,opex_share,opex_cny,life_a,unit,note"


def read(tmp_path: Path, *rows: str, header: str = HEADER) -> tuple[pd.DataFrame | None, Findings]:
    """Read a planner's table of costs."""
    path, findings = tmp_path / "costs.csv", Findings()
    path.write_text("\n".join([header, *rows]), encoding="utf-8")
    return read_costs(Source(path), YEARS, findings), findings


def cost(table: pd.DataFrame | None, subject: str, technology: str, year: int = 2025) -> pd.Series:
    """Return the one row of a technology and year."""
    assert table is not None
    mine = (table["subject"] == subject) & (table["technology"] == technology) & (table["year"] == year)
    assert mine.sum() == 1
    return table[mine].iloc[0]


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    found = read_costs(None, YEARS, Findings())
    assert found is not None
    return found


def test_the_package_keeps_the_contract(table: pd.DataFrame) -> None:
    assert TECHNOLOGY_COST.faults(table) == []
    assert table[["subject", "technology", "year"]].apply(tuple, axis=1).is_monotonic_increasing


def test_every_technology_of_the_package_has_a_cost(table: pd.DataFrame) -> None:
    with SHARES.open(encoding="utf-8", newline="") as stream:
        shares = {(row["subject"], row["technology"]) for row in csv.DictReader(stream)}
    assert shares <= set(zip(table["subject"], table["technology"], strict=True))


def test_every_row_has_parents() -> None:
    rows = list(csv.DictReader(default_source().path.read_text(encoding="utf-8").splitlines()))
    assert set(rows[0]) == set(COLUMNS)
    for row in rows:
        assert row["source"]
        assert row["confidence"] in CONFIDENCES


def test_heating_and_cooling_by_one_unit_are_paid_for_once(table: pd.DataFrame) -> None:
    heating = cost(table, "residential.heating", "split_heat_pump")
    assert heating[["capex_cny", "opex_cny"]].tolist() == [0.0, 0.0]
    assert cost(table, "residential.cooling", "split")["capex_cny"] > 0.0


def test_every_row_of_the_package_is_about_what_the_package_does() -> None:
    with SHARES.open(encoding="utf-8", newline="") as stream:
        shares = {(row["subject"], row["technology"]) for row in csv.DictReader(stream)}
    for row in csv.DictReader(default_source().path.read_text(encoding="utf-8").splitlines()):
        subject, technology = row["subject"], row["technology"]
        meant = [subject.replace("*", sector) for sector in BUILDING_SECTORS]
        assert any((each, technology) in shares for each in meant), (subject, technology)


def test_the_account_buys_the_stores_that_the_hours_use() -> None:
    rows = list(csv.DictReader(default_source().path.read_text(encoding="utf-8").splitlines()))
    bought = {
        row["subject"].removeprefix("flex."): row["catalogue"] for row in rows if row["subject"].startswith("flex.")
    }
    assert {name: bought[name] for name in STORES} == STORES


def test_lamps_are_paid_for_by_what_better_ones_cost_more(table: pd.DataFrame) -> None:
    for year in YEARS:
        found = cost(table, "lamps", "led", year)
        assert found[["capex_cny", "opex_cny", "life_a", "unit"]].tolist() == [12.0, 0.0, 8.0, "m2"]
        assert found["capex_cny"] < capex_cny("led", year)


def test_light_rail_carries_what_it_takes_energy_for(table: pd.DataFrame) -> None:
    """5000 passengers x 365 d x 8 km / 1.5 in a car: 9.73 million car km a line km; 2 kWh / 60 x 1.5 = 0.05 kWh/km."""
    per_km = technologies()["light_rail"].capex_in(2025) / (5000 * 365 * 8 / 1.5)
    assert cost(table, "light_rail", "used", 2025)["capex_cny"] == pytest.approx(per_km, rel=1e-5)
    rows = csv.DictReader(SHARES.with_name("technologies.csv").read_text(encoding="utf-8").splitlines())
    (taken,) = (float(row["path"]) for row in rows if row["activity"] == "light_rail")
    assert taken == pytest.approx(2.0 / 60 * 1.5)


def test_catalogue_prices_follow_the_year(table: pd.DataFrame) -> None:
    for year in YEARS:
        assert cost(table, "pv.roof", "installed", year)["capex_cny"] == capex_cny("pv_rooftop_ci", year)


def test_a_pattern_serves_every_sector_but_those_with_a_row_of_their_own(table: pd.DataFrame) -> None:
    """One kW at 350 CNY / 500 h for all, a wall-hung boiler of 1.8 CNY for a kWh a year in dwellings."""
    for sector in ("service", "industry", "logistics", "port"):
        assert cost(table, f"{sector}.heating", "gas_boiler")["capex_cny"] == pytest.approx(350.0 / 500.0)
    assert cost(table, "residential.heating", "gas_boiler")["capex_cny"] == 1.8
    assert not table["subject"].str.contains("*", regex=False).any()


def test_a_battery_bus_is_a_bus_and_its_share_of_a_charger(table: pd.DataFrame) -> None:
    """Bus 800,000 CNY / 55,000 km, charger 50,000 CNY / 4 buses, both for 8 years."""
    found = cost(table, "buses", "battery")
    assert found["capex_cny"] == pytest.approx((800_000 + 50_000 / 4) / 55_000, rel=1e-5)
    assert found["opex_cny"] == pytest.approx((800_000 * 0.05 + 50_000 / 4 * 0.01) / 55_000, rel=1e-5)
    assert found["life_a"] == 8.0


def test_parts_of_other_life_are_bought_as_often_as_needed(tmp_path: Path) -> None:
    """Body 100 CNY for 12 years, battery 40 CNY for 8: 100 + 40 x 12/8 = 160; without interest 100/12 + 40/8 a year."""
    rows = ("cars,battery,body,,,100,0.01,,12,km/a,", "cars,battery,battery,,,40,,2,8,km/a,")
    found = cost(read(tmp_path, *rows)[0], "cars", "battery")
    assert found[["capex_cny", "opex_cny", "life_a"]].tolist() == pytest.approx([160.0, 1.0 + 2.0, 12.0])
    assert found["capex_cny"] * annuity_factor(0.0, found["life_a"]) == pytest.approx(100 / 12 + 40 / 8)


def test_a_planners_row_takes_the_place_of_the_packages(tmp_path: Path) -> None:
    found, findings = read(tmp_path, "buses,battery,,,1,12,,0.5,10,km/a,", "trams,battery,,,1,30,2%,,25,km/a,")
    assert list(findings) == []
    assert cost(found, "buses", "battery")[["capex_cny", "opex_cny", "life_a"]].tolist() == [12.0, 0.5, 10.0]
    assert cost(found, "trams", "battery")["opex_cny"] == pytest.approx(0.6)
    assert cost(found, "buses", "diesel")["capex_cny"] == 10.0


def test_a_planners_pattern_goes_before_the_packages_own_rows(tmp_path: Path) -> None:
    rows = ("*.heating,gas_boiler,,,1,9,,,20,kWh/a,", "port.heating,gas_boiler,,,1,7,,,20,kWh/a,")
    found, _ = read(tmp_path, *rows)
    assert cost(found, "residential.heating", "gas_boiler")["capex_cny"] == 9.0
    assert cost(found, "port.heating", "gas_boiler")["capex_cny"] == 7.0


def test_a_workbook_will_do(tmp_path: Path) -> None:
    path, findings = tmp_path / "plan.xlsx", Findings()
    row = {"subject": "pv.roof", "technology": "installed", "capex_cny": 2000, "life_a": 25, "unit": "kWp"}
    pd.DataFrame([row]).to_excel(path, sheet_name="costs", index=False)
    assert cost(read_costs(Source(path, "costs"), YEARS, findings), "pv.roof", "installed")["capex_cny"] == 2000.0


@pytest.mark.parametrize(
    ("row", "column", "said"),
    [
        ("cars,battery,,ev_carr,1,,,,,km/a,", "catalogue", "did you mean 'ev_car'"),
        ("cars,battery,,,1,100,,,12,,", "unit", "has no unit"),
        ("cars,battery,,,1,-100,,,12,km/a,", "capex_cny", "-100 is negative"),
        ("cars,battery,,,1,much,,,12,km/a,", "capex_cny", "'much' is no number"),
        ("cars,battery,,,1,100,,,,km/a,", "life_a", "has no life_a"),
        ("cars,battery,,,1,100,,,0,km/a,", "life_a", "has no life"),
        ("cars,battery,,,1,,,,12,km/a,", "capex_cny", "has no capex_cny"),
        ("cars,battery,,ebus,1,100,,,12,km/a,", "capex_cny", "beside that of the catalogue"),
        ("cars,battery,,ev_car,1,,,,,km/a,", "opex_share", "runs at less than nothing"),
        ("port.*,battery,,ev_car,1,,0,,,km/a,", "subject", "is no subject"),
        (",battery,,ebus,1,,,,,km/a,", "subject", "has no subject"),
    ],
)
def test_faults_name_row_and_column(tmp_path: Path, row: str, column: str, said: str) -> None:
    found, findings = read(tmp_path, "pv.roof,installed,,pv_ground,,,,,,kWp,", row)
    assert found is None
    fault = findings.errors[0]
    assert (fault.row, fault.column) == ("3", column)
    assert said in str(fault)
    assert len(findings.errors) == 1


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    _, findings = read(tmp_path, "cars,battery,,x,1,-1,,,,,", "taxis,battery,,,,,,,,km/a,")
    assert {(fault.row, fault.column) for fault in findings.errors} >= {
        ("2", "capex_cny"),
        ("3", "capex_cny"),
        ("3", "life_a"),
    }


def test_columns_are_checked(tmp_path: Path) -> None:
    _, findings = read(tmp_path, "cars,battery,5", header="subject,technology,capex")
    assert {(fault.column, fault.remedy) for fault in findings.errors} == {
        ("unit", "a table of costs has subject, technology, unit"),
        ("capex", "did you mean 'capex_cny'?"),
    }


def test_one_part_twice_and_two_units_are_faults(tmp_path: Path) -> None:
    body, again = "cars,battery,body,,,100,,,12,km/a,", "cars,battery,body,,,90,,,12,km/a,"
    _, findings = read(tmp_path, body, again)
    assert [fault.row for fault in findings.errors] == ["3"]
    _, findings = read(tmp_path, body, "cars,battery,charger,,,90,,,12,car,")
    assert {(fault.row, fault.column) for fault in findings.errors} == {("2", "unit"), ("3", "unit")}


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    findings = Findings()
    assert read_costs(Source(tmp_path / "none.csv"), YEARS, findings) is None
    assert "there is no such file" in str(findings.errors[0])


def test_what_the_study_does_must_have_a_cost_and_costs_must_be_about_it(tmp_path: Path) -> None:
    used = {("cars", "battery"), ("trams", "battery"), ("port.heating", "gas_boiler")}
    path, findings = tmp_path / "costs.csv", Findings()
    path.write_text(f"{HEADER}\ncars,batery,,,,1,,,9,km/a,\n*.heating,gas_boiler,,,,1,,,9,kWh/a,\n", encoding="utf-8")
    assert read_costs(Source(path), YEARS, findings, used) is None
    assert [(fault.row, fault.source) for fault in findings.errors] == [
        ("trams|battery", "costs.csv"),
        ("cars|batery", "costs.csv"),
    ]
    assert "did you mean 'cars|battery'" in str(findings.errors[1])
    found = read_costs(None, [2030], Findings(), {("cars", "battery"), ("port.heating", "gas_boiler")})
    assert found is not None
    assert found["subject"].tolist() == ["cars", "port.heating"]


def test_prices_by_hand() -> None:
    """Gas 3.9 CNY/m3 of 38.931 MJ; diesel 7.3 CNY/L of 42.652 MJ/kg x 0.84 kg/L; coal 800 CNY/t of 5500 kcal/kg."""
    assert carrier_price_cny_mwh("natural_gas", "service") == pytest.approx(3.9 / 38.931 * 3600, rel=1e-4)
    assert carrier_price_cny_mwh("natural_gas", "residential") == pytest.approx(3.2 / 38.931 * 3600, rel=1e-4)
    assert carrier_price_cny_mwh("diesel", "port") == pytest.approx(7.3 / (42.652 * 0.84) * 3600, rel=1e-4)
    assert carrier_price_cny_mwh("coal", "industry") == pytest.approx(800 / (5500 * 4.1868) * 3600, rel=1e-4)
    assert carrier_price_cny_mwh("electricity", "residential") == 538.0
    assert carrier_price_cny_mwh("diesel", "ships") == pytest.approx(5.0 / (42.652 * 0.84) * 3600, rel=1e-4)
    assert carrier_price_cny_mwh("lng", "transport") == pytest.approx(5000 / 51.44 * 3.6, rel=1e-4)


def test_every_carrier_bought_has_a_price_and_what_the_zone_makes_has_none() -> None:
    for carrier in CARRIERS:
        for sector in (*SECTORS, "district", "ships"):
            if carrier in MADE_IN_ZONE:
                with pytest.raises(KeyError):
                    carrier_price_cny_mwh(carrier, sector)
            else:
                assert carrier_price_cny_mwh(carrier, sector) >= 0.0


@pytest.mark.parametrize(("carrier", "factor_kg"), [("natural_gas", 2.162), ("diesel", 2.6)])
def test_heating_values_agree_with_carbon_per_volume(carrier: str, factor_kg: float) -> None:
    """CO2 a m3 of gas and a litre of diesel, as printed, against heating value times CO2 of the heat."""
    kwh = constants("resources", "finance.csv").value(f"lhv.{carrier}")
    assert kwh * carrier_factor_t_mwh(carrier) == pytest.approx(factor_kg, rel=0.005)


def frame(scenario: str, rows: list[tuple[str, str, float, str]], year: int = 2030) -> pd.DataFrame:
    """Return the table ``installed`` of one scenario and year."""
    columns = ["subject", "technology", "amount", "unit"]
    return pd.DataFrame(rows, columns=columns).assign(scenario=scenario, year=year)


def prices(rows: list[tuple[str, str, float, float, float, str]], year: int = 2030) -> pd.DataFrame:
    """Return the table ``technology_cost`` of one year."""
    columns = ["subject", "technology", "capex_cny", "opex_cny", "life_a", "unit"]
    return pd.DataFrame(rows, columns=columns).assign(year=year)


def buys(scenario: str, rows: list[tuple[str, str, float]], year: int = 2030) -> pd.DataFrame:
    """Return purchases of one scenario and year."""
    return pd.DataFrame(rows, columns=["sector", "carrier", "energy_mwh"]).assign(scenario=scenario, year=year)


def by_scenario(value: float, *scenarios: str) -> pd.Series:
    """Return one value for each scenario in 2030."""
    return pd.Series(value, index=pd.MultiIndex.from_tuples([(name, 2030) for name in scenarios]))


def test_a_year_by_hand() -> None:
    """1000 kWp at 2300 CNY for 25 a at 6 %: 0.0782267 x 2.3 million = 179,921 CNY a year, and 34.5 CNY/kWp to run.

    50 MWh of diesel at 7.3 / 9.952 CNY/kWh; 10 GWh of green power at 5 CNY/MWh; imports, exports and the rest as given.
    """
    installed = frame("near_zero", [("pv.roof", "installed", 1000.0, "kWp"), ("green_power", "bought", 1e7, "kWh/a")])
    technology_cost = prices(
        [("pv.roof", "installed", 2300.0, 34.5, 25.0, "kWp"), ("green_power", "bought", 0.0, 0.005, 20.0, "kWh/a")]
    )
    table = annual_costs(
        installed,
        technology_cost,
        buys("near_zero", [("port", "diesel", 50.0), ("service", "district_cold", 900.0)]),
        0.06,
        electricity_cny={
            "electricity": by_scenario(6.0e6, "near_zero"),
            "export_revenue": by_scenario(-2.0e5, "near_zero"),
        },
        network_cny=by_scenario(3.0e5, "near_zero"),
        measures_cny=by_scenario(1.0e5, "near_zero"),
    )
    assert COSTS.faults(table) == []
    assert table.set_index("item")["cost_cny"].to_dict() == pytest.approx(
        {
            "equipment_cost": 179_921.4,
            "operation_cost": 34_500.0,
            "certificates_cost": 50_000.0,
            "diesel": 50_000.0 * 7.3 / 9.952,
            "electricity": 6.0e6,
            "export_revenue": -2.0e5,
            "network_cost": 3.0e5,
            "measure_cost": 1.0e5,
        },
        rel=1e-6,
    )


def test_capital_recovery_is_the_annuity_of_economics() -> None:
    lives = np.array([1.0, 8.0, 20.0, 25.0])
    np.testing.assert_allclose(recovery(0.06, lives), [annuity_factor(0.06, life) for life in lives], rtol=1e-14)


def test_scenarios_keep_the_order_they_come_in() -> None:
    cost_of = prices([("cars", "battery", 10.0, 1.0, 12.0, "km/a")])
    installed = pd.concat([frame(name, [("cars", "battery", 5.0, "km/a")]) for name in ("zero", "bau")])
    table = annual_costs(installed, cost_of, buys("zero", []), 0.05)
    assert table["scenario"].tolist() == ["zero", "zero", "bau", "bau"]


def test_what_stands_without_a_cost_or_in_another_unit_is_named() -> None:
    installed = frame("bau", [("cars", "steam", 5.0, "km/a"), ("cars", "battery", 5.0, "car")])
    with pytest.raises(InputError) as raised:
        annual_costs(installed, prices([("cars", "battery", 1.0, 0.0, 5.0, "km/a")]), buys("bau", []), 0.05)
    assert [fault.row for fault in raised.value.faults] == ["cars|steam", "cars|battery"]


def test_electricity_is_not_paid_for_twice() -> None:
    bought, cost_of = buys("bau", [("port", "electricity", 1.0)]), prices([("cars", "battery", 1.0, 0.0, 5.0, "km/a")])
    with pytest.raises(ValueError, match="electricity stands both"):
        annual_costs(frame("bau", []), cost_of, bought, 0.05, electricity_cny={"electricity": by_scenario(1.0, "bau")})


def test_rates_need_a_cost_for_each_technology(table: pd.DataFrame) -> None:
    with pytest.raises(InputError, match=r"cars\|steam: has no cost in 2030"):
        rates(table, [("cars", "steam")], 2030, SECTORS, CARRIERS, 0.06)


@settings(deadline=None, max_examples=30)
@given(data=st.data(), discount=st.floats(0.0, 0.15), other=st.floats(-1e6, 1e6))
def test_the_short_way_costs_what_the_table_says(
    table: pd.DataFrame, data: st.DataObject, discount: float, other: float
) -> None:
    mine = table[table["year"] == 2030]
    keys = list(zip(mine["subject"], mine["technology"], strict=True))
    amount = np.array(data.draw(st.lists(st.floats(0, 1e6), min_size=len(keys), max_size=len(keys))))
    bought = np.array(data.draw(st.lists(st.floats(0, 1e5), min_size=len(CARRIERS), max_size=len(CARRIERS))))
    energy = np.outer(np.arange(1, len(SECTORS) + 1), bought)
    purchases = pd.DataFrame(
        {
            "scenario": "bau",
            "year": 2030,
            "sector": np.repeat(SECTORS, len(CARRIERS)),
            "carrier": np.tile(CARRIERS, len(SECTORS)),
            "energy_mwh": energy.ravel(),
        }
    )
    installed = mine[["subject", "technology", "year", "unit"]].assign(scenario="bau", amount=amount)
    told = annual_costs(installed, table, purchases, discount, measures_cny=by_scenario(other, "bau"))
    short = total_cost(rates(table, keys, 2030, SECTORS, CARRIERS, discount), amount, energy, other)
    assert short == pytest.approx(told["cost_cny"].sum(), rel=1e-9, abs=1e-3)


@settings(deadline=None, max_examples=30)
@given(discount=st.just(0.0) | st.floats(0.001, 0.2), capex=st.floats(1.0, 1e5), life=st.floats(1.0, 50.0))
def test_more_interest_never_makes_equipment_cheaper(discount: float, capex: float, life: float) -> None:
    def yearly(rate: float) -> float:
        cost_of = prices([("cars", "battery", capex, 0.0, life, "km/a")])
        year = rates(cost_of, [("cars", "battery")], 2030, ["port"], ["diesel"], rate)
        return total_cost(year, np.ones(1), np.zeros((1, 1)))

    assert yearly(discount + 0.01) >= yearly(discount) >= capex / life * (1 - 1e-9)


def test_the_catalogue_prices_what_it_is_used_for() -> None:
    """Per kW, kWp, kWh, m2, vehicle and so on: the unit of a subject is that of the catalogue where the size is one."""
    rows = csv.DictReader(default_source().path.read_text(encoding="utf-8").splitlines())
    for row in rows:
        if row["catalogue"] and row["size"] == "1":
            unit = technologies()[row["catalogue"]].capex_unit
            assert unit.removeprefix("CNY/").split()[0] == row["unit"], row["subject"]
