"""A run: all stages, then the folder a person opens."""

import json
import os
import platform
import time
from dataclasses import dataclass
from pathlib import Path

import pyproj

from layers.errors import Fault
from spatial import report
from spatial.pipeline import STAGES, Outcome, Progress, Tables, run_stages
from spatial.stages import run_meta
from spatial.store import Store, digest, publish
from spatial.study import Study

MAP, INDEX, MANIFEST, LOG = "map.html", "index.html", "manifest.json", "run.log.json"
STORE = ".store"
PUBLISHED = "published.json"


@dataclass(frozen=True)
class Run:
    """A finished run.

    Attributes
    ----------
    out
        The folder with everything.
    ran
        Names of the stages that ran; the others were up to date.
    seconds
        Duration of each stage.
    faults
        Warnings and notes on the inputs.
    """

    out: Path
    ran: tuple[str, ...]
    seconds: dict[str, float]
    faults: tuple[Fault, ...]

    @property
    def map(self) -> Path:
        """The map."""
        return self.out / MAP


def run_study(study: Study, out: Path, progress: Progress | None = None) -> Run:
    """Run a study into a folder.

    The folder holds ``index.html``, ``map.html``, tables, layers, rasters, hourly series and ``manifest.json``; the
    hidden ``.store`` beside them lets a killed or changed run go on where it can.

    Raises
    ------
    InputError
        With every fault of the inputs; nothing has been written then.
    """
    started = time.time()
    store = Store(out / STORE)
    outcome = run_stages(study, store, STAGES, progress)
    out.mkdir(parents=True, exist_ok=True)
    _publish(study, out, outcome, store)
    store.tidy(entry.folder for entry in outcome.entries.values())
    _log(out / LOG, outcome, started)
    return Run(out, tuple(outcome.ran), outcome.seconds, tuple(outcome.faults))


def _publish(study: Study, out: Path, outcome: Outcome, store: Store) -> None:
    """Put all files where people look for them, and the index and manifest beside them."""
    files = {
        path.relative_to(entry.files).as_posix(): path
        for entry in outcome.entries.values()
        for path in sorted(entry.files.rglob("*"))
        if path.is_file()
    }
    key = digest(*(entry.folder.name.encode() for entry in outcome.entries.values()))
    if _is_published(out, store, key, files):
        return
    for name, path in sorted(files.items()):
        publish(path, out / name)
    tables = Tables({name: entry for entry in outcome.entries.values() for name in entry.digests})
    meta = run_meta(study, pyproj.CRS.from_user_input(tables["zone"].crs).to_string())
    written = [out / name for name in sorted(files)]
    index = report.write_index(tables, meta, written, out)
    report.write_manifest(meta, out, {name: sha256 for name, sha256, _ in meta.inputs}, [*written, index])
    _remove_stale(out, store, set(files))
    content = json.dumps({"key": key, "files": sorted(files)}, ensure_ascii=False)
    (store.folder / PUBLISHED).write_text(content, encoding="utf-8")


def _is_published(out: Path, store: Store, key: str, files: dict[str, Path]) -> bool:
    """Return whether the folder holds this very run, whole."""
    record = store.folder / PUBLISHED
    if not record.is_file() or json.loads(record.read_text(encoding="utf-8"))["key"] != key:
        return False
    wanted = {name: path.stat().st_size for name, path in files.items()}
    here = all((out / name).is_file() and (out / name).stat().st_size == size for name, size in wanted.items())
    return here and all((out / name).is_file() for name in (INDEX, MANIFEST))


def _remove_stale(out: Path, store: Store, files: set[str]) -> None:
    """Remove files that an earlier run published and this one does not have."""
    record = store.folder / PUBLISHED
    if record.is_file():
        for name in sorted(set(json.loads(record.read_text(encoding="utf-8"))["files"]) - files):
            (out / name).unlink(missing_ok=True)


def _log(path: Path, outcome: Outcome, started: float) -> None:
    content = {
        "started_unix_s": round(started, 3),
        "seconds": round(time.time() - started, 3),
        "stages": [
            {"name": name, "ran": name in outcome.ran, "seconds": round(seconds, 3)}
            for name, seconds in outcome.seconds.items()
        ],
        "python": platform.python_version(),
        "platform": platform.platform(),
        "cores": os.cpu_count(),
    }
    path.write_text(json.dumps(content, indent=1), encoding="utf-8")
