"""Stages that write results for people and other programs."""

import hashlib
from importlib import metadata

from spatial import maps, report
from spatial.stages.context import Context, Made
from spatial.study import Study, effective_switches


def run_meta(study: Study, crs: str) -> report.RunMeta:
    """Return what every page and file says about the run."""
    files = {
        name: source.path
        for name in type(study.inputs).model_fields
        if name != "coordinates" and (source := study.source(name)) is not None
    }
    about = study.study
    versions = {
        name: metadata.version(name) for name in ("nearzero", "geopandas", "numpy", "pandas", "pvlib", "shapely")
    }
    switches = effective_switches(study).model_dump(mode="json")
    return report.RunMeta(
        name=about.name,
        title_zh=about.title_zh,
        title_en=about.title_en,
        base_year=about.base_year,
        target_year=about.target_year,
        crs=crs,
        illustrative=about.illustrative,
        attribution=about.attribution,
        switches={name: str(value) for name, value in switches.items()},
        versions=versions,
        inputs=tuple(
            (path.name, hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "", name)
            for name, path in files.items()
        ),
        scenarios=tuple(study.scenarios),
    )


def _meta(at: Context) -> report.RunMeta:
    """Return what every page and file of a stage says about the run."""
    return run_meta(at.study, at.crs.to_string())


def write_tables(at: Context) -> Made:
    """Write CSV files and the workbook."""
    report.write_tables(at.tables, _meta(at), at.files)
    return {}


def write_layers(at: Context) -> Made:
    """Write the GeoPackage with its styles."""
    report.write_geopackage(at.tables, _meta(at), at.files / "layers.gpkg")
    return {}


def write_rasters(at: Context) -> Made:
    """Write the rasters."""
    report.write_rasters(at.tables, _meta(at), at.files)
    return {}


def write_hourly(at: Context) -> Made:
    """Write the hourly series."""
    report.write_hourly(at.tables, _meta(at), at.files)
    return {}


def write_map(at: Context) -> Made:
    """Write the map."""
    maps.write_map(at.tables, _meta(at), at.study.map, at.files / "map.html")
    return {}
