"""A census store made of synthetic returns."""

from __future__ import annotations

import csv
import hashlib
import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from rereferrals import atomic, reference
from rereferrals.census import schema
from rereferrals.census.linkage import families, write_persons
from rereferrals.census.synthetic.families import Family, Targets, simulate
from rereferrals.census.synthetic.returns import make_return
from rereferrals.census.synthetic.targets import parameters, targets
from rereferrals.errors import BadInput
from rereferrals.restricted import StoredReturn, write_manifest

Progress = Callable[[str, int, int], None]
Job = tuple[Callable[..., Any], tuple[Any, ...]]
ROW_GROUP = 250_000
WORTH_A_PROCESS = 100_000


def synthesise(
    out: Path,
    years: range,
    scale: float = 1.0,
    seed: int = 1,
    authorities: Sequence[str] | None = None,
    progress: Progress | None = None,
    processes: int | None = None,
) -> None:
    """Write a census store at `out` with synthetic returns of `years`.

    `scale` is the share of the published counts that authorities are given; `authorities` are the codes to write (all
    that made returns, if none). An authority's returns are the same whichever others are asked for, and whatever the
    number of `processes`. Of the first year, re-referrals do not show: the return of the year before is not
    written. `progress` is called with a stage, the steps done and the steps in all.
    Raises BadInput for years, a scale or authorities that cannot be simulated.
    """
    if not years or years.step != 1:
        raise BadInput("name the years as FIRST:LAST, the first not after the last")
    if not 0 < scale <= 1:
        raise BadInput(f"scale {scale:g} is not above 0 and at most 1")
    run_in = parameters()["history"]["run_in_years"]
    simulated = range(years.start - run_in, years.stop)
    all_targets = targets(simulated, scale)
    wanted = _wanted(all_targets, years, authorities)
    tell = progress or (lambda stage, done, of: None)
    with atomic.fresh_folder(out) as folder, _workers(all_targets, wanted, processes) as workers:
        scratch = folder / "scratch"
        groups = _families(wanted)
        jobs: list[Job] = [
            (_simulate, (codes, simulated, _targets_of(codes, all_targets), seed, scratch / name))
            for name, codes in groups.items()
        ]
        _run(workers, jobs, lambda done: tell("simulating authorities", done, len(jobs)))
        homes = {code: scratch / name for name, codes in groups.items() for code in codes}
        jobs = [(_write_year, (folder, year, [(c, homes[c]) for c in wanted[year]])) for year in years]
        written = _run(workers, jobs, lambda done: tell("writing returns", done, len(jobs)))
        shutil.rmtree(scratch)
        returns = sorted(stored for of_year in written for stored in of_year)
        _write_read_report(folder, returns)
        tell("linking children", 0, 1)
        write_persons(folder, years)
        write_manifest(folder, returns)
        tell("linking children", 1, 1)


def _wanted(all_targets: Targets, years: range, authorities: Sequence[str] | None) -> dict[int, list[str]]:
    """The authorities that make a return, by year."""
    known = {code for code, _ in all_targets}
    unknown = sorted(set(authorities or ()) - {a.old_la_code for a in reference.authorities()})
    if unknown:
        raise BadInput(f"there is no authority {', '.join(unknown)}: see old_la_code in local_authorities.csv")
    asked = known if authorities is None else set(authorities)
    wanted = {
        year: sorted(c for c, y in all_targets if y == year and c in asked and all_targets[c, y].returned)
        for year in years
    }
    empty = [str(year) for year, codes in wanted.items() if not codes]
    if empty:
        raise BadInput(f"none of the authorities asked for made a return for {', '.join(empty)}")
    return wanted


def _families(wanted: dict[int, list[str]]) -> dict[str, list[str]]:
    """Every family that a wanted authority belongs to, with all its authorities, the largest families first."""
    tied = families()
    needed = {tied.get(code, code) for codes in wanted.values() for code in codes}
    members: dict[str, list[str]] = {name: [name] for name in sorted(needed)}
    for code, name in tied.items():
        if name in members and code != name:
            members[name].append(code)
    return members


def _targets_of(codes: Sequence[str], all_targets: Targets) -> Targets:
    return {key: target for key, target in all_targets.items() if key[0] in codes}


def _simulate(codes: Sequence[str], years: range, targets: Targets, seed: int, folder: Path) -> None:
    folder.mkdir(parents=True)
    simulate(codes, years, targets, seed).save(folder)


def _write_year(folder: Path, year: int, sources: Sequence[tuple[str, Path]]) -> list[StoredReturn]:
    """Write a year's file of every table, authority by authority."""
    (folder / str(year)).mkdir()
    stored = []
    with _writers(folder / str(year)) as writers:
        for lea, source in sources:
            tables = make_return(Family.load(source), lea, year)
            for name, table in tables.items():
                writers[name].add(table)
            children, groups = len(tables["children"]), len(tables["referrals"])
            stored.append(StoredReturn(year, lea, "synthetic", _digest(tables.values()), children, groups))
    return stored


class _Writer:
    """A parquet file that grows by row groups of even size."""

    def __init__(self, path: Path, table: schema.Table) -> None:
        self.waiting: list[pa.Table] = []
        self.path, self.table = path, table
        self.file: pq.ParquetWriter | None = None

    def add(self, table: pa.Table) -> None:
        self.waiting.append(table)
        if sum(map(len, self.waiting)) >= ROW_GROUP:
            self.flush()

    def flush(self) -> None:
        rows = pa.concat_tables(self.waiting)
        if self.file is None:
            repeating = [name for name in self.table.column_names if name != "la_child_id" and name != "upn"]
            self.file = pq.ParquetWriter(self.path, rows.schema, compression="zstd", use_dictionary=repeating)
        self.file.write_table(rows.combine_chunks(), row_group_size=2 * ROW_GROUP)
        self.waiting = [rows.slice(0, 0)]

    def close(self) -> None:
        if self.file is None or any(map(len, self.waiting)):
            self.flush()
        if self.file is not None:
            self.file.close()


@contextmanager
def _writers(folder: Path) -> Iterator[dict[str, _Writer]]:
    writers = {table.name: _Writer(folder / f"{table.name}.parquet", table) for table in schema.TABLES}
    yield writers
    for writer in writers.values():
        writer.close()


def _digest(tables: Iterable[pa.Table]) -> str:
    """A hash of a return's content, to tell it from others as the hash of a file would."""
    content = hashlib.sha256()
    for table in tables:
        for column in table.columns:
            for chunk in column.chunks:
                for buffer in filter(None, chunk.buffers()):
                    content.update(buffer)
    return content.hexdigest()


def _write_read_report(folder: Path, returns: Sequence[StoredReturn]) -> None:
    """What was read of each return: all groups, since none was unreadable."""
    with open(folder / "read_report.csv", "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["collection_year", "lea", "groups_in", "groups_stored", "groups_rejected", "reason"])
        writer.writerows([r.collection_year, r.lea, r.groups, r.groups, 0, ""] for r in returns)


@contextmanager
def _workers(all_targets: Targets, wanted: dict[int, list[str]], processes: int | None) -> Iterator[Executor | None]:
    """Processes to share the work, or None where it is too little to be worth starting them."""
    asked = {code for codes in wanted.values() for code in codes}
    children = sum(t.single + t.linked + t.repeating for (code, _), t in all_targets.items() if code in asked)
    count = processes or min(os.cpu_count() or 1, 1 + children // WORTH_A_PROCESS)
    if count == 1:
        yield None
        return
    with ProcessPoolExecutor(count, mp_context=get_context("spawn")) as pool:
        yield pool


def _run(workers: Executor | None, jobs: Sequence[Job], done: Callable[[int], None]) -> list[Any]:
    """The results of all jobs, in their order."""
    if workers is None:
        results = []
        for function, arguments in jobs:
            results.append(function(*arguments))
            done(len(results))
        return results
    futures = [workers.submit(function, *arguments) for function, arguments in jobs]
    for count, _ in enumerate(as_completed(futures), start=1):
        done(count)
    return [future.result() for future in futures]
