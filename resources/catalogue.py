"""Every resource and the function that works it out: the one file to touch when a resource is added.

A resource is named here, and imported only when somebody asks for it, so that asking for the sun does not load the
wind.
"""

from collections.abc import Callable
from importlib import import_module
from typing import Any, cast

RESOURCES: dict[str, str] = {
    "roofs": "resources.rooftop.planned:planned_roofs",
    "solar": "resources.solar:solar_potential",
    "wind": "resources.wind:wind_potential",
}
"""Resource to the function that turns tables and options into tables, as ``module:function``."""


def resource(name: str) -> Callable[..., Any]:
    """Return the function of a resource.

    Parameters
    ----------
    name
        A key of `RESOURCES`.

    Raises
    ------
    KeyError
        If there is no such resource.
    """
    try:
        module, function = RESOURCES[name].split(":")
    except KeyError:
        raise KeyError(f"no resource {name!r}; there are {', '.join(RESOURCES)}") from None
    return cast("Callable[..., Any]", getattr(import_module(module), function))
