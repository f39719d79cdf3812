"""The moves on Steiner trees in turn: until none of them shortens the tree, or at random with less and less patience.

References
----------
.. [1] Uchoa, E., Werneck, R. F. (2012). Fast local search for the Steiner problem in graphs. ACM Journal of
   Experimental Algorithmics 17, 2.2. doi:10.1145/2133803.2184448
.. [2] Kirkpatrick, S., Gelatt, C. D., Vecchi, M. P. (1983). Optimization by simulated annealing. Science 220, 671-680.
   doi:10.1126/science.220.4598.671
"""

import numpy as np
from numpy.typing import NDArray

from layers.compiling import compiled
from spatial.networks.steiner.branching import drop_node
from spatial.networks.steiner.exchange import exchange_path, is_key
from spatial.networks.steiner.graph import Graph
from spatial.networks.steiner.insertion import insert_node, turn_up
from spatial.networks.steiner.paths import CHANGED, SALT, SCANS, Room, Tree, hang, listed

Indices = NDArray[np.int32]
Wholes = NDArray[np.int64]

STEP = 60
"""Edges that could be looked at while a step of annealing is prepared."""
CHANCES = 2**30
"""How many random numbers there are."""


@compiled
def improve(graph: Graph, rounds: int, tree: Tree, room: Room) -> None:
    """Shorten a tree by local search until nothing helps or some rounds are done, in place [1]_.

    Three moves: a node enters where its edges replace longer paths, a path between two branching points or terminals
    is replaced by a shorter one, and a branching point is dropped where its branches join more cheaply elsewhere.
    """
    # a path or a star that found nothing better rarely does later, and trying again is what would cost the time
    room.clock[SALT] += 7919
    inside = tree.inside
    for _ in range(rounds):
        gained = 0
        turn_up(graph, tree, room.up, room.stack[0])
        for node in range(len(inside)):
            if not inside[node]:
                gained += insert_node(graph, tree, room, node, -1)
        for node in range(len(inside)):
            place = tree.first[node] if inside[node] and is_key(graph, tree, node) else -1
            while place >= 0:
                following = tree.after[place]
                gained += exchange_path(graph, tree, room, place, -1)
                if room.clock[CHANGED]:
                    following = tree.first[node] if inside[node] and is_key(graph, tree, node) else -1
                place = following
        for node in range(len(inside)):
            if inside[node] and not graph.terminal[node] and tree.degree[node] > 2:
                gained += drop_node(graph, tree, room, node, -1)
        if not gained:
            break


@compiled
def _drawn(state: Wholes, below: int) -> int:
    """Return a random number from nought on below a limit, by xorshift64."""
    value = state[0]
    value ^= value << 13
    value ^= (value >> 7) & ((1 << 57) - 1)
    value ^= value << 17
    state[0] = value
    return int(((value >> 8) & ((1 << 48) - 1)) % below)


@compiled
def anneal(
    graph: Graph, steps: int, first: float, last: float, state: Wholes, tree: Tree, room: Room, places: Indices
) -> None:
    """Change a tree at random places, with less and less patience for what lengthens it; leave the shortest met [2]_.

    A node outside enters, a node inside is dropped, or a path from a terminal is replaced. A change that lengthens the
    tree is made with the probability of Metropolis.

    Parameters
    ----------
    graph
        The graph.
    steps
        How many changes are tried.
    first, last
        Length by which a change may lengthen the tree with probability 1/e, in the first and in the last step.
    state
        State of the random numbers, shape (1,), not nought, changed in place.
    tree, room
        What is written.
    places
        Room for the edges of a tree.
    """
    number = listed(graph, tree, places)
    now, best = 0, 0
    turn_up(graph, tree, room.up, room.stack[0])
    heat, cooling = first, (last / first) ** (1.0 / steps)
    for _ in range(steps):
        heat *= cooling
        room.clock[SALT] += 7919  # what failed before may do now
        allowed = int(-heat * np.log((_drawn(state, CHANCES) + 1) / CHANCES))
        node = _drawn(state, len(graph.terminal))
        if not tree.inside[node]:
            now -= insert_node(graph, tree, room, node, allowed)
        else:
            if graph.terminal[node]:
                place = tree.first[node]
                for _ in range(_drawn(state, tree.degree[node])):
                    place = tree.after[place]
                now -= exchange_path(graph, tree, room, place, allowed)
            else:
                now -= drop_node(graph, tree, room, node, allowed)
            if room.clock[CHANGED]:
                turn_up(graph, tree, room.up, room.stack[0])
                room.clock[SCANS] += 4 * number
            room.clock[SCANS] += STEP
        if now < best:
            best = now
            number = listed(graph, tree, places)
    hang(graph, tree, places[:number])
