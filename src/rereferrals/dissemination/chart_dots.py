"""Rows of two or three dots tied by a line, and single dots: how far groups differ, category by category."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from rereferrals.chart_model import Chart
from rereferrals.dissemination import chart_theme as theme
from rereferrals.dissemination.canvas import Canvas
from rereferrals.dissemination.chart_cells import Grid, Marked
from rereferrals.dissemination.chart_layout import callouts, text_width, ticks, wrapped
from rereferrals.dissemination.chart_theme import NARROW, Variant

#: Widest that names beside the rows may be before they are broken into lines.
_NAMES_WIDTH = 210
#: Shape and size of each column's dots, so that colour is not all that tells them apart.
_SHAPES = (("circle", 130), ("diamond", 140), ("square", 110))
#: From the middle of a dot to its value, and from names to the scale.
_GAP = 12


@dataclass(frozen=True)
class _Row:
    """Where a row stands: from where it reaches to the next, the lines of its name and where they begin, and the middle
    of its dots."""

    name: str
    start: float
    lines: list[str]
    top: float
    middle: float


@dataclass(frozen=True)
class _Header:
    """The names above the rows: each what it names, its line from the top, the side that its text is on, and whether
    it is tied to the first row or stands alone."""

    named: tuple[Marked, ...]
    lines: tuple[int, ...]
    align: str
    tied: bool


def draw_dots(chart: Chart, grid: Grid, variant: Variant) -> dict[str, Any]:
    """The Vega-Lite specification of a chart of dots at one width."""
    line = variant.line_height
    scale = ticks(grid.highest, variant.gridlines)
    names = 0.0 if variant is NARROW else _names_width(grid, variant)
    width = _width(grid, variant, variant.max_width - theme.PADDING - names, scale[-1])
    header = _header(grid, variant, width, scale[-1], names)
    above = line * len(header.named) + (4 if header.named else 0)
    rows = _rows(grid, header, variant, names or width, above)
    canvas = Canvas(variant, width, rows[-1].middle + line, scale[-1])
    canvas.scale(scale, chart.value_title, lines_from=rows[0].middle - 0.8 * line)
    canvas.rows_stand("y", pairwise([*(row.start for row in rows), canvas.height]))
    for marked in grid.beside:
        if not marked.row and marked.value is not None:
            _across(canvas, marked, rows)
    _draw_header(canvas, header, rows[0].middle - 0.5 * line - above if header.tied else 0, rows[0].middle)
    _names(canvas, rows)
    for row in rows:
        besides = [marked for marked in grid.beside if marked.row == row.name and marked.value is not None]
        _dots(canvas, grid, row, besides)
        for marked in besides:
            _ring(canvas, marked, row.middle)
            if marked not in header.named:
                _name_ring(canvas, marked, row.middle)
    return canvas.specification()


def _names_width(grid: Grid, variant: Variant) -> float:
    lines = [line for row in grid.rows for line in wrapped(row, _NAMES_WIDTH, variant.font_size)]
    return max(text_width(line, variant.font_size) for line in lines) + _GAP


def _width(grid: Grid, variant: Variant, room: float, top: float) -> float:
    """The widest plot beside whose dots all values, and beyond whose end half the last tick's label, have room."""
    widths = [room - text_width(f"{top:,g}", variant.font_size) / 2]
    for marked in grid.cells.values():
        if marked.value:
            label = text_width(marked.label, variant.font_size) + _GAP
            widths.append((room - label) * top / marked.value)
    return min(widths)


def _header(grid: Grid, variant: Variant, width: float, top: float, names: float) -> _Header:
    """Dots are named above those of the first row, where all names find room there, or else above each other alone.

    What stands beside, across all rows or in the first, is named there too. A single dot a row needs no name.
    """
    dots = tuple(grid.of_row(grid.rows[0])) if len(grid.columns) > 1 else ()
    across = tuple(marked for marked in grid.beside if not marked.row and marked.value is not None)
    in_first = tuple(marked for marked in grid.beside if marked.row == grid.rows[0] and marked.value is not None)
    if all(marked.value is not None for marked in dots):
        named = (*dots, *across, *in_first)
        at = [width * (marked.value or 0) / top for marked in named]
        widths = [text_width(_called(marked), variant.font_size) + _GAP for marked in named]
        found = callouts(at, widths, -names, variant.max_width - theme.PADDING - names)
        if found:
            return _Header(named, found.lines, found.align, tied=True)
    return _Header((*dots, *across), tuple(range(len(dots) + len(across))), "left", tied=False)


def _called(marked: Marked) -> str:
    """A name above the rows; that of what is set beside has its value, because nothing else shows it."""
    return marked.name if marked.name in theme.COLOURS else f"{marked.name} {marked.label}"


def _rows(grid: Grid, header: _Header, variant: Variant, names_width: float, above: float) -> list[_Row]:
    """Rows from the top down. A name stands beside its dots or, on a narrow screen, above them; there a header that is
    tied to the first row's dots stands between them and their name."""
    line, narrow = variant.line_height, variant is NARROW
    rows, y = [], 0.0 if narrow and header.tied else above
    for name in grid.rows:
        lines = wrapped(name, names_width, variant.font_size)
        height = line * len(lines)
        ringed = any(marked.row == name and marked not in header.named for marked in grid.beside)
        extra = line if ringed else 0.0
        if narrow:
            extra += above if header.tied and not rows else 0.0
            rows.append(_Row(name, y, lines, y, y + height + extra + 0.5 * line))
            y = rows[-1].middle + 0.9 * line
        else:
            half = max(0.75 * line, height / 2 + 4)
            middle = y + extra + half
            rows.append(_Row(name, y, lines, middle - height / 2, middle))
            y = middle + half
    return rows


def _names(canvas: Canvas, rows: Sequence[_Row]) -> None:
    narrow = canvas.variant is NARROW
    canvas.write(
        ({"x": 0, "y": row.top, "text": "\n".join(row.lines)} for row in rows),
        align="left" if narrow else "right", baseline="top", dx=0 if narrow else -_GAP,
    )  # fmt: skip


def _draw_header(canvas: Canvas, header: _Header, top: float, middle: float) -> None:
    """Names from `top` down, each beside a dot like those it names; a stroke ties it to the one at `middle`."""
    line = canvas.variant.line_height
    columns = [marked for marked in header.named if marked.name in theme.COLOURS]
    for marked, place in zip(header.named, header.lines, strict=True):
        y = top + line * (place + 0.5)
        is_dot, alone = marked in columns, marked in columns and not header.tied
        x = canvas.value(_GAP) if alone else marked.value
        thing = {"x": x, "y": y, "text": _called(marked)}
        align = header.align
        if not alone:
            canvas.lines([thing | {"y2": middle}], theme.COLOURS[marked.name] if is_dot else theme.BESIDE, 1.5)
        if not header.tied and not is_dot:
            beyond = canvas.across(marked.value or 0) + text_width(_called(marked), canvas.variant.font_size) + _GAP
            align, thing["x"] = ("left", x) if beyond < canvas.width else ("right", canvas.top)
            canvas.ground(thing, align, _GAP)
        if is_dot:
            _dot(canvas, {"x": x, "y": y}, columns.index(marked), marked.name)
        canvas.write([thing], align=align, baseline="middle", dx=_GAP if align == "left" else -_GAP)


def _across(canvas: Canvas, marked: Marked, rows: Sequence[_Row]) -> None:
    """A figure to compare with, as a line across all rows; it leaves out names that stand above their dots."""
    reach = 0.6 * canvas.variant.line_height
    if canvas.variant is NARROW:
        strokes = [{"x": marked.value, "y": row.middle - reach, "y2": row.middle + reach} for row in rows]
    else:
        strokes = [{"x": marked.value, "y": rows[0].middle - reach, "y2": canvas.height}]
    canvas.lines(strokes, theme.BESIDE, 1.5)


def _dot(canvas: Canvas, thing: dict[str, Any], column: int, name: str) -> None:
    shape, size = _SHAPES[column]
    canvas.points([thing], theme.COLOURS[name], shape, size, stroke=theme.BACKGROUND, strokeWidth=1)


def _dots(canvas: Canvas, grid: Grid, row: _Row, besides: Sequence[Marked]) -> None:
    """The dots of a row, tied to each other or a single one to zero; a symbol instead is written as such."""
    marked = grid.of_row(row.name)
    shown = sorted((m for m in marked if m.value is not None), key=lambda m: m.value or 0)
    if shown:
        start = shown[0].value if len(marked) > 1 else 0
        canvas.lines([{"x": start, "y": row.middle, "x2": shown[-1].value}], theme.AXIS, 2)
    _values(canvas, shown, besides, row.middle)
    _symbols(canvas, [m for m in marked if m.value is None], row.middle, alone=not shown)
    for number, dot in enumerate(marked):
        if dot.value is not None:
            _dot(canvas, {"x": dot.value, "y": row.middle}, number, dot.name)


def _values(canvas: Canvas, shown: Sequence[Marked], besides: Sequence[Marked], y: float) -> None:
    """Values beside dots: the outer ones' outside, one between where it has room; none that touches another mark."""
    at = [canvas.across(marked.value or 0) for marked in shown]
    taken = [*at, *(canvas.across(marked.value or 0) for marked in besides)]
    for number, marked in enumerate(shown):
        last = number + 1 == len(shown)
        needed = text_width(marked.label, canvas.variant.font_size) + 2 * _GAP
        # A value on the left of the next dot needs room as well, which the value of the last dot never takes.
        for sign in (1,) if last else (-1,) if not number else (1, -1):
            free = min(
                (sign * (place - at[number]) for place in taken if sign * (place - at[number]) > 0),
                default=canvas.width,
            )
            if sign < 0:
                free = min(free, at[number] + _GAP)
            if free >= needed:
                thing = {"x": marked.value, "y": y, "text": marked.label}
                align = "left" if sign > 0 else "right"
                canvas.ground(thing, align, _GAP)
                canvas.write([thing], align=align, baseline="middle", dx=sign * _GAP)
                break


def _symbols(canvas: Canvas, missing: Sequence[Marked], y: float, *, alone: bool) -> None:
    """Symbols at the row's beginning, with their meaning if it is the same for all; at its end where there are dots."""
    texts = {marked.in_words for marked in missing}
    if len(texts) != 1 or not alone:
        texts = {", ".join(f"{marked.name}: {marked.published}" for marked in missing)}
    canvas.write(
        ({"x": 0 if alone else canvas.top, "y": y, "text": text} for text in texts if text),
        align="left" if alone else "right", baseline="middle", dx=4 if alone else 0,
    )  # fmt: skip


def _ring(canvas: Canvas, marked: Marked, y: float) -> None:
    """A figure to compare with, in its row."""
    ring = {"x": marked.value, "y": y}
    canvas.points([ring], theme.BACKGROUND, "circle", 100, stroke=theme.BESIDE, strokeWidth=2)


def _name_ring(canvas: Canvas, marked: Marked, y: float) -> None:
    """The name of a ring above it."""
    line, text = canvas.variant.line_height, _called(marked)
    beyond = canvas.across(marked.value or 0) + text_width(text, canvas.variant.font_size) > canvas.width
    thing = {"x": canvas.top if beyond else marked.value, "y": y - line, "text": text}
    canvas.write([thing], align="right" if beyond else "left", baseline="middle", dx=0 if beyond else -5)
