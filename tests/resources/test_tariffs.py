import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from layers.weather.hours import year_index
from resources.tariffs import (
    TARIFFS,
    demand_charge_cny_mw,
    export_price,
    import_price,
    periods,
    price_of,
    wheeling_cny_mwh,
)

YEAR = year_index(8.0)


def test_three_quoted_prices_fit_the_ratios_of_the_notice() -> None:
    # flat 0.6803 and peak 1.1267 fix what the ratios leave alone; the quoted valley 0.3653 must then follow
    assert price_of("flat") == pytest.approx(0.6803, abs=1e-9)
    assert price_of("peak") == pytest.approx(1.1267, abs=1e-4)
    assert price_of("valley") == pytest.approx(0.3653, abs=2e-4)
    energy = (price_of("peak") - price_of("flat")) / 0.85
    assert price_of("sharp_peak") == pytest.approx(price_of("flat") + 1.05 * energy)
    assert price_of("deep_valley") == pytest.approx(price_of("flat") - 0.8 * energy)


def test_hours_of_2026_are_those_of_the_notice() -> None:
    spring = periods(pd.date_range("2017-04-05", periods=24, freq="h"))
    assert spring.tolist() == ["valley"] * 7 + ["flat"] * 4 + ["valley"] * 3 + ["flat"] * 2 + ["peak"] * 7 + ["flat"]
    summer = periods(pd.date_range("2017-07-05", periods=24, freq="h"))
    assert summer[16:24].tolist() == ["peak"] * 2 + ["sharp_peak"] * 4 + ["peak", "flat"]
    assert summer[:16].tolist() == spring[:16].tolist()
    holiday = periods(pd.date_range("2017-05-01", periods=24, freq="h"))
    assert holiday[8:16].tolist() == ["flat"] + ["deep_valley"] * 6 + ["flat"]


def test_hours_of_2024_are_those_of_the_notice() -> None:
    spring = periods(pd.date_range("2017-04-05", periods=24, freq="h"), "zhejiang_2024")
    assert spring.tolist() == ["valley"] * 8 + ["peak"] * 3 + ["valley"] * 2 + ["peak"] * 4 + ["flat"] * 7
    winter = periods(pd.date_range("2017-01-05", periods=24, freq="h"), "zhejiang_2024")
    assert winter[8:17].tolist() == ["peak"] + ["sharp_peak"] * 2 + ["valley"] * 2 + ["flat"] * 2 + ["sharp_peak"] * 2


def test_deep_valley_stands_on_nine_days() -> None:
    deep = periods(YEAR) == "deep_valley"
    assert deep.sum() == 9 * 6
    assert len(set(YEAR[deep].strftime("%m-%d"))) == 9


def test_power_of_the_sun_is_worth_less_at_a_cheap_noon() -> None:
    # a cloudless sun as weight gives an hour-weighted value of about 0.58, against about 0.76 before
    sun = np.maximum(np.sin((YEAR.hour.to_numpy() + 0.5 - 6.0) / 12.0 * np.pi), 0.0)
    new, old = (float(np.average(import_price(YEAR, name), weights=sun)) for name in ("zhejiang_2026", "zhejiang_2024"))
    assert new == pytest.approx(0.58, abs=0.03)
    assert old > 1.15 * new


def test_flat_tariff_has_one_price_and_sales_another() -> None:
    assert set(import_price(YEAR, "flat")) == {0.6803}
    assert set(export_price(YEAR)) == {0.39}
    assert set(export_price(YEAR, "coal_benchmark")) == {0.4153}
    assert demand_charge_cny_mw() == 48.0 * 12.0 * 1000.0


@given(tariff=st.sampled_from(TARIFFS), start=st.integers(0, 8759), count=st.integers(1, 60))
def test_price_of_an_hour_is_that_of_its_period(tariff: str, start: int, count: int) -> None:
    times = YEAR[start : start + count]
    names, prices = periods(times, tariff), import_price(times, tariff)  # type: ignore[arg-type]
    assert [price_of(str(name), tariff) for name in names] == prices.tolist()  # type: ignore[arg-type]
    assert (prices > 0.0).all()


def test_wheeling_is_what_two_quoted_prices_leave_to_no_ratio() -> None:
    # peak = w + 1.85 (flat - w), with the quoted flat 0.6803 and peak 1.1267 CNY/kWh
    assert wheeling_cny_mwh("zhejiang_2026") == pytest.approx((1.85 * 680.3 - 1126.7) / 0.85, abs=0.2)


@pytest.mark.parametrize("tariff", TARIFFS)
def test_energy_costs_something_in_every_hour_beside_its_wheeling(tariff: str) -> None:
    assert 0.0 <= wheeling_cny_mwh(tariff) < 1000.0 * import_price(YEAR, tariff).min()  # type: ignore[arg-type]


def test_unknown_tariff_is_named() -> None:
    with pytest.raises(KeyError, match="moon"):
        wheeling_cny_mwh("moon")  # type: ignore[arg-type]
    with pytest.raises(KeyError, match="moon"):
        periods(YEAR, "moon")  # type: ignore[arg-type]
