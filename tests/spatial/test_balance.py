"""The account: physics and bookkeeping on small zones made up for the purpose."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layers.tables.balance import CARRIERS
from layers.tables.demand import SERVICES
from layers.tables.stock import VINTAGES
from resources.factors import carrier_factor_t_mwh, grid_factor_t_mwh, path
from spatial.balance.account import _closing
from spatial.balance.activities import activity_energy
from spatial.balance.buildings import Connected, buildings_energy, vintage_shares
from spatial.balance.indicators import targets, waterfall
from spatial.balance.options import BalanceOptions, default_targets
from spatial.balance.power import Generation, match
from spatial.balance.tree import Tree, technologies
from spatial.scenario import ScenarioOptions, adoption_table, default_measures

YEARS = np.arange(2017, 2031)


@pytest.fixture(scope="module")
def trees() -> dict[str, Tree]:
    table = adoption_table(default_measures(), ScenarioOptions(), 2017, 2030)
    return {name: Tree.of(table, name) for name in ("bau", "near_zero")}


def stock_of(rows: list[tuple[str, str, str, int, float]]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["parcel_id", "archetype", "vintage", "year_from", "floor_area_m2"])
    return frame.set_index(pd.Index([f"{p}|{a}" for p, a, *_ in rows], name="stock_id")).assign(unit_id="U1")


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
    activities = {technology.activity for technology in technologies()}
    sectors = ("residential.", "service.", "industry.", "logistics.", "port.")
    for subject, _ in trees["near_zero"].shares:
        activity = subject.split(".", 1)[1] if subject.startswith(sectors) else subject
        if activity in activities:
            assert (trees["near_zero"].carriers(subject, activity) >= 0.0).all()


def test_every_technology_of_the_tree_can_be_named_by_a_measure(trees: dict[str, Tree]) -> None:
    shared = {technology for _, technology in trees["bau"].shares}
    assert {t.technology for t in technologies()} - shared == {"district", "grid"}


def test_auxiliary_engines_emit_as_published() -> None:
    # A call of 25 MWh; engines of ships at berth emit 0.64 to 0.72 kg/kWh, and shore power on the 2023 grid less.
    engine, shore = (t for t in technologies() if t.activity == "berth_calls.auxiliary")
    year, call_kwh = np.array([2023]), 14_750.0
    per_mwh = engine.intensity(year)[0] * carrier_factor_t_mwh("diesel") / call_kwh
    assert 0.64 < per_mwh < 0.72
    assert shore.intensity(year)[0] * grid_factor_t_mwh("zhejiang", year)[0] / call_kwh < per_mwh


def test_a_container_emits_as_published(trees: dict[str, Tree]) -> None:
    # Budiyanto et al. 2021, doi 10.1038/s41598-021-84958-4: terminals emit 16 to 19 kg CO2 a TEU.
    subjects = {
        technology.activity for technology in technologies() if technology.activity.startswith("port_handling.")
    }
    kwh = np.sum([trees["bau"].carriers(subject, subject)[0] for subject in sorted(subjects)], axis=0)
    kg = kwh[CARRIERS.index("diesel")] * carrier_factor_t_mwh("diesel")
    kg += kwh[CARRIERS.index("electricity")] * grid_factor_t_mwh("zhejiang", np.array([2017]))[0]
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


def test_new_buildings_take_the_tiers_of_their_year(trees: dict[str, Tree]) -> None:
    shares = vintage_shares(stock_of([("c", "office", "code2021", 2030, 1.0)]), trees["near_zero"])[0, -1]
    assert shares[VINTAGES.index("ultralow")] == pytest.approx(0.5)
    assert shares[VINTAGES.index("nzeb")] == pytest.approx(0.3)


def intensities() -> pd.DataFrame:
    given = {"heating": 10.0, "cooling_sensible": 30.0, "cooling_latent": 8.0, "lighting": 15.0}
    rows = [("office", vintage, service, given.get(service, 0.0)) for vintage in VINTAGES for service in SERVICES]
    return pd.DataFrame(rows, columns=["archetype", "vintage", "service", "kwh_m2"])


def test_a_missing_profile_is_a_fault_and_not_a_gap(trees: dict[str, Tree]) -> None:
    stock = stock_of([("a", "office", "code2010", 2017, 1000.0)])
    with pytest.raises(KeyError):
        buildings_energy(stock, pd.Series({"office": "service"}), intensities(), [], trees["bau"], Connected({}, {}))


def test_hours_that_do_not_close_on_the_year_are_a_fault() -> None:
    energy = np.zeros((1, 1, len(CARRIERS)))
    energy[0, 0, CARRIERS.index("electricity")] = 100.0
    assert _closing(energy, {}, np.full((10, 1), 10.0))[0] == pytest.approx(1.0)
    with pytest.raises(ArithmeticError):
        _closing(energy, {}, np.full((10, 1), 9.0))


def test_hourly_weights_carry_the_same_electricity_as_the_account(trees: dict[str, Tree]) -> None:
    stock = stock_of([("a", "office", "code2010", 2017, 1000.0), ("b", "office", "code2021", 2024, 500.0)])
    table = intensities()
    columns = [f"{a}|{v}|{s}" for a, v, s in table[["archetype", "vintage", "service"]].to_numpy()]
    nobody = Connected({}, {})
    made = buildings_energy(stock, pd.Series({"office": "service"}), table, columns, trees["bau"], nobody)
    by_hour = table["kwh_m2"].to_numpy() @ made.hourly_weights / 1000.0
    np.testing.assert_allclose(made.energy_mwh[:, :, CARRIERS.index("electricity")].sum(axis=0), by_hour, rtol=1e-12)


def test_a_connected_row_takes_cold_and_no_electricity_for_it(trees: dict[str, Tree]) -> None:
    stock = stock_of([("a", "office", "code2010", 2017, 1000.0)])
    table = intensities()
    served = Connected({"cooling": np.ones((1, len(YEARS)))}, {"district_cold": 0.25})
    columns = [f"{a}|{v}|{s}" for a, v, s in table[["archetype", "vintage", "service"]].to_numpy()]
    made = buildings_energy(stock, pd.Series({"office": "service"}), table, columns, trees["bau"], served)
    cold = made.energy_mwh[0, 0, CARRIERS.index("district_cold")]
    assert cold == pytest.approx(38.0)
    nobody = Connected({}, {})
    alone = buildings_energy(stock, pd.Series({"office": "service"}), table, columns, trees["bau"], nobody)
    electricity = CARRIERS.index("electricity")
    assert made.energy_mwh[0, 0, electricity] < alone.energy_mwh[0, 0, electricity]


def test_activities_are_linear_and_unknown_subsectors_take_nothing(trees: dict[str, Tree]) -> None:
    rows = [
        (name, "U1", "", "port", year, level)
        for name, level in (("port_handling", 1000.0), ("msw", 5.0))
        for year in YEARS
    ]
    columns = ["subsector", "unit_id", "parcel_id", "sector", "year", "activity"]
    one = activity_energy(pd.DataFrame(rows, columns=columns), trees["bau"])
    twice = pd.DataFrame(rows, columns=columns).assign(activity=lambda frame: frame["activity"] * 2.0)
    np.testing.assert_allclose(activity_energy(twice, trees["bau"]).energy_mwh, 2.0 * one.energy_mwh)
    assert list(one.rows["subsector"]) == ["port_handling"]
    # Half the yard cranes and all yard trucks burn diesel in the base year (11.95 and 15.94 kWh/TEU).
    assert one.energy_mwh[0, 0, CARRIERS.index("diesel")] == pytest.approx(0.5 * 11.95 + 15.94)


@settings(deadline=None)
@given(
    use=st.lists(st.floats(0, 1e3), min_size=5, max_size=5), made=st.lists(st.floats(0, 1e3), min_size=5, max_size=5)
)
def test_electricity_closes_in_every_hour(use: list[float], made: list[float]) -> None:
    power = match(np.array([use]).T, Generation({"pv_roof": np.array([made]).T}))
    left = power.imported + power.generation.total - power.use - power.exported
    np.testing.assert_allclose(left, 0.0, atol=1e-9)
    assert (np.minimum(power.imported, power.exported) == 0.0).all()


def small_balance() -> pd.DataFrame:
    rows = [
        (scenario, year, "U1", sector, "electricity", 1.0, co2)
        for scenario, year, factor in (
            ("bau", 2017, 1.0),
            ("bau", 2030, 2.0),
            ("near_zero", 2017, 1.0),
            ("near_zero", 2030, 0.3),
        )
        for sector, co2 in (("residential", 10.0 * factor), ("port", 5.0 * factor**2))
    ]
    return pd.DataFrame(rows, columns=["scenario", "year", "unit_id", "sector", "carrier", "energy_mwh", "co2_t"])


def test_waterfall_closes_exactly() -> None:
    steps = waterfall(small_balance(), ["bau", "near_zero"]).set_index("step")["co2_t"]
    changes = steps[steps.index.str.startswith("bau.")].sum()
    assert steps["base_year"] + changes == pytest.approx(steps["bau"], rel=1e-12)
    changes = steps[steps.index.str.startswith("near_zero.")].sum()
    assert steps["bau"] + changes == pytest.approx(steps["near_zero"], rel=1e-12)


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
    found = targets(table, BalanceOptions()).set_index("target")
    assert found["met"].to_dict() == {
        "co2_total": True, "co2_per_head": False, "energy_intensity": True, "renewable_share": True,
        "renewable_electricity": False,
    }  # fmt: skip
    assert found.loc["co2_total", "slack"] == pytest.approx(10.0)
