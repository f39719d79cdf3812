"""Supply of roofs: what a planning unit can have below a cost, and what rules ask for at least.

References
----------
.. [1] 国家能源局综合司 (2021). 国能综通新能〔2021〕84号: counties in the pilot of rooftop photovoltaics make at least
   50 % of the roofs of party and government buildings fit for it, 40 % of schools, hospitals and other public
   buildings, 30 % of industrial and commercial workshops, 20 % of rural houses.
.. [2] GB 55015-2021, 建筑节能与可再生能源利用通用规范, clause 5.2.1: new buildings install a solar system. The clause
   gives neither area nor power.
"""

import numpy as np
import pandas as pd

from layers.errors import refuse
from layers.units import KW_PER_MW
from resources.rooftop.layout import empty

ZONE = "zone"
"""Name of all planning units together."""
CURVE_COLUMNS = {
    "unit_id": "str",
    "building_id": "str",
    "lcoe_cny_kwh": "float64",
    "kwp": "float64",
    "mwh": "float64",
    "cumulative_mw": "float64",
    "cumulative_mwh": "float64",
}
DUTY_COLUMNS = {
    "roof_m2": "float64",
    "share_required": "float64",
    "required_m2": "float64",
    "planned_m2": "float64",
    "met": "object",
    "has_system": "bool",
}


def supply_curves(plants: pd.DataFrame, unit_of_building: pd.Series) -> pd.DataFrame:
    """Return the plants of each planning unit and of the zone, cheapest first, with what they add up to.

    Parameters
    ----------
    plants
        Result of `plants_of`: index ``building_id``; ``lcoe_cny_kwh``, ``kwp`` and ``mwh``.
    unit_of_building
        Planning unit by ``building_id``; it may know more buildings.

    Returns
    -------
    pandas.DataFrame
        Rows by unit (the zone last) and cost: ``unit_id``, ``building_id``, ``lcoe_cny_kwh``, ``kwp``, ``mwh``,
        ``cumulative_mw``, ``cumulative_mwh``. Plants without output come last in their unit, at infinite cost.

    Raises
    ------
    ValueError
        If a building has no unit or stands twice, or one of several units is named like the zone; all are named.
    """
    refuse({"plants lack columns": [name for name in ("lcoe_cny_kwh", "kwp", "mwh") if name not in plants.columns]})
    ids = plants.index.to_series()
    units = unit_of_building.dropna()
    named_twice = units.index[units.index.duplicated()].unique()
    # the only unit of a zone may be called what it is; it is told once
    is_zone = bool((units == ZONE).all())
    refuse(
        {
            "building_id must not stand twice in plants": ids[ids.duplicated()].unique(),
            "building_id must not stand twice in unit_of_building": named_twice,
            "buildings have no planning unit": ids[~ids.isin(units.index)],
            f"{ZONE} is kept for all units together": [] if is_zone else units.index[units == ZONE],
            "lcoe_cny_kwh must not be empty": ids[plants["lcoe_cny_kwh"].isna()],
            "kwp and mwh must be 0 or more": ids[~(plants[["kwp", "mwh"]] >= 0.0).all(axis=1)],
        }
    )
    if plants.empty:
        return empty(CURVE_COLUMNS, "row").reset_index(drop=True)
    own = plants[["lcoe_cny_kwh", "kwp", "mwh"]].reset_index(drop=True)
    own = own.assign(building_id=plants.index.astype("str"), unit_id=units.loc[plants.index].to_list(), last=0)
    order = ["last", "unit_id", "lcoe_cny_kwh", "building_id"]
    curves = (
        pd.concat([*([] if is_zone else [own]), own.assign(unit_id=ZONE, last=1)])
        .astype({"unit_id": "str"})
        .sort_values(order, ignore_index=True)
    )
    groups = curves.groupby(["last", "unit_id"], sort=False)[["kwp", "mwh"]]
    # the sums of pandas mend rounding as they go, so they may fall by a last digit
    sums = groups.transform(lambda column: np.cumsum(column.to_numpy()))
    return curves.assign(cumulative_mw=sums["kwp"] / KW_PER_MW, cumulative_mwh=sums["mwh"])[list(CURVE_COLUMNS)]


def curve_steps(curves: pd.DataFrame, step_cny_kwh: float) -> pd.DataFrame:
    """Return supply curves in steps of cost, for pictures and tables: plants within a step are one.

    Parameters
    ----------
    curves
        Result of `supply_curves`.
    step_cny_kwh
        Step of cost [CNY/kWh]; a step reaches up to a multiple of it.

    Returns
    -------
    pandas.DataFrame
        Table SUPPLY_CURVES, by ``unit_id`` and ``step``, with the cost of the step's dearest plant.
    """
    refuse({"step_cny_kwh must be above 0": [] if step_cny_kwh > 0.0 else [step_cny_kwh]})
    told = curves[np.isfinite(curves["lcoe_cny_kwh"])]
    number = np.ceil((told["lcoe_cny_kwh"] / step_cny_kwh).round(9))
    steps = told.groupby(["unit_id", number], sort=True).agg(
        lcoe_cny_kwh=("lcoe_cny_kwh", "max"),
        kwp=("kwp", "sum"),
        mwh=("mwh", "sum"),
        cumulative_mw=("cumulative_mw", "max"),
        cumulative_mwh=("cumulative_mwh", "max"),
    )
    unit = pd.Series(steps.index.get_level_values("unit_id"), dtype="str")
    place = unit.groupby(unit).cumcount() + 1
    return pd.DataFrame({"unit_id": unit, "step": place, **{name: steps[name].to_numpy() for name in steps}})


def below(curves: pd.DataFrame, cost_cny_kwh: float) -> pd.DataFrame:
    """Return what each planning unit and the zone can have up to a cost.

    Parameters
    ----------
    curves
        Result of `supply_curves`.
    cost_cny_kwh
        Highest levelised cost [CNY/kWh].

    Returns
    -------
    pandas.DataFrame
        Index ``unit_id`` in the order of `curves`, units without such plants among them; ``mw`` and ``mwh``.
    """
    kept = curves["lcoe_cny_kwh"] <= cost_cny_kwh
    units = pd.Index(curves["unit_id"].unique(), name="unit_id")
    sums = curves.loc[kept].groupby("unit_id")[["kwp", "mwh"]].sum().reindex(units, fill_value=0.0)
    return pd.DataFrame({"mw": sums["kwp"] / KW_PER_MW, "mwh": sums["mwh"]}, index=units)


def roof_duties(roofs: pd.DataFrame) -> pd.DataFrame:
    """Return the roof that rules ask for at least, beside what is planned.

    Floors are shares of the roof [1]_. The duty of new buildings to install a solar system [2]_ has no size, so all
    that can be said is whether there is one: a single module meets it.

    Parameters
    ----------
    roofs
        ``building_id`` (index or column), ``roof_m2``, ``module_roof_m2`` (roof that modules and the gaps between their
        rows take) and ``share_required``, the floor for the use of the land [1], empty where there is none.

    Returns
    -------
    pandas.DataFrame
        Index ``building_id``, sorted; ``roof_m2``, ``share_required``, ``required_m2`` (empty without a floor),
        ``planned_m2``, ``met`` (None without a floor) and ``has_system``.

    Raises
    ------
    ValueError
        If roofs have faults, all of which are named.

    References
    ----------
    .. [1] 国能综通新能〔2021〕84号
    .. [2] GB 55015-2021, clause 5.2.1

    Examples
    --------
    >>> roofs = {"building_id": ["hall"], "roof_m2": [1000.0], "module_roof_m2": [350.0], "share_required": [0.3]}
    >>> duty = roof_duties(pd.DataFrame(roofs)).loc["hall"]
    >>> float(duty["required_m2"]), duty["met"]
    (300.0, True)
    """
    table = roofs.set_index("building_id") if "building_id" in roofs.columns else roofs
    needed = ("roof_m2", "module_roof_m2", "share_required")
    refuse({"roofs lack columns": [name for name in needed if name not in table.columns]})
    ids = table.index.to_series()
    roof, planned, share = (table[name].astype(float) for name in needed)
    refuse(
        {
            "building_id must not stand twice": ids[ids.duplicated()].unique(),
            "roof_m2 must be 0 or more": ids[~((roof >= 0.0) & np.isfinite(roof))],
            "module_roof_m2 must be 0 or more": ids[~((planned >= 0.0) & np.isfinite(planned))],
            "share_required must lie in 0 to 1": ids[share.notna() & ~share.between(0.0, 1.0)],
        }
    )
    if table.empty:
        return empty(DUTY_COLUMNS, "building_id")
    required = roof * share
    met = (planned >= required).astype(object).where(share.notna(), None)
    duties = pd.DataFrame(
        {
            "roof_m2": roof,
            "share_required": share,
            "required_m2": required,
            "planned_m2": planned,
            "met": met,
            "has_system": planned > 0.0,
        }
    )
    duties.index.name = "building_id"
    return duties.sort_index()
