"""Published files as rows of text: CSV, and sheets of workbooks. A row can say where it stands and what is wrong."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from rereferrals.errors import BadInput

WORKBOOK = ".xlsx"
_TARGETS = "xl/_rels/workbook.xml.rels"


@dataclass(frozen=True)
class Row:
    """A row of a published file: its place, and its cells by the name of their column."""

    place: str
    cells: dict[str, str]

    def __getitem__(self, column: str) -> str:
        if column not in self.cells:
            raise BadInput(f"{self.place}: there is no column {column!r}; the columns are {', '.join(self.cells)}")
        return self.cells[column]

    def fault(self, text: str) -> BadInput:
        """What is wrong with the row, for the user."""
        return BadInput(f"{self.place}: {text}")


def rows(path: Path, part: str = "") -> list[Row]:
    """The rows of a published file: of its sheet `part` if it is a workbook, else where `part` holds, as column=value.

    Raises BadInput if the file cannot be read, is not a table, or has no such part.
    """
    found = _of_sheet(path, part) if path.suffix == WORKBOOK else _of_csv(path)
    if path.suffix != WORKBOOK and part:
        column, _, value = part.partition("=")
        found = [row for row in found if row[column] == value]
    if not found:
        raise BadInput(f"{path.name}: there are no rows{f' of {part}' if part else ''}; fetch the file again")
    return found


def _of_csv(path: Path) -> list[Row]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadInput(f"{path.name}: it is not text in UTF-8 ({error.reason}); fetch the file again") from None
    reader = csv.reader(io.StringIO(text))
    header = [name.strip() for name in next(reader, [])]
    _check_header(path.name, header)
    return [_row(f"{path.name}, line {reader.line_num}", header, cells) for cells in reader if cells]


def _check_header(place: str, header: list[str]) -> None:
    if len(header) < 2 or header[0].startswith("<"):
        raise BadInput(f"{place}: it does not begin with the names of columns; what was fetched is not this table")
    if doubled := sorted({name for name in header if name and header.count(name) > 1}):
        raise BadInput(f"{place}: there are two columns called {doubled[0]!r}; fetch the file again")


def _row(place: str, header: list[str], cells: list[str]) -> Row:
    if len(cells) != len(header):
        raise BadInput(f"{place}: it has {len(cells)} cells and not {len(header)}; the file is damaged: fetch it again")
    return Row(place, dict(zip(header, (cell.strip() for cell in cells), strict=True)))


def _of_sheet(path: Path, sheet: str) -> list[Row]:
    try:
        with zipfile.ZipFile(path) as book:
            lines = list(_lines(book, sheet))
    except (zipfile.BadZipFile, KeyError, ElementTree.ParseError):
        raise BadInput(f"{path.name}: it is not a workbook with a sheet {sheet!r}; fetch the file again") from None
    if not lines:
        return []
    (_, first), *others = lines
    width = max(first, default=-1) + 1
    header = [first.get(position, "").strip() for position in range(width)]
    _check_header(path.name, header)
    return [
        _row(f"{path.name}, sheet {sheet}, row {number}", header, [cells.get(n, "") for n in range(width)])
        for number, cells in others
        if cells
    ]


def _lines(book: zipfile.ZipFile, sheet: str) -> Iterator[tuple[str, dict[int, str]]]:
    """The lines of a sheet: their numbers, and cells by position."""
    shared = _shared(book)
    for line in ElementTree.fromstring(book.read(_member(book, sheet))).findall(".//{*}row"):
        cells = {_position(cell.get("r", "")): _value(cell, shared) for cell in line.findall("{*}c")}
        yield line.get("r", ""), {position: value for position, value in cells.items() if value}


def _member(book: zipfile.ZipFile, sheet: str) -> str:
    """The file within a workbook that holds a sheet; raises KeyError if there is none."""
    sheets = ElementTree.fromstring(book.read("xl/workbook.xml")).findall(".//{*}sheet")
    links = {found.get("name", ""): _attribute(found, "}id") for found in sheets}
    targets = {link.get("Id", ""): link.get("Target", "") for link in ElementTree.fromstring(book.read(_TARGETS))}
    return f"xl/{targets[links[sheet]].removeprefix('/xl/')}"


def _attribute(element: ElementTree.Element, ending: str) -> str:
    """An attribute whatever its namespace is."""
    return next((value for name, value in element.items() if name.endswith(ending)), "")


def _shared(book: zipfile.ZipFile) -> list[str]:
    """The text that cells refer to by number."""
    if "xl/sharedStrings.xml" not in book.namelist():
        return []
    items = ElementTree.fromstring(book.read("xl/sharedStrings.xml")).findall("{*}si")
    return ["".join(part.text or "" for part in item.findall(".//{*}t")) for item in items]


def _position(reference: str) -> int:
    """The position of a cell in its row, from 0: A1 → 0, AB7 → 27."""
    position = 0
    for letter in re.sub(r"[^A-Z]", "", reference):
        position = position * 26 + ord(letter) - ord("A") + 1
    return position - 1


def _value(cell: ElementTree.Element, shared: list[str]) -> str:
    """What a cell shows; a number as short as it can be told from others, as workbooks keep more digits than it has."""
    text = "".join(part.text or "" for part in cell.iter() if part.tag.endswith(("}v", "}t")))
    match cell.get("t", "n"):
        case "s":
            return shared[int(text)]
        case "n" if text:
            return repr(float(text)).removesuffix(".0")
    return text
