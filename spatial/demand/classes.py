"""Classes of buildings: every archetype in every form it takes and every vintage, and the kinds of rooms in it."""

from dataclasses import dataclass
from itertools import product

import numpy as np
import pandas as pd

from layers.archetypes import Archetype, Kinds, archetypes
from layers.constants import constants
from layers.tables.stock import VINTAGES
from spatial.demand.naming import class_name
from spatial.demand.values import demand_constants


@dataclass(frozen=True)
class Shape:
    """Surfaces of a building per floor area [m2/m2]: its facades to each side, and its roof; and its floors.

    `light` is the share of open light that buildings opposite leave to its walls; without it the plan does not tell.
    """

    facade: float
    facade_ns_share: float
    roof: float
    floors: float
    light: float | None = None

    @property
    def sides(self) -> dict[float, float]:
        """Facade per floor area by the compass direction it faces [deg]."""
        long, short = 0.5 * self.facade * self.facade_ns_share, 0.5 * self.facade * (1.0 - self.facade_ns_share)
        return {0.0: long, 90.0: short, 180.0: long, 270.0: short}


@dataclass(frozen=True)
class Member:
    """Rooms of one use in a class of buildings, and the share of the floor area they stand for.

    Attributes
    ----------
    archetype
        Kind of building.
    form
        Form it takes, of `layers.massing.FORMS`.
    vintage
        Generation of its code.
    schedule, load
        Keys of the schedules and loads of the rooms.
    share
        Of the floor area.
    shape
        Surfaces per floor area.
    """

    archetype: Archetype
    form: str
    vintage: str
    schedule: str
    load: str
    share: float
    shape: Shape

    @property
    def class_key(self) -> str:
        """Name of the class, as columns of DEMAND_PROFILES begin."""
        return class_name(self.archetype.archetype, self.form, self.vintage)


def typical_forms(kinds: Kinds | None = None) -> pd.DataFrame:
    """Return table FORM_GEOMETRY of all archetypes in their usual form, as a typical block has it.

    A block of depth d, length l and storey height h has facades of ``h / d`` to north and south each and ``h / l`` to
    east and west each per floor area; its roof is one over the number of floors.

    Parameters
    ----------
    kinds
        Archetypes; without them the built-in ones.
    """
    sizes = constants("layers", "stock.csv").under("massing")
    rows = []
    for key, kind in sorted((archetypes() if kinds is None else kinds).items()):
        depth, length = (sizes[f"{kind.massing}.{side}_m"].value for side in ("depth", "length"))
        along, across = 2.0 * kind.storey_height_m / depth, 2.0 * kind.storey_height_m / length
        rows.append((key, kind.massing, 1.0, along + across, 1.0 / kind.floors, along / (along + across), kind.floors))
    columns = ["archetype", "form", "floor_area_m2", "facade_per_floor", "roof_per_floor", "facade_ns_share", "floors"]
    return pd.DataFrame(rows, columns=columns)


def lit_forms(forms: pd.DataFrame, walls: pd.DataFrame) -> pd.DataFrame:
    """Return table FORM_GEOMETRY with a column ``light``: what buildings opposite leave to walls.

    A form that the plan does not show has the light of the archetype's other walls; an archetype without any has none.

    Parameters
    ----------
    forms
        Table FORM_GEOMETRY.
    walls
        Table WALL_LIGHT.
    """
    plain = forms.reset_index(drop="archetype" in forms.columns)
    own = plain.merge(walls[["archetype", "form", "light"]], on=["archetype", "form"], how="left")
    sums = walls.assign(got=walls["light"] * walls["walls_m2"]).groupby("archetype")[["got", "walls_m2"]].sum()
    return own.assign(light=own["light"].fillna(own["archetype"].map(sums["got"] / sums["walls_m2"])))


def members(forms: pd.DataFrame, kinds: Kinds | None = None, vintages: tuple[str, ...] = VINTAGES) -> list[Member]:
    """Return the rooms of all classes.

    Parameters
    ----------
    forms
        Table FORM_GEOMETRY, with the light of `lit_forms` where the plan tells it.
    kinds
        Archetypes; without them the built-in ones.
    vintages
        Generations of the code to take.
    """
    known = archetypes() if kinds is None else kinds
    shares = demand_constants().under("zone_share")
    plain = forms.reset_index() if "archetype" not in forms.columns else forms
    found = []
    for row, vintage in product(plain.to_dict("records"), vintages):
        archetype = known[str(row["archetype"])]
        facade, north_south = float(row["facade_per_floor"]), float(row["facade_ns_share"])
        light = float(row.get("light", np.nan))
        told = None if np.isnan(light) else light
        shape = Shape(facade, north_south, float(row["roof_per_floor"]), float(row["floors"]), told)
        schedules, loads = archetype.schedule_key.split("+"), archetype.load_key.split("+")
        loads = loads * len(schedules) if len(loads) == 1 else loads
        for schedule, load in zip(schedules, loads, strict=True):
            share = 1.0 if len(schedules) == 1 else shares[f"{archetype.schedule_key}.{schedule}"].value
            found.append(Member(archetype, str(row["form"]), vintage, schedule, load, share, shape))
    return found


def class_sums(zones: list[Member], values: np.ndarray) -> dict[str, np.ndarray]:
    """Sum rows of rooms to rows of classes, weighted by their shares of the floor area.

    Parameters
    ----------
    zones
        The rooms.
    values
        One row per room.
    """
    found: dict[str, np.ndarray] = {}
    for zone, row in zip(zones, values, strict=True):
        part = row * zone.share
        found[zone.class_key] = found[zone.class_key] + part if zone.class_key in found else part
    return found
