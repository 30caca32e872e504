"""What a store keeps of all its returns is made once for all releases of it, and again when it is out of date."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from made_up_returns import write_returns
from rereferrals import counting
from rereferrals.census.ingest import ingest
from rereferrals.census.synthetic import synthesise
from rereferrals.cli import app
from rereferrals.counting import Counting
from rereferrals.datasets.referrals import A1, A2, A3
from rereferrals.release import Method, Release
from rereferrals.restricted import MANIFEST, CensusStore
from rereferrals.units.registry import UNITS

YEARS = range(2020, 2025)
LATEST = Release.load(YEARS[-1])
IN_PARTS = {name for name, unit in UNITS.items() if unit.in_parts}
OF_RETURNS = {name for name, unit in UNITS.items() if unit.of_returns}
#: Counted on annual referrals, on children and on those who are followed.
COUNTED = (A1, A2, A3)


@pytest.fixture(scope="module")
def made_up(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The store of a small authority."""
    folder = tmp_path_factory.mktemp("census") / "store"
    synthesise(folder, YEARS, authorities=["857"], processes=1)
    return folder


@pytest.fixture
def store(made_up: Path, tmp_path: Path) -> Path:
    """A copy of it, of which nothing has been counted."""
    shutil.copytree(made_up, tmp_path / "store")
    return tmp_path / "store"


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of units, each time that one is made."""
    names: list[str] = []

    def noting(name: str) -> Callable[..., object]:
        build = UNITS[name].build
        return lambda *arguments: names.append(name) or build(*arguments)

    for name, unit in list(UNITS.items()):
        monkeypatch.setitem(UNITS, name, replace(unit, build=noting(name)))
    return names


def count(store: Path, release: Release = LATEST) -> None:
    """Bring counts of a release up to date, and what others are estimated from, with one that is opened anew."""
    made = Counting(release, CensusStore.open(store))
    made.up_to_date("closures")
    for data_set in COUNTED:
        made.counts(data_set)


def test_units_of_the_returns_are_made_once_for_all_releases_of_them(store: Path, made: list[str]) -> None:
    assert IN_PARTS == {"groups", "records"} < OF_RETURNS == {*IN_PARTS, "in_year", "merged", "closed"}
    count(store)
    assert set(made) > OF_RETURNS
    for other, of_its_returns in (
        (Release.like_latest(YEARS[-2]), OF_RETURNS - IN_PARTS),
        (replace(LATEST, method=Method(same_day="keep", cohort_under_18=True)), set()),
        (replace(LATEST, first_year=LATEST.first_year + 1), set()),
    ):
        made.clear()
        count(store, other)
        assert {"referrals", "followup"} <= set(made)
        assert OF_RETURNS & set(made) == of_its_returns


def test_nothing_is_made_again_while_nothing_changes(store: Path, made: list[str]) -> None:
    count(store)
    made.clear()
    counting.prepare(store)
    count(store)
    assert made == []


def test_what_is_prepared_is_what_releases_start_from(store: Path, made: list[str]) -> None:
    counting.prepare(store)
    assert set(made) == OF_RETURNS
    made.clear()
    count(store)
    assert not OF_RETURNS & set(made)


def other_content(store: Path, _: pytest.MonkeyPatch) -> None:
    """As after other returns: the manifest holds the hash of every file."""
    manifest = store / MANIFEST
    manifest.write_text(manifest.read_text(encoding="utf-8") + "\n", encoding="utf-8")


def other_codes(_: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counting, "code_files", lambda: "other code sets")


@pytest.mark.parametrize("change", [other_content, other_codes])
def test_units_of_a_store_are_made_again_if_its_content_or_a_code_set_has_changed(
    change: Callable[[Path, pytest.MonkeyPatch], None], store: Path, made: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    count(store)
    made.clear()
    change(store, monkeypatch)
    count(store)
    assert set(made) > OF_RETURNS


def test_every_code_set_is_in_the_hash_of_code_sets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(counting.CODES, tmp_path / "codes")
    monkeypatch.setattr(counting, "CODES", tmp_path / "codes")
    monkeypatch.setattr(counting, "REFERENCE", tmp_path)
    seen = {counting.code_files()}
    files = sorted((tmp_path / "codes").iterdir())
    for file in files:
        file.write_text(file.read_text(encoding="utf-8") + "X9,Another,,,\n", encoding="utf-8")
        seen.add(counting.code_files())
    assert len(seen) == len(files) + 1


def test_a_unit_made_of_some_years_at_a_time_gives_the_same_counts(
    store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where the files of other parts are left from before."""
    counts, parts = {}, {}
    for years in (len(YEARS), 1, 2):
        monkeypatch.setattr(counting, "YEARS_AT_ONCE", years)
        paths = counting.count(YEARS[-1], store, tmp_path / str(years))
        counts[years] = {path.name: pd.read_parquet(path) for path in paths}
        parts[years] = len(list((store / "units" / "parts").glob("*/groups.parquet")))
    whole = counts.pop(len(YEARS))
    assert parts == {len(YEARS): 1, 1: len(YEARS), 2: len(YEARS)}
    assert sum(len(table) for table in whole.values()) > 1000
    for by_parts in counts.values():
        for name, table in whole.items():
            pd.testing.assert_frame_equal(by_parts[name], table, check_exact=True)


# By the commands


def returns(folder: Path, la: str, *days: str) -> Path:
    """A return of one child, referred on these days."""
    folder.mkdir()
    write_returns([{"la": la, "child": "A", "ref": date.fromisoformat(day)} for day in days], folder)
    return folder


def command(*arguments: object) -> None:
    ran = CliRunner().invoke(app, list(map(str, arguments)), catch_exceptions=False)
    assert ran.exit_code == 0


def kept(store: Path) -> dict[str, tuple[int, int]]:
    """Every file of a store but for locks, and what tells whether it is the same."""
    files = (path for path in store.rglob("*") if path.is_file() and path.suffix != ".lock")
    return {str(path.relative_to(store)): (path.stat().st_ino, path.stat().st_mtime_ns) for path in files}


def groups(store: Path) -> list[str]:
    """The authorities of the groups of a store, as its unit has them."""
    parts = sorted((store / "units" / "parts").glob("*/groups.parquet"))
    return sorted(lea for part in parts for lea in pq.read_table(part)["lea"].to_pylist())


def test_returns_are_numbered_when_they_are_read_in(tmp_path: Path, made: list[str]) -> None:
    store = tmp_path / "store"
    command("ingest", returns(tmp_path / "first", "301", "2023-05-01", "2023-08-01"), "--into", store)
    assert set(made) == OF_RETURNS
    assert groups(store) == ["301", "301"]
    first, before = store.resolve(), kept(store.resolve())

    made.clear()
    command("ingest", tmp_path / "first", "--into", store)
    assert (made, store.resolve(), kept(store.resolve())) == ([], first, before)

    command("ingest", returns(tmp_path / "second", "302", "2023-06-01"), "--into", store)
    assert set(made) == OF_RETURNS
    assert groups(store) == ["301", "301", "302"]
    assert kept(first) == before, "a reader that has the former version open keeps it"


def test_another_version_of_a_store_begins_with_nothing_worked_out_from_the_one_before(tmp_path: Path) -> None:
    store = tmp_path / "store"
    ingest([returns(tmp_path / "first", "301", "2023-05-01")], store)
    count(store)
    assert {"units", "counts", "steps"} <= {path.name for path in store.iterdir()}
    ingest([returns(tmp_path / "second", "302", "2023-06-01")], store)
    assert {path.name for path in store.iterdir()} == {"2024", "persons.parquet", "read_report.csv", MANIFEST}


def test_reading_what_is_there_already_keeps_what_was_worked_out(tmp_path: Path, made: list[str]) -> None:
    store = tmp_path / "store"
    ingest([returns(tmp_path / "first", "301", "2023-05-01")], store)
    count(store)
    made.clear()
    ingest([tmp_path / "first"], store)
    count(store)
    assert made == []


def test_a_made_up_store_is_numbered_and_made_up_returns_are_not(tmp_path: Path, made: list[str]) -> None:
    size = ("--years", "2024:2024", "--scale", 0.001)
    command("synthesise", "--out", tmp_path / "returns", *size, "--as", "xml")
    assert made == []
    command("synthesise", "--out", tmp_path / "store", *size)
    assert set(made) == OF_RETURNS
    assert len(groups(tmp_path / "store")) == sum(r.groups for r in CensusStore.open(tmp_path / "store").returns) > 0
