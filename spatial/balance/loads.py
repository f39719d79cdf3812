"""What the hourly system must meet and may build, by scenario, year and node."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from layers.constants import constants
from spatial.balance.hours import Memory as HourMemory
from spatial.balance.hours import district_hours, electricity_hours
from spatial.balance.ledger import Ledger
from spatial.balance.power import Potential

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

ZONE = "zone"
LOAD = {"heating": "heat", "cooling": "cold"}
"""Item of the loads that each network's plants must send out."""
CATALOGUE = {
    "pv_roof": "pv_rooftop_ci", "pv_facade": "bipv", "pv_carport": "pv_carport", "pv_ground": "pv_ground",
    "pv_water": "pv_floating", "wind_land": "wind_onshore", "wind_sea": "wind_offshore_fixed",
}  # fmt: skip
STORES = {
    "battery": "battery_grid", "v2g": "v2g", "cold_store": "chilled_water_tank", "heat_store": "hot_water_tank",
}  # fmt: skip
"""Technology of the catalogue that prices each generator and store."""
GENERATORS = tuple(CATALOGUE)
"""Generators whose capacity the hourly system may decide on."""
PER_MW = "_per_mw"
"""Ending of the columns of the loads that say what each MW of a generator would give of which nothing is planned."""


@dataclass(frozen=True)
class Node:
    """A part of the zone.

    Attributes
    ----------
    name
        Planning unit, or ``zone``.
    stock
        Which rows of the stock are in it.
    generators
        Item to its share of each class of the generator, shape (classes,).
    cogeneration
        Its share of electricity that plants with another purpose give.
    """

    name: str
    stock: Flags
    generators: Mapping[str, Floats]
    cogeneration: float

    def places(self, ledger: Ledger) -> Flags:
        """Return which rows of a ledger's activities are in it."""
        units = ledger.activities.rows["unit_id"]
        return np.ones(len(units), dtype=bool) if self.name == ZONE else (units == self.name).to_numpy()


def _value(key: str) -> float:
    return constants("spatial.balance", "constants.csv").value(key)


def loads(ledgers: Mapping[str, Ledger], nodes: Sequence[Node], times: pd.Index) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return loads and plants of the hourly system.

    Parameters
    ----------
    ledgers
        Ledger of each scenario, in the years to be solved.
    nodes
        The zone as one node, or its parts.
    times
        The hours.

    Returns
    -------
    loads, power_plants : DataFrame
        Tables LOADS and POWER_PLANTS.
    """
    columns: dict[str, Floats] = {}
    rows: list[dict[str, object]] = []
    for scenario, ledger in ledgers.items():
        for node in nodes:
            series, plants = _node(ledger, node)
            for position, year in enumerate(ledger.years):
                head = f"{scenario}|{year}|{node.name}"
                idle = {f"{name}{PER_MW}" for name, (planned, potential, _) in plants.items()
                        if planned[position] == 0.0 and potential[position] > 0.0}  # fmt: skip
                columns |= {
                    f"{head}|{item}": values[:, position]
                    for item, values in series.items()
                    if item in idle or not item.endswith(PER_MW)
                }
                for item, (planned, potential, catalogue) in plants.items():
                    rows.append(
                        {
                            "scenario": scenario,
                            "year": int(year),
                            "node": node.name,
                            "item": item,
                            "planned_mw": float(planned[position]),
                            "potential_mw": float(max(potential[position], planned[position])),
                            "catalogue": catalogue,
                        }
                    )
    return pd.DataFrame(columns, index=pd.Index(times, name="time")), pd.DataFrame(rows)


Plants = dict[str, tuple[Floats, Floats, str]]


def _node(ledger: Ledger, node: Node) -> tuple[dict[str, Floats], Plants]:
    """Return hourly series [MWh], shape (hours, years), and planned and potential capacity [MW] of one node."""
    model, tree = ledger.model, ledger.tree
    area = model.classes.sums(node.stock)
    movable = str(constants("spatial.balance", "constants.csv")["ev_charging.subsectors"].text).split()
    flexible = tree.coverage("flex.ev_charging")
    demand, memory = ledger.buildings.demand, HourMemory()
    use = electricity_hours(ledger.buildings, model.profiles, area, memory)
    charging = np.zeros_like(use)
    for subsector, hours in ledger.activity_hours(node.places(ledger)).items():
        share = flexible if subsector in movable else np.zeros(len(ledger.years))
        charging += hours * share
        use = use + hours * (1.0 - share)
    series = {"use": use / ledger.delivery, "ev": charging / ledger.delivery}
    plants: Plants = {}
    for network, plant in ledger.plants.items():
        delivered = district_hours(demand, model.profiles, area, network, memory)
        if not delivered.any():
            continue
        sent = delivered * (1.0 + plant.loss)
        electricity = _plant_hours(ledger, network, delivered) / ledger.delivery
        item = LOAD[network]
        series[item] = sent
        ratio = np.divide(sent, electricity, out=np.zeros_like(sent), where=electricity > 0.0)
        typical = np.divide(sent.sum(axis=0), electricity.sum(axis=0), out=np.ones(sent.shape[1]),
                            where=electricity.sum(axis=0) > 0.0)  # fmt: skip
        series[f"{item}_cop"] = np.where(ratio > 0.0, ratio, typical[None, :])
        peak = sent.max(axis=0) * _value(f"{item}_store.power_share") * tree.coverage(f"flex.{item}_store")
        plants[f"{item}_store"] = np.zeros(len(peak)), peak, STORES[f"{item}_store"]
    for name, potential in model.potentials.items():
        part = node.generators.get(name)
        if part is None:
            continue
        planned = potential.planned(tree) * part[:, None]
        series[name] = potential.shape @ planned
        whole = potential.capacity if tree.shown is None else potential.capacity[:, list(tree.shown)]
        could = whole * part[:, None]
        if (could.sum(axis=0) > 0.0).any():
            # as the mix of classes that could stand
            mix = np.divide(could, could.sum(axis=0), out=np.zeros_like(could), where=could.sum(axis=0) > 0.0)
            series[f"{name}{PER_MW}"] = potential.shape @ mix
        plants[name] = planned.sum(axis=0), could.sum(axis=0), CATALOGUE[name]
    series |= {name: hours * node.cogeneration for name, hours in ledger.cogenerated.items()}
    plants |= _stores(ledger, node, series["use"])
    return series, plants


def _plant_hours(ledger: Ledger, network: str, delivered: Floats) -> Floats:
    """Return the electricity of plants for part of what a network delivers, each hour as in the whole network."""
    whole = ledger.plant_hours[network]
    per_unit = np.divide(ledger.plant_electricity_hours[network], whole, out=np.zeros_like(whole), where=whole > 0.0)
    return np.asarray(delivered * per_unit)


def _stores(ledger: Ledger, node: Node, use: Floats) -> Plants:
    tree, years = ledger.tree, len(ledger.years)
    still = np.zeros(years)
    mine = node.places(ledger) & (ledger.activities.rows["subsector"] == "cars").to_numpy()
    doing = ledger.activities.doings.get("cars", {}).get("cars")
    electric = still if doing is None else doing.share[:, doing.technologies.index("battery")]
    cars = ledger.activities.amount[mine].sum(axis=0) * electric / _value("v2g.km_per_car")
    plugged_mw = cars * _value("v2g.kw_per_car") / 1000.0 * _value("v2g.plugged_share")
    return {
        "battery": (still, use.max(axis=0) * _value("battery.power_share") * tree.coverage("flex.battery"),
                    STORES["battery"]),
        "v2g": (still, plugged_mw * tree.coverage("flex.v2g"), STORES["v2g"]),
    }  # fmt: skip


def zone_node(ledger: Ledger) -> Node:
    """Return the whole zone as one node."""
    model = ledger.model
    ones = {name: np.ones(len(potential.capacity)) for name, potential in model.potentials.items()}
    return Node(ZONE, np.ones(len(model.stock), dtype=bool), ones, 1.0)


def unit_nodes(
    ledger: Ledger, pv_parcels: pd.DataFrame, turbines: gpd.GeoDataFrame, units: gpd.GeoDataFrame, parcels: pd.DataFrame
) -> list[Node]:
    """Return each planning unit as a node.

    PV stands where its parcel does, by the share of each class; wind joins the planning unit that is nearest; plants
    with another purpose are shared by floor area.
    """
    model = ledger.model
    unit_of_parcel = parcels["unit_id"].reindex(pv_parcels["parcel_id"]).to_numpy(dtype=str)
    names = np.sort(units.index.to_numpy(dtype=str))
    near = {site: _nearest(turbines[turbines["site"] == site], units) for site in ("land", "sea")}
    area = model.classes.area_m2.sum()
    nodes = []
    for name in names:
        stock = (model.stock["unit_id"] == name).to_numpy()
        share = {}
        for item, potential in model.potentials.items():
            kind, _, site = item.partition("_")
            if kind == "wind":
                share[item] = np.full(len(potential.capacity), near[site].get(name, 0.0))
            else:
                share[item] = _class_shares(pv_parcels, unit_of_parcel == name, potential)
        part = float(model.classes.area_m2[stock].sum() / area) if area > 0.0 else 1.0 / len(names)
        nodes.append(Node(str(name), stock, share, part))
    return nodes


def _class_shares(pv_parcels: pd.DataFrame, mine: Flags, potential: Potential) -> Floats:
    """Return a unit's share of the capacity of each class of one kind of PV, shape (classes,)."""
    capacity = pv_parcels["kwp"].to_numpy(dtype=float)
    of_class = pv_parcels["pv_class"].to_numpy(dtype=str)
    total = np.array([capacity[of_class == name].sum() for name in potential.classes])
    own = np.array([capacity[mine & (of_class == name)].sum() for name in potential.classes])
    return np.asarray(np.divide(own, total, out=np.zeros(len(total)), where=total > 0.0))


def _nearest(turbines: gpd.GeoDataFrame, units: gpd.GeoDataFrame) -> dict[str, float]:
    """Return the share of turbines' yield that is nearest to each planning unit."""
    if turbines.empty or turbines["net_mwh"].sum() <= 0.0:
        return {}
    ordered = units.sort_index()
    distance = np.stack([turbines.geometry.distance(shape).to_numpy() for shape in ordered.geometry])
    names = ordered.index.to_numpy(dtype=str)[distance.argmin(axis=0)]
    weight = pd.Series(turbines["net_mwh"].to_numpy(dtype=float)).groupby(names).sum()
    return {str(name): float(value) for name, value in (weight / weight.sum()).items()}


NO_LOAD = ("cold_cop", "heat_cop")
LOADS = ("use", "ev", "cold", "heat")
