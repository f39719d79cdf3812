"""People on parcels: residents and jobs, reconciled with the population of the zone."""

import numpy as np
import pandas as pd
from pydantic import BaseModel, ConfigDict, Field

from layers.archetypes import Kinds, archetypes, bases
from layers.constants import constants
from layers.tables.place import PEOPLE, RECONCILIATION


def _constant(key: str) -> float:
    return constants("layers", "people.csv").value(key)


class PeopleOptions(BaseModel):
    """How residents and jobs follow from floor area where the plan gives none."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    residential_gfa_m2_per_person: float = Field(
        default_factory=lambda: _constant("per_head.residential_gfa"),
        gt=0.0,
        description="Gross floor area of housing per resident [m2]",
    )
    floor_area_m2_per_job: dict[str, float] = Field(
        default={}, description="Archetype to gross floor area per job [m2], in place of the defaults of people.csv"
    )


def reconcile_people(
    parcels: pd.DataFrame,
    parcel_uses: pd.DataFrame,
    population_base: float,
    population_target: float,
    options: PeopleOptions | None = None,
    *,
    target_year: int | None = None,
    kinds: Kinds | None = None,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Place the zone's population on parcels, and jobs with it.

    A parcel has the residents its plan gives, else its residential floor area over the floor area per head. In the
    base year only existing parcels have any, in the target year all that stand by then. One factor per year brings the
    sum to the driver. Where no parcel has residents at all, the driver is spread by floor area (else by land area), so
    that totals hold. Jobs are given or follow from floor area; no driver scales them.

    Parameters
    ----------
    parcels
        PARCELS table.
    parcel_uses
        PARCEL_USES table.
    population_base, population_target
        The zone's population in the two years [persons], not negative.
    options
        Floor areas per head and per job.
    target_year
        Parcels that begin after it stand empty; without it all count.
    kinds
        Archetypes of the study; without them the built-in ones.

    Returns
    -------
    tuple of DataFrame
        PEOPLE, in the order of the parcels, and RECONCILIATION, by the first year in which a parcel begins and the
        target year (without it the last such year).

    Raises
    ------
    ValueError
        If a population is negative or not finite.
    """
    options = options or PeopleOptions()
    drivers = np.array([population_base, population_target], dtype=float)
    if not (np.isfinite(drivers).all() and (drivers >= 0).all()):
        raise ValueError(f"populations must be numbers >= 0, not {population_base} and {population_target}")
    plain = parcels.reset_index() if parcels.index.name == "parcel_id" else parcels
    ids = plain["parcel_id"]
    floor_area = plain["floor_area_m2"].fillna(plain["far"] * plain["area_m2"]).to_numpy(dtype=float)
    by_id = pd.Series(floor_area, index=ids)
    use_area = parcel_uses["share"] * by_id.reindex(parcel_uses["parcel_id"]).to_numpy()

    def per_parcel(amounts: pd.Series) -> np.ndarray:
        sums = amounts.groupby(parcel_uses["parcel_id"].to_numpy()).sum()
        return sums.reindex(ids).fillna(0.0).to_numpy(dtype=float)

    kinds = archetypes() if kinds is None else kinds
    homes = [name for name, archetype in kinds.items() if archetype.sector == "residential"]
    at_home = per_parcel(use_area.where(parcel_uses["archetype"].isin(homes), 0.0))
    residents = plain["population"].to_numpy(dtype=float)
    residents = np.where(np.isnan(residents), at_home / options.residential_gfa_m2_per_person, residents)
    per_job = {key: row.value for key, row in constants("layers", "people.csv").under("jobs").items()}
    of_kinds = {key: per_job[base] for key, base in bases(kinds).items() if base in per_job}
    area_per_job = parcel_uses["archetype"].map({**of_kinds, **options.floor_area_m2_per_job}).astype("float64")
    jobs = plain["jobs"].to_numpy(dtype=float)
    jobs = np.where(np.isnan(jobs), per_parcel((use_area / area_per_job).fillna(0.0)), jobs)
    begins = plain["phase_year"].to_numpy(dtype=int)
    first, last = int(begins.min()), int(begins.max()) if target_year is None else target_year
    stands = (plain["existing"].to_numpy(dtype=bool), begins <= last)
    land = plain["area_m2"].to_numpy(dtype=float)
    placed = [
        _place(np.where(there, residents, 0.0), np.where(there, floor_area, 0.0), np.where(there, land, 0.0), driver)
        for there, driver in zip(stands, drivers, strict=True)
    ]
    people = pd.DataFrame(
        {
            "population_base": placed[0][0],
            "population_target": placed[1][0],
            "jobs_base": np.where(stands[0], jobs, 0.0),
            "jobs_target": np.where(stands[1], jobs, 0.0),
        },
        index=pd.Index(ids.to_numpy(), name="parcel_id"),
    )
    reconciliation = pd.DataFrame(
        {
            "parcels_persons": [persons for _, persons, _ in placed],
            "driver_persons": drivers,
            "factor": [factor for _, _, factor in placed],
        },
        index=pd.Index([first, max(last, first + 1)], name="year"),
    )
    return PEOPLE.check(people), RECONCILIATION.check(reconciliation)


def _place(
    residents: np.ndarray, floor_area: np.ndarray, land: np.ndarray, driver: float
) -> tuple[np.ndarray, float, float]:
    """Return residents scaled to the driver, their sum before, and the factor; nobody to scale means spreading."""
    persons = float(residents.sum())
    if persons > 0.0:
        factor = driver / persons
        return residents * factor, persons, factor
    weights = floor_area if floor_area.sum() > 0.0 else land
    total = float(weights.sum())
    return (weights / total * driver if total > 0.0 else np.zeros_like(weights)), 0.0, 0.0
