"""Rooms of a class as a zone: surfaces, U-values, mass and loads are those of archetype, form and vintage."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from layers.archetypes import Archetype, archetypes
from layers.constants import constants
from layers.tables.demand import SERVICES
from layers.tables.stock import VINTAGES
from layers.weather.hours import year_index
from spatial.demand import DemandOptions, building_profiles
from spatial.demand.building import Zone, sky_hours
from spatial.demand.building.zone import STANDARD_FILMS
from spatial.demand.classes import Member, class_sums, lit_forms, members, typical_forms
from spatial.demand.rooms import Place, ground_temperature, room_zone, wall_view, winter_temperature
from spatial.demand.schedules import calendar
from spatial.demand.use import Use, cooling_limit, design_loads, heating_limit
from spatial.demand.values import Values, demand_constants

TIMES = pd.DatetimeIndex(year_index(8.0))
PLACE = Place(np.full(8760, 17.0), 0.5)
OPTIONS = DemandOptions()


@pytest.fixture(scope="module")
def use() -> Use:
    return Use(calendar(TIMES))


@pytest.fixture(scope="module")
def weather() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return a made-up year, cool in winter and hot in summer."""
    warm = -np.cos(2.0 * np.pi * (TIMES.day_of_year.to_numpy() - 25) / 365.0)
    sun = np.maximum(np.sin((TIMES.hour.to_numpy() - 5.5) / 13.0 * np.pi), 0.0)
    ghi = 600.0 * sun * (TIMES.hour.to_numpy() >= 6) * (TIMES.hour.to_numpy() <= 18)
    table = pd.DataFrame(
        {
            "ghi": ghi,
            "dni": 0.5 * ghi,
            "dhi": 0.6 * ghi,
            "temp_air": 17.0 + 12.0 * warm,
            "relative_humidity": 75.0,
            "wind_speed": 2.5,
            "pressure": 101_300.0,
        },
        index=TIMES.rename("time"),
    )
    place = {"latitude_deg": [29.8], "longitude_deg": [121.9], "altitude_m": [5.0], "utc_offset_h": [8.0]}
    return table, pd.DataFrame(place, index=pd.Index(["site"], name="site_id"))


def one(kind: Archetype, vintage: str = "code2021") -> Member:
    return members(typical_forms({kind.archetype: kind}), {kind.archetype: kind}, (vintage,))[0]


def zone_of(kind: Archetype, use: Use, vintage: str = "code2021") -> Zone:
    return room_zone(one(kind, vintage), use, PLACE, OPTIONS)


def u_value(zone: Zone, name: str, films: float) -> float:
    part = next(part for part in zone.opaque if part.name == name)
    return 1.0 / (sum(layer.resistance for layer in part.layers) + films)


def test_a_typical_block_has_the_surfaces_of_its_sides() -> None:
    row = typical_forms().set_index("archetype").loc["office"]
    sizes, kind = constants("layers", "stock.csv"), archetypes()["office"]
    depth, length = sizes.value("massing.tower.depth_m"), sizes.value("massing.tower.length_m")
    facade = 2.0 * (depth + length) * kind.storey_height_m / (depth * length)
    assert row["facade_per_floor"] == pytest.approx(facade)
    assert row["facade_ns_share"] == pytest.approx(length / (depth + length))
    assert row["roof_per_floor"] == pytest.approx(1.0 / kind.floors)


@pytest.mark.parametrize("vintage", VINTAGES)
@pytest.mark.parametrize("archetype", ["office", "res_highrise", "factory_general", "warehouse"])
def test_walls_and_roofs_have_the_u_values_of_the_code(archetype: str, vintage: str, use: Use) -> None:
    kind = archetypes()[archetype]
    zone = zone_of(kind, use, vintage)
    table = demand_constants().under(f"envelope.{kind.envelope}.{vintage}")
    assert u_value(zone, "wall 0", STANDARD_FILMS) == pytest.approx(table["wall"].value)
    assert u_value(zone, "roof", STANDARD_FILMS) == pytest.approx(table["roof"].value)
    assert {window.glazing.u_value for window in zone.windows} <= {table["window"].value}


@pytest.mark.parametrize("archetype", sorted(archetypes()))
def test_windows_take_their_share_of_the_facade(archetype: str, use: Use) -> None:
    kind = archetypes()[archetype]
    zone = zone_of(kind, use)
    facade = typical_forms({archetype: kind})["facade_per_floor"].iloc[0]
    windows = sum(window.area for window in zone.windows)
    walls = sum(part.area for part in zone.opaque if part.name.startswith("wall"))
    assert windows + walls == pytest.approx(facade)
    assert windows == pytest.approx(facade * kind.window_share)


def test_the_effective_capacity_is_that_of_the_class_of_mass(use: Use) -> None:
    kind = archetypes()["office"]
    held = 0.0
    for part in zone_of(kind, use).opaque:
        inner = part.layers[0]
        held += part.area * min(inner.thickness, 0.1) * inner.density * inner.heat
    assert held == pytest.approx(demand_constants().value("mass.public.capacity"))


def test_figures_of_an_archetype_go_before_those_of_the_code(use: Use) -> None:
    kind = archetypes()["office"]
    own = replace(
        kind, overrides={"wall_u": 0.2, "roof_u": 0.15, "shgc": 0.3, "lighting_w_m2": 5.0, "heating_set_c": 18.0}
    )
    zone = zone_of(own, use)
    assert u_value(zone, "wall 90", STANDARD_FILMS) == pytest.approx(0.2)
    assert u_value(zone, "roof", STANDARD_FILMS) == pytest.approx(0.15)
    assert zone.windows[0].glazing.shgc[0] == pytest.approx(0.3)
    assert set(zone.heat_set[np.isfinite(zone.heat_set)]) == {5.0, 12.0, 18.0}  # set back as the code does
    for vintage in VINTAGES:
        assert design_loads(one(own, vintage), Values()).lighting == pytest.approx(5.0)
    assert design_loads(one(own), Values()).equipment == design_loads(one(kind), Values()).equipment


@pytest.mark.parametrize("archetype", ["office", "school", "hotel", "res_highrise"])
@pytest.mark.parametrize("mode", ["heating", "cooling"])
def test_a_stated_set_point_that_is_the_codes_changes_nothing(archetype: str, mode: str, use: Use) -> None:
    kind = archetypes()[archetype]
    name = "heat_set" if mode == "heating" else "cool_set"
    plain = getattr(zone_of(kind, use), name)
    level = np.max(plain[np.isfinite(plain)]) if mode == "heating" else np.min(plain[np.isfinite(plain)])
    same = getattr(zone_of(replace(kind, overrides={f"{mode}_set_c": float(level)}), use), name)
    np.testing.assert_array_equal(same, plain)
    gentler = float(level) + (-2.0 if mode == "heating" else 2.0)
    other = getattr(zone_of(replace(kind, overrides={f"{mode}_set_c": gentler}), use), name)
    assert (other <= plain).all() if mode == "heating" else (other >= plain).all()


def test_plants_carry_what_an_archetype_states_and_follow_the_winter() -> None:
    kind, values = archetypes()["data_centre"], Values()
    hall = replace(kind, overrides={"equipment_w_m2": 1000.0})
    assert cooling_limit(one(hall), values) >= 1000.0
    assert cooling_limit(one(replace(kind, overrides={"wall_u": 0.3})), values) == cooling_limit(one(kind), values)
    office = one(archetypes()["office"])
    assert heating_limit(office, 0.5, values) == pytest.approx(values.value("plant.office.heating"))
    assert heating_limit(office, -19.0, values) == pytest.approx(2.0 * values.value("plant.office.heating"))
    daily = np.repeat(np.arange(365.0), 24)
    assert winter_temperature(daily) == 5.0  # days 0 to 4 are colder


def test_a_schedule_of_a_school_of_its_own_keeps_the_holidays(use: Use) -> None:
    full = (1.0,) * 24
    kind = replace(
        archetypes()["school"],
        schedules={("occupancy", "workday"): full, ("occupancy", "weekend"): (0.0,) * 24},
    )
    july = TIMES.month.to_numpy() == 7
    assert use.pattern(one(kind), "occupancy")[july].max() == 0.0


def test_an_own_schedule_of_cooling_knows_no_season(use: Use) -> None:
    kind = replace(
        archetypes()["data_centre"], archetype="hall", schedules={("cooling_setpoint", "allday"): (25.0,) * 24}
    )
    assert set(zone_of(kind, use).cool_set) == {25.0}


def test_schedules_of_an_archetype_go_before_those_of_the_code(use: Use) -> None:
    half = (0.5,) * 24
    own = replace(archetypes()["office"], archetype="lab", schedules={("occupancy", "allday"): half})
    assert set(use.pattern(one(own), "occupancy")) == {0.5}
    np.testing.assert_array_equal(
        use.pattern(one(own), "lighting"), use.pattern(one(archetypes()["office"]), "lighting")
    )


def test_the_ground_follows_the_air_late_and_little(weather: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    sky = sky_hours(*weather)
    ground = ground_temperature(sky.temp_air, 60.0)
    assert ground.mean() == pytest.approx(sky.temp_air.mean())
    # the mean of a wave over a sixth of its length: sin(x) / x of its height, half of that later
    x = np.pi * 60.0 / 365.0
    assert np.ptp(ground) == pytest.approx(np.ptp(sky.temp_air) * np.sin(x) / x, rel=1e-3)
    late = (np.argmax(ground) - np.argmax(sky.temp_air)) % 8760
    assert late == pytest.approx(30 * 24, abs=36)


def test_rooms_of_a_class_are_weighed_by_their_share_of_the_floor() -> None:
    zones = members(typical_forms({"hospital": archetypes()["hospital"]}), None, ("code2010",))
    assert [zone.share for zone in zones] == [0.6, 0.4]
    found = class_sums(zones, np.array([[1.0, 2.0], [10.0, 20.0]]))
    (values,) = found.values()
    np.testing.assert_allclose(values, [4.6, 9.2])


def test_every_service_of_every_class_sums_as_its_parts(weather: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    kinds = {name: archetypes()[name] for name in ("office", "res_lowrise", "res_highrise", "cold_store", "office_rd")}
    profiles, intensities = building_profiles(*weather, OPTIONS, kinds=kinds)
    wide = intensities.pivot_table(index=["archetype", "vintage"], columns="service", values="kwh_m2")
    assert set(wide.columns) == set(SERVICES)
    enduse = constants("spatial.demand", "enduse.csv")
    moved = wide["ventilation"] + wide["lifts"]
    assert moved.loc[("office", "code2021")] == pytest.approx(enduse.value("office.gb55015.vent_pumps_lifts"), rel=1e-5)
    assert (wide["lifts"].loc["res_lowrise"] == 0.0).all()  # three floors have none
    assert (wide["lifts"].loc["res_highrise"] > 0.5 * moved.loc["res_highrise"]).all()
    np.testing.assert_allclose(wide["process"].loc["cold_store"], 160.0, rtol=1e-5)
    assert (wide["process"].loc["office"] == 0.0).all()
    np.testing.assert_allclose(profiles.sum().to_numpy(dtype=float) / 1000.0, intensities["kwh_m2"], rtol=1e-4)


def test_the_plan_tells_what_stands_opposite_and_forms_it_does_not_show_follow_their_archetype() -> None:
    forms = pd.DataFrame(
        {
            "archetype": ["office", "office", "school"],
            "form": ["slab", "tower", "slab"],
            "facade_per_floor": 0.4,
            "facade_ns_share": 0.5,
            "roof_per_floor": 0.2,
            "floors": 5.0,
        }
    )
    walls = pd.DataFrame({"archetype": ["office"], "form": ["slab"], "walls_m2": [900.0], "light": [0.8]})
    lit = lit_forms(forms, walls)
    assert lit["light"].tolist()[:2] == [0.8, 0.8]
    values = Values()
    views = [wall_view(member, values) for member in members(lit, vintages=("code2021",))]
    assert views[0] == pytest.approx(0.8 * values.value("solar.trees"))
    # a school of which the plan shows no wall stands as buildings usually do
    assert views[-1] == values.value("solar.view")
