"""The only file that knows the sequence: which stage needs which tables, options and files, and what it gives."""

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd
from pydantic import BaseModel

from layers.errors import Fault, Findings
from layers.tables.contract import Table
from spatial import stages
from spatial.store import Entry, Packed, Store, code_digest, digest, file_digest
from spatial.study import Study, study_warnings

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Stage:
    """One stage.

    Attributes
    ----------
    name
        Name of the stage and of its folder in the store.
    action
        What it does; it sees only the tables it needs.
    needs, gives
        Names of tables.
    options
        Dotted names of the parts of the study it depends on.
    inputs
        Names of the study's inputs it reads.
    reads
        Whether it only reads inputs: all such stages are done, and all faults told, before any other starts.
    """

    name: str
    action: Callable[[stages.Context], dict[str, pd.DataFrame]]
    needs: tuple[str, ...] = ()
    gives: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    inputs: tuple[str, ...] = ()
    reads: bool = False


ALL_RESULTS = (
    "zone", "units", "land", "sea_area", "exclusions", "parcels", "parcel_uses", "streets", "site", "weather",
    "drivers", "people", "reconciliation", "stock", "roofs", "sun_grid", "sun_cells",
    "supply_curves", "pv_classes", "pv_parcels", "pv_profiles", "sea_grid", "sea_cells", "wind_cells",
    "turbines", "wind_profiles", "demand_profiles", "intensities", "demand_parcels",
    "demand_calibration", "demand_parcel_bands", "demand_bands", "massings", "density_grid", "density",
    "linear_density", "street_parcels", "clusters", "cluster_profiles", "activity", "pipes", "stations", "connections",
    "network_summary", "network_phases", "network_prices", "street_repairs", "unreachable_parcels", "measures",
    "adoption", "balance", "parcel_account", "supply", "sinks",
    "indicators", "targets", "end_uses", "tree_activity", "equipment", "installed", "flows", "embodied",
    "decomposition", "costs", "calibration", "zone_hourly", "power_plants", "dispatch", "capacities", "power_summary",
    "typical_days", "charging_parcels", "charging_units", "charging_shapes", "abatement", "ambition", "waterfall",
    "readings", "verdicts", "review",
)  # fmt: skip

YEARS = ("study.base_year", "study.target_year", "study.end_year")
MARKET = ("hourly.tariff", "hourly.sale", "hourly.demand_charge")
LOADED = (
    "stock", "parcels", "technology_use", "lives", "adoption", "intensities", "demand_profiles", "activity",
    "profile_shapes", "pv_parcels", "pv_classes", "pv_profiles", "turbines", "wind_profiles", "connections",
    "network_summary", "weather", "site", "units", "archetypes",
)  # fmt: skip
"""What the loads of the hourly system are drawn up from."""
ACCOUNTED = (*LOADED, "people", "trend", "measures", "technology_cost", "drivers")
"""What the account is drawn up from."""
SOLVED = ("loads", "power_plants", "power_summary", "capacities")
"""What the hourly system was given and tells the account."""

STAGES: tuple[Stage, ...] = (
    Stage("place", stages.place, (), ("zone", "units", "land", "sea_area", "exclusions"), ("study.crs", "study.name"),
          ("zone", "units", "land", "sea_area", "exclusions"), reads=True),
    Stage("archetypes", stages.archetypes, (), ("archetypes", "archetype_schedules"), (), ("archetypes", "schedules"),
          reads=True),
    Stage("parcels", stages.parcels, ("zone", "units", "land", "archetypes"), ("parcels", "parcel_uses"),
          ("parcels", "study.base_year", "study.target_year"), ("parcels", "crosswalk"), reads=True),
    Stage("streets", stages.streets, ("zone",), ("streets",), ("streets",), ("streets",), reads=True),
    Stage("buildings", stages.buildings, ("zone",), ("buildings",), (), ("buildings",), reads=True),
    Stage("weather", stages.weather, ("zone",), ("site", "weather"), ("seeded_weather",), ("weather",),
          reads=True),
    Stage("sea", stages.sea, ("zone", "land", "sea_area"), ("sea_grid", "sea_cells"), ("sea",), ("wind", "depth"),
          reads=True),
    Stage("adoption", stages.adoption, (),
          ("trend", "technology_use", "lives", "measures", "technology_cost", "adoption"),
          ("scenarios", "drivers", "balance.switches", *YEARS),
          ("measures", "shares", "technologies", "lives", "costs"), reads=True),
    Stage("rules", stages.rules, (), ("rules",), ("review",), ("rules",), reads=True),
    Stage("named_parcels", stages.named_parcels, ("parcels",), (), ("networks",), reads=True),
    Stage("people", stages.people, ("parcels", "parcel_uses", "archetypes"), ("drivers", "people", "reconciliation"),
          ("people", "drivers", "balance.switches", *YEARS)),
    Stage("dwellings", stages.dwellings, ("parcels", "parcel_uses", "archetypes"), ("dwellings",)),
    Stage("stock", stages.stock, ("parcels", "parcel_uses", "buildings", "archetypes"),
          ("stock", "massings", "forms"), ("stock", "study.base_year")),
    Stage("roofs", stages.roofs, ("zone", "weather", "site", "stock", "parcels", "archetypes"),
          ("roofs", "roof_profiles", "sun_grid", "sun_cells", "wall_light", "supply_curves"), ("solar", "rooftop")),
    Stage("sun", stages.sun, ("weather", "site", "stock", "parcels", "archetypes", "roofs", "roof_profiles"),
          ("pv_profiles", "pv_classes", "pv_parcels"), ("solar",)),
    Stage("wind", stages.wind_, ("sea_grid", "sea_cells", "exclusions", "dwellings", "weather", "site"),
          ("wind_cells", "turbines", "wind_profiles"), ("wind", "siting")),
    Stage("profiles", stages.profiles,
          ("weather", "site", "stock", "forms", "wall_light", "archetypes", "archetype_schedules"),
          ("demand_profiles", "intensities", "demand_calibration"), ("demand", "study.base_year")),
    Stage("demand", stages.demand, ("demand_profiles", "intensities", "stock", "parcels"),
          ("demand_parcels", "density_grid", "density"), ("demand", "study.base_year", "study.target_year")),
    Stage("bands", stages.bands,
          ("weather", "site", "stock", "massings", "forms", "wall_light", "demand_parcels", "archetypes",
           "archetype_schedules"),
          ("demand_parcel_bands", "demand_bands"), ("demand", "study.base_year", "study.target_year")),
    Stage("density", stages.density,
          ("demand_parcels", "demand_profiles", "stock", "parcels", "streets", "density_grid", "density"),
          ("linear_density", "street_parcels", "clusters", "cluster_profiles"), ("demand", "study.target_year")),
    Stage("activity", stages.activity, ("drivers", "parcels", "people", "stock", "site", "archetypes"),
          ("activity", "profile_shapes"), ("demand", *YEARS)),
    Stage("networks", stages.networks, ("streets", "parcels", "land", "demand_parcels"),
          ("pipes", "stations", "connections", "network_summary", "network_phases", "network_prices", "street_repairs",
           "unreachable_parcels"), ("networks", "study.target_year", "balance.grid_region")),
    Stage("loads", stages.loads, LOADED, ("loads", "power_plants"),
          ("balance", "hourly.years", "hourly.nodes", *YEARS)),
    Stage("power", stages.power, ("loads", "power_plants"),
          ("dispatch", "capacities", "power_summary", "typical_days"), ("hourly", "balance.grid_region", *YEARS)),
    Stage("balance", stages.balance, (*ACCOUNTED, *SOLVED),
          ("balance", "parcel_account", "supply", "sinks", "indicators", "targets", "end_uses", "tree_activity",
           "equipment", "installed", "flows", "embodied", "decomposition", "costs", "calibration", "zone_hourly"),
          ("balance", "scenarios", *MARKET, *YEARS)),
    Stage("charging", stages.charging, ("stock", "weather", "end_uses", "equipment", "archetypes"),
          ("charging_parcels", "charging_units", "charging_shapes"),
          ("reviewed_scenario", "study.base_year", "study.target_year")),
    Stage("abatement", stages.abatement, (*ACCOUNTED, *SOLVED, "balance", "sinks"),
          ("abatement", "ambition", "waterfall"), ("balance", "scenarios", *MARKET, *YEARS)),
    Stage("readings", stages.readings,
          (*ACCOUNTED, *SOLVED, "parcel_uses", "targets", "indicators", "end_uses", "supply", "sinks"),
          ("readings", "verdicts"),
          ("balance", "people", "drivers", "demand", *MARKET, *YEARS)),
    Stage("review", stages.review,
          ("rules", "parcels", "parcel_uses", "stock", "pv_parcels", "pv_classes", "connections", "parcel_account",
           "archetypes"),
          ("review",), ("review", "reviewed_scenario", "study.base_year", "study.target_year")),
    Stage("tables", stages.write_tables, ALL_RESULTS, (), ("study", "scenarios", "balance")),
    Stage("layers", stages.write_layers, ALL_RESULTS, (), ("study", "scenarios")),
    Stage("rasters", stages.write_rasters,
          ("zone", "sea_grid", "sea_cells", "wind_cells", "density_grid", "density", "sun_grid", "sun_cells"), (),
          ("study",)),
    Stage("hourly", stages.write_hourly,
          ("zone", "weather", "stock", "demand_profiles", "pv_profiles", "pv_parcels", "roof_profiles", "wind_profiles",
           "turbines", "profile_shapes", "zone_hourly", "dispatch", "cluster_profiles", "charging_shapes"), (),
          ("study",)),
    Stage("map", stages.write_map, (*ALL_RESULTS, "archetypes"), (), ("study", "scenarios", "balance", "map")),
)  # fmt: skip


@dataclass
class Outcome:
    """What became of a run: which stages ran, how long each took, and what the inputs gave rise to say."""

    entries: dict[str, Entry] = field(default_factory=dict)
    ran: list[str] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)


class Tables(Mapping[str, pd.DataFrame]):
    """Tables by name, read from the store when first asked for."""

    def __init__(self, where: Mapping[str, Entry], held: Mapping[str, Packed] | None = None) -> None:
        self._where = where
        self._held = held or {}
        self._read: dict[str, pd.DataFrame] = {}

    def __getitem__(self, name: str) -> pd.DataFrame:
        if name not in self._read:
            held = self._held.get(name)
            self._read[name] = held.unpack() if held is not None else self._where[name].table(name)
        return self._read[name]

    def __iter__(self) -> Iterator[str]:
        return iter({**self._where, **self._held})

    def __len__(self) -> int:
        return len({**self._where, **self._held})


def part_of(study: Study, dotted: str) -> Any:  # noqa: ANN401 - parts of a study are models, dicts or plain values
    """Return a part of the study as JSON-able data."""
    value: Any = study
    for name in dotted.split("."):
        value = getattr(value, name)
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    if isinstance(value, dict):
        return {str(k): v.model_dump(mode="json") if isinstance(v, BaseModel) else v for k, v in value.items()}
    return value


def stage_key(stage: Stage, study: Study, digests: Mapping[str, str]) -> str:
    """Return the name of a stage's result: the digest of everything that can change it."""
    sources = {name: study.source(name) for name in stage.inputs}
    content = {
        "stage": stage.name,
        "code": code_digest(),
        "options": {name: part_of(study, name) for name in stage.options},
        "inputs": {
            name: None if source is None else [source.name, file_digest(source.path)]
            for name, source in sources.items()
        },
        "coordinates": study.inputs.coordinates if stage.inputs else None,
        "needs": {name: digests.get(name) for name in stage.needs},
    }
    # Keys are not sorted: the order of scenarios and targets carries meaning (the first scenario is the reference).
    return digest(json.dumps(content, ensure_ascii=False, default=str).encode())


def contract_faults(stage: Stage, tables: Mapping[str, pd.DataFrame], contracts: Mapping[str, Table]) -> list[Fault]:
    """Return every way in which a stage's tables break their contracts."""
    return [
        fault
        for name, frame in tables.items()
        if name in contracts
        for fault in contracts[name].faults(frame, f"stage {stage.name}, table {name}")
    ]


class ContractError(RuntimeError):
    """A stage broke a contract: our fault, never the input's."""


def run_stages(study: Study, store: Store, only: Sequence[Stage] = STAGES, progress: Progress | None = None) -> Outcome:
    """Bring every stage up to date and return what was done.

    All inputs are read, and all their faults told, before anything is written or computed.

    Raises
    ------
    InputError
        With every fault of the inputs.
    ContractError
        If a stage gives what its contract does not allow.
    """
    outcome = Outcome(faults=study_warnings(study))
    digests: dict[str, str] = {}
    where: dict[str, Entry] = {}
    _read_inputs(study, store, outcome, digests, where)
    rest = [stage for stage in only if not stage.reads]
    for number, stage in enumerate(rest):
        if progress is not None:
            progress(stage.name, number, len(rest))
        started = time.perf_counter()
        key = stage_key(stage, study, digests)
        entry = store.find(stage.name, key)
        if entry is None:
            folder = store.begin(stage.name)
            needed = Tables({name: where[name] for name in stage.needs})
            said = Findings()
            made = _checked(stage, stage.action(stages.Context(needed, study, said, folder / "files")))
            packed = {name: Packed.of(frame) for name, frame in made.items()}
            entry = store.finish(stage.name, key, folder, packed, tuple(said))
            outcome.ran.append(stage.name)
        _note(stage, entry, outcome, digests, where)
        outcome.seconds[stage.name] = time.perf_counter() - started
    return outcome


def check_inputs(study: Study) -> Findings:
    """Read every input and return all that is wrong or was repaired, writing nothing."""
    findings = Findings(study_warnings(study))
    held: dict[str, Packed] = {}
    for stage in STAGES:
        if stage.reads and set(stage.needs) <= set(held):
            made = stage.action(stages.Context(Tables({}, held), study, findings, Path()))
            held |= {name: Packed.of(frame) for name, frame in made.items()}
    return findings


def _read_inputs(
    study: Study, store: Store, outcome: Outcome, digests: dict[str, str], where: dict[str, Entry]
) -> None:
    """Bring the reading stages up to date; nothing is written until all inputs are sound."""
    findings = Findings()
    pending: list[tuple[Stage, str, dict[str, Packed], tuple[Fault, ...]]] = []
    held: dict[str, Packed] = {}
    for stage in STAGES:
        if not stage.reads or not set(stage.needs) <= set(digests):
            continue
        started = time.perf_counter()
        key = stage_key(stage, study, digests)
        entry = store.find(stage.name, key)
        if entry is not None:
            _note(stage, entry, outcome, digests, where)
        else:
            own = Findings()
            made = stage.action(stages.Context(Tables(where, held), study, own, Path()))
            findings.extend(own)
            # With errors the tables still serve to check what depends on them; they are not kept.
            packed = {name: Packed.of(f) for name, f in (made if own.errors else _checked(stage, made)).items()}
            held |= packed
            digests |= {name: one.digest for name, one in packed.items()}
            pending.append((stage, key, packed, tuple(own)))
        outcome.seconds[stage.name] = time.perf_counter() - started
    findings.raise_errors()
    for stage, key, packed, faults in pending:
        entry = store.finish(stage.name, key, store.begin(stage.name), packed, faults)
        outcome.ran.append(stage.name)
        _note(stage, entry, outcome, digests, where)


def _checked(stage: Stage, made: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    missing = sorted(set(stage.gives) - set(made))
    faults = [str(fault) for fault in contract_faults(stage, made, stages.CONTRACTS)]
    if missing or faults:
        raise ContractError("\n".join([*(f"stage {stage.name} gave no {name}" for name in missing), *faults[:20]]))
    return made


def _note(stage: Stage, entry: Entry, outcome: Outcome, digests: dict[str, str], where: dict[str, Entry]) -> None:
    digests |= entry.digests
    where |= dict.fromkeys(entry.digests, entry)
    outcome.entries[stage.name] = entry
    outcome.faults += entry.faults
