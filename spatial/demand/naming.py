"""What the classes of buildings are called, in the stock and in the columns of the profiles."""

import pandas as pd


def class_name(archetype: str, form: str, vintage: str) -> str:
    """Return the name of a class, as columns of DEMAND_PROFILES begin.

    Examples
    --------
    >>> class_name("office", "tower", "nzeb")
    'office|tower|nzeb'
    """
    return f"{archetype}|{form}|{vintage}"


def class_names(stock: pd.DataFrame) -> pd.Series:
    """Return the class of every row of the stock, or of other rows with ``archetype``, ``form`` and ``vintage``.

    Returns
    -------
    Series
        With the index of `stock`.

    Examples
    --------
    >>> class_names(pd.DataFrame({"archetype": ["office"], "form": ["tower"], "vintage": ["nzeb"]})).tolist()
    ['office|tower|nzeb']
    """
    return stock["archetype"] + "|" + stock["form"] + "|" + stock["vintage"]
