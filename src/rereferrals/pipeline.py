"""The steps of a release, in order: census store → units → true counts → published tables and data files → book."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import ibis.expr.types as ir
import pandas as pd
from ibis import BaseBackend

from rereferrals.build import Ledger, Step, code_digest, digest
from rereferrals.datasets.registry import ALL, SECTIONS
from rereferrals.dissemination import ees
from rereferrals.engine import connect
from rereferrals.errors import BadInput
from rereferrals.model import DataSet
from rereferrals.published import PublishedTable
from rereferrals.release import Release, data_issues
from rereferrals.restricted import CensusStore
from rereferrals.statistics import disclosure, tabulate
from rereferrals.units.registry import UNITS


@dataclass(frozen=True)
class Section:
    """One section of the release, as its notebook may see it: published tables only."""

    release: Release
    tables: Mapping[str, PublishedTable]
    output: Path


@dataclass(frozen=True)
class OpenRelease:
    """A release that is being made from a census store, or read from its published files where there is none."""

    release: Release
    store: CensusStore | None
    output: Path

    def compute(self, section: str) -> Section:
        """Make the data sets of a section that are not up to date: their counts, published tables and data files.

        Raises BadInput if there is no such section, or neither a store nor published files.
        """
        if section not in SECTIONS:
            raise BadInput(f"there is no section {section!r}; there is: {', '.join(SECTIONS)}")
        tables = {data_set.id: self._publish(data_set) for data_set in SECTIONS[section]}
        return Section(self.release, tables, self.output)

    def _publish(self, data_set: DataSet) -> PublishedTable:
        if self.store is not None:
            counted = Counting(self.release, self.store)
            counts = counted.counts(data_set)
            Ledger(self.output / "steps").bring_up_to_date(
                Step(
                    f"publish-{data_set.file_stem}",
                    digest(
                        counts,
                        code_digest(
                            "rereferrals.statistics.disclosure", "rereferrals.dissemination.ees", _module(data_set)
                        ),
                    ),
                    (PublishedTable.path(self.output, data_set), *ees.paths(self.output / "data", data_set)),
                    lambda: self._write(counted.read(data_set), data_set),
                )
            )
        return PublishedTable.read(self.output, data_set)

    def _write(self, counts: pd.DataFrame, data_set: DataSet) -> None:
        table = disclosure.publish(counts, data_set)
        table.write(self.output)
        ees.write_data_set(table, self.output / "data")


def open_release(year: int | None, store: str | Path | None, output: str | Path) -> OpenRelease:
    """Open the release of a year, by default the latest that has a release file.

    `store` is a census store, or None to work from the published files in `output`.
    """
    release = Release.load(Release.latest_year() if year is None else year)
    return OpenRelease(release, CensusStore.open(Path(store)) if store else None, Path(output))


@dataclass(frozen=True)
class Counting:
    """True counts of a release, kept in its census store under `units/<year>` and `counts/<year>`."""

    release: Release
    store: CensusStore

    @cached_property
    def connection(self) -> BaseBackend:
        """The engine, started when something has to be worked out."""
        return connect()

    @property
    def ledger(self) -> Ledger:
        """What has been worked out from this store."""
        return Ledger(self.store.path.resolve() / "steps")

    def path(self, data_set: DataSet) -> Path:
        """Where the true counts of a data set are kept."""
        return self.store.path.resolve() / "counts" / str(self.release.year) / f"{data_set.id}.parquet"

    def read(self, data_set: DataSet) -> pd.DataFrame:
        """The true counts of a data set, as `tabulate.national` gives them."""
        return pd.read_parquet(self.path(data_set))

    def counts(self, data_set: DataSet) -> str:
        """Bring the counts of a data set up to date; returns a hash of them."""
        issues = [issue for issue in data_issues() if issue.time_period in self.release.years]
        unit = UNITS[data_set.unit]
        base = unit.unit or unit.name
        fingerprint = digest(
            self._materialise(base),
            issues,
            self.release.years,
            code_digest("rereferrals.statistics.tabulate", "rereferrals.units.registry", _module(data_set)),
        )

        def count() -> None:
            table = self._read_unit(base)
            if unit.unit:
                table = unit.build({base: table}, self.release)
            self._tabulate(table, data_set).to_parquet(self.path(data_set), index=False)

        step = Step(f"counts-{self.release.year}-{data_set.id}", fingerprint, (self.path(data_set),), count)
        return self.ledger.bring_up_to_date(step)

    def _tabulate(self, unit: ir.Table, data_set: DataSet) -> pd.DataFrame:
        counts = tabulate.expression(unit, data_set).execute()
        if UNITS[data_set.unit].annual:
            counts = tabulate.with_stand_ins(counts, data_set, data_issues())
        years = [year for year in self.release.years if year in self.store.years]
        return tabulate.national(counts[counts["time_period"].isin(years)], data_set, years)

    def _unit_path(self, name: str) -> Path:
        return self.store.path.resolve() / "units" / str(self.release.year) / f"{name}.parquet"

    def _read_unit(self, name: str) -> ir.Table:
        return self.connection.read_parquet(str(self._unit_path(name)))

    def _materialise(self, name: str) -> str:
        """Bring a unit that is made from census tables up to date; returns a hash of it."""
        unit = UNITS[name]
        years = tuple(year for year in self.store.years if year <= self.release.year)
        if not years:
            raise BadInput(f"{self.store.path} holds no return of {self.release.year} or before: ingest some")

        def materialise() -> None:
            tables = {
                table: self.store.persons(self.connection)
                if table == "persons"
                else self.store.table(self.connection, table, years)
                for table in unit.census
            }
            unit.build(tables, self.release).to_parquet(self._unit_path(name))

        step = Step(
            f"unit-{self.release.year}-{name}",
            digest(self.store.digest, years, code_digest("rereferrals.units.registry")),
            (self._unit_path(name),),
            materialise,
        )
        return self.ledger.bring_up_to_date(step)


def count(year: int, census: Path, into: Path) -> list[Path]:
    """Write the true counts of every data set to `into/<id>.parquet`; returns the paths.

    A year without a release file is counted too: from the first year that the latest release file names.
    """
    counting = Counting(Release.like_latest(year), CensusStore.open(census))
    into.mkdir(parents=True, exist_ok=True)
    for data_set in ALL:
        counting.counts(data_set)
        shutil.copyfile(counting.path(data_set), into / f"{data_set.id}.parquet")
    return [into / f"{data_set.id}.parquet" for data_set in ALL]


def _module(data_set: DataSet) -> str:
    """The module that declares a data set."""
    section = next(name for name, data_sets in SECTIONS.items() if data_set in data_sets)
    return f"rereferrals.datasets.{section}"
