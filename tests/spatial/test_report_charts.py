import itertools
import re
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spatial.diagrams.steps import Bar as CostBar
from spatial.report.charts import Bar, Line, Stack, line_chart, stacked_bars, ticks, waterfall
from spatial.report.cost_picture import bounds
from spatial.report.headers import name_of, unit_of, units_row
from spatial.report.numbers import energy_scale, file_size, mass_scale, three
from spatial.report.rows import fitted, rows_waterfall

SVG = "{http://www.w3.org/2000/svg}"


@given(st.floats(-1e9, 1e9), st.floats(1e-3, 1e9))
@settings(max_examples=80, deadline=None)
def test_ticks_cover_the_range_evenly(low: float, span: float) -> None:
    marks = ticks(low, low + span)
    assert marks[0] <= low + abs(low) * 1e-6 + span * 1e-6
    assert marks[-1] >= low + span - (abs(low) + span) * 1e-6
    assert 2 <= len(marks) <= 9
    if low < 0 < low + span and span > abs(low) * 1e-3:
        assert min(abs(mark) for mark in marks) < span * 1e-6


@given(st.floats(1e-6, 1e12))
@settings(max_examples=80, deadline=None)
def test_three_digits_are_right_to_half_a_per_cent(value: float) -> None:
    shown = float(three(value).replace("\u202f", ""))
    assert shown == pytest.approx(value, rel=0.0051)


def test_numbers_as_people_read_them() -> None:
    assert three(-12.345) == "\u221212.3"
    assert three(999.6) == "1\u202f000"
    assert three(float("nan")) == "–"
    assert energy_scale(2.5e6, "en").text(2.5e6) == "2.5\u202fTWh"
    assert energy_scale(2.5e6, "zh").text(2.5e6) == "25\u202f亿千瓦时"
    assert mass_scale(86_000, "zh").text(86_000) == "8.6\u202f万吨"
    assert file_size(999) == "999 B"


def test_units_follow_suffix_and_glossary() -> None:
    names = ["unit", "value", "flow_kg_s", "pressure_drop_pa_m", "lcoe_cny_kwh", "target", "met"]
    assert units_row(names, own="see") == ["", "see", "kg/s", "Pa/m", "CNY/kWh", "", ""]
    assert unit_of("floor_area_m2") == "m2"
    assert name_of("Made-up, for illustration", "en") == "Made-up, for illustration"


def test_lines_are_escaped_and_end_in_their_names() -> None:
    svg = line_chart("A & B", "2017 = 100", [Line("<CO2>", "#111111", ((2017, 100.0), (2030, 80.0)))])
    root = ET.fromstring(svg)  # noqa: S314 - our own text
    texts = [item.text for item in root.iter(f"{SVG}text")]
    assert "<CO2> 80" in texts
    assert {"2017", "2030", "2017 = 100", "0"} <= set(texts)


def test_end_labels_do_not_cover_each_other() -> None:
    lines = [Line(f"line {i}", "#111111", ((2017, 100.0), (2030, 100.0 + i))) for i in range(4)]
    root = ET.fromstring(line_chart("t", "u", lines))  # noqa: S314 - our own text
    heights = sorted(
        float(item.attrib["y"]) for item in root.iter(f"{SVG}text") if (item.text or "").startswith("line")
    )
    assert all(after - before >= 14.9 for before, after in itertools.pairwise(heights))


def test_bars_are_as_high_as_their_values() -> None:
    stacks = [Stack("a", "#aa0000", (1.0, 2.0)), Stack("b", "#00aa00", (3.0, 0.0))]
    root = ET.fromstring(stacked_bars("t", "GWh", ["1", "2"], stacks))  # noqa: S314 - our own text
    bars = [item for item in root.iter(f"{SVG}rect") if item.attrib["height"] != "11"]
    heights = [float(bar.attrib["height"]) for bar in bars]
    assert len(heights) == 3
    assert heights[1] == pytest.approx(2 * heights[0], abs=0.2)
    assert heights[2] == pytest.approx(3 * heights[0], abs=0.2)


def test_waterfall_hangs_each_change_on_the_bar_before() -> None:
    bars = [Bar("2017", 100.0, level=True), Bar("port", 50.0, level=False), Bar("2030", 150.0, level=True)]
    svg = waterfall("t", "kt", bars, ("#000001", "#000002", "#000003"))
    found = {
        colour: (float(y), float(height))
        for y, height, colour in re.findall(r'y="([\d.]+)" width="[\d.]+" height="([\d.]+)" fill="(#\d+)"', svg)
    }
    (zero,) = (float(y) for y in re.findall(r'y1="([\d.]+)"[^>]*stroke="#1b2a33"', svg))
    level, change = found["#000001"], found["#000002"]
    assert change[1] > 0
    assert level[0] + level[1] == pytest.approx(zero, abs=0.2)  # the last level stands on zero
    assert change[0] == pytest.approx(level[0], abs=0.2)  # and is as high as the change before it


def test_everything_zero_still_draws() -> None:
    assert "<svg" in stacked_bars("t", "GWh", ["1"], [Stack("a", "#111111", (0.0,))])
    assert "<svg" in line_chart("t", "u", [Line("a", "#111111", ((2017, 0.0),))])


def test_years_after_the_target_year_are_dotted_and_named() -> None:
    points = tuple((float(year), 100.0) for year in range(2017, 2061))
    svg = line_chart("t", "u", [Line("a", "#111111", points)], (2030.0, "assumed"))
    root = ET.fromstring(svg)  # noqa: S314 - our own text
    solid, dotted = root.iter(f"{SVG}polyline")
    assert "stroke-dasharray" not in solid.attrib
    assert "stroke-dasharray" in dotted.attrib
    assert solid.attrib["points"].split()[-1] == dotted.attrib["points"].split()[0]
    texts = [item.text for item in root.iter(f"{SVG}text")]
    assert {"2030", "2060", "assumed"} <= set(texts)
    plain = line_chart("t", "u", [Line("a", "#111111", points[:14])], (2030.0, "assumed"))
    assert "assumed" not in plain  # nothing lies after the target year


def test_a_waterfall_in_rows_is_as_wide_as_its_values() -> None:
    bars = [Bar("2030 a", 100.0, level=True), Bar("<b>", -40.0, level=False), Bar("2030 b", 60.0, level=True)]
    svg = rows_waterfall("t", "kt", bars, ("#000001", "#000002", "#000003"))
    ET.fromstring(svg)  # noqa: S314 - our own text
    found = re.findall(r'<rect x="([\d.]+)" y="[\d.]+" width="([\d.]+)" height="[\d.]+" fill="(#\d+)"', svg)
    (x0, full, _), (x1, change, colour), (x2, rest, _) = ((float(x), float(w), c) for x, w, c in found)
    assert colour == "#000003"
    assert change == pytest.approx(0.4 * full, abs=0.2)
    assert rest == pytest.approx(0.6 * full, abs=0.2)
    assert x0 == x2
    assert x1 == pytest.approx(x0 + rest, abs=0.2)


@given(st.text(max_size=60), st.floats(20.0, 400.0))
@settings(max_examples=80, deadline=None)
def test_a_fitted_label_is_the_label_or_begins_like_it(label: str, width: float) -> None:
    found = fitted(label, width)
    assert found == label or (found.endswith("…") and label.startswith(found[:-1]))


@given(st.lists(st.tuples(st.floats(1.0, 1e3), st.floats(-500.0, 5e4)), min_size=1, max_size=20), st.floats(0.0, 1e3))
@settings(max_examples=80, deadline=None)
def test_the_axis_of_costs_shows_the_price_and_most_tonnes(pairs: list[tuple[float, float]], price: float) -> None:
    at, bars = 0.0, []
    for number, (tonnes, cost) in enumerate(pairs):
        bars.append(CostBar(str(number), at, at + tonnes, cost, pays=cost <= price))
        at += tonnes
    low, high = bounds(bars, price)
    assert low <= 0.0 <= high
    assert low < high
    assert price <= high
    assert sum(bar.end - bar.start for bar in bars if bar.cost_cny_t <= high * (1 + 1e-12)) >= 0.9 * at * (1 - 1e-9)
