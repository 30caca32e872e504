"""The files of a figure: the pictures that its page shows, and what readers keep of it.

To keep there are the values as CSV, and the wide picture with its words and its source about it, so that it can stand
by itself: as SVG, and as PNG for programs that take nothing else.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from rereferrals.dissemination import chart_theme as theme
from rereferrals.dissemination.chart_layout import BOLD, wrapped
from rereferrals.dissemination.chart_theme import WIDE
from rereferrals.dissemination.charts import Drawn
from rereferrals.dissemination.components import svg_size
from rereferrals.dissemination.drawing import to_png
from rereferrals.dissemination.text import NUMBER, escape, to_csv
from rereferrals.errors import QualityError
from rereferrals.published import FORMULA

#: Around a picture that stands by itself, and between its parts, in pixels.
_MARGIN, _GAP = 20, 12
_LINE = 1.25


@dataclass(frozen=True)
class Files:
    """Where the files of a figure are."""

    wide: Path
    narrow: Path
    csv: Path
    svg: Path
    png: Path


def write(drawn: Drawn, source: str, folder: Path) -> Files:
    """Write the files of a figure, named after it, to a folder; `source` is a line on where its values are from.

    Raises QualityError if a spreadsheet would run one of its labels as a formula.
    """
    name = drawn.name.replace("_", "-")
    wide, narrow = folder / f"{name}-wide.svg", folder / f"{name}-narrow.svg"
    files = Files(wide, narrow, *(folder / f"{name}.{kind}" for kind in ("csv", "svg", "png")))
    alone = standing_alone(drawn, source)
    folder.mkdir(parents=True, exist_ok=True)
    for path, text in ((wide, drawn.wide), (narrow, drawn.narrow), (files.svg, alone)):
        path.write_text(text, encoding="utf-8")
    files.csv.write_bytes(values(drawn))
    files.png.write_bytes(to_png(alone.replace(theme.FONT, theme.RASTER_FONT)))
    return files


def values(drawn: Drawn) -> bytes:
    """The table behind a figure as CSV: a header row, then its rows as published."""
    rows: pd.DataFrame = drawn.rows
    cells = [list(map(str, rows.columns)), *rows.astype(str).to_numpy().tolist()]
    for cell in (cell for row in cells for cell in row):
        if FORMULA.match(cell) and not NUMBER.fullmatch(cell):
            raise QualityError(f"{drawn.name}: a spreadsheet would run {cell!r} as a formula: name it otherwise")
    return to_csv(cells)


def standing_alone(drawn: Drawn, source: str) -> str:
    """The wide picture under its title and subtitle and above its source, as SVG."""
    width, height = svg_size(drawn.wide)
    room = max(width, WIDE.max_width)
    title, y = _words(drawn.title, _MARGIN, 22, room, bold=True)
    subtitle, y = _words(drawn.subtitle, y + _GAP / 2, 16, room)
    picture = drawn.wide.replace("<svg ", f'<svg x="{_MARGIN}" y="{round(y + _GAP)}" ', 1)
    below, y = _words(source, round(y + _GAP) + height + _GAP, 14, room)
    across, down = room + 2 * _MARGIN, round(y) + _MARGIN
    return (
        f'<svg {_namespace(drawn.wide)} width="{across}" height="{down}" viewBox="0 0 {across} {down}" '
        f'role="img" aria-label="{escape(drawn.alt)}"><rect width="{across}" height="{down}" '
        f'fill="{theme.BACKGROUND}"/>{title}{subtitle}{picture}{below}</svg>\n'
    )


def _namespace(svg: str) -> str:
    """The attribute by which a picture says that it is SVG."""
    said = re.search(r'xmlns="[^"]+"', svg)
    assert said is not None
    return said[0]


def _words(text: str, top: float, size: int, width: float, *, bold: bool = False) -> tuple[str, float]:
    """Text in lines of this width from `top` down, and where it ends."""
    lines = wrapped(text, width / (BOLD if bold else 1), size)
    weight = ' font-weight="bold"' if bold else ""
    written = "".join(
        f'<text x="{_MARGIN}" y="{round(top + size * (_LINE * n + 1), 1):g}" font-family="{theme.FONT}" '
        f'font-size="{size}px"{weight} fill="{theme.TEXT}">{escape(line)}</text>'
        for n, line in enumerate(lines)
    )
    return written, top + size * _LINE * len(lines)
