"""Reading vector layers of any format, with every fault named."""

import warnings
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pyogrio
import pyproj
from pyogrio.errors import DataLayerError, DataSourceError

from layers.crs import Coordinates, fitting_crs, unshift
from layers.errors import Findings
from layers.geometry import Family, clean_geometry
from layers.text import codec_of, decode_frame, repair, unscramble


@dataclass(frozen=True, slots=True)
class Source:
    """A file, and the layer inside it where there are several.

    Examples
    --------
    >>> Source(Path("plan.gpkg"), "parcels").name
    'plan.gpkg#parcels'
    """

    path: Path
    layer: str | None = None

    @property
    def name(self) -> str:
        """How messages call the source."""
        return f"{self.path.name}#{self.layer}" if self.layer else self.path.name


ZIP_LIMIT_BYTES = 4_000_000_000
ZIP_RATIO = 200.0
"""Unpacked size, and unpacked to packed size, beyond which a zip is taken for a bomb."""

_INSIDE_ZIP = (".shp", ".gpkg", ".geojson", ".json")
_PARQUET = (".parquet", ".geoparquet")
_KNOWN = "GeoPackage, Shapefile (also zipped), GeoJSON, GeoParquet or FileGDB"


def read_vector(
    source: Source, findings: Findings, *, coordinates: Coordinates = "wgs84", family: Family | None = None
) -> gpd.GeoDataFrame | None:
    """Read one vector layer; every fault goes to the findings.

    Parameters
    ----------
    source
        GeoPackage, Shapefile (any encoding, also zipped), GeoJSON, GeoParquet or FileGDB, and the layer in it.
    findings
        Takes the faults and the repairs.
    coordinates
        The datum the layer was drawn on. ``gcj02`` and ``bd09`` are converted to WGS 84.
    family
        The only shapes wanted; without it a mixture of points, lines and polygons is a fault.

    Returns
    -------
    GeoDataFrame or None
        The layer in its own CRS (WGS 84 where converted), index 0, 1, 2 ...; rows whose geometry is at fault are left
        out. None where nothing could be read.
    """
    target = _find(source, findings)
    frame = None if target is None else _load(target, source, findings)
    if frame is None:
        return None
    if not isinstance(frame, gpd.GeoDataFrame) or frame.active_geometry_name is None:
        findings.error(source.name, "has no geometry, it is a plain table", "give a layer of shapes")
        return None
    if frame.empty:
        findings.error(source.name, "the layer is empty", "give a layer with at least one row")
        return None
    if frame.active_geometry_name != "geometry":
        frame = frame.rename_geometry("geometry")
    frame = clean_geometry(frame.reset_index(drop=True), source.name, findings, family).reset_index(drop=True)
    if frame.empty or not _check_crs(frame, source, findings, coordinates):
        return None
    return unshift(frame, coordinates)


def _find(source: Source, findings: Findings) -> str | None:
    """Return what to hand to the reader, None where there is no such thing."""
    path, suffix = source.path, source.path.suffix.lower()
    if not path.exists():
        there = sorted(p.name for p in path.parent.iterdir()) if path.parent.is_dir() else []
        remedy = f"the folder holds {', '.join(there[:12])}" if there else f"there is no folder {path.parent.name}"
        findings.error(source.name, "the file is missing", f"check the path; {remedy}")
    elif path.is_dir() and suffix != ".gdb":
        findings.error(source.name, "is a folder, not a file", f"give a {_KNOWN}")
    elif path.is_file() and path.stat().st_size == 0:
        findings.error(source.name, "the file is empty (0 bytes)", "export or copy it again")
    elif suffix == ".zip":
        return _inside_zip(source, findings)
    elif suffix == ".shp" and (missing := _parts_missing(path)):
        findings.error(source.name, f"its part {' and '.join(missing)} is missing", "copy all files of the Shapefile")
    else:
        return str(path)
    return None


def _parts_missing(path: Path) -> list[str]:
    beside = {p.suffix.lower() for p in path.parent.iterdir() if p.stem == path.stem}
    return [part for part in (".shx", ".dbf") if part not in beside]


def _inside_zip(source: Source, findings: Findings) -> str | None:
    """Return the virtual path of the one data set inside a zip, after refusing what is dangerous."""
    try:
        with zipfile.ZipFile(source.path) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, OSError) as error:
        findings.error(source.name, f"is no readable zip file ({error})", "pack it again")
        return None
    faults = len(findings.errors)
    for member in members:
        name = member.filename.replace("\\", "/")
        if name.startswith("/") or ".." in name.split("/") or ":" in name.split("/")[0]:
            findings.error(source.name, "a path inside the zip climbs out of it", "pack it again", row=member.filename)
        elif (member.external_attr >> 16) & 0o170000 == 0o120000:
            findings.error(source.name, "holds a symbolic link", "pack the file itself", row=member.filename)
    size, packed = sum(m.file_size for m in members), max(1, sum(m.compress_size for m in members))
    if size > ZIP_LIMIT_BYTES or (size > 50_000_000 and size / packed > ZIP_RATIO):
        findings.error(
            source.name, f"unpacks to {size / 1e6:,.0f} MB from {packed / 1e6:,.2f} MB", "give the unpacked file"
        )
    if len(findings.errors) > faults:
        return None
    names = [m.filename for m in members if "__MACOSX" not in m.filename]
    found = sorted({name for name in names if name.lower().endswith(_INSIDE_ZIP)})
    found += sorted({name[: name.lower().index(".gdb/") + 4] for name in names if ".gdb/" in name.lower()})
    if source.layer is not None and len(found) > 1:
        found = [name for name in found if Path(name).stem == source.layer]
    if len(found) != 1:
        inside = ", ".join(found or names[:12]) or "nothing"
        problem = "holds no vector data" if not found else "holds several data sets"
        findings.error(source.name, f"{problem} (inside: {inside})", f"pack one {_KNOWN}, or name the layer")
        return None
    return f"/vsizip/{source.path.resolve()}/{found[0]}"


def _load(target: str, source: Source, findings: Findings) -> Any:  # noqa: ANN401 - a frame with or without geometry
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            if target.lower().endswith(_PARQUET):
                frame: Any = gpd.read_parquet(target)
            elif target.lower().endswith(".shp"):
                frame = _load_shapefile(target, source, findings)
            else:
                layer = _choose_layer(target, source, findings)
                frame = None if layer is None else _load_layer(target, layer, source, findings)
        except (DataSourceError, DataLayerError, ValueError, OSError, KeyError) as error:
            findings.error(
                source.name,
                f"cannot be read ({_short(error).replace(target, source.path.name)})",
                f"give a {_KNOWN}; export it again",
            )
            return None
    for message in dict.fromkeys(_short(w.message) for w in caught if issubclass(w.category, RuntimeWarning)):
        findings.warning(source.name, f"the reader says: {message}", "check the file")
    return frame


def _short(message: object) -> str:
    text = " ".join(str(message).split())
    return text if len(text) <= 200 else f"{text[:200]}..."


def _choose_layer(target: str, source: Source, findings: Findings) -> str | None:
    layers = pyogrio.list_layers(target)
    names = [str(name) for name in layers[:, 0]]
    spatial = [str(name) for name, kind in layers if kind is not None]
    if source.layer is not None:
        if source.layer in names:
            return source.layer
        if len(names) == 1 and target.lower().endswith((".geojson", ".json")):
            return names[0]  # a GeoJSON file has one layer, whatever it is called
        findings.error(source.name, f"has no layer {source.layer!r}", f"the file holds: {', '.join(names) or 'none'}")
        return None
    if len(spatial) == 1:
        return spatial[0]
    if not names:
        findings.error(source.name, "the file holds no layer", "export it again")
    elif not spatial:
        return names[0]
    else:
        findings.error(source.name, "the file holds several layers", f"name one of: {', '.join(spatial)}")
    return None


def _load_layer(target: str, layer: str, source: Source, findings: Findings) -> Any:  # noqa: ANN401
    handle: Any = target
    chosen: str | int = layer
    if target.lower().endswith((".geojson", ".json")) and not target.startswith("/vsizip/"):
        raw = Path(target).read_bytes()
        try:
            raw.decode("utf-8")
        except UnicodeDecodeError:
            findings.note(source.name, "is not in UTF-8 as GeoJSON must be; it was read as GBK")
            handle, chosen = raw.decode("gb18030", errors="replace").encode(), 0
    return _mend_columns(pyogrio.read_dataframe(handle, layer=chosen, on_invalid="ignore"), source, findings)


def _mend_columns(frame: Any, source: Source, findings: Findings) -> Any:  # noqa: ANN401
    """Return the frame with texts and column names unscrambled that were once decoded as Latin-1 by mistake."""
    texts = [name for name in frame.columns if name != "geometry" and pd.api.types.is_string_dtype(frame[name])]
    better = {name: repair(frame[name]) for name in texts}
    changed = [name for name in texts if not better[name].equals(frame[name])]
    titles = {name: unscramble(str(name)) for name in frame.columns if unscramble(str(name)) != name}
    if not changed and not titles:
        return frame
    findings.note(source.name, f"scrambled Chinese text was repaired in {', '.join([*changed, *titles])}")
    return frame.assign(**{name: better[name] for name in changed}).rename(columns=titles)


def _load_shapefile(target: str, source: Source, findings: Findings) -> Any:  # noqa: ANN401
    """Read a Shapefile byte by byte as Latin-1, then decode it by what its texts are in: declared encodings lie."""
    frame = pyogrio.read_dataframe(target, encoding="ISO-8859-1", on_invalid="ignore")
    declared = _declared_codec(target)
    codec, frame = decode_frame(frame, declared)
    if declared is not None and codec not in (declared, "latin-1"):
        findings.note(source.name, f"says its text is in {declared}, but it is in {codec} and was read so")
    elif declared is None and codec == "gb18030":
        findings.note(source.name, "does not say its encoding; its text was read as GBK")
    return _mend_columns(frame, source, findings)


def _declared_codec(target: str) -> str | None:
    stem = target[: -len(".shp")]
    if target.startswith("/vsizip/"):
        archive, _, member = target.removeprefix("/vsizip/").rpartition(".zip/")
        wanted = member[: -len(".shp")].lower() + ".cpg"
        with zipfile.ZipFile(f"{archive}.zip") as packed:
            found = [name for name in packed.namelist() if name.lower() == wanted]
            text = packed.read(found[0]).decode("latin-1") if found else ""
    else:
        beside = [path for path in (Path(f"{stem}.cpg"), Path(f"{stem}.CPG")) if path.exists()]
        text = beside[0].read_text(encoding="latin-1") if beside else ""
    return codec_of(text) if text.strip() else None


def _check_crs(frame: gpd.GeoDataFrame, source: Source, findings: Findings, coordinates: Coordinates) -> bool:
    """Say so when a layer has no CRS, or its coordinates cannot be what the CRS says."""
    west, south, east, north = (float(value) for value in frame.total_bounds)
    extent = f"x {west:.6g} to {east:.6g}, y {south:.6g} to {north:.6g}"
    degrees = west >= -180.0 and east <= 180.0 and south >= -90.0 and north <= 90.0
    if frame.crs is None:
        if coordinates != "wgs84" and degrees:
            return True
        fit = None if degrees else fitting_crs((west + east) / 2.0, (south + north) / 2.0)
        guess = "EPSG:4326" if degrees else f"EPSG:{fit.to_epsg()}" if fit else "EPSG:4549 or whichever belt it is in"
        findings.error(
            source.name,
            f"has no coordinate reference system (CRS); its extent is {extent}",
            f"assign the CRS it was drawn in, probably {guess} (a Shapefile needs its .prj)",
        )
        return False
    crs = pyproj.CRS.from_user_input(frame.crs)
    if crs.is_geographic and not (west >= -360.0 and east <= 360.0 and south >= -90.0 and north <= 90.0):
        fit = fitting_crs((west + east) / 2.0, (south + north) / 2.0)
        findings.error(
            source.name,
            f"says its coordinates are degrees ({crs.name}), but they look like metres: {extent}",
            f"assign the projected CRS it was drawn in{f', probably EPSG:{fit.to_epsg()}' if fit else ''}",
        )
        return False
    if crs.is_projected and degrees:
        findings.error(
            source.name,
            f"says its coordinates are metres ({crs.name}), but they are degrees: {extent}",
            "assign EPSG:4326 or EPSG:4490 (degrees) to the file, then reproject if you like",
        )
        return False
    if not crs.is_projected and not crs.is_geographic:
        findings.error(source.name, f"has a local CRS that lies nowhere on Earth ({crs.name})", "georeference it")
        return False
    return True
