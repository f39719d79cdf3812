"""What of the hourly system is shown: electricity of two weeks, stacked, and yearly figures."""

import pandas as pd

WEEK = 168
SEASONS = {"winter": 1, "summer": 7}
"""Month of each season shown, counted from January."""
MID = 15
"""Day of the month its week begins on."""
DEMANDS = ("use", "ev", "cold_plant", "heat_plant")
"""Items of the dispatch that take electricity, beside stores and export."""
STORES = ("battery", "v2g")
"""Stores of electricity; those of heat and cold are seen through their plants."""
_HEAT = ("cold", "heat", "curtailed", "export", "cold_cop", "heat_cop")


def week(dispatch: pd.DataFrame, scenario: str, year: int, season: str) -> pd.DataFrame | None:
    """Return one week of a scenario's dispatch [MW] summed over nodes: ``demand`` first, then each supply.

    Parameters
    ----------
    dispatch
        The table ``dispatch`` with its column ``time``.
    scenario, year
        Which dispatch.
    season
        ``winter`` or ``summer``.

    Returns
    -------
    pandas.DataFrame or None
        Rows of up to 168 hours; nothing where the dispatch has no such scenario, year or month.
    """
    own: dict[str, list[str]] = {}
    for column in map(str, dispatch.columns):
        keys = column.split("|")
        if len(keys) == 4 and keys[0] == scenario and keys[1] == str(year):
            own.setdefault(keys[3], []).append(column)
    time = pd.DatetimeIndex(dispatch["time"])
    in_month = time.month == SEASONS[season]
    rows = dispatch[in_month & (time.day >= MID)].head(WEEK)
    rows = dispatch[in_month].head(WEEK) if len(rows) < WEEK else rows
    if not own or rows.empty:
        return None
    supplies = sorted(
        item
        for item in own
        if item not in DEMANDS and item not in _HEAT and not item.endswith("_in") and not _thermal(item)
    )
    taken = [column for item in DEMANDS if item in own for column in own[item]]
    parts = {"demand": rows[taken].sum(axis=1), **{item: rows[own[item]].sum(axis=1) for item in supplies}}
    found = pd.DataFrame(parts).reset_index(drop=True)
    return found.loc[:, [name for name in found if name == "demand" or found[name].abs().sum() > 0.0]]


def _thermal(item: str) -> bool:
    stem = item.removesuffix("_out")
    return item.endswith("_out") and stem not in STORES
