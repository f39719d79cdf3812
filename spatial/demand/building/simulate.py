"""Hourly loads of many zones: each is packed into arrays and run, on its own, by the compiled kernel."""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from layers.errors import Findings
from spatial.demand.building import kernel
from spatial.demand.building.checks import check_zone
from spatial.demand.building.packing import Packed, Packer
from spatial.demand.building.sky import SkyHours, check_sky
from spatial.demand.building.zone import Zone

Floats = NDArray[np.float64]

WARM_UP = 672
"""Hours of the end of the year that are run first, so that the start forgets its guess."""
CHUNK = 16
"""Zones whose hours one thread holds at a time."""
AHEAD = 2
"""Such groups per thread that are under way at a time."""


@dataclass(frozen=True)
class Loads:
    """What each zone needs and feels each hour, zones x hours.

    Attributes
    ----------
    heating, cooling_sensible, cooling_latent
        Useful demand [W], never negative.
    t_air, t_radiant
        Temperature of the air and mean radiant temperature [C].
    humidity
        Humidity ratio of the air [kg/kg].
    gains, transmission, ventilation, storage
        Heat that sun, people and machines bring into the zone, that leaves through what bounds it, that leaves with the
        air, and that masses take up [W]. Gains and heating less cooling equal the other three.
    moisture_in, moisture_stored
        Water that air and people bring, and what stays in air, surfaces and furniture [kg/h]; the rest is condensed.
    """

    heating: Floats
    cooling_sensible: Floats
    cooling_latent: Floats
    t_air: Floats
    t_radiant: Floats
    humidity: Floats
    gains: Floats
    transmission: Floats
    ventilation: Floats
    storage: Floats
    moisture_in: Floats
    moisture_stored: Floats

    @property
    def heat_residual(self) -> Floats:
        """What the heat balance of each hour leaves over [W]: nought but for rounding."""
        plant = self.heating - self.cooling_sensible
        return self.gains + plant - self.transmission - self.ventilation - self.storage

    @property
    def moisture_residual(self) -> Floats:
        """What the moisture balance of each hour leaves over [kg/h]: nought but for rounding."""
        return self.moisture_in - self.cooling_latent / kernel.LATENT_W - self.moisture_stored


def _run(packed: list[Packed], shared: Packed, sky: Floats, warm_up: int) -> Floats:
    out = np.zeros((len(packed), len(kernel.CHANNELS), len(sky)))
    for number, tables in enumerate(packed):
        arguments: tuple[Any, ...] = (*tables, *shared, sky, warm_up, out[number])
        kernel.run_zone(*arguments)
    return out


def _check(zones: Iterable[Zone], rest: Iterator[Zone], findings: Findings) -> None:
    """Check zones; where one is at fault, check the rest as well and tell all faults at once."""
    for zone in zones:
        check_zone(zone, findings)
    if findings.errors:
        for zone in rest:
            check_zone(zone, findings)
    findings.raise_errors()


def _chunks(zones: Iterable[Zone], sky: SkyHours, threads: int, warm_up: int) -> Iterator[tuple[list[Zone], Floats]]:
    """Yield zones and their hours, zones x channels x hours, in the order they come."""
    findings = Findings()
    check_sky(sky, findings)
    if not isinstance(zones, Iterable):
        named = f"zone {zones.name}" if isinstance(zones, Zone) else f"of type {type(zones).__name__}"
        findings.error("zones", f"it is {named}, no list", "give a list, if of one zone")
        zones = ()
    listed = isinstance(zones, Sequence)
    if listed or findings.errors:
        _check(zones, iter(()), findings)
    source, packer = iter(zones), Packer(sky)
    under_way: deque[tuple[list[Zone], Future[Floats]]] = deque()
    with ThreadPoolExecutor(threads) as pool:
        try:
            while chosen := list(islice(source, CHUNK)):
                if not listed:
                    _check(chosen, source, Findings())
                packer.renew()
                packed = [packer.pack(zone) for zone in chosen]
                under_way.append((chosen, pool.submit(_run, packed, packer.shared(), sky.table, warm_up)))
                if len(under_way) > AHEAD * threads:
                    done, job = under_way.popleft()
                    yield done, job.result()
            for done, job in under_way:
                yield done, job.result()
        finally:
            pool.shutdown(cancel_futures=True)


def simulate(zones: Iterable[Zone], sky: SkyHours, threads: int = 2, warm_up: int = WARM_UP) -> Loads:
    """Return the hours of all zones.

    Parameters
    ----------
    zones
        The zones; the result keeps their order.
    sky
        What acts on them.
    threads
        How many to use; the result does not depend on it.
    warm_up
        Hours of the end of the year that are run first.

    Raises
    ------
    InputError
        With everything about any zone that cannot be computed, and where the sky has another number of hours or
        values that no weather has.
    """
    made = [hours for _, hours in _chunks(zones, sky, threads, warm_up)]
    if not made:
        return Loads(*[np.zeros((0, len(sky.table)))] * len(kernel.CHANNELS))
    whole = np.concatenate(made)
    return Loads(*(np.ascontiguousarray(whole[:, channel]) for channel in range(len(kernel.CHANNELS))))


def thermal_hours(zones: Iterable[Zone], sky: SkyHours, threads: int = 2, warm_up: int = WARM_UP) -> Floats:
    """Return heating, sensible and latent cooling of many zones [W], zones x 3 x hours, holding nothing else.

    Parameters
    ----------
    zones, sky, threads, warm_up
        As of `simulate`.
    """
    parts = [hours[:, :3].copy() for _, hours in _chunks(zones, sky, threads, warm_up)]
    return np.concatenate(parts) if parts else np.zeros((0, 3, len(sky.table)))


def annual_loads(zones: Iterable[Zone], sky: SkyHours, threads: int = 2, warm_up: int = WARM_UP) -> pd.DataFrame:
    """Return annual sums and peaks of many zones without holding their hours.

    Parameters
    ----------
    zones
        Any number of zones, also from a generator; they are taken a few at a time.
    sky, threads, warm_up
        As of `simulate`.

    Returns
    -------
    DataFrame
        Index: names of the zones. Columns ``heating_mwh``, ``cooling_sensible_mwh``, ``cooling_latent_mwh``,
        ``heating_peak_kw``, ``cooling_peak_kw`` (sensible), ``cooling_total_peak_kw``, ``t_min_c``, ``t_mean_c`` and
        ``t_max_c`` of the air.

    Raises
    ------
    InputError
        As of `simulate`.
    """
    names: list[str] = []
    rows: list[Floats] = []
    for chosen, hours in _chunks(zones, sky, threads, warm_up):
        names += [zone.name for zone in chosen]
        sums = hours[:, :3].sum(axis=2) / 1e6
        peaks = hours[:, :2].max(axis=2) / 1e3
        total = (hours[:, 1] + hours[:, 2]).max(axis=1, keepdims=True) / 1e3
        air = hours[:, 3]
        felt = np.column_stack([air.min(axis=1), air.mean(axis=1), air.max(axis=1)])
        rows.append(np.hstack([sums, peaks, total, felt]))
    columns = ["heating_mwh", "cooling_sensible_mwh", "cooling_latent_mwh", "heating_peak_kw", "cooling_peak_kw"]
    columns += ["cooling_total_peak_kw", "t_min_c", "t_mean_c", "t_max_c"]
    values = np.vstack(rows) if rows else np.zeros((0, len(columns)))
    return pd.DataFrame(values, index=pd.Index(names, name="zone", dtype="str"), columns=columns)
