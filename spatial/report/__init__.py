"""Tables, layers, rasters and the index page of a run; they take tables only, so they work on any old run."""

from spatial.report.csvfiles import write_tables
from spatial.report.geopackage import write_geopackage
from spatial.report.hourly import write_hourly
from spatial.report.index import write_index
from spatial.report.manifest import write_manifest
from spatial.report.meta import RunMeta
from spatial.report.rasters import write_rasters

__all__ = [
    "RunMeta",
    "write_geopackage",
    "write_hourly",
    "write_index",
    "write_manifest",
    "write_rasters",
    "write_tables",
]
