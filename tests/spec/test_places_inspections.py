"""Re-referral percentages of authorities around their judgements and inspections (M22: F2, G1, G1b)."""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from fractions import Fraction
from pathlib import Path
from statistics import median

import pytest
from scipy import stats

import made_up_places as made_up
from rereferrals import areas
from rereferrals.areas import Judgement
from rereferrals.datasets.ofsted import F2, G1, G1_CHANGES
from rereferrals.datasets.regional import CIN_C1
from rereferrals.measures import ofsted as measures
from rereferrals.places.inspections import UNTIL_PUBLICATION, inspections, latest_judgements
from rereferrals.places.registry import MAKERS
from rereferrals.published import PublishedTable
from rereferrals.reference import footnote
from rereferrals.release import Release, reporting_year

LATEST = Release.load(2025)
RELEASE = replace(LATEST, year=2010, first_year=2001, places=replace(LATEST.places, judged_by=date(2011, 1, 31)))
COLUMNS = tuple(estimate.name for estimate in measures.AROUND_JUDGEMENT.values())

Known = Callable[..., None]


@pytest.fixture
def known(monkeypatch: pytest.MonkeyPatch) -> Known:
    """Makes judgements all that are known: each a code, a judgement, the report's day, and the start if known."""

    def know(*rows: tuple[str, str | None, date] | tuple[str, str | None, date, date]) -> None:
        made = tuple(
            Judgement(code, "ILACS", start[0] if start else None, day, grade, "") for code, grade, day, *start in rows
        )
        monkeypatch.setattr(areas, "judgements", lambda: made)

    return know


def c1(authorities: dict[str, dict[int, str]], england: str = "20") -> PublishedTable:
    """C1 of authorities by their code: re-referral percentages by year; England has one percentage throughout."""
    rows = [
        made_up.authority(year, code, rereferral_percent=percent)
        for code, percentages in authorities.items()
        for year, percent in percentages.items()
    ]
    years = {int(row["time_period"]) for row in rows}
    return made_up.table(CIN_C1, rows + [made_up.england(year, rereferral_percent=england) for year in years])


def made(data_set: str, authorities: dict[str, dict[int, str]], release: Release = RELEASE) -> list[dict[str, str]]:
    return [dict(row) for row in MAKERS[data_set]({"cin_c1": c1(authorities)}, release).rows]


def around(row: dict[str, str]) -> tuple[str, ...]:
    return tuple(row[name] for name in COLUMNS)


def of_area(rows: list[dict[str, str]], code: str) -> dict[str, str]:
    (found,) = (row for row in rows if row["old_la_code"] == code)
    return found


TEN_YEARS = {year: str(year - 1990) for year in range(2001, 2011)}


@pytest.mark.parametrize(
    ("published", "year", "cells"),
    [
        (date(2010, 5, 16), "2010", ("17", "18", "19", "20", "z", "z")),
        (date(2010, 4, 1), "2010", ("17", "18", "19", "20", "z", "z")),
        (date(2010, 3, 31), "2009", ("16", "17", "18", "19", "20", "z")),
        (date(2003, 4, 1), "2003", ("z", "11", "12", "13", "14", "15")),
    ],
)
def test_a_report_is_set_beside_the_reporting_year_that_had_ended_before_april(
    known: Known, published: date, year: str, cells: tuple[str, ...]
) -> None:
    known(("301", "Good", published))
    row = of_area(made("F2", {"301": TEN_YEARS}), "301")
    assert row["time_period"] == year
    assert row["ofsted_judgement"] == "Good"
    assert around(row) == cells


def test_symbols_are_carried_and_not_in_medians(known: Known) -> None:
    known(*((code, "Good", date(2008, 5, 1)) for code in ("301", "302", "303")))
    rows = made("F2", {"301": TEN_YEARS, "302": TEN_YEARS | {2007: "19.1", 2008: "u"}, "303": TEN_YEARS | {2007: "c"}})
    assert around(of_area(rows, "302")) == ("15", "16", "19.1", "u", "19", "20")
    medians = {row["ofsted_judgement"]: row for row in rows if row["geographic_level"] == "National"}
    assert around(medians["Good"]) == ("15", "16", "18.05", "18", "19", "20")
    assert medians["Good"]["time_period"] == "2010"
    assert around(medians["Inadequate"]) == ("z",) * 6
    assert list(medians) == ["Outstanding", "Good", "Requires Improvement", "Inadequate"]


def test_the_latest_graded_judgement_by_the_day_counts(known: Known) -> None:
    known(
        ("301", "Inadequate", date(2007, 5, 1)),
        ("301", "Good", date(2011, 1, 31)),
        ("301", "Outstanding", date(2011, 2, 1)),
        ("302", "Good", date(2009, 5, 1)),
        ("302", "Requires Improvement", date(2008, 5, 1)),
        ("302", None, date(2010, 5, 1)),
        ("399", "Good", date(2009, 5, 1)),
    )
    rows = made("F2", {"301": TEN_YEARS, "302": TEN_YEARS, "303": TEN_YEARS})
    found = {row["old_la_code"]: (row["ofsted_judgement"], row["time_period"]) for row in rows if row["old_la_code"]}
    assert found == {"301": ("Good", "2010"), "302": ("Good", "2009")}


def test_only_authorities_of_the_last_year_have_rows_and_years_before_theirs_do_not_apply(known: Known) -> None:
    known(("909", "Inadequate", date(2007, 5, 1)), ("942", "Good", date(2010, 5, 1)))
    rows = made("F2", {"909": dict.fromkeys(range(2001, 2009), "15"), "942": {2009: "10", 2010: "11"}})
    assert [row["old_la_code"] for row in rows if row["old_la_code"]] == ["942"]
    assert around(of_area(rows, "942")) == ("z", "z", "10", "11", "z", "z")


def g1(
    rows: list[dict[str, str]], judgement: str, offset: int, covered: str = measures.ALL_AVAILABLE
) -> dict[str, str]:
    wanted = (judgement, measures.AROUND_INSPECTION[offset], covered)
    (found,) = (row for row in rows if tuple(row[f.name] for f in G1.filters) == wanted)
    return found


def test_year_zero_is_the_reporting_year_in_which_the_inspection_began(known: Known) -> None:
    known(
        ("301", "Good", date(2006, 5, 10), date(2006, 3, 31)),
        ("302", "Good", date(2006, 5, 10), date(2006, 4, 1)),
        ("303", "Good", date(2006, 5, 20)),
        ("304", "Good", date(2006, 5, 21)),
    )
    rows = made("G1", dict.fromkeys(("301", "302", "303", "304"), TEN_YEARS))
    year_zero = g1(rows, "Good", 0)
    assert (year_zero["rereferral_median"], year_zero["inspection_count"]) == ("16.5", "4")
    assert g1(rows, "Good", -3)["rereferral_median"] == "13.5"
    tables = {"cin_c1": c1(dict.fromkeys(("301", "302", "303", "304"), TEN_YEARS))}
    assert [one.rereferrals[0] for one in inspections(tables, RELEASE)] == [16, 17, 16, 17]
    assert f"{UNTIL_PUBLICATION.days} days" in footnote("inspection_year")


def test_inspections_outside_the_years_of_c1_or_published_later_are_not_covered(known: Known) -> None:
    known(
        ("301", "Good", date(2001, 2, 1), date(2000, 3, 31)),
        ("301", "Good", date(2011, 1, 1), date(2010, 4, 1)),
        ("301", "Good", date(2011, 2, 1), date(2010, 1, 1)),
        ("301", None, date(2008, 2, 1), date(2008, 1, 1)),
    )
    assert not inspections({"cin_c1": c1({"301": TEN_YEARS})}, RELEASE)


def test_the_same_throughout_have_a_figure_in_every_year(known: Known) -> None:
    known(*((code, "Good", date(2006, 5, 1), date(2006, 3, 1)) for code in ("301", "302", "303")))
    rows = made("G1", {"301": TEN_YEARS, "302": TEN_YEARS | {2008: "x"}, "303": {2006: "50", 2007: "50"}})
    counts = [
        [g1(rows, "Good", offset, covered)["inspection_count"] for offset in measures.AROUND_INSPECTION]
        for covered in measures.INSPECTIONS_COVERED.categories
    ]
    assert counts == [["2", "2", "2", "3", "3", "1", "2"], ["1"] * 7]
    empty = g1(rows, "Outstanding", 0)
    numbers = ("authority_count", "inspection_count")
    assert {empty[name] for name in numbers} == {"0"}
    assert {empty[indicator.name] for indicator in G1.indicators if indicator.name not in numbers} == {"z"}


def test_an_authority_counts_once_with_the_mean_of_its_inspections(known: Known) -> None:
    known(
        ("301", "Good", date(2006, 5, 1), date(2006, 3, 1)),
        ("301", "Good", date(2009, 5, 1), date(2009, 3, 1)),
        ("302", "Good", date(2006, 5, 1), date(2006, 3, 1)),
        ("302", "Inadequate", date(2008, 5, 1), date(2008, 3, 1)),
    )
    rows = made("G1", {"301": TEN_YEARS, "302": dict.fromkeys(TEN_YEARS, "30")})
    row = g1(rows, "Good", 0)
    assert (row["authority_count"], row["inspection_count"]) == ("2", "3")
    assert row["rereferral_median"] == "23.75"  # between (16 + 19) / 2 and 30
    assert row["rereferral_above_england_median"] == "3.75"


def test_a_change_is_of_the_years_after_less_those_before_that_are_known(known: Known) -> None:
    known(
        ("301", "Good", date(2006, 5, 1), date(2006, 3, 1)),
        ("302", "Good", date(2006, 5, 1), date(2006, 3, 1)),
        ("303", "Good", date(2006, 5, 1), date(2006, 3, 1)),
    )
    (row,) = (
        row
        for row in made("G1b", {
            "301": {2003: "20", 2004: "u", 2005: "22", 2006: "90", 2007: "25", 2008: "26", 2009: "x"},
            "302": {2005: "10", 2006: "10"},
            "303": {2005: "10", 2009: "11"},
        })
        if row["ofsted_judgement"] == "Good"
    )  # fmt: skip
    assert row["rereferral_change_median"] == "2.75"  # of 25.5 - 21 and 11 - 10
    assert (row["authority_count"], row["inspection_count"]) == ("2", "2")
    assert row["rereferral_change_lower_median"] == row["rereferral_change_upper_median"] == "z"
    assert row["no_change_probability"] == "0.5"


@pytest.mark.parametrize("data_set", ["F2", "G1", "G1b"])
def test_the_order_of_rows_and_of_judgements_changes_nothing(known: Known, data_set: str) -> None:
    reports = [(f"30{k % 4}", measures.JUDGEMENT.categories[k % 3], date(2002 + k, 5, 1)) for k in range(8)]
    figures = {f"30{code}": {year: str(code * (year - 1999)) for year in TEN_YEARS} for code in range(4)}
    known(*reports)
    expected = made(data_set, figures)
    known(*reversed(reports))
    table = c1(figures)
    backwards = PublishedTable(table.data_set, table.frame.iloc[::-1])
    assert MAKERS[data_set]({"cin_c1": backwards}, RELEASE).rows == expected


@pytest.mark.parametrize("data_set", [F2, G1, G1_CHANGES], ids=lambda data_set: data_set.id)
def test_every_footnote_of_a_data_set_is_there(data_set: object) -> None:
    assert all(footnote(key) for key in data_set.footnotes)  # type: ignore[attr-defined]


# The figures of the published files.


@pytest.fixture(scope="module")
def published(materials: Path) -> PublishedTable:
    return made_up.published_c1(materials)


def test_every_published_figure_around_judgements_comes_out(materials: Path, published: PublishedTable) -> None:
    rows = MAKERS["F2"]({"cin_c1": published}, LATEST).rows
    assert len(rows) == 157
    with open(materials / "reference" / "published_anchors.csv", newline="", encoding="utf-8") as file:
        anchors = [row for row in csv.DictReader(file) if row["data_set"] == "F2"]
    assert len(anchors) == 30
    for anchor in anchors:
        (row,) = (
            row for row in rows
            if row["time_period"] == anchor["time_period"] and row["ofsted_judgement"] == anchor["filters"]
            and anchor["name"] == (row["la_name"] or row["country_name"])
        )  # fmt: skip
        assert row[anchor["measure"]] == anchor["value"]


def test_figures_around_inspections_are_those_worked_out_one_by_one(published: PublishedTable) -> None:
    percent = {
        (row["old_la_code"], int(row["time_period"])): Fraction(row["rereferral_percent"])
        for row in published.rows
        if row["geographic_level"] != "Regional" and row["rereferral_percent"] not in ("c", "x", "u", "z", "k")
    }
    rows = [dict(row) for row in MAKERS["G1"]({"cin_c1": published}, LATEST).rows]
    changes = {row["ofsted_judgement"]: row for row in MAKERS["G1b"]({"cin_c1": published}, LATEST).rows}
    for judgement in measures.JUDGEMENT.categories:
        at: dict[int, dict[str, list[Fraction]]] = {offset: {} for offset in measures.AROUND_INSPECTION}
        moved: dict[str, list[Fraction]] = {}
        for one in areas.judgements():
            if one.judgement == judgement and one.inspection_start and one.publication_date <= LATEST.places.judged_by:
                zero = reporting_year(one.inspection_start)
                above = {
                    k: percent[one.old_la_code, zero + k] - percent["", zero + k]
                    for k in range(-3, 4)
                    if (one.old_la_code, zero + k) in percent and 2013 <= zero <= 2025
                }
                for k, value in above.items():
                    at[k].setdefault(one.old_la_code, []).append(value)
                before, after = ([above[k] for k in side if k in above] for side in ((-3, -2, -1), (1, 2, 3)))
                if before and after:
                    change = sum(after) / len(after) - sum(before) / len(before)
                    moved.setdefault(one.old_la_code, []).append(change)
        for k, values in at.items():
            means = [sum(theirs) / len(theirs) for theirs in values.values()]
            row = g1(rows, judgement, k)
            assert float(row["rereferral_above_england_median"]) == pytest.approx(float(median(means)), abs=0.0051)
            signs = [mean > 0 for mean in means if mean]
            probability = stats.binomtest(sum(signs), len(signs)).pvalue
            assert 0 <= float(row["no_difference_probability"]) - probability <= 0.0001
        means = [sum(theirs) / len(theirs) for theirs in moved.values()]
        row = changes[judgement]
        assert float(row["rereferral_change_median"]) == pytest.approx(float(median(means)), abs=0.0051)
        assert row["authority_count"] == str(len(means))
        assert row["inspection_count"] == str(sum(map(len, moved.values())))


def test_every_authority_of_the_last_year_has_a_judgement(published: PublishedTable) -> None:
    present = {row["old_la_code"] for row in published.rows if row["time_period"] == "2025"} - {""}
    assert present <= set(latest_judgements(LATEST))
