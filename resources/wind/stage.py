"""The wind stage: what each cell could give and at what cost, where turbines stand, and their hours."""

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyproj

from layers.grid import Grid
from layers.tables.resources import TURBINES, WIND_CELLS, WIND_PROFILES
from layers.tables.weather import SITE
from layers.units import HOURS_PER_YEAR, KWH_PER_MWH
from resources.siting import SitingOptions, eligible_cells
from resources.wind.cost import capex_cny_kw, lcoe
from resources.wind.energy import at_height, capacity_factor, density_speed_factor
from resources.wind.options import Site, WindOptions, figure
from resources.wind.placement import SITES, place
from resources.wind.profile import hourly_output, quantile_map

Array = npt.NDArray[np.float64]


def wind_potential(
    grid: pd.DataFrame,
    sea_cells: pd.DataFrame,
    exclusions: gpd.GeoDataFrame,
    dwellings: gpd.GeoDataFrame,
    weather: pd.DataFrame,
    site: pd.DataFrame,
    options: WindOptions,
    siting_options: SitingOptions,
) -> tuple[pd.DataFrame, gpd.GeoDataFrame, pd.DataFrame]:
    """Return what wind can give: per cell, per turbine and per hour. No turbine at all is a valid answer.

    Parameters
    ----------
    grid
        A GRID table with the row ``sea``.
    sea_cells
        A SEA_CELLS table on that grid.
    exclusions
        An EXCLUSIONS table; its CRS is that of the turbines.
    dwellings
        Parcels with dwellings, in the same CRS.
    weather
        A WEATHER table: gives the order of calm and windy hours.
    site
        A SITE table: the height at which the weather's wind was measured.
    options
        Turbines, losses, spacing, money.
    siting_options
        Where turbines may stand.

    Returns
    -------
    tuple of DataFrame, GeoDataFrame, DataFrame
        WIND_CELLS of the cells in zone or sea area, TURBINES and WIND_PROFILES.

    Raises
    ------
    InputError
        If a table breaks its contract.
    ValueError
        If exclusions and dwellings are not in one projected CRS.
    """
    lattice = Grid.from_table(grid, "sea", pyproj.CRS.from_user_input(exclusions.crs))
    places = eligible_cells(sea_cells, exclusions, dwellings, siting_options)
    cells = (sea_cells if sea_cells.index.name == "cell_id" else sea_cells.set_index("cell_id")).loc[places.index]
    results = places.join(_yields(cells, places, options))
    turbines = _turbines(cells, results, lattice, options)
    return WIND_CELLS.check(results), TURBINES.check(turbines), _profiles(results, weather, site, options)


def _speed_factor(options: WindOptions) -> float:
    return density_speed_factor(options.air_density_kg_m3, figure("air_density_standard"))


def _yields(cells: pd.DataFrame, places: pd.DataFrame, options: WindOptions) -> pd.DataFrame:
    """Return wind at the hub, capacity factors and costs of every cell, also of those that may not be used."""
    empty = np.full(len(cells), np.nan)
    columns = ("hub_wind_m_s", "gross_capacity_factor", "net_capacity_factor", "capex_cny_kw", "lcoe_cny_kwh")
    found: dict[str, Array] = {name: empty.copy() for name in columns}
    for site in SITES:
        here = (places["site"] == site).to_numpy()
        turbine = options.turbine(site)
        wind = cells["wind_m_s"].to_numpy(dtype=np.float64)[here]
        hub = at_height(wind, options.reference_height_m, turbine.hub_m, options.shear(site))
        gross = capacity_factor(hub, turbine, options.weibull_k, _speed_factor(options))
        net = gross * options.kept
        capex = capex_cny_kw(
            site,
            cells["depth_m"].to_numpy(dtype=np.float64)[here],
            cells["shore_distance_m"].to_numpy(dtype=np.float64)[here],
            options.cost_year,
        )
        cost = lcoe(site, capex, net, options.discount_rate)
        for name, values in zip(columns, (hub, gross, net, capex, cost), strict=True):
            found[name][here] = values
    return pd.DataFrame(found, index=cells.index)


def _turbines(cells: pd.DataFrame, results: pd.DataFrame, lattice: Grid, options: WindOptions) -> gpd.GeoDataFrame:
    """Return the turbines, numbered per site from the cheapest, sorted by number."""
    usable = (results["eligible"] & results["lcoe_cny_kwh"].notna()).to_numpy(dtype=bool)
    spots, found = cells.loc[usable], results.loc[usable]
    order = place(
        spots["row"].to_numpy(dtype=np.int64),
        spots["col"].to_numpy(dtype=np.int64),
        (found["site"] == "sea").to_numpy(dtype=bool),
        found["lcoe_cny_kwh"].to_numpy(dtype=np.float64),
        lattice.cell,
        options,
    )
    spots, found = spots.iloc[order], found.iloc[order]
    sites = found["site"].astype("str")
    models = {site: options.turbine(site) for site in SITES}
    capacity = sites.map({site: model.rated_kw for site, model in models.items()}).to_numpy(dtype=np.float64)
    hours = capacity * HOURS_PER_YEAR / KWH_PER_MWH
    number = sites.groupby(sites).cumcount().to_numpy() + 1
    names = [f"{site}-{rank:04d}" for site, rank in zip(sites, number, strict=True)]
    return gpd.GeoDataFrame(
        {
            "cell_id": spots.index.to_numpy(dtype=np.int64),
            "site": pd.array(sites.to_numpy(), dtype="str"),
            "in_zone": spots["in_zone"].to_numpy(dtype=bool),
            "model": pd.array([models[_site(value)].model for value in sites], dtype="str"),
            "capacity_kw": capacity,
            "rotor_m": sites.map({site: model.rotor_m for site, model in models.items()}).to_numpy(dtype=np.float64),
            "hub_m": sites.map({site: model.hub_m for site, model in models.items()}).to_numpy(dtype=np.float64),
            "gross_mwh": hours * found["gross_capacity_factor"].to_numpy(dtype=np.float64),
            "net_mwh": hours * found["net_capacity_factor"].to_numpy(dtype=np.float64),
            "capex_cny": capacity * found["capex_cny_kw"].to_numpy(dtype=np.float64),
            "lcoe_cny_kwh": found["lcoe_cny_kwh"].to_numpy(dtype=np.float64),
        },
        index=pd.Index(names, name="turbine_id", dtype="str"),
        geometry=gpd.points_from_xy(spots["x_m"], spots["y_m"], crs=lattice.crs),
        crs=lattice.crs,
    ).sort_index(kind="stable")


def _site(value: object) -> Site:
    return "sea" if value == "sea" else "land"


def _profiles(
    results: pd.DataFrame, weather: pd.DataFrame, site_table: pd.DataFrame, options: WindOptions
) -> pd.DataFrame:
    """Return hourly output per capacity at sea and on land.

    The weather's wind is taken to the hub by the power law and then given the Weibull distribution of the cells'
    mean hub wind. The mapping keeps only the order of the hours, so the power law and the level of the station's wind
    do not show in the result. The year's mean is the mean net capacity factor of the eligible cells; without any, of
    all cells of the site that have wind; without these, zero.
    """
    SITE.check(site_table)
    measured_at = float(site_table["wind_height_m"].iloc[0])
    hours: dict[str, Array] = {}
    for site in SITES:
        here = results.loc[(results["site"] == site) & results["net_capacity_factor"].notna()]
        used = here.loc[here["eligible"]] if here["eligible"].any() else here
        if used.empty:
            hours[site] = np.zeros(len(weather))
            continue
        turbine = options.turbine(site)
        wind = at_height(weather["wind_speed"].to_numpy(), measured_at, turbine.hub_m, options.shear(site))
        mapped = quantile_map(wind, float(used["hub_wind_m_s"].mean()), options.weibull_k)
        hours[site] = hourly_output(
            mapped, turbine.model, options.kept, float(used["net_capacity_factor"].mean()), _speed_factor(options)
        )
    return WIND_PROFILES.check(pd.DataFrame(hours, index=weather.index))
