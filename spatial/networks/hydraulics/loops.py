"""Flows in loops of pipes: the global gradient algorithm, guarded so that it settles from any start.

References
----------
.. [1] Todini, E., Pilati, S. (1988). A gradient algorithm for the analysis of pipe networks. In: Computer Applications
   in Water Supply, vol. 1. Research Studies Press, Taunton, 1-20.
"""

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.sparse.linalg import splu

from spatial.networks.hydraulics.kernel import Links, drops, step_length

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

MAX_STEPS = 200
"""Steps of Newton's method; some ten in practice."""
TOLERANCE = 1e-22
"""Newton's decrement over the power that friction takes: flows are then right to about 1e-11 of the largest."""
STILL = 1e-15
"""Share of the usual flow below which a step is rounding [-]."""


def loop_flows(
    links: Links,
    ends: Integers,
    demand_kg_s: Floats,
    supply: Integers,
    held_pa: Floats,
    lift_pa: Floats,
    usual_kg_s: Floats,
    near_kg_s: Floats | None = None,
) -> Floats:
    """Return the flow of each link by the global gradient algorithm [1]_ [kg/s].

    The first flows are those of a network whose drops rise in a line, or are near known ones. Each step then solves for
    the pressures and flows of the network's tangent, and goes along it until the content rises.

    Parameters
    ----------
    links
        The links.
    ends
        Nodes they join, links x 2.
    demand_kg_s
        What each node takes [kg/s].
    supply
        Nodes whose pressure is held.
    held_pa
        Total pressure held there, 0 at all other nodes [Pa].
    lift_pa
        Rise of pressure in each link where no water flows [Pa].
    usual_kg_s
        A flow of usual size in each link, above 0 [kg/s].
    near_kg_s
        Flows near those sought, to begin from [kg/s]; they need not close.

    Raises
    ------
    RuntimeError
        If the flows do not settle.
    """
    count = len(ends)
    incidence = sparse.csc_array(
        (np.tile([1.0, -1.0], count), (np.repeat(np.arange(count), 2), ends.ravel())), shape=(count, len(held_pa))
    )
    level = np.zeros_like(held_pa)
    level[supply] = held_pa[supply] - held_pa[supply[0]]
    difference: Floats = incidence @ level + lift_pa
    free = np.setdiff1d(np.arange(len(held_pa)), supply)
    across = incidence[:, free]
    back = across.T.tocsr()

    def tangent(flow: Floats, missing: Floats, slope: Floats) -> tuple[Floats, Floats]:
        """Return the steps of flow and pressure to where the drops, if they rise in a line, are those of pressure."""
        towards = missing / slope
        if not len(free):
            return towards, np.zeros(count)
        matrix = (back @ (across / slope[:, np.newaxis])).tocsc()
        solve = splu(matrix, permc_spec="MMD_AT_PLUS_A", diag_pivot_thresh=0.0, options={"SymmetricMode": True}).solve
        rise: Floats = across @ solve(-demand_kg_s[free] - back @ (flow + towards))
        return towards + rise / slope, rise

    # pressure is kept as the difference between the ends of each link, which small steps change by little: told from
    # pressures of the nodes, short wide pipes would drown in the rounding of what long narrow ones take
    begin = usual_kg_s if near_kg_s is None else near_kg_s
    drop, slope = drops(links, begin)
    step, rise = tangent(begin, difference - drop, drop / usual_kg_s if near_kg_s is None else slope)
    flow, difference = begin + step, difference + rise
    for _ in range(MAX_STEPS):
        drop, slope = drops(links, flow)
        step, rise = tangent(flow, difference - drop, slope)
        difference = difference + rise
        decrement = float(step**2 @ slope)
        power = float(np.abs(flow) @ np.abs(drop))
        if decrement <= TOLERANCE * power or (np.abs(step) <= STILL * usual_kg_s).all():
            return flow + step
        flow = flow + step_length(links, flow, step, difference, decrement) * step
    raise RuntimeError(f"the flows of the loops did not settle in {MAX_STEPS} steps")
