"""The length of the shortest tree, proven by HiGHS with the directed cut formulation.

Nothing here knows how `spatial.networks.steiner` works: no reductions, no dual ascent. Cuts are found by maximum flows.

References
----------
.. [1] Chopra, S., Gorres, E. R., Rao, M. R. (1992). Solving the Steiner tree problem on a graph using branch and cut.
   ORSA Journal on Computing 4, 320-335. doi:10.1287/ijoc.4.3.320
.. [2] Koch, T., Martin, A. (1998). Solving Steiner tree problems in graphs to optimality. Networks 32, 207-232.
   doi:10.1002/(SICI)1097-0037(199810)32:3<207::AID-NET5>3.0.CO;2-O
"""

import math
import time
from dataclasses import dataclass

import highspy
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import breadth_first_order, maximum_flow

from steiner_graphs import Instance

WHOLE = 1_000_000
"""One unit of flow, in whole numbers."""
LEAST = 0.999
"""A cut is violated where less than this crosses it."""


@dataclass
class Proof:
    """Bounds of the shortest tree: no tree is shorter than `lower`; `upper` is one, or infinite."""

    lower: float
    upper: float

    @property
    def closed(self) -> bool:
        """Whether the optimum is known."""
        return self.upper - self.lower <= 1e-6 * max(1.0, self.upper)


class _Cuts:
    """The formulation, with the cuts found so far."""

    def __init__(self, instance: Instance) -> None:
        self.instance = instance
        self.root = int(instance.terminals[0])
        self.sinks = instance.terminals[1:]
        low, high = instance.ends.min(axis=1), instance.ends.max(axis=1)
        self.tails, self.heads = np.concatenate([low, high]), np.concatenate([high, low])
        self.costs = np.concatenate([instance.lengths, instance.lengths])
        number = len(self.costs)
        model = self.model = highspy.Highs()
        model.setOptionValue("output_flag", False)
        model.setOptionValue("threads", 1)
        model.setOptionValue("mip_rel_gap", 0.0)
        model.addVars(number, np.zeros(number), np.ones(number))
        model.changeColsCost(number, np.arange(number, dtype=np.int32), self.costs)
        half = number // 2
        for edge in range(half):  # one direction
            self._row(np.array([edge, edge + half]), -math.inf, 1.0)
        terminal = np.zeros(instance.count, dtype=bool)
        terminal[instance.terminals] = True
        into = [np.flatnonzero(self.heads == node) for node in range(instance.count)]
        out = [np.flatnonzero(self.tails == node) for node in range(instance.count)]
        for node in range(instance.count):
            if node == self.root:
                for arc in into[node]:
                    model.changeColBounds(int(arc), 0.0, 0.0)
            elif terminal[node]:
                self._row(into[node], 1.0, 1.0)
            elif len(into[node]):
                # flow balance, and nothing leaves over more than what arrives [2]_
                self._row(np.concatenate([into[node], out[node]]), -math.inf, 0.0,
                          np.concatenate([np.ones(len(into[node])), -np.ones(len(out[node]))]))  # fmt: skip
                self._row(into[node], -math.inf, 1.0)
                for arc in out[node]:
                    others = into[node][self.tails[into[node]] != self.heads[arc]]
                    self._row(np.append(others, arc), 0.0, math.inf, np.append(np.ones(len(others)), -1.0))

    def _row(self, arcs: NDArray[np.int64], low: float, high: float, values: NDArray[np.float64] | None = None) -> None:
        values = np.ones(len(arcs)) if values is None else values
        self.model.addRow(low, high, len(arcs), arcs.astype(np.int32), values)

    def separate(self, values: NDArray[np.float64]) -> int:
        """Add cuts that a solution violates; return how many."""
        count, added = self.instance.count, 0
        seen: set[bytes] = set()
        capacity = np.rint(values * WHOLE).astype(np.int32)
        # a little on every arc, so that of the smallest cuts one with few arcs is found
        for sink in self.sinks:
            flows = capacity + 1
            for _ in range(4):  # nested cuts: what was cut is open for the next
                matrix = csr_array((flows, (self.tails, self.heads)), shape=(count, count))
                result = maximum_flow(matrix, self.root, int(sink))
                if result.flow_value >= LEAST * WHOLE:
                    break
                rest = matrix - result.flow
                rest.data = np.where(rest.data > 0, rest.data, 0)
                rest.eliminate_zeros()
                # the nodes from which the sink can still be reached
                side = np.zeros(count, dtype=bool)
                side[breadth_first_order(rest.T.tocsr(), int(sink), return_predecessors=False)] = True
                arcs = np.flatnonzero(~side[self.tails] & side[self.heads])
                key = arcs.tobytes()
                if key not in seen:
                    seen.add(key)
                    self._row(arcs, 1.0, math.inf)
                    added += 1
                flows = flows.copy()
                flows[arcs] = WHOLE
        return added


def prove(instance: Instance, known: float = math.inf, seconds: float = 600.0) -> Proof:
    """Return bounds of the shortest tree, equal where the optimum could be proven.

    Parameters
    ----------
    instance
        The problem.
    known
        Length of a tree: where lengths are whole numbers, a bound above it less one is a proof.
    seconds
        When to give up.
    """
    cuts = _Cuts(instance)
    model, end = cuts.model, time.monotonic() + seconds
    whole = bool(np.all(instance.lengths == np.rint(instance.lengths)))
    lower = 0.0
    while True:
        model.run()
        lower = max(lower, model.getInfo().objective_function_value)
        if whole and math.ceil(lower - 1e-5) >= known:
            return Proof(known, known)
        if time.monotonic() > end:
            return Proof(math.ceil(lower - 1e-5) if whole else lower, known)
        if not cuts.separate(np.array(model.getSolution().col_value)):
            break
    number = len(cuts.costs)
    model.changeColsIntegrality(
        number, np.arange(number, dtype=np.int32), np.full(number, highspy.HighsVarType.kInteger)
    )
    while True:
        model.setOptionValue("time_limit", max(1.0, end - time.monotonic()) + model.getRunTime())
        model.run()
        bound = model.getInfo().mip_dual_bound
        lower = max(lower, bound)
        if model.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            return Proof(math.ceil(lower - 1e-5) if whole else lower, known)
        values = np.array(model.getSolution().col_value)
        if not cuts.separate(np.rint(values)):
            return Proof(lower, float(cuts.costs @ np.rint(values)))
        if whole and math.ceil(lower - 1e-5) >= known:
            return Proof(known, known)
