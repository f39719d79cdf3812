"""Sun on surfaces, plants on roofs and their supply curves, in a real browser."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page
from pyproj import Transformer

from made_roofs import OPEN, blocks_on
from spatial.maps import MapOptions, write_map

pytestmark = pytest.mark.browser
PARCEL = "P-0043"
CHINESE = re.compile("[\u4e00-\u9fff]")
LIGHT_PIXEL = """
([x, y]) => {
  const canvas = document.querySelector('.leaflet-nz-light-pane canvas');
  if (!canvas) return null;
  const box = canvas.getBoundingClientRect();
  const ratio = canvas.width / box.width;
  const data = canvas.getContext('2d').getImageData((x - box.left) * ratio, (y - box.top) * ratio, 1, 1).data;
  return data[3] ? '#' + [...data.slice(0, 3)].map((part) => part.toString(16).padStart(2, '0')).join('') : '';
}
"""
DATA = "JSON.parse(document.getElementById('nz-data').textContent)"


@pytest.fixture(scope="module")
def tables(made_up: Any) -> Any:
    return made_up.sample_tables()


@pytest.fixture(autouse=True)
def unticked(page: Page) -> Iterator[None]:
    yield
    page.keyboard.press("Escape")
    for overlay in ("sunlight", "roofs"):
        page.locator(f"[data-overlay={overlay}]").uncheck(force=True)


def number(text: str) -> float:
    return float(text.replace("\u00a0", "").replace("\u2212", "-"))


def field(page: Page, name: str) -> tuple[float, str]:
    row = page.locator(f"#nz-card [data-field={name}] dd")
    unit = row.locator("span")
    return number(row.locator("b").inner_text()), unit.inner_text() if unit.count() else ""


def spot(page: Page, made_up: Any, x: float, y: float) -> list[float]:
    """Return the pixel of a place in metres."""
    lon, lat = Transformer.from_crs(made_up.CRS, 4326, always_xy=True).transform(x, y)
    found: list[float] = page.evaluate(f"nearzero.pixelOf({lat}, {lon})")
    return found


def look_at(page: Page, made_up: Any, x: float, y: float, zoom: float) -> None:
    lon, lat = Transformer.from_crs(made_up.CRS, 4326, always_xy=True).transform(x, y)
    page.evaluate(f"void nearzero.map().setView([{lat}, {lon}], {zoom}, {{animate: false}})")


def corner_of(tables: Any, parcel: str) -> tuple[float, float]:
    west, south, *_ = tables["parcels"].set_index("parcel_id").loc[parcel].geometry.bounds
    return west, south


def hover(page: Page, place: list[float]) -> str:
    for shift in (6, 3, 0):
        page.mouse.move(place[0] + shift, place[1])
        page.wait_for_timeout(60)
    return page.locator("#nz-tip").inner_text()


@pytest.mark.parametrize(("lang", "title"), [("zh", "年辐照量 kWh/m²"), ("en", "Irradiation a year kWh/m²")])
def test_light_is_laid_on_its_cells_and_taken_off_again(
    session: Any, page: Page, made_up: Any, tables: Any, lang: str, title: str
) -> None:
    page.evaluate(f"nearzero.set({{lang: '{lang}'}})")
    west, south = corner_of(tables, PARCEL)
    look_at(page, made_up, west + 80, south + 60, 17)
    page.locator("[data-overlay=sunlight]").check()
    light = page.evaluate(f"{DATA}.sunlight")
    grid, cells = tables["sun_grid"].iloc[0], tables["sun_cells"]["kwh_m2"]
    first = spot(page, made_up, west + 80, south + 37)
    session.until(f"Boolean(({LIGHT_PIXEL.strip()})({first}))")
    # middles of cells on a roof, beside it, in its yard, and where no light is told
    for x, y in ((80, 37), (82, 52), (40, 57), (80, 120), (45, 150), (182, 182)):
        col = int((west + x - grid["x0_m"]) // grid["cell_m"])
        row = int((grid["y0_m"] - south - y) // grid["cell_m"])
        place = spot(page, made_up, grid["x0_m"] + (col + 0.5) * 5, grid["y0_m"] - (row + 0.5) * 5)
        colour = page.evaluate(LIGHT_PIXEL, place)
        cell = row * int(grid["cols"]) + col
        if cell not in cells.index:
            assert colour == ""
            continue
        level = min(int((cells.loc[cell] - light["low"]) // light["width"]), len(light["colours"]) - 1)
        assert colour == light["colours"][level], (x, y)
    key = page.locator(".nz-over-key")
    assert title in key.locator("[data-key=sunlight]").inner_text()
    assert "2030" in key.locator("[data-key=sunlight]").inner_text()
    assert key.locator(".nz-ramp rect").count() == len(light["colours"])
    page.locator("[data-overlay=sunlight]").uncheck()
    assert page.locator(".leaflet-nz-light-pane canvas").count() == 0
    assert page.locator("[data-key=sunlight]").count() == 0
    assert session.complaints == []


def test_the_mouse_reads_the_light_of_a_cell(session: Any, page: Page, made_up: Any, tables: Any) -> None:
    page.evaluate("nearzero.set({lang: 'en'})")
    west, south = corner_of(tables, PARCEL)
    look_at(page, made_up, west + 80, south + 60, 17)
    page.locator("[data-overlay=sunlight]").check()
    roof, ground = spot(page, made_up, west + 80, south + 37), spot(page, made_up, west + 80, south + 55)
    session.until(f"Boolean(({LIGHT_PIXEL.strip()})({roof}))")
    for place, least, most in ((roof, OPEN - 30, OPEN + 30), (ground, 800.0, 1100.0)):
        said = hover(page, place)
        assert PARCEL in said
        low, _, high = said.partition("Irradiation a year ")[2].partition(" – ")
        if high:
            assert least <= number(low) < number(high.partition(" ")[0]) <= most
        else:
            assert least <= number(low.lstrip("≥ ").partition(" ")[0]) <= most
    # away from parcels and light there is nothing to read
    assert hover(page, spot(page, made_up, west + 195, south + 195)) == ""
    page.locator("[data-overlay=sunlight]").uncheck()
    assert "Irradiation" not in hover(page, roof)
    assert session.complaints == []


@pytest.mark.parametrize(("lang", "far"), [("zh", "放大可见"), ("en", "zoom in")])
def test_roofs_are_drawn_close_by_only_and_say_so(session: Any, page: Page, tables: Any, lang: str, far: str) -> None:
    page.evaluate(f"nearzero.set({{lang: '{lang}'}})")
    label = page.locator("label:has([data-overlay=roofs])")
    page.evaluate("void nearzero.map().setZoom(12, {animate: false})")
    assert far not in label.inner_text()
    page.locator("[data-overlay=roofs]").check()
    assert far in label.inner_text()
    painted = """() => { const c = document.querySelector('.leaflet-nz-roofs-pane canvas');
        return new Set(new Uint32Array(c.getContext('2d').getImageData(0, 0, c.width, c.height).data.buffer)).size }"""
    assert page.evaluate(painted) == 1
    assert page.locator(".nz-over-key .nz-swatch").count() == 0
    page.locator("[data-testid=roofs-closer]").click()
    assert page.evaluate("nearzero.map().getZoom()") >= 14
    assert far not in label.inner_text()
    assert page.evaluate(painted) > 5
    counts = [number(one.inner_text()) for one in page.locator(".nz-over-key .nz-class-count").all()]
    assert sum(counts) == len(tables["roofs"])
    assert len(counts) >= 4
    assert "kWh/kWp" in page.locator("[data-key=roofs]").inner_text()
    assert {"zh": "并非设计方案", "en": "no design"}[lang] in page.locator(".nz-over-key").inner_text()
    assert session.complaints == []


def test_the_sun_group_shows_roofs_and_fades_what_is_of_their_colours(session: Any) -> None:
    fade = "document.querySelector('.leaflet-overlay-pane').style.opacity"
    page = session.open("#theme=pv_yield")
    page.evaluate("void nearzero.map().setZoom(12, {animate: false})")
    assert page.locator("[data-overlay=roofs]").is_checked()
    assert page.evaluate(fade) == "1"
    page.evaluate("void nearzero.map().setZoom(15, {animate: false})")
    assert float(page.evaluate(fade)) < 0.5
    page.evaluate("nearzero.set({theme: 'landuse'})")
    assert page.evaluate(fade) == "1"
    assert not page.locator("[data-overlay=roofs]").is_checked()


def test_a_click_opens_the_roof_under_it_and_nothing_else(session: Any, page: Page, made_up: Any, tables: Any) -> None:
    towers = next(name for name in tables["roofs"].index if name.endswith("|2") and name != "P-0000|office|2")
    parcel = towers.split("|")[0]
    west, south = corner_of(tables, parcel)
    look_at(page, made_up, west + 95, south + 95, 17)
    page.locator("[data-overlay=roofs]").check()
    slab, court, yard, tower = (80, 37), (40, 100), (80, 120), (160, 80)
    for (x, y), wanted in ((slab, "|0"), (court, "|1"), (yard, None), (tower, "|2"), ((160, 40), "|2"), ((5, 5), None)):
        place = spot(page, made_up, west + x, south + y)
        read = hover(page, place)
        page.mouse.click(*place)
        card = page.evaluate("nearzero.state().card")
        title = page.locator("[data-testid=card-title]").inner_text()
        if wanted is None:
            assert (card, page.evaluate("nearzero.state().parcel")) == ("parcel", parcel)
            assert read.startswith(title)
        else:
            assert (card, title) == ("roof", f"{parcel}|office{wanted}")
            assert read.startswith(title)
        page.keyboard.press("Escape")
    assert session.complaints == []


def test_the_card_of_a_roof_tells_the_tables_numbers(session: Any, page: Page, made_up: Any, tables: Any) -> None:
    page.evaluate("nearzero.set({lang: 'en'})")
    west, south = corner_of(tables, PARCEL)
    look_at(page, made_up, west + 95, south + 95, 16)
    page.locator("[data-overlay=roofs]").check()
    page.mouse.click(*spot(page, made_up, west + 80, south + 37))
    row = tables["roofs"].loc[f"{PARCEL}|office|0"]
    factors = {"MWh": 1.0, "kWh": 0.001, "CNY": 1.0, "M CNY": 1e6, "%": 0.01}
    for name in ("kwp", "mwh", "mwh_p90", "kwh_kwp", "light", "poa_kwh_m2", "roof_m2", "area_m2", "height_m",
                 "lcoe_cny_kwh", "capex_cny", "opex_cny_a", "payback_years"):  # fmt: skip
        value, unit = field(page, name)
        assert value * factors.get(unit, 1.0) == pytest.approx(row[name], rel=0.006), name
        assert unit, name
    bars = page.locator("[data-testid=chart-roof-months]")
    assert bars.locator("rect").count() == 12
    said = bars.locator("svg").get_attribute("aria-label") or ""
    figures = re.findall(r"([A-Z][a-z]{2}) ([\d.]+)", said)
    assert " ".join(month for month, _ in figures) == "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec"
    scale = 1.0 if "[MWh]" in said else 0.001
    assert sum(float(value) for _, value in figures) * scale == pytest.approx(row["mwh"], rel=0.02)
    assert float(figures[6][1]) * scale == pytest.approx(row["mwh_07"], rel=0.02)
    assert "no design" in page.locator("[data-testid=schematic]").inner_text()
    notes = page.locator("[data-testid=roof-notes]").inner_text()
    for part in ("typical year made from monthly means (normals.csv)", "year-to-year and model", "nine years of ten"):
        assert part in notes
    page.locator("[data-testid=roof-parcel]").click()
    assert page.evaluate("nearzero.state().parcel") == PARCEL
    assert session.complaints == []


def test_what_rules_ask_stands_beside_what_roofs_hold(page: Page, tables: Any) -> None:
    review, roofs = tables["review"], tables["roofs"]
    both = review.groupby("parcel_id")["indicator"].agg(set)
    parcel = both.index[both.map(lambda names: {"roof_pv_share", "solar_system"} <= names)][0]
    own = roofs[roofs["parcel_id"] == parcel]
    page.evaluate(f"nearzero.open('#roof=' + encodeURIComponent('{own.index[0]}') + '&lang=en')")
    rows = [row.inner_text() for row in page.locator("#nz-card .nz-review li").all()]
    assert len(rows) == 2  # not what is asked of other things, as stars
    share, system = sorted(rows, key=lambda text: "Solar system" in text)
    assert "≥ 40" in share
    assert "No. 84" in share
    assert f"{own['area_m2'].sum() / own['roof_m2'].sum() * 100:.3g}\u00a0%" in share
    assert "cl. 5.2.1" in system
    size = re.search(r"Potential: ([\d.\u00a0]+) ?kWp", system)
    assert size is not None
    assert number(size[1].strip()) == pytest.approx(own["kwp"].sum(), rel=0.006)


def test_a_roof_speaks_both_languages_and_may_never_pay_back(page: Page, tables: Any) -> None:
    roof = tables["roofs"].index[tables["roofs"]["payback_years"].isna()][0]
    page.evaluate(f"nearzero.open('#roof=' + encodeURIComponent('{roof}') + '&lang=zh')")
    text = page.locator("#nz-card").inner_text()
    assert "寿命期内不能收回" in text
    assert "由月均值生成的典型年" in text
    for english in ("Payback", "Output", "Light", "Roof"):
        assert english not in text
    page.locator("[data-lang=en]").click()
    assert "not within its life" in page.locator("#nz-card").inner_text()
    assert not CHINESE.search(page.locator("#nz-card").inner_text().replace("地块", "").replace("号", ""))
    labels = page.evaluate("[...document.querySelectorAll('#nz-card [aria-label]')].map((n) => n.ariaLabel).join()")
    assert not CHINESE.search(labels.replace("地块", "").replace("号", ""))


def test_the_address_opens_the_same_roof_close_by(session: Any, tables: Any) -> None:
    roof = f"{PARCEL}|office|1"
    page = session.open(f"#roof={roof.replace('|', '%7C')}&theme=far&lang=en")
    assert page.locator("[data-testid=card-title]").inner_text() == roof
    assert page.evaluate("nearzero.map().getZoom()") >= 14
    assert page.locator("[data-overlay=roofs]").is_checked()
    session.until(f"location.hash.includes('roof={roof.replace('|', '%7C')}')")
    page = session.open("#roof=nobody&lang=en")
    assert page.evaluate("nearzero.state().card") is None
    assert session.complaints == []
    assert tables["roofs"].index.is_unique


def test_a_parcel_lists_its_roofs_for_the_keyboard(page: Page, tables: Any) -> None:
    page.evaluate(f"nearzero.select('{PARCEL}')")
    own = tables["roofs"].query("parcel_id == @PARCEL").sort_values("kwp", ascending=False)
    buttons = page.locator("[data-testid=roofs] button")
    assert [one.locator("span").inner_text() for one in buttons.all()] == own.index.tolist()[:5]
    buttons.first.focus()
    page.keyboard.press("Enter")
    assert page.locator("[data-testid=card-title]").inner_text() == own.index[0]
    assert page.evaluate("nearzero.map().getZoom()") >= 14
    assert page.locator("[data-overlay=roofs]").is_checked()
    page.evaluate("nearzero.set({theme: 'landuse'})")
    page.evaluate("nearzero.select('P-0000')")
    bare = (
        tables["parcels"].loc[~tables["parcels"]["parcel_id"].isin(tables["roofs"]["parcel_id"]), "parcel_id"].iloc[0]
    )
    page.evaluate(f"nearzero.select('{bare}')")
    assert page.locator("[data-testid=roofs]").count() == 0


@pytest.mark.parametrize(("lang", "title"), [("zh", "成本供给曲线"), ("en", "Supply curve")])
def test_the_supply_curve_of_a_unit_is_read_by_mouse_and_keyboard(
    session: Any, page: Page, tables: Any, lang: str, title: str
) -> None:
    page.evaluate(f"nearzero.set({{lang: '{lang}'}})")
    page.evaluate("nearzero.selectUnit('west')")
    figure = page.locator("[data-testid=chart-roof-supply]")
    figure.scroll_into_view_if_needed()
    assert title in figure.locator("figcaption").inner_text()
    assert {"zh": "元/kWh", "en": "CNY/kWh"}[lang] in (figure.locator("svg.nz-chart").text_content() or "")
    curve = tables["supply_curves"].query("unit_id == 'west'").reset_index(drop=True)
    stairs = figure.locator("[data-testid=chart-roof-supply-line]").get_attribute("d") or ""
    assert stairs.count("H") == len(curve)
    hand = figure.locator("[data-testid=chart-roof-supply-hand]")
    box = hand.bounding_box()
    assert box is not None
    middle = curve.index[curve["cumulative_mw"] >= curve["cumulative_mw"].iloc[-1] * 0.5][0]
    page.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + 40)
    reader = figure.locator(".nz-readout")
    wanted = curve.loc[middle]
    assert f"{wanted['lcoe_cny_kwh']:.3g}" in reader.inner_text()
    size = re.search(r"([\d.]+)\u00a0(万千瓦|千瓦|MWp|kWp)", reader.inner_text())
    assert size is not None
    factor = {"万千瓦": 10.0, "千瓦": 0.001, "MWp": 1.0, "kWp": 0.001}[size[2]]
    assert float(size[1]) * factor == pytest.approx(wanted["cumulative_mw"], rel=0.006)
    page.mouse.move(200, 400)
    hand.focus()
    page.keyboard.press("End")
    last = hand.get_attribute("aria-valuetext") or ""
    assert f"{curve['lcoe_cny_kwh'].iloc[-1]:.3g}" in last
    assert reader.inner_text() == last
    page.keyboard.press("ArrowLeft")
    assert hand.get_attribute("aria-valuenow") == str(len(curve) - 2)
    page.keyboard.press("Home")
    assert f"{curve['lcoe_cny_kwh'].iloc[0]:.3g}" in reader.inner_text()
    assert session.complaints == []


def test_the_zones_supply_is_that_of_all_roofs_and_can_be_enlarged(session: Any, page: Page, tables: Any) -> None:
    page.evaluate("nearzero.set({lang: 'en'})")
    page.locator("[data-testid=title]").click()
    roofs, curve = tables["roofs"], tables["supply_curves"].query("unit_id == 'zone'")
    assert field(page, "roofs")[0] == len(roofs)
    assert field(page, "roofs-kwp") == (pytest.approx(roofs["kwp"].sum() / 1000, rel=0.006), "MWp")
    assert field(page, "roofs-mwh") == (pytest.approx(roofs["mwh"].sum() / 1000, rel=0.006), "GWh")
    assert field(page, "roofs-mwh_p90") == (pytest.approx(roofs["mwh_p90"].sum() / 1000, rel=0.006), "GWh")
    page.locator("[data-focus=supply-list]").click()
    rows = page.locator("[data-testid=supply-list] tbody tr")
    cells = rows.last.locator("td")
    assert number(rows.last.locator("th").inner_text()) == pytest.approx(curve["lcoe_cny_kwh"].max(), rel=6e-4)
    assert number(cells.first.inner_text().split("\u00a0")[0]) == pytest.approx(curve["cumulative_mw"].max(), rel=0.006)
    page.locator("[data-testid=large-chart-roof-supply]").click()
    large = page.locator("#nz-large [data-testid=chart-roof-supply-large]")
    assert large.is_visible()
    large.locator("[data-testid=chart-roof-supply-large-hand]").focus()
    page.keyboard.press("End")
    assert "GWh" in large.locator(".nz-readout").inner_text()
    page.locator("[data-testid=large-close]").click()
    assert session.complaints == []


def test_a_phone_shows_a_roof_and_the_curve(phone: Any) -> None:
    page = phone.open(f"#roof={PARCEL}%7Coffice%7C0&lang=en")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert page.locator("[data-testid=card-title]").inner_text() == f"{PARCEL}|office|0"
    page.evaluate("nearzero.selectUnit('west')")
    hand = page.locator("[data-testid=chart-roof-supply-hand]")
    hand.scroll_into_view_if_needed()
    hand.tap()
    assert "MWp" in page.locator("[data-testid=chart-roof-supply] .nz-readout").inner_text()
    page.keyboard.press("Escape")
    page.locator(".nz-choose-toggle").click()
    page.locator("[data-group=sun]").click()
    page.locator("[data-overlay=sunlight]").check()
    page.locator(".nz-choose-toggle").click()
    page.locator(".nz-legend-title").click()
    page.locator(".nz-ramp").scroll_into_view_if_needed()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    small = page.evaluate(
        "[...document.querySelectorAll('#nz-legend button, #nz-card button')]"
        ".filter((n) => n.getClientRects().length && n.getBoundingClientRect().height < 38).map((n) => n.className)"
    )
    assert small == []
    assert phone.complaints == []


def test_an_old_run_offers_none_of_it(browser: Any, made_up: Any, tables: Any, tmp_path: Any) -> None:
    new = ("roofs", "sun_grid", "sun_cells", "supply_curves", "roof_profiles")
    write_map(
        {name: frame for name, frame in tables.items() if name not in new},
        made_up.Meta(),
        MapOptions(),
        tmp_path / "old.html",
    )
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(f"{(tmp_path / 'old.html').as_uri()}#theme=pv_yield&roof=P-0043&lang=en")
    page.wait_for_selector("[data-nz-ready=yes]", state="attached")
    assert page.locator("[data-overlay=roofs], [data-overlay=sunlight]").count() == 0
    page.evaluate(f"nearzero.select('{PARCEL}')")
    assert page.locator("[data-testid=roofs]").count() == 0
    page.locator("[data-testid=title]").click()
    assert page.locator("[data-testid=chart-roof-supply]").count() == 0
    page.mouse.move(700, 400)
    page.mouse.move(705, 405)
    assert complaints == []
    page.close()


def test_the_made_blocks_stand_where_the_tests_click() -> None:
    slab, court, *_ = blocks_on(0.0, 0.0, towers=False)
    assert slab.bounds == (20, 30, 140, 44)
    assert court.bounds == (30, 80, 130, 160)
