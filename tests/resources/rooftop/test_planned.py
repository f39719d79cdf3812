"""Plants on roofs of the plan: capacity that follows from areas, energy that is kept, shade that only takes."""

import itertools
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from layers.blocks import blocks_of_plan
from layers.errors import Findings
from layers.grid import Grid
from layers.tables.resources import (
    GRID,
    MONTHS,
    PV_CLASSES,
    PV_PARCELS,
    PV_PROFILES,
    ROOF_PROFILES,
    ROOFS,
    SUN_CELLS,
    SUPPLY_CURVES,
)
from layers.tables.stock import FORMS
from layers.weather import WeatherOptions, read_weather
from resources.photovoltaics import SolarOptions, pv_classes
from resources.rooftop.options import RooftopOptions
from resources.rooftop.planned import PlannedRoofs, planned_roofs
from resources.rooftop.plants import PlantOptions, losses_beside_shading
from resources.rooftop.supply import curve_steps, supply_curves
from resources.solar import Roofs, class_tables, roof_areas, solar_potential

CRS = 4550
SIDE = 110.0
ARCHETYPES = ("office", "res_highrise", "res_lowrise", "retail", "warehouse", "warehouse_haz", "factory_light", "hotel")
EVERYTHING = RooftopOptions(plants=PlantOptions(least_kwh_kwp=0.0))
"""Every roof is built on, however dark it is."""
THROWN_BACK = 0.005
"""What walls may throw onto modules more than they hide, as a share of open light."""
CLASSES = {item.name: item for item in pv_classes()}


@dataclass(frozen=True)
class Weather:
    hours: pd.DataFrame
    site: pd.DataFrame


@pytest.fixture(scope="module")
def north() -> Weather:
    options = WeatherOptions(latitude_deg=29.79, longitude_deg=121.95, altitude_m=5.0, utc_offset_h=8.0)
    found = read_weather(Path(__file__).parents[3] / "layers" / "meishan" / "normals.csv", options, Findings())
    assert found is not None
    site, hours = found
    return Weather(hours, site)


@pytest.fixture(scope="module")
def south(north: Weather) -> Weather:
    """The same weather half a year later, as far south of the equator."""
    hours = pd.DataFrame(np.roll(north.hours, 182 * 24, axis=0), north.hours.index, north.hours.columns)
    return Weather(hours.astype(north.hours.dtypes), north.site.assign(latitude_deg=-29.79))


@dataclass(frozen=True)
class Plan:
    parcels: gpd.GeoDataFrame
    stock: pd.DataFrame

    @property
    def blocks(self) -> gpd.GeoDataFrame:
        return blocks_of_plan(self.parcels, self.stock)

    def roofs(
        self, weather: Weather, options: RooftopOptions = EVERYTHING, solar: SolarOptions | None = None
    ) -> PlannedRoofs:
        return planned_roofs(
            self.blocks,
            self.stock,
            self.parcels["unit_id"],
            weather.hours,
            weather.site,
            solar or SolarOptions(),
            options,
        )


Row = tuple[str, str, str, float, float]
"""Parcel, archetype, form, footprint [m2] and floors."""


def plan_of(*rows: Row) -> Plan:
    """Return four parcels in a square, A and B in the north, C and D in the south, with stock on them."""
    places = {"A": (0, 1), "B": (1, 1), "C": (0, 0), "D": (1, 0)}
    shapes = [
        shapely.box(4e5 + x * SIDE, 3.3e6 + y * SIDE, 4e5 + (x + 1) * SIDE, 3.3e6 + (y + 1) * SIDE)
        for x, y in places.values()
    ]
    columns = {"unit_id": ["u", "u", "v", "v"], "landuse": ["B1", "R2", "M1", "S42"], "area_m2": [SIDE**2] * 4}
    index = pd.Index(list(places), name="parcel_id", dtype="str")
    names = ["parcel_id", "archetype", "form", "footprint_m2", "floors"]
    stock = pd.DataFrame(list(rows), columns=names).astype(
        {"parcel_id": "str", "archetype": "str", "form": "str", "footprint_m2": float, "floors": float}
    )
    stock = stock.assign(
        height_m=3.0 * stock["floors"],
        floor_area_m2=stock["footprint_m2"] * stock["floors"],
        roof_m2=1.1 * stock["footprint_m2"],
        facade_m2=2.0 * stock["footprint_m2"],
        window_share=0.3,
    )
    stock.index = pd.Index(stock["parcel_id"] + "|" + stock["archetype"], name="stock_id", dtype="str")
    return Plan(gpd.GeoDataFrame(columns, geometry=shapes, index=index, crs=CRS), stock)


@st.composite
def plans(draw: st.DrawFn, most_built: float = 0.5) -> Plan:
    rng = np.random.default_rng(draw(st.integers(0, 100_000)))
    rows: list[Row] = []
    for parcel in "ABCD":
        chosen = rng.choice(ARCHETYPES, rng.integers(0, 4), replace=False)
        share = rng.dirichlet(np.ones(len(chosen))) if len(chosen) else []
        for archetype, part in zip(chosen, share, strict=True):
            footprint = float(part * rng.uniform(0.1, most_built) * SIDE**2)
            rows.append((parcel, str(archetype), str(rng.choice(FORMS)), footprint, float(rng.integers(1, 25))))
    return plan_of(*(rows or [("A", "office", "slab", 900.0, 5.0)]))


def faults(found: PlannedRoofs) -> list[object]:
    curves = curves_of(found)
    return [
        *ROOFS.faults(found.roofs),
        *ROOF_PROFILES.faults(found.profiles),
        *GRID.faults(found.grid),
        *SUN_CELLS.faults(found.cells),
        *SUPPLY_CURVES.faults(curves),
    ]


def curves_of(found: PlannedRoofs) -> pd.DataFrame:
    plants = found.roofs.rename_axis("building_id")
    return curve_steps(supply_curves(plants, plants["unit_id"]), EVERYTHING.step_cny_kwh)


@settings(deadline=None, max_examples=8)
@given(plans(most_built=1.3))
def test_capacity_is_the_planning_density_on_the_usable_roof_of_each_row(north: Weather, plan: Plan) -> None:
    found = plan.roofs(north)
    blocks = plan.blocks
    areas = roof_areas(plan.stock).set_index(plan.stock.index)
    density = areas["pv_class"].map({name: item.kwp_per_m2 for name, item in CLASSES.items()})
    usable = areas["area_m2"] > 0.0
    row = blocks["stock_id"].loc[found.roofs.index]
    for column, expected in (
        ("kwp", areas["area_m2"] * density),
        ("area_m2", areas["area_m2"]),
        ("roof_m2", plan.stock["roof_m2"]),
    ):
        by_row = found.roofs[column].groupby(row).sum()
        pd.testing.assert_series_equal(by_row, expected[usable].sort_index(), check_names=False, rtol=1e-9)
    assert (found.roofs["pv_class"].to_numpy() == areas["pv_class"].loc[row].to_numpy()).all()
    assert (found.roofs["unit_id"] == plan.parcels["unit_id"].loc[found.roofs["parcel_id"]].to_numpy()).all()


def energy_is_kept(found: PlannedRoofs) -> None:
    roofs, profiles = found.roofs, found.profiles
    kwp = roofs.groupby("pv_class")["kwp"].sum()
    assert sorted(profiles.columns) == sorted(kwp.index)
    month = pd.DatetimeIndex(profiles.index).month
    made = profiles.groupby(month).sum().mul(kwp, axis=1).T / 1000.0
    told = roofs.groupby("pv_class")[list(MONTHS)].sum()
    np.testing.assert_allclose(told.to_numpy(), made.loc[told.index].to_numpy(), rtol=1e-6)
    np.testing.assert_allclose(roofs[list(MONTHS)].sum(axis=1), roofs["mwh"], rtol=1e-9)
    np.testing.assert_allclose(roofs["kwp"] * roofs["kwh_kwp"] / 1000.0, roofs["mwh"], rtol=1e-9)


@settings(deadline=None, max_examples=8)
@given(plans(), st.sampled_from([0.0, 900.0, 1100.0]))
def test_hours_of_a_class_times_its_capacity_are_the_output_of_its_roofs(
    north: Weather, plan: Plan, least: float
) -> None:
    found = plan.roofs(north, RooftopOptions(plants=PlantOptions(least_kwh_kwp=least)))
    assert not faults(found)
    energy_is_kept(found)
    assert (found.roofs["kwh_kwp"] >= least).all()
    assert (found.roofs["mwh_p90"] < found.roofs["mwh"]).all()
    zone = curves_of(found)
    assert zone.loc[zone["unit_id"] == "zone", "mwh"].sum() == pytest.approx(found.roofs["mwh"].sum())


def test_where_one_half_of_the_pairs_is_too_dark_the_other_counts_alone(north: Weather) -> None:
    plan = plan_of(("A", "retail", "hall", 2000.0, 1.0), ("B", "office", "tower", 2500.0, 20.0))
    both = plan.roofs(north)
    pairs = both.roofs[both.roofs["pv_class"] == "roof_flat_east_west"].iloc[0]
    # east and west differ a little, so the mean of the two lies between them
    plants = PlantOptions(least_kwh_kwp=pairs["kwh_kwp"])
    one = plan.roofs(north, RooftopOptions(plants=plants))
    assert one.roofs.loc[pairs.name, "kwp"] == pytest.approx(pairs["kwp"] / 2.0)
    assert one.roofs.loc[pairs.name, "kwh_kwp"] > pairs["kwh_kwp"]
    energy_is_kept(one)


@settings(deadline=None, max_examples=8)
@given(plans(), st.sampled_from([0.0, 0.2, 0.6]))
def test_what_stands_around_only_takes_light(north: Weather, plan: Plan, albedo: float) -> None:
    found = plan.roofs(north, solar=SolarOptions(albedo=albedo)).roofs
    assert found["light"].between(0.1, 1.0 + THROWN_BACK).all()
    assert (found["poa_kwh_m2"] > 0.0).all()


@settings(deadline=None, max_examples=5)
@given(plans())
def test_modules_get_the_light_of_the_cells_on_their_roof(north: Weather, plan: Plan) -> None:
    found = plan.roofs(north, RooftopOptions(cell_m=2.0, plants=EVERYTHING.plants))
    x, y = Grid.from_table(found.grid, "sun", plan.parcels.crs).centres()
    light = gpd.GeoDataFrame(found.cells, geometry=gpd.points_from_xy(x, y, crs=CRS)[found.cells.index])
    on_roofs = light.sjoin(found.roofs[["geometry"]], predicate="within").groupby("roof_id")["kwh_m2"]
    # of pairs of rows cells tell the light on the level
    single = found.roofs[found.roofs["pv_class"] != "roof_flat_east_west"]
    held = single.index[single.index.isin(on_roofs.count()[on_roofs.count() > 20].index)]
    np.testing.assert_allclose(on_roofs.mean()[held], single.loc[held, "poa_kwh_m2"], rtol=2e-3)


@settings(deadline=None, max_examples=6)
@given(plans(), st.sampled_from("ABCD"), st.integers(1, 20))
def test_raising_a_neighbour_never_raises_the_output_of_a_roof(
    north: Weather, plan: Plan, parcel: str, floors: int
) -> None:
    rest = plan.stock[plan.stock["parcel_id"] != parcel]
    rest = rest if len(rest) else plan_of(("A" if parcel != "A" else "B", "office", "slab", 900.0, 5.0)).stock
    outputs = []
    for height in (3.0 * floors, 3.0 * floors + 30.0):
        own = plan_of((parcel, "warehouse_haz", "hall", 4000.0, floors)).stock.assign(height_m=height)
        found = Plan(plan.parcels, pd.concat([rest, own])).roofs(north).roofs
        outputs.append(found.loc[found["parcel_id"] != parcel, "mwh"])
    low, high = outputs
    assert low.index.equals(high.index)
    assert (high <= low * (1.0 + THROWN_BACK)).all()


@pytest.mark.parametrize(
    ("archetype", "pv_class"), [("warehouse", "roof_metal_flush"), ("res_lowrise", "roof_pitched_s")]
)
def test_a_building_alone_yields_what_its_class_does_in_the_open(north: Weather, archetype: str, pv_class: str) -> None:
    found = plan_of(("A", archetype, "hall", 1800.0, 4.0)).roofs(north)
    # where shade is computed the losses hold none
    solar = SolarOptions(losses=losses_beside_shading(SolarOptions()))
    profiles, classes = class_tables(north.hours, north.site, solar)
    assert found.roofs["pv_class"].tolist() == [pv_class]
    assert found.roofs["kwh_kwp"].iloc[0] == pytest.approx(classes.loc[pv_class, "yield_kwh_kwp"], rel=0.004)
    assert found.roofs["poa_kwh_m2"].iloc[0] == pytest.approx(classes.loc[pv_class, "poa_kwh_m2"], rel=0.01)
    assert np.corrcoef(found.profiles[pv_class], profiles[pv_class])[0, 1] > 0.9999


@pytest.mark.parametrize(("archetype", "least"), [("office", 0.93), ("retail", 0.93)])
def test_rows_of_a_building_alone_shade_each_other_a_little(north: Weather, archetype: str, least: float) -> None:
    found = plan_of(("A", archetype, "hall", 1800.0, 4.0)).roofs(north).roofs
    solar = SolarOptions(losses=losses_beside_shading(SolarOptions()))
    _, classes = class_tables(north.hours, north.site, solar)
    share = found["kwh_kwp"] / classes.loc[found["pv_class"], "yield_kwh_kwp"].to_numpy()
    assert share.between(least, 1.0).all()
    assert found["light"].between(0.995, 1.0 + THROWN_BACK).all()


LOW: tuple[Row, ...] = (("A", "office", "slab", 1000.0, 2.0), ("C", "office", "slab", 1000.0, 2.0))


def tower_between(weather: Weather, north_of: str) -> pd.Series:
    """Return the light on low offices in A and C when a tower stands close to the other side of one of them."""
    plan = plan_of(*LOW)
    blocks = plan.blocks
    own = blocks[blocks["parcel_id"] == north_of]
    west, low, east, _ = own.total_bounds
    tower = gpd.GeoDataFrame(
        {"parcel_id": ["B"], "stock_id": ["B|warehouse_haz"], "height_m": [60.0]},
        geometry=[shapely.box(west, low - 20.0, east, low - 8.0)],
        index=pd.Index(["B|warehouse_haz|0"], name="block_id", dtype="str"),
        crs=blocks.crs,
    )
    stock = pd.concat([plan.stock, plan_of(("B", "warehouse_haz", "hall", 500.0, 20.0)).stock])
    found = planned_roofs(
        gpd.GeoDataFrame(pd.concat([blocks, tower])),
        stock,
        plan.parcels["unit_id"],
        weather.hours,
        weather.site,
        SolarOptions(),
        EVERYTHING,
    ).roofs
    return found.groupby("parcel_id")["light"].mean()


def test_towers_shade_away_from_the_equator_in_both_hemispheres(north: Weather, south: Weather) -> None:
    # the tower stands to the south of A's offices and to the north of C's
    in_north, in_south = tower_between(north, "A"), tower_between(south, "A")
    assert in_north["A"] < in_north["C"] - 0.05
    assert in_south["A"] > in_north["A"] + 0.05
    assert in_south["C"] < in_north["C"]


def test_modules_face_the_equator_in_both_hemispheres(north: Weather, south: Weather) -> None:
    plan = plan_of(("A", "office", "slab", 900.0, 6.0), ("D", "retail", "hall", 900.0, 2.0))
    for weather in (north, south):
        found = plan.roofs(weather)
        assert not faults(found)
        energy_is_kept(found)
        _, classes = class_tables(weather.hours, weather.site, SolarOptions())
        for name, mine in found.roofs.groupby("pv_class"):
            assert mine["light"].between(0.98, 1.0 + THROWN_BACK).all()
            assert mine["poa_kwh_m2"].mean() == pytest.approx(classes.loc[name, "poa_kwh_m2"], rel=0.03)


@pytest.mark.parametrize("latitude", [-75.0, 0.0, 59.0, 75.0])
def test_any_latitude_has_its_plants(north: Weather, latitude: float) -> None:
    polar = Weather(north.hours, north.site.assign(latitude_deg=latitude))
    plan = plan_of(*LOW, ("B", "retail", "hall", 900.0, 2.0), ("D", "warehouse", "hall", 900.0, 9.0))
    found = plan.roofs(polar)
    assert not faults(found)
    energy_is_kept(found)
    assert len(found.roofs) == len(plan.blocks)


def test_bright_ground_gives_no_more_than_open_light_and_a_little(north: Weather) -> None:
    plan = plan_of(("A", "hotel", "tower", 3000.0, 30.0), ("A", "res_lowrise", "row", 1500.0, 2.0))
    found = plan.roofs(north, solar=SolarOptions(albedo=1.0))
    assert not faults(found)
    energy_is_kept(found)


@settings(deadline=None, max_examples=5)
@given(plans(), st.integers(0, 1000))
def test_the_order_of_rows_does_not_matter(north: Weather, plan: Plan, seed: int) -> None:
    mixed = Plan(
        plan.parcels.sample(frac=1.0, random_state=seed),
        plan.stock.sample(frac=1.0, random_state=seed + 1).reset_index(),
    )
    one, other = plan.roofs(north), mixed.roofs(north)
    assert one.roofs.to_wkb().equals(other.roofs.to_wkb())
    for name in ("profiles", "grid", "cells"):
        pd.testing.assert_frame_equal(getattr(one, name), getattr(other, name), check_exact=True)


EMPTY: dict[str, tuple[Row, ...]] = {
    "no buildings": (),
    "none with a usable roof": (("A", "warehouse_haz", "hall", 900.0, 1.0), ("C", "warehouse_haz", "hall", 900.0, 1.0)),
    "all too dark to be worth it": (("A", "office", "slab", 900.0, 5.0), ("C", "retail", "hall", 900.0, 1.0)),
}


@pytest.mark.parametrize("case", EMPTY)
def test_without_plants_there_are_empty_tables(north: Weather, case: str) -> None:
    plan = plan_of(*EMPTY[case])
    found = plan.roofs(north, RooftopOptions(plants=PlantOptions(least_kwh_kwp=5000.0)))
    full = plan_of(("A", "office", "slab", 900.0, 5.0)).roofs(north)
    assert not faults(found)
    assert found.roofs.empty
    assert found.roofs.dtypes.equals(full.roofs.dtypes)
    assert found.roofs.index.name == "roof_id"
    assert found.roofs.crs == plan.parcels.crs
    assert found.profiles.index.equals(north.hours.index)
    assert found.profiles.columns.empty
    assert found.grid.dtypes.equals(full.grid.dtypes)
    assert found.cells.dtypes.equals(full.cells.dtypes)
    assert len(found.grid) == (0 if case == "no buildings" else 1)
    assert found.cells.empty == (case == "no buildings")
    profiles, classes, potential = solar_potential(
        north.hours, north.site, plan.stock, plan.parcels, SolarOptions(), roofs=Roofs(found.roofs, found.profiles)
    )
    assert not [*PV_PROFILES.faults(profiles), *PV_CLASSES.faults(classes), *PV_PARCELS.faults(potential)]
    assert "roof" not in set(potential["pv_class"].map(classes["surface"]))
    assert "carport" in set(potential["pv_class"].map(classes["surface"]))


def test_a_single_small_building_has_its_plant(north: Weather) -> None:
    found = plan_of(("A", "office", "tower", 9.0, 1.0)).roofs(north)
    assert not faults(found)
    assert found.roofs["kwp"].tolist() == pytest.approx([9.0 * 1.1 * 0.35 * 0.1])


def test_more_losses_never_give_more_down_to_none_at_all(north: Weather) -> None:
    plan = plan_of(("A", "office", "slab", 900.0, 5.0), ("D", "retail", "hall", 900.0, 1.0))
    outputs = [plan.roofs(north, solar=SolarOptions(losses=losses)).roofs["mwh"] for losses in (0.0, 0.02, 0.03, 0.14)]
    for less, more in itertools.pairwise(outputs):
        assert (more <= less * (1.0 + 1e-12)).all()
    assert (outputs[-1] < 0.9 * outputs[0]).all()


def test_a_block_of_no_row_of_the_stock_is_refused(north: Weather) -> None:
    plan = plan_of(("A", "office", "slab", 900.0, 5.0), ("D", "retail", "hall", 900.0, 1.0))
    units = plan.parcels["unit_id"]
    with pytest.raises(KeyError, match="retail"):
        planned_roofs(plan.blocks, plan.stock.iloc[:1], units, north.hours, north.site, SolarOptions(), EVERYTHING)


def test_a_parcel_without_a_planning_unit_is_refused(north: Weather) -> None:
    plan = plan_of(("A", "office", "slab", 900.0, 5.0))
    units = plan.parcels["unit_id"].drop(index="A")
    with pytest.raises(KeyError, match="A"):
        planned_roofs(plan.blocks, plan.stock, units, north.hours, north.site, SolarOptions(), EVERYTHING)


@settings(deadline=None, max_examples=5)
@given(plans(), st.booleans())
def test_the_potential_of_parcels_is_that_of_their_roofs(north: Weather, plan: Plan, facade: bool) -> None:
    found = plan.roofs(north)
    options = SolarOptions(facade=facade)
    at = (north.hours, north.site, plan.stock, plan.parcels, options)
    profiles, classes, potential = solar_potential(*at, roofs=Roofs(found.roofs, found.profiles))
    in_the_open = solar_potential(*at)
    assert not [*PV_PROFILES.faults(profiles), *PV_CLASSES.faults(classes), *PV_PARCELS.faults(potential)]
    on_roofs = potential["pv_class"].map(classes["surface"]) == "roof"
    by_class = potential[on_roofs].groupby("pv_class")[["kwp", "mwh"]].sum()
    for name, row in by_class.iterrows():
        assert row["mwh"] == pytest.approx(row["kwp"] * profiles[name].sum() / 1000.0, rel=1e-6)
        assert classes.loc[name, "yield_kwh_kwp"] == pytest.approx(profiles[name].sum())
    by_parcel = potential[on_roofs].groupby(["parcel_id", "pv_class"])[["area_m2", "kwp", "mwh"]].sum()
    roofs = found.roofs.groupby(["parcel_id", "pv_class"])[["area_m2", "kwp", "mwh"]].sum()
    pd.testing.assert_frame_equal(by_parcel, roofs, rtol=1e-9)
    # every roof has a plant here, so its area and capacity are those of the open one, and what lies elsewhere is as is
    pd.testing.assert_frame_equal(potential[["parcel_id", "pv_class"]], in_the_open[2][["parcel_id", "pv_class"]])
    np.testing.assert_allclose(potential[["area_m2", "kwp"]], in_the_open[2][["area_m2", "kwp"]], rtol=1e-9)
    pd.testing.assert_frame_equal(potential[~on_roofs], in_the_open[2][~on_roofs], check_exact=True)
    elsewhere = [name for name in profiles.columns if name not in by_class.index]
    pd.testing.assert_frame_equal(profiles[elsewhere], in_the_open[0][elsewhere], check_exact=True)
    pd.testing.assert_frame_equal(classes.loc[elsewhere], in_the_open[1].loc[elsewhere], check_exact=True)


def test_roofs_can_be_left_out_of_the_potential(north: Weather) -> None:
    plan = plan_of(("A", "office", "slab", 900.0, 5.0), ("D", "retail", "hall", 900.0, 1.0))
    found = plan.roofs(north)
    at = (north.hours, north.site, plan.stock, plan.parcels, SolarOptions(roof=False))
    _, classes, potential = solar_potential(*at, roofs=Roofs(found.roofs, found.profiles))
    assert not potential.empty
    assert "roof" not in set(potential["pv_class"].map(classes["surface"]))
    pd.testing.assert_frame_equal(potential, solar_potential(*at)[2], check_exact=True)
