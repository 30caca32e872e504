"""Units agree with the method written out in plain Python, and hold the invariants of the annual method."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import ibis
import ibis.expr.types as ir
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import oracle
from census_tables import census_tables, with_store_units
from rereferrals.engine import connect
from rereferrals.release import Method, Release
from rereferrals.units import children, followup, merged, referrals

YEAR = 2024
END = date(2024, 3, 31)
PUBLISHED = Method()
START = date(2022, 4, 1)
#: A query costs the same for few rows as for many, so there are few examples with many rows each.
few = settings(max_examples=8)
#: Days near the edges that matter: the year's first and last, and 365 and 366 days after either.
DAYS = st.sampled_from([0, 1, 30, 363, 364, 365, 366, 700, 729, 730, 731]).map(lambda n: START + timedelta(days=n))


@st.composite
def rows(draw: st.DrawFn, clean: bool = False) -> list[oracle.Row]:
    """Groups of three children in each of six authorities, so that the same child and day meet often."""
    row = st.fixed_dictionaries(
        {
            "la": st.sampled_from(["301", "302", "303", "304", "305", "306"]),
            "child": st.sampled_from(["A", "B", "C"]),
            "ref": DAYS,
        },
        optional={}
        if clean
        else {
            "file": st.sampled_from([2023, 2024]),
            "nfa": st.booleans(),
            "reason": st.sampled_from(["RC7", "RC8", "RC9"]),
            "assess": st.lists(st.just({}), max_size=2),
            "s47": st.lists(st.just({}), max_size=1),
            "cpp": st.lists(st.just({}), max_size=1),
            "cin_plans": st.lists(st.just({}), max_size=1),
            "icpc": st.just(date(2024, 1, 1)),
        },
    )
    return draw(st.lists(row, max_size=50))


@pytest.fixture(scope="module", autouse=True)
def engine():
    ibis.set_backend(connect(threads=1))
    yield


def annual(of: list[oracle.Row], year: int = YEAR, method: Method = PUBLISHED) -> dict[str, int]:
    tables = with_store_units(census_tables(of))
    unit = referrals.build(tables["in_year"], method)
    frame = unit.filter(unit.time_period == year).execute()
    per_child = children.build(ibis.memtable(unit.to_pyarrow()), tables["records"], method).execute()
    per_child = per_child[per_child["time_period"] == year]
    return {
        "referrals": len(frame),
        "rereferrals": int(frame["is_rereferral"].sum()),
        "children": len(per_child),
        "rereferred_children": int(per_child["is_rereferred"].sum()),
        "nfa": int(frame["referral_nfa"].sum()),
        "not_in_need": int(frame["is_assessed_not_in_need"].sum()),
        "once": int((per_child["referrals"] == 1).sum()),
        "twice": int((per_child["referrals"] == 2).sum()),
        "three_plus": int((per_child["referrals"] >= 3).sum()),
    }


def longitudinal(of: list[oracle.Row], first_year: int = 2017, method: Method = PUBLISHED) -> ir.Table:
    release = replace(Release.load(YEAR), first_year=first_year, method=method)
    tables = with_store_units(census_tables(of))
    return followup.build(merged.build(tables, END), release)


@few
@given(rows())
def test_the_annual_figures_agree_with_the_method_in_plain_python(of: list[oracle.Row]) -> None:
    assert annual(of) == oracle.annual(of, YEAR)


@few
@given(rows())
def test_the_annual_figures_hold_their_invariants(of: list[oracle.Row]) -> None:
    f = annual(of)
    assert f["referrals"] - f["children"] <= f["rereferrals"] <= f["referrals"]
    assert f["rereferred_children"] <= min(f["rereferrals"], f["children"])
    assert f["referrals"] - f["rereferrals"] <= f["children"]
    assert f["children"] - f["rereferred_children"] <= f["referrals"] - f["rereferrals"]
    assert f["nfa"] + f["not_in_need"] <= f["referrals"]


@few
@given(rows(clean=True))
def test_without_a_previous_return_re_referrals_are_referrals_less_children(of: list[oracle.Row]) -> None:
    f = annual([row for row in of if oracle.year_of(row["ref"]) == YEAR])
    assert f["rereferrals"] == f["referrals"] - f["children"]


@few
@given(rows())
def test_another_childs_referrals_change_nothing(of: list[oracle.Row]) -> None:
    others = [row | {"child": row["child"] + "2"} for row in of]
    mine, both = annual(of), annual(of + others)
    assert both == {name: 2 * value for name, value in mine.items()}


@few
@given(rows(clean=True), st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(of: list[oracle.Row], random) -> None:
    shuffled = list(of)
    random.shuffle(shuffled)
    assert annual(shuffled) == annual(of)


@few
@given(rows(clean=True))
def test_with_clean_returns_both_methods_count_the_same_re_referrals(of: list[oracle.Row]) -> None:
    unit = longitudinal(of).execute()
    for year in (2023, 2024):
        mine = unit[unit["time_period"] == year]
        assert int(mine["is_rereferral"].sum()) == annual(of, year)["rereferrals"]


@few
@given(rows(clean=True), st.integers(0, 6))
def test_cohorts_agree_with_the_method_in_plain_python(of: list[oracle.Row], years_later: int) -> None:
    data_end = date(2023 + years_later, 3, 31)
    of = [row for row in of if row["ref"] <= min(data_end, END)]
    windows = followup.cohorts(longitudinal(of), data_end, PUBLISHED).execute()
    for window in (1, 3, 5):
        mine = windows[(windows["window_years"] == window) & (windows["time_period"] == 2023)]
        expected = oracle.cohort(of, 2023, window) if window <= years_later else (0, 0)
        assert (len(mine), int(mine["is_rereferred"].sum())) == expected


@pytest.mark.parametrize(
    ("year", "windows"), [(2019, {1, 3, 5}), (2020, {1, 3}), (2021, {1, 3}), (2022, {1}), (2023, {1}), (2024, set())]
)
def test_a_cohort_has_the_windows_that_end_by_the_end_of_the_data(year: int, windows: set[int]) -> None:
    history = [{"la": "301", "child": "A", "ref": date(year, 3, 31)}]
    assert set(followup.cohorts(longitudinal(history), END, PUBLISHED).execute()["window_years"]) == windows


@pytest.mark.parametrize("later, windows", [("2020-05-31", {3, 5}), ("2018-06-01", {1, 3, 5}), ("2018-06-02", {3, 5})])
def test_a_window_is_365_days_a_year(later: str, windows: set[int]) -> None:
    history = [{"la": "301", "child": "A", "ref": date.fromisoformat(day)} for day in ("2017-06-01", later)]
    found = followup.cohorts(longitudinal(history), END, PUBLISHED).execute()
    reached = found[(found["time_period"] == 2018) & found["is_rereferred"]]
    assert set(reached["window_years"]) == windows


@few
@given(rows())
def test_kept_same_day_groups_are_each_a_referral_and_all_but_the_first_re_referrals(of: list[oracle.Row]) -> None:
    kept = annual(of, method=Method(same_day="keep"))
    collapsed = annual(of)
    mine = [r for r in of if oracle.file_year(r) == YEAR == oracle.year_of(r["ref"])]
    assert kept["referrals"] == len(mine)
    assert kept["rereferrals"] - collapsed["rereferrals"] == len(mine) - collapsed["referrals"]


@few
@given(rows())
def test_a_previous_referral_from_any_return_is_one_of_the_longitudinal_method(of: list[oracle.Row]) -> None:
    found = annual(of, method=Method(previous_source="any_return"))
    known: dict[tuple[str, str], set[date]] = {}
    for row in of:
        known.setdefault((row["la"], row["child"]), set()).add(row["ref"])
    again = [
        row
        for row in oracle.referrals(of, YEAR)
        if any(1 <= (row["ref"] - day).days <= 365 for day in known[row["la"], row["child"]])
    ]
    assert found["referrals"] == annual(of)["referrals"]
    assert found["rereferrals"] == len(again)


def test_a_year_of_follow_up_may_last_to_the_anniversary() -> None:
    history = [{"la": "301", "child": "A", "ref": date.fromisoformat(day)} for day in ("2017-06-01", "2020-06-01")]
    for window, reached in (("days", {5}), ("anniversary", {3, 5})):
        found = followup.cohorts(longitudinal(history), END, Method(cohort_window=window)).execute()
        found = found[(found["time_period"] == 2018) & found["is_rereferred"]]
        assert set(found["window_years"]) == reached


def test_a_cohort_may_be_kept_to_children_still_under_18_at_the_end_of_the_window() -> None:
    method = Method(cohort_under_18=True)
    history = [{"la": "301", "child": "A", "ref": date(2017, 6, 1), "birth": date(2002, 5, 31)}]
    found = followup.cohorts(longitudinal(history, method=method), END, method).execute()
    assert set(found["window_years"]) == {1}


def test_a_child_born_on_29_february_is_under_18_until_1_march() -> None:
    method = Method(cohort_under_18=True)
    births = {"A": date(2000, 2, 28), "B": date(2000, 2, 29)}
    history = [{"la": "301", "child": child, "ref": date(2017, 2, 28), "birth": day} for child, day in births.items()]
    found = followup.cohorts(longitudinal(history, method=method), END, method).execute()
    assert list(found["window_years"]) == [1]
