"""What enters England's totals in place of an unusable return (M26)."""

from __future__ import annotations

import pandas as pd
import pytest

from rereferrals.datasets.referrals import A1, A2
from rereferrals.release import DataIssue
from rereferrals.statistics import tabulate

CELLS = [("204", 2020, 50, 8), ("204", 2021, 1, 1), ("204", 2022, 60, 9), ("301", 2020, 30, 5), ("301", 2021, 40, 7)]


def england(*issues: DataIssue, years: tuple[int, ...] = (2020, 2021, 2022)) -> dict[int, tuple[int, int]]:
    """Referrals and re-referrals of England by year, of two authorities."""
    counts = pd.DataFrame(CELLS, columns=["lea", "time_period", "referral_count", "rereferral_count"])
    for name in {count.name for count in A1.counts} - set(counts.columns):
        counts[name] = 0
    found = tabulate.national(tabulate.with_stand_ins(counts, A1, issues), A1, years)
    rows = found[["time_period", "referral_count", "rereferral_count"]].itertuples(index=False)
    return {year: (referrals, again) for year, referrals, again in rows}


def issue(total: str, measures: str = "all", year: int = 2021) -> DataIssue:
    return DataIssue("204", year, measures, "x", total, "Its return cannot be used")


def test_without_a_known_problem_england_is_the_sum_of_its_authorities() -> None:
    assert england() == {2020: (80, 13), 2021: (41, 8), 2022: (60, 9)}


def test_another_year_of_the_authority_stands_in_for_numerators_and_denominators() -> None:
    assert england(issue("carry:2020"))[2021] == (90, 15)


def test_a_stand_in_is_the_years_own_figure_and_never_one_that_stands_in_itself() -> None:
    assert england(issue("carry:2020"), issue("carry:2021", year=2022))[2022] == (1, 1)


def test_a_stand_in_changes_no_other_year() -> None:
    assert england(issue("carry:2020")) | {2021: (41, 8)} == england()


@pytest.mark.parametrize(("total", "expected"), [("own", (41, 8)), ("exclude", (40, 7))])
def test_a_year_may_be_left_out_or_count_as_it_is(total: str, expected: tuple[int, int]) -> None:
    assert england(issue(total)) == england() | {2021: expected}


def test_of_some_measures_only_those_are_left_out() -> None:
    assert england(issue("exclude", "rereferrals")) == england() | {2021: (41, 7)}


def test_a_year_in_which_nothing_is_counted_is_0_and_its_rows_are_there() -> None:
    assert england(years=(2019, 2020)) == {2019: (0, 0), 2020: (80, 13)}
    assert england(years=()) == {}
    counts = pd.DataFrame(
        [("301", 2020, "2 referrals", 4)], columns=["lea", "time_period", "number_of_referrals", "referral_child_count"]
    )
    found = tabulate.national(tabulate.with_totals(counts, A2), A2, [2020])
    assert dict(zip(found["number_of_referrals"], found["referral_child_count"], strict=True)) == {
        "1 referral": 0, "2 referrals": 4, "3 or more referrals": 0, "Total": 4,
    }  # fmt: skip
