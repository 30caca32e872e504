"""A claim becomes a sentence only with figures that are published, and only if they bear its words out."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import made_up_release
from rereferrals.chart_model import Areas, AreaSeries, Chart
from rereferrals.commentary import index
from rereferrals.commentary import referrals as chapter
from rereferrals.commentary.wording import JUDGING_WORDS, PHRASES, a_further, little_changed
from rereferrals.datasets.referrals import A1, A2, A3
from rereferrals.dissemination.claims import Tables, UntrueClaim, read, render
from rereferrals.errors import QualityError
from rereferrals.measures.referrals import (
    CHILDREN_SHARE,
    COHORT_REREFERRED_RATE,
    NUMBER_OF_REFERRALS,
    REFERRALS,
    REREFERRAL_RATE,
    REREFERRALS,
)
from rereferrals.model import ALLOWED_DIGITS, Claim, Comparator, DataSet, DeclarationError, Event, Figure, percentage
from rereferrals.published import PublishedTable
from rereferrals.release import Release

Change = Callable[..., Tables]

CLAIMS = {name: value for name, value in vars(chapter).items() if isinstance(value, Claim)}
CHARTS = [value for value in vars(chapter).values() if isinstance(value, Chart)]
ALL_CLAIMS = [
    *CLAIMS.values(),
    *index.BULLETS,
    *(part for tile in index.TILES for part in (tile.value, tile.change, tile.explanation)),
    *(part for chart in CHARTS for part in (chart.title, chart.subtitle, chart.alt)),
]


@pytest.fixture(scope="module")
def release() -> Release:
    return replace(Release.load(Release.latest_year()), year=2024, first_year=2017)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("release")
    made_up_release.write(folder)
    return folder


@pytest.fixture
def tables(folder: Path) -> Tables:
    return lambda data_set: PublishedTable.read(folder, data_set)


@pytest.fixture
def changed(tables: Tables) -> Change:
    """Tables in which the cells of one column are replaced, by year."""

    def change(data_set: DataSet, column: str, cells: dict[int, str]) -> Tables:
        frame = tables(data_set).frame.copy()
        for year, cell in cells.items():
            frame.loc[frame["time_period"] == str(year), column] = cell
        return lambda asked: PublishedTable(asked, frame) if asked == data_set else tables(asked)

    return change


def test_figures_are_quoted_with_commas_as_published_and_once_rounded(tables: Tables, release: Release) -> None:
    claim = Claim(
        "{referrals:,}, {referrals}, {rate}, {rate:.0f}, {year}, {first_year}",
        referrals=A1.cell(REFERRALS),
        rate=A1.cell(REREFERRAL_RATE),
    )
    assert render(claim, tables, release).text == "621,880, 621880, 22.4, 22, 2024, 2017"


def test_a_whole_percentage_is_rounded_once(changed: Change, release: Release) -> None:
    # 22.45 to one decimal place is 22.5, and to a whole number is 22; the published 22.5 must not become 23
    tables = changed(A1, "rereferral_percent", {2024: "22.5"})
    assert render(Claim("{rate:.0f}%", rate=A1.cell(REREFERRAL_RATE)), tables, release).text == "22%"


def test_a_whole_number_has_no_trailing_zero(changed: Change, release: Release) -> None:
    tables = changed(A1, "rereferral_percent", {2024: "21"})
    assert render(Claim("{rate}%", rate=A1.cell(REREFERRAL_RATE)), tables, release).text == "21%"


@pytest.mark.parametrize(
    ("year", "said"),
    [("first", "21.9 in 2017"), ("latest", "22.4 in 2024"), (-1, "22.4 in 2023"), (2021, "22.7 in 2021")],
)
def test_a_figure_says_which_year_it_is_of(year: int | str, said: str, tables: Tables, release: Release) -> None:
    claim = Claim("{rate} in {rate.year}", rate=A1.cell(REREFERRAL_RATE, year=year))
    assert render(claim, tables, release).text == said


def test_the_latest_year_is_that_of_the_category(tables: Tables, release: Release) -> None:
    claim = Claim("{a.year} and {b.year}", a=_cohort("Within 1 year"), b=_cohort("Within 5 years"))
    assert render(claim, tables, release).text == "2023 and 2019"


@pytest.mark.parametrize("symbol", ["c", "k", "u", "x", "z"])
def test_a_symbol_cannot_be_quoted(symbol: str, changed: Change, release: Release) -> None:
    tables = changed(A1, "rereferral_count", {2024: symbol})
    message = f"A1 rereferral_count 2024 is published as “{symbol}”, so it cannot be quoted"
    with pytest.raises(QualityError, match=re.escape(message)):
        read(A1.cell(REREFERRALS), tables)
    said = render(chapter.REFERRALS_IN_YEAR, tables, release)
    assert message in said.untrue[0]
    assert not re.search(r"\d", said.text.replace("31 March", "").replace("12 months", ""))
    with pytest.raises(UntrueClaim, match="reword"):
        said.or_refuse()


def test_a_symbol_in_a_series_cannot_be_judged(changed: Change, release: Release) -> None:
    tables = changed(A1, "referral_count", {2019: "x"})
    assert (
        "A1 referral_count 2019 is published as “x”" in render(chapter.REFERRALS_OVER_TIME, tables, release).untrue[0]
    )


def test_a_figure_that_is_not_published_cannot_be_quoted(tables: Tables) -> None:
    with pytest.raises(QualityError, match="A1 referral_count 2012 is not published"):
        read(A1.cell(REFERRALS, year=2012), tables)


def test_an_untrue_claim_says_the_sentence_the_claim_and_the_figures(changed: Change, release: Release) -> None:
    tables = changed(A1, "rereferral_percent", {2017: "43.4", 2024: "49.9"})
    claim = Claim(
        "The rate is little changed since {first.year}.",
        first=A1.cell(REREFERRAL_RATE, year="first"),
        latest=A1.cell(REREFERRAL_RATE),
        true_if=little_changed("first", "latest", within=2.0),
    )
    said = render(claim, tables, release)
    assert said.untrue == (
        "“The rate is little changed since 2017.” needs that latest is within 2.0 of first, but first is 43.4 and "
        "latest is 49.9: reword it in the commentary",
    )
    with pytest.raises(UntrueClaim, match=r"but first is 43\.4 and latest is 49\.9"):
        said.or_refuse()


@pytest.mark.parametrize("name", CLAIMS)
def test_every_claim_of_the_chapter_holds_on_figures_like_those_published(
    name: str, tables: Tables, release: Release
) -> None:
    assert render(CLAIMS[name], tables, release).untrue == ()


@pytest.mark.parametrize(
    ("claim", "data_set", "column", "cells"),
    [
        (chapter.REFERRALS_OVER_TIME, A1, "referral_count", {2021: "646120"}),  # no dip
        (chapter.REFERRALS_OVER_TIME, A1, "referral_count", {2018: "590000"}),  # two dips
        (chapter.REFERRALS_OVER_TIME, A1, "referral_count", {2024: "750000"}),  # a rise since
        (chapter.CHANGE_IN_REFERRALS, A1, "referral_count", {2024: "640400"}),  # a change too small to speak of
        (chapter.RATE_OVER_TIME, A1, "rereferral_percent", {2024: "24"}),
        (chapter.RATE_OVER_TIME, A1, "rereferral_percent", {2020: "19.9"}),
        (chapter.CHILDREN_RATE_OVER_TIME, A1, "rereferral_child_percent", {2022: "21"}),  # no shift
        (chapter.CHILDREN_RATE_OVER_TIME, A1, "rereferral_child_percent", {2018: "23"}),  # two shifts
        (chapter.REPEAT_REFERRALS, A2, "referral_child_percent", {2024: "45"}),  # not most
        (chapter.REPEAT_REFERRALS, A2, "referral_child_percent", {2024: "0"}),  # nothing further
        (chapter.COHORT_OVER_TIME, A3, "rereferral_child_percent", {2017: "24"}),  # no more by three years
        (chapter.LATER_COHORTS, A3, "rereferral_child_percent", {2018: "30"}),
        (chapter.EARLIER_RESEARCH, A3, "rereferral_child_percent", {2017: "53"}),
    ],
)
def test_a_claim_stops_holding_when_the_figures_change(
    claim: Claim, data_set: DataSet, column: str, cells: dict[int, str], changed: Change, release: Release
) -> None:
    assert render(claim, changed(data_set, column, cells), release).untrue


def test_words_and_years_follow_the_figures(changed: Change, release: Release) -> None:
    rise = changed(A1, "referral_count", {2024: "704470"})
    assert "rose by 10%, from 640,430 to 704,470" in render(chapter.CHANGE_IN_REFERRALS, rise, release).text
    dip = changed(A1, "referral_count", {2021: "646120", 2019: "590000"})
    said = render(chapter.REFERRALS_OVER_TIME, dip, release)
    assert said.untrue == () and "a dip in 2019, when there were 590,000" in said.text


def test_the_later_cohorts_are_those_observed_for_five_years(tables: Tables, release: Release) -> None:
    assert "in 2018 and 2019 followed" in render(chapter.LATER_COHORTS, tables, release).text


def test_a_change_is_worked_out_from_published_figures(tables: Tables, release: Release) -> None:
    assert "fell by 3%, from 640,430 to 621,880" in render(chapter.CHANGE_IN_REFERRALS, tables, release).text


def test_a_derived_figure_that_rounding_leaves_open_is_not_quoted(changed: Change) -> None:
    # 2.5% of 640,430 is 16,010.75: with counts to the nearest 10, both 2 and 3 may be the truth
    change = A1.cell(REFERRALS) - A1.cell(REFERRALS, year=-1)
    size = percentage(change, of=A1.cell(REFERRALS, year=-1))
    value = read(size, changed(A1, "referral_count", {2024: "624420"}))
    with pytest.raises(QualityError, match="could be 2 or 3, because the published figures are rounded"):
        format(value, ".0f")


def test_a_sum_and_a_difference_carry_the_rounding_of_both(tables: Tables) -> None:
    latest, before = A1.cell(REFERRALS), A1.cell(REFERRALS, year=-1)
    total, change = read(latest + before, tables), read(latest - before, tables)
    assert (total.number, total.error) == (621_880 + 640_430, 10)
    assert (change.number, change.error) == (621_880 - 640_430, 10)


def test_a_percentage_of_what_may_be_nothing_is_not_quoted(changed: Change) -> None:
    tables = changed(A1, "referral_count", {2024: "0"})
    with pytest.raises(QualityError, match="may be zero"):
        read(percentage(A1.cell(REREFERRALS), of=A1.cell(REFERRALS)), tables)


def test_comparators_and_events_are_reference_data(tables: Tables, release: Release) -> None:
    claim = Claim(
        "{earlier}% in {earlier.year}; {pandemic.start} to {pandemic.end}",
        earlier=Comparator("earlier_cohort"),
        pandemic=Event("pandemic"),
    )
    assert render(claim, tables, release).text == "50% in 2011; March 2020 to March 2022"


def test_a_phrase_that_does_not_exist_is_named(tables: Tables) -> None:
    with pytest.raises(QualityError, match="the phrases are tenths, fraction, moved, compared"):
        format(read(A1.cell(REREFERRAL_RATE), tables), "roughly")


@pytest.mark.parametrize("claim", ALL_CLAIMS, ids=lambda claim: claim.sentence[:50])
def test_every_judging_word_has_a_condition_or_follows_its_figure(claim: Claim) -> None:
    phrases = re.findall(r"\{[^}]*:([a-z]\w*)\}", claim.sentence)
    judging = JUDGING_WORDS.findall(re.sub(r"\{[^}]*\}", "", claim.sentence))
    if any(map(_is_chosen_by_rank, claim.figures.values())):
        judging = [word for word in judging if word not in ("highest", "lowest")]
    assert not judging or claim.conditions or phrases, judging
    assert set(phrases) <= set(PHRASES)


def _is_chosen_by_rank(figure: object) -> bool:
    """Whether the areas that a sentence names are those that the figures make the highest or lowest."""
    return isinstance(figure, AreaSeries) or (isinstance(figure, Areas) and bool(figure.highest or figure.lowest))


@pytest.mark.parametrize(
    ("sentence", "figures", "message"),
    [
        ("There were {referrals}.", {}, "no figure for"),
        ("There were some.", {"referrals": A1.cell(REFERRALS)}, "neither quoted nor judged"),
        ("There were 621,880 referrals.", {}, "a number is typed"),
        ("Since 2017.", {}, "a number is typed"),
        ("There were {referrals:.2f}.", {"referrals": A1.cell(REFERRALS)}, "not a way to write a figure"),
        ("There were {referrals.number}.", {"referrals": A1.cell(REFERRALS)}, "cannot be quoted"),
        ("There were {referrals}.", {"referrals": A1.series(REFERRALS)}, "cannot be quoted"),
        ("Since {pandemic}.", {"pandemic": Event("pandemic")}, "cannot be quoted"),
        ("There were {referrals!r}.", {"referrals": A1.cell(REFERRALS)}, "cannot be quoted"),
        ("In {year}.", {"year": A1.cell(REFERRALS)}, "the release's own"),
    ],
)
def test_a_claim_that_cannot_mean_anything_is_refused_where_it_is_written(
    sentence: str, figures: dict[str, object], message: str
) -> None:
    with pytest.raises(DeclarationError, match=message):
        Claim(sentence, **figures)  # type: ignore[arg-type]


def test_a_condition_needs_figures_that_the_claim_has() -> None:
    with pytest.raises(DeclarationError, match="no figure for \\['latest'\\]"):
        Claim("{first}", first=A1.cell(REFERRALS), true_if=little_changed("first", "latest", within=1))


def test_phrases_that_are_allowed_digits_may_be_typed() -> None:
    Claim("Within 12 months of 31 March {year}, under section 47.")
    with pytest.raises(DeclarationError):
        Claim("Within 112 months.")


cells = st.tuples(
    st.integers(0, 9_999_999).map(lambda tens: str(10 * tens)),
    st.integers(0, 1000).map(lambda tenths: f"{tenths / 10:g}"),
)


@given(st.lists(cells, min_size=2, max_size=6), st.sampled_from(["first", "latest", -1]))
def test_every_number_of_a_sentence_is_a_published_cell_or_a_year(rows: list[tuple[str, str]], year: int | str) -> None:
    frame = pd.DataFrame(
        {
            "time_period": str(2010 + n),
            "geographic_level": "National",
            "referral_count": count,
            "rereferral_percent": rate,
            "rereferral_percent_whole": str(int(float(rate) + 0.5)),
        }
        for n, (count, rate) in enumerate(rows)
    )
    claim = Claim(
        "In {year} there were {count:,} ({rate}%, {rate:.0f}%) of {count.year}, and at most {top} in {top.year}, "
        "within 12 months.",
        count=A1.cell(REFERRALS, year=year),
        rate=A1.cell(REREFERRAL_RATE, year=year),
        top=A1.series(REREFERRAL_RATE).highest(),
    )
    release = replace(Release.load(Release.latest_year()), year=2030, first_year=2010)
    text = render(claim, lambda data_set: PublishedTable(data_set, frame), release).text
    for phrase in ALLOWED_DIGITS:
        text = text.replace(phrase, "")
    published = set(frame.drop(columns="geographic_level").to_numpy().ravel()) | {"2030"}
    assert {number.replace(",", "") for number in re.findall(r"\d[\d,]*(?:\.\d+)?", text)} <= published


def test_different_categories_can_be_a_further_and_the_same_cannot(tables: Tables) -> None:
    once, twice, _ = (A2.cell(CHILDREN_SHARE, number_of_referrals=c) for c in NUMBER_OF_REFERRALS.categories)
    condition = a_further("a", "b")
    assert condition.holds({"a": read(once, tables), "b": read(twice, tables)})
    assert not condition.holds({"a": read(once, tables), "b": read(once, tables)})
    assert not condition.holds({"a": read(once, tables), "b": read(replace(twice, year=-1), tables)})


def _cohort(follow_up: str) -> Figure:
    return A3.cell(COHORT_REREFERRED_RATE, follow_up=follow_up)
