"""Money over time: annuity, present value and levelised cost, in real terms.

All rates are real (without inflation), as shares a year, not per cent. Payments fall at the end of each year and the
investment at the start of the first.

References
----------
.. [1] Short, W., Packey, D. J., Holt, T. (1995). A Manual for the Economic Evaluation of Energy Efficiency and
   Renewable Energy Technologies. NREL/TP-462-5173, chapters 2 and 3.
.. [2] 国家发展改革委, 建设部 (2006). 建设项目经济评价方法与参数(第三版).
"""

import numpy as np
import numpy.typing as npt

Numbers = npt.ArrayLike
Array = npt.NDArray[np.float64]


def _geometric_sum(ratio: Array, count: Array) -> Array:
    """Return ``sum(ratio ** k for k in 1..count)``, with its limit `count` where the ratio is one."""
    at_one = np.isclose(ratio, 1.0, rtol=0.0, atol=1e-12)
    safe = np.where(at_one, 0.5, ratio)
    return np.where(at_one, count, safe * (1.0 - safe**count) / (1.0 - safe))


def _checked(rate: Numbers, years: Numbers) -> tuple[Array, Array]:
    rates, lives = np.asarray(rate, dtype=np.float64), np.asarray(years, dtype=np.float64)
    if np.any(rates <= -1.0):
        raise ValueError(f"rate must be above -1 a year, got {rates.min()}")
    if np.any(lives <= 0.0):
        raise ValueError(f"years must be above 0, got {lives.min()}")
    return rates, lives


def present_value_factor_array(rate: Numbers, years: Numbers) -> Array:
    """Return the present value of one a year, element by element [CNY/(CNY/a)].

    Parameters
    ----------
    rate
        Real discount rate [1/a], above -1; zero is allowed and gives `years`.
    years
        Number of yearly payments [a], above 0.

    Raises
    ------
    ValueError
        If a rate is -1 or below, or a life is not positive.
    """
    rates, lives = _checked(rate, years)
    return _geometric_sum(1.0 / (1.0 + rates), lives)


def present_value_factor(rate: float, years: float) -> float:
    """Return the present value of one paid at the end of each of `years` years [1]_.

    ``((1 + r)^n - 1) / (r (1 + r)^n)``, and `n` at a rate of zero.

    Parameters
    ----------
    rate
        Real discount rate [1/a].
    years
        Number of yearly payments [a].

    Returns
    -------
    float
        Present value of one a year [CNY/(CNY/a)].

    Raises
    ------
    ValueError
        If the rate is -1 or below, or the years are not positive.

    References
    ----------
    .. [1] Short, Packey, Holt (1995), NREL/TP-462-5173, chapter 2.

    Examples
    --------
    >>> round(present_value_factor(0.06, 20), 4)
    11.4699
    """
    return float(present_value_factor_array(rate, years))


def annuity_factor(rate: float, years: float) -> float:
    """Return the yearly payment that repays one over its life: the capital recovery factor [1]_.

    ``r (1 + r)^n / ((1 + r)^n - 1)``, and ``1 / n`` at a rate of zero.

    Parameters
    ----------
    rate
        Real discount rate [1/a].
    years
        Life [a].

    Returns
    -------
    float
        Yearly payment per investment [1/a].

    Raises
    ------
    ValueError
        If the rate is -1 or below, or the life is not positive.

    References
    ----------
    .. [1] Short, Packey, Holt (1995), NREL/TP-462-5173, chapter 2.

    Examples
    --------
    >>> round(annuity_factor(0.06, 20), 5)
    0.08718
    >>> annuity_factor(0.0, 25)
    0.04
    """
    return 1.0 / present_value_factor(rate, years)


def npv(rate: float, cash_flows: Numbers) -> float:
    """Return the net present value of yearly cash flows, the first of them today [1]_.

    Parameters
    ----------
    rate
        Real discount rate [1/a].
    cash_flows
        Cash flow of years 0, 1, 2 ... [CNY]; an investment is negative.

    Returns
    -------
    float
        Net present value [CNY].

    Raises
    ------
    ValueError
        If the rate is -1 or below.

    References
    ----------
    .. [1] Short, Packey, Holt (1995), NREL/TP-462-5173, chapter 3.

    Examples
    --------
    >>> round(npv(0.1, [-100.0, 60.0, 60.0]), 3)
    4.132
    """
    flows = np.asarray(cash_flows, dtype=np.float64)
    rates, _ = _checked(rate, 1.0)
    return float(np.sum(flows / (1.0 + rates) ** np.arange(flows.size)))


def lcoe_cny_kwh(
    capex_cny: Numbers,
    opex_cny_a: Numbers,
    energy_kwh_a: Numbers,
    rate: Numbers,
    years: Numbers,
    *,
    degradation: Numbers = 0.0,
) -> Array:
    """Return the levelised cost of energy: discounted cost over discounted energy [1]_.

    Energy of year ``k`` is ``energy_kwh_a (1 - degradation)^(k - 1)``; running cost is the same every year.

    Parameters
    ----------
    capex_cny
        Investment today [CNY].
    opex_cny_a
        Running cost [CNY/a].
    energy_kwh_a
        Energy of the first year [kWh/a].
    rate
        Real discount rate [1/a].
    years
        Life [a].
    degradation
        Share of output lost each year after the first [1/a], from 0 to below 1.

    Returns
    -------
    numpy.ndarray
        Levelised cost [CNY/kWh], of the broadcast shape of the arguments; infinite where there is no energy.

    Raises
    ------
    ValueError
        If a rate is -1 or below, a life is not positive, or a degradation is outside 0 to below 1.

    References
    ----------
    .. [1] Short, Packey, Holt (1995), NREL/TP-462-5173, chapter 3.

    Examples
    --------
    >>> print(lcoe_cny_kwh(2700.0, 40.0, 1000.0, 0.06, 25).round(4))
    0.2512
    """
    rates, lives = _checked(rate, years)
    loss = np.asarray(degradation, dtype=np.float64)
    if np.any((loss < 0.0) | (loss >= 1.0)):
        raise ValueError("degradation must lie in 0 to below 1 a year")
    cost = np.asarray(capex_cny, dtype=np.float64) + np.asarray(
        opex_cny_a, dtype=np.float64
    ) * present_value_factor_array(rates, lives)
    discounted_years = _geometric_sum((1.0 - loss) / (1.0 + rates), lives) / (1.0 - loss)
    energy = np.asarray(energy_kwh_a, dtype=np.float64) * discounted_years
    cost, energy = np.broadcast_arrays(cost, energy)
    produces = energy > 0.0
    levelised: Array = np.where(produces, cost / np.where(produces, energy, 1.0), np.inf)
    return levelised
