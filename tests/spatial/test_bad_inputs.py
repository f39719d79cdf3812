"""Bad inputs, one kind each: one clear message with file, row and column, exit code 2, and nothing written."""

import errno
import os
import zipfile
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
from shapely.affinity import translate
from shapely.geometry import LineString, Polygon
from typer.testing import CliRunner

from layers.errors import InputError
from spatial.cli import app
from spatial.run import check_folder
from spatial.study import read_study

Spoil = Callable[[Path], None]


def plan(study: Path, layer: str) -> gpd.GeoDataFrame:
    return gpd.read_file(study / "plan.gpkg", layer=layer)


def put(study: Path, layer: str, frame: gpd.GeoDataFrame) -> None:
    frame.to_file(study / "plan.gpkg", layer=layer)


def cell(parcel: str, column: str, value: object) -> Spoil:
    def spoil(study: Path) -> None:
        frame = plan(study, "parcels")
        frame[column] = frame[column].astype(object)
        frame.loc[frame["parcel_id"] == parcel, column] = value
        frame[column] = frame[column].map(str) if isinstance(value, str) else frame[column].astype(float)
        put(study, "parcels", frame)

    return spoil


def shape(parcel: str, change: Callable[[Polygon], object]) -> Spoil:
    def spoil(study: Path) -> None:
        frame = plan(study, "parcels")
        at = frame.index[frame["parcel_id"] == parcel][0]
        frame.loc[at, "geometry"] = change(frame.geometry[at])
        put(study, "parcels", frame)

    return spoil


def text(old: str, new: str) -> Spoil:
    def spoil(study: Path) -> None:
        path = study / "study.toml"
        content = path.read_text(encoding="utf-8")
        assert old in content
        path.write_text(content.replace(old, new), encoding="utf-8")

    return spoil


def parcels_as(name: str, change: Callable[[gpd.GeoDataFrame], gpd.GeoDataFrame]) -> Spoil:
    def spoil(study: Path) -> None:
        change(plan(study, "parcels")).to_file(study / name)
        text('parcels = "plan.gpkg#parcels"', f'parcels = "{name}"')(study)

    return spoil


def no_crs(study: Path) -> None:
    plan(study, "parcels")[["parcel_id", "landuse", "far", "geometry"]].to_file(study / "parcels.shp")
    (study / "parcels.prj").unlink()
    text('"plan.gpkg#parcels"', '"parcels.shp"')(study)


def degrees_called_metres(study: Path) -> None:
    frame = plan(study, "parcels").to_crs(4326)
    put(study, "parcels", frame.set_crs("EPSG:4550", allow_override=True))


def wrong_belt(study: Path) -> None:
    put(study, "parcels", plan(study, "parcels").set_crs("EPSG:4545", allow_override=True))


def duplicate(study: Path) -> None:
    frame = plan(study, "parcels")
    frame.loc[1, "parcel_id"] = frame.loc[0, "parcel_id"]
    put(study, "parcels", frame)


def climbing_zip(study: Path) -> None:
    plan(study, "parcels")[["parcel_id", "landuse", "far", "geometry"]].to_file(study / "p.shp")
    with zipfile.ZipFile(study / "parcels.zip", "w") as archive:
        for part in study.glob("p.*"):
            archive.write(part, f"../../{part.name}")
    for part in list(study.glob("p.*")):
        part.unlink()
    text('"plan.gpkg#parcels"', '"parcels.zip"')(study)


def overlap(study: Path) -> None:
    shape("P00", lambda area: translate(area, 200.0, 0.0))(study)


def layer_emptied(study: Path) -> None:
    put(study, "parcels", plan(study, "parcels").iloc[:0])


def lone_street(study: Path) -> None:
    frame = plan(study, "streets")
    # Streets that nowhere touch each other.
    frame["geometry"] = [
        LineString([(398_000 + 150 * n, 3_297_000 + 10), (398_000 + 150 * n, 3_297_000 + 60)])
        for n in range(len(frame))
    ]
    put(study, "streets", frame)


def raster(name: str, change: Callable[[dict[str, object], np.ndarray], np.ndarray]) -> Spoil:
    def spoil(study: Path) -> None:
        with rasterio.open(study / name) as source:
            profile, values = dict(source.profile), source.read(1)
        values = change(profile, values)
        (study / name).unlink()
        with rasterio.open(study / name, "w", **profile) as target:
            target.write(values, 1)

    return spoil


def _without_nodata(profile: dict[str, object], values: np.ndarray) -> np.ndarray:
    profile["nodata"] = None
    return values


def _elsewhere(profile: dict[str, object], values: np.ndarray) -> np.ndarray:
    profile["transform"] = rasterio.transform.from_origin(700_000.0, 4_000_000.0, 500.0, 500.0)
    return values


def hourly(change: Callable[[pd.DataFrame], pd.DataFrame]) -> Spoil:
    """Give the study a made-up EPW with one thing wrong."""

    def spoil(study: Path) -> None:
        hours = pd.date_range("2001-01-01", periods=8760, freq="h")
        height = np.sin(np.pi * (hours.hour + 0.5 - 6) / 12)
        ghi = np.where((hours.hour >= 6) & (hours.hour < 18), 700.0 * height, 0.0).clip(0)
        frame = change(pd.DataFrame({"time": hours, "ghi": ghi}))
        lines = [
            "LOCATION,Made up,ZJ,CHN,Test,000000,29.80,121.95,8.0,5.0",
            "DESIGN CONDITIONS,0", "TYPICAL/EXTREME PERIODS,0", "GROUND TEMPERATURES,0",
            "HOLIDAYS/DAYLIGHT SAVINGS,No,0,0,0", "COMMENTS 1,made up", "COMMENTS 2,",
            "DATA PERIODS,1,1,Data,Sunday,1/1,12/31",
        ]  # fmt: skip
        for time, value in zip(frame["time"], frame["ghi"], strict=True):
            sun = "" if np.isnan(value) else f"{value:.0f}"
            half = "" if np.isnan(value) else f"{value / 2:.0f}"
            lines.append(
                f"2001,{time.month},{time.day},{time.hour + 1},0,?,15.0,10.0,72,101300,0,0,350,{sun},{half},{half},"
                "0,0,0,0,180,3.0,5,5,20,7777,0,9,999999999,0,0,0,0,0,0"
            )
        (study / "weather.epw").write_text("\n".join(lines) + "\n")
        text('"normals.csv"', '"weather.epw"')(study)

    return spoil


def normals(change: Callable[[str], str]) -> Spoil:
    def spoil(study: Path) -> None:
        path = study / "normals.csv"
        path.write_text(change(path.read_text(encoding="utf-8")), encoding="utf-8")

    return spoil


def unit_twice(study: Path) -> None:
    frame = plan(study, "units")
    frame["unit_id"] = "U1"
    put(study, "units", frame)


CASES: dict[str, tuple[Spoil, tuple[str, ...]]] = {
    "no study file": (lambda study: (study / "study.toml").unlink(), ("study.toml", "no study file")),
    "not TOML": (text("[study]", "[study"), ("study.toml", "TOML")),
    "unknown key": (text("base_year", "base_yaer"), ("study.toml", "base_yaer", "base_year")),
    "target before base": (text("target_year = 2030", "target_year = 2010"), ("study.toml", "2010", "2017")),
    "zero population": (text("2017 = 8000", "2017 = 0"), ("drivers.population", "not a number above zero")),
    "endless population": (text("2017 = 8000", "2017 = inf"), ("drivers.population", "inf")),
    "endless growth": (text("[weather]", "[balance.switches]\ngdp_times = inf\n\n[weather]"), ("gdp_times",)),
    "driver without base year": (text("2017 = 1500", "2018 = 1500"), ("drivers.gdp_million_cny", "2017")),
    "unknown driver": (text("[drivers.teu]", "[drivers.tue]"), ("tue", "teu")),
    "text for a number": (text("altitude_m = 5", 'altitude_m = "high"'), ("altitude_m", "high")),
    "missing file": (lambda study: (study / "plan.gpkg").unlink(), ("plan.gpkg",)),
    "empty file": (lambda study: (study / "plan.gpkg").write_bytes(b""), ("plan.gpkg", "empty")),
    "missing layer": (text("plan.gpkg#parcels", "plan.gpkg#plots"), ("plots", "parcels")),
    "empty layer": (layer_emptied, ("plan.gpkg#parcels", "empty")),
    "no CRS": (no_crs, ("parcels.shp", "CRS")),
    "degrees called metres": (degrees_called_metres, ("parcels", "degrees")),
    "wrong belt": (wrong_belt, ("parcels",)),
    "duplicate ids": (duplicate, ("P00", "parcel_id")),
    "unknown land use": (cell("P01", "landuse", "Q9"), ("P01", "landuse", "Q9")),
    "ratio as text": (cell("P02", "far", "tall"), ("P02", "far", "tall")),
    "negative ratio": (cell("P02", "far", -1.0), ("P02", "far", "-1")),
    "absurd ratio": (cell("P02", "far", 250.0), ("P02", "far", "250")),
    "negative height": (cell("P03", "height_m", -12.0), ("P03", "height", "-12")),
    "negative population": (
        lambda study: put(study, "parcels", plan(study, "parcels").assign(population=-5.0)), ("population", "-5")
    ),
    "phase in words": (cell("P22", "phase_year", "soon"), ("P22", "phase_year", "soon")),
    "self-crossing polygon": (
        shape("P00", lambda area: Polygon([(area.bounds[0], area.bounds[1]), (area.bounds[2], area.bounds[3]),
                                           (area.bounds[2], area.bounds[1]), (area.bounds[0], area.bounds[3])])),
        ("P00",),
    ),
    "parcel outside the zone": (shape("P00", lambda area: translate(area, -20_000.0, 0.0)), ("P00", "zone")),
    "overlap": (overlap, ("P00", "P01", "overlap")),
    "no id column": (
        parcels_as("p.gpkg", lambda frame: frame.drop(columns="parcel_id")), ("p.gpkg", "parcel_id"),
    ),
    "path that climbs out of a zip": (climbing_zip, ("parcels.zip",)),
    "units twice": (unit_twice, ("units", "U1")),
    "8,759 hours": (hourly(lambda frame: frame.iloc[:-1]), ("weather.epw", "8,759")),
    "no irradiance": (
        hourly(lambda frame: frame.assign(ghi=frame["ghi"].where(frame.index != 4000))),
        ("weather.epw", "row 4009", "Global Horizontal"),
    ),
    "wrong time zone": (
        hourly(lambda frame: frame.assign(ghi=np.roll(frame["ghi"], 8))), ("weather.epw", "time zone")
    ),
    "eleven months": (normals(lambda content: content.replace("12,74", "11,74")), ("normals.csv", "month")),
    "minimum above mean": (normals(lambda content: content.replace("8.4,1.6", "8.4,6.6")), ("normals.csv", "temp")),
    "radiation of another planet": (normals(lambda content: content.replace("1,73", "1,730")), ("normals.csv", "ghi")),
    "raster without nodata": (raster("depth.tif", _without_nodata), ("depth.tif", "nodata")),
    "raster elsewhere": (raster("wind.tif", _elsewhere), ("wind.tif",)),
    "disconnected streets": (lone_street, ("streets",)),
    "unknown exclusion": (
        lambda study: put(study, "exclusions", plan(study, "exclusions").assign(kind="dragons")), ("dragons",)
    ),
    "missing measures": (text("[weather]", 'measures = "none.csv"\n\n[weather]'), ("none.csv",)),
    "unknown scenario": (
        text("[weather]", '[scenarios.bau]\n[scenarios.x]\ninherits = "y"\n\n[weather]'), ("x", "'y'")
    ),
    "no scenario": (text("[weather]", "[scenarios]\n\n[weather]"), ("scenarios", "no scenario")),
    "unknown grid region": (
        text("[weather]", '[balance]\ngrid_region = "zejiang"\n\n[weather]'),
        ("balance.grid_region", "'zejiang'", "'zhejiang'"),
    ),
    "unknown indicator of a target": (
        text("[weather]", '[balance.targets.mine]\nindicator = "co2_per_haed_t"\nsense = "<="\nlimit = 2\n\n[weather]'),
        ("balance.targets.mine.indicator", "'co2_per_haed_t'", "'co2_per_head_t'"),
    ),
    "unknown scenario to review": (
        text("[weather]", '[review]\nscenario = "near_zreo"\n\n[weather]'),
        ("review.scenario", "'near_zreo'", "'near_zero'"),
    ),
    "unknown parcel to join": (
        text("[weather]", '[networks]\njoined_parcels = ["P-10"]\n\n[weather]'), ("networks.joined_parcels", "'P-10'")
    ),
    "pump too weak for any substation": (
        text("[weather]", "[networks]\nhead_max_pa = 50000.0\n\n[weather]"),
        ("networks: head_max_pa must exceed substation_pa, or nobody is served; correct the value",),
    ),
    "unknown site of a plant": (
        text("[weather]", '[[networks.sites]]\nparcel_id = "X"\nnetwork = "heating"\n\n[weather]'),
        ("networks.sites", "'X'"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", CASES, ids=lambda kind: kind.replace(" ", "_"))
def test_bad_input_is_told_and_nothing_is_written(kind: str, small_study: Path, tmp_path: Path) -> None:
    spoil, parts = CASES[kind]
    spoil(small_study)
    before = {path: path.stat().st_mtime_ns for path in small_study.rglob("*")}
    done = CliRunner().invoke(app, ["run", str(small_study), "--out", str(tmp_path / "out")])
    assert done.exit_code == 2, (done.output, done.exception)
    assert "Traceback" not in done.output
    for part in parts:
        assert part in done.output, done.output
    assert not (tmp_path / "out").exists()
    assert {path: path.stat().st_mtime_ns for path in small_study.rglob("*")} == before


def test_all_faults_are_told_at_once(small_study: Path, tmp_path: Path) -> None:
    for kind in ("unknown land use", "raster without nodata", "eleven months", "units twice"):
        CASES[kind][0](small_study)
    done = CliRunner().invoke(app, ["run", str(small_study), "--out", str(tmp_path / "out")])
    assert done.exit_code == 2
    for part in ("Q9", "nodata", "normals.csv", "U1"):
        assert part in done.output, done.output


def into(study: Path, out: Path) -> str:
    """Run into a folder that must be refused, and return what is said; nothing changes."""
    before = {path: path.read_bytes() for path in study.rglob("*") if path.is_file()}
    done = CliRunner().invoke(app, ["run", str(study), "--out", str(out)])
    assert done.exit_code == 2, (done.output, done.exception)
    assert "Traceback" not in done.output
    assert {path: path.read_bytes() for path in study.rglob("*") if path.is_file()} == before
    return done.output


@pytest.mark.parametrize("out", [".", "..", "sub/.."])
def test_results_never_go_where_the_study_lies(small_study: Path, out: str) -> None:
    (small_study / "sub").mkdir()
    assert "holds the study itself" in into(small_study, small_study / out)


def test_results_never_go_where_an_input_lies(small_study: Path, tmp_path: Path) -> None:
    for folder in (small_study / "data", tmp_path / "elsewhere"):
        (folder / "deep").mkdir(parents=True)
        (small_study / "depth.tif").rename(folder / "deep" / "depth.tif")
        text('depth = "depth.tif"', f'depth = "{(folder / "deep" / "depth.tif").as_posix()}"')(small_study)
        assert "holds the input depth.tif" in into(small_study, folder)
        (folder / "deep" / "depth.tif").rename(small_study / "depth.tif")
        text(f'depth = "{(folder / "deep" / "depth.tif").as_posix()}"', 'depth = "depth.tif"')(small_study)


def test_a_link_to_the_study_is_the_study(small_study: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(small_study, target_is_directory=True)
    assert "holds the study itself" in into(small_study, tmp_path / "link")


@pytest.mark.parametrize("out", ["plan.gpkg", "plan.gpkg/out", "other.txt"])
def test_results_never_replace_a_file(small_study: Path, out: str) -> None:
    (small_study / "other.txt").write_text("mine")
    assert "is a file, not a folder" in into(small_study, small_study / out)


def test_a_folder_nobody_can_write_to_is_told(
    small_study: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    study = read_study(small_study)
    # Whoever runs the tests may be allowed to write anywhere.
    monkeypatch.setattr(os, "access", lambda path, mode: mode == os.F_OK and Path(path).exists())
    with pytest.raises(InputError, match="cannot be written to"):
        check_folder(study, tmp_path / "out")


def test_a_folder_that_cannot_be_made_is_told(
    small_study: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path, *_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))

    monkeypatch.setattr(Path, "mkdir", refuse)
    assert "cannot be written to" in into(small_study, tmp_path / "out")
    assert not (tmp_path / "out").exists()


WARNED: dict[str, tuple[Spoil, tuple[str, ...]]] = {
    "percent": (
        lambda study: put(study, "parcels", plan(study, "parcels").assign(density=lambda f: f["density"] * 100.0)),
        ("density", "percent"),
    ),
    "script in a name": (cell("P00", "name", "<script>alert(1)</script>"), ()),
    "small overlap": (shape("P00", lambda area: area.buffer(20.3, join_style="mitre")), ()),
    "target after the last phase": (cell("P40", "phase_year", 2055.0), ("P40", "2055")),
    "switch that the drivers overrule": (
        text("2017 = 8000", "2017 = 8000\n2030 = 20000\n\n[balance.switches]\npopulation_times = 4.0"),
        ("balance.switches.population_times", "2.5 times"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", WARNED, ids=lambda kind: kind.replace(" ", "_"))
def test_what_can_be_lived_with_is_said_and_done(kind: str, small_study: Path) -> None:
    spoil, parts = WARNED[kind]
    spoil(small_study)
    done = CliRunner().invoke(app, ["check", str(small_study)])
    assert done.exit_code == 0, done.output
    for part in parts:
        assert part in done.output, done.output
