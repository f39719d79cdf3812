"""Measuring workloads: a JSON line each with wall and CPU seconds and the most memory the process has taken so far."""

import json
import resource
import sys
import time
from collections.abc import Callable


def measure(workload: str, size: dict[str, float], action: Callable[[], object], per: str | None = None) -> None:
    """Run an action once and print what it took, also over one of its sizes if that is named."""
    wall, cpu = time.perf_counter(), time.process_time()
    action()
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = time.process_time() - cpu + children.ru_utime + children.ru_stime
    content = {
        "workload": workload,
        "size": size,
        "wall_s": round(time.perf_counter() - wall, 3),
        "cpu_s": round(spent, 3),
        "peak_mib": round(max(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, children.ru_maxrss) / 1024.0, 1),
    }
    if per is not None:
        content[f"cpu_s_per_{per}"] = round(spent / size[per], 3)
    sys.stdout.write(json.dumps(content) + "\n")
