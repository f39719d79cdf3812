from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layers.tables.resources import PV_CLASSES, PV_PARCELS, PV_PROFILES
from layers.weather.sun import sun_position
from resources.photovoltaics import SolarOptions, ac_output, cell_temperature, dc_output, plane_irradiance, pv_classes
from resources.solar import solar_potential

DENVER = Path(__file__).parents[2].parent / "shared" / "data" / "bestest_weather" / "725650TYCST.epw"
PVWATTS = SolarOptions(gamma=-0.0047, losses=0.1408, dc_ac_ratio=1.2, inverter_efficiency=0.96, albedo=0.2)


def site_at(latitude: float, longitude: float, altitude: float, offset: float) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "latitude_deg": [latitude],
            "longitude_deg": [longitude],
            "altitude_m": [altitude],
            "utc_offset_h": [offset],
            "wind_height_m": [10.0],
            "kind": ["epw"],
            "source": ["test"],
        },
        index=pd.Index(["site"], name="site_id"),
    )


@pytest.fixture(scope="module")
def denver() -> tuple[pd.DataFrame, pd.DataFrame]:
    if not DENVER.exists():
        pytest.skip("the Denver weather of ANSI/ASHRAE Standard 140 is not at hand")
    from pvlib.iotools import read_epw

    data, meta = read_epw(DENVER)
    times = pd.date_range("2017-01-01", periods=8760, freq="h", tz="Etc/GMT+7", name="time")
    data = data.set_axis(times)
    weather = data[["ghi", "dni", "dhi", "temp_air", "relative_humidity", "wind_speed"]].assign(
        pressure=data["atmospheric_pressure"]
    )
    return weather, site_at(meta["latitude"], meta["longitude"], meta["altitude"], -7.0)


def clear_week(offset: float = 8.0) -> pd.DataFrame:
    """Return one bright week of March, made up but physically consistent with the sun of Ningbo."""
    times = pd.date_range("2017-03-20", periods=168, freq="h", tz=f"Etc/GMT-{int(offset)}", name="time")
    zenith = np.radians(sun_position(site_at(29.8, 121.9, 5.0, offset), times)["zenith_deg"].to_numpy())
    up = np.maximum(np.cos(zenith), 0.0)
    dni = np.where(up > 0, 700.0 * up**0.3, 0.0)
    dhi = 120.0 * up
    return pd.DataFrame(
        {
            "ghi": dni * up + dhi,
            "dni": dni,
            "dhi": dhi,
            "temp_air": 15.0,
            "relative_humidity": 70.0,
            "wind_speed": 3.0,
            "pressure": 101_325.0,
        },
        index=times,
    )


STOCK = pd.DataFrame(
    {
        "parcel_id": ["A", "A", "B", "C"],
        "unit_id": "u1",
        "archetype": ["office", "retail", "warehouse", "res_lowrise"],
        "vintage": "code2010",
        "year_from": 2017,
        "floor_area_m2": [5000.0, 1000.0, 8000.0, 600.0],
        "floors": [5.0, 1.0, 1.0, 3.0],
        "height_m": [20.0, 5.0, 9.0, 9.0],
        "footprint_m2": [1000.0, 1000.0, 8000.0, 200.0],
        "roof_m2": [1000.0, 1000.0, 8000.0, 220.0],
        "facade_m2": [2500.0, 600.0, 3200.0, 500.0],
        "window_share": [0.4, 0.3, 0.05, 0.25],
        "form": ["tower", "podium", "hall", "row"],
    },
    index=pd.Index(["A|office", "A|retail", "B|warehouse", "C|res_lowrise"], name="stock_id"),
)
PARCELS = pd.DataFrame(
    {
        "landuse": ["B1", "W1", "R11", "S42", "E1", "G1", "E1"],
        "area_m2": [6000.0, 12000.0, 1500.0, 4000.0, 50_000.0, 9000.0, 0.0],
    },
    index=pd.Index(["A", "B", "C", "P", "L", "G", "Z"], name="parcel_id"),
)
NINGBO = site_at(29.8, 121.9, 5.0, 8.0)


def potential(stock: pd.DataFrame = STOCK, **options: object) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    return solar_potential(clear_week(), NINGBO, stock, PARCELS, SolarOptions.model_validate(options))


def test_the_sun_stands_where_the_spa_example_says() -> None:
    """Reda and Andreas (2004), NREL/TP-560-34302, table A5.1, at 12:30:30; the label is the beginning of the hour."""
    times = pd.DatetimeIndex(["2003-10-17 12:00:30"], tz="Etc/GMT+7", name="time")
    site = site_at(39.742476, -105.1786, 1830.14, -7.0)
    sun = sun_position(site, times, pressure_pa=82_000.0, temp_air_c=11.0)
    assert sun["zenith_deg"].iloc[0] == pytest.approx(50.11162, abs=1e-4)
    assert sun["azimuth_deg"].iloc[0] == pytest.approx(194.340241, abs=1e-4)


def test_pvwatts_denver_irradiation(denver: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    weather, site = denver
    plane = plane_irradiance(weather, sun_position(site, weather.index), 20.0, 180.0, 0.2)
    assert plane["global"].sum() / 1000 == pytest.approx(1930.9, rel=0.005)


@pytest.mark.parametrize(("mount", "dc_kwh", "ac_kwh"), [("roof", 6201.0, 5938.1), ("open_rack", None, 6023.7)])
def test_pvwatts_denver_output(
    denver: tuple[pd.DataFrame, pd.DataFrame], mount: str, dc_kwh: float | None, ac_kwh: float
) -> None:
    weather, site = denver
    plane = plane_irradiance(weather, sun_position(site, weather.index), 20.0, 180.0, PVWATTS.albedo)
    dc = dc_output(plane, weather, mount, PVWATTS)
    assert 4.0 * ac_output(dc, PVWATTS).sum() == pytest.approx(ac_kwh, rel=0.005)
    if dc_kwh is not None:
        assert 4.0 * dc.sum() == pytest.approx(dc_kwh, rel=0.005)


@pytest.mark.parametrize(
    ("tilt", "azimuth", "low", "high"),
    [
        # ANSI/ASHRAE Standard 140-2020, example results of six programs, Denver 725650 [kWh/m2]
        (90.0, 0.0, 399.0, 477.3),
        (90.0, 90.0, 1016.7, 1067.9),
        (90.0, 180.0, 1290.6, 1387.0),
        (90.0, 270.0, 903.1, 997.0),
    ],
)
def test_ashrae_140_irradiation_on_walls(
    denver: tuple[pd.DataFrame, pd.DataFrame], tilt: float, azimuth: float, low: float, high: float
) -> None:
    weather, site = denver
    plane = plane_irradiance(weather, sun_position(site, weather.index), tilt, azimuth, 0.2)
    assert low <= plane["global"].sum() / 1000 <= high


def test_a_horizontal_plane_keeps_the_global_irradiation(denver: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    weather, site = denver
    plane = plane_irradiance(weather, sun_position(site, weather.index), 0.0, 180.0, 0.2)
    assert plane["global"].sum() == pytest.approx(weather["ghi"].sum(), rel=0.01)


def test_faiman_in_still_air() -> None:
    """Faiman (2008): T = Ta + G / (U0 + U1 v), with U0 25.0 and U1 6.84 for an open rack."""
    cells = cell_temperature(np.array([1000.0, 1000.0]), np.array([25.0, 25.0]), np.array([0.0, 1.0]), "open_rack")
    assert cells.tolist() == pytest.approx([65.0, 25.0 + 1000 / 31.84])


def test_tables_keep_their_contracts() -> None:
    profiles, classes, parcels = potential(facade=True)
    PV_PROFILES.check(profiles)
    PV_CLASSES.check(classes)
    PV_PARCELS.check(parcels)
    assert list(profiles.columns) == list(classes.index) == [item.name for item in pv_classes()]
    assert set(parcels["pv_class"]) == {
        "roof_flat_tilted_s",
        "roof_flat_east_west",
        "roof_metal_flush",
        "roof_pitched_s",
        "facade_s",
        "carport",
        "water_floating",
    }
    assert parcels.equals(parcels.sort_values(["parcel_id", "pv_class"], ignore_index=True))


def test_output_is_physical() -> None:
    profiles, classes, _ = potential(dc_ac_ratio=1.3)
    weather = clear_week()
    night = weather["ghi"].to_numpy() == 0.0
    assert (profiles.to_numpy() >= 0.0).all()
    assert (profiles.to_numpy()[night] == 0.0).all()
    assert profiles.to_numpy().max() <= 1 / 1.3 + 1e-12
    assert (classes["yield_kwh_kwp"] < classes["poa_kwh_m2"]).all()
    assert np.allclose(profiles.sum(), classes["yield_kwh_kwp"])


def test_the_sum_of_classes_is_the_total() -> None:
    _, classes, parcels = potential()
    total = parcels["kwp"].to_numpy() @ parcels["pv_class"].map(classes["yield_kwh_kwp"]).to_numpy() / 1000
    assert parcels["mwh"].sum() == pytest.approx(total, rel=1e-12)


def test_car_parks_leave_out_what_is_built_over() -> None:
    built = STOCK.iloc[[2]].assign(parcel_id="P", archetype="parking", footprint_m2=1000.0)
    _, _, parcels = potential(built)
    area = parcels.set_index(["parcel_id", "pv_class"])["area_m2"]
    _, _, empty = potential(built.assign(footprint_m2=0.0))
    whole = empty.set_index(["parcel_id", "pv_class"])["area_m2"]
    assert area["P", "carport"] / whole["P", "carport"] == pytest.approx(0.75)


@pytest.mark.parametrize("surface", ["roof", "facade", "carport", "ground", "water"])
def test_each_surface_can_be_left_out(surface: str) -> None:
    _, classes, parcels = potential(**{surface: False})
    assert surface not in set(parcels["pv_class"].map(classes["surface"]))


def test_nothing_given_is_changed() -> None:
    stock, parcels = STOCK.copy(), PARCELS.copy()
    solar_potential(clear_week(), NINGBO, stock, parcels, SolarOptions())
    assert stock.equals(STOCK)
    assert parcels.equals(PARCELS)


@given(st.floats(0.0, 20.0))
@settings(max_examples=5, deadline=None)
def test_capacity_follows_roof_area(factor: float) -> None:
    _, _, once = potential(carport=False, ground=False, water=False)
    _, _, scaled = potential(STOCK.assign(roof_m2=STOCK["roof_m2"] * factor), carport=False, ground=False, water=False)
    assert scaled["kwp"].sum() == pytest.approx(factor * once["kwp"].sum())


@given(st.floats(-0.01, 0.0), st.floats(0.0, 0.9))
@settings(max_examples=10, deadline=None)
def test_more_losses_never_give_more(gamma: float, losses: float) -> None:
    weather = clear_week()
    plane = plane_irradiance(weather, sun_position(NINGBO, weather.index), 20.0, 180.0, 0.2)
    more = SolarOptions(gamma=gamma, losses=min(losses + 0.05, 0.99))
    less = SolarOptions(gamma=gamma, losses=losses)
    high = ac_output(dc_output(plane, weather, "roof", less), less)
    low = ac_output(dc_output(plane, weather, "roof", more), more)
    assert (low <= high + 1e-12).all()


def test_south_of_the_equator_planes_face_north() -> None:
    facing = {item.name: item.facing(-33.0) for item in pv_classes()}
    assert facing["roof_flat_tilted_s"] == (0.0,)
    assert facing["roof_flat_east_west"] == (90.0, 270.0)


def test_meishan_yields_about_a_thousand_hours() -> None:
    """Published for Ningbo: about 1,000 kWh per kWp and year; the study's normals hold 1,359 kWh/m2 a year."""
    from layers.errors import Findings
    from layers.weather import WeatherOptions, read_weather
    from resources.solar import class_tables

    normals = Path(__file__).parents[2] / "layers" / "meishan" / "normals.csv"
    options = WeatherOptions(latitude_deg=29.79, longitude_deg=121.997, altitude_m=5.0, utc_offset_h=8.0)
    found = read_weather(normals, options, Findings())
    assert found is not None
    site, weather = found
    _, classes = class_tables(weather, site, SolarOptions())
    roofs = classes.loc[classes["surface"] == "roof", "yield_kwh_kwp"]
    assert roofs.between(900.0, 1200.0).all()
    assert (classes.loc[classes["surface"] != "facade", "lcoe_cny_kwh"].between(0.1, 0.6)).all()
