"""The chapters on places, built by the command from a published file of C1 alone."""

from __future__ import annotations

import csv
import hashlib
import re
import subprocess
import sys
from pathlib import Path

import pytest

import made_up_c1
from rereferrals.datasets.regional import CIN_C1
from rereferrals.datasets.registry import AREA_SECTIONS, SECTIONS
from rereferrals.places.published_c1 import COLUMNS
from rereferrals.release import PROJECT

YEAR = 2024


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "rereferrals.cli", "build", "--year", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True)


def digests(folder: Path) -> dict[str, str]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@pytest.fixture(scope="module")
def c1(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("published") / "c1.csv"
    made_up_c1.published(CIN_C1, YEAR).frame[list(COLUMNS)].to_csv(path, index=False, lineterminator="\n")
    return path


@pytest.fixture(scope="module")
def release(c1: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("built") / "release"
    done = run(YEAR, "--areas", f"published={c1}", "--out", out, "--final")
    assert done.returncode == 0, done.stderr
    return out


def test_it_has_the_pages_and_data_sets_of_places_alone(release: Path) -> None:
    pages = {path.stem for path in (release / "html").glob("*.html")}
    prose = {page.stem for page in (PROJECT / "book").glob("*.md")}
    assert pages == {"index", *AREA_SECTIONS, *prose}
    files = {path.stem.removesuffix(".meta") for path in (release / "html" / "data").glob("*.csv")}
    assert len(files) == sum(len(SECTIONS[section]) for section in AREA_SECTIONS)
    assert "c1_children_in_need_referrals_and_rereferrals_2013_to_2024" in files


def test_the_front_page_has_its_figures_and_says_what_is_left_out(release: Path) -> None:
    front = (release / "html" / "index.html").read_text(encoding="utf-8")
    assert "621,880" in front and "Left out: referrals and re-referrals, duration of episodes of need" in front
    assert "journeys.html" not in front and "regional.html" in front


def test_its_data_file_of_c1_is_the_published_one(release: Path, c1: Path) -> None:
    (data,) = (release / "html" / "data").glob("c1_*20??.csv")
    assert data.read_bytes() == c1.read_bytes()


def test_no_child_was_made_up_and_no_page_says_so(release: Path) -> None:
    assert "Made-up data" not in (release / "html" / "regional.html").read_text(encoding="utf-8")


def test_reviewers_are_told_what_each_total_comes_to(release: Path) -> None:
    with open(release / "review" / "totals.csv", newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 12 * 12 * len(CIN_C1.indicators)
    assert all(row["agrees"] == "True" and bool(row["computed"]) != bool(row["reason"]) for row in rows)


def test_every_sentence_of_its_chapters_is_true_and_what_needs_returns_is_left_out(release: Path) -> None:
    with open(release / "review" / "claims.csv", newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert {row["status"] for row in rows if row["chapter"] in AREA_SECTIONS} == {"said"}
    assert {row["status"] for row in rows} == {"said", "left out"}


def test_a_second_build_finds_nothing_to_do(release: Path, c1: Path) -> None:
    assert "Nothing has changed" in run(YEAR, "--areas", f"published={c1}", "--out", release, "--final").stdout


def test_its_pages_can_be_made_again_from_its_own_files(release: Path, tmp_path: Path) -> None:
    done = run(YEAR, "--published", release, "--out", tmp_path / "again", "--final")
    assert done.returncode == 0, done.stderr
    assert digests(tmp_path / "again") == digests(release)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("c1.csv", "--areas published=c1.csv"),
        ("counted=c1.csv", "--areas published=c1.csv"),
        ("published=nowhere.csv", "rereferrals fetch cin_c1"),
    ],
)
def test_what_is_no_published_file_is_refused(given: str, said: str, tmp_path: Path) -> None:
    done = run(YEAR, "--areas", given, "--out", tmp_path / "release")
    assert done.returncode == 2 and said in done.stderr
    assert not (tmp_path / "release").exists()


def test_a_file_that_cannot_be_right_is_refused_and_nothing_is_left(c1: Path, tmp_path: Path) -> None:
    wrong = tmp_path / "c1.csv"
    wrong.write_text(re.sub("E06000039", "E0600003", c1.read_text(encoding="utf-8")), encoding="utf-8")
    done = run(YEAR, "--areas", f"published={wrong}", "--out", tmp_path / "release")
    assert done.returncode == 2 and "Slough" in done.stderr and "E06000039" in done.stderr
    assert not (tmp_path / "release").exists()
