"""Demand on parcels, its density raster, and the activities: nothing is lost, nothing is counted twice."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from shapely.geometry import MultiPolygon, Point, Polygon, box

from layers.archetypes import archetypes
from layers.tables.balance import SECTORS
from layers.tables.demand import ACTIVITY, DEMAND_PARCELS, DENSITY, PROFILE_SHAPES, SERVICES
from layers.tables.resources import GRID
from layers.tables.stock import VINTAGES
from layers.weather.hours import year_index
from spatial.demand import DemandOptions, activity_levels, demand_on_parcels, density_raster, uncounted, unmodelled
from spatial.demand.activity import subsectors
from spatial.demand.parcels import coincident_peaks

CRS = "EPSG:4549"
BASE, TARGET = 2017, 2030
YEARS = np.arange(BASE, TARGET + 1)
SITE = pd.DataFrame({"utc_offset_h": [8.0]}, index=pd.Index(["site"], name="site_id"))


@pytest.fixture(scope="module")
def classes() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return made-up profiles of one day, each class with its own hours."""
    rng = np.random.default_rng(5)
    columns = [(a, "slab", v, s) for a in archetypes() for v in VINTAGES for s in SERVICES]
    values = rng.uniform(0.0, 50.0, (24, len(columns))).astype(np.float32)
    times = pd.date_range("2017-01-01", periods=24, freq="h", tz="Etc/GMT-8", name="time")
    profiles = pd.DataFrame(values, index=times, columns=["|".join(column) for column in columns])
    intensities = pd.DataFrame(columns, columns=["archetype", "form", "vintage", "service"])
    intensities["kwh_m2"] = values.sum(axis=0, dtype=float) / 1000.0
    intensities["peak_w_m2"] = values.max(axis=0).astype(float)
    return profiles, intensities


def stock_of(rows: list[tuple[str, str, str, int, float]]) -> pd.DataFrame:
    """Return stock from (parcel, archetype, vintage, year_from, floor area)."""
    table = pd.DataFrame(rows, columns=["parcel_id", "archetype", "vintage", "year_from", "floor_area_m2"])
    return table.assign(unit_id="U1", form="slab").set_index(table["parcel_id"] + "|" + table["archetype"])


def test_demand_is_floor_area_times_intensity(classes: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    profiles, intensities = classes
    rows = [
        ("A", "office", "code2010", 2017, 5000.0),
        ("A", "retail", "code2010", 2017, 1500.0),
        ("B", "hotel", "code2021", 2025, 8000.0),
    ]
    table = DEMAND_PARCELS.check(demand_on_parcels(profiles, intensities, stock_of(rows), (BASE, TARGET)))
    assert list(zip(table["parcel_id"], table["year"], strict=True)) == [("A", 2017), ("A", 2030), ("B", 2030)]
    first = table.iloc[0]
    hourly = {
        service: profiles[f"office|slab|code2010|{service}"].astype(float) * 5.0
        + profiles[f"retail|slab|code2010|{service}"].astype(float) * 1.5
        for service in SERVICES
    }
    cooling = hourly["cooling_sensible"] + hourly["cooling_latent"]
    power = sum(hourly[name] for name in ("lighting", "equipment", "process", "ventilation", "lifts"))
    assert first["heating_mwh"] == pytest.approx(hourly["heating"].sum() / 1000.0)
    assert first["cooling_mwh"] == pytest.approx(cooling.sum() / 1000.0)
    assert first["electricity_mwh"] == pytest.approx(power.sum() / 1000.0)
    assert first["hot_water_mwh"] == pytest.approx(hourly["hot_water"].sum() / 1000.0)
    assert first["heating_peak_kw"] == pytest.approx(hourly["heating"].max(), rel=1e-5)
    assert first["cooling_peak_kw"] == pytest.approx(cooling.max(), rel=1e-5)
    # the parcel peaks below the sum of its buildings' peaks, since they do not peak in one hour
    alone = demand_on_parcels(profiles, intensities, stock_of([("A", *rows[0][1:]), ("B", *rows[1][1:])]), (BASE, BASE))
    assert first["heating_peak_kw"] <= alone["heating_peak_kw"].sum() + 1e-6


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 1000), st.integers(1, 12), st.integers(1, 6))
def test_coincident_peaks_match_brute_force(seed: int, parcels: int, count: int) -> None:
    rng = np.random.default_rng(seed)
    profiles = rng.uniform(0.0, 80.0, (48, count)).astype(np.float32)
    weights = rng.uniform(0.0, 1e5, (parcels, count)) * (rng.random((parcels, count)) < 0.5)
    peaks = coincident_peaks(profiles, weights)
    brute = (weights @ profiles.T.astype(float)).max(axis=1)
    np.testing.assert_allclose(peaks, brute, rtol=1e-5)
    assert (peaks <= weights @ profiles.max(axis=0).astype(float) * (1.0 + 1e-5)).all()


def density_of(shapes: list[object], amounts: np.ndarray, cell: float = 100.0) -> tuple[pd.DataFrame, pd.DataFrame]:
    ids = [f"P{i}" for i in range(len(shapes))]
    parcels = gpd.GeoDataFrame({"parcel_id": ids}, geometry=shapes, crs=CRS).set_index("parcel_id")
    names = ["heating_mwh", "cooling_mwh", "hot_water_mwh"]
    demand = pd.DataFrame(amounts, columns=names).assign(parcel_id=ids, year=TARGET)
    earlier = demand.assign(year=BASE, heating_mwh=7.0)
    both = pd.concat([earlier, demand], ignore_index=True)
    return density_raster(both, parcels, TARGET, DemandOptions(density_cell_m=cell))


PLACED = st.tuples(
    st.floats(-900.0, 900.0), st.floats(-900.0, 900.0), st.floats(0.5, 400.0), st.integers(3, 9), st.floats(0.0, 3.0)
)


@settings(deadline=None, max_examples=40)
@given(st.lists(PLACED, min_size=1, max_size=8), st.sampled_from([25.0, 100.0, 333.0]), st.integers(0, 1000))
def test_density_conserves_the_total(
    drawn: list[tuple[float, float, float, int, float]], cell: float, seed: int
) -> None:
    shapes = []
    for x, y, radius, corners, turn in drawn:
        angles = turn + np.linspace(0.0, 2.0 * np.pi, corners, endpoint=False)
        shapes.append(Polygon(np.column_stack([x + radius * np.cos(angles), y + radius * np.sin(angles)])))
    amounts = np.random.default_rng(seed).uniform(0.0, 1e4, (len(shapes), 3))
    grid, density = density_of(list(shapes), amounts, cell)
    sums = density[["heating_mwh", "cooling_mwh", "hot_water_mwh"]].sum().to_numpy()
    np.testing.assert_allclose(sums, amounts.sum(axis=0), rtol=1e-9)
    assert (density["row"] < grid["rows"].iloc[0]).all()
    assert (density["col"] < grid["cols"].iloc[0]).all()


def test_density_equals_brute_force_on_a_small_plan() -> None:
    shapes = [
        box(10.0, 20.0, 60.0, 70.0),
        Polygon([(150, 150), (450, 180), (380, 420), (160, 390)]),
        MultiPolygon([box(500, 500, 640, 530), box(720, 100, 760, 333)]),
        Point(333.0, 333.0).buffer(140.0),
    ]
    amounts = np.array([[10.0, 4.0, 1.0], [200.0, 90.0, 30.0], [50.0, 60.0, 7.0], [80.0, 0.0, 2.0]])
    grid, density = density_of(shapes, amounts)
    GRID.check(grid)
    DENSITY.check(density)
    assert grid.index.tolist() == ["density"]
    place = grid.iloc[0]
    for cell_id, cell in density.iterrows():
        x, y = place["x0_m"] + cell["col"] * 100.0, place["y0_m"] - cell["row"] * 100.0
        square = box(x, y - 100.0, x + 100.0, y)
        by_hand = sum(
            amount * shape.intersection(square).area / shape.area
            for shape, amount in zip(shapes, amounts[:, 0], strict=True)
        )
        assert cell["heating_mwh"] == pytest.approx(by_hand, rel=1e-9)
        assert cell_id == cell["row"] * place["cols"] + cell["col"]
    assert density["heating_mwh"].sum() == pytest.approx(340.0, rel=1e-12)


def zone(industry_ha: float = 40.0) -> tuple[gpd.GeoDataFrame, pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Return parcels, people, stock and drivers of a small port zone."""
    rows = [
        ("H1", "H23", "U1", 60.0, True, 2017),
        ("H2", "H23", "U2", 40.0, False, 2024),
        ("M1", "M1", "U1", industry_ha, True, 2017),
        ("M2", "M3", "U2", industry_ha, False, 2022),
        ("R1", "R2", "U1", 30.0, True, 2017),
        ("R2", "R2", "U2", 30.0, False, 2023),
        ("E1", "E21", "U2", 500.0, True, 2017),
        ("E2", "E23", "U2", 900.0, True, 2017),
    ]
    columns = ["parcel_id", "landuse", "unit_id", "area_m2", "existing", "phase_year"]
    frame = pd.DataFrame(rows, columns=columns)
    frame["area_m2"] *= 10_000.0
    parcels = gpd.GeoDataFrame(frame, geometry=[box(i, 0, i + 1, 1) for i in range(len(rows))], crs=CRS).set_index(
        "parcel_id"
    )
    people = pd.DataFrame(
        0.0, index=parcels.index, columns=["population_base", "population_target", "jobs_base", "jobs_target"]
    )
    people.loc["R1", ["population_base", "population_target"]] = 8000.0, 9000.0
    people.loc["R2", "population_target"] = 11_000.0
    stock = stock_of(
        [
            ("M1", "factory_light", "code2010", 2017, 5e5),
            ("M2", "factory_heavy", "code2021", 2022, 4e5),
            ("R1", "res_highrise", "code2010", 2017, 3e5),
        ]
    )
    stock["unit_id"] = parcels["unit_id"].loc[stock["parcel_id"]].to_numpy()
    span = np.linspace(0.0, 1.0, len(YEARS))
    values = {
        "population": 8000.0 + 12_000.0 * span,
        "teu": 3.4e6 + 6e6 * span,
        "berth_calls": 1000.0 + 900.0 * span,
        "gdp_million_cny": 15_000.0 + 45_000.0 * span,
    }
    tables = [
        pd.DataFrame({"driver": name, "year": YEARS, "value": series, "unit": ""}) for name, series in values.items()
    ]
    return parcels, people, stock, pd.concat(tables, ignore_index=True)


@pytest.fixture(scope="module")
def activities() -> tuple[pd.DataFrame, pd.DataFrame]:
    parcels, people, stock, drivers = zone()
    return activity_levels(drivers, parcels, people, stock, SITE, BASE, TARGET, TARGET, DemandOptions())


def yearly(activity: pd.DataFrame, subsector: str) -> np.ndarray:
    rows = activity.loc[activity["subsector"] == subsector]
    return rows.groupby("year")["activity"].sum().reindex(YEARS, fill_value=0.0).to_numpy()


def test_activities_keep_their_contracts(activities: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    activity, shapes = activities
    ACTIVITY.check(activity)
    PROFILE_SHAPES.check(shapes)
    assert set(activity["sector"]) <= set(SECTORS)
    assert list(shapes.columns) == list(subsectors())
    assert len(shapes) == 8760
    np.testing.assert_allclose(shapes.sum(), 1.0, rtol=1e-12)
    assert (shapes >= 0.0).all(axis=None)
    assert set(activity["year"]) == set(YEARS.tolist())


def test_activities_sum_to_the_drivers(activities: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    activity, _ = activities
    drivers = zone()[3].pivot_table(index="year", columns="driver", values="value")
    np.testing.assert_allclose(yearly(activity, "port_handling"), drivers["teu"], rtol=1e-12)
    np.testing.assert_allclose(yearly(activity, "berth_calls"), drivers["berth_calls"], rtol=1e-12)
    np.testing.assert_allclose(yearly(activity, "trucks"), drivers["teu"] * 0.8 * 35.0, rtol=1e-12)
    np.testing.assert_allclose(yearly(activity, "two_wheelers"), drivers["population"] * 0.35 * 3500.0, rtol=1e-12)
    np.testing.assert_allclose(yearly(activity, "msw"), drivers["population"] * 1.05 * 0.365, rtol=1e-12)
    cars = yearly(activity, "cars") / drivers["population"].to_numpy()
    assert cars[0] == pytest.approx(0.24 * 12_500.0)
    assert cars[-1] == pytest.approx(0.38 * 12_500.0)
    np.testing.assert_allclose(yearly(activity, "farming"), 500.0)  # forest is not farmed


def test_activities_follow_the_drivers_beyond_the_target_year() -> None:
    parcels, people, stock, _ = zone()
    end = 2045
    told = {"population": {BASE: 8000.0, TARGET: 20_000.0, 2040: 30_000.0}, "teu": {BASE: 3e6, TARGET: 9e6, 2040: 11e6}}
    drivers = pd.DataFrame(
        [(name, year, value, "") for name, values in told.items() for year, value in values.items()],
        columns=["driver", "year", "value", "unit"],
    )
    activity, _ = activity_levels(drivers, parcels, people, stock, SITE, BASE, TARGET, end, DemandOptions())
    ACTIVITY.check(activity)
    total = activity.pivot_table(index="year", columns="subsector", values="activity", aggfunc="sum")
    assert total.index.to_list() == list(range(BASE, end + 1))
    # between the years given: on a straight line; after the last: as in it
    years = [2030, 2035, 2040, 2045]
    np.testing.assert_allclose(total.loc[years, "port_handling"], [9e6, 10e6, 11e6, 11e6], rtol=1e-12)
    heads = total.loc[years, "two_wheelers"] / (0.35 * 3500.0)
    np.testing.assert_allclose(heads, [20_000.0, 25_000.0, 30_000.0, 30_000.0], rtol=1e-12)
    # people spread over the units as in the target year, and no unit is left below none
    units = activity.loc[activity["subsector"] == "two_wheelers"].pivot_table(
        index="year", columns="unit_id", values="activity"
    )
    np.testing.assert_allclose((units["U2"] / units["U1"]).loc[TARGET:], 11.0 / 9.0)
    short, _ = activity_levels(drivers, parcels, people, stock, SITE, BASE, TARGET, TARGET, DemandOptions())
    pd.testing.assert_frame_equal(short, activity.loc[activity["year"] <= TARGET].reset_index(drop=True))


def test_a_unit_that_people_leave_is_not_emptied_below_none() -> None:
    parcels, people, stock, drivers = zone()
    leaving = people.copy()
    leaving.loc["R1", ["population_base", "population_target"]] = 8000.0, 1000.0
    activity, _ = activity_levels(drivers, parcels, leaving, stock, SITE, BASE, TARGET, 2060, DemandOptions())
    cars = activity.loc[activity["subsector"] == "cars"].pivot_table(index="year", columns="unit_id", values="activity")
    np.testing.assert_allclose((cars["U1"] / cars["U2"]).loc[TARGET:], 1.0 / 11.0)


def test_port_stands_on_its_quays_from_their_year(activities: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    port = (
        activities[0]
        .loc[activities[0]["subsector"] == "port_handling"]
        .pivot_table(index="year", columns="parcel_id", values="activity")
    )
    assert port.loc[:2023, "H2"].isna().all()
    np.testing.assert_allclose(port.loc[2024:, "H2"] / port.loc[2024:, "H1"], 40.0 / 60.0)
    trucks = activities[0].loc[activities[0]["subsector"] == "trucks"]
    assert set(trucks["parcel_id"]) == {""}


def test_people_live_in_their_units(activities: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    cars = (
        activities[0]
        .loc[activities[0]["subsector"] == "cars"]
        .pivot_table(index="year", columns="unit_id", values="activity")
    )
    assert cars.loc[:2022, "U2"].isna().all()
    assert cars.loc[2030, "U2"] / cars.loc[2030, "U1"] == pytest.approx(11.0 / 9.0)


def test_industry_is_land_times_value_and_at_most_its_share_of_the_product(
    activities: tuple[pd.DataFrame, pd.DataFrame],
) -> None:
    activity, _ = activities
    np.testing.assert_allclose(yearly(activity, "industry_light"), 40.0 * 60.0)
    heavy = yearly(activity, "industry_heavy")
    assert (heavy[YEARS < 2022] == 0.0).all()
    np.testing.assert_allclose(heavy[YEARS >= 2022], 2400.0)
    parcels, people, stock, drivers = zone(industry_ha=4000.0)
    much, _ = activity_levels(
        drivers, parcels, people, stock, SITE, BASE, TARGET, TARGET, DemandOptions(industry_gdp_share=0.4)
    )
    together = sum(yearly(much, name) for name in ("industry_light", "industry_general", "industry_heavy"))
    product = drivers.loc[drivers["driver"] == "gdp_million_cny", "value"].to_numpy()
    np.testing.assert_allclose(together, 0.4 * product, rtol=1e-12)


def test_a_zone_without_port_land_or_people_still_adds_up() -> None:
    parcels, people, stock, drivers = zone()
    inland = parcels.assign(landuse=parcels["landuse"].replace("H23", "W1"))
    empty = people.assign(population_base=0.0, population_target=0.0)
    activity, _ = activity_levels(drivers, inland, empty, stock, SITE, BASE, TARGET, TARGET, DemandOptions())
    teu = drivers.loc[drivers["driver"] == "teu", "value"].to_numpy()
    np.testing.assert_allclose(yearly(activity, "port_handling"), teu, rtol=1e-12)
    assert set(activity.loc[activity["subsector"] == "port_handling", "parcel_id"]) == {""}
    people_driver = drivers.loc[drivers["driver"] == "population", "value"].to_numpy()
    np.testing.assert_allclose(yearly(activity, "buses"), people_driver * 12e-4 * 55_000.0, rtol=1e-12)
    without = activity_levels(
        drivers.loc[drivers["driver"] == "teu"], parcels, people, stock, SITE, BASE, TARGET, TARGET, DemandOptions()
    )[0]
    assert "cars" not in set(without["subsector"])


@pytest.mark.parametrize("offset", [-5.0, 0.0, 5.5, 8.0])
def test_activities_run_on_the_clock_of_the_weather(offset: float) -> None:
    parcels, people, stock, drivers = zone()
    site = SITE.assign(utc_offset_h=offset)
    _, shapes = activity_levels(drivers, parcels, people, stock, site, BASE, TARGET, TARGET, DemandOptions())
    pd.testing.assert_index_equal(shapes.index, year_index(offset))
    # shapes follow the hour of the clock on the wall, wherever the zone lies
    here = activity_levels(drivers, parcels, people, stock, SITE, BASE, TARGET, TARGET, DemandOptions())[1]
    np.testing.assert_array_equal(shapes.to_numpy(), here.to_numpy())


def test_what_is_not_modelled_is_said() -> None:
    rows = [("A", "office", "code2010", 2017, 5000.0), ("B", "data_centre", "code2021", 2025, 12_000.0)]
    assert unmodelled(stock_of(rows[:1])) == []
    (sentence,) = unmodelled(stock_of([*rows, ("C", "data_centre", "code2010", 2017, 8000.0)]))
    assert "Data centre, 20,000 m2 on B, C" in sentence
    assert "not modelled" in sentence


def test_options_refuse_what_they_do_not_know() -> None:
    with pytest.raises(ValidationError):
        DemandOptions(density_cell=50.0)  # type: ignore[call-arg]
    with pytest.raises(ValidationError):
        DemandOptions(density_cell_m=0.0)


def test_a_port_without_its_drivers_is_said_not_to_be_counted() -> None:
    parcels = pd.DataFrame({"landuse": ["H23", "H23", "R2"]}, index=["a", "b", "c"])
    drivers = pd.DataFrame({"driver": ["population", "teu"], "year": 2017, "value": 1.0})
    (sentence,) = uncounted(drivers, parcels)
    assert "2 port parcels" in sentence
    assert "berth_calls" in sentence
    assert uncounted(drivers, parcels.loc[["c"]]) == []
