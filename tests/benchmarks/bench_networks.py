"""Steiner trees on large grids, beside the heuristic of Mehlhorn as networkx has it."""

import json
import sys

import networkx as nx
import numpy as np
from measure import measure

from spatial.networks import steiner_tree

found: list[float] = []
for side, number in ((100, 500), (100, 2000)):
    chance = np.random.default_rng(1)
    graph = nx.grid_2d_graph(side, side)
    for edge in sorted(graph.edges):
        graph.edges[edge]["length"] = float(chance.uniform(1.0, 2.0))
    nodes = sorted(graph.nodes)
    terminals = [nodes[at] for at in chance.choice(len(nodes), number, replace=False)]
    measure(
        "steiner tree",
        {"nodes": side * side, "terminals": number},
        lambda graph=graph, terminals=terminals: found.extend(steiner_tree(graph, terminals)[1:]),
    )
    cost, bound = found[-2:]
    other = nx.algorithms.approximation.steiner_tree(graph, terminals, weight="length", method="mehlhorn")
    quality = {
        "gap_to_bound": round(cost / bound - 1.0, 4),
        "mehlhorn_over_ours": round(other.size("length") / cost, 4),
    }
    sys.stdout.write(json.dumps({"workload": "steiner quality", **quality}) + "\n")
