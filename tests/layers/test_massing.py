"""Every form keeps its floor area within the controls, and its walls are those of blocks worked out by hand."""

import random
import time

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layers.archetypes import archetypes
from layers.constants import constants
from layers.massing import FORMS, class_geometry, classify, massings
from layers.tables.stock import FORM_GEOMETRY, MASSINGS

KINDS = archetypes()
VALUE = constants("layers", "stock.csv").value
DEFAULT = 0.3


def row(archetype: str, floor_area: float, land: float, density: float, limit: float = 0.0) -> dict[str, object]:
    return {
        "archetype": archetype,
        "land_m2": land,
        "floor_area_m2": floor_area,
        "building_density": density,
        "height_limit_m": limit,
    }


def table(*rows: dict[str, object]) -> pd.DataFrame:
    return pd.DataFrame(list(rows), index=pd.Index([f"S{i:03d}" for i in range(len(rows))], name="stock_id"))


def forms_of(*rows: dict[str, object]) -> pd.DataFrame:
    """Return the massings of one row of stock by form."""
    return MASSINGS.check(massings(table(*rows), DEFAULT)).set_index("form")


ROWS = st.builds(
    row,
    st.sampled_from(sorted(KINDS)),
    st.floats(1.0, 2e6),
    st.floats(50.0, 1e6),
    st.floats(0.0, 1.0, allow_subnormal=False),
    st.one_of(st.just(0.0), st.floats(1.0, 300.0)),
)
STOCKS = st.lists(ROWS, min_size=1, max_size=8).map(lambda rows: table(*rows))


@settings(deadline=None, max_examples=150)
@given(STOCKS)
def test_every_form_keeps_its_floor_area_within_the_controls(stock: pd.DataFrame) -> None:
    made = MASSINGS.check(massings(stock, DEFAULT))
    assert made["stock_id"].unique().tolist() == stock.index.tolist()
    assert (made.groupby("stock_id")["usual"].sum() == 1).all()
    assert (made["floors"] >= 1.0).all()
    np.testing.assert_array_equal(made["floors"], np.round(made["floors"]))
    np.testing.assert_array_equal(made["roof_m2"], made["footprint_m2"])
    own = stock.loc[made["stock_id"]].reset_index()
    storey = own["archetype"].map({key: kind.storey_height_m for key, kind in KINDS.items()})
    np.testing.assert_allclose(made["height_m"], made["floors"] * storey)
    assert (made["footprint_m2"] <= own["land_m2"] * (1.0 + 1e-9)).all()

    # equal floors make up the floor area; floors on a base are smaller than it, and at least one more is needed
    stacked = made["floors"] * made["footprint_m2"]
    podium = made["form"] == "podium"
    np.testing.assert_allclose(stacked[~podium], own["floor_area_m2"][~podium], rtol=1e-8)
    base = np.minimum(made["floors"], VALUE("massing.podium.base_floors")) * made["footprint_m2"]
    assert (stacked >= own["floor_area_m2"] * (1.0 - 1e-8))[podium].all()
    assert (base <= own["floor_area_m2"] * (1.0 + 1e-8))[podium].all()

    # the height limit holds, unless a single storey or the land itself asks for more
    fewest = np.maximum(np.ceil(own["floor_area_m2"] / own["land_m2"] - 1e-9), 1.0)
    limited = own["height_limit_m"] > 0.0
    allowed = np.maximum(np.floor(own["height_limit_m"] / storey + 1e-6), fewest)
    assert (made["floors"] <= allowed)[limited].all()

    # no shape of a floor has less wall than a circle
    least = 2.0 * np.sqrt(np.pi / made["footprint_m2"]) * own["floor_area_m2"] * storey
    assert (made["facade_m2"] >= least * (1.0 - 1e-9)).all()
    # blocks are at least as long as they are deep, and the long sides face north and south
    assert made["facade_ns_share"].between(0.5 - 1e-9, 1.0).all()


@settings(deadline=None, max_examples=60)
@given(STOCKS)
def test_forms_are_within_their_ranges_or_the_only_one(stock: pd.DataFrame) -> None:
    made = massings(stock, DEFAULT)
    alone = made.groupby("stock_id")["form"].transform("size") == 1
    low, high, smallest = (
        made["form"].map({form: VALUE(f"massing.{form}.{key}") for form in FORMS})
        for key in ("floors_min", "floors_max", "smallest_m2")
    )
    fits = made["floors"].between(low, high) & (made["footprint_m2"] >= smallest)
    assert (fits | alone).all()
    kinds = [KINDS[str(stock.loc[key, "archetype"])] for key in made["stock_id"]]
    own = made["form"] == pd.Series([kind.massing for kind in kinds], index=made.index)
    assert (fits | own).all()
    serves = {key: row.text.split() for key, row in constants("layers", "stock.csv").under("serves").items()}
    served = [form in serves[kind.envelope] for form, kind in zip(made["form"], kinds, strict=True)]
    assert (own | pd.Series(served, index=made.index)).all()


@settings(deadline=None, max_examples=60)
@given(STOCKS, st.randoms(use_true_random=False))
def test_the_order_of_the_rows_changes_nothing(stock: pd.DataFrame, chance: random.Random) -> None:
    order = list(range(len(stock)))
    chance.shuffle(order)
    mixed = stock.iloc[order]
    one, other = massings(stock, DEFAULT), massings(mixed, DEFAULT)
    key = ["stock_id", "form"]
    pd.testing.assert_frame_equal(
        one.sort_values(key, ignore_index=True), other.sort_values(key, ignore_index=True), check_exact=True
    )
    pd.testing.assert_frame_equal(class_geometry(stock, one), class_geometry(mixed, other), check_exact=True)


@settings(deadline=None, max_examples=60)
@given(STOCKS)
def test_classes_are_means_of_their_rows(stock: pd.DataFrame) -> None:
    made = massings(stock, DEFAULT)
    classes = FORM_GEOMETRY.check(class_geometry(stock, made))
    pd.testing.assert_frame_equal(classes, classes.sort_values(["archetype", "form"], ignore_index=True))
    numbers = classes.drop(columns=["archetype", "form"])
    assert np.isfinite(numbers).all(axis=None)
    assert (numbers > 0.0).all(axis=None)
    every = made.join(stock[["archetype", "floor_area_m2"]], on="stock_id")
    for name, each in {
        "facade_per_floor": every["facade_m2"] / every["floor_area_m2"],
        "roof_per_floor": every["roof_m2"] / every["floor_area_m2"],
        "facade_ns_share": every["facade_ns_share"],
        "floors": every["floors"],
    }.items():
        groups = each.groupby([every["archetype"], every["form"]])
        assert (classes[name].to_numpy() >= groups.min().to_numpy() * (1.0 - 1e-9)).all()
        assert (classes[name].to_numpy() <= groups.max().to_numpy() * (1.0 + 1e-9)).all()
    total = every.groupby(["archetype", "form"])["facade_m2"].sum().to_numpy()
    np.testing.assert_allclose(classes["facade_per_floor"] * classes["floor_area_m2"], total)


def test_rows() -> None:
    # 1,320 m2 on 440 m2 of ground: three floors of one terrace 11 m deep and 40 m long
    made = forms_of(row("res_lowrise", 1320.0, 1000.0, 0.44)).loc["row"]
    assert (made["floors"], made["footprint_m2"]) == (3.0, pytest.approx(440.0))
    assert made["facade_m2"] == pytest.approx(2 * (11 + 40) * 3 * 3.0)
    assert made["facade_ns_share"] == pytest.approx(40 / 51)


def test_slabs() -> None:
    # 2,100 m2 of ground hold three slabs of 14 m by 50 m
    made = forms_of(row("res_highrise", 21_000.0, 7000.0, 0.3)).loc["slab"]
    assert (made["floors"], made["footprint_m2"], made["usual"]) == (10.0, pytest.approx(2100.0), True)
    assert made["facade_m2"] == pytest.approx(3 * 128 * 10 * 2.9)
    assert made["facade_ns_share"] == pytest.approx(50 / 64)


def test_towers() -> None:
    # two towers of 30 m by 42 m
    made = forms_of(row("office", 2520.0 * 20, 6300.0, 0.4)).loc["tower"]
    assert (made["floors"], made["footprint_m2"], made["usual"]) == (20.0, pytest.approx(2520.0), True)
    assert made["facade_m2"] == pytest.approx(2 * 144 * 20 * 3.9)
    assert made["facade_ns_share"] == pytest.approx(42 / 72)


def test_a_small_tower_is_a_square() -> None:
    made = forms_of(row("office", 484.0 * 10, 4840.0, 0.1)).loc["tower"]
    assert made["facade_m2"] == pytest.approx(4 * 22 * 10 * 3.9)
    assert made["facade_ns_share"] == pytest.approx(0.5)


def test_courts() -> None:
    # a ring of wings 18 m deep, 70 m outside and 34 m inside, covers 70^2 - 34^2 = 3,744 m2
    made = forms_of(row("school", 3744.0 * 4, 9360.0, 0.4)).loc["court"]
    assert (made["floors"], made["footprint_m2"], made["usual"]) == (4.0, pytest.approx(3744.0), True)
    assert made["facade_m2"] == pytest.approx((4 * 70 + 4 * 34) * 4 * 3.8)
    assert made["facade_ns_share"] == pytest.approx(0.5)


def test_a_court_too_small_shrinks_as_a_whole() -> None:
    # nothing else fits 135 m2 either; at a quarter of the smallest scale wings are 4.5 m deep round a court of 3 m
    made = forms_of(row("school", 135.0, 450.0, 0.3))
    assert made.index.tolist() == ["court"]
    assert made.loc["court", "facade_m2"] == pytest.approx((4 * 12 + 4 * 3) * 3.8)


def test_halls() -> None:
    made = forms_of(row("warehouse", 9000.0, 18_000.0, 0.5)).loc["hall"]
    assert (made["floors"], made["height_m"], made["footprint_m2"], made["usual"]) == (1.0, 8.0, 9000.0, True)
    assert made["facade_m2"] == pytest.approx(2 * 280 * 8.0)
    assert made["facade_ns_share"] == pytest.approx(90 / 140)


def test_a_podium_with_a_tower() -> None:
    # four floors of 3,600 m2 and on them two floors of 40 % of it, in one tower 30 m deep
    made = forms_of(row("retail", 4 * 3600.0 + 2 * 1440.0, 9000.0, 0.4)).loc["podium"]
    assert (made["floors"], made["height_m"], made["usual"]) == (6.0, 30.0, True)
    assert made["footprint_m2"] == made["roof_m2"] == pytest.approx(3600.0)
    walls = 4 * 2 * (45 + 80) + 2 * 2 * (30 + 48)
    assert made["facade_m2"] == pytest.approx(walls * 5.0)
    assert made["facade_ns_share"] == pytest.approx((4 * 2 * 80 + 2 * 2 * 48) / walls)


def test_a_podium_under_a_height_limit_has_wider_towers() -> None:
    # 30 m allow two floors on the base where 40 % of it would ask for four
    made = forms_of(row("retail", 4 * 3600.0 + 2 * 2700.0, 9000.0, 0.4, 30.0)).loc["podium"]
    assert (made["floors"], made["footprint_m2"]) == (6.0, pytest.approx(3600.0))
    # 2,700 m2 are nearest to two blocks, 30 m by 45 m each
    walls = 4 * 2 * (45 + 80) + 2 * 2 * 2 * (30 + 45)
    assert made["facade_m2"] == pytest.approx(walls * 5.0)


def test_a_rest_too_small_for_a_tower_joins_the_base() -> None:
    made = forms_of(row("retail", 4 * 3600.0 + 100.0, 9000.0, 0.4)).loc["podium"]
    assert (made["floors"], made["footprint_m2"]) == (5.0, pytest.approx(2900.0))


def test_housing_of_middling_density_has_a_band() -> None:
    made = forms_of(row("res_highrise", 20_000.0, 10_000.0, 0.3, 54.0))
    assert {"slab", "tower", "court"} <= set(made.index)
    assert made.index[made["usual"]].tolist() == ["slab"]
    assert made.loc["slab", "floors"] == 7.0  # 6.7 floors of 3,000 m2
    assert made.loc["tower", "floors"] == 8.0  # a tower leaves ground free
    assert made["facade_m2"].max() > 1.3 * made["facade_m2"].min()


def test_a_low_limit_keeps_towers_out() -> None:
    assert "tower" not in forms_of(row("res_highrise", 20_000.0, 10_000.0, 0.3, 22.0)).index


def test_a_warehouse_of_one_storey_is_a_hall() -> None:
    made = forms_of(row("warehouse", 5000.0, 10_000.0, 0.5, 12.0))
    assert "hall" in made.index
    assert made.index[made["usual"]].tolist() == ["hall"]
    assert (made["floors"] == 1.0).all()


def test_the_median_form_stands_in_for_one_that_does_not_fit() -> None:
    # six floors are too few for the towers of offices, though a tower of eight would do
    made = forms_of(row("office", 6 * 3744.0, 9360.0, 0.4))
    assert set(made.index) == {"slab", "tower", "podium", "court"}
    (usual,) = made.index[made["usual"]]
    others = made["facade_m2"].drop("tower").sort_values()
    assert usual == others.index[1]


def test_real_buildings_are_told_apart() -> None:
    cases = [  # floors, footprint, perimeter, industry
        (1, 4500, 280, True, "hall"),
        (6, 3600, 250, True, "podium"),
        (6, 700, 128, True, "slab"),
        (5, 3744, 416, False, "court"),
        (4, 3600, 250, False, "podium"),
        (25, 900, 120, False, "tower"),
        (2, 440, 102, False, "row"),
        (2, 1000, 140, False, "row"),
        (6, 900, 120, False, "slab"),
        (18, 700, 128, False, "slab"),
    ]
    frame = pd.DataFrame(cases, columns=["floors", "area", "perimeter", "industry", "form"])
    assert classify(frame["floors"], frame["area"], frame["perimeter"], frame["industry"]).tolist() == [
        *frame["form"],
    ]


def test_nothing_drawn_gives_empty_tables() -> None:
    nothing = table(row("office", 1.0, 1.0, 0.3)).iloc[:0]
    made = MASSINGS.check(massings(nothing, DEFAULT))
    assert made.empty
    assert FORM_GEOMETRY.check(class_geometry(nothing, made)).empty


def test_a_hundred_thousand_rows_take_seconds() -> None:
    rng = np.random.default_rng(1)
    size = 100_000
    stock = pd.DataFrame(
        {
            "archetype": rng.choice(sorted(KINDS), size),
            "land_m2": rng.uniform(1e3, 1e5, size),
            "building_density": rng.uniform(0.1, 0.6, size),
            "height_limit_m": rng.uniform(10.0, 100.0, size),
        },
        index=pd.Index([f"S{i}" for i in range(size)], name="stock_id"),
    )
    stock["floor_area_m2"] = stock["land_m2"] * rng.uniform(0.2, 3.0, size)
    started = time.process_time()
    class_geometry(stock, massings(stock, DEFAULT))
    assert time.process_time() - started < 2.0
