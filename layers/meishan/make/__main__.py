"""Write the embedded study anew: ``python -m layers.meishan.make [folder]``."""

import sys
from pathlib import Path

import geopandas as gpd

from layers.meishan.make.climate import normals
from layers.meishan.make.files import write_geopackage, write_raster, write_text
from layers.meishan.make.frame import CRS
from layers.meishan.make.plan import plan
from layers.meishan.make.sea import depth, exclusions, study_area, wind
from layers.meishan.make.shore import shore


def make(folder: Path) -> None:
    """Write plan, rasters and normals into a folder; ``study.toml`` is written by hand and stays.

    Parameters
    ----------
    folder
        Where the files go; files of the same name are replaced.
    """
    ground = shore()
    planned = plan(ground)
    named = {"name_zh": ["梅山近零碳示范区"], "name_en": ["Meishan near-zero-carbon zone"]}
    studied = {"name_zh": ["梅山东南海域研究范围"], "name_en": ["Sea study area south-east of Meishan"]}
    layers = {
        "zone": gpd.GeoDataFrame({"zone_id": ["MEISHAN"], **named}, geometry=[ground.zone], crs=CRS),
        "units": planned.units,
        "sea_area": gpd.GeoDataFrame({"sea_area_id": ["SEA01"], **studied}, geometry=[study_area(ground)], crs=CRS),
        "land": gpd.GeoDataFrame(
            {"land_id": [f"L{number:03d}" for number in range(1, len(ground.land) + 1)]},
            geometry=list(ground.land),
            crs=CRS,
        ),
        "exclusions": exclusions(ground),
        "parcels": planned.parcels,
        "streets": planned.streets,
    }
    write_geopackage(folder / "plan.gpkg", layers)
    write_raster(
        folder / "wind_100m.tif", wind(ground, planned.ground), "m/s", "mean wind speed at 100 m, illustrative"
    )
    write_raster(folder / "depth.tif", depth(ground), "m", "sea depth, positive down, illustrative")
    write_text(folder / "normals.csv", normals())


if __name__ == "__main__":
    make(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parents[1])
