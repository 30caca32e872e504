"""Links to the glossary change nothing of a text but to put links into it, whatever the text and the terms are."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import unescape
from html.parser import HTMLParser

from hypothesis import given
from hypothesis import strategies as st

from rereferrals.dissemination import components, terms
from rereferrals.measures.registry import SECTIONS

NAMED = terms.forms(tuple(SECTIONS))
TAG = re.compile(r'<a class="term" href="glossary\.html#([\w-]+)">|</a>')
#: Text with terms in it, and with all that could be taken for markup or for a part of a word.
words = st.one_of(
    st.sampled_from(sorted(NAMED)), st.sampled_from(["<b>", "&amp;", '"', "'>", "-", "pre", "s", " ", "", "ſ", "İ"])
)
texts = st.one_of(st.text(), st.lists(st.one_of(words, st.text(max_size=5)), max_size=12).map("".join),
                  st.lists(words, max_size=12).map(" ".join))  # fmt: skip
word = st.one_of(
    st.sampled_from(["a <b> c", "R&amp;D", "x<i>y"]), st.from_regex(r"\w([\w <>&'-]{0,8}\w)?", fullmatch=True)
)
vocabularies = st.one_of(st.just(NAMED), st.dictionaries(word, st.sampled_from(["one", "two", "three"]), max_size=5))


def _html(text: str, named: Mapping[str, str] = NAMED, met: tuple[str, ...] = ()) -> str:
    return components.linked(terms.pieces(text, named, met), "glossary.html")


class _Tags(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append(tag)

    def handle_endtag(self, tag: str) -> None:
        self.found.append(f"/{tag}")


@given(texts, vocabularies)
def test_without_its_links_the_text_is_as_it_was(text: str, named: Mapping[str, str]) -> None:
    assert "".join(piece for piece, _ in terms.pieces(text, named)) == text
    assert unescape(TAG.sub("", _html(text, named))) == text


@given(texts, vocabularies)
def test_no_text_is_markup_and_no_link_is_inside_another(text: str, named: Mapping[str, str]) -> None:
    found = _Tags(_html(text, named)).found
    assert found == ["a", "/a"] * (len(found) // 2)


@given(word, texts, texts)
def test_a_term_that_looks_like_markup_is_shown_as_it_is(form: str, before: str, after: str) -> None:
    shown = _html(f"{before} {form} {after}", {form: "one"})
    assert 'class="term"' in shown
    assert unescape(TAG.sub("", shown)) == f"{before} {form} {after}"
    assert set(_Tags(shown).found) == {"a", "/a"}


@given(texts, vocabularies, st.sets(st.sampled_from(["one", "referral", "re-referral"])))
def test_a_definition_is_led_to_once_from_a_form_of_its_own(text: str, named: Mapping[str, str], met: set[str]) -> None:
    led = [(piece, name) for piece, name in terms.pieces(text, named, met) if name]
    assert all(named[piece] == name for piece, name in led)
    names = [name for _, name in led]
    assert len(set(names)) == len(names)
    assert not set(names) & met


@given(texts, texts)
def test_a_second_text_leads_to_what_the_first_did_not(first: str, second: str) -> None:
    met = {name for _, name in terms.pieces(first, NAMED) if name}
    both = [name for _, name in terms.pieces(f"{first}\n{second}", NAMED) if name]
    apart = [*(n for _, n in terms.pieces(first, NAMED) if n), *(n for _, n in terms.pieces(second, NAMED, met) if n)]
    assert both == apart


@given(st.sampled_from(sorted(NAMED)), st.sampled_from(sorted(NAMED)))
def test_the_longest_term_at_a_place_is_the_one(one: str, other: str) -> None:
    led = [(piece, name) for piece, name in terms.pieces(f"({one}), {other}.", NAMED) if name]
    assert led == [(one, NAMED[one]), (other, NAMED[other])][: 1 if NAMED[one] == NAMED[other] else 2]


@given(st.sampled_from(sorted(NAMED)), st.sampled_from(["x", "-", "9", "é", "_"]), st.booleans())
def test_a_part_of_a_word_is_no_term(form: str, joined: str, before: bool) -> None:
    text = f"{joined}{form}" if before else f"{form}{joined}"
    assert form not in [piece for piece, name in terms.pieces(text, NAMED) if name]
