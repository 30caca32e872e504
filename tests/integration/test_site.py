"""The site: what is published, what is refused, and that it comes out the same everywhere."""

from __future__ import annotations

import base64
import gzip
import hashlib
import os
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

import made_up_release
from rereferrals.datasets.registry import ALL, SECTIONS
from rereferrals.dissemination import components as html
from rereferrals.dissemination import listings, notebooks, site
from rereferrals.dissemination.book import Book
from rereferrals.dissemination.text import in_words
from rereferrals.errors import QualityError
from rereferrals.published import PublishedTable
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


LISTS = ("data_catalogue", "search")


def _script_of(page: str) -> str:
    """The script that a page holds, if any: for figures, or for lists to search."""
    name = "enhance.js" if made_up_release.CHARTS.get(page) else "find.js" if page in LISTS else ""
    return (PROJECT / "book" / "_theme" / "rereferrals" / name).read_text(encoding="utf-8") if name else ""


SCRIPT = _script_of("referrals")


def test_pages_with_figures_and_lists_and_no_others_hold_a_script_and_a_policy_that_allows_it_alone(
    pages: Path,
) -> None:
    for page in pages.rglob("*.html"):
        text, script = page.read_text(encoding="utf-8"), _script_of(page.stem)
        assert len(script.encode("utf-8")) < 3 * KILOBYTE
        digest = base64.b64encode(hashlib.sha256(script.encode("utf-8")).digest()).decode("ascii")
        plain = "default-src 'none'; img-src 'self'; style-src 'self'"
        (policy,) = re.findall(r'<meta http-equiv="Content-Security-Policy" content="([^"]*)">', text)
        assert policy == (f"{plain}; script-src 'sha256-{digest}'" if script else plain), page.name
        run = [
            held for held in re.findall(r"<script.*?</script>", text, re.DOTALL) if "application/ld+json" not in held
        ]
        assert run == ([f'<script type="module">{script}</script>'] if script else [])


def _build(stage: Path, text: str) -> str:
    (stage / "index.md").write_text(text, encoding="utf-8")
    site.build(stage, stage.parent / "html")
    return (stage.parent / "html" / "index.html").read_text(encoding="utf-8")


def _content(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_nothing_is_published_but_pages_one_style_sheet_files_of_figures_and_data(pages: Path) -> None:
    pictures = {
        f"_static/charts/{chart.name.replace('_', '-')}{end}"
        for charts in made_up_release.CHARTS.values()
        for chart in charts
        for end in ("-wide.svg", "-narrow.svg", ".csv", ".svg", ".png")
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


def test_a_figure_says_where_it_is_from_and_leads_to_its_data_set_and_files(pages: Path) -> None:
    release = Release.load(made_up_release.YEAR)
    for section, charts in made_up_release.CHARTS.items():
        page = (pages / f"{section}.html").read_text(encoding="utf-8")
        for chart in charts:
            name = chart.name.replace("_", "-")
            (shown,) = re.findall(
                rf'<div class="chart" id="figure-{name}">.*?<p class="source">.*?</p>', page, re.DOTALL
            )
            assert f"Source: {release.title}, {release.year}." in shown
            assert html.link(listings.data_set_page(chart.data_set), chart.data_set.title) in shown
            assert [f"_static/charts/{name}.{kind}" for kind in ("csv", "svg", "png")] == re.findall(
                r'href="([^"]+)" download', shown
            )
            texts = re.findall(r"download>(.*?)</a>", shown)
            heading = re.search(r"<h3 id=[^>]*>(.*?)</h3>", shown)
            assert heading is not None
            for text, kind in zip(texts, ("CSV", "SVG", "PNG"), strict=True):
                assert text == f'{kind}<span class="unseen"> of the figure: {heading[1]}</span>'
    charts_folder = pages / "_static" / "charts"
    assert (charts_folder / "referrals-over-time.csv").read_text().splitlines()[-1] == "2024,621880,139080"


def test_figures_of_a_made_up_census_say_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    made_up_release.write(tmp_path)
    chart = made_up_release.CHARTS["referrals"][0]
    tables = {chart.data_set.id: PublishedTable.read(tmp_path, chart.data_set)}
    for made_up in (True, False):
        section = SimpleNamespace(
            release=Release.load(made_up_release.YEAR),
            tables=tables,
            output=tmp_path,
            sections=SECTIONS,
            made_up=made_up,
        )
        shown = Book.open(section, draft=False).figure(chart).data
        kept = (tmp_path / "_static" / "charts" / "referrals-over-time.svg").read_text(encoding="utf-8")
        assert ("Made-up data: no figure here is of real children." in shown) == made_up
        assert ("Made-up data" in kept) == made_up


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
    "a script of a module": ('# A\n\n<script type="module">1</script>', "holds <script>"),
    "a script much like ours": (f'# A\n\n<script type="module">{SCRIPT.strip()};</script>', "holds <script>"),
    "our script and more": (f'# A\n\n<script type="module" src="x.js">{SCRIPT}</script>', "holds <script>"),
    "a script that does not end": ('# A\n\n<p>x</p><script type="module">1', "holds <script>"),
    "data that are none": ('# A\n\n<script type="application/ld+json">alert(1)</script>', "holds <script>"),
    "data from elsewhere": ('# A\n\n<script type="application/ld+json" src="x.js">{}</script>', "holds <script>"),
    "a handler": ('# A\n\n<p onclick="1">x</p>', 'holds <p onclick="…">'),
    "a style of its own": ('# A\n\n<p style="color:red">x</p>', 'holds <p style="…">'),
    "a picture from elsewhere": ('# A\n\n<img src="https://example.org/x.png" alt="x">', "asks another site for"),
    "a picture that is not there": ('# A\n\n<img src="x.svg" alt="x">', "shows x.svg, which does not exist"),
    "a link to nothing": ('# A\n\n<a href="x.html">x</a>', "links to x.html, which does not exist"),
    "a link to no place": ('# A\n\n<a href="#x">x</a>', "index.html has no such place"),
    "two places of one name": ('# A\n\n<p id="b">x</p>\n\n## B', "has more than one place called 'b'"),
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


def test_a_page_may_hold_data_for_machines(stage: Path) -> None:
    data = '<script type="application/ld+json">{"@type": "Dataset", "name": "Data < of \\u003c/script>"}</script>'
    assert data in _build(stage, f"# A\n\n{data}")


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
    with notebooks.executing(parameters, tmp_path / "stage") as execute:
        execute(site.notebooks()[1:2])
    assert "621,880" in (tmp_path / "stage" / "referrals.ipynb").read_text(encoding="utf-8")
