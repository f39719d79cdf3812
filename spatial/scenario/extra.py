"""What measures cost beside their technologies, from the year they begin."""

from collections.abc import Iterable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from spatial.scenario.adoption import progress

Floats = NDArray[np.float64]


def extra_cost(measures: pd.DataFrame, taken: Iterable[str], years: NDArray[np.int64]) -> Floats:
    """Return what measures cost in each year beside their technologies [CNY/a], shape (years,).

    A measure costs as much of its whole sum as it has come on its way; in the first year, which all scenarios share,
    nothing of it is done yet.

    Parameters
    ----------
    measures
        Table ``measures``.
    taken
        Names of the measures taken; their order makes no difference.
    years
        Years of the account, rising, shape (years,).

    Raises
    ------
    KeyError
        If there is no such measure.

    Examples
    --------
    >>> row = {"measure": ["led"], "extra_cost_cny": [100.0], "start_year": [2020], "end_year": [2022]}
    >>> extra_cost(pd.DataFrame(row | {"curve": ["linear"]}), ["led"], np.arange(2020, 2024)).tolist()
    [0.0, 50.0, 100.0, 100.0]
    """
    flat = measures.reset_index() if "measure" not in measures.columns else measures
    by_name = {str(row["measure"]): row for row in flat.to_dict("records")}
    total = np.zeros(len(years))
    for name in sorted(taken):
        row = by_name[name]
        start = max(int(row["start_year"]), int(years[0]))
        total += float(row["extra_cost_cny"]) * progress(years, start, int(row["end_year"]), str(row["curve"]))
    return total
