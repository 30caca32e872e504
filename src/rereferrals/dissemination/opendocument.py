"""Spreadsheets in the OpenDocument format (ODS), as the guidance on accessible spreadsheets asks.

A sheet has its title in A1, sentences below it, and one table that is marked up, named, and begins in column A. There
are no merged, hidden or blank rows and columns. Text is Arial, English, and wrapped in the table; what stands above it
runs on over the cells to its right, which are empty. The XML is put together as text, each distinct cell once, and
every text that enters it goes through `_text`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rereferrals.dissemination import zipped
from rereferrals.dissemination.text import escape
from rereferrals.errors import QualityError
from rereferrals.published import FORMULA, NUMBER

MIMETYPE = "application/vnd.oasis.opendocument.spreadsheet"
#: The name of a sheet or table, which cannot be taken for a cell, as A1 would be.
NAME = re.compile(r"(?![A-Za-z]{1,3}\d+$)[A-Za-z][A-Za-z0-9_]*")
LONGEST_SHEET_NAME = 31
#: What XML cannot hold, or a spreadsheet would not show as it is.
UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
SPACES = re.compile(r"^ | {2}| $")
#: Widths in centimetres: what a character takes, in the table and in its header, what cells have beside, and limits.
CHARACTER, BOLD_CHARACTER, MARGIN, NARROWEST, WIDEST = 0.21, 0.24, 0.5, 2.8, 14.0


@dataclass(frozen=True)
class Sheet:
    """A sheet: its `title`, `sentences` under it, and a table.

    The table is called `table` and has one `header` and `rows` of text. In columns that are `numeric`, by header, what
    is a number as published is a number, and all is aligned to the right. A text of `links` leads to its address, or
    with `#` before it to another sheet.
    """

    name: str
    title: str
    sentences: Sequence[str]
    table: str
    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    numeric: Collection[str] = ()
    links: Mapping[str, str] = field(default_factory=dict)

    @property
    def columns(self) -> list[tuple[str, tuple[str, ...]]]:
        """Each column's header, and its cells."""
        cells = list(zip(*self.rows, strict=True)) or [()] * len(self.header)
        return list(zip(self.header, cells, strict=True))


def write(path: Path, sheets: Sequence[Sheet], *, title: str, subject: str, creator: str) -> None:
    """Write a spreadsheet of these sheets, with what the document says of itself.

    Raises QualityError, naming the sheet and what is wrong, for what readers could not use or would see otherwise:
    a name that is too long or used twice, a blank row or column, a header that is not unique, text that begins like a
    formula or holds control characters. Nothing is written then.
    """
    for names in ([sheet.name for sheet in sheets], [sheet.table for sheet in sheets]):
        if len(set(names)) < len(names):
            raise QualityError(f"{path.name}: a name is used twice among {', '.join(names)}")
    for sheet in sheets:
        _check(sheet, f"{path.name}, sheet {sheet.name}")
    about = {"dc:title": title, "dc:subject": subject, "dc:creator": creator, "dc:language": "en-GB"}
    members = {
        "mimetype": MIMETYPE,
        "META-INF/manifest.xml": _manifest(("content.xml", "styles.xml", "meta.xml")),
        "content.xml": _content(sheets, path.name),
        "styles.xml": _STYLES,
        "meta.xml": _meta({name: _text(text, path.name) for name, text in about.items()}),
    }
    zipped.write(path, {name: text.encode() for name, text in members.items()}, stored=("mimetype",))


def _check(sheet: Sheet, place: str) -> None:
    """Refuse a sheet that readers could not find their way in."""
    faults = (
        (not all(map(NAME.fullmatch, (sheet.name, sheet.table))), f"its name, or {sheet.table!r}, cannot be one"),
        (len(sheet.name) > LONGEST_SHEET_NAME, f"its name is longer than {LONGEST_SHEET_NAME} characters"),
        (len(set(sheet.header)) < len(sheet.header), "two columns have one header"),
        (not all((sheet.title, *sheet.sentences, *sheet.header)), "a title, sentence or header is blank"),
        (any(len(row) != len(sheet.header) for row in sheet.rows), "a row has more or fewer cells than the header"),
        (not all(map(any, sheet.rows)), "a row is blank"),
    )
    for is_wrong, fault in faults:
        if is_wrong:
            raise QualityError(f"{place}: {fault}")
    for name, column in sheet.columns:
        if column and not any(column):
            raise QualityError(f"{place}: the column {name!r} is blank")


def _text(text: str, place: str) -> str:
    """A text as it may stand in XML; the only way into it. Raises QualityError if it would not be shown as it is."""
    if FORMULA.match(text) or UNSEEN.search(text) or SPACES.search(text):
        raise QualityError(f"{place}: {text!r} would be run as a formula or not be shown as it is: reword it")
    return escape(text)


def _content(sheets: Sequence[Sheet], file: str) -> str:
    widths = {sheet.name: _widths(sheet) for sheet in sheets}
    styles = "".join(
        f'<style:style style:name="{_width_style(width)}" style:family="table-column">'
        f'<style:table-column-properties style:column-width="{width:.1f}cm"/></style:style>'
        for width in sorted({width for each in widths.values() for width in each})
    )
    tables = "".join(_sheet(sheet, widths[sheet.name], f"{file}, sheet {sheet.name}") for sheet in sheets)
    return (
        f'{_XML}<office:document-content {_NAMESPACES} office:version="1.3">{_FONTS}'
        f"<office:automatic-styles>{styles}{_ROW_STYLE}</office:automatic-styles>"
        f"<office:body><office:spreadsheet>{tables}"
        f"<table:database-ranges>{''.join(map(_range, sheets))}</table:database-ranges>"
        "</office:spreadsheet></office:body></office:document-content>\n"
    )


def _sheet(sheet: Sheet, widths: Sequence[float], place: str) -> str:
    columns = "".join(
        f'<table:table-column table:style-name="{_width_style(width)}" '
        f'table:default-cell-style-name="{"Figure" if name in sheet.numeric else "Default"}"/>'
        for name, width in zip(sheet.header, widths, strict=True)
    )
    above = [_row([_string(text, place, style="Sentence")]) for text in sheet.sentences]
    header = [
        _string(name, place, style="FigureHeader" if name in sheet.numeric else "Header") for name in sheet.header
    ]
    cells = [_cells(column, sheet, name in sheet.numeric, f"{place}, {name}") for name, column in sheet.columns]
    return (
        f'<table:table table:name="{sheet.name}">{columns}'
        f"{_row([_string(sheet.title, place, style='Title')])}{''.join(above)}"
        f"<table:table-header-rows>{_row(header)}</table:table-header-rows>"
        f"{''.join(map(_row, zip(*cells, strict=True)))}</table:table>"
    )


def _row(cells: Iterable[str]) -> str:
    return f'<table:table-row table:style-name="row">{"".join(cells)}</table:table-row>'


def _cells(column: Sequence[str], sheet: Sheet, is_numeric: bool, place: str) -> list[str]:
    """The cells of a column; each distinct one is made once."""
    made = {}
    for text in dict.fromkeys(column):
        is_number = is_numeric and NUMBER.fullmatch(text)
        made[text] = _float(text) if is_number else _string(text, place, link=sheet.links.get(text, ""))
    return [made[text] for text in column]


def _float(number: str) -> str:
    value = f'office:value-type="float" office:value="{number}"'
    return f"<table:table-cell {value}><text:p>{number}</text:p></table:table-cell>"


def _string(text: str, place: str, *, style: str = "", link: str = "") -> str:
    if not text:
        return "<table:table-cell/>"
    shown = _text(text, place)
    if link:
        shown = f'<text:a xlink:type="simple" xlink:href="{_text(link, place)}">{shown}</text:a>'
    named = f' table:style-name="{style}"' if style else ""
    return f'<table:table-cell{named} office:value-type="string"><text:p>{shown}</text:p></table:table-cell>'


def _range(sheet: Sheet) -> str:
    """The mark-up of a sheet's table: its name and cells, the first row of which is the header."""
    first = 2 + len(sheet.sentences)
    cells = f"{sheet.name}.A{first}:{sheet.name}.{_letters(len(sheet.header))}{first + len(sheet.rows)}"
    return (
        f'<table:database-range table:name="{sheet.table}" table:target-range-address="{cells}" '
        'table:contains-header="true" table:display-filter-buttons="false"/>'
    )


def _letters(column: int) -> str:
    """The letters of a column: 1 is A, 27 is AA."""
    before, last = divmod(column - 1, 26)
    return (_letters(before) if before else "") + chr(ord("A") + last)


def _widths(sheet: Sheet) -> list[float]:
    """How wide each column is, in centimetres: its longest cell, and the longest word of its header."""
    return [
        _width(max(map(len, set(column)), default=0), max(map(len, name.split()))) for name, column in sheet.columns
    ]


def _width(cell: int, word: int) -> float:
    needed = max(cell * CHARACTER, word * BOLD_CHARACTER) + MARGIN
    return round(min(max(needed, NARROWEST), WIDEST), 1)


def _width_style(width: float) -> str:
    return f"width{width * 10:.0f}"


def _manifest(files: Iterable[str]) -> str:
    entry = '<manifest:file-entry manifest:full-path="{}" manifest:media-type="{}"/>'
    entries = "".join(entry.format(name, "text/xml") for name in files)
    return (
        f'{_XML}<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0" '
        f'manifest:version="1.3">{entry.format("/", MIMETYPE)}{entries}</manifest:manifest>\n'
    )


def _meta(about: Mapping[str, str]) -> str:
    said = "".join(f"<{name}>{text}</{name}>" for name, text in about.items())
    return (
        f'{_XML}<office:document-meta {_NAMESPACES} office:version="1.3">'
        f"<office:meta>{said}</office:meta></office:document-meta>\n"
    )


_XML = '<?xml version="1.0" encoding="UTF-8"?>\n'
_ODF = "urn:oasis:names:tc:opendocument:xmlns"
_NAMESPACES = " ".join(
    f'xmlns:{prefix}="{name}"'
    for prefix, name in {
        "office": f"{_ODF}:office:1.0",
        "style": f"{_ODF}:style:1.0",
        "table": f"{_ODF}:table:1.0",
        "text": f"{_ODF}:text:1.0",
        "fo": f"{_ODF}:xsl-fo-compatible:1.0",
        "svg": f"{_ODF}:svg-compatible:1.0",
        "dc": "http://purl.org/dc/elements/1.1/",
        "xlink": "http://www.w3.org/1999/xlink",
    }.items()
)
_FONTS = (
    '<office:font-face-decls><style:font-face style:name="Arial" svg:font-family="Arial"/></office:font-face-decls>'
)
_ROW_STYLE = (
    '<style:style style:name="row" style:family="table-row">'
    '<style:table-row-properties style:use-optimal-row-height="true"/></style:style>'
)
_STYLES = f"""{_XML}<office:document-styles {_NAMESPACES} office:version="1.3">{_FONTS}<office:styles>
<style:default-style style:family="table-cell">
<style:text-properties style:font-name="Arial" fo:font-size="11pt" fo:language="en" fo:country="GB"/>
</style:default-style>
<style:style style:name="Default" style:family="table-cell">
<style:table-cell-properties fo:wrap-option="wrap" style:vertical-align="top" fo:padding="0.1cm"/>
<style:text-properties style:font-name="Arial" fo:font-size="11pt" fo:language="en" fo:country="GB"/>
</style:style>
<style:style style:name="Sentence" style:family="table-cell" style:parent-style-name="Default">
<style:table-cell-properties fo:wrap-option="no-wrap"/>
</style:style>
<style:style style:name="Title" style:family="table-cell" style:parent-style-name="Sentence">
<style:text-properties fo:font-size="16pt" fo:font-weight="bold"/>
</style:style>
<style:style style:name="Header" style:family="table-cell" style:parent-style-name="Default">
<style:table-cell-properties style:vertical-align="bottom" fo:border-bottom="1pt solid #000000"/>
<style:text-properties fo:font-weight="bold"/>
</style:style>
<style:style style:name="Figure" style:family="table-cell" style:parent-style-name="Default">
<style:paragraph-properties fo:text-align="end"/>
</style:style>
<style:style style:name="FigureHeader" style:family="table-cell" style:parent-style-name="Header">
<style:paragraph-properties fo:text-align="end"/>
</style:style>
</office:styles><office:automatic-styles><style:page-layout style:name="page">
<style:page-layout-properties fo:page-width="29.7cm" fo:page-height="21cm" style:print-orientation="landscape"/>
</style:page-layout></office:automatic-styles><office:master-styles>
<style:master-page style:name="Default" style:page-layout-name="page"/>
</office:master-styles></office:document-styles>
"""
