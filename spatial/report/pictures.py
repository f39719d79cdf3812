"""The four pictures of the index page: path, waterfall, sun and demand, each in one language."""

import numpy as np
import pandas as pd

from layers.glossary import Language
from spatial.report.charts import Bar, Line, Stack, line_chart, stacked_bars, waterfall
from spatial.report.hourly import zone_hours
from spatial.report.meta import RunMeta, Tables, has, table
from spatial.report.numbers import Scale, energy_scale, mass_scale
from spatial.report.words import word

_KW_PER_MW = 1000.0
_GDP, _CO2 = "#8a6d1f", ("#7b8790", "#1b2a33", "#0b6e4f", "#8e44ad")
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
            colour = _CO2[number % len(_CO2)]
            lines.append(_index_line(f"CO₂ {word(f'short.{scenario}', language)}", colour, path))
    drawn = [line for line in lines if line is not None]
    if not drawn:
        return None
    return line_chart(word("picture.path", language), word("picture.index", language, year=meta.base_year), drawn)


def waterfall_picture(tables: Tables, meta: RunMeta, language: Language) -> str | None:
    """Return how CO2 goes from the base year through the scenarios to the target year, by sector."""
    steps = table(tables, "waterfall")
    if steps is None:
        return None
    ordered = steps.sort_values("order")
    scale = mass_scale(float(ordered["co2_t"].abs().max()), language)
    bars = []
    for step, value in zip(ordered["step"].astype(str), ordered["co2_t"], strict=True):
        level = "." not in step
        if not level and abs(value) / scale.divisor < 5e-3 * abs(ordered["co2_t"]).max() / scale.divisor:
            continue
        bars.append(Bar(_step_name(step, meta, language), float(value) / scale.divisor, level))
    closed = _close(ordered, bars, scale, language)
    return waterfall(word("picture.waterfall", language), f"{scale.unit} CO₂", closed, _WATERFALL)


def _close(ordered: pd.DataFrame, bars: list[Bar], scale: Scale, language: Language) -> list[Bar]:
    """Return the bars with what was too small to draw gathered before the next level, so that they still close."""
    closed: list[Bar] = []
    running = 0.0
    limit = 1e-6 * float(ordered["co2_t"].abs().max()) / scale.divisor
    for bar in bars:
        if bar.level and closed and abs(bar.value - running) > limit:
            closed.append(Bar(word("picture.other", language), bar.value - running, level=False))
        closed.append(bar)
        running = bar.value if bar.level else running + bar.value
    return closed


def _step_name(step: str, meta: RunMeta, language: Language) -> str:
    if "." in step:
        return word(f"sector.{step.split('.', 1)[1]}", language)
    if step == "base_year":
        return str(meta.base_year)
    return f"{meta.target_year} {word(f'short.{step}', language)}"


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
