"""Energy for the page: Sankeys of base and target year, and what the hourly system does with electricity."""

from collections.abc import Mapping, Sequence

import pandas as pd

from spatial.diagrams.power import SEASONS, STORES, week
from spatial.diagrams.sankey import Sankey, sankey
from spatial.maps.encode import Json, short
from spatial.maps.parcels import table

DIGITS = 4


def sankeys(tables: Mapping[str, pd.DataFrame], scenarios: Sequence[str]) -> dict[str, Json]:
    """Return the layout of each Sankey: scenario -> year -> nodes, links, columns and height."""
    frame = table(tables, "flows")
    if frame is None:
        return {}
    found: dict[str, Json] = {}
    for scenario in scenarios:
        own = frame[frame["scenario"] == scenario]
        years = {str(year): _laid(sankey(own[own["year"] == year])) for year in sorted(set(own["year"]))}
        if years:
            found[scenario] = years
    return found


def _laid(drawn: Sankey) -> Json:
    nodes: list[Json] = []
    for node in drawn.nodes:
        top, bottom = round(node.top, 1), round(node.bottom, 1)
        nodes.append([node.level, node.name, node.column, top, bottom, *short([node.energy_mwh], DIGITS)])
    links: list[Json] = []
    for link in drawn.links:
        ends = (round(link.leaves, 1), round(link.arrives, 1), round(link.width, 2))
        links.append([link.source, link.target, *ends, *short([link.energy_mwh], DIGITS)])
    return {"nodes": nodes, "links": links, "columns": drawn.columns, "height": round(drawn.height, 1)}


def power(tables: Mapping[str, pd.DataFrame], scenarios: Sequence[str], target: int) -> dict[str, Json]:
    """Return the hourly system in the target year: figures, stores built and two weeks, by scenario."""
    found: dict[str, Json] = {}
    figures = table(tables, "power_summary")
    if figures is not None:
        own = figures[figures["year"] == target]
        found["summary"] = {
            name: {
                str(quantity): [*short([value], DIGITS), str(unit)]
                for quantity, value, unit in zip(rows["quantity"], rows["value"], rows["unit"], strict=True)
            }
            for name in scenarios
            if len(rows := own[own["scenario"] == name])
        }
    built = table(tables, "capacities")
    if built is not None:
        own = built[(built["year"] == target) & ((built["built_mwh"] > 0.0) | built["item"].isin(STORES))]
        sums = own.groupby(["scenario", "item"])[["built_mw", "built_mwh"]].sum()
        stores: dict[str, dict[str, Json]] = {}
        for (scenario, item), row in zip(sums.index.tolist(), sums.to_numpy(), strict=True):
            stores.setdefault(scenario, {})[item] = short(row, DIGITS)
        found["stores"] = {name: dict(rows) for name, rows in stores.items()}
    hours = table(tables, "dispatch")
    if hours is not None:
        found["weeks"] = {name: weeks for name in scenarios if (weeks := _weeks(hours, name, target))}
    return found


def _weeks(hours: pd.DataFrame, scenario: str, year: int) -> dict[str, Json]:
    weeks = {season: week(hours, scenario, year, season) for season in SEASONS}
    return {
        season: {str(name): short(rows[name]) for name in rows} for season, rows in weeks.items() if rows is not None
    }
