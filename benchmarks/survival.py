"""Survival of national size: `python benchmarks/survival.py [closed cases in millions] [--lifelines]`.

On made-up cases. Prints the seconds of all curves with their intervals and bands, of the adjusted model, and of its
robust errors, and the memory of the process. With `--lifelines`, the same model by lifelines, in a process of its own:
a row for each case and a column for each coefficient. It takes minutes.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from multiprocessing import get_context
from pathlib import Path
from typing import Any, TypeVar

import ibis
import numpy as np
import pyarrow.parquet as pq

from rereferrals.release import PROJECT, Release

sys.path.insert(0, str(PROJECT / "tests"))
import made_up_closures
from rereferrals.engine import connect
from rereferrals.statistics import hazards
from rereferrals.statistics.estimates import ALL_TIME, DESIGN, Followed

YEAR, SEED = 2024, 23
Answer = TypeVar("Answer")


def timed(label: str, work: Callable[[], Answer]) -> tuple[float, Answer]:
    start = time.perf_counter()
    answer = work()
    seconds = time.perf_counter() - start
    print(f"{label:<52}{seconds:8.2f} s", flush=True)
    return seconds, answer


def make(path: Path, number: int) -> None:
    """Write closed cases to a file."""
    pq.write_table(made_up_closures.arrow(made_up_closures.closures(number, SEED, YEAR, years=6)), path)


def closures(path: Path) -> Followed:
    """The closed cases of a file."""
    connection = connect()
    ibis.set_backend(connection)
    return Followed(connection.read_parquet(str(path)), Release.load(YEAR))


def curves(followed: Followed) -> int:
    """How many curves there are, each with all that is published of it."""
    found = followed.curves.values()
    return len([(curve.limits, curve.band, curve.incidences, curve.mean_days) for curve in found])


def ours(path: Path) -> dict[str, Any]:
    """Seconds and memory of our own, and the coefficients."""
    followed = closures(path)
    counting, cells = timed("counts by pattern and day", lambda: followed.cells)
    timed("closed cases of a sample of children", lambda: followed.sample)
    timed("all curves, with intervals and bands", lambda: curves(followed))
    fitting, fitted = timed("adjusted model", lambda: hazards.fit(cells, ALL_TIME))
    timed("its robust errors", lambda: hazards.robust_errors(fitted, followed.sample.latest, followed.every))
    cases = int(cells.leaving.sum())
    print(f"{cases:,} cases, {len(cells.levels):,} patterns, {len(cells.day):,} cells, {len(fitted.free)} coefficients")
    print(f"adjusted model with its counts {counting + fitting:.2f} s, peak {memory():,.0f} MB")
    return {"seconds": counting + fitting, "coefficients": fitted.coefficients.tolist(), "free": fitted.free.tolist()}


def lifelines(path: Path) -> dict[str, Any]:
    """Seconds of the same model by lifelines, and its coefficients."""
    from lifelines import CoxPHFitter

    followed = closures(path)
    cases = followed.latest.select(*DESIGN.columns, "days", "rereferred").execute()
    free = np.setdiff1d(np.arange(DESIGN.starts[-1]), DESIGN.reference_places)
    rows = cases[["days", "rereferred"]].astype("float64")
    for start, size, column in zip(DESIGN.starts, DESIGN.sizes, DESIGN.columns, strict=False):
        for place in range(size):
            if start + place in free and (cases[column] == place).any():
                rows[str(start + place)] = (cases[column] == place).astype("float64")
    del cases
    seconds, fitted = timed("lifelines' CoxPHFitter", lambda: CoxPHFitter().fit(rows, "days", "rereferred"))
    print(f"peak {memory():,.0f} MB")
    return {"seconds": seconds, "coefficients": fitted.params_.tolist(), "free": [int(n) for n in fitted.params_.index]}


def memory() -> float:
    """The largest memory of this process so far, in megabytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def compare(path: Path) -> dict[str, Any]:
    """What lifelines gives in a process of its own, so that neither has the other's memory."""
    done = path.with_suffix(".json")
    subprocess.run([sys.executable, __file__, "--lifelines", "--closures", path, "--answer", done], check=True)
    return dict(json.loads(done.read_text(encoding="utf-8")))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("millions", nargs="?", type=float, default=3.4)
    parser.add_argument("--lifelines", action="store_true")
    parser.add_argument("--closures", type=Path)
    parser.add_argument("--answer", type=Path)
    given = parser.parse_args()
    if given.answer:
        given.answer.write_text(json.dumps(lifelines(given.closures)), encoding="utf-8")
        return
    with tempfile.TemporaryDirectory() as scratch:
        path = given.closures or Path(scratch) / "closures.parquet"
        if not path.exists():  # in a process of its own, whose memory is not ours
            maker = get_context("spawn").Process(target=make, args=(path, int(given.millions * 1e6)))
            maker.start()
            maker.join()
        made = ours(path)
        if given.lifelines:
            theirs = compare(path)
            apart = np.abs(np.subtract(made["coefficients"], theirs["coefficients"])).max()
            same = made["free"] == theirs["free"]
            print(f"lifelines takes {theirs['seconds'] / made['seconds']:.0f} times as long; ", end="")
            print(f"coefficients differ by at most {apart:.1e}" if same else "it has other coefficients")


if __name__ == "__main__":
    main()
