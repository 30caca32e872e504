"""From files to part files: every return read, in as many processes as are worth their start."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from concurrent.futures import Executor, as_completed
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from rereferrals.census import flat, parts
from rereferrals.census.header import header_row
from rereferrals.census.parts import PartRead, Read, Task, XmlReturn
from rereferrals.census.safety import Faults
from rereferrals.census.sources import Sources

if TYPE_CHECKING:
    from rereferrals.engine import SqlConnection

Progress = Callable[[int, int], None]
Batch = tuple[tuple[Task, ...], int | None]
"""Tasks for one call to a process, and their collection year where there may be several."""


def read_all(
    found: Sources, scratch: Path, sql: SqlConnection, pool: Executor | None, faults: Faults, progress: Progress | None
) -> list[Read]:
    """Read every return into part files in `scratch`. Raises BadInput with all faults if any return has one."""
    numbers = count()
    returns = [XmlReturn(next(numbers), path, name) for path, name in found.xml]
    reads = _read_xml(returns, scratch, numbers, pool, faults, progress)
    for tables in found.tables.values():
        with faults:
            reads += flat.read(tables, scratch, sql, numbers)
    faults.stop()
    return reads


def _read_xml(
    returns: Sequence[XmlReturn],
    scratch: Path,
    numbers: Iterator[int],
    pool: Executor | None,
    faults: Faults,
    progress: Progress | None,
) -> list[Read]:
    reads: dict[int, Read] = {}
    batches: list[Batch] = []
    small: dict[int, list[Task]] = defaultdict(list)
    for source in returns:
        with faults:
            header, stretches = parts.plan(source)
            if stretches[0].end is not None:
                reads[source.number] = Read(source.number, source.name, *header_row(header, source.name))
            if len(stretches) == 1 and source.number in reads:
                small[reads[source.number].key[0]] += stretches
            else:
                batches += [((stretch,), None) for stretch in stretches]
    batches += [(batch, year) for year, tasks in small.items() for batch in _batches(tasks)]
    whole: dict[Path, Task] = {}
    total, done = sum(task.size for tasks, _ in batches for task in tasks), 0
    for part in _run(batches, scratch, pool):
        done += part.task.size
        if progress is not None:
            progress(done, total)
        if part.tally is None and part.refused is None:
            # A stretch that does not stand alone: read the return whole, under a new number.
            source = part.task.source
            reads.pop(source.number, None)
            whole.setdefault(source.path, Task(XmlReturn(next(numbers), source.path, source.name)))
        else:
            _take(part, reads, faults)
    for part in _run([((task,), None) for task in whole.values()], scratch, pool):
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


def _batches(tasks: Iterable[Task]) -> Iterator[tuple[Task, ...]]:
    """Tasks together, as many as are worth a call to a process."""
    batch: list[Task] = []
    for task in tasks:
        if batch and sum(t.size for t in batch) + task.size > parts.CHUNK:
            yield tuple(batch)
            batch = []
        batch.append(task)
    if batch:
        yield tuple(batch)


def _run(batches: Collection[Batch], scratch: Path, pool: Executor | None) -> Iterator[PartRead]:
    """Read tasks, in any order."""
    if pool is None:
        for tasks, year in batches:
            yield from parts.read_batch(tasks, year, scratch)
        return
    for future in as_completed([pool.submit(parts.read_batch, tasks, year, scratch) for tasks, year in batches]):
        yield from future.result()
