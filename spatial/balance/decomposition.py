"""Why CO2 changes from year to year: additive LMDI-I by sector, exact with every zero a tree can have."""

from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Places = NDArray[np.integer[Any]]

EFFECTS = ("activity", "structure", "intensity", "carrier_mix", "grid")
SUBSECTOR = ["scenario", "sector", "subsector"]
LEAF = [*SUBSECTOR, "carrier"]
NO_UNIT = ""


def log_mean(a: Floats, b: Floats) -> Floats:
    """Return the logarithmic mean of two positive arrays, (a - b) / ln(a / b), and a where both are the same.

    References
    ----------
    Ang (2004), doi:10.1016/S0301-4215(03)00076-4.

    Examples
    --------
    >>> log_mean(np.array([np.e, 2.0]), np.array([1.0, 2.0])).round(6).tolist()
    [1.718282, 2.0]
    """
    high, low = np.maximum(a, b), np.minimum(a, b)
    # The logarithm of a ratio near one loses its digits; that of one plus the small excess does not.
    excess = (high - low) / high
    near = excess < 0.5
    logs = np.where(near, -np.log1p(-np.where(near, excess, 0.0)), np.log(high) - np.log(low))
    return np.asarray(np.divide(high - low, logs, out=high.copy(), where=logs > 0.0))


def decompose(end_uses: pd.DataFrame, tree_activity: pd.DataFrame) -> pd.DataFrame:
    """Return the change of CO2 against the year before by effect, for every scenario, year and sector.

    CO2 of a carrier in a subsector is a product of five factors, each named after its effect: the activity of its
    group (the subsectors of the sector whose activity has one unit), the subsector's share in the group
    (structure), its energy per activity (intensity), the carrier's share in that energy (carrier_mix) and CO2 per
    energy of the carrier (grid). The last moves with the grid, own generation and bought green power, and with what
    plants of district heat and cold take; fuels stay as they are. Effects add up to the change.

    Parameters
    ----------
    end_uses
        Table END_USES: energy_mwh [MWh] and co2_t [t].
    tree_activity
        Table TREE_ACTIVITY, in the unit each subsector is counted in.

    Returns
    -------
    DataFrame
        Table DECOMPOSITION: co2_t [t] by scenario, year (the later of two that follow each other in the table),
        sector and effect.

    Raises
    ------
    ValueError
        If the activity of a subsector has two units.

    Notes
    -----
    Zeros are taken at their analytical limits (Ang and Liu 2007, eight cases): a product that is zero in both years
    has no effect, and one that rises from or falls to zero is put down to the factor that does so. A factor that
    is nothing over nothing in that year counts as unchanged, so exactly one factor is zero: the first in the chain.

    Two things have no such product. A subsector that has energy but no activity in either of the two years is driven
    by its energy itself, which is counted as activity. Rows with energy or CO2 below zero (credits of
    co-generation), or with CO2 but no energy, in either year count with their plain difference as carrier_mix, and
    stay out of the energy of their subsector.

    References
    ----------
    Ang (2004), doi:10.1016/S0301-4215(03)00076-4; Ang (2015), doi:10.1016/j.enpol.2015.07.007; Ang and Liu (2007),
    doi:10.1016/j.enpol.2006.11.007.
    """
    leaves = end_uses.groupby([*LEAF, "year"], sort=True)[["energy_mwh", "co2_t"]].sum()
    energy = leaves["energy_mwh"].unstack("year", fill_value=0).sort_index(axis=1)  # noqa: PD010 - sums are unique
    co2 = leaves["co2_t"].unstack("year", fill_value=0).sort_index(axis=1)  # noqa: PD010
    # A year in which nothing is used, as before a zone is built, has activities and no leaves.
    every = np.unique([*end_uses["year"], *tree_activity["year"]])
    energy, co2 = (side.reindex(columns=every, fill_value=0.0) for side in (energy, co2))
    names = energy.index.to_frame(index=False)
    own, group = _activities(tree_activity, names, energy.columns)
    subsector = names.groupby(SUBSECTOR, sort=True).ngroup().to_numpy()
    effects = _effects(energy.to_numpy(dtype=float), co2.to_numpy(dtype=float), own, group, subsector)
    years = energy.columns.to_numpy()[1:]
    sectors = names[["scenario", "sector"]]
    frames = [
        pd.concat([sectors, pd.DataFrame(effect, columns=years)], axis=1)
        .groupby(["scenario", "sector"], sort=True)
        .sum()
        .reset_index()
        .melt(["scenario", "sector"], var_name="year", value_name="co2_t")
        .assign(effect=name, place=place)
        for place, (name, effect) in enumerate(zip(EFFECTS, effects, strict=True))
    ]
    found = pd.concat(frames, ignore_index=True).sort_values(["scenario", "year", "sector", "place"])
    found["year"] = found["year"].astype(np.int64)
    return found[["scenario", "year", "sector", "effect", "co2_t"]].reset_index(drop=True)


def _activities(table: pd.DataFrame, names: pd.DataFrame, years: pd.Index) -> tuple[Floats, Floats]:
    """Return the activity of each leaf's subsector and of its group, shape (leaves, years); zero where unknown."""
    units = table[["sector", "subsector", "unit"]].drop_duplicates()
    if (twice := units.duplicated(["sector", "subsector"])).any():
        raise ValueError(f"tree_activity: {', '.join(units.loc[twice, 'subsector'])} has two units; keep one")
    leaf = names.merge(units, on=["sector", "subsector"], how="left")
    leaf["unit"] = leaf["unit"].fillna(NO_UNIT)

    def path(key: list[str]) -> Floats:
        sums = table.groupby([*key, "year"], sort=True)["activity"].sum().unstack("year")  # noqa: PD010
        wide = sums.reindex(index=pd.MultiIndex.from_frame(leaf[key]), columns=years).fillna(0.0)
        return wide.to_numpy(dtype=float)

    return path(SUBSECTOR), path(["scenario", "sector", "unit"])


def _effects(energy: Floats, co2: Floats, own: Floats, group: Floats, subsector: Places) -> list[Floats]:
    """Return the effects on each leaf between years that follow each other, shape (leaves, years - 1)."""
    c0, c1 = co2[:, :-1], co2[:, 1:]
    product = _plain(energy[:, :-1], c0) & _plain(energy[:, 1:], c1)
    e0, e1 = (np.where(product, side, 0.0) for side in (energy[:, :-1], energy[:, 1:]))
    s0, s1 = _sums(e0, subsector), _sums(e1, subsector)
    a0, a1 = own[:, :-1], own[:, 1:]
    driven = ((a0 <= 0.0) & (s0 > 0.0)) | ((a1 <= 0.0) & (s1 > 0.0))
    a0, a1 = np.where(driven, s0, a0), np.where(driven, s1, a1)
    q0, q1 = np.where(driven, s0, group[:, :-1]), np.where(driven, s1, group[:, 1:])
    # What each factor is a ratio of: the product of the first k factors is the k-th of these.
    before, after = [q0, a0, s0, e0, c0], [q1, a1, s1, e1, c1]

    both = product & (c0 > 0.0) & (c1 > 0.0)
    weight = np.zeros_like(c0)
    weight[both] = log_mean(c1[both], c0[both])
    growth = [
        np.log(np.where(both, y, 1.0)) - np.log(np.where(both, x, 1.0)) for x, y in zip(before, after, strict=True)
    ]
    found = [weight * growth[0]]
    found += [weight * (later - earlier) for earlier, later in pairwise(growth)]

    change = c1 - c0
    for at_zero, levels in ((c0, before), (c1, after)):
        left = product & (at_zero == 0.0) & (change != 0.0)
        for place, level in enumerate(levels):
            cause = left & (level == 0.0)
            found[place] = found[place] + np.where(cause, change, 0.0)
            left &= ~cause
    mix = EFFECTS.index("carrier_mix")
    found[mix] = found[mix] + np.where(product, 0.0, change)
    return found


def _plain(energy: Floats, co2: Floats) -> Flags:
    """Return where energy and CO2 can be factors of a product."""
    return np.asarray((energy >= 0.0) & (co2 >= 0.0) & ((energy > 0.0) | (co2 == 0.0)))


def _sums(values: Floats, groups: Places) -> Floats:
    """Return, for each row, the sum over its group."""
    total = np.zeros((int(groups.max(initial=-1)) + 1, values.shape[1]))
    np.add.at(total, groups, values)
    return np.asarray(total[groups])
