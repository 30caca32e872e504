"""A new store from an old one and returns that have been read: which returns stand, and that nothing is lost."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import Executor, Future
from pathlib import Path
from typing import TYPE_CHECKING

from rereferrals.census import merge
from rereferrals.census.merge import Surveyed
from rereferrals.census.parts import Read
from rereferrals.census.read_report import ReadReport, Status
from rereferrals.census.safety import Faults
from rereferrals.census.schema import CHILDREN, REFERRALS, TABLES
from rereferrals.errors import ReleaseError
from rereferrals.restricted import PERSONS, CensusStore, StoredReturn

if TYPE_CHECKING:
    from rereferrals.engine import SqlConnection

Key = tuple[int, str]


class Assembly:
    """A store in the making, from an old one and new returns, a year at a time."""

    def __init__(
        self, sql: SqlConnection, scratch: Path, old: CensusStore, folder: Path, replace: bool, linker: Executor | None
    ) -> None:
        self.sql, self.scratch, self.linker = sql, scratch, linker
        self.old, self.folder, self.replace = old, folder, replace
        self.returns = {(r.collection_year, r.lea): r for r in old.returns}
        self.reports: list[ReadReport] = []
        self.faults = Faults()
        self.changed = False
        self.linking: Future[None] | None = None

    def write(self, reads: Sequence[Read]) -> tuple[list[StoredReturn], list[ReadReport]]:
        """Write all tables, and who is who; what the store holds now, and a report on each return read."""
        by_year: dict[int, list[Read]] = defaultdict(list)
        for read in sorted(reads, key=lambda read: (read.key, read.name)):
            by_year[read.key[0]].append(read)
        self.years = sorted({*self.old.years, *by_year})
        for year in sorted(self.years, key=lambda year: (year in by_year, year)):
            self._write_year(year, by_year[year], last=year == max(by_year, default=None))
        self.faults.stop()
        if self.linking is not None:
            self.linking.result()
        elif self.changed:
            link(self.folder, self.years)
        else:
            os.link(self.old.path.resolve() / PERSONS, self.folder / PERSONS)
        return sorted(self.returns.values()), self.reports

    def _write_year(self, year: int, reads: Sequence[Read], last: bool) -> None:
        chosen: dict[Key, Read] = {}
        before = self.old.path.resolve() / str(year)
        if reads:
            headers = {read.number: read.header for read in reads}
            merge.load_year(self.sql, self.scratch, headers, before if year in self.old.years else None)
            chosen = self._choose(year, reads)
        if self.faults.messages:
            return
        folder = self.folder / str(year)
        folder.mkdir()
        if not chosen:
            for table in TABLES:
                os.link(before / f"{table.name}.parquet", folder / f"{table.name}.parquet")
            return
        kept = [lea for stored_year, lea in self.returns if stored_year == year and (year, lea) not in chosen]
        merge.choose(self.sql, [read.number for read in chosen.values()], kept)
        self.changed = True
        for table in TABLES:
            merge.write_table(self.sql, table, folder / f"{table.name}.parquet")
            if table is CHILDREN and last and self.linker is not None:
                self.linking = self.linker.submit(link, self.folder, self.years)  # while the other tables are written
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


def link(folder: Path, years: Sequence[int]) -> None:
    """Say who is who: see `linkage`, which is imported here since it takes longer to import than to run."""
    from rereferrals.census import linkage

    linkage.write_persons(folder, years, memory="150MB")


def _two_returns(key: Key, first: str, second: str, remedy: str) -> str:
    year, lea = key
    return f"{first} and {second} are two different returns of authority {lea} for {year}: {remedy}"
