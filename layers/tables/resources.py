"""Tables of what sun and wind can give."""

from layers.tables.contract import AMOUNT, FLAG, NUMBER, SHARE, TEXT, Column, Table

PV_PROFILES = Table("pv_profiles", key=("time",), open_columns=True)
"""Hourly AC output per installed capacity [kW/kWp], one column per ``pv_class``."""

PV_CLASSES = Table(
    "pv_classes",
    {
        "surface": Column("text", choices=("roof", "facade", "carport", "ground", "water")),
        "tilt_deg": Column(low=0.0, high=90.0),
        "azimuth_deg": Column(low=0.0, high=360.0),
        "poa_kwh_m2": AMOUNT,  # irradiation on the plane in a year
        "yield_kwh_kwp": AMOUNT,  # AC, first year
        "kwp_per_m2": AMOUNT,  # of usable surface
        "capex_cny_kwp": AMOUNT,
        "lcoe_cny_kwh": AMOUNT,
    },
    key=("pv_class",),
)

PV_PARCELS = Table(
    "pv_parcels",
    {"area_m2": AMOUNT, "kwp": AMOUNT, "mwh": AMOUNT},
    key=("parcel_id", "pv_class"),
)
"""Technical potential per parcel and class in the target year; `area_m2` is the usable surface."""

MONTHS = tuple(f"mwh_{month:02d}" for month in range(1, 13))

ROOFS = Table(
    "roofs",
    {
        "parcel_id": TEXT,
        "unit_id": TEXT,
        "pv_class": TEXT,
        "height_m": AMOUNT,  # above ground
        "roof_m2": AMOUNT,
        "area_m2": AMOUNT,  # usable for modules
        "kwp": AMOUNT,
        "light": Column(low=0.0, high=1.1),  # share of open light on the modules' plane that surroundings leave
        "poa_kwh_m2": AMOUNT,  # irradiation on the modules' plane in a year, with that
        "mwh": AMOUNT,  # AC, first year
        "mwh_p90": AMOUNT,  # passed with 90 % probability
        "kwh_kwp": AMOUNT,
        "capex_cny": AMOUNT,
        "opex_cny_a": AMOUNT,
        "lcoe_cny_kwh": AMOUNT,
        "payback_years": Column(low=0.0, nullable=True),  # empty where never
        **dict.fromkeys(MONTHS, AMOUNT),
    },
    key=("roof_id",),
    geometry=True,
)
"""Plants on roofs of the plan's buildings, which stand as `layers.blocks` lays them out."""

ROOF_PROFILES = Table("roof_profiles", key=("time",), open_columns=True)
"""As PV_PROFILES, of roofs alone: in the shade of rows and, in the mean of the class, of all that stands around."""

SUN_CELLS = Table("sun_cells", {"kwh_m2": AMOUNT}, key=("cell_id",))
"""Irradiation of a year on the grid ``sun_grid`` around buildings, on the modules' plane where there are any."""

WALL_LIGHT = Table("wall_light", {"walls_m2": AMOUNT, "light": SHARE}, key=("archetype", "form"))
"""Share of open light that buildings opposite leave to walls of a class, by those looked at."""

SUPPLY_CURVES = Table(
    "supply_curves",
    {
        "lcoe_cny_kwh": AMOUNT,  # of the step's dearest plant
        "kwp": AMOUNT,
        "mwh": AMOUNT,
        "cumulative_mw": AMOUNT,
        "cumulative_mwh": AMOUNT,
    },
    key=("unit_id", "step"),
)
"""Roof PV of each planning unit, and of all as ``zone``, by ascending cost."""

WIND_CELLS = Table(
    "wind_cells",
    {
        "site": Column("text", choices=("sea", "land")),
        "eligible": FLAG,
        "reasons": TEXT,  # ;-separated keys of resources/siting.csv, empty where eligible
        "hub_wind_m_s": Column(low=0.0, nullable=True),
        "gross_capacity_factor": Column(low=0.0, high=1.0, nullable=True),
        "net_capacity_factor": Column(low=0.0, high=1.0, nullable=True),
        "capex_cny_kw": Column(low=0.0, nullable=True),
        "lcoe_cny_kwh": Column(low=0.0, nullable=True),
    },
    key=("cell_id",),
)

TURBINES = Table(
    "turbines",
    {
        "cell_id": Column("integer", low=0),
        "site": Column("text", choices=("sea", "land")),
        "in_zone": FLAG,
        "model": TEXT,
        "capacity_kw": AMOUNT,
        "rotor_m": AMOUNT,
        "hub_m": AMOUNT,
        "gross_mwh": AMOUNT,
        "net_mwh": AMOUNT,
        "capex_cny": AMOUNT,
        "lcoe_cny_kwh": AMOUNT,
    },
    key=("turbine_id",),
    geometry=True,
)

WIND_PROFILES = Table("wind_profiles", {"sea": SHARE, "land": SHARE}, key=("time",))
"""Hourly output per capacity [kW/kW]; the annual mean is the mean net capacity factor of the eligible cells."""

GRID = Table(
    "grid",
    {
        "x0_m": NUMBER,  # west edge
        "y0_m": NUMBER,  # north edge
        "cell_m": Column(low=0.001),
        "rows": Column("integer", low=1),
        "cols": Column("integer", low=1),
    },
    key=("grid_id",),
)
"""One row a raster grid of the study, in the study's CRS."""
