"""Everything about a described zone that cannot be computed, told with the part it stands in."""

from collections.abc import Callable
from math import isfinite, isnan

import numpy as np

from layers.errors import Findings
from spatial.demand.building.zone import ANGLES, HOURS, Fin, Floats, Glazing, Opaque, Window, Zone

Wrong = Callable[[str, str, str], None]
ROUNDING = 1e-6


def check_zone(zone: Zone, findings: Findings) -> None:
    """Report everything about a zone that cannot be computed, with the part it stands in."""
    at = f"zone {zone.name}"

    def wrong(problem: str, remedy: str, part: str = "") -> None:
        findings.error(at, problem, remedy, column=part)

    if not _sound(zone.volume, above=True):
        wrong(f"volume is {zone.volume:g} m3", "give the air volume", "volume")
    if not zone.opaque:
        wrong("it has no walls, roof or floor", "add what bounds it: the sun must fall on something", "opaque")
    for element in zone.opaque:
        _check_opaque(element, wrong)
    given = sum(element.sun_share or 0.0 for element in zone.opaque)
    if given > 1.0 + ROUNDING:
        wrong(f"shares of the sun add up to {given:g}", "let them come to 1 or less", "opaque")
    for window in zone.windows:
        _check_window(window, wrong)
    _check_patterns(zone, wrong)
    _check_air(zone, wrong)
    _check_flows(zone, wrong)
    _check_limits(zone, wrong)


def _sound(value: float, *, above: bool = False, most: float = np.inf) -> bool:
    """Return whether a figure is a number, nought (with `above`: more) or more, and at most what is given."""
    return isfinite(value) and (value > 0.0 if above else value >= 0.0) and value <= most


def _shares(values: dict[str, float], wrong: Wrong, part: str) -> None:
    for name, value in values.items():
        if not _sound(value, most=1.0):
            wrong(f"{name} is {value:g}", "give a share between 0 and 1", part)


def _check_limits(zone: Zone, wrong: Wrong) -> None:
    for part in ("heat_limit", "cool_limit"):  # infinite: without limit
        if not getattr(zone, part) >= 0.0:
            wrong(f"{part} is {getattr(zone, part):g} W", "give nought or more", part)
    for part in ("open_above", "open_below", "blind_from", "blind_above"):
        if isnan(getattr(zone, part)):
            wrong(f"{part} is no number", "give one, or leave it out", part)


def _check_air(zone: Zone, wrong: Wrong) -> None:
    values = {name: getattr(zone, name) for name in ("furniture", "open_flow", "moisture_buffer", "exposure")}
    values |= {f"leaks.{name}": getattr(zone.leaks, name) for name in ("rate", "leakage_area", "stack", "wind")}
    for number, gain in enumerate(zone.gains):
        values[f"gains[{number}].moisture"] = gain.moisture
    for number, supply in enumerate(zone.supplies):
        values[f"supplies[{number}].flow"] = supply.flow
    for part, value in values.items():
        if not _sound(value):
            wrong(f"{part} is {value:g}", "give nought or more", part)
    if not _sound(zone.moisture_delay, above=True):
        wrong(f"moisture_delay is {zone.moisture_delay:g} h", "give more than nought", "moisture_delay")
    if zone.air_density is not None and not _sound(zone.air_density, above=True):
        wrong(f"air_density is {zone.air_density:g} kg/m3", "give more than nought or leave it out", "air_density")


def _check_flows(zone: Zone, wrong: Wrong) -> None:
    for number, gain in enumerate(zone.gains):
        _shares({"radiant": gain.radiant}, wrong, f"gains[{number}]")
        if not isfinite(gain.power):
            wrong(f"power is {gain.power:g} W", "give a number", f"gains[{number}].power")
    for number, supply in enumerate(zone.supplies):
        recovered = {name: getattr(supply, name) for name in ("heat_recovery", "moisture_recovery")}
        _shares(recovered, wrong, f"supplies[{number}]")


def _check_patterns(zone: Zone, wrong: Wrong) -> None:
    setpoints = {"heat_set": zone.heat_set, "cool_set": zone.cool_set}
    if zone.humidity_set is not None:
        setpoints["humidity_set"] = zone.humidity_set
    flows = {f"gains[{n}]": gain.pattern for n, gain in enumerate(zone.gains)}
    flows |= {f"supplies[{n}]": supply.pattern for n, supply in enumerate(zone.supplies)}
    sound = True
    for part, pattern in (setpoints | flows).items():
        if np.shape(pattern) != (HOURS,):
            wrong(f"schedule has {np.size(pattern)} values", f"give {HOURS}, or 24 through daily()", part)
            sound = False
            continue
        # the plant is off at infinite set points; a gain or a flow is never infinite
        gaps = np.isnan(pattern) if part in setpoints else ~np.isfinite(pattern)
        if gaps.any():
            wrong(f"schedule has {int(gaps.sum())} values that are no numbers", "fill them", part)
            sound = False
        elif part.startswith("supplies") and (pattern < 0.0).any():
            wrong(f"schedule has {int((pattern < 0.0).sum())} values below nought", "air flows one way", part)
    if sound:
        _check_setpoints(zone.heat_set, zone.cool_set, wrong)


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
    if not (_sound(element.tilt, most=180.0) and isfinite(element.azimuth)):
        wrong(
            f"tilt is {element.tilt:g} and azimuth {element.azimuth:g} deg",
            "give a tilt from 0, a roof, to 180, a floor, and the direction it faces",
            element.name,
        )


def _check_opaque(element: Opaque, wrong: Wrong) -> None:
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
    beyond = element.outside_temperature
    if element.facing == "space":
        if beyond is None or np.shape(beyond) != (HOURS,):
            wrong("the temperature beyond is not given for every hour", f"give {HOURS} values", element.name)
        elif not np.isfinite(beyond).all():
            wrong("the temperature beyond has values that are no numbers", "fill them", element.name)


def _check_layers(element: Opaque, wrong: Wrong) -> None:
    if not element.layers:
        wrong("it has no layers", "give at least one", element.name)
    for number, layer in enumerate(element.layers, start=1):
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
    _check_place(window, wrong)
    _check_glazing(window.glazing, window.name, wrong)
    _shares({"view": window.view, "blind": window.blind}, wrong, window.name)
    if not window.shades:
        return
    if not (_sound(window.width, above=True) and _sound(window.height, above=True)):
        wrong("it has shades but no width and height", "give the size of one window", window.name)
    if window.tilt != 90.0:
        wrong(f"it has shades but a tilt of {window.tilt:g} deg", "shades are reckoned on upright ones", window.name)
    for shade in window.shades:
        beside = (shade.above, shade.below) if isinstance(shade, Fin) else (shade.left, shade.right)
        if not (_sound(shade.depth, above=True) and _sound(shade.gap) and all(isfinite(reach) for reach in beside)):
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
        values = (*getattr(glass, part), getattr(glass, f"{part}_diffuse"))
        if len(values) != len(ANGLES) + 1 or not all(0.0 <= value <= 1.0 for value in values):
            wrong(f"{part} is not ten shares at 0, 10 .. 90 degrees and one for diffuse light", "give them", name)
            sound = False
    if sound:
        gained, let_in = (*glass.shgc, glass.shgc_diffuse), (*glass.transmittance, glass.transmittance_diffuse)
        if any(light > heat + ROUNDING for light, heat in zip(let_in, gained, strict=True)):
            wrong("transmittance is above the solar heat gain coefficient", "heat gained holds light let in", name)
