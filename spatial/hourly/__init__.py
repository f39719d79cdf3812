"""The zone's electricity, heat and cold hour by hour, at least cost of capacity and dispatch."""

from spatial.hourly.options import HourlyOptions
from spatial.hourly.stage import solve

__all__ = ["HourlyOptions", "solve"]
