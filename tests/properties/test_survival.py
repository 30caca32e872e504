"""Curves agree with lifelines and with plain Python, and their intervals hold the truth as often as they say."""

from __future__ import annotations

from collections import Counter
from datetime import date
from itertools import combinations, product
from typing import Any

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lifelines import AalenJohansenFitter, KaplanMeierFitter
from lifelines.utils import restricted_mean_survival_time

import made_up_closures
from made_up_closures import PERSON, arrow
from oracle import Case, came_first, covariance, not_rereferred
from rereferrals.engine import connect
from rereferrals.measures import survival as measures
from rereferrals.measures.survival import FACTOR_MEMBERS
from rereferrals.release import Release
from rereferrals.statistics import life_tables
from rereferrals.statistics.estimates import Followed
from rereferrals.statistics.life_tables import LifeTable, Rules
from rereferrals.statistics.survival import (
    Curve,
    incidence,
    influence_covariance,
    mean_days,
    pairs_of,
    survival,
    widest_deviation,
)

LAST = 20
ENDINGS = ("rereferred", "of_age", "")


@st.composite
def cases(draw: st.DrawFn, endings: tuple[str, ...] = ENDINGS) -> list[Case]:
    """Some closed cases of few days, with ties, days on which nothing happens and children who have several."""
    one = st.builds(Case, st.integers(0, LAST), st.sampled_from(endings), st.integers(0, 8))
    return draw(st.lists(one, min_size=1, max_size=25))


untied = st.lists(st.tuples(st.integers(0, LAST), st.sampled_from(ENDINGS)), min_size=1, max_size=25).map(
    lambda found: [Case(day, how) for day, how in dict(found).items()]
)


def table_of(of: list[Case], last_day: int = LAST) -> LifeTable:
    ways = np.array([[1, c.how == "rereferred", c.how == "of_age"] for c in of], dtype=int).reshape(-1, 3)
    return LifeTable.of(np.array([c.day for c in of], dtype=int), ways.T, last_day)


def ending(case: Case, ends: list[int]) -> int:
    return 2 * int(np.searchsorted(ends, case.day)) + (case.how == "rereferred")


def pairs_in(of: list[Case], ends: list[int]) -> np.ndarray:
    counts = Counter((ending(a, ends), ending(b, ends)) for a, b in combinations(of, 2) if a.child == b.child)
    rows = [(*endings, count) for endings, count in counts.items()]
    return pairs_of(pd.DataFrame(rows, columns=["ending", "ending_right", "pairs0"], dtype="int64"), ends)[0]


def curve_of(of: list[Case], ends: list[int]) -> Curve:
    return Curve(table_of(of, ends[-1]), pairs_in(of, ends), ends)


def fitted(of: list[Case]) -> KaplanMeierFitter:
    return KaplanMeierFitter().fit([c.day for c in of], [c.how == "rereferred" for c in of])


# Estimates


@given(cases())
def test_a_curve_is_the_kaplan_meier_estimate(of: list[Case]) -> None:
    found = survival(table_of(of))
    assert found == pytest.approx(fitted(of).survival_function_at_times(range(LAST + 1)).to_numpy(), abs=1e-12)
    assert found == pytest.approx([not_rereferred(of, day) for day in range(LAST + 1)], abs=1e-12)


@given(cases())
def test_shares_re_referred_and_of_age_are_the_aalen_johansen_estimates_and_add_up(of: list[Case]) -> None:
    found = incidence(table_of(of))
    for share, how in zip(found, ("rereferred", "of_age"), strict=True):
        assert share == pytest.approx([came_first(of, day, how) for day in range(LAST + 1)], abs=1e-12)
    neither = [not_rereferred([Case(c.day, "rereferred" if c.how else "") for c in of], n) for n in range(LAST + 1)]
    assert 1 - sum(found) == pytest.approx(neither, abs=1e-12)


@given(untied)
def test_without_ties_the_shares_are_those_of_lifelines(of: list[Case]) -> None:
    kinds = [ENDINGS.index(case.how) + 1 if case.how else 0 for case in of]
    for share, kind in zip(incidence(table_of(of)), (1, 2), strict=True):
        theirs = AalenJohansenFitter(calculate_variance=False).fit([c.day + 1 for c in of], kinds, kind)
        steps = theirs.cumulative_density_.iloc[:, 0]
        assert share == pytest.approx([steps.loc[: day + 1].iloc[-1] for day in range(LAST + 1)], abs=1e-12)


@given(cases(), st.integers(1, LAST))
def test_mean_days_are_the_area_under_the_curve(of: list[Case], last: int) -> None:
    """Up to the last day: lifelines extends a curve beyond the last case, so here one is followed to the end."""
    of = [*of, Case(LAST, "")]
    cut = [Case(c.day, c.how) if c.day <= last else Case(last, "") for c in of]
    assert mean_days(table_of(cut, last)) == pytest.approx(restricted_mean_survival_time(fitted(of), last), abs=1e-9)


@given(cases())
def test_all_who_leave_were_at_risk_and_nobody_is_at_risk_after_leaving(of: list[Case]) -> None:
    table = table_of(of)
    assert table.at_risk.tolist() == [sum(case.day >= day for case in of) for day in range(LAST + 1)]
    assert all((table.leaving >= table.rereferred + table.of_age).tolist())


# Errors


@given(cases())
def test_the_covariance_sums_influences_within_each_child(of: list[Case]) -> None:
    """To the last digit where every month is a single day, since only pairs within a month are taken as alike."""
    ends = list(range(LAST + 1))
    found = influence_covariance(table_of(of), pairs_in(of, ends), ends)
    assert found == pytest.approx(np.array(covariance(of, ends)), abs=1e-9)


@given(cases(), st.sets(st.integers(0, LAST - 1), max_size=6))
def test_with_longer_months_the_covariance_of_single_cases_is_still_exact(of: list[Case], inner: set[int]) -> None:
    ends = [*sorted(inner), LAST]
    of = [Case(case.day, case.how, child) for child, case in enumerate(of)]
    found = influence_covariance(table_of(of), pairs_in(of, ends), ends)
    assert found == pytest.approx(np.array(covariance(of, ends)), abs=1e-9)


def test_with_months_of_days_the_covariance_of_repeated_cases_is_nearly_that_of_days() -> None:
    """Months hold a small part of the time at risk, so the mean of a month's influences is close to each of them."""
    rng = np.random.default_rng(1)
    of, ends = _with_frailty(rng, 150), [0, *range(9, 360, 9)]
    found = influence_covariance(table_of(of, ends[-1]), pairs_in(of, ends), ends)
    days = list(range(ends[-1] + 1))
    exact = influence_covariance(table_of(of, ends[-1]), pairs_in(of, days), days)[np.ix_(ends, ends)]
    assert np.sqrt(np.diag(found)) == pytest.approx(np.sqrt(np.diag(exact)), rel=0.01)


@given(cases())
def test_without_repeated_cases_intervals_are_greenwoods(of: list[Case]) -> None:
    """As lifelines has them on the same scale, where anyone is at risk and not all or none are re-referred."""
    of, ends = [Case(case.day, case.how, child) for child, case in enumerate(of)], list(range(LAST + 1))
    curve = curve_of(of, ends)
    theirs = fitted(of).confidence_interval_
    for day in ends:
        if 0 < curve.probability[day] < 1:
            low, high = theirs.loc[:day].iloc[-1]
            assert (curve.limits[0][day], curve.limits[1][day]) == pytest.approx((1 - high, 1 - low), abs=1e-9)


@given(cases())
def test_a_probability_lies_within_its_interval_and_that_within_the_band(of: list[Case]) -> None:
    curve = curve_of(of, list(range(LAST + 1)))
    rows = np.array([curve.band[0], curve.limits[0], curve.probability, curve.limits[1], curve.band[1]])
    rows = rows[:, ~np.isnan(rows).any(axis=0)]
    assert (np.diff(rows, axis=0) >= -1e-12).all()
    assert ((rows >= 0) & (rows <= 1)).all()


def test_a_band_is_wider_than_an_interval_and_the_more_so_the_less_its_values_go_together() -> None:
    assert widest_deviation(np.ones((5, 5))) == pytest.approx(1.96, abs=0.05)
    assert widest_deviation(np.eye(5)) == pytest.approx(2.57, abs=0.05)  # 0.95 to the power of a fifth, on both sides
    assert widest_deviation(np.zeros((5, 5))) == pytest.approx(1.96, abs=0.001)


# Coverage


def _with_frailty(rng: np.random.Generator, children: int, spread: float = 1.2, last: int = 351) -> list[Case]:
    """Children with up to five cases each, whose risks go together within a child; followed for a time or to 18."""
    number = rng.integers(1, 6, children)
    child = np.repeat(np.arange(children), number)
    risk = np.exp(spread * rng.standard_normal(children))[child]
    again = np.floor(300 * rng.exponential(size=len(child)) / risk)
    ends = rng.integers(60, last + 1, len(child))
    of_age = rng.random(len(child)) < 0.2
    adult = np.where(of_age, rng.integers(1, last, len(child)), last + 1)
    last_day = np.minimum(ends, adult)
    how = np.where(again <= last_day, "rereferred", np.where(adult <= ends, "of_age", ""))
    day = np.minimum(again, last_day).astype(int)
    return [Case(int(d), str(h), int(c)) for d, h, c in zip(day, how, child, strict=True)]


MONTHS = [0, *range(9, 360, 9)]
#: Of 300 simulations 95% are 285, give or take 4: this is three times as far.
NOMINAL = (0.915, 0.985)


@pytest.fixture(scope="module")
def simulated() -> tuple[Curve, list[Curve]]:
    """The truth, which is what very many children would give, and curves of 250 children each."""
    rng = np.random.default_rng(7)
    truth = Curve(table_of(_with_frailty(rng, 60_000), MONTHS[-1]), pairs_in([], MONTHS), MONTHS)
    return truth, [curve_of(_with_frailty(rng, 250), MONTHS) for _round in range(300)]


def held(truth: Curve, curves: list[Curve], month: int) -> float:
    """How often the interval at a month holds the truth."""
    return float(np.mean([c.limits[0][month] <= truth.probability[month] <= c.limits[1][month] for c in curves]))


@pytest.mark.parametrize("month", [5, 20, 38])
def test_an_interval_holds_the_truth_as_often_as_it_says(simulated: tuple[Curve, list[Curve]], month: int) -> None:
    assert NOMINAL[0] <= held(*simulated, month) <= NOMINAL[1]


def test_an_interval_that_takes_a_childs_cases_for_independent_holds_it_less_often(
    simulated: tuple[Curve, list[Curve]],
) -> None:
    truth, curves = simulated
    alone = [Curve(curve.table, pairs_in([], MONTHS), MONTHS) for curve in curves]
    assert held(truth, alone, 20) < 0.9


def test_a_band_holds_the_whole_curve_as_often_as_it_says(simulated: tuple[Curve, list[Curve]]) -> None:
    """Intervals of single months hold it whole far less often."""
    truth, curves = simulated
    by_bands, by_limits = (
        np.mean([((low <= truth.probability) & (truth.probability <= high)).all() for low, high in pairs])
        for pairs in ([curve.band for curve in curves], [curve.limits for curve in curves])
    )
    assert NOMINAL[0] <= by_bands <= NOMINAL[1]
    assert by_limits < 0.9


def test_the_interval_of_the_mean_holds_the_truth_as_often_as_it_says(simulated: tuple[Curve, list[Curve]]) -> None:
    truth, curves = simulated
    mean = truth.mean_days[0]
    assert NOMINAL[0] <= np.mean([c.mean_days[1] <= mean <= c.mean_days[2] for c in curves]) <= NOMINAL[1]


# From the engine

YEARS, UNTIL = range(2019, 2025), 2024
END = date(UNTIL, 3, 31)
RULES = [Rules(), Rules("referral_date", "censored")]
#: Categories that some cases are in, and conditions that put them there.
CATEGORIES = [(each.column, place) for each in (measures.NEED, measures.SEX) for place in range(len(each.categories))]
CONDITIONS = [life_tables.EVERY, *(ibis._[column] == place for column, place in CATEGORIES)]
SEEDS = range(3)


@pytest.fixture(scope="module", autouse=True)
def engine():
    ibis.set_backend(connect(threads=1))
    yield


def closed(seed: int) -> pd.DataFrame:
    """Closed cases of few children, some of them re-referred on the day of closure."""
    frame = made_up_closures.closures(900, seed, years=8, cases_per_child=4)
    frame.loc[::7, "days_to_referral"] = 0
    return frame


def followed(frame: pd.DataFrame, rules: Rules = RULES[0]) -> ir.Table:
    return life_tables.follow(ibis.memtable(arrow(frame)), YEARS, UNTIL, rules)


def slowly_followed(frame: pd.DataFrame, rules: Rules = RULES[0]) -> list[dict[str, Any]]:
    """The rows that are followed, each with its `case`."""
    found = []
    for row in frame.astype(object).where(frame.notna(), None).to_dict("records"):
        is_left_out = row["time_period"] not in YEARS or (row["is_without_closure"] and rules.nfa_entry == "exclude")
        if is_left_out:
            continue
        end = (END - row["cin_closure_date"].date()).days
        if row["days_to_death"] is not None:
            end = min(end, row["days_to_death"])
        if row["is_transfer"] and rules.transfers == "censored":
            end = 0
        day, how = min((row["days_to_adult"], "of_age"), (end, "other"), key=lambda pair: pair[0])
        if row["days_to_referral"] is not None and row["days_to_referral"] <= day:
            day, how = row["days_to_referral"], "rereferred"
        found.append(row | {"case": Case(day, how, row[PERSON])})
    return found


def is_in(row: dict[str, Any], category: tuple[str, int] | None) -> bool:
    """Whether a case is in a category; all are in none."""
    return category is None or row[category[0]] == category[1]


@pytest.mark.parametrize("rules", RULES, ids=str)
def test_exits_are_those_of_cases_as_the_rules_say(rules: Rules) -> None:
    for seed in SEEDS:
        frame = closed(seed)
        rows, found = slowly_followed(frame, rules), life_tables.exits(followed(frame, rules), CONDITIONS)
        assert not found.duplicated(["days", "rereferred", "of_age"]).any()
        tables = life_tables.tables(found, life_tables.month_end(72))
        for category, table in zip([None, *CATEGORIES], tables, strict=True):
            expected = table_of([row["case"] for row in rows if is_in(row, category)], life_tables.month_end(72))
            for way in ("leaving", "rereferred", "of_age"):
                assert getattr(table, way).tolist() == getattr(expected, way).tolist()


def test_without_those_re_referred_on_the_day_of_closure_the_others_leave_as_they_do() -> None:
    for seed, rules in product(SEEDS, RULES):
        frame = closed(seed)
        (table,) = life_tables.tables(life_tables.exits(followed(frame, rules)), life_tables.month_end(72))
        others = slowly_followed(frame[frame["days_to_referral"].ne(0).fillna(True)], rules)
        expected = table_of([row["case"] for row in others], life_tables.month_end(72))
        assert table.leaving[0] > table.without_same_day.leaving[0]
        for way in ("leaving", "rereferred", "of_age"):
            assert getattr(table.without_same_day, way).tolist() == getattr(expected, way).tolist()


def slow_pairs(rows: list[dict[str, Any]]) -> Counter[tuple[int, int]]:
    """Pairs of one child's cases, by the endings of the two, the earlier one's first."""
    ends = [life_tables.month_end(month) for month in range(73)]
    found: Counter[tuple[int, int]] = Counter()
    for first, second in combinations(sorted(rows, key=lambda row: row["cin_referral_date"]), 2):
        if first[PERSON] == second[PERSON]:
            found[ending(first["case"], ends), ending(second["case"], ends)] += 1
    return found


def counted(pairs: pd.DataFrame, place: int) -> dict[tuple[int, int], int]:
    """By the endings of the two, how many pairs there are that meet a condition."""
    rows = pairs[["ending", "ending_right", f"pairs{place}"]].to_numpy().tolist()
    return {(first, second): count for first, second, count in rows if count}


def test_pairs_are_of_one_childs_cases_in_the_same_category() -> None:
    for seed in SEEDS:
        frame = closed(seed)
        found, rows = life_tables.pairs(followed(frame), CONDITIONS), slowly_followed(frame)
        assert not found.duplicated(["ending", "ending_right"]).any()
        for place, category in enumerate([None, *CATEGORIES]):
            assert counted(found, place) == slow_pairs([row for row in rows if is_in(row, category)])
        assert found["pairs0"].sum() > 50


def test_pairs_with_a_factor_are_of_cases_that_both_have_it() -> None:
    for seed in SEEDS:
        frame = closed(seed).assign(factors=lambda of: of["factors"] | 2 ** (of.index.to_numpy() % 4))
        found = life_tables.pairs(followed(frame), [*FACTOR_MEMBERS.values()])
        for place, (factor, condition) in enumerate([*FACTOR_MEMBERS.items()][:2]):
            having = set(ibis.memtable(frame).filter(condition).factors.execute())
            rows = [row for row in slowly_followed(frame) if row["factors"] in having]
            assert counted(found, place) == slow_pairs(rows), factor


def test_pairs_as_a_matrix_are_by_the_earlier_and_the_later_ending() -> None:
    found = life_tables.pairs(followed(closed(1)), CONDITIONS)
    matrices = pairs_of(found, [life_tables.month_end(month) for month in range(73)])
    for place, matrix in enumerate(matrices):
        assert {(*at,): matrix[*at] for at in np.argwhere(matrix).tolist()} == counted(found, place)
    assert len(matrices) == len(CONDITIONS)


def test_a_sample_is_of_whole_children_and_all_of_them_where_they_are_few(monkeypatch: pytest.MonkeyPatch) -> None:
    cases = followed(closed(1))
    whole = cases.execute()
    assert life_tables.one_in(len(whole)) == life_tables.one_in(0) == 1
    monkeypatch.setattr(life_tables, "SAMPLE", len(whole) // 3)
    assert life_tables.one_in(len(whole)) == 3
    theirs = life_tables.sampled(cases, 3).execute()
    assert theirs[PERSON].is_monotonic_increasing
    assert set(theirs[PERSON]) == {child for child in whole[PERSON] if child % 3 == 0}
    assert len(theirs) == whole[PERSON].isin(theirs[PERSON]).sum()


def test_errors_with_a_sample_of_children_are_near_those_with_all(monkeypatch: pytest.MonkeyPatch) -> None:
    frame = made_up_closures.closures(30_000, 4, years=8, cases_per_child=4)
    made, by_sample = (Followed(ibis.memtable(arrow(frame)), Release.load(UNTIL)) for _made in range(2))
    monkeypatch.setattr(life_tables, "SAMPLE", int(made.cells.leaving.sum()) // 3)
    assert (made.every, by_sample.every) == (3, 3)
    vars(made)["every"] = 1
    for whole, sampled in (
        (made.whole(UNTIL - 1), by_sample.whole(UNTIL - 1)),
        *((made.curves[name], by_sample.curves[name]) for name in (measures.ALL_CLOSURES, measures.SEX.reference)),
    ):
        assert whole.table.leaving.tolist() == sampled.table.leaving.tolist()
        assert whole.pairs.sum() > 5_000
        assert sampled.pairs.sum() == pytest.approx(whole.pairs.sum(), rel=0.05)
        found, expected = (np.sqrt(np.diag(curve.covariance)) for curve in (sampled, whole))
        assert found == pytest.approx(expected, rel=0.03)


def test_the_order_of_rows_changes_nothing() -> None:
    frame = closed(2)
    shuffled = frame.sample(frac=1, random_state=3)
    for counts, by in (
        (life_tables.exits, ["days", "rereferred", "of_age"]),
        (life_tables.pairs, ["ending", "ending_right"]),
    ):
        one, other = (counts(followed(rows), CONDITIONS).sort_values(by) for rows in (frame, shuffled))
        pd.testing.assert_frame_equal(one.reset_index(drop=True), other.reset_index(drop=True))


def test_a_month_is_a_twelfth_of_a_year_and_six_years_are_all_that_can_be_followed() -> None:
    ends = [life_tables.month_end(month) for month in range(73)]
    assert (ends[0], ends[1], ends[12], ends[72]) == (0, 30, 365, 2191)
    assert set(np.diff(ends[:1] + ends[1:]).tolist()) == {30, 31}
    assert (date(2024, 3, 31) - date(2018, 4, 1)).days == ends[72]
