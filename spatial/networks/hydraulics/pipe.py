"""Water in pipes: properties, friction, heat loss and pumping.

References
----------
.. [1] Kell, G. S. (1975). Density, thermal expansivity, and compressibility of liquid water from 0 to 150 C. Journal of
   Chemical and Engineering Data 20, 97-105. doi:10.1021/je60064a005
.. [2] Pátek, J., Hrubý, J., Klomfar, J., Součková, M., Harvey, A. H. (2009). Reference correlations for thermophysical
   properties of liquid water at 0.1 MPa. Journal of Physical and Chemical Reference Data 38, 21-29.
   doi:10.1063/1.3043575
.. [3] Colebrook, C. F. (1939). Turbulent flow in pipes. Journal of the Institution of Civil Engineers 11, 133-156.
   doi:10.1680/ijoti.1939.13150
.. [4] Swamee, P. K., Jain, A. K. (1976). Explicit equations for pipe-flow problems. Journal of the Hydraulics Division
   102, 657-664. doi:10.1061/JYCEAJ.0004542
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from layers.constants import constants
from layers.units import ZERO_CELSIUS_K
from spatial.networks.hydraulics.kernel import accumulate_rows, friction_factors

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Water:
    """Water at one temperature: density [kg/m3], dynamic viscosity [Pa s], specific heat [J/(kg K)]."""

    density: float
    viscosity: float
    specific_heat: float


def _polynomial(prefix: str, at: float) -> float:
    terms = constants("spatial.networks.hydraulics", "water.csv").under(prefix)
    return float(sum(row.value * at ** int(power) for power, row in terms.items()))


def water(temperature_c: float) -> Water:
    """Return the properties of liquid water at atmospheric pressure [1]_ [2]_.

    Parameters
    ----------
    temperature_c
        Temperature [C], from 0 to 150.

    Raises
    ------
    ValueError
        If the temperature lies outside the range of the correlations.

    Examples
    --------
    >>> hot = water(60.0)
    >>> round(hot.density, 2), round(hot.viscosity * 1e6), round(hot.specific_heat)
    (983.2, 466, 4185)
    """
    if not 0.0 <= temperature_c <= 150.0:
        raise ValueError(f"water properties hold from 0 to 150 C, not at {temperature_c} C")
    rows = constants("spatial.networks.hydraulics", "water.csv")
    density = _polynomial("density.numerator", temperature_c) / (
        1.0 + rows.value("density.denominator.1") * temperature_c
    )
    relative = (temperature_c + ZERO_CELSIUS_K) / 300.0
    factor, power = rows.under("viscosity.factor"), rows.under("viscosity.power")
    return Water(
        density=density,
        viscosity=1e-6 * sum(row.value * relative ** power[term].value for term, row in factor.items()),
        specific_heat=_polynomial("specific_heat", temperature_c),
    )


def friction_factor(reynolds: npt.ArrayLike, relative_roughness: npt.ArrayLike) -> Floats:
    """Return the Darcy friction factor of a round pipe [-].

    Laminar flow has ``64 / Re`` up to Re 2320. From Re 2400 on Colebrook's equation [3]_ is solved by Newton's method,
    started from the explicit formula of Swamee and Jain [4]_; in between the factor rises in a line.

    Parameters
    ----------
    reynolds
        Reynolds number [-], above 0.
    relative_roughness
        Roughness over inner diameter [-].
    """
    number, rough = np.broadcast_arrays(
        np.asarray(reynolds, dtype=np.float64), np.asarray(relative_roughness, dtype=np.float64)
    )
    return friction_factors(number.ravel(), rough.ravel()).reshape(number.shape)


def velocity_m_s(flow_kg_s: npt.ArrayLike, inner_m: npt.ArrayLike, density: float) -> Floats:
    """Return the mean velocity in a round pipe [m/s]."""
    area = np.pi / 4.0 * np.square(np.asarray(inner_m, dtype=np.float64))
    velocity: Floats = np.asarray(flow_kg_s, dtype=np.float64) / (density * area)
    return velocity


def pressure_gradient_pa_m(
    flow_kg_s: npt.ArrayLike, inner_m: npt.ArrayLike, roughness_m: float, fluid: Water
) -> Floats:
    """Return the friction loss per length of straight pipe, after Darcy and Weisbach [Pa/m].

    Parameters
    ----------
    flow_kg_s
        Mass flow [kg/s], not negative.
    inner_m
        Inner diameter [m].
    roughness_m
        Roughness of the wall [m].
    fluid
        Properties of the water.

    Returns
    -------
    numpy.ndarray
        Of the broadcast shape of flow and diameter.
    """
    diameter = np.asarray(inner_m, dtype=np.float64)
    velocity = velocity_m_s(flow_kg_s, diameter, fluid.density)
    reynolds = fluid.density * velocity * diameter / fluid.viscosity
    gradient: Floats = (
        friction_factor(reynolds, roughness_m / diameter) * fluid.density * velocity**2 / (2.0 * diameter)
    )
    return np.where(velocity > 0.0, gradient, 0.0)


def kept_share(
    loss_w_mk: npt.ArrayLike, length_m: npt.ArrayLike, flow_kg_s: npt.ArrayLike, specific_heat: float,
    sections: int | None = None,
) -> Floats:  # fmt: skip
    """Return the share of the temperature difference to the surroundings that is left at the end of a pipe [-].

    The steady balance ``m c dT/dx = -k (T - Ta)`` leaves ``exp(-k L / (m c))``. With `sections` the pipe is cut into so
    many well-mixed pieces, as programs with finite volumes do; more of them approach the exponential. Water that stands
    still keeps nothing.

    Parameters
    ----------
    loss_w_mk
        Heat loss per length and temperature difference [W/(m K)]; ``pi D U`` for a coefficient U [W/(m2 K)].
    length_m
        Length [m].
    flow_kg_s
        Mass flow [kg/s], not negative.
    specific_heat
        Specific heat [J/(kg K)].
    sections
        Number of mixed sections; the exact solution where not given.

    Raises
    ------
    ValueError
        If there is less than one section.
    """
    if sections is not None and sections < 1:
        raise ValueError(f"sections must be at least 1, got {sections}")
    flow = np.asarray(flow_kg_s, dtype=np.float64)
    conductance = np.asarray(loss_w_mk, dtype=np.float64) * np.asarray(length_m, dtype=np.float64)
    still = np.full(np.broadcast_shapes(flow.shape, conductance.shape), np.inf)
    units = np.divide(conductance, flow * specific_heat, out=still, where=flow > 0.0)
    left: Floats = np.exp(-units) if sections is None else (1.0 + units / sections) ** -sections
    return left


def outlet_temperature_c(
    inlet_c: float, ambient_c: float, loss_w_mk: float, length_m: float, flow_kg_s: float, specific_heat: float,
    sections: int | None = None,
) -> float:  # fmt: skip
    """Return the temperature at the end of a pipe that loses heat to its surroundings [C].

    It is ``Ta + (T0 - Ta) exp(-k L / (m c))``, or what `kept_share` says of mixed sections.

    Parameters
    ----------
    inlet_c
        Temperature at the inlet [C].
    ambient_c
        Temperature of the surroundings [C].
    loss_w_mk
        Heat loss per length and temperature difference [W/(m K)]; ``pi D U`` for a coefficient U [W/(m2 K)].
    length_m
        Length [m].
    flow_kg_s
        Mass flow [kg/s], above 0.
    specific_heat
        Specific heat [J/(kg K)].
    sections
        Number of mixed sections; the exact solution where not given.

    Raises
    ------
    ValueError
        If the flow is not positive or there is less than one section.
    """
    if flow_kg_s <= 0.0:
        raise ValueError(f"flow must be positive, got {flow_kg_s}")
    return ambient_c + (inlet_c - ambient_c) * float(
        kept_share(loss_w_mk, length_m, flow_kg_s, specific_heat, sections)
    )


def accumulate(parent: npt.NDArray[np.int64], order: npt.NDArray[np.int64], own: Floats) -> Floats:
    """Return for every node of a tree the sum over itself and all below it.

    Parameters
    ----------
    parent
        Index of the parent of each node; the root is its own parent.
    order
        Nodes from the root outwards: each stands after its parent.
    own
        What each node adds itself; the last axis runs over the nodes.
    """
    total = np.array(own, dtype=np.float64, order="C")
    accumulate_rows(parent, order, total.reshape(-1, total.shape[-1]))
    return total
