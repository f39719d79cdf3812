"""A run: all stages, then the folder a person opens."""

import errno
import json
import os
import platform
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pyproj

from layers.errors import Fault, Findings, InputError
from spatial import report
from spatial.pipeline import STAGES, Outcome, Progress, Tables, run_stages
from spatial.report.manifest import sha256_of
from spatial.stages import run_meta
from spatial.store import Store, digest, publish, write_whole
from spatial.study import Study

MAP, LOG = "map.html", "run.log.json"
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
        With every fault of the inputs, or if the folder cannot take the results: it holds inputs, cannot be written
        to, or another run is at work in it. Nothing has been written then, unless the disk ran full on the way.
    """
    started = time.time()
    check_folder(study, out)
    with _writing(out), Store(out / STORE) as store:
        outcome = run_stages(study, store, STAGES, progress)
        store.hold()
        _publish(study, out, outcome, store)
        store.tidy(entry.folder for entry in outcome.entries.values())
        _log(out / LOG, outcome, started)
    return Run(out, tuple(outcome.ran), outcome.seconds, tuple(outcome.faults))


def check_folder(study: Study, out: Path) -> None:
    """Make sure that results in a folder can never replace what the study is made of.

    Raises
    ------
    InputError
        If the folder is a file, holds the study or an input, or cannot be written to.
    """
    findings, folder = Findings(), out.resolve()
    there = next(path for path in (folder, *folder.parents) if os.access(path, os.F_OK))
    sources = [study.source(name) for name in type(study.inputs).model_fields if name != "coordinates"]
    inside = [source.path for source in sources if source and _lies_in(source.path, folder)]
    remedy = "give a folder for the results alone"
    if not there.is_dir():
        findings.error(str(out), f"{there} is a file, not a folder", remedy)
    elif _lies_in(study.folder, folder):
        findings.error(str(out), "the folder for the results holds the study itself", remedy)
    elif inside:
        findings.error(str(out), f"the folder for the results holds the input {inside[0].name}", remedy)
    elif not os.access(there, os.W_OK | os.X_OK):
        findings.error(str(out), f"{there} cannot be written to", "give a folder you may write to")
    findings.raise_errors()


def _lies_in(path: Path, folder: Path) -> bool:
    """Return whether a path is a folder or lies in it, however either is spelt (links, upper and lower case)."""
    here = path.resolve()
    above = [place for place in (here, *here.parents) if os.access(place, os.F_OK)]
    return folder.is_dir() and any(place.samefile(folder) for place in above)


@contextmanager
def _writing(out: Path) -> Iterator[None]:
    """Tell a full disk, or a place among the results that is taken or protected, as a fault."""
    try:
        yield
    except OSError as error:
        full = error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EROFS}
        taken = isinstance(error, PermissionError | IsADirectoryError | NotADirectoryError | FileExistsError)
        places = [Path(str(name)) for name in (error.filename, error.filename2) if name is not None]
        if not full and not (taken and any(place.is_relative_to(out) for place in places)):
            raise
        problem = f"cannot be written: {error.strerror}"
        remedy = "make room there, or give another folder"
        raise InputError([Fault(str(places[-1] if places else out), problem, remedy)]) from error


@dataclass(frozen=True)
class _Record:
    """What a folder was last given: of which stages, and each file's digest. While files are put there, of none."""

    key: str = ""
    files: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, path: Path) -> "_Record":
        """Read a record; one that is missing or spoilt is an empty one."""
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            return cls(str(content["key"]), {str(name): str(sha) for name, sha in content["files"].items()})
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return cls()

    def write(self, path: Path) -> None:
        """Write the record, whole or not at all."""
        write_whole(path, json.dumps({"key": self.key, "files": dict(self.files)}, ensure_ascii=False))

    def holds(self, out: Path) -> bool:
        """Return whether every file is there as it was put there."""
        return all((out / name).is_file() and sha256_of(out / name) == sha for name, sha in self.files.items())


def _publish(study: Study, out: Path, outcome: Outcome, store: Store) -> None:
    """Put all files where people look for them, and the index and manifest beside them."""
    files = {
        path.relative_to(entry.files).as_posix(): path
        for entry in outcome.entries.values()
        for path in sorted(entry.files.rglob("*"))
        if path.is_file()
    }
    key = digest(*(entry.folder.name.encode() for entry in outcome.entries.values()))
    place = store.folder / PUBLISHED
    before = _Record.read(place)
    if before.key == key and before.holds(out):
        return
    # Should the run end here, the next one knows that the folder is of no run, and which files may be stale.
    _Record("", {**before.files, **dict.fromkeys(files, "")}).write(place)
    for name, path in sorted(files.items()):
        publish(path, out / name)
    tables = Tables({name: entry for entry in outcome.entries.values() for name in entry.digests})
    meta = run_meta(study, pyproj.CRS.from_user_input(tables["zone"].crs).to_string())
    written = [out / name for name in sorted(files)]
    told = tuple(outcome.faults)
    index = report.write_index(tables, meta, written, out, told)
    inputs = {name: sha256 for name, sha256, _ in meta.inputs}
    manifest = report.write_manifest(meta, out, inputs, [*written, index], told)
    made = {path.relative_to(out).as_posix(): sha256_of(path) for path in (*written, index, manifest)}
    for name in sorted(set(before.files) - set(made)):
        (out / name).unlink(missing_ok=True)
    _Record(key, made).write(place)


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
