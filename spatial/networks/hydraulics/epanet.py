"""A network as an input file of EPANET 2.2, so that others can compute it again.

References
----------
.. [1] Rossman, L. A. et al. (2020). EPANET 2.2 user manual. US Environmental Protection Agency, EPA/600/R-20/133.
   Appendix C: the format of the input file.
"""

from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

from spatial.networks.hydraulics.network import GRAVITY, PipeNetwork
from spatial.networks.hydraulics.pipe import Water

Texts = Sequence[str]

LONGEST_ID = 31
"""Bytes of an identifier in EPANET."""
FORBIDDEN = frozenset(' \t\r\n;"[],')
"""Characters that would end an identifier or begin a comment or section."""
WATER_M2_S = 1.1e-5 * 0.3048**2
"""Kinematic viscosity that EPANET takes as 1: 1.1e-5 ft2/s [m2/s]."""
WATER_KG_M3 = 1000.0
"""Density that EPANET takes as 1 [kg/m3]."""
LITRES_PER_M3 = 1000.0
MM_PER_M = 1000.0


def epanet_input(
    network: PipeNetwork,
    fluid: Water,
    xy_m: npt.ArrayLike,
    *,
    node_id: Texts | None = None,
    link_id: Texts | None = None,
    vertices: Sequence[npt.ArrayLike] | None = None,
    title: str = "",
) -> str:
    """Return the text of an EPANET input file (``.inp``) of a network [1]_.

    Flows are in litres per second, lengths and heads in metres, diameters and roughness in millimetres. Nodes whose
    pressure is held become reservoirs, which take nothing themselves. EPANET knows no share of fittings, so pipes are
    longer by it. Pressure is told in metres of cold water: 1 m is 9806.65 Pa.

    EPANET has the friction factor of Swamee and Jain above Re 4000, within 1 % of Colebrook's up to a relative
    roughness of 0.01, and a gravity of 9.8146 m/s2; between Re 2000 and 4000 it has a curve of its own.

    Parameters
    ----------
    network
        The network.
    fluid
        Properties of the water.
    xy_m
        Place of each node, nodes x 2 [m].
    node_id
        Name of each node; its number where not given.
    link_id
        Name of each pipe, then of each pump; its number where not given.
    vertices
        Bends of each pipe from its first end to its second, each bends x 2 [m].
    title
        Title of the file.

    Raises
    ------
    ValueError
        If the places or bends do not fit the network, or a name is too long, given twice, or holds characters that the
        format needs.
    """
    pumps = network.pumps
    nodes = _names("node_id", node_id, network.nodes)
    links = _names("link_id", link_id, network.pipes + len(pumps.ends))
    places = np.asarray(xy_m, dtype=np.float64)
    if places.shape != (network.nodes, 2):
        raise ValueError(f"xy_m must be of shape ({network.nodes}, 2), not {places.shape}")
    bends = [np.asarray(one, dtype=np.float64).reshape(-1, 2) for one in vertices or [[]] * network.pipes]
    if len(bends) != network.pipes:
        raise ValueError(f"vertices must be given for {network.pipes} pipes, not {len(bends)}")
    litres = LITRES_PER_M3 / fluid.density
    per_metre = fluid.density * GRAVITY
    held = dict(zip(network.supply.tolist(), network.supply_pa.tolist(), strict=True))
    wall = network.hazen_williams if network.hazen_williams is not None else MM_PER_M * network.roughness_m
    longer = network.length_m * (1.0 + network.fittings_share)

    def ends(joined: npt.NDArray[np.int64]) -> list[tuple[str, str]]:
        return [(nodes[first], nodes[second]) for first, second in joined.tolist()]

    sections: dict[str, Iterable[tuple[object, ...]]] = {
        "TITLE": [(" ".join(title.split()),)] if title else [],
        "JUNCTIONS": [
            (nodes[at], network.height_m[at], network.demand_kg_s[at] * litres)
            for at in range(network.nodes)
            if at not in held
        ],
        "RESERVOIRS": [(nodes[at], network.height_m[at] + pressure / per_metre) for at, pressure in held.items()],
        "PIPES": [
            (links[at], *both, longer[at], MM_PER_M * network.inner_m[at], wall[at], network.local_loss[at], "Open")
            for at, both in enumerate(ends(network.ends))
        ],
        "PUMPS": [(links[network.pipes + at], *both, "HEAD", f"curve{at}") for at, both in enumerate(ends(pumps.ends))],
        "CURVES": [
            (f"curve{at}", flow * litres, rise / per_metre)
            for at, (flow, rise) in enumerate(zip(pumps.flow_kg_s, pumps.pressure_pa, strict=True))
        ],
        "OPTIONS": [
            ("Units", "LPS"),
            ("Headloss", "D-W" if network.hazen_williams is None else "H-W"),
            ("Specific Gravity", fluid.density / WATER_KG_M3),
            ("Viscosity", fluid.viscosity / fluid.density / WATER_M2_S),
            ("Trials", 200),
            ("Accuracy", 1e-5),
            ("Unbalanced", "Stop"),
        ],
        "TIMES": [("Duration", 0)],
        "COORDINATES": [(nodes[at], *place) for at, place in enumerate(places.tolist())],
        "VERTICES": [(links[at], *place) for at, bend in enumerate(bends) for place in bend.tolist()],
    }
    blocks = (
        "\n".join([f"[{name}]", *("\t".join(map(_text, row)) for row in rows)]) for name, rows in sections.items()
    )
    return "\n\n".join([*blocks, "[END]"]) + "\n"


def _text(value: object) -> str:
    return f"{value:.10g}" if isinstance(value, float) else str(value)


def _names(what: str, given: Texts | None, count: int) -> list[str]:
    """Return names that EPANET can read."""
    names = [str(at) for at in range(count)] if given is None else [str(one) for one in given]
    if len(names) != count or len(set(names)) < count:
        raise ValueError(f"{what} must hold {count} different names")
    for name in names:
        if not name or len(name.encode()) > LONGEST_ID or FORBIDDEN & set(name):
            raise ValueError(
                f"{what} {name!r}: a name in EPANET has 1 to {LONGEST_ID} bytes and no blanks, commas, quotes, "
                "semicolons or brackets"
            )
    return names
