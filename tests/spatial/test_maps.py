"""The map's payload and page, without a browser."""

import itertools
import json
import re
from pathlib import Path
from types import ModuleType
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from layers.tables import balance, demand, hourly, networks, place, resources, review, stock
from layers.tables import scenario as scenario_tables
from layers.tables.contract import Table
from spatial.maps import MapOptions, write_map
from spatial.maps.encode import SCALE, coded, outlines, short, simplified
from spatial.maps.page import embedded, refuse_addresses
from spatial.maps.payload import payload
from spatial.maps.vocabulary import colours, texts, themes

TEXT_KEY = re.compile(r"""nz\.t\((?:key\(|)["'`]([\w.]+)["'`]\)""")


@pytest.fixture(scope="module")
def tables(made_up: ModuleType) -> Any:
    return made_up.sample_tables()


@pytest.fixture(scope="module")
def data(made_up: ModuleType, tables: Any) -> Any:
    return payload(tables, made_up.Meta(), MapOptions(simplify_m=0))


def test_the_made_up_run_keeps_the_contracts(tables: Any) -> None:
    rooms = (place, resources, stock, demand, networks, balance, review, hourly, scenario_tables)
    contracts = {value.name: value for room in rooms for value in vars(room).values() if isinstance(value, Table)}
    found = {name: contracts[name].faults(frame) for name, frame in tables.items() if name in contracts}
    assert {name: [str(f) for f in faults] for name, faults in found.items() if faults} == {}
    assert len(found) > 36


def test_two_pages_of_one_run_are_the_same_bytes(made_up: ModuleType, tables: Any, tmp_path: Path) -> None:
    first, second = tmp_path / "a.html", tmp_path / "b.html"
    write_map(tables, made_up.Meta(), MapOptions(), first)
    shuffled = {
        name: frame.sample(frac=1, random_state=3) if name == "parcels" else frame for name, frame in tables.items()
    }
    write_map(shuffled, made_up.Meta(), MapOptions(), second)
    assert first.read_bytes() == second.read_bytes()


def test_the_page_names_no_address_but_those_of_standards(made_up: ModuleType, tables: Any, tmp_path: Path) -> None:
    write_map(tables, made_up.Meta(), MapOptions(), tmp_path / "map.html")
    html = (tmp_path / "map.html").read_text(encoding="utf-8")
    hosts = set(re.findall(r"https?://([\w.-]+)", html))
    assert hosts <= {"www.w3.org", "leafletjs.com"}
    assert html.count("</script>") == html.count("<script")
    assert made_up.EVIL not in html


def test_base_maps_come_only_when_asked_for(made_up: ModuleType, tables: Any, tmp_path: Path) -> None:
    plain = payload(tables, made_up.Meta(), MapOptions())
    asked = payload(tables, made_up.Meta(), MapOptions(online_basemaps=True, tianditu_key="abc1"))
    assert plain["options"]["online"] == []
    assert [row[0] for row in asked["options"]["online"]] == ["osm", "tianditu"]
    write_map(tables, made_up.Meta(), MapOptions(online_basemaps=True), tmp_path / "online.html")


@pytest.mark.parametrize(
    "addition",
    [
        '<script src="https://cdn.example.org/x.js"></script>',
        '<link rel="stylesheet" href="//cdn.example.org/x.css">',
        "<style>@import 'x.css';</style>",
        "<style>a { background: url(images/x.png) }</style>",
        '<img src="x.png">',
    ],
)
def test_a_page_that_would_fetch_is_refused(addition: str) -> None:
    refuse_addresses("<html></html>")
    with pytest.raises(ValueError, match="would fetch"):
        refuse_addresses(f"<html>{addition}</html>")


def test_only_parcels_are_needed(made_up: ModuleType, tables: Any, tmp_path: Path) -> None:
    write_map({"parcels": tables["parcels"]}, made_up.Meta(), MapOptions(), tmp_path / "bare.html")
    empty = {name: frame.iloc[:0] if name != "parcels" else frame for name, frame in tables.items()}
    write_map(empty, made_up.Meta(), MapOptions(), tmp_path / "empty.html")


def test_sums_of_the_account_survive_the_way_into_the_page(data: Any, tables: Any) -> None:
    for column, by in (("energy_mwh", "carrier"), ("co2_t", "sector")):
        for scenario in ("bau", "near_zero"):
            wanted = tables["balance"].query("scenario == @scenario and year <= 2030").groupby("year")[column].sum()
            units = data["balance"][column][scenario].values()
            found = np.sum([row for unit in units for row in unit.values()], axis=0)
            np.testing.assert_allclose(found, wanted.to_numpy(), rtol=1e-4)
        assert by in tables["balance"]


def test_the_whole_path_and_the_scopes_are_the_balances(data: Any, tables: Any, made_up: ModuleType) -> None:
    balance = tables["balance"]
    assert data["paths"]["years"] == list(range(made_up.BASE, made_up.END + 1))
    assert data["meta"]["years"][-1] == made_up.TARGET
    for run in ("bau", "near_zero"):
        own = balance[balance["scenario"] == run]
        wanted = own.groupby("year")["co2_t"].sum()
        np.testing.assert_allclose(data["paths"]["co2_t"][run], wanted.to_numpy(), rtol=1e-4)
        for name in ("scope1_t", "scope2_t", "scope2_location_t"):
            sums = own[own["year"] <= made_up.TARGET].groupby("year")[name].sum()
            found = np.sum(list(data["scopes"][name][run].values()), axis=0)
            np.testing.assert_allclose(found, sums.to_numpy(), rtol=1e-4)


def test_waterfalls_and_effects_of_the_page_close(data: Any, tables: Any) -> None:
    balance = tables["balance"].groupby(["scenario", "year"])["co2_t"].sum()
    for steps, ends in (
        (data["waterfall"]["sector"], (balance["bau", 2017], balance["near_zero", 2030])),
        (data["waterfall"]["measure"], (balance["bau", 2030], balance["near_zero", 2030])),
        (data["effects"]["near_zero"], (balance["near_zero", 2017], balance["near_zero", 2030])),
    ):
        assert steps[0][3] == pytest.approx(ends[0], rel=1e-4)
        assert steps[-1][3] == pytest.approx(ends[1], rel=1e-4)
        for (_, _, _, before), (_, level, start, end) in itertools.pairwise(steps):
            assert (end if level else start) == pytest.approx(before, rel=1e-3)


def test_streets_and_clusters_of_the_page_are_the_tables(data: Any, tables: Any) -> None:
    linear = tables["linear_density"].set_index("street_id")
    assert data["linear"]["id"] == sorted(linear.index[linear["parcels"] > 0])  # streets without demand are not drawn
    np.testing.assert_allclose(data["linear"]["heat_mwh_m"], linear.loc[data["linear"]["id"], "heat_mwh_m"], rtol=6e-3)
    clusters, curves = tables["clusters"].set_index("cluster_id"), tables["cluster_profiles"]
    for name, load, peak in zip(
        data["clusters"]["id"], data["clusters"]["load_kw"], data["clusters"]["peak_kw"], strict=True
    ):
        assert load == sorted(load, reverse=True)
        assert load[0] == pytest.approx(curves[name].max(), rel=6e-3)
        assert peak == pytest.approx(clusters.loc[name, "peak_kw"], rel=6e-3)
    for name in ("heat_mwh_m", "diversity_cooling", "density_mwh_ha", "full_load_h", "peak_sum_kw"):
        zh, en = data["terms"][name]
        assert any("\u4e00" <= letter <= "\u9fff" for letter in zh), name
        assert en != name.replace("_", " ")


def test_the_abatement_curve_and_the_names_of_measures_are_the_tables(
    data: Any, tables: Any, made_up: ModuleType
) -> None:
    ordered = tables["abatement"].sort_values("order")
    rows = data["abatement"]["step"]
    assert [row[0] for row in rows] == ordered["measure"].tolist()
    np.testing.assert_allclose([row[2] - row[1] for row in rows], ordered["step_t"], rtol=1e-2)
    np.testing.assert_allclose([row[3] for row in rows], ordered["step_cny_t"], rtol=1e-4)
    assert [bool(row[4]) for row in rows] == ordered["pays"].tolist()
    chosen = [row for row in data["abatement"]["ambition"] if row[5]]
    assert [row[0] for row in chosen] == [300]
    assert data["measures"]["retrofit"] == [made_up.deep().EVIL] * 2
    assert "<" not in embedded({"name": made_up.deep().EVIL})


def test_embodied_carbon_of_a_parcel_adds_up_over_the_years(data: Any, tables: Any) -> None:
    rows = tables["embodied"].query("scenario == 'near_zero'").set_index("parcel_id")
    found = data["parcels"]["account"]["embodied_t"]["near_zero"]
    for place_, parcel in enumerate(data["parcels"]["id"][:40]):
        if parcel not in rows.index:
            assert found[-1][place_] is None
            continue
        finished = rows.loc[parcel, "year"] - 2017
        assert found[finished - 1][place_] == 0
        assert found[finished][place_] == pytest.approx(rows.loc[parcel, "co2_t"], rel=6e-3)


def test_every_part_of_the_page_has_a_name_in_both_languages(data: Any) -> None:
    nodes = {
        f"flow.{'export' if node[0] == 'export' else node[1]}"
        for years in data["sankey"].values()
        for laid in years.values()
        for node in laid["nodes"]
        if node[1] != "other"
    }
    items = {f"item.{name}" for weeks in data["power"]["weeks"].values() for rows in weeks.values() for name in rows}
    figures = {f"power.{name}" for rows in data["power"]["summary"].values() for name in rows}
    effects = {f"effect.{row[0]}" for steps in data["effects"].values() for row in steps if not row[1]}
    for key in (nodes | items | figures | effects) - {"item.demand", "effect.other"}:
        zh, en = data["terms"][key]
        assert any("\u4e00" <= letter <= "\u9fff" for letter in zh) or zh == "CO₂", key
        assert en, key


def test_parcel_numbers_are_the_tables_to_three_digits(data: Any, tables: Any) -> None:
    parcels = data["parcels"]
    wanted = tables["parcel_account"].query("scenario == 'bau' and year == 2030").set_index("parcel_id")["co2_t"]
    np.testing.assert_allclose(parcels["account"]["co2_t"]["bau"][-1], wanted.reindex(parcels["id"]), rtol=6e-3)
    heat = tables["demand_parcels"].query("year == 2030").set_index("parcel_id")["heating_mwh"].reindex(parcels["id"])
    found = np.array(parcels["demand"]["heating_mwh"][1], dtype=float)
    np.testing.assert_allclose(found, heat.to_numpy(), rtol=6e-3)


def test_months_of_a_class_times_floor_area_are_its_years_demand(data: Any, tables: Any) -> None:
    stock_rows, ids = data["parcels"]["stock"], data["parcels"]["id"]
    wanted = tables["demand_parcels"].query("year == 2030").set_index("parcel_id")
    for place_, code, floor, *_ in stock_rows["rows"][::7]:
        for name in ("heating", "cooling"):
            found = sum(stock_rows["monthly"][name][code]) * floor / 1000
            assert found == pytest.approx(wanted.loc[ids[place_], f"{name}_mwh"], rel=0.01)


def test_a_large_plan_fits_in_fifteen_megabytes(made_up: ModuleType, tmp_path: Path) -> None:
    path = tmp_path / "large.html"
    write_map(made_up.sample_tables(36, 72), made_up.Meta(), MapOptions(), path)
    assert path.stat().st_size < 15e6


def test_every_text_of_the_scripts_is_in_both_languages() -> None:
    folder = Path(__file__).parents[2] / "spatial" / "maps" / "assets"
    used = {key for file in folder.glob("*.js") for key in TEXT_KEY.findall(file.read_text(encoding="utf-8"))}
    assert used - set(texts()) == set()
    assert len(used) > 60
    groups = {row["group"] for row in themes()}
    assert {f"group.{name}" for name in groups} <= set(texts())
    assert all(row["zh"] and row["en"] for row in themes())


def test_ramps_run_from_light_to_dark_and_the_diverging_one_is_centred() -> None:
    ramps, _ = colours({})

    def light(colour: str) -> float:
        channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
        return float(np.dot(linear, (0.2126, 0.7152, 0.0722)))  # relative luminance, WCAG 2.1

    for name in ("sun", "heat", "cold", "power", "carbon", "built", "wind"):
        steps = [light(colour) for colour in ramps[name]]
        assert all(a > b for a, b in itertools.pairwise(steps)), name
    change = [light(colour) for colour in ramps["change"]]
    assert len(change) % 2 == 1
    assert max(change) == change[len(change) // 2]
    used = {row["ramp"] for row in themes() if row["ramp"]}
    assert used <= set(ramps)


def test_colours_and_themes_of_the_study_are_checked(made_up: ModuleType, tables: Any) -> None:
    with pytest.raises(ValidationError, match="rrggbb"):
        MapOptions(colours={"R": "yellow"})
    with pytest.raises(ValidationError, match="choose one of"):
        MapOptions(default_theme="nothing")
    with pytest.raises(ValidationError, match="Tianditu"):
        MapOptions(tianditu_key="a'b")
    options = MapOptions(colours={"R": "#123456", "heat.0": "#abcdef"})
    found = payload(tables, made_up.Meta(), options)
    assert found["landuse"]["R2"][2] == "#123456"
    assert found["ramps"]["heat"][0] == "#abcdef"


def decode(steps: list[int]) -> np.ndarray:
    return np.cumsum(np.array(steps).reshape(-1, 2), axis=0) / SCALE


@settings(max_examples=40, deadline=None)
@given(x=st.floats(-20_000, 20_000), y=st.floats(-20_000, 20_000), size=st.floats(5, 5_000), corners=st.integers(3, 30))
def test_outlines_come_back_within_a_tenth_of_a_metre(x: float, y: float, size: float, corners: int) -> None:
    angles = np.linspace(0, 2 * np.pi, corners, endpoint=False)
    ring = np.column_stack([400_000 + x + size * np.cos(angles), 3_297_000 + y + size * np.sin(angles)])
    frame = gpd.GeoDataFrame(geometry=[shapely.Polygon(ring)], crs="EPSG:4550")
    (polygons,) = outlines(frame)
    back = gpd.GeoSeries([shapely.Polygon(decode(polygons[0][0]))], crs=4326).to_crs(4550)  # type: ignore[index, arg-type]
    assert shapely.hausdorff_distance(back.iloc[0], frame.geometry.iloc[0]) < 0.1


def test_neighbours_stay_neighbours_when_simplified() -> None:
    wave = [(100 + 0.5 * (-1) ** i, i * 2.0) for i in range(51)]
    left = shapely.Polygon([(0, 0), *wave, (0, 100)])
    right = shapely.Polygon([(200, 0), (200, 100), *reversed(wave)])
    frame = gpd.GeoDataFrame(geometry=[left, right], crs="EPSG:4550")
    thin = simplified(frame, 2.0, tiling=True)
    assert shapely.get_num_coordinates(thin.geometry.iloc[0]) < 30
    assert thin.geometry.iloc[0].intersection(thin.geometry.iloc[1]).area == pytest.approx(0.0, abs=1e-9)
    assert thin.geometry.union_all().area == pytest.approx(frame.geometry.union_all().area, rel=1e-9)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.floats(-1e12, 1e12, allow_nan=False), min_size=1, max_size=20))
def test_short_numbers_are_within_half_a_unit_of_the_third_digit(values: list[float]) -> None:
    for value, found in zip(values, short(values), strict=True):
        assert found is not None
        assert abs(found - value) <= abs(value) * 0.00501 + 1e-300


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(max_size=6), max_size=15))
def test_coded_texts_come_back(values: list[str]) -> None:
    names, places = coded(values)
    assert [names[place_] for place_ in places] == values
    assert names == sorted(set(values))


@settings(max_examples=80, deadline=None)
@given(st.dictionaries(st.text(max_size=5), st.text(max_size=30), max_size=5))
def test_no_text_ends_the_script_it_stands_in(value: dict[str, str]) -> None:
    text = embedded({**value, "evil": "</script><!--"})
    assert "<" not in text
    assert json.loads(text) == {**value, "evil": "</script><!--"}
