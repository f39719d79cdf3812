"""The project file ``study.toml``: what a study is made of, checked before anything else happens."""

import difflib
import math
import re
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from layers.errors import Fault, Findings, InputError
from layers.parcels import ParcelOptions
from layers.people import PeopleOptions
from layers.sea import SeaOptions
from layers.stock import StockOptions
from layers.streets import StreetOptions
from layers.tables.balance import CARRIERS, SECTORS
from layers.vector import Source
from layers.weather import WeatherOptions
from resources.factors import regions
from resources.photovoltaics import SolarOptions
from resources.rooftop.options import RooftopOptions
from resources.siting import SitingOptions
from resources.wind import WindOptions
from spatial.balance import BalanceOptions
from spatial.balance.calibration import check_totals
from spatial.balance.definitions import definitions
from spatial.balance.loads import GENERATORS
from spatial.balance.options import Switches
from spatial.demand import METERS, DemandOptions
from spatial.hourly import HourlyOptions
from spatial.maps import MapOptions
from spatial.networks import NetworkOptions
from spatial.review import ReviewOptions
from spatial.scenario import Scenario, ScenarioOptions

SHORT_NAME = r"^[A-Za-z0-9_-]+$"
RESERVED = ("base_year", "rest", "flexibility", "least_cost_expansion")
"""Names that results give to what is no scenario: a scenario of that name could not be told from it."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class About(_Part):
    """What the study is called, its years, and what in it is illustrative."""

    name: str = Field(pattern=SHORT_NAME, description="Short name, used for the output folder")
    title_zh: str = Field(description="Title in Chinese")
    title_en: str = Field(description="Title in English")
    base_year: int = Field(default=2017, ge=1990, le=2060, description="First year of the account")
    target_year: int = Field(default=2030, ge=1991, le=2060, description="Year the targets are for")
    end_year: int | None = Field(
        default=None, ge=1991, le=2060, description="Last year of the account; without it the target year"
    )
    crs: str = Field(default="auto", description='Projected CRS, or "auto": the CGCS2000 belt of the place')
    seed: int = Field(default=1, ge=0, description="Seed of everything random")
    illustrative: tuple[str, ...] = Field(default=(), description="Inputs that are not real data; marked everywhere")
    attribution: tuple[str, ...] = Field(default=(), description="Sources to be named on every map")


class Inputs(_Part):
    """Input files, relative to the study file; ``file#layer`` names a layer in a file."""

    zone: str = Field(description="Boundary of the zone")
    parcels: str = Field(description="Parcels of the master plan")
    weather: str = Field(description="EPW, PVGIS typical year (csv, json), or twelve monthly normals (csv)")
    streets: str | None = Field(default=None, description="Street centre lines")
    units: str | None = Field(default=None, description="Planning units; without them the zone is one unit")
    land: str | None = Field(default=None, description="Land of the surroundings, for distances from the shore")
    sea_area: str | None = Field(default=None, description="Sea study area outside the zone")
    exclusions: str | None = Field(default=None, description="Channels, anchorages, protected areas")
    wind: str | None = Field(default=None, description="Raster of mean wind speed [m/s]")
    depth: str | None = Field(default=None, description="Raster of sea depth [m, positive down]")
    buildings: str | None = Field(default=None, description="Footprints with floors or heights")
    archetypes: str | None = Field(
        default=None, description="Archetypes of the study's own (CSV or xlsx#sheet), each like a built-in one"
    )
    schedules: str | None = Field(default=None, description="Schedules of the study's archetypes (CSV or xlsx#sheet)")
    crosswalk: str | None = Field(
        default=None, description="CSV (code,landuse[,share]) that explains the plan's own codes"
    )
    measures: str | None = Field(default=None, description="Measures (CSV or xlsx#sheet); without it the package's own")
    shares: str | None = Field(
        default=None, description="Shares of technologies by trend (CSV or xlsx#sheet), in place of the package's"
    )
    technologies: str | None = Field(
        default=None, description="Energy that technologies take (CSV or xlsx#sheet), in place of the package's"
    )
    lives: str | None = Field(
        default=None, description="Lives of equipment (CSV or xlsx#sheet), in place of the package's"
    )
    costs: str | None = Field(
        default=None, description="Costs of technologies (CSV or xlsx#sheet), in place of the package's"
    )
    rules: str | None = Field(default=None, description="Review rules; without them the package's own")
    coordinates: Literal["wgs84", "gcj02", "bd09"] = Field(
        default="wgs84", description="Datum of geographic coordinates: gcj02 (Amap) and bd09 (Baidu) are converted"
    )


class Study(_Part):
    """A whole study; see each part for its options."""

    study: About
    inputs: Inputs
    drivers: dict[str, dict[int, float]] = Field(
        description="Driver to year to value: population [person], gdp_million_cny, teu, berth_calls"
    )
    parcels: ParcelOptions = Field(default_factory=ParcelOptions)
    streets: StreetOptions = Field(default_factory=StreetOptions)
    weather: WeatherOptions = Field(default_factory=WeatherOptions)
    people: PeopleOptions = Field(default_factory=PeopleOptions)
    stock: StockOptions = Field(default_factory=StockOptions)
    sea: SeaOptions = Field(default_factory=SeaOptions)
    solar: SolarOptions = Field(default_factory=SolarOptions)
    rooftop: RooftopOptions = Field(default_factory=RooftopOptions)
    siting: SitingOptions = Field(default_factory=SitingOptions)
    wind: WindOptions = Field(default_factory=WindOptions)
    demand: DemandOptions = Field(default_factory=DemandOptions)
    networks: NetworkOptions = Field(default_factory=NetworkOptions)
    scenarios: dict[str, Scenario] = Field(default_factory=lambda: ScenarioOptions().scenarios)
    balance: BalanceOptions = Field(default_factory=BalanceOptions)
    hourly: HourlyOptions = Field(default_factory=HourlyOptions)
    review: ReviewOptions = Field(default_factory=ReviewOptions)
    map: MapOptions = Field(default_factory=MapOptions)
    folder: Path = Field(default=Path(), exclude=True, description="Folder of the study file; set when it is read")

    def source(self, name: str) -> Source | None:
        """Return one input as a file and layer, or None where the study has none."""
        given = getattr(self.inputs, name)
        if given is None:
            return None
        path, _, layer = str(given).partition("#")
        return Source(self.folder / path, layer or None)

    @property
    def end_year(self) -> int:
        """Last year of the account."""
        return self.study.end_year or self.study.target_year

    @property
    def years(self) -> range:
        """Every year of the account."""
        return range(self.study.base_year, self.end_year + 1)

    @property
    def solved_years(self) -> tuple[int, ...]:
        """Years that are solved hour by hour: those named, else the target year."""
        return self.hourly.years or (self.study.target_year,)

    @property
    def seeded_weather(self) -> WeatherOptions:
        """Options of the weather, with the study's seed where they name none."""
        if "seed" in self.weather.model_fields_set:
            return self.weather
        return self.weather.model_copy(update={"seed": self.study.seed})

    @property
    def reviewed_scenario(self) -> str:
        """Scenario that is reviewed: the one named, else the last."""
        named = self.review.scenario if "scenario" in self.review.model_fields_set else ""
        return named or list(self.scenarios)[-1]


def _known_keys(model: type[BaseModel]) -> list[str]:
    return list(model.model_fields)


def _model_at(location: tuple[int | str, ...]) -> type[BaseModel] | None:
    """Return the model that a location of the study belongs to, to name the keys it knows."""
    model: type[BaseModel] = Study
    for part in location:
        field = model.model_fields.get(str(part))
        if field is None:
            return model
        candidates = [field.annotation, *getattr(field.annotation, "__args__", ())]
        inner = [c for c in candidates if isinstance(c, type) and issubclass(c, BaseModel)]
        if not inner:
            return None
        model = inner[0]
    return model


def _explain(error: dict[str, Any]) -> tuple[str, str]:
    """Return problem and remedy of one pydantic error."""
    key = str(error["loc"][-1]) if error["loc"] else ""
    if error["type"] == "extra_forbidden":
        model = _model_at(tuple(error["loc"][:-1]))
        known = _known_keys(model) if model else []
        near = difflib.get_close_matches(key, known, n=1, cutoff=0.0)
        remedy = f"did you mean {near[0]!r}? Known: {', '.join(known)}" if near else "remove it"
        return f"unknown key {key!r}", remedy
    if error["type"] == "missing":
        return f"key {key!r} is missing", "add it"
    told = error["msg"].removeprefix("Value error, ")
    # what does not fit together is told by its keys; the whole table says no more
    given = "" if isinstance(error["input"], dict) else f" (given: {error['input']!r})"
    return f"{told[:1].lower()}{told[1:]}{given}", "correct the value"


def read_study(path: Path) -> Study:
    """Read a study file.

    Parameters
    ----------
    path
        ``study.toml``, or the folder it lies in.

    Raises
    ------
    InputError
        With every fault of the file: TOML, unknown or missing keys, values out of range, years in the wrong order.
    """
    path = path / "study.toml" if path.is_dir() else path
    findings = Findings()
    if not path.is_file():
        findings.error(
            str(path), "there is no study file", "give the path of a study.toml; `nearzero new DIR` makes one"
        )
        findings.raise_errors()
    try:
        content = tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError([Fault(path.name, f"is not valid TOML: {error}", "correct the line named")]) from None
    content.pop("$schema", None)
    try:
        study = Study.model_validate({**content, "folder": path.parent.resolve()})
    except ValidationError as error:
        for item in error.errors():
            problem, remedy = _explain(dict(item))
            column = ".".join(str(part) for part in item["loc"])
            findings.error(path.name, problem, remedy, column=column)
        findings.raise_errors()
        raise
    check_values(study, path.name, findings)
    findings.raise_errors()
    return study


def check_values(study: Study, name: str, findings: Findings) -> None:
    """Add a fault for values that do not fit together."""
    base = study.study.base_year
    _check_years(study, name, findings)
    _check_account(study, name, findings)
    for driver in ("population", "gdp_million_cny"):
        if driver not in study.drivers:
            findings.error(name, f"driver {driver!r} is missing", f"add [drivers.{driver}]", column="drivers")
    for driver, years in study.drivers.items():
        where = f"drivers.{driver}"
        _check_known(driver, DRIVER_UNITS, "driver", findings, name, where)
        if base not in years:
            findings.error(name, f"has no value for the base year {base}", f"add {base} = ...", column=where)
        for year, value in sorted(years.items()):
            if not value > 0.0 or not math.isfinite(value):
                problem = f"{value} in {year} is not a number above zero"
                findings.error(name, problem, "give the true figure", column=where)
    if not study.scenarios:
        findings.error(name, "there is no scenario", "add one, or leave [scenarios] out", column="scenarios")
    else:
        _check_scenario_names(study, name, findings)
        _check_known(study.reviewed_scenario, study.scenarios, "scenario", findings, name, "review.scenario")


def _check_scenario_names(study: Study, name: str, findings: Findings) -> None:
    """Add a fault for each scenario whose name cannot be that of a file, or means something else in the results."""
    for scenario in study.scenarios:
        if not re.fullmatch(SHORT_NAME, scenario):
            problem = f"scenario name {scenario!r} has other characters than A-Z, a-z, 0-9, _ and -"
            findings.error(name, problem, "give it another name, such as near_zero", column=f"scenarios.{scenario}")
        elif scenario in RESERVED:
            problem = f"scenario name {scenario!r} is reserved: the results call something else so"
            findings.error(name, problem, "give it another name", column=f"scenarios.{scenario}")


def _check_years(study: Study, name: str, findings: Findings) -> None:
    """Add a fault for years in the wrong order, or beyond the account."""
    base, target, end = study.study.base_year, study.study.target_year, study.end_year
    remedy = "correct the years"
    if target <= base:
        problem = f"target year {target} is not after base year {base}"
        findings.error(name, problem, remedy, column="study.target_year")
    if end < target:
        problem = f"end year {end} is before target year {target}"
        findings.error(name, problem, remedy, column="study.end_year")
    for year in study.hourly.years:
        if not base <= year <= end:
            findings.error(name, f"{year} is not a year of the account, {base} to {end}", remedy, column="hourly.years")
    years = study.hourly.years
    if years and target not in years and study.hourly.mode != "off":
        problem = (
            f"the target year {target} is not among {', '.join(map(str, years))}: the account takes storage from it"
        )
        findings.error(name, problem, f"add {target}, or leave the key out", column="hourly.years")


def _check_account(study: Study, name: str, findings: Findings) -> None:
    """Add a fault for names that the account and the hourly system do not know, and for totals that contradict."""
    _check_known(study.balance.grid_region, regions(), "grid region", findings, name, "balance.grid_region")
    indicators = definitions(study.balance.switches)
    for key, aim in study.balance.targets.items():
        _check_known(aim.indicator, indicators, "indicator", findings, name, f"balance.targets.{key}.indicator")
    for total in study.balance.calibration.totals:
        sector, _, carrier = total.rpartition(".")
        where = f"balance.calibration.totals.{total}"
        _check_known(carrier, CARRIERS, "carrier", findings, name, where)
        _check_known(sector or SECTORS[0], SECTORS, "sector", findings, name, where)
    check_totals(study.balance.calibration.totals, findings, name)
    for demand, metered in study.demand.metered.items():
        where = f"demand.metered.{demand}"
        _check_known(demand, METERS, "demand", findings, name, where)
        if metered < 0.0:
            findings.error(name, f"{metered:g} MWh are metered", "give what was metered, nought or more", column=where)
    for item in study.hourly.expand:
        _check_known(item, GENERATORS, "generator", findings, name, "hourly.expand")


def _check_known(given: str, known: Iterable[str], what: str, findings: Findings, source: str, column: str) -> None:
    """Add a fault that names the nearest known name, if the given one is unknown."""
    names = list(known)
    if given not in names:
        near = difflib.get_close_matches(given, names, n=1, cutoff=0.0)[0]
        remedy = f"did you mean {near!r}? Known: {', '.join(names)}"
        findings.error(source, f"unknown {what} {given!r}", remedy, column=column)


def study_warnings(study: Study) -> list[Fault]:
    """Return a warning for each switch that the study sets and its own drivers overrule."""
    findings = Findings()
    given, acting = study.balance.switches, effective_switches(study)
    for driver, switch in GROWTH.items():
        wanted, told = getattr(given, switch), getattr(acting, switch)
        if switch in given.model_fields_set and wanted != told:
            problem = f"{switch} = {wanted:g} is not used: drivers.{driver} itself grows {told:g} times"
            remedy = f"leave out either the switch or the values after {study.study.base_year}"
            findings.warning("study.toml", problem, remedy, column=f"balance.switches.{switch}")
    return findings.faults


GROWTH = {"population": "population_times", "gdp_million_cny": "gdp_times"}
"""The switch that a driver grows by where it has no value after the base year."""
LITERAL_AND_LOOSE = {"gdp_times": (5.0, 4.0), "population_times": (4.0, 3.0)}
"""Both readings of "增长4倍" and "增长3倍": four times more, or four times as much."""
DRIVER_UNITS = {"population": "person", "gdp_million_cny": "million CNY", "teu": "TEU", "berth_calls": "call"}


def driver_table(study: Study) -> pd.DataFrame:
    """Return every driver in every year (table ``drivers``).

    Between given years a driver grows at a constant rate; after the last given year it stays. Population and GDP
    without any value after the base year grow by the switches ``population_times`` and ``gdp_times``.
    """
    base, target = study.study.base_year, study.study.target_year
    years = np.asarray(study.years)
    frames = []
    for driver, given in sorted(study.drivers.items()):
        known = dict(given)
        if _grows_by_switch(study, driver):
            known[target] = known[base] * getattr(study.balance.switches, GROWTH[driver])
        at = sorted(known)
        value = np.exp(np.interp(years, at, np.log([known[year] for year in at])))
        # As given, to the last digit, where it is given.
        value = np.where(np.isin(years, at), [known.get(int(year), 0.0) for year in years], value)
        frames.append(pd.DataFrame({"driver": driver, "year": years, "value": value, "unit": DRIVER_UNITS[driver]}))
    return pd.concat(frames, ignore_index=True)


def _grows_by_switch(study: Study, driver: str) -> bool:
    return driver in GROWTH and max(study.drivers[driver]) <= study.study.base_year


def effective_switches(study: Study) -> Switches:
    """Return the switches as they act: growth that the drivers tell, to four digits, stands for its switch."""
    drivers = driver_table(study).set_index(["driver", "year"])["value"]
    told = {
        switch: float(f"{drivers[driver, study.study.target_year] / drivers[driver, study.study.base_year]:.4g}")
        for driver, switch in GROWTH.items()
        if not _grows_by_switch(study, driver)
    }
    return study.balance.switches.model_copy(update=told)


def readings_of(study: Study) -> list[Switches]:
    """Return the switches under every reading of the multipliers and of the coal equivalent.

    A multiplier that the study's own drivers tell has no other reading. The study's own reading comes first.
    """
    own = effective_switches(study)
    gdp = LITERAL_AND_LOOSE["gdp_times"] if _grows_by_switch(study, "gdp_million_cny") else ()
    people = LITERAL_AND_LOOSE["population_times"] if _grows_by_switch(study, "population") else ()
    return [
        own.model_copy(update={"gdp_times": g, "population_times": p, "tce_method": method})
        for g in dict.fromkeys((own.gdp_times, *gdp))
        for p in dict.fromkeys((own.population_times, *people))
        for method in dict.fromkeys((own.tce_method, "equivalent", "calorific"))
    ]


def study_schema() -> dict[str, Any]:
    """Return the JSON schema of the study file, for editors that complete and check TOML."""
    schema = Study.model_json_schema()
    schema["properties"].pop("folder", None)
    schema["properties"]["$schema"] = {"type": "string"}
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
