"""Who joins a network, where its plants stand and where its pipes run: at the least cost that is found."""

from spatial.networks.layout.bound import cost_bound_cny
from spatial.networks.layout.district import Candidates, District, Layout, Sites, Streets, check_limits, yearly_cny
from spatial.networks.layout.solve import lay_out

__all__ = [
    "Candidates",
    "District",
    "Layout",
    "Sites",
    "Streets",
    "check_limits",
    "cost_bound_cny",
    "lay_out",
    "yearly_cny",
]
