"""Tables of the account: energy and CO2 by year, and what follows from it."""

from layers.tables.contract import AMOUNT, FLAG, NUMBER, SHARE, TEXT, Column, Table

SECTORS = ("residential", "service", "industry", "logistics", "port", "transport", "waste", "agriculture")
CARRIERS = ("electricity", "natural_gas", "lpg", "gasoline", "diesel", "lng", "coal", "district_heat", "district_cold",
            "solar_heat", "biomass", "msw")  # fmt: skip

BALANCE = Table(
    "balance",
    {
        "energy_mwh": NUMBER,
        "primary_mwh": NUMBER,  # fuels, own renewables used here, and the coal equivalent of bought electricity
        "scope1_t": NUMBER,  # fuels burnt in the zone
        "scope2_t": NUMBER,  # bought electricity, green power at zero where the study counts it so
        "scope2_location_t": NUMBER,  # bought electricity at the grid's average
        "co2_t": NUMBER,  # scope 1 and 2
        "parcels_mwh": NUMBER,  # of the energy, what stands on parcels
        "parcels_co2_t": NUMBER,
    },
    key=("scenario", "year", "unit_id", "sector", "carrier"),
)
"""Final energy and CO2 of every sector, carrier, planning unit and year."""

PARCEL_ACCOUNT = Table(
    "parcel_account",
    {
        "energy_mwh": AMOUNT,  # final energy, district heat and cold as delivered
        "site_mwh": AMOUNT,  # the same with district heat and cold by the electricity that made them
        "primary_mwh": AMOUNT,
        "scope1_t": NUMBER,
        "scope2_t": NUMBER,
        "co2_t": NUMBER,
    },
    key=("scenario", "year", "parcel_id"),
)
"""What of the account stands on parcels, to the target year; the rest (roads, residents) is in its unit only."""

END_USES = Table(
    "end_uses",
    {"energy_mwh": NUMBER, "co2_t": NUMBER},
    key=("scenario", "year", "sector", "subsector", "end_use", "technology", "carrier"),
)
"""The demand tree in numbers, for the zone: sums over its leaves are the account."""

TREE_ACTIVITY = Table(
    "tree_activity", {"activity": AMOUNT, "unit": TEXT}, key=("scenario", "year", "sector", "subsector")
)
"""What drives each subsector: floor area [m2], TEU, calls, vehicle km, value added, m3, ha."""

EQUIPMENT = Table("equipment", {"share": SHARE}, key=("scenario", "year", "subject", "technology"))
"""Share of each technology in what stands and runs in the year, after turnover of the stock."""

INSTALLED = Table("installed", {"amount": AMOUNT, "unit": TEXT}, key=("scenario", "year", "subject", "technology"))
"""How much is done by each technology, or stands, in the year; the unit is that of ``technology_cost``."""

SUPPLY = Table(
    "supply",
    {"direction": Column("text", choices=("in", "out")), "energy_mwh": AMOUNT},
    key=("scenario", "year", "carrier", "item"),
)
"""Where each carrier comes from and where it goes; in and out agree per carrier and year."""

FLOWS = Table("flows", {"energy_mwh": AMOUNT}, key=("scenario", "year", "source", "target"))
"""The Sankey of primary energy to end use in base and target year; a node is ``level:name``.

Levels from left to right: ``primary`` (fuels, sun, wind, grid, ambient), ``carrier``, ``sector``, ``end_use``; losses
and exports leave as ``loss:<name>`` and ``export:electricity``. What enters a carrier, sector or end use leaves it.
"""

SINKS = Table("sinks", {"area_m2": AMOUNT, "co2_t": AMOUNT}, key=("scenario", "year", "unit_id", "kind"))

EMBODIED = Table(
    "embodied",
    {"unit_id": TEXT, "floor_area_m2": AMOUNT, "co2_t": AMOUNT},
    key=("scenario", "year", "parcel_id"),
)
"""Embodied carbon (stages A1 to A5, outside scope 1 and 2) of the buildings finished in the year."""

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

_TARGET = {
    "value": Column(nullable=True),
    "sense": Column("text", choices=("<=", ">=")),
    "limit": NUMBER,
    "slack": Column(nullable=True),  # positive where met
    "met": FLAG,
    "unit": TEXT,
}

TARGETS = Table("targets", {**_TARGET, "definition": TEXT, "definition_zh": TEXT}, key=("scenario", "target"))

READINGS = Table("readings", _TARGET, key=("gdp_times", "population_times", "tce_method", "scenario", "target"))
"""The targets of the last scenario under every reading of what the published targets leave open."""

VERDICTS = Table("verdicts", {"en": TEXT, "zh": TEXT, "order": Column("integer")}, key=("sentence",))
"""Why the targets hold or cannot all hold, in sentences with the figures."""

WATERFALL = Table("waterfall", {"co2_t": NUMBER, "order": Column("integer")}, key=("by", "step"))
"""``by`` sector: from the base year to the first scenario to the last in the target year; ``by`` measure: from the
first scenario to the last, a step a measure in the order taken. Levels are ``base_year`` and names of scenarios.
"""

DECOMPOSITION = Table(
    "decomposition",
    {"co2_t": NUMBER},
    key=("scenario", "year", "sector", "effect"),
)
"""Change of CO2 against the year before by LMDI; effects activity, structure, intensity, carrier_mix and grid."""

COSTS = Table("costs", {"cost_cny": NUMBER}, key=("scenario", "year", "item"))
"""Cost of the zone's energy in a year by item: equipment, carriers bought, exports (negative), networks, measures."""

ABATEMENT = Table(
    "abatement",
    {
        "alone_t": NUMBER,  # CO2 saved in the target year if taken alone on the first scenario
        "alone_cny": NUMBER,  # cost of the year, against the first scenario
        "alone_cny_t": Column(nullable=True),  # empty where it saves nothing
        "order": Column("integer", low=1),  # in which the measures are taken, the cheapest next tonne first
        "step_t": NUMBER,  # saved on top of those before
        "step_cny": NUMBER,
        "step_cny_t": Column(nullable=True),
        "zone_t": NUMBER,  # CO2 of the zone with this and all before
        "zone_cny": NUMBER,  # cost of the zone with this and all before, against the first scenario
        "pays": FLAG,  # taken at the study's carbon price: it and all before cost less a tonne
    },
    key=("measure",),
)

AMBITION = Table(
    "ambition",
    {
        "measures": Column("integer", low=0),
        "co2_t": NUMBER,
        "cost_cny": NUMBER,  # of the year, against the first scenario
        "co2_per_head_t": Column(nullable=True),
        "chosen": FLAG,  # the study's own carbon price
    },
    key=("carbon_price_cny_t",),
)
"""The economic near-zero point at a series of carbon prices: how far measures pay, and what is left."""

CALIBRATION = Table(
    "calibration",
    {"modelled_mwh": AMOUNT, "given_mwh": AMOUNT, "factor": AMOUNT},
    key=("sector", "carrier"),
)
"""Base-year energy against metered totals, and the factor that brings the account onto them in all years."""

ZONE_HOURLY = Table("zone_hourly", key=("time",), open_columns=True)
"""Electricity of the zone in each hour [MWh], one column per ``scenario|year|item`` for base and target year."""
