"""The read report: what became of returns, and of what came beside them, in counts. No child's value is in it."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from rereferrals.census.schema import INPUTS, TABLES

FILE = "read_report.csv"
COLUMNS = ("collection_year", "lea", "table", "column", "finding", "count")
FOUND, STORED, REJECTED = "groups in the return", "groups stored", "groups rejected"
ROWS_FOUND, ROWS_STORED = "rows in the file", "rows stored"
INPUT_TABLES = [table.name for table in INPUTS]

Status = Literal["new", "unchanged", "replaced", "duplicate"]


@dataclass
class ReadReport:
    """What became of one return.

    `status`: `new`; `replaced` an earlier return; `unchanged`, as the store has it already; `duplicate` of another
    return of the same call. `found` = `stored` + `rejected` for every table, in groups, where the return was stored;
    `rejected` is by (table, reason). `findings` counts values with something to be said of them, by (table, column,
    finding), whether they were kept or lost.

    `input` is the table that came beside the returns, if the report is not on a return; `lea` is "" where it has none.
    """

    collection_year: int
    lea: str
    source: str
    status: Status
    found: Counter[str]
    stored: Counter[str] = field(default_factory=Counter)
    rejected: Counter[tuple[str, str]] = field(default_factory=Counter)
    findings: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    input: str = ""

    def lines(self) -> Iterator[tuple[str, ...]]:
        """Its lines in the read report."""
        body = [self.input] if self.input else [table.name for table in TABLES[1:]]
        found, stored = (ROWS_FOUND, ROWS_STORED) if self.input else (FOUND, STORED)
        lines = [(name, "", found, self.found[name]) for name in body]
        lines += [(name, "", stored, self.stored[name]) for name in body]
        lines += [(name, "", f"{REJECTED}: {reason}", n) for (name, reason), n in self.rejected.items() if n]
        lines += [(*place, n) for place, n in self.findings.items() if n]
        for line in lines:
            yield (str(self.collection_year), self.lea, *map(str, line))


def write(folder: Path, old: Path, reports: Sequence[ReadReport]) -> None:
    """Write `folder/read_report.csv`: lines of these reports, and those of the old store on anything else."""
    stored = {(str(report.collection_year), report.lea, report.input) for report in reports}
    lines = {line for report in reports for line in report.lines()}
    if (old / FILE).exists():
        with open(old / FILE, newline="", encoding="utf-8") as file:
            lines |= {tuple(line) for line in list(csv.reader(file))[1:] if _subject(line) not in stored}
    with open(folder / FILE, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(sorted(lines))


def _subject(line: Sequence[str]) -> tuple[str, str, str]:
    """What a line is on: collection year, authority, and input if it is one."""
    year, lea, table = line[:3]
    return year, lea, table if table in INPUT_TABLES else ""
