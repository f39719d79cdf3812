"""Heat and cold along the streets and their clusters, in a real browser."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page
from pyproj import Transformer

from layers.tables.demand import DEMAND_PARCEL_BANDS
from spatial.maps import MapOptions, write_map

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
    assert {"zh": "不含生活热水", "en": "without hot water"}[lang] in page.locator(
        "[data-field=heating_peak_kw]"
    ).inner_text()
    assert {"zh": "故街道峰值低于", "en": "below the sum"}[lang] in page.locator("#nz-card .nz-note").inner_text()
    assert session.complaints == []
    page.keyboard.press("Escape")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_cluster_opens_its_card_with_a_load_curve(
    session: Any, page: Page, made_up: Any, tables: Any, lang: str
) -> None:
    page.evaluate(f"nearzero.set({{lang: '{lang}'}})")
    page.locator("[data-overlay=clusters]").check()
    assert page.locator(".nz-over-key li .nz-line").count() == 2
    # two share this edge: the smaller opens
    click(page, made_up, made_up.X0 + 750.0, made_up.Y0)
    assert page.locator("[data-testid=card-title]").inner_text() == "heat-1"
    row = tables["clusters"].set_index("cluster_id").loc["heat-1"]
    assert field(page, "density_mwh_ha") == pytest.approx(row["density_mwh_ha"], rel=0.006)
    assert field(page, "diversity") == pytest.approx(0.8)
    assert field(page, "full_load_h") == pytest.approx(row["full_load_h"], rel=0.006)
    curve = page.locator("[data-testid=chart-cluster] polyline")
    assert len((curve.get_attribute("points") or "").split()) == 74
    click(page, made_up, made_up.X0 + 1400.0, made_up.Y0 - 650.0)
    assert page.locator("[data-testid=card-title]").inner_text() == "cold-1"
    assert session.complaints == []
    page.keyboard.press("Escape")


def test_the_raster_of_a_carrier_shows_its_own_clusters(page: Page, made_up: Any) -> None:
    page.evaluate("nearzero.set({theme: 'cooling_density'})")
    page.locator("[data-overlay=clusters]").check()
    assert page.locator(".nz-over-key li .nz-line").count() == 1
    click(page, made_up, made_up.X0 + 750.0, made_up.Y0)
    assert page.locator("[data-testid=card-title]").inner_text() == "cold-1"
    page.evaluate("nearzero.set({theme: 'heating_density'})")
    click(page, made_up, made_up.X0 + 750.0, made_up.Y0)
    assert page.locator("[data-testid=card-title]").inner_text() == "heat-1"
    click(page, made_up, made_up.X0 + 1400.0, made_up.Y0 - 650.0)
    assert page.evaluate("nearzero.state().card") == "parcel"
    page.keyboard.press("Escape")


def test_a_click_opens_what_the_mouse_reads(session: Any, page: Page, made_up: Any) -> None:
    page.evaluate("nearzero.set({theme: 'heating', lang: 'en'})")
    page.locator("[data-overlay=clusters]").check()
    change = Transformer.from_crs(made_up.CRS, 4326, always_xy=True)
    # outlines of two clusters, and places inside them
    for x, y in ((750.0, 0.0), (1400.0, 650.0), (650.0, 150.0), (1250.0, 550.0), (1000.0, 150.0)):
        lon, lat = change.transform(made_up.X0 + x, made_up.Y0 - y)
        spot = page.evaluate(f"nearzero.pixelOf({lat}, {lon})")
        page.mouse.move(spot[0], spot[1] + 60)
        page.wait_for_timeout(60)
        page.mouse.move(spot[0] + 1, spot[1])
        page.wait_for_timeout(60)
        page.mouse.move(*spot)
        page.wait_for_timeout(60)
        read = page.locator("#nz-tip b").inner_text()
        page.mouse.click(*spot)
        assert page.locator("[data-testid=card-title]").inner_text() == read
        page.keyboard.press("Escape")
    assert session.complaints == []


@pytest.mark.parametrize(("lang", "said"), [("zh", "2030（目标年）"), ("en", "2030 (target year)")])
def test_what_is_worked_out_for_the_target_year_says_so(page: Page, made_up: Any, lang: str, said: str) -> None:
    page.evaluate(f"nearzero.set({{theme: 'heating_density', year: 2017, lang: '{lang}'}})")
    assert page.locator(".nz-legend-when").inner_text() == said
    for overlay in ("heat_streets", "cold_streets", "clusters"):
        label = page.locator(f"label:has([data-overlay={overlay}])")
        assert "2030" in label.inner_text()
        label.locator("input").check()
    titles = [row.inner_text() for row in page.locator(".nz-over-title").all()]
    assert len(titles) == 3
    assert all("2030" in title for title in titles)
    click(page, made_up, made_up.X0 + 1950.0, made_up.Y0 - 5 * made_up.CELL + 5.0)
    heads = [row.inner_text() for row in page.locator("#nz-card h3").all()]
    assert sum("2030" in head for head in heads) == 2
    page.keyboard.press("Escape")
    page.locator("[data-overlay=heat_streets]").uncheck()
    page.locator("[data-overlay=cold_streets]").uncheck()
    click(page, made_up, made_up.X0 + 750.0, made_up.Y0)
    assert page.evaluate("nearzero.state().card") == "cluster"
    assert "2030" in page.locator("#nz-card h3").first.inner_text()
    page.keyboard.press("Escape")


@pytest.fixture(scope="module")
def alone(browser: Any, made_up: Any, tables: Any, tmp_path_factory: Any) -> Iterator[Page]:
    """The page of a run with bands, whose parcels all peak in the same hour."""
    same = {"diversity_heating": 1.0, "diversity_cooling": 0.996}
    demand = tables["demand_parcels"]
    bands = demand[["parcel_id", "year"]].copy()
    for name in DEMAND_PARCEL_BANDS.columns:
        if name not in DEMAND_PARCEL_BANDS.key:
            middle = demand[name.replace("_low", "").replace("_high", "")]
            bands[name] = middle * (0.8 if "_low" in name else 1.3)
    path = tmp_path_factory.mktemp("alone") / "map.html"
    changed = {
        **tables,
        "linear_density": tables["linear_density"].assign(**same),
        "demand_parcel_bands": bands,
    }
    write_map(changed, made_up.Meta(), MapOptions(simplify_m=0), path)
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.goto(f"{path.as_uri()}#theme=landuse&lang=en")
    page.wait_for_selector("[data-nz-ready=yes]", state="attached")
    yield page
    page.close()


def test_a_street_of_one_peak_is_not_said_to_peak_below_the_sum(alone: Page, made_up: Any) -> None:
    alone.locator("[data-overlay=heat_streets]").check()
    click(alone, made_up, made_up.X0 + 1950.0, made_up.Y0 - 5 * made_up.CELL + 5.0)
    assert alone.locator("#nz-card .nz-note").inner_text() == "A parcel counts on its nearest street."


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_chart_of_months_sums_to_the_rows_of_the_card(page: Page, lang: str) -> None:
    page.evaluate(f"nearzero.set({{lang: '{lang}'}})")
    for parcel in ("P-0044", "P-0011", "P-0033", "P-0100", "P-0101"):
        page.evaluate(f"nearzero.select('{parcel}')")
        keys = page.locator("[data-testid=chart-months] .nz-key li")
        for load, key in zip(("heating_mwh", "cooling_mwh"), keys.all(), strict=False):
            row = page.locator(f"#nz-card [data-field={load}] dd")
            said = f"{row.locator('b').inner_text()}\u00a0{row.locator('span').inner_text().split(' (')[0]}"
            assert key.inner_text().endswith(said), (parcel, load)
    page.keyboard.press("Escape")


def test_a_band_says_what_it_is(alone: Page, page: Page) -> None:
    alone.evaluate("nearzero.select('P-0044')")
    band = alone.locator("#nz-card [data-field=heating_mwh] dd abbr")
    assert "–" in band.inner_text()
    assert "eight of ten draws" in (band.get_attribute("title") or "")
    assert "eight of ten draws" in alone.locator("#nz-card .nz-note").first.inner_text()
    page.evaluate("nearzero.select('P-0044')")
    assert "十次中八次" not in page.locator("#nz-card").inner_text()  # no band, nothing to explain
    page.keyboard.press("Escape")
