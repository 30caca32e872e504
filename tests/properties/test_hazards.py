"""The model agrees with lifelines and plain Python, and its intervals hold planted effects as often as they say."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import ibis
import numpy as np
import pandas as pd
import pytest
from lifelines import CoxPHFitter
from lifelines.utils import concordance_index

import made_up_closures
import oracle
from made_up_closures import COMMON, EFFECTS, PERSON, arrow
from oracle import Case
from rereferrals.datasets.survival import H2_HELD_OUT
from rereferrals.engine import connect
from rereferrals.release import Release
from rereferrals.statistics import hazards, life_tables
from rereferrals.statistics.estimates import Followed, estimate
from rereferrals.statistics.hazards import Cells, Design, Fit
from rereferrals.statistics.life_tables import Rules

pytestmark = pytest.mark.filterwarnings("ignore:.*keyword-only:pandas.errors.Pandas4Warning")  # lifelines on pandas 3
SMALL = Design(("need", "sex", "level"), (3, 2, 4), (1, 0, 2))
SEEDS = range(4)
ALL_DAYS = range(2_192)
#: Lifelines stops as soon as the likelihood hardly rises, which is too soon for six digits.
EXACT = {"precision": 1e-14, "r_precision": 1e-17}


@pytest.fixture(scope="module", autouse=True)
def engine():
    ibis.set_backend(connect(threads=1))
    yield


def people(seed: int, number: int = 400, design: Design = SMALL, days: int = 12, children: int = 150) -> pd.DataFrame:
    """Cases with `days`, `rereferred` and categories, of which few days make many ties; many are not re-referred."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {name: rng.integers(0, n, number) for name, n in zip(design.columns, design.sizes, strict=True)}
    )
    risk = sum(np.sin(2 + 3 * frame[name]) for name in design.columns) / 2
    child = rng.integers(0, children, number)
    risk += rng.standard_normal(children)[child]
    again = np.floor(days * rng.exponential(size=number) / np.exp(risk))
    end = rng.integers(0, days + 1, number)
    rereferred = (again <= end).astype(int)
    return frame.assign(days=np.minimum(again, end).astype(int), rereferred=rereferred, child=child)


def cells(frame: pd.DataFrame, design: Design = SMALL) -> Cells:
    pattern = np.ravel_multi_index([frame[name] for name in design.columns], design.sizes)
    counts = frame.assign(pattern=pattern, leaving=1, of_age=0).groupby(["pattern", "days"], as_index=False)
    return Cells.of(counts[["leaving", "rereferred", "of_age"]].sum(), design)


def dummies(frame: pd.DataFrame, fitted: Fit) -> pd.DataFrame:
    """A column for each coefficient, 0 or 1 for each case."""
    design, columns = fitted.cells.design, {}
    for place in fitted.free.tolist():
        of = max(n for n, start in enumerate(design.starts) if start <= place)
        columns[f"x{place}"] = (frame[design.columns[of]] == place - design.starts[of]).astype(float)
    return pd.DataFrame(columns)


def theirs(frame: pd.DataFrame, fitted: Fit, **options: object) -> CoxPHFitter:
    rows = dummies(frame, fitted).assign(days=frame["days"], rereferred=frame["rereferred"])
    for name in ("child", "entry"):
        if name in options.values():
            rows[name] = frame[name]
    return CoxPHFitter().fit(rows, "days", "rereferred", fit_options=EXACT, **options)


def agrees(fitted: Fit, other: CoxPHFitter) -> bool:
    assert fitted.coefficients == pytest.approx(other.params_.to_numpy(), abs=1e-6)
    assert fitted.errors == pytest.approx(other.standard_errors_.to_numpy(), abs=1e-6)
    return True


# Coefficients and model errors


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("days", [3, 12, 300])
def test_the_model_is_that_of_efrons_method_with_many_ties_or_few(seed: int, days: int) -> None:
    frame = people(seed, days=days)
    fitted = hazards.fit(cells(frame), ALL_DAYS)
    assert len(fitted.free) == 2 + 1 + 3
    assert agrees(fitted, theirs(frame, fitted))


def test_a_category_without_a_re_referral_has_no_coefficient_and_its_cases_are_left_out() -> None:
    frame = people(1)
    frame.loc[frame["need"] == 2, "rereferred"] = 0
    fitted = hazards.fit(cells(frame), ALL_DAYS)
    assert SMALL.starts[0] + 2 not in fitted.free
    assert agrees(fitted, theirs(frame[frame["need"] != 2], fitted))
    assert fitted.cells.leaving.sum() == (frame["need"] != 2).sum()


def test_a_category_without_a_case_has_no_coefficient() -> None:
    frame = people(2)
    frame = frame[frame["level"] != 3]
    fitted = hazards.fit(cells(frame), ALL_DAYS)
    assert fitted.free.tolist() == [0, 2, 4, 5, 6]
    assert agrees(fitted, theirs(frame, fitted))


@pytest.mark.parametrize("seed", SEEDS)
def test_a_model_of_the_first_days_follows_all_to_their_end(seed: int) -> None:
    frame = people(seed, days=20)
    fitted = hazards.fit(cells(frame), range(8))
    cut = frame.assign(days=frame["days"].clip(upper=8), rereferred=frame["rereferred"] * (frame["days"] < 8))
    assert agrees(fitted, theirs(cut, fitted))


@pytest.mark.parametrize("seed", SEEDS)
def test_a_model_of_later_days_is_of_those_still_followed(seed: int) -> None:
    """As lifelines has it of those who come under observation as the last of the earlier days ends."""
    frame = people(seed, days=20)
    whole = hazards.fit(cells(frame), ALL_DAYS)
    for start in (None, whole):
        fitted = hazards.fit(cells(frame), range(5, 2_192), start)
        late = frame[frame["days"] >= 5].assign(entry=4)
        assert agrees(fitted, theirs(late, fitted, entry_col="entry"))


def test_a_start_from_elsewhere_leads_to_the_same_model() -> None:
    frame = people(3)
    fitted = hazards.fit(cells(frame), ALL_DAYS)
    again = hazards.fit(cells(frame), ALL_DAYS, replace(fitted, coefficients=-fitted.coefficients))
    assert again.coefficients == pytest.approx(fitted.coefficients, abs=1e-9)


def test_the_order_of_cells_changes_nothing() -> None:
    made = cells(people(3))
    order = np.random.default_rng(5).permutation(len(made.day))
    parts = (made.pattern, made.day, made.leaving, made.rereferred, made.of_age)
    shuffled = Cells(SMALL, made.levels, *(part[order] for part in parts))
    one, other = hazards.fit(made, ALL_DAYS), hazards.fit(shuffled, ALL_DAYS)
    assert one.coefficients == pytest.approx(other.coefficients, abs=1e-12)


@pytest.mark.parametrize("days", [5, 300])
def test_the_predicted_share_is_that_of_the_model_of_all(days: int) -> None:
    """Lifelines' baseline hazard is Breslow's, so the two meet where there are few ties."""
    frame = people(1, number=1_500, days=days)
    fitted = hazards.fit(cells(frame), ALL_DAYS)
    other = theirs(frame, fitted)
    baseline = other.baseline_cumulative_hazard_.iloc[:, 0]
    norm = float(np.exp(-(other._norm_mean @ other.params_)))
    tolerance = 0.3 if days == 5 else 0.02
    assert fitted.cumulated_hazard(days) == pytest.approx(baseline.iloc[-1] * norm, rel=tolerance)
    of_patterns = fitted.relative_hazard(fitted.cells)[cells(frame).pattern]
    assert of_patterns == pytest.approx(fitted.weights[fitted.cells.pattern], rel=1e-4)


# What cannot be fitted


def test_where_categories_tell_exactly_who_is_re_referred_there_are_no_coefficients() -> None:
    frame = people(1)
    frame["days"] = np.where(frame["sex"] == 1, 0, 1 + frame["days"])
    frame["rereferred"] = 1
    fitted = hazards.fit(cells(frame), ALL_DAYS)
    assert (len(fitted.free), fitted.covariance.shape) == (0, (0, 0))
    assert fitted.relative_hazard(fitted.cells).tolist() == [1.0] * len(fitted.cells.levels)


def test_where_two_characteristics_tell_the_same_there_are_no_coefficients() -> None:
    frame = people(1).assign(sex=lambda of: (of["need"] == 0).astype(int))
    assert len(hazards.fit(cells(frame), ALL_DAYS).free) == 0


@pytest.mark.parametrize("part", [slice(0), slice(1)], ids=["no case", "one case"])
def test_without_cases_there_are_no_coefficients(part: slice) -> None:
    assert len(hazards.fit(cells(people(1)[part]), ALL_DAYS).free) == 0


# Robust errors


def by_case(frame: pd.DataFrame, fitted: Fit) -> list[Case]:
    rows = dummies(frame, fitted).to_numpy()
    known = zip(frame["days"], frame["rereferred"], frame["child"], rows, strict=True)
    return [Case(int(day), "rereferred" if again else "", int(child), tuple(x)) for day, again, child, x in known]


def in_engine(frame: pd.DataFrame) -> ibis.Table:
    return ibis.memtable(frame.rename(columns={"child": PERSON}).astype({"rereferred": "int8"}))


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("days", [3, 40])
def test_robust_errors_are_of_scores_summed_within_a_child(seed: int, days: int) -> None:
    frame = people(seed, number=200, days=days, children=60)
    fitted = hazards.fit(cells(frame), ALL_DAYS)
    of = by_case(frame, fitted)
    assert sum(oracle.scores(of, fitted.coefficients)) == pytest.approx(np.zeros(len(fitted.free)), abs=1e-6)
    expected = oracle.robust_errors(of, fitted.coefficients, fitted.covariance)
    assert hazards.robust_errors(fitted, in_engine(frame)) == pytest.approx(expected, rel=1e-5)


def test_with_few_ties_robust_errors_are_those_of_lifelines() -> None:
    frame = people(2, number=1_000, days=5_000, children=300)
    frame = frame[frame["days"] < 2_192]
    fitted = hazards.fit(cells(frame), ALL_DAYS)
    other = theirs(frame, fitted, cluster_col="child")
    found = hazards.robust_errors(fitted, in_engine(frame))
    assert found == pytest.approx(other.standard_errors_.to_numpy(), rel=0.01)
    assert (found > fitted.errors).any()


def test_robust_errors_of_cases_in_another_order_are_the_same_to_the_last_digit() -> None:
    frame = people(3)
    fitted = hazards.fit(cells(frame), ALL_DAYS)
    one, other = (hazards.robust_errors(fitted, in_engine(of)) for of in (frame, frame.sample(frac=1, random_state=7)))
    assert one.tolist() == other.tolist()


def test_robust_errors_of_a_sample_of_children_are_near_those_of_all() -> None:
    frame = people(4, number=30_000, children=10_000)
    fitted = hazards.fit(cells(frame), ALL_DAYS)
    whole = hazards.robust_errors(fitted, in_engine(frame))
    sample = life_tables.sampled(in_engine(frame), 3)
    assert hazards.robust_errors(fitted, sample, 3) == pytest.approx(whole, rel=0.06)


# Planted effects


def followed(seed: int, number: int, **making: Any) -> ibis.Table:
    frame = made_up_closures.closures(number, seed, years=6, cases_per_child=3, **making)
    return life_tables.follow(ibis.memtable(arrow(frame)), range(2019, 2025), 2024, Rules())


def test_intervals_hold_planted_effects_as_often_as_they_say() -> None:
    """Of 11 coefficients in each of 40 simulations 95% are 418, give or take 5.

    Children have several cases, but without a frailty, so that the ratios planted are the model's, and errors of either
    kind hold.
    """
    names = ("age_band", "ethnic_group")
    design = Design(names, tuple(len(COMMON[name]) for name in names), (0, 0))
    planted = np.concatenate([EFFECTS[name] for name in names])
    held = Counter()
    for seed in range(40):
        cases = followed(seed, 3_000, frailty=0, effects={name: EFFECTS[name] for name in names})
        fitted = hazards.fit(hazards.cells_of(cases, design), ALL_DAYS)
        away = np.abs(fitted.coefficients - planted[fitted.free])
        held["all"] += len(away)
        held["model"] += int((away <= 1.96 * fitted.errors).sum())
        held["robust"] += int((away <= 1.96 * hazards.robust_errors(fitted, cases)).sum())
    for errors in ("model", "robust"):
        assert 0.92 <= held[errors] / held["all"] <= 0.98


# Concordance


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("last", [5, 30])
def test_concordance_is_that_of_cases_censored_at_the_horizon(seed: int, last: int) -> None:
    """Two that are re-referred on one day are no pair; who leaves otherwise that day is later. So has lifelines it."""
    frame = people(seed, number=250)
    made = cells(frame)
    risk = np.exp(np.sin(np.arange(len(made.levels)) // 2))  # several patterns have the same
    numbers = np.ravel_multi_index(tuple(made.levels.T), SMALL.sizes)
    pattern = np.ravel_multi_index([frame[name] for name in SMALL.columns], SMALL.sizes)
    own = risk[np.searchsorted(numbers, pattern)]
    of = [Case(day, "rereferred" if again else "") for day, again in frame[["days", "rereferred"]].to_numpy().tolist()]
    found = hazards.concordance(made, risk, last)
    assert found == pytest.approx(oracle.concordance(of, own.tolist(), last), abs=1e-12)
    in_time = frame["days"] <= last
    other = concordance_index(frame["days"].where(in_time, last + 1), -own, frame["rereferred"] * in_time)
    assert found == pytest.approx(other, abs=1e-12)


def test_without_a_pair_there_is_no_concordance() -> None:
    made = cells(people(1).assign(rereferred=0))
    assert np.isnan(hazards.concordance(made, np.ones(len(made.levels)), 5))


# Cells


def test_cells_are_counts_by_categories_and_day() -> None:
    cases = followed(1, 2_000)
    names = tuple(COMMON)
    made = hazards.cells_of(cases, Design(names, tuple(map(len, COMMON.values())), (0,) * len(names)))
    expected: Counter[tuple[int, ...]] = Counter()
    again: Counter[tuple[int, ...]] = Counter()
    for row in cases.execute().to_dict("records"):
        key = (*(row[name] for name in names), row["days"])
        expected[key] += 1
        again[key] += row["rereferred"]
    keys = [(*levels, day) for levels, day in zip(made.levels[made.pattern].tolist(), made.day.tolist(), strict=True)]
    assert dict(zip(keys, made.leaving.tolist(), strict=True)) == expected
    assert dict(zip(keys, made.rereferred.tolist(), strict=True)) == again
    by_category = dict(zip(range(100), made.totals(made.leaving).tolist(), strict=False))
    start = made.design.starts[names.index("sex")]
    assert [by_category[start + place] for place in range(3)] == [
        sum(count for key, count in expected.items() if key[names.index("sex")] == place) for place in range(3)
    ]


def test_cells_until_a_day_have_all_who_are_still_there_leave_on_it() -> None:
    made = cells(people(2))
    for day in (0, 3, 10, made.last_day, made.last_day + 1):
        cut = made.until(day)
        number, expected = (np.zeros((len(made.levels), made.last_day + 1)) for _part in range(2))
        np.add.at(number, (cut.pattern, cut.day), cut.leaving)
        np.add.at(expected, (made.pattern, np.minimum(made.day, day)), made.leaving)
        assert number.tolist() == expected.tolist()
        assert cut.rereferred.sum() == made.rereferred[made.day < day].sum()
        assert len(np.unique(cut.pattern * 10_000 + cut.day)) == len(cut.day)


@pytest.mark.parametrize("few", [1, 6, 1_000])
def test_sums_by_day_and_category_are_the_same_however_many_characteristics_are_taken_together(
    few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    frame = people(3)
    monkeypatch.setattr(hazards, "FEW", few)
    made = cells(frame, replace(SMALL))
    assert len(made.design.together) == {1: 3, 6: 2, 1_000: 1}[few]
    by_day, by_category = made.by_day(made.leaving, made.last_day)
    assert by_day.tolist() == [(frame["days"] == day).sum() for day in range(made.last_day + 1)]
    columns = [
        [((frame[name] == place) & (frame["days"] == day)).sum() for day in range(made.last_day + 1)]
        for name, size in zip(SMALL.columns, SMALL.sizes, strict=True)
        for place in range(size)
    ]
    assert by_category.T.tolist() == columns


# A year held out

RELEASE = Release.load(2024)
LEARNT_TO, HELD_OUT = pd.Timestamp("2022-03-31"), 2023


def held_out(frame: pd.DataFrame) -> pd.DataFrame:
    made = Followed(ibis.memtable(arrow(frame)), RELEASE)
    return estimate(made, H2_HELD_OUT, H2_HELD_OUT.years(RELEASE)).set_index("predicted_risk")


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    found = made_up_closures.closures(20_000, 5, years=10)
    return found[~found["is_without_closure"]]


def test_what_came_after_the_years_a_model_learns_from_does_not_change_what_it_foretells(frame: pd.DataFrame) -> None:
    came = frame["cin_closure_date"] + pd.to_timedelta(frame["days_to_referral"].fillna(0).astype(int), "D")
    is_later = (frame["cin_closure_date"] <= LEARNT_TO) & (came > LEARNT_TO)
    assert is_later.sum() > 1_000
    forgotten = frame.assign(days_to_referral=frame["days_to_referral"].mask(is_later))
    pd.testing.assert_frame_equal(held_out(frame), held_out(forgotten))


def test_what_came_of_the_year_held_out_does_not_change_what_is_foretold_of_it(frame: pd.DataFrame) -> None:
    others = frame.assign(days_to_referral=frame["days_to_referral"].mask(frame["time_period"] == HELD_OUT))
    one, other = held_out(frame), held_out(others)
    pd.testing.assert_series_equal(one["predicted_percent"], other["predicted_percent"])
    assert (other["observed_percent"] == 0).all()


def test_cases_of_the_year_held_out_are_followed_for_the_12_months_and_put_in_tenths(frame: pd.DataFrame) -> None:
    found, mine = held_out(frame), frame[frame["time_period"] == HELD_OUT]
    tenths = found.drop("Total")
    assert found.loc["Total", "closed_case_count"] == len(mine) == tenths["closed_case_count"].sum()
    assert tenths["closed_case_count"].between(0.08 * len(mine), 0.12 * len(mine)).all()
    assert found.loc["Total", "rereferred_count"] == tenths["rereferred_count"].sum()
    in_time = mine["days_to_referral"] <= 365
    assert 0.98 * in_time.sum() < found.loc["Total", "rereferred_count"] <= in_time.sum()  # the others died or are 18
    assert tenths["predicted_percent"].is_monotonic_increasing


def test_a_model_that_is_right_foretells_what_is_observed(frame: pd.DataFrame) -> None:
    found = held_out(frame)
    assert found.loc["Total", "predicted_percent"] == pytest.approx(found.loc["Total", "observed_percent"], abs=0.02)
    is_within = found["predicted_percent"].between(found["observed_percent_lower"], found["observed_percent_upper"])
    assert is_within.sum() >= 8
    assert 0.55 < found.loc["Total", "concordance"] < 0.7
    assert found.drop("Total")["concordance"].isna().all()
