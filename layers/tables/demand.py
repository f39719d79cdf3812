"""Tables of demand: hourly profiles per class, intensities, parcels, density and activity."""

from layers.tables.contract import AMOUNT, FLAG, SHARE, TEXT, Column, Table

THERMAL = ("heating", "cooling_sensible", "cooling_latent")
SERVICES = (*THERMAL, "hot_water", "lighting", "equipment", "process", "ventilation", "lifts", "cooking")

DEMAND_PROFILES = Table("demand_profiles", key=("time",), open_columns=True)
"""Useful demand per floor area [W/m2], one column per ``archetype|form|vintage|service``.

Lighting, equipment, process, ventilation and lifts are electricity; heating, cooling, hot water and cooking are useful
heat or cold.
"""

INTENSITIES = Table(
    "intensities",
    {"kwh_m2": AMOUNT, "peak_w_m2": AMOUNT},
    key=("archetype", "form", "vintage", "service"),
)
"""Annual sum and peak hour of each profile."""

DEMAND_PARCELS = Table(
    "demand_parcels",
    {
        "unit_id": TEXT,
        "floor_area_m2": AMOUNT,
        "heating_mwh": AMOUNT,
        "cooling_mwh": AMOUNT,
        "hot_water_mwh": AMOUNT,
        "electricity_mwh": AMOUNT,  # lighting, equipment, process, ventilation, lifts
        "cooking_mwh": AMOUNT,
        "heating_peak_kw": AMOUNT,
        "cooling_peak_kw": AMOUNT,
    },
    key=("parcel_id", "year"),
)
"""Useful demand of the buildings on each parcel in base and target year, with the stock's own vintages."""

DEMAND_CALIBRATION = Table(
    "demand_calibration",
    {"modelled_mwh": AMOUNT, "metered_mwh": Column(low=0.0, nullable=True), "factor": AMOUNT, "given": FLAG},
    key=("demand",),
)
"""Useful demand of the base year as modelled and as metered: empty where not `given`, and the factor one."""

BANDED = ("heating", "cooling", "hot_water", "electricity", "cooking")
DEMAND_PARCEL_BANDS = Table(
    "demand_parcel_bands",
    {f"{name}_{end}_mwh": AMOUNT for name in BANDED for end in ("low", "high")},
    key=("parcel_id", "year"),
)
"""Between which values the demand of DEMAND_PARCELS lies in eight of ten draws of constants and forms."""

DEMAND_BANDS = Table(
    "demand_bands",
    {"low_mwh": AMOUNT, "central_mwh": AMOUNT, "high_mwh": AMOUNT},
    key=("unit_id", "demand", "year"),
)
"""The same of planning units, and of the zone, whose unit is empty; the central value is the sum over its parcels."""

DENSITY = Table(
    "density",
    {
        "row": Column("integer", low=0),
        "col": Column("integer", low=0),
        "heating_mwh": AMOUNT,
        "cooling_mwh": AMOUNT,
        "hot_water_mwh": AMOUNT,
    },
    key=("cell_id",),
)
"""Target-year useful demand on the density grid; only cells with demand have a row; sums equal the parcels'."""

COUNT = Column("integer", low=0)
WHERE_DEFINED = Column(low=0.0, high=1.0, nullable=True)

LINEAR_DENSITY = Table(
    "linear_density",
    {
        "length_m": AMOUNT,
        "parcels": COUNT,
        "heating_mwh": AMOUNT,
        "hot_water_mwh": AMOUNT,
        "cooling_mwh": AMOUNT,
        "heat_mwh_m": AMOUNT,  # heating and hot water
        "cold_mwh_m": AMOUNT,
        "heating_peak_kw": AMOUNT,  # the highest hour of all parcels together
        "cooling_peak_kw": AMOUNT,
        "heating_peak_sum_kw": AMOUNT,  # the parcels' own peaks added
        "cooling_peak_sum_kw": AMOUNT,
        "diversity_heating": WHERE_DEFINED,  # coincident peak over the sum of peaks; empty where nothing peaks
        "diversity_cooling": WHERE_DEFINED,
    },
    key=("street_id",),
    geometry=True,
)
"""Target-year useful demand of the parcels along each street; no motorway or trunk road is among them."""

STREET_PARCELS = Table(
    "street_parcels",
    {
        "street_id": TEXT,  # empty where the parcel is counted on no street
        "distance_m": Column(low=0.0, nullable=True),
        "reason": TEXT,  # why on no street: too_far or no_street
        "heating_mwh": AMOUNT,
        "hot_water_mwh": AMOUNT,
        "cooling_mwh": AMOUNT,
    },
    key=("parcel_id",),
)
"""Which street each parcel with target-year demand is counted on; sums of both sides are those of the parcels."""

CLUSTERS = Table(
    "clusters",
    {
        "cells": Column("integer", low=1),
        "area_m2": AMOUNT,
        "parcels": COUNT,
        "demand_mwh": AMOUNT,  # heat: heating and hot water
        "density_mwh_ha": AMOUNT,
        "peak_kw": AMOUNT,  # the highest hour of all parcels together
        "peak_sum_kw": AMOUNT,  # the parcels' own peaks added
        "diversity": SHARE,
        "full_load_h": AMOUNT,
    },
    key=("carrier", "cluster_id"),
    geometry=True,
)
"""Neighbouring cells of the density grid at or above the study's threshold; a carrier is heat or cold."""

CLUSTER_PROFILES = Table("cluster_profiles", key=("time",), open_columns=True)
"""Load of each cluster [kW], one column per ``cluster_id``."""

ACTIVITY = Table(
    "activity",
    {"sector": TEXT, "activity_unit": TEXT, "activity": AMOUNT},
    key=("subsector", "unit_id", "parcel_id", "year"),
)
"""Activity levels that drive energy outside buildings (TEU, berth calls, vehicle km, value added, tonnes, m3, ha).

``parcel_id`` is empty where the activity has no parcel. Years run from base to end year.
"""

PROFILE_SHAPES = Table("profile_shapes", key=("time",), open_columns=True)
"""Hourly shapes of activities outside buildings, one column per subsector; each sums to one over the year."""

_CHARGING = {
    "parking_spaces": AMOUNT,
    "chargers": AMOUNT,  # expected number, not whole
    "installed_kw": AMOUNT,
    "charging_mwh": AMOUNT,
    "charging_home_mwh": AMOUNT,
    "charging_work_mwh": AMOUNT,
    "charging_public_mwh": AMOUNT,
    "charging_peak_kw": AMOUNT,  # the highest hour of all chargers together
}

CHARGING_PARCELS = Table("charging_parcels", {"unit_id": TEXT, **_CHARGING}, key=("parcel_id", "year"))
"""Where the electric cars of the account charge in base and target year, by the parking of the buildings.

The energy is that of the account in the scenario that is reviewed, so it is not added to any other table.
"""

CHARGING_UNITS = Table(
    "charging_units",
    {
        **_CHARGING,
        "charging_peak_sum_kw": AMOUNT,  # the parcels' own peaks added
        "diversity": SHARE,
    },
    key=("unit_id", "year"),
)
"""The same of planning units, and of the zone, whose unit is empty."""

CHARGING_SHAPES = Table("charging_shapes", key=("time",), open_columns=True)
"""Hourly shapes of charging at home, at work and in public; each sums to one over the year."""
