"""The ledger: one scenario's final energy, CO2 and electricity, from what all scenarios share and its own shares."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from layers.archetypes import kinds_of
from layers.constants import constants
from layers.tables.balance import CARRIERS
from layers.units import KWH_PER_MWH, mwh_to_tce
from resources.factors import carrier_factor_t_mwh, grid_factor_t_mwh, path
from spatial.balance.activities import Activities, Levels, activities, boundary
from spatial.balance.buildings import (
    COLUMNS_OF,
    ELECTRICITY,
    FABRIC,
    Buildings,
    Demand,
    buildings_energy,
    useful_cube,
    useful_demand,
)
from spatial.balance.classes import NETWORKS, Classes
from spatial.balance.hours import Profiles, Shapes, district_hours, electricity_hours
from spatial.balance.options import BalanceOptions
from spatial.balance.plants import Design, Plant, network_designs, plants
from spatial.balance.power import Flexibility, Potential, Power, match, pv_potentials, wind_potentials
from spatial.balance.tree import Memory, Shares, Tree, Uses

Floats = NDArray[np.float64]
Years = NDArray[np.int64]
Tables = Mapping[str, pd.DataFrame]

NO_CARBON = ("electricity", *NETWORKS.values())
"""Carriers without CO2 of their own: that of electricity and of district plants follows from what made them."""


@dataclass(frozen=True)
class Model:
    """What all scenarios share.

    Attributes
    ----------
    years
        All years of the account, shape (n,).
    stock
        Columns unit_id and parcel_id of every row of the stock.
    classes, cube, profiles
        The buildings: classes, useful demand of their designs, and its hours.
    levels, shapes
        The activities: levels, and hourly shape of each subsector, shape (hours,).
    potentials
        What sun and wind could give, by item.
    network_summary
        The design of the district networks.
    uses, lives
        What technologies take, and how long equipment lasts.
    options
        Options of the account.
    factors
        Calibration.
    memory, demands
        Of trees that differ in their shares and years alone.
    """

    years: Years
    stock: pd.DataFrame
    classes: Classes
    cube: Floats
    profiles: Profiles
    levels: Levels
    shapes: Mapping[str, Floats]
    potentials: Mapping[str, Potential]
    network_summary: pd.DataFrame
    uses: Uses
    lives: Mapping[str, tuple[float, float]]
    options: BalanceOptions
    factors: Mapping[tuple[str, str], float]
    memory: Memory
    demands: dict[tuple[tuple[int, ...] | None, bytes], Demand]

    @classmethod
    def of(cls, tables: Tables, years: Years, source_shapes: Shapes, options: BalanceOptions) -> "Model":
        """Arrange the tables.

        Parameters
        ----------
        tables
            Stock, parcels, technology_use, lives, intensities, demand_profiles, activity, profile_shapes, pv_parcels,
            pv_classes, pv_profiles, turbines, wind_profiles, connections and network_summary; archetypes where the
            study adds any.
        years
            All years of the account.
        source_shapes
            (source, service) to electricity of heat pumps per useful energy in each hour, against the year's.
        options
            Options of the account.
        """
        stock = tables["stock"]
        classes = Classes.of(stock, tables["connections"], kinds_of(tables))
        phase = tables["parcels"]["phase_year"]
        potentials = pv_potentials(tables["pv_parcels"], tables["pv_classes"], tables["pv_profiles"], phase, years)
        potentials |= wind_potentials(
            tables["turbines"], tables["wind_profiles"], years, sea_counts=options.switches.sea_energy_counts
        )
        lives = tables["lives"] if "subject" in tables["lives"].columns else tables["lives"].reset_index()
        return cls(
            years=years,
            stock=stock[["unit_id", "parcel_id"]].reset_index(drop=True),
            classes=classes,
            cube=useful_cube(tables["intensities"], classes.designs),
            profiles=Profiles.of(tables["demand_profiles"], classes.designs, source_shapes),
            levels=Levels.of(boundary(tables["activity"], options.switches), years),
            shapes={str(name): tables["profile_shapes"][name].to_numpy(dtype=float)
                    for name in tables["profile_shapes"].columns},
            potentials=potentials,
            network_summary=tables["network_summary"],
            uses=Uses.of(tables["technology_use"], years),
            lives={str(subject): (float(median), float(shape)) for subject, median, shape in
                   zip(lives["subject"], lives["median_a"], lives["shape"], strict=True)},
            options=options,
            factors={},
            memory={},
            demands={},
        )  # fmt: skip

    def calibrated(self, factors: Mapping[tuple[str, str], float]) -> "Model":
        """Return the same model on other calibration factors, by sector and carrier."""
        return replace(self, factors=factors, memory={}, demands={})

    def with_activity(self, activity: pd.DataFrame, options: BalanceOptions) -> "Model":
        """Return the same model on other levels of activity, under the switches of other options."""
        levels = Levels.of(boundary(activity, options.switches), self.years)
        return replace(self, levels=levels, options=options, memory={}, demands={})

    @cached_property
    def level_of(self) -> dict[str, Floats]:
        """Level that each subject's stock grows with, shape (n,): floor area of a sector, or an activity."""
        area = self.classes.total_m2[:, None] * self.classes.stands(self.years)
        subjects = {
            f"{sector}.{service}": area[mine].sum(axis=0)
            for sector, mine in self.classes.by_sector.items()
            for service in COLUMNS_OF
        }
        return {"lamps": area.sum(axis=0)} | subjects | self.levels.totals()

    def tree(self, shares: Shares, shown: tuple[int, ...] | None = None) -> Tree:
        """Return the tree of a scenario's shares, for all years or those at some positions."""
        return Tree(self.years, shares, self.uses, self.lives, self.level_of, self.factors, self.memory, shown)

    def ledger(
        self, shares: Shares, shown: tuple[int, ...] | None = None, flexibility: Flexibility | None = None
    ) -> "Ledger":
        """Return the ledger of a scenario.

        Parameters
        ----------
        shares
            (subject, technology) to the share in each year, shape (n,).
        shown
            Positions of the years wanted; None for all.
        flexibility
            What storage and movable loads change; its `used` in the years wanted.
        """
        tree = self.tree(shares, shown)
        buildings = buildings_energy(self.demand(tree), tree)
        return Ledger(self, tree, buildings, activities(self.levels, tree), plants(self.designs, tree), flexibility)

    def demand(self, tree: Tree) -> Demand:
        """Return the useful demand of buildings under a tree; it serves again while its fabric is the same."""
        paths = [path for name in FABRIC for path in tree.of_subject.get(name, {}).values()]
        key = tree.shown, np.stack(paths).tobytes()
        if key not in self.demands:
            if len(self.demands) >= DEMANDS:
                self.demands.clear()
            self.demands[key] = useful_demand(self.classes, self.cube, tree)
        return self.demands[key]

    @cached_property
    def designs(self) -> Mapping[str, Design]:
        """Losses and pumps of each network, as designed."""
        return network_designs(self.network_summary)


@dataclass(frozen=True)
class Ledger:
    """One scenario's account; arrays have one column a year of the tree."""

    model: Model
    tree: Tree
    buildings: Buildings
    activities: Activities
    plants: Mapping[str, Plant]
    flexibility: Flexibility | None

    @property
    def years(self) -> Years:
        """Years of the ledger."""
        return self.tree.years

    @cached_property
    def per_m2(self) -> Floats:
        """Final energy of buildings [MWh/m2], shape (classes, years, carriers)."""
        return np.asarray(self.buildings.final() / KWH_PER_MWH)

    @cached_property
    def of_activities(self) -> Floats:
        """Final energy of activities [MWh], shape (rows, years, carriers)."""
        return np.asarray(self.activities.final() / KWH_PER_MWH)

    @cached_property
    def final(self) -> Floats:
        """Final energy of the zone [MWh], shape (years, carriers)."""
        buildings = np.einsum("c,cyk->yk", self.model.classes.total_m2, self.per_m2)
        return np.asarray(buildings + self.of_activities.sum(axis=0))

    @cached_property
    def plant_use(self) -> Floats:
        """What district plants and pumps take [MWh], shape (years, carriers)."""
        found = np.zeros_like(self.final)
        for network, plant in self.plants.items():
            found += self.final[:, CARRIERS.index(NETWORKS[network])][:, None] * plant.use
        return found

    @cached_property
    def plant_hours(self) -> Mapping[str, Floats]:
        """What each network delivers in each hour [MWh], shape (hours, years)."""
        area, demand = self.model.classes.total_m2, self.buildings.demand
        return {name: district_hours(demand, self.model.profiles, area, name, demand.memory) for name in self.plants}

    @cached_property
    def cogenerated(self) -> Mapping[str, Floats]:
        """Electricity that plants with another purpose give in each hour [MWh], by technology, shape (hours, years)."""
        found: dict[str, Floats] = {}
        for _, subsector, _, done, doing, position in self.activities.by_technology():
            given = np.maximum(-doing.use[:, position, ELECTRICITY], 0.0) * done / KWH_PER_MWH
            if given.any():
                name = doing.technologies[position]
                hours = self.model.shapes[subsector][:, None] * given[None, :]
                found[name] = found.get(name, 0.0) + hours
        for network, plant in self.plants.items():
            for name, output in plant.output.items():
                found[name] = found.get(name, 0.0) + self.plant_hours[network] * output[None, :]
        return found

    def activity_hours(self, rows: NDArray[np.bool_]) -> dict[str, Floats]:
        """Return the electricity of some rows of the activities in each hour [MWh], by subsector, (hours, years)."""
        found = {}
        for subsector in self.activities.doings:
            mine = self.activities.levels.positions[subsector]
            yearly = self.of_activities[mine[rows[mine]], :, ELECTRICITY].sum(axis=0)
            if yearly.any():
                shape = self.model.shapes[SHAPE_OF.get(subsector, subsector)]
                found[subsector] = shape[:, None] * yearly[None, :]
        return found

    @property
    def delivery(self) -> float:
        """Electricity at users per electricity at the substations."""
        return 1.0 - constants("resources", "factors.csv").value("loss.distribution")

    @cached_property
    def plant_electricity_hours(self) -> Mapping[str, Floats]:
        """Electricity of each network's plants in each hour [MWh], following what draws on the weather."""
        found = {}
        for network, plant in self.plants.items():
            hours = self.plant_hours[network]
            delivered = hours.sum(axis=0)
            found[network] = hours * plant.pumping
            for source, use in plant.electricity.items():
                weighed = hours * self.model.profiles.shapes[source, network][:, None] if source else hours
                total = weighed.sum(axis=0)
                factor = np.divide(delivered * use, total, out=np.zeros(len(total)), where=total > 0.0)
                found[network] = found[network] + weighed * factor
        return found

    @cached_property
    def power(self) -> Power:
        """Electricity of the zone, closed on the yearly account."""
        everything = np.ones(len(self.activities.rows), dtype=bool)
        buildings = electricity_hours(
            self.buildings, self.model.profiles, self.model.classes.total_m2, self.buildings.demand.memory
        )
        yearly = np.einsum("c,cy->y", self.model.classes.total_m2, self.per_m2[:, :, ELECTRICITY])
        hours = buildings * closing(yearly, buildings)
        for own in (*self.activity_hours(everything).values(), *self.plant_electricity_hours.values()):
            hours = hours + own
        items = {name: potential.hours(self.tree) for name, potential in self.model.potentials.items()}
        return match(hours / self.delivery, {**items, **self.cogenerated}, self.flexibility)

    @cached_property
    def delivered(self) -> Floats:
        """Electricity at the meters of users and plants [MWh], shape (years,)."""
        return np.asarray(self.final[:, ELECTRICITY] + self.plant_use[:, ELECTRICITY])

    @cached_property
    def green(self) -> Floats:
        """Green power bought [MWh], shape (years,)."""
        return np.asarray(self.power.import_mwh * np.clip(self.tree.coverage("green_power"), 0.0, 1.0))

    @cached_property
    def grid(self) -> Floats:
        """Average factor of the grid [t/MWh], shape (years,)."""
        return grid_factor_t_mwh(self.model.options.grid_region, self.years)

    def _electricity_factor(self, *, market: bool) -> Floats:
        """Return CO2 per electricity at the meter [t/MWh]: what the grid brought, over what was used."""
        counted = self.green if market and self.model.options.switches.green_power_counts else 0.0
        carbon = (self.power.import_mwh - counted) * self.grid
        return np.asarray(np.divide(carbon, self.delivered, out=np.zeros(len(carbon)), where=self.delivered > 0.0))

    @cached_property
    def scope1(self) -> Floats:
        """CO2 of fuels burnt in the zone, by users and plants, per final energy [t/MWh], shape (years, carriers)."""
        own = np.array([0.0 if name in NO_CARBON else carrier_factor_t_mwh(name) for name in CARRIERS])
        found = np.tile(own, (len(self.years), 1))
        for network, plant in self.plants.items():
            found[:, CARRIERS.index(NETWORKS[network])] = plant.use @ own
        return found

    def _scope2(self, *, market: bool) -> Floats:
        factor = self._electricity_factor(market=market)
        found = np.zeros((len(self.years), len(CARRIERS)))
        found[:, ELECTRICITY] = factor
        for network, plant in self.plants.items():
            found[:, CARRIERS.index(NETWORKS[network])] = plant.use[:, ELECTRICITY] * factor
        return found

    @cached_property
    def scope2(self) -> Floats:
        """CO2 of bought electricity as the study counts it, per final energy [t/MWh], shape (years, carriers)."""
        return self._scope2(market=True)

    @cached_property
    def scope2_location(self) -> Floats:
        """The same at the grid's average, whatever green power is bought."""
        return self._scope2(market=False)

    @cached_property
    def primary(self) -> Floats:
        """Primary energy per final energy [MWh/MWh], shape (years, carriers).

        Fuels, waste and sun count as they are. Electricity counts with what wind and PV gave for it, and bought
        electricity with its coal equivalent; what plants with another purpose gave is in the fuels they burnt. District
        energy counts with what its plants took.
        """
        power = self.power
        made = {name: hours.sum(axis=0) for name, hours in power.generation.items()}
        local = sum(made.values(), np.zeros(len(self.years)))
        own = sum((made[name] for name in self.model.potentials), np.zeros(len(self.years)))
        kept = 1.0 - np.divide(power.left_mwh, local, out=np.zeros_like(local), where=local > 0.0)
        weight = path("tce.electricity.primary", self.years) / mwh_to_tce(1.0)
        taken = own * kept + power.import_mwh * weight
        found = np.ones((len(self.years), len(CARRIERS)))
        found[:, ELECTRICITY] = np.divide(taken, self.delivered, out=np.zeros_like(taken), where=self.delivered > 0.0)
        for network, plant in self.plants.items():
            found[:, CARRIERS.index(NETWORKS[network])] = (plant.use * found).sum(axis=1)
        return found

    @property
    def co2_t(self) -> Floats:
        """CO2 of the zone [t], shape (years,)."""
        return np.asarray((self.final * (self.scope1 + self.scope2)).sum(axis=1))


SHAPE_OF = {"rail_shift": "trucks", "light_rail": "cars"}
"""Subsector whose hourly shape one without its own follows."""
DEMANDS = 40
"""Demands remembered at most; each holds a hundred hourly series of the years wanted."""
CLOSING_TOLERANCE = 1e-4
"""Hourly sums are in single precision; what is further from the account than this is a fault, not rounding."""


def closing(yearly: Floats, hours: Floats) -> Floats:
    """Return the factor per year that closes single-precision hourly sums on the yearly account, next to one.

    Raises
    ------
    ArithmeticError
        If hours and years differ by more than rounding explains.
    """
    sums = hours.sum(axis=0)
    factor = np.asarray(np.divide(yearly, sums, out=np.ones(len(yearly)), where=sums > 0.0))
    if np.abs(factor - 1.0).max() > CLOSING_TOLERANCE:
        raise ArithmeticError(f"hourly and yearly electricity of buildings differ by a factor of {factor.round(4)}")
    return factor
