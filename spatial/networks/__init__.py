"""District heating and cooling networks along the streets."""

from spatial.networks.design import design_networks
from spatial.networks.options import CarrierOptions, NetworkOptions, check_named
from spatial.networks.steiner import steiner_tree
from spatial.networks.verdict import explain, unmet

__all__ = ["CarrierOptions", "NetworkOptions", "check_named", "design_networks", "explain", "steiner_tree", "unmet"]
