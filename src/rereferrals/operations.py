"""What each command does, with its progress on the terminal."""

from __future__ import annotations

import datetime
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from rich.console import Console

from rereferrals.errors import BadInput, QualityError
from rereferrals.release import PROJECT, REFERENCE, Release

RETURNS = PROJECT / "data" / "restricted" / "returns"
CENSUS = PROJECT / "data" / "restricted" / "census"
CHECKS = PROJECT / "data" / "restricted" / "checks"
SYNTHETIC = PROJECT / "data" / "restricted" / "synthetic"
#: A made-up census begins this long before the first year published, so that children have histories by then.
YEARS_BEFORE = 5
#: Files of the restricted side are for their owner alone.
PRIVATE = 0o077


class Tell(Protocol):
    """How a stage says how far it is: so much done, of so much, of some part of it."""

    def __call__(self, done: int, of: int, what: str = "") -> None:
        """Show it."""


@dataclass
class Stages:
    """Shows the stage under way, and then what each one took."""

    console: Console = field(default_factory=lambda: Console(stderr=True, highlight=False))

    @contextmanager
    def stage(self, name: str) -> Iterator[Tell]:
        """Show `name` while the block runs, with how far it says that it is, and its seconds when it has run."""
        began = time.perf_counter()
        with self.console.status(name) as status:
            yield lambda done, of, what="": status.update(f"{name}: {what} {done / of:.0%}")
        self.console.print(f"  {name:<52}{time.perf_counter() - began:7.1f} s")


def release_folder(year: int) -> Path:
    """Where `rereferrals release` builds the release of a year."""
    return PROJECT / "_build" / "release" / str(year)


def synthesise(out: Path, years: range, scale: float, seed: int, form: str) -> None:
    """Make a census up, as a store or as one XML return per year and authority."""
    os.umask(PRIVATE)
    if form not in ("store", "xml"):
        raise BadInput(f"--as {form}: a census is made as 'store' or as 'xml'")
    stages = Stages()
    if form == "store":
        _make_up(out, years, scale, seed, stages)
        _number(out, stages)
    else:
        with tempfile.TemporaryDirectory(dir=out.absolute().parent, prefix=f".{out.name}.") as scratch:
            store = Path(scratch) / "store"
            _make_up(store, years, scale, seed, stages)
            _write_xml(store, out, stages)
    print(out)


def _make_up(store: Path, years: range, scale: float, seed: int, stages: Stages) -> None:
    with stages.stage("Make a census up") as tell:
        from rereferrals.census.synthetic.store import synthesise as make_up

        make_up(store, years, scale, seed, progress=lambda what, done, of: tell(done, of, what))


def _number(store: Path, stages: Stages) -> None:
    """Make what every release of a store starts from, unless it is there."""
    with stages.stage("Number children and cases"):
        from rereferrals import counting

        counting.prepare(store)


def _write_xml(store: Path, out: Path, stages: Stages) -> None:
    with stages.stage("Write it as XML returns"):
        from rereferrals.atomic import fresh_folder
        from rereferrals.census.inputs import write_beside
        from rereferrals.census.xml.write import write_xml
        from rereferrals.restricted import CensusStore

        with fresh_folder(out) as folder:
            write_xml(folder, CensusStore.open(store))
            write_beside(folder, CensusStore.open(store))


def ingest(paths: list[Path], into: Path, replace: bool) -> None:
    """Read returns into a store, number what is in it, and say how many there were."""
    os.umask(PRIVATE)
    stages = Stages()
    with stages.stage("Read the returns") as tell:
        from rereferrals.census.ingest import ingest as read

        reports = read(paths, into, replace, tell)
    _number(into, stages)
    returns = sum(not report.input for report in reports)
    others = f" and {len(reports) - returns} tables beside them" if len(reports) > returns else ""
    print(f"{returns} returns{others} read into {into}; what was found in each: {into / 'read_report.csv'}")


def check(year: int, census: Path, into: Path) -> None:
    """Count what breaks the validation rules in the returns of a year, by authority and in all, and what is missing."""
    os.umask(PRIVATE)
    with Stages().stage("Check the returns"):
        from rereferrals.census import checks
        from rereferrals.qa import quality
        from rereferrals.restricted import CensusStore

        store = CensusStore.open(census)
        if year not in store.years:
            raise BadInput(f"{census} holds no return of {year}: it has {', '.join(map(str, store.years))}")
        breaks = checks.check(store, [year])
        broken = checks.summary(breaks)
        found = {
            "rule_breaks.csv": breaks,
            "rules_broken.csv": broken,
            "quality_by_authority.csv": quality.by_authority(store, year, breaks),
        }
        into.mkdir(parents=True, exist_ok=True)
        for name, table in found.items():
            table.to_csv(into / name, index=False, lineterminator="\n")
    errors = int((broken["severity"] == "error").sum())
    print(f"{errors} rules and {len(broken) - errors} queries are broken by some return of {year}: {into}")


def count(year: int, census: Path, into: Path) -> None:
    """Count every data set of a release into `into`."""
    os.umask(PRIVATE)
    with Stages().stage("Count"):
        from rereferrals import counting

        paths = counting.count(year, census, into)
    for path in paths:
        print(path)


def build(
    year: int,
    out: Path,
    draft: bool,
    census: Path | None = None,
    published: Path | None = None,
    areas: str | None = None,
) -> None:
    """Build a release at `out`, unless nothing it depends on has changed since it was built there.

    `areas` is `published=PATH`, a published file of C1, or None to count areas as everything else.
    """
    from rereferrals.build import is_current, record_build

    published_areas = _published_areas(areas) if areas else None
    if (census is None and published_areas is None) == (published is None):
        raise BadInput(
            "name where the figures come from: --census STORE, --areas published=FILE or both, or --published RELEASE"
        )
    inputs = _inputs(year, draft, census, published, published_areas)
    record = out.absolute().parent / f".{out.name}.work" / "build.json"
    index = out / "html" / "index.html"
    if is_current(record, inputs, out):
        print(f"Nothing has changed: {index}")
        return
    stages = Stages()
    with stages.stage("Start"):
        from rereferrals.dissemination import notebooks

        notebooks.prepare(*(PROJECT / "book").glob("*.ipynb"))  # which goes on while this imports the rest
        from rereferrals import pipeline
        from rereferrals.qa.review import REPORT
    left_out = pipeline.build(
        year,
        out,
        draft=draft,
        stage=stages.stage,
        census=census,
        published=published,
        published_areas=published_areas,
    )
    record_build(record, inputs, out)
    if left_out:
        print(f"{left_out} sentences are left out: see {out / REPORT}")
    print(index)


def fetch(names: list[str], accept: bool, offline: bool) -> None:
    """Fetch published files, or check those that are there; raises QualityError if one differs and is not accepted."""
    if accept and offline:
        raise BadInput("--accept takes what is fetched, and --offline fetches nothing: leave one of them out")
    with Stages().stage("Check published files" if offline else "Fetch published files"):
        from rereferrals.open_data import fetch as published

        outcome = (
            published.check(REFERENCE, names)
            if offline
            else published.fetch(REFERENCE, names, accept, datetime.date.today())
        )
    for line in outcome.lines:
        print(line)
    if outcome.questions:
        remedy = "" if offline else "\nIf that is right, run the same with --accept; until then nothing of it is used."
        raise QualityError("\n".join(outcome.questions) + remedy)


def _published_areas(areas: str) -> Path:
    """The file named in `published=PATH`; raises BadInput if there is none."""
    kind, _, path = areas.partition("=")
    if kind != "published" or not path:
        raise BadInput(f"--areas {areas}: give a published file of C1, as in --areas published=c1.csv")
    if not Path(path).is_file():
        raise BadInput(f"--areas {areas}: there is no file {path}; 'rereferrals fetch cin_c1' brings one")
    return Path(path)


def _inputs(year: int, draft: bool, census: Path | None, published: Path | None, published_areas: Path | None) -> str:
    """A hash of all that a build depends on: code, book, reference data, libraries, and where the figures come from."""
    from rereferrals.build import digest, file_digest, files_digest, library_digest
    from rereferrals.restricted import CensusStore

    folders = ("src/rereferrals", "book", "data/releases", "data/reference")
    files = [p for folder in folders for p in (PROJECT / folder).rglob("*") if p.is_file() and _is_source(p)]
    files += [PROJECT / "_config.yml", PROJECT / "_toc.yml"]
    store = CensusStore.open(census).digest if census else None
    release = files_digest((p for p in published.rglob("*") if p.is_file()), published) if published else None
    areas = file_digest(published_areas) if published_areas else None
    return digest(year, draft, store, release, areas, files_digest(files, PROJECT), library_digest())


def _is_source(path: Path) -> bool:
    return path.suffix != ".pyc" and not {"charts", "open"} & set(path.relative_to(PROJECT).parts)


def backtest(year: int, folder: Path) -> None:
    """Print the comparison of a built release with the published figures; raises QualityError if one differs."""
    from rereferrals.qa.backtest import backtest as compare
    from rereferrals.qa.backtest import format_rows

    compared = compare(year, folder)
    print(format_rows(compared))
    if failed := sum(not row.passed for row in compared.rows):
        raise QualityError(f"{failed} of {len(compared.rows)} figures are not as published")


def screen(data: Path) -> bool:
    """Print what the screener finds in a data file and its metadata file; whether they pass."""
    from rereferrals import screener

    screening = screener.screen(data, screener.metadata_path(data))
    for result in (*screening.faults(), *screening.warnings()):
        print(result)
    if not screening.passed:
        print(f"{data}: fails; the stages after the first that fails are not looked at")
    else:
        print(f"{data}: passes, {'and is' if screening.api_suitable else 'and is not'} suitable for the platform's API")
    return screening.passed


def make_release(year: int | None) -> None:
    """Make the release of a year, by default the latest, from the returns given or a made-up national census."""
    year = year or Release.latest_year()
    out = release_folder(year)
    umask = os.umask(PRIVATE)
    if any(path.is_file() and path.name != ".gitkeep" for path in RETURNS.rglob("*")):
        census = CENSUS
        ingest([RETURNS], census, replace=True)
        check(year, census, CHECKS / str(year))
    else:
        census = SYNTHETIC
        years = census_years(year)
        if not _has_years(census, years):
            print(f"There are no returns in {RETURNS}, so a census is made up: no child in it is real.")
            synthesise(census, years, 1.0, 1, "store")
    os.umask(umask)
    try:
        build(year, out, draft=False, census=census)
    except QualityError as error:
        draft = f"rereferrals build --year {year} --census {census} --out {out.with_name(f'{year}-draft')} --draft"
        raise QualityError(f"{error}\nA draft shows every such place on its page: {draft}") from None
    print(
        f"\nNext: open {out / 'html' / 'index.html'} in a browser"
        f"\n      rereferrals backtest {year}              compare the figures with those published"
        f"\n      make preview                       a small draft, served on this machine"
        f"\n      put returns in {RETURNS} and run this again"
    )


def census_years(year: int | None = None) -> range:
    """The collection years of a census made up for a release, by default the latest."""
    release = Release.load(year or Release.latest_year())
    return range(release.first_year - YEARS_BEFORE, release.year + 1)


def _has_years(census: Path, years: range) -> bool:
    from rereferrals.restricted import CensusStore

    try:
        return CensusStore.open(census).years == tuple(years)
    except BadInput:
        return False
