"""From the tables of loads and plants to the case of one scenario and year."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from layers.errors import Findings
from layers.units import KWH_PER_MWH
from resources.economics import annuity_factor
from resources.tariffs import demand_charge_cny_mw, export_price, import_price
from resources.technology import Technology, technology
from spatial.hourly.case import HOURS_PER_DAY, Case, Converter, Flexible, Floats, Load, Source, Store
from spatial.hourly.options import HourlyOptions, numbers

ZONE = "zone"
THERMAL = ("cold", "heat")
STORES = ("battery", "v2g", "cold_store", "heat_store")
NO_GENERATION = ("use", "ev", "cold", "heat", "cold_cop", "heat_cop")
PER_MW = "_per_mw"
POWER_UNITS = ("CNY/kW", "CNY/kWp", "CNY/kWe", "CNY/kW peak", "CNY/kW_th", "CNY/kW cold")


@dataclass(frozen=True)
class System:
    """One scenario in one year: its case and where the names in it come from."""

    scenario: str
    year: int
    nodes: tuple[str, ...]
    case: Case

    @property
    def grid(self) -> str:
        """Node the grid is connected to."""
        return self.nodes[0] if len(self.nodes) == 1 else ZONE

    @property
    def name(self) -> str:
        """Scenario and year, as messages name it."""
        return f"{self.scenario} {self.year}"


def split(name: str) -> tuple[str, str]:
    """Return node and item of a part's name.

    Examples
    --------
    >>> split("U01|pv_roof")
    ('U01', 'pv_roof')
    """
    node, _, item = name.rpartition("|")
    return node, item


def systems(
    loads: pd.DataFrame, plants: pd.DataFrame, grid_factor: Mapping[int, float], options: HourlyOptions
) -> list[System]:
    """Return the system of every scenario and year of the loads, in their order.

    Parameters
    ----------
    loads, power_plants
        Tables LOADS and POWER_PLANTS.
    grid_factor
        CO2 of bought electricity by year [t/MWh].
    options
        Options of the hourly system.

    Raises
    ------
    InputError
        With every column and row that cannot be used.
    """
    findings = Findings()
    _check_loads(loads, findings)
    findings.raise_errors()
    keys = list(dict.fromkeys(tuple(str(column).split("|", 2)[:2]) for column in loads.columns))
    reader = _Reader(loads, plants, options, findings)
    found = []
    for scenario, text in keys:
        year = int(text)
        if year not in grid_factor:
            findings.error("hourly", f"no CO2 factor of the grid for {year}", "give one", row=f"{scenario}|{year}")
            continue
        found.append(reader.system(scenario, year, grid_factor[year]))
    for item in options.expand:
        if plants.empty or item not in set(plants["item"]):
            findings.error("study", f"no generator {item!r} to expand", "name one of the loads", column="hourly.expand")
    findings.raise_errors()
    return found


def _check_loads(loads: pd.DataFrame, findings: Findings) -> None:
    if len(loads) % HOURS_PER_DAY:
        findings.error("loads", f"{len(loads)} hours are no whole days", "give whole days")
    columns = set(loads.columns)
    for name in loads.columns:
        parts = str(name).split("|")
        values = loads[name].to_numpy(dtype=float)
        if len(parts) != 4 or not parts[1].isdigit():
            findings.error("loads", "not scenario|year|node|item", "rename it", column=str(name))
        elif not np.isfinite(values).all() or (values < 0.0).any():
            hour = int(np.flatnonzero(~np.isfinite(values) | (values < 0.0))[0])
            findings.error(
                "loads", f"{values[hour]} is no energy", "give finite numbers >= 0", row=loads.index[hour], column=name
            )
        elif parts[3] in THERMAL:
            efficiency = f"{name}_cop"
            if efficiency not in columns:
                findings.error("loads", "has no efficiency of its plant", f"add the column {efficiency}", column=name)
            elif not (loads[efficiency].to_numpy(dtype=float)[values > 0.0] > 0.0).all():
                findings.error("loads", "must be above 0 where there is a load", column=efficiency)


@dataclass(frozen=True)
class _Reader:
    loads: pd.DataFrame
    plants: pd.DataFrame
    options: HourlyOptions
    findings: Findings

    def system(self, scenario: str, year: int, factor: float) -> System:
        times = pd.DatetimeIndex(self.loads.index)
        head = f"{scenario}|{year}|"
        names = [str(column).removeprefix(head) for column in self.loads.columns if str(column).startswith(head)]
        nodes = tuple(sorted({split(name)[0] for name in names}))
        parts = _Parts([], [], [], [], [])
        for node in nodes:
            self._node(scenario, year, node, [split(name)[1] for name in names if split(name)[0] == node], parts)
        ones = np.ones(len(times))
        if len(nodes) > 1:
            limit = math.inf if self.options.line_limit_mw is None else self.options.line_limit_mw
            parts.converters.extend(
                Converter(f"{node}|line", ZONE, node, ones, limit, both_ways=True) for node in nodes
            )
        self._grid(nodes[0] if len(nodes) == 1 else ZONE, times, factor, parts)
        case = Case(
            times=times,
            weights=ones,
            loads=tuple(parts.loads),
            flexibles=tuple(parts.flexibles),
            sources=tuple(parts.sources),
            converters=tuple(parts.converters),
            stores=tuple(parts.stores),
            co2_cap_t=self.options.co2_cap_t,
        )
        return System(scenario, year, nodes, case)

    def _series(self, scenario: str, year: int, name: str) -> Floats:
        return self.loads[f"{scenario}|{year}|{name}"].to_numpy(dtype=np.float64)

    def _row(self, scenario: str, year: int, node: str, item: str) -> tuple[float, float, Technology | None]:
        """Return planned and potential capacity [MW] and the technology of a plant; nothing where it has no row."""
        if self.plants.empty:
            return 0.0, 0.0, None
        table = self.plants
        mine = (table["scenario"] == scenario) & (table["year"] == year)
        rows = table[mine & (table["node"] == node) & (table["item"] == item)]
        if rows.empty:
            return 0.0, 0.0, None
        planned, potential = float(rows["planned_mw"].iloc[0]), float(rows["potential_mw"].iloc[0])
        row, key = f"{scenario}|{year}|{node}|{item}", str(rows["catalogue"].iloc[0])
        if potential < planned:
            self.findings.error("power_plants", f"potential {potential} MW is below planned {planned} MW", row=row)
        try:
            return planned, potential, technology(key)
        except KeyError:
            self.findings.error(
                "power_plants", f"the catalogue has no {key!r}", "name a technology", row=row, column="catalogue"
            )
            return planned, potential, None

    def _node(self, scenario: str, year: int, node: str, items: list[str], parts: "_Parts") -> None:
        def series(item: str) -> Floats:
            return self._series(scenario, year, f"{node}|{item}")

        if "use" in items:
            parts.loads.append(Load(f"{node}|use", node, series("use")))
        if "ev" in items and (natural := series("ev")).any():
            parts.flexibles.append(Flexible(f"{node}|ev", node, natural, natural.max() * numbers("ev.limit")))
        served = [item for item in THERMAL if item in items and series(item).any()]
        for item in served:
            need, efficiency = series(item), series(f"{item}_cop")
            typical = need.sum() / (need[need > 0.0] / efficiency[need > 0.0]).sum()
            efficiency = np.where(efficiency > 0.0, efficiency, typical)
            peak = float((need / efficiency).max()) * (1.0 + numbers("plant.reserve"))
            parts.loads.append(Load(f"{node}|{item}", f"{node} {item}", need))
            parts.converters.append(Converter(f"{node}|{item}_plant", node, f"{node} {item}", efficiency, peak))
        makers = [item for item in items if item not in NO_GENERATION and not item.endswith(PER_MW)]
        parts.sources.extend(self._generator(scenario, year, node, item) for item in makers if series(item).any())
        new = [item for item in self.options.expand if f"{item}{PER_MW}" in items]
        parts.sources.extend(self._newcomer(scenario, year, node, item) for item in new)
        for item in STORES:
            bus = node if item in ("battery", "v2g") else f"{node} {item.removesuffix('_store')}"
            planned, potential, made_of = self._row(scenario, year, node, item)
            lacks = bus != node and item.removesuffix("_store") not in served
            if made_of is not None and potential > 0.0 and not lacks:
                parts.stores.append(self._store(f"{node}|{item}", bus, planned, potential, made_of, year))

    def _generator(self, scenario: str, year: int, node: str, item: str) -> Source:
        given = self._series(scenario, year, f"{node}|{item}")
        planned, potential, made_of = self._row(scenario, year, node, item)
        size = planned if planned > 0.0 else float(given.max())
        return Source(
            f"{node}|{item}",
            node,
            size,
            given / size,
            np.zeros(len(given)),
            most_mw=potential if item in self.options.expand else 0.0,
            capital=0.0 if made_of is None else self._capital(made_of, year, None),
            turns_down=self.options.allow_curtailment,
        )

    def _newcomer(self, scenario: str, year: int, node: str, item: str) -> Source:
        """Return a generator of which nothing is planned, but which may be built."""
        each = self._series(scenario, year, f"{node}|{item}{PER_MW}")
        _, potential, made_of = self._row(scenario, year, node, item)
        capital = 0.0 if made_of is None else self._capital(made_of, year, None)
        return Source(f"{node}|{item}", node, 0.0, each, np.zeros(len(each)), potential, capital=capital,
                      turns_down=self.options.allow_curtailment)  # fmt: skip

    def _store(self, name: str, bus: str, planned: float, potential: float, made_of: Technology, year: int) -> Store:
        item = split(name)[1]
        hours = numbers(f"{item}.hours")
        one_way = math.sqrt(made_of.efficiency)
        return Store(
            name,
            bus,
            planned,
            hours,
            one_way,
            one_way,
            loss=numbers(f"{item}.loss"),
            most_mw=potential if self.options.allow_storage else 0.0,
            capital=self._capital(made_of, year, hours),
            full_after=int(numbers("v2g.full_after")) if item == "v2g" else None,
        )

    def _capital(self, made_of: Technology, year: int, hours: float | None) -> float:
        """Return what each MW costs a year [CNY/MW]: annuity and running cost without energy."""
        per_energy = made_of.capex_unit.startswith("CNY/kWh")
        if not per_energy and made_of.capex_unit not in POWER_UNITS:
            self.findings.error(
                "power_plants", f"{made_of.key} is priced in {made_of.capex_unit}", "name one priced by kW or kWh"
            )
            return 0.0
        yearly = annuity_factor(self.options.discount_rate, made_of.life) + made_of.opex_share
        return made_of.capex_in(year) * KWH_PER_MWH * yearly * (hours if per_energy and hours else 1.0)

    def _grid(self, node: str, times: pd.DatetimeIndex, factor: float, parts: "_Parts") -> None:
        options, ones = self.options, np.ones(len(times))
        paid = import_price(times, options.tariff) * KWH_PER_MWH + options.co2_price_cny_t * factor
        earned = export_price(times, options.sale) * KWH_PER_MWH
        # one meter cannot turn both ways in the same hour, so what is sold never earns what it costs to buy
        earned = np.minimum(earned, numbers("export.margin") * paid)
        bought = math.inf if options.import_limit_mw is None else options.import_limit_mw
        if options.demand_charge:
            most = min(bought, parts.most_taken())
            grown = Source(f"{node}|import", node, 0.0, ones, paid, most, factor, demand_charge_cny_mw())
            parts.sources.append(grown)
        else:
            parts.sources.append(Source(f"{node}|import", node, bought, ones, paid, co2=factor))
        sold = math.inf if options.export_limit_mw is None else options.export_limit_mw
        parts.sources.append(Source(f"{node}|export", node, sold, ones, -earned, sign=-1))


@dataclass(frozen=True)
class _Parts:
    """Parts of a case while it is put together."""

    loads: list[Load]
    flexibles: list[Flexible]
    sources: list[Source]
    converters: list[Converter]
    stores: list[Store]

    def most_taken(self) -> float:
        """Return a power [MW] that everything together never takes."""
        return math.fsum(self._takers())

    def _takers(self) -> Iterator[float]:
        thermal = {way.target for way in self.converters if not way.both_ways}
        yield from (float(load.mw.max()) for load in self.loads if load.bus not in thermal)
        yield from (load.limit_mw for load in self.flexibles)
        yield from (way.mw for way in self.converters if not way.both_ways)
        yield from (max(store.mw, store.most_mw) for store in self.stores if store.bus not in thermal)
