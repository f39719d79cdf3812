"""Technologies: what they cost to build and to run, how long they last and how well they work.

The figures stand in ``technology.csv``, for investments in the years 2020, 2025 and 2030 at the prices of those years.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np

from layers.constants import Constants, constants
from layers.glossary import Language


def _catalogue() -> Constants:
    return constants("resources", "technology.csv")


@dataclass(frozen=True, slots=True)
class Technology:
    """One technology of the catalogue.

    Attributes
    ----------
    key
        Name in the catalogue.
    name_zh, name_en
        What people call it.
    capex
        Pairs of year and investment [`capex_unit`].
    capex_unit
        Unit of the investment, for example ``CNY/kWp``.
    opex_share
        Running cost without energy, as a share of the investment [1/a].
    life
        Years it lasts [a].
    efficiency
        Typical efficiency, performance factor or consumption [`efficiency_unit`].
    efficiency_unit
        What the efficiency means.
    learning_rate
        Fall of cost with each doubling of what is built [1/doubling].
    """

    key: str
    name_zh: str
    name_en: str
    capex: tuple[tuple[int, float], ...]
    capex_unit: str
    opex_share: float
    life: float
    efficiency: float
    efficiency_unit: str
    learning_rate: float

    def label(self, language: Language) -> str:
        """Return the technology's name in one language."""
        return self.name_zh if language == "zh" else self.name_en

    def capex_in(self, year: float) -> float:
        """Return the investment of a year [`capex_unit`], interpolated and held constant outside the years known."""
        years, costs = zip(*self.capex, strict=True)
        return float(np.interp(year, years, costs))


@cache
def technologies() -> dict[str, Technology]:
    """Return all technologies by key, in the order of the catalogue.

    Examples
    --------
    >>> technologies()["pv_ground"].label("zh")
    '地面光伏'
    """
    catalogue = _catalogue()
    keys = dict.fromkeys(key.split(".", 1)[0] for key in catalogue)
    return {key: _technology(key, catalogue) for key in keys}


def _technology(key: str, catalogue: Constants) -> Technology:
    rows = catalogue.under(key)
    capex = {int(name.removeprefix("capex.")): row for name, row in rows.items() if name.startswith("capex.")}
    units = {row.unit for row in capex.values()}
    if len(units) != 1:
        raise ValueError(f"technology.csv: {key}: investments need one unit, not {sorted(units)}")
    return Technology(
        key=key,
        name_zh=rows["name_zh"].text,
        name_en=rows["name_en"].text,
        capex=tuple((year, capex[year].value) for year in sorted(capex)),
        capex_unit=units.pop(),
        opex_share=rows["opex_share"].value,
        life=rows["life"].value,
        efficiency=rows["efficiency"].value,
        efficiency_unit=rows["efficiency"].unit,
        learning_rate=rows["learning_rate"].value,
    )


def technology(tech: str) -> Technology:
    """Return one technology.

    Raises
    ------
    KeyError
        If the catalogue does not have it.
    """
    try:
        return technologies()[tech]
    except KeyError:
        raise KeyError(f"technology.csv has no technology {tech!r}") from None


def capex_cny(tech: str, year: float) -> float:
    """Return the investment of a technology in a year [CNY per unit of the catalogue].

    Parameters
    ----------
    tech
        Key of the technology.
    year
        Year of the investment; between the years known it is interpolated, outside it is the nearest known.

    Returns
    -------
    float
        Investment, in the unit ``technology(tech).capex_unit``.

    Examples
    --------
    >>> capex_cny("pv_ground", 2027.5)
    2700.0
    """
    return technology(tech).capex_in(year)


def opex_share(tech: str) -> float:
    """Return the yearly running cost of a technology as a share of its investment [1/a]."""
    return technology(tech).opex_share


def life(tech: str) -> float:
    """Return how long a technology lasts [a]."""
    return technology(tech).life


def efficiency(tech: str) -> float:
    """Return the typical efficiency of a technology; ``technology(tech).efficiency_unit`` says of what."""
    return technology(tech).efficiency
