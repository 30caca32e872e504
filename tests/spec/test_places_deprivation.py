"""Referral rates, re-referral percentages and deprivation of authorities (M20, M21: F1b, F3, F3b, F3c, F3d)."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

import made_up_places as made_up
from rereferrals import areas
from rereferrals.commentary.regional import ABRUPT
from rereferrals.datasets.regional import F1, F1_MOVES, F3, F3_ASSOCIATIONS, F3_GROUPS, F3_PAIRS
from rereferrals.measures import regional as measures
from rereferrals.places.deprivation import ABOUT_THE_SAME, fifths_of
from rereferrals.places.registry import MAKERS
from rereferrals.published import SYMBOLS, PublishedTable
from rereferrals.reference import footnote
from rereferrals.release import Release

LATEST = Release.load(2025)
OF_2019 = replace(LATEST, places=replace(LATEST.places, deprivation_index="imd", deprivation_vintage=2019))
RELEASE = replace(LATEST, year=2002, first_year=2002)


def only(table: PublishedTable, **cells: str) -> dict[str, str]:
    """The one row that has these cells."""
    found = [row for row in table.rows if cells.items() <= row.items()]
    assert len(found) == 1
    return dict(found[0])


def of_year(*figures: tuple[str, str, str]) -> PublishedTable:
    """F1 of authorities by their code, referral rate and re-referral percentage."""
    return made_up.table(
        F1, [made_up.authority(2002, code, referral_rate=rate, rereferral_percent=p) for code, rate, p in figures]
    )


def moves(before: dict[str, str] | None, now: dict[str, str]) -> dict[str, str]:
    rows = [made_up.authority(2002, "301", **now), made_up.authority(2001, "302", **now)]
    rows += [made_up.authority(2001, "301", **before)] if before else []
    return only(MAKERS["F1b"]({"F1": made_up.table(F1, rows)}, RELEASE), old_la_code="301")


def nfa(percent: str, referrals: str = "100") -> dict[str, str]:
    return {"no_further_action_percent": percent, "no_further_action_percent_whole": "9", "referral_count": referrals}


@pytest.mark.parametrize(
    ("before", "now", "change", "abrupt"),
    [
        (nfa("5"), nfa("15"), "10", "1"),
        (nfa("15"), nfa("5"), "-10", "1"),
        (nfa("5.1"), nfa("15"), "9.9", "0"),
        (nfa("5"), nfa("45.5", "99"), "40.5", "0"),
        (nfa("5", "99"), nfa("45.5"), "40.5", "0"),
        (nfa("0"), nfa("0"), "0", "0"),
        (nfa("k"), nfa("15"), "k", "k"),
        (nfa("c"), nfa("u"), "u", "u"),
        (nfa("x"), nfa("u"), "x", "x"),
        (nfa("5"), nfa("15", "c"), "10", "c"),
        (None, nfa("15"), "z", "z"),
        (None, nfa("x"), "z", "z"),
    ],
)
def test_a_change_is_on_the_authoritys_year_before_and_carries_symbols(
    before: dict[str, str] | None, now: dict[str, str], change: str, abrupt: str
) -> None:
    row = moves(before, now)
    assert row["no_further_action_change_points"] == change
    assert row["abrupt_change_count"] == abrupt
    assert row["no_further_action_percent"] == now["no_further_action_percent"]
    assert row["no_further_action_percent_whole"] == "9"
    assert row["no_further_action_before_percent"] == (before or nfa("z"))["no_further_action_percent"]


def test_the_first_year_has_no_changes() -> None:
    rows = [made_up.authority(year, "301", **nfa("5")) for year in (2001, 2002, 2003)]
    table = MAKERS["F1b"]({"F1": made_up.table(F1, rows)}, RELEASE)
    assert [row["time_period"] for row in table.rows] == ["2002", "2003"]


def test_what_footnotes_say_of_rules_is_what_is_done() -> None:
    assert f"{measures.ABRUPT_POINTS} percentage points" in footnote("abrupt")
    assert f"{measures.ABRUPT_REFERRALS} referrals or more" in footnote("abrupt")
    assert (measures.ABRUPT_POINTS, measures.ABRUPT_REFERRALS) == (10, 100)
    assert "ten percentage points or more" in ABRUPT.sentence and "a hundred referrals or more" in ABRUPT.sentence
    assert f"{100 * ABOUT_THE_SAME}% of their mean" in footnote("pairs")


@pytest.mark.parametrize("data_set", [F1, F1_MOVES, F3, F3_ASSOCIATIONS, F3_GROUPS, F3_PAIRS], ids=lambda d: d.id)
def test_every_footnote_of_a_data_set_is_there(data_set: object) -> None:
    assert all(footnote(key) for key in data_set.footnotes)  # type: ignore[attr-defined]


def test_fifths_are_by_how_many_are_more_deprived_and_equal_scores_share_one() -> None:
    assert fifths_of({"a": Fraction(9), "b": Fraction(7), "c": Fraction(5), "d": Fraction(3), "e": Fraction(1)}) == {
        "a": 1, "b": 2, "c": 3, "d": 4, "e": 5,
    }  # fmt: skip
    assert fifths_of({"a": Fraction(9), "b": Fraction(9), "c": Fraction(5), "d": Fraction(5), "e": Fraction(5)}) == {
        "a": 1, "b": 1, "c": 3, "d": 3, "e": 3,
    }  # fmt: skip


@pytest.fixture
def scores(monkeypatch: pytest.MonkeyPatch) -> dict[str, Fraction]:
    """Scores of six authorities, the last of which is the least deprived."""
    known = {str(code): Fraction(306 - code) for code in range(301, 307)}
    monkeypatch.setattr(areas, "deprivation", lambda index, vintage: known)
    return known


def test_an_authority_has_its_published_figures_its_score_and_its_fifth(scores: dict[str, Fraction]) -> None:
    rows = [
        made_up.authority(
            2002, code, referral_rate="u", referral_rate_whole="u", rereferral_percent="20.5",
            rereferral_percent_whole="21",
        )
        for code in ("301", "302", "399")
    ]  # fmt: skip
    gone = [made_up.authority(2001, code, referral_rate="1") for code in ("303", "304", "305")]
    table = MAKERS["F3"]({"F1": made_up.table(F1, [*rows, *gone])}, RELEASE)
    assert len(table.rows) == 3
    row = only(table, old_la_code="302")
    assert (row["referral_rate"], row["referral_rate_whole"]) == ("u", "u")
    assert (row["rereferral_percent"], row["rereferral_percent_whole"]) == ("20.5", "21")
    assert (row["deprivation_score"], row["deprivation_group"]) == ("4", "3")
    unknown = only(table, old_la_code="399")
    assert (unknown["deprivation_score"], unknown["deprivation_group"]) == ("x", "x")


def test_the_rate_joins_the_score_and_the_percentage_of_the_worked_example(materials: Path) -> None:
    """M21: authority 942 in the year to March 2024; and M20, England in that year."""
    release = replace(OF_2019, year=2024)
    f1 = made_up.published_f1(materials, 2025)
    row = only(MAKERS["F3"]({"F1": f1}, release), old_la_code="942")
    assert row["rereferral_percent"] == "10.7"
    assert row["deprivation_score"] == str(float(areas.deprivation("imd", 2019)["942"]))
    assert only(f1, time_period="2024", geographic_level="National")["referral_rate"] == "515.7"


def test_symbols_are_in_no_association(scores: dict[str, Fraction]) -> None:
    plain = of_year(("301", "10", "10"), ("302", "30", "20"), ("303", "20", "30"), ("304", "40", "40"))
    hidden = PublishedTable(
        F1,
        made_up.table(F1, [*plain.rows, *of_year(("305", "c", "0"), ("306", "0", "u"), ("399", "0", "0")).rows]).frame,
    )
    for key in ("F3b", "F3d"):
        assert MAKERS[key]({"F1": plain}, RELEASE).rows == MAKERS[key]({"F1": hidden}, RELEASE).rows


def test_the_smallest_authorities_are_left_out_unless_all_are_covered(scores: dict[str, Fraction]) -> None:
    release = replace(RELEASE, places=replace(RELEASE.places, too_small=("301",)))
    tables = {"F1": of_year(*((code, "10", "10") for code in scores))}
    for key in ("F3b", "F3d"):
        numbers = {(row["authorities_covered"], row["authority_count"]) for row in MAKERS[key](tables, release).rows}
        assert numbers == {(measures.ALL_BUT_SMALLEST, "5"), (measures.ALL_AUTHORITIES, "6")}
    counts = [row["authority_count"] for row in MAKERS["F3c"](tables, release).rows]
    assert counts == ["1", "1", "1", "1", "1"]  # two were the most deprived fifth


def test_what_does_not_vary_has_no_correlation_and_few_have_no_interval(scores: dict[str, Fraction]) -> None:
    still = {"F1": of_year(("301", "10", "10"), ("302", "10", "20"), ("303", "10", "30"), ("304", "10", "5"))}
    rows = {row["association"]: row for row in MAKERS["F3b"](still, RELEASE).rows}
    assert rows[measures.RATE_BY_DEPRIVATION]["correlation_score"] == "z"
    assert rows[measures.AT_EQUAL_RATE]["correlation_score"] == "z"
    few = {"F1": of_year(("301", "10", "10"), ("302", "30", "20"), ("303", "20", "30"), ("304", "40", "40"))}
    rows = {row["association"]: row for row in MAKERS["F3b"](few, RELEASE).rows}
    assert rows[measures.REREFERRALS_BY_RATE]["correlation_lower_score"] != "z"
    assert rows[measures.AT_EQUAL_RATE]["correlation_lower_score"] == "z"


def test_intervals_of_ranks_are_a_little_wider(scores: dict[str, Fraction]) -> None:
    """By the square root of 1.06, in Fisher's z; here values are their own ranks."""
    rates = [10, 20, 30, 40, 50, 60]
    tables = {
        "F1": of_year(*((code, str(rate), "10") for code, rate in zip(scores, [20, 10, *rates[2:]], strict=True)))
    }
    rows = [row for row in MAKERS["F3b"](tables, RELEASE).rows if row["association"] == measures.RATE_BY_DEPRIVATION]
    values, ranks = (next(row for row in rows if row["compared_by"] == by) for by in measures.COMPARED_BY.categories)
    assert values["correlation_score"] == ranks["correlation_score"] == "-0.943"
    z, half = np.arctanh(33 / 35), 1.96 / np.sqrt(6 - 3)
    assert float(values["correlation_upper_score"]) == pytest.approx(np.tanh(half - z), abs=0.001)
    assert float(ranks["correlation_upper_score"]) == pytest.approx(np.tanh(np.sqrt(1.06) * half - z), abs=0.001)


def test_means_of_a_fifth_have_t_intervals(scores: dict[str, Fraction]) -> None:
    tables = {"F1": of_year(("301", "10", "10"), ("302", "20", "11"), ("303", "1", "1"), ("305", "3", "3"))}
    rows = {row["deprivation_fifth"]: row for row in MAKERS["F3c"](tables, RELEASE).rows}
    assert rows["Second fifth"] | {
        "referral_rate_average": "20", "referral_rate_lower_average": "z", "authority_count": "1",
    } == rows["Second fifth"]  # fmt: skip
    assert rows["Fourth fifth"]["referral_rate_average"] == "3"
    assert rows["Least deprived fifth"]["referral_rate_average"] == "z"
    assert rows["Least deprived fifth"]["authority_count"] == "0"


def test_a_pair_counts_for_the_less_deprived_half_if_equal_and_not_if_rates_differ(scores: dict[str, Fraction]) -> None:
    """305 is less deprived than 301, and so on. 100 and 105 differ by less than 5% of 102.5; 100 and 106 by more."""
    tables = {"F1": of_year(("301", "100", "20"), ("305", "105", "21"), ("303", "105.2", "20.5"), ("304", "200", "1"))}
    row = only(
        MAKERS["F3d"](tables, RELEASE), rate_held_equal="Referral rate", authorities_covered="All but the smallest"
    )
    assert row["pair_count"] == "2"
    assert row["less_deprived_higher_percent"] == "100"
    tied = {"F1": of_year(("301", "100", "20"), ("305", "105", "20"))}
    row = only(
        MAKERS["F3d"](tied, RELEASE), rate_held_equal="Referral rate", authorities_covered="All but the smallest"
    )
    assert (row["less_deprived_higher_percent"], row["pair_count"]) == ("50", "1")
    assert row["less_deprived_higher_lower_percent"] == row["less_deprived_higher_upper_percent"] == "z"


def test_without_pairs_there_is_no_percentage(scores: dict[str, Fraction]) -> None:
    rows = MAKERS["F3d"]({"F1": of_year(("301", "100", "20"), ("305", "305", "20"))}, RELEASE).rows
    assert {(row["less_deprived_higher_percent"], row["pair_count"]) for row in rows} == {("z", "0")}
    rows = MAKERS["F3d"]({"F1": of_year()}, RELEASE).rows
    assert {(row["less_deprived_higher_percent"], row["authority_count"]) for row in rows} == {("z", "0")}


# The figures of the published files, each worked out a second time.


@pytest.fixture(scope="module")
def f1(materials: Path) -> PublishedTable:
    return made_up.published_f1(materials, LATEST.places.population_vintage)


def arrays(f1: PublishedTable, year: int, index: tuple[str, int], left_out: tuple[str, ...]) -> np.ndarray:
    """Rate, percentage and score of the authorities that have all three."""
    scores = areas.deprivation(*index)
    return np.array(
        [
            [float(row["referral_rate"]), float(row["rereferral_percent"]), float(scores[row["old_la_code"]])]
            for row in f1.rows
            if row["time_period"] == str(year)
            and row["old_la_code"] in scores.keys() - set(left_out)
            and not {row["referral_rate"], row["rereferral_percent"]} & set(SYMBOLS)
        ]
    ).T


def residuals(y: np.ndarray, x: np.ndarray) -> np.ndarray:
    """What a straight line on x leaves of y."""
    design = np.column_stack([np.ones_like(x), x])
    return y - design @ np.linalg.lstsq(design, y, rcond=None)[0]


@pytest.mark.parametrize("year", [2024, 2025])
@pytest.mark.parametrize("index", [("imd", 2019), ("idaci", 2019), ("imd", 2025), ("idaci", 2025)])
@pytest.mark.parametrize("covered", measures.AUTHORITIES_COVERED.categories)
def test_published_correlations_are_those_of_residuals(
    f1: PublishedTable, year: int, index: tuple[str, int], covered: str
) -> None:
    places = replace(LATEST.places, deprivation_index=index[0], deprivation_vintage=index[1])
    table = MAKERS["F3b"]({"F1": f1}, replace(LATEST, year=year, first_year=year, places=places))
    left_out = places.too_small if covered == measures.ALL_BUT_SMALLEST else ()
    rate, percent, score = arrays(f1, year, index, left_out)
    initial = rate * (1 - percent / 100)
    for by, scale in ((measures.VALUES, lambda x: x), (measures.RANKS, stats.rankdata)):
        r, p, s, i = map(scale, (rate, percent, score, initial))
        expected = {
            measures.RATE_BY_DEPRIVATION: stats.pearsonr(r, s)[0],
            measures.INITIAL_RATE_BY_DEPRIVATION: stats.pearsonr(i, s)[0],
            measures.REREFERRALS_BY_DEPRIVATION: stats.pearsonr(p, s)[0],
            measures.REREFERRALS_BY_RATE: stats.pearsonr(p, r)[0],
            measures.AT_EQUAL_RATE: stats.pearsonr(residuals(p, r), residuals(s, r))[0],
            measures.AT_EQUAL_INITIAL_RATE: stats.pearsonr(residuals(p, i), residuals(s, i))[0],
        }
        for association, value in expected.items():
            row = only(table, association=association, compared_by=by, authorities_covered=covered)
            assert float(row["correlation_score"]) == pytest.approx(value, abs=0.00051)
            assert row["authority_count"] == str(len(rate))
            assert float(row["correlation_lower_score"]) < value < float(row["correlation_upper_score"])


def test_what_is_known_of_the_association_comes_out_again(f1: PublishedTable) -> None:
    """0.6738 and -0.1778 in 2024 with percentages from counts; -0.07 in 2025 if the smallest are covered."""
    associations = MAKERS["F3b"]({"F1": f1}, OF_2019)

    def score(year: str, association: str, covered: str = measures.ALL_BUT_SMALLEST) -> float:
        row = only(
            associations, time_period=year, association=association, compared_by=measures.VALUES,
            authorities_covered=covered,
        )  # fmt: skip
        return float(row["correlation_score"])

    assert score("2024", measures.REREFERRALS_BY_RATE) == pytest.approx(0.6738, abs=0.002)
    assert score("2024", measures.AT_EQUAL_RATE) == pytest.approx(-0.1778, abs=0.002)
    assert score("2025", measures.AT_EQUAL_RATE, measures.ALL_AUTHORITIES) == pytest.approx(-0.07, abs=0.01)


@pytest.mark.parametrize("year", [2024, 2025])
def test_published_pairs_are_those_of_a_double_loop(f1: PublishedTable, year: int) -> None:
    release = replace(LATEST, year=year, first_year=year)
    index = (LATEST.places.deprivation_index, LATEST.places.deprivation_vintage)
    rate, percent, score = arrays(f1, year, index, LATEST.places.too_small)
    outcomes = [
        (np.sign((percent[i] - percent[j]) * (score[j] - score[i])) + 1) / 2
        for i in range(len(rate))
        for j in range(i)
        if round(abs(rate[i] - rate[j]), 6) <= round(0.05 * (rate[i] + rate[j]) / 2, 6) and score[i] != score[j]
    ]
    row = only(
        MAKERS["F3d"]({"F1": f1}, release),
        rate_held_equal=measures.EQUAL_RATE, authorities_covered=measures.ALL_BUT_SMALLEST,
    )  # fmt: skip
    assert row["pair_count"] == str(len(outcomes))
    assert float(row["less_deprived_higher_percent"]) == pytest.approx(100 * np.mean(outcomes), abs=0.051)


def test_fifths_of_the_published_authorities_are_of_one_size(f1: PublishedTable) -> None:
    rows = MAKERS["F3"]({"F1": f1}, LATEST).rows
    assert len(rows) == 153
    assert set(Counter(row["deprivation_group"] for row in rows).values()) == {30, 31}


def test_published_means_are_those_of_scipy(f1: PublishedTable) -> None:
    fifths = {row["old_la_code"]: row["deprivation_group"] for row in MAKERS["F3"]({"F1": f1}, LATEST).rows}
    rates = [
        float(row["referral_rate"])
        for row in f1.rows
        if row["time_period"] == "2025"
        and fifths.get(row["old_la_code"]) == "1"
        and row["referral_rate"] not in SYMBOLS
    ]
    row = only(MAKERS["F3c"]({"F1": f1}, LATEST), time_period="2025", deprivation_fifth=measures.MOST_DEPRIVED)
    lower, upper = stats.t.interval(0.95, len(rates) - 1, np.mean(rates), stats.sem(rates))
    assert row["authority_count"] == str(len(rates))
    assert float(row["referral_rate_average"]) == pytest.approx(np.mean(rates), abs=0.051)
    assert float(row["referral_rate_lower_average"]) == pytest.approx(lower, abs=0.051)
    assert float(row["referral_rate_upper_average"]) == pytest.approx(upper, abs=0.051)
