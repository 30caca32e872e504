"""Every benchmark of this folder, or those named, each in a process of its own: `python -m benchmarks [name…]`.

Each prints what it measures; at the end stands a line for each with its seconds and the memory of its largest process.
"""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import time
from pathlib import Path

FOLDER = Path(__file__).parent


def run(benchmark: Path) -> tuple[float, float, int]:
    """Seconds, peak megabytes and exit status of a benchmark."""
    start = time.perf_counter()
    process = subprocess.Popen([sys.executable, benchmark], cwd=FOLDER.parent)
    _, status, usage = os.wait4(process.pid, 0)
    peak = usage.ru_maxrss / (1024 if sys.platform == "linux" else 1024**2)
    return time.perf_counter() - start, peak, os.waitstatus_to_exitcode(status)


def main() -> None:
    known = {path.stem: path for path in sorted(FOLDER.glob("[!_]*.py"))}
    chosen = sys.argv[1:] or list(known)
    if unknown := set(chosen) - set(known):
        sys.exit(f"no benchmark {', '.join(sorted(unknown))}; there is: {', '.join(known)}")
    print(f"{platform.platform()}, Python {platform.python_version()}, {os.cpu_count()} cores", flush=True)
    summary, failed = [], []
    for name in chosen:
        print(f"\n== {name}", flush=True)
        seconds, peak, status = run(known[name])
        summary.append(f"{name:<14}{seconds:9.1f} s{peak:9,.0f} MB{'' if status == 0 else f'   failed: {status}'}")
        failed += [name] if status else []
    print("\nbenchmark        whole run    largest process", *summary, sep="\n")
    sys.exit(bool(failed))


if __name__ == "__main__":
    main()
