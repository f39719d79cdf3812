"""How compiled functions are compiled, and when what was compiled before is forgotten."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

import numba

Function = TypeVar("Function", bound=Callable[..., Any])

PACKAGES = ("layers", "resources", "spatial")
NOTE = "compiled.digest"

# no divisor may be nought, and multiply-adds may be fused; infinite and missing values keep their meaning
compiled = cast(
    "Callable[[Function], Function]",
    numba.njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract", "arcp", "nsz"}),
)
"""Decorator: compile a function on its first call and store it beside its file."""


def forget_stale(root: Path) -> bool:
    """Delete compiled code if any compiled source has changed since it was stored; return whether it was deleted.

    What a compiled function calls is built into it, and what is stored of it is looked up by its own file alone: were a
    function in another file changed, the old one would live on inside its callers. Where nothing can be written
    nothing is done: an installed package is replaced as a whole.

    Parameters
    ----------
    root
        Folder of the packages.
    """
    total = hashlib.sha256()
    for package in PACKAGES:
        for path in sorted((root / package).rglob("*.py")):
            content = path.read_bytes()
            if b"compiled" in content:
                total.update(path.relative_to(root).as_posix().encode() + b"\0" + hashlib.sha256(content).digest())
    note = root / PACKAGES[0] / "__pycache__" / NOTE
    try:
        if note.is_file() and note.read_text(encoding="ascii") == total.hexdigest():
            return False
        for package in PACKAGES:
            for stored in (root / package).rglob("__pycache__/*.nb[ci]"):
                stored.unlink(missing_ok=True)
        note.parent.mkdir(exist_ok=True)
        note.write_text(total.hexdigest(), encoding="ascii")
    except OSError:
        return False
    return True


forget_stale(Path(__file__).parents[1])
