"""Layouts of small districts beside every other one, and what no layout may do: pass limits, or leave out who pays."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from every_layout import best_value, small_district
from spatial.networks.layout import (
    Candidates,
    District,
    Layout,
    Sites,
    Streets,
    check_limits,
    cost_bound_cny,
    lay_out,
    yearly_cny,
)
from spatial.networks.options import NetworkOptions
from spatial.networks.tree import Engineer, Load, hang

NETWORKS = st.sampled_from(["heating", "cooling"])


def sound(district: District) -> tuple[Layout, float]:
    """Lay out; no limit is passed, nobody is left out who would pay, and the bound is below the cost."""
    layout = lay_out(district)
    check_limits(district, layout)
    value, who = yearly_cny(district, layout), district.candidates
    cost = value + float(who.worth_cny[layout.joined].sum())
    left = ~layout.joined & np.isfinite(layout.joining_cny)
    assert np.all(layout.joining_cny[left] >= who.worth_cny[left] - 1e-6 * cost)
    assert cost_bound_cny(district, layout.joined) <= cost * (1.0 + 1e-9)
    return layout, value


@pytest.mark.parametrize("start", range(0, 120, 20))
def test_small_districts_get_the_best_of_all_layouts(start: int) -> None:
    for seed in range(start, start + 20):
        district = small_district(seed)
        _, value = sound(district)
        scale = abs(value) + float(district.candidates.worth_cny.sum())
        assert value == pytest.approx(best_value(district), abs=1e-6 * scale), seed


@settings(max_examples=100, deadline=None)
@given(
    network=NETWORKS,
    peaks=st.lists(st.floats(0.1, 1e5), min_size=2, max_size=8),
    counts=st.lists(st.floats(1.0, 500.0), min_size=8, max_size=8),
)
def test_whoever_joins_raises_the_joint_peak(network: str, peaks: list[float], counts: list[float]) -> None:
    """So no pipe is asked for less than one behind it."""
    engineer = Engineer(network, NetworkOptions())
    tree = hang(0, np.array([[0, 0]]), np.zeros(1), np.zeros(0, dtype=np.int64))
    peak, count = np.array(peaks), np.array(counts[: len(peaks)])
    joint = [
        float(engineer.size(tree, Load.of(np.zeros(many, int), peak[:many], peak[:many], count[:many], 1)).design_kw[0])
        for many in range(1, len(peak) + 1)
    ]
    assert np.all(np.diff(joint) >= -1e-9 * joint[-1])
    assert joint[-1] <= peak.sum() * (1.0 + 1e-12)


def test_a_large_consumer_keeps_his_peak_among_small_ones() -> None:
    """A data centre fronts the pipe that goes on to a block of flats: with or without a service line of its own."""
    engineer = Engineer("cooling", NetworkOptions())
    energy, peak, count = np.array([8000.0, 400.0]), np.array([4000.0, 400.0]), np.array([1.0, 40.0])
    ends = np.array([[0, 1], [1, 2], [1, 3]])
    tree = hang(0, ends, np.array([100.0, 100.0, 1.0]), np.array([0, 1, 2]))
    for nodes in (np.array([1, 2]), np.array([3, 2])):
        sized = engineer.size(tree, Load.of(nodes, energy, peak, count, 4))
        trunk = float(sized.design_kw[tree.node == 1][0])
        assert 4000.0 <= trunk <= 4400.0


def test_equal_consumers_count_as_they_are_and_unequal_ones_as_fewer() -> None:
    options = NetworkOptions()
    engineer = Engineer("heating", options)
    tree = hang(0, np.array([[0, 0]]), np.zeros(1), np.zeros(0, dtype=np.int64))

    def joint(peak: list[float]) -> float:
        load = Load.of(np.zeros(len(peak), int), np.array(peak), np.array(peak), np.ones(len(peak)), 1)
        return float(engineer.size(tree, load).design_kw[0]) / sum(peak)

    # Winter et al. (2001), 54 consumers: half-way between one and many
    assert joint([10.0] * 54) == pytest.approx(
        0.449678 + 0.551235 / (1.0 + (54 / 53.84382392) ** 1.762743268), abs=1e-5
    )
    assert joint([10.0] * 54) < joint([200.0, *[5.0] * 68]) < 1.0


def test_a_curve_along_which_peaks_fall_is_refused() -> None:
    with pytest.raises(ValidationError, match=r"give at least 0\.31"):
        NetworkOptions.model_validate({"cooling": {"diversity_limit": 0.2, "diversity_range": 0.8}})
    NetworkOptions.model_validate({"cooling": {"diversity_limit": 0.32, "diversity_range": 0.68}})


def two_sites(options: dict[str, float], length_m: float, **who: object) -> District:
    """Return a street with a site and a consumer at each end."""
    given: dict[str, object] = {
        "energy_mwh": np.array([400.0, 300.0]), "peak_kw": np.array([378.0, 341.5]), "count": np.ones(2),
        "worth_cny": np.array([270_000.0, 127_846.0]), "forced": np.zeros(2, dtype=bool),
    } | who  # fmt: skip
    return District(
        Engineer("cooling", NetworkOptions(**options)),
        Streets.plain(2, np.array([[0, 1]]), np.array([length_m])),
        Candidates(np.array([0, 1]), **given),
        Sites(np.array([1, 0]), np.full(2, np.inf), np.array([33_674.0, 29_636.0]), np.array([60.0, 87.7]),
              np.array([119.0, 121.6])),
    )  # fmt: skip


def test_where_the_pump_does_not_reach_another_plant_is_tried() -> None:
    layout, _ = sound(two_sites({"head_max_pa": 107_816.0}, 163.0))
    assert layout.joined.all()
    assert list(layout.sites) == [0, 1]


def test_a_trunk_is_not_thinned_until_the_pump_is_too_weak() -> None:
    district = District(
        Engineer("cooling", NetworkOptions(head_max_pa=176_810.0)),
        Streets(4, np.array([[1, 0], [2, 0], [3, 0]]), np.array([119.3, 103.3, 316.2]), np.array([1.0, 1.4, 1.4]),
                np.zeros(3)),
        Candidates(np.array([2, 1, 1]), np.array([279.0, 1432.0, 2352.0]), np.array([224.3, 4446.9, 1043.8]),
                   np.array([1.28, 14.38, 1.21]), np.array([84_532.0, 803_287.0, 529_331.0]), np.zeros(3, dtype=bool)),
        Sites(np.array([3]), np.array([np.inf]), np.array([41_884.0]), np.array([82.67]), np.array([129.44])),
    )  # fmt: skip
    _, value = sound(district)
    assert value == pytest.approx(best_value(district), rel=1e-9)


def test_who_must_join_joins_however_small() -> None:
    small = two_sites({}, 5000.0, peak_kw=np.array([1.0, 0.01]), energy_mwh=np.array([1.5, 0.01]),
                      worth_cny=np.array([10.0, 0.0]), forced=np.ones(2, dtype=bool))  # fmt: skip
    assert lay_out(small).joined.all()


def test_limits_passed_are_told() -> None:
    district = two_sites({}, 100.0)
    layout, _ = sound(district)
    tight = replace(district, sites=replace(district.sites, capacity_kw=np.full(2, 100.0)))
    with pytest.raises(ValueError, match="can make 100 kW"):
        check_limits(tight, layout)
    one = Layout(np.ones(2, dtype=bool), np.array([0]), (np.array([0]),), np.full(2, np.nan))
    with pytest.raises(ValueError, match="can give 110000 Pa"):
        check_limits(two_sites({"head_max_pa": 110_000.0}, 2000.0), one)


@pytest.mark.parametrize("count", [1.0, 40.0, 300.0])
@pytest.mark.parametrize("hours", [2.0, 8.0])
def test_the_bound_knows_that_a_larger_flow_can_cost_less_to_pump(count: float, hours: float) -> None:
    """Steep pipes and long hours: just above a step of the catalogue a pipe pumps for less."""
    for peak in np.geomspace(500.0, 12_000.0, 24):
        district = District(
            Engineer("cooling", NetworkOptions(pa_per_m=300.0, head_max_pa=1e7)),
            Streets.plain(2, np.array([[0, 1]]), np.array([1000.0])),
            Candidates(np.array([1, 0]), hours * np.full(2, peak), np.full(2, peak), np.array([1.0, count]),
                       np.full(2, 1e9), np.ones(2, dtype=bool)),
            Sites(np.array([0]), np.array([np.inf]), np.array([1000.0]), np.zeros(1), np.array([100.0])),
        )  # fmt: skip
        sound(district)
