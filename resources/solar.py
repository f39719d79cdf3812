"""Sun: what photovoltaics can give, hour by hour per class of surface and per year on each parcel.

The physics is done once per class (a plane, its mounting and its cost); a parcel only has areas. So the result is
profiles (8,760 hours x classes) and weights (parcels x classes).
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from layers.archetypes import Kinds, bases
from layers.units import KWH_PER_MWH
from layers.weather.sun import sun_position
from resources.economics import lcoe_cny_kwh
from resources.photovoltaics import (
    W_PER_KW,
    Array,
    PVClass,
    SolarOptions,
    ac_output,
    dc_output,
    plane_irradiance,
    pv_classes,
    solar_numbers,
)
from resources.technology import technology


def _class_output(
    item: PVClass, weather: pd.DataFrame, sun: pd.DataFrame, latitude_deg: float, options: SolarOptions
) -> tuple[Array, float]:
    """Return the hourly AC output [kW/kWp] of a class and the yearly irradiation on its planes [kWh/m2]."""
    azimuths = item.facing(latitude_deg)
    output = np.zeros(len(weather))
    irradiation = 0.0
    for azimuth in azimuths:
        plane = plane_irradiance(weather, sun, item.tilt_deg, azimuth, options.albedo)
        output += ac_output(dc_output(plane, weather, item.mount, options), options) / len(azimuths)
        irradiation += float(plane["global"].sum()) / W_PER_KW / len(azimuths)
    return output, irradiation


def class_tables(weather: pd.DataFrame, site: pd.DataFrame, options: SolarOptions) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the hourly profiles and the yearly figures of every class.

    Parameters
    ----------
    weather, site
        Tables of the weather (contracts ``WEATHER`` and ``SITE``).
    options
        Choices of the planner.
    kinds
        Archetypes of the study; without them the built-in ones.

    Returns
    -------
    tuple of pandas.DataFrame
        ``PV_PROFILES`` (index ``time``) and ``PV_CLASSES`` (index ``pv_class``).
    """
    sun = sun_position(site, pd.DatetimeIndex(weather.index))
    latitude = float(site["latitude_deg"].iloc[0])
    profiles: dict[str, Array] = {}
    rows: list[dict[str, object]] = []
    for item in pv_classes():
        profiles[item.name], irradiation = _class_output(item, weather, sun, latitude, options)
        tech = technology(item.technology)
        capex = tech.capex_in(options.cost_year)
        annual = float(profiles[item.name].sum())
        cost = lcoe_cny_kwh(
            capex, capex * tech.opex_share, annual, options.discount_rate, tech.life, degradation=options.degradation
        )
        rows.append(
            {
                "pv_class": item.name,
                "surface": item.surface,
                "tilt_deg": item.tilt_deg,
                "azimuth_deg": item.facing(latitude)[0],
                "poa_kwh_m2": irradiation,
                "yield_kwh_kwp": annual,
                "kwp_per_m2": item.kwp_per_m2,
                "capex_cny_kwp": capex,
                "lcoe_cny_kwh": float(cost),
            }
        )
    return pd.DataFrame(profiles, index=weather.index), pd.DataFrame(rows).set_index("pv_class")


def _flat(frame: pd.DataFrame, key: str) -> pd.DataFrame:
    return frame.reset_index() if frame.index.name == key else frame


def roof_areas(stock: pd.DataFrame, kinds: Kinds | None = None) -> pd.DataFrame:
    """Return the usable roof [m2] per parcel and class: ``parcel_id``, ``pv_class``, ``area_m2``.

    Archetypes of the study have the roof of the built-in one they are like.
    """
    rows, base = solar_numbers().under("archetype"), bases(kinds)
    archetypes = {name: base.get(name, name) for name in stock["archetype"].unique()}
    classes = {name: rows[f"{like}.class"].text for name, like in archetypes.items()}
    shares = {name: rows[f"{like}.usable_share"].value for name, like in archetypes.items()}
    return pd.DataFrame(
        {
            "parcel_id": stock["parcel_id"].to_numpy(),
            "pv_class": stock["archetype"].map(classes).to_numpy(),
            "area_m2": stock["roof_m2"].to_numpy() * stock["archetype"].map(shares).to_numpy(),
        }
    )


def facade_areas(stock: pd.DataFrame) -> pd.DataFrame:
    """Return the usable opaque wall towards the equator [m2] per parcel, in the shape of `roof_areas`."""
    numbers = solar_numbers()
    share = numbers.value("facade.south_share") * numbers.value("facade.usable_share")
    (name,) = (item.name for item in pv_classes() if item.surface == "facade")
    return pd.DataFrame(
        {
            "parcel_id": stock["parcel_id"].to_numpy(),
            "pv_class": name,
            "area_m2": (stock["facade_m2"] * (1.0 - stock["window_share"]) * share).to_numpy(),
        }
    )


def open_areas(parcels: pd.DataFrame, stock: pd.DataFrame) -> pd.DataFrame:
    """Return car parks, ground and water usable for modules [m2] per parcel, in the shape of `roof_areas`.

    The share of a land use (longest known prefix of its code) applies to the parcel's area without buildings.
    """
    rows = solar_numbers().under("landuse")
    prefixes = sorted({key.split(".", 1)[0] for key in rows}, key=lambda code: (-len(code), code))
    codes = parcels["landuse"].unique()
    best = {code: next((p for p in prefixes if str(code).startswith(p)), None) for code in codes}
    prefix = parcels["landuse"].map(best)
    used = prefix.notna().to_numpy()
    chosen = parcels.loc[used]
    footprint = stock.groupby("parcel_id")["footprint_m2"].sum().reindex(chosen["parcel_id"], fill_value=0.0)
    free = np.maximum(chosen["area_m2"].to_numpy() - footprint.to_numpy(), 0.0)
    prefix = prefix[used]
    return pd.DataFrame(
        {
            "parcel_id": chosen["parcel_id"].to_numpy(),
            "pv_class": prefix.map({p: rows[f"{p}.class"].text for p in prefixes}).to_numpy(),
            "area_m2": free * prefix.map({p: rows[f"{p}.share"].value for p in prefixes}).to_numpy(dtype=np.float64),
        }
    )


@dataclass(frozen=True, eq=False)
class Roofs:
    """What is known of roofs: tables ROOFS and ROOF_PROFILES."""

    plants: pd.DataFrame
    profiles: pd.DataFrame


def solar_potential(
    weather: pd.DataFrame,
    site: pd.DataFrame,
    stock: pd.DataFrame,
    parcels: pd.DataFrame,
    options: SolarOptions,
    kinds: Kinds | None = None,
    roofs: Roofs | None = None,
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Return what photovoltaics can give on every parcel in the target year.

    Parameters
    ----------
    weather, site
        Tables of the weather (contracts ``WEATHER`` and ``SITE``).
    stock
        Buildings of the target year (contract ``STOCK``).
    parcels
        Parcels with ``landuse`` and ``area_m2`` (contract ``PARCELS``).
    options
        Choices of the planner.
    kinds
        Archetypes of the study; without them the built-in ones.
    roofs
        Plants on roofs in the light that is left to them; without them roofs lie open.

    Returns
    -------
    tuple of pandas.DataFrame
        ``PV_PROFILES`` (index ``time``) [kW/kWp], ``PV_CLASSES`` (index ``pv_class``) and ``PV_PARCELS`` (columns
        ``parcel_id``, ``pv_class``, ``area_m2``, ``kwp``, ``mwh``), sorted by key, without empty rows.

    Raises
    ------
    KeyError
        If an archetype of the stock has no roof class in ``solar.csv``.
    """
    profiles, classes = class_tables(weather, site, options)
    buildings, places = _flat(stock, "stock_id"), _flat(parcels, "parcel_id")
    areas = pd.concat(
        [roof_areas(buildings, kinds), facade_areas(buildings), open_areas(places, buildings)], ignore_index=True
    )
    wanted = {name for name in ("roof", "facade", "carport", "ground", "water") if getattr(options, name)}
    surface = areas["pv_class"].map(classes["surface"])
    areas = areas[surface.isin(wanted) & (areas["area_m2"] > 0.0)]
    potential = areas.groupby(["parcel_id", "pv_class"], as_index=False, sort=True)["area_m2"].sum()
    kwp = potential["area_m2"] * potential["pv_class"].map(classes["kwp_per_m2"]).astype(float)
    mwh = kwp * potential["pv_class"].map(classes["yield_kwh_kwp"]).astype(float) / KWH_PER_MWH
    potential = potential.assign(kwp=kwp, mwh=mwh)
    return (profiles, classes, potential) if roofs is None else _with_roofs(profiles, classes, potential, roofs)


def _with_roofs(
    profiles: pd.DataFrame, classes: pd.DataFrame, potential: pd.DataFrame, roofs: Roofs
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Return profiles, classes and potential with what is known of roofs in place of roofs that lie open."""
    plants = roofs.plants
    elsewhere = potential["pv_class"].map(classes["surface"]) != "roof"
    amounts = ["area_m2", "kwp", "mwh"]
    on_roofs = plants.groupby(["parcel_id", "pv_class"], as_index=False, sort=True)[amounts].sum()
    if (potential["pv_class"].map(classes["surface"]) == "roof").any():
        potential = pd.concat([potential[elsewhere], on_roofs], ignore_index=True)
        potential = potential.sort_values(["parcel_id", "pv_class"], kind="stable").reset_index(drop=True)
    profiles, classes = profiles.copy(), classes.copy()
    by_class = plants.groupby("pv_class", sort=True)
    for name, mine in by_class:
        profiles[name] = roofs.profiles[name].to_numpy()
        kwp = mine["kwp"]
        classes.loc[name, "yield_kwh_kwp"] = profiles[name].sum()
        classes.loc[name, "poa_kwh_m2"] = (mine["poa_kwh_m2"] * kwp).sum() / kwp.sum()
        classes.loc[name, "lcoe_cny_kwh"] = (mine["lcoe_cny_kwh"] * mine["mwh"]).sum() / mine["mwh"].sum()
    return profiles, classes, potential
