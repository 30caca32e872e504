"""What needs an input that was not given is left out of the page, in a final build too, and reported to reviewers."""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

import made_up_release
from rereferrals import model
from rereferrals.chart_model import Cells, Chart
from rereferrals.commentary.wording import higher_than
from rereferrals.datasets.characteristics import C1
from rereferrals.datasets.journeys import E1
from rereferrals.datasets.referrals import A1
from rereferrals.datasets.registry import ALL
from rereferrals.dissemination import review
from rereferrals.dissemination.book import Book
from rereferrals.dissemination.claims import UntrueClaim, render
from rereferrals.measures import characteristics, journeys, referrals
from rereferrals.model import Claim, Figure, Tile
from rereferrals.published import PublishedTable
from rereferrals.qa.review import write_report
from rereferrals.reference import footnote
from rereferrals.release import Release

ALWAYS = Claim("There were {referrals:,} referrals.", referrals=A1.cell(referrals.REFERRALS))
PUPILS = Claim("Of pupils, {rate}% are eligible.", rate=C1.cell(characteristics.FSM_RATE))
OVER_TIME = Claim(
    "More are eligible than in {first.year}.",
    first=C1.cell(characteristics.FSM_RATE, year="first"),
    latest=C1.cell(characteristics.FSM_RATE),
    referrals=A1.cell(referrals.REFERRALS, year=1066),
    true_if=(higher_than("latest", "first"), higher_than("referrals", "first")),
)
WORDS = Claim("A chart of {year}, described at some length.")
CHART = Chart(
    name="meals", mark="line", shows={"Re-referral rate": C1.series(characteristics.FSM_RATE)}, category_title="Year",
    value_title="Percentage", title=WORDS, subtitle=WORDS, alt=WORDS,
)  # fmt: skip


def _level(level: str) -> Figure:
    return E1.cell(journeys.REFERRALS, level_description=level)


@pytest.fixture
def book(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Book]:
    """A final book of made-up figures, for which these inputs were given."""
    monkeypatch.chdir(tmp_path)
    made_up_release.write(tmp_path)
    review.begin()
    tables = {data_set.id: PublishedTable.read(tmp_path, data_set) for data_set in ALL}

    def open_with(*inputs: str) -> Book:
        own = {data_set.id: made_up_release.published(data_set, inputs) for data_set in (C1, E1)}
        return Book(Release.load(made_up_release.YEAR), tables | own, tmp_path, draft=False)

    return open_with


def test_a_sentence_is_left_out_and_those_beside_it_stay(book: Callable[..., Book]) -> None:
    without = book()
    assert without.say(ALWAYS, PUPILS, OVER_TIME).data == book().say(ALWAYS).data != ""
    assert without.headlines((PUPILS, ALWAYS)).data.count("<li>") == 1
    assert (without.say(PUPILS).data, without.lead(PUPILS).data, without.note(PUPILS).data) == ("", "", "")
    assert "eligible" in book("pupils").say(PUPILS).data


def test_what_is_left_out_is_not_untrue_and_is_left_out_whatever_else_is_wrong(book: Callable[..., Book]) -> None:
    def tables(data_set: model.DataSet) -> PublishedTable:
        return without.tables[data_set.id]

    without = book()
    said = render(OVER_TIME, tables, without.release)
    assert (said.lacks, said.untrue, said.text) == ("pupils", (), "More are eligible than in […].")
    assert "C1 fsm_eligible_percent 2017 is not available, because pupils was not given for 2017" in said.reason
    with pytest.raises(UntrueClaim, match="1066"):
        book("pupils").say(OVER_TIME)


def test_a_tile_is_left_out(book: Callable[..., Book]) -> None:
    tiles = (Tile("Referrals", ALWAYS, ALWAYS, WORDS), Tile("Pupils", PUPILS, ALWAYS, WORDS))
    assert book().tiles(tiles).data == book().tiles(tiles[:1]).data
    assert "Pupils" in book("pupils").tiles(tiles).data


@pytest.mark.parametrize("title", [WORDS, PUPILS], ids=["of its values", "of its words"])
def test_a_chart_for_want_of_its_values_or_of_its_words_says_why_instead(
    title: Claim, book: Callable[..., Book]
) -> None:
    chart = replace(CHART, title=title)
    said = book().figure(chart).data
    assert said == f"<p>{footnote('pupils_not_given')}</p>"
    assert "<picture>" in book("pupils").figure(chart).data


def test_a_chart_of_cells_is_drawn_if_any_of_them_is_available(book: Callable[..., Book]) -> None:
    names = {journeys.TOTAL: "All referrals", journeys.REREFERRAL: "Re-referrals"}
    cells = Cells(E1, journeys.REFERRALS, journeys.LEVEL, journeys.REFERRAL_TYPE, column_names=names)
    chart = replace(CHART, name="levels", mark="dots", shows=cells)
    assert "<picture>" in book().figure(chart).data
    only = replace(CHART, name="level", mark="bar", shows={journeys.LOOKED_AFTER: _level(journeys.LOOKED_AFTER)})
    assert footnote("looked_after_not_given") in book().figure(only).data


def test_only_the_category_that_needs_an_input_lacks_it(book: Callable[..., Book]) -> None:
    lowest = Claim("There were {referrals:,}.", referrals=_level(journeys.LEVELS[0]))
    top = Claim("There were {referrals:,}.", referrals=_level(journeys.LOOKED_AFTER))
    assert book("pupils").say(lowest, top).data == book("pupils").say(lowest).data != ""


def test_a_category_not_collected_yet_is_not_an_input_that_was_not_given(book: Callable[..., Book]) -> None:
    frame = book("pupils").tables["A1"].frame.assign(referral_count="x")
    with_x = replace(book(), tables={"A1": PublishedTable(A1, frame)})
    with pytest.raises(UntrueClaim, match="published as “x”"):
        with_x.say(ALWAYS)


def test_every_input_that_may_not_be_given_has_a_footnote_that_says_so() -> None:
    filters = [f for data_set in ALL for f in data_set.filters]
    names = {data_set.needs for data_set in ALL} | {name for f in filters for name in f.needs.values()}
    assert all("not available" in footnote(f"{name}_not_given") for name in names - {None})


def test_the_report_lists_every_sentence_with_its_cells(book: Callable[..., Book], tmp_path: Path) -> None:
    book().say(ALWAYS, PUPILS)
    review.write(tmp_path / "reviewed" / "chapter.json")
    left_out = write_report([tmp_path / "reviewed" / "chapter.json"], tmp_path / "review" / "claims.csv")
    with open(tmp_path / "review" / "claims.csv", newline="", encoding="utf-8") as file:
        said, left = csv.DictReader(file)
    assert left_out == 1
    assert said == {
        "chapter": "chapter", "status": "said", "sentence": "There were 621,880 referrals.", "reason": "",
        "figures": "A1 referral_count 2024: 621880",
    }  # fmt: skip
    assert (left["status"], left["sentence"]) == ("left out", "Of pupils, […]% are eligible.")
    assert left["figures"] == "C1 fsm_eligible_percent 2024, Total: x"
    assert left["reason"].endswith("because pupils was not given for 2024")
