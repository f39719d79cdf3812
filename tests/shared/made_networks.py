"""Made-up networks of pipes, and published ones that several tests share."""

import numpy as np
from hypothesis import strategies as st

from spatial.networks.hydraulics.flow import Flow
from spatial.networks.hydraulics.network import GRAVITY, PipeNetwork, Pumps, pipe_network
from spatial.networks.hydraulics.pipe import Water

RING = [[0, 1], [1, 2], [1, 3], [2, 4], [3, 4], [3, 5], [4, 6], [5, 6], [6, 7]]
"""Two meshes between a plant (0) and a branch (6 to 7)."""
RING_M = [300.0, 250.0, 200.0, 220.0, 250.0, 180.0, 200.0, 240.0, 150.0]
RING_INNER_M = [0.2, 0.15, 0.125, 0.1, 0.1, 0.1, 0.125, 0.08, 0.1]

FOOT = 0.3048
LITRES_PER_GALLON_MINUTE = 6.30902e-2
NET1_NODES = {10: (710, 0), 11: (710, 150), 12: (700, 150), 13: (695, 100), 21: (700, 150), 22: (695, 200),
              23: (690, 150), 31: (700, 100), 32: (710, 100), 9: (800, 0), 2: (850, 0)}  # fmt: skip
"""Nodes of Net1, EPANET's first example: elevation [ft] and demand [gal/min]; 9 is a lake, 2 a tank of 120 ft."""
NET1_PIPES = [(10, 11, 10530, 18), (11, 12, 5280, 14), (12, 13, 5280, 10), (21, 22, 5280, 10), (22, 23, 5280, 12),
              (31, 32, 5280, 6), (2, 12, 200, 18), (11, 21, 5280, 10), (12, 22, 5280, 12), (13, 23, 5280, 8),
              (21, 31, 5280, 8), (22, 32, 5280, 6)]  # fmt: skip
"""Its pipes: ends, length [ft] and diameter [in]; Hazen and Williams with C 100."""
NET1_M = {10: 89.717, 11: 83.890, 12: 82.317, 13: 83.476, 21: 82.767, 22: 83.539, 23: 84.931, 31: 81.501, 32: 77.934}
"""Its published pressures at hour 0 [m], and those of EPANET 2.2 at the last three nodes."""
COLD_WATER = Water(density=1000.0, viscosity=1e-3, specific_heat=4186.0)


def net1() -> PipeNetwork:
    """Return EPANET's first example at hour 0."""
    at = {name: position for position, name in enumerate(NET1_NODES)}
    pump = Pumps(
        ends=np.array([[at[9], at[10]]]),
        flow_kg_s=np.array([1500.0 * LITRES_PER_GALLON_MINUTE]),
        pressure_pa=np.array([250.0 * FOOT * 1000.0 * GRAVITY]),
    )
    return pipe_network(
        [[at[first], at[second]] for first, second, _, _ in NET1_PIPES],
        [FOOT * length for _, _, length, _ in NET1_PIPES],
        [FOOT / 12.0 * inches for _, _, _, inches in NET1_PIPES],
        0.0,
        [LITRES_PER_GALLON_MINUTE * demand for _, demand in NET1_NODES.values()],
        [at[9], at[2]],
        [0.0, 120.0 * FOOT * 1000.0 * GRAVITY],
        height_m=[FOOT * elevation for elevation, _ in NET1_NODES.values()],
        pumps=pump,
        hazen_williams=100.0,
    )


def made_network(seed: int, loops: int | None = None, supplies: int | None = None, **changes: object) -> PipeNetwork:
    """Return a connected network of chance: pipes of all usual sizes, consumers, some nodes that feed in."""
    rng = np.random.default_rng(seed)
    nodes = int(rng.integers(2, 40))
    tree = [[int(rng.integers(0, node)), node] for node in range(1, nodes)]
    more = int(rng.integers(0, nodes)) if loops is None else loops
    closing = [rng.choice(nodes, 2, replace=False).tolist() for _ in range(more)]
    ends = np.array(tree + closing)
    turned = rng.random(len(ends)) < 0.5
    ends[turned] = ends[turned, ::-1]
    pipes, held = len(ends), int(rng.integers(1, 3)) if supplies is None else supplies
    feeding = np.where(rng.random(nodes) < 0.1, -1.0, 1.0)
    demand = np.where(rng.random(nodes) < 0.7, 10.0 ** rng.uniform(-3.0, 1.0, nodes), 0.0) * feeding
    given: dict[str, object] = {
        "demand_kg_s": demand,
        "supply_pa": rng.uniform(3e5, 6e5) if seed % 2 else rng.uniform(3e5, 6e5, held),
        "local_loss": rng.uniform(0.0, 5.0, pipes),
        "fittings_share": rng.uniform(0.0, 0.3, pipes),
        "height_m": rng.uniform(0.0, 20.0, nodes),
    } | changes
    return pipe_network(
        ends,
        10.0 ** rng.uniform(0.0, 3.0, pipes),
        10.0 ** rng.uniform(-1.6, 0.0, pipes),
        10.0 ** rng.uniform(-6.0, -3.0, pipes),
        supply=rng.choice(nodes, held, replace=False),
        **given,  # type: ignore[arg-type]
    )


def seeds() -> st.SearchStrategy[int]:
    """Return numbers that networks of chance are made from."""
    return st.integers(0, 10**6)


def leaving(network: PipeNetwork, flow: Flow) -> np.ndarray:
    """Return what leaves each node for its neighbours, less what comes from them [kg/s]."""
    out = np.zeros(network.nodes)
    moving = np.concatenate([flow.flow_kg_s, flow.pump_kg_s])
    np.add.at(out, network.links[:, 0], moving)
    np.subtract.at(out, network.links[:, 1], moving)
    return out
