from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pvlib import shading
from pvlib.bifacial.utils import vf_row_sky_2d_integ

from layers.errors import Findings
from layers.weather import WeatherOptions, read_weather
from layers.weather.sun import sun_position
from resources.economics import annuity_factor, npv
from resources.photovoltaics import SolarOptions, dc_output, plane_irradiance
from resources.rooftop.layout import LayoutOptions, arrays_of
from resources.rooftop.plants import (
    MONTHS,
    PLANT_COLUMNS,
    PlantOptions,
    array_yields,
    class_profiles,
    losses_beside_shading,
    named_losses,
    payback_years,
    plants_of,
    uncertainty,
    worth_building,
)
from resources.rooftop.rows import behind_rows, row_pitch_m, row_sky_view
from resources.technology import technology

Pair = tuple[pd.DataFrame, pd.DataFrame]

PVWATTS = SolarOptions(gamma=-0.0047, losses=0.1408, dc_ac_ratio=1.2, inverter_efficiency=0.96, albedo=0.2)
MEISHAN = Path(__file__).parents[3] / "layers" / "meishan" / "normals.csv"
TURIN_KWH_KWP = 1249.0
"""Measured in 2019 at the plant of 604.6 kWp, tilt 26, azimuth 206 deg: shared data, pv_turin."""


def weather_of(path: Path, options: WeatherOptions) -> Pair:
    found = read_weather(path, options, Findings())
    assert found is not None
    return found


@pytest.fixture(scope="module")
def denver(shared_data: Path) -> Pair:
    path = shared_data / "bestest_weather" / "725650TYCST.epw"
    if not path.exists():
        pytest.skip("the Denver weather of ANSI/ASHRAE Standard 140 is not at hand")
    from pvlib.iotools import read_epw

    data, meta = read_epw(path)
    data = data.set_axis(pd.date_range("2017-01-01", periods=8760, freq="h", tz="Etc/GMT+7", name="time"))
    place = {"latitude_deg": meta["latitude"], "longitude_deg": meta["longitude"], "altitude_m": meta["altitude"]}
    site = pd.DataFrame([place], index=pd.Index(["site"], name="site_id"))
    return site, data[["ghi", "dni", "dhi", "temp_air", "wind_speed"]]


@pytest.fixture(scope="module")
def meishan() -> Pair:
    options = WeatherOptions(latitude_deg=29.79, longitude_deg=121.997, altitude_m=5.0, utc_offset_h=8.0)
    return weather_of(MEISHAN, options)


def arrays_with(*rows: tuple[str, str, str, float, float, float, float]) -> pd.DataFrame:
    """Return arrays of building, layout, mount, tilt, azimuth, slant over pitch and capacity."""
    names = ["building_id", "layout", "mount", "tilt_deg", "azimuth_deg", "cover", "kwp"]
    table = pd.DataFrame(rows, columns=names).assign(slant_m=2.0)
    table = table.assign(pitch_m=2.0 / table["cover"].where(table["cover"] > 0.0), module_m2=table["kwp"] * 4.5)
    return table.set_index(pd.Index([f"a{number}" for number in range(len(table))], name="array_id"))


ARRAYS = arrays_with(
    ("b2", "south", "roof", 22.0, 180.0, 0.6, 50.0),
    ("b1", "flush", "flush", 26.0, 190.0, 0.0, 10.0),
    ("b1", "flush", "flush", 26.0, 10.0, 0.0, 10.0),
)


def light_of(arrays: pd.DataFrame, share: float = 1.0) -> pd.DataFrame:
    return pd.DataFrame(share, index=arrays.index, columns=list(MONTHS))


@pytest.fixture(scope="module")
def hours(meishan: Pair) -> tuple[pd.DataFrame, pd.Series]:
    site, weather = meishan
    return class_profiles(ARRAYS, weather, site, SolarOptions())


@pytest.mark.parametrize(("mount", "ac_kwh"), [("roof", 5938.1), ("open_rack", 6023.7)])
def test_pvwatts_denver_output(denver: Pair, mount: str, ac_kwh: float) -> None:
    site, weather = denver
    arrays = arrays_with(("b", "flush", mount, 20.0, 180.0, 0.0, 4.0))
    profiles, classes = class_profiles(arrays, weather, site, PVWATTS, shade_computed=False)
    mwh = array_yields(arrays, profiles, classes, light_of(arrays))
    assert 1000.0 * mwh.sum(axis=1).iloc[0] == pytest.approx(ac_kwh, rel=0.005)


def test_pvwatts_denver_light_and_direct_current(denver: Pair) -> None:
    site, weather = denver
    sun = sun_position(site, pd.DatetimeIndex(weather.index))
    plane = plane_irradiance(weather, sun, 20.0, 180.0, PVWATTS.albedo)
    light = behind_rows(plane, sun, 20.0, 180.0, 0.0)
    assert light["global"].sum() / 1000.0 == pytest.approx(1930.9, rel=0.005)
    assert 4.0 * dc_output(light, weather, "roof", PVWATTS).sum() == pytest.approx(6201.0, rel=0.005)


def test_output_at_turin_is_near_what_was_measured(shared_data: Path) -> None:
    path = shared_data / "pvgis_outputs" / "tmy_45.000_8.000_2005_2023.csv"
    if not path.exists():
        pytest.skip("the typical year of PVGIS is not at hand")
    site, weather = weather_of(path, WeatherOptions())
    arrays = arrays_with(("b", "flush", "roof", 26.0, 206.0, 0.0, 604.6))
    profiles, _ = class_profiles(arrays, weather, site, SolarOptions())
    assert profiles.iloc[:, 0].sum() == pytest.approx(TURIN_KWH_KWP, rel=0.1)


def test_losses_multiply_to_those_of_pvwatts() -> None:
    """Dobos (2014), table 6: 14.08 % in all, of which 3 % for shading."""
    losses = named_losses()
    assert 1.0 - np.prod([1.0 - share for share in losses.values()]) == pytest.approx(SolarOptions().losses, abs=5e-5)
    beside = 1.0 - np.prod([1.0 - share for name, share in losses.items() if name != "shading"])
    assert losses_beside_shading(SolarOptions()) == pytest.approx(beside, abs=5e-5)
    assert losses["shading"] == pytest.approx(0.03)


def test_shading_is_not_lost_twice(meishan: Pair) -> None:
    site, weather = meishan
    options = SolarOptions(dc_ac_ratio=0.8)  # no hour is clipped
    computed, _ = class_profiles(ARRAYS, weather, site, options)
    told, _ = class_profiles(ARRAYS, weather, site, options, shade_computed=False)
    assert told.to_numpy().sum() / computed.to_numpy().sum() == pytest.approx(0.97, abs=0.002)
    with pytest.raises(ValueError, match=r"losses of 0.01 do not hold the 0.03 of shading"):
        class_profiles(ARRAYS, weather, site, SolarOptions(losses=0.01))


@given(st.floats(1.0, 60.0), st.floats(0.05, 0.9))
def test_view_of_the_sky_agrees_with_pvlib(tilt: float, cover: float) -> None:
    assert row_sky_view(tilt, cover) == pytest.approx(vf_row_sky_2d_integ(tilt, cover), rel=1e-6)
    heights = (np.arange(2000) + 0.5) / 2000
    angles = shading.masking_angle(tilt, cover, heights)
    assert row_sky_view(tilt, cover) == pytest.approx(np.mean(1.0 + np.cos(np.radians(angles + tilt))) / 2.0, rel=1e-4)


@given(st.floats(-45.0, 45.0), st.floats(5.0, 40.0))
@settings(max_examples=30)
def test_rows_laid_by_the_rule_have_all_beam_from_9_to_15_at_the_solstice(latitude: float, tilt: float) -> None:
    facing = 180.0 if latitude >= 0.0 else 0.0
    declination, off = np.radians([-23.45 if latitude >= 0.0 else 23.45, latitude])
    turn = np.radians(np.linspace(-45.0, 45.0, 25))
    up = np.sin(off) * np.sin(declination) + np.cos(off) * np.cos(declination) * np.cos(turn)
    north = np.cos(off) * np.sin(declination) - np.sin(off) * np.cos(declination) * np.cos(turn)
    azimuth = np.degrees(np.arctan2(-np.cos(declination) * np.sin(turn), north)) % 360.0
    sun = pd.DataFrame({"zenith_deg": np.degrees(np.arccos(up)), "azimuth_deg": azimuth})
    beam = pd.DataFrame(100.0, index=sun.index, columns=["direct", "diffuse", "global", "aoi_deg"])
    plane = beam.assign(circumsolar=20.0, ground=5.0)
    pitch = row_pitch_m(1.0, tilt, latitude, 9.0)
    clear = behind_rows(plane, sun, tilt, facing, 1.0 / pitch)
    close = behind_rows(plane, sun, tilt, facing, 1.0 / (0.95 * pitch))
    assert (clear["direct"] == 100.0).all()
    assert (close["direct"].iloc[[0, -1]] < 100.0).all()
    assert (clear["diffuse"] < 95.0 + 1e-9).all()


def test_shade_takes_whole_blocks_of_a_row() -> None:
    sun = pd.DataFrame({"zenith_deg": [80.0, 80.0], "azimuth_deg": [180.0, 180.0]})
    plane = pd.DataFrame({"direct": [100.0] * 2, "diffuse": 0.0, "global": 100.0, "aoi_deg": 50.0})
    shadow = shading.shaded_fraction1d(80.0, 180.0, 90.0, 30.0, collector_width=0.5, pitch=1.0)
    lit = behind_rows(plane.assign(circumsolar=0.0, ground=0.0), sun, 30.0, 180.0, 0.5)["direct"]
    assert 0.0 < shadow < 0.5
    assert lit.tolist() == [50.0, 50.0]


def test_rows_get_less_than_a_plane_by_itself_and_the_less_the_closer(meishan: Pair) -> None:
    site, weather = meishan
    arrays = arrays_with(*[("b", "south", "roof", 22.0, 180.0, cover, 1.0) for cover in (0.0, 0.3, 0.6, 0.9)])
    profiles, classes = class_profiles(arrays, weather, site, SolarOptions())
    output = profiles.sum()[classes].to_numpy()
    assert (np.diff(output) < 0.0).all()
    assert 0.95 < output[2] / output[0] < 0.98
    assert profiles.to_numpy().max() <= 1.0 / SolarOptions().dc_ac_ratio + 1e-12


def test_steps_of_classes_move_the_year_by_less_than_one_per_cent(meishan: Pair) -> None:
    site, weather = meishan
    sun = sun_position(site, pd.DatetimeIndex(weather.index))
    for tilt, azimuth in ((35.0, 0.0), (35.0, 45.0), (35.0, 90.0), (26.0, 135.0), (26.0, 180.0)):
        middle = plane_irradiance(weather, sun, tilt, azimuth, 0.2)["global"].sum()
        for step in ((0.5, 0.0), (-0.5, 0.0), (0.0, 2.5), (0.0, -2.5)):
            edge = plane_irradiance(weather, sun, tilt + step[0], azimuth + step[1], 0.2)["global"].sum()
            assert edge == pytest.approx(middle, rel=0.01)


def test_planes_alike_share_their_hours(meishan: Pair) -> None:
    site, weather = meishan
    arrays = arrays_with(
        ("b", "flush", "flush", 25.6, 182.0, 0.0, 1.0),
        ("b", "flush", "flush", 26.4, 178.0, 0.0, 1.0),
        ("b", "flush", "flush", 0.4, 40.0, 0.0, 1.0),
        ("b", "flush", "flush", 0.0, 358.0, 0.0, 1.0),
    )
    profiles, classes = class_profiles(arrays, weather, site, SolarOptions())
    assert classes.tolist() == ["flush/flush/26/180/0"] * 2 + ["flush/flush/0/0/0"] * 2
    assert sorted(profiles.columns) == sorted(set(classes))
    assert len(profiles) == 8760


def test_yields_are_capacity_times_hours_times_light(hours: tuple[pd.DataFrame, pd.Series]) -> None:
    profiles, classes = hours
    mwh = array_yields(ARRAYS, profiles, classes, light_of(ARRAYS))
    whole = ARRAYS["kwp"] * profiles.sum()[classes].to_numpy() / 1000.0
    assert np.allclose(mwh.sum(axis=1), whole)
    july = profiles[pd.DatetimeIndex(profiles.index).month == 7].sum()
    assert mwh.loc["a0", 7] == pytest.approx(50.0 * july[classes["a0"]] / 1000.0)
    north, south = mwh.sum(axis=1)[["a2", "a1"]]
    assert north < 0.85 * south


@given(st.lists(st.floats(0.0, 1.05), min_size=36, max_size=36))
@settings(max_examples=20, deadline=None)
def test_yields_scale_with_the_light_share(hours: tuple[pd.DataFrame, pd.Series], shares: list[float]) -> None:
    light = pd.DataFrame(np.reshape(shares, (3, 12)), index=ARRAYS.index, columns=list(MONTHS))
    whole = array_yields(ARRAYS, *hours, light_of(ARRAYS))
    assert np.allclose(array_yields(ARRAYS, *hours, light), whole * light)


def test_no_light_gives_nothing_and_no_plant(hours: tuple[pd.DataFrame, pd.Series]) -> None:
    mwh = array_yields(ARRAYS, *hours, light_of(ARRAYS, 0.0))
    assert (mwh == 0.0).all(axis=None)
    assert plants_of(ARRAYS, mwh, PlantOptions(), SolarOptions()).empty
    kept = plants_of(ARRAYS, mwh, PlantOptions(least_kwh_kwp=0.0), SolarOptions())
    assert np.isinf(kept["lcoe_cny_kwh"]).all()
    assert np.isinf(kept[["payback_years", "discounted_payback_years"]]).all(axis=None)
    assert (kept["npv_cny"] < -kept["capex_cny"]).all()


def yields_of(arrays: pd.DataFrame, kwh_kwp: float) -> pd.DataFrame:
    mwh = (arrays["kwp"] * kwh_kwp / 12.0 / 1000.0).to_numpy()
    return pd.DataFrame(np.tile(mwh[:, None], 12), index=arrays.index, columns=list(MONTHS))


def test_plants_are_the_sums_of_their_arrays() -> None:
    plants = plants_of(ARRAYS, yields_of(ARRAYS, 1000.0), PlantOptions(), SolarOptions())
    assert plants.index.tolist() == ["b1", "b2"]
    assert plants["kwp"].tolist() == [20.0, 50.0]
    assert plants["mwh"].tolist() == pytest.approx([20.0, 50.0])
    assert plants["kwh_kwp"].tolist() == pytest.approx([1000.0, 1000.0])
    assert plants["module_m2"].tolist() == pytest.approx([90.0, 225.0])
    assert plants.filter(regex=r"mwh_\d").sum(axis=1).tolist() == pytest.approx(plants["mwh"].tolist())


def test_cost_is_that_of_the_manual_by_hand() -> None:
    """Without ageing: (capex x annuity + opex) over the year's energy, NREL/TP-462-5173, chapter 3."""
    solar = SolarOptions(degradation=0.0, discount_rate=0.06, cost_year=2025)
    plant = plants_of(ARRAYS, yields_of(ARRAYS, 1000.0), PlantOptions(), solar).loc["b2"]
    kind = technology("pv_rooftop_ci")
    assert plant["capex_cny"] == pytest.approx(50.0 * 2700.0)
    assert plant["opex_cny_a"] == pytest.approx(50.0 * 2700.0 * kind.opex_share)
    by_hand = (plant["capex_cny"] * annuity_factor(0.06, kind.life) + plant["opex_cny_a"]) / 50_000.0
    assert plant["lcoe_cny_kwh"] == pytest.approx(by_hand)


def test_earnings_and_payback_by_hand() -> None:
    """2,700 CNY/kWp earn 1,000 kWh x 0.50 CNY less 40.5 CNY a year, so they are repaid in 5.88 years."""
    options = PlantOptions(self_use=0.4, self_use_cny_kwh=0.62, feed_in_cny_kwh=0.42)
    assert options.price_cny_kwh == pytest.approx(0.5)
    solar = SolarOptions(degradation=0.0, discount_rate=0.06, cost_year=2025)
    plant = plants_of(ARRAYS, yields_of(ARRAYS, 1000.0), options, solar).loc["b2"]
    assert plant["payback_years"] == pytest.approx(2700.0 / (500.0 - 40.5), rel=1e-9)
    # 1 - (1 + r)^-n = r capex / income, read between whole years
    assert plant["discounted_payback_years"] == pytest.approx(
        -np.log(1.0 - 0.06 * 2700.0 / 459.5) / np.log(1.06), abs=0.02
    )
    assert plant["npv_cny"] == pytest.approx(50.0 * npv(0.06, [-2700.0] + [459.5] * 25))


@given(st.floats(0.0, 0.03), st.floats(0.0, 0.15), st.floats(600.0, 1600.0))
@settings(max_examples=40)
def test_what_costs_its_price_is_worth_nothing(degradation: float, rate: float, kwh_kwp: float) -> None:
    solar = SolarOptions(degradation=degradation, discount_rate=rate)
    mwh = yields_of(ARRAYS, kwh_kwp)
    cost = plants_of(ARRAYS, mwh, PlantOptions(), solar)["lcoe_cny_kwh"].iloc[0]
    even = PlantOptions(self_use_cny_kwh=cost, feed_in_cny_kwh=cost)
    plants = plants_of(ARRAYS, mwh, even, solar)
    assert np.allclose(plants["npv_cny"] / plants["capex_cny"], 0.0, atol=1e-6)
    assert (plants["payback_years"] <= plants["discounted_payback_years"]).all()


def test_ageing_costs_and_the_first_drop_stands_among_the_losses_once() -> None:
    mwh = yields_of(ARRAYS, 1000.0)
    young, old = (
        plants_of(ARRAYS, mwh, PlantOptions(), SolarOptions(degradation=share)).iloc[0] for share in (0.0, 0.01)
    )
    assert old["lcoe_cny_kwh"] > young["lcoe_cny_kwh"]
    assert old["payback_years"] > young["payback_years"]
    assert old["mwh"] == young["mwh"] == pytest.approx(20.0)
    assert "light_induced" in named_losses()


def test_an_investment_that_is_never_repaid_is_told_as_infinite() -> None:
    poor = PlantOptions(self_use_cny_kwh=0.05, feed_in_cny_kwh=0.05)
    plants = plants_of(ARRAYS, yields_of(ARRAYS, 1000.0), poor, SolarOptions())
    assert np.isinf(plants["payback_years"]).all()
    found = payback_years(np.array([10.0, 10.0]), np.array([[4.0, 4.0, 4.0], [-1.0, -1.0, -1.0]]))
    assert found.tolist() == [2.5, np.inf]


def test_the_sure_output_is_below_the_expected_one() -> None:
    options = PlantOptions(data_set_uncertainty=0.06, year_uncertainty=0.03, model_uncertainty=0.02)
    assert uncertainty(options) == pytest.approx(0.07)
    plants = plants_of(ARRAYS, yields_of(ARRAYS, 1000.0), options, SolarOptions())
    assert np.allclose(plants["mwh_p90"], plants["mwh"] * (1.0 - 1.2816 * 0.07), rtol=1e-5)
    assert (plants["mwh_p90"] < plants["mwh"]).all()


def test_uncertainty_is_near_what_was_found_for_toronto() -> None:
    """Thevenard and Pelland (2013): 8.7 % for a first year with 5 % of irradiation; data sets here differ by more."""
    assert uncertainty(PlantOptions(data_set_uncertainty=0.05)) == pytest.approx(0.087, abs=0.0005)
    assert 0.087 < uncertainty(PlantOptions()) < 0.10
    # nine cases of ten within 10 %
    assert PlantOptions().data_set_uncertainty == pytest.approx(0.1 / 1.6449, rel=1e-4)


def test_arrays_that_give_too_little_are_not_built() -> None:
    mwh = yields_of(ARRAYS, 1000.0)
    mwh.loc["a2"] *= 0.4
    options = PlantOptions(least_kwh_kwp=500.0)
    assert worth_building(ARRAYS, mwh, options).tolist() == [True, True, False]
    assert plants_of(ARRAYS, mwh, options, SolarOptions()).loc["b1", "kwp"] == 10.0
    everything = PlantOptions(least_kwh_kwp=0.0)
    assert plants_of(ARRAYS, mwh, everything, SolarOptions()).loc["b1", "kwp"] == 20.0


def test_roofs_of_meishan_give_about_a_thousand_hours(meishan: Pair) -> None:
    site, weather = meishan
    planes = pd.DataFrame(
        {"building_id": "b", "form": "flat", "tilt_deg": 0.0, "azimuth_deg": np.nan, "usable_m2": [1000.0]},
        index=pd.Index(["p"], name="plane_id"),
    )
    for layout in ("south", "east_west", "flush"):
        arrays = arrays_of(planes, 29.79, LayoutOptions.model_validate({"flat_layout": layout}))
        hours = class_profiles(arrays, weather, site, SolarOptions())
        plant = plants_of(arrays, array_yields(arrays, *hours, light_of(arrays)), PlantOptions(), SolarOptions()).loc[
            "b"
        ]
        assert 950.0 < plant["kwh_kwp"] < 1200.0
        assert 0.15 < plant["lcoe_cny_kwh"] < 0.3
        assert 3.0 < plant["payback_years"] < 8.0


def test_no_arrays_give_empty_tables(meishan: Pair) -> None:
    site, weather = meishan
    none = ARRAYS.iloc[:0]
    profiles, classes = class_profiles(none, weather, site, SolarOptions())
    mwh = array_yields(none, profiles, classes, light_of(none))
    plants = plants_of(none, mwh, PlantOptions(), SolarOptions())
    assert profiles.shape == (8760, 0)
    assert list(mwh.columns) == list(MONTHS)
    assert list(plants.columns) == list(PLANT_COLUMNS)
    assert plants.index.name == "building_id"
    assert len(plants) == len(mwh) == len(classes) == 0


def test_all_faults_are_told_at_once(hours: tuple[pd.DataFrame, pd.Series], meishan: Pair) -> None:
    site, weather = meishan
    wrong = ARRAYS.assign(layout=["south", "north", "flush"], mount=["roof", "flush", "glue"], kwp=[50.0, -1.0, 10.0])
    with pytest.raises(ValueError, match="must") as caught:
        class_profiles(wrong.set_axis(["a0", "a1", "a1"]), weather, site, SolarOptions())
    for part in ("array_id must not stand twice (a1)", "layout must be one of south, east_west, flush (a1)"):
        assert part in str(caught.value)
    assert "kwp must be above 0 (a1)" in str(caught.value)
    assert "mount must be one of flush, insulated, open_rack, roof (a1)" in str(caught.value)
    with pytest.raises(ValueError, match=r"light lacks months \(12\); light lacks arrays \(a2\)"):
        array_yields(ARRAYS, *hours, light_of(ARRAYS).drop(columns=12).drop(index="a2"))
    with pytest.raises(ValueError, match=r"light must lie in 0 to 1.05 \(a0, a1\)"):
        array_yields(ARRAYS, *hours, light_of(ARRAYS).mul([1.06, -0.1, 1.0], axis=0))
    with pytest.raises(ValueError, match=r"profiles lack months \(2, 3, 4, 5, 6 and 6 more\)"):
        array_yields(ARRAYS, hours[0].iloc[:700], hours[1], light_of(ARRAYS))
    with pytest.raises(ValueError, match=r"yields lack arrays \(a0\)"):
        plants_of(ARRAYS, yields_of(ARRAYS, 1.0).drop(index="a0"), PlantOptions(), SolarOptions())
    with pytest.raises(ValueError, match=r"yields must be 0 or more \(a0, a1, a2\)"):
        plants_of(ARRAYS, -yields_of(ARRAYS, 1.0), PlantOptions(), SolarOptions())
    with pytest.raises(ValueError, match=r"arrays lack columns \(kwp\)"):
        plants_of(ARRAYS.drop(columns="kwp"), yields_of(ARRAYS, 1.0), PlantOptions(), SolarOptions())


def test_an_unknown_technology_is_refused() -> None:
    with pytest.raises(ValueError, match="pv_on_the_moon"):
        PlantOptions(technology="pv_on_the_moon")
