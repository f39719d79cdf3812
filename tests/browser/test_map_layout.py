"""How the map's page is laid out: contrast, the printed sheet, the phone."""

from typing import Any

import pytest
from playwright.sync_api import Page

pytestmark = pytest.mark.browser

CONTRAST = """
() => {
  const light = (c) => { const v = c / 255; return v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; };
  const lum = ([r, g, b]) => 0.2126 * light(r) + 0.7152 * light(g) + 0.0722 * light(b);
  const parse = (t) => (t.match(/[\\d.]+/g) || [0, 0, 0, 0]).map(Number);
  const bad = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const node = walk.currentNode.parentElement;
    if (!walk.currentNode.textContent.trim() || /^(SCRIPT|STYLE)$/.test(node.tagName)) continue;
    if (!node.closest('.nz-panel') || node.closest('svg') || !node.getClientRects().length) continue;
    let back = node;
    let colour = [255, 255, 255];
    while (back) {
      const c = parse(getComputedStyle(back).backgroundColor);
      if (c.length < 4 || c[3] > 0.9) { colour = c; break; }
      back = back.parentElement;
    }
    const a = lum(parse(getComputedStyle(node).color)) + 0.05;
    const b = lum(colour) + 0.05;
    const ratio = Math.max(a, b) / Math.min(a, b);
    if (ratio < 4.5) bad.push([node.className || node.tagName, walk.currentNode.textContent.trim(), ratio.toFixed(2)]);
  }
  return bad;
}
"""


def test_text_has_contrast(page: Page) -> None:
    page.evaluate("nearzero.select('P-0044')")
    assert page.evaluate(CONTRAST) == []
    page.locator("[data-testid=title]").click()
    assert page.evaluate(CONTRAST) == []
    page.evaluate("nearzero.open('#roof=' + encodeURIComponent('P-0043|office|0'))")
    assert page.evaluate("nearzero.state().card") == "roof"
    assert page.evaluate(CONTRAST) == []
    page.locator("[data-overlay=roofs]").uncheck()


def test_the_print_sheet_has_legend_scale_north_and_sources(page: Page) -> None:
    page.evaluate("nearzero.printSheet(true)")
    for part in ("#nz-legend", ".nz-scale", ".nz-north", ".nz-source", "[data-testid=state]", "#map_nearzero"):
        assert page.locator(part).is_visible(), part
    assert page.locator("#nz-choose").is_hidden()
    assert page.locator("#nz-time").is_hidden()
    page.evaluate("nearzero.printSheet(false)")
    pdf = page.pdf(prefer_css_page_size=True, print_background=True)
    assert pdf.startswith(b"%PDF")
    assert pdf.count(b"/Type /Page\n") <= 1


def test_a_phone_shows_everything_without_sideways_scrolling(phone: Any) -> None:
    page = phone.open()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.locator(".nz-choose-toggle").click()
    page.locator("[data-group=carbon]").click()
    page.locator("[data-theme=co2_m2]").click()
    page.locator(".nz-choose-toggle").click()
    page.evaluate("nearzero.select('P-0044')")
    card = page.locator("#nz-card").bounding_box()
    assert card is not None
    assert card["width"] > 360
    assert card["y"] > 844 * 0.3
    assert page.locator("[data-testid=year]").is_visible()
    small = page.evaluate(
        "[...document.querySelectorAll('button, input:not([type=checkbox]), label')]"
        ".filter((n) => n.getClientRects().length && !n.closest('.nz-track'))"
        ".map((n) => [n.className || n.id || n.textContent, n.getBoundingClientRect().height])"
        ".filter(([, h]) => h < 38)"
    )
    assert small == []
    assert phone.complaints == []


OVERLAPS = """
() => {
  const wanted = {
    legend: "#nz-legend", time: "#nz-time", scale: ".nz-scale", north: ".nz-north", source: ".nz-source",
    mark: ".nz-mark", tools: ".nz-tools", card: "#nz-card", themes: "#nz-choose", head: "#nz-head",
  };
  const inside = new Set(["source mark"]);
  const boxes = Object.entries(wanted).map(([name, query]) => [name, document.querySelector(query)])
    .filter(([, node]) => node && node.getClientRects().length)
    .map(([name, node]) => [name, node.getBoundingClientRect()]);
  const bad = [];
  boxes.forEach(([one, a], place) => {
    if (a.left < 0 || a.right > innerWidth || a.top < 0 || a.bottom > innerHeight) bad.push(`${one} off the page`);
    for (const [two, b] of boxes.slice(place + 1)) {
      const apart = a.right <= b.left || b.right <= a.left || a.bottom <= b.top || b.bottom <= a.top;
      if (!apart && !inside.has(`${one} ${two}`)) bad.push(`${one} ${two}`);
    }
  });
  return bad;
}
"""


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize(
    ("width", "height"), [(1200, 800), (1366, 768), (1400, 900), (1440, 900), (1600, 900), (1920, 1080)]
)
def test_nothing_lies_on_the_scale_or_the_mark(page: Page, width: int, height: int, lang: str) -> None:
    size = page.viewport_size
    page.set_viewport_size({"width": width, "height": height})
    page.evaluate(f"nearzero.set({{theme: 'heating', lang: '{lang}'}})")
    plain = page.evaluate(OVERLAPS)
    page.evaluate("nearzero.select('P-0044')")
    carded = page.evaluate(OVERLAPS)
    page.keyboard.press("Escape")
    page.set_viewport_size(size)  # type: ignore[arg-type]
    assert (plain, carded) == ([], [])
