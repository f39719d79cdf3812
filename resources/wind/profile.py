"""The hours of wind: the weather's order of calm and storm, the site's distribution, and exactly the year's energy.

References
----------
.. [1] Staffell, I., Pfenninger, S. (2016). Using bias-corrected reanalysis to simulate current and future wind power
   output. Energy 114, 1224-1239. doi:10.1016/j.energy.2016.08.068
"""

from functools import cache

import numpy as np
import numpy.typing as npt
import pandas as pd

from resources.wind.curves import turbines
from resources.wind.energy import weibull_scale
from resources.wind.options import figure

Array = npt.NDArray[np.float64]

_STEP = 0.05  # m/s, resolution of the smoothed curve
_FASTEST = 60.0  # m/s
_HALVINGS = 60


@cache
def smoothed_curve(model: str) -> tuple[Array, Array]:
    """Return wind speeds [m/s] and the output per capacity [kW/kW] of many turbines within an hour [1]_.

    The wind is not the same at all turbines and minutes of an hour: the curve is averaged over a normal distribution
    of speeds with a standard deviation of ``0.6 + 0.2 v`` [m/s].

    Parameters
    ----------
    model
        Name of the turbine.

    References
    ----------
    .. [1] Staffell and Pfenninger (2016), section 2.2. doi:10.1016/j.energy.2016.08.068
    """
    speed = np.arange(0.0, _FASTEST + _STEP / 2, _STEP)
    spread = figure("smoothing.base") + figure("smoothing.slope") * speed
    weights = np.exp(-0.5 * ((speed[None, :] - speed[:, None]) / spread[:, None]) ** 2)
    return speed, weights @ turbines()[model].output(speed) / weights.sum(axis=1)


def quantile_map(wind_m_s: npt.ArrayLike, mean_m_s: float, k: float) -> Array:
    """Give hours the wind speeds of a Weibull distribution in the order of a measured series.

    The hour with the p-th lowest wind gets the Weibull quantile ``A (-ln(1 - p))^(1/k)``, with the plotting position
    ``p = (rank - 0.5) / n``; hours of equal wind get equal speeds.

    Parameters
    ----------
    wind_m_s
        Hourly wind speed [m/s]; only its order counts, so its height does not.
    mean_m_s
        Mean wind speed wanted [m/s].
    k
        Weibull shape [-].

    References
    ----------
    Gudmundsson, L. et al. (2012), Hydrol. Earth Syst. Sci. 16, 3383-3390, doi:10.5194/hess-16-3383-2012 (distribution
    derived transformations).

    Examples
    --------
    >>> quantile_map([3.0, 1.0, 9.0], 6.0, 2.0).round(2).tolist()
    [5.64, 2.89, 9.06]
    """
    wind = pd.Series(np.asarray(wind_m_s, dtype=np.float64))
    share = (wind.rank(method="average").to_numpy() - 0.5) / len(wind)
    return np.asarray(weibull_scale(mean_m_s, k) * (-np.log1p(-share)) ** (1.0 / k), dtype=np.float64)


def hourly_output(wind_m_s: Array, model: str, kept: float, target: float, speed_factor: float = 1.0) -> Array:
    """Return hourly output per capacity [kW/kW] whose mean is exactly a net capacity factor.

    Speeds are scaled by one factor, found by halving, until the smoothed curve less the losses gives the target.

    Parameters
    ----------
    wind_m_s
        Hourly wind at the hub [m/s].
    model
        Name of the turbine.
    kept
        Share of output left after losses.
    target
        Net capacity factor of the year [kW/kW].
    speed_factor
        From `resources.wind.energy.density_speed_factor`.

    Returns
    -------
    numpy.ndarray
        Output per capacity; zero where the target is zero. If no wind reaches the target, the nearest is scaled up.
    """
    if target <= 0.0:
        return np.zeros(wind_m_s.shape)
    speed, output = smoothed_curve(model)
    best = int(np.argmax(output))

    def at(factor: float) -> Array:
        return kept * np.interp(wind_m_s * speed_factor * factor, speed, output)

    low, high = 0.0, max(1.0, float(speed[best]) / max(float(wind_m_s.mean()) * speed_factor, _STEP))
    while at(high).mean() < target and high < 1e3:
        previous = at(high).mean()
        if at(high * 1.1).mean() <= previous:
            break
        high *= 1.1
    for _ in range(_HALVINGS):
        middle = (low + high) / 2.0
        low, high = (middle, high) if at(middle).mean() < target else (low, middle)
    hours = at(high)
    return np.asarray(np.clip(hours * (target / hours.mean()), 0.0, 1.0), dtype=np.float64)
