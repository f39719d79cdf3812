"""The hourly building model: zones as an engineer describes them, the weather on them, and their loads."""

from spatial.demand.building.checks import check_zone
from spatial.demand.building.simulate import Loads, annual_loads, simulate, thermal_hours
from spatial.demand.building.sky import SkyHours, sky_hours
from spatial.demand.building.zone import (
    STANDARD_FILMS,
    Fin,
    Gain,
    Glazing,
    Layer,
    Leaks,
    Opaque,
    Overhang,
    Supply,
    Window,
    Zone,
    always,
    daily,
    glazing,
)

__all__ = [
    "STANDARD_FILMS",
    "Fin",
    "Gain",
    "Glazing",
    "Layer",
    "Leaks",
    "Loads",
    "Opaque",
    "Overhang",
    "SkyHours",
    "Supply",
    "Window",
    "Zone",
    "always",
    "annual_loads",
    "check_zone",
    "daily",
    "glazing",
    "simulate",
    "sky_hours",
    "thermal_hours",
]
