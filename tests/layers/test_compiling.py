"""Compiled code is forgotten with any source that it is made of: callers hold copies of what they call."""

from pathlib import Path

import pytest

from layers.compiling import built_in, forget_stale


def house(root: Path, sources: dict[str, str]) -> Path:
    """Make the three packages with some files; return where compiled code is stored."""
    for package in ("layers", "resources", "spatial"):
        (root / package / "__pycache__").mkdir(parents=True)
    for name, text in sources.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root / "spatial" / "__pycache__" / "caller.one-1.py311.nbi"


def kept(root: Path, stored: Path) -> bool:
    """Whether what was stored outlives the next start."""
    stored.write_bytes(b"compiled before")
    forget_stale(root)
    return stored.exists()


def test_stored_code_goes_with_any_compiled_source_that_changes(tmp_path: Path) -> None:
    callee = tmp_path / "layers" / "callee.py"
    stored = house(tmp_path, {"layers/callee.py": "@compiled\ndef one(): return 1\n", "layers/plain.py": "x = 1\n"})
    assert not kept(tmp_path, stored)  # nothing was noted yet
    assert kept(tmp_path, stored)
    (tmp_path / "layers" / "plain.py").write_text("x = 2\n")
    assert kept(tmp_path, stored)
    callee.write_text("@compiled\ndef one(): return 2\n")
    assert not kept(tmp_path, stored)
    assert kept(tmp_path, stored)


@pytest.mark.parametrize(
    ("line", "changed"),
    [
        ("from layers.room.kinds import Graph", "layers/room/kinds.py"),
        ("from layers.room import kinds", "layers/room/kinds.py"),
        ("from layers.room import kinds", "layers/room/__init__.py"),
        ("from layers.room import (\n    first,  # (one)\n    kinds as other,\n)", "layers/room/kinds.py"),
        ("import layers.room.kinds", "layers/room/kinds.py"),
        ("import math, layers.room.kinds as kinds", "layers/room/kinds.py"),
        ("if True:\n    from layers.room.kinds import Graph", "layers/room/kinds.py"),
        ("from resources.between import Graph", "layers/room/kinds.py"),
    ],
)
def test_stored_code_goes_with_what_a_compiled_source_imports(tmp_path: Path, line: str, changed: str) -> None:
    """Fields of named tuples are built in by their order, and constants by their value."""
    stored = house(
        tmp_path,
        {
            "layers/room/__init__.py": "first = 1\n",
            "layers/room/kinds.py": "class Graph(NamedTuple):\n    start: int\n    head: int\n",
            "layers/room/apart.py": "from spatial.caller import one\n",
            "resources/between.py": "from layers.room.kinds import Graph\n",
            "spatial/caller.py": f"{line}\n@compiled\ndef one(graph): return graph.head\n",
        },
    )
    assert not kept(tmp_path, stored)
    for name, noticed in ((changed, True), ("layers/room/apart.py", False)):
        path = tmp_path / name
        path.write_text(path.read_text() + "# another line\n")
        assert kept(tmp_path, stored) != noticed


def test_maps_and_reports_may_change_without_compiling_anew() -> None:
    made_of = built_in(Path(__file__).parents[2])
    fields_and_constants = {
        "spatial/networks/steiner/graph.py", "spatial/demand/building/zone.py", "layers/weather/light.py"
    }  # fmt: skip
    assert fields_and_constants <= set(made_of)
    folders = {"/".join(name.split("/")[:2]) for name in made_of}
    assert not folders & {"spatial/maps", "spatial/report", "spatial/review", "spatial/diagrams", "spatial/stages"}
    # who calls compiled functions is built into none of them
    assert "spatial/networks/design.py" not in made_of


def test_a_folder_that_cannot_be_written_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "layers").write_text("no folder\n")
    assert not forget_stale(tmp_path)
