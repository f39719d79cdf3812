"""What wind costs: investment by depth and distance, and the cost of a kilowatt-hour."""

from functools import cache

import numpy as np
import numpy.typing as npt

from layers.constants import constants
from layers.units import HOURS_PER_YEAR
from resources.economics import lcoe_cny_kwh
from resources.technology import Technology, technologies
from resources.wind.options import Site, figure

Array = npt.NDArray[np.float64]
M_PER_KM = 1000.0


def technology(site: Site) -> Technology:
    """Return the technology of a site: fixed offshore or onshore wind."""
    return technologies()["wind_offshore_fixed" if site == "sea" else "wind_onshore"]


@cache
def cost_index_table() -> tuple[Array, Array, Array]:
    """Return depths [m], distances [km] and the cost index [depths x distances], 1 at 15 m and 20 km.

    Examples
    --------
    >>> depths, distances, index = cost_index_table()
    >>> index[list(depths).index(15.0), list(distances).index(20.0)].item()
    1.0
    """
    cells: dict[tuple[float, float], float] = {}
    for key, row in constants("resources", "wind.csv").under("cost_index").items():
        depth, distance = key.split(".")
        cells[float(depth.removeprefix("depth")), float(distance.removeprefix("dist"))] = row.value
    depths = np.array(sorted({depth for depth, _ in cells}))
    distances = np.array(sorted({distance for _, distance in cells}))
    return depths, distances, np.array([[cells[depth, distance] for distance in distances] for depth in depths])


def cost_index(depth_m: npt.ArrayLike, distance_m: npt.ArrayLike) -> Array:
    """Return what a wind farm at sea costs relative to one in 15 m of water 20 km out [1]_.

    Bilinear between the table's nodes; held at its edges (10-50 m, 10-120 km) outside.

    Parameters
    ----------
    depth_m
        Depth of the sea [m]; nan gives nan.
    distance_m
        Distance from the shore [m], for that from landfall and port.

    References
    ----------
    .. [1] NREL, NRWAL, analysis library osw_2023. https://github.com/NREL/NRWAL

    Examples
    --------
    >>> cost_index([15.0, 20.0, 17.5], [20_000.0, 40_000.0, 20_000.0]).round(4).tolist()
    [1.0, 1.0662, 1.011]
    """
    depths, distances, index = cost_index_table()
    depth, distance = np.broadcast_arrays(
        np.asarray(depth_m, dtype=np.float64), np.asarray(distance_m, dtype=np.float64) / M_PER_KM
    )
    known = np.isfinite(depth) & np.isfinite(distance)
    i, share_i = _between(np.where(known, depth, depths[0]), depths)
    j, share_j = _between(np.where(known, distance, distances[0]), distances)
    near = index[i, j] * (1.0 - share_j) + index[i, j + 1] * share_j
    deep = index[i + 1, j] * (1.0 - share_j) + index[i + 1, j + 1] * share_j
    return np.where(known, near * (1.0 - share_i) + deep * share_i, np.nan)


def _between(values: Array, nodes: Array) -> tuple[npt.NDArray[np.int64], Array]:
    """Return the node below each value and how far the value is on the way to the next."""
    held = np.clip(values, nodes[0], nodes[-1])
    below = np.clip(np.searchsorted(nodes, held, side="right") - 1, 0, len(nodes) - 2).astype(np.int64)
    return below, (held - nodes[below]) / (nodes[below + 1] - nodes[below])


def capex_cny_kw(site: Site, depth_m: npt.ArrayLike, distance_m: npt.ArrayLike, year: int) -> Array:
    """Return the investment [CNY/kW]: at sea by depth and distance, on land one figure.

    The level at sea is the Zhejiang budget of 2025 and moves to other years as the technology's cost does.

    Parameters
    ----------
    site
        Sea or land.
    depth_m, distance_m
        Depth of the sea and distance from the shore [m].
    year
        Year of the investment.
    """
    kind = technology(site)
    if site == "land":
        return np.full(np.broadcast(depth_m, distance_m).shape, kind.capex_in(year))
    base_year = int(constants("resources", "wind.csv")["capex.sea.base"].year)
    level = figure("capex.sea.base") * kind.capex_in(year) / kind.capex_in(base_year)
    return level * cost_index(depth_m, distance_m)


def lcoe(site: Site, capex: npt.ArrayLike, net_capacity_factor: npt.ArrayLike, discount_rate: float) -> Array:
    """Return the levelised cost of energy [CNY/kWh], nan where there is no energy or a figure is missing.

    Parameters
    ----------
    site
        Sea or land: life and running cost follow from it.
    capex
        Investment [CNY/kW].
    net_capacity_factor
        Mean output after losses [kW/kW].
    discount_rate
        Real discount rate [1/a].
    """
    kind = technology(site)
    invested = np.asarray(capex, dtype=np.float64)
    energy = np.asarray(net_capacity_factor, dtype=np.float64) * HOURS_PER_YEAR
    known = np.isfinite(invested) & (energy > 0.0)
    safe = np.where(known, invested, 0.0)
    cost = lcoe_cny_kwh(safe, safe * kind.opex_share, np.where(known, energy, 1.0), discount_rate, kind.life)
    return np.where(known, cost, np.nan)
