"""Hours of buildings: electricity, and heat and cold that networks deliver, from profiles times floor area."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from layers.tables.demand import SERVICES
from layers.tables.stock import VINTAGES
from spatial.balance.buildings import COLUMNS_OF, DISTRICT, ELECTRICITY, Buildings, Demand

Floats = NDArray[np.float64]
Shapes = Mapping[tuple[str, str], Floats]
Memory = dict[tuple[str, str, str], Floats]
WH_PER_MWH = 1e6
SERVED = "served"
"""Stands for the source where a network meets the demand."""


@dataclass(frozen=True)
class Profiles:
    """Hourly useful demand of buildings.

    Attributes
    ----------
    blocks
        (design, profile column) to demand of each vintage [W/m2], shape (hours, vintages).
    shapes
        (source, service) to electricity per useful energy in each hour against that of the year, shape (hours,).
    hours
        Number of hours.
    """

    blocks: Mapping[tuple[str, str], NDArray[np.float32]]
    shapes: Shapes
    hours: int

    @classmethod
    def of(cls, profiles: pd.DataFrame, designs: Sequence[str], shapes: Shapes) -> "Profiles":
        """Sort the columns ``archetype|form|vintage|service`` of a table of profiles.

        Raises
        ------
        KeyError
            If a profile is missing.
        """
        blocks = {
            (name, column): profiles[[f"{name}|{vintage}|{column}" for vintage in VINTAGES]].to_numpy(dtype=np.float32)
            for name in designs
            for column in SERVICES
        }
        return cls(blocks, shapes, len(profiles))


def _demand_hours(
    demand: Demand, profiles: Profiles, area: Floats, sector: str, service: str, source: str, memory: Memory
) -> Floats:
    """Return the demand of a sector's service in each hour [MWh], shape (hours, years).

    With a source it weighs as the electricity of what draws on it does, the sum of the year unchanged.
    """
    key = sector, service, source
    if key in memory:
        return memory[key]
    if source not in ("", SERVED):
        found = _demand_hours(demand, profiles, area, sector, service, "", memory)
        weighed = found * profiles.shapes[source, service][:, None]
        before, after = found.sum(axis=0), weighed.sum(axis=0)
        memory[key] = weighed * np.divide(before, after, out=np.ones(len(before)), where=after > 0.0)
        return memory[key]
    served = demand.served[service]
    share = served if source == SERVED else 1.0 - served
    found = np.zeros((profiles.hours, demand.shares.shape[1]))
    for design, own, mine in demand.classes.by_design:
        if own != sector:
            continue
        weight = np.einsum("cyv,cy->vy", demand.shares[mine], area[mine][:, None] * share[mine]) * demand.kept[service]
        if weight.any():
            for column in COLUMNS_OF[service]:
                found += profiles.blocks[design, column] @ weight.astype(np.float32)
    memory[key] = found / WH_PER_MWH
    return memory[key]


def electricity_hours(buildings: Buildings, profiles: Profiles, area: Floats, memory: Memory) -> Floats:
    """Return the electricity of buildings in each hour [MWh], shape (hours, years); district plants are not in it.

    Parameters
    ----------
    buildings
        Energy of the scenario's buildings.
    profiles
        Hourly demand.
    area
        Floor area of each class [m2]: of the zone, or of one planning unit.
    memory
        Takes series that can serve again; one for each demand and area.
    """
    demand = buildings.demand
    found = np.zeros((profiles.hours, demand.shares.shape[1]))
    for sector in demand.classes.by_sector:
        for service in COLUMNS_OF:
            doing = buildings.doings.get((sector, service))
            if doing is None:
                use = {"": buildings.carriers(sector, service)[:, ELECTRICITY]}
            else:
                electric = doing.by_technology[:, :, ELECTRICITY]
                use = {
                    source: electric[:, [i for i, own in enumerate(doing.sources) if own == source]].sum(axis=1)
                    for source in dict.fromkeys(doing.sources)
                }
            for source, taken in use.items():
                if taken.any():
                    found += _demand_hours(demand, profiles, area, sector, service, source, memory) * taken
    return found


def district_hours(demand: Demand, profiles: Profiles, area: Floats, network: str, memory: Memory) -> Floats:
    """Return what a network delivers in each hour [MWh], shape (hours, years)."""
    found = np.zeros((profiles.hours, demand.shares.shape[1]))
    for service, own in DISTRICT.items():
        if own == network and demand.served[service].any():
            for sector in demand.classes.by_sector:
                found += _demand_hours(demand, profiles, area, sector, service, SERVED, memory)
    return found
