"""The index of the site: every page with its headings, as a list to be read or, with script, searched.

Sphinx's own search leaves out what is put on a page as HTML, asks for four scripts, and finds nothing from a disk.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser

from rereferrals.dissemination import components as html

#: What stands on a page in place of the index until there is one.
PLACE = '<div id="site-index" data-find="Search this release"></div>'
_WORD = re.compile(r"[a-z]{3,}")
_HEADINGS = ("h2", "h3")
#: Elements that have no end.
_VOID = frozenset(("br", "hr", "img", "input", "link", "meta", "source", "wbr"))


@dataclass
class Content:
    """What the index tells of a page: its title, its headings with their anchors, and the words of its text."""

    title: str = ""
    headings: list[tuple[str, str]] = field(default_factory=list)
    words: set[str] = field(default_factory=set)


def index(pages: Mapping[str, str]) -> str:
    """The index of pages, in their order: address → HTML.

    Those in folders, which all have the same headings, are listed by their titles alone.
    """
    entries = "".join(_entry(address, read(text)) for address, text in pages.items())
    return PLACE.replace("></div>", f'><ul class="index">{entries}</ul></div>')


def read(text: str) -> Content:
    """What the index tells of a page, from its main part."""
    reader = _Reader()
    reader.feed(text)
    reader.close()
    return reader.content


def _entry(address: str, content: Content) -> str:
    listed = [] if "/" in address else content.headings
    headings = [html.link(f"{address}#{anchor}" if anchor else address, text) for anchor, text in listed]
    below = html.bullets(headings) if headings else ""
    shown = set(_WORD.findall(" ".join([content.title, *(text for _, text in listed)]).lower()))
    words = " ".join(sorted(content.words - shown))
    return f'<li class="item" data-words="{words}">{html.link(address, content.title)}{below}</li>'


class _Reader(HTMLParser):
    """Reads the main part of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.content = Content()
        self.open: list[tuple[str, str]] = []
        self.heading: list[str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _VOID:
            self.open.append((tag, dict(attrs).get("id") or ""))
        if tag == "h1" or tag in _HEADINGS:
            self.heading = []

    def handle_endtag(self, tag: str) -> None:
        if self.heading is not None and (tag == "h1" or tag in _HEADINGS):
            self._end_heading(tag, " ".join("".join(self.heading).split()))
        while self.open and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if not self._in_main:
            return
        if self.heading is not None:
            self.heading.append(data)
        if "script" not in (tag for tag, _ in self.open):
            self.content.words.update(_WORD.findall(data.lower()))

    def _end_heading(self, tag: str, text: str) -> None:
        self.heading = None
        if tag == "h1":
            self.content.title = text
        elif self._in_main:
            self.content.headings.append((self._anchor(), text))

    @property
    def _in_main(self) -> bool:
        return any(tag == "main" for tag, _ in self.open)

    def _anchor(self) -> str:
        """The id of the heading or of the innermost element around it that has one."""
        return next((id for _, id in reversed(list(self._inside_main())) if id), "")

    def _inside_main(self) -> Iterable[tuple[str, str]]:
        start = next(number for number, (tag, _) in enumerate(self.open) if tag == "main")
        return self.open[start + 1 :]
