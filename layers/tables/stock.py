"""Tables of the building stock, and of the archetypes it is made of."""

from layers.tables.contract import AMOUNT, FLAG, SHARE, TEXT, YEAR, Column, Table

VINTAGES = ("pre2001", "code2010", "code2021", "ultralow", "nzeb")
"""Generations of the building code; the last two are tiers that scenarios choose for new buildings and retrofits."""

FORMS = ("row", "slab", "tower", "podium", "court", "hall")
"""Shapes that buildings may take, see `layers.massing`."""

STOCK = Table(
    "stock",
    {
        "parcel_id": TEXT,
        "unit_id": TEXT,
        "archetype": TEXT,
        "vintage": Column("text", choices=VINTAGES),
        "year_from": YEAR,  # stands from this year on
        "floor_area_m2": AMOUNT,
        "floors": Column(low=0.0),
        "height_m": Column(low=0.0),
        "footprint_m2": AMOUNT,
        "roof_m2": AMOUNT,
        "facade_m2": AMOUNT,
        "window_share": SHARE,
        "form": Column("text", choices=FORMS),  # the central one of MASSINGS, whose floors and surfaces these are
    },
    key=("stock_id",),
)
"""One row per parcel and archetype: ``stock_id`` is ``parcel_id|archetype``."""

MASSINGS = Table(
    "massings",
    {
        "stock_id": TEXT,
        "form": Column("text", choices=FORMS),
        "floors": Column(low=0.0),
        "height_m": Column(low=0.0),
        "footprint_m2": AMOUNT,
        "roof_m2": AMOUNT,
        "facade_m2": AMOUNT,
        "facade_ns_share": SHARE,
        "usual": FLAG,  # the central form: one a row of stock
    },
    key=("stock_id", "form"),
)
"""Every form that a row of stock may plausibly have within its controls; one where real buildings are given."""

FORM_GEOMETRY = Table(
    "forms",
    {
        "archetype": TEXT,
        "form": Column("text", choices=FORMS),
        "floor_area_m2": AMOUNT,
        "facade_per_floor": AMOUNT,
        "roof_per_floor": AMOUNT,
        "facade_ns_share": SHARE,
        "floors": Column(low=0.0),
    },
    key=("archetype", "form"),
)
"""What the buildings of an archetype are like in each form, over all rows of stock that may have it.

A floor area counts in every form it may have, so the forms of an archetype do not add up to its stock.
"""

OVERRIDES = (
    "occupancy_per_m2", "lighting_w_m2", "equipment_w_m2", "fresh_air_m3_h_person", "wall_u", "roof_u", "window_u",
    "shgc", "infiltration_1_h", "heating_set_c", "cooling_set_c", "hot_water_kwh_m2",
)  # fmt: skip
"""Physical figures that an archetype of a study may have of its own, in place of the package's."""

ARCHETYPES = Table(
    "archetypes",
    {
        "zh": TEXT,
        "en": TEXT,
        "sector": TEXT,
        "load_key": TEXT,
        "schedule_key": TEXT,
        "enduse_key": TEXT,
        "benchmark_key": TEXT,
        "civil": FLAG,
        "process_by_activity": FLAG,
        "storey_height_m": AMOUNT,
        "floors": Column(low=1.0),
        "window_share": SHARE,
        "massing": TEXT,
        "envelope": TEXT,
        "source": TEXT,
        "confidence": TEXT,
        "note": TEXT,
        "base": TEXT,  # the built-in archetype whose other figures it has
        **dict.fromkeys(OVERRIDES, Column(low=0.0, nullable=True)),  # empty: as the base
    },
    key=("archetype",),
)
"""Every archetype a study may use: the built-in ones, and those it adds."""

HOURS = tuple(f"h{hour:02d}" for hour in range(24))
SCHEDULED = ("occupancy", "lighting", "equipment", "fresh_air", "heating_setpoint", "cooling_setpoint")
DAY_TYPES = ("workday", "weekend", "allday")

ARCHETYPE_SCHEDULES = Table(
    "archetype_schedules",
    dict.fromkeys(HOURS, Column(low=0.0, nullable=True)),  # fractions, or set points [C], empty while the plant is off
    key=("archetype", "quantity", "day"),
)
"""Schedules of the archetypes that a study adds, for day types workday, weekend or allday."""
