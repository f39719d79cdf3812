"""Plants: what the modules on each building give in the months of a year, and what that costs and earns.

Hours are computed once per class of plane (its tilt, direction, mounting and rows); an array has a class, a capacity
and the light its surroundings leave it.

References
----------
.. [1] Dobos, A. P. (2014). PVWatts Version 5 Manual. NREL/TP-6A20-62641, table 6. doi:10.2172/1158421
.. [2] Thevenard, D., Pelland, S. (2013). Estimating the uncertainty in long-term photovoltaic yield predictions. Solar
   Energy 91, 432-445. doi:10.1016/j.solener.2011.05.006
"""

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, field_validator

from layers.constants import constants
from layers.errors import refuse
from layers.units import KWH_PER_MWH
from layers.weather.sun import sun_position
from resources.economics import lcoe_cny_kwh
from resources.photovoltaics import FULL_CIRCLE_DEG, SolarOptions, ac_output, dc_output, plane_irradiance
from resources.rooftop.facing import MOST_LIGHT
from resources.rooftop.layout import LAYOUTS, empty
from resources.rooftop.rows import behind_rows, figure, numbers
from resources.technology import Technology, technologies

Floats = NDArray[np.float64]

MONTHS = tuple(range(1, 13))
BELOW_P90 = NormalDist().inv_cdf(0.9)
"""Standard deviations between what is passed with 50 % and with 90 % probability."""
MONTH_COLUMNS = tuple(f"mwh_{month:02d}" for month in MONTHS)
PLANT_COLUMNS = (
    *("kwp", "module_m2", "mwh", "mwh_p90", "kwh_kwp", *MONTH_COLUMNS),
    *("capex_cny", "opex_cny_a", "lcoe_cny_kwh", "payback_years", "discounted_payback_years", "npv_cny"),
)


def _data_set_uncertainty() -> float:
    """Return the standard deviation whose nine cases of ten are the bounds of the data sets [1]."""
    row = numbers()["uncertainty.data_set"]
    if row.low is None or row.high is None:
        raise ValueError("rooftop.csv: uncertainty.data_set needs low and high")
    return (row.high - row.low) / (2.0 * NormalDist().inv_cdf(0.95))


class PlantOptions(BaseModel):
    """What the planner may choose about plants; defaults stand in ``rooftop.csv``, ``finance.csv``, ``tariffs.csv``."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    technology: str = Field(default_factory=lambda: numbers()["plant.technology"].text)
    """Row of the technology catalogue that says what a plant costs and how long it lasts."""
    self_use: float = Field(default_factory=lambda: figure("plant.self_use"), ge=0.0, le=1.0)
    """Share of output that the building takes itself; the rest is sold to the grid [1]."""
    self_use_cny_kwh: float = Field(
        default_factory=lambda: constants("resources", "finance.csv").value("price.electricity.pv_self_use"), ge=0.0
    )
    """What output is worth that the building takes itself [CNY/kWh]."""
    feed_in_cny_kwh: float = Field(
        default_factory=lambda: constants("resources", "tariffs.csv").value("export.mechanism"), ge=0.0
    )
    """What the grid pays [CNY/kWh]."""
    least_kwh_kwp: float = Field(default_factory=lambda: figure("plant.least_yield"), ge=0.0)
    """Yield of the first year below which an array is not built [kWh/kWp]."""
    data_set_uncertainty: float = Field(default_factory=_data_set_uncertainty, ge=0.0, lt=0.5)
    """Standard deviation of a data set's irradiation over many years [1]."""
    year_uncertainty: float = Field(default_factory=lambda: figure("uncertainty.year"), ge=0.0, lt=0.5)
    """Standard deviation of single years [1]."""
    model_uncertainty: float = Field(default_factory=lambda: figure("uncertainty.model"), ge=0.0, lt=0.5)
    """Standard deviation of all that leads from irradiation to output [1]."""

    @field_validator("technology")
    @classmethod
    def _known(cls, name: str) -> str:
        if name not in technologies():
            raise ValueError(f"technology {name!r} is not in technology.csv")
        return name

    @property
    def price_cny_kwh(self) -> float:
        """What a kilowatt-hour earns, used and sold together [CNY/kWh]."""
        return self.self_use * self.self_use_cny_kwh + (1.0 - self.self_use) * self.feed_in_cny_kwh


def uncertainty(options: PlantOptions) -> float:
    """Return the standard deviation of a single year's output over the expected one [1]_.

    Root of the sum of squares, as the parts do not depend on each other. It is the same for all plants of a zone and
    does not average out over them.

    Examples
    --------
    >>> round(uncertainty(PlantOptions(data_set_uncertainty=0.05)), 3)
    0.087

    References
    ----------
    .. [1] Thevenard, Pelland (2013), doi:10.1016/j.solener.2011.05.006
    """
    parts = (options.data_set_uncertainty, options.year_uncertainty, options.model_uncertainty)
    return float(np.linalg.norm(parts))


def named_losses() -> dict[str, float]:
    """Return the losses of the DC side by name, as shares of what comes before each of them [1]."""
    return {name: row.value for name, row in numbers().under("loss").items()}


def losses_beside_shading(options: SolarOptions) -> float:
    """Return the losses of the DC side without that to shading, for where shade is computed [1].

    The losses of PVWatts hold 3 % for shade that nobody looked at; beside a light share it would count twice.

    Raises
    ------
    ValueError
        If the losses of `options` are less than that to shading alone.

    Examples
    --------
    >>> round(losses_beside_shading(SolarOptions()), 4)
    0.1142
    """
    shade = named_losses()["shading"]
    if options.losses < shade:
        raise ValueError(f"losses of {options.losses:g} do not hold the {shade:g} of shading that is to be left out")
    return 1.0 - (1.0 - options.losses) / (1.0 - shade)


@dataclass(frozen=True, slots=True)
class PlaneClass:
    """Planes that share their hours: tilt and direction [deg], and slant height of rows over their distance [1]."""

    layout: str
    mount: str
    tilt_deg: float
    azimuth_deg: float
    cover: float

    @property
    def name(self) -> str:
        """Name of the class.

        Examples
        --------
        >>> PlaneClass("south", "roof", 22.0, 180.0, 0.62).name
        'south/roof/22/180/0.62'
        """
        return f"{self.layout}/{self.mount}/{self.tilt_deg:g}/{self.azimuth_deg:g}/{self.cover:g}"


def _classes(arrays: pd.DataFrame) -> list[PlaneClass]:
    """Return the class of each array; tilt, direction and cover go in steps."""

    def stepped(values: pd.Series, name: str) -> pd.Series:
        step = figure(f"class.{name}_step")
        return (values / step).round() * step

    tilt = stepped(arrays["tilt_deg"], "tilt")
    # a level plane faces nowhere
    azimuth = (stepped(arrays["azimuth_deg"], "azimuth") % FULL_CIRCLE_DEG).where(tilt > 0.0, 0.0)
    cover = stepped((arrays["slant_m"] / arrays["pitch_m"]).fillna(0.0), "cover")
    return [PlaneClass(*row) for row in zip(arrays["layout"], arrays["mount"], tilt, azimuth, cover, strict=True)]


def _check_arrays(arrays: pd.DataFrame) -> None:
    """Raise one error that names all faults of the arrays."""
    needed = ("building_id", "layout", "mount", "tilt_deg", "azimuth_deg", "pitch_m", "slant_m", "module_m2", "kwp")
    refuse({"arrays lack columns": [name for name in needed if name not in arrays.columns]})
    ids = arrays.index.to_series()
    kwp = arrays["kwp"].astype(float)
    mounts = {key.split(".", 1)[0] for key in constants("resources", "solar.csv").under("mount")}
    refuse(
        {
            "array_id must not stand twice": ids[ids.duplicated()].unique(),
            f"layout must be one of {', '.join(LAYOUTS)}": ids[~arrays["layout"].isin(LAYOUTS)],
            f"mount must be one of {', '.join(sorted(mounts))}": ids[~arrays["mount"].isin(mounts)],
            "tilt_deg and azimuth_deg must not be empty": ids[arrays[["tilt_deg", "azimuth_deg"]].isna().any(axis=1)],
            "kwp must be above 0": ids[~((kwp > 0.0) & np.isfinite(kwp))],
        }
    )


def class_profiles(
    arrays: pd.DataFrame,
    weather: pd.DataFrame,
    site: pd.DataFrame,
    options: SolarOptions,
    *,
    shade_computed: bool = True,
) -> tuple[pd.DataFrame, pd.Series]:
    """Return the hourly AC output of each class of plane, and the class of each array.

    Parameters
    ----------
    arrays
        Result of `arrays_of`.
    weather, site
        Tables of the weather (contracts ``WEATHER`` and ``SITE``).
    options
        Albedo, losses, inverter and temperature coefficient.
    shade_computed
        Whether shade is told by rows and light shares, so that the losses of `options` count without shading; otherwise
        they count as they are.

    Returns
    -------
    profiles : pandas.DataFrame
        Hours x classes [kW/kWp], first year, with the shade of rows on each other but none of the surroundings.
    class_of_array : pandas.Series
        Name of the class, by ``array_id``.

    Raises
    ------
    ValueError
        If the arrays have faults, all of which are named, or the losses do not hold that to shading.
    """
    _check_arrays(arrays)
    losses = losses_beside_shading(options) if shade_computed else options.losses
    chosen = options.model_copy(update={"losses": losses})
    classes = _classes(arrays)
    sun = sun_position(site, pd.DatetimeIndex(weather.index))
    profiles: dict[str, Floats] = {}
    for item in sorted(set(classes), key=lambda one: one.name):
        plane = plane_irradiance(weather, sun, item.tilt_deg, item.azimuth_deg, options.albedo)
        light = behind_rows(plane, sun, item.tilt_deg, item.azimuth_deg, item.cover)
        profiles[item.name] = ac_output(dc_output(light, weather, item.mount, chosen), chosen)
    names = pd.Series([item.name for item in classes], index=arrays.index, dtype="str", name="pv_class")
    return pd.DataFrame(profiles, index=weather.index), names


def array_yields(
    arrays: pd.DataFrame, profiles: pd.DataFrame, class_of_array: pd.Series, light: pd.DataFrame
) -> pd.DataFrame:
    """Return what each array gives in each month of the first year [MWh].

    The light share acts on output as on light: that shade makes cells cooler and inverters clip less is left out, and
    sky that rows and surroundings both hide is lost twice. All three make the yield a little too low.

    Parameters
    ----------
    arrays
        Result of `arrays_of`.
    profiles, class_of_array
        Results of `class_profiles`.
    light
        Share of the open irradiation that the surroundings leave [1], by ``array_id`` and month 1 to 12.

    Returns
    -------
    pandas.DataFrame
        Index of `arrays`, columns 1 to 12.

    Raises
    ------
    ValueError
        If months or arrays are missing or shares are not within 0 to 1.05; all faults are named.
    """
    _check_arrays(arrays)
    ids = arrays.index.to_series()
    month = pd.DatetimeIndex(profiles.index).month
    refuse(
        {
            "profiles lack months": [number for number in MONTHS if number not in month],
            "light lacks months": [number for number in MONTHS if number not in light.columns],
            "light lacks arrays": ids[~ids.isin(light.index)],
            "light has arrays twice": light.index[light.index.duplicated()].unique(),
            "class_of_array lacks arrays": ids[~ids.isin(class_of_array.index)],
        }
    )
    share = light.loc[arrays.index, list(MONTHS)].astype(float)
    refuse({f"light must lie in 0 to {MOST_LIGHT:g}": ids[~((share >= 0.0) & (share <= MOST_LIGHT)).all(axis=1)]})
    by_class = profiles.groupby(month).sum().T.reindex(columns=MONTHS)
    kwh_kwp = by_class.loc[class_of_array.loc[arrays.index]].to_numpy()
    mwh = arrays["kwp"].to_numpy()[:, None] * kwh_kwp * share.to_numpy() / KWH_PER_MWH
    return pd.DataFrame(mwh, index=arrays.index, columns=list(MONTHS))


def worth_building(arrays: pd.DataFrame, yields: pd.DataFrame, options: PlantOptions) -> pd.Series:
    """Return whether each array gives at least `PlantOptions.least_kwh_kwp` in its first year."""
    return yields.sum(axis=1) * KWH_PER_MWH >= options.least_kwh_kwp * arrays["kwp"]


def payback_years(capex: Floats, incomes: Floats) -> Floats:
    """Return after how many years incomes have repaid an investment, infinite where they never do [a].

    Parameters
    ----------
    capex
        Investment, shape (plants,) [CNY].
    incomes
        Net income of the years, discounted or not, shape (plants, years) [CNY]; it comes evenly over a year.

    Examples
    --------
    >>> payback_years(np.array([100.0, 100.0]), np.array([[40.0, 40.0, 40.0], [10.0, 10.0, 10.0]])).tolist()
    [2.5, inf]
    """
    repaid = np.cumsum(incomes, axis=1)
    enough = repaid >= capex[:, None]
    year = enough.argmax(axis=1)
    plant = np.arange(len(capex))
    income = incomes[plant, year]
    left = repaid[plant, year] - capex
    return np.where(enough.any(axis=1), year + 1.0 - left / np.where(income > 0.0, income, 1.0), np.inf)


def _money(mwh: Floats, kwp: Floats, options: PlantOptions, solar: SolarOptions, kind: Technology) -> dict[str, Floats]:
    """Return cost, payback and net present value of plants by column."""
    capex = kwp * kind.capex_in(solar.cost_year)
    opex = capex * kind.opex_share
    year = np.arange(1, round(kind.life) + 1)
    kwh = mwh[:, None] * KWH_PER_MWH * (1.0 - solar.degradation) ** (year - 1)
    income = kwh * options.price_cny_kwh - opex[:, None]
    discounted = income / (1.0 + solar.discount_rate) ** year
    cost = lcoe_cny_kwh(
        capex, opex, mwh * KWH_PER_MWH, solar.discount_rate, float(year[-1]), degradation=solar.degradation
    )
    return {
        "capex_cny": capex,
        "opex_cny_a": opex,
        "lcoe_cny_kwh": cost,
        "payback_years": payback_years(capex, income),
        "discounted_payback_years": payback_years(capex, discounted),
        "npv_cny": discounted.sum(axis=1) - capex,
    }


def plants_of(arrays: pd.DataFrame, yields: pd.DataFrame, options: PlantOptions, solar: SolarOptions) -> pd.DataFrame:
    """Return the plant of each building: capacity, output, cost and earnings.

    Arrays that are not `worth_building` are left out, and buildings without any other array with them. Output falls by
    `SolarOptions.degradation` each year after the first, whose own drop stands among the losses.

    Parameters
    ----------
    arrays
        Result of `arrays_of`.
    yields
        Result of `array_yields`.
    options
        Prices, technology, least yield and uncertainty.
    solar
        Year of cost, discount rate and degradation.

    Returns
    -------
    pandas.DataFrame
        Index ``building_id``, sorted; ``kwp``, ``module_m2``, ``mwh`` (first year, as likely more as less), ``mwh_p90``
        (passed with 90 % probability), ``kwh_kwp``, ``mwh_01`` to ``mwh_12``, ``capex_cny``, ``opex_cny_a``,
        ``lcoe_cny_kwh``, ``payback_years`` and ``discounted_payback_years`` (infinite where never), ``npv_cny``.

    Raises
    ------
    ValueError
        If arrays have faults or lack yields; all faults are named.
    """
    _check_arrays(arrays)
    ids = arrays.index.to_series()
    refuse(
        {
            "yields lack months": [month for month in MONTHS if month not in yields.columns],
            "yields lack arrays": ids[~ids.isin(yields.index)],
        }
    )
    mwh = yields.loc[arrays.index, list(MONTHS)].astype(float)
    refuse({"yields must be 0 or more": ids[~((mwh >= 0.0) & np.isfinite(mwh)).all(axis=1)]})
    kept = worth_building(arrays, mwh, options)
    if not kept.any():
        return empty(dict.fromkeys(PLANT_COLUMNS, "float64"), "building_id")
    parts = mwh.set_axis(list(MONTH_COLUMNS), axis=1).assign(kwp=arrays["kwp"], module_m2=arrays["module_m2"])
    plants = parts[kept].groupby(arrays.loc[kept, "building_id"], sort=True).sum()
    plants.index.name = "building_id"
    year = plants[list(MONTH_COLUMNS)].sum(axis=1)
    below = BELOW_P90 * uncertainty(options)
    plants = plants.assign(mwh=year, mwh_p90=year * (1.0 - below), kwh_kwp=year * KWH_PER_MWH / plants["kwp"])
    money = _money(year.to_numpy(), plants["kwp"].to_numpy(), options, solar, technologies()[options.technology])
    return plants.assign(**money)[list(PLANT_COLUMNS)]
