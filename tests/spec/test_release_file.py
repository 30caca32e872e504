"""A release file says what is particular to a year, and one that does not fit is refused with the reason."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from rereferrals.errors import BadInput
from rereferrals.release import Method, Release, reporting_year

FILE = """
title = "A release"
release_type = "Official statistics"
first_year = 2017
published = 2024-12-05
next_update = "December"
contact_name = "A team"
contact_email = "team@example.org"
"""


def load(tmp_path: Path, text: str) -> Release:
    (tmp_path / "2024.toml").write_text(text, encoding="utf-8")
    return Release.load(2024, tmp_path)


def test_a_release_file_is_read(tmp_path: Path) -> None:
    release = load(tmp_path, FILE)
    assert (release.years, release.data_end, release.method) == (range(2017, 2025), date(2024, 3, 31), Method())


def test_what_the_method_leaves_open_can_be_decided_in_the_release_file(tmp_path: Path) -> None:
    release = load(tmp_path, FILE + '[method]\nsame_day = "keep"\ncohort_under_18 = true\n')
    assert release.method == Method(same_day="keep", cohort_under_18=True)


@pytest.mark.parametrize(
    "text, words",
    [
        (FILE.replace("2017", "2025"), "first_year 2025 is after"),
        (FILE.replace("title", "titel"), "titel"),
        (FILE.replace('"A team"', "A team"), "Invalid value"),
        (FILE + '[method]\nsame_day = "drop"\n', "choose one of collapse, keep"),
        (FILE + '[method]\nsame_week = "drop"\n', "same_week"),
    ],
)
def test_a_release_file_that_does_not_fit_is_refused_by_name(text: str, words: str, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=words) as refused:
        load(tmp_path, text)
    assert "2024.toml" in str(refused.value)


def test_a_year_without_a_release_file_is_refused_with_those_there_are(tmp_path: Path) -> None:
    load(tmp_path, FILE)
    with pytest.raises(BadInput, match=r"no 2025.toml .*\(there is: 2024\)"):
        Release.load(2025, tmp_path)


@pytest.mark.parametrize("day, year", [("2024-03-31", 2024), ("2024-04-01", 2025), ("2023-04-01", 2024)])
def test_a_year_ends_on_31_march(day: str, year: int) -> None:
    assert reporting_year(date.fromisoformat(day)) == year
