"""Values over time as a person writes them into a cell: ``interpolate(2017, 0.1, 2030, 0.5)``.

=========================================  =============================================================================
``0.5``, ``constant(0.5)``                 the same in all years
``interpolate(2017, 0.1, 2030, 0.5)``      in proportion between the years given (any number of pairs), held outside
``step(2017, 0, 2025, 1)``                 each value from its year on (any number of pairs)
``growth(2017, 0.2, 0.03)``                year, value, rate a year; a fourth figure is the last year of growth
``s_curve(2020, 0.0, 2030, 0.8)``          a logistic curve through both ends, held outside
``follow(population, 0.5)``                0.5 in the first year, then in proportion to a driver of the study
``follow(gdp_million_cny, 1.2, 0.8)``      the same to the power of an elasticity
=========================================  =============================================================================
"""

import itertools
import math
import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from layers.constants import constants

Floats = NDArray[np.float64]
Years = NDArray[np.int64]

_CALL = re.compile(r"([a-z_]+)\s*\((.*)\)", re.IGNORECASE)
_NUMBER = re.compile(r"([-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?)\s*(%?)", re.IGNORECASE)
_EARLIEST, _LATEST = 1900, 2200


class PathError(ValueError):
    """A text is no path, or the path has no value: says what is wrong in a sentence."""


@dataclass(frozen=True, slots=True)
class Path:
    """A value over time.

    Attributes
    ----------
    kind
        Name of the expression.
    numbers
        Its figures, in order.
    driver
        Driver that it follows, None where it follows none.
    """

    kind: str
    numbers: tuple[float, ...]
    driver: str | None = None

    @property
    def first_year(self) -> int | None:
        """First year the person gave a value for; None where the expression says it of all years.

        An S-curve is flat before its start, so it has a value in all years.
        """
        return int(self.numbers[0]) if self.kind in {"interpolate", "step", "growth"} else None

    def values(self, years: Years, drivers: Mapping[str, Floats] | None = None) -> Floats:
        """Return the value in each year.

        Parameters
        ----------
        years
            Calendar years in rising order, shape (n,).
        drivers
            Drivers of the study by name, each of shape (n,).

        Raises
        ------
        PathError
            If the driver is not there, or is not above zero where a power of it is taken.
        """
        if self.kind == "follow":
            return self._follow(drivers or {})
        return _VALUES[self.kind](years, self.numbers)

    def _follow(self, drivers: Mapping[str, Floats]) -> Floats:
        if self.driver is None or self.driver not in drivers:
            raise PathError(f"there is no driver {self.driver!r}; use one of {', '.join(sorted(drivers))}")
        driver = drivers[self.driver]
        if not (driver > 0.0).all():
            raise PathError(f"driver {self.driver} is not above zero in all years")
        elasticity = self.numbers[1] if len(self.numbers) > 1 else 1.0
        return np.asarray(self.numbers[0] * (driver / driver[0]) ** elasticity)


def logistic(progress: Floats) -> Floats:
    """Return how far an S-curve has come where time has come so far, both from 0 to 1.

    A logistic curve cut at both ends and scaled so that it passes through (0, 0) and (1, 1).

    Examples
    --------
    >>> logistic(np.array([-1.0, 0.0, 0.5, 1.0, 2.0])).round(12).tolist()
    [0.0, 0.0, 0.5, 1.0, 1.0]
    """
    half = constants("spatial.scenario", "constants.csv").value("s_curve.steepness") / 2.0
    x = np.clip(progress, 0.0, 1.0)
    # 1 / (1 + exp(-k (x - 1/2))) is (1 + tanh(k (x - 1/2) / 2)) / 2, which scales without cancellation.
    return np.asarray(np.clip(0.5 + 0.5 * np.tanh(half * (x - 0.5)) / math.tanh(half * 0.5), 0.0, 1.0))


def _constant(years: Years, numbers: tuple[float, ...]) -> Floats:
    return np.full(len(years), numbers[0])


def _interpolate(years: Years, numbers: tuple[float, ...]) -> Floats:
    return np.asarray(np.interp(years, numbers[::2], numbers[1::2]))


def _step(years: Years, numbers: tuple[float, ...]) -> Floats:
    at = np.searchsorted(np.array(numbers[::2]), years, side="right") - 1
    return np.array(numbers[1::2])[np.maximum(at, 0)]


def _growth(years: Years, numbers: tuple[float, ...]) -> Floats:
    base, value, rate = numbers[:3]
    last = numbers[3] if len(numbers) > 3 else math.inf
    return np.asarray(value * (1.0 + rate) ** (np.clip(years, base, last) - base))


def _s_curve(years: Years, numbers: tuple[float, ...]) -> Floats:
    start, first, end, last = numbers
    return np.asarray(first + (last - first) * logistic(np.asarray((years - start) / (end - start), dtype=np.float64)))


_VALUES: dict[str, Callable[[Years, tuple[float, ...]], Floats]] = {
    "constant": _constant, "interpolate": _interpolate, "step": _step, "growth": _growth, "s_curve": _s_curve,
}  # fmt: skip

_FORMS = {
    "constant": "constant(value)",
    "interpolate": "interpolate(year, value, year, value, ...)",
    "step": "step(year, value, year, value, ...)",
    "growth": "growth(year, value, rate) or growth(year, value, rate, last year)",
    "s_curve": "s_curve(year, value, year, value)",
    "follow": "follow(driver, value) or follow(driver, value, elasticity)",
}


def parse_path(text: str) -> Path:
    """Return the path that a cell's text means.

    Raises
    ------
    PathError
        If it means none; the message says what is wrong and what the expression looks like.

    Examples
    --------
    >>> parse_path("interpolate(2017, 0.1, 2030, 50%)").values(np.array([2010, 2017, 2030, 2040])).tolist()
    [0.1, 0.1, 0.5, 0.5]
    >>> parse_path("0.3").values(np.array([2017])).tolist()
    [0.3]
    """
    plain = unicodedata.normalize("NFKC", text).strip()
    if not plain:
        raise PathError("the cell is empty; write a number or an expression such as interpolate(2017, 0.1, 2030, 0.5)")
    called = _CALL.fullmatch(plain)
    if called is None:
        if _NUMBER.fullmatch(plain):
            return Path("constant", (_figure(plain),))
        raise PathError(f"{text!r} is neither a number nor an expression; known are {', '.join(_FORMS)}")
    kind, inside = called[1].lower(), [part.strip() for part in called[2].split(",")]
    if kind not in _FORMS:
        raise PathError(f"unknown expression {called[1]!r}; known are {', '.join(_FORMS)}")
    if kind == "follow":
        driver, *rest = inside
        if not re.fullmatch(r"[a-z_]\w*", driver) or len(rest) not in {1, 2}:
            raise PathError(f"{text!r} is not of the form {_FORMS[kind]}")
        return Path(kind, tuple(_figure(part) for part in rest), driver)
    numbers = tuple(_figure(part) for part in inside)
    _check(kind, numbers, text)
    return Path(kind, numbers)


def _figure(text: str) -> float:
    matched = _NUMBER.fullmatch(text)
    if matched is None:
        raise PathError(f"{text!r} is not a number")
    value = float(matched[1]) / (100.0 if matched[2] else 1.0)
    if not math.isfinite(value):
        raise PathError(f"{text!r} is not a finite number")
    return value


def _check(kind: str, numbers: tuple[float, ...], text: str) -> None:
    """Raise where the figures of an expression are too many, too few, or years that are none."""
    pairs = len(numbers) >= 2 and len(numbers) % 2 == 0
    fits = {
        "constant": len(numbers) == 1,
        "growth": len(numbers) in {3, 4},
        "s_curve": len(numbers) == 4,
    }.get(kind, pairs)
    if not fits:
        raise PathError(f"{text!r} is not of the form {_FORMS[kind]}")
    years = {"constant": (), "growth": (numbers[0], *numbers[3:])}.get(kind, numbers[::2])
    for year in years:
        if year % 1.0 or not _EARLIEST <= year <= _LATEST:
            raise PathError(f"{year:g} is not a year in {text!r}; it is of the form {_FORMS[kind]}")
    if any(after <= before for before, after in itertools.pairwise(years)):
        raise PathError(f"the years of {text!r} do not rise")
    if kind == "growth" and not -1.0 < numbers[2] < 1.0:
        raise PathError(f"a rate of {numbers[2]:g} a year is not a fraction between -1 and 1 in {text!r}")
