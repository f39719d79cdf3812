"""A system of buses with what makes, moves, stores and needs energy, hour by hour: plain arrays, no solver in sight."""

import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Floats = NDArray[np.float64]
HOURS_PER_DAY = 24


@dataclass(frozen=True)
class Load:
    """Power that must be met in every hour [MW]."""

    name: str
    bus: str
    mw: Floats


@dataclass(frozen=True)
class Flexible:
    """A load whose energy must be met within each day, in hours of its choice.

    Attributes
    ----------
    mw
        How it would run by itself [MW]; its sum over a day is what the day takes.
    limit_mw
        Power it may take at most [MW].
    """

    name: str
    bus: str
    mw: Floats
    limit_mw: float


@dataclass(frozen=True)
class Source:
    """What gives energy to a bus, or takes it where `sign` is -1 (a sale).

    Attributes
    ----------
    mw, most_mw
        Capacity that stands in any case, and that may stand at most [MW]; infinite `mw` is no limit.
    available
        Share of the capacity usable in each hour [1].
    price
        Cost of each energy [CNY/MWh]; a sale has a negative price.
    co2
        CO2 of each energy [t/MWh], counted against the cap.
    capital
        Cost of each capacity a year [CNY/MW]; of all that stands.
    turns_down
        It may give less than is available.
    """

    name: str
    bus: str
    mw: float
    available: Floats
    price: Floats
    most_mw: float = 0.0
    co2: float = 0.0
    capital: float = 0.0
    sign: int = 1
    turns_down: bool = True


@dataclass(frozen=True)
class Converter:
    """What takes energy from one bus and gives `efficiency` times as much to another; a line where `both_ways`."""

    name: str
    source: str
    target: str
    efficiency: Floats
    mw: float
    most_mw: float = 0.0
    capital: float = 0.0
    both_ways: bool = False


@dataclass(frozen=True)
class Store:
    """A store that ends each year (or each typical day) as it began.

    Attributes
    ----------
    mw, most_mw
        Power in and out that stands in any case, and at most [MW].
    hours
        Energy it holds per power [h].
    charge, discharge
        Efficiency in and out [1].
    loss
        Share of what it holds lost each hour [1/h].
    full_after
        Hour of the day at whose end it is full, if any: vehicles leave charged.
    """

    name: str
    bus: str
    mw: float
    hours: float
    charge: float
    discharge: float
    loss: float = 0.0
    most_mw: float = 0.0
    capital: float = 0.0
    full_after: int | None = None


Plant = Source | Converter | Store


def grows(plant: Plant) -> bool:
    """Return whether least cost may decide on the capacity of a plant."""
    return math.isfinite(plant.mw) and plant.most_mw > plant.mw


@dataclass(frozen=True)
class Case:
    """One system over one year, or over typical days of it.

    Attributes
    ----------
    times
        Hours; whole days, one after the other.
    weights
        How many hours of the year each hour stands for [1].
    apart
        Each day stands by itself, and stores end it as they began; otherwise days follow each other and the last is
        followed by the first.
    co2_cap_t
        CO2 of all sources at most [t].
    """

    times: pd.DatetimeIndex
    weights: Floats
    loads: tuple[Load, ...] = ()
    flexibles: tuple[Flexible, ...] = ()
    sources: tuple[Source, ...] = ()
    converters: tuple[Converter, ...] = ()
    stores: tuple[Store, ...] = ()
    apart: bool = False
    co2_cap_t: float | None = None

    @property
    def buses(self) -> tuple[str, ...]:
        """Names of all buses, sorted."""
        found = {end for way in self.converters for end in (way.source, way.target)}
        found |= {load.bus for load in self.loads} | {load.bus for load in self.flexibles}
        found |= {source.bus for source in self.sources} | {store.bus for store in self.stores}
        return tuple(sorted(found))

    @property
    def plants(self) -> tuple[Plant, ...]:
        """Everything that has a capacity."""
        return (*self.sources, *self.converters, *self.stores)

    @property
    def before(self) -> NDArray[np.intp]:
        """Position of the hour before each hour: around each day where days stand apart, else around the year."""
        if not self.apart:
            return np.roll(np.arange(len(self.times)), 1)
        return np.roll(np.arange(len(self.times)).reshape(-1, HOURS_PER_DAY), 1, axis=1).ravel()

    @property
    def day(self) -> NDArray[np.intp]:
        """Number of the day each hour lies in."""
        return np.arange(len(self.times)) // HOURS_PER_DAY

    @property
    def hour(self) -> NDArray[np.intp]:
        """Hour of the day each hour is."""
        return np.arange(len(self.times)) % HOURS_PER_DAY


@dataclass(frozen=True)
class Operation:
    """How a case is run.

    Attributes
    ----------
    built_mw
        Capacity by plant [MW].
    power
        Power by load, flexible, source and converter (what it takes), and by store as ``<name>_in`` and
        ``<name>_out``, in each hour [MW].
    level
        Energy in each store at the end of each hour [MWh].
    objective
        Cost of the year as the solver has it [CNY].
    """

    built_mw: Mapping[str, float]
    power: Mapping[str, Floats]
    level: Mapping[str, Floats]
    objective: float


def fingerprint(case: Case) -> str:
    """Return a name that two cases share only where every number of them is the same."""
    digest = hashlib.sha256()

    def feed(value: object) -> None:
        if is_dataclass(value):
            feed(tuple(getattr(value, field.name) for field in fields(value)))
        elif isinstance(value, tuple):
            digest.update(f"({len(value)}".encode())
            for part in value:
                feed(part)
        elif isinstance(value, pd.DatetimeIndex):
            feed(value.asi8)
        elif isinstance(value, np.ndarray):
            digest.update(f"{value.shape}".encode() + np.ascontiguousarray(value).tobytes())
        else:
            digest.update(f"{value!r};".encode())

    feed(case)
    return digest.hexdigest()
