import re
from collections.abc import Callable

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import affinity
from shapely.geometry import LineString, Polygon, box
from shapely.geometry.base import BaseGeometry

from layers.blocks import blocks_of_plan
from layers.constants import constants
from layers.tables.stock import FORMS

CRS = 4550
Plan = tuple[gpd.GeoDataFrame, pd.DataFrame]


def plan(seed: int, count: int = 12, densest: float = 0.6) -> Plan:
    """Parcels of many shapes, some with several rows of stock."""
    rng = np.random.default_rng(seed)
    shapes, rows = [], []
    for number in range(count):
        width, height = rng.uniform(15.0, 300.0, 2)
        kind = rng.integers(0, 4)
        shape = box(0.0, 0.0, width, height)
        if kind == 1:
            shape = affinity.rotate(shape, rng.uniform(0.0, 90.0))
        elif kind == 2:
            angles = np.sort(rng.uniform(0.0, 2.0 * np.pi, 7))
            shape = Polygon(np.column_stack([width * np.cos(angles), width * np.sin(angles)]))
        elif kind == 3:
            shape = shape.difference(box(width / 3.0, height / 4.0, width, height / 2.0))
        shapes.append(affinity.translate(shape, 400_000.0 + number * 700.0, 3_300_000.0))
        share = rng.dirichlet(np.ones(rng.integers(1, 4)) * 2.0) * rng.uniform(0.02, densest)
        for form, part in zip(rng.choice(FORMS, len(share), replace=False), share, strict=True):
            floors = float(rng.integers(1, 20))
            footprint = shape.area * part
            rows.append((f"P{number}|{form}", f"P{number}", form, footprint, floors * 3.0, floors, footprint * floors))
    columns = ["stock_id", "parcel_id", "form", "footprint_m2", "height_m", "floors", "floor_area_m2"]
    index = pd.Index([f"P{number}" for number in range(count)], name="parcel_id")
    return gpd.GeoDataFrame(index=index, geometry=shapes, crs=CRS), pd.DataFrame(rows, columns=columns)


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 100_000), st.sampled_from([0.2, 0.6, 1.0]))
def test_blocks_lie_in_their_parcel_and_have_the_footprint(seed: int, densest: float) -> None:
    parcels, stock = plan(seed, densest=densest)
    blocks = blocks_of_plan(parcels, stock)
    assert blocks.index.is_unique
    assert blocks.is_valid.all()
    built = blocks.area.groupby(blocks["stock_id"]).sum()
    short = blocks.groupby("stock_id")["shortfall_m2"].first()
    wanted = stock.set_index("stock_id")["footprint_m2"]
    assert (built + short).sort_index().to_numpy() == pytest.approx(wanted.sort_index().to_numpy(), rel=1e-3)
    assert short.max() <= 1e-3 * wanted.max()
    around = shapely.buffer(parcels.geometry.loc[blocks["parcel_id"]].to_numpy(), 1e-4)
    assert shapely.covers(around, blocks.geometry.to_numpy()).all()
    together = blocks.dissolve("parcel_id").area
    assert together.to_numpy() == pytest.approx(blocks.area.groupby(blocks["parcel_id"]).sum().to_numpy(), rel=1e-6)


def test_the_order_of_rows_does_not_matter() -> None:
    parcels, stock = plan(3)
    one = blocks_of_plan(parcels, stock)
    other = blocks_of_plan(parcels.sample(frac=1.0, random_state=1), stock.sample(frac=1.0, random_state=2))
    assert one.to_wkb().equals(other.to_wkb())


def simple(form: str, footprint: float, shape: Polygon, floors: float = 6.0, floor_area: float | None = None) -> Plan:
    row = (f"P|{form}", "P", form, footprint, floors * 3.0, floors, floor_area or footprint * floors)
    columns = ["stock_id", "parcel_id", "form", "footprint_m2", "height_m", "floors", "floor_area_m2"]
    index = pd.Index(["P"], name="parcel_id")
    return gpd.GeoDataFrame(index=index, geometry=[shape], crs=CRS), pd.DataFrame([row], columns=columns)


def test_slabs_stand_in_rows_with_their_long_sides_to_the_south() -> None:
    blocks = blocks_of_plan(*simple("slab", 6 * 14.0 * 50.0, box(0.0, 0.0, 160.0, 140.0)))
    sides = blocks.bounds
    assert len(blocks) == 6
    assert blocks["laid_out"].all()
    assert (sides["maxx"] - sides["minx"]).to_numpy() == pytest.approx(50.0)
    assert (sides["maxy"] - sides["miny"]).to_numpy() == pytest.approx(14.0)
    gap, setback = (constants("layers", "surface.csv").value(f"blocks.{key}_m") for key in ("least_gap", "setback"))
    shapes = blocks.geometry.to_numpy()
    apart = shapely.distance(shapes[:, None], shapes[None, :])[~np.eye(6, dtype=bool)]
    assert apart.min() >= gap - 1e-3
    assert blocks.geometry.distance(box(0.0, 0.0, 160.0, 140.0).exterior).min() >= setback - 1e-6
    assert (blocks["height_m"] == 18.0).all()


def test_courts_are_open_in_the_middle() -> None:
    (block,) = blocks_of_plan(*simple("court", 4.0 * 18.0 * 52.0, box(0.0, 0.0, 100.0, 100.0))).geometry
    assert len(block.interiors) == 1
    assert Polygon(block.interiors[0]).area == pytest.approx((70.0 - 36.0) ** 2)


def test_podiums_have_a_low_base_and_a_tower() -> None:
    footprint = 45.0 * 80.0
    blocks = blocks_of_plan(*simple("podium", footprint, box(0.0, 0.0, 120.0, 90.0), 24.0, footprint * (4 + 20 * 0.25)))
    assert sorted(blocks["height_m"]) == [12.0, 72.0]
    assert blocks.area.sum() == pytest.approx(footprint)
    assert blocks.area[blocks["height_m"] == 72.0].sum() == pytest.approx(0.25 * footprint, rel=1e-6)
    volume = (blocks.area * blocks["height_m"]).sum()
    assert volume == pytest.approx(footprint * (4 + 20 * 0.25) * 3.0, rel=1e-6)


def test_a_parcel_too_thin_for_blocks_is_shrunk() -> None:
    shape = Polygon([(0.0, 0.0), (60.0, 0.0), (0.0, 9.0)])
    (block,) = blocks_of_plan(*simple("hall", 240.0, shape)).itertuples()
    assert not block.laid_out
    assert block.geometry.area == pytest.approx(240.0, rel=1e-6)
    assert shape.buffer(1e-9).covers(block.geometry)


def test_what_is_more_than_the_parcel_is_told() -> None:
    blocks = blocks_of_plan(*simple("hall", 1200.0, box(0.0, 0.0, 30.0, 30.0)))
    assert blocks["shortfall_m2"].tolist() == pytest.approx([300.0])
    assert blocks.area.sum() == pytest.approx(900.0)


def test_nothing_to_build() -> None:
    parcels, stock = plan(5)
    assert blocks_of_plan(parcels, stock.iloc[:0]).empty
    assert blocks_of_plan(parcels.iloc[:0], stock.iloc[:0]).empty
    assert blocks_of_plan(parcels, stock.assign(footprint_m2=0.0)).empty
    assert blocks_of_plan(parcels, stock.assign(height_m=0.0)).empty
    low = simple("podium", 1000.0, box(0.0, 0.0, 120.0, 90.0), 0.0)
    assert (blocks_of_plan(low[0], low[1].assign(height_m=5.0))["height_m"] == 5.0).all()


BOW = Polygon([(0.0, 0.0), (50.0, 50.0), (50.0, 0.0), (0.0, 50.0)])
CRS_FAULT = "parcels must be in a projected CRS in metres, not in "
SPOILT_STOCK: list[tuple[str, Callable[[pd.DataFrame], pd.DataFrame]]] = [
    ("stock_id must not stand twice (S1)", lambda stock: pd.concat([put(stock, "form", "slab"), put(stock).iloc[[1]]])),
    ("form must be one of row, slab, tower, podium, court, hall (S1)", lambda stock: put(stock, "form", "igloo")),
    ("footprint_m2 must be a number of 0 or more (S1)", lambda stock: put(stock, "footprint_m2", np.inf)),
    ("height_m must be a number of 0 or more (S1)", lambda stock: put(stock, "height_m", -3.0)),
    ("floors must be a number of 0 or more (S1)", lambda stock: put(stock, "floors", np.nan)),
    ("floor_area_m2 must be a number of 0 or more (S1)", lambda stock: put(stock, "floor_area_m2", "much")),
    ("parcels of the stock are not there (nowhere)", lambda stock: put(stock, "parcel_id", "nowhere")),
    ("stock lacks columns (form, height_m)", lambda stock: stock.drop(columns=["form", "height_m"])),
    ("stock lacks columns (stock_id)", lambda stock: stock.drop(columns="stock_id")),
]
SPOILT_PARCELS: list[tuple[str, Callable[[gpd.GeoDataFrame], gpd.GeoDataFrame]]] = [
    ("parcel_id must not stand twice (P1)", lambda parcels: pd.concat([parcels, parcels.iloc[[1]]])),
    ("parcels have no geometry (P1)", lambda parcels: draw(parcels, None)),
    ("parcels have no geometry (P1)", lambda parcels: draw(parcels, Polygon())),
    ("parcels must be polygons (P1)", lambda parcels: draw(parcels, LineString([(0.0, 0.0), (50.0, 50.0)]))),
    ("parcels must not cross themselves (P1)", lambda parcels: draw(parcels, BOW)),
    (f"{CRS_FAULT}(none)", lambda parcels: parcels.set_crs(None, allow_override=True)),
    (f"{CRS_FAULT}(WGS 84)", lambda parcels: parcels.to_crs(4326)),
    (f"{CRS_FAULT}(NAD83 / New York Long Island (ftUS))", lambda parcels: parcels.set_crs(2263, allow_override=True)),
    ("parcels lack columns (geometry)", lambda parcels: gpd.GeoDataFrame(index=parcels.index)),
    ("parcels lack columns (parcel_id)", lambda parcels: parcels.reset_index(drop=True)),
]


def put(stock: pd.DataFrame, column: str = "stock_id", value: object = "S1") -> pd.DataFrame:
    """Return stock in which the second row is S1 and has a value."""
    spoilt = stock.astype({column: object})
    spoilt.loc[1, "stock_id"] = "S1"
    spoilt.loc[1, column] = value
    return spoilt


def draw(parcels: gpd.GeoDataFrame, shape: BaseGeometry | None) -> gpd.GeoDataFrame:
    """Return parcels of which P1 has a shape."""
    shapes = parcels.geometry.to_numpy().copy()
    shapes[1] = shape
    return parcels.set_geometry(gpd.GeoSeries(shapes, index=parcels.index, crs=parcels.crs))


@pytest.mark.parametrize(("message", "spoil"), SPOILT_STOCK)
def test_faults_of_the_stock_are_named(message: str, spoil: Callable[[pd.DataFrame], pd.DataFrame]) -> None:
    parcels, stock = plan(5)
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        blocks_of_plan(parcels, spoil(stock))


@pytest.mark.parametrize(("message", "spoil"), SPOILT_PARCELS)
def test_faults_of_parcels_are_named(message: str, spoil: Callable[[gpd.GeoDataFrame], gpd.GeoDataFrame]) -> None:
    parcels, stock = plan(5)
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        blocks_of_plan(spoil(parcels), stock)


def test_all_faults_are_named_at_once() -> None:
    parcels, stock = plan(5)
    spoilt = put(put(put(stock, "height_m", np.inf), "form", "igloo"), "footprint_m2", None)
    with pytest.raises(ValueError, match="projected CRS") as caught:
        blocks_of_plan(draw(parcels, BOW).to_crs(4326), spoilt)
    assert str(caught.value).count(";") == 4
    with pytest.raises(ValueError, match="projected CRS") as caught:
        blocks_of_plan(parcels.reset_index(drop=True).to_crs(4326), stock.drop(columns="form"))
    assert str(caught.value).count(";") == 2


def test_parcels_that_nothing_is_built_on_may_be_anything() -> None:
    parcels, stock = plan(5)
    rest = stock[stock["parcel_id"] != "P1"]
    expected = blocks_of_plan(parcels, rest)
    assert blocks_of_plan(draw(parcels, None), rest).to_wkb().equals(expected.to_wkb())
