"""Tables of the hourly system: what must be met in each hour, what may be built, and what least cost makes of it."""

from layers.tables.contract import AMOUNT, NUMBER, TEXT, Column, Table

LOADS = Table("loads", key=("time",), open_columns=True)
"""Energy in each hour [MWh], one column per ``scenario|year|node|item``.

Items ``use`` (electricity at the substation, without the following), ``ev`` (charging that may be moved in time),
``cold`` and ``heat`` (at the outlet of district plants) are loads; ``cold_cop`` and ``heat_cop`` are what plants give
per electricity [1]; every other item (``pv_roof``, ``wind_sea``, ``wte``, ``chp`` ...) is generation as planned.
A generator of which nothing is planned but something could be built has besides ``<item>_per_mw`` [MWh/MW], what each
MW of it would give: no energy of the zone.
"""

POWER_PLANTS = Table(
    "power_plants",
    {
        "planned_mw": AMOUNT,  # built whatever it costs: the adoption of the scenario
        "potential_mw": AMOUNT,  # that may be built at most; never less than planned
        "catalogue": TEXT,  # key of the technology catalogue for its cost
    },
    key=("scenario", "year", "node", "item"),
)
"""Generators by item of the loads, and the stores a scenario may use: battery, v2g, cold_store, heat_store."""

DISPATCH = Table("dispatch", key=("time",), open_columns=True)
"""Power in each hour [MW], one column per ``scenario|year|node|item``.

Items: every load; generation by item after curtailment; ``import``, ``export`` and ``curtailed``; ``battery_in``,
``battery_out`` and so for each store; ``cold_plant`` and ``heat_plant`` (electricity of district plants).
"""

CAPACITIES = Table(
    "capacities",
    {"planned_mw": AMOUNT, "built_mw": AMOUNT, "built_mwh": AMOUNT, "cost_cny": AMOUNT},
    key=("scenario", "year", "node", "item"),
)
"""What least cost builds, `planned_mw` of it in any case; `built_mwh` of stores only; cost is of one year."""

POWER_SUMMARY = Table("power_summary", {"value": NUMBER, "unit": TEXT}, key=("scenario", "year", "quantity"))
"""Yearly result of the hourly system.

Quantities: use_mwh (all electricity at the substation), generation_mwh (after curtailment), curtailed_mwh, import_mwh,
export_mwh, storage_loss_mwh, peak_import_mw, renewable_electricity_share, self_sufficiency, co2_t, cost_cny (a year),
hours_solved, balance_error_mwh. ``use + export + storage_loss = generation + import``.
"""

TYPICAL_DAYS = Table("typical_days", {"day": Column("integer", low=0, high=364), "weight": AMOUNT},
                     key=("scenario", "year", "period"))  # fmt: skip
"""Days that stand for the year, and how many days each stands for; all 365 where the whole year is solved."""
