"""Reading and checking plans of 2,500 and 100,000 parcels."""

import tempfile
from pathlib import Path

import geopandas as gpd
import numpy as np
from measure import measure
from shapely.geometry import box

from layers.errors import Findings
from layers.parcels import ParcelOptions, read_parcels
from layers.vector import Source
from layers.zones import read_zone, unit_of_zone

SIDE = 40.0
WEST, SOUTH = 398_000.0, 3_290_000.0


def read(count: int, folder: Path) -> None:
    """Write a plan of count by count parcels and read it back."""
    shapes = [
        box(WEST + i * SIDE, SOUTH + j * SIDE, WEST + (i + 1) * SIDE, SOUTH + (j + 1) * SIDE)
        for i in range(count)
        for j in range(count)
    ]
    columns = {
        "parcel_id": [f"P{number:06d}" for number in range(len(shapes))],
        "landuse": np.resize(["R2", "B1", "M1/W1", "G1"], len(shapes)),
    }
    plan = folder / "plan.gpkg"
    gpd.GeoDataFrame(columns, geometry=shapes, crs=4550).to_file(plan, layer="parcels")
    edge = box(WEST, SOUTH, WEST + count * SIDE, SOUTH + count * SIDE)
    gpd.GeoDataFrame(geometry=[edge], crs=4550).to_file(plan, layer="zone")
    findings = Findings()
    zone = read_zone(Source(plan, "zone"), findings)
    if zone is None:
        raise SystemExit(str(findings.errors))
    source, unit = Source(plan, "parcels"), unit_of_zone(zone)
    measure(
        "read parcels",
        {"parcels": len(shapes)},
        lambda: read_parcels(source, ParcelOptions(), zone, unit, 2017, 2030, findings),
    )


for side in (50, 316):
    with tempfile.TemporaryDirectory() as name:
        read(side, Path(name))
