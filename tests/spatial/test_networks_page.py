"""The page of the embedded study's networks says what is computed now, and the layout keeps its distance to optima."""

import numpy as np
import pandas as pd
import pytest

import networks_page
import pages
from district_exact import random_district
from spatial.networks.layout import lay_out, yearly_cny


@pytest.fixture(scope="module")
def made() -> tuple[str, str]:
    return networks_page.page(networks_page.embedded())


def test_the_page_is_what_it_would_be_if_made_again(made: tuple[str, str]) -> None:
    docs = networks_page.ROOT / "docs"
    assert pages.differences((docs / "networks.md").read_text(encoding="utf-8"), made[0]) == []
    assert pages.differences((docs / "networks.svg").read_text(encoding="utf-8"), made[1]) == []


def test_layouts_are_as_near_the_optimum_as_the_table_tells() -> None:
    table = pd.read_csv(networks_page.EXACT)
    gaps = []
    for row in table.itertuples():
        district = random_district(row.seed, row.consumers, row.network, forced=row.forced)
        value = yearly_cny(district, lay_out(district))
        gaps.append((value - row.bound) / (value + float(district.candidates.worth_cny.sum())))
    assert np.mean(gaps) <= 0.01
    assert np.max(gaps) <= 0.04
    assert np.allclose(np.maximum(gaps, 0.0), table["gap"], atol=1e-4)


def test_districts_with_known_optima_are_of_all_kinds() -> None:
    table = pd.read_csv(networks_page.EXACT)
    assert table["consumers"].between(20, 60).all()
    assert set(table["network"]) == {"heating", "cooling"}
    assert set(table["forced"]) == {True, False}
    assert len(table) >= 30
    # what the solver found is hardly ever cheaper, and then by next to nothing
    assert table["beaten_by"].max() <= 2e-4
    assert (table["beaten_by"] <= 1e-6).mean() >= 0.9
