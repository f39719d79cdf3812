"""What digging costs along the classes of streets, and across barriers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

import numpy as np

from layers.constants import constants
from layers.errors import refuse
from spatial.networks.streets.crossings import Barriers, barriers

GAP, SERVICE = "gap", "service"
"""Classes of what is no street: the bridge of a gap between streets, and the line from a street to a parcel."""


@cache
def dig_factors() -> Mapping[str, float]:
    """Return the sourced factor on the cost of laid pipe by class of street, `GAP` and `SERVICE`; infinite: forbidden.

    Examples
    --------
    >>> factors = dig_factors()
    >>> factors["local"], factors["motorway"]
    (1.0, inf)
    """
    return {name: row.value for name, row in constants("spatial.networks", "networks.csv").under("dig").items()}


@dataclass(frozen=True, eq=False)
class Digging:
    """What digging costs.

    Attributes
    ----------
    factor
        Factor on the cost of laid pipe [-] by class of street, `GAP` and `SERVICE`; infinite where none may be laid.
    barriers
        What lies in the way.
    """

    factor: Mapping[str, float] = field(default_factory=dig_factors)
    barriers: Barriers = field(default_factory=barriers)

    def __post_init__(self) -> None:
        """Refuse factors that are none.

        Raises
        ------
        ValueError
            If a class has no factor, or one that is not positive.
        """
        refuse(
            {
                "classes of streets without a dig factor": [name for name in dig_factors() if name not in self.factor],
                "dig factors must be positive": [name for name, value in self.factor.items() if not value > 0.0],
            }
        )

    def may(self, street_class: str) -> bool:
        """Tell whether pipes may be laid along a class."""
        return bool(np.isfinite(self.factor[street_class]))
