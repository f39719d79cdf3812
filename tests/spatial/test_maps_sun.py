"""Sun on roofs in the map's payload: pictures of light, roofs, supply curves."""

import base64
import itertools
import warnings
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from pyproj import Transformer
from rasterio.errors import NotGeoreferencedWarning
from rasterio.io import MemoryFile

from layers.tables.resources import MONTHS
from spatial.maps import MapOptions, write_map
from spatial.maps.encode import SCALE
from spatial.maps.payload import payload
from spatial.maps.sun import light_levels
from spatial.maps.tiles import MOST_LEVELS, palette_png, picture_tiles, shades
from spatial.maps.vocabulary import colours, texts

NEW = ("roofs", "sun_grid", "sun_cells", "supply_curves", "roof_profiles")
GREY = ["#000000", "#808080", "#ffffff"]


@pytest.fixture(scope="module")
def tables(made_up: ModuleType) -> Any:
    return made_up.sample_tables()


@pytest.fixture(scope="module")
def data(made_up: ModuleType, tables: Any) -> Any:
    return payload(tables, made_up.Meta(), MapOptions(simplify_m=0))


def read_png(content: bytes) -> tuple[np.ndarray, dict[int, tuple[int, ...]]]:
    """Read a PNG by a library that knows nothing of ours: places in the palette, and the palette."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NotGeoreferencedWarning)
        with MemoryFile(content, ext=".png") as memory, memory.open() as picture:
            return picture.read(1), picture.colormap(1)


@settings(max_examples=30, deadline=None)
@given(levels=hnp.arrays(np.uint8, hnp.array_shapes(min_dims=2, max_dims=2, max_side=40), elements=st.integers(0, 3)))
def test_a_picture_opens_elsewhere_with_its_colours(levels: np.ndarray) -> None:
    found, palette = read_png(palette_png(levels, GREY))
    np.testing.assert_array_equal(found, levels)
    assert palette[0][3] == 0  # nothing is see-through
    assert [palette[level] for level in (1, 2, 3)] == [(0, 0, 0, 255), (128, 128, 128, 255), (255, 255, 255, 255)]


def test_what_has_no_colour_is_refused() -> None:
    with pytest.raises(ValueError, match="level 4 has no colour"):
        palette_png(np.array([[4]], dtype=np.uint8), GREY)
    with pytest.raises(ValueError, match="do not fit a palette"):
        palette_png(np.zeros((1, 1), dtype=np.uint8), ["#000000"] * (MOST_LEVELS + 1))


@settings(max_examples=25, deadline=None)
@given(
    cells=st.dictionaries(st.integers(0, 700 * 900 - 1), st.integers(1, 3), max_size=60),
)
def test_cells_come_back_from_their_pictures(cells: dict[int, int]) -> None:
    cols = 900
    number = np.array(sorted(cells), dtype=np.int64)
    level = np.array([cells[one] for one in number], dtype=np.uint8)
    back: dict[int, int] = {}
    for top, left, rows, wide, picture in picture_tiles(number, level, cols, GREY):  # type: ignore[misc]
        found, _ = read_png(base64.b64decode(picture))
        assert found.shape == (rows, wide)
        row, col = np.nonzero(found)
        # no empty edge is kept
        assert {row.min(), col.min()} == {0}
        assert (row.max(), col.max()) == (rows - 1, wide - 1)
        for r, c in zip(row.tolist(), col.tolist(), strict=True):
            assert (top + r) * cols + left + c not in back
            back[(top + r) * cols + left + c] = int(found[r, c])
    assert back == cells


def test_light_lies_on_the_cells_it_was_worked_out_for(data: Any, tables: Any, made_up: ModuleType) -> None:
    light, cells = data["sunlight"], tables["sun_cells"]["kwh_m2"]
    cols = light["cols"]
    seen = 0
    for top, left, _, _, picture in light["tiles"]:
        levels, _ = read_png(base64.b64decode(picture))
        row, col = np.nonzero(levels)
        level = levels[row, col].astype(int) - 1
        wanted = cells.loc[(top + row) * cols + left + col].to_numpy()
        seen += len(row)
        low = light["low"] + level * light["width"]
        inside = (wanted >= low - 1e-9) & (wanted < low + light["width"] + 1e-9)
        assert (inside | (level == 0) | (level == len(light["colours"]) - 1)).all()
    assert seen == len(cells)
    # the lattice puts the corners of any cell within half a metre of where they are
    n = light["steps"]
    nodes = np.array(light["nodes"]).reshape(n + 1, n + 1, 2) / SCALE
    grid = tables["sun_grid"].iloc[0]
    rng = np.random.default_rng(0)
    for row, col in rng.uniform((0, 0), (grid["rows"], grid["cols"]), (50, 2)):
        v, u = row / grid["rows"] * n, col / grid["cols"] * n
        j, i = int(v), int(u)
        t, s = v - j, u - i
        lon, lat = (nodes[j, i] * (1 - s) + nodes[j, i + 1] * s) * (1 - t) + (
            nodes[j + 1, i] * (1 - s) + nodes[j + 1, i + 1] * s
        ) * t
        x, y = Transformer.from_crs(4326, made_up.CRS, always_xy=True).transform(lon, lat)
        assert x == pytest.approx(grid["x0_m"] + col * grid["cell_m"], abs=0.5)
        assert y == pytest.approx(grid["y0_m"] - row * grid["cell_m"], abs=0.5)


@settings(max_examples=80, deadline=None)
@given(hnp.arrays(float, st.integers(1, 60), elements=st.floats(0.0, 3000.0)))
def test_levels_of_light_are_few_round_and_cover_nearly_all(values: np.ndarray) -> None:
    low, width, count = light_levels(values)
    assert 1 <= count <= 50
    least, most = np.quantile(values, (0.01, 0.999))
    assert low <= least + 1e-6
    assert low + count * width >= most - 1e-6
    lead = width / 10 ** np.floor(np.log10(width) + 1e-9)
    assert min(abs(lead - round_) for round_ in (1.0, 2.0, 2.5, 5.0)) < 1e-6


def test_light_goes_from_dark_to_bright_in_even_steps() -> None:
    ramp = shades(colours({})[0]["light"], 44)
    assert len(set(ramp)) == 44  # the page reads a level from its colour

    def lightness(colour: str) -> float:
        """Return L* of CIELAB (CIE 15:2004)."""
        channels = np.array([int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)])
        linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
        return float(116 * np.cbrt(linear @ (0.2126, 0.7152, 0.0722)) - 16)

    steps = np.diff([lightness(colour) for colour in ramp])
    assert (steps > 0).all()
    assert steps.max() < 1.5 * steps.min()


def test_roofs_of_the_page_are_the_tables(data: Any, tables: Any, made_up: ModuleType) -> None:
    found, roofs = data["roofs"], tables["roofs"].sort_index()
    assert found["id"] == roofs.index.tolist()
    assert [data["parcels"]["id"][place] for place in found["parcel"]] == roofs["parcel_id"].tolist()
    assert [found["classes"][code] for code in found["class"]] == roofs["pv_class"].tolist()
    for name in ("kwp", "mwh", "mwh_p90", "light", "lcoe_cny_kwh", "capex_cny", "area_m2"):
        np.testing.assert_allclose(found[name], roofs[name], rtol=6e-3, err_msg=name)
    np.testing.assert_allclose(found["kwh_kwp"], roofs["kwh_kwp"], rtol=6e-4)
    assert found["payback_years"][roofs.index.get_loc(tables["roofs"].index[0])] is None  # never
    months = (
        np.array(found["months"]) / np.sum(found["months"], axis=1, keepdims=True) * np.array(found["mwh"])[:, None]
    )
    np.testing.assert_allclose(months, roofs[list(MONTHS)], rtol=0.02)
    assert found["weather"] == ["normals", "normals.csv"]
    to_metres = Transformer.from_crs(4326, made_up.CRS, always_xy=True)
    for place in (0, 1, 20):
        parts = [
            shapely.Polygon(*(rings[:1]), rings[1:])
            for rings in (
                [
                    np.column_stack(to_metres.transform(*(np.cumsum(np.reshape(r, (-1, 2)), axis=0) / SCALE).T))
                    for r in p
                ]
                for p in found["shape"][place]
            )
        ]
        assert shapely.MultiPolygon(parts).area == pytest.approx(roofs["roof_m2"].iloc[place], rel=0.01)


def test_supply_curves_rise_to_what_all_roofs_give(data: Any, tables: Any) -> None:
    curves, roofs = data["roof_supply"], tables["roofs"]
    assert set(curves) == {"east", "west", "zone"}
    for unit, curve in curves.items():
        own = roofs if unit == "zone" else roofs[roofs["unit_id"] == unit]
        assert curve["mw"][-1] == pytest.approx(own["kwp"].sum() / 1000, rel=1e-3)
        assert curve["mwh"][-1] == pytest.approx(own["mwh"].sum(), rel=1e-3)
        for name in ("mw", "mwh", "lcoe"):
            assert all(a <= b for a, b in itertools.pairwise(curve[name])), (unit, name)


def test_plants_without_output_are_on_no_curve(tables: Any, made_up: ModuleType) -> None:
    dead = tables["supply_curves"].iloc[[-1]].assign(lcoe_cny_kwh=np.inf, step=99)
    more = {**tables, "supply_curves": pd.concat([tables["supply_curves"], dead])}
    indexed = {**tables, "supply_curves": tables["supply_curves"].set_index(["unit_id", "step"])}
    wanted = payload(tables, made_up.Meta(), MapOptions())["roof_supply"]
    for given_ in (more, indexed):
        assert payload(given_, made_up.Meta(), MapOptions())["roof_supply"] == wanted


def test_an_old_run_has_no_sun_on_roofs(tables: Any, made_up: ModuleType, tmp_path: Path) -> None:
    old = {name: frame for name, frame in tables.items() if name not in NEW}
    found = payload(old, made_up.Meta(), MapOptions())
    assert (found["sunlight"], found["roofs"], found["roof_supply"]) == (None, None, {})
    write_map(old, made_up.Meta(), MapOptions(), tmp_path / "old.html")
    elsewhere = tables["roofs"].assign(parcel_id="nowhere")
    assert payload({**tables, "roofs": elsewhere}, made_up.Meta(), MapOptions())["roofs"] is None
    without = {name: frame for name, frame in tables.items() if name != "site"}
    assert payload(without, made_up.Meta(), MapOptions())["roofs"]["weather"] is None  # type: ignore[call-overload, index]


def test_what_a_roofs_card_says_has_a_name_in_both_languages(data: Any) -> None:
    for name in ("kwp", "light", "kwh_kwp", "poa_kwh_m2", "roof_m2", "height_m", "lcoe_cny_kwh", "payback_years",
                 "capex_cny", "opex_cny_a", "roof_flat_tilted_s", "roof_metal_flush"):  # fmt: skip
        zh, en = data["terms"][name]
        assert any("\u4e00" <= letter <= "\u9fff" for letter in zh), name
        assert en != name.replace("_", " ")
    known = set(texts())
    assert {f"weather.{kind}" for kind in ("epw", "pvgis", "normals", "unknown")} <= known
    assert {f"roof.beside.{rule}" for rule in ("roof_pv_share", "solar_system")} <= known
    assert all(len(text.split(" ")) == 12 for text in texts()["month.names"])
    for key in ("supply.told", "roof.weather", "roof.beside.roof_pv_share"):
        zh, en = texts()[key]
        assert {part.split("}")[0] for part in zh.split("{")[1:]} == {part.split("}")[0] for part in en.split("{")[1:]}


def test_pictures_of_a_large_zone_stay_small() -> None:
    # a million cells of smooth light with noise of a level, about what a zone of 20 km has
    rows, cols = 1000, 1000
    y, x = np.mgrid[0:rows, 0:cols]
    value = 900 + 400 * np.sin(x / 9.0) * np.sin(y / 7.0) + np.random.default_rng(0).normal(0, 5, (rows, cols))
    low, width, count = light_levels(value.ravel())
    level = (np.clip((value - low) // width, 0, count - 1) + 1).astype(np.uint8)
    tiles = picture_tiles(np.arange(rows * cols), level.ravel(), cols, shades(["#000000", "#ffffff"], count))
    assert sum(len(tile[4]) for tile in tiles) < 1.5e6  # type: ignore[index, arg-type, misc]
