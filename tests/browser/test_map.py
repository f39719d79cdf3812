"""The map in a real browser: what a planner does with it, with the network dead."""

import json
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from playwright.sync_api import Page

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def tables(made_up: ModuleType) -> Any:
    return made_up.sample_tables()


def state(page: Page) -> dict[str, Any]:
    found: dict[str, Any] = page.evaluate("nearzero.state()")
    return found


def click_parcel(page: Page, parcel: str) -> None:
    x, y = page.evaluate(f"nearzero.pixel({json.dumps(parcel)})")
    page.mouse.click(x, y)


def number(text: str) -> float:
    return float(text.replace("\u00a0", "").replace("\u2212", "-"))


def field(page: Page, name: str) -> tuple[float, str]:
    row = page.locator(f"#nz-card [data-field={name}] dd")
    unit = row.locator("span")
    return number(row.locator("b").inner_text()), unit.inner_text() if unit.count() else ""


def test_opens_offline_without_a_complaint_within_three_seconds(session: Any, map_file: Path) -> None:
    page = session.open()
    page.wait_for_timeout(200)
    assert session.complaints == []
    assert [url for url in session.requests if not url.startswith(("file:", "data:", "blob:", "about:"))] == []
    assert page.evaluate("nearzero.firstDraw") < 3000
    assert map_file.stat().st_size < 15e6
    painted = page.evaluate(
        """() => { const c = document.querySelector('.leaflet-overlay-pane canvas');
        const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;
        return new Set(new Uint32Array(d.buffer)).size; }"""
    )
    assert painted > 10


def test_a_click_on_a_parcel_opens_its_card_with_the_tables_numbers(page: Page, tables: Any) -> None:
    click_parcel(page, "P-0044")
    assert state(page)["parcel"] == "P-0044"
    account = tables["parcel_account"].set_index(["scenario", "year", "parcel_id"])
    demand = tables["demand_parcels"].set_index(["parcel_id", "year"])
    co2, unit = field(page, "co2_t")
    assert unit == "吨"
    assert co2 == pytest.approx(account.loc[("near_zero", 2030, "P-0044"), "co2_t"], rel=0.006)
    heat, unit = field(page, "heating_mwh")
    factor = {"万千瓦时": 10.0, "千瓦时": 0.001}[unit]
    assert heat * factor == pytest.approx(demand.loc[("P-0044", 2030), "heating_mwh"], rel=0.006)
    assert page.locator("[data-testid=chart-months] rect").count() == 24
    assert page.locator("[data-testid=chart-co2] polyline").count() == 2
    assert page.locator(".nz-review li").count() == 2
    assert "art. 7" in page.locator(".nz-review").inner_text()
    assert page.locator("#nz-card dt .nz-kind.illustrative").count() > 3


def test_year_and_scenario_change_map_state_line_and_open_card(page: Page, tables: Any) -> None:
    page.evaluate("nearzero.set({theme: 'co2'})")
    page.evaluate("nearzero.select('P-0044')")
    account = tables["parcel_account"].set_index(["scenario", "year", "parcel_id"])
    seen = set()
    for scenario, year in (("near_zero", 2030), ("bau", 2030), ("bau", 2017)):
        page.locator(f"[data-scenario={scenario}]").click()
        page.locator("[data-testid=year]").fill(str(year))
        co2, _ = field(page, "co2_t")
        assert co2 == pytest.approx(account.loc[(scenario, year, "P-0044"), "co2_t"], rel=0.006)
        line = page.locator("[data-testid=state]").inner_text()
        assert str(year) in line
        seen.add((line, page.evaluate("JSON.stringify(nearzero.legend())")))
    assert len(seen) == 3
    page.locator("[data-scenario=difference]").click()
    page.locator("[data-testid=year]").fill("2030")
    assert "两情景之差" in page.locator("[data-testid=state]").inner_text()


def test_the_difference_is_blue_where_the_plan_saves(page: Page) -> None:
    page.evaluate("nearzero.set({theme: 'co2', scenario: 'difference'})")
    colours = {page.evaluate(f"nearzero.fill('P-0{i:03d}')") for i in range(0, 200, 7)}
    assert colours <= {"#0f4c8a", "#4f90c6", "#aacde4", "#f3f3f1"}
    assert len(colours) > 2


def test_every_theme_draws_and_says_its_unit(session: Any, page: Page) -> None:
    for group in page.locator("[data-group]").all():
        group.click()
        for place in range(page.locator("[data-theme]").count()):
            button = page.locator("[data-theme]").nth(place)
            button.click()
            assert button.get_attribute("aria-checked") == "true"
            assert page.locator(".nz-class").count() >= 2, button.inner_text()
            unit = button.locator("em")
            if unit.count() and "万" not in page.locator(".nz-legend-title").inner_text():
                assert page.locator(".nz-legend-title em").inner_text().strip()
    assert session.complaints == []


def test_play_moves_the_years_and_stops(session: Any, page: Page) -> None:
    page.locator("[data-testid=year]").fill("2018")
    play = page.locator("[data-testid=play]")
    play.click()
    session.until("nearzero.state().year >= 2019")
    play.click()
    stopped = state(page)["year"]
    page.wait_for_timeout(1100)
    assert state(page)["year"] == stopped


def test_the_language_switch_changes_every_text(page: Page) -> None:
    page.evaluate("nearzero.set({theme: 'co2'})")
    page.evaluate("nearzero.select('P-0100')")
    page.locator("[data-lang=en]").click()
    assert page.evaluate("document.documentElement.lang") == "en"
    text = page.evaluate("document.body.innerText")
    left = {char for char in text if "\u4e00" <= char <= "\u9fff"} - set("中地块号")
    assert left == set(), left
    assert "Sample Island" in page.title()
    page.locator("[data-testid=title]").click()
    for part in ("Targets", "Change by sector", "Near zero"):
        assert part in page.locator("#nz-card").inner_text()
    labels = page.evaluate(
        "[...document.querySelectorAll('[aria-label]')].map((n) => n.getAttribute('aria-label')).join()"
    )
    assert not [char for char in labels if "\u4e00" <= char <= "\u9fff"]


def test_search_by_id_and_name_with_the_keyboard_alone(page: Page) -> None:
    page.keyboard.press("/")
    page.keyboard.type("P-0042")
    page.keyboard.press("Enter")
    assert state(page)["parcel"] == "P-0042"
    page.keyboard.press("Escape")
    assert state(page)["card"] is None
    page.keyboard.press("/")
    page.locator("#nz-search").fill("地块4")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    assert state(page)["parcel"] is not None
    page.locator("#nz-search").fill("nowhere")
    assert page.locator("#nz-found .nz-nothing").is_visible()
    page.keyboard.press("Escape")
    page.locator("#nz-search").fill("东区")
    page.keyboard.press("Enter")
    assert state(page)["unit"] == "east"


def test_hovering_a_class_lights_its_parcels(page: Page, tables: Any) -> None:
    page.locator(".nz-class[data-key=R]").hover()
    parcels = tables["parcels"]
    wanted = set(parcels.loc[parcels["group"] == "R", "parcel_id"])
    assert set(page.evaluate("nearzero.lit()")) == wanted
    page.mouse.move(720, 300)
    assert page.evaluate("nearzero.lit()") == []
    page.locator(".nz-class[data-key=B]").focus()
    assert len(page.evaluate("nearzero.lit()")) > 0


def test_counts_of_the_legend_are_those_of_the_table(page: Page, tables: Any) -> None:
    counts = page.evaluate(
        "[...document.querySelectorAll('.nz-class')].map((n) => "
        "[n.dataset.key, Number(n.querySelector('.nz-class-count').textContent)])"
    )
    assert dict(counts) == tables["parcels"].groupby("group").size().to_dict()


def test_a_planning_unit_opens_its_charts_and_largest_parcels(page: Page, tables: Any) -> None:
    page.locator(".nz-unit[data-unit=west]").click()
    assert state(page)["unit"] == "west"
    for chart in ("chart-unit-co2", "chart-unit-energy"):
        assert page.locator(f"[data-testid={chart}] rect").count() >= 2 * 14
    account = tables["parcel_account"]
    unit = tables["parcels"].set_index("parcel_id")["unit_id"]
    last = account[(account["scenario"] == "near_zero") & (account["year"] == 2030)].set_index("parcel_id")["co2_t"]
    wanted = last[unit.reindex(last.index) == "west"].nlargest(5)
    buttons = page.locator("[data-testid=largest] button")
    assert buttons.count() == 5
    assert number(buttons.first.locator("b").inner_text().split("\u00a0")[0]) == pytest.approx(
        wanted.iloc[0], rel=0.006
    )
    buttons.first.click()
    assert state(page)["parcel"] == wanted.index[0]


def test_bars_of_the_waterfall_light_their_parcels(page: Page, tables: Any) -> None:
    page.locator("[data-testid=title]").click()
    page.locator("[data-testid=chart-waterfall] [data-sector=industry]").first.focus()
    parcels = tables["parcels"]
    assert set(page.evaluate("nearzero.lit()")) == set(parcels.loc[parcels["group"] == "M", "parcel_id"])
    assert page.locator("[data-testid=targets] tbody tr").count() == 2


def test_the_zones_card_draws_every_chart_and_names_what_is_made_up(page: Page) -> None:
    page.locator("[data-testid=title]").click()
    for chart in ("path", "growth", "zone-co2", "waterfall", "zone-energy", "supply", "zone-months", "duration"):
        figure = page.locator(f"[data-testid=chart-{chart}]")
        assert figure.locator("svg path, svg rect, svg polyline").count() > 0, chart
        assert figure.locator("figcaption").inner_text(), chart
    text = page.locator("#nz-card").inner_text()
    assert "示意性数据" in text
    assert "GDP增长倍数" in text
    assert "→" in text  # people on parcels before and after they were reconciled


def test_the_mouse_reads_parcels_and_cells(session: Any, page: Page, tables: Any) -> None:
    page.evaluate("nearzero.set({theme: 'far'})")
    x, y = page.evaluate("nearzero.pixel('P-0044')")
    page.mouse.move(x - 3, y)
    page.mouse.move(x, y)
    session.until("document.querySelector('#nz-tip').innerText.includes('P-0044')")
    far = tables["parcels"].set_index("parcel_id").loc["P-0044", "far"]
    assert number(page.locator("#nz-tip span").inner_text()) == pytest.approx(far)
    page.evaluate("nearzero.set({theme: 'heating_density'})")
    page.mouse.move(x + 3, y)
    session.until("document.querySelector('#nz-tip').innerText.includes('MWh/ha')")


def test_a_sea_cell_tells_all_its_reasons(page: Page, made_up: ModuleType) -> None:
    page.evaluate("nearzero.set({theme: 'siting'})")
    from pyproj import Transformer

    shore = made_up.X0 + 20 * made_up.CELL
    lon, lat = Transformer.from_crs(made_up.CRS, 4326, always_xy=True).transform(shore + 510, made_up.Y0 - 1010)
    x, y = page.evaluate(f"nearzero.pixelOf({lat}, {lon})")
    page.mouse.click(x, y)
    assert state(page)["card"] == "cell"
    reasons = page.locator("[data-testid=reasons] li")
    assert [row.get_attribute("data-reason") for row in reasons.all()] == ["depth_shallow", "shore_near"]
    depth, _ = field(page, "depth")
    assert depth == pytest.approx(2.5, abs=0.51)


def test_a_turbine_and_a_pipe_open_their_cards(page: Page, tables: Any) -> None:
    page.evaluate("nearzero.set({theme: 'siting'})")
    spot = tables["turbines"].to_crs(4326).geometry.iloc[1]
    page.mouse.click(*page.evaluate(f"nearzero.pixelOf({spot.y}, {spot.x})"))
    assert page.locator("[data-testid=card-title]").inner_text() == "T2"
    page.keyboard.press("Escape")
    page.evaluate("nearzero.set({theme: 'network_heating'})")
    line = tables["pipes"].to_crs(4326).geometry.iloc[10].interpolate(0.5, normalized=True)
    page.mouse.click(*page.evaluate(f"nearzero.pixelOf({line.y}, {line.x})"))
    assert page.locator("[data-testid=card-title]").inner_text() == "DN250"


def test_a_plant_opens_its_card_with_what_it_feeds(page: Page, tables: Any) -> None:
    page.evaluate("nearzero.set({theme: 'network_heating'})")
    spot = tables["stations"].to_crs(4326).geometry.iloc[0]
    page.mouse.click(*page.evaluate(f"nearzero.pixelOf({spot.y}, {spot.x})"))
    assert page.locator("[data-testid=card-title]").inner_text() == "heating-station-01"
    pipes = tables["pipes"]
    length = pipes.loc[pipes["network"] == "heating", "length_m"].sum()
    told = page.locator("[data-field=length_m] dd b").inner_text()
    assert float(told.replace("\u2009", "")) == pytest.approx(length / 1000.0, rel=0.01)


def test_a_parcel_left_out_is_told_what_joining_costs_and_brings(page: Page, tables: Any) -> None:
    left_out = tables["connections"].query("not connected and network == 'cooling'")["parcel_id"].iloc[0]
    page.evaluate(f"nearzero.select('{left_out}')")
    for name, figure in (("joining-cooling", "8"), ("worth-cooling", "5")):
        assert page.locator(f"[data-field={name}] dd b").inner_text().startswith(figure)
    joined = tables["connections"].query("connected and network == 'cooling'")["parcel_id"].iloc[0]
    page.evaluate(f"nearzero.select('{joined}')")
    assert page.locator("[data-field=joining-cooling]").count() == 0


def test_the_zone_card_shows_who_would_join_at_other_prices(page: Page) -> None:
    page.evaluate("nearzero.open('#card=zone&lang=en')")
    chart = page.locator("[data-testid=chart-prices-cooling]")
    dots = chart.locator("circle").all()
    prices = [float(dot.locator("title").text_content().split(":")[0]) for dot in dots]
    across, down = ([float(dot.get_attribute(name)) for dot in dots] for name in ("cx", "cy"))
    assert len(dots) == 3
    assert down == sorted(down, reverse=True)
    # the axis is to scale
    where = (across[1] - across[0]) / (across[2] - across[0])
    assert where == pytest.approx((prices[1] - prices[0]) / (prices[2] - prices[0]), abs=0.01)


def test_pipes_laid_later_are_dashed_and_thick_ones_wider(page: Page) -> None:
    page.evaluate("nearzero.set({theme: 'network_heating'})")
    page.locator("[data-testid=year]").fill("2024")
    cooling, heating = page.evaluate("[nearzero.pipeStyle(0), nearzero.pipeStyle(20)]")
    assert cooling["opacity"] == 0
    assert heating["opacity"] == 1
    # Pipe c of the heating network is laid in 2020 + c % 10 and gets thinner with c.
    styles = page.evaluate("[0, 4, 5, 18].map((i) => nearzero.pipeStyle(19 + i))")
    assert [bool(style["dashArray"]) for style in styles] == [False, False, True, True]
    assert page.locator(".nz-over-key .dashed").count() == 1
    assert styles[0]["weight"] > styles[3]["weight"]
    page.locator("[data-testid=year]").fill("2030")
    assert page.locator(".nz-over-key .dashed").count() == 0


def test_the_address_opens_the_same_view(session: Any) -> None:
    page = session.open("#parcel=P-0033&theme=heating&year=2021&scenario=bau&lang=en")
    found = state(page)
    assert (found["parcel"], found["theme"], found["year"], found["scenario"], found["lang"]) == (
        "P-0033", "heating", 2021, "bau", "en",
    )  # fmt: skip
    page.locator("[data-lang=zh]").click()
    session.until("location.hash.includes('lang=zh') && location.hash.includes('parcel=P-0033')")
    page = session.open("#parcel=nobody&theme=%E0%A4%A&year=1&scenario=x&lang=xx")
    assert state(page)["theme"] == "landuse"
    assert session.complaints == []


def test_measuring_a_known_distance_and_area(page: Page, made_up: ModuleType) -> None:
    from pyproj import Transformer

    change = Transformer.from_crs(made_up.CRS, 4326, always_xy=True)
    page.locator("[data-tool=measure]").click()
    corners = [(made_up.X0 + 1600, made_up.Y0 - 1000), (made_up.X0 + 2600, made_up.Y0 - 1000)]
    corners += [(made_up.X0 + 2600, made_up.Y0 - 2000), (made_up.X0 + 1600, made_up.Y0 - 2000)]
    for place, (x, y) in enumerate(corners):
        lon, lat = change.transform(x, y)
        page.mouse.click(*page.evaluate(f"nearzero.pixelOf({lat}, {lon})"))
        if place == 1:
            text = page.locator("#nz-measured").inner_text()
            metres = number(text.split("\u00a0")[0].split()[-1]) * (1000 if "公里" in text else 1)
            assert metres == pytest.approx(1000.0, rel=0.02)
    text = page.locator("#nz-measured").inner_text().split("·")[1]
    area = number(text.split("\u00a0")[0].split()[-1]) * (10_000 if "公顷" in text else 1e6)
    assert area == pytest.approx(1e6, rel=0.03)
    assert state(page)["card"] is None
    page.keyboard.press("Escape")
    assert page.locator("#nz-measured").is_hidden()


def test_a_name_with_markup_stays_text(session: Any, page: Page) -> None:
    page.evaluate("nearzero.select('P-0003')")
    assert "<script>" in page.locator("[data-testid=card-title]").inner_text()
    page.locator("#nz-search").fill("onerror")
    assert "<img" in page.locator("#nz-found").inner_text()
    page.evaluate("nearzero.selectUnit('west')")
    assert page.evaluate("window.evil") is None
    assert session.complaints == []


def test_the_keyboard_reaches_everything(page: Page) -> None:
    seen = []
    page.locator("[data-testid=title]").focus()
    for _ in range(34):
        seen.append(
            page.evaluate(
                "(() => { const n = document.activeElement; const box = n.getBoundingClientRect(); return "
                "[n.id || n.dataset.testid || n.dataset.lang || n.dataset.group || n.dataset.theme "
                "|| n.dataset.overlay || n.dataset.key || n.dataset.scenario || n.dataset.tool || n.className, "
                "box.width > 0] })()"
            )
        )
        page.keyboard.press("Tab")
    names = [name for name, _ in seen]
    assert all(visible for _, visible in seen)
    for wanted in (
        "title",
        "zh",
        "nz-search",
        "plan",
        "landuse",
        "streets",
        "R",
        "play",
        "year",
        "near_zero",
        "measure",
    ):
        assert wanted in names, (wanted, names)
    page.locator("[data-group=plan]").focus()
    page.keyboard.press("ArrowRight")
    assert state(page)["theme"].startswith("pv")
    page.locator("[data-scenario=near_zero]").focus()
    page.keyboard.press("ArrowLeft")
    assert state(page)["scenario"] == "bau"
    page.locator("[data-testid=title]").focus()
    page.keyboard.press("Enter")
    assert state(page)["card"] == "zone"
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.dataset.testid") == "title"
