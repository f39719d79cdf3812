"""What the hourly system tells the yearly account: how storage and movable loads change it, and what is built.

The hourly system is solved for some years. Against plain matching of the same loads and generation it moves part of the
surplus to other hours, loses some of it on the way, and pays a lower bill. Each of these is told per surplus, per use,
and per flexibility that the scenario allows; between solved years they are interpolated, and every year takes them by
the flexibility it allows. In a solved year the account therefore repeats the hourly result; in the others it is an
estimate that holds as far as surplus and prices stay alike.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from layers.units import KW_PER_MW
from spatial.balance.loads import GENERATORS, LOADS, NO_LOAD, PER_MW
from spatial.balance.money import Market
from spatial.balance.power import Flexibility, Potential
from spatial.balance.tree import Shares

Floats = NDArray[np.float64]
Tables = Mapping[str, pd.DataFrame]

FLEXIBLE = "flex."
INSTALLED = "installed"
LEAST_MW = 1e-6
"""Growth below this is rounding of the solver."""
UNITS = {"battery": "kWh", "cold_store": "kWh", "heat_store": "kWh", "v2g": "kW", "ev_charging": "kW"}
"""Unit that each kind of flexibility is priced in."""


def taken(shares: Shares) -> Floats:
    """Return the sum of all flexibility that shares allow in each year, shape (n,)."""
    found = [path for (subject, _), path in shares.items() if subject.startswith(FLEXIBLE)]
    return np.sum(found, axis=0) if found else np.zeros(1)


@dataclass(frozen=True)
class Effect:
    """What storage and movable loads do in one solved year.

    Attributes
    ----------
    moved
        Share of the surplus that is used in other hours.
    loss
        Loss of stores per electricity used.
    curtailed
        Share of what is then left over that is curtailed.
    saved_cny_mwh
        What the bill is lower by than with plain matching, per electricity used [CNY/MWh].
    """

    moved: float
    loss: float
    curtailed: float
    saved_cny_mwh: float

    @classmethod
    def of(cls, tables: Tables, scenario: str, year: int, grown_mw: Mapping[str, float], market: Market) -> "Effect":
        """Compare a solved year with plain matching of what stands in it."""
        rows = tables["power_summary"]
        own = rows[(rows["scenario"] == scenario) & (rows["year"] == year)]
        solved = own.set_index("quantity")["value"].astype(float)
        use, made = _series(tables, scenario, year, grown_mw)
        imported, exported = np.maximum(use - made, 0.0), np.maximum(made - use, 0.0)
        surplus, left = float(exported.sum()), float(solved["export_mwh"] + solved["curtailed_mwh"])
        loss = float(solved["generation_mwh"] + solved["import_mwh"] - solved["export_mwh"]) - float(use.sum())
        bill = float(solved["cost_cny"]) - float(_of_scenario(tables, scenario, year)["cost_cny"].sum())
        return cls(
            moved=1.0 - left / surplus if surplus > 0.0 else 0.0,
            loss=loss / float(use.sum()) if use.any() else 0.0,
            curtailed=float(solved["curtailed_mwh"]) / left if left > 0.0 else 0.0,
            saved_cny_mwh=(market.bill(imported, exported) - bill) / float(use.sum()) if use.any() else 0.0,
        )


@dataclass(frozen=True)
class Solved:
    """One scenario's hourly result as the account uses it; arrays have one value a year of the account.

    Attributes
    ----------
    flexibility
        What storage and movable loads change.
    built
        Store to what stands of it, and its unit.
    grown_mw
        Generator to what least cost builds of it beyond what is planned [MW], in the target year.
    """

    flexibility: Flexibility
    built: Mapping[str, tuple[Floats, str]]
    grown_mw: Mapping[str, float]

    @classmethod
    def of(
        cls,
        tables: Tables,
        scenario: str,
        shares: Shares,
        years: NDArray[np.int64],
        target_year: int,
        market: Market,
    ) -> "Solved":
        """Return the result of one scenario, in all years of the account.

        Parameters
        ----------
        tables
            Loads, power_summary and capacities.
        scenario, shares
            Which, and its shares.
        years
            All years of the account.
        target_year
            Year in which what is built beyond the plan stands.
        market
            Prices of electricity.
        """
        rows = tables["power_summary"]
        known = sorted({int(year) for year in rows.loc[rows["scenario"] == scenario, "year"]})
        allowed = np.broadcast_to(taken(shares), years.shape)
        at = {year: float(allowed[np.searchsorted(years, year)]) for year in known}
        if not known:
            still = np.zeros(len(years))
            return cls(Flexibility(still, still, still, still), {}, {})
        effects = {year: Effect.of(tables, scenario, year, _grown(tables, scenario, year), market) for year in known}

        def spread(value: Callable[[int], float]) -> Floats:
            per_unit = [value(year) / at[year] if at[year] > 0.0 else 0.0 for year in known]
            return np.asarray(np.interp(years, known, per_unit) * allowed)

        flexible = Flexibility(
            moved=spread(lambda year: effects[year].moved),
            loss=spread(lambda year: effects[year].loss),
            # Curtailment follows from the limits of the grid, whatever flexibility there is.
            curtailed=np.interp(years, known, [effects[year].curtailed for year in known]),
            saved_cny_mwh=spread(lambda year: effects[year].saved_cny_mwh),
        )
        stores = {year: _built(tables, scenario, year) for year in known}

        def standing(store: str) -> Floats:
            return spread(lambda year: stores[year][store])

        built = {store: (standing(store), unit) for store, unit in UNITS.items()}
        return cls(flexible, built, _grown(tables, scenario, target_year))

    def at(self, position: int, part: float) -> "Solved":
        """Return the result of one year alone, with part of its flexibility."""
        whole = self.flexibility
        one = slice(position, position + 1)
        scaled = Flexibility(
            whole.moved[one] * part, whole.loss[one] * part, whole.curtailed[one], whole.saved_cny_mwh[one] * part
        )
        built = {store: (amount[one] * part, unit) for store, (amount, unit) in self.built.items()}
        return Solved(scaled, built, self.grown_mw)


def with_growth(
    shares: Shares, grown_mw: Mapping[str, float], potentials: Mapping[str, Potential], position: int
) -> Shares:
    """Return shares in which what least cost builds beyond the plan stands, growing evenly to the solved year.

    Parameters
    ----------
    shares
        Shares as planned.
    grown_mw
        Generator to what is built beyond the plan in the solved year [MW].
    potentials
        What sun and wind could give, by generator.
    position
        Position of the solved year.
    """
    found = dict(shares)
    for item, grown in grown_mw.items():
        potential = potentials[item]
        key = potential.subject, INSTALLED
        years = np.arange(len(found[key]))
        share = grown / float(potential.capacity[:, position].sum())
        found[key] = np.minimum(found[key] + share * np.minimum(years / max(position, 1), 1.0), 1.0)
    return found


def _of_scenario(tables: Tables, scenario: str, year: int) -> pd.DataFrame:
    rows = tables["capacities"].reset_index() if tables["capacities"].index.names != [None] else tables["capacities"]
    return rows[(rows["scenario"] == scenario) & (rows["year"] == year)]


def _series(tables: Tables, scenario: str, year: int, grown_mw: Mapping[str, float]) -> tuple[Floats, Floats]:
    """Return electricity used and made in each hour of a solved year [MWh], what is built beyond the plan included."""
    loads = tables["loads"]
    mine = [str(column) for column in loads.columns if str(column).startswith(f"{scenario}|{year}|")]
    rows = tables["power_plants"]
    plans = rows[(rows["scenario"] == scenario) & (rows["year"] == year)].groupby("item")["planned_mw"].sum()
    use, made = np.zeros(len(loads)), np.zeros(len(loads))
    for column in mine:
        place, item = column.rsplit("|", maxsplit=1)
        values = loads[column].to_numpy(dtype=float)
        if item in ("cold", "heat"):
            use += values / loads[f"{place}|{item}_cop"].to_numpy(dtype=float)
        elif item in LOADS:
            use += values
        elif item.endswith(PER_MW):
            made += values * grown_mw.get(item.removesuffix(PER_MW), 0.0)
        elif item not in NO_LOAD:
            planned = float(plans.get(item, 0.0))
            made += values * (1.0 + grown_mw.get(item, 0.0) / planned if planned > 0.0 else 1.0)
    return use, made


def _grown(tables: Tables, scenario: str, year: int) -> dict[str, float]:
    own = _of_scenario(tables, scenario, year)
    generators = own[own["item"].isin(GENERATORS)]
    beyond = (generators["built_mw"] - generators["planned_mw"]).groupby(generators["item"].to_numpy()).sum()
    return {str(item): float(grown) for item, grown in beyond.items() if grown > LEAST_MW}


def _built(tables: Tables, scenario: str, year: int) -> dict[str, float]:
    """Return what stands of each kind of flexibility in a solved year, in its unit."""
    own = _of_scenario(tables, scenario, year)
    found = {
        store: float(own.loc[own["item"] == store, "built_mwh" if unit == "kWh" else "built_mw"].sum()) * KW_PER_MW
        for store, unit in UNITS.items()
    }
    loads = tables["loads"]
    movable = [name for name in loads.columns if str(name).startswith(f"{scenario}|{year}|") and name.endswith("|ev")]
    found["ev_charging"] = float(sum(loads[name].max() for name in movable)) * KW_PER_MW
    return found
