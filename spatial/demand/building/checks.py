"""Everything about a described zone that cannot be computed, told with the part it stands in."""

from collections.abc import Callable, Mapping
from math import isfinite, isnan
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from layers.errors import Findings
from spatial.demand.building.kinds import is_number, misfits
from spatial.demand.building.zone import (
    ANGLES,
    HOURS,
    Fin,
    Floats,
    Gain,
    Glazing,
    Layer,
    Leaks,
    Opaque,
    Overhang,
    Supply,
    Window,
    Zone,
)

Wrong = Callable[[str, str, str], None]
Part = TypeVar("Part")
ROUNDING = 1e-6

SET_POINTS = {
    "heat_set": (-50.0, 60.0, "C", "give degrees Celsius, and -inf while the plant is off"),
    "cool_set": (-50.0, 60.0, "C", "give degrees Celsius, and inf while the plant is off"),
    "humidity_set": (0.0, 0.1, "kg/kg", "give kilograms, not grams, of water in a kilogram of dry air"),
}
"""Least and highest of each set point, unit and remedy: beyond stand kelvin, grams and slips of the pen."""
WEATHER = {
    "temp_air": (-90.0, 60.0, "C", "give degrees Celsius"),
    "relative_humidity": (0.0, 105.0, "%", "give per cent; over ice and by rounding a little above 100 may occur"),
    "wind_speed": (0.0, np.inf, "m/s", "mend the hours: wind is nought or more"),
}
"""The same of what the weather tells."""


def check_hours(columns: Mapping[str, NDArray[Any]], source: str, findings: Findings) -> None:
    """Report columns of weather that are no year of numbers, or hold what no weather is."""
    lengths = {len(values) for values in columns.values()}
    for length in sorted(lengths - {HOURS}):
        findings.error(source, f"it has {length} hours", f"give {HOURS}, a year without 29 February")
    for name, values in columns.items():
        if values.dtype.kind not in "fiu":
            findings.error(source, f"{name} holds what is no number", "give numbers", column=name)
        elif not np.isfinite(values).all():
            gaps = _hours(~np.isfinite(values))
            findings.error(source, f"{name} has no numbers {gaps}", "fill the gaps", column=name)
        elif name in WEATHER:
            _check_range(name, values, WEATHER[name], lambda *told: findings.error(source, *told[:2], column=told[2]))


def _hours(where: NDArray[np.bool_]) -> str:
    return f"in {int(where.sum())} hours, first in hour {int(np.argmax(where))}"


def _check_range(name: str, values: Floats, limits: tuple[float, float, str, str], wrong: Wrong) -> bool:
    """Return whether all values are within limits, and tell the first that is not."""
    low, high, unit, remedy = limits
    outside = (values < low) | (values > high)
    if outside.any():
        span = f"outside {low:g} to {high:g} {unit}" if isfinite(high) else f"below {low:g} {unit}"
        wrong(f"{name} is {values[np.argmax(outside)]:g}, {span}, {_hours(outside)}", remedy, name)
    return not outside.any()


def check_zone(zone: Zone, findings: Findings) -> None:
    """Report everything about a zone that cannot be computed, with the part it stands in."""
    if not isinstance(zone, Zone):
        findings.error("zones", f"one of them is of type {type(zone).__name__}", "give zones only")
        return
    at = f"zone {zone.name}"

    def wrong(problem: str, remedy: str, part: str = "") -> None:
        findings.error(at, problem, remedy, column=part)

    for name, problem, remedy in misfits(zone):
        wrong(problem, remedy, name)
    if not _sound(zone.volume, above=True):
        wrong(f"volume is {zone.volume:g} m3", "give the air volume", "volume")
    if zone.opaque == ():
        wrong("it has no walls, roof or floor", "add what bounds it: the sun must fall on something", "opaque")
    elements = _among(zone.opaque, Opaque)
    for element in elements:
        _check_opaque(element, wrong)
    given = sum(element.sun_share for element in elements if element.sun_share and is_number(element.sun_share))
    if given > 1.0 + ROUNDING:
        wrong(f"shares of the sun add up to {given:g}", "let them come to 1 or less", "opaque")
    for window in _among(zone.windows, Window):
        _check_window(window, wrong)
    _check_patterns(zone, wrong)
    _check_air(zone, wrong)
    _check_flows(zone, wrong)
    _check_limits(zone, wrong)


def _among(parts: object, kind: type[Part]) -> list[Part]:
    """Return those parts that are of a kind: others have been told."""
    return [part for part in parts if isinstance(part, kind)] if isinstance(parts, tuple) else []


def _check_kinds(part: object, label: str, wrong: Wrong, at: str = "") -> bool:
    """Return whether all fields of a part are of their kind, and tell those that are not."""
    found = misfits(part)
    for _, problem, remedy in found:
        wrong(f"{at}{problem}", remedy, label)
    return not found


def _finite(value: float) -> bool:
    return not is_number(value) or isfinite(value)


def _sound(value: float, *, above: bool = False, most: float = np.inf) -> bool:
    """Return whether a figure is finite, nought (with `above`: more) or more, and at most what is given.

    What is no number at all has been told, and passes.
    """
    if not is_number(value):
        return True
    return isfinite(value) and (value > 0.0 if above else value >= 0.0) and value <= most


def _shares(values: dict[str, float], wrong: Wrong, part: str) -> None:
    for name, value in values.items():
        if not _sound(value, most=1.0):
            wrong(f"{name} is {value:g}", "give a share between 0 and 1", part)


def _check_limits(zone: Zone, wrong: Wrong) -> None:
    for part in ("heat_limit", "cool_limit"):  # infinite: without limit
        if is_number(getattr(zone, part)) and not getattr(zone, part) >= 0.0:
            wrong(f"{part} is {getattr(zone, part):g} W", "give nought or more", part)
    for part in ("open_above", "open_below", "blind_from", "blind_above"):
        if is_number(getattr(zone, part)) and isnan(getattr(zone, part)):
            wrong(f"{part} is no number", "give one, or leave it out", part)


def _check_air(zone: Zone, wrong: Wrong) -> None:
    values = {name: getattr(zone, name) for name in ("furniture", "open_flow", "moisture_buffer", "exposure")}
    if isinstance(zone.leaks, Leaks):
        _check_kinds(zone.leaks, "leaks", wrong)
        values |= {f"leaks.{name}": getattr(zone.leaks, name) for name in ("rate", "leakage_area", "stack", "wind")}
    for number, gain in enumerate(_among(zone.gains, Gain)):
        values[f"gains[{number}].moisture"] = gain.moisture
    for number, supply in enumerate(_among(zone.supplies, Supply)):
        values[f"supplies[{number}].flow"] = supply.flow
    for part, value in values.items():
        if not _sound(value):
            wrong(f"{part} is {value:g}", "give nought or more", part)
    if not _sound(zone.moisture_delay, above=True):
        wrong(f"moisture_delay is {zone.moisture_delay:g} h", "give more than nought", "moisture_delay")
    if zone.air_density is not None and not _sound(zone.air_density, above=True):
        wrong(f"air_density is {zone.air_density:g} kg/m3", "give more than nought or leave it out", "air_density")


def _check_flows(zone: Zone, wrong: Wrong) -> None:
    for number, gain in enumerate(_among(zone.gains, Gain)):
        _check_kinds(gain, f"gains[{number}]", wrong)
        _shares({"radiant": gain.radiant}, wrong, f"gains[{number}]")
        if not _finite(gain.power):
            wrong(f"power is {gain.power:g} W", "give a number", f"gains[{number}].power")
    for number, supply in enumerate(_among(zone.supplies, Supply)):
        _check_kinds(supply, f"supplies[{number}]", wrong)
        recovered = {name: getattr(supply, name) for name in ("heat_recovery", "moisture_recovery")}
        _shares(recovered, wrong, f"supplies[{number}]")


def _series(values: object, part: str, wrong: Wrong) -> Floats | None:
    """Return any sequence of a year of numbers as an array; None where it is none, which is told."""
    try:
        array = np.asarray(values)
    except ValueError:  # rows of unlike lengths
        array = np.array(None)
    if array.dtype.kind not in "fiub":
        wrong(f"schedule is {type(values).__name__} of what is no number", f"give {HOURS} numbers", part)
        return None
    if array.shape != (HOURS,):
        wrong(f"schedule has {array.size} values", f"give {HOURS}, or 24 through daily()", part)
        return None
    return array.astype(np.float64, copy=False)


def _check_patterns(zone: Zone, wrong: Wrong) -> None:
    flows = {f"gains[{n}]": gain.pattern for n, gain in enumerate(_among(zone.gains, Gain))}
    flows |= {f"supplies[{n}]": supply.pattern for n, supply in enumerate(_among(zone.supplies, Supply))}
    for part, pattern in flows.items():
        values = _series(pattern, part, wrong)
        if values is None:
            continue
        gaps = ~np.isfinite(values)
        if gaps.any():
            wrong(f"schedule has {int(gaps.sum())} values that are no numbers", "fill them", part)
        elif part.startswith("supplies") and (values < 0.0).any():
            wrong(f"schedule has {int((values < 0.0).sum())} values below nought", "air flows one way", part)
    heat_set, cool_set = (_set_point(zone, part, wrong) for part in ("heat_set", "cool_set"))
    if zone.humidity_set is not None:
        _set_point(zone, "humidity_set", wrong)
    if heat_set is not None and cool_set is not None:
        _check_setpoints(heat_set, cool_set, wrong)
    if heat_set is not None:
        _check_opening(zone, heat_set, wrong)


def _set_point(zone: Zone, part: str, wrong: Wrong) -> Floats | None:
    """Return a set point hour by hour, infinite while the plant is off; None where it is at fault, which is told."""
    values = _series(getattr(zone, part), part, wrong)
    if values is None:
        return None
    gaps = np.isnan(values)
    if gaps.any():
        wrong(f"schedule has {int(gaps.sum())} values that are no numbers", "fill them", part)
        return None
    # infinite set points switch off: the sign is checked with the crossing, and humidity only has a limit above
    off = values == np.inf if part == "humidity_set" else np.isinf(values)
    return values if _check_range(part, np.where(off, 0.0, values), SET_POINTS[part], wrong) else None


def _check_opening(zone: Zone, heat_set: Floats, wrong: Wrong) -> None:
    """Tell where the heated room is warm enough for windows to be opened, or for air to pass the exchanger."""
    supplies = _among(zone.supplies, Supply)
    passing = [share for one in supplies for share in (one.heat_recovery, one.moisture_recovery)]
    if not (is_number(zone.open_above) and any(is_number(flow) and flow > 0.0 for flow in (zone.open_flow, *passing))):
        return
    heated = np.isfinite(heat_set) & (heat_set > zone.open_above)
    if heated.any():
        wrong(
            f"windows are opened above {zone.open_above:g} C, but the room is heated to "
            f"{heat_set[np.argmax(heated)]:g} C {_hours(heated)}",
            "open them at the heating set point or above",
            "open_above",
        )


def _check_setpoints(heat_set: Floats, cool_set: Floats, wrong: Wrong) -> None:
    for part, endless in (("heat_set", heat_set == np.inf), ("cool_set", cool_set == -np.inf)):
        if endless.any():
            wrong(f"set point is infinite in {int(endless.sum())} hours", "to switch off, turn its sign round", part)
            return
    crossed = np.flatnonzero(heat_set > cool_set)
    if len(crossed):
        hour = int(crossed[0])
        wrong(
            f"set points cross in {len(crossed)} hours, first in hour {hour}: heat to {heat_set[hour]:g} C, "
            f"cool to {cool_set[hour]:g} C",
            "let heating stop below where cooling begins",
            "heat_set",
        )


def _check_place(element: Opaque | Window, wrong: Wrong) -> None:
    if not _sound(element.area, above=True):
        wrong(f"area is {element.area:g} m2", "give its area or leave it out", element.name)
    if not (_sound(element.tilt, most=180.0) and _finite(element.azimuth)):
        wrong(
            f"tilt is {element.tilt} and azimuth {element.azimuth} deg",
            "give a tilt from 0, a roof, to 180, a floor, and the direction it faces",
            element.name,
        )


def _check_opaque(element: Opaque, wrong: Wrong) -> None:
    _check_kinds(element, element.name, wrong)
    _check_place(element, wrong)
    _check_layers(element, wrong)
    _shares({name: getattr(element, name) for name in ("absorptance", "emittance")}, wrong, element.name)
    for name in ("inside_absorptance", "inside_emittance"):  # of nought, light and heat would never come to rest
        if not _sound(getattr(element, name), above=True, most=1.0):
            wrong(f"{name} is {getattr(element, name):g}", "give more than 0 and at most 1", element.name)
    if element.sun_share is not None and not _sound(element.sun_share, most=1.0):
        wrong(f"sun_share is {element.sun_share:g}", "give a share between 0 and 1, or none", element.name)
    for part in ("roughness", "inside_film", "outside_film"):
        value = getattr(element, part)
        if value is not None and not _sound(value, above=True):
            wrong(f"{part} is {value:g}", "give more than nought or leave it out", element.name)
    if element.facing == "space":
        _check_beyond(element, wrong)


def _check_beyond(element: Opaque, wrong: Wrong) -> None:
    beyond = element.outside_temperature
    if beyond is None or np.shape(beyond) != (HOURS,):
        wrong("the temperature beyond is not given for every hour", f"give {HOURS} values", element.name)
    elif (values := _series(beyond, element.name, wrong)) is not None and not np.isfinite(values).all():
        wrong("the temperature beyond has values that are no numbers", "fill them", element.name)


def _check_layers(element: Opaque, wrong: Wrong) -> None:
    if element.layers == ():
        wrong("it has no layers", "give at least one", element.name)
    for number, layer in enumerate(_among(element.layers, Layer), start=1):
        _check_kinds(layer, element.name, wrong, f"of layer {number} ")
        bad = [
            f"{part} {value:g}"
            for part, value in (("thickness", layer.thickness), ("conductivity", layer.conductivity))
            if not _sound(value, above=True)
        ]
        bad += [
            f"{part} {value:g}"
            for part, value in (("density", layer.density), ("specific heat", layer.heat))
            if not _sound(value)
        ]
        if bad:
            wrong(f"layer {number} has {', '.join(bad)}", "give figures above nought", element.name)


def _check_window(window: Window, wrong: Wrong) -> None:
    _check_kinds(window, window.name, wrong)
    _check_place(window, wrong)
    if isinstance(window.glazing, Glazing) and _check_kinds(window.glazing, window.name, wrong, "of the glazing "):
        _check_glazing(window.glazing, window.name, wrong)
    _shares({"view": window.view, "blind": window.blind}, wrong, window.name)
    shades: list[Fin | Overhang] = [*_among(window.shades, Fin), *_among(window.shades, Overhang)]
    if not shades:
        return
    if not (_sound(window.width, above=True) and _sound(window.height, above=True)):
        wrong("it has shades but no width and height", "give the size of one window", window.name)
    if is_number(window.tilt) and window.tilt != 90.0:
        wrong(f"it has shades but a tilt of {window.tilt:g} deg", "shades are reckoned on upright ones", window.name)
    for shade in shades:
        _check_kinds(shade, window.name, wrong, f"of a {type(shade).__name__} ")
        beside = (shade.above, shade.below) if isinstance(shade, Fin) else (shade.left, shade.right)
        if not (_sound(shade.depth, above=True) and _sound(shade.gap) and all(_finite(reach) for reach in beside)):
            wrong(f"shade is {shade}", "give a depth above nought and a gap of nought or more", window.name)


def _check_glazing(glass: Glazing, name: str, wrong: Wrong) -> None:
    if not _sound(glass.films, above=True):
        wrong(f"films are {glass.films:g} m2K/W", "give what the U-value holds of films", name)
    elif not 0.0 < glass.u_value < 1.0 / glass.films:
        wrong(
            f"U-value is {glass.u_value:g} W/m2K",
            f"give one above 0 and below {1.0 / glass.films:.2f}, what its films alone would let through",
            name,
        )
    sound = True
    for part in ("shgc", "transmittance"):
        count = len(getattr(glass, part))
        if count != len(ANGLES):
            wrong(f"{part} has {count} values", "give ten, at 0, 10 .. 90 degrees", name)
            sound = False
    if sound:
        _check_light(glass, name, wrong)


def _check_light(glass: Glazing, name: str, wrong: Wrong) -> None:
    """Tell shares of the light that are none. Light let in is not judged where the heat it is part of is at fault."""
    gained = np.array([*glass.shgc, glass.shgc_diffuse])
    let_in = np.array([*glass.transmittance, glass.transmittance_diffuse])
    bad_gained, bad_let_in = (~((values >= 0.0) & (values <= 1.0)) for values in (gained, let_in))
    for part, values, bad in (("shgc", gained, bad_gained), ("transmittance", let_in, bad_let_in & ~bad_gained)):
        if bad.any():
            first, more = int(np.argmax(bad)), int(bad.sum()) - 1
            where = f"at {ANGLES[first]:g} degrees" if first < len(ANGLES) else "for diffuse light"
            also = f", and {more} more are none" if more else ""
            wrong(f"{part} is {values[first]:g} {where}{also}", "give shares between 0 and 1", name)
    if (~(bad_gained | bad_let_in) & (let_in > gained + ROUNDING)).any():
        wrong("transmittance is above the solar heat gain coefficient", "heat gained holds light let in", name)
