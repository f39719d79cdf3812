"""District plants: what they take and give for a unit of heat or cold that their network delivers."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from layers.tables.balance import CARRIERS
from spatial.balance.classes import NETWORKS
from spatial.balance.tree import Doing, Tree

Floats = NDArray[np.float64]

ELECTRICITY = CARRIERS.index("electricity")
PLANT = {"heating": "plant.heat", "cooling": "plant.cold"}
PLANT_SECTOR = "district"
"""Plants belong to no sector of the account, so no calibration touches them."""


@dataclass(frozen=True)
class Plant:
    """The plants of one network.

    Attributes
    ----------
    loss
        Loss of the network per delivered energy.
    pumping
        Electricity of the pumps per delivered energy.
    doing
        Technologies of the plants, per energy sent out.
    """

    loss: float
    pumping: float
    doing: Doing

    @property
    def use(self) -> Floats:
        """What plants and pumps take per delivered energy, shape (years, carriers)."""
        taken = np.maximum(self.doing.by_technology, 0.0).sum(axis=1) * (1.0 + self.loss)
        taken[:, ELECTRICITY] += self.pumping
        return np.asarray(taken)

    @property
    def electricity(self) -> Mapping[str, Floats]:
        """Electricity that plants take per delivered energy, by what they draw on, shape (years,); no pumps."""
        taken = np.maximum(self.doing.by_technology[:, :, ELECTRICITY], 0.0) * (1.0 + self.loss)
        found: dict[str, Floats] = {}
        for position, source in enumerate(self.doing.sources):
            if taken[:, position].any():
                found[source] = found.get(source, 0.0) + taken[:, position]
        return found

    @property
    def output(self) -> Mapping[str, Floats]:
        """Electricity that each technology gives per delivered energy, shape (years,)."""
        given = np.minimum(self.doing.by_technology[:, :, ELECTRICITY], 0.0) * -(1.0 + self.loss)
        return {name: given[:, i] for i, name in enumerate(self.doing.technologies) if given[:, i].any()}


@dataclass(frozen=True, slots=True)
class Design:
    """Loss of a network, and electricity of its pumps, per delivered energy."""

    loss: float
    pumping: float


def network_designs(summary: pd.DataFrame) -> dict[str, Design]:
    """Return the design of every network that delivers anything."""
    flat = summary if "network" in summary.columns else summary.reset_index()
    found = {}
    for network in NETWORKS:
        row = flat.loc[flat["network"] == network, ["delivered_mwh", "loss_mwh", "pumping_mwh"]].to_numpy(dtype=float)
        if len(row) and row[0, 0] > 0.0:
            delivered, loss, pumping = row[0]
            found[network] = Design(loss / delivered, pumping / delivered)
    return found


def plants(designs: Mapping[str, Design], tree: Tree) -> dict[str, Plant]:
    """Return the plants of every network that the design has, by network."""
    return {
        network: Plant(design.loss, design.pumping, tree.doing(PLANT[network], PLANT[network], PLANT_SECTOR))
        for network, design in designs.items()
    }
