"""The waterfall of CO2: from the base year to the target year by sector, and between scenarios by measure."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from layers.tables.balance import SECTORS

Steps = list[tuple[str, float]]

AGREEMENT = 1e-6
"""The account and the evaluation of measures are one model: what differs by more is a fault, not rounding."""
ROUNDING = 1e-9


def waterfall(
    balance: pd.DataFrame,
    scenarios: Sequence[str],
    abatement: pd.DataFrame,
    target_year: int,
    base_year: int | None = None,
) -> pd.DataFrame:
    """Return the steps of CO2 [t] from base year to target year by sector, and between scenarios by measure.

    Parameters
    ----------
    balance
        Table BALANCE.
    scenarios
        Scenarios in their order: the first is what happens without measures, the last has all.
    abatement
        Table ABATEMENT; where it is empty, there are no steps by measure.
    target_year
        Year in which scenarios are compared.
    base_year
        Year the way begins; None for the first of the table, which lacks years in which nothing is used.

    Returns
    -------
    DataFrame
        Table WATERFALL. By sector: level ``base_year``, changes ``<scenario>.<sector>``, level ``<scenario>`` for the
        first and the last scenario. By measure: level of the first scenario, a change named after each measure in
        the order taken, level of the last. Changes close on the levels; a step ``rest`` holds what rounding leaves,
        where that can be seen.

    Raises
    ------
    ArithmeticError
        If the account and the evaluation of the measures do not end at the same CO2.
    """
    start = int(balance["year"].min()) if base_year is None else base_year
    parts = {"sector": _by_sector(balance, scenarios, start, target_year)}
    if len(abatement) and scenarios[0] != scenarios[-1]:
        parts["measure"] = _by_measure(balance, scenarios, abatement, target_year)
    frames = [
        pd.DataFrame(steps, columns=["step", "co2_t"]).assign(by=by, order=np.arange(len(steps)))
        for by, steps in parts.items()
    ]
    return pd.concat(frames, ignore_index=True)[["by", "step", "co2_t", "order"]]


def _level(balance: pd.DataFrame, scenario: str, year: int) -> pd.Series:
    rows = balance[(balance["scenario"] == scenario) & (balance["year"] == year)]
    return rows.groupby("sector")["co2_t"].sum().reindex(SECTORS, fill_value=0.0)


def _by_sector(balance: pd.DataFrame, scenarios: Sequence[str], base_year: int, target_year: int) -> Steps:
    before = _level(balance, scenarios[0], base_year)
    steps = [("base_year", float(before.sum()))]
    for scenario in dict.fromkeys([scenarios[0], scenarios[-1]]):
        after = _level(balance, scenario, target_year)
        steps += [(f"{scenario}.{sector}", float(change)) for sector, change in (after - before).items()]
        steps.append((scenario, float(after.sum())))
        before = after
    return steps


def _by_measure(balance: pd.DataFrame, scenarios: Sequence[str], abatement: pd.DataFrame, target_year: int) -> Steps:
    first, last = scenarios[0], scenarios[-1]
    start, end = (float(_level(balance, scenario, target_year).sum()) for scenario in (first, last))
    taken = abatement.reset_index().sort_values("order")
    evaluated = float(taken["zone_t"].iloc[-1])
    scale = max(abs(start), abs(end))
    if abs(evaluated - end) > AGREEMENT * scale:
        raise ArithmeticError(f"measures end at {evaluated:.6g} t, the account of {last} at {end:.6g} t")
    changes = -taken["step_t"].to_numpy(dtype=float)
    rest = end - start - float(changes.sum())
    if abs(rest) > AGREEMENT * scale:
        raise ArithmeticError(f"steps of the measures miss the way from {first} to {last} by {rest:.6g} t")
    steps = [(first, start), *((str(name), float(x)) for name, x in zip(taken["measure"], changes, strict=True))]
    if abs(rest) > ROUNDING * scale:
        steps.append(("rest", rest))
    return [*steps, (last, end)]
