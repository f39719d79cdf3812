"""Compiled code is forgotten with any compiled source that changes, as callers hold copies of what they call."""

from pathlib import Path

from layers.compiling import forget_stale


def test_stored_code_goes_with_any_compiled_source_that_changes(tmp_path: Path) -> None:
    for package in ("layers", "resources", "spatial"):
        (tmp_path / package / "__pycache__").mkdir(parents=True)
        (tmp_path / package / "plain.py").write_text("x = 1\n")
    callee = tmp_path / "layers" / "callee.py"
    callee.write_text("@compiled\ndef one(): return 1\n")
    stored = tmp_path / "spatial" / "__pycache__" / "caller.one-1.py311.nbi"

    def kept() -> bool:
        stored.write_bytes(b"compiled before")
        forget_stale(tmp_path)
        return stored.exists()

    assert not kept()  # nothing was noted yet
    assert kept()
    (tmp_path / "layers" / "plain.py").write_text("x = 2\n")
    assert kept()
    callee.write_text("@compiled\ndef one(): return 2\n")
    assert not kept()
    assert kept()


def test_a_folder_that_cannot_be_written_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "layers").write_text("no folder\n")
    assert not forget_stale(tmp_path)
