"""The page of the embedded study's networks says what is computed now, and the layout keeps its distance to optima."""

import pandas as pd
import pytest

import networks_page
import pages


@pytest.fixture(scope="module")
def made() -> tuple[str, str]:
    return networks_page.page(networks_page.embedded())


def test_the_page_is_what_it_would_be_if_made_again(made: tuple[str, str]) -> None:
    docs = networks_page.ROOT / "docs"
    assert pages.differences((docs / "networks.md").read_text(encoding="utf-8"), made[0]) == []
    assert pages.differences((docs / "networks.svg").read_text(encoding="utf-8"), made[1]) == []


def test_layouts_are_near_the_optimum() -> None:
    table = pd.read_csv(networks_page.EXACT)
    assert table["consumers"].between(20, 60).all()
    assert set(table["network"]) == {"heating", "cooling"}
    assert set(table["forced"]) == {True, False}
    assert table["gap"].mean() <= 0.01
    assert table["gap"].max() <= 0.04
    # no layout that the solver found is cheaper by more than its own tolerance
    assert table["beaten_by"].max() <= 1e-4
