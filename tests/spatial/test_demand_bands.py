"""Bands of demand: draws of constants and forms, and totals that were metered."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from layers.constants import constants
from layers.errors import Findings
from layers.massing import class_geometry, massings
from layers.tables.demand import DEMAND_BANDS, DEMAND_CALIBRATION, DEMAND_PARCEL_BANDS
from layers.weather.hours import year_index
from spatial.demand import DemandOptions, building_profiles, demand_bands, demand_on_parcels, meter_factors, scaled
from spatial.demand.bands import BANDED, drawn_forms
from spatial.demand.values import Drawn, Values, demand_constants, triangular

BASE, TARGET = 2017, 2030


@given(st.floats(0.0, 1.0), st.floats(0.0, 1.0), st.floats(-10.0, 10.0), st.floats(0.0, 5.0), st.floats(0.0, 5.0))
def test_triangular_quantiles_rise_within_their_range(
    a: float, b: float, middle: float, down: float, up: float
) -> None:
    low, high = middle - down, middle + up
    first, second = sorted((a, b))
    values = [triangular(quantile, low, middle, high) for quantile in (first, second)]
    assert low - 1e-9 <= values[0] <= values[1] + 1e-9 <= high + 2e-9


def test_triangular_quantiles_are_those_of_the_distribution() -> None:
    draws = [triangular((n + 0.5) / 4000, 1.0, 2.0, 6.0) for n in range(4000)]
    assert np.mean(draws) == pytest.approx((1.0 + 2.0 + 6.0) / 3.0, rel=1e-4)
    assert np.var(draws) == pytest.approx((1 + 4 + 36 - 2 - 6 - 12) / 18.0, rel=1e-3)


@pytest.mark.parametrize("name", ["constants.csv", "enduse.csv"])
def test_every_range_holds_its_value(name: str) -> None:
    for key, row in constants("spatial.demand", name).items():
        if row.low is not None and row.high is not None:
            assert row.low <= row.value <= row.high, key


def test_draws_go_through_the_whole_range_of_a_constant_and_leave_the_others() -> None:
    draws = 16
    drawn = [Drawn(number=number, draws=draws, seed=3) for number in range(draws)]
    row = demand_constants()["gain.person"]
    values = np.sort([one.value("gain.person") for one in drawn])
    assert len(np.unique(values)) == draws
    expected = [triangular((n + 0.5) / draws, row.low or 0.0, row.value, row.high or 0.0) for n in range(draws)]
    np.testing.assert_allclose(values, expected)
    assert {one.value("mass.public.capacity") for one in drawn} == {Values().value("mass.public.capacity")}
    assert [one.value("gain.person") for one in drawn] == [
        Drawn(number=number, draws=draws, seed=3).value("gain.person") for number in range(draws)
    ]
    other = [Drawn(number=number, draws=draws, seed=4).value("gain.person") for number in range(draws)]
    assert other != [one.value("gain.person") for one in drawn]


def plan(count: int = 6) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Return stock, massings and forms of some parcels with offices and housing."""
    kinds = ["office", "res_highrise"] * (count // 2)
    ids = [f"P{n}|{kind}" for n, kind in enumerate(kinds)]
    rows = pd.DataFrame(
        {
            "stock_id": ids,
            "parcel_id": [f"P{n}" for n in range(count)],
            "unit_id": ["U1" if n < count // 2 else "U2" for n in range(count)],
            "archetype": kinds,
            "vintage": ["code2010" if n % 3 else "code2021" for n in range(count)],
            "year_from": [BASE if n % 3 else 2025 for n in range(count)],
            "land_m2": 20_000.0,
            "floor_area_m2": [10_000.0 * (n + 2) for n in range(count)],
            "building_density": 0.3,
            "height_limit_m": 60.0,
        }
    )
    allowed = massings(rows, 0.3)
    usual = allowed.reset_index()
    usual = usual.loc[usual["usual"]].set_index("stock_id")["form"]
    stock = rows.assign(form=rows["stock_id"].map(usual)).set_index("stock_id")
    return stock, allowed, class_geometry(stock, allowed)


@pytest.fixture(scope="module")
def weather() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return a made-up year of warm summers and cool winters."""
    times = pd.DatetimeIndex(year_index(8.0))
    day, hour = times.day_of_year.to_numpy(), times.hour.to_numpy()
    sun = np.maximum(np.sin((hour - 5.5) / 13.0 * np.pi), 0.0) * (hour >= 6) * (hour <= 18)
    warm = -np.cos(2.0 * np.pi * (day - 25) / 365.0)
    ghi = 700.0 * sun * (1.0 + 0.3 * warm)
    site = pd.DataFrame(
        {"latitude_deg": [29.8], "longitude_deg": [121.9], "altitude_m": [5.0], "utc_offset_h": [8.0]},
        index=pd.Index(["site"], name="site_id"),
    )
    table = pd.DataFrame(
        {
            "ghi": ghi,
            "dni": 0.6 * ghi,
            "dhi": 0.5 * ghi,
            "temp_air": 17.0 + 11.5 * warm + 3.0 * sun,
            "relative_humidity": 78.0,
            "wind_speed": 3.0,
            "pressure": 101_300.0,
        },
        index=times.rename("time"),
    )
    return table, site


Bands = tuple[pd.DataFrame, pd.DataFrame]


def central_of(weather: Bands, options: DemandOptions) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    stock, _, forms = plan()
    profiles, intensities = building_profiles(*weather, options, forms)
    return profiles, intensities, demand_on_parcels(profiles, intensities, stock, (BASE, TARGET))


def bands_of(weather: Bands, options: DemandOptions, order: list[int] | None = None) -> Bands:
    stock, allowed, forms = plan()
    _, _, central = central_of(weather, options)
    stock = stock if order is None else stock.iloc[order]
    return demand_bands(*weather, stock, allowed, forms, central, (BASE, TARGET), options)


def test_the_central_value_lies_within_bands_that_are_not_empty(weather: Bands) -> None:
    parcels, places = bands_of(weather, DemandOptions(band_draws=12))
    DEMAND_PARCEL_BANDS.check(parcels)
    DEMAND_BANDS.check(places)
    central = central_of(weather, DemandOptions())[2].set_index(["parcel_id", "year"])
    told = parcels.set_index(["parcel_id", "year"])
    for name in BANDED:
        middle = central.loc[told.index, f"{name}_mwh"]
        assert (told[f"{name}_low_mwh"] <= middle).all()
        assert (told[f"{name}_high_mwh"] >= middle).all()
        assert (told[f"{name}_high_mwh"] > told[f"{name}_low_mwh"]).all()
    zone = places.loc[places["unit_id"] == ""].set_index(["demand", "year"])["central_mwh"]
    units = places.loc[places["unit_id"] != ""].groupby(["demand", "year"])["central_mwh"].sum()
    pd.testing.assert_series_equal(zone.sort_index(), units.sort_index(), check_names=False)


def test_errors_of_forms_average_out_and_those_of_constants_do_not(weather: Bands) -> None:
    parcels, places = bands_of(weather, DemandOptions(band_draws=12))
    zone = places.set_index(["unit_id", "demand", "year"]).loc[("", "heating", TARGET)]
    here = parcels.loc[parcels["year"] == TARGET]
    summed = here["heating_high_mwh"].sum() - here["heating_low_mwh"].sum()
    width = zone["high_mwh"] - zone["low_mwh"]
    assert 0.3 * summed < width <= summed * (1.0 + 1e-9)


def test_bands_do_not_depend_on_the_order_of_the_stock(weather: Bands) -> None:
    options = DemandOptions(band_draws=10)
    first, shuffled = bands_of(weather, options), bands_of(weather, options, [3, 5, 0, 1, 4, 2])
    key = ["parcel_id", "year"]
    pd.testing.assert_frame_equal(
        first[0].sort_values(key, ignore_index=True), shuffled[0].sort_values(key, ignore_index=True)
    )
    pd.testing.assert_frame_equal(first[1], shuffled[1])


def test_a_metered_total_is_met_in_every_draw(weather: Bands) -> None:
    _, intensities, central = central_of(weather, DemandOptions())
    stock, _, _ = plan()
    modelled = central.loc[central["year"] == BASE, "heating_mwh"].sum()
    options = DemandOptions(band_draws=10, metered={"heating": 0.8 * modelled})
    findings = Findings()
    factors = DEMAND_CALIBRATION.check(meter_factors(intensities, stock, BASE, options.metered, findings))
    assert not list(findings)
    assert factors.loc["heating", "factor"] == pytest.approx(0.8)
    assert (factors.drop(index="heating")["factor"] == 1.0).all()
    profiles, before = building_profiles(*weather, options, plan()[2])
    hours, after = scaled(profiles, before, factors)
    told = demand_on_parcels(hours, after, stock, (BASE, TARGET))
    assert told.loc[told["year"] == BASE, "heating_mwh"].sum() == pytest.approx(0.8 * modelled, rel=1e-6)
    assert told["cooling_mwh"].sum() == pytest.approx(central["cooling_mwh"].sum(), rel=1e-9)
    heat = [name for name in hours if name.endswith("|heating")]
    np.testing.assert_allclose(hours[heat].sum().sum(), 0.8 * profiles[heat].astype(float).sum().sum(), rtol=1e-5)
    _, places = demand_bands(*weather, *plan(), told, (BASE, TARGET), options)
    zone = places.set_index(["unit_id", "demand", "year"]).loc[("", "heating", BASE)]
    np.testing.assert_allclose(zone, 0.8 * modelled, rtol=1e-6)


def test_a_metered_total_of_nothing_and_one_that_is_out_of_scale_are_told() -> None:
    stock, _, _ = plan()
    rows = [(a, f, v, s, 0.0) for a, f, v in zip(stock["archetype"], stock["form"], stock["vintage"], strict=True)
            for s in ("heating", "cooling_sensible", "cooling_latent", "hot_water", "lighting", "equipment", "process",
                      "ventilation", "lifts", "cooking")]  # fmt: skip
    nothing = pd.DataFrame(rows, columns=["archetype", "form", "vintage", "service", "kwh_m2"]).drop_duplicates()
    findings = Findings()
    meter_factors(nothing, stock, BASE, {"heating": 10.0}, findings)
    assert [fault.column for fault in findings.errors] == ["demand.metered.heating"]
    findings = Findings()
    meter_factors(nothing.assign(kwh_m2=1.0), stock, BASE, {"heating": 1e9}, findings)
    assert not findings.errors
    assert "scaled by" in str(next(iter(findings)))


def test_forms_are_drawn_from_those_allowed_alike_and_each_row_by_itself() -> None:
    _, allowed, _ = plan()
    ids = pd.Index(allowed.reset_index()["stock_id"].unique())
    forms = drawn_forms(allowed, ids, 600, 1)
    known = allowed.reset_index().groupby("stock_id")["form"].agg(set)
    for row, name in enumerate(ids):
        names, count = np.unique(forms[row].astype(str), return_counts=True)
        assert set(names) == known[name]
        np.testing.assert_allclose(count / 600.0, 1.0 / len(names), atol=0.08)
    np.testing.assert_array_equal(drawn_forms(allowed, ids[2:4], 600, 1), forms[2:4])
