"""Columns are recognised by their names, also by what a Shapefile leaves of them."""

import pytest

from layers.columns import match_columns


@pytest.mark.parametrize(
    ("given", "ours"),
    [("green_rati", "green_ratio"), ("height_lim", "height_limit_m"), ("building_d", "building_density")],
)
def test_a_name_cut_after_ten_bytes_is_recognised(given: str, ours: str) -> None:
    assert match_columns([given], "parcels") == {ours: given}


def test_a_whole_name_goes_before_a_cut_one() -> None:
    assert match_columns(["green_rati", "green_ratio"], "parcels") == {"green_ratio": "green_ratio"}
