"""Flow, temperatures and pressures of district networks, trees and grids of streets, after compiling."""

import numpy as np
from measure import measure

from spatial.networks.hydraulics.district import Operation, operate
from spatial.networks.hydraulics.flow import steady_flow
from spatial.networks.hydraulics.network import PipeNetwork, pipe_network
from spatial.networks.hydraulics.pipe import accumulate, pressure_gradient_pa_m, water

WARM = water(45.0)
SIZES_M = np.array([0.0217, 0.0285, 0.0431, 0.0703, 0.1071, 0.1603, 0.2101, 0.3127, 0.4, 0.5, 0.6, 0.8, 1.0])
GRADIENT_PA_M = 100.0


def sized(ends: np.ndarray, demand: np.ndarray, length: np.ndarray) -> PipeNetwork:
    """Return a network whose pipes are sized for the flow of the tree in which each node hangs on its first pipe."""
    order = np.arange(len(demand))
    parent = np.zeros(len(demand), dtype=np.int64)
    first = np.unique(ends[:, 1], return_index=True)[1]
    parent[ends[first, 1]] = ends[first, 0]
    through = accumulate(parent, order, demand)[ends[:, 1]]
    able = pressure_gradient_pa_m(through[:, np.newaxis], SIZES_M, 5e-4, WARM) <= GRADIENT_PA_M
    inner = SIZES_M[np.where(able.any(axis=1), able.argmax(axis=1), len(SIZES_M) - 1)]
    return pipe_network(ends, length, inner, 5e-4, demand, supply=[0], supply_pa=1e6, fittings_share=0.2)


def tree(pipes: int) -> PipeNetwork:
    """Return streets that branch at random, each node within twenty of its parent."""
    chance = np.random.default_rng(1)
    nodes = np.arange(1, pipes + 1)
    parents = np.array([chance.integers(max(0, node - 20), node) for node in nodes])
    demand = np.append(0.0, chance.uniform(0.0, 0.2, pipes))
    return sized(np.stack([parents, nodes], axis=1), demand, chance.uniform(20.0, 80.0, pipes))


def grid(pipes: int) -> PipeNetwork:
    """Return a square grid of streets, all of them with a pipe."""
    chance = np.random.default_rng(1)
    side = round((1.0 + np.sqrt(1.0 + 2.0 * pipes)) / 2.0)
    at = np.arange(side * side).reshape(side, side)
    along = np.stack([at[:, :-1].ravel(), at[:, 1:].ravel()], axis=1)
    across = np.stack([at[:-1].ravel(), at[1:].ravel()], axis=1)
    ends = np.concatenate([along, across])
    demand = np.append(0.0, chance.uniform(0.0, 0.2, side * side - 1))
    return sized(ends, demand, chance.uniform(20.0, 80.0, len(ends)))


def work(network: PipeNetwork) -> Operation:
    """Run the network at given flows: flow, supply and return temperatures, heat and pressures."""
    return operate(network, WARM, supply_c=60.0, return_c=30.0, loss_w_mk=0.2, ground_c=17.0, least_difference_pa=1e5)


def settle(network: PipeNetwork) -> Operation:
    """Run it at given heat, so that flows and temperatures have to find each other."""
    return operate(network, WARM, supply_c=60.0, return_c=30.0, loss_w_mk=0.2, ground_c=17.0, least_difference_pa=1e5,
                   heat_kw=network.demand_kg_s * WARM.specific_heat * 0.03)  # fmt: skip


for small in (tree(10), grid(12)):
    work(small)  # compiles
for kind, made in (("a tree", tree), ("loops", grid)):
    for number in (1_000, 10_000):
        built = made(number)
        size = {"pipes": built.pipes, "loops": built.pipes - built.nodes + 1}
        measure(f"flow in {kind}", size, lambda built=built: steady_flow(built, WARM))  # type: ignore[misc]
        measure(f"flow and temperatures in {kind}", size, lambda built=built: work(built))  # type: ignore[misc]
        measure(f"flow for given heat in {kind}", size, lambda built=built: settle(built))  # type: ignore[misc]
