"""Whether the fields of a described part hold the kind of thing they are meant for: numbers, known words, parts."""

from collections.abc import Callable
from dataclasses import fields
from numbers import Real
from types import UnionType
from typing import Any, Literal, get_args, get_origin

import numpy as np

from spatial.demand.building.zone import Fin, Gain, Glazing, Layer, Leaks, Opaque, Overhang, Supply, Window, Zone

Fits = Callable[[Any], bool]

HINTS = {"facing": "; a floor on the ground is a 'space' with the soil's outside_temperature"}
LONGEST = 60
"""Letters of a value that a message repeats."""


def is_number(value: object) -> bool:
    """Return whether a value is one real number."""
    return type(value) is float or isinstance(value, Real)


def misfits(part: object) -> list[tuple[str, str, str]]:
    """Return field, problem and remedy of each field of a part that holds another kind of thing than it should."""
    described = next(kind for kind in type(part).__mro__ if kind in KINDS)
    found = []
    for name, kind, fits in KINDS[described]:
        value = getattr(part, name)
        if not fits(value):
            found.append((name, *_told(name, kind, value)))
    return found


def _test(kind: object) -> Fits:
    """Return what tells whether a value is of a kind."""
    if kind is float:
        return is_number
    if kind is str or get_origin(kind) is np.ndarray:
        return lambda _: True  # names are only printed, and series have checks of their own
    if get_origin(kind) is Literal:
        return lambda value: isinstance(value, str) and value in get_args(kind)
    if get_origin(kind) is tuple:
        each = _test(get_args(kind)[0])
        return lambda value: isinstance(value, tuple) and all(each(item) for item in value)
    if isinstance(kind, UnionType):
        tests = [_test(one) for one in get_args(kind)]
        return lambda value: any(fits(value) for fits in tests)
    return lambda value: isinstance(kind, type) and isinstance(value, kind)


def _told(name: str, kind: object, value: object) -> tuple[str, str]:
    """Return what is wrong with a value that is not of its kind, and the remedy."""
    if get_origin(kind) is Literal:
        *words, last = [repr(word) for word in get_args(kind)]
        return f"{name} is {_short(value)}", f"write {', '.join(words)} or {last}{HINTS.get(name, '')}"
    if get_origin(kind) is tuple:
        wanted = get_args(kind)[0]
        if not isinstance(value, tuple):
            return f"{name} is {_short(value)}", f"give a list, each of it {_called(wanted)}"
        fits = _test(wanted)
        number, item = next((number, item) for number, item in enumerate(value) if not fits(item))
        return f"{name}[{number}] is {_short(item)}", f"let each be {_called(wanted)}"
    return f"{name} is {_short(value)}", f"give {_called(kind)}"


def _called(kind: object) -> str:
    if isinstance(kind, UnionType):
        return " or ".join(_called(one) for one in get_args(kind))
    if kind is float:
        return "a number without quotes or unit"
    if kind is type(None):
        return "None"
    return kind.__name__ if isinstance(kind, type) else str(kind)


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}..."


KINDS: dict[type, tuple[tuple[str, Any, Fits], ...]] = {
    described: tuple((about.name, about.type, _test(about.type)) for about in fields(described))
    for described in (Zone, Opaque, Window, Glazing, Layer, Overhang, Fin, Gain, Supply, Leaks)
}
"""Name, kind and test of the fields of each part: made once, as a plan has many thousands of parts."""
