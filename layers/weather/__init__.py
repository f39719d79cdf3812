"""Weather: a typical year of 8,760 hours from an EPW, a PVGIS year or twelve monthly normals."""

from layers.weather.generator import generate_year
from layers.weather.options import WeatherOptions
from layers.weather.reader import read_weather
from layers.weather.sun import sun_position

__all__ = ["WeatherOptions", "generate_year", "read_weather", "sun_position"]
