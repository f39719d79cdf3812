"""How much of a window overhangs and fins leave in the light."""

import numpy as np
from numpy.typing import NDArray

from layers.compiling import compiled
from spatial.demand.building.zone import Overhang, Window

Floats = NDArray[np.float64]

GRID = 24
"""Points along each side of a window at which the sun is looked for."""
RINGS, SPOKES = 18, 72
"""Directions of the hemisphere for diffuse light."""


def _plates(window: Window) -> Floats:
    """Return the plates as rows: side (0 above, -1 left, 1 right), depth, place, and from where to where it runs [m].

    In the window's own frame, from its lower left corner as seen from outside.
    """
    rows = []
    for shade in window.shades:
        if isinstance(shade, Overhang):
            rows.append((0.0, shade.depth, window.height + shade.gap, -shade.left, window.width + shade.right))
        else:
            left = shade.side == "left"
            place = -shade.gap if left else window.width + shade.gap
            rows.append((-1.0 if left else 1.0, shade.depth, place, -shade.below, window.height + shade.above))
    return np.array(rows, dtype=np.float64).reshape(len(rows), 5)


@compiled
def _follow(plates: Floats, width: float, height: float, direction: Floats, share: Floats) -> None:
    """Fill in the share of rays from the window's points that pass all plates, for each direction."""
    for d in range(direction.shape[0]):
        right, up, out = direction[d, 0], direction[d, 1], direction[d, 2]
        if out <= 0.0:
            continue
        free = 0
        for i in range(GRID):
            y = (i + 0.5) / GRID * height
            for j in range(GRID):
                x = (j + 0.5) / GRID * width
                passes = True
                for p in range(plates.shape[0]):
                    side = plates[p, 0]
                    if side == 0.0:
                        if up <= 0.0:
                            continue
                        way = (plates[p, 2] - y) / up
                        meets = x + right * way
                    else:
                        if right * side <= 0.0:
                            continue
                        way = (plates[p, 2] - x) / right
                        meets = y + up * way
                    if plates[p, 3] <= meets <= plates[p, 4] and way * out <= plates[p, 1]:
                        passes = False
                        break
                free += passes
        share[d] = free / (GRID * GRID)


def lit_share(window: Window, direction: Floats) -> Floats:
    """Return the share of a window that light from each direction reaches past its shades.

    Parameters
    ----------
    window
        With size and shades.
    direction
        Directions x 3 to the light in the window's own frame: to the right as seen from outside, up, outwards.

    Returns
    -------
    ndarray
        Share per direction, nought for light from behind.

    Notes
    -----
    A ray from each of `GRID` x `GRID` points is followed to the planes of the plates.
    """
    share = np.zeros(len(direction))
    _follow(_plates(window), window.width, window.height, np.ascontiguousarray(direction, dtype=np.float64), share)
    return share


def sun_share(window: Window, sun: Floats) -> Floats:
    """Return the share of a window the sun reaches each hour.

    Parameters
    ----------
    window
        A vertical window with shades.
    sun
        Hours x 3, the direction to the sun: east, north, up.
    """
    azimuth = np.radians(window.azimuth)
    outwards = np.array([np.sin(azimuth), np.cos(azimuth), 0.0])
    # who looks at the window from outside has on the right what lies anticlockwise of the direction it faces
    rightwards = np.array([-np.cos(azimuth), np.sin(azimuth), 0.0])
    local = np.column_stack([sun @ rightwards, sun[:, 2], sun @ outwards])
    return lit_share(window, np.where(sun[:, 2:] > 0.0, local, -1.0))


def diffuse_shares(window: Window) -> tuple[float, float]:
    """Return the shares of an even sky's and of the ground's light that pass the shades of a vertical window."""
    ring = (np.arange(RINGS) + 0.5) / RINGS
    spoke = 2.0 * np.pi * (np.arange(SPOKES) + 0.5) / SPOKES
    # rings of equal weight: the cosine law is in their spacing
    out, angle = np.meshgrid(np.sqrt(1.0 - ring), spoke)
    flat = np.sqrt(1.0 - out**2)
    direction = np.column_stack([(flat * np.cos(angle)).ravel(), (flat * np.sin(angle)).ravel(), out.ravel()])
    share = lit_share(window, direction)
    above = direction[:, 1] > 0.0
    return float(share[above].mean()), float(share[~above].mean())
