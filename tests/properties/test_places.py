"""What holds of figures on places whatever the figures are, and slow versions of their statistics."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import combinations
from math import atanh, sqrt, tanh
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats

import made_up_places as made_up
from rereferrals import areas
from rereferrals.datasets.regional import F1
from rereferrals.measures import regional as measures
from rereferrals.places import inference
from rereferrals.places.cells import PRECEDENCE, shown, shown_at_most, symbol_of
from rereferrals.places.deprivation import FIFTHS, fifths_of, paired
from rereferrals.places.registry import MAKERS
from rereferrals.published import SYMBOLS
from rereferrals.release import Release

RELEASE = replace(Release.load(2025), year=2002, first_year=2002)
#: Few different values, so that equal ones meet.
tenths = st.integers(0, 60).map(lambda n: Fraction(n, 10))
rates = st.integers(900, 1100).map(lambda n: Fraction(n, 10))
differences = st.lists(st.integers(-8, 8).map(lambda n: Fraction(n, 2)), max_size=30)
observed = st.lists(st.tuples(rates, tenths, tenths), min_size=5, max_size=14)
published = st.one_of(tenths.map(lambda value: f"{float(value):g}"), st.sampled_from(sorted(SYMBOLS)))


def floats(values: Sequence[Fraction]) -> np.ndarray:
    return np.array([float(value) for value in values])


@given(observed)
def test_a_correlation_is_scipys_and_a_partial_one_that_of_residuals(rows: list[tuple[Fraction, ...]]) -> None:
    x, y, z = zip(*rows, strict=True)
    a, b, c = map(floats, (x, y, z))
    if min(map(len, (set(x), set(y)))) > 1:
        assert inference.correlation(x, y) == pytest.approx(stats.pearsonr(a, b)[0], abs=1e-9)
    design = np.column_stack([np.ones_like(c), c])
    left = [v - design @ np.linalg.lstsq(design, v, rcond=None)[0] for v in (a, b)]
    assume(len(set(z)) > 1 and min(np.linalg.norm(v) for v in left) > 1e-6)
    assert inference.correlation(x, y, z) == pytest.approx(stats.pearsonr(*left)[0], abs=1e-6)


@given(st.lists(tenths, min_size=1, max_size=20))
def test_ranks_are_middle_ranks_that_a_rising_change_of_scale_leaves(values: list[Fraction]) -> None:
    assert inference.ranks(values) == [Fraction(rank) for rank in stats.rankdata(floats(values))]
    assert inference.ranks([value**3 + 7 for value in values]) == inference.ranks(values)


@given(observed)
def test_a_correlation_of_ranks_is_spearmans(rows: list[tuple[Fraction, ...]]) -> None:
    x, y, _ = zip(*rows, strict=True)
    assume(min(len(set(x)), len(set(y))) > 1)
    r = inference.correlation(inference.ranks(x), inference.ranks(y))
    assert r == pytest.approx(stats.spearmanr(floats(x), floats(y))[0], abs=1e-9)


@given(st.floats(-0.99, 0.99), st.integers(5, 200), st.sampled_from([0, 1]), st.sampled_from([1, 1.06]))
def test_the_interval_of_a_correlation_is_fishers(r: float, count: int, held: int, variance: float) -> None:
    _, lower, upper = inference.correlation_interval(r, count, held, Fraction(variance))
    half = 1.959963984540054 * sqrt(variance / (count - 3 - held))
    assert (lower, upper) == pytest.approx((tanh(atanh(r) - half), tanh(atanh(r) + half)))


@given(st.lists(tenths, min_size=2, max_size=20))
def test_the_interval_of_a_mean_is_students(values: list[Fraction]) -> None:
    middle, lower, upper = inference.mean_interval(values)
    assert middle == sum(values) / len(values)
    half = stats.t.ppf(0.975, len(values) - 1) * stats.sem(floats(values))
    assert (lower, upper) == pytest.approx((float(middle) - half, float(middle) + half), abs=1e-9)


@given(differences)
def test_the_interval_of_a_median_is_the_narrowest_that_covers_often_enough(values: list[Fraction]) -> None:
    ordered = sorted(values)
    covering = [  # between the values at place k from both ends, both left out of the count of those beyond
        k for k in range(1, len(values) // 2 + 1) if 1 - 2 * stats.binom.cdf(k - 1, len(values), 0.5) >= 0.95
    ]
    found = inference.median_interval(values)
    assert found == ((ordered[covering[-1] - 1], ordered[-covering[-1]]) if covering else None)
    assert (found is None) == (len(values) < 6)


@given(differences)
def test_the_sign_test_is_scipys_of_what_is_not_zero(values: list[Fraction]) -> None:
    signs = [value > 0 for value in values if value]
    found = inference.sign_test(values)
    if not values:
        assert found is None
    elif not signs:
        assert found == 1
    else:
        assert float(found) == pytest.approx(stats.binomtest(sum(signs), len(signs)).pvalue)


@given(differences)
def test_an_interval_without_zero_goes_with_a_small_probability(values: list[Fraction]) -> None:
    ends = inference.median_interval(values)
    if ends and 0 not in values:
        assert (ends[0] > 0 or ends[1] < 0) == (inference.sign_test(values) <= 1 - inference.CONFIDENCE)


def slow_pairs(rows: Sequence[tuple[Fraction, ...]]) -> list[Fraction]:
    """What each pair counts: 1 if the less deprived has the higher percentage, and half if they are equal."""
    return [
        Fraction(1, 2) if p == q else Fraction((p > q) == (d < e))
        for (r, p, d), (s, q, e) in combinations(rows, 2)
        if abs(r - s) <= Fraction(5, 100) * (r + s) / 2 and d != e
    ]


@given(observed)
def test_pairs_and_their_jackknife_are_those_of_a_double_loop(rows: list[tuple[Fraction, ...]]) -> None:
    outcomes = slow_pairs(rows)
    count, (percentage, lower, upper) = paired(rows)
    assert count == len(outcomes)
    if not outcomes:
        assert percentage is lower is upper is None
        return
    assert percentage == 100 * sum(outcomes) / len(outcomes)
    without = [slow_pairs(rows[:k] + rows[k + 1 :]) for k in range(len(rows))]
    if not all(without):
        assert lower is upper is None
        return
    left = [float(100 * sum(one) / len(one)) for one in without]
    error = sqrt((len(rows) - 1) * np.var(left))
    half = stats.t.ppf(0.975, len(rows) - 1) * error
    assert lower == pytest.approx(max(float(percentage) - half, 0), abs=1e-6)
    assert upper == pytest.approx(min(float(percentage) + half, 100), abs=1e-6)


@given(st.dictionaries(st.integers(301, 360).map(str), tenths, min_size=1, max_size=40))
def test_fifths_share_out_all_authorities_and_follow_the_scores(scores: dict[str, Fraction]) -> None:
    fifths = fifths_of(scores)
    assert set(fifths) == set(scores)
    assert set(fifths.values()) <= set(range(1, FIFTHS + 1))
    for one, other in combinations(scores, 2):
        if scores[one] == scores[other]:
            assert fifths[one] == fifths[other]
        elif scores[one] > scores[other]:
            assert fifths[one] <= fifths[other]
    if len(set(scores.values())) == len(scores) >= FIFTHS:
        sizes = Counter(fifths.values())
        assert max(sizes.values()) - min(sizes.values()) <= 1
        assert len(sizes) == FIFTHS


@given(st.lists(st.tuples(published, published, published), min_size=1, max_size=10), st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing_and_symbols_are_never_numbers(rows, random) -> None:
    cells = [
        made_up.authority(
            year, str(code), referral_rate=rate, rereferral_percent=percent, no_further_action_percent=percent,
            referral_count=size,
        )
        for code, row in enumerate(rows, 301)
        for year, (rate, percent, size) in ((2001, row), (2002, row[::-1]))
    ]  # fmt: skip
    shuffled = random.sample(cells, len(cells))
    scores = {str(code): Fraction(code % 4) for code in range(301, 301 + len(rows))}
    numbers = sum(not set(row[1:]) & set(SYMBOLS) for row in rows)
    with patch.object(areas, "deprivation", lambda index, vintage: scores):
        for name in ("F1b", "F3", "F3b", "F3c", "F3d"):
            made, again = (MAKERS[name]({"F1": made_up.table(F1, given)}, RELEASE) for given in (cells, shuffled))
            assert made.rows == again.rows
            if name in ("F3b", "F3d"):
                assert {row[measures.AUTHORITIES.name] for row in made.rows} == {str(numbers)}


@given(st.fractions(-1000, 1000, max_denominator=2000), st.integers(0, 4))
def test_a_number_is_shown_to_the_nearest_with_halves_away_from_zero(value: Fraction, places: int) -> None:
    estimate = replace(measures.CORRELATION, decimal_places=places)
    text = shown(value, estimate)
    assert not text.startswith("-0") or "." in text
    assert "." not in text or not text.endswith("0")
    assert len(text.partition(".")[2]) <= places
    error = abs(Fraction(text)) - abs(value)
    assert -Fraction(1, 2) < error * 10**places <= Fraction(1, 2)
    assert Fraction(text) * value >= 0


@given(st.fractions(0, 1, max_denominator=10**6))
def test_a_probability_is_shown_as_at_least_itself_and_0_only_if_it_is(value: Fraction) -> None:
    text = shown_at_most(value, replace(measures.CORRELATION, decimal_places=4))
    assert 0 <= Fraction(text) - value < Fraction(1, 10**4)
    assert (text == "0") == (value == 0)


def test_every_symbol_has_its_place_and_comes_before_numbers() -> None:
    assert set(PRECEDENCE) == set(SYMBOLS)
    assert symbol_of("1", "c", "u", "x") == "x"
    assert symbol_of("1", "c", "u") == "u"
    assert symbol_of("1", "2") is None
