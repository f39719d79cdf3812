"""Tables of the account: energy and CO2 by year, and what follows from it."""

from layers.tables.contract import AMOUNT, FLAG, NUMBER, TEXT, Column, Table

SECTORS = ("residential", "service", "industry", "logistics", "port", "transport", "waste", "agriculture")
CARRIERS = ("electricity", "natural_gas", "lpg", "gasoline", "diesel", "lng", "coal", "district_heat", "district_cold",
            "solar_heat", "biomass", "msw")  # fmt: skip

BALANCE = Table(
    "balance",
    {"energy_mwh": NUMBER, "co2_t": NUMBER},
    key=("scenario", "year", "unit_id", "sector", "carrier"),
)
"""Final energy and CO2 (scope 1 and 2) of every sector, carrier, planning unit and year."""

PARCEL_ACCOUNT = Table(
    "parcel_account",
    {
        "energy_mwh": AMOUNT,  # final energy, district heat and cold as delivered
        "site_mwh": AMOUNT,  # the same with district heat and cold by the electricity that made them
        "co2_t": NUMBER,
    },
    key=("scenario", "year", "parcel_id"),
)
"""What of the account stands on parcels; the rest (through roads, sinks) is in its planning unit only."""

SUPPLY = Table(
    "supply",
    {"direction": Column("text", choices=("in", "out")), "energy_mwh": AMOUNT},
    key=("scenario", "year", "carrier", "item"),
)
"""Where each carrier comes from and where it goes; in and out agree per carrier and year."""

SINKS = Table("sinks", {"area_m2": AMOUNT, "co2_t": AMOUNT}, key=("scenario", "year", "unit_id", "kind"))

INDICATORS = Table(
    "indicators",
    {
        "value": Column(nullable=True),
        "unit": TEXT,
        "definition": TEXT,
        "definition_zh": TEXT,
    },
    key=("scenario", "year", "indicator"),
)

TARGETS = Table(
    "targets",
    {
        "value": Column(nullable=True),
        "sense": Column("text", choices=("<=", ">=")),
        "limit": NUMBER,
        "slack": Column(nullable=True),  # positive where met
        "met": FLAG,
        "unit": TEXT,
        "definition": TEXT,
        "definition_zh": TEXT,
    },
    key=("scenario", "target"),
)

WATERFALL = Table("waterfall", {"co2_t": NUMBER, "order": Column("integer")}, key=("step",))
"""From the base year to business as usual to near zero in the target year, by sector."""

ZONE_HOURLY = Table("zone_hourly", key=("time",), open_columns=True)
"""Electricity of the zone in each hour [MWh], one column per ``scenario|year|item`` for base and target year."""
