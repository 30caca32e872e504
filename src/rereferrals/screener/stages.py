"""The stages of a screening, in running order."""

from __future__ import annotations

from pathlib import Path

from rereferrals.errors import BadInput
from rereferrals.screener import (
    api,
    columns,
    filters,
    general,
    geography,
    harmonised,
    metadata,
    names,
    periods,
    values,
)
from rereferrals.screener.checks import Check, told
from rereferrals.screener.files import Files, Table, read
from rereferrals.screener.lookups import Lookups, known
from rereferrals.screener.results import API_STAGE, Outcome, Result, Screening

#: The stage in which the files are read, and its one check.
READING = ("File read", "file_read")

#: Stage → its checks. The platform's, in its order; the last is our own.
STAGES: dict[str, tuple[Check, ...]] = {
    "filename": names.CHECKS,
    "Precheck columns": columns.PRECHECKS,
    "Precheck cross-file": columns.CROSS_CHECKS,
    "Check columns": columns.CHECKS,
    "Precheck meta": metadata.PRECHECKS,
    "Check meta": metadata.CHECKS,
    "Precheck time": periods.PRECHECKS,
    "Precheck filters": filters.PRECHECKS,
    "Precheck geography": geography.PRECHECKS,
    "Check time": periods.CHECKS,
    "Check filters": filters.CHECKS,
    "Check geography": geography.CHECKS,
    "Check general": general.CHECKS,
    "Check indicators": general.INDICATORS,
    "Check harmonised": harmonised.CHECKS,
    API_STAGE: api.CHECKS,
    "Check values": values.CHECKS,
}


def screen(data: Path, metadata: Path, lookups: Lookups | None = None) -> Screening:
    """Screen a data file and its metadata file as the publishing platform does at upload, and more strictly.

    `lookups` are what codes and names are compared with, by default this project's reference data. Files that cannot be
    read fail the first check; nothing is raised.
    """
    tables: list[Table] = []
    faults: list[str] = []
    for path in (data, metadata):
        try:
            tables.append(read(path))
        except BadInput as error:
            faults.append(str(error))
    if faults:
        return Screening((Result(*READING, Outcome.FAIL, told(faults)), *_skipped(list(STAGES), READING[0])))
    cells, described = tables
    files = Files(data.name, metadata.name, cells, described, lookups or known())
    results = [Result(*READING, Outcome.PASS, "Both files are CSV in UTF-8, with rows as long as their header.")]
    for place, (stage, checks) in enumerate(STAGES.items(), 1):
        results += (check.run(stage, files) for check in checks)
        if any(result.outcome is Outcome.FAIL for result in results):
            return Screening((*results, *_skipped(list(STAGES)[place:], stage)))
    return Screening(tuple(results))


def _skipped(stages: list[str], failed: str) -> list[Result]:
    message = f"Not looked at, because the stage {failed!r} failed."
    return [Result(stage, check.name, Outcome.SKIPPED, message) for stage in stages for check in STAGES[stage]]
