"""Charging of cars by parking: where the account's electric cars take their energy, and at which peak.

Cars are counted in the account, by vehicle kilometres. This room puts the same energy on the parking spaces that belong
to buildings; nothing here is added to the account. Spaces follow from floor area, spaces that a plan states are not
read. Buses, taxis, trucks and two-wheelers charge elsewhere. The hourly system gives all cars the shape of home; the
shapes by place and the peaks stand here alone. Constants are in ``parking.csv``.
"""

from functools import cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from layers.archetypes import Kinds, archetypes
from layers.constants import Constants, constants
from layers.tables.contract import Table
from layers.tables.demand import CHARGING_PARCELS, CHARGING_UNITS
from layers.units import HOURS_PER_YEAR, KWH_PER_MWH
from spatial.demand.schedules import calendar, shape

Floats = NDArray[np.float64]

PLACES = ("home", "work", "public")
"""Where cars are charged: where residents, staff, or customers and guests park."""
CARS = "cars"
ELECTRIC = "battery"
M2_PER_BASIS = 100.0
"""Floor area that spaces are given for [m2]."""


def _constants() -> Constants:
    return constants("spatial.demand", "parking.csv")


@cache
def _place_of() -> dict[str, str]:
    """Return where the cars beside a built-in archetype are charged."""
    return {name: place for place in PLACES for name in _constants()[f"place.{place}"].text.split()}


def shares() -> Floats:
    """Return the share of charging by `PLACES`.

    Examples
    --------
    >>> float(shares().sum())
    1.0
    """
    return np.array([_constants().value(f"share.{place}") for place in PLACES])


def charger_kw(place: str) -> float:
    """Return the mean power of a charger [kW]: slow ones, and fast ones by their share.

    Examples
    --------
    >>> charger_kw("home")
    7.0
    """
    known, fast = _constants(), _constants().value(f"fast.{place}")
    return (1.0 - fast) * known.value("charger.slow") + fast * known.value("charger.fast")


def diversity(chargers: Floats, limit: Floats) -> Floats:
    """Return which part of their power a number of chargers takes together at most.

    Rusck's curve [1]_, ``g + (1 - g) / sqrt(n)``; a single charger takes all.

    Parameters
    ----------
    chargers
        Number of chargers, any shape; expected numbers need not be whole, and below one count as one.
    limit
        Part that very many take, at most one.

    References
    ----------
    .. [1] Rusck, S. (1956), The simultaneous demand in distribution network supplying domestic consumers, ASEA
       Journal 10(11), 59-61

    Examples
    --------
    >>> diversity(np.array([1.0, 100.0]), np.array(0.1)).round(3).tolist()
    [1.0, 0.19]
    """
    return np.asarray(limit + (1.0 - limit) / np.sqrt(np.maximum(chargers, 1.0)))


def electric_cars(
    end_uses: pd.DataFrame, equipment: pd.DataFrame, scenario: str, years: tuple[int, ...]
) -> pd.DataFrame:
    """Return what the account says of electric cars.

    Parameters
    ----------
    end_uses, equipment
        Tables END_USES and EQUIPMENT.
    scenario, years
        Which rows of them.

    Returns
    -------
    DataFrame
        By year: ``electric_share`` of the cars, ``energy_mwh`` they take.
    """
    plain = [frame.reset_index() if frame.index.names != [None] else frame for frame in (end_uses, equipment)]
    energy, running = (
        frame[(frame["scenario"] == scenario) & (frame["technology"] == ELECTRIC) & (frame[name] == CARS)]
        for frame, name in zip(plain, ("subsector", "subject"), strict=True)
    )
    taken = energy.loc[energy["carrier"] == "electricity"].groupby("year")["energy_mwh"].sum()
    share = running.groupby("year")["share"].sum()
    rows = pd.Index(list(dict.fromkeys(years)), dtype=np.int64, name="year")
    return pd.DataFrame({"electric_share": share.reindex(rows, fill_value=0.0),
                         "energy_mwh": taken.reindex(rows, fill_value=0.0)})  # fmt: skip


def equipped(place: str, year: int, electric_share: float) -> float:
    """Return the chargers per parking space in a year.

    Beside homes they follow the electric cars, elsewhere the rules for buildings.
    """
    known = _constants()
    if place == "home":
        return electric_share * known.value("chargers.per_electric_car")
    given = known.under(f"equipped.{place}")
    span = sorted(given, key=int)
    return float(np.interp(year, [float(when) for when in span], [given[when].value for when in span]))


def parking(stock: pd.DataFrame, kinds: Kinds | None = None) -> pd.DataFrame:
    """Return the parking spaces that belong to rows of stock.

    Parameters
    ----------
    stock
        Table STOCK.
    kinds
        Archetypes of the study, which park as the built-in ones they are based on; without them the built-in ones.

    Returns
    -------
    DataFrame
        Index as `stock`: ``place`` (one of `PLACES`) and ``parking_spaces``.
    """
    kinds = archetypes() if kinds is None else kinds
    per_area = {key: row.value / M2_PER_BASIS for key, row in _constants().under("spaces").items()}
    base = stock["archetype"].map({key: kind.base for key, kind in kinds.items()})
    return pd.DataFrame(
        {"place": base.map(_place_of()).astype("str"),
         "parking_spaces": base.map(per_area).astype("float64") * stock["floor_area_m2"]},
        index=stock.index,
    )  # fmt: skip


def charging_shapes(times: pd.DatetimeIndex) -> pd.DataFrame:
    """Return the hourly shape of charging at each of `PLACES`; each sums to one.

    Parameters
    ----------
    times
        The 8,760 hours, in local time.

    Returns
    -------
    DataFrame
        Table CHARGING_SHAPES.
    """
    days = calendar(times)
    columns = {place: shape(f"charging.{place}", days) for place in PLACES}
    return pd.DataFrame(columns, index=pd.DatetimeIndex(times, name="time"))


def coincident_peak(chargers: Floats, energy_mwh: Floats, shapes: pd.DataFrame) -> Floats:
    """Return the highest hour of charging at places with a common connection [kW].

    Very many chargers take together what their energy asks for in the highest hour of its shape on the busiest day;
    that is the limit of `diversity`, which says what a number of them takes. Kinds are added hour by hour, each with
    the shape of its day.

    Parameters
    ----------
    chargers, energy_mwh
        Chargers and their energy [MWh] by row and `PLACES`.
    shapes
        Table CHARGING_SHAPES.
    """
    hours = np.unique(shapes[list(PLACES)].to_numpy(), axis=0)  # the same day comes many times a year
    highest = hours.max(axis=0)
    installed = chargers * np.array([charger_kw(place) for place in PLACES])
    asked = energy_mwh * KWH_PER_MWH * highest * _constants().value("peak_day")
    limit = np.divide(asked, installed, out=np.ones_like(asked), where=installed > asked)
    peaks = installed * diversity(chargers, limit)
    return np.asarray((peaks @ (hours / highest).T).max(axis=1))


def charging_on_parcels(
    stock: pd.DataFrame, cars: pd.DataFrame, shapes: pd.DataFrame, kinds: Kinds | None = None
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Put the charging of electric cars on the parcels whose buildings have parking spaces.

    Parameters
    ----------
    stock
        Table STOCK.
    cars
        As `electric_cars` gives it: its years are those told.
    shapes
        Table CHARGING_SHAPES.
    kinds
        Archetypes of the study; without them the built-in ones.

    Returns
    -------
    parcels : DataFrame
        Table CHARGING_PARCELS.
    units : DataFrame
        Table CHARGING_UNITS, the zone first in each year.

    Notes
    -----
    Energy goes to home, work and public by `shares`, and in each to all chargers alike. Where the zone has no charger
    of a kind, the others take its part; where it has none at all, nothing is put anywhere.
    """
    plain = stock.reset_index() if stock.index.name == "stock_id" else stock
    # sums in one order, so that the order of the rows does not change the last digit
    plain = plain.sort_values(["parcel_id", "archetype"], kind="stable", ignore_index=True)
    beside = plain[["parcel_id", "unit_id", "year_from"]].join(parking(plain, kinds))
    parcels, units = [], []
    for year, share, energy in zip(cars.index, cars["electric_share"], cars["energy_mwh"], strict=True):
        standing = beside.loc[beside["year_from"] <= year]
        place, ids = pd.factorize(standing["parcel_id"])
        unit_of = standing.drop_duplicates("parcel_id")["unit_id"].to_numpy(dtype=object)
        spaces = np.zeros((len(ids), len(PLACES)))
        np.add.at(spaces, (place, pd.Index(PLACES).get_indexer(standing["place"])), standing["parking_spaces"])
        chargers = spaces * np.array([equipped(name, int(year), float(share)) for name in PLACES])
        parts = spaces, chargers, _spread(chargers, float(energy))
        told = _told(pd.Index(ids, name="parcel_id"), parts, shapes)
        parcels.append(told.assign(unit_id=unit_of, year=int(year)).reset_index())
        units.append(_units(unit_of, parts, told["charging_peak_kw"].to_numpy(), shapes).assign(year=int(year)))
    return _arranged(parcels, CHARGING_PARCELS), _arranged(units, CHARGING_UNITS)


Parts = tuple[Floats, Floats, Floats]
"""Parking spaces, chargers and energy [MWh], each by row and `PLACES`."""


def _spread(chargers: Floats, energy_mwh: float) -> Floats:
    """Return the energy of all chargers [MWh], rows x `PLACES`."""
    total = chargers.sum(axis=0)
    part = np.where(total > 0.0, shares(), 0.0)
    part = part / part.sum() if part.any() else part
    return np.asarray(chargers / np.where(total > 0.0, total, 1.0) * part * energy_mwh)


def _told(ids: pd.Index, parts: Parts, shapes: pd.DataFrame) -> pd.DataFrame:
    """Return the columns that parcels and units have in common."""
    spaces, chargers, energy = parts
    return pd.DataFrame(
        {
            "parking_spaces": spaces.sum(axis=1),
            "chargers": chargers.sum(axis=1),
            "installed_kw": chargers @ np.array([charger_kw(place) for place in PLACES]),
            "charging_mwh": energy.sum(axis=1),
            **{f"charging_{place}_mwh": energy[:, number] for number, place in enumerate(PLACES)},
            "charging_peak_kw": coincident_peak(chargers, energy, shapes),
        },
        index=ids,
    )


def _units(unit_of: NDArray[np.object_], parts: Parts, peaks: Floats, shapes: pd.DataFrame) -> pd.DataFrame:
    """Return the sums of the zone and its units, and how far the peaks of their parcels coincide."""
    unit, names = pd.factorize(unit_of, sort=True)

    def sums(rows: Floats) -> Floats:
        found = np.zeros((len(names) + 1, *rows.shape[1:]))
        np.add.at(found, unit + 1, rows)
        found[0] = rows.sum(axis=0)
        return found

    spaces, chargers, energy = (sums(rows) for rows in parts)
    table = _told(pd.Index(["", *names], name="unit_id"), (spaces, chargers, energy), shapes)
    added = sums(peaks)
    # the peak of a single parcel may differ from itself in the last digit
    peak = np.minimum(table["charging_peak_kw"].to_numpy(), added)
    ratio = np.divide(peak, added, out=np.ones_like(added), where=added > 0.0)
    return table.assign(charging_peak_kw=peak, charging_peak_sum_kw=added, diversity=ratio).reset_index()


def _arranged(tables: list[pd.DataFrame], contract: Table) -> pd.DataFrame:
    columns = [*contract.key, *contract.columns]
    texts = {name: "str" for name in ("parcel_id", "unit_id") if name in columns}
    return pd.concat(tables, ignore_index=True)[columns].astype({**texts, "year": "int64"})


def explain_charging(parcels: pd.DataFrame, cars: pd.DataFrame) -> tuple[list[str], list[str]]:
    """Return what there is to note about charging, and what to warn of.

    Parameters
    ----------
    parcels
        Table CHARGING_PARCELS.
    cars
        As `electric_cars` gives it.
    """
    notes, warnings = [], []
    for year, energy in cars["energy_mwh"].items():
        own = parcels.loc[parcels["year"] == year]
        placed, power = float(own["charging_mwh"].sum()), float(own["installed_kw"].sum())
        if placed < (1.0 - 1e-9) * energy:
            warnings.append(f"the {energy:,.0f} MWh that cars charge in {year} have no charger beside any building")
        elif power > 0.0:
            hours = placed * KWH_PER_MWH / power
            if hours > HOURS_PER_YEAR:
                warnings.append(
                    f"the {placed:,.0f} MWh that cars charge in {year} are more than the {power:,.0f} kW of chargers "
                    f"beside the plan's buildings can give ({power * HOURS_PER_YEAR / KWH_PER_MWH:,.0f} MWh): "
                    "cars and buildings do not belong to the same zone"
                )
            told = f"{placed:,.0f} MWh of the account in {year}, at {own['chargers'].sum():,.0f} chargers"
            notes.append(f"cars charge {told} of {power / 1000.0:,.1f} MW: {hours:,.0f} h at full power")
    return notes, warnings
