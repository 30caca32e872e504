"""A census store made of synthetic returns."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor, as_completed
from contextlib import ExitStack, contextmanager
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from rereferrals import atomic, reference
from rereferrals.build import file_digest
from rereferrals.census import inputs, read_report, schema
from rereferrals.census.linkage import families, write_persons
from rereferrals.census.read_report import ReadReport
from rereferrals.census.synthetic.families import Histories, Targets, simulate
from rereferrals.census.synthetic.pupils import pupils
from rereferrals.census.synthetic.returns import looked_after, make_returns, reported
from rereferrals.census.synthetic.shares import MARGINS, SHARES
from rereferrals.census.synthetic.targets import FITTED, parameters, targets
from rereferrals.errors import BadInput
from rereferrals.release import REFERENCE
from rereferrals.restricted import MADE_UP, StoredReturn, write_manifest

Progress = Callable[[str, int, int], None]
Counts = tuple[int, str, Counter[str]]
Job = tuple[Callable[..., Any], tuple[Any, ...]]
WORTH_A_PROCESS = 500_000
PART = 400_000
DIFFERING = ("la_child_id", "upn")


def synthesise(
    out: Path,
    years: range,
    scale: float = 1.0,
    seed: int = 1,
    authorities: Sequence[str] | None = None,
    progress: Progress | None = None,
    processes: int | None = None,
    clean: bool = False,
) -> None:
    """Write a census store at `out` with synthetic returns of `years`, and what comes beside them.

    `scale` is the share of the published counts that authorities are given. `authorities` are the codes to write; all
    that made returns, if none. An authority's returns are the same whichever others are asked for, whatever the last
    year, and whatever the number of `processes`. Counts are exact for a year whose year before is written too; the
    return of the first year has no other to find earlier referrals in. In a `clean` census no referral is returned
    late and no child has a new number while it returns, so the annual and the longitudinal method see the same.
    `progress` is called with a stage, the steps done and the steps in all.
    Raises BadInput for years, a scale or authorities that cannot be simulated.
    """
    if not years or years.step != 1:
        raise BadInput("name the years as FIRST:LAST, the first not after the last")
    if not scale > 0:
        raise BadInput(f"scale {scale:g} is not above 0: 1 is England")
    run_in = parameters()["history"]["run_in_years"]
    simulated = range(years.start - run_in, years.stop)
    all_targets = targets(range(simulated.start, simulated.stop + 1), scale, clean)
    wanted = _wanted(all_targets, years, authorities)
    tell = progress or (lambda stage, done, of: None)
    with atomic.fresh_folder(out) as folder, _workers(all_targets, wanted, processes) as workers:
        scratch = folder / "scratch"
        codes = {code for leas in wanted.values() for code in leas}
        shares = list(shares_of_work(codes, all_targets))
        parts = [scratch / str(number) for number in range(len(shares))]
        jobs: list[Job] = [
            (_simulate, (share, simulated, targets_of(share, all_targets), seed, part))
            for share, part in zip(shares, parts, strict=True)
        ]
        _run(workers, jobs, partial(_tell, tell, "simulating authorities", len(jobs)))
        jobs = [(_write_year, (folder, year, leas, parts)) for year, leas in wanted.items()]
        counts = _run(workers, jobs, partial(_tell, tell, "writing returns", len(jobs)))
        shutil.rmtree(scratch)
        tell("linking children", 0, 1)
        write_persons(folder, list(wanted))
        _describe(
            folder, [of_return for of_year in counts for of_return in of_year], f"{scale} {seed} {simulated} {clean}"
        )
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
    if not any(wanted.values()):
        raise BadInput(f"none of the authorities asked for made a return in {years.start} to {years.stop - 1}")
    return {year: leas for year, leas in wanted.items() if leas}


def shares_of_work(wanted: Iterable[str], all_targets: Targets) -> Iterator[list[list[str]]]:
    """The families that wanted authorities belong to, as lists of their authorities, in parts of even size."""
    tied = families()
    needed = {tied.get(code, code) for code in wanted}
    members: dict[str, list[str]] = {name: [] for name in sorted(needed)}
    for code in sorted({code for code, _ in all_targets}):
        if tied.get(code, code) in members:
            members[tied.get(code, code)].append(code)
    part: list[list[str]] = []
    for codes in members.values():
        part.append(codes)
        if sum(_children(codes, all_targets) for codes in part) >= PART:
            yield part
            part = []
    if part:
        yield part


def _children(codes: Sequence[str], all_targets: Targets) -> int:
    """How many children these authorities' returns are to hold."""
    return sum(t.single + t.linked + t.repeating for (code, _), t in all_targets.items() if code in codes)


def targets_of(share: Sequence[Sequence[str]], all_targets: Targets) -> Targets:
    """The targets of the authorities of some families."""
    codes = {code for family in share for code in family}
    return {key: target for key, target in all_targets.items() if key[0] in codes}


def _simulate(share: Sequence[Sequence[str]], years: range, targets: Targets, seed: int, part: Path) -> None:
    histories = [simulate(family, years, targets_of([family], targets), seed) for family in share]
    Histories.join(histories).save(part)


def _write_year(folder: Path, year: int, leas: Sequence[str], parts: Sequence[Path]) -> list[Counts]:
    """Write a year's file of every table, and count each return's rows of them."""
    counts = {lea: Counter[str]() for lea in leas}
    (folder / str(year)).mkdir()
    beside: dict[schema.Table, list[pa.Table]] = {schema.PUPILS: [], schema.LOOKED_AFTER: []}
    with ExitStack() as stack:
        files: dict[str, pq.ParquetWriter] = {}
        for cases in reported(map(Histories.load, parts), leas, year):
            beside[schema.PUPILS].append(pupils(cases))
            beside[schema.LOOKED_AFTER].append(looked_after(cases))
            for name, table in make_returns(cases).items():
                if name not in files:
                    files[name] = stack.enter_context(_parquet(folder / str(year) / f"{name}.parquet", table.schema))
                files[name].write_table(table, row_group_size=max(len(table), 1))
                for lea, rows in _rows_by_authority(table):
                    counts[lea][name] += rows
    for input_table, rows_of_batches in beside.items():
        inputs.write(folder, input_table, year, pa.concat_tables(rows_of_batches))
    return [(year, lea, rows) for lea, rows in counts.items()]


def _parquet(path: Path, columns: pa.Schema) -> pq.ParquetWriter:
    repeating = [name for name in columns.names if name not in DIFFERING]
    return pq.ParquetWriter(path, columns, compression="zstd", use_dictionary=repeating)


def _rows_by_authority(table: pa.Table) -> Iterator[tuple[str, int]]:
    counted = pc.value_counts(table["lea"])
    return zip(counted.field("values").to_pylist(), counted.field("counts").to_pylist(), strict=True)


def _describe(folder: Path, counts: Sequence[Counts], origin: str) -> None:
    """Write the read report and the manifest. What tells a return from another is what it was made from."""
    origin += "".join(
        file_digest(REFERENCE / name)
        for name in ("authority_referrals.csv", "synthetic_parameters.toml", FITTED.name, MARGINS.name, SHARES.name)
    )
    reports, returns = [], []
    for year, lea, rows in counts:
        digest = hashlib.sha256(f"{MADE_UP} {lea} {year} {origin}".encode()).hexdigest()
        reports.append(ReadReport(year, lea, MADE_UP, "new", rows, rows))
        returns.append(StoredReturn(year, lea, MADE_UP, digest, rows["children"], rows["referrals"]))
    read_report.write(folder, folder, reports)
    write_manifest(folder, returns)


def _tell(tell: Progress, stage: str, of: int, done: int) -> None:
    tell(stage, done, of)


@contextmanager
def _workers(
    all_targets: Targets, wanted: Mapping[int, Sequence[str]], processes: int | None
) -> Iterator[Executor | None]:
    """Processes to share the work, or None where it is too little to be worth starting them."""
    children = _children([code for leas in wanted.values() for code in leas], all_targets)
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
