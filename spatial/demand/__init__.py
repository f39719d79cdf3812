"""Useful energy demand and activity of buildings, industry, port and transport."""

from spatial.demand.activity import activity_levels
from spatial.demand.density import density_raster
from spatial.demand.options import DemandOptions
from spatial.demand.parcels import demand_on_parcels
from spatial.demand.profiles import building_profiles
from spatial.demand.schedules import check_set_points
from spatial.demand.unmodelled import uncounted, unmodelled

__all__ = [
    "DemandOptions",
    "activity_levels",
    "building_profiles",
    "check_set_points",
    "demand_on_parcels",
    "density_raster",
    "uncounted",
    "unmodelled",
]
