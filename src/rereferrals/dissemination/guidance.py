"""The data guidance of a release: what its files hold and how to read them, as plain text and as pieces of a page.

`guidance` says it once, in blocks; `as_text` and `as_html` show the same blocks.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from rereferrals import reference
from rereferrals.dissemination import components as html
from rereferrals.dissemination import descriptions, listings
from rereferrals.dissemination.descriptions import AREA, TIME
from rereferrals.dissemination.text import escape, listed
from rereferrals.model import DataSet
from rereferrals.published import SYMBOLS
from rereferrals.reference import footnote
from rereferrals.release import Release

TEXT_WIDTH = 100
#: How headings of a level are underlined in plain text.
UNDERLINES = {1: "=", 2: "=", 3: "-"}
FILES = (
    "Each data set is a comma-separated file in the standard layout of the explore education statistics service, with "
    "a second file, .meta.csv, that says what its filters and indicators are called and how figures are shown.",
    "Files are in UTF-8. Numbers have no thousands commas and no trailing zeros. A cell is blank only where a column "
    "does not apply to the geographic level of the row.",
    "A filter has a row for each category and, where that makes sense, one for the total. Rows of a total and of its "
    "categories must not be added up together.",
    "A spreadsheet of each data set (.ods) has the same cells, with labels for the names of its columns, and notes. "
    "The download of all data has these files in the folder data and the spreadsheets in the folder supporting-files.",
)


@dataclass(frozen=True)
class Heading:
    """A heading; `name` is unique among them."""

    level: int
    text: str
    name: str


@dataclass(frozen=True)
class Paragraph:
    """A paragraph."""

    text: str


@dataclass(frozen=True)
class Items:
    """A list, in order."""

    items: Sequence[str]


@dataclass(frozen=True)
class Facts:
    """Names with their values, and the addresses of values that lead somewhere."""

    values: Mapping[str, str]
    links: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Table:
    """A table of text with a caption; `name` is unique among tables."""

    caption: str
    name: str
    rows: pd.DataFrame


Block = Heading | Paragraph | Items | Facts | Table


def guidance(folder: Path, data_sets: Sequence[DataSet], release: Release, made_up: bool) -> tuple[Block, ...]:
    """What there is to say of a release with these data sets, whose data files are in `folder`.

    Years are those that a file has. Raises BadInput if a data file is missing or is not of its data set.
    """
    return (
        Heading(2, "About this release", "about-this-release"),
        *([Paragraph(descriptions.MADE_UP)] if made_up else []),
        Facts(descriptions.about(release), descriptions.links(release)),
        Heading(2, "How to read the files", "how-to-read-the-files"),
        *map(Paragraph, FILES),
        Table("Columns of time and area", "columns-of-time-and-area", _variables(descriptions.KEYS)),
        Heading(3, "Symbols", "symbols-in-files"),
        Table(
            "Symbols used in place of a number", "meanings-of-symbols",
            pd.DataFrame(SYMBOLS.items(), columns=["Symbol", "Meaning"]),
        ),
        Heading(3, "Rounding", "rounding"),
        Items(descriptions.rounding(release)),
        Heading(3, "Quality", "quality"),
        *(Paragraph(event.reason) for event in reference.events() if set(event.years) & set(release.years)),
        Table(
            "Returns that could not be used, or only in part", "returns-not-used", listings.unusable_rows(release)
        ),
        Heading(2, "Data sets", "data-sets"),
        *(block for data_set in data_sets for block in _data_set(folder, data_set, release)),
    )  # fmt: skip


def _data_set(folder: Path, data_set: DataSet, release: Release) -> tuple[Block, ...]:
    name = data_set.id.lower().replace("_", "-")
    _, *rows = descriptions.read_file(folder, data_set, release)
    own = [variable for variable in descriptions.variables(data_set) if variable.kind not in (TIME, AREA)]
    return (
        Heading(3, f"{data_set.id}: {data_set.title}", f"guidance-{name}"),
        Facts(
            {
                "File": f"{data_set.data_file(release)}.csv",
                "What it holds": descriptions.a_row_is(data_set),
                "Geographic levels": listed(list(data_set.levels)),
                "Years ending 31 March": _years(sorted({int(row[0]) for row in rows})),
                "Rows": f"{len(rows):,}",
            }
        ),
        Table(f"Variables of {data_set.id}", f"variables-of-{name}", _variables(own)),
        Paragraph(f"Notes on {data_set.id}:"),
        Items([footnote(key) for key in data_set.footnotes]),
    )


def _variables(variables: Iterable[descriptions.Variable]) -> pd.DataFrame:
    rows = [(variable.name, variable.kind, variable.label) for variable in variables]
    return pd.DataFrame(rows, columns=["Variable", "Kind", "Meaning"])


def _years(years: Sequence[int]) -> str:
    """Years as a range, or one by one where some between them are missing."""
    if len(years) > 1 and years[-1] - years[0] == len(years) - 1:
        return f"{years[0]} to {years[-1]}"
    return listed(list(map(str, years))) if years else "None"


def as_html(blocks: Iterable[Block]) -> str:
    """The blocks as pieces of a page that has its main heading."""
    return "".join(map(_html, blocks))


def _html(block: Block) -> str:
    match block:
        case Heading(level, text, name):
            return html.heading(level, text, name)
        case Paragraph(text):
            return html.paragraph(text)
        case Items(items):
            return html.footnotes(items)
        case Facts(values, links):
            return html.facts({name: _linked(value, links) for name, value in values.items()})
        case Table(caption, name, rows):
            return html.table(rows, caption, name, figures=False)


def _linked(text: str, links: Mapping[str, str]) -> str:
    return html.link(links[text], text) if text in links else escape(text)


def as_text(title: str, blocks: Iterable[Block]) -> str:
    """The blocks as plain text under a title, in lines of at most TEXT_WIDTH characters but for those of tables."""
    return "\n\n".join(map(_text, (Heading(1, title, ""), *blocks))) + "\n"


def _text(block: Block) -> str:
    match block:
        case Heading(level, text):
            return f"{text}\n{UNDERLINES[level] * len(text)}"
        case Paragraph(text):
            return _wrapped(text)
        case Items(items):
            return "\n".join(_wrapped(item, f"{number}. ") for number, item in enumerate(items, 1))
        case Facts(values, links):
            return "\n".join(_wrapped(_addressed(value, links), f"{name}: ") for name, value in values.items())
        case Table(caption, _, rows):
            return f"{caption}:\n\n{_grid(rows)}"


def _addressed(text: str, links: Mapping[str, str]) -> str:
    """A text with the address that it leads to, unless it is one itself."""
    address = links.get(text, text).removeprefix("mailto:")
    return text if address == text else f"{text}, {address}"


def _wrapped(text: str, before: str = "") -> str:
    """A text in lines, the first of which begins with `before`."""
    return textwrap.fill(
        before + text, TEXT_WIDTH, subsequent_indent="  " if before else "", break_long_words=False,
        break_on_hyphens=False,
    )  # fmt: skip


def _grid(rows: pd.DataFrame) -> str:
    """A table in columns with bars between them."""
    cells = [list(rows.columns), *rows.itertuples(index=False, name=None)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = [" | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in cells]
    return "\n".join([lines[0], "-+-".join("-" * width for width in widths), *lines[1:]])
