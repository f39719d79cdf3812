"""Carbon and energy factors by carrier and year."""

import numpy as np
from numpy.typing import NDArray

from layers.constants import constants
from layers.units import MJ_PER_KWH

Floats = NDArray[np.float64]
Years = NDArray[np.int64]


def path(prefix: str, years: Years) -> Floats:
    """Return a factor given for some years at every year, by linear interpolation and held at the ends.

    Parameters
    ----------
    prefix
        Key of ``factors.csv`` without its last part, the year.
    years
        Calendar years, shape (n,).

    Examples
    --------
    >>> path("grid.zhejiang", np.array([2021, 2024])).round(4).tolist()
    [0.5422, 0.4837]
    """
    known = constants("resources", "factors.csv").under(prefix)
    given = sorted((int(year), row.value) for year, row in known.items() if year.isdigit())
    if not given:
        raise KeyError(f"factors.csv has no year of {prefix}")
    return np.asarray(np.interp(years, [year for year, _ in given], [value for _, value in given]))


def grid_factor_t_mwh(region: str, years: Years) -> Floats:
    """Return the average CO2 factor of a province's grid electricity [t/MWh] in each year.

    Years without an official value are interpolated; values after the last official year are assumptions.

    References
    ----------
    .. [1] MEE and NBS announcements 2024 No. 12, 2024 No. 33 and 2025 No. 47.
    """
    return path(f"grid.{region}", years)


def carrier_factor_t_mwh(carrier: str) -> float:
    """Return the CO2 of burning a carrier [t/MWh of lower heating value] (GB/T 51366-2019 Table A.0.1).

    Examples
    --------
    >>> round(carrier_factor_t_mwh("natural_gas"), 4)
    0.1999
    """
    return constants("resources", "factors.csv").value(f"carrier.{carrier}") * MJ_PER_KWH / 1000.0


def regions() -> tuple[str, ...]:
    """Return the provinces with a grid factor path."""
    keys = constants("resources", "factors.csv").under("grid")
    return tuple(sorted({key.split(".")[0] for key in keys}))
