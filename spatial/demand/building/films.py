"""Films of heat transfer at the faces of a building."""

import numpy as np

UPRIGHT = 0.01
"""Cosine of the tilt below which a face counts as upright."""
SLOPED = 60.0
"""Elements that lie flatter than this [deg] count as roof or floor, ISO 6946:2017 clause 6.8."""
LEAST_FILM = 0.1
"""Least film of convection at inner surfaces [W/m2K]."""
SPACE_FILM = 1.0 / 0.13
"""Film towards another space [W/m2K], ISO 6946:2017 table 7."""
STEFAN_BOLTZMANN = 5.670374419e-8
"""[W/m2K4]"""
GLASS_EMITTANCE = 0.84
"""Of uncoated glass, EN 673:2011 clause 5.3.2: 0.837."""


def natural_film(tilt: float) -> tuple[float, float]:
    """Return the rise of the film of natural convection where a face is warmer and colder than the air [W/m2K(4/3)].

    Walton (1983), NBSIR 83-2655, as EnergyPlus has it ("TARP"): the film is the rise times the cube root of the
    difference; 1.31 on walls; on others 9.482 / (7.283 - cos) where the flow is unstable, as above a warm floor, and
    1.810 / (1.382 + cos) where it is stable.

    Parameters
    ----------
    tilt
        Of the element, whose inner face is meant [deg]: a roof 0, a wall 90, a floor 180. For its outer face give
        180 less the tilt.
    """
    slope = abs(float(np.cos(np.radians(tilt))))
    unstable, stable = 9.482 / (7.283 - slope), 1.810 / (1.382 + slope)
    if slope < UPRIGHT:
        return 1.31, 1.31
    # the inside of a roof looks down, that of a floor up
    return (stable, unstable) if tilt < 90.0 else (unstable, stable)


def inside_films(tilt: float, film: float | None) -> tuple[float, float, float]:
    """Return the least film of convection inside [W/m2K], and its rise where warmer and colder [W/m2K(4/3)].

    Parameters
    ----------
    tilt
        Of the element [deg].
    film
        A film that holds at all times [W/m2K], or None: natural convection.
    """
    return (LEAST_FILM, *natural_film(tilt)) if film is None else (film, 0.0, 0.0)


def sky_share(tilt: float) -> float:
    """Return the share of long waves that a face exchanges with the sky: its view factor, EN ISO 52016-1:2017."""
    return float(0.5 * (1.0 + np.cos(np.radians(tilt))))
