"""A network as the tables of pandapipes, so that others can compute it again.

The tables have the columns of pandapipes 0.16 and can be written as CSV. Each is what a network of pandapipes keeps
under the same name, for instance ``net.junction``.

References
----------
.. [1] Lohmeier, D., Cronbach, D., Drauz, S. R., Braun, M., Kneiske, T. M. (2020). Pandapipes: an open-source piping
   grid calculation package for multi-energy grid simulations. Sustainability 12, 9899. doi:10.3390/su12239899
"""

import numpy as np
import numpy.typing as npt
import pandas as pd

from layers.units import M_PER_KM, W_PER_KW, ZERO_CELSIUS_K
from spatial.networks.hydraulics.district import Operation
from spatial.networks.hydraulics.network import PipeNetwork

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

PA_PER_BAR = 1e5
MM_PER_M = 1000.0


def pandapipes_tables(
    network: PipeNetwork,
    *,
    supply_c: npt.ArrayLike,
    loss_w_mk: npt.ArrayLike,
    ground_c: float,
    xy_m: npt.ArrayLike | None = None,
) -> dict[str, pd.DataFrame]:
    """Return the supply pipes of a network as tables of pandapipes [1]_.

    Pipes are longer by their share of fittings, and lose as much less per metre. The heat loss per length becomes one
    per inner surface.

    Parameters
    ----------
    network
        The network, without pumps and under Darcy and Weisbach.
    supply_c
        Temperature of the water that is let in, for all or per node [C].
    loss_w_mk
        Heat loss per length and temperature difference, for all pipes or per pipe [W/(m K)].
    ground_c
        Temperature of the ground [C].
    xy_m
        Place of each node, nodes x 2 [m].

    Returns
    -------
    dict
        ``junction``, ``pipe``, ``ext_grid``, ``sink``, ``source`` and, with places, ``junction_geodata``.

    Raises
    ------
    ValueError
        If the network has pumps or friction after Hazen and Williams, which pandapipes has not.
    """
    _check(network)
    feed = np.broadcast_to(np.asarray(supply_c, dtype=np.float64), network.nodes)
    demand = network.demand_kg_s
    tables = {
        "junction": _junctions(network.height_m, float(network.supply_pa.max()), feed, "supply"),
        "pipe": _pipes(network, network.ends, loss_w_mk, ground_c),
        "ext_grid": pd.DataFrame(
            {
                "name": None,
                "junction": network.supply,
                "p_bar": network.supply_pa / PA_PER_BAR,
                "t_k": feed[network.supply] + ZERO_CELSIUS_K,
                "in_service": True,
                "type": "pt",
            }
        ),
        "sink": _flows("sink", np.flatnonzero(demand > 0.0), demand[demand > 0.0]),
        "source": _flows("source", np.flatnonzero(demand < 0.0), -demand[demand < 0.0]),
    }
    return tables | _places(network, xy_m, 1)


def pandapipes_circuit(
    operation: Operation,
    *,
    supply_c: npt.ArrayLike,
    loss_w_mk: npt.ArrayLike,
    ground_c: float,
    xy_m: npt.ArrayLike | None = None,
) -> dict[str, pd.DataFrame]:
    """Return a district network at work as tables of pandapipes [1]_: supply and return pipes, consumers and pumps.

    Junctions and pipes of the return follow those of the supply, in the same order.

    Parameters
    ----------
    operation
        The network at work; no node feeds in.
    supply_c, loss_w_mk, ground_c, xy_m
        As of `pandapipes_tables`.

    Returns
    -------
    dict
        ``junction``, ``pipe``, ``heat_consumer``, ``circ_pump_pressure`` and, with places, ``junction_geodata``.

    Raises
    ------
    ValueError
        If the network has pumps, friction after Hazen and Williams, or a node that feeds in.
    """
    network = operation.network
    _check(network)
    if (network.demand_kg_s < 0.0).any():
        raise ValueError("a circuit of pandapipes has no nodes that feed in: take pandapipes_tables")
    nodes, at = network.nodes, network.supply
    feed = np.broadcast_to(np.asarray(supply_c, dtype=np.float64), nodes)
    takes = np.flatnonzero(network.demand_kg_s > 0.0)
    pressure = float(network.supply_pa.max())
    junctions = [
        _junctions(network.height_m, pressure, feed, "supply"),
        _junctions(network.height_m, pressure, operation.back.node_c, "return"),
    ]
    pipes = [
        _pipes(network, network.ends, loss_w_mk, ground_c),
        _pipes(network, network.ends[:, ::-1] + nodes, loss_w_mk, ground_c),
    ]
    tables = {
        "junction": pd.concat(junctions, ignore_index=True),
        "pipe": pd.concat(pipes, ignore_index=True),
        "heat_consumer": pd.DataFrame(
            {
                "name": None,
                "from_junction": takes,
                "to_junction": takes + nodes,
                "qext_w": operation.heat_kw[takes] * W_PER_KW,
                "controlled_mdot_kg_per_s": network.demand_kg_s[takes],
                "deltat_k": np.nan,
                "treturn_k": np.nan,
                "in_service": True,
                "type": "heat_consumer",
            }
        ),
        "circ_pump_pressure": pd.DataFrame(
            {
                "name": None,
                "return_junction": at + nodes,
                "flow_junction": at,
                "p_flow_bar": network.supply_pa / PA_PER_BAR,
                "t_flow_k": feed[at] + ZERO_CELSIUS_K,
                "plift_bar": operation.head_pa / PA_PER_BAR,
                "in_service": True,
                "type": "pt",
            }
        ),
    }
    return tables | _places(network, xy_m, 2)


def _check(network: PipeNetwork) -> None:
    if len(network.pumps.ends) or network.hazen_williams is not None:
        raise ValueError("pandapipes has neither pumps with this curve nor friction after Hazen and Williams")


def _junctions(height_m: Floats, pressure_pa: float, temperature_c: Floats, name: str) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "name": [f"{name} {at}" for at in range(len(height_m))],
            "pn_bar": pressure_pa / PA_PER_BAR,
            "tfluid_k": temperature_c + ZERO_CELSIUS_K,
            "height_m": height_m,
            "in_service": True,
            "type": "junction",
        }
    )


def _pipes(network: PipeNetwork, ends: Integers, loss_w_mk: npt.ArrayLike, ground_c: float) -> pd.DataFrame:
    longer = 1.0 + network.fittings_share
    loss = np.broadcast_to(np.asarray(loss_w_mk, dtype=np.float64), network.pipes)
    return pd.DataFrame(
        {
            "name": None,
            "from_junction": ends[:, 0],
            "to_junction": ends[:, 1],
            "std_type": None,
            "length_km": network.length_m * longer / M_PER_KM,
            "inner_diameter_mm": network.inner_m * MM_PER_M,
            "outer_diameter_mm": network.inner_m * MM_PER_M,
            "k_mm": network.roughness_m * MM_PER_M,
            "loss_coefficient": network.local_loss,
            "u_w_per_m2k": loss / longer / (np.pi * network.inner_m),
            "text_k": ground_c + ZERO_CELSIUS_K,
            "sections": 1,
            "in_service": True,
            "type": "pipe",
        }
    )


def _flows(kind: str, junction: Integers, flow_kg_s: Floats) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "name": None,
            "junction": junction,
            "mdot_kg_per_s": flow_kg_s,
            "scaling": 1.0,
            "in_service": True,
            "type": kind,
        }
    )


def _places(network: PipeNetwork, xy_m: npt.ArrayLike | None, times: int) -> dict[str, pd.DataFrame]:
    """Return the places of the junctions, supply and return at the same one."""
    if xy_m is None:
        return {}
    places = np.asarray(xy_m, dtype=np.float64)
    if places.shape != (network.nodes, 2):
        raise ValueError(f"xy_m must be of shape ({network.nodes}, 2), not {places.shape}")
    return {"junction_geodata": pd.DataFrame(np.tile(places, (times, 1)), columns=["x", "y"])}
