"""Bands about the demand: the plan again with constants drawn from their ranges and buildings in other forms."""

from zlib import crc32

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from layers.archetypes import Kinds, archetypes
from layers.tables.demand import THERMAL
from layers.units import KWH_PER_MWH
from spatial.demand.building import SkyHours, annual_loads, sky_hours
from spatial.demand.classes import Member, class_sums, members
from spatial.demand.metering import METERS
from spatial.demand.naming import class_names
from spatial.demand.options import DemandOptions
from spatial.demand.profiles import annual_services, electricity, served_shares
from spatial.demand.rooms import place_of, room_zone
from spatial.demand.schedules import calendar
from spatial.demand.use import Use
from spatial.demand.values import Drawn, Values

Floats = NDArray[np.float64]

BANDED = tuple(METERS)
"""What bands are given of."""
LOW, HIGH = 0.1, 0.9
"""Quantiles of the draws that a band runs between."""


def drawn_forms(massings: pd.DataFrame, ids: pd.Index, draws: int, seed: int) -> NDArray[np.object_]:
    """Return the form of every row of stock in every draw, rows x draws, any of its plausible ones alike.

    Parameters
    ----------
    massings
        Table MASSINGS.
    ids
        ``stock_id`` of the rows wanted.
    draws, seed
        How many draws, and of which chance; the forms of a row do not depend on which other rows there are.
    """
    plain = massings.reset_index() if "stock_id" not in massings.columns else massings
    plain = plain.sort_values(["stock_id", "form"], kind="stable")
    count = plain.groupby("stock_id", sort=True)["form"].size()
    first = (count.cumsum() - count).loc[ids].to_numpy()
    random = _chance(ids, draws, seed)
    place = first[:, None] + np.floor(random * count.loc[ids].to_numpy()[:, None]).astype(np.int64)
    return plain["form"].to_numpy(dtype=object)[place]


def _chance(ids: pd.Index, draws: int, seed: int) -> Floats:
    """Return numbers between 0 and 1, ids x draws, each from its id, draw and seed alone.

    SplitMix64 of Steele, Lea and Flood (2014), doi:10.1145/2660193.2660195.
    """
    keys = np.array([crc32(str(name).encode()) for name in ids], dtype=np.uint64)[:, None]
    counter = np.array([seed * draws + draw for draw in range(draws)], dtype=np.uint64)
    mixed = ((keys << np.uint64(32)) + counter) * np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    mixed = mixed ^ (mixed >> np.uint64(31))
    return (mixed >> np.uint64(11)).astype(np.float64) * 2.0**-53


def _annual(zones: list[Member], use: Use, sky: SkyHours, options: DemandOptions, values: Values) -> pd.DataFrame:
    """Return the demand of every class [kWh/m2], classes x `BANDED`."""
    place = place_of(sky, values)
    loads = annual_loads((room_zone(zone, use, place, options, values) for zone in zones), sky)
    thermal = loads[["heating_mwh", "cooling_sensible_mwh", "cooling_latent_mwh"]].to_numpy() * KWH_PER_MWH
    by_service = dict(zip(THERMAL, (thermal * served_shares(zones, values)).T, strict=True))
    hourly = electricity(zones, use, values) | annual_services(zones, use, values)
    by_service |= {name: rows.sum(axis=1) / 1000.0 for name, rows in hourly.items()}
    sums = {
        name: class_sums(zones, np.sum([by_service[service] for service in services], axis=0))
        for name, services in METERS.items()
    }
    return pd.DataFrame({name: pd.Series(by_class) for name, by_class in sums.items()})


def demand_bands(
    weather: pd.DataFrame,
    site: pd.DataFrame,
    stock: pd.DataFrame,
    massings: pd.DataFrame,
    forms: pd.DataFrame,
    central: pd.DataFrame,
    years: tuple[int, int],
    options: DemandOptions,
    kinds: Kinds | None = None,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return low and high demand of parcels, and of planning units and the zone.

    Parameters
    ----------
    weather, site
        Tables WEATHER and SITE.
    stock, massings, forms
        Tables STOCK, MASSINGS and FORM_GEOMETRY.
    central
        Table DEMAND_PARCELS: the demand the bands are about.
    years
        Base and target year.
    options
        Number of draws and their seed, metered totals.
    kinds
        Archetypes; without them the built-in ones.

    Returns
    -------
    parcels : DataFrame
        Table DEMAND_PARCEL_BANDS.
    places : DataFrame
        Table DEMAND_BANDS, the zone first.

    Notes
    -----
    A draw takes one value of every constant for all buildings, since what we do not know of a constant is the same
    everywhere, and a form for every row of stock by itself. So errors of constants stay in a zone's total, those of
    forms average out. Metered totals of the base year are met in every draw, so their bands have no width. A band is
    widened to its central value where that lies outside the middle eight tenths of the draws, see `one_sided`.
    """
    kinds = archetypes() if kinds is None else kinds
    sky = sky_hours(weather, site, Values().value("solar.albedo"))
    use = Use(calendar(pd.DatetimeIndex(weather.index)), sky.pressure)
    vintages = tuple(sorted(stock["vintage"].unique()))
    built = set(zip(stock["archetype"], stock["vintage"], strict=True))
    zones = [zone for zone in members(forms, kinds, vintages) if (zone.archetype.archetype, zone.vintage) in built]
    ids = pd.Index(stock.index if stock.index.name == "stock_id" else stock["stock_id"])
    form = drawn_forms(massings, ids, options.band_draws, options.band_seed)
    standing = {year: (stock["year_from"] <= year).to_numpy() for year in dict.fromkeys(years)}
    area = stock["floor_area_m2"].to_numpy(dtype=np.float64)
    row_demand = np.empty((options.band_draws, len(stock), len(BANDED)))
    for draw in range(options.band_draws if len(stock) else 0):
        values = Drawn(number=draw, draws=options.band_draws, seed=options.band_seed)
        annual = _annual(zones, use, sky.with_albedo(values.value("solar.albedo")), options, values)
        names = class_names(stock.assign(form=form[:, draw]))
        row_demand[draw] = annual.loc[names.to_numpy(), list(BANDED)].to_numpy() * area[:, None] / KWH_PER_MWH
        for column, name in enumerate(BANDED):
            metered = options.metered.get(name)
            modelled = row_demand[draw, standing[years[0]], column].sum()
            if metered is not None and modelled > 0.0:
                row_demand[draw, :, column] *= metered / modelled
    return _parcel_bands(stock, standing, row_demand, central), _place_bands(stock, standing, row_demand, central)


def _quantiles(draws: Floats, middle: Floats) -> tuple[Floats, Floats]:
    """Return low and high of draws (first axis), with the central value between them."""
    low, high = np.quantile(draws, [LOW, HIGH], axis=0)
    return np.minimum(low, middle), np.maximum(high, middle)


def one_sided(places: pd.DataFrame) -> list[str]:
    """Return what to note of bands that end at the central value.

    Parameters
    ----------
    places
        Table DEMAND_BANDS.
    """
    plain = places.reset_index() if "unit_id" not in places.columns else places
    open_ended = plain["low_mwh"] < plain["high_mwh"]
    ends = (plain["low_mwh"] == plain["central_mwh"]) | (plain["high_mwh"] == plain["central_mwh"])
    told = plain.loc[open_ended & ends]
    return [
        f"the central {demand} of {unit or 'the zone'} in {year} lies outside eight of ten draws; its band was widened "
        "to it"
        for demand, unit, year in zip(told["demand"], told["unit_id"], told["year"], strict=True)
    ]


def _parcel_bands(
    stock: pd.DataFrame, standing: dict[int, NDArray[np.bool_]], row_demand: Floats, central: pd.DataFrame
) -> pd.DataFrame:
    tables = []
    for year, here in standing.items():
        rows, middle = stock.loc[here], central.loc[central["year"] == year]
        place, ids = pd.factorize(rows["parcel_id"])
        table = pd.DataFrame({"parcel_id": pd.Series(ids, dtype="str"), "year": np.full(len(ids), year, np.int64)})
        told = middle.set_index("parcel_id").loc[ids]
        for column, name in enumerate(BANDED):
            draws = np.stack(
                [np.bincount(place, weights=one, minlength=len(ids)) for one in row_demand[:, here, column]]
            ).astype(np.float64)
            low, high = _quantiles(draws, told[f"{name}_mwh"].to_numpy())
            table[f"{name}_low_mwh"], table[f"{name}_high_mwh"] = low, high
        tables.append(table)
    return pd.concat(tables, ignore_index=True)


def _place_bands(
    stock: pd.DataFrame, standing: dict[int, NDArray[np.bool_]], row_demand: Floats, central: pd.DataFrame
) -> pd.DataFrame:
    rows = []
    for year, here in standing.items():
        middle = central.loc[central["year"] == year]
        unit_of, own = stock["unit_id"].to_numpy(dtype=object)[here], row_demand[:, here]
        for unit in ("", *sorted(set(unit_of))):
            chosen = np.ones(len(unit_of), dtype=bool) if unit == "" else unit_of == unit
            told = middle if unit == "" else middle.loc[middle["unit_id"] == unit]
            for column, name in enumerate(BANDED):
                amount = float(told[f"{name}_mwh"].sum())
                low, high = _quantiles(own[:, chosen, column].sum(axis=1), np.array(amount))
                rows.append((unit, name, year, float(low), amount, float(high)))
    names = ["unit_id", "demand", "year", "low_mwh", "central_mwh", "high_mwh"]
    return pd.DataFrame(rows, columns=names).astype({"unit_id": "str", "demand": "str", "year": "int64"})
