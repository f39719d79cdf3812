"""Final energy of buildings: useful demand by class, and the carriers that meet it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from layers.constants import constants
from layers.tables.balance import CARRIERS
from layers.tables.demand import SERVICES
from layers.tables.stock import VINTAGES
from resources.technology import efficiency
from spatial.balance.classes import NETWORKS, Classes, vintage_shares
from spatial.balance.tree import Doing, Tree

Floats = NDArray[np.float64]

ELECTRICITY = CARRIERS.index("electricity")
ELECTRIC_SERVICES = ("lighting", "equipment", "ventilation")
DISTRICT = {"heating": "heating", "hot_water": "heating", "cooling": "cooling"}
"""Network that serves a service; the heating network makes hot water too."""
CONTROLLED = ("heating", "cooling", "ventilation")
"""Services that building controls save on."""


def service_of(column: str) -> str:
    """Return the service of the account: sensible and latent cooling are one, and so are lifts and fans."""
    return SERVED_WITH.get(column, column)


SERVED_WITH = {
    "cooling_sensible": "cooling", "cooling_latent": "cooling", "process": "equipment", "lifts": "ventilation",
}  # fmt: skip
"""Columns of the profiles that the account reckons under another name."""


COLUMNS_OF = {
    service: tuple(column for column in SERVICES if service_of(column) == service)
    for service in dict.fromkeys(service_of(column) for column in SERVICES)
}
"""Service to the columns of the profiles that make it up."""


@dataclass(frozen=True)
class Demand:
    """Useful demand of buildings: it follows from the fabric, lamps, controls and networks, not from what meets it.

    Attributes
    ----------
    classes
        The classes of the stock.
    shares
        Share of each vintage, shape (classes, years, vintages).
    kept
        Service to what lamps and controls leave of the demand, shape (years,).
    services
        Service to useful demand [kWh/m2], shape (classes, years).
    served
        Service to the share that networks serve, shape (classes, years).
    memory
        Hourly series of the zone found before.
    """

    classes: Classes
    shares: Floats
    kept: Mapping[str, Floats]
    services: Mapping[str, Floats]
    served: Mapping[str, Floats]
    memory: dict[tuple[str, str, str], Floats] = field(default_factory=dict)

    @cached_property
    def own(self) -> Mapping[str, Floats]:
        """Service to the demand that buildings meet themselves [kWh/m2], shape (classes, years)."""
        return {service: demand * (1.0 - self.served[service]) for service, demand in self.services.items()}

    @cached_property
    def taken(self) -> Mapping[str, Floats]:
        """Service to the demand that networks meet [kWh/m2], shape (classes, years)."""
        return {service: self.services[service] * self.served[service] for service in DISTRICT}

    @cached_property
    def zone_own(self) -> Mapping[tuple[str, str], Floats]:
        """(sector, service) to the demand of the zone that buildings meet themselves [kWh], shape (years,)."""
        area = self.classes.total_m2
        return {
            (sector, service): area[mine] @ demand[mine]
            for sector, mine in self.classes.by_sector.items()
            for service, demand in self.own.items()
        }


def useful_cube(intensities: pd.DataFrame, designs: Sequence[str]) -> Floats:
    """Return the useful demand of every design [kWh/m2], shape (designs, vintages, profile columns)."""
    cube = np.zeros((len(designs), len(VINTAGES), len(SERVICES)))
    own = intensities["archetype"] + "|" + intensities["form"]
    missing = sorted(set(designs) - set(own))
    if missing:
        raise KeyError(f"no intensities of {', '.join(missing)}")
    known = intensities[own.isin(designs)]
    a = own[known.index].map({name: i for i, name in enumerate(designs)}).to_numpy(dtype=int)
    v = known["vintage"].map({name: i for i, name in enumerate(VINTAGES)}).to_numpy(dtype=int)
    s = known["service"].map({name: i for i, name in enumerate(SERVICES)}).to_numpy(dtype=int)
    cube[a, v, s] = known["kwh_m2"].to_numpy(dtype=float)
    return cube


def lamps_saving() -> float:
    """Return the share of lighting that the best lamps save over the loads of the codes [1]."""
    return constants("spatial.balance", "constants.csv").value("lamps.saving")


def what_is_kept(tree: Tree) -> dict[str, Floats]:
    """Return what better lamps and controls leave of each service's demand, shape (years,)."""
    kept = {service: np.ones(len(tree.years)) for service in COLUMNS_OF}
    kept["lighting"] = 1.0 - lamps_saving() * tree.coverage("lamps")
    for service in CONTROLLED:
        kept[service] = 1.0 - efficiency("bms") * tree.coverage("controls")
    return kept


FABRIC = ("retrofit", "new_buildings", "lamps", "controls", "district")
"""Subjects that change the demand of buildings."""


def useful_demand(classes: Classes, cube: Floats, tree: Tree) -> Demand:
    """Return the useful demand of all buildings in each year.

    Parameters
    ----------
    classes
        The classes of the stock.
    cube
        Useful demand of the designs of the classes, see `useful_cube`.
    tree
        Shares of the scenario; those of `FABRIC` count.
    """
    shares = vintage_shares(classes.table, tree)
    kept = what_is_kept(tree)
    services = {
        service: sum(
            (np.einsum("cyv,cv->cy", shares, cube[classes.design, :, SERVICES.index(column)]) for column in columns),
            np.zeros(shares.shape[:2]),
        )
        * kept[service]
        for service, columns in COLUMNS_OF.items()
    }
    served = {service: np.zeros(shares.shape[:2]) for service in COLUMNS_OF}
    for service, network in DISTRICT.items():
        reached = classes.reached[network][:, None] & classes.stands(tree.years)
        served[service] = reached * tree.coverage("district")[None, :]
    return Demand(classes, shares, kept, services, served)


@dataclass(frozen=True)
class Buildings:
    """Energy of the buildings of one scenario.

    Attributes
    ----------
    demand
        Useful demand.
    doings
        (sector, service) to how what buildings meet themselves is met; services that are electricity anyway have none.
    factor
        Sector to the calibration factor of its electricity.
    """

    demand: Demand
    doings: Mapping[tuple[str, str], Doing]
    factor: Mapping[str, float]

    def carriers(self, sector: str, service: str) -> Floats:
        """Return energy per useful demand, shape (years, carriers)."""
        doing = self.doings.get((sector, service))
        if doing is not None:
            return doing.carriers
        found = np.zeros((self.demand.shares.shape[1], len(CARRIERS)))
        found[:, ELECTRICITY] = self.factor[sector]
        return found

    def final(self) -> Floats:
        """Return final energy per floor area [kWh/m2], shape (classes, years, carriers)."""
        found = np.zeros((*self.demand.shares.shape[:2], len(CARRIERS)))
        for sector, mine in self.demand.classes.by_sector.items():
            found[mine] = sum(
                (own[mine][:, :, None] * self.carriers(sector, service) for service, own in self.demand.own.items()),
                found[mine],
            )
        for service, network in DISTRICT.items():
            found[:, :, CARRIERS.index(NETWORKS[network])] += self.demand.taken[service]
        return found

    def by_technology(self) -> Iterator[tuple[str, str, str, str, Floats]]:
        """Yield sector, archetype, service, technology and final energy of the zone [kWh], shape (years, carriers).

        What networks serve comes as the technology ``district``.
        """
        area = self.demand.classes.total_m2
        for archetype, sector, mine in self.demand.classes.by_archetype:
            for service, own in self.demand.own.items():
                demand = area[mine] @ own[mine]
                doing = self.doings.get((sector, service))
                if doing is None:
                    yield sector, archetype, service, "grid", demand[:, None] * self.carriers(sector, service)
                    continue
                for position, technology in enumerate(doing.technologies):
                    yield sector, archetype, service, technology, demand[:, None] * doing.by_technology[:, position]
                if service in DISTRICT:
                    district = np.zeros((len(demand), len(CARRIERS)))
                    carrier = CARRIERS.index(NETWORKS[DISTRICT[service]])
                    district[:, carrier] = area[mine] @ self.demand.taken[service][mine]
                    yield sector, archetype, service, "district", district


def buildings_energy(demand: Demand, tree: Tree) -> Buildings:
    """Return the energy of all buildings in each year, as a scenario's shares meet their demand."""
    sectors = demand.classes.by_sector
    doings = {
        (sector, service): tree.doing(f"{sector}.{service}", service, sector)
        for sector in sectors
        for service in COLUMNS_OF
        if service not in ELECTRIC_SERVICES
    }
    return Buildings(demand, doings, {name: tree.factors.get((name, "electricity"), 1.0) for name in sectors})
