"""The steps of a release, in order: census store → units → true counts → published tables and data files → book.

Figures on areas can also be taken from what was published before, in place of the returns.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from rereferrals import screener
from rereferrals.atomic import fresh_folder
from rereferrals.build import Ledger, Step, code_digest, digest, file_digest, files_digest
from rereferrals.counting import INPUT_TYPES, Counting, area_files
from rereferrals.datasets.regional import CIN_C1, F1
from rereferrals.datasets.registry import AREA_SECTIONS, SECTIONS, data_sets_of, module_of
from rereferrals.datasets.survival import SIX_YEARS
from rereferrals.dissemination import ees, formats, notebooks, site
from rereferrals.dissemination.publication import publish
from rereferrals.errors import BadInput
from rereferrals.model import DataSet
from rereferrals.places import registry as places
from rereferrals.places.published_c1 import read_c1, with_rates
from rereferrals.published import ABOUT, DATA_FILES, About, PublishedTable
from rereferrals.qa import review
from rereferrals.release import PROJECT, REFERENCE, Release, data_issues
from rereferrals.restricted import CensusStore
from rereferrals.statistics import disclosure, estimates

Stage = Callable[[str], AbstractContextManager[object]]


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
                            "rereferrals.dissemination.ees", "rereferrals.dissemination.formats", module_of(data_set)
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
                digest(sources, area_files(), code_digest(make.__module__)),
                lambda: make(tables, self.release),
            )
        if self.published_areas is not None and data_set == CIN_C1:
            return self._taking_over(self.published_areas)
        if self.published_areas is not None and data_set == F1:
            c1 = self._publish(CIN_C1)
            source = file_digest(PublishedTable.path(self.output, CIN_C1))
            return digest(source, area_files(), code_digest(with_rates.__module__)), lambda: with_rates(
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
        return digest(file_digest(file), issues, area_files(), code), lambda: read_c1(file, self.release, issues)

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
    chapters = site.notebooks(about.sections)
    with ExitStack() as running:
        run = running.enter_context(_notebooks(opened, workshop, draft))
        with stage("Count and estimate, and run notebooks"):
            for section in about.sections:
                opened.compute(section)
                run([chapter for chapter in chapters if chapter.stem == section])
            about.write(workshop.release)
        with stage("Run the other notebooks"):
            run([chapter for chapter in chapters if chapter.stem not in about.sections])
            site.prepare()
            running.close()
    with stage("Build and check the pages"), fresh_folder(out) as new:
        _copy_files(workshop.release, new, release)
        publish(workshop.stage, release, about, new, draft=draft)
        left_out = review.write_report(map(workshop.reviewed, chapters), new / review.REPORT)
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


@contextmanager
def _notebooks(opened: OpenRelease, workshop: Workshop, draft: bool) -> Iterator[Callable[[Sequence[Path]], None]]:
    """Execute those of the notebooks that are handed over whose own text, code or published tables have changed.

    A notebook shows the tables of the section that it is named after, or of all if there is none; they are to be there
    when it is handed over.
    """
    about = opened.about
    shared = digest(opened.release, about, draft, files_digest(REFERENCE.glob("*.csv"), REFERENCE))
    ledger, ran = Ledger(workshop.path / "steps"), list[Step]()

    def step(path: Path) -> Step:
        tables = data_sets_of([path.stem] if path.stem in about.sections else about.sections)
        published = [file_digest(PublishedTable.path(workshop.release, data_set)) for data_set in tables]
        made = (workshop.stage / path.name, workshop.reviewed(path))
        return Step(f"notebook-{path.stem}", digest(shared, published, file_digest(path), _code_of(path)), made)

    parameters = {
        "year": opened.release.year,
        "store": str(opened.store.path) if opened.store else None,
        "areas": str(opened.published_areas) if opened.published_areas else None,
        "output": str(workshop.release),
        "draft": draft,
    }
    with notebooks.executing(parameters, workshop.stage, workshop.review) as execute:

        def run(chapters: Sequence[Path]) -> None:
            outdated = {path: made for path in chapters if not ledger.is_up_to_date(made := step(path))}
            execute(outdated)
            ran.extend(outdated.values())

        yield run
    ledger.record(ran)


def _code_of(notebook: Path) -> str:
    """A hash of the code that a notebook imports, but for this module: what it gives, the published tables tell."""
    return code_digest(*sorted(notebooks.imports(notebook) - {__name__}))
