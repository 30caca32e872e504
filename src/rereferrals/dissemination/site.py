"""The static site: executed notebooks and prose pages in, checked HTML out, by Jupyter Book in this process.

A *stage* is a folder that Jupyter Book can build: the project's `book/` at its root, `_config.yml` and `_toc.yml`
beside it with the facts of the release filled in. `stage` makes one, notebooks are executed into it, `build` turns it
into pages. Sphinx works in a scratch folder, and only what a page refers to is taken from there, so sources, notebooks,
logs, scripts and search indexes cannot be published by being forgotten.
"""

from __future__ import annotations

import base64
import hashlib
import importlib
import io
import json
import os
import re
import shutil
import socket
import tempfile
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass, field
from datetime import date
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from rereferrals.datasets.registry import SECTIONS
from rereferrals.errors import QualityError
from rereferrals.release import PROJECT, Release

if TYPE_CHECKING:
    from sphinx.application import Sphinx

CONFIG, TOC, BOOK = "_config.yml", "_toc.yml", "book"
#: What the body of a page holds if there is a figure on it.
FIGURE = '<div class="chart"'
#: What Sphinx loads on its way to HTML; the slow part of starting it.
_SLOW_IMPORTS = ("jupyter_book.config", "sphinx.application", "myst_nb.sphinx_ext", "sphinx_external_toc")


#: Named here, because Python's names follow the locale, which Sphinx sets from the environment.
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


def in_words(day: date) -> str:
    """A date as pages write it: 5 December 2024."""
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def stage(
    folder: Path,
    release: Release,
    *,
    draft: bool,
    made_up: bool = False,
    sections: Collection[str] = tuple(SECTIONS),
    project: Path = PROJECT,
) -> None:
    """Fill `folder` with all that Jupyter Book needs but the notebooks, which are to be executed into it.

    The pages of `book/` stand at the root of the stage, and so of the site; those of sections that the release does not
    have are left out. `draft` and `made_up` say so on every page: that it is being checked, and that no figure is of
    real children.
    """
    import yaml

    from rereferrals.dissemination import listings

    source = project / BOOK
    for page in source.glob("*.md"):
        shutil.copyfile(page, folder / page.name)
    shutil.copytree(source / "_theme", folder / "_theme", dirs_exist_ok=True)

    config = yaml.safe_load(_at_root(project / CONFIG))
    config["title"] = release.title
    config["parse"]["myst_substitutions"] = {
        "title": _literal(release.title),
        "year": str(release.year),
        "contact": f"<p>{listings.contact(release)}</p>",
        "data_sets": listings.data_sets(release, sections),
        "symbols": listings.symbols(),
        "unusable_returns": listings.unusable_returns(release),
    }
    config["sphinx"]["config"]["html_context"]["release"] = {
        "title": release.title,
        "year": release.year,
        "release_type": release.release_type,
        "published": in_words(release.published),
        "contact_name": release.contact_name,
        "contact_email": release.contact_email,
        "draft": draft,
        "made_up": made_up,
    }
    (folder / CONFIG).write_text(yaml.safe_dump(config, sort_keys=False, allow_unicode=True), encoding="utf-8")
    contents = yaml.safe_load(_at_root(project / TOC))
    for part in contents["parts"]:
        part["chapters"] = [page for page in part["chapters"] if _is_in(page["file"], sections)]
    (folder / TOC).write_text(yaml.safe_dump(contents, sort_keys=False), encoding="utf-8")


def _is_in(page: str, sections: Collection[str]) -> bool:
    """Whether a release of these sections has a page: it is of one of them, or of none."""
    return page not in SECTIONS or page in sections


def notebooks(sections: Collection[str] = tuple(SECTIONS), project: Path = PROJECT) -> list[Path]:
    """The notebooks of the book of a release with these sections, in the order of its contents."""
    named = re.findall(rf"^\W*(?:file|root): {BOOK}/(\S+)", (project / TOC).read_text(encoding="utf-8"), re.MULTILINE)
    pages = [page for page in named if _is_in(page, sections)]
    paths = [project / BOOK / f"{page}.ipynb" for page in pages]
    return [path for path in paths if path.exists()]


def prepare() -> None:
    """Do the part of Sphinx's start that needs no pages, to have it done while notebooks run."""
    for name in _SLOW_IMPORTS:
        importlib.import_module(name)


def build(stage: Path, out: Path) -> None:
    """Build the pages of `stage` into the new folder `out`, check them, and keep only what they refer to.

    Links that lead out of the site (to `../data/`) must resolve from `out`, so the data files must be in place.
    Raises QualityError, naming page and fault, for a warning of Sphinx or a page that must not be published.
    """
    with tempfile.TemporaryDirectory(prefix="html-", dir=stage.parent) as scratch:
        html = Path(scratch) / "html"
        _run_sphinx(stage, html)
        script = enhancement(stage)
        pages = {path.relative_to(html).as_posix(): _Page.read(path, script) for path in sorted(html.rglob("*.html"))}
        _check(pages, html, out, private=(stage, Path(scratch)))
        out.mkdir(parents=True)
        for name in sorted(_reached(pages, html)):
            (out / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(html / name, out / name)


def setup(app: Sphinx) -> dict[str, Any]:
    """Sphinx's hook: our pages have no search, and no script and no style sheet but the theme's."""
    app.add_config_value("comments_config", {}, "")  # Jupyter Book sets it for an extension that we leave out
    app.connect("builder-inited", _without_extras)
    app.connect("html-page-context", _with_contents)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}


def _literal(text: str) -> str:
    """Markdown that shows the text as it is, whatever it holds."""
    return re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", text)


def _at_root(path: Path) -> str:
    """The text of a file of the project's root, as it reads where the pages of `book/` are the root."""
    return path.read_text(encoding="utf-8").replace(f"{BOOK}/", "")


def _run_sphinx(stage: Path, html: Path) -> None:
    from jupyter_book.config import get_final_config
    from sphinx.application import Sphinx
    from sphinx.errors import SphinxError
    from sphinx.util.docutils import docutils_namespace, patch_docutils

    warnings = io.StringIO()
    try:
        with redirect_stdout(io.StringIO()), patch_docutils(), docutils_namespace():
            config, _ = get_final_config(
                user_yaml=stage / CONFIG,
                cli_config={"latex_individualpages": False, "external_toc_path": str(stage / TOC)},
                sourcedir=stage,
                raise_on_invalid=True,
            )
            app = Sphinx(
                srcdir=stage, confdir=None, outdir=html, doctreedir=html.parent / "doctrees", buildername="html",
                confoverrides=config, status=None, warning=warnings, freshenv=True,
            )  # fmt: skip
            app.build(force_all=True)
    except SphinxError as error:
        raise QualityError(f"the book cannot be built: {error}".replace(f"{stage}{os.sep}", "")) from None
    if text := re.sub("\x1b\\[[0-9;]*m", "", warnings.getvalue()).replace(f"{stage}{os.sep}", "").strip():
        raise QualityError(f"the book was built with warnings, which a page would show:\n{text}")


def _without_extras(app: Sphinx) -> None:
    app.builder.search = False  # type: ignore[attr-defined]


def _with_contents(app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    """Give the theme the parts of the book and the titles of their pages."""
    site_map = app.config.external_site_map
    context["parts"] = [{"caption": part.caption, "pages": part.files()} for part in site_map.root.subtrees]
    context["page_titles"] = {name: title.astext() for name, title in app.env.titles.items()}
    if FIGURE in context.get("body", ""):
        script = enhancement(Path(app.srcdir))
        digest = base64.b64encode(hashlib.sha256(script.encode("utf-8")).digest()).decode("ascii")
        context["enhancement"] = {"text": script, "hash": f"sha256-{digest}"}


def enhancement(stage: Path) -> str:
    """The script that stands on pages with figures, and the only one that may."""
    return (stage / "_theme" / "rereferrals" / "enhance.js").read_text(encoding="utf-8")


@dataclass
class _Page:
    """What the checks need to know of a page. `enhancement` is the script that it may hold."""

    text: str
    enhancement: str
    title: str = ""
    headings: list[int] = field(default_factory=list)
    anchors: Counter[str] = field(default_factory=Counter)
    resources: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    forbidden: list[str] = field(default_factory=list)

    @classmethod
    def read(cls, path: Path, enhancement: str) -> _Page:
        page = cls(path.read_text(encoding="utf-8"), enhancement)
        reader = _Reader(page)
        reader.feed(page.text)
        reader.close()
        return page


class _Reader(HTMLParser):
    """Fills a _Page."""

    FORBIDDEN = frozenset(("iframe", "object", "embed", "form", "base", "style"))

    def __init__(self, page: _Page) -> None:
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
                (attributes == {"type": "module"} and text == self.page.enhancement)
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


def _reached(pages: dict[str, _Page], html: Path) -> set[str]:
    """The pages, and the files of the site that they show or link to."""
    targets = {_target(name, ref) for name, page in pages.items() for ref in page.resources + page.links}
    return {*pages, *(target for target in targets if (html / target).is_file())}


def _target(page: str, reference: str) -> str:
    """The path, relative to the site, that a reference on a page leads to."""
    path = unquote(urlsplit(reference).path)
    return os.path.normpath(os.path.join(os.path.dirname(page), path)) if path else page  # noqa: PTH118, PTH120


def _check(pages: dict[str, _Page], html: Path, out: Path, private: Sequence[Path]) -> None:
    """Refuse a site with a page that must not be published; the message has a line for each fault."""
    secrets = _private_words(private)
    faults = [f"{name}: {fault}" for name, page in pages.items() for fault in _faults_of(page, secrets)]
    faults += [f"{name}: {fault}" for name, page in pages.items() for fault in _broken(name, page, pages, html, out)]
    titles = Counter(page.title for page in pages.values())
    faults += [f"more than one page has the title {title!r}" for title, times in titles.items() if times > 1]
    for sheet in sorted(name for name in _reached(pages, html) if name.endswith(".css")):
        if re.search(r"@import|url\(", (html / sheet).read_text(encoding="utf-8")):
            faults.append(f"{sheet}: asks for another file")
    if faults:
        raise QualityError("\n".join(["the pages must not be published as they are:", *faults]))


def _faults_of(page: _Page, secrets: re.Pattern[str]) -> Iterator[str]:
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


def _broken(name: str, page: _Page, pages: dict[str, _Page], html: Path, out: Path) -> Iterator[str]:
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
        elif not (html / target).is_file() and not Path(os.path.normpath(out / target)).is_file():
            yield f"links to {reference}, which does not exist"


def _is_outside(reference: str) -> bool:
    parts = urlsplit(reference)
    return bool(parts.scheme or parts.netloc)
