"""A release from a small made-up census, by the commands a user gives."""

from __future__ import annotations

import csv
import hashlib
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

from rereferrals.datasets.registry import ALL
from rereferrals.model import LOCAL_AUTHORITY
from rereferrals.published import SYMBOLS, PublishedTable
from rereferrals.release import Release
from rereferrals.restricted import CensusStore, write_manifest

YEAR = Release.latest_year()
YEARS = f"{YEAR - 9}:{YEAR}"


def run(*command: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "rereferrals.cli", *map(str, command)], capture_output=True, text=True, check=False
    )


def succeed(*command: object) -> str:
    done = run(*command)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def census(tmp_path_factory: pytest.TempPathFactory) -> Path:
    store = tmp_path_factory.mktemp("census") / "store"
    succeed("synthesise", "--out", store, "--years", YEARS, "--scale", 0.02)
    return store


@pytest.fixture(scope="module")
def release(census: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("built") / "release"
    succeed("build", "--year", YEAR, "--census", census, "--out", out)
    return out


def digests(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder.resolve()).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.resolve().rglob("*"))
        if path.is_file()
    }


def test_a_release_holds_pages_and_data_files(release: Path) -> None:
    files = digests(release)
    assert "html/index.html" in files
    assert "html/referrals.html" in files
    for name in ("a1", "a2", "a3"):
        assert any(re.fullmatch(rf"html/data/{name}_\w+\.csv", file) for file in files)
        assert any(re.fullmatch(rf"html/data/{name}_\w+\.meta\.csv", file) for file in files)


def test_a_second_build_finds_nothing_to_do_and_a_damaged_one_is_mended(census: Path, release: Path) -> None:
    before = digests(release)
    command = ("build", "--year", YEAR, "--census", census, "--out", release)
    assert "Nothing has changed" in succeed(*command)
    (release / "html" / "index.html").write_text("damaged")
    assert "Nothing has changed" not in succeed(*command)
    assert digests(release) == before


def test_another_build_elsewhere_is_the_same_byte_for_byte(census: Path, release: Path, tmp_path: Path) -> None:
    succeed("build", "--year", YEAR, "--census", census, "--out", tmp_path / "deeper" / "copy")
    assert digests(tmp_path / "deeper" / "copy") == digests(release)


def test_the_pages_are_built_from_published_files_with_the_restricted_folder_gone(
    release: Path, tmp_path: Path
) -> None:
    shutil.copytree(release, tmp_path / "published")
    for path in (tmp_path / "published" / "html").iterdir():
        if path.is_dir() and path.name != "data":
            shutil.rmtree(path)
        elif path.is_file():
            path.unlink()
    succeed("build", "--year", YEAR, "--published", tmp_path / "published", "--out", tmp_path / "release")
    assert digests(tmp_path / "release") == digests(release)


def test_without_what_comes_beside_the_returns_a_release_says_what_it_cannot_know(
    census: Path, release: Path, tmp_path: Path
) -> None:
    bare = tmp_path / "bare"
    skip = shutil.ignore_patterns("looked_after.parquet", "pupils.parquet", "units", "counts", "steps", "store.json")
    shutil.copytree(census.resolve(), bare, ignore=skip)
    write_manifest(bare, list(CensusStore.open(census).returns))
    said = succeed("build", "--year", YEAR, "--census", bare, "--out", tmp_path / "release")
    with_all, without = (_report(folder) for folder in (release, tmp_path / "release"))
    store = CensusStore.open(census)
    lacks = {name for name in ("looked_after", "pupils") if not store.input_years(name)}
    if min(store.years) > Release.load(YEAR).closures_from:
        lacks.add("six_years")
    assert all(any(name in row["reason"] for name in lacks) for row in with_all if row["status"] == "left out")
    left_out = [row for row in without if row["status"] == "left out"]
    assert all("was not given" in row["reason"] for row in left_out)
    assert not [row for row in without if row["status"] == "untrue" and "was not given" in row["reason"]]
    assert not left_out or f"{len(left_out)} sentences are left out: see" in said
    (meals,) = (tmp_path / "release" / "html" / "data").glob("c1_*meals.csv")
    with open(meals, newline="", encoding="utf-8") as file:
        assert {row["fsm_eligible_percent"] for row in csv.DictReader(file)} == {"x"}
    assert not list((tmp_path / "release" / "html").rglob("claims*"))


def _report(release: Path) -> list[dict[str, str]]:
    with open(release / "review" / "claims.csv", newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_a_build_says_where_figures_may_come_from(tmp_path: Path) -> None:
    done = run("build", "--year", YEAR, "--out", tmp_path / "release")
    assert done.returncode == 2
    assert "--census STORE, --areas published=FILE or both, or --published RELEASE" in done.stderr


def test_pages_from_a_made_up_census_say_so(release: Path) -> None:
    for page in (release / "html").glob("*.html"):
        assert "Made-up data" in page.read_text(encoding="utf-8")


def test_no_child_is_in_the_release(census: Path, release: Path) -> None:
    children = pd.concat(pd.read_parquet(path) for path in sorted(census.glob("*/children.parquet")))
    marks = {*children["la_child_id"].dropna(), *children["upn"].dropna()}
    assert len(marks) > 10_000
    words = set()
    for path in release.resolve().rglob("*"):
        if path.is_file():
            text = path.read_bytes()
            if path.suffix == ".parquet":
                text = pq.read_table(path).to_pandas().to_csv().encode()
            words |= set(re.findall(rb"[A-Za-z0-9]{6,}", text))
    assert not {mark.encode() for mark in marks} & words


def test_every_published_count_is_rounded_or_an_authoritys_own_and_none_is_small(release: Path) -> None:
    for data_set in (data_set for data_set in ALL if not data_set.made_from):
        table = PublishedTable.read(release, data_set)
        counts = [count.name for count in data_set.counts if not count.reference and count in data_set.indicators]
        for row in table.rows:
            for value in (row[name] for name in counts if row[name] not in SYMBOLS):
                assert not 1 <= int(value) <= 5
                assert int(value) % 10 == 0 or row["geographic_level"] == LOCAL_AUTHORITY


def test_true_counts_are_whole_numbers_and_the_parts_make_the_total(census: Path, tmp_path: Path) -> None:
    succeed("count", YEAR, "--census", census, "--into", tmp_path)
    a1 = pd.read_parquet(tmp_path / "A1.parquet").set_index("time_period")
    a2 = pd.read_parquet(tmp_path / "A2.parquet")
    assert {str(dtype) for name, dtype in a1.dtypes.items() if name.endswith("_count")} == {"int64"}
    totals = a2[a2["number_of_referrals"] == "Total"].set_index("time_period")["referral_child_count"]
    parts = a2[a2["number_of_referrals"] != "Total"].groupby("time_period")["referral_child_count"].sum()
    assert totals.to_dict() == parts.to_dict() == a1["referral_child_count"].to_dict()


def test_a_check_counts_what_breaks_the_rules_and_shows_no_child(census: Path, tmp_path: Path) -> None:
    said = succeed("check", YEAR, "--census", census, "--into", tmp_path)
    assert re.search(r"0 rules and \d+ queries are broken", said), "a made-up census keeps every rule"
    broken = pd.read_csv(tmp_path / "rules_broken.csv")
    assert {"collection_year", "rule", "severity", "words", "authorities", "breaks"} == set(broken.columns)
    england, *authorities = pd.read_csv(tmp_path / "quality_by_authority.csv").to_dict("records")
    assert len(authorities) > 150
    assert england["error_rule_count"] == 0
    assert england["referral_count"] == sum(row["referral_count"] for row in authorities) > 0
    assert run("check", YEAR + 1, "--census", census, "--into", tmp_path).returncode == 2


def test_a_backtest_of_figures_that_differ_ends_with_a_failed_check(release: Path) -> None:
    done = run("backtest", YEAR, "--release", release)
    assert done.returncode == 5
    assert re.search(r"^referrals .* fail$", done.stdout, re.MULTILINE)
    assert "figures are not as published" in done.stderr


def test_a_store_that_is_none_is_bad_input_and_leaves_nothing_behind(tmp_path: Path) -> None:
    done = run("build", "--year", YEAR, "--census", tmp_path, "--out", tmp_path / "release")
    assert done.returncode == 2
    assert "is not a census store" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "release").exists()
