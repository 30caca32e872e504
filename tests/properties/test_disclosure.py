"""Rounding is exact, halves go up, and nothing small is shown."""

from __future__ import annotations

from fractions import Fraction
from math import floor

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from rereferrals.datasets.referrals import A1, A2
from rereferrals.model import LOCAL_AUTHORITY, NATIONAL
from rereferrals.published import SYMBOLS, WHOLE, ratio
from rereferrals.statistics import disclosure

ratios = st.integers(1, 10**6).flatmap(lambda d: st.tuples(st.integers(0, d), st.just(d)))
#: To one decimal place, an odd number of 2,000ths is exactly halfway.
ties = st.integers(1, 500).flatmap(
    lambda m: st.tuples(st.integers(0, 1000 * m - 1).map(lambda n: 2 * n + 1), st.just(2000 * m))
)


@given(ratios | ties)
def test_a_percentage_is_rounded_half_up_from_its_exact_value(counts: tuple[int, int]) -> None:
    numerator, denominator = counts
    published = ratio(numerator, denominator, per=100, decimal_places=1)
    exact = floor(Fraction(1000 * numerator, denominator) + Fraction(1, 2))
    if numerator and not exact:
        assert published == "k"
    else:
        assert Fraction(published) * 10 == exact
        assert not published.endswith(".0")


@given(ratios | ties)
def test_a_whole_percentage_is_rounded_once(counts: tuple[int, int]) -> None:
    numerator, denominator = counts
    published = ratio(numerator, denominator, per=100, decimal_places=0)
    if published not in SYMBOLS:
        assert int(published) == floor(Fraction(100 * numerator, denominator) + Fraction(1, 2))


def test_a_percentage_of_nothing_is_not_applicable() -> None:
    assert ratio(0, 0, per=100, decimal_places=1) == "z"


@given(st.integers(0, 10**7))
def test_a_total_is_a_multiple_of_ten_and_a_shown_zero_is_a_true_zero(count: int) -> None:
    published = disclosure.publish_count(count, NATIONAL)
    assert published == "c" if 1 <= count <= 5 else abs(int(published) - count) <= 5
    assert published == "c" or int(published) % 10 == 0
    assert (published == "0") == (count == 0)


@given(st.integers(0, 10**5))
def test_an_authoritys_count_is_exact_or_hidden(count: int) -> None:
    assert disclosure.publish_count(count, LOCAL_AUTHORITY) == ("c" if 1 <= count <= 5 else str(count))


def test_a_hidden_count_hides_its_percentages() -> None:
    counts = {count.name: 100 for count in A1.counts} | {"rereferral_count": 4}
    frame = pd.DataFrame([{"time_period": 1, "geographic_level": NATIONAL} | counts])
    row = disclosure.publish(frame, A1).frame.iloc[0]
    assert row["rereferral_count"] == row["rereferral_percent"] == row["rereferral_percent" + WHOLE] == "c"
    assert row["referral_count"] == "100"


def test_a_share_is_of_its_filters_total_in_the_same_year() -> None:
    frame = pd.DataFrame(
        [
            {
                "time_period": year,
                "geographic_level": NATIONAL,
                "number_of_referrals": category,
                "referral_child_count": n,
            }
            for year, total in ((1, 160), (2, 320))
            for category, n in (("1 referral", 80), ("2 referrals", 60), ("3 or more referrals", 20), ("Total", total))
        ]
    )
    published = disclosure.publish(frame, A2).frame.set_index(["time_period", "number_of_referrals"])
    assert published.loc[("1", "2 referrals"), "referral_child_percent"] == "37.5"
    assert published.loc[("1", "2 referrals"), "referral_child_percent" + WHOLE] == "38"
    assert published.loc[("2", "2 referrals"), "referral_child_percent"] == "18.8"
