"""The chapters on places, from a published file of C1 alone: a whole build, and one of which nothing has changed."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

from rereferrals.release import PROJECT

sys.path.insert(0, str(PROJECT / "tests"))
import made_up_c1
from rereferrals.datasets.regional import CIN_C1
from rereferrals.places.published_c1 import COLUMNS

YEAR = 2024
ROUNDS = 3


def main() -> None:
    """Print the seconds of each build, the best of some rounds."""
    with tempfile.TemporaryDirectory() as scratch:
        c1, first, again = Path(scratch) / "c1.csv", [], []
        made_up_c1.published(CIN_C1, YEAR).frame[list(COLUMNS)].to_csv(c1, index=False)
        for number in range(ROUNDS):
            out = Path(scratch) / f"release-{number}"
            command = [Path(sys.executable).parent / "rereferrals", "build", "--year", str(YEAR), "--final"]
            command += ["--areas", f"published={c1}", "--out", out]
            for times in (first, again):
                start = time.perf_counter()
                subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                times.append(time.perf_counter() - start)
        print(f"chapters on places, from a published file         {min(first):6.2f} s")
        print(f"  with nothing changed                            {min(again):6.2f} s")


if __name__ == "__main__":
    main()
