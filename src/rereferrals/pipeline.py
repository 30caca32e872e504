"""The steps of a release, in order: census store → units → true counts → published tables and data files → book."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import ibis.expr.types as ir
import pandas as pd
from ibis import BaseBackend

from rereferrals.atomic import fresh_folder
from rereferrals.build import Ledger, Step, code_digest, digest, file_digest, files_digest, imported_modules
from rereferrals.census.schema import INPUTS
from rereferrals.datasets.registry import ALL, SECTIONS
from rereferrals.dissemination import ees, notebooks, site
from rereferrals.engine import connect
from rereferrals.errors import BadInput
from rereferrals.model import DataSet
from rereferrals.published import PublishedTable
from rereferrals.qa import review
from rereferrals.release import PROJECT, REFERENCE, Release, data_issues
from rereferrals.restricted import CensusStore
from rereferrals.statistics import disclosure, tabulate
from rereferrals.units.registry import UNITS, Unit

Stage = Callable[[str], AbstractContextManager[object]]
INPUT_TYPES = {table.name: table.types() for table in INPUTS}
#: What a release says of its own figures: whether the census behind them was made up.
ABOUT = Path("published") / "about.json"


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

    @cached_property
    def _counting(self) -> Counting | None:
        """One for all data sets, so that the engine is started once."""
        return Counting(self.release, self.store) if self.store else None

    def _publish(self, data_set: DataSet) -> PublishedTable:
        counting = self._counting
        if counting is not None:
            counts = counting.counts(data_set)
            years_given = {name: counting.store.input_years(name) for name in INPUT_TYPES}
            known = disclosure.Known(self.release.year, years_given)
            Ledger(self.output / "steps").bring_up_to_date(
                Step(
                    f"publish-{data_set.file_stem}",
                    digest(
                        counts,
                        known,
                        self.release.spelling,
                        code_digest(
                            "rereferrals.statistics.disclosure", "rereferrals.dissemination.ees", _module(data_set)
                        ),
                    ),
                    (PublishedTable.path(self.output, data_set), *ees.paths(self.output / "data", data_set)),
                    lambda: self._write(counting.read(data_set), data_set, known),
                )
            )
        return PublishedTable.read(self.output, data_set)

    def _write(self, counts: pd.DataFrame, data_set: DataSet, known: disclosure.Known) -> None:
        table = disclosure.publish(counts, data_set, known)
        table.write(self.output)
        ees.write_data_set(table, self.output / "data", self.release.spelling)


def open_release(year: int | None, store: str | Path | None, output: str | Path) -> OpenRelease:
    """Open the release of a year, by default the latest that has a release file.

    `store` is a census store, or None to work from the published files in `output`. Relative paths are the project's.
    """
    release = Release.load(Release.latest_year() if year is None else year)
    return OpenRelease(release, CensusStore.open(PROJECT / store) if store else None, PROJECT / output)


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
        fingerprint = digest(
            self._up_to_date(data_set.unit),
            issues,
            self.release.years,
            self.release.method,
            code_digest("rereferrals.statistics.tabulate", "rereferrals.units.registry", _module(data_set)),
        )

        def count() -> None:
            counts = self._tabulate(self._unit(data_set.unit), data_set)
            counts.to_parquet(self.path(data_set), index=False)

        step = Step(f"counts-{self.release.year}-{data_set.id}", fingerprint, (self.path(data_set),), count)
        return self.ledger.bring_up_to_date(step)

    def _tabulate(self, unit: ir.Table, data_set: DataSet) -> pd.DataFrame:
        counts = tabulate.with_totals(tabulate.expression(unit, data_set).execute(), data_set)
        if not data_set.longitudinal:
            counts = tabulate.with_stand_ins(counts, data_set, data_issues())
        years = [year for year in data_set.years(self.release) if year in self.store.years]
        return tabulate.national(counts[counts["time_period"].isin(years)], data_set, years)

    def _unit_path(self, name: str) -> Path:
        return self.store.path.resolve() / "units" / str(self.release.year) / f"{name}.parquet"

    def _unit(self, name: str) -> ir.Table:
        """A unit: as it is kept, or made anew from those that are."""
        unit = UNITS[name]
        if unit.kept:
            return self.connection.read_parquet(str(self._unit_path(name)))
        return unit.build({needed: self._unit(needed) for needed in unit.units}, self.release)

    def _years(self, unit: Unit) -> tuple[int, ...]:
        """The collection years whose returns a unit reads: the annual method looks one year back, the other at all."""
        years = tuple(year for year in self.store.years if year <= self.release.year)
        if not years:
            raise BadInput(f"{self.store.path} holds no return of {self.release.year} or before: ingest some")
        if not unit.annual:
            return years
        carried = [issue.carried_year for issue in data_issues() if issue.carried_year is not None]
        first = min([self.release.first_year, *carried]) - 1
        return tuple(year for year in years if year >= first)

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
            tables |= {other: self._unit(other) for other in unit.units}
            unit.build(tables, self.release).to_parquet(self._unit_path(name))

        step = Step(
            f"unit-{self.release.year}-{name}",
            digest(
                self.store.digest,
                needed,
                years,
                self.release.years,
                self.release.method,
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
    for data_set in ALL:
        counting.counts(data_set)
        shutil.copyfile(counting.path(data_set), into / f"{data_set.id}.parquet")
    return [into / f"{data_set.id}.parquet" for data_set in ALL]


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
    year: int, out: Path, *, draft: bool, stage: Stage, census: Path | None = None, published: Path | None = None
) -> int:
    """Build the release of a year at `out`: `html/`, `data/`, `published/` and `review/`, replaced in one step.

    The figures come from the census store `census` or, without one, from the release in the folder `published`.
    `stage` gives a context for each named part of the work. Returns how many sentences are left out, because an input
    that they need was not given. Raises QualityError for an untrue sentence (unless `draft`) or an unfit page.
    """
    workshop = Workshop.beside(out)
    workshop.stage.mkdir(parents=True, exist_ok=True)
    notebooks.prepare("rereferrals.pipeline", *(f"rereferrals.commentary.{section}" for section in SECTIONS))
    if published:
        _copy_files(published, workshop.release)
    opened = open_release(year, census and census.absolute(), workshop.release)
    with stage("Count, and make the published tables"):
        for section in SECTIONS:
            opened.compute(section)
        if opened.store:
            _write_about(workshop.release, opened.store)
    with stage("Run the notebooks"):
        _run_notebooks(opened, workshop, draft)
    with stage("Build and check the pages"):
        site.stage(workshop.stage, opened.release, draft=draft, made_up=_is_made_up(workshop.release))
        with fresh_folder(out) as new:
            _copy_files(workshop.release, new)
            site.build(workshop.stage, new / "html")
            return review.write_report(map(workshop.reviewed, site.notebooks()), new / review.REPORT)


def _files(release: Path) -> list[Path]:
    """What a release holds beside its pages."""
    files = [release / ABOUT]
    for data_set in ALL:
        files += [PublishedTable.path(release, data_set), *ees.paths(release / "data", data_set)]
    return files


def _copy_files(release: Path, to: Path) -> None:
    for source, copy in zip(_files(release), _files(to), strict=True):
        if not source.exists():
            raise BadInput(f"{source} does not exist: name a census store, or the folder of a release that is built")
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, copy)


def _write_about(release: Path, store: CensusStore) -> None:
    (release / ABOUT).write_text(json.dumps({"made_up": store.is_made_up}) + "\n", encoding="utf-8")


def _is_made_up(release: Path) -> bool:
    return bool(json.loads((release / ABOUT).read_text(encoding="utf-8"))["made_up"])


def _run_notebooks(opened: OpenRelease, workshop: Workshop, draft: bool) -> None:
    """Execute the notebooks whose own text, code or published tables have changed."""
    shared = digest(
        opened.release,
        draft,
        files_digest(REFERENCE.glob("*.csv"), REFERENCE),
        *(file_digest(PublishedTable.path(workshop.release, data_set)) for data_set in ALL),
    )
    sources = {f"notebook-{path.stem}": path for path in site.notebooks()}
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
