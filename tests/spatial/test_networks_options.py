"""What networks may be told: options, alternatives in the building, faults of tables, and the verdict in words."""

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from pydantic import ValidationError

from layers.errors import InputError
from network_town import CRS, town
from resources.prices import carrier_price_cny_mwh
from resources.technology import technology
from spatial.networks import CarrierOptions, NetworkOptions, design_networks, explain, unmet
from spatial.networks.alternatives import individual
from spatial.networks.pipes import catalogue
from spatial.networks.tree import Engineer, Load, diversity, hang


def test_different_or_geographic_crs_are_refused() -> None:
    streets, parcels, demand = town(3)
    with pytest.raises(ValueError, match="share one projected CRS"):
        design_networks(streets.to_crs("EPSG:4326"), parcels, demand, 2030)


def test_parcels_named_but_not_in_the_plan_are_told_all_at_once() -> None:
    site = {"parcel_id": "nowhere", "network": "heating"}
    options = NetworkOptions.model_validate({"joined_parcels": ["p001", "gone", "lost"], "sites": [site]})
    with pytest.raises(InputError) as told:
        design_networks(*town(3), 2030, options)
    assert [(fault.column, fault.problem.split()[-1]) for fault in told.value.faults] == [
        ("networks.joined_parcels", "'gone'"),
        ("networks.joined_parcels", "'lost'"),
        ("networks.sites", "'nowhere'"),
    ]


def test_diversity_is_that_of_winter() -> None:
    options = NetworkOptions()
    # a + b / (1 + (n / c) ** d) at n = c is a + b / 2
    assert float(diversity(53.84382392, "heating", options)) == pytest.approx(0.449677646 + 0.551234688 / 2, abs=1e-8)
    assert float(diversity(1, "heating", options)) == float(diversity(1, "cooling", options)) == 1.0
    assert float(diversity(1e6, "cooling", options)) == pytest.approx(0.75, abs=1e-6)
    curve = diversity(np.arange(1, 500), "heating", options)
    assert np.all(np.diff(curve) <= 0.0)


def test_a_study_may_set_one_number_of_a_network() -> None:
    options = NetworkOptions.model_validate({"heating": {"price_cny_kwh": 0.4}})
    assert options.heating == CarrierOptions.standard("heating").model_copy(update={"price_cny_kwh": 0.4})
    assert options.cooling == CarrierOptions.standard("cooling")
    assert "required" not in NetworkOptions.model_json_schema()["$defs"]["CarrierOptions"]
    with pytest.raises(ValidationError):
        NetworkOptions.model_validate({"heating": {"prise": 0.4}})


def test_options_refuse_what_cannot_be() -> None:
    with pytest.raises(ValidationError, match="must differ"):
        CarrierOptions(**{**CarrierOptions.standard("heating").model_dump(), "return_c": 60.0})
    for wrong in ({"gap_m": -1.0}, {"first_year": 22}, {"first_year": 2022.5}):
        with pytest.raises(ValidationError):
            NetworkOptions.model_validate(wrong)
    with pytest.raises(ValidationError, match="nobody is served"):
        NetworkOptions(head_max_pa=50_000.0)
    with pytest.raises(ValidationError):
        NetworkOptions(unknown=1)


@pytest.mark.parametrize("kind", ["split_units", "own_heat_pump", "gas_boiler"])
def test_the_alternative_in_the_building_prices_joining(kind: str) -> None:
    options = NetworkOptions.model_validate({"heating": {"alternative": kind}})
    instead = individual("heating", options, 2030, 0.4)
    equipment = technology({"split_units": "ashp_split", "own_heat_pump": "ashp_module"}.get(kind, kind))
    price = carrier_price_cny_mwh("natural_gas", "service") if kind == "gas_boiler" else 720.0
    assert instead.cny_mwh == pytest.approx(price / equipment.efficiency)
    # units that cool anyway need not be bought again for heat
    assert (instead.cny_kw == 0.0) == (kind == "split_units")
    if kind != "gas_boiler":
        assert instead.t_mwh == pytest.approx(0.4 / equipment.efficiency)
    with pytest.raises(ValidationError, match="does not cool"):
        NetworkOptions.model_validate({"cooling": {"alternative": "gas_boiler"}})


def test_a_return_warmer_than_the_ground_spares_cold() -> None:
    """Supply at 5 and return at 18 C in ground of 10 C: together the pipes lose more heat than they take up."""
    losses = {}
    for ground in (10.0, 11.5, 17.0):
        options = NetworkOptions.model_validate({"ground_c": ground, "cooling": {"supply_c": 5.0, "return_c": 18.0}})
        tree = hang(0, np.array([[0, 1]]), np.array([100.0]), np.array([0]))
        load = Load.of(np.array([1]), np.array([600.0]), np.array([500.0]), np.ones(1), 2)
        sized = Engineer("cooling", options).size(tree, load)
        per_k = catalogue(2).loss_w_mk[sized.size[1]] * 100.0 * options.cooling.hours_a / 1e6
        losses[ground] = sized.loss_mwh[1] / per_k
    assert losses == pytest.approx({10.0: 0.0, 11.5: 0.0, 17.0: 12.0 - 1.0}, abs=1e-9)


def test_the_verdict_in_words() -> None:
    summary = pd.DataFrame(
        {
            "network": ["heating", "cooling"],
            "parcels_connected": [0, 90],
            "plants": [0, 4],
            "delivered_mwh": [0.0, 262_310.0],
            "cost_cny_mwh": [np.nan, 491.6],
            "alternative_cny_mwh": [np.nan, 750.0],
        }
    )
    left_out = {"too_sparse": 639, "too_costly": 124, "too_far": 97}
    reasons = [("heating", reason) for reason, number in left_out.items() for _ in range(number)]
    reasons += [("cooling", "")] * 90 + [("cooling", "no_street")]
    connections = pd.DataFrame(reasons, columns=["network", "reason"])
    connections["connected"] = connections["reason"] == ""
    assert explain(summary, connections) == [
        "heating: no network pays; 124 parcels too costly, 97 too far, 639 too sparse",
        "cooling: 90 parcels by 4 plants, 262 GWh, 492 CNY/MWh instead of 750; left out: 1 parcel off the streets",
    ]


@pytest.mark.parametrize(
    ("reason", "told"),
    [
        ("too_costly", "no network pays; 1 parcel too costly"),
        ("too_sparse", "no network; 1 parcel too sparse"),
        ("no_street", "no network; 1 parcel off the streets"),
        (None, "no network; no parcel has demand"),
    ],
)
def test_why_there_is_no_network(reason: str | None, told: str) -> None:
    summary = pd.DataFrame(
        {
            "network": ["cooling"],
            "parcels_connected": 0,
            "plants": 0,
            "delivered_mwh": 0.0,
            "cost_cny_mwh": np.nan,
            "alternative_cny_mwh": np.nan,
        }
    )
    rows = pd.DataFrame({"network": ["cooling"], "connected": False, "reason": reason}).dropna()
    assert explain(summary, rows) == [f"cooling: {told}"]


def test_a_small_network_is_told_in_small_numbers() -> None:
    summary = pd.DataFrame(
        {
            "network": ["heating"],
            "parcels_connected": 1,
            "plants": 1,
            "delivered_mwh": 420.0,
            "cost_cny_mwh": 1_234.5,
            "alternative_cny_mwh": 1_500.0,
        }
    )
    rows = pd.DataFrame({"network": ["heating"], "connected": True, "reason": ""})
    assert explain(summary, rows) == ["heating: 1 parcel by 1 plant, 0.42 GWh, 1,234 CNY/MWh instead of 1,500"]


@pytest.mark.parametrize(
    ("told", "says"),
    [
        ({"heating": {"supply_c": 30.0, "return_c": 60.0}}, "must exceed heating.return_c"),
        ({"cooling": {"supply_c": 13.0, "return_c": 5.0}}, "below cooling.return_c"),
        ({"heating": {"supply_c": 170.0}}, "less than or equal to 150"),
        ({"ground_c": float("nan")}, "finite"),
        ({"ground_c": -300.0}, "greater than or equal to -30"),
        ({"prices_cny_kwh": []}, "at least 1"),
        ({"prices_cny_kwh": [0.3, 0.3]}, "each price once"),
        ({"prices_cny_kwh": [-0.1]}, "greater than or equal to 0"),
        ({"roughness_mm": 1000.0}, "less than or equal to 5"),
        ({"sites": [{"parcel_id": "a", "network": "heating"}] * 2}, "give each once"),
    ],
)
def test_options_that_no_network_can_have_are_refused(told: dict[str, Any], says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        NetworkOptions.model_validate(told)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -1.0])
@pytest.mark.parametrize("column", ["cooling_mwh", "heating_peak_kw", "floor_area_m2"])
def test_demand_that_is_no_number_is_named(column: str, value: float) -> None:
    streets, parcels, demand = town(3)
    demand.loc[4, column] = value
    with pytest.raises(ValueError, match=f"{column} must be a number >= 0.*p004"):
        design_networks(streets, parcels, demand, 2030)


def test_parcels_and_demand_told_twice_or_not_at_all_are_named() -> None:
    streets, parcels, demand = town(3)
    with pytest.raises(ValueError, match=r"parcels stand twice.*p003"):
        design_networks(streets, pd.concat([parcels, parcels.loc[["p003"]]]), demand, 2030)
    with pytest.raises(ValueError, match=r"demand_parcels: parcels stand twice.*p002"):
        design_networks(streets, parcels, pd.concat([demand, demand.iloc[[2]]]), 2030)
    with pytest.raises(ValueError, match=r"columns are missing.*cooling_mwh"):
        design_networks(streets, parcels, demand.drop(columns="cooling_mwh"), 2030)


def test_all_columns_that_are_missing_are_named_at_once() -> None:
    streets, parcels, demand = town(3)
    of_parcels, of_demand = ["landuse", "area_m2", "phase_year"], ["year", "floor_area_m2", "cooling_peak_kw"]
    with pytest.raises(ValueError, match="columns are missing") as told:
        design_networks(
            streets.drop(columns="road_class"),
            parcels.drop(columns=of_parcels).rename_axis(None),
            demand.drop(columns=of_demand),
            2030,
        )
    assert str(told.value) == (
        "streets: columns are missing (road_class); "
        "parcels: columns are missing (parcel_id, landuse, area_m2, phase_year); "
        "demand_parcels: columns are missing (year, floor_area_m2, cooling_peak_kw)"
    )


@pytest.mark.parametrize(
    ("column", "value", "says"),
    [
        ("phase_year", np.nan, "phase_year must be a whole number from 1900 to 2200"),
        ("phase_year", 2022.5, "phase_year must be a whole number from 1900 to 2200"),
        ("phase_year", 22, "phase_year must be a whole number from 1900 to 2200"),
        ("area_m2", np.nan, "area_m2 must be a number >= 0"),
        ("area_m2", -1.0, "area_m2 must be a number >= 0"),
        ("landuse", None, "landuse must be text"),
        ("geometry", None, "parcels have no shape"),
        ("geometry", shapely.Polygon(), "parcels have no shape"),
    ],
)
def test_parcels_that_tell_nothing_of_use_are_named(column: str, value: Any, says: str) -> None:
    streets, parcels, demand = town(3)
    told = parcels[column].astype("object").to_numpy().copy()
    told[[0, 4]] = value
    parcels[column] = gpd.GeoSeries(told, parcels.index, CRS) if column == "geometry" else told
    parcels = parcels.infer_objects()
    with pytest.raises(ValueError, match=rf"{says} \(p000, p004\)"):
        design_networks(streets, parcels, demand, 2030)


def test_streets_at_no_level_are_named() -> None:
    streets, parcels, demand = town(3)
    streets["level"] = [0.0, np.nan, *[0.0] * 6]
    with pytest.raises(ValueError, match=r"streets: level must be a whole number \(s001\)"):
        design_networks(streets, parcels, demand, 2030)


def test_faults_of_all_tables_are_told_at_once() -> None:
    streets, parcels, demand = town(3)
    parcels.loc["p003", "area_m2"] = np.nan
    demand.loc[4, "cooling_mwh"] = np.nan
    with pytest.raises(ValueError, match=r"area_m2 .* \(p003\); .*cooling_mwh .* \(p004\)"):
        design_networks(streets, parcels, demand, 2030)


@pytest.mark.parametrize("network", ["heating", "cooling"])
def test_energy_without_a_peak_is_no_demand(network: str) -> None:
    """What is taken in a year has an hour in which most is taken."""
    streets, parcels, demand = town(3)
    demand[f"{network}_peak_kw"] = 0.0
    with pytest.raises(ValueError, match=rf"{network}_mwh without {network}_peak_kw \(p000, .* and 3 more\)"):
        design_networks(streets, parcels, demand, 2030)
    # nobody asks for a peak of what nobody takes
    demand[f"{network}_mwh"] = demand["hot_water_mwh"] = 0.0
    assert network not in set(design_networks(streets, parcels, demand, 2030).connections["network"])


def test_demand_of_other_parcels_or_years_is_named_with_what_there_is() -> None:
    streets, parcels, demand = town(3)
    strangers = demand.iloc[:2].assign(parcel_id=["x1", "x2"])
    with pytest.raises(ValueError, match=r"demand_parcels: parcels are not in the plan \(x1, x2\)"):
        design_networks(streets, parcels, pd.concat([demand, strangers]), 2030)
    both = pd.concat([demand.assign(year=2022), demand])
    with pytest.raises(ValueError, match=r"demand_parcels: no row is of 2035, but of \(2022, 2030\)"):
        design_networks(streets, parcels, both, 2035)


def test_parcels_without_demand_need_no_row_and_tables_may_be_indexed_by_their_keys() -> None:
    streets, parcels, demand = town(4)
    whole = design_networks(streets, parcels, demand, 2030)
    some = demand[demand["floor_area_m2"] > 0.0].set_index(["parcel_id", "year"])
    again = design_networks(streets, parcels.reset_index(), some, 2030)
    pd.testing.assert_frame_equal(pd.DataFrame(again.connections), pd.DataFrame(whole.connections))
    assert len(design_networks(streets, parcels, demand.iloc[:0], 2030).connections) == 0


def test_sites_that_no_street_reaches_are_told_all_at_once() -> None:
    streets, parcels, demand = town(4)
    moved = parcels.geometry.to_numpy().copy()
    moved[0] = shapely.box(-900.0, -900.0, -800.0, -800.0)  # no street at all
    moved[1] = shapely.box(3010.0, 10.0, 3110.0, 110.0)  # along a motorway
    moved[2] = shapely.box(5010.0, 10.0, 5110.0, 110.0)  # a street of its own
    parcels = parcels.set_geometry(gpd.GeoSeries(moved, index=parcels.index, crs=CRS))
    lines = [shapely.LineString([(x, 0.0), (x + 200.0, 0.0)]) for x in (3000.0, 5000.0)]
    apart = gpd.GeoDataFrame(
        {"name": "", "road_class": ["motorway", "local"]}, index=["fast", "own"], geometry=lines, crs=CRS
    )
    named = [(one, network) for one in ("p001", "p002", "p000", "p005") for network in ("heating", "cooling")]
    sites = [{"parcel_id": one, "network": network} for one, network in named]
    with pytest.raises(InputError) as told:
        design_networks(
            pd.concat([streets, apart]), parcels, demand, 2030, NetworkOptions.model_validate({"sites": sites})
        )
    faults = told.value.faults
    assert {fault.column for fault in faults} == {"networks.sites"}
    # a piece of streets that hangs together with no other may still hold a plant
    assert [fault.problem for fault in faults] == [
        "no street reaches parcel 'p000' (no_street)",
        "no street reaches parcel 'p001' (forbidden)",
    ]


def test_land_in_another_crs_is_refused() -> None:
    streets, parcels, demand = town(3)
    land = gpd.GeoDataFrame(geometry=[parcels.union_all().convex_hull], crs=parcels.crs)
    with pytest.raises(ValueError, match=r"land \(EPSG:4326\)"):
        design_networks(streets, parcels, demand, 2030, land_area=land.to_crs("EPSG:4326"))


def test_free_electricity_still_is_used_and_emits() -> None:
    """The electricity of plants follows from what they make, whatever it costs."""
    streets, parcels, demand = town(5)
    made = design_networks(streets, parcels, demand, 2030, NetworkOptions(electricity_cny_kwh=0.0), 0.5)
    row = made.network_summary.set_index("network").loc["cooling"]
    electricity = (row["delivered_mwh"] + row["loss_mwh"]) / NetworkOptions().cooling.plant_cop
    assert row["plant_electricity_mwh"] == pytest.approx(electricity) != 0.0
    assert row["co2_t"] == pytest.approx(0.5 * (electricity + row["pumping_mwh"]))


def test_a_plant_grows_no_less_when_many_small_consumers_come() -> None:
    """Many small substations behind a large consumer's peak do not flatten it."""
    streets, parcels, demand = town(3, utility=False)
    keep = demand.iloc[[3, 4]].assign(
        floor_area_m2=[20_000.0, 900_000.0], cooling_mwh=[9_000.0, 2_000.0], cooling_peak_kw=[5_000.0, 400.0]
    )
    parcels.loc["p003", "phase_year"], parcels.loc["p004", "phase_year"] = 2022, 2028
    made = design_networks(streets, parcels, keep, 2030, NetworkOptions(join="forced"))
    cold = made.network_phases[made.network_phases["network"] == "cooling"]
    assert cold["year"].tolist() == [2022, 2028]
    assert 0.0 < cold["peak_kw"].iloc[1] - cold["peak_kw"].iloc[0] <= 400.0
    assert cold["plant_capex_cny"].iloc[1] > 0.0


def test_who_is_left_out_for_want_of_a_plant_is_told_so() -> None:
    streets, parcels, demand = town(4)
    options = NetworkOptions(join="forced", station_kw=300.0, consumer_sites=0)
    connections = design_networks(streets, parcels, demand, 2030, options).connections
    cold = connections[(connections["network"] == "cooling") & (connections["reason"] != "too_sparse")]
    assert set(cold["reason"]) <= {"", "no_capacity"}
    assert (cold["reason"] == "no_capacity").any()


def test_nobody_who_is_served_is_listed_as_out_of_reach() -> None:
    streets, parcels, demand = town(6)
    streets["road_class"] = ["motorway"] * 3 + ["local"] * (len(streets) - 3)
    made = design_networks(streets, parcels, demand, 2030)
    served = set(made.connections.loc[made.connections["connected"], "parcel_id"])
    assert served
    assert not served & set(made.unreachable_parcels["parcel_id"])


def test_whoever_could_join_at_a_cost_is_not_told_to_be_too_far() -> None:
    streets, parcels, demand = town(10)
    for head_pa in (250_000.0, 1_000_000.0):
        options = NetworkOptions(head_max_pa=head_pa, consumer_sites=0)
        connections = design_networks(streets, parcels, demand, 2030, options).connections
        left = connections[~connections["connected"] & (connections["reason"] != "too_sparse")]
        assert (left["reason"].isin({"too_far", "no_capacity"}) == left["joining_cny"].isna()).all()


def test_orders_that_cannot_be_kept_are_told() -> None:
    streets, parcels, demand = town(4)
    options = NetworkOptions(joined_parcels=("p007", "bare"), station_kw=300.0, consumer_sites=0)
    bare = parcels.loc[["p007"]].rename(index={"p007": "bare"})
    made = design_networks(streets, pd.concat([parcels, bare]), demand, 2030, options)
    told = unmet(made.connections, options.joined_parcels)
    assert "p007 cannot join cooling: it is beyond what plants can make" in told
    assert told[-1] == "bare joins no network: it has no demand"
    kept = made.connections[made.connections["connected"]]
    assert unmet(made.connections, tuple(set(kept["parcel_id"]))) == [] or len(kept) == 0


def test_a_named_site_is_a_further_choice() -> None:
    """Waste heat too small for all does not take the place of the usual plant on the same parcel."""
    gained = {}
    for capacity in (None, 1000.0, 1.0):
        sites = [] if capacity is None else [{"parcel_id": "p014", "network": "heating", "capacity_kw": capacity}]
        options = NetworkOptions.model_validate({"heating": {"price_cny_kwh": 0.4}, "sites": sites})
        heat = design_networks(*town(6), 2030, options).network_summary.set_index("network").loc["heating"]
        gained[capacity] = (heat["alternative_cny_mwh"] - heat["cost_cny_mwh"]) * heat["delivered_mwh"]
    assert gained[None] > 0.0
    assert min(gained[1000.0], gained[1.0]) >= 0.999 * gained[None]


def test_what_no_design_can_use_is_refused_at_once() -> None:
    with pytest.raises(ValidationError, match="greater than or equal to 1"):
        NetworkOptions(pa_per_m=0.5)
    streets, parcels, demand = town(3)
    for wrong in (np.nan, -1.0):
        with pytest.raises(ValueError, match="grid_t_mwh must be a number >= 0"):
            design_networks(streets, parcels, demand, 2030, grid_t_mwh=wrong)
    with pytest.raises(ValueError, match="cooling_mwh beyond cooling_peak_kw in every hour"):
        design_networks(streets, parcels, demand.assign(cooling_peak_kw=1e-3), 2030)
