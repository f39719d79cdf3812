"""What goes on in rooms: loads, schedules, set points, and the plants that serve them."""

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from spatial.demand.building.humidity import humidity_ratio
from spatial.demand.classes import Member
from spatial.demand.schedules import Calendar, hourly, in_season, own_hourly, restated
from spatial.demand.values import Values

Floats = NDArray[np.float64]

STANDARD_PRESSURE = 101_325.0
OVERRIDDEN = {
    "occupancy": "occupancy_per_m2",
    "lighting": "lighting_w_m2",
    "equipment": "equipment_w_m2",
    "fresh_air": "fresh_air_m3_h_person",
    "wall": "wall_u",
    "roof": "roof_u",
    "window": "window_u",
    "shgc": "shgc",
    "infiltration": "infiltration_1_h",
    "heating_setpoint": "heating_set_c",
    "cooling_setpoint": "cooling_set_c",
}
"""Figure of the model to the column an archetype may state it in."""


@dataclass(frozen=True)
class Loads:
    """What goes on in rooms at most: people [1/m2], lamps, equipment [W/m2], fresh air [m3/(h m2)]."""

    people: float
    lighting: float
    equipment: float
    fresh_air: float


def design_loads(member: Member, values: Values) -> Loads:
    """Return the loads of rooms with all in them.

    Those of GB 55015-2021 appendix C times the use factors that turn design rooms into whole buildings. What an
    archetype states of its own is taken as it stands, in all vintages.
    """
    own, kind, vintage = member.archetype.overrides, member.archetype.enduse_key, member.vintage

    def load(quantity: str, *factors: str) -> float:
        stated = own.get(OVERRIDDEN[quantity])
        if stated is not None:
            return stated
        return values.value(f"load.{member.load}.{quantity}") * float(np.prod([values.value(key) for key in factors]))

    people = load("occupancy")
    return Loads(
        people,
        load("lighting", f"lighting.{vintage}", f"use.{kind}.lighting"),
        load("equipment", f"equipment.{vintage}", f"use.{kind}.equipment"),
        people * load("fresh_air", f"fresh_air.{vintage}", f"air.{kind}"),
    )


def envelope_value(member: Member, part: str, values: Values) -> float:
    """Return a figure of the envelope: the archetype's own, else that of its vintage."""
    stated = member.archetype.overrides.get(OVERRIDDEN.get(part, ""))
    key = f"envelope.{member.archetype.envelope}.{member.vintage}.{part}"
    return values.value(key) if stated is None else stated


def infiltration(member: Member, values: Values) -> float:
    """Return the air change through joints and doors in the mean of the year [1/h]."""
    rate = envelope_value(member, "infiltration", values)
    own = OVERRIDDEN["infiltration"] in member.archetype.overrides
    return rate if own else rate * values.value(f"air.{member.archetype.enduse_key}")


def extra_equipment(member: Member, values: Values) -> tuple[float, float]:
    """Return flat equipment beyond the schedules [W/m2] and the part of it that heats the rooms [W/m2]."""
    base = member.archetype.base
    if f"extra.{base}.equipment" not in values or "equipment_w_m2" in member.archetype.overrides:
        return 0.0, 0.0
    power = values.value(f"extra.{base}.equipment") * 1000.0 / 8760.0
    return power, power * values.value(f"extra.{base}.gain")


def cooling_limit(member: Member, values: Values) -> float:
    """Return the capacity of the cooling plant per cooled area [W/m2].

    Plants are sized with an index for a share of the floor area. Where more of it is cooled at a time, it shares the
    plant. Where an archetype states loads of its own, the plant is larger by what they are more than the code's.
    """
    sized = values.value(f"cooled_share.{member.load}")
    cooled = values.value(f"use.{member.archetype.enduse_key}.cooling")
    index = values.value(f"plant.{member.load}.cooling") * min(1.0, sized / cooled)
    if not member.archetype.overrides:
        return index
    own, code = design_loads(member, values), design_loads(_as_the_code(member), values)
    more = values.value("gain.person") * (own.people - code.people)
    more += own.lighting - code.lighting + own.equipment - code.equipment
    return index + max(more, 0.0)


def _as_the_code(member: Member) -> Member:
    return replace(member, archetype=replace(member.archetype, overrides={}))


def heating_limit(member: Member, winter: float, values: Values) -> float:
    """Return the capacity of the heating plant [W/m2]: the index of Ningbo, scaled to the winter of the place.

    Parameters
    ----------
    member
        The rooms.
    winter
        Outdoor temperature that plants are sized for [C].
    values
        Constants.
    """
    index = values.value(f"plant.{member.load}.heating") * values.value(f"plant_size.{member.vintage}")
    inside = values.value("plant.inside")
    return index * max(inside - winter, 1.0) / (inside - values.value("plant.winter"))


@dataclass
class Use:
    """Schedules over the year, each made once and shared by all zones that follow it.

    Attributes
    ----------
    days
        Calendar.
    pressure
        Of the air [Pa].
    made
        Patterns by what they are of.
    """

    days: Calendar
    pressure: float = STANDARD_PRESSURE
    made: dict[tuple[str, str, str], Floats] = field(default_factory=dict)

    def pattern(self, member: Member, quantity: str) -> Floats:
        """Return the schedule of rooms: their archetype's own, else that of the code."""
        own = _scheduled(member, quantity)
        key = (member.archetype.archetype if own else member.schedule, quantity, "own" if own else "code")
        if key not in self.made:
            self.made[key] = (
                own_hourly(member.archetype, quantity, self.days)
                if own
                else hourly(member.schedule, quantity, self.days)
            )
        return self.made[key]

    def set_points(self, member: Member, mode: str, values: Values) -> Floats:
        """Return the set point [C] for heating or cooling; without bound while the plant is off or out of season.

        A schedule of an archetype's own says itself when the plant is off, and knows no season.
        """
        off = -np.inf if mode == "heating" else np.inf
        stated = member.archetype.overrides.get(OVERRIDDEN[f"{mode}_setpoint"])
        key = (f"{member.archetype.envelope}|{member.schedule}|{member.archetype.archetype}", mode, str(stated))
        if key not in self.made:
            plan = self.pattern(member, f"{mode}_setpoint")
            running = ~np.isnan(plan)
            if not _scheduled(member, f"{mode}_setpoint"):
                season = values.table[f"season.{member.archetype.envelope}.{mode}"].text
                running &= in_season(self.days.times, season)
                plan = plan if stated is None else restated(plan, stated, mode)
            self.made[key] = np.where(running, plan, off)
        return self.made[key]

    def humidity_set(self, member: Member, values: Values) -> Floats:
        """Return the highest humidity ratio while cooling [kg/kg]."""
        limit = values.value(f"moisture.limit.{member.archetype.envelope}")
        key = (f"{member.archetype.envelope}|{member.schedule}|{member.archetype.archetype}", "humidity", str(limit))
        if key not in self.made:
            cool = np.nan_to_num(self.set_points(member, "cooling", values), posinf=0.0)
            self.made[key] = humidity_ratio(cool, limit, self.pressure)
        return self.made[key]


def _scheduled(member: Member, quantity: str) -> bool:
    """Tell whether the archetype has a schedule of its own of a quantity."""
    return quantity in {name for name, _ in member.archetype.schedules}
