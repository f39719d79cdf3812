"""The stage store: each stage's tables and files in a folder named by what they were made from.

A stage is written into a temporary folder and renamed, so a killed run leaves whole stages or none. What is read back
is always what was written, so a resumed run and a fresh one give the same bytes.
"""

import filecmp
import glob
import hashlib
import io
import json
import os
import platform
import re
import shutil
import sys
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from functools import cache
from importlib import metadata, resources
from pathlib import Path
from types import TracebackType
from typing import Any, Self, cast

import geopandas as gpd
import pandas as pd
import pyogrio
import pyproj
import rasterio
import shapely

from layers.errors import Fault, InputError

if sys.platform != "win32":
    import fcntl

PACKAGES = ("layers", "resources", "spatial")
SIDECARS = (
    ".prj", ".cpg", ".dbf", ".shx", ".aux.xml", ".tfw", ".tifw", ".wld", ".hdr", ".msk", ".ovr",
    ".gpkg-wal",
)  # fmt: skip
"""How the files end that say more about a Shapefile, raster or GeoPackage of the same name."""
LOCK = "lock"
KEPT_PER_STAGE = 4


def digest(*parts: bytes) -> str:
    """Return the SHA-256 of some bytes, in hexadecimal."""
    total = hashlib.sha256()
    for part in parts:
        total.update(hashlib.sha256(part).digest())
    return total.hexdigest()


def libraries() -> dict[str, str]:
    """Return the versions of Python, of every library the package asks for, and of the native ones behind them."""
    asked = [line for line in metadata.requires("nearzero") or [] if "extra ==" not in line]
    names = sorted(re.split(r"[^\w.-]", line, maxsplit=1)[0] for line in asked)
    return {
        "python": platform.python_version(),
        **{name: metadata.version(name) for name in names},
        "GDAL (pyogrio)": str(pyogrio.__gdal_version_string__),
        "GDAL (rasterio)": str(rasterio.__gdal_version__),
        "PROJ (pyproj)": pyproj.proj_version_str,
        "PROJ (rasterio)": str(rasterio.__proj_version__),
        "GEOS (shapely)": shapely.geos_version_string,
    }


@cache
def code_digest() -> str:
    """Return the digest of the package sources and of the libraries' versions: other code, other results."""
    parts = [f"{name}=={version}".encode() for name, version in libraries().items()]
    for package in PACKAGES:
        root = Path(str(resources.files(package)))
        for path in sorted(root.rglob("*")):
            inside = path.relative_to(root)
            if path.suffix in {".py", ".csv", ".js", ".css", ".html"} and inside.parts[0] != "meishan":
                parts += [f"{package}/{inside.as_posix()}".encode(), path.read_bytes()]
    return digest(*parts)


def file_digest(path: Path) -> str:
    """Return the digest of a file, of all files of a folder (FileGDB), or a mark that there is none.

    What lies beside a Shapefile or raster and belongs to it, such as its CRS, counts with it.
    """
    if path.is_dir():
        return digest(*(part.read_bytes() for part in sorted(path.rglob("*")) if part.is_file()))
    if not path.is_file():
        return "absent"
    beside = (part for part in path.parent.glob(f"{glob.escape(path.stem)}.*") if part.is_file() and part != path)
    parts = [part for part in sorted(beside) if part.name.lower().endswith(SIDECARS)]
    named = (part.name.removeprefix(path.stem).encode() for part in parts)
    return digest(path.read_bytes(), *named, *(part.read_bytes() for part in parts))


@dataclass(frozen=True)
class Packed:
    """A table as Parquet, with its index and CRS."""

    content: bytes
    geographic: bool

    @classmethod
    def of(cls, frame: pd.DataFrame) -> "Packed":
        """Pack a table."""
        buffer = io.BytesIO()
        frame.to_parquet(buffer, compression="zstd")
        return cls(buffer.getvalue(), isinstance(frame, gpd.GeoDataFrame))

    @property
    def digest(self) -> str:
        """Digest of the content."""
        return digest(self.content)

    @property
    def suffix(self) -> str:
        """How the file's name ends."""
        return ".geo.parquet" if self.geographic else ".parquet"

    def unpack(self) -> pd.DataFrame:
        """Return the table."""
        buffer = io.BytesIO(self.content)
        return gpd.read_parquet(cast("Any", buffer)) if self.geographic else pd.read_parquet(buffer)


@dataclass(frozen=True)
class Entry:
    """One stage in the store."""

    folder: Path
    digests: dict[str, str]
    faults: tuple[Fault, ...]

    def table(self, name: str) -> pd.DataFrame:
        """Return one table of the stage."""
        geo = self.folder / f"{name}.geo.parquet"
        return gpd.read_parquet(geo) if geo.exists() else pd.read_parquet(self.folder / f"{name}.parquet")

    @property
    def files(self) -> Path:
        """Folder of the files the stage made."""
        return self.folder / "files"


class Store:
    """Stages by name and key, in one folder, which one run at a time may write to.

    As a context it is held from the start if it is there, else from the first stage that is begun, until the end.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._lock: int | None = None

    def __enter__(self) -> Self:
        if self.folder.is_dir():
            self.hold()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def hold(self) -> None:
        """Make the folder and keep other runs out of it; the system lets go of it when a run is killed.

        Raises
        ------
        InputError
            If another run is at work in the folder, or the folder cannot be written to.
        """
        if self._lock is not None:
            return
        out = str(self.folder.parent)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            lock = os.open(self.folder / LOCK, os.O_CREAT | os.O_RDWR, 0o644)
        except OSError as error:
            problem = f"cannot be written to: {error.strerror}"
            raise InputError([Fault(out, problem, "give a folder you may write to")]) from error
        if sys.platform != "win32":
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                # A network disk may know no locks; there, as on Windows, people must see to it themselves.
                if isinstance(error, BlockingIOError):
                    os.close(lock)
                    remedy = "wait until it has ended, or give another folder"
                    raise InputError([Fault(out, "another run is at work in this folder", remedy)]) from None
        self._lock = lock

    def find(self, stage: str, key: str) -> Entry | None:
        """Return a stage if it has been made from just this."""
        folder = self.folder / f"{stage}-{key[:20]}"
        index = folder / "stage.json"
        if not index.is_file():
            return None
        content = json.loads(index.read_text(encoding="utf-8"))
        return Entry(folder, content["digests"], tuple(Fault(**fault) for fault in content["faults"]))

    def begin(self, stage: str) -> Path:
        """Return a temporary folder for a stage to write its files to."""
        self.hold()
        folder = Path(tempfile.mkdtemp(prefix=f".{stage}-", dir=self.folder))
        (folder / "files").mkdir()
        return folder

    def finish(
        self, stage: str, key: str, folder: Path, tables: Mapping[str, Packed], faults: Iterable[Fault]
    ) -> Entry:
        """Write a stage's tables and index, and give its folder its name."""
        for name, packed in sorted(tables.items()):
            (folder / f"{name}{packed.suffix}").write_bytes(packed.content)
        digests = {name: packed.digest for name, packed in sorted(tables.items())}
        index = {"digests": digests, "faults": [asdict(fault) for fault in faults]}
        (folder / "stage.json").write_text(json.dumps(index, ensure_ascii=False, indent=1), encoding="utf-8")
        final = self.folder / f"{stage}-{key[:20]}"
        if final.exists():
            shutil.rmtree(final)
        folder.replace(final)
        return Entry(final, digests, tuple(faults))

    def tidy(self, used: Iterable[Path]) -> None:
        """Remove what killed runs left and, per stage, all but the newest few entries; what is in use stays."""
        keep = set(used)
        by_stage: dict[str, list[Path]] = {}
        for folder in sorted(self.folder.iterdir()) if self.folder.is_dir() else []:
            if not folder.is_dir():
                continue
            if folder.name.startswith("."):
                shutil.rmtree(folder)
            elif folder not in keep:
                by_stage.setdefault(folder.name.rsplit("-", 1)[0], []).append(folder)
        for folders in by_stage.values():
            for folder in sorted(folders, key=lambda path: path.stat().st_mtime)[: -KEPT_PER_STAGE + 1]:
                shutil.rmtree(folder)


def publish(source: Path, target: Path) -> None:
    """Copy a file to where people find it, whole or not at all, and only if it differs."""
    temporary = target.with_name(f".{target.name}.part")
    # A killed run may have left it.
    temporary.unlink(missing_ok=True)
    if target.is_file() and filecmp.cmp(source, target, shallow=False):
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, temporary)
    temporary.replace(target)


def write_whole(path: Path, text: str) -> None:
    """Write a text file, whole or not at all."""
    temporary = path.with_name(f".{path.name}.part")
    temporary.write_text(text, encoding="utf-8")
    temporary.replace(path)
