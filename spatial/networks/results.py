"""The tables of a designed network: pipes from junction to junction, stations, connections and the summary."""

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from layers.units import KWH_PER_MWH
from spatial.networks.graph import StreetGraph
from spatial.networks.options import Network
from spatial.networks.tree import Engineer, Hung, Load, Sized

Flags = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Texts = npt.NDArray[np.object_]


def connections_table(
    network: Network, parcel_id: Texts, connected: Flags, reason: Texts, energy_mwh: Floats, peak_kw: Floats
) -> pd.DataFrame:
    """Return the verdict on every parcel with demand, ordered by parcel."""
    table = pd.DataFrame(
        {
            "network": pd.array([network] * len(parcel_id), dtype="str"),
            "parcel_id": pd.array(parcel_id, dtype="str"),
            "connected": connected,
            "reason": pd.array(reason, dtype="str"),
            "demand_mwh": energy_mwh,
            "peak_kw": peak_kw,
        }
    )
    return table.sort_values("parcel_id", ignore_index=True)


def pipes_table(
    engineer: Engineer, graph: StreetGraph, tree: Hung, sized: Sized, load: Load, nodes: Integers, served_from: Integers
) -> gpd.GeoDataFrame:
    """Return one row per pipe between the station, consumers and branching points, from the station outwards.

    Parameters
    ----------
    engineer
        Who sized the pipes.
    graph
        The street graph.
    tree
        The network from its station.
    sized
        Its pipes.
    load
        What its consumers need.
    nodes
        Node of each connected consumer.
    served_from
        Year from which each of them can be served.
    """
    children = np.bincount(tree.parent[1:], minlength=len(tree.node))
    key = (children != 1) | (load.count[tree.node] > 0.0)
    key[0] = True
    year = _earliest(tree, nodes, served_from)
    chains = [_chain(tree, key, position) for position in np.flatnonzero(key).tolist() if position]
    ends = np.array([chain[0] for chain in chains], dtype=np.int64)

    def total(values: Floats) -> Floats:
        return np.array([float(values[chain].sum()) for chain in chains])

    frame = pd.DataFrame(
        {
            "pipe_id": pd.array(
                [f"{engineer.network}-{number:05d}" for number in range(1, len(chains) + 1)], dtype="str"
            ),
            "network": pd.array([engineer.network] * len(chains), dtype="str"),
            "dn_mm": engineer.pipes.dn_mm[sized.size[ends]],
            "parallel": sized.parallel[ends].astype(np.int64),
            "length_m": total(tree.length_m),
            "peak_kw": sized.design_kw[ends],
            "flow_kg_s": sized.flow_kg_s[ends],
            "velocity_m_s": sized.velocity_m_s[ends],
            "pressure_drop_pa_m": sized.gradient_pa_m[ends],
            "loss_mwh": total(sized.loss_mwh),
            "cost_cny": total(sized.capex_cny),
            "phase_year": year[ends],
        }
    )
    lines = [_course(graph, tree, chain) for chain in chains]
    return gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries(lines))


def _earliest(tree: Hung, nodes: Integers, served_from: Integers) -> Integers:
    """Return per position of the tree the earliest year from which a parcel at or below it can be served."""
    year = np.full(len(tree.node), np.iinfo(np.int64).max)
    position = {node: place for place, node in enumerate(tree.node.tolist())}
    for node, one in zip(nodes.tolist(), served_from.tolist(), strict=True):
        year[position[node]] = min(year[position[node]], one)
    for place in tree.order[:0:-1]:
        above = tree.parent[place]
        year[above] = min(year[above], year[place])
    return year


def _chain(tree: Hung, key: Flags, position: int) -> list[int]:
    """Return the positions from a key node up to, but without, the next key node above."""
    chain = [position]
    while not key[tree.parent[chain[-1]]]:
        chain.append(int(tree.parent[chain[-1]]))
    return chain


def _course(graph: StreetGraph, tree: Hung, chain: list[int]) -> shapely.LineString:
    """Return the line of a pipe in the direction of the flow."""
    parts: list[Floats] = []
    for position in reversed(chain):
        course = shapely.get_coordinates(graph.lines[tree.edge[position]])
        forward = graph.ends[tree.edge[position], 1] == tree.node[position]
        parts.append((course if forward else course[::-1])[1 if parts else 0 :])
    return shapely.LineString(np.concatenate(parts))


def stations_table(
    network: Network, graph: StreetGraph, tree: Hung, sized: Sized, land: gpd.GeoDataFrame, row: int
) -> gpd.GeoDataFrame:
    """Return the station of a network, or no row where there is no network."""
    rows = [row] if len(tree.node) > 1 or sized.design_kw[0] > 0.0 else []
    frame = pd.DataFrame(
        {
            "station_id": pd.array([f"{network}-station" for _ in rows], dtype="str"),
            "network": pd.array([network for _ in rows], dtype="str"),
            "parcel_id": pd.array([str(land["parcel_id"].iloc[one]) for one in rows], dtype="str"),
            "capacity_kw": np.array([sized.design_kw[0] for _ in rows], dtype=np.float64),
        }
    )
    points = [shapely.Point(graph.points[tree.node[0]]) for _ in rows]
    return gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries(points))


def summary_table(
    engineer: Engineer,
    tree: Hung,
    sized: Sized,
    energy_mwh: Floats,
    hot_water_mwh: Floats,
    peak_kw: Floats,
    connected: Flags,
    lower_bound_m: float,
) -> pd.DataFrame:
    """Return the key figures of a network; where it connects nobody, sums are zero and what is per delivery is empty.

    The cost per MWh delivered holds the yearly instalments and upkeep of pipes, plant and substations, and the
    electricity of plant and pumps. The plant makes what is delivered and what is lost, at the one COP of the options.
    """
    delivered, demand = float(energy_mwh[connected].sum()), float(energy_mwh.sum())
    trench, loss = float(tree.length_m.sum()), float(sized.loss_mwh.sum())
    station_kw = float(sized.design_kw[0])
    pumping, plant_electricity = engineer.pumping_mwh(tree, sized), (delivered + loss) / engineer.carrier.plant_cop
    pipes = float(sized.capex_cny.sum())
    plant = station_kw * engineer.carrier.plant_cny_kw
    substations = float(peak_kw[connected].sum()) * engineer.options.substation_cny_kw
    yearly = (
        pipes * engineer.pipe_rate
        + (plant + substations) * engineer.plant_rate
        + (plant_electricity + pumping) * engineer.options.electricity_cny_kwh * KWH_PER_MWH
    )
    return pd.DataFrame(
        {
            "network": pd.array([engineer.network], dtype="str"),
            "parcels_connected": [int(connected.sum())],
            "trench_m": [trench],
            "lower_bound_m": [min(lower_bound_m, trench) if connected.any() else np.nan],
            "delivered_mwh": [delivered],
            "loss_mwh": [loss],
            "pumping_mwh": [pumping],
            "plant_electricity_mwh": [plant_electricity],
            "hot_water_mwh": [float(hot_water_mwh[connected].sum())],
            "peak_kw": [station_kw],
            "linear_density_mwh_m": [delivered / trench if trench > 0.0 else np.nan],
            "capex_cny": [pipes + plant + substations],
            "plant_capex_cny": [plant],
            "cost_cny_mwh": [yearly / delivered if delivered > 0.0 else np.nan],
            "connected_share": [delivered / demand if demand > 0.0 else 0.0],
        }
    )
