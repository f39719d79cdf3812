"""Tables of the building stock."""

from layers.tables.contract import AMOUNT, SHARE, TEXT, YEAR, Column, Table

VINTAGES = ("pre2001", "code2010", "code2021", "ultralow", "nzeb")
"""Generations of the building code; the last two are tiers that scenarios choose for new buildings and retrofits."""

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
    },
    key=("stock_id",),
)
"""One row per parcel and archetype: ``stock_id`` is ``parcel_id|archetype``."""
