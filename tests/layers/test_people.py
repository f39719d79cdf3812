from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layers.people import PeopleOptions, reconcile_people
from layers.tables.place import PEOPLE, RECONCILIATION


def place(**columns: Any) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return four parcels: housing that stands, housing to come, offices to come, a park."""
    parcels = pd.DataFrame(
        {
            "area_m2": [1e4, 1e4, 1e4, 1e4],
            "far": [2.0, 2.0, 2.5, 0.0],
            "existing": [True, False, False, True],
            "phase_year": [2017, 2025, 2025, 2017],
            "floor_area_m2": [np.nan, 30_000.0, np.nan, np.nan],
            "population": [np.nan] * 4,
            "jobs": [np.nan] * 4,
        }
        | columns,
        index=pd.Index(["a", "b", "c", "d"], name="parcel_id"),
    )
    uses = pd.DataFrame(
        {
            "parcel_id": ["a", "b", "b", "c", "d"],
            "landuse": ["R2", "B1", "R2", "B2", "G1"],
            "archetype": ["res_highrise", "retail", "res_highrise", "office", "none"],
            "share": [1.0, 0.2, 0.8, 1.0, 1.0],
        }
    )
    return parcels, uses


def test_residents_follow_from_floor_area() -> None:
    # 40 m2 of housing per person: 20,000 m2 are 500 persons, 0.8 x 30,000 m2 are 600
    people, reconciliation = reconcile_people(*place(), 500.0, 1100.0, PeopleOptions())
    assert people["population_base"].tolist() == pytest.approx([500, 0, 0, 0])
    assert people["population_target"].tolist() == pytest.approx([500, 600, 0, 0])
    assert reconciliation["factor"].tolist() == pytest.approx([1.0, 1.0])
    assert reconciliation.index.tolist() == [2017, 2025]
    assert PEOPLE.faults(people) == []
    assert RECONCILIATION.faults(reconciliation) == []


def test_given_people_go_before_and_are_scaled() -> None:
    people, reconciliation = reconcile_people(*place(population=[300.0, np.nan, 50.0, np.nan]), 600.0, 1900.0)
    assert people["population_base"].tolist() == pytest.approx([600, 0, 0, 0])
    assert people["population_target"].tolist() == pytest.approx([600, 1200, 100, 0])
    assert reconciliation["parcels_persons"].tolist() == pytest.approx([300, 950])
    assert reconciliation["factor"].tolist() == pytest.approx([2.0, 2.0])


def test_jobs_follow_from_floor_area_or_are_given() -> None:
    # 25 m2 per office job, 40 m2 per retail job
    people, _ = reconcile_people(*place(), 1.0, 1.0)
    assert people["jobs_target"].tolist() == pytest.approx([0, 6000 / 40, 25_000 / 25, 0])
    assert people["jobs_base"].tolist() == [0, 0, 0, 0]
    people, _ = reconcile_people(*place(jobs=[7.0, np.nan, 9.0, np.nan]), 1.0, 1.0)
    assert people["jobs_target"].tolist() == pytest.approx([7, 150, 9, 0])
    assert people["jobs_base"].tolist() == [7, 0, 0, 0]


def test_options_change_the_densities() -> None:
    options = PeopleOptions(residential_gfa_m2_per_person=20.0, floor_area_m2_per_job={"office": 10.0})
    people, reconciliation = reconcile_people(*place(), 1000.0, 1000.0, options)
    assert reconciliation["parcels_persons"].tolist() == pytest.approx([1000, 2200])
    assert people.loc["c", "jobs_target"] == pytest.approx(2500)


def test_parcels_after_the_target_year_stand_empty() -> None:
    people, reconciliation = reconcile_people(*place(), 500.0, 700.0, target_year=2020)
    assert people["population_target"].tolist() == pytest.approx([700, 0, 0, 0])
    assert people["jobs_target"].tolist() == [0, 0, 0, 0]
    assert reconciliation.index.tolist() == [2017, 2020]


def test_no_people_at_all_divide_nothing_by_nought() -> None:
    people, reconciliation = reconcile_people(*place(), 0.0, 0.0)
    assert people[["population_base", "population_target"]].to_numpy().sum() == 0.0
    assert reconciliation["factor"].tolist() == [0.0, 0.0]


def test_a_driver_without_housing_is_spread_by_floor_area_then_land() -> None:
    people, reconciliation = reconcile_people(*place(population=[0.0] * 4), 100.0, 100.0)
    assert people["population_base"].tolist() == pytest.approx([100, 0, 0, 0])
    assert people["population_target"].sum() == pytest.approx(100.0)
    assert reconciliation["factor"].tolist() == [0.0, 0.0]
    people, _ = reconcile_people(*place(population=[0.0] * 4, far=[0.0] * 4, floor_area_m2=[np.nan] * 4), 100.0, 100.0)
    assert people["population_base"].tolist() == pytest.approx([50, 0, 0, 50])


@pytest.mark.parametrize("driver", [-1.0, float("nan"), float("inf")])
def test_impossible_drivers_are_refused(driver: float) -> None:
    with pytest.raises(ValueError, match=">= 0"):
        reconcile_people(*place(), driver, 1.0)


persons = st.lists(st.one_of(st.just(np.nan), st.just(0.0), st.floats(1e-3, 1e5)), min_size=4, max_size=4)
areas = st.lists(st.floats(0.0, 1e6), min_size=4, max_size=4)


@settings(deadline=None, max_examples=40)
@given(persons, areas, st.floats(0.0, 1e7), st.floats(0.0, 1e7))
def test_totals_meet_the_drivers(given_persons: list[float], floor: list[float], base: float, target: float) -> None:
    parcels, uses = place(population=given_persons, floor_area_m2=floor)
    before = parcels.copy()
    people, reconciliation = reconcile_people(parcels, uses, base, target)
    assert people["population_base"].sum() == pytest.approx(base, rel=1e-9, abs=1e-9)
    assert people["population_target"].sum() == pytest.approx(target, rel=1e-9, abs=1e-9)
    assert (people.to_numpy() >= 0).all()
    assert (people.loc[~parcels["existing"], "population_base"] == 0).all()
    assert reconciliation["driver_persons"].tolist() == [base, target]
    assert people.index.equals(parcels.index)
    pd.testing.assert_frame_equal(parcels, before)
