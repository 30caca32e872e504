"""True counts of a release, from a census store: its units, and what is counted on them.

Both are kept in the store, with what they were made from, and made again when that has changed.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import ibis.expr.types as ir
import pandas as pd
from ibis import BaseBackend, _

from rereferrals import areas
from rereferrals.build import Ledger, Step, code_digest, digest, files_digest
from rereferrals.census.schema import INPUTS
from rereferrals.datasets.registry import ALL, module_of
from rereferrals.engine import connect
from rereferrals.errors import BadInput
from rereferrals.model import NATIONAL, DataSet
from rereferrals.reference import CODES
from rereferrals.release import REFERENCE, Release, data_issues
from rereferrals.restricted import CensusStore
from rereferrals.statistics import estimates, tabulate
from rereferrals.statistics.estimates import Followed
from rereferrals.units.registry import UNITS, Unit

#: Units in parts are made of so many years' returns at a time, which is what the engine's memory easily holds.
YEARS_AT_ONCE = 5
INPUT_TYPES = {table.name: table.types() for table in INPUTS}


@dataclass(frozen=True)
class Counting:
    """True counts of a release, kept in its census store under `counts/<year>`, and units under `units/<year>`; those
    that are made of some years' returns at a time are under `units/parts`."""

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

    @cached_property
    def _code_files(self) -> str:
        """As `code_files`, as this one found them."""
        return code_files()

    def path(self, data_set: DataSet) -> Path:
        """Where the true counts of a data set are kept."""
        return self.store.path.resolve() / "counts" / str(self.release.year) / f"{data_set.id}.parquet"

    def read(self, data_set: DataSet) -> pd.DataFrame:
        """The true counts of a data set, as `tabulate.national` or `tabulate.areas` gives them."""
        return pd.read_parquet(self.path(data_set))

    def counts(self, data_set: DataSet) -> str:
        """Bring the counts of a data set up to date; returns a hash of them."""
        issues = [issue for issue in data_issues() if issue.time_period in data_set.years(self.release)]
        fingerprint = digest(
            self.up_to_date(data_set.unit),
            issues,
            data_set.years(self.release),
            self.release.method,
            [] if data_set.levels == (NATIONAL,) else [self.release.places.population_vintage, area_files()],
            self.release.survival if data_set.estimated else None,
            self._code_files,
            code_digest(
                f"rereferrals.statistics.{'estimates' if data_set.estimated else 'tabulate'}",
                "rereferrals.units.registry",
                module_of(data_set),
            ),
        )

        def count() -> None:
            counts = self._tabulate(data_set)
            counts.to_parquet(self.path(data_set), index=False)

        step = Step(f"counts-{self.release.year}-{data_set.id}", fingerprint, (self.path(data_set),), count)
        return self.ledger.bring_up_to_date(step)

    @cached_property
    def _without_filters(self) -> dict[str, pd.DataFrame]:
        """Counts by unit of all data sets that break nothing down, which are made in one pass."""
        return {}

    def _cells(self, data_set: DataSet) -> pd.DataFrame:
        """The counts by year, authority and category."""
        unit = data_set.unit
        if data_set.filters:
            return tabulate.expression(self._unit(unit), data_set).execute()
        if unit not in self._without_filters:
            alike = [other for other in ALL if other.unit == unit and not other.filters]
            counts = dict.fromkeys(count for other in alike for count in other.counts)
            whole = replace(data_set, indicators=tuple(counts))
            self._without_filters[unit] = tabulate.expression(self._unit(unit), whole).execute()
        return self._without_filters[unit]

    @cached_property
    def _followed(self) -> Followed:
        """The closed cases, of which several data sets are estimated."""
        return Followed(self._unit("closures"), self.release)

    def _tabulate(self, data_set: DataSet) -> pd.DataFrame:
        if data_set.estimated:
            years = [year for year in data_set.years(self.release) if year in self.store.years]
            return estimates.estimate(self._followed, data_set, years)
        counts = tabulate.with_totals(self._cells(data_set), data_set)
        settled = counts if data_set.longitudinal else tabulate.with_stand_ins(counts, data_set, data_issues())
        years = [year for year in data_set.years(self.release) if year in self.store.years]
        settled = settled[settled["time_period"].isin(years)]
        if data_set.levels == (NATIONAL,):
            return tabulate.national(settled, data_set, years)
        returned = {(stored.collection_year, stored.lea) for stored in self.store.returns}
        vintage = self.release.places.population_vintage
        return tabulate.areas(
            counts, settled, data_set, years, returned, lambda code, year: areas.population(code, year, vintage)
        )

    def _parts(self, unit: Unit) -> dict[Path, tuple[int, ...]]:
        """The files of a unit that is kept, and the collection years whose returns each is made from."""
        folder, years = self.store.path.resolve() / "units", self._years(unit)
        if not unit.in_parts:
            return {folder / str(self.release.year) / f"{unit.name}.parquet": years}
        spans = [years[first : first + YEARS_AT_ONCE] for first in range(0, len(years), YEARS_AT_ONCE)]
        return {folder / "parts" / str(span[0]) / f"{unit.name}.parquet": span for span in spans}

    def _unit(self, name: str) -> ir.Table:
        """A unit: as it is kept, or made anew from those that are."""
        unit = UNITS[name]
        if unit.kept:
            return self.connection.read_parquet([str(path) for path in self._parts(unit)])
        return unit.build({needed: self._rows_of(needed, unit) for needed in unit.units}, self.release)

    def _rows_of(self, other: str, unit: Unit) -> ir.Table:
        """What a unit takes of another: the returns that it reads, and by the annual method the years that its own
        figures are of."""
        rows = self._unit(other)
        if UNITS[other].in_parts:
            years = self._years(unit)
            return rows.filter(_.collection_year.between(years[0], years[-1]))
        return rows.filter(_.time_period >= self._first_year(unit)) if unit.annual else rows

    def _first_year(self, unit: Unit) -> int:
        """The first reporting year that figures of an annual unit are of, or that stands in for another."""
        carried = [issue.carried_year for issue in data_issues() if issue.carried_year is not None]
        covered = [data_set.years(self.release)[0] for data_set in ALL if data_set.unit == unit.name]
        return min([*covered, *carried])

    def _years(self, unit: Unit) -> tuple[int, ...]:
        """The collection years whose returns a unit reads: the annual method looks one year back, the other at all."""
        if unit.in_parts:
            return self.store.years
        years = tuple(year for year in self.store.years if year <= self.release.year)
        if not years:
            raise BadInput(f"{self.store.path} holds no return of {self.release.year} or before: ingest some")
        if not unit.annual:
            return years
        before = self._first_year(unit) - 1
        return tuple(year for year in years if year >= before)

    def _census(self, name: str, years: tuple[int, ...]) -> ir.Table:
        if name == "persons":
            return self.store.persons(self.connection)
        return self.store.table(self.connection, name, years, INPUT_TYPES.get(name))

    def up_to_date(self, name: str) -> str:
        """Bring what is kept of a unit up to date, and of those that it is made from; returns a hash of it."""
        unit = UNITS[name]
        needed = [self.up_to_date(other) for other in unit.units]
        if not unit.kept:
            return digest(needed)
        parts = self._parts(unit)

        def materialise() -> None:
            others = {other: self._rows_of(other, unit) for other in unit.units}
            for path, years in parts.items():
                tables = {table: self._census(table, years) for table in unit.census}
                unit.build(tables | others, self.release).to_parquet(path)

        depends = [*needed, code_digest(f"rereferrals.units.{name if unit.of_returns else 'registry'}")]
        if not unit.of_returns:
            depends.append(digest(self.release.years, self.release.method, self.release.closures_from))
        step = Step(
            f"unit-{'parts' if unit.in_parts else self.release.year}-{name}",
            digest(self.store.digest, self._code_files, *parts.values(), *depends),
            tuple(parts),
            materialise,
        )
        return self.ledger.bring_up_to_date(step)


def area_files() -> str:
    """A hash of what is known of areas beside their figures."""
    return files_digest(areas.FILES, REFERENCE)


def code_files() -> str:
    """A hash of all code sets."""
    return files_digest(CODES.glob("*.csv"), REFERENCE)


def prepare(census: Path) -> None:
    """Make the units that a release of all returns of a store starts from, unless they are up to date."""
    store = CensusStore.open(census)
    counting = Counting(Release.like_latest(max(store.years)), store)
    for unit in UNITS.values():
        if unit.of_returns:
            counting.up_to_date(unit.name)


def count(year: int, census: Path, into: Path) -> list[Path]:
    """Write the true counts of every data set to `into/<id>.parquet`; returns the paths.

    A year without a release file is counted too: from the first year that the latest release file names.
    """
    counting = Counting(Release.like_latest(year), CensusStore.open(census))
    into.mkdir(parents=True, exist_ok=True)
    counted = [data_set for data_set in ALL if not data_set.made_from]
    for data_set in counted:
        counting.counts(data_set)
        shutil.copyfile(counting.path(data_set), into / f"{data_set.id}.parquet")
    return [into / f"{data_set.id}.parquet" for data_set in counted]
