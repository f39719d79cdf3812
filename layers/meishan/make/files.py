"""Writing so that two runs give the same bytes and a reader never meets half a file."""

from collections.abc import Mapping
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyogrio
import rasterio

from layers.meishan.make.frame import CRS
from layers.meishan.make.sea import NODATA, Raster

WRITTEN = "2017-12-31T00:00:00.000Z"
"""The date that stands in the GeoPackage, so that it does not change from day to day."""


def write_text(path: Path, text: str) -> None:
    """Write text in place of what was there."""
    beside = path.with_name(f".{path.name}.part")
    beside.write_text(text, encoding="utf-8", newline="\n")
    beside.replace(path)


def write_geopackage(path: Path, layers: Mapping[str, gpd.GeoDataFrame]) -> None:
    """Write layers into one GeoPackage."""
    beside = path.with_name(f".{path.stem}.part.gpkg")
    beside.unlink(missing_ok=True)
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": WRITTEN, "OGR_SQLITE_PRAGMA": "page_size=1024"})
    for name, frame in layers.items():
        pyogrio.write_dataframe(
            frame,
            beside,
            layer=name,
            driver="GPKG",
            append=beside.exists(),
            layer_options={"SPATIAL_INDEX": "NO", "IDENTIFIER": name, "DESCRIPTION": f"Meishan {name}"},
            promote_to_multi=bool((frame.geom_type == "MultiPolygon").any()),
        )
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None, "OGR_SQLITE_PRAGMA": None})
    beside.replace(path)


def write_raster(path: Path, raster: Raster, unit: str, description: str) -> None:
    """Write one band of 32-bit floats as a compressed GeoTIFF with nodata."""
    beside = path.with_name(f".{path.stem}.part.tif")
    rows, cols = raster.values.shape
    profile = {
        "driver": "GTiff", "height": rows, "width": cols, "count": 1, "dtype": "float32", "crs": CRS,
        "transform": raster.transform, "nodata": NODATA, "compress": "deflate", "zlevel": 9, "predictor": 3,
        "tiled": True, "blockxsize": 256, "blockysize": 256,
    }  # fmt: skip
    with rasterio.open(beside, "w", **profile) as sink:
        sink.write(raster.values.astype(np.float32), 1)
        sink.set_band_description(1, description)
        sink.set_band_unit(1, unit)
    beside.replace(path)
