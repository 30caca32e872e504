"""What words commit us to, against the plainest reading of each."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from statistics import median
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rereferrals.commentary import wording
from rereferrals.datasets.referrals import A3
from rereferrals.measures.referrals import COHORT_REREFERRED_RATE, FOLLOW_UP
from rereferrals.model import Figure

percentages = st.integers(0, 1000).map(lambda tenths: Fraction(tenths, 10))
numbers = st.integers(-20, 20).map(lambda tenths: Fraction(tenths, 10))  # few, so that equal ones meet
tolerances = st.sampled_from([0, 0.1, 0.5, 1, 1.5])


@dataclass(frozen=True)
class Number:
    number: Fraction
    year: int = 2024


@dataclass(frozen=True)
class Cell(Number):
    source: Figure | None = None


class Years:
    def __init__(self, numbers: list[Fraction], first: int = 2017) -> None:
        self.by_year = {first + n: number for n, number in enumerate(numbers)}
        self.numbers = numbers


histories = st.lists(numbers, min_size=1, max_size=6)


@given(numbers, numbers, tolerances)
def test_little_changed_is_a_difference_of_at_most_the_tolerance(a: Fraction, b: Fraction, within: float) -> None:
    values = {"a": Number(a), "b": Number(b)}
    told = within * 10 >= abs(int(10 * a) - int(10 * b))  # in whole tenths, where floats are exact
    assert wording.little_changed("a", "b", within=within).holds(values) == told
    assert wording.in_line_with("a", "b", within=within).holds(values) == told


@given(numbers, numbers)
def test_higher_and_lower_are_strict_and_opposite(a: Fraction, b: Fraction) -> None:
    values = {"a": Number(a), "b": Number(b)}
    higher, lower = (condition("a", "b").holds(values) for condition in (wording.higher_than, wording.lower_than))
    assert (higher, lower) == (a > b, a < b)
    assert wording.moved(a - b) == {(True, False): "rose", (False, True): "fell"}.get((higher, lower), "did not change")
    assert wording.compared(a - b).split()[0] == {1: "up", -1: "down"}.get((a > b) - (a < b), "unchanged")


@given(histories, st.data())
def test_the_highest_and_lowest_have_no_equal(history: list[Fraction], data: Any) -> None:
    n = data.draw(st.integers(0, len(history) - 1))
    values = {"x": Number(history[n], 2017 + n), "all": Years(history)}
    others = history[:n] + history[n + 1 :]
    assert wording.highest("x", "all").holds(values) == all(history[n] > other for other in others)
    assert wording.lowest("x", "all").holds(values) == all(history[n] < other for other in others)


@given(histories, tolerances)
def test_about_the_same_since_looks_at_every_year(history: list[Fraction], within: float) -> None:
    told = all(abs(number - history[0]) <= Fraction(str(within)) for number in history)
    assert wording.about_the_same_since("all", within=within).holds({"all": Years(history)}) == told


@given(histories.filter(lambda h: len(h) > 1), tolerances, st.data())
def test_stable_except_one_year_means_that_one_and_no_other(history: list[Fraction], within: float, data: Any) -> None:
    odd = data.draw(st.integers(0, len(history) - 1))
    far = [
        abs(history[n] - median(history[:n] + history[n + 1 :])) > Fraction(str(within)) for n in range(len(history))
    ]
    holds = wording.stable_except("all", "odd", within=within).holds(
        {"all": Years(history), "odd": Number(history[odd], 2017 + odd)}
    )
    assert holds == (far == [n == odd for n in range(len(history))])


@given(histories.filter(lambda h: len(h) > 1), st.sampled_from([1, 5, 10]), st.integers(1, 1000))
def test_stability_in_per_cent_does_not_depend_on_the_unit(history: list[Fraction], within: int, unit: int) -> None:
    condition = wording.stable_except_within_percent("all", "odd", within=within)
    answers = [
        condition.holds({"all": Years([number * times for number in history]), "odd": Number(history[0] * times, 2017)})
        for times in (1, unit)
    ]
    assert answers[0] == answers[1]


@given(st.lists(histories, min_size=1, max_size=3), tolerances)
def test_the_same_pattern_compares_the_years_that_all_series_have(series: list[list[Fraction]], within: float) -> None:
    names = [f"s{n}" for n in range(len(series))]
    shared = min(len(history) for history in series)
    told = shared > 1 and all(
        abs(history[n] - history[0]) <= Fraction(str(within)) for history in series for n in range(shared)
    )
    values = {name: Years(history) for name, history in zip(names, series, strict=True)}
    assert wording.same_pattern(*names, within=within).holds(values) == told


@given(percentages)
def test_so_many_in_ten_is_true_of_the_percentage(percent: Fraction) -> None:
    said = wording.tenths(percent)
    if said in ("none", "all"):
        assert percent == {"none": 0, "all": 100}[said]
        return
    at = 10 * int(said.split(" in 10")[0].split()[-1])
    bounds = {
        "nearly": (at - 2, at), "just over": (at, at + 2), "more than": (at, 100), "fewer than": (0, at),
    }  # fmt: skip
    low, high = next((b for word, b in bounds.items() if said.startswith(word)), (at - 0.5, at + 0.5))
    assert low <= percent <= high


@given(percentages)
def test_a_fraction_is_within_two_points_and_on_the_side_it_says(percent: Fraction) -> None:
    said = wording.fraction(percent)
    if said.endswith("%"):
        assert percent == Fraction(said[:-1])
        return
    at = {
        "a tenth": 10, "a fifth": 20, "a quarter": 25, "a third": Fraction(100, 3), "half": 50,
        "two thirds": Fraction(200, 3), "three quarters": 75,
    }[said.removeprefix("around ").removeprefix("almost ").removeprefix("just over ")]  # fmt: skip
    assert abs(percent - at) <= (Fraction(1, 2) if said.startswith("around") else 2)
    assert not said.startswith("almost") or percent < at
    assert not said.startswith("just over") or percent > at


@pytest.mark.parametrize(
    ("percent", "said"),
    [
        ("0", "none"), ("4", "fewer than 1 in 10"), ("8.5", "nearly 1 in 10"), ("10.1", "1 in 10"),
        ("21", "just over 2 in 10"), ("28.9", "nearly 3 in 10"), ("29.6", "3 in 10"), ("34", "more than 3 in 10"),
        ("36", "fewer than 4 in 10"),
        ("97", "more than 9 in 10"), ("99.8", "more than 9 in 10"), ("100", "all"),
    ],
)  # fmt: skip
def test_so_many_in_ten_reads_well(percent: str, said: str) -> None:
    assert wording.tenths(Fraction(percent)) == said


@pytest.mark.parametrize(
    ("percent", "said"),
    [
        ("50.1", "around half"), ("48.7", "almost half"), ("51.2", "just over half"), ("25.4", "around a quarter"),
        ("65.7", "almost two thirds"), ("33.3", "around a third"), ("42.5", "42.5%"), ("42", "42%"), ("0", "0%"),
    ],
)  # fmt: skip
def test_a_fraction_reads_well(percent: str, said: str) -> None:
    assert wording.fraction(Fraction(percent)) == said


@given(st.lists(numbers, min_size=2, max_size=4))
def test_a_cumulative_figure_rises_every_time(history: list[Fraction]) -> None:
    names = tuple(f"n{n}" for n in range(len(history)))
    share = A3.cell(COHORT_REREFERRED_RATE, follow_up=FOLLOW_UP.categories[0])
    values = {name: Cell(n, 2017, share) for name, n in zip(names, history, strict=True)}
    assert wording.cumulative(*names).holds(values) == (sorted(set(history)) == history)
    values[names[0]] = Cell(history[0], 2018, share)
    assert not wording.cumulative(*names).holds(values)


@given(percentages, percentages, tolerances)
def test_lower_by_more_than_a_bound_is_the_opposite_of_not(a: Fraction, b: Fraction, bound: float) -> None:
    values = {"a": Number(a), "b": Number(b)}
    told = int(10 * a) + round(10 * bound) < int(10 * b)  # in whole tenths, where floats are exact
    assert wording.lower_by("a", "b", more_than=bound).holds(values) == told
    assert wording.not_lower_by("a", "b", more_than=bound).holds(values) == (not told)


@given(percentages, st.sampled_from([5, 20, 30]))
def test_above_and_below_a_bound_leave_out_the_bound(a: Fraction, bound: int) -> None:
    answers = (wording.above("a", bound).holds({"a": Number(a)}), wording.below("a", bound).holds({"a": Number(a)}))
    assert answers == (a > bound, a < bound)


@given(st.lists(numbers, min_size=2, max_size=4))
def test_the_highest_and_the_furthest_of_several_have_no_equal(several: list[Fraction]) -> None:
    names = [f"n{n}" for n in range(len(several))]
    values = {name: Number(number) for name, number in zip(names, several, strict=True)}
    assert wording.highest_of(*names).holds(values) == all(several[0] > other for other in several[1:])
    sizes = [max(number, -number) for number in several]
    assert wording.furthest_of(*names).holds(values) == (sizes[0] > max(sizes[1:]))


@given(st.lists(st.integers(2023, 2025), min_size=2, max_size=3))
def test_figures_of_one_year_are_all_of_it(years: list[int]) -> None:
    names = [f"n{n}" for n in range(len(years))]
    values = {name: Number(Fraction(1), year) for name, year in zip(names, years, strict=True)}
    assert wording.same_year(*names).holds(values) == (years == [years[0]] * len(years))


@pytest.mark.parametrize(
    ("words", "judging"),
    [
        ("no further action", []), ("a further", ["further"]), ("the highest level", []), ("the highest", ["highest"]),
        ("three months or less", []), ("less often", ["less"]), ("made up a tenth", []), ("went up", ["up"]),
    ],
)  # fmt: skip
def test_terms_are_not_judging_words(words: str, judging: list[str]) -> None:
    assert wording.JUDGING_WORDS.findall(words) == judging
