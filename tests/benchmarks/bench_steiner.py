"""Steiner trees on large grids and towns, beside the heuristic of Mehlhorn as networkx has it, and on one dense graph.

Each size runs in a process of its own, so that peak memory is its own. What is compiled once is compiled before.
"""

import json
import subprocess
import sys
from pathlib import Path
from time import process_time
from typing import Any

import networkx as nx
import numpy as np
from measure import measure

from spatial.networks import steiner_tree

SIZES = {"10,000 nodes": (100, 500), "10,000 nodes, many ends": (100, 2000), "50,000 nodes": (224, 2000)}


def grid(side: int, number: int) -> tuple["nx.Graph[Any]", list[Any]]:
    """A square grid with lengths from 1 to 2, and some of its nodes."""
    chance = np.random.default_rng(1)
    graph = nx.grid_2d_graph(side, side)
    for edge in sorted(graph.edges):
        graph.edges[edge]["length"] = float(chance.uniform(1.0, 2.0))
    nodes = sorted(graph.nodes)
    return graph, [nodes[at] for at in chance.choice(len(nodes), number, replace=False)]


def main(side: int, number: int) -> None:
    """Measure one size."""
    steiner_tree(*grid(12, 30))
    graph, terminals = grid(side, number)
    found: list[float] = []
    size = {"nodes": side * side, "edges": graph.number_of_edges(), "terminals": number}
    measure("steiner tree", size, lambda: found.extend(steiner_tree(graph, terminals)[1:]))
    begin = process_time()
    other = nx.algorithms.approximation.steiner_tree(graph, terminals, weight="length", method="mehlhorn")
    quality = {
        "cost": round(found[0], 3),
        "gap_to_bound": round(found[0] / found[1] - 1.0, 4),
        "mehlhorn": round(other.size("length"), 3),
        "mehlhorn_over_ours": round(other.size("length") / found[0], 4),
        "mehlhorn_cpu_s": round(process_time() - begin, 3),
    }
    sys.stdout.write(json.dumps({"workload": "steiner quality", "size": size, **quality}) + "\n")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        main(*SIZES[sys.argv[1]])
    else:
        for name in SIZES:
            subprocess.run([sys.executable, str(Path(__file__)), name], check=True)
