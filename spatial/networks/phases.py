"""What a network costs in each year in which parcels come, and how much of what lies there is not needed yet."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from spatial.networks.results import Branch, Designed, earliest
from spatial.networks.tree import Load

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]


def phases_table(net: Designed) -> pd.DataFrame:
    """Return one row per year in which something is built.

    A pipe is laid, in its final size, for the first parcel behind it; plants grow with what they serve, substations
    with the parcels. What is stranded is the share of the capacity laid, each pipe by its length, that no parcel
    connected by then asks for.
    """
    engineer, branches, who, connected = net.engineer, net.branches, net.consumers, net.connected
    nodes, served_from = net.node[connected], net.begun[connected]
    energy_mwh, peak_kw, count = who.energy_mwh[connected], who.peak_kw[connected], who.count[connected]
    options = engineer.options
    rows = []
    had_kw = np.zeros(len(branches))
    for year in np.unique(served_from).tolist():
        stands = served_from <= year
        load = _load(branches, nodes[stands], energy_mwh[stands], peak_kw[stands], count[stands])
        pipes = plants = trench = laid = used = 0.0
        for number, branch in enumerate(branches):
            first = earliest(branch.tree, nodes, served_from)
            there, new = first <= year, first == year
            now = engineer.size(branch.tree, load).design_kw
            length = branch.tree.length_m
            pipes += float(branch.sized.capex_cny[new].sum())
            trench += float(length[there].sum())
            laid += float((length * branch.sized.design_kw)[there].sum())
            used += float((length * now)[there].sum())
            kw = float(now[0])
            plants += (branch.fixed_cny if had_kw[number] == 0.0 < kw else 0.0) + branch.cny_kw * (kw - had_kw[number])
            had_kw[number] = kw
        came = served_from == year
        rows.append(
            {
                "network": engineer.network,
                "year": year,
                "parcels_connected": int(stands.sum()),
                "delivered_mwh": float(energy_mwh[stands].sum()),
                "peak_kw": float(had_kw.sum()),
                "trench_m": trench,
                "pipe_capex_cny": pipes,
                "plant_capex_cny": plants,
                "substation_capex_cny": float(peak_kw[came].sum()) * options.substation_cny_kw,
                "stranded_share": 1.0 - min(1.0, used / laid) if laid > 0.0 else 0.0,
            }
        )
    names = ("network", "year", "parcels_connected", "delivered_mwh", "peak_kw", "trench_m", "pipe_capex_cny",
             "plant_capex_cny", "substation_capex_cny", "stranded_share")  # fmt: skip
    kinds = dict.fromkeys(names, "float64") | {"network": "str", "year": "int64", "parcels_connected": "int64"}
    return pd.DataFrame(rows, columns=list(names)).astype(kinds)


def _load(branches: list[Branch], nodes: Integers, energy_mwh: Floats, peak_kw: Floats, count: Floats) -> Load:
    size = max((len(branch.load.peak_kw) for branch in branches), default=1)
    return Load.of(nodes, energy_mwh, peak_kw, count, size)
