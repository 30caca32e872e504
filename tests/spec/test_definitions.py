"""Each term is defined once, in words that agree with what is counted, and shown wherever readers may look for it."""

from __future__ import annotations

import pkgutil
import re
from html import unescape
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

import made_up_release
from rereferrals import measures, reference
from rereferrals.datasets.registry import ALL, AREA_SECTIONS
from rereferrals.datasets.registry import SECTIONS as DATA_SECTIONS
from rereferrals.dissemination import listings
from rereferrals.dissemination.book import Book
from rereferrals.measures import journeys, referrals
from rereferrals.measures.registry import SECTIONS, defined, refuse_doubles, topics
from rereferrals.model import Claim, Count, DeclarationError, Definition, Estimate, Rate, Share
from rereferrals.release import PROJECT, Method, Release
from rereferrals.units import child_protection, followup
from rereferrals.units.referrals import REREFERRAL_DAYS

EVERY = defined(SECTIONS)
BY_TERM = {definition.term: definition for definition in EVERY}
MODULES = [import_module(f"{measures.__name__}.{found.name}") for found in pkgutil.iter_modules(measures.__path__)]
LINK = re.compile(r'<a class="term" href="glossary\.html#([^"]*)">(.*?)</a>')


def _page(pages: Path, name: str) -> str:
    return (pages / f"{name}.html").read_text(encoding="utf-8")


def _text(term: str) -> str:
    return f"{BY_TERM[term].words} {BY_TERM[term].counted}"


# What cannot be declared

REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "no term": ({"term": ""}, "'' is not a word"),
    "a term that is no heading": ({"term": "referral"}, "begins with a capital"),
    "a term that ends in a stop": ({"term": "Referral."}, "'Referral.' is not a word"),
    "no words": ({"words": ""}, "not defined in sentences"),
    "words that are no sentence": ({"words": "a request for services."}, "not defined in sentences"),
    "words without a stop": ({"words": "A request for services"}, "not defined in sentences"),
    "no stop after how it is counted": ({"counted": "In the year", "numbers": ("M01",)}, "not defined in sentences"),
    "how it is counted, of no measure": ({"counted": "In the year."}, "needs the number of its measure"),
    "a measure that is none": ({"numbers": ("1",)}, "'1' is not the number of a measure"),
    "a form that is its term": ({"also": ("referral",)}, "has a form twice"),
    "a form that is empty": ({"also": ("",)}, "'' is not a word"),
    "a form that ends in space": ({"also": ("referrals ",)}, "'referrals ' is not a word"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_definition_is_refused_with(case: str) -> None:
    good = {"term": "Referral", "words": "A request for services."}
    assert Definition(**good).name == "referral"
    change, message = REFUSED[case]
    with pytest.raises(DeclarationError, match=message):
        Definition(**good | change)


@pytest.mark.parametrize(
    "other", [("Referral", ()), ("Request", ("Referrals",)), ("Referrals", ()), ("Request", ("referral",))]
)
def test_one_word_has_one_definition(other: tuple[str, tuple[str, ...]]) -> None:
    term, also = other
    both = (
        Definition("Referral", "A request for services.", also=("referrals",)),
        Definition(term, "Something else.", also=also),
    )
    with pytest.raises(DeclarationError, match="is defined twice: as Referral and as"):
        refuse_doubles(both)
    refuse_doubles(both[:1])


# Where they are declared

INDICATORS = (Count, Rate, Share, Estimate)
WITH_INDICATORS = [m for m in MODULES if any(isinstance(value, INDICATORS) for value in vars(m).values())]


@pytest.mark.parametrize("module", WITH_INDICATORS, ids=lambda module: module.__name__)
def test_a_module_of_measures_defines_what_it_measures(module: Any) -> None:
    assert any(definition.numbers for definition in module.DEFINITIONS)


def test_every_definition_that_is_declared_is_shown() -> None:
    declared = {d for module in MODULES for d in getattr(module, "DEFINITIONS", ())}
    assert declared == set(EVERY)
    assert list(SECTIONS) == list(DATA_SECTIONS)


def test_a_definition_is_of_measures_that_the_derivations_have(materials: Path) -> None:
    text = (materials / "spec" / "derivations.md").read_text(encoding="utf-8")
    there = set(re.findall(r"^### (M\d\d) ", text, re.MULTILINE))
    named = {number for definition in EVERY for number in definition.numbers}
    assert named <= there
    assert {f"M{number:02}" for number in range(1, 24)} <= named, "a measure of a data set is not defined"


# What they say

NUMBERS = {
    "Re-referral": f"{REREFERRAL_DAYS} days after the last one is a re-referral, and one {REREFERRAL_DAYS + 1} days",
    "Cohort": "within 1 year if it came in {:,} days, within 3 years if it came in {:,} days, within 5 years if it "
    "came in {:,} days".format(*(followup.DAYS_IN_YEAR * years for years in (1, 3, 5))),
    "School age": "Aged {} to {} at".format(*Method().school_age),
    "Children with a plan over five years": f"aged {child_protection.OLDEST} or under",
    "Source of referral": f"in {len(reference.code_set('referral_source_group'))} groups",
    "Referral rate": "for every 10,000 children aged 0 to 17.",
    "Abrupt change": "of 10 percentage points or more",
    "Likelihood of re-referral over time": "closed in 6 years",
    "Characteristics of children referred": "unborn, under 1, 1 to 4, 5 to 9, 10 to 15, 16 and over.",
    "Ofsted judgement": "outstanding, good, requires improvement or inadequate.",
}


@pytest.mark.parametrize("term", NUMBERS)
def test_a_definition_has_the_numbers_that_are_counted_by(term: str) -> None:
    assert NUMBERS[term] in _text(term)


def test_what_is_counted_by_numbers_in_words_is_as_they_say() -> None:
    assert referrals.DAYS == REREFERRAL_DAYS == followup.DAYS_IN_YEAR
    assert child_protection.YEARS == 5
    assert len(journeys.LEVELS) == len(re.findall(r"[:;] ", BY_TERM["Highest level of intervention"].counted))
    assert sum(not region.within for region in reference.regions()) == 9


# Where they are shown


def test_the_methodology_page_says_how_everything_is_counted(pages: Path) -> None:
    page = _page(pages, "methodology")
    places = []
    for title, definitions in topics(SECTIONS).items():
        places.append(page.index(f"<h3>{title}</h3>"))
        for each in (each for each in definitions if each.numbers):
            entry = f'<dt id="{each.name}">{each.term}</dt><dd>{each.words} {each.counted}'.rstrip()
            assert page.replace("&#x27;", "'").count(f"{entry}</dd>") == 1
            places.append(page.index(f'<dt id="{each.name}">'))
    assert places == sorted(places)
    assert page.count("<dt ") == sum(bool(each.numbers) for each in EVERY)


def test_the_glossary_has_every_term_in_order(pages: Path) -> None:
    page = _page(pages, "glossary")
    entries = re.findall(r'<dt id="([^"]+)">(.*?)</dt><dd><p>(.*?)</p>(.*?)</dd>', page)
    shown = {name: (unescape(term), unescape(words)) for name, term, words, _ in entries}
    assert shown == {each.name: (each.term, each.words) for each in EVERY}
    assert [term for _, term, _, _ in entries] == sorted(BY_TERM, key=str.casefold)
    more = {name for name, _, _, rest in entries if f'href="methodology.html#{name}"' in rest}
    assert more == {each.name for each in EVERY if each.counted}


def test_a_release_on_places_alone_defines_what_it_has() -> None:
    shown = {*re.findall(r'<dt id="([^"]+)">', listings.glossary(AREA_SECTIONS))}
    assert {"referral", "re-referral", "initial-referral", "region", "median", "reporting-year"} <= shown
    assert not shown & {"cohort", "episode-of-need", "hazard-ratio", "child-protection-plan"}
    assert "<h3>Episodes of need</h3>" not in listings.definitions(AREA_SECTIONS)
    assert 'id="re-referral"' in listings.definitions(AREA_SECTIONS)


def test_where_a_page_first_has_a_term_it_leads_to_the_glossary_once(pages: Path) -> None:
    glossary = {*re.findall(r'<dt id="([^"]+)">', _page(pages, "glossary"))}
    for name in made_up_release.CHARTS:
        links = [target for target, _ in LINK.findall(_page(pages, name))]
        assert links, f"{name} explains no term"
        assert set(links) <= glossary
        assert len(set(links)) == len(links), f"{name} leads to a term twice"


def test_charts_tables_headings_and_prose_lead_to_no_term(pages: Path) -> None:
    for page in pages.glob("*.html"):
        text = page.read_text(encoding="utf-8")
        for part in re.findall(r"<(h[1-6]|table|figure|summary|a)\b(.*?)</\1>", text, re.DOTALL):
            assert 'class="term"' not in part[1] or part[0] == "a"
        for link in re.findall(r"<a\b.*?</a>", text, re.DOTALL):
            assert link.count("<a") == 1
    assert not LINK.search(_page(pages, "methodology"))


def test_the_developers_glossary_does_not_define_the_same_terms_again() -> None:
    text = (PROJECT / "docs" / "glossary.md").read_text(encoding="utf-8")
    assert "DEFINITIONS" in text
    rows = {word.casefold() for row in re.findall(r"^\| (\*\*.*?) \|", text, re.MULTILINE) for word in _bold(row)}
    assert rows
    assert not rows & {form.casefold() for each in EVERY for form in each.forms}
    assert not [each.term for each in EVERY if each.words.rstrip(".").casefold() in text.casefold()]


def _bold(text: str) -> list[str]:
    return re.findall(r"\*\*(.+?)\*\*", text)


# In a page's sentences


def _book(sections: tuple[str, ...] = tuple(SECTIONS)) -> Book:
    tables = {data_set.id: made_up_release.published(data_set) for data_set in ALL[:1]}
    return Book(Release.load(made_up_release.YEAR), tables, Path(), sections=sections)


FIRST = Claim("Re-referrals are referrals; they aren't <b>initial referrals</b>.")
SECOND = Claim("A referral, re-referral or pre-referral of a cohort is about a local authority's episode of need.")


def test_a_sentence_is_as_it_was_but_for_its_links() -> None:
    said = _book().say(FIRST).data
    assert unescape(re.sub(r"</?[ap]\b[^>]*>", "", said)) == FIRST.sentence
    assert LINK.findall(said) == [
        ("re-referral", "Re-referrals"), ("referral", "referrals"), ("initial-referral", "initial referrals")
    ]  # fmt: skip
    assert "<b>" not in said


def test_a_page_leads_to_a_term_where_it_first_has_it_however_it_says_it() -> None:
    book = _book()
    book.lead(FIRST)
    assert [target for target, _ in LINK.findall(book.note(SECOND).data)] == [
        "cohort", "local-authority", "episode-of-need"
    ]  # fmt: skip
    assert not LINK.findall(book.headlines((FIRST, SECOND)).data)
    assert LINK.findall(_book().headlines((FIRST,)).data)


def test_no_sentence_leads_to_a_term_that_the_release_does_not_define() -> None:
    assert [target for target, _ in LINK.findall(_book(AREA_SECTIONS).say(SECOND).data)] == [
        "referral", "re-referral", "local-authority"
    ]  # fmt: skip


def test_a_sentence_that_does_not_hold_leads_nowhere_and_leaves_its_terms_to_others() -> None:
    book = _book()
    untrue = Claim("There are {many} referrals.", many=made_up_release.A1.cell(referrals.REFERRALS, year=1900))
    assert not LINK.findall(book.say(untrue).data)
    assert LINK.findall(book.say(FIRST).data)
