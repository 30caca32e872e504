"""A release file says what is particular to a year, and one that does not fit is refused with the reason."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from rereferrals.errors import BadInput
from rereferrals.release import DataIssue, Method, Release, data_issues, reporting_year

FILE = """
title = "A release"
release_type = "Official statistics"
release_type_means = "They keep to a code of practice."
first_year = 2017
published = 2024-12-05
next_update = "December"
contact_name = "A team"
contact_email = "team@example.org"
press_name = "A press office"
press_email = "press@example.org"
address = "https://example.org/release/"
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


ISSUES = """old_la_code,time_period,measures,display,total,reason
204,2021,all,x,carry:2020,Hackney made no return
884,2023,rereferrals,u,own,Its re-referrals were of low reliability
302,2024,nfa,,exclude,A reason
"""


def read_issues(tmp_path: Path, text: str) -> tuple[DataIssue, ...]:
    (tmp_path / "data_issues.csv").write_text(text, encoding="utf-8")
    return data_issues(tmp_path)


def test_known_problems_with_returns_are_read(tmp_path: Path) -> None:
    carried, own, excluded = read_issues(tmp_path, ISSUES)
    assert (carried.time_period, carried.carried_year, own.carried_year) == (2021, 2020, None)
    assert (own.measures, own.display, excluded.display, excluded.total) == ("rereferrals", "u", "", "exclude")


@pytest.mark.parametrize(
    "right, wrong, words",
    [
        ("own", "Own", "total is 'Own'; choose one of own, exclude, carry:<year>"),
        ("carry:2020", "carry", "total is 'carry'"),
        ("carry:2020", "carry:202", "total is 'carry:202'"),
        ("carry:2020", "carry: 2020", "total is 'carry: 2020'"),
        ("carry:2020", "carry:2021", "cannot stand in for itself"),
        ("exclude", "", "total is ''"),
        (",u,", ",U,", "display is 'U'; choose one of nothing, x, u"),
        (",u,", ",low,", "display is 'low'"),
        (
            "rereferrals",
            "re-referrals",
            "measures is 're-referrals'; choose one of all, rereferrals, rereferred_children",
        ),
        ("nfa", "", "measures is ''"),
        ("2023", "20223", "time_period is '20223'"),
        ("2023", "2022-23", "time_period is '2022-23'"),
        ("2024", "", "time_period is ''"),
        ("302,2024,nfa,,exclude,A reason", "302,2024", "it does not have the cells"),
        ("A reason", "A reason, of two parts", "it does not have the cells"),
        ("measures,", "measure,", "it does not have the cells old_la_code, time_period, measures"),
    ],
)
def test_a_row_on_a_return_that_does_not_fit_is_refused_by_file_and_line(
    right: str, wrong: str, words: str, tmp_path: Path
) -> None:
    assert right in ISSUES
    line = 2 if right == "measures," else 1 + ISSUES[: ISSUES.index(right)].count("\n")
    with pytest.raises(BadInput, match=re.escape(words)) as refused:
        read_issues(tmp_path, ISSUES.replace(right, wrong))
    assert f"data_issues.csv, line {line}: " in str(refused.value)


@pytest.mark.parametrize("day, year", [("2024-03-31", 2024), ("2024-04-01", 2025), ("2023-04-01", 2024)])
def test_a_year_ends_on_31_march(day: str, year: int) -> None:
    assert reporting_year(date.fromisoformat(day)) == year
