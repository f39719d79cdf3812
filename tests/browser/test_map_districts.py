"""Heat and cold along the streets and their clusters, in a real browser."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page
from pyproj import Transformer

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def tables(made_up: Any) -> Any:
    return made_up.sample_tables()


@pytest.fixture(autouse=True)
def unticked(page: Page) -> Iterator[None]:
    yield
    for overlay in ("heat_streets", "cold_streets", "clusters"):
        page.locator(f"[data-overlay={overlay}]").uncheck(force=True)


def number(text: str) -> float:
    return float(text.replace("\u00a0", "").replace("\u2212", "-"))


def click(page: Page, made_up: Any, x: float, y: float) -> None:
    lon, lat = Transformer.from_crs(made_up.CRS, 4326, always_xy=True).transform(x, y)
    page.mouse.click(*page.evaluate(f"nearzero.pixelOf({lat}, {lon})"))


def field(page: Page, name: str) -> float:
    return number(page.locator(f"#nz-card [data-field={name}] dd b").inner_text())


@pytest.mark.parametrize(("lang", "title"), [("zh", "沿街供暖"), ("en", "along the street")])
def test_streets_are_coloured_with_a_legend_and_open_their_card(
    session: Any, page: Page, made_up: Any, tables: Any, lang: str, title: str
) -> None:
    page.evaluate(f"nearzero.set({{lang: '{lang}'}})")
    page.locator("[data-overlay=heat_streets]").check()
    page.locator("[data-overlay=cold_streets]").check()
    key = page.locator(".nz-over-key")
    assert title in key.locator("[data-key=heat_streets]").inner_text()
    assert "MWh/m" in key.locator("[data-key=cold_streets]").inner_text()
    assert key.locator("li .nz-line").count() >= 8
    click(page, made_up, made_up.X0 + 1950.0, made_up.Y0 - 5 * made_up.CELL + 5.0)
    assert page.evaluate("nearzero.state().card") == "street"
    assert page.locator("[data-testid=card-title]").inner_text() == "s5"
    row = tables["linear_density"].set_index("street_id").loc["s5"]
    assert field(page, "heat_mwh_m") == pytest.approx(row["heat_mwh_m"], rel=0.006)
    assert field(page, "cold_mwh_m") == pytest.approx(row["cold_mwh_m"], rel=0.006)
    assert field(page, "diversity_heating") == pytest.approx(0.8)
    assert session.complaints == []
    page.keyboard.press("Escape")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_cluster_opens_its_card_with_a_load_curve(
    session: Any, page: Page, made_up: Any, tables: Any, lang: str
) -> None:
    page.evaluate(f"nearzero.set({{lang: '{lang}'}})")
    page.locator("[data-overlay=clusters]").check()
    assert page.locator(".nz-over-key li").count() == 2
    click(page, made_up, made_up.X0 + 750.0, made_up.Y0 - 150.0)
    # of two that lie over one another the smaller opens
    assert page.locator("[data-testid=card-title]").inner_text() == "heat-1"
    row = tables["clusters"].set_index("cluster_id").loc["heat-1"]
    assert field(page, "density_mwh_ha") == pytest.approx(row["density_mwh_ha"], rel=0.006)
    assert field(page, "diversity") == pytest.approx(0.8)
    assert field(page, "full_load_h") == pytest.approx(row["full_load_h"], rel=0.006)
    curve = page.locator("[data-testid=chart-cluster] polyline")
    assert len((curve.get_attribute("points") or "").split()) == 74
    click(page, made_up, made_up.X0 + 1150.0, made_up.Y0 - 650.0)
    assert page.locator("[data-testid=card-title]").inner_text() == "cold-1"
    assert session.complaints == []
    page.keyboard.press("Escape")


def test_the_raster_of_a_carrier_shows_its_own_clusters(page: Page, made_up: Any) -> None:
    page.evaluate("nearzero.set({theme: 'cooling_density'})")
    page.locator("[data-overlay=clusters]").check()
    assert page.locator(".nz-over-key li").count() == 1
    click(page, made_up, made_up.X0 + 750.0, made_up.Y0 - 150.0)
    assert page.locator("[data-testid=card-title]").inner_text() == "cold-1"
    page.evaluate("nearzero.set({theme: 'heating_density'})")
    click(page, made_up, made_up.X0 + 750.0, made_up.Y0 - 150.0)
    assert page.locator("[data-testid=card-title]").inner_text() == "heat-1"
    click(page, made_up, made_up.X0 + 1150.0, made_up.Y0 - 650.0)
    assert page.evaluate("nearzero.state().card") == "parcel"
    page.keyboard.press("Escape")
