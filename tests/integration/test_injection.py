"""Text from outside stays text: 30 ways to break out of it, in every place of a page that holds some."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from xml.etree import ElementTree

import pandas as pd
import pytest

import made_up_release
from rereferrals.datasets.regional import CIN_C1
from rereferrals.dissemination import catalogue, ees, feed, listings, site
from rereferrals.dissemination import components as html
from rereferrals.dissemination.text import raw_html
from rereferrals.errors import QualityError
from rereferrals.model import Count, DataSet, DeclarationError, Filter
from rereferrals.published import DATA_FILES, PAGES, PublishedTable
from rereferrals.release import Related, Release, Update

PAYLOADS = (
    "<script>alert(1)</script>",
    "</script><script>alert(1)</script>",
    '"><script>alert(1)</script>',
    "'><img src=x onerror=alert(1)>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)>",
    "<svg/onload=alert(1)>",
    '" onmouseover="alert(1)',
    "' onfocus='alert(1)' autofocus='",
    "javascript:alert(1)",
    "</title><script>alert(1)</script>",
    "</p></main><h1>x</h1>",
    "<!-- x",
    "--><b>x</b>",
    "<![CDATA[<b>x</b>]]>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#60;b&#62;x",
    "{{ title }}",
    "{% raw %}{{ 1 }}",
    "${alert(1)}",
    "`alert(1)`",
    "```\n<b>x</b>\n```",
    "[x](javascript:alert)",
    "![x](x.png)",
    "# x",
    "<style>*{display:none}</style>",
    "<iframe src=x></iframe>",
    "<base href=//x>",
    '\\"><b>x</b>',
    "\u202e<b>x</b>\u2028",
)
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
    "updates": lambda text: listings.updates(_release(text)),
    "related": lambda text: listings.related(_release(text).related),
    "whats_new": lambda text: listings.whats_new(_release(text)),
    "pre_release": lambda text: listings.pre_release(_release(text)),
    "contact": lambda text: listings.contact(_release(text)) + listings.press(_release(text)),
}


def _release(text: str) -> Release:
    """A release with this text in every field that takes any."""
    release = Release.load(made_up_release.YEAR)
    words = text.replace("1", "l").replace("60", "lt").replace("62", "gt")
    return replace(
        release,
        title=text,
        release_type=text,
        next_update=text,
        contact_name=text,
        contact_email=text,
        press_name=text,
        press_email=text,
        pre_release=(text,),
        whats_new=(words,),
        related=(Related(text, "https://example.org/"),),
        updates=(Update(release.published, words, ("A1",)),),
    )


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
    entry = ElementTree.fromstring(feed.feed(_release(payload)))
    assert entry.findtext(f"{{{feed.ATOM}}}title") == payload


def _data_set(number: int, text: str) -> DataSet:
    kind = Filter(f"kind_{number}", f"kind {text}", ("One", f"x{text}"), total="Total")
    return DataSet(
        id=f"Z{number}", title=text, file_name=f"hostile_{number}", unit="referrals", filters=(kind,),
        indicators=(Count("x_count", f"count {text}"),), footnotes=("rounding",),
    )  # fmt: skip


def _site(folder: Path, texts: list[str], all_texts: str, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The pages of a release whose every field is `all_texts`, with a data set of each of the texts."""
    release = _release(all_texts)
    data_sets = tuple(_data_set(number, text) for number, text in enumerate(texts))
    sections = {"referrals": data_sets}
    monkeypatch.setattr(catalogue, "SECTIONS", sections)
    monkeypatch.setattr(listings, "SECTIONS", sections)
    monkeypatch.setattr(catalogue, "check_updates", lambda release: None)
    monkeypatch.setattr(
        catalogue, "formats", SimpleNamespace(paths=lambda folder, *_: (folder / "x.ods", folder / "x.parquet"))
    )
    monkeypatch.setattr(listings, "_touched", lambda update: "")
    for name, text in (("footnote", all_texts),):
        monkeypatch.setattr(catalogue, name, lambda key, text=text: text)
    data, stage = folder / DATA_FILES, folder / "stage"
    data.mkdir(parents=True)
    stage.mkdir()
    for name in ("x.ods", "x.parquet", listings.ALL_DATA):
        (data / name).write_bytes(b"")
    for data_set in data_sets:
        (kind,) = data_set.filters
        rows = [dict.fromkeys(ees.columns(data_set), "2024") | {kind.name: category} for category in kind.categories]
        path, metadata = ees.paths(data, data_set, release)
        pd.DataFrame(rows).to_csv(path, index=False)
        metadata.write_text("")
        catalogue.write_csvw(release, data_set, data)
    pages = catalogue.pages(release, ["referrals"], data)
    site.stage(stage, release, draft=False, sections=["referrals"], pages=pages, data="0" * 64)
    (stage / "index.md").write_text("# {{ title }}\n\n{{ release_type }}")
    contents = (stage / "_toc.yml").read_text()
    (stage / "_toc.yml").write_text(contents.replace("- file: referrals\n", "- file: other\n"))
    (stage / "other.md").write_text(f"# Other\n\n{raw_html(html.paragraph(all_texts))}")
    (stage / "referrals.md").write_text("# x")
    monkeypatch.setattr(listings, "TITLES", {"referrals": all_texts})
    (folder / PAGES / "referrals.html").write_text("x")
    site.build(stage, folder / PAGES, later=["manifest.json"])
    return {
        path.relative_to(folder / PAGES).as_posix(): path.read_text(encoding="utf-8")
        for path in (folder / PAGES).rglob("*.html")
        if path.name != "referrals.html"
    }


def test_no_text_changes_the_structure_of_a_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "hostile").mkdir()
    (tmp_path / "plain").mkdir()
    hostile = _site(tmp_path / "hostile", list(PAYLOADS), " ".join(PAYLOADS), monkeypatch)
    plain = _site(tmp_path / "plain", [f"{PLAIN} {number}" for number in range(len(PAYLOADS))], PLAIN, monkeypatch)
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
