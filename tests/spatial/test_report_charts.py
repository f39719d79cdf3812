import itertools
import re
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spatial.report.charts import Bar, Line, Stack, line_chart, stacked_bars, ticks, waterfall
from spatial.report.headers import name_of, unit_of, units_row
from spatial.report.numbers import energy_scale, file_size, mass_scale, three

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
