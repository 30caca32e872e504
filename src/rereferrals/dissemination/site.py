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
import os
import re
import shutil
import tempfile
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import redirect_stdout
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from rereferrals.datasets.registry import SECTIONS
from rereferrals.dissemination import site_index
from rereferrals.dissemination.page_checks import Page, check, reached
from rereferrals.dissemination.text import escape, in_words, literal, raw_html
from rereferrals.errors import QualityError
from rereferrals.release import PROJECT, Release

if TYPE_CHECKING:
    from sphinx.application import Sphinx

CONFIG, TOC, BOOK = "_config.yml", "_toc.yml", "book"
#: Files that are published as they are, in a folder of the stage.
EXTRA = "extra"
#: What the body of a page holds → the script of the theme that makes it easier to use. No page holds both.
SCRIPTS = {'<div class="chart"': "enhance.js", "data-find=": "find.js"}
#: What Sphinx loads on its way to HTML; the slow part of starting it.
_SLOW_IMPORTS = ("jupyter_book.config", "sphinx.application", "myst_nb.sphinx_ext", "sphinx_external_toc")


def stage(
    folder: Path,
    release: Release,
    *,
    draft: bool,
    made_up: bool = False,
    sections: Collection[str] = tuple(SECTIONS),
    pages: Mapping[str, str] = MappingProxyType({}),
    pieces: Mapping[str, str] = MappingProxyType({"guidance": ""}),
    data: str = "",
    project: Path = PROJECT,
) -> None:
    """Fill `folder` with all that Jupyter Book needs but the notebooks, which are to be executed into it.

    The pages of `book/` stand at the root of the stage, and so of the site; those of sections that the release does not
    have are left out. `pages` are others, by their names below a page of the book, with their Markdown; `pieces` are
    HTML that pages of the book name; `data` is the fingerprint of the data files. `draft` and `made_up` say so on every
    page: that it is being checked, and that no figure is of real children.
    """
    import yaml

    from rereferrals.dissemination import descriptions, feed, listings

    source = project / BOOK
    for page in source.glob("*.md"):
        shutil.copyfile(page, folder / page.name)
    shutil.copytree(source / "_theme", folder / "_theme", dirs_exist_ok=True)
    for name, text in pages.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / f"{name}.md").write_text(text, encoding="utf-8")
    (folder / EXTRA).mkdir(exist_ok=True)
    (folder / EXTRA / feed.NAME).write_bytes(feed.feed(release, Release.before(release.year)))

    config = yaml.safe_load(_at_root(project / CONFIG))
    config["title"] = release.title
    pieces = {
        "contact": f"<p>{listings.contact(release)}</p>",
        "press": f"<p>{listings.press(release)}</p>",
        "data_fingerprint": f"<p><code>{escape(data)}</code></p>",
        "data_sets": listings.data_sets(release, sections),
        "pre_release": listings.pre_release(release),
        "symbols": listings.symbols(),
        "unusable_returns": listings.unusable_returns(release),
        "updates": listings.updates(release),
        "definitions": listings.definitions(sections),
        "glossary": listings.glossary(sections),
        **pieces,
    }
    texts = {
        "title": release.title,
        "release_type": release.release_type,
        "release_type_means": release.release_type_means,
        "published": in_words(release.published),
        "next_update": release.next_update,
    }
    config["parse"]["myst_substitutions"] = {
        "year": str(release.year),
        **{name: literal(text) for name, text in texts.items()},
        **{name: raw_html(content) for name, content in pieces.items()},
    }
    config["sphinx"]["config"]["html_context"]["release"] = {
        "title": release.title,
        "year": release.year,
        "release_type": release.release_type,
        "published": in_words(release.published),
        "next_update": release.next_update,
        "data": data,
        "feed": feed.NAME,
        "licence": descriptions.LICENCE_ADDRESS,
        "contact_name": release.contact_name,
        "contact_email": release.contact_email,
        "draft": draft,
        "made_up": made_up,
    }
    (folder / CONFIG).write_text(yaml.safe_dump(config, sort_keys=False, allow_unicode=True), encoding="utf-8")
    contents = yaml.safe_load(_at_root(project / TOC))
    for part in contents["parts"]:
        part["chapters"] = [_with_pages(page, pages) for page in part["chapters"] if _is_in(page["file"], sections)]
    (folder / TOC).write_text(yaml.safe_dump(contents, sort_keys=False), encoding="utf-8")


def _with_pages(chapter: dict[str, Any], pages: Iterable[str]) -> dict[str, Any]:
    """A page of the contents, with those that stand below it."""
    below = [{"file": name} for name in pages if name.startswith(f"{chapter['file']}/")]
    return chapter | {"sections": below} if below else chapter


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


def build(stage: Path, out: Path, later: Collection[str] = ()) -> None:
    """Build the pages of `stage` into the folder `out`, check them, and keep only what they refer to.

    Links to data files must resolve from `out`, so those must be in place; `later` are files that it is given after.
    Raises QualityError, naming page and fault, for a warning of Sphinx or a page that must not be published.
    """
    with tempfile.TemporaryDirectory(prefix="html-", dir=stage.parent) as scratch:
        html = Path(scratch) / "html"
        _run_sphinx(stage, html)
        scripts = [_script(stage, name) for name in SCRIPTS.values()]
        pages = {path.relative_to(html).as_posix(): Page.read(path, scripts) for path in sorted(html.rglob("*.html"))}
        check(pages, html, out, later, private=(stage, Path(scratch)))
        out.mkdir(parents=True, exist_ok=True)
        for name in sorted(reached(pages, html)):
            (out / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(html / name, out / name)


def setup(app: Sphinx) -> dict[str, Any]:
    """Sphinx's hook: our pages have no search, and no script and no style sheet but the theme's."""
    app.add_config_value("comments_config", {}, "")  # Jupyter Book sets it for an extension that we leave out
    app.connect("builder-inited", _without_extras)
    app.connect("html-page-context", _with_contents)
    app.connect("build-finished", _with_index)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}


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
    for marker, name in SCRIPTS.items():
        if marker in context.get("body", ""):
            script = _script(Path(app.srcdir), name)
            digest = base64.b64encode(hashlib.sha256(script.encode("utf-8")).digest()).decode("ascii")
            context["enhancement"] = {"text": script, "hash": f"sha256-{digest}"}


def _script(stage: Path, name: str) -> str:
    return (stage / "_theme" / "rereferrals" / name).read_text(encoding="utf-8")


def _with_index(app: Sphinx, exception: Exception | None) -> None:
    """Put the index of the site where a page asks for it, once all pages are there."""
    if exception:
        return
    paths = [Path(app.outdir) / f"{name}.html" for name in _in_order(app.config.external_site_map)]
    pages = {path.relative_to(app.outdir).as_posix(): path.read_text(encoding="utf-8") for path in paths}
    for name, text in pages.items():
        if site_index.PLACE in text:
            filled = text.replace(site_index.PLACE, site_index.index(pages))
            (Path(app.outdir) / name).write_text(filled, encoding="utf-8")


def _in_order(site_map: Any) -> Iterator[str]:
    """The pages of the book in the order of its contents."""

    def below(name: str) -> Iterator[str]:
        yield name
        for part in site_map[name].subtrees:
            for page in part.files():
                yield from below(page)

    return below(site_map.root.docname)
