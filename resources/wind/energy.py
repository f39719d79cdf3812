"""Wind energy: height, Weibull distribution, air density and the power curve give a capacity factor.

References
----------
.. [1] IEC 61400-12-1:2017, Power performance measurements of electricity producing wind turbines.
.. [2] Manwell, J. F., McGowan, J. G., Rogers, A. L. (2009). Wind Energy Explained, 2nd ed., sections 2.3 and 2.4.
   doi:10.1002/9781119994367
"""

import numpy as np
import numpy.typing as npt
from scipy.special import gamma, gammainc

from resources.wind.curves import Turbine

Array = npt.NDArray[np.float64]

_CALM_M_S = 0.01  # a place with less wind on average turns no rotor


def at_height(wind_m_s: npt.ArrayLike, height_m: float, to_height_m: float, shear: float) -> Array:
    """Return wind speed [m/s] at another height, by the power law ``v (h2 / h1)^a`` [1]_.

    Parameters
    ----------
    wind_m_s
        Wind speed [m/s] at `height_m`.
    height_m, to_height_m
        Heights above ground or sea [m].
    shear
        Exponent of the power law [-].

    References
    ----------
    .. [1] IEC 61400-1:2019, clause 6.3.2.2 (normal wind profile model).

    Examples
    --------
    >>> at_height(7.0, 100.0, 119.0, 0.11).round(4).item()
    7.1352
    """
    return np.asarray(np.asarray(wind_m_s) * (to_height_m / height_m) ** shear, dtype=np.float64)


def weibull_scale(mean_m_s: npt.ArrayLike, k: float) -> Array:
    """Return the scale ``A = v / Gamma(1 + 1/k)`` [m/s] of the Weibull distribution of a mean wind speed [1]_.

    References
    ----------
    .. [1] Manwell, McGowan, Rogers (2009), eq. 2.61. doi:10.1002/9781119994367

    Examples
    --------
    >>> weibull_scale(7.0, 2.0).round(4).item()
    7.8987
    """
    return np.asarray(np.asarray(mean_m_s, dtype=np.float64) / gamma(1.0 + 1.0 / k), dtype=np.float64)


def density_speed_factor(air_density_kg_m3: float, standard_kg_m3: float) -> float:
    """Return the factor that turns wind speed into the speed of equal power in standard air [1]_.

    ``v_n = v (rho / rho_0)^(1/3)``, the normalisation for turbines with active power control.

    References
    ----------
    .. [1] IEC 61400-12-1:2017, clause 9.1.5 (normalisation of wind speed to a reference air density).

    Examples
    --------
    >>> round(density_speed_factor(1.2, 1.225), 5)
    0.99315
    """
    return float((air_density_kg_m3 / standard_kg_m3) ** (1.0 / 3.0))


def capacity_factor(mean_m_s: npt.ArrayLike, turbine: Turbine, k: float, speed_factor: float = 1.0) -> Array:
    """Return the mean output per capacity of a turbine in Weibull-distributed wind, without losses [1]_.

    The curve is straight between its points, so its mean is exact: integrated by parts,
    ``E[P] = P(v_1) S(v_1) - P(v_n) S(v_n) + sum of slope_i * integral of S over segment i``, with the share of time
    above a speed ``S(v) = exp(-(v/A)^k)``, whose integral is ``(A/k) Gamma(1/k)`` times the regularised lower
    incomplete gamma function of ``1/k`` at ``(v/A)^k``.

    Parameters
    ----------
    mean_m_s
        Mean wind speed at the hub [m/s]; nan gives nan.
    turbine
        The turbine.
    k
        Weibull shape [-].
    speed_factor
        From `density_speed_factor`: the curve is met at speeds divided by it; cut-out stays where it is.

    Returns
    -------
    numpy.ndarray
        Capacity factor [kW/kW], of the shape of `mean_m_s`.

    References
    ----------
    .. [1] Manwell, McGowan, Rogers (2009), section 2.4.2. doi:10.1002/9781119994367

    Examples
    --------
    >>> from resources.wind.curves import turbines
    >>> capacity_factor([0.0, 7.0], turbines()["nrel_5mw_126"], 2.0).round(3).tolist()
    [0.0, 0.337]
    """
    mean = np.asarray(mean_m_s, dtype=np.float64)
    flat = np.atleast_1d(mean).ravel()
    windy = flat > _CALM_M_S
    scale = weibull_scale(np.where(windy, flat, 1.0), k)[:, None]
    cut_out = turbine.cut_out_m_s
    knots = np.append(np.minimum(turbine.wind_m_s / speed_factor, cut_out), cut_out)
    power = np.append(turbine.power_kw, turbine.power_kw[-1]) / turbine.rated_kw
    reduced = (knots / scale) ** k
    above = np.exp(-reduced)
    spent = scale / k * gamma(1.0 / k) * gammainc(1.0 / k, reduced)  # integral of the share above, from 0
    width, rise = np.diff(knots), np.diff(power)
    slope = np.divide(rise, width, out=np.zeros_like(width), where=width > 0.0)
    jump = np.where(width > 0.0, 0.0, rise)  # points pushed together at cut-out
    factor = power[0] * above[:, 0] - power[-1] * above[:, -1] + above[:, 1:] @ jump + np.diff(spent, axis=1) @ slope
    result = np.where(windy, factor, np.where(np.isnan(flat), np.nan, 0.0))
    return np.asarray(np.clip(result, 0.0, 1.0).reshape(mean.shape), dtype=np.float64)
