"""The steps of a release, in order: census store → units → true counts → published tables and data files → book.

Figures on areas can also be taken from what was published before, in place of the returns.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import ibis.expr.types as ir
import pandas as pd
from ibis import BaseBackend, _

from rereferrals import areas, screener
from rereferrals.atomic import fresh_folder
from rereferrals.build import Ledger, Step, code_digest, digest, file_digest, files_digest, imported_modules
from rereferrals.census.schema import INPUTS
from rereferrals.datasets.regional import CIN_C1, F1
from rereferrals.datasets.registry import ALL, AREA_SECTIONS, SECTIONS, data_sets_of
from rereferrals.datasets.survival import SIX_YEARS
from rereferrals.dissemination import ees, formats, notebooks, site
from rereferrals.dissemination.publication import publish
from rereferrals.engine import connect
from rereferrals.errors import BadInput
from rereferrals.model import NATIONAL, DataSet
from rereferrals.places import registry as places
from rereferrals.places.published_c1 import read_c1, with_rates
from rereferrals.published import ABOUT, DATA_FILES, About, PublishedTable
from rereferrals.qa import review
from rereferrals.release import PROJECT, REFERENCE, Release, data_issues
from rereferrals.restricted import CensusStore
from rereferrals.statistics import disclosure, estimates, tabulate
from rereferrals.statistics.estimates import Followed
from rereferrals.units.registry import UNITS, Unit

Stage = Callable[[str], AbstractContextManager[object]]
INPUT_TYPES = {table.name: table.types() for table in INPUTS}


@dataclass(frozen=True)
class Section:
    """One section of the release, as its notebook may see it: published tables only.

    `sections` are all that the release has, and `made_up` says whether the census behind its figures was.
    """

    release: Release
    tables: Mapping[str, PublishedTable]
    output: Path
    sections: tuple[str, ...]
    made_up: bool


@dataclass(frozen=True)
class OpenRelease:
    """A release that is being made from a census store, or read from its published files where there is none.

    With `published_areas`, a published file of C1, the figures on areas are taken from there.
    """

    release: Release
    store: CensusStore | None
    output: Path
    published_areas: Path | None = None

    @cached_property
    def about(self) -> About:
        """What is known of its figures; read once, since it takes a look at every year of the store."""
        if self.store is None and self.published_areas is None:
            return About.read(self.output)
        made_up = self.store is not None and self.store.is_made_up
        return About(made_up, tuple(SECTIONS) if self.store else AREA_SECTIONS)

    def compute(self, section: str) -> Section:
        """Make the data sets of a section that are not up to date: their counts, published tables and data files.

        Raises BadInput if the release has no such section.
        """
        sections = self.about.sections
        if section not in sections:
            raise BadInput(f"there is no section {section!r}; there is: {', '.join(sections)}")
        tables = {data_set.id: self._publish(data_set) for data_set in SECTIONS[section]}
        return Section(self.release, tables, self.output, sections, self.about.made_up)

    @cached_property
    def _counting(self) -> Counting | None:
        """One for all data sets, so that the engine is started once."""
        return Counting(self.release, self.store) if self.store else None

    def _publish(self, data_set: DataSet) -> PublishedTable:
        """Bring a data set up to date, and read it."""
        if self.store is not None or self.published_areas is not None:
            fingerprint, make = self._making(data_set)
            Ledger(self.output / "steps").bring_up_to_date(
                Step(
                    f"publish-{data_set.file_stem}",
                    digest(
                        fingerprint,
                        self.release,
                        self.about.made_up,
                        files_digest([*screener.FILES, REFERENCE / "footnotes.csv"], REFERENCE),
                        code_digest(
                            "rereferrals.dissemination.ees", "rereferrals.dissemination.formats", _module(data_set)
                        ),
                    ),
                    (
                        PublishedTable.path(self.output, data_set),
                        *_data_files(self.output, data_set, self.release),
                    ),
                    lambda: self._write(make()),
                )
            )
        return PublishedTable.read(self.output, data_set)

    def _making(self, data_set: DataSet) -> tuple[str, Callable[[], PublishedTable]]:
        """What a published table depends on, and how it is made: worked out, taken over, or counted."""
        if data_set.made_from:
            tables = {source.id: self._publish(source) for source in data_set.made_from}
            sources = [file_digest(PublishedTable.path(self.output, source)) for source in data_set.made_from]
            make = places.MAKERS[data_set.id]
            return (
                digest(sources, _area_files(), code_digest(make.__module__)),
                lambda: make(tables, self.release),
            )
        if self.published_areas is not None and data_set == CIN_C1:
            return self._taking_over(self.published_areas)
        if self.published_areas is not None and data_set == F1:
            c1 = self._publish(CIN_C1)
            source = file_digest(PublishedTable.path(self.output, CIN_C1))
            return digest(source, _area_files(), code_digest(with_rates.__module__)), lambda: with_rates(
                c1, self.release
            )
        counting = self._counting
        assert counting is not None
        counts = counting.counts(data_set)
        years_given = {name: counting.store.input_years(name) for name in INPUT_TYPES}
        years_given[SIX_YEARS] = estimates.whole_periods(counting.store.years)
        known = disclosure.Known(self.release.year, years_given, data_issues())
        return (
            digest(counts, known, code_digest("rereferrals.statistics.disclosure")),
            lambda: disclosure.publish(counting.read(data_set), data_set, known, self.release.protection),
        )

    def _taking_over(self, file: Path) -> tuple[str, Callable[[], PublishedTable]]:
        issues = data_issues()
        code = code_digest(read_c1.__module__)
        return digest(file_digest(file), issues, _area_files(), code), lambda: read_c1(file, self.release, issues)

    def _write(self, table: PublishedTable) -> None:
        table.write(self.output)
        ees.write_data_set(table, self.output / DATA_FILES, self.release)
        formats.write(table.data_set, self.output / DATA_FILES, self.release, self.about.made_up)


def open_release(
    year: int | None, store: str | Path | None, output: str | Path, published_areas: str | Path | None = None
) -> OpenRelease:
    """Open the release of a year, by default the latest that has a release file and returns in the store.

    `store` is a census store; without it and `published_areas`, a published file of C1, the release is read from the
    published files in `output`. Relative paths are the project's.
    """
    census = CensusStore.open(PROJECT / store) if store else None
    if year is None:
        year = Release.latest_year() if census is None else min(Release.latest_year(), max(census.years))
    given = PROJECT / published_areas if published_areas else None
    return OpenRelease(Release.load(year), census, PROJECT / output, given)


def _area_files() -> str:
    """A hash of what is known of areas beside their figures."""
    return files_digest(areas.FILES, REFERENCE)


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
        """The true counts of a data set, as `tabulate.national` or `tabulate.areas` gives them."""
        return pd.read_parquet(self.path(data_set))

    def counts(self, data_set: DataSet) -> str:
        """Bring the counts of a data set up to date; returns a hash of them."""
        issues = [issue for issue in data_issues() if issue.time_period in data_set.years(self.release)]
        fingerprint = digest(
            self._up_to_date(data_set.unit),
            issues,
            data_set.years(self.release),
            self.release.method,
            [] if data_set.levels == (NATIONAL,) else [self.release.places.population_vintage, _area_files()],
            self.release.survival if data_set.estimated else None,
            code_digest(
                f"rereferrals.statistics.{'estimates' if data_set.estimated else 'tabulate'}",
                "rereferrals.units.registry",
                _module(data_set),
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

    def _unit_path(self, name: str) -> Path:
        return self.store.path.resolve() / "units" / str(self.release.year) / f"{name}.parquet"

    def _unit(self, name: str) -> ir.Table:
        """A unit: as it is kept, or made anew from those that are."""
        unit = UNITS[name]
        if unit.kept:
            return self.connection.read_parquet(str(self._unit_path(name)))
        return unit.build({needed: self._unit(needed) for needed in unit.units}, self.release)

    def _rows_of(self, other: str, unit: Unit) -> ir.Table:
        """What a unit takes of another: by the annual method, the years that its own figures are of."""
        rows = self._unit(other)
        return rows.filter(_.time_period >= self._first_year(unit)) if unit.annual else rows

    def _first_year(self, unit: Unit) -> int:
        """The first reporting year that figures of an annual unit are of, or that stands in for another."""
        carried = [issue.carried_year for issue in data_issues() if issue.carried_year is not None]
        covered = [data_set.years(self.release)[0] for data_set in ALL if data_set.unit == unit.name]
        return min([*covered, *carried])

    def _years(self, unit: Unit) -> tuple[int, ...]:
        """The collection years whose returns a unit reads: the annual method looks one year back, the other at all."""
        years = tuple(year for year in self.store.years if year <= self.release.year)
        if not years:
            raise BadInput(f"{self.store.path} holds no return of {self.release.year} or before: ingest some")
        if not unit.annual:
            return years
        return tuple(year for year in years if year >= self._first_year(unit) - 1)

    def _census(self, name: str, years: tuple[int, ...]) -> ir.Table:
        if name == "persons":
            return self.store.persons(self.connection)
        return self.store.table(self.connection, name, years, INPUT_TYPES.get(name))

    def _up_to_date(self, name: str) -> str:
        """Bring what is kept of a unit up to date; returns a hash of it."""
        unit = UNITS[name]
        needed = [self._up_to_date(other) for other in unit.units]
        if not unit.kept:
            return digest(needed)
        years = self._years(unit)

        def materialise() -> None:
            tables = {table: self._census(table, years) for table in unit.census}
            tables |= {other: self._rows_of(other, unit) for other in unit.units}
            unit.build(tables, self.release).to_parquet(self._unit_path(name))

        step = Step(
            f"unit-{self.release.year}-{name}",
            digest(
                self.store.digest,
                needed,
                years,
                self.release.years,
                self.release.method,
                self.release.closures_from,
                code_digest("rereferrals.units.registry"),
            ),
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
    counted = [data_set for data_set in ALL if not data_set.made_from]
    for data_set in counted:
        counting.counts(data_set)
        shutil.copyfile(counting.path(data_set), into / f"{data_set.id}.parquet")
    return [into / f"{data_set.id}.parquet" for data_set in counted]


@dataclass(frozen=True)
class Workshop:
    """The folder beside a release's where it is made: published files, the stage of the book, what steps have run."""

    path: Path

    @classmethod
    def beside(cls, out: Path) -> Workshop:
        """The workshop of the release that is published at `out`."""
        return cls(out.absolute().parent / f".{out.name}.work")

    @property
    def release(self) -> Path:
        """Published tables and data files."""
        return self.path / "release"

    @property
    def stage(self) -> Path:
        """What Jupyter Book builds: pages, theme, executed notebooks."""
        return self.path / "stage"

    @property
    def review(self) -> Path:
        """What the sentences of each chapter rest on."""
        return self.path / "review"

    def reviewed(self, notebook: Path) -> Path:
        """What the sentences of one rest on."""
        return self.review / f"{notebook.stem}.json"


def build(
    year: int,
    out: Path,
    *,
    draft: bool,
    stage: Stage,
    census: Path | None = None,
    published: Path | None = None,
    published_areas: Path | None = None,
) -> int:
    """Build the release of a year at `out`: `html/` with `data/`, `published/` and `review/`, replaced in one step.

    The figures come from the census store `census`, those on areas from the published file of C1 `published_areas` if
    it is given; or else from the release in the folder `published`. Without a census, a release has the sections on
    areas alone. `stage` gives a context for each named part of the work. Returns how many sentences are left out,
    because an input that they need was not given. Raises QualityError for an untrue sentence (unless `draft`) or an
    unfit page.
    """
    workshop = Workshop.beside(out)
    workshop.stage.mkdir(parents=True, exist_ok=True)
    release = Release.load(year)
    if published:
        _copy_files(published, workshop.release, release)
    opened = open_release(
        year, census and census.absolute(), workshop.release, published_areas and published_areas.absolute()
    )
    about = opened.about
    notebooks.prepare("rereferrals.pipeline", *(f"rereferrals.commentary.{section}" for section in about.sections))
    with stage("Count, and make the published tables"):
        for section in about.sections:
            opened.compute(section)
        about.write(workshop.release)
    with stage("Run the notebooks"):
        _run_notebooks(opened, workshop, draft)
    with stage("Build and check the pages"), fresh_folder(out) as new:
        _copy_files(workshop.release, new, release)
        publish(workshop.stage, release, about, new, draft=draft)
        left_out = review.write_report(map(workshop.reviewed, site.notebooks(about.sections)), new / review.REPORT)
        review.write_totals(release, new)
        return left_out


def _data_files(folder: Path, data_set: DataSet, release: Release) -> tuple[Path, ...]:
    """The files of a data set that a release in a folder offers to readers."""
    data = folder / DATA_FILES
    return *ees.paths(data, data_set, release), *formats.paths(data, data_set, release)


def _files(folder: Path, about: About, release: Release) -> list[Path]:
    """What a release holds beside its pages."""
    files = [folder / ABOUT]
    for data_set in data_sets_of(about.sections):
        files += [PublishedTable.path(folder, data_set), *_data_files(folder, data_set, release)]
    return files


def _copy_files(folder: Path, to: Path, release: Release) -> None:
    about = About.read(folder)
    for source, copy in zip(_files(folder, about, release), _files(to, about, release), strict=True):
        if not source.exists():
            raise BadInput(f"{source} does not exist: name a census store, or the folder of a release that is built")
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, copy)


def _run_notebooks(opened: OpenRelease, workshop: Workshop, draft: bool) -> None:
    """Execute the notebooks whose own text, code or published tables have changed."""
    about = opened.about
    shared = digest(
        opened.release,
        about,
        draft,
        files_digest(REFERENCE.glob("*.csv"), REFERENCE),
        *(file_digest(PublishedTable.path(workshop.release, data_set)) for data_set in data_sets_of(about.sections)),
    )
    sources = {f"notebook-{path.stem}": path for path in site.notebooks(about.sections)}
    steps = [
        Step(
            name,
            digest(shared, file_digest(path), _code_of(path)),
            (workshop.stage / path.name, workshop.reviewed(path)),
        )
        for name, path in sources.items()
    ]
    parameters = {
        "year": opened.release.year,
        "store": str(opened.store.path) if opened.store else None,
        "areas": str(opened.published_areas) if opened.published_areas else None,
        "output": str(workshop.release),
        "draft": draft,
    }

    def run(outdated: list[Step]) -> None:
        outdated_notebooks = [sources[step.name] for step in outdated]
        notebooks.execute(
            outdated_notebooks, parameters, workshop.stage, review=workshop.review, meanwhile=site.prepare
        )

    Ledger(workshop.path / "steps").bring_all_up_to_date(steps, run)


def _code_of(notebook: Path) -> str:
    """A hash of the code that a notebook imports, but for this module: what it gives, the published tables tell."""
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    source = "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")
    return code_digest(*sorted(imported_modules(source) - {__name__}))


def _module(data_set: DataSet) -> str:
    """The module that declares a data set."""
    section = next(name for name, data_sets in SECTIONS.items() if data_set in data_sets)
    return f"rereferrals.datasets.{section}"
