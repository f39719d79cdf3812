"""The density raster and its clusters: what a cluster needs is what its cells hold."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from shapely.geometry import box

import made_plans as made
from layers.constants import constants
from layers.grid import Grid
from layers.tables.demand import CLUSTER_PROFILES, CLUSTERS
from layers.units import KWH_PER_MWH
from spatial.demand import DemandOptions, demand_clusters, density_raster
from spatial.demand.clusters import dense_cells
from spatial.demand.naming import class_names

SPREAD = ["heating_mwh", "cooling_mwh", "hot_water_mwh"]
COLUMNS = {"heat": ["heating_mwh", "hot_water_mwh"], "cold": ["cooling_mwh"]}
SERVICES = {"heat": ("heating", "hot_water"), "cold": ("cooling_sensible", "cooling_latent")}


def clustered(
    plan: made.Plan, options: DemandOptions
) -> tuple[gpd.GeoDataFrame, pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    grid, density = density_raster(plan.demand, plan.parcels, made.YEAR, options)
    clusters, curves = demand_clusters(
        plan.demand, plan.parcels, plan.stock, plan.profiles, grid, density, made.YEAR, options
    )
    return CLUSTERS.check(clusters), CLUSTER_PROFILES.check(curves), grid, density


def of_year(plan: made.Plan) -> pd.DataFrame:
    return plan.demand[plan.demand["year"] == made.YEAR].set_index("parcel_id")


OPTIONS = st.builds(
    DemandOptions,
    density_cell_m=st.floats(10.0, 500.0),
    cluster_heat_mwh_ha=st.floats(0.1, 200.0),
    cluster_cold_mwh_ha=st.floats(0.1, 200.0),
    cluster_cells_min=st.integers(1, 4),
)


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 10_000), st.integers(1, 15), st.floats(10.0, 500.0))
def test_the_raster_sums_to_the_parcels(seed: int, parcels: int, cell: float) -> None:
    plan = made.plan_of(seed, parcels)
    _, density = density_raster(plan.demand, plan.parcels, made.YEAR, DemandOptions(density_cell_m=cell))
    np.testing.assert_allclose(density[SPREAD].sum(), of_year(plan)[SPREAD].sum(), rtol=1e-9, atol=1e-12)


@settings(deadline=None, max_examples=10)
@given(st.integers(0, 10_000), st.floats(60.0, 400.0))
def test_the_raster_is_the_sum_over_all_parcels_and_cells(seed: int, cell: float) -> None:
    plan = made.plan_of(seed, 6)
    table, density = density_raster(plan.demand, plan.parcels, made.YEAR, DemandOptions(density_cell_m=cell))
    grid, demand = table.iloc[0], of_year(plan)
    for row in range(int(grid["rows"])):
        for col in range(int(grid["cols"])):
            x, y = grid["x0_m"] + col * cell, grid["y0_m"] - row * cell
            square = box(x, y - cell, x + cell, y)
            wanted = np.zeros(3)
            for parcel, amounts in demand.iterrows():
                shape = plan.parcels.geometry.loc[parcel]
                wanted += amounts[SPREAD].to_numpy(dtype=float) * shape.intersection(square).area / shape.area
            number = row * int(grid["cols"]) + col
            found = density[SPREAD].loc[number].to_numpy() if number in density.index else np.zeros(3)
            np.testing.assert_allclose(found, wanted, rtol=1e-9, atol=1e-9 * max(1.0, demand[SPREAD].sum().max()))


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 10_000), st.integers(1, 15), OPTIONS)
def test_a_cluster_needs_what_its_cells_hold(seed: int, parcels: int, options: DemandOptions) -> None:
    plan = made.plan_of(seed, parcels)
    clusters, curves, table, density = clustered(plan, options)
    grid = table.iloc[0]
    cell, demand = grid["cell_m"], of_year(plan)
    x, y = grid["x0_m"] + (density["col"] + 0.5) * cell, grid["y0_m"] - (density["row"] + 0.5) * cell
    centres = shapely.points(x, y)
    threshold = {"heat": options.cluster_heat_mwh_ha, "cold": options.cluster_cold_mwh_ha}
    for carrier, name, shape, row in zip(
        clusters["carrier"], clusters["cluster_id"], clusters.geometry, clusters.to_dict("records"), strict=True
    ):
        inside = shapely.contains(shape, centres)
        held = density.loc[inside, COLUMNS[carrier]].sum(axis=1)
        assert row["demand_mwh"] == pytest.approx(held.sum(), rel=1e-9)
        assert inside.sum() == row["cells"] >= options.cluster_cells_min
        assert row["area_m2"] == pytest.approx(shape.area, rel=1e-9)
        assert (held / (cell**2 / 10_000.0) >= threshold[carrier]).all()
        hourly = curves[name].astype(float)
        assert hourly.sum() / KWH_PER_MWH == pytest.approx(row["demand_mwh"], rel=1e-4)
        assert row["peak_kw"] == pytest.approx(hourly.max(), rel=1e-5)
        assert row["peak_kw"] <= row["peak_sum_kw"]
        assert row["full_load_h"] == pytest.approx(row["demand_mwh"] * KWH_PER_MWH / row["peak_kw"])
        shares = plan.parcels.geometry.loc[demand.index].intersection(shape).area / plan.parcels.geometry.area
        single = [share * _peak(plan, parcel, SERVICES[carrier]) for parcel, share in shares.loc[demand.index].items()]
        assert row["peak_sum_kw"] == pytest.approx(sum(single), rel=1e-4)
        assert row["peak_kw"] >= max(single) * (1.0 - 1e-4)
    for carrier, columns in COLUMNS.items():
        dense = density[columns].sum(axis=1) / (cell**2 / 10_000.0) >= threshold[carrier]
        own = clusters[clusters["carrier"] == carrier]
        assert own["cells"].sum() <= dense.sum()
        assert own["cluster_id"].tolist() == [f"{carrier}-{place + 1}" for place in range(len(own))]
        assert own["demand_mwh"].is_monotonic_decreasing
    assert list(curves.columns) == clusters["cluster_id"].tolist()
    assert set(map(str, curves.dtypes)) <= {"float32"}


def _peak(plan: made.Plan, parcel: object, services: tuple[str, ...]) -> float:
    stock = plan.stock[(plan.stock["parcel_id"] == parcel) & (plan.stock["year_from"] <= made.YEAR)]
    rows = zip(class_names(stock), stock["floor_area_m2"], strict=True)
    load = sum(plan.profiles[f"{name}|{service}"].astype(float) * area for name, area in rows for service in services)
    return float(np.max(load)) / KWH_PER_MWH


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 10_000), st.integers(0, 100), OPTIONS)
def test_the_order_of_rows_changes_nothing(seed: int, shuffle: int, options: DemandOptions) -> None:
    plan = made.plan_of(seed, 15)
    for first, second in zip(clustered(plan, options), clustered(made.shuffled(plan, shuffle), options), strict=True):
        pd.testing.assert_frame_equal(pd.DataFrame(first), pd.DataFrame(second), check_exact=True)


def test_cells_that_meet_at_a_corner_are_one_cluster_and_small_ones_go() -> None:
    picture = ["x..x", ".x..", "...x", "x..x"]
    full = np.array([[letter == "x" for letter in line] for line in picture])
    grid = Grid(0.0, 400.0, 100.0, 4, 4, pyproj.CRS.from_user_input(made.CRS))
    cells = np.flatnonzero(full.ravel())
    found, cluster = dense_cells(np.full(len(cells), 5.0), cells, grid, 5.0, 2)
    assert found.tolist() == [0, 5, 11, 15]
    assert cluster.tolist() == [0, 0, 1, 1]
    alone, _ = dense_cells(np.full(len(cells), 5.0), cells, grid, 5.1, 1)
    assert alone.tolist() == []


def test_a_plan_with_nothing_built_has_no_clusters() -> None:
    stock, profiles = made.stock_of([]), made.profiles_of()
    parcels = made.plan_of(1, 3).parcels
    plan = made.Plan(parcels, parcels, stock, profiles, made.demand_of(stock, profiles))
    clusters, curves, _, _ = clustered(plan, DemandOptions())
    assert (len(clusters), curves.shape) == (0, (len(profiles), 0))


def test_one_parcel_is_its_own_cluster() -> None:
    stock, profiles = made.stock_of([("A", 0, 2017, 50_000.0)]), made.profiles_of()
    index = pd.Index(["A"], dtype="str", name="parcel_id")
    parcels = gpd.GeoDataFrame(index=index, geometry=[box(0, 0, 200, 100)], crs=made.CRS)
    plan = made.Plan(parcels, parcels, stock, profiles, made.demand_of(stock, profiles))
    options = DemandOptions(density_cell_m=100.0, cluster_heat_mwh_ha=1.0, cluster_cold_mwh_ha=1e6)
    clusters, _, _, _ = clustered(plan, options)
    (row,) = clusters.to_dict("records")
    assert (row["cluster_id"], row["cells"], row["parcels"]) == ("heat-1", 2, 1)
    assert row["diversity"] == pytest.approx(1.0, rel=1e-6)
    assert row["density_mwh_ha"] == pytest.approx(row["demand_mwh"] / 2.0)
    assert clusters.geometry.iloc[0].equals(box(0, 0, 200, 100))


def test_limits_have_parents_and_are_checked() -> None:
    table = constants("spatial.demand", "districts.csv")
    # 120 TJ/km2 of Persson et al. 2014 in MWh per hectare
    assert table.value("cluster.heat") == pytest.approx(120e12 / 3.6e9 / 100.0, rel=1e-3)
    assert DemandOptions().cluster_heat_mwh_ha == table.value("cluster.heat")
    assert table["cluster.cold"].confidence == "assumption"
    for wrong in ({"cluster_cells_min": 0}, {"cluster_heat_mwh_ha": 0.0}, {"street_reach_m": -1.0}):
        with pytest.raises(ValidationError):
            DemandOptions(**wrong)  # type: ignore[arg-type]
