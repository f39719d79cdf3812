"""What went in and what came out, with hashes, and nothing that changes from run to run."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from layers.errors import Fault
from spatial.report.meta import RunMeta


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _plain(value: object) -> Any:  # noqa: ANN401 - JSON is untyped
    if isinstance(value, Mapping):
        return {str(key): _plain(part) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(part) for part in value]
    return value


def write_manifest(
    meta: RunMeta, folder: Path, inputs: Mapping[str, str], outputs: Iterable[Path], faults: Sequence[Fault] = ()
) -> Path:
    """Write ``manifest.json``.

    Parameters
    ----------
    meta
        Facts about the run.
    folder
        Folder of the outputs; the paths of outputs are told relative to it.
    inputs
        Name of each input file to its SHA-256.
    outputs
        Files written, inside `folder`.
    faults
        Warnings and notes of the run.

    Returns
    -------
    pathlib.Path
        The file, with sorted keys and without times.
    """
    listed = [
        {"path": path.relative_to(folder).as_posix(), "sha256": sha256_of(path), "bytes": path.stat().st_size}
        for path in sorted(outputs)
    ]
    facts = _plain(asdict(meta))
    facts["inputs"] = [{"name": name, "sha256": sha256, "kind": kind} for name, sha256, kind in sorted(meta.inputs)]
    told = [{"level": fault.level, "message": str(fault)} for fault in faults]
    content = {"study": facts, "input_sha256": dict(inputs), "outputs": listed, "told": told}
    path = folder / "manifest.json"
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    return path
