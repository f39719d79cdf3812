"""What modules face, and the share of open light that surroundings leave them."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from resources.irradiation import SkyTable, plane_irradiation

Floats = NDArray[np.float64]

MOST_LIGHT = 1.05
"""Light share above which something is wrong; a little more than one is light thrown back by walls."""


def normals_of(tilt_deg: Floats, azimuth_deg: Floats) -> Floats:
    """Return unit vectors east, north, up of planes, planes x 3.

    Examples
    --------
    >>> normals_of(np.array([0.0, 90.0]), np.array([0.0, 180.0])).round(3).tolist()
    [[0.0, 0.0, 1.0], [0.0, -1.0, 0.0]]
    """
    tilt, azimuth = np.radians(tilt_deg), np.radians(azimuth_deg)
    return np.column_stack([np.sin(tilt) * np.sin(azimuth), np.sin(tilt) * np.cos(azimuth), np.cos(tilt)])


def swept_normals(arrays: pd.DataFrame) -> Floats:
    """Return the plane that the sun is swept for, arrays x 3: that of the modules, or level under pairs of rows.

    Both rows of a pair stand on the same cells, so the light between them is that of the level.

    Parameters
    ----------
    arrays
        Result of `layout.arrays_of`.
    """
    tilt, azimuth = (arrays[name].to_numpy(dtype=np.float64) for name in ("tilt_deg", "azimuth_deg"))
    return normals_of(np.where(arrays["layout"] == "east_west", 0.0, tilt), azimuth)


def open_light(normals: Floats, table: SkyTable) -> Floats:
    """Return the irradiation of planes in the open, planes x periods [kWh/m2].

    Parameters
    ----------
    normals
        Planes x 3.
    table
        What directions give.
    """
    planes, which = np.unique(normals.round(9), axis=0, return_inverse=True)
    return plane_irradiation(np.zeros((len(planes), table.directions)), planes, table)[which.ravel()]


def light_share(found: Floats, in_the_open: Floats) -> Floats:
    """Return what surroundings leave of open light, in the shape of both [1].

    What is not known, as on a roof that another one covers, is taken as open, and so is a month without sun. Bright
    walls may throw back more than they hide; beyond `MOST_LIGHT` that is not counted.

    Parameters
    ----------
    found, in_the_open
        Irradiation by plane and period, as it stands and in the open [kWh/m2].
    """
    told = np.isfinite(found) & (in_the_open > 0.0)
    return np.minimum(np.divide(found, in_the_open, out=np.ones_like(in_the_open), where=told), MOST_LIGHT)
