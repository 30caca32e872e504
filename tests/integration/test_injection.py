"""Text from outside stays text: 30 ways to break out of it, in every place of a page that holds some."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pandas as pd
import pytest

import made_up_release
from hostile_release import PAYLOADS, release_of, site_of
from rereferrals.datasets.regional import CIN_C1
from rereferrals.dissemination import components as html
from rereferrals.dissemination import ees, feed, listings
from rereferrals.errors import QualityError
from rereferrals.model import Count, DeclarationError
from rereferrals.published import PublishedTable
from rereferrals.release import Release

PLAIN = "plain"


class _Structure(HTMLParser):
    """The elements of a page with the names of their attributes, and its text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[Any] = []
        self.text = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, tuple(sorted(name for name, _ in attrs))))

    def handle_endtag(self, tag: str) -> None:
        self.elements.append(f"/{tag}")

    def handle_comment(self, data: str) -> None:
        self.elements.append("comment")

    def handle_data(self, data: str) -> None:
        self.text += data


PIECES: dict[str, Callable[[str], str]] = {
    "paragraph": html.paragraph,
    "untrue": lambda text: html.untrue((text,)),
    "details": lambda text: html.details(text, html.paragraph(text), unseen=text),
    "facts": lambda text: html.facts({text: "x"}),
    "tile": lambda text: html.tile(text, text, text, text),
    "table": lambda text: html.table(pd.DataFrame({text: [text], f"{text} 2": [text]}), text, "name"),
    "picture": lambda text: html.picture("a.svg", "b.svg", text, {"a.svg": (1, 1), "b.svg": (1, 1)}),
    "footnotes": lambda text: html.footnotes([text]),
    "link": lambda text: html.link("x", text),
    "address": lambda text: html.link(text, "x"),
    "download": lambda text: html.download("x.csv", text, 1),
    "code": html.code,
    "json": lambda text: html.json_ld({"name": text}),
    "updates": lambda text: listings.updates(release_of(text)),
    "related": lambda text: listings.related(release_of(text).related),
    "whats_new": lambda text: listings.whats_new(release_of(text)),
    "pre_release": lambda text: listings.pre_release(release_of(text)),
    "contact": lambda text: listings.contact(release_of(text)) + listings.press(release_of(text)),
}


@pytest.mark.parametrize("piece", PIECES)
@pytest.mark.parametrize("payload", PAYLOADS)
def test_no_text_changes_the_structure_of_a_piece_of_a_page(payload: str, piece: str) -> None:
    plain, hostile = _Structure(PIECES[piece](PLAIN)), _Structure(PIECES[piece](payload))
    assert hostile.elements == plain.elements
    if piece not in ("json", "address", "picture"):
        whole = " ".join(_Structure(f"<p>{html.escape(payload)}</p>").text.split()).replace("1", "l")
        assert whole.replace("60", "lt").replace("62", "gt") in " ".join(hostile.text.split()).replace(
            "1", "l"
        ).replace("60", "lt").replace("62", "gt")


@pytest.mark.parametrize("payload", PAYLOADS)
def test_machines_read_the_text_as_it_is(payload: str) -> None:
    (said,) = re.findall(r">(.*)</script>", html.json_ld({"name": payload}), re.DOTALL)
    assert json.loads(said) == {"name": payload}
    entry = ElementTree.fromstring(feed.feed(release_of(payload)))
    assert entry.findtext(f"{{{feed.ATOM}}}title") == payload


def test_no_text_changes_the_structure_of_a_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "hostile").mkdir()
    (tmp_path / "plain").mkdir()
    hostile = site_of(tmp_path / "hostile", list(PAYLOADS), " ".join(PAYLOADS), monkeypatch)
    plain = site_of(tmp_path / "plain", [f"{PLAIN} {number}" for number in range(len(PAYLOADS))], PLAIN, monkeypatch)
    assert set(hostile) == set(plain) and len(hostile) > len(PAYLOADS)
    for name, text in hostile.items():
        assert _Structure(text).elements == _Structure(plain[name]).elements, name


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\tx", "\rx"])
def test_a_label_or_a_place_that_a_spreadsheet_would_run_is_refused(text: str, tmp_path: Path) -> None:
    release = Release.load(made_up_release.YEAR)
    table = made_up_release.published(CIN_C1)
    frame = table.frame.assign(country_name=text)
    with pytest.raises(QualityError, match=r"country_name|reads back as"):
        ees.write_data_set(PublishedTable(CIN_C1, frame), tmp_path, release)
    with pytest.raises((QualityError, DeclarationError), match=re.escape(repr(text))):
        ees.metadata_rows(replace(CIN_C1, indicators=(Count("x_count", text),), additive=()))
    assert not list(tmp_path.iterdir())


def test_there_are_thirty_ways() -> None:
    assert len(set(PAYLOADS)) == 30
