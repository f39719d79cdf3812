"""Final energy of what is done outside buildings: port, transport, industry, water, farming."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from layers.tables.balance import CARRIERS
from layers.units import KWH_PER_MWH
from spatial.balance.options import Switches
from spatial.balance.tree import Tree, technologies

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Activities:
    """Final energy of activities.

    Attributes
    ----------
    rows
        Columns subsector, unit_id, parcel_id, sector.
    energy_mwh
        Shape (rows, years, carriers).
    electricity_mwh
        Subsector to electricity in each year, shape (years,).
    """

    rows: pd.DataFrame
    energy_mwh: Floats
    electricity_mwh: dict[str, Floats]


def boundary(activity: pd.DataFrame, switches: Switches) -> pd.DataFrame:
    """Return the activities that the study's boundary counts."""
    left_out = set() if switches.berth_emissions else {"berth_calls"}
    left_out |= set() if switches.trucks else {"trucks"}
    return activity[~activity["subsector"].isin(left_out)]


def activity_energy(activity: pd.DataFrame, tree: Tree) -> Activities:
    """Return the final energy of all activities in each year.

    Subsectors without a technology, such as waste burnt outside the zone, take no energy here.
    """
    subjects: dict[str, list[str]] = {}
    for name in sorted({technology.activity for technology in technologies()}):
        subjects.setdefault(name.split(".", maxsplit=1)[0], []).append(name)
    counted = activity[activity["subsector"].isin(set(subjects)) & activity["year"].isin(tree.years)]
    levels = counted.pivot_table(
        index=["subsector", "unit_id", "parcel_id", "sector"], columns="year", values="activity", fill_value=0.0
    ).reindex(columns=tree.years, fill_value=0.0)
    rows = levels.index.to_frame(index=False)
    amount = levels.to_numpy(dtype=float)
    energy = np.zeros((len(rows), len(tree.years), len(CARRIERS)))
    electricity: dict[str, Floats] = {}
    for subsector in sorted(rows["subsector"].unique()):
        factors = sum((tree.carriers(subject, subject) for subject in subjects[subsector]), np.zeros(energy.shape[1:]))
        mine = (rows["subsector"] == subsector).to_numpy()
        energy[mine] = amount[mine][:, :, None] * factors[None] / KWH_PER_MWH
        electricity[subsector] = energy[mine][:, :, CARRIERS.index("electricity")].sum(axis=0)
    return Activities(rows, energy, electricity)
