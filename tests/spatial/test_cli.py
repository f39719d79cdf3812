"""The command line as a person meets it."""

import json
import subprocess
import sys
from pathlib import Path

from spatial.study import study_schema

NEARZERO = [sys.executable, "-m", "spatial.cli"]


def call(*arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*NEARZERO, *arguments], check=False, capture_output=True, text=True, cwd=cwd)


def test_help_names_the_commands() -> None:
    done = call("--help")
    assert done.returncode == 0
    for command in ("run", "check", "new", "doctor", "schema"):
        assert command in done.stdout


def test_help_does_not_load_the_libraries() -> None:
    probe = (
        "import sys, spatial.cli; print([n for n in ('pandas', 'pvlib', 'folium', 'geopandas') if n in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", probe], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "[]"


def test_new_copies_a_study_that_checks_out(tmp_path: Path) -> None:
    assert call("new", str(tmp_path / "mine")).returncode == 0
    assert json.loads((tmp_path / "mine" / "study.schema.json").read_text()) == json.loads(json.dumps(study_schema()))
    done = call("check", str(tmp_path / "mine"), "--json")
    assert done.returncode == 0, done.stdout
    assert json.loads(done.stdout)["ok"] is True
    again = call("new", str(tmp_path / "mine"))
    assert again.returncode == 2
    assert "already" in again.stderr


def test_doctor_tells_versions_and_drivers() -> None:
    done = call("doctor", "--json")
    content = json.loads(done.stdout)
    assert done.returncode == (0 if content["ok"] else 1)
    assert content["drivers"]["GPKG"] is True


def test_check_writes_nothing(small_study: Path) -> None:
    before = sorted(path.name for path in small_study.iterdir())
    assert call("check", str(small_study), cwd=small_study).returncode == 0
    assert sorted(path.name for path in small_study.iterdir()) == before


def test_new_in_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = call("new", str(tmp_path / "file" / "study"))
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_a_bug_of_ours_says_so(tmp_path: Path) -> None:
    probe = "import sys, spatial.cli as c; c.embedded_study = lambda: 1 / 0; sys.argv = ['nearzero', 'check']; c.main()"
    done = subprocess.run([sys.executable, "-c", probe], check=False, capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 1
    assert "fault of nearzero" in done.stderr
