"""Census returns into a census store: read, check that nothing is lost, and replace the store in one step."""

from __future__ import annotations

import os
import shutil
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import closing, contextmanager
from itertools import count
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from rereferrals import engine
from rereferrals.atomic import fresh_folder
from rereferrals.census import flat, merge, parts, read_report, sources
from rereferrals.census.header import header_row
from rereferrals.census.merge import Surveyed
from rereferrals.census.parts import PartRead, Read, Task, XmlReturn
from rereferrals.census.read_report import ReadReport, Status
from rereferrals.census.safety import Faults
from rereferrals.census.schema import CHILDREN, REFERRALS, TABLES
from rereferrals.errors import ReleaseError
from rereferrals.restricted import MANIFEST, PERSONS, CensusStore, StoredReturn, write_manifest

if TYPE_CHECKING:
    from rereferrals.engine import SqlConnection

SCRATCH = ".reading"
IN_ONE_PROCESS = 32 << 20
"""Bytes of XML up to which a second process costs more than it saves."""

Progress = Callable[[int, int], None]
Key = tuple[int, str]


def ingest(
    paths: Sequence[Path], into: Path, replace: bool = False, progress: Progress | None = None
) -> list[ReadReport]:
    """Read returns into the census store at `into`, which is made or extended in one step; a report on each return.

    `paths` are XML returns, zips of them, tables of the schema as CSV or parquet, or folders of any of these. The
    order of files and of children changes nothing. `progress` is told the bytes of XML read, and all there are.

    Raises BadInput, with every fault found, if a return cannot be used, or is not the one that the store has for its
    authority and year (unless `replace`); the store is then as it was.
    """
    with fresh_folder(into) as folder:
        old = CensusStore.open(into) if (into / MANIFEST).exists() else CensusStore(into, ())
        scratch = folder / SCRATCH
        for table in TABLES:
            (scratch / table.name).mkdir(parents=True)
        with closing(engine.connect_sql(scratch)) as sql:
            reads = _read_all([Path(path) for path in paths], scratch, sql, progress)
            returns, reports = _Merging(sql, scratch, old, folder, replace).write(reads)
        shutil.rmtree(scratch)
        _complete(folder, old, returns, reports)
    return reports


def _read_all(paths: Sequence[Path], scratch: Path, sql: SqlConnection, progress: Progress | None) -> list[Read]:
    """Read every return into part files. Raises BadInput with all faults if any return has one."""
    faults, numbers = Faults(), count()
    found = sources.find(paths, scratch, faults)
    reads: list[Read] = []
    for tables in found.tables.values():
        with faults:
            reads += flat.read(tables, scratch, sql, numbers)
    returns = [XmlReturn(next(numbers), path, name) for path, name in found.xml]
    reads += _read_xml(returns, scratch, numbers, faults, progress)
    faults.stop()
    return reads


def _read_xml(
    returns: Sequence[XmlReturn], scratch: Path, numbers: Iterable[int], faults: Faults, progress: Progress | None
) -> list[Read]:
    reads: dict[int, Read] = {}
    tasks: list[Task] = []
    for source in returns:
        with faults:
            header, stretches = parts.plan(source)
            if stretches[0].end is not None:
                reads[source.number] = Read(source.number, source.name, *header_row(header, source.name))
            tasks += stretches
    whole: dict[Path, Task] = {}
    total, done = sum(task.size for task in tasks), 0
    with _workers(total) as run:
        for part in run(tasks, scratch):
            done += part.task.size
            if progress is not None:
                progress(done, total)
            if part.tally is None and part.refused is None:
                # A stretch that does not stand alone: read the return whole, under a new number.
                source = part.task.source
                reads.pop(source.number, None)
                whole.setdefault(source.path, Task(XmlReturn(next(iter(numbers)), source.path, source.name)))
            else:
                _take(part, reads, faults)
        for part in run(list(whole.values()), scratch):
            _take(part, reads, faults)
    return list(reads.values())


def _take(part: PartRead, reads: dict[int, Read], faults: Faults) -> None:
    source = part.task.source
    if part.refused is not None:
        faults.add(part.refused)
        return
    assert part.tally is not None
    if part.task.end is None:
        with faults:
            reads[source.number] = Read(source.number, source.name, *header_row(part.header, source.name))
    if source.number in reads:
        reads[source.number].tally.add(part.tally)


@contextmanager
def _workers(size: int) -> Iterator[Callable[[Collection[Task], Path], Iterable[PartRead]]]:
    """A function that reads tasks, in as many processes as are worth their start."""
    if size <= IN_ONE_PROCESS:
        yield lambda tasks, scratch: (parts.read(task, scratch) for task in tasks)
        return
    context = get_context("forkserver")
    context.set_forkserver_preload([parts.__name__])
    with ProcessPoolExecutor(os.cpu_count(), context, pa.set_cpu_count, (1,)) as pool:
        yield lambda tasks, scratch: (
            future.result() for future in as_completed([pool.submit(parts.read, task, scratch) for task in tasks])
        )


class _Merging:
    """One store from an old one and new returns, a year at a time."""

    def __init__(self, sql: SqlConnection, scratch: Path, old: CensusStore, folder: Path, replace: bool) -> None:
        self.sql, self.scratch, self.old, self.folder, self.replace = sql, scratch, old, folder, replace
        self.returns = {(r.collection_year, r.lea): r for r in old.returns}
        self.reports: list[ReadReport] = []
        self.faults = Faults()

    def write(self, reads: Sequence[Read]) -> tuple[list[StoredReturn], list[ReadReport]]:
        """Write the tables of all years; what the store holds now, and a report on each return read."""
        by_year: dict[int, list[Read]] = defaultdict(list)
        for read in sorted(reads, key=lambda read: (read.key, read.name)):
            by_year[read.key[0]].append(read)
        for year in sorted({*self.old.years, *by_year}):
            self._write_year(year, by_year[year])
        self.faults.stop()
        return sorted(self.returns.values()), self.reports

    def _write_year(self, year: int, reads: Sequence[Read]) -> None:
        chosen: dict[Key, Read] = {}
        if reads:
            merge.load_year(self.sql, self.scratch, {read.number: read.header for read in reads})
            chosen = self._choose(year, reads)
        if self.faults.messages:
            return
        folder = self.folder / str(year)
        folder.mkdir()
        before = self.old.path.resolve() / str(year)
        if not chosen:
            for table in TABLES:
                os.link(before / f"{table.name}.parquet", folder / f"{table.name}.parquet")
            return
        kept = [lea for stored_year, lea in self.returns if stored_year == year and (year, lea) not in chosen]
        numbers = [read.number for read in chosen.values()]
        for table in TABLES:
            name = f"{table.name}.parquet"
            merge.write_table(self.sql, table, numbers, before / name, kept, folder / name)
        survey = merge.survey_year(self.sql, folder, year)
        for key, read in chosen.items():
            self._account(read, survey[key[1]])

    def _choose(self, year: int, reads: Sequence[Read]) -> dict[Key, Read]:
        """The returns to store: of equal ones the first. It is a fault if two differ, or one from that in the store."""
        chosen: dict[Key, Read] = {}
        for read in reads:
            same = chosen.get(read.key)
            if same is None:
                chosen[read.key] = read
                self.reports.append(self._report(read, "new"))
            elif self._digest(read) == self._digest(same):
                self.reports.append(self._report(read, "duplicate"))
            else:
                self.faults.add(_two_returns(read.key, same.name, read.name, "give one of them"))
        known = {key: self.returns[key] for key in chosen if key in self.returns}
        before = merge.survey_year(self.sql, self.old.path.resolve() / str(year), year) if known else {}
        for key, stored in known.items():
            if before[key[1]].digest == self._digest(chosen[key]):
                self._mark(chosen.pop(key), "unchanged")
            elif self.replace:
                self._mark(chosen[key], "replaced")
            else:
                remedy = "give --replace if the new one is to stand"
                self.faults.add(_two_returns(key, f"{stored.source} (in the store)", chosen[key].name, remedy))
        return chosen

    def _digest(self, read: Read) -> str:
        return merge.digest_of_new(self.sql, read.number)

    def _report(self, read: Read, status: Status) -> ReadReport:
        tally = read.tally
        return ReadReport(*read.key, read.name, status, tally.found, rejected=tally.rejected, findings=+tally.lost)

    def _mark(self, read: Read, status: Status) -> None:
        for report in self.reports:
            if (report.collection_year, report.lea) == read.key and report.status == "new":
                report.status = status

    def _account(self, read: Read, stored: Surveyed) -> None:
        """Enter a return that was written; raises ReleaseError unless every group found is stored or rejected."""
        report = next(r for r in self.reports if (r.collection_year, r.lea) == read.key and r.status != "duplicate")
        report.stored = stored.rows
        report.findings += stored.findings
        for table in TABLES[1:]:
            rejected = sum(n for (name, _), n in report.rejected.items() if name == table.name)
            if report.found[table.name] != stored.rows[table.name] + rejected:
                raise ReleaseError(
                    f"{read.name}: {report.found[table.name]} groups of {table.name} were found, but "
                    f"{stored.rows[table.name]} stored and {rejected} rejected; this is a fault of ours: report it"
                )
        children, referrals = stored.rows[CHILDREN.name], stored.rows[REFERRALS.name]
        source = Path(read.name).name
        self.returns[read.key] = StoredReturn(*read.key, source, stored.digest, children, referrals)


def _two_returns(key: Key, first: str, second: str, remedy: str) -> str:
    year, lea = key
    return f"{first} and {second} are two different returns of authority {lea} for {year}: {remedy}"


def _complete(folder: Path, old: CensusStore, returns: list[StoredReturn], reports: list[ReadReport]) -> None:
    """Write what is made of the tables: persons, the read report, and last the manifest."""
    written = [report for report in reports if report.status in ("new", "replaced")]
    if written:
        from rereferrals.census import linkage

        linkage.write_persons(folder, sorted({r.collection_year for r in returns}))
    else:
        os.link(old.path.resolve() / PERSONS, folder / PERSONS)
    read_report.write(folder, old.path, written)
    write_manifest(folder, returns)
