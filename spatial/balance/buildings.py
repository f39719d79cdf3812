"""Final energy of buildings: floor area by vintage, useful demand, and the carriers that meet it."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from layers.tables.balance import CARRIERS
from layers.tables.demand import SERVICES
from layers.tables.stock import VINTAGES
from spatial.balance.tree import Tree

Floats = NDArray[np.float64]

OLD = ("pre2001", "code2010")
ELECTRIC_SERVICES = ("lighting", "equipment", "ventilation")
DISTRICT_SERVICES = {"heating": "district_heat", "hot_water": "district_heat", "cooling": "district_cold"}
"""Carrier by which a district network serves a service; the heating network makes hot water too."""


def service_of(column: str) -> str:
    """Return the service technologies are chosen for: sensible and latent cooling are one."""
    return "cooling" if column.startswith("cooling") else column


def vintage_shares(stock: pd.DataFrame, tree: Tree) -> Floats:
    """Return the share of each row's floor area in each vintage and year, shape (rows, years, vintages).

    A row stands from ``year_from``. Old vintages move to the present code at the retrofit rate; rows built after the
    base year take the tiers that new buildings have in their year. Shares of a standing row sum to one.
    """
    years, start = tree.years, stock["year_from"].to_numpy()
    own = np.array([VINTAGES.index(vintage) for vintage in stock["vintage"]], dtype=np.int64)
    shares = np.zeros((len(stock), len(years), len(VINTAGES)))
    stands = years[None, :] >= start[:, None]
    kept = np.cumsum(np.log1p(-np.clip(tree.coverage("retrofit"), 0.0, 0.999999)))
    first = np.clip(start - years[0], 0, len(years) - 1)
    remaining = np.exp(np.minimum(kept[None, :] - kept[first][:, None], 0.0))
    remaining = np.where(np.isin(own, [VINTAGES.index(v) for v in OLD])[:, None], remaining, 1.0)
    new = start > years[0]
    tiers = {tier: np.where(new, tree.shares[("new_buildings", tier)][first], 0.0) for tier in ("ultralow", "nzeb")}
    code = 1.0 - tiers["ultralow"] - tiers["nzeb"]
    rows = np.arange(len(stock))
    shares[rows, :, own] += code[:, None] * remaining
    shares[:, :, VINTAGES.index("code2021")] += code[:, None] * (1.0 - remaining)
    for tier, share in tiers.items():
        shares[:, :, VINTAGES.index(tier)] += share[:, None]
    return shares * stands[:, :, None]


@dataclass(frozen=True)
class Connected:
    """Which stock rows a district network serves, by service.

    Attributes
    ----------
    share
        Service to the share of each row served in each year, shape (rows, years).
    plant
        Carrier to the electricity the plant takes per delivered energy [kWh/kWh], losses and pumping included.
    """

    share: Mapping[str, Floats]
    plant: Mapping[str, float]


@dataclass(frozen=True)
class Buildings:
    """Final energy of one scenario's buildings.

    Attributes
    ----------
    energy_mwh
        Final energy, shape (stock rows, years, carriers).
    hourly_weights
        Electric floor area [m2 times kWh electricity per kWh useful] of each profile column, shape (columns, years);
        the electricity of district plants is in it.
    """

    energy_mwh: Floats
    hourly_weights: Floats


def buildings_energy(
    stock: pd.DataFrame,
    sectors: pd.Series,
    intensities: pd.DataFrame,
    profile_columns: list[str],
    tree: Tree,
    connected: Connected,
) -> Buildings:
    """Return the final energy of the buildings in each year.

    Parameters
    ----------
    stock
        Table ``stock``.
    sectors
        Sector of each archetype.
    intensities
        Table ``intensities``.
    profile_columns
        Columns ``archetype|vintage|service`` of the hourly profiles.
    tree
        Carrier factors of the scenario.
    connected
        What district networks serve.
    """
    area = stock["floor_area_m2"].to_numpy(dtype=float)
    archetypes = sorted(stock["archetype"].unique())
    which = np.array([archetypes.index(name) for name in stock["archetype"]], dtype=int)
    sector = sectors.reindex(stock["archetype"]).to_numpy()
    by_vintage = vintage_shares(stock, tree) * area[:, None, None]
    useful = _intensity_cube(intensities, archetypes)
    energy = np.zeros((len(stock), len(tree.years), len(CARRIERS)))
    weights = pd.DataFrame(0.0, index=profile_columns, columns=tree.years)
    electricity = CARRIERS.index("electricity")
    for position, column in enumerate(SERVICES):
        service = service_of(column)
        factors = _row_factors(service, sector, tree)
        served = connected.share.get(service, np.zeros((len(stock), len(tree.years))))
        factors = factors * (1.0 - served)[:, :, None]
        if service in DISTRICT_SERVICES:
            factors[:, :, CARRIERS.index(DISTRICT_SERVICES[service])] += served
        demand = np.einsum("iyv,iv->iy", by_vintage, useful[which, :, position]) / 1000.0
        energy += demand[:, :, None] * factors
        electric = factors[:, :, electricity] + served * connected.plant.get(DISTRICT_SERVICES.get(service, ""), 0.0)
        cube = np.zeros((len(archetypes), len(VINTAGES), len(tree.years)))
        np.add.at(cube, which, (by_vintage * electric[:, :, None]).transpose(0, 2, 1))
        for a, archetype in enumerate(archetypes):
            for v, vintage in enumerate(VINTAGES):
                weights.loc[f"{archetype}|{vintage}|{column}"] += cube[a, v]
    return Buildings(energy, weights.to_numpy())


def _intensity_cube(intensities: pd.DataFrame, archetypes: list[str]) -> Floats:
    cube = np.zeros((len(archetypes), len(VINTAGES), len(SERVICES)))
    known = intensities[intensities["archetype"].isin(archetypes)]
    a = known["archetype"].map({name: i for i, name in enumerate(archetypes)}).to_numpy(dtype=int)
    v = known["vintage"].map({name: i for i, name in enumerate(VINTAGES)}).to_numpy(dtype=int)
    s = known["service"].map({name: i for i, name in enumerate(SERVICES)}).to_numpy(dtype=int)
    cube[a, v, s] = known["kwh_m2"].to_numpy(dtype=float)
    return cube


def _row_factors(service: str, sector: NDArray[np.object_], tree: Tree) -> Floats:
    factors = np.zeros((len(sector), len(tree.years), len(CARRIERS)))
    if service in ELECTRIC_SERVICES:
        factors[:, :, CARRIERS.index("electricity")] = 1.0
        return factors
    for name in sorted(set(sector)):
        factors[sector == name] = tree.carriers(f"{name}.{service}", service)
    return factors
