"""The catalogue of pipes: inner diameter, velocity limit, heat loss and cost of each nominal diameter."""

from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from layers.constants import constants

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Catalogue:
    """Pipes in ascending order of nominal diameter; all arrays have one entry per diameter.

    Attributes
    ----------
    dn_mm
        Nominal diameter [mm].
    inner_m
        Inner diameter [m].
    velocity_m_s
        Highest velocity [m/s].
    loss_w_mk
        Heat loss of one pipe per length and temperature difference to the ground [W/(m K)].
    cost_cny_m
        Supply and return pipe, laid, per trench length [CNY/m].
    """

    dn_mm: Floats
    inner_m: Floats
    velocity_m_s: Floats
    loss_w_mk: Floats
    cost_cny_m: Floats


@cache
def catalogue(series: int) -> Catalogue:
    """Return the catalogue for one insulation series of EN 253 (1, 2 or 3; the last is not made above DN 600).

    Examples
    --------
    >>> pipes = catalogue(2)
    >>> int(pipes.dn_mm[0]), int(pipes.dn_mm[-1])
    (20, 1000)
    """
    rows = constants("spatial.networks", "pipes.csv")
    loss = f"u_w_mk_series{series}"
    sizes = sorted(int(key.split(".")[0].removeprefix("DN")) for key in rows if key.endswith(f".{loss}"))

    def column(name: str) -> Floats:
        return np.array([rows.value(f"DN{size}.{name}") for size in sizes])

    return Catalogue(
        dn_mm=np.array(sizes, dtype=np.float64),
        inner_m=column("inner_mm") / 1000.0,
        velocity_m_s=column("velocity_m_s"),
        loss_w_mk=column(loss),
        cost_cny_m=column("cost_cny_m"),
    )
