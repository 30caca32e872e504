"""Spreadsheets as the guidance on accessible ones asks, and every format with the cells of the data file."""

from __future__ import annotations

import csv
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from itertools import product
from pathlib import Path
from xml.etree import ElementTree

import pytest
from odf import grammar, opendocument, table, text
from odf.element import Element
from odf.namespaces import DCNS
from pyarrow import parquet

import made_up_release
from rereferrals.datasets.referrals import A1, A2
from rereferrals.datasets.regional import CIN_C1
from rereferrals.datasets.registry import ALL
from rereferrals.dissemination import descriptions, ees, formats
from rereferrals.dissemination.opendocument import Sheet, write
from rereferrals.errors import BadInput, QualityError
from rereferrals.model import Count, DataSet, Filter
from rereferrals.published import SYMBOLS
from rereferrals.reference import footnote
from rereferrals.release import Release

RELEASE = Release.load(made_up_release.YEAR)
TESTS = Path(__file__).resolve().parents[1]
OFFICE = shutil.which("soffice")
#: What LibreOffice is asked for: every sheet as CSV, in UTF-8, numbers as they are shown.
AS_CSV = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,-1"

every_data_set = pytest.mark.parametrize("data_set", ALL, ids=lambda data_set: data_set.id)


def _csv(folder: Path, data_set: DataSet) -> list[list[str]]:
    with open(folder / f"{data_set.data_file(RELEASE)}.csv", newline="", encoding="utf-8") as file:
        return list(csv.reader(file))


@cache
def _spreadsheet(folder: Path, data_set: DataSet) -> Element:
    return opendocument.load(folder / f"{data_set.data_file(RELEASE)}.ods")


def _sheets(document: Element) -> dict[str, Element]:
    return {sheet.getAttribute("name"): sheet for sheet in document.spreadsheet.getElementsByType(table.Table)}


def _rows(sheet: Element) -> list[list[Element]]:
    return [row.getElementsByType(table.TableCell) for row in sheet.getElementsByType(table.TableRow)]


def _shown(cell: Element) -> str:
    return "\n".join(map(str, cell.getElementsByType(text.P)))


@cache
def _grid(sheet: Element) -> list[list[str]]:
    return [[_shown(cell) for cell in row] for row in _rows(sheet)]


def _table(sheet: Element) -> list[list[str]]:
    """The table of a sheet: its header, and all below it."""
    (group,) = sheet.getElementsByType(table.TableHeaderRows)
    (header,) = group.getElementsByType(table.TableRow)
    grid = _grid(sheet)
    return grid[grid.index([_shown(cell) for cell in header.getElementsByType(table.TableCell)]) :]


def _figures(data_set: DataSet) -> set[int]:
    """The columns that are numbers: the year, and the indicators."""
    names = ees.columns(data_set)
    return {0, *(names.index(indicator.name) for indicator in data_set.indicators)}


@every_data_set
def test_the_table_has_the_cells_of_the_data_file_under_labels(data_set: DataSet, downloads: Path) -> None:
    sheet = _sheets(_spreadsheet(downloads, data_set))[f"Table_{data_set.id}"]
    header, *rows = _table(sheet)
    assert rows == _csv(downloads, data_set)[1:]
    assert header[0] == "Year ending 31 March"
    labels = {row["col_name"]: row["label"] for row in ees.metadata_rows(data_set)}
    assert [labels[name] for name in ees.columns(data_set) if name in labels] == [
        h for h in header if h in [*labels.values()]
    ]


@every_data_set
def test_numbers_are_numbers_and_symbols_and_texts_are_text(data_set: DataSet, downloads: Path) -> None:
    sheet = _sheets(_spreadsheet(downloads, data_set))[f"Table_{data_set.id}"]
    rows = _rows(sheet)[-(len(_csv(downloads, data_set)) - 1) :]
    for row in rows:
        for place, cell in enumerate(row):
            shown, kind = _shown(cell), cell.getAttribute("valuetype")
            if place in _figures(data_set) and shown not in SYMBOLS:
                assert (kind, cell.getAttribute("value")) == ("float", shown)
            else:
                assert kind == ("string" if shown else None)


@every_data_set
def test_parquet_has_the_cells_of_the_data_file_as_text(data_set: DataSet, downloads: Path) -> None:
    read = parquet.read_table(downloads / f"{data_set.data_file(RELEASE)}.parquet")
    header, *rows = _csv(downloads, data_set)
    assert read.column_names == header
    assert {str(kind) for kind in read.schema.types} == {"string"}
    assert [list(row) for row in zip(*(column.to_pylist() for column in read.columns), strict=True)] == rows


@every_data_set
def test_there_are_a_cover_contents_notes_and_one_table(data_set: DataSet, downloads: Path) -> None:
    sheets = _sheets(_spreadsheet(downloads, data_set))
    assert list(sheets) == ["Cover", "Contents", "Notes", f"Table_{data_set.id}"]
    assert all(len(name) <= 31 for name in sheets)
    cover, contents, notes = (_table(sheets[name]) for name in ("Cover", "Contents", "Notes"))
    assert _grid(sheets["Cover"])[0] == [data_set.title]
    assert dict(cover)["Data set"] == f"{data_set.id}: {data_set.title}"
    assert {RELEASE.title, RELEASE.release_type, RELEASE.next_update, RELEASE.contact_email} <= set(
        dict(cover).values()
    )
    assert [name for name, _ in contents[1:]] == ["Cover", "Notes", f"Table_{data_set.id}"]
    said = dict(notes)
    assert all(said[f"Symbol {symbol}"] == meaning for symbol, meaning in SYMBOLS.items())
    assert {footnote(key) for key in data_set.footnotes} <= set(said.values())
    assert "from 1 to 5 is shown as c" in said["Rounding 2"]


@every_data_set
def test_every_sheet_has_one_table_that_is_marked_up_and_named(data_set: DataSet, downloads: Path) -> None:
    document = _spreadsheet(downloads, data_set)
    ranges = document.spreadsheet.getElementsByType(table.DatabaseRange)
    assert len({marked.getAttribute("name") for marked in ranges}) == len(ranges) == len(_sheets(document))
    for (name, sheet), marked in zip(_sheets(document).items(), ranges, strict=True):
        found = _table(sheet)
        assert all(found[0]) and len(set(found[0])) == len(found[0])
        assert marked.getAttribute("containsheader") == "true"
        first, last = re.fullmatch(
            rf"{name}\.A(\d+):{name}\.[A-Z]+(\d+)", marked.getAttribute("targetrangeaddress")
        ).groups()
        assert _grid(sheet)[int(first) - 1 : int(last)] == found


@every_data_set
def test_nothing_is_merged_hidden_or_blank(data_set: DataSet, downloads: Path) -> None:
    for name, sheet in _sheets(_spreadsheet(downloads, data_set)).items():
        title, *rows = _grid(sheet)
        assert len(title) == 1 and title[0], name
        assert all(map(any, rows)), f"{name} has a blank row"
        assert all(map(any, zip(*_table(sheet), strict=True))), f"{name} has a blank column"
        assert len(sheet.getElementsByType(table.TableColumn)) == len(_table(sheet)[0])
    content = _content(downloads, data_set)
    for mark in ("covered-table-cell", "spanned", "visibility", "table:display=", "repeated"):
        assert mark not in content


def _content(folder: Path, data_set: DataSet, member: str = "content.xml") -> str:
    with zipfile.ZipFile(folder / f"{data_set.data_file(RELEASE)}.ods") as file:
        return file.read(member).decode()


@pytest.mark.parametrize("member", ["content.xml", "styles.xml", "meta.xml"])
def test_every_element_and_attribute_is_one_that_the_format_has_where_it_stands(member: str, downloads: Path) -> None:
    def name(tag: str) -> tuple[str, str]:
        namespace, _, local = tag[1:].partition("}")
        return namespace, local

    for element in ElementTree.fromstring(_content(downloads, CIN_C1, member)).iter():
        children, attributes = {name(child.tag) for child in element}, set(map(name, element.attrib))
        assert children <= set(grammar.allowed_children[name(element.tag)] or children)
        assert attributes <= set(grammar.allowed_attributes[name(element.tag)] or attributes)
        assert set(grammar.required_attributes.get(name(element.tag), ())) <= attributes
        assert name(element.tag) in grammar.allows_text or not (element.text or "").strip()


def test_blank_cells_are_explained_where_there_are_some(downloads: Path) -> None:
    for data_set in ALL:
        sheet = _sheets(_spreadsheet(downloads, data_set))[f"Table_{data_set.id}"]
        above = [row[0] for row in _grid(sheet)[: _grid(sheet).index(_table(sheet)[0])]]
        assert above[1].startswith("This sheet has one table. Symbols")
        has_blanks = any("" in row for row in _csv(downloads, data_set))
        assert any("A blank cell" in sentence for sentence in above) == has_blanks


def test_the_document_says_its_title_subject_author_and_language(downloads: Path) -> None:
    said = {node.qname: str(node) for node in _spreadsheet(downloads, A1).meta.childNodes}
    assert said == {
        (DCNS, "title"): f"A1: {A1.title}",
        (DCNS, "subject"): RELEASE.title,
        (DCNS, "creator"): RELEASE.contact_name,
        (DCNS, "language"): "en-GB",
    }


def test_text_is_arial_of_11_points_or_more_english_and_wrapped_in_tables(downloads: Path) -> None:
    styles = _content(downloads, A1, "styles.xml")
    assert set(re.findall(r'font-name="(.+?)"', styles)) == {"Arial"}
    assert min(float(size) for size in re.findall(r'font-size="([\d.]+)pt"', styles)) >= 11
    assert set(re.findall(r'fo:language="(.+?)" fo:country="(.+?)"', styles)) == {("en", "GB")}
    cells = r'style:name="(\w+)"[^<]*>\s*<style:table-cell-properties[^>]*wrap-option="(.+?)"'
    wraps = dict(re.findall(cells, styles))
    assert wraps == {"Default": "wrap", "Sentence": "no-wrap"}
    used = set(re.findall(r'table-cell table:style-name="(\w+)"', _content(downloads, A1)))
    assert used == {"Title", "Sentence", "Header", "FigureHeader"}


def test_contents_contact_and_licence_are_links(downloads: Path) -> None:
    found = re.findall(r'xlink:href="(.+?)">(.+?)</text:a>', _content(downloads, A1))
    assert ("#Table_A1.A1", "Table_A1") in found and ("#Notes.A1", "Notes") in found
    assert (f"mailto:{RELEASE.contact_email}", RELEASE.contact_email) in found
    assert (descriptions.LICENCE_ADDRESS, descriptions.LICENCE) in found


@pytest.mark.parametrize("made_up", [True, False])
def test_made_up_figures_are_said_to_be_on_the_cover(made_up: bool, downloads: Path) -> None:
    cover, *_ = formats.sheets(A1, [["2024"]], RELEASE, made_up)
    assert [sentence.startswith("Made-up data") for sentence in cover.sentences] == [True] * made_up


@pytest.mark.skipif(OFFICE is None, reason="LibreOffice (soffice) is not installed")
def test_libreoffice_reads_the_cells_of_the_data_files(downloads: Path, tmp_path: Path) -> None:
    chosen = [data_set for data_set in ALL if data_set.id in ("A1", "cin_c1", "C1", "F3b", "G1", "H1")]
    names = [str(downloads / f"{data_set.data_file(RELEASE)}.ods") for data_set in chosen]
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    command = [str(OFFICE), profile, "--headless", "--convert-to", AS_CSV, "--outdir", str(tmp_path), *names]
    subprocess.run(command, check=True, capture_output=True, env=os.environ | {"HOME": str(tmp_path)})
    for data_set in chosen:
        with open(tmp_path / f"{data_set.data_file(RELEASE)}-Table_{data_set.id}.csv", encoding="utf-8") as file:
            rows = list(csv.reader(file))
        wanted = _csv(downloads, data_set)
        assert rows[-len(wanted) + 1 :] == wanted[1:]
        assert rows[-len(wanted)] == [variable.label for variable in descriptions.variables(data_set)]


def test_the_same_data_file_gives_the_same_bytes_elsewhere(downloads: Path, tmp_path: Path) -> None:
    program = (
        "import sys, pathlib; from rereferrals.datasets.registry import ALL;"
        "from rereferrals.dissemination import formats; from rereferrals.release import Release;"
        f"release = Release.load({made_up_release.YEAR});"
        "[formats.write(data_set, pathlib.Path(sys.argv[1]), release, True) for data_set in ALL]"
    )
    for file in downloads.glob("*.csv"):
        shutil.copyfile(file, tmp_path / file.name)
    settings = {"TZ": "Pacific/Auckland", "PYTHONHASHSEED": "7", "LC_ALL": "C.UTF-8"}
    subprocess.run([sys.executable, "-c", program, tmp_path], check=True, env=os.environ | settings, cwd=tmp_path)
    names = [path.name for data_set in ALL for path in formats.paths(tmp_path, data_set, RELEASE)]
    assert len(names) == 2 * len(ALL)
    assert [name for name in names if (tmp_path / name).read_bytes() != (downloads / name).read_bytes()] == []


def test_the_file_says_first_and_uncompressed_what_it_is_and_nothing_of_when_or_where(downloads: Path) -> None:
    with zipfile.ZipFile(downloads / f"{A1.file_stem}.ods") as file:
        first, *others = file.infolist()
        assert (first.filename, first.compress_type, first.extra) == ("mimetype", zipfile.ZIP_STORED, b"")
        assert file.read(first) == b"application/vnd.oasis.opendocument.spreadsheet"
        assert {member.date_time for member in (first, *others)} == {(1980, 1, 1, 0, 0, 0)}
        assert {(member.create_system, member.external_attr >> 16) for member in (first, *others)} == {(3, 0o644)}
        listed = ElementTree.fromstring(file.read("META-INF/manifest.xml"))
        named = [entry.attrib[f"{{{listed.tag[1:].split('}')[0]}}}full-path"] for entry in listed]
        assert named[1:] == [member.filename for member in others if member.filename in named]


def _sheet(**changes: object) -> Sheet:
    given = {"name": "Data", "title": "Title", "sentences": ("One table.",), "table": "data"}
    return Sheet(**given | {"header": ("Place", "Count"), "rows": [("England", "10")]} | changes)  # type: ignore[arg-type]


def _write(path: Path, *sheets: Sheet) -> dict[str, list[list[str]]]:
    write(path, sheets, title="T", subject="S", creator="C")
    return {name: _grid(sheet) for name, sheet in _sheets(opendocument.load(path)).items()}


HOSTILE = ("<b>bold</b>", "&amp;", "a & b", "\"quoted\" and 'quoted'", "]]>", "<!--", "{x}", "é – 2", "a=1", "'=1")


@pytest.mark.parametrize("hostile", HOSTILE)
def test_text_is_shown_as_it_is_whatever_it_holds(hostile: str, tmp_path: Path) -> None:
    sheet = _sheet(
        title=hostile, sentences=(hostile,), header=(hostile, "Count"), rows=[(hostile, "1")], links={hostile: hostile}
    )
    assert _write(tmp_path / "a.ods", sheet) == {"Data": [[hostile], [hostile], [hostile, "Count"], [hostile, "1"]]}


REFUSED = (
    "=1+1",
    "+1",
    "-1",
    "@x",
    "\tx",
    "a\x00b",
    "a\x1bb",
    "a\nb",
    "a\x85b",
    "a\ud800",
    "a\uffff",
    "a  b",
    " a",
    "a ",
)
PLACES: Mapping[str, Callable[[str], dict[str, object]]] = {
    "title": lambda text: {"title": text},
    "sentence": lambda text: {"sentences": (text,)},
    "header": lambda text: {"header": (text, "Count")},
    "cell": lambda text: {"rows": [(text, "10")]},
    "symbol": lambda text: {"rows": [("England", text)], "numeric": ("Count",)},
    "link": lambda text: {"links": {"England": text}},
}


NEGATIVE = ("-1", "symbol")  # a number, so it is welcome in a column of numbers


@pytest.mark.parametrize(("hostile", "place"), [case for case in product(REFUSED, PLACES) if case != NEGATIVE])
def test_text_that_would_run_or_not_be_shown_is_refused_and_nothing_is_written(
    hostile: str, place: str, tmp_path: Path
) -> None:
    with pytest.raises(QualityError, match=r"a\.ods, sheet Data.* would be run as a formula or not be shown as it is"):
        _write(tmp_path / "a.ods", _sheet(**PLACES[place](hostile)))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"name": "A1"}, "cannot be one"),
        ({"name": "a b"}, "cannot be one"),
        ({"table": "XFD1"}, "cannot be one"),
        ({"name": "x" * 32}, "longer than 31"),
        ({"header": ("Place", "Place")}, "two columns have one header"),
        ({"header": ("Place", "")}, "is blank"),
        ({"title": ""}, "is blank"),
        ({"sentences": ("",)}, "is blank"),
        ({"rows": [("England", "10"), ("", "")]}, "a row is blank"),
        ({"rows": [("England", ""), ("North East", "")]}, "the column 'Count' is blank"),
        ({"rows": [("England",)]}, "more or fewer cells"),
    ],
)
def test_a_sheet_that_readers_could_not_use_is_refused(changes: dict[str, object], fault: str, tmp_path: Path) -> None:
    with pytest.raises(QualityError, match=fault):
        _write(tmp_path / "a.ods", _sheet(**changes))
    assert not list(tmp_path.iterdir())


def test_sheets_and_tables_have_names_of_their_own(tmp_path: Path) -> None:
    for other in ({"name": "Other"}, {"table": "other"}):
        with pytest.raises(QualityError, match="a name is used twice"):
            _write(tmp_path / "a.ods", _sheet(), _sheet(**other))


def test_only_a_number_as_published_is_one(tmp_path: Path) -> None:
    cells = ["10", "-0.5", "0", "007", "1,000", "c", "1e5", "1.50"]
    _write(tmp_path / "a.ods", _sheet(rows=[("England", cell) for cell in cells], numeric=("Count",)))
    (sheet,) = _sheets(opendocument.load(tmp_path / "a.ods")).values()
    kinds = [row[1].getAttribute("valuetype") for row in _rows(sheet)[3:]]
    assert kinds == ["float"] * 3 + ["string"] * 5


def test_a_table_of_more_than_26_columns_is_marked_up_to_its_end(tmp_path: Path) -> None:
    header = [f"Column {number}" for number in range(53)]
    _write(tmp_path / "a.ods", _sheet(header=header, rows=[["1"] * 53]))
    (marked,) = opendocument.load(tmp_path / "a.ods").spreadsheet.getElementsByType(table.DatabaseRange)
    assert marked.getAttribute("targetrangeaddress") == "Data.A3:Data.BA4"


def test_a_data_set_without_rows_has_a_table_of_its_header_alone(tmp_path: Path) -> None:
    path, _ = ees.paths(tmp_path, A2, RELEASE)
    path.write_text(",".join(ees.columns(A2)) + "\n", encoding="utf-8")
    spreadsheet, columns = formats.write(A2, tmp_path, RELEASE, made_up=False)
    assert len(_table(_sheets(opendocument.load(spreadsheet))["Table_A2"])) == 1
    assert parquet.read_table(columns).column_names == list(ees.columns(A2))


def test_a_category_that_would_run_is_refused_by_name(downloads: Path, tmp_path: Path) -> None:
    path, _ = ees.paths(tmp_path, A2, RELEASE)
    content = ees.paths(downloads, A2, RELEASE)[0].read_text(encoding="utf-8")
    path.write_text(content.replace("1 referral,", "=1+1,"), encoding="utf-8")
    with pytest.raises(QualityError, match=r"a2_.*\.ods, sheet Table_A2, Number of referrals of a child .*'=1\+1'"):
        formats.write(A2, tmp_path, RELEASE, made_up=False)
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


def test_a_label_that_would_run_is_refused(tmp_path: Path) -> None:
    sly = DataSet(
        "X1", "Title", "file_name", "children", (Count("child_count", "Children"),), (Filter("sly", "=1", ("a", "b")),)
    )
    path, _ = ees.paths(tmp_path, sly, RELEASE)
    path.write_text(",".join(ees.columns(sly)) + "\n2024,Reporting year,National,E92000001,England,a,1\n")
    with pytest.raises(QualityError, match=r"sheet Table_X1: '=1'"):
        formats.write(sly, tmp_path, RELEASE, made_up=False)


def test_a_data_file_that_is_missing_or_of_another_data_set_is_named(downloads: Path, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"a1_.*\.csv does not exist"):
        formats.write(A1, tmp_path, RELEASE, made_up=False)
    shutil.copyfile(ees.paths(downloads, A2, RELEASE)[0], ees.paths(tmp_path, A1, RELEASE)[0])
    with pytest.raises(BadInput, match="has other columns than A1"):
        formats.write(A1, tmp_path, RELEASE, made_up=False)


@pytest.mark.parametrize(
    ("threshold", "regional", "said"),
    [
        (5, 5, ["A count of England, a region or a local authority from 1 to 5 is shown as c"]),
        (5, 9, ["England or a region from 1 to 9", "A count of a local authority from 1 to 5"]),
        (5, 0, ["A count of a local authority from 1 to 5"]),
    ],
)
def test_what_is_said_of_rounding_is_what_the_release_does(threshold: int, regional: int, said: list[str]) -> None:
    protection = replace(RELEASE.protection, threshold=threshold, regional_threshold=regional, england_rounding=100)
    first, *hidden, _ = descriptions.rounding(replace(RELEASE, protection=protection))
    assert "nearest 100 for England and to the nearest 10 for a region" in first
    assert len(hidden) == len(said)
    assert all(part in sentence for part, sentence in zip(said, hidden, strict=True))
