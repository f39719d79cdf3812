"""The zone's account for the page: balances, indicators, targets, networks."""

from collections.abc import Iterable, Mapping, Sequence

import pandas as pd

from spatial.maps.encode import Json, short
from spatial.maps.parcels import table

DIGITS = 5
"""Sums over the zone keep more digits than the page shows, so that shares of them add up."""


def balances(tables: Mapping[str, pd.DataFrame], years: Sequence[int]) -> dict[str, Json]:
    """Return energy by carrier and CO2 by sector: scenario -> planning unit -> name -> one value a year."""
    frame = table(tables, "balance")
    if frame is None:
        return {}
    return {
        "energy_mwh": _series(frame, "carrier", "energy_mwh", years),
        "co2_t": _series(frame, "sector", "co2_t", years),
    }


def _series(frame: pd.DataFrame, by: str, value: str, years: Sequence[int]) -> Json:
    wide = frame.pivot_table(index=["scenario", "unit_id", by], columns="year", values=value, aggfunc="sum")
    wide = wide.reindex(columns=pd.Index(years)).fillna(0.0).sort_index()
    found: dict[str, dict[str, dict[str, Json]]] = {}
    for (scenario, unit, name), row in zip(wide.index.tolist(), wide.to_numpy(), strict=True):
        if row.any():
            found.setdefault(scenario, {}).setdefault(unit, {})[name] = short(row, DIGITS)
    return {scenario: {unit: dict(rows) for unit, rows in units.items()} for scenario, units in found.items()}


def sinks(tables: Mapping[str, pd.DataFrame], years: Sequence[int]) -> Json:
    """Return the CO2 taken up [t]: scenario -> planning unit -> one value a year."""
    frame = table(tables, "sinks")
    if frame is None:
        return {}
    sums = frame.pivot_table(index=["scenario", "unit_id"], columns="year", values="co2_t", aggfunc="sum")
    sums = sums.reindex(columns=pd.Index(years)).fillna(0.0)
    found: dict[str, dict[str, Json]] = {}
    for (scenario, unit), row in zip(sums.index.tolist(), sums.to_numpy(), strict=True):
        found.setdefault(scenario, {})[unit] = short(row, DIGITS)
    return {scenario: dict(units) for scenario, units in found.items()}


def supply(tables: Mapping[str, pd.DataFrame], years: Sequence[int]) -> Json:
    """Return where electricity comes from and goes to: scenario -> direction -> item -> one value a year."""
    frame = table(tables, "supply")
    if frame is None:
        return {}
    frame = frame[frame["carrier"] == "electricity"]
    wide = frame.pivot_table(
        index=["scenario", "direction", "item"], columns="year", values="energy_mwh", aggfunc="sum"
    )
    wide = wide.reindex(columns=pd.Index(years)).fillna(0.0).sort_index()
    found: dict[str, dict[str, dict[str, Json]]] = {}
    for (scenario, direction, item), row in zip(wide.index.tolist(), wide.to_numpy(), strict=True):
        if row.any():
            found.setdefault(scenario, {}).setdefault(direction, {})[item] = short(row, DIGITS)
    return found


def indicators(tables: Mapping[str, pd.DataFrame], years: Sequence[int]) -> dict[str, Json]:
    """Return every indicator: its unit and one value a year per scenario."""
    frame = table(tables, "indicators")
    if frame is None:
        return {}
    found: dict[str, Json] = {}
    for name, rows in frame.groupby("indicator", sort=True):
        wide = rows.pivot_table(index="scenario", columns="year", values="value", aggfunc="first")
        wide = wide.reindex(columns=pd.Index(years)).sort_index()
        first = rows.iloc[0]
        series: dict[str, Json] = {str(s): short(wide.loc[s], DIGITS) for s in wide.index}
        found[str(name)] = {"unit": first["unit"], "values": series}
    return found


def targets(tables: Mapping[str, pd.DataFrame]) -> Json:
    """Return the target table: one row a scenario and target."""
    frame = table(tables, "targets")
    if frame is None:
        return []
    frame = frame.sort_values(["target", "scenario"])
    numbers = {name: short(frame[name], DIGITS) for name in ("value", "limit", "slack")}
    return [
        {
            "target": str(row["target"]),
            "scenario": str(row["scenario"]),
            "sense": str(row["sense"]),
            "met": bool(row["met"]),
            "unit": str(row["unit"]),
            "definition": [str(row.get("definition_zh", row["definition"])), str(row["definition"])],
            **{name: values[place] for name, values in numbers.items()},
        }
        for place, (_, row) in enumerate(frame.iterrows())
    ]


def headline(found: Json, known: Iterable[str]) -> dict[str, Json]:
    """Return the target the state line speaks of, CO2 a head where there is one, and the indicator it limits.

    Examples
    --------
    >>> headline([{"target": "energy_intensity"}, {"target": "co2_per_head"}], ["co2_per_head_t", "co2_t"])
    {'target': 'co2_per_head', 'indicator': 'co2_per_head_t'}
    """
    names = [str(row["target"]) for row in found if isinstance(row, Mapping)] if isinstance(found, list) else []
    per_head = [name for name in names if "co2" in name and ("head" in name or "capita" in name)]
    target = next(iter([*per_head, *names]), "")
    return {
        "target": target,
        "indicator": next((name for name in sorted(known) if target and name.startswith(target)), ""),
    }


def network_summary(tables: Mapping[str, pd.DataFrame]) -> Json:
    """Return each network's figures by name."""
    frame = table(tables, "network_summary")
    if frame is None:
        return {}
    numbers = [name for name in frame.columns if name != "network"]
    return {
        str(row["network"]): dict(zip(numbers, short(row[numbers]), strict=True))
        for _, row in frame.sort_values("network").iterrows()
    }


def network_prices(tables: Mapping[str, pd.DataFrame]) -> Json:
    """Return by network the prices of heat or cold [CNY/kWh] and the share of demand that joins at each."""
    frame = table(tables, "network_prices")
    if frame is None:
        return {}
    return {
        str(network): {
            "price": short(rows.sort_values("price_cny_kwh")["price_cny_kwh"]),
            "share": short(rows.sort_values("price_cny_kwh")["connected_share"]),
        }
        for network, rows in frame.groupby("network", sort=True)
    }


def reconciliation(tables: Mapping[str, pd.DataFrame]) -> Json:
    """Return how far people on parcels were scaled: year, parcels', zone's, factor."""
    frame = table(tables, "reconciliation")
    if frame is None:
        return []
    frame = frame.sort_values("year")
    return [
        [int(year), *numbers]
        for year, *numbers in zip(
            frame["year"],
            *(short(frame[name]) for name in ("parcels_persons", "driver_persons", "factor")),
            strict=True,
        )
    ]


def drivers(tables: Mapping[str, pd.DataFrame], years: Sequence[int]) -> dict[str, Json]:
    """Return what drives the account, population and GDP: one value a year."""
    frame = table(tables, "drivers")
    if frame is None:
        return {}
    wide = frame.pivot_table(index="driver", columns="year", values="value", aggfunc="first")
    wide = wide.reindex(columns=pd.Index(years)).sort_index()
    return {str(name): short(wide.loc[name], DIGITS) for name in wide.index}
