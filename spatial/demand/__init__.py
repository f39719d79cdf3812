"""Useful energy demand and activity of buildings, industry, port and transport."""

from spatial.demand.activity import activity_levels
from spatial.demand.bands import demand_bands, one_sided
from spatial.demand.charging import charging_on_parcels, charging_shapes, electric_cars, explain_charging
from spatial.demand.classes import lit_forms
from spatial.demand.clusters import demand_clusters
from spatial.demand.density import density_raster
from spatial.demand.linear import linear_density, off_street
from spatial.demand.metering import METERS, meter_factors, scaled
from spatial.demand.options import DemandOptions
from spatial.demand.parcels import demand_on_parcels
from spatial.demand.profiles import building_profiles
from spatial.demand.schedules import check_set_points
from spatial.demand.unmodelled import uncounted, unmodelled

__all__ = [
    "METERS",
    "DemandOptions",
    "activity_levels",
    "building_profiles",
    "charging_on_parcels",
    "charging_shapes",
    "check_set_points",
    "demand_bands",
    "demand_clusters",
    "demand_on_parcels",
    "density_raster",
    "electric_cars",
    "explain_charging",
    "linear_density",
    "lit_forms",
    "meter_factors",
    "off_street",
    "one_sided",
    "scaled",
    "uncounted",
    "unmodelled",
]
