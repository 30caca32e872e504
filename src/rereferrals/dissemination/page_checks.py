"""What a page must be to be published.

It has one main heading, links that lead somewhere, nothing from elsewhere, no script but the theme's, and no word of
where it was made.
"""

from __future__ import annotations

import json
import os
import re
import socket
import tempfile
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

from rereferrals.errors import QualityError
from rereferrals.release import PROJECT


@dataclass
class Page:
    """What the checks need to know of a page. `scripts` are those that it may hold."""

    text: str
    scripts: Collection[str]
    title: str = ""
    headings: list[int] = field(default_factory=list)
    anchors: Counter[str] = field(default_factory=Counter)
    resources: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    forbidden: list[str] = field(default_factory=list)

    @classmethod
    def read(cls, path: Path, scripts: Collection[str]) -> Page:
        """Read a page, which may hold these scripts."""
        page = cls(path.read_text(encoding="utf-8"), scripts)
        reader = _Reader(page)
        reader.feed(page.text)
        reader.close()
        return page


class _Reader(HTMLParser):
    """Fills a Page."""

    FORBIDDEN = frozenset(("iframe", "object", "embed", "form", "base", "style"))

    def __init__(self, page: Page) -> None:
        super().__init__()
        self.page = page
        self.in_title = False
        #: The attributes of a script that is being read, and its text so far.
        self.script: tuple[dict[str, str], list[str]] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        page, values = self.page, {name: value or "" for name, value in attrs}
        self.in_title = tag == "title"
        if re.fullmatch("h[1-6]", tag):
            page.headings.append(int(tag[1]))
        if "id" in values:
            page.anchors[values["id"]] += 1
        if tag == "a" and "href" in values:
            page.links.append(values["href"])
        if tag == "link" and "href" in values:
            page.resources.append(values["href"])
        if "src" in values:
            page.resources.append(values["src"])
        page.resources += [part.split()[0] for part in values.get("srcset", "").split(",") if part.split()]
        if tag == "script":
            self.script = values, []
        if tag in self.FORBIDDEN:
            page.forbidden.append(f"<{tag}>")
        page.forbidden += [f'<{tag} {name}="…">' for name in values if name == "style" or name.startswith("on")]

    def handle_data(self, data: str) -> None:
        if self.in_title:
            self.page.title += data
        if self.script:
            self.script[1].append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "title":
            self.in_title = False
        if tag == "script":
            self._end_script()

    def close(self) -> None:
        super().close()
        self._end_script()

    def _end_script(self) -> None:
        if self.script:
            attributes, text = self.script[0], "".join(self.script[1])
            if not (
                (attributes == {"type": "module"} and text in self.page.scripts)
                or (attributes == {"type": "application/ld+json"} and _is_json(text))
            ):
                self.page.forbidden.append("<script>")
        self.script = None


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def reached(pages: dict[str, Page], html: Path) -> set[str]:
    """The pages, and the files of the site that they show or link to."""
    targets = {_target(name, ref) for name, page in pages.items() for ref in page.resources + page.links}
    return {*pages, *(target for target in targets if (html / target).is_file())}


def _target(page: str, reference: str) -> str:
    """The path, relative to the site, that a reference on a page leads to."""
    path = unquote(urlsplit(reference).path)
    return os.path.normpath(os.path.join(os.path.dirname(page), path)) if path else page  # noqa: PTH118, PTH120


def check(pages: dict[str, Page], html: Path, out: Path, later: Collection[str], private: Sequence[Path]) -> None:
    """Refuse a site with a page that must not be published; the message has a line for each fault."""
    secrets = _private_words(private)
    faults = [f"{name}: {fault}" for name, page in pages.items() for fault in _faults_of(page, secrets)]
    faults += [
        f"{name}: {fault}" for name, page in pages.items() for fault in _broken(name, page, pages, html, out, later)
    ]
    titles = Counter(page.title for page in pages.values())
    faults += [f"more than one page has the title {title!r}" for title, times in titles.items() if times > 1]
    for sheet in sorted(name for name in reached(pages, html) if name.endswith(".css")):
        if re.search(r"@import|url\(", (html / sheet).read_text(encoding="utf-8")):
            faults.append(f"{sheet}: asks for another file")
    if faults:
        raise QualityError("\n".join(["the pages must not be published as they are:", *faults]))


def _faults_of(page: Page, secrets: re.Pattern[str]) -> Iterator[str]:
    if page.headings.count(1) != 1:
        yield f"has {page.headings.count(1)} headings of level 1, not one"
    for before, after in zip(page.headings, page.headings[1:], strict=False):
        if after > before + 1:
            yield f"skips from a heading of level {before} to one of level {after}"
    for anchor, times in page.anchors.items():
        if times > 1:
            yield f"has more than one place called {anchor!r}"
    for tag in page.forbidden:
        yield f"holds {tag}"
    if "Traceback (most recent call last)" in page.text:
        yield "shows the traceback of an error"
    if found := secrets.search(page.text):
        yield f"names a file or computer of ours: {found[0]}"


def _private_words(paths: Iterable[Path]) -> re.Pattern[str]:
    """Matches what tells where the site was built: folders outside the project's own words, and the computer."""
    words = {str(path) for path in (*paths, PROJECT, Path.home(), Path(tempfile.gettempdir())) if len(path.parts) > 1}
    words |= {socket.gethostname()} - {"", "localhost"}
    return re.compile("|".join(rf"(?<![\w.-]){re.escape(word)}(?![\w-])" for word in sorted(words)))


def _broken(
    name: str, page: Page, pages: dict[str, Page], html: Path, out: Path, later: Collection[str]
) -> Iterator[str]:
    for reference in page.resources:
        if _is_outside(reference):
            yield f"asks another site for {reference}"
        elif not (html / _target(name, reference)).is_file():
            yield f"shows {reference}, which does not exist"
    for reference in page.links:
        if _is_outside(reference):
            continue
        target, anchor = _target(name, reference), urlsplit(reference).fragment
        if target in pages:
            if anchor and anchor not in pages[target].anchors:
                yield f"links to {reference}, but {target} has no such place"
        elif target not in later and not any((folder / target).is_file() for folder in (html, out)):
            yield f"links to {reference}, which does not exist"


def _is_outside(reference: str) -> bool:
    parts = urlsplit(reference)
    return bool(parts.scheme or parts.netloc)
