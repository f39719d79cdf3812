"""Hours of one roof: those of its class in the open, fewer in the shade, and adding up to its year."""

from pathlib import Path

import numpy as np
import pandas as pd
import pyproj
import pytest

from layers.errors import Findings
from layers.grid import Grid
from layers.surface import Surface, surface_of_array
from layers.weather import WeatherOptions, read_weather
from resources.irradiation import plane_irradiation, sky_table
from resources.photovoltaics import SolarOptions
from resources.rooftop.hours import Weather, roof_hours
from resources.rooftop.layout import LayoutOptions, arrays_of
from resources.rooftop.light import cover_of_cells, light_on_roofs
from resources.rooftop.plants import array_yields, class_profiles

SIDE = 160
GRID = Grid(400_000.0, 3_300_000.0, 1.0, SIDE, SIDE, pyproj.CRS.from_epsg(4550))
ROOF = np.s_[70:90, 65:95]


@pytest.fixture(scope="module")
def weather() -> Weather:
    options = WeatherOptions(latitude_deg=29.79, longitude_deg=121.95, altitude_m=5.0, utc_offset_h=8.0)
    found = read_weather(Path(__file__).parents[3] / "layers" / "meishan" / "normals.csv", options, Findings())
    assert found is not None
    site, hours = found
    return Weather(hours, site)


def town(tower: float) -> Surface:
    heights = np.zeros((SIDE, SIDE))
    heights[ROOF] = 9.0
    heights[100:115, 60:100] = tower
    return surface_of_array(heights, GRID)


def cells() -> pd.DataFrame:
    row, col = np.mgrid[ROOF]
    return pd.DataFrame({"row": row.ravel(), "col": col.ravel(), "plane": 0})


def arrays(layout: str) -> pd.DataFrame:
    plane = pd.DataFrame(
        {"building_id": ["b"], "form": ["flat"], "tilt_deg": [0.0], "azimuth_deg": [np.nan], "usable_m2": [400.0]},
        index=pd.Index(["b|0"], name="plane_id"),
    )
    return arrays_of(plane, 29.79, LayoutOptions(flat_layout=layout))


@pytest.mark.parametrize("layout", ["south", "flush"])
def test_hours_in_the_open_are_those_of_the_class(weather: Weather, layout: str) -> None:
    one = arrays(layout)
    own = roof_hours(town(0.0), cells(), one.iloc[0], weather, SolarOptions())
    profiles, names = class_profiles(one, weather.hours, weather.site, SolarOptions())
    expected = profiles[names.iloc[0]] * one["kwp"].iloc[0]
    assert own["ac_kw"].sum() == pytest.approx(expected.sum(), rel=0.005)
    # the class counts by steps of tilt and cover
    assert np.corrcoef(own["ac_kw"], expected)[0, 1] > 0.9999


@pytest.mark.parametrize("layout", ["south", "flush"])
def test_hours_in_the_shade_add_up_to_months_of_the_sweep(weather: Weather, layout: str) -> None:
    one, surface, options = arrays(layout), town(40.0), SolarOptions()
    own = roof_hours(surface, cells(), one.iloc[0], weather, options)["ac_kw"]
    tilt = np.radians(one["tilt_deg"].iloc[0])
    normal = np.array([[0.0, -np.sin(tilt), np.cos(tilt)]])
    table = sky_table(weather.hours, weather.site, options.albedo, monthly=True)
    lit = light_on_roofs(surface, cover_of_cells(cells(), 1, GRID), normal, table)
    share = lit.on_roofs / plane_irradiation(np.zeros((1, table.directions)), normal, table)
    light = pd.DataFrame(share, index=one.index, columns=range(1, 13))
    profiles, names = class_profiles(one, weather.hours, weather.site, options)
    months = array_yields(one, profiles, names, light).iloc[0].to_numpy() * 1000.0
    by_hours = own.groupby(pd.DatetimeIndex(own.index).month).sum().to_numpy()
    open_months = months / share[0]
    assert share.min() < 0.8
    # beam and diffuse light are hidden unalike, which a share of the month's light cannot know
    np.testing.assert_allclose(by_hours / open_months, months / open_months, atol=0.05)
    assert by_hours.sum() == pytest.approx(months.sum(), rel=0.03)


@pytest.mark.parametrize(("rise", "azimuth"), [(0.7, 180.0), (0.7, 0.0), (0.3, 0.0)])
def test_a_pitched_roof_is_not_hidden_by_its_own_steps(weather: Weather, rise: float, azimuth: float) -> None:
    row, _ = np.mgrid[:SIDE, :SIDE]
    heights = np.zeros((SIDE, SIDE))
    toward = 1.0 if azimuth == 0.0 else -1.0
    heights[ROOF] = 8.0 + rise * np.where(toward > 0, row - 69.5, 89.5 - row)[ROOF]
    tilt = float(np.degrees(np.arctan(rise)))
    plane = pd.DataFrame(
        {"building_id": ["b"], "form": ["pitched"], "tilt_deg": [tilt], "azimuth_deg": [azimuth], "usable_m2": [400.0]},
        index=pd.Index(["b|0"], name="plane_id"),
    )
    one = arrays_of(plane, 29.79, LayoutOptions())
    own = roof_hours(surface_of_array(heights, GRID), cells(), one.iloc[0], weather, SolarOptions())
    profiles, names = class_profiles(one, weather.hours, weather.site, SolarOptions())
    expected = profiles[names.iloc[0]] * one["kwp"].iloc[0]
    assert own["ac_kw"].sum() == pytest.approx(expected.sum(), rel=0.01)


def test_a_taller_tower_to_the_south_leaves_fewer_hours_of_beam(weather: Weather) -> None:
    one = arrays("flush").iloc[0]
    beam = [roof_hours(town(tall), cells(), one, weather, SolarOptions())["direct"] for tall in (0.0, 20.0, 60.0)]
    assert beam[0].sum() > beam[1].sum() > beam[2].sum()
    assert (beam[2] <= beam[0] + 1e-9).all()


def test_a_roof_without_cells_is_refused(weather: Weather) -> None:
    with pytest.raises(ValueError, match="no cells"):
        roof_hours(town(0.0), cells().iloc[:0], arrays("flush").iloc[0], weather, SolarOptions())
