"""Hourly demand of all archetypes and vintages for a generated year."""

import pandas as pd
from measure import measure

from layers.errors import Findings
from layers.weather import WeatherOptions, read_weather
from spatial.cli import embedded_study
from spatial.demand import DemandOptions, building_profiles

options = WeatherOptions(latitude_deg=29.79, longitude_deg=121.95, altitude_m=5.0, utc_offset_h=8.0)
read = read_weather(embedded_study() / "normals.csv", options, Findings())
if read is None:
    raise SystemExit("the embedded normals cannot be read")
site, weather = read
made: list[pd.DataFrame] = []
measure("building profiles", {"hours": 8760}, lambda: made.extend(building_profiles(weather, site, DemandOptions())))
