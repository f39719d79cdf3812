"""Calibration: factors that bring the account of the base year onto metered totals."""

import difflib
from collections.abc import Mapping

import numpy as np
import pandas as pd
from pydantic import BaseModel, ConfigDict, Field, FiniteFloat

from layers.errors import Findings

KEY = ["sector", "carrier"]

TOLERANCE = 1e-9
"""Share of a total by which parts may differ from it through rounding."""


class Calibration(BaseModel):
    """Metered energy of the base year that the account is brought onto."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    totals: dict[str, FiniteFloat] = Field(
        default_factory=dict,
        description='Energy of the base year [MWh] by carrier ("electricity") or by sector and carrier '
        '("industry.electricity"); a carrier\'s total is then for all of its sectors, those given included',
    )


def factors(modelled: pd.DataFrame, totals: Mapping[str, float], source: str = "study.toml") -> pd.DataFrame:
    """Return the factor by which each sector's use of each carrier is brought onto metered totals.

    A total of a sector and carrier scales that alone. A total of a carrier is shared by all of its sectors: what is
    left of it after those with a total of their own scales the others, all alike.

    Parameters
    ----------
    modelled
        Energy of the base year as modelled: columns sector, carrier, energy_mwh; rows of one sector and carrier are
        added up.
    totals
        Metered energy [MWh] by ``carrier`` or ``sector.carrier``.
    source
        What messages call the place the totals were given in.

    Returns
    -------
    pandas.DataFrame
        Table ``calibration``, a row for each sector and carrier modelled. Where nothing is given the factor is one
        and `given_mwh` is what was modelled.

    Raises
    ------
    InputError
        With every total that is negative, is of something the model has none of, or is exceeded by its parts.

    Examples
    --------
    >>> modelled = pd.DataFrame({"sector": ["port", "service"], "carrier": "diesel", "energy_mwh": [30.0, 10.0]})
    >>> factors(modelled, {"diesel": 50.0, "port.diesel": 45.0})["factor"].tolist()
    [1.5, 0.5]
    """
    findings = Findings()
    check_totals(totals, findings, source)
    sound = not findings.errors
    energy = modelled.groupby(KEY, sort=True)["energy_mwh"].sum()
    given = energy.astype("float64").copy()
    sectors = energy.index.get_level_values("sector").astype("str")
    carriers = energy.index.get_level_values("carrier").astype("str")
    names = sectors + "." + carriers
    own = np.isin(names, list(totals))
    for name, total in totals.items():
        part = (names == name) | (carriers == name)
        column = f"balance.calibration.totals.{name}"
        if not part.any():
            known = sorted({*names, *carriers})
            near = difflib.get_close_matches(name, known, n=1, cutoff=0.0)
            remedy = f"did you mean {near[0]!r}? Known: {', '.join(known)}" if near else "leave it out"
            findings.error(source, f"total of {name!r}, which the model has none of", remedy, column=column)
        elif not sound:
            continue
        elif name in names:
            _scale(given, np.asarray(names == name), total, name, findings, source)
        else:
            rest = total - sum(totals[part_name] for part_name in names[own & part])
            rest = rest if abs(rest) > TOLERANCE * total else 0.0
            _scale(given, np.asarray(part & ~own), rest, name, findings, source)
    findings.raise_errors()
    factor = np.divide(given, energy, out=np.ones(len(energy)), where=energy.to_numpy() != 0.0)
    columns = {"modelled_mwh": energy, "given_mwh": given, "factor": factor}
    return pd.DataFrame(columns, index=energy.index).reset_index()


def check_totals(totals: Mapping[str, float], findings: Findings, source: str = "study.toml") -> None:
    """Add a fault for each total that is negative, or of a carrier and less than its parts; the model is not asked.

    Parameters
    ----------
    totals
        Metered energy [MWh] by ``carrier`` or ``sector.carrier``.
    findings
        Takes the faults.
    source
        What messages call the place the totals were given in.
    """
    for name, total in totals.items():
        column = f"balance.calibration.totals.{name}"
        parts = sorted(part for part, value in totals.items() if part.endswith(f".{name}") and value >= 0.0)
        together = sum(totals[part] for part in parts)
        if not total >= 0.0:
            findings.error(source, f"total of {name!r} is {total} MWh", "give a number >= 0", column=column)
        elif total - together < -TOLERANCE * total:
            problem = f"total of {name!r} is {total:g} MWh, less than {', '.join(parts)} together ({together:g})"
            findings.error(source, problem, "give the total of all sectors, these included", column=column)


def _scale(given: pd.Series, rows: np.ndarray, total: float, name: str, findings: Findings, source: str) -> None:
    """Set the rows of a total, all alike; a total of rows that are all zero cannot be shared."""
    modelled = float(given[rows].sum())
    if modelled > 0.0:
        given[rows] = given[rows] * (total / modelled)
    elif total > 0.0 or modelled < 0.0:
        what = "is negative" if modelled < 0.0 else "is zero" if rows.any() else "is left to no sector"
        problem = f"{total:g} MWh of {name!r} cannot be shared: what the model has of it {what}"
        remedy = "leave the total out, or give the activity that uses it"
        findings.error(source, problem, remedy, column=f"balance.calibration.totals.{name}")
