import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from pydantic import ValidationError

from resources.photovoltaics import pv_classes
from resources.rooftop.layout import ARRAY_COLUMNS, LAYOUTS, LayoutOptions, arrays_of
from resources.rooftop.rows import pair_pitch_m, row_pitch_m, shadow_ratio

TILT = 23.45
NINGBO = 29.8
LATITUDES = st.floats(-45.0, 45.0)


def planes_of(**columns: object) -> pd.DataFrame:
    table = pd.DataFrame(
        {
            "building_id": ["b1", "b1", "b2", "b3"],
            "form": ["flat", "pitched", "pitched", "flat"],
            "tilt_deg": [3.0, 25.0, 25.0, 0.0],
            "azimuth_deg": [np.nan, 200.0, 20.0, np.nan],
            "usable_m2": [500.0, 80.0, 80.0, 2.0],
        },
        index=pd.Index(["p1", "p2", "p3", "p4"], name="plane_id"),
    )
    return table.assign(**columns)


def one_plane(usable_m2: float) -> pd.DataFrame:
    return planes_of().iloc[:1].assign(usable_m2=usable_m2)


def sun_at(latitude: float, hour: float) -> np.ndarray:
    """Return the direction to the sun (east, north, up) at a true solar time of the winter solstice.

    The earth turns by the hour about its pole, and the observer stands off the equator by the latitude.
    """
    declination, turn, off = np.radians([-TILT if latitude >= 0.0 else TILT, 15.0 * (hour - 12.0), latitude])
    outward, east, pole = np.cos(declination) * np.cos(turn), -np.cos(declination) * np.sin(turn), np.sin(declination)
    north, up = np.cos(off) * pole - np.sin(off) * outward, np.sin(off) * pole + np.cos(off) * outward
    return np.array([east, north, up])


def is_shaded(latitude: float, tilt: float, slant: float, pitch: float) -> bool:
    """Return whether any point of a row throws a shadow on the row behind from 9:00 to 15:00."""
    equator = np.array([0.0, -1.0 if latitude >= 0.0 else 1.0, 0.0])
    slope = slant * (np.sin(np.radians(tilt)) * np.array([0.0, 0.0, 1.0]) - np.cos(np.radians(tilt)) * equator)
    for hour in np.linspace(9.0, 15.0, 61):
        sun = sun_at(latitude, hour)
        for share in (0.25, 0.5, 0.75, 1.0):
            point = pitch * equator + share * slope
            # where the light past this point falls on the next row: point - way * sun = up * slope + aside * east
            _, up, way = np.linalg.solve(np.column_stack([[1.0, 0.0, 0.0], slope, sun]), point)
            if way > 0.0 and 1e-9 < up <= 1.0:
                return True
    return False


@given(LATITUDES, st.floats(3.0, 40.0), st.floats(0.5, 4.6))
def test_no_row_shades_the_next_and_closer_ones_would(latitude: float, tilt: float, slant: float) -> None:
    pitch = row_pitch_m(slant, tilt, latitude, 9.0)
    assert not is_shaded(latitude, tilt, slant, pitch)
    assert is_shaded(latitude, tilt, slant, 0.95 * pitch)


@given(LATITUDES)
def test_the_window_of_9_to_15_is_that_of_gb_50797(latitude: float) -> None:
    """GB 50797-2012, explanation of clause 7.2.2: (0.707 tan L + 0.4338) / (0.707 - 0.4338 tan L)."""
    tangent = np.tan(np.radians(abs(latitude)))
    published = (0.707 * tangent + 0.4338) / (0.707 - 0.4338 * tangent)
    assert shadow_ratio(latitude, 9.0) == pytest.approx(published, rel=1e-3)


@given(LATITUDES)
def test_noon_alone_has_the_shadow_of_the_sun_in_the_meridian(latitude: float) -> None:
    assert shadow_ratio(latitude, 12.0 - 1e-7) == pytest.approx(np.tan(np.radians(abs(latitude) + TILT)), rel=1e-6)


@given(LATITUDES, st.floats(8.0, 11.0), st.floats(0.1, 0.9))
def test_a_longer_window_asks_for_more_distance(latitude: float, start: float, later: float) -> None:
    assume(sun_at(latitude, start)[2] > 0.01)
    assert shadow_ratio(latitude, start) > shadow_ratio(latitude, start + later)


def test_where_the_sun_is_not_up_at_9_the_error_says_so() -> None:
    planes = one_plane(500.0)
    with pytest.raises(ValueError, match=r"latitude 60 no sun is up at 9 h true solar time .* later clear_from_h"):
        arrays_of(planes, 60.0, LayoutOptions())
    assert arrays_of(planes, 60.0, LayoutOptions(clear_from_h=10.5))["pitch_m"].iloc[0] > 5.0
    assert len(arrays_of(planes, 60.0, LayoutOptions(flat_layout="east_west"))) == 2


def test_rows_at_ningbo_cover_what_hand_and_paper_give() -> None:
    """Slant 2.278 m, tilt 22 deg: D = L cos b + L sin b x 1.8286 = 3.67 m; 0.98 of a row's length is modules."""
    arrays = arrays_of(one_plane(1e6), NINGBO, LayoutOptions(fill_rows=1.0, south_tilt_deg=22.0))
    row = arrays.loc["p1/s"]
    assert row["pitch_m"] == pytest.approx(2.278 * (0.92718 + 0.37461 * 1.8286), rel=1e-4)
    assert row["coverage"] == pytest.approx(2.278 / row["pitch_m"] * 1.134 / 1.154, rel=1e-4)


def test_two_modules_upright_or_lying_make_the_slant_height() -> None:
    two = arrays_of(one_plane(1e4), NINGBO, LayoutOptions(south_modules_up=2))
    lying = arrays_of(one_plane(1e4), NINGBO, LayoutOptions(south_orientation="landscape"))
    assert two["slant_m"].iloc[0] == pytest.approx(2 * 2.278 + 0.02)
    assert lying["slant_m"].iloc[0] == pytest.approx(1.134)


@given(st.floats(0.0, 50.0), st.floats(0.5, 5.0), st.floats(5.0, 40.0), st.sampled_from([-1.0, 1.0]))
def test_rows_cover_less_of_the_roof_farther_from_the_equator(
    latitude: float, farther: float, tilt: float, hemisphere: float
) -> None:
    options = LayoutOptions(south_tilt_deg=tilt)
    near, far = (
        arrays_of(one_plane(1e7), hemisphere * (latitude + step), options)["coverage"].iloc[0]
        for step in (0.0, farther)
    )
    assert far < near


def test_rows_face_the_equator_in_both_hemispheres() -> None:
    north, south = (arrays_of(one_plane(500.0), latitude, LayoutOptions()) for latitude in (29.8, -29.8))
    assert north["azimuth_deg"].tolist() == [180.0]
    assert south["azimuth_deg"].tolist() == [0.0]
    assert north.drop(columns="azimuth_deg").equals(south.drop(columns="azimuth_deg"))


def test_pairs_have_as_many_modules_on_either_side_and_walkways_cost_some() -> None:
    options = LayoutOptions(flat_layout="east_west")
    arrays = arrays_of(one_plane(500.0), NINGBO, options)
    assert arrays.index.tolist() == ["p1/e", "p1/w"]
    assert arrays["azimuth_deg"].tolist() == [90.0, 270.0]
    assert arrays["modules"].iloc[0] == arrays["modules"].iloc[1]
    assert arrays["pitch_m"].iloc[0] == pytest.approx(2 * 1.134 * np.cos(np.radians(10.0)) + 0.1)
    open_field = arrays_of(one_plane(500.0), NINGBO, options.model_copy(update={"walkway_m": 0.0}))
    assert open_field["kwp"].sum() > arrays["kwp"].sum()
    assert pair_pitch_m(1.0, 60.0, 0.5) == pytest.approx(1.5)


def test_modules_on_slopes_lie_flush_whichever_way_they_fall() -> None:
    arrays = arrays_of(planes_of(), NINGBO, LayoutOptions())
    flush = arrays[arrays["layout"] == "flush"]
    assert flush.index.tolist() == ["p2/f", "p3/f"]
    assert flush["azimuth_deg"].tolist() == [200.0, 20.0]
    assert flush["tilt_deg"].tolist() == [25.0, 25.0]
    assert flush[["pitch_m", "slant_m"]].isna().all(axis=None)


def test_modules_flush_with_a_flat_roof_are_level() -> None:
    arrays = arrays_of(one_plane(500.0), NINGBO, LayoutOptions(flat_layout="flush"))
    assert arrays.loc["p1/f", ["tilt_deg", "mount"]].tolist() == [0.0, "flush"]


@given(
    st.lists(st.floats(0.0, 5000.0), min_size=4, max_size=4),
    st.sampled_from(LAYOUTS),
    st.floats(100.0, 700.0),
    LATITUDES,
)
def test_modules_are_whole_and_nothing_is_lost(areas: list[float], layout: str, power: float, latitude: float) -> None:
    options = LayoutOptions(flat_layout=layout, module_wp=power)  # type: ignore[arg-type]
    planes = planes_of(usable_m2=areas)
    arrays = arrays_of(planes, latitude, options)
    assert (arrays["modules"] > 0).all()
    assert np.allclose(arrays["kwp"], arrays["modules"] * power / 1000)
    assert np.allclose(arrays["module_m2"], arrays["modules"] * 2.278 * 1.134)
    usable = planes["usable_m2"].loc[arrays["plane_id"]].to_numpy()
    assert np.allclose(arrays["coverage"] * usable, arrays["module_m2"])
    assert (arrays.groupby("plane_id")["coverage"].sum() <= 1.0 + 1e-9).all()
    assert set(arrays["mount"]) <= {item.mount for item in pv_classes() if item.surface == "roof"}
    assert arrays.index.is_monotonic_increasing


def test_a_plane_too_small_for_a_module_has_no_array() -> None:
    assert "p4" not in set(arrays_of(planes_of(), NINGBO, LayoutOptions())["plane_id"])


def test_no_planes_give_an_empty_table_of_the_same_columns() -> None:
    full, none = (arrays_of(table, NINGBO, LayoutOptions()) for table in (planes_of(), planes_of().iloc[:0]))
    assert none.empty
    assert none.dtypes.equals(full.dtypes)
    assert list(none.columns) == list(ARRAY_COLUMNS)
    assert none.index.name == "array_id"


def test_the_order_of_planes_does_not_matter_and_they_are_not_changed() -> None:
    planes = planes_of()
    arrays = arrays_of(planes, NINGBO, LayoutOptions())
    assert arrays.equals(arrays_of(planes.iloc[::-1], NINGBO, LayoutOptions()))
    assert planes.equals(planes_of())


def test_all_faults_of_planes_are_told_at_once() -> None:
    planes = planes_of(
        building_id=["b1", None, "b2", "b3"],
        form=["flat", "pitched", "round", "flat"],
        tilt_deg=[3.0, 95.0, 25.0, np.nan],
        azimuth_deg=[np.nan, np.nan, 400.0, np.nan],
        usable_m2=[-1.0, 80.0, 80.0, np.inf],
    ).set_axis(["p1", "p2", "p3", "p1"])
    with pytest.raises(ValueError, match="latitude must lie") as caught:
        arrays_of(planes, 95.0, LayoutOptions())
    for part in (
        "plane_id must not stand twice (p1)",
        "building_id must not be empty (p2)",
        "form must be flat or pitched (p3)",
        "tilt_deg must lie in 0 to below 90 (p2, p1)",
        "azimuth_deg of a pitched plane must not be empty (p2)",
        "azimuth_deg must lie in 0 to 360 (p3)",
        "usable_m2 must be 0 or more (p1, p1)",
    ):
        assert part in str(caught.value)


def test_missing_columns_are_named() -> None:
    with pytest.raises(ValueError, match=r"planes lack columns \(form, usable_m2\)"):
        arrays_of(planes_of().drop(columns=["form", "usable_m2"]), NINGBO, LayoutOptions())


def test_an_unknown_layout_is_refused() -> None:
    with pytest.raises(ValidationError, match="flat_layout"):
        LayoutOptions(flat_layout="north")  # type: ignore[arg-type]
