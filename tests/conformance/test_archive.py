"""The data guidance and the archive of everything, as the publishing platform lays them out."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import zipfile
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

import made_up_release
from rereferrals.datasets.referrals import A1, A2
from rereferrals.datasets.registry import ALL
from rereferrals.dissemination import archive, descriptions, guidance
from rereferrals.dissemination.text import escape
from rereferrals.errors import BadInput
from rereferrals.model import DataSet
from rereferrals.published import KEYS, SYMBOLS
from rereferrals.reference import footnote
from rereferrals.release import Release

RELEASE = Release.load(made_up_release.YEAR)
#: Where the text on a data set begins.
DATA_SET = r"\n\n(?=[^\n]+\n-+\n\nFile: )"
every_data_set = pytest.mark.parametrize("data_set", ALL, ids=lambda data_set: data_set.id)


@pytest.fixture(scope="module")
def packed(downloads: Path, blocks: tuple[guidance.Block, ...], tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("archive") / "all.zip"
    archive.write(path, downloads, ALL, RELEASE, blocks)
    return path


@pytest.fixture(scope="module")
def blocks(downloads: Path) -> tuple[guidance.Block, ...]:
    return guidance.guidance(downloads, ALL, RELEASE, made_up=True)


@pytest.fixture(scope="module")
def text(blocks: tuple[guidance.Block, ...]) -> str:
    return archive.guidance_text(RELEASE, blocks)


@pytest.fixture(scope="module")
def page(blocks: tuple[guidance.Block, ...]) -> str:
    return guidance.as_html(blocks)


def _on_one_line(text: str) -> str:
    return " ".join(text.split())


def test_the_archive_has_the_platforms_layout_and_the_files_as_they_are(packed: Path, downloads: Path) -> None:
    names = [data_set.data_file(RELEASE) for data_set in ALL]
    wanted = {f"data/{name}{end}" for name in names for end in (".csv", ".meta.csv")}
    wanted |= {f"supporting-files/{name}.ods" for name in names}
    with zipfile.ZipFile(packed) as file:
        assert file.testzip() is None
        assert file.namelist() == sorted({*wanted, "data-guidance/data-guidance.txt"})
        for name in wanted:
            assert file.read(name) == (downloads / Path(name).name).read_bytes()


def test_the_archive_says_nothing_of_when_and_where_it_was_made(packed: Path) -> None:
    with zipfile.ZipFile(packed) as file:
        about = {
            (member.date_time, member.create_system, member.external_attr >> 16, member.compress_type, member.extra)
            for member in file.infolist()
        }
    assert about == {((1980, 1, 1, 0, 0, 0), 3, 0o644, zipfile.ZIP_DEFLATED, b"")}


def test_the_same_files_give_the_same_bytes_elsewhere(packed: Path, downloads: Path, tmp_path: Path) -> None:
    program = (
        "import os, sys, pathlib; os.umask(0o077); from rereferrals.datasets.registry import ALL;"
        "from rereferrals.dissemination import archive, guidance; from rereferrals.release import Release;"
        f"path, folder = map(pathlib.Path, sys.argv[1:]); release = Release.load({made_up_release.YEAR});"
        "archive.write(path, folder, ALL, release, guidance.guidance(folder, ALL, release, True))"
    )
    copy = tmp_path / "copy"
    shutil.copytree(downloads, copy, copy_function=shutil.copyfile)
    settings = {"TZ": "Pacific/Auckland", "PYTHONHASHSEED": "7", "LC_ALL": "C.UTF-8"}
    command = [sys.executable, "-c", program, tmp_path / "all.zip", copy]
    subprocess.run(command, check=True, env=os.environ | settings)
    assert (tmp_path / "all.zip").read_bytes() == packed.read_bytes()


@pytest.mark.parametrize("end", [".csv", ".meta.csv", ".ods"])
def test_a_file_that_is_missing_is_named(end: str, downloads: Path, tmp_path: Path) -> None:
    for file in downloads.glob(f"{A1.file_stem}.*"):
        shutil.copyfile(file, tmp_path / file.name)
    (tmp_path / f"{A1.file_stem}{end}").unlink()
    with pytest.raises(BadInput, match=rf"{A1.file_stem}{re.escape(end)} does not exist"):
        archive.write(
            tmp_path / "all.zip", tmp_path, [A1], RELEASE, guidance.guidance(tmp_path, [A1], RELEASE, made_up=False)
        )
    assert not (tmp_path / "all.zip").exists()


@every_data_set
def test_the_guidance_names_the_file_title_variables_and_notes_of_every_data_set(
    data_set: DataSet, text: str, page: str
) -> None:
    said = [data_set.title, f"{data_set.data_file(RELEASE)}.csv", *(footnote(key) for key in data_set.footnotes)]
    for each in (*data_set.filters, *data_set.indicators):
        said += [each.name, each.label]
    own = next(part for part in re.split(DATA_SET, text) if part.startswith(f"{data_set.id}: "))
    own = _on_one_line(own)
    assert [part for part in said if _on_one_line(part) not in own] == []
    assert [part for part in said if escape(part) not in page] == []


def test_the_guidance_says_how_to_read_the_files(text: str, page: str) -> None:
    said = [*KEYS, *SYMBOLS.values(), *descriptions.rounding(RELEASE), "Hackney made no return after a cyber attack"]
    said += [
        RELEASE.contact_name,
        RELEASE.contact_email,
        RELEASE.release_type,
        descriptions.LICENCE,
        descriptions.MADE_UP,
    ]
    said += [descriptions.LICENCE_ADDRESS, "coronavirus (COVID-19) pandemic"]
    assert [part for part in said if part not in _on_one_line(text)] == []
    assert [part for part in said if escape(part) not in page] == []


def test_text_and_page_are_the_same_words(blocks: tuple[guidance.Block, ...]) -> None:
    """Block by block, so that neither can say what the other does not."""
    for block in blocks:
        words = re.findall(r"\w+", re.sub(r"\n\d+\. ", "\n", "\n" + guidance.as_text("", [block])))
        reader = _Words()
        reader.feed(guidance.as_html([block]))
        links = " ".join(address for address in reader.addresses if not address.startswith("mailto:"))
        assert sorted(words) == sorted(re.findall(r"\w+", f"{reader.text} {links}"))


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.text, self.addresses = "", list[str]()

    def handle_data(self, data: str) -> None:
        self.text += f" {data}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.text += " "
        self.addresses += [value or "" for name, value in attrs if name == "href"]


def test_made_up_figures_are_said_to_be_and_others_are_not(downloads: Path) -> None:
    for made_up in (True, False):
        told = guidance.guidance(downloads, [A1], RELEASE, made_up)
        assert ("Made-up data" in archive.guidance_text(RELEASE, told)) == made_up


def test_years_and_rows_are_those_of_the_file(downloads: Path, tmp_path: Path) -> None:
    (name,) = (path.name for path in downloads.glob(f"{A2.file_stem}.csv"))
    lines = (downloads / name).read_text(encoding="utf-8").splitlines(keepends=True)
    for years, said in (
        ("2017|2018|2019", "2017 to 2019"),
        ("2017|2019", "2017 and 2019"),
        ("2024", "2024"),
        ("x", "None"),
    ):
        kept = [line for line in lines[1:] if re.match(years, line)]
        (tmp_path / name).write_text("".join([lines[0], *kept]), encoding="utf-8")
        text = archive.guidance_text(RELEASE, guidance.guidance(tmp_path, [A2], RELEASE, made_up=False))
        assert f"\nYears ending 31 March: {said}\nRows: {len(kept)}\n" in text


def test_anchors_are_unique_and_no_heading_is_skipped(page: str) -> None:
    anchors = re.findall(r'id="([^"]+)"', page)
    assert len(set(anchors)) == len(anchors) > 2 * len(ALL)
    levels = [int(level) for level in re.findall(r"<h(\d)", page)]
    assert set(levels) == {2, 3} and levels[0] == 2


def test_a_hostile_title_is_escaped_on_the_page(downloads: Path) -> None:
    sly = replace(A1, title='<b onclick="x">&')
    page = guidance.as_html(guidance.guidance(downloads, [sly], RELEASE, made_up=False))
    assert "<b onclick" not in page
    assert "&lt;b onclick=&quot;x&quot;&gt;&amp;" in page
