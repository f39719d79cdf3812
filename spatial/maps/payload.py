"""All tables of a run as one compact object for the page."""

import re
from collections.abc import Iterable, Mapping

import pandas as pd

from layers.glossary import glossary
from layers.landuse import landuse_table
from layers.tables.balance import SECTORS
from spatial.maps import account, carbon, districts, energy, place, sun
from spatial.maps.encode import Json
from spatial.maps.options import MapOptions, RunInfo
from spatial.maps.parcels import parcel_columns, table
from spatial.maps.vocabulary import colours, fields, sides, texts, themes, word

ONLINE = (
    ("osm", "https://tile.openstreetmap.org/{z}/{x}/{y}.png", "© OpenStreetMap contributors"),
    ("tianditu", "https://t0.tianditu.gov.cn/DataServer?T=vec_w&x={x}&y={y}&l={z}&tk=", "© 天地图"),
)
"""Base maps a reader may tick, where the study allows it."""

SUFFIXES = {"_m2": "m2", "_mwh": "MWh", "_kwp": "kWp", "_kw": "kW", "_t": "t", "_m": "m"}
"""Units by the suffix of a column's name."""

_KEY = re.compile(r"[A-Za-z][A-Za-z0-9_.]*")


def payload(tables: Mapping[str, pd.DataFrame], meta: RunInfo, options: MapOptions) -> dict[str, Json]:
    """Return everything the page needs, ready for JSON.

    Parameters
    ----------
    tables
        Tables by the names of their contracts. ``parcels`` must be there; any other may be missing or empty.
    meta
        What the run is called, its years, scenarios and sources.
    options
        Choices of the map.
    """
    years = list(range(meta.base_year, meta.target_year + 1))
    crs = tables["parcels"].crs
    found_targets, found_indicators = account.targets(tables), account.indicators(tables, years)
    found_switches = {str(key): str(value) for key, value in meta.switches.items()}
    parcels = parcel_columns(tables, years, options.simplify_m)
    ramps, single = colours(options.colours)
    found: dict[str, Json] = {
        "meta": {
            "title": [meta.title_zh, meta.title_en],
            "years": years,
            "scenarios": list(meta.scenarios),
            "illustrative": list(meta.illustrative),
            "attribution": [sides(text) for text in meta.attribution],
            "switches": found_switches,
            "headline": account.headline(
                found_targets, [str(name) for name in found_indicators] if isinstance(found_indicators, Mapping) else []
            ),
        },
        "options": {
            "theme": options.default_theme,
            "language": options.language,
            "online": list(_online(options)),
        },
        "parcels": parcels,
        **place.areas(tables, options.simplify_m),
        **place.lines(tables, options.simplify_m),
        **place.places(tables),
        "sea": place.sea_cells(tables, crs),
        "density": place.density_cells(tables, crs),
        "linear": districts.along_streets(tables, options.simplify_m),
        "clusters": districts.clusters(tables),
        "sunlight": sun.sunlight(tables, crs, ramps["light"]),
        "roofs": sun.roofs(tables),
        "roof_supply": sun.supply_curves(tables),
        "balance": account.balances(tables, years),
        "drivers": account.drivers(tables, years),
        "sinks": account.sinks(tables, years),
        "supply": account.supply(tables, years),
        "indicators": found_indicators,
        "targets": found_targets,
        "paths": carbon.paths(tables),
        "scopes": carbon.scopes(tables, years),
        "waterfall": carbon.waterfalls(tables, meta.scenarios),
        "effects": carbon.effects(tables, meta.scenarios, meta.base_year, meta.target_year),
        "abatement": carbon.abatement(tables),
        "measures": carbon.measures(tables),
        "readings": carbon.readings(tables),
        "verdicts": carbon.verdicts(tables),
        "sankey": energy.sankeys(tables, meta.scenarios),
        "power": energy.power(tables, meta.scenarios, meta.target_year),
        "networks": account.network_summary(tables),
        "network_prices": account.network_prices(tables),
        "reconciliation": account.reconciliation(tables),
        "landuse": _landuse(parcels, options),
        "themes": [dict(row) for row in themes()],
        "fields": [dict(row) for row in fields()],
    }
    found["ramps"] = ramps
    found["colours"] = single
    found["texts"] = {
        **_scenario_names(meta.scenarios),
        **{key: pair for key, pair in texts().items() if not key.startswith("term.")},
    }
    named = _keys(tables) | {
        key for key in (*meta.illustrative, *meta.switches, *found_switches.values()) if _KEY.fullmatch(key)
    }
    named |= {f"brief.{key}" for key in ("equivalent", "calorific", *_targets(tables))}
    named |= _diagram_keys(tables) | set(districts.NAMED) | set(sun.NAMED)
    found["terms"] = {key: list(word(key)) for key in sorted(named)} | _own_archetypes(tables)
    found["quantities"] = _quantities()
    return found


def _own_archetypes(tables: Mapping[str, pd.DataFrame]) -> dict[str, Json]:
    """Return the names of the archetypes that the study adds and its plan has."""
    table, uses = tables.get("archetypes"), tables.get("parcel_uses")
    if table is None or uses is None:
        return {}
    own = table[(table.index != table["base"]) & table.index.isin(uses["archetype"])]
    return {str(key): [zh, en] for key, zh, en in zip(own.index, own["zh"], own["en"], strict=True)}


def _scenario_names(scenarios: Iterable[str]) -> dict[str, Json]:
    """Return names for scenarios that the study named itself, long and short."""
    return {f"scenario.{name}{end}": list(word(name)) for name in scenarios for end in ("", ".short")}


def _online(options: MapOptions) -> Iterable[tuple[str, str, str]]:
    if not options.online_basemaps:
        return
    for name, address, credit in ONLINE:
        if name == "tianditu":
            if options.tianditu_key:
                yield name, address + options.tianditu_key, credit
        else:
            yield name, address, credit


def _landuse(parcels: Mapping[str, Json], options: MapOptions) -> dict[str, Json]:
    """Return names and colour of every code in use and of its group."""
    codes = parcels["codes"]
    groups = parcels["group"]
    wanted = sorted({str(code) for part in (codes, groups) if isinstance(part, list) for code in part})
    listed = landuse_table()
    return {
        code: [str(listed.loc[code, "name_zh"]), str(listed.loc[code, "name_en"]), _colour(code, listed, options)]
        for code in wanted
        if code in listed.index
    }


def _colour(code: str, listed: pd.DataFrame, options: MapOptions) -> str:
    """Return the colour of a code; an override of its group or of any longer prefix counts too."""
    for end in range(len(code), 0, -1):
        if code[:end] in options.colours:
            return options.colours[code[:end]]
    return str(listed.loc[code, "colour"])


def _keys(tables: Mapping[str, pd.DataFrame]) -> set[str]:
    """Return every key of the tables that a reader may meet and that needs a name."""
    spoken = {
        "balance": ("sector", "carrier"),
        "parcel_uses": ("archetype",),
        "stock": ("archetype", "form", "vintage"),
        "pv_classes": ("surface",),
        "roofs": ("pv_class",),
        "connections": ("network", "reason"),
        "supply": ("item",),
        "targets": ("target",),
        "review": ("indicator", "stage"),
        "readings": ("target", "tce_method"),
    }
    found: set[str] = set()
    for name, columns in spoken.items():
        frame = tables.get(name)
        if frame is None or frame.empty:
            continue
        for column in columns:
            values = frame.index.get_level_values(column) if column in frame.index.names else frame[column]
            found |= {str(value) for value in pd.unique(values)}
    exclusions = tables.get("exclusions")
    if exclusions is not None:
        found |= {f"exclusion.{kind}" for kind in exclusions["kind"]}
    found |= set(SECTORS)
    wind = tables.get("wind_cells")
    if wind is not None and not wind.empty:
        found |= {reason for text in wind["reasons"].dropna().unique() for reason in str(text).split(";")}
    if tables.get("connections") is not None:
        found |= {"joining_cny", "worth_cny"}
    network = tables.get("network_summary")
    if network is not None:
        found |= {str(name) for name in network.columns}
    return {key for key in found if _KEY.fullmatch(key)}


def _diagram_keys(tables: Mapping[str, pd.DataFrame]) -> set[str]:
    """Return the keys of what diagrams name: nodes of the Sankey, effects, figures and items of the hourly system."""
    found = {"flow.export"}
    flows = tables.get("flows")
    if flows is not None and not flows.empty:
        ends = {str(node).partition(":") for column in ("source", "target") for node in pd.unique(flows[column])}
        found |= {f"flow.{name}" for level, _, name in ends if level != "export"}
    for source, column, family in (
        ("decomposition", "effect", "effect"),
        ("power_summary", "quantity", "power"),
        ("capacities", "item", "item"),
    ):
        frame = tables.get(source)
        if frame is not None and not frame.empty:
            values = frame.index.get_level_values(column) if column in frame.index.names else frame[column]
            found |= {f"{family}.{value}" for value in pd.unique(values)}
    steps = table(tables, "waterfall")
    if steps is not None:
        found |= {str(step).partition(".")[2] for step in steps["step"]} | {"rest"}
    hours = tables.get("dispatch")
    if hours is not None:
        found |= {f"item.{str(name).rpartition('|')[2]}" for name in hours.columns}
    return {key for key in found if _KEY.fullmatch(key)}


def _targets(tables: Mapping[str, pd.DataFrame]) -> set[str]:
    frames = (table(tables, name) for name in ("targets", "readings"))
    return {str(name) for frame in frames if frame is not None for name in frame["target"]}


def _quantities() -> dict[str, Json]:
    """Return name, unit, definition and source of every quantity of the cards."""
    known = glossary()
    found: dict[str, Json] = {}
    for name in (row["quantity"] for row in fields()):
        entry = known.get(name)
        # The suffix of a column is its unit, so a quantity without an entry still shows the right one.
        unit = entry.unit if entry else next((u for end, u in SUFFIXES.items() if name.endswith(end)), "")
        about = (entry.definition, entry.source) if entry else ("", "")
        found[name] = [*word(name), unit, *about]
    return found
