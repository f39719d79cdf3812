"""Tables of demand: hourly profiles per class, intensities, parcels, density and activity."""

from layers.tables.contract import AMOUNT, TEXT, Column, Table

THERMAL = ("heating", "cooling_sensible", "cooling_latent")
SERVICES = (*THERMAL, "hot_water", "lighting", "equipment", "ventilation", "cooking")

DEMAND_PROFILES = Table("demand_profiles", key=("time",), open_columns=True)
"""Useful demand per floor area [W/m2], one column per ``archetype|vintage|service``.

Lighting, equipment and ventilation are electricity; heating, cooling, hot water and cooking are useful heat or cold.
"""

INTENSITIES = Table(
    "intensities",
    {"kwh_m2": AMOUNT, "peak_w_m2": AMOUNT},
    key=("archetype", "vintage", "service"),
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
        "electricity_mwh": AMOUNT,  # lighting, equipment, ventilation
        "cooking_mwh": AMOUNT,
        "heating_peak_kw": AMOUNT,
        "cooling_peak_kw": AMOUNT,
    },
    key=("parcel_id", "year"),
)
"""Useful demand of the buildings on each parcel in base and target year, with the stock's own vintages."""

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
