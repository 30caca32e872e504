"""What the pages of data sets say to readers and to machines: schema.org, CSVW, versions, feed, and the index."""

from __future__ import annotations

import csv
import hashlib
import html
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from urllib.parse import urlsplit
from xml.etree import ElementTree

import pandas as pd
import pytest

import made_up_release
from rereferrals.datasets.registry import ALL
from rereferrals.dissemination import catalogue, components, ees, feed, listings, manifest, site_index
from rereferrals.dissemination.descriptions import LICENCE_ADDRESS
from rereferrals.errors import BadInput
from rereferrals.model import DataSet
from rereferrals.published import DATA_FILES, SYMBOLS
from rereferrals.release import Release, Update

RELEASE = Release.load(made_up_release.YEAR)
DATA_SETS = pytest.mark.parametrize("data_set", ALL, ids=lambda data_set: data_set.id)
CHANGED = replace(
    RELEASE,
    updates=(
        Update(date(2027, 1, 8), "One local authority’s figures were corrected.", ("A1", "cin_c1")),
        Update(date(2027, 2, 5), "A note was made clearer.", ("A1",)),
    ),
)


@pytest.fixture(scope="module")
def data(pages: Path) -> Path:
    return pages / listings.DATA


def _page(data_set: DataSet, pages: Path) -> str:
    return (pages / listings.data_set_page(data_set)).read_text(encoding="utf-8")


def _json_ld(page: str) -> dict[str, object]:
    (text,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    found: dict[str, object] = json.loads(text)
    return found


@DATA_SETS
def test_its_page_has_all_that_a_reader_asks(data_set: DataSet, pages: Path) -> None:
    page = _page(data_set, pages)
    for heading in ("Download", "First rows", "Variables", "Notes", "Quality", "Versions and changes", "How to use it"):
        assert f"<h2>{heading}</h2>" in page
    for language in ("Python", "R", "Stata", "DuckDB"):
        assert f"<h3>{language}</h3><pre>" in page
    for name in ees.columns(data_set):
        assert f'<th scope="row">{name}</th>' in page
    for shown in (data_set.id, data_set.title, *(indicator.label for indicator in data_set.indicators)):
        assert shown in html.unescape(page)


@DATA_SETS
def test_its_page_counts_the_symbols_of_the_file(data_set: DataSet, pages: Path, data: Path) -> None:
    with open(ees.paths(data, data_set, RELEASE)[0], newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    cells = [row[indicator.name] for row in rows for indicator in data_set.indicators]
    page = _page(data_set, pages)
    assert f"<dt>Figures in the file</dt><dd>{len(cells):,}</dd>" in page
    assert f"<dt>Rows</dt><dd>{len(rows):,}</dd>" in page
    for symbol, meaning in SYMBOLS.items():
        said = f"<dt>Shown as {symbol}, {meaning}</dt><dd>{cells.count(symbol):,}</dd>"
        assert (said in page) == (symbol in cells)


@DATA_SETS
def test_search_engines_are_told_of_it(data_set: DataSet, pages: Path) -> None:
    said = _json_ld(_page(data_set, pages))
    assert said["@context"] == "https://schema.org" and said["@type"] == "Dataset"
    assert 50 <= len(str(said["description"])) <= 5000
    assert said["name"] == data_set.title and said["license"] == LICENCE_ADDRESS
    assert isinstance(said["distribution"], list) and len(said["distribution"]) == 3
    for file in said["distribution"]:
        assert file["contentUrl"].startswith(RELEASE.address)
        assert (pages / file["contentUrl"].removeprefix(RELEASE.address)).is_file()
    assert re.fullmatch(r"\d{4}-04-01/\d{4}-03-31", str(said["temporalCoverage"]))


@DATA_SETS
def test_programs_are_told_the_types_of_its_columns(data_set: DataSet, data: Path) -> None:
    path, _ = ees.paths(data, data_set, RELEASE)
    described = json.loads(path.with_name(f"{path.name}-metadata.json").read_text(encoding="utf-8"))
    frame = pd.read_csv(path, dtype="str", keep_default_na=False)
    columns = described["tableSchema"]["columns"]
    assert described["url"] == path.name
    assert [column["titles"] for column in columns] == list(frame)
    assert not frame.duplicated(described["tableSchema"]["primaryKey"]).any()
    numbers = {column["name"] for column in columns if column["datatype"] == "decimal"}
    assert numbers == {indicator.name for indicator in data_set.indicators}
    for column in columns:
        if column["datatype"] == "decimal":
            assert all(cell in column["null"] or float(cell) is not None for cell in frame[column["name"]])
        if column["datatype"] == "gYear":
            assert frame[column["name"]].str.fullmatch(r"\d{4}").all()


def test_a_data_set_has_a_version_for_each_update_that_names_it() -> None:
    by_id = {data_set.id: data_set for data_set in ALL}
    numbers = {id: [v.number for v in catalogue.versions(by_id[id], CHANGED)] for id in ("A1", "cin_c1", "B1")}
    assert numbers == {"A1": ["1.0", "1.1", "1.2"], "cin_c1": ["1.0", "1.1"], "B1": ["1.0"]}
    said = catalogue.dataset(by_id["A1"], CHANGED)
    assert (said["version"], said["dateModified"]) == ("1.2", "2027-02-05")


def test_an_update_of_an_unknown_data_set_is_refused() -> None:
    with pytest.raises(BadInput, match="no data set 'Z9'"):
        catalogue.check_updates(replace(RELEASE, updates=(Update(date(2027, 1, 8), "Changed.", ("Z9",)),)))


@pytest.mark.parametrize("words", ["Figures rose by 4%.", "", "It was 12 months."])
def test_words_of_a_release_file_hold_no_number_that_nothing_checks(words: str) -> None:
    with pytest.raises(BadInput, match="without a number"):
        Update(date(2027, 1, 8), words)
    with pytest.raises(BadInput, match="without a number"):
        replace(RELEASE, whats_new=(words,))


def test_an_update_before_the_release_is_refused() -> None:
    with pytest.raises(BadInput, match="updates: one is of a day before"):
        replace(RELEASE, updates=(Update(date(2020, 1, 8), "Changed."),))


def test_the_feed_is_atom_and_has_an_entry_for_each_change() -> None:
    atom = f"{{{feed.ATOM}}}"
    earlier = Release.before(CHANGED.year)
    root = ElementTree.fromstring(feed.feed(CHANGED, earlier))
    assert root.tag == f"{atom}feed" and root.findtext(f"{atom}updated") == "2027-02-05T09:30:00Z"
    entries = root.findall(f"{atom}entry")
    assert [entry.findtext(f"{atom}updated", "")[:10] for entry in entries] == [
        "2027-02-05", "2027-01-08", RELEASE.published.isoformat(), *(each.published.isoformat() for each in earlier),
    ]  # fmt: skip
    assert earlier and all(each.year < CHANGED.year for each in earlier)
    for element in (root, *entries):
        assert all(element.findtext(f"{atom}{name}") for name in ("title", "id", "updated"))
    assert len({entry.findtext(f"{atom}id") for entry in entries}) == len(entries)
    assert "A1, cin_c1" in str(entries[1].findtext(f"{atom}summary"))
    assert [link.get("rel") for link in root.findall(f"{atom}link")] == ["self", "alternate"]


def test_the_manifest_has_the_hash_of_every_file_and_pages_show_that_of_the_data(pages: Path) -> None:
    said = json.loads((pages / manifest.NAME).read_text(encoding="utf-8"))
    found = manifest.hashes(pages)
    del found[manifest.NAME]
    assert said["files"] == found
    assert said["data"] == manifest.fingerprint(pages / listings.DATA)
    assert all(f"<code>{said['data'][:16]}</code>" in path.read_text() for path in pages.rglob("*.html"))
    assert said["data"] in (pages / "about.html").read_text()


def test_the_fingerprint_is_that_of_any_computers_list(tmp_path: Path) -> None:
    (tmp_path / "b.csv").write_bytes(b"1\n")
    (tmp_path / "B.csv").write_bytes(b"")
    hashes = {
        "B.csv": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "b.csv": "4355a46b19d348dc2f57c046f8ef63d4538ebb936000f3c9ee954a27460dd865",
    }
    assert list(manifest.hashes(tmp_path).items()) == list(hashes.items())
    as_listed = "".join(f"{digest}  {name}\n" for name, digest in hashes.items())
    before = manifest.fingerprint(tmp_path)
    assert before == hashlib.sha256(as_listed.encode()).hexdigest()
    (tmp_path / "b.csv").write_bytes(b"2\n")
    assert manifest.fingerprint(tmp_path) != before


def _links(html: str) -> Iterator[str]:
    yield from re.findall(r'href="([^"]+)"', html)


def test_the_index_leads_to_every_page_and_heading(pages: Path) -> None:
    (index,) = re.findall(r'<div id="site-index".*?</ul></div>', (pages / "search.html").read_text(), re.DOTALL)
    listed = {urlsplit(link).path for link in _links(index)}
    assert listed == {path.relative_to(pages).as_posix() for path in pages.rglob("*.html")}
    for name in (name for name in listed if "/" not in name):
        for _, heading in site_index.read((pages / name).read_text()).headings:
            assert components.escape(heading) in index


def test_the_index_has_the_words_of_a_page_but_not_of_its_navigation() -> None:
    page = (
        "<nav>elsewhere</nav><main><h1>A <b>title</b></h1><section id='s'><h2>First</h2><p>Some text<br>here</p>"
        "<script type='application/ld+json'>{}</script></section></main><footer>below</footer>"
    )
    content = site_index.read(page)
    assert content == site_index.Content("A title", [("s", "First")], {"title", "first", "some", "text", "here"})


def test_every_data_set_is_in_the_catalogue_once(pages: Path) -> None:
    page = (pages / "data_catalogue.html").read_text(encoding="utf-8")
    assert re.findall(r'<li class="item" id="(\w+)"', page) == [data_set.id.lower() for data_set in ALL]
    assert all(f'href="{listings.data_set_page(data_set)}"' in page for data_set in ALL)


def test_all_data_files_are_published(pages: Path) -> None:
    assert {path.name for path in (pages.parent / DATA_FILES).iterdir()} >= {
        f"{data_set.data_file(RELEASE)}.{end}" for data_set in ALL for end in ("csv", "meta.csv", "ods", "parquet")
    }
