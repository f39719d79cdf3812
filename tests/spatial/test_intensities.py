"""Annual figures of kinds of buildings beside standards and measurements, and the page that tells of them."""

from pathlib import Path

import pandas as pd
import pytest

import intensities
import intensities_page
import pages
from layers.archetypes import archetypes

OUTSIDE = {
    ("retail", "new", "hvac_lighting"),
    ("hotel", "new", "hvac_lighting"),
    ("school", "new", "hvac_lighting"),
    ("hospital", "new", "hvac_lighting"),
    ("residential", "new", "heating_electricity"),
    ("residential", "new", "cooling_electricity"),
    ("residential", "stock", "household_electricity"),
}
"""What lies outside of what is published, as the page tells with the reason; a change either way is to be noticed."""


@pytest.fixture(scope="module")
def shanghai(shared_data: Path) -> intensities.Weather:
    if not list((shared_data / "epw_shanghai").glob("*.epw")):
        pytest.skip("the Shanghai weather file is not on this machine")
    return intensities.shanghai(shared_data)


@pytest.fixture(scope="module")
def judged(shanghai: intensities.Weather) -> pd.DataFrame:
    return intensities.judged(intensities.ours(shanghai))


@pytest.fixture(scope="module")
def full(shanghai: intensities.Weather) -> pd.DataFrame:
    return intensities.fully_used(shanghai)


def test_what_is_published_has_source_and_confidence_and_ranges_in_order() -> None:
    published = intensities.reference()
    assert (published[["source", "confidence", "unit"]] != "").all(axis=None)
    assert set(published["confidence"]) <= {"verified", "secondary", "recalled", "assumption"}
    assert set(published["kind"]) == {"standard", "measured", "limit"}
    assert set(published["quantity"]) <= set(intensities_page.NAMES)
    assert set(published["archetype"]) <= set(archetypes()) | set(intensities.GROUPS)
    for lower, upper in (("low", "value"), ("value", "high"), ("low", "high")):
        both = published.dropna(subset=[lower, upper])
        assert (both[lower] <= both[upper]).all()


def test_every_archetype_is_on_the_page() -> None:
    grouped = {name for names in intensities.GROUPS.values() for name in names}
    assert grouped | set(intensities_page.OTHERS) == set(archetypes())
    assert set(intensities_page.REMARKS) == set(intensities.GROUPS)


@pytest.mark.parametrize("group", ["office", "retail", "hotel", "school", "hospital"])
def test_electricity_of_the_stock_lies_in_measured_ranges(group: str, judged: pd.DataFrame) -> None:
    row = judged[(judged["group"] == group) & (judged["period"] == "stock")].squeeze()
    assert row["off"] == 1.0, row.to_dict()


@pytest.mark.parametrize("group", ["office", "retail", "hotel"])
def test_new_buildings_lie_between_leading_and_constraint_value_of_gbt_51161(group: str, judged: pd.DataFrame) -> None:
    row = judged[(judged["group"] == group) & (judged["quantity"] == "electricity") & (judged["period"] == "new")]
    assert row["off"].tolist() == [1.0], row.to_dict()


def test_new_offices_use_what_gb_55015_expects_of_them(judged: pd.DataFrame) -> None:
    row = judged[(judged["group"] == "office") & (judged["quantity"] == "hvac_lighting")]
    assert row["off"].tolist() == [1.0], row.to_dict()


def test_what_lies_outside_is_what_the_page_explains(judged: pd.DataFrame) -> None:
    rows = judged[judged["group"].isin(list(intensities.GROUPS)) & (judged["off"] != 1.0)]
    assert set(zip(rows["group"], rows["period"], rows["quantity"], strict=True)) == OUTSIDE


def test_buildings_used_in_full_come_nearer_to_gb_55015(judged: pd.DataFrame, full: pd.DataFrame) -> None:
    for group in ("retail", "hotel", "school", "hospital"):
        row = judged[(judged["group"] == group) & (judged["quantity"] == "hvac_lighting")].squeeze()
        low = min(low for low, _ in row["ranges"])
        assert abs(full.loc[(group, "code2021"), "hvac_lighting"] - low) < abs(row["ours_low"] - low)


def test_the_page_tells_what_the_script_computes(shanghai: intensities.Weather) -> None:
    page = (intensities.ROOT / "docs" / "intensities.md").read_text(encoding="utf-8")
    made = intensities_page.page({"Shanghai": shanghai, "Meishan": intensities.meishan()})
    assert pages.differences(page, made) == []
