"""The account: physics of its parts, each on what is made up for the purpose."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layers.constants import constants
from layers.errors import Findings
from layers.tables.balance import CARRIERS
from layers.tables.demand import SERVICES
from layers.tables.stock import VINTAGES
from resources.factors import carrier_factor_t_mwh, grid_factor_t_mwh, path
from resources.technology import efficiency
from spatial.balance.account import shares_of
from spatial.balance.activities import Levels, activities, boundary
from spatial.balance.buildings import Buildings, buildings_energy, useful_cube, useful_demand
from spatial.balance.classes import Classes, vintage_shares
from spatial.balance.hours import Profiles
from spatial.balance.indicators import targets
from spatial.balance.ledger import closing
from spatial.balance.options import BalanceOptions, Switches, default_targets
from spatial.balance.plants import network_designs, plants
from spatial.balance.power import Flexibility, match
from spatial.balance.tree import Tree, Uses
from spatial.scenario import ScenarioOptions, activity_of, adoption_table, read_scenario_tables

YEARS = np.arange(2017, 2031)
ELECTRICITY = CARRIERS.index("electricity")
DIESEL = CARRIERS.index("diesel")


@pytest.fixture(scope="module")
def tables() -> dict[str, pd.DataFrame]:
    findings = Findings()
    grown = np.linspace(1.0, 3.0, len(YEARS))
    made = read_scenario_tables({}, ScenarioOptions(), 2017, 2030, {"population": grown}, findings)
    findings.raise_errors()
    assert made is not None
    return {**made, "adoption": adoption_table(made["trend"], made["measures"], ScenarioOptions())}


def tree_of(tables: dict[str, pd.DataFrame], scenario: str, shown: tuple[int, ...] | None = None) -> Tree:
    lives = {
        str(subject): (float(median), float(shape))
        for subject, median, shape in tables["lives"][["subject", "median_a", "shape"]].to_numpy(dtype=object)
    }
    levels = dict.fromkeys(lives, np.ones(len(YEARS)))
    uses = Uses.of(tables["technology_use"], YEARS)
    return Tree(YEARS, shares_of(tables["adoption"], scenario), uses, lives, levels, shown=shown)


@pytest.fixture(scope="module")
def trees(tables: dict[str, pd.DataFrame]) -> dict[str, Tree]:
    return {name: tree_of(tables, name) for name in ("bau", "near_zero")}


def stock_of(rows: list[tuple[str, str, str, int, float]]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["parcel_id", "archetype", "vintage", "year_from", "floor_area_m2"])
    return frame.set_index(pd.Index([f"{p}|{a}" for p, a, *_ in rows], name="stock_id")).assign(
        unit_id="U1", form="tower"
    )


def test_official_grid_factors_are_met_and_years_between_interpolated() -> None:
    factors = grid_factor_t_mwh("zhejiang", np.array([2021, 2022, 2023]))
    np.testing.assert_allclose(factors, [0.5422, 0.5153, 0.4974])
    assert 0.4974 < grid_factor_t_mwh("zhejiang", np.array([2022]))[0] < 0.5422
    with pytest.raises(KeyError):
        path("grid.atlantis", YEARS)


def test_burning_gas_gives_the_tabulated_co2() -> None:
    # GB/T 51366-2019: 55.54 t/TJ; one MWh is 3.6 GJ.
    assert carrier_factor_t_mwh("natural_gas") == pytest.approx(55.54 * 3.6 / 1000.0)


def test_every_subject_of_the_shares_has_its_technologies(trees: dict[str, Tree]) -> None:
    for tree in trees.values():
        for subject in sorted({subject for subject, _ in tree.shares}):
            activity = activity_of(subject)
            if activity is not None:
                doing = tree.doing(subject, activity, subject.split(".", 1)[0])
                assert (doing.share >= 0.0).all()
                # Only what makes electricity beside something else gives any.
                gives = {
                    name for at, name in enumerate(doing.technologies) if (doing.use[:, at, ELECTRICITY] < 0.0).any()
                }
                assert gives <= {"chp", "cchp", "wte"}
                assert (np.delete(doing.use, ELECTRICITY, axis=2) >= 0.0).all()


def test_a_technology_without_a_known_use_is_a_fault(trees: dict[str, Tree]) -> None:
    shares = {**trees["bau"].shares, ("cars", "steam"): np.full(len(YEARS), 0.1)}
    bau = trees["bau"]
    with pytest.raises(KeyError, match="steam"):
        Tree(YEARS, shares, bau.uses, bau.lives, bau.levels).doing("cars", "cars", "transport")


def test_every_technology_can_be_named_by_a_measure(tables: dict[str, pd.DataFrame]) -> None:
    shared = set(tables["trend"]["technology"])
    assert not set(tables["technology_use"]["technology"]) - shared


def test_years_that_are_shown_are_years_of_the_whole(tables: dict[str, pd.DataFrame], trees: dict[str, Tree]) -> None:
    some = tree_of(tables, "near_zero", (0, 13))
    for subject, activity in (("residential.heating", "heating"), ("cars", "cars")):
        part, whole = (tree.doing(subject, activity, "residential") for tree in (some, trees["near_zero"]))
        np.testing.assert_array_equal(part.share, whole.share[[0, 13]])
        np.testing.assert_array_equal(part.use, whole.use[[0, 13]])
    np.testing.assert_array_equal(some.coverage("lamps"), trees["near_zero"].coverage("lamps")[[0, 13]])


def test_auxiliary_engines_emit_as_published(trees: dict[str, Tree]) -> None:
    # A call of 25 MWh; engines of ships at berth emit 0.64 to 0.72 kg/kWh, and shore power on the 2023 grid less.
    doing = trees["bau"].doing("berth_calls.auxiliary", "berth_calls.auxiliary", "port")
    at, call_kwh = 2023 - 2017, 14_750.0
    engine, shore = (doing.use[at, doing.technologies.index(name)] for name in ("auxiliary_engine", "shore_power"))
    per_mwh = engine[DIESEL] * carrier_factor_t_mwh("diesel") / call_kwh
    assert 0.64 < per_mwh < 0.72
    grid = grid_factor_t_mwh("zhejiang", np.array([2023]))[0]
    assert shore[ELECTRICITY] * grid / call_kwh < per_mwh


def test_a_container_emits_as_published(trees: dict[str, Tree]) -> None:
    # Budiyanto et al. 2021, doi 10.1038/s41598-021-84958-4: terminals emit 16 to 19 kg CO2 a TEU.
    names = sorted(name for name in trees["bau"].uses.technologies if name.startswith("port_handling."))
    kwh = np.sum([trees["bau"].doing(name, name, "port").carriers[0] for name in names], axis=0)
    kg = kwh[DIESEL] * carrier_factor_t_mwh("diesel")
    kg += kwh[ELECTRICITY] * grid_factor_t_mwh("zhejiang", np.array([2017]))[0]
    assert 16.0 <= kg <= 19.0


def test_floor_area_is_kept_by_vintage_shares(trees: dict[str, Tree]) -> None:
    stock = stock_of(
        [
            ("a", "office", "pre2001", 2017, 100.0),
            ("b", "office", "code2010", 2020, 50.0),
            ("c", "office", "code2021", 2025, 70.0),
        ]
    )
    for tree in trees.values():
        shares = vintage_shares(stock, tree)
        stands = (YEARS[None, :] >= stock["year_from"].to_numpy()[:, None]).astype(float)
        np.testing.assert_allclose(shares.sum(axis=2), stands, atol=1e-12)
        assert (shares >= -1e-12).all()


def test_retrofit_only_ever_moves_old_floor_area_to_the_present_code(trees: dict[str, Tree]) -> None:
    shares = vintage_shares(stock_of([("a", "office", "pre2001", 2017, 1.0)]), trees["bau"])[0]
    old = shares[:, VINTAGES.index("pre2001")]
    assert old[0] == pytest.approx(1.0)
    # One per cent a year of what is left.
    assert old[-1] == pytest.approx(0.99**13)
    assert (np.diff(old) <= 0.0).all()
    np.testing.assert_allclose(old + shares[:, VINTAGES.index("code2021")], 1.0)


def test_new_buildings_take_the_tiers_of_their_year_and_keep_them(trees: dict[str, Tree]) -> None:
    shares = vintage_shares(stock_of([("c", "office", "code2021", 2030, 1.0)]), trees["near_zero"])[0, -1]
    assert shares[VINTAGES.index("ultralow")] == pytest.approx(0.5)
    assert shares[VINTAGES.index("nzeb")] == pytest.approx(0.3)
    early = vintage_shares(stock_of([("c", "office", "code2021", 2020, 1.0)]), trees["near_zero"])[0, 3:]
    np.testing.assert_allclose(early, np.tile(early[0], (len(early), 1)))


def intensities() -> pd.DataFrame:
    given = {"heating": 10.0, "cooling_sensible": 30.0, "cooling_latent": 8.0, "lighting": 15.0}
    rows = [
        ("office", "tower", vintage, service, given.get(service, 0.0)) for vintage in VINTAGES for service in SERVICES
    ]
    return pd.DataFrame(rows, columns=["archetype", "form", "vintage", "service", "kwh_m2"])


def made_of(stock: pd.DataFrame, tree: Tree, *connected: str) -> Buildings:
    joined = pd.DataFrame({"network": list(connected), "parcel_id": "a", "connected": True})
    classes = Classes.of(stock, joined)
    return buildings_energy(useful_demand(classes, useful_cube(intensities(), ["office|tower"]), tree), tree)


def test_a_missing_profile_is_a_fault_and_not_a_gap() -> None:
    profiles = pd.DataFrame({"office|tower|code2010|heating": np.zeros(3)})
    with pytest.raises(KeyError):
        Profiles.of(profiles, ["office|tower"], {})


def test_hours_that_do_not_close_on_the_year_are_a_fault() -> None:
    yearly = np.array([100.0, 0.0])
    np.testing.assert_allclose(closing(yearly, np.tile([10.0, 0.0], (10, 1))), 1.0)
    with pytest.raises(ArithmeticError):
        closing(yearly, np.tile([9.0, 0.0], (10, 1)))


def test_lamps_and_controls_save_on_what_they_control_alone(trees: dict[str, Tree]) -> None:
    stock = stock_of([("a", "office", "code2021", 2017, 1000.0)])
    bau, plan = (made_of(stock, trees[name]).demand.services for name in ("bau", "near_zero"))
    lit = trees["near_zero"].coverage("lamps")
    np.testing.assert_allclose(
        plan["lighting"][0],
        bau["lighting"][0] * (1.0 - constants("spatial.balance", "constants.csv").value("lamps.saving") * lit),
        rtol=1e-12,
    )
    controlled = 1.0 - efficiency("bms") * trees["near_zero"].coverage("controls")
    np.testing.assert_allclose(plan["cooling"][0], bau["cooling"][0] * controlled, rtol=1e-12)
    np.testing.assert_allclose(plan["hot_water"], bau["hot_water"], rtol=1e-12)


def test_a_connected_building_takes_cold_and_no_electricity_for_it(trees: dict[str, Tree]) -> None:
    stock = stock_of([("a", "office", "code2021", 2017, 1000.0)])
    tree, at = trees["near_zero"], len(YEARS) - 1
    assert tree.coverage("district")[at] == pytest.approx(1.0)
    alone, joined = made_of(stock, tree).final()[0, at], made_of(stock, tree, "cooling").final()[0, at]
    kept = 1.0 - efficiency("bms") * tree.coverage("controls")[at]
    assert joined[CARRIERS.index("district_cold")] == pytest.approx(38.0 * kept)
    assert joined[CARRIERS.index("district_heat")] == 0.0
    chiller = made_of(stock, tree).carriers("service", "cooling")[at, ELECTRICITY]
    assert alone[ELECTRICITY] - joined[ELECTRICITY] == pytest.approx(38.0 * kept * chiller)
    # Nobody is connected before the network is built.
    assert made_of(stock, tree, "cooling").final()[0, 0, CARRIERS.index("district_cold")] == 0.0


def test_plants_take_what_is_delivered_lost_and_pumped(trees: dict[str, Tree]) -> None:
    summary = pd.DataFrame(
        {"network": ["cooling", "heating"], "delivered_mwh": [1000.0, 0.0], "loss_mwh": 50.0, "pumping_mwh": 20.0}
    )
    designs = network_designs(summary)
    # What delivers nothing is no network.
    assert set(designs) == {"cooling"}
    plant = plants(designs, trees["bau"])["cooling"]
    # Electric chillers of EER 5 alone, by trend.
    np.testing.assert_allclose(plant.use[:, ELECTRICITY], 0.2 * 1.05 + 0.02)
    assert [float(use[0]) for use in plant.electricity.values()] == pytest.approx([0.2 * 1.05])
    assert not plant.output


def levels_of(rows: list[tuple[str, str, float]]) -> Levels:
    frames = [
        pd.DataFrame(
            {"subsector": name, "unit_id": "U1", "parcel_id": "", "sector": sector, "activity_unit": "x",
             "year": YEARS, "activity": level}
        )
        for name, sector, level in rows
    ]  # fmt: skip
    return Levels.of(pd.concat(frames), YEARS)


def test_activities_are_linear_and_what_no_technology_does_takes_nothing(trees: dict[str, Tree]) -> None:
    one, twice = (
        activities(levels_of([("port_handling", "port", 1000.0 * factor), ("fairs", "service", 5.0)]), trees["bau"])
        for factor in (1.0, 2.0)
    )
    np.testing.assert_allclose(twice.final(), 2.0 * one.final())
    assert set(one.doings) == {"port_handling"}
    handled = one.final()[one.levels.positions["port_handling"][0], 0] / 1000.0
    # Half the yard cranes and all yard trucks burn diesel in the base year (11.95 and 15.94 kWh/TEU).
    assert handled[DIESEL] == pytest.approx(0.5 * 11.95 + 15.94)


def test_what_shifts_to_rail_leaves_the_road(trees: dict[str, Tree]) -> None:
    levels = levels_of([("trucks", "transport", 100.0), ("cars", "transport", 40.0), ("taxis", "transport", 10.0)])
    for tree in trees.values():
        found = activities(levels, tree)
        np.testing.assert_allclose(found.total("trucks") + found.total("rail_shift"), 100.0)
        np.testing.assert_allclose(found.total("rail_shift"), 100.0 * tree.coverage("rail_shift"))
        on_rail = found.total("light_rail")
        np.testing.assert_allclose(found.total("cars") + found.total("taxis") + on_rail, 50.0)
        np.testing.assert_allclose(on_rail, 50.0 * tree.coverage("light_rail"))


def test_years_after_the_last_are_as_the_last(trees: dict[str, Tree]) -> None:
    rows = levels_of([("cars", "transport", 40.0)])
    frame = rows.rows.iloc[[0]].merge(pd.DataFrame({"year": [2017, 2018], "activity": [1.0, 2.0]}), how="cross")
    np.testing.assert_allclose(Levels.of(frame, YEARS).totals()["cars"], [1.0, *[2.0] * 13])
    assert len(trees) == 2


def test_the_boundary_leaves_out_what_the_study_does() -> None:
    table = pd.DataFrame({"subsector": ["trucks", "berth_calls", "cars"]})
    assert list(boundary(table, Switches(trucks=False, berth_emissions=False))["subsector"]) == ["cars"]
    assert len(boundary(table, Switches())) == 3


Hours = st.lists(st.floats(0, 1e3), min_size=5, max_size=5)


@settings(deadline=None)
@given(use=Hours, made=Hours)
def test_electricity_closes_in_every_hour(use: list[float], made: list[float]) -> None:
    power = match(np.array([use]).T, {"pv_roof": np.array([made]).T})
    left = power.imported + power.generation["pv_roof"] - power.use - power.exported
    np.testing.assert_allclose(left, 0.0, atol=1e-9)
    assert (np.minimum(power.imported, power.exported) == 0.0).all()


@settings(deadline=None)
@given(
    use=Hours, made=Hours, moved=st.floats(0, 1), loss=st.floats(-0.1, 0.2), curtailed=st.floats(0, 1),
    used=st.floats(0, 1),
)  # fmt: skip
def test_electricity_of_the_year_closes_with_stores(
    use: list[float], made: list[float], moved: float, loss: float, curtailed: float, used: float
) -> None:
    moved, loss, curtailed = (np.array([value]) for value in (moved * used, loss * used, curtailed))
    flexible = Flexibility(moved, loss, curtailed, np.zeros(1))
    power = match(np.array([use]).T, {"pv_roof": np.array([made]).T}, flexible)
    ways_in = power.import_mwh + sum(made)
    ways_out = sum(use) + power.loss_mwh + power.curtailed_mwh + power.export_mwh
    np.testing.assert_allclose(ways_in, ways_out, atol=1e-8)
    assert (power.export_mwh >= -1e-9).all()
    assert (power.curtailed_mwh >= -1e-9).all()


def test_slack_is_positive_where_a_target_is_met() -> None:
    names = [target.indicator for target in default_targets().values()]
    values = {"co2_t": (100.0, 90.0), "co2_per_head_t": (2.0, 1.2), "energy_intensity_tce_10kcny": (0.1, 0.03),
              "renewable_share": (0.0, 0.8), "renewable_electricity_share": (0.0, 0.5)}  # fmt: skip
    table = pd.DataFrame(
        [
            ("near_zero", year, name, values[name][at], "x", "d", "义")
            for name in names
            for at, year in enumerate((2017, 2030))
        ],
        columns=["scenario", "year", "indicator", "value", "unit", "definition", "definition_zh"],
    )
    found = targets(table, BalanceOptions(), 2030).set_index("target")
    assert found["met"].to_dict() == {
        "co2_total": True, "co2_per_head": False, "energy_intensity": True, "renewable_share": True,
        "renewable_electricity": False,
    }  # fmt: skip
    assert found.loc["co2_total", "slack"] == pytest.approx(10.0)
