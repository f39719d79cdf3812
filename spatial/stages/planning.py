"""Stages that compute: people, stock, resources, demand, networks, the hourly system, the account and the review."""

import numpy as np
import pandas as pd
import pyproj

from layers import people as people_room
from layers import stock as stock_room
from layers.archetypes import kinds_of
from layers.blocks import blocks_of_plan
from layers.massing import class_geometry
from layers.units import KWH_PER_MWH
from layers.weather.distance import distance_km
from resources.catalogue import resource
from resources.factors import grid_factor_t_mwh
from resources.rooftop.plants import BELOW_P90, uncertainty
from resources.rooftop.supply import curve_steps, supply_curves
from resources.solar import Roofs
from resources.tariffs import demand_charge_cny_mw, export_price, import_price, wheeling_cny_mwh
from spatial import balance as balance_room
from spatial import demand as demand_room
from spatial import hourly as hourly_room
from spatial import networks as network_room
from spatial import review as review_room
from spatial import scenario as scenario_room
from spatial.balance.options import Switches
from spatial.scenario.extra import extra_cost
from spatial.stages.context import Context, Made
from spatial.study import driver_table, readings_of


def people(at: Context) -> Made:
    """Interpolate the drivers and reconcile people on parcels with them."""
    drivers, about = driver_table(at.study), at.study.study
    population = drivers[drivers["driver"] == "population"].set_index("year")["value"]
    table, reconciliation = people_room.reconcile_people(
        at.geo("parcels"),
        at.tables["parcel_uses"],
        float(population.loc[about.base_year]),
        float(population.loc[about.target_year]),
        at.study.people,
        target_year=about.target_year,
        kinds=kinds_of(at.tables),
    )
    years = pd.Index([about.base_year, about.target_year], name="year")
    reconciliation = reconciliation.set_axis(years)
    for year, placed, driver, factor in reconciliation.reset_index().to_numpy(dtype=float):
        people_told = f"{placed:,.0f} residents on parcels in {year:.0f}, {driver:,.0f} by the driver"
        at.findings.note("people", f"{people_told}: scaled by {factor:.4g}")
    return {"drivers": drivers, "people": table, "reconciliation": reconciliation}


def dwellings(at: Context) -> Made:
    """Return where people live, which turbines on land keep away from."""
    homes = [name for name, archetype in kinds_of(at.tables).items() if archetype.sector == "residential"]
    uses = at.tables["parcel_uses"]
    ids = uses.loc[uses["archetype"].isin(homes), "parcel_id"].unique()
    everything = at.geo("parcels")
    return {"dwellings": everything.loc[everything.index.isin(ids), ["geometry"]]}


def stock(at: Context) -> Made:
    """Build the stock of buildings from the plan's controls, or from footprints, with all forms it may have."""
    table, massings = stock_room.build_stock(
        at.geo("parcels"),
        at.tables["parcel_uses"],
        at.geo("buildings"),
        at.study.study.base_year,
        at.study.stock,
        kinds_of(at.tables),
        at.findings,
    )
    return {"stock": table, "massings": massings, "forms": class_geometry(table, massings)}


def roofs(at: Context) -> Made:
    """Lay out the plan's buildings, sweep the sun over them, and put plants on their roofs."""
    stock_table, parcels = at.tables["stock"], at.geo("parcels")
    blocks = blocks_of_plan(parcels, stock_table)
    found = resource("roofs")(
        blocks,
        stock_table,
        parcels["unit_id"],
        at.tables["weather"],
        at.tables["site"],
        at.study.solar,
        at.study.rooftop,
        kinds_of(at.tables),
    )
    zone = at.geo("zone")
    middle = zone.union_all().representative_point()
    away = distance_km(at.tables["site"], middle, pyproj.CRS.from_user_input(zone.crs))
    plants = at.study.rooftop.plants
    kept = 1.0 - BELOW_P90 * uncertainty(plants)
    source = str(at.tables["site"]["source"].iloc[0])
    at.findings.note(
        "roofs",
        f"irradiation is that of {source}, {away:,.0f} km from the middle of the zone; "
        f"{kept:.0%} of the output stated are passed with 90 % probability; payback takes {plants.self_use:.0%} of it "
        f"as used on the site at {plants.self_use_cny_kwh:g} CNY/kWh, the rest as sold at {plants.feed_in_cny_kwh:g}",
    )
    by_building = found.roofs.rename_axis("building_id")
    curves = supply_curves(by_building, by_building["unit_id"])
    return {
        "roofs": found.roofs,
        "roof_profiles": found.profiles,
        "sun_grid": found.grid,
        "sun_cells": found.cells,
        "wall_light": found.walls,
        "supply_curves": curve_steps(curves, at.study.rooftop.step_cny_kwh),
    }


def sun(at: Context) -> Made:
    """Estimate what roofs, car parks, ground and water can give."""
    profiles, classes, on_parcels = resource("solar")(
        at.tables["weather"],
        at.tables["site"],
        at.tables["stock"],
        at.geo("parcels"),
        at.study.solar,
        kinds_of(at.tables),
        Roofs(at.tables["roofs"], at.tables["roof_profiles"]),
    )
    return {"pv_profiles": profiles, "pv_classes": classes, "pv_parcels": on_parcels}


def wind_(at: Context) -> Made:
    """Site turbines on land and at sea."""
    cells, turbines, profiles = resource("wind")(
        at.tables["sea_grid"],
        at.tables["sea_cells"],
        at.geo("exclusions"),
        at.geo("dwellings"),
        at.tables["weather"],
        at.tables["site"],
        at.study.wind,
        at.study.siting,
    )
    return {"wind_cells": cells, "turbines": turbines, "wind_profiles": profiles}


def profiles(at: Context) -> Made:
    """Compute hourly demand of every archetype in the forms that stand for it, in every vintage."""
    stock_table = at.tables["stock"]
    forms = demand_room.lit_forms(at.tables["forms"], at.tables["wall_light"])
    shown = pd.MultiIndex.from_frame(stock_table[["archetype", "form"]].drop_duplicates())
    hourly, intensities = demand_room.building_profiles(
        at.tables["weather"],
        at.tables["site"],
        at.study.demand,
        forms[pd.MultiIndex.from_frame(forms[["archetype", "form"]]).isin(shown)],
        kinds_of(at.tables),
        at.findings,
    )
    factors = demand_room.meter_factors(
        intensities, stock_table, at.study.study.base_year, at.study.demand.metered, at.findings
    )
    at.findings.raise_errors()
    hourly, intensities = demand_room.scaled(hourly, intensities, factors)
    return {"demand_profiles": hourly, "intensities": intensities, "demand_calibration": factors}


def bands(at: Context) -> Made:
    """Say between which values the demand lies, by what is not known of constants and forms."""
    about = at.study.study
    parcels_told, places = demand_room.demand_bands(
        at.tables["weather"],
        at.tables["site"],
        at.tables["stock"],
        at.tables["massings"],
        demand_room.lit_forms(at.tables["forms"], at.tables["wall_light"]),
        at.tables["demand_parcels"],
        (about.base_year, about.target_year),
        at.study.demand,
        kinds_of(at.tables),
    )
    for sentence in demand_room.one_sided(places):
        at.findings.note("bands", sentence)
    return {"demand_parcel_bands": parcels_told, "demand_bands": places}


def demand(at: Context) -> Made:
    """Put demand on parcels and on the density grid."""
    about = at.study.study
    on_parcels = demand_room.demand_on_parcels(
        at.tables["demand_profiles"],
        at.tables["intensities"],
        at.tables["stock"],
        (about.base_year, about.target_year),
    )
    grid, density = demand_room.density_raster(on_parcels, at.geo("parcels"), about.target_year, at.study.demand)
    return {"demand_parcels": on_parcels, "density_grid": grid, "density": density}


def density(at: Context) -> Made:
    """Say what stands along the streets, and where heat and cold are dense."""
    year, options = at.study.study.target_year, at.study.demand
    on_parcels, stock_table, hourly = (at.tables[name] for name in ("demand_parcels", "stock", "demand_profiles"))
    linear, street_parcels = demand_room.linear_density(
        on_parcels, at.geo("parcels"), at.geo("streets"), stock_table, hourly, year, options
    )
    for sentence in demand_room.off_street(street_parcels, options):
        at.findings.warning("parcels", sentence, "draw the street, or set demand.street_reach_m")
    clusters, curves = demand_room.demand_clusters(
        on_parcels,
        at.geo("parcels"),
        stock_table,
        hourly,
        at.tables["density_grid"],
        at.tables["density"],
        year,
        options,
    )
    return {
        "linear_density": linear,
        "street_parcels": street_parcels,
        "clusters": clusters,
        "cluster_profiles": curves,
    }


def activity(at: Context) -> Made:
    """Derive the activity of port, transport, industry, water and farming from the drivers."""
    about = at.study.study
    levels, shapes = demand_room.activity_levels(
        at.tables["drivers"],
        at.geo("parcels"),
        at.tables["people"],
        at.tables["stock"],
        at.tables["site"],
        about.base_year,
        about.target_year,
        at.study.end_year,
        at.study.demand,
        kinds_of(at.tables),
    )
    for sentence in demand_room.unmodelled(at.tables["stock"], kinds_of(at.tables)):
        at.findings.warning("stock", sentence)
    for sentence in demand_room.uncounted(at.tables["drivers"], at.tables["parcels"]):
        at.findings.warning("study.toml", sentence, "add the driver, or say why the port is left out", column="drivers")
    return {"activity": levels, "profile_shapes": shapes}


def networks(at: Context) -> Made:
    """Design a heating and a cooling network along the streets."""
    study = at.study
    year = study.study.target_year
    made = network_room.design_networks(
        at.geo("streets"),
        at.geo("parcels"),
        at.tables["demand_parcels"],
        year,
        study.networks,
        float(grid_factor_t_mwh(study.balance.grid_region, np.array([year]))[0]),
        at.geo("land"),
        at.files / "networks",
    )
    for sentence in network_room.explain(made.network_summary, made.connections):
        at.findings.note("networks", sentence)
    for sentence in network_room.unmet(made.connections, study.networks.joined_parcels):
        remedy = "give a larger or nearer plant, or leave it out"
        at.findings.warning("study.toml", sentence, remedy, column="networks.joined_parcels")
    return dict(made._asdict())


def loads(at: Context) -> Made:
    """Say what the hourly system must meet and may build."""
    study = at.study
    made = balance_room.system_loads(
        at.tables, study.balance, study.solved_years, by_unit=study.hourly.nodes == "units"
    )
    return dict(zip(("loads", "power_plants"), made, strict=True))


def power(at: Context) -> Made:
    """Solve the electricity system hour by hour."""
    study = at.study
    years = np.array(study.solved_years)
    factors = grid_factor_t_mwh(study.balance.grid_region, years)
    grid = {int(year): float(factor) for year, factor in zip(years, factors, strict=True)}
    return hourly_room.solve(at.tables, grid, study.hourly, at.files / "hourly" / "pypsa")


def market(at: Context) -> balance_room.Market:
    """Return the prices that the zone buys, sells and carries electricity at."""
    times = pd.DatetimeIndex(at.tables["weather"].index)
    options = at.study.hourly
    return balance_room.Market(
        import_price(times, options.tariff) * KWH_PER_MWH,
        export_price(times, options.sale) * KWH_PER_MWH,
        demand_charge_cny_mw() if options.demand_charge else 0.0,
        wheeling_cny_mwh(options.tariff),
    )


def taken_measures(at: Context) -> dict[str, list[str]]:
    """Return the measures that each scenario takes, in the order of the study."""
    options = scenario_room.ScenarioOptions(scenarios=at.study.scenarios)
    measures = at.tables["measures"]
    flat = measures.reset_index() if "measure" not in measures.columns else measures
    known = [str(name) for name in flat["measure"]]
    return {name: scenario_room.measures_of(name, known, options) for name in options.scenarios}


def balance(at: Context) -> Made:
    """Draw up the account of every scenario."""
    study, years = at.study, np.asarray(at.study.years, dtype=np.int64)
    extra = {name: extra_cost(at.tables["measures"], taken, years) for name, taken in taken_measures(at).items()}
    return balance_room.account(at.tables, study.balance, study.study.target_year, market(at), extra)


def charging(at: Context) -> Made:
    """Put what the account says of electric cars on the parking of buildings."""
    study, about = at.study, at.study.study
    years = (about.base_year, about.target_year)
    cars = demand_room.electric_cars(at.tables["end_uses"], at.tables["equipment"], study.reviewed_scenario, years)
    shapes = demand_room.charging_shapes(pd.DatetimeIndex(at.tables["weather"].index))
    on_parcels, units = demand_room.charging_on_parcels(at.tables["stock"], cars, shapes, kinds_of(at.tables))
    notes, warnings = demand_room.explain_charging(on_parcels, cars)
    for sentence in notes:
        at.findings.note("charging", sentence)
    for sentence in warnings:
        at.findings.warning("stock", sentence)
    return {"charging_parcels": on_parcels, "charging_units": units, "charging_shapes": shapes}


def abatement(at: Context) -> Made:
    """Rank the measures that lead from the first scenario to the last."""
    study, target = at.study, at.study.study.target_year
    scenarios, years = taken_measures(at), np.array([study.study.base_year, target])
    extra = {
        name: float(extra_cost(at.tables["measures"], [name], years)[-1])
        for name in sorted({name for taken in scenarios.values() for name in taken})
    }
    return balance_room.rank_measures(at.tables, study.balance, target, market(at), scenarios, extra)


def readings(at: Context) -> Made:
    """Hold the last scenario against the targets under every reading of what they leave open."""
    study, about = at.study, at.study.study
    kinds, found = kinds_of(at.tables), []
    by_growth: dict[tuple[float, float], list[Switches]] = {}
    for switches in readings_of(study):
        by_growth.setdefault((switches.gdp_times, switches.population_times), []).append(switches)
    for alike in by_growth.values():
        choices = [study.balance.model_copy(update={"switches": switches}) for switches in alike]
        read = study.model_copy(update={"balance": choices[0]})
        drivers = driver_table(read)
        population = drivers[drivers["driver"] == "population"].set_index("year")["value"]
        people_table, _ = people_room.reconcile_people(
            at.geo("parcels"),
            at.tables["parcel_uses"],
            float(population.loc[about.base_year]),
            float(population.loc[about.target_year]),
            study.people,
            target_year=about.target_year,
            kinds=kinds,
        )
        levels, _ = demand_room.activity_levels(
            drivers, at.geo("parcels"), people_table, at.tables["stock"], at.tables["site"], about.base_year,
            about.target_year, study.end_year, study.demand, kinds,
        )  # fmt: skip
        changed = {**at.tables, "drivers": drivers, "people": people_table, "activity": levels}
        found.append((changed, choices))
    return balance_room.read_targets(at.tables, found, about.target_year, market(at))


def review(at: Context) -> Made:
    """Hold every parcel against the rules."""
    about = at.study.study
    options = at.study.review.model_copy(update={"scenario": at.study.reviewed_scenario})
    return {"review": review_room.review(at.tables, about.base_year, about.target_year, options)}
