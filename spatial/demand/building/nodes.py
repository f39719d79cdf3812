"""Where the sun goes that enters a zone, and how its elements are cut into nodes."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from spatial.demand.building.films import SLOPED
from spatial.demand.building.kernel import SECONDS
from spatial.demand.building.zone import Layer, Zone

Floats = NDArray[np.float64]

WINDOW_OUT = 0.85
"""Share of the light that falls on a window from inside and does not come back: clear double glazing throws back about
15 % of diffuse light (ASHRAE Fundamentals 2017, chapter 15, table 10)."""


def sun_distribution(zone: Zone) -> Floats:
    """Return the share of the entering sun that each opaque element absorbs.

    The light first falls on the floors (or on all elements where there is none); what an element throws back falls on
    all others by their areas, and windows let out what falls on them but for a share of 1 - `WINDOW_OUT`. Where any
    element states its share, those given hold, others have none, and what is short of 1 leaves through the windows.
    """
    given = [element.sun_share for element in zone.opaque]
    if any(share is not None for share in given):
        return np.array([share or 0.0 for share in given])
    area = np.array([element.area for element in zone.opaque] + [window.area for window in zone.windows])
    taken = np.array([element.inside_absorptance for element in zone.opaque] + [WINDOW_OUT] * len(zone.windows))
    first = np.array([element.area * (element.tilt > 180.0 - SLOPED) for element in zone.opaque])
    first = first if first.any() else np.array([element.area for element in zone.opaque])
    start = np.append(first / first.sum(), np.zeros(len(zone.windows)))
    others = area.sum() - area
    view = area[None, :] / np.where(others > 0.0, others, 1.0)[:, None]
    np.fill_diagonal(view, 0.0)
    falling = np.linalg.solve(np.eye(len(area)) - (view * (1.0 - taken)[:, None]).T, start)
    return np.asarray((falling * taken)[: len(zone.opaque)])


def slices(layer: Layer) -> int:
    """Return into how many slices a layer is cut: none thicker than a swing of one hour goes deep."""
    if layer.density * layer.heat == 0.0:
        return 0
    depth = np.sqrt(layer.conductivity / (layer.density * layer.heat) * SECONDS)
    return max(1, int(np.ceil(layer.thickness / depth)))


@lru_cache(maxsize=4096)
def chain(layers: tuple[Layer, ...]) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Return heat capacity of the nodes [J/m2K] from inside to outside, and conductances between them [W/m2K].

    Nodes lie at the surfaces, between layers and inside thick ones; each slice gives half of its heat to either end.
    """
    capacity: list[float] = [0.0]
    conductance: list[float] = []
    for layer in layers:
        count = slices(layer)
        heat = layer.density * layer.heat * layer.thickness / max(count, 1)
        for _ in range(max(count, 1)):
            capacity[-1] += 0.5 * heat
            conductance.append(max(count, 1) / layer.resistance)
            capacity.append(0.5 * heat)
    return tuple(capacity), tuple(conductance)
