"""Linking at national scale: `python benchmarks/linkage.py [child records in millions]`, on made-up child records.

Prints the seconds and the peak memory. Each child is in about two returns, a tenth move or are renumbered.
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from pathlib import Path

import ibis
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from rereferrals import reference
from rereferrals.census import linkage, schema

YEARS = range(2012, 2025)


def write_children(folder: Path, records: int, seed: int = 1) -> None:
    """Write children.parquet of each year, `records` rows over all of them."""
    rng = np.random.default_rng(seed)
    codes = np.array(sorted({a.old_la_code for a in reference.authorities()}))
    size = records // len(YEARS)
    arrow = ibis.schema(schema.CHILDREN.types()).to_pyarrow()
    for year in YEARS:
        child = np.unique(rng.integers(0, records // 2, 2 * size))[:size]
        moved = rng.random(len(child)) < 0.1
        lea = codes[(child + moved * year) % len(codes)]
        la_child_id = np.char.add(np.where(moved, f"N{year}", "C"), child.astype(str))
        upn = np.char.mod("A%011d1", child)
        columns = {
            "lea": pa.array(lea),
            "collection_year": pa.array(np.full(len(child), year, np.int32)),
            "la_child_id": pa.array(la_child_id),
            "child_number": pa.array(np.ones(len(child), np.int32)),
            "upn": pa.array(upn, mask=child % 4 == 0),
            "person_birth_date": pa.array((child % 6000 + 10000).astype(np.int32)).cast(pa.date32()),
        }
        blank = {name: pa.nulls(len(child), type_) for name, type_ in zip(arrow.names, arrow.types, strict=True)}
        (folder / str(year)).mkdir()
        table = pa.table(blank | columns, schema=arrow)
        pq.write_table(table, folder / str(year) / "children.parquet", compression="zstd")


def main() -> None:
    records = int(float(sys.argv[1]) * 1e6) if len(sys.argv) > 1 else 8_000_000
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_children(folder, records)
        start = time.perf_counter()
        linkage.write_persons(folder, YEARS)
        seconds = time.perf_counter() - start
        persons = pq.read_table(folder / "persons.parquet")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    distinct = len(persons["person_id"].unique())
    print(f"{records:,} child records, {len(persons):,} children, {distinct:,} persons")
    print(f"{seconds:.1f} s, peak {peak:,.0f} MB (the making of the records included)")


if __name__ == "__main__":
    main()
