"""What throws light back onto planes: the ground before them and the walls that hide a part of their sky."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Reals = NDArray[np.float64] | NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Surroundings:
    """What throws light back onto planes; light by period [kWh/m2], or by hour [W/m2].

    Ground is what lies lower than a plane, walls what stands higher and hides the sky. Walls reach from the ground,
    whose light is told, to roofs that lie open: they get the mean of the two, times what a wall gets of open light that
    faces the plane.

    Attributes
    ----------
    albedo
        Share of light that ground and walls throw back.
    open
        Light on level open ground.
    upright
        Light on a wall in the open over that on level ground, in the mean of all directions.
    facing
        The same of the wall that is looked at in each direction, which faces back: directions x periods.
    """

    albedo: float
    open: Reals
    upright: Reals
    facing: Reals

    def thrown_back(
        self, seen: Reals | float, up: Reals | float, around: Reals, hidden: Reals | None = None
    ) -> NDArray[np.floating]:
        """Return what they throw back onto planes, planes x periods.

        Parameters
        ----------
        seen
            Share of an even sky that planes see.
        up
            Upward part of their normals.
        around
            Light that the ground around gets, planes x periods, or of all planes the same.
        hidden
            Share of an even sky that walls hide by direction, planes x directions; without it they are taken as
            spread evenly.
        """
        ground = 0.5 * (1.0 - np.asarray(up))
        walls = (
            np.maximum(1.0 - ground - seen, 0.0)[..., None] * self.upright if hidden is None else hidden @ self.facing
        )
        return np.asarray(self.albedo * (ground[..., None] * around + walls * 0.5 * (self.open + around)))

    def on_ground(self, sky: Reals, seen: Reals | float) -> Reals:
        """Return what level ground gets, places x periods: from the sky, and once from the walls around it.

        Parameters
        ----------
        sky
            What it gets from the sky, places x periods.
        seen
            Share of an even sky that it sees.
        """
        return np.asarray(sky + self.thrown_back(seen, 1.0, sky))
