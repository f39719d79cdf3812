"""Generating a typical year from monthly normals."""

import pandas as pd
from measure import measure

from layers.errors import Findings
from layers.weather import WeatherOptions, read_weather
from spatial.cli import embedded_study

options = WeatherOptions(latitude_deg=29.79, longitude_deg=121.95, altitude_m=5.0, utc_offset_h=8.0)
years: list[pd.DataFrame] = []
for _ in range(2):
    measure(
        "read normals and generate a year",
        {"hours": 8760},
        lambda: years.extend(read_weather(embedded_study() / "normals.csv", options, Findings()) or ()),
    )
