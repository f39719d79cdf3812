"""Useful demand brought onto what was metered in the base year."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from layers.errors import Findings
from layers.units import KWH_PER_MWH
from spatial.demand.naming import class_names
from spatial.demand.parcels import ANNUAL

Floats = NDArray[np.float64]

METERS = {name.removesuffix("_mwh"): services for name, services in ANNUAL.items()}
"""What may be metered, and the services of the profiles it is the sum of."""
PLAUSIBLE = (0.3, 3.0)
"""Factors beyond which the metered total is more likely of something else than the model wrong."""


def base_floor(stock: pd.DataFrame, base_year: int) -> pd.Series:
    """Return the floor area of every class that stands in the base year [m2], by class."""
    standing = stock.loc[stock["year_from"] <= base_year]
    return standing.groupby(class_names(standing), sort=True)["floor_area_m2"].sum()


def meter_factors(
    intensities: pd.DataFrame, stock: pd.DataFrame, base_year: int, metered: dict[str, float], findings: Findings
) -> pd.DataFrame:
    """Return the factor that brings each metered demand of the base year onto its total.

    Parameters
    ----------
    intensities, stock
        Tables INTENSITIES and STOCK.
    base_year
        Its buildings are what was metered.
    metered
        Useful demand of all buildings [MWh], by a name of `METERS`.
    findings
        Takes an error where a total has nothing to scale, and a warning where the factor is hardly one of a model.

    Returns
    -------
    DataFrame
        Table DEMAND_CALIBRATION, a row for each name of `METERS`; where nothing is given the factor is one.
    """
    floor = base_floor(stock, base_year)
    keyed = intensities.set_index([class_names(intensities).rename("class"), "service"])["kwh_m2"]
    rows = []
    for name, services in METERS.items():
        each = [keyed.reindex(pd.MultiIndex.from_product([floor.index, [service]])).to_numpy() for service in services]
        modelled = float(floor.to_numpy() @ np.sum(each, axis=0)) / KWH_PER_MWH
        given = metered.get(name)
        factor = 1.0
        if given is not None and modelled > 0.0:
            factor = given / modelled
        elif given is not None:
            findings.error(
                "study.toml",
                f"{given:g} MWh are metered, and no building of the base year has any",
                "leave it out, or give the buildings that stand in the base year",
                column=f"demand.metered.{name}",
            )
        if not PLAUSIBLE[0] <= factor <= PLAUSIBLE[1]:
            findings.warning(
                "study.toml",
                f"{given:g} MWh are metered and {modelled:,.0f} modelled: all {name} is scaled by {factor:.3g}",
                "check unit and extent of the metered total",
                column=f"demand.metered.{name}",
            )
        rows.append((name, modelled, np.nan if given is None else given, factor, given is not None))
    table = pd.DataFrame(rows, columns=["demand", "modelled_mwh", "metered_mwh", "factor", "given"])
    return table.set_index("demand")


def scaled(
    profiles: pd.DataFrame, intensities: pd.DataFrame, factors: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return profiles and intensities with the factors of DEMAND_CALIBRATION applied."""
    of_service = {service: factors["factor"].loc[name] for name, services in METERS.items() for service in services}
    if all(factor == 1.0 for factor in of_service.values()):
        return profiles, intensities
    by_column = np.array([of_service[name.rsplit("|", 1)[1]] for name in profiles.columns], dtype=np.float32)
    values = pd.DataFrame(profiles.to_numpy() * by_column, index=profiles.index, columns=profiles.columns)
    by_row = intensities["service"].map(of_service).astype(float)
    scaled_rows = intensities.assign(kwh_m2=intensities["kwh_m2"] * by_row, peak_w_m2=intensities["peak_w_m2"] * by_row)
    return values, scaled_rows
