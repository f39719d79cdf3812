"""Pictures of the index page: path, waterfalls, effects, sun and demand, each in one language."""

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from layers.glossary import Language
from spatial.diagrams.steps import BASE, MEASURE, OTHER, SECTOR, Step, effect_steps, waterfall_steps
from spatial.report.charts import Bar, Line, Stack, line_chart, stacked_bars, waterfall
from spatial.report.hourly import zone_hours
from spatial.report.meta import RunMeta, Tables, has, table
from spatial.report.numbers import Scale, energy_scale, mass_scale
from spatial.report.rows import rows_waterfall
from spatial.report.words import measure_names, word

Draw = Callable[[str, str, Sequence[Bar], tuple[str, str, str]], str]
"""Who draws a waterfall: title, unit, bars and colours to a drawing."""
_LEAST = 5e-3
_KW_PER_MW = 1000.0
_GDP, _BASE, _PLAN = "#8a6d1f", "#7b8790", "#0b6e4f"
_VARIANTS = ("#8e44ad", "#b5651d", "#2471a3", "#7a7f2b")
_WATERFALL = ("#3b4a54", "#c0622b", "#2471a3")
_SURFACES = {
    "roof": "#e08214",
    "facade": "#7f3b08",
    "carport": "#fdb863",
    "ground": "#b2a18a",
    "water": "#6baed6",
}
_DEMAND = {
    "heating": "#c0392b",
    "hot_water": "#e59866",
    "cooling": "#2471a3",
    "electricity": "#8c96a0",
    "cooking": "#c9b037",
}


def _co2_path(tables: Tables, scenario: str) -> pd.Series | None:
    """Return yearly CO2 [t] of a scenario: the indicator as the study defines it, or the plain sum of the account."""
    indicators = table(tables, "indicators")
    if indicators is not None:
        chosen = indicators[(indicators["scenario"] == scenario) & (indicators["indicator"] == "co2_t")]
        if not chosen.empty:
            return pd.Series(chosen.set_index("year")["value"].sort_index())
    balance = table(tables, "balance")
    if balance is None:
        return None
    own = balance[balance["scenario"] == scenario]
    return pd.Series(own.groupby("year")["co2_t"].sum().sort_index()) if len(own) else None


def _index_line(label: str, colour: str, values: pd.Series, *, dashed: bool = False) -> Line | None:
    plain = values.dropna()
    if plain.empty or plain.iloc[0] == 0.0:
        return None
    shares = plain / plain.iloc[0] * 100.0
    return Line(label, colour, tuple((float(str(x)), float(y)) for x, y in shares.items()), dashed)


def path_picture(tables: Tables, meta: RunMeta, language: Language) -> str | None:
    """Return the path of GDP and of CO2 in every scenario, the base year being 100."""
    lines: list[Line | None] = []
    drivers = table(tables, "drivers")
    if drivers is not None:
        gdp = drivers[drivers["driver"] == "gdp_million_cny"].set_index("year")["value"].sort_index()
        if not gdp.empty:
            lines.append(_index_line("GDP", _GDP, gdp, dashed=True))
    for number, scenario in enumerate(meta.scenarios):
        path = _co2_path(tables, scenario)
        if path is not None:
            last = number == len(meta.scenarios) - 1
            colour = _BASE if number == 0 else _PLAN if last else _VARIANTS[(number - 1) % len(_VARIANTS)]
            lines.append(_index_line(f"CO₂ {word(f'short.{scenario}', language)}", colour, path))
    drawn = [line for line in lines if line is not None]
    if not drawn:
        return None
    later = float(meta.target_year), word("picture.later", language, year=meta.target_year)
    return line_chart(
        word("picture.path", language), word("picture.index", language, year=meta.base_year), drawn, later
    )


def waterfall_picture(tables: Tables, meta: RunMeta, language: Language) -> str | None:
    """Return how CO2 goes from the base year through the scenarios to the target year, by sector."""
    return _waterfall(tables, meta, language, SECTOR)


def measures_picture(tables: Tables, meta: RunMeta, language: Language) -> str | None:
    """Return how CO2 of the target year goes from the first scenario to the last, by measure in the order taken."""
    return _waterfall(tables, meta, language, MEASURE)


def _waterfall(tables: Tables, meta: RunMeta, language: Language, by: str) -> str | None:
    frame = table(tables, "waterfall")
    steps = waterfall_steps(frame, meta.scenarios, by, _LEAST) if frame is not None else []
    if not steps:
        return None
    names = measure_names(tables, language) if by == MEASURE else {}

    def name(step: Step) -> str:
        if step.name == OTHER:
            return word("picture.other", language)
        if step.name == BASE:
            return str(meta.base_year)
        if step.level:
            return f"{meta.target_year} {word(f'short.{step.name}', language)}"
        return names.get(step.name) or word(f"sector.{step.name}", language)

    draw = rows_waterfall if by == MEASURE else waterfall
    return _drawn(word(f"picture.waterfall_{by}", language), steps, name, language, draw)


def effects_picture(tables: Tables, meta: RunMeta, language: Language) -> str | None:
    """Return what moved CO2 between base and target year in the last scenario, by LMDI."""
    frame = table(tables, "decomposition")
    if frame is None or not meta.scenarios:
        return None
    balance = table(tables, "balance")
    steps = effect_steps(frame, balance, meta.scenarios[-1], meta.base_year, meta.target_year)
    ends = {"base": str(meta.base_year), "target": str(meta.target_year)}
    if not steps:
        return None

    def name(step: Step) -> str:
        return ends[step.name] if step.level else word(f"effect.{step.name}", language)

    scenario = word(f"short.{meta.scenarios[-1]}", language)
    return _drawn(word("picture.effects", language, scenario=scenario), steps, name, language, waterfall)


def _drawn(title: str, steps: list[Step], name: Callable[[Step], str], language: Language, draw: Draw) -> str:
    scale = mass_scale(max(abs(step.value) for step in steps), language)
    bars = [Bar(name(step), step.value / scale.divisor, step.level) for step in steps]
    return draw(title, f"{scale.unit} CO₂", bars, _WATERFALL)


def _months(hours: pd.DataFrame) -> pd.DataFrame:
    """Return monthly sums [MWh] of hourly powers [kW]."""
    month = pd.DatetimeIndex(hours.index).month
    return hours.groupby(np.asarray(month)).sum().reindex(range(1, 13), fill_value=0.0) / _KW_PER_MW


def _month_names(language: Language) -> list[str]:
    return [word(f"month.{month}", language) for month in range(1, 13)]


def sun_picture(tables: Tables, meta: RunMeta, language: Language) -> str | None:  # noqa: ARG001 - one shape for all
    """Return what photovoltaics can give in each month, by kind of surface."""
    if not has(tables, "pv_profiles", "pv_parcels", "pv_classes"):
        return None
    classes, parcels = table(tables, "pv_classes"), table(tables, "pv_parcels")
    if classes is None or parcels is None:
        return None
    kwp = parcels.groupby("pv_class")["kwp"].sum()
    surface = classes.set_index("pv_class")["surface"]
    monthly = _months(tables["pv_profiles"][list(kwp.index)] * kwp)
    by_surface = monthly.T.groupby(surface.reindex(monthly.columns).to_numpy()).sum().T
    scale = energy_scale(float(by_surface.sum(axis=1).max()), language)
    stacks = [
        Stack(word(f"surface.{name}", language), colour, tuple(by_surface[name] / scale.divisor))
        for name, colour in _SURFACES.items()
        if name in by_surface and by_surface[name].sum() > 0.0
    ]
    if not stacks:
        return None
    return stacked_bars(word("picture.sun", language), _per_month(scale, language), _month_names(language), stacks)


def demand_picture(tables: Tables, meta: RunMeta, language: Language) -> str | None:
    """Return the useful demand of buildings in each month of the target year, by service."""
    if not has(tables, "demand_profiles", "stock"):
        return None
    hours = zone_hours({name: tables[name] for name in ("demand_profiles", "stock")}, meta)
    if hours is None:
        return None
    monthly = _months(hours)
    columns = {name: f"{name}_target_kw" for name in _DEMAND}
    total = monthly[list(columns.values())].sum(axis=1)
    scale = energy_scale(float(total.max()), language)
    stacks = [
        Stack(word(f"service.{name}", language), colour, tuple(monthly[columns[name]] / scale.divisor))
        for name, colour in _DEMAND.items()
        if monthly[columns[name]].sum() > 0.0
    ]
    if not stacks:
        return None
    return stacked_bars(word("picture.demand", language), _per_month(scale, language), _month_names(language), stacks)


def _per_month(scale: Scale, language: Language) -> str:
    return word("picture.month", language, unit=scale.unit)
