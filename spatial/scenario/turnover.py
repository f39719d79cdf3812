"""Equipment has a life: what is bought in a year stays until it dies, so stock follows sales with a delay."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

OLDEST_A = 60
"""Age [a] after which nothing is left; three median lives of the longest-lived equipment."""


@dataclass(frozen=True, slots=True)
class Fleet:
    """What stands and runs in each year.

    Attributes
    ----------
    share
        Share of each technology in the stock, shape (years, technologies).
    use
        Energy of each carrier that the stock of a technology takes per unit of activity, averaged over the vintages in
        use, shape (years, technologies, carriers). Where none of a technology is left, that of new equipment.
    """

    share: Floats
    use: Floats


def survival(age_a: Floats, median_a: float, shape: float) -> Floats:
    """Return the share of equipment that is still in use at an age.

    Weibull's curve [1]_ with its scale written by the median life: ``S(a) = 2 ** -(a / median) ** shape``.

    Parameters
    ----------
    age_a
        Age [a], any shape.
    median_a
        Age [a] that half of the equipment reaches.
    shape
        Shape of the curve [1]; 1 is a constant rate of failure, higher values bundle failures about the median.

    References
    ----------
    .. [1] Weibull, W. (1951), A statistical distribution function of wide applicability, Journal of Applied Mechanics
       18(3), 293-297, doi:10.1115/1.4010337

    Examples
    --------
    >>> survival(np.array([0.0, 10.0, 20.0]), 10.0, 1.0).tolist()
    [1.0, 0.5, 0.25]
    """
    return np.asarray(np.exp2(-((age_a / median_a) ** shape)))


def vintages(level: Floats, median_a: float, shape: float) -> Floats:
    """Return how much of each year's stock was bought in which year.

    The stock of the first year is as old as a stock is that has always been of that size. What dies, and what the
    level grows by, is bought new. Where the level falls faster than equipment dies, all vintages give way evenly.

    Parameters
    ----------
    level
        Activity, or stock, in each year, shape (years,); not negative.
    median_a, shape
        Survival, see `survival`.

    Returns
    -------
    ndarray
        Shape (years, vintages): vintage 0 is all that stood in the first year, vintage v is bought in year v. Rows
        sum to the level.
    """
    ages = np.arange(OLDEST_A + 1.0)
    standing = survival(ages, median_a, shape)
    # Chance to live one year more, from the exponents: a ratio of survivals would be 0/0 for the very old.
    stays = np.exp2((ages[:-1] / median_a) ** shape - (ages[1:] / median_a) ** shape)
    by_age = level[0] * standing / standing.sum()
    stock = np.zeros((len(level), len(level)))
    stock[0, 0] = level[0]
    for year in range(1, len(level)):
        old = by_age[:-1] * stays
        survivors = old.sum()
        if survivors > level[year]:
            old *= level[year] / survivors
            survivors = level[year]
        by_age = np.concatenate(([level[year] - survivors], old))
        # Age 0 was bought this year, age 1 last year, and so back to the first year.
        known = min(year, OLDEST_A + 1)
        stock[year, year - known + 1 : year + 1] = by_age[:known][::-1]
        stock[year, 0] += by_age[known:].sum()
    return stock


def turn_over(level: Floats, sales_share: Floats, use: Floats, median_a: float, shape: float) -> Fleet:
    """Return what stands and runs in each year, from what is bought.

    Parameters
    ----------
    level
        Activity in each year, in any unit: only its growth counts, shape (years,).
    sales_share
        Share of each technology in what is bought in a year, shape (years, technologies); in the first year also the
        share in what stands.
    use
        Energy of each carrier that new equipment of a year takes per unit of activity, shape (years, technologies,
        carriers); in the first year also that of what stands.
    median_a
        Median life [a].
    shape
        Shape of the survival curve [1].

    Returns
    -------
    Fleet
        Shares of a year sum to one where the shares of sales do.
    """
    stock = vintages(level, median_a, shape)
    total = stock.sum(axis=1, keepdims=True)
    # Without any stock, what would be bought stands for it.
    weight = np.where(total > 0.0, stock / np.where(total > 0.0, total, 1.0), np.eye(len(level)))
    share = weight @ sales_share
    taken = np.einsum("yv,vt,vtc->ytc", weight, sales_share, use, optimize=True)
    there = share[:, :, None] > 0.0
    return Fleet(share, np.where(there, taken / np.where(there, share[:, :, None], 1.0), use))
