"""Short trees in one graph: grown along shortest paths, improved by local search, and annealed.

References
----------
.. [1] Pajor, T., Uchoa, E., Werneck, R. F. (2018). A robust and scalable algorithm for the Steiner problem in graphs.
   Mathematical Programming Computation 10, 69-118. doi:10.1007/s12532-017-0123-4
"""

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import depth_first_order

from spatial.networks.steiner.graph import Graph
from spatial.networks.steiner.moves import anneal, improve
from spatial.networks.steiner.paths import SCANS, Room, Tree, grow, hang, listed

Indices = NDArray[np.int32]
Wholes = NDArray[np.int64]

ROUNDS = 100
"""Rounds of local search; in practice it stops by itself after three to six."""
WARM, COLD = 0.2, 0.05
"""By how much a change may lengthen the tree with probability 1/e, over a usual edge of it: at first, and at last."""
TRIAL = 2_000
"""Steps after which it is known how much work a step is."""


class Search:
    """A search for short trees in one graph whose terminals are connected.

    Attributes
    ----------
    best
        Length of the best tree so far; -1 before there is one.
    places
        Its edges.
    """

    def __init__(self, graph: Graph, seed: int) -> None:
        self.graph = graph
        self.best, self.places = -1, np.zeros(0, dtype=np.int32)
        self._tree, self._room = Tree.of(graph), Room.of(graph)
        self._state = np.array([seed], dtype=np.int64)
        self._out = np.empty(len(graph.terminal), dtype=np.int32)

    @property
    def work(self) -> int:
        """How many edges were looked at."""
        return int(self._room.clock[SCANS])

    def start(self, root: int, reduced: Wholes | None = None) -> None:
        """Grow a tree from a root and improve it, over the arcs without reduced length if these are given [1]_."""
        graph = self.graph
        weight = graph.length
        if reduced is not None:
            weight = np.where((reduced == 0) | (reduced[graph.twin] == 0), weight, -1)
        if grow(graph, weight, root, self._tree, self._room):
            self._improve()

    def anneal(self, effort: int) -> None:
        """Anneal the best tree; `effort` tells how many edges to look at, about."""
        graph = self.graph
        usual = float(np.median(graph.length[self.places]))
        if usual == 0.0:
            usual = max(1.0, float(np.mean(graph.length)))
        before, steps = self.work, TRIAL
        while steps > 0:
            hang(graph, self._tree, self.places)
            anneal(graph, steps, WARM * usual, COLD * usual, self._state, self._tree, self._room, self._out)
            self._improve()
            done = self.work - before
            # the first few steps tell how many there may be
            steps = TRIAL * (effort - done) // done if steps == TRIAL else 0

    def order(self) -> Indices:
        """Return the terminals in the order in which a walk around the best tree meets them."""
        graph = self.graph
        tails, heads = graph.head[graph.twin[self.places]], graph.head[self.places]
        count = len(graph.terminal)
        links = coo_array((np.ones(len(tails)), (tails, heads)), shape=(count, count)).tocsr()
        met = depth_first_order(links, int(graph.terminals[0]), directed=False, return_predecessors=False)
        return met[graph.terminal[met]].astype(np.int32)

    def _improve(self) -> None:
        graph = self.graph
        improve(graph, ROUNDS, self._tree, self._room)
        places = np.sort(self._out[: listed(graph, self._tree, self._out)])
        length = int(graph.length[places].sum())
        if self.best < 0 or length < self.best:
            self.best, self.places = length, places
