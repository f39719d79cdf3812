"""What a pipe costs a year for the load behind it, compiled; `tree.Engineer` tells the same for whole tables.

Loads are triples that add up: the sum of the consumers' own peaks [kW], that of their ``peak ** 2 / substations``
[kW2], see `tree.Load`, and their energy [MWh/a].
"""

import numpy as np
import numpy.typing as npt

from layers.compiling import compiled
from layers.units import KWH_PER_MWH, W_PER_KW
from spatial.networks.hydraulics.kernel import friction
from spatial.networks.tree import Engineer, diversity_range

Floats = npt.NDArray[np.float64]

CAPACITY, INNER, LOSS, COST = 0, 1, 2, 3
"""Rows of the catalogue: flow a pipe carries [kg/s], inner diameter [m], loss [W/(m K)], investment [CNY/m]."""
(
    LIMIT, RANGE, HALF, POWER, FLOW, WARM, RATE, PUMP, DENSITY, VISCOSITY, ROUGHNESS, FITTINGS, SUBSTATION, HEAD,
) = range(14)  # fmt: skip
"""Places of the numbers below."""


def catalogue_of(engineer: Engineer) -> Floats:
    """Return the pipes as rows capacity, inner diameter, loss and cost, shape (4, sizes)."""
    pipes = engineer.pipes
    return np.stack([engineer.capacity_kg_s, pipes.inner_m, pipes.loss_w_mk, pipes.cost_cny_m])


def numbers_of(engineer: Engineer) -> Floats:
    """Return the numbers that prices rest on, in the order of the names above."""
    options, carrier, fluid = engineer.options, engineer.carrier, engineer.fluid
    return np.array(
        [
            carrier.diversity_limit,
            diversity_range(engineer.network, options),
            options.diversity_half_count,
            options.diversity_power,
            W_PER_KW / (fluid.specific_heat * carrier.difference_k),
            engineer.over_ground_k * carrier.hours_a / 1e6,
            engineer.pipe_rate,
            options.electricity_cny_kwh * KWH_PER_MWH / fluid.density / options.pump_efficiency / W_PER_KW,
            fluid.density,
            fluid.viscosity,
            options.roughness_mm / 1000.0,
            1.0 + options.fittings_share,
            options.substation_pa,
            options.head_max_pa,
        ]
    )


@compiled
def design_kw(peak: float, square: float, numbers: Floats) -> float:
    """Return the joint peak of consumers [kW], see `tree.diversity`; it grows with every consumer."""
    number = max(1.0, peak * peak / square) if square > 0.0 else 1.0
    share = 1.0 / (1.0 + (number / numbers[HALF]) ** numbers[POWER])
    return float(peak * min(1.0, numbers[LIMIT] + numbers[RANGE] * share))


@compiled
def gradient_pa_m(flow: float, inner: float, numbers: Floats) -> float:
    """Return the friction of straight pipe, see `hydraulics.pipe`."""
    velocity = flow / (numbers[DENSITY] * np.pi / 4.0 * inner * inner)
    if velocity <= 0.0:
        return 0.0
    reynolds = numbers[DENSITY] * velocity * inner / numbers[VISCOSITY]
    factor, _ = friction(reynolds, numbers[ROUGHNESS] / inner)
    return float(factor * numbers[DENSITY] * velocity * velocity / (2.0 * inner))


@compiled
def pipe_cny_m(
    design: float, energy: float, production: float, catalogue: Floats, numbers: Floats
) -> tuple[float, float, float]:
    """Return per metre what a pipe costs a year to run, its yearly instalment [CNY/(a m)], and its friction [Pa/m].

    Parameters
    ----------
    design
        Joint peak of all behind the pipe [kW].
    energy
        Their energy [MWh/a].
    production
        What losses cost [CNY/MWh].
    catalogue, numbers
        As of `catalogue_of` and `numbers_of`.
    """
    flow = design * numbers[FLOW]
    last = catalogue.shape[1] - 1
    parallel = max(1.0, np.ceil(flow / catalogue[CAPACITY, last]))
    each = flow / parallel
    size = 0
    while size < last and catalogue[CAPACITY, size] < each:
        size += 1
    gradient = gradient_pa_m(each, catalogue[INNER, size], numbers)
    running = catalogue[LOSS, size] * parallel * numbers[WARM] * production
    if design > 0.0:
        running += 2.0 * gradient * numbers[FITTINGS] * flow * numbers[PUMP] * energy / design
    return running, catalogue[COST, size] * parallel * numbers[RATE], gradient
