"""Counts of England, the regions and the authorities, with what enters totals and what is shown (M20, M26–M28)."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from rereferrals.datasets.factors import CIN_C3
from rereferrals.datasets.regional import CIN_C1, F1
from rereferrals.model import LOCAL_AUTHORITY, REGIONAL, DataSet
from rereferrals.reference import authorities
from rereferrals.release import DataIssue
from rereferrals.statistics import disclosure, tabulate

HACKNEY, CAMDEN, BARNET, LEEDS = "204", "202", "302", "383"
INNER, OUTER, LONDON = "Inner London", "Outer London", "London"


def own(data_set: DataSet, *cells: tuple[str, int, int, int]) -> pd.DataFrame:
    """Counts by authority: its code, year, referrals and re-referrals; every other count is 0."""
    rows = [
        dict.fromkeys((count.name for count in data_set.counts if not count.reference), 0)
        | {"lea": lea, "time_period": year, "referral_count": referrals, "rereferral_count": again}
        for lea, year, referrals, again in cells
    ]
    return pd.DataFrame(rows)


def counted(
    counts: pd.DataFrame, years: tuple[int, ...], *issues: DataIssue, data_set: DataSet = CIN_C1
) -> pd.DataFrame:
    settled = tabulate.with_stand_ins(counts, data_set, issues)
    returned = set(zip(counts["time_period"], counts["lea"], strict=True))
    return tabulate.areas(counts, settled, data_set, years, returned, lambda code, year: 1_000)


def published(frame: pd.DataFrame, *issues: DataIssue, data_set: DataSet = CIN_C1) -> pd.DataFrame:
    return disclosure.publish(frame, data_set, disclosure.Known(2024, issues=issues)).frame


def cell(frame: pd.DataFrame, year: int, name: str, column: str = "referral_count") -> object:
    at = frame["la_name"].where(frame["la_name"] != "", frame["region_name"]).replace("", "England")
    return frame[(frame["time_period"].astype(int) == year) & (at == name)][column].item()


LONDON_CARRY = DataIssue(HACKNEY, 2022, "all", "x", "carry:2020", "Hackney made no return")


def test_the_worked_example_of_a_stand_in() -> None:
    """London 2022 takes in Hackney's figures of 2020, and Hackney's own row is not available throughout (M26)."""
    counts = own(CIN_C1, (HACKNEY, 2020, 5_031, 789), (CAMDEN, 2020, 1_000, 100), (CAMDEN, 2022, 2_000, 200))
    frame = counted(counts, (2020, 2022), LONDON_CARRY)
    for area in (INNER, LONDON, "England"):
        assert (cell(frame, 2022, area), cell(frame, 2022, area, "rereferral_count")) == (7_031, 989)
    assert cell(frame, 2022, OUTER) == 0
    shown = published(frame, LONDON_CARRY)
    assert cell(shown, 2022, INNER, "rereferral_percent") == "14.1"
    hackney = shown[(shown["old_la_code"] == HACKNEY) & (shown["time_period"] == "2022")].iloc[0]
    assert {hackney[indicator.name] for indicator in CIN_C1.indicators} == {"x"}
    assert cell(shown, 2020, "Hackney") == "5031"


def test_the_oracle_case_of_kind_totals(materials: Path) -> None:
    cases = json.loads((materials / "spec" / "oracle_cases.json").read_text(encoding="utf-8"))
    (case,) = (case for case in cases if case["kind"] == "totals")
    codes = ["383", "384", "381", "382"]
    rows, issues = [], []
    for code, authority in zip(codes, case["input"]["las"], strict=True):
        rows.append((code, 2024, authority["own"], 0))
        if authority["policy"] == "carry":
            rows.append((code, 2023, authority["carried"], 0))
        policy = {"carry": "carry:2023"}.get(authority["policy"], authority["policy"])
        issues.append(DataIssue(code, 2024, "all", "u", policy, "A return"))
    shown = published(counted(own(CIN_C1, *rows), (2023, 2024), *issues), *issues)
    assert cell(shown, 2024, "Yorkshire and The Humber") == str(case["expected"]["total"])
    assert cell(shown, 2024, "Leeds") == "u"


def test_an_authoritys_own_row_has_its_own_figures_where_no_symbol_is_shown() -> None:
    issue = DataIssue(CAMDEN, 2024, "all", "", "carry:2023", "Its return is shown, and not trusted in totals")
    frame = counted(own(CIN_C1, (CAMDEN, 2023, 700, 70), (CAMDEN, 2024, 900, 90)), (2023, 2024), issue)
    shown = published(frame, issue)
    assert (cell(shown, 2024, "Camden"), cell(shown, 2024, INNER)) == ("900", "700")


def test_only_the_measures_that_an_issue_names_are_hidden() -> None:
    issue = DataIssue(BARNET, 2024, "nfa", "u", "own", "Low reliability")
    shown = published(counted(own(CIN_C1, (BARNET, 2024, 900, 90)), (2024,), issue), issue)
    hidden = {i.name for i in CIN_C1.indicators if cell(shown, 2024, "Barnet", i.name) == "u"}
    assert hidden == {"no_further_action_count", "no_further_action_percent"}
    both = DataIssue(BARNET, 2024, "rereferrals;rereferred_children", "x", "exclude", "New")
    frame = counted(own(CIN_C1, (BARNET, 2024, 900, 90)), (2024,), both)
    assert (cell(frame, 2024, OUTER), cell(frame, 2024, OUTER, "rereferral_count")) == (900, 0)
    hidden = {i.name for i in CIN_C1.indicators if cell(published(frame, both), 2024, "Barnet", i.name) == "x"}
    assert hidden == {
        "rereferral_count", "rereferral_percent", "rereferral_child_count", "rereferral_child_percent",
    }  # fmt: skip


def test_an_authority_without_a_return_is_not_available_and_one_without_referrals_is_zero() -> None:
    counts = own(CIN_C1, (CAMDEN, 2024, 0, 0), (LEEDS, 2024, 50, 5))
    shown = published(counted(counts, (2024,)))
    assert cell(shown, 2024, "Camden") == "0" and cell(shown, 2024, "Camden", "rereferral_percent") == "z"
    assert cell(shown, 2024, "Islington") == cell(shown, 2024, "Islington", "rereferral_percent") == "x"


@pytest.mark.parametrize("year", range(2013, 2026))
def test_each_year_has_the_areas_that_existed_in_published_order(year: int) -> None:
    frame = counted(own(CIN_C1, (LEEDS, year, 1, 0)), (year,))
    there = {authority.old_la_code for authority in authorities() if authority.existed(year)}
    rows = frame[frame["geographic_level"] == LOCAL_AUTHORITY]
    assert set(rows["old_la_code"]) == there and len(rows) == len(there)
    assert list(frame["region_code"])[:12] == ["", *(f"E1200000{n}" for n in range(1, 10)), "E13000001", "E13000002"]
    assert list(zip(rows["region_code"], rows["la_name"], strict=True)) == sorted(
        zip(rows["region_code"], rows["la_name"], strict=True)
    )
    assert len(there) == {2020: 151, 2021: 151, 2024: 153, 2025: 153}.get(year, 152)


def test_an_authority_that_changes_its_code_keeps_its_rows(  # Buckinghamshire became a unitary authority
) -> None:
    frame = counted(own(CIN_C1, ("825", 2020, 40, 4), ("825", 2021, 50, 5)), (2020, 2021))
    rows = frame[frame["old_la_code"] == "825"]
    assert list(rows["new_la_code"]) == ["E10000002", "E06000060"] and list(rows["referral_count"]) == [40, 50]


def test_regions_are_rounded_on_their_own() -> None:
    frame = counted(own(CIN_C1, (CAMDEN, 2024, 14, 0), (BARNET, 2024, 14, 0)), (2024,))
    shown = published(frame)
    assert [cell(shown, 2024, area) for area in (INNER, OUTER, LONDON, "England")] == ["10", "10", "30", "30"]


def test_a_region_shows_no_small_count() -> None:
    frame = counted(own(CIN_C1, (CAMDEN, 2024, 4, 4)), (2024,))
    regional = published(frame)[lambda rows: rows["geographic_level"] == REGIONAL]
    assert set(regional.loc[regional["region_name"].isin([INNER, LONDON]), "rereferral_count"]) == {"c"}
    assert set(regional.loc[regional["region_name"].isin([INNER, LONDON]), "rereferral_percent"]) == {"c"}


def test_a_rate_is_of_true_counts_and_of_the_areas_own_population() -> None:
    """1,004 referrals of 1,000 children are 10,040 in 10,000, though the region's count is rounded to 1,000 (M20)."""
    frame = counted(own(F1, (LEEDS, 2024, 1_004, 0)), (2024,), data_set=F1)
    shown = published(frame, data_set=F1)
    assert cell(shown, 2024, "Yorkshire and The Humber", "referral_rate") == "10040"
    assert cell(shown, 2024, "Yorkshire and The Humber") == "1000"


def test_factors_of_an_authority_without_any_do_not_apply() -> None:
    names = [count.name for count in CIN_C3.counts]
    counts = pd.DataFrame([dict.fromkeys(names, 0) | {"lea": LEEDS, "time_period": 2024}])
    shown = published(counted(counts, (2024,), data_set=CIN_C3), data_set=CIN_C3)
    assert cell(shown, 2024, "Leeds", names[0]) == "0"
    assert {cell(shown, 2024, "Leeds", name) for name in names[1:]} == {"z"}
