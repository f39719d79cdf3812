"""The zone's card in a real browser: waterfalls, Sankey, abatement curve, readings, hours, many scenarios."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from spatial.maps import MapOptions, write_map

pytestmark = pytest.mark.browser
THREE = ("bau", "my_own", "near_zero")


@pytest.fixture(scope="module")
def tables(made_up: ModuleType) -> Any:
    return made_up.sample_tables()


@pytest.fixture
def card(page: Page) -> Page:
    page.locator("[data-testid=title]").click()
    return page


def number(text: str) -> float:
    return float(text.replace("\u00a0", "").replace("\u2212", "-"))


def test_the_card_draws_every_chart_of_the_deep_account(session: Any, card: Page) -> None:
    for chart in ("effects", "waterfall", "macc", "sankey", "week-winter"):
        figure = card.locator(f"[data-testid=chart-{chart}]")
        assert figure.locator("svg path, svg rect, svg polygon").count() > 3, chart
    for part in ("targets", "verdicts", "power"):
        assert card.locator(f"[data-testid={part}]").is_visible(), part
    assert session.complaints == []


def test_the_path_goes_beyond_the_target_year_and_says_so(card: Page, made_up: ModuleType) -> None:
    path = card.locator("[data-testid=chart-path]")
    assert path.locator("rect.nz-later").count() == 1
    assert "2030年后为假设" in path.inner_text()
    assert str(made_up.END) in path.inner_text()
    assert path.locator("polyline").count() == 4  # each scenario up to the target year and after it
    assert card.locator("[data-testid=year]").get_attribute("max") == str(made_up.TARGET)


def test_the_waterfall_turns_from_sectors_to_measures(card: Page, tables: Any) -> None:
    figure = card.locator("[data-testid=chart-waterfall]")
    assert figure.locator("[data-sector=industry]").count() == 2
    card.locator("[data-testid=choice-waterfall] [data-key=measure]").click()
    names = [row.get_attribute("data-step") for row in figure.locator("[data-step]").all()]
    wanted = tables["waterfall"].query("by == 'measure'").sort_values("order")["step"].tolist()
    assert names == wanted
    assert "海上风电" in figure.inner_text()
    assert card.evaluate("document.activeElement.dataset.key") == "measure"  # the focus stays where it was
    card.locator("[data-testid=choice-waterfall] [data-key=sector]").click()


def test_the_sankey_reads_out_numbers_and_follows_year_and_scenario(card: Page, made_up: ModuleType) -> None:
    figure = card.locator("[data-testid=chart-sankey]")
    node = figure.locator("[data-node='carrier:electricity']")
    node.focus()
    said = figure.locator(".nz-readout").inner_text()
    flows = made_up.deep().flows("near_zero", 2030)
    energy = flows.loc[flows["target"] == "carrier:electricity", "energy_mwh"].sum()
    found = re.search(r"([\d.\u00a0]+)\u00a0(亿千瓦时|万千瓦时)", said)
    assert found is not None
    assert number(found[1]) * {"亿千瓦时": 1e5, "万千瓦时": 10.0}[found[2]] == pytest.approx(energy, rel=0.006)
    assert figure.locator("path.away").count() > 0
    assert figure.locator("path.away").count() < figure.locator("path.nz-band").count()
    before = figure.inner_html()
    card.locator("[data-testid=choice-sankey] [data-key='2017']").click()
    assert card.evaluate("nearzero.state().year") == 2017
    assert "2017" in figure.locator("figcaption").inner_text()
    assert figure.inner_html() != before
    card.locator("[data-scenario=bau]").click()
    assert "基准" in figure.locator("figcaption").inner_text()


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("large", [False, True])
def test_labels_of_the_sankey_do_not_cover_each_other(card: Page, lang: str, large: bool) -> None:
    card.locator(f"[data-lang={lang}]").click()
    if large:
        card.locator("[data-testid=large-chart-sankey]").click()
    figure = f"[data-testid=chart-sankey{'-large' if large else ''}]"
    boxes = card.evaluate(
        f"[...document.querySelectorAll('{figure} .nz-node text')].map((n) => "
        "{ const b = n.getBoundingClientRect(); return [b.left, b.right, b.top + 2, b.bottom - 2]; })"
    )
    assert len(boxes) > 20
    for place, one in enumerate(boxes):
        for other in boxes[place + 1 :]:
            apart = one[1] <= other[0] or other[1] <= one[0] or one[3] <= other[2] or other[3] <= one[2]
            assert apart, (one, other)
    if large:
        card.keyboard.press("Escape")
        assert card.evaluate("nearzero.state().card") == "zone"  # the card stays when the large view is closed
        assert card.locator("#nz-large").is_hidden()


def test_the_abatement_curve_names_its_measures(card: Page, tables: Any) -> None:
    figure = card.locator("[data-testid=chart-macc]")
    ordered = tables["abatement"].sort_values("order")
    bars = figure.locator("[data-measure]")
    assert [bar.get_attribute("data-measure") for bar in bars.all()] == ordered["measure"].tolist()
    figure.locator("[data-measure=wind_sea]").focus()
    said = figure.locator(".nz-readout").inner_text()
    assert "海上风电" in said
    assert "120" in said
    assert figure.locator("[data-testid=carbon-price]").count() == 1
    assert figure.locator("[data-testid=near-zero-point]").count() == 1
    widths = [float(bar.locator("rect").nth(1).get_attribute("width") or 0) for bar in bars.all()]
    shares = (ordered["step_t"] / ordered["step_t"].sum()).tolist()
    assert widths[0] / sum(widths) == pytest.approx(shares[0], abs=0.02)
    card.locator("[data-testid=choice-macc] [data-key=alone]").click()
    assert "单独采用" in figure.locator("figcaption").inner_text()
    assert figure.locator("[data-testid=near-zero-point]").count() == 0
    card.locator("[data-testid=choice-macc] [data-key=step]").click()


def test_markup_in_the_name_of_a_measure_stays_text(session: Any, card: Page) -> None:
    card.locator("[data-testid=choice-macc] [data-key=alone]").click()
    card.locator("[data-testid=chart-macc] [data-measure=retrofit]").hover()
    assert "<script>" in card.locator("[data-testid=chart-macc] .nz-readout").inner_text()
    card.locator("summary[data-focus=macc-list]").click()
    assert "<script>" in card.locator("[data-testid=macc-list]").inner_text()
    assert card.evaluate("window.evil") is None
    assert session.complaints == []
    card.locator("[data-testid=choice-macc] [data-key=step]").click()


def test_readings_and_levels_of_ambition_are_the_tables(card: Page, tables: Any) -> None:
    card.locator("summary[data-focus=readings]").click()
    rows = card.locator("[data-testid=readings] tbody tr")
    assert rows.count() == 8
    marks = card.locator("[data-testid=readings] td.met").count()
    assert marks == int(tables["readings"]["met"].sum())
    card.locator("summary[data-focus=ambition]").click()
    chosen = card.locator("[data-testid=ambition] tr.chosen th")
    assert number(chosen.inner_text()) == 300.0


def test_two_weeks_and_the_figures_of_the_hourly_system(card: Page) -> None:
    assert "55" in card.locator("[data-testid=power]").inner_text()
    winter = card.locator("[data-testid=chart-week-winter] polygon").count()
    card.locator("[data-testid=choice-season] [data-key=summer]").click()
    assert card.locator("[data-testid=chart-week-summer] polygon").count() >= winter > 2
    card.locator("[data-testid=choice-season] [data-key=winter]").click()


def test_embodied_carbon_is_a_theme_and_stands_on_the_card(page: Page, tables: Any) -> None:
    page.evaluate("nearzero.set({theme: 'embodied'})")
    embodied = tables["embodied"].query("scenario == 'near_zero'").set_index("parcel_id")["co2_t"]
    page.evaluate("nearzero.select('P-0044')")
    row = page.locator("#nz-card [data-field=embodied_t] dd")
    factor = {"吨": 1.0, "万吨": 1e4}[row.locator("span").inner_text()]
    assert number(row.locator("b").inner_text()) * factor == pytest.approx(embodied["P-0044"], rel=0.006)
    assert page.evaluate("nearzero.fill('P-0000')") == "hatched"  # nothing new is built there


def test_a_unit_shows_its_scopes(page: Page, tables: Any) -> None:
    page.evaluate("nearzero.selectUnit('west')")
    balance = tables["balance"].query("scenario == 'near_zero' and year == 2030 and unit_id == 'west'")
    for name in ("scope1_t", "scope2_t"):
        row = page.locator(f"#nz-card [data-field={name}] dd")
        factor = {"吨": 1.0, "万吨": 1e4}[row.locator("span").inner_text()]
        assert number(row.locator("b").inner_text()) * factor == pytest.approx(balance[name].sum(), rel=0.006)


@pytest.fixture(scope="module")
def many(browser: Browser, made_up: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    path: Path = tmp_path_factory.mktemp("many") / "map.html"
    meta = replace(made_up.Meta(), scenarios=THREE)
    write_map(made_up.sample_tables(scenarios=THREE), meta, MapOptions(simplify_m=0), path)
    opened = browser.new_page(viewport={"width": 1440, "height": 900})
    opened.goto(path.as_uri() + "#theme=co2&year=2030&scenario=near_zero&lang=en")
    opened.wait_for_selector("html[data-nz-ready=yes]", state="attached")
    yield opened
    opened.close()


def test_more_than_two_scenarios_are_a_list_and_their_difference_a_switch(many: Page) -> None:
    choose = many.locator("[data-testid=scenarios]")
    assert choose.locator("option").all_inner_texts() == ["Business as usual", "my own", "Near zero"]
    choose.select_option("my_own")
    assert many.evaluate("nearzero.state().scenario") == "my_own"
    own = many.locator("[data-testid=state]").inner_text()
    switch = many.locator("[data-scenario=difference]")
    switch.click()
    assert many.evaluate("[nearzero.state().scenario, nearzero.state().compared]") == ["difference", "my_own"]
    assert choose.input_value() == "my_own"
    line = many.locator("[data-testid=state]").inner_text()
    choose.select_option("near_zero")  # the difference stays, against another scenario
    assert many.evaluate("nearzero.state().scenario") == "difference"
    assert many.locator("[data-testid=state]").inner_text() != line
    switch.click()
    assert many.evaluate("nearzero.state().scenario") == "near_zero"
    assert many.locator("[data-testid=state]").inner_text() != own
    choose.select_option("bau")
    assert many.evaluate("nearzero.state().scenario") == "bau"


def test_the_address_keeps_which_scenario_is_compared(many: Page) -> None:
    many.evaluate("nearzero.open('#theme=co2&year=2030&scenario=difference&of=my_own&lang=en')")
    assert many.evaluate("[nearzero.state().scenario, nearzero.state().compared]") == ["difference", "my_own"]
    many.wait_for_timeout(200)
    assert "of=my_own" in many.evaluate("location.hash")
    many.locator("[data-testid=title]").click()
    assert many.locator("[data-testid=chart-path] polyline").count() == 6
    assert "my own" in many.locator("[data-testid=chart-sankey] figcaption").inner_text()
    many.keyboard.press("Escape")


def test_a_phone_shows_the_zone_and_its_large_views(phone: Any) -> None:
    page = phone.open("#theme=co2&year=2030&scenario=near_zero&lang=en&card=zone")
    body = page.locator(".nz-card-body")
    assert body.evaluate("(n) => n.scrollWidth <= n.clientWidth")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    small = page.evaluate(
        "[...document.querySelectorAll('#nz-card button, #nz-card summary')].filter((n) => n.getClientRects().length)"
        ".map((n) => [n.textContent, n.getBoundingClientRect().height]).filter(([, h]) => h < 38)"
    )
    assert small == []
    page.locator("[data-testid=large-chart-macc]").click()
    box = page.locator("#nz-large").bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390
    page.locator("[data-testid=large-close]").click()
    assert phone.complaints == []
