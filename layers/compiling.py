"""How compiled functions are compiled, and when what was compiled before is forgotten."""

import hashlib
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar, cast

import numba

Function = TypeVar("Function", bound=Callable[..., Any])

PACKAGES = ("layers", "resources", "spatial")
NOTE = "compiled.digest"
IMPORT = re.compile(
    rb"^[ \t]*(?:from[ \t]+([\w.]+)[ \t]+import\b[ \t]*(\((?:[^)#]|#[^\n]*)*|[^\n#]*)|import\b([^\n#]*))", re.MULTILINE
)
"""A module and what is taken from it, or modules."""

# no divisor may be nought, and multiply-adds may be fused; infinite and missing values keep their meaning
compiled = cast(
    "Callable[[Function], Function]",
    numba.njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract", "arcp", "nsz"}),
)
"""Decorator: compile a function on its first call and store it beside its file."""


def built_in(root: Path) -> dict[str, bytes]:
    """Return the sources that compiled code is made of.

    A compiled function has built in what it calls, the order of the fields of named tuples and the values of constants,
    whatever file they come from. So these are the files that compile, and all of the packages that these import,
    directly or through others.

    Parameters
    ----------
    root
        Folder of the packages.

    Returns
    -------
    dict
        Content of each file by its path below the root, in order.
    """
    every = {
        path.relative_to(root).as_posix(): path.read_bytes()
        for package in PACKAGES
        for path in (root / package).rglob("*.py")
    }
    left = [name for name, content in every.items() if b"compiled" in content]
    found = set(left)
    while left:
        more = {name for name in _imported(every[left.pop()]) if name in every} - found
        found |= more
        left += more
    return {name: every[name] for name in sorted(found)}


def _imported(content: bytes) -> Iterator[str]:
    """Return the files that a source may import from the packages; what is no module is no file either."""
    for origin, taken, modules in IMPORT.findall(content):
        names = re.findall(rb"[\w.]+", modules)
        if origin:
            names = [origin, *(origin + b"." + name for name in re.findall(rb"\w+", taken))]
        for name in names:
            path = name.decode().replace(".", "/")
            if path.startswith(PACKAGES):
                yield from (f"{path}.py", f"{path}/__init__.py")


def forget_stale(root: Path) -> bool:
    """Delete compiled code if any source it is made of has changed; return whether it was deleted.

    What is stored of a compiled function is looked up by its own file alone: were a function, a named tuple or a
    constant of another file changed, the old one would live on inside its callers. Where nothing can be written nothing
    is done: an installed package is replaced as a whole.

    Parameters
    ----------
    root
        Folder of the packages.
    """
    total = hashlib.sha256()
    for name, content in built_in(root).items():
        total.update(name.encode() + b"\0" + hashlib.sha256(content).digest())
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
