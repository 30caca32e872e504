"""Census returns into a census store: read, check that nothing is lost, and replace the store in one step."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import closing, contextmanager
from multiprocessing import forkserver, get_context
from pathlib import Path

from rereferrals import engine
from rereferrals.atomic import Unchanged, fresh_folder
from rereferrals.census import read_report, sources
from rereferrals.census.read_report import ReadReport
from rereferrals.census.safety import Faults
from rereferrals.census.schema import TABLES
from rereferrals.restricted import MANIFEST, CensusStore, write_manifest

SCRATCH = ".reading"
IN_ONE_PROCESS = 32 << 20
"""Bytes of XML up to which further processes cost more than they save."""


def ingest(
    paths: Sequence[Path], into: Path, replace: bool = False, progress: Callable[[int, int], None] | None = None
) -> list[ReadReport]:
    """Read returns into the census store at `into`, which is made or extended in one step; a report on each return.

    `paths` are XML returns, zips of them, tables of the schema as CSV or parquet, or folders of any of these. Inputs
    that come beside returns are read from such tables too, with the returns or later. The order of files, children and
    rows changes nothing. A store that has it all already is left alone. `progress` is told the bytes of XML read, and
    all there are.

    Raises BadInput, with every fault found, if a return or input cannot be used, or is not the one that the store has
    for its authority and year (unless `replace`); the store is then as it was.
    """
    with fresh_folder(into) as folder:
        old = CensusStore.open(into) if (into / MANIFEST).exists() else CensusStore(into, ())
        scratch = folder / SCRATCH
        for table in TABLES:
            (scratch / table.name).mkdir(parents=True)
        faults = Faults()
        found = sources.find([Path(path) for path in paths], scratch, faults)
        if found.inputs and not (found.xml or found.tables or old.returns):
            faults.add(f"{into} holds no return that these files could come beside: give returns too")
        with _processes(sum(path.stat().st_size for path, _ in found.xml)) as (readers, linker):
            from rereferrals.census import assembly, inputs, reading  # while the processes import the same

            with closing(engine.connect_sql(scratch)) as sql:
                supplies = inputs.read(sql, scratch, found.inputs, faults)
                chosen, beside = inputs.choose(sql, supplies, old, replace, faults)
                reads = reading.read_all(found, scratch, sql, readers, faults, progress)
                returns, reports = assembly.Assembly(sql, scratch, old, folder, replace, linker).write(reads)
                inputs.store(sql, chosen, old, folder)
        reports += beside
        shutil.rmtree(scratch)
        read_report.write(folder, old.path, [report for report in reports if report.status in ("new", "replaced")])
        write_manifest(folder, returns)
        if old.returns and CensusStore(folder, ()).digest == old.digest:
            raise Unchanged  # so that what has been worked out from the store stays in it
    return reports


@contextmanager
def _processes(size: int) -> Iterator[tuple[Executor | None, Executor | None]]:
    """Processes to share the reading of so many bytes, and one to link; None where they are not worth their start.

    They are forked from a server that has imported the readers, and is started at once. The one that links is fresh,
    since it needs the memory.
    """
    if size <= IN_ONE_PROCESS:
        yield None, None
        return
    context = get_context("forkserver")
    context.set_forkserver_preload(["rereferrals.census.parts"])
    forkserver.ensure_running()
    with ProcessPoolExecutor(os.cpu_count(), context) as readers, ProcessPoolExecutor(1, context) as linker:
        yield readers, linker
