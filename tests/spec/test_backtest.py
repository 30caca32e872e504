"""The backtest puts every published figure in scope beside ours, and fails for one that differs."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

import made_up_release
from rereferrals.datasets.referrals import A1, A2, A3
from rereferrals.errors import BadInput
from rereferrals.model import DataSet
from rereferrals.published import PublishedTable
from rereferrals.qa.backtest import PUBLISHED_FIGURES, backtest, format_rows, not_built

YEAR = 2024
#: The sections built so far, and the rows of a later one that A1 holds.
SECTIONS = ("referrals", "repeat_referrals", "rereferral_over_time")
OF_CHILDREN = (
    "children_referred",
    "children_rereferred",
    "children_rereferred_rate",
    "children_rereferred_stable",
)


@pytest.fixture
def release(tmp_path: Path) -> Path:
    made_up_release.write(tmp_path)
    return tmp_path


def _change(release: Path, data_set: DataSet, year: int, column: str, cell: str, category: str = "") -> None:
    table = PublishedTable.read(release, data_set)
    frame = table.frame.copy()
    at = frame["time_period"] == str(year)
    if category:
        at &= frame[data_set.filters[0].name] == category
    frame.loc[at, column] = cell
    PublishedTable(data_set, frame).write(release)


def _failed(release: Path) -> list[str]:
    return [row.figure for row in backtest(YEAR, release) if not row.passed]


def test_every_figure_of_the_sections_built_is_compared(release: Path) -> None:
    published = pd.read_csv(PUBLISHED_FIGURES, dtype="str")
    wanted = published["section"].isin(SECTIONS) | published["figure"].isin(OF_CHILDREN)
    assert [row.figure for row in backtest(YEAR, release)] == list(published[wanted]["figure"])
    assert not_built() == (~wanted).sum()


def test_a_release_that_says_what_was_published_passes(release: Path) -> None:
    assert _failed(release) == []


@pytest.mark.parametrize(
    ("change", "figure"),
    [
        ((A1, 2024, "referral_count", "621890"), "referrals"),
        ((A1, 2024, "rereferral_count", "139070"), "rereferrals"),
        ((A1, 2024, "rereferral_percent_whole", "23"), "rereferral_rate"),
        ((A1, 2021, "referral_count", "640000"), "referrals_2021_dip"),
        ((A2, 2024, "referral_child_percent_whole", "88", "1 referral"), "children_one_referral"),
        ((A2, 2024, "referral_child_count", "7460", "3 or more referrals"), "children_three_plus"),
        ((A3, 2017, "rereferral_child_percent_whole", "51", "Within 5 years"), "cohort_2017_5yr"),
        ((A3, 2018, "rereferral_child_percent", "31", "Within 1 year"), "cohort_2018_2019"),
        ((A3, 2017, "rereferral_child_percent", "47", "Within 5 years"), "cohort_2011_5yr"),
        ((A1, 2024, "rereferral_child_percent_whole", "20"), "children_rereferred_rate"),
        ((A1, 2022, "rereferral_child_percent", "21"), "children_rereferred_stable"),
    ],
)
def test_a_figure_that_differs_fails(change: tuple[DataSet, int, str, str], figure: str, release: Path) -> None:
    _change(release, *change)
    assert figure in _failed(release)


def test_a_figure_within_its_tolerance_passes(release: Path) -> None:
    _change(release, A2, 2024, "referral_child_count", "7440", "3 or more referrals")
    (row,) = (row for row in backtest(YEAR, release) if row.figure == "children_three_plus")
    assert (row.published, row.computed, row.difference, row.passed) == ("7,400", "7,440", "40", True)


def test_a_dip_in_another_year_is_not_the_published_dip(release: Path) -> None:
    _change(release, A1, 2021, "referral_count", "646120")
    _change(release, A1, 2019, "referral_count", "590000")
    (row,) = (row for row in backtest(YEAR, release) if row.figure == "referrals_2021_dip")
    assert not row.passed and "a dip in 2019" in row.note


def test_a_figure_that_is_hidden_or_missing_fails_with_the_reason(release: Path) -> None:
    _change(release, A1, 2024, "rereferral_count", "c")
    table = PublishedTable.read(release, A3)
    PublishedTable(A3, table.frame[table.frame["time_period"] != "2017"]).write(release)
    lines = format_rows(backtest(YEAR, release))
    assert "rereferrals: A1 rereferral_count 2024 is published as “c”, so it cannot be quoted" in lines
    assert "cohort_2017_1yr: A3 rereferral_child_percent 2017 is not published" in lines


def test_one_line_a_figure_ends_in_pass_or_fail_and_the_last_sums_up(release: Path) -> None:
    _change(release, A1, 2024, "referral_count", "621890")
    rows = backtest(YEAR, release)
    head, *lines = format_rows(rows, not_built=114).splitlines()
    assert head.split() == ["figure", "year", "published", "computed", "difference"]
    assert [line.split()[-1] for line in lines[: len(rows)]] == ["pass" if row.passed else "fail" for row in rows]
    assert lines[0].split() == ["referrals", "2024", "621,880", "621,890", "10", "fail"]
    assert lines[-1] == f"{len(rows) - 1} of {len(rows)} figures pass; 114 figures of other sections are not built yet"


def test_a_release_of_another_year_is_told_that_there_is_nothing_to_compare(release: Path) -> None:
    with pytest.raises(BadInput, match="holds the figures of the release of 2024, so the release of 2023 has nothing"):
        backtest(2023, release)


def test_a_folder_without_a_release_is_told_to_build_one(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="build the release"):
        backtest(YEAR, tmp_path)
