"""Whole networks on a made-up town: contracts, physics, economics and what must not matter."""

import re
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from layers.tables.networks import (
    CONNECTIONS,
    NETWORK_PHASES,
    NETWORK_PRICES,
    NETWORK_SUMMARY,
    PIPES,
    STATIONS,
    STREET_REPAIRS,
    UNREACHABLE_PARCELS,
)
from network_town import CRS, ONE_PLANT, STEP_M, conserving, paying, town
from spatial.networks import CarrierOptions, NetworkOptions, design_networks, explain
from spatial.networks.hydraulics.pipe import pressure_gradient_pa_m, velocity_m_s, water
from spatial.networks.pipes import catalogue
from spatial.networks.tree import Engineer, Load, hang


@pytest.fixture(scope="module")
def designed() -> Any:
    return design_networks(*town(), 2030, paying())


def test_tables_keep_their_contracts(designed: Any) -> None:
    tables = (PIPES, STATIONS, CONNECTIONS, NETWORK_SUMMARY, NETWORK_PHASES, NETWORK_PRICES, STREET_REPAIRS)
    for table, frame in zip((*tables, UNREACHABLE_PARCELS), designed, strict=True):
        assert table.faults(frame) == []
    pipes, stations, connections, summary = designed[:4]
    assert pipes.crs == stations.crs == CRS
    assert summary["network"].tolist() == ["heating", "cooling"]
    assert set(stations.loc[stations["network"] == "cooling", "parcel_id"]) == {"p018"}
    assert connections.groupby("network").size().to_dict() == {"cooling": 63, "heating": 63}


def test_inputs_are_not_touched() -> None:
    given_tables = town()
    copies = [table.copy(deep=True) for table in given_tables]
    design_networks(*given_tables, 2030)
    for table, copy in zip(given_tables, copies, strict=True):
        pd.testing.assert_frame_equal(pd.DataFrame(table), pd.DataFrame(copy))


def test_summary_agrees_with_the_other_tables(designed: Any) -> None:
    pipes, stations, connections, summary = designed[:4]
    for row in summary.itertuples():
        mine = pipes[pipes["network"] == row.network]
        joined = connections[(connections["network"] == row.network) & connections["connected"]]
        everyone = connections[connections["network"] == row.network]
        assert row.trench_m == pytest.approx(mine["length_m"].sum(), rel=1e-9)
        assert row.trench_m == pytest.approx(mine.length.sum(), rel=1e-6)
        assert 0.0 < row.layout_bound_cny <= row.layout_cny
        assert row.loss_mwh == pytest.approx(mine["loss_mwh"].sum(), rel=1e-9)
        assert row.delivered_mwh == pytest.approx(joined["demand_mwh"].sum(), rel=1e-9)
        assert row.connected_share == pytest.approx(row.delivered_mwh / everyone["demand_mwh"].sum(), rel=1e-9)
        assert row.parcels_connected == len(joined) > 0
        own = stations[stations["network"] == row.network]
        assert row.peak_kw == pytest.approx(own["capacity_kw"].sum(), rel=1e-12)
        assert row.plants == len(own)
        assert set(joined["station_id"]) <= set(own["station_id"])
        assert row.head_pa == own["head_pa"].max()
        assert row.cost_cny_mwh < row.alternative_cny_mwh
    assert (connections["reason"] == "").equals(connections["connected"])


def test_the_plant_of_the_summary_is_the_one_the_network_was_priced_with() -> None:
    streets, parcels, demand = town()
    costs = []
    for heat_cop, cold_cop in ((4.2, 5.0), (3.0, 6.0)):
        options = NetworkOptions(
            heating=CarrierOptions.standard("heating").model_copy(update={"price_cny_kwh": 0.9, "plant_cop": heat_cop}),
            cooling=CarrierOptions.standard("cooling").model_copy(update={"plant_cop": cold_cop}),
        )
        _, _, connections, summary = design_networks(streets, parcels, demand, 2030, options)[:4]
        summary = summary.set_index("network")
        cop = pd.Series({"heating": heat_cop, "cooling": cold_cop})
        produced = summary["delivered_mwh"] + summary["loss_mwh"]
        assert (summary["plant_electricity_mwh"] * cop).to_dict() == pytest.approx(produced.to_dict())
        joined = connections.loc[connections["connected"] & (connections["network"] == "heating"), "parcel_id"]
        hot_water = demand.set_index("parcel_id")["hot_water_mwh"][joined].sum()
        assert summary["hot_water_mwh"].to_dict() == pytest.approx({"heating": hot_water, "cooling": 0.0})
        assert 0.0 < hot_water < summary["delivered_mwh"]["heating"]
        costs.append(summary["plant_electricity_mwh"] / summary["delivered_mwh"])
    assert costs[1]["heating"] > costs[0]["heating"]
    assert costs[1]["cooling"] < costs[0]["cooling"]


def test_every_pipe_is_within_its_limits_and_not_larger_than_needed(designed: Any) -> None:
    pipes, options, book = designed[0], NetworkOptions(), catalogue(2)
    limit = pipes["dn_mm"].map(dict(zip(book.dn_mm, book.velocity_m_s, strict=True)))
    assert (pipes["pressure_drop_pa_m"] <= options.pa_per_m * (1 + 1e-9)).all()
    assert (pipes["velocity_m_s"] <= limit * (1 + 1e-9)).all()
    # one size smaller, the same flow is faster by the ratio of areas and breaks the velocity or the friction limit
    smaller = dict(zip(book.dn_mm[1:], book.inner_m[:-1], strict=True))
    inner = dict(zip(book.dn_mm, book.inner_m, strict=True))
    for pipe in pipes[pipes["dn_mm"] > 20].itertuples():
        ratio = inner[pipe.dn_mm] / smaller[pipe.dn_mm]
        fastest = book.velocity_m_s[list(book.dn_mm).index(pipe.dn_mm) - 1]
        assert pipe.velocity_m_s * ratio**2 > fastest or pipe.pressure_drop_pa_m * ratio**5.5 > options.pa_per_m


def test_flow_follows_from_the_peak(designed: Any) -> None:
    pipes = designed[0]
    kelvin = pipes["network"].map({"heating": 30.0, "cooling": 8.0})
    assert np.allclose(pipes["peak_kw"] / (pipes["flow_kg_s"] * kelvin), 4.19, atol=0.02)


@settings(max_examples=6, deadline=None)
@given(seed=st.integers(0, 100))
def test_what_enters_a_node_leaves_it(seed: int) -> None:
    streets, parcels, demand = town(6, seed)
    pipes, stations, connections = design_networks(streets, parcels, demand, 2030, conserving())[:3]
    for station in stations.itertuples():
        mine = pipes[pipes["network"] == station.network]
        starts = shapely.get_coordinates(shapely.get_point(mine.geometry.to_numpy(), 0)).round(3)
        stops = shapely.get_coordinates(shapely.get_point(mine.geometry.to_numpy(), -1)).round(3)
        balance: dict[tuple[float, float], float] = {}
        for start, stop, peak in zip(starts, stops, mine["peak_kw"], strict=True):
            balance[tuple(start)] = balance.get(tuple(start), 0.0) - peak
            balance[tuple(stop)] = balance.get(tuple(stop), 0.0) + peak
        root = tuple(np.round(station.geometry.coords[0], 3))
        joined = connections[(connections["network"] == station.network) & connections["connected"]]
        assert sum(balance.values()) == pytest.approx(0.0, abs=1e-6)
        assert balance.pop(root, 0.0) <= 0.0
        shapes = parcels.geometry[joined["parcel_id"]]
        served = sum(kept for kept in balance.values() if kept > 1e-6)
        assert served <= joined["peak_kw"].sum() * (1 + 1e-9)
        for place, kept in balance.items():
            assert kept > -1e-6
            near = shapes.distance(shapely.Point(place)) < 20.0
            expected = joined["peak_kw"].to_numpy()[near]
            assert kept < 1e-6 or any(np.isclose(kept, part) for part in _subset_sums(expected))


def _subset_sums(values: Any) -> list[float]:
    sums = [0.0]
    for value in values:
        sums += [value + one for one in sums]
    return sums


def test_networks_are_trees_from_the_station(designed: Any) -> None:
    pipes, stations = designed[:2]
    for station in stations.itertuples():
        mine = pipes[pipes["network"] == station.network]
        starts = {tuple(at) for at in shapely.get_coordinates(shapely.get_point(mine.geometry.to_numpy(), 0)).round(3)}
        stops = [tuple(at) for at in shapely.get_coordinates(shapely.get_point(mine.geometry.to_numpy(), -1)).round(3)]
        assert len(set(stops)) == len(stops)
        assert starts - set(stops) == {tuple(np.round(station.geometry.coords[0], 3))}


def test_pipes_are_laid_with_the_first_parcel_behind_them(designed: Any) -> None:
    pipes, _, connections = designed[:3]
    _, parcels, _ = town()
    cooling = connections[(connections["network"] == "cooling") & connections["connected"]]
    years = parcels["phase_year"][cooling["parcel_id"]]
    mine = pipes[pipes["network"] == "cooling"]
    assert set(mine["phase_year"]) <= set(years)
    assert mine["phase_year"].min() == max(years.min(), NetworkOptions().first_year)
    follower = {tuple(np.round(line.coords[0], 3)): [] for line in mine.geometry}
    for pipe in mine.itertuples():
        follower[tuple(np.round(pipe.geometry.coords[0], 3))].append(pipe.phase_year)
    for pipe in mine.itertuples():
        behind = follower.get(tuple(np.round(pipe.geometry.coords[-1], 3)), [])
        assert all(pipe.phase_year <= year for year in behind)


@pytest.mark.parametrize(("first_year", "site_year"), [(2022, 2017), (2025, 2017), (2022, 2026), (2025, 2026)])
def test_no_pipe_is_laid_before_the_network_and_its_station_stand(first_year: int, site_year: int) -> None:
    streets, parcels, demand = town()
    parcels.loc["p018", "phase_year"] = site_year
    pipes, stations, connections = design_networks(
        streets, parcels, demand, 2030, NetworkOptions(first_year=first_year)
    )[:3]
    assert stations["parcel_id"].unique().tolist() == ["p018"]
    begun = max(first_year, site_year)
    joined = connections[(connections["network"] == "cooling") & connections["connected"]]
    years = parcels["phase_year"][joined["parcel_id"]]
    assert {2017, 2022, 2028} == set(years)
    assert pipes["phase_year"].min() == begun
    assert set(pipes["phase_year"]) <= {begun, 2028}
    assert (pipes["phase_year"] == 2028).any()


def test_names_and_order_of_rows_do_not_matter() -> None:
    streets, parcels, demand = town()
    first = design_networks(streets, parcels, demand, 2030)
    again = design_networks(
        streets.sample(frac=1, random_state=1), parcels.sample(frac=1, random_state=2),
        demand.sample(frac=1, random_state=3),
        2030,
    )  # fmt: skip
    for one, other in zip(first, again, strict=True):
        pd.testing.assert_frame_equal(pd.DataFrame(one), pd.DataFrame(other))
    renamed = {name: f"x{999 - at}" for at, name in enumerate(parcels.index)}
    third = design_networks(
        streets, parcels.rename(index=renamed), demand.assign(parcel_id=demand["parcel_id"].map(renamed)), 2030
    )
    pd.testing.assert_frame_equal(pd.DataFrame(first[0]), pd.DataFrame(third[0]))
    pd.testing.assert_frame_equal(first[3], third[3])


def test_dearer_pipes_and_lower_prices_join_fewer() -> None:
    streets, parcels, demand = town(8, 3, scale=0.4)
    shares = []
    for price in (0.75, 0.55, 0.4, 0.2):
        cooling = CarrierOptions.standard("cooling").model_copy(
            update={"price_cny_kwh": price, "density_min_kwh_m2": 5.0}
        )
        summary = design_networks(streets, parcels, demand, 2030, NetworkOptions(cooling=cooling))[3]
        shares.append(summary.set_index("network")["connected_share"]["cooling"])
    assert shares == sorted(shares, reverse=True)
    assert shares[0] > shares[2] > shares[3] == 0.0


def test_the_cost_of_a_network_stays_below_the_price_that_justified_it(designed: Any) -> None:
    summary = designed[3].set_index("network")
    assert 0.0 < summary["cost_cny_mwh"]["heating"] < 500.0
    assert 0.0 < summary["cost_cny_mwh"]["cooling"] < 750.0


def test_nothing_dense_is_an_empty_network_with_reasons() -> None:
    streets, parcels, demand = town(4, scale=0.02)
    made = design_networks(streets, parcels, demand, 2030)
    pipes, stations, connections, summary, repairs = *made[:4], made.street_repairs
    assert len(pipes) == len(stations) == 0
    assert pipes.crs == stations.crs == repairs.crs == CRS
    assert PIPES.faults(pipes) == STATIONS.faults(stations) == []
    assert set(connections["reason"]) == {"too_sparse"}
    assert NETWORK_SUMMARY.faults(summary) == []
    undefined = ["linear_density_mwh_m", "cost_cny_mwh", "alternative_cny_mwh"]
    assert summary[undefined].isna().all(axis=None)
    assert (summary.drop(columns=["network", *undefined]) == 0.0).all(axis=None)


def test_a_price_below_production_joins_nobody() -> None:
    heating = CarrierOptions.standard("heating").model_copy(update={"price_cny_kwh": 0.05})
    connections = design_networks(*town(5), 2030, NetworkOptions(heating=heating))[2]
    reasons = connections.loc[connections["network"] == "heating", "reason"]
    assert set(reasons) <= {"too_costly", "too_sparse"}
    assert (reasons == "too_costly").any()


def test_parcels_off_the_streets_are_listed_with_the_reason() -> None:
    streets, parcels, demand = town(6)
    moved = parcels.geometry.to_numpy().copy()
    moved[0] = shapely.box(-900, -900, -800, -800)  # no street at all
    moved[1] = shapely.box(3010, 10, 3110, 110)  # a street of its own, far away
    parcels = parcels.set_geometry(gpd.GeoSeries(moved, index=parcels.index, crs=CRS))
    island = gpd.GeoDataFrame(
        {"name": [""], "road_class": ["local"]},
        index=pd.Index(["island"], name="street_id"),
        geometry=[shapely.LineString([(3000, 0), (3200, 0)])],
        crs=CRS,
    )
    demand = demand.assign(
        cooling_mwh=demand["cooling_mwh"] + 5000.0, cooling_peak_kw=demand["cooling_peak_kw"] + 2500.0
    )
    connections = design_networks(pd.concat([streets, island]), parcels, demand, 2030)[2]
    reasons = connections[connections["network"] == "cooling"].set_index("parcel_id")["reason"]
    assert reasons["p000"] == "no_street"
    assert reasons["p001"] == "cut_off"


def test_nobody_beyond_the_reach_of_the_pump_is_served() -> None:
    streets, parcels, demand = town(10)
    weak = NetworkOptions(head_max_pa=250_000.0, consumer_sites=0)
    pipes, stations, connections = design_networks(streets, parcels, demand, 2030, weak)[:3]
    cooling = connections[connections["network"] == "cooling"]
    assert (cooling["reason"] == "too_far").any()
    assert cooling["connected"].any()
    mine = pipes[pipes["network"] == "cooling"]
    assert _worst_pa(mine, stations[stations["network"] == "cooling"].geometry.iloc[0], weak) <= weak.head_max_pa
    strong = design_networks(streets, parcels, demand, 2030, NetworkOptions(consumer_sites=0))[2]
    assert strong["connected"].sum() > connections["connected"].sum()


def _worst_pa(pipes: gpd.GeoDataFrame, station: shapely.Point, options: NetworkOptions) -> float:
    """The pressure to serve the worst consumer, summed along the pipes from the station anew."""
    behind: dict[tuple[float, float], list[tuple[tuple[float, float], float]]] = {}
    for pipe in pipes.itertuples():
        start, stop = (tuple(np.round(pipe.geometry.coords[at], 3)) for at in (0, -1))
        behind.setdefault(start, []).append((stop, pipe.pressure_drop_pa_m * pipe.length_m))
    worst, stack = 0.0, [(tuple(np.round(station.coords[0], 3)), 0.0)]
    while stack:
        place, lost = stack.pop()
        worst = max(worst, lost)
        stack += [(stop, lost + more) for stop, more in behind.get(place, [])]
    return 2.0 * worst * (1.0 + options.fittings_share) + options.substation_pa


def test_pumping_lies_between_substations_alone_and_the_worst_consumer_at_all_hours() -> None:
    options = conserving(**ONE_PLANT)
    pipes, stations, _, summary = design_networks(*town(), 2030, options)[:4]
    for row in summary.itertuples():
        mine = pipes[pipes["network"] == row.network]
        head = _worst_pa(mine, stations.set_index("network").geometry[row.network], options)
        cubic_metres = row.delivered_mwh * 3.6e9 / (4190.0 * options.carrier(row.network).difference_k) / 995.0
        per_pa = cubic_metres / options.pump_efficiency / 3.6e9
        assert options.substation_pa * per_pa * 0.98 < row.pumping_mwh < head * per_pa * 1.02


def test_pumping_through_one_pipe_by_hand() -> None:
    engineer = Engineer("cooling", NetworkOptions())
    tree = hang(0, np.array([[0, 1]]), np.array([500.0]), np.array([0]))
    load = Load.of(np.array([1]), np.array([900.0]), np.array([700.0]), np.ones(1), 2)
    sized = engineer.size(tree, load)
    fluid, options = engineer.fluid, engineer.options
    cubic_metres = 900.0 * 3.6e9 / (fluid.specific_heat * engineer.carrier.difference_k) / fluid.density
    pascals = 2.0 * sized.gradient_pa_m[1] * 500.0 * (1.0 + options.fittings_share) + options.substation_pa
    expected = pascals * cubic_metres / options.pump_efficiency / 3.6e9
    assert engineer.pumping_mwh(sized) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("price", [0.344, 0.36, 0.5])
def test_what_is_built_costs_no_more_than_it_brings(price: float) -> None:
    """The search and the summary price alike: a network that is chosen never costs more than what it replaces."""
    options = NetworkOptions.model_validate({"cooling": {"price_cny_kwh": price}, "pa_per_m": 300.0})
    made = design_networks(*town(6), 2030, options)
    for row in made.network_summary.itertuples():
        mine = made.connections[(made.connections["network"] == row.network) & made.connections["connected"]]
        engineer = Engineer(row.network, options)
        substations = mine["peak_kw"].sum() * options.substation_cny_kw * engineer.plant_rate
        lifts = row.delivered_mwh * engineer.substation_pump_cny_mwh
        if row.parcels_connected:
            assert row.cost_cny_mwh <= row.alternative_cny_mwh
            assert row.cost_cny_mwh * row.delivered_mwh == pytest.approx(row.layout_cny + substations + lifts, rel=1e-9)


def test_losses_follow_from_the_ground_temperature(designed: Any) -> None:
    pipes, options, book = designed[0], NetworkOptions(), catalogue(2)
    loss = pipes["dn_mm"].map(dict(zip(book.dn_mm, book.loss_w_mk, strict=True)))
    kelvin = pipes["network"].map({"heating": (60 - 17) + (30 - 17), "cooling": (17 - 5) + (17 - 13)})
    hours = pipes["network"].map({"heating": options.heating.hours_a, "cooling": options.cooling.hours_a})
    expected = loss * kelvin * pipes["length_m"] * pipes["parallel"] * hours / 1e6
    assert np.allclose(pipes["loss_mwh"], expected, rtol=1e-9)


def test_above_the_largest_pipe_equal_ones_lie_side_by_side() -> None:
    pipes = design_networks(*town(scale=12.0), 2030, paying(**ONE_PLANT))[0]
    options, book = NetworkOptions(), catalogue(2)
    inner = pipes["dn_mm"].map(dict(zip(book.dn_mm, book.inner_m, strict=True)))
    density = pipes["network"].map({"heating": water(45.0).density, "cooling": water(9.0).density})
    of_each = pipes["velocity_m_s"] * density * np.pi / 4.0 * inner**2
    assert np.allclose(of_each * pipes["parallel"], pipes["flow_kg_s"], rtol=1e-9)
    cost = pipes["dn_mm"].map(dict(zip(book.dn_mm, book.cost_cny_m, strict=True)))
    # soft ground of a parcel costs less to dig than the street
    dug = pipes["cost_cny"] / (cost * pipes["length_m"] * pipes["parallel"])
    assert ((dug > 0.8 - 1e-9) & (dug < 1.0 + 1e-9)).all()
    # one fewer, and of the largest diameter, would break the velocity or the friction limit
    more = pipes[(pipes["parallel"] > 1) & (pipes["network"] == "cooling")]
    assert len(more)
    flow = (more["flow_kg_s"] / (more["parallel"] - 1)).to_numpy()
    fast = velocity_m_s(flow, book.inner_m[-1], water(9.0).density) > book.velocity_m_s[-1]
    rough = pressure_gradient_pa_m(flow, book.inner_m[-1], options.roughness_mm / 1000.0, water(9.0))
    assert (fast | (rough > options.pa_per_m)).all()


def test_without_a_utility_parcel_a_consumer_in_the_middle_hosts_the_station() -> None:
    streets, parcels, demand = town(utility=False)
    _, stations, connections = design_networks(streets, parcels, demand, 2030)[:3]
    cooling = connections[(connections["network"] == "cooling") & connections["connected"]]
    host = stations.set_index("network")["parcel_id"]["cooling"]
    assert host in set(cooling["parcel_id"])
    assert parcels.geometry[host].distance(parcels.union_all().centroid) < 2.5 * STEP_M


@pytest.mark.parametrize("number", [1, 2])
def test_one_consumer_and_all_on_one_point(number: int) -> None:
    streets, parcels, demand = town(3, utility=False)
    keep = demand.iloc[[4] * number].assign(
        parcel_id=["p004", "twin"][:number], cooling_mwh=6000.0, cooling_peak_kw=900.0
    )
    twins = pd.concat([parcels, parcels.loc[["p004"]].rename(index={"p004": "twin"})])
    pipes, stations, connections, summary = design_networks(streets, twins, keep, 2030)[:4]
    cooling = summary.set_index("network").loc["cooling"]
    assert cooling["parcels_connected"] == number
    assert cooling["trench_m"] == 0.0
    assert np.isnan(cooling["linear_density_mwh_m"])
    assert cooling["cost_cny_mwh"] > 0.0
    assert len(pipes[pipes["network"] == "cooling"]) == 0
    assert stations.set_index("network")["capacity_kw"]["cooling"] > 0.0
    assert connections.loc[connections["network"] == "cooling", "connected"].all()


def test_no_streets_give_nothing() -> None:
    streets, parcels, demand = town(3)
    connections = design_networks(streets.iloc[:0], parcels, demand, 2030)[2]
    assert set(connections["reason"]) <= {"no_street", "too_sparse"}


def test_every_parcel_left_out_is_counted() -> None:
    _, _, connections, summary = design_networks(*town(), 2030)[:4]
    told = dict(zip(summary["network"], explain(summary, connections), strict=True))
    heating = connections[connections["network"] == "heating"]
    assert not heating["connected"].any()
    assert sum(int(number) for number in re.findall(r"\d+", told["heating"])) == len(heating)


def test_a_site_with_waste_heat_makes_heat_pay() -> None:
    streets, parcels, demand = town(6)
    site = {"parcel_id": "p014", "network": "heating", "cop": 15.0, "plant_cny_kw": 800.0, "fixed_cny": 1e6}
    for sites, pays in (([], False), ([site], True)):
        made = design_networks(streets, parcels, demand, 2030, NetworkOptions.model_validate({"sites": sites}))
        row = made.network_summary.set_index("network").loc["heating"]
        assert (row["parcels_connected"] > 0) == pays
    assert made.stations.loc[made.stations["network"] == "heating", "parcel_id"].tolist() == ["p014"]
    assert row["cost_cny_mwh"] < row["alternative_cny_mwh"] == pytest.approx(300.0)
    assert row["plant_electricity_mwh"] == pytest.approx((row["delivered_mwh"] + row["loss_mwh"]) / 15.0)


def test_who_is_forced_joins_and_who_is_not_still_chooses() -> None:
    streets, parcels, demand = town(5)
    options = NetworkOptions.model_validate({"joined_parcels": ["p000"], "heating": {"price_cny_kwh": 0.05}})
    connections = design_networks(streets, parcels, demand, 2030, options).connections
    heat = connections[connections["network"] == "heating"].set_index("parcel_id")
    assert heat.index[heat["connected"]].tolist() == ["p000"]
    everyone = NetworkOptions.model_validate({"join": "forced", "heating": {"price_cny_kwh": 0.05}})
    connections = design_networks(streets, parcels, demand, 2030, everyone).connections
    assert set(connections["reason"]) <= {"", "too_sparse"}


def test_plants_and_pipes_come_with_the_parcels(designed: Any) -> None:
    pipes, stations, connections, _, phases = designed[:5]
    for network in ("heating", "cooling"):
        rows = phases[phases["network"] == network]
        mine, plants = pipes[pipes["network"] == network], stations[stations["network"] == network]
        joined = connections[(connections["network"] == network) & connections["connected"]]
        assert rows["year"].is_monotonic_increasing
        assert rows["pipe_capex_cny"].sum() == pytest.approx(mine["cost_cny"].sum(), rel=1e-9)
        assert rows["plant_capex_cny"].sum() == pytest.approx(plants["capex_cny"].sum(), rel=1e-9)
        assert rows["substation_capex_cny"].sum() == pytest.approx(
            joined["peak_kw"].sum() * NetworkOptions().substation_cny_kw, rel=1e-9
        )
        last = rows.iloc[-1]
        assert last["delivered_mwh"] == pytest.approx(joined["demand_mwh"].sum(), rel=1e-9)
        assert last["stranded_share"] == pytest.approx(0.0, abs=1e-9)
        assert (rows["stranded_share"].iloc[:-1] > 0.0).any()


def test_files_hold_the_network_at_its_peak(tmp_path: Path) -> None:
    made = design_networks(*town(6), 2030, paying(), files=tmp_path)
    for station in made.stations.itertuples():
        own = made.pipes[made.pipes["station_id"] == station.station_id]
        text = (tmp_path / f"{station.station_id}.inp").read_text(encoding="utf-8")
        named = [line.split("\t")[0] for line in text.split("[PIPES]")[1].split("[")[0].split("\n") if line]
        assert sorted(named) == sorted(own["pipe_id"])
        pipes = pd.read_csv(tmp_path / station.station_id / "pipe.csv")
        assert len(pipes) == 2 * len(own)
        pump = pd.read_csv(tmp_path / station.station_id / "circ_pump_pressure.csv")
        assert pump["plift_bar"].iloc[0] * 1e5 == pytest.approx(station.joint_head_pa, rel=1e-6)
        served = made.connections[made.connections["station_id"] == station.station_id]
        # the worst consumer gets what a substation needs, and what the pump gives covers it
        assert served["difference_pa"].min() == pytest.approx(NetworkOptions().substation_pa, rel=1e-6)
        assert served["difference_pa"].max() <= station.head_pa
        # not all pipes carry their own peak at the joint peak
        assert station.joint_head_pa <= station.head_pa * (1.0 + 1e-6)
        assert station.head_pa == pytest.approx(own["head_pa"].max())
