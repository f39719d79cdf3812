"""Roofs of a surface model from the command line: what is written, and what is refused before anything is."""

import json
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
import shapely
from rasterio.transform import from_origin
from typer.testing import CliRunner

from layers.errors import Findings
from layers.vector import Source
from layers.weather import WeatherOptions, read_weather
from resources.rooftop.layout import LayoutOptions
from resources.rooftop.plants import PlantOptions
from resources.rooftop.surveyed import SurveyOptions
from spatial.cli import app
from spatial.survey import SurveyInputs, check_rows, survey_roofs

WEST, NORTH, SIDE = 400_000.0, 3_300_000.0, 120


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    heights = np.zeros((SIDE, SIDE), dtype=np.float32)
    heights[40:60, 30:60] = 10.0
    heights[40:60, 80:100] = 10.0 + 0.5 * (10.0 - np.abs(np.arange(20) - 9.5))[:, None]
    surface = tmp_path / "surface.tif"
    with rasterio.open(
        surface, "w", driver="GTiff", width=SIDE, height=SIDE, count=1, dtype="float32", crs="EPSG:4550",
        transform=from_origin(WEST, NORTH, 1.0, 1.0),
    ) as target:  # fmt: skip
        target.write(heights, 1)
    shapes = [shapely.box(WEST + a, NORTH - 60, WEST + b, NORTH - 40) for a, b in ((30, 60), (80, 100))]
    buildings = tmp_path / "buildings.gpkg"
    frame = gpd.GeoDataFrame({"building_id": ["flat", "gable"]}, geometry=shapes, crs="EPSG:4550")
    frame.to_crs("EPSG:4326").to_file(buildings, driver="GPKG")
    hours = pd.date_range("2021-01-01", periods=8760, freq="h")
    sun = np.maximum(0.0, np.sin((hours.hour + 0.5 - 6.0) / 12.0 * np.pi)) * 600.0
    warmth = 15.0 + 8.0 * np.sin(hours.day_of_year / 58.0 - 2.0)
    rest = "0,0,0,0,180,3,5,5,20,77777,9,999999999,20,0.1,0,88,0.2,0,0"
    rows = [
        f"2021,{t.month},{t.day},{t.hour + 1},0,x,{air:.1f},10,70,101300,0,0,350,{g:.0f},{0.7 * g:.0f},{0.45 * g:.0f},"
        + rest
        for t, air, g in zip(hours, warmth, sun, strict=True)
    ]
    head = ["LOCATION,Meishan,ZJ,CHN,made,0,29.79,121.95,8,5", "DESIGN CONDITIONS,0", "TYPICAL/EXTREME PERIODS,0"]
    head += ["GROUND TEMPERATURES,0", "HOLIDAYS/DAYLIGHT SAVINGS,No,0,0,0", "COMMENTS 1,made", "COMMENTS 2,made"]
    head += ["DATA PERIODS,1,1,Data,Sunday,1/1,12/31"]
    weather = tmp_path / "weather.epw"
    weather.write_text("\n".join(head + rows), encoding="utf-8")
    return {"surface": surface, "buildings": buildings, "weather": weather, "out": tmp_path / "out"}


def call(files: dict[str, Path], *more: str) -> tuple[int, dict[str, object]]:
    arguments = [
        "roofs",
        *(str(files[name]) for name in ("surface", "buildings", "weather")),
        "--out",
        str(files["out"]),
    ]
    done = CliRunner().invoke(app, [*arguments, "--json", *more])
    return done.exit_code, json.loads(done.stdout)


def test_a_survey_writes_raster_layers_table_and_hours_that_agree(files: dict[str, Path]) -> None:
    code, told = call(files)
    assert code == 0, told
    plants = pd.read_csv(files["out"] / "plants.csv").set_index("building_id")
    assert sorted(plants.index) == ["flat", "gable"]
    layer = gpd.read_file(files["out"] / "roofs.gpkg", layer="plants").set_index("building_id")
    assert layer.crs.to_epsg() == 4550
    np.testing.assert_allclose(layer["mwh"].sort_index(), plants["mwh"].sort_index(), rtol=1e-4)
    planes = gpd.read_file(files["out"] / "roofs.gpkg", layer="planes")
    assert sorted(planes["form"]) == ["flat", "pitched", "pitched"]
    assert planes["kwp"].sum() == pytest.approx(plants["kwp"].sum(), rel=1e-4)
    hours = pd.read_parquet(files["out"] / "hourly.parquet")
    assert len(hours) == 8760
    assert hours.to_numpy().sum() / 1000.0 == pytest.approx(plants["mwh"].sum(), rel=1e-3)
    assert told["gwh"] == pytest.approx(plants["mwh"].sum() / 1000.0, rel=1e-3)
    with rasterio.open(files["out"] / "irradiation.tif") as raster:
        light = raster.read(1, masked=True)
        assert raster.crs.to_epsg() == 4550
        assert raster.units[0] == "kWh/m2"
    # the slope to the south gets more than the flat roof, the one to the north less
    assert light[55, 90] > light[50, 45] > light[44, 90]


@pytest.mark.parametrize("layout", ["east_west", "flush"])
def test_flat_roofs_take_the_layout_asked_for(files: dict[str, Path], layout: str) -> None:
    code, _ = call(files, "--layout", layout)
    assert code == 0
    planes = gpd.read_file(files["out"] / "roofs.gpkg", layer="planes")
    assert set(planes.loc[planes["form"] == "flat", "layout"]) == {layout}


def test_all_faults_are_told_at_once_and_nothing_is_written(files: dict[str, Path]) -> None:
    files["surface"].unlink()
    files["weather"].write_text("nothing", encoding="utf-8")
    code, told = call(files)
    assert code == 2
    sources = {fault["source"] for fault in told["faults"]}  # type: ignore[index, union-attr]
    assert {"surface.tif", "weather.epw"} <= sources
    assert not files["out"].exists()


def test_weather_of_a_far_place_is_told(files: dict[str, Path]) -> None:
    text = files["weather"].read_text(encoding="utf-8").replace("29.79,121.95,8,5", "30.5,121.0,8,5")
    files["weather"].write_text(text, encoding="utf-8")
    code, told = call(files)
    assert code == 0
    far = [fault for fault in told["faults"] if fault["source"] == "weather.epw" and "km" in fault["problem"]]  # type: ignore[union-attr, index]
    assert [fault["level"] for fault in far] == ["warning"]


def test_what_is_not_worth_building_counts_nowhere(files: dict[str, Path]) -> None:
    inputs = SurveyInputs(files["surface"], Source(files["buildings"]), files["weather"])
    every = survey_roofs(inputs, files["out"], SurveyOptions()).roofs
    yields = every.yields.sum(axis=1) * 1000.0 / every.arrays["kwp"]
    # the slope to the north gives least; without it all else stays
    least = float(yields.nsmallest(2).mean())
    survey_roofs(inputs, files["out"], SurveyOptions(plants=PlantOptions(least_kwh_kwp=least)))
    plants = pd.read_csv(files["out"] / "plants.csv")
    planes = gpd.read_file(files["out"] / "roofs.gpkg", layer="planes")
    hours = pd.read_parquet(files["out"] / "hourly.parquet")
    assert (planes["kwp"] == 0.0).sum() == 1
    assert planes["kwp"].sum() == pytest.approx(plants["kwp"].sum(), rel=1e-4)
    assert planes["mwh"].sum() == pytest.approx(plants["mwh"].sum(), rel=1e-4)
    assert hours.to_numpy().sum() / 1000.0 == pytest.approx(plants["mwh"].sum(), rel=1e-4)
    named = {name for classes in planes["hourly_class"].dropna() for name in classes.split("; ")}
    assert named == set(hours.columns)


def test_two_surveys_write_the_same_bytes(files: dict[str, Path], tmp_path: Path) -> None:
    call(files)
    again = tmp_path / "again"
    call({**files, "out": again})
    for path in sorted(files["out"].iterdir()):
        assert path.read_bytes() == (again / path.name).read_bytes(), path.name


def faulty(files: dict[str, Path], *more: str) -> str:
    code, told = call(files, *more)
    assert code == 2, told
    return " ".join(f"{fault['source']} {fault['problem']}" for fault in told["faults"])  # type: ignore[index, union-attr]


def test_results_never_replace_inputs(files: dict[str, Path]) -> None:
    before = files["buildings"].read_bytes()
    files["out"] = files["buildings"].parent
    assert "holds the input" in faulty(files)
    assert files["buildings"].read_bytes() == before
    (files["out"] / "plain").write_text("x", encoding="utf-8")
    files["out"] = files["out"] / "plain" / "deeper"
    assert "is a file, not a folder" in faulty(files)


def test_lines_and_footprints_of_another_place_are_no_buildings(files: dict[str, Path]) -> None:
    frame = gpd.read_file(files["buildings"])
    lines = frame.assign(geometry=frame.geometry.boundary)
    lines.to_file(files["buildings"], driver="GPKG")
    assert "footprints" in faulty(files)
    away = frame.assign(geometry=frame.geometry.translate(0.5, 0.0))
    away.to_file(files["buildings"], driver="GPKG")
    assert "no footprint lies on the surface" in faulty(files)


def test_ids_that_are_missing_never_meet_those_that_are_given(files: dict[str, Path]) -> None:
    frame = gpd.read_file(files["buildings"])
    frame.assign(building_id=["building-1", ""]).to_file(files["buildings"], driver="GPKG")
    code, _ = call(files)
    assert code == 0
    assert len(pd.read_csv(files["out"] / "plants.csv")) == 2


def test_ground_within_a_footprint_is_no_roof(files: dict[str, Path]) -> None:
    frame = gpd.read_file(files["buildings"]).to_crs("EPSG:4550")
    wider = frame.geometry.where(frame["building_id"] != "flat", frame.geometry.buffer(12.0, join_style="mitre"))
    frame.assign(geometry=wider).to_file(files["buildings"], driver="GPKG")
    code, _ = call(files)
    assert code == 0
    planes = gpd.read_file(files["out"] / "roofs.gpkg", layer="planes")
    flat = planes[planes["building_id"] == "flat"]
    assert flat["area_m2"].sum() == pytest.approx(600.0, rel=0.1)
    assert (flat["height_m"] > 8.0).all()


def test_rows_at_high_latitudes_are_told_with_what_to_do(files: dict[str, Path]) -> None:
    # where the sun hardly rises in winter, rows clear of each other's shade are no layout
    read = read_weather(files["weather"], WeatherOptions(), Findings())
    assert read is not None
    for latitude, level in ((29.8, []), (57.7, ["warning"]), (62.0, ["error"])):
        findings = Findings()
        check_rows(read[0].assign(latitude_deg=latitude), LayoutOptions(), findings)
        assert [fault.level for fault in findings] == level
