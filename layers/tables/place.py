"""Tables of the place: zone, planning units, sea study area, parcels, people and streets."""

from layers.tables.contract import AMOUNT, FLAG, NUMBER, SHARE, TEXT, YEAR, Column, Table

GROUPS = ("R", "A", "B", "M", "W", "S", "U", "G", "H", "E")

ZONE = Table("zone", {"name_zh": TEXT, "name_en": TEXT, "area_m2": AMOUNT}, key=("zone_id",), geometry=True)

UNITS = Table("units", {"name_zh": TEXT, "name_en": TEXT, "area_m2": AMOUNT}, key=("unit_id",), geometry=True)

SEA_AREA = Table("sea_area", {"name_zh": TEXT, "name_en": TEXT}, key=("sea_area_id",), geometry=True)

LAND = Table("land", {}, key=("land_id",), geometry=True)
"""Land of the surroundings, also beyond the zone, so that shore distances are true."""

EXCLUSIONS = Table("exclusions", {"kind": TEXT, "name_zh": TEXT, "name_en": TEXT}, key=("exclusion_id",), geometry=True)
"""Areas where nothing may be built at sea or on land; `kind` is a key of ``resources/siting.csv``."""

PARCELS = Table(
    "parcels",
    {
        "name": TEXT,
        "unit_id": TEXT,
        "landuse_given": TEXT,  # as the plan writes it
        "landuse": TEXT,  # the dominant use, a code of layers/landuse.csv
        "group": Column("text", choices=GROUPS),
        "area_m2": AMOUNT,
        "far": AMOUNT,
        "building_density": SHARE,
        "height_limit_m": Column(low=0.0, high=1000.0),
        "green_ratio": SHARE,
        "existing": FLAG,
        "phase_year": YEAR,  # the base year where existing
        "floor_area_m2": Column(low=0.0, nullable=True),  # empty: follows from area and far
        "population": Column(low=0.0, nullable=True),
        "jobs": Column(low=0.0, nullable=True),
        "assumed": TEXT,  # controls the plan does not give, filled by the land use's defaults; joined by ;
    },
    key=("parcel_id",),
    geometry=True,
)

PARCEL_USES = Table(
    "parcel_uses",
    {"archetype": TEXT, "share": Column(low=0.0, high=1.0)},
    key=("parcel_id", "landuse"),
)
"""The uses of every parcel, one row a use; shares of floor area sum to one per parcel."""

DRIVERS = Table("drivers", {"value": AMOUNT, "unit": TEXT}, key=("driver", "year"))
"""What drives the account, every year from base to target: population, gdp_million_cny, teu, berth_calls."""

PEOPLE = Table(
    "people",
    {"population_base": AMOUNT, "population_target": AMOUNT, "jobs_base": AMOUNT, "jobs_target": AMOUNT},
    key=("parcel_id",),
)
"""Residents and jobs per parcel in base and target year, reconciled with the zone's drivers."""

RECONCILIATION = Table(
    "reconciliation",
    {"parcels_persons": AMOUNT, "driver_persons": AMOUNT, "factor": AMOUNT},
    key=("year",),
)
"""How far people on parcels had to be scaled to meet the zone's driver."""

STREETS = Table(
    "streets",
    {"name": TEXT, "road_class": TEXT, "level": Column("integer")},
    key=("street_id",),
    geometry=True,
)
"""Street centre lines; road_class is motorway, trunk, primary, secondary, tertiary or local.

Level is zero at grade, positive on bridges and negative in tunnels; it is zero where the source does not tell.
"""

BUILDINGS = Table(
    "buildings",
    {
        "floors": Column(low=0.0, nullable=True),
        "height_m": Column(low=0.0, nullable=True),
    },
    key=("building_id",),
    geometry=True,
)

SEA_CELLS = Table(
    "sea_cells",
    {
        "row": Column("integer", low=0),
        "col": Column("integer", low=0),
        "x_m": NUMBER,
        "y_m": NUMBER,
        "is_land": FLAG,
        "in_zone": FLAG,
        "in_sea_area": FLAG,
        "depth_m": Column(nullable=True),  # positive downwards; empty on land and where the raster has none
        "wind_m_s": Column(low=0.0, high=30.0, nullable=True),  # mean at the raster's height
        "shore_distance_m": AMOUNT,  # from the nearest shore, on land and at sea
    },
    key=("cell_id",),
)
"""Square cells over zone and sea area that wind is sited on; cell_id counts row by row from the north-west."""
