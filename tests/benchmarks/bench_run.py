"""The embedded study from nothing, and again with nothing changed."""

import subprocess
import sys
import tempfile

from measure import measure

with tempfile.TemporaryDirectory() as folder:
    command = [sys.executable, "-m", "spatial.cli", "run", "--out", f"{folder}/out"]
    for workload in ("run, cold", "run, nothing changed"):
        measure(workload, {"studies": 1}, lambda: subprocess.run(command, check=True, capture_output=True))
