"""Tables of scenarios: what is done how, by trend and by measures, and what each way of doing it takes and costs."""

from layers.tables.contract import AMOUNT, NUMBER, SHARE, TEXT, YEAR, Column, Table

CURVES = ("linear", "s_curve", "step")
HEAT_SOURCES = ("", "air", "ground", "sea", "waste_heat")
"""What a heat pump or chiller draws on or rejects to; empty where its efficiency is the same in all hours."""

TREND = Table("trend", {"share": SHARE}, key=("subject", "technology", "year"))
"""Share of each technology in its subject, or of a potential taken, without any measure.

Where the subject's equipment has a life (table ``lives``), the share is that of what is newly bought in the year.
"""

TECHNOLOGY_USE = Table(
    "technology_use",
    {"use_kwh": NUMBER, "heat_source": Column("text", choices=HEAT_SOURCES)},
    key=("activity", "technology", "carrier", "year"),
)
"""Energy of a carrier [kWh] that new equipment of the year takes per unit of an activity; negative where it gives."""

TECHNOLOGY_COST = Table(
    "technology_cost",
    {"capex_cny": AMOUNT, "opex_cny": AMOUNT, "life_a": Column(low=0.1), "unit": TEXT},
    key=("subject", "technology", "year"),
)
"""Investment [CNY] and yearly running cost without energy [CNY/a] of equipment bought in the year, per `unit`.

`unit` is that of the subject in the table ``installed``: per kWh of useful heat a year, vehicle km a year, kW, m2 ...
"""

LIVES = Table("lives", {"median_a": Column(low=0.1), "shape": Column(low=0.1)}, key=("subject",))
"""Survival of a subject's equipment: median life [a] and shape of the Weibull curve."""

MEASURES = Table(
    "measures",
    {
        "zh": TEXT,
        "en": TEXT,
        "subject": TEXT,
        "technology": TEXT,
        "share": SHARE,  # reached in end_year: of what is newly bought where equipment has a life
        "start_year": YEAR,
        "end_year": YEAR,
        "curve": Column("text", choices=CURVES),
        "extra_cost_cny": NUMBER,  # a year, once it is fully in force, beside the cost of the technology
        "source": TEXT,
        "confidence": Column("text", choices=("verified", "standard", "assumption")),
    },
    key=("measure",),
)

ADOPTION = Table("adoption", {"share": SHARE}, key=("scenario", "year", "subject", "technology"))
"""The trend as the measures of each scenario change it."""
