"""Zones that cannot be computed: each fault is told with zone, part and remedy, and all at once."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from layers.errors import Fault, InputError
from made_rooms import BOARD, HOURS, TIMES, box, sky_of
from spatial.demand.building import (
    Fin,
    Gain,
    Layer,
    Leaks,
    Opaque,
    Overhang,
    SkyHours,
    Supply,
    Window,
    Zone,
    always,
    annual_loads,
    daily,
    glazing,
    simulate,
    sky_hours,
    thermal_hours,
)

PANE = Window("pane", 6.0, glazing(2.0, 0.6), width=3.0, height=2.0)
GAPPY = np.where(np.arange(HOURS) == 7, np.nan, 1.0)


def wall(**changes: Any) -> Zone:
    room = box()
    return replace(room, opaque=(replace(room.opaque[0], **changes), *room.opaque[1:]))


def pane(**changes: Any) -> Zone:
    return box(windows=(replace(PANE, **changes),))


def glass(**changes: Any) -> Zone:
    return pane(glazing=replace(PANE.glazing, **changes))


BAD: list[tuple[Callable[[], Zone], str, str]] = [
    (lambda: box(volume=0.0), "volume", "volume is 0 m3"),
    (lambda: box(volume=np.nan), "volume", "volume is nan"),
    (lambda: box(opaque=()), "opaque", "no walls"),
    (lambda: wall(area=-1.0), "face 0", "area is -1 m2"),
    (lambda: wall(area=np.inf), "face 0", "area is inf"),
    (lambda: wall(layers=()), "face 0", "no layers"),
    (lambda: wall(layers=(Layer(0.0, 1.0),)), "face 0", "thickness 0"),
    (lambda: wall(layers=(BOARD, Layer(0.1, -1.0))), "face 0", "layer 2 has conductivity -1"),
    (lambda: wall(layers=(Layer(0.1, 1.0, -5.0, 1000.0),)), "face 0", "density -5"),
    (lambda: wall(tilt=270.0), "face 0", "tilt is 270"),
    (lambda: wall(azimuth=np.nan), "face 0", "azimuth nan"),
    (lambda: wall(absorptance=1.2), "face 0", "absorptance is 1.2"),
    (lambda: wall(inside_emittance=0.0), "face 0", "inside_emittance is 0"),
    (lambda: wall(inside_absorptance=0.0), "face 0", "inside_absorptance is 0"),
    (lambda: wall(outside_film=0.0), "face 0", "outside_film is 0"),
    (lambda: wall(inside_film=-1.0), "face 0", "inside_film is -1"),
    (lambda: wall(sun_share=2.0), "opaque", "add up to 2"),
    (lambda: wall(sun_share=-0.1), "face 0", "sun_share is -0.1"),
    (lambda: wall(facing="space"), "face 0", "temperature beyond"),
    (lambda: wall(facing="space", outside_temperature=np.zeros(24)), "face 0", "temperature beyond"),
    (lambda: wall(facing="space", outside_temperature=GAPPY), "face 0", "temperature beyond"),
    (lambda: pane(area=0.0), "pane", "area is 0 m2"),
    (lambda: glass(u_value=0.0), "pane", "U-value is 0"),
    (lambda: glass(u_value=5.9), "pane", "U-value is 5.9"),
    (lambda: glass(films=0.0), "pane", "films are 0"),
    (lambda: glass(films=0.6), "pane", "U-value is 2"),
    (lambda: glass(shgc=(0.5,) * 11), "pane", "shgc has 11 values"),
    (lambda: glass(transmittance=(0.5,) * 9), "pane", "transmittance has 9 values"),
    (lambda: glass(transmittance=(1.5,) * 10), "pane", "transmittance is 1.5 at 0 degrees, and 9 more are none"),
    (lambda: glass(shgc_diffuse=np.nan), "pane", "shgc is nan for diffuse light"),
    (lambda: glass(transmittance_diffuse=0.9), "pane", "transmittance is above"),
    (lambda: pane(view=1.1), "pane", "view is 1.1"),
    (lambda: pane(blind=-0.1), "pane", "blind is -0.1"),
    (lambda: pane(shades=(Overhang(1.0),), width=0.0), "pane", "no width and height"),
    (lambda: pane(shades=(Overhang(1.0),), tilt=30.0), "pane", "tilt of 30"),
    (lambda: pane(shades=(Fin(0.0, "left"),)), "pane", "shade is Fin"),
    (lambda: box(heat_set=np.full(23, 20.0)), "heat_set", "schedule has 23 values"),
    (lambda: box(cool_set=np.where(np.isnan(GAPPY), np.nan, 26.0)), "cool_set", "1 values that are no numbers"),
    (lambda: box(humidity_set=GAPPY), "humidity_set", "1 values that are no numbers"),
    (lambda: box(heat_set=always(22.0), cool_set=always(21.0)), "heat_set", "cross in 8760 hours, first in hour 0"),
    (lambda: box(heat_set=always(np.inf)), "heat_set", "infinite"),
    (lambda: box(cool_set=always(-np.inf)), "cool_set", "infinite"),
    (lambda: box(gains=(Gain(GAPPY, 100.0),)), "gains[0]", "1 values that are no numbers"),
    (lambda: box(gains=(Gain(always(np.inf), 100.0),)), "gains[0]", "8760 values that are no numbers"),
    (lambda: box(gains=(Gain(always(1.0), 1.0), Gain(always(1.0), np.nan))), "gains[1].power", "power is nan"),
    (lambda: box(gains=(Gain(always(1.0), 1.0, radiant=2.0),)), "gains[0]", "radiant is 2"),
    (lambda: box(gains=(Gain(always(1.0), 1.0, moisture=-1.0),)), "gains[0].moisture", "is -1"),
    (lambda: box(supplies=(Supply(np.zeros(24), 100.0),)), "supplies[0]", "24 values"),
    (lambda: box(supplies=(Supply(always(-1.0), 100.0),)), "supplies[0]", "below nought"),
    (lambda: box(supplies=(Supply(always(1.0), -5.0),)), "supplies[0].flow", "is -5"),
    (lambda: box(supplies=(Supply(always(1.0), 5.0, heat_recovery=1.5),)), "supplies[0]", "heat_recovery is 1.5"),
    (lambda: box(leaks=Leaks(-1.0)), "leaks.rate", "is -1"),
    (lambda: box(leaks=Leaks(leakage_area=np.nan)), "leaks.leakage_area", "is nan"),
    (lambda: box(heat_limit=-1.0), "heat_limit", "is -1"),
    (lambda: box(cool_limit=np.nan), "cool_limit", "is nan"),
    (lambda: box(furniture=-1.0), "furniture", "is -1"),
    (lambda: box(open_flow=np.inf), "open_flow", "is inf"),
    (lambda: box(open_above=np.nan), "open_above", "no number"),
    (lambda: box(moisture_delay=0.0), "moisture_delay", "is 0 h"),
    (lambda: box(moisture_buffer=-1.0), "moisture_buffer", "is -1"),
    (lambda: box(air_density=0.0), "air_density", "is 0 kg/m3"),
    (lambda: box(exposure=-1.0), "exposure", "is -1"),
]

ODD: list[tuple[Callable[[], Any], str, str, str]] = [
    # words
    (lambda: wall(facing="ground"), "face 0", "facing is 'ground'", "'outdoors', 'space' or 'adiabatic'; a floor on"),
    (lambda: wall(facing="Outdoors"), "face 0", "facing is 'Outdoors'", "'outdoors', 'space' or 'adiabatic'"),
    (lambda: wall(facing=None), "face 0", "facing is None", "'outdoors', 'space' or 'adiabatic'"),
    (lambda: pane(shades=(Fin(1.0, "up"),)), "pane", "of a Fin side is 'up'", "'left' or 'right'"),  # type: ignore[arg-type]
    # kinds of things
    (lambda: wall(area="9"), "face 0", "area is '9'", "a number without quotes"),
    (lambda: wall(tilt="90"), "face 0", "tilt is '90'", "a number without quotes"),
    (lambda: wall(azimuth=None), "face 0", "azimuth is None", "a number without quotes"),
    (lambda: wall(sun_share="all"), "face 0", "sun_share is 'all'", "a number without quotes or unit or None"),
    (lambda: wall(layers=BOARD), "face 0", "layers is Layer(", "a list, each of it Layer"),
    (lambda: wall(layers=["brick"]), "face 0", "layers[0] is 'brick'", "let each be Layer"),
    (lambda: wall(layers=(Layer("0.1", 1.0),)), "face 0", "of layer 1 thickness is '0.1'", "a number"),  # type: ignore[arg-type]
    (lambda: wall(facing="space", outside_temperature=["a"] * HOURS), "face 0", "list of what is no number", "8760"),
    (lambda: box(opaque=box().opaque[0]), "opaque", "opaque is Opaque(", "a list, each of it Opaque"),
    (lambda: box(windows=PANE), "windows", "windows is Window(", "a list, each of it Window"),
    (lambda: box(gains=Gain(always(1.0), 5.0)), "gains", "gains is Gain(", "a list, each of it Gain"),
    (lambda: box(gains=(Gain(always(1.0), "5"),)), "gains[0]", "power is '5'", "a number"),  # type: ignore[arg-type]
    (lambda: box(supplies=(Supply(always(1.0), "5"),)), "supplies[0]", "flow is '5'", "a number"),  # type: ignore[arg-type]
    (lambda: box(leaks=0.5), "leaks", "leaks is 0.5", "give Leaks"),
    (lambda: box(leaks=Leaks("0.5")), "leaks", "rate is '0.5'", "a number"),  # type: ignore[arg-type]
    (lambda: box(volume="27"), "volume", "volume is '27'", "a number"),
    (lambda: box(heat_limit="none"), "heat_limit", "heat_limit is 'none'", "a number"),
    (lambda: box(open_above="24"), "open_above", "open_above is '24'", "a number"),
    (lambda: pane(glazing=2.0), "pane", "glazing is 2.0", "give Glazing"),
    (lambda: pane(shades=Overhang(1.0)), "pane", "shades is Overhang(", "a list, each of it Overhang or Fin"),
    (lambda: glass(u_value="2"), "pane", "of the glazing u_value is '2'", "a number"),
    (lambda: glass(shgc=0.6), "pane", "of the glazing shgc is 0.6", "a list, each of it a number"),
    (lambda: box(heat_set=20.0), "heat_set", "schedule has 1 values", "daily()"),
    (lambda: box(heat_set=None), "heat_set", "NoneType of what is no number", "8760"),
    (lambda: box(heat_set=["20"] * HOURS), "heat_set", "list of what is no number", "8760"),
    (lambda: box(cool_set=[[1.0], [1.0, 2.0]]), "cool_set", "list of what is no number", "8760"),
    # values
    (lambda: box(humidity_set=always(12.0)), "humidity_set", "is 12, outside 0 to 0.1 kg/kg, in 8760 hours", "grams"),
    (lambda: box(humidity_set=always(-1.0)), "humidity_set", "is -1, outside", "kilograms"),
    (lambda: box(humidity_set=always(-np.inf)), "humidity_set", "is -inf, outside", "kilograms"),
    (lambda: box(heat_set=always(500.0)), "heat_set", "is 500, outside -50 to 60 C", "Celsius"),
    (
        lambda: box(cool_set=np.where(np.arange(HOURS) == 9, 299.0, np.inf)),
        "cool_set",
        "is 299, outside -50 to 60 C, in 1 hours, first in hour 9",
        "Celsius",
    ),
    (
        lambda: box(heat_set=daily([18.0] * 12 + [22.0] * 12), open_above=20.0, open_flow=100.0),
        "open_above",
        "opened above 20 C, but the room is heated to 22 C in 4380 hours, first in hour 12",
        "at the heating set point or above",
    ),
    (
        lambda: box(heat_set=always(22.0), open_above=20.0, supplies=(Supply(always(1.0), 5.0, heat_recovery=0.7),)),
        "open_above",
        "opened above 20 C, but the room is heated to 22 C",
        "at the heating set point or above",
    ),
    (lambda: pane(glazing=glazing(2.0, 1.5)), "pane", "shgc is 1.5 at 0 degrees, and 7 more are none", "0 and 1"),
]
"""Faults of which each is the only one of its zone: nothing is told twice, nor in its wake."""


@pytest.mark.parametrize(("make", "part", "problem", "remedy"), ODD, ids=[f"{row[1]}: {row[2]}" for row in ODD])
def test_one_slip_is_told_once(make: Callable[[], Zone], part: str, problem: str, remedy: str) -> None:
    with pytest.raises(InputError) as caught:
        simulate([replace(make(), name="hall 7")], sky_of())
    (fault,) = caught.value.faults
    assert (fault.source, fault.column) == ("zone hall 7", part)
    assert problem in fault.problem
    assert remedy in fault.remedy


def test_faults_of_kind_hide_no_faults_of_value() -> None:
    bad = replace(PANE, area="6", blind=2.0, glazing=replace(PANE.glazing, u_value=-1.0))
    zone = box(volume="27", furniture=-1.0, heat_set=always(500.0), windows=(bad, replace(PANE, view=2.0), "pane"))
    with pytest.raises(InputError) as caught:
        simulate([zone], sky_of())
    told = [fault.problem for fault in caught.value.faults]
    assert len(told) == 8, told


def test_sequences_serve_as_tuples_and_arrays() -> None:
    shaded = replace(PANE, shades=(Overhang(1.0),))
    zone = box(windows=(shaded,), gains=(Gain(always(0.5), 100.0),), heat_set=always(20.0), cool_set=always(26.0))
    ground = replace(zone.opaque[5], facing="space", outside_temperature=always(10.0))
    zone = replace(zone, opaque=(*zone.opaque[:5], ground))
    glass = replace(PANE.glazing, shgc=list(PANE.glazing.shgc), transmittance=list(PANE.glazing.transmittance))
    listed = replace(
        zone,
        opaque=[replace(part, layers=list(part.layers)) for part in zone.opaque[:5]]
        + [replace(ground, layers=list(ground.layers), outside_temperature=[10.0] * HOURS)],
        windows=[replace(shaded, shades=list(shaded.shades), glazing=glass)],
        gains=[Gain([0.5] * HOURS, 100)],  # type: ignore[arg-type]
        heat_set=[20] * HOURS,
        cool_set=pd.Series(always(26.0), index=TIMES),
    )
    np.testing.assert_array_equal(*simulate([zone, listed], sky_of(dhi=100.0)).heating)


@pytest.mark.parametrize("ask", [simulate, annual_loads, thermal_hours])
def test_what_is_no_list_of_zones_is_refused(ask: Callable[..., object]) -> None:
    with pytest.raises(InputError, match=r"zones: it is zone box, no list; give a list"):
        ask(box(), sky_of())
    with pytest.raises(InputError, match=r"zones: one of them is of type str; give zones only"):
        ask([box(), "box"], sky_of())


@pytest.mark.parametrize(("make", "part", "problem"), BAD, ids=[f"{part}: {problem}" for _, part, problem in BAD])
def test_a_fault_is_told_with_zone_part_and_remedy(make: Callable[[], Zone], part: str, problem: str) -> None:
    with pytest.raises(InputError) as caught:
        simulate([replace(make(), name="hall 7")], sky_of())
    told: list[Fault] = [fault for fault in caught.value.faults if problem in fault.problem]
    assert told, caught.value
    assert told[0].source == "zone hall 7"
    assert told[0].column == part
    assert told[0].remedy


def many_bad(count: int) -> list[Zone]:
    """Return zones of which every seventh has two faults."""
    return [box(name=f"zone {n}", **({"volume": 0.0, "furniture": -1.0} if n % 7 == 0 else {})) for n in range(count)]


@pytest.mark.parametrize("listed", [True, False])
def test_all_faults_of_all_zones_are_told_at_once(listed: bool) -> None:
    zones = many_bad(100)
    with pytest.raises(InputError) as caught:
        annual_loads(zones if listed else iter(zones), sky_of(), warm_up=0)
    assert len(caught.value.faults) == 2 * 15
    assert [fault.source for fault in caught.value.faults[::2]] == [f"zone zone {n}" for n in range(0, 100, 7)]


def test_several_faults_of_one_element_are_all_told() -> None:
    bad = Opaque("wall", -1.0, (Layer(0.0, 0.0),), absorptance=3.0, tilt=-1.0)
    with pytest.raises(InputError) as caught:
        simulate([box(opaque=(bad,))], sky_of())
    assert len(caught.value.faults) == 4


@pytest.mark.parametrize(
    ("make", "column", "problem"),
    [
        (lambda: sky_of(temp_air=GAPPY), "temp_air", "has no numbers in 1 hours, first in hour 7"),
        (lambda: replace(sky_of(), table=sky_of().table[:24]), None, "it has 24 hours"),
        (lambda: replace(sky_of(), table=np.vstack([sky_of().table, sky_of().table[:24]])), None, "it has 8784 hours"),
        (lambda: sky_of(temp_air=283.0, temp_sky=0.0), "temp_air", "temp_air is 283, outside -90 to 60 C"),
    ],
)
@pytest.mark.parametrize("ask", [simulate, annual_loads])
def test_a_sky_that_is_no_year_of_weather_is_refused(
    ask: Callable[..., object], make: Callable[[], SkyHours], column: str | None, problem: str
) -> None:
    with pytest.raises(InputError) as caught:
        ask([box(), box(volume=0.0)], make())
    first, zone = caught.value.faults[0], caught.value.faults[-1]
    assert (first.source, first.column) == ("sky", column)
    assert problem in first.problem
    assert first.remedy
    assert zone.column == "volume"  # and the zones are told in the same breath


SITE = pd.DataFrame({"latitude_deg": [30.0], "longitude_deg": [120.0], "altitude_m": [5.0]})


def weather_of(**given: Any) -> pd.DataFrame:
    """Return a year of dull, mild weather; figures or hours given replace its columns."""
    usual = {"ghi": 0.0, "dni": 0.0, "dhi": 0.0, "temp_air": 10.0, "relative_humidity": 60.0, "wind_speed": 2.0}
    columns = {name: np.zeros(HOURS) + value for name, value in (usual | {"pressure": 101_325.0}).items()}
    return pd.DataFrame(columns, index=TIMES).assign(**given)


@pytest.mark.parametrize(
    ("weather", "column", "problem"),
    [
        (weather_of().drop(columns="wind_speed"), "wind_speed", "there is no wind_speed"),
        (weather_of(dni=np.where(np.arange(HOURS) == 5, np.nan, 0.0)), "dni", "no numbers in 1 hours, first in hour 5"),
        (weather_of(temp_air="10"), "temp_air", "holds what is no number"),
        (weather_of(temp_air=283.0), "temp_air", "is 283, outside -90 to 60 C, in 8760 hours, first in hour 0"),
        (weather_of(relative_humidity=np.where(np.arange(HOURS) == 3, 130.0, 50.0)), "relative_humidity", "is 130"),
        (weather_of(relative_humidity=-1.0), "relative_humidity", "is -1, outside 0 to 105 %"),
        (weather_of(wind_speed=-1.0), "wind_speed", "is -1, below 0 m/s"),
        (pd.concat([weather_of(), weather_of()[:24]]), None, "it has 8784 hours"),
    ],
    ids=["column", "gap", "text", "kelvin", "damp", "dry", "wind", "leap"],
)
def test_weather_that_is_none_is_refused_by_column(weather: pd.DataFrame, column: str | None, problem: str) -> None:
    with pytest.raises(InputError) as caught:
        sky_hours(weather, SITE)
    (fault,) = caught.value.faults
    assert (fault.source, fault.column) == ("weather", column)
    assert problem in fault.problem
    assert fault.remedy


def test_all_faults_of_the_weather_are_told_at_once() -> None:
    with pytest.raises(InputError) as caught:
        sky_hours(weather_of(dni=np.nan, temp_air=283.0).drop(columns=["dhi", "pressure"]), SITE)
    assert sorted(str(fault.column) for fault in caught.value.faults) == ["dhi", "dni", "pressure", "temp_air"]


def test_air_a_little_above_saturation_is_no_fault() -> None:
    assert np.isfinite(sky_hours(weather_of(relative_humidity=100.0 + 1e-9), SITE).table).all()


def test_off_switches_are_no_faults() -> None:
    zone = box(heat_set=always(-np.inf), cool_set=always(np.inf), heat_limit=np.inf, open_above=np.inf)
    zone = replace(zone, humidity_set=always(np.inf))
    # nor are windows that never open, whatever would open them
    assert np.isfinite(simulate([replace(zone, heat_set=always(22.0), open_above=20.0)], sky_of()).t_air).all()
    assert np.isfinite(simulate([zone], sky_of()).t_air).all()
