"""The rules of M23: who is followed from when to when, what is known at closure, and what is published of it."""

from __future__ import annotations

import csv
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import ibis
import ibis.expr.types as ir
import pandas as pd
import pyarrow as pa
import pytest

import oracle
from census_tables import census_tables
from made_up_returns import write_returns
from rereferrals.census.ingest import ingest
from rereferrals.counting import Counting
from rereferrals.datasets.survival import DATA_SETS, H1, H1_RULES, H1_SUMMARY, H2, H2_HELD_OUT
from rereferrals.dissemination import ees
from rereferrals.engine import connect
from rereferrals.errors import BadInput
from rereferrals.measures import survival as measures
from rereferrals.model import NATIONAL, DataSet, DeclarationError, Filter
from rereferrals.reference import factor_bits
from rereferrals.release import YEARS_FOLLOWED, Protection, Release, Survival
from rereferrals.restricted import CensusStore
from rereferrals.statistics import disclosure, life_tables
from rereferrals.statistics.estimates import Followed, estimate, whole_periods
from rereferrals.statistics.life_tables import Rules
from rereferrals.units.registry import UNITS

YEAR = 2024
RELEASE = Release.load(YEAR)
DATES = ("ref", "close", "birth", "expected", "death")


@pytest.fixture(scope="module", autouse=True)
def engine():
    """With the units as views of census tables, so that they are put into the engine's words only once."""
    backend = connect(threads=1)
    ibis.set_backend(backend)
    for name, table in census_tables([]).items():
        backend.create_table(name, table.to_pyarrow())
    for name in ("groups", "records", "merged", "closed", "closures"):
        declared = UNITS[name]
        tables = {needed: backend.table(needed) for needed in (*declared.census, *declared.units)}
        backend.create_view(name, declared.build(tables, RELEASE))
    yield


def case(close: str | None, ref: str = "2022-05-01", child: str = "A", **more: Any) -> oracle.Row:
    """A referral and its closure; told by the return of the year of closure."""
    row = {"la": "301", "child": child, "ref": ref, "reason": "RC7"} | ({"close": close} if close else {}) | more
    row |= {name: date.fromisoformat(row[name]) for name in DATES if isinstance(row.get(name), str)}
    return ({"file": oracle.year_of(row["close"])} if close else {}) | row


def unit(rows: list[oracle.Row]) -> pa.Table:
    """The unit of closed cases, in order of referral."""
    backend = ibis.get_backend()
    for name, table in census_tables(rows).items():
        backend.create_table(name, table.to_pyarrow(), overwrite=True)
    return backend.table("closures").to_pyarrow().sort_by("cin_referral_date")


def closures(rows: list[oracle.Row]) -> ir.Table:
    return ibis.memtable(unit(rows))


def closed(*rows: oracle.Row) -> list[dict[str, Any]]:
    """The rows of the unit, in order of referral."""
    return unit(list(rows)).to_pylist()


def followed(*rows: oracle.Row, **rules: Any) -> list[tuple[int, str]]:
    """On which day cases leave observation, in order of referral, and how."""
    years = range(RELEASE.closures_from, YEAR + 1)
    cases = life_tables.follow(closures(list(rows)), years, YEAR, Rules(**rules))
    ways = {(1, 0): "rereferred", (0, 1): "of age", (0, 0): ""}
    found = cases.to_pyarrow().sort_by("cin_referral_date").to_pylist()
    return [(row["days"], ways[row["rereferred"], row["of_age"]]) for row in found]


def days_after(day: str, days: int) -> str:
    return str(date.fromisoformat(day) + timedelta(days))


# From returns to estimates

CLOSED = "2022-04-04"
#: Six cases: re-referred after 30, 200, 365 and 366 days, of age after 250, and seen for 303 days to the end.
SIX = [
    row
    for child, days in (("A", 30), ("B", 200), ("C", 365), ("D", 366))
    for row in (case(CLOSED, "2022-04-01", child), case(None, days_after(CLOSED, days), child, birth="2015-01-01"))
] + [
    case(CLOSED, "2022-04-01", "E", birth="2004-12-10"),
    case("2023-06-02", "2023-05-01", "F"),
]


def counting(rows: list[oracle.Row], folder: Path) -> Counting:
    """By the way a user takes: returns in XML, and ingest."""
    (folder / "returns").mkdir()
    write_returns(rows, folder / "returns")
    ingest([folder / "returns"], folder / "store")
    return Counting(RELEASE, CensusStore.open(folder / "store"))


def true_counts(made: Counting, data_set: DataSet) -> pd.DataFrame:
    made.counts(data_set)
    return made.read(data_set)


@pytest.fixture(scope="module")
def six(tmp_path_factory: pytest.TempPathFactory) -> Counting:
    return counting(SIX, tmp_path_factory.mktemp("six"))


def total(frame: pd.DataFrame, **categories: str) -> dict[str, Any]:
    """The row of all closed cases in the latest year."""
    frame = frame[frame["time_period"] == YEAR]
    for name, category in ({"breakdown": measures.ALL_CLOSURES} | categories).items():
        frame = frame[frame[name] == category]
    return frame.to_dict("records")[0]


def test_the_worked_example_of_six_cases(six: Counting) -> None:
    """At 365 days two are left: 5/6 × 4/5 × 1/2 are not re-referred, and 1/6 + 1/6 + 3/6 × 1/2 are before 18.

    Re-referrals of a day come before other ends, so those of day 365 are within 12 months and the next day's are not.
    """
    row = total(true_counts(six, H1_SUMMARY))
    assert (row["closed_case_count"], row["rereferred_count"]) == (6, 4)
    assert row["probability_12_months"] == pytest.approx(2 / 3, abs=1e-12)
    assert row["probability_12_months_before_18"] == pytest.approx(7 / 12, abs=1e-12)
    assert row["probability_6_years"] == 1
    by_month = true_counts(six, H1)
    month = lambda n: total(by_month, months_since_closure=measures.MONTH[n])  # noqa: E731
    assert (month(0)["at_risk_count"], month(12)["at_risk_count"], month(13)["at_risk_count"]) == (6, 2, 0)
    assert [month(n)["rereferred_count"] for n in (0, 1, 6, 7, 12, 13)] == [0, 1, 1, 2, 3, 4]
    assert month(12)["probability"] == pytest.approx(2 / 3, abs=1e-12)
    assert month(12)["probability_of_18"] == pytest.approx(1 / 6, abs=1e-12)
    assert month(12)["probability_lower"] < 2 / 3 < month(12)["probability_upper"]


def test_the_raw_share_is_no_probability(six: Counting) -> None:
    shown = disclosure.publish(true_counts(six, H1_SUMMARY), H1_SUMMARY, protection=OPEN).frame
    row = total(shown.astype({"time_period": int}))
    assert row["rereferred_percent"] == "66.7"  # 4 of 6, and no time to it
    assert row["probability_6_years"] == "100"


def test_what_changes_by_each_rule_is_said_beside_the_published(six: Counting) -> None:
    rules = true_counts(six, H1_RULES).set_index("rule")["probability_12_months"]
    assert rules[measures.AS_PUBLISHED] == pytest.approx(2 / 3)
    assert rules[measures.AT_18] == pytest.approx(7 / 12)
    assert rules[measures.TO_TRANSFER] == pytest.approx(2 / 3)


def test_few_cases_have_no_ratios_but_their_true_counts(six: Counting) -> None:
    """Every estimate that cannot be made is missing, and no step stops."""
    ratios = true_counts(six, H2).set_index("predictor")
    needs = ratios.loc[list(measures.NEED.categories)]
    assert (needs["closed_case_count"].sum(), needs["rereferred_count"].sum()) == (6, 4)
    assert ratios.loc[measures.NEED.categories[0], "closed_case_count"] == 6
    assert ratios.loc["Age not known", "closed_case_count"] == 1
    others = ratios.drop([each.reference for each in measures.CHARACTERISTICS])
    assert others[["hazard_ratio", "hazard_ratio_lower", "proportional_p"]].isna().all(axis=None)
    held_out = true_counts(six, H2_HELD_OUT)
    assert held_out["rereferred_count"].tolist()[0] >= 0
    for data_set in DATA_SETS:
        shown = disclosure.publish(true_counts(six, data_set), data_set).frame
        assert len(shown) == len(true_counts(six, data_set))


def test_a_store_of_one_year_has_no_estimate_of_the_year_before(tmp_path: Path) -> None:
    made = counting([case("2024-03-01", "2023-05-01")], tmp_path)
    held_out = true_counts(made, H2_HELD_OUT)
    assert set(held_out["time_period"]) == {YEAR - 1}
    assert set(held_out["closed_case_count"]) == {0}
    assert held_out[["predicted_percent", "observed_percent"]].isna().all(axis=None)


def test_a_store_without_a_closed_case_has_rows_without_estimates(tmp_path: Path) -> None:
    made = counting([case(None, "2022-05-01"), case(None, "2023-05-01", "B")], tmp_path)
    for data_set in DATA_SETS:
        shown = disclosure.publish(true_counts(made, data_set), data_set).frame
        assert len(shown) > 0
        assert set(shown["closed_case_count"]) == {"0"}
    assert total(true_counts(made, H1_SUMMARY))["closed_case_count"] == 0


# Who is followed, from when to when (M23)


@pytest.mark.parametrize(("again", "days", "is_within"), [("2015-06-01", 365, True), ("2015-06-02", 366, False)])
def test_a_re_referral_within_12_months_is_one_by_day_365(again: str, days: int, is_within: bool) -> None:
    rows = case("2014-06-01", "2014-05-01"), case(None, again)
    assert followed(*rows)[0] == (days, "rereferred")
    assert (days <= life_tables.month_end(12)) == is_within


@pytest.mark.parametrize(
    ("later", "expected"),
    [
        (["2022-08-01"], 0),
        (["2022-08-02"], 1),
        (["2022-06-01"], None),
        (["2022-06-01", "2022-08-01"], 0),
        (["2022-06-01", "2022-07-31", "2022-09-01", "2022-10-01"], 31),
    ],
)
def test_what_ends_it_is_the_first_referral_on_or_after_closure(later: list[str], expected: int | None) -> None:
    """One that was made while the case was open is none."""
    rows = closed(case("2022-08-01"), *(case(None, day) for day in later))
    assert rows[0]["days_to_referral"] == expected


def test_a_case_that_closes_on_the_day_of_its_referral_is_not_ended_by_that() -> None:
    assert closed(case("2022-05-01"))[0]["days_to_referral"] is None
    assert closed(case("2022-05-01"), case(None, "2022-05-03"))[0]["days_to_referral"] == 2


def test_each_closed_case_of_a_child_is_followed() -> None:
    rows = [case("2022-08-01"), case("2022-10-01", "2022-09-01"), case("2023-01-01", "2022-12-01")]
    assert followed(*rows) == [(31, "rereferred"), (61, "rereferred"), (455, "")]


def test_a_case_is_of_the_year_of_its_closure() -> None:
    rows = closed(case("2023-03-31"), case("2023-04-01", "2022-06-01", "B"), case(None, "2022-07-01", "C"))
    assert [row["time_period"] for row in rows] == [2023, 2024]


def test_only_closures_from_the_first_year_on_are_there() -> None:
    first = RELEASE.closures_from
    rows = [case(f"{first - 1}-04-01", "2012-06-01"), case(f"{first - 1}-03-31", "2012-06-02", "B")]
    assert [row["time_period"] for row in closed(*rows)] == [first]


def test_a_closure_before_the_referral_or_after_the_end_has_no_row() -> None:
    assert closed(case("2022-04-30")) == []
    assert closed(case("2024-04-01", file=2024)) == []


def test_death_ends_it_and_one_before_closure_is_on_its_day() -> None:
    assert followed(case("2022-08-01", death="2022-08-11")) == [(10, "")]
    assert followed(case("2022-08-01", death="2022-07-01")) == [(0, "")]
    assert followed(case("2022-08-01", death="2022-08-11"), case(None, "2022-08-11")) == [(10, "rereferred")]


def test_a_case_closed_because_the_child_died_ends_on_that_day() -> None:
    assert followed(case("2022-08-01", reason="RC2")) == [(0, "")]
    assert followed(case("2022-08-01", reason="RC2", death="2022-09-01")) == [(0, "")]


@pytest.mark.parametrize(("transfers", "expected"), [("followed", (31, "rereferred")), ("censored", (0, ""))])
def test_a_move_to_another_authority_ends_it_only_if_the_release_says_so(
    transfers: str, expected: tuple[int, str]
) -> None:
    rows = case("2022-08-01", reason="RC5"), case(None, "2022-09-01")
    assert followed(*rows, transfers=transfers)[0] == expected
    others = case("2022-08-01", reason="RC7"), case(None, "2022-09-01")
    assert followed(*others, transfers=transfers)[0] == (31, "rereferred")


def test_a_referral_without_further_action_or_closure_is_followed_only_if_the_release_says_so() -> None:
    rows = case(None, "2022-05-01", nfa=True, reason=None), case(None, "2022-06-01", nfa=True, reason=None)
    assert followed(*rows) == []
    assert followed(*rows, nfa_entry="referral_date") == [(31, "rereferred"), (669, "")]
    assert followed(case("2022-05-11", nfa=True)) == [(690, "")]
    assert followed(case(None, "2022-05-01"), nfa_entry="referral_date") == []


def test_a_case_re_referred_on_its_day_can_be_left_out() -> None:
    rows = [case("2022-08-01"), case("2022-09-01", "2022-08-01")]
    assert followed(*rows) == [(0, "rereferred"), (577, "")]
    frame = estimate(Followed(closures(rows), RELEASE), H1_RULES, [YEAR]).set_index("rule")
    counts = ["closed_case_count", "rereferred_count"]
    assert frame.loc[measures.AS_PUBLISHED, counts].tolist() == [2, 1]
    assert frame.loc[measures.NOT_SAME_DAY, counts].tolist() == [1, 0]


@pytest.mark.parametrize("setting", [{"nfa_entry": "include"}, {"transfers": "left"}])
def test_settings_of_survival_that_mean_nothing_are_refused(setting: dict[str, str]) -> None:
    with pytest.raises(BadInput, match="choose one of"):
        Survival(**setting)  # type: ignore[arg-type]


# The 18th birthday


@pytest.mark.parametrize(
    ("birth", "days"),
    [
        ("2004-08-01", None),
        ("2004-08-02", 1),
        ("2004-07-31", None),
        ("2005-08-01", 365),
    ],
)
def test_a_case_closed_on_or_after_the_18th_birthday_has_no_row(birth: str, days: int | None) -> None:
    found = [row["days_to_adult"] for row in closed(case("2022-08-01", birth=birth))]
    assert found == ([] if days is None else [days])


def test_someone_born_on_29_february_is_18_on_1_march() -> None:
    rows = [case(close, birth="2004-02-29", child=close) for close in ("2022-02-27", "2022-02-28")]
    rows = [row | {"ref": date(2021, 5, n)} for n, row in enumerate(rows, 1)]
    assert [row["days_to_adult"] for row in closed(*rows)] == [2, 1]
    assert closed(case("2022-03-01", "2021-05-01", birth="2004-02-29")) == []


def test_reaching_18_ends_it_unless_a_re_referral_or_the_end_comes_first() -> None:
    assert followed(case("2022-08-01", birth="2004-09-01")) == [(31, "of age")]
    assert followed(case("2022-08-01", birth="2004-09-01"), case(None, "2022-09-02")) == [(31, "of age")]
    assert followed(case("2022-08-01", birth="2004-09-01"), case(None, "2022-09-01")) == [(31, "rereferred")]
    assert followed(case("2022-08-01", birth="2004-09-01", death="2022-08-10")) == [(9, "")]
    assert followed(case("2022-08-01", birth="2007-09-01")) == [(608, "")]


# What was known at closure


def place(of: measures.Characteristic, category: str) -> int:
    return of.categories.index(category)


def known(row: dict[str, Any]) -> dict[str, str]:
    """The categories of a row of the unit by their topic."""
    return {each.topic: each.categories[row[each.column]] for each in measures.CHARACTERISTICS}


def test_categories_are_those_of_closure() -> None:
    told = {"birth": "2012-08-02", "gender": "2", "ethnicity": "CHNE", "disabilities": ["AUT"], "need": "N4"}
    row = closed(case("2022-08-01", **told, assess=[{}], s47=[{}]))[0]
    assert known(row) == {
        "Primary need": "N4 - Family in acute stress",
        "Highest level of intervention": measures.LEVELS[3],
        "Age at closure": "Aged 5 to 9",
        "Sex": "Female",
        "Ethnic group": "Other ethnic group",
        "Disability": "Disability recorded",
        "Earlier referrals": "None in the five years before",
    }


def test_what_no_return_says_is_unknown() -> None:
    row = closed(case("2022-08-01", gender=None, ethnicity=None))[0]
    assert known(row) == {
        "Primary need": "N0 - Not stated",
        "Highest level of intervention": measures.LEVELS[0],
        "Age at closure": "Age not known",
        "Sex": "Sex not known, or unborn",
        "Ethnic group": "Ethnic group not known",
        "Disability": "No disability recorded",
        "Earlier referrals": "None in the five years before",
    }


def test_sex_ethnic_group_and_disability_are_those_of_the_return_of_the_closures_year() -> None:
    """What a later return says would be known of those alone who came back."""
    told = {"gender": "2", "ethnicity": "WBRI", "disabilities": ["NONE"]}
    later = {"gender": "1", "ethnicity": "BAFR", "disabilities": ["AUT"], "file": 2024}
    first, second = closed(case("2022-08-01", **told), case("2023-06-01", "2023-05-01", **later))
    names = ("Sex", "Ethnic group", "Disability")
    assert [known(first)[name] for name in names] == ["Female", "White", "No disability recorded"]
    assert [known(second)[name] for name in names] == ["Male", "Black/Black British", "Disability recorded"]


def test_a_case_that_closed_before_the_years_that_are_broken_down_is_in_no_category() -> None:
    told = {"gender": "2", "ethnicity": "WBRI", "disabilities": ["AUT"]}
    last = YEAR - YEARS_FOLLOWED
    rows = [case(f"{year}-03-01", f"{year - 1}-05-01", str(year), **told) for year in (last, last + 1)]
    curves = Followed(closures(rows), RELEASE).curves
    sizes = {name: int(curve.table.leaving.sum()) for name, curve in curves.items()}
    assert sizes[measures.ALL_CLOSURES] == sizes["Female"] == sizes["Disability recorded"] == 1
    assert sizes["Sex not known, or unborn"] == sizes["No disability recorded"] == 0


@pytest.mark.parametrize(
    ("told", "category"),
    [
        ({"birth": "2022-08-02"}, "Unborn"),
        ({"birth": "2022-08-01"}, "Aged under 1"),
        ({"birth": "2021-08-02"}, "Aged under 1"),
        ({"birth": "2021-08-01"}, "Aged 1 to 4"),
        ({"birth": "2017-08-02"}, "Aged 1 to 4"),
        ({"birth": "2017-08-01"}, "Aged 5 to 9"),
        ({"birth": "2012-08-01"}, "Aged 10 to 15"),
        ({"birth": "2006-08-02"}, "Aged 10 to 15"),
        ({"birth": "2006-08-01"}, "Aged 16 and over"),
        ({"expected": "2022-12-01"}, "Unborn"),
        ({"expected": "2022-06-01"}, "Unborn"),
        ({}, "Age not known"),
    ],
)
def test_age_is_that_on_the_day_of_closure(told: dict[str, str], category: str) -> None:
    assert known(closed(case("2022-08-01", **told))[0])["Age at closure"] == category


def test_a_date_of_birth_from_a_later_return_tells_that_the_child_was_unborn_at_closure() -> None:
    first = closed(case("2022-08-01", expected="2022-12-01"), case(None, "2023-05-01", birth="2022-11-20"))[0]
    assert known(first)["Age at closure"] == "Unborn"
    assert first["days_to_adult"] == (date(2040, 11, 20) - date(2022, 8, 1)).days


@pytest.mark.parametrize(
    ("earlier", "category"),
    [
        ([], "None in the five years before"),
        (["2017-05-02"], "1 in the five years before"),
        (["2017-05-01"], "None in the five years before"),
        (["2020-05-01", "2017-05-02", "2017-05-01"], "2 in the five years before"),
        (["2021-05-01", "2020-05-01", "2019-05-01"], "3 or more in the five years before"),
        (["2022-04-01", "2021-05-01", "2020-05-01", "2019-05-01"], "3 or more in the five years before"),
    ],
)
def test_earlier_referrals_are_those_of_five_years_before_the_referral(earlier: list[str], category: str) -> None:
    """Five years are 1,825 days, whichever of them are leap years."""
    rows = closed(*(case(None, day) for day in earlier), case("2022-08-01"))
    assert known(rows[-1])["Earlier referrals"] == category


def test_earlier_referrals_of_before_the_first_year_count() -> None:
    first = RELEASE.closures_from
    rows = closed(case(None, f"{first - 2}-05-01", file=first - 1), case(f"{first - 1}-08-01", f"{first - 1}-05-01"))
    assert known(rows[-1])["Earlier referrals"] == "1 in the five years before"


def test_what_returns_of_before_the_first_year_tell_of_a_case_counts() -> None:
    """M18 has the activity of every return, and M16 factors of any."""
    before, start = RELEASE.first_year - 1, f"{RELEASE.first_year - 2}-05-01"
    told = case(None, start, file=before, s47=[{}], assess=[{"factors": ["1A"]}])
    (row,) = closed(told, case(f"{RELEASE.first_year + 1}-08-01", start))
    assert known(row)["Highest level of intervention"] == measures.LEVELS[3]
    assert row["factors"] == factor_bits(["1A"])


def test_a_case_can_have_several_factors_or_none() -> None:
    given = [{"factors": ["1A", "3A"]}, {"factors": ["21"]}, {}]
    rows = [case("2022-08-01", f"2022-05-0{n}", str(n), assess=[one]) for n, one in enumerate(given, 1)]
    made = Followed(closures(rows), RELEASE)
    sizes = {name: int(curve.table.leaving.sum()) for name, curve in made.curves.items()}
    factors = {name: sizes[name] for name in measures.FACTOR_MEMBERS if sizes[name]}
    assert len(factors) == 3
    assert (factors.pop(measures.NO_FACTOR), list(factors.values())) == (2, [1, 1])


# How long, and of which years


def test_a_summary_is_of_every_six_years_since_closures_are_followed() -> None:
    years = H1_SUMMARY.years(RELEASE)
    assert years == range(RELEASE.closures_from + YEARS_FOLLOWED - 1, YEAR + 1)
    rows = [case("2019-03-31", "2018-05-01"), case("2019-05-31", "2019-05-01", "B"), case(None, "2019-06-30", "A")]
    frame = estimate(Followed(closures(rows), RELEASE), H1_SUMMARY, years)
    found = frame[frame["breakdown"] == measures.ALL_CLOSURES].set_index("time_period")
    assert found.loc[2019, ["closed_case_count", "rereferred_count"]].tolist() == [1, 0]  # nothing later is known
    assert found.loc[2020, ["closed_case_count", "rereferred_count"]].tolist() == [2, 1]
    assert found.loc[YEAR, ["closed_case_count", "rereferred_count"]].tolist() == [2, 1]
    assert found.index.tolist() == list(years)


def test_where_nobody_is_observed_any_more_there_is_no_probability() -> None:
    frame = estimate(Followed(closures([case("2024-02-01", "2023-05-01")]), RELEASE), H1, [YEAR])
    rows = frame[frame["breakdown"] == measures.ALL_CLOSURES].set_index("months_since_closure")
    assert rows.loc["2 months", "probability"] == 0
    assert rows.loc["3 months":, ["probability", "probability_before_18"]].isna().all(axis=None)


# What is published

OPEN = Protection(threshold=0, regional_threshold=0, england_rounding=1)


def by_month(**values: Any) -> dict[str, Any]:
    """A row of H1 as estimated."""
    estimates = {i.name: 0.5 for i in H1.indicators if i not in H1.counts}
    row = {"time_period": YEAR, "geographic_level": NATIONAL, "breakdown": measures.ALL_CLOSURES}
    row |= {"months_since_closure": "12 months", "closed_case_count": 1_234, "at_risk_count": 600}
    return row | {"rereferred_count": 300} | estimates | values


def published(**values: Any) -> dict[str, str]:
    return disclosure.publish(pd.DataFrame([by_month(**values)]), H1).frame.to_dict("records")[0]


@pytest.mark.parametrize(
    ("share", "of", "shown"),
    [
        (0.3217, 1_234, "32.5"),  # 397 of 1,234 are 400 of 1,230
        (0.5, 14, "100"),  # 7 of 14 are 10 of 10
        (0.25, 14, "k"),  # 3.5 are 4, which are none
        (0.36, 14, "100"),
        (0.3569, 16, "50"),  # 5.7 are 6, and 10 of 20
        (0.00001, 1_000_000, "k"),
        (0.00002, 1_000_000, "k"),
        (0.001, 1_000_000, "0.1"),
        (0.0, 1_234, "0"),
        (1.0, 1_234, "100"),
    ],
)
def test_a_probability_is_of_whole_tens_of_cases_of_the_rounded_number(share: float, of: int, shown: str) -> None:
    assert published(probability=share, closed_case_count=of)["probability"] == shown


def test_every_probability_and_limit_is_rounded_alike() -> None:
    row = published(**{i.name: 0.3217 for i in H1.indicators if i not in H1.counts})
    assert {row[i.name] for i in H1.indicators if i not in H1.counts} == {"32.5"}


@pytest.mark.parametrize("count", ["closed_case_count", "rereferred_count"])
def test_beside_a_confidential_count_every_estimate_of_it_is_confidential(count: str) -> None:
    row = published(**{count: 5})
    assert {row[i.name] for i in H1.indicators if i not in H1.counts} | {row[count]} == {"c"}
    assert published(**{count: 6})["probability"] in ("50.4", "k")  # 3 of 6 are no ten of one


def test_that_few_are_still_followed_does_not_hide_a_probability() -> None:
    row = published(at_risk_count=3)
    assert (row["at_risk_count"], row["probability"]) == ("c", "50.4")


def test_an_estimate_that_is_missing_does_not_apply() -> None:
    row = published(probability=float("nan"), probability_lower=None)
    assert (row["probability"], row["probability_lower"], row["probability_upper"]) == ("z", "z", "50.4")


def test_a_ratio_is_confidential_beside_few_re_referrals_and_has_two_decimals() -> None:
    ratios = {i.name: 1.2346 for i in H2.indicators if i not in H2.counts}
    row = {"time_period": YEAR, "geographic_level": NATIONAL, "predictor": measures.NEED.reference}
    rows = [row | {"closed_case_count": 100, "rereferred_count": again} | ratios for again in (5, 6)]
    few, more = disclosure.publish(pd.DataFrame(rows), H2).frame.to_dict("records")
    assert (few["hazard_ratio"], few["hazard_ratio_lower"], few["hazard_ratio_first_year"]) == ("c", "c", "c")
    assert (more["hazard_ratio"], more["proportional_p"]) == ("1.23", "1.235")


def test_every_estimate_of_children_hides_with_the_count_it_is_of() -> None:
    """But what is of a whole table, as concordance, or of no case at all."""
    free = {"proportional_p", "concordance", "predicted_percent"}
    for data_set in DATA_SETS:
        for indicator in data_set.indicators:
            if indicator not in data_set.counts and hasattr(indicator, "of"):
                named = {count.name for count in (indicator.of, indicator.numerator) if count}
                assert named <= {count.name for count in data_set.counts}
                assert "rereferred_count" in named or indicator.name in free, (data_set.id, indicator.name)


# Topics


def test_a_data_file_has_the_topic_of_each_category_and_its_metadata_names_that_column(
    six: Counting, tmp_path: Path
) -> None:
    table = disclosure.publish(true_counts(six, H1_SUMMARY), H1_SUMMARY)
    data, metadata = (_rows(path) for path in ees.write_data_set(table, tmp_path, RELEASE))
    topics = {row["breakdown"]: row["breakdown_topic"] for row in data}
    assert topics["Female"] == "Sex"
    assert topics[measures.NO_FACTOR] == "Factor identified"
    assert topics[measures.ALL_CLOSURES] == measures.ALL_CLOSURES
    assert list(data[0]).index("breakdown_topic") + 1 == list(data[0]).index("breakdown")
    column = {row["col_name"]: row["filter_grouping_column"] for row in metadata}
    assert column["breakdown"] == "breakdown_topic"
    assert "breakdown_topic" not in column
    assert ees.read_data_set(tmp_path, H1_SUMMARY, RELEASE).frame["breakdown_topic"].tolist() == [
        row["breakdown_topic"] for row in data
    ]


def test_a_category_under_another_topic_is_refused(six: Counting, tmp_path: Path) -> None:
    table = disclosure.publish(true_counts(six, H1_SUMMARY), H1_SUMMARY)
    table.frame.loc[table.frame["breakdown"] == "Female", "breakdown_topic"] = "Disability"
    with pytest.raises(ees.QualityError, match="breakdown_topic"):
        ees.write_data_set(table, tmp_path, RELEASE)


@pytest.mark.parametrize(
    "topics", [{"topics": {"a": "x", "b": "x"}}, {"topic_column": "t"}, {"topics": {"a": "x"}, "topic_column": "t"}]
)
def test_topics_need_a_column_and_one_for_each_category(topics: dict[str, Any]) -> None:
    with pytest.raises(DeclarationError):
        Filter("letter", "Letter", ("a", "b"), **topics)


def _rows(path: Path) -> list[dict[str, str]]:
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_figures_of_six_years_are_not_available_without_the_returns_of_six_years() -> None:
    assert whole_periods((2012, 2014, 2015, 2016, 2017, 2018, 2019, 2020)) == (2019, 2020)
    row = {"time_period": 2018} | {f.name: f.categories[0] for f in H1_SUMMARY.filters}
    assert disclosure.Known(2020, {"six_years": (2019, 2020)}).symbol(row, H1_SUMMARY) == "x"
    assert disclosure.Known(2020, {"six_years": (2019, 2020)}).symbol(row | {"time_period": 2019}, H1_SUMMARY) is None
