"""Turbines: their power curves and sizes, from ``power_curves.csv``."""

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Turbine:
    """One turbine model.

    Attributes
    ----------
    model
        Its name.
    rated_kw, rotor_m, hub_m
        Capacity [kW], rotor diameter [m] and height of the hub [m].
    wind_m_s, power_kw
        The power curve: straight between its points, 0 below the first and above the last (cut-out).
    source
        Where the curve was published.
    """

    model: str
    rated_kw: float
    rotor_m: float
    hub_m: float
    wind_m_s: Array
    power_kw: Array
    source: str

    @property
    def cut_out_m_s(self) -> float:
        """Wind speed above which the turbine stands still [m/s]."""
        return float(self.wind_m_s[-1])

    @property
    def specific_power_w_m2(self) -> float:
        """Capacity per swept area [W/m2]."""
        return self.rated_kw * 1000.0 / (np.pi * self.rotor_m**2 / 4.0)

    def output(self, wind_m_s: npt.ArrayLike) -> Array:
        """Return output per capacity [kW/kW] at wind speeds [m/s] of standard air density.

        Examples
        --------
        >>> turbines()["nrel_5mw_126"].output([2.9, 8.0, 12.0, 25.1]).round(3).tolist()
        [0.0, 0.354, 1.0, 0.0]
        """
        power = np.interp(np.asarray(wind_m_s), self.wind_m_s, self.power_kw, left=0.0, right=0.0)
        return np.asarray(power / self.rated_kw, dtype=np.float64)


@cache
def turbines() -> dict[str, Turbine]:
    """Return all turbines by model.

    Examples
    --------
    >>> turbines()["iea_15mw_240"].rotor_m
    240.0
    """
    lines = files("resources").joinpath("power_curves.csv").read_text(encoding="utf-8").splitlines()
    rows: dict[str, list[dict[str, str]]] = {}
    for row in csv.DictReader(lines):
        rows.setdefault(row["model"], []).append(row)
    return {model: _turbine(model, points) for model, points in rows.items()}


def _turbine(model: str, points: list[dict[str, str]]) -> Turbine:
    wind = np.array([float(row["wind_m_s"]) for row in points])
    if np.any(np.diff(wind) <= 0.0):
        raise ValueError(f"power_curves.csv: wind speeds of {model} do not rise")
    first = points[0]
    return Turbine(
        model=model,
        rated_kw=float(first["rated_kw"]),
        rotor_m=float(first["rotor_m"]),
        hub_m=float(first["hub_m"]),
        wind_m_s=wind,
        power_kw=np.array([float(row["power_kw"]) for row in points]),
        source=first["source"],
    )
