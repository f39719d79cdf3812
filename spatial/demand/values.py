"""Constants of demand as they are, or drawn from their ranges."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Self
from zlib import crc32

import numpy as np

from layers.archetypes import ENVELOPES, archetypes
from layers.constants import Constant, Constants, constants
from layers.tables.stock import VINTAGES

TIERS = {
    "pre2001": "stock2017",
    "code2010": "stock2017",
    "code2021": "gb55015",
    "ultralow": "ultralow",
    "nzeb": "nzeb",
}
"""Which tier of the end-use tables each vintage belongs to."""


def demand_constants() -> Constants:
    """Return the constants of the building model."""
    return constants("spatial.demand", "constants.csv")


@dataclass(frozen=True)
class Values:
    """Constants as they stand in their file.

    Examples
    --------
    >>> Values().value("gain.person")
    120.0
    """

    table: Mapping[str, Constant] = field(default_factory=demand_constants)

    def value(self, key: str) -> float:
        """Return a constant as a number."""
        return self.table[key].value

    def of(self, table: Mapping[str, Constant]) -> Self:
        """Return the same of another file's constants."""
        return replace(self, table=table)

    def __contains__(self, key: object) -> bool:
        """Tell whether there is such a constant."""
        return key in self.table


def triangular(quantile: float, low: float, middle: float, high: float) -> float:
    """Return a quantile of the triangular distribution.

    Parameters
    ----------
    quantile
        Between 0 and 1.
    low, middle, high
        Least, likeliest and greatest value.

    Examples
    --------
    >>> triangular(0.5, 0.0, 1.0, 2.0)
    1.0
    """
    if not low <= middle <= high:
        raise ValueError(f"the range {low:g} .. {high:g} does not hold the value {middle:g}")
    width = high - low
    if width == 0.0:
        return middle
    left = (middle - low) / width
    if quantile <= left:
        return float(low + np.sqrt(quantile * width * (middle - low)))
    return float(high - np.sqrt((1.0 - quantile) * width * (high - middle)))


@cache
def group_of(key: str) -> str:
    """Return the group of a constant: its key without kinds of buildings, vintages and tiers.

    Examples
    --------
    >>> group_of("envelope.public.code2021.wall"), group_of("office.gb55015.dhw_useful"), group_of("gain.person")
    ('envelope.wall', 'dhw_useful', 'gain.person')
    """
    return ".".join(part for part in key.split(".") if part not in _kinds())


@cache
def _kinds() -> frozenset[str]:
    known = archetypes().values()
    loads = {part for kind in known for part in kind.load_key.split("+")}
    return frozenset({kind.enduse_key for kind in known} | loads | {*ENVELOPES, *VINTAGES, *TIERS.values()})


@cache
def _order(seed: int, group: str, draws: int) -> tuple[int, ...]:
    return tuple(np.random.default_rng([seed, crc32(group.encode())]).permutation(draws).tolist())


@dataclass(frozen=True)
class Drawn(Values):
    """One of several draws of all constants from their ranges; a constant without a range keeps its value.

    Constants go through their ranges in as many even steps as there are draws, each group of them in an order of its
    own (Latin hypercube), so that few draws cover all of it. A group are all constants of one kind, whatever building,
    vintage or tier they are of: they rest on one assumption, and what is not known of it does not average out.

    Attributes
    ----------
    number, draws
        Which draw of how many.
    seed
        Of the orders; the same seed gives the same draws, whatever constants there are.
    """

    number: int = 0
    draws: int = 1
    seed: int = 0

    def value(self, key: str) -> float:
        """Return the constant as drawn."""
        row = self.table[key]
        if row.low is None or row.high is None:
            return row.value
        step = int(_order(self.seed, group_of(key), self.draws)[self.number])
        return triangular((step + 0.5) / self.draws, row.low, row.value, row.high)
