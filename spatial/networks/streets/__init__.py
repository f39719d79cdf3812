"""Streets become a graph that pipes may follow, and parcels join it where they front a street."""

from spatial.networks.streets.crossings import FORBIDDEN, KINDS, Barriers, Price, barriers, barriers_of, crossing_prices
from spatial.networks.streets.digging import Digging, dig_factors
from spatial.networks.streets.fronting import Fronted, front, reasons, unreachable_parcels
from spatial.networks.streets.graph import StreetGraph, street_graph

__all__ = [
    "FORBIDDEN",
    "KINDS",
    "Barriers",
    "Digging",
    "Fronted",
    "Price",
    "StreetGraph",
    "barriers",
    "barriers_of",
    "crossing_prices",
    "dig_factors",
    "front",
    "reasons",
    "street_graph",
    "unreachable_parcels",
]
