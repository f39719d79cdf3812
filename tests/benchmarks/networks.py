"""Steiner trees and their bounds on large grids; prints one JSON line per size."""

import json
import resource
import time

import networkx as nx
import numpy as np

from spatial.networks import steiner_tree

SIZES = ((100, 500), (100, 2000))


def main() -> None:
    """Run each size once, beside the heuristic of Mehlhorn as networkx has it."""
    for side, number in SIZES:
        rng = np.random.default_rng(1)
        graph = nx.grid_2d_graph(side, side)
        for edge in sorted(graph.edges):
            graph.edges[edge]["length"] = float(rng.uniform(1.0, 2.0))
        nodes = sorted(graph.nodes)
        terminals = [nodes[at] for at in rng.choice(len(nodes), number, replace=False)]
        wall, cpu = time.perf_counter(), time.process_time()
        _, cost, bound = steiner_tree(graph, terminals)
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        other = nx.algorithms.approximation.steiner_tree(graph, terminals, weight="length", method="mehlhorn")
        print(
            json.dumps(
                {
                    "workload": "steiner",
                    "size": f"{side * side} nodes, {number} terminals",
                    "wall_s": round(wall, 2),
                    "cpu_s": round(cpu, 2),
                    "peak_mib": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
                    "gap_to_bound": round(cost / bound - 1.0, 4),
                    "mehlhorn_over_ours": round(other.size("length") / cost, 4),
                }
            )
        )


if __name__ == "__main__":
    main()
