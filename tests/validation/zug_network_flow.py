"""The published network of Zug and ours at work: in the hour of the highest flow, and in all hours of the year."""

from dataclasses import replace

import numpy as np
import pandas as pd

from layers.units import W_PER_KW
from spatial.networks.hydraulics.district import Operation, operate
from spatial.networks.hydraulics.network import pipe_network
from spatial.networks.hydraulics.pipe import Water, kept_share, pressure_gradient_pa_m, water
from zug_network import DENSITY, LEAST_PA, PUMP_EFFICIENCY, SPECIFIC_HEAT, SUPPLY_C, Floats, Laid, Published


def at_peak(
    laid: Laid, published: Published, roughness_mm: float, *, hazen_williams: float | None = None, fittings: float = 0.0
) -> Operation:
    """Return a network at work in the hour of the highest flow, with the flows and the cold of that hour."""
    tree, hour = laid.route.tree, published.peak_hour
    taken, heat = np.zeros(len(tree.node)), np.zeros(len(tree.node))
    taken[laid.route.at], heat[laid.route.at] = published.taken_kg_s[hour], -published.demand_kw[hour]
    network = pipe_network(
        np.column_stack([tree.parent[1:], np.arange(1, len(tree.node))]),
        tree.length_m[1:],
        laid.inner_m[1:],
        roughness_mm / 1000.0,
        taken,
        supply=[0],
        fittings_share=fittings,
        hazen_williams=hazen_williams,
    )
    return operate(
        network,
        fluid_of(published, told=hazen_williams is not None),
        supply_c=SUPPLY_C,
        loss_w_mk=laid.loss_w_mk[1:],
        ground_c=published.air_c,
        least_difference_pa=LEAST_PA,
        heat_kw=heat,
    )


def fluid_of(published: Published, *, told: bool = False) -> Water:
    """Return the water, cold as it is; or with the density and heat that the published results rest on."""
    cold = water(SUPPLY_C + published.peak_difference_k / 2.0)
    return replace(cold, density=DENSITY, specific_heat=SPECIFIC_HEAT) if told else cold


def friction(laid: Laid, published: Published, roughness_mm: float) -> Floats:
    """Return our friction in every hour [Pa/m], shape (hours, nodes of the tree)."""
    flow = published.taken_kg_s @ laid.route.behind
    inner = laid.inner_m[np.newaxis]
    return pressure_gradient_pa_m(flow, inner, roughness_mm / 1000.0, fluid_of(published))


def published_friction(laid: Laid, published: Published) -> Floats:
    """Return the published friction in every hour [Pa/m], in the same order."""
    return published.tables["gradient"][published.edges.index[laid.route.tree.edge]].to_numpy()


def pumping(laid: Laid, published: Published, gradient_pa_m: Floats, fittings: float = 0.0) -> pd.DataFrame:
    """Return what the pump gives in every hour to serve the worst consumer: ``head_pa``, and its electricity ``kw``."""
    route, taken = laid.route, published.taken_kg_s
    along = (gradient_pa_m * route.tree.length_m * (1.0 + fittings)) @ route.behind.T
    worst = np.where(taken > 0.0, along, 0.0).max(axis=1)
    head = 2.0 * worst + LEAST_PA
    power = head * taken.sum(axis=1) / fluid_of(published).density / PUMP_EFFICIENCY / W_PER_KW
    return pd.DataFrame({"head_pa": head, "kw": power})


def gains_mwh(
    laid: Laid, published: Published, loss_w_mk: Floats, supply_c: Floats, return_c: Floats, *, still: bool
) -> Floats:
    """Return the heat that supply and return pipes gain in a year [MWh]; negative where they lose.

    Water enters every pipe at the temperature of its set of pipes, as in the published results; that moves return pipes
    by some per cent. Water that stands gains nothing, or with `still` is kept at temperature all year.
    """
    flow = published.taken_kg_s @ laid.route.behind
    length = laid.route.tree.length_m
    kept = kept_share(loss_w_mk, length, flow, SPECIFIC_HEAT)
    per_kelvin = (loss_w_mk * length).sum() if still else (flow * SPECIFIC_HEAT * (1.0 - kept)).sum(axis=1)
    columns = [(per_kelvin * (published.air_c - one)).sum() / 1e6 for one in (supply_c, return_c)]
    return np.array(columns)


def temperatures_c(published: Published) -> tuple[Floats, Floats]:
    """Return supply and return of all consumers that run, weighted by flow, in every hour [C]."""
    difference = published.demand_kw.sum(axis=1) * W_PER_KW / (published.taken_kg_s.sum(axis=1) * SPECIFIC_HEAT)
    return np.full(len(difference), SUPPLY_C), SUPPLY_C + difference
