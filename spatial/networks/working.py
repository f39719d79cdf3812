"""Every plant's network at work at its coincident peak: pressures and temperatures, and files that engineers reuse."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import shapely

from layers.units import W_PER_KW
from spatial.networks.hydraulics.district import Operation, operate
from spatial.networks.hydraulics.epanet import epanet_input
from spatial.networks.hydraulics.network import pipe_network
from spatial.networks.hydraulics.pandapipes import pandapipes_circuit
from spatial.networks.results import Branch, chains, course, station_id
from spatial.networks.streets import StreetGraph
from spatial.networks.tree import Engineer, diversity, equal_consumers

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Works:
    """A plant's network at work.

    Attributes
    ----------
    branch
        The plant with its pipes.
    node
        Node of the streets of each node of the network; the plant is the first.
    pipes
        Positions of the tree that each pipe runs over, from its far end.
    operation
        Flows, temperatures and pressures.
    loss_w_mk
        Heat loss of each pipe [W/(m K)].
    """

    branch: Branch
    node: Integers
    pipes: list[list[int]]
    operation: Operation
    loss_w_mk: Floats


def at_work(engineer: Engineer, branch: Branch) -> Works | None:
    """Return a plant's network when all its consumers ask for their share of its joint peak; none without pipes.

    Flows are those that bring the heat at the temperature each consumer receives, and leave at the return temperature
    of the options. Where equal pipes lie side by side each is a pipe of its own.
    """
    options, tree, sized, load = engineer.options, branch.tree, branch.sized, branch.load
    pipes = chains(branch)
    if not pipes:
        return None
    positions = [0, *(chain[0] for chain in pipes)]
    number = {position: at for at, position in enumerate(positions)}
    ends = np.array([(number[int(tree.parent[chain[-1]])], number[chain[0]]) for chain in pipes], dtype=np.int64)
    size = sized.size[positions[1:]]
    length = np.array([float(tree.length_m[chain].sum()) for chain in pipes])
    times = sized.parallel[positions[1:]].astype(np.int64)
    node = tree.node[positions]
    _, peak, square = load.at(tree.node).sum(axis=1)
    share = float(diversity(equal_consumers(peak, square), engineer.network, options))
    heat = share * load.peak_kw[node] * (1.0 if engineer.network == "heating" else -1.0)
    flow = np.abs(heat) * W_PER_KW / (engineer.fluid.specific_heat * engineer.carrier.difference_k)
    flow[0] = 0.0  # who stands at the plant is served without a pipe
    heat[0] = 0.0
    pipe = np.repeat(np.arange(len(pipes)), times)
    network = pipe_network(
        ends[pipe],
        length[pipe],
        engineer.pipes.inner_m[size][pipe],
        options.roughness_mm / 1000.0,
        flow,
        supply=[0],
        fittings_share=options.fittings_share,
    )
    loss = engineer.pipes.loss_w_mk[size][pipe]
    operation = operate(
        network,
        engineer.fluid,
        supply_c=engineer.carrier.supply_c,
        loss_w_mk=loss,
        ground_c=options.ground_c,
        least_difference_pa=options.substation_pa,
        return_c=engineer.carrier.return_c,
        heat_kw=heat,
    )
    return Works(branch, node, [pipes[at] for at in pipe], operation, loss)


def received(works: list[Works], nodes: Integers) -> tuple[Floats, Floats]:
    """Return the temperature [C] and the difference of pressure [Pa] that consumers at nodes of the streets receive.

    Both are not a number where no network reaches the node, and at a plant itself.
    """
    supply_c, difference_pa = np.full(len(nodes), np.nan), np.full(len(nodes), np.nan)
    for one in works:
        place = {int(node): at for at, node in enumerate(one.node) if at}
        for row, node in enumerate(nodes.tolist()):
            if node in place:
                supply_c[row] = one.operation.supply.node_c[place[node]]
                difference_pa[row] = one.operation.difference_pa[place[node]]
    return supply_c, difference_pa


def write_files(works: list[Works], engineer: Engineer, graph: StreetGraph, folder: Path) -> None:
    """Write each plant's network for EPANET (``.inp``) and as tables of pandapipes (a folder of CSV).

    Both hold the network at its joint peak; pipes bear the names of the table of pipes.

    Parameters
    ----------
    works
        Networks at work.
    engineer
        Who sized the pipes.
    graph
        The street graph.
    folder
        Where to write.
    """
    folder.mkdir(parents=True, exist_ok=True)
    before = 0
    for one in works:
        branch, network = one.branch, one.operation.network
        name = station_id(engineer.network, branch.number)
        drawn = chains(branch)
        number = {chain[0]: before + at for at, chain in enumerate(drawn, start=1)}
        names = _pipe_names(engineer, one.pipes, number)
        before += len(drawn)
        bends = [shapely.get_coordinates(course(graph, branch.tree, chain))[1:-1] for chain in one.pipes]
        # pressures are told above that of the return at the plant
        fed = replace(network, supply_pa=one.operation.head_pa)
        text = epanet_input(
            fed, engineer.fluid, graph.points[one.node], node_id=[f"N{at:05d}" for at in range(network.nodes)],
            link_id=names, vertices=bends, title=f"{name}: supply pipes at joint peak; lengths include fittings",
        )  # fmt: skip
        (folder / f"{name}.inp").write_text(text, encoding="utf-8", newline="\n")
        tables = pandapipes_circuit(
            one.operation, supply_c=engineer.carrier.supply_c, loss_w_mk=one.loss_w_mk,
            ground_c=engineer.options.ground_c, xy_m=graph.points[one.node],
        )  # fmt: skip
        (folder / name).mkdir(exist_ok=True)
        tables["pipe"]["name"] = [*(f"{pipe} supply" for pipe in names), *(f"{pipe} return" for pipe in names)]
        for table, frame in tables.items():
            frame.to_csv(folder / name / f"{table}.csv", index_label="index", lineterminator="\n", float_format="%.10g")


def _pipe_names(engineer: Engineer, pipes: list[list[int]], number: dict[int, int]) -> list[str]:
    """Return the names of pipes as in their table; equal ones side by side are told apart by a letter."""
    names: list[str] = []
    for at, chain in enumerate(pipes):
        same = sum(1 for other in pipes[:at] if other[0] == chain[0])
        several = same or (at + 1 < len(pipes) and pipes[at + 1][0] == chain[0])
        names.append(f"{engineer.network}-{number[chain[0]]:05d}" + (chr(ord("a") + same) if several else ""))
    return names
