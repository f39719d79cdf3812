"""A whole plan drawn on GCJ-02: declared, it is converted; undeclared, it is suspected."""

import shutil
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from typer.testing import CliRunner

from layers.crs import wgs84_to_gcj02
from spatial.cli import app, embedded_study

LAYERS = ("zone", "units", "land", "sea_area", "exclusions", "parcels", "streets")


def drawn_on_gcj02(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    degrees = frame.to_crs(4326)

    def moved(points: np.ndarray) -> np.ndarray:
        return np.column_stack(wgs84_to_gcj02(points[:, 0], points[:, 1]))

    return degrees.set_geometry(gpd.GeoSeries(shapely.transform(degrees.geometry.to_numpy(), moved), crs=4326))


@pytest.fixture
def study(tmp_path: Path) -> Path:
    """A copy of the embedded study."""
    return Path(shutil.copytree(embedded_study(), tmp_path / "study", ignore=shutil.ignore_patterns("make", "*.py")))


def redraw(study: Path, layers: tuple[str, ...]) -> None:
    plan = study / "plan.gpkg"
    frames = {name: gpd.read_file(plan, layer=name) for name in LAYERS}
    plan.unlink()
    for name, frame in frames.items():
        (drawn_on_gcj02(frame) if name in layers else frame).to_file(plan, layer=name)


def test_a_plan_declared_as_gcj02_is_converted(study: Path) -> None:
    redraw(study, LAYERS)
    toml = study / "study.toml"
    text = toml.read_text(encoding="utf-8")
    toml.write_text(text.replace("[inputs]", '[inputs]\ncoordinates = "gcj02"'), encoding="utf-8")
    done = CliRunner().invoke(app, ["check", str(study)])
    assert done.exit_code == 0, done.output
    assert "GCJ" not in done.output.replace("gcj02", "")


def test_parcels_shifted_against_the_shore_are_suspected(study: Path) -> None:
    redraw(study, ("parcels",))
    done = CliRunner().invoke(app, ["check", str(study)])
    assert "GCJ-02" in done.output, done.output
