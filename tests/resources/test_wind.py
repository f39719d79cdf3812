from importlib.resources import files
from itertools import pairwise
from pathlib import Path
from typing import Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from scipy.integrate import quad
from shapely.geometry import box

from layers.constants import constants
from layers.errors import Findings
from layers.grid import Grid
from layers.sea import SeaOptions, read_exclusions, read_sea_cells
from layers.tables.place import SEA_CELLS
from layers.tables.resources import TURBINES, WIND_CELLS, WIND_PROFILES
from layers.vector import Source
from resources.siting import SitingOptions
from resources.wind import WindOptions, spacing_rings, wind_potential
from resources.wind.cost import capex_cny_kw, cost_index, lcoe
from resources.wind.curves import turbines
from resources.wind.energy import at_height, capacity_factor, density_speed_factor, weibull_scale
from resources.wind.placement import spacing_distance
from resources.wind.profile import hourly_output, quantile_map, smoothed_curve

CRS = pyproj.CRS.from_epsg(4550)
MODELS = st.sampled_from(list(turbines()))
Tables = tuple[pd.DataFrame, gpd.GeoDataFrame, pd.DataFrame]

# Gross capacity factors of the NREL turbine-models 0.2.2 curves, Weibull k = 2, 1.225 kg/m3, at mean hub winds of
# 6.5, 7.0, 7.5 and 8.0 m/s.
GROSS = {
    "nrel_5mw_126": (0.2909, 0.3370, 0.3812, 0.4231),
    "iea_15mw_240": (0.3292, 0.3771, 0.4223, 0.4644),
    "iea_3.4mw_130": (0.3811, 0.4296, 0.4746, 0.5157),
    "atb_7mw_200": (0.3828, 0.4316, 0.4768, 0.5180),
    # That library's table of the 10 MW turbine holds the power of the shaft, 10 638.3 kW at most, so its factors
    # (0.3568, 0.4076, 0.4555, 0.5001 per 10 MW) are those of the electric output over an efficiency of 94 %.
    "iea_10mw_198": tuple(f * 10_000.0 / 10_638.3 for f in (0.3568, 0.4076, 0.4555, 0.5001)),
}


@pytest.mark.parametrize("model", list(turbines()))
def test_gross_capacity_factors_of_all_curves_shipped(model: str) -> None:
    found = capacity_factor([6.5, 7.0, 7.5, 8.0], turbines()[model], 2.0)
    assert found == pytest.approx(GROSS[model], rel=0.01)


@settings(deadline=None, max_examples=20)
@given(MODELS, st.floats(3.0, 12.0), st.floats(1.5, 3.5), st.floats(0.97, 1.02))
def test_closed_form_equals_numerical_integration(model: str, mean: float, k: float, factor: float) -> None:
    turbine = turbines()[model]
    scale = float(weibull_scale(mean, k))

    def density(v: float) -> float:
        share = k / scale * (v / scale) ** (k - 1.0) * np.exp(-((v / scale) ** k))
        return float(np.interp(v * factor, turbine.wind_m_s, turbine.power_kw, left=0.0) / turbine.rated_kw * share)

    knots = np.unique(np.minimum(turbine.wind_m_s / factor, turbine.cut_out_m_s))
    pieces = [*knots, turbine.cut_out_m_s]
    area = sum(quad(density, low, high)[0] for low, high in pairwise(pieces) if high > low)
    assert float(capacity_factor(mean, turbine, k, factor)) == pytest.approx(area, rel=1e-3)


@settings(deadline=None, max_examples=40)
@given(MODELS, st.floats(0.0, 11.0), st.floats(0.0, 1.0), st.floats(1.6, 3.0))
def test_more_wind_never_lowers_the_yield(model: str, mean: float, more: float, k: float) -> None:
    less, greater = capacity_factor([mean, mean + more], turbines()[model], k)
    assert 0.0 <= less <= greater + 1e-12 <= 1.0 + 1e-12


@settings(deadline=None, max_examples=40)
@given(MODELS, st.floats(4.0, 10.0), st.floats(1.0, 1.225))
def test_thinner_air_never_raises_the_yield(model: str, mean: float, density: float) -> None:
    turbine = turbines()[model]
    thin = capacity_factor(mean, turbine, 2.0, density_speed_factor(density, 1.225))
    assert float(thin) <= float(capacity_factor(mean, turbine, 2.0)) + 1e-12


@settings(deadline=None, max_examples=40)
@given(st.floats(1.0, 20.0), st.floats(1.2, 4.0))
def test_weibull_scale_gives_the_mean_back(mean: float, k: float) -> None:
    scale = float(weibull_scale(mean, k))
    assert quad(lambda v: np.exp(-((v / scale) ** k)), 0.0, np.inf)[0] == pytest.approx(mean, rel=1e-6)


def test_unknown_wind_gives_unknown_yield() -> None:
    found = capacity_factor([np.nan, 0.0], turbines()["nrel_5mw_126"], 2.0)
    assert np.isnan(found[0])
    assert found[1] == 0.0


@settings(deadline=None, max_examples=40)
@given(st.floats(1.0, 15.0), st.floats(20.0, 200.0), st.floats(0.0, 0.4))
def test_power_law_there_and_back(wind: float, height: float, shear: float) -> None:
    there = at_height(wind, 100.0, height, shear)
    assert float(at_height(there, height, 100.0, shear)) == pytest.approx(wind)


def full_load_hours(model: str, hub_wind: float) -> float:
    options = WindOptions()
    factor = density_speed_factor(options.air_density_kg_m3, 1.225)
    gross = capacity_factor(hub_wind, turbines()[model], options.weibull_k, factor)
    return float(gross) * options.kept * 8760.0


@pytest.mark.parametrize("hub_wind", [7.2, 7.5])
def test_the_xiangshan_fleet(hub_wind: float) -> None:
    """1.0622 GW off Xiangshan give 3.12 TWh a year: 2,937 full-load hours."""
    assert full_load_hours("iea_10mw_198", hub_wind) == pytest.approx(2937.0, rel=0.15)


def test_putuo_6() -> None:
    """63 turbines of 4 MW and 130 m rotor, 252 MW, plan for 750 GWh a year (capacity factor 0.34) at about 7.2 m/s.

    Their 301 W/m2 lie between those of two reference turbines, so must their yield.
    """
    large, small = turbines()["iea_10mw_198"], turbines()["iea_3.4mw_130"]
    assert small.specific_power_w_m2 < 4e6 / (np.pi * 65.0**2) < large.specific_power_w_m2
    powers = [small.specific_power_w_m2, large.specific_power_w_m2]
    hours = [full_load_hours(turbine.model, 7.2) for turbine in (small, large)]
    assert hours[1] < 750e3 / 252.0 < hours[0]
    assert np.interp(4e6 / (np.pi * 65.0**2), powers, hours) / 8760.0 == pytest.approx(0.34, rel=0.05)


def test_the_cost_index_at_its_nodes() -> None:
    """NREL NRWAL osw_2023, hard cost of 40 x 15 MW relative to 15 m and 20 km."""
    published = {
        (10, 10): 0.9585, (10, 120): 1.1485, (15, 20): 1.0, (15, 60): 1.0821, (20, 40): 1.0662,
        (30, 80): 1.1805, (40, 10): 1.0686, (50, 20): 1.1256, (50, 120): 1.3101,
    }  # fmt: skip
    depth, distance = (np.array(values, dtype=float) for values in zip(*published, strict=True))
    assert cost_index(depth, distance * 1000.0) == pytest.approx(list(published.values()), abs=1e-9)
    nodes = constants("resources", "wind.csv").under("cost_index")
    for key, row in nodes.items():
        d, s = key.split(".")
        assert float(cost_index(float(d[5:]), float(s[4:]) * 1000.0)) == pytest.approx(row.value, abs=1e-12)
    assert len(nodes) == 36


@settings(deadline=None, max_examples=40)
@given(st.floats(0.0, 80.0), st.floats(0.0, 150_000.0), st.floats(0.0, 20.0), st.floats(0.0, 20_000.0))
def test_deeper_and_farther_never_costs_less(depth: float, distance: float, deeper: float, farther: float) -> None:
    here, there = cost_index([depth, depth + deeper], [distance, distance + farther])
    assert 0.9585 - 1e-9 <= here <= there + 1e-12 <= 1.3101 + 1e-9


def test_costs() -> None:
    assert float(capex_cny_kw("sea", 15.0, 20_000.0, 2025)) == pytest.approx(11_000.0)
    assert float(capex_cny_kw("sea", 15.0, 20_000.0, 2030)) < 11_000.0
    assert np.isnan(capex_cny_kw("sea", np.nan, 20_000.0, 2025))
    assert float(capex_cny_kw("land", np.nan, 500.0, 2025)) == pytest.approx(5_200.0)
    # 11 000 CNY/kW, 2.2 % a year, 25 years at 6 %: capital recovery 0.078227 (annuity tables)
    assert float(lcoe("sea", 11_000.0, 0.34, 0.06)) == pytest.approx(
        11_000.0 * (0.078227 + 0.022) / (0.34 * 8760), 1e-4
    )
    assert np.isnan(lcoe("sea", 11_000.0, 0.0, 0.06))


@pytest.mark.parametrize("model", list(turbines()))
def test_the_smoothed_curve_stays_within_its_turbine(model: str) -> None:
    speed, output = smoothed_curve(model)
    assert output.min() >= 0.0
    assert output.max() <= 1.001
    assert np.interp(8.0, speed, output) == pytest.approx(float(turbines()[model].output(8.0)), abs=0.12)


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 999), st.floats(3.0, 11.0), st.floats(1.5, 3.0))
def test_quantile_mapping_gives_the_mean_and_keeps_the_order(seed: int, mean: float, k: float) -> None:
    wind = np.random.default_rng(seed).weibull(1.6, 8760) * 4.0
    mapped = quantile_map(wind, mean, k)
    assert mapped.mean() == pytest.approx(mean, rel=2e-3)
    assert (np.diff(mapped[np.argsort(wind, kind="stable")]) >= 0).all()
    assert np.array_equal(mapped, quantile_map(wind * 2.5, mean, k))


@settings(deadline=None, max_examples=25)
@given(MODELS, st.integers(0, 999), st.floats(0.02, 0.4))
def test_hours_sum_to_the_year_exactly(model: str, seed: int, target: float) -> None:
    wind = quantile_map(np.random.default_rng(seed).weibull(2.0, 8760), 7.0, 2.0)
    hours = hourly_output(wind, model, 0.8, target)
    assert hours.mean() == pytest.approx(target, rel=1e-9)
    assert hours.min() >= 0.0
    assert hours.max() <= 0.8 + 1e-9
    low, high = np.quantile(wind, [0.2, 0.6])
    assert hours[wind < low].mean() < hours[wind > high].mean()


def test_hours_of_odd_weather() -> None:
    assert not hourly_output(np.full(24, 7.0), "iea_10mw_198", 0.8, 0.0).any()
    flat = hourly_output(quantile_map(np.zeros(24), 7.0, 2.0), "iea_10mw_198", 0.8, 0.3)
    assert flat == pytest.approx(0.3)


def setting(cell: float = 500.0, rows: int = 60, cols: int = 80) -> tuple[pd.DataFrame, pd.DataFrame]:
    """A coast: land in the west, the sea 1 m deeper and a little windier every kilometre to the east."""
    grid = Grid(400_000.0, 3_300_000.0, cell, rows, cols, CRS)
    x, y = grid.centres()
    offshore = x - 410_000.0
    land = offshore < 0.0
    cells = pd.DataFrame(
        {
            "row": np.arange(grid.size) // cols,
            "col": np.arange(grid.size) % cols,
            "x_m": x,
            "y_m": y,
            "is_land": land,
            "in_zone": (offshore < 3_000.0) & (y > 3_280_000.0),
            "in_sea_area": offshore >= 3_000.0,
            "depth_m": np.where(land, np.nan, offshore / 1000.0),
            "wind_m_s": 6.8 + np.maximum(offshore, 0.0) / 40_000.0 + (3_300_000.0 - y) / 1e6,
            "shore_distance_m": np.abs(offshore),
        },
        index=pd.Index(np.arange(grid.size), name="cell_id"),
    )
    return grid.to_table("sea"), SEA_CELLS.check(cells)


EXCLUDED = gpd.GeoDataFrame(
    {"kind": pd.array(["channel"], dtype="str"), "name_zh": ["航道"], "name_en": ["Channel"]},
    index=pd.Index(["X1"], name="exclusion_id"),
    geometry=[box(422_000.0, 3_270_000.0, 423_000.0, 3_300_000.0)],
    crs=CRS,
)
HOMES = gpd.GeoDataFrame(geometry=[box(402_000.0, 3_290_000.0, 404_000.0, 3_293_000.0)], crs=CRS)
HOURS = pd.date_range("2017-01-01", periods=8760, freq="h", tz="Asia/Shanghai", name="time")
WEATHER = pd.DataFrame({"wind_speed": np.random.default_rng(1).weibull(1.8, 8760) * 4.5}, index=HOURS)
SITE_TABLE = pd.DataFrame(
    {
        "latitude_deg": [29.8],
        "longitude_deg": [121.9],
        "altitude_m": [5.0],
        "utc_offset_h": [8.0],
        "wind_height_m": [10.0],
        "kind": pd.array(["normals"], dtype="str"),
        "source": pd.array(["test"], dtype="str"),
    },
    index=pd.Index(["site"], name="site_id"),
)


def run(
    options: WindOptions | None = None, siting: SitingOptions | None = None, cells: pd.DataFrame | None = None
) -> Tables:
    grid, made = setting()
    return wind_potential(
        grid,
        made if cells is None else cells,
        EXCLUDED,
        HOMES,
        WEATHER,
        SITE_TABLE,
        options or WindOptions(),
        siting or SitingOptions(),
    )


def nearest(placed: gpd.GeoDataFrame, options: WindOptions) -> float:
    """Return the least distance of any pair, as a multiple of the spacing the pair has to keep."""
    x, y = placed.geometry.x.to_numpy(), placed.geometry.y.to_numpy()
    rotor = placed["rotor_m"].to_numpy()
    apart = spacing_distance(
        x[:, None] - x[None, :], y[:, None] - y[None, :], np.maximum(rotor[:, None], rotor[None, :]), options
    )
    np.fill_diagonal(apart, np.inf)
    return float(apart.min())


def test_the_stage_keeps_its_contracts_and_its_sums() -> None:
    cells, placed, profiles = run()
    assert not WIND_CELLS.faults(cells)
    assert not TURBINES.faults(placed)
    assert not WIND_PROFILES.faults(profiles)
    assert placed["site"].value_counts().gt(20).all()
    eligible = cells.loc[cells["eligible"]]
    for site in ("sea", "land"):
        mean = eligible.loc[eligible["site"] == site, "net_capacity_factor"].mean()
        assert profiles[site].mean() == pytest.approx(mean, rel=1e-9)
    here = cells.loc[placed["cell_id"]]
    assert here["eligible"].all()
    net = placed["capacity_kw"].to_numpy() * 8.76 * here["net_capacity_factor"].to_numpy()
    assert placed["net_mwh"].to_numpy() == pytest.approx(net, rel=1e-12)
    assert (placed["net_mwh"] / placed["gross_mwh"]).to_numpy() == pytest.approx(WindOptions().kept, rel=1e-12)


def test_no_turbine_at_sea_stands_on_land_or_without_depth() -> None:
    _, made = setting()
    holes = made.assign(depth_m=made["depth_m"].where(made["row"] % 3 > 0))
    _, placed, _ = run(siting=SitingOptions(rule="none"), cells=holes)
    stood = holes.loc[placed["cell_id"]]
    at_sea = (placed["site"] == "sea").to_numpy()
    assert at_sea.any()
    assert not stood.loc[at_sea, "is_land"].any()
    assert stood.loc[at_sea, "depth_m"].notna().all()
    assert stood.loc[~at_sea, "is_land"].all()


@settings(deadline=None, max_examples=12)
@given(
    st.floats(0.0, 359.0), st.floats(3.0, 12.0), st.floats(2.0, 8.0), MODELS, MODELS, st.sampled_from([None, 0, 1, 17])
)
def test_every_pair_keeps_its_spacing(
    direction: float, down: float, across: float, sea: str, land: str, most: int | None
) -> None:
    options = WindOptions(
        prevailing_direction_deg=direction,
        spacing_downwind=down,
        spacing_crosswind=across,
        model_sea=sea,
        model_land=land,
        max_turbines_sea=most,
    )
    _, placed, _ = run(options)
    assert len(placed) > 1
    assert nearest(placed, options) >= 1.0 - 1e-9
    assert most is None or (placed["site"] == "sea").sum() == most


def test_no_room_is_left_where_a_turbine_would_fit() -> None:
    options = WindOptions()
    cells, placed, _ = run(options)
    _, made = setting()
    spots = made.loc[cells.index[cells["eligible"] & (cells["site"] == "sea")]]
    at_sea = placed.loc[placed["site"] == "sea"]
    dx = spots["x_m"].to_numpy()[:, None] - at_sea.geometry.x.to_numpy()[None, :]
    dy = spots["y_m"].to_numpy()[:, None] - at_sea.geometry.y.to_numpy()[None, :]
    assert (spacing_distance(dx, dy, 198.0, options).min(axis=1) < 1.0).all()


def test_capacity_density_is_that_of_built_farms() -> None:
    """Putuo 6 holds 5.0 MW/km2, Xiangshan 1 8.5; the sea-use rule of 2016 asks for 100 MW on 16 km2 at least."""
    cells, placed, _ = run()
    area_km2 = (cells["eligible"] & (cells["site"] == "sea")).sum() * 0.25
    megawatts = placed.loc[placed["site"] == "sea", "capacity_kw"].sum() / 1000.0
    assert 4.0 < megawatts / area_km2 < 8.5


def test_the_cheapest_cell_comes_first_and_gets_a_turbine() -> None:
    cells, placed, _ = run()
    for site in ("sea", "land"):
        usable = cells.loc[cells["eligible"] & (cells["site"] == site), "lcoe_cny_kwh"]
        first = placed.loc[f"{site}-0001"]
        assert first["lcoe_cny_kwh"] == usable.min()
        assert placed.loc[placed["site"] == site, "lcoe_cny_kwh"].is_monotonic_increasing


def test_zero_turbines_are_a_valid_answer() -> None:
    cells, placed, profiles = run(siting=SitingOptions(land=False, sea=False))
    assert placed.empty
    assert not TURBINES.faults(placed)
    assert placed.crs == CRS
    assert not cells["eligible"].any()
    assert profiles["sea"].mean() == pytest.approx(cells.loc[cells["site"] == "sea", "net_capacity_factor"].mean())
    assert spacing_rings(placed, WindOptions()).empty


def test_a_sea_without_any_wind_data_gives_zeros() -> None:
    _, made = setting()
    cells, placed, profiles = run(cells=made.assign(wind_m_s=np.nan))
    assert placed.empty
    assert not WIND_CELLS.faults(cells)
    assert not profiles.any(axis=None)


def test_a_place_with_no_cells_at_all_keeps_the_contracts() -> None:
    _, made = setting()
    cells, placed, profiles = run(cells=made.assign(in_zone=False, in_sea_area=False))
    assert cells.empty
    assert placed.empty
    assert not WIND_CELLS.faults(cells)
    assert not TURBINES.faults(placed)
    assert not profiles.any(axis=None)


def test_two_runs_and_any_order_of_cells_give_the_same() -> None:
    _, made = setting()
    before = made.copy()
    one, two = run(cells=made), run(cells=made)
    shuffled = run(cells=made.sample(frac=1.0, random_state=3))
    assert made.equals(before)
    for first, second in zip(one, two, strict=True):
        assert first.equals(second)
    assert one[1].to_wkb().equals(shuffled[1].to_wkb())
    assert one[0].equals(shuffled[0].sort_index())


def test_rings_of_neighbours_do_not_overlap() -> None:
    options = WindOptions(prevailing_direction_deg=330.0)
    _, placed, _ = run(options)
    at_sea = placed.loc[placed["site"] == "sea"]
    rings = spacing_rings(at_sea, options)
    assert rings.crs == CRS
    assert rings.index.equals(at_sea.index)
    tree = shapely.STRtree(rings.to_numpy())
    one, two = tree.query(rings.to_numpy(), predicate="intersects")
    pairs = one < two
    shared = shapely.area(shapely.intersection(rings.to_numpy()[one[pairs]], rings.to_numpy()[two[pairs]]))
    assert (shared < 1.0).all()


@pytest.mark.parametrize("field", ["model_sea", "model_land"])
def test_unknown_turbines_are_refused_with_the_known_ones_named(field: Literal["model_sea", "model_land"]) -> None:
    with pytest.raises(ValidationError, match="iea_15mw_240"):
        WindOptions.model_validate({field: "windmill"})


MEISHAN = Path(str(files("layers").joinpath("meishan")))


@pytest.mark.parametrize("rule", ["none", "double_ten", "2025"])
def test_the_embedded_study_leaks_no_turbine(rule: str) -> None:
    """Evaluated again with shapely on the land itself, apart from the cells."""
    plan = MEISHAN / "plan.gpkg"
    zone, land, sea_area, parcels = (gpd.read_file(plan, layer=n) for n in ("zone", "land", "sea_area", "parcels"))
    findings = Findings()
    excluded = read_exclusions(Source(plan, "exclusions"), zone, findings)
    wind, depth = Source(MEISHAN / "wind_100m.tif"), Source(MEISHAN / "depth.tif")
    found = read_sea_cells(wind, depth, zone, land, sea_area, SeaOptions(), findings)
    assert not findings.errors
    assert found is not None
    homes = parcels.loc[parcels["landuse"].str.startswith(("R", "H1"))]
    options, siting = WindOptions(), SitingOptions(rule=rule)
    cells, placed, _ = wind_potential(*found, excluded, homes, WEATHER, SITE_TABLE, options, siting)
    assert nearest(placed, options) >= 1.0 - 1e-9
    at_sea, on_land = (placed.loc[placed["site"] == site] for site in ("sea", "land"))
    ground = land.union_all()
    shapely.prepare(ground)
    least = {"none": 1_000.0, "double_ten": 10_000.0, "2025": 10_000.0}[rule]
    assert at_sea.distance(ground).min() >= least - 1e-6
    assert on_land.within(ground).all()
    assert on_land.within(zone.union_all()).all()
    assert at_sea.within(shapely.union_all([*zone.geometry, *sea_area.geometry])).all()
    assert placed.distance(homes.union_all()).min() >= 500.0 - 1e-6
    for kind in ("channel", "anchorage"):
        assert at_sea.distance(excluded.loc[excluded["kind"] == kind].union_all()).min() >= 1852.0 - 1e-6
    assert not placed.intersects(excluded.loc[excluded["kind"] == "protected"].union_all()).any()
    full_load_hours_at_sea = at_sea["net_mwh"].sum() / at_sea["capacity_kw"].sum() * 1000.0
    assert full_load_hours_at_sea == pytest.approx(2937.0, rel=0.2)
    assert (cells["eligible"] == (cells["reasons"] == "")).all()
