"""The site: what is published, what is refused, and that it comes out the same everywhere."""

from __future__ import annotations

import gzip
import os
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

import made_up_release
from rereferrals.datasets.registry import ALL
from rereferrals.dissemination import listings, notebooks, site
from rereferrals.dissemination.text import in_words
from rereferrals.errors import QualityError
from rereferrals.release import PROJECT, Release

TESTS = Path(__file__).resolve().parents[1]
KILOBYTE = 1024
RELEASE = Release.load(made_up_release.YEAR)


@pytest.fixture
def stage(tmp_path: Path) -> Path:
    """A stage whose only page is `index.md`, with data beside the site to be."""
    folder = tmp_path / "stage"
    folder.mkdir()
    site.stage(folder, Release.load(made_up_release.YEAR), draft=True)
    for page in folder.glob("*.md"):
        page.unlink()
    (folder / "_toc.yml").write_text("format: jb-book\nroot: index\n")
    return folder


def _build(stage: Path, text: str) -> str:
    (stage / "index.md").write_text(text, encoding="utf-8")
    site.build(stage, stage.parent / "html")
    return (stage.parent / "html" / "index.html").read_text(encoding="utf-8")


def _content(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_nothing_is_published_but_pages_one_style_sheet_charts_and_data(pages: Path) -> None:
    pictures = {
        f"_static/charts/{chart.name.replace('_', '-')}-{size}.svg"
        for charts in made_up_release.CHARTS.values()
        for chart in charts
        for size in ("wide", "narrow")
    }
    prose = {path.stem for path in (PROJECT / "book").glob("*.md")}
    texts = {f"{name}.html" for name in ("index", *prose, *made_up_release.CHARTS)}
    texts |= {listings.data_set_page(data_set) for data_set in ALL}
    forms = ("csv", "meta.csv", "csv-metadata.json", "ods", "parquet")
    data = {f"data/{data_set.data_file(RELEASE)}.{form}" for data_set in ALL for form in forms}
    data |= {f"data/{listings.ALL_DATA}"}
    assert set(_content(pages)) == {"_static/style.css", "feed.xml", "manifest.json", *texts, *pictures, *data}


def test_a_page_shows_neither_code_nor_parameters_nor_where_it_was_made(pages: Path) -> None:
    for name, content in _content(pages).items():
        for trace in (
            b"open_release",
            b"from rereferrals",
            b"draft = ",
            str(pages.parent).encode(),
            b"/tmp/",
            b"papermill",
        ):
            assert trace not in content, f"{name} holds {trace!r}"


def test_a_first_visit_to_any_page_is_light(pages: Path) -> None:
    for page in pages.rglob("*.html"):
        asked = set(
            re.findall(r'(?:src|srcset|<link rel="stylesheet" href)="([^"]+)"', page.read_text(encoding="utf-8"))
        )
        asked -= {name for name in asked if name.endswith("-narrow.svg")}  # a screen shows one picture of a chart
        weight = sum(len(gzip.compress((page.parent / name).read_bytes())) for name in (page.name, *asked))
        assert weight < 30 * KILOBYTE, f"{page.name} weighs {weight} bytes"
        assert 1 + len(asked) <= 8, f"{page.name} makes {1 + len(asked)} requests"


def test_pages_are_of_the_release_they_are_built_for(pages: Path) -> None:
    front = (pages / "index.html").read_text(encoding="utf-8")
    release = Release.load(made_up_release.YEAR)
    for said in (release.title, release.release_type, in_words(release.published), release.contact_email):
        assert said in front
    assert "621,880" in front, "the key statistics are missing"
    assert all(">Draft<" in page.read_text(encoding="utf-8") for page in pages.rglob("*.html"))


def test_a_build_elsewhere_is_the_same_byte_for_byte(pages: Path, tmp_path: Path) -> None:
    command = "import sys, pathlib, made_up_release; made_up_release.build(pathlib.Path(sys.argv[1]))"
    settings = {"TZ": "Pacific/Auckland", "PYTHONHASHSEED": "7", "LC_ALL": "C.UTF-8", "PYTHONPATH": str(TESTS)}
    subprocess.run([sys.executable, "-c", command, tmp_path], check=True, env=os.environ | settings, cwd=tmp_path)
    assert _content(tmp_path / "html") == _content(pages)


def test_a_final_release_says_what_it_is_and_not_that_it_is_a_draft(tmp_path: Path) -> None:
    front = (made_up_release.build(tmp_path, draft=False) / "index.html").read_text(encoding="utf-8")
    assert "Draft" not in front
    assert '<strong class="tag">Ad hoc official statistics</strong>' in front


@pytest.mark.parametrize("draft", [True, False])
def test_an_untrue_sentence_is_marked_in_a_draft_and_stops_a_final_release(
    draft: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    halved = list(made_up_release.COUNTS[2023])
    halved[0] //= 2
    monkeypatch.setitem(made_up_release.COUNTS, 2023, tuple(halved))
    monkeypatch.setitem(made_up_release.COUNTS, 2022, tuple(halved))
    if draft:
        page = (made_up_release.build(tmp_path) / "referrals.html").read_text(encoding="utf-8")
        assert re.search('<div class="untrue">.*?The number of referrals has been stable', page)
    else:
        with pytest.raises(QualityError, match=r"book/(index|referrals)\.ipynb, cell \d+: .*has been stable"):
            made_up_release.build(tmp_path, draft=False)
        assert not list((tmp_path / "html").glob("*.html"))


REFUSED = {
    "a script": ("# A\n\n<script>1</script>", "holds <script>"),
    "a handler": ('# A\n\n<p onclick="1">x</p>', 'holds <p onclick="…">'),
    "a style of its own": ('# A\n\n<p style="color:red">x</p>', 'holds <p style="…">'),
    "a picture from elsewhere": ('# A\n\n<img src="https://example.org/x.png" alt="x">', "asks another site for"),
    "a picture that is not there": ('# A\n\n<img src="x.svg" alt="x">', "shows x.svg, which does not exist"),
    "a link to nothing": ('# A\n\n<a href="x.html">x</a>', "links to x.html, which does not exist"),
    "a link to no place": ('# A\n\n<a href="#x">x</a>', "index.html has no such place"),
    "a file that was not made": ('# A\n\n<a href="data/a1.csv">x</a>', "links to data/a1.csv"),
    "two main headings": ("# A\n\n<h1>B</h1>", "has 2 headings of level 1"),
    "a skipped heading": ("# A\n\n<h3>B</h3>", "skips from a heading of level 1 to one of level 3"),
    "a folder of ours": (f"# A\n\nSee {TESTS.parent}/data.", "names a file or computer of ours"),
    "a traceback": ("# A\n\nTraceback (most recent call last):", "shows the traceback"),
    "a warning": ("# A\n\n[x](nowhere.md)", "built with warnings"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_page_is_refused_with(case: str, stage: Path) -> None:
    text, fault = REFUSED[case]
    with pytest.raises(QualityError) as refusal:
        _build(stage, text)
    assert fault in str(refusal.value)
    assert "index" in str(refusal.value)
    assert str(stage) not in str(refusal.value).replace(text, "")
    assert not (stage.parent / "html").exists()


def test_a_page_may_link_to_data_that_is_there_and_to_other_sites(stage: Path) -> None:
    (stage.parent / "html" / "data").mkdir(parents=True)
    (stage.parent / "html" / "data" / "a1.csv").write_text("a")
    page = _build(stage, '# A\n\n<a href="data/a1.csv">x</a> <https://example.org/>\n\n## B\n\n[C](#b)')
    assert 'href="data/a1.csv"' in page


HOSTILE = "\"'><img src=x onerror=alert(1)>{{ title }} *a* [b](c) `d` $e$ &amp; \\"


def test_a_release_cannot_put_markup_on_its_pages(tmp_path: Path) -> None:
    stage = tmp_path / "stage"
    stage.mkdir()
    hostile = replace(
        Release.load(made_up_release.YEAR),
        title=HOSTILE,
        release_type=HOSTILE,
        contact_name=HOSTILE,
        contact_email=HOSTILE,
    )
    site.stage(stage, hostile, draft=False)
    (stage / "_toc.yml").write_text("format: jb-book\nroot: index\nchapters:\n  - file: help\n")
    for page in stage.glob("*.md"):
        if page.name != "help.md":
            page.unlink()
    (stage / "index.md").write_text("# {{ title }}\n\n{{ title }}")
    site.build(stage, tmp_path / "html")
    for page in (tmp_path / "html").glob("*.html"):
        text = page.read_text(encoding="utf-8")
        assert "<img" not in text
        assert "<em>" not in text
        assert "*a* [b](c) `d` $e$ &amp;amp;" in text


def test_plain_jupyter_book_builds_the_stage_too(pages: Path, tmp_path: Path) -> None:
    shutil.copytree(pages.parent / "stage", tmp_path / "stage")
    command = [Path(sys.executable).with_name("jupyter-book"), "build", "-W", "--keep-going", tmp_path / "stage"]
    subprocess.run(command, check=True, capture_output=True)
    built = _content(tmp_path / "stage" / "_build" / "html")
    ours = {name: content for name, content in _content(pages).items() if not name.startswith(("data/", "manifest"))}
    assert {name: built[name] for name in ours} == ours


def test_every_notebook_of_the_book_is_found_in_the_order_of_its_contents() -> None:
    names = [notebook.stem for notebook in site.notebooks()]
    assert names[0] == "index"
    assert set(names) == {path.stem for path in (TESTS.parent / "book").glob("*.ipynb")}


def test_a_stage_needs_no_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The chapters render from published files: nothing but those is in the folder they are given."""
    made_up_release.write(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {"published", "html"}
    (tmp_path / "stage").mkdir()
    parameters = {"year": made_up_release.YEAR, "store": None, "output": str(tmp_path), "draft": True}
    notebooks.execute(site.notebooks()[1:2], parameters, tmp_path / "stage")
    assert "621,880" in (tmp_path / "stage" / "referrals.ipynb").read_text(encoding="utf-8")
