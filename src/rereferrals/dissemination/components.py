"""The pieces of HTML that pages are made of. Every text given to one is escaped here, and nowhere else."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from xml.etree import ElementTree

import pandas as pd

from rereferrals.dissemination.chart_places import Places
from rereferrals.dissemination.text import escape, symbols_in, with_commas
from rereferrals.published import SYMBOLS

#: Screens up to this width, in CSS pixels, show the narrow picture of a chart.
NARROW_SCREEN = 640
_NUMERIC = re.compile(r"-?[\d,]+(\.\d+)?%?")


def heading(level: int, text: str, name: str) -> str:
    """A heading of a level, with a `name` that is unique on the page."""
    return f'<h{level} id="{escape(name)}">{escape(text)}</h{level}>'


def paragraph(text: str) -> str:
    """A paragraph of plain text."""
    return f"<p>{escape(text)}</p>"


def linked(pieces: Iterable[tuple[str, str | None]], address: str) -> str:
    """Text in pieces, of which those with a name lead to the place of that name at an address."""
    return "".join(
        f'<a class="term" href="{escape(f"{address}#{name}")}">{escape(text)}</a>' if name else escape(text)
        for text, name in pieces
    )


def definitions(entries: Mapping[str, tuple[str, str]]) -> str:
    """Terms with what they mean, each at a place of its name; the meaning is a piece of HTML."""
    pairs = "".join(
        f'<dt id="{name}">{escape(term)}</dt><dd>{meaning}</dd>' for name, (term, meaning) in entries.items()
    )
    return f'<dl class="definitions">{pairs}</dl>'


def bullets(items: Iterable[str]) -> str:
    """A list of pieces of HTML."""
    return f"<ul>{''.join(f'<li>{item}</li>' for item in items)}</ul>"


def untrue(faults: Sequence[str]) -> str:
    """What stands in a draft in place of a sentence that its figures do not bear out: the sentence, and why."""
    reasons = "".join(f"<li>{escape(fault)}</li>" for fault in faults)
    return f'<div class="untrue"><p class="fault">This sentence does not hold.</p><ul>{reasons}</ul></div>'


def details(summary: str, content: str, *, unseen: str) -> str:
    """A disclosure: `content`, a piece of HTML, opens on the summary; `unseen` tells it from others when read aloud."""
    return f"<details><summary>{escape(summary)}{_told_apart(unseen)}</summary>{content}</details>"


def facts(rows: Mapping[str, str]) -> str:
    """Names with their values, which are pieces of HTML."""
    pairs = "".join(f"<div><dt>{escape(name)}</dt><dd>{value}</dd></div>" for name, value in rows.items())
    return f'<dl class="facts">{pairs}</dl>'


def tile(label: str, value: str, change: str, explanation: str) -> str:
    """A key statistic: its name, value and change, and what it means, which opens."""
    more = details("What this means", paragraph(explanation), unseen=label)
    return (
        f'<li class="tile"><h3>{escape(label)}</h3><p class="value">{escape(value)}</p>'
        f'<p class="change">{escape(change)}</p>{more}</li>'
    )


def tiles(items: Iterable[str]) -> str:
    """Key statistics side by side."""
    return f'<ul class="tiles">{"".join(items)}</ul>'


def table(rows: pd.DataFrame, caption: str, name: str, *, figures: bool = True, of: str = "") -> str:
    """An accessible table of text; the first column heads the rows. `name` is unique on the page. `of`, the id of what
    the table belongs to, tells it from others with the same caption.

    Where it holds published `figures`, they have thousands commas and are aligned, and the symbols among them are
    explained above the table.
    """
    first, *others = rows.columns
    shown = {column: [with_commas(cell) if figures else cell for cell in rows[column]] for column in others}
    numeric = {column for column, cells in shown.items() if figures and all(_is_numeric(cell) for cell in cells)}

    def attributes(column: str) -> str:
        return ' class="number"' if column in numeric else ""

    head = f'<th scope="col">{escape(str(first))}</th>'
    head += "".join(f'<th scope="col"{attributes(column)}>{escape(str(column))}</th>' for column in others)
    body = ""
    for number, heading in enumerate(rows[first]):
        cells = "".join(f"<td{attributes(column)}>{escape(shown[column][number])}</td>" for column in others)
        body += f'<tr><th scope="row">{escape(str(heading))}</th>{cells}</tr>'
    symbols = symbols_in([cell for cells in shown.values() for cell in cells]) if figures else {}
    return (
        f"{_symbol_note(symbols)}"
        f'<div class="table" role="region" aria-labelledby="{f"{of} {name}".strip()}" tabindex="0"><table>'
        f'<caption id="{name}">{escape(caption)}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _is_numeric(cell: str) -> bool:
    return cell in SYMBOLS or _NUMERIC.fullmatch(cell) is not None


def _symbol_note(symbols: Mapping[str, str]) -> str:
    if not symbols:
        return ""
    meanings = "; ".join(f"{escape(symbol)} = {escape(meaning)}" for symbol, meaning in symbols.items())
    return f'<p class="symbols">Symbols: {meanings}.</p>'


def picture(wide: str, narrow: str, alt: str, sizes: Mapping[str, tuple[int, int]]) -> str:
    """A chart as an image, from the address of its wide or its narrow picture; `sizes` gives theirs in pixels."""
    (wide_width, wide_height), (narrow_width, narrow_height) = sizes[wide], sizes[narrow]
    return (
        f'<picture><source media="(max-width: {NARROW_SCREEN}px)" srcset="{escape(narrow)}" '
        f'width="{narrow_width}" height="{narrow_height}">'
        f'<img src="{escape(wide)}" alt="{escape(alt)}" width="{wide_width}" height="{wide_height}"></picture>'
    )


def svg_size(svg: str) -> tuple[int, int]:
    """The width and height of a picture, in pixels."""
    root = ElementTree.fromstring(svg)
    return round(float(root.attrib["width"])), round(float(root.attrib["height"]))


def chart(name: str, title: str, subtitle: str, image: str, after: Sequence[str], places: Sequence[Places] = ()) -> str:
    """A figure: its message as a heading, what it measures, the picture, and what comes with it.

    The place `figure-<name>` leads to it, which no heading of its page has. `places`, if given, say where the rows of
    its table stand in the wide and in the narrow picture, for the script.
    """
    stand = ""
    if places:
        wide, narrow = places
        stand = f' data-axis="{wide.axis}" data-wide="{wide.written}" data-narrow="{narrow.written}"'
    return (
        f'<div class="chart" id="figure-{name}"><h3 id="{message(name)}">{escape(title)}</h3>'
        f'<figure{stand}><figcaption class="subtitle">{escape(subtitle)}</figcaption>{image}</figure>'
        f"{''.join(after)}</div>"
    )


def message(name: str) -> str:
    """The id of the heading of a figure."""
    return f"figure-{name}-message"


def downloads(files: Mapping[str, str], figure: str) -> str:
    """The files of a figure to keep, from their addresses with what is known of their size or nothing; the kind is in
    the address."""
    links = (
        f'<a href="{escape(address)}" download>{_kind(address)}<span class="unseen"> of the figure: {escape(figure)}'
        f"</span></a>{escape(size and f' ({size})')}"
        for address, size in files.items()
    )
    return f'<p class="downloads">Download this figure: {", ".join(links)}</p>'


def source(text: str, data: str) -> str:
    """Where the values of a figure are from: a line of text, and a link to their data set."""
    return f'<p class="source">{escape(text)} Data set: {data}</p>'


def footnotes(notes: Sequence[str]) -> str:
    """Notes to a figure or table."""
    return f'<ul class="footnotes">{"".join(f"<li>{escape(note)}</li>" for note in notes)}</ul>'


def link(address: str, text: str, *, unseen: str = "") -> str:
    """A link; `unseen` tells it from others of the same text when read aloud."""
    return f'<a href="{escape(address)}">{escape(text)}{_told_apart(unseen)}</a>'


def _told_apart(unseen: str) -> str:
    return f'<span class="unseen">: {escape(unseen)}</span>' if unseen else ""


def code(lines: str) -> str:
    """Lines of a program."""
    return f"<pre><code>{escape(lines)}</code></pre>"


def json_ld(described: Mapping[str, Any]) -> str:
    """What machines that read the page are told: data, in which nothing can end the element that holds it."""
    text = json.dumps(described, indent=1)
    for character in "<>&`":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return f'<script type="application/ld+json">{text}</script>'


def download(address: str, text: str, size: int) -> str:
    """A link to a file to keep, with its kind and size in bytes."""
    return f'<a href="{escape(address)}" download>{escape(text)}</a> ({_kind(address)}, {readable(size)})'


def _kind(address: str) -> str:
    return address.rpartition(".")[2].upper()


def readable(size: int) -> str:
    """A size in bytes, in words."""
    return f"{size} bytes" if size < 1024 else f"{-(-size // 1024):,} KB"
