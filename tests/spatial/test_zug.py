"""Real buildings of Zug: what is built from their footprints, what they need, and the page that tells of it."""

from hashlib import sha256
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import pages
import zug
import zug_page

CAR_PARK = "B1014"


@pytest.fixture(scope="module")
def case(shared_data: Path) -> zug.Case:
    if not (shared_data / zug.CASE).is_dir():
        pytest.skip("the reference case of Zug is not on this machine")
    return zug.read_case(shared_data)


@pytest.fixture(scope="module")
def table(case: zug.Case) -> pd.DataFrame:
    return zug.loads(case)


def test_the_place_is_zug_and_not_the_southern_hemisphere(case: zug.Case) -> None:
    assert len(case.zone) == 15
    for layer in (case.zone, case.around):
        west, south, east, north = layer.to_crs("EPSG:4326").total_bounds
        assert west > 8.50
        assert east < 8.53
        assert south > 47.16
        assert north < 47.19
    assert (case.zone.area > 0.0).all()


def test_measured_figures_are_those_of_the_workbook_they_were_read_from(shared_data: Path, case: zug.Case) -> None:
    path = shared_data / zug.CASE / "inputs" / "building-measurements" / "Loads.xls"
    assert sha256(path.read_bytes()).hexdigest() == "15190398d5168f2125fd9eb6f9e3e4fec8eb6303a51dc5983f38240011ade6eb"
    assert list(case.measured.index) == list(case.zone.index)
    # sums of the columns of the workbook
    sums = case.measured.drop(columns="label").sum()
    assert sums.to_dict() == {
        "heating_mwh": 3307, "cooling_mwh": 858, "hot_water_mwh": 507, "electricity_mwh": 4246,
    }  # fmt: skip


def test_areas_are_those_the_rays_of_the_data_set_were_traced_on(shared_data: Path, case: zug.Case) -> None:
    for name in case.zone.index:
        traced, zone = zug.traced_areas(shared_data, name), zug.zone_of(case, name)
        # the open storeys of the car park bound no room
        share = 0.2 if name == CAR_PARK else 1.0
        assert sum(pane.area for pane in zone.windows) == pytest.approx(traced["windows"] * share, rel=5e-3), name
        walls = sum(part.area for part in zone.opaque if part.name.startswith("wall"))
        assert walls == pytest.approx(traced["walls"] * share, rel=5e-3), name
        assert sum(part.area for part in zone.opaque if part.name == "roof") == pytest.approx(traced["roofs"], rel=1e-3)


def test_floor_areas_are_those_the_data_set_simulated(case: zug.Case) -> None:
    for name in case.zone.index:
        areas, simulated = zug.areas_of(case, name), case.simulated.loc[name]
        assert areas.gross == pytest.approx(simulated["GFA_m2"], rel=1e-3)
        assert areas.heated == pytest.approx(simulated["Af_m2"], rel=1e-3)


def test_sun_on_windows_is_that_of_radiance(shared_data: Path, case: zug.Case) -> None:
    names = [name for name in case.zone.index if name != CAR_PARK]
    ours = np.array([zug.window_sun(case, name) for name in names])
    traced = np.array([zug.traced_sun(shared_data, name) for name in names])
    np.testing.assert_allclose(ours, traced, rtol=0.10)
    assert ours.sum() == pytest.approx(traced.sum(), rel=0.04)


def test_loads_are_numbers_and_of_the_order_of_what_was_measured(table: pd.DataFrame) -> None:
    assert np.isfinite(table.filter(like="_ours").to_numpy()).all()
    heated = table[table["heated_m2"] > 0.0]
    assert len(heated) == 14
    assert (heated.filter(like="_ours") > 0.0).all(axis=None)
    assert (table.loc[table["heated_m2"] == 0.0].filter(like="_ours") == 0.0).all(axis=None)
    ours, measured = (table[f"heating_{whose}"] + table[f"cooling_{whose}"] for whose in ("ours", "measured"))
    assert 0.5 <= ours.sum() / measured.sum() <= 2.0


def test_more_heat_is_needed_where_more_is_lost(case: zug.Case, table: pd.DataFrame) -> None:
    plain = table["heating_ours"].sum()
    for variant in (zug.Variant(setback=False), zug.Variant(recovery=False), zug.Variant(old_walls=True)):
        assert zug.loads(case, variant)["heating_ours"].sum() > plain
    assert zug.loads(case, zug.Variant(blinds=False))["cooling_ours"].sum() > table["cooling_ours"].sum()


def test_the_page_tells_what_the_script_computes(case: zug.Case, table: pd.DataFrame) -> None:
    page = (zug.ROOT / "docs" / "zug.md").read_text(encoding="utf-8")
    assert pages.differences(page, zug_page.page(case, table)) == []
