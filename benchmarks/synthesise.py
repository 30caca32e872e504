"""The national synthetic census: `python benchmarks/synthesise.py [scale]`, 2012 to 2024, England by default.

Prints the seconds by which each stage is done, the rows and bytes written, the seconds in which what every release
starts from is made of it, and the memory of the largest process.
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from pathlib import Path

from rereferrals import counting
from rereferrals.census.synthetic import synthesise
from rereferrals.restricted import CensusStore

YEARS = range(2012, 2025)


def main() -> None:
    scale = float(sys.argv[1]) if len(sys.argv) > 1 else 1.0
    began = time.perf_counter()

    def tell(stage: str, done: int, of: int) -> None:
        if done == of:
            print(f"{stage:<24}{time.perf_counter() - began:8.1f} s", flush=True)

    with tempfile.TemporaryDirectory() as scratch:
        target = Path(scratch) / "store"
        synthesise(target, YEARS, scale, progress=tell)
        made = time.perf_counter()
        counting.prepare(target)
        print(f"{'numbering cases':<24}{time.perf_counter() - made:8.1f} s", flush=True)
        returns = CensusStore.open(target).returns
        size = sum(path.stat().st_size for path in target.resolve().rglob("*") if path.is_file())
    peaks = [resource.getrusage(who).ru_maxrss / 1024 for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    children, groups = sum(r.children for r in returns), sum(r.groups for r in returns)
    print(f"{len(returns):,} returns, {children:,} child records, {groups:,} referrals, {size / 1e6:,.0f} MB")
    print(f"largest process {max(peaks):,.0f} MB")


if __name__ == "__main__":
    main()
