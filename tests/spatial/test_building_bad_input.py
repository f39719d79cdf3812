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
    Supply,
    Window,
    Zone,
    always,
    annual_loads,
    glazing,
    simulate,
    sky_hours,
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
    (lambda: glass(shgc=(0.5,) * 11), "pane", "shgc is not ten shares"),
    (lambda: glass(transmittance=(1.5,) * 10), "pane", "transmittance is not ten shares"),
    (lambda: glass(shgc_diffuse=np.nan), "pane", "shgc is not ten shares"),
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


def test_a_sky_with_gaps_or_of_another_length_is_refused() -> None:
    sky = sky_of(temp_air=GAPPY)
    with pytest.raises(ValueError, match="8760 hours of numbers"):
        simulate([box()], sky)
    with pytest.raises(ValueError, match="8760 hours of numbers"):
        annual_loads([box()], replace(sky_of(), table=sky_of().table[:24]))


def test_weather_with_gaps_is_refused_with_its_columns() -> None:
    names = ["ghi", "dni", "dhi", "temp_air", "relative_humidity", "wind_speed", "pressure"]
    weather = pd.DataFrame({name: np.full(HOURS, 1.0) for name in names}, index=TIMES)
    weather.loc[TIMES[5], ["dni", "wind_speed"]] = np.nan
    site = pd.DataFrame({"latitude_deg": [30.0], "longitude_deg": [120.0], "altitude_m": [5.0]})
    with pytest.raises(ValueError, match=r"no numbers in dni, wind_speed"):
        sky_hours(weather, site)


def test_off_switches_are_no_faults() -> None:
    zone = box(heat_set=always(-np.inf), cool_set=always(np.inf), heat_limit=np.inf, open_above=np.inf)
    assert np.isfinite(simulate([zone], sky_of()).t_air).all()
